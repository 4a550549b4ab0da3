"""Columns of a model's data, drawn many times: read from long frames or matrices, one row a row of the data.

A cell is there in every draw or in none, so that all draws have the same sample. Anything else is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from govdata.errors import EstimationError, nearest
from govdata.stats.keys import Codes, FloatArray, IntArray, encode, numeric
from govdata.stats.wording import given

if TYPE_CHECKING:
    from govdata.stats.results import PanelResults

__all__ = ["DRAW", "DrawnColumns", "from_long", "from_matrices", "named_columns", "row_labels", "settled", "split"]

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
    keys = [codes.name for codes in (m.design.unit, m.design.time) if codes is not None]
    return [name.column for name in m.design.formula.names if name.column not in keys]


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
        raise EstimationError(f"{len(codes.levels)} draws cannot be pooled; Rubin's rules need 2 or more")
    return codes


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
    keys = [codes.name for codes in (m.design.unit, m.design.time) if codes is not None]
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
        )
    cells, labels, order = _cells(data, keys, draws)
    place = _place(m.data, keys, labels)
    known = place >= 0
    found: dict[str, AnyArray] = {}
    for name in names:
        _once(data, name)
        column = data[name]
        plain = pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_bool_dtype(column.dtype)
        values = numeric(column, name) if plain else column.astype(object).to_numpy()
        matrix = values.reshape(len(draws.levels), cells).T if order is None else values[order].reshape(cells, -1)
        checked = settled(name, matrix, draws.levels, lambda row: " ".join(labels[row]))
        rows = np.full((len(place), *checked.shape[1:]), np.nan, dtype=checked.dtype)
        rows[known] = checked[place[known]]
        if checked.ndim == 2 or not _as_before(m.data[name], rows):
            found[name] = rows
    return DrawnColumns(found, draws.levels, _source(data), _unknown(cells, place))


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


# Matrices.


def from_matrices(m: PanelResults, matrices: Mapping[Any, Any]) -> DrawnColumns:
    """Read draws from matrices whose rows are those of the model's data.

    Parameters
    ----------
    m
        The model.
    matrices
        By column of the formula: rows x draws, an array or a frame.

    Returns
    -------
    DrawnColumns
        The same, checked.

    Raises
    ------
    EstimationError
        If a name is not in the formula, or a matrix has another shape, is not numeric, or is missing in some draws.
    """
    if not matrices:
        raise EstimationError("the mapping of draws is empty; give a matrix, rows x draws, for a column of the formula")
    known, data = named_columns(m), m.data
    found: dict[str, AnyArray] = {}
    count, first = 0, ""
    labels = row_labels(m)
    for name, given_matrix in matrices.items():
        if name in (codes.name for codes in (m.design.unit, m.design.time) if codes is not None):
            raise EstimationError(f"{name!r} is a key of the model's rows and cannot be drawn")
        if name not in known:
            raise EstimationError(f"{name!r} is not in the formula {m.formula!r}{nearest(str(name), known)}")
        values = _matrix(name, given_matrix, data)
        first, count = (first or name), (count or values.shape[1])
        if values.shape[1] != count:
            raise EstimationError(f"{name} has {values.shape[1]} draws and {first} has {count}; give the same number")
        if count < 2:
            raise EstimationError(f"{count} draws cannot be pooled; Rubin's rules need 2 or more")
        found[name] = settled(name, values, range(1, count + 1), labels)
    return DrawnColumns(found, tuple(range(1, count + 1)), "")


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
    names = [codes.name for codes in (m.design.unit, m.design.time) if codes is not None]
    data = m.data

    def label(row: int) -> str:
        return " ".join(str(data[name].iloc[row]) for name in names) or f"row {row}"

    return label


def _matrix(name: str, values: Any, data: pd.DataFrame) -> FloatArray:  # noqa: ANN401 -- as a user gave it
    if isinstance(values, pd.DataFrame):
        plain = isinstance(values.index, pd.RangeIndex) and values.index.equals(pd.RangeIndex(len(values)))
        if not plain and not values.index.equals(data.index):
            raise EstimationError(
                f"the draws of {name} have another index than the model's data, and rows are matched by position; give "
                "them in the order of m.data, with its index"
            )
    try:
        found = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise EstimationError(f"the draws of {name} are a matrix of numbers, not {given(values)}") from None
    if found.ndim != 2 or len(found) != len(data):
        turned = "; turn it with .T" if found.ndim == 2 and found.shape[1] == len(data) else ""
        raise EstimationError(
            f"the draws of {name} have shape {found.shape}; expected {len(data)} rows, those of m.data, x draws{turned}"
        )
    return found
