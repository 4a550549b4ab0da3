"""A model on many draws of its data, pooled into one: what the uncertainty of the data does to an estimate."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from govdata.drawing import whole_number
from govdata.errors import EstimationError, GovdataError
from govdata.stats.companions import from_companions
from govdata.stats.covariance import Covariance
from govdata.stats.crossproducts.drawn import CONVENTIONS, Drawn, RegressorDraws, ResponseDraws
from govdata.stats.drawn_columns import DrawnColumns, from_long, row_labels, split
from govdata.stats.drawn_matrices import from_matrices
from govdata.stats.drawn_terms import TermsOverDraws
from govdata.stats.formula import name_of
from govdata.stats.linear import ols
from govdata.stats.panel import Panel, frame_of
from govdata.stats.pooled import Pooled
from govdata.stats.pooling import pool, pool_moments
from govdata.stats.progress import progress
from govdata.stats.results import PanelResults
from govdata.stats.solver import Fit
from govdata.stats.wording import given
from govdata.stats.workers import each

if TYPE_CHECKING:
    from govdata.stats.keys import FloatArray

__all__ = ["over_draws"]

CELLS = 400_000
"""Rows times draws that are worked on at once: matrices of 3 MB stay near the processor."""
FEWEST = 8
"""Draws that are worked on at once, however many rows there are."""


def over_draws(
    m: PanelResults | Callable[[pd.DataFrame], PanelResults],
    data: Any = None,  # noqa: ANN401 -- a frame, a mapping or frames
    *,
    draws: int = 200,
    seed: int = 0,
) -> Pooled:
    """Fit a model on every draw of its data and pool the fits by Rubin's rules.

    Parameters
    ----------
    m
        A fitted model of any estimator, or a function of a frame that fits one.
    data
        Where the draws come from.

        A long frame, as ``govdata.load(..., draws=200)`` gives it, also merged with other columns: the unit, the time,
        ``draw``, and columns of the formula. These take the place of those in ``m.data``, matched by unit and time;
        rows of the draws that the model's data lack are left out.

        A mapping of columns to matrices, rows of ``m.data`` x draws, matched by position.

        A list of frames: data sets that were completed elsewhere, such as by mice.

        Left out: draws from the companions in ``m.data`` of a column x of the formula. ``x_sd`` draws from the normal
        distribution, else ``x_low`` and ``x_high`` uniformly between them, also where x is missing.
    draws, seed
        How many draws are made where ``data`` is left out, and their seed.

    Returns
    -------
    Pooled
        As a fitted model, with ``fmi``, ``df``, ``mc_error``, and every draw's ``estimates`` and ``std_errors``.

    Raises
    ------
    EstimationError
        If a cell is missing in some draws only, is there twice, or the model has rows without draws; if a draw is
        missing among numbered ones; if the draws are of another version of the model's dataset; if nothing of the
        formula is drawn; or if the model is not determined in a draw or has other terms there, naming it.
    ArgumentError
        If ``draws`` is no whole number from 2, or ``seed`` none from 0.

    Notes
    -----
    Rubin (1987), with the degrees of freedom of Barnard and Rubin (1999). The sample is that of the draws: rows without
    a value but with bounds come in, and a note says so. Drawing a regressor around its value adds noise to it, which
    pulls its coefficient towards zero: a note says so; compare with the model's own.

    ``x_sd`` does not say where the scale of x ends, so that draws from it are not cut; where all values of x lie from 0
    to 1 and draws do not, a note says how many. ``govdata.load(..., draws=)`` knows the scale and cuts its draws there.

    Models by ``stats.ols`` with se iid, CR0, CR1, CRHC1 or CRV1 by one cluster are fitted on all draws at once. All
    others are fitted draw by draw through joblib, on the workers that ``joblib.parallel_config`` names. The numbers are
    the same.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from govdata import stats
    >>> rng = np.random.default_rng(1)
    >>> frame = pd.DataFrame({"iso3": np.repeat(["A", "B", "C", "D"], 5), "year": [*range(2001, 2006)] * 4})
    >>> frame["x"] = rng.normal(size=20)
    >>> frame["y"] = frame["x"] + rng.normal(size=20)
    >>> frame["y_sd"] = 0.3
    >>> pooled = stats.over_draws(stats.ols("y ~ x | iso3", frame), draws=50)
    >>> pooled
    <Pooled OLS 'y ~ x | iso3': N 20, 50 draws>
    >>> pooled.how
    'y normal with y_sd; seed 0'
    """
    draws, seed = whole_number(draws, "draws", 2), whole_number(seed, "seed", 0)
    if isinstance(m, PanelResults):
        if data is None:
            return _over(m, from_companions(m, draws, seed))
        if isinstance(data, Mapping):
            return _over(m, from_matrices(m, data))
        if isinstance(data, (pd.DataFrame, Panel)):
            return _over(m, from_long(m, frame_of(data)[0]))
        return _versions(m.again, _frames(data))
    if isinstance(m, Pooled) or not callable(m):
        raise EstimationError(f"m is a fitted model of stats such as stats.ols gives, or a function, not {given(m)}")
    if data is None or isinstance(data, Mapping):
        raise EstimationError("m is a function, so data is a long frame with a column 'draw', or a list of frames")
    if isinstance(data, (pd.DataFrame, Panel)):
        frames, labels = split(frame_of(data)[0])
        return _versions(m, frames, labels)
    return _versions(m, _frames(data))


def _frames(data: object) -> list[pd.DataFrame]:
    """Take data sets that were completed elsewhere."""
    wanted = "a long frame with a column 'draw', a mapping of columns and matrices, or a list of frames"
    if isinstance(data, (str, bytes)) or hasattr(data, "__array__") or not isinstance(data, Iterable):
        raise EstimationError(f"data is {wanted}, not {given(data)}")
    frames = list(data)
    for place, frame in enumerate(frames, 1):
        if not isinstance(frame, pd.DataFrame):
            raise EstimationError(f"data is {wanted}; item {place} is {given(frame)}")
    if len(frames) < 2:
        raise EstimationError(f"{len(frames)} data sets cannot be pooled; Rubin's rules need 2 or more")
    return frames


def _versions(
    fit: Callable[[pd.DataFrame], PanelResults], frames: list[pd.DataFrame], labels: tuple[int | str, ...] = ()
) -> Pooled:
    """Fit whole data sets and pool them."""
    names = labels or tuple(range(1, len(frames) + 1))
    results = each(partial(_fitted, fit), list(zip(names, frames, strict=True)), what="fitting draws")
    return pool(results)


def _fitted(fit: Callable[[pd.DataFrame], PanelResults], item: tuple[int | str, pd.DataFrame]) -> PanelResults:
    label, frame = item
    try:
        return fit(frame)
    except GovdataError as error:
        raise type(error)(f"draw {label}: {error}", code=error.code) from None


def _over(m: PanelResults, drawn: DrawnColumns) -> Pooled:
    """Fit a model on draws of columns of its own data."""
    _rows_without(m, drawn)
    first = _fitted(m.again, (drawn.draws[0], drawn.frame(m.data, 0)))
    _same_rows(m, first, drawn)
    remarks = drawn.remarks
    if not drawn.varying:
        remarks = (*remarks, "no drawn value differs between draws")
    remarks = (*remarks, *_blind(m, drawn))
    if first.nobs != m.nobs:
        remarks = (
            *remarks,
            f"N is {first.nobs:,}, and {m.nobs:,} in the model itself: rows came in that have draws and no value",
        )
    if _at_once(first, drawn):
        params, variances, within = _linear(m, first, drawn)
        df, sizes = first.covariance.dfs, (first.nobs, first.nobs)
    else:
        params, variances, within, df, sizes = _one_by_one(m, first, drawn)
    return pool_moments(
        first, params, within, df, variances=variances, draws=drawn.draws, sizes=sizes, how=drawn.how, remarks=remarks
    )


def _blind(m: PanelResults, drawn: DrawnColumns) -> list[str]:
    """Say what drawing does to a regressor."""
    terms = m.design.formula.terms
    regressors = {name_of(factor).column for term in terms for factor in term} & set(drawn.varying)
    if not regressors:
        return []
    names = ", ".join(name for name in drawn.varying if name in regressors)
    return [
        (
            f"draws of {names} that were made without regard to {m.response} add noise to a regressor, which as a rule "
            "pulls its coefficient towards zero: compare with the model as fitted"
        )
    ]


def _rows_without(m: PanelResults, drawn: DrawnColumns) -> None:
    """Refuse rows of the model that have a value and no draws."""
    used = m.design.rows_used
    for name, values in drawn.columns.items():
        there = m.data[name].notna().to_numpy()[used]
        now = values[used] if values.ndim == 1 else values[used, 0]
        lost = used[there & pd.isna(now)]
        if lost.size:
            _refuse(m, lost, name)


def _same_rows(m: PanelResults, first: PanelResults, drawn: DrawnColumns) -> None:
    """Refuse rows of the model that its draws leave out, such as through a lag."""
    used = m.design.rows_used
    lost = used[~np.isin(used, first.design.rows_used)]
    if lost.size:
        _refuse(m, lost, " and ".join(drawn.columns))


def _refuse(m: PanelResults, rows: Any, name: str) -> None:  # noqa: ANN401 -- positions
    example = row_labels(m)(int(rows[0]))
    raise EstimationError(
        f"{len(rows):,} of the {len(m.design.rows_used):,} rows of the model have no draws of {name}, such as {example}"
        "; draw them too, or fit the model on the rows that have draws"
    )


def _at_once(first: PanelResults, drawn: DrawnColumns) -> bool:
    """Whether all draws can be fitted together."""
    vcov = first.covariance.vcov
    return (
        first.call is not None
        and first.call.function is ols
        and isinstance(first.fit, Fit)
        and vcov.se in CONVENTIONS
        and len(vcov.cluster) == (vcov.se != "iid")
        and not any(name in drawn.varying for name in vcov.cluster)
        and bool(drawn.varying)
        and len(first.fit.kept) == len(first.design.names)
        and TermsOverDraws.possible(first.design, drawn)
    )


def _linear(m: PanelResults, first: PanelResults, drawn: DrawnColumns) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Fit all draws of a linear model: coefficients, variances, and the mean covariance."""
    terms = TermsOverDraws(first.design, drawn)
    columns = tuple(sorted(terms.terms))
    by_response = not columns and first.covariance.vcov.se != "iid"
    respond = ResponseDraws(first) if by_response else None
    regress = None if by_response else RegressorDraws(first, columns)
    count = len(drawn.draws)
    step = max(FEWEST, CELLS // len(first.design.y))
    pieces: list[Drawn] = []
    for start in progress(range(0, count, step), total=-(-count // step), what="fitting draws"):
        some = slice(start, min(start + step, count))
        y = terms.y(some) if terms.response else None
        if respond is not None and y is not None:
            found = respond(y)
        else:
            assert regress is not None  # noqa: S101 -- one of the two is there
            found = regress(y, [terms.x(j, some) for j in columns])
        for d in np.flatnonzero(found.doubtful).tolist():
            at = start + int(d)
            alone = _fitted(m.again, (drawn.draws[at], drawn.frame(m.data, at)))
            _same_terms(first.terms, alone.terms, drawn, at)
            found.params[d], found.covariances[d] = alone.fit.params, alone.covariance.matrix
            found.variances[d] = np.diag(alone.covariance.matrix)
        pieces.append(found)
    within = np.add.reduce([piece.covariances.sum(axis=0) for piece in pieces]) / count
    return np.concatenate([p.params for p in pieces]), np.concatenate([p.variances for p in pieces]), within


def _one_by_one(
    m: PanelResults, first: PanelResults, drawn: DrawnColumns
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, tuple[int, int]]:
    """Fit draw by draw, on whatever workers there are."""
    if not drawn.varying:
        found = [_moments(first)] * len(drawn.draws)
    else:
        later = each(partial(_refit, m, drawn), range(1, len(drawn.draws)), what="fitting draws")
        found = [_moments(first), *later]
    for at, one in enumerate(found):
        _same_terms(first.terms, one[0], drawn, at)
    _, params, matrices, dfs, sizes = zip(*found, strict=True)
    covariances = np.array(matrices)
    variances = np.array(np.diagonal(covariances, axis1=1, axis2=2))
    return np.array(params), variances, covariances.mean(axis=0), np.array(dfs), (min(sizes), max(sizes))


def _same_terms(first: tuple[str, ...], other: tuple[str, ...], drawn: DrawnColumns, draw: int) -> None:
    """Refuse a draw whose model has other coefficients, such as where collinear ones are dropped."""
    if other != first:
        odd = [*(t for t in first if t not in other), *(t for t in other if t not in first)]
        raise EstimationError(
            f"draw {drawn.draws[draw]} has other terms than draw {drawn.draws[0]}: {', '.join(odd[:3])} in one alone"
        )


Moments = tuple[tuple[str, ...], "FloatArray", "FloatArray", "FloatArray", int]


def _moments(model: PanelResults) -> Moments:
    covariance: Covariance = model.covariance
    return model.terms, model.fit.params, covariance.matrix, covariance.dfs, model.nobs


def _refit(m: PanelResults, drawn: DrawnColumns, draw: int) -> Moments:
    return _moments(_fitted(m.again, (drawn.draws[draw], drawn.frame(m.data, draw))))
