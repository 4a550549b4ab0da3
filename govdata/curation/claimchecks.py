"""Check claims, programmes, their relations, and adjudications."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from govdata import model, vocabulary
from govdata.curation.cellchecks import (
    NAME,
    NUMBER,
    YEAR,
    Found,
    date_faults,
    existence,
    is_day,
    known_word,
    required,
    table_faults,
)
from govdata.curation.read import Curated
from govdata.errors import nearest
from govdata.register import Register
from govdata.rules import SETTLED
from govdata.textio import Fault

__all__ = ["claim_faults"]

_CLAIM_ID: Final = re.compile(r"[A-Z]{3}-[0-9]{4,}\Z")
_GLOSS_LIMIT: Final = 600


def claim_faults(curated: Curated, register: Register | None) -> Iterator[Fault]:
    """Check everything that stands between evidence and value."""
    by_id = {indicator.id: indicator for indicator in curated.indicators}
    sources = {row["source_id"] for row in curated.sources}
    programmes = {row["programme_id"]: row["iso3"] for row in curated.programmes}
    claims = {row["claim_id"]: (row["iso3"], row["indicator"]) for row in curated.claims}
    works = {row["work_id"] for row in curated.literature}

    yield from table_faults(
        curated, "claims", "claim_id", lambda row: _claim(row, by_id, sources, programmes, register, curated.info.years)
    )
    yield from table_faults(curated, "claims", "", lambda row: _cited(row, works))
    for row, (file, line) in zip(curated.claims, curated.places.get("claims", []), strict=False):
        if Path(file).stem != row["iso3"]:
            yield Fault(file, line, row["claim_id"], f"iso3 {row['iso3']} in the file of {Path(file).stem}", "move it")
    yield from table_faults(curated, "programmes", "programme_id", lambda row: _programme(row, sources, register))
    yield from table_faults(curated, "programme_relations", "", lambda row: _relation(row, programmes, sources))
    yield from table_faults(
        curated, "adjudications", "adjudication_id", lambda row: _adjudication(row, by_id, claims, register)
    )
    yield from _overlapping_decisions(curated)


def _overlapping_decisions(curated: Curated) -> Iterator[Fault]:
    seen: dict[tuple[str, str, str, str], int] = {}
    for row, (file, line) in zip(curated.adjudications, curated.places.get("adjudications", []), strict=False):
        if row["effect"] in SETTLED or not (YEAR.match(row["start_year"]) and YEAR.match(row["end_year"])):
            continue
        for year in range(int(row["start_year"]), int(row["end_year"]) + 1):
            key = (row["iso3"], row["indicator"], row["scope"], str(year))
            if key in seen:
                message = f"{' '.join(key)} is decided already on line {seen[key]}"
                yield Fault(file, line, row["adjudication_id"], message, "keep one decision a cell")
                break
            seen[key] = line


def _claim(
    row: Mapping[str, str],
    by_id: Mapping[str, model.Indicator],
    sources: set[str],
    programmes: Mapping[str, str],
    register: Register | None,
    years: tuple[int, int],
) -> Found:
    if not _CLAIM_ID.match(row["claim_id"]):
        yield f"claim_id {row['claim_id']!r} is not of the form CHN-0001", "mend it"
    elif row["claim_id"][:3] != row["iso3"]:
        yield f"claim_id begins with {row['claim_id'][:3]}, iso3 is {row['iso3']}", "make them agree"
    indicator = by_id.get(row["indicator"])
    if indicator is None:
        yield f"indicator {row['indicator']!r} is not in the codebook{nearest(row['indicator'], by_id)}", "mend it"
    else:
        yield from _code_faults(row, indicator)
    yield from date_faults(row, "start", "end")
    if not row["start"] and row["status"] != "rejected":
        yield "start is empty", "say from when the claim holds"
    elif YEAR.match(row["start"][:4]) and row["status"] != "rejected":
        yield from existence(row, register, min(max(int(row["start"][:4]), years[0]), years[1]))
    if row["status"] != "rejected" and YEAR.match(row["start"][:4]) and int(row["start"][:4]) > years[1]:
        yield f"start {row['start']} lies after {years[1]}, the last year of the dataset", "mend the date"
    yield from _standing(row)
    if row["source_id"] not in sources:
        yield f"source {row['source_id']!r} is not in sources.csv{nearest(row['source_id'], sources)}", "add the source"
    if row["programme_id"] and row["programme_id"] not in programmes:
        hint = nearest(row["programme_id"], programmes)
        yield f"programme {row['programme_id']!r} is not in programmes.csv{hint}", "add the programme"
    elif row["programme_id"] and programmes[row["programme_id"]] != row["iso3"]:
        yield (
            f"programme {row['programme_id']} belongs to {programmes[row['programme_id']]}",
            "name one of this country",
        )
    yield from required(row, "locator", "gloss", "coder")
    if len(row["gloss"]) > _GLOSS_LIMIT:
        yield f"the gloss has {len(row['gloss'])} characters", f"keep it below {_GLOSS_LIMIT}"
    if not is_day(row["coded_on"]):
        yield f"coded_on {row['coded_on']!r} is not a day", "write YYYY-MM-DD"


def _cited(row: Mapping[str, str], works: set[str]) -> Found:
    for work in filter(None, row["cites"].split(";")):
        if work not in works:
            yield f"{row['claim_id']} cites {work!r}, not in literature.csv{nearest(work, works)}", "enter the work"


def _standing(row: Mapping[str, str]) -> Found:
    yield from known_word(row, "scope", vocabulary.SCOPES)
    if row["scope"] == "subnational" and not row["region"]:
        yield "subnational without a region", "name the place"
    yield from known_word(row, "modality", vocabulary.MODALITIES)
    yield from known_word(row, "status", vocabulary.STATUSES)
    yield from known_word(row, "grade", vocabulary.GRADES)
    yield from known_word(row, "reason", vocabulary.REASONS, optional=True)
    if row["status"] in {"contested", "rejected"} and not row["reason"]:
        yield f"{row['status']} without a reason", f"give one of {', '.join(vocabulary.REASONS)}"
    if row["status"] == "accepted" and row["reason"]:
        yield "an accepted claim with a reason", "leave the reason empty or change the status"


def _code_faults(row: Mapping[str, str], indicator: model.Indicator) -> Found:
    allowed = {code.code for code in indicator.codes}
    given = [row[column] for column in ("code", "low", "high")]
    if indicator.claims_of:
        yield f"{indicator.id} reads the claims of {indicator.claims_of}", f"code {indicator.claims_of} instead"
    if row["code"] in {"not_applicable", "unclear"}:
        return
    if not row["code"] and not (row["low"] and row["high"]) and row["status"] != "rejected":
        yield "neither a code nor low and high", "give the code, or both bounds where the evidence shows presence only"
    if row["code"] and (row["low"] or row["high"]):
        yield "a code and bounds together", "give one or the other"
    for value in filter(None, given):
        if allowed and value not in allowed and row["status"] != "rejected":
            known = ", ".join(code.code for code in indicator.codes)
            yield f"code {value!r} is not a code of {indicator.id}", f"use one of {known}"
        elif not allowed and not indicator.is_text and not NUMBER.match(value):
            yield f"{value!r} is not a number", "write digits with a decimal point"
    numeric = all(NUMBER.match(value) for value in (row["low"], row["high"]))
    if numeric and float(row["low"]) > float(row["high"]):
        yield f"low {row['low']} is above high {row['high']}", "exchange them"
    if (
        row["scope"] in {"national", "subnational"}
        and row["scope"] not in indicator.scopes
        and row["status"] == "accepted"
    ):
        yield f"{indicator.id} has no {row['scope']} value", f"use {' or '.join(indicator.scopes)}"


def _programme(row: Mapping[str, str], sources: set[str], register: Register | None) -> Found:
    if not NAME.match(row["programme_id"]):
        yield f"programme_id {row['programme_id']!r} is not a lower-case name", "use letters, digits and _"
    yield from known_word(row, "kind", vocabulary.PROGRAMME_KINDS)
    yield from required(row, "name_en", "description", "source_ids")
    if register is not None and row["iso3"] not in register.units:
        yield f"iso3 {row['iso3']!r} is not in the register", "mend the code"
    for source in filter(None, row["source_ids"].split(";")):
        if source not in sources:
            yield f"source {source!r} is not in sources.csv{nearest(source, sources)}", "add the source"


def _relation(row: Mapping[str, str], programmes: Mapping[str, str], sources: set[str]) -> Found:
    yield from known_word(row, "relation", vocabulary.RELATIONS)
    if row["programme_id"] == row["other_id"]:
        yield f"{row['programme_id']} is related to itself", "name two programmes"
    yield from known_word(row, "status", vocabulary.STATUSES)
    for column in ("programme_id", "other_id"):
        if row[column] not in programmes:
            yield f"{column} {row[column]!r} is not in programmes.csv{nearest(row[column], programmes)}", "mend it"
    if row["source_id"] not in sources:
        yield f"source {row['source_id']!r} is not in sources.csv{nearest(row['source_id'], sources)}", "add the source"


def _adjudication(
    row: Mapping[str, str],
    by_id: Mapping[str, model.Indicator],
    claims: Mapping[str, tuple[str, str]],
    register: Register | None,
) -> Found:
    indicator = by_id.get(row["indicator"])
    if indicator is None:
        yield f"indicator {row['indicator']!r} is not in the codebook{nearest(row['indicator'], by_id)}", "mend it"
    else:
        yield from _decided(row, indicator)
    yield from known_word(row, "effect", vocabulary.EFFECTS, optional=True)
    yield from known_word(row, "reason", vocabulary.DECISION_REASONS)
    yield from required(row, "comment", "coder", "decided_on", "claim_ids")
    if register is not None and row["iso3"] not in register.units:
        yield f"iso3 {row['iso3']!r} is not in the register", "mend the code"
    for column in ("start_year", "end_year"):
        if not YEAR.match(row[column]):
            yield f"{column} {row[column]!r} is not a year", "write YYYY"
    if YEAR.match(row["start_year"]) and row["end_year"] < row["start_year"]:
        yield f"end_year {row['end_year']} lies before start_year {row['start_year']}", "exchange them"
    if not is_day(row["decided_on"]):
        yield f"decided_on {row['decided_on']!r} is not a day", "write YYYY-MM-DD"
    for claim in filter(None, row["claim_ids"].split(";")):
        if claim not in claims:
            yield f"claim {claim!r} does not exist{nearest(claim, claims)}", "mend the id"
        elif claims[claim] != (row["iso3"], indicator.evidence_id if indicator else row["indicator"]):
            yield f"claim {claim} is about {' '.join(claims[claim])}", "name claims of this country and indicator"


def _decided(row: Mapping[str, str], indicator: model.Indicator) -> Found:
    if indicator.table != "panel" and row["effect"] not in SETTLED:
        yield f"{indicator.id} makes no value of the panel", "adjudicate indicators of the panel only"
    yield from known_word(row, "scope", indicator.scopes)
    allowed = {code.code for code in indicator.codes}
    values = {column: row[column] for column in ("value", "low", "high") if row[column]}
    for column, value in values.items():
        parts = value.split(";") if indicator.type == "multi" else [value]
        if allowed and not set(parts) <= allowed:
            yield f"{column} {value!r} is not a code of {indicator.id}", f"use one of {', '.join(sorted(allowed))}"
        elif not allowed and not indicator.is_text and not NUMBER.match(value):
            yield f"{column} {value!r} is not a number", "write digits with a decimal point"
    numbers = [float(values[c]) for c in ("low", "value", "high") if c in values and NUMBER.match(values[c])]
    if numbers != sorted(numbers):
        yield "low, value and high are not in order", "make low <= value <= high"
