"""Which cells of a model's data a recoding replaces: found by unit, time and column, and checked before use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from govdata.errors import EstimationError, nearest
from govdata.stats.formula import SHIFTS, Call, parse
from govdata.stats.keys import BoolArray, IntArray, encode

if TYPE_CHECKING:
    from govdata.stats.results import PanelResults

__all__ = ["Cells", "Recoding", "Relevant", "companions", "formula_columns", "from_changes", "of_variable", "replaced"]

Cells = tuple[IntArray, Any]
"""Rows of the data, and the new value of each."""
LIKE: Final = 1e-6
"""Relative difference up to which a cell is the released one: single precision keeps seven digits."""
_COMPANIONS: Final = {
    "lowest": ("_low", "Every cell with bounds is read at its lower bound."),
    "highest": ("_high", "Every cell with bounds is read at its upper bound."),
    "subnational": ("_sub", "The larger of the national and the subnational value."),
}


@dataclass(frozen=True, slots=True, eq=False)
class Recoding:
    """The cells of a model's data that one recoding replaces.

    Attributes
    ----------
    name, description
        What it is called, and one sentence.
    cells
        By column; only cells whose value differs.
    rows
        Rows of the data that the model needs under the recoding; None for all.
    """

    name: str
    description: str
    cells: Mapping[str, Cells]
    rows: IntArray | None = None


def of_variable(recoding: Recoding, column: str) -> Recoding:
    """Return the recoding of one variable alone."""
    description = f"{recoding.description} In {column} alone."
    return Recoding(f"{recoding.name} [{column}]", description, {column: recoding.cells[column]})


def replaced(data: pd.DataFrame, recoding: Recoding) -> pd.DataFrame:
    """Return the rows that a recoding needs, with its cells replaced; the data themselves stay as they are.

    Parameters
    ----------
    data
        Any frame.
    recoding
        Of its cells.

    Returns
    -------
    DataFrame
        With the same columns.
    """
    frame = data.copy(deep=False)
    for column, (rows, new) in recoding.cells.items():
        frame[column] = _with(_read(data[column]), rows, new)
    return frame if recoding.rows is None else frame.iloc[recoding.rows]


class Relevant:
    """What of a recoding can count in a model.

    Parameters
    ----------
    m
        The model.
    columns
        Those of its formula.
    """

    def __init__(self, m: PanelResults, columns: Sequence[str]) -> None:
        self._known = {column: m.data[column].notna().to_numpy(dtype=np.bool_) for column in columns}
        self._every = np.ones(len(m.data), dtype=np.bool_)
        # Where a model looks at other years of a unit, rows that are incomplete themselves can count too; so they may
        # for an estimator that counts time since an event, or makes columns of its own.
        self._all_rows = m.estimator != "OLS" or _looks_back(m)

    def __call__(self, recoding: Recoding) -> Recoding:
        """Keep the cells in rows that are complete before or after, and name the rows that are complete after."""
        if self._all_rows or not recoding.cells:
            return recoding
        before, after = self._every, self._every
        for column, known in self._known.items():
            before = before & known
            if column in recoding.cells:
                rows, new = recoding.cells[column]
                after = after & _with(known, rows, pd.notna(new))
            else:
                after = after & known
        either = before | after
        cells = {
            column: (at[either[at]], new[either[at]])
            for column, (at, new) in recoding.cells.items()
            if either[at].any()
        }
        return replace(recoding, cells=cells, rows=np.flatnonzero(after) if after.any() else None)


def _with(values: Any, rows: IntArray, new: Any) -> Any:  # noqa: ANN401 - arrays
    """Return a copy with some values replaced."""
    changed = values.copy()
    changed[rows] = new
    return changed


def _looks_back(m: PanelResults) -> bool:
    formula = m.design.formula
    factors: list[Any] = [formula.response, *(factor for term in formula.terms for factor in term)]
    while factors:
        factor = factors.pop()
        if isinstance(factor, Call):
            if factor.function in SHIFTS:
                return True
            factors.append(factor.argument)
    return False


def _read(column: pd.Series[Any]) -> Any:  # noqa: ANN401 - an array of numbers or of objects
    """Read a column as numbers, or as text with NaN where missing."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(column.cat.categories.dtype if column.notna().all() else object)
    if pd.api.types.is_object_dtype(column.dtype):
        column = column.infer_objects()
    if pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_bool_dtype(column.dtype):
        return column.to_numpy(dtype=np.float64, na_value=np.nan)
    values = column.to_numpy(dtype=object)
    return np.where(column.isna().to_numpy() | (values == ""), np.nan, values)


