"""Progress on the error stream while a large release is described."""

from __future__ import annotations

from typing import Any, Final

__all__ = ["columns_done"]

_DELAY: Final = 2.0  # seconds before anything shows: most releases are described sooner


def columns_done(total: int, what: str) -> Any:  # noqa: ANN401 - tqdm is untyped
    """Give a bar that counts columns and is silent where nobody looks; call its ``update`` and ``close``."""
    from tqdm import tqdm

    return tqdm(total=total, desc=what, unit=" columns", delay=_DELAY, leave=False, dynamic_ncols=True, disable=None)
