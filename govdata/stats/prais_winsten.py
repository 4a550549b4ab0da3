"""Prais-Winsten regression: serial correlation within units, correlation and unequal variances across them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal, Unpack, get_args

import numpy as np
import pandas as pd
from scipy.linalg import solve_triangular

from govdata.errors import EstimationError
from govdata.stats.calls import recorded
from govdata.stats.covariance import SeOptions
from govdata.stats.design import Design
from govdata.stats.estimating import Collinear, choose, finish, fit_design, prepare
from govdata.stats.keys import BoolArray, Codes, FloatArray, IntArray
from govdata.stats.panel import Panel
from govdata.stats.results import PanelResults
from govdata.stats.solver import EXACT, Fit
from govdata.stats.transformed import VANISHED, Gaps, TransformedFit, fit_transformed, previous_rows, stacked

__all__ = ["Rho", "RhoType", "RhoWeights", "SecondStep", "prais_winsten"]

Rho = Literal["ar1", "psar1", "none"]
RhoType = Literal["breg", "freg", "dw", "theil-nagar", "scorr", "theil"]
RhoWeights = Literal["t-1", "t"]
SecondStep = Literal["ols", "pwls", "parks"]

# What xtpcse calls them.
_STATA = {"regress": "breg", "tscorr": "scorr", "nagar": "theil-nagar", "theilnagar": "theil-nagar"}


@dataclass(frozen=True, slots=True)
class _Rhos:
    """Rho of every unit with what is said about it."""

    rhos: FloatArray
    facts: dict[str, float | int | str]
    notes: tuple[str, ...]


def prais_winsten(
    formula: str,
    data: pd.DataFrame | Panel,
    *,
    rho: Rho = "ar1",
    rhotype: RhoType = "breg",
    rho_weights: RhoWeights = "t-1",
    bound_rho: bool = True,
    second_step: SecondStep = "ols",
    gaps: Gaps = "skip",
    unit: str | None = None,
    time: str | None = None,
    collinear: Collinear = "refuse",
    dataset: str | None = None,
    **se_options: Unpack[SeOptions],
) -> PanelResults:
    """Fit a linear model whose errors follow a first-order autoregression within units, in two steps.

    Rho is estimated from the residuals of pooled least squares. Then each row has rho times the row before subtracted,
    and the first row of every run is multiplied by sqrt(1 - rho^2).

    Parameters
    ----------
    formula
        The model, without effects after ``|``; write ``C(iso3)`` for fixed effects.
    data
        Any frame or a :class:`Panel`, balanced or not, with gaps or without.
    rho
        ``"ar1"`` one rho for all units, ``"psar1"`` one for each, ``"none"`` no serial correlation.
    rhotype
        How a unit's rho is estimated from its residuals e: ``"breg"`` regresses e on the e before (Stata's
        ``regress``), ``"freg"`` the e before on e, ``"dw"`` takes the Durbin-Watson statistic, ``"theil-nagar"`` that
        corrected (``nagar``), ``"scorr"`` the serial correlation (``tscorr``), ``"theil"`` the same corrected.
    rho_weights
        How the units' rhos are averaged into one: by the number of pairs of adjacent rows (``"t-1"``), or by that plus
        one (``"t"``).
    bound_rho
        True brings every unit's rho into [-1, 1], before the average. False leaves it; the first row of a run then has
        no transform where rho is outside, and is left out.
    second_step
        ``"ols"`` least squares of the transformed rows; ``"pwls"`` weights rows by the inverse of their unit's error
        variance; ``"parks"`` by the inverse of the covariance of all units' errors at a time (Parks and Kmenta), which
        needs more times than units.
    gaps
        ``"skip"``: after a gap in ``time`` a new run begins. ``"span"``: a unit's rows follow each other, however far
        apart.
    unit, time
        Key columns; see :func:`ols`.
    collinear
        ``"refuse"`` a regressor that the others determine, naming it, or ``"drop"`` it with a note.
    dataset
        Which data these are, for notes below tables.
    **se_options
        The convention of the standard errors, see :meth:`PanelResults.with_se`. Left out: ``"PCSE"``, or ``"iid"``
        after ``"pwls"`` and ``"parks"``. In an unbalanced panel ``pairwise=True`` takes the times that two units share.

    Returns
    -------
    PanelResults
        ``facts`` holds ``rho``, or its mean and range over units; ``fit.by_unit`` holds rho of every unit.

    Raises
    ------
    FormulaError
        If the formula cannot be read or names no column.
    PanelError
        If unit or time are not known, or times are not whole numbers.
    EstimationError
        If the model or rho is not determined by the data.

    Notes
    -----
    Prais and Winsten (1954); Beck and Katz (1995) for the standard errors; Parks (1967). Estimates equal those of
    panelAR in R with ``bound.rho = TRUE``. A unit without two adjacent rows is left out of the average, and under
    ``"psar1"`` its rho is zero, as with panelAR's ``rho.na.rm = TRUE``. Times count by the calendar; panelAR
    counts those that occur.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from govdata.stats.prais_winsten import prais_winsten
    >>> years = np.arange(2000, 2012)
    >>> frame = pd.concat(
    ...     [
    ...         pd.DataFrame({"iso3": iso3, "year": years, "x": (years * step) % 7, "e": np.sin((years + step) / 3)})
    ...         for iso3, step in (("CHN", 2), ("IRN", 3), ("RUS", 5))
    ...     ]
    ... )
    >>> frame["y"] = 1 + 2 * frame["x"] + frame["e"]
    >>> model = prais_winsten("y ~ x", frame)
    >>> model.params.round(2).to_dict(), round(model.facts["rho"], 2)
    ({'Intercept': 0.96, 'x': 2.0}, 0.87)
    >>> model.note()
    'PCSE over iso3 (3) and year (12); balanced; t with 34 df'
    """
    call = recorded(prais_winsten, locals())
    rhotype = _STATA.get(rhotype, rhotype) if isinstance(rhotype, str) else rhotype  # type: ignore[assignment]
    choose("rho", rho, get_args(Rho), {"independent": "none"})
    choose("rhotype", rhotype, get_args(RhoType), _STATA)
    choose("rho_weights", rho_weights, get_args(RhoWeights), {"np1": "t"})
    choose("second_step", second_step, get_args(SecondStep), {"gls": "parks", "fgls": "parks", "wls": "pwls"})
    if not isinstance(bound_rho, bool):
        raise EstimationError(f"bound_rho is True or False, not {bound_rho!r}")
    setup = prepare(
        formula,
        data,
        unit=unit,
        time=time,
        options=se_options,
        dataset=dataset,
        collinear=collinear,
        default="PCSE" if second_step == "ols" else "iid",
        absorbs="Prais-Winsten transforms the indicators of effects like any column: write them into the formula, as "
        "C(iso3), instead of after |",
        needs_unit="prais_winsten()",
        call=call,
    )
    design = setup.design
    before = previous_rows(design, gaps, what="prais_winsten()")
    pooled = fit_design(design, collinear=collinear)
    keys = design.unit
    assert keys is not None  # noqa: S101 -- for the type checker: previous_rows has refused it
    if rho == "none":
        found = _Rhos(np.zeros(len(keys.levels)), {}, ())
    else:
        found = _rhos(pooled, keys, before, rho, rhotype, rho_weights, bound=bound_rho)
    moved, left = _transformed(design, pooled, keys, before, found)
    notes = [*found.notes, *(_gap_notes(design, before, gaps) if rho != "none" else [])]
    if not left.all():
        design = _subset(design, left)
        notes.append(
            f"first rows of runs left out, for rho outside [-1, 1] gives them no transform: {int((~left).sum())}"
        )
    by_unit = pd.Series(found.rhos, index=pd.Index(keys.levels, name=keys.name), name="rho")
    fit = fit_transformed(design, pooled, moved[left], by_unit=by_unit, own_mean=True)
    if second_step != "ols":
        fit = _weighted(design, pooled, fit, moved[left], second_step)
        notes.append("iid takes the covariance of the errors as known, and does not estimate their size again")
    if second_step == "parks":
        notes.append("Parks' standard errors are too small unless there are far more times than units; see PCSE")
    known = [*(["rho"] if rho != "none" else []), *(["the weights"] if second_step != "ols" else [])]
    if known:
        verb = "is" if known == ["rho"] else "are"
        notes.append(
            f"{' and '.join(known)} {verb} taken as known by every standard error; R2 is that of the transformed rows"
        )
    title = {"none": "Pooled", "ar1": "Prais-Winsten, AR(1)", "psar1": "Prais-Winsten, panel-specific AR(1)"}[rho]
    title += {"ols": "", "pwls": ", weighted", "parks": ", Parks"}[second_step]
    facts = found.facts | ({"rhotype": rhotype} if rho != "none" else {})
    return finish(setup, fit, estimator=title, design=design, facts=facts, notes=tuple(notes))


def _rhos(pooled: Fit, keys: Codes, before: IntArray, rho: str, rhotype: str, weights: str, *, bound: bool) -> _Rhos:
    """Estimate each unit's rho, and the common one where that is wanted."""
    n = len(keys.levels)
    later = np.flatnonzero(before >= 0)
    pairs = np.bincount(keys.codes[later], minlength=n).astype(np.float64)
    if not later.size:
        raise EstimationError(
            "no unit has two rows one step of time apart, so that no rho can be estimated; gaps='span' takes rows one "
            "after another, rho='none' does without"
        )
    values, defined = _estimates(pooled, keys, before, rhotype, pairs)
    if not defined.any():
        raise EstimationError(f"no unit has a rho by rhotype={rhotype!r}: too few rows, or residuals that are rounding")
    notes = []
    if missing := int((~defined).sum()):
        which = "are left out of the average" if rho == "ar1" else "have rho 0"
        if missing == 1:
            which = which.replace("are", "is").replace("have", "has")
        notes.append(f"{_units(missing)} without a rho, for lack of adjacent rows, {which}")
    values = np.where(defined, values, 0.0)
    outside = int((np.abs(values) > 1).sum())
    if bound:
        values = np.clip(values, -1.0, 1.0)
        if outside:
            notes.append(f"rho of {_units(outside)} was outside [-1, 1] and is set to the bound")
    if rho == "ar1":
        share = np.where(defined, pairs + (weights == "t"), 0.0)
        if not share.sum() > 0:
            raise EstimationError("no unit has two adjacent rows and a rho, so that there is no common one")
        common = float(share @ values / share.sum())
        return _Rhos(np.full(n, common), {"rho": common}, tuple(notes))
    facts: dict[str, float | int | str] = {
        "rho mean": float(values.mean()),
        "rho min": float(values.min()),
        "rho max": float(values.max()),
    }
    return _Rhos(values, facts, tuple(notes))


