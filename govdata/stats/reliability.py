"""Agreement of coders: Krippendorff's alpha, chance-corrected coefficients, and intraclass correlations.

Ratings come in long form, one row a unit and coder; a rating that is not there is simply no row, or a missing value.
"""

from __future__ import annotations

from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
from scipy.stats import f as fisher

from govdata.errors import ArgumentError, EstimationError
from govdata.stats.estimating import choose
from govdata.stats.formula import check_column
from govdata.stats.keys import FloatArray, encode, make_keys, numeric

__all__ = ["agreement", "icc", "krippendorff_alpha"]

Metric = Literal["nominal", "ordinal", "interval", "ratio"]
Weighting = Literal["unweighted", "linear", "quadratic"]


def _ratings(data: object, value: str, unit: str, coder: str, *, numbers: bool) -> FloatArray:
    """Lay ratings out as coders x units, missing where there is none."""
    if not isinstance(data, pd.DataFrame):
        raise ArgumentError(f"ratings are a pandas DataFrame, not {type(data).__name__}")
    for label, column in (("value", value), ("unit=", unit), ("coder=", coder)):
        if not isinstance(column, str):
            raise ArgumentError(f"{label} is the name of a column, not {column!r}")
        check_column(column, data.columns, where=label)
    keys = make_keys(data, unit, coder)
    assert keys.unit is not None  # noqa: S101 -- for the type checker: both are named
    assert keys.time is not None  # noqa: S101 -- as above
    if numbers:
        values = numeric(data[value], value)
    else:
        codes = encode(data[value], value)
        values = np.where(codes.missing, np.nan, codes.codes.astype(np.float64))
    there = ~(keys.unit.missing | keys.time.missing)
    table = np.full((len(keys.time.levels), len(keys.unit.levels)), np.nan)
    table[keys.time.codes[there], keys.unit.codes[there]] = values[there]
    paired = (~np.isnan(table)).sum(axis=0) >= 2
    if not paired.any():
        raise EstimationError("no unit has two ratings, so there is no agreement to measure")
    if np.unique(table[:, paired][~np.isnan(table[:, paired])]).size < 2:
        raise EstimationError("all ratings are equal, so agreement beyond chance is not defined")
    return table


def krippendorff_alpha(
    data: pd.DataFrame, value: str, *, unit: str = "unit", coder: str = "coder", metric: Metric = "nominal"
) -> float:
    """Compute Krippendorff's alpha.

    Parameters
    ----------
    data
        One row a unit and coder.
    value
        Column of the ratings: numbers, or for ``"nominal"`` any codes.
    unit, coder
        Key columns.
    metric
        ``"nominal"``, ``"ordinal"``, ``"interval"`` or ``"ratio"``.

    Returns
    -------
    float
        One where coders agree everywhere, zero where they agree as chance would.

    Raises
    ------
    EstimationError
        If no unit has two ratings, or all ratings are equal.

    Notes
    -----
    Krippendorff (2011), by the library ``krippendorff``. Units with one rating do not count.

    Examples
    --------
    >>> import pandas as pd
    >>> from govdata import stats
    >>> ratings = pd.DataFrame({"unit": [1, 1, 2, 2, 3, 3], "coder": list("ABABAB"), "value": [1, 1, 2, 2, 1, 2]})
    >>> round(stats.krippendorff_alpha(ratings, "value"), 3)
    0.444
    """
    choose("metric", metric, get_args(Metric))
    table = _ratings(data, value, unit, coder, numbers=metric != "nominal")
    import krippendorff

    return float(krippendorff.alpha(reliability_data=table, level_of_measurement=metric))


