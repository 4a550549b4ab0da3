"""Unit roots in the series of a panel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import chi2, norm
from scipy.stats import t as student

from govdata.errors import ArgumentError, EstimationError, PanelError
from govdata.stats.keys import FloatArray
from govdata.stats.tests.adf import Adf, adf, choose_lags, mackinnon, outside, partial
from govdata.stats.tests.cips import cips
from govdata.stats.tests.moments import LAGS, LENGTHS, Z_LENGTHS, ips_moments, ips_z_moments, llc_moments
from govdata.stats.tests.result import TestResult
from govdata.stats.tests.sample import choose, gaps, listed, periods
from govdata.stats.tests.series import Series, series_of

__all__ = ["unit_root"]

TESTS = ("ips", "ips_z", "llc", "maddala_wu", "choi_p", "invnormal", "logit", "hadri", "cips")
FISHER = {
    "maddala_wu": "Maddala-Wu test",
    "choi_p": "Choi modified P test",
    "invnormal": "Choi inverse normal test",
    "logit": "Choi logit test",
}
IPS = ("ips", "ips_z")
TRENDS = {"none": "neither constant nor trend", "constant": "unit constants", "trend": "unit constants and trends"}
CRITERIA = ("aic", "sic", "hall")
P_VALUES = ("mackinnon1994", "plm")
NO_1996 = (
    "p values of MacKinnon (1996) need tables whose terms of use do not allow them in a program like this one; "
    'p_values="mackinnon1994" has those of his earlier paper'
)
ROOT = "every series has a unit root"


@dataclass(frozen=True, slots=True)
class _Options:
    trend: str
    lags: int | str
    max_lags: int | None
    corrected: bool
    bounded: bool


def unit_root(
    data: Any,  # noqa: ANN401 -- a frame or a panel
    column: str,
    test: str = "ips",
    *,
    trend: str = "constant",
    lags: int | str = 1,
    max_lags: int | None = None,
    df_correction: bool = False,
    heteroscedastic: bool = True,
    truncated: bool = False,
    p_values: str = "mackinnon1994",
    unit: str | None = None,
    time: str | None = None,
) -> TestResult:
    """Test the series of a column for unit roots.

    Parameters
    ----------
    data : DataFrame or Panel
        One row a unit and time. Rows without a value are left out; a unit with a gap inside its series is refused.
    column
        Which series.
    test
        ``"ips"`` Im, Pesaran and Shin's W statistic, with moments by length and lags; ``"ips_z"`` their Z statistic,
        with moments by length, for a constant; ``"llc"`` Levin, Lin and Chu (balanced); ``"maddala_wu"``,
        ``"choi_p"``, ``"invnormal"`` and ``"logit"`` combine the units' p values; ``"hadri"`` tests stationarity
        (balanced); ``"cips"`` Pesaran's test that allows for a common factor.
    trend
        What each regression has: ``"none"``, ``"constant"``, or ``"trend"`` a constant and a trend.
    lags
        Lagged differences in each regression: a number, or ``"aic"``, ``"sic"`` or ``"hall"`` to choose unit by unit.
    max_lags
        Where a choice begins; all regressions that are compared use the same rows. Left out: 12 (T/100)^(1/4) rounded
        down, with T of the shortest unit, and at most what its regression can bear.
    df_correction
        Whether the variance of residuals counts the coefficients.
    heteroscedastic
        Of Hadri: True allows each unit its own variance.
    truncated
        Of CIPS: whether extreme statistics of units are cut as in the paper.
    p_values
        Of the combinations: ``"mackinnon1994"`` within the range where the approximation rises, ``"plm"`` also beyond,
        as plm computes them where the package urca is absent.
    unit, time
        Key columns. Left out: those of the panel, else ``iso3`` and ``year``.

    Returns
    -------
    TestResult
        ``details`` has one row a unit.

    Raises
    ------
    PanelError
        If a unit lacks a time inside its series.
    EstimationError
        If a series is too short or does not vary, or the panel is unbalanced where the test is not defined for it.
    ArgumentError
        If an option does not exist.

    Notes
    -----
    Im, Pesaran and Shin (2003); Levin, Lin and Chu (2002); Maddala and Wu (1999); Choi (2001); Hadri (2000); Pesaran
    (2007). p values of single units are those of MacKinnon (1994), for long series; with the package urca, plm takes
    those of MacKinnon (1996), from which they differ in the third digit, and more in the upper tail. All else is as in
    plm's ``purtest`` and ``cipstest``.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from govdata import stats
    >>> rng = np.random.default_rng(1)
    >>> frame = pd.DataFrame({"iso3": np.repeat(["CHN", "IRN", "RUS"], 30), "year": np.tile(np.arange(1990, 2020), 3)})
    >>> frame["y"] = rng.normal(size=90)
    >>> found = stats.tests.unit_root(frame, "y")
    >>> found.name
    'Im-Pesaran-Shin W test of unit roots in y'
    >>> bool(found.p_value < 0.01)
    True
    """
    test = choose("test", test, TESTS)
    trend = choose("trend", trend, tuple(TRENDS))
    if p_values == "mackinnon1996":
        raise ArgumentError(NO_1996)
    p_values = choose("p_values", p_values, P_VALUES)
    _check_lags(lags, max_lags)
    if trend == "none" and test in {*IPS, "hadri"}:
        raise ArgumentError(f'test="{test}" is not defined without a constant: trend="constant" or trend="trend"')
    if trend == "trend" and test == "ips_z":
        raise ArgumentError('test="ips_z" has moments for a constant alone; test="ips" also for trends')
    if test == "cips" and isinstance(lags, str):
        raise ArgumentError('test="cips" takes the same number of lags for all units, such as lags=1')
    series = series_of(data, column, "the test of unit roots", unit, time)
    _consecutive(series)
    if test == "cips":
        return cips(series, trend, int(lags), truncated=truncated)
    if test == "hadri":
        return _hadri(series, trend, heteroscedastic=heteroscedastic, corrected=df_correction)
    if test == "llc":
        _balanced(series, test)
    options = _Options(trend, lags, max_lags, df_correction, p_values == "mackinnon1994")
    fits = _regressions(series, options)
    table = _table(series, fits, options)
    if test in IPS:
        return _ips(series, table, trend, test)
    if test == "llc":
        return _llc(series, fits, table, options)
    return _fisher(series, table, test, options)


def _check_lags(lags: object, max_lags: object) -> None:
    if isinstance(lags, str):
        choose("lags", lags, CRITERIA)
    elif isinstance(lags, bool) or not isinstance(lags, (int, np.integer)) or lags < 0:
        raise ArgumentError(f"lags is a whole number from 0 up, or one of {', '.join(CRITERIA)}, not {lags!r}")
    whole = isinstance(max_lags, (int, np.integer)) and not isinstance(max_lags, bool)
    if max_lags is not None and (not whole or max_lags < 0):  # type: ignore[operator]  # whole has told it
        raise ArgumentError(f"max_lags is a whole number from 0 up, not {max_lags!r}")


def _consecutive(series: Series) -> None:
    if broken := gaps(series.unit, series.time):
        raise PanelError(
            f"tests of unit roots need consecutive times, but {series.name} has gaps in {len(broken)} "
            f"unit{'s' * (len(broken) > 1)}: {listed(broken)}; leave them out, or keep the longest stretch of each"
        )
    flat = [
        name
        for name, values in zip(series.unit.levels, series.split(), strict=True)
        if len(values) > 1 and np.ptp(values) == 0
    ]
    if flat:
        raise EstimationError(
            f"{series.name} never changes in {len(flat)} unit{'s' * (len(flat) > 1)}: {listed(flat)}; leave them out"
        )


def _balanced(series: Series, test: str) -> None:
    smallest, _, largest = periods(series.unit)
    if smallest < largest or largest < len(series.time.levels):
        raise EstimationError(
            f'test="{test}" is defined for balanced panels; here units have {smallest} to {largest} of '
            f'{len(series.time.levels)} periods; test="ips" is defined for unbalanced ones'
        )


def _regressions(series: Series, options: _Options) -> list[Adf]:
    lags: int | str = options.lags
    most = options.max_lags
    width = {"none": 1, "constant": 2, "trend": 3}[options.trend]
    shortest = periods(series.unit)[0]
    if most is None:
        # A regression with p lags has T - p - 1 rows and p + width coefficients.
        most = max(0, min(int(12 * (shortest / 100) ** 0.25), (shortest - width - 2) // 2))
    fits = []
    for name, values in zip(series.unit.levels, series.split(), strict=True):
        chosen = (
            choose_lags(
                values,
                options.trend,
                lags,
                most,
                name,
                corrected=options.corrected,
            )
            if isinstance(lags, str)
            else int(lags)
        )
        fits.append(adf(values, options.trend, chosen, name, corrected=options.corrected))
    return fits


def _table(series: Series, fits: list[Adf], options: _Options) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "unit": list(series.unit.levels),
            "periods": np.bincount(series.unit.codes),
            "lags": [fit.lags for fit in fits],
            "rho": [fit.rho for fit in fits],
            "std_error": [fit.error for fit in fits],
            "t": [fit.t for fit in fits],
            "p_value": [mackinnon(fit.t, options.trend, bounded=options.bounded) for fit in fits],
        }
    )


def _result(series: Series, name: str, trend: str, **given: Any) -> TestResult:  # noqa: ANN401 -- fields of a result
    return TestResult(
        name=f"{name} of unit roots in {series.name}" if "Hadri" not in name else f"{name} of {series.name}",
        nobs=len(series.numbers),
        n_units=len(series.unit.levels),
        periods=periods(series.unit),
        notes=(f"each regression has {TRENDS[trend]}", *given.pop("notes", ())),
        **given,
    )


def _ips(series: Series, table: pd.DataFrame, trend: str, test: str) -> TestResult:
    lengths = (table["periods"] - table["lags"] - 1).to_numpy()
    moments = [
        ips_moments(length, lags, trend) if test == "ips" else ips_z_moments(length)
        for length, lags in zip(lengths.tolist(), table["lags"].tolist(), strict=True)
    ]
    means, variances = np.array(moments).T
    if np.isnan(means).any():
        units = [unit for unit, mean in zip(series.unit.levels, means.tolist(), strict=True) if np.isnan(mean)]
        raise EstimationError(
            f"Im, Pesaran and Shin give no moments for so many lags in so short a series: {listed(units)}; take fewer "
            'lags, or test="maddala_wu"'
        )
    first, last = (LENGTHS[0], LENGTHS[-1]) if test == "ips" else (Z_LENGTHS[0], Z_LENGTHS[-1])
    notes = []
    for count, where in (
        (int((lengths < first).sum()), f"series are shorter than the tables, which begin at {first} rows"),
        (int((lengths > last).sum()), f"series are longer than the tables, which end at {last} rows"),
        (int((table["lags"] > LAGS).sum()), f"regressions have more lags than the tables, which end at {LAGS}"),
    ):
        if count and not ("lags" in where and test == "ips_z"):
            notes.append(f"{count} of {len(table)} {where}")
    statistic = float(np.sqrt(len(table)) * (table["t"].mean() - means.mean()) / np.sqrt(variances.mean()))
    return _result(
        series,
        f"Im-Pesaran-Shin {'W' if test == 'ips' else 'Z'} test",
        trend,
        statistic=statistic,
        distribution="N(0,1), lower tail",
        df=(),
        p_value=float(norm.cdf(statistic)),
        null=ROOT,
        alternative="some series are stationary",
        notes=tuple(notes),
        source=f"Im, Pesaran and Shin (2003), moments of their table {3 if test == 'ips' else 1}; as plm's purtest",
        details=table.assign(mean=means, variance=variances),
    )


def _fisher(series: Series, table: pd.DataFrame, test: str, options: _Options) -> TestResult:
    p, n = table["p_value"].to_numpy(), len(table)
    beyond = [
        unit
        for unit, t in zip(series.unit.levels, table["t"].tolist(), strict=True)
        if outside(float(t), options.trend)
    ]
    notes = []
    if beyond:
        how = "its last value stands for them" if options.bounded else "their p values are extrapolated, as in plm"
        notes.append(f"the t statistics of {listed(beyond)} lie beyond the approximation of p values: {how}")
    with np.errstate(divide="ignore"):
        logs, logits, normals = np.log(p), np.log(p / (1 - p)), norm.ppf(p)
    used = {"invnormal": normals, "logit": logits}.get(test, logs)
    if not np.isfinite(used).all():
        raise EstimationError("a unit's p value rounds to 0 or 1, so that the combination is undefined")
    if test == "maddala_wu":
        statistic, df = float(-2 * logs.sum()), 2 * n
        distribution, p_value = f"chi2({df})", float(chi2.sf(statistic, df))
    elif test == "choi_p":
        statistic, df = float((-2 * logs - 2).sum() / (2 * np.sqrt(n))), 0
        distribution, p_value = "N(0,1), upper tail", float(norm.sf(statistic))
    elif test == "invnormal":
        statistic, df = float(normals.sum() / np.sqrt(n)), 0
        distribution, p_value = "N(0,1), lower tail", float(norm.cdf(statistic))
    else:
        df = 5 * n + 4
        statistic = float(np.sqrt(3 * df / (np.pi**2 * n * (5 * n + 2))) * logits.sum())
        distribution, p_value = f"t({df}), lower tail", float(student.cdf(statistic, df))
    return _result(
        series,
        FISHER[test],
        options.trend,
        statistic=statistic,
        distribution=distribution,
        df=(df,) if df else (),
        p_value=p_value,
        null=ROOT,
        alternative="some series are stationary",
        notes=tuple(notes),
        source=("Maddala and Wu (1999)" if test == "maddala_wu" else "Choi (2001)")
        + " with p values of MacKinnon (1994); as plm's purtest",
        details=table,
    )


def _llc(series: Series, fits: list[Adf], table: pd.DataFrame, options: _Options) -> TestResult:
    columns = series.split()
    length, n = len(columns[0]), len(columns)
    mean, deviation = llc_moments(length, options.trend)
    window = min(round(3.21 * length ** (1 / 3)), length - 2)
    long_run = np.array([_long_run(values, options.trend, window, name) for values, name in _named(series, columns)])
    short_run = np.array([fit.sigma for fit in fits])
    left = [
        partial(values, options.trend, fit.lags, name)
        for (values, name), fit in zip(_named(series, columns), fits, strict=True)
    ]
    level = np.concatenate([part[1] / sigma for part, sigma in zip(left, short_run.tolist(), strict=True)])
    difference = np.concatenate([part[0] / sigma for part, sigma in zip(left, short_run.tolist(), strict=True)])
    rho = float(level @ difference / (level @ level))
    rss = float(((difference - rho * level) ** 2).sum())
    error = float(np.sqrt(rss / (len(level) - options.corrected) / (level @ level)))
    rows = length - float(table["lags"].mean()) - 1
    ratio = float((long_run / short_run).mean())
    statistic = float((rho / error - n * rows * ratio / (rss / (n * rows)) * error * mean) / deviation)
    notes = () if length >= 25 else (f"the tables begin at 25 periods; the {length} here take the moments of 25",)
    return _result(
        series,
        "Levin-Lin-Chu test",
        options.trend,
        statistic=statistic,
        distribution="N(0,1), lower tail",
        df=(),
        p_value=float(norm.cdf(statistic)),
        null=ROOT,
        alternative="all series are stationary, with one coefficient",
        notes=(*notes, f"long-run variances with {window} lags"),
        source="Levin, Lin and Chu (2002) with the moments of their table 2; as plm's purtest",
        details=table.assign(short_run_sd=short_run, long_run_sd=long_run),
    )


def _named(series: Series, columns: list[FloatArray]) -> list[tuple[FloatArray, object]]:
    return list(zip(columns, series.unit.levels, strict=True))


def _long_run(values: FloatArray, trend: str, window: int, unit: object) -> float:
    """Return the long-run standard deviation of the difference, by Bartlett weights."""
    change = np.diff(values)
    if trend == "constant":
        change = change - change.mean()
    elif trend == "trend":
        steps = np.arange(len(change)) - (len(change) - 1) / 2
        change = change - change.mean()
        change = change - steps * (steps @ change / (steps @ steps))
    variance = float(change @ change)
    for lag in range(1, window + 1):
        variance += 2 * float(change[lag:] @ change[:-lag]) * (1 - lag / (window + 1))
    if variance <= 0:
        raise EstimationError(f"unit {unit} has no long-run variance with {window} lags")
    return float(np.sqrt(variance / len(change)))


def _hadri(series: Series, trend: str, *, heteroscedastic: bool, corrected: bool) -> TestResult:
    _balanced(series, "hadri")
    values = np.array(series.split())
    n, length = values.shape
    if length < (4 if trend == "trend" else 3):
        raise EstimationError(f"Hadri's test needs more than {length} periods")
    resid = values - values.mean(axis=1, keepdims=True)
    if trend == "trend":
        steps = np.arange(length) - (length - 1) / 2
        resid = resid - np.outer(resid @ steps / (steps @ steps), steps)
    squares = (resid**2).sum(axis=1)
    if (squares <= 1e-24 * (values**2).sum(axis=1)).any():
        raise EstimationError("a series is exactly on its trend, so that its statistic is undefined")
    counted = length - (2 if trend == "trend" else 1) * corrected
    sums = (np.cumsum(resid, axis=1) ** 2).sum(axis=1) / length**2
    own = sums / (squares / counted)
    pooled = sums.mean() / (squares.sum() / (n * counted))
    mean, variance = (1 / 15, 11 / 6300) if trend == "trend" else (1 / 6, 1 / 45)
    statistic = float(np.sqrt(n) * ((own.mean() if heteroscedastic else pooled) - mean) / np.sqrt(variance))
    return _result(
        series,
        "Hadri test of stationarity",
        trend,
        statistic=statistic,
        distribution="N(0,1), upper tail",
        df=(),
        p_value=float(norm.sf(statistic)),
        null="every series is stationary" + (" around its trend" if trend == "trend" else " around its mean"),
        alternative="some series have a unit root",
        notes=("each unit has its own variance" if heteroscedastic else "all units share one variance",),
        source="Hadri (2000); as plm's purtest",
        details=pd.DataFrame(
            {"unit": list(series.unit.levels), "periods": length, "lm": own, "variance": squares / counted}
        ),
    )
