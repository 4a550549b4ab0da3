"""Sheets beside the data of a workbook: its codebook, the sources behind it, what its release changed, what it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from govdata.citation import cite
from govdata.compare import CHANGE_COLUMNS
from govdata.exporting.outline import Column, Outline, reason_labels
from govdata.reasons import REASON_WORDS
from govdata.vocabulary import MISSING_REASONS

if TYPE_CHECKING:
    from govdata.releases import Release

__all__ = ["KEYS", "Sheet", "sheets"]

KEYS: Final = frozenset({"iso3", "country_name", "year", "source_version", "draw"})
"""Columns that say which row it is, labelled in any frame."""

_RIGHT_TO_LEFT: Final = ("fa", "ar")
_BOOK: Final = (
    ("name", 24),
    ("label", 50),
    ("dataset", 20),
    ("indicator", 20),
    ("question", 50),
    ("clarification", 50),
    ("type", 9),
    ("unit", 12),
    ("codes", 50),
    ("rule", 16),
    ("years", 11),
    ("source", 30),
    ("comparable", 40),
    ("limits", 40),
    ("values", 8),
    ("missing", 8),
    *((reason, 14) for reason in MISSING_REASONS),
)


@dataclass(frozen=True)
class Sheet:
    """A sheet of texts and numbers; ``None`` and an empty text leave a cell empty."""

    name: str
    header: tuple[str, ...]
    rows: Sequence[Sequence[str | float | None]]
    widths: tuple[int, ...]
    right_to_left: bool = False


def sheets(outline: Outline) -> list[Sheet]:
    """Make the sheets that stand beside the data.

    A frame of one's own has none, one with labels of its own or from an importer a codebook, and a sheet on the file it
    was read from; what comes from a release has all four.
    """
    if not outline.releases:
        told = outline.documented or any(column.codes for column in outline.columns)
        return [_codebook(outline), *([_about(outline)] if outline.about else [])] if told else []
    return [_codebook(outline), _sources(outline), _changes(outline), _about(outline)]


def _codebook(outline: Outline) -> Sheet:
    spans = {release.name: release.info.years for release in outline.releases}
    rows = [_described(column, spans, outline.language) for column in outline.columns]
    names, widths = zip(*_BOOK, strict=True)
    return Sheet("codebook", names, rows, widths, outline.language in _RIGHT_TO_LEFT)


def _described(column: Column, spans: dict[str, tuple[int, int]], language: str) -> list[str | float | None]:
    one = column.indicator
    empty = (column.cells.isna() | (column.cells == "")).to_numpy()
    counts: list[float | None] = [None] * len(MISSING_REASONS)
    if column.reasons is not None:
        counts = [int((column.reasons == number).sum()) for number in range(1, len(REASON_WORDS))]
    texts: list[str | float | None] = [column.name, column.label, column.dataset, "" if one is None else one.id]
    codes = _codes(column, language)
    if one is None or column.endings[-1:] == ("_missing",):
        texts += ["", "", "numeric" if column.is_number else "text", "", codes, "", "", "", "", ""]
    else:
        first, last = one.years or spans[column.dataset]
        years = " ".join(map(str, one.only_years)) or f"{first}-{last}"
        source = ": ".join(part for part in (one.source_id, one.original) if part)
        texts += [one.question, one.clarification, one.type, one.unit, codes, one.rule, years, source]
        texts += [one.comparable, one.limits]
    return [*texts, int((~empty).sum()), int(empty.sum()), *counts]


def _codes(column: Column, language: str) -> str:
    """List the codes with their labels; those of text too, which have no labels in the cells."""
    codes = {f"{code:g}": text for code, text in column.codes.items()}
    if column.indicator is not None and column.indicator.is_text and column.endings[-1:] != ("_missing",):
        codes = {code.code: code.labels.get(language, code.labels["en"]) for code in column.indicator.codes}
    return " | ".join(f"{code} = {text}" for code, text in codes.items())


def _asked(outline: Outline) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """Give the columns, units and years of the data, as text; empty where the data have none."""
    cells = {column.name: column.cells for column in outline.columns}
    names = frozenset(cells)
    if not {"iso3", "year"} <= names:
        return names, frozenset(), frozenset()
    years = {str(int(year)) for year in cells["year"].dropna().unique()}
    return names, frozenset(map(str, cells["iso3"].dropna().unique())), frozenset(years)


def _sources(outline: Outline) -> Sheet:
    header: dict[str, None] = {"dataset": None}
    found: list[dict[str, str]] = []
    for release in outline.releases:
        used = _used(release, outline)
        for row in release.rows("sources.csv"):
            if used is None or row["source_id"] in used:
                header |= dict.fromkeys(row)
                found.append({"dataset": release.name, **row})
    rows = [[row.get(name, "") for name in header] for row in found]
    return Sheet("sources", tuple(header), rows, tuple(40 if name in ("authors", "title") else 16 for name in header))


def _used(release: Release, outline: Outline) -> frozenset[str] | None:
    """Name the sources behind the exported cells; ``None`` where the release does not say it by cell."""
    names, units, years = _asked(outline)
    if not units or "values.csv" not in release.files:
        return None
    columns = {(one.id, scope): one.column(scope) for one in release.indicators for scope in one.scopes}
    owned = {
        one.column(scope)
        for one in release.indicators
        for scope in one.scopes
        if any(name == one.column(scope) or name.startswith(f"{one.column(scope)}_") for name in names)
    }
    used = {one.source_id for one in release.indicators if owned & {one.column(scope) for scope in one.scopes}}
    for row in release.rows("values.csv"):
        if row["iso3"] in units and row["year"] in years:
            column = columns.get((row["indicator"], row.get("scope", "national")))
            if column in owned:
                used.update((row.get("source_ids") or row.get("source_id", "")).split())
    return frozenset(used)


def _changes(outline: Outline) -> Sheet:
    """List what each release changed of what is exported; a change without column, unit or year concerns all."""
    names, units, years = _asked(outline)
    rows: list[list[str | float | None]] = []
    for release in outline.releases:
        for row in release.rows("changes.csv"):
            asked = not row["column"] or row["column"] in names
            if units:
                asked = asked and (not row["iso3"] or row["iso3"] in units)
                asked = asked and (not row["year"] or row["year"] in years)
            if asked:
                line = {**row, "year": int(row["year"]) if row["year"] else None}
                rows.append([release.name, release.version, *(line[name] for name in CHANGE_COLUMNS)])
    header = ("dataset", "version", *CHANGE_COLUMNS)
    return Sheet("changes", header, rows, tuple(24 if name == "column" else 14 for name in header))


def _about(outline: Outline) -> Sheet:
    rows: list[tuple[str, str, str]] = []
    for release in outline.releases:
        info = release.info
        said = {
            "title": info.title,
            "version": release.version,
            "released": info.released,
            "sha256": release.digest,
            "licence": f"{info.licence} {info.licence_url}".strip(),
            "attribution": info.attribution,
            "citation": cite(release.name, release.version),
        }
        rows += [(release.name, key, text) for key, text in said.items() if text]
        rows += [
            (release.name, f"missing: {reason}", text)
            for reason, text in reason_labels(info.kind, outline.language).items()
        ]
    rows += [("", key, text) for key, text in outline.about.items()]
    rows += [("", "language of labels", outline.language), *_notes(outline.releases)]
    return Sheet("about", ("dataset", "what", "text"), rows, (22, 26, 110), outline.language in _RIGHT_TO_LEFT)


def _notes(releases: Iterable[Release]) -> list[tuple[str, str, str]]:
    by_cell = [release.name for release in releases if "values.csv" in release.files]
    whole = [release.name for release in releases if "values.csv" not in release.files]
    if not by_cell and not whole:
        return []
    notes: list[tuple[str, str, str]] = []
    if by_cell:
        notes.append(("", "sheet sources", f"those behind the exported cells of {', '.join(by_cell)}"))
    if whole:
        notes.append(("", "sheet sources", f"all of {', '.join(whole)}"))
    return [*notes, ("", "sheet changes", "what the release changed in the exported columns, units and years")]
