"""Pesaran's test of unit roots where units share a common factor."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

from govdata.errors import EstimationError
from govdata.stats.keys import FloatArray, IntArray
from govdata.stats.solver import group_sums, least_squares
from govdata.stats.tests.critical import LEVELS, SIZES, critical_values, p_value
from govdata.stats.tests.result import TestResult
from govdata.stats.tests.sample import calendar, listed, periods, previous
from govdata.stats.tests.series import Series

__all__ = ["cips"]

# Pesaran (2007), section 4.2: below and above these a unit's statistic is cut.
BOUNDS = {"none": (-6.12, 4.16), "constant": (-6.19, 2.61), "trend": (-6.42, 1.70)}


def cips(series: Series, trend: str, lags: int, *, truncated: bool) -> TestResult:
    """Average the units' cross-sectionally augmented Dickey-Fuller statistics.

    Parameters
    ----------
    series
        Consecutive values of each unit.
    trend
        ``"none"``, ``"constant"`` or ``"trend"``.
    lags
        Lagged differences, of the units and of the averages.
    truncated
        Whether extreme statistics are cut.

    Returns
    -------
    TestResult
        With critical values in its notes, one row a unit in its details.

    Raises
    ------
    EstimationError
        If a series is too short, or the averages are not determined.

    Notes
    -----
    Pesaran (2007). Averages are taken over the units that are in the regressions of a period. The p value is
    interpolated between the critical values at 1, 5 and 10 percent, and absent beyond them.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from govdata import stats
    >>> rng = np.random.default_rng(1)
    >>> frame = pd.DataFrame({"iso3": np.repeat(list("ABCDEFGHIJ"), 30), "year": np.tile(np.arange(1990, 2020), 10)})
    >>> frame["y"] = rng.normal(size=300).cumsum()
    >>> stats.tests.unit_root(frame, "y", test="cips", lags=1).distribution
    'CIPS: critical values -2.58 (1 %), -2.33 (5 %), -2.21 (10 %)'
    """
    rows, columns = _columns(series, lags)
    unit, time = series.unit.subset(rows), series.time.subset(rows)
    there = frozenset(unit.levels)
    lost = [level for level in series.unit.levels if level not in there]
    width = 2 * columns.shape[1] + {"none": 0, "constant": 1, "trend": 2}[trend] - 1
    counts = np.bincount(unit.codes, minlength=len(unit.levels))
    lost += [unit.levels[code] for code in np.flatnonzero(counts <= width).tolist()]
    if lost:
        raise EstimationError(
            f"with {lags} lags a unit needs {width + lags + 2} periods or more, and {len(lost)} "
            f"ha{'ve' if len(lost) > 1 else 's'} fewer: {listed(lost)}; take fewer lags, or leave them out"
        )
    sizes = np.bincount(time.codes, minlength=len(time.levels))[:, None]
    averages = (group_sums(columns, time.codes, len(time.levels)) / sizes)[time.codes]
    x = np.column_stack([columns[:, 1:], averages])
    names = ["the lagged level", *(f"lag {step} of the difference" for step in range(1, lags + 1))]
    names += [f"the average of {name}" for name in ["the difference", *names]]
    if trend == "trend":
        x = np.column_stack([x, calendar(series.time)[rows].astype(np.float64)])
        names.append("the trend")
    statistics = []
    starts = np.searchsorted(unit.codes, np.arange(len(unit.levels) + 1))
    for name, first, last in zip(unit.levels, starts[:-1].tolist(), starts[1:].tolist(), strict=True):
        part = slice(first, last)
        try:
            fit = least_squares(
                columns[part, 0],
                x[part],
                tuple(names),
                (),
                intercept=trend != "none",
                response="the difference",
                drop_collinear=False,
            )
        except EstimationError as fault:
            raise EstimationError(f"unit {name} has no regression with {lags} lags: {fault}") from None
        at = int(trend != "none")
        error = np.sqrt(fit.rss / (fit.nobs - fit.rank)) * np.linalg.norm(fit.influence[:, at])
        statistics.append(float(fit.params[at] / error))
    return _result(series, np.array(statistics), len(time.levels), trend, lags, truncated=truncated)


def _columns(series: Series, lags: int) -> tuple[IntArray, FloatArray]:
    """Return the rows with a full regression, and there the difference, the lagged level and lagged differences."""
    when = calendar(series.time)
    at = [np.arange(len(series.numbers))]
    at += [previous(series.unit.codes, when, "time", steps) for steps in range(1, lags + 2)]
    rows = np.flatnonzero(at[-1] >= 0)
    if not rows.size:
        raise EstimationError(f"no unit has the {lags + 2} consecutive times that {lags} lags need")
    levels = [series.numbers[where[rows]] for where in at]
    changes = [now - before for now, before in pairwise(levels)]
    return rows, np.column_stack([changes[0], levels[1], *changes[1:]])


def _result(
    series: Series, statistics: FloatArray, length: int, trend: str, lags: int, *, truncated: bool
) -> TestResult:
    units = len(statistics)
    used = np.clip(statistics, *BOUNDS[trend]) if truncated else statistics
    statistic = float(used.mean())
    values = critical_values(units, length, trend, truncated=truncated)
    notes = [f"{lags} lags; {int((used != statistics).sum())} statistics cut"] if truncated else [f"{lags} lags"]
    found = None
    if values is None:
        distribution = "CIPS, tabulated"
        notes.append(
            f"the tables reach from {SIZES[0]} to {SIZES[-1]} units and periods; here are {units} units and {length} "
            "periods, so that there is no p value"
        )
    else:
        shown = ", ".join(f"{value:.2f} ({level} %)" for value, level in zip(values, LEVELS, strict=True))
        distribution, found = f"CIPS: critical values {shown}", p_value(statistic, values)
        if found is None:
            side = f"below {LEVELS[0] / 100:.2f}" if statistic < values[0] else f"above {LEVELS[-1] / 100:.2f}"
            notes.append(f"p is {side}, where the tables end")
    return TestResult(
        name=f"Pesaran CIPS test of unit roots in {series.name}",
        statistic=statistic,
        distribution=distribution,
        df=(),
        p_value=found,
        null="every series has a unit root",
        alternative="some series are stationary",
        nobs=len(series.numbers),
        n_units=units,
        periods=periods(series.unit),
        notes=tuple(notes),
        source="Pesaran (2007); the p value is interpolated in table II",
        details=pd.DataFrame(
            {"unit": list(series.unit.levels), "periods": np.bincount(series.unit.codes), "t": statistics, "used": used}
        ),
    )
