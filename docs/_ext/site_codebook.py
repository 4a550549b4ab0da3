"""The pages of the codebook and of datasets, as document nodes."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING

from docutils import nodes
from site_claims import counted, groups, plural
from site_data import (
    LANGUAGE_NAMES,
    RULES,
    TIMINGS,
    column_meaning,
    coverage,
    missing_reasons,
    panel,
    sources,
)
from site_evidence import evidence
from site_figures import CAMERAS, camera_countries, camera_file
from site_nodes import Cell, cross, definitions, figure, link, literal, paragraph, section, table

from govdata.releases import versions
from govdata.vocabulary import BLOCKS, STATUSES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from govdata.model import Code, Indicator
    from govdata.releases import Release

__all__ = ["dataset", "datasets", "indicator"]

KINDS = {
    "claims": "values coded by rule from sourced claims",
    "observations": "values measured elsewhere, carried over digit for digit",
    "register": "which unit exists when",
}


def datasets(known: Sequence[Release], page: str) -> nodes.Node:
    """List datasets with their sizes."""
    rows: list[list[Cell]] = []
    for release in known:
        info, frame = release.info, panel(release.name)
        rows.append(
            [
                [
                    paragraph(cross(f"codebook/{release.name}/index", release.name, page, code=True)),
                    paragraph(info.title),
                ],
                info.version,
                f"{info.years[0]}–{info.years[1]}",
                f"{frame['iso3'].nunique():,}",
                f"{len(release.indicators):,}",
                f"{len(frame):,}",
                info.licence,
            ]
        )
    head = ["Dataset", "Newest version", "Years", "Units", "Indicators", "Unit-years", "Licence"]
    return table(head, rows, numbers=[3, 4, 5])


def dataset(release: Release, page: str) -> list[nodes.Node]:
    """Describe a dataset and list its indicators by block."""
    info, frame = release.info, panel(release.name)
    made: list[nodes.Node] = [
        paragraph(info.description),
        definitions(
            [
                ("Name", literal(release.name)),
                ("Kind", KINDS[info.kind]),
                ("Newest version", f"{info.version}, released {info.released}"),
                ("All versions here", ", ".join(versions(release.name))),
                ("Years", f"{info.years[0]}–{info.years[1]}"),
                ("Size", f"{frame['iso3'].nunique():,} units, {len(frame):,} unit-years"),
                ("Sources", f"{len(sources(release.name)):,}"),
                ("Licence", paragraph(link(info.licence, info.licence_url))),
                ("Attribution", info.attribution),
                ("SHA-256", literal(release.digest)),
            ]
        ),
    ]
    if info.kind == "claims":
        made.append(paragraph(*_beside(release, page)))
    claims = evidence(release.name).by_indicator
    for block, members in groupby(release.indicators, key=lambda one: one.block):
        rows: list[list[Cell]] = []
        for one in members:
            filled = coverage(release.name, one.id) if one.columns() else None
            rows.append(
                [
                    one.number,
                    paragraph(cross(f"codebook/{release.name}/{one.id}", one.id, page, code=True)),
                    one.label,
                    one.type,
                    "" if filled is None else f"{filled.values:,}",
                    "" if filled is None else str(filled.units),
                    *([f"{len(claims.get(one.evidence_id, [])):,}"] if info.kind == "claims" else []),
                ]
            )
        head = ["No.", "Indicator", "Label", "Type", "Values", "Units"]
        head += ["Claims"] if info.kind == "claims" else []
        listed = table(head, rows, name="listing", numbers=[4, 5, 6])
        made.append(section(f"{block} · {BLOCKS[block]}", listed, name=f"block-{block}"))
    return made


def indicator(release: Release, name: str, page: str) -> list[nodes.Node]:
    """Describe one indicator in full."""
    one = next(candidate for candidate in release.indicators if candidate.id == name)
    made: list[nodes.Node] = [
        paragraph(
            literal(one.id), " in ", cross(f"codebook/{release.name}/index", release.name, page), f" {release.version}"
        )
    ]
    if one.question:
        made.append(nodes.block_quote("", paragraph(one.question), classes=["question"]))
    made.append(
        definitions(
            [
                ("Number", one.number),
                ("Block", f"{one.block} · {BLOCKS[one.block]}"),
                ("Type", one.type),
                ("Unit", one.unit),
                ("Direction", one.direction),
                ("Years", "" if one.table == "record" else _years(one, release)),
            ]
        )
    )
    labels = [[LANGUAGE_NAMES[key], paragraph(text, language=key)] for key, text in one.labels.items()]
    made.append(section("Label", table(["Language", "Label"], labels, name="labels")))
    if one.codes:
        made.append(section("Codes", _codes(one.codes)))
    made.append(section("Coding", definitions(_coding(one, release, page), stacked=True)))
    if one.columns():
        columns = [[literal(column), column_meaning(one, column)] for column in one.columns()]
        made.append(section("Columns", table(["Column", "Holds"], columns)))
        made.append(section("Coverage", *_coverage(one, release)))
    elif one.table == "record":
        text = (
            "None. What sources say is kept as claims, in {}, and makes no value: not in the panel, not by programme."
        )
        before, after = text.split("{}")
        made.append(section("Columns", paragraph(before, literal("claims.csv"), after)))
        made.append(section("Claims", *_record(one, release, page)))
    else:
        made.append(
            section(
                "Columns", paragraph("None: it is coded by programme and year, in ", literal(f"{one.table}.csv"), ".")
            )
        )
    if one.id in CAMERAS and camera_countries(release):
        made.append(section("Counts", *_cameras(one, release, page)))
    if one.source_id or one.original:
        made.append(section("Source", definitions(_source(one, sources(release.name)))))
    return made


def _years(one: Indicator, release: Release) -> str:
    first, last = one.years or release.info.years
    if not one.only_years:
        return f"{first}–{last}"
    return ", ".join(_spans(sorted(one.only_years)))


def _spans(years: Sequence[int]) -> list[str]:
    found: list[list[int]] = []
    for year in years:
        if found and year == found[-1][-1] + 1:
            found[-1].append(year)
        else:
            found.append([year])
    return [str(span[0]) if len(span) == 1 else f"{span[0]}–{span[-1]}" for span in found]


def _codes(codes: Sequence[Code]) -> nodes.Node:
    languages = [key for key in LANGUAGE_NAMES if any(code.labels.get(key) for code in codes)]
    rows: list[list[Cell]] = [
        [literal(code.code), *(paragraph(code.labels.get(key, ""), language=key) for key in languages)]
        for code in codes
    ]
    return table(["Code", *(LANGUAGE_NAMES[key] for key in languages)], rows, name="codes")


def _coding(one: Indicator, release: Release, page: str) -> list[tuple[str, Cell]]:
    is_coded = release.info.kind == "claims"
    reads = cross(f"codebook/{release.name}/{one.claims_of}", one.claims_of, page, code=True) if one.claims_of else ""
    known = [literal(one.rule), f": {RULES.get(one.rule, '')}"] if one.rule else [RULES[""]]
    rule = RULES[""] if not is_coded else paragraph(*known)
    if one.table == "record":
        is_coded, rule = False, "No rule: no value is made from these claims."
    return [
        ("Clarification", one.clarification),
        ("Rule", "" if release.info.kind == "register" else rule),
        ("Timing", TIMINGS[one.timing] if is_coded else ""),
        ("Reads the claims of", paragraph(reads) if reads else ""),
        ("Evidence", one.evidence),
        ("Comparable items", one.comparable),
        ("Limits", one.limits),
        ("Search words", paragraph(*_apart(one.keywords)) if one.keywords else ""),
    ]


def _apart(words: Sequence[str]) -> list[nodes.Node]:
    """Set words of several scripts in a row, so that none turns the direction of its neighbours."""
    made: list[nodes.Node] = []
    for word in words:
        made += [nodes.Text(" · ")] if made else []
        made.append(nodes.inline("", word, classes=["isolated"]))
    return made


def _coverage(one: Indicator, release: Release) -> list[nodes.Node]:
    reasons = missing_reasons(release.name)
    rows: list[list[Cell]] = []
    for scope in one.scopes:
        column = one.column(scope)
        found = coverage(release.name, column)
        years = f"{found.years[0]}–{found.years[1]}" if found.years else "none"
        rows.append(
            [
                literal(column),
                f"{found.rows:,}",
                f"{found.values:,}",
                *(f"{found.reasons.get(reason, 0):,}" for reason in reasons),
                f"{found.intervals:,}",
                f"{found.units:,}",
                years,
            ]
        )
    head = [
        "Column",
        "Cells",
        "With a value",
        *reasons,
        "Open, with bounds",
        "Units with a value",
        "Years with a value",
    ]
    return [
        paragraph(
            f"Counted in the panel of release {release.version}. A cell has a value or is missing for one reason; "
            "a cell that is open between two bounds is among the missing ones."
        ),
        table(head, rows, name="coverage", numbers=range(1, len(head))),
    ]


def _source(one: Indicator, known: Mapping[str, Mapping[str, str]]) -> list[tuple[str, Cell]]:
    source = known.get(one.source_id, {})
    who = ", ".join(filter(None, (source.get("authors") or source.get("publisher", ""), source.get("year", ""))))
    title = source.get("title", "")
    address = source.get("url", "")
    return [
        ("Original variable", literal(one.original) if one.original else ""),
        ("Source", paragraph(f"{who}. " if who else "", link(title, address)) if title else ""),
        ("Source id", literal(one.source_id) if one.source_id else ""),
        ("Version", source.get("version", "")),
        ("Licence of the source", source.get("licence", "")),
    ]


def _beside(release: Release, page: str) -> list[str | nodes.Node]:
    """Link to the pages that show the evidence of a release."""
    known = evidence(release.name)
    found: list[list[str | nodes.Node]] = []
    if known.programmes:
        link_to = cross(f"generated/programmes/{release.name}", plural(len(known.programmes), "programme"), page)
        found.append([link_to, " with stages by year"])
    if known.documents:
        found.append([cross("generated/documents/index", plural(len(known.documents), "document"), page), " as read"])
    text = counted(known.claims.values())
    return [text, *(part for one in found for part in (" · ", *one))] if found else [text]


def _record(one: Indicator, release: Release, page: str) -> list[nodes.Node]:
    """Count the claims of an indicator that makes no value, by code and by programme."""
    known = evidence(release.name)
    own = known.by_indicator.get(one.id, [])
    made: list[nodes.Node] = [paragraph(f"{counted(own)}. The counts tell how much is said, not how much there is.")]
    if one.codes:
        counts = Counter((claim["code"], claim["status"]) for claim in own)
        labels = {code.code: code.labels["en"] for code in one.codes}
        rows: list[list[Cell]] = []
        for code in (*labels, *sorted({claim["code"] for claim in own} - set(labels))):
            numbers = [counts[code, status] for status in STATUSES]
            shown: Cell = literal(code) if code else "none"
            rows.append([shown, labels.get(code, ""), *(f"{number:,}" for number in (*numbers, sum(numbers)))])
        made.append(table(["Code", "Label", *STATUSES, "All"], rows, numbers=range(2, 3 + len(STATUSES))))
    about = Counter(claim["programme_id"] for claim in own if claim["programme_id"] in known.programmes)
    ordered = sorted(about.items(), key=lambda pair: (-pair[1], known.programmes[pair[0]]["name_en"]))
    listed: list[list[Cell]] = [
        [paragraph(cross(known.page_of("programme", name), known.programmes[name]["name_en"], page)), f"{count:,}"]
        for name, count in ordered
    ]
    if listed:
        made += [
            paragraph("The claims themselves stand on the pages of the programmes:"),
            table(["Programme", "Claims"], listed, numbers=[1]),
        ]
    rest = [claim for claim in own if claim["programme_id"] not in known.programmes]
    return [*made, *groups(known, rest, page)] if rest else made


def _cameras(one: Indicator, release: Release, page: str) -> list[nodes.Node]:
    """Draw the counts of cameras of each country, and list those behind this indicator."""
    known = evidence(release.name)
    made: list[nodes.Node] = [
        paragraph("Every count that a claim gives, by what was counted. Counts of different things are no series.")
    ]
    for country in camera_countries(release):
        alt = (
            f"Counts of cameras in {country} by year, on a logarithmic scale: all owners, public space and police "
            "network apart. The claims of this indicator stand in the table below."
        )
        made.append(figure(f"/{camera_file(release, country)}", alt))
    return [*made, *groups(known, known.by_indicator.get(one.id, []), page, few=40)]
