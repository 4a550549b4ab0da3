"""A codebook as one HTML file: nothing from outside, readable on a telephone, made to be printed."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from html import escape

from govdata.codebook_files.blocks import Block, Cell, Contents, Heading, Listing, Paragraph, Table, Text

__all__ = ["ADDRESS", "webpage"]

ADDRESS = re.compile(r"https?://[^\s<>\"]*[^\s<>\".,;:)]")
_RIGHT_TO_LEFT = frozenset({"fa", "ar"})
_STYLE = """\
:root { color-scheme: light dark; --ink: #1b1b1b; --soft: #5a5f66; --line: #d5d9de; --tint: #f4f6f8; --link: #0b57a4; }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0 auto; max-width: 62rem; padding: 1.5rem 1.25rem 4rem; color: var(--ink); background: #fff;
  font: 1rem/1.55 system-ui, "Segoe UI", Roboto, "Noto Sans", "Noto Sans Arabic", "Noto Sans CJK SC", sans-serif; }
h1 { font-size: 1.75rem; line-height: 1.25; margin: 0 0 1rem; }
h2 { font-size: 1.35rem; margin: 2.75rem 0 .75rem; padding-bottom: .3rem; border-bottom: 2px solid var(--line); }
h3 { font-size: 1.1rem; margin: 2.25rem 0 .5rem; }
h4 { font-size: .95rem; margin: 1.1rem 0 .35rem; color: var(--soft); }
p { margin: .5rem 0; }
a { color: var(--link); }
code { font: .9em ui-monospace, "SFMono-Regular", Consolas, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
h3 code { font-weight: normal; color: var(--soft); }
.question { border-inline-start: 3px solid var(--link); padding-inline-start: .8rem; }
.reference { padding-inline-start: 1.5rem; text-indent: -1.5rem; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: minmax(8rem, 13rem) minmax(0, 1fr); gap: .3rem 1rem; margin: .6rem 0; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; margin: .4rem 0; font-size: .92rem; }
th, td { padding: .28rem .45rem; border-bottom: 1px solid var(--line); text-align: start; vertical-align: top; }
th { text-align: inherit; }
th { color: var(--soft); font-weight: 600; }
td code { overflow-wrap: normal; }
.number { text-align: end; font-variant-numeric: tabular-nums; }
td.number { white-space: nowrap; }
nav ul { list-style: none; margin: .2rem 0 .9rem; padding: 0; columns: 22rem; column-gap: 2rem; }
nav li { break-inside: avoid; padding: .08rem 0; }
nav h3 { margin: .9rem 0 .1rem; font-size: 1rem; }
nav .group { margin: .9rem 0 .1rem; font-weight: 600; }
@media (max-width: 40rem) { dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .5rem; } }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8e8e8; --soft: #a7adb5; --line: #3b4046; --tint: #22262a; --link: #7db6f0; }
  body { background: #16181a; }
}
@media print {
  :root { color-scheme: light; --ink: #000; --soft: #444; --line: #bbb; --link: #000; }
  @page { size: A4; margin: 22mm 18mm 20mm; @top-center { content: RUNNING; font: 8.5pt sans-serif; color: #555; }
    @bottom-center { content: counter(page); font: 8.5pt sans-serif; color: #555; } }
  body { max-width: none; padding: 0; font-size: 9pt; line-height: 1.42; background: #fff; }
  nav ul { columns: 2; }
  h1 { font-size: 17pt; } h2 { font-size: 14pt; } h3 { font-size: 11.5pt; } h4 { font-size: 9.5pt; }
  .block { break-before: page; }
  h2, h3, h4 { break-after: avoid; }
  h3, h4, .question { break-inside: avoid; }
  dl { grid-template-columns: 34mm minmax(0, 1fr); }
  tr, dt, dd, .reference { break-inside: avoid; }
  dd { orphans: 3; widows: 3; }
  thead { display: table-header-group; }
  .wide { overflow: visible; }
  table { font-size: 7.8pt; max-width: 100%; }
  th, td { padding: 1.2pt 3pt; }
  td.number { white-space: normal; }
  a { text-decoration: none; }
}
"""


def _direction(language: str) -> str:
    return "rtl" if language in _RIGHT_TO_LEFT else "ltr"


class _Page:
    """Writes blocks in the language of the page; all else says which language it is."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.is_rtl = language in _RIGHT_TO_LEFT

    def text(self, one: Text, around: str) -> str:
        """Write a run of text inside an element of a language."""
        inner = "".join(
            f'<a href="{escape(part)}">{escape(part)}</a>' if ADDRESS.fullmatch(part) else escape(part, quote=False)
            for part in re.split(f"({ADDRESS.pattern})", one.text)
        )
        if one.is_code:
            inner = f'<code dir="ltr">{inner}</code>'
        elif (one.language or self.language) != around:
            language = one.language or self.language
            inner = f'<span lang="{language}" dir="{_direction(language)}">{inner}</span>'
        return f'<a href="#{one.anchor}">{inner}</a>' if one.anchor else inner

    def element(self, tag: str, cell: Cell, extra: str = "") -> str:
        """Write an element; if all its texts are in one other language, the element is."""
        languages = {one.language or self.language for one in cell if not one.is_code and one.text.strip()}
        around = languages.pop() if len(languages) == 1 else self.language
        said = f' lang="{around}" dir="{_direction(around)}"' if around != self.language else ""
        return f"<{tag}{extra}{said}>{''.join(self.text(one, around) for one in cell)}</{tag}>"

    def heading(self, one: Heading) -> str:
        name = ' class="block"' if one.anchor.startswith("block-") else ""
        return self.element(f"h{one.level}", one.cell, f' id="{one.anchor}"{name}')

    def paragraph(self, one: Paragraph) -> str:
        return self.element("p", one.cell, f' class="{one.name}"' if one.name else "")

    def listing(self, one: Listing) -> str:
        rows = (f"<dt>{escape(term)}</dt>{self.element('dd', cell)}" for term, cell in one.rows)
        return "<dl>\n" + "\n".join(rows) + "\n</dl>"

    def table(self, one: Table) -> str:
        flush = [' class="number"' if place in one.numbers else "" for place in range(len(one.head))]
        # A number is read from the left in all four languages: -0.136 keeps its sign in front.
        inside = [f'{extra} dir="ltr"' if extra and self.is_rtl else extra for extra in flush]
        head = "".join(f"<th{extra}>{escape(text)}</th>" for text, extra in zip(one.head, flush, strict=True))
        rows = (
            "<tr>" + "".join(self.element("td", cell, extra) for cell, extra in zip(row, inside, strict=True)) + "</tr>"
            for row in one.rows
        )
        body = "\n".join(rows)
        return f'<div class="wide"><table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table></div>'

    def contents(self, one: Contents) -> str:
        made = ["<nav>"]
        for group, entries in one.groups:
            made.append(self.element("p", (group,), ' class="group"'))
            made.append("<ul>")
            made += [self.element("li", cell) for cell in entries]
            made.append("</ul>")
        return "\n".join([*made, "</nav>"])

    def block(self, one: Block) -> str:
        """Write a block."""
        writers: dict[type, Callable[..., str]] = {
            Heading: self.heading,
            Paragraph: self.paragraph,
            Listing: self.listing,
            Table: self.table,
            Contents: self.contents,
        }
        return writers[type(one)](one)


def webpage(title: str, blocks: Sequence[Block], language: str) -> str:
    """Write a document as HTML.

    Parameters
    ----------
    title
        Of the window, and on top of each printed page.
    blocks
        The document.
    language
        Of the document.
    """
    page = _Page(language)
    body = "\n".join(page.block(one) for one in blocks)
    running = '"' + re.sub(r'(["\\])', r"\\\1", title).replace("<", "\\3c ") + '"'
    return (
        f'<!DOCTYPE html>\n<html lang="{language}" dir="{_direction(language)}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>\n{_STYLE.replace('RUNNING', running)}</style>\n</head>\n"
        f"<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )
