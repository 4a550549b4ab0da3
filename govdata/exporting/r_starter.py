"""Frames for R: a CSV file, and the script that reads it with its types, labels and reasons."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from govdata.citation import cite
from govdata.errors import ArgumentError, IntegrityError
from govdata.exporting.cells import Cells, cells
from govdata.exporting.formulas import is_formula
from govdata.exporting.outline import Column, Outline
from govdata.exporting.r_text import character, numeric, string
from govdata.exporting.tabular import write_csv
from govdata.reasons import REASON_WORDS
from govdata.vocabulary import MISSING_REASONS

__all__ = ["files", "write"]

_LARGEST: Final = 2**31 - 1
_WHOLE: Final = 2**53
_END: Final = "_missing"
_LETTERS: Final = dict(zip(MISSING_REASONS, "abcd", strict=True))  # as in a Stata file
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")
_TYPES: Final = {"number": "numeric", "truth": "logical", "day": "Date", "moment": "POSIXct", "text": "character"}
_HARMLESS: Final = r"^'('*[-=+@\t\r\n\uff1d\uff0b\uff0d\uff20])"
_BLANK: Final = re.compile(r"@([A-Z]+)@")


def files(target: Path, outline: Outline) -> list[Path]:
    """Name the files of an export, the main one last."""
    del outline
    return [target.with_suffix(".csv"), target]


def write(outline: Outline, files: Sequence[Path]) -> None:
    """Write them."""
    columns = [cells(column) for column in outline.columns]
    types = [_type(column, made) for column, made in zip(outline.columns, columns, strict=True)]
    write_csv(columns, files[0])
    script = _script(outline, columns, types, files)
    files[-1].write_bytes(script)
    if files[-1].read_bytes() != script:
        raise IntegrityError("the R script came back with other bytes; nothing was written")


@lru_cache(maxsize=1)
def _template() -> str:
    return Path(__file__).with_suffix(".R").read_text(encoding="ascii")


def _type(column: Column, made: Cells) -> str:
    """Name what R is to make of a column."""
    if made.kind != "whole":
        return _TYPES[made.kind]
    largest = max((abs(one) for one in made.values if one is not None), default=0)
    if largest > _WHOLE:
        raise ArgumentError(
            f"column {column.name!r} holds whole numbers beyond 2**53, which R would round; make it text"
        )
    return "integer" if largest <= _LARGEST else "numeric"


def _script(outline: Outline, columns: Sequence[Cells], types: Sequence[str], files: Sequence[Path]) -> bytes:
    numbers, beside, rest = _reasons(outline, types)
    named = ", ".join(str(release) for release in outline.releases)
    filled = {
        "WHAT": f"{named or 'A data frame'}, written by govdata for R.",
        "SCRIPT": string(files[-1].name)[1:-1],
        "MODELS": _models(outline, types),
        "CSV": string(files[0].name),
        "NAMES": character(column.name for column in columns),
        "TYPES": _runs(types),
        "ROWS": str(outline.rows),
        "CHANGES": "".join(f"  {line}\n" for line in _changes(outline, columns)),
        "LETTERS": ", ".join(f'{word} = "{letter}"' for word, letter in _LETTERS.items()),
        "NUMBERS": numeric(numbers),
        "BESIDE": numeric(beside),
        "REST": character(rest),
        "LABELS": character(column.label for column in outline.columns),
        "LABELLED": "\n".join(f"  {line}" for line in _labelled(outline)),
        "FROM": string(f" of {named}" if named else ""),
    }
    return _BLANK.sub(lambda found: filled[found[1]], _template()).encode("ascii")


def _runs(types: Sequence[str]) -> str:
    """Write the types, each run of the same once."""
    runs = [(kind, len(list(same))) for kind, same in groupby(types)]
    return f"rep({character(kind for kind, _ in runs)}, {numeric(times for _, times in runs)})"


def _changes(outline: Outline, columns: Sequence[Cells]) -> Iterator[str]:
    """Say what becomes of text: the apostrophe goes that keeps spreadsheets from running it, categories are factors."""
    import pandas as pd

    texts = [at for at, column in enumerate(columns, 1) if column.kind == "text"]
    quoted = [at for at in texts if any(is_formula(one) for one in set(columns[at - 1].values) if one)]
    if quoted:
        yield f'for (i in {numeric(quoted)}) panel[[i]] <- sub({string(_HARMLESS)}, "\\\\1", panel[[i]])'
    for at in texts:
        dtype = outline.columns[at - 1].cells.dtype
        if isinstance(dtype, pd.CategoricalDtype):
            order = "TRUE" if dtype.ordered else "FALSE"
            levels = character(one for one in dtype.categories if one)
            yield f"panel[[{at}]] <- factor(panel[[{at}]], levels = {levels}, ordered = {order})"


def _reasons(outline: Outline, types: Sequence[str]) -> tuple[list[int], list[int], list[str]]:
    """Say where the reasons of each column of numbers stand, and which it is where none stands there.

    A bound stands beside the reason of its value; where there is a value and no bound, the rest is meant.
    """
    places = {column.name: at for at, column in enumerate(outline.columns, 1)}
    numbers, beside, rest = [], [], []
    for at, (column, kind) in enumerate(zip(outline.columns, types, strict=True), 1):
        if column.reasons is None or kind not in ("numeric", "integer") or not column.reasons.any():
            continue
        place = places.get(column.name + _END) or places.get(_value_column(column) + _END)
        if place is None or outline.columns[place - 1].indicator is None:  # a column of that name without reasons
            continue
        words = outline.columns[place - 1].cells.fillna("").to_numpy(dtype=object)
        own = REASON_WORDS[column.reasons]
        others = set(own[(words == "") & (own != "")])
        numbers.append(at)
        beside.append(place)
        rest.append(others.pop() if len(others) == 1 else "")
    return numbers, beside, rest


def _value_column(column: Column) -> str:
    one = column.indicator
    return "" if one is None else one.column("subnational" if "_sub" in column.endings else "national")


def _labelled(outline: Outline) -> Iterator[str]:
    """Put labels on the codes and the reasons, once for all columns that have the same."""
    codes: dict[tuple[Any, ...], list[int]] = {}
    words: dict[tuple[Any, ...], list[int]] = {}
    for at, column in enumerate(outline.columns, 1):
        if column.codes:
            codes.setdefault(tuple(column.codes.items()), []).append(at)
        if column.reasons is not None and column.is_number and column.reasons.any():
            words.setdefault(tuple(outline.reasons_of(column, outline.language).items()), []).append(at)
    for pairs, places in codes.items():
        named = dict(pairs)
        vector = f"stats::setNames({numeric(named)}, {character(named.values())})"
        yield f'for (i in {numeric(places)}) attr(panel[[i]], "labels") <- {vector}'
    for pairs, places in words.items():
        legend = {_LETTERS[word]: text for word, text in pairs}
        vector = f"stats::setNames({character(legend.values())}, {character(legend)})"
        yield f'for (i in {numeric(places)}) attr(panel[[i]], "reasons") <- {vector}'
    if outline.releases:
        told = {
            "dataset": [release.name for release in outline.releases],
            "version": [release.version for release in outline.releases],
            "sha256": [release.digest for release in outline.releases],
            "citation": [cite(release.name, release.version) for release in outline.releases],
        }
        yield from (f'attr(panel, "{key}") <- {character(texts)}' for key, texts in told.items())


def _models(outline: Outline, types: Sequence[str]) -> str:
    """Show how a panel goes into the packages of panel models; nothing where rows are no country-years."""
    import pandas as pd

    found = {column.name: column.cells for column in outline.columns}
    if not {"iso3", "year"} <= set(found):
        return ""
    if pd.DataFrame({key: found[key] for key in ("iso3", "year")}).duplicated().any():
        return ""
    values = [
        column.name
        for column, kind in zip(outline.columns, types, strict=True)
        if kind == "numeric" and column.indicator is not None and not column.endings and _NAME.match(column.name)
    ]
    x, y = values[:2] if len(values) > 1 else ("x", "y")
    return (
        "# Then, for instance:\n"
        f'#   plm::plm({y} ~ {x}, data = plm::pdata.frame(panel, index = c("iso3", "year")), model = "within")\n'
        f"#   fixest::feols({y} ~ {x} | iso3 + year, data = panel)\n"
    )
