"""Columns of a model's data, drawn many times: read from long frames, one row a row of the data.

A cell is there in every draw or in none, so that all draws have the same sample. Anything else is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from govdata.errors import EstimationError, nearest
from govdata.stats.keys import Codes, IntArray, encode, numeric

if TYPE_CHECKING:
    from govdata.stats.results import PanelResults

__all__ = [
    "DRAW",
    "DrawnColumns",
    "from_long",
    "named_columns",
    "row_keys",
    "row_labels",
    "settled",
    "split",
    "too_few",
]

DRAW = "draw"
"""The column of a long frame that tells draws apart."""

AnyArray = npt.NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False)
class DrawnColumns:
    """Columns that take the place of those of a model's data.

    Attributes
    ----------
    columns
        By name: rows of the data x draws, or one value a row where all draws agree.
    draws
        Names of the draws.
    how
        Where they come from, in words.
    remarks
        What a reader should know of them.
    """

    columns: dict[str, AnyArray]
    draws: tuple[int | str, ...]
    how: str
    remarks: tuple[str, ...] = ()

    @property
    def varying(self) -> dict[str, AnyArray]:
        """The columns that differ between draws."""
        return {name: values for name, values in self.columns.items() if values.ndim == 2}

    def frame(self, data: pd.DataFrame, draw: int) -> pd.DataFrame:
        """Return the data with the values of one draw.

        Parameters
        ----------
        data
            The model's data; not changed.
        draw
            Position of the draw.

        Returns
        -------
        DataFrame
            With the same rows and columns.
        """
        found = data.copy(deep=False)
        for name, values in self.columns.items():
            found[name] = values if values.ndim == 1 else values[:, draw]
        return found


def named_columns(m: PanelResults) -> list[str]:
    """List the columns that a model's formula names, without its keys.

    Parameters
    ----------
    m
        The model.

    Returns
    -------
    list of str
        In the order of the formula.
    """
    keys = row_keys(m)
    return [name.column for name in m.design.formula.names if name.column not in keys]


def row_keys(m: PanelResults) -> list[str]:
    """Name the columns that tell the rows of a model's data apart: unit and time.

    Parameters
    ----------
    m
        The model.

    Returns
    -------
    list of str
        At most two. The time also of a model of the means of units, whose sample has none: as it was named in the
        call, else ``year``.
    """
    unit, time = m.design.unit, m.design.time
    found = [codes.name for codes in (unit, time) if codes is not None]
    if unit is not None and time is None:
        named = None if m.call is None else m.call.options.get("time")
        name = named if isinstance(named, str) else "year"
        if name in m.data.columns and bool(m.data[unit.name].duplicated().any()):
            found.append(name)
    return found


def row_labels(m: PanelResults) -> Callable[[int], str]:
    """Return what says which cell a row of the model's data is.

    Parameters
    ----------
    m
        The model.

    Returns
    -------
    callable
        Of the row's position.
    """
    names, data = row_keys(m), m.data

    def label(row: int) -> str:
        return " ".join(str(data[name].iloc[row]) for name in names) or f"row {row}"

    return label


def settled(name: str, values: AnyArray, draws: Sequence[int | str], label: Callable[[int], str]) -> AnyArray:
    """Refuse cells that are there in some draws only, and keep one value a row where all draws agree.

    Parameters
    ----------
    name
        The column.
    values
        Cells x draws.
    draws
        Names of the draws.
    label
        Says which cell a row is.

    Returns
    -------
    ndarray
        The values, or those of one draw.

    Raises
    ------
    EstimationError
        Naming a cell and a draw.
    """
    text = values.dtype == object
    if not text and bool(np.isfinite(values).all()):
        return values[:, 0].copy() if _agree(values) else values
    if not text and np.isinf(values).any():
        row, draw = np.argwhere(np.isinf(values))[0].tolist()
        raise EstimationError(f"draws of {name} are infinite, such as {label(row)} in draw {draws[draw]}")
    gone = np.asarray(pd.isna(values))
    often = gone.sum(axis=1)
    partly = np.flatnonzero((often > 0) & (often < values.shape[1]))
    if partly.size:
        empty = np.flatnonzero(gone.all(axis=0))
        if empty.size:
            raise EstimationError(f"draw {draws[int(empty[0])]} of {name} is missing in all cells, and others are not")
        row = int(partly[0])
        raise EstimationError(
            f"{partly.size} cells of {name} are missing in some draws only, such as {label(row)} in {often[row]} of "
            f"{values.shape[1]} draws; a cell is there in all draws or in none"
        )
    there = values[~gone[:, 0]]
    return values[:, 0].copy() if _agree(there) else values


def _agree(values: AnyArray) -> bool:
    """Whether all draws are the same."""
    return bool((values[:, 0] == values[:, -1]).all()) and bool((values == values[:, :1]).all())


# Long frames, as load(..., draws=) gives them.


def split(data: pd.DataFrame) -> tuple[list[pd.DataFrame], tuple[int | str, ...]]:
    """Take a long frame apart into one frame a draw.

    Parameters
    ----------
    data
        With a column ``draw``.

    Returns
    -------
    frames : list of DataFrame
        Without that column.
    draws : tuple
        Their names.

    Raises
    ------
    EstimationError
        If there is no such column, fewer than two draws, or draws differ in their number of rows.
    """
    codes = _draw_codes(data)
    counts = np.bincount(codes.codes, minlength=len(codes.levels))
    if counts.min() < counts.max():
        odd = int(np.flatnonzero(counts != np.bincount(counts).argmax())[0])
        raise EstimationError(
            f"draw {codes.levels[odd]} has {counts[odd]:,} rows and others have {np.bincount(counts).argmax():,}; "
            "all draws hold the same cells"
        )
    plain = data.drop(columns=DRAW)
    order = np.argsort(codes.codes, kind="stable")
    places = np.split(order, np.cumsum(counts)[:-1])
    return [plain.iloc[place].reset_index(drop=True) for place in places], codes.levels


def _draw_codes(data: pd.DataFrame) -> Codes:
    if DRAW not in data.columns:
        raise EstimationError(
            f"the draws have no column {DRAW!r}; a long frame has one row a cell and draw, as load(..., draws=) gives"
            f"{nearest(DRAW, [name for name in data.columns if isinstance(name, str)])}"
        )
    _once(data, DRAW)
    codes = encode(data[DRAW], DRAW)
    if codes.missing.any():
        raise EstimationError(f"column {DRAW!r} is missing in {int(codes.missing.sum())} rows of the draws")
    if len(codes.levels) < 2:
        raise too_few(len(codes.levels))
    if all(isinstance(level, int) for level in codes.levels):
        _no_gap(np.array(codes.levels))
    return codes


def too_few(count: int) -> EstimationError:
    """Say that draws are too few to be pooled."""
    return EstimationError(f"{count} draw{'s' * (count != 1)} cannot be pooled; Rubin's rules need 2 or more")


def _no_gap(numbers: IntArray) -> None:
    """Refuse numbered draws among which some are missing; every second or every tenth one may be taken."""
    steps = np.diff(numbers)
    usual = int(steps.min())
    if (steps > usual).any():
        place = int(np.flatnonzero(steps > usual)[0])
        lost = int((steps // usual - 1).sum())
        raise EstimationError(
            f"{lost} of the draws {numbers[0]} to {numbers[-1]} are missing, such as draw {numbers[place] + usual}; "
            "take all draws, or the first ones"
        )


def _once(data: pd.DataFrame, column: str) -> None:
    if isinstance(data[column], pd.DataFrame):
        raise EstimationError(f"the draws have more than one column named {column!r}")


def from_long(m: PanelResults, data: pd.DataFrame) -> DrawnColumns:
    """Read draws from a long frame and put them beside the rows of a model's data.

    Parameters
    ----------
    m
        The model, whose unit and time match the rows.
    data
        One row a cell and draw: keys, ``draw`` and columns that the formula names.

    Returns
    -------
    DrawnColumns
        In the row order of the model's data.

    Raises
    ------
    EstimationError
        If a key or a draw is missing, a cell is there twice or not in all draws, or no column is in the formula.
    """
    draws = _draw_codes(data)
    _same_version(m.data, data)
    keys = row_keys(m)
    if not keys:
        raise EstimationError(
            "the model knows no unit and time to match draws by; give over_draws a mapping of columns and matrices, or "
            "m.again in place of m, which fits every draw as a data set of its own"
        )
    for name in keys:
        if name not in data.columns:
            raise EstimationError(f"the draws have no column {name!r}, by which the model's rows are matched")
        _once(data, name)
    names = [name for name in named_columns(m) if name in data.columns]
    if not names:
        others = [str(name) for name in data.columns if name not in (*keys, DRAW)]
        raise EstimationError(
            f"no column of the draws is in the formula {m.formula!r}; they hold {', '.join(others[:5]) or 'keys alone'}"
            "; where the model's columns are made of drawn ones, give over_draws a function that makes them and fits"
        )
    cells, labels, order = _cells(data, keys, draws)
    place = _place(m.data, keys, labels)
    known = place >= 0
    if not known.any():
        own = row_labels(m)(int(m.design.rows_used[0]))
        raise EstimationError(
            f"no row of the draws is one of the model's data: their {' and '.join(keys)} are such as "
            f"{' '.join(labels[0])}, those of the model such as {own}"
        )
    found: dict[str, AnyArray] = {}
    remarks = _fewer(data, len(draws.levels)) + _unknown(cells, place)
    for name in names:
        _once(data, name)
        column = data[name]
        plain = pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_bool_dtype(column.dtype)
        values = numeric(column, name) if plain else column.astype(object).to_numpy()
        matrix = values.reshape(len(draws.levels), cells).T if order is None else values[order].reshape(cells, -1)
        checked = settled(name, matrix, draws.levels, lambda row: " ".join(labels[row]))
        rows = np.full((len(place), *checked.shape[1:]), np.nan, dtype=checked.dtype)
        rows[known] = checked[place[known]]
        remarks += _elsewhere(name, m, rows)
        if checked.ndim == 2 or not _as_before(m.data[name], rows):
            found[name] = rows
    return DrawnColumns(found, draws.levels, _source(data), remarks)


def _same_version(own: pd.DataFrame, draws: pd.DataFrame) -> None:
    """Refuse draws of another version, where both frames say which they are."""
    names = [frame.attrs.get("dataset") for frame in (own, draws)]
    versions = [frame.attrs.get("version") for frame in (own, draws)]
    if None not in (*names, *versions) and names[0] == names[1] and versions[0] != versions[1]:
        raise EstimationError(
            f"the draws are of {names[0]} {versions[1]}, and the model's data of {versions[0]}; load both alike"
        )


def _fewer(data: pd.DataFrame, count: int) -> tuple[str, ...]:
    loaded = data.attrs.get("draws")
    return (f"{count} of the {loaded} draws that were loaded",) if isinstance(loaded, int) and count < loaded else ()


ENOUGH = 10
"""Draws among which the lowest and the highest say where a value may lie."""


def _elsewhere(name: str, m: PanelResults, rows: AnyArray) -> tuple[str, ...]:
    """Say where the model's own values lie outside all draws, as they do on another scale or in another version."""
    column = m.data[name]
    if rows.dtype == object or not pd.api.types.is_numeric_dtype(column.dtype):
        return ()
    value = column.to_numpy(dtype=np.float64, na_value=np.nan)
    low, high = (rows, rows) if rows.ndim == 1 else (rows.min(axis=1), rows.max(axis=1))
    slack = 1e-6 * np.fmax(np.abs(low), np.abs(high))
    off = (value < low - slack) | (value > high + slack)
    if rows.ndim == 2 and rows.shape[1] < ENOUGH:
        off &= (rows == rows[:, :1]).all(axis=1)
    used = m.design.rows_used
    at = used[off[used]]
    if not at.size:
        return ()
    there = f"{low[at[0]]:.4g}" + (f" to {high[at[0]]:.4g}" if low[at[0]] < high[at[0]] else "")
    return (
        (
            f"{len(at):,} of {len(used):,} values of {name} in the model's data lie outside all their draws, such as "
            f"{row_labels(m)(int(at[0]))}: {value[at[0]]:.4g}, draws {there}; check that version and scale are the same"
        ),
    )


