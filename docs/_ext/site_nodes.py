"""Document nodes made from data. Text from a release enters as text: it is never read as markup."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from docutils import nodes
from sphinx.addnodes import pending_xref

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator

__all__ = [
    "Cell",
    "cross",
    "definitions",
    "escaped",
    "link",
    "literal",
    "paragraph",
    "section",
    "setup",
    "spoken",
    "table",
]

Cell: TypeAlias = str | nodes.Node | list[nodes.Node]
RIGHT_TO_LEFT = frozenset({"fa", "ar"})
_PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"


class spoken(nodes.General, nodes.TextElement):  # noqa: N801 - nodes are named in lower case
    """A paragraph in a language other than the page's, with ``lang`` and ``dir``."""


def escaped(text: str) -> str:
    """Write text so that Markdown reads it as that text and nothing else."""
    plain = " ".join(text.split())
    return "".join(f"\\{character}" if character in _PUNCTUATION else character for character in plain)


def paragraph(*parts: str | nodes.Node, language: str = "en") -> nodes.Element:
    """Make a paragraph."""
    made = nodes.paragraph() if language == "en" else spoken("", lang=language)
    made += [nodes.Text(part) if isinstance(part, str) else part for part in parts]
    return made


def literal(text: str) -> nodes.literal:
    """Make a piece of code."""
    return nodes.literal("", text)


def link(text: str, target: str) -> nodes.Node:
    """Link to an address of the web; anything else stays text."""
    if not target.startswith(("http://", "https://")):
        return nodes.Text(text)
    return nodes.reference("", text, refuri=target, internal=False)


def cross(document: str, text: str, source: str, *, code: bool = False) -> nodes.Node:
    """Link to another page of the site."""
    inner = literal(text) if code else nodes.inline("", text)
    return pending_xref(
        "",
        inner,
        refdomain="std",
        reftype="doc",
        reftarget=f"/{document}",
        refexplicit=True,
        refdoc=source,
        refwarn=True,
    )


def _as_nodes(cell: Cell) -> list[nodes.Node]:
    if isinstance(cell, str):
        return [paragraph(cell)] if cell else []
    if isinstance(cell, list):
        return cell
    return [cell if isinstance(cell, (nodes.paragraph, spoken, nodes.bullet_list)) else paragraph(cell)]


def table(
    head: Sequence[str], rows: Iterable[Sequence[Cell]], *, name: str = "", numbers: Sequence[int] = ()
) -> nodes.Node:
    """Make a table.

    Parameters
    ----------
    head
        Headings.
    rows
        Cells.
    name
        A class for the style sheet.
    numbers
        Columns set flush right.
    """
    made = nodes.table(classes=["data", *([name] if name else [])])
    group = nodes.tgroup(cols=len(head))
    made += group
    group += [nodes.colspec(colwidth=1) for _ in head]

    def line(cells: Sequence[Cell]) -> nodes.row:
        row = nodes.row()
        for position, cell in enumerate(cells):
            entry = nodes.entry(classes=["number"] if position in numbers else [])
            entry += _as_nodes(cell)
            row += entry
        return row

    top, body = nodes.thead(), nodes.tbody()
    top += line(list(head))
    body += [line(cells) for cells in rows]
    group += [top, body]
    framed = nodes.container(classes=["wide"])
    framed += made
    return framed


def definitions(pairs: Iterable[tuple[str, Cell]], *, stacked: bool = False) -> nodes.definition_list:
    """Make a list of terms with their explanations, side by side or stacked; empty ones are left out."""
    made = nodes.definition_list(classes=["stacked" if stacked else "facts"])
    for term, cell in pairs:
        content = _as_nodes(cell)
        if content:
            body = nodes.definition()
            body += content
            item = nodes.definition_list_item()
            item += [nodes.term("", term), body]
            made += item
    return made


def section(title: str, *content: nodes.Node, name: str = "") -> nodes.section:
    """Make a section with an anchor."""
    made = nodes.section(ids=[nodes.make_id(name or title)], names=[nodes.fully_normalize_name(name or title)])
    made += nodes.title("", title)
    made += list(content)
    return made


def _visit_spoken(translator: HTML5Translator, node: spoken) -> None:
    language = str(node["lang"])
    direction = "rtl" if language in RIGHT_TO_LEFT else "ltr"
    translator.body.append(translator.starttag(node, "p", "", CLASS="spoken", lang=language, dir=direction))


def _depart_spoken(translator: HTML5Translator, _node: spoken) -> None:
    translator.body.append("</p>\n")


def _plain(_translator: Any, _node: nodes.Node) -> None:  # noqa: ANN401 - any other writer
    return


def setup(app: Sphinx) -> None:
    """Register the node."""
    plain = (_plain, _plain)
    app.add_node(spoken, html=(_visit_spoken, _depart_spoken), latex=plain, text=plain, man=plain, texinfo=plain)
