"""Linear models for panels."""

from __future__ import annotations

from typing import Unpack

import pandas as pd

from govdata.stats.calls import recorded
from govdata.stats.covariance import SeOptions
from govdata.stats.estimating import Collinear, Singletons, finish, fit_design, prepare
from govdata.stats.panel import Panel
from govdata.stats.results import PanelResults

__all__ = ["ols"]


def ols(
    formula: str,
    data: pd.DataFrame | Panel,
    *,
    unit: str | None = None,
    time: str | None = None,
    singletons: Singletons = "keep",
    collinear: Collinear = "refuse",
    panel: bool = True,
    dataset: str | None = None,
    **se_options: Unpack[SeOptions],
) -> PanelResults:
    """Fit a linear model by least squares, with effects absorbed.

    The result does not depend on the order of the rows, on the type of the keys, or on the process: equal inputs give
    equal digits. ``data`` is never changed.

    Parameters
    ----------
    formula
        ``"y ~ x1 + log(x2) + lag(x3, 1) + a*b + C(region) | iso3 + year"``. Effects after ``|`` are absorbed.
        Names that are not plain words stand in backticks. ``- 1`` or ``0`` leaves out the intercept. Formulas are
        parsed, never evaluated; see :mod:`govdata.stats.formula`.
    data
        Any frame or a :class:`Panel`, one row a unit and time. Rows with a missing value are left out and counted in
        ``dropped``.
    unit, time
        Key columns. Left out: ``iso3`` and ``year`` where the data have them, else the first and second effect. Lags,
        leads and differences count in steps of ``time``.
    singletons
        Rows alone in a level of an effect: ``"keep"`` them and say so (as fixest does by default), or ``"drop"`` them,
        and those left alone thereby (as reghdfe does). They change no coefficient, but N and so the factor.
    collinear
        ``"refuse"`` a regressor or an effect that the others determine, naming it, or ``"drop"`` it with a note.
    panel
        False where rows repeat by design, as in survey waves: no keys are read and no row is a duplicate.
    dataset
        Which data these are, for notes below tables. Left out: read from ``data.attrs`` (``dataset`` and ``version``).
    **se_options
        The convention of the standard errors and its options: ``se``, ``cluster``, ``df``, ``twoway``, ``lags``,
        ``pairwise``, ``hetonly``, ``reps``, ``seed``, ``weights``; see :meth:`PanelResults.with_se`. Left out:
        ``"CRV1"`` by the unit where one is known, else ``"iid"``.

    Returns
    -------
    PanelResults
        Coefficients, standard errors, sample and the convention in use.

    Raises
    ------
    FormulaError
        If the formula cannot be read or names no column.
    PanelError
        If rows are not unique by unit and time.
    EstimationError
        If the model is not determined by the data, or an option does not exist.

    Notes
    -----
    p values and intervals use the t distribution with G-1 degrees of freedom under clustering (the smaller G of two)
    and N less the rank of the regression otherwise.

    Examples
    --------
    >>> import pandas as pd
    >>> from govdata import stats
    >>> frame = pd.DataFrame(
    ...     {
    ...         "iso3": ["CHN"] * 3 + ["IRN"] * 3 + ["RUS"] * 3,
    ...         "year": [2019, 2020, 2021] * 3,
    ...         "y": [1.0, 2.0, 4.0, 2.0, 2.5, 3.0, 0.0, 2.0, 2.5],
    ...         "x": [0.0, 1.0, 3.0, 1.0, 1.0, 2.0, 0.0, 2.0, None],
    ...     }
    ... )
    >>> model = stats.ols("y ~ x | iso3", frame)
    >>> model.params.round(4).to_dict()
    {'x': 0.9773}
    >>> model.note()
    'CRV1 clustered by iso3 (3); G/(G-1)*(N-1)/(N-K*), df=nested, K*=2; t with 2 df'
    >>> model.left_out()
    '1 (missing x 1)'
    """
    call = recorded(ols, locals())
    setup = prepare(
        formula,
        data,
        unit=unit,
        time=time,
        options=se_options,
        singletons=singletons,
        collinear=collinear,
        panel=panel,
        dataset=dataset,
        call=call,
    )
    return finish(setup, fit_design(setup.design, collinear=collinear), estimator="OLS")
