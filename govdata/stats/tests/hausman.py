"""Random effects against fixed effects: Hausman's and Mundlak's tests."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import chi2

from govdata.errors import ArgumentError, EstimationError
from govdata.stats.formula import Name, parse
from govdata.stats.keys import Codes, FloatArray
from govdata.stats.linear import ols
from govdata.stats.panel import frame_of
from govdata.stats.random_effects import random_effects
from govdata.stats.solver import ABSORBED, Absorber, Fit, group_sums, least_squares
from govdata.stats.tests.result import TestResult
from govdata.stats.tests.sample import Sample, choose, clustered, is_random, listed, periods, pooled_note, sample_of

__all__ = ["hausman", "mundlak"]

ERRORS = ("iid", "CR0", "CR1", "CRHC1", "CRV1")
INTERCEPT = "Intercept"
SINGULAR = 1e-12
"""Below this share of the variances, what a difference of covariance matrices has is rounding."""
NULL = "the effects are not correlated with the regressors, so that random effects are consistent"
AGAINST = "they are: only fixed effects are consistent"


def hausman(
    fe: Any,  # noqa: ANN401 -- a fitted model, or a formula
    re: Any,  # noqa: ANN401 -- a fitted model, or data
    robust: bool | str = False,
    *,
    variance: str = "own",
    constant: str = "transformed",
    indefinite: str = "refuse",
    unit: str | None = None,
    time: str | None = None,
) -> TestResult:
    """Compare a model with fixed effects to one with random effects.

    Parameters
    ----------
    fe : PanelResults or str
        A model with absorbed effects, or a formula without them, which is then fitted with unit effects and with random
        effects.
    re : PanelResults, DataFrame or Panel
        The model of ``stats.random_effects`` or ``stats.between`` on the same rows, or the data of the formula.
    robust
        False compares the coefficients, with the difference of their classical covariance matrices. A convention adds
        what the regressors are within units to the random-effects regression and tests it (Mundlak's form): ``"CR0"``,
        ``"CR1"``, ``"CRHC1"`` and ``"CRV1"`` are clustered by unit, ``"iid"`` is classical. True is ``"CRV1"``.
    variance
        Of the classical form: which error variance stands in the covariance matrices. ``"own"`` each model's; the
        difference may then be no covariance matrix. ``"random"`` and ``"fixed"`` that of one model in both, which keeps
        it one.
    constant
        Of the added-regressor form: ``"transformed"`` quasi-demeans the constant with everything else, ``"plain"``
        leaves it, as plm's ``phtest(method = "aux")`` does. In balanced panels they are the same.
    indefinite
        Of the classical form: ``"refuse"`` where the difference of the covariance matrices is none, ``"report"`` the
        number that plm and Stata print all the same, with a note, unless it is negative.
    unit, time
        With a formula: key columns.

    Returns
    -------
    TestResult
        ``details`` has the coefficients of both models, their difference and its standard error; in the robust form the
        added coefficients and theirs.

    Raises
    ------
    EstimationError
        If the models are not linear or not of the same rows, share no coefficient, or the difference of the covariance
        matrices is not positive definite, where the classical form is undefined.
    ArgumentError
        If the models come in the wrong order or have effects of different kinds, or an option does not exist.

    Notes
    -----
    Hausman (1978); robust: Arellano (1993), Wooldridge (2010, section 10.7.3). The classical form assumes that errors
    are independent and equally large. Against ``stats.between`` the covariance matrices are added, for these estimates
    are independent (Hausman and Taylor 1981).

    Examples
    --------
    >>> import pandas as pd
    >>> from govdata import stats
    >>> frame = pd.DataFrame(
    ...     {
    ...         "iso3": ["CHN"] * 3 + ["IRN"] * 3 + ["RUS"] * 3 + ["VNM"] * 3,
    ...         "year": [2019, 2020, 2021] * 4,
    ...         "y": [1.0, 2.0, 4.0, 2.0, 2.5, 3.0, 0.0, 2.0, 2.5, 4.0, 6.0, 5.5],
    ...         "x": [0.0, 1.0, 3.0, 1.0, 1.0, 2.0, 0.0, 2.0, 3.0, 2.0, 3.0, 3.0],
    ...     }
    ... )
    >>> found = stats.tests.hausman("y ~ x", stats.Panel(frame), robust="CRV1")
    >>> found.distribution
    'chi2(1)'
    """
    constant = choose("constant", constant, ("transformed", "plain"))
    indefinite = choose("indefinite", indefinite, ("refuse", "report"))
    variance = choose("variance", variance, ("own", "random", "fixed"))
    errors = "CRV1" if robust is True else robust
    if errors is not False:
        errors = choose("robust", errors, ERRORS)
    if isinstance(fe, str):
        fe, re = _both(fe, re, unit, time)
    elif unit is not None or time is not None:
        raise ArgumentError("unit and time go with a formula; fitted models bring their own")
    within = sample_of(fe, "Hausman's test", time=False)
    if not within.effects:
        raise ArgumentError(
            "Hausman's test takes the model with fixed effects first, then that of stats.random_effects; the first one "
            "here absorbs no effects"
        )
    between = _between(re)
    if not within.has_unit_effects and not _of_times(re):
        raise ArgumentError(
            f"Hausman's test compares fixed and random effects of units, and the first model absorbs no effects of "
            f"{within.unit.name}; fit it with | {within.unit.name}"
        )
    if _of_times(re) and not any(effect.name == re.design.time.name for effect in within.effects):
        raise ArgumentError(
            f"the second model has random effects of times; fit the first with | {re.design.time.name}, or the second "
            'with effect="unit"'
        )
    _same_rows(fe, re, between=between)
    terms = [term for term in re.terms if term in fe.terms and term != INTERCEPT]
    if not terms:
        raise EstimationError("the two models share no coefficient that could be compared")
    if errors is False:
        found = _classic(fe, re, within, terms, variance, between=between, report=indefinite == "report")
        return replace(found, notes=(*found.notes, *_differences(fe, re, within)))
    if between:
        raise ArgumentError("the robust form needs a model of stats.random_effects, not one between units")
    found = _added(
        within, sample_of(re, "Hausman's test", time=False), _theta(re, within.unit), terms, errors, constant
    )
    return replace(found, notes=(*found.notes, *_differences(fe, re, within)))


def _both(formula: str, data: object, unit: str | None, time: str | None) -> tuple[Any, Any]:
    if parse(formula).effects:
        raise ArgumentError("the formula of Hausman's test is the model without effects, such as 'y ~ x'")
    _, own, _ = frame_of(data)
    keys: Any = {"unit": unit or own or "iso3"} | ({"time": time} if time is not None else {})
    fixed = ols(f"{formula} | {Name(keys['unit'])}", data, collinear="drop", **keys)  # type: ignore[arg-type]
    return fixed, random_effects(formula, data, **keys)  # type: ignore[arg-type]


def _between(model: object) -> bool:
    """Say whether the second model is one between units; refuse what is neither that nor random effects."""
    estimator = str(getattr(model, "estimator", type(model).__name__))
    if estimator.lower().startswith("between"):
        return True
    if is_random(model):
        return False
    raise ArgumentError(f"the second model of Hausman's test is one of stats.random_effects, not {estimator}")


def _differences(fe: Any, re: Any, within: Sample) -> list[str]:  # noqa: ANN401 -- fitted models
    """Say what the models do not share besides the effects of units: the test then compares that as well."""
    notes = []
    varying = dict(zip(re.terms, np.asarray(_varies(re, within.unit)), strict=True))
    lost = [term for term in re.terms if term != INTERCEPT and term not in fe.terms and varying[term]]
    if only := [*(term for term in fe.terms if term not in re.terms and term != INTERCEPT), *lost]:
        notes.append(f"only one of the models has {listed(only)}, so that the test also compares with and without")
    if within.has_unit_effects and within.other_effects and "two-way" not in str(re.estimator):
        names = " and ".join(effect.name for effect in within.other_effects)
        if not {effect.name for effect in re.design.effects} >= {effect.name for effect in within.other_effects}:
            notes.append(f"only the first model absorbs effects of {names}, so that the test also asks for these")
    return notes


def _varies(model: Any, unit: Codes) -> list[bool]:  # noqa: ANN401 -- a fitted model
    """Say which coefficients belong to columns that vary within units; a model between units shows it of none."""
    if model.design.by_unit:
        return [False] * len(model.terms)
    columns = dict(zip(model.design.names, model.design.x.T, strict=True))
    found = []
    for term in model.terms:
        column = columns.get(term)
        if column is None:
            found.append(False)
            continue
        rest = column - _means(column[:, None], unit)[:, 0]
        found.append(bool(np.sqrt(rest @ rest) > ABSORBED * np.sqrt(column @ column)))
    return found


def _of_times(model: Any) -> bool:  # noqa: ANN401 -- a fitted model
    return str(model.estimator).startswith("Random effects of times")


def _same_rows(one: Any, two: Any, *, between: bool) -> None:  # noqa: ANN401 -- fitted models
    rows = two.design.used if between else two.design.rows
    same = len(one.design.rows) == len(rows) and bool((np.sort(one.design.rows) == np.sort(rows)).all())
    same = same and str(one.design.formula.response) == str(two.design.formula.response)
    if same and not between:
        same = bool((one.design.y == two.design.y).all())
    if not same:
        raise EstimationError(
            f"the two models must have the same response and rows: {one.design.formula.response} in {one.nobs} rows, "
            f"{two.design.formula.response} in {len(rows)}; fit both to the complete rows"
        )


def _theta(model: Any, unit: Codes) -> FloatArray:  # noqa: ANN401 -- a fitted model
    """Return what share of its mean each row of a random-effects model lost."""
    found = getattr(model.fit, "by_unit", None)
    if found is None or not str(model.estimator).startswith("Random effects"):
        raise EstimationError(
            f"the regression with added terms needs random effects of units alone, not {model.estimator}"
        )
    values: FloatArray = found.reindex(list(unit.levels)).to_numpy(dtype=np.float64)
    if np.isnan(values).any():
        raise EstimationError("the two models do not have the same units")
    return values[unit.codes]


def _error_variance(model: Any) -> float:  # noqa: ANN401 -- a fitted model with classical covariance
    influence = model.fit.influence
    return float(np.trace(model.cov.to_numpy()) / np.einsum("ij,ij->", influence, influence))


def _classic(
    fe: Any,  # noqa: ANN401 -- a fitted model
    re: Any,  # noqa: ANN401 -- a fitted model
    sample: Sample,
    terms: list[str],
    variance: str,
    *,
    between: bool,
    report: bool,
) -> TestResult:
    one, two = fe.with_se("iid"), re.with_se("iid")
    difference = (one.params[terms] - two.params[terms]).to_numpy()
    first, second = one.cov.loc[terms, terms].to_numpy(), two.cov.loc[terms, terms].to_numpy()
    if variance == "random":
        first = first * (_error_variance(two) / _error_variance(one))
    elif variance == "fixed":
        second = second * (_error_variance(one) / _error_variance(two))
    matrix = first + second if between else first - second
    scale = np.sqrt(np.diag(first))
    scaled = matrix / np.outer(scale, scale)
    values = np.linalg.eigvalsh(scaled)
    regular = float(np.abs(values).min()) > SINGULAR
    statistic = float(difference / scale @ np.linalg.solve(scaled, difference / scale)) if regular else -1.0
    notes = ["classical covariance matrices: errors independent and equally large"]
    if variance != "own":
        notes[0] += f", with the error variance of the {variance}-effects model in both"
    if values.min() <= SINGULAR:
        if not report or statistic < 0:
            raise EstimationError(
                "the classical Hausman statistic is undefined: the covariance matrix of fixed effects less that of "
                'random effects is not positive definite; robust="CRV1" tests the same hypothesis without that '
                'difference, variance="random" with one error variance in both'
                + ("" if statistic < 0 else '; indefinite="report" gives the number all the same')
            )
        notes.append(
            "the difference of the covariance matrices is not positive definite, so that the statistic has no "
            "chi-squared distribution"
        )
    deviations = np.sqrt(np.where(np.diag(matrix) > 0, np.diag(matrix), np.nan))
    details = pd.DataFrame(
        {
            "term": terms,
            "fixed": one.params[terms].to_numpy(),
            "between" if between else "random": two.params[terms].to_numpy(),
            "difference": difference,
            "std_error": deviations,
        }
    )
    return _result(
        sample,
        name="Hausman test" + (" of within against between" if between else ""),
        statistic=statistic,
        df=len(terms),
        notes=tuple(notes),
        source="Hausman (1978)" + ("; as plm's phtest" if variance == "own" else ""),
        details=details,
    )


def _added(
    within: Sample, model: Sample, theta: FloatArray, terms: list[str], errors: str, constant: str
) -> TestResult:
    columns = model.x[:, [model.names.index(term) for term in terms]]
    inside = Absorber(within.effects, within.nobs, constant=True)(columns)
    names = [f"{term} within units" for term in terms]
    fit, places, kept = _weighted(model, theta, inside, names, plain=constant == "plain")
    statistic, matrix = _wald(fit, places, model.unit, errors)
    notes = [_errors_note(errors)]
    smallest, _, largest = periods(model.unit)
    if smallest < largest and constant == "plain":
        notes.append("the constant is not quasi-demeaned, as in plm")
    return _result(
        model,
        name="Hausman test, regression-based",
        statistic=statistic,
        df=len(places),
        notes=tuple(notes),
        source="Hausman (1978) in the form of Arellano (1993)"
        + ('; as plm\'s phtest(method = "aux")' if constant == "plain" or smallest == largest else ""),
        details=pd.DataFrame({"term": kept, "added": fit.params[places], "std_error": np.sqrt(np.diag(matrix))}),
    )


def mundlak(
    m: Any,  # noqa: ANN401 -- a fitted model, or a formula
    data: Any = None,  # noqa: ANN401 -- a frame or a panel
    se: str = "CRV1",
    *,
    unit: str | None = None,
    time: str | None = None,
) -> TestResult:
    """Test whether the unit means of the regressors belong in a model without unit effects.

    Parameters
    ----------
    m : PanelResults or str
        A model of ``stats.random_effects`` or a pooled one of ``stats.ols``; or a formula, which is fitted with random
        effects.
    data : DataFrame or Panel
        With a formula.
    se
        Of the Wald test: ``"iid"`` classical; ``"CR0"``, ``"CR1"``, ``"CRHC1"`` or ``"CRV1"`` clustered by unit.
    unit, time
        With a formula: key columns.

    Returns
    -------
    TestResult
        ``details`` has the coefficients of the means and their standard errors.

    Raises
    ------
    EstimationError
        If the model is not linear, has unit effects, or no regressor varies within units.
    ArgumentError
        If an option does not exist.

    Notes
    -----
    Mundlak (1978). Means are taken over the rows of the sample. After random effects the regression keeps their
    weights, which the means do not change; what does not vary within units has no mean of its own to test.

    Examples
    --------
    >>> import pandas as pd
    >>> from govdata import stats
    >>> frame = pd.DataFrame(
    ...     {
    ...         "iso3": ["CHN"] * 3 + ["IRN"] * 3 + ["RUS"] * 3 + ["VNM"] * 3,
    ...         "year": [2019, 2020, 2021] * 4,
    ...         "y": [1.0, 2.0, 4.0, 2.0, 2.5, 3.0, 0.0, 2.0, 2.5, 4.0, 6.0, 5.5],
    ...         "x": [0.0, 1.0, 3.0, 1.0, 1.0, 2.0, 0.0, 2.0, 3.0, 2.0, 3.0, 3.0],
    ...     }
    ... )
    >>> found = stats.tests.mundlak(stats.ols("y ~ x", frame))
    >>> found.details["term"].tolist(), found.distribution
    (['mean of x'], 'chi2(1)')
    """
    se = choose("se", se, ERRORS)
    if isinstance(m, str):
        keys: Any = {key: value for key, value in (("unit", unit), ("time", time)) if value is not None}
        m = random_effects(m, data, **keys)
    elif data is not None or unit is not None or time is not None:
        raise ArgumentError("data, unit and time go with a formula; a fitted model brings its own")
    sample = sample_of(m, "Mundlak's test", time=False)
    if sample.has_unit_effects:
        raise EstimationError(
            "Mundlak's test takes the model without unit effects, which take the means out: stats.random_effects, or "
            f"stats.ols without | {sample.unit.name}"
        )
    random = is_random(m)
    theta = _theta(m, sample.unit) if random else np.zeros(sample.nobs)
    means = _means(sample.x, sample.unit)
    lengths = np.sqrt((sample.x**2).sum(axis=0))
    varies = np.sqrt(((sample.x - means) ** 2).sum(axis=0)) > ABSORBED * lengths
    if not varies.any():
        raise EstimationError("no regressor varies within units, so that there is nothing to compare")
    names = [f"mean of {name}" for name, moves in zip(sample.names, varies.tolist(), strict=True) if moves]
    fit, places, kept = _weighted(sample, theta, ((1 - theta) * means.T).T[:, varies], names, plain=False)
    if not kept:
        raise EstimationError("the unit means are combinations of the regressors, so that there is nothing to test")
    statistic, matrix = _wald(fit, places, sample.unit, se)
    notes = [_errors_note(se), *(() if random else pooled_note(m, "pooled least squares"))]
    if still := [name for name, moves in zip(sample.names, varies.tolist(), strict=True) if not moves]:
        notes.append(f"not varying within units, and without a mean: {listed(still)}")
    if lost := [name for name in names if name not in kept]:
        notes.append(f"combinations of the others, and left out: {listed(lost)}")
    return _result(
        sample,
        name=f"Mundlak test after {'random effects' if random else 'pooled least squares'}",
        statistic=statistic,
        df=len(places),
        notes=tuple(notes),
        source="Mundlak (1978), Wald test of the unit means",
        details=pd.DataFrame({"term": kept, "estimate": fit.params[places], "std_error": np.sqrt(np.diag(matrix))}),
    )


def _means(columns: FloatArray, unit: Codes) -> FloatArray:
    counts = np.bincount(unit.codes)[:, None]
    exact = group_sums(columns.astype(np.longdouble), unit.codes, len(unit.levels)) / counts
    found: FloatArray = exact.astype(np.float64)[unit.codes]
    return found


def _weighted(
    sample: Sample, theta: FloatArray, added: FloatArray, names: list[str], *, plain: bool
) -> tuple[Fit, list[int], list[str]]:
    """Fit the quasi-demeaned rows with columns added; return places and names of the added coefficients."""
    share = theta[:, None]
    levels = np.column_stack([sample.y, sample.x])
    moved = levels - share * _means(levels, sample.unit)
    own: list[FloatArray] = []
    labels: list[str] = []
    effects = sample.effects
    if sample.constant and not effects:
        own.append((np.ones(sample.nobs) if plain else 1 - theta)[:, None])
        labels.append("the constant")
    x = np.column_stack([*own, moved[:, 1:], added])
    labels += [*sample.names, *names]
    fit = least_squares(
        moved[:, 0], x, tuple(labels), effects, intercept=False, response=sample.response, drop_collinear=True
    )
    before = len(labels) - len(names)
    if set(range(before)) - set(fit.kept):
        raise EstimationError("the regressors are combinations of each other once unit means stand beside them")
    places = [place for place, column in enumerate(fit.kept) if column >= before]
    return fit, places, [labels[fit.kept[place]] for place in places]


def _wald(fit: Fit, places: list[int], unit: Codes, errors: str) -> tuple[float, FloatArray]:
    if errors == "iid":
        matrix = fit.influence.T @ fit.influence * (fit.rss / (len(fit.resid) - fit.rank))
    else:
        if len(unit.levels) <= len(places):
            raise EstimationError(
                f"{len(unit.levels)} units are too few to test {len(places)} coefficients clustered by unit"
            )
        matrix = clustered(fit.influence, fit.resid, unit, errors, fit.rank)
    tested = matrix[np.ix_(places, places)]
    scale = np.sqrt(np.diag(tested))
    values = fit.params[places] / scale
    return float(values @ np.linalg.solve(tested / np.outer(scale, scale), values)), tested


def _errors_note(errors: str) -> str:
    return {
        "iid": "classical covariance matrix: errors independent and equally large",
        "CR0": "CR0 clustered by unit, no small-sample factor",
        "CR1": "CR1 clustered by unit, G/(G-1)",
        "CRHC1": "CRHC1 clustered by unit, N/(N-K)",
        "CRV1": "CRV1 clustered by unit, G/(G-1)*(N-1)/(N-K)",
    }[errors]


def _result(sample: Sample, *, df: int, statistic: float, **given: Any) -> TestResult:  # noqa: ANN401 -- fields
    return TestResult(
        statistic=statistic,
        distribution=f"chi2({df})",
        df=(df,),
        p_value=float(chi2.sf(statistic, df)),
        null=NULL,
        alternative=AGAINST,
        nobs=sample.nobs,
        n_units=sample.n_units,
        periods=periods(sample.unit),
        **given,
    )
