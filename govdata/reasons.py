"""Why a cell of a release is missing: one small number a cell, for whole columns at once."""

from __future__ import annotations

import io
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from govdata.vocabulary import MISSING_REASONS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from govdata.model import Indicator
    from govdata.releases import Release

__all__ = ["REASON_WORDS", "default_reason", "reason_numbers"]

# 0 stands for no reason: there is a value, or nothing is known of the cell.
REASON_WORDS: Final = np.array(["", *MISSING_REASONS], dtype=object)
_NUMBERS: Final = {word: number for number, word in enumerate(["", *MISSING_REASONS])}
_KEYS: Final = ["iso3", "year", "indicator", "scope", "missing"]


def default_reason(kind: str, indicator: Indicator, year: int) -> str:
    """Give the reason of a cell that has no line of its own: imported series lack it, coded ones were not looked at."""
    if kind == "register":
        return "not_applicable"
    if kind == "observations" and indicator.covers(year):
        return "no_evidence"
    return "not_coded"


@lru_cache(maxsize=8)
def _listed(release: Release) -> Mapping[str, tuple[Any, Any]]:
    """Give for each value column the keys (``CHN2016``) and numbers of the reasons that ``values.csv`` states."""
    import pandas as pd

    if "values.csv" not in release.files:
        return {}
    rows = pd.read_csv(
        io.BytesIO(release.read("values.csv")),
        usecols=lambda name: name in _KEYS,
        dtype="str",
        keep_default_na=False,
        index_col=False,
        encoding="utf-8",
    )
    rows = rows[rows["missing"] != ""]
    scopes = rows["scope"] if "scope" in rows.columns else "national"
    columns = {f"{one.id} {scope}": one.column(scope) for one in release.indicators for scope in one.scopes}
    column = (rows["indicator"] + " " + scopes).map(columns).to_numpy(dtype=object)
    keys = (rows["iso3"] + rows["year"]).to_numpy(dtype=object)
    numbers = rows["missing"].map(_NUMBERS).to_numpy(dtype=np.int8)
    found = {}
    for name, places in pd.Series(range(len(rows))).groupby(column).indices.items():
        found[str(name)] = (pd.Index(keys[places]), numbers[places])
    return found


def reason_numbers(release: Release, rows: pd.DataFrame, columns: Sequence[str]) -> dict[str, np.ndarray[Any, Any]]:
    """Say for each row and value column why the cell is missing, should it be missing.

    Parameters
    ----------
    release
        Whose cells.
    rows
        A frame with ``iso3`` (str) and ``year`` (numbers, NaN where a row has none).
    columns
        Value columns of the release, such as ``cctv_public`` and ``cctv_public_sub``.

    Returns
    -------
    dict
        Column → int8 array, one number a row: the place of the reason in `REASON_WORDS`, 0 without unit or year.
    """
    import pandas as pd

    years = pd.to_numeric(rows["year"]).to_numpy(dtype=np.float64, na_value=np.nan)
    there = ~np.isnan(years) & rows["iso3"].notna().to_numpy()
    whole = np.where(there, years, 0).astype(np.int64)
    keys = pd.Index(rows["iso3"].astype("str").to_numpy(dtype=object) + whole.astype(str).astype(object))
    span, place = np.unique(whole, return_inverse=True)
    owners = {one.column(scope): one for one in release.indicators for scope in one.scopes if one.columns()}
    listed = _listed(release)
    found = {}
    for column in columns:
        default = [_NUMBERS[default_reason(release.info.kind, owners[column], int(year))] for year in span]
        numbers = np.array(default, dtype=np.int8)[place]
        if column in listed:
            known, said = listed[column]
            at = known.get_indexer(keys)
            numbers = np.where(at >= 0, said[at], numbers)
        found[column] = np.where(there, numbers, 0).astype(np.int8)
    return found