def _units(count: int) -> str:
    return f"{count} unit{'s' if count > 1 else ''}"


def _estimates(
    pooled: Fit, keys: Codes, before: IntArray, rhotype: str, pairs: FloatArray
) -> tuple[FloatArray, BoolArray]:
    """Return rho of every unit, and whether it is defined."""
    n = len(keys.levels)
    later = np.flatnonzero(before >= 0)
    codes = keys.codes[later]
    now, past = pooled.resid[later], pooled.resid[before[later]]

    def total(values: FloatArray, where: IntArray) -> FloatArray:
        found: Any = np.bincount(where, weights=values, minlength=n)
        return np.asarray(found, dtype=np.float64)

    cross, squares = total(now * past, codes), total(pooled.resid**2, keys.codes)
    rows, k = total(np.ones(len(keys.codes)), keys.codes), float(pooled.rank)
    durbin = total((now - past) ** 2, codes)
    top, bottom = {
        "breg": (cross, total(past**2, codes)),
        "freg": (cross, total(now**2, codes)),
        "dw": (squares - durbin / 2, squares),
        "theil-nagar": (rows**2 * (squares - durbin / 2) + k**2 * squares, (rows**2 - k**2) * squares),
        "scorr": (cross, squares),
        "theil": (cross * (rows - k), squares * pairs),
    }[rhotype]
    # Without a pair the serial correlation is zero; every other formula has nothing to rest on.
    defined = (bottom != 0) & (squares > EXACT * pooled.tss) & ((pairs > 0) | (rhotype == "scorr"))
    return np.where(defined, top / np.where(defined, bottom, 1.0), 0.0), defined


