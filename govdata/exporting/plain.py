"""What Stata and SPSS have in common: names, numbers, text and labels they take, and the comparison after writing."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import islice
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from govdata.errors import ArgumentError, IntegrityError
from govdata.exporting.outline import Column, Outline

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "code_texts",
    "compare",
    "differ",
    "frame_of",
    "longest",
    "plain",
    "text_columns",
    "variable_label",
]

_LARGEST: Final = 2.0**1023  # what Stata holds as missing begins here
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,31}\Z")
# Words of Stata, and those that pandas would rename on the way there; `str1`, `str2`, … are types.
_SHOWN: Final = 5  # names in a message
_STATA: Final = frozenset(
    re.findall(
        r"\w+",
        """
        aggregate array boolean break byte case catch class colvector complex const continue default delegate delete do
        double else eltypedef end enum explicit export external float for friend function global goto if in inline int
        local long matrix namespace numeric pi pragma private protected quad real return rowvector short static strL
        string struct super switch template this throw transmorphic try typedef typename union unsigned using vector
        version view virtual void volatile while with
        """,
    )
)
_SPSS: Final = frozenset(("all", "and", "by", "eq", "ge", "gt", "le", "lt", "ne", "not", "or", "to", "with"))


def plain(outline: Outline, kind: str) -> dict[str, np.ndarray[Any, Any]]:
    """Give the cells of every column in types that every statistics program holds: float64, or objects that are text.

    Raises
    ------
    ArgumentError
        If a name, a number or a text has no place in the program, named by ``kind``.
    """
    columns: dict[str, np.ndarray[Any, Any]] = {}
    seen: dict[str, str] = {}
    if not outline.columns:
        raise ArgumentError(f"the frame has no columns, which {kind} has no room for")
    if len(outline.columns) > 32_767:
        raise ArgumentError(f"the frame has {len(outline.columns)} columns; {kind} takes 32767")
    _check_names([column.name for column in outline.columns], kind)
    for column in outline.columns:
        name = column.name
        if seen.setdefault(name.casefold(), name) != name:
            raise ArgumentError(f"columns {seen[name.casefold()]!r} and {name!r} differ in case only; rename one")
        columns[name] = _cells(column.cells, name, kind)
    return columns


def _check_names(names: Sequence[str], kind: str) -> None:
    """Refuse names that are none in the program, and show one for each that is, and that no other column has."""
    taken = {name.casefold() for name in names}
    better: dict[str, str] = {}
    for name in names:
        if not _is_name(name):
            better[name] = _near(name, taken)
            taken.add(better[name].casefold())
    if better:
        first, shown = next(iter(better)), dict(islice(better.items(), _SHOWN))
        all_of = f"; the first {_SHOWN} of {len(better)} such names" if len(better) > _SHOWN else ""
        example = repr(better[first]) if len(better) == 1 else f"df.rename(columns={shown}){all_of}"
        raise ArgumentError(
            f"{kind} takes no column named {first[:60]!r}: a to z, digits and _, a letter first, at most 32, no "
            f"reserved word; rename it, for example {example}"
        )


def _is_name(name: str) -> bool:
    reserved = name in _STATA or re.fullmatch("str[0-9]+", name) or name.casefold() in _SPSS
    return _NAME.match(name) is not None and not reserved


def _near(name: str, taken: Collection[str]) -> str:
    """Give a name like another that both programs take: letters without their accents, a v before a digit."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode() if not name.isascii() else name
    free = re.sub(r"\W", "_", plain.strip(), flags=re.ASCII).lstrip("_")[:30]
    if not free[:1].isalpha():
        free = f"v{free}"
    if not _is_name(free):
        free = f"{free}_"
    near, number = free, 1
    while near.casefold() in taken:
        number += 1
        near = f"{free[: 30 - len(str(number))]}_{number}"
    return near


def _cells(values: pd.Series[Any], name: str, kind: str) -> np.ndarray[Any, Any]:
    import pandas as pd

    if isinstance(values.dtype, pd.CategoricalDtype):
        numeric = values.cat.categories.dtype.kind in "iuf"
        values = values.astype("float64") if numeric else values.astype("object")
    if values.dtype.kind in "biuf":
        return _numbers(values, name, kind)
    cells = values.to_numpy(dtype=object)
    there = values.notna().to_numpy()
    types = {type(one) for one in cells[there]}
    if types and all(issubclass(one, Real) for one in types):  # numbers that stand as Python's objects
        return _objects(cells, there, name, kind)
    if values.dtype.kind == "M" or (types and all(issubclass(one, dt.date) for one in types)):
        raise ArgumentError(f"column {name!r} holds dates; turn them into text (YYYY-MM-DD) or years first")
    if len(types) == 1 and types != {str}:
        raise ArgumentError(f"column {name!r} holds {types.pop().__name__}; turn it into text or numbers first")
    texts = {one if isinstance(one, str) else _refuse(one, name) for one in cells[there]}
    try:
        "".join(texts).encode()
    except UnicodeEncodeError:
        raise ArgumentError(f"column {name!r} holds half a character (a lone surrogate); mend its text") from None
    if any("\0" in one for one in texts):
        raise ArgumentError(f"column {name!r} holds text with a NUL character, where {kind} would end it")
    return np.where(there, cells, "")


