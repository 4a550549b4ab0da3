"""Covariance matrices under named conventions.

All but the bootstrap are sums of products of contributions: what each row adds to the error of the coefficients. They
differ in which products are summed, in how residuals are adjusted for leverage, and in one factor. Every result says in
one line which convention it used.
"""

from __future__ import annotations

import numpy as np

from govdata.errors import EstimationError
from govdata.stats.covariance.clustered import FEW_CLUSTERS, clustered
from govdata.stats.covariance.crosssection import driscoll_kraay, panel_corrected
from govdata.stats.covariance.estimate import Covariance, Estimated, Sample
from govdata.stats.covariance.leverage import bias_reduced, jackknife
from govdata.stats.covariance.naming import DfRule, SeOptions, SeType, TwoWay, Vcov, make_vcov
from govdata.stats.covariance.rows import by_rows
from govdata.stats.covariance.wild import wild_cluster
from govdata.stats.solver import EXACT, Fit

__all__ = [
    "FEW_CLUSTERS",
    "Covariance",
    "DfRule",
    "Estimated",
    "Sample",
    "SeOptions",
    "SeType",
    "TwoWay",
    "Vcov",
    "covariance",
    "make_vcov",
]

_LINEAR = {
    "CR2": bias_reduced,
    "CV3": jackknife,
    "CV3J": jackknife,
    "DK": driscoll_kraay,
    "PCSE": panel_corrected,
    "wild": wild_cluster,
}
ROUNDING = 1e-20
"""A variance below this share of what single rows contribute to it is rounding."""


def covariance(fit: Estimated, vcov: Vcov, sample: Sample) -> Covariance:
    """Compute a covariance matrix.

    Parameters
    ----------
    fit
        The fit.
    vcov
        The convention.
    sample
        The fit's rows.

    Returns
    -------
    Covariance
        The matrix with its convention.

    Raises
    ------
    EstimationError
        If the convention is not defined in this sample.
    """
    if vcov.se in _LINEAR:
        if not isinstance(fit, Fit):
            raise EstimationError(f"se={vcov.se!r} is defined for linear models only")
        found = _LINEAR[vcov.se](fit, vcov, sample)
    elif vcov.cluster:
        found = clustered(fit, vcov, sample)
    else:
        found = by_rows(fit, vcov, sample)
    if not np.isfinite(found.matrix).all():
        raise EstimationError(f"the {vcov.se} covariance is not finite in this sample; rescale the variables")
    _refuse_rounding(fit, found)
    return found


def _refuse_rounding(fit: Estimated, found: Covariance) -> None:
    """Refuse a variance that is zero because contributions cancel, not because the fit is exact."""
    if not isinstance(fit, Fit) or fit.rss <= EXACT * fit.tss_within:
        return
    # No row contributes more than the largest residual lets it: mostly this settles the matter without the products.
    most = np.einsum("ij,ij->j", fit.influence, fit.influence) * float(np.abs(fit.resid).max()) ** 2
    if np.all(np.diag(found.matrix) > ROUNDING * most):
        return
    contributions = fit.contributions
    single = np.einsum("ij,ij->j", contributions, contributions)
    none = np.diag(found.matrix) <= ROUNDING * single
    if none.any():
        names = [name for name, gone in zip(fit.names, none.tolist(), strict=True) if gone]
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        groups = f" by {' and '.join(found.clusters)}" if found.clusters else ""
        raise EstimationError(
            f"the {found.vcov.se} variance{groups} of {names[0]}{more} is zero up to rounding: what rows of a group "
            "contribute cancels out, as for an indicator of one cluster; take another cluster, or absorb it after '|'"
        )
