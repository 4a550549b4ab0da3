"""Models of counts: Poisson, and the negative binomial with variance mu + alpha mu^2."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, Unpack, get_args

import numpy as np
import pandas as pd

from govdata.errors import EstimationError, FormulaError
from govdata.stats.calls import recorded
from govdata.stats.conditional import fixed_poisson
from govdata.stats.covariance import SeOptions
from govdata.stats.design import Design
from govdata.stats.estimating import Collinear, Setup, Singletons, choose, prepare
from govdata.stats.formula import Formula, Name, check_column, parse, term_label
from govdata.stats.glm import fit_glm
from govdata.stats.keys import FloatArray
from govdata.stats.likelihood import (
    Information,
    Likelihood,
    Maximum,
    Point,
    Scaled,
    coefficient_names,
    conclude,
    inverse,
    kept_columns,
    maximise,
    scale,
)
from govdata.stats.panel import Panel, frame_of
from govdata.stats.responses import whole_response, with_last_term
from govdata.stats.results import PanelResults
from govdata.stats.separation import refuse_separation

__all__ = ["count"]

CountModel = Literal["poisson", "negbin"]

LOG_ALPHA = "ln(alpha)"
EXTREMES = {0.0: "no count above 0 in its {count} rows"}
LISTED = 1000
"""Sums over the whole numbers below a count run one by one up to here, and beyond by a formula for their sum."""
BOUNDARY = 1e-6
"""Below this alpha times the largest mean, the negative binomial is the Poisson model."""


def count(
    formula: str,
    data: pd.DataFrame | Panel,
    *,
    model: CountModel = "poisson",
    exposure: str | None = None,
    offset: str | None = None,
    information: Information = "expected",
    unit: str | None = None,
    time: str | None = None,
    singletons: Singletons = "keep",
    collinear: Collinear = "refuse",
    panel: bool = True,
    dataset: str | None = None,
    **se_options: Unpack[SeOptions],
) -> PanelResults:
    """Fit a Poisson or negative binomial model by maximum likelihood, with a logarithmic link.

    Parameters
    ----------
    formula
        Such as ``"protests ~ x + lag(z, 1) + C(region)"``; as in :func:`ols`. The response is a whole number from 0
        up. A Poisson model takes one effect after ``|``, the negative binomial none.
    data
        A frame or a :class:`Panel`, one row a unit and time. Rows with a missing value are left out and counted.
    model
        ``"poisson"``, or ``"negbin"``: NB2, with variance mu + alpha mu^2.
    exposure
        A column of positive numbers, such as the population, whose logarithm has coefficient one.
    offset
        A column that enters with coefficient one as it is. One of the two.
    information
        Of the negative binomial. ``"expected"``: coefficients with alpha taken as known, and alpha by itself, as
        ``glm.nb`` of R's MASS has it; K* does not count alpha then. ``"observed"``: all parameters together (Stata).
        The same for Poisson.
    unit, time
        Key columns. Left out: ``iso3`` and ``year`` where the data have them.
    singletons, collinear, panel, dataset
        As in :func:`ols`.
    **se_options
        As in :func:`ols`: ``"iid"``, ``"HC0"``, ``"HC1"``, ``"CR0"``, ``"CR1"``, ``"CRHC1"`` and ``"CRV1"`` are
        defined here. Left out: ``"CRV1"`` by the unit where one is known, else ``"iid"``.

    Returns
    -------
    PanelResults
        Coefficients on the scale of the logarithm of the mean; the negative binomial has ``ln(alpha)`` besides, as an
        auxiliary term. ``fitted`` are means. ``facts`` has the log-likelihood, that of a constant alone, McFadden's
        pseudo R2, AIC, BIC and ``alpha``.

    Raises
    ------
    EstimationError
        If the response is no count, if no estimate exists, if the negative binomial has no alpha above 0, or an option
        does not exist.
    FormulaError, PanelError
        As in :func:`ols`.

    Notes
    -----
    Tests use the normal distribution. With a Poisson model and robust or clustered errors the counts need not be
    Poisson, only their mean be right (Gourieroux, Monfort and Trognon 1984). Whether an estimate exists is decided by a
    linear programme (Correia, Guimaraes and Zylkin 2019 for the condition).

    Examples
    --------
    >>> import pandas as pd
    >>> from govdata.stats.count import count
    >>> frame = pd.DataFrame(
    ...     {
    ...         "iso3": ["CHN"] * 4 + ["IRN"] * 4,
    ...         "year": [2018, 2019, 2020, 2021] * 2,
    ...         "protests": [0, 3, 1, 7, 2, 0, 4, 5],
    ...         "x": [0.0, 1.0, 0.5, 2.0, 1.0, 0.0, 1.5, 2.0],
    ...     }
    ... )
    >>> count("protests ~ x", frame, se="iid").params.round(4).to_dict()
    {'Intercept': -0.7493, 'x': 1.318}
    """
    call = recorded(count, locals())
    choose("model", model, get_args(CountModel))
    choose("information", information, get_args(Information))
    whole_response(formula, data, "a count is a whole number from 0 up")
    parsed = parse(formula)
    effects = parsed.effects
    if effects and model == "negbin":
        raise EstimationError(
            "model='negbin' with an effect after '|' has no consistent estimate with few rows a unit (incidental "
            f"parameters); write C({effects[0]}) to have indicators knowingly, or take model='poisson'"
        )
    if len(effects) > 1:
        raise EstimationError(
            f"a Poisson model takes one effect after '|', not {' and '.join(str(e) for e in effects)}; "
            f"write C({effects[1]})"
        )
    shift_by = _shift_term(parsed, data, exposure, offset)
    inside = shift_by is None or shift_by in {term_label(term) for term in parsed.terms}
    text = formula if shift_by is None or inside else with_last_term(parsed, shift_by)
    setup = prepare(
        text,
        data,
        unit=unit,
        time=time,
        options=se_options,
        singletons=singletons,
        panel=panel,
        dataset=dataset,
        linear=False,
        call=call,
    )
    design = replace(setup.design, formula=parsed)
    _check_response(design)
    shift = np.zeros(len(design.y))
    notes: tuple[str, ...] = ()
    if shift_by is not None:
        shift = design.x[:, design.names.index(shift_by)].copy()
        notes = (f"{shift_by} enters with coefficient one",)
        if not inside:
            design = replace(design, x=design.x[:, :-1], names=design.names[:-1])
    if effects:
        return fixed_poisson(setup, design, shift, collinear=collinear, notes=notes)
    return _fit(setup, design, shift, model, information, collinear, notes)


def _shift_term(formula: Formula, data: pd.DataFrame | Panel, exposure: object, offset: object) -> str | None:
    """Name what enters with coefficient one, as a term of a formula."""
    if exposure is not None and offset is not None:
        raise EstimationError("exposure= and offset= are two ways to say the same; give one")
    frame, _, _ = frame_of(data)
    for label, column in (("exposure", exposure), ("offset", offset)):
        if column is not None:
            if not isinstance(column, str):
                raise FormulaError(f"{label} is the name of a column, not {column!r}")
            check_column(column, frame.columns, where=f"{label}=")
            if formula.response == Name(column):
                raise EstimationError(f"{label}={column!r} is the response")
            return f"log({Name(column)})" if label == "exposure" else str(Name(column))
    return None


def _check_response(design: Design) -> None:
    name, y = str(design.formula.response), design.y
    if (y < 0).any():
        raise EstimationError(f"{name} holds {y.min():g}; a count is a whole number from 0 up")
    if (fractions := y[y != np.floor(y)]).size:
        raise EstimationError(f"{name} holds {fractions.min():g}; a count is a whole number from 0 up")
    if y.max() == 0:
        raise EstimationError(f"{name} is 0 in all {len(y)} rows of the sample")


def _fit(
    setup: Setup,
    design: Design,
    shift: FloatArray,
    model: CountModel,
    information: Information,
    collinear: Collinear,
    notes: tuple[str, ...],
) -> PanelResults:
    kept, left_out = kept_columns(design, collinear)
    names = coefficient_names(design, kept, intercept=design.intercept)
    scaled = scale(design.x[:, list(kept)], intercept=design.intercept)
    y = design.y
    found = _poisson(y, scaled.columns, shift, constant=design.intercept)
    mean = np.exp(scaled.columns @ found.params + shift)
    if not found.settled:
        refuse_separation(design, -scaled.columns[y == 0], scaled.columns[y > 0], names, EXTREMES)
    if not found.converged:
        raise EstimationError("the Poisson model has not converged, although an estimate exists; rescale the variables")
    one = np.ones((len(y), 1))
    null = _poisson(y, one, shift, constant=True) if design.intercept else None
    if model == "negbin":
        return _negbin(setup, design, shift, scaled, found, null, names, information, (*notes, *left_out))
    inner = inverse(-found.point.hessian, what="Poisson")
    fit = Likelihood(
        names=names,
        params=scaled.back @ found.params,
        inverse=scaled.back @ inner @ scaled.back.T,
        contributions=found.point.scores @ inner @ scaled.back.T,
        residuals=y - mean,
        loglik=found.point.loglik,
        loglik_null=None if null is None else null.point.loglik,
        slopes=len(kept),
        rank=len(names),
    )
    return conclude(setup, fit, estimator="Poisson", design=design, facts={}, notes=(*notes, *left_out))


def _poisson(y: FloatArray, z: FloatArray, shift: FloatArray, *, constant: bool) -> Maximum:
    from scipy.special import gammaln

    fixed = float(gammaln(y + 1).sum())

    def evaluate(params: FloatArray) -> Point:
        eta = z @ params + shift
        mean = np.exp(eta)
        hessian = -(z.T @ (z * mean[:, None]))
        return Point(float((y * eta - mean).sum()) - fixed, z * (y - mean)[:, None], hessian, fixed)

    start = np.zeros(z.shape[1])
    if constant:
        highest = float(shift.max())
        start[0] = np.log(y.sum()) - np.log(np.exp(shift - highest).sum()) - highest
    return maximise(evaluate, start, fit_glm("poisson", y, z, shift))


def _negbin(
    setup: Setup,
    design: Design,
    shift: FloatArray,
    scaled: Scaled,
    poisson: Maximum,
    poisson_null: Maximum | None,
    names: tuple[str, ...],
    information: Information,
    notes: tuple[str, ...],
) -> PanelResults:
    y, z = design.y, scaled.columns
    found = _negbin_maximum(y, z, shift, poisson)
    if found is None:
        raise EstimationError(
            f"the counts of {design.formula.response} vary no more than a Poisson model says, so the negative binomial "
            "has no alpha above 0; take model='poisson'"
        )
    k = z.shape[1]
    mean = np.exp(z @ found.params[:k] + shift)
    alpha = float(np.exp(found.params[k]))
    known = -found.point.hessian
    if information == "expected":
        known = known.copy()
        known[k, :k] = known[:k, k] = 0.0
        known[:k, :k] = z.T @ (z * (mean / (1 + alpha * mean))[:, None])
    inner, back = inverse(known, what="negative binomial"), scaled.widened(1)
    null = None
    if poisson_null is not None:
        constant = np.ones((len(y), 1))
        best = _negbin_maximum(y, constant, shift, poisson_null)
        null = poisson_null.point.loglik if best is None else best.point.loglik
    fit = Likelihood(
        names=(*names, LOG_ALPHA),
        params=back @ found.params,
        inverse=back @ inner @ back.T,
        contributions=found.point.scores @ inner @ back.T,
        residuals=y - mean,
        loglik=found.point.loglik,
        loglik_null=null,
        slopes=k - int(design.intercept),
        rank=k + (information == "observed"),
    )
    other = {
        "observed": "observed information of all parameters together; information='expected' is what glm.nb of R takes",
        "expected": "information of the coefficients with alpha known; information='observed' is what Stata takes",
    }
    return conclude(
        setup,
        fit,
        estimator="Negative binomial",
        design=design,
        facts={"alpha": alpha},
        notes=(*notes, f"standard errors rest on the {other[information]}"),
        auxiliary=(LOG_ALPHA,),
    )


def _negbin_maximum(y: FloatArray, z: FloatArray, shift: FloatArray, poisson: Maximum) -> Maximum | None:
    """Climb from the Poisson fit; None where the best alpha is 0."""
    mean = np.exp(z @ poisson.params + shift)
    moment = float(((y - mean) ** 2 - y).sum() / (mean**2).sum())
    evaluate = _negbin_likelihood(y, z, shift)
    for alpha in (max(moment, 1e-3), 1.0):
        found = maximise(evaluate, np.append(poisson.params, np.log(alpha)))
        inside = float(np.exp(found.params[-1])) * float(mean.max()) > BOUNDARY
        if found.converged and inside and found.point.loglik > poisson.point.loglik:
            return found
    return None


class _negbin_likelihood:  # noqa: N801 -- a function with tables of its own
    """The NB2 log-likelihood in the coefficients and ln(alpha)."""

    def __init__(self, y: FloatArray, z: FloatArray, shift: FloatArray) -> None:
        from scipy.special import gammaln

        self.y, self.z, self.shift = y, z, shift
        self.whole = np.minimum(y, LISTED).astype(np.int64)
        self.below = np.arange(int(self.whole.max()), dtype=np.float64)
        self.large = np.flatnonzero(y > LISTED)
        self.fixed = float(gammaln(y + 1).sum())

    def _sums(self, values: FloatArray) -> FloatArray:
        """Add up over the whole numbers below each count."""
        found: FloatArray = np.concatenate([[0.0], np.cumsum(values)])[self.whole]
        return found

    def _beyond(self, alpha: float) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return, of the three sums, what the whole numbers from LISTED on add."""
        sums = np.zeros((3, len(self.y)))
        if self.large.size:
            to, start = _antisums(alpha, self.y[self.large]), _antisums(alpha, np.array([float(LISTED)]))
            sums[:, self.large] = to - start
        return sums[0], sums[1], sums[2]

    def __call__(self, params: FloatArray) -> Point:
        y, z, below = self.y, self.z, self.below
        alpha = np.exp(params[-1])
        eta = z @ params[:-1] + self.shift
        mean = np.exp(eta)
        u = alpha * mean
        log_ratio = np.log1p(u) / alpha
        more = self._beyond(float(alpha))
        loglik = self._sums(np.log1p(alpha * below)) + more[0] + y * (eta - np.log1p(u)) - log_ratio
        once, twice = _remainders(u)
        weight = 1 + u
        by_alpha = self._sums(below / (1 + alpha * below)) + more[1] - y * mean / weight + mean**2 * once
        curve = -self._sums((below / (1 + alpha * below)) ** 2) - more[2] + y * (mean / weight) ** 2 + mean**3 * twice
        by_eta = (y - mean) / weight
        k = z.shape[1]
        hessian = np.empty((k + 1, k + 1))
        hessian[:k, :k] = -(z.T @ (z * (mean * (1 + alpha * y) / weight**2)[:, None]))
        hessian[k, :k] = hessian[:k, k] = -(z.T @ (by_eta * u / weight))
        hessian[k, k] = (alpha * by_alpha + alpha**2 * curve).sum()
        scores = np.column_stack([z * by_eta[:, None], alpha * by_alpha])
        return Point(float(loglik.sum()) - self.fixed, scores, hessian, self.fixed)


