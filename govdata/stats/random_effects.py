"""Random effects of units, of times, or of both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Unpack, get_args

import numpy as np
import pandas as pd

from govdata.errors import EstimationError, PanelError
from govdata.stats.calls import recorded
from govdata.stats.components import LIKELIHOOD, Components, analysis_of_variance, maximum_likelihood
from govdata.stats.covariance import SeOptions
from govdata.stats.design import Design
from govdata.stats.estimating import Collinear, choose, finish, fit_design, prepare
from govdata.stats.keys import Codes, FloatArray
from govdata.stats.panel import Panel
from govdata.stats.results import PanelResults
from govdata.stats.solver import MAX_CELLS
from govdata.stats.transformed import TransformedFit, fit_transformed, group_means, stacked

__all__ = ["METHODS", "Effect", "Method", "Random", "fit_random", "random_effects"]

Method = Literal["swamy-arora", "amemiya", "nerlove", "wallace-hussain", "ml", "reml"]
Effect = Literal["unit", "time", "twoways"]

# What plm, Stata and lme4 call them.
METHODS = {"swar": "swamy-arora", "sa": "swamy-arora", "walhus": "wallace-hussain", "mle": "ml"}
_HINTS = METHODS | {"re": "swamy-arora", "gls": "swamy-arora", "fgls": "swamy-arora"}
_EFFECTS = {"individual": "unit", "twoway": "twoways", "two-way": "twoways"}
_TITLES = {
    "swamy-arora": "Swamy-Arora",
    "amemiya": "Amemiya",
    "nerlove": "Nerlove",
    "wallace-hussain": "Wallace-Hussain",
    "ml": "ML",
    "reml": "REML",
}


@dataclass(frozen=True, slots=True)
class Random:
    """A random-effects fit with what is said about it.

    Attributes
    ----------
    fit
        Of the quasi-demeaned rows.
    facts
        Variance components and weights of the means.
    notes
        What a reader should know.
    title
        The estimator's name, as tables print it.
    """

    fit: TransformedFit
    facts: dict[str, float | int | str]
    notes: tuple[str, ...]
    title: str


def fit_random(design: Design, method: str, effect: str, collinear: Collinear) -> Random:
    """Estimate variance components and, with these, the coefficients.

    Parameters
    ----------
    design
        The sample.
    method, effect
        See :func:`random_effects`.
    collinear
        What to do with a regressor that others determine.

    Returns
    -------
    Random
        The fit.
    """
    method = METHODS.get(method, method) if isinstance(method, str) else method
    effect = _EFFECTS.get(effect, effect) if isinstance(effect, str) else effect
    choose("method", method, get_args(Method), _HINTS)
    choose("effect", effect, get_args(Effect), _EFFECTS | {"both": "twoways", "two-ways": "twoways"})
    if not design.intercept:
        raise EstimationError("random effects have a mean of their own: leave '- 1' or '0' out of the formula")
    pooled = fit_design(design, collinear=collinear)
    groups = _groups(design, effect)
    x = design.x[:, list(pooled.kept)]
    if method in LIKELIHOOD:
        if len(groups) > 1:
            raise EstimationError(f"method={method!r} takes effects of units or of times, not both; take 'swamy-arora'")
        found = maximum_likelihood(design.y, x, groups[0], restricted=method == "reml")
    else:
        found = analysis_of_variance(design.y, x, groups, method, balanced=_balanced(design))
    counts = [np.bincount(keys.codes) for keys in groups]
    thetas = [
        1 - np.sqrt(found.error / (found.error + count * size))
        for count, size in zip(counts, found.effects, strict=True)
    ]
    moved = _quasi_demeaned(stacked(design, pooled.kept), groups, thetas, found)
    by_unit = None
    if effect == "unit":
        by_unit = pd.Series(thetas[0], index=pd.Index(groups[0].levels, name=groups[0].name), name="theta")
    # Maximum likelihood does not count the coefficients.
    variance = found.error if method == "ml" else None
    fit = fit_transformed(design, pooled, moved, by_unit=by_unit, variance=variance)
    labels = ["u" if keys is design.unit else "time" for keys in groups]
    facts: dict[str, float | int | str] = {}
    for label, size in zip(labels, found.effects, strict=True):
        facts[f"sigma_{label}"] = float(np.sqrt(size))
    facts["sigma_e"] = float(np.sqrt(found.error))
    for keys, theta in zip(groups, thetas, strict=True):
        name = "theta" if len(groups) == 1 else f"theta {keys.name}"
        if np.ptp(theta) == 0:
            facts[name] = float(theta[0])
        else:
            facts |= {f"{name} min": float(theta.min()), f"{name} max": float(theta.max())}
    if found.loglik is not None:
        facts["loglik"] = found.loglik
    whose = {"unit": "Random effects", "time": "Random effects of times", "twoways": "Random effects, two-way"}[effect]
    return Random(fit, facts, _remarks(design, method, groups, found), f"{whose} ({_TITLES[method]})")


def _groups(design: Design, effect: str) -> tuple[Codes, ...]:
    if design.unit is None:
        raise PanelError("random effects need to know the unit of a row: name unit=")
    if effect != "unit" and design.time is None:
        raise PanelError(f"effect={effect!r} needs to know the time of a row: name time=")
    groups = {"unit": (design.unit,), "time": (design.time,), "twoways": (design.unit, design.time)}[effect]
    found = tuple(keys for keys in groups if keys is not None)
    for keys in found:
        if len(keys.levels) < 2:
            raise EstimationError(f"{keys.name} has one level in the sample; random effects need several")
    return found


def _balanced(design: Design) -> bool:
    """Whether every unit has every time; without times, whether all units have equally many rows."""
    assert design.unit is not None  # noqa: S101 -- for the type checker: _groups has refused it
    if design.time is not None:
        return len(design.y) == len(design.unit.levels) * len(design.time.levels)
    return int(np.ptp(np.bincount(design.unit.codes))) == 0


def _quasi_demeaned(
    columns: FloatArray, groups: tuple[Codes, ...], thetas: list[FloatArray], found: Components
) -> FloatArray:
    """Transform rows so that their errors are independent and equally large."""
    keys, theta = groups[0], thetas[0]
    moved: FloatArray = columns - theta[keys.codes, None] * group_means(columns, keys)[keys.codes]
    if len(groups) == 1 or found.effects[1] == 0:
        return moved
    # What the effects of times add to rows that are free of those of units: the root of I + D D' * ratio, inverted.
    times = groups[1]
    n, periods = len(columns), len(times.levels)
    if n * periods > MAX_CELLS:
        raise EstimationError(f"{n:,} rows x {periods:,} times are too many for two-way random effects")
    indicators = np.zeros((n, periods))
    indicators[np.arange(n), times.codes] = 1.0
    indicators -= theta[keys.codes, None] * group_means(indicators, keys)[keys.codes]
    vectors, values, _ = np.linalg.svd(indicators, full_matrices=False)
    shrink = 1 - 1 / np.sqrt(1 + values**2 * (found.effects[1] / found.error))
    return moved - vectors @ (shrink[:, None] * (vectors.T @ moved))


def _remarks(design: Design, method: str, groups: tuple[Codes, ...], found: Components) -> tuple[str, ...]:
    notes = ["theta is taken as known by every standard error; R2 is that of the quasi-demeaned rows"]
    for keys, negative in zip(groups, found.negative, strict=True):
        if negative:
            came = "is zero at the maximum" if method in LIKELIHOOD else "came out negative and is set to zero"
            notes.append(f"the variance of the effects of {keys.name} {came}")
    if not any(found.effects):
        notes.append("no variance of effects is left: the estimates are those of pooled least squares")
    if len(groups) > 1 and not _balanced(design):
        notes.append(
            "two-way effects in an unbalanced panel: coefficients are exact GLS, but a transformed row mixes rows of "
            "other units, so that robust standard errors are approximate"
        )
    if method == "ml":
        notes.append("under ML the iid covariance uses the ML variance of the errors, RSS/N, as nlme's vcov does")
    return tuple(notes)


def random_effects(
    formula: str,
    data: pd.DataFrame | Panel,
    *,
    method: Method = "swamy-arora",
    effect: Effect = "unit",
    unit: str | None = None,
    time: str | None = None,
    collinear: Collinear = "refuse",
    dataset: str | None = None,
    **se_options: Unpack[SeOptions],
) -> PanelResults:
    """Fit random effects by generalised least squares, or by maximum likelihood.

    Parameters
    ----------
    formula
        The model, with a constant and without effects after ``|``. Regressors that do not change over time are fine.
    data
        Any frame or a :class:`Panel`, balanced or not.
    method
        How the variances are estimated: ``"swamy-arora"``, ``"amemiya"``, ``"nerlove"``, ``"wallace-hussain"`` by
        analysis of variance; ``"ml"`` and ``"reml"`` by likelihood.
    effect
        Whose effects are random: ``"unit"``, ``"time"`` or ``"twoways"`` (both; not by likelihood).
    unit, time
        Key columns; see :func:`ols`.
    collinear
        ``"refuse"`` a regressor that the others determine, naming it, or ``"drop"`` it with a note.
    dataset
        Which data these are, for notes below tables.
    **se_options
        The convention of the standard errors, see :meth:`PanelResults.with_se`. Left out: ``"CRV1"`` by unit.
        ``"iid"`` is the classical covariance, which most programs print.

    Returns
    -------
    PanelResults
        ``facts`` holds ``sigma_u`` (effects of units), ``sigma_time``, ``sigma_e`` (the rows' own errors), ``theta``
        (the share of its mean a row loses; its range, where units differ) and ``loglik``. With effects of units alone,
        ``fit.by_unit`` holds theta of every unit.

    Raises
    ------
    FormulaError
        If the formula cannot be read or names no column.
    PanelError
        If the data name no unit, or rows are not unique by unit and time.
    EstimationError
        If the model or the variances are not determined by the data.

    Notes
    -----
    Swamy and Arora (1972), Amemiya (1971), Nerlove (1971), Wallace and Hussain (1969); the variances of unbalanced
    panels after Baltagi and Chang (1994), so that estimates equal those of ``plm(model = "random")`` in R. Likelihood
    estimates are the root of the profile score; they equal those of lme4 and nlme.

    A negative variance is set to zero, and a note says so.

    Examples
    --------
    >>> import pandas as pd
    >>> from govdata.stats.random_effects import random_effects
    >>> frame = pd.DataFrame(
    ...     {
    ...         "iso3": ["CHN"] * 3 + ["IRN"] * 3 + ["RUS"] * 3 + ["VNM"] * 3,
    ...         "year": [2019, 2020, 2021] * 4,
    ...         "y": [1.0, 2.0, 4.0, 2.0, 2.5, 3.0, 0.0, 2.0, 2.5, 5.0, 6.0, 6.5],
    ...         "x": [0.0, 1.0, 3.0, 1.0, 1.0, 2.0, 0.0, 2.0, 2.0, 1.0, 2.0, 4.0],
    ...     }
    ... )
    >>> model = random_effects("y ~ x", frame)
    >>> model.params.round(3).to_dict()
    {'Intercept': 1.567, 'x': 0.931}
    >>> {name: round(value, 3) for name, value in model.facts.items()}
    {'sigma_u': 0.469, 'sigma_e': 0.448, 'theta': 0.517}
    """
    call = recorded(random_effects, locals())
    setup = prepare(
        formula,
        data,
        unit=unit,
        time=time,
        options=se_options,
        dataset=dataset,
        collinear=collinear,
        absorbs="random effects are not absorbed: leave out what follows |, say effect='twoways' for random effects of "
        "times too, or write C(year) for fixed ones",
        needs_unit="random_effects()",
        call=call,
    )
    found = fit_random(setup.design, method, effect, collinear)
    return finish(setup, found.fit, estimator=found.title, facts=found.facts, notes=found.notes)
