"""Generalised linear models as statsmodels fits them; from there the last digits are climbed to.

Its weighted least squares stop at a tolerance, and its links cut off the tails of a probability. Our own steps, with
derivatives that hold in the tails, go on from where it stopped.
"""

from __future__ import annotations

import warnings
from typing import Literal

import numpy as np

from govdata.stats.keys import FloatArray

__all__ = ["Family", "fit_glm"]

Family = Literal["logit", "probit", "cloglog", "poisson"]

ROUNDS = 50


def fit_glm(family: Family, y: FloatArray, z: FloatArray, offset: FloatArray | None = None) -> FloatArray | None:
    """Fit a generalised linear model by statsmodels.

    Parameters
    ----------
    family
        The link of a binary response, or ``poisson``.
    y
        Response.
    z
        Columns, the constant included.
    offset
        What enters with coefficient one.

    Returns
    -------
    ndarray or None
        One coefficient a column; None where the iteration has not converged.
    """
    from statsmodels.genmod.families import Binomial, Poisson, links
    from statsmodels.genmod.generalized_linear_model import GLM

    chosen = {
        "logit": lambda: Binomial(link=links.Logit()),
        "probit": lambda: Binomial(link=links.Probit()),
        "cloglog": lambda: Binomial(link=links.CLogLog()),
        "poisson": Poisson,
    }[family]()
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        # What statsmodels warns of, separation above all, is decided exactly afterwards.
        warnings.simplefilter("ignore")
        try:
            result = GLM(y, z, family=chosen, offset=offset).fit(maxiter=ROUNDS, tol=1e-10)
        except (ValueError, FloatingPointError, np.linalg.LinAlgError):
            return None
    found = np.asarray(result.params, dtype=np.float64)
    return found if result.converged and np.isfinite(found).all() else None
