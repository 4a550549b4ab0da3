"""The samples of a specification curve, in whatever form they are given, as masks of rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from govdata.errors import ArgumentError, nearest
from govdata.stats.keys import encode
from govdata.stats.wording import given

if TYPE_CHECKING:
    from govdata.stats.keys import BoolArray

__all__ = ["masks_of"]


def masks_of(samples: object, data: pd.DataFrame, unit: str | None) -> dict[str, BoolArray]:
    """Read samples.

    Parameters
    ----------
    samples
        As :func:`govdata.stats.specification_curve` takes them.
    data
        The frame.
    unit
        Its column of units, or None.

    Returns
    -------
    dict of str to ndarray of bool
        Masks of the data's rows, by name.

    Raises
    ------
    ArgumentError
        If a sample has a form it cannot have.
    """
    if samples is None:
        return {"all": np.ones(len(data), dtype=np.bool_)}
    if not isinstance(samples, Mapping):
        raise ArgumentError(f"samples is a dict of names and masks, such as {{'all': None}}, not {given(samples)}")
    if not samples:
        raise ArgumentError("samples names none; leave it out for all rows")
    found: dict[str, BoolArray] = {}
    for name, rows in samples.items():
        if not isinstance(name, str) or not name:
            raise ArgumentError(f"samples are named by texts, not {given(name)}")
        found[name] = _mask(name, rows, data, unit)
    return found


def _read(name: str, rows: object, data: pd.DataFrame, unit: str | None) -> object:
    """Call a function, and look up a column."""
    if callable(rows):
        try:
            rows = rows(data)
        except Exception as error:
            said = " ".join(str(error).split())
            raise ArgumentError(
                f"samples[{name!r}]: the function is given the data and failed, {type(error).__name__}: {said}"
            ) from error
    if isinstance(rows, str):
        if rows not in data.columns:
            if unit is not None and rows in set(map(str, data[unit].dropna().unique())):
                raise ArgumentError(f"samples[{name!r}] takes a list of units; write [{rows!r}]")
            raise ArgumentError(
                f"samples[{name!r}]: there is no column {rows!r}{nearest(rows, map(str, data.columns))}"
            )
        return data[rows]
    return rows


def _mask(name: str, rows: object, data: pd.DataFrame, unit: str | None) -> BoolArray:
    n = len(data)
    rows = _read(name, rows, data, unit)
    if rows is None:
        return np.ones(n, dtype=np.bool_)
    if isinstance(rows, pd.Series) and len(rows) == n and not rows.index.equals(data.index):
        raise ArgumentError(f"samples[{name!r}] has another index than the data; give it in the order of the rows")
    flat = not isinstance(rows, np.ndarray) or rows.ndim == 1
    if isinstance(rows, (Mapping, bytes, pd.DataFrame)) or not isinstance(rows, Iterable) or not flat:
        raise ArgumentError(
            f"samples[{name!r}] is a mask of the rows, the name of a column of True and False, a list of units, a "
            f"function of the data, or None, not {given(rows)}"
        )
    values = pd.Series(rows if isinstance(rows, (pd.Series, np.ndarray)) else list(rows))
    if values.isna().any() and pd.api.types.is_bool_dtype(values.dropna().infer_objects().dtype):
        raise ArgumentError(
            f"samples[{name!r}] has {int(values.isna().sum())} missing values; say True or False in each"
        )
    if pd.api.types.is_bool_dtype(values.infer_objects().dtype) and len(values):
        if len(values) != n:
            raise ArgumentError(f"samples[{name!r}] has {len(values):,} rows, and the data {n:,}")
        found: BoolArray = values.to_numpy(dtype=np.bool_)
        return found
    if unit is None:
        raise ArgumentError(f"samples[{name!r}] lists units, and the data name none; name unit=, or give a mask")
    if len(values) == n and n > len(data[unit].unique()):
        raise ArgumentError(f"samples[{name!r}] has a value a row that is neither True nor False; compare it first")
    codes, wanted = encode(data[unit], unit), encode(values, unit)
    for level in wanted.levels:
        if level not in codes.levels:
            hint = nearest(str(level), [str(one) for one in codes.levels])
            raise ArgumentError(f"samples[{name!r}]: there is no {unit} {level!r} in the data{hint}")
    chosen = np.array([level in wanted.levels for level in codes.levels] + [False], dtype=np.bool_)
    rows_of: BoolArray = chosen[codes.codes]
    return rows_of
