"""Moments that standardize panel unit-root statistics, from the tables of the papers.

They are means and variances of simulated statistics, printed to three digits; between tabulated lengths they are
interpolated linearly.
"""

from __future__ import annotations

import math

import numpy as np

__all__ = ["LAGS", "LENGTHS", "Z_LENGTHS", "ips_moments", "ips_z_moments", "llc_moments"]

NAN = math.nan

LENGTHS = (10, 15, 20, 25, 30, 40, 50, 60, 70, 100)
"""Lengths of the series in the table of Im, Pesaran and Shin."""
LAGS = 8
"""Most lags in that table."""

# Im, Pesaran and Shin (2003), table 3: one row a lag order from 0, one column a length; not simulated where missing.
_MEAN_CONSTANT = (
    (-1.504, -1.514, -1.522, -1.520, -1.526, -1.523, -1.527, -1.519, -1.524, -1.532),
    (-1.488, -1.503, -1.516, -1.514, -1.519, -1.520, -1.524, -1.519, -1.522, -1.530),
    (-1.319, -1.387, -1.428, -1.443, -1.460, -1.476, -1.493, -1.490, -1.498, -1.514),
    (-1.306, -1.366, -1.413, -1.433, -1.453, -1.471, -1.489, -1.486, -1.495, -1.512),
    (-1.171, -1.260, -1.329, -1.363, -1.394, -1.428, -1.454, -1.458, -1.470, -1.495),
    (NAN, NAN, -1.313, -1.351, -1.384, -1.421, -1.451, -1.454, -1.467, -1.494),
    (NAN, NAN, NAN, -1.289, -1.331, -1.380, -1.418, -1.427, -1.444, -1.476),
    (NAN, NAN, NAN, -1.273, -1.319, -1.371, -1.411, -1.423, -1.441, -1.474),
    (NAN, NAN, NAN, -1.212, -1.266, -1.329, -1.377, -1.393, -1.415, -1.456),
)
_VARIANCE_CONSTANT = (
    (1.069, 0.923, 0.851, 0.809, 0.789, 0.770, 0.760, 0.749, 0.736, 0.735),
    (1.255, 1.011, 0.915, 0.861, 0.831, 0.803, 0.781, 0.770, 0.753, 0.745),
    (1.421, 1.078, 0.969, 0.905, 0.865, 0.830, 0.798, 0.789, 0.766, 0.754),
    (1.759, 1.181, 1.037, 0.952, 0.907, 0.858, 0.819, 0.802, 0.782, 0.761),
    (2.080, 1.279, 1.097, 1.005, 0.946, 0.886, 0.842, 0.819, 0.801, 0.771),
    (NAN, NAN, 1.171, 1.055, 0.980, 0.912, 0.863, 0.839, 0.814, 0.781),
    (NAN, NAN, NAN, 1.114, 1.023, 0.942, 0.886, 0.858, 0.834, 0.795),
    (NAN, NAN, NAN, 1.164, 1.062, 0.968, 0.910, 0.875, 0.851, 0.806),
    (NAN, NAN, NAN, 1.217, 1.105, 0.996, 0.929, 0.896, 0.871, 0.818),
)
_MEAN_TREND = (
    (-2.166, -2.167, -2.168, -2.167, -2.172, -2.173, -2.176, -2.174, -2.174, -2.177),
    (-2.173, -2.169, -2.172, -2.172, -2.173, -2.177, -2.180, -2.178, -2.176, -2.179),
    (-1.914, -1.999, -2.047, -2.074, -2.095, -2.120, -2.137, -2.143, -2.146, -2.158),
    (-1.922, -1.977, -2.032, -2.065, -2.091, -2.117, -2.137, -2.142, -2.146, -2.158),
    (-1.750, -1.823, -1.911, -1.968, -2.009, -2.057, -2.091, -2.103, -2.114, -2.135),
    (NAN, NAN, -1.888, -1.955, -1.998, -2.051, -2.087, -2.101, -2.111, -2.135),
    (NAN, NAN, NAN, -1.868, -1.923, -1.995, -2.042, -2.065, -2.081, -2.113),
    (NAN, NAN, NAN, -1.851, -1.912, -1.986, -2.036, -2.063, -2.079, -2.112),
    (NAN, NAN, NAN, -1.761, -1.835, -1.925, -1.987, -2.024, -2.046, -2.088),
)
_VARIANCE_TREND = (
    (1.132, 0.869, 0.763, 0.713, 0.690, 0.655, 0.633, 0.621, 0.610, 0.597),
    (1.453, 0.975, 0.845, 0.769, 0.734, 0.687, 0.654, 0.641, 0.627, 0.605),
    (1.627, 1.036, 0.882, 0.796, 0.756, 0.702, 0.661, 0.653, 0.634, 0.613),
    (2.482, 1.214, 0.983, 0.861, 0.808, 0.735, 0.688, 0.674, 0.650, 0.625),
    (3.947, 1.332, 1.052, 0.913, 0.845, 0.759, 0.705, 0.685, 0.662, 0.629),
    (NAN, NAN, 1.165, 0.991, 0.899, 0.792, 0.730, 0.705, 0.673, 0.638),
    (NAN, NAN, NAN, 1.055, 0.945, 0.828, 0.753, 0.725, 0.689, 0.650),
    (NAN, NAN, NAN, 1.145, 1.009, 0.872, 0.786, 0.747, 0.713, 0.661),
    (NAN, NAN, NAN, 1.208, 1.063, 0.902, 0.808, 0.766, 0.728, 0.670),
)

