"""The pages of the codebook, of datasets and of programmes, as document nodes."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from docutils import nodes
from site_data import (
    LANGUAGE_NAMES,
    RULES,
    TIMINGS,
    column_meaning,
    coverage,
    missing_reasons,
    panel,
    sources,
    stage_spans,
)
from site_nodes import Cell, cross, definitions, link, literal, paragraph, section, table

from govdata.releases import versions
from govdata.vocabulary import BLOCKS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from govdata.model import Code, Indicator
    from govdata.releases import Release

__all__ = ["dataset", "datasets", "indicator", "programmes"]

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
    for block, members in groupby(release.indicators, key=lambda one: one.block):
        rows: list[list[Cell]] = []
        for one in members:
            counted = coverage(release.name, one.id) if one.columns() else None
            rows.append(
                [
                    one.number,
                    paragraph(cross(f"codebook/{release.name}/{one.id}", one.id, page, code=True)),
                    one.label,
                    one.type,
                    "" if counted is None else f"{counted.values:,}",
                    "" if counted is None else str(counted.units),
                ]
            )
        listed = table(["No.", "Indicator", "Label", "Type", "Values", "Units"], rows, name="listing", numbers=[4, 5])
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
                ("Years", _years(one, release)),
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
    else:
        made.append(
            section(
                "Columns", paragraph("None: it is coded by programme and year, in ", literal(f"{one.table}.csv"), ".")
            )
        )
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


def programmes(release: Release) -> list[nodes.Node]:
    """List the programmes of a release with their names, stages and relations."""
    rows = release.rows("programmes.csv")
    names = {row["programme_id"]: row["name_en"] for row in rows}
    stages = stage_spans(release)
    labels = {
        code.code: code.labels["en"]
        for one in release.indicators
        if one.table == "programme_years"
        for code in one.codes
    }
    relations = release.rows("programme_relations.csv") if "programme_relations.csv" in release.files else []
    made: list[nodes.Node] = [
        paragraph(
            f"{len(rows):,} entries in release {release.version}. A stage is coded from claims by year; years "
            "without a span have no coded stage. Names in languages other than the local one are translations."
        )
    ]
    known = sources(release.name)
    for row in sorted(rows, key=lambda row: (row["iso3"], row["name_en"].casefold())):
        name = row["programme_id"]
        related = [
            f"{one['relation'].replace('_', ' ')} {names.get(one['other_id'], one['other_id'])} ({one['status']})"
            for one in relations
            if one["programme_id"] == name
        ]
        spans = [
            f"{first}–{last}, {scope}: {_stage(stage, labels)}"
            if first != last
            else f"{first}, {scope}: {_stage(stage, labels)}"
            for first, last, scope, stage in stages.get(name, [])
        ]
        cited = [known[one] for one in row["source_ids"].split(";") if one in known]
        local = row["name_local_lang"]
        facts: list[tuple[str, Cell]] = [
            ("Id", literal(name)),
            ("Country", row["iso3"]),
            ("Kind", row["kind"].replace("_", " ")),
            ("Local name", paragraph(row["name_local"], language=local) if row["name_local"] else ""),
            ("Latin script", row["name_latin"]),
            *(
                (LANGUAGE_NAMES[key], paragraph(row[f"name_{key}"], language=key))
                for key in ("fa", "ar", "zh")
                if row[f"name_{key}"] and not (key == local and row[f"name_{key}"] == row["name_local"])
            ),
            ("Lead bodies", row["lead_bodies"].replace(";", "; ")),
            ("Start", row["start_note"]),
            ("Stage by year", _bullets(spans)),
            ("Relations", _bullets(related)),
            ("Sources", _sources(cited)),
        ]
        made.append(
            section(row["name_en"], paragraph(row["description"]), definitions(facts), name=f"programme-{name}")
        )
    return made


def _stage(stage: str, labels: Mapping[str, str]) -> str:
    parts = stage.split("–")
    if len(parts) == 2:
        return "open between " + " and ".join(f"{part} {labels.get(part, '')}".strip() for part in parts)
    return f"{stage} {labels.get(stage, '')}".strip()


def _bullets(texts: Sequence[str]) -> Cell:
    if not texts:
        return ""
    made = nodes.bullet_list()
    made += [nodes.list_item("", paragraph(text)) for text in texts]
    return made


def _sources(cited: Sequence[Mapping[str, str]]) -> Cell:
    if not cited:
        return ""
    made = nodes.bullet_list()
    for one in cited:
        who = ", ".join(filter(None, (one["authors"] or one["publisher"], one["year"])))
        made += nodes.list_item("", paragraph(f"{who}. " if who else "", link(one["title"], one["url"])))
    return made
