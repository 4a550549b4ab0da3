"""Which original sources are behind cells of a release."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from govdata.references.records import Reference, of_source

if TYPE_CHECKING:
    import pandas as pd

    from govdata.model import Indicator
    from govdata.releases import Release

__all__ = ["Cells", "cells_of_frame", "sources_behind"]

_APART = re.compile(r"[;\s]+")
_USED = ("iso3", "year", "indicator", "scope", "value", "low", "high", "stage", "stage_low", "stage_high")
_NAMED = ("source_ids", "source_id")


@dataclass(frozen=True)
class Cells:
    """Some cells of one indicator at one scope.

    Attributes
    ----------
    indicator, scope
        Which column.
    keys
        Its unit-years as texts such as ``CHN2016``; ``None`` for all.
    """

    indicator: Indicator
    scope: str
    keys: pd.Index[Any] | None = None


@lru_cache(maxsize=8)
def _listed(release: Release, file: str) -> Mapping[tuple[str, str], tuple[Any, Any]]:
    """Give for each (indicator, scope) the unit-years that have a value or a bound, and their sources."""
    import pandas as pd

    rows = pd.read_csv(
        io.BytesIO(release.read(file)),
        usecols=lambda name: name in (*_USED, *_NAMED),
        dtype="str",
        keep_default_na=False,
        index_col=False,
        encoding="utf-8",
    )
    named = next(name for name in _NAMED if name in rows.columns)
    stated = [name for name in ("value", "low", "high", "stage", "stage_low", "stage_high") if name in rows.columns]
    rows = rows[(rows[named] != "") & (rows[stated] != "").any(axis=1)].reset_index(drop=True)
    if "scope" not in rows.columns:
        rows["scope"] = "national"
    if "indicator" not in rows.columns:
        rows["indicator"] = ""
    keys = pd.Index((rows["iso3"] + rows["year"]).to_numpy(dtype=object))
    texts = rows[named].to_numpy(dtype=object)
    found = {}
    for (indicator, scope), part in rows.groupby(["indicator", "scope"], sort=False):
        places = part.index.to_numpy()
        found[str(indicator), str(scope)] = (keys[places], texts[places])
    return found


def _ids(release: Release, cells: Cells) -> set[str]:
    """Name the sources of some cells."""
    if release.info.kind == "register":
        return _of_units(release, cells)
    if cells.indicator.table == "record":
        return _of_claims(release, cells)
    by_programme = cells.indicator.table == "programme_years"
    listed = _listed(release, "programme_years.csv" if by_programme else "values.csv")
    found = listed.get(("" if by_programme else cells.indicator.id, cells.scope))
    if found is None:
        return set()
    keys, texts = found
    if cells.keys is not None:
        texts = texts[keys.isin(cells.keys)]
    return _split(texts)


def _split(texts: Iterable[str]) -> set[str]:
    return {one for text in set(texts) for one in _APART.split(text) if one}


def _of_units(release: Release, cells: Cells) -> set[str]:
    """Name the sources of the units asked for: the register has them by unit, not by cell."""
    units = None if cells.keys is None else {key[:3] for key in cells.keys}
    return _split(row["source_ids"] for row in release.rows("units.csv") if units is None or row["iso3"] in units)


def _of_claims(release: Release, cells: Cells) -> set[str]:
    """Name the sources of an indicator that keeps claims and makes no value."""
    units = None if cells.keys is None else {key[:3] for key in cells.keys}
    rows = release.rows("claims.csv")
    return {
        row["source_id"]
        for row in rows
        if row["indicator"] == cells.indicator.id
        and row["status"] != "rejected"
        and (units is None or row["iso3"] in units)
    }


def sources_behind(release: Release, wanted: Iterable[Cells]) -> list[Reference]:
    """List the sources behind cells of a release, by their id.

    Parameters
    ----------
    release
        Whose cells.
    wanted
        Which cells; those with neither value nor bound have no source here.
    """
    ids = {one for cells in wanted for one in _ids(release, cells)}
    return [of_source(row) for row in sorted(release.rows("sources.csv"), key=_by_id) if row["source_id"] in ids]


def _by_id(row: Mapping[str, str]) -> str:
    return row["source_id"]


def cells_of_frame(release: Release, frame: pd.DataFrame) -> list[Cells]:
    """Say which cells of a release a frame holds: its columns, and of its rows those that are not missing there.

    Parameters
    ----------
    release
        One of those that the frame comes from.
    frame
        Not modified. Without ``iso3`` and ``year``, as columns or in its index, every cell of its columns is taken.
    """
    import pandas as pd

    if {"iso3", "year"} & {name for name in frame.index.names if name is not None}:
        frame = frame.reset_index()
    keys = None
    if {"iso3", "year"} <= set(frame.columns):
        years = pd.to_numeric(frame["year"], errors="coerce")
        there = years.notna() & frame["iso3"].notna()
        texts = frame["iso3"].astype("str") + years.fillna(0).astype("int64").astype("str")
        keys = pd.Index(texts.where(there, "").to_numpy(dtype=object))
    found = []
    for one in release.indicators:
        for scope in one.scopes:
            held = [name for name in _columns(one, scope) if name in frame.columns]
            if held:
                filled = pd.concat([_filled(frame[name]) for name in held], axis=1).any(axis=1).to_numpy()
                found.append(Cells(one, scope, None if keys is None else keys[filled].unique()))
    return found


def _columns(one: Indicator, scope: str) -> tuple[str, ...]:
    name = one.column(scope)
    return tuple(column for column in one.columns() if column.removeprefix(name) in ("", "_low", "_high", "_sd"))


def _filled(cells: pd.Series[Any]) -> pd.Series[bool]:
    filled = cells.notna()
    return filled & (cells.astype("object") != "") if cells.dtype.kind not in "biuf" else filled
