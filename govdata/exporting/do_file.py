"""The ``.do`` file beside a Stata file: labels in every language, notes, and the panel declared."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from govdata import vocabulary
from govdata.exporting.notes import bearers, data_notes, notes
from govdata.exporting.outline import Column, Outline
from govdata.exporting.plain import code_texts, variable_label
from govdata.vocabulary import MISSING_REASONS

__all__ = ["quoted", "script"]

_NOTE: Final = 8000  # characters; the smallest Stata holds 8,681 in a note
_ASCII: Final = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "..."})


def script(outline: Outline, file: str) -> str:
    """Write the commands.

    Parameters
    ----------
    outline
        What the file holds.
    file
        Its name.
    """
    old = outline.stata == 13
    lines = [
        f"* {file.replace('*', ' ')}: labels in every language, notes on every variable, and the panel declared.",
        "* Run it in the folder of the data file. It changes no file.",
        f"version {outline.stata}",
        f"use {quoted(file)}, clear",
        "",
        *_panel(outline),
        "* What the data are. Notes are read with: notes list",
        *_notes("_dta", data_notes(outline), old=old),
    ]
    for column in bearers(outline).values():
        lines += [*_notes(column.name, notes(outline, column), old=old)]
    lines += _whole_labels(outline, old=old)
    if not old:
        lines += ["", *_languages(outline)]
    lines += ["", "* To keep all this in a file of your own:", '* save "labelled.dta"']
    text = "\n".join(lines) + "\n"
    # Stata 13 reads one byte a character; what it lacks is named by its number.
    return text.encode("latin-1", "xmlcharrefreplace").decode("latin-1") if old else text


def quoted(text: str) -> str:
    r"""Quote a text for Stata, on one line.

    A dollar sign and a back-tick begin macros even in quotes: the one is escaped; the other, for which no escape is
    safe before a quote, becomes ‘. A backslash before a dollar sign would undo the escape and becomes a slash. A quote
    followed by an apostrophe would end the text: the apostrophe becomes ’. What might begin a comment is spaced.

    Examples
    --------
    >>> print(quoted('US$ 5, "so-called"'))
    `"US\$ 5, "so-called""'
    """
    line = (text if text.isprintable() else re.sub(r"[\s\x00-\x1f\x7f]+", " ", text)).strip()
    line = line.replace("`", "‘").replace("\"'", '"’')
    line = re.sub(r"/(?=\*)", "/ ", re.sub(r"(?<=\s)/{2,}", lambda found: " ".join(found[0]), line))
    line = re.sub(r"\\+(?=\$)", lambda found: "/" * len(found[0]), line).replace("$", "\\$")
    return f'`"{line}"\''


def _notes(name: str, texts: Iterator[tuple[str, str]], *, old: bool) -> Iterator[str]:
    """Write notes as what they are to Stata, numbered characteristics, which unlike `notes` take a quoted text."""
    number = 0
    for word, text in texts:
        whole = f"{word.replace('_', ' ', 1)}: {text}"  # a code and a reason keep theirs
        for part in _parts(whole.translate(_ASCII) if old else whole):
            number += 1
            yield f"char {name}[note{number}] {quoted(part)}"
    if number:
        yield f"char {name}[note0] {number}"


def _parts(text: str) -> list[str]:
    parts = []
    while len(text) > _NOTE:
        end = text.rfind(" ", 1, _NOTE) if " " in text[1:_NOTE] else _NOTE
        parts.append(text[:end])
        text = text[end:].lstrip()
    return [*parts, text]


def _whole_labels(outline: Outline, *, old: bool) -> Iterator[str]:
    """Say as a note what is longer than a label may be."""
    for column in outline.columns:
        if column.indicator is None and len(column.label) > 80:
            yield from _notes(column.name, iter([("label", column.label)]), old=old)


def _panel(outline: Outline) -> Iterator[str]:
    """Declare the panel where the rows are unit-years."""
    columns = {column.name: column for column in outline.columns}
    if not {"iso3", "year"} <= set(columns) or "unit" in {name.casefold() for name in columns}:
        return
    iso3, year = columns["iso3"], columns["year"]
    if iso3.is_number or not year.is_number or outline.rows == 0:
        return
    unit, when = iso3.cells, year.cells
    if unit.isna().any() or (unit == "").any() or when.isna().any():
        return
    pairs = set(zip(unit.tolist(), when.tolist(), strict=True))
    if len(pairs) != outline.rows:
        return
    yield "* The panel: xtset takes a number for the unit."
    yield "encode iso3, generate(unit)"
    yield "xtset unit year"
    yield ""


def _languages(outline: Outline) -> Iterator[str]:
    """Write labels in the languages that the file does not have, and go back to its own."""
    yield "* Labels in other languages: label language fa, label language ar, …"
    yield f"label language {outline.language}, rename"
    taken = {column.name for column in outline.columns}
    panel = any(_panel(outline))
    for language in vocabulary.LANGUAGES:
        if language == outline.language:
            continue
        yield ""
        yield f"label language {language}, new"
        for column in outline.columns:
            if label := variable_label(column, language, lambda text: len(text) <= 80):
                yield f"label variable {column.name} {quoted(label)}"
        yield from _value_labels(outline, language, taken)
        if panel:
            yield "label values unit unit"
    yield ""
    yield f"label language {outline.language}"


def _value_labels(outline: Outline, language: str, taken: set[str]) -> Iterator[str]:
    """Define the labels of codes and reasons, once for all columns that share them."""
    shared: dict[tuple[object, ...], list[Column]] = {}
    for column in outline.columns:
        if column.indicator is None and column.codes:  # its labels have no language: those of the file
            yield f"label values {column.name} {column.name}"
        elif column.is_number and column.indicator is not None:
            of = column.indicator.id if column.codes else ""
            shared.setdefault((column.dataset, of, *column.codes, column.reasons is None), []).append(column)
    for columns in shared.values():
        one = columns[0]
        table = _table(one, outline, language)
        if not table:
            continue
        name = _free(f"{one.indicator.id if one.indicator and one.codes else 'reasons'}_{language}", taken)
        yield f"label define {name} ///"
        lines = [f"    {code} {quoted(text)}" for code, text in table.items()]
        yield " ///\n".join(lines)
        for start in range(0, len(columns), 6):
            yield f"label values {' '.join(column.name for column in columns[start : start + 6])} {name}"


def _table(column: Column, outline: Outline, language: str) -> Mapping[str, str]:
    said = outline.reasons_of(column, language)
    texts, reasons = code_texts(column, language, said, lambda text: len(text.encode()) <= 32_000, "Stata")
    dotted = {f".{'abcd'[MISSING_REASONS.index(reason)]}": text for reason, text in reasons.items()}
    return {f"{code:.15g}": text for code, text in texts.items()} | dotted


def _free(name: str, taken: set[str]) -> str:
    """Give a name of a table that no other has; those of the file are named as its columns."""
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}_{number}"
    taken.add(free)
    return free
