"""Many choices among the same controls, refitted with the residuals' signs flipped cluster by cluster.

Flipped residuals are no longer free of what the models hold: not of controls, and not of effects that cross the
clusters, such as those of years. Those effects are therefore columns here, beside the basis of the controls.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import qr

from govdata.errors import EstimationError
from govdata.stats.crossproducts.subsets import OWN, Found, Span, clear, thin
from govdata.stats.keys import BoolArray, Codes, FloatArray
from govdata.stats.solver import Absorber

__all__ = ["Crossed", "crossing", "flipped", "inside"]

CELLS = 50_000_000
"""Most numbers in the columns of effects that cross the clusters, and in their sums by cluster: 0.4 GB."""


def inside(effect: Codes, cluster: Codes) -> bool:
    """Say whether every level of an effect lies in one level of a cluster.

    Parameters
    ----------
    effect, cluster
        Of the same rows.

    Returns
    -------
    bool
        Whether it does.
    """
    home = np.empty(len(effect.levels), dtype=np.int64)
    home[effect.codes] = cluster.codes
    return bool((home[effect.codes] == cluster.codes).all())


def crossing(absorbed: tuple[Codes, ...], cluster: Codes, n: int, rank: int) -> FloatArray:
    """Write effects that cross the clusters as orthonormal columns.

    Parameters
    ----------
    absorbed
        All effects. Where none has its levels in one cluster each, the constant is among the columns.
    cluster
        The clusters of the rows.
    n
        How many rows.
    rank
        Of all effects and the constant together.

    Returns
    -------
    ndarray
        N x q, free of the effects that do not cross.

    Raises
    ------
    EstimationError
        If there are too many.
    """
    nested = tuple(effect for effect in absorbed if inside(effect, cluster))
    others = tuple(effect for effect in absorbed if not inside(effect, cluster))
    width = sum(len(effect.levels) for effect in others) + (not nested)
    if n * width > CELLS:
        listed = ", ".join(f"{effect.name} {len(effect.levels):,}" for effect in others)
        raise EstimationError(
            f"signs cannot be flipped by clusters that so many effects cross ({listed} levels on {n:,} rows); cluster "
            "by a column that those effects lie in"
        )
    if not width:
        return np.empty((n, 0))
    columns = np.zeros((n, width))
    start = 0
    for effect in others:
        columns[np.arange(n), start + effect.codes] = 1.0
        start += len(effect.levels)
    columns[:, start:] = 1.0
    absorb = Absorber(nested, n, constant=False)
    basis: FloatArray = qr(absorb(columns), mode="economic", pivoting=True, check_finite=False)[0]
    return basis[:, : rank - absorb.rank]


@dataclass(frozen=True, slots=True, eq=False)
class Crossed:
    """What the flips of one response need.

    Attributes
    ----------
    rows
        k x (G q): the basis of the columns to choose among times all q columns, by cluster. Of all columns, those in
        every model come first: effects that cross clusters, then terms.
    moved
        q (1 + k) x P: flipped sums of products of all columns with the response beyond the basis and with the basis.
    own
        k x G: products of the basis with the response beyond it, by cluster.
    signs
        G x P.
    """

    rows: FloatArray
    moved: FloatArray
    own: FloatArray
    signs: FloatArray

    @classmethod
    def of(cls, span: Span, effects: FloatArray, rest: FloatArray, codes: Codes, signs: FloatArray) -> Crossed:
        """Sum up.

        Parameters
        ----------
        span
            Columns of the sample.
        effects
            As :func:`crossing` gives them.
        rest
            N: the response beyond effects and basis.
        codes
            The clusters of the rows.
        signs
            G x P.

        Returns
        -------
        Crossed
            The sums.
        """
        basis, n = span.basis, len(codes.levels)
        k, q = basis.shape[1], effects.shape[1] + span.whole.shape[1]
        right = np.column_stack([rest, basis])
        sums = np.empty((q * (1 + k), n))
        order = np.argsort(codes.codes, kind="stable")
        ends = np.cumsum(np.bincount(codes.codes, minlength=n)).tolist()
        for g, (start, end) in enumerate(zip([0, *ends[:-1]], ends, strict=True)):
            at = order[start:end]
            sums[:, g] = (np.column_stack([effects[at], span.whole[at]]).T @ right[at]).ravel()
        by_column = sums.reshape(q, 1 + k, n)
        rows = np.ascontiguousarray(by_column[:, 1:].transpose(1, 2, 0)).reshape(k, n * q)
        return cls(rows, sums @ signs, by_column[q - k :, 0], signs)


def flipped(
    span: Span, masks: BoolArray, focal: int, response: tuple[FloatArray, FloatArray], crossed: Crossed
) -> Found:
    """Refit a batch of choices with the signs flipped and the coefficient held at zero.

    Parameters
    ----------
    span, masks, focal
        As in :func:`~govdata.stats.crossproducts.subsets.swept`.
    response
        Coordinates, 1 x k, and squares beyond the basis, 1.
    crossed
        Of the clusters that are flipped.

    Returns
    -------
    Found
        B x P.

    Notes
    -----
    The wild cluster bootstrap with the null imposed (Cameron, Gelbach and Miller 2008), with the same signs in every
    choice.
    """
    k, (n, flips) = len(span.root), crossed.signs.shape
    q = len(crossed.moved) // (1 + k)
    left, part = clear(span.root, masks, np.vstack([span.root[:, focal], response[0], np.eye(k)]))
    x, y_left, keep = left[:, 0], left[:, 1], left[:, 2:]
    squares = np.einsum("bk,bk->b", x, x)
    safe = np.where(squares > 0, squares, 1.0)
    length = span.lengths[focal]
    # Coordinates of the flipped residuals, first of what is in every model, then of the basis: B x q x P.
    weights = np.column_stack([np.ones(len(masks)), y_left])
    moved = np.matmul(weights, crossed.moved.reshape(q, 1 + k, flips)).transpose(1, 0, 2)
    slope = (x[:, None, :] @ moved[:, q - k :])[:, 0] / safe[:, None]
    error = keep @ moved[:, q - k :] - x[:, :, None] * slope[:, None, :]
    explained = np.array(moved)
    explained[:, q - k :] -= error
    rss = response[1] + np.einsum("bk,bk->b", y_left, y_left)[:, None] - np.einsum("bqp,bqp->bp", explained, explained)
    by_cluster = (x @ crossed.rows).reshape(len(masks), n, q)
    fixed = (by_cluster[:, :, q - k :] @ y_left[:, :, None])[:, :, 0] + x @ crossed.own
    scores = fixed[:, :, None] * crossed.signs - by_cluster @ explained
    meat = np.einsum("bgp,bgp->bp", scores, scores) / (safe * length)[:, None] ** 2
    doubtful = (part < OWN) | (squares < OWN * OWN) | thin(span, masks, focal)
    inverse = np.broadcast_to((1 / safe / length**2)[:, None], slope.shape)
    return Found(slope / length, inverse, (meat,), np.maximum(rss, 0.0), doubtful)
