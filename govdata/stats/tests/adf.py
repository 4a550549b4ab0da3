"""Augmented Dickey-Fuller regressions, one a unit."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.stats import norm

from govdata.errors import EstimationError
from govdata.stats.keys import FloatArray
from govdata.stats.solver import Fit, least_squares

__all__ = ["Adf", "adf", "choose_lags", "mackinnon", "outside", "partial"]

# MacKinnon (1994), tables 3 and 4: polynomials in the statistic, below the limit and above it.
_SMALL = {
    "none": (0.6344, 1.2378, 3.2496e-2),
    "constant": (2.1659, 1.4412, 3.8269e-2),
    "trend": (3.2512, 1.6047, 4.9588e-2),
}
_LARGE = {
    "none": (0.4797, 9.3557e-1, -0.6999e-1, 3.3066e-2),
    "constant": (1.7339, 9.3202e-1, -1.2745e-1, -1.0368e-2),
    "trend": (2.5261, 6.1654e-1, -3.7956e-1, -6.0285e-2),
}
_LIMIT = {"none": -1.04, "constant": -1.61, "trend": -2.89}

HALL = 1.96


@dataclass(frozen=True, slots=True)
class Adf:
    """The regression of one unit.

    Attributes
    ----------
    rho
        Coefficient of the lagged level.
    error
        Its standard error.
    sigma
        Standard deviation of the residuals.
    lags
        Lagged differences in the regression.
    """

    rho: float
    error: float
    sigma: float
    lags: int

    @property
    def t(self) -> float:
        """The Dickey-Fuller statistic."""
        return self.rho / self.error


@cache
def _range(trend: str) -> tuple[float, float]:
    """Find where the polynomials rise; beyond, they give no p value."""
    small, large = _SMALL[trend], _LARGE[trend]
    low = -small[1] / (2 * small[2])
    roots = np.roots([3 * large[3], 2 * large[2], large[1]])
    above = [float(root.real) for root in roots if abs(root.imag) < 1e-12 and root.real > _LIMIT[trend]]
    return low, min(above, default=np.inf)


def outside(statistic: float, trend: str) -> bool:
    """Say whether a statistic lies beyond the range of the approximation.

    Parameters
    ----------
    statistic
        Of Dickey and Fuller.
    trend
        ``"none"``, ``"constant"`` or ``"trend"``.

    Returns
    -------
    bool
        True where the polynomials fall instead of rising.

    Examples
    --------
    >>> from govdata.stats.tests.adf import outside
    >>> outside(3.0, "trend"), outside(-3.0, "trend")
    (True, False)
    """
    low, high = _range(trend)
    return not low <= statistic <= high


def mackinnon(statistic: float, trend: str, *, bounded: bool = True) -> float:
    """Approximate the p value of a Dickey-Fuller statistic.

    Parameters
    ----------
    statistic
        The t statistic of the lagged level.
    trend
        ``"none"``, ``"constant"`` or ``"trend"``.
    bounded
        True stays at the highest and lowest p value of the approximation where its polynomials turn; False follows them
        beyond, as plm does.

    Returns
    -------
    float
        The asymptotic p value.

    Notes
    -----
    MacKinnon (1994).

    Examples
    --------
    >>> from govdata.stats.tests.adf import mackinnon
    >>> round(mackinnon(-2.86, "constant"), 3)
    0.05
    """
    low, high = _range(trend)
    at = min(max(statistic, low), high) if bounded else statistic
    terms = _SMALL[trend] if at <= _LIMIT[trend] else _LARGE[trend]
    return float(norm.cdf(sum(term * at**power for power, term in enumerate(terms))))


def _regress(series: FloatArray, trend: str, lags: int, skip: int, unit: object) -> tuple[Fit, FloatArray, FloatArray]:
    """Regress the difference on the lagged level and lagged differences; leave out the first rows."""
    difference = np.diff(series)
    width = lags + {"none": 1, "constant": 2, "trend": 3}[trend]
    if len(difference) - skip <= width:
        raise EstimationError(
            f"unit {unit} has {len(series)} values, too few for a Dickey-Fuller regression with {lags} lags, which "
            f"needs {skip + width + 2} or more; take fewer lags"
        )
    rows = np.arange(skip, len(difference))
    columns = [difference[rows - step] for step in range(1, lags + 1)]
    names = [f"lag {step} of the difference" for step in range(1, lags + 1)]
    if trend == "trend":
        columns.append(rows.astype(np.float64) + 2)
        names.append("the trend")
    x = np.column_stack([series[rows], *columns]) if columns else series[rows][:, None]
    try:
        fit = least_squares(
            difference[rows],
            x,
            ("the lagged level", *names),
            (),
            intercept=trend != "none",
            response="the difference",
            drop_collinear=False,
        )
    except EstimationError as error:
        raise EstimationError(f"unit {unit} has no Dickey-Fuller regression with {lags} lags: {error}") from None
    if fit.rss <= 1e-20 * max(fit.tss, np.finfo(np.float64).tiny):
        raise EstimationError(
            f"unit {unit}: the Dickey-Fuller regression fits exactly, so its t statistic is undefined"
        )
    return fit, difference[rows], x


def adf(series: FloatArray, trend: str, lags: int, unit: object, *, corrected: bool = False) -> Adf:
    """Fit the augmented Dickey-Fuller regression of one unit.

    Parameters
    ----------
    series
        Values at consecutive times.
    trend
        ``"none"``, ``"constant"`` or ``"trend"``.
    lags
        Lagged differences.
    unit
        Its name, for messages.
    corrected
        Whether the variance of the residuals counts the coefficients.

    Returns
    -------
    Adf
        The regression.

    Raises
    ------
    EstimationError
        If the series is too short, or does not vary.

    Examples
    --------
    >>> import numpy as np
    >>> from govdata.stats.tests.adf import adf
    >>> round(adf(np.array([1.0, 2.0, 1.5, 3.0, 2.0, 2.5, 4.0, 3.0]), "constant", 0, "CHN").t, 4)
    -2.5142
    """
    fit, _, _ = _regress(series, trend, lags, lags, unit)
    at = int(trend != "none")
    sigma = float(np.sqrt(fit.rss / (fit.nobs - fit.rank * corrected)))
    error = sigma * float(np.linalg.norm(fit.influence[:, at]))
    return Adf(float(fit.params[at]), error, sigma, lags)


def partial(series: FloatArray, trend: str, lags: int, unit: object) -> tuple[FloatArray, FloatArray]:
    """Take everything else out of the difference and the lagged level.

    Parameters
    ----------
    series, trend, lags, unit
        As in :func:`adf`.

    Returns
    -------
    difference, level : ndarray
        Residuals of both on lagged differences, constant and trend.

    Examples
    --------
    >>> import numpy as np
    >>> from govdata.stats.tests.adf import partial
    >>> difference, level = partial(np.array([1.0, 2.0, 1.5, 3.0, 2.0]), "constant", 0, "CHN")
    >>> level.tolist()
    [-0.875, 0.125, -0.375, 1.125]
    """
    _, difference, x = _regress(series, trend, lags, lags, unit)
    columns = np.column_stack([*([np.ones(len(x))] if trend != "none" else []), x[:, 1:]])
    if not columns.shape[1]:
        return difference, x[:, 0]
    basis = np.linalg.qr(columns / np.linalg.norm(columns, axis=0))[0]
    return _left(difference, basis), _left(x[:, 0], basis)


def _left(values: FloatArray, basis: FloatArray) -> FloatArray:
    """Take the columns of an orthogonal basis out of values; twice, for the rounding of the first time."""
    once = values - basis @ (basis.T @ values)
    found: FloatArray = once - basis @ (basis.T @ once)
    return found


def choose_lags(series: FloatArray, trend: str, criterion: str, most: int, unit: object, *, corrected: bool) -> int:
    """Choose how many lagged differences a unit needs.

    Parameters
    ----------
    series, trend, unit, corrected
        As in :func:`adf`.
    criterion
        ``"aic"``, ``"sic"``, or ``"hall"`` from general to specific.
    most
        Where to begin. All regressions use the rows that this one can use.

    Returns
    -------
    int
        From 0 to ``most``. Equal criteria prefer more lags.

    Notes
    -----
    Hall (1994): the last lag stays where its t statistic reaches 1.96.

    Examples
    --------
    >>> import numpy as np
    >>> from govdata.stats.tests.adf import choose_lags
    >>> walk = np.cumsum([1.0, -2.0, 1.5, 0.5, -1.0, 2.0, 0.3, -0.7, 1.1, 0.2])
    >>> choose_lags(walk, "constant", "sic", 2, "CHN", corrected=False)
    2
    """
    full, difference, x = _regress(series, trend, most, most, unit)
    if not most:
        return 0
    # One orthogonal basis serves all lags: what the last ones explain is added back to the residuals.
    n, first = full.nobs, full.rank - most
    order = [0, *range(most + 1, x.shape[1]), *range(1, most + 1)]
    columns = np.column_stack([*([np.ones(n)] if trend != "none" else []), x[:, order]])
    explained = np.linalg.qr(columns / np.linalg.norm(columns, axis=0))[0].T @ difference
    rss = full.rss
    best, chosen = np.inf, most
    for lags in range(most, -1, -1):
        rank = first + lags
        last = float(explained[rank - 1])
        if criterion == "hall":
            if lags == 0 or abs(last) >= HALL * np.sqrt(rss / (n - rank * corrected)):
                return lags
            rss += last**2
            continue
        price = 2.0 if criterion == "aic" else float(np.log(n))
        value = float(np.log(rss / n)) + rank * price / n
        rss += last**2
        if value < best:
            best, chosen = value, lags
    return chosen
