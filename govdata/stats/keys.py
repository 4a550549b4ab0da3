"""Panel keys and calendar shifts.

Keys are compared by what they say, not by how they are stored: ``1``, ``1.0``, ``"1"`` and the category ``1`` are
one unit. Shifts look up the value of the same unit at another time, whatever the order of the rows and however
many years are missing between them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from govdata.errors import EstimationError, PanelError

__all__ = [
    "BoolArray",
    "Codes",
    "FloatArray",
    "IntArray",
    "Keys",
    "encode",
    "make_keys",
    "nested",
    "numeric",
    "order_of",
    "shift_positions",
]

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

_WHOLE = re.compile(r"0|-?[1-9][0-9]{0,17}")
_SHOWN = 3
_LARGEST = 2**53

DUPLICATE = "duplicate_keys"
"""Code of the error for a unit and time that occur twice."""


@dataclass(frozen=True, slots=True)
class Codes:
    """A column of keys as small integers in one canonical order.

    Attributes
    ----------
    name
        The column.
    codes
        One code a row, -1 where the key is missing.
    levels
        The keys in their order: whole numbers by size, all else as text.
    """

    name: str
    codes: IntArray
    levels: tuple[int, ...] | tuple[str, ...]

    @property
    def missing(self) -> BoolArray:
        """Rows without a key."""
        return self.codes < 0

    @property
    def whole(self) -> bool:
        """Whether every key is a whole number."""
        return all(isinstance(level, int) for level in self.levels)

    @property
    def calendar(self) -> IntArray:
        """The keys as numbers that can be counted in.

        Raises
        ------
        PanelError
            If they are text, or too large.
        """
        for level in self.levels:
            if not isinstance(level, int):
                raise PanelError(f"column {self.name!r} holds {level!r}, which is no whole number")
            if abs(level) > _LARGEST:
                raise PanelError(f"column {self.name!r} holds {level!r}, which is too large to count in")
        return np.array(self.levels, dtype=np.int64)

    def subset(self, rows: npt.NDArray[Any] | slice) -> Codes:
        """Return the codes of some rows, re-numbered without gaps.

        Parameters
        ----------
        rows
            A mask, positions or a slice.

        Returns
        -------
        Codes
            With only the levels that occur.
        """
        kept = self.codes[rows]
        # One place more than there are levels: code -1 reads and writes the last.
        seen = np.zeros(len(self.levels) + 1, dtype=np.bool_)
        seen[kept] = True
        used = np.flatnonzero(seen[:-1])
        if len(used) == len(self.levels):
            return Codes(self.name, kept, self.levels)
        numbers = np.full(len(seen), -1, dtype=np.int64)
        numbers[used] = np.arange(len(used))
        levels: Any = tuple(self.levels[code] for code in used.tolist())
        return Codes(self.name, numbers[kept], levels)


def order_of(codes: IntArray, n: int) -> IntArray | None:
    """Order rows by their codes; rows of one code stay in their order.

    Parameters
    ----------
    codes
        Not negative.
    n
        How many codes there are.

    Returns
    -------
    ndarray of int or None
        Positions; None where the rows are in order already.
    """
    if not (codes[1:] < codes[:-1]).any():
        return None
    # Codes of 16 bits are sorted in one pass over the rows.
    return np.argsort(codes.astype(np.uint16) if n <= 2**16 else codes, kind="stable").astype(np.int64)


def nested(inner: Codes, outer: Codes) -> bool:
    """Say whether every level of one column lies in one level of another.

    Parameters
    ----------
    inner, outer
        Keys of the same rows, none missing.

    Returns
    -------
    bool
        Whether the inner column determines the outer one.

    Examples
    --------
    >>> import pandas as pd
    >>> from govdata.stats.keys import encode, nested
    >>> country = encode(pd.Series(["CHN", "CHN", "IRN"], name="iso3"))
    >>> region = encode(pd.Series(["Asia", "Asia", "Asia"], name="region"))
    >>> nested(country, region), nested(region, country)
    (True, False)
    """
    home = np.zeros(len(inner.levels), dtype=np.int64)
    home[inner.codes] = outer.codes
    return bool((home[inner.codes] == outer.codes).all())


def encode(column: pd.Series[Any], name: str | None = None) -> Codes:
    """Turn a column of keys into codes that do not depend on its type.

    Parameters
    ----------
    column
        Text, whole numbers (also stored as float), booleans, dates, or categories of these.
    name
        The column's name for messages; by default the series' own.

    Returns
    -------
    Codes
        Codes and levels. Empty text counts as missing.

    Raises
    ------
    PanelError
        If the keys are fractions, infinite, or a mix of text and numbers.

    Examples
    --------
    >>> import pandas as pd
    >>> from govdata.stats.keys import encode
    >>> encode(pd.Series(["10", "9", "10"], name="firm")).levels
    (9, 10)
    >>> encode(pd.Series([10.0, 9.0, None], name="firm")).codes.tolist()
    [1, 0, -1]
    """
    label = str(column.name) if name is None else name
    try:
        codes, uniques = pd.factorize(column, use_na_sentinel=True)
    except TypeError:
        kinds = dict.fromkeys(type(value).__name__ for value in column.dropna())
        raise PanelError(f"column {label!r} holds {'/'.join(kinds)} values; keys are text or whole numbers") from None
    keys = uniques.tolist()
    if {type(value) for value in keys} not in ({str}, {int}):
        keys = [_key(value, label) for value in keys]
    texts = [key for key in keys if isinstance(key, str) and key]
    if texts and len(texts) < sum(key != "" for key in keys):
        raise PanelError(f"column {label!r} mixes text and numbers as keys; make it one type")
    if texts and all(_WHOLE.fullmatch(text) for text in texts):
        keys = [int(key) if key else key for key in keys]
    levels: Any = sorted({key for key in keys if key != ""})
    if levels == keys:
        return Codes(label, codes.astype(np.int64, copy=False), tuple(levels))
    rank = {level: position for position, level in enumerate(levels)}
    lookup = np.array([rank.get(key, -1) for key in keys] + [-1], dtype=np.int64)
    return Codes(label, lookup[codes], tuple(levels))


def _key(value: object, label: str) -> int | str:
    if isinstance(value, str):
        return value
    if isinstance(value, (bool, int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        if not float(value).is_integer():
            raise PanelError(f"column {label!r} holds {value!r}; keys are text or whole numbers")
        return int(value)
    if isinstance(value, (pd.Timestamp, pd.Period)):
        return str(value)
    raise PanelError(f"column {label!r} holds {type(value).__name__} values; keys are text or whole numbers")


@dataclass(frozen=True, slots=True)
class Keys:
    """Which unit and time each row stands for.

    Attributes
    ----------
    unit, time
        The keys, or None where the data have none.
    """

    unit: Codes | None
    time: Codes | None


def _repeat(cells: IntArray, n: int) -> bool:
    """Whether a cell occurs twice."""
    if (cells[1:] > cells[:-1]).all():
        return False
    if n <= 4 * len(cells):
        seen = np.zeros(n, dtype=np.bool_)
        seen[cells] = True
        return int(seen.sum()) < len(cells)
    ordered = np.sort(cells)
    return bool((ordered[1:] == ordered[:-1]).any())


def make_keys(
    data: pd.DataFrame, unit: str | None, time: str | None, encoded: Callable[[str], Codes] | None = None
) -> Keys:
    """Read the keys of a panel and refuse a unit-time that occurs twice.

    Parameters
    ----------
    data
        One row a unit and time.
    unit, time
        The key columns; None where there is none.
    encoded
        What gives a column as codes, where columns were read before; None reads them.

    Returns
    -------
    Keys
        The keys.

    Raises
    ------
    PanelError
        If rows are not unique by unit and time.

    Examples
    --------
    >>> import pandas as pd
    >>> from govdata.stats.keys import make_keys
    >>> make_keys(pd.DataFrame({"iso3": ["CHN", "CHN"], "year": [2010, 2010]}), "iso3", "year")
    Traceback (most recent call last):
    ...
    govdata.errors.PanelError: 2 rows share their iso3 and year with another: CHN 2010 (2 rows)
    """
    read = encoded or (lambda name: encode(data[name], name))
    units = None if unit is None else read(unit)
    times = None if time is None else read(time)
    if units is not None and times is not None:
        there = ~(units.missing | times.missing)
        cell = units.codes * max(len(times.levels), 1) + times.codes
        cell = cell if there.all() else cell[there]
        if _repeat(cell, len(units.levels) * len(times.levels)):
            found, counts = np.unique(cell, return_counts=True)
            twice, often = found[counts > 1], counts[counts > 1]
            shown = [
                f"{units.levels[c // len(times.levels)]} {times.levels[c % len(times.levels)]} ({n} rows)"
                for c, n in zip(twice[:_SHOWN].tolist(), often[:_SHOWN].tolist(), strict=True)
            ]
            more = ", ..." if twice.size > _SHOWN else ""
            raise PanelError(
                f"{int(often.sum())} rows share their {unit} and {time} with another: {', '.join(shown)}{more}",
                code=DUPLICATE,
            )
    return Keys(units, times)


def shift_positions(keys: Keys, steps: int) -> IntArray:
    """Find, for each row, the row of the same unit so many calendar steps earlier.

    Parameters
    ----------
    keys
        Of the rows; times must be whole numbers.
    steps
        Steps back in time; negative looks ahead.

    Returns
    -------
    ndarray of int
        Positions of rows, -1 where the panel has no such row.

    Raises
    ------
    PanelError
        If a key is not known or times are not whole numbers.
    """
    unit, time = keys.unit, keys.time
    if unit is None or time is None:
        raise PanelError("lag(), lead() and diff() need to know the unit and time of a row: name unit= and time=")
    if not time.whole:
        raise PanelError(
            f"lag(), lead() and diff() count in whole numbers, but {time.name!r} holds {time.levels[0]!r}; "
            "build a column such as the year first"
        )
    calendar = time.calendar
    found = np.full(unit.codes.shape, -1, dtype=np.int64)
    present = np.flatnonzero(~(unit.missing | time.missing))
    if not present.size:
        return found
    cell = unit.codes[present] * len(calendar) + time.codes[present]
    order = np.argsort(cell, kind="stable")
    wanted = calendar[time.codes[present]] - steps
    slot = np.minimum(np.searchsorted(calendar, wanted), len(calendar) - 1)
    sought = unit.codes[present] * len(calendar) + slot
    place = np.minimum(np.searchsorted(cell[order], sought), len(order) - 1)
    exists = (calendar[slot] == wanted) & (cell[order][place] == sought)
    found[present[exists]] = present[order[place[exists]]]
    return found


def numeric(column: pd.Series[Any], name: str) -> FloatArray:
    """Read a column as numbers.

    Parameters
    ----------
    column
        Numbers or booleans, with any kind of missing value.
    name
        Its name for messages.

    Returns
    -------
    ndarray of float
        With NaN where missing. It may be the column itself, and is then read-only.

    Raises
    ------
    EstimationError
        If the column holds anything else.
    """
    kind = column.dtype
    if isinstance(kind, pd.CategoricalDtype):
        raise EstimationError(f"column {name!r} is categorical; write C({name}), or turn it into numbers yourself")
    stored = "objects" if pd.api.types.is_object_dtype(kind) else "text" if isinstance(kind, pd.StringDtype) else ""
    if stored and column.notna().any():
        read = pd.to_numeric(column.astype(str).where(column.notna()), errors="coerce")
        if read.notna().equals(column.notna()):
            raise EstimationError(
                f"column {name!r} holds numbers stored as {stored}; turn it into numbers with pd.to_numeric, or write "
                f"C({name}) for categories"
            )
    if pd.api.types.is_complex_dtype(kind) or not (
        pd.api.types.is_numeric_dtype(kind) or pd.api.types.is_bool_dtype(kind) or column.isna().all()
    ):
        example = column.dropna().iloc[0]
        if stored:
            odd = read.isna() & column.notna()
            if odd.mean() < 0.5 * column.notna().mean():
                raise EstimationError(
                    f"column {name!r} holds numbers and {column[odd].iloc[0]!r} in {int(odd.sum())} "
                    f"row{'s' * (int(odd.sum()) > 1)}; say what that means, then use pd.to_numeric"
                )
        raise EstimationError(f"column {name!r} is not numeric (it holds {example!r}); write C({name}) for categories")
    if not (pd.api.types.is_numeric_dtype(kind) or pd.api.types.is_bool_dtype(kind)):
        return np.full(len(column), np.nan)
    if kind == np.float64:  # of numpy: a view, protected from writing by copy on write
        return column.to_numpy()
    return column.to_numpy(dtype=np.float64, na_value=np.nan)
