"""The draws of the wild cluster bootstrap: random weights, and what a statistic needs of each cluster.

A draw's scores by cluster are straight lines in the distance between estimate and null, so that their sum of squares is
a polynomial of which three coefficients a draw are kept. Where clusters are few, scores are computed one by one; where
they are many, from products of the weights with q columns.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from govdata.errors import EstimationError
from govdata.stats.coefficients import multiplied
from govdata.stats.covariance.naming import Vcov
from govdata.stats.progress import progress
from govdata.stats.solver import Fit, group_sums

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from govdata.stats.keys import Codes, FloatArray, IntArray

__all__ = ["Drawing", "Sums", "drawing", "fit_sums", "lines", "make_sums", "refuse_no_variance"]

ALL_SIGNS = 12
"""Up to so many clusters all sign vectors are used: random ones would only repeat them."""
CANCELLED = 1e-4
"""A sum of squares that is this small beside its parts is added up again, square by square."""
ROUNDING = 1e-20
"""A variance below this share of what single rows contribute is rounding."""
CHUNK = 200_000
"""Weights, of eight bytes each, that are worked on at once: they fit into a cache."""
LONG = 100_000_000
"""From so many weights on, a bar shows the progress."""
MAX_CELLS = 2_000_000_000
"""Most weights held at once, in draws times clusters, of one byte each."""
MAX_TABLE = 250_000_000
"""Most sums held for one coefficient: 2 GB."""


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """What one coefficient's statistic needs of each of G clusters, in units of the coefficient's standard error.

    All come twice: for residuals, and for what the null adds to them for each standard error between the estimate and
    the null. With weights v the scores of a draw are ``v * own - left @ (right.T @ v)``.

    Attributes
    ----------
    error
        The standard error without a small-sample factor.
    own
        2 x G: influence times residuals, and influence times what the null adds.
    left
        G x q, orthonormal columns. None where G is small.
    apart, within
        2 x G x q: ``right`` less ``left`` times ``own``, and ``left`` times ``own``. The squared scores are those of
        ``v * own``, plus the squares of ``apart.T @ v``, less those of ``within.T @ v``.
    square
        2 x G x G, all of the map from weights to scores, where G is small.
    """

    error: float
    own: FloatArray
    left: FloatArray | None = None
    apart: FloatArray | None = None
    within: FloatArray | None = None
    square: FloatArray | None = None

    def fixed(self, distance: float) -> Sums:
        """Return the sums at one null alone: once, not twice.

        Parameters
        ----------
        distance
            Of the estimate from the null, in standard errors; 0 for unrestricted residuals.

        Returns
        -------
        Sums
            Half as many.
        """

        def at(both: FloatArray | None) -> FloatArray | None:
            return None if both is None else both[:1] + distance * both[1:]

        own = self.own[:1] + distance * self.own[1:]
        return Sums(self.error, own, self.left, at(self.apart), at(self.within), at(self.square))


@dataclass(frozen=True, slots=True, eq=False)
class Drawing:
    """The weights of a bootstrap; they depend on the clusters and the seed, never on the coefficient.

    Attributes
    ----------
    choices
        What a weight may be.
    picks
        Draws x clusters: which of the choices each cluster has.
    enumerated
        Whether these are all sign vectors.
    """

    choices: FloatArray
    picks: NDArray[np.int8]
    enumerated: bool


def drawing(vcov: Vcov, clusters: int) -> Drawing:
    """Draw the weights of all clusters.

    Parameters
    ----------
    vcov
        Says how many draws, which weights and the seed.
    clusters
        How many clusters.

    Returns
    -------
    Drawing
        All sign vectors where they are few, the first of them all ones.

    Raises
    ------
    EstimationError
        If draws and clusters are too many.
    """
    if vcov.weights == "rademacher" and (clusters <= ALL_SIGNS or 2**clusters <= vcov.reps):
        if clusters * 2**clusters > MAX_CELLS:
            raise EstimationError(f"all sign vectors of {clusters:,} clusters are too many; take fewer reps")
        every = np.arange(2**clusters)
        signs = np.empty((len(every), clusters), dtype=np.int8)
        for g in range(clusters):
            signs[:, g] = (every >> (clusters - 1 - g)) & 1
        return Drawing(np.array([1.0, -1.0]), signs, enumerated=True)
    if vcov.reps * clusters > MAX_CELLS:
        raise EstimationError(f"{vcov.reps:,} draws for {clusters:,} clusters are too many; take fewer reps")
    rng = np.random.default_rng(vcov.seed)
    shape = (vcov.reps, clusters)
    if vcov.weights == "webb":
        six = np.array([-np.sqrt(1.5), -1.0, -np.sqrt(0.5), np.sqrt(0.5), 1.0, np.sqrt(1.5)])
        return Drawing(six, rng.integers(0, 6, size=shape, dtype=np.int8), enumerated=False)
    # The highest bit of each byte: what integers(0, 2, dtype=np.int8) gives, four times as fast.
    signs = np.frombuffer(rng.bytes(vcov.reps * clusters), dtype=np.uint8).reshape(shape) >> 7
    return Drawing(np.array([-1.0, 1.0]), signs.view(np.int8), enumerated=False)


def fit_sums(fit: Fit, keys: Codes, combinations: FloatArray, names: tuple[str, ...]) -> tuple[Sums, ...]:
    """Add up what the bootstrap needs of a fit.

    Parameters
    ----------
    fit
        The fit.
    keys
        The clusters.
    combinations
        One row a combination of coefficients.
    names
        Of the combinations.

    Returns
    -------
    tuple of Sums
        One a combination.

    Raises
    ------
    EstimationError
        If a variance is zero, or the sums would not fit into memory.
    """
    n = len(keys.levels)
    codes, columns = fit.projection()
    crossed = codes is not None and not _nested(codes, keys)
    sizes = np.bincount(codes) if codes is not None and crossed else np.empty(0)
    if n * (len(sizes) + columns.shape[1]) > MAX_TABLE:
        raise EstimationError(
            f"{n:,} clusters by {keys.name} times {len(sizes):,} levels of an effect that is not nested in them are "
            "too many for the bootstrap; take CRV1"
        )

    def summed(values: FloatArray) -> FloatArray:
        own = group_sums(columns * values[:, None], keys.codes, n)
        if codes is None or not crossed:
            return np.asarray(own, dtype=np.float64)
        return np.column_stack([own, _table(values, keys, codes, len(sizes))])

    level = summed(fit.resid)
    found = []
    for name, combination in zip(names, combinations, strict=True):
        influence = fit.influence @ combination
        variance = float(influence @ influence)
        contributions = influence * fit.resid
        own = group_sums(np.column_stack([contributions, influence * influence / variance]), keys.codes, n).T
        refuse_no_variance(name, own[0], float(contributions @ contributions))
        left = summed(influence)
        right = left / variance
        if crossed:
            left[:, columns.shape[1] :] /= sizes
        found.append(make_sums(own, left, level, right))
    return tuple(found)


def refuse_no_variance(name: str, own: FloatArray, single: float) -> None:
    """Refuse a coefficient whose scores cancel in every cluster.

    Parameters
    ----------
    name
        Of the coefficient.
    own
        Its G scores.
    single
        The sum of what single rows contribute, squared.

    Raises
    ------
    EstimationError
        If they do.
    """
    if float(own @ own) <= ROUNDING * single:
        raise EstimationError(
            f"the clustered variance of {name} is zero up to rounding, so the bootstrap has no statistic to draw"
        )


def make_sums(own: FloatArray, left: FloatArray, level: FloatArray, right: FloatArray) -> Sums:
    """Put sums by cluster into units of the standard error, in the form that is quicker to draw from.

    Parameters
    ----------
    own
        2 x G: influence times residuals, and squared influence over its sum.
    left
        G x q: the projection's columns times influence.
    level, right
        G x q: the columns times residuals, and times influence over the sum of its squares.

    Returns
    -------
    Sums
        Of one coefficient.
    """
    error = float(np.sqrt(own[0] @ own[0]))
    own, left, right = np.stack([own[0] / error, own[1]]), left / error, np.stack([level, right * error])
    if len(left) <= 2 * left.shape[1]:
        return Sums(error, own, square=np.stack([np.diag(part) for part in own]) - right @ left.T)
    left, root = np.linalg.qr(left)
    within = own[:, :, None] * left
    return Sums(error, own, left, right @ root.T - within, within)


def lines(drawn: Drawing, sums: tuple[Sums, ...], fixed: float | None = None) -> tuple[FloatArray, ...]:
    """Compute, for each draw, the statistic as a function of the distance between estimate and null.

    Parameters
    ----------
    drawn
        The weights.
    sums
        What each coefficient needs.
    fixed
        The one distance that is wanted, where it is one.

    Returns
    -------
    tuple of ndarray
        For each coefficient, 5 x draws: the numerator's value and slope, then the squared denominator's three
        coefficients. Where the distance is fixed, slopes are zero.
    """
    draws, clusters = drawn.picks.shape
    found = tuple(np.zeros((5, draws)) for _ in sums)
    wanted = sums if fixed is None else tuple(own.fixed(fixed) for own in sums)
    rows = slice(0, 5) if fixed is None else slice(0, 3, 2)
    maps = [_map(own) for own in wanted]
    size = max(1, CHUNK // clusters)
    starts: Iterable[int] = range(0, draws, size)
    if draws * clusters * len(sums) > LONG:
        starts = progress(starts, total=-(-draws // size), what="wild bootstrap")
    for start in starts:
        part = slice(start, start + size)
        draw = _weights(drawn, part)
        squared = np.square(draw) if len(drawn.choices) > 2 else None
        for own, by, into in zip(wanted, maps, found, strict=True):
            into[rows, part] = _scored(own, draw, by) if own.left is None else _produced(own, draw, by, squared)
    # Equal weights give the statistic of the sample; rounding would show where the null is far away.
    equal = np.flatnonzero((drawn.picks == drawn.picks[:, :1]).all(axis=1))
    weight = drawn.choices[drawn.picks[equal, 0]]
    for into in found:
        into[:, equal] = 0.0
        if fixed is None:
            into[1, equal] = weight
        else:
            into[0, equal] = fixed * weight
        into[2, equal] = weight**2
    return found


def _weights(drawn: Drawing, part: slice) -> FloatArray:
    if len(drawn.choices) > 2:
        return drawn.choices[drawn.picks[part]]
    first, second = drawn.choices.tolist()
    draw = drawn.picks[part].astype(np.float64)
    draw *= second - first
    draw += first
    return draw


def _map(own: Sums) -> FloatArray:
    """Put side by side what weights are multiplied with."""
    if own.square is not None:
        return np.column_stack([own.own.T, *own.square])
    assert own.apart is not None and own.within is not None  # noqa: S101, PT018 -- for the type checker: large G
    return np.column_stack([own.own.T, *own.apart, *own.within])


def _scored(own: Sums, draw: FloatArray, by: FloatArray) -> FloatArray:
    """Compute scores cluster by cluster, and add up their squares."""
    count = len(own.own)
    mixed = multiplied(draw, by)
    return np.concatenate([mixed[:, :count].T, _added(np.split(mixed[:, count:], count, axis=1))])


def _produced(own: Sums, draw: FloatArray, by: FloatArray, squared: FloatArray | None) -> FloatArray:
    """Add up squared scores from q products a draw; where little is left of these, compute them cluster by cluster."""
    assert own.left is not None  # noqa: S101 -- for the type checker: large G
    count = len(own.own)
    mixed = multiplied(draw, by)
    split = np.split(mixed[:, count:], 2 * count, axis=1)
    apart, within = split[:count], split[count:]
    pairs = _pairs(own.own)
    # Squared weights are one, unless there are more than two of them.
    squares = pairs.sum(axis=1)[:, None] if squared is None else pairs @ squared.T
    found = squares + _added(apart) - _added(within)
    ends = [0] if count == 1 else [0, 2]
    poor = np.flatnonzero((found[ends] < CANCELLED * squares[ends]).any(axis=0))
    if poor.size:
        scores = [
            draw[poor] * part - (one[poor] + two[poor]) @ own.left.T
            for part, one, two in zip(own.own, apart, within, strict=True)
        ]
        found[:, poor] = _added(scores)
    return np.concatenate([mixed[:, :count].T, found])


def _pairs(own: FloatArray) -> FloatArray:
    """Multiply the rows with themselves and each other, cluster by cluster."""
    return np.stack([own[i] * own[j] for i in range(len(own)) for j in range(i, len(own))])


def _added(scores: list[FloatArray]) -> FloatArray:
    """Add up the products of scores with themselves and each other."""
    return np.stack(
        [np.einsum("ij,ij->i", scores[i], scores[j]) for i in range(len(scores)) for j in range(i, len(scores))]
    )


def _nested(codes: IntArray, keys: Codes) -> bool:
    """Whether the groups whose means are taken out lie within clusters: their sums of influence are then zero."""
    pairs = np.unique(codes * len(keys.levels) + keys.codes)
    return len(pairs) == len(np.unique(codes))


def _table(values: FloatArray, keys: Codes, codes: IntArray, width: int) -> FloatArray:
    height = len(keys.levels)
    flat = np.bincount(keys.codes * width + codes, weights=values, minlength=height * width)
    return flat.reshape(height, width).astype(np.float64)
