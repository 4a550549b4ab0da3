"""A panel as an object, and calendar shifts of its columns."""

from __future__ import annotations

from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd

from govdata.errors import EstimationError, PanelError
from govdata.stats.formula import check_column
from govdata.stats.keys import Codes, Keys, encode, make_keys, numeric, shift_positions
from govdata.stats.wording import given

__all__ = ["Panel", "diff", "frame_of", "lag", "lead"]

_MOST_GAPS = 1_000_000
_MOST_STEPS = 999_999


class Panel:
    """A frame that knows which unit and time each row stands for.

    Every estimator of this package takes a panel in place of a frame; ``unit=`` and ``time=`` need not be said again.
    Keys are compared by what they say, not by how they are stored: ``1``, ``1.0``, ``"1"`` and the category ``1`` are
    one unit, and years that a program wrote as text are years.

    Parameters
    ----------
    data
        One row a unit and time. It is protected from later changes, and never changed.
    unit, time
        The key columns.

    Attributes
    ----------
    frame : DataFrame
        The data.
    unit, time : str
        The key columns.

    Raises
    ------
    PanelError
        If a key column is absent or holds no keys, or rows share their unit and time. :meth:`Panel.duplicates` lists
        these.

    Examples
    --------
    >>> import pandas as pd
    >>> from govdata import stats
    >>> frame = pd.DataFrame(
    ...     {"iso3": ["CHN", "CHN", "CHN", "IRN"], "year": [2010, 2011, 2013, 2011], "y": [1.0, 2.0, 4.0, 3.0]}
    ... )
    >>> panel = stats.Panel(frame, unit="iso3", time="year")
    >>> print(panel.summary())
    Panel: 4 rows; iso3 2 units; year 3 times, 2010 to 2013
    Rows a unit: 1 / 2.0 / 3 (min / mean / max); unbalanced
    Gaps: 1 unit lacks a year between its first and last: CHN (2012)
    Singletons: 1 unit has one row: IRN
    Rows without a key: none
    """

    __slots__ = ("_frame", "_keys", "time", "unit")

    def __init__(self, data: pd.DataFrame, unit: str = "iso3", time: str = "year") -> None:
        if isinstance(data, Panel):
            data = data.frame
        _check_keys(data, unit, time)
        self.unit = unit
        self.time = time
        self._keys = make_keys(data, unit, time)
        self._frame = data.copy(deep=False)
        if not (self._units.levels and self._times.levels):
            raise PanelError("the data have no row with a unit and a time" if len(data) else "the data have no rows")

    @property
    def frame(self) -> pd.DataFrame:
        """The data."""
        return self._frame.copy(deep=False)

    @property
    def keys(self) -> Keys:
        """The keys as codes."""
        return self._keys

    @property
    def _units(self) -> Codes:
        assert self._keys.unit is not None  # noqa: S101 -- for the type checker: the constructor always names both
        return self._keys.unit

    @property
    def _times(self) -> Codes:
        assert self._keys.time is not None  # noqa: S101 -- as above
        return self._keys.time

    @property
    def n_units(self) -> int:
        """How many units there are."""
        return len(self._units.levels)

    @property
    def n_periods(self) -> int:
        """How many times occur."""
        return len(self._times.levels)

    @property
    def periods_per_unit(self) -> pd.Series[Any]:
        """How many rows each unit has."""
        there = ~(self._units.missing | self._times.missing)
        counts = np.bincount(self._units.codes[there], minlength=self.n_units)
        return pd.Series(counts, index=pd.Index(list(self._units.levels), name=self.unit), name="rows")

    @property
    def balanced(self) -> bool:
        """Whether every unit has a row at every time."""
        return bool((self.periods_per_unit == self.n_periods).all())

    @property
    def gaps(self) -> pd.DataFrame:
        """Times a unit lacks between its first and its last row: the two keys, one row a gap.

        Where times are whole numbers every number counts as a time; else those that occur in the panel do.

        Raises
        ------
        PanelError
            If they are too many to list, as where times are counted in seconds.
        """
        rows: list[tuple[int | str, int | str]] = []
        units, times = self._units, self._times
        there = ~(units.missing | times.missing)
        order = np.lexsort((times.codes[there], units.codes[there]))
        unit, time = units.codes[there][order], times.codes[there][order]
        starts = np.searchsorted(unit, np.arange(self.n_units + 1))
        gaps = 0
        for code, (first, last) in enumerate(zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True)):
            if last - first < 2:
                continue
            seen = [times.levels[t] for t in time[first:last].tolist()]
            span: Any = (
                range(int(seen[0]), int(seen[-1]) + 1)
                if times.whole
                else times.levels[int(time[first]) : int(time[last - 1]) + 1]
            )
            gaps += int(span[-1]) - int(span[0]) + 1 - len(seen) if times.whole else len(span) - len(seen)
            if gaps > _MOST_GAPS:
                raise PanelError(
                    f"more than {_MOST_GAPS:,} gaps: {self.time} runs from {times.levels[0]} to {times.levels[-1]}, "
                    "which are hardly steps; count in years, months or days"
                )
            if len(span) > len(seen):
                known = set(seen)
                rows += [(units.levels[code], at) for at in span if at not in known]
        return pd.DataFrame(rows, columns=[self.unit, self.time])

    @property
    def singletons(self) -> list[int | str]:
        """Units with one row."""
        counts = self.periods_per_unit
        return counts.index[counts == 1].tolist()

    @property
    def unkeyed(self) -> int:
        """Rows without a unit or a time; no estimator uses them."""
        return int((self._units.missing | self._times.missing).sum())

    @staticmethod
    def duplicates(data: pd.DataFrame, unit: str = "iso3", time: str = "year") -> pd.DataFrame:
        """List the rows that share their unit and time with another.

        Parameters
        ----------
        data
            Any frame.
        unit, time
            The key columns.

        Returns
        -------
        DataFrame
            The rows, ordered by their keys; empty where a panel can be made.

        Examples
        --------
        >>> import pandas as pd
        >>> from govdata import stats
        >>> twice = pd.DataFrame({"iso3": ["CHN", "CHN", "IRN"], "year": [2010, 2010, 2010], "y": [1, 2, 3]})
        >>> stats.Panel.duplicates(twice)
          iso3  year  y
        0  CHN  2010  1
        1  CHN  2010  2
        """
        _check_keys(data, unit, time)
        units, times = encode(data[unit], unit), encode(data[time], time)
        there = np.flatnonzero(~(units.missing | times.missing))
        cell = units.codes[there] * max(len(times.levels), 1) + times.codes[there]
        _, inverse, counts = np.unique(cell, return_inverse=True, return_counts=True)
        twice = counts[inverse] > 1
        found: pd.DataFrame = data.iloc[there[twice][np.argsort(cell[twice], kind="stable")]]
        return found

    def summary(self) -> str:
        """Describe the panel in plain text.

        Returns
        -------
        str
            Size, balance, gaps, singletons and rows without a key.
        """
        counts, times = self.periods_per_unit, self._times.levels
        alone = self.singletons
        try:
            gaps, many = self.gaps, ""
        except PanelError as error:
            gaps, many = pd.DataFrame(columns=[self.unit, self.time]), str(error)
        word = self.time if self.time.isidentifier() else "time"
        lacking: dict[Any, list[Any]] = {}
        for unit, time in zip(gaps[self.unit].tolist(), gaps[self.time].tolist(), strict=True):
            lacking.setdefault(unit, []).append(time)
        listed = [f"{unit} ({_some(missing)})" for unit, missing in lacking.items()]
        gap_line = (
            f"{len(lacking)} unit{_s(lacking)} lack{'s' * (len(lacking) == 1)} a {word} between its first and last: "
            if lacking
            else many or "none"
        )
        alone_line = f"{len(alone)} unit{_s(alone)} {'has' if len(alone) == 1 else 'have'} one row: " if alone else ""
        size = f"{len(self._frame)} rows; {self.unit} {self.n_units} units; {self.time} {len(times)} times"
        rows = f"{counts.min()} / {counts.mean():.1f} / {counts.max()} (min / mean / max)"
        return "\n".join(
            [
                f"Panel: {size}, {times[0]} to {times[-1]}",
                f"Rows a unit: {rows}; {'balanced' if self.balanced else 'unbalanced'}",
                f"Gaps: {gap_line}{_some(listed)}",
                f"Singletons: {alone_line}{_some(alone) if alone else 'none'}",
                f"Rows without a key: {self.unkeyed or 'none'}",
            ]
        )

    def __len__(self) -> int:
        return len(self._frame)

    def __repr__(self) -> str:
        return self.summary()


