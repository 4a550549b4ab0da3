"""Models of an outcome that is 0 or 1, with or without time since the last event."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Literal, Unpack, get_args

import numpy as np
import pandas as pd

from govdata.errors import EstimationError, PanelError, nearest
from govdata.stats.calls import recorded
from govdata.stats.conditional import conditional_logit
from govdata.stats.covariance import SeOptions
from govdata.stats.design import Design, infer_keys
from govdata.stats.estimating import Collinear, Setup, Singletons, choose, prepare
from govdata.stats.formula import Formula, Name, parse
from govdata.stats.glm import fit_glm
from govdata.stats.keys import FloatArray
from govdata.stats.likelihood import (
    Information,
    Likelihood,
    Point,
    coefficient_names,
    conclude,
    inverse,
    kept_columns,
    maximise,
    scale,
)
from govdata.stats.panel import Panel, frame_of
from govdata.stats.responses import values_found, whole_response, with_last_term
from govdata.stats.results import PanelResults
from govdata.stats.separation import refuse_separation
from govdata.stats.spells import count_spells, cubic, natural_spline

__all__ = ["binary"]

Link = Literal["logit", "probit", "cloglog"]
Duration = Literal["none", "cubic", "spline"]

KNOTS = (1.0, 4.0, 7.0)
"""Where Beck, Katz and Tucker (1998) put them."""
EXTREMES = {0.0: "no event in its {count} rows", 1.0: "an event in each of its {count} rows"}
_ABSORBS = (
    "link={link!r} with an effect after '|' has no consistent estimate with few rows a unit (incidental parameters); "
    "write C({effect}) to have indicators knowingly, or take link='logit', which conditions the effect away"
)


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """The log-likelihood of each row, and its derivatives by the linear predictor."""

    loglik: FloatArray
    first: FloatArray
    second: FloatArray


def _logit(sign: FloatArray, eta: FloatArray) -> _Rows:
    from scipy.special import expit, log_expit

    return _Rows(log_expit(sign * eta), sign * expit(-sign * eta), -expit(eta) * expit(-eta))


def _probit(sign: FloatArray, eta: FloatArray) -> _Rows:
    from scipy.special import log_ndtr

    loglik = log_ndtr(sign * eta)
    mills = np.exp(-eta * eta / 2 - np.log(2 * np.pi) / 2 - loglik)
    return _Rows(loglik, sign * mills, -mills * (mills + sign * eta))


def _cloglog(sign: FloatArray, eta: FloatArray) -> _Rows:
    m = np.exp(np.minimum(eta, 300.0))
    with np.errstate(over="ignore", invalid="ignore"):
        ratio = m / np.expm1(m)
    ratio = np.where(m < 1e-300, 1.0, ratio)
    # 1 - m - ratio cancels where m is small
    rest = np.where(m < 1e-2, -m / 2 - m**2 / 12 + m**4 / 720, 1 - m - ratio)
    with np.errstate(divide="ignore"):
        log_p = np.where(m < 1e-300, eta, np.log(-np.expm1(-m)))
    one = sign > 0
    return _Rows(np.where(one, log_p, -m), np.where(one, ratio, -m), np.where(one, ratio * rest, -m))


_LINKS: dict[str, Callable[[FloatArray, FloatArray], _Rows]] = {
    "logit": _logit,
    "probit": _probit,
    "cloglog": _cloglog,
}


def _mean(link: Link, eta: FloatArray) -> FloatArray:
    from scipy.special import expit, ndtr

    if link == "cloglog":
        return np.asarray(-np.expm1(-np.exp(np.minimum(eta, 300.0))), dtype=np.float64)
    return np.asarray(expit(eta) if link == "logit" else ndtr(eta), dtype=np.float64)


def _expected(link: Link, eta: FloatArray) -> FloatArray:
    """Return the expected information of each row, by the linear predictor."""
    one, zero = _LINKS[link](np.ones_like(eta), eta), _LINKS[link](-np.ones_like(eta), eta)
    return -one.first * zero.first


def _start(link: Link, share: float) -> float:
    from scipy.special import logit, ndtri

    if link == "cloglog":
        return float(np.log(-np.log1p(-share)))
    return float(logit(share) if link == "logit" else ndtri(share))


def binary(  # noqa: PLR0913 -- what is fitted, the curve of time, and the keys
    formula: str,
    data: pd.DataFrame | Panel,
    *,
    link: Link = "logit",
    time: Duration = "none",
    event: str | None = None,
    knots: Iterable[float] | None = None,
    information: Information = "expected",
    unit: str | None = None,
    period: str | None = None,
    singletons: Singletons = "keep",
    collinear: Collinear = "refuse",
    panel: bool = True,
    dataset: str | None = None,
    **se_options: Unpack[SeOptions],
) -> PanelResults:
    """Fit a logit, probit or complementary log-log model by maximum likelihood.

    With ``time="cubic"`` or ``time="spline"`` a curve of the time since the last event joins the regressors, so that
    rows of one unit need not be independent of how long nothing has happened (Beck, Katz and Tucker 1998).

    Parameters
    ----------
    formula
        Such as ``"onset ~ x + lag(z, 1) + C(region)"``; as in :func:`ols`. The response is 0 or 1. One effect after
        ``|`` is conditioned away in a logit (Chamberlain 1980); other links refuse it.
    data
        A frame or a :class:`Panel`, one row a unit and time. Rows with a missing value are left out and counted.
    link
        ``"logit"``, ``"probit"`` or ``"cloglog"``.
    time
        Which curve of the time since the last event: ``"none"``; ``"cubic"``, the counter in hundreds with its square
        and cube (terms ``t``, ``t^2``, ``t^3``; Carter and Signorino 2010); ``"spline"``, natural cubic splines (terms
        ``spline(t)[1]`` and so on). The counter is that of :func:`time_since`, in calendar time, made before any row is
        left out. The key column is named by ``period``.
    event
        The column of 0 and 1 whose last event counts. Left out: the response.
    knots
        Inner knots of the spline, in units of the counter; the outer ones are the counter's range in the sample. Left
        out: 1, 4 and 7 (Beck, Katz and Tucker 1998).
    information
        What the standard errors rest on: the ``"expected"`` information (``glm`` of R) or the ``"observed"`` one
        (Stata). The same for a logit.
    unit, period
        Key columns. Left out: ``iso3`` and ``year`` where the data have them.
    singletons, collinear, panel, dataset
        As in :func:`ols`.
    **se_options
        As in :func:`ols`: ``"iid"``, ``"HC0"``, ``"HC1"``, ``"CR0"``, ``"CR1"``, ``"CRHC1"`` and ``"CRV1"`` are
        defined here. Left out: ``"CRV1"`` by the unit where one is known, else ``"iid"``.

    Returns
    -------
    PanelResults
        Coefficients on the scale of the linear predictor. ``fitted`` are probabilities, ``resid`` the response less
        these. ``facts`` has the log-likelihood, that of a constant alone, McFadden's pseudo R2, AIC, BIC and the number
        of events. Marginal effects: the ``marginaleffects`` package.

    Raises
    ------
    EstimationError
        If the response is not 0 or 1 or does not vary, if a regressor separates events from non-events so that no
        estimate exists, or an option does not exist.
    FormulaError, PanelError
        As in :func:`ols`.

    Notes
    -----
    Tests use the normal distribution. Separation is decided by a linear programme (Konis 2007).

    Examples
    --------
    >>> import pandas as pd
    >>> from govdata.stats.binary import binary
    >>> frame = pd.DataFrame(
    ...     {
    ...         "iso3": ["CHN"] * 5 + ["IRN"] * 5,
    ...         "year": [2017, 2018, 2019, 2020, 2021] * 2,
    ...         "onset": [0, 1, 0, 0, 1, 0, 0, 1, 0, 1],
    ...         "x": [0.1, 0.9, 0.4, 0.8, 0.7, 0.3, 0.2, 0.5, 0.6, 1.0],
    ...     }
    ... )
    >>> model = binary("onset ~ x", frame, se="iid")
    >>> model.params.round(4).to_dict()
    {'Intercept': -4.3578, 'x': 6.6221}
    >>> model.facts["events"]
    4
    """
    call = recorded(binary, locals())
    choose("link", link, get_args(Link))
    choose("information", information, get_args(Information))
    _check_time(time, data)
    whole_response(formula, data, "a binary response is 0 or 1", remedy=True)
    parsed = parse(formula)
    effects = parsed.effects
    if effects and link != "logit":
        raise EstimationError(_ABSORBS.format(link=link, effect=effects[0]))
    if len(effects) > 1:
        raise EstimationError(
            f"a logit conditions one effect away, not {' and '.join(str(e) for e in effects)}; write C({effects[1]})"
        )
    if knots is not None and time != "spline":
        raise EstimationError("knots= is an option of time='spline'")
    if time == "none" and event is not None:
        raise EstimationError("event= is an option of time='cubic' and time='spline'")
    counter = None
    if time != "none":
        formula, data, counter = _with_counter(parsed, data, event, unit, period, panel=panel)
    setup = prepare(
        formula,
        data,
        unit=unit,
        time=period,
        options=se_options,
        singletons=singletons,
        panel=panel,
        dataset=dataset,
        linear=False,
        call=call,
    )
    design = setup.design
    notes: tuple[str, ...] = ()
    if counter is not None:
        design, notes = _with_curve(replace(design, formula=parsed), time, KNOTS if knots is None else knots, counter)
    _check_response(design)
    if effects:
        return conditional_logit(setup, design, collinear=collinear, notes=notes)
    return _fit(setup, design, link, information, collinear, notes)


def _check_time(time: object, data: object) -> None:
    allowed = get_args(Duration)
    if isinstance(time, str) and time not in allowed:
        frame, _, _ = frame_of(data)
        if time in frame.columns:
            raise EstimationError(
                f"time= is the curve of the time since the last event here, {', '.join(allowed)}; name the key column "
                f"as period={time!r}"
            )
    if not (isinstance(time, str) and time in allowed):
        raise EstimationError(f"time is one of {', '.join(allowed)}, not {time!r}{nearest(str(time), allowed)}")


def _check_response(design: Design) -> None:
    name, y = str(design.formula.response), design.y
    if not np.isin(y, (0.0, 1.0)).all():
        raise EstimationError(f"{name} holds {values_found(y)}; a binary response is 0 or 1")
    if y.min() == y.max():
        raise EstimationError(f"{name} is {y[0]:g} in all {len(y)} rows of the sample, so nothing tells events apart")


def _with_counter(
    parsed: Formula, data: pd.DataFrame | Panel, event: str | None, unit: str | None, period: str | None, *, panel: bool
) -> tuple[str, pd.DataFrame | Panel, tuple[str, str, str]]:
    """Put the counter into the data as a column, and that column into the formula as its last term."""
    frame, own_unit, own_time = frame_of(data)
    if not panel:
        raise PanelError("time since the last event needs a panel, yet panel=False")
    if event is None:
        if not isinstance(parsed.response, Name):
            raise EstimationError(f"event= names the column of events, as the response is {parsed.response}")
        event = parsed.response.column
    if not isinstance(event, str):
        raise PanelError(f"event is the name of a column, not {event!r}")
    for label, given, own in (("unit", unit, own_unit), ("period", period, own_time)):
        if given is not None and own is not None and given != own:
            raise PanelError(f"{label}={given!r} is given, yet the panel's {label} is {own!r}")
    who, when = infer_keys(parsed.text, frame, unit or own_unit, period or own_time, panel=True)
    if who is None or when is None:
        raise PanelError("time since the last event needs to know the unit and time of a row: name unit= and period=")
    column = "time_since_" + re.sub(r"\W", "_", event)
    while column in frame.columns:
        column += "_"
    found = count_spells(frame, event, who, when)
    wider = frame.assign(**{column: found.counts})
    counted = wider if own_unit is None else Panel(wider, who, when)
    return with_last_term(parsed, column), counted, (column, who, when)


def _with_curve(
    design: Design, time: Duration, knots: Iterable[float], counter: tuple[str, str, str]
) -> tuple[Design, tuple[str, ...]]:
    """Replace the counter, the last regressor, by its curve; and say how it was made."""
    column, unit, period = counter
    t = design.x[:, -1]
    if time == "cubic":
        names, columns = cubic(t)
        curve = f"t is {column} over 100"
    else:
        chosen = _knots(knots)
        names, columns = natural_spline(t, chosen)
        listed = ", ".join(f"{knot:g}" for knot in chosen)
        curve = f"natural cubic splines of {column}, knots {listed}, ends {t.min():g} and {t.max():g}"
    if taken := [name for name in names if name in design.names[:-1]]:
        raise EstimationError(
            f"{taken[0]} is a regressor, and also the name of a term of time={time!r}; rename the column"
        )
    event = column.removeprefix("time_since_").rstrip("_")
    rule = "from 0 where first seen, gaps included"
    notes = [f"{curve}; it counts steps of {period} since the last {event} of each {unit}, {rule}"]
    if lost := design.missing.get(column, 0):
        notes.append(
            f"{lost} rows have no {column}: an event missing before them leaves it unknown until the next event"
        )
    wider = replace(design, x=np.column_stack([design.x[:, :-1], columns]), names=(*design.names[:-1], *names))
    return wider, tuple(notes)


def _knots(knots: object) -> tuple[float, ...]:
    try:
        return tuple(float(knot) for knot in knots)  # type: ignore[attr-defined]
    except (TypeError, ValueError):
        raise EstimationError(f"knots are rising numbers such as (1, 4, 7), not {knots!r}") from None


def _fit(
    setup: Setup,
    design: Design,
    link: Link,
    information: Information,
    collinear: Collinear,
    notes: tuple[str, ...],
) -> PanelResults:
    kept, left_out = kept_columns(design, collinear)
    names = coefficient_names(design, kept, intercept=design.intercept)
    scaled = scale(design.x[:, list(kept)], intercept=design.intercept)
    z, y = scaled.columns, design.y
    sign = 2 * y - 1
    rows = _LINKS[link]

    def evaluate(params: FloatArray) -> Point:
        at = rows(sign, z @ params)
        return Point(float(at.loglik.sum()), z * at.first[:, None], z.T @ (z * at.second[:, None]))

    start = np.zeros(z.shape[1])
    share = float(y.mean())
    if design.intercept:
        start[0] = _start(link, share)
    found = maximise(evaluate, start, fit_glm(link, y, z))
    eta = z @ found.params
    mean = _mean(link, eta)
    if not found.settled:
        refuse_separation(design, z * sign[:, None], None, names, EXTREMES)
    if not found.converged:
        raise EstimationError(f"the {link} model has not converged, although an estimate exists; rescale the variables")
    known = -found.point.hessian if information == "observed" else z.T @ (z * _expected(link, eta)[:, None])
    inner = inverse(known, what=link)
    n, events = len(y), int(y.sum())
    fit = Likelihood(
        names=names,
        params=scaled.back @ found.params,
        inverse=scaled.back @ inner @ scaled.back.T,
        contributions=found.point.scores @ inner @ scaled.back.T,
        residuals=y - mean,
        loglik=found.point.loglik,
        loglik_null=float(events * np.log(share) + (n - events) * np.log1p(-share)) if design.intercept else None,
        slopes=len(kept),
        rank=len(names),
    )
    which = () if link == "logit" else (_which(information),)
    return conclude(
        setup,
        fit,
        estimator={"logit": "Logit", "probit": "Probit", "cloglog": "Complementary log-log"}[link],
        design=design,
        facts={"events": events},
        notes=(*notes, *left_out, *which),
    )


def _which(information: Information) -> str:
    other = {"observed": "'expected' is what glm of R takes", "expected": "'observed' is what Stata takes"}
    return f"standard errors rest on the {information} information; information={other[information]}"
