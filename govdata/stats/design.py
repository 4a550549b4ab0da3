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
    Factor,
    Formula,
    Name,
    check_column,
    name_of,
    parse,
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
)
from govdata.stats.regressors import Evaluator, Rows, Values, is_categories, numeric_factors, regressors

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
        keys = next((known for known in (self.unit, self.time, *self.effects) if self._holds(known, column)), None)
        if keys is not None:
            return keys
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

    def _holds(self, keys: Codes | None, column: str) -> bool:
        """Whether keys that the sample has already are those of a column."""
        return keys is not None and keys.name == column and not self.by_unit and len(keys.codes) == len(self.rows)


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
    encoded = _Encoded(data)
    keys = _keys(parsed, encoded, unit, time, panel=panel)
    for column in clusters:
        check_column(column, data.columns, where="cluster=")
    for column in (*(name.column for name in parsed.names), *clusters):
        _once(column, data)
    evaluate = Evaluator(data, keys)
    columns = {factor: evaluate(factor) for factor in numeric_factors(parsed)}
    factors = [factor for term in parsed.terms for factor in term]
    categories = {factor: encoded(name_of(factor).column) for factor in factors if is_categories(factor)}
    effects = [encoded(name.column) for name in parsed.effects]
    needed = {name: encoded(name) for name in clusters}
    missing = _missing(columns, categories, [*effects, *needed.values()], keys)
    sample = _complete(missing, len(data))
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
    rows = np.flatnonzero(sample)
    order = _by_keys(keys, rows)
    if order is not None:
        rows = rows[order]
    place: Rows = slice(None) if order is None and len(rows) == len(data) else rows
    names, x = regressors(parsed, columns, categories, place, len(rows))
    y = np.array(columns[parsed.response].numbers[place])
    if keys.unit is None or keys.time is None:
        known = [code.codes[rows] for code in (keys.unit, keys.time, *effects, *needed.values()) if code is not None]
        order = _by_values(known, y, x)
        rows, y, x = rows[order], y[order], np.asfortranarray(x[order])
        place = rows
    kept = {codes.name: codes.subset(place) for codes in (keys.unit, keys.time, *effects) if codes is not None}
    return Design(
        formula=parsed,
        y=y,
        x=x,
        names=names,
        intercept=intercept,
        effects=tuple(kept[effect.name] for effect in effects),
        unit=None if keys.unit is None else kept[keys.unit.name],
        time=None if keys.time is None else kept[keys.time.name],
        rows=rows,
        frame=data.copy(deep=False),
        dropped=_dropped(data, keys, missing, complete & ~sample),
        missing={name: int(mask.sum()) for name, mask in missing.items() if mask.any()},
        singletons=0 if singletons == "drop" else int(alone.sum()),
        singletons_rule=singletons,
    )


class _Encoded:
    """Columns of a frame as codes, each read once."""

    def __init__(self, data: pd.DataFrame) -> None:
        self.data = data
        self.found: dict[str, Codes] = {}

    def __call__(self, column: str) -> Codes:
        if column not in self.found:
            self.found[column] = encode(self.data[column], column)
        return self.found[column]


def _missing(
    columns: dict[Name | Call, Values], categories: dict[Factor, Codes], others: list[Codes], panel: Keys
) -> dict[str, BoolArray]:
    """Say for every variable of the model where it is missing."""
    missing = {str(factor): np.isnan(found.numbers) for factor, found in columns.items()}
    missing |= {str(factor): codes.missing for factor, codes in categories.items()}
    for codes in (*others, panel.unit, panel.time):
        if codes is not None:
            missing.setdefault(codes.name, codes.missing)
    return missing


def _complete(missing: dict[str, BoolArray], n: int) -> BoolArray:
    """Find the rows that lack nothing."""
    complete = np.ones(n, dtype=np.bool_)
    for mask in missing.values():
        complete &= ~mask
    return complete


def _once(column: str, data: pd.DataFrame) -> None:
    if not data.columns.is_unique and isinstance(data[column], pd.DataFrame):
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


def _keys(formula: Formula, encoded: _Encoded, unit: str | None, time: str | None, *, panel: bool) -> Keys:
    data = encoded.data
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
        return make_keys(data, unit, time, encoded)
    except PanelError as error:
        remedy = "; name other keys with unit= and time=, or say panel=False where rows repeat by design"
        raise PanelError(f"{error}{remedy if error.code == DUPLICATE else ''}", code=error.code) from None


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
        whole = kept.all()
        for effect in effects:
            codes = effect.codes if whole else effect.codes[kept]
            single = np.bincount(codes, minlength=len(effect.levels)) == 1
            if single.any():
                lonely[kept] |= single[codes]
        if not lonely.any():
            return sample & ~kept
        kept &= ~lonely


def _by_keys(panel: Keys, rows: IntArray) -> IntArray | None:
    """Sort by unit and time, where both are known; None where nothing moves."""
    if panel.unit is None or panel.time is None:
        return None
    times = panel.time.codes[rows]
    order = np.argsort(panel.unit.codes[rows] * len(panel.time.levels) + times)
    return None if (order[1:] > order[:-1]).all() else order


def _by_values(keys: list[IntArray], y: FloatArray, x: FloatArray) -> IntArray:
    """Sort by everything the fit depends on, where keys do not tell rows apart."""
    by: list[Any] = [*keys, y]
    order = np.lexsort(by[::-1])
    tied = np.ones(max(len(y) - 1, 0), dtype=np.bool_)
    for values in by:
        tied &= values[order[1:]] == values[order[:-1]]
    return (np.lexsort([*by, *x.T][::-1]) if tied.any() else order).astype(np.int64)


def _dropped(data: pd.DataFrame, panel: Keys, missing: dict[str, BoolArray], singletons: BoolArray) -> pd.DataFrame:
    rows = np.flatnonzero(~_complete(missing, len(data)) | singletons)
    names = list(missing)
    absent = np.column_stack([missing[name][rows] for name in names])
    keys = [code.name for code in (panel.unit, panel.time) if code is not None]
    frame = data[keys].iloc[rows].copy()
    frame["reason"] = np.where(singletons[rows], "singleton", "missing")
    # Rows lack few different sets of variables.
    sets, which = np.unique(absent, axis=0, return_inverse=True) if len(rows) else (absent, rows)
    lists = ["; ".join(n for n, gone in zip(names, row, strict=True) if gone) for row in sets.tolist()]
    frame["variables"] = [lists[at] for at in which.tolist()]
    return frame