def _transformed(
    design: Design, pooled: Fit, keys: Codes, before: IntArray, found: _Rhos
) -> tuple[FloatArray, BoolArray]:
    """Subtract rho times the row before; say which rows are left."""
    columns = stacked(design, pooled.kept)
    own = found.rhos[keys.codes]
    first = before < 0
    left = ~first | (np.abs(own) <= 1)
    scale = np.sqrt(np.maximum(1 - own**2, 0.0))
    moved = np.where(first[:, None], columns * scale[:, None], columns - own[:, None] * columns[before])
    names = ([str(design.formula.response)] + ["the constant"] * design.intercept) + [
        design.names[j] for j in pooled.kept
    ]
    sizes = np.sqrt(np.einsum("ij,ij->j", moved[left], moved[left]))
    whole = np.sqrt(np.einsum("ij,ij->j", columns, columns))
    gone = [name for name, size, full in zip(names, sizes, whole, strict=True) if size <= VANISHED * full]
    if gone:
        raise EstimationError(
            f"{', '.join(gone[:5])}: nothing is left of it where rho is 1; take another rhotype, such as 'scorr', "
            "or rho='ar1'"
        )
    return moved, left


def _gap_notes(design: Design, before: IntArray, gaps: Gaps) -> list[str]:
    assert design.time is not None  # noqa: S101 -- for the type checker: previous_rows has refused it
    if gaps == "span":
        return [f"rows follow each other within units, whatever their distance in {design.time.name}"]
    follow = (previous_rows(design, "span", what="prais_winsten()") >= 0) & (before < 0)
    count = int(follow.sum())
    return (
        [f"{count} gap{'s' if count > 1 else ''} in {design.time.name}: a new run begins after each"] if count else []
    )


