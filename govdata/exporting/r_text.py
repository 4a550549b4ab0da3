"""Values as R reads them in a script, whatever the locale: plain ASCII."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

__all__ = ["character", "numeric", "string"]

_WIDTH: Final = 110
_ESCAPED: Final = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def _escaped(one: str) -> str:
    if one in _ESCAPED:
        return _ESCAPED[one]
    if one.isascii() and one.isprintable():
        return one
    return f"\\u{ord(one):04x}" if ord(one) < 0x10000 else f"\\U{ord(one):08x}"


def string(text: str) -> str:
    r"""Write a text as R's string.

    Examples
    --------
    >>> from govdata.exporting.r_text import string
    >>> print(string('a "b" \\ é'))
    "a \"b\" \\ \u00e9"
    """
    return '"' + "".join(map(_escaped, text)) + '"'


def character(texts: Iterable[str]) -> str:
    """Write texts as R's character vector.

    Examples
    --------
    >>> from govdata.exporting.r_text import character
    >>> character(["a", "b"])
    'c("a", "b")'
    """
    return _vector([string(text) for text in texts])


def numeric(values: Iterable[float]) -> str:
    """Write numbers as R's numeric vector.

    Examples
    --------
    >>> from govdata.exporting.r_text import numeric
    >>> numeric([0.0, 1.5])
    'c(0, 1.5)'
    """
    return _vector([repr(float(value)).removesuffix(".0") for value in values])


def _vector(parts: list[str]) -> str:
    """Join the elements of a vector, in lines where one would be long."""
    lines = [""]
    for at, part in enumerate(parts):
        piece = part + "," * (at < len(parts) - 1)
        if lines[-1] and len(lines[-1]) + 1 + len(piece) > _WIDTH:
            lines.append("")
        lines[-1] += (" " if lines[-1] else "") + piece
    if len(lines) == 1:
        return f"c({lines[0]})"
    return "c(\n" + "".join(f"    {line}\n" for line in lines) + "  )"
