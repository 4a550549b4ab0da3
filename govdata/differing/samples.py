"""A few of many differing cells: spread over kinds and indicators, the same ones each time, with their evidence."""

from __future__ import annotations

import hashlib
import textwrap
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from govdata.drawing import whole_number

if TYPE_CHECKING:
    import pandas as pd

    from govdata.differing.sides import Side

__all__ = ["SAMPLE_COLUMNS", "draw_sample"]

SAMPLE_COLUMNS: Final = (
    "change",
    "iso3",
    "year",
    "column",
    "old",
    "new",
    "old_missing",
    "new_missing",
    "reason",
    "claims",
)
_KINDS: Final = ("value_changed", "value_removed", "value_added")
_SHOWN = 2


def _rank(seed: int, key: tuple[str, ...]) -> bytes:
    return hashlib.sha256("|".join((str(seed), *key)).encode("utf-8")).digest()


def draw_sample(cells: pd.DataFrame, values: set[str], sides: tuple[Side, Side], n: int, seed: int) -> pd.DataFrame:
    """Draw some of the differing cells.

    Parameters
    ----------
    cells
        As `govdata.changes` gives them.
    values
        The value columns; bounds are drawn only where nothing else differs.
    sides
        The releases, for the claims.
    n, seed
        How many, and which: the draw depends on the cells and the seed alone.

    Returns
    -------
    pandas.DataFrame
        All text: ``change, iso3, year, column, old, new, old_missing, new_missing, reason``, and ``claims``: what the
        claims behind the change say in short, each with its source.
    """
    count, chosen_seed = whole_number(n, "n", 0), whole_number(seed, "seed", 0)
    some = cells[cells["change"].isin(_KINDS)]
    main = some["column"].isin(values)
    some = some[main] if main.any() else some
    # By kind and column in turn; within both, and among the columns, in the order of the seed.
    arrays = [some[key].to_numpy(dtype=object) for key in ("change", "column", "iso3", "year")]
    keys = zip(some.index.tolist(), *arrays, strict=True)
    strata: dict[str, dict[str, list[tuple[str, str, int]]]] = {}
    for place, change, column, iso3, year in keys:
        strata.setdefault(change, {}).setdefault(column, []).append((iso3, year, place))
    queues = {}
    for kind, by_column in strata.items():
        columns = sorted(by_column, key=lambda column: _rank(chosen_seed, (kind, column)))
        queues[kind] = _turns(columns, by_column, chosen_seed, count)
    taken: list[int] = []
    while len(taken) < count and any(queues.values()):
        for kind in _KINDS:
            if queues.get(kind) and len(taken) < count:
                taken.append(queues[kind].pop(0))
    found = some.loc[sorted(taken)].reset_index(drop=True)
    found["claims"] = [_evidence(row, sides) for row in found.to_dict("records")]
    return found[list(SAMPLE_COLUMNS)].astype("str")


def _turns(columns: list[str], by_column: Mapping[str, list[tuple[str, str, int]]], seed: int, count: int) -> list[int]:
    """Order the cells of one kind: one of each column, then a second of each, up to as many as are wanted."""
    order: list[int] = []
    shuffled: dict[str, list[tuple[str, str, int]]] = {}
    turn = 0
    while len(order) < count:
        before = len(order)
        for column in columns:
            if len(order) == count or turn >= len(by_column[column]):
                continue
            if column not in shuffled:
                key = column
                shuffled[column] = sorted(by_column[column], key=lambda cell: _rank(seed, (key, cell[0], cell[1])))
            order.append(shuffled[column][turn][2])
        turn += 1
        if len(order) == before:
            break
    return order


def _evidence(row: Mapping[object, str], sides: tuple[Side, Side]) -> str:
    """Say in short what the claims behind a change are."""
    old, new = sides
    names = row["claims_added"].split() or row["claim_ids"].split() or row["claims_removed"].split()
    names = sorted(names, key=lambda name: name in old.claims)  # what the old release did not have comes first
    parts = []
    for name in names[:_SHOWN]:
        side = new if name in new.claims else old
        claim = side.claims.get(name)
        if claim is None:
            continue
        source = side.sources.get(claim["source_id"], {})
        where = ", ".join(
            part for part in (source.get("authors") or source.get("publisher"), source.get("year")) if part
        )
        text = textwrap.shorten(claim["gloss"], 160, placeholder=" …")
        parts.append(f"{name}: {text} ({where or claim['source_id']})")
    if len(names) > _SHOWN:
        parts.append(f"and {len(names) - _SHOWN} more claims")
    return " | ".join(parts)
