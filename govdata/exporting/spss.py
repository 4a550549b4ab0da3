"""Frames as SPSS files, with the reason of a missing cell as a number that is declared missing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from govdata.errors import ArgumentError, IntegrityError
from govdata.exporting import sps_file
from govdata.exporting.outline import Column, Outline
from govdata.exporting.plain import compare, frame_of, longest, plain, text_columns, variable_label
from govdata.vocabulary import MISSING_REASONS

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["files", "missing_codes", "write"]

_LABEL: Final = 256  # bytes of a column's label
_TEXT: Final = 32_767  # bytes of a cell of text
_STAMP_AT: Final = 92  # in the head of the file: nine bytes of date, then eight of time
_STAMP: Final = b"01 Jan 0000:00:00"  # the same bytes whenever it is written


def files(target: Path, outline: Outline) -> list[Path]:
    """Name the files of an export, the main one last."""
    if not outline.documented:
        return [target]
    if re.search(r"[\x00-\x1f]", target.name):
        raise ArgumentError(f"{target.name!r} holds a control character, which a .sps file cannot name")
    return [target.with_suffix(".sps"), target]


def missing_codes(column: Column) -> tuple[float, float, dict[str, float]]:
    """Give the range that is declared missing in a column, and the number of each reason in it.

    -99 to -90, with -99 no_evidence, -98 unclear, -97 not_applicable, -96 not_coded. Where a value or a code of the
    column lies in it, -999 to -990 with -999, -998, …, and so on until a range is free: no value is declared missing.
    """
    import pandas as pd

    values = pd.to_numeric(column.cells).to_numpy(dtype=np.float64, na_value=np.nan)
    values = np.append(values[~np.isnan(values)], [float(code) for code in column.codes])
    for digits in range(2, 16):
        low, high = 1.0 - 10.0**digits, 10.0 - 10.0**digits
        if not ((values >= low) & (values <= high)).any():
            return low, high, {reason: low + place for place, reason in enumerate(MISSING_REASONS)}
    raise ArgumentError(f"column {column.name!r} has values wherever SPSS could be told why a cell is missing")


def write(outline: Outline, files: Sequence[Path]) -> None:
    """Write them, and read the data back.

    Raises
    ------
    ArgumentError
        If SPSS cannot hold a name, a number, a text or a label.
    IntegrityError
        If the reader does not find the frame's cells and reasons.
    """
    import pyreadstat

    columns, path = plain(outline, "SPSS"), files[-1]
    for name in text_columns(columns):
        if (bytes_ := longest(columns[name])) > _TEXT:
            raise ArgumentError(f"column {name!r} holds a text of {bytes_} bytes; SPSS takes {_TEXT}")
    ranges = {one.name: missing_codes(one) for one in outline.columns if one.is_number and one.reasons is not None}
    columns |= _filled(columns, outline, ranges)
    _fill(
        frame_of(columns),
        path,
        row_compress=True,
        column_labels=[
            variable_label(one, outline.language, lambda text: len(text.encode()) <= _LABEL) for one in outline.columns
        ],
        variable_value_labels=_value_labels(outline, ranges),
        missing_ranges={name: [{"lo": low, "hi": high}] for name, (low, high, _) in ranges.items()},
        variable_measure={column.name: column.measure for column in outline.columns},
        variable_display_width={name: _shown(cells) for name, cells in columns.items()},
        variable_format={name: _format(cells) for name, cells in columns.items() if cells.dtype != object},
    )
    _stamp(path)
    try:
        back, _ = pyreadstat.read_sav(path, user_missing=True)
    except pyreadstat.ReadstatError as error:
        raise IntegrityError(f"the SPSS file cannot be read back ({error}); nothing was written") from error
    for name in text_columns(columns):  # the format does without blanks at the end
        columns[name] = np.array([one.rstrip(" ") for one in columns[name]], dtype=object)
    compare(columns, back, "SPSS")
    if len(files) > 1:
        files[0].write_text(sps_file.script(outline, path.name, ranges), encoding="utf-8-sig", newline="\n")


def _fill(frame: pd.DataFrame, path: Path, **options: Any) -> None:  # noqa: ANN401 - pyreadstat is untyped
    import pyreadstat

    try:
        pyreadstat.write_sav(frame, path, **options)
    except pyreadstat.ReadstatError as error:  # all was checked before: the disk is full, or not there any more
        raise OSError(f"{path.name} cannot be written ({error})") from error


def _filled(
    columns: Mapping[str, np.ndarray[Any, Any]],
    outline: Outline,
    ranges: Mapping[str, tuple[float, float, Mapping[str, float]]],
) -> dict[str, np.ndarray[Any, Any]]:
    """Put the numbers of the reasons into the cells."""
    filled = {}
    for column in outline.columns:
        if column.name in ranges and column.reasons is not None and column.reasons.any():
            numbers = np.array([np.nan, *ranges[column.name][2].values()])[column.reasons]
            cells = columns[column.name]
            filled[column.name] = np.where(np.isnan(cells), numbers, cells)
    return filled


def _value_labels(
    outline: Outline, ranges: Mapping[str, tuple[float, float, Mapping[str, float]]]
) -> dict[str, dict[float, str]]:
    found = {}
    for column in outline.columns:
        if column.is_number:
            texts = sps_file.texts_of(column, outline, outline.language, ranges)
            if texts:
                found[column.name] = texts
    return found


def _shown(cells: np.ndarray[Any, Any]) -> int:
    """Give the width of the column on the screen, in characters."""
    return 8 if cells.dtype != object else min(40, max(8, *map(len, cells), 8))


def _format(cells: np.ndarray[Any, Any]) -> str:
    """Give a format that shows the numbers: whole ones without decimals. The numbers in the file are not touched."""
    numbers = cells[~np.isnan(cells)]
    digits = len(f"{np.abs(numbers).max():.0f}") + 1 if len(numbers) else 1
    if (numbers == np.trunc(numbers)).all():
        return f"F{min(40, max(8, digits))}.0"
    return f"F{min(40, max(8, digits + 4))}.3"


def _stamp(path: Path) -> None:
    """Put a fixed date and time where the writer put the present ones."""
    with path.open("r+b") as file:
        head = file.read(_STAMP_AT + len(_STAMP))
        if not head.startswith(b"$FL2") or not re.fullmatch(
            rb"[ 0-9]\d [A-Z][a-z]{2} \d\d\d\d:\d\d:\d\d", head[_STAMP_AT:]
        ):
            raise IntegrityError("the SPSS file does not begin as it should; nothing was written")
        file.seek(_STAMP_AT)
        file.write(_STAMP)
