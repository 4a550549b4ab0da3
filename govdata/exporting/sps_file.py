"""The ``.sps`` file beside an SPSS file: labels in every language and long texts as attributes of the variables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from govdata import vocabulary
from govdata.exporting.notes import bearers, data_notes, notes
from govdata.exporting.outline import Column, Outline
from govdata.exporting.plain import code_texts, variable_label
from govdata.labels import LONGEST_CODE

__all__ = ["literal", "script", "texts_of"]

_Ranges = Mapping[str, tuple[float, float, Mapping[str, float]]]
_PIECE: Final = 190  # bytes of a text on one line; SPSS reads lines of 251
_ATTRIBUTE: Final = 30_000  # bytes of a text in an attribute; SPSS takes 32,767


def texts_of(column: Column, outline: Outline, language: str, ranges: _Ranges) -> dict[float, str]:
    """Give the value labels of a column: of its codes, and of the numbers that stand for reasons."""
    said = outline.reasons_of(column, language)
    texts, reasons = code_texts(column, language, said, lambda text: len(text.encode()) <= LONGEST_CODE, "SPSS")
    numbers = ranges[column.name][2] if column.name in ranges else {}
    return {numbers[reason]: text for reason, text in reasons.items() if reason in numbers} | texts


def script(outline: Outline, file: str, ranges: _Ranges) -> str:
    """Write the commands.

    Parameters
    ----------
    outline
        What the file holds.
    file
        Its name.
    ranges
        Column → lowest and highest number that is declared missing, and the number of each reason.
    """
    name = re.sub(r"[^A-Za-z0-9_]", "_", file.rsplit(".", 1)[0])[:50]
    lines = [
        "* Encoding: UTF-8.",
        "* The file begins with a byte order mark, by which SPSS tells UTF-8 from the code page of the machine.",
        "* Run it in the folder of the data file, or put CD 'folder'. before GET. It changes no file.",
        *_command("GET FILE=", [literal(file)]),
        f"DATASET NAME data_{name}.",
        "",
        "* What stands for a missing value, and why: -99 no_evidence, -98 unclear, -97 not_applicable, -96 not_coded.",
        "* Where a variable has such values of its own, the numbers are lower: see its value labels.",
        *_missing(ranges),
        "",
        "* What the data are. Attributes are read with DISPLAY ATTRIBUTES.",
        *_attributes("DATAFILE ATTRIBUTE", _numbered(data_notes(outline))),
        "",
        "* Labels in every language, and the texts of the codebook on the first variable of each indicator.",
    ]
    bearing = {column.name for column in bearers(outline).values()}
    for column in outline.columns:
        texts = list(_labels(column, outline, ranges))
        if column.name in bearing:
            texts += notes(outline, column)
        if texts:
            lines += _attributes(f"VARIABLE ATTRIBUTE VARIABLES={column.name}", _numbered(texts))
    lines += ["", "* To keep all this in a file of your own:", "* SAVE OUTFILE='labelled.sav'."]
    return "\n".join(lines) + "\n"


def literal(text: str) -> str:
    """Quote a text for SPSS on as many lines as it takes, joined by plus signs.

    Examples
    --------
    >>> print(literal("the state's"))
    'the state''s'
    """
    line = re.sub(r"[\s\x00-\x1f\x7f]+", " ", text).strip().replace("'", "''")
    size = _PIECE // 2 if line.isascii() else _PIECE // 4  # a doubled quote takes two bytes, a character up to four
    pieces = re.findall(f"(?:''|[^']){{1,{size}}}", line) or [""]
    return " +\n    ".join(f"'{one}'" for one in pieces)


def _command(head: str, words: Iterable[str]) -> list[str]:
    return [f"{head}{' '.join(words)}."]


def _missing(ranges: _Ranges) -> Iterator[str]:
    """Declare the ranges, for all variables that share one."""
    shared: dict[tuple[float, float], list[str]] = {}
    for name, (low, high, _) in ranges.items():
        shared.setdefault((low, high), []).append(name)
    for (low, high), names in shared.items():
        yield "MISSING VALUES"
        for start in range(0, len(names), 5):
            yield f"    {' '.join(names[start : start + 5])}"
        yield f"    ({low:.0f} THRU {high:.0f})."


def _labels(column: Column, outline: Outline, ranges: _Ranges) -> Iterator[tuple[str, str]]:
    """Give the labels in every language; what is longer than a label may be, whole."""
    if column.indicator is None and len(column.label.encode()) > 256:
        yield "label", column.label
    for language in vocabulary.LANGUAGES:
        if column.label and (column.indicator is not None or column.label_in(language) != column.label):
            yield f"label_{language}", variable_label(column, language, lambda _: True)
        if column.indicator is None or not column.is_number:
            continue
        texts = texts_of(column, outline, language, ranges)
        if texts:
            yield f"values_{language}", "; ".join(f"{code:.15g} = {text}" for code, text in texts.items())


def _numbered(texts: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Give every text a name of its own, and split what is longer than an attribute may be."""
    seen: dict[str, int] = {}
    for word, text in texts:
        name = re.sub(r"[^A-Za-z0-9_]", "_", word)
        while True:
            part = text.encode()[:_ATTRIBUTE].decode(errors="ignore")
            seen[name] = seen.get(name, 0) + 1
            yield (name if seen[name] == 1 else f"{name}_{seen[name]}"), part
            text = text[len(part) :]  # noqa: PLW2901 - the rest of it
            if not text:
                break


def _attributes(head: str, texts: Iterable[tuple[str, str]]) -> Iterator[str]:
    yield head
    yield "    ATTRIBUTE="
    for name, text in texts:
        yield f"    {name}({literal(text)})"
    yield "    ."