def agreement(
    data: pd.DataFrame,
    value: str,
    *,
    unit: str = "unit",
    coder: str = "coder",
    weights: Weighting = "unweighted",
) -> pd.DataFrame:
    """Compute chance-corrected coefficients of agreement for any number of coders.

    Parameters
    ----------
    data
        One row a unit and coder.
    value
        Column of the categories: numbers, or any codes where ``weights`` are not used.
    unit, coder
        Key columns.
    weights
        How far apart two categories are: ``"unweighted"``, ``"linear"`` or ``"quadratic"`` in their numbers.

    Returns
    -------
    DataFrame
        One row a coefficient (``gwet``, ``fleiss``, ``conger``, ``brennan_prediger``); columns ``estimate``,
        ``observed`` and ``expected`` agreement.

    Raises
    ------
    EstimationError
        If no unit has two ratings, or all ratings are equal.

    Notes
    -----
    Gwet (2014): AC1, or AC2 with weights. Standard errors are not given.

    Examples
    --------
    >>> import pandas as pd
    >>> from govdata import stats
    >>> ratings = pd.DataFrame({"unit": [1, 1, 2, 2, 3, 3], "coder": list("ABABAB"), "value": [1, 1, 2, 2, 1, 2]})
    >>> stats.agreement(ratings, "value")["estimate"].round(3).to_dict()
    {'gwet': 0.333, 'fleiss': 0.333, 'conger': 0.4, 'brennan_prediger': 0.333}
    """
    choose("weights", weights, get_args(Weighting))
    table = _ratings(data, value, unit, coder, numbers=weights != "unweighted")
    levels = np.unique(table[~np.isnan(table)])
    q = len(levels)
    apart = np.abs(levels[:, None] - levels[None, :]) / (levels[-1] - levels[0])
    w = {"unweighted": np.eye(q), "linear": 1 - apart, "quadratic": 1 - apart**2}[weights]
    chosen = table[:, :, None] == levels
    counts = chosen.sum(axis=0).astype(np.float64)
    often = counts.sum(axis=1)
    rated, paired = often >= 1, often >= 2
    same = (counts * (counts @ w - 1)).sum(axis=1)[paired] / (often[paired] * (often[paired] - 1))
    observed = float(same.mean())
    shares = (counts[rated] / often[rated, None]).mean(axis=0)
    active = chosen.any(axis=(1, 2))
    own = chosen[active].sum(axis=1) / chosen[active].sum(axis=(1, 2))[:, None]
    mean, n = own.mean(axis=0), int(active.sum())
    spread = (own - mean).T @ (own - mean) / (n - 1)
    expected = {
        "gwet": float(w.sum() / (q * (q - 1)) * (shares * (1 - shares)).sum()),
        "fleiss": float(shares @ w @ shares),
        "conger": float((w * (np.outer(mean, mean) - spread / n)).sum()),
        "brennan_prediger": float(w.sum() / q**2),
    }
    rows = [((observed - chance) / (1 - chance), observed, chance) for chance in expected.values()]
    return pd.DataFrame(rows, index=list(expected), columns=["estimate", "observed", "expected"])