def _texts(values: Any) -> Any:  # noqa: ANN401 - arrays
    """Write values as text, whole numbers without a point; missing ones stay NaN."""
    found = np.empty(len(values), dtype=object)
    for place, value in enumerate(values):
        if isinstance(value, str):
            found[place] = value or np.nan
        elif pd.isna(value):
            found[place] = np.nan
        else:
            found[place] = str(int(value)) if float(value).is_integer() else str(value)
    return found


def _alike(old: Any, new: Any) -> BoolArray:  # noqa: ANN401 - arrays of one kind
    missing = np.asarray(pd.isna(old) & pd.isna(new), dtype=np.bool_)
    if old.dtype == np.float64:
        with np.errstate(invalid="ignore"):
            return np.asarray(
                missing | (np.abs(old - new) <= LIKE * np.maximum(np.abs(old), np.abs(new))), dtype=np.bool_
            )
    return missing | np.asarray(_texts(old) == _texts(new), dtype=np.bool_)


def companions(m: PanelResults, columns: Sequence[str]) -> list[Recoding]:
    """Make recodings from the bounds and subnational values that stand beside the variables of a model.

    Parameters
    ----------
    m
        The model.
    columns
        Those of its formula.

    Returns
    -------
    list of Recoding
        Those for which any variable has a companion.

    Raises
    ------
    EstimationError
        If there is none, or what stands there is no bound.
    """
    data, found = m.data, []
    for name, (ending, description) in _COMPANIONS.items():
        own = [one for one in columns if one + ending in data.columns and _numeric(data, one, one + ending)]
        cells = {one: _beside(data, one, ending) for one in own}
        if own:
            found.append(Recoding(name, description, {one: new for one, new in cells.items() if len(new[0])}))
    if not found:
        shown = ", ".join(columns[:4])
        raise EstimationError(
            f"no bounds or subnational values ({columns[0]}_low, {columns[0]}_high, {columns[0]}_sub) stand beside the "
            f"variables of the model ({shown}); give codings=govdata.codings(dataset, indicators=[...])"
        )
    return found


def _numeric(data: pd.DataFrame, *columns: str) -> bool:
    return all(_read(data[column]).dtype == np.float64 for column in columns)


def _beside(data: pd.DataFrame, column: str, ending: str) -> Cells:
    value, other = _read(data[column]), _read(data[column + ending])
    if ending == "_sub":
        new = np.fmax(value, other)
        if {f"{column}_low", f"{column}_sub_low"} <= set(data.columns):
            low = np.fmax(_read(data[f"{column}_low"]), _read(data[f"{column}_sub_low"]))
            new = np.where(low > new, np.nan, new)  # an open place is certain to lie above every known one
    else:
        sign = 1.0 if ending == "_low" else -1.0
        with np.errstate(invalid="ignore"):
            outside = sign * (other - value) > LIKE * np.maximum(np.abs(other), np.abs(value))
        if outside.any():
            side = "above" if ending == "_low" else "below"
            raise EstimationError(
                f"{column}{ending} lies {side} {column} in {int(outside.sum()):,} rows, so that it is no bound of it; "
                "recode the released column, and change its scale in the formula"
            )
        new = np.where(np.isnan(other), value, other)
    rows = np.flatnonzero((new != value) & ~(np.isnan(new) & np.isnan(value)))
    return rows, new[rows]


def from_changes(m: PanelResults, columns: Sequence[str], several: Sequence[Any]) -> list[Recoding]:
    """Find the cells of the model's data that recodings change.

    Parameters
    ----------
    m
        The model.
    columns
        Those of its formula.
    several
        What `govdata.codings` returns, for one dataset or several.

    Returns
    -------
    list of Recoding
        One for each name, in order; without cells where none of the model's is changed.

    Raises
    ------
    EstimationError
        If no variable is recoded, no cell is found, or the data hold something else there.
    """
    known = [name for one in several for name in (*one.changes["column"].unique(), *getattr(one, "indicators", ()))]
    wanted = [column for column in columns if column in set(known)]
    if not wanted:
        shown = ", ".join(dict.fromkeys(known)) if len(set(known)) < 6 else f"{len(set(known))} columns"
        raise EstimationError(
            f"the recodings are of {shown or 'nothing'}, and the model has {', '.join(columns[:4])}"
            f"{nearest(columns[0], known)}; give govdata.codings(dataset, indicators=[...]) of its variables"
        )
    parts = [one.changes[one.changes["column"].isin(wanted)] for one in several]
    changes = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    rows, which = _places(m, changes)
    if len(changes) and not len(rows):
        raise _nowhere(m, changes)
    made: dict[str, dict[str, Cells]] = {str(name): {} for one in several for name in one.names}
    held = {column: _read(m.data[column]) for column in wanted}
    names, of = (changes[key].to_numpy(dtype=object)[which] for key in ("coding", "column"))
    for column in wanted:
        own = of == column
        at, change = rows[own], which[own]
        old, new = (_of_kind(changes[key].to_numpy()[change], held[column]) for key in ("old", "new"))
        _refuse_others(m, column, held[column][at], old, at)
        moved = ~_alike(held[column][at], new)
        for name, group in pd.Series(at[moved]).groupby(names[own][moved]).indices.items():
            made[str(name)][column] = (at[moved][group], new[moved][group])
    described = {name: text for one in several for name, text in getattr(one, "descriptions", {}).items()}
    return [Recoding(name, str(described.get(name, "")), cells) for name, cells in made.items()]


