"""The tables of agreement: what was coded twice, how far both codings agree, and what was decided between them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from docutils import nodes
from site_claims import claim_links, indicator_link, plural
from site_evidence import evidence, rows
from site_nodes import Cell, badge, cross, fold, in_script, literal, paragraph, section, table

from govdata.curation.reliability import DRAWS, reliability

if TYPE_CHECKING:
    from collections.abc import Sequence

    from site_evidence import Evidence, Row

    from govdata.releases import Release

__all__ = ["agreement"]

# A common rule of thumb: rely on 0.800 and above, draw tentative conclusions down to 0.667, none below.
SOUND, TENTATIVE = 0.8, 0.667
_FIRST_COUNTRY = "CHN"
_LEVELS = {
    "claim": ("Claims", "One unit is one claim: a place in a source, read and coded twice."),
    "value": ("Values", "One unit is one cell: an indicator, a country, a year and a scope, coded twice."),
    "stage": ("Stages", "One unit is the stage of a programme in a year and at a scope, coded twice."),
}
_VARIABLES = {
    "code": "the code",
    "middle": "the code, or the middle of an open coding",
    "found": "whether there is evidence at all",
    "indicator": "which indicator the passage speaks of",
    "claim_scope": "national or subnational",
    "modality": "modality",
    "status": "accepted, contested or rejected",
    "grade": "grade",
    "start_year": "first year",
}
_EFFECTS = {
    "sets_value": "a value was set",
    "rule_stands": "the value that the rule gives was left to stand",
    "claims_mended": "claims were mended",
}


def agreement(release: Release, page: str) -> list[nodes.Node]:
    """Show how far two codings agree in a release."""
    known = evidence(release.name)
    found = rows(release, "reliability.csv")
    made = [_summary(release, found, page)]
    codings = rows(release, "codings.csv")
    if codings:
        made.append(section("Who coded what", *_who(codings)))
    pooled = [row for row in found if not row["indicator"]]
    if pooled:
        lead = paragraph("Over all indicators: what every claim has, and whether there is evidence at all.")
        made.append(section("Over all indicators", lead, _pooled(pooled)))
    for level, (title, text) in _LEVELS.items():
        parts: list[nodes.Node] = []
        for variable in dict.fromkeys(row["variable"] for row in found if row["level"] == level and row["indicator"]):
            own = [row for row in found if row["level"] == level and row["variable"] == variable and row["indicator"]]
            name = f"{level}-{variable}"
            parts.append(section(_title(variable), _by_indicator(known, own, page), name=name))
        if parts:
            made.append(section(title, paragraph(text), *parts, name=f"level-{level}"))
    others = [row for row in codings if row["level"] == "claim" and row["iso3"] != _FIRST_COUNTRY]
    if others:
        made.append(section("Claims on countries other than China", *_others(release, known, others, page)))
    if "adjudications.csv" in release.files:
        made.append(section("Adjudications", *_adjudications(known, codings, page)))
    return made


def _others(release: Release, known: Evidence, codings: Sequence[Row], page: str) -> list[nodes.Node]:
    """Measure agreement on the claims that the tables above pool with China's."""
    found = [dict(row) for row in reliability(codings, release.indicators)]
    codes = [row for row in found if row["indicator"] and row["variable"] == "code"]
    whole = [row for row in found if not row["indicator"]]
    units = sum(int(row["units"]) for row in codes)
    text = paragraph(
        f"The tables above pool all claims. These are the {units:,} claims on countries other than China: a fifth "
        "of the ordinal ones, drawn by a hash. The second coder saw the extract that the first one had opened."
    )
    made: list[nodes.Node] = [text, _pooled(whole), _by_indicator(known, codes, page)]
    for one in made:
        for found_table in one.findall(nodes.table):  # a second view of units that the tables above count already
            found_table["classes"] = [name for name in found_table["classes"] if name != "agreement"]
    return made


def _title(variable: str) -> str:
    said = _VARIABLES.get(variable, variable.replace("_", " "))
    return f"{said[:1].upper()}{said[1:]}"


def _summary(release: Release, found: Sequence[Row], page: str) -> nodes.Node:
    own = [row for row in found if row["indicator"] and row["variable"] == "code"]
    values = [float(row["alpha"]) for row in own if row["alpha"]]
    sound = sum(value >= SOUND for value in values)
    low = sum(value < TENTATIVE for value in values)
    return paragraph(
        cross(f"codebook/{release.name}/index", str(release), page),
        f" measures the agreement on a code {plural(len(own), 'time')} (an indicator at a level). Alpha is defined in "
        f"{len(values):,} of them: {sound:,} reach {SOUND:.3f}, {len(values) - sound - low:,} lie between, {low:,} lie "
        f"below {TENTATIVE:.3f}. In the other {len(own) - len(values):,} it is not defined, which is neither agreement "
        f"nor disagreement. Intervals come from {DRAWS:,} draws of whole runs.",
    )


def _who(codings: Sequence[Row]) -> list[nodes.Node]:
    counts = Counter((row["level"], row["round"], row["coder"], row["given"]) for row in codings)
    lines: list[list[Cell]] = []
    for (level, turn, coder, given), count in sorted(counts.items()):
        shown = [word.replace("_", " ").removesuffix(" id") for word in given.split(";") if word]
        lines.append(
            [
                level,
                "first" if turn == "1" else "second",
                literal(coder),
                f"{count:,}",
                "" if turn == "1" else ", ".join(shown) or "nothing",
            ]
        )
    text = paragraph(
        f"{plural(len(codings), 'coding')}. A coding of a value or of a stage is a run of years, so it stands for "
        "several units. What a second coder was shown of the first coding is not counted as agreement."
    )
    head = ["Level", "Coding", "Coder", "Codings", "Shown to the second coder"]
    return [text, table(head, lines, numbers=[3])]