def _refuse(value: object, name: str) -> str:
    raise ArgumentError(f"column {name!r} mixes text with {type(value).__name__}; make it one type first")


def _objects(cells: np.ndarray[Any, Any], there: np.ndarray[Any, Any], name: str, kind: str) -> np.ndarray[Any, Any]:
    import pandas as pd

    if all(isinstance(one, Integral) for one in cells[there]):
        largest = max(abs(int(one)) for one in cells[there])
        if largest > 2**53:
            raise _rounded(name, kind)
    numbers = [float(one) if known else np.nan for one, known in zip(cells.tolist(), there.tolist(), strict=True)]
    return _numbers(pd.Series(numbers, dtype="float64"), name, kind)


def _rounded(name: str, kind: str) -> ArgumentError:
    return ArgumentError(f"column {name!r} holds whole numbers beyond 2**53, which {kind} would round; make it text")


def _numbers(values: pd.Series[Any], name: str, kind: str) -> np.ndarray[Any, Any]:
    numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
    if values.dtype.kind in "iu":
        whole = values.dropna()
        if len(whole) and (int(whole.max()) > 2**53 or int(whole.min()) < -(2**53)):
            raise _rounded(name, kind)
    largest = np.fmax.reduce(np.abs(numbers), initial=0.0)
    if np.isinf(largest):
        raise ArgumentError(f"column {name!r} holds an infinite number, which {kind} has no room for")
    if largest >= _LARGEST:
        raise ArgumentError(f"column {name!r} holds {largest:g}, beyond the numbers that {kind} holds")
    return numbers


def frame_of(columns: Mapping[str, np.ndarray[Any, Any]]) -> pd.DataFrame:
    """Make a frame of columns from `plain`, whose text stays what it is."""
    import pandas as pd

    return pd.DataFrame(
        {name: pd.Series(cells, dtype="object") if cells.dtype == object else cells for name, cells in columns.items()}
    )


def text_columns(columns: Mapping[str, np.ndarray[Any, Any]]) -> list[str]:
    """Name those of the columns from `plain` that hold text."""
    return [name for name, cells in columns.items() if cells.dtype == object]


def longest(texts: Iterable[str]) -> int:
    """Give the bytes of the longest text."""
    return max((len(one.encode()) for one in set(texts)), default=0)


def variable_label(column: Column, language: str, fits: Callable[[str], bool]) -> str:
    """Give a label that fits whole: in the language, else in English, else the column's name; never one that is cut."""
    label = column.label_in(language)
    if fits(label):
        return label
    english = column.label_in("en")
    return english if fits(english) else column.name


def code_texts(
    column: Column, language: str, reasons: Mapping[str, str], fits: Callable[[str], bool], kind: str
) -> tuple[dict[float, str], dict[str, str]]:
    """Give the labels of a column's codes and reasons, each fitting whole and no two alike.

    A text that does not fit is taken in English. Where two codes or reasons of the column have one text, every code
    stands before its text: a reader could not tell them apart, and pandas does not read such a file.

    Raises
    ------
    ArgumentError
        If the English text does not fit either.
    """
    texts = {code: text for code, text in column.codes_in(language).items() if text}
    if not texts and not reasons:
        return {}, {}
    if len({*texts.values(), *reasons.values()}) < len(texts) + len(reasons):
        texts = {code: f"{code:.15g} {text}" for code, text in texts.items()}
    for code, text in texts.items():
        if fits(text):
            continue
        texts[code] = column.codes_in("en")[code]
        if not fits(texts[code]) or list(texts.values()).count(texts[code]) > 1:
            raise ArgumentError(
                f"{kind} would cut the label of {column.name} = {code:.15g}: {text[:40]!r}…; shorten it"
            )
    return texts, dict(reasons)


def compare(wanted: Mapping[str, np.ndarray[Any, Any]], back: pd.DataFrame, kind: str) -> None:
    """Compare what was written with what a reader finds in the file.

    Parameters
    ----------
    wanted
        Column → numbers, or text.
    back
        What the reader gives.
    kind
        The program.

    Raises
    ------
    IntegrityError
        If anything differs.
    """
    if list(back) != list(wanted):
        raise IntegrityError(f"the {kind} file does not hold the frame's columns; nothing was written")
    for (name, ours), (_, found) in zip(wanted.items(), back.items(), strict=True):
        theirs = found.to_numpy()
        if len(ours) != len(theirs):
            raise differ(name, kind)
        if ours.dtype == object:
            # A reader may give no text as missing, which is no string.
            alike = [one if isinstance(one, str) else "" for one in theirs.tolist()] == ours.tolist()
        else:
            alike = np.array_equal(ours, theirs.astype(np.float64), equal_nan=True)
        if not alike:
            raise differ(name, kind)


def differ(name: str, kind: str) -> IntegrityError:
    """Say that a column came back with other values."""
    return IntegrityError(f"column {name!r} came back from the {kind} file with other values; nothing was written")
