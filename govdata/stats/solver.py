"""Least squares with absorbed effects.

Effects are taken out exactly, not by iteration: the one with most levels by its means, a second by solving for its
levels, further ones as indicator columns by an orthogonal projection.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from scipy.linalg import qr

from govdata.errors import EstimationError
from govdata.stats.absorbing import Groups, Second, group_sums
from govdata.stats.coefficients import LongArray, column_lengths, orthonormal, solve

if TYPE_CHECKING:
    from govdata.stats.keys import Codes, FloatArray, IntArray

__all__ = ["Absorber", "Fit", "effects_rank", "group_sums", "least_squares"]

MAX_CELLS = 150_000_000
"""Largest projection, in numbers: 1.2 GB."""
ABSORBED = 1e-12
"""A column whose length shrinks below this share is a combination of the effects."""
SMALLEST, LARGEST = 1e-140, 1e140
"""Columns whose largest value lies outside cannot be squared and added up in double precision."""
EXACT = 1e-20
"""Below this share of the variation, residuals are rounding."""


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

    Attributes
    ----------
    first
        The effect with most levels, whose means are taken out; None where there is none.
    rank
        Of the effects, or of the constant.
    """

    def __init__(self, effects: tuple[Codes, ...], n: int, *, constant: bool) -> None:
        by_size = sorted(effects, key=lambda effect: -len(effect.levels))
        self.first = by_size[0] if by_size else None
        self.constant = constant
        self._n = n
        self._others = by_size[1:]
        self._width = sum(len(effect.levels) for effect in self._others)
        # Two effects are solved for in the levels of the smaller; the projection itself is made on demand.
        if n * self._width > MAX_CELLS and (len(self._others) > 1 or self._width**3 > MAX_CELLS):
            self._refuse()
        self._groups = None if self.first is None else Groups(self.first.codes, len(self.first.levels))
        self._second = None
        if self._groups is not None and len(self._others) == 1:
            self._second = Second(self._groups, self._others[0])
        self.rank = len(self.first.levels) if self.first is not None else int(constant)
        self.rank += self.basis.shape[1] if self._second is None else self._second.rank

    def _refuse(self) -> None:
        listed = ", ".join(f"{effect.name} {len(effect.levels):,}" for effect in (self.first, *self._others) if effect)
        raise EstimationError(f"the effects are too many to absorb exactly ({listed} levels on {self._n:,} rows)")

    @cached_property
    def basis(self) -> FloatArray:
        """Orthonormal columns for all effects but the first, less its means: rows x columns."""
        if not self._others:
            return np.empty((self._n, 0))
        if self._n * self._width > MAX_CELLS:
            self._refuse()
        if self._second is not None:
            return orthonormal(self._second.columns())[0]
        indicators = np.zeros((self._n, self._width), order="F")
        start = 0
        for effect in self._others:
            indicators[np.arange(self._n), start + effect.codes] = 1.0
            start += len(effect.levels)
        self._centre(indicators)
        q, r, _ = qr(indicators, mode="economic", pivoting=True, check_finite=False)
        kept = int((np.abs(np.diag(r)) > 1e-9).sum())
        found: FloatArray = q[:, :kept]
        return found

    def _centre(self, columns: npt.NDArray[Any]) -> None:
        """Take out means twice: the second time removes the rounding of the first."""
        for _ in range(2):
            for column in columns.T:
                if self._groups is not None:
                    self._groups.centre(column)
                elif self.constant:
                    np.subtract(column, column.mean(), out=column)
            if self._second is not None:
                self._second.centre(columns)

    def take_out(self, columns: npt.NDArray[Any]) -> None:
        """Take the effects out of columns, in place.

        Parameters
        ----------
        columns
            A matrix of double or extended precision, stored by column.
        """
        self._centre(columns)
        if self._second is None and self.basis.shape[1]:
            left = columns.astype(np.float64, copy=False)
            for _ in range(2):
                np.subtract(left, self.basis @ (self.basis.T @ left), out=left)
            columns[...] = left

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
        left = np.array(columns, dtype=np.float64, order="F")
        self.take_out(left)
        return left

    def exactly(self, columns: FloatArray) -> LongArray:
        """Return what is left of columns, in extended precision where there are at most two effects.

        Parameters
        ----------
        columns
            A matrix; not changed.

        Returns
        -------
        ndarray
            Of the same shape.
        """
        left: LongArray = np.array(columns, dtype=np.longdouble, order="F")
        self.take_out(left)
        return left


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
        return codes, np.column_stack([self.absorber.basis, orthonormal(slopes / column_lengths(slopes))[0]])


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
    columns = np.empty((n, 1 + len(names)), order="F")
    columns[:, 0], columns[:, 1:] = y, x
    lengths = column_lengths(columns)
    absorb.take_out(columns)
    left = column_lengths(columns)
    if left[0] <= ABSORBED * lengths[0]:
        raise EstimationError(f"{response} does not vary{_within(effects)}")

    vary = [j for j in range(len(names)) if left[j + 1] > ABSORBED * lengths[j + 1]]
    found = solve(columns, lengths[1:], vary, names, lambda: absorb.exactly(np.column_stack([y, x])))
    kept, slope, influence, resid = found.kept, found.slopes, found.influence, found.resid
    faults = {j: _constant(names[j], x[:, j], effects, n) for j in range(len(names)) if j not in vary} | found.faults
    if faults and (not drop_collinear or (not kept and not intercept)):
        raise EstimationError("; ".join(faults[j] for j in sorted(faults)) + "; leave it out, or say collinear='drop'")
    slopes, rank = len(kept), len(kept) + absorb.rank
    if n <= rank:
        raise EstimationError(f"{n} rows are too few for {rank} parameters, {absorb.rank} of them effects or constant")

    if intercept:
        means = np.array([x[:, j].mean(dtype=np.longdouble) for j in kept], dtype=np.longdouble)
        constant = y.mean(dtype=np.longdouble) - means @ slope
        share = 1.0 / n - influence @ means.astype(np.float64)
        slope = np.concatenate([[constant], slope])
        influence, resid = np.column_stack([share, influence]), resid.copy()  # of which neither holds the other's rows
    centred = y - y.mean() if intercept or effects else y
    if intercept or effects:
        centred -= centred.mean()
    rss, tss = _squares(resid), _squares(centred)
    notes = [f"left out: {faults[j]}" for j in sorted(faults)]
    if rss <= EXACT * found.squares:
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
        tss_within=found.squares,
        notes=tuple(notes),
        absorber=absorb,
        names=(*(["Intercept"] if intercept else []), *(names[j] for j in kept)),
    )


def _squares(values: FloatArray) -> float:
    return float(np.add.reduce(values * values))


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
