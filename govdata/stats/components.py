"""Variance components of random effects: analysis of variance, and likelihood.

The estimators by analysis of variance set quadratic forms of residuals equal to what they are on average. With e the
residuals of some regression and P_g the means by group, the forms are the squares within and e'P_g e for each kind of
effect; their averages are linear in the components.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import qr
from scipy.optimize import brentq

from govdata.errors import EstimationError
from govdata.stats.keys import Codes, FloatArray
from govdata.stats.solver import EXACT, Absorber, group_sums

__all__ = ["ANALYSIS", "LIKELIHOOD", "Components", "analysis_of_variance", "maximum_likelihood"]

ANALYSIS = ("swamy-arora", "amemiya", "nerlove", "wallace-hussain")
LIKELIHOOD = ("ml", "reml")

SMALL = 1e-10
"""Below this share of its length a column is a combination of others."""


@dataclass(frozen=True, slots=True)
class Components:
    """Variances of a row's own error and of the effects.

    Attributes
    ----------
    error
        Of the row's own error.
    effects
        One a kind of effect.
    negative
        Which of these came out negative and are set to zero.
    loglik
        Of a likelihood estimate; else None.
    """

    error: float
    effects: tuple[float, ...]
    negative: tuple[bool, ...]
    loglik: float | None = None


def _orthonormal(columns: FloatArray) -> FloatArray:
    """Return a basis of columns that are of length one or shorter, leaving out what is rounding."""
    if not columns.shape[1]:
        return columns
    q, r, _ = qr(columns, mode="economic", pivoting=True, check_finite=False)
    basis: FloatArray = q[:, : int((np.abs(np.diag(r)) > SMALL).sum())]
    return basis


def _scaled(x: FloatArray) -> FloatArray:
    """Centre columns and make them of length one, so that nothing depends on their units."""
    exact = x.astype(np.longdouble)
    centred = np.asarray(exact - exact.mean(axis=0), dtype=np.float64)
    lengths = np.sqrt(np.einsum("ij,ij->j", centred, centred))
    scaled: FloatArray = centred / np.where(lengths > 0, lengths, 1.0)
    return scaled


def _residuals(y: FloatArray, basis: FloatArray) -> FloatArray:
    left = y
    for _ in range(2):
        left = left - basis @ (basis.T @ left)
    return left


class _Group:
    """Sums and means by one kind of effect."""

    def __init__(self, keys: Codes) -> None:
        self.codes = keys.codes
        self.n = len(keys.levels)
        self.counts = np.bincount(keys.codes, minlength=self.n).astype(np.float64)

    def sums(self, columns: FloatArray) -> FloatArray:
        """Add up by group: groups x columns."""
        found: FloatArray = group_sums(columns, self.codes, self.n)
        return found

    def roots(self, columns: FloatArray) -> FloatArray:
        """Return means times the root of the group's size, whose squares add up to those of the means over rows."""
        found: FloatArray = self.sums(columns) / np.sqrt(self.counts)[:, None]
        return found


def analysis_of_variance(
    y: FloatArray, x: FloatArray, effects: tuple[Codes, ...], method: str, *, balanced: bool
) -> Components:
    """Estimate the components by an analysis of variance.

    Parameters
    ----------
    y, x
        Response and regressors, without a constant.
    effects
        Units, times, or both.
    method
        One of :data:`ANALYSIS`.
    balanced
        Whether every unit has every time. The methods other than Swamy and Arora's then use fewer degrees of freedom.

    Returns
    -------
    Components
        Negative ones are zero.

    Raises
    ------
    EstimationError
        If the data do not determine the components.

    Notes
    -----
    Swamy and Arora (1972), Amemiya (1971), Nerlove (1971), Wallace and Hussain (1969); for unbalanced panels Baltagi
    and Chang (1994), as in plm.
    """
    n = len(y)
    groups = [_Group(keys) for keys in effects]
    z = _scaled(x)
    absorb = Absorber(effects, n, constant=True)
    inside = absorb(np.column_stack([y, z]))
    names = " and ".join(keys.name for keys in effects)
    lengths = np.sqrt(np.einsum("ij,ij->j", inside[:, 1:], inside[:, 1:]))
    vary = lengths > SMALL
    basis = _orthonormal(inside[:, 1:][:, vary])
    left = n - absorb.rank - basis.shape[1]
    if left < 1:
        raise EstimationError(
            f"{n} rows are too few to tell the effects of {names} from the rows' own errors; the within regression has "
            f"{absorb.rank + basis.shape[1]} parameters"
        )
    rest = _residuals(inside[:, 0], basis)
    centred = y - y.mean()
    total = float(centred @ centred)
    if float(rest @ rest) <= EXACT * total:
        raise EstimationError(f"the regressors fit the response exactly within {names}, so that no error is left")
    if method == "swamy-arora":
        forms, weights = _swamy_arora(y, z, groups, effects, float(rest @ rest), left)
    elif method == "wallace-hussain":
        forms, weights = _wallace_hussain(y, z, groups, absorb, balanced=balanced)
    else:
        if method == "amemiya" and not balanced and not vary.all():
            raise EstimationError(
                "method='amemiya' does not take regressors that are constant within their unit or time where the panel "
                "is unbalanced; take 'swamy-arora'"
            )
        if basis.shape[1] < int(vary.sum()):
            raise EstimationError(
                f"method={method!r} rests on the coefficients within {names}, and there the regressors are exact "
                "combinations of each other; take 'swamy-arora'"
            )
        slopes = np.linalg.lstsq(inside[:, 1:][:, vary], inside[:, 0], rcond=None)[0] if vary.any() else np.empty(0)
        plain = y - z[:, vary] @ slopes
        plain = plain - plain.mean()
        if method == "nerlove":
            return _nerlove(plain, groups, float(rest @ rest) / n, balanced=balanced)
        forms, weights = _amemiya(
            plain, z, inside[:, 1:], groups, (float(rest @ rest), left, absorb), balanced=balanced
        )
    solved = np.linalg.solve(weights, forms).tolist()
    if solved[0] <= EXACT * total / n:
        raise EstimationError(f"the variance of the rows' own errors comes out as {solved[0]:.3g}; take 'swamy-arora'")
    return Components(solved[0], tuple(max(0.0, s) for s in solved[1:]), tuple(s < 0 for s in solved[1:]))


