"""Run the Python blocks of a page, so that its figures are drawn from the very objects that its text speaks of."""

from __future__ import annotations

import contextlib
import doctest
import io
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["session"]

_BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def session(page: Path) -> dict[str, Any]:
    """Run a page's examples in order; those that show an error are left out.

    Parameters
    ----------
    page
        A page of this folder.

    Returns
    -------
    dict
        The names that the examples define.
    """
    blocks = "\n".join(_BLOCK.findall(page.read_text(encoding="utf-8")))
    found: dict[str, Any] = {}
    with contextlib.redirect_stdout(io.StringIO()):
        for example in doctest.DocTestParser().get_examples(blocks, str(page)):
            if example.exc_msg is None:
                exec(compile(example.source, str(page), "exec"), found)  # noqa: S102 -- our own page
    return found
