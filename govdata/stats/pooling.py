"""Pool the results of several completed data sets into one, by Rubin's rules.

Each draw of uncertain data gives an estimate with a variance. The pooled estimate is their mean. Its variance has two
parts: what each fit says of itself, on average, and how far the estimates lie apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from govdata.errors import EstimationError
from govdata.stats.covariance.estimate import Covariance
from govdata.stats.pooled import Pooled
from govdata.stats.wording import given

if TYPE_CHECKING:
    from govdata.stats.keys import FloatArray
    from govdata.stats.results import PanelResults

__all__ = ["Rubin", "pool", "pool_moments", "rubin"]

NO_VARIATION = 1e-20
"""Below this share of the variance, what lies between draws is rounding."""


@dataclass(frozen=True, slots=True, eq=False)
class Rubin:
    """Estimates of several draws, pooled.

    All arrays have the shape of one draw's estimates.

    Attributes
    ----------
    draws
        How many there were: m.
    estimate
        Their mean.
    within
        Mean of the variances.
    between
        Variance of the estimates over draws, with m - 1.
    variance
        Total: within + (1 + 1/m) between.
    df
        Degrees of freedom of the t distribution.
    df_complete
        Those that the data would have without uncertainty.
    riv
        Relative increase in variance: (1 + 1/m) between / within.
    lambda_
        Share of the total variance that lies between draws.
    fmi
        Fraction of missing information.
    """

    draws: int
    estimate: FloatArray
    within: FloatArray
    between: FloatArray
    variance: FloatArray
    df: FloatArray
    df_complete: FloatArray
    riv: FloatArray
    lambda_: FloatArray
    fmi: FloatArray


def rubin(estimates: npt.ArrayLike, variances: npt.ArrayLike, df_complete: npt.ArrayLike = np.inf) -> Rubin:
    """Pool estimates and their variances by Rubin's rules.

    Parameters
    ----------
    estimates
        Draws on the first axis, m >= 2; any shape after it.
    variances
        Squared standard errors, in the same shape.
    df_complete
        Degrees of freedom of each draw's own test: one number, one an estimate, or in the shape of the estimates,
        which takes their mean over draws. Infinite for the normal distribution.

    Returns
    -------
    Rubin
        Estimate, variance and its parts, degrees of freedom.

    Raises
    ------
    EstimationError
        If there are fewer than two draws, shapes differ, or a number is missing, infinite or a negative variance.

    Notes
    -----
    Rubin (1987), with the degrees of freedom of Barnard and Rubin (1999). Where nothing lies between the draws, the
    result is that of complete data: its degrees of freedom are ``df_complete`` and no information is missing. R's mice
    takes a share between draws below 1e-4 as 1e-4; here it is taken as it is. Degrees of freedom are NaN where all
    variance lies between draws and ``df_complete`` is finite: then the rule has none.

    Examples
    --------
    >>> from govdata.stats.pooling import rubin
    >>> found = rubin([1.0, 1.2, 0.9], [0.04, 0.05, 0.045], df_complete=50)
    >>> round(float(found.estimate), 4), round(float(found.variance) ** 0.5, 4), round(float(found.df), 2)
    (1.0333, 0.2759, 8.42)
    """
    q, u = _numbers(estimates, "estimates"), _numbers(variances, "variances")
    if q.ndim < 1 or len(q) < 2:
        count = 0 if q.ndim < 1 else len(q)
        raise EstimationError(f"{count} draw{'s' * (count != 1)} cannot be pooled; Rubin's rules need 2 or more")
    if q.shape != u.shape:
        raise EstimationError(f"estimates of shape {q.shape} and variances of shape {u.shape} differ; give one for one")
    for what, values in (("estimate", q), ("variance", u)):
        off = ~np.isfinite(values).reshape(len(values), -1).all(axis=1)
        if off.any():
            raise EstimationError(_of_draws(f"the {what} is missing or infinite", np.atleast_1d(off)))
    negative = (u < 0).reshape(len(u), -1).any(axis=1)
    if negative.any():
        raise EstimationError(_of_draws("the variance is negative", np.atleast_1d(negative)))
    m = len(q)
    complete = _complete(df_complete, q)
    # Distances from the first draw keep the digits that a large common value would take.
    estimate = q[0] + (q - q[0]).mean(axis=0)
    within, between = u.mean(axis=0), ((q - estimate) ** 2).sum(axis=0) / (m - 1)
    added = (1 + 1 / m) * between
    total = within + added
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(total > 0, added / total, 0.0)
        some = share > NO_VARIATION
        share = np.where(some, share, 0.0)
        riv = np.where(some, added / within, 0.0)
        old = np.where(some, (m - 1) / share**2, np.inf)
        observed = np.where(np.isinf(complete), np.inf, (complete + 1) / (complete + 3) * complete * (1 - share))
        # 1 / (1/a + 1/b), which also holds where one of them is infinite
        df = np.where(some, 1 / (1 / old + 1 / observed), complete)
        df = np.where(some & (observed == 0), np.nan, df)
        # (riv + 2 / (df + 3)) / (riv + 1), in shares of the variance
        fmi = np.where(some, share + (1 - share) * np.where(share < 1, 2 / (df + 3), 0.0), 0.0)
    fmi = np.where(some & (share == 1), 1.0, fmi)
    return Rubin(m, estimate, within, between, total, df, complete, riv, share, fmi)


def _numbers(values: npt.ArrayLike, what: str) -> FloatArray:
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise EstimationError(f"{what} are numbers with the draws on the first axis, not {given(values)}") from None


def _of_draws(fault: str, where: npt.NDArray[np.bool_]) -> str:
    """Name the draws with a fault, counted from 1."""
    places = (np.flatnonzero(where) + 1).tolist()
    shown = ", ".join(map(str, places[:3])) + (", ..." if len(places) > 3 else "")
    return f"{fault} in {len(places)} of {len(where)} draws (number {shown}); all must be numbers"


def _complete(df: npt.ArrayLike, q: FloatArray) -> FloatArray:
    found = _numbers(df, "df_complete")
    if np.isnan(found).any() or (found <= 0).any():
        raise EstimationError("df_complete is above 0, and infinite for the normal distribution")
    if found.shape == q.shape and (q.ndim > 1 or found.shape != q.shape[1:]):
        found = found.mean(axis=0)
    try:
        return np.broadcast_to(found, q.shape[1:]).astype(np.float64)
    except ValueError:
        raise EstimationError(
            f"df_complete of shape {found.shape} does not fit estimates of shape {q.shape}; give one number, one an "
            "estimate, or one an estimate and draw"
        ) from None


def pool(results: Sequence[PanelResults]) -> Pooled:
    """Pool models that were fitted on several completed versions of the same data.

    Parameters
    ----------
    results
        Two fitted models or more, of one estimator and one convention for the standard errors, with the same terms.

    Returns
    -------
    Pooled
        As a fitted model, with the spread over the versions in ``estimates`` and ``std_errors``.

    Raises
    ------
    EstimationError
        If there are fewer than two, one is no fitted model, or they differ in estimator, response, terms or convention.

    Notes
    -----
    Rubin (1987); degrees of freedom by Barnard and Rubin (1999), from those that each fit's own tests have: G - 1 under
    clustering, infinite where a fit uses the normal distribution, their mean where they differ over fits.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from govdata import stats
    >>> rng = np.random.default_rng(1)
    >>> frame = pd.DataFrame({"x": rng.normal(size=40)})
    >>> versions = [frame.assign(y=frame["x"] + rng.normal(size=40)) for _ in range(5)]
    >>> pooled = stats.pool([stats.ols("y ~ x", version) for version in versions])
    >>> pooled
    <Pooled OLS 'y ~ x': N 40, 5 draws>
    >>> pooled.estimates.shape
    (5, 2)
    """
    models = list(results) if isinstance(results, Iterable) and not isinstance(results, (str, bytes)) else [results]
    for place, model in enumerate(models, 1):
        if not isinstance(getattr(model, "covariance", None), Covariance) or isinstance(model, Pooled):
            raise EstimationError(
                f"result {place} is no fitted model of stats such as stats.ols gives, but {given(model)}"
            )
    if len(models) < 2:
        counted = f"{len(models)} result{'s' * (len(models) != 1)}"
        raise EstimationError(f"{counted} cannot be pooled; Rubin's rules need 2 or more")
    first = models[0]
    for place, model in enumerate(models[1:], 2):
        _same(first, model, place)
    order = [[model.terms.index(term) for term in first.terms] for model in models]
    return pool_moments(
        first,
        np.array([model.fit.params[at] for model, at in zip(models, order, strict=True)]),
        np.array([model.covariance.matrix[np.ix_(at, at)] for model, at in zip(models, order, strict=True)]),
        np.array([model.covariance.dfs[at] for model, at in zip(models, order, strict=True)]),
        sizes=(min(model.nobs for model in models), max(model.nobs for model in models)),
    )


def _same(first: PanelResults, model: PanelResults, place: int) -> None:
    """Refuse a model that is another one."""
    pairs = {
        "estimator": (first.estimator, model.estimator),
        "response": (first.response, model.response),
        "convention": (first.covariance.vcov.se, model.covariance.vcov.se),
        "cluster": (first.covariance.vcov.cluster, model.covariance.vcov.cluster),
        "df=": (first.covariance.vcov.df, model.covariance.vcov.df),
        "set of effects": (", ".join(first.effects), ", ".join(model.effects)),
    }
    for what, (one, two) in pairs.items():
        if one != two:
            raise EstimationError(
                f"result {place} has another {what}, {given(two)}, than result 1, {given(one)}; pool one"
            )
    if set(first.terms) != set(model.terms) or len(first.terms) != len(model.terms):
        odd = [*(t for t in first.terms if t not in model.terms), *(t for t in model.terms if t not in first.terms)]
        raise EstimationError(f"result {place} has other terms than result 1: {', '.join(odd[:3])} in one alone")


def pool_moments(
    first: PanelResults,
    estimates: FloatArray,
    covariances: FloatArray,
    df_complete: FloatArray,
    *,
    variances: FloatArray | None = None,
    draws: Sequence[int | str] | None = None,
    sizes: tuple[int, int],
    how: str = "",
    remarks: tuple[str, ...] = (),
) -> Pooled:
    """Pool what was computed draw by draw.

    Parameters
    ----------
    first
        The fit of the first draw.
    estimates
        Draws x terms.
    covariances
        Draws x terms x terms; or their mean, terms x terms, with the ``variances`` of the draws.
    df_complete
        Degrees of freedom within draws: one a term, or draws x terms.
    variances
        Draws x terms.
    draws
        Names of the draws; left out, numbers from 1.
    sizes
        Rows of the smallest and the largest sample.
    how
        Where the draws come from.
    remarks
        What a reader should know besides.

    Returns
    -------
    Pooled
        The pooled model.
    """
    if variances is None:
        variances, covariances = np.diagonal(covariances, axis1=1, axis2=2), covariances.mean(axis=0)
    found = rubin(estimates, variances, df_complete)
    apart = estimates - found.estimate
    between = apart.T @ apart / (found.draws - 1)
    source = f" ({how})" if how else ""
    own = first.covariance
    remarks = (
        *remarks,
        *(
            ["p values rest on the standard errors within draws, not on a bootstrap"]
            if own.inference is not None
            else []
        ),
    )
    covariance = Covariance(
        covariances + (1 + 1 / found.draws) * between,
        own.vcov,
        own.clusters,
        own.k_star,
        found.df,
        f"Rubin's rules over {found.draws} draws{source}, t with df of Barnard and Rubin; within each: {own.note}",
    )
    index = pd.Index(range(1, found.draws + 1) if draws is None else list(draws), name="draw")
    terms = pd.Index(first.terms, name="term")
    return Pooled(
        model=first,
        rubin=found,
        estimates=pd.DataFrame(estimates, index=index, columns=terms),
        std_errors=pd.DataFrame(np.sqrt(variances), index=index, columns=terms),
        covariance=covariance,
        within=covariances,
        between=between,
        sizes=sizes,
        how=how,
        remarks=remarks,
    )
