"""From decided cells to the tables of a release: values, panel and programme-years, all as text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final

from govdata.curation.read import Curated, Row
from govdata.model import panel_columns
from govdata.register import Register
from govdata.rules import Cell, Claim, decide, setting_value, settle
from govdata.vocabulary import CLAIM_COLUMNS, OBSERVATION_COLUMNS, UNIT_COLUMNS

__all__ = ["OBSERVED_COLUMNS", "PROGRAMME_YEAR_COLUMNS", "VALUE_COLUMNS", "Tables", "build_tables", "covered_cells"]

VALUE_COLUMNS: Final = (
    "iso3",
    "year",
    "indicator",
    "scope",
    "value",
    "low",
    "high",
    "missing",
    "status",
    "grade",
    "rule",
    "claim_ids",
    "considered_ids",
    "rejected_ids",
    "source_ids",
    "adjudication_id",
)
OBSERVED_COLUMNS: Final = (*OBSERVATION_COLUMNS[:2], "indicator", *OBSERVATION_COLUMNS[2:])
PROGRAMME_YEAR_COLUMNS: Final = (
    "programme_id",
    "iso3",
    "year",
    "scope",
    "stage",
    "stage_low",
    "stage_high",
    "missing",
    "status",
    "grade",
    "claim_ids",
    "considered_ids",
    "rejected_ids",
    "source_ids",
)

Tables = dict[str, tuple[tuple[str, ...], list[Row]]]


def build_tables(curated: Curated, register: Register) -> Tables:
    """Make the tables of a release from its inputs.

    Parameters
    ----------
    curated
        Inputs, free of faults.
    register
        Which unit exists when.

    Returns
    -------
    dict
        File stem → (columns, rows); rows are sorted and complete, cells are text.
    """
    if curated.info.kind == "register":
        return _register_tables(curated, register)
    if curated.info.kind == "observations":
        return _observation_tables(curated, register)
    return _claim_tables(curated, register)


def _register_tables(curated: Curated, register: Register) -> Tables:
    columns = panel_columns(curated.indicators, source_version=False)
    rows: list[Row] = []
    for iso3, name, year in register.rows(curated.info.years, curated.info.unit_kinds):
        life = register.life(iso3, year)
        if life is None:  # the row exists because a life does
            continue
        joined = life.row["un_member_from"]
        facts = {
            **life.row,
            "un_member": "1" if joined and int(joined[:4]) <= year else "0",
            "exists_year_end": "1" if life.at_year_end(year) else "0",
        }
        row = {"iso3": iso3, "country_name": name, "year": str(year)}
        rows.append(row | {column: facts[column] for column in columns if column not in row})
    units = sorted(curated.units, key=lambda row: (row["iso3"], row["start"]))
    return {"panel": (columns, rows), "units": (UNIT_COLUMNS, units)}


def _observation_tables(curated: Curated, register: Register) -> Tables:
    order = {indicator.id: indicator for indicator in curated.indicators}
    rank = {name: position for position, name in enumerate(order)}
    observed = sorted(curated.observations, key=lambda row: (row["iso3"], int(row["year"]), rank[row["indicator"]]))
    varying = _varying_versions(observed)
    columns = panel_columns(curated.indicators, source_version=bool(varying))
    panel = _skeleton(curated, register, columns, {row["iso3"] for row in observed})
    versions: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in observed:
        key = (row["iso3"], row["year"])
        indicator = order[row["indicator"]]
        for suffix, wanted in (
            ("", True),
            ("_low", indicator.bounds),
            ("_high", indicator.bounds),
            ("_sd", indicator.sd),
        ):
            if wanted:
                panel[key][indicator.id + suffix] = row[suffix.removeprefix("_") or "value"]
        if row["indicator"] in varying:
            versions[key].add(row["source_version"])
    for key, found in versions.items():
        panel[key]["source_version"] = ";".join(sorted(found))
    return {"panel": (columns, list(panel.values())), "values": (OBSERVED_COLUMNS, observed)}


def _varying_versions(observed: Iterable[Mapping[str, str]]) -> set[str]:
    """Name the series that come from different releases in different years: only there must a row say which."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in observed:
        found[row["indicator"]].add(row["source_version"])
    return {indicator for indicator, versions in found.items() if len(versions) > 1}


def _skeleton(
    curated: Curated, register: Register, columns: Sequence[str], units: Iterable[str] | None
) -> dict[tuple[str, str], Row]:
    blank = dict.fromkeys(columns, "")
    return {
        (iso3, str(year)): {**blank, "iso3": iso3, "country_name": name, "year": str(year)}
        for iso3, name, year in register.rows(curated.info.years, curated.info.unit_kinds, units)
    }


def _units_to_show(curated: Curated, register: Register) -> set[str]:
    """Name every state, and those territories that a claim speaks of."""
    territories = {life.iso3 for life in register.lives if life.row["kind"] == "territory"}
    return (set(register.units) - territories) | {row["iso3"] for row in curated.claims}


