"""The world beyond China: how much is there, on which opened sources, and that the lists are carried over right."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pandas as pd
import pytest

import govdata
from govdata.cellstates import cells

NAME, VERSION = "digital_surveillance", "1.0.0"
ROOT = Path(__file__).parents[2] / "datasets" / NAME
CLAIMS = govdata.table(NAME, "claims", VERSION)
SOURCES = govdata.table(NAME, "sources", VERSION).set_index("source_id")
WORLD = CLAIMS[CLAIMS["coder"].isin([f"c{number}" for number in range(22, 43)])]
INDEX = CLAIMS[(CLAIMS["source_id"] == "aigs_2022") & (CLAIMS["coder"] == "c02")]
PANEL = govdata.load(NAME, VERSION)
CELLS = cells(NAME, VERSION)
KNOWN = CELLS[(CELLS["scope"] == "national") & CELLS["state"].isin(["value", "zero", "interval"])]
VALUED = KNOWN[KNOWN["state"] != "interval"]


def units(frame: pd.DataFrame, indicator: str) -> set[str]:
    return set(frame.loc[frame["indicator"] == indicator, "iso3"])


# How much


def test_the_register_has_at_least_190_units_in_every_year_and_shutdowns_of_all_states() -> None:
    assert PANEL.groupby("year")["iso3"].nunique().min() >= 190
    states = govdata.load("countries", "1.0.0")
    states = states[(states["kind"] == "state") & (states["exists_year_end"] == 1) & states["year"].between(2016, 2025)]
    keyed = PANEL.set_index(["iso3", "year"])["shutdown_documented"]
    assert keyed.reindex(pd.MultiIndex.from_frame(states[["iso3", "year"]])).notna().all()


def test_there_are_enough_programmes_laws_countries_and_claims() -> None:
    programmes = govdata.programmes(dataset=NAME, version=VERSION)
    beyond = programmes[programmes["iso3"] != "CHN"]
    assert len(beyond) >= 250
    assert beyond["iso3"].nunique() >= 120
    by_hand = WORLD[WORLD["iso3"] != "CHN"]
    assert len(by_hand) >= 1200
    assert by_hand["iso3"].nunique() >= 120
    staged = set(govdata.table(NAME, "programme_years", VERSION)["programme_id"])
    assert beyond["programme_id"].isin(staged).mean() > 0.9


@pytest.mark.parametrize(
    ("indicator", "least"),
    [
        ("fr_police_any", 150),
        ("ai_surveillance", 175),
        ("fr_police", 150),
        ("dp_law_adopted", 150),
        ("sim_realname", 75),
        ("id_registry", 55),
        ("location_health", 70),
    ],
)
def test_the_broad_indicators_are_broad(indicator: str, least: int) -> None:
    assert len(units(KNOWN, indicator)) >= least


def test_twelve_indicators_have_values_for_fifty_states() -> None:
    counts = VALUED.groupby("indicator")["iso3"].nunique()
    assert (counts >= 50).sum() >= 12


# What it rests on


def test_every_claim_rests_on_a_source_that_was_opened() -> None:
    used = SOURCES.loc[sorted(set(WORLD["source_id"]))]
    assert (used["opened"].isin(["full", "extract", "record", "abstract"])).all()
    assert (used["url"].str.startswith("http") | (used["file"] != "")).all()
    assert (WORLD["locator"] != "").all()
    assert (WORLD["gloss"] != "").all()
    assert WORLD["gloss"].str.endswith(".").all()


def test_every_value_beyond_china_can_be_traced_to_claims() -> None:
    values = govdata.table(NAME, "values", VERSION)
    coded = values[(values["iso3"] != "CHN") & (values["value"] != "")]
    assert (coded["claim_ids"] != "").all()
    ids = set(" ".join(coded["claim_ids"]).split())
    deciding = CLAIMS[CLAIMS["claim_id"].isin(ids)]
    assert len(deciding) == len(ids)
    assert (deciding["status"] == "accepted").all()
    assert (deciding["grade"] != "E0").all()
    assert not deciding["modality"].isin(["plan", "survey"]).any()


def test_no_value_of_freedom_house_is_a_source() -> None:
    named = SOURCES["publisher"].str.contains("Freedom House", case=False) | SOURCES["url"].str.contains("freedomhouse")
    assert not CLAIMS["source_id"].isin(SOURCES.index[named & (SOURCES["type"] == "dataset")]).any()


def test_no_claim_speaks_of_how_it_was_made() -> None:
    words = r"\b(?:leads? file|harvest|this session|helper|excerpt seen)"
    text = WORLD[["gloss", "comment", "locator"]].agg(" ".join, axis=1)
    found = WORLD.loc[text.str.contains(words, case=False), "claim_id"]
    assert found.empty, found.tolist()


# The lists


def test_the_index_is_carried_over_whole() -> None:
    assert INDEX["iso3"].nunique() == 176
    listed = INDEX[(INDEX["indicator"] == "ai_surveillance") & (INDEX["code"] == "1")]
    assert len(listed) == 97
    counts = INDEX[INDEX["code"] == "1"].groupby("indicator").size()
    assert counts.to_dict() == {
        "ai_face_recognition": 78,
        "ai_safe_city": 64,
        "ai_smart_policing": 69,
        "ai_social_media": 38,
        "ai_surveillance": 97,
    }


def test_presence_in_the_index_is_an_interval_on_the_scales() -> None:
    scales = INDEX[INDEX["indicator"].isin(["cctv_public", "fr_police", "predictive_policing", "sm_monitoring"])]
    present = scales[scales["code"] == ""]
    assert set(zip(present["low"], present["high"], strict=True)) == {("1", "4")}
    assert set(scales["code"]) == {"", "0"}
    assert not (scales[scales["code"] == "0"]["indicator"] == "cctv_public").any()


def test_the_index_speaks_of_one_year_end_only() -> None:
    columns = ["ai_surveillance", "ai_safe_city", "ai_face_recognition", "ai_smart_policing", "ai_social_media"]
    assert set(PANEL.loc[PANEL[columns].notna().any(axis=1), "year"]) == {2021}


def test_where_nothing_is_listed_there_is_no_supplier() -> None:
    year = govdata.load(NAME, VERSION, years=2021, indicators=["ai_surveillance", "ai_suppliers"], missing="reason")
    none = year[year["ai_surveillance"] == 0]
    assert (none["ai_suppliers_missing"] == "not_applicable").all()
    china = year.set_index("iso3").loc["CHN", "ai_suppliers"]
    assert "domestic" in china.split(";")
    assert "china" not in china.split(";")


def test_only_governments_own_apps_count_and_end_with_the_inventory() -> None:
    apps = CLAIMS[CLAIMS["source_id"] == "levy_stewart_apps_2021"]
    assert len(apps) == 109
    dated = apps[apps["start"] != ""]
    assert (dated["end"] == "2021-05").all()
    assert "CHN" not in set(apps["iso3"])
    germany = PANEL.set_index(["iso3", "year"]).loc[[("DEU", 2020), ("DEU", 2021)], "location_health_low"]
    assert (germany >= 1).all()


@pytest.mark.parametrize(
    ("iso3", "first"),
    [("FRA", None), ("BRA", 2018), ("GHA", 2012), ("ZAF", 2013), ("KOR", 2011), ("RWA", 2021), ("CHN", 2021)],
)
def test_the_year_of_the_first_law_is_that_of_the_source(iso3: str, first: int | None) -> None:
    years = PANEL.loc[PANEL["iso3"] == iso3].set_index("year")["dp_law_adopted"].dropna()
    assert years.loc[2025] == 1
    if first is None:
        assert (years == 1).all()
    else:
        assert years.loc[first] == 1
        assert years.loc[first - 1] == 0


def test_no_unsourced_year_of_a_law_is_used() -> None:
    laws = CLAIMS[CLAIMS["indicator"].isin(["dp_law_adopted", "dp_law_state"]) & (CLAIMS["coder"] == "c02")]
    used = SOURCES.loc[sorted(set(laws["source_id"]))]
    assert (used["url"] != "").all()
    # Lines whose year the check of the list found wrong or unsupported.
    wrong = {"AUS", "AUT", "CAN", "COL", "EST", "FRO", "ISL", "KEN", "MRT", "RUS", "USA", "NPL"}
    assert not set(laws.loc[laws["source_id"] == "privacy_law_corpus_2021", "iso3"]) & wrong


def test_a_law_adopted_is_never_taken_back() -> None:
    for iso3, own in PANEL.groupby("iso3"):
        years = own.sort_values("year")["dp_law_adopted"].dropna()
        assert years.is_monotonic_increasing, iso3


@pytest.mark.parametrize("name", ["sim_realname", "fr_police", "sm_monitoring", "predictive_policing"])
def test_presence_agrees_with_the_level(name: str) -> None:
    level, any_ = PANEL[name], PANEL[f"{name}_any"]
    known = level.notna() & any_.notna()
    assert ((level[known] > 0) <= (any_[known] == 1)).all()
    assert (any_[PANEL[f"{name}_low"] > 0] == 1).all()
    assert PANEL.loc[PANEL[f"{name}_low"].isna(), f"{name}_any"].isna().all()


# The second coding


def test_the_second_coding_is_the_drawn_fifth_of_ordinal_claims() -> None:
    codings = govdata.table(NAME, "codings", VERSION)
    world = codings[(codings["iso3"] != "CHN") & (codings["level"] == "claim")]
    coded = set(world.loc[world["round"] == "2", "claim_id"])
    book = govdata.codebook(NAME, version=VERSION).set_index("id")["type"]
    first = WORLD[(WORLD["iso3"] != "CHN") & WORLD["indicator"].map(book).isin(["ordinal", "binary"])]
    first = first[first["coder"].isin([f"c{number}" for number in range(22, 31)])]
    number = {one: int(hashlib.sha256(f"second coding:{one}".encode()).hexdigest(), 16) for one in first["claim_id"]}
    drawn = {one for one, value in number.items() if value % 5 == 0}
    assert coded <= {one for one, value in number.items() if value % 5 == 0} | set(CLAIMS["claim_id"])
    assert len(coded & drawn) >= 0.95 * len(drawn)
    assert set(world.loc[world["round"] == "2", "coder"]) <= {f"c{number}" for number in range(31, 39)}


def test_reliability_is_published_for_the_new_indicators() -> None:
    table = govdata.table(NAME, "reliability", VERSION)
    claim = table[(table["level"] == "claim") & (table["variable"] == "code")].set_index("indicator")
    for name in ("sim_realname", "firm_data_access", "fr_police", "scheme_legal_basis", "id_registry"):
        assert int(claim.loc[name, "units"]) >= 30


def test_the_scripts_name_the_bytes_they_were_made_for() -> None:
    for script in (ROOT / "intake").glob("intake_*.py"):
        text = script.read_text(encoding="utf-8")
        assert "SHA-256" in text
