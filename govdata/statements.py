"""The claims behind a dataset, chosen by programme, indicator, status or source; and where they disagree."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Final

from govdata.errors import ArgumentError, nearest
from govdata.model import Indicator
from govdata.releases import Release, dataset_names, open_release, quoted
from govdata.vocabulary import STATUSES

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["chosen", "claim_release", "claims", "conflicts"]

Row = dict[str, str]
_SOURCE_COLUMNS: Final = ("authors", "year", "title", "type", "url", "opened")
_CONFLICT_COLUMNS: Final = (
    "iso3",
    "indicator",
    "scope",
    "programme_id",
    "first_year",
    "last_year",
    "value",
    "low",
    "high",
    "distance",
    "measure",
    "n_sources",
    "claim_ids",
    "source_ids",
)


def claim_release(dataset: str, version: str | None) -> Release:
    """Open a release that rests on claims, or say which datasets do."""
    release = open_release(dataset, version)
    if release.info.kind != "claims":
        having = [name for name in dataset_names() if open_release(name).info.kind == "claims"]
        raise ArgumentError(f"{release.name} has no claims: its values are {release.info.kind}; try {quoted(having)}")
    return release


def chosen(what: str, given: str | Iterable[str] | None, known: Collection[str]) -> list[str] | None:
    """Give the values asked for, in their order; all of them must exist, and ``None`` asks for all."""
    if given is None:
        return None
    if not isinstance(given, Iterable):
        raise ArgumentError(f"{what} is a text or several texts, not {given!r}")
    wanted = [given] if isinstance(given, str) else list(given)
    for one in wanted:
        if one not in known:
            hint = nearest(str(one), known)
            if not hint and len(known) <= 8:
                hint = f" (known: {', '.join(sorted(known))})"
            raise ArgumentError(f"no {what} {str(one)[:60]!r}{hint}")
    return wanted


def claims(
    programme: str | Iterable[str] | None = None,
    indicator: str | Iterable[str] | None = None,
    status: str | Iterable[str] | None = None,
    source: str | Iterable[str] | None = None,
    *,
    country: str | Iterable[str] | None = None,
    dataset: str = "digital_surveillance",
    version: str | None = None,
) -> pd.DataFrame:
    """List claims with their sources, by any of programme, indicator, status, source and country.

    Parameters
    ----------
    programme
        Programme ids; see `programmes`.
    indicator
        Indicator ids. Those of block R keep what sources say of a programme and make no column of the panel.
    status
        ``"accepted"``, ``"contested"``, ``"rejected"``.
    source
        Source ids, such as ``"kazemi_fa"`` for the Persian article.
    country
        ISO3 codes.
    dataset
        A dataset whose values are coded from claims.
    version
        See `govdata.load`.

    Returns
    -------
    pandas.DataFrame
        One row a claim that fits every filter, in order of its id: the columns of ``claims.csv`` and, from its source,
        ``source_authors, source_year, source_title, source_type, source_url, source_opened``; all ``str``.

    Raises
    ------
    ArgumentError
        If a filter names what the release does not have, or the dataset does not rest on claims.

    Examples
    --------
    >>> import govdata
    >>> found = govdata.claims(programme="sharp_eyes", status="contested")
    >>> sorted(set(found["status"])), len(found) > 0
    (['contested'], True)
    """
    import pandas as pd

    release = claim_release(dataset, version)
    rows = release.rows("claims.csv")
    sources = {row["source_id"]: row for row in release.rows("sources.csv")}
    filters = {
        "programme_id": chosen("programme", programme, {row["programme_id"] for row in release.rows("programmes.csv")}),
        "indicator": chosen("indicator", indicator, {one.id for one in release.indicators}),
        "status": chosen("status", status, STATUSES),
        "source_id": chosen("source", source, sources),
        "iso3": chosen("country with claims", country, {row["iso3"] for row in rows}),
    }
    wanted = {column: values for column, values in filters.items() if values is not None}
    added = {f"source_{column}": column for column in _SOURCE_COLUMNS}
    found = [
        row | {name: sources[row["source_id"]][column] for name, column in added.items()}
        for row in rows
        if all(row[column] in values for column, values in wanted.items())
    ]
    return pd.DataFrame(found, columns=[*rows[0], *added] if rows else None, dtype="str")


def conflicts(
    country: str | Iterable[str] | None = None,
    indicator: str | Iterable[str] | None = None,
    *,
    dataset: str = "digital_surveillance",
    version: str | None = None,
) -> pd.DataFrame:
    """List where sources disagree and by how much.

    A conflict is an uninterrupted run of years in which a cell, or the stage of a programme, is marked ``contested``:
    accepted claims disagree, or a contested claim lies outside what the accepted ones say. Where only contested claims
    speak of a level, the lower end is that of the scale, for what they say may not be there at all. Indicators that
    read another's claims are left out, and so is a number that all claims give alike.

    Parameters
    ----------
    country, indicator
        ISO3 codes and indicator ids; by default all.
    dataset
        A dataset whose values are coded from claims.
    version
        See `govdata.load`.

    Returns
    -------
    pandas.DataFrame
        ``iso3, indicator, scope, programme_id`` (for stages), ``first_year, last_year``; ``value`` (missing where the
        disagreement leaves it open) with ``low`` and ``high``; ``distance`` between them and its ``measure``:
        ``levels`` of a scale, ``ratio`` of the higher to the lower number, or ``codes`` (how many differ) where the
        values have no order; ``n_sources`` (1: a single source that others reject, see the table ``verdicts``),
        ``claim_ids`` and ``source_ids`` on all sides, joined by blanks. Largest distance first.

    Examples
    --------
    >>> import govdata
    >>> found = govdata.conflicts("CHN")
    >>> bool((found["last_year"] >= found["first_year"]).all())
    True
    """
    import pandas as pd

    release = claim_release(dataset, version)
    by_id = {one.id: one for one in release.indicators}
    said = {row["claim_id"]: row for row in release.rows("claims.csv")}
    places = chosen("country with claims", country, {row["iso3"] for row in said.values()})
    names = chosen("indicator", indicator, by_id)
    rows = [
        row
        for row in _contested(release, by_id)
        if (places is None or row["iso3"] in places) and (names is None or row["indicator"] in names)
    ]
    rows = [row | {"ids": _sides(row, by_id, said)} for row in rows]
    found = [_conflict(run, by_id, said) for run in _runs(rows)]
    apart = [one for one in found if (one["measure"], one["distance"]) not in {("levels", 0.0), ("ratio", 1.0)}]
    frame = pd.DataFrame(apart, columns=list(_CONFLICT_COLUMNS))
    numbers = ["value", "low", "high", "distance"]
    frame = frame.astype(
        dict.fromkeys(("first_year", "last_year", "n_sources"), "int64") | dict.fromkeys(numbers, "float64")
    )
    return frame.sort_values(
        ["measure", "distance", "iso3", "indicator", "scope", "programme_id", "first_year"],
        ascending=[True, False, True, True, True, True, True],
        ignore_index=True,
    )


def _contested(release: Release, by_id: Mapping[str, Indicator]) -> Iterator[Row]:
    for row in release.rows("values.csv"):
        if row["status"] == "contested" and by_id[row["indicator"]].evidence_id == row["indicator"]:
            yield {**row, "programme_id": ""}
    stage = next((one.id for one in by_id.values() if one.table == "programme_years"), "")
    for row in release.rows("programme_years.csv"):
        if row["status"] == "contested":
            bounds = {"value": row["stage"], "low": row["stage_low"], "high": row["stage_high"], "indicator": stage}
            yield {**row, **bounds}


def _runs(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Join consecutive years that are alike in value, bounds and claims."""
    keys = ("iso3", "indicator", "scope", "programme_id")
    alike = (*keys, "value", "low", "high", "ids")
    ordered = sorted(rows, key=lambda row: ([row[key] for key in keys], int(row["year"])))
    numbered = [(int(row["year"]) - position, row) for position, row in enumerate(ordered)]
    for _, run in groupby(numbered, key=lambda pair: (pair[0], [pair[1][key] for key in alike])):
        yield [row for _, row in run]