def _alpha(row: Row) -> Cell:
    if not row["alpha"]:
        return "not defined"
    value = float(row["alpha"])
    shown = row["alpha"].replace("-", "−")
    return paragraph(shown, " ", badge("low", "low")) if value < TENTATIVE else shown


def _interval(row: Row) -> str:
    if not (row["alpha_low"] and row["alpha_high"]):
        return ""
    return f"{row['alpha_low']} to {row['alpha_high']}".replace("-", "−")


_FIGURES = ["Alpha", "95% interval", "Agreement", "Compatible", "Units"]


def _figures(row: Row) -> list[Cell]:
    return [
        _alpha(row),
        _interval(row),
        row["agreement"],
        row["compatible"],
        _share(int(row["both_coded"]), int(row["units"])),
    ]


def _share(both: int, units: int) -> str:
    return f"{units:,}" if both == units else f"{both:,} of {units:,}"


def _measured(found: Sequence[Row], first: str, cells: Sequence[Cell]) -> nodes.Node:
    """Make a table of measures; a column in which nothing stands is left out."""
    made = [[cell, *_figures(row)] for row, cell in zip(found, cells, strict=True)]
    head = [first, *_FIGURES]
    kept = [place for place in range(len(head)) if place in {0, 1} or any(line[place] for line in made)]
    numbers = [kept.index(place) for place in kept if 0 < place <= len(_FIGURES)]
    lines = [[line[place] for place in kept] for line in made]
    return table([head[place] for place in kept], lines, name="agreement", numbers=numbers)


def _pooled(found: Sequence[Row]) -> nodes.Node:
    ordered = sorted(found, key=_lowest)
    cells: list[Cell] = [
        [
            paragraph(_title(row["variable"])),
            _small(_LEVELS.get(row["level"], (row["level"], ""))[0].lower(), row["metric"], row["note"]),
        ]
        for row in ordered
    ]
    return _measured(ordered, "What", cells)


def _small(*texts: str) -> nodes.Element:
    made = paragraph(" · ".join(filter(None, texts)))
    made["classes"].append("facts-line")
    return made


def _lowest(row: Row) -> tuple[bool, float, str]:
    """Order rows: the lowest alpha first, those without one last."""
    return (not row["alpha"], float(row["alpha"] or 0), row["indicator"])


def _by_indicator(known: Evidence, found: Sequence[Row], page: str) -> nodes.Node:
    ordered = sorted(found, key=_lowest)
    cells: list[Cell] = [
        [paragraph(indicator_link(known, row["indicator"], page)), _small(row["metric"], row["note"])]
        for row in ordered
    ]
    return _measured(ordered, "Indicator", cells)


def _adjudications(known: Evidence, codings: Sequence[Row], page: str) -> list[nodes.Node]:
    decided = known.adjudications
    if not decided:
        return [paragraph("This release records none.")]
    reasons = Counter(row["reason"] for row in decided)
    settled = Counter(one for row in codings for one in row["adjudication_id"].split(";") if one)
    effects = Counter(row.get("effect", "") for row in decided)
    said = ", ".join(
        f"in {count:,} {_EFFECTS.get(effect, effect.replace('_', ' '))}"
        for effect, count in effects.most_common()
        if effect
    )
    counts: list[list[Cell]] = [
        [reason.replace("_", " ") or "none given", f"{count:,}"] for reason, count in reasons.most_common()
    ]
    by_indicator: dict[str, list[list[Cell]]] = {}
    for row in decided:
        years = row["start_year"] if row["start_year"] == row["end_year"] else f"{row['start_year']}–{row['end_year']}"
        bounds = " to ".join(filter(None, (row["low"], row["high"])))
        claims = row["claim_ids"].replace(";", " ").split()
        claims_cell: list[nodes.Node] = [paragraph(*claim_links(known, claims, page))] if claims else []
        if count := settled[row["adjudication_id"]]:
            claims_cell.append(_small(f"settles {plural(count, 'coding')}"))
        by_indicator.setdefault(row["indicator"], []).append(
            [
                _small(row["adjudication_id"], row["coder"], row["decided_on"]),
                ", ".join(filter(None, (row["iso3"], row["scope"], years))),
                row["value"] or (f"open, {bounds}" if bounds else ""),
                [
                    _small(row["reason"].replace("_", " "), row.get("effect", "").replace("_", " ")),
                    *([paragraph(in_script(row["comment"]))] if row["comment"] else []),
                ],
                claims_cell,
            ]
        )
    head = ["Decision", "Where and when", "Value", "Reason", "Claims"]
    return [
        paragraph(
            f"{plural(len(decided), 'written decision')} where two codings or two claims differed"
            + (f": {said}." if said else ".")
        ),
        table(["Reason", "Decisions"], counts, numbers=[1]),
        *(
            fold(
                [indicator_link(known, name, page), nodes.Text(f": {plural(len(lines), 'decision')}")],
                table(head, lines, name=f"decisions-{name}"),
            )
            for name, lines in sorted(by_indicator.items(), key=lambda pair: list(known.indicators).index(pair[0]))
        ),
    ]
