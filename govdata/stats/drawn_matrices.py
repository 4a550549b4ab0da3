"""Draws of a model's columns that are given as matrices, matched with the rows of its data by position."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from govdata.errors import EstimationError, nearest
from govdata.stats.drawn_columns import AnyArray, DrawnColumns, named_columns, row_keys, row_labels, settled, too_few
from govdata.stats.keys import FloatArray
from govdata.stats.wording import given

if TYPE_CHECKING:
    from govdata.stats.results import PanelResults

__all__ = ["from_matrices"]


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
        if name in row_keys(m):
            raise EstimationError(f"{name!r} is a key of the model's rows and cannot be drawn")
        if name not in known:
            raise EstimationError(f"{name!r} is not in the formula {m.formula!r}{nearest(str(name), known)}")
        values = _matrix(name, given_matrix, data)
        first, count = (first or name), (count or values.shape[1])
        if values.shape[1] != count:
            raise EstimationError(f"{name} has {values.shape[1]} draws and {first} has {count}; give the same number")
        if count < 2:
            raise too_few(count)
        found[name] = settled(name, values, range(1, count + 1), labels)
    return DrawnColumns(found, tuple(range(1, count + 1)), "")


def _matrix(name: str, values: Any, data: pd.DataFrame) -> FloatArray:  # noqa: ANN401 -- as a user gave it
    if isinstance(values, pd.DataFrame):
        plain = isinstance(values.index, pd.RangeIndex) and values.index.equals(pd.RangeIndex(len(values)))
        if not plain and not values.index.equals(data.index):
            raise EstimationError(
                f"the draws of {name} have another index than the model's data, and rows are matched by position; give "
                "them in the order of m.data, with its index"
            )
    try:
        plain_values = np.asarray(values)
        held = plain_values.ravel()[:1].tolist() if plain_values.dtype == object else []
        wrong = plain_values.dtype.kind not in "biufO" or any(isinstance(one, (str, bytes, complex)) for one in held)
        found = np.empty(0) if wrong else plain_values.astype(np.float64)
    except (TypeError, ValueError):
        wrong = True
    if wrong:
        raise EstimationError(f"the draws of {name} are a matrix of numbers, not {given(values)}")
    if found.ndim != 2 or len(found) != len(data):
        turned = "; turn it with .T" if found.ndim == 2 and found.shape[1] == len(data) else ""
        raise EstimationError(
            f"the draws of {name} have shape {found.shape}; expected {len(data)} rows, those of m.data, x draws{turned}"
        )
    return found
