"""References as CSL-JSON, which Zotero, Mendeley, pandoc and Quarto read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from govdata.references.records import Author, Reference

__all__ = ["items"]

_TYPES: Final = {
    "release": "dataset",
    "software": "software",
    "imported": "dataset",
    "statute": "legislation",
    "official": "report",
    "court": "legal_case",
    "peer_reviewed": "article-journal",
    "report": "report",
    "book": "book",
    "press": "article-newspaper",
    "dataset": "dataset",
    "web": "webpage",
    "seed": "document",
    "leak": "document",
    "technical": "report",
}
_CONTAINED: Final = frozenset({"article-journal", "article-newspaper", "webpage"})


def _name(one: Author) -> dict[str, str]:
    return {"family": one.family, "given": one.given} if one.given else {"literal": one.family}


def _item(one: Reference, *, attribution: bool) -> dict[str, Any]:
    form = _TYPES.get(one.kind, "document")
    people = [_name(person) for person in one.authors] + ([{"literal": "and others"}] if one.others else [])
    note = one.text
    if one.kind in ("release", "software"):
        first = one.note[0].upper() + one.note[1:]
        note = f"{first}. Licence {one.licence}. {one.attribution if attribution else ''}".strip()
    made: dict[str, Any] = {
        "id": one.key,
        "type": form,
        "title": one.title,
        "original-title": one.original,
        "author": people,
        "issued": {"date-parts": [list(one.issued)]} if one.issued else {},
        "container-title" if form in _CONTAINED else "publisher": one.publisher,
        "version": one.version,
        "URL": one.url,
        "DOI": one.doi,
        "language": one.language,
        "accessed": {"date-parts": [[int(part) for part in one.accessed.split("-")]]} if one.accessed else {},
        "note": note,
    }
    return {key: value for key, value in made.items() if value}


def items(references: Sequence[Reference], *, attribution: bool = True) -> list[dict[str, Any]]:
    """Give references as CSL-JSON, in the order given."""
    return [_item(one, attribution=attribution) for one in references]