def icc(
    data: pd.DataFrame, value: str, *, unit: str = "unit", coder: str = "coder", level: float = 0.95
) -> pd.DataFrame:
    """Compute the six intraclass correlations of Shrout and Fleiss.

    Parameters
    ----------
    data
        One row a unit and coder; only units that every coder rated are used.
    value
        Column of the ratings, numbers.
    unit, coder
        Key columns.
    level
        Of the confidence interval, between 0.5 and 1.

    Returns
    -------
    DataFrame
        One row a coefficient (``ICC1``, ``ICC2``, ``ICC3`` for one coder, with ``k`` for the mean of all); columns
        ``estimate``, ``statistic``, ``df1``, ``df2``, ``p_value``, ``conf_low``, ``conf_high``.

    Raises
    ------
    EstimationError
        If fewer than two units have a rating of every coder, or nothing is left to compare.

    Notes
    -----
    Shrout and Fleiss (1979). ICC1: coders differ from unit to unit; ICC2: a sample of coders, absolute agreement; ICC3:
    these coders, consistency.

    Examples
    --------
    >>> import pandas as pd
    >>> from govdata import stats
    >>> ratings = pd.DataFrame({"unit": [1, 1, 2, 2, 3, 3], "coder": list("ABABAB"), "value": [1, 2, 4, 4, 6, 8]})
    >>> stats.icc(ratings, "value")["estimate"].round(3).to_dict()
    {'ICC1': 0.896, 'ICC2': 0.898, 'ICC3': 0.936, 'ICC1k': 0.945, 'ICC2k': 0.946, 'ICC3k': 0.967}
    """
    if isinstance(level, bool) or not isinstance(level, (int, float)) or not 0.5 < level < 1:
        raise ArgumentError(f"level is a number between 0.5 and 1, such as 0.95, not {level!r}")
    table = _ratings(data, value, unit, coder, numbers=True)
    x = table[:, ~np.isnan(table).any(axis=0)].T
    n, k = x.shape
    if n < 2 or k < 2:
        raise EstimationError(
            f"{n} units have a rating of all {k} coders; intraclass correlations need 2 or more of each"
        )
    grand, of_units, of_coders = x.mean(), x.mean(axis=1), x.mean(axis=0)
    between = k * float(((of_units - grand) ** 2).sum()) / (n - 1)
    within = float(((x - of_units[:, None]) ** 2).sum()) / (n * (k - 1))
    coders = n * float(((of_coders - grand) ** 2).sum()) / (k - 1)
    rest = x - of_units[:, None] - of_coders + grand
    error = float((rest**2).sum()) / ((n - 1) * (k - 1))
    if min(within, error) <= 1e-20 * max(between, coders):
        raise EstimationError("coders agree exactly, up to a constant of each, so there is no error to compare with")
    one, two = between / within, between / error
    df, df_one, df_two = n - 1, n * (k - 1), (n - 1) * (k - 1)
    tail = (1 - level) / 2
    low_one, high_one = one / fisher.isf(tail, df, df_one), one * fisher.isf(tail, df_one, df)
    low_two, high_two = two / fisher.isf(tail, df, df_two), two * fisher.isf(tail, df_two, df)
    icc2 = (between - error) / (between + (k - 1) * error + k * (coders - error) / n)
    ratio = coders / error
    top = df_two * (k * icc2 * ratio + n * (1 + (k - 1) * icc2) - k * icc2) ** 2
    bottom = df * k**2 * icc2**2 * ratio**2 + (n * (1 + (k - 1) * icc2) - k * icc2) ** 2
    v = top / bottom
    upper, lower = fisher.isf(tail, df, v), fisher.isf(tail, v, df)
    common = k * coders + (k * n - k - n) * error
    low2 = n * (between - upper * error) / (upper * common + n * between)
    high2 = n * (lower * between - error) / (common + n * lower * between)

    def single(ratio: float) -> float:
        return float((ratio - 1) / (ratio + k - 1))

    def mean_of(share: float) -> float:
        return float(share * k / (1 + share * (k - 1)))

    rows: dict[str, tuple[Any, ...]] = {
        "ICC1": (single(one), one, df, df_one, single(low_one), single(high_one)),
        "ICC2": (icc2, two, df, df_two, low2, high2),
        "ICC3": (single(two), two, df, df_two, single(low_two), single(high_two)),
        "ICC1k": (1 - 1 / one, one, df, df_one, 1 - 1 / low_one, 1 - 1 / high_one),
        "ICC2k": (mean_of(icc2), two, df, df_two, mean_of(low2), mean_of(high2)),
        "ICC3k": (1 - 1 / two, two, df, df_two, 1 - 1 / low_two, 1 - 1 / high_two),
    }
    names = ["estimate", "statistic", "df1", "df2", "conf_low", "conf_high"]
    found = pd.DataFrame.from_dict(rows, orient="index", columns=names)
    found.insert(4, "p_value", fisher.sf(found["statistic"], found["df1"], found["df2"]))
    return found
