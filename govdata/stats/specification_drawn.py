"""Many choices among the same controls, for many draws of the regressor looked at.

With the regressor drawn, sums of products by cluster are squares of it and differ from draw to draw and from choice to
choice. They follow from those of the basis and of what the basis does not reach, as products of a few large matrices.
Where those sums cancel out, or where clusters are so small that they do not pay, the residuals are written out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from govdata.stats.crossproducts.products import block_products
from govdata.stats.crossproducts.subsets import CANCELLED, OWN, Found, Span, clear
from govdata.stats.keys import BoolArray, FloatArray, IntArray

__all__ = ["Clustered", "clustered", "joined", "swept_draws"]

CLOSE = 1e-6
"""Residuals below this share of the response's squares are for a fit of their own."""
APART = 1e-10
"""The regressor is another column, or constant, where controls and effects leave less than this share of it."""
STEADY = 2e-4
"""Scores smaller than this share of what they are a difference of are written out: it holds errors at 5e-12."""


@dataclass(frozen=True, slots=True, eq=False)
class Clustered:
    """Rows in the order of their clusters, with their sums of products.

    Attributes
    ----------
    basis
        N x k.
    x, y
        Draws of regressor and response beyond the basis, N x D each; the response may have one draw for all.
    starts
        First row of each cluster.
    fixed
        Products of the basis with itself, and with the response where that has one draw, by cluster: features x G.
    own
        D x features x G: products with what is drawn.
    pays
        Whether sums are less work than rows.
    """

    basis: FloatArray
    x: FloatArray
    y: FloatArray
    starts: IntArray
    fixed: FloatArray
    own: FloatArray
    pays: bool


def clustered(basis: FloatArray, x: FloatArray, y: FloatArray, codes: IntArray, n: int) -> Clustered:
    """Sum up by cluster.

    Parameters
    ----------
    basis
        N x k.
    x, y
        N x D; what the basis does not reach. The response may have one draw for all.
    codes
        Cluster of each row.
    n
        How many clusters.

    Returns
    -------
    Clustered
        The sums.
    """
    order = np.argsort(codes, kind="stable")
    basis, x, y = basis[order], x[order], y[order]
    counts = np.bincount(codes, minlength=n)
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.int64)
    k, draws = basis.shape[1], x.shape[1]
    pays = n * (k * (k + 1) // 2 + 2 * k) < 3 * len(basis) * (k + 2)
    if not pays:
        return Clustered(basis, x, y, starts, np.empty((0, n)), np.empty((draws, 0, n)), pays)
    several = y.shape[1] > 1
    blocks = block_products(basis, codes[order], n)
    with_y = np.empty((y.shape[1], k, n))
    own = np.empty((draws, k * (1 + several) + 2, n))
    for g, (start, count) in enumerate(zip(starts.tolist(), counts.tolist(), strict=True)):
        at = slice(start, start + count)
        own[:, :k, g] = x[at].T @ basis[at]
        with_y[:, :, g] = y[at].T @ basis[at]
    own[:, k] = np.add.reduceat(x * y, starts, axis=0).T
    own[:, k + 1] = np.add.reduceat(x * x, starts, axis=0).T
    fixed = [blocks[:, i, i:].T for i in range(k)]
    if several:
        own[:, k + 2 :] = with_y
    else:
        fixed.append(with_y[0])
    return Clustered(basis, x, y, starts, np.concatenate([np.empty((0, n)), *fixed]), own, pays)


def joined(parts: list[Found], axis: int) -> Found:
    """Put batches together.

    Parameters
    ----------
    parts
        At least one.
    axis
        0 along choices, 1 along draws.

    Returns
    -------
    Found
        Of all.
    """
    if len(parts) == 1:
        return parts[0]
    estimate, inverse, rss = (
        np.concatenate([getattr(part, name) for part in parts], axis=axis) for name in ("estimate", "inverse", "rss")
    )
    meats = tuple(np.concatenate(each, axis=axis) for each in zip(*(part.meats for part in parts), strict=True))
    lists = [part.doubtful for part in parts]
    return Found(estimate, inverse, meats, rss, np.logical_or.reduce(lists) if axis else np.concatenate(lists))


def swept_draws(
    span: Span,
    masks: BoolArray,
    x: tuple[FloatArray, FloatArray],
    y: tuple[FloatArray, FloatArray],
    beyond: tuple[FloatArray, FloatArray],
    clusters: tuple[Clustered, ...],
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
        B x D. Where controls determine a draw of the regressor, the estimate is NaN and the choice doubtful.
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
    doubtful |= (squares <= OWN * OWN * whole).any(axis=1) | (rss <= CLOSE * tss).any(axis=1)
    sizes = np.sqrt(whole * tss) + np.abs(slope) * whole
    meats = []
    for rows in clusters:
        meat = np.empty_like(slope)
        written = np.ones(len(masks), dtype=np.bool_)
        if rows.pays:
            meat[:] = _from_sums(rows, x_left, error, slope)
            written = (meat < (STEADY * sizes) ** 2).any(axis=1)
        for b in np.flatnonzero(written).tolist():
            xs = rows.basis @ x_left[b].T
            xs += rows.x
            left = rows.basis @ error[b].T
            left += rows.y
            left -= slope[b] * rows.x
            left *= xs
            scores = np.add.reduceat(left, rows.starts, axis=0)
            meat[b] = np.einsum("gd,gd->d", scores, scores)
        doubtful |= (meat < CANCELLED * squares * rss).any(axis=1)
        meats.append(meat / safe**2)
    estimate = np.where(squares <= APART * APART * whole, np.nan, slope)
    return Found(estimate, 1 / safe, tuple(meats), rss, doubtful)


def _from_sums(rows: Clustered, x: FloatArray, error: FloatArray, slope: FloatArray) -> FloatArray:
    """Add up squared scores: B x D, from coordinates of regressor and residuals, B x D x k each."""
    choices, draws, k = x.shape
    # Draws come first, then choices, so that what belongs to a draw is one product of matrices.
    first, second = (np.ascontiguousarray(part.transpose(2, 1, 0)).reshape(k, draws * choices) for part in (x, error))
    features = np.empty((len(rows.fixed), draws * choices))
    start = 0
    for i in range(k):
        size = k - i
        np.multiply(second[i:], first[i], out=features[start : start + size])
        features[start + 1 : start + size] += first[i + 1 :] * second[i]
        start += size
    features[start:] = first[: len(features) - start]
    scores = (features.T @ rows.fixed).reshape(draws, choices, -1)
    own = np.empty((draws, choices, rows.own.shape[1]))
    own[:, :, :k] = (error - slope[:, :, None] * x).transpose(1, 0, 2)
    own[:, :, k] = 1.0
    own[:, :, k + 1] = -slope.T
    own[:, :, k + 2 :] = x.transpose(1, 0, 2)[:, :, : own.shape[2] - k - 2]
    scores += own @ rows.own
    found: FloatArray = np.einsum("dbg,dbg->bd", scores, scores)
    return found
