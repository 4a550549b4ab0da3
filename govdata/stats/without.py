"""All numbers of a model without each group of its observations, by the shortest exact route.

Linear models need no second fit: where groups are the clusters, all variances come from the sums of products; where
they are not, one matrix product a group gives the rows that stay. Whatever is nearly undetermined, and every other
estimator or convention, is fitted again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import t as student

from govdata.errors import EstimationError
from govdata.stats.covariance.clustered import clustered
from govdata.stats.covariance.naming import TWO_WAY, Vcov
from govdata.stats.covariance.rows import by_rows
from govdata.stats.crossproducts.fitted import ProductsFit, small_sample
from govdata.stats.crossproducts.leaving import (
    Coordinates,
    Rows,
    Without,
    clustered_variances,
    coordinates,
    of_products,
    rests,
    solve_without,
)
from govdata.stats.crossproducts.products import back
from govdata.stats.progress import progress
from govdata.stats.refitting import NUMBERS, Groups, refitted
from govdata.stats.solver import Fit, effects_rank, group_sums
from govdata.stats.wording import given

if TYPE_CHECKING:
    from govdata.stats.keys import BoolArray, Codes, FloatArray, IntArray
    from govdata.stats.results import PanelResults

__all__ = ["Numbers", "check_cluster", "linear", "repeated", "shares_of", "summed"]

CONDITION = 3e5
"""Above it, changes of coefficients from sums of products have fewer than ten digits: the model is fitted again."""
MAX_CELLS = 400_000_000
"""Most numbers held in sums of products: 3 GB."""
CANCELLED = 1e-14
"""A variance below this share of what it would be otherwise is looked at again."""


@dataclass(frozen=True, slots=True, eq=False)
class Numbers:
    """What is known of each term without each group.

    Attributes
    ----------
    table
        G x k x 6, as :data:`.refitting.NUMBERS` lists them.
    nobs
        G observations that stay.
    reasons
        Why a number is missing, by position of group and term.
    """

    table: FloatArray
    nobs: IntArray
    reasons: dict[tuple[int, int], str]


@dataclass(slots=True, eq=False)
class _Parts:
    """Variances and degrees of freedom, while they are being found; why, where there are none."""

    variances: FloatArray
    dfs: FloatArray
    again: set[int]
    reasons: dict[int, str]


def repeated(m: PanelResults, groups: Groups, level: float) -> Numbers:
    """Fit any model again without each group.

    Parameters
    ----------
    m, groups, level
        The model, the groups, and the level of intervals.

    Returns
    -------
    Numbers
        As the fits give them.
    """
    found = refitted(m, groups, range(len(groups.levels)), level)
    reasons: dict[tuple[int, int], str] = {}
    for g, one in enumerate(found):
        for j in np.flatnonzero(np.isnan(one.numbers[:, 0])).tolist():
            reasons[g, j] = one.reason or _undetermined(groups, g)
    values = np.array([one.numbers for one in found])
    return Numbers(values, np.array([one.nobs for one in found], dtype=np.int64), reasons)


def _undetermined(groups: Groups, g: int) -> str:
    return f"not determined without {groups.by} {groups.levels[g]}"


def linear(m: PanelResults, groups: Groups, level: float) -> Numbers:
    """Give the numbers of a linear model, fitted again only where that is needed.

    Parameters
    ----------
    m, groups, level
        A model by :func:`govdata.stats.ols`, the groups, and the level of intervals.

    Returns
    -------
    Numbers
        As fitting again would give them.
    """
    fit, design, vcov = m.fit, m.design, m.covariance.vcov
    assert isinstance(fit, Fit)  # noqa: S101 -- for the type checker: ols gives no other
    found = coordinates(fit, design)
    if found.condition > CONDITION or len(groups.levels) * found.basis.shape[1] ** 2 > MAX_CELLS:
        return repeated(m, groups, level)
    sums = Rows.of(found, groups.cases)
    rss = float(fit.resid @ fit.resid)
    without = solve_without(sums.blocks, sums.scores, sums.squares, found.turn, found.nuisance, rss, found.condition)
    nobs = fit.nobs - sums.sizes
    ranks = fit.rank - sums.emptied - without.lost
    estimates = fit.params + without.moved[:, found.nuisance :] @ found.turn
    count = len(groups.levels)
    parts = _Parts(np.full_like(estimates, np.nan), np.full(count, np.nan), set(), {})
    if vcov.se not in {"iid", "HC0", "HC1", *TWO_WAY}:
        parts.again = set(range(count))
    else:
        own = _own_cluster(m, groups)
        if vcov.se == "iid" or (own and sums.whole):
            slopes = fit.slopes - without.lost_slopes
            k_star = _counted(m, groups, ranks, slopes)
            classical = np.einsum("gqk,qk->gk", without.weights[:, found.nuisance :], found.turn)
            left = np.where(nobs > k_star, nobs - k_star, np.nan)
            spread = classical * (np.maximum(without.squares, 0.0) / left)[:, None]
            parts.variances, parts.dfs = spread, (nobs - ranks).astype(np.float64)
            if vcov.se != "iid":
                raw = clustered_variances(sums.blocks, sums.scores, without)
                parts.variances = raw * _factors(vcov, count - 1, nobs, k_star)[:, None]
                parts.dfs = np.full(count, float(count - 2))
                parts.again |= set(np.flatnonzero((raw <= CANCELLED * spread).any(axis=1)).tolist())
        else:
            _by_rows(m, groups, found, without, ranks, parts)
        parts.again |= set(np.flatnonzero(without.unsure | (nobs <= ranks)).tolist())
        if design.effects and design.singletons_rule == "drop":
            parts.again |= set(np.flatnonzero(_lonely(design.effects, groups.cases)).tolist())
    numbers = assemble(estimates, parts.variances, parts.dfs, level)
    numbers.table[~without.determined] = np.nan
    reasons = {(g, j): _undetermined(groups, g) for g, j in np.argwhere(~without.determined).tolist()}
    for g, why in parts.reasons.items():
        reasons |= {(g, j): reasons.get((g, j), why) for j in range(len(m.terms))}
    numbers = Numbers(numbers.table, nobs, reasons)
    _replace(m, groups, numbers, without, sorted(parts.again), level)
    return numbers


def _replace(
    m: PanelResults, groups: Groups, numbers: Numbers, without: Without, again: Sequence[int], level: float
) -> None:
    """Put what was fitted again in the place of what is not sure."""
    for g, one in zip(again, refitted(m, groups, again, level) if again else [], strict=True):
        for j in range(len(m.terms)):
            numbers.reasons.pop((g, j), None)
        if one.reason:
            numbers.table[g, :, 1:] = np.nan
            if without.unsure[g] or one.nobs <= m.fit.rank:
                numbers.table[g] = np.nan
            why: dict[int, str] = dict.fromkeys(range(len(m.terms)), one.reason)
        else:
            numbers.table[g], numbers.nobs[g] = one.numbers, one.nobs
            if not without.unsure[g]:
                numbers.table[g, ~without.determined[g]] = np.nan
            why = dict.fromkeys(np.flatnonzero(np.isnan(numbers.table[g, :, 0])).tolist(), _undetermined(groups, g))
        numbers.reasons.update({(g, j): text for j, text in why.items()})


def assemble(estimates: FloatArray, variances: FloatArray, dfs: FloatArray, level: float) -> Numbers:
    """Put inference to estimates.

    Parameters
    ----------
    estimates, variances
        G x k.
    dfs
        G degrees of freedom of the t distribution.
    level
        Of the intervals.

    Returns
    -------
    Numbers
        Without numbers of observations or reasons.
    """
    values = np.empty((*estimates.shape, len(NUMBERS)))
    df = np.where(dfs > 0, dfs, np.nan)[:, None]
    with np.errstate(invalid="ignore", divide="ignore"):
        error = np.sqrt(np.where(df > 0, variances, np.nan))
        statistic = estimates / error
        half = student.ppf(0.5 + level / 2, df) * error
        p_value = 2 * student.sf(np.abs(statistic), df)
    for at, part in enumerate((estimates, error, statistic, p_value, estimates - half, estimates + half)):
        values[:, :, at] = part
    return Numbers(values, np.zeros(len(estimates), dtype=np.int64), {})


def _own_cluster(m: PanelResults, groups: Groups) -> bool:
    """Whether the groups are the clusters of the standard errors."""
    names = m.covariance.vcov.cluster
    if len(names) != 1 or groups.missing:
        return False
    return names[0] == groups.by or np.array_equal(m.design.codes(names[0]).codes, groups.cases.codes)


def _counted(m: PanelResults, groups: Groups, ranks: IntArray, slopes: IntArray) -> IntArray:
    vcov, effects = m.covariance.vcov, m.design.effects
    if vcov.df in {"full", None} or not effects:
        return ranks
    if vcov.df == "none":
        return slopes
    return ranks if vcov.se == "iid" else _count_outside(effects, groups.cases, ranks, slopes)


def _by_rows(
    m: PanelResults, groups: Groups, found: Coordinates, without: Without, ranks: IntArray, parts: _Parts
) -> None:
    """Compute each covariance from the rows that stay."""
    fit, design, vcov = m.fit, m.design, m.covariance.vcov
    assert isinstance(fit, Fit)  # noqa: S101 -- for the type checker
    clusters = tuple(design.codes(name) for name in vcov.cluster)
    each = rests(fit, design, found, groups.cases, clusters, without, ranks)
    for g, rest in enumerate(progress(each, total=len(groups.levels), what=f"leaving out {groups.by}")):
        if rest.nobs <= rest.rank:
            continue
        try:
            covered = clustered(rest, vcov, rest) if clusters else by_rows(rest, vcov, rest)
        except EstimationError as error:
            parts.reasons[g] = str(error)
            continue
        parts.variances[g] = np.diag(covered.matrix)
        parts.dfs[g] = covered.dfs[0]
        spread = np.einsum("ij,ij->j", rest.influence, rest.influence) * (rest.resid @ rest.resid / rest.nobs)
        single = np.maximum(np.einsum("ij,ij->j", rest.contributions, rest.contributions), spread)
        if np.any(parts.variances[g] <= CANCELLED * single):
            parts.again.add(g)


def summed(m: ProductsFit, level: float) -> tuple[Numbers, FloatArray]:
    """Give the numbers of a model known by its sums of products, without each cluster.

    Parameters
    ----------
    m
        The model.
    level
        Of the intervals.

    Returns
    -------
    numbers : Numbers
        Of all clusters.
    shares : ndarray
        As :func:`shares_of` gives them.
    """
    products = m.products
    count = len(products.levels)
    if count < 2:
        raise EstimationError(f"{products.cluster!r} holds one group; leaving out needs two at least")
    turn, without = of_products(products)
    nobs = products.nobs - products.sizes
    ranks = products.rank - products.absorbed - without.lost
    slopes = products.slopes - without.lost_slopes
    outside = products.outside - (without.lost - without.lost_slopes)
    if m.df == "none" and not products.intercept:
        k_star = slopes
    else:
        k_star = slopes + outside if m.df == "nested" and m.se != "iid" else ranks
    left = np.where(nobs > k_star, nobs - k_star, 0)
    if m.se == "iid":
        classical = np.einsum("gqk,qk->gk", without.weights[:, products.nuisance :], turn)
        with np.errstate(divide="ignore", invalid="ignore"):
            variances = classical * (without.squares / left)[:, None]
        dfs = (nobs - ranks).astype(np.float64)
    else:
        pairs = zip(nobs.tolist(), k_star.tolist(), strict=True)
        factor = [small_sample(m.se, count - 1, n, k) if count > 2 and n > k else np.nan for n, k in pairs]
        variances = clustered_variances(products.blocks, products.scores, without) * np.array(factor)[:, None]
        dfs = np.full(count, float(count - 2))
    estimates = products.params + without.moved[:, products.nuisance :] @ turn
    numbers = assemble(estimates, variances, dfs, level)
    reasons: dict[tuple[int, int], str] = {}
    for g in range(count):
        name = f"{products.cluster} {products.levels[g]}"
        if nobs[g] <= ranks[g]:
            why, gone = f"{nobs[g]} rows are too few for {ranks[g]} parameters", np.ones(len(turn[0]), dtype=np.bool_)
        elif without.unsure[g]:
            why, gone = f"too nearly undetermined without {name}", np.ones(len(turn[0]), dtype=np.bool_)
        else:
            why, gone = f"not determined without {name}", ~without.determined[g]
        numbers.table[g, gone] = np.nan
        reasons |= {(g, j): why for j in np.flatnonzero(gone).tolist()}
        if count == 2:
            one = "one cluster is left, and clustered errors need several"
            reasons |= {(g, j): reasons.get((g, j), one) for j in range(len(turn[0])) if m.se != "iid"}
    scores = back(products.root, products.scores[:, products.nuisance :].T).T
    return Numbers(numbers.table, nobs, reasons), _parted(scores)


def check_cluster(by: object, cluster: str) -> None:
    """Refuse groups that sums of products do not have.

    Parameters
    ----------
    by
        As given by the user.
    cluster
        The column the sums are by.

    Raises
    ------
    EstimationError
        Unless it is the cluster, by its name or as ``"unit"``.
    """
    if not (isinstance(by, str) and by in ("unit", cluster)):
        raise EstimationError(f"these sums of products are by {cluster!r}, not {given(by)}; take sums by that column")


def shares_of(m: PanelResults, groups: Groups) -> FloatArray:
    """Say which part of a coefficient's squared scores each group supplies.

    Parameters
    ----------
    m
        The model.
    groups
        The groups.

    Returns
    -------
    ndarray
        G x k; each column adds up to one. NaN where scores are not those of the cases.
    """
    contributions = m.fit.contributions
    known = ~groups.cases.missing
    if contributions.shape != (len(groups.cases.codes), len(m.terms)):
        return np.full((len(groups.levels), len(m.terms)), np.nan)
    codes = groups.cases.codes[known]
    if len(np.unique(codes)) < len(groups.levels):
        return np.full((len(groups.levels), len(m.terms)), np.nan)
    return _parted(group_sums(contributions[known], codes, len(groups.levels)))


def _parted(scores: FloatArray) -> FloatArray:
    squares = scores * scores
    with np.errstate(invalid="ignore", divide="ignore"):
        found: FloatArray = squares / squares.sum(axis=0)
    return found


def _count_outside(effects: tuple[Codes, ...], by: Codes, ranks: IntArray, slopes: IntArray) -> IntArray:
    """Count K* under the rule ``nested`` without each group, where groups are the clusters.

    Parameters
    ----------
    effects
        Of the whole sample; at least one.
    by
        Group of each row.
    ranks, slopes
        Of the regression without each group, and its slopes.

    Returns
    -------
    ndarray of int
        One a group.
    """
    groups = len(by.levels)
    levels, inside = [], []
    for effect in effects:
        cells, counts = np.unique(effect.codes * groups + by.codes, return_counts=True)
        level, group = np.divmod(cells, groups)
        emptied = np.bincount(group[np.bincount(effect.codes)[level] == counts], minlength=groups)
        levels.append(len(effect.levels) - emptied)
        # An effect is nested in what stays when each level that stays lies in one cluster.
        inside.append(len(cells) - np.bincount(group, minlength=groups) == levels[-1])
    outside = ~np.array(inside)
    many = outside.sum(axis=0)
    found = np.where(many == len(effects), ranks, slopes + 1)
    one = (many == 1) & (many < len(effects))
    found = np.where(one, slopes + (np.array(levels) * outside).sum(axis=0), found)
    for g in np.flatnonzero((many > 1) & (many < len(effects))).tolist():
        kept = np.flatnonzero(by.codes != g)
        some = tuple(effect.subset(kept) for effect, out in zip(effects, outside[:, g], strict=True) if out)
        found[g] = slopes[g] + effects_rank(some, len(kept))
    return found.astype(np.int64)


def _lonely(effects: tuple[Codes, ...], by: Codes) -> BoolArray:
    """Say which groups leave a row alone in a level of an effect when they go.

    Parameters
    ----------
    effects
        Of the whole sample.
    by
        Group of each row; -1 for none.

    Returns
    -------
    ndarray of bool
        One a group.
    """
    groups = len(by.levels)
    found = np.zeros(groups, dtype=np.bool_)
    there = ~by.missing
    for effect in effects:
        cells, counts = np.unique(effect.codes[there] * groups + by.codes[there], return_counts=True)
        level, group = np.divmod(cells, groups)
        found[group[np.bincount(effect.codes)[level] - counts == 1]] = True
    return found


def _factors(vcov: Vcov, groups: int, nobs: IntArray, k_star: IntArray) -> FloatArray:
    """Return the small-sample factors without each group.

    Parameters
    ----------
    vcov
        The convention, of one cluster.
    groups
        Clusters that stay.
    nobs, k_star
        Rows and parameters that stay.

    Returns
    -------
    ndarray
        One a group.
    """
    counted = zip(nobs.tolist(), k_star.tolist(), strict=True)
    return np.array([small_sample(vcov.se, groups, n, k) if n > k and groups > 1 else np.nan for n, k in counted])
