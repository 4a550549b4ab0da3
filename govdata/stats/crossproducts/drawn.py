"""A linear model on many draws of its columns at once, with the coefficients and standard errors of every draw.

Everything is computed as a change from the fit of one draw. What is fitted in draw d is then the first draw's residual
plus what the drawn columns changed: small numbers, whose rounding is small too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy.linalg import solve_triangular

from govdata.stats.crossproducts.products import CrossProducts
from govdata.stats.keys import Codes, FloatArray, IntArray
from govdata.stats.solver import Fit, group_sums

if TYPE_CHECKING:
    from govdata.stats.design import Design
    from govdata.stats.results import PanelResults

__all__ = ["CONVENTIONS", "Drawn", "RegressorDraws", "ResponseDraws"]

CONVENTIONS = ("iid", "CR0", "CR1", "CRHC1", "CRV1")
"""Standard errors that are computed for all draws at once."""
OWN = 1e-7
"""A drawn column whose part of its own is below this share is left to a fit of its own, which corrects or refuses."""
SMALL = 200_000
"""Multiplications below which a product of matrices is not worth a second thread, which costs more than it gives."""
EXACT = 1e-9
"""A draw whose scores are below this share of its response is left to a fit of its own."""


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """Fits of some draws.

    Attributes
    ----------
    params
        Draws x coefficients.
    variances
        Draws x coefficients.
    covariances
        Draws x coefficients x coefficients.
    doubtful
        Draws that want a fit of their own.
    """

    params: FloatArray
    variances: FloatArray
    covariances: FloatArray
    doubtful: npt.NDArray[np.bool_]


def _factor(m: PanelResults, groups: int) -> float:
    """Return the small-sample factor of a clustered covariance, the same in all draws."""
    n, counted, se = m.nobs, m.covariance.k_star, m.covariance.vcov.se
    of_groups = groups / (groups - 1) if se in {"CR1", "CRV1"} else 1.0
    if counted is None:
        return of_groups
    return of_groups * ((n - 1) if se == "CRV1" else n) / (n - counted)


def _least_squares(m: PanelResults) -> Fit:
    assert isinstance(m.fit, Fit)  # noqa: S101 -- only models by ols come here
    return m.fit


class ResponseDraws:
    """A linear model with clustered errors whose response alone is drawn.

    The regressors' sums of products by cluster are those of one fit; a draw changes the products of basis and response.

    Parameters
    ----------
    m
        The fit of one draw.
    """

    def __init__(self, m: PanelResults) -> None:
        products = CrossProducts.of(m, by=m.covariance.vcov.cluster[0])
        assert products.basis is not None and products.codes is not None  # noqa: S101, PT018 -- of() keeps the rows
        self.products = products
        self.groups = _Groups(products.codes, len(products.levels))
        self.basis = self.groups.stacked(products.basis)
        self.slope_blocks = np.ascontiguousarray(products.blocks[:, products.nuisance :, :])
        self.inverse = solve_triangular(products.root, np.eye(len(products.names)))
        self.fitted = (m.design.y - _least_squares(m).resid)[:, None]
        self.factor = _factor(m, len(products.levels))

    def __call__(self, y: FloatArray) -> Drawn:
        """Fit draws of the response.

        Parameters
        ----------
        y
            Rows of the sample x draws.

        Returns
        -------
        Drawn
            One fit a draw.
        """
        products, start = self.products, self.products.nuisance
        largest = np.sqrt(np.einsum("ij,ij->j", y, y))
        sums = self.groups.products(self.basis, y - self.fitted)
        coordinates = sums.sum(axis=0)
        scores = sums[:, start:, :] - np.matmul(self.slope_blocks, coordinates)
        by_draw = np.ascontiguousarray(np.matmul(self.inverse, scores).transpose(2, 1, 0))
        covariances = self.factor * np.matmul(by_draw, by_draw.transpose(0, 2, 1))
        params = products.params + (self.inverse @ coordinates[start:]).T
        size = np.sqrt(np.einsum("gkd,gkd->d", scores, scores))
        return _checked(params, covariances, size <= EXACT * largest)


class RegressorDraws:
    """A linear model whose regressors, and perhaps whose response, are drawn.

    What stays fixed is decomposed once. Drawn columns are partialled out of it, and each draw is then a system as small
    as there are drawn columns.

    Parameters
    ----------
    m
        The fit of one draw.
    columns
        Places of the drawn regressors in the design.
    """

    def __init__(self, m: PanelResults, columns: tuple[int, ...]) -> None:
        design, fit = m.design, _least_squares(m)
        n = len(design.y)
        lead = int(design.intercept)
        self.drawn = columns
        self.first = None if fit.absorber.first is None else _Groups.of(fit.absorber.first)
        fixed = [j for j in fit.kept if j not in columns]
        self.at_fixed = [*range(lead), *(lead + fit.kept.index(j) for j in fixed)]
        self.at_drawn = [lead + fit.kept.index(j) for j in columns]
        effects = np.asarray(fit.absorber.basis)
        own, self.root = _fixed_basis(self._demean(design.x[:, fixed]), effects, design, fixed)
        self.inverse = solve_triangular(self.root, np.eye(len(self.root))) if len(self.root) else self.root
        self.basis = np.column_stack([effects, own])
        self.effects = effects.shape[1]
        self.y, self.resid, self.params = design.y, fit.resid, fit.params
        self.x = design.x[:, list(columns)]
        self.variance = m.covariance.vcov.se == "iid"
        self.left = len(design.y) - (m.covariance.k_star or 0)
        self.clusters: _Groups | None = None
        self.factor = 1.0
        if not self.variance:
            self.clusters = _Groups.of(design.codes(m.covariance.vcov.cluster[0]))
            self.factor = _factor(m, self.clusters.count)
            self.stacked = self.clusters.stacked(own)
        self.rows = n

    def _demean(self, columns: FloatArray) -> FloatArray:
        return columns if self.first is None else self.first.demeaned(columns)

    def __call__(self, y: FloatArray | None, x: list[FloatArray]) -> Drawn:
        """Fit draws.

        Parameters
        ----------
        y
            Rows of the sample x draws; None where the response is not drawn.
        x
            The same for each drawn regressor.

        Returns
        -------
        Drawn
            One fit a draw.
        """
        draws = (x[0] if x else y).shape[1]  # type: ignore[union-attr]  # one of the two is there
        p = len(x)
        base = self.resid[:, None] if y is None else y - (self.y - self.resid)[:, None]
        wanted = np.array(np.broadcast_to(base, (self.rows, draws)))
        for j, values in enumerate(x):
            wanted -= (values - self.x[:, [j]]) * self.params[self.at_drawn[j]]
        resid, at_response = self._partial(self._demean(wanted))
        own, upper, at_columns, weak = self._own(x, draws)  # (d, n, p), (d, p, p), (slopes, d, p)
        projected = np.einsum("dnp,nd->dp", own, resid)
        resid -= np.einsum("dnp,dp->nd", own, projected)
        change = _solve_each(upper, projected[:, :, None])[:, :, 0]  # (d, p)
        rest = at_response[self.effects :] - np.einsum("kdp,dp->kd", at_columns, change)
        params = np.empty((draws, len(self.params)))
        params[:, self.at_drawn] = change
        params[:, self.at_fixed] = (self.inverse @ rest).T
        order = [*self.at_fixed, *self.at_drawn]
        covariances = np.empty((draws, len(order), len(order)))
        if self.variance:
            inverse = self._inverse(upper, at_columns, draws, p)
            scale = np.einsum("nd,nd->d", resid, resid) / self.left
            made = np.matmul(inverse, inverse.transpose(0, 2, 1)) * scale[:, None, None]
        else:
            contributions = self._contributions(resid, own, upper, at_columns)
            made = self.factor * np.matmul(contributions, contributions.transpose(0, 2, 1))
        covariances[:, np.array(order)[:, None], order] = made
        total = np.sqrt(np.einsum("nd,nd->d", wanted, wanted)) + np.linalg.norm(self.y if y is None else y, axis=0)
        exact = np.sqrt(np.einsum("nd,nd->d", resid, resid)) <= EXACT * total
        return _checked(self.params + params, covariances, weak | exact)

    def _partial(self, columns: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Take the fixed columns out; return what is left and the coordinates of what was taken."""
        coordinates = _onto(self.basis, columns)
        left = columns - _back(self.basis, coordinates)
        before = np.einsum("ij,ij->j", columns, columns)
        after = np.einsum("ij,ij->j", left, left)
        # Where little is left, what the first round left behind by rounding is not little beside it.
        if (after < 0.01 * before).any():
            more = _onto(self.basis, left)
            left -= _back(self.basis, more)
            coordinates += more
        return left, coordinates

    def _own(self, x: list[FloatArray], draws: int) -> tuple[FloatArray, FloatArray, FloatArray, npt.NDArray[np.bool_]]:
        """Decompose what the drawn regressors have of their own, draw by draw."""
        p = len(x)
        parts = np.empty((draws, self.rows, p))
        at = np.empty((self.root.shape[0], draws, p))
        weak = np.zeros(draws, dtype=np.bool_)
        size = np.empty((draws, p))
        for j, values in enumerate(x):
            within = self._demean(values)
            left, coordinates = self._partial(within)
            parts[:, :, j] = left.T
            at[:, :, j] = coordinates[self.effects :]
            size[:, j] = np.sqrt(np.einsum("nd,nd->d", values, values))
            weak |= np.sqrt(np.einsum("nd,nd->d", within, within)) <= OWN * size[:, j]
            size[:, j] = np.sqrt(np.einsum("nd,nd->d", within, within))
        if p == 1:
            length = np.sqrt(np.einsum("dnp,dnp->dp", parts, parts))
            own, upper = parts / np.where(length > 0, length, 1.0)[:, None, :], length[:, :, None]
        else:
            own, upper = np.linalg.qr(parts)
        diagonal = np.abs(np.diagonal(upper, axis1=1, axis2=2))
        weak |= (diagonal <= OWN * size).any(axis=1)
        if weak.any():
            upper = upper.copy()
            upper[weak] = np.eye(p)
        return own, upper, at, weak

    def _contributions(
        self, resid: FloatArray, own: FloatArray, upper: FloatArray, at_columns: FloatArray
    ) -> FloatArray:
        """Return what each cluster contributes to the error of the coefficients: draws x coefficients x clusters."""
        assert self.clusters is not None  # noqa: S101 -- clustered errors have clusters
        draws, p = resid.shape[1], own.shape[2]
        scores = [self.clusters.sums(own[:, :, j].T * resid) for j in range(p)]
        of_drawn = np.stack(scores, axis=2) if scores else np.empty((self.clusters.count, draws, 0))
        drawn = _solve_each(upper, of_drawn.transpose(1, 2, 0))  # (d, p, g)
        fixed = self.clusters.products(self.stacked, resid).transpose(2, 1, 0)  # (d, k, g)
        fixed = fixed - np.matmul(at_columns.transpose(1, 0, 2), drawn)
        return np.concatenate([np.matmul(self.inverse, fixed), drawn], axis=1)

    def _inverse(self, upper: FloatArray, at_columns: FloatArray, draws: int, p: int) -> FloatArray:
        """Invert the root of each draw's whole system, fixed columns first."""
        k = self.root.shape[0]
        found = np.zeros((draws, k + p, k + p))
        found[:, :k, :k] = self.inverse
        small = _solve_each(upper, np.broadcast_to(np.eye(p), (draws, p, p)))
        found[:, k:, k:] = small
        found[:, :k, k:] = -np.matmul(np.matmul(self.inverse, at_columns.transpose(1, 0, 2)), small)
        return found