def _subset(design: Design, left: BoolArray) -> Design:
    rows = np.flatnonzero(left)
    unit, time = design.unit, design.time
    return replace(
        design,
        y=design.y[rows],
        x=design.x[rows],
        unit=None if unit is None else unit.subset(rows),
        time=None if time is None else time.subset(rows),
        rows=design.rows[rows],
        used=design.rows,
    )


def _weighted(design: Design, pooled: Fit, fit: TransformedFit, moved: FloatArray, how: str) -> TransformedFit:
    """Fit again, with rows made independent and equally large by the residuals' covariance."""
    unit, time = design.unit, design.time
    assert unit is not None  # noqa: S101 -- for the type checker: previous_rows has refused it
    assert time is not None  # noqa: S101 -- as above
    n, periods = len(unit.levels), len(time.levels)
    size = np.bincount(unit.codes, weights=fit.resid**2) / np.bincount(unit.codes)
    if (exact := np.flatnonzero(size <= EXACT * size.max())).size:
        raise EstimationError(f"{unit.levels[int(exact[0])]} is fitted exactly, so that its rows have no weight")
    if how == "pwls":
        scaled = moved / np.sqrt(size)[unit.codes, None]
        return fit_transformed(design, pooled, scaled, by_unit=fit.by_unit, variance=1.0)
    if n > periods:
        raise EstimationError(
            f"Parks' method needs as many times as units, and there are {periods} for {n}; take 'pwls'"
        )
    resid, there = np.zeros((periods, n)), np.zeros((periods, n))
    resid[time.codes, unit.codes], there[time.codes, unit.codes] = fit.resid, 1.0
    sigma = resid.T @ resid / np.maximum(there.T @ there, 1.0)
    scaled = moved.copy()
    for at in range(periods):
        rows = np.flatnonzero(time.codes == at)
        own = unit.codes[rows]
        try:
            root = np.linalg.cholesky(sigma[np.ix_(own, own)])
        except np.linalg.LinAlgError:
            raise EstimationError(
                "the residuals' covariances between units do not form a covariance matrix here, so that Parks' method "
                "has no weights; take 'pwls'"
            ) from None
        scaled[rows] = solve_triangular(root, moved[rows], lower=True)
    return fit_transformed(design, pooled, scaled, by_unit=fit.by_unit, variance=1.0)
