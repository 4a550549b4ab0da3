"""Serial correlation within units: Breusch-Godfrey, Baltagi-Li, and Bera, Sosa-Escudero and Yoon."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from scipy.stats import chi2, norm
from scipy.stats import f as fisher

from govdata.errors import ArgumentError, EstimationError
from govdata.stats.keys import FloatArray
from govdata.stats.solver import Absorber, group_sums, least_squares
from govdata.stats.tests.result import TestResult
from govdata.stats.tests.sample import (
    Sample,
    calendar,
    choose,
    gaps,
    is_random,
    listed,
    periods,
    pooled_note,
    previous,
    require_consecutive,
    sample_of,
)

__all__ = ["serial_correlation"]

KINDS = ("breusch_godfrey", "baltagi_li", "bera_ar", "bera_re", "joint")
FORMS = ("chi2", "F")
SIDES = ("two-sided", "one-sided")


def serial_correlation(
    m: Any,  # noqa: ANN401 -- any fitted model
    kind: str = "breusch_godfrey",
    *,
    order: int = 1,
    form: str = "chi2",
    stacked: bool = False,
    alternative: str | None = None,
) -> TestResult:
    """Test for serial correlation by a Lagrange multiplier.

    Parameters
    ----------
    m : PanelResults
        A linear model: pooled, or with effects for ``"breusch_godfrey"``.
    kind
        ``"breusch_godfrey"`` regresses the residuals on the model's demeaned regressors and lagged residuals (plm's
        ``pbgtest``). ``"baltagi_li"`` tests a model with normal random effects for first-order serial correlation, in
        balanced panels (``pbltest``). ``"bera_ar"`` tests pooled residuals for serial correlation where there may be
        random effects, ``"bera_re"`` for random effects where there may be serial correlation, ``"joint"`` for both at
        once (``pbsytest``).
    order
        Of Breusch and Godfrey: how many lags.
    form
        Of Breusch and Godfrey: ``"chi2"`` or ``"F"``.
    stacked
        Of Breusch and Godfrey: False takes lags by the calendar within units, and zero where there is none; True runs
        down the stacked rows, also from the last row of a unit to the first of the next, as plm does. The second
        depends on the order of the units.
    alternative
        ``"two-sided"`` or ``"one-sided"`` (a positive correlation, a positive variance) for ``"baltagi_li"`` and
        ``"bera_re"``. Left out: two-sided and one-sided, in this order.

    Returns
    -------
    TestResult
        With the statistic's distribution.

    Raises
    ------
    EstimationError
        If the model is not linear, or the panel is unbalanced where the test is not defined for it.
    PanelError
        If units have gaps and the test has no rule for them.
    ArgumentError
        If an option does not exist or does not belong to the test.

    Notes
    -----
    Breusch (1978) and Godfrey (1978) on demeaned data as Wooldridge (2010); Baltagi and Li (1995); Bera, Sosa-Escudero
    and Yoon (2001) and Baltagi and Li (1991) in the form of Sosa-Escudero and Bera (2008) for unbalanced panels. Taking
    out unit effects makes residuals correlate by -1/(T-1), so that Breusch and Godfrey's test needs many periods: in
    short panels :func:`wooldridge` allows for it.

    Examples
    --------
    >>> import pandas as pd
    >>> from govdata import stats
    >>> frame = pd.DataFrame(
    ...     {
    ...         "iso3": ["CHN"] * 4 + ["IRN"] * 4 + ["RUS"] * 4,
    ...         "year": [2019, 2020, 2021, 2022] * 3,
    ...         "y": [1.0, 2.0, 4.0, 4.5, 2.0, 2.5, 3.0, 5.0, 0.0, 2.0, 2.5, 2.0],
    ...         "x": [0.0, 1.0, 3.0, 3.0, 1.0, 1.0, 2.0, 3.0, 0.0, 2.0, 3.0, 2.0],
    ...     }
    ... )
    >>> found = stats.tests.serial_correlation(stats.ols("y ~ x", frame), kind="bera_ar")
    >>> found.distribution, round(found.statistic, 4)
    ('chi2(1)', 0.0714)
    """
    kind = choose("kind", kind, KINDS)
    form = choose("form", form, FORMS)
    if isinstance(order, bool) or not isinstance(order, int) or order < 1:
        raise ArgumentError(f"order is a whole number from 1 up, not {order!r}")
    if alternative is not None:
        choose("alternative", alternative, SIDES)
        if kind not in {"baltagi_li", "bera_re"}:
            raise ArgumentError('alternative goes with kind="baltagi_li" or kind="bera_re"')
    sample = sample_of(m, "the test of serial correlation")
    if kind == "breusch_godfrey":
        return _breusch_godfrey(m, sample, order, form, stacked=stacked)
    require_consecutive(sample, f'kind="{kind}"')
    if kind == "baltagi_li":
        return _baltagi_li(sample, alternative or "two-sided")
    found = _bera(sample, kind, alternative or "one-sided")
    return found if found.notes else replace(found, notes=pooled_note(m, "pooled least squares"))


def _result(sample: Sample, **given: Any) -> TestResult:  # noqa: ANN401 -- the fields of a result
    return TestResult(nobs=sample.nobs, n_units=sample.n_units, periods=periods(sample.unit), **given)


def _breusch_godfrey(m: Any, sample: Sample, order: int, form: str, *, stacked: bool) -> TestResult:  # noqa: ANN401
    if is_random(m):
        raise EstimationError(
            "the test of Breusch and Godfrey takes a model of stats.ols; kind='baltagi_li' is for random effects"
        )
    shortest = int(sample.sizes.max())
    if order >= shortest:
        raise EstimationError(f"order {order} needs units with more than {order} rows; the longest has {shortest}")
    if shortest < 3 and sample.has_unit_effects:
        raise EstimationError(
            "with unit effects and two rows a unit, the second residual is the first with the other sign, whatever the "
            "errors: the test needs units with 3 rows or more"
        )
    fit = sample.refit(sample.effects)
    x, names = sample.x, sample.names
    if sample.effects:
        x = Absorber(sample.effects, sample.nobs, constant=True)(x)
    elif sample.constant:
        x, names = np.column_stack([np.ones(sample.nobs), x]), ("the constant", *names)
    when = calendar(sample.times)
    columns = []
    for steps in range(1, order + 1):
        if stacked:
            columns.append(np.concatenate([np.zeros(steps), fit.resid[:-steps]]))
        else:
            at = previous(sample.unit.codes, when, "time", steps)
            columns.append(np.where(at >= 0, fit.resid[at], 0.0))
    auxiliary = least_squares(
        fit.resid,
        np.column_stack([x, *columns]),
        (*names, *(f"lag {steps} of the residuals" for steps in range(1, order + 1))),
        (),
        intercept=False,
        response="the residuals",
        drop_collinear=False,
    )
    explained = fit.rss - auxiliary.rss
    notes = [*pooled_note(m, "least squares")]
    if sample.has_unit_effects:
        notes.append("unit effects alone make residuals correlate by -1/(T-1): with few periods see wooldridge()")
    if stacked:
        notes.append("lags run across the borders of units, so the statistic depends on the order of the units")
    elif broken := gaps(sample.unit, sample.times):
        notes.append(f"{len(broken)} of {sample.n_units} units have gaps ({listed(broken)}): lags are calendar lags")
    common: dict[str, Any] = {
        "name": f"Breusch-Godfrey test of serial correlation up to order {order}",
        "null": "errors are not serially correlated",
        "alternative": f"they are, up to order {order}",
        "notes": tuple(notes),
        "source": "Breusch (1978), Godfrey (1978), on demeaned data as Wooldridge (2010)"
        + ("; as plm's pbgtest" if stacked else "; lags within units"),
    }
    if form == "chi2":
        statistic = sample.nobs * explained / fit.rss
        p_value = float(chi2.sf(statistic, order))
        return _result(
            sample, statistic=float(statistic), distribution=f"chi2({order})", df=(order,), p_value=p_value, **common
        )
    df2 = sample.nobs - auxiliary.rank
    statistic = explained / order / (auxiliary.rss / df2)
    p_value = float(fisher.sf(statistic, order, df2))
    return _result(
        sample,
        statistic=float(statistic),
        distribution=f"F({order}, {df2})",
        df=(order, df2),
        p_value=p_value,
        **common,
    )


def _bera(sample: Sample, kind: str, alternative: str) -> TestResult:
    resid = sample.refit(()).resid
    sizes = sample.sizes.astype(np.float64)
    n, units, squares = float(sample.nobs), float(sample.n_units), float((sizes**2).sum())
    if sizes.max() < 3:
        raise EstimationError("the test needs units with three consecutive times or more")
    sums = group_sums(resid, sample.unit.codes, sample.n_units)
    a = 1 - float(sums @ sums) / float(resid @ resid)
    same = sample.unit.codes[1:] == sample.unit.codes[:-1]
    b = float((resid[1:] * resid[:-1])[same].sum() / (resid[1:] ** 2)[same].sum())
    spread = squares - 3 * n + 2 * units
    notes = ("computed from pooled least squares, without the model's effects",) if sample.effects else ()
    source = "Sosa-Escudero and Bera (2008), for unbalanced panels; as plm's pbsytest"
    if kind == "bera_re":
        z = -np.sqrt(n**2 / (2 * spread)) * (a + 2 * b)
        one = alternative == "one-sided"
        return _result(
            sample,
            name=f"Bera-Sosa-Escudero-Yoon test of random effects, {alternative}",
            statistic=float(z if one else z**2),
            distribution="N(0,1), upper tail" if one else "chi2(1)",
            df=() if one else (1,),
            p_value=float(norm.sf(z) if one else chi2.sf(z**2, 1)),
            null="no random effects, whether or not errors are serially correlated",
            alternative="random effects",
            notes=notes,
            source=source,
        )
    if kind == "bera_ar":
        share = (n - units) / (squares - n)
        statistic = (b + share * a) ** 2 * ((squares - n) * n**2 / ((n - units) * spread))
        name = "Bera-Sosa-Escudero-Yoon test of serial correlation"
        null, against, df = "no serial correlation, whether or not there are random effects", "AR(1) errors", 1
    else:
        statistic = n**2 * ((a**2 + 4 * a * b + 4 * b**2) / (2 * spread) + b**2 / (n - units))
        name = "Baltagi-Li joint test of random effects and serial correlation"
        null, against, df = "neither random effects nor serial correlation", "either, or both", 2
    return _result(
        sample,
        name=name,
        statistic=float(statistic),
        distribution=f"chi2({df})",
        df=(df,),
        p_value=float(chi2.sf(statistic, df)),
        null=null,
        alternative=against,
        notes=notes,
        source=source,
    )


def _baltagi_li(sample: Sample, alternative: str) -> TestResult:
    if not sample.balanced:
        raise EstimationError(
            'kind="baltagi_li" is defined for balanced panels; kind="bera_ar" is the test for unbalanced ones'
        )
    n, t = sample.n_units, int(sample.sizes[0])
    if t < 3:
        raise EstimationError("the test needs three periods or more")
    u = _random_effects_residuals(sample, n, t).reshape(n, t)
    means = u.mean(axis=1, keepdims=True)
    within, s1 = float(((u - means) ** 2).sum()) / (n * (t - 1)), float((means**2).sum()) * t / n
    scaled = means / s1 + (u - means) / within
    score = n * (t - 1) / t * (s1 - within) / s1 + within * float((scaled[:, 1:] * scaled[:, :-1]).sum())
    a = (within - s1) / (t * s1)
    information = np.empty((3, 3))
    information[0, 0] = n * (2 * a**2 * (t - 1) ** 2 + 2 * a * (2 * t - 3) + (t - 1))
    information[0, 1] = information[1, 0] = n * (t - 1) * within / s1**2
    information[0, 2] = information[2, 0] = n * (t - 1) / t * within * (1 / s1**2 - 1 / within**2)
    information[1, 1] = n * t**2 / (2 * s1**2)
    information[1, 2] = information[2, 1] = n * t / (2 * s1**2)
    information[2, 2] = n / 2 * (1 / s1**2 + (t - 1) / within**2)
    # Variances differ by orders of magnitude: the inverse is taken of a matrix with ones on its diagonal.
    scale = 1 / np.sqrt(np.diag(information))
    inverse = np.linalg.inv(information * np.outer(scale, scale)) * np.outer(scale, scale)
    z = score * float(np.sqrt(inverse[0, 0]))
    two = alternative == "two-sided"
    notes = ("computed from maximum likelihood with random effects, without the model's effects",)
    return _result(
        sample,
        name=f"Baltagi-Li test of serial correlation under random effects, {alternative}",
        statistic=float(z**2 if two else z),
        distribution="chi2(1)" if two else "N(0,1), upper tail",
        df=(1,) if two else (),
        p_value=float(chi2.sf(z**2, 1) if two else norm.sf(z)),
        null="errors of a model with random effects are not serially correlated",
        alternative="AR(1) or MA(1) errors" + ("" if two else ", positively correlated"),
        notes=notes if sample.effects else (),
        source="Baltagi and Li (1995); as plm's pbltest",
    )


def _random_effects_residuals(sample: Sample, n: int, t: int) -> FloatArray:
    """Return y - Xb at the maximum of the normal likelihood with unit effects, in a balanced panel.

    The likelihood may have two maxima: the fixed point is sought from both ends (Breusch 1987), the better one kept.
    """
    x = np.column_stack([np.ones(sample.nobs), sample.x]) if sample.constant else sample.x
    scale = np.abs(x).max(axis=0)
    x = x / scale
    means = group_sums(np.column_stack([sample.y, x]), sample.unit.codes, n)[sample.unit.codes] / t
    best, resid = -np.inf, sample.y
    for start in (0.0, 1.0):
        share = start
        for _ in range(10_000):
            theta = 1 - np.sqrt(share)
            slopes = np.linalg.lstsq(x - theta * means[:, 1:], sample.y - theta * means[:, 0], rcond=None)[0]
            u = sample.y - x @ slopes
            mean = u.reshape(n, t).mean(axis=1)
            between, total = t * float(mean @ mean), float(u @ u)
            found = min(1.0, (total - between) / (t - 1) / between) if between > 0 else 1.0
            if abs(found - share) <= 1e-13 * found:
                break
            share = found
        likelihood = -n * t / 2 * np.log(total - between + share * between) + n / 2 * np.log(share)
        if likelihood > best:
            best, resid = likelihood, u
    return resid
