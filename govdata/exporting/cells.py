"""Cells of a column as plain values of one kind, for files that hold numbers, dates and text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from govdata.errors import ArgumentError
from govdata.exporting.outline import Column

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Cells", "Kind", "cells"]

Kind = Literal["number", "whole", "truth", "day", "moment", "text"]


@dataclass(frozen=True)
class Cells:
    """The cells of one column.

    Attributes
    ----------
    name
        Of the column.
    kind
        ``number`` (float), ``whole`` (int), ``truth`` (bool), ``day`` (`datetime.date`), ``moment``
        (`pandas.Timestamp` without time zone) or ``text`` (str).
    values
        One a row; ``None`` where the cell is missing.
    """

    name: str
    kind: Kind
    values: Sequence[Any]


def cells(column: Column) -> Cells:
    """Turn a column into plain values.

    Raises
    ------
    ArgumentError
        If it mixes kinds, or holds what no file of another program does: infinite numbers, time zones, text with NUL.
    """
    import pandas as pd

    name, values = column.name, column.cells
    kind = values.dtype.kind
    if isinstance(values.dtype, pd.CategoricalDtype):
        return _objects(values, name)
    if kind == "b":
        return Cells(name, "truth", _plain(values, bool))
    if kind in "iu":
        return Cells(name, "whole", _plain(values, int))
    if kind == "f":
        numbers = values.to_numpy(dtype=np.float64, na_value=np.nan) + 0.0  # no negative zero
        if np.isinf(numbers).any():
            raise ArgumentError(f"column {name!r} holds an infinite number; make it missing first")
        return Cells(name, "number", [None if one != one else one for one in numbers.tolist()])  # noqa: PLR0124 - NaN
    if kind == "M":
        return _moments(values, name)
    if kind in "OU" and not isinstance(values.dtype, (pd.PeriodDtype, pd.IntervalDtype)):
        return _objects(values, name)
    raise ArgumentError(f"column {name!r} holds {values.dtype}; turn it into text or numbers first")


def _plain(values: pd.Series[Any], kind: type) -> list[Any]:
    there = values.notna().to_numpy()
    return [kind(one) if known else None for one, known in zip(values.tolist(), there.tolist(), strict=True)]


def _moments(values: pd.Series[Any], name: str) -> Cells:
    arrow = getattr(values.dtype, "pyarrow_dtype", None)
    if getattr(values.dtype, "tz", None) is not None or getattr(arrow, "tz", None) is not None:
        raise ArgumentError(
            f"column {name!r} holds moments with a time zone; .dt.tz_convert('UTC').dt.tz_localize(None) drops it"
        )
    there = values[values.notna()]
    if bool((there.dt.normalize() == there).all()):
        return Cells(name, "day", [one.date() if known else None for one, known in _with_flags(values)])
    return Cells(name, "moment", [one if known else None for one, known in _with_flags(values)])


def _with_flags(values: pd.Series[Any]) -> list[tuple[Any, bool]]:
    return list(zip(values.tolist(), values.notna().tolist(), strict=True))


def _objects(values: pd.Series[Any], name: str) -> Cells:
    """Read a column of Python objects, or of categories, by what it holds."""
    found = [one if known else None for one, known in _with_flags(values.astype("object"))]
    types = {type(one) for one in found if one is not None}
    if types <= {str}:
        _check_text(found, name)
        return Cells(name, "text", found)
    if types <= {bool, np.bool_}:
        return Cells(name, "truth", [None if one is None else bool(one) for one in found])
    truths = types & {bool, np.bool_}
    if not truths and all(issubclass(one, Integral) for one in types):
        return Cells(name, "whole", [None if one is None else int(one) for one in found])
    if not truths and all(issubclass(one, Real) for one in types):
        numbers = [None if one is None else float(one) + 0.0 for one in found]
        if any(one is not None and np.isinf(one) for one in numbers):
            raise ArgumentError(f"column {name!r} holds an infinite number; make it missing first")
        return Cells(name, "number", numbers)
    if types == {dt.date}:
        return Cells(name, "day", found)
    if all(issubclass(one, dt.datetime) for one in types):
        import pandas as pd

        try:
            return _moments(pd.to_datetime(values.astype("object")), name)
        except (ValueError, TypeError):
            raise ArgumentError(f"column {name!r} holds moments of different time zones; make them one first") from None
    wrong = sorted(one.__name__ for one in types)
    said = "mixes " + " and ".join(wrong) if len(wrong) > 1 else f"holds {wrong[0]}"
    raise ArgumentError(f"column {name!r} {said}; make it text or numbers first")


def _check_text(texts: Sequence[str | None], name: str) -> None:
    """Refuse text that is no text elsewhere: NUL ends it in most programs, half a surrogate pair is no character."""
    whole = "".join({one for one in texts if one})
    if "\0" in whole:
        raise ArgumentError(f"column {name!r} holds a NUL character, which other programs cut text at; remove it")
    try:
        whole.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ArgumentError(
            f"column {name!r} holds U+{ord(whole[error.start]):04X}, which is no character; remove it"
        ) from None
