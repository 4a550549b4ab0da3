"""The parts of a document before it is HTML or Markdown: texts with their language, paragraphs, lists and tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

__all__ = ["Block", "Cell", "Contents", "Heading", "Listing", "Paragraph", "Table", "Text", "code", "plain"]


@dataclass(frozen=True)
class Text:
    """A run of text.

    Attributes
    ----------
    text
        As it stands; nothing in it is markup.
    language
        Of the text; empty for that of the document.
    is_code
        Whether it is a name, a code or a number of the data.
    anchor
        Of the heading to which it leads, or empty.
    """

    text: str
    language: str = ""
    is_code: bool = False
    anchor: str = ""


Cell = tuple[Text, ...]


@dataclass(frozen=True)
class Heading:
    """A heading; ``level`` 1 is the title, ``anchor`` its stable address."""

    level: int
    cell: Cell
    anchor: str


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; ``name`` is ``"question"`` for one that stands out."""

    cell: Cell
    name: str = ""


@dataclass(frozen=True)
class Listing:
    """Terms and what is said of them."""

    rows: Sequence[tuple[str, Cell]]


@dataclass(frozen=True)
class Table:
    """A table; ``numbers`` are the columns set flush with their last digit."""

    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    numbers: frozenset[int] = field(default_factory=frozenset)


@dataclass(frozen=True)
class Contents:
    """The table of contents: groups, each with its entries."""

    groups: Sequence[tuple[Text, Sequence[Cell]]]


Block = Heading | Paragraph | Listing | Table | Contents


def plain(text: object, language: str = "") -> Cell:
    """Make a cell of one text; of none where it is empty."""
    return (Text(str(text), language),) if str(text) else ()


def code(text: object) -> Cell:
    """Make a cell of a name, a code or a number of the data."""
    return (Text(str(text), is_code=True),) if str(text) else ()
