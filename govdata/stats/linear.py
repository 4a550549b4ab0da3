"""Linear models for panels."""

from __future__ import annotations

from typing import Literal, get_args

import pandas as pd

from govdata.errors import EstimationError, PanelError, nearest
from govdata.stats.covariance import DfRule, SeType, TwoWay, covariance, make_vcov
from govdata.stats.design import build, infer_unit
from govdata.stats.results import PanelResults
from govdata.stats.solver import least_squares

__all__ = ["ols"]

Singletons = Literal["keep", "drop"]
Collinear = Literal["refuse", "drop"]


def ols(
    formula: str,
    data: pd.DataFrame,
    *,
    unit: str | None = None,
    time: str | None = None,
    se: SeType | None = None,
    cluster: str | list[str] | None = None,
    df: DfRule = "nested",
    twoway: TwoWay = "min",
    singletons: Singletons = "keep",
    collinear: Collinear = "refuse",
    panel: bool = True,
    dataset: str | None = None,
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
        Any frame, one row a unit and time. Rows with a missing value are left out and counted in ``dropped``.
    unit, time
        Key columns. Left out: ``iso3`` and ``year`` where the data have them, else the first and second effect. Lags,
        leads and differences count in steps of ``time``.
    se
        ``"CRV1"`` cluster-robust with the factor G/(G-1) * (N-1)/(N-K*), ``"CR0"`` without it, ``"HC1"`` with N/(N-K*),
        ``"HC0"`` without it, ``"iid"`` classical. Left out: ``"CRV1"`` where a cluster or a unit is known, else
        ``"iid"``.
    cluster
        A column, or a list of two for two-way clustering. Left out: the unit.
    df
        What K* counts: ``"nested"`` slopes, constant and the effects that are not nested in a cluster (fixest, reghdfe,
        ``xtreg, fe``); ``"full"`` all parameters (``areg``); ``"none"`` slopes alone.
    twoway
        Two-way clustering: ``"min"`` scales all three parts by the smaller number of clusters (fixest, reghdfe),
        ``"conventional"`` each part by its own (Cameron, Gelbach and Miller).
    singletons
        Rows alone in a level of an effect: ``"keep"`` them and say so (as fixest does by default), or ``"drop"`` them,
        and those left alone thereby (as reghdfe does). They change no coefficient, but N and so the factor.
    collinear
        ``"refuse"`` a regressor that the others or the effects determine, naming it, or ``"drop"`` it with a note.
    panel
        False where rows repeat by design, as in survey waves: no keys are read and no row is a duplicate.
    dataset
        Which data these are, for notes below tables. Left out: read from ``data.attrs`` (``dataset`` and ``version``).

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
    for label, value, allowed in (
        ("singletons", singletons, get_args(Singletons)),
        ("collinear", collinear, get_args(Collinear)),
    ):
        if not (isinstance(value, str) and value in allowed):
            raise EstimationError(
                f"{label} is one of {', '.join(allowed)}, not {value!r}{nearest(str(value), allowed)}"
            )
    for label, key in (("unit", unit), ("time", time)):
        if key is not None and not isinstance(key, str):
            raise PanelError(f"{label} is the name of a column, not {key!r}")
    if not isinstance(panel, bool):
        raise EstimationError(f"panel is True or False, not {panel!r}")
    named = make_vcov(se, cluster, df, twoway, unit=infer_unit(formula, data, unit, time, panel=panel))
    design = build(formula, data, unit=unit, time=time, clusters=named.cluster, singletons=singletons, panel=panel)
    fit = least_squares(
        design.y,
        design.x,
        design.names,
        design.effects,
        intercept=design.intercept,
        response=str(design.formula.response),
        drop_collinear=collinear == "drop",
    )
    clusters = tuple(design.codes(name) for name in named.cluster)
    found = covariance(fit, named, clusters, design.effects)
    return PanelResults(design, fit, found, _dataset(data) if dataset is None else str(dataset))


def _dataset(data: pd.DataFrame) -> str:
    name, version = data.attrs.get("dataset"), data.attrs.get("version")
    return " ".join(str(part) for part in (name, version) if part) if name else ""
