"""What a curve would look like if the regressor did nothing: its specifications, all of them, on exchanged data.

Two ways to make such data. ``exchange`` gives units the whole histories of other units that were observed at the same
times: the regressor keeps its values, its trends and its dependence over time, and loses its relation to the response.
It loses that to controls as well, so that it varies more once they are held constant; where they are related, medians
of such curves lie too close together.
``flips`` keeps the regressor, takes the residuals of each specification with the coefficient held at zero, and flips
their signs cluster by cluster, with the same signs in every specification.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import ndtri, stdtr, stdtrit

from govdata.errors import EstimationError
from govdata.stats.formula import Term, name_of
from govdata.stats.keys import Codes, encode, make_keys, numeric
from govdata.stats.progress import progress
from govdata.stats.specification_fits import Batch, SharedFit, quick

if TYPE_CHECKING:
    from govdata.stats.keys import BoolArray, FloatArray, IntArray
    from govdata.stats.specification_samples import Group, Member
    from govdata.stats.specification_space import Space

__all__ = ["METHODS", "JointTest", "Null", "plan"]

METHODS = ("auto", "exchange", "flips")
ENOUGH = 0.95
"""Share of units that must find others to exchange with, for ``auto`` to exchange."""
CELLS = 100_000_000
"""Most estimates kept, specifications x permutations: 0.8 GB."""
RELATED = (
    "exchanging also undoes what the regressor has to do with other terms; where there is much of that, the p value of "
    "the median estimate is too small"
)
WIDE = 4_000_000
"""Rows x permutations of the regressor that are held at once."""


@dataclass(frozen=True, slots=True, eq=False)
class JointTest:
    """A joint test of a whole curve.

    Attributes
    ----------
    method
        ``"exchange"`` or ``"flips"``.
    how
        The method in words.
    permutations, seed
        As asked for.
    specifications
        How many the test covers.
    table
        One row a statistic: ``statistic``, ``observed``, ``p_value``, and the ``median`` and ``upper`` (95 %) value
        under the null, of its size.
    estimates
        Medians of the curves under the null, one a permutation.
    notes
        What a reader should know.
    """

    method: str
    how: str
    permutations: int
    seed: int
    specifications: int
    table: pd.DataFrame
    estimates: FloatArray
    notes: tuple[str, ...]


class Null:
    """Gathers what the specifications give on exchanged data.

    Parameters
    ----------
    space
        The choices.
    method
        ``"exchange"`` or ``"flips"``.
    exchange
        For ``exchange``: who gets whose history.
    signs
        For ``flips``: levels of the cluster x permutations.
    cluster
        For ``flips``: its column.
    count, seed
        How many permutations, and where they start.
    level
        A specification is significant at one minus it.
    how
        The method in words.
    notes
        What a reader should know.
    """

    def __init__(
        self,
        space: Space,
        method: str,
        *,
        exchange: Exchange | None,
        signs: FloatArray,
        cluster: str,
        count: int,
        seed: int,
        level: float,
        how: str,
        notes: tuple[str, ...],
    ) -> None:
        self.space, self.method, self.exchange, self.signs, self.cluster = space, method, exchange, signs, cluster
        self.count, self.seed, self.level, self.how, self.notes = count, seed, level, how, notes
        total = int(np.prod(space.shape))
        self.estimates = np.full((total, count), np.nan)
        self.above, self.below = np.zeros((2, count))
        self.z, self.there = np.zeros(count), np.zeros(count)
        self.covered = np.zeros(total, dtype=np.bool_)

    def add(
        self,
        fit: SharedFit,
        member: Member,
        subsets: IntArray,
        conventions: tuple[int, ...],
        clusters: tuple[str, ...],
        places: Callable[[Group, Member, IntArray, int], IntArray],
        group: Group,
    ) -> None:
        """Fit choices of one response and regressor on exchanged data.

        Parameters
        ----------
        fit
            Of their group.
        member
            Which response and regressor.
        subsets
            Which choices among controls; all were fitted without doubt.
        conventions
            Which conventions.
        clusters
            Columns that scores are summed by.
        places
            Says where a specification stands.
        group
            Their group.
        """
        if not len(subsets):
            return
        width = max(1, WIDE // max(len(fit.rows.data), 1)) if self.method == "exchange" else 256
        for start in progress(range(0, self.count, width), what="permutations"):
            at = slice(start, min(start + width, self.count))
            if self.exchange is not None:
                term = list(self.space.focals.values())[member.x]
                x = fit.rows.draw(term, self.exchange.columns(at))[group.rows]
                found = fit.solve_draws(member, subsets, clusters, x)
            else:
                found = fit.solve_flips(member, subsets, self.cluster, self.signs[:, at])
            for batch in found:
                for v in conventions:
                    self._take(fit, batch, v, clusters, places(group, member, batch.subsets, v), at)

    def _take(
        self,
        fit: SharedFit,
        batch: Batch,
        v: int,
        clusters: tuple[str, ...],
        places: IntArray,
        at: slice,
    ) -> None:
        from govdata.stats.specification_run import errors_of

        # A curve under the null holds the specifications that its data allow: there is no estimate where an exchanged
        # regressor does not vary in the sample.
        variance, df = errors_of(self.space, fit, batch, v, clusters)
        estimate = batch.found.estimate
        error = np.sqrt(np.where(variance > 0, variance, np.inf))
        statistic = np.where(np.isnan(estimate), 0.0, estimate) / error
        significant = np.abs(statistic) > stdtrit(df, 0.5 + self.level / 2)[:, None]
        self.above[at] += (significant & (estimate > 0)).sum(axis=0)
        self.below[at] += (significant & (estimate < 0)).sum(axis=0)
        self.z[at] += normal(statistic, df[:, None]).sum(axis=0)
        self.there[at] += (~np.isnan(estimate)).sum(axis=0)
        self.estimates[places, at] = estimate
        self.covered[places] = True

    def test(self, estimate: FloatArray, statistic: FloatArray, p_value: FloatArray, df: FloatArray) -> JointTest:
        """Compare the curve with those on exchanged data.

        Parameters
        ----------
        estimate, statistic, p_value, df
            Of every specification.

        Returns
        -------
        JointTest
            The test.

        Raises
        ------
        EstimationError
            If it would cover no specification.
        """
        own = self.covered & ~np.isnan(estimate)
        count = int(own.sum())
        if not count:
            raise EstimationError("no specification could be permuted: each needs a fit of its own, or none exists")
        nulls = self._medians(own)
        drawn = self.there > 0
        if not drawn.any():
            raise EstimationError(
                f"none of {self.count:,} exchanges leaves a regressor that varies; permute='flips' is the other way"
            )
        middle = float(np.median(estimate[own]))
        significant = p_value[own] < 1 - self.level
        up, down = (significant & (estimate[own] > 0)).sum(), (significant & (estimate[own] < 0)).sum()
        leading = up if middle > 0 else down
        share = float(leading / count)
        shares = np.where(nulls > 0, self.above, self.below)[drawn] / self.there[drawn]
        stouffer = float(normal(statistic[own], df[own]).sum() / math.sqrt(count))
        z = self.z[drawn] / np.sqrt(self.there[drawn])
        rows = [
            ("median estimate", middle, np.abs(nulls[drawn])),
            ("share significant in the dominant direction", share, shares),
            ("average z (Stouffer)", stouffer, np.abs(z)),
        ]
        table = pd.DataFrame(
            [
                {
                    "statistic": name,
                    "observed": seen,
                    "p_value": (1 + int((values >= abs(seen) * (1 - 1e-12)).sum())) / (len(values) + 1),
                    "median": float(np.median(values)),
                    "upper": float(np.quantile(values, 0.95)),
                }
                for name, seen, values in rows
            ]
        )
        notes = self.notes
        missing = int((~np.isnan(estimate)).sum()) - count
        if missing:
            notes += (f"the joint test leaves out {missing:,} specifications that needed a fit of their own",)
        short = int((self.there < count).sum())
        if short:
            notes += (f"in {short:,} of {self.count:,} exchanges the regressor does not vary in every specification",)
        return JointTest(self.method, self.how, self.count, self.seed, count, table, nulls, notes)

    def _medians(self, own: BoolArray) -> FloatArray:
        """Take the median of each curve under the null, a few at a time."""
        found = np.full(self.count, np.nan)
        width = max(1, WIDE // max(int(own.sum()), 1))
        for start in range(0, self.count, width):
            part = self.estimates[own, start : start + width]
            gone = np.isnan(part)
            if not gone.any():
                found[start : start + width] = np.median(part, axis=0)
                continue
            for p in range(part.shape[1]):
                if not gone[:, p].all():
                    found[start + p] = np.median(part[~gone[:, p], p])
        return found


def normal(statistic: FloatArray, df: FloatArray) -> FloatArray:
    """Turn t statistics into those of a normal distribution with the same p value.

    Parameters
    ----------
    statistic, df
        Of the same shape, or one that fits.

    Returns
    -------
    ndarray
        Signed.
    """
    tail = np.maximum(stdtr(df, -np.abs(statistic)), 1e-300)
    found: FloatArray = np.sign(statistic) * -ndtri(tail)
    return found


def plan(space: Space, data: pd.DataFrame, count: int, method: str, seed: int, level: float) -> Null:
    """Decide how to permute.

    Parameters
    ----------
    space
        The choices.
    data
        The frame.
    count
        How many permutations.
    method
        One of :data:`METHODS`.
    seed
        Where they start.
    level
        A specification is significant at one minus it.

    Returns
    -------
    Null
        Ready to gather.

    Raises
    ------
    EstimationError
        If the curve cannot be permuted in that way.
    """
    slow = [one.name for one in space.conventions if not quick(one)]
    if slow:
        raise EstimationError(
            f"permutations= takes conventions that come from sums of products (iid, and CR0, CR1, CRHC1, CRV1 by one "
            f"cluster), not {', '.join(slow)}"
        )
    total = int(np.prod(space.shape))
    if total * count > CELLS:
        raise EstimationError(
            f"{total:,} specifications times {count:,} permutations are more than {CELLS:,}; take fewer permutations, "
            "or set max_controls="
        )
    clusters = list(dict.fromkeys(name for one in space.conventions for name in one.vcov.cluster))
    obstacle, histories = _histories(space, data)
    if method == "exchange" and obstacle:
        raise EstimationError(f"permute='exchange' is not possible: {obstacle}; permute='flips' is the other way")
    rng = np.random.default_rng(seed)
    if not obstacle or method == "exchange":
        moved, units = sum(len(rows) for rows in histories if len(rows) > 1), sum(len(rows) for rows in histories)
        apt = len(clusters) > 1 or (not _related(space) and moved >= ENOUGH * units and _ways(histories) >= count)
        if method == "exchange" or apt:
            how = (
                f"whole histories of {' and '.join(_columns(space))} exchanged between units observed at the same "
                f"times ({moved} of {units} units have others to exchange with)"
            )
            few: tuple[str, ...] = (
                () if _ways(histories) >= count else (f"only {_ways(histories):,.0f} different exchanges exist",)
            )
            if moved < units:
                few += (f"{units - moved} units keep their own history, which makes the joint test cautious",)
            if _related(space):
                few += (RELATED,)
            return Null(
                space,
                "exchange",
                exchange=Exchange.of(space, data, histories, count, rng),
                signs=np.empty((0, count)),
                cluster="",
                count=count,
                seed=seed,
                level=level,
                how=how,
                notes=few,
            )
    if len(clusters) > 1:
        raise EstimationError(f"signs are flipped by one cluster, and the conventions name {' and '.join(clusters)}")
    cluster = clusters[0] if clusters else space.unit
    if cluster is None:
        raise EstimationError("permutations= needs units or clusters to permute; name unit= or cluster=")
    levels = len(encode(data[cluster], cluster).levels)
    signs = rng.integers(0, 2, (levels, count)).astype(np.float64) * 2 - 1
    how = f"signs of the residuals flipped by {cluster} ({levels}), the coefficient held at zero"
    few = (f"only {2**levels:,} different signs exist",) if levels < 20 and 2**levels < 10 * count else ()
    return Null(
        space,
        "flips",
        exchange=None,
        signs=signs,
        cluster=cluster,
        count=count,
        seed=seed,
        level=level,
        how=how,
        notes=few,
    )


def _related(space: Space) -> bool:
    """Say whether models hold terms or effects that the regressor may be related to, beyond units and times."""
    return bool(
        space.always
        or space.controls
        or any(name not in {space.unit, space.time} for names in space.effects.values() for name in names)
    )


def _columns(space: Space) -> list[str]:
    return list(dict.fromkeys(name_of(f).column for term in space.focals.values() for f in term))


def _histories(space: Space, data: pd.DataFrame) -> tuple[str, list[IntArray]]:
    """Group units by the times at which the regressors are observed: units x times, positions of rows."""
    if space.unit is None or space.time is None:
        return "the data name no unit and time", []
    columns = _columns(space)
    others: list[Term] = [*space.responses.values(), *space.always, *(t for c in space.controls.values() for t in c)]
    elsewhere = {name_of(factor).column for term in others for factor in term}
    fixed = {name for names in space.effects.values() for name in names} | {space.unit, space.time}
    for name in columns:
        if name in elsewhere or name in fixed:
            return f"{name} is also part of the response, a control or an effect, which would have to move with it", []
    keys = make_keys(data, space.unit, space.time)
    assert keys.unit is not None  # noqa: S101 -- for the type checker: both keys were named
    assert keys.time is not None  # noqa: S101 -- as above
    seen = np.column_stack([~np.isnan(numeric(data[name], name)) for name in columns])
    there = ~(keys.unit.missing | keys.time.missing) & seen.any(axis=1)
    return "", _same_times(keys.unit, keys.time, there, seen)


def _same_times(unit: Codes, time: Codes, there: BoolArray, seen: BoolArray) -> list[IntArray]:
    """Put units together that have the same columns at the same times: units x times, positions of rows."""
    rows = np.flatnonzero(there)
    order = rows[np.lexsort((time.codes[rows], unit.codes[rows]))]
    starts = np.flatnonzero(np.diff(unit.codes[order], prepend=-1))
    found: dict[tuple[bytes, bytes], list[IntArray]] = {}
    for own in np.split(order, starts[1:]) if len(order) else []:
        found.setdefault((time.codes[own].tobytes(), seen[own].tobytes()), []).append(own)
    return [np.stack(units) for units in found.values()]


def _ways(histories: list[IntArray]) -> float:
    logs = sum(math.lgamma(len(rows) + 1) for rows in histories)
    return math.exp(min(logs, 300.0))


@dataclass(frozen=True, slots=True, eq=False)
class Exchange:
    """Who gets whose history, written out only for the permutations in use.

    Attributes
    ----------
    values
        The columns.
    histories
        Of units that can exchange: units x times, positions of rows.
    orders
        Of each of them: permutations x units.
    """

    values: dict[str, FloatArray]
    histories: list[IntArray]
    orders: list[IntArray]

    @classmethod
    def of(
        cls, space: Space, data: pd.DataFrame, histories: list[IntArray], count: int, rng: np.random.Generator
    ) -> Exchange:
        """Draw the permutations."""
        several = [rows for rows in histories if len(rows) > 1]
        orders = [np.empty((count, len(rows)), dtype=np.int64) for rows in several]
        for p in range(count):
            for order in orders:
                order[p] = rng.permutation(order.shape[1])
        return cls({name: numeric(data[name], name) for name in _columns(space)}, several, orders)

    def columns(self, at: slice) -> dict[str, FloatArray]:
        """Write out some permutations: rows x permutations, by column."""
        n = len(next(iter(self.values.values())))
        width = len(range(*at.indices(len(self.orders[0]) if self.orders else at.stop)))
        source = np.repeat(np.arange(n)[:, None], width, axis=1)
        for rows, order in zip(self.histories, self.orders, strict=True):
            source[rows] = rows[order[at]].transpose(1, 2, 0)
        return {name: column[source] for name, column in self.values.items()}