def covered_cells(curated: Curated, units: Sequence[str]) -> set[tuple[str, str]]:
    """List the (iso3, indicator) pairs that were looked for, per ``[[coverage]]``; years are the indicator's."""
    names = [indicator.id for indicator in curated.indicators if indicator.table == "panel"]
    pairs: set[tuple[str, str]] = set()
    for entry in curated.info.coverage:
        chosen = names if entry["indicators"] == "*" else list(entry["indicators"])
        places = units if entry["countries"] == "*" else list(entry["countries"])
        pairs |= {(place, name) for place in places for name in chosen}
    return pairs


def _claims_by_unit(curated: Curated) -> dict[tuple[str, str], list[Claim]]:
    found: dict[tuple[str, str], list[Claim]] = defaultdict(list)
    for row in curated.claims:
        claim = Claim.from_row(row)
        found[claim.iso3, claim.indicator].append(claim)
    return found


def _claim_tables(curated: Curated, register: Register) -> Tables:
    columns = panel_columns(curated.indicators, source_version=False)
    panel = _skeleton(curated, register, columns, _units_to_show(curated, register))
    units = sorted({iso3 for iso3, _ in panel})
    covered = covered_cells(curated, units)
    claims = _claims_by_unit(curated)
    setting = setting_value(curated.adjudications)
    values: list[Row] = []
    by_indicator = [indicator for indicator in curated.indicators if indicator.table == "panel"]
    for (iso3, year_text), row in panel.items():
        year = int(year_text)
        for indicator in by_indicator:
            if not indicator.covers(year):
                continue
            for scope in indicator.scopes:
                known = claims.get((iso3, indicator.evidence_id), [])
                cell = settle(indicator, known, setting, iso3, year, scope)
                if cell is None and (iso3, indicator.id) in covered:
                    cell = Cell(missing="no_evidence", status="not_found", rule=indicator.rule)
                if cell is None:
                    continue
                values.append(_value_row(cell, iso3, year_text, indicator.id, scope))
                column = indicator.column(scope)
                row[column] = cell.value
                if indicator.bounds:
                    row[f"{column}_low"], row[f"{column}_high"] = cell.low, cell.high
    return {
        "panel": (columns, list(panel.values())),
        "values": (VALUE_COLUMNS, values),
        "programme_years": (PROGRAMME_YEAR_COLUMNS, _programme_years(curated)),
        "claims": (curated.columns.get("claims", CLAIM_COLUMNS), sorted(curated.claims, key=_claim_key)),
    }


def _claim_key(row: Mapping[str, str]) -> tuple[str, int]:
    head, _, tail = row["claim_id"].partition("-")
    return head, int(tail)


def _value_row(cell: Cell, iso3: str, year: str, indicator: str, scope: str) -> Row:
    return {
        "iso3": iso3,
        "year": year,
        "indicator": indicator,
        "scope": scope,
        "value": cell.value,
        "low": cell.low,
        "high": cell.high,
        "missing": cell.missing,
        "status": cell.status,
        "grade": cell.grade,
        "rule": cell.rule,
        "claim_ids": " ".join(cell.claim_ids),
        "considered_ids": " ".join(cell.considered_ids),
        "rejected_ids": " ".join(cell.rejected_ids),
        "source_ids": " ".join(cell.source_ids),
        "adjudication_id": cell.adjudication_id,
    }


def _programme_years(curated: Curated) -> list[Row]:
    stages = [indicator for indicator in curated.indicators if indicator.table == "programme_years"]
    homes = {row["programme_id"]: row["iso3"] for row in curated.programmes}
    grouped: dict[str, list[Claim]] = defaultdict(list)
    for row in curated.claims:
        if row["programme_id"] and any(row["indicator"] == indicator.id for indicator in stages):
            grouped[row["programme_id"]].append(Claim.from_row(row))
    rows: list[Row] = []
    for programme, claims in sorted(grouped.items()):
        dated = [claim.start for claim in claims if claim.dated and claim.status != "rejected"]
        if not dated:
            continue
        from_year = min(_year_of(day) for day in dated)
        for year in range(from_year, curated.info.years[1] + 1):
            for indicator in stages:
                for scope in indicator.scopes:
                    cell = decide(indicator, claims, year, scope)
                    if cell is None or not (cell.value or cell.low):
                        continue
                    value = _value_row(cell, homes[programme], str(year), indicator.id, scope)
                    rows.append(
                        {"programme_id": programme, "stage": cell.value, "stage_low": cell.low, "stage_high": cell.high}
                        | {key: value[key] for key in PROGRAMME_YEAR_COLUMNS if key in value}
                    )
    return [{key: row[key] for key in PROGRAMME_YEAR_COLUMNS} for row in rows]


def _year_of(day: int) -> int:
    return date.fromordinal(day).year
