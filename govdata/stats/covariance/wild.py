"""The wild cluster bootstrap of a linear model, from sums by cluster.

For a coefficient the null is imposed, the restricted residuals of each cluster are multiplied by one random weight, and
the t statistic is computed anew. Weighted residuals enter only through sums by cluster, and as functions of the null
these are straight lines, so that the interval by inversion costs no further draw.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from govdata.stats.covariance.clustered import clustered, count_clusters
from govdata.stats.covariance.estimate import Covariance, Sample
from govdata.stats.covariance.naming import Vcov
from govdata.stats.covariance.wilddraws import Drawing, Sums, drawing, fit_sums, lines
from govdata.stats.solver import Fit

if TYPE_CHECKING:
    from govdata.stats.keys import FloatArray

__all__ = ["FAR", "WildBootstrap", "bootstrap", "described", "wild_cluster"]

TIE = 1e-9
"""Statistics this close are equal: the draw of equal weights gives the statistic of the sample itself."""
EMPTY = 1e-26
"""A squared statistic below this is none: both what is divided and what it is divided by are rounding."""
FAR = 1e60
"""Standard errors between estimate and null beyond which nothing changes any more."""
FEW_SIGNS = 2 / 0.05


@dataclass(frozen=True, slots=True, eq=False)
class WildBootstrap:
    """The bootstrap distribution of every coefficient's t statistic, as a function of the null.

    Attributes
    ----------
    estimate, std_error
        Coefficients, and their errors without a small-sample factor.
    lines
        For each coefficient, 5 x draws: the numerator's value and slope, then the squared denominator's three
        coefficients, all in the distance of the estimate from the null, in standard errors.
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
        return self._share(self._excess(j), self._distance(j, null))

    def statistics(self, j: int, null: float = 0.0) -> FloatArray:
        """Return the statistic of every draw, without a small-sample factor.

        Parameters
        ----------
        j
            Which coefficient.
        null
            Its value under the null.

        Returns
        -------
        ndarray
            One a draw; infinite where there is a difference and no spread, missing where there is neither.
        """
        distance = self._distance(j, null)
        value, slope, zero, one, two = self.lines[j]
        size = 1 + abs(distance)
        top = (value + distance * slope) / size
        spread = np.maximum(zero / size**2 + distance / size * (2 * one / size + distance / size * two), 0.0)
        neither = (top**2 <= EMPTY) & (spread <= EMPTY)
        top[neither] = spread[neither] = 0.0
        with np.errstate(divide="ignore", invalid="ignore"):
            found: FloatArray = top / np.sqrt(spread)
        return found

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
        return np.array([self._ends(j, level) for j in range(len(self.estimate))])

    def _distance(self, j: int, null: float) -> float:
        distance = (float(self.estimate[j]) - null) / float(self.std_error[j])
        return min(max(distance, -FAR), FAR)

    def _excess(self, j: int) -> FloatArray:
        """Write what a draw's squared statistic exceeds the sample's by, times spreads, as powers of the distance."""
        value, slope, zero, one, two = self.lines[j]
        tied = 1 + TIE
        return np.array([value**2, 2 * value * slope, slope**2 - tied * zero, -2 * tied * one, -tied * two])

    def _share(self, excess: FloatArray, distance: float) -> float:
        powers = distance ** np.arange(5.0)
        larger = np.count_nonzero(powers @ excess > EMPTY * (1 + distance**2))
        smallest = 2 / self.draws if self.enumerated and self.draws < FEW_SIGNS else 0.0
        return max(larger / self.draws, smallest)

    def _ends(self, j: int, level: float) -> tuple[float, float]:
        excess = self._excess(j)
        estimate, error = float(self.estimate[j]), float(self.std_error[j])
        low, high = (estimate + side * error * self._turn(excess, level, -side) for side in (-1, 1))
        return low, high

    def _turn(self, excess: FloatArray, level: float, side: int) -> float:
        """Return the distance, in standard errors, at which the test turns from keeping the null to rejecting it."""
        rejects = (1 - level) * (1 + TIE)  # a p value of 0.1 rejects at 0.9, although 1 - 0.9 is a hair below
        inside, step = 0.0, 1.0
        while self._share(excess, side * (inside + step)) > rejects:
            inside, step = inside + step, step * 2
            if inside > 1e6:
                return np.inf
        outside = inside + step
        while inside < (middle := (inside + outside) / 2) < outside:
            if self._share(excess, side * middle) > rejects:
                inside = middle
            else:
                outside = middle
        return inside


def bootstrap(
    drawn: Drawing, estimate: FloatArray, sums: tuple[Sums, ...], fixed: float | None = None
) -> WildBootstrap:
    """Compute the statistics of all draws.

    Parameters
    ----------
    drawn
        The weights.
    estimate
        The coefficients.
    sums
        What each of them needs.
    fixed
        The distance between estimate and null, in standard errors, where only one is wanted: half the work, but then
        there is no interval. With 0 residuals are unrestricted, statistics those of the estimate, and any null and
        interval can be asked for.

    Returns
    -------
    WildBootstrap
        P values and intervals.
    """
    found = lines(drawn, sums, fixed)
    errors = np.array([own.error for own in sums])
    return WildBootstrap(estimate, errors, found, len(drawn.picks), drawn.enumerated)


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
    than ``reps`` of them, and with up to 12 clusters whatever ``reps`` says. Webb's six weights serve where clusters
    are very few.
    """
    keys = sample.codes(vcov.cluster[0])
    counts = count_clusters((keys,))
    base = clustered(fit, Vcov("CRV1", vcov.cluster, vcov.df), sample)
    sums = fit_sums(fit, keys, np.eye(len(fit.params)), fit.names)
    found = bootstrap(drawing(vcov, counts[keys.name]), fit.params, sums)
    note, warnings = described(base.note, vcov, found, counts)
    if found.enumerated and not found.pvalues.all():
        warnings += (f"no sign vector gives a larger statistic where p is 0: read p < {2 / found.draws:.2g}",)
    return Covariance(base.matrix, vcov, counts, base.k_star, base.t_df, note, warnings, found)


def described(
    base: str, vcov: Vcov, found: WildBootstrap, counts: dict[str, int], *, imposed: bool = True
) -> tuple[str, tuple[str, ...]]:
    """Say in one line what was drawn, and what a reader should know of so few clusters.

    Parameters
    ----------
    base
        The note of CRV1.
    vcov
        The convention.
    found
        The bootstrap.
    counts
        How many clusters, by the one column there is.
    imposed
        Whether residuals are those under the null.

    Returns
    -------
    str, tuple of str
        Note and warnings.
    """
    name, count = next(iter(counts.items()))
    how = f"{found.draws:,} draws, {vcov.weights}, seed {vcov.seed}"
    if found.enumerated:
        how = f"all {found.draws:,} sign vectors"
    null = "null imposed" if imposed else "null not imposed"
    factor = base.split("; ")[1]
    note = (
        f"CRV1 clustered by {name} ({count}); {factor}; p values and intervals by wild cluster bootstrap, {null}, {how}"
    )
    warnings: tuple[str, ...] = ()
    if found.enumerated and found.draws < 64:
        only = f"{count} clusters have only {found.draws} sign vectors"
        end = ", the smallest there is" if found.draws < FEW_SIGNS else ""
        warnings = (f"{only}: p values are multiples of {2 / found.draws:g}{end}; weights='webb' has more",)
    return note, warnings
