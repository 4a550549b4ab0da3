"""A difference said in words: the sentences that text and page share, and the page of text."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from govdata.differing.reasons import REASONS

if TYPE_CHECKING:
    import pandas as pd

    from govdata.differing.difference import Difference

__all__ = [
    "HEADS",
    "count_rows",
    "difference_text",
    "headline",
    "metadata_summary",
    "notes",
    "plural",
    "ranked",
    "verdict",
]

WIDTH = 100
SHOWN = 6
HEADS = {
    "new": "new",
    "removed": "removed",
    "changed": "changed",
    "text_only": "text only",
    "companions": "bounds, names",
}


def plural(number: int, one: str, many: str = "") -> str:
    """Give a number with its noun.

    Examples
    --------
    >>> plural(1, "cell"), plural(1200, "country", "countries")
    ('1 cell', '1,200 countries')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def headline(found: Difference) -> str:
    """Name the two releases, and say which way they are read."""
    arrow = f"{found.dataset} {found.old} → {found.new}"
    return f"{arrow} (backwards: {found.new} is the older)" if found.backwards else arrow


def verdict(found: Difference) -> str:
    """Say how far the version had to rise, and whether it did."""
    bump = found.bump
    if bump.old == bump.new:
        return "One release, compared with itself."
    say = f"The step {bump.old} → {bump.new} had to be {bump.level}: {bump.reason}."
    if bump.honoured:
        return f"{say} The version honours it."
    return f"{say} THE VERSION IS TOO LOW: it had to be {bump.least} or higher."


def count_rows(found: Difference) -> list[tuple[str, int, int, int, int]]:
    """Give the table of counts: what, new, removed, changed (of columns: renamed), written otherwise."""
    counts = found.counts
    columns, rows = counts["columns"], counts["rows"]
    lines = [
        ("columns", columns["new"], columns["removed"], columns["renamed"], 0),
        ("rows", rows["new"], rows["removed"], 0, 0),
    ]
    for label, part in (("values", counts["values"]), ("bounds, names", counts["companions"])):
        lines.append((label, part["new"], part["removed"], part["changed"], part["text_only"]))
    return lines


def notes(found: Difference) -> list[str]:
    """Say what the table of counts does not show."""
    lines = []
    if found.chosen:
        limits = ", ".join(f"{key} {', '.join(map(str, found.chosen[key]))}" for key in found.chosen)
        lines.append(f"Cells limited to {textwrap.shorten(limits, 300, placeholder=' …')}.")
    if found.empty:
        lines.append("Nothing differs.")
    elif found.cells.empty:
        lines.append("No cell differs." if not found.chosen else "No cell differs there.")
    values = found.cells[found.cells["change"].str.startswith("value_")]
    if len(values):
        years = values["year"].astype("int64")
        lines.append(
            f"Touched: {plural(values['iso3'].nunique(), 'country', 'countries')}, "
            f"{plural(len(found.by_indicator), 'indicator')}, {years.min()}–{years.max()}."
        )
    for change, text in (("row_added", "New in the panel"), ("row_removed", "Gone from the panel")):
        rows = found.cells[found.cells["change"] == change]
        if len(rows):
            units = rows.groupby("reason")["iso3"].unique()
            said = "; ".join(f"{REASONS[str(reason)]}: {', '.join(sorted(codes))}" for reason, codes in units.items())
            lines.append(f"{text}: {plural(len(rows), 'row')} ({textwrap.shorten(said, 240, placeholder=' …')}).")
    for change, text in (
        ("column_added", "New columns"),
        ("column_removed", "Columns gone"),
        ("column_renamed", "Renamed"),
    ):
        columns = found.cells[found.cells["change"] == change]
        if len(columns):
            renamed = change == "column_renamed"
            names = (
                columns["old"] + " → " + columns["new"]
                if renamed
                else columns["indicator"].where(columns["indicator"] != "", columns["column"])
            )
            said = textwrap.shorten(", ".join(dict.fromkeys(names)), 240, placeholder=" …")
            lines.append(f"{text}: {plural(len(columns), 'column')} of {said}.")
    if found.other_reasons:
        cells = plural(found.other_reasons, "cell")
        lines.append(f"Missing in both for another reason: {cells} (changes(..., missing=True) lists them).")
    return lines


def metadata_summary(found: Difference) -> list[tuple[str, str]]:
    """Sum the metadata up: what, and which."""
    frame = found.metadata
    lines = []
    book = frame[frame["part"] == "codebook"]
    for change in ("added", "removed", "renamed"):
        own = book[(book["field"] == "indicator") & (book["change"] == change)]
        if len(own):
            which = list(own["old"] + " → " + own["new"] if change == "renamed" else own["indicator"])
            lines.append((f"indicators {change}", f"{len(own)}: {', '.join(which)}"))
    rest = book[book["field"] != "indicator"]
    fields = rest["field"].str.split(" ").str[0].str.split(".").str[0]
    for field, own in rest.groupby(fields, sort=False):
        names = list(dict.fromkeys(own["indicator"]))
        what = "codes" if field == "code" else field
        lines.append((f"{what} changed", f"{plural(len(names), 'indicator')}: {', '.join(names)}"))
    own = frame[frame["part"] == "dataset"]
    if len(own):
        short = [
            f"{row['field']} {row['old'] or '–'} → {row['new'] or '–'}"
            if len(row["old"]) + len(row["new"]) <= 40
            else f"{row['field']}"
            for row in own.to_dict("records")
        ]
        lines.append(("description", ", ".join(short)))
    covered = frame[frame["part"] == "coverage"]
    if len(covered):
        was, now = (covered[side].astype("int64").sum() for side in ("old", "new"))
        what = plural(len(covered), "indicator")
        lines.append(("coverage", f"{what}; pairs of country and indicator looked at there: {was:,} → {now:,}"))
    own = frame[frame["part"] == "evidence"]
    if len(own):
        said = [
            f"{row['field']} {int(row['old']):,} → {int(row['new']):,}"
            if row["old"]
            else f"{row['field']} {int(row['new']):,}"
            for row in own.to_dict("records")
        ]
        lines.append(("claims", "; ".join(said)))
    return lines


