"""Every cell that differs between two releases, with the evidence on both sides and the reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from govdata.compare import CHANGE_COLUMNS
from govdata.differing.reasons import assign
from govdata.differing.sides import KEYS, Side
from govdata.model import version_key
from govdata.releases import open_release

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    import pandas as pd

__all__ = ["CELL_COLUMNS", "Pairing", "changes", "compare_cells", "count_other_reasons"]

CELL_COLUMNS: Final = (
    *CHANGE_COLUMNS,
    "indicator",
    "scope",
    "old_missing",
    "new_missing",
    "claims_added",
    "claims_removed",
    "reason",
)
Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Pairing:
    """Which columns of two panels are one, and which rows.

    Attributes
    ----------
    was
        Column of the new panel → column of the old one that it goes on from; without those that are new.
    rows
        For each row of the new panel the row of the old one, −1 where it is new.
    gone
        Rows of the old panel that the new one lacks.
    renamed
        Id of an indicator in the new release → its id in the old one.
    """

    was: dict[str, str]
    rows: Array
    gone: Array
    renamed: dict[str, str]

    @classmethod
    def of(cls, old: Side, new: Side, renamed: dict[str, str]) -> Pairing:
        """Pair the columns by name, or by the register of names; the rows by unit and year."""
        was = {}
        there = set(old.columns)
        for column in new.columns:
            owner = new.owners.get(column)
            former = renamed.get(owner[0].id) if owner else None
            name = former + column[len(owner[0].id) :] if owner and former else column
            if name in there:
                was[column] = name
        rows = old.rows.get_indexer(new.rows)
        gone = np.flatnonzero(new.rows.get_indexer(old.rows) < 0)
        return cls(was, rows, gone, renamed)


def compare_cells(
    old: Side, new: Side, *, renamed: dict[str, str] | None = None, missing: bool = False
) -> pd.DataFrame:
    """List what differs between the panels of two releases; see `changes` for the columns.

    Parameters
    ----------
    old, new
        The releases.
    renamed
        Indicators to be compared under another name; see `renames`.
    missing
        List also the cells that are missing in both, for another reason.
    """
    import pandas as pd

    pairing = Pairing.of(old, new, renamed or {})
    parts = [_rows_gone(old, pairing), _rows_come(new, pairing), _values(old, new, pairing)]
    if missing:
        parts.append(_other_reasons(old, new, pairing))
    table = {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}
    rank = {key: place for place, key in enumerate(sorted({*_keys(old), *_keys(new)}))}
    ranks = np.array([rank[key] for key in zip(table["iso3"], table["year"], strict=True)], dtype=np.int64)
    order = np.lexsort((table["place"], ranks))
    table = {key: cells[order] for key, cells in table.items()}
    cells = _with_evidence(old, new, pairing, table)
    whole = {key: np.concatenate([head, cells[key]]) for key, head in _columns(old, new, pairing).items()}
    return pd.DataFrame({key: whole[key] for key in CELL_COLUMNS}, dtype="str")


def _keys(side: Side) -> zip[tuple[str, int]]:
    return zip(side.iso3.tolist(), side.year.tolist(), strict=True)


def _part(change: str | Array, size: int, **given: Array) -> dict[str, Array]:
    """Give some lines in the making: what changed, which cell, and where in both panels it stands."""
    blank, nowhere = np.full(size, "", dtype=object), np.full(size, -1, dtype=np.int64)
    made = dict.fromkeys(("change", "iso3", "column", "old", "new"), blank)
    made |= dict.fromkeys(("year", "old_row", "new_row", "place"), nowhere)
    return made | {"change": np.full(size, change, dtype=object) if isinstance(change, str) else change} | given


def _rows_gone(old: Side, pairing: Pairing) -> dict[str, Array]:
    gone = pairing.gone
    return _part("row_removed", len(gone), iso3=old.iso3[gone], year=old.year[gone], old_row=gone)


def _rows_come(new: Side, pairing: Pairing) -> dict[str, Array]:
    come = np.flatnonzero(pairing.rows < 0)
    return _part("row_added", len(come), iso3=new.iso3[come], year=new.year[come], new_row=come)


def _values(old: Side, new: Side, pairing: Pairing) -> dict[str, Array]:
    """Compare column by column; a row or column that the old release lacks is empty there."""
    shared, there = pairing.rows, pairing.rows >= 0
    parts = []
    for place, column in enumerate(new.columns):
        now = new.column(column)
        before = np.full(len(now), "", dtype=object)
        if column in pairing.was:
            before[there] = old.column(pairing.was[column])[shared[there]]
        at = np.flatnonzero(before != now)
        if not len(at):
            continue
        was, is_now = before[at], now[at]
        change = np.where(was == "", "value_added", np.where(is_now == "", "value_removed", "value_changed"))
        parts.append(
            _part(
                change.astype(object),
                len(at),
                iso3=new.iso3[at],
                year=new.year[at],
                column=np.full(len(at), column, dtype=object),
                old=was,
                new=is_now,
                old_row=shared[at],
                new_row=at,
                place=np.full(len(at), place, dtype=np.int64),
            )
        )
    return {key: np.concatenate([part[key] for part in parts]) for key in parts[0]} if parts else _part("", 0)


def _other_reasons(old: Side, new: Side, pairing: Pairing) -> dict[str, Array]:
    """Find the cells that both releases lack, and give different reasons for."""
    there = np.flatnonzero(pairing.rows >= 0)
    before = pairing.rows[there]
    parts = [_part("", 0)]
    for place, column in enumerate(new.columns):
        former = pairing.was.get(column)
        if former is None or column not in new.value_columns or former not in old.value_columns:
            continue
        was, now = old.column(former)[before], new.column(column)[there]
        reasons = [
            side.reasons(rows, np.full(len(rows), side.value_columns[name]), cells)
            for side, rows, name, cells in ((old, before, former, was), (new, there, column, now))
        ]
        at = np.flatnonzero((was == "") & (now == "") & (reasons[0] != reasons[1]))
        if len(at):
            rows = there[at]
            parts.append(
                _part(
                    "reason_changed",
                    len(at),
                    iso3=new.iso3[rows],
                    year=new.year[rows],
                    column=np.full(len(at), column, dtype=object),
                    old_row=before[at],
                    new_row=rows,
                    place=np.full(len(at), place, dtype=np.int64),
                )
            )
    return {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}


def count_other_reasons(
    old: Side, new: Side, renamed: dict[str, str], chosen: Mapping[str, Collection[Any]] | None = None
) -> int:
    """Count the cells that are missing in both releases, for another reason; all, or those of the chosen."""
    found = _other_reasons(old, new, Pairing.of(old, new, renamed))
    keep = np.ones(len(found["change"]), dtype=bool)
    for key, what in (("iso3", "countries"), ("year", "years"), ("column", "indicators")):
        if chosen and what in chosen:
            keep &= np.isin(found[key], list(chosen[what]))
    return int(keep.sum())


def _columns(old: Side, new: Side, pairing: Pairing) -> dict[str, Array]:
    """List the columns removed, renamed and added."""
    kept = set(pairing.was.values())
    rows = []
    for column in old.columns:
        if column not in kept:
            owner = old.owners.get(column)
            whole = owner is None or owner[0].id not in new.indicators
            rows.append(("column_removed", column, "", "", owner, "indicator_removed" if whole else "column_removed"))
    for position, column in enumerate(new.header):
        owner = new.owners.get(column)
        if column in pairing.was:
            if pairing.was[column] != column:
                rows.append(("column_renamed", column, pairing.was[column], column, owner, "renamed"))
        elif column not in KEYS:
            whole = owner is None or owner[0].id not in old.indicators
            reason = "indicator_added" if whole else "column_added"
            rows.append(("column_added", column, "", str(position), owner, reason))
    made: dict[str, list[str]] = {key: [] for key in CELL_COLUMNS}
    for change, column, was, now, owner, reason in rows:
        known = {"change": change, "column": column, "old": was, "new": now, "reason": reason}
        known |= {"indicator": owner[0].id, "scope": owner[1]} if owner else {}
        for key, cells in made.items():
            cells.append(known.get(key, ""))
    return {key: np.array(cells, dtype=object) for key, cells in made.items()}


def _with_evidence(old: Side, new: Side, pairing: Pairing, table: dict[str, Array]) -> dict[str, Array]:
    """Add to each line the indicator, the reasons for what is missing, the claims on both sides and why."""
    size = len(table["change"])
    names, numbers = np.unique(table["column"].astype(str), return_inverse=True)
    owners = [new.owners.get(str(name)) for name in names]
    stems = [owner[0].column(owner[1]) if owner else "" for owner in owners]
    before = [new.value_columns and pairing.was.get(stem, "") for stem in stems]

    def spread(values: list[Any], kind: type) -> Array:
        return np.array(values, dtype=kind)[numbers] if len(names) else np.empty(0, dtype=kind)

    companion = spread([owner is not None and owner[2] for owner in owners], bool)
    new_number = spread([new.value_columns.get(stem, -1) for stem in stems], np.int64)
    old_number = spread([old.value_columns.get(str(name), -1) for name in before], np.int64)
    old_line = old.lines(table["old_row"], old_number)
    new_line = new.lines(table["new_row"], new_number)
    old_ids, new_ids = old.of_lines("claim_ids", old_line), new.of_lines("claim_ids", new_line)
    added, removed = _moved(old_ids, new_ids)
    newer = version_key(new.release.version) >= version_key(old.release.version)
    # As in changes.csv: the claims behind the newer value, at the value's own column.
    shown = np.where(companion, "", new_ids) if newer and new.kind == "claims" else np.full(size, "", dtype=object)
    is_value = ~companion & (new_number >= 0)
    cells = table | {
        "year": table["year"].astype(str).astype(object),
        "claim_ids": shown,
        "indicator": spread([owner[0].id if owner else "" for owner in owners], object),
        "scope": spread([owner[1] if owner else "" for owner in owners], object),
        "old_missing": old.reasons(table["old_row"], np.where(is_value, old_number, -1), table["old"]),
        "new_missing": new.reasons(table["new_row"], np.where(is_value, new_number, -1), table["new"]),
        "claims_added": added,
        "claims_removed": removed,
    }
    return cells | {"reason": assign(old, new, pairing.was, cells, old_line, new_line)}


def _moved(old_ids: Array, new_ids: Array) -> tuple[Array, Array]:
    """Name the claims that decide only the new cell, and those that decided only the old one."""
    known: dict[tuple[str, str], tuple[str, str]] = {}
    added, removed = np.full(len(old_ids), "", dtype=object), np.full(len(old_ids), "", dtype=object)
    for place, pair in enumerate(zip(old_ids.tolist(), new_ids.tolist(), strict=True)):
        if pair[0] == pair[1]:
            continue
        found = known.get(pair)
        if found is None:
            was, now = pair[0].split(), pair[1].split()
            found = (
                " ".join(one for one in now if one not in was),
                " ".join(one for one in was if one not in now),
            )
            known[pair] = found
        added[place], removed[place] = found
    return added, removed


def changes(dataset: str, old: str, new: str, *, missing: bool = False) -> pd.DataFrame:
    """List every cell that differs between two releases of a dataset, and why.

    Parameters
    ----------
    dataset
        A dataset.
    old, new
        Versions; see `govdata.load`. The new one may be the older of the two.
    missing
        List also the cells that have no value in either release, but another reason for it: ``reason_changed``.

    Returns
    -------
    pandas.DataFrame
        All text, one row a difference: first columns, then cells by ``iso3``, ``year`` and column.

        ``change``
            ``column_added, column_removed, row_added, row_removed, value_added, value_removed, value_changed`` or
            ``reason_changed``. A new row is one ``row_added`` and a ``value_added`` for each of its filled cells.
        ``iso3, year, column, old, new, claim_ids``
            The cell, its value in both, and the claims that decide the newer value. These seven columns are those of
            ``changes.csv`` in a release.
        ``indicator, scope``
            Whose column it is; empty for names of countries and versions of sources.
        ``old_missing, new_missing``
            Why there is no value, where there is none.
        ``claims_added, claims_removed``
            The claims that decide only the newer, only the older value, with a blank between.
        ``reason``
            Why the cell differs: one of `govdata.differing.REASONS`.

    Raises
    ------
    UnknownDatasetError, UnknownVersionError
        If there is no such dataset or release.

    Examples
    --------
    >>> import govdata
    >>> len(govdata.changes("countries", "1.0.0", "1.0.0"))
    0
    >>> found = govdata.changes("digital_surveillance", "0.1.0", "0.2.0")
    >>> found["reason"].value_counts().index[0]
    'new_evidence'
    """
    sides = Side(open_release(dataset, old)), Side(open_release(dataset, new))
    return compare_cells(*sides, missing=missing)