def _swamy_arora(
    y: FloatArray, z: FloatArray, groups: list[_Group], effects: tuple[Codes, ...], within: float, left: int
) -> tuple[FloatArray, FloatArray]:
    """Squares within, and squares of the regression of group means with weights of the group's size."""
    n, size = len(y), len(groups) + 1
    constant = np.full((n, 1), 1 / np.sqrt(n))
    forms, weights = np.zeros(size), np.zeros((size, size))
    forms[0], weights[0, 0] = within, left
    for g, group in enumerate(groups, start=1):
        basis = _orthonormal(group.roots(np.column_stack([constant, z])))
        rest = _residuals(group.roots(y[:, None])[:, 0], basis)
        if group.n <= basis.shape[1]:
            raise EstimationError(
                f"{group.n} levels of {effects[g - 1].name} are too few for the {basis.shape[1]} parameters of the "
                "between regression, on which Swamy and Arora's method rests; method='amemiya' does without"
            )
        forms[g] = rest @ rest
        weights[g, 0] = group.n - basis.shape[1]
        over_rows = (basis / np.sqrt(group.counts)[:, None])[group.codes]
        for h, other in enumerate(groups, start=1):
            sums = other.sums(over_rows)
            weights[g, h] = (n if h == g else group.n) - np.einsum("ij,ij->", sums, sums)
    return forms, weights


def _wallace_hussain(
    y: FloatArray, z: FloatArray, groups: list[_Group], absorb: Absorber, *, balanced: bool
) -> tuple[FloatArray, FloatArray]:
    """Squares of the residuals of pooled least squares."""
    n, size = len(y), len(groups) + 1
    basis = _orthonormal(np.column_stack([np.full((n, 1), 1 / np.sqrt(n)), z]))
    rest = _residuals(y, basis)
    inside = absorb(np.column_stack([rest, basis]))
    forms, weights = np.zeros(size), np.zeros((size, size))
    forms[0] = inside[:, 0] @ inside[:, 0]
    weights[0, 0] = n - absorb.rank
    for g, group in enumerate(groups, start=1):
        means = group.roots(rest[:, None])[:, 0]
        forms[g] = means @ means
        weights[g, 0], weights[g, g] = group.n, n
    if balanced:
        return forms, weights
    squares = inside[:, 1:].T @ inside[:, 1:]
    sums = [group.sums(basis) for group in groups]
    weights[0, 0] -= np.trace(squares)
    for h, total in enumerate(sums, start=1):
        weights[0, h] = np.sum(squares * (total.T @ total))
    for g, group in enumerate(groups, start=1):
        means = group.roots(basis)
        squares = means.T @ means
        weights[g, 0] -= np.trace(squares)
        over_rows = (means / np.sqrt(group.counts)[:, None])[group.codes]
        for h, (other, total) in enumerate(zip(groups, sums, strict=True), start=1):
            cross = np.sum(other.sums(over_rows) * total)
            weights[g, h] = (n if h == g else group.n) - 2 * cross + np.sum(squares * (total.T @ total))
    return forms, weights


def _amemiya(
    plain: FloatArray,
    z: FloatArray,
    inside: FloatArray,
    groups: list[_Group],
    within: tuple[float, int, Absorber],
    *,
    balanced: bool,
) -> tuple[FloatArray, FloatArray]:
    """Squares of the residuals that the within coefficients leave in the levels."""
    n, size = len(plain), len(groups) + 1
    rss, left, absorb = within
    forms, weights = np.zeros(size), np.zeros((size, size))
    forms[0], weights[0, 0] = rss, n - absorb.rank if balanced else left
    for g, group in enumerate(groups, start=1):
        means = group.roots(plain[:, None])[:, 0]
        forms[g] = means @ means
        if balanced:
            weights[g, 0], weights[g, g] = group.n, n
            continue
        spread = group.roots(z)
        weights[g, 0] = group.n - 1 + np.trace(np.linalg.solve(inside.T @ inside, spread.T @ spread))
        for h, other in enumerate(groups, start=1):
            weights[g, h] = (n if h == g else group.n) - float(other.counts @ other.counts) / n
    return forms, weights


