"""Variances that move with the regressors, or differ between units."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import chi2

from govdata.errors import ArgumentError, EstimationError
from govdata.stats.solver import EXACT, group_sums, least_squares
from govdata.stats.tests.result import TestResult
from govdata.stats.tests.sample import listed, periods, pooled_note, sample_of

__all__ = ["heteroscedasticity", "modified_wald"]

FEW = 10


def heteroscedasticity(m: Any, *, studentized: bool = True) -> TestResult:  # noqa: ANN401 -- any fitted model
    """Regress squared residuals on everything in the model.

    Parameters
    ----------
    m : PanelResults
        A linear model. Its effects count among the regressors of the squared residuals.
    studentized
        True: N times R squared, which needs no normal errors. False: half the explained sum of squares of the squared
        residuals over their mean, the original form.

    Returns
    -------
    TestResult
        A chi-squared statistic.

    Raises
    ------
    EstimationError
        If the model has no constant and no effects, or fits exactly.

    Notes
    -----
    Breusch and Pagan (1979); studentized: Koenker (1981). Both as lmtest's ``bptest`` on the regression with an
    indicator for every level of the effects.

    Examples
    --------
    >>> import pandas as pd
    >>> from govdata import stats
    >>> frame = pd.DataFrame(
    ...     {
    ...         "iso3": ["CHN"] * 4 + ["IRN"] * 4,
    ...         "year": [2019, 2020, 2021, 2022] * 2,
    ...         "y": [1.0, 2.0, 4.0, 4.5, 2.0, 2.5, 3.0, 5.0],
    ...         "x": [0.0, 1.0, 3.0, 3.0, 1.0, 1.0, 2.0, 3.0],
    ...     }
    ... )
    >>> stats.tests.breusch_pagan(stats.ols("y ~ x", frame), kind="heteroscedasticity").distribution
    'chi2(1)'
    """
    if not isinstance(studentized, bool):
        raise ArgumentError(f"studentized is True or False, not {studentized!r}")
    sample = sample_of(m, "the test of heteroscedasticity", time=False)
    if not sample.constant:
        raise EstimationError("the test of heteroscedasticity needs a model with a constant or with effects")
    fit = sample.refit(sample.effects)
    if fit.rss <= EXACT * fit.tss:
        raise EstimationError("the model fits exactly, so there are no errors whose variance could be tested")
    squared = fit.resid**2
    squared = squared / squared.mean()
    if np.ptp(squared) <= 1e-12:
        raise EstimationError("all squared residuals are equal, so their variance cannot be tested")
    auxiliary = least_squares(
        squared,
        sample.x,
        sample.names,
        sample.effects,
        intercept=not sample.effects,
        response="the squared residuals",
        drop_collinear=False,
    )
    explained, df = auxiliary.tss - auxiliary.rss, auxiliary.rank - 1
    if df < 1:
        raise EstimationError("the test of heteroscedasticity needs a regressor or an effect besides the constant")
    statistic = sample.nobs * explained / auxiliary.tss if studentized else explained / 2
    return TestResult(
        name=f"{'Koenker' if studentized else 'Breusch-Pagan'} test of heteroscedasticity",
        statistic=float(statistic),
        distribution=f"chi2({df})",
        df=(df,),
        p_value=float(chi2.sf(statistic, df)),
        null="the variance of the errors does not move with the regressors",
        alternative="it does",
        nobs=sample.nobs,
        n_units=sample.n_units,
        periods=periods(sample.unit),
        notes=pooled_note(m, "least squares"),
        source="Breusch and Pagan (1979)" + ("; studentized as Koenker (1981)" if studentized else ""),
    )


def modified_wald(m: Any) -> TestResult:  # noqa: ANN401 -- any fitted model
    """Test whether errors are equally large in all units.

    Parameters
    ----------
    m : PanelResults
        A linear model with unit effects.

    Returns
    -------
    TestResult
        A chi-squared statistic with one degree of freedom a unit; ``details`` has the variance of each.

    Raises
    ------
    EstimationError
        If the model is not linear or has no unit effects, or a unit has too few rows or residuals of one size.

    Notes
    -----
    Modified Wald test of groupwise heteroscedasticity (Greene 2000; Baum 2001 for unbalanced panels), as Stata's
    ``xttest3``. It needs no normal errors, but many periods: with few it rejects too often.

    Examples
    --------
    >>> import pandas as pd
    >>> from govdata import stats
    >>> frame = pd.DataFrame(
    ...     {
    ...         "iso3": ["CHN"] * 4 + ["IRN"] * 4,
    ...         "year": [2019, 2020, 2021, 2022] * 2,
    ...         "y": [1.0, 2.0, 4.0, 4.5, 2.0, 2.5, 3.0, 5.0],
    ...         "x": [0.0, 1.0, 3.0, 3.0, 1.0, 1.0, 2.0, 3.0],
    ...     }
    ... )
    >>> stats.tests.modified_wald(stats.ols("y ~ x | iso3", frame)).distribution
    'chi2(2)'
    """
    sample = sample_of(m, "the modified Wald test", time=False)
    if not sample.has_unit_effects:
        raise EstimationError(
            f"the modified Wald test takes a model with unit effects; fit it with | {sample.unit.name}"
        )
    sizes = sample.sizes.astype(np.float64)
    if few := [sample.unit.levels[code] for code in np.flatnonzero(sizes < 3).tolist()]:
        raise EstimationError(f"the modified Wald test needs three rows or more of each unit: {listed(few)}")
    squared = sample.resid**2
    own = group_sums(squared, sample.unit.codes, sample.n_units) / sizes
    deviations = (squared - own[sample.unit.codes]) ** 2
    spread = group_sums(deviations, sample.unit.codes, sample.n_units) / (sizes * (sizes - 1))
    if flat := [sample.unit.levels[code] for code in np.flatnonzero(spread <= 1e-24 * own**2).tolist()]:
        raise EstimationError(f"squared residuals do not vary in {listed(flat)}, so that the test is undefined")
    overall = float(squared.mean())
    statistic, df = float(((own - overall) ** 2 / spread).sum()), sample.n_units
    smallest = periods(sample.unit)[0]
    notes = () if smallest >= FEW else (f"units have as few as {smallest} rows: the test then rejects too often",)
    return TestResult(
        name="Modified Wald test of heteroscedasticity between units",
        statistic=statistic,
        distribution=f"chi2({df})",
        df=(df,),
        p_value=float(chi2.sf(statistic, df)),
        null="errors are equally large in all units",
        alternative="they differ",
        nobs=sample.nobs,
        n_units=sample.n_units,
        periods=periods(sample.unit),
        notes=notes,
        source="Greene (2000), Baum (2001); as Stata's xttest3",
        details=pd.DataFrame({"unit": list(sample.unit.levels), "rows": sample.sizes, "variance": own}),
    )
