"""Logit and Poisson models with one effect conditioned away, so that units need no parameters of their own.

Units that say nothing about the slopes go: in a logit those whose response never varies, in a Poisson model those
without any count and those with one row.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import pandas as pd

from govdata.errors import EstimationError
from govdata.stats.design import Design
from govdata.stats.estimating import Collinear, Setup
from govdata.stats.keys import BoolArray, Codes, FloatArray, IntArray
from govdata.stats.likelihood import (
    Likelihood,
    Point,
    conclude,
    inverse,
    kept_columns,
    maximise,
    scale,
)
from govdata.stats.results import PanelResults
from govdata.stats.separation import refuse_separation
from govdata.stats.solver import group_sums

__all__ = ["conditional_logit", "fixed_poisson"]

MAX_WORK = 2_000_000_000
"""Additions a step of the exact conditional likelihood may take: some seconds."""
CHUNK = 2_000_000
NO_VARIATION = "no variation"


@dataclass(frozen=True, slots=True)
class _OneCase(Design):
    """A sample whose likelihood has one term a unit, so that units cannot be split between clusters."""

    def codes(self, column: str) -> Codes:
        """Return a column as keys; refuse one that changes within a unit."""
        keys = Design.codes(self, column)
        effect = self.effects[0]
        pairs = np.unique(effect.codes * len(keys.levels) + keys.codes)
        if len(pairs) > len(effect.levels):
            raise EstimationError(
                f"cluster {column!r} changes within {effect.name}, yet the conditional likelihood has one term a "
                f"{effect.name}; cluster by {effect.name} or by what contains it"
            )
        return keys


def _informative(design: Design, keep: BoolArray, notes: str) -> tuple[Design, tuple[str, ...]]:
    """Leave out the rows of units that say nothing."""
    effect = design.effects[0]
    if keep.all():
        return replace(design, singletons=0, singletons_rule="drop"), ()
    gone = design.rows[~keep]
    keys = [code.name for code in (design.unit, design.time) if code is not None]
    more = design.frame[keys].iloc[np.sort(gone)].copy()
    more["reason"] = NO_VARIATION
    more["variables"] = str(design.formula.response)
    smaller = replace(
        design,
        y=design.y[keep],
        x=design.x[keep],
        effects=(effect.subset(keep),),
        unit=None if design.unit is None else design.unit.subset(keep),
        time=None if design.time is None else design.time.subset(keep),
        rows=design.rows[keep],
        dropped=pd.concat([design.dropped, more]) if len(design.dropped) else more,
        singletons=0,
        singletons_rule="drop",
    )
    units = len(effect.levels) - len(smaller.effects[0].levels)
    return smaller, (notes.format(units=units, effect=effect.name, rows=len(gone)),)


def conditional_logit(setup: Setup, design: Design, *, collinear: Collinear, notes: tuple[str, ...]) -> PanelResults:
    """Fit a logit conditional on the number of events of each unit.

    Parameters
    ----------
    setup
        The sample as prepared, with the convention.
    design
        The sample to fit; its response is 0 or 1.
    collinear
        ``refuse`` or ``drop``.
    notes
        What was said before.

    Returns
    -------
    PanelResults
        The result; ``fitted`` are probabilities given the number of events of the unit.

    Raises
    ------
    EstimationError
        If no unit varies, or an estimate does not exist.

    Notes
    -----
    Chamberlain (1980). The sum over all ways to distribute the events is exact, by the recursion for elementary
    symmetric functions.
    """
    effect = design.effects[0]
    share = _sums(design.y, effect) / np.bincount(effect.codes)
    keep = ((share > 0) & (share < 1))[effect.codes]
    if not keep.any():
        raise EstimationError(
            f"{design.formula.response} varies within no {effect.name}, so nothing is left to compare"
        )
    design, lost = _informative(
        design, keep, "{units} units of {effect} ({rows} rows) left out: their response never varies"
    )
    kept, left_out = kept_columns(design, collinear)
    names = tuple(design.names[j] for j in kept)
    if not names:
        raise EstimationError("the model has no regressors")
    scaled = scale(design.x[:, list(kept)], intercept=False)
    groups = _Groups(design.y, scaled.columns, design.effects[0])
    found = maximise(groups.point, np.zeros(len(names)))
    mean = groups.probabilities(found.params)
    if not found.settled:
        extremes = {0.0: "no event in its {count} rows", 1.0: "an event in each of its {count} rows"}
        refuse_separation(design, _compared(design.y, scaled.columns, design.effects[0]), None, names, extremes)
    if not found.converged:
        raise EstimationError("the conditional logit has not converged, although an estimate exists; rescale variables")
    inner = inverse(-found.point.hessian, what="conditional logit")
    fit = Likelihood(
        names=names,
        params=scaled.back @ found.params,
        inverse=scaled.back @ inner @ scaled.back.T,
        contributions=found.point.scores @ inner @ scaled.back.T,
        residuals=design.y - mean,
        loglik=found.point.loglik,
        loglik_null=groups.point(np.zeros(len(names))).loglik,
        slopes=len(kept),
        rank=len(names),
    )
    sample = _OneCase(**{field.name: getattr(design, field.name) for field in fields(design)})
    return conclude(
        setup,
        fit,
        estimator="Conditional logit",
        design=sample,
        facts={"events": int(design.y.sum())},
        notes=(*notes, *lost, *left_out, "row-wise standard errors (HC0, HC1) take each unit as one case"),
    )


class _Groups:
    """The conditional likelihood of units: sums over all ways to give a unit its number of events."""

    def __init__(self, y: FloatArray, z: FloatArray, effect: Codes) -> None:
        self.codes, n = effect.codes, len(effect.levels)
        sizes = np.bincount(self.codes, minlength=n)
        order = np.argsort(self.codes, kind="stable")
        place = np.empty(len(y), dtype=np.int64)
        place[order] = np.arange(len(y)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        self.place, self.shape = place, (n, int(sizes.max()))
        events = _sums(y, effect)
        # events and non-events are exchangeable, and the rarer ones need the shorter recursion
        self.flip = np.where(events > sizes / 2, -1.0, 1.0)
        self.chosen = np.where(events > sizes / 2, sizes - events, events).astype(np.int64)
        self.first = order[np.cumsum(sizes) - sizes]
        self.y, self.z = y, z
        self.totals = group_sums(z * y[:, None], self.codes, n)
        work = int(self.chosen.max()) * z.shape[1] ** 2 * len(y)
        if work > MAX_WORK:
            raise EstimationError(
                f"the exact conditional likelihood is too long here (up to {self.shape[1]} rows a {effect.name}, "
                f"{z.shape[1]} regressors); take fewer regressors, or write C({effect.name})"
            )

    def _padded(self, eta: FloatArray) -> FloatArray:
        """Return weights, units x rows; zero where a unit has no such row, which leaves every sum as it is."""
        centred = eta * self.flip[self.codes]
        means = np.bincount(self.codes, centred) / np.bincount(self.codes)
        weights = np.zeros(self.shape)
        weights[self.codes, self.place] = np.exp(np.clip(centred - means[self.codes], -600, 600))
        return weights

    def point(self, params: FloatArray) -> Point:
        """Return the conditional log-likelihood with its derivatives; the score of a unit stands in its first row."""
        eta = self.z @ params
        k = self.z.shape[1]
        weights = self._padded(eta)
        columns = np.zeros((*self.shape, k))
        columns[self.codes, self.place] = self.z * self.flip[self.codes][:, None]
        loglik, hessian = 0.0, np.zeros((k, k))
        scores = np.zeros_like(self.z)
        size = max(1, CHUNK // ((int(self.chosen.max()) + 1) * k * k))
        offered = np.bincount(self.codes, eta * self.y)
        means = np.bincount(self.codes, eta * self.flip[self.codes]) / np.bincount(self.codes)
        for start in range(0, self.shape[0], size):
            part = slice(start, start + size)
            log_sum, mean, spread = _symmetric(weights[part], columns[part], self.chosen[part])
            # for units turned around, the chosen are the non-events, and these sum to the total less the events
            turned = np.where(self.flip[part] < 0, np.bincount(self.codes, eta)[part] - offered[part], offered[part])
            loglik += float((turned * self.flip[part] - means[part] * self.chosen[part] - log_sum).sum())
            own = self.totals[part]
            every = columns[part].sum(axis=1)
            seen = np.where(self.flip[part][:, None] < 0, every + own, own)
            scores[self.first[part]] = seen - mean
            hessian -= spread.sum(axis=0)
        return Point(loglik, scores, hessian)

    def probabilities(self, params: FloatArray) -> FloatArray:
        """Return, for each row, the probability of an event given the unit's number of events."""
        weights = self._padded(self.z @ params)
        n, longest = self.shape
        deepest = int(self.chosen.max())
        ahead = np.zeros((longest + 1, n, deepest + 1))
        behind = np.zeros_like(ahead)
        ahead[0, :, 0] = behind[longest, :, 0] = 1.0
        log_ahead, log_behind = np.zeros((longest + 1, n)), np.zeros((longest + 1, n))
        for t in range(longest):
            ahead[t + 1], log_ahead[t + 1] = _grow(ahead[t], weights[:, t], log_ahead[t])
        for t in reversed(range(longest)):
            behind[t], log_behind[t] = _grow(behind[t + 1], weights[:, t], log_behind[t + 1])
        at = np.arange(n)
        whole = ahead[longest][at, self.chosen]
        found = np.zeros(self.shape)
        depth = np.arange(deepest + 1)
        partner = self.chosen[:, None] - 1 - depth
        for t in range(longest):
            other = np.where(partner >= 0, behind[t + 1][at[:, None], np.maximum(partner, 0)], 0.0)
            scale_by = np.exp(log_ahead[t] + log_behind[t + 1] - log_ahead[longest])
            found[:, t] = weights[:, t] * (ahead[t] * other).sum(axis=1) * scale_by / whole
        chosen = found[self.codes, self.place]
        return np.where(self.flip[self.codes] < 0, 1 - chosen, chosen)


