"""Maximum likelihood: one Newton iteration, one fit object, for every model that is not linear.

A model says what the log-likelihood, the score of each row and the Hessian are at some parameters; the rest is the
same for all of them. Regressors are centred and scaled while fitting, and the results carried back exactly.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from govdata.errors import EstimationError
from govdata.stats.design import Design
from govdata.stats.estimating import Collinear, Setup, choose, finish, fit_design
from govdata.stats.keys import FloatArray
from govdata.stats.results import INTERCEPT, PanelResults

__all__ = [
    "Information",
    "Likelihood",
    "Maximum",
    "Point",
    "Scaled",
    "coefficient_names",
    "conclude",
    "fit_facts",
    "inverse",
    "kept_columns",
    "maximise",
    "scale",
]

Information = Literal["observed", "expected"]

STEPS = 200
DECREMENT = 1e-14
"""Twice what the log-likelihood can still gain; below it a few more Newton steps reach rounding."""
REST = 1e-7
"""A last step below this, in standard deviations of a regressor, is rounding."""


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    """A log-likelihood at some parameters.

    Attributes
    ----------
    loglik
        Its value; minus infinity where the parameters are not allowed.
    scores
        Derivatives of each row, rows x parameters.
    hessian
        Second derivatives of the sum.
    size
        Of the terms the value is the sum of, where they are larger than it: their rounding is that of the value.
    """

    loglik: float
    scores: FloatArray
    hessian: FloatArray
    size: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Maximum:
    """Where a climb ended.

    Attributes
    ----------
    params
        The parameters.
    point
        The log-likelihood there.
    converged
        Whether the derivatives are nil there.
    settled
        Whether a Newton step leads nowhere any more. On the way to infinity derivatives vanish too, but each step still
        moves by about as much as the one before; so where this holds, the estimate exists.
    """

    params: FloatArray
    point: Point
    converged: bool
    settled: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Likelihood:
    """A fit by maximum likelihood.

    Attributes
    ----------
    names
        Of the parameters.
    params
        Coefficients, the constant first where there is one, then what else the model has.
    inverse
        Inverse of the information.
    contributions
        Rows x parameters: the inverse information times the score of each row.
    residuals
        Response less its fitted mean; None where the response has no mean.
    loglik, loglik_null
        At the maximum, and with a constant alone; the latter None where there is no constant.
    slopes
        Coefficients of regressors.
    rank
        Parameters in all.
    """

    names: tuple[str, ...]
    params: FloatArray
    inverse: FloatArray
    contributions: FloatArray
    residuals: FloatArray | None
    loglik: float
    loglik_null: float | None
    slopes: int
    rank: int

    @property
    def linear(self) -> bool:
        """Whether the fit is one of least squares: never."""
        return False

    @property
    def nobs(self) -> int:
        """How many rows were fitted."""
        return len(self.contributions)

    @property
    def resid(self) -> FloatArray:
        """Response less fitted mean."""
        if self.residuals is None:
            raise EstimationError("an ordered response has categories and no mean, so there are no residuals")
        return self.residuals

    def classical(self, parameters: int) -> FloatArray:  # noqa: ARG002 -- no variance of errors to scale here
        """Return the covariance the model implies.

        Parameters
        ----------
        parameters
            Not used: a likelihood has no variance of errors to be estimated on the side.

        Returns
        -------
        ndarray
            Parameters x parameters.
        """
        return self.inverse


@dataclass(frozen=True, slots=True, eq=False)
class Scaled:
    """Columns as they are fitted, with the way back.

    Attributes
    ----------
    columns
        A constant, where there is one, and the centred and scaled regressors.
    back
        Coefficients of the regressors as they were are ``back`` times those of ``columns``.
    centre, size
        What was subtracted from each regressor and what it was divided by.
    """

    columns: FloatArray
    back: FloatArray
    centre: FloatArray
    size: FloatArray

    def widened(self, extra: int) -> FloatArray:
        """Return ``back`` with more parameters that are not scaled.

        Parameters
        ----------
        extra
            How many.

        Returns
        -------
        ndarray
            Square.
        """
        k = len(self.back)
        wide = np.eye(k + extra)
        wide[:k, :k] = self.back
        return wide


def scale(x: FloatArray, *, intercept: bool) -> Scaled:
    """Centre and scale regressors.

    Parameters
    ----------
    x
        Rows x regressors.
    intercept
        Whether there is a constant; without one nothing is centred.

    Returns
    -------
    Scaled
        Columns of length sqrt(N).
    """
    exact = x.astype(np.longdouble)
    centre = exact.mean(axis=0) if intercept else np.zeros(x.shape[1], dtype=np.longdouble)
    left = exact - centre
    size = np.sqrt((left * left).mean(axis=0))
    columns = (left / size).astype(np.float64)
    back = np.diag((1 / size).astype(np.float64))
    if intercept:
        columns = np.column_stack([np.ones(len(x)), columns])
        wide = np.eye(len(back) + 1)
        wide[1:, 1:] = back
        wide[0, 1:] = -(centre / size).astype(np.float64)
        back = wide
    return Scaled(columns, back, centre.astype(np.float64), size.astype(np.float64))


def maximise(evaluate: Callable[[FloatArray], Point], start: FloatArray, fitted: FloatArray | None = None) -> Maximum:
    """Climb a log-likelihood by Newton steps, halved where they lead down.

    Parameters
    ----------
    evaluate
        The log-likelihood at given parameters.
    start
        Where to begin.
    fitted
        Where another program's fit ended: the better place to begin, unless it lies lower.

    Returns
    -------
    Maximum
        Where the climb ended, converged or not.
    """
    # a step may lead where numbers overflow; what comes back is then not accepted
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        if fitted is not None and evaluate(fitted).loglik > evaluate(start).loglik:
            found = _climb(evaluate, fitted)
            if found.settled:
                return found
        return _climb(evaluate, start)


def _climb(evaluate: Callable[[FloatArray], Point], start: FloatArray) -> Maximum:
    params, at = start, evaluate(start)
    for _ in range(STEPS):
        step, gain, _ = _newton(at)
        if not np.isfinite(gain):
            return Maximum(params, at, converged=False)
        if gain <= DECREMENT:
            return _polish(evaluate, params, at)
        length, rounding = 1.0, 1e-13 * max(abs(at.loglik), at.size)
        while True:
            found = evaluate(params + length * step)
            if found.loglik >= at.loglik + 1e-4 * length * gain - rounding:
                break
            length /= 2
            if length < 1e-12:
                return Maximum(params, at, converged=False)
        params, at = params + length * step, found
    return Maximum(params, at, converged=False)


def _polish(evaluate: Callable[[FloatArray], Point], params: FloatArray, at: Point) -> Maximum:
    """Take the last steps to rounding, and see whether they come to rest."""
    for _ in range(3):
        step, gain, flat = _newton(at)
        if not np.isfinite(gain):
            return Maximum(params, at, converged=False)
        params = params + step
        at = evaluate(params)
    rest = bool(np.abs(step).max(initial=0.0) < REST)
    found = bool(np.isfinite(at.loglik) and np.isfinite(at.scores).all())
    return Maximum(params, at, converged=found, settled=found and rest and not flat)


def _newton(at: Point) -> tuple[FloatArray, float, bool]:
    """Return the step, also uphill where the function is not concave; its gain to first order; whether it is flat."""
    gradient = at.scores.sum(axis=0)
    if not (np.isfinite(gradient).all() and np.isfinite(at.hessian).all()):
        return gradient, np.inf, True
    size, axes = np.linalg.eigh(-at.hessian)
    largest = max(float(np.abs(size).max(initial=0.0)), np.finfo(np.float64).tiny)
    floor = np.finfo(np.float64).eps * largest
    step: FloatArray = axes @ ((axes.T @ gradient) / np.maximum(np.abs(size), floor))
    return step, float(gradient @ step), bool(size.min(initial=largest) < 1e3 * floor)


def inverse(information: FloatArray, *, what: str) -> FloatArray:
    """Invert an information matrix whose columns may be of very different sizes.

    Parameters
    ----------
    information
        Symmetric.
    what
        The model, for the message.

    Returns
    -------
    ndarray
        Symmetric.

    Raises
    ------
    EstimationError
        If it is not positive definite.
    """
    diagonal = np.diag(information)
    if np.isfinite(information).all() and (diagonal > 0).all():
        size = 1 / np.sqrt(diagonal)
        values, axes = np.linalg.eigh(information * np.outer(size, size))
        if values.size == 0 or values[0] > 1e-13:
            half = axes / np.sqrt(values)
            found: FloatArray = (half @ half.T) * np.outer(size, size)
            return found
    raise EstimationError(
        f"the information of the {what} model is singular at the estimate: the data do not determine the coefficients"
    )


def kept_columns(design: Design, collinear: Collinear) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Say which regressors the data tell apart.

    Parameters
    ----------
    design
        The sample.
    collinear
        ``refuse`` or ``drop``.

    Returns
    -------
    kept : tuple of int
        Columns of the design.
    notes : tuple of str
        What was left out and why.

    Raises
    ------
    EstimationError
        If others determine a regressor, or rows are too few.
    """
    choose("collinear", collinear, get_args(Collinear))
    fit = fit_design(design, collinear=collinear)
    return fit.kept, tuple(note for note in fit.notes if note.startswith("left out"))


