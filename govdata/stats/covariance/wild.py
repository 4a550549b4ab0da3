"""The wild cluster bootstrap of a linear model, from sums by cluster.

For a coefficient the null is imposed, the restricted residuals of each cluster are multiplied by one random weight, and
the t statistic is computed anew. Weighted residuals enter only through sums by cluster, and as functions of the null
these are straight lines, so that the interval by inversion costs no further draw.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from govdata.errors import EstimationError
from govdata.stats.covariance.clustered import clustered, count_clusters
from govdata.stats.covariance.estimate import Covariance, Sample
from govdata.stats.covariance.naming import Vcov
from govdata.stats.solver import Fit, group_sums

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from govdata.stats.keys import Codes, FloatArray, IntArray

__all__ = ["WildBootstrap", "wild_cluster"]

TIE = 1e-9
"""Statistics this close are equal: the draw of equal weights gives the statistic of the sample itself."""
ROUNDING = 1e-20
"""A variance below this share of what single rows contribute is rounding."""
FEW_SIGNS = 2 / 0.05
CHUNK = 4_000_000
MAX_CELLS = 2_000_000_000
"""Most weights held at once, in draws times clusters, of one byte each."""


@dataclass(frozen=True, slots=True, eq=False)
class WildBootstrap:
    """The bootstrap distribution of every coefficient's t statistic, as a function of the null.

    Attributes
    ----------
    estimate, std_error
        Coefficients, and their errors without a small-sample factor.
    lines
        For each coefficient, draws x 5: the numerator's value and slope, then the squared denominator's three
        coefficients, all in the distance of the estimate from the null.
    draws
        How many.
    enumerated
        Whether all sign vectors were used.
    """

    estimate: FloatArray
    std_error: FloatArray
    lines: tuple[FloatArray, ...]
    draws: int
    enumerated: bool

    def p_value(self, j: int, null: float = 0.0) -> float:
        """Return the share of draws with a larger statistic than the sample's.

        Parameters
        ----------
        j
            Which coefficient.
        null
            Its value under the null.

        Returns
        -------
        float
            Ties do not count as larger. Where the sample itself and its mirror image are more than a twentieth of all
            sign vectors, p is no smaller than their share: with so few clusters nothing can be rejected.
        """
        distance = float(self.estimate[j]) - null
        value, slope, zero, one, two = self.lines[j].T
        spread = zero + distance * (2 * one + distance * two)
        top = (value + distance * slope) ** 2
        observed = (distance / float(self.std_error[j])) ** 2
        # No spread and a difference is a statistic without bound; no spread and no difference is none at all.
        larger = (top > observed * spread * (1 + TIE)) & (top > 0)
        smallest = 2 / self.draws if self.enumerated and self.draws < FEW_SIGNS else 0.0
        return max(float(larger.mean()), smallest)

    @property
    def pvalues(self) -> FloatArray:
        """Two-sided p values of zero."""
        return np.array([self.p_value(j) for j in range(len(self.estimate))])

    def interval(self, level: float) -> FloatArray:
        """Return the values that the bootstrap does not reject.

        Parameters
        ----------
        level
            Between 0 and 1.

        Returns
        -------
        ndarray
            Coefficients x 2; infinite where no value is rejected, as under six clusters and all sign vectors.
        """
        return np.array([[self._end(j, level, side) for side in (-1, 1)] for j in range(len(self.estimate))])

    def _end(self, j: int, level: float, side: int) -> float:
        inside, step = 0.0, float(self.std_error[j])
        while self.p_value(j, float(self.estimate[j]) + side * (inside + step)) > 1 - level:
            inside, step = inside + step, step * 2
            if inside > 1e6 * float(self.std_error[j]):
                return side * np.inf
        outside = inside + step
        for _ in range(60):
            middle = (inside + outside) / 2
            if self.p_value(j, float(self.estimate[j]) + side * middle) > 1 - level:
                inside = middle
            else:
                outside = middle
        return float(self.estimate[j]) + side * (inside + outside) / 2


def wild_cluster(fit: Fit, vcov: Vcov, sample: Sample) -> Covariance:
    """Draw the wild cluster bootstrap.

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
        The matrix is CRV1's; p values and intervals come from the bootstrap.

    Raises
    ------
    EstimationError
        If a variance is zero, so that there is no statistic, or draws and clusters are too many.

    Notes
    -----
    Cameron, Gelbach and Miller (2008): restricted residuals (WCR). All sign vectors are used where there are no more
    than ``reps`` of them. Webb's six weights serve where clusters are very few.
    """
    keys = sample.codes(vcov.cluster[0])
    counts = count_clusters((keys,))
    base = clustered(fit, Vcov("CRV1", vcov.cluster, vcov.df), sample)
    contributions = fit.contributions
    sums = group_sums(contributions, keys.codes, len(keys.levels))
    variance = np.einsum("ij,ij->j", sums, sums)
    none = variance <= ROUNDING * np.einsum("ij,ij->j", contributions, contributions)
    if none.any():
        raise EstimationError(
            f"the clustered variance of {fit.names[int(np.argmax(none))]} is zero up to rounding, so the bootstrap has "
            "no statistic to draw"
        )
    values, picks, enumerated = _weights(vcov, len(keys.levels))
    bread = fit.influence.T @ fit.influence
    lines = tuple(_lines(fit, keys, j, float(bread[j, j]), values, picks) for j in range(len(fit.params)))
    found = WildBootstrap(fit.params, np.sqrt(variance), lines, len(picks), enumerated)
    how = (
        f"all {len(picks):,} sign vectors" if enumerated else f"{len(picks):,} draws, {vcov.weights}, seed {vcov.seed}"
    )
    factor = base.note.split("; ")[1]
    note = (
        f"CRV1 clustered by {keys.name} ({counts[keys.name]}); {factor}; p values and intervals by wild cluster "
        f"bootstrap, null imposed, {how}"
    )
    warnings: tuple[str, ...] = ()
    if enumerated and len(picks) < 64:
        only = f"{counts[keys.name]} clusters have only {len(picks)} sign vectors"
        end = ", the smallest there is" if len(picks) < FEW_SIGNS else ""
        warnings = (f"{only}: p values are multiples of {2 / len(picks):g}{end}; weights='webb' has more",)
    if enumerated and not found.pvalues.all():
        warnings += (f"no sign vector gives a larger statistic where p is 0: read p < {2 / len(picks):.2g}",)
    return Covariance(base.matrix, vcov, counts, base.k_star, base.t_df, note, warnings, found)


def _weights(vcov: Vcov, clusters: int) -> tuple[FloatArray, NDArray[np.int8], bool]:
    """Return the values a weight may take, which of them each cluster has in each draw, and whether these are all."""
    if vcov.weights == "rademacher" and 2**clusters <= vcov.reps:
        draws = np.arange(2**clusters)[:, None] >> np.arange(clusters)[::-1]
        return np.array([1.0, -1.0]), (draws & 1).astype(np.int8), True
    if vcov.reps * clusters > MAX_CELLS:
        raise EstimationError(f"{vcov.reps:,} draws for {clusters:,} clusters are too many; take fewer reps")
    rng = np.random.default_rng(vcov.seed)
    if vcov.weights == "rademacher":
        return np.array([-1.0, 1.0]), rng.integers(0, 2, size=(vcov.reps, clusters), dtype=np.int8), False
    six = np.array([-np.sqrt(1.5), -1.0, -np.sqrt(0.5), np.sqrt(0.5), 1.0, np.sqrt(1.5)])
    return six, rng.integers(0, 6, size=(vcov.reps, clusters), dtype=np.int8), False


def _lines(fit: Fit, keys: Codes, j: int, variance: float, values: FloatArray, picks: NDArray[np.int8]) -> FloatArray:
    """Compute, for each draw, the statistic as a function of the distance between estimate and null."""
    n_clusters = len(keys.levels)
    influence = fit.influence[:, j]
    parts = np.column_stack([fit.resid, influence / variance])  # restricted residuals: first + distance * second
    own = group_sums(influence[:, None] * parts, keys.codes, n_clusters)
    codes, columns = fit.projection()
    left = group_sums(columns * influence[:, None], keys.codes, n_clusters)
    right = [group_sums(columns * parts[:, [i]], keys.codes, n_clusters) for i in (0, 1)]
    if codes is not None and not _nested(codes, keys):
        sizes = np.bincount(codes)
        shape = (n_clusters, len(sizes))
        left = np.column_stack([left, _table(influence, keys, codes, shape) / sizes])
        right = [np.column_stack([right[i], _table(parts[:, i], keys, codes, shape)]) for i in (0, 1)]
    found = np.empty((len(picks), 5))
    size = max(1, CHUNK // n_clusters)
    for start in range(0, len(picks), size):
        draw = values[picks[start : start + size]]
        scores = [draw * own[:, i] - (draw @ right[i]) @ left.T for i in (0, 1)]
        found[start : start + size] = np.column_stack(
            [
                draw @ own,
                np.einsum("ij,ij->i", scores[0], scores[0]),
                np.einsum("ij,ij->i", scores[0], scores[1]),
                np.einsum("ij,ij->i", scores[1], scores[1]),
            ]
        )
    return found


def _nested(codes: IntArray, keys: Codes) -> bool:
    """Whether the groups whose means are taken out lie within clusters: their sums of influence are then zero."""
    pairs = np.unique(codes * len(keys.levels) + keys.codes)
    return len(pairs) == len(np.unique(codes))


def _table(values: FloatArray, keys: Codes, codes: IntArray, shape: tuple[int, int]) -> FloatArray:
    flat = np.bincount(keys.codes * shape[1] + codes, weights=values, minlength=shape[0] * shape[1])
    return flat.reshape(shape).astype(np.float64)
