"""What a function of several coefficients needs: the model checked, its degrees of freedom, standard errors.

Used by the quantities that are computed from a fitted model: long-run multipliers, responses over time, marginal
effects.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

from govdata.errors import ArgumentError, EstimationError
from govdata.stats.keys import FloatArray
from govdata.stats.results import PanelResults

__all__ = ["Contrast", "check_level", "check_model", "contrast", "degrees"]


@dataclass(frozen=True, slots=True, eq=False)
class Contrast:
    """Estimates that depend on several coefficients, with inference from the model's own covariance.

    Attributes
    ----------
    estimate, std_error, p_value, low, high
        One value each: estimates, standard errors, two-sided p values, ends of the intervals.
    df
        Degrees of freedom of the t distribution.
    notes
        What a reader should know.
    """

    estimate: FloatArray
    std_error: FloatArray
    p_value: FloatArray
    low: FloatArray
    high: FloatArray
    df: float
    notes: tuple[str, ...]


def check_model(m: object) -> PanelResults:
    """Refuse what is not a fitted model.

    Parameters
    ----------
    m
        As given by the user.

    Returns
    -------
    PanelResults
        The same object.

    Raises
    ------
    ArgumentError
        If it is anything else.
    """
    if not isinstance(m, PanelResults):
        raise ArgumentError(
            f"the first argument is a fitted model, such as stats.ols() returns, not {type(m).__name__}"
        )
    return m


def check_level(level: object) -> float:
    """Refuse a confidence level outside 0 and 1.

    Parameters
    ----------
    level
        As given by the user.

    Returns
    -------
    float
        The level.

    Raises
    ------
    EstimationError
        If it is no number between 0 and 1.
    """
    if isinstance(level, bool) or not isinstance(level, (int, float)) or not 0 < level < 1:
        raise EstimationError(f"level is a number between 0 and 1, such as 0.95, not {level!r}")
    return float(level)


def degrees(m: PanelResults, used: Sequence[int]) -> tuple[float, tuple[str, ...]]:
    """Choose the degrees of freedom for a function of some coefficients.

    Parameters
    ----------
    m
        The model.
    used
        Positions of the coefficients.

    Returns
    -------
    float, tuple of str
        The model's own degrees of freedom; where each coefficient has its own, the smallest among those used, and then
        a note that says so.
    """
    df = np.asarray(m.covariance.t_df, dtype=np.float64)
    notes: tuple[str, ...] = ()
    if getattr(m.covariance, "inference", None) is not None:
        single = f"the {m.covariance.vcov.se} convention tests single coefficients"
        notes = (f"{single}; p values and intervals here are those of its covariance matrix and the t distribution",)
    if df.ndim == 0:
        return float(df), notes
    smallest = float(np.min(df[list(used)]))
    own = f"each coefficient has its own degrees of freedom; the smallest of those used counts: {smallest:.4g}"
    return smallest, (*notes, own)


def contrast(
    m: PanelResults, used: Sequence[int], estimate: FloatArray, gradient: FloatArray, level: float, what: str
) -> Contrast:
    """Attach standard errors to functions of coefficients by the delta method.

    Parameters
    ----------
    m
        The model.
    used
        Positions of the coefficients they depend on, at least one.
    estimate
        Values of the functions, shape (n,).
    gradient
        Their derivatives by the used coefficients, shape (n, len(used)).
    level
        Of the intervals.
    what
        Name of the quantity for messages.

    Returns
    -------
    Contrast
        Estimates with inference.

    Raises
    ------
    EstimationError
        If the covariance gives no variance for them.
    """
    matrix = m.covariance.matrix[np.ix_(list(used), list(used))]
    # Rows are brought to one size first: the squares of far responses would leave the range of a double.
    size = np.abs(gradient).max(axis=1)
    unit = gradient / np.where(size > 0, size, 1.0)[:, None]
    variance = np.einsum("ij,jk,ik->i", unit, matrix, unit)
    # A sum of terms that cancel comes out as rounding around zero; only what is clearly below is a fault.
    scale = np.einsum("ij,jk,ik->i", np.abs(unit), np.abs(matrix), np.abs(unit))
    if not np.isfinite(variance).all():
        raise EstimationError(f"the model has no finite covariance, so the {what} has no standard error: {m.note()}")
    if np.any(variance < -1e-12 * scale):
        raise EstimationError(
            f"the variance of the {what} is negative under this convention, so there is no standard error; "
            "with_se() gives the model another"
        )
    error = size * np.sqrt(np.maximum(variance, 0.0))
    df, notes = degrees(m, used)
    with np.errstate(divide="ignore", invalid="ignore"):
        p_value = 2 * student.sf(np.abs(estimate / error), df)
    half = float(student.ppf(0.5 + level / 2, df)) * error
    return Contrast(estimate, error, p_value, estimate - half, estimate + half, df, notes)