def _of_kind(values: Any, held: Any) -> Any:  # noqa: ANN401 - arrays
    """Turn recoded values into the kind of the column they stand in: numbers, or text."""
    if held.dtype == np.float64:
        return np.asarray(pd.to_numeric(pd.Series(values), errors="coerce"), dtype=np.float64)
    return _texts(values)


def _refuse_others(m: PanelResults, column: str, present: Any, old: Any, at: IntArray) -> None:  # noqa: ANN401
    off = ~_alike(present, old)
    if off.any():
        first = int(np.flatnonzero(off)[0])
        unit, time = _keys(m)
        place = f"{m.data[unit].iloc[at[first]]} {m.data[time].iloc[at[first]]}"
        shown = ["missing" if pd.isna(one) else f"{one}" for one in (present[first], old[first])]
        raise EstimationError(
            f"{column} is {shown[0]} in the data at {place} and {shown[1]} in the release that was recoded "
            f"({int(off.sum()):,} such cells); recode the same release, and change the column in the formula only"
        )


def _keys(m: PanelResults) -> tuple[str, str]:
    options: Mapping[str, Any] = {} if m.call is None else m.call.options
    unit = options.get("unit") if m.design.unit is None else m.design.unit.name
    time = options.get("time") or options.get("period") if m.design.time is None else m.design.time.name
    found = [name or usual for name, usual in ((unit, "iso3"), (time, "year"))]
    for name, word in zip(found, ("unit", "time"), strict=True):
        if name not in m.data.columns:
            raise EstimationError(
                f"the model knows no {word}, by which recoded cells are found; fit it with {word}=..."
            )
    return found[0], found[1]


def _places(m: PanelResults, changes: pd.DataFrame) -> tuple[IntArray, IntArray]:
    """Match changes with rows of the data: positions of the rows, and of the change for each."""
    codes = []
    width = 1
    for name, key in zip(_keys(m), ("iso3", "year"), strict=True):
        here, there = encode(m.data[name], name), encode(changes[key], key)
        number_of = {level: place for place, level in enumerate(here.levels)}
        translated = np.array([number_of.get(level, -1) for level in there.levels] + [-1], dtype=np.int64)
        width = len(here.levels)
        codes.append((here.codes, translated[there.codes]))
    (unit, wanted_unit), (time, wanted_time) = codes
    cell = np.where((unit < 0) | (time < 0), -1, unit * width + time)
    wanted = np.where((wanted_unit < 0) | (wanted_time < 0), -2, wanted_unit * width + wanted_time)
    order = np.argsort(cell, kind="stable")
    left, right = (np.searchsorted(cell[order], wanted, side=side) for side in ("left", "right"))
    counts = right - left
    which = np.repeat(np.arange(len(wanted)), counts)
    within = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
    return order[left[which] + within], which


def _nowhere(m: PanelResults, changes: pd.DataFrame) -> EstimationError:
    unit, time = _keys(m)
    first = m.data[[unit, time]].iloc[0].tolist()
    return EstimationError(
        f"no recoded cell is a row of the model's data: its {unit} and {time} are such as {first[0]} {first[1]}, "
        f"those of the recodings such as {changes['iso3'].iloc[0]} {changes['year'].iloc[0]}"
    )


def formula_columns(m: PanelResults) -> list[str]:
    """Name the columns of the model's formula, as the user gave it."""
    text = m.formula if m.call is None else m.call.formula
    return list(dict.fromkeys(name.column for name in parse(text, m.data.columns).names))
