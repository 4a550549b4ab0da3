"""Text files in one strict form: CSV, TOML and JSON in, the same bytes out on every machine.

Reading never guesses: a file that breaks the form yields faults with line numbers, and a cell is always text, so
that ``NA`` stays Namibia. Writing is whole or not at all.
"""

from __future__ import annotations

import csv
import hashlib
import io
import itertools
import json
import os
import tempfile
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from govdata.errors import ArgumentError

__all__ = [
    "Fault",
    "Table",
    "csv_bytes",
    "csv_rows",
    "json_bytes",
    "parse_table",
    "read_table",
    "read_toml",
    "sha256",
    "write_atomic",
]

# Characters that change what a reader sees without being seen: zero-width, byte order mark, bidirectional controls.
_LARGEST = 500_000_000  # bytes of a user's table that is read into memory
_INVISIBLE = frozenset("\u00ad\u200b\u200e\u200f\u2060\ufeff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass(frozen=True, order=True, slots=True)
class Fault:
    """One fault in a curated file.

    Attributes
    ----------
    file
        Path as shown to the curator, relative to the datasets folder.
    line
        Line number in that file, from 1; 0 for the file as a whole.
    id
        The claim, source or indicator concerned; may be empty.
    message
        What is wrong.
    remedy
        What mends it.
    """

    file: str
    line: int
    id: str
    message: str
    remedy: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        name = f" {self.id}" if self.id else ""
        return f"{place}{name}: {self.message}; {self.remedy}"


@dataclass(slots=True)
class Table:
    """The rows of a CSV file as text, with the line each stands on."""

    file: str
    columns: tuple[str, ...]
    rows: list[dict[str, str]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def sha256(data: bytes) -> str:
    """Give the SHA-256 of some bytes as 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def _decode(data: bytes, shown: str, faults: list[Fault]) -> str | None:
    if data.startswith(b"\xef\xbb\xbf"):
        faults.append(Fault(shown, 1, "", "the file begins with a byte order mark", "save it as UTF-8 without BOM"))
        data = data[3:]
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        faults.append(Fault(shown, line, "", "the text is not UTF-8", "save the file as UTF-8"))
        return None
    if "\r" in text:
        line = text.count("\n", 0, text.index("\r")) + 1
        faults.append(Fault(shown, line, "", "a carriage return", "use \\n line ends and none inside a cell"))
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text and not text.endswith("\n"):
        faults.append(Fault(shown, text.count("\n") + 1, "", "no line end at the end of the file", "add one"))
    return text


def _cell_fault(cell: str) -> tuple[str, str] | None:
    if "\n" in cell:
        return "a line break inside a cell", "write the cell on one line"
    if cell != cell.strip():
        return f"blank space around {cell.strip()[:40]!r}", "remove it"
    if cell.isascii() and cell.isprintable():
        return None
    if not unicodedata.is_normalized("NFC", cell):
        return f"{cell[:40]!r} is not in Unicode form NFC", "normalise it to NFC"
    for character in cell:
        if character in _INVISIBLE or unicodedata.category(character) == "Cc":
            return f"an invisible character U+{ord(character):04X}", "remove it"
    return None


def read_table(path: Path, columns: Sequence[str], *, shown: str | None = None) -> Table:
    """Read a CSV file strictly.

    Parameters
    ----------
    path
        The file.
    columns
        The header it must have, in order.
    shown
        The path to print in faults; by default the file's name.

    Returns
    -------
    Table
        Rows as ``dict[str, str]``, the line each starts on, and every fault found. Rows with the wrong number of
        cells are reported and left out.
    """
    shown = shown or path.name
    if not path.is_file():
        missing = Fault(shown, 0, "", "the file does not exist", f"create it with the header {','.join(columns)!r}")
        return Table(shown, tuple(columns), faults=[missing])
    return parse_table(path.read_bytes(), columns, shown=shown)


def parse_table(data: bytes, columns: Sequence[str], *, shown: str) -> Table:
    """Read the bytes of a CSV file strictly; see `read_table`."""
    table = Table(shown, tuple(columns))
    text = _decode(data, shown, table.faults)
    if text is None:
        return table
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        table.faults.append(Fault(shown, line, "", "a NUL byte", "remove it"))
        return table
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(reader, [])
        if tuple(header) != table.columns:
            table.faults.append(
                Fault(shown, 1, "", f"the header is {','.join(header)[:120]!r}", f"make it {','.join(columns)!r}")
            )
            return table
        start = reader.line_num + 1
        for cells in reader:
            line, start = start, reader.line_num + 1
            if len(cells) != len(header):
                table.faults.append(
                    Fault(
                        shown,
                        line,
                        cells[0] if cells else "",
                        f"{len(cells)} cells where the header has {len(header)}",
                        "quote cells that hold a comma; remove empty lines",
                    )
                )
                continue
            for column, cell in zip(header, cells, strict=True):
                if (found := _cell_fault(cell)) is not None:
                    table.faults.append(Fault(shown, line, cells[0], f"column {column}: {found[0]}", found[1]))
            table.rows.append(dict(zip(header, cells, strict=True)))
            table.lines.append(line)
    except csv.Error as error:
        table.faults.append(Fault(shown, reader.line_num, "", f"not valid CSV ({error})", "close every quote"))
    return table


def csv_rows(path: Path) -> tuple[list[str], list[list[str]]]:
    """Read a user's CSV file as text: commas, semicolons or tabs, told from the header.

    Raises
    ------
    ArgumentError
        If the file is too large or not UTF-8, has no header, repeats a column, or has a row with more or fewer cells.
    """
    size = path.stat().st_size
    if size > _LARGEST:
        raise ArgumentError(f"{path}: {size / 1e9:.1f} GB; tables of up to {_LARGEST / 1e9:.1f} GB are read whole here")
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ArgumentError(f"{path}: the text is not UTF-8; save it as UTF-8") from None
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        lines = [
            cells for cells in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True) if cells
        ]
    except csv.Error as error:
        raise ArgumentError(f"{path}: not a CSV table ({error})") from None
    if not lines:
        raise ArgumentError(f"{path}: the file is empty")
    header, rows = lines[0], lines[1:]
    if len(set(header)) != len(header):
        twice = next(name for name in header if header.count(name) > 1)
        raise ArgumentError(f"{path}: column {twice!r} stands twice; rename one")
    for number, cells in enumerate(rows, 2):
        if len(cells) != len(header):
            raise ArgumentError(f"{path}: row {number} has {len(cells)} cells, the header {len(header)}")
    return header, rows


def read_toml(path: Path, *, shown: str | None = None) -> tuple[dict[str, Any], list[Fault]]:
    """Read a TOML file; a repeated key is a fault, as the format demands."""
    import tomllib  # curators alone read TOML, and it takes a while to import

    shown = shown or path.name
    faults: list[Fault] = []
    text = _decode(path.read_bytes(), shown, faults)
    if text is None:
        return {}, faults
    try:
        return tomllib.loads(text), faults
    except tomllib.TOMLDecodeError as error:
        line = getattr(error, "lineno", 0) or _line_in(str(error))
        faults.append(Fault(shown, line, "", f"not valid TOML ({error})", "mend the line"))
        return {}, faults


def _line_in(message: str) -> int:
    words = message.replace(",", " ").replace(")", " ").split()
    return next((int(b) for a, b in itertools.pairwise(words) if a == "line" and b.isdigit()), 0)


def csv_bytes(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> bytes:
    r"""Write rows as CSV bytes: UTF-8, ``\\n``, quotes only where needed, columns in the given order."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_MINIMAL)
    writer.writerow(columns)
    writer.writerows([row[column] for column in columns] for row in rows)
    return out.getvalue().encode("utf-8")


def json_bytes(value: object) -> bytes:
    """Write a value as JSON bytes: UTF-8, two spaces of indent, the order of keys as given."""
    return (json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False) + "\n").encode("utf-8")


def write_atomic(path: Path, data: bytes) -> None:
    """Write a file whole or not at all: a temporary neighbour, then one rename."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
