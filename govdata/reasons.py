"""Why a cell of a release is missing: one small number a cell, for whole columns at once."""

from __future__ import annotations

import io
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from govdata.vocabulary import MISSING_REASONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from govdata.model import Indicator
    from govdata.releases import Release

__all__ = ["REASON_WORDS", "default_reason", "reason_numbers"]

# 0 stands for no reason: there is a value, or nothing is known of the cell.
REASON_WORDS: Final = np.array(["", *MISSING_REASONS], dtype=object)
_NUMBERS: Final = {word: number for number, word in enumerate(["", *MISSING_REASONS])}
_KEYS: Final = {
    "iso3": "category",
    "year": "int64",
    "indicator": "category",
    "scope": "category",
    "missing": "category",
}
_NO_LINE: Final = -1


def default_reason(kind: str, indicator: Indicator, year: int) -> str:
    """Give the reason of a cell that has no line of its own: imported series lack it, coded ones were not looked at."""
    if kind == "register":
        return "not_applicable"
    if kind == "observations" and indicator.covers(year):
        return "no_evidence"
    return "not_coded"


class _Listed:
    """What ``values.csv`` of a release states, as a table of units by years for each value column."""

    def __init__(self, release: Release) -> None:
        import pandas as pd

        self.columns: dict[str, np.ndarray[Any, Any]] = {}
        self.units, self.first, self.width = pd.Index([], dtype="str"), 0, 0
        if "values.csv" not in release.files:
            return
        rows: Any = pd.read_csv(
            io.BytesIO(release.read("values.csv")),
            usecols=lambda name: name in _KEYS,
            dtype=_KEYS,
            keep_default_na=False,
            index_col=False,
            encoding="utf-8",
        )
        if not len(rows):
            return
        years = rows["year"].to_numpy()
        self.units, self.first = rows["iso3"].cat.categories, int(years.min())
        self.width = int(years.max()) - self.first + 1
        places = rows["iso3"].cat.codes.to_numpy().astype(np.int64) * self.width + (years - self.first)
        words = np.array([_NUMBERS[str(word)] for word in rows["missing"].cat.categories], dtype=np.int8)
        numbers = words[rows["missing"].cat.codes.to_numpy()]
        kinds = rows["indicator"].cat.codes.to_numpy().astype(np.int64)
        scopes = ["national"]
        if "scope" in rows.columns:
            scopes = [str(one) for one in rows["scope"].cat.categories]
            kinds = kinds * len(scopes) + rows["scope"].cat.codes.to_numpy()
        ids = [str(one) for one in rows["indicator"].cat.categories]
        names = {(one.id, scope): one.column(scope) for one in release.indicators for scope in one.scopes}
        order = np.argsort(kinds, kind="stable")
        ends = np.searchsorted(kinds[order], np.arange(len(ids) * len(scopes) + 1))
        for kind, (start, end) in enumerate(pairwise(ends.tolist())):
            name = names.get((ids[kind // len(scopes)], scopes[kind % len(scopes)]))
            if name is None or start == end:
                continue
            chosen = order[start:end]
            table = np.full(len(self.units) * self.width + 1, _NO_LINE, dtype=np.int8)  # the last cell: no such place
            table[places[chosen]] = numbers[chosen]
            self.columns[name] = table

    def places(self, iso3: pd.Series[Any], years: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """Give the place of each row in the tables, -1 where they do not reach."""
        import pandas as pd

        unit = self.units.get_indexer(pd.Index(iso3))
        year = years - self.first
        return np.where((unit >= 0) & (year >= 0) & (year < self.width), unit * self.width + year, -1)


@lru_cache(maxsize=8)
def _listed(release: Release) -> _Listed:
    return _Listed(release)


def reason_numbers(
    release: Release, rows: pd.DataFrame, columns: Sequence[str], *, valued: bool = False
) -> dict[str, np.ndarray[Any, Any]]:
    """Say for each row and column why the cell is missing, should it be missing.

    Parameters
    ----------
    release
        Whose cells.
    rows
        A frame with ``iso3`` (str) and ``year`` (numbers, NaN where a row has none).
    columns
        Value columns of the release, such as ``cctv_public`` and ``cctv_public_sub``.
    valued
        Whether to say something of cells too for which the release has a value: why there may be none beside it, such
        as a bound that the source does not give.

    Returns
    -------
    dict
        Column → int8 array, one number a row: the place of the reason in `REASON_WORDS`; 0 without unit or year and,
        unless ``valued``, where the release has a value.
    """
    import pandas as pd

    years = pd.to_numeric(rows["year"], errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    there = ~np.isnan(years) & rows["iso3"].notna().to_numpy()
    whole = np.where(there, years, 0).astype(np.int64)
    span, place = np.unique(whole, return_inverse=True)
    owners = {one.column(scope): one for one in release.indicators for scope in one.scopes if one.columns()}
    listed = _listed(release)
    at = listed.places(rows["iso3"], whole)
    found = {}
    for column in columns:
        default = [_NUMBERS[default_reason(release.info.kind, owners[column], int(year))] for year in span]
        numbers = np.array(default, dtype=np.int8)[place]
        if column in listed.columns:
            said = listed.columns[column][at]
            numbers = np.where(said <= (0 if valued else _NO_LINE), numbers, said)
        found[column] = (numbers * there).astype(np.int8)
    return found
