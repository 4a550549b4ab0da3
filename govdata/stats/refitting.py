"""A model fitted again without each group of its observations.

What is left out are observations of the sample, not rows of the data: without a year, the lags of the year after it
still look back to that year. Where units stay or go as a whole, and where the model has no lags, the two are the same.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from govdata.errors import EstimationError, GovdataError, nearest
from govdata.stats.calls import Call
from govdata.stats.design import build
from govdata.stats.formula import Name
from govdata.stats.keys import BoolArray, Codes, FloatArray, IntArray, encode
from govdata.stats.solver import Absorber
from govdata.stats.wording import INTERCEPT, given
from govdata.stats.workers import each

if TYPE_CHECKING:
    import pandas as pd

    from govdata.stats.results import PanelResults

__all__ = ["NUMBERS", "Groups", "Refitted", "column_of", "determined_terms", "find_groups", "refitted"]

NUMBERS = ("estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high")
"""What is kept of each coefficient, in this order."""
_UNIT = ("unit", "country", "countries", "state", "states", "entity", "panel", "group", "id", "individual", "units")
_TIME = ("time", "year", "years", "period", "periods", "times", "wave", "date")
_LEFT = re.compile(r"(?:`[^`]*`|[^`~])*~")
_GONE = 1e-9
_OWN = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """Groups of observations to be left out.

    Attributes
    ----------
    by
        The column.
    cases
        Group of each case of the sample, in the design's order; -1 where the column is missing.
    frame
        Group of each row of the data; -1 where the row is in none of the sample's.
    missing
        How many cases belong to no group.
    """

    by: str
    cases: Codes
    frame: IntArray
    missing: int

    @property
    def levels(self) -> tuple[int, ...] | tuple[str, ...]:
        """The groups."""
        return self.cases.levels

    def notes(self) -> tuple[str, ...]:
        """Say which cases stay in every sample."""
        if not self.missing:
            return ()
        rows = f"{self.missing:,} observation{'s have' if self.missing > 1 else ' has'}"
        return (f"{rows} no {self.by} and stay{'s' * (self.missing == 1)} in every sample",)


@dataclass(frozen=True, slots=True, eq=False)
class Refitted:
    """A model without one group.

    Attributes
    ----------
    numbers
        k x 6: :data:`NUMBERS` of each term of the whole model; NaN where it is not determined.
    nobs
        Observations that stay.
    reason
        Why nothing is known; empty where the fit succeeded.
    """

    numbers: FloatArray
    nobs: int
    reason: str = ""


def find_groups(m: PanelResults, by: object) -> Groups:
    """Find the groups that ``by`` names.

    Parameters
    ----------
    m
        The model.
    by
        ``"unit"``, ``"time"`` or a column of the model's data.

    Returns
    -------
    Groups
        Two at least.

    Raises
    ------
    EstimationError
        If there is no such column, or it holds one group.
    """
    design = m.design
    column = column_of(m, by)
    keys = encode(design.frame[column], column)
    used = keys.subset(design.rows_used)
    if len(used.levels) < 2:
        held = f"one group, {used.levels[0]!r}" if used.levels else "no value"
        raise EstimationError(f"{column!r} holds {held} in the sample; leaving out needs two at least")
    place = {level: at for at, level in enumerate(used.levels)}
    lookup = np.array([*(place.get(level, -1) for level in keys.levels), -1], dtype=np.int64)
    frame: IntArray = lookup[keys.codes]
    cases = Codes(column, frame[design.rows], used.levels)
    return Groups(column, cases, frame, int((frame[design.rows_used] < 0).sum()))


def column_of(m: PanelResults, by: object) -> str:
    """Find the column that a name of groups stands for.

    Parameters
    ----------
    m
        The model.
    by
        ``"unit"``, ``"time"`` or a column of the model's data. ``"country"`` and the like stand for the unit, where
        no column has that name.

    Returns
    -------
    str
        The column.

    Raises
    ------
    EstimationError
        If there is none.
    """
    design = m.design
    columns = [str(name) for name in design.frame.columns]
    if not (isinstance(by, str) and by):
        raise EstimationError(f"by is 'unit', 'time' or the name of a column, not {given(by)}")
    for words, keys in ((_UNIT, design.unit), (_TIME, design.time)):
        if by == words[0] or (by not in columns and by.lower() in words):
            if keys is not None:
                return keys.name
            if by not in columns:
                raise EstimationError(f"the model knows no {words[0]}; name a column of its data as by=")
    if by not in columns:
        raise EstimationError(f"the data have no column {by!r}{nearest(by, ['unit', 'time', *columns])}")
    if columns.count(by) > 1:
        raise EstimationError(f"the data have more than one column named {by!r}")
    return by


@dataclass(frozen=True, slots=True, eq=False)
class _Refit:
    """Fits the model without one group; can be sent to a worker."""

    call: Call
    frame: pd.DataFrame
    codes: IntArray
    level: float
    hidden: str | None

    def __call__(self, group: int) -> tuple[tuple[str, ...], FloatArray, int] | str:
        gone = self.codes == group
        if self.hidden is None:
            data = self.frame[~gone]
        else:
            data = self.frame.copy(deep=False)
            data[self.hidden] = data[self.hidden].where(~gone)
        try:
            found = self.call(data)
            tidy = found.tidy(self.level)
        except GovdataError as error:
            return str(error)
        return found.terms, tidy[list(NUMBERS)].to_numpy(dtype=np.float64), found.nobs


def refitted(m: PanelResults, groups: Groups, wanted: Sequence[int], level: float) -> list[Refitted]:
    """Fit a model again without each of some groups.

    Parameters
    ----------
    m
        The model.
    groups
        The groups.
    wanted
        Which of them.
    level
        Of the confidence intervals.

    Returns
    -------
    list of Refitted
        In the order of ``wanted``.
    """
    nothing = np.full((len(m.terms), len(NUMBERS)), np.nan)
    sizes = np.bincount(groups.frame[m.design.rows_used] + 1, minlength=len(groups.levels) + 1)[1:]
    left = [int(len(m.design.rows_used) - sizes[g]) for g in wanted]
    if m.call is None:
        why = "the result does not say how it was fitted, so it cannot be fitted again"
        return [Refitted(nothing, n, why) for n in left]
    call, frame, hidden = _prepared(m, groups)
    refit = _Refit(call, frame, groups.frame, level, hidden)
    what = f"leaving out {groups.by}"
    found = each(refit, wanted, what=what)
    refused = [at for at, one in enumerate(found) if isinstance(one, str)]
    if refused and m.linear and call.options.get("collinear") == "refuse":
        # What some rows no longer determine is said of these coefficients alone.
        again = replace(refit, call=replace(call, options={**call.options, "collinear": "drop"}))
        for at, one in zip(refused, each(again, [wanted[at] for at in refused], what=what), strict=True):
            if not isinstance(one, str):
                found[at] = one
    return [
        Refitted(nothing, n, one) if isinstance(one, str) else _aligned(m, groups, g, one)
        for g, n, one in zip(wanted, left, found, strict=True)
    ]


def _aligned(m: PanelResults, groups: Groups, group: int, found: tuple[tuple[str, ...], FloatArray, int]) -> Refitted:
    """Put the terms of a refit into the order of the model's; those that changed their meaning are not determined."""
    terms, numbers, nobs = found
    if terms == m.terms:
        return Refitted(numbers, nobs)
    place = {term: at for at, term in enumerate(terms)}
    known = determined_terms(m, groups.cases.codes != group)
    aligned = np.full((len(m.terms), len(NUMBERS)), np.nan)
    for j, term in enumerate(m.terms):
        if term in place and known[j]:
            aligned[j] = numbers[place[term]]
    return Refitted(aligned, nobs)