# Im, Pesaran and Shin (2003), table 1, for a constant.
Z_LENGTHS = (6, 7, 8, 9, 10, 15, 20, 25, 30, 40, 50, 100, 500, 1000, 2000)
"""Lengths of the series in that table."""
_Z_MEAN: tuple[float, ...] = (-1.520, -1.514, -1.501, -1.501, -1.504, -1.514, -1.522, -1.520, -1.526, -1.523)
_Z_MEAN += (-1.527, -1.532, -1.531, -1.529, -1.533)
_Z_VARIANCE: tuple[float, ...] = (1.745, 1.414, 1.228, 1.132, 1.069, 0.923, 0.851, 0.809, 0.789, 0.770)
_Z_VARIANCE += (0.760, 0.735, 0.715, 0.707, 0.706)

# Levin, Lin and Chu (2002), table 2: means and standard deviations, one column a length.
_LLC_LENGTHS = (25, 30, 35, 40, 45, 50, 60, 70, 80, 90, 100, 250, 500)
_LLC = {
    "none": (
        (0.004, 0.003, 0.002, 0.002, 0.001, 0.001, 0.001, 0.000, 0.000, 0.000, 0.000, 0.000, 0.000),
        (1.049, 1.035, 1.027, 1.021, 1.017, 1.014, 1.011, 1.008, 1.007, 1.006, 1.005, 1.001, 1.000),
    ),
    "constant": (
        (-0.554, -0.546, -0.541, -0.537, -0.533, -0.531, -0.527, -0.524, -0.521, -0.520, -0.518, -0.509, -0.500),
        (0.919, 0.889, 0.867, 0.850, 0.837, 0.826, 0.810, 0.798, 0.789, 0.782, 0.776, 0.742, 0.707),
    ),
    "trend": (
        (-0.703, -0.674, -0.653, -0.637, -0.624, -0.614, -0.598, -0.587, -0.578, -0.571, -0.566, -0.533, -0.500),
        (1.003, 0.949, 0.906, 0.871, 0.842, 0.818, 0.780, 0.751, 0.728, 0.710, 0.695, 0.603, 0.500),
    ),
}


def ips_moments(length: int, lags: int, trend: str) -> tuple[float, float]:
    """Return the mean and the variance of a Dickey-Fuller t statistic under a unit root.

    Parameters
    ----------
    length
        Rows of the regression: periods less lags less one. Shorter series than 10 take the moments of 10, longer ones
        than 100 those of 100.
    lags
        Lagged differences; more than 8 take the moments of 8.
    trend
        ``"constant"`` or ``"trend"``.

    Returns
    -------
    mean, variance : float
        NaN where the table has none: many lags in a short series.

    Notes
    -----
    Im, Pesaran and Shin (2003), table 3.

    Examples
    --------
    >>> from govdata.stats.tests.moments import ips_moments
    >>> ips_moments(20, 1, "constant")
    (-1.516, 0.915)
    """
    tables = {"constant": (_MEAN_CONSTANT, _VARIANCE_CONSTANT), "trend": (_MEAN_TREND, _VARIANCE_TREND)}[trend]
    mean, variance = (_between(length, LENGTHS, table[min(lags, LAGS)]) for table in tables)
    return mean, variance


def ips_z_moments(length: int) -> tuple[float, float]:
    """Return the mean and the variance of a Dickey-Fuller t statistic without lags, with a constant.

    Parameters
    ----------
    length
        Rows of the regression. Shorter series than 6 take the moments of 6, longer ones than 2000 those of 2000.

    Returns
    -------
    mean, variance : float
        Of the statistic under a unit root.

    Notes
    -----
    Im, Pesaran and Shin (2003), table 1.

    Examples
    --------
    >>> from govdata.stats.tests.moments import ips_z_moments
    >>> ips_z_moments(10)
    (-1.504, 1.069)
    """
    return _between(length, Z_LENGTHS, _Z_MEAN), _between(length, Z_LENGTHS, _Z_VARIANCE)


def llc_moments(length: int, trend: str) -> tuple[float, float]:
    """Return the mean and the standard deviation adjustment of the pooled t statistic.

    Parameters
    ----------
    length
        Periods. Shorter series than 25 take the moments of 25, longer ones than 500 those of 500.
    trend
        ``"none"``, ``"constant"`` or ``"trend"``.

    Returns
    -------
    mean, deviation : float
        Of the statistic.

    Notes
    -----
    Levin, Lin and Chu (2002), table 2.

    Examples
    --------
    >>> from govdata.stats.tests.moments import llc_moments
    >>> llc_moments(25, "trend")
    (-0.703, 1.003)
    """
    mean, deviation = (_between(length, _LLC_LENGTHS, row) for row in _LLC[trend])
    return mean, deviation


def _between(length: int, lengths: tuple[int, ...], values: tuple[float, ...]) -> float:
    at = min(max(length, lengths[0]), lengths[-1])
    if at in lengths:
        return values[lengths.index(at)]
    return float(np.interp(at, lengths, values))
