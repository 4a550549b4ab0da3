"""Columns of a release that are no longer what the release says: their labels and reasons would lie.

A frame says in its ``attrs`` where it comes from, and keeps saying so when a user writes a dummy into a column, divides
it by a thousand or moves it by a year. So each column is compared with the release, cell by cell. A cell that the user
filled or emptied leaves the column what it was; a cell with another value than the release's does not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from govdata.exporting.categories import code_of_label, is_text_category
from govdata.reasons import REASON_WORDS
from govdata.vocabulary import CODED_TYPES

if TYPE_CHECKING:
    import pandas as pd

    from govdata.model import Indicator
    from govdata.releases import Release

__all__ = ["Rows", "clean_keys", "is_reasons", "rows_of"]

_CLOSE: Final = 1e-6  # a column in single precision, or one that went through a text file, is still the same
_UNIT: Final = re.compile("[A-Z]{3}\\Z")
_YEARS: Final = (1000, 2999)


@dataclass(frozen=True)
class Rows:
    """What a release has in the rows of a frame.

    Attributes
    ----------
    released
        Column → cells of the release, one a row: numbers, or text; NaN or nothing where the release has no value.
    known
        Whether any row of the frame is a row of the release.
    """

    released: Mapping[str, np.ndarray[Any, Any]]
    known: bool

    def is_changed(self, values: pd.Series[Any], column: str, indicator: Indicator) -> bool:
        """Whether a column holds another value than the release in any cell that both have.

        Where there is no row to compare, whether it holds a number that is no code.
        """
        plain = isinstance(values.dtype, np.dtype) and values.dtype.kind == "f"  # as nearly every column is
        ours = values.to_numpy() if plain else _as_released(values, indicator)
        if ours is None:
            return bool(values.notna().any())
        if not self.known:
            return _beyond_codes(ours, indicator)
        theirs = self.released[column]
        if (ours.dtype == object) != (theirs.dtype == object):
            return not _no_value(ours).all()
        if ours.dtype == object:
            return bool(((ours != theirs) & ~_no_value(ours) & ~_no_value(theirs)).any())
        with np.errstate(over="ignore"):
            apart = np.abs(ours - theirs)  # NaN where either is missing, and NaN is not more than anything
        return bool((apart > _CLOSE * np.abs(theirs)).any())

    def vacant(self, column: str) -> np.ndarray[Any, Any]:
        """Say of each row whether the release has no value there: only such a cell is missing for a reason of its."""
        return _no_value(self.released[column])


def clean_keys(held: Mapping[str, pd.Series[Any]]) -> pd.DataFrame | None:
    """Give unit and year of every row, missing where a user wrote something else there; ``None`` without such columns.

    A unit is three capital letters, as in every release, a year a number of four digits: not a country's number or its
    name, not a date.
    """
    import pandas as pd

    if not {"iso3", "year"} <= set(held):
        return None
    units = held["iso3"].astype("object")
    known = {one for one in units.unique() if isinstance(one, str) and _UNIT.match(one)}
    year = held["year"]
    years = pd.Series(np.nan, index=year.index)
    if year.dtype.kind not in "mM" and not isinstance(year.dtype, pd.PeriodDtype):
        plain = year.astype("object") if isinstance(year.dtype, pd.CategoricalDtype) else year
        years = pd.to_numeric(plain, errors="coerce").astype("float64")
    sound = years.between(*_YEARS) & (years == np.trunc(years))
    return pd.DataFrame({"iso3": units.where(units.isin(known)), "year": years.where(sound)})


def rows_of(release: Release, keys: pd.DataFrame | None, columns: Sequence[str], rows: int) -> Rows:
    """Find what a release has in the rows of a frame, by unit and year as of `clean_keys`.

    Parameters
    ----------
    release
        Whose cells.
    keys
        Unit and year of each row, ``None`` where the frame does not say them.
    columns
        Columns of the release's panel.
    rows
        How many the frame has.
    """
    panel = release.panel()
    kinds = {str(name): dtype.kind for name, dtype in panel.dtypes.items()}
    places = np.full(rows, -1) if keys is None else _places(panel, keys)
    away = places < 0
    numbers = [name for name in columns if kinds[name] in "iuf"]
    block = panel[numbers].to_numpy(dtype=np.float64).T  # one row a column, which is fast to go through
    if not np.array_equal(places, np.arange(len(panel))):
        block = block[:, places]
        block[:, away] = np.nan
    released = dict(zip(numbers, block, strict=True))
    for name in set(columns) - set(numbers):
        cells = panel[name].astype("object").where(panel[name].notna(), "").to_numpy()[places]
        cells[away] = ""
        released[name] = cells
    return Rows(released, not bool(away.all()))


def _places(panel: pd.DataFrame, keys: pd.DataFrame) -> np.ndarray[Any, Any]:
    """Give for each row its row of a panel, -1 where it has none."""
    import pandas as pd

    units = pd.Index(panel["iso3"].unique())
    first = int(panel["year"].min())
    width = int(panel["year"].max()) - first + 1
    table = np.full(len(units) * width + 1, -1)  # the last cell: no such place
    table[units.get_indexer(pd.Index(panel["iso3"])) * width + panel["year"].to_numpy() - first] = np.arange(len(panel))
    unit, year = units.get_indexer(pd.Index(keys["iso3"])), keys["year"].to_numpy() - first
    there = (unit >= 0) & (year >= 0) & (year < width)
    return np.asarray(table[np.where(there, unit * width + np.where(there, year, 0).astype(np.int64), -1)])


def is_reasons(values: pd.Series[Any]) -> bool:
    """Whether a column holds reasons and nothing else."""
    return set(values.astype("object").dropna().unique()) <= {*REASON_WORDS}


def _as_released(values: pd.Series[Any], indicator: Indicator) -> np.ndarray[Any, Any] | None:
    """Give cells as a release has them: numbers, or text with nothing for a missing one; ``None`` if they are neither.

    Labels in place of codes are the codes again.
    """
    import pandas as pd

    if is_text_category(values) and not indicator.is_text:
        codes = code_of_label(values, indicator)
        if not codes:
            return None
        values = values.astype("object").map(codes)
    elif isinstance(values.dtype, pd.CategoricalDtype):
        values = values.astype("object")
    if values.dtype.kind in "biuf":
        return values.to_numpy(dtype=np.float64, na_value=np.nan)
    if values.dtype.kind != "O" and not pd.api.types.is_string_dtype(values.dtype):
        return None
    cells, there = values.to_numpy(dtype=object), values.notna().to_numpy()
    if all(isinstance(one, str) for one in cells[there]):
        return np.where(there, cells, "")
    try:
        return pd.to_numeric(values).to_numpy(dtype=np.float64, na_value=np.nan)
    except (ValueError, TypeError):
        return None


def _no_value(cells: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    if cells.dtype != object:
        return np.asarray(np.isnan(cells))
    return np.asarray(cells == "", dtype=bool)


def _beyond_codes(cells: np.ndarray[Any, Any], indicator: Indicator) -> bool:
    if cells.dtype == object or indicator.is_text or indicator.type not in CODED_TYPES:
        return False
    return not set(cells[~np.isnan(cells)].tolist()) <= {float(one.code) for one in indicator.codes}