def _antisums(alpha: float, n: FloatArray) -> FloatArray:
    """Return three functions whose differences are sums over whole numbers j (Euler and Maclaurin).

    What is summed is log(1 + alpha j), its derivative by alpha, and the square of that.
    """
    w, u = 1 + alpha * n, alpha * n
    log, small = np.log1p(u), u < 0.1
    at = np.where(small, 1.0, u)
    areas = np.array([((1 + at) * log - at) / at**2, (at - log) / at**2, (at - 2 * log + at / (1 + at)) / at**3])
    near = np.where(small, u, 0.0)
    series = np.zeros_like(areas)
    for j in reversed(range(20)):
        terms = np.array([1 / ((j + 1) * (j + 2)), 1 / (j + 2), (j + 1) / (j + 3)]) * (-1.0) ** j
        series = series * near + terms[:, None]
    area = np.where(small, series, areas) * np.array([alpha * n**2, n**2, n**3])
    value = np.array([log, n / w, (n / w) ** 2])
    slope = np.array([alpha / w, 1 / w**2, 2 * n / w**3])
    third = np.array([2 * alpha**3 / w**3, 6 * alpha**2 / w**4, 12 * alpha * (u - 1) / w**5])
    found: FloatArray = area - value / 2 + slope / 12 - third / 720
    return found


def _remainders(u: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return g(u) = (log(1+u) - u/(1+u)) / u^2 and its derivative, by their series where u is small."""
    small = u < 1e-2
    at = np.where(small, 1.0, u)
    once = (np.log1p(at) - at / (1 + at)) / at**2
    twice = 1 / (at * (1 + at) ** 2) - 2 * once / at
    series, slope = np.zeros_like(u), np.zeros_like(u)
    near = np.where(small, u, 0.0)
    for power in reversed(range(10)):
        # g(u) is the sum of (-u)^j (j+1)/(j+2)
        series = series * near + (-1.0) ** power * (power + 1) / (power + 2)
        if power:
            slope = slope * near + (-1.0) ** power * power * (power + 1) / (power + 2)
    return np.where(small, series, once), np.where(small, slope, twice)
