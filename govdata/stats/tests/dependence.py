"""Dependence between units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import chi2, norm

from govdata.errors import ArgumentError, EstimationError
from govdata.stats.keys import Codes, FloatArray
from govdata.stats.tests.result import TestResult
from govdata.stats.tests.sample import by_unit, choose, listed, periods, sample_of
from govdata.stats.tests.series import Series, series_of

__all__ = ["pesaran_cd"]

KINDS = {
    "cd": "Pesaran CD test",
    "lm": "Breusch-Pagan LM test",
    "scaled_lm": "scaled LM test",
    "bias_corrected": "bias-corrected scaled LM test",
}
SOURCES = {
    "cd": "Pesaran (2004)",
    "lm": "Breusch and Pagan (1980)",
    "scaled_lm": "Breusch and Pagan (1980), scaled as in Pesaran (2004)",
    "bias_corrected": "Baltagi, Feng and Kao (2012)",
}


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Correlations of the pairs of units that share two periods or more."""

    rho: FloatArray
    shared: FloatArray
    left_out: int
    undefined: list[str]


def pesaran_cd(
    m: Any,  # noqa: ANN401 -- a fitted model, a frame or a panel
    column: str | None = None,
    kind: str = "cd",
    *,
    residuals: str = "model",
    unit: str | None = None,
    time: str | None = None,
) -> TestResult:
    """Test for dependence between units: of a model's residuals, or of a column.

    Parameters
    ----------
    m : PanelResults, DataFrame or Panel
        A linear model, or data.
    column
        With data: which column to test.
    kind
        ``"cd"`` Pesaran's test; ``"lm"`` the Lagrange multiplier test of Breusch and Pagan, for few units and many
        periods; ``"scaled_lm"`` the same, standardized; ``"bias_corrected"`` corrected for the means that unit effects
        take out (with T of the longest unit, where the panel is unbalanced).
    residuals
        Of a model: ``"model"`` its own, ``"unit"`` those of one regression a unit with its regressors, as in Pesaran's
        original.
    unit, time
        With data: key columns. Left out: those of the panel, else ``iso3`` and ``year``.

    Returns
    -------
    TestResult
        ``details`` has the average correlation, the average absolute correlation, the number of pairs and the periods
        they share.

    Raises
    ------
    EstimationError
        If there are fewer than two units, no pair shares three periods, or a correlation is not defined.
    ArgumentError
        If an option does not exist, or does not fit the model.

    Notes
    -----
    Each correlation uses the periods that both units have; pairs with fewer than two are left out and counted, as in
    plm's ``pcdtest``. Gaps do not matter. CD (Pesaran 2004) has little power where positive and negative correlations
    cancel: read the average absolute correlation with it.

    Examples
    --------
    >>> import pandas as pd
    >>> from govdata import stats
    >>> frame = pd.DataFrame(
    ...     {
    ...         "iso3": ["CHN"] * 4 + ["IRN"] * 4 + ["RUS"] * 4,
    ...         "year": [2019, 2020, 2021, 2022] * 3,
    ...         "y": [1.0, 2.0, 4.0, 4.5, 2.0, 2.5, 3.0, 5.0, 0.0, 2.0, 2.5, 2.0],
    ...     }
    ... )
    >>> found = stats.tests.pesaran_cd(frame, "y")
    >>> round(found.statistic, 3)
    2.469
    >>> found.details["measure"].tolist()[:2]
    ['average correlation', 'average absolute correlation']
    """
    kind = choose("kind", kind, tuple(KINDS))
    residuals = choose("residuals", residuals, ("model", "unit"))
    notes: list[str] = []
    if hasattr(m, "design"):
        if column is not None or unit is not None or time is not None:
            raise ArgumentError("column, unit and time go with data; a fitted model brings its own residuals and keys")
        sample = sample_of(m, "the test of cross-sectional dependence")
        if kind == "bias_corrected" and not sample.has_unit_effects:
            raise ArgumentError('kind="bias_corrected" needs a model with unit effects; kind="scaled_lm" does not')
        if kind == "bias_corrected" and residuals == "unit":
            raise ArgumentError('kind="bias_corrected" is for residuals of unit effects: residuals="model"')
        values = by_unit(sample)[0] if residuals == "unit" else sample.resid
        series = Series(values, sample.unit, sample.times, "residuals")
        if residuals == "unit" and sample.other_effects:
            names = " and ".join(effect.name for effect in sample.other_effects)
            notes.append(f"regressions by unit leave out the effects of {names}")
        if residuals == "model" and any(effect.name == sample.times.name for effect in sample.other_effects):
            notes.append("time effects are absorbed, so residuals add up to zero in each period: CD is biased by that")
    else:
        if kind == "bias_corrected" or residuals == "unit":
            option = 'kind="bias_corrected"' if kind == "bias_corrected" else 'residuals="unit"'
            raise ArgumentError(f"{option} needs a fitted model, not data")
        series = series_of(m, column, "the test of cross-sectional dependence", unit, time)
    pairs = _correlations(_wide(series), series.unit)
    if pairs.undefined:
        raise EstimationError(
            f"{series.name} of a unit do not vary over the periods shared with another, so that the correlation is "
            f"undefined: {listed(pairs.undefined)}; leave these units out"
        )
    if not pairs.rho.size or pairs.shared.max() < 3:
        raise EstimationError("no two units share three periods, so that nothing can be said of their correlation")
    if pairs.left_out:
        notes.append(f"{pairs.left_out} of {pairs.left_out + len(pairs.rho)} pairs share no two periods: left out")
    if two := int((pairs.shared == 2).sum()):
        notes.append(f"{two} of {len(pairs.rho)} pairs share two periods, where a correlation is 1 or -1")
    statistic, distribution, df, p_value = _statistic(pairs, kind, series.unit)
    measures = {
        "average correlation": pairs.rho.mean(),
        "average absolute correlation": np.abs(pairs.rho).mean(),
        "pairs": len(pairs.rho),
        "pairs left out": pairs.left_out,
        "shared periods, smallest": pairs.shared.min(),
        "shared periods, mean": pairs.shared.mean(),
        "shared periods, largest": pairs.shared.max(),
    }
    return TestResult(
        name=f"{KINDS[kind]} of cross-sectional dependence in {series.name}",
        statistic=statistic,
        distribution=distribution,
        df=df,
        p_value=p_value,
        null="units are not correlated",
        alternative="some are",
        nobs=len(series.numbers),
        n_units=len(series.unit.levels),
        periods=periods(series.unit),
        notes=tuple(notes),
        source=f"{SOURCES[kind]}; unbalanced panels by the periods each pair shares; as plm's pcdtest",
        details=pd.DataFrame({"measure": list(measures), "value": [float(value) for value in measures.values()]}),
    )


