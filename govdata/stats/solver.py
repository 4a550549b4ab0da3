"""Least squares with absorbed effects.

Effects are taken out exactly, not by iteration: the one with most levels by its means, the others as indicator
columns by an orthogonal projection. Coefficients come from a QR decomposition of the scaled columns and are then
corrected, together with the residuals, in extended precision.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from scipy.linalg import qr, solve_triangular

from govdata.errors import EstimationError

if TYPE_CHECKING:
    from govdata.stats.keys import Codes, FloatArray, IntArray

__all__ = ["Absorber", "Fit", "effects_rank", "group_sums", "least_squares"]

LongArray = npt.NDArray[np.longdouble]

MAX_CELLS = 150_000_000
"""Largest projection, in numbers: 1.2 GB."""
ABSORBED = 1e-12
"""A column whose length shrinks below this share is a combination of the effects."""
COLLINEAR = 1e-10
"""A column whose part of its own is below this share is a combination of the others."""
SMALLEST, LARGEST = 1e-140, 1e140
"""Columns whose largest value lies outside cannot be squared and added up in double precision."""
ROUNDS = 4
"""How often coefficients are corrected; two are enough unless columns are nearly dependent."""
EXACT = 1e-20
"""Below this share of the variation, residuals are rounding."""


def group_sums(values: npt.NDArray[Any], codes: IntArray, n: int) -> npt.NDArray[Any]:
    """Add up rows by group, in the order of the rows.

    Parameters
    ----------
    values
        A matrix.
    codes
        Group of each row.
    n
        How many groups; each has a row.

    Returns
    -------
    ndarray
        One row a group.
    """
    order = np.argsort(codes, kind="stable")
    starts = np.searchsorted(codes[order], np.arange(n))
    return np.add.reduceat(values[order], starts, axis=0)


class Absorber:
    """Take effects, or a constant, out of columns.

    Parameters
    ----------
    effects
        Absorbed columns.
    n
        How many rows.
    constant
        Whether the mean is taken out where there are no effects.
    """

    def __init__(self, effects: tuple[Codes, ...], n: int, *, constant: bool) -> None:
        by_size = sorted(effects, key=lambda effect: -len(effect.levels))
        self.first = by_size[0] if by_size else None
        self.constant = constant
        self.basis = np.empty((n, 0))
        self.rank = len(self.first.levels) if self.first is not None else int(constant)
        others = by_size[1:]
        width = sum(len(effect.levels) for effect in others)
        if n * width > MAX_CELLS:
            listed = ", ".join(f"{effect.name} {len(effect.levels):,}" for effect in by_size)
            raise EstimationError(f"the effects are too many to absorb exactly ({listed} levels on {n:,} rows)")
        if others:
            indicators = np.zeros((n, width))
            start = 0
            for effect in others:
                indicators[np.arange(n), start + effect.codes] = 1.0
                start += len(effect.levels)
            indicators = self._demean(indicators).astype(np.float64)
            q, r, _ = qr(indicators, mode="economic", pivoting=True, check_finite=False)
            diagonal = np.abs(np.diag(r))
            kept = int((diagonal > 1e-9).sum())
            self.basis = q[:, :kept]
            self.rank += kept

    def _demean(self, columns: FloatArray) -> LongArray:
        exact = columns.astype(np.longdouble)
        if self.first is None and not self.constant:
            return exact
        if self.first is None:
            codes, n = np.zeros(len(columns), dtype=np.int64), 1
        else:
            codes, n = self.first.codes, len(self.first.levels)
        means = group_sums(exact, codes, n) / np.bincount(codes, minlength=n)[:, None]
        left: LongArray = exact - means[codes]
        return left

    def __call__(self, columns: FloatArray) -> FloatArray:
        """Return what is left of columns.

        Parameters
        ----------
        columns
            A matrix; not changed.

        Returns
        -------
        ndarray
            Of the same shape.
        """
        return self.exactly(columns).astype(np.float64)

    def exactly(self, columns: FloatArray) -> LongArray:
        """Return what is left of columns, in extended precision where means alone are taken out.

        Parameters
        ----------
        columns
            A matrix; not changed.

        Returns
        -------
        ndarray
            Of the same shape.
        """
        exact = self._demean(columns)
        if not self.basis.shape[1]:
            return exact
        left = exact.astype(np.float64)
        for _ in range(2):
            np.subtract(left, self.basis @ (self.basis.T @ left), out=left)
        return left.astype(np.longdouble)


def effects_rank(effects: tuple[Codes, ...], n: int) -> int:
    """Count the free parameters of a constant and some effects together.

    Parameters
    ----------
    effects
        The effects.
    n
        How many rows.

    Returns
    -------
    int
        The rank of their indicator columns.
    """
    return Absorber(effects, n, constant=True).rank


@dataclass(frozen=True, slots=True)
class Fit:
    """A least-squares fit.

    Attributes
    ----------
    params
        Coefficients; the constant, where there is one, comes first.
    influence
        One row an observation: the coefficients are the true ones plus the sum of influence times error, so that every
        covariance is a sum of products of these rows.
    resid
        Residuals.
    kept
        Which columns of the design the coefficients belong to.
    slopes
        How many coefficients besides the constant.
    rank
        Of the whole regression, effects and constant included.
    rss, tss, tss_within
        Sums of squares: residual, total, total after the effects.
    notes
        What a reader should know.
    absorber
        The effects, or the constant, that were taken out.
    names
        Of the coefficients.
    """

    params: FloatArray
    influence: FloatArray
    resid: FloatArray
    kept: tuple[int, ...]
    slopes: int
    rank: int
    rss: float
    tss: float
    tss_within: float
    notes: tuple[str, ...]
    absorber: Absorber
    names: tuple[str, ...]

    @property
    def linear(self) -> bool:
        """Whether residuals times influence are the contributions: always, here."""
        return True

    @property
    def nobs(self) -> int:
        """How many rows were fitted."""
        return len(self.resid)

    @property
    def contributions(self) -> FloatArray:
        """What each row contributes to the error of the coefficients: rows x coefficients."""
        found: FloatArray = self.influence * self.resid[:, None]
        return found

    def classical(self, parameters: int) -> FloatArray:
        """Return the covariance of errors that are independent and equally large.

        Parameters
        ----------
        parameters
            How many parameters the variance of the errors counts.

        Returns
        -------
        ndarray
            Coefficients x coefficients.
        """
        found: FloatArray = self.influence.T @ self.influence * (self.rss / (self.nobs - parameters))
        return found

    def projection(self) -> tuple[IntArray | None, FloatArray]:
        """Return the projection onto everything fitted, effects included, in factors.

        Returns
        -------
        codes : ndarray of int or None
            Groups whose means are part of the projection.
        columns : ndarray
            Orthonormal columns for all the rest. The projection is the means by group plus columns times their
            transpose.
        """
        first = self.absorber.first
        codes = first.codes if first is not None else None
        if first is None and self.absorber.constant:
            codes = np.zeros(self.nobs, dtype=np.int64)
        slopes = self.influence[:, self.influence.shape[1] - self.slopes :]
        return codes, np.column_stack([self.absorber.basis, np.linalg.qr(slopes / _lengths(slopes))[0]])


def least_squares(
    y: FloatArray,
    x: FloatArray,
    names: tuple[str, ...],
    effects: tuple[Codes, ...],
    *,
    intercept: bool,
    response: str,
    drop_collinear: bool,
) -> Fit:
    """Fit a linear model.

    Parameters
    ----------
    y, x
        Response and regressors.
    names
        Of the regressors.
    effects
        Absorbed columns.
    intercept
        Whether a constant is wanted, where there are no effects.
    response
        The response's name.
    drop_collinear
        Leave out regressors that are combinations of others, instead of refusing.

    Returns
    -------
    Fit
        The fit.

    Raises
    ------
    EstimationError
        If the coefficients are not determined by the data.
    """
    n = len(y)
    for name, column in zip((response, *names), (y, *x.T), strict=True):
        size = float(np.abs(column).max(initial=0.0))
        if size and not SMALLEST < size < LARGEST:
            raise EstimationError(f"the values of {name} reach {size:.0e}; rescale it to squares that can be added up")
    if not names and not intercept:
        raise EstimationError("the model has no regressors")
    absorb = Absorber(effects, n, constant=intercept)
    exact = absorb.exactly(np.column_stack([y, x]))
    within = exact.astype(np.float64)
    y_left, x_left = within[:, 0], within[:, 1:]
    lengths = np.sqrt(np.einsum("ij,ij->j", x, x))
    left = np.sqrt(np.einsum("ij,ij->j", x_left, x_left))
    if np.linalg.norm(y_left) <= ABSORBED * np.linalg.norm(y):
        raise EstimationError(f"{response} does not vary{_within(effects)}")

    kept = [j for j in range(len(names)) if left[j] > ABSORBED * lengths[j]]
    faults = {j: _constant(names[j], x[:, j], effects, n) for j in range(len(names)) if j not in kept}
    kept, scaled = _independent(x_left, left, lengths, kept, names, faults)
    if faults and (not drop_collinear or (not kept and not intercept)):
        raise EstimationError("; ".join(faults[j] for j in sorted(faults)) + "; leave it out, or say collinear='drop'")
    slopes, rank = len(kept), len(kept) + absorb.rank
    if n <= rank:
        raise EstimationError(f"{n} rows are too few for {rank} parameters, {absorb.rank} of them effects or constant")

    slope, influence, resid = _solve(exact[:, 0], exact[:, 1:][:, kept] / left[kept], scaled, left[kept])
    if intercept:
        means = x[:, kept].astype(np.longdouble).mean(axis=0)
        constant = y.astype(np.longdouble).mean() - means @ slope
        share = 1.0 / n - influence @ means.astype(np.float64)
        slope = np.concatenate([[constant], slope])
        influence = np.column_stack([share, influence])
    centred = y - y.astype(np.longdouble).mean() if intercept or effects else y.astype(np.longdouble)
    rss, tss, tss_within = _squares(resid), _squares(centred), _squares(y_left)
    notes = [f"left out: {faults[j]}" for j in sorted(faults)]
    if rss <= EXACT * tss_within:
        notes.append("the regressors fit the response exactly; standard errors are rounding")
    return Fit(
        params=slope.astype(np.float64),
        influence=influence,
        resid=resid,
        kept=tuple(kept),
        slopes=slopes,
        rank=rank,
        rss=rss,
        tss=tss,
        tss_within=tss_within,
        notes=tuple(notes),
        absorber=absorb,
        names=(*(["Intercept"] if intercept else []), *(names[j] for j in kept)),
    )


def _lengths(columns: FloatArray) -> FloatArray:
    lengths: FloatArray = np.sqrt(np.einsum("ij,ij->j", columns, columns))
    return lengths


def _squares(values: npt.NDArray[Any]) -> float:
    exact = values.astype(np.longdouble)
    return float(np.add.reduce(exact * exact))


def _within(effects: tuple[Codes, ...]) -> str:
    return f" within {' and '.join(effect.name for effect in effects)}" if effects else ""


def _constant(name: str, column: FloatArray, effects: tuple[Codes, ...], n: int) -> str:
    if not effects:
        return f"{name} is constant"
    for effect in effects:
        left = Absorber((effect,), n, constant=True)(column[:, None])
        if np.linalg.norm(left) <= ABSORBED * np.linalg.norm(column):
            return f"{name} does not vary within {effect.name}, whose effects are absorbed"
    return f"{name} is a combination of the {' and '.join(effect.name for effect in effects)} effects"


def _independent(
    x_left: FloatArray,
    left: FloatArray,
    lengths: FloatArray,
    kept: list[int],
    names: tuple[str, ...],
    faults: dict[int, str],
) -> tuple[list[int], FloatArray]:
    """Take out columns that earlier ones determine, saying which."""
    while True:
        scaled = x_left[:, kept] / left[kept] if kept else x_left[:, :0]
        if not kept:
            return kept, scaled
        r = np.linalg.qr(scaled, mode="r")
        own = np.zeros(len(kept))
        own[: len(r)] = np.abs(np.diag(r))
        floor = np.maximum(COLLINEAR, 10 * np.finfo(np.float64).eps * lengths[kept] / left[kept])
        dependent = np.flatnonzero(own <= floor)
        if not dependent.size:
            return kept, scaled
        at = int(dependent[0])
        weights = np.linalg.lstsq(scaled[:, :at], scaled[:, at], rcond=None)[0]
        others = [names[j] for j, weight in zip(kept[:at], weights.tolist(), strict=True) if abs(weight) > 1e-6]
        listed = others if len(others) < 6 else [*others[:5], f"{len(others) - 5} more"]
        faults[kept[at]] = f"{names[kept[at]]} is an exact combination of {', '.join(listed)}"
        kept = kept[:at] + kept[at + 1 :]


def _solve(
    y: LongArray, exact: LongArray, scaled: FloatArray, lengths: FloatArray
) -> tuple[LongArray, FloatArray, FloatArray]:
    """Solve for coefficients and residuals together, and correct both with errors in extended precision.

    Correcting the coefficients alone would leave the square of the condition number in problems with large residuals
    (Björck 1967).
    """
    if exact.shape[1] == 0:
        return np.empty(0, dtype=np.longdouble), scaled, y.astype(np.float64)
    q, r = np.linalg.qr(scaled)
    beta = np.zeros(exact.shape[1], dtype=np.longdouble)
    resid = y.copy()
    for _ in range(ROUNDS):
        off = (y - resid - exact @ beta).astype(np.float64)
        skew = -(exact.T @ resid).astype(np.float64)
        step = q.T @ off - solve_triangular(r, skew, trans="T")
        beta = beta + solve_triangular(r, step)
        resid = resid + (off - q @ step)
    influence = solve_triangular(r, q.T).T / lengths
    return beta / lengths, influence, (y - exact @ beta).astype(np.float64)
