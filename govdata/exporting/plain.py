"""What Stata and SPSS have in common: names, numbers and text they take, and the comparison after writing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from govdata.errors import ArgumentError, IntegrityError
from govdata.exporting.outline import Outline

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["compare", "plain"]

_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,31}\Z")
_RESERVED: Final = frozenset(
    re.findall(
        r"\w+",
        """
        aggregate all and array boolean break by byte case catch class colvector complex const continue default
        delegate delete do double else eltypedef end enum eq explicit export external float for friend function ge
        global goto gt if in inline int le local long lt matrix namespace ne not numeric or pi pragma private protected
        quad real return rowvector short static string struct super switch template this throw to transmorphic try
        typedef typename union unsigned using vector version view virtual void volatile while with
        """,
    )
)


def plain(outline: Outline, kind: str) -> pd.DataFrame:
    """Give the frame in types that every statistics program holds: numbers and text."""
    import pandas as pd

    columns: dict[str, pd.Series[Any]] = {}
    seen: dict[str, str] = {}
    for column in outline.columns:
        name, values = column.name, column.cells
        if not _NAME.match(name) or name in _RESERVED:
            raise ArgumentError(
                f"{kind} takes no column named {name[:60]!r}: letters, digits and _, at most 32, no reserved word"
            )
        if seen.setdefault(name.casefold(), name) != name:
            raise ArgumentError(f"columns {seen[name.casefold()]!r} and {name!r} differ in case only; rename one")
        columns[name] = _column(values, name, kind)
    return pd.DataFrame(columns).reset_index(drop=True)


def _column(values: pd.Series[Any], name: str, kind: str) -> pd.Series[Any]:
    import pandas as pd

    if isinstance(values.dtype, pd.CategoricalDtype):
        values = values.astype(values.cat.categories.dtype if values.cat.categories.dtype.kind in "if" else "str")
    if values.dtype.kind in "biuf":
        numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
        if np.isinf(numbers).any():
            raise ArgumentError(f"column {name!r} holds an infinite number, which {kind} has no room for")
        if values.dtype.kind in "iu" and (np.abs(numbers) > 2**53).any():
            raise ArgumentError(
                f"column {name!r} holds whole numbers beyond 2**53, which {kind} would round; make it text"
            )
        return pd.Series(numbers, dtype="float64")
    if values.dtype.kind == "M":
        raise ArgumentError(f"column {name!r} holds dates; turn them into text (YYYY-MM-DD) or years first")
    there = values[values.notna()]
    wrong = next((one for one in there if not isinstance(one, str)), None)
    if wrong is not None:
        raise ArgumentError(f"column {name!r} mixes text with {type(wrong).__name__}; make it one type first")
    return values.astype("object").where(values.notna(), "").reset_index(drop=True)


def compare(frame: pd.DataFrame, back: pd.DataFrame, kind: str) -> None:
    """Compare what was written with what a reader finds in the file."""
    if list(back.columns) != list(frame.columns) or len(back) != len(frame):
        raise IntegrityError(f"the {kind} file does not hold the frame's rows and columns; nothing was written")
    for name in frame.columns:
        ours, theirs = frame[name], back[name]
        if ours.dtype == object:
            alike = bool((ours.str.rstrip() == theirs.fillna("").astype("object").str.rstrip()).all())
        else:
            alike = np.array_equal(ours.to_numpy(), theirs.to_numpy(dtype=np.float64), equal_nan=True)
        if not alike:
            raise IntegrityError(
                f"column {name!r} came back from the {kind} file with other values; nothing was written"
            )
