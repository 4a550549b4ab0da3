"""The panel's schema, made from the codebook with pandera."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from govdata.model import Indicator
from govdata.textio import csv_bytes

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["column_types", "panel_faults", "panel_schema", "read_panel", "schema_faults"]

_ORDER = ": low <= value <= high"
_KEYS = {"iso3": "str", "country_name": "str", "year": "int64", "source_version": "str"}


def column_types(columns: Sequence[str], indicators: Sequence[Indicator]) -> dict[str, str]:
    """Give the dtype of every panel column: ``int64`` for the year, ``str`` for text, else ``float64``."""
    text = {column for indicator in indicators if indicator.is_text for column in indicator.columns()}
    return {column: _KEYS.get(column, "str" if column in text else "float64") for column in columns}


def read_panel(data: bytes, indicators: Sequence[Indicator]) -> pd.DataFrame:
    """Read a released panel with its dtypes; an empty number is NaN, an empty text is an empty text.

    Parameters
    ----------
    data
        The bytes of ``panel.csv``.
    indicators
        The release's codebook.

    Returns
    -------
    pandas.DataFrame
        Sorted by iso3 and year as released, with a plain range index.
    """
    import pandas as pd

    header = data[: data.index(b"\n")].decode("utf-8").split(",")
    types = column_types(header, indicators)
    return pd.read_csv(
        io.BytesIO(data),
        dtype=types,
        keep_default_na=False,
        na_values={column: [""] for column, kind in types.items() if kind == "float64"},
        index_col=False,
        encoding="utf-8",
    )


def panel_schema(columns: Sequence[str], indicators: Sequence[Indicator]) -> Any:  # noqa: ANN401 - pandera is untyped
    """Make the pandera schema of a panel.

    Parameters
    ----------
    columns
        The panel's columns, in order.
    indicators
        The codebook.

    Returns
    -------
    pandera.pandas.DataFrameSchema
        Strict and ordered; keys unique; codes within the codebook; bounds around their value.
    """
    import pandera.pandas as pa

    owners = {column: indicator for indicator in indicators for column in indicator.columns()}
    made: dict[str, Any] = {}
    for column, kind in column_types(columns, indicators).items():
        checks: list[Any] = []
        indicator = owners.get(column)
        if column == "iso3":
            checks.append(pa.Check.str_matches(r"\A[A-Z]{3}\Z"))
        elif column == "country_name":
            checks.append(pa.Check.str_length(min_value=1))
        elif indicator is not None:
            checks += _value_checks(pa, column, indicator)
        if kind == "float64":
            checks.append(pa.Check(lambda cells: cells.abs() != float("inf"), name="finite"))
        made[column] = pa.Column(kind, checks=checks, nullable=kind == "float64")
    return pa.DataFrameSchema(
        made,
        checks=[
            _bound_check(pa, column)
            for column, indicator in owners.items()
            if _is_value(column, indicator) and {column, f"{column}_low", f"{column}_high"} <= set(columns)
        ],
        unique=["iso3", "year"],
        strict=True,
        ordered=True,
    )


def _is_value(column: str, indicator: Indicator) -> bool:
    return indicator.bounds and column in {indicator.column(scope) for scope in indicator.scopes}


def _value_checks(pa: Any, column: str, indicator: Indicator) -> list[Any]:  # noqa: ANN401
    codes = [code.code for code in indicator.codes]
    if indicator.type == "multi":
        return [
            pa.Check(lambda cells: cells.map(lambda cell: set(cell.split(";")) <= {"", *codes}), name="known codes")
        ]
    if indicator.type == "nominal":
        return [pa.Check.isin(["", *codes])]
    if codes and not column.endswith("_sd"):
        return [pa.Check.isin([float(code) for code in codes])]
    if indicator.type == "count" or column.endswith("_sd"):
        return [pa.Check.ge(0)]
    return []


def _bound_check(pa: Any, column: str) -> Any:  # noqa: ANN401
    def ordered(frame: pd.DataFrame) -> pd.Series[bool]:
        value, low, high = frame[column], frame[f"{column}_low"], frame[f"{column}_high"]
        inside = (value.isna() | low.isna() | (low <= value)) & (value.isna() | high.isna() | (value <= high))
        return inside & (low.isna() | high.isna() | (low <= high))

    return pa.Check(ordered, name=column + _ORDER)


def schema_faults(frame: pd.DataFrame, schema: Any) -> list[str]:  # noqa: ANN401
    """Check a frame and give every failure as one line.

    Parameters
    ----------
    frame
        A panel with a unique index; it is not modified.
    schema
        From `panel_schema`.
    """
    import pandera.errors

    try:
        schema.validate(frame.reset_index(drop=True), lazy=True)
    except pandera.errors.SchemaErrors as error:
        cases = error.failure_cases
        return sorted(
            {_describe(frame, row) for row in cases.to_dict("records")},
        )
    return []


def _describe(frame: pd.DataFrame, case: Mapping[Any, Any]) -> str:
    column, index = case.get("column"), case.get("index")
    if (
        case.get("schema_context") == "DataFrameSchema"
        and isinstance(index, int)
        and "low <= value" in str(case.get("check"))
    ):
        iso3, year = frame["iso3"].iloc[index], frame["year"].iloc[index]  # one fault a row, not one a column
        return f"{str(case['check']).split(':')[0]} at {iso3} {year}: fails low <= value <= high"
    place = ""
    if isinstance(index, int) and 0 <= index < len(frame) and {"iso3", "year"} <= set(frame.columns):
        place = f" at {frame['iso3'].iloc[index]} {frame['year'].iloc[index]}"
    return f"{column}{place}: {case.get('failure_case')!r} fails {case.get('check')}"


def panel_faults(
    columns: Sequence[str], rows: Sequence[Mapping[str, str]], indicators: Sequence[Indicator]
) -> list[str]:
    """Check the rows of a panel that is about to be released against its schema."""
    try:
        frame = read_panel(csv_bytes(columns, rows), indicators)
    except ValueError as error:
        return [f"a cell is not a number: {error}"]
    return schema_faults(frame, panel_schema(columns, indicators))
