"""Covariances that use the leverage of a cluster: CR2 with Satterthwaite degrees of freedom, and the jackknife.

Both need the blocks H_gg of the projection onto everything fitted, effects included. The projection is kept in factors,
so that no n x n matrix is ever built. Leaving a cluster out moves the coefficients by -I_g'(I - H_gg)^-1 e_g, with
influence I and residuals e: effects are re-estimated exactly, and nothing is fitted again.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy import sparse

from govdata.errors import EstimationError
from govdata.stats.covariance.clustered import count_clusters, few_clusters
from govdata.stats.covariance.estimate import Covariance, Sample
from govdata.stats.covariance.naming import Vcov
from govdata.stats.keys import Codes, FloatArray, IntArray
from govdata.stats.solver import Fit, group_sums

__all__ = ["bias_reduced", "jackknife", "leave_one_cluster_out", "leverages"]

ZERO = 1e-12
"""Below it an eigenvalue of a block of I - H is rounding."""
MAX_BLOCK = 20_000


def leverages(fit: Fit) -> FloatArray:
    """Return the leverage of each row, effects included.

    Parameters
    ----------
    fit
        The fit.

    Returns
    -------
    ndarray
        Between 0 and 1.
    """
    codes, columns = fit.projection()
    found: FloatArray = np.einsum("ij,ij->i", columns, columns)
    return found if codes is None else found + 1 / np.bincount(codes)[codes]


def _blocks(fit: Fit, keys: Codes) -> Iterator[tuple[IntArray, FloatArray, FloatArray]]:
    """Yield rows, eigenvalues and eigenvectors of each cluster's block of I - H; on all else the block is one.

    A block is the identity less U U', and U has one column a parameter that the cluster's rows share in. Where these
    are fewer than the rows, their singular vectors say all there is to say of the block.
    """
    codes, columns = fit.projection()
    sizes = None if codes is None else np.bincount(codes)
    order = np.argsort(keys.codes, kind="stable")
    starts = np.searchsorted(keys.codes[order], np.arange(len(keys.levels) + 1))
    for first, last in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True):
        rows = order[first:last]
        parts = [columns[rows]]
        if codes is not None and sizes is not None:
            present, own = np.unique(codes[rows], return_inverse=True)
            if len(present) + columns.shape[1] < len(rows):
                shares = np.zeros((len(rows), len(present)))
                shares[np.arange(len(rows)), own] = 1 / np.sqrt(sizes[codes[rows]])
                parts.append(shares)
            width = len(present) + columns.shape[1]
        else:
            width = columns.shape[1]
        if width < len(rows):
            vectors, lengths, _ = np.linalg.svd(np.column_stack(parts), full_matrices=False)
            yield rows, 1 - lengths**2, vectors
            continue
        if len(rows) > MAX_BLOCK:
            raise EstimationError(
                f"the cluster {keys.levels[keys.codes[rows[0]]]} of {keys.name} has {len(rows):,} rows and {width:,} "
                f"parameters of its own; CR2 and CV3 take up to {MAX_BLOCK:,}; take CRV1"
            )
        block = np.eye(len(rows)) - columns[rows] @ columns[rows].T
        if codes is not None and sizes is not None:
            own = codes[rows]
            block -= (own[:, None] == own[None, :]) / sizes[own]
        values, vectors = np.linalg.eigh(block)
        yield rows, values, vectors


def bias_reduced(fit: Fit, vcov: Vcov, sample: Sample) -> Covariance:
    """Compute CR2 with an identity working model, and Satterthwaite degrees of freedom.

    Parameters
    ----------
    fit
        The fit.
    vcov
        The convention.
    sample
        Its rows.

    Returns
    -------
    Covariance
        With one number of degrees of freedom a coefficient.

    Notes
    -----
    Bell and McCaffrey (2002); Pustejovsky and Tipton (2018) for the form used with absorbed effects.
    """
    keys = sample.codes(vcov.cluster[0])
    counts = count_clusters((keys,))
    adjusted = np.empty_like(fit.influence)
    for rows, values, vectors in _blocks(fit, keys):
        power = np.where(values > ZERO, 1 / np.sqrt(np.where(values > ZERO, values, 1.0)), 0.0)
        influence = fit.influence[rows]
        adjusted[rows] = influence + (vectors * (power - 1)) @ (vectors.T @ influence)
    sums = group_sums(adjusted * fit.resid[:, None], keys.codes, len(keys.levels))
    t_df = _satterthwaite(fit, keys, adjusted)
    shown = f"{t_df.min():.1f}" if np.ptp(t_df) < 0.05 else f"{t_df.min():.1f} to {t_df.max():.1f}"
    note = (
        f"CR2 clustered by {keys.name} ({counts[keys.name]}); identity working model; t with Satterthwaite df ({shown})"
    )
    warnings: tuple[str, ...] = ()
    if t_df.min() < 4:
        low = f"Satterthwaite df fall to {t_df.min():.1f}: under 4 the t approximation is itself poor"
        warnings = (f"{low}; check with a wild cluster bootstrap",)
    return Covariance(sums.T @ sums, vcov, counts, None, t_df, note, warnings)


def _satterthwaite(fit: Fit, keys: Codes, adjusted: FloatArray) -> FloatArray:
    """Match the first two moments of each variance: (sum p_gg)^2 / sum p_gh^2, p_gh = u_g'(I - H)_gh u_h.

    The matrix of the p_gh is D - A A' - L L': squares, means by group, and the columns of the projection. Its squares
    add up from products of these, so that no clusters x clusters matrix is built where groups are fewer.
    """
    codes, columns = fit.projection()
    n_clusters = len(keys.levels)
    found = np.empty(adjusted.shape[1])
    for j in range(adjusted.shape[1]):
        u = adjusted[:, j] / np.abs(adjusted[:, j]).max()  # its fourth power is added up below
        low = group_sums(columns * u[:, None], keys.codes, n_clusters)
        own = np.bincount(keys.codes, weights=u * u, minlength=n_clusters)
        lengths = np.einsum("ij,ij->i", low, low)
        gram = low.T @ low
        squares = own @ own - 2 * (own @ lengths) + np.einsum("ij,ij->", gram, gram)
        trace = own.sum() - lengths.sum()
        if codes is not None:
            sizes = np.bincount(codes)
            means = sparse.csr_matrix((u / np.sqrt(sizes[codes]), (keys.codes, codes)), shape=(n_clusters, len(sizes)))
            shares = np.asarray(means.multiply(means).sum(axis=1)).ravel()
            inner = means.T @ means if len(sizes) <= n_clusters else means @ means.T
            cross = means.T @ low
            squares += inner.multiply(inner).sum() - 2 * (own @ shares) + 2 * np.einsum("ij,ij->", cross, cross)
            trace -= shares.sum()
        found[j] = trace**2 / squares
    return found


def leave_one_cluster_out(fit: Fit, keys: Codes) -> FloatArray:
    """Return how much each coefficient moves when a cluster is left out, effects re-estimated.

    Parameters
    ----------
    fit
        The fit.
    keys
        The clusters.

    Returns
    -------
    ndarray
        Clusters x coefficients.

    Raises
    ------
    EstimationError
        If a coefficient is not determined without one of the clusters.
    """
    moved = np.empty((len(keys.levels), fit.influence.shape[1]))
    scale = np.sqrt(np.einsum("ij,ij->j", fit.influence, fit.influence))
    for g, (rows, values, vectors) in enumerate(_blocks(fit, keys)):
        exact = values <= ZERO
        turned = vectors.T @ fit.influence[rows]
        lost = np.abs(turned[exact]).max(axis=0, initial=0.0) > 1e-6 * scale
        if lost.any():
            names = [name for name, gone in zip(fit.names, lost.tolist(), strict=True) if gone]
            more = f" and {len(names) - 1} more" if len(names) > 1 else ""
            raise EstimationError(
                f"without {keys.name} {keys.levels[g]} the coefficient of {names[0]}{more} is not determined, so there "
                f"is no jackknife; write effects of {keys.name} after '|'"
            )
        share = np.where(exact, 0.0, 1 / np.where(exact, 1.0, values)) - 1
        moved[g] = -(fit.resid[rows] @ fit.influence[rows] + ((vectors.T @ fit.resid[rows]) * share) @ turned)
    return moved


def jackknife(fit: Fit, vcov: Vcov, sample: Sample) -> Covariance:
    """Compute CV3, centred at the estimate, or CV3J, centred at the mean of the leave-one-out estimates.

    Parameters
    ----------
    fit
        The fit.
    vcov
        The convention.
    sample
        Its rows.

    Returns
    -------
    Covariance
        The matrix with its convention.

    Notes
    -----
    MacKinnon, Nielsen and Webb (2023).
    """
    keys = sample.codes(vcov.cluster[0])
    counts = count_clusters((keys,))
    moved = leave_one_cluster_out(fit, keys)
    count = counts[keys.name]
    if vcov.se == "CV3J":
        moved = moved - moved.mean(axis=0)
    where = "the estimate" if vcov.se == "CV3" else "the mean"
    note = (
        f"{vcov.se} jackknife by {keys.name} ({count}); effects re-estimated, (G-1)/G, centred at {where}; "
        f"t with {count - 1} df"
    )
    matrix = (count - 1) / count * (moved.T @ moved)
    return Covariance(matrix, vcov, counts, None, float(count - 1), note, few_clusters(count))
