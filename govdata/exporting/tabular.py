"""Frames as CSV: UTF-8, commas, Unix line ends, the same bytes each time."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, Final

from govdata.errors import ArgumentError, IntegrityError
from govdata.exporting.cells import Cells, cells
from govdata.exporting.formulas import harmless, restored
from govdata.exporting.outline import Outline

__all__ = ["files", "write", "write_csv"]

_BLOCK: Final = 2000  # rows


def files(target: Path, outline: Outline) -> list[Path]:
    """Name the files of an export, the main one last."""
    del outline
    return [target]


def write(outline: Outline, files: Sequence[Path]) -> None:
    """Write them."""
    write_csv([cells(column) for column in outline.columns], files[-1])


def write_csv(columns: Sequence[Cells], path: Path) -> None:
    """Write columns as CSV, compressed where the path ends in ``.gz``, and compare what Python's reader finds.

    Raises
    ------
    ArgumentError
        If the name of a column is no text elsewhere.
    IntegrityError
        If the file holds other cells.
    """
    header = [harmless(column.name) for column in columns]
    _check_names(header)
    written = [_texts(column) for column in columns]
    text = _csv(header, written)
    packed = path.name.casefold().endswith(".gz")
    path.write_bytes(gzip.compress(text, mtime=0) if packed else text)
    _compare(columns, header, path, packed=packed)


def _check_names(header: Sequence[str]) -> None:
    for name in header:
        if "\0" in name or any(0xD800 <= ord(one) <= 0xDFFF for one in name):
            raise ArgumentError(f"column {name!r} has a name with a character that is no text; rename it")


def _number(value: float) -> str:
    text = repr(value)  # the shortest that reads back as the same number
    return text.removesuffix(".0")


_WRITTEN: Final[dict[str, Callable[[Any], str]]] = {
    "number": _number,
    "whole": str,
    "truth": lambda one: "1" if one else "0",
    "day": dt.date.isoformat,
    "moment": str,
    "text": harmless,
}


def _texts(column: Cells) -> list[str]:
    """Write the cells of a column, each different value once."""
    made = {None: ""}
    turn = _WRITTEN[column.kind]
    for value in column.values:
        if value not in made:
            made[value] = turn(value)
    return [made[value] for value in column.values]


class _Lines(io.StringIO):
    """Takes lines that end as Python's writer ends them, and ends them as Unix does.

    The writer puts quotes around what holds a character of its own line end: with both characters in it every cell is
    safe, with the line feed alone a cell with a carriage return is not.
    """

    def write(self, line: str) -> int:
        return super().write(line.removesuffix("\r\n") + "\n")


def _csv(header: Sequence[str], columns: Sequence[Sequence[str]]) -> bytes:
    out = _Lines(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(zip(*columns, strict=True))
    return out.getvalue().encode("utf-8")


@contextmanager
def _long_fields() -> Iterator[None]:
    """Let Python's reader take cells of any length, which it refuses beyond 131072 characters."""
    before = csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _compare(columns: Sequence[Cells], header: Sequence[str], path: Path, *, packed: bool) -> None:
    """Compare the file with the cells it was made from."""
    opened = gzip.open if packed else open
    rows = 0
    try:
        with _long_fields(), opened(path, "rt", encoding="utf-8", newline="") as stream:
            reader = csv.reader(stream, strict=True)
            alike = next(reader, None) == list(header)
            while alike and (block := list(islice(reader, _BLOCK))):
                alike = all(len(row) == len(header) for row in block)
                if alike:
                    _compare_block(columns, block, rows)
                rows += len(block)
    except (csv.Error, ValueError) as error:
        raise IntegrityError(f"the CSV file cannot be read back ({error}); nothing was written") from error
    if not alike or rows != len(columns[0].values):
        raise IntegrityError("the CSV file does not hold the frame's rows and columns; nothing was written")


def _compare_block(columns: Sequence[Cells], block: Sequence[Sequence[str]], start: int) -> None:
    """Compare some rows: all at once would take the memory of the file several times."""
    for column, texts in zip(columns, zip(*block, strict=True), strict=True):
        read = _READ[column.kind]
        known: dict[str, Any] = {text: read(text) if text else "" for text in set(texts)}
        meant = ("" if value is None else value for value in column.values[start : start + len(block)])
        if any(known[text] != value for text, value in zip(texts, meant, strict=False)):
            raise IntegrityError(
                f"column {column.name!r} came back from the CSV file with other values; nothing was written"
            )


def _moment(text: str) -> Any:  # noqa: ANN401 - a Timestamp, whose module is heavy
    import pandas as pd

    return pd.Timestamp(text)


_READ: Final[dict[str, Callable[[str], Any]]] = {
    "number": float,
    "whole": int,
    "truth": "1".__eq__,
    "day": dt.date.fromisoformat,
    "moment": _moment,
    "text": restored,
}
