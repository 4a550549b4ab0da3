"""The direction that the codebook states for each expert score must be that of the released data.

Three checks: the words of the codebook, countries at known ends of a scale, and the sign of the
association with electoral democracy across all units. A flipped sign fails the last two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import govdata

if TYPE_CHECKING:
    import pandas as pd

# What "higher" means, the first words after "higher = ".
DIRECTIONS = {
    "v2x_polyarchy": "more democratic",
    "v2x_libdem": "more democratic",
    "regime_row": "more democratic",
    "v2smgovdom": "less false information",
    "v2smgovfilcap": "more capacity",
    "v2smgovfilprc": "less filtering",
    "v2smgovshutcap": "more capacity",
    "v2smgovshut": "fewer shutdowns",
    "v2smgovsm": "fewer social-media shutdowns",
    "v2smgovsmalt": "less use of state-controlled platforms",
    "v2smgovsmmon": "less monitoring",
    "v2smgovsmcenprc": "less censorship",
    "v2smgovcapsec": "more cyber-security capacity",
    "v2smpolcap": "more cyber-security capacity",
    "v2smregcon": "more speech protected",
    "v2smprivex": "privacy law more surely exists",
    "v2smprivcon": "less access of the government",
    "v2smregcap": "more capacity",
    "v2smregapp": "more left to private actors",
    "v2smlawpr": "more legal protection",
    "v2smdefabu": "less abuse",
    "v2smarrest": "arrest less likely",
}

# Item, the unit that must score lower, the unit that must score higher; all in 2018.
CONTRASTS = [
    ("v2x_polyarchy", "CHN", "SWE"),
    ("v2x_libdem", "CHN", "SWE"),
    ("regime_row", "CHN", "SWE"),
    ("v2smgovdom", "CHN", "SWE"),
    ("v2smgovfilcap", "SWE", "CHN"),
    ("v2smgovfilprc", "CHN", "SWE"),
    ("v2smgovshutcap", "SWE", "CHN"),
    ("v2smgovshut", "CHN", "SWE"),
    ("v2smgovsm", "CHN", "SWE"),
    ("v2smgovsmalt", "CHN", "SWE"),
    ("v2smgovsmmon", "CHN", "SWE"),
    ("v2smgovsmcenprc", "CHN", "SWE"),
    ("v2smgovcapsec", "SOM", "EST"),
    ("v2smpolcap", "PNG", "EST"),
    ("v2smregcon", "CHN", "SWE"),
    ("v2smprivex", "PRK", "SWE"),
    ("v2smprivcon", "CHN", "SWE"),
    ("v2smregcap", "SOM", "CHN"),
    ("v2smregapp", "PRK", "EST"),
    ("v2smlawpr", "PRK", "SWE"),
    ("v2smdefabu", "CHN", "SWE"),
    ("v2smarrest", "CHN", "SWE"),
]

# Scores that say how free the net is; capacities are free to fall with democracy.
FREEDOMS = [
    "v2smgovdom",
    "v2smgovfilprc",
    "v2smgovshut",
    "v2smgovsm",
    "v2smgovsmalt",
    "v2smgovsmmon",
    "v2smgovsmcenprc",
    "v2smregcon",
    "v2smprivex",
    "v2smprivcon",
    "v2smdefabu",
    "v2smarrest",
]

IN_2021 = [
    "v2smgovdom",
    "v2smgovfilcap",
    "v2smgovfilprc",
    "v2smgovshutcap",
    "v2smgovshut",
    "v2smgovsm",
    "v2smgovsmmon",
    "v2smgovsmcenprc",
    "v2smarrest",
]


@pytest.fixture(scope="module")
def scores() -> pd.DataFrame:
    return govdata.load("expert_scores")


@pytest.fixture(scope="module")
def codebook() -> pd.DataFrame:
    return govdata.codebook("expert_scores").set_index("id")


def year_of(scores: pd.DataFrame, year: int) -> pd.DataFrame:
    return scores[scores["year"] == year].set_index("iso3")


def test_every_score_has_a_stated_direction(codebook: pd.DataFrame) -> None:
    assert set(codebook.index) == set(DIRECTIONS)


@pytest.mark.parametrize(("name", "words"), DIRECTIONS.items())
def test_codebook_states_the_direction(codebook: pd.DataFrame, name: str, words: str) -> None:
    assert codebook.loc[name, "direction"].startswith(f"higher = {words}")


@pytest.mark.parametrize(("name", "lower", "higher"), CONTRASTS)
def test_known_contrasts(scores: pd.DataFrame, name: str, lower: str, higher: str) -> None:
    column = year_of(scores, 2018)[name]
    assert column[lower] < column[higher]


def test_regime_types_of_known_countries(scores: pd.DataFrame) -> None:
    regime = year_of(scores, 2018)["regime_row"]
    assert (regime["CHN"], regime["SWE"]) == (0, 3)


@pytest.mark.parametrize("name", FREEDOMS)
def test_freer_scores_rise_with_democracy(scores: pd.DataFrame, name: str) -> None:
    year = year_of(scores, 2018)
    assert year[name].corr(year["v2x_polyarchy"]) > 0.4


@pytest.mark.parametrize("name", ["v2smgovfilcap", "v2smgovshutcap"])
def test_capacities_to_cut_off_fall_with_democracy(scores: pd.DataFrame, name: str) -> None:
    year = year_of(scores, 2018)
    assert year[name].corr(year["v2x_polyarchy"]) < -0.2


@pytest.mark.parametrize("name", IN_2021)
def test_the_later_version_points_the_same_way(scores: pd.DataFrame, name: str) -> None:
    before, after = year_of(scores, 2018)[name], year_of(scores, 2021)[name]
    assert before.corr(after) > 0.7


def test_no_year_is_filled_in(scores: pd.DataFrame) -> None:
    items = [name for name in DIRECTIONS if name.startswith("v2sm")]
    empty = scores["year"].isin([2019, 2020]) | (scores["year"] > 2021)
    assert scores.loc[empty, items].isna().all(axis=None)


@pytest.mark.parametrize("name", sorted(set(DIRECTIONS) - {"regime_row", "v2smpolcap"}))
def test_bounds_enclose_the_score(scores: pd.DataFrame, name: str) -> None:
    rows = scores[scores[f"{name}_low"].notna()]
    assert len(rows) > 3000
    assert (rows[f"{name}_low"] <= rows[name]).all()
    assert (rows[name] <= rows[f"{name}_high"]).all()
    assert (rows[f"{name}_sd"] > 0).all()


def test_the_soviet_union_does_not_become_russia(scores: pd.DataFrame) -> None:
    units = scores.set_index(["iso3", "year"])["v2x_polyarchy"]
    assert units.loc[("SUN", 1990)] < units.loc[("RUS", 1992)]
    assert ("RUS", 1990) not in units.index
