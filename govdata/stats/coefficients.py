"""Coefficients of columns from which effects are gone.

Where the columns are far from dependent, their products determine the coefficients to the last digits, and two passes
over the rows are enough. Where they are not, coefficients come from a QR decomposition and are then corrected, together
with the residuals, in extended precision.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from scipy.linalg import solve_triangular
from scipy.linalg.lapack import dtrtri

if TYPE_CHECKING:
    from govdata.stats.keys import FloatArray

__all__ = ["LongArray", "Solution", "column_lengths", "inverse_root", "multiplied", "orthonormal", "solve"]

LongArray = npt.NDArray[np.longdouble]

COLLINEAR = 1e-10
"""A column whose part of its own is below this share is a combination of the others."""
WELL = 1e2
"""Root of the sum of variance inflation factors below which double precision loses no digit that matters."""
SMALL = 5_000
"""Up to so many numbers extended precision costs no time."""
TWICE = 30.0
"""The same, above which products are taken a second time, of columns that are nearly orthogonal by then."""
PRODUCT = 2**18
"""Multiplications of one product of two blocks."""
LEAST, FEW = 256, 32
"""Rows of a block, at least: of a long matrix, and where the other factor can be cut too."""
ROUNDS = 4
"""How often coefficients are corrected; two are enough unless columns are nearly dependent."""


@dataclass(frozen=True, slots=True)
class Solution:
    """Coefficients with all that goes with them.

    Attributes
    ----------
    slopes
        One a regressor that was kept; in extended precision where they were solved for in it.
    influence
        Rows x slopes: the slopes are the true ones plus the sum of influence times error.
    resid
        Residuals.
    kept
        Which regressors the slopes belong to.
    faults
        Why the others were not kept.
    squares
        Sum of the squares of the response.
    """

    slopes: npt.NDArray[Any]
    influence: FloatArray
    resid: FloatArray
    kept: list[int]
    faults: dict[int, str]
    squares: float


def solve(
    columns: FloatArray,
    lengths: FloatArray,
    kept: list[int],
    names: tuple[str, ...],
    exactly: Callable[[], LongArray],
) -> Solution:
    """Regress the first column on the others.

    Parameters
    ----------
    columns
        Response and regressors, stored by column; used up.
    lengths
        Of the regressors before effects were taken out.
    kept
        The regressors that are not zero.
    names
        Of the regressors.
    exactly
        What gives the columns in extended precision.

    Returns
    -------
    Solution
        Without the regressors that earlier ones determine.
    """
    squares = float(np.add.reduce(columns[:, 0] * columns[:, 0]))
    columns = _chosen(columns, kept)
    products = _products(columns, lengths[kept])
    faults: dict[int, str] = {}
    if products is None:
        exact = exactly()
        within, known = exact[:, 1:].astype(np.float64), kept
        left = column_lengths(within)
        kept, scaled = _independent(within, left, lengths, kept, names, faults)
        if kept != known:
            columns = _chosen(columns, [known.index(j) for j in kept])
            products = _products(columns, lengths[kept])
        if products is None:
            regressors = exact[:, 1:][:, kept] / left[kept]
            return Solution(*_extended(exact[:, 0], regressors, scaled, left[kept]), kept, faults, squares)
    return Solution(*_multiplied(columns, *products), kept, faults, squares)


def column_lengths(columns: FloatArray) -> FloatArray:
    """Measure columns.

    Parameters
    ----------
    columns
        A matrix.

    Returns
    -------
    ndarray
        The root of the sum of squares of each.
    """
    lengths: FloatArray = np.sqrt(np.einsum("ij,ij->j", columns, columns))
    return lengths


def inverse_root(gram: FloatArray) -> FloatArray | None:
    """Give the triangle whose products by rows are the inverse of a matrix.

    Parameters
    ----------
    gram
        Symmetric.

    Returns
    -------
    ndarray or None
        Upper triangular; None where the matrix is not positive definite.
    """
    if not len(gram):
        return gram
    try:
        upper = np.linalg.cholesky(gram).T
    except np.linalg.LinAlgError:
        return None
    found: FloatArray = dtrtri(upper)[0]
    return found


def multiplied(columns: FloatArray, matrix: FloatArray) -> FloatArray:
    """Multiply many rows by a small matrix, in products no library spreads over threads.

    Parameters
    ----------
    columns
        Rows x q.
    matrix
        q x k.

    Returns
    -------
    ndarray
        Rows x k.
    """
    n, (q, k) = len(columns), matrix.shape
    found = np.empty((n, k))
    width = min(max(k, 1), max(1, PRODUCT // (FEW * max(q, 1))))
    height = max(FEW, PRODUCT // (max(q, 1) * width))
    for first in range(0, k, width):
        some = slice(first, first + width)
        for start in range(0, n, height):
            rows = slice(start, start + height)
            np.matmul(columns[rows], matrix[:, some], out=found[rows, some])
    return found


def orthonormal(columns: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Write columns as orthonormal ones times a triangle.

    Parameters
    ----------
    columns
        Rows x k, linearly independent; not changed.

    Returns
    -------
    q : ndarray
        Rows x k, orthonormal.
    r : ndarray
        k x k, upper triangular; the columns are ``q @ r``.

    Notes
    -----
    Two rounds of a Cholesky factor of the columns' products, which give what Householder's reflections give where the
    columns are far from dependent (Yamamoto et al. 2015), and need no products that a library would spread over
    threads. Elsewhere it is the reflections.
    """
    q, r = _by_products(columns)
    if q is None or r is None:
        q, r = np.linalg.qr(columns)
    return q, r


