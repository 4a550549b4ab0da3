"""Draws of a panel: random numbers by key, quantiles of intervals, and cells that move together."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import stats as reference

import govdata
from govdata import drawing
from govdata.draws import _Chains, _quantile, evidence
from govdata.errors import ArgumentError, UnknownCountryError, UnknownIndicatorError
from govdata.releases import open_release

NAME, VERSION = "digital_surveillance", "1.0.0"
inside = st.floats(min_value=2.0**-53, max_value=1 - 2.0**-53)
number = st.floats(min_value=-1e6, max_value=1e6)


def load(indicators: Any, **options: Any) -> pd.DataFrame:  # noqa: ANN401
    return govdata.load(NAME, VERSION, indicators=indicators, **options)


# ---- random numbers by key ------------------------------------------------------------------------------------------


def philox(key: tuple[int, int], counter: int) -> list[int]:
    """Philox-4x64 in ten rounds, written out from the definition."""
    full = 2**64 - 1
    x, (k0, k1) = [counter, 0, 0, 0], key
    for _ in range(10):
        first, second = 0xD2E7470EE14C6C93 * x[0], 0xCA5A826395121157 * x[2]
        x = [second >> 64 ^ x[1] ^ k0, second & full, first >> 64 ^ x[3] ^ k1, first & full]
        k0, k1 = k0 + 0x9E3779B97F4A7C15 & full, k1 + 0xBB67AE8584CAA73B & full
    return x


def test_the_numbers_are_those_of_the_definition() -> None:
    digest = sha256(b"7\x1fCHN").digest()
    words = (int.from_bytes(digest[:8], "little"), int.from_bytes(digest[8:16], "little"))
    bits = [one for counter in range(1, 26) for one in philox(words, counter)]
    expected = [((one >> 12) + 0.5) / 2**52 for one in bits]
    assert drawing.uniforms(7, ["CHN"], 100)[0].tolist() == expected


def test_the_numbers_stay_the_same() -> None:
    expected = ["0x1.48da7306b73b6p-2", "0x1.cce8e92d07595p-1", "0x1.a8d908ebab82bp-1", "0x1.e16c1af01decbp-1"]
    assert [one.hex() for one in drawing.uniforms(0, ["a"], 4)[0].tolist()] == expected


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**70), st.lists(st.text(max_size=8), max_size=6), st.integers(1, 40), st.integers(1, 40))
def test_a_number_depends_on_its_seed_key_and_place_only(seed: int, keys: list[str], few: int, more: int) -> None:
    found = drawing.uniforms(seed, keys, few + more)
    assert ((found > 0) & (found < 1)).all()
    assert (found[:, :few] == drawing.uniforms(seed, keys, few)).all()
    for row, key in enumerate(keys):
        assert (drawing.uniforms(seed, [key], few + more)[0] == found[row]).all()


def test_keys_and_seeds_give_independent_uniform_numbers() -> None:
    found = drawing.uniforms(0, [str(one) for one in range(400)], 200)
    assert reference.kstest(found.ravel(), "uniform").pvalue > 0.001
    assert abs(np.corrcoef(found[:-1].ravel(), found[1:].ravel())[0, 1]) < 0.015
    other = drawing.uniforms(1, [str(one) for one in range(400)], 200)
    assert abs(np.corrcoef(found.ravel(), other.ravel())[0, 1]) < 0.015


def test_parts_of_a_key_do_not_run_into_each_other() -> None:
    assert drawing.key("a", "bc") != drawing.key("ab", "c")


@pytest.mark.parametrize("wrong", [True, np.True_, 2.0, "200", None, -1, 0, 1, [5], pd.NA, float("nan")])
def test_what_is_no_whole_number_is_refused(wrong: object) -> None:
    with pytest.raises(ArgumentError, match="is not a whole number of at least 2"):
        drawing.whole_number(wrong, "draws", 2)


@pytest.mark.parametrize("right", [7, np.int64(7), np.uint8(7)])
def test_whole_numbers_of_any_library_are_taken(right: object) -> None:
    assert drawing.whole_number(right, "seed", 0) == 7
    assert type(drawing.whole_number(right, "seed", 0)) is int


# ---- quantiles of intervals -----------------------------------------------------------------------------------------


@given(st.lists(inside, min_size=1, max_size=30), st.lists(st.integers(-5, 5), min_size=1, max_size=6))
def test_codes_rise_with_the_number_and_are_among_the_codes(u: list[float], codes: list[int]) -> None:
    found = drawing.from_codes(np.sort(u), codes)
    assert set(found) <= set(codes)
    assert (np.diff(found) >= 0).all()
    assert drawing.from_codes([2.0**-53, 1 - 2.0**-53], codes).tolist() == [min(codes), max(codes)]


@given(st.lists(inside, min_size=1, max_size=20), st.tuples(number, number))
@example([2.0**-53, 1 - 2.0**-53], (0.0, 0.0))
def test_ranges_hold_their_draws(u: list[float], ends: tuple[float, float]) -> None:
    low, high = sorted(ends)
    found = drawing.from_range([np.sort(u)], [low], [high])[0]
    assert ((low <= found) & (found <= high) & (np.diff(found, prepend=low) >= 0)).all()
    whole = drawing.from_whole([np.sort(u)], [np.floor(low)], [np.ceil(high)])[0]
    assert (whole == np.round(whole)).all()
    assert ((np.floor(low) <= whole) & (whole <= np.ceil(high)) & (np.diff(whole, prepend=whole[0]) >= 0)).all()


def test_whole_numbers_are_equally_likely() -> None:
    found = drawing.from_whole(drawing.uniforms(0, ["x"], 6000), 2.5, 5.5)[0]
    values, counts = np.unique(found, return_counts=True)
    assert values.tolist() == [3, 4, 5]
    assert np.abs(counts / 6000 - 1 / 3).max() < 0.03


@settings(deadline=None)
@given(
    st.floats(0.001, 0.999),
    st.floats(-1.5, 2.5),
    st.floats(0.01, 3),
    st.sampled_from([(0.0, 1.0), (-np.inf, 1.0), (0.0, np.inf), (-np.inf, np.inf)]),
)
def test_normal_quantiles_agree_with_scipy(u: float, mean: float, sd: float, ends: tuple[float, float]) -> None:
    least, most = ends
    found = drawing.from_normal([[u]], [mean], [sd], least, most).item()
    a, b = (least - mean) / sd, (most - mean) / sd
    if np.isinf(a) and np.isinf(b):
        assert found == pytest.approx(reference.norm.ppf(u, mean, sd), rel=1e-10, abs=1e-12)
        return
    assert least <= found <= most
    if min(abs(a), abs(b)) < 5:  # further out scipy's own distribution function has few digits left
        assert found == pytest.approx(reference.truncnorm.ppf(u, a, b, mean, sd), rel=1e-7, abs=1e-9)


def test_a_tail_far_from_the_mean_is_exact() -> None:
    # Beyond 40 standard deviations the tail is nearly exponential: quantile of the tail by its own expansion.
    found = drawing.from_normal([[0.5]], [-40.0], [1.0], 0.0, np.inf).item()
    assert reference.norm.logsf(40 + found) - reference.norm.logsf(40) == pytest.approx(np.log(0.5), rel=1e-8)


def test_missing_bounds_and_no_spread() -> None:
    assert np.isnan(drawing.from_range([[0.5], [0.5]], [np.nan, 1.0], [1.0, 1.0])).tolist() == [[True], [False]]
    assert np.isnan(drawing.from_whole([[0.5]], [np.nan], [2.0])).all()
    assert drawing.from_normal([[0.9]], [0.3], [0.0], 0.0, 1.0).tolist() == [[0.3]]
    assert drawing.from_normal([[0.9]], [0.3], [0.0]).tolist() == [[0.3]]
    assert np.isnan(drawing.from_normal([[0.9]], [np.nan], [1.0], 0.0, 1.0)).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: drawing.from_codes([0.5], []), "codes is empty"),
        (lambda: drawing.from_codes([0.5], [np.nan]), "codes is empty or holds"),
        (lambda: drawing.from_range([[0.5]], [2], [1]), "a low bound is above its high one"),
        (lambda: drawing.from_whole([[0.5]], [1.2], [1.8]), "no whole number lies between"),
        (lambda: drawing.from_range([[0.5]], [1, 2], [3, 4]), "do not fit draws of shape"),
        (lambda: drawing.from_normal([[0.5]], [0], [-1]), "a standard deviation is negative"),
        (lambda: drawing.from_normal([[0.5]], [0], [1], 1, 0), "least=1 is not below most=0"),
        (lambda: drawing.uniforms(-1, ["a"], 5), "seed=-1 is not a whole number of at least 0"),
        (lambda: drawing.uniforms(0, ["a"], 0), "draws=0 is not a whole number of at least 1"),
    ],
)
def test_wrong_intervals_are_refused(call: Callable[[], object], message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        call()


# ---- draws of a panel -----------------------------------------------------------------------------------------------


def test_the_form_of_the_frame() -> None:
    asked = ["cctv_public", "dp_law_state", "central_local"]
    plain = load(asked, countries=["CHN", "SWE", "BLR"])
    found = load(asked, countries=["CHN", "SWE", "BLR"], draws=3, seed=5)
    values = ["cctv_public", "cctv_public_sub", "dp_law_state", "central_local"]
    assert list(found) == ["iso3", "country_name", "year", "draw", *values]
    assert found["draw"].dtype == np.int64
    assert found["year"].dtype == np.int64
    assert found["cctv_public"].dtype == np.float64
    assert found.attrs == plain.attrs | {"draws": 3, "seed": 5, "draw_rule": "uniform"}
    assert {type(one) for one in found.attrs.values()} == {str, int}
    keys = ["iso3", "country_name", "year"]
    for number_of, block in found.groupby("draw"):
        assert block[keys].reset_index(drop=True).equals(plain[keys]), number_of
    assert found["draw"].tolist() == np.repeat([1, 2, 3], len(plain)).tolist()
    assert found.index.equals(pd.RangeIndex(len(found)))


@pytest.mark.parametrize("rule", ["uniform", "claimed"])
def test_certain_cells_stay_open_ones_move_within_their_bounds(rule: str) -> None:
    asked = ["cctv_public", "fr_police_any", "scheme_legal_basis", "eff_market", "cctv_cameras_public", "ai_safe_city"]
    plain = load(asked)
    found = load(asked, draws=8, draw_rule=rule)
    for column in found.columns[4:]:
        cells = found[column].to_numpy().reshape(8, len(plain))
        value = plain[column].to_numpy()
        if f"{column}_low" not in plain:
            assert (np.isnan(cells) == np.isnan(value)).all()
            assert ((cells == value) | np.isnan(value)).all()
            continue
        low, high = plain[f"{column}_low"].to_numpy(), plain[f"{column}_high"].to_numpy()
        bounded = ~np.isnan(low)
        assert np.isnan(cells[:, ~bounded]).all() == np.isnan(value[~bounded]).all()
        assert ((cells[:, bounded] >= low[bounded]) & (cells[:, bounded] <= high[bounded])).all()
        certain = low == high
        assert (cells[:, certain] == low[certain]).all()
        if column != "cctv_cameras_public":
            assert (cells[:, bounded] == np.round(cells[:, bounded])).all()
    still = plain["cctv_public"].isna() & plain["cctv_public_low"].isna()
    assert np.isnan(found["cctv_public"].to_numpy().reshape(8, -1)[:, still]).all()


FULL = {"indicators": ["cctv_public", "fr_police", "fr_police_any", "firm_data_access"], "draws": 12, "seed": 3}


@settings(max_examples=12, deadline=None)
@given(
    st.lists(st.sampled_from(["CHN", "BLR", "ARE", "USA", "IND"]), min_size=1, max_size=3, unique=True),
    st.lists(st.integers(2000, 2025), min_size=1, max_size=4, unique=True),
    st.lists(st.sampled_from(FULL["indicators"]), min_size=1, max_size=2, unique=True),  # type: ignore[arg-type]
    st.integers(2, 12),
    st.sampled_from(["uniform", "claimed"]),
)
def test_a_part_of_the_draws_is_part_of_all_draws(
    countries: list[str], years: list[int], indicators: list[str], draws: int, rule: str
) -> None:
    every = load(**FULL, draw_rule=rule)
    part = load(indicators, countries=countries, years=years, draws=draws, seed=3, draw_rule=rule)
    same = every[every["iso3"].isin(countries) & every["year"].isin(years) & (every["draw"] <= draws)]
    pd.testing.assert_frame_equal(part, same[part.columns].reset_index(drop=True), check_exact=True)


def test_a_spell_moves_together() -> None:
    found = load("firm_data_access", countries="CHN", draws=300, seed=1)
    wide = found.set_index(["draw", "year"])["firm_data_access"].unstack()  # noqa: PD010
    assert (wide[2000] == 2).all()
    first, second = wide.loc[:, 2006:2015], wide.loc[:, 2016:2025]  # [2, 3], then [2, 4], on one more claim
    assert (first.max(axis=1) == first.min(axis=1)).all()
    assert (second.max(axis=1) == second.min(axis=1)).all()
    assert (second[2016] >= first[2006]).all()
    assert (second[2016][first[2006] == 2].isin([2, 3])).all()
    assert set(wide[2006]) == {2, 3}
    assert set(wide[2016]) == {2, 3, 4}


def test_presence_follows_the_level_in_each_draw() -> None:
    seen = 0
    for rule in ("uniform", "claimed"):
        for level in ("fr_police", "sim_realname", "predictive_policing", "sm_monitoring"):
            plain = load([level, f"{level}_any"])
            found = load([level, f"{level}_any"], draws=20, draw_rule=rule)
            for end in ("", "_sub"):
                base = plain[f"{level}{end}_low"] < plain[f"{level}{end}_high"]
                both = (plain[f"{level}_any{end}_low"] < plain[f"{level}_any{end}_high"]) & base
                seen += int(both.sum())
                rows = np.tile(both.to_numpy(), 20)
                cells = found[rows]
                assert ((cells[f"{level}{end}"] > 0) == (cells[f"{level}_any{end}"] == 1)).all()
    assert seen > 100
    # Where the level is certain and presence is not, presence is drawn by itself.
    plain = load(["sim_realname", "sim_realname_any"])
    alone = (plain["sim_realname_any_low"] < plain["sim_realname_any_high"]) & (plain["sim_realname_high"] == 0)
    assert alone.any()
    found = load("sim_realname_any", draws=200)
    shares = found["sim_realname_any"].to_numpy().reshape(200, -1)[:, alone].mean(axis=0)
    assert ((shares > 0.4) & (shares < 0.6)).all()


def test_presence_alone_is_drawn_as_beside_its_level() -> None:
    alone = load("fr_police_any", draws=5)
    beside = load(["fr_police", "fr_police_any"], draws=5)
    pd.testing.assert_series_equal(alone["fr_police_any"], beside["fr_police_any"])


def shares(column: str, country: str, year: int, **options: Any) -> dict[float, float]:  # noqa: ANN401
    found = load(column, countries=country, years=year, draws=4000, **options)[column]
    return found.value_counts(normalize=True).sort_index().to_dict()


def test_codes_are_equally_likely() -> None:
    found = shares("person_profile_sub", "ARE", 2018)  # one contested claim of level 3
    assert list(found) == [0, 1, 2, 3]
    assert max(abs(share - 1 / 4) for share in found.values()) < 0.03
    named = shares("person_profile_sub", "ARE", 2018, draw_rule="claimed")
    assert list(named) == [0, 3]
    assert max(abs(share - 1 / 2) for share in named.values()) < 0.03


def test_claimed_spreads_an_interval_over_its_codes() -> None:
    named = shares("function_creep", "AFG", 2022, draw_rule="claimed")  # a contested claim of 2 to 4
    assert list(named) == [0, 2, 3, 4]
    assert max(abs(share - 1 / 4) for share in named.values()) < 0.03
    assert list(shares("cctv_public", "BLR", 2022, draw_rule="claimed")) == [1, 2, 3, 4]


def test_contested_values_are_drawn_with_their_alternatives() -> None:
    plain = load("shutdown_documented", countries="ARM", years=2022)
    assert plain[
        ["shutdown_documented", "shutdown_documented_low", "shutdown_documented_high"]
    ].to_numpy().tolist() == [[0, 0, 1]]
    found = shares("shutdown_documented", "ARM", 2022)
    assert list(found) == [0, 1]


def test_a_written_decision_is_drawn_by_its_bounds_whatever_the_rule() -> None:
    for year, codes in ((2010, [2, 3]), (2018, [2, 3, 4])):
        assert list(shares("firm_data_access", "CHN", year, draw_rule="claimed")) == codes


def test_rules_and_seeds_use_the_same_and_other_numbers() -> None:
    column = "firm_data_access"
    one, two = (load(column, countries="CHN", draws=50, draw_rule=rule)[column] for rule in ("uniform", "claimed"))
    assert one.equals(two)
    assert not one.equals(load(column, countries="CHN", draws=50, seed=1)[column])


def test_drawn_values_stay_the_same() -> None:
    found = load("firm_data_access", countries="CHN", years=2018, draws=12, seed=1)["firm_data_access"]
    assert found.tolist() == [3, 4, 2, 3, 2, 2, 4, 2, 4, 3, 2, 2]
    scores = govdata.load("expert_scores", "1.0.0", "CHN", 2018, "v2x_polyarchy", draws=3)["v2x_polyarchy"]
    assert scores.tolist() == pytest.approx([0.07658727765775082, 0.08368140209050391, 0.08355911414104655], rel=1e-10)


def test_numbers_without_codes() -> None:
    cameras = next(one for one in open_release(NAME, VERSION).indicators if one.id == "cctv_cameras_public")
    u = drawing.uniforms(0, ["x"], 4000)
    free = _quantile(u, cameras, 10.0, 20.0, ())
    assert reference.kstest(free.ravel(), "uniform", args=(10, 10)).pvalue > 0.001
    named = _quantile(u, cameras, 10.0, 20.0, ((10.0, 10.0), (15.0, 20.0), (30.0, 30.0)))
    assert abs((named == 10).mean() - 0.5) < 0.03
    assert named[named != 10].min() >= 15
    assert reference.kstest(named[named != 10], "uniform", args=(15, 5)).pvalue > 0.001


def test_chains_join_whatever_the_order() -> None:
    sets = [["A-2", "A-10"], ["A-10", "A-9"], ["B-1"], ["A-30"]]
    for order in (sets, sets[::-1]):
        chains = _Chains()
        for one in order:
            chains.join(one)
        assert [chains.first(one) for one in ("A-2", "A-9", "A-10", "B-1", "A-30")] == ["A-2"] * 3 + ["B-1", "A-30"]


def test_every_open_cell_has_its_evidence() -> None:
    for version in govdata.versions(NAME):
        release = open_release(NAME, version)
        values = govdata.table(NAME, "values", version)
        assert len(evidence(release)) == (values["low"] != values["high"]).sum()
        units = {one.key.partition("-")[0] for one in evidence(release).values()}
        assert units <= set(values["iso3"])  # every key is a claim
        assert all(cell[0] == one.key[:3] for cell, one in evidence(release).items())


def test_scores_are_normal_and_independent_by_year() -> None:
    plain = govdata.load("expert_scores", "1.0.0", "CHN", (2010, 2011, 2021), "v2smgovsmmon")
    found = govdata.load("expert_scores", "1.0.0", "CHN", (2010, 2011, 2021), "v2smgovsmmon", draws=4000)
    wide = found.set_index(["draw", "year"])["v2smgovsmmon"].unstack()  # noqa: PD010
    for place, year in enumerate((2010, 2011)):
        value, sd = plain.loc[place, ["v2smgovsmmon", "v2smgovsmmon_sd"]]
        assert reference.kstest(wide[year], "norm", args=(value, sd)).pvalue > 0.001
    assert abs(wide[2010].corr(wide[2011])) < 0.06
    assert (wide[2021] == plain.loc[2, "v2smgovsmmon"]).all()  # released without a standard deviation


def test_indices_stay_within_their_range() -> None:
    plain = govdata.load("expert_scores", "1.0.0", indicators="v2x_libdem", years=range(2000, 2010))
    found = govdata.load("expert_scores", "1.0.0", indicators="v2x_libdem", years=range(2000, 2010), draws=50)
    assert found["v2x_libdem"].between(0, 1).sum() == found["v2x_libdem"].notna().sum() > 0
    kept = found["v2x_libdem"].groupby([found["iso3"], found["year"]]).std(ddof=0)
    plain = plain.set_index(["iso3", "year"]).dropna(subset=["v2x_libdem"])
    assert (kept / plain["v2x_libdem_sd"]).median() == pytest.approx(1, abs=0.05)


def test_columns_without_uncertainty_are_repeated() -> None:
    found = govdata.load("covariates", indicators=["population", "voice_accountability"], countries="CHN", draws=3)
    assert list(found.columns[4:]) == ["population", "voice_accountability"]
    population = found["population"].to_numpy().reshape(3, -1)
    assert np.array_equal(population, np.tile(population[0], (3, 1)), equal_nan=True)
    assert "source_version" not in govdata.load("expert_scores", indicators="regime_row", countries="CHN", draws=2)


def test_no_row_gives_no_row() -> None:
    assert load("cctv_public", countries="SSD", years=2005, draws=3).empty


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"draws": 1}, "draws=1 is not a whole number of at least 2"),
        ({"draws": 0}, "draws=0 is not a whole number of at least 2"),
        ({"draws": True}, "draws=True is not a whole number"),
        ({"draws": 20.0}, "draws=20.0 is not a whole number"),
        ({"draws": "200"}, "draws='200' is not a whole number"),
        ({"draws": 5, "seed": -1}, "seed=-1 is not a whole number of at least 0"),
        ({"draws": 5, "seed": 1.0}, "seed=1.0 is not a whole number"),
        ({"draws": 5, "seed": None}, "seed=None is not a whole number"),
        ({"draws": 5, "seed": False}, "seed=False is not a whole number"),
        (
            {"draws": 5, "draw_rule": "clamed"},
            "draw_rule='clamed' is not 'uniform' or 'claimed'; did you mean 'claimed'",
        ),
        ({"draws": 5, "draw_rule": None}, "draw_rule=None is not 'uniform' or 'claimed'"),
        ({"draws": 5, "missing": "reason"}, "missing='reason' does not go with draws: a reason belongs to the panel"),
        ({"draws": 5, "missing": "drop"}, r"missing='drop' does not go with draws: .* \.dropna"),
        (
            {"draws": 5, "indicators": None},
            r"draws needs indicators: all \d+ columns x 5 draws of \d+ rows take \d+ MB",
        ),
        ({"draws": 5, "indicators": "cctv_public_low"}, "'cctv_public_low' is a companion .* itself: 'cctv_public'"),
        ({"draws": 10**7}, "10000000 draws of .* rows and 2 columns take .* GB; ask for fewer"),
        ({"seed": 4}, "seed and draw_rule say how to draw; say also how often: draws=200"),
        ({"draw_rule": "claimed"}, "seed and draw_rule say how to draw; say also how often"),
    ],
)
def test_wrong_arguments_are_refused_in_one_line(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError, match=message) as caught:
        govdata.load(NAME, VERSION, **({"indicators": "cctv_public"} | options))
    assert "\n" not in str(caught.value)


def test_other_mistakes_have_their_usual_message() -> None:
    with pytest.raises(UnknownCountryError, match="did you mean 'CHN'"):
        load("cctv_public", countries="China", draws=5)
    with pytest.raises(UnknownIndicatorError, match="did you mean 'cctv_public'"):
        load("cctv_publik", draws=5)
    with pytest.raises(ArgumentError, match="countries is the register of units: nothing in it is drawn"):
        govdata.load("countries", indicators="un_member", draws=5)


def test_a_merge_keeps_saying_how_was_drawn() -> None:
    draws = govdata.load("digital_surveillance", years=2018, indicators="shutdown_documented", draws=2, seed=5)
    scores = govdata.load("expert_scores", years=2018, indicators="v2x_polyarchy")
    merged = govdata.merge(draws, scores).frame
    kept = {name: merged.attrs[name] for name in ("draws", "seed", "draw_rule")}
    assert kept == {"draws": 2, "seed": 5, "draw_rule": "uniform"}