def _prepared(m: PanelResults, groups: Groups) -> tuple[Call, pd.DataFrame, str | None]:
    """Say how to leave observations out: by their rows, or, where lags would change, by hiding their response."""
    call, frame, design = m.call, m.data, m.design
    assert call is not None  # noqa: S101 -- for the type checker: the caller looked
    counts = call.options.get("time") in {"cubic", "spline"} and "event" in call.options
    if not (design.formula.shifts or counts) or design.unit is None:
        return call, frame, None
    units = encode(design.frame[design.unit.name], design.unit.name).codes
    pairs = np.unique(units * (len(groups.levels) + 1) + groups.frame)
    if len(pairs) == len(np.unique(units)):
        return call, frame, None  # units stay or go as a whole
    time = None if design.time is None else design.time.name
    text = design.formula.text
    known = build(text, frame, unit=design.unit.name, time=time, clusters=(), singletons="keep", panel=True)
    response = design.formula.response
    name = response.column if isinstance(response, Name) else str(response).replace("`", "")
    hidden = f"{name} of the sample"
    while hidden in frame.columns:
        hidden += "_"
    values = np.full(len(frame), np.nan)
    values[known.rows] = known.y
    options: dict[str, Any] = dict(call.options)
    if counts and options["event"] is None:
        options["event"] = name
    match = _LEFT.match(call.formula)
    right = call.formula if match is None else call.formula[match.end() :]
    changed = replace(call, formula=f"`{hidden}` ~{right}", options=options)
    return changed, frame.assign(**{hidden: values}), hidden


def determined_terms(m: PanelResults, kept: BoolArray) -> BoolArray:
    """Say which terms some of a model's cases determine, the columns of its design taken as they are.

    A category that is the reference for others leaves them undetermined when it goes: without it, they would be told
    apart from another.

    Parameters
    ----------
    m
        The model.
    kept
        Cases of its design.

    Returns
    -------
    ndarray of bool
        One a term; terms that are no columns of the design follow the constant.
    """
    design = m.design
    if len(kept) != len(design.x) or not kept.any():
        return np.zeros(len(m.terms), dtype=np.bool_)
    x = design.x[kept]
    names: list[str] = list(design.names)
    if design.effects:
        left = Absorber(tuple(e.subset(np.flatnonzero(kept)) for e in design.effects), len(x), constant=True)(x)
    elif design.intercept:
        left, names = np.column_stack([x, np.ones(len(x))]), [*names, INTERCEPT]
    else:
        left = x
    lengths = np.sqrt(np.einsum("ij,ij->j", left, left))
    sizes = np.sqrt(np.einsum("ij,ij->j", x, x))
    sizes = np.append(sizes, np.sqrt(len(x)))[: len(names)]
    empty = lengths <= 1e-12 * sizes
    scaled = np.where(empty, 0.0, left / np.where(empty, 1.0, lengths))
    _, values, vectors = np.linalg.svd(np.linalg.qr(scaled, mode="r"))
    null = vectors[np.append(values, np.zeros(len(vectors) - len(values))) < _GONE]
    unknown = np.abs(null).max(axis=0, initial=0.0) > _OWN
    by_name = dict(zip(names, (~unknown).tolist(), strict=True))
    return np.array([by_name.get(term, by_name.get(INTERCEPT, True)) for term in m.terms], dtype=np.bool_)
