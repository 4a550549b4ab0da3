"""One cell after another: the tables of a release, read once and indexed."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from govdata.model import Indicator
from govdata.releases import Release

__all__ = ["Lookup", "lookup"]

Row = dict[str, str]
_ROLES = (("decisive", "claim_ids"), ("considered", "considered_ids"), ("rejected", "rejected_ids"))


@lru_cache(maxsize=4)
def lookup(release: Release) -> Lookup:
    """Give the index of a release; the last four are kept."""
    return Lookup(release)


class Lookup:
    """Finds what a release holds on one cell.

    Parameters
    ----------
    release
        The release; its tables are read, and their checksums compared, at once.
    """

    def __init__(self, release: Release) -> None:
        self.kind = release.info.kind
        self._sources = {row["source_id"]: row for row in release.rows("sources.csv")}
        self._names: dict[tuple[str, int], str] = {}
        panel = csv.reader(io.StringIO(release.read("panel.csv").decode("utf-8"), newline=""))
        self._panel_header = next(panel)
        self._panel: dict[tuple[str, int], list[str]] = {}
        for cells in panel:
            key = (cells[0], int(cells[2]))
            self._names[key] = cells[1]
            if self.kind == "register":
                self._panel[key] = cells
        self._values: dict[tuple[str, str, str, str], list[str]] = {}
        self._value_header: list[str] = []
        self._claims: dict[str, Row] = {}
        self._decisions: dict[str, Row] = {}
        self._lives: dict[str, list[Row]] = {}
        if self.kind == "register":
            for row in release.rows("units.csv"):
                self._lives.setdefault(row["iso3"], []).append(row)
        else:
            self._index_values(release)

    def _index_values(self, release: Release) -> None:
        values = csv.reader(io.StringIO(release.read("values.csv").decode("utf-8"), newline=""))
        self._value_header = next(values)
        scoped = "scope" in self._value_header
        for cells in values:
            self._values[cells[0], cells[1], cells[2], cells[3] if scoped else "national"] = cells
        if self.kind == "claims":
            self._claims = {row["claim_id"]: row for row in release.rows("claims.csv")}
            self._decisions = {row["adjudication_id"]: row for row in release.rows("adjudications.csv")}

    def country_name(self, iso3: str, year: int) -> str | None:
        """Give the unit's name in a year, or ``None`` where the panel has no such row."""
        return self._names.get((iso3, year))

    def cell(self, iso3: str, year: int, indicator: Indicator, scope: str) -> dict[str, Any]:
        """Give value, bounds, status and evidence of a cell; empty when nobody looked.

        Parameters
        ----------
        iso3, year
            A row of the panel.
        indicator, scope
            Which of its cells.

        Returns
        -------
        dict
            Some of ``value, low, high, sd, missing, status, grade, rule, decisive, considered, rejected,
            adjudication``.
        """
        if self.kind == "register":
            return self._unit(iso3, year, indicator)
        cells = self._values.get((iso3, str(year), indicator.id, scope))
        if cells is None:
            return {}
        row = dict(zip(self._value_header, cells, strict=True))
        if self.kind == "observations":
            found: dict[str, Any] = {key: row[key] for key in ("value", "low", "high", "sd", "missing")}
            return found | {"status": "imported", "decisive": [self._joined(row)]}
        found = {key: row[key] for key in ("value", "low", "high", "missing", "status", "grade", "rule")}
        for role, column in _ROLES:
            found[role] = [self._joined(self._claims[name]) for name in row[column].split()]
        return found | {"adjudication": dict(self._decisions.get(row["adjudication_id"], {}))}

    def _joined(self, row: Mapping[str, str]) -> dict[str, Any]:
        return {**row, "source": dict(self._sources.get(row.get("source_id", ""), {}))}

    def _unit(self, iso3: str, year: int, indicator: Indicator) -> dict[str, Any]:
        lives = self._lives[iso3]
        within = [row for row in lives if row["start"][:4] <= str(year) <= (row["end"][:4] or "9999")]
        row = within[-1]
        value = self._panel[iso3, year][self._panel_header.index(indicator.id)]
        sources = [self._sources[name] for name in row["source_ids"].split(";") if name in self._sources]
        decisive = [
            {"value": value, "note": row["note"], "source_id": one["source_id"], "source": dict(one)} for one in sources
        ]
        return {"value": value, "status": "register", "decisive": decisive}
