"""The project's own coding: complete codebook, sourced claims, and nothing rejected or planned in a value."""

from __future__ import annotations

import re
from itertools import groupby

import pytest

import govdata
from govdata.releases import open_release

RELEASE = open_release("digital_surveillance")
CLAIMS = RELEASE.rows("claims.csv")
BY_ID = {row["claim_id"]: row for row in CLAIMS}
SOURCES = {row["source_id"]: row for row in RELEASE.rows("sources.csv")}
VALUES = RELEASE.rows("values.csv")
BOOK = govdata.codebook("digital_surveillance")
NUMBERS = [f"{block}{n}" for block, last in zip("ABCDEF", (9, 5, 8, 5, 5, 8), strict=True) for n in range(1, last + 1)]


def test_the_codebook_has_all_forty_indicators_in_four_languages() -> None:
    assert [number for number in BOOK["number"] if number[0] in "ABCDEF"] == NUMBERS
    assert len(NUMBERS) == 40
    for column in ("label", "label_fa", "label_ar", "label_zh"):
        assert BOOK[column].str.len().between(1, 80).all()
        assert BOOK[column].is_unique
    for column in ("question", "clarification", "evidence", "limits", "direction"):
        assert (BOOK[column].str.len() > 0).all()


def test_a_zero_of_the_monitor_says_what_it_means() -> None:
    row = BOOK.set_index("id").loc["shutdown_documented"]
    assert row["codes"]["0"] == "none documented by this monitor at this scope"
    assert "not" in row["limits"]
    frame = govdata.load("digital_surveillance", indicators="shutdown_documented", years=range(2016, 2026))
    kinds = govdata.load("countries", indicators="kind")
    states = frame.merge(kinds[kinds["kind"] == "state"], on=["iso3", "country_name", "year"])
    assert states["shutdown_documented"].notna().all()
    assert states["shutdown_documented_sub"].notna().all()
    assert states.groupby("year").size().min() >= 193


def test_india_is_subnational() -> None:
    frame = govdata.load("digital_surveillance", countries="IND", years=2018)
    assert frame["shutdown_documented"].item() == 0
    assert frame["shutdown_documented_sub"].item() == 2
    assert frame["shutdown_events_sub"].item() > 100


def _programme(claim: dict[str, str]) -> str:
    return claim["programme_id"]


def test_every_programme_has_a_sourced_claim() -> None:
    programmes = RELEASE.rows("programmes.csv")
    assert len({row["programme_id"] for row in programmes}) == len(programmes)
    assert sum(row["iso3"] == "CHN" for row in programmes) == 43
    known = {name: list(own) for name, own in groupby(sorted(CLAIMS, key=_programme), key=_programme)}
    for row in programmes:
        claims = known.get(row["programme_id"], [])
        assert claims or (row["kind"] == "institution" and row["source_ids"]), row["programme_id"]
        assert all(claim["source_id"] in SOURCES and claim["locator"] for claim in claims)
        assert row["name_en"]
        assert row["iso3"] != "CHN" or row["name_zh"] or row["name_fa"] or row["name_ar"]


def test_stages_by_year() -> None:
    stages = govdata.table("digital_surveillance", "programme_years")
    assert stages["programme_id"].nunique() >= 30
    assert set(stages["stage"]) <= {"", "0", "1", "2", "3", "4", "5", "6"}
    assert not stages.duplicated(["programme_id", "year", "scope"]).any()


def test_no_rejected_or_planned_claim_reaches_a_value() -> None:
    decisive = {name for row in VALUES for name in row["claim_ids"].split() if row["value"]}
    assert len(decisive) > 2000
    for name in decisive:
        assert BY_ID[name]["status"] == "accepted"
        assert BY_ID[name]["modality"] not in {"plan", "survey"}
        assert BY_ID[name]["grade"] != "E0"


@pytest.mark.parametrize(
    ("pattern", "status"),
    [(r"1,?000 points", "rejected"), (r"(one|1) billion", "rejected"), (r"400 million", "rejected")],
)
def test_wrong_statements_of_the_documents_stay_visible_and_rejected(pattern: str, status: str) -> None:
    seeds = {name for name, row in SOURCES.items() if row["type"] == "seed"}
    found = [row for row in CLAIMS if row["source_id"] in seeds and re.search(pattern, row["gloss"], re.IGNORECASE)]
    assert found
    assert any(row["status"] == status and row["reason"] for row in found)
    assert all(row["status"] != "accepted" or row["modality"] == "plan" or row["grade"] == "E0" for row in found)


def test_sources_were_opened_and_no_source_is_freedom_house_data() -> None:
    for row in SOURCES.values():
        assert row["opened"] in {"full", "extract", "abstract", "record"}
        assert re.fullmatch(r"2026-\d\d-\d\d", row["accessed"])
    coded = {row["source_id"] for row in CLAIMS}
    assert coded <= set(SOURCES)


def test_no_locator_is_a_copied_sentence() -> None:
    for row in CLAIMS:
        assert len(row["locator"]) <= 160, row["claim_id"]
        assert row["gloss"].endswith((".", ".)", "”", "?")), row["claim_id"]
