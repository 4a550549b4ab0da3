"""The nine laws of a cell's life, each tried on random claims, and the committed releases held to them."""

from __future__ import annotations

import dataclasses
import random
import shutil
import tempfile
from functools import lru_cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govdata.compare import apply_changes, compare_panels
from govdata.curation.panel import build_tables
from govdata.curation.read import Curated, read_tree
from govdata.curation.release import build_files, dataset_releases, rebuild_differences, write_release
from govdata.register import Register
from govdata.rules import Claim
from govdata.textio import csv_bytes
from govdata.vocabulary import CLAIM_COLUMNS

MINI = Path(__file__).parent / "data" / "mini" / "datasets"
DATASETS = Path(__file__).parent.parent / "datasets"
YEARS = range(1999, 2007)
CODES = {
    "cameras": ["0", "1", "2", "3", "4"],
    "stops": ["0", "1", "2"],
    "crime_effect": ["-2", "-1", "0", "1", "2"],
    "legal_basis": ["0", "1", "2", "3", "4"],
    "lead": ["police", "court", "party"],
    "camera_count": ["100", "250", "1000.5"],
    "implementation_stage": ["0", "1", "3", "5", "6"],
}


@lru_cache(maxsize=1)
def blank() -> tuple[Curated, Register]:
    """The mini dataset without its claims, and its register."""
    curated = read_tree(MINI, "watch")
    assert curated.faults == []
    curated.claims = []
    return curated, Register(read_tree(MINI, "countries").units)


def tables(claims: list[dict[str, str]]) -> dict[str, tuple[tuple[str, ...], list[dict[str, str]]]]:
    curated, register = blank()
    return build_tables(dataclasses.replace(curated, claims=list(claims)), register)


@st.composite
def claim(draw: st.DrawFn, iso3: str | None = None, indicator: str | None = None) -> dict[str, str]:
    indicator = indicator or draw(st.sampled_from(sorted(CODES)))
    codes = CODES[indicator]
    first = draw(st.sampled_from(YEARS))
    last = draw(st.one_of(st.none(), st.integers(first, 2006)))
    month = draw(st.sampled_from(["", "-02", "-11-30"]))
    row = dict.fromkeys(CLAIM_COLUMNS, "")
    numeric = indicator != "lead"
    if numeric and draw(st.integers(0, 4)) == 0:
        low, high = sorted([draw(st.sampled_from(codes)), draw(st.sampled_from(codes))], key=float)
        row |= {"low": low, "high": high}
    else:
        row["code"] = draw(st.sampled_from([*codes, *codes, "not_applicable", "unclear"]))
    status = draw(st.sampled_from(["accepted", "accepted", "accepted", "contested", "rejected"]))
    return row | {
        "iso3": iso3 or draw(st.sampled_from(["AAA", "BBB", "CCC"])),
        "indicator": indicator,
        "start": f"{first}{month}",
        "end": "" if last is None else f"{last}-12" if last > first else f"{last}-12-31",
        "scope": draw(st.sampled_from(["national", "national", "subnational", "all"])),
        "region": "North",
        "programme_id": draw(st.sampled_from(["", "camera_act"])),
        "modality": draw(st.sampled_from(["asserted", "asserted", "attributed", "plan", "survey"])),
        "status": status,
        "reason": "" if status == "accepted" else "sources_disagree",
        "grade": draw(st.sampled_from(["E0", "E1", "E2", "E3"])),
        "source_id": draw(st.sampled_from(["law_gazette", "daily_news"])),
        "locator": "p. 1",
        "gloss": "Something was seen.",
        "coder": "c1",
        "coded_on": "2026-01-01",
    }