def _grid(head: list[str], rows: list[list[str]], first: int = 34) -> list[str]:
    """Set a table: the first column of words, then numbers; never wider than a page."""
    rows = [[textwrap.shorten(row[0], first, placeholder=" …"), *row[1:]] for row in rows]
    widths = [max(len(line[place]) for line in (head, *rows)) for place in range(len(head))]
    lines = []
    for line in (head, *rows):
        cells = "  ".join(cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True))
        lines.append(f"  {line[0].ljust(widths[0])}  {cells}".rstrip())
    return lines


def _number(value: int) -> str:
    return f"{value:,}" if value else "·"


def ranked(frame: pd.DataFrame) -> pd.DataFrame:
    """Sort counts: where most values differ, then where most of what goes with them does."""
    totals = frame[["new", "removed", "changed", "text_only"]].sum(axis=1)
    order = frame.assign(total=totals, beside=frame["companions"])
    return order.sort_values(["total", "beside"], ascending=False, kind="stable")


def _tops(frame: pd.DataFrame, name: str, counted: list[str], title: str, more: str) -> list[str]:
    """Set the rows of a frame that count most."""
    if frame.empty:
        return []
    top = ranked(frame).head(SHOWN)
    rows = [[str(row[name]), *(_number(row[key]) for key in counted)] for row in top.to_dict("records")]
    lines = _grid([title, *(HEADS[key] for key in counted)], rows)
    if len(frame) > SHOWN:
        lines.append(f"  … and {len(frame) - SHOWN} more ({more})")
    return ["", *lines]


def _folded(text: str, indent: str = "  ", lines: int = 3, width: int = WIDTH) -> list[str]:
    """Break a line to the width of the page, and cut it after a few."""
    return textwrap.wrap(
        text, width, subsequent_indent=indent, max_lines=lines, placeholder=" …", break_on_hyphens=False
    )


def difference_text(found: Difference) -> str:
    """Write the page of text: at most 100 columns, about 60 lines."""
    title = headline(found)
    lines = [title, "=" * min(WIDTH, len(title)), *_folded(verdict(found))]
    for note in notes(found):
        lines += _folded(note)
    if not found.cells.empty:
        rows = [[label, *map(_number, numbers)] for label, *numbers in count_rows(found)]
        lines += ["", *_grid(["", "new", "removed", "changed", "text only"], rows)]
    counted = [key for key in HEADS if found.by_reason[key].any()]
    if counted:
        lines += _tops(found.by_reason, "reason", counted, "why", ".by_reason")
        lines += _tops(found.by_indicator, "indicator", counted, "indicator", ".by_indicator")
        years = found.by_year[found.by_year[counted].sum(axis=1) > 0]
        values = [key for key in counted if key != "companions"] or counted
        lines += ["", *_folded(f"values by year: {_strip(years, values)}")]
    lines += _sample(found)
    summary = metadata_summary(found)
    if summary:
        lines += ["", "metadata"]
        for what, text in summary:
            lines += [f"  {line}" for line in _folded(f"{what}: {text}", lines=2, width=WIDTH - 4)]
    lines += _tables(found)
    return "\n".join(lines)


def _strip(years: pd.DataFrame, counted: list[str]) -> str:
    totals = years[counted].sum(axis=1)
    return ", ".join(f"{year} {total:,}" for year, total in zip(years["year"], totals, strict=True))


def _sample(found: Difference) -> list[str]:
    sample = found.sample(5)
    lines = ["", "for example"] if len(sample) else []
    for row in sample.to_dict("records"):
        was = row["old"] or row["old_missing"] or "–"
        now = row["new"] or row["new_missing"] or "–"
        text = f"  {row['iso3']} {row['year']} {row['column']}: {was} → {now} ({row['reason']})"
        lines += _folded(f"{text} {row['claims']}", indent="    ", lines=2)
    return lines


def _tables(found: Difference) -> list[str]:
    moved = found.tables[found.tables[["added", "removed", "changed"]].sum(axis=1) > 0]
    if moved.empty:
        return []
    said = []
    for row in moved.to_dict("records"):
        signs = (("+", row["added"]), ("-", row["removed"]), ("~", row["changed"]))
        said.append(" ".join([str(row["table"]), *(f"{sign}{number:,}" for sign, number in signs if number)]))
    return [f"  {line}" for line in _folded(f"rows of tables: {', '.join(said)}", width=WIDTH - 4)]
