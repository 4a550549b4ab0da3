"""Draws of columns beside which the data hold a standard deviation or bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from govdata.drawing import from_normal, from_range, from_whole, key, uniforms
from govdata.errors import EstimationError
from govdata.stats.drawn_columns import AnyArray, DrawnColumns, named_columns, row_keys, row_labels, settled
from govdata.stats.keys import BoolArray, Codes, FloatArray, IntArray, encode, numeric

if TYPE_CHECKING:
    from govdata.stats.results import PanelResults

__all__ = ["from_companions"]


def from_companions(m: PanelResults, draws: int, seed: int) -> DrawnColumns:
    """Draw the columns of a formula beside which the data hold a standard deviation or bounds.

    Parameters
    ----------
    m
        The model.
    draws, seed
        How many, and the seed.

    Returns
    -------
    DrawnColumns
        The columns drawn.

    Raises
    ------
    EstimationError
        If no column has companions, or bounds are in the wrong order.

    Notes
    -----
    ``x_sd`` draws from the normal distribution around x, each cell by itself, as ``load(..., draws=)`` draws scores.
    ``x_low`` and ``x_high`` draw uniformly between them, whole numbers where the column and its bounds hold nothing
    else, also where x is missing. Consecutive times of one unit with the same value and bounds then share their random
    number: what was coded once is uncertain once.
    """
    data, unit = m.data, m.design.unit
    chosen = {name: _companions(name, data) for name in named_columns(m)}
    chosen = {name: kind for name, kind in chosen.items() if kind}
    if not chosen:
        raise EstimationError(
            f"no column of the formula {m.formula!r} has companions (x_sd, or x_low and x_high) in the model's data; "
            "give data=, such as the long frame of load(..., draws=200)"
        )
    if unit is None:
        raise EstimationError(
            "companions are drawn by unit and time, and the model knows no unit; name unit= in the model"
        )
    units = encode(data[unit.name], unit.name)
    time = next((name for name in row_keys(m) if name != unit.name), None)
    times = encode(data[time], time) if time is not None else None
    if times is None and bool(data[unit.name].duplicated().any()):
        raise EstimationError(
            f"companions are drawn by unit and time, and the model knows no time to tell the rows of one {unit.name} "
            "apart; name time= in the model"
        )
    found: dict[str, AnyArray] = {}
    said: list[str] = []
    remarks: list[str] = []
    for name, kind in chosen.items():
        value = numeric(data[name], name)
        ends = [numeric(data[f"{name}_{end}"], f"{name}_{end}") for end in kind]
        for part, values in zip(("", *(f"_{end}" for end in kind)), (value, *ends), strict=True):
            if np.isinf(values).any():
                raise EstimationError(f"column {name + part!r} is infinite in {int(np.isinf(values).sum())} rows")
        uncertain: BoolArray = np.logical_and.reduce([np.isfinite(end) for end in ends])
        if kind == ("sd",):
            uncertain &= ~np.isnan(value)
        keys, used = _evidence(name, units, times, np.column_stack([value, *ends]), uncertain, runs=kind != ("sd",))
        u = uniforms(seed, keys, draws)
        matrix = np.repeat(value[:, None], draws, axis=1)
        if kind == ("sd",):
            if (ends[0][used] < 0).any():
                raise EstimationError(f"column '{name}_sd' is negative in {int((ends[0][used] < 0).sum())} rows")
            matrix[used] = from_normal(u, value[used], ends[0][used])
            remarks += _off_scale(name, value, matrix[used])
            said.append(f"{name} normal with {name}_sd")
        else:
            low, high = ends
            if (low[used] > high[used]).any():
                where = int(used[np.flatnonzero(low[used] > high[used])[0]])
                raise EstimationError(f"{name}_low is above {name}_high, such as {row_labels(m)(where)}")
            kept = np.concatenate([value[~np.isnan(value)], low[used], high[used]])
            whole = bool((kept == np.floor(kept)).all())
            matrix[used] = (from_whole if whole else from_range)(u, low[used], high[used])
            said.append(f"{name} uniform from {name}_low to {name}_high{', whole codes' if whole else ''}")
        if certain := int((~np.isnan(value) & ~uncertain).sum()):
            remarks.append(
                f"{certain:,} rows have {name} without {' and '.join(f'{name}_{e}' for e in kind)}: not drawn"
            )
        found[name] = settled(name, matrix, range(1, draws + 1), row_labels(m))
    return DrawnColumns(found, tuple(range(1, draws + 1)), f"{'; '.join(said)}; seed {seed}", tuple(remarks))


def _off_scale(name: str, value: FloatArray, drawn: FloatArray) -> list[str]:
    """Say how many draws leave 0 to 1, where all values lie: the data do not say where the scale ends."""
    inside = bool((np.isnan(value) | ((value >= 0.0) & (value <= 1.0))).all())
    off = int(((drawn < 0.0) | (drawn > 1.0)).sum())
    if not inside or not off:
        return []
    return [
        (
            f"{100 * off / drawn.size:.2g} % of the draws of {name} lie outside 0 to 1, where all its values lie; "
            "load(..., draws=) cuts draws where the scale ends"
        )
    ]


def _companions(name: str, data: pd.DataFrame) -> tuple[str, ...]:
    for ends in (("sd",), ("low", "high")):
        if all(f"{name}_{end}" in data.columns for end in ends):
            return ends
    return ()


def _evidence(
    name: str, units: Codes, times: Codes | None, values: FloatArray, uncertain: BoolArray, *, runs: bool
) -> tuple[list[str], IntArray]:
    """Name each uncertain row by itself, or by the run of consecutive times with the same values it belongs to."""
    at = np.zeros(len(values), dtype=np.int64) if times is None else times.codes
    there = uncertain & ~units.missing & (at >= 0)
    rows = np.flatnonzero(there)
    rows = rows[np.lexsort((at[rows], units.codes[rows]))]
    calendar = times.calendar if times is not None and times.whole else np.arange(len(times.levels) if times else 1)
    same = np.zeros(len(rows), dtype=np.bool_)
    if runs and len(rows) > 1:
        one, two = rows[:-1], rows[1:]
        alike = ((values[one] == values[two]) | (np.isnan(values[one]) & np.isnan(values[two]))).all(axis=1)
        same[1:] = (units.codes[one] == units.codes[two]) & (calendar[at[two]] - calendar[at[one]] == 1) & alike
    starts = np.maximum.accumulate(np.where(same, 0, np.arange(len(rows)))) if len(rows) else rows
    first = rows[starts]
    keys = [
        key(name, units.levels[units.codes[row]], "" if times is None else times.levels[at[row]])
        for row in first.tolist()
    ]
    return keys, rows