def _conflict(run: Sequence[Row], by_id: Mapping[str, Indicator], said: Mapping[str, Row]) -> dict[str, object]:
    row = run[0]
    indicator = by_id[row["indicator"]]
    ids = row["ids"].split()
    low, high = (_number(row[key]) for key in ("low", "high"))
    if low is None or high is None:
        distance: float | None = float(len({said[one]["code"] for one in ids}))
        measure = "codes"
    elif indicator.codes:
        distance, measure = high - low, "levels"
    else:
        distance, measure = (high / low if low > 0 else None), "ratio"
    return {
        **{key: row[key] for key in ("iso3", "indicator", "scope", "programme_id")},
        "first_year": int(row["year"]),
        "last_year": int(run[-1]["year"]),
        "value": None if indicator.is_text else _number(row["value"]),
        "low": low,
        "high": high,
        "distance": distance,
        "measure": measure,
        "n_sources": len({said[one]["source_id"] for one in ids}),
        "claim_ids": " ".join(ids),
        "source_ids": " ".join(sorted({said[one]["source_id"] for one in ids})),
    }


def _sides(row: Mapping[str, str], by_id: Mapping[str, Indicator], said: Mapping[str, Row]) -> str:
    """Name the claims that took part in a decision."""
    timing = by_id[row["indicator"]].timing
    named = f"{row['claim_ids']} {row['considered_ids']}".split()
    return " ".join(one for one in named if _speaks(said[one], int(row["year"]), timing))


def _speaks(claim: Mapping[str, str], year: int, timing: str) -> bool:
    """Whether a claim took part in the decision of a year."""
    end = claim["end"] + "-12-31"[len(claim["end"]) - 4 :] if claim["end"] else ""
    in_force = timing == "in_year" or not end or end >= f"{year}-12-31"
    return in_force and claim["grade"] != "E0" and claim["modality"] != "survey"


def _number(text: str) -> float | None:
    return float(text) if text else None