def _nerlove(plain: FloatArray, groups: list[_Group], error: float, *, balanced: bool) -> Components:
    """Take the variance of the estimated fixed effects, and that of the residuals without degrees of freedom."""
    if len(groups) > 1 and not balanced:
        raise EstimationError(
            "method='nerlove' with effect='twoways' is defined for balanced panels; take 'swamy-arora'"
        )
    found = []
    for group in groups:
        means = group.roots(plain[:, None])[:, 0]
        found.append(float(means @ means) / len(plain) * group.n / (group.n - 1))
    return Components(error, tuple(found), tuple(False for _ in groups))


def maximum_likelihood(y: FloatArray, x: FloatArray, keys: Codes, *, restricted: bool) -> Components:
    """Estimate the components of one kind of effect by maximum likelihood.

    Parameters
    ----------
    y, x
        Response and regressors, without a constant.
    keys
        The units, or whatever the effects belong to.
    restricted
        Whether to use the restricted likelihood (REML).

    Returns
    -------
    Components
        With the log-likelihood.

    Raises
    ------
    EstimationError
        If the likelihood has no maximum.

    Notes
    -----
    All other parameters are concentrated out of the likelihood, so that one number is left: the ratio of the two
    variances. It is searched on a grid, since the likelihood may have more than one maximum, and then solved as the
    root of the score.
    """
    profile = _Profile(y, x, keys, restricted=restricted)
    grid = np.concatenate([[0.0], np.geomspace(1e-9, 1e9, 361)])
    values = np.array([profile.loglik(ratio) for ratio in grid.tolist()])
    best = int(np.argmax(values))
    if best == len(grid) - 1:
        raise EstimationError(f"the regressors and the effects of {keys.name} fit the response exactly")
    low, high = float(grid[max(best - 1, 0)]), float(grid[best + 1])
    if best == 0 and profile.score(0.0) <= 0:
        ratio = 0.0
    elif profile.score(low) > 0 > profile.score(high):
        ratio = float(brentq(profile.score, low, high, xtol=1e-300, rtol=4 * np.finfo(np.float64).eps, maxiter=500))
    else:
        ratio = float(grid[best])
    error = profile.error(ratio)
    return Components(error, (ratio * error,), (ratio == 0.0,), profile.loglik(ratio))


class _Profile:
    """The likelihood of random intercepts as a function of the ratio of their variance to that of the errors."""

    def __init__(self, y: FloatArray, x: FloatArray, keys: Codes, *, restricted: bool) -> None:
        n = len(y)
        q, r = np.linalg.qr(np.column_stack([np.ones(n), x]))
        rest = _residuals(y, q)
        self.sizes = np.bincount(keys.codes, minlength=len(keys.levels)).astype(np.float64)
        columns = np.column_stack([rest, q])
        self.sums: FloatArray = group_sums(columns, keys.codes, len(keys.levels))
        self.whole = columns.T @ columns
        self.restricted = restricted
        self.count = n - q.shape[1] if restricted else n
        self.scale = 2 * float(np.log(np.abs(np.diag(r))).sum())
        if float(rest @ rest) <= EXACT * float((y - y.mean()) @ (y - y.mean())):
            raise EstimationError("the regressors fit the response exactly, so there are no variances to estimate")

    def _solve(self, ratio: float) -> tuple[FloatArray, FloatArray, float]:
        """Return coefficients, their inverse information and the squares left, all over the errors' variance."""
        shrink = ratio / (1 + self.sizes * ratio)
        squares = self.whole - self.sums.T @ (self.sums * shrink[:, None])
        inverse = np.linalg.inv(squares[1:, 1:])
        slopes = inverse @ squares[1:, 0]
        return slopes, inverse, float(squares[0, 0] - squares[0, 1:] @ slopes)

    def error(self, ratio: float) -> float:
        """Return the variance of the errors."""
        return self._solve(ratio)[2] / self.count

    def loglik(self, ratio: float) -> float:
        """Return the log-likelihood."""
        _, inverse, squares = self._solve(ratio)
        found = -self.count / 2 * (np.log(2 * np.pi * squares / self.count) + 1)
        found -= np.log1p(self.sizes * ratio).sum() / 2
        if self.restricted:
            found -= (self.scale - np.linalg.slogdet(inverse)[1]) / 2
        return float(found)

    def score(self, ratio: float) -> float:
        """Return the derivative of the log-likelihood by the ratio."""
        slopes, inverse, squares = self._solve(ratio)
        weights = 1 / (1 + self.sizes * ratio)
        left = (self.sums[:, 0] - self.sums[:, 1:] @ slopes) * weights
        found = self.count / (2 * squares) * float(left @ left) - float(self.sizes @ weights) / 2
        if self.restricted:
            own = self.sums[:, 1:] * weights[:, None]
            found += float(np.sum(inverse * (own.T @ own))) / 2
        return found
