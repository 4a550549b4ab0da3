"""Clustered covariances that sum contributions by cluster, one way or two, and the parameters their factor counts.

The parameters counted, K*, follow the rule ``df``:

``nested``
    slopes, the constant, and those effects that are not nested in a cluster (fixest, reghdfe, ``xtreg, fe``).
``full``
    the rank of the regression with an indicator for every level (``areg``, or indicators by hand).
``none``
    slopes, and the constant where there are no effects.
"""

from __future__ import annotations

import numpy as np

from govdata.errors import EstimationError
from govdata.stats.covariance.estimate import Covariance, Estimated, Sample, distribution
from govdata.stats.covariance.naming import DfRule, Vcov
from govdata.stats.keys import Codes, nested
from govdata.stats.solver import effects_rank, group_sums

__all__ = ["FEW_CLUSTERS", "clustered", "count_clusters", "count_parameters", "few_clusters"]

FEW_CLUSTERS = 40


def clustered(fit: Estimated, vcov: Vcov, sample: Sample) -> Covariance:
    """Compute CR0, CR1, CRHC1 or CRV1, by one cluster or two.

    Parameters
    ----------
    fit
        The fit.
    vcov
        The convention.
    sample
        Its rows.

    Returns
    -------
    Covariance
        The matrix with its convention.

    Raises
    ------
    EstimationError
        If a cluster has one level, or a variance comes out negative.
    """
    clusters = tuple(sample.codes(name) for name in vcov.cluster)
    k_star = count_parameters(fit, vcov.df, clusters, sample.effects)
    contributions = fit.contributions
    counts = count_clusters(clusters)
    smallest = min(counts.values())
    parts = [(1.0, keys) for keys in clusters]
    if len(clusters) == 2:
        parts.append((-1.0, _both(*clusters)))
    matrix = np.zeros((contributions.shape[1], contributions.shape[1]))
    for sign, keys in parts:
        sums = group_sums(contributions, keys.codes, len(keys.levels))
        groups = smallest if vcov.twoway == "min" else len(keys.levels)
        matrix += sign * _factor(vcov, groups, fit.nobs, k_star) * (sums.T @ sums)
    if np.any(np.diag(matrix) < 0):
        raise EstimationError(
            "a two-way clustered variance is negative in this sample, so there is no standard error; "
            "cluster one way instead"
        )
    counted = k_star if vcov.se in {"CRV1", "CRHC1"} else None
    t_df = float(smallest - 1) if fit.linear else np.inf
    note = _note(vcov, counts, k_star, t_df)
    warnings = few_clusters(smallest, linear=fit.linear)
    if max(counts.values()) <= fit.slopes:
        most = max(counts.values())
        joint = f"each has a standard error, but not more than {most - 1} can be tested together"
        warnings += (f"{most} clusters carry {fit.slopes} slopes: {joint}",)
    return Covariance(matrix, vcov, counts, counted, t_df, note, warnings)


def few_clusters(count: int, *, linear: bool = True) -> tuple[str, ...]:
    """Warn where clusters are few.

    Parameters
    ----------
    count
        How many there are.
    linear
        Whether the remedies of linear models are at hand.

    Returns
    -------
    tuple of str
        A warning, or none.
    """
    if count >= FEW_CLUSTERS:
        return ()
    few = f"{count} clusters are few (under {FEW_CLUSTERS}): clustered tests then tend to reject too often"
    return (f"{few}; check with CR2 or a wild cluster bootstrap" if linear else few,)


def count_clusters(clusters: tuple[Codes, ...]) -> dict[str, int]:
    """Count the clusters and refuse a column with one.

    Parameters
    ----------
    clusters
        The columns.

    Returns
    -------
    dict
        By column.

    Raises
    ------
    EstimationError
        If a column has one level.
    """
    counts = {keys.name: len(keys.levels) for keys in clusters}
    for name, count in counts.items():
        if count < 2:
            raise EstimationError(
                f"cluster {name!r} has one level in the sample; clustered errors need several; se='HC1' needs none"
            )
    return counts


def count_parameters(fit: Estimated, df: DfRule | None, clusters: tuple[Codes, ...], effects: tuple[Codes, ...]) -> int:
    """Count K*.

    Parameters
    ----------
    fit
        The fit.
    df
        The rule; None counts as ``full``.
    clusters, effects
        Which decide what is nested in what.

    Returns
    -------
    int
        The parameters.
    """
    if df in {"full", None} or not effects or not fit.linear:
        return fit.rank
    if df == "none":
        return fit.slopes
    outside = tuple(effect for effect in effects if not any(nested(effect, cluster) for cluster in clusters))
    return fit.rank if len(outside) == len(effects) else fit.slopes + effects_rank(outside, fit.nobs)


def _factor(vcov: Vcov, groups: int, n: int, k_star: int) -> float:
    if vcov.se == "CRV1":
        return groups / (groups - 1) * (n - 1) / (n - k_star)
    if vcov.se == "CRHC1":
        return n / (n - k_star)
    return groups / (groups - 1) if vcov.se == "CR1" else 1.0


def _note(vcov: Vcov, counts: dict[str, int], k_star: int, t_df: float) -> str:
    groups = "G/(G-1)"
    if len(counts) == 2:
        groups = {"min": "Gmin/(Gmin-1)", "conventional": "each part its G/(G-1)"}[vcov.twoway]
    text = {
        "CRV1": f"{groups}*(N-1)/(N-K*), df={vcov.df}, K*={k_star}",
        "CRHC1": f"N/(N-K*), df={vcov.df}, K*={k_star}",
        "CR1": groups,
        "CR0": "no small-sample factor",
    }[vcov.se]
    if len(counts) == 2 and vcov.se in {"CRV1", "CR1"}:
        text += f", twoway={vcov.twoway}"
    listed = " and ".join(f"{name} ({count})" for name, count in counts.items())
    return f"{vcov.se} clustered by {listed}; {text}; {distribution(t_df)}"


def _both(one: Codes, two: Codes) -> Codes:
    cells, size = one.codes * len(two.levels) + two.codes, len(one.levels) * len(two.levels)
    if size <= 4 * len(cells):
        occurs = np.zeros(size, dtype=np.bool_)
        occurs[cells] = True
        found, inverse = np.flatnonzero(occurs), (np.cumsum(occurs) - 1)[cells]
    else:
        found, inverse = np.unique(cells, return_inverse=True)
    return Codes(f"{one.name}:{two.name}", inverse.astype(np.int64), tuple(found.tolist()))
