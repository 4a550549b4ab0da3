"""Models of an outcome with ordered categories."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any, Literal, Unpack, get_args

import numpy as np
import pandas as pd

from govdata.errors import EstimationError
from govdata.stats.calls import recorded
from govdata.stats.covariance import SeOptions
from govdata.stats.design import Design
from govdata.stats.estimating import Collinear, Setup, Singletons, choose, prepare
from govdata.stats.formula import Formula, Name, parse
from govdata.stats.keys import BoolArray, FloatArray, IntArray
from govdata.stats.likelihood import (
    Likelihood,
    Point,
    conclude,
    inverse,
    kept_columns,
    maximise,
    scale,
)
from govdata.stats.panel import Panel, frame_of
from govdata.stats.results import PanelResults
from govdata.stats.separation import refuse_separation

__all__ = ["ordered"]

OrderedLink = Literal["logit", "probit"]

_WANTED = "an ordered response is whole numbers or an ordered category"


def ordered(
    formula: str,
    data: pd.DataFrame | Panel,
    *,
    link: OrderedLink = "logit",
    unit: str | None = None,
    time: str | None = None,
    singletons: Singletons = "keep",
    collinear: Collinear = "refuse",
    panel: bool = True,
    dataset: str | None = None,
    **se_options: Unpack[SeOptions],
) -> PanelResults:
    """Fit an ordered logit or probit model by maximum likelihood.

    The probability of category j or less is F(threshold j - x b): a positive coefficient moves towards the higher
    categories.

    Parameters
    ----------
    formula
        Such as ``"terror ~ x + lag(z, 1) + C(region)"``; as in :func:`ols`. The response is whole numbers, of which
        only the order counts, or an ordered category, with three categories at least. There are no effects after ``|``.
    data
        A frame or a :class:`Panel`, one row a unit and time. Rows with a missing value are left out and counted.
    link
        ``"logit"`` or ``"probit"``.
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
        Coefficients, then the thresholds as auxiliary terms such as ``1|2``; there is no intercept. ``facts`` has the
        log-likelihood, that of the thresholds alone, McFadden's pseudo R2, AIC and BIC. A response of categories has no
        residuals.

    Raises
    ------
    EstimationError
        If the response is not ordered or has fewer than three categories, if no estimate exists, or an option does not
        exist.
    FormulaError, PanelError
        As in :func:`ols`.

    Notes
    -----
    McKelvey and Zavoina (1975); McCullagh (1980). Standard errors rest on the observed information, tests on the normal
    distribution.

    Examples
    --------
    >>> import pandas as pd
    >>> from govdata.stats.ordered import ordered
    >>> frame = pd.DataFrame(
    ...     {
    ...         "iso3": ["CHN"] * 5 + ["IRN"] * 5,
    ...         "year": [2017, 2018, 2019, 2020, 2021] * 2,
    ...         "terror": [1, 2, 2, 3, 1, 3, 2, 3, 1, 2],
    ...         "x": [0.1, 0.9, 0.4, 0.8, 0.7, 0.3, 0.2, 0.5, 0.6, 1.0],
    ...     }
    ... )
    >>> ordered("terror ~ x", frame, se="iid").params.round(4).to_dict()
    {'x': 0.5161, '1|2': -0.5577, '2|3': 1.1467}
    """
    call = recorded(ordered, locals())
    choose("link", link, get_args(OrderedLink))
    parsed = parse(formula)
    if parsed.effects:
        raise EstimationError(
            "an ordered model with an effect after '|' has no consistent estimate with few rows a unit (incidental "
            f"parameters); write C({parsed.effects[0]}) to have indicators knowingly"
        )
    if not parsed.intercept:
        raise EstimationError("an ordered model has thresholds in place of an intercept; leave out '- 1' or '0'")
    data, categories = _coded(parsed, data)
    setup = prepare(
        formula,
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
    y, levels, notes = _levels(setup.design, categories)
    return _fit(setup, y, levels, link, collinear, notes)


def _coded(formula: Formula, data: pd.DataFrame | Panel) -> tuple[pd.DataFrame | Panel, tuple[str, ...] | None]:
    """Replace an ordered category by its places, from 1 up."""
    frame, unit, time = frame_of(data)
    response = formula.response
    if not isinstance(response, Name) or response.column not in frame.columns:
        return data, None
    column = frame[response.column]
    if isinstance(column, pd.DataFrame):
        return data, None
    kind: Any = column.dtype
    if isinstance(kind, pd.CategoricalDtype):
        if not kind.ordered:
            raise EstimationError(
                f"{response} is a category without an order; {_WANTED}: say "
                f"data[{response.column!r}].cat.as_ordered() once its categories are in order"
            )
        places = np.asarray(column.cat.codes, dtype=np.float64) + 1
        places[places == 0] = np.nan
        wider = frame.assign(**{response.column: places})
        names = tuple(str(category) for category in kind.categories)
        return (wider if unit is None or time is None else Panel(wider, unit, time)), names
    if not (pd.api.types.is_numeric_dtype(kind) or pd.api.types.is_bool_dtype(kind)) and column.notna().any():
        raise EstimationError(f"{response} holds {column.dropna().iloc[0]!r}; {_WANTED}")
    return data, None


def _levels(design: Design, categories: tuple[str, ...] | None) -> tuple[IntArray, tuple[str, ...], tuple[str, ...]]:
    """Return the place of each row's category among those that occur, and say how many rows each has."""
    name = str(design.formula.response)
    found, y = np.unique(design.y, return_inverse=True)
    if (fractions := found[found != np.floor(found)]).size:
        raise EstimationError(f"{name} holds {fractions[0]:g}; {_WANTED}")
    if categories is None:
        levels = tuple(f"{value:.0f}" for value in found)
        empty: list[str] = []
    else:
        levels = tuple(categories[int(value) - 1] for value in found)
        empty = [category for category in categories if category not in levels]
    if len(levels) < 2:
        raise EstimationError(f"{name} is {levels[0]} in all {len(y)} rows of the sample")
    if len(levels) == 2:
        raise EstimationError(
            f"{name} has two categories in the sample, {levels[0]} and {levels[1]}; make it 0 and 1 and take binary()"
        )
    if len(levels) > max(20, len(y) // 10):
        raise EstimationError(f"{name} has {len(levels)} categories in {len(y)} rows; take ols() or fewer categories")
    sizes = np.bincount(y)
    counted = ", ".join(f"{level} {size}" for level, size in zip(levels, sizes.tolist(), strict=True))
    notes = [f"rows by category of {name}: {counted}"]
    if empty:
        notes.append(f"no row in the sample is {', '.join(empty)}, so that category is not part of the scale")
    return y.astype(np.int64), levels, tuple(notes)


class _Likelihood:
    """The log-likelihood in slopes and thresholds.

    Row i contributes log(F(upper) - F(lower)); both are linear in the parameters, with the columns ``above`` and
    ``below``, and one of the two is infinite in the outer categories.
    """

    def __init__(self, z: FloatArray, y: IntArray, cuts: int, link: OrderedLink) -> None:
        n, self.slopes = z.shape
        self.link = link
        at = np.arange(n)
        self.top, self.bottom = y == cuts, y == 0
        picks = np.zeros((2, n, cuts))
        picks[0, at[~self.top], y[~self.top]] = 1.0
        picks[1, at[~self.bottom], y[~self.bottom] - 1] = 1.0
        self.above = np.column_stack([-z, picks[0]]) * ~self.top[:, None]
        self.below = np.column_stack([-z, picks[1]]) * ~self.bottom[:, None]

    def bounds(self, params: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return upper and lower ends on the latent scale."""
        upper = np.where(self.top, np.inf, self.above @ params)
        lower = np.where(self.bottom, -np.inf, self.below @ params)
        return upper, lower

    def log_probability(self, upper: FloatArray, lower: FloatArray) -> FloatArray:
        """Return the logarithm of F(upper) - F(lower), from the tail in which it does not cancel."""
        from scipy.special import log_expit, log_ndtr

        turn = lower > 0
        one, two = np.where(turn, -lower, upper), np.where(turn, -upper, lower)
        log_cdf = log_expit if self.link == "logit" else log_ndtr
        larger, smaller = log_cdf(one), log_cdf(two)
        found: FloatArray = larger + np.log(-np.expm1(smaller - larger))
        return found

    def _shape(self, ends: FloatArray, log_p: FloatArray, there: BoolArray) -> tuple[FloatArray, FloatArray]:
        """Return density and its slope at some ends, over the probability of the row."""
        from scipy.special import log_expit

        at = np.where(there, ends, 0.0)
        if self.link == "logit":
            ratio = np.exp(log_expit(at) + log_expit(-at) - log_p)
            slope = -ratio * np.tanh(at / 2)
        else:
            ratio = np.exp(-at * at / 2 - np.log(2 * np.pi) / 2 - log_p)
            slope = -ratio * at
        return np.where(there, ratio, 0.0), np.where(there, slope, 0.0)

    def __call__(self, params: FloatArray) -> Point:
        """Return the log-likelihood with its derivatives."""
        if (np.diff(params[self.slopes :]) <= 0).any():
            k = len(params)
            return Point(-np.inf, np.zeros((len(self.top), k)), np.zeros((k, k)))
        upper, lower = self.bounds(params)
        log_p = self.log_probability(upper, lower)
        high, high_slope = self._shape(upper, log_p, ~self.top)
        low, low_slope = self._shape(lower, log_p, ~self.bottom)
        cross = self.above.T @ (self.below * (high * low)[:, None])
        hessian = (
            self.above.T @ (self.above * (high_slope - high**2)[:, None])
            - self.below.T @ (self.below * (low_slope + low**2)[:, None])
            + cross
            + cross.T
        )
        scores = self.above * high[:, None] - self.below * low[:, None]
        return Point(float(log_p.sum()), scores, hessian)


def _fit(
    setup: Setup,
    y: IntArray,
    levels: tuple[str, ...],
    link: OrderedLink,
    collinear: Collinear,
    notes: tuple[str, ...],
) -> PanelResults:
    from scipy.special import logit, ndtri

    design = setup.design
    kept, left_out = kept_columns(design, collinear)
    slopes = tuple(design.names[j] for j in kept)
    cuts = tuple(f"{lower}|{upper}" for lower, upper in pairwise(levels))
    names = (*slopes, *cuts)
    scaled = scale(design.x[:, list(kept)], intercept=True)
    z = scaled.columns[:, 1:]
    n, k, sizes = len(y), len(slopes), np.bincount(y)
    share = np.cumsum(sizes[:-1]) / n
    start = np.concatenate([np.zeros(k), logit(share) if link == "logit" else ndtri(share)])
    likelihood = _Likelihood(z, y, len(cuts), link)
    found = maximise(likelihood, start)
    if not found.settled:
        limits = np.vstack([likelihood.above[~likelihood.top], -likelihood.below[~likelihood.bottom]])
        extremes = {
            0.0: f"all its {{count}} rows are in {levels[0]}, the lowest category",
            float(len(cuts)): f"all its {{count}} rows are in {levels[-1]}, the highest category",
        }
        refuse_separation(replace(design, y=y.astype(np.float64)), limits, None, names, extremes)
    if not found.converged:
        raise EstimationError(
            f"the ordered {link} has not converged, although an estimate exists; rescale the variables"
        )
    # thresholds were fitted to centred regressors: each is moved by what the centres add
    back = np.eye(k + len(cuts))
    back[:k, :k] = np.diag(1 / scaled.size)
    back[k:, :k] = scaled.centre / scaled.size
    inner = inverse(-found.point.hessian, what=f"ordered {link}")
    fit = Likelihood(
        names=names,
        params=back @ found.params,
        inverse=back @ inner @ back.T,
        contributions=found.point.scores @ inner @ back.T,
        residuals=None,
        loglik=found.point.loglik,
        loglik_null=float((sizes * np.log(sizes / n)).sum()),
        slopes=k,
        rank=len(names),
    )
    return conclude(
        setup,
        fit,
        estimator=f"Ordered {link}",
        design=design,
        facts={"categories": len(levels)},
        notes=(*notes, *left_out),
        auxiliary=cuts,
    )
