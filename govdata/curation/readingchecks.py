"""Check how the texts were read: the works they cite, their passages, the verdicts on them, the second coding."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from typing import Final

from govdata import model, vocabulary
from govdata.curation.cellchecks import NAME, YEAR, Found, is_day, known_word, required, table_faults
from govdata.curation.read import Curated
from govdata.errors import nearest
from govdata.textio import Fault

__all__ = ["claim_lines", "reading_faults"]

_LINES: Final = re.compile(r"(?:lines? |and )([0-9]+)(?:-([0-9]+))?")
_VERDICT: Final = re.compile(r"[A-Z][0-9]{2,}\Z")
_CODING: Final = re.compile(r"[A-Z]{3}-[A-Z]?[0-9]{4,}\Z")


def claim_lines(locator: str) -> list[tuple[int, int]]:
    """Read the lines that a locator such as ``line 12-14 and 30, section`` names.

    Examples
    --------
    >>> claim_lines("line 669-671 and 697, health services")
    [(669, 671), (697, 697)]
    """
    if not locator.startswith("line"):
        return []
    found = _LINES.findall(locator)
    return [(int(first), int(last or first)) for first, last in found]


def reading_faults(curated: Curated) -> Iterator[Fault]:
    """Check literature, passages, verdicts and codings; each is optional."""
    sources = {row["source_id"] for row in curated.sources}
    claims = {row["claim_id"]: row["status"] for row in curated.claims}
    yield from table_faults(curated, "literature", "work_id", lambda row: _work(row, sources))
    yield from table_faults(curated, "verdicts", "verdict_id", lambda row: _verdict(row, claims))
    yield from table_faults(curated, "passages", "", lambda row: _passage(row, sources))
    yield from _uncovered(curated)
    by_id = {indicator.id: indicator for indicator in curated.indicators}
    programmes = {row["programme_id"] for row in curated.programmes}
    decisions = {row["adjudication_id"] for row in curated.adjudications}
    yield from table_faults(
        curated, "codings", "coding_id", lambda row: _coding(row, by_id, claims, programmes, decisions)
    )


def _work(row: Mapping[str, str], sources: set[str]) -> Found:
    if not NAME.match(row["work_id"]):
        yield f"work_id {row['work_id']!r} is not a lower-case name", "use letters, digits and _"
    yield from required(row, "authors", "cited_as", "seed_ids", "lines")
    yield from known_word(row, "check", vocabulary.LITERATURE_CHECKS)
    if row["check"] in {"misread", "misprinted"} and not row["correction"]:
        yield f"{row['check']} without a correction", "say what is right"
    for source in filter(None, (*row["seed_ids"].split(";"), row["source_id"])):
        if source not in sources:
            yield f"source {source!r} is not in sources.csv{nearest(source, sources)}", "add the source"


def _verdict(row: Mapping[str, str], claims: Mapping[str, str]) -> Found:
    if not _VERDICT.match(row["verdict_id"]):
        yield f"verdict_id {row['verdict_id']!r} is not of the form K01", "mend it"
    yield from known_word(row, "verdict", vocabulary.VERDICTS)
    yield from required(row, "claim_ids", "finding", "coder")
    if row["verdict"] != "not_found" and not row["answer_ids"]:
        yield f"{row['verdict']} without an answer", "name the claims that answer, or make it not_found"
    for claim in filter(None, f"{row['claim_ids']};{row['answer_ids']}".split(";")):
        if claim not in claims:
            yield f"claim {claim!r} does not exist{nearest(claim, claims)}", "mend the id"
    for claim in row["claim_ids"].split(";"):
        if row["verdict"] == "wrong" and claims.get(claim, "rejected") != "rejected":
            yield f"claim {claim} is wrong and still {claims[claim]}", "reject it with its reason"
    if not is_day(row["decided_on"]):
        yield f"decided_on {row['decided_on']!r} is not a day", "write YYYY-MM-DD"


def _passage(row: Mapping[str, str], sources: set[str]) -> Found:
    if row["source_id"] not in sources:
        yield f"source {row['source_id']!r} is not in sources.csv{nearest(row['source_id'], sources)}", "add the source"
    yield from known_word(row, "kind", vocabulary.PASSAGE_KINDS)
    yield from required(row, "section", "gist")
    lines = (row["first_line"], row["last_line"])
    if not all(line.isdigit() for line in lines):
        yield f"lines {lines[0]!r} to {lines[1]!r} are not numbers", "write the numbers of the lines"
    elif int(lines[1]) < int(lines[0]):
        yield f"last_line {lines[1]} lies before first_line {lines[0]}", "exchange them"


def _uncovered(curated: Curated) -> Iterator[Fault]:
    """Find lines of a text that no passage covers, and passages of facts that no claim covers."""
    said: dict[str, list[tuple[int, int]]] = {}
    for row in curated.claims:
        said.setdefault(row["source_id"], []).extend(claim_lines(row["locator"]))
    places = curated.places.get("passages", [])
    numbered = [
        (row, place)
        for row, place in zip(curated.passages, places, strict=False)
        if row["first_line"].isdigit() and row["last_line"].isdigit()
    ]
    for (before, _), (row, (file, line)) in itertools.pairwise(numbered):
        expected = int(before["last_line"]) + 1 if before["source_id"] == row["source_id"] else 1
        if int(row["first_line"]) != expected:
            message = f"the passage begins at line {row['first_line']}, not {expected}"
            yield Fault(file, line, row["source_id"], message, "let passages follow each other without gap")
    for row, (file, line) in numbered:
        first, last = int(row["first_line"]), int(row["last_line"])
        hit = any(start <= last and end >= first for start, end in said.get(row["source_id"], []))
        if row["kind"] == "facts" and not hit:
            message = f"no claim speaks of lines {first} to {last}"
            yield Fault(file, line, row["source_id"], message, "code the passage, or say that it holds no fact")


def _coding(
    row: Mapping[str, str],
    by_id: Mapping[str, model.Indicator],
    claims: Mapping[str, str],
    programmes: set[str],
    decisions: set[str],
) -> Found:
    if not _CODING.match(row["coding_id"]):
        yield f"coding_id {row['coding_id']!r} is not of the form CHN-0001", "mend it"
    yield from known_word(row, "level", vocabulary.CODING_LEVELS)
    yield from known_word(row, "round", ("1", "2"))
    yield from required(row, "coder", "iso3")
    indicator = by_id.get(row["indicator"])
    if indicator is None:
        yield f"indicator {row['indicator']!r} is not in the codebook{nearest(row['indicator'], by_id)}", "mend it"
    elif row["status"] != "rejected":
        allowed = {code.code for code in indicator.codes} | {"unclear", "not_applicable"}
        for value in (row[column] for column in ("code", "low", "high") if row[column] and indicator.codes):
            if value not in allowed:
                yield f"code {value!r} is not a code of {indicator.id}", "mend it"
    if row["level"] == "claim" and row["claim_id"] not in claims:
        yield f"claim {row['claim_id']!r} does not exist", "mend the id"
    if row["level"] == "stage" and row["programme_id"] not in programmes:
        yield f"programme {row['programme_id']!r} is not in programmes.csv", "mend the id"
    if row["level"] != "claim" and not (YEAR.match(row["start_year"]) and YEAR.match(row["end_year"])):
        yield "start_year or end_year is not a year", "write YYYY"
    for decision in filter(None, row["adjudication_id"].split(";")):
        if decision not in decisions:
            yield f"adjudication {decision!r} does not exist", "enter the decision"
    if not is_day(row["coded_on"]):
        yield f"coded_on {row['coded_on']!r} is not a day", "write YYYY-MM-DD"
