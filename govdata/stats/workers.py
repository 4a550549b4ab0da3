"""Many fits at once, on whatever workers the user runs.

The work is handed to joblib. Inside ``with joblib.parallel_config(backend="loky", n_jobs=4):`` (or dask, ray, spark) it
is spread over those workers; without, it runs here. Results come back in the order of the items, so that numbers never
depend on how many workers there were.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from govdata.stats.progress import progress

__all__ = ["each"]

Item = TypeVar("Item")
Found = TypeVar("Found")


def each(function: Callable[[Item], Found], items: Sequence[Item], *, what: str = "") -> list[Found]:
    """Apply a function to every item.

    Parameters
    ----------
    function
        Of one item. Where workers are other processes, it and the items must be picklable.
    items
        What it is applied to.
    what
        What is being done, as the progress bar says it.

    Returns
    -------
    list
        One result an item, in the order of the items.

    Examples
    --------
    >>> from govdata.stats.workers import each
    >>> each(abs, [-2, 1])
    [2, 1]
    """
    if len(items) < 2:
        return [function(item) for item in items]
    from joblib import Parallel, delayed

    found = Parallel(return_as="generator")(delayed(function)(item) for item in items)
    return list(progress(found, total=len(items), what=what))