def coefficient_names(design: Design, kept: tuple[int, ...], *, intercept: bool) -> tuple[str, ...]:
    """Name the coefficients.

    Parameters
    ----------
    design
        The sample.
    kept
        Its columns in use.
    intercept
        Whether the constant comes first.

    Returns
    -------
    tuple of str
        One a coefficient.
    """
    names = tuple(design.names[j] for j in kept)
    return (INTERCEPT, *names) if intercept else names


def fit_facts(fit: Likelihood, parameters: int) -> dict[str, float | int | str]:
    """Return how well a likelihood fits.

    Parameters
    ----------
    fit
        The fit.
    parameters
        How many were estimated.

    Returns
    -------
    dict
        ``loglik``; ``loglik_null`` and McFadden's ``pseudo_r2`` where there is a constant; ``AIC`` and ``BIC``.
    """
    facts: dict[str, float | int | str] = {"loglik": fit.loglik}
    if fit.loglik_null is not None:
        facts["loglik_null"] = fit.loglik_null
        if fit.loglik_null < 0:
            facts["pseudo_r2"] = 1 - fit.loglik / fit.loglik_null
    facts["AIC"] = 2 * parameters - 2 * fit.loglik
    facts["BIC"] = float(np.log(fit.nobs)) * parameters - 2 * fit.loglik
    return facts


def conclude(
    setup: Setup,
    fit: Likelihood,
    *,
    estimator: str,
    design: Design,
    facts: dict[str, float | int | str],
    notes: tuple[str, ...],
    auxiliary: tuple[str, ...] = (),
    parameters: int | None = None,
) -> PanelResults:
    """Put the result of a likelihood together.

    Parameters
    ----------
    setup
        The sample as prepared, with the convention.
    fit
        The fit.
    estimator
        Its name.
    design
        The sample as fitted.
    facts
        Named numbers besides those of every likelihood.
    notes
        What a reader should know.
    auxiliary
        Terms that are no coefficients of regressors.
    parameters
        How many AIC and BIC count; None counts those of the fit.

    Returns
    -------
    PanelResults
        The result.
    """
    counted = len(fit.params) if parameters is None else parameters
    return finish(
        setup,
        fit,
        estimator=estimator,
        design=design,
        terms=fit.names,
        facts={**fit_facts(fit, counted), **facts},
        notes=notes,
        auxiliary=auxiliary,
    )
