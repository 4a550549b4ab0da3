"""The file of a panel as a frame: which dtype each column has, and how it is read without losing a digit."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from govdata.model import Indicator

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["column_dtypes", "column_types", "panel_header", "read_panel"]

_KEYS = {"iso3": "str", "country_name": "str", "year": "int64", "source_version": "str"}


def column_types(columns: Sequence[str], indicators: Sequence[Indicator]) -> dict[str, str]:
    """Give the dtype of every panel column: ``int64`` for the year, ``str`` for text, else ``float64``."""
    text = {column for indicator in indicators if indicator.is_text for column in indicator.columns()}
    return {column: _KEYS.get(column, "str" if column in text else "float64") for column in columns}


def panel_header(data: bytes) -> list[str]:
    """Name the columns of a panel, from the first line of its file."""
    return data[: data.index(b"\n")].decode("utf-8").split(",")


def read_panel(data: bytes, indicators: Sequence[Indicator], columns: Sequence[str] | None = None) -> pd.DataFrame:
    """Read a released panel with its dtypes; an empty number is NaN, an empty text is an empty text.

    Parameters
    ----------
    data
        The bytes of ``panel.csv``.
    indicators
        The release's codebook.
    columns
        Only these; ``None`` for all.

    Returns
    -------
    pandas.DataFrame
        Sorted by iso3 and year as released, in the order of the file, with a plain range index.

    Raises
    ------
    ValueError
        If a number column holds what is no number.
    """
    types = column_types(panel_header(data), indicators)
    if columns is not None:
        types = {column: kind for column, kind in types.items() if column in columns}
    frame = _parsed(data, types, _to_name(data, types), part=columns is not None)
    expected = column_dtypes(types)
    kinds = zip(types, expected.values(), frame.dtypes, strict=True)
    wrong = {column: found for column, kind, found in kinds if found != kind}
    whole = {column for column, found in wrong.items() if types[column] == "float64" and found == "int64"}
    again = {column: types[column] for column in wrong if column not in whole}
    exact = _parsed(data, again, again, part=True) if again else frame
    for column in wrong:
        frame[column] = frame[column].astype("float64") if column in whole else exact[column]
    return frame


def column_dtypes(types: Mapping[str, str]) -> dict[str, Any]:
    """Give dtypes as objects, since pandas takes long over the name of a dtype."""
    import numpy as np
    import pandas as pd

    made = {"str": pd.StringDtype(na_value=np.nan), "int64": np.dtype("int64"), "float64": np.dtype("float64")}
    return {column: made[kind] for column, kind in types.items()}


def _to_name(data: bytes, types: Mapping[str, str]) -> list[str]:
    """Choose the columns whose dtype pandas is told; it finds the others by itself.

    To find a dtype takes long where cells are mostly empty, to be told one where they are mostly filled, and a text
    that is told is read at half the speed. Which way is taken changes no cell: `read_panel` looks at what was found.
    """
    sample = data[len(data) // 2 : len(data) // 2 + 50_000]
    if len(sample) < 2 * sample.count(b","):  # a cell and its comma have less than two characters
        return [column for column in types if column not in ("iso3", "country_name")]
    start = data.index(b"\n") + 1
    line = data[start : data.find(b"\n", start)].decode("utf-8")
    first = dict(zip(panel_header(data), next(csv.reader([line]), ()), strict=False))
    return [column for column, kind in types.items() if kind == "str" and first.get(column, "")[:1].isdigit()]


def _parsed(data: bytes, types: Mapping[str, str], named: Collection[str], *, part: bool) -> pd.DataFrame:
    """Read columns, all or a part: some with their dtypes named, the others with the dtypes that pandas finds."""
    import pandas as pd

    dtypes = column_dtypes({column: types[column] for column in named})
    return pd.read_csv(
        io.BytesIO(data),
        usecols=list(types) if part else None,
        dtype=dtypes or None,
        keep_default_na=False,
        na_values={column: [""] for column, kind in types.items() if kind == "float64"},
        index_col=False,
        encoding="utf-8",
        low_memory=len(named) > len(types) / 2,  # part by part, which is faster, but a dtype is found for each part
    )