def _wide(series: Series) -> FloatArray:
    """Lay the values out: one row a unit, one column a time, each unit about its mean."""
    wide = np.full((len(series.unit.levels), len(series.time.levels)), np.nan)
    wide[series.unit.codes, series.time.codes] = series.numbers
    # A correlation does not move with the level; near the mean, sums lose no digits.
    centred: FloatArray = wide - np.nanmean(wide, axis=1, keepdims=True)
    return centred


def _correlations(wide: FloatArray, unit: Codes) -> _Pairs:
    there = ~np.isnan(wide)
    filled = np.where(there, wide, 0.0)
    largest = np.abs(filled).max(axis=1)
    rho: list[FloatArray] = []
    counts: list[FloatArray] = []
    left_out, undefined = 0, []
    for i in range(len(wide) - 1):
        both = there[i] & there[i + 1 :]
        shared = both.sum(axis=1)
        enough = shared >= 2
        left_out += int((~enough).sum())
        both, shared = both[enough], shared[enough].astype(np.float64)
        if not shared.size:
            continue
        others = filled[i + 1 :][enough]
        one = np.where(both, filled[i] - (both @ filled[i] / shared)[:, None], 0.0)
        two = np.where(both, others - ((others * both).sum(axis=1) / shared)[:, None], 0.0)
        lengths = np.sqrt((one**2).sum(axis=1)), np.sqrt((two**2).sum(axis=1))
        partners = np.flatnonzero(enough) + i + 1
        flat = (lengths[0] <= 1e-13 * largest[i]) | (lengths[1] <= 1e-13 * largest[partners])
        undefined += [f"{unit.levels[i]}-{unit.levels[j]}" for j in partners[flat].tolist()]
        with np.errstate(divide="ignore", invalid="ignore"):
            rho.append((one * two).sum(axis=1) / (lengths[0] * lengths[1]))
        counts.append(shared)
    empty = np.empty(0)
    return _Pairs(np.concatenate([empty, *rho]), np.concatenate([empty, *counts]), left_out, undefined)


def _statistic(pairs: _Pairs, kind: str, unit: Codes) -> tuple[float, str, tuple[float, ...], float]:
    n = len(pairs.rho)
    if kind == "cd":
        statistic = float((np.sqrt(pairs.shared) * pairs.rho).sum() / np.sqrt(n))
    elif kind == "lm":
        statistic = float((pairs.shared * pairs.rho**2).sum())
        return statistic, f"chi2({n})", (n,), float(chi2.sf(statistic, n))
    else:
        statistic = float((pairs.shared * pairs.rho**2 - 1).sum() / np.sqrt(2 * n))
        if kind == "bias_corrected":
            statistic -= len(unit.levels) / (2 * (periods(unit)[2] - 1))
    return statistic, "N(0,1)", (), float(2 * norm.sf(abs(statistic)))