def _check_keys(data: object, unit: object, time: object) -> None:
    if not isinstance(data, pd.DataFrame):
        raise PanelError(f"a panel is made of a pandas DataFrame, not {type(data).__name__}")
    for label, key in (("unit", unit), ("time", time)):
        if not isinstance(key, str):
            raise PanelError(f"{label} is the name of a column, not {given(key)}")
        if key in data.index.names and key not in data.columns:
            raise PanelError(f"the index holds {key}; data.reset_index() makes a column of it")
        check_column(key, data.columns, where=f"the {label} of the panel; name it with {label}=")
        if isinstance(data[key], pd.DataFrame):
            raise PanelError(f"the data have more than one column named {key!r}")
    if unit == time:
        raise PanelError(f"unit and time are both {unit!r}")


def _some(values: list[Any], shown: int = 5) -> str:
    more = [f"{len(values) - shown} more"] if len(values) > shown else []
    return ", ".join([*(str(value) for value in values[:shown]), *more])


def _s(values: Any) -> str:  # noqa: ANN401 -- anything with a length
    return "" if len(values) == 1 else "s"


def frame_of(data: object) -> tuple[pd.DataFrame, str | None, str | None]:
    """Take a panel or a frame apart.

    Parameters
    ----------
    data
        A frame or a :class:`Panel`.

    Returns
    -------
    frame : DataFrame
        The data.
    unit, time : str or None
        The key columns, where a panel names them.
    """
    if isinstance(data, Panel):
        return data.frame, data.unit, data.time
    if not isinstance(data, pd.DataFrame):
        raise EstimationError(f"data is a pandas DataFrame or a stats.Panel, not {type(data).__name__}")
    return data, None, None


