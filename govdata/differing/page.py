"""A difference as a page for a browser: one file, no scripts, nothing from elsewhere, readable on a telephone."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING, Final

from govdata.differing.reasons import REASONS
from govdata.differing.wording import HEADS, count_rows, headline, metadata_summary, notes, plural, ranked, verdict

if TYPE_CHECKING:
    import pandas as pd

    from govdata.differing.difference import Difference

__all__ = ["difference_page", "fragment"]

_SHOWN: Final = 20
_STYLE: Final = """
:root { color-scheme: light; }
body { margin: 0 auto; padding: 1.2rem; max-width: 62rem; background: #fff; color: #1a1a1a;
  font: 16px/1.5 system-ui, "Noto Sans", sans-serif; }
.govdata-diff h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .2rem; overflow-wrap: anywhere; }
.govdata-diff h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; border-bottom: 1px solid #bbb; }
.govdata-diff p { margin: .4rem 0; overflow-wrap: anywhere; }
.govdata-diff .wide { overflow-x: auto; }
.govdata-diff table { border-collapse: collapse; font-size: .9rem; margin: .4rem 0; background: #fff; color: #1a1a1a; }
.govdata-diff th, .govdata-diff td { padding: .2rem .7rem .2rem 0; text-align: right; vertical-align: top;
  border-bottom: 1px solid #ddd; font-variant-numeric: tabular-nums; }
.govdata-diff th { font-weight: 600; border-bottom: 1px solid #666; }
.govdata-diff .w { text-align: left; }
.govdata-diff td.w { min-width: 8rem; max-width: 34rem; overflow-wrap: break-word; }
.govdata-diff .no { color: #767676; }
.govdata-diff .low { color: #8a1c1c; font-weight: 600; }
.govdata-diff .small { font-size: .9rem; color: #444; }
.govdata-diff ul { padding-left: 1.1rem; margin: .4rem 0; }
.govdata-diff li { margin: .5rem 0; overflow-wrap: break-word; }
.govdata-diff svg text { font-size: 11px; fill: #1a1a1a; }
.govdata-diff details { margin: .4rem 0; }
.govdata-diff summary { cursor: pointer; }
.govdata-diff ins { background: #dcefdc; text-decoration: none; }
.govdata-diff del { background: #f6dcdc; }
.govdata-diff svg { display: block; width: 100%; max-width: 44rem; height: auto; }
.govdata-diff code { font-size: .92em; }
@media (max-width: 480px) {
  body { padding: .7rem; font-size: 15px; }
  .govdata-diff td.w { min-width: 7rem; max-width: 14rem; }
  .govdata-diff th, .govdata-diff td { padding-right: .45rem; }
  .govdata-diff svg text { font-size: 17px; }
}
"""


def difference_page(found: Difference) -> str:
    """Write the whole page."""
    title = f"{found.dataset} {found.old} → {found.new}"
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n{_body(found)}\n</body>\n</html>\n"
    )


def fragment(found: Difference) -> str:
    """Write the page's content with its own styles, for a notebook."""
    own = _STYLE[_STYLE.index(".govdata-diff h1") : _STYLE.index("@media")]
    return f"<style>{own}</style>\n{_body(found)}"


def _body(found: Difference) -> str:
    parts = [
        '<main class="govdata-diff">',
        f"<h1>{escape(headline(found))}</h1>",
        f"<p>{escape(found.title)}</p>",
        _paragraph(verdict(found), "" if found.bump.honoured else "low"),
        *(f"<p>{escape(note)}</p>" for note in notes(found)),
    ]
    if not found.cells.empty:
        rows = [[label, *numbers] for label, *numbers in count_rows(found)]
        parts += ["<h2>How much differs</h2>", _table(["", "new", "removed", "changed", "text only"], rows)]
        parts.append(
            '<p class="small">Changed columns are renamed ones. Text only: the same value, written otherwise. '
            "Bounds, names: bounds and standard deviations of values, names of countries, versions of sources.</p>"
        )
        parts += [_years(found), *_breakdowns(found), *_sample(found)]
    parts += [*_metadata(found), *_tables(found.tables), "</main>"]
    return "\n".join(part for part in parts if part)


def _paragraph(text: str, kind: str) -> str:
    mark = f' class="{kind}"' if kind else ""
    return f"<p{mark}>{escape(text)}</p>"


def _cell(value: object, tag: str = "td") -> str:
    if isinstance(value, str):
        return f'<{tag} class="w">{escape(value)}</{tag}>'
    return f"<{tag}>{value:,}</{tag}>" if value else f'<{tag} class="no">·</{tag}>'


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Set a table: texts to the left, numbers to the right."""
    rows = list(rows)
    words = [isinstance(value, str) for value in rows[0]] if rows else [True] * len(head)
    marks = [' class="w"' if word else "" for word in words]
    heads = "".join(f"<th{mark}>{escape(one)}</th>" for one, mark in zip(head, marks, strict=True))
    body = "\n".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    return f'<div class="wide"><table>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{body}\n</tbody></table></div>'


def _years(found: Difference) -> str:
    """Draw how many values differ in each year, as bars with their numbers."""
    frame = found.by_year
    counted = [key for key in ("new", "removed", "changed", "text_only") if frame[key].any()]
    if not counted:
        return ""
    first, last = int(frame["year"].min()), int(frame["year"].max())
    totals = dict(zip(frame["year"], frame[counted].sum(axis=1), strict=True))
    step, height = 22, 90
    most = max(totals.values())
    bars = []
    for place, year in enumerate(range(first, last + 1)):
        number = int(totals.get(year, 0))
        tall = round(height * number / most) or (1 if number else 0)
        x = place * step
        bars.append(
            f'<rect x="{x + 2}" y="{height - tall + 4}" width="{step - 4}" height="{tall}" fill="#3b6ea5">'
            f"<title>{year}: {number:,}</title></rect>"
        )
        if year in (first, last) or (year % 5 == 0 and 2 <= place <= last - first - 2):
            bars.append(f'<text x="{x + step / 2:g}" y="{height + 19}" text-anchor="middle">{year}</text>')
    wide = (last - first + 1) * step
    said = f"Values that differ, {first} to {last}; the most in one year: {most:,}."
    table = _table(
        ["year", *(HEADS[key] for key in counted), "countries", "indicators"],
        [[str(row["year"]), *(row[key] for key in (*counted, "countries", "indicators"))] for row in _records(frame)],
    )
    return (
        f"<h2>Values by year</h2>\n<p>{said}</p>\n"
        f'<svg viewBox="-14 0 {wide + 28} {height + 24}" role="img" aria-label="{said}">'
        f"{''.join(bars)}</svg>\n<details><summary>as a table</summary>{table}</details>"
    )


def _records(frame: pd.DataFrame) -> list[dict[str, object]]:
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]


def _breakdowns(found: Difference) -> list[str]:
    counted = [key for key in HEADS if found.by_reason[key].any()]
    heads = [HEADS[key] for key in counted]
    parts = []
    if counted:
        rows = [[row["meaning"], *(row[key] for key in counted)] for row in _records(ranked(found.by_reason))]
        parts += ["<h2>Why</h2>", _table(["reason", *heads], rows)]
        rows = [
            [f"{row['label']} ({row['indicator']})", *(row[key] for key in (*counted, "countries"))]
            for row in _records(ranked(found.by_indicator))
        ]
        parts += ["<h2>By indicator</h2>", *_long(["indicator", *heads, "countries"], rows, "indicators")]
    moved = [key for key in ("rows_new", "rows_removed") if found.by_country[key].any()]
    rows = [
        [f"{row['country_name']} ({row['iso3']})", *(row[key] for key in (*moved, *counted, "indicators"))]
        for row in _records(ranked(found.by_country))
    ]
    if rows:
        columns = ["country", *(key.replace("_", " ") for key in moved), *heads, "indicators"]
        parts += ["<h2>By country</h2>", *_long(columns, rows, "countries")]
    return parts


def _long(head: Sequence[str], rows: list[list[object]], what: str) -> list[str]:
    """Set a table whose end is folded away."""
    parts = [_table(head, rows[:_SHOWN])]
    if len(rows) > _SHOWN:
        rest = len(rows) - _SHOWN
        parts.append(f"<details><summary>{rest:,} more {what}</summary>{_table(head, rows[_SHOWN:])}</details>")
    return parts


def _sample(found: Difference) -> list[str]:
    items = []
    for row in found.sample(10).to_dict("records"):
        was = row["old"] or row["old_missing"] or "–"
        now = row["new"] or row["new_missing"] or "–"
        claims = escape(row["claims"]).replace(" | ", "<br>")
        items.append(
            f"<li>{escape(row['iso3'])} {escape(row['year'])} <code>{escape(row['column'])}</code>: "
            f"<strong>{escape(was)} → {escape(now)}</strong>, {escape(REASONS[row['reason']])}"
            f'<div class="small">{claims}</div></li>'
        )
    return ["<h2>For example</h2>", f"<ul>{''.join(items)}</ul>"] if items else []


def _words(old: str, new: str) -> str:
    """Show a text with the words that went and came."""
    if not old or not new:
        return f"<ins>{escape(new)}</ins>" if new else f"<del>{escape(old)}</del>"
    was, now = old.split(), new.split()
    parts = []
    for kind, i, j, k, m in difflib.SequenceMatcher(None, was, now, autojunk=False).get_opcodes():
        if kind == "equal":
            parts.append(escape(" ".join(was[i:j])))
            continue
        if i < j:
            parts.append(f"<del>{escape(' '.join(was[i:j]))}</del>")
        if k < m:
            parts.append(f"<ins>{escape(' '.join(now[k:m]))}</ins>")
    return " ".join(parts)


def _metadata(found: Difference) -> list[str]:
    summary = metadata_summary(found)
    if not summary:
        return []
    parts = ["<h2>Metadata</h2>", _table(["what", "which"], summary)]
    texts = found.metadata[found.metadata["part"].isin(["dataset", "codebook"])]
    texts = texts[~texts["field"].isin(["version", "released", "indicator"])]
    rows = [
        f'<tr><td class="w"><code>{escape(row["indicator"] or "dataset")}</code><br>{escape(row["field"])}</td>'
        f'<td class="w">{_words(row["old"], row["new"])}</td></tr>'
        for row in texts.to_dict("records")
    ]
    if rows:
        parts.append(
            f"<details><summary>{plural(len(rows), 'text')}, word by word</summary>"
            f'<div class="wide"><table><tbody>{"".join(rows)}</tbody></table></div></details>'
        )
    return parts


def _tables(tables: pd.DataFrame) -> list[str]:
    moved = tables[tables[["added", "removed", "changed"]].sum(axis=1) > 0]
    if moved.empty:
        return []
    head = ["table", "old rows", "new rows", "added", "removed", "changed"]
    keys = ("table", "old_rows", "new_rows", "added", "removed", "changed")
    return ["<h2>Rows of tables</h2>", _table(head, [[row[key] for key in keys] for row in _records(moved)])]
