"""Claims chosen and conflicts measured; programmes listed and profiled."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import govdata
from govdata.errors import ArgumentError


def test_claims_are_chosen_by_every_filter(released: Path) -> None:
    assert released.is_dir()
    every = govdata.claims(dataset="watch")
    assert len(every) == 12
    assert list(every.columns[:3]) == ["claim_id", "iso3", "indicator"]
    assert list(every.columns[-6:]) == [
        f"source_{name}" for name in ("authors", "year", "title", "type", "url", "opened")
    ]
    rejected = govdata.claims(status="rejected", dataset="watch")
    assert list(rejected["claim_id"]) == ["AAA-0005"]
    assert list(rejected["source_title"]) == ["Cameras everywhere"]
    about = govdata.claims("camera_act", dataset="watch")
    assert list(about["claim_id"]) == ["AAA-0008", "AAA-0009"]
    both = govdata.claims(indicator=["cameras", "stops"], source="daily_news", dataset="watch")
    assert list(both["claim_id"]) == ["AAA-0002", "AAA-0005", "BBB-0002"]
    assert list(govdata.claims(country="BBB", status="contested", dataset="watch")["claim_id"]) == ["BBB-0002"]
    assert govdata.claims("camera_act", status="rejected", dataset="watch").empty


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"programme": "camera_akt"}, "no programme 'camera_akt'; did you mean 'camera_act'?"),
        ({"indicator": "camera"}, "no indicator 'camera'; did you mean 'cameras'"),
        ({"status": "wrong"}, "no status 'wrong' (known: accepted, contested, rejected)"),
        ({"source": "dayly_news"}, "no source 'dayly_news'; did you mean 'daily_news'?"),
        ({"country": "CCC"}, "no country with claims 'CCC'"),
    ],
)
def test_what_does_not_exist_is_named(released: Path, given: dict[str, str], message: str) -> None:
    assert released.is_dir()
    with pytest.raises(ArgumentError) as error:
        govdata.claims(**given, dataset="watch")  # type: ignore[arg-type]
    assert message in str(error.value)


def test_a_dataset_without_claims_says_which_has_some(released: Path) -> None:
    assert released.is_dir()
    for ask in (govdata.claims, govdata.conflicts, govdata.programmes):
        with pytest.raises(ArgumentError, match="figures has no claims: its values are observations; try 'watch'"):
            ask(dataset="figures")


def test_conflicts_are_runs_of_years_with_their_distance(released: Path) -> None:
    assert released.is_dir()
    found = govdata.conflicts("BBB", dataset="watch")
    # The accepted 2 ends in mid-2003; from then on the contested 3 stands alone, and may not be there at all.
    assert found[["first_year", "last_year", "low", "high", "distance", "n_sources"]].to_numpy().tolist() == [
        [2003, 2003, 0, 3, 3, 1],
        [2000, 2002, 2, 3, 1, 2],
    ]
    assert list(found["value"].isna()) == [True, False]
    assert set(found["measure"]) == {"levels"}
    assert list(found["claim_ids"]) == ["BBB-0002", "BBB-0001 BBB-0002"]
    assert govdata.conflicts("AAA", dataset="watch").empty
    assert govdata.conflicts(indicator="stops", dataset="watch").empty


def test_programmes_with_their_stages(released: Path) -> None:
    assert released.is_dir()
    found = govdata.programmes(dataset="watch")
    row = found.iloc[0]
    assert (row["programme_id"], row["first_year"], row["last_year"], row["stage"]) == ("camera_act", 2001, 2005, 5)
    assert (row["claims"], row["contested"], row["rejected"]) == (2, 0, 0)
    assert found["stage_sub"].isna().all()
    with pytest.raises(ArgumentError, match="no country with programmes 'BBB'"):
        govdata.programmes("BBB", dataset="watch")


def test_a_profile_prints_and_turns_into_json(released: Path) -> None:
    assert released.is_dir()
    profile = govdata.programme("camera_act", dataset="watch")
    assert profile.names["fa"] == "قانون دوربین"
    assert list(profile.stages["year"]) == [2001, 2002, 2003, 2004, 2005]
    assert "2001–2002 " in str(profile)
    assert "claims: 2 (2 accepted, 0 contested, 0 rejected) from 1 sources" in str(profile)
    content = json.loads(json.dumps(profile.to_dict()))
    assert [claim["claim_id"] for claim in content["claims"]] == ["AAA-0008", "AAA-0009"]
    assert content["sources"][0]["source_id"] == "law_gazette"


@pytest.mark.parametrize(
    "given", ["Camera Act", "camera akt", "قانون دوربین", "قانون\u200cدوربین", "قانوندوربين", ["camera_act"]]
)
def test_a_name_in_any_language_leads_to_the_id(released: Path, given: str) -> None:
    assert released.is_dir()
    with pytest.raises(ArgumentError, match="did you mean 'camera_act'"):
        govdata.programme(given, dataset="watch")


def test_no_country_gives_no_programme(released: Path) -> None:
    assert released.is_dir()
    assert govdata.programmes([], dataset="watch").empty
