"""Effects of units and times, and slopes that units share."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import chi2, norm
from scipy.stats import f as fisher

from govdata.errors import ArgumentError, EstimationError, nearest
from govdata.stats.solver import group_sums
from govdata.stats.tests.dependence import pesaran_cd
from govdata.stats.tests.heteroscedasticity import heteroscedasticity
from govdata.stats.tests.result import TestResult
from govdata.stats.tests.sample import Sample, by_unit, choose, listed, periods, pooled_note, sample_of

__all__ = ["breusch_pagan", "f_effects", "poolability"]

KINDS = ("random_effects", "cross_section", "heteroscedasticity")
FORMS = {"bp": "Breusch-Pagan", "honda": "Honda", "kw": "King-Wu", "ghm": "Gourieroux-Holly-Monfort"}
OF = {"unit": "unit effects", "time": "time effects", "twoway": "unit and time effects"}


def f_effects(m: Any, effects: str | list[str] | None = None) -> TestResult:  # noqa: ANN401 -- any fitted model
    """Test by F whether absorbed effects are needed.

    Parameters
    ----------
    m : PanelResults
        A linear model with absorbed effects.
    effects
        Which of them to leave out in the restricted model. Left out: all, so that it is pooled least squares.

    Returns
    -------
    TestResult
        The F statistic; ``details`` has both residual sums of squares and their degrees of freedom.

    Raises
    ------
    EstimationError
        If the model absorbs no effects, or is not linear.
    ArgumentError
        If an effect is named that the model does not have.

    Notes
    -----
    The statistic is ((RSSr - RSSu) / df1) / (RSSu / df2), the same as plm's ``pFtest`` and the line below the output of
    Stata's ``xtreg, fe``. It assumes errors that are independent and equally large. Unbalanced panels need no change.

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
    >>> found = stats.tests.f_effects(stats.ols("y ~ x | iso3", frame))
    >>> found.distribution, round(found.statistic, 3)
    ('F(2, 8)', 20.487)
    """
    sample = sample_of(m, "the F test of effects", time=False)
    names = [effect.name for effect in sample.effects]
    if not names:
        raise EstimationError('the F test of effects needs a model with absorbed effects, such as "y ~ x | iso3"')
    if (effects is not None and not isinstance(effects, (str, list, tuple))) or effects in ([], ()):
        raise ArgumentError(f"effects is the name of an absorbed effect or a list of such, not {effects!r}")
    left_out = names if effects is None else [effects] if isinstance(effects, str) else list(effects)
    for name in left_out:
        if name not in names:
            raise ArgumentError(f"effects are among {', '.join(names)}, not {name!r}{nearest(str(name), names)}")
    full = sample.refit(sample.effects)
    small = sample.refit(tuple(effect for effect in sample.effects if effect.name not in left_out))
    df1, df2 = full.rank - small.rank, sample.nobs - full.rank
    if df1 < 1:
        raise EstimationError(f"the effects of {' and '.join(left_out)} are already implied by the others")
    statistic = (small.rss - full.rss) / df1 / (full.rss / df2)
    details = pd.DataFrame(
        {"model": ["restricted", "full"], "rss": [small.rss, full.rss], "df": [sample.nobs - small.rank, df2]}
    )
    return TestResult(
        name=f"F test of {' and '.join(left_out)} effects",
        statistic=float(statistic),
        distribution=f"F({df1}, {df2})",
        df=(df1, df2),
        p_value=float(fisher.sf(statistic, df1, df2)),
        null=f"the effects of {' and '.join(left_out)} are all equal",
        alternative="some differ",
        nobs=sample.nobs,
        n_units=sample.n_units,
        periods=periods(sample.unit),
        source="F test of linear restrictions under independent, equally large errors; as plm's pFtest",
        details=details,
    )


def breusch_pagan(
    m: Any,  # noqa: ANN401 -- any fitted model
    kind: str = "random_effects",
    *,
    effect: str = "unit",
    form: str = "bp",
    studentized: bool = True,
) -> TestResult:
    """Compute one of the three tests that go by the names of Breusch and Pagan.

    Parameters
    ----------
    m : PanelResults
        A linear model.
    kind
        ``"random_effects"`` the Lagrange multiplier test of unit or time effects in the residuals of pooled least
        squares (plm's ``plmtest``, Stata's ``xttest0``). ``"cross_section"`` the test of dependence between units
        (``xttest2``; see :func:`pesaran_cd` with ``kind="lm"``). ``"heteroscedasticity"`` the test of a variance that
        moves with the regressors.
    effect
        For random effects: ``"unit"``, ``"time"`` or ``"twoway"``.
    form
        For random effects: ``"bp"`` two-sided, Breusch and Pagan; ``"honda"`` and ``"kw"`` one-sided, Honda and King
        and Wu; ``"ghm"`` one-sided, Gourieroux, Holly and Monfort, with one effect the mixture that ``xttest0`` prints.
    studentized
        For heteroscedasticity: True as Koenker, without normal errors; False the original.

    Returns
    -------
    TestResult
        Its name says which of the tests it is.

    Raises
    ------
    EstimationError
        If the model is not linear, has one unit, or lacks the keys that the test needs.
    ArgumentError
        If an option does not exist.

    Notes
    -----
    Random effects: Breusch and Pagan (1980), Honda (1985), King and Wu (1997), Gourieroux, Holly and Monfort (1982),
    each in the form of Baltagi and Li (1990) for unbalanced panels. Gaps do not matter to it. Dependence: Breusch and
    Pagan (1980). Heteroscedasticity: Breusch and Pagan (1979), Koenker (1981).

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
    >>> found = stats.tests.breusch_pagan(stats.ols("y ~ x", frame))
    >>> found.name
    'Breusch-Pagan Lagrange multiplier test of unit effects'
    >>> found.distribution, round(found.statistic, 3)
    ('chi2(1)', 11.013)
    """
    kind = choose("kind", kind, KINDS)
    effect = choose("effect", effect, tuple(OF))
    form = choose("form", form, tuple(FORMS))
    if kind == "cross_section":
        return pesaran_cd(m, kind="lm")
    if kind == "heteroscedasticity":
        return heteroscedasticity(m, studentized=studentized)
    sample = sample_of(m, "the Lagrange multiplier test of effects", time=effect != "unit")
    notes: tuple[str, ...] = ()
    if note := pooled_note(m, "pooled least squares"):
        notes = note
    elif sample.effects:
        notes = ("computed from pooled least squares of the same response and regressors, without effects",)
    statistic, distribution, df, p_value = _multiplier(sample, effect, form)
    return TestResult(
        name=f"{FORMS[form]} Lagrange multiplier test of {OF[effect]}",
        statistic=statistic,
        distribution=distribution,
        df=df,
        p_value=p_value,
        null=f"no {OF[effect]}: their variance is zero",
        alternative=f"{OF[effect]}",
        nobs=sample.nobs,
        n_units=sample.n_units,
        periods=periods(sample.unit),
        notes=notes,
        source="Breusch and Pagan (1980) and followers, in the form of Baltagi and Li (1990); as plm's plmtest",
    )


def _multiplier(sample: Sample, effect: str, form: str) -> tuple[float, str, tuple[float, ...], float]:
    resid = sample.refit(()).resid
    parts: dict[str, float] = {}
    spread: dict[str, float] = {}
    for name, codes in (("unit", sample.unit), ("time", sample.time)):
        if codes is None or effect not in {name, "twoway"}:
            continue
        counts = np.bincount(codes.codes, minlength=len(codes.levels))
        pairs = float((counts.astype(np.float64) ** 2).sum()) - sample.nobs
        if pairs <= 0:
            raise EstimationError(f"every {codes.name} has one row, so there is nothing to compare within it")
        share = float((group_sums(resid, codes.codes, len(codes.levels)) ** 2).sum() / (resid @ resid)) - 1
        parts[name] = sample.nobs / np.sqrt(2 * pairs) * share
        spread[name] = pairs
    values = list(parts.values())
    if form == "bp":
        statistic = float(sum(value**2 for value in values))
        return statistic, f"chi2({len(values)})", (len(values),), float(chi2.sf(statistic, len(values)))
    if form == "ghm":
        statistic = float(sum(max(0.0, value) ** 2 for value in values))
        weights = {1: (0.5, 0.5), 2: (0.25, 0.5, 0.25)}[len(values)]
        p_value = sum(weight * float(chi2.sf(statistic, k)) for k, weight in enumerate(weights) if k)
        p_value += weights[0] if statistic <= 0 else 0.0
        text = " + ".join(f"{weight:g} chi2({k})" for k, weight in enumerate(weights))
        return statistic, f"mixture {text}", tuple(range(len(weights))), float(p_value)
    if form == "honda":
        statistic = float(sum(values) / np.sqrt(len(values)))
    else:
        total = sum(spread.values())
        statistic = float(sum(np.sqrt(spread[name] / total) * value for name, value in parts.items()))
    return statistic, "N(0,1), upper tail", (), float(norm.sf(statistic))


def poolability(m: Any) -> TestResult:  # noqa: ANN401 -- any fitted model
    """Test by F whether all units share their slopes.

    Parameters
    ----------
    m : PanelResults
        A linear model, pooled or with unit effects: the restricted model.

    Returns
    -------
    TestResult
        Of that model against one regression a unit; ``details`` has the residual sum of squares of each.

    Raises
    ------
    EstimationError
        If a unit has too few rows for its own regression, or other effects than the units' are absorbed.

    Notes
    -----
    Chow (1960); the same as plm's ``pooltest``. Against unit effects the slopes are compared, against pooled least
    squares also the constants. It assumes errors that are independent and equally large in all units.

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
    >>> stats.tests.poolability(stats.ols("y ~ x | iso3", frame)).distribution
    'F(2, 6)'
    """
    sample = sample_of(m, "the test of poolability", time=False)
    if sample.other_effects:
        others = " and ".join(effect.name for effect in sample.other_effects)
        raise EstimationError(f"regressions by unit cannot absorb the effects of {others}; leave them out of the model")
    width = sample.x.shape[1] + sample.constant
    short = [sample.unit.levels[code] for code in np.flatnonzero(sample.sizes <= width).tolist()]
    if short:
        raise EstimationError(
            f"a regression of its own needs {width + 1} rows or more, and {len(short)} "
            f"unit{'s have' if len(short) > 1 else ' has'} fewer: {listed(short)}"
        )
    squares = by_unit(sample)[1]
    restricted = sample.refit(sample.effects)
    df2 = sample.nobs - width * sample.n_units
    df1 = sample.nobs - restricted.rank - df2
    statistic = (restricted.rss - squares.sum()) / df1 / (squares.sum() / df2)
    against = "unit effects" if sample.effects else "pooled least squares"
    details = pd.DataFrame({"unit": list(sample.unit.levels), "rows": sample.sizes, "rss": squares})
    return TestResult(
        name=f"F test of poolability: {against} against one regression a unit",
        statistic=float(statistic),
        distribution=f"F({df1}, {df2})",
        df=(df1, df2),
        p_value=float(fisher.sf(statistic, df1, df2)),
        null="all units share the slopes" + ("" if sample.effects else " and the constant"),
        alternative="some differ",
        nobs=sample.nobs,
        n_units=sample.n_units,
        periods=periods(sample.unit),
        notes=pooled_note(m, against),
        source="Chow (1960); as plm's pooltest",
        details=details,
    )
