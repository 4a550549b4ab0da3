"""Covariance matrices under named conventions.

All are sums of products of influence rows (see :class:`govdata.stats.solver.Fit`); they differ in which products are
summed and in one factor. The parameters counted in that factor, K*, follow the rule ``df``:

``nested``
    slopes, the constant, and those effects that are not nested in a cluster (fixest, reghdfe, ``xtreg, fe``).
``full``
    the rank of the regression with an indicator for every level (``areg``, or indicators by hand).
``none``
    slopes, and the constant where there are no effects.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from govdata.errors import EstimationError, nearest
from govdata.stats.panel import Codes, FloatArray
from govdata.stats.solver import Fit, effects_rank, group_sums

__all__ = ["Covariance", "DfRule", "SeType", "TwoWay", "Vcov", "covariance", "make_vcov"]

SeType = Literal["iid", "HC0", "HC1", "CR0", "CRV1"]
DfRule = Literal["nested", "full", "none"]
TwoWay = Literal["min", "conventional"]

FEW_CLUSTERS = 40
CLUSTERED = ("CR0", "CRV1")


@dataclass(frozen=True, slots=True)
class Vcov:
    """Which covariance is wanted.

    Attributes
    ----------
    se
        ``iid``, ``HC0``, ``HC1``, ``CR0`` or ``CRV1``.
    cluster
        No, one or two columns.
    df
        Which parameters K* counts.
    twoway
        With two clusters: one factor for all parts (``min``) or each its own (``conventional``).
    """

    se: SeType
    cluster: tuple[str, ...]
    df: DfRule
    twoway: TwoWay


@dataclass(frozen=True, slots=True)
class Covariance:
    """A covariance matrix and the convention behind it.

    Attributes
    ----------
    matrix
        Of the coefficients.
    vcov
        What was asked for.
    clusters
        How many clusters, by column.
    k_star
        The parameters counted; None where the convention has no factor.
    t_df
        Degrees of freedom of the t distribution.
    note
        The convention in one line.
    warnings
        What a reader should know.
    """

    matrix: FloatArray
    vcov: Vcov
    clusters: dict[str, int]
    k_star: int | None
    t_df: int
    note: str
    warnings: tuple[str, ...]


def make_vcov(se: object, cluster: object, df: object, twoway: object, *, unit: str | None) -> Vcov:
    """Check the arguments that name a convention and fill in what was left out.

    Parameters
    ----------
    se, cluster, df, twoway
        As given by the user; None where left out.
    unit
        The panel's unit, the default cluster.

    Returns
    -------
    Vcov
        Complete.

    Raises
    ------
    EstimationError
        If they name nothing that exists, or contradict each other.
    """
    names = _cluster_names(cluster)
    if se is None:
        se = "CRV1" if names or unit is not None else "iid"
    for label, value, allowed in (
        ("se", se, get_args(SeType)),
        ("df", df, get_args(DfRule)),
        ("twoway", twoway, get_args(TwoWay)),
    ):
        if not (isinstance(value, str) and value in allowed):
            raise EstimationError(
                f"{label} is one of {', '.join(allowed)}, not {value!r}{nearest(str(value), allowed)}"
            )
    if se in CLUSTERED and not names:
        if unit is None:
            raise EstimationError(f"se={se!r} needs cluster=, the name of a column")
        names = (unit,)
    if se not in CLUSTERED and names:
        raise EstimationError(f"se={se!r} does not use clusters, yet cluster={', '.join(names)!r} is given")
    return Vcov(se, names, df, twoway)  # type: ignore[arg-type]


def _cluster_names(cluster: object) -> tuple[str, ...]:
    if cluster is None:
        return ()
    if isinstance(cluster, str):
        return (cluster,)
    if not (isinstance(cluster, (list, tuple)) and cluster and all(isinstance(name, str) for name in cluster)):
        raise EstimationError(
            f"cluster is the name of a column, or a list of two, not {type(cluster).__name__}; "
            "put the clusters into the data as a column"
        )
    if len(cluster) > 2 or len(set(cluster)) < len(cluster):
        raise EstimationError(f"cluster takes one column or two different ones, not {', '.join(cluster)}")
    return tuple(cluster)


def covariance(fit: Fit, vcov: Vcov, clusters: tuple[Codes, ...], effects: tuple[Codes, ...]) -> Covariance:
    """Compute a covariance matrix.

    Parameters
    ----------
    fit
        The fit.
    vcov
        The convention.
    clusters
        The columns it names, in the order of the fit's rows.
    effects
        The absorbed columns.

    Returns
    -------
    Covariance
        The matrix with its convention.

    Raises
    ------
    EstimationError
        If clusters are too few, or a variance comes out negative.
    """
    n, resid_df = len(fit.resid), len(fit.resid) - fit.rank
    k_star = _k_star(fit, vcov.df, clusters, effects)
    counted = f"df={vcov.df}, K*={k_star}" if vcov.df == "none" and effects else f"K*={k_star}"
    if vcov.se == "iid":
        matrix = fit.influence.T @ fit.influence * (fit.rss / (n - k_star))
        note = f"iid; s2 = RSS/(N-K*), {counted}; t with {resid_df} df"
        return Covariance(matrix, vcov, {}, k_star, resid_df, note, ())
    scores = fit.influence * fit.resid[:, None]
    if vcov.se in {"HC0", "HC1"}:
        factor = n / (n - k_star) if vcov.se == "HC1" else 1.0
        text = f"N/(N-K*), {counted}" if vcov.se == "HC1" else "no small-sample factor"
        note = f"{vcov.se}; {text}; t with {resid_df} df"
        return Covariance(
            scores.T @ scores * factor, vcov, {}, k_star if vcov.se == "HC1" else None, resid_df, note, ()
        )
    return _clustered(fit, vcov, clusters, scores, k_star)


def _clustered(fit: Fit, vcov: Vcov, clusters: tuple[Codes, ...], scores: FloatArray, k_star: int) -> Covariance:
    n = len(fit.resid)
    counts = {keys.name: len(keys.levels) for keys in clusters}
    smallest = _enough(counts, fit.slopes)
    parts = [(1.0, keys) for keys in clusters]
    if len(clusters) == 2:
        parts.append((-1.0, _both(*clusters)))
    matrix = np.zeros((scores.shape[1], scores.shape[1]))
    for sign, keys in parts:
        sums = group_sums(scores, keys.codes, len(keys.levels))
        groups = smallest if vcov.twoway == "min" else len(keys.levels)
        factor = groups / (groups - 1) * (n - 1) / (n - k_star) if vcov.se == "CRV1" else 1.0
        matrix += sign * factor * (sums.T @ sums)
    if np.any(np.diag(matrix) < 0):
        raise EstimationError(
            "a two-way clustered variance is negative in this sample, so there is no standard error; "
            "cluster one way instead"
        )
    warnings: tuple[str, ...] = ()
    if smallest < FEW_CLUSTERS:
        few = f"{smallest} clusters are few (under {FEW_CLUSTERS}): clustered tests then tend to reject too often"
        warnings = (f"{few}; check with CR2 or a wild cluster bootstrap",)
    counted = k_star if vcov.se == "CRV1" else None
    return Covariance(matrix, vcov, counts, counted, smallest - 1, _note(vcov, counts, k_star), warnings)


def _enough(counts: dict[str, int], slopes: int) -> int:
    """Refuse too few clusters; return the smaller number of them."""
    for name, count in counts.items():
        if count < 2:
            raise EstimationError(f"cluster {name!r} has one level in the sample; clustered errors need several")
    largest = max(counts.values())
    if largest <= slopes:
        raise EstimationError(
            f"{largest} clusters cannot support {slopes} coefficients: the covariance matrix would be singular; "
            f"at least {slopes + 1} clusters are needed"
        )
    return min(counts.values())


def _note(vcov: Vcov, counts: dict[str, int], k_star: int) -> str:
    factor = "G/(G-1)"
    if len(counts) == 2:
        factor = {"min": "Gmin/(Gmin-1)", "conventional": "each part its G/(G-1)"}[vcov.twoway]
    text = f"{factor}*(N-1)/(N-K*), df={vcov.df}, K*={k_star}" if vcov.se == "CRV1" else "no small-sample factor"
    if len(counts) == 2 and vcov.se == "CRV1":
        text += f", twoway={vcov.twoway}"
    listed = " and ".join(f"{name} ({count})" for name, count in counts.items())
    return f"{vcov.se} clustered by {listed}; {text}; t with {min(counts.values()) - 1} df"


def _both(one: Codes, two: Codes) -> Codes:
    found, inverse = np.unique(one.codes * len(two.levels) + two.codes, return_inverse=True)
    return Codes(f"{one.name}:{two.name}", inverse.astype(np.int64), tuple(found.tolist()))


def _nested(effect: Codes, cluster: Codes) -> bool:
    """Whether every level of the effect lies in one cluster."""
    return len(_both(effect, cluster).levels) == len(effect.levels)


def _k_star(fit: Fit, df: DfRule, clusters: tuple[Codes, ...], effects: tuple[Codes, ...]) -> int:
    if df == "full" or not effects:
        return fit.rank
    if df == "none":
        return fit.slopes
    outside = tuple(effect for effect in effects if not any(_nested(effect, cluster) for cluster in clusters))
    return fit.rank if len(outside) == len(effects) else fit.slopes + effects_rank(outside, len(fit.resid))
