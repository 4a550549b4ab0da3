"""The words for every table of a release and for every column that is no indicator's.

They enter ``datapackage.json`` of releases whose ``dataset.toml`` says ``descriptor = 2``. Once one is frozen, a
change of words here would break its rebuild: then a third form is due (`govdata build --all` tells).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

__all__ = ["COMMON", "TABLES", "ColumnText", "TableText"]

_ISO3: Final = "[A-Z]{3}"
_SPELL: Final = "[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?"


@dataclass(frozen=True, slots=True)
class ColumnText:
    """What is known of a column by its name alone.

    Attributes
    ----------
    title, text, kind, joined, pattern
        As of `govdata.columnbook.TableColumn`.
    codes
        The name of a closed list, or ``indicators``; empty where any cell may stand.
    """

    title: str
    text: str = ""
    kind: str = "string"
    codes: str = ""
    joined: str = ""
    pattern: str = ""


@dataclass(frozen=True, slots=True)
class TableText:
    """What is known of a table by its name alone.

    Attributes
    ----------
    title, text
        A short name, and what one line is.
    key
        Columns that name a line and are never empty; empty where a table has none.
    unique
        Columns that name a line though some may be empty.
    links
        (columns, table, columns there): the cells stand in that table too, unless they are empty.
    columns
        Columns whose words differ from those of `COMMON`.
    """

    title: str
    text: str
    key: tuple[str, ...] = ()
    unique: tuple[str, ...] = ()
    links: tuple[tuple[tuple[str, ...], str, tuple[str, ...]], ...] = ()
    columns: Mapping[str, ColumnText] = field(default_factory=dict)


def _link(column: str, table: str, there: str = "") -> tuple[tuple[str, ...], str, tuple[str, ...]]:
    return (column,), table, (there or column,)


_IN_PANEL: Final = (("iso3", "year"), "panel", ("iso3", "year"))
_MANY_UNITS: Final = ColumnText("Unit", "Several are joined by ;", joined=";", pattern=f"{_ISO3}(;{_ISO3})*")
_DECIDED_LOW: Final = ColumnText("Lowest reading", "", "number")
_DECIDED_HIGH: Final = ColumnText("Highest reading", "", "number")

COMMON: Final[Mapping[str, ColumnText]] = {
    "iso3": ColumnText("Country code", "Of the register of units; ISO 3166-1 alpha-3 and its like.", pattern=_ISO3),
    "country_name": ColumnText("Country name", "Common English name."),
    "year": ColumnText("Year", "", "integer"),
    "source_version": ColumnText("Release of the source"),
    "indicator": ColumnText("Indicator", "As in codebook.json.", codes="indicators"),
    "scope": ColumnText("Scope", "", codes="scope"),
    "value": ColumnText("Value", "A code or a number; empty where it is missing or open between bounds."),
    "low": ColumnText("Lowest reading", "The lowest reading the evidence allows.", "number"),
    "high": ColumnText("Highest reading", "The highest reading the evidence allows.", "number"),
    "sd": ColumnText("Standard deviation", "As the source gives it.", "number"),
    "missing": ColumnText("Reason missing", "Why there is no value; empty where there is one.", codes="missing"),
    "status": ColumnText("Status", "What stands behind the value.", codes="status"),
    "grade": ColumnText("Grade of evidence", "", codes="grade"),
    "rule": ColumnText("Rule", "How claims made the value; see the page on formats.", codes="rule"),
    "claim_ids": ColumnText("Claims", "Those that decided; joined by blanks.", joined=" "),
    "considered_ids": ColumnText("Claims considered", "Read, but not decisive; joined by blanks.", joined=" "),
    "rejected_ids": ColumnText("Claims rejected", "Found wrong; joined by blanks.", joined=" "),
    "source_ids": ColumnText("Sources", "Ids in sources.csv, joined by blanks.", joined=" "),
    "adjudication_id": ColumnText("Decision", "The written decision that set the value."),
    "source_id": ColumnText("Source", "Id in sources.csv."),
    "claim_id": ColumnText("Claim", "Given once, never reused.", pattern=f"{_ISO3}-[0-9]{{4,}}"),
    "programme_id": ColumnText("Programme", "Id in programmes.csv."),
    "locator": ColumnText("Place in the source"),
    "coder": ColumnText("Coder", "Who wrote the line, as an id.", pattern="c[0-9]+"),
    "coded_on": ColumnText("Coded on", "", "date"),
    "decided_on": ColumnText("Decided on", "", "date"),
    "comment": ColumnText("Comment", "Why; may be empty."),
    "note": ColumnText("Note"),
    "title": ColumnText("Title"),
    "authors": ColumnText("Authors"),
    "url": ColumnText("Address on the web"),
    "lang": ColumnText("Language", "ISO 639-1."),
    "start_year": ColumnText("First year", "", "integer"),
    "end_year": ColumnText("Last year", "", "integer"),
    "iso2": ColumnText("ISO 3166-1 alpha-2"),
    "iso_numeric": ColumnText("ISO 3166-1 numeric", "Three digits, kept as text."),
    "cow_code": ColumnText("Correlates of War number", "", "integer"),
    "cow_abb": ColumnText("Correlates of War abbreviation"),
    "gw_code": ColumnText("Gleditsch–Ward number", "", "integer"),
    "vdem_id": ColumnText("V-Dem number", "", "integer"),
}

_VALUES: Final = TableText(
    "Values with their evidence",
    "One line for each coded cell: value, bounds, why it is missing, and the claims behind it.",
    key=("iso3", "year", "indicator", "scope"),
    links=(_IN_PANEL, _link("adjudication_id", "adjudications"), _link("source_id", "sources")),
)
_CLAIMS: Final = TableText(
    "Claims",
    "One line for each statement of evidence, rejected ones too.",
    key=("claim_id",),
    links=(_link("source_id", "sources"), _link("programme_id", "programmes")),
    columns={
        "code": ColumnText("Code", "A code or number; or not_applicable, or unclear; empty where only bounds stand."),
        "low": _DECIDED_LOW,
        "high": _DECIDED_HIGH,
        "start": ColumnText("From", "Year, month or day.", pattern=_SPELL),
        "end": ColumnText("To", "Year, month or day; empty: still in force.", pattern=_SPELL),
        "scope": ColumnText("Scope", "", codes="claim_scope"),
        "region": ColumnText("Place", "Where a subnational claim holds."),
        "modality": ColumnText("Modality", "", codes="modality"),
        "status": ColumnText("Status", "", codes="claim_status"),
        "reason": ColumnText("Reason", "Why a claim is contested or rejected.", codes="reason"),
        "cites": ColumnText("Works cited", "What the source itself names; ids joined by ;", joined=";"),
        "gloss": ColumnText("What the source says", "In the coder's own words."),
        "definition": ColumnText("What was counted"),
    },
)
_SOURCES: Final = TableText(
    "Sources",
    "One line for each source that was opened.",
    key=("source_id",),
    columns={
        "source_id": ColumnText("Source", "Given once, never reused.", pattern="[a-z][a-z0-9_]*"),
        "year": ColumnText("Year of publication", "", "integer"),
        "title_original": ColumnText("Title in the original language"),
        "type": ColumnText("Type of source", "", codes="source_type"),
        "publisher": ColumnText("Publisher"),
        "file": ColumnText("File", "Of a document without an address, or within a collection."),
        "version": ColumnText("Version"),
        "licence": ColumnText("Licence of the source"),
        "accessed": ColumnText("Opened on", "", "date"),
        "opened": ColumnText("How far opened", "", codes="opened"),
    },
)
_PROGRAMMES: Final = TableText(
    "Programmes",
    "One line for each named programme, law, institution or tool.",
    key=("programme_id",),
    columns={
        "programme_id": ColumnText("Programme", "Given once, never reused.", pattern="[a-z][a-z0-9_]*"),
        "kind": ColumnText("Kind", "", codes="programme_kind"),
        "name_en": ColumnText("English name"),
        "name_local": ColumnText("Local name"),
        "name_local_lang": ColumnText("Language of the local name", "ISO 639-1."),
        "name_latin": ColumnText("Local name in Latin script"),
        "name_fa": ColumnText("Persian name"),
        "name_ar": ColumnText("Arabic name"),
        "name_zh": ColumnText("Chinese name"),
        "lead_bodies": ColumnText("Bodies in charge", "Joined by ;", joined=";"),
        "start_note": ColumnText("When it began", "As sources say it."),
        "description": ColumnText("Description"),
        "source_ids": ColumnText("Sources", "Ids in sources.csv, joined by ;", joined=";"),
    },
)
_PROGRAMME_YEARS: Final = TableText(
    "Stages of programmes by year",
    "One line a programme, year and scope. Years may lie before those of the panel.",
    key=("programme_id", "year", "scope"),
    links=(_link("programme_id", "programmes"),),
    columns={
        "stage": ColumnText("Stage", "", "integer", codes="stage"),
        "stage_low": ColumnText("Stage, lowest reading", "", "integer", codes="stage"),
        "stage_high": ColumnText("Stage, highest reading", "", "integer", codes="stage"),
    },
)
_RELATIONS: Final = TableText(
    "Relations between programmes",
    "One line for each relation.",
    key=("programme_id", "relation", "other_id"),
    links=(
        _link("programme_id", "programmes"),
        _link("other_id", "programmes", "programme_id"),
        _link("source_id", "sources"),
    ),
    columns={
        "relation": ColumnText("Relation", "", codes="relation"),
        "other_id": ColumnText("Other programme", "Id in programmes.csv."),
        "status": ColumnText("Status", "", codes="claim_status"),
    },
)
_ADJUDICATIONS: Final = TableText(
    "Decisions",
    "One line for each written decision between claims, or between coders.",
    key=("adjudication_id",),
    columns={
        "adjudication_id": ColumnText("Decision", "Given once, never reused."),
        "value": ColumnText("Value", "What was decided; empty where the value stays open."),
        "low": _DECIDED_LOW,
        "high": _DECIDED_HIGH,
        "reason": ColumnText("Reason", "", codes="decision_reason"),
        "claim_ids": ColumnText("Claims concerned", "Joined by ;", joined=";"),
        "effect": ColumnText("Effect", "", codes="effect"),
    },
)
_LITERATURE: Final = TableText(
    "Works cited",
    "One line for each work that the coded texts cite.",
    key=("work_id",),
    links=(_link("source_id", "sources"),),
    columns={
        "work_id": ColumnText("Work"),
        "year": ColumnText("Year of publication", "", "integer"),
        "type": ColumnText("Type of work"),
        "cited_as": ColumnText("As the text prints it"),
        "seed_ids": ColumnText("Citing texts", "Ids in sources.csv, joined by ;", joined=";"),
        "lines": ColumnText("Lines of the text", "Joined by ;", joined=";"),
        "listed": ColumnText("Number in the text's own list", "", "integer"),
        "summary": ColumnText("What the text makes it say"),
        "check": ColumnText("Check", "", codes="check"),
        "correction": ColumnText("Correction"),
        "source_id": ColumnText("Source", "Where it was opened: id in sources.csv."),
    },
)
_VERDICTS: Final = TableText(
    "Verdicts",
    "What independent sources make of claims.",
    key=("verdict_id",),
    columns={
        "verdict_id": ColumnText("Verdict"),
        "claim_ids": ColumnText("Claims checked", "Joined by ;", joined=";"),
        "verdict": ColumnText("Verdict", "", codes="verdict"),
        "finding": ColumnText("Finding"),
        "answer_ids": ColumnText("Claims that answer", "Joined by ;", joined=";"),
    },
)
_PASSAGES: Final = TableText(
    "Passages of coded texts",
    "One line for each passage of a text that was read from the first line to the last.",
    key=("source_id", "first_line"),
    links=(_link("source_id", "sources"),),
    columns={
        "first_line": ColumnText("First line", "", "integer"),
        "last_line": ColumnText("Last line", "", "integer"),
        "section": ColumnText("Section"),
        "kind": ColumnText("Kind", "", codes="passage_kind"),
        "gist": ColumnText("Gist"),
    },
)
_CODINGS: Final = TableText(
    "Double codings",
    "Both codings of every unit that was coded twice.",
    key=("coding_id",),
    links=(_link("claim_id", "claims"), _link("programme_id", "programmes")),
    columns={
        "coding_id": ColumnText("Coding"),
        "level": ColumnText("Level", "", codes="level"),
        "round": ColumnText("Round", "First or second coding.", "integer"),
        "code": ColumnText("Code", "A code or number; or why there is none."),
        "low": _DECIDED_LOW,
        "high": _DECIDED_HIGH,
        "claim_scope": ColumnText("Scope of the claim", "", codes="claim_scope"),
        "modality": ColumnText("Modality", "", codes="modality"),
        "status": ColumnText("Status", "", codes="claim_status"),
        "given": ColumnText("What the second coder was shown", "Columns joined by ;", joined=";"),
        "adjudication_id": ColumnText("Decisions", "Ids in adjudications.csv, joined by ;", joined=";"),
    },
)
_RELIABILITY: Final = TableText(
    "Agreement of coders",
    "One line for each variable of each indicator; an empty indicator: all together.",
    unique=("level", "indicator", "variable"),
    columns={
        "level": ColumnText("Level", "", codes="level"),
        "variable": ColumnText("Variable compared"),
        "metric": ColumnText("Metric of alpha"),
        "units": ColumnText("Units", "", "integer"),
        "both_coded": ColumnText("Units coded by both", "", "integer"),
        "agreement": ColumnText("Share in agreement", "", "number"),
        "compatible": ColumnText("Share compatible", "Readings that do not exclude each other.", "number"),
        "alpha": ColumnText("Krippendorff's alpha", "", "number"),
        "alpha_low": ColumnText("Alpha, lower end of the bootstrap interval", "", "number"),
        "alpha_high": ColumnText("Alpha, upper end of the bootstrap interval", "", "number"),
    },
)
_CHANGES: Final = TableText(
    "Changes",
    "One line for each cell, row or column that differs from the release before.",
    columns={
        "change": ColumnText("Change"),
        "column": ColumnText("Column of the panel"),
        "old": ColumnText("Before"),
        "new": ColumnText("Now", "For a new column its place."),
        "claim_ids": ColumnText("Claims behind the new cell", "Joined by blanks.", joined=" "),
    },
)
_UNITS: Final = TableText(
    "Units and their lives",
    "One line for each uninterrupted life of a unit under one set of codes.",
    unique=("iso3", "start"),
    columns={
        "kind": ColumnText("Kind of unit", "", codes="kind_of_unit"),
        "start": ColumnText("First day", "Empty: before 1990.", "date"),
        "end": ColumnText("Last day", "Empty: goes on.", "date"),
        "un_member_from": ColumnText("Member of the United Nations from", "", "date"),
        "sovereign": ColumnText("Sovereign", "Of a territory.", pattern=_ISO3),
        "predecessor": ColumnText("Predecessors", "Joined by ;", joined=";", pattern=f"{_ISO3}(;{_ISO3})*"),
        "successor": ColumnText("Successors", "Joined by ;", joined=";", pattern=f"{_ISO3}(;{_ISO3})*"),
        "source_ids": ColumnText("Sources", "Ids in sources.csv, joined by ;", joined=";"),
    },
)
_NAMES: Final = TableText(
    "Names of countries",
    "One line for each spelling in a language.",
    unique=("lang", "name", "iso3", "start"),
    links=(_link("source_id", "sources"),),
    columns={
        "lang": ColumnText("Language", "ISO 639-1.", codes="name_language"),
        "name": ColumnText("Name"),
        "iso3": _MANY_UNITS,
        "start": ColumnText("First year", "Empty: always.", "integer"),
        "end": ColumnText("Last year", "Empty: always.", "integer"),
        "kind": ColumnText("Kind", "", codes="name_kind"),
    },
)
_CODES: Final = TableText(
    "Codes of countries",
    "One line for each span in which a code of a scheme denotes a unit.",
    unique=("scheme", "code", "iso3", "start"),
    links=(_link("source_id", "sources"),),
    columns={
        "scheme": ColumnText("Scheme", "", codes="scheme"),
        "code": ColumnText("Code", "Kept as text: leading zeros count."),
        "iso3": _MANY_UNITS,
        "start": ColumnText("First day", "", "date"),
        "end": ColumnText("Last day", "", "date"),
        "kind": ColumnText("Kind", "", codes="code_kind"),
    },
)

TABLES: Final[Mapping[str, TableText]] = {
    "panel": TableText(
        "Panel", "One line a unit and year, with every indicator and its companions.", key=("iso3", "year")
    ),
    "values": _VALUES,
    "claims": _CLAIMS,
    "sources": _SOURCES,
    "programmes": _PROGRAMMES,
    "programme_years": _PROGRAMME_YEARS,
    "programme_relations": _RELATIONS,
    "adjudications": _ADJUDICATIONS,
    "literature": _LITERATURE,
    "verdicts": _VERDICTS,
    "passages": _PASSAGES,
    "codings": _CODINGS,
    "reliability": _RELIABILITY,
    "changes": _CHANGES,
    "units": _UNITS,
    "names": _NAMES,
    "codes": _CODES,
}
