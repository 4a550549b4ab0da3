"""Fit all specifications of a curve: those that share rows together, the rest one by one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from govdata.errors import GovdataError
from govdata.stats.formula import Categories, Name, Term
from govdata.stats.linear import ols
from govdata.stats.pooling import rubin
from govdata.stats.progress import progress
from govdata.stats.specification_fits import Batch, SharedFit, quick
from govdata.stats.specification_samples import Group, Member, Rows, group_rows
from govdata.stats.workers import each

if TYPE_CHECKING:
    import pandas as pd

    from govdata.stats.crossproducts.subsets import Found
    from govdata.stats.keys import BoolArray, FloatArray, IntArray
    from govdata.stats.specification_null import Null
    from govdata.stats.specification_space import Convention, Space

__all__ = ["Ledger", "run"]

_FIELDS = ("estimate", "std_error", "df", "statistic", "p_value", "conf_low", "conf_high")


@dataclass(slots=True, eq=False)
class Ledger:
    """What was found for each specification, in the order of the space.

    Attributes
    ----------
    estimate, std_error, df
        Of each specification; NaN where there is none.
    statistic, p_value, conf_low, conf_high
        Where a fit of its own gave them; else they follow from the others.
    nobs, groups
        Rows and clusters; 0 where there are none.
    reasons
        Why a specification cannot be estimated.
    alone
        How many models needed a fit of their own.
    """

    total: int
    estimate: FloatArray = field(init=False)
    std_error: FloatArray = field(init=False)
    df: FloatArray = field(init=False)
    statistic: FloatArray = field(init=False)
    p_value: FloatArray = field(init=False)
    conf_low: FloatArray = field(init=False)
    conf_high: FloatArray = field(init=False)
    nobs: IntArray = field(init=False)
    groups: IntArray = field(init=False)
    reasons: dict[int, str] = field(default_factory=dict)
    alone: int = 0

    def __post_init__(self) -> None:
        """Begin with nothing known."""
        for name in _FIELDS:
            setattr(self, name, np.full(self.total, np.nan))
        self.nobs, self.groups = np.zeros(self.total, dtype=np.int64), np.zeros(self.total, dtype=np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class _Task:
    """One model for a fit of its own, under some conventions that share their clusters."""

    places: tuple[int, ...]
    frame: pd.DataFrame
    drawn: Mapping[str, FloatArray]
    formula: str
    term: str
    conventions: tuple[dict[str, Any], ...]
    keys: dict[str, Any]
    level: float


def run(
    space: Space,
    data: pd.DataFrame,
    draws: Mapping[str, FloatArray],
    *,
    skip: IntArray,
    common: bool,
    level: float,
    null: Null | None,
) -> Ledger:
    """Fit all specifications.

    Parameters
    ----------
    space
        The choices.
    data
        The frame.
    draws
        Columns that are drawn: rows x draws.
    skip
        Specifications that are none, because a control is the regressor or response itself; sorted.
    common
        Whether all specifications of a sample share the rows that are complete for every variable.
    level
        Of intervals.
    null
        What is to be permuted; None for nothing.

    Returns
    -------
    Ledger
        One place a specification.
    """
    ledger = Ledger(int(np.prod(space.shape)))
    left_out = np.zeros(ledger.total, dtype=np.bool_)
    left_out[skip] = True
    tasks: list[_Task] = []
    for sample, mask in enumerate(space.samples.values()):
        rows = Rows(space, data, mask, draws)
        writer = _Writer(space, rows, ledger, left_out, tasks, common=common, level=level, null=null)
        groups = group_rows(space, rows, sample, common=common)
        for group in progress(groups, what="specifications"):
            writer.group(group)
    ledger.alone = len(tasks)
    for task, results in zip(tasks, each(_fit_alone, tasks, what="specifications with fits of their own"), strict=True):
        for place, found in zip(task.places, results, strict=True):
            if isinstance(found, str):
                ledger.reasons[place] = found
                continue
            for name, value in zip(_FIELDS, found[:7], strict=True):
                getattr(ledger, name)[place] = value
            ledger.nobs[place], ledger.groups[place] = found[7:]
    return ledger


class _Writer:
    """Takes the groups of one sample one after the other and writes down what they give."""

    def __init__(
        self,
        space: Space,
        rows: Rows,
        ledger: Ledger,
        left_out: BoolArray,
        tasks: list[_Task],
        *,
        common: bool,
        level: float,
        null: Null | None,
    ) -> None:
        self.space, self.rows, self.ledger, self.left_out, self.tasks = space, rows, ledger, left_out, tasks
        self.common, self.level, self.null = common, level, null
        self.frame: pd.DataFrame | None = None

    def group(self, group: Group) -> None:
        """Fit one group."""
        fit = SharedFit(self.space, self.rows, group) if len(group.rows) else None
        for member in group.members:
            fault = "no complete row" if fit is None else fit.fault
            if fit is not None and not fault:
                fault = fit.fault_of(member.y, member.x)
            subsets = self._wanted(group, member)
            if fault:
                self._refuse(group, member, subsets, fault)
            elif fit is not None:
                self._member(group, member, subsets, fit)

    def _wanted(self, group: Group, member: Member) -> IntArray:
        at = self._places(group, member, member.subsets, member.conventions[0])
        return member.subsets[~self.left_out[at]]

    def _places(self, group: Group, member: Member, subsets: IntArray, convention: int) -> IntArray:
        shape = self.space.shape
        start = np.ravel_multi_index((member.y, member.x, group.sample, group.effects, 0, 0), shape)
        found: IntArray = start + subsets * shape[5] + convention
        return found

    def _refuse(self, group: Group, member: Member, subsets: IntArray, reason: str) -> None:
        for v in member.conventions:
            places = self._places(group, member, subsets, v)
            self.ledger.nobs[places] = len(group.rows)
            self.ledger.reasons.update(dict.fromkeys(places.tolist(), reason))

    def _member(self, group: Group, member: Member, subsets: IntArray, fit: SharedFit) -> None:
        ranks = fit.ranks(subsets)
        few = ranks >= fit.n
        for subset, rank in zip(subsets[few].tolist(), ranks[few].tolist(), strict=True):
            reason = f"{fit.n} rows are too few for {rank} parameters, {fit.absorb.rank} of them effects or constant"
            self._refuse(group, member, np.array([subset]), reason)
        subsets = subsets[~few]
        masks = fit.masks(subsets)
        alone = fit.direct(member.y, member.x, masks)
        self._alone(group, member, subsets[alone], fit, member.conventions)
        subsets = subsets[~alone]
        swift: list[int] = []
        slow: list[int] = []
        for v in member.conventions:
            one = self.space.conventions[v]
            several = all(len(fit.codes(name).levels) > 1 for name in one.vcov.cluster)
            (swift if quick(one) and several else slow).append(v)
        if slow:
            self._alone(group, member, subsets, fit, tuple(slow))
        if not swift or not len(subsets):
            return
        clusters = tuple(dict.fromkeys(n for v in swift for n in self.space.conventions[v].vcov.cluster))
        fine: list[IntArray] = []
        for batch in progress(fit.solve(member, subsets, clusters), what="fits"):
            doubtful = batch.found.doubtful
            self._alone(group, member, batch.subsets[doubtful], fit, tuple(swift))
            for v in swift:
                self._write(group, member, batch, fit, v, clusters)
            fine.append(batch.subsets[~doubtful])
        if self.null is not None:
            self.null.add(fit, member, np.concatenate(fine), tuple(swift), clusters, self._places, group)

    def _write(
        self, group: Group, member: Member, batch: Batch, fit: SharedFit, v: int, clusters: tuple[str, ...]
    ) -> None:
        """Write down the numbers of a batch under one convention."""
        one, found, ledger = self.space.conventions[v], batch.found, self.ledger
        sure = ~found.doubtful
        places = self._places(group, member, batch.subsets, v)
        variance, df = errors_of(self.space, fit, batch, v, clusters)
        estimate = found.estimate
        if not sure.any():
            return
        if estimate.shape[1] > 1:
            pooled = rubin(estimate[sure].T, variance[sure].T, df[sure])
            ledger.estimate[places[sure]], ledger.df[places[sure]] = pooled.estimate, pooled.df
            ledger.std_error[places[sure]] = np.sqrt(pooled.variance)
        else:
            ledger.estimate[places[sure]], ledger.df[places[sure]] = estimate[sure, 0], df[sure]
            ledger.std_error[places[sure]] = np.sqrt(variance[sure, 0])
        ledger.nobs[places] = fit.n
        if one.vcov.cluster:
            ledger.groups[places] = len(fit.codes(one.vcov.cluster[0]).levels)

    def _alone(
        self, group: Group, member: Member, subsets: IntArray, fit: SharedFit, conventions: tuple[int, ...]
    ) -> None:
        """Put choices down for fits of their own, or say at once why there is none."""
        if not len(subsets):
            return
        masks = fit.masks(subsets)
        for subset, mask in zip(subsets.tolist(), masks, strict=True):
            if reason := fit.fault_among(member.x, mask):
                self._refuse(group, member, np.array([subset]), reason)
            else:
                self._task(group, member, subset, conventions)

    def _task(self, group: Group, member: Member, subset: int, conventions: tuple[int, ...]) -> None:
        space, rows = self.space, self.rows
        drawn: dict[str, FloatArray]
        if self.common:
            frame, drawn, formula, term = _evaluated(space, rows, group, member, subset)
        else:
            if self.frame is None:
                self.frame = rows.data.iloc[np.sort(rows.positions)]
            frame = self.frame
            drawn = {name: values[np.sort(rows.positions)] for name, values in rows.draws.items()}
            formula = space.formula(member.y, member.x, group.effects, subset)
            term = list(space.focals)[member.x]
        keys = {"unit": space.unit, "time": space.time, "panel": space.panel, "dataset": ""}
        places = tuple(int(self._places(group, member, np.array([subset]), v)[0]) for v in conventions)
        options = tuple(space.conventions[v].options for v in conventions)
        self.tasks.append(_Task(places, frame, drawn, formula, term, options, keys, self.level))


def _squared_errors(
    convention: Convention, found: Found, meat: FloatArray | None, n: int, counted: IntArray, groups: int
) -> FloatArray:
    """Turn sums of squares into squared standard errors.

    Parameters
    ----------
    convention
        Of those in ``specification_fits.FAST``.
    found
        Of a batch.
    meat
        The sums of squared scores by the convention's cluster.
    n
        How many rows.
    counted
        K*, one a choice.
    groups
        How many clusters.

    Returns
    -------
    ndarray
        Choices x draws.
    """
    left = (n - counted)[:, None]
    if meat is None:
        return found.rss / left * found.inverse
    factor = {
        "CR0": np.ones_like(left, dtype=np.float64),
        "CR1": np.full(left.shape, groups / (groups - 1)),
        "CRHC1": n / left,
        "CRV1": groups / (groups - 1) * (n - 1) / left,
    }[convention.vcov.se]
    variance: FloatArray = meat * factor
    return variance


def errors_of(
    space: Space,
    fit: SharedFit,
    batch: Batch,
    v: int,
    clusters: tuple[str, ...],
) -> tuple[FloatArray, FloatArray]:
    """Compute squared standard errors and degrees of freedom of a batch.

    Parameters
    ----------
    space
        The choices.
    fit
        Of the group.
    batch
        What was found.
    v
        Which convention.
    clusters
        Columns that scores were summed by.

    Returns
    -------
    variance : ndarray
        Choices x draws.
    df : ndarray
        One a choice.
    """
    one = space.conventions[v]
    ranks = fit.ranks(batch.subsets)
    counted = fit.parameters(one, ranks)
    if not one.vcov.cluster:
        variance = _squared_errors(one, batch.found, None, fit.n, counted, 0)
        return variance, (fit.n - ranks).astype(np.float64)
    groups = len(fit.codes(one.vcov.cluster[0]).levels)
    meat = batch.found.meats[clusters.index(one.vcov.cluster[0])]
    variance = _squared_errors(one, batch.found, meat, fit.n, counted, groups)
    return variance, np.full(len(ranks), groups - 1.0)


def _evaluated(
    space: Space, rows: Rows, group: Group, member: Member, subset: int
) -> tuple[pd.DataFrame, dict[str, FloatArray], str, str]:
    """Write a group's rows as a frame whose columns are the formula's factors, so that no shift sees other rows."""
    chosen = [terms for j, terms in enumerate(space.controls.values()) if space.subsets[subset, j]]
    response, focal = list(space.responses.values())[member.y], list(space.focals.values())[member.x]
    names = [space.unit, space.time, *list(space.effects.values())[group.effects]]
    names += [name for one in space.conventions for name in one.vcov.cluster]
    terms = [response, focal, *(term for part in chosen for term in part), *space.always]
    names += [f.name.column for term in terms for f in term if isinstance(f, Categories)]
    at = rows.positions[group.rows]
    frame = rows.data.iloc[at][list(dict.fromkeys(name for name in names if name is not None))].copy()
    drawn: dict[str, FloatArray] = {}

    def write(term: Term) -> str:
        parts = []
        for factor in term:
            if isinstance(factor, Categories):
                parts.append(str(factor))
                continue
            values = rows.values((factor,))[group.rows]
            label = str(factor).replace("`", "")
            if label in names:
                label = f"{label} "
            frame[label] = values if values.ndim == 1 else values[:, 0]
            if values.ndim == 2:
                drawn[label] = values
            parts.append(str(Name(label)))
        return ":".join(parts)

    left, *right = [write(term) for term in terms]
    after = list(space.effects)[group.effects]
    return frame, drawn, f"{left} ~ {' + '.join(right)}{f' | {after}' if after else ''}", right[0]


def _fit_alone(task: _Task) -> list[str | tuple[Any, ...]]:
    """Fit one model under its conventions, once a draw where there are draws."""
    count = max((values.shape[1] for values in task.drawn.values()), default=0)
    if not count:
        return [_one(task, task.frame, options) for options in task.conventions]
    results: list[str | tuple[Any, ...]] = []
    for options in task.conventions:
        fits = []
        for d in range(count):
            frame = task.frame.assign(**{name: values[:, d] for name, values in task.drawn.items()})
            found = _one(task, frame, options)
            if isinstance(found, str):
                results.append(f"draw {d + 1}: {found}")
                break
            fits.append(found)
        else:
            table = np.array(fits, dtype=np.float64)
            pooled = rubin(table[:, :1], table[:, 1:2] ** 2, table[:, 2:3])
            error = float(np.sqrt(pooled.variance[0]))
            ends = (np.nan,) * 4
            results.append((float(pooled.estimate[0]), error, float(pooled.df[0]), *ends, *map(int, table[0, 7:])))
    return results


def _one(task: _Task, frame: pd.DataFrame, options: dict[str, Any]) -> str | tuple[Any, ...]:
    try:
        m = ols(task.formula, frame, **task.keys, **options)
        at = m.terms.index(task.term)
        row = m.tidy(task.level).iloc[at]
    except GovdataError as error:
        return str(error).removesuffix("; leave it out, or say collinear='drop'")
    ends = (row["statistic"], row["p_value"], row["conf_low"], row["conf_high"])
    groups = min(m.clusters.values(), default=0)
    return (row["estimate"], row["std_error"], float(m.covariance.dfs[at]), *ends, m.nobs, groups)
