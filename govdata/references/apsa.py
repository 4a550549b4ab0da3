"""References in the author-date form of the American Political Science Association."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import Final

from govdata.references.records import Author, Reference

__all__ = ["entries", "entry", "letters", "short"]

_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_UNQUOTED: Final = frozenset({"report", "book", "statute", "court"})  # whole works: in italics where there are italics
_ARTICLE = re.compile(r"(?:the|an?) ")


def _people(authors: Sequence[Author], *, others: bool) -> str:
    names = [authors[0].sorted_name, *(one.running_name for one in authors[1:])]
    if others:
        return ", ".join([*names, "et al."])
    if len(names) < 3:
        return ", and ".join(names) if authors[0].given else " and ".join(names)
    return f"{', '.join(names[:-1])}, and {names[-1]}"


def _who(one: Reference) -> str:
    """Name the author, or the body that stands in for one; empty where none is known."""
    return _people(one.people, others=one.others) if one.people else ""


def _stopped(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else f"{text}."


def _title(one: Reference) -> str:
    title = f"{one.original} [{one.title}]" if one.original else one.title
    if one.kind in _UNQUOTED:
        return _stopped(title)
    inner = re.sub(r"[“\"]([^“”\"]*)[”\"]", "‘\\1’", title)
    return f"“{_stopped(inner)}”"


def _edition(version: str) -> str:
    if not version:
        return ""
    number = re.match(r"v?(?=[0-9])", version)
    return _stopped(f"Version {version[number.end() :]}" if number else version[0].upper() + version[1:])


def _day(text: str) -> str:
    parts = [int(part) for part in text.split("-")]
    return f"{_MONTHS[parts[1] - 1]} {parts[2]}, {parts[0]}" if len(parts) == 3 else text


def _where(one: Reference) -> str:
    if one.url:
        return f"{one.url} (accessed {_day(one.accessed)})." if one.accessed else f"{one.url}."
    return f"File {one.file}." if one.file else ""


def entry(one: Reference, letter: str = "", *, attribution: bool = True) -> str:
    """Print one reference.

    Parameters
    ----------
    one
        What to print.
    letter
        After the year, where the same author has several works in it.
    attribution
        Whether to add whom else a release asks to name.
    """
    if one.text:
        return one.text
    year, who = _year(one, letter), _who(one)
    if one.kind == "release":
        parts = [
            _stopped(who),
            _stopped(year),
            _title(one),
            f"Version {one.version} ({one.note}).",
            f"Licence {one.licence}.",
            one.attribution if attribution else "",
        ]
    elif one.kind == "software":
        parts = [
            _stopped(who),
            _stopped(year),
            _title(one),
            f"Version {one.version}. {one.note}.",
            f"Licence {one.licence}.",
        ]
    else:
        publisher = "" if one.publisher == who else _stopped(one.publisher) if one.publisher else ""
        head = [_stopped(who), _stopped(year), _title(one)] if who else [_title(one), _stopped(year)]
        parts = [*head, _edition(one.version), publisher, _where(one)]
    return " ".join(part for part in parts if part)


def short(one: Reference, letter: str = "") -> str:
    """Name a reference as in running text: author and year."""
    names = [person.family for person in one.people] or [one.title]
    if len(names) > 3 or one.others:
        names = [f"{names[0]} et al."]
    joined = ", ".join(names[:-1]) + (", and " if len(names) > 2 else " and ") + names[-1] if names[1:] else names[0]
    return f"{joined} {_year(one, letter)}"


def _year(one: Reference, letter: str) -> str:
    return f"{one.year}{letter}" if one.year else f"n.d.-{letter}" if letter else "n.d."


def _folded(text: str) -> str:
    plain = "".join(letter for letter in unicodedata.normalize("NFD", text) if not unicodedata.combining(letter))
    return _ARTICLE.sub("", " ".join(re.findall(r"\w+", plain.casefold())), count=1)


def _letters(number: int) -> str:
    text = ""
    number += 1
    while number:
        number, place = divmod(number - 1, 26)
        text = "abcdefghijklmnopqrstuvwxyz"[place] + text
    return text


def _place(one: Reference) -> tuple[str, str, str, str]:
    if one.text:
        return _folded(one.text), "", "", one.key
    return _folded(_who(one) or one.title), one.year or "n.d.", _folded(one.title), one.key


def letters(references: Sequence[Reference]) -> dict[str, str]:
    """Give the works of one author and year their letters, and the others an empty text, by key, in order."""
    ordered = sorted(references, key=_place)
    same = Counter(_place(one)[:2] for one in ordered if not one.text)
    seen: Counter[tuple[str, str]] = Counter()
    given = {}
    for one in ordered:
        author_year = _place(one)[:2]
        given[one.key] = _letters(seen[author_year]) if same[author_year] > 1 else ""
        seen[author_year] += 1
    return given


def entries(references: Sequence[Reference], *, attribution: bool = True) -> list[str]:
    """Print a reference list: by author, year and title; works of one author and year get letters."""
    known = {one.key: one for one in references}
    return [entry(known[key], letter, attribution=attribution) for key, letter in letters(references).items()]
