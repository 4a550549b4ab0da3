"""The names of the conventions for standard errors, and which options each of them takes."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral
from typing import Any, Literal, TypedDict, get_args

from govdata.errors import EstimationError, nearest
from govdata.stats.wording import given as shown

__all__ = ["CLUSTERED", "DfRule", "SeOptions", "SeType", "TwoWay", "Vcov", "Weights", "make_vcov", "used_by"]

SeType = Literal[
    "iid",
    "HC0",
    "HC1",
    "HC2",
    "HC3",
    "CR0",
    "CR1",
    "CRHC1",
    "CRV1",
    "CR2",
    "CV3",
    "CV3J",
    "DK",
    "PCSE",
    "wild",
]
DfRule = Literal["nested", "full", "none"]
TwoWay = Literal["min", "conventional"]
Weights = Literal["rademacher", "webb"]

CLUSTERED = ("CR0", "CR1", "CRHC1", "CRV1", "CR2", "CV3", "CV3J", "wild")
TWO_WAY = ("CR0", "CR1", "CRHC1", "CRV1")
LIKELIHOOD = ("iid", "HC0", "HC1", "CR0", "CR1", "CRHC1", "CRV1")
"""What a model that is not linear has."""

_USED_BY: dict[str, tuple[str, ...]] = {
    "cluster": CLUSTERED,
    "df": ("iid", "HC1", "CRHC1", "CRV1", "DK", "wild"),
    "twoway": TWO_WAY,
    "lags": ("DK",),
    "pairwise": ("PCSE",),
    "hetonly": ("PCSE",),
    "reps": ("wild",),
    "seed": ("wild",),
    "weights": ("wild",),
}
# Harmless where they change nothing: one call may then serve several conventions.
_TOLERATED = ("df", "twoway")
# What users of Stata, R, linearmodels and statsmodels are used to write.
_HABITS = {
    "nonrobust": "iid",
    "classical": "iid",
    "unadjusted": "iid",
    "ols": "iid",
    "robust": "HC1",
    "hetero": "HC1",
    "white": "HC0",
    "heteroskedastic": "HC1",
    "cluster": "CRV1",
    "clustered": "CRV1",
    "crv3": "CV3",
    "cr3": "CV3",
    "cr1s": "CRV1",
    "cr1p": "CRHC1",
    "jackknife": "CV3",
    "driscoll-kraay": "DK",
    "driscoll_kraay": "DK",
    "scc": "DK",
    "kernel": "DK",
    "bk": "PCSE",
    "beck-katz": "PCSE",
    "bootstrap": "wild",
    "wildboot": "wild",
}


_FOREIGN = {
    "cov_type": "; it is se= here, such as se='CRV1'",
    "cov_kwds": "; clusters are named by cluster= here",
    "cov_config": "; its options stand beside se= here, such as cluster=",
    "vcov": "; it is se= here, with cluster= for the column",
    "vce": "; it is se= here, with cluster= for the column",
    "se_type": "; it is se= here",
    "robust": "; write se='HC1'",
    "groups": "; it is cluster= here",
    "clusters": "; it is cluster= here",
    "maxlag": "; it is lags= here",
    "absorb": "; write effects after '|' in the formula",
    "fe": "; write effects after '|' in the formula",
    "fixed_effects": "; write effects after '|' in the formula",
    "entity_effects": "; write effects after '|' in the formula, as in 'y ~ x | iso3'",
    "time_effects": "; write effects after '|' in the formula, as in 'y ~ x | iso3 + year'",
    "correlation": "; see stats.prais_winsten(rho=)",
    "index": "; name unit= and time=",
    "id": "; it is unit= here",
}
"""What the options of other packages are here."""


class SeOptions(TypedDict, total=False):
    """The options of a convention, the same for every estimator and for ``with_se``.

    Attributes
    ----------
    se
        The convention.
    cluster
        A column, or two.
    df
        Which parameters K* counts.
    twoway
        How two-way clustering is scaled.
    lags
        Of Driscoll and Kraay.
    pairwise, hetonly
        Of panel-corrected standard errors.
    reps, seed, weights
        Of the wild cluster bootstrap.
    """

    se: SeType | None
    cluster: str | list[str] | None
    df: DfRule | None
    twoway: TwoWay | None
    lags: int | None
    pairwise: bool | None
    hetonly: bool | None
    reps: int | None
    seed: int | None
    weights: Weights | None


@dataclass(frozen=True, slots=True)
class Vcov:
    """Which covariance is wanted, complete.

    Attributes
    ----------
    se
        The convention.
    cluster
        No, one or two columns.
    df
        Which parameters K* counts; None for Driscoll and Kraay without a factor.
    twoway
        With two clusters: one factor for all parts (``min``) or each its own (``conventional``).
    lags
        Of Driscoll and Kraay; None for the rule.
    pairwise, hetonly
        Of panel-corrected standard errors.
    reps, seed, weights
        Of the wild cluster bootstrap.
    """

    se: SeType
    cluster: tuple[str, ...] = ()
    df: DfRule | None = "nested"
    twoway: TwoWay = "min"
    lags: int | None = None
    pairwise: bool = False
    hetonly: bool = False
    reps: int = 9999
    seed: int = 0
    weights: Weights = "rademacher"


def used_by(se: str, option: str) -> bool:
    """Say whether a convention uses an option.

    Parameters
    ----------
    se
        The convention.
    option
        An option of standard errors.

    Returns
    -------
    bool
        Whether it does.
    """
    return se in _USED_BY[option]


def make_vcov(
    options: dict[str, Any] | SeOptions,
    *,
    unit: str | None,
    time: str | None,
    linear: bool = True,
    default: SeType | None = None,
) -> Vcov:
    """Check the options that name a convention and fill in what was left out.

    Parameters
    ----------
    options
        As given by the user; None where left out.
    unit, time
        The panel's keys. The unit is the default cluster.
    linear
        Whether the model is; others have fewer conventions.
    default
        Where nothing is said; None for ``CRV1`` where a cluster or unit is known, else ``iid``.

    Returns
    -------
    Vcov
        Complete.

    Raises
    ------
    EstimationError
        If the options name nothing that exists, or contradict each other.
    """
    given: dict[str, Any] = {name: value for name, value in options.items() if value is not None}
    for name in given:
        if name != "se" and name not in _USED_BY:
            known = ["se", *_USED_BY]
            hint = _FOREIGN.get(name.lower()) or nearest(name, known) or f"; standard errors take {', '.join(known)}"
            raise EstimationError(f"there is no option {name!r}{hint}")
    names = _cluster_names(given.get("cluster"))
    se: Any = given.get("se", default if not names else None)
    if se is None:
        se = "CRV1" if names or unit is not None else "iid"
    _check_values(se, given, linear=linear)
    if se in CLUSTERED and not names:
        if unit is None:
            raise EstimationError(f"se={se!r} needs cluster=, the name of a column")
        names = (unit,)
    if len(names) == 2 and se not in TWO_WAY:
        raise EstimationError(
            f"se={se!r} takes one cluster, not {', '.join(names)}; two-way there are {', '.join(TWO_WAY)}"
        )
    if se in {"DK", "PCSE"} and time is None:
        raise EstimationError(f"se={se!r} needs to know the time of a row: name time=")
    if se == "PCSE" and unit is None:
        raise EstimationError("se='PCSE' needs to know the unit of a row: name unit=")
    fallback: Any = None if se == "DK" else "nested"
    rest = {name: value for name, value in given.items() if name not in {"se", "cluster", "df"}}
    rest |= {name: int(rest[name]) for name in ("lags", "reps", "seed") if name in rest}
    return Vcov(se=se, cluster=names, df=given.get("df", fallback), **rest)


def _check_values(se: Any, given: dict[str, Any], *, linear: bool) -> None:  # noqa: ANN401 -- as the user gave it
    _one_of("se", se, get_args(SeType) if linear else LIKELIHOOD, linear=linear)
    for name, users in _USED_BY.items():
        if name in given and se not in users and name not in _TOLERATED:
            raise EstimationError(_unused(se, name, given[name], users))
    _one_of("df", given.get("df", "nested"), get_args(DfRule))
    _one_of("twoway", given.get("twoway", "min"), get_args(TwoWay))
    _one_of("weights", given.get("weights", "rademacher"), get_args(Weights))
    for name in ("pairwise", "hetonly"):
        if name in given and not isinstance(given[name], bool):
            raise EstimationError(f"{name} is True or False, not {shown(given[name])}")
    for name, smallest in (("lags", 0), ("reps", 99), ("seed", 0)):
        value = given.get(name, smallest)
        if isinstance(value, bool) or not isinstance(value, Integral) or value < smallest:
            raise EstimationError(f"{name} is a whole number from {smallest} up, not {value!r}")


def _one_of(label: str, value: object, allowed: tuple[str, ...], *, linear: bool = True) -> None:
    if isinstance(value, str) and value in allowed:
        return
    if label == "se" and isinstance(value, str) and not linear and value in get_args(SeType):
        raise EstimationError(f"se={value!r} is defined for linear models only; here there are {', '.join(LIKELIHOOD)}")
    word = value.lower() if isinstance(value, str) else ""
    habit = _HABITS.get(word, "") if label == "se" else ""
    upper = next((name for name in allowed if word == name.lower()), habit)
    near = nearest(value, allowed) if isinstance(value, str) else ""
    hint = f"; did you mean {upper!r}?" if upper in allowed else near
    raise EstimationError(f"{label} is one of {', '.join(allowed)}, not {shown(value)}{hint}")


def _unused(se: str, name: str, value: object, users: tuple[str, ...]) -> str:
    if name == "cluster":
        shown = ", ".join(value) if isinstance(value, (list, tuple)) else value
        return f"se={se!r} does not use clusters, yet cluster={shown!r} is given"
    return f"se={se!r} does not use {name}, which is an option of {', '.join(users)}"


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
