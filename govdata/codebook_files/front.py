"""What stands before the indicators of a codebook: which release it is, how to cite it, how to read its columns."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from govdata.codebook_files.blocks import (
    Block,
    Cell,
    Contents,
    Heading,
    Listing,
    Paragraph,
    Table,
    Text,
    code,
    plain,
)
from govdata.codebook_files.words import COMMAS, STATUSES, word
from govdata.model import version_key
from govdata.references.apsa import entries, entry
from govdata.references.records import of_release, of_source
from govdata.releases import standing
from govdata.vocabulary import BLOCKS, LANGUAGES, MISSING_LABELS

if TYPE_CHECKING:
    from govdata.model import Indicator
    from govdata.releases import Release

__all__ = ["contents", "front", "known_faults", "sources"]

_KINDS = {
    "claims": "values coded by rule from sourced claims",
    "observations": "values measured elsewhere, carried over digit for digit",
    "register": "which unit exists when",
}


def front(release: Release, language: str) -> list[Block]:
    """Make title, description, citation and the page on how to read."""
    info = release.info
    rows = release.panel()
    units = rows["iso3"].nunique()
    title = (Text(f"{word('codebook', language)}: "), Text(info.title, "en"))
    size = f"{units:,} {word('units', language)}{COMMAS[language]}{len(rows):,} {word('unit_years', language)}"
    about: list[tuple[str, Cell]] = [
        ("dataset", (*code(info.name), Text(f" ({_KINDS[info.kind]})", "en"))),
        ("version", code(info.version)),
        ("released", code(info.released)),
        ("years", code(f"{info.years[0]}–{info.years[1]}")),
        ("size", plain(size)),
        ("description", plain(info.description, "en")),
        ("citation", plain(entry(of_release(release), attribution=False), "en")),
        ("attribution", plain(info.attribution, "en")),
        ("licence", (*code(info.licence), *plain(f" {info.licence_url}", "en"))),
    ]
    made: list[Block] = [
        Heading(1, title, "title"),
        Listing(
            [(word(name, language), cell) for name, cell in about if cell] + [("SHA-256", code(release.digest))],
        ),
    ]
    if word("prose", language):
        made.append(Paragraph(plain(word("prose", language))))
    return made + known_faults(release, language) + _reading(release, language)


def known_faults(release: Release, language: str) -> list[Block]:
    """List the faults of this version that are known."""
    version = version_key(release.version)
    rows = [
        row
        for row in standing(release.name, "errata.csv")
        if version_key(row["first_version"]) <= version
        and (not row["last_version"] or version <= version_key(row["last_version"]))
    ]
    if not rows:
        return []
    lines = [
        [
            code(row["number"]),
            code(row["indicator"]),
            code(row["countries"].replace(";", " ")),
            plain(_years(row["first_year"], row["last_year"])),
            plain(row["fault"], "en"),
            plain(row["remedy"], "en"),
        ]
        for row in rows
    ]
    names = [word(name, language) for name in ("number", "indicator", "years", "fault", "remedy")]
    head = [*names[:2], "iso3", *names[2:]]
    return [Heading(2, plain(word("errata", language)), "errata"), Table(head, lines)]


def _years(first: str, last: str) -> str:
    return first if first == last else f"{first}–{last}"


def _reading(release: Release, language: str) -> list[Block]:
    kind = release.info.kind
    made: list[Block] = [
        Heading(2, plain(word("how_to_read", language)), "reading"),
        Paragraph(plain(_ROWS, "en")),
    ]
    if kind != "register":
        ends = _COMPANIONS if kind == "claims" else _SERIES
        rows = [[code(name), plain(text, "en")] for name, text in ends.items()]
        made.append(Table([word("column", language), word("holds", language)], rows))
    if kind == "claims":
        made += [
            Heading(3, plain(word("statuses", language)), "statuses"),
            Paragraph(plain(_STATUS, "en")),
            Table(
                [word("status", language), word("meaning", language)],
                [[code(name), plain(text, "en")] for name, text in STATUSES.items() if name != "imported"],
            ),
        ]
    which = "observations" if kind == "observations" else "claims"
    place = LANGUAGES.index(language)
    reasons = [
        [
            code(reason),
            plain(texts[which][place]),
            *([plain(texts[which][0], "en")] if language != "en" else []),
            code(f".{'abcd'[number]}"),
            code(str(number - 99)),
        ]
        for number, (reason, texts) in enumerate(MISSING_LABELS.items())
    ]
    head = [word("reason", language), word("meaning", language)]
    head += [word("english", language)] if language != "en" else []
    made += [
        Heading(3, plain(word("missing", language)), "missing"),
        Paragraph(plain(_MISSING, "en")),
        Table([*head, "Stata", "SPSS"], reasons),
    ]
    return made


_ROWS = (
    "The panel has one row for each unit and year (iso3, country_name, year) and one column for each indicator and "
    "companion. Numbers are stored as numbers; a code is the number or word under which it stands in the tables below."
)
_COMPANIONS = {
    "x": "The value of indicator x; where an indicator has two scopes, for most of the population of the country.",
    "x_low, x_high": "The lowest and the highest value that the evidence allows; equal to the value where it is fixed.",
    "x_sub": "The highest value documented in a part of the country, with x_sub_low and x_sub_high.",
    "x_missing": "Why x is missing, where a file has these columns instead of codes in the cells.",
}
_SERIES = {
    "x": "The value of indicator x, as its source gives it.",
    "x_low, x_high": "The lower and the upper bound that the source gives with the value.",
    "x_sd": "The standard deviation that the source gives with the value.",
    "x_missing": _COMPANIONS["x_missing"],
}
_STATUS = "Each coded cell has a status, in values.csv of the release:"
_MISSING = (
    "A missing cell has one of four reasons. In Stata files they are extended missing values, in SPSS files declared "
    "missing numbers."
)


def contents(indicators: Sequence[Indicator], language: str) -> list[Block]:
    """List the indicators by block."""
    groups = []
    for block, members in groupby(indicators, key=lambda one: one.block):
        entries_ = [
            (
                *plain(f"{one.number} " if one.number else ""),
                Text(one.id, is_code=True, anchor=one.id),
                Text(" "),
                Text(one.labels.get(language, one.label), "" if language in one.labels else "en"),
            )
            for one in members
        ]
        groups.append((Text(f"{block} · {BLOCKS[block]}", "en", anchor=f"block-{block}"), entries_))
    return [Heading(2, plain(word("contents", language)), "contents"), Contents(groups)]


def sources(release: Release, indicators: Sequence[Indicator], language: str) -> list[Block]:
    """List the sources of imported series; those of coded values are by claim, and too many for a codebook."""
    if release.info.kind != "observations":
        return []
    rows = release.rows("sources.csv")
    if len(indicators) < len(release.indicators):
        named = {one.source_id for one in indicators}
        rows = [row for row in rows if row["source_id"] in named]
    listed = entries([of_source(row) for row in rows])
    return [
        Heading(2, plain(word("sources", language)), "sources"),
        *(Paragraph(plain(text, "en"), "reference") for text in listed),
    ]
