"""What hangs on a source: the cells that a retraction would take or change, and what they would be without it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from govdata.errors import ArgumentError, nearest
from govdata.releases import Release, open_release

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["cells_using"]

Row = dict[str, str]
_WITHOUT: Final = ("without", "without_low", "without_high", "without_missing")
_COLUMNS: Final = ("iso3", "year", "indicator", "scope", "value", "role", "alone", "claim_ids", *_WITHOUT)


def cells_using(
    dataset: str, source_id: str | Sequence[str], version: str | None = None, *, considered: bool = False
) -> pd.DataFrame:
    """List the cells that rest on a source, and what they would be without it: for when a source is retracted.

    Parameters
    ----------
    dataset
        A dataset of coded or imported values.
    source_id
        A source of the release, or several that fall together; see ``sources.csv`` or the claims of `trace`.
    version
        See `govdata.load`.
    considered
        Whether to list also the cells whose value the source does not help to decide, but where one of its claims was
        considered: a contested claim may widen the bounds.

    Returns
    -------
    pandas.DataFrame
        One row a cell, by country, year and indicator: ``iso3`` (str), ``year`` (int64), ``indicator, scope, value``
        (str); ``role`` (str): ``decides`` or ``considered``; ``alone`` (bool): no other source decides the cell;
        ``claim_ids`` (str): the claims of the sources named, joined by spaces, empty for imported values; ``without,
        without_low, without_high`` (str): value and bounds once these claims are left out and the rule is applied
        again, and ``without_missing`` (str): why the value is then missing, else empty. Stages of programmes stand in
        ``govdata.table(dataset, "programme_years")``.

    Raises
    ------
    ArgumentError
        If the release has no such source, or is the register of units.
    UnknownDatasetError, UnknownVersionError
        With the nearest valid choice.

    Examples
    --------
    >>> import govdata
    >>> cells = govdata.cells_using("digital_surveillance", "access_now_stop", "1.0.0")
    >>> sorted(set(cells["indicator"]))
    ['shutdown_documented', 'shutdown_events']
    >>> bool(cells["alone"].all()), set(cells["without"])
    (True, {''})
    """
    import pandas as pd

    release = open_release(dataset, version)
    if not isinstance(considered, bool):
        raise ArgumentError(f"considered is True or False, not {str(considered)[:40]!r}")
    sources = _sources(release, source_id)
    if release.info.kind == "register":
        raise ArgumentError(
            f"the sources of {release.name} stand beside each unit, not each cell: see "
            f"govdata.table({release.name!r}, 'units')"
        )
    found = _claimed(release, sources, considered) if release.info.kind == "claims" else _imported(release, sources)
    frame = pd.DataFrame(list(found), columns=list(_COLUMNS))
    kinds = dict.fromkeys(_COLUMNS, "str") | {"year": "int64", "alone": "bool"}
    return frame.astype(kinds)


def _sources(release: Release, given: object) -> frozenset[str]:
    known = [row["source_id"] for row in release.rows("sources.csv")]
    several = [given] if isinstance(given, (str, bytes)) or not isinstance(given, Iterable) else list(given)
    if not several:
        raise ArgumentError("source_id is empty; name a source, or several")
    for one in several:
        if one not in known:
            raise ArgumentError(f"{release.name} has no source {str(one)[:60]!r}{nearest(str(one), known)}")
    return frozenset(str(one) for one in several)


def _values(release: Release, words: Iterable[str]) -> Iterator[Row]:
    """Go through ``values.csv``, or only the lines that have one of some words: no cell of it has a line break."""
    lines = io.StringIO(release.read("values.csv").decode("utf-8"), newline="")
    wanted = tuple(words)
    kept = [next(lines), *(line for line in lines if any(word in line for word in wanted))] if wanted else lines
    return iter(csv.DictReader(kept))


def _imported(release: Release, sources: frozenset[str]) -> Iterator[tuple[object, ...]]:
    for row in _values(release, sources):
        if row["source_id"] in sources:
            cell = (row["iso3"], int(row["year"]), row["indicator"], "national", row["value"])
            yield (*cell, "decides", True, "", "", "", "", "not_coded")


def _claimed(release: Release, sources: frozenset[str], considered: bool) -> Iterator[tuple[object, ...]]:
    from govdata.recodings import Evidence

    own = {row["claim_id"] for row in release.rows("claims.csv") if row["source_id"] in sources}
    indicators = {one.id: one for one in release.indicators}
    evidence = Evidence(release, [one for one in indicators.values() if one.columns()])
    unsought: dict[tuple[str, str], str] = {}  # why a cell without any claim is missing: the same in every year
    for row in _values(release, () if considered else sources):
        deciding = set(row["source_ids"].split())
        if deciding & sources:
            role, among = "decides", row["claim_ids"]
        elif considered and own & set(row["considered_ids"].split()):
            role, among = "considered", row["considered_ids"]
        else:
            continue
        one, iso3, year, scope = indicators[row["indicator"]], row["iso3"], int(row["year"]), row["scope"]
        again = evidence.decide(one, iso3, year, scope, lambda claim: claim.source_id in sources)
        if again is None:
            if (iso3, one.id) not in unsought:
                unsought[iso3, one.id] = evidence.reason(one, iso3, None)
            left = ("", "", "", unsought[iso3, one.id])
        else:
            left = (again.value, again.low, again.high, again.missing)
        named = " ".join(name for name in among.split() if name in own)
        yield (iso3, year, one.id, scope, row["value"], role, deciding <= sources and role == "decides", named, *left)