def _shift(
    data: pd.DataFrame | Panel, column: str, steps: int, unit: str | None, time: str | None
) -> tuple[pd.Series[Any], pd.Series[Any]]:
    """Return a column's values now and some steps earlier."""
    frame, own_unit, own_time = frame_of(data)
    unit = unit if unit is not None else own_unit or "iso3"
    time = time if time is not None else own_time or "year"
    for label, name in (("column", column), ("unit", unit), ("time", time)):
        if not isinstance(name, str):
            raise PanelError(f"{label} is the name of a column, not {given(name)}")
    check_column(column, frame.columns, where="column")
    _check_keys(frame, unit, time)
    if isinstance(frame[column], pd.DataFrame):
        raise PanelError(f"the data have more than one column named {column!r}")
    values = numeric(frame[column], column)
    found = shift_positions(make_keys(frame, unit, time), steps)
    shifted = np.where(found >= 0, values[found], np.nan)
    return pd.Series(values, index=frame.index), pd.Series(shifted, index=frame.index)


def _whole(steps: object) -> int:
    if isinstance(steps, bool) or not isinstance(steps, Integral) or not 1 <= int(steps) <= _MOST_STEPS:
        raise PanelError(f"steps is a whole number from 1 up to {_MOST_STEPS:,}, not {given(steps)}")
    return int(steps)


def lag(
    data: pd.DataFrame | Panel, column: str, steps: int = 1, *, unit: str | None = None, time: str | None = None
) -> pd.Series[Any]:
    """Return the value of the same unit some calendar steps earlier.

    Parameters
    ----------
    data
        A frame or a :class:`Panel`; rows in any order, with gaps or without.
    column
        Which column.
    steps
        How many steps of ``time`` back.
    unit, time
        The key columns; left out, the panel's own, or ``iso3`` and ``year``.

    Returns
    -------
    Series
        Aligned with ``data``; missing where the panel has no row at that time.

    Examples
    --------
    >>> import pandas as pd
    >>> from govdata import stats
    >>> gap = pd.DataFrame({"iso3": "CHN", "year": [2013, 2010, 2011], "x": [3.0, 1.0, 2.0]})
    >>> stats.lag(gap, "x").tolist()
    [nan, nan, 1.0]
    """
    return _shift(data, column, _whole(steps), unit, time)[1].rename(f"lag({column}, {steps})")


def lead(
    data: pd.DataFrame | Panel, column: str, steps: int = 1, *, unit: str | None = None, time: str | None = None
) -> pd.Series[Any]:
    """Return the value of the same unit some calendar steps later.

    Parameters
    ----------
    data
        A frame or a :class:`Panel`; rows in any order, with gaps or without.
    column
        Which column.
    steps
        How many steps of ``time`` ahead.
    unit, time
        The key columns; left out, the panel's own, or ``iso3`` and ``year``.

    Returns
    -------
    Series
        Aligned with ``data``; missing where the panel has no row at that time.

    Examples
    --------
    >>> import pandas as pd
    >>> from govdata import stats
    >>> gap = pd.DataFrame({"iso3": "CHN", "year": [2013, 2010, 2011], "x": [3.0, 1.0, 2.0]})
    >>> stats.lead(gap, "x").tolist()
    [nan, 2.0, nan]
    """
    return _shift(data, column, -_whole(steps), unit, time)[1].rename(f"lead({column}, {steps})")


def diff(
    data: pd.DataFrame | Panel, column: str, steps: int = 1, *, unit: str | None = None, time: str | None = None
) -> pd.Series[Any]:
    """Return the change since some calendar steps earlier.

    Parameters
    ----------
    data
        A frame or a :class:`Panel`; rows in any order, with gaps or without.
    column
        Which column.
    steps
        How many steps of ``time`` the change spans.
    unit, time
        The key columns; left out, the panel's own, or ``iso3`` and ``year``.

    Returns
    -------
    Series
        Aligned with ``data``; missing where either value is.

    Examples
    --------
    >>> import pandas as pd
    >>> from govdata import stats
    >>> gap = pd.DataFrame({"iso3": "CHN", "year": [2013, 2010, 2011], "x": [3.0, 1.0, 2.5]})
    >>> stats.diff(gap, "x").tolist()
    [nan, nan, 1.5]
    """
    now, before = _shift(data, column, _whole(steps), unit, time)
    return now.sub(before).rename(f"diff({column}, {steps})")
