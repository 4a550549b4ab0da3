"""The evidence behind cells: complete, in words, and for every cell."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

import govdata
from govdata.errors import ArgumentError, UnknownCellError, UnknownIndicatorError, UnknownVersionError
from govdata.releases import open_release


def test_a_trace_holds_rule_claims_and_sources(released: Path) -> None:
    cell = govdata.trace("watch", "AAA", 2004, "cameras")
    assert (cell.value, cell.code_label, cell.low, cell.high) == ("3", "level 3", "3", "3")
    assert (cell.status, cell.grade, cell.rule) == ("single_source", "E1", "highest_in_force")
    assert [claim["claim_id"] for claim in cell.decisive] == ["AAA-0002"]
    assert [claim["claim_id"] for claim in cell.considered] == ["AAA-0001", "AAA-0003"]
    assert [claim["claim_id"] for claim in cell.rejected] == ["AAA-0005"]
    assert cell.decisive[0]["source"]["title"] == "Cameras everywhere"
    text = str(cell)
    for part in ("Alpha (AAA) 2004", "Cameras: 3 = level 3 [3, 3]", "decisive (1):", "rejected (1):", "wrong_scope"):
        assert part in text
    json.dumps(cell.to_dict())
    assert list(cell.to_frame()["role"]) == ["decisive", "considered", "considered", "rejected"]
    assert (released / "watch").is_dir()


def test_scopes_missing_and_imported_cells(released: Path) -> None:
    assert govdata.trace("watch", "AAA", 2004, "cameras_sub").value == "4"
    assert govdata.trace("watch", "AAA", 2004, "cameras", scope="subnational").decisive[0]["region"] == "North"
    contested = govdata.trace("watch", "BBB", 2001, "cameras")
    assert (contested.value, contested.low, contested.high, contested.status) == ("2", "2", "3", "contested")
    looked_for = govdata.trace("watch", "AAA", 2001, "crime_effect")
    assert (looked_for.value, looked_for.missing) == ("", "no_evidence")
    assert "looked for, no evidence found" in str(looked_for)
    never = govdata.trace("watch", "CCC", 2004, "crime_effect")
    assert (never.missing, never.decisive) == ("not_coded", [])
    imported = govdata.trace("figures", "AAA", 2000, "income")
    assert (imported.value, imported.sd, imported.status) == ("10.5", "0.75", "imported")
    assert imported.decisive[0]["source"]["source_id"] == "daily_news"
    unit = govdata.trace("countries", "CCC", 2004, "country_name")
    assert (unit.value, unit.decisive[0]["source"]["title"]) == ("Gamma", "Camera Act")
    assert (released / "watch").is_dir()


def test_a_zero_at_one_scope_points_to_the_other() -> None:
    cell = govdata.trace("digital_surveillance", "IND", 2019, "shutdown_documented")
    assert cell.value == "0"
    assert cell.other_scope == {"scope": "subnational", "value": "2", "code_label": "full network"}
    assert "at subnational scope: 2 = full network" in str(cell)


def test_a_trace_is_the_readers_own(released: Path) -> None:
    cell = govdata.trace("watch", "AAA", 2004, "cameras")
    cell.decisive[0]["source"]["title"] = "changed"
    assert govdata.trace("watch", "AAA", 2004, "cameras").decisive[0]["source"]["title"] == "Cameras everywhere"
    assert (released / "watch").is_dir()


def test_an_imported_blank_speaks_of_its_source() -> None:
    assert "the source has no value" in str(govdata.trace("covariates", "PRK", 2018, "gdp_pc_ppp"))
    assert "the source does not cover this year" in str(govdata.trace("expert_scores", "CHN", 2019, "v2smgovsmmon"))


def test_a_trace_refuses_what_does_not_exist(released: Path) -> None:
    with pytest.raises(UnknownCellError, match="CCC does not exist in 2001 in watch; its years are 2003-2005"):
        govdata.trace("watch", "CCC", 2001, "cameras")
    with pytest.raises(ArgumentError, match="crime_effect has no scope 'subnational'"):
        govdata.trace("watch", "AAA", 2001, "crime_effect", scope="subnational")
    with pytest.raises(UnknownIndicatorError, match="coded by programme"):
        govdata.trace("watch", "AAA", 2001, "implementation_stage")
    with pytest.raises(UnknownIndicatorError, match="did you mean 'cameras'"):
        govdata.trace("watch", "AAA", 2001, "camera")
    assert (released / "watch").is_dir()


def test_trace_answers_for_every_cell_with_a_value() -> None:
    release = open_release("digital_surveillance")
    panel = release.rows("panel.csv")
    columns = [column for column in panel[0] if not column.endswith(("_low", "_high"))][3:]
    filled = 0
    for row in panel:
        for column in columns:
            if not row[column]:
                continue
            cell = govdata.trace("digital_surveillance", row["iso3"], int(row["year"]), column)
            assert cell.value == row[column]
            assert cell.decisive
            for claim in cell.decisive:
                assert claim["status"] == "accepted"
                assert claim["modality"] not in {"plan", "survey"}
                assert claim["grade"] != "E0"
                assert claim["locator"]
                assert claim["source"]["title"]
                assert claim["source"]["url"] or claim["source"]["file"]
            filled += 1
    assert filled > 8000


@pytest.mark.parametrize(
    ("country", "year", "indicator"),
    [
        ("CHN", 2018, "cctv_public"),
        ("IND", 2019, "shutdown_events_sub"),
        ("SWE", 2016, "shutdown_documented"),
        ("PSE", 2023, "shutdown_documented_sub"),
    ],
)
def test_real_cells_print(country: str, year: int, indicator: str) -> None:
    cell = govdata.trace("digital_surveillance", country, year, indicator)
    assert cell.value != ""
    assert cell.decisive
    assert f"({country}) {year}" in str(cell)


def test_changes_between_releases(released: Path) -> None:
    assert govdata.changes("watch", "0.1.0", "0.1.0").empty
    with pytest.raises(UnknownVersionError, match=r"watch has no version '0.2.0'"):
        govdata.changes("watch", "0.1.0", "0.2.0")
    assert (released / "watch").is_dir()


def test_changes_equal_the_released_list(released: Path) -> None:
    from govdata.curation.release import write_release

    path = released / "watch" / "claims" / "AAA.csv"
    path.write_bytes(path.read_bytes().replace(b"AAA,cameras,1", b"AAA,cameras,2"))
    toml = released / "watch" / "dataset.toml"
    toml.write_bytes(toml.read_bytes().replace(b'"0.1.0"', b'"0.1.1"'))
    write_release(released, "watch")
    found = govdata.changes("watch", "0.1.0", "0.1.1")
    stored = open_release("watch", "0.1.1").rows("changes.csv")
    assert found[list(stored[0])].to_dict("records") == stored
    assert set(found["reason"]) == {"claim_mended"}
    first = found[(found["year"] == "2001") & (found["column"] == "cameras")].iloc[0]
    assert (first["old"], first["new"], first["claim_ids"]) == ("1", "2", "AAA-0001")
    back = govdata.changes("watch", "0.1.1", "0.1.0")
    assert len(back) == len(found)


def test_every_source_answers_which_cells_rest_on_it() -> None:
    release = open_release("digital_surveillance")
    values = release.rows("values.csv")
    counts = Counter(name for value in values for name in set(value["source_ids"].split()))
    names = sorted(row["source_id"] for row in release.rows("sources.csv"))
    for name in [*names[::100], "access_now_stop", "aigs_2022"]:  # each call reads the whole table
        assert len(govdata.cells_using("digital_surveillance", name)) == counts[name]
    with pytest.raises(ArgumentError, match="did you mean 'access_now_stop'"):
        govdata.cells_using("digital_surveillance", "acces_now_stop")
