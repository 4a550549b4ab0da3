"""The panel's schema, made from the codebook with pandera."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from govdata.model import Indicator
from govdata.panelfile import column_types, read_panel
from govdata.textio import csv_bytes

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["column_types", "panel_faults", "panel_schema", "read_panel", "schema_faults"]

_ORDER = ": low <= value <= high"


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
