"""Find every fault in a dataset's curated files at once, each with file, line and remedy."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Final

from govdata import model, vocabulary
from govdata.curation.read import Curated, damaged_files, read_release, read_tree
from govdata.curation.register import Register, first_day, last_day
from govdata.curation.release import ASSERTIONS, load_register, release_versions
from govdata.errors import CurationError, nearest
from govdata.textio import Fault

__all__ = ["check_dataset", "find_faults"]

_CLAIM_ID = re.compile(r"[A-Z]{3}-[0-9]{4,}\Z")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?\Z")
_YEAR = re.compile(r"[0-9]{4}\Z")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_SOURCE_ID = re.compile(r"[a-z][a-z0-9_]*\Z")
_ISO3 = re.compile(r"[A-Z]{3}\Z")
_OPENED: Final = ("full", "extract", "abstract", "record")
_GLOSS_LIMIT: Final = 600

Found = Iterator[tuple[str, str]]


def check_dataset(root: Path, name: str) -> list[Fault]:
    """Read and check one dataset.

    Parameters
    ----------
    root
        The ``datasets`` folder.
    name
        The dataset.

    Returns
    -------
    list of Fault
        Sorted by file and line; empty when the dataset can be built.
    """
    try:
        curated = read_tree(root, name)
    except CurationError as error:
        return [
            Fault(f"{name}/dataset.toml", 1, "", str(error).removeprefix(f"{name}/dataset.toml: "), "mend it first")
        ]
    try:
        register = load_register(root, curated)
    except (CurationError, ValueError) as error:
        register = None
        if curated.info.kind != "register":
            message = str(error).removeprefix(f"{name}/dataset.toml: ")
            curated.faults.append(Fault(f"{name}/dataset.toml", 0, "", message, "pin a release of countries"))
    lost = list(_lost_ids(root, curated))
    described = _dataset_faults(curated, name, register)
    return sorted({*find_faults(curated, register), *lost, *described})


def _dataset_faults(curated: Curated, name: str, register: Register | None) -> Iterator[Fault]:
    """Find what ``dataset.toml`` names and nothing has."""
    info, where = curated.info, f"{name}/dataset.toml"

    def unknown(what: str, given: Iterable[str], known: Iterable[str]) -> Iterator[Fault]:
        for one in given:
            if one not in known:
                yield Fault(where, 0, "", f"{what} {one!r} is not known{nearest(one, known)}", "use a known one")

    if info.name != name:
        yield Fault(where, 0, "", f"name {info.name!r} is not that of the folder", f"make it {name!r}")
    yield from unknown("unit kind", info.unit_kinds, vocabulary.UNIT_KINDS)
    yield from unknown("assertion", info.assertions, ASSERTIONS)
    for entry in info.coverage:
        lists = {"countries": () if register is None else register.units, "indicators": _ids(curated)}
        if set(entry) != set(lists):
            yield Fault(where, 0, "", "[[coverage]] has other keys than countries and indicators", "give both")
            continue
        for key, known in lists.items():
            if entry[key] == "*":
                continue
            if not isinstance(entry[key], list):
                yield Fault(where, 0, "", f"coverage {key} {entry[key]!r} is no list", 'write a list, or "*"')
            elif known:
                yield from unknown(f"coverage {key}", map(str, entry[key]), known)


def _ids(curated: Curated) -> tuple[str, ...]:
    """Name the indicators of a codebook."""
    return tuple(indicator.id for indicator in curated.indicators)


def _lost_ids(root: Path, curated: Curated) -> Iterator[Fault]:
    """Find claims and sources that were released once and are gone: nothing is ever deleted."""
    name = curated.info.name
    versions = release_versions(root, name)
    if not versions:
        return
    folder = root / name / "releases" / versions[-1]
    if damaged := damaged_files(folder):
        for file in damaged:
            shown = f"{name}/releases/{versions[-1]}/{file}"
            yield Fault(shown, 0, "", "the file is not as it was released", "restore the release folder")
        return
    released = read_release(folder)
    unread = {fault.file for fault in curated.faults}
    for table, key, remedy in (
        ("claims", "claim_id", "put it back; reject it with a reason instead"),
        ("sources", "source_id", "put it back; a source stays even when no claim rests on it"),
    ):
        known = {row[key] for row in getattr(curated, table)}
        for row in getattr(released, table):
            if row[key] not in known:
                file = f"{name}/claims/{row['iso3']}.csv" if table == "claims" else f"{name}/sources.csv"
                if file in unread:
                    continue  # the fault of reading says enough
                yield Fault(file, 0, row[key], f"{key} stood in release {versions[-1]} and is gone", remedy)


def find_faults(curated: Curated, register: Register | None) -> list[Fault]:
    """Check curated inputs; gives the faults of reading and of content together."""
    faults = list(curated.faults)
    faults += _codebook_faults(curated)
    faults += _table_faults(curated, "sources", "source_id", _source_faults)
    if curated.info.kind == "register":
        faults += _table_faults(curated, "units", "", _unit_faults)
        faults += _overlaps(curated)
    elif curated.info.kind == "observations":
        faults += _observation_faults(curated, register)
    else:
        faults += _claim_faults(curated, register)
    return sorted(set(faults))


def _codebook_faults(curated: Curated) -> Iterator[Fault]:
    shown = f"{curated.info.name}/codebook"
    ids = {indicator.id for indicator in curated.indicators}
    for key in ("id", "number", *(f"label.{language}" for language in vocabulary.LANGUAGES)):
        seen: dict[str, str] = {}
        for indicator in curated.indicators:
            value = indicator.labels.get(key[6:], "") if key.startswith("label.") else getattr(indicator, key)
            if value and value in seen:
                yield Fault(
                    f"{shown}/{indicator.id}.toml",
                    1,
                    indicator.id,
                    f"{key} {value!r} is also that of {seen[value]}",
                    "give each indicator its own",
                )
            seen.setdefault(value, indicator.id)
    for indicator in curated.indicators:
        where = f"{shown}/{indicator.id}.toml"
        if curated.info.kind == "claims" and not indicator.rule:
            yield Fault(where, 1, indicator.id, "no rule", f"name one of {', '.join(vocabulary.RULES)}")
        if indicator.claims_of and indicator.claims_of not in ids:
            hint = nearest(indicator.claims_of, ids)
            yield Fault(where, 1, indicator.id, f"claims_of {indicator.claims_of!r} is no indicator{hint}", "mend it")
        if curated.info.kind == "observations":
            sources = {row["source_id"] for row in curated.sources}
            if indicator.source_id not in sources:
                yield Fault(
                    where, 1, indicator.id, f"source {indicator.source_id!r} is not in sources.csv", "add the source"
                )
        for key in ("question", "direction"):
            if not getattr(indicator, key):
                yield Fault(where, 1, indicator.id, f"{key} is empty", "write it")


def _table_faults(
    curated: Curated, table: str, key: str, check: Callable[[Mapping[str, str]], Found]
) -> Iterator[Fault]:
    seen: dict[str, tuple[str, int]] = {}
    rows: list[dict[str, str]] = getattr(curated, table)
    for row, (file, line) in zip(rows, curated.places.get(table, []), strict=False):
        name = row.get(key, "") if key else row.get("iso3", "")
        if key:
            if name in seen:
                first = seen[name]
                yield Fault(file, line, name, f"{key} stands already at {first[0]}:{first[1]}", "give it its own id")
            seen.setdefault(name, (file, line))
        for message, remedy in check(row):
            yield Fault(file, line, name, message, remedy)


def _vocabulary(row: Mapping[str, str], column: str, allowed: Iterable[str], *, optional: bool = False) -> Found:
    value = row[column]
    if (optional and not value) or value in set(allowed):
        return
    hint = nearest(value, allowed) or f" (known: {', '.join(allowed)})"
    yield f"{column} {value!r} is not known{hint}", "use a known one"


def _required(row: Mapping[str, str], *columns: str) -> Found:
    for column in columns:
        if not row[column]:
            yield f"{column} is empty", "fill it"


def _date_faults(row: Mapping[str, str], start: str, end: str) -> Found:
    days: list[int] = []
    for column, read in ((start, first_day), (end, last_day)):
        try:
            days.append(read(row[column]))
        except ValueError:
            yield f"{column} {row[column]!r} is not a date", "write YYYY, YYYY-MM or YYYY-MM-DD"
    if len(days) == 2 and days[1] < days[0]:
        yield f"{end} {row[end]} lies before {start} {row[start]}", "exchange or mend the dates"


def _is_day(text: str) -> bool:
    try:
        return _DAY.match(text) is not None and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _source_faults(row: Mapping[str, str]) -> Found:
    if not _SOURCE_ID.match(row["source_id"]):
        yield f"source_id {row['source_id']!r} is not a lower-case name", "use letters, digits and _"
    yield from _vocabulary(row, "type", vocabulary.SOURCE_TYPES)
    yield from _vocabulary(row, "opened", _OPENED)
    yield from _required(row, "title", "lang")
    if not (row["url"] or row["file"]):
        yield "neither url nor file", "say where the source is"
    if row["url"] and not row["url"].startswith(("http://", "https://")):
        yield f"url {row['url'][:40]!r} is not http or https", "give the full address"
    if row["year"] and not _YEAR.match(row["year"]):
        yield f"year {row['year']!r} is not a year", "write YYYY or leave it empty"
    if not _is_day(row["accessed"]):
        yield f"accessed {row['accessed']!r} is not a day", "write the day it was opened, YYYY-MM-DD"


def _unit_faults(row: Mapping[str, str]) -> Found:
    if not _ISO3.match(row["iso3"]):
        yield f"iso3 {row['iso3']!r} is not three capital letters", "mend it"
    yield from _required(row, "country_name")
    yield from _vocabulary(row, "kind", vocabulary.UNIT_KINDS)
    yield from _date_faults(row, "start", "end")
    if row["un_member_from"] and not _is_day(row["un_member_from"]):
        yield f"un_member_from {row['un_member_from']!r} is not a day", "write YYYY-MM-DD"
    if row["kind"] == "territory" and not row["sovereign"]:
        yield "a territory without a sovereign", "name the sovereign's iso3"


def _overlaps(curated: Curated) -> Iterator[Fault]:
    lives: dict[str, list[tuple[int, int, str, int]]] = {}
    for row, (file, line) in zip(curated.units, curated.places.get("units", []), strict=False):
        try:
            lives.setdefault(row["iso3"], []).append((first_day(row["start"]), last_day(row["end"]), file, line))
        except ValueError:
            continue
    for iso3, spans in lives.items():
        ordered = sorted(spans)
        for (_, end, _, first), (start, _, file, line) in itertools.pairwise(ordered):
            if start <= end:
                yield Fault(file, line, iso3, f"this life begins before the one on line {first} ends", "mend the dates")


def _existence(row: Mapping[str, str], register: Register | None, year: int) -> Found:
    if register is None or register.life(row["iso3"], year) is not None:
        return
    if row["iso3"] in register.units:
        yield f"{row['iso3']} does not exist in {year}", "use the unit that did"
    else:
        yield f"iso3 {row['iso3']!r} is not in the register{nearest(row['iso3'], register.units)}", "mend the code"


def _observation_faults(curated: Curated, register: Register | None) -> Iterator[Fault]:
    by_id = {indicator.id: indicator for indicator in curated.indicators}
    sources = {row["source_id"] for row in curated.sources}
    seen: dict[tuple[str, str, str], int] = {}
    for row, (file, line) in zip(curated.observations, curated.places.get("observations", []), strict=False):
        for message, remedy in _observation(row, by_id, sources, register, curated.info.years):
            yield Fault(file, line, f"{row['iso3']} {row['year']}", message, remedy)
        key = (row["indicator"], row["iso3"], row["year"])
        if key in seen:
            yield Fault(file, line, f"{row['iso3']} {row['year']}", f"stands already on line {seen[key]}", "keep one")
        seen.setdefault(key, line)


def _observation(
    row: Mapping[str, str],
    by_id: Mapping[str, model.Indicator],
    sources: set[str],
    register: Register | None,
    years: tuple[int, int],
) -> Found:
    indicator = by_id.get(row["indicator"])
    if indicator is None:
        yield f"no codebook file for {row['indicator']!r}{nearest(row['indicator'], by_id)}", "add it"
        return
    if not _YEAR.match(row["year"]):
        yield f"year {row['year']!r} is not a year", "write YYYY"
        return
    year = int(row["year"])
    if not years[0] <= year <= years[1]:
        yield f"year {year} lies outside {years[0]}-{years[1]}", "drop the line or widen the dataset"
    elif not indicator.covers(year):
        yield f"year {year} is not among the years of {indicator.id}", "drop the line or mend the codebook"
    yield from _existence(row, register, year)
    if bool(row["value"]) == bool(row["missing"]):
        yield "needs either a value or a missing reason", "fill one of the two"
    yield from _vocabulary(row, "missing", vocabulary.MISSING_REASONS, optional=True)
    for column in ("value", "low", "high", "sd"):
        if row[column] and not indicator.is_text and not _NUMBER.match(row[column]):
            yield f"{column} {row[column]!r} is not a number", "write digits with a decimal point"
    codes = {code.code for code in indicator.codes}
    if codes and row["value"] and row["value"] not in codes:
        yield f"value {row['value']!r} is not a code of {indicator.id}", f"use one of {', '.join(sorted(codes))}"
    if row["source_id"] not in sources:
        yield f"source {row['source_id']!r} is not in sources.csv{nearest(row['source_id'], sources)}", "add the source"


def _claim_faults(curated: Curated, register: Register | None) -> Iterator[Fault]:
    by_id = {indicator.id: indicator for indicator in curated.indicators}
    sources = {row["source_id"] for row in curated.sources}
    programmes = {row["programme_id"]: row["iso3"] for row in curated.programmes}
    claims = {row["claim_id"]: (row["iso3"], row["indicator"]) for row in curated.claims}

    yield from _table_faults(
        curated, "claims", "claim_id", lambda row: _claim(row, by_id, sources, programmes, register, curated.info.years)
    )
    for row, (file, line) in zip(curated.claims, curated.places.get("claims", []), strict=False):
        if Path(file).stem != row["iso3"]:
            yield Fault(file, line, row["claim_id"], f"iso3 {row['iso3']} in the file of {Path(file).stem}", "move it")
    yield from _table_faults(curated, "programmes", "programme_id", lambda row: _programme(row, sources, register))
    yield from _table_faults(curated, "programme_relations", "", lambda row: _relation(row, programmes, sources))
    yield from _table_faults(
        curated, "adjudications", "adjudication_id", lambda row: _adjudication(row, by_id, claims, register)
    )
    yield from _overlapping_decisions(curated)


def _overlapping_decisions(curated: Curated) -> Iterator[Fault]:
    seen: dict[tuple[str, str, str, str], int] = {}
    for row, (file, line) in zip(curated.adjudications, curated.places.get("adjudications", []), strict=False):
        if not (_YEAR.match(row["start_year"]) and _YEAR.match(row["end_year"])):
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
    yield from _date_faults(row, "start", "end")
    if not row["start"] and row["status"] != "rejected":
        yield "start is empty", "say from when the claim holds"
    elif _YEAR.match(row["start"][:4]) and row["status"] != "rejected":
        yield from _existence(row, register, min(max(int(row["start"][:4]), years[0]), years[1]))
    if row["status"] != "rejected" and _YEAR.match(row["start"][:4]) and int(row["start"][:4]) > years[1]:
        yield f"start {row['start']} lies after {years[1]}, the last year of the dataset", "mend the date"
    yield from _vocabulary(row, "scope", vocabulary.SCOPES)
    if row["scope"] == "subnational" and not row["region"]:
        yield "subnational without a region", "name the place"
    yield from _vocabulary(row, "modality", vocabulary.MODALITIES)
    yield from _vocabulary(row, "status", vocabulary.STATUSES)
    yield from _vocabulary(row, "grade", vocabulary.GRADES)
    yield from _vocabulary(row, "reason", vocabulary.REASONS, optional=True)
    if row["status"] in {"contested", "rejected"} and not row["reason"]:
        yield f"{row['status']} without a reason", f"give one of {', '.join(vocabulary.REASONS)}"
    if row["status"] == "accepted" and row["reason"]:
        yield "an accepted claim with a reason", "leave the reason empty or change the status"
    if row["source_id"] not in sources:
        yield f"source {row['source_id']!r} is not in sources.csv{nearest(row['source_id'], sources)}", "add the source"
    if row["programme_id"] and row["programme_id"] not in programmes:
        hint = nearest(row["programme_id"], programmes)
        yield f"programme {row['programme_id']!r} is not in programmes.csv{hint}", "add the programme"
    yield from _required(row, "locator", "gloss", "coder")
    if len(row["gloss"]) > _GLOSS_LIMIT:
        yield f"the gloss has {len(row['gloss'])} characters", f"keep it below {_GLOSS_LIMIT}"
    if not _is_day(row["coded_on"]):
        yield f"coded_on {row['coded_on']!r} is not a day", "write YYYY-MM-DD"


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
        elif not allowed and not indicator.is_text and not _NUMBER.match(value):
            yield f"{value!r} is not a number", "write digits with a decimal point"
    numeric = all(_NUMBER.match(value) for value in (row["low"], row["high"]))
    if numeric and float(row["low"]) > float(row["high"]):
        yield f"low {row['low']} is above high {row['high']}", "exchange them"
    if (
        row["scope"] in {"national", "subnational"}
        and row["scope"] not in indicator.scopes
        and row["status"] == "accepted"
    ):
        yield f"{indicator.id} has no {row['scope']} value", f"use {' or '.join(indicator.scopes)}"


def _programme(row: Mapping[str, str], sources: set[str], register: Register | None) -> Found:
    yield from _vocabulary(row, "kind", vocabulary.PROGRAMME_KINDS)
    yield from _required(row, "name_en", "description", "source_ids")
    if register is not None and row["iso3"] not in register.units:
        yield f"iso3 {row['iso3']!r} is not in the register", "mend the code"
    for source in filter(None, row["source_ids"].split(";")):
        if source not in sources:
            yield f"source {source!r} is not in sources.csv{nearest(source, sources)}", "add the source"


def _relation(row: Mapping[str, str], programmes: Mapping[str, str], sources: set[str]) -> Found:
    yield from _vocabulary(row, "relation", vocabulary.RELATIONS)
    yield from _vocabulary(row, "status", vocabulary.STATUSES)
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
    yield from _vocabulary(row, "reason", vocabulary.REASONS)
    yield from _required(row, "comment", "coder", "decided_on", "claim_ids")
    if register is not None and row["iso3"] not in register.units:
        yield f"iso3 {row['iso3']!r} is not in the register", "mend the code"
    for column in ("start_year", "end_year"):
        if not _YEAR.match(row[column]):
            yield f"{column} {row[column]!r} is not a year", "write YYYY"
    if _YEAR.match(row["start_year"]) and row["end_year"] < row["start_year"]:
        yield f"end_year {row['end_year']} lies before start_year {row['start_year']}", "exchange them"
    if not _is_day(row["decided_on"]):
        yield f"decided_on {row['decided_on']!r} is not a day", "write YYYY-MM-DD"
    for claim in filter(None, row["claim_ids"].split(";")):
        if claim not in claims:
            yield f"claim {claim!r} does not exist{nearest(claim, claims)}", "mend the id"
        elif claims[claim] != (row["iso3"], indicator.evidence_id if indicator else row["indicator"]):
            yield f"claim {claim} is about {' '.join(claims[claim])}", "name claims of this country and indicator"


def _decided(row: Mapping[str, str], indicator: model.Indicator) -> Found:
    if indicator.table != "panel":
        yield f"{indicator.id} is coded by programme", "adjudicate indicators of the panel only"
    yield from _vocabulary(row, "scope", indicator.scopes)
    allowed = {code.code for code in indicator.codes}
    values = {column: row[column] for column in ("value", "low", "high") if row[column]}
    for column, value in values.items():
        parts = value.split(";") if indicator.type == "multi" else [value]
        if allowed and not set(parts) <= allowed:
            yield f"{column} {value!r} is not a code of {indicator.id}", f"use one of {', '.join(sorted(allowed))}"
        elif not allowed and not indicator.is_text and not _NUMBER.match(value):
            yield f"{column} {value!r} is not a number", "write digits with a decimal point"
    numbers = [float(values[c]) for c in ("low", "value", "high") if c in values and _NUMBER.match(values[c])]
    if numbers != sorted(numbers):
        yield "low, value and high are not in order", "make low <= value <= high"
