"""Many choices among the same regressors, from one set of sums of products.

All columns that any choice may hold are written once as an orthonormal basis times a triangular root. A choice is then
a set of the root's columns: its coefficient of one regressor, the residuals and the scores by cluster follow from
vectors as long as the basis is wide, whatever the number of rows. Other responses, or other draws of one, change only
their own coordinates.

Each choice is solved by the inverse of its small matrix of products, whose error is taken out by repeating the
projection (Björck 1987, the corrected semi-normal equations). Choices too ill-conditioned for that are said to be so,
and are for a fit of their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from govdata.stats.crossproducts.products import block_products
from govdata.stats.keys import BoolArray, FloatArray, IntArray
from govdata.stats.solver import group_sums

__all__ = ["CANCELLED", "OWN", "Found", "Span", "batches", "clear", "scores_of", "swept", "thin"]

RIDGE = 1e-12
"""Added to the diagonal, so that an exactly singular choice is found out instead of ending the batch."""
ROUNDS = 3
"""Projections; each takes the error of the one before down to RIDGE over the square of OWN, at most."""
OWN = 1e-4
"""A choice is solved here when every column's part of its own is above this share of the column."""
EXACT = 1e-12
"""Residuals below this share of the response's squares are for a fit of their own."""
CANCELLED = 1e-10
"""Scores that cancel out within clusters to below this share, likewise."""
APART = 1e-8
"""Smallest eigenvalue of products of columns of length one at which two rounds of Cholesky are exact."""
CELLS = 2_000_000
"""Numbers held at once in a batch: 16 MB."""


