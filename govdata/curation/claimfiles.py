"""What the scripts share that carry a published table over into claims: fixed numbers, one file a unit.

Such a script owns its claims by coder, source and indicator; it rewrites them and leaves every other line as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from govdata.errors import CurationError
from govdata.textio import csv_bytes, read_table, write_atomic
from govdata.vocabulary import CLAIM_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

__all__ = ["carried_claim", "replace_claims"]

SCRIPT_CODER = "c02"


def carried_claim(claim_id: str, indicator: str, source_id: str, **fields: str) -> dict[str, str]:
    """Make a claim that a script carries over: asserted, accepted, E1, unless the fields say otherwise.

    Examples
    --------
    >>> carried_claim("FRA-6001", "ai_surveillance", "aigs_2022", code="1")["iso3"]
    'FRA'
    """
    row = dict.fromkeys(CLAIM_COLUMNS, "")
    row.update(
        claim_id=claim_id,
        iso3=claim_id[:3],
        indicator=indicator,
        scope="national",
        modality="asserted",
        status="accepted",
        grade="E1",
        source_id=source_id,
        coder=SCRIPT_CODER,
    )
    row.update(fields)
    return row


def replace_claims(
    folder: Path, claims: Iterable[Mapping[str, str]], owned: Callable[[Mapping[str, str]], bool]
) -> int:
    """Put the claims of a script into ``claims/<ISO3>.csv`` and take away those it wrote before.

    Parameters
    ----------
    folder
        The ``claims`` folder of a dataset.
    claims
        All claims of the script, with their ids.
    owned
        Says of a line whether the script wrote it.

    Returns
    -------
    int
        How many claims were written.

    Raises
    ------
    CurationError
        If a file is malformed, or an id belongs to a claim that is not the script's.
    """
    by_unit: dict[str, list[Mapping[str, str]]] = {}
    for claim in claims:
        by_unit.setdefault(claim["iso3"], []).append(claim)
    units = sorted({path.stem for path in folder.glob("*.csv")} | set(by_unit))
    contents: dict[Path, bytes] = {}
    for unit in units:
        path = folder / f"{unit}.csv"
        table = read_table(path, CLAIM_COLUMNS) if path.exists() else None
        if table is not None and table.faults:
            raise CurationError(str(table.faults[0]))
        kept = [row for row in table.rows if not owned(row)] if table is not None else []
        new = by_unit.get(unit, [])
        ids = [row["claim_id"] for row in (*kept, *new)]
        twice = sorted({one for one in ids if ids.count(one) > 1})
        if twice:
            raise CurationError(f"{path.name}: claim id {twice[0]} is taken; give the script numbers of its own")
        rows = sorted((*kept, *new), key=lambda row: int(row["claim_id"].rpartition("-")[2]))
        contents[path] = csv_bytes(CLAIM_COLUMNS, [dict(row) for row in rows])
    for path, data in contents.items():
        if not path.exists() or path.read_bytes() != data:
            write_atomic(path, data)
    return sum(len(rows) for rows in by_unit.values())
