"""From a formula and a frame to the numbers of one estimation sample.

The sample is decided once, before anything is fitted: a row counts when the response, every regressor, every effect
and every cluster is there. Rows are then put into one canonical order, so that sums are added up in the same order
however the frame was sorted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from govdata.errors import EstimationError, FormulaError, PanelError
from govdata.stats.formula import (
    Call,
    Categories,
    Factor,
    Formula,
    Name,
    Term,
    check_column,
    name_of,
    parse,
    term_label,
)
from govdata.stats.keys import (
    DUPLICATE,
    BoolArray,
    Codes,
    FloatArray,
    IntArray,
    Keys,
    encode,
    make_keys,
    numeric,
    shift_positions,
)

__all__ = ["Design", "build", "infer_keys"]

_DEFAULT_UNIT = "iso3"
_DEFAULT_TIME = "year"


@dataclass(frozen=True, slots=True)
class Design:
    """The estimation sample of one model, in canonical row order.

    Attributes
    ----------
    formula
        As parsed.
    y, x
        Response and regressors, without a constant.
    names
        One name a column of ``x``.
    intercept
        Whether a constant is wanted; never with effects.
    effects
        The absorbed columns.
    unit, time
        Keys of the rows, or None.
    rows
        Position of each row in the frame.
    frame
        The frame, protected from later changes by copy on write.
    dropped
        The rows left out: key columns, ``reason`` and ``variables``.
    missing
        How many rows of the frame lack each variable, where any does.
    singletons
        Kept rows that are alone in an effect, so that the effect fits them exactly.
    singletons_rule
        ``keep`` or ``drop``.
    used
        Positions of all rows that went in, where a case is made of several rows; else None.
    by_unit
        Whether a case is a unit and not a row.
    """

    formula: Formula
    y: FloatArray
    x: FloatArray
    names: tuple[str, ...]
    intercept: bool
    effects: tuple[Codes, ...]
    unit: Codes | None
    time: Codes | None
    rows: IntArray
    frame: pd.DataFrame
    dropped: pd.DataFrame
    missing: dict[str, int]
    singletons: int
    singletons_rule: Literal["keep", "drop"] = "keep"
    used: IntArray | None = None
    by_unit: bool = False

    @property
    def rows_used(self) -> IntArray:
        """Positions of all rows of the frame that the cases are made of."""
        return self.rows if self.used is None else self.used

    def periods_per_unit(self) -> tuple[int, float, int] | None:
        """Return how many rows the units have: fewest, mean, most; None without units."""
        if self.unit is None:
            return None
        keys = self.unit
        if self.by_unit:
            keys = encode(self.frame[self.unit.name], self.unit.name).subset(self.rows_used)
        counts = np.bincount(keys.codes)
        return int(counts.min()), float(counts.mean()), int(counts.max())

    def codes(self, column: str) -> Codes:
        """Return any column of the frame as keys of the sample's rows.

        Parameters
        ----------
        column
            Its name.

        Returns
        -------
        Codes
            In the sample's row order.

        Raises
        ------
        EstimationError
            If a row of the sample has no key there.
        """
        check_column(column, self.frame.columns, where="cluster")
        _once(column, self.frame)
        keys = encode(self.frame[column], column).subset(self.rows)
        if keys.missing.any():
            raise EstimationError(
                f"column {column!r} is missing in {int(keys.missing.sum())} of the {len(self.rows)} rows of the "
                "sample; fit the model again with this cluster, so that these rows are left out"
            )
        if self.by_unit and self.unit is not None:
            within = encode(self.frame[column], column).subset(self.rows_used)
            units = encode(self.frame[self.unit.name], self.unit.name).subset(self.rows_used)
            if len(np.unique(units.codes * len(within.levels) + within.codes)) > len(units.levels):
                raise EstimationError(f"cluster {column!r} varies within {self.unit.name}, and a case here is a unit")
        return keys


@dataclass(frozen=True, slots=True)
class _Values:
    """Numbers of a factor; where one is undefined, why."""

    numbers: FloatArray
    faults: dict[str, BoolArray]


def build(
    formula: str,
    data: pd.DataFrame,
    *,
    unit: str | None,
    time: str | None,
    clusters: tuple[str, ...],
    singletons: Literal["keep", "drop"],
    panel: bool,
) -> Design:
    """Decide the sample and build its numbers.

    Parameters
    ----------
    formula
        The model.
    data
        Any frame; it is not changed.
    unit, time
        Key columns; None infers them.
    clusters
        Columns a row must have besides those of the formula.
    singletons
        What to do with rows alone in an effect.
    panel
        Whether rows are unique by unit and time.

    Returns
    -------
    Design
        The sample.
    """
    parsed = parse(formula, data.columns)
    keys = _keys(parsed, data, unit, time, panel=panel)
    for column in clusters:
        check_column(column, data.columns, where="cluster=")
    for column in (*(name.column for name in parsed.names), *clusters):
        _once(column, data)
    evaluate = _Evaluator(data, keys)
    columns = {factor: evaluate(factor) for factor in _factors(parsed)}
    categories = {factor: _categories(factor, data) for term in parsed.terms for factor in term if _is_c(factor)}
    effects = [encode(data[name.column], name.column) for name in parsed.effects]
    needed = {name: encode(data[name], name) for name in clusters}
    missing = _missing(columns, categories, [*effects, *needed.values()], keys)
    sample = ~np.logical_or.reduce([*missing.values(), np.zeros(len(data), dtype=np.bool_)])
    if not sample.any():
        raise EstimationError(_nothing_left(missing, len(data)))
    for found in columns.values():
        for fault, where in found.faults.items():
            if count := int((where & sample).sum()):
                raise EstimationError(f"{fault} in {count} row{'s' * (count > 1)} of the sample")

    alone = _singletons(effects, sample)
    complete = sample.copy()
    if singletons == "drop":
        sample &= ~alone
        if not sample.any():
            raise EstimationError("every row is a singleton: alone in its level of an effect")

    intercept = parsed.intercept
    names, x = _regressors(parsed, columns, categories, sample)
    y = columns[parsed.response].numbers
    rows = np.flatnonzero(sample)
    order = _canonical(keys, [*effects, *needed.values()], y[rows], x, rows)
    rows = rows[order]
    return Design(
        formula=parsed,
        y=y[rows],
        x=x[order],
        names=names,
        intercept=intercept,
        effects=tuple(effect.subset(rows) for effect in effects),
        unit=None if keys.unit is None else keys.unit.subset(rows),
        time=None if keys.time is None else keys.time.subset(rows),
        rows=rows,
        frame=data.copy(deep=False),
        dropped=_dropped(data, keys, missing, complete & ~sample),
        missing={name: int(mask.sum()) for name, mask in missing.items() if mask.any()},
        singletons=0 if singletons == "drop" else int(alone.sum()),
        singletons_rule=singletons,
    )


def _missing(
    columns: dict[Name | Call, _Values], categories: dict[Factor, Codes], others: list[Codes], panel: Keys
) -> dict[str, BoolArray]:
    """Say for every variable of the model where it is missing."""
    missing = {str(factor): np.isnan(found.numbers) for factor, found in columns.items()}
    missing |= {str(factor): codes.missing for factor, codes in categories.items()}
    for codes in (*others, panel.unit, panel.time):
        if codes is not None:
            missing.setdefault(codes.name, codes.missing)
    return missing


def _once(column: str, data: pd.DataFrame) -> None:
    if isinstance(data[column], pd.DataFrame):
        raise FormulaError(f"the data have more than one column named {column!r}")


def _infer(formula: Formula, data: pd.DataFrame, unit: str | None, time: str | None) -> tuple[str | None, str | None]:
    """Fill in the key columns that were not named."""
    effects = [name.column for name in formula.effects]
    if time is None:
        others = [name for name in effects[1:2] if name != unit]
        time = _DEFAULT_TIME if _DEFAULT_TIME in data.columns and unit != _DEFAULT_TIME else next(iter(others), None)
    if unit is None:
        others = [name for name in effects[:1] if name != time]
        unit = _DEFAULT_UNIT if _DEFAULT_UNIT in data.columns and time != _DEFAULT_UNIT else next(iter(others), None)
    return unit, time if unit is not None else None


def infer_keys(
    formula: str, data: pd.DataFrame, unit: str | None, time: str | None, *, panel: bool
) -> tuple[str | None, str | None]:
    """Name the columns that tell units and times apart.

    Parameters
    ----------
    formula, data, unit, time, panel
        As in :func:`build`.

    Returns
    -------
    unit, time : str or None
        The columns; None where the data have none.
    """
    hidden = [name for name in data.index.names if name is not None and name not in data.columns]
    remedy = f"the index holds {', '.join(map(str, hidden))}; data.reset_index() makes columns of it"
    try:
        parsed = parse(formula, data.columns)
    except FormulaError as error:
        if error.code != "unknown_column" or not hidden:
            raise
        raise FormulaError(f"{error}; {remedy}", code=error.code) from None
    if not panel:
        return None, None
    if unit is None and _DEFAULT_UNIT in hidden:
        raise PanelError(remedy)
    found = _infer(parsed, data, unit, time)
    if found[0] is None and data.index.nlevels > 1 and hidden:
        raise PanelError(f"{remedy}, which unit= and time= can then name; panel=False pools the rows")
    return found


def _keys(formula: Formula, data: pd.DataFrame, unit: str | None, time: str | None, *, panel: bool) -> Keys:
    if not panel:
        if unit is not None or time is not None:
            raise PanelError("panel=False says that rows have no unit and time, yet unit= or time= is given")
        if formula.shifts:
            raise PanelError("lag(), lead() and diff() need a panel, yet panel=False")
        return Keys(None, None)
    given = {"unit=": unit, "time=": time}
    unit, time = _infer(formula, data, unit, time)
    for where, column in {**given, "unit": unit, "time": time}.items():
        if column is not None:
            check_column(column, data.columns, where=where)
            _once(column, data)
    if given["time="] is not None and unit is None:
        raise PanelError(f"time={given['time=']!r} is given, but not unit=")
    if unit is not None and unit == time:
        raise PanelError(f"unit and time are both {unit!r}")
    try:
        return make_keys(data, unit, time)
    except PanelError as error:
        remedy = "; name other keys with unit= and time=, or say panel=False where rows repeat by design"
        raise PanelError(f"{error}{remedy if error.code == DUPLICATE else ''}", code=error.code) from None


class _Evaluator:
    """Numbers of a factor for every row of the frame."""

    def __init__(self, data: pd.DataFrame, panel: Keys) -> None:
        self.data = data
        self.panel = panel
        self.found: dict[Name | Call, _Values] = {}
        self.positions: dict[int, IntArray] = {}

    def __call__(self, factor: Name | Call) -> _Values:
        if factor not in self.found:
            self.found[factor] = self._name(factor) if isinstance(factor, Name) else self._call(factor)
        return self.found[factor]

    def _name(self, name: Name) -> _Values:
        values = numeric(self.data[name.column], name.column)
        infinite = np.isinf(values)
        if not infinite.any():
            return _Values(values, {})
        return _Values(np.where(infinite, 0.0, values), {f"column {name.column!r} is infinite": infinite})

    def _call(self, call: Call) -> _Values:
        inner = self(call.argument)
        if call.function == "log":
            undefined = ~np.isnan(inner.numbers) & (inner.numbers <= 0)
            for fault in inner.faults.values():
                undefined &= ~fault
            values = np.log(np.where(inner.numbers > 0, inner.numbers, np.where(np.isnan(inner.numbers), np.nan, 1.0)))
            faults = dict(inner.faults)
            if undefined.any():
                faults[f"{call}: {call.argument} is zero or negative"] = undefined
            return _Values(values, faults)
        steps = -call.steps if call.function == "lead" else call.steps
        if steps not in self.positions:
            self.positions[steps] = shift_positions(self.panel, steps)
            _reachable(call, self.panel)
        found = self.positions[steps]
        there = found >= 0
        shifted = np.where(there, inner.numbers[found], np.nan)
        faults = {fault: there & where[found] for fault, where in inner.faults.items()}
        if call.function == "diff":
            faults = {fault: where | inner.faults[fault] for fault, where in faults.items()}
            return _Values(inner.numbers - shifted, faults)
        return _Values(shifted, faults)


def _reachable(call: Call, keys: Keys) -> None:
    """Refuse a shift longer than the panel."""
    if keys.time is None or not keys.time.levels:
        return
    first, last = int(keys.time.levels[0]), int(keys.time.levels[-1])
    if call.steps > last - first:
        raise EstimationError(f"{call} reaches {call.steps} steps, and {keys.time.name} spans {first} to {last}")


def _is_c(factor: Factor) -> bool:
    return isinstance(factor, Categories)


def _factors(formula: Formula) -> list[Name | Call]:
    found: dict[Name | Call, None] = {formula.response: None}
    for term in formula.terms:
        for factor in term:
            if not isinstance(factor, Categories):
                found[factor] = None
    return list(found)


def _categories(factor: Factor, data: pd.DataFrame) -> Codes:
    column = name_of(factor).column
    return encode(data[column], column)


def _nothing_left(missing: dict[str, BoolArray], n: int) -> str:
    if n == 0:
        return "the data have no rows"
    empty = [name for name, mask in missing.items() if mask.all()]
    if empty:
        return f"no complete row: {', '.join(empty)} missing in all {n} rows"
    worst = sorted(missing, key=lambda name: (-int(missing[name].sum()), name))[:3]
    return f"no complete row among {n}: missing " + ", ".join(f"{name} {int(missing[name].sum())}" for name in worst)


def _singletons(effects: list[Codes], sample: BoolArray) -> BoolArray:
    """Find rows alone in a level, and those left alone when these go, until none is."""
    kept = sample.copy()
    while True:
        lonely = np.zeros_like(kept)
        for effect in effects:
            counts = np.bincount(effect.codes[kept], minlength=len(effect.levels))
            lonely[kept] |= counts[effect.codes[kept]] == 1
        if not lonely.any():
            return sample & ~kept
        kept &= ~lonely


def _regressors(
    formula: Formula, columns: dict[Name | Call, _Values], categories: dict[Factor, Codes], sample: BoolArray
) -> tuple[tuple[str, ...], FloatArray]:
    terms = {frozenset(term) for term in formula.terms}
    if formula.intercept or formula.effects:
        terms.add(frozenset())
    names: list[str] = []
    built: list[FloatArray] = []
    for term in formula.terms:
        with np.errstate(over="ignore"):
            parts = _term(term, columns, categories, sample, terms)
        names += [name for name, _ in parts]
        built += [values for _, values in parts]
        if len(term) == 1 and _is_c(term[0]):
            terms.add(frozenset())  # its indicators now add up to a constant
    if not built:
        return (), np.empty((int(sample.sum()), 0))
    return tuple(names), np.column_stack(built)


def _term(
    term: Term,
    columns: dict[Name | Call, _Values],
    categories: dict[Factor, Codes],
    sample: BoolArray,
    terms: set[frozenset[Factor]],
) -> list[tuple[str, FloatArray]]:
    """Multiply the factors; categories leave out a level where the term without them is in the model."""
    parts: list[tuple[str, FloatArray]] = [("", np.ones(int(sample.sum())))]
    for factor in term:
        if isinstance(factor, Categories):
            keys = categories[factor].subset(sample)
            first = 1 if frozenset(term) - {factor} in terms else 0
            if len(keys.levels) == 1 and first:
                raise EstimationError(f"{factor} has one level, {keys.levels[0]!r}, in the sample")
            choices = [
                (f"{factor}[{keys.levels[code]}]", (keys.codes == code).astype(np.float64))
                for code in range(first, len(keys.levels))
            ]
        else:
            choices = [(str(factor), columns[factor].numbers[sample])]
        parts = [(f"{left}:{right}" if left else right, one * two) for left, one in parts for right, two in choices]
    if not np.isfinite(np.concatenate([values for _, values in parts])).all():
        raise EstimationError(f"{term_label(term)} is too large to be stored as a number")
    return parts


def _canonical(panel: Keys, keys: list[Codes], y: FloatArray, x: FloatArray, rows: IntArray) -> IntArray:
    """Sort by unit and time; where these do not tell rows apart, by everything the fit depends on."""
    by: list[Any] = [code.codes[rows] for code in (panel.unit, panel.time) if code is not None]
    if panel.unit is None or panel.time is None:
        by += [code.codes[rows] for code in keys]
        by += [y, *x.T]
    return np.lexsort(by[::-1]).astype(np.int64)


def _dropped(data: pd.DataFrame, panel: Keys, missing: dict[str, BoolArray], singletons: BoolArray) -> pd.DataFrame:
    incomplete = np.logical_or.reduce([*missing.values(), np.zeros(len(data), dtype=np.bool_)])
    rows = np.flatnonzero(incomplete | singletons)
    names = list(missing)
    absent = np.column_stack([missing[name][rows] for name in names])
    keys = [code.name for code in (panel.unit, panel.time) if code is not None]
    frame = data[keys].iloc[rows].copy()
    frame["reason"] = np.where(singletons[rows], "singleton", "missing")
    frame["variables"] = ["; ".join(n for n, gone in zip(names, row, strict=True) if gone) for row in absent.tolist()]
    return frame
