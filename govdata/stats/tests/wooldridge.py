"""Wooldridge's regressions of residuals on their lag, and his test of unobserved effects."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import f as fisher
from scipy.stats import norm

from govdata.errors import EstimationError
from govdata.stats.keys import Codes, FloatArray, IntArray
from govdata.stats.solver import EXACT, Fit, group_sums, least_squares
from govdata.stats.tests.result import TestResult
from govdata.stats.tests.sample import (
    Sample,
    calendar,
    choose,
    clustered,
    gaps,
    is_exact,
    listed,
    periods,
    pooled_note,
    previous,
    sample_of,
    step_of,
)

__all__ = ["wooldridge"]

KINDS = ("ar", "fe", "fd", "xtserial", "effects")
SHIFTS = ("time", "row")


@dataclass(frozen=True, slots=True)
class _Residuals:
    """Residuals with their keys."""

    numbers: FloatArray
    unit: Codes
    when: IntArray
    notes: tuple[str, ...]


def wooldridge(
    m: Any,  # noqa: ANN401 -- any fitted model
    kind: str = "ar",
    *,
    shift: str = "time",
    effect: str = "unit",
) -> TestResult:
    """Test for serial correlation of the errors, or for unobserved effects, as Wooldridge proposes.

    Parameters
    ----------
    m : PanelResults
        A linear model; with unit effects for ``kind="ar"``.
    kind
        ``"ar"`` regresses the within residuals on their lag; without serial correlation the coefficient is -1/(T-1)
        (plm's ``pwartest``). ``"fe"`` regresses the residuals of first differences on their lag; with errors that are
        uncorrelated in levels the coefficient is -1/2 (``pwfdtest`` with ``h0="fe"``). ``"fd"`` the same regression;
        with errors that are uncorrelated in differences the coefficient is 0 (``h0="fd"``). ``"xtserial"`` as
        ``"fe"``, without constants and with the small-sample factor, as Stata's ``xtserial``. ``"effects"`` is a test
        of unobserved effects in the residuals of pooled least squares (``pwtest``).
    shift
        ``"time"`` the lag is the value one step of the calendar earlier, missing in a gap; ``"row"`` it is the row
        before, whatever lies between, as plm does.
    effect
        With ``kind="effects"``: ``"unit"`` or ``"time"``.

    Returns
    -------
    TestResult
        An F statistic with standard errors clustered by unit (a z statistic for ``"effects"``); ``details`` has the
        coefficient, its standard error, its value under the null hypothesis and the rows of that regression.

    Raises
    ------
    EstimationError
        If the model is not linear, has no unit effects where they are needed, or no unit has enough rows in a row.

    Notes
    -----
    Wooldridge (2010, sections 10.4.4, 10.5.4 and 10.6.3); Drukker (2003) for ``xtserial``. Clustering is by unit
    without a small-sample factor, except for ``xtserial``. In an unbalanced panel T of ``"ar"`` is the number of
    periods of the whole panel, as in plm.

    Examples
    --------
    >>> import pandas as pd
    >>> from govdata import stats
    >>> frame = pd.DataFrame(
    ...     {
    ...         "iso3": ["CHN"] * 4 + ["IRN"] * 4 + ["RUS"] * 4,
    ...         "year": [2019, 2020, 2021, 2022] * 3,
    ...         "y": [1.0, 2.0, 4.0, 4.5, 2.0, 2.5, 3.0, 5.0, 0.0, 2.0, 2.5, 2.0],
    ...         "x": [0.0, 1.0, 3.0, 3.0, 1.0, 1.0, 2.0, 3.0, 0.0, 2.0, 3.0, 2.0],
    ...     }
    ... )
    >>> found = stats.tests.wooldridge(stats.ols("y ~ x | iso3", frame))
    >>> found.distribution, round(found.statistic, 4)
    ('F(1, 7)', 2.1009)
    """
    kind = choose("kind", kind, KINDS)
    shift = choose("shift", shift, SHIFTS)
    effect = choose("effect", effect, ("unit", "time"))
    if kind == "effects":
        result = _unobserved(sample_of(m, "Wooldridge's test of unobserved effects", time=effect == "time"), effect)
        return result if result.notes else replace(result, notes=pooled_note(m, "pooled least squares"))
    sample = sample_of(m, "Wooldridge's test of serial correlation")
    if kind == "ar":
        if not sample.has_unit_effects:
            raise EstimationError(
                f'kind="ar" tests the residuals of a model with unit effects; fit it with "| {sample.unit.name}", or '
                'use kind="fe", which starts from any model'
            )
        if sample.sizes.max() < 3:
            raise EstimationError(
                "with two rows a unit, the second within residual is the first with the other sign, whatever the "
                "errors: the test needs units with 3 rows or more"
            )
        found = _Residuals(sample.resid, sample.unit, calendar(sample.times), _about(sample, shift))
        t = len(sample.times.levels)
        null, name = -1 / (t - 1), "Wooldridge test of serial correlation in within residuals"
        if not sample.balanced:
            text = (
                f"the panel is unbalanced: under the null hypothesis the coefficient is -1/(T-1) with T = {t} periods"
            )
            found = _Residuals(found.numbers, found.unit, found.when, (*found.notes, text))
    else:
        found = _differenced(sample, shift, constant=kind != "xtserial")
        null = 0.0 if kind == "fd" else -0.5
        name = "Wooldridge first-difference test of serial correlation"
        name += ", as Stata's xtserial" if kind == "xtserial" else ""
    return _lagged(sample, found, null, name, kind, shift)


def _about(sample: Sample, shift: str) -> tuple[str, ...]:
    notes = []
    if step := step_of(sample.times) - 1:
        notes.append(f"times are {step + 1} apart: a lag is {step + 1} of them back")
    if broken := gaps(sample.unit, sample.times):
        how = "lags are calendar lags" if shift == "time" else "the lag is the row before, across the gap"
        notes.append(f"{len(broken)} of {sample.n_units} units have gaps ({listed(broken)}): {how}")
    return tuple(notes)


def _differenced(sample: Sample, shift: str, *, constant: bool) -> _Residuals:
    """Fit the model in first differences."""
    when = calendar(sample.times)
    at = previous(sample.unit.codes, when, shift)
    rows = np.flatnonzero(at >= 0)
    if not rows.size:
        raise EstimationError("no unit has two consecutive times, so that there are no differences")
    y, x = sample.y[rows] - sample.y[at[rows]], sample.x[rows] - sample.x[at[rows]]
    moving = np.abs(x).max(axis=0) > 0 if x.size else np.zeros(0, dtype=np.bool_)
    names = tuple(name for name, moves in zip(sample.names, moving.tolist(), strict=True) if moves)
    others = tuple(effect.subset(rows) for effect in sample.other_effects)
    if not (names or constant or others):
        values = y
    else:
        fit = least_squares(
            y,
            x[:, moving],
            names,
            others,
            intercept=constant and not others,
            response=f"the first difference of {sample.response}",
            drop_collinear=True,
        )
        if is_exact(fit):
            raise EstimationError("the model fits exactly in first differences, so that there are no residuals to test")
        values = fit.resid
    notes = list(_about(sample, shift))
    if len(names) < len(sample.names):
        still = [name for name in sample.names if name not in names]
        notes.append(f"{listed(still)} does not change over time and falls out of the differences")
    if others:
        notes.append(f"effects of {' and '.join(effect.name for effect in others)} are kept in the differences")
    return _Residuals(values, sample.unit.subset(rows), when[rows], tuple(notes))


def _lagged(sample: Sample, found: _Residuals, null: float, name: str, kind: str, shift: str) -> TestResult:
    at = previous(found.unit.codes, found.when, shift)
    rows = np.flatnonzero(at >= 0)
    needed = 2 if kind == "ar" else 3
    if rows.size < 3:
        raise EstimationError(f"the test needs units with {needed} consecutive times or more, and there are too few")
    unit = found.unit.subset(rows)
    if len(unit.levels) < 2:
        raise EstimationError(f"one unit has {needed} consecutive times; errors clustered by unit need several")
    plain = kind == "xtserial"
    fit = _auxiliary(found.numbers[rows], found.numbers[at[rows]], constant=not plain)
    slope = len(fit.params) - 1
    matrix = clustered(fit.influence, fit.resid, unit, "CRV1" if plain else "CR0", fit.rank)
    error = float(np.sqrt(matrix[slope, slope]))
    statistic = float(((fit.params[slope] - null) / error) ** 2)
    df2 = len(unit.levels) - 1 if plain else rows.size - fit.rank
    levels = {
        "ar": "errors are not serially correlated",
        "fe": "errors are not serially correlated in levels",
        "xtserial": "errors are not serially correlated in levels",
        "fd": "errors are not serially correlated in first differences",
    }
    details = pd.DataFrame(
        {
            "term": ["lag of the residual"],
            "estimate": [float(fit.params[slope])],
            "std_error": [error],
            "null": [null],
            "nobs": [int(rows.size)],
            "clusters": [len(unit.levels)],
        }
    )
    return TestResult(
        name=name,
        statistic=statistic,
        distribution=f"F(1, {df2})",
        df=(1, df2),
        p_value=float(fisher.sf(statistic, 1, df2)),
        null=levels[kind],
        alternative="they are",
        nobs=sample.nobs,
        n_units=sample.n_units,
        periods=periods(sample.unit),
        notes=found.notes,
        source="Wooldridge (2010); "
        + ("Drukker (2003), as Stata's xtserial" if plain else "as plm's pwartest" if kind == "ar" else "as pwfdtest"),
        details=details,
    )


def _auxiliary(now: FloatArray, before: FloatArray, *, constant: bool) -> Fit:
    if not now @ now or before @ before <= EXACT * (now @ now):
        raise EstimationError("the model fits exactly, so there are no residuals whose correlation could be tested")
    return least_squares(
        now,
        before[:, None],
        ("the lag of the residual",),
        (),
        intercept=constant,
        response="the residual",
        drop_collinear=False,
    )


def _unobserved(sample: Sample, effect: str) -> TestResult:
    codes = sample.unit if effect == "unit" else sample.times
    resid = sample.refit(()).resid
    sums = group_sums(resid, codes.codes, len(codes.levels))
    squares = group_sums(resid**2, codes.codes, len(codes.levels))
    # Products of all pairs of rows in a group: half of what the square of the sum has beside the squares.
    products = (sums**2 - squares) / 2
    counts = np.bincount(codes.codes)
    if counts.max() < 2:
        raise EstimationError(f"every {codes.name} has one row, so there are no products of residuals within it")
    statistic = float(products.sum() / np.sqrt((products**2).sum()))
    notes = ("computed from pooled least squares, without the model's effects",) if sample.effects else ()
    return TestResult(
        name=f"Wooldridge test of unobserved {effect} effects",
        statistic=statistic,
        distribution="N(0,1)",
        df=(),
        p_value=float(2 * norm.sf(abs(statistic))),
        null=f"errors are not correlated within a {effect}",
        alternative=f"they are: unobserved {effect} effects, or serial correlation",
        nobs=sample.nobs,
        n_units=sample.n_units,
        periods=periods(sample.unit),
        notes=notes,
        source="Wooldridge (2010, section 10.4.4); as plm's pwtest",
    )
