"""Many choices among the same controls, for many draws of the regressor looked at.

With the regressor drawn, sums of products by cluster are squares of it and differ from draw to draw and from choice to
choice. The rows of each cluster are therefore turned so that few are left, and the residuals are written out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from govdata.stats.crossproducts.subsets import CANCELLED, OWN, Found, Span, clear
from govdata.stats.keys import BoolArray, FloatArray, IntArray

__all__ = ["Compressed", "compress", "swept_draws"]

CLOSE = 1e-6
"""Residuals below this share of the response's squares are for a fit of their own."""


@dataclass(frozen=True, slots=True, eq=False)
class Compressed:
    """Rows of each cluster, turned so that no more are left than the basis is wide.

    Attributes
    ----------
    basis
        R x k.
    x, y
        Draws of regressor and response beyond the basis, R x D each; the response may have one draw for all.
    starts
        First row of each cluster.
    squares, products
        What the turned rows leave out of the sums by cluster: G x D.
    """

    basis: FloatArray
    x: FloatArray
    y: FloatArray
    starts: IntArray
    squares: FloatArray
    products: FloatArray


def compress(basis: FloatArray, x: FloatArray, y: FloatArray, codes: IntArray, n: int) -> Compressed:
    """Turn the rows of each cluster by an orthogonal matrix.

    Parameters
    ----------
    basis
        N x k.
    x, y
        N x D; what the basis does not reach.
    codes
        Cluster of each row.
    n
        How many clusters.

    Returns
    -------
    Compressed
        With the same sums of products by cluster.
    """
    order = np.argsort(codes, kind="stable")
    basis, x, y = basis[order], x[order], y[order]
    counts = np.bincount(codes, minlength=n)
    k, draws = basis.shape[1], x.shape[1]
    none = np.zeros((n, draws))
    if k == 0 or n * k >= 0.75 * len(codes):
        starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
        return Compressed(basis, x, y, starts, none, none)
    squares, products = none, none.copy()
    turned: list[tuple[FloatArray, FloatArray, FloatArray]] = []
    ends = np.cumsum(counts).tolist()
    for g, (start, end) in enumerate(zip([0, *ends[:-1]], ends, strict=True)):
        q, r = np.linalg.qr(basis[start:end])
        own_x, own_y = x[start:end], y[start:end]
        in_x, in_y = q.T @ own_x, q.T @ own_y
        rest_x, rest_y = own_x - q @ in_x, own_y - q @ in_y
        squares[g] = np.einsum("id,id->d", rest_x, rest_x)
        products[g] = (rest_x * rest_y).sum(axis=0)
        turned.append((r, in_x, in_y))
    sizes = [len(part[0]) for part in turned]
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64)
    stacked = [np.concatenate([part[i] for part in turned]) for i in range(3)]
    return Compressed(stacked[0], stacked[1], stacked[2], starts, squares, products)


def swept_draws(
    span: Span,
    masks: BoolArray,
    x: tuple[FloatArray, FloatArray],
    y: tuple[FloatArray, FloatArray],
    beyond: tuple[FloatArray, FloatArray],
    clusters: tuple[Compressed, ...],
) -> Found:
    """Solve a batch of choices for many draws of the regressor.

    Parameters
    ----------
    span
        Columns of the sample, without the regressor.
    masks
        B x p.
    x, y
        Coordinates, D x k, and squares beyond the basis, D; the response may have one draw for all.
    beyond
        Beyond the basis: the slope of response on regressor, and the squares of what that leaves. D each.
    clusters
        Rows, one a clustering.

    Returns
    -------
    Found
        B x D.
    """
    draws = len(x[0])
    stacked, own = clear(span.root, masks, np.vstack([x[0], y[0]]))
    x_left, y_left = stacked[:, :draws], stacked[:, draws:]
    squares = x[1] + np.einsum("bdk,bdk->bd", x_left, x_left)
    whole = x[1] + np.einsum("dk,dk->d", x[0], x[0])
    safe = np.where(squares > 0, squares, 1.0)
    slope = (beyond[0] * x[1] + (x_left * y_left).sum(axis=2)) / safe
    error = y_left - slope[:, :, None] * x_left
    rss = beyond[1] + (slope - beyond[0]) ** 2 * x[1] + np.einsum("bdk,bdk->bd", error, error)
    tss = y[1] + np.einsum("dk,dk->d", y[0], y[0])
    doubtful = (own < OWN) | (masks & (span.shares < OWN)).any(axis=1) | (not span.sound)
    # What compression sets aside is a difference, hence the stricter bound.
    doubtful |= (squares < OWN * OWN * whole).any(axis=1) | (rss <= CLOSE * tss).any(axis=1)
    meats = []
    for rows in clusters:
        meat = np.empty_like(slope)
        xs = np.empty(rows.x.shape)
        for b in range(len(masks)):
            np.matmul(rows.basis, x_left[b].T, out=xs)
            xs += rows.x
            ys = rows.basis @ y_left[b].T
            ys += rows.y
            scores = _sums(xs, ys, rows) + rows.products
            scores -= slope[b] * (_sums(xs, xs, rows) + rows.squares)
            meat[b] = np.einsum("gd,gd->d", scores, scores)
        doubtful |= (meat < CANCELLED * squares * rss).any(axis=1)
        meats.append(meat / safe**2)
    return Found(slope, 1 / safe, tuple(meats), rss, doubtful)


def _sums(one: FloatArray, other: FloatArray, rows: Compressed) -> FloatArray:
    """Add up products of rows by cluster."""
    n = len(rows.starts)
    each = len(one) // n
    if each * n == len(one) and np.array_equal(rows.starts, np.arange(n) * each):
        spread = [values.reshape(n, each, -1) for values in (one, np.broadcast_to(other, one.shape))]
        found: FloatArray = np.einsum("grd,grd->gd", *spread)
        return found
    summed: FloatArray = np.add.reduceat(one * other, rows.starts, axis=0)
    return summed
