"""How the tables of two releases differ, table by table: rows that came, went and were mended."""

from __future__ import annotations

import csv
import io
from collections import Counter
from operator import itemgetter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import pandas as pd

    from govdata.releases import Release

__all__ = ["TABLE_COLUMNS", "compare_tables", "headers"]

TABLE_COLUMNS: Final = (
    "table",
    "old_rows",
    "new_rows",
    "added",
    "removed",
    "changed",
    "columns_added",
    "columns_removed",
)
# What names a row. Panel and values are compared cell by cell; a list of changes belongs to its own release.
_IDS: Final = {
    "adjudications": ("adjudication_id",),
    "claims": ("claim_id",),
    "codes": ("scheme", "code", "iso3", "start"),
    "codings": ("coding_id",),
    "literature": ("work_id",),
    "names": ("lang", "name", "start"),
    "passages": ("source_id", "first_line"),
    "programme_relations": ("programme_id", "relation", "other_id"),
    "programme_years": ("programme_id", "year", "scope"),
    "programmes": ("programme_id",),
    "reliability": ("level", "indicator", "variable", "metric"),
    "sources": ("source_id",),
    "units": ("iso3", "start"),
    "verdicts": ("verdict_id",),
}
_APART: Final = ("panel", "values", "changes")

Row = tuple[str, ...]


def headers(release: Release) -> dict[str, list[str]]:
    """Give the columns of every table of a release."""
    found = {}
    for file in release.files:
        if file.endswith(".csv"):
            first = release.read(file).split(b"\n", 1)[0].decode("utf-8")
            found[file.removesuffix(".csv")] = next(csv.reader([first]), [])
    return found


def _read(release: Release, table: str) -> tuple[list[str], list[Row]]:
    if f"{table}.csv" not in release.files:
        return [], []
    reader = csv.reader(io.StringIO(release.read(f"{table}.csv").decode("utf-8"), newline=""))
    return next(reader, []), [tuple(cells) for cells in reader]


def _count(table: str, old: tuple[list[str], list[Row]], new: tuple[list[str], list[Row]]) -> tuple[int, int, int]:
    """Count the rows added, removed and changed in the columns that both have."""
    shared = [column for column in old[0] if column in new[0]]
    if not shared:
        return len(new[1]), len(old[1]), 0

    def taken(header: list[str], rows: list[Row], columns: list[str]) -> list[Row]:
        if header == columns:
            return rows
        places = [header.index(column) for column in columns]
        if len(places) == 1:
            return [(row[places[0]],) for row in rows]
        return list(map(itemgetter(*places), rows))

    ids = [column for column in _IDS.get(table, ()) if column in shared] or shared
    sides = []
    for header, rows in (old, new):
        sides.append((taken(header, rows, ids), taken(header, rows, shared)))
    (old_ids, old_rows), (new_ids, new_rows) = sides
    before, after = Counter(old_ids), Counter(new_ids)
    if max([*before.values(), *after.values()], default=1) > 1:
        # Not every row has a name of its own: whole rows are counted.
        was, now = Counter(old_rows), Counter(new_rows)
        return sum((now - was).values()), sum((was - now).values()), 0
    known = dict(zip(old_ids, old_rows, strict=True))
    changed = sum(known[key] != row for key, row in zip(new_ids, new_rows, strict=True) if key in known)
    return len(after.keys() - before.keys()), len(before.keys() - after.keys()), changed


def compare_tables(old: Release, new: Release) -> pd.DataFrame:
    """Compare the tables of two releases, apart from panel and values.

    Returns
    -------
    pandas.DataFrame
        One row a table: ``table`` (str), ``old_rows, new_rows, added, removed, changed`` (int64; a row counts as
        changed when a column that both have reads otherwise) and ``columns_added, columns_removed`` (names with a blank
        between). A table that a release lacks has no rows there.
    """
    import pandas as pd

    names = {file.removesuffix(".csv") for one in (old, new) for file in one.files if file.endswith(".csv")}
    rows = []
    for name in sorted(names - set(_APART)):
        was, now = _read(old, name), _read(new, name)
        added, removed, changed = _count(name, was, now)
        come = [column for column in now[0] if was[0] and column not in was[0]]
        gone = [column for column in was[0] if now[0] and column not in now[0]]
        numbers = (len(was[1]), len(now[1]), added, removed, changed)
        rows.append((name, *numbers, " ".join(come), " ".join(gone)))
    frame = pd.DataFrame(rows, columns=list(TABLE_COLUMNS))
    kinds = dict.fromkeys(TABLE_COLUMNS[1:6], "int64") | dict.fromkeys(("table", *TABLE_COLUMNS[6:]), "str")
    return frame.astype(kinds)