@dataclass(frozen=True, slots=True, eq=False)
class Span:
    """Columns of one sample as an orthonormal basis times a root.

    Attributes
    ----------
    whole
        N x (f + k), orthonormal: what is in every model, then the rest.
    fixed
        How many columns are in every model: f.
    root
        k x p: the other columns, less what the fixed ones explain, each divided by its length.
    lengths
        The p lengths.
    shares
        What share of its length each column had left.
    sound
        Whether the fixed columns are well apart from each other.
    triangle
        (f + k) x (f + p): the fixed columns and the others, each divided by its own length, are the whole basis
        times it.
    """

    whole: FloatArray
    fixed: int
    root: FloatArray
    lengths: FloatArray
    shares: FloatArray
    sound: bool
    triangle: FloatArray

    @property
    def basis(self) -> FloatArray:
        """The basis without the fixed columns, N x k."""
        return self.whole[:, self.fixed :]

    @classmethod
    def of(cls, fixed: FloatArray, columns: FloatArray) -> Span:
        """Decompose the columns.

        Parameters
        ----------
        fixed
            N x f, in every model.
        columns
            N x p, to be chosen among. Both are already free of effects or constant.

        Returns
        -------
        Span
            The decomposition.
        """
        both = np.column_stack([fixed, columns])
        sizes = np.sqrt(np.einsum("ij,ij->j", both, both))
        sizes = np.where(sizes > 0, sizes, 1.0)
        q, r = _orthonormal(both / sizes)
        f = fixed.shape[1]
        corner = r[:f, :f]
        sound = f <= len(both) and (f == 0 or bool(np.linalg.svd(corner, compute_uv=False).min() > OWN))
        rest = r[f:, f:]
        shares = np.sqrt(np.einsum("ij,ij->j", rest, rest))
        safe = np.where(shares > 0, shares, 1.0)
        return cls(q, f, rest / safe, sizes[f:] * safe, shares, sound, r)

    def split(self, values: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Take values apart into coordinates and what the basis does not reach.

        Parameters
        ----------
        values
            N x D, free of effects or constant.

        Returns
        -------
        coordinates : ndarray
            D x k.
        rest : ndarray
            N x D, orthogonal to the whole basis.
        """
        first = self.whole.T @ values
        rest = values - self.whole @ first
        second = self.whole.T @ rest
        rest -= self.whole @ second
        return np.ascontiguousarray((first + second)[self.fixed :].T), rest


def _orthonormal(columns: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Decompose columns of length one: by Cholesky twice where that is as good as by reflections, which are slower."""
    gram = columns.T @ columns
    if not len(gram) or np.linalg.eigvalsh(gram)[0] < APART:
        return np.linalg.qr(columns)
    root = np.linalg.cholesky(gram).T
    basis = columns @ np.linalg.inv(root)
    again = np.linalg.cholesky(basis.T @ basis).T
    return basis @ np.linalg.inv(again), again @ root


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What one batch of choices gives: choices x draws.

    Attributes
    ----------
    estimate
        Coefficient of the regressor looked at.
    inverse
        One over its sum of squares less what the other columns explain.
    meats
        One array a clustering: sums of squared scores, in the coefficient's unit.
    rss
        Residual sums of squares.
    doubtful
        Choices for a fit of their own.
    """

    estimate: FloatArray
    inverse: FloatArray
    meats: tuple[FloatArray, ...]
    rss: FloatArray
    doubtful: BoolArray


def batches(n: int, each: int, cells: int = CELLS) -> Iterator[slice]:
    """Cut choices into batches that hold a bounded number of numbers.

    Parameters
    ----------
    n
        How many choices.
    each
        Numbers held for each.
    cells
        Numbers held at once, at most, but for those of one choice.

    Yields
    ------
    slice
        Of the choices.
    """
    size = max(1, cells // max(each, 1))
    for start in range(0, n, size):
        yield slice(start, min(start + size, n))


def clear(root: FloatArray, masks: BoolArray, vectors: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Take the chosen columns out of vectors.

    Parameters
    ----------
    root
        k x p, columns of length one.
    masks
        B x p, which columns each choice holds.
    vectors
        D x k.

    Returns
    -------
    left : ndarray
        B x D x k.
    own : ndarray
        B: the smallest part of its own that a chosen column has, as a share of its length.
    """
    p = root.shape[1]
    if not p:
        return np.broadcast_to(vectors, (len(masks), *vectors.shape)).copy(), np.ones(len(masks))
    both = masks[:, :, None] & masks[:, None, :]
    system = np.where(both, root.T @ root, 0.0)
    at = np.arange(p)
    system[:, at, at] = 1 + RIDGE
    inverse = np.where(both, np.linalg.inv(system), 0.0)
    largest = np.abs(inverse[:, at, at]).max(axis=1, initial=1.0)
    many = len(vectors) > len(root)
    start = np.eye(len(root)) if many else vectors
    left = np.broadcast_to(start, (len(masks), *start.shape)).copy()
    shape = left.shape
    for _ in range(ROUNDS):
        inner = (left.reshape(-1, shape[2]) @ root).reshape(*shape[:2], p) @ inverse
        left -= (inner.reshape(-1, p) @ root.T).reshape(shape)
    if many:
        left = vectors @ left
    return left, 1 / np.sqrt(largest)


def scores_of(basis: FloatArray, rest: FloatArray, codes: IntArray, n: int) -> tuple[FloatArray, FloatArray]:
    """Multiply the basis with itself and with what it does not reach, by cluster.

    Parameters
    ----------
    basis
        N x k.
    rest
        N x D.
    codes
        Cluster of each row.
    n
        How many clusters.

    Returns
    -------
    blocks : ndarray
        k x (n k).
    scores : ndarray
        k x n x D.
    """
    k, d = basis.shape[1], rest.shape[1]
    blocks = np.ascontiguousarray(block_products(basis, codes, n).transpose(1, 0, 2)).reshape(k, n * k)
    scores = np.empty((k, n, d))
    if d == 1:
        scores[:, :, 0] = group_sums(basis * rest, codes, n).T
        return blocks, scores
    order = np.argsort(codes, kind="stable")
    ends = np.cumsum(np.bincount(codes, minlength=n)).tolist()
    for g, (start, end) in enumerate(zip([0, *ends[:-1]], ends, strict=True)):
        rows = order[start:end]
        scores[:, g] = basis[rows].T @ rest[rows]
    return blocks, scores


def swept(
    span: Span,
    masks: BoolArray,
    focal: int,
    response: tuple[FloatArray, FloatArray],
    sums: tuple[tuple[FloatArray, FloatArray], ...],
) -> Found:
    """Solve a batch of choices for one regressor and one or many responses.

    Parameters
    ----------
    span
        Columns of the sample.
    masks
        B x p, without the focal column.
    focal
        Which column is looked at.
    response
        Coordinates, D x k, and sums of squares that the basis does not reach, D.
    sums
        What :func:`scores_of` gives, one a clustering.

    Returns
    -------
    Found
        B x D.
    """
    y, beyond = response
    k = len(span.root)
    stacked = np.vstack([span.root[:, focal], y])
    left, own = clear(span.root, masks, stacked)
    x, y_left = left[:, 0], left[:, 1:]
    squares = np.einsum("bk,bk->b", x, x)
    safe = np.where(squares > 0, squares, 1.0)
    slope = np.einsum("bdk,bk->bd", y_left, x) / safe[:, None]
    error = y_left - slope[:, :, None] * x[:, None, :]
    rss = beyond + np.einsum("bdk,bdk->bd", error, error)
    doubtful = (own < OWN) | (squares < OWN * OWN) | thin(span, masks, focal)
    doubtful |= (rss <= EXACT * (beyond + np.einsum("dk,dk->d", y, y))).any(axis=1)
    length = span.lengths[focal]
    meats = []
    for blocks, scores in sums:
        n, d = scores.shape[1:]
        found = (x @ scores.reshape(k, n * d)).reshape(len(masks), n, d)
        if d == 1:
            pairs = (x[:, :, None] * error[:, 0, None, :]).reshape(len(masks), k * k)
            found[:, :, 0] += pairs @ blocks.reshape(k, n, k).transpose(0, 2, 1).reshape(k * k, n)
        else:
            found += (x @ blocks).reshape(len(masks), n, k) @ error.transpose(0, 2, 1)
        meat = np.einsum("bgd,bgd->bd", found, found)
        doubtful |= (meat < CANCELLED * squares[:, None] * rss).any(axis=1)
        meats.append(meat / (safe * length)[:, None] ** 2)
    inverse = np.broadcast_to((1 / safe / length**2)[:, None], slope.shape)
    return Found(slope / length, inverse, tuple(meats), rss, doubtful)


def thin(span: Span, masks: BoolArray, focal: int) -> BoolArray:
    """Find choices with a column of which the fixed columns leave next to nothing.

    Parameters
    ----------
    span, masks, focal
        As in :func:`swept`.

    Returns
    -------
    ndarray of bool
        One a choice.
    """
    little = span.shares < OWN
    found: BoolArray = (masks & little).any(axis=1) | little[focal] | (not span.sound)
    return found
