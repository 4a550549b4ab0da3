"""One indicator of a codebook: what was asked, which codes there are, how the values came about and how many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from govdata.codebook_files.blocks import Block, Cell, Heading, Listing, Paragraph, Table, Text, code, plain
from govdata.codebook_files.counts import Filled, claims_by_code, stages_by_code
from govdata.codebook_files.words import COMMAS, RULES, TIMINGS, word
from govdata.vocabulary import LANGUAGES, MISSING_REASONS

if TYPE_CHECKING:
    from govdata.model import Indicator
    from govdata.releases import Release

__all__ = ["indicator"]

_MEASURES = ("level", "variable", "metric", "units", "both_coded", "agreement", "compatible", "alpha")
_MEASURE_NAMES = ("Level", "Variable", "Metric", "Compared", "Both coded", "Agreement", "Compatible", "Alpha (95%)")


def indicator(release: Release, one: Indicator, counted: Sequence[Filled], language: str) -> list[Block]:
    """Describe an indicator in full."""
    label = Text(one.labels.get(language, one.label), "" if language in one.labels else "en")
    number = plain(f"{one.number} · " if one.number else "")
    made: list[Block] = [Heading(3, (*number, label, Text(" "), *code(one.id)), one.id)]
    if one.question:
        made.append(Paragraph(plain(one.question, "en"), "question"))
    made.append(Listing([(word(name, language), cell) for name, cell in _facts(release, one, language) if cell]))
    made += _codes(release, one, counted, language)
    made += _counts(counted, language)
    made += _agreement(release, one, language)
    return made


def _facts(release: Release, one: Indicator, language: str) -> list[tuple[str, Cell]]:
    others: list[Text] = []
    for key in LANGUAGES:
        if key != language and key in one.labels:
            others += [Text(" · ")] if others else []
            others.append(Text(one.labels[key], key))
    is_coded = release.info.kind == "claims"
    has_rule = release.info.kind != "register" and one.table != "record"
    rule = (*code(one.rule), Text(f"{': ' if one.rule else ''}{RULES[one.rule]}", "en"))
    if one.table == "record":
        rule = plain("None: claims are kept, and no value is made from them.", "en")
    return [
        ("labels", tuple(others)),
        ("columns", _columns(one, language)),
        ("type", plain(word(one.type, language))),
        ("unit", plain(one.unit, "en")),
        ("direction", plain(one.direction, "en")),
        ("years", code(_years(release, one))),
        ("scopes", plain(COMMAS[language].join(word(scope, language) for scope in one.scopes)) if is_coded else ()),
        ("clarification", plain(one.clarification, "en")),
        ("rule", rule if has_rule or one.table == "record" else ()),
        ("claims_of", (Text(one.claims_of, is_code=True, anchor=one.claims_of),) if one.claims_of else ()),
        ("timing", plain(TIMINGS[one.timing], "en") if is_coded and one.table != "record" else ()),
        ("looked_for", _looked_for(release, one, language) if one.columns() else ()),
        ("evidence", plain(one.evidence, "en")),
        ("comparable", plain(one.comparable, "en")),
        ("limits", plain(one.limits, "en")),
        ("source", _source(release, one)),
        ("original", code(one.original)),
    ]


def _years(release: Release, one: Indicator) -> str:
    if not one.only_years:
        first, last = one.years or release.info.years
        return f"{first}–{last}"
    spans: list[list[int]] = []
    for year in sorted(one.only_years):
        if spans and year == spans[-1][1] + 1:
            spans[-1][1] = year
        else:
            spans.append([year, year])
    return ", ".join(str(first) if first == last else f"{first}–{last}" for first, last in spans)


def _looked_for(release: Release, one: Indicator, language: str) -> Cell:
    """Say where evidence of an indicator was looked for: elsewhere its cells are not_coded."""
    units: set[str] = set()
    for entry in release.info.coverage:
        if entry.get("indicators") == "*" or one.id in entry.get("indicators", ()):
            if entry.get("countries") == "*":
                return plain(word("everywhere", language))
            units |= set(entry.get("countries", ()))
    return code(" ".join(sorted(units)))


def _source(release: Release, one: Indicator) -> Cell:
    if not one.source_id:
        return ()
    row = next((row for row in release.rows("sources.csv") if row["source_id"] == one.source_id), None)
    return (*code(one.source_id), Text(f": {row['title']}", "en")) if row is not None else code(one.source_id)


def _columns(one: Indicator, language: str) -> Cell:
    """Name every column with what it holds."""
    found: list[Text] = []
    for scope in one.scopes:
        name = one.column(scope)
        where = f"{COMMAS[language]}{word(scope, language)}" if len(one.scopes) > 1 else ""
        for end in ("", "_low", "_high", "_sd"):
            if name + end in one.columns():
                found += [Text(" · ")] if found else []
                found += [Text(name + end, is_code=True), Text(f" {word(f'value{end}', language)}{where}")]
    return tuple(found)


def _codes(release: Release, one: Indicator, counted: Sequence[Filled], language: str) -> list[Block]:
    if not one.codes:
        return []
    head = [word("code", language), word("label", language)]
    head += [word("english", language)] if language != "en" else []
    numbers: list[tuple[str, dict[str, int]]] = [(found.column, dict(found.codes)) for found in counted]
    if one.table == "programme_years":
        numbers = [("programme_years", stages_by_code(release, one))]
    elif one.table == "record":
        numbers = [(word("claims_count", language), claims_by_code(release, one))]
    rows = []
    for entry in one.codes:
        own = entry.labels.get(language)
        cells: list[Cell] = [code(entry.code), plain(own or entry.labels["en"], "" if own else "en")]
        cells += [plain(entry.labels["en"], "en")] if language != "en" else []
        rows.append([*cells, *(plain(f"{held[entry.code]:,}") for _, held in numbers)])
    head += [name for name, _ in numbers]
    flush = frozenset(range(len(head) - len(numbers), len(head)))
    return [Heading(4, plain(word("codes", language)), f"{one.id}-codes"), Table(head, rows, flush)]


def _counts(counted: Sequence[Filled], language: str) -> list[Block]:
    if not counted:
        return []
    reasons = [reason for reason in MISSING_REASONS if any(found.reasons.get(reason) for found in counted)]
    has_open = any(found.intervals for found in counted)
    has_span = any(found.span for found in counted)
    head = [word(name, language) for name in ("column", "cells", "values")] + reasons
    head += [word("bounds", language)] if has_open else []
    head += [word("units_valued", language), word("years_valued", language)]
    head += [word("range", language)] if has_span else []
    rows = []
    for found in counted:
        cells = [code(found.column), plain(f"{found.cells:,}"), plain(f"{found.values:,}")]
        cells += [plain(f"{found.reasons.get(reason, 0):,}") for reason in reasons]
        cells += [plain(f"{found.intervals:,}")] if has_open else []
        cells += [plain(f"{found.units:,}"), code("–".join(map(str, found.years))) or plain(word("none", language))]
        cells += [code(" … ".join(f"{number:.10g}" for number in found.span))] if has_span else []
        rows.append(cells)
    anchor = f"{counted[0].column}-counts"
    heading = Heading(4, plain(word("frequencies", language)), anchor)
    return [heading, Table(head, rows, frozenset(range(1, len(head))))]


def _agreement(release: Release, one: Indicator, language: str) -> list[Block]:
    """Show how far two coders agreed, where a part was coded twice."""
    if "reliability.csv" not in release.files:
        return []
    rows = []
    for row in release.rows("reliability.csv"):
        if row["indicator"] == one.id:
            cells = [plain(row[name]) for name in _MEASURES]
            if row["alpha_low"]:
                cells[-1] = plain(f"{row['alpha']} ({row['alpha_low']} – {row['alpha_high']})")
            rows.append([*cells, plain(row["note"], "en")])
    if not rows:
        return []
    table = Table([*_MEASURE_NAMES, "Note"], rows, frozenset(range(3, len(_MEASURES))))
    return [Heading(4, plain(word("agreement", language)), f"{one.id}-agreement"), table]