def _fixed_basis(
    within: FloatArray, effects: FloatArray, design: Design, fixed: list[int]
) -> tuple[FloatArray, FloatArray]:
    """Return orthonormal columns of constant and fixed regressors beside the effects, and the root back to them."""
    n = len(design.y)
    constant = design.intercept
    means = design.x[:, fixed].mean(axis=0)
    left = within - means if constant else within.copy()
    others = np.full((n, 1), 1 / np.sqrt(n)) if constant else effects
    for _ in range(2):
        left -= others @ (others.T @ left)
    q, r = np.linalg.qr(left) if fixed else (left, np.empty((0, 0)))
    if not constant:
        return q, r
    root = np.zeros((len(fixed) + 1, len(fixed) + 1))
    root[0, 0], root[0, 1:], root[1:, 1:] = np.sqrt(n), np.sqrt(n) * means, r
    return np.column_stack([others, q]), root


def _rows_at_once(basis: FloatArray, width: int) -> int:
    """Say how many rows make a small product; all of them where rows would be few at a time."""
    step = SMALL // max(basis.shape[1] * width, 1)
    return step if 16 <= step < len(basis) else max(len(basis), 1)


def _onto(basis: FloatArray, columns: FloatArray) -> FloatArray:
    """Return basis' columns, summed over pieces of rows."""
    n, q, width = len(basis), basis.shape[1], columns.shape[1]
    step = _rows_at_once(basis, width)
    even = n - n % step
    first = basis[:even].reshape(even // step, step, q).transpose(0, 2, 1)
    found = np.matmul(first, columns[:even].reshape(even // step, step, width)).sum(axis=0)
    return np.asarray(found + basis[even:].T @ columns[even:])


def _back(basis: FloatArray, coordinates: FloatArray) -> FloatArray:
    """Return basis times coordinates, by pieces of rows."""
    n, q, width = len(basis), basis.shape[1], coordinates.shape[1]
    step = _rows_at_once(basis, width)
    even = n - n % step
    found = np.empty((n, width))
    pieces = basis[:even].reshape(even // step, step, q)
    np.matmul(pieces, coordinates, out=found[:even].reshape(even // step, step, width))
    np.matmul(basis[even:], coordinates, out=found[even:])
    return found


def _solve_each(upper: FloatArray, right: FloatArray) -> FloatArray:
    """Solve the triangular systems of all draws at once, from the last unknown to the first."""
    found = np.empty(right.shape)
    for i in range(upper.shape[1] - 1, -1, -1):
        known = np.einsum("dj,djr->dr", upper[:, i, i + 1 :], found[:, i + 1 :])
        found[:, i] = (right[:, i] - known) / upper[:, i, i][:, None]
    return found


def _checked(params: FloatArray, covariances: FloatArray, doubtful: npt.NDArray[np.bool_]) -> Drawn:
    variances = np.array(np.diagonal(covariances, axis1=1, axis2=2))
    finite = np.isfinite(params).all(axis=1) & np.isfinite(variances).all(axis=1)
    return Drawn(params, variances, covariances, doubtful | ~finite)


class _Groups:
    """Sums by group of rows; fast where the rows are sorted by group and the groups are of one size."""

    def __init__(self, codes: IntArray, count: int) -> None:
        self.codes, self.count = codes, count
        self.order = None if bool((np.diff(codes) >= 0).all()) else np.argsort(codes, kind="stable")
        self.sizes = np.bincount(codes, minlength=count)
        self.ends = np.cumsum(self.sizes)
        self.even = bool((self.sizes == self.sizes[0]).all())

    @classmethod
    def of(cls, keys: Codes) -> _Groups:
        return cls(keys.codes, len(keys.levels))

    def sums(self, values: FloatArray) -> FloatArray:
        if self.order is not None:
            return np.asarray(group_sums(values, self.codes, self.count))
        if self.even:
            return np.asarray(values.reshape(self.count, int(self.sizes[0]), values.shape[1]).sum(axis=1))
        return np.asarray(np.add.reduceat(values, self.ends - self.sizes, axis=0))

    def demeaned(self, values: FloatArray) -> FloatArray:
        """Take the means of the groups out; the second round removes the rounding of the first."""
        left = values
        for _ in range(2):
            means = self.sums(left) / self.sizes[:, None]
            if self.even and self.order is None:
                cells = left.reshape(self.count, int(self.sizes[0]), left.shape[1])
                left = (cells - means[:, None, :]).reshape(left.shape)
            else:
                left = left - means[self.codes]
        return left

    def stacked(self, columns: FloatArray) -> FloatArray:
        """Put rows in the order of the groups."""
        return np.ascontiguousarray(columns if self.order is None else columns[self.order])

    def products(self, stacked: FloatArray, values: FloatArray) -> FloatArray:
        """Multiply stacked columns with values, group by group: groups x columns x values."""
        if self.order is not None:
            values = values[self.order]
        q, width = stacked.shape[1], values.shape[1]
        if self.even:
            size = int(self.sizes[0])
            left = stacked.reshape(self.count, size, q).transpose(0, 2, 1)
            return np.asarray(np.matmul(left, values.reshape(self.count, size, width)))
        found = np.empty((self.count, q, width))
        for g, (end, size) in enumerate(zip(self.ends.tolist(), self.sizes.tolist(), strict=True)):
            np.matmul(stacked[end - size : end].T, values[end - size : end], out=found[g])
        return found
