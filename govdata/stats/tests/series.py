"""One column of a panel as the series of its units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from govdata.errors import ArgumentError, EstimationError
from govdata.stats.formula import check_column
from govdata.stats.keys import Codes, FloatArray, make_keys, numeric
from govdata.stats.panel import frame_of

__all__ = ["Series", "series_of"]


@dataclass(frozen=True, slots=True)
class Series:
    """Values with their unit and time, sorted by both.

    Attributes
    ----------
    numbers
        None is missing.
    unit, time
        Of each value.
    name
        What they are.
    """

    numbers: FloatArray
    unit: Codes
    time: Codes
    name: str

    def split(self) -> list[FloatArray]:
        """Return one array of values a unit."""
        starts = np.searchsorted(self.unit.codes, np.arange(1, len(self.unit.levels)))
        return list(np.split(self.numbers, starts))


def series_of(data: Any, column: str | None, test: str, unit: str | None, time: str | None) -> Series:  # noqa: ANN401
    """Take a column out of a panel.

    Parameters
    ----------
    data
        A frame or a panel.
    column
        Its name.
    test
        What it is wanted for, to begin the message with.
    unit, time
        Key columns; None takes those of the panel, else ``iso3`` and ``year``.

    Returns
    -------
    Series
        Without the rows that miss the value or a key.

    Raises
    ------
    EstimationError
        If fewer than two units are left, or a value is infinite.
    ArgumentError
        If no column is named.
    """
    frame, own_unit, own_time = frame_of(data)
    if not isinstance(column, str):
        raise ArgumentError(f"{test} takes data and the name of a column, or a fitted model; column is {column!r}")
    unit, time = unit or own_unit or "iso3", time or own_time or "year"
    for name, where in ((column, "columns of the data"), (unit, "unit="), (time, "time=")):
        check_column(name, frame.columns, where=where)
    values = numeric(frame[column], column)
    if np.isinf(values).any():
        raise EstimationError(f"column {column!r} is infinite in {int(np.isinf(values).sum())} rows")
    keys = make_keys(frame, unit, time)
    assert keys.unit is not None  # noqa: S101 -- for the type checker: both were named
    assert keys.time is not None  # noqa: S101 -- as above
    rows = np.flatnonzero(~(np.isnan(values) | keys.unit.missing | keys.time.missing))
    order = rows[np.lexsort((keys.time.codes[rows], keys.unit.codes[rows]))]
    units = keys.unit.subset(order)
    if len(units.levels) < 2:
        raise EstimationError(f"{test} needs two units or more; column {column!r} has values for {len(units.levels)}")
    return Series(values[order], units, keys.time.subset(order), column)
