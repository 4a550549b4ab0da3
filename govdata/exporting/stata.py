"""Frames as Stata files, with the reason of a missing cell in the cell."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np

from govdata.errors import ArgumentError, IntegrityError
from govdata.exporting import do_file
from govdata.exporting.outline import Column, Outline
from govdata.exporting.plain import code_texts, compare, differ, frame_of, longest, plain, text_columns, variable_label
from govdata.vocabulary import MISSING_REASONS

__all__ = ["files", "write"]

_STAMP: Final = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)  # the same bytes whenever it is written
_LONG: Final = 2045  # bytes; longer text is kept apart from the rows, as strL
# What readers give for . and .a to .d, by the number of a reason: 0 is none.
_LETTERS: Final = np.array([None, "a", "b", "c", "d"], dtype=object)
_LETTERED: Final = 500  # rows whose letters are read back
# How Stata stores them in eight bytes.
_CELLS: Final = np.array([(0x7FE0 << 48) + (number << 40) for number in range(5)], dtype="<u8")
_DOTTED: Final = 2_147_483_621  # what a table of value labels has for "."; .a is one more
_WIDTHS: Final = {65526: 8, 65527: 4, 65528: 4, 65529: 2, 65530: 1, 32768: 8}  # bytes by type; else a text's own
_TYPES_AT, _DATA_AT, _PLACES = 2, 9, 14  # in the map at the head of the file


def files(target: Path, outline: Outline) -> list[Path]:
    """Name the files of an export, the main one last."""
    if not outline.documented:
        return [target]
    if re.search(r"[\"`$\x00-\x1f]", target.name):
        raise ArgumentError(f'{target.name!r} holds ", ` or $, which a .do file cannot name; choose another name')
    return [target.with_suffix(".do"), target]


def write(outline: Outline, files: Sequence[Path]) -> None:
    """Write them, and read the data back with another program's reader.

    Raises
    ------
    ArgumentError
        If Stata cannot hold a name, a number, a text or a label.
    IntegrityError
        If the reader does not find the frame's cells and reasons.
    """
    columns, path = plain(outline, "Stata"), files[-1]
    old = outline.stata == 13
    if old:
        _check_latin(outline, columns)
    labelled = [_in_language(column, outline) for column in outline.columns]
    _fill(path, columns, outline, labelled)
    _read_back(columns, outline, path)
    if len(files) > 1:
        text = do_file.script(outline, path.name)
        files[0].write_text(text, encoding="latin-1" if old else "utf-8", newline="\n")


def _in_language(column: Column, outline: Outline) -> Column:
    """Give a column with the labels that stand in the file: codes and, as .a to .d, reasons."""
    language = outline.language
    label = variable_label(column, language, lambda text: len(text) <= 80)
    if not column.is_number:
        return replace(column, label=label, codes={})
    said = outline.reasons_of(column, language)
    texts, reasons = code_texts(column, language, said, lambda text: len(text.encode()) <= 32_000, "Stata")
    for code in texts:
        if not float(code).is_integer() or not -_DOTTED < code < _DOTTED:
            raise ArgumentError(
                f"Stata labels whole numbers only, and column {column.name!r} has a label for {code:g}; take it out"
            )
    missing = {float(_DOTTED + 1 + MISSING_REASONS.index(reason)): text for reason, text in reasons.items()}
    return replace(column, label=label, codes=texts | missing)


def _check_latin(outline: Outline, columns: Mapping[str, np.ndarray[Any, Any]]) -> None:
    """Stata 13 holds the characters of Latin-1; those from 128 to 159 mean other things elsewhere."""
    if outline.language != "en":
        raise ArgumentError(f"Stata 13 holds no labels in {outline.language!r}: take language='en', or stata=14")
    for name in text_columns(columns):
        for text in sorted(set(columns[name])):
            if re.search(r"[^\x00-\x7f\xa0-\xff]", text):
                raise ArgumentError(f"Stata 13 cannot hold {text[:40]!r} of column {name!r}; take stata=14")
    for column in outline.columns:
        for text in (column.label, *column.codes.values()):
            if re.search(r"[^\x00-\x7f\xa0-\xff]", text):
                raise ArgumentError(f"Stata 13 cannot hold the label {text[:40]!r} of {column.name!r}; take stata=14")


def _fill(
    path: Path, columns: Mapping[str, np.ndarray[Any, Any]], outline: Outline, labelled: Sequence[Column]
) -> None:
    """Let pandas write the file, then put the reasons into the cells, which pandas cannot."""
    import pandas as pd

    title = "; ".join(map(str, outline.releases))
    options: dict[str, Any] = {"version": 117 if outline.stata == 13 else 118, "byteorder": "<"}
    # The writer looks every column up by its name many times, which Arrow's text makes slow.
    with pd.option_context("mode.string_storage", "python"):
        frame_of(columns).to_stata(
            path,
            write_index=False,
            time_stamp=_STAMP,
            data_label=title if len(title) <= 80 else None,
            variable_labels={column.name: column.label for column in labelled},
            value_labels={column.name: dict(column.codes) for column in labelled if column.codes} or None,
            convert_strl=[name for name in text_columns(columns) if longest(columns[name]) > _LONG] or None,
            **options,
        )
    whole = bytearray(path.read_bytes())
    places = _cells(whole, outline.rows, labelled)
    for column in labelled:
        if column.is_number and column.reasons is not None:
            chosen = np.flatnonzero(column.reasons)
            places[column.name][chosen] = _CELLS[column.reasons[chosen]]
    path.write_bytes(whole)


def _cells(whole: bytearray, rows: int, columns: Sequence[Column]) -> dict[str, np.ndarray[Any, Any]]:
    """Find the cells of the columns of numbers in a file, eight bytes each, by the map at its head."""
    places = np.frombuffer(whole, dtype="<u8", count=_PLACES, offset=whole.index(b"<map>") + len("<map>"))
    at_types = int(places[_TYPES_AT]) + len("<variable_types>")
    types = np.frombuffer(whole, dtype="<u2", count=len(columns), offset=at_types)
    widths = [_WIDTHS.get(int(one), int(one)) for one in types]
    start, width = int(places[_DATA_AT]) + len("<data>"), sum(widths)
    if whole[start + rows * width : start + rows * width + 7] != b"</data>":
        raise IntegrityError("the Stata file is not laid out as it should be; nothing was written")
    return {
        column.name: np.ndarray((rows,), dtype="<u8", buffer=whole, offset=start + at, strides=(width,))
        for column, at in zip(columns, np.cumsum([0, *widths[:-1]]).tolist(), strict=True)
        if column.is_number
    }


def _read_back(columns: Mapping[str, np.ndarray[Any, Any]], outline: Outline, path: Path) -> None:
    """Compare the file with what pyreadstat finds in it: every cell, and of a long file the reasons of its last rows.

    It tells reasons apart only by making an object of every cell, which takes longer than all else. Of each column they
    are written at once and at the same distance, so that the last are where they should be only if all are.
    """
    import pyreadstat

    try:
        back, _ = pyreadstat.read_dta(path)
    except pyreadstat.ReadstatError as error:
        raise IntegrityError(f"the Stata file cannot be read back ({error}); nothing was written") from error
    compare(columns, back, "Stata")
    first = max(0, outline.rows - _LETTERED)
    options: Mapping[str, Any] = {"user_missing": True, "output_format": "dict"}
    last, _ = pyreadstat.read_dta(path, row_offset=first, **options)  # lists of numbers, letters and None
    for column in outline.columns:
        if not column.is_number:
            continue
        ours = columns[column.name][first:]
        numbers = np.zeros(len(ours), dtype=np.int8) if column.reasons is None else column.reasons[first:]
        cells = _LETTERS[numbers]
        there = np.flatnonzero(~np.isnan(ours))
        cells[there] = ours[there]
        if cells.tolist() != last[column.name]:
            raise differ(column.name, "Stata")
