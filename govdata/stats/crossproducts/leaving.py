"""A linear model without each group of its rows in turn, without fitting it again.

With the regressors written as an orthonormal basis B and residuals e, leaving out the rows of group g moves the
coordinates of the fit by ``-(I - B_g'B_g)^-1 B_g'e_g``. Where an absorbed level keeps some of its n rows and loses b,
its means move too: each such level counts as one more row of the group, its left-out sum over ``sqrt(n - b)``. What is
left of the model is a small system a group; all of them are solved together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import solve_triangular

from govdata.stats.coefficients import column_lengths, multiplied, orthonormal
from govdata.stats.crossproducts.products import CrossProducts, block_products
from govdata.stats.keys import BoolArray, Codes, FloatArray, IntArray
from govdata.stats.progress import progress
from govdata.stats.solver import Fit, group_sums

if TYPE_CHECKING:
    from govdata.stats.design import Design

__all__ = [
    "Coordinates",
    "Rest",
    "Rows",
    "Without",
    "clustered_variances",
    "coordinates",
    "of_products",
    "rests",
    "solve_without",
]

PLAIN = 0.9
"""A block whose squared entries add up to less takes nothing of a direction away: all its eigenvalues are below one."""
GONE, UNSURE = 1e-10, 1e-5
"""An eigenvalue of what is left of a direction: below the first it is lost; up to the second it is refitted."""
SHARP = 0.1
"""How much of UNSURE each unit of the condition number takes: digits lost to both multiply."""
OWN = 1e-7
"""A coefficient with a smaller share in the lost directions is still determined."""
MOST_CELLS = 1_000_000
"""Numbers held at once by the variances: 8 MB, of which a cache keeps most."""
LONG = 10_000_000_000
"""From so many multiplications on, a bar shows the progress."""
PRODUCT, LEAST = 2**18, 16
"""Multiplications of one product, which no library then spreads over threads; and rows of one, at least."""


@dataclass(frozen=True, slots=True, eq=False)
class Coordinates:
    """A linear fit in an orthonormal basis.

    Attributes
    ----------
    basis
        N x q; columns of explicit effects, or the constant, come first.
    resid
        N residuals.
    nuisance
        How many columns stand for explicit effects.
    turn
        (q - nuisance) x k: a change d of the coordinates changes the coefficients by ``d[nuisance:] @ turn``.
    first
        The level of the absorbed effect of each row; None where nothing is absorbed.
    condition
        Of the regressors, scaled and with effects taken out.
    """

    basis: FloatArray
    resid: FloatArray
    nuisance: int
    turn: FloatArray
    first: Codes | None
    condition: float


@dataclass(frozen=True, slots=True, eq=False)
class Without:
    """A fit without each of G groups.

    Attributes
    ----------
    moved
        G x q: how the coordinates move.
    weights
        G x q x k: the basis times these are the influences of the rows that stay.
    squares
        G sums of squared residuals.
    determined
        G x k: whether the coefficient is.
    lost
        G numbers of directions that no row is left of, slopes included.
    lost_slopes
        Those among them that are slopes'.
    unsure
        G: whether a direction is so nearly lost that the model should be fitted again.
    """

    moved: FloatArray
    weights: FloatArray
    squares: FloatArray
    determined: BoolArray
    lost: IntArray
    lost_slopes: IntArray
    unsure: BoolArray


def coordinates(fit: Fit, design: Design) -> Coordinates:
    """Write a fitted model in an orthonormal basis, its largest effect absorbed by means.

    Parameters
    ----------
    fit, design
        Of a model by least squares on the rows themselves.

    Returns
    -------
    Coordinates
        In the design's row order.
    """
    # The influence of the rows spans what the regressors span, effects taken out; its products with them are one.
    slopes = fit.influence[:, fit.influence.shape[1] - fit.slopes :]
    lengths = column_lengths(slopes)
    q, r = orthonormal(slopes / lengths)
    turn = r * lengths
    condition = float(np.linalg.cond(r)) if len(r) else 1.0
    if not design.intercept:
        basis = np.column_stack([fit.absorber.basis, q])
        return Coordinates(basis, fit.resid, fit.absorber.basis.shape[1], turn, fit.absorber.first, condition)
    root = 1 / np.sqrt(fit.nobs)
    whole = np.zeros((len(r) + 1, len(r) + 1))
    whole[0, 0], whole[1:, 0], whole[1:, 1:] = root, -turn @ design.x[:, list(fit.kept)].mean(axis=0), turn
    return Coordinates(np.column_stack([np.full(fit.nobs, root), q]), fit.resid, 0, whole, None, condition)


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """The sums that groups of rows take with them.

    Made by :meth:`of`. Arrays have one entry a group; rows outside every group stay in every sample.

    Attributes
    ----------
    blocks, scores, squares
        Products of the basis with itself and with the residuals, and squared residuals, of the rows of a group and of
        what its leaving does to the means of absorbed levels.
    sizes
        Rows of the groups.
    emptied
        Absorbed levels that leave altogether.
    whole
        Whether every absorbed level lies in one group.
    """

    blocks: FloatArray
    scores: FloatArray
    squares: FloatArray
    sizes: IntArray
    emptied: IntArray
    whole: bool

    @classmethod
    def of(cls, found: Coordinates, by: Codes) -> Rows:
        """Add up the rows of each group.

        Parameters
        ----------
        found
            The fit.
        by
            Group of each row; -1 for none.

        Returns
        -------
        Rows
            The sums.
        """
        groups = len(by.levels)
        codes = np.where(by.codes < 0, groups, by.codes)  # rows of no group become one more, taken off at the end
        n = groups + int(by.missing.any())
        joint = np.column_stack([found.basis, found.resid])
        sums = block_products(joint, codes, n)
        sizes = np.bincount(codes, minlength=n)
        emptied = np.zeros(n, dtype=np.int64)
        whole = True
        if found.first is not None:
            cells, cell, counts = np.unique(
                codes * len(found.first.levels) + found.first.codes, return_inverse=True, return_counts=True
            )
            group, level = np.divmod(cells, len(found.first.levels))
            left = np.bincount(found.first.codes)[level] - counts
            emptied = np.bincount(group[left == 0], minlength=n)
            whole = not left.any()
            if not whole:
                # The basis adds up to zero within a level, so that where no row is left there is nothing to add.
                share = np.where(left > 0, 1 / np.sqrt(np.maximum(left, 1)), 0.0)
                sums += block_products(group_sums(joint, cell, len(cells)) * share[:, None], group, n)
        sums, sizes, emptied = sums[:groups], sizes[:groups], emptied[:groups]
        return cls(
            np.ascontiguousarray(sums[:, :-1, :-1]),
            np.ascontiguousarray(sums[:, :-1, -1]),
            np.ascontiguousarray(sums[:, -1, -1]),
            sizes.astype(np.int64),
            emptied.astype(np.int64),
            whole,
        )


def solve_without(
    blocks: FloatArray,
    scores: FloatArray,
    squares: FloatArray,
    turn: FloatArray,
    nuisance: int,
    rss: float,
    condition: float = 1.0,
) -> Without:
    """Solve the systems that are left without each group.

    Parameters
    ----------
    blocks, scores, squares
        G x q x q, G x q and G sums of the groups; the whole sample's are the identity, zero and ``rss``.
    turn, nuisance, condition
        As of :class:`Coordinates`.
    rss
        Sum of squared residuals of the whole sample.

    Returns
    -------
    Without
        All fits.
    """
    groups, q = scores.shape
    k = turn.shape[1]
    wanted = np.zeros((q, k))
    wanted[nuisance:] = turn
    solved = np.empty((groups, q, k + 1))
    lost, lost_slopes = np.zeros(groups, dtype=np.int64), np.zeros(groups, dtype=np.int64)
    determined, unsure = np.ones((groups, k), dtype=np.bool_), np.zeros(groups, dtype=np.bool_)
    plain = np.einsum("gij,gij->g", blocks, blocks) < PLAIN
    right = np.empty((groups, q, k + 1))
    right[:, :, 0], right[:, :, 1:] = -scores, wanted
    if plain.any():
        solved[plain] = np.linalg.solve(np.eye(q) - blocks[plain], right[plain])
    lengths = np.sqrt(np.einsum("ij,ij->j", turn, turn))
    near = UNSURE * max(1.0, SHARP * condition)
    for g in np.flatnonzero(~plain).tolist():
        left = np.eye(q) - blocks[g]
        values, vectors = np.linalg.eigh(left)
        gone = values < GONE
        effects = np.linalg.eigvalsh(left[:nuisance, :nuisance])
        lost[g] = gone.sum()
        lost_slopes[g] = max(int(lost[g] - (effects < GONE).sum()), 0)
        unsure[g] = bool(np.any(~gone & (values < near)) or np.any((effects >= GONE) & (effects < UNSURE)))
        none = vectors[nuisance:, gone].T @ turn
        determined[g] = np.abs(none).max(axis=0, initial=0.0) <= OWN * lengths
        inverse = np.where(gone, 0.0, 1 / np.where(gone, 1.0, values))
        solved[g] = (vectors * inverse) @ (vectors.T @ right[g])
    moved = solved[:, :, 0]
    rest = rss - squares + np.einsum("gi,gi->g", scores, moved)
    # Where next to nothing is left of the residuals, a difference of sums has no digits.
    unsure |= rest < 1e-8 * rss
    return Without(moved, solved[:, :, 1:], rest, determined, lost, lost_slopes, unsure)


def clustered_variances(blocks: FloatArray, scores: FloatArray, without: Without) -> FloatArray:
    """Add up squared scores of the clusters that stay, where groups and clusters are the same.

    Parameters
    ----------
    blocks, scores
        Sums of all G clusters.
    without
        The fits.

    Returns
    -------
    ndarray
        G x k variances, without a small-sample factor.
    """
    groups, q = scores.shape
    k = without.weights.shape[2]
    found = np.zeros((groups, k))
    tall = min(groups, max(LEAST, MOST_CELLS // q**2))
    wide = min(groups, max(LEAST, min(MOST_CELLS // (tall * q), PRODUCT // q**2)))
    size = max(LEAST, PRODUCT // (q * k))
    # Those left out in turn, clusters that stay, columns.
    room, sums = np.empty((wide, tall, q)), np.empty((wide, tall, k))
    starts: Iterable[int] = range(0, groups, wide)
    if groups**2 * q * (q + k) > LONG:
        starts = progress(starts, total=-(-groups // wide), what="adding up clusters that stay")
    for start in starts:
        some = slice(start, min(start + wide, groups))
        moved, weights = without.moved[some], without.weights[some]
        for first in range(0, groups, tall):
            rest = slice(first, min(first + tall, groups))
            own, parts = (all_of[: len(moved), : rest.stop - first] for all_of in (room, sums))
            np.matmul(moved, blocks[rest], out=own.transpose(1, 0, 2))
            np.subtract(scores[rest], own, out=own)
            for at in range(0, own.shape[1], size):
                part = slice(at, at + size)
                np.matmul(own[:, part], weights, out=parts[:, part])
            both = np.arange(max(start, first), min(some.stop, rest.stop))
            parts[both - start, both - first] = 0.0
            found[some] += np.einsum("ghk,ghk->gk", parts, parts)
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Rest:
    """The rows that stay without one group, as a covariance wants to see them: a fit and a sample in one.

    Attributes
    ----------
    params
        Coefficients.
    influence, resid
        Of the rows that stay.
    slopes, rank
        Parameters that are left.
    effects, unit, time
        Keys of the rows that stay.
    clusters
        Columns by which a covariance may group them.
    """

    params: FloatArray
    influence: FloatArray
    resid: FloatArray
    slopes: int
    rank: int
    effects: tuple[Codes, ...]
    unit: Codes | None
    time: Codes | None
    clusters: tuple[Codes, ...]

    @property
    def linear(self) -> bool:
        """Always."""
        return True

    @property
    def nobs(self) -> int:
        """How many rows stay."""
        return len(self.resid)

    @property
    def contributions(self) -> FloatArray:
        """What each row contributes to the error of the coefficients."""
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
        found: FloatArray = self.influence.T @ self.influence * (self.resid @ self.resid / (self.nobs - parameters))
        return found

    def codes(self, column: str) -> Codes:
        """Return a column of the clusters as keys of the rows that stay.

        Parameters
        ----------
        column
            Its name.

        Returns
        -------
        Codes
            In their order.
        """
        return next(keys for keys in self.clusters if keys.name == column)


def rests(
    fit: Fit,
    design: Design,
    found: Coordinates,
    by: Codes,
    clusters: tuple[Codes, ...],
    without: Without,
    ranks: IntArray,
) -> Iterator[Rest]:
    """Yield the rows that stay without each group, one matrix product a group.

    Parameters
    ----------
    fit, design, found
        The model.
    by
        Group of each row; -1 for none.
    clusters
        Of the standard errors.
    without
        The fits.
    ranks
        Rank of the regression without each group.

    Yields
    ------
    Rest
        In the order of the groups.
    """
    joint = np.column_stack([found.basis, found.resid])
    sizes = None if found.first is None else np.bincount(found.first.codes)
    for g in range(len(by.levels)):
        gone = by.codes == g
        kept = np.flatnonzero(~gone)
        values = joint[kept]
        if found.first is not None and sizes is not None:
            own = found.first.codes[gone]
            left = sizes - np.bincount(own, minlength=len(sizes))
            sums = np.zeros((len(sizes), joint.shape[1]))
            np.add.at(sums, own, joint[gone])
            if left[own].any():  # the means of what stays of a level move by its left-out sum
                values = values + (sums / np.maximum(left, 1)[:, None])[found.first.codes[kept]]
        # Coefficients' influence and what the residuals change by, in products no library spreads over threads.
        turned = multiplied(values[:, :-1], np.column_stack([without.weights[g], without.moved[g]]))
        yield Rest(
            params=fit.params + without.moved[g, found.nuisance :] @ found.turn,
            influence=turned[:, :-1],
            resid=values[:, -1] - turned[:, -1],
            slopes=fit.slopes - int(without.lost_slopes[g]),
            rank=int(ranks[g]),
            effects=tuple(effect.subset(kept) for effect in design.effects),
            unit=None if design.unit is None else design.unit.subset(kept),
            time=None if design.time is None else design.time.subset(kept),
            clusters=tuple(keys.subset(kept) for keys in clusters),
        )


def of_products(products: CrossProducts) -> tuple[FloatArray, Without]:
    """Solve for each cluster of sums whose rows may never have been in memory.

    Parameters
    ----------
    products
        The sums.

    Returns
    -------
    turn : ndarray
        As of :class:`Coordinates`.
    without : Without
        The fits without each cluster.
    """
    turn = solve_triangular(products.root, np.eye(len(products.root))).T
    return turn, solve_without(
        products.blocks, products.scores, products.squares, turn, products.nuisance, products.rss
    )
