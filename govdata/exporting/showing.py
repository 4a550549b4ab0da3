"""Progress on the error stream while a large file is written."""

from __future__ import annotations

from typing import Any, Final

__all__ = ["showing"]

_DELAY: Final = 2.0  # seconds before anything shows: most files are written sooner


def showing(total: int, what: str) -> Any:  # noqa: ANN401 - tqdm is untyped
    """Give a bar that counts rows and is silent where nobody looks; use it in ``with``."""
    from tqdm import tqdm

    return tqdm(total=total, desc=what, unit=" rows", delay=_DELAY, leave=False, dynamic_ncols=True, disable=None)
