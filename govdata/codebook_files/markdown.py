"""A codebook as plain Markdown, as GitHub and pandoc read it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from govdata.codebook_files.blocks import Block, Cell, Contents, Heading, Listing, Paragraph, Table, Text
from govdata.codebook_files.webpage import ADDRESS

__all__ = ["markdown"]

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~$&])")
_LIST = re.compile(r"\A([0-9]+)([.)])(?=\s)|\A([-+=])(?=\s)")


def _escaped(text: str) -> str:
    parts = re.split(f"({ADDRESS.pattern})", text)
    return "".join(
        f"<{part.replace('|', '%7C')}>" if ADDRESS.fullmatch(part) else _SPECIAL.sub(r"\\\1", part) for part in parts
    )


def _text(one: Text) -> str:
    if one.is_code:
        ticks = "``" if "`" in one.text else "`"
        inner = f"{ticks}{one.text.replace('|', chr(92) + '|')}{ticks}"
    else:
        inner = _escaped(one.text)
    return f"[{inner}](#{one.anchor})" if one.anchor else inner


def _cell(cell: Cell) -> str:
    return " ".join("".join(_text(one) for one in cell).split())


def _paragraph(cell: Cell) -> str:
    return _LIST.sub(lambda match: f"{match[1]}\\{match[2]}" if match[1] else f"\\{match[3]}", _cell(cell))


def _table(one: Table) -> str:
    rule = [" ---: " if place in one.numbers else " --- " for place in range(len(one.head))]
    lines = ["| " + " | ".join(_escaped(text) for text in one.head) + " |", f"|{'|'.join(rule)}|"]
    lines += ["| " + " | ".join(_cell(cell) for cell in row) + " |" for row in one.rows]
    return "\n".join(lines)


def _block(one: Block) -> str:
    if isinstance(one, Heading):
        return f'<a id="{one.anchor}"></a>\n\n{"#" * one.level} {_cell(one.cell)}'
    if isinstance(one, Paragraph):
        return f"> {_cell(one.cell)}" if one.name == "question" else _paragraph(one.cell)
    if isinstance(one, Listing):
        return "\n".join(f"- **{_escaped(term)}:** {_cell(cell)}" for term, cell in one.rows)
    if isinstance(one, Contents):
        lines = []
        for group, entries in one.groups:
            lines.append(f"- {_text(group)}")
            lines += [f"  - {_cell(cell)}" for cell in entries]
        return "\n".join(lines)
    return _table(one)


def markdown(blocks: Sequence[Block]) -> str:
    """Write a document as Markdown; addresses of headings are the same as in HTML."""
    return "\n\n".join(_block(one) for one in blocks) + "\n"
