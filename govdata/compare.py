"""What differs between two panels, cell by cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from govdata.model import Indicator

__all__ = ["CHANGE_COLUMNS", "Panel", "apply_changes", "claims_by_cell", "compare_panels"]

CHANGE_COLUMNS: Final = ("change", "iso3", "year", "column", "old", "new", "claim_ids")
_KEYS: Final = ("iso3", "year")

Row = dict[str, str]
Panel = tuple[Sequence[str], Sequence[Mapping[str, str]]]


def _by_key(rows: Sequence[Mapping[str, str]]) -> dict[tuple[str, int], Mapping[str, str]]:
    return {(row["iso3"], int(row["year"])): row for row in rows}


def claims_by_cell(
    indicators: Sequence[Indicator], values: Sequence[Mapping[str, str]]
) -> dict[tuple[str, str, str], str]:
    """Map (iso3, year, panel column) to the ids of the claims that decided the cell, from ``values.csv``."""
    columns = {(one.id, scope): one.column(scope) for one in indicators for scope in one.scopes}
    return {(row["iso3"], row["year"], columns[row["indicator"], row["scope"]]): row["claim_ids"] for row in values}


def compare_panels(old: Panel, new: Panel, evidence: Mapping[tuple[str, str, str], str] | None = None) -> list[Row]:
    """List every difference between two panels.

    Parameters
    ----------
    old, new
        Columns and rows, as text.
    evidence
        (iso3, year, column) → claim ids behind the new cell.

    Returns
    -------
    list of dict
        Rows with the columns `CHANGE_COLUMNS`: columns first, then cells by iso3, year and column. A new row is one
        ``row_added`` and a ``value_added`` for each of its filled cells.
    """
    evidence = evidence or {}
    old_columns, new_columns = list(old[0]), list(new[0])
    changes: list[Row] = []

    def note(change: str, key: tuple[str, str], column: str, before: str, after: str) -> None:
        ids = evidence.get((*key, column), "")
        cells = (change, *key, column, before, after, ids)
        changes.append(dict(zip(CHANGE_COLUMNS, cells, strict=True)))

    for column in old_columns:
        if column not in new_columns:
            note("column_removed", ("", ""), column, "", "")
    for position, column in enumerate(new_columns):
        if column not in old_columns:
            note("column_added", ("", ""), column, "", str(position))
    old_rows, new_rows = _by_key(old[1]), _by_key(new[1])
    for iso3, year in sorted(old_rows.keys() | new_rows.keys()):
        before, after = old_rows.get((iso3, year)), new_rows.get((iso3, year))
        key = (iso3, str(year))
        if after is None:
            note("row_removed", key, "", "", "")
            continue
        if before is None:
            note("row_added", key, "", "", "")
            before = {}
        for column in new_columns:
            if column in _KEYS:
                continue
            was, now = before.get(column, ""), after[column]
            if was != now:
                kind = "value_added" if not was else "value_removed" if not now else "value_changed"
                note(kind, key, column, was, now)
    return changes


def apply_changes(old: Panel, changes: Sequence[Mapping[str, str]]) -> tuple[list[str], list[Row]]:
    """Apply a list of changes to the panel it was made against; gives the newer panel.

    Raises
    ------
    ValueError
        If a change does not fit: the cell does not hold the old value.
    """
    columns = [
        column
        for column in old[0]
        if not any(change["change"] == "column_removed" and change["column"] == column for change in changes)
    ]
    added = [change for change in changes if change["change"] == "column_added"]
    for change in sorted(added, key=lambda change: int(change["new"])):
        columns.insert(int(change["new"]), change["column"])
    rows = {key: {column: row.get(column, "") for column in columns} for key, row in _by_key(old[1]).items()}
    for change in changes:
        if change["change"].startswith("column_"):
            continue
        key = (change["iso3"], int(change["year"]))
        if change["change"] == "row_removed":
            del rows[key]
        elif change["change"] == "row_added":
            rows[key] = dict.fromkeys(columns, "") | {"iso3": change["iso3"], "year": change["year"]}
        else:
            if rows[key][change["column"]] != change["old"]:
                raise ValueError(f"{change['column']} of {key} is not {change['old']!r}")
            rows[key][change["column"]] = change["new"]
    return columns, [rows[key] for key in sorted(rows)]