def numbered(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    return [{**row, "claim_id": f"{row['iso3']}-{number:04d}"} for number, row in enumerate(rows, 1)]


claim_lists = st.lists(claim(), max_size=14).map(numbered)


def cells(built: dict[str, tuple[tuple[str, ...], list[dict[str, str]]]]) -> dict[tuple[str, str, str], dict[str, str]]:
    return {
        (row["iso3"], row["year"], row["indicator"] + ("" if row["scope"] == "national" else "_sub")): row
        for row in built["values"][1]
    }


@given(claim_lists)
def test_law_1_no_value_without_a_claim(claims: list[dict[str, str]]) -> None:
    built = tables(claims)
    found = cells(built)
    known = {row["claim_id"] for row in claims}
    for row in found.values():
        if row["value"]:
            assert row["claim_ids"]
            assert set(row["claim_ids"].split()) <= known
            assert row["missing"] == ""
        else:
            assert row["missing"] in {"no_evidence", "unclear", "not_applicable"}
        assert row["status"]
    values = {column for column in built["panel"][0] if column not in {"iso3", "country_name", "year"}}
    for row in built["panel"][1]:
        for column in values:
            if row[column] and not column.endswith(("_low", "_high")):
                assert found[row["iso3"], row["year"], column]["value"] == row[column]


@given(claim_lists)
def test_law_2_no_claim_is_lost(claims: list[dict[str, str]]) -> None:
    curated, _ = blank()
    found = cells(tables(claims))
    by_id = {one.id: one for one in curated.indicators}
    typed = [Claim.from_row(row) for row in claims]
    for (iso3, year, _), row in found.items():
        roles = [row["claim_ids"].split(), row["considered_ids"].split(), row["rejected_ids"].split()]
        together = [name for names in roles for name in names]
        evidence = by_id[row["indicator"]].evidence_id
        touching = {
            one.id
            for one in typed
            if one.iso3 == iso3 and one.indicator == evidence and one.touches(int(year), row["scope"])
        }
        assert len(together) == len(set(together))
        assert set(together) == touching


@given(claim_lists, st.randoms(use_true_random=False))
def test_law_3_row_order_changes_no_byte(claims: list[dict[str, str]], shuffler: random.Random) -> None:
    shuffled = list(claims)
    shuffler.shuffle(shuffled)
    first, second = tables(claims), tables(shuffled)
    for stem, (columns, rows) in first.items():
        assert csv_bytes(columns, rows) == csv_bytes(*second[stem]), stem


@pytest.mark.parametrize(("name", "version"), dataset_releases(DATASETS))
def test_law_4_a_release_rebuilds_byte_for_byte(name: str, version: str) -> None:
    assert rebuild_differences(DATASETS, name, version) == []


@given(claim_lists)
@settings(max_examples=15, deadline=None)
def test_law_4_building_twice_or_from_what_was_frozen_gives_the_same_bytes(claims: list[dict[str, str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "datasets"
        shutil.copytree(MINI, root)
        write_release(root, "countries")
        curated = read_tree(root, "watch")
        curated.claims = [{**row, "programme_id": ""} for row in claims]
        files = build_files(root, curated)
        assert build_files(root, curated) == files
        release = root / "watch" / "releases" / "0.1.0"
        release.mkdir(parents=True)
        for name, data in files.items():
            (release / name).write_bytes(data)
        assert rebuild_differences(root, "watch", "0.1.0") == []


@given(claim_lists, claim(iso3="AAA"))
def test_law_5_a_claim_changes_no_other_country(claims: list[dict[str, str]], extra: dict[str, str]) -> None:
    before, after = tables(claims), tables([*claims, {**extra, "claim_id": "AAA-9999"}])
    for stem in ("panel", "values"):
        one, two = ([row for row in built[stem][1] if row["iso3"] != "AAA"] for built in (before, after))
        assert one == two


@given(claim_lists, claim(indicator="cameras"))
def test_law_6_adding_evidence_never_lowers_the_highest_in_force(
    claims: list[dict[str, str]], extra: dict[str, str]
) -> None:
    before, after = (cells(tables(one)) for one in (claims, [*claims, {**extra, "claim_id": f"{extra['iso3']}-9999"}]))
    for key, row in before.items():
        if key[2] not in {"cameras", "cameras_sub"} or not row["value"]:
            continue
        now = after[key]
        # A presence-only claim above the value may open it, but never lets it fall.
        floor = now["value"] or now["high"]
        assert float(floor) >= float(row["value"])


@given(claim_lists, claim_lists)
def test_law_7_changes_turn_the_old_panel_into_the_new(
    claims: list[dict[str, str]], others: list[dict[str, str]]
) -> None:
    old, new = tables(claims)["panel"], tables(others)["panel"]
    changes = compare_panels(old, new)
    columns, rows = apply_changes(old, changes)
    assert (tuple(columns), rows) == (new[0], new[1])
    assert compare_panels(old, old) == []


@given(claim_lists, st.integers(0, 17), st.integers(0, 17), st.integers(0, 5))
def test_laws_7_and_8_hold_when_rows_and_columns_come_and_go(
    claims: list[dict[str, str]], cut_old: int, cut_new: int, column: int
) -> None:
    columns, rows = tables(claims)["panel"]
    fewer = tuple(one for position, one in enumerate(columns) if position != 3 + column)
    old = (columns, rows[cut_old:])
    new = (fewer, [{key: row[key] for key in fewer} for row in rows[: len(rows) - cut_new]])
    for before, after in ((old, new), (new, old)):
        changes = compare_panels(before, after)
        found_columns, found_rows = apply_changes(before, changes)
        assert found_columns == list(after[0])
        assert found_rows == [{key: row[key] for key in after[0]} for row in after[1]]
        kinds = [change["change"] for change in changes]
        assert len(after[1]) == len(before[1]) + kinds.count("row_added") - kinds.count("row_removed")


@given(claim_lists)
@settings(max_examples=40)
def test_law_9_every_source_answers_for_its_cells(claims: list[dict[str, str]]) -> None:
    found = cells(tables(claims))
    source_of = {row["claim_id"]: row["source_id"] for row in claims}
    for row in found.values():
        assert row["source_ids"].split() == sorted({source_of[name] for name in row["claim_ids"].split()})
