"""Covariances that allow errors of the same time to go together across units: Driscoll-Kraay and panel-corrected."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from govdata.errors import EstimationError
from govdata.stats.covariance.clustered import count_parameters
from govdata.stats.covariance.estimate import Covariance, Sample
from govdata.stats.covariance.naming import Vcov
from govdata.stats.keys import Codes, FloatArray
from govdata.stats.solver import Fit, group_sums

__all__ = ["driscoll_kraay", "panel_corrected"]

FEW_PERIODS = 20
MAX_CELLS = 100_000_000
CHUNK = 4_000_000
"""Influences, of eight bytes each, that are worked on at once."""


def _keys(sample: Sample, *, unit: bool) -> tuple[Codes | None, Codes]:
    if sample.time is None or (unit and sample.unit is None):
        raise EstimationError("this convention needs the unit and time of each row, which the sample does not have")
    return sample.unit, sample.time


def _longest(sample: Sample, periods: int) -> int:
    return periods if sample.unit is None else int(np.bincount(sample.unit.codes).max())


def _positive(sigma: FloatArray) -> bool:
    """Whether no eigenvalue is negative but for rounding: one factorisation, where eigenvalues take minutes."""
    try:
        np.linalg.cholesky(sigma + 1e-10 * np.trace(sigma) * np.eye(len(sigma)))
    except np.linalg.LinAlgError:
        return False
    return True


def _squared(
    influence: FloatArray,
    left: Callable[[FloatArray], FloatArray],
    right: Callable[[FloatArray], FloatArray] | None = None,
) -> FloatArray:
    """Multiply influence, units x times x coefficients, by either map over units, and add up the products by time."""
    n, t, k = influence.shape
    matrix = np.zeros((k, k))
    step = max(1, CHUNK // (n * k))
    for at in range(0, t, step):
        part = influence[:, at : at + step].reshape(n, -1)
        one = left(part).reshape(-1, k)
        matrix += one.T @ (one if right is None else right(part).reshape(-1, k))
    found: FloatArray = (matrix + matrix.T) / 2
    return found


def driscoll_kraay(fit: Fit, vcov: Vcov, sample: Sample) -> Covariance:
    """Compute DK: Bartlett weights on the cross-section sums of contributions.

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
        If there are too few times for the lags.

    Notes
    -----
    Driscoll and Kraay (1998). Without ``df`` there is no factor, as in ``plm::vcovSCC``; with it the factor is
    T/(T-1) * (N-1)/(N-K*), as in fixest and ``xtscc``. Lags are calendar steps. Without ``lags`` they are
    floor(T^(1/4)), T being the rows of the longest unit, as in plm.
    """
    _, time = _keys(sample, unit=False)
    periods = len(time.levels)
    # T^(1/4) in whole numbers: 16 ** 0.25 may come out a hair under 2
    lags = vcov.lags if vcov.lags is not None else math.isqrt(math.isqrt(_longest(sample, periods)))
    if periods < 2 or lags > periods - 1:
        raise EstimationError(f"lags={lags} needs at least {lags + 1} times, and the sample has {periods}")
    sums = group_sums(fit.contributions, time.codes, periods)
    calendar = time.calendar if time.whole else np.arange(periods)
    matrix = sums.T @ sums
    for step in range(1, lags + 1):
        later = np.searchsorted(calendar, calendar + step)
        there = np.flatnonzero(calendar[np.minimum(later, periods - 1)] == calendar + step)
        cross = sums[later[there]].T @ sums[there]
        matrix += (1 - step / (lags + 1)) * (cross + cross.T)
    k_star = None
    text = "no small-sample factor"
    if vcov.df is not None:
        k_star = count_parameters(fit, vcov.df, (time,), sample.effects)
        matrix *= periods / (periods - 1) * (fit.nobs - 1) / (fit.nobs - k_star)
        text = f"T/(T-1)*(N-1)/(N-K*), df={vcov.df}, K*={k_star}"
    if np.any(np.diag(matrix) < 0):
        raise EstimationError("a Driscoll-Kraay variance is negative in this sample, so there is no standard error")
    warnings: tuple[str, ...] = ()
    if periods < FEW_PERIODS:
        warnings += (f"{periods} times are few (under {FEW_PERIODS}): Driscoll-Kraay errors rest on many times",)
    if calendar[-1] - calendar[0] + 1 > periods:
        warnings += ("some times have no row; the kernel counts calendar steps, where plm counts the times that occur",)
    rule = "given" if vcov.lags is not None else "floor(T^(1/4))"
    note = f"DK over {time.name} ({periods}); Bartlett kernel, lags={lags} ({rule}); {text}; t with {periods - 1} df"
    return Covariance(matrix, vcov, {time.name: periods}, k_star, float(periods - 1), note, warnings)


def panel_corrected(fit: Fit, vcov: Vcov, sample: Sample) -> Covariance:
    """Compute PCSE: one covariance of errors between units, the same at every time.

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
        If the covariance of the errors cannot be estimated, or a variance comes out negative.

    Notes
    -----
    Beck and Katz (1995). The covariance of two units is the mean product of their residuals at the times both have:
    ``casewise`` at those that every unit has, ``pairwise`` at those the two share. ``hetonly`` sets it to zero.
    """
    unit, time = _keys(sample, unit=True)
    assert unit is not None  # noqa: S101 -- for the type checker: _keys has refused it
    n, t, k = len(unit.levels), len(time.levels), fit.influence.shape[1]
    if max(n * t * k, n * n) > MAX_CELLS:
        raise EstimationError(f"{n:,} units x {t:,} times x {k} coefficients are too many for PCSE; take DK")
    resid, there = np.zeros((t, n)), np.zeros((t, n))
    influence = np.zeros((n, t, k))
    resid[time.codes, unit.codes] = fit.resid
    there[time.codes, unit.codes] = 1.0
    influence[unit.codes, time.codes] = fit.influence
    complete = there.min(axis=1) == 1
    balanced = bool(complete.all())
    sigma: FloatArray | None = None
    if vcov.hetonly:
        root = np.sqrt(np.einsum("ti,ti->i", resid, resid) / there.sum(axis=0))
        matrix = _squared(influence, lambda part: root[:, None] * part)
        rule = "variances only (hetonly)"
    elif balanced or not vcov.pairwise:
        if not complete.any():
            raise EstimationError(
                f"no {time.name} has all {n} units, so casewise PCSE has nothing to rest on; say pairwise=True"
            )
        # The covariance of the errors is R'R, R having a row a time: with fewer times than units it is not built.
        rows = resid[complete] / math.sqrt(int(complete.sum()))
        rows = rows if len(rows) < n else np.linalg.qr(rows, mode="r")
        matrix = _squared(influence, lambda part: rows @ part)
        rule = "balanced" if balanced else f"casewise, {int(complete.sum())} of {t} times"
    else:
        # Two units that share no time never meet in the sandwich, so their covariance is not needed.
        common = there.T @ there
        sigma = resid.T @ resid / np.maximum(common, 1.0)
        matrix = _squared(influence, lambda part: part, lambda part: sigma @ part)
        rule = f"pairwise, {int(common[common > 0].min())} to {int(common.max())} common times"
    if np.any(np.diag(matrix) <= 0):
        raise EstimationError(
            "a panel-corrected variance is not positive: covariances estimated pairwise do not form a covariance "
            "matrix here; take pairwise=False, hetonly=True or DK"
        )
    warnings: tuple[str, ...] = ()
    if not vcov.hetonly:
        used = int(complete.sum()) if balanced or not vcov.pairwise else t
        if sigma is not None and not _positive(sigma):
            warnings += ("the pairwise covariances of the errors do not form a covariance matrix; read with care",)
        elif used < n:
            warnings += (f"{used} times for {n} units: the covariances of the errors are poorly estimated",)
    df = fit.nobs - fit.rank
    note = f"PCSE over {unit.name} ({n}) and {time.name} ({t}); {rule}; t with {df} df"
    return Covariance(matrix, vcov, {}, None, float(df), note, warnings)
