"""Check that every label fits the files of Stata and SPSS, in its stored short form where it is too long."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from govdata import vocabulary
from govdata.curation.cellchecks import known_word, required
from govdata.curation.read import Curated
from govdata.curation.standingchecks import frozen_releases
from govdata.model import Indicator
from govdata.textio import Fault, read_table

__all__ = ["label_faults"]

_ALWAYS: Final = ("", "_missing")
Short = Mapping[tuple[str, str], str]


def label_faults(root: Path, curated: Curated) -> Iterator[Fault]:
    """Check ``short_labels.csv`` against the codebooks of the working tree and of every release."""
    name = curated.info.name
    shown, path = f"{name}/short_labels.csv", root / name / "short_labels.csv"
    books = [{one.id: one for one in curated.indicators}]
    books += [one.indicators for one in frozen_releases(root, name)]
    short: dict[tuple[str, str], str] = {}
    if path.is_file():
        table = read_table(path, vocabulary.SHORT_LABEL_COLUMNS, shown=shown)
        yield from table.faults
        known = {key for book in books for one in book.values() for key in _labels(one)}
        shortened: dict[tuple[str, str], str] = {}
        for row, line in zip(table.rows, table.lines, strict=True):
            key = (row["lang"], row["label"])
            for message, remedy in (
                *required(row, "label", "short"),
                *known_word(row, "lang", vocabulary.LANGUAGES),
            ):
                yield Fault(shown, line, row["lang"], message, remedy)
            if key in short:
                yield Fault(shown, line, row["lang"], f"{row['label'][:40]!r} stands here twice", "keep one line")
            if key not in known:
                yield Fault(shown, line, row["lang"], f"no codebook has the label {row['label'][:60]!r}", "mend it")
            other = shortened.setdefault((row["lang"], row["short"]), row["label"])
            if other != row["label"]:
                message = f"{row['short']!r} is also the short form of {other[:40]!r}"
                yield Fault(shown, line, row["lang"], message, "give each label its own")
            short[key] = row["short"]
    told: set[str] = set()
    for book in books:
        for fault in (*_too_long(shown, book, short), *_alike(shown, book, short)):
            if str(fault) not in told:  # the same label in several releases is one fault
                told.add(str(fault))
                yield fault


def _labels(indicator: Indicator) -> Iterator[tuple[str, str]]:
    yield from indicator.labels.items()
    for code in indicator.codes:
        yield from code.labels.items()


def _columns(indicator: Indicator, language: str, short: Short) -> Iterator[str]:
    """Give the label of each column as a file has it: in full where it fits, else with the stored short form."""
    label = indicator.labels[language]
    place = vocabulary.LANGUAGES.index(language)
    ends = [*_ALWAYS, *(("_low", "_high") if indicator.bounds else ()), *(("_sd",) if indicator.sd else ())]
    for scope in indicator.scopes:
        head = "" if indicator.column(scope) == indicator.id else vocabulary.LABEL_ENDINGS["_sub"][place]
        for end in ends:
            added = head + (vocabulary.LABEL_ENDINGS[end][place] if end else "")
            fits = len(label + added) <= vocabulary.LONGEST_LABEL
            yield (label if fits else short.get((language, label), label)) + added


def _codes(indicator: Indicator, language: str, short: Short) -> Iterator[str]:
    for label in (code.labels[language] for code in indicator.codes if language in code.labels):
        fits = len(label.encode()) <= vocabulary.LONGEST_CODE_LABEL
        yield label if fits else short.get((language, label), label)


def _too_long(shown: str, book: Mapping[str, Indicator], short: Short) -> Iterator[Fault]:
    for one in book.values():
        if not one.columns():
            continue
        for language in one.labels:
            over = [text for text in _columns(one, language, short) if len(text) > vocabulary.LONGEST_LABEL]
            if over:
                longest = max(over, key=len)
                message = (
                    f"{language} label {longest[:40]!r}… has {len(longest)} characters with its ending, "
                    f"more than {vocabulary.LONGEST_LABEL}"
                )
                yield Fault(shown, 0, one.id, message, "add a short form")
            for text in _codes(one, language, short):
                if len(text.encode()) > vocabulary.LONGEST_CODE_LABEL:
                    message = (
                        f"{language} label of a code {text[:40]!r}… has {len(text.encode())} bytes, "
                        f"more than {vocabulary.LONGEST_CODE_LABEL}"
                    )
                    yield Fault(shown, 0, one.id, message, "add a short form")


def _alike(shown: str, book: Mapping[str, Indicator], short: Short) -> Iterator[Fault]:
    """Find two columns, or two codes of an indicator, that a file could not tell apart."""
    owners: dict[tuple[str, str], list[str]] = defaultdict(list)
    for one in book.values():
        if one.columns():
            for language in one.labels:
                for text in _columns(one, language, short):
                    owners[language, text].append(one.id)
                seen: set[str] = set()
                for text in _codes(one, language, short):
                    if text in seen:
                        yield Fault(
                            shown, 0, one.id, f"two codes have the {language} label {text[:60]!r}", "tell them apart"
                        )
                    seen.add(text)
    for (language, text), ids in sorted(owners.items()):
        if len(ids) > 1:
            message = f"the {language} label {text[:60]!r} is also that of {ids[1]}"
            yield Fault(shown, 0, ids[0], message, "give each indicator its own")
