"""Time since the last event, in calendar time, and the curves of it that duration models take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from govdata.errors import EstimationError, PanelError
from govdata.stats.estimating import choose
from govdata.stats.formula import check_column
from govdata.stats.keys import BoolArray, FloatArray, IntArray, make_keys, numeric
from govdata.stats.panel import Panel, frame_of

__all__ = ["Counter", "Gaps", "count_spells", "cubic", "natural_spline", "time_since"]

Gaps = Literal["calendar", "rows", "event"]


@dataclass(frozen=True, slots=True, eq=False)
class Counter:
    """Time since the last event, for every row of a frame.

    Attributes
    ----------
    counts
        The counter; missing where it is not known.
    unknown
        Rows after a missing event, where the counter is not known although the row has its keys.
    censored
        Rows counted from the first time seen, because no event came before.
    gapped
        Rows with a gap in the calendar right before them.
    """

    counts: FloatArray
    unknown: BoolArray
    censored: BoolArray
    gapped: BoolArray


def count_spells(frame: pd.DataFrame, event: str, unit: str, time: str, gaps: Gaps = "calendar") -> Counter:
    """Count the time since the last event.

    Parameters
    ----------
    frame
        One row a unit and time, in any order.
    event
        A column of 0 and 1.
    unit, time
        The key columns.
    gaps
        As in :func:`time_since`.

    Returns
    -------
    Counter
        In the order of the frame.
    """
    for name in (event, unit, time):
        check_column(name, frame.columns, where="columns of the data")
        if isinstance(frame[name], pd.DataFrame):
            raise PanelError(f"the data have more than one column named {name!r}")
    choose("gaps", gaps, get_args(Gaps))
    happened = numeric(frame[event], event)
    odd = ~np.isnan(happened) & ~np.isin(happened, (0.0, 1.0))
    if odd.any():
        raise EstimationError(f"an event is 0 or 1, but column {event!r} holds {happened[odd].min():g}")
    keys = make_keys(frame, unit, time)
    units, times = keys.unit, keys.time
    assert units is not None  # noqa: S101 -- for the type checker: both keys were named
    assert times is not None  # noqa: S101 -- as above
    if not times.whole:
        raise PanelError(f"time since an event counts in whole numbers, but {time!r} holds {times.levels[0]!r}")
    present = np.flatnonzero(~(units.missing | times.missing))
    order = present[np.lexsort((times.codes[present], units.codes[present]))]
    values = np.full(len(frame), np.nan)
    flags = np.zeros((3, len(frame)), dtype=np.bool_)
    if len(order):
        calendar = np.array(times.levels, dtype=np.int64)[times.codes[order]]
        values[order], flags[:, order] = _count(units.codes[order], calendar, happened[order], gaps)
    return Counter(values, flags[0], flags[1], flags[2])


def _count(unit: IntArray, calendar: IntArray, event: FloatArray, gaps: Gaps) -> tuple[FloatArray, BoolArray]:
    """Count along rows sorted by unit and time."""
    at = np.arange(len(unit))
    first = np.r_[True, unit[1:] != unit[:-1]]
    begin = np.maximum.accumulate(np.where(first, at, 0))
    gapped = ~first & (np.r_[0, np.diff(calendar)] > 1)
    clock = at if gaps == "rows" else calendar
    # the last row before this one, of the same unit, with an event, or without knowledge of one
    last = _before(event == 1, begin)
    lost = _before(np.isnan(event), begin)
    start = np.where(last >= 0, clock[np.maximum(last, 0)] + 1, clock[begin])
    if gaps == "event":
        # the year before this row is missing, and taken for one with an event
        broken = np.maximum.accumulate(np.where(gapped, at, -1))
        newer = (broken >= begin) & (broken > last)
        start = np.where(newer, clock[np.maximum(broken, 0)], start)
        last = np.where(newer, broken - 1, last)
    unknown = lost > last
    values = np.where(unknown, np.nan, (clock - start).astype(np.float64))
    return values, np.array([unknown, (last < 0) & ~unknown, gapped])


def _before(mark: BoolArray, begin: IntArray) -> IntArray:
    """Return the last marked row strictly before each row and within its unit, or -1."""
    at = np.arange(len(mark))
    seen = np.maximum.accumulate(np.where(mark, at, -1))
    before = np.r_[-1, seen[:-1]]
    found: IntArray = np.where(before >= begin, before, -1)
    return found


def time_since(
    data: pd.DataFrame | Panel,
    event: str,
    *,
    unit: str | None = None,
    time: str | None = None,
    gaps: Gaps = "calendar",
) -> pd.Series[Any]:
    """Count the time since a unit's last event, as binary models of panels need it.

    The counter is 0 in the time right after an event and then grows with the calendar. In the time of an event it still
    says how long the unit had been without one, so that it can stand on the right-hand side. Where events follow each
    other it is 0.

    Parameters
    ----------
    data
        A frame or a :class:`Panel`, one row a unit and time, in any order.
    event
        A column of 0 and 1. To count the time without war rather than without onset, name the column that is 1 in
        every year of a war.
    unit, time
        The key columns; left out, the panel's own, or ``iso3`` and ``year``. Times are whole numbers.
    gaps
        What to make of times without a row inside a unit's series. ``"calendar"``: they pass, without an event;
        the default. ``"rows"``: they do not pass (what ``btscs`` of R's DAMisc does where nothing is padded).
        ``"event"``: they count as times with an event (the same with ``pad.ts=TRUE``). Without gaps the three agree.

    Returns
    -------
    Series
        Aligned with ``data``. A unit's first row counts as 0: what came before is not known, and the counter is then a
        lower bound. After a row whose event is missing it is missing, until the next event.

    Raises
    ------
    PanelError
        If the keys are absent, repeat or are not whole numbers.
    EstimationError
        If the event holds anything but 0 and 1.

    Notes
    -----
    Beck, Katz and Tucker (1998); Carter and Signorino (2010). Make the counter before rows are left out for other
    reasons: :func:`binary` does so with ``time="cubic"`` and ``time="spline"``.

    Examples
    --------
    >>> import pandas as pd
    >>> from govdata.stats.spells import time_since
    >>> frame = pd.DataFrame({"iso3": "COL", "year": [1990, 1991, 1992, 1995, 1996], "onset": [0, 1, 0, 0, 1]})
    >>> time_since(frame, "onset").tolist()
    [0.0, 1.0, 0.0, 3.0, 4.0]
    >>> time_since(frame, "onset", gaps="rows").tolist()
    [0.0, 1.0, 0.0, 1.0, 2.0]
    """
    frame, own_unit, own_time = frame_of(data)
    unit, time = unit or own_unit or "iso3", time or own_time or "year"
    if not isinstance(event, str):
        raise PanelError(f"event is the name of a column, not {event!r}")
    found = count_spells(frame, event, unit, time, gaps)
    return pd.Series(found.counts, index=frame.index, name=f"time_since_{event}")


def cubic(t: FloatArray) -> tuple[tuple[str, ...], FloatArray]:
    """Return the counter in hundreds, its square and its cube.

    Parameters
    ----------
    t
        The counter.

    Returns
    -------
    names : tuple of str
        ``t``, ``t^2``, ``t^3``.
    columns : ndarray
        Rows x 3.

    Notes
    -----
    Carter and Signorino (2010); hundreds keep the three columns of similar size.

    Examples
    --------
    >>> import numpy as np
    >>> from govdata.stats.spells import cubic
    >>> cubic(np.array([0.0, 10.0]))[1].round(6).tolist()
    [[0.0, 0.0, 0.0], [0.1, 0.01, 0.001]]
    """
    part = t / 100
    return ("t", "t^2", "t^3"), np.column_stack([part, part**2, part**3])


def natural_spline(t: FloatArray, knots: tuple[float, ...]) -> tuple[tuple[str, ...], FloatArray]:
    """Return natural cubic splines of the counter, linear outside its range.

    Parameters
    ----------
    t
        The counter.
    knots
        Inner knots, rising; the outer two are the smallest and the largest value of the counter.

    Returns
    -------
    names : tuple of str
        ``spline(t)[1]`` and so on, one more than there are knots.
    columns : ndarray
        The counter itself, then one truncated cubic a knot but the last, each over the squared range. They span, with a
        constant, what ``ns`` of R's splines does with the same knots, so that all but their own coefficients agree.

    Raises
    ------
    EstimationError
        If a knot lies outside the counter's range.

    Examples
    --------
    >>> import numpy as np
    >>> from govdata.stats.spells import natural_spline
    >>> names, columns = natural_spline(np.arange(11.0), (1.0, 4.0, 7.0))
    >>> names
    ('spline(t)[1]', 'spline(t)[2]', 'spline(t)[3]', 'spline(t)[4]')
    """
    low, high = float(t.min()), float(t.max())
    given = [float(knot) for knot in knots]
    if not np.isfinite(given).all() or not given or given != sorted(set(given)) or given[0] <= low or given[-1] >= high:
        raise EstimationError(
            f"knots are rising numbers between {low:g} and {high:g}, the range of the counter, not "
            f"{', '.join(f'{knot:g}' for knot in given) or 'none'}"
        )
    every = [low, *given, high]
    last, before = every[-1], every[-2]
    columns = [t]
    for knot in every[:-2]:
        bend = _cube(t - knot) - _cube(t - before) * (last - knot) / (last - before)
        columns.append((bend + _cube(t - last) * (before - knot) / (last - before)) / (last - low) ** 2)
    return tuple(f"spline(t)[{j + 1}]" for j in range(len(columns))), np.column_stack(columns)


def _cube(distance: FloatArray) -> FloatArray:
    found: FloatArray = np.maximum(distance, 0.0) ** 3
    return found
