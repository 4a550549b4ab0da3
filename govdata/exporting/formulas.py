"""Text that a spreadsheet would run as a formula: which it is, how it is made harmless, how that is undone.

A spreadsheet that opens a CSV file takes a cell that begins with ``=``, ``+``, ``-`` or ``@`` for a formula, and some
do so behind a tab, a line end or in full-width signs. In CSV such text gets one apostrophe in front. Text that begins
with apostrophes before such a sign gets one more, so that nothing is lost: take one apostrophe from every text that
begins with apostrophes and then such a sign, and every text is as it was.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["HARMFUL", "harmless", "is_formula", "restored"]

HARMFUL: Final = "=+-@\t\r\n＝＋－＠"
"""The signs that begin a formula, or hide one."""

_SIGNS: Final = f"[{re.escape(HARMFUL)}]"
_QUOTED: Final = re.compile(f"'+{_SIGNS}")
_FORMULA: Final = re.compile(f"'*{_SIGNS}")
_NUMBER: Final = re.compile(r"[+-](?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)?\Z")


def is_formula(text: str) -> bool:
    """Whether a spreadsheet might run a text; a number such as ``-5``, or a sign alone, is none.

    Examples
    --------
    >>> from govdata.exporting.formulas import is_formula
    >>> is_formula("=1+1"), is_formula("-5"), is_formula("-"), is_formula("a=1")
    (True, False, False, False)
    """
    return _FORMULA.match(text) is not None and _NUMBER.match(text) is None


def harmless(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet might run; see `restored`.

    Examples
    --------
    >>> from govdata.exporting.formulas import harmless, restored
    >>> harmless("=1+1"), harmless("'=1+1"), harmless("-5"), harmless("it's")
    ("'=1+1", "''=1+1", '-5', "it's")
    """
    return f"'{text}" if is_formula(text) else text


def restored(text: str) -> str:
    """Undo `harmless`.

    Examples
    --------
    >>> from govdata.exporting.formulas import harmless, restored
    >>> [restored(harmless(text)) for text in ("=1+1", "'=1+1", "''", "-5", "")]
    ['=1+1', "'=1+1", "''", '-5', '']
    """
    return text[1:] if _QUOTED.match(text) else text
