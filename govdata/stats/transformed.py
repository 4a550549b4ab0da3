"""Least squares on rows made from others: unit means, first differences, and rows weighted or quasi-demeaned."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal, Unpack, get_args

import numpy as np
import pandas as pd

from govdata.errors import EstimationError, PanelError
from govdata.stats.calls import recorded
from govdata.stats.covariance import SeOptions
from govdata.stats.design import Design
from govdata.stats.estimating import Collinear, choose, finish, prepare
from govdata.stats.keys import Codes, FloatArray, IntArray, Keys, shift_positions
from govdata.stats.panel import Panel
from govdata.stats.results import INTERCEPT, PanelResults
from govdata.stats.solver import Fit, group_sums, least_squares

__all__ = [
    "Gaps",
    "TransformedFit",
    "between",
    "first_difference",
    "fit_transformed",
    "group_means",
    "previous_rows",
    "stacked",
]

Gaps = Literal["skip", "span"]

VANISHED = 1e-10
"""A transformed column below this share of its length is rounding."""


@dataclass(frozen=True, slots=True)
class TransformedFit(Fit):
    """A least-squares fit of transformed rows.

    Influence and residuals are those of the transformed rows, from which every covariance is computed.

    Attributes
    ----------
    level_resid
        Response less what the coefficients fit, in the rows as they were before.
    by_unit
        The parameter of the transformation, one a unit: ``rho`` or ``theta``; None where it has none.
    variance
        The variance of an error, where the classical covariance does not estimate it by RSS/(N-K).
    """

    level_resid: FloatArray
    by_unit: pd.Series[float] | None
    variance: float | None

    def classical(self, parameters: int) -> FloatArray:
        """Return the covariance of errors that are independent and equally large.

        Parameters
        ----------
        parameters
            How many parameters the variance of the errors counts, where it is estimated here.

        Returns
        -------
        ndarray
            Coefficients x coefficients.
        """
        size = self.rss / (self.nobs - parameters) if self.variance is None else self.variance
        found: FloatArray = self.influence.T @ self.influence * size
        return found

    def projection(self) -> tuple[IntArray | None, FloatArray]:
        """Return the projection onto everything fitted; the constant is a column like any other here.

        Returns
        -------
        codes : None
            No group means are part of it.
        columns : ndarray
            Orthonormal columns.
        """
        lengths = np.sqrt(np.einsum("ij,ij->j", self.influence, self.influence))
        return None, np.linalg.qr(self.influence / lengths)[0]


def stacked(design: Design, kept: tuple[int, ...]) -> FloatArray:
    """Put response, constant and regressors side by side.

    Parameters
    ----------
    design
        The sample.
    kept
        Which regressors.

    Returns
    -------
    ndarray
        Rows x (2 + regressors), or one less without a constant.
    """
    constant = [np.ones(len(design.y))] if design.intercept else []
    return np.column_stack([design.y, *constant, design.x[:, list(kept)]])


def group_means(columns: FloatArray, keys: Codes) -> FloatArray:
    """Average columns by group.

    Parameters
    ----------
    columns
        Rows x columns.
    keys
        Group of each row; every level occurs.

    Returns
    -------
    ndarray
        Groups x columns.
    """
    n = len(keys.levels)
    counts = np.bincount(keys.codes, minlength=n)
    means: Any = group_sums(columns.astype(np.longdouble), keys.codes, n) / counts[:, None]
    return np.asarray(means, dtype=np.float64)


def fit_transformed(
    design: Design,
    pooled: Fit,
    moved: FloatArray,
    *,
    by_unit: pd.Series[float] | None = None,
    variance: float | None = None,
    own_mean: bool = False,
) -> TransformedFit:
    """Fit rows that were transformed together with the constant.

    Parameters
    ----------
    design
        The sample before the transformation.
    pooled
        Its fit, which says what regressors are kept.
    moved
        The transformed rows of :func:`stacked`.
    by_unit, variance
        Of the fit.
    own_mean
        Whether R2 compares with the mean of the transformed response, as panelAR does, instead of the model with a
        constant alone. The two differ where the transformed constant is not constant.

    Returns
    -------
    TransformedFit
        Coefficients belong to the columns of ``design``.
    """
    names = tuple(design.names[j] for j in pooled.kept)
    names = (INTERCEPT, *names) if design.intercept else names
    fit = least_squares(
        moved[:, 0],
        moved[:, 1:],
        names,
        (),
        intercept=False,
        response=str(design.formula.response),
        drop_collinear=False,
    )
    levels = stacked(design, pooled.kept)
    y = moved[:, 0].astype(np.longdouble)
    centred = y
    if design.intercept:
        constant = np.ones_like(y) if own_mean else moved[:, 1].astype(np.longdouble)
        centred = y - constant * ((constant @ y) / (constant @ constant))
    total = float(np.add.reduce(centred * centred))
    return TransformedFit(
        params=fit.params,
        influence=fit.influence,
        resid=fit.resid,
        kept=pooled.kept,
        slopes=len(pooled.kept),
        rank=fit.rank,
        rss=fit.rss,
        tss=total,
        tss_within=total,
        notes=(*pooled.notes, *(note for note in fit.notes if note not in pooled.notes)),
        absorber=fit.absorber,
        names=fit.names,
        level_resid=levels[:, 0] - levels[:, 1:] @ fit.params,
        by_unit=by_unit,
        variance=variance,
    )


def previous_rows(design: Design, gaps: Gaps, *, what: str) -> IntArray:
    """Find for each row the one before it in its unit.

    Parameters
    ----------
    design
        The sample.
    gaps
        ``"skip"``: the row one step of time earlier, if there is one. ``"span"``: the unit's row before, whatever lies
        between.
    what
        What it is wanted for, to begin a message with.

    Returns
    -------
    ndarray of int
        Positions in the sample, -1 where there is none.

    Raises
    ------
    PanelError
        If rows have no unit and time, or times cannot be counted.
    """
    choose("gaps", gaps, get_args(Gaps))
    unit, time = design.unit, design.time
    if unit is None or time is None:
        raise PanelError(f"{what} needs to know the unit and time of a row: name unit= and time=")
    if gaps == "span":
        rows = np.arange(len(unit.codes), dtype=np.int64)
        first = np.diff(unit.codes, prepend=-1) != 0
        return np.where(first, -1, rows - 1)
    if not time.whole:
        raise PanelError(
            f"{what} counts times in whole numbers, but {time.name!r} holds {time.levels[0]!r}; "
            "build a column such as the year first, or say gaps='span' to take rows one after another"
        )
    return shift_positions(Keys(unit, time), 1)


def between(
    formula: str,
    data: pd.DataFrame | Panel,
    *,
    weighted: bool = False,
    unit: str | None = None,
    time: str | None = None,
    collinear: Collinear = "refuse",
    dataset: str | None = None,
    **se_options: Unpack[SeOptions],
) -> PanelResults:
    """Regress the means of units on the means of units.

    Parameters
    ----------
    formula
        The model; no effects after ``|``.
    data
        Any frame or a :class:`Panel`. Means are those of the complete rows.
    weighted
        True weights a unit by its number of rows; False counts every unit once, as plm does.
    unit, time
        Key columns; see :func:`ols`.
    collinear
        ``"refuse"`` a regressor that the others determine, naming it, or ``"drop"`` it with a note.
    dataset
        Which data these are, for notes below tables.
    **se_options
        The convention of the standard errors, see :meth:`PanelResults.with_se`. Left out: ``"iid"``, for there is one
        case a unit.

    Returns
    -------
    PanelResults
        With one case a unit; residuals are by unit.

    Raises
    ------
    FormulaError
        If the formula cannot be read or names no column.
    PanelError
        If the data name no unit, or rows are not unique by unit and time.
    EstimationError
        If the model is not determined by the units' means.

    Notes
    -----
    The estimates equal those of ``plm(model = "between")`` in R.

    Examples
    --------
    >>> import pandas as pd
    >>> from govdata.stats.transformed import between
    >>> frame = pd.DataFrame(
    ...     {
    ...         "iso3": ["CHN", "CHN", "IRN", "IRN", "RUS", "RUS", "VNM", "VNM"],
    ...         "year": [2020, 2021] * 4,
    ...         "y": [1.0, 3.0, 2.0, 3.0, 5.0, 6.0, 3.0, 5.0],
    ...         "x": [0.0, 2.0, 1.0, 3.0, 4.0, 4.0, 3.0, 1.0],
    ...     }
    ... )
    >>> between("y ~ x", frame).params.round(3).to_dict()
    {'Intercept': 0.895, 'x': 1.158}
    """
    call = recorded(between, locals())
    _flag("weighted", weighted)
    setup = prepare(
        formula,
        data,
        unit=unit,
        time=time,
        options=se_options,
        dataset=dataset,
        default="iid",
        absorbs="a between regression has one case a unit and absorbs no effects; leave out what follows |",
        needs_unit="between()",
        call=call,
    )
    design = setup.design
    keys = _unit(design)
    for name in setup.vcov.cluster:
        codes = design.codes(name).codes
        first = codes[np.searchsorted(keys.codes, np.arange(len(keys.levels)))]
        if (codes != first[keys.codes]).any():
            raise EstimationError(
                f"cluster {name!r} changes within {keys.name}, and a between regression has one case each"
            )
    units, wanted = len(keys.levels), design.x.shape[1] + int(design.intercept)
    if units <= wanted:
        raise EstimationError(f"{units} units are too few for the {wanted} parameters of a between regression")
    means = group_means(np.column_stack([design.y, design.x]), keys)
    cases = replace(
        design,
        y=means[:, 0],
        x=means[:, 1:],
        unit=Codes(keys.name, np.arange(units, dtype=np.int64), keys.levels),
        time=None,
        rows=design.rows[np.searchsorted(keys.codes, np.arange(units))],
        used=design.rows,
        by_unit=True,
    )
    pooled = _least_squares(cases, f"the {keys.name} mean of", collinear)
    if not weighted:
        return finish(setup, pooled, estimator="Between", design=cases)
    weights = np.sqrt(np.bincount(keys.codes))[:, None]
    fit = fit_transformed(cases, pooled, stacked(cases, pooled.kept) * weights)
    return finish(
        setup,
        fit,
        estimator="Between, weighted",
        design=cases,
        notes=(f"{keys.name} means are weighted by their numbers of rows; R2 is that of the weighted means",),
    )


def first_difference(
    formula: str,
    data: pd.DataFrame | Panel,
    *,
    intercept: bool = True,
    gaps: Gaps = "skip",
    unit: str | None = None,
    time: str | None = None,
    collinear: Collinear = "refuse",
    dataset: str | None = None,
    **se_options: Unpack[SeOptions],
) -> PanelResults:
    """Regress changes on changes.

    Parameters
    ----------
    formula
        The model in levels; no effects after ``|``. Terms keep their names.
    data
        Any frame or a :class:`Panel`.
    intercept
        True keeps a constant in the regression of changes: a trend common to all (plm does). False leaves it out, as
        Stata's ``reg D.(y x), nocons`` and linearmodels do; so does ``- 1`` in the formula.
    gaps
        ``"skip"`` uses a change only where the unit has the row one step of time earlier. ``"span"`` takes the change
        since the unit's row before, however long ago, as plm does.
    unit, time
        Key columns; see :func:`ols`.
    collinear
        ``"refuse"`` a regressor whose changes the others determine, naming it, or ``"drop"`` it with a note.
    dataset
        Which data these are, for notes below tables.
    **se_options
        The convention of the standard errors, see :meth:`PanelResults.with_se`.

    Returns
    -------
    PanelResults
        With one case a change, which stands at the later of its two rows.

    Raises
    ------
    FormulaError
        If the formula cannot be read or names no column.
    PanelError
        If unit or time are not known, or times are not whole numbers.
    EstimationError
        If there are no changes, or they do not determine the model.

    Notes
    -----
    Without gaps, the estimates equal those of ``plm(model = "fd")`` in R; with gaps, those under ``gaps="span"`` do.

    Examples
    --------
    >>> import pandas as pd
    >>> from govdata.stats.transformed import first_difference
    >>> frame = pd.DataFrame(
    ...     {
    ...         "iso3": ["CHN", "CHN", "CHN", "IRN", "IRN", "IRN"],
    ...         "year": [2019, 2020, 2022, 2019, 2020, 2021],
    ...         "y": [1.0, 2.0, 5.0, 2.0, 2.5, 4.0],
    ...         "x": [0.0, 1.0, 3.0, 1.0, 0.0, 1.0],
    ...     }
    ... )
    >>> model = first_difference("y ~ x", frame, intercept=False)
    >>> model.params.round(3).to_dict(), model.nobs
    ({'x': 0.667}, 3)
    >>> model.notes()[-1]
    '3 changes from 6 rows; 1 row follows a gap in year'
    """
    call = recorded(first_difference, locals())
    _flag("intercept", intercept)
    setup = prepare(
        formula,
        data,
        unit=unit,
        time=time,
        options=se_options,
        dataset=dataset,
        absorbs="first differences take the effects of units out by themselves; leave out what follows |; for "
        "effects of times write C(year) and say intercept=False",
        needs_unit="first_difference()",
        call=call,
    )
    design = setup.design
    before = previous_rows(design, gaps, what="first_difference()")
    keys = _unit(design)
    later = np.flatnonzero(before >= 0)
    if not later.size:
        raise EstimationError(
            "no unit has two rows one step of time apart, so there are no differences; gaps='span' takes the change "
            "since the row before, however long ago"
        )
    earlier = before[later]
    time_keys = design.time
    assert time_keys is not None  # noqa: S101 -- for the type checker: previous_rows has refused it
    cases = replace(
        design,
        y=design.y[later] - design.y[earlier],
        x=design.x[later] - design.x[earlier],
        intercept=design.intercept and intercept,
        unit=keys.subset(later),
        time=time_keys.subset(later),
        rows=design.rows[later],
        used=design.rows[np.union1d(later, earlier)],
    )
    fit = _least_squares(cases, "the change of", collinear)
    spans = previous_rows(design, "span", what="first_difference()")
    gapped = int(((spans >= 0) & (before < 0)).sum())
    if gaps == "span" and time_keys.whole:
        calendar = np.array(time_keys.levels, dtype=np.int64)[time_keys.codes]
        gapped = int((calendar[later] - calendar[earlier] > 1).sum())
    missed = ""
    if gapped and gaps == "skip":
        missed = f"; {gapped} {'row follows' if gapped == 1 else 'rows follow'} a gap in {time_keys.name}"
    elif gapped:
        missed = f"; {gapped} of them {'spans' if gapped == 1 else 'span'} more than one step of {time_keys.name}"
    lost = len(keys.levels) - len(np.unique(keys.codes[later]))
    alone = f"; {lost} unit{'s have' if lost > 1 else ' has'} none" if lost else ""
    note = f"{later.size} changes from {len(design.y)} rows{missed}{alone}"
    return finish(setup, fit, estimator="First difference", design=cases, notes=(note,))


def _flag(label: str, value: object) -> None:
    if not isinstance(value, bool):
        raise EstimationError(f"{label} is True or False, not {value!r}")


def _unit(design: Design) -> Codes:
    if design.unit is None:
        raise PanelError("the unit of a row is not known: name unit=")
    return design.unit


def _least_squares(cases: Design, what: str, collinear: Collinear) -> Fit:
    """Fit cases whose columns a message should not take for the variables themselves."""
    names = tuple(f"{what} {name}" for name in cases.names)
    choose("collinear", collinear, get_args(Collinear))
    return least_squares(
        cases.y,
        cases.x,
        names,
        (),
        intercept=cases.intercept,
        response=f"{what} {cases.formula.response}",
        drop_collinear=collinear == "drop",
    )
