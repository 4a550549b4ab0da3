"""Progress on the error stream, for what takes longer than two seconds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

__all__ = ["DELAY", "progress"]

Item = TypeVar("Item")

DELAY = 2.0
"""Seconds before a bar appears: most calls never show one."""


def progress(items: Iterable[Item], *, total: int | None = None, what: str = "") -> Iterator[Item]:
    """Go through items, with a bar on the error stream if that takes more than two seconds.

    Parameters
    ----------
    items
        Anything that can be gone through.
    total
        How many there are; None asks their length.
    what
        What is being done, as the bar says it.

    Yields
    ------
    object
        The items, in their order.

    Examples
    --------
    >>> from govdata.stats.progress import progress
    >>> sum(progress([1, 2, 3], what="adding"))
    6
    """
    from tqdm import tqdm

    yield from tqdm(items, total=total, desc=what or None, delay=DELAY, leave=False, dynamic_ncols=True)