def _by_products(columns: FloatArray) -> tuple[FloatArray | None, FloatArray | None]:
    """Do it by products; None where the columns are too close to dependent, or so few that nothing is gained."""
    lengths = column_lengths(columns)
    if columns.size <= SMALL or not lengths.all():
        return None, None
    q = np.array(columns / lengths, order="F")
    turn = np.eye(len(lengths))
    for _ in range(2):
        root = inverse_root(_crossed(q))
        if root is None or not float(np.linalg.norm(root)) < WELL:
            return None, None
        _turn(q, root)
        turn = turn @ root
    return q, dtrtri(turn)[0] * lengths


def _blocks(columns: FloatArray) -> list[slice]:
    """Cut rows into blocks whose products no library of linear algebra spreads over threads.

    The sums are then the same for any number of threads, and no thread waits for another that is busy elsewhere.
    """
    size = max(LEAST, PRODUCT // columns.shape[1] ** 2)
    return [slice(start, start + size) for start in range(0, len(columns), size)]


def _crossed(columns: FloatArray) -> FloatArray:
    """Give the products of columns with each other."""
    found = np.zeros((columns.shape[1], columns.shape[1]))
    for rows in _blocks(columns):
        found += columns[rows].T @ columns[rows]
    return found


def _turn(columns: FloatArray, matrix: FloatArray) -> None:
    """Multiply columns by a matrix, in place."""
    for rows in _blocks(columns):
        columns[rows] = columns[rows] @ matrix


def _floor(left: FloatArray, lengths: FloatArray) -> FloatArray:
    """Say below which share of its own a column is dependent; a small rest of a large column is rounding."""
    rounding: FloatArray = 10 * np.finfo(np.float64).eps * lengths / left
    return np.maximum(COLLINEAR, rounding)


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
        dependent = np.flatnonzero(own <= _floor(left[kept], lengths[kept]))
        if not dependent.size:
            return kept, scaled
        at = int(dependent[0])
        weights = np.linalg.lstsq(scaled[:, :at], scaled[:, at], rcond=None)[0]
        others = [names[j] for j, weight in zip(kept[:at], weights.tolist(), strict=True) if abs(weight) > 1e-6]
        listed = others if len(others) < 6 else [*others[:5], f"{len(others) - 5} more"]
        faults[kept[at]] = f"{names[kept[at]]} is an exact combination of {', '.join(listed)}"
        kept = kept[:at] + kept[at + 1 :]


def _chosen(columns: FloatArray, kept: list[int]) -> FloatArray:
    """Give the response and some regressors."""
    if len(kept) == columns.shape[1] - 1:
        return columns
    return np.asfortranarray(columns[:, [0, *(j + 1 for j in kept)]])


def _products(columns: FloatArray, lengths: FloatArray) -> tuple[FloatArray, FloatArray] | None:
    """Give the inverse of the regressors' products, and their products with the response.

    None where the regressors are too close to dependent for it, or so few that extended precision costs nothing.
    """
    if columns.size <= SMALL:
        return None
    gram = _crossed(columns)
    left = np.sqrt(np.diag(gram)[1:])
    if not left.size:
        return np.empty((0, 0)), np.empty(0)
    root = inverse_root(gram[1:, 1:] / left / left[:, None])
    # Squares of the inverse root add up to the sum of the variance inflation factors.
    inflation = np.inf if root is None else float(np.linalg.norm(root))
    if root is None or not inflation < WELL or (1 / np.diag(root) <= _floor(left, lengths)).any():
        return None
    root = root / left[:, None]
    if inflation > TWICE:
        turned = np.array(columns[:, 1:], order="F")
        _turn(turned, root)
        again = inverse_root(_crossed(turned))
        if again is None:
            return None
        root = root @ again
    return root @ root.T, gram[1:, 0]


def _multiplied(
    columns: FloatArray, bread: FloatArray, response: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Solve by products, and correct once by those of the residuals; columns turn into residuals and influence."""
    resid, x = columns[:, 0], columns[:, 1:]
    beta = bread @ response
    resid -= x @ beta
    more = bread @ (x.T @ resid)
    resid -= x @ more
    _turn(x, bread)
    return beta + more, x, resid


def _extended(
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
