"""Document nodes made from data. Text from a release enters as text: it is never read as markup."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeAlias

from docutils import nodes
from sphinx.addnodes import pending_xref

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator

__all__ = [
    "Cell",
    "anchored",
    "badge",
    "bullets",
    "cross",
    "definitions",
    "escaped",
    "figure",
    "fold",
    "in_script",
    "jump",
    "labels",
    "link",
    "literal",
    "paragraph",
    "section",
    "setup",
    "spoken",
    "table",
    "together",
    "written",
]

Cell: TypeAlias = str | nodes.Node | list[nodes.Node]
RIGHT_TO_LEFT = frozenset({"ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"})
_ARABIC = re.compile("[\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufefc]")
_PERSIAN = re.compile("[\u067e\u0686\u0698\u06a9\u06af\u06cc]")
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f]")
_OTHER = f"(?:{_ARABIC.pattern}|{_HAN.pattern})"
_RUN = re.compile(rf"{_OTHER}(?:[^A-Za-z]*?{_OTHER})*")
_PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"


class spoken(nodes.General, nodes.TextElement):  # noqa: N801 - nodes are named in lower case
    """A paragraph in a language other than the page's, with ``lang`` and ``dir``."""


class written(nodes.Inline, nodes.TextElement):  # noqa: N801 - as above
    """A piece of text in another script within a line, kept apart so that it does not turn its neighbours."""


class folded(nodes.General, nodes.Element):  # noqa: N801 - as above
    """Content under a line that opens and closes it."""


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


def anchored(node: nodes.Element, name: str, label: str = "") -> nodes.Element:
    """Give a node an anchor on its page and, if asked, a label by which other pages find it."""
    node["ids"].append(nodes.make_id(name))
    if label:
        node["site_label"] = label
    return node


def labels(made: Iterable[nodes.Node]) -> Iterator[tuple[str, str]]:
    """Find every label among nodes, with its anchor."""
    for top in made:
        for node in top.findall(nodes.Element):
            if "site_label" in node.attributes:
                yield node["site_label"], node["ids"][0]


def jump(label: str, text: str, source: str) -> nodes.Node:
    """Link to a labelled place on any page of the site."""
    return pending_xref(
        "",
        nodes.inline("", text),
        refdomain="std",
        reftype="ref",
        reftarget=label,
        refexplicit=True,
        refdoc=source,
        refwarn=True,
    )


def script(text: str, language: str = "") -> str:
    """Name the language of a text by its script; ``language`` decides between those that share one."""
    if _ARABIC.search(text):
        return language if language in RIGHT_TO_LEFT else "fa" if _PERSIAN.search(text) else "ar"
    if _HAN.search(text):
        return language if language in {"ja", "zh"} else "zh"
    return "en"


def in_script(text: str, language: str = "") -> nodes.Node:
    """Set a piece of text within a line, with ``lang`` and ``dir`` where its script is not Latin.

    A text that begins in another script is set apart as a whole; in any other, each run of it is.
    """
    runs = list(_RUN.finditer(text))
    if not runs:
        return nodes.Text(text)
    if not _LATIN.search(text, 0, runs[0].start()):
        return written("", nodes.Text(text), lang=script(text, language))
    made = nodes.inline()
    end = 0
    for run in runs:
        made += [nodes.Text(text[end : run.start()]), written("", nodes.Text(run[0]), lang=script(run[0], language))]
        end = run.end()
    made += nodes.Text(text[end:])
    return made


def badge(text: str, kind: str) -> nodes.Node:
    """Mark a word so that it is seen: its colour only repeats what it says."""
    return nodes.inline("", text, classes=["badge-word", f"is-{kind}"])


def bullets(items: Iterable[nodes.Node | Sequence[nodes.Node]], name: str = "") -> nodes.bullet_list:
    """Make a list; an item is a node or several."""
    made = nodes.bullet_list(classes=[name] if name else [])
    for item in items:
        if isinstance(item, nodes.list_item):
            made += item
        else:
            made += nodes.list_item("", *([item] if isinstance(item, nodes.Node) else item))
    return made


def figure(uri: str, alt: str) -> nodes.Node:
    """Show a picture of this site; on a narrow screen it scrolls by itself rather than shrink beyond reading."""
    framed = nodes.container(classes=["wide", "drawn"])
    framed += nodes.image(uri=uri, alt=alt)
    return framed


def together(*parts: nodes.Node, name: str = "") -> nodes.Node:
    """Keep sections together without an entry for each in the list of what is on the page."""
    made = nodes.container(classes=[name] if name else [])
    made += list(parts)
    return made


def fold(summary: Sequence[nodes.Node], *content: nodes.Node, is_open: bool = False) -> nodes.Node:
    """Put content under a line that opens and closes it."""
    made = folded("", is_open=is_open)
    made += nodes.inline("", "", *summary, classes=["summary"])
    made += list(content)
    return made


def _as_nodes(cell: Cell) -> list[nodes.Node]:
    if isinstance(cell, str):
        return [paragraph(cell)] if cell else []
    if isinstance(cell, list):
        return cell
    return [
        cell
        if isinstance(cell, (nodes.paragraph, spoken, nodes.bullet_list, nodes.container, folded))
        else paragraph(cell)
    ]


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


def _visit_written(translator: HTML5Translator, node: written) -> None:
    language = str(node["lang"])
    direction = "rtl" if language in RIGHT_TO_LEFT else "ltr"
    translator.body.append(translator.starttag(node, "bdi", "", CLASS="written", lang=language, dir=direction))


def _depart_written(translator: HTML5Translator, _node: written) -> None:
    translator.body.append("</bdi>")


def _visit_folded(translator: HTML5Translator, node: folded) -> None:
    is_open = {"open": "open"} if node["is_open"] else {}
    translator.body.append(translator.starttag(node, "details", CLASS="folded", **is_open))
    translator.body.append("<summary>")
    node[0].walkabout(translator)
    translator.body.append("</summary>\n")
    for child in node[1:]:
        child.walkabout(translator)
    translator.body.append("</details>\n")
    raise nodes.SkipNode


def _plain(_translator: Any, _node: nodes.Node) -> None:  # noqa: ANN401 - any other writer
    return


def setup(app: Sphinx) -> None:
    """Register the nodes."""
    plain = (_plain, _plain)
    for node, html in (
        (spoken, (_visit_spoken, _depart_spoken)),
        (written, (_visit_written, _depart_written)),
        (folded, (_visit_folded, None)),
    ):
        app.add_node(node, html=html, latex=plain, text=plain, man=plain, texinfo=plain)
