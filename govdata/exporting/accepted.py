"""Frames that can be written whole: nothing that a file would drop, double or rename in silence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from govdata.errors import ArgumentError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["check_frame", "not_a_frame"]


def not_a_frame(data: object) -> ArgumentError:
    """Say how what was given becomes a frame."""
    kind = type(data).__name__
    remedy = ""
    if kind == "Series":
        remedy = "; .to_frame() makes it one"
    elif hasattr(data, "to_pandas"):
        remedy = "; .to_pandas() makes it one"
    elif isinstance(data, (dict, list)):
        remedy = "; pandas.DataFrame(...) makes it one"
    return ArgumentError(f"export takes a dataset's name or a DataFrame, not {kind}{remedy}")


def check_frame(frame: pd.DataFrame) -> None:
    """Refuse a frame of which a file would lose something.

    Raises
    ------
    ArgumentError
        If it is empty, its columns are not named by different texts, or its index holds keys.
    """
    import pandas as pd

    if isinstance(frame.columns, pd.MultiIndex):
        raise ArgumentError("the columns have several levels; flatten them: df.columns = ['_'.join(c) for c in df]")
    for label in frame.columns:
        if not isinstance(label, str):
            raise ArgumentError(
                f"column {label!r} is named by {_an(type(label).__name__)}, not a text; "
                "df.columns = df.columns.astype(str)"
            )
        if not label.strip():
            raise ArgumentError(f"column {list(frame.columns).index(label) + 1} has no name; name it")
    if not frame.columns.is_unique:
        raise ArgumentError(f"column {frame.columns[frame.columns.duplicated()][0]!r} stands twice; rename one")
    named = [str(name) for name in frame.index.names if name is not None]
    if named:
        raise ArgumentError(
            f"the index ({', '.join(named)[:60]}) would not be written; .reset_index() makes columns of it"
        )
    if isinstance(frame.index, pd.MultiIndex) or not (frame.index.inferred_type == "integer" or frame.empty):
        raise ArgumentError(
            "the index holds more than row numbers and would not be written; .reset_index() makes a column of it"
        )
    if not len(frame.columns) or not len(frame):
        raise ArgumentError(f"nothing to write: {len(frame)} rows, {len(frame.columns)} columns")


def _an(word: str) -> str:
    return f"an {word}" if word[0] in "aeiou" else f"a {word}"
