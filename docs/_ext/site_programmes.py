"""The pages of programmes: the list with its timeline, and one page for each."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from docutils import nodes
from site_claims import (
    apart,
    claim_links,
    counted,
    entry,
    groups,
    indicator_link,
    plural,
    source_link,
    status_badge,
)
from site_data import LANGUAGE_NAMES, panel
from site_evidence import evidence
from site_figures import FEWEST, moving, staged, timeline_file
from site_nodes import (
    Cell,
    bullets,
    cross,
    definitions,
    figure,
    in_script,
    literal,
    paragraph,
    section,
    table,
    together,
)

import govdata
from govdata.profiles import stage_label

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from site_evidence import Evidence, Row

    from govdata.model import Indicator
    from govdata.profiles import Programme
    from govdata.releases import Release

__all__ = ["overview", "programme"]

_SIDES = (
    ("good", "Good effects", "No claim of a good effect."),
    ("bad", "Bad effects", "No claim of a bad effect."),
    ("other", "Other effects", "No claim of another effect."),
)


def overview(release: Release, page: str) -> list[nodes.Node]:
    """List the programmes of a release, country by country, under one timeline of all."""
    known = evidence(release.name)
    frame = govdata.programmes(dataset=release.name)
    labels = _stage_labels(known)
    drawn = staged(release)
    made: list[nodes.Node] = [
        paragraph(
            f"{plural(len(frame), 'entry', 'entries')} in release {release.version}. Each has a page of its own, with "
            "its names, its stages, what it is tied to, and every claim about it. A stage is coded from claims, year "
            "by year; an entry without one is an institution, a name that analysts give, or lacks evidence."
        )
    ]
    for country, own in sorted(frame.groupby("iso3"), key=lambda pair: str(pair[0])):
        lines: list[list[Cell]] = []
        for row in sorted(own.to_dict("records"), key=lambda row: str(row["name_en"]).casefold()):
            name = str(row["programme_id"])
            local = known.programmes[name]["name_local_lang"]
            heading: list[nodes.Node] = [
                paragraph(cross(known.page_of("programme", name), str(row["name_en"]), page)),
            ]
            if row["name_local"] and row["name_local"] != row["name_en"]:
                heading.append(paragraph(str(row["name_local"]), language=local or "en"))
            years = [row["first_year"], row["last_year"]]
            has_years = all(isinstance(year, int) for year in years)
            lines.append(
                [
                    heading,
                    str(row["kind"]).replace("_", " "),
                    [
                        paragraph(f"{where}: {reached}")
                        for where, key in (("national", "stage"), ("in a region", "stage_sub"))
                        if (reached := _reached(row[key], labels, key))
                    ],
                    _span(*years) if has_years else "",
                    f"{row['claims']:,}",
                    ", ".join(f"{row[status]:,} {status}" for status in ("contested", "rejected") if row[status]),
                ]
            )
        head = ["Programme", "Kind", "Furthest stage", "Years", "Claims", "Among them"]
        listed = table(head, lines, name="listing-long", numbers=[4])
        shown = (
            [_all_stages(release, str(country), len(drawn[str(country)]))]
            if len(drawn.get(str(country), [])) >= FEWEST
            else []
        )
        made.append(section(f"{_country(release, str(country))} ({country})", *shown, listed, name=f"of-{country}"))
    return made


def _all_stages(release: Release, country: str, count: int) -> nodes.Node:
    alt = (
        f"Timeline of {plural(count, 'programme')}: one bar each, the darker, the further. The stages stand as a table "
        "on the page of each programme."
    )
    return figure(f"/{timeline_file(release, country)}", alt)


def _country(release: Release, iso3: str) -> str:
    frame = panel(release.name)
    found = frame.loc[frame["iso3"] == iso3, "country_name"]
    return str(found.iloc[-1]) if len(found) else iso3


def _stage_labels(known: Evidence) -> dict[str, str]:
    return {
        code.code: code.labels["en"]
        for one in known.indicators.values()
        if one.table == "programme_years"
        for code in one.codes
    }


def _stage_indicator(known: Evidence) -> Indicator | None:
    return next((one for one in known.indicators.values() if one.table == "programme_years"), None)


def _reached(stage: object, labels: Mapping[str, str], column: str) -> str:
    scope = "national" if column == "stage" else "subnational"
    return f"{stage} {stage_label(labels, str(stage), scope)}".strip() if isinstance(stage, int) else ""


def _span(first: object, last: object) -> str:
    return f"{first}" if first == last else f"{first}–{last}"


def programme(release: Release, name: str, page: str) -> list[nodes.Node]:
    """Show all that a release holds on one programme."""
    known = evidence(release.name)
    row = known.programmes[name]
    profile = govdata.programme(name, dataset=release.name)
    claims = known.by_programme.get(name, [])
    made: list[nodes.Node] = [
        paragraph(
            literal(name),
            " in ",
            cross(f"generated/programmes/{release.name}", f"{release.name} {release.version}", page),
            f" · {counted(claims)}",
        )
    ]
    if row["description"]:
        made.append(paragraph(in_script(row["description"])))
    return [
        *made,
        definitions(_facts(known, row, page)),
        section("Stage by year", *_stages(known, profile, page)),
        section("Relations", *_relations(known, profile, page)),
        section("Effects", *_effects(known, profile, page)),
        section("Claims", *_claims(known, claims, page)),
    ]


def _facts(known: Evidence, row: Row, page: str) -> list[tuple[str, Cell]]:
    local = row["name_local_lang"]
    local_name = f"Local name ({LANGUAGE_NAMES[local]})" if local in LANGUAGE_NAMES else f"Local name ({local})"
    latin = f"{local}-Latn" if local else "en"
    facts: list[tuple[str, Cell]] = [
        ("Country", f"{_country(known.release, row['iso3'])} ({row['iso3']})"),
        ("Kind", row["kind"].replace("_", " ")),
        (local_name, paragraph(row["name_local"], language=local or "en") if row["name_local"] else ""),
        ("In Latin script", paragraph(row["name_latin"], language=latin) if row["name_latin"] else ""),
    ]
    for key in ("fa", "ar", "zh"):
        text = row[f"name_{key}"]
        if text and not (key == local and text == row["name_local"]):
            facts.append((LANGUAGE_NAMES[key], paragraph(text, language=key)))
    bodies = [body for body in row["lead_bodies"].split(";") if body]
    described = [[source_link(known, one, page)] for one in row["source_ids"].split(";") if one]
    return [
        *facts,
        ("Led by", bullets(paragraph(in_script(body)) for body in bodies) if bodies else ""),
        ("Start", paragraph(in_script(row["start_note"])) if row["start_note"] else ""),
        ("Description based on", paragraph(*apart(described, "; ")) if described else ""),
    ]


def _stages(known: Evidence, profile: Programme, page: str) -> list[nodes.Node]:
    if profile.stages.empty:
        if profile.kind == "analytic_label":
            return [paragraph("None is coded: this is a name that analysts give, not a programme of its own.")]
        return [paragraph("None is coded: no claim tells how far this got.")]
    years = [int(year) for year in profile.stages["year"]]
    alt = f"Timeline of {profile.names['en']}, {_span(min(years), max(years))}. The table below says the same."
    lines: list[list[Cell]] = []
    for scope in dict.fromkeys(("national", "subnational", *profile.stages["scope"])):
        own = profile.stages[profile.stages["scope"] == scope].to_dict("records")
        for first, last, row in _spells([{str(key): str(value) for key, value in one.items()} for one in own]):
            status = row["status"] if row["status"] == "contested" else ""
            deciding = row["claim_ids"].split()
            considered = [name for name in row["considered_ids"].split() if name not in deciding]
            lines.append(
                [
                    scope if scope == "national" else "furthest region",
                    _span(first, last),
                    _stage(row, _stage_labels(known)),
                    paragraph(status_badge(status)) if status else row["status"].replace("_", " "),
                    row["grade"],
                    paragraph(*claim_links(known, deciding, page)) if deciding else "",
                    paragraph(*claim_links(known, considered, page)) if considered else "",
                ]
            )
    one = _stage_indicator(known)
    rule = [paragraph("What each stage means: ", indicator_link(known, one.id, page), ".")] if one else []
    head = ["Scope", "Years", "Stage", "Status", "Grade", "Deciding claims", "Also considered"]
    drawn = profile.programme_id in moving(known.release)
    shown = [figure(f"/{timeline_file(known.release, profile.programme_id)}", alt)] if drawn else []
    return [*shown, table(head, lines), *rule]


def _spells(rows: Sequence[Row]) -> list[tuple[int, int, Row]]:
    """Join consecutive years that are alike in stage, bounds, status and grade; their claims are put together."""
    keys = ("stage", "stage_low", "stage_high", "missing", "status", "grade")
    ordered = sorted(rows, key=lambda row: int(row["year"]))
    numbered = [(int(row["year"]) - place, row) for place, row in enumerate(ordered)]
    made = []
    for _, run in groupby(numbered, key=lambda pair: (pair[0], [pair[1][key] for key in keys])):
        found = [row for _, row in run]
        named = {
            key: " ".join(dict.fromkeys(name for row in found for name in row[key].split()))
            for key in ("claim_ids", "considered_ids")
        }
        made.append((int(found[0]["year"]), int(found[-1]["year"]), found[0] | named))
    return made


def _stage(row: Row, labels: Mapping[str, str]) -> str:
    def said(stage: str) -> str:
        return f"{stage} {stage_label(labels, stage, row['scope'])}".strip()

    if row["stage"]:
        outer = [end for end in (row["stage_low"], row["stage_high"]) if end and end != row["stage"]]
        return said(row["stage"]) + (f" (some say {' or '.join(said(end) for end in outer)})" if outer else "")
    if row["stage_low"] and row["stage_high"]:
        return f"open between {said(row['stage_low'])} and {said(row['stage_high'])}"
    return f"missing: {row['missing'].replace('_', ' ')}"


def _relations(known: Evidence, profile: Programme, page: str) -> list[nodes.Node]:
    if profile.relations.empty:
        return [paragraph("None is recorded.")]
    lines: list[list[Cell]] = []
    for row in sorted(
        profile.relations.to_dict("records"), key=lambda row: (str(row["relation"]), str(row["other_name"]).casefold())
    ):
        other = str(row["other_id"])
        lines.append(
            [
                str(row["relation"]).replace("_", " "),
                paragraph(cross(known.page_of("programme", other), str(row["other_name"]), page)),
                paragraph(status_badge(str(row["status"]))),
                str(row["comment"]),
                paragraph(source_link(known, str(row["source_id"]), page), f", {row['locator']}"),
            ]
        )
    return [table(["Relation", "To", "Status", "Note", "Source"], lines, name="relations")]


def _effects(known: Evidence, profile: Programme, page: str) -> list[nodes.Node]:
    """Show claims on effects: both sides always, side by side, and no sum of them."""
    made: list[nodes.Node] = [
        paragraph(
            "What sources claim or show to have followed. Good and bad effects stand side by side and are never set "
            "off against each other. Grade and status say how much stands behind each; at grade E0 nothing named does."
        )
    ]
    found: dict[str, list[Row]] = {side: [] for side, _, _ in _SIDES}
    for row in profile.effects.to_dict("records"):
        direction = str(row["direction"])
        found[direction if direction in found else "other"].append(known.claims[str(row["claim_id"])])
    parts: list[nodes.Node] = []
    for side, title, none in _SIDES:
        own = sorted(found[side], key=_standing)
        content = bullets((entry(known, claim, page) for claim in own), "claims") if own else paragraph(none)
        count = [paragraph(counted(own))] if own else []
        part = section(title, *count, content, name=f"{side}-effects")
        if side != "other" or own:
            parts.append(part)
    return [*made, together(*parts[:2], name="sides"), together(*parts[2:])]


def _standing(claim: Row) -> tuple[int, int, str]:
    """Order claims: accepted first, then by grade from the best."""
    return (
        ("accepted", "contested", "rejected").index(claim["status"]),
        -int(claim["grade"][1:]),
        claim["claim_id"],
    )


def _claims(known: Evidence, claims: Sequence[Row], page: str) -> list[nodes.Node]:
    if not claims:
        return [paragraph("No claim names this entry.")]
    return [
        paragraph(
            f"{counted(claims)}, by indicator. Contested claims never decide a value; rejected ones are kept so that "
            "nobody takes them for new."
        ),
        *groups(known, claims, page, home="programme"),
    ]
