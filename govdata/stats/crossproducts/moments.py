"""From plain sums of products by cluster to a model, where the rows themselves were never in memory."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import lapack, solve_triangular

from govdata.errors import EstimationError
from govdata.stats.crossproducts.products import CrossProducts, back
from govdata.stats.keys import FloatArray, IntArray

__all__ = ["ILL_CONDITIONED", "Factored", "factor", "from_moments"]

ILL_CONDITIONED = "ill_conditioned"
"""Code of the error for columns that sums of products cannot tell apart: products of better columns can."""
COLLINEAR = 1e-9
"""A column whose part of its own is below this share of its length is a combination of the others."""
CONDITION = 3e2
"""Largest condition number for which plain sums of products keep ten digits: they square it."""


@dataclass(frozen=True, slots=True, eq=False)
class Factored:
    """A Cholesky factor of sums of products.

    Attributes
    ----------
    kept
        Which explicit columns are independent.
    upper
        The factor of these and of the regressors, upper triangular, in the columns' own scale.
    condition
        Condition number of the regressors' part, its columns scaled to length one.
    """

    kept: IntArray
    upper: FloatArray
    condition: float


def factor(total: FloatArray, explicit: int, names: tuple[str, ...]) -> Factored:
    """Factor the sums of products of explicit effects and regressors.

    Parameters
    ----------
    total
        Sums of products: explicit columns first, then regressors.
    explicit
        How many of the columns stand for effects; dependent ones among them are left out.
    names
        Of the regressors.

    Returns
    -------
    Factored
        The factor.

    Raises
    ------
    EstimationError
        If a regressor is a combination of the effects and of those before it.

    Notes
    -----
    Columns are scaled to length one; the effects are pivoted, the regressors keep their order.
    """
    lengths = np.sqrt(np.diag(total))
    for name, length in zip(names, lengths[explicit:].tolist(), strict=True):
        if not length > 0:
            raise EstimationError(f"{name} does not vary once the effects are taken out; leave it out")
    scale = np.where(lengths > 0, lengths, 1.0)
    scaled = total / scale[:, None] / scale[None, :]
    kept = np.empty(0, dtype=np.int64)
    if explicit:
        _, pivots, rank, _ = lapack.dpstrf(scaled[:explicit, :explicit], tol=COLLINEAR)
        kept = np.sort(pivots[:rank].astype(np.int64) - 1)
    columns = np.concatenate([kept, np.arange(explicit, len(total))])
    upper = np.zeros((len(columns), len(columns)))
    for j, column in enumerate(columns.tolist()):
        # Column by column, so that the one that fails can be named.
        above = solve_triangular(upper[:j, :j], scaled[columns[:j], column], trans="T") if j else np.empty(0)
        rest = scaled[column, column] - above @ above
        if rest <= COLLINEAR**1.5:
            name = names[column - explicit] if column >= explicit else "an effect"
            raise EstimationError(
                f"{name} is a combination of the effects and the regressors before it, as far as sums of products can "
                "tell; leave it out",
                code=ILL_CONDITIONED,
            )
        upper[:j, j], upper[j, j] = above, np.sqrt(rest)
    own = upper[len(kept) :, len(kept) :]
    own = own / np.sqrt(np.einsum("ij,ij->j", own, own))
    condition = float(np.linalg.cond(own)) if own.size else 1.0
    # The part that the effects take out is lost just as well.
    partial = np.sqrt(np.einsum("ij,ij->j", upper[len(kept) :, len(kept) :], upper[len(kept) :, len(kept) :]))
    condition *= float(1 / partial.min()) if partial.size else 1.0
    return Factored(kept, upper * scale[columns], condition)


def from_moments(
    moments: FloatArray,
    *,
    response: str,
    names: tuple[str, ...],
    cluster: str,
    levels: tuple[int, ...] | tuple[str, ...],
    sizes: IntArray,
    absorbed: IntArray,
    outside: int,
    explicit: int = 0,
    transform: FloatArray | None = None,
    taken_out: FloatArray | None = None,
) -> CrossProducts:
    """Build a model's sums of products in orthonormal coordinates from plain ones.

    Parameters
    ----------
    moments
        G x p x p sums of products by cluster, p = explicit + k + 1: columns of explicit effects, the k regressors, the
        response. Levels of the absorbed effect are already taken out by their means.
    response, names, cluster, levels, sizes, absorbed, outside
        As in :class:`CrossProducts`. With an intercept, its column of ones comes first among the regressors.
    explicit
        How many columns stand for explicit effects; dependent ones among them may be there.
    transform
        k x k, upper triangular: the regressors in the moments are the model's regressors times it, up to combinations
        of the explicit columns. For columns that were centred, scaled or made nearly orthogonal first.
    taken_out
        k coefficients: the response in the moments is the model's response less the model's regressors times these.

    Returns
    -------
    CrossProducts
        Without rows.

    Raises
    ------
    EstimationError
        If the coefficients are not determined; with code ``ill_conditioned`` where ten digits cannot be had from these
        columns, yet may be from better ones.

    Notes
    -----
    Sums of products square the condition number. Products of columns that a first factor has made nearly orthogonal
    do not, so that two rounds give what a QR decomposition of the rows gives (Yamamoto et al. 2015).
    """
    total = moments.sum(axis=0)
    width = len(total) - 1
    found = factor(total[:width, :width], explicit, names)
    if found.condition > CONDITION:
        raise EstimationError(
            f"the regressors are nearly dependent (condition number {found.condition:.1e}): plain sums of products do "
            "not give ten digits",
            code=ILL_CONDITIONED,
        )
    columns = np.concatenate([found.kept, np.arange(explicit, width)])
    q0, k = len(found.kept), len(names)
    upper = found.upper
    theta = solve_triangular(upper, total[columns, width], trans="T")
    inverse = solve_triangular(upper, np.eye(len(columns)))
    blocks = np.matmul(np.matmul(inverse.T, moments[:, columns[:, None], columns[None, :]]), inverse)
    products = moments[:, columns, width] @ inverse
    fitted = blocks @ theta
    squares = moments[:, width, width] - 2 * products @ theta + fitted @ theta
    own = upper[q0:, q0:]
    root = own if transform is None else solve_triangular(transform.T, own.T, lower=True).T
    params = back(root, theta[q0:]) + (0.0 if taken_out is None else taken_out)
    levels_lost = int(absorbed.sum())
    return CrossProducts(
        response=response,
        names=names,
        cluster=cluster,
        levels=levels,
        params=params,
        nuisance=q0,
        root=root,
        blocks=blocks,
        scores=products - fitted,
        squares=np.maximum(squares, 0.0),
        sizes=sizes,
        absorbed=absorbed,
        rank=levels_lost + q0 + k,
        outside=outside,
    )
