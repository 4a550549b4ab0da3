"""References as BibTeX: plain ASCII for every Latin text, so that any LaTeX reads it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final
from urllib.parse import quote

from govdata.references.records import Author, Reference

__all__ = ["bibtex", "latex"]

_SIGNS: Final = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",  # BibTeX counts braces, escaped or not
    "}": r"\textbraceright{}",
    "&": r"\&",
    "%": r"\%",
    "#": r"\#",
    "_": r"\_",
    "$": r"\$",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "“": "``",
    "”": "''",
    "‘": "`",
    "’": "'",
    "–": "--",
    "—": "---",
    "…": r"\ldots{}",
    "«": r"\guillemotleft{}",
    "»": r"\guillemotright{}",
    "¿": "?`",
    "¡": "!`",
    "°": r"\textdegree{}",
    "º": r"\textordmasculine{}",
    "ª": r"\textordfeminine{}",
    "€": r"\texteuro{}",
    "£": r"\pounds{}",
    "§": r"\S{}",
    "\u00a0": "~",
    "ı": r"{\i}",
    "ł": r"{\l}",
    "Ł": r"{\L}",
    "ø": r"{\o}",
    "Ø": r"{\O}",
    "ß": r"{\ss}",
    "æ": r"{\ae}",
    "Æ": r"{\AE}",
    "œ": r"{\oe}",
    "Œ": r"{\OE}",
    "đ": r"{\dj}",
    "Đ": r"{\DJ}",
    "ð": r"{\dh}",
    "Ð": r"{\DH}",
    "þ": r"{\th}",
    "Þ": r"{\TH}",
}
_ACCENTS: Final = dict(
    zip(
        "\u0300\u0301\u0302\u0303\u0308\u0304\u0306\u0307\u030c\u030b\u030a\u0327\u0328\u0323\u0331\u0326",
        ("`", "'", "^", "~", '"', "=", "u", ".", "v", "H", "r", "c", "k", "d", "b", "textcommabelow"),
        strict=True,
    )
)
_TYPES: Final = {"peer_reviewed": "article", "book": "book", "report": "techreport", "technical": "techreport"}
_PUBLISHER: Final = {"article": "journal", "techreport": "institution", "book": "publisher"}


def latex(text: str) -> str:
    r"""Write a text for LaTeX; letters of other scripts than Latin stay.

    Examples
    --------
    >>> from govdata.references.bibtex import latex
    >>> print(latex("Lührmann & Sons: 100 %"))
    L{\"u}hrmann \& Sons: 100 \%
    """
    text = re.sub(r'"([^"]*)"', r"“\1”", text)
    return "".join(_letter(letter) for letter in unicodedata.normalize("NFC", text))


def _letter(letter: str) -> str:
    if letter in _SIGNS:
        return _SIGNS[letter]
    if letter.isascii():
        return letter
    parts = unicodedata.normalize("NFD", letter)
    base, marks = parts[0], parts[1:]
    if not (base.isascii() and base.isalpha() and marks and all(mark in _ACCENTS for mark in marks)):
        return letter
    if base in "ij" and _ACCENTS[marks[0]] not in "ckdb":
        base = f"\\{base}"
    for mark in marks:
        accent = _ACCENTS[mark]
        base = f"{{\\{accent}{{{base}}}}}" if accent.isalpha() or base[0] in "{\\" else f"{{\\{accent}{base}}}"
    return base


def _is_latin(text: str) -> bool:
    return latex(text).isascii()


def _name(one: Author) -> str:
    return f"{latex(one.family)}, {latex(one.given)}" if one.given else f"{{{latex(one.family)}}}"


def _address(url: str) -> str:
    return quote(url, safe="%/:?#[]@!$&'()*+,;=~-._")


def _title(one: Reference) -> tuple[str, str]:
    """Give the printed title, and apart from it one in a script that not every LaTeX prints."""
    if not one.original:
        return one.title, ""
    if _is_latin(one.original):
        return f"{one.original} [{one.title}]", ""
    return one.title, one.original


def _entry(one: Reference, *, attribution: bool) -> str:
    form = _TYPES.get(one.kind, "misc")
    if form != "misc" and not (one.publisher and one.title):
        form = "misc"  # a field that the type needs is not known
    people = [_name(person) for person in one.people] + (["others"] if one.others else [])
    title, original = _title(one)
    fields = {
        "author": " and ".join(people),
        "title": f"{{{latex(title)}}}",
        "origtitle": latex(original),
        "year": one.year or (str(one.issued[0]) if one.issued else "n.d."),
    }
    if one.kind == "release":
        digest = one.note.rpartition(" ")[2]
        note = f"Version {one.version}, SHA-256 {digest}, licence {one.licence}."
        fields |= {
            "version": one.version,
            "howpublished": "govdata, dataset",
            "note": latex(f"{note} {one.attribution}".strip() if attribution else note),
        }
    elif one.kind == "software":
        fields |= {
            "version": one.version,
            "howpublished": "Python package comparative-govdata",
            "note": latex(f"Version {one.version}, licence {one.licence}."),
        }
    elif one.kind == "imported":
        fields |= {"version": latex(one.version), "note": latex(one.text)}
    else:
        fields |= {
            _PUBLISHER.get(form, "howpublished"): latex(one.publisher),
            "note": latex(_note(one)),
            "doi": one.doi,
            "url": "" if one.doi else _address(one.url),
            "urldate": one.accessed if one.url else "",
        }
    body = ",\n".join(f"  {key} = {{{text}}}" for key, text in fields.items() if text and text != "{}")
    return f"@{form}{{{one.key.replace('.', '_')},\n{body}\n}}"


def _note(one: Reference) -> str:
    said = [f"Version: {one.version}." if one.version else "", f"File {one.file}." if one.file and not one.url else ""]
    return " ".join(part for part in said if part)


def bibtex(references: Sequence[Reference], head: str = "", *, attribution: bool = True) -> str:
    """Print references as BibTeX, in the order given, after a line of comment."""
    made = [_entry(one, attribution=attribution) for one in references]
    return "\n\n".join([f"% {head}", *made] if head else made)