def _grow(sums: FloatArray, weight: FloatArray, log: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Add one row to elementary symmetric sums, scaled so that the largest is one."""
    more = sums.copy()
    more[:, 1:] += weight[:, None] * sums[:, :-1]
    largest = more.max(axis=1)
    return more / largest[:, None], log + np.log(largest)


def _symmetric(weights: FloatArray, columns: FloatArray, chosen: IntArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Sum over all choices of rows: the logarithm of the sum, and mean and variance of the chosen rows' columns."""
    n, longest = weights.shape
    k, deepest = columns.shape[2], int(chosen.max())
    zero = np.zeros((n, deepest + 1))
    zero[:, 0] = 1.0
    one: Any = np.zeros((n, deepest + 1, k))
    two: Any = np.zeros((n, deepest + 1, k, k))
    log = np.zeros(n)
    for t in range(longest):
        w, z = weights[:, t, None], columns[:, t, None, :]
        below, slope = zero[:, :-1], one[:, :-1]
        cross = slope[..., :, None] * z[..., None, :]
        square = z[..., :, None] * z[..., None, :] * below[..., None, None]
        two[:, 1:] += w[..., None, None] * (two[:, :-1] + cross + cross.swapaxes(2, 3) + square)
        one[:, 1:] += w[..., None] * (slope + z * below[..., None])
        zero[:, 1:] = zero[:, 1:] + w * below
        largest = zero.max(axis=1)
        zero /= largest[:, None]
        one /= largest[:, None, None]
        two /= largest[:, None, None, None]
        log += np.log(largest)
    at = np.arange(n)
    total = zero[at, chosen]
    mean = one[at, chosen] / total[:, None]
    spread = two[at, chosen] / total[:, None, None] - mean[:, :, None] * mean[:, None, :]
    return log + np.log(total), mean, spread


def _compared(y: FloatArray, z: FloatArray, effect: Codes) -> FloatArray:
    """Return what no separating direction may turn negative: in each unit, an event less a non-event.

    Where these pairs are more than a table of indicators would hold, each row with the indicator of its unit.
    """
    n, k = z.shape
    events = _sums(y, effect).astype(np.int64)
    pairs = events * (np.bincount(effect.codes) - events)
    if int(pairs.sum()) * k > n * (k + len(effect.levels)):
        return np.column_stack([z, np.eye(len(effect.levels))[effect.codes]]) * (2 * y - 1)[:, None]
    order = np.lexsort((-y, effect.codes))
    begin = np.cumsum(np.bincount(effect.codes)) - np.bincount(effect.codes)
    unit = np.repeat(np.arange(len(pairs)), pairs)
    at = np.arange(len(unit)) - np.repeat(np.cumsum(pairs) - pairs, pairs)
    event, other = at % events[unit], at // events[unit]
    found: FloatArray = z[order[begin[unit] + event]] - z[order[begin[unit] + events[unit] + other]]
    return found


def fixed_poisson(
    setup: Setup, design: Design, offset: FloatArray, *, collinear: Collinear, notes: tuple[str, ...]
) -> PanelResults:
    """Fit a Poisson model with an effect for each unit.

    Parameters
    ----------
    setup
        The sample as prepared, with the convention.
    design
        The sample to fit; its response is a count.
    offset
        Part of the linear predictor with coefficient one.
    collinear
        ``refuse`` or ``drop``.
    notes
        What was said before.

    Returns
    -------
    PanelResults
        The result; the log-likelihood is that of the model with one indicator a unit.

    Raises
    ------
    EstimationError
        If nothing is left, or an estimate does not exist.

    Notes
    -----
    Hausman, Hall and Griliches (1984): the conditional likelihood has the same slopes as the one with indicators.
    """
    from scipy.special import gammaln

    effect = design.effects[0]
    keep = ((_sums(design.y, effect) > 0) & (np.bincount(effect.codes) > 1))[effect.codes]
    if not keep.any():
        raise EstimationError(f"no {effect.name} has two rows and a count above 0, so nothing is left to compare")
    design, lost = _informative(
        design, keep, "{units} units of {effect} ({rows} rows) left out: one row alone, or no count above 0"
    )
    offset = offset[keep]
    kept, left_out = kept_columns(design, collinear)
    names = tuple(design.names[j] for j in kept)
    if not names:
        raise EstimationError("the model has no regressors")
    scaled = scale(design.x[:, list(kept)], intercept=False)
    y, z, codes, n = design.y, scaled.columns, design.effects[0].codes, len(design.effects[0].levels)
    totals = np.bincount(codes, y)

    def means(params: FloatArray) -> tuple[FloatArray, FloatArray]:
        eta = z @ params + offset
        highest = np.full(n, -np.inf)
        np.maximum.at(highest, codes, eta)
        part = np.exp(eta - highest[codes])
        sums = np.bincount(codes, part)
        log_share = eta - highest[codes] - np.log(sums)[codes]
        return totals[codes] * part / sums[codes], log_share

    def evaluate(params: FloatArray) -> Point:
        mean, log_share = means(params)
        inside = z - (group_sums(z * mean[:, None], codes, n) / totals[:, None])[codes]
        return Point(float((y * log_share).sum()), inside * (y - mean)[:, None], -inside.T @ (inside * mean[:, None]))

    found = maximise(evaluate, np.zeros(len(names)))
    mean, log_share = means(found.params)
    if not found.settled:
        # a direction may move rows with a count only alike within a unit, and no row without one above them
        one = np.zeros(n, dtype=np.int64)
        one[codes[y > 0]] = np.flatnonzero(y > 0)
        inside = z - z[one[codes]]
        refuse_separation(design, -inside[y == 0], inside[y > 0], names, {0.0: "no count above 0 in its {count} rows"})
    if not found.converged:
        raise EstimationError("the Poisson model has not converged, although an estimate exists; rescale the variables")
    inner = inverse(-found.point.hessian, what="Poisson")
    log_mean = log_share + np.log(totals)[codes]
    start = np.log(y.sum()) - np.log(np.exp(offset).sum()) + offset
    fit = Likelihood(
        names=names,
        params=scaled.back @ found.params,
        inverse=scaled.back @ inner @ scaled.back.T,
        contributions=found.point.scores @ inner @ scaled.back.T,
        residuals=y - mean,
        loglik=float((y * log_mean - mean - gammaln(y + 1)).sum()),
        loglik_null=float((y * start - np.exp(start) - gammaln(y + 1)).sum()),
        slopes=len(kept),
        rank=len(names) + n,
    )
    return conclude(
        setup,
        fit,
        estimator="Poisson",
        design=design,
        facts={},
        notes=(*notes, *lost, *left_out),
        parameters=fit.rank,
    )


def _sums(y: FloatArray, effect: Codes) -> FloatArray:
    found: FloatArray = np.bincount(effect.codes, y, minlength=len(effect.levels)).astype(np.float64)
    return found