def _source(data: pd.DataFrame) -> str:
    """Say by which rule and seed a long frame was drawn, where it says so."""
    known = {"draw_rule": "rule", "seed": "seed"}
    return ", ".join(f"{word} {data.attrs[name]}" for name, word in known.items() if name in data.attrs)


def _unknown(cells: int, place: IntArray) -> tuple[str, ...]:
    extra = cells - len(np.unique(place[place >= 0]))
    return (f"{extra:,} cells of the draws are no rows of the model's data and were left out",) if extra else ()


def _as_before(column: pd.Series[Any], values: AnyArray) -> bool:
    """Whether a column that all draws agree on is the one the model has already."""
    if values.dtype == object:
        return bool((column.astype(object).isna() == pd.isna(values)).all()) and bool(
            (column.astype(str)[column.notna()] == pd.Series(values).astype(str).to_numpy()[column.notna()]).all()
        )
    kind = column.dtype
    if not (pd.api.types.is_numeric_dtype(kind) or pd.api.types.is_bool_dtype(kind)):
        return False
    return bool(np.array_equal(column.to_numpy(dtype=np.float64, na_value=np.nan), values, equal_nan=True))


def _cells(data: pd.DataFrame, keys: list[str], draws: Codes) -> tuple[int, list[tuple[str, ...]], IntArray | None]:
    """Count the cells and refuse one that is there twice or not in every draw.

    Gives how many cells there are, their keys, and the order of rows by cell and draw: None where the rows are the
    cells, in one order, draw after draw.
    """
    codes = [encode(data[name], name) for name in keys]
    for one in codes:
        if one.missing.any():
            raise EstimationError(f"column {one.name!r} is missing in {int(one.missing.sum())} rows of the draws")
    count = len(draws.levels)
    cell = codes[0].codes
    for one in codes[1:]:
        cell = cell * len(one.levels) + one.codes
    if len(cell) % count == 0:
        blocks, by_draw = cell.reshape(count, -1), draws.codes.reshape(count, -1)
        in_blocks = np.array_equal(by_draw, np.broadcast_to(np.arange(count)[:, None], by_draw.shape))
        if in_blocks and np.array_equal(blocks, np.broadcast_to(blocks[0], blocks.shape)):
            unique = np.unique(blocks[0]).size == blocks.shape[1]
            if unique:
                return blocks.shape[1], _labels(codes, np.arange(blocks.shape[1])), None
    order = np.lexsort((draws.codes, cell))
    cell, which = cell[order], draws.codes[order]
    starts = np.flatnonzero(np.r_[True, cell[1:] != cell[:-1]])
    labels = _labels(codes, order[starts])
    again = np.flatnonzero((cell[1:] == cell[:-1]) & (which[1:] == which[:-1]))
    if again.size:
        place = int(np.searchsorted(starts, again[0], side="right")) - 1
        raise EstimationError(
            f"{again.size} rows of the draws repeat a cell and draw, such as {' '.join(labels[place])} draw "
            f"{draws.levels[which[again[0]]]}"
        )
    sizes = np.diff(np.r_[starts, len(cell)])
    short = np.flatnonzero(sizes != count)
    if short.size:
        raise EstimationError(
            f"{short.size} of {len(sizes)} cells are not in all {count} draws, such as {' '.join(labels[short[0]])}, "
            f"which is in {sizes[short[0]]}; all draws hold the same cells"
        )
    return len(starts), labels, order


def _labels(codes: list[Codes], rows: IntArray) -> list[tuple[str, ...]]:
    parts = [[str(one.levels[code]) for code in one.codes[rows].tolist()] for one in codes]
    return list(zip(*parts, strict=True))


def _place(data: pd.DataFrame, keys: list[str], labels: list[tuple[str, ...]]) -> IntArray:
    """Find the cell of each row of the model's data; -1 where the draws have none."""
    codes = [encode(data[name], name) for name in keys]
    there = ~np.logical_or.reduce([one.missing for one in codes])
    own = _labels(codes, np.flatnonzero(there))
    if len(set(own)) < len(own):
        raise EstimationError(
            f"{' and '.join(keys)} do not tell the model's rows apart, so draws cannot be matched to them; give "
            "over_draws a mapping of columns and matrices"
        )
    known = {label: place for place, label in enumerate(labels)}
    found = np.full(len(data), -1, dtype=np.int64)
    found[there] = [known.get(label, -1) for label in own]
    return found
