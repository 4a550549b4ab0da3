"""Covariances that look at one row at a time: classical and heteroskedasticity-consistent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from govdata.errors import EstimationError
from govdata.stats.covariance.clustered import count_parameters
from govdata.stats.covariance.estimate import Covariance, Estimated, Sample, distribution
from govdata.stats.covariance.leverage import leverages
from govdata.stats.covariance.naming import Vcov
from govdata.stats.solver import Fit

if TYPE_CHECKING:
    from govdata.stats.keys import FloatArray

__all__ = ["by_rows"]


def by_rows(fit: Estimated, vcov: Vcov, sample: Sample) -> Covariance:
    """Compute iid, HC0, HC1, HC2 or HC3.

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
        If a row is fitted exactly and the convention divides by what is left of it.
    """
    k_star = count_parameters(fit, vcov.df, (), sample.effects)
    t_df = float(fit.nobs - fit.rank) if fit.linear else np.inf
    ending = distribution(t_df)
    if vcov.se == "iid":
        if not fit.linear:
            return Covariance(fit.classical(0), vcov, {}, None, t_df, f"iid; inverse information; {ending}")
        counted = f"df={vcov.df}, K*={k_star}" if vcov.df == "none" and sample.effects else f"K*={k_star}"
        # Some estimators bring a variance of their own, which no K* enters.
        own = getattr(fit, "variance", None) is not None
        note = f"iid; s2 of the estimator; {ending}" if own else f"iid; s2 = RSS/(N-K*), {counted}; {ending}"
        return Covariance(fit.classical(k_star), vcov, {}, None if own else k_star, t_df, note)
    contributions = fit.contributions
    if vcov.se in {"HC2", "HC3"}:
        assert isinstance(fit, Fit)  # noqa: S101 -- for the type checker: the names were checked
        left = _left(fit)
        contributions = contributions / (np.sqrt(left) if vcov.se == "HC2" else left)[:, None]
    factor = fit.nobs / (fit.nobs - k_star) if vcov.se == "HC1" else 1.0
    counted = f"df={vcov.df}, K*={k_star}" if vcov.df == "none" and sample.effects else f"K*={k_star}"
    text = {
        "HC0": "no small-sample factor",
        "HC1": f"N/(N-K*), {counted}",
        "HC2": "residuals over sqrt(1-h)",
        "HC3": "residuals over 1-h",
    }[vcov.se]
    matrix = contributions.T @ contributions * factor
    return Covariance(matrix, vcov, {}, k_star if vcov.se == "HC1" else None, t_df, f"{vcov.se}; {text}; {ending}")


def _left(fit: Fit) -> FloatArray:
    left: FloatArray = 1 - leverages(fit)
    if exact := int((left < 1e-10).sum()):
        raise EstimationError(
            f"{exact} row{'s are' if exact > 1 else ' is'} fitted exactly (leverage 1), so HC2 and HC3 are not defined "
            "there; leave singletons out with singletons='drop', or take HC1"
        )
    return left
