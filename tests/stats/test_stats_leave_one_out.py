"""Leaving out each group gives what fitting again without it gives; and so does the jackknife."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govdata import stats
from govdata.errors import ArgumentError, EstimationError
from govdata.stats.covariance import SeType, TwoWay
from govdata.stats.crossproducts import CrossProducts
from govdata.stats.estimating import Singletons
from govdata.stats.jackknifing import Jackknife, jackknife
from govdata.stats.leave_one_out import LeaveOneOut, leave_one_out

NUMBERS = ["estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high"]


def panel(units: int = 9, times: int = 7, *, seed: int = 0, share: float = 1.0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"iso3": np.repeat([f"U{i:02}" for i in range(units)], times)})
    frame["year"] = np.tile(np.arange(2000, 2000 + times), units)
    frame["region"] = [f"R{int(name[1:]) % 4}" for name in frame["iso3"]]
    frame["wave"] = rng.integers(0, 3, len(frame))
    frame["x"] = rng.normal(size=len(frame))
    frame["z"] = 1e3 + rng.normal(size=len(frame))
    frame["y"] = frame["x"] + rng.normal(size=len(frame)) * (1 + frame["x"] ** 2)
    frame["b"] = (frame["y"] > 0).astype(int)
    return frame[rng.random(len(frame)) <= share].sample(frac=1, random_state=seed).reset_index(drop=True)


def agrees(found: LeaveOneOut, model: stats.PanelResults, refits: dict[Any, stats.PanelResults]) -> None:
    table = found.table.set_index(["left_out", "term"])
    for group, refit in refits.items():
        own, wanted = table.loc[group], refit.tidy().set_index("term")
        assert (own["nobs"] == refit.nobs).all()
        left = own.loc[wanted.index, NUMBERS].to_numpy(float)
        scale = np.maximum(np.abs(wanted[NUMBERS].to_numpy()), 1e-2 * wanted[["std_error"]].to_numpy())
        assert np.all(np.abs(left - wanted[NUMBERS].to_numpy()) <= 1e-10 * scale), (group, left, wanted)
    np.testing.assert_allclose(
        table["change"].to_numpy(), (found.estimates - model.params).to_numpy().ravel(), rtol=0, atol=1e-12
    )


def without(model: stats.PanelResults, found: LeaveOneOut) -> dict[Any, stats.PanelResults]:
    """Fit again without each group; where that is refused, so are the numbers."""
    data, fits = model.data, {}
    for group in found.left_out:
        try:
            fits[group] = model.again(data[data[found.by] != group])
        except EstimationError:
            own = found.table[found.table["left_out"] == group]
            assert own["std_error"].isna().all()
            assert (own["reason"] != "").all()
    return fits


@pytest.mark.parametrize("effects", ["", " - 1", " | year", " | iso3 + year", " | iso3 + year + wave"])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"df": "full"},
        {"df": "none"},
        {"se": "iid"},
        {"se": "HC1"},
        {"se": "CR0", "cluster": "region"},
    ],
)
def test_linear_models_agree_with_refits(effects: str, options: dict[str, Any]) -> None:
    for by in ("iso3", "year"):
        model = stats.ols(f"y ~ x + z{effects}", panel(7, 6, share=0.8), **options)
        found = leave_one_out(model, by)
        agrees(found, model, without(model, found))


@pytest.mark.parametrize("effects", [" | iso3", " | iso3 + year"])
@pytest.mark.parametrize("rule", ["min", "conventional"])
def test_two_way_clusters_agree_with_refits(effects: str, rule: TwoWay) -> None:
    model = stats.ols(f"y ~ x + z{effects}", panel(12, 9), cluster=["iso3", "year"], twoway=rule)
    found = leave_one_out(model, "region")
    agrees(found, model, without(model, found))


@settings(max_examples=8, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    share=st.floats(0.3, 1.0),
    by=st.sampled_from(["iso3", "year", "region", "wave"]),
    cluster=st.sampled_from(["iso3", "year", "region"]),
)
def test_sparse_panels_agree_with_refits(seed: int, share: float, by: str, cluster: str) -> None:
    frame = panel(8, 6, seed=seed, share=share)
    try:
        model = stats.ols("y ~ x | iso3 + year", frame, cluster=cluster)
    except EstimationError:
        return
    found = leave_one_out(model, by)
    agrees(found, model, without(model, found))


@pytest.mark.parametrize("rule", ["keep", "drop"])
@pytest.mark.parametrize("by", ["iso3", "year"])
def test_parameters_are_counted_anew_in_panels_that_fall_apart(rule: Singletons, by: str) -> None:
    # Without U00, units 1-2 and 3-4 share no year; 2009 is seen in U00 alone, and 2003 in U00 and U01.
    rows = [("U00", t) for t in (2000, 2001, 2003, 2005, 2009)]
    rows += [(u, t) for u in ("U01", "U02") for t in (2000, 2001, 2002)] + [("U01", 2003)]
    rows += [(u, t) for u in ("U03", "U04") for t in (2004, 2005, 2006, 2007)]
    frame = pd.DataFrame(rows, columns=["iso3", "year"])
    rng = np.random.default_rng(3)
    frame["x"], frame["y"] = rng.normal(size=(2, len(frame)))
    for options in ({"df": "nested"}, {"df": "full"}, {"se": "iid"}, {"cluster": "year"}):
        model = stats.ols("y ~ x | iso3 + year", frame, singletons=rule, **options)
        found = leave_one_out(model, by)
        agrees(found, model, without(model, found))


@pytest.mark.parametrize("se", ["CR2", "CV3", "DK", "PCSE"])
def test_other_conventions_are_fitted_again(se: SeType) -> None:
    model = stats.ols("y ~ x | iso3", panel(6, 8), se=se)
    found = leave_one_out(model, "iso3")
    agrees(found, model, without(model, found))


def test_other_estimators_are_fitted_again() -> None:
    frame = panel(8, 12)
    for model in (stats.binary("b ~ x", frame), stats.random_effects("y ~ x", frame), stats.between("y ~ x", frame)):
        found = leave_one_out(model)
        agrees(found, model, without(model, found))


@pytest.mark.parametrize(
    ("formula", "by_hand"),
    [("y ~ lag(y, 1) + x", "y ~ y1 + x"), ("diff(y) ~ lag(x, 1)", "dy ~ x1"), ("y ~ lag(x, 2) + z | iso3",) * 2],
)
@pytest.mark.parametrize("se", ["CRV1", "CR2"])
def test_leaving_out_a_year_changes_no_lag(formula: str, by_hand: str, se: SeType) -> None:
    frame = panel(8, 9, share=0.9)
    found = leave_one_out(stats.ols(formula, frame, se=se), "time")
    frame["y1"], frame["x1"], frame["x2"] = stats.lag(frame, "y"), stats.lag(frame, "x"), stats.lag(frame, "x", 2)
    frame["dy"] = stats.diff(frame, "y")
    table = found.table.set_index("left_out")
    for year in found.left_out:
        refit = stats.ols(by_hand.replace("lag(x, 2)", "x2"), frame[frame["year"] != year], se=se)
        own = table.loc[[year], NUMBERS].to_numpy(float)
        np.testing.assert_allclose(own, refit.tidy()[NUMBERS].to_numpy(), rtol=1e-9, atol=1e-11)


def test_a_logit_with_a_lagged_response_keeps_its_lags() -> None:
    frame = panel(12, 10)
    model = stats.binary("b ~ lag(b, 1) + x", frame)
    frame["before"] = stats.lag(frame, "b")
    found = leave_one_out(model, "year").table.set_index("left_out")
    by_hand = stats.binary("b ~ before + x", frame[frame["year"] != 2004])
    np.testing.assert_allclose(found.loc[[2004], "estimate"], by_hand.params, rtol=1e-8)


@pytest.mark.parametrize("se", ["CRV1", "CR2"])
def test_what_a_group_alone_determines_is_missing_with_its_reason(se: SeType) -> None:
    frame = panel(8, 6)
    frame["only"] = np.where(frame["iso3"] == "U03", frame["x"] ** 2, 0.0)
    model = stats.ols("y ~ x + only | iso3", frame, se="iid" if se == "CRV1" else se, cluster=None)
    table = leave_one_out(model).table.set_index(["left_out", "term"])
    gone = table.loc["U03", :].loc["only"]
    assert np.isnan(gone["estimate"])
    assert gone["reason"] == "not determined without iso3 U03"
    refit = stats.ols("y ~ x | iso3", frame[frame["iso3"] != "U03"], se="iid" if se == "CRV1" else se)
    assert table.loc[("U03", "x"), "std_error"] == pytest.approx(refit.bse["x"], rel=1e-9)
    assert not table.drop(("U03", "only"))["estimate"].isna().any()


@pytest.mark.parametrize("apart", [1e-4, 1e-6, 1e-8])
def test_nearly_collinear_columns_lose_no_digits(apart: float) -> None:
    frame = panel(9, 8, share=0.9)
    frame["w"] = frame["x"] + apart * np.random.default_rng(1).normal(size=len(frame))
    frame["big"] = 1e7 * frame["z"]
    model = stats.ols("y ~ x + w + big | iso3", frame)
    found = leave_one_out(model)
    for group, refit in without(model, found).items():
        own = found.table.set_index("left_out").loc[group]
        np.testing.assert_allclose(own["estimate"], refit.params, rtol=1e-9, atol=1e-10 * refit.bse.min())
        np.testing.assert_allclose(own["std_error"], refit.bse, rtol=1e-9)


@pytest.mark.parametrize("se", ["HC1", "HC3"])
def test_without_the_category_of_reference_the_others_have_no_meaning(se: SeType) -> None:
    frame = panel(8, 6)
    model = stats.ols("y ~ x + C(region)", frame, se=se)
    table = leave_one_out(model, "region").table.set_index(["left_out", "term"])
    missing = table["estimate"].isna()
    terms = ["Intercept", "C(region)[R1]", "C(region)[R2]", "C(region)[R3]"]
    assert [term for (group, term), gone in missing.items() if gone and group == "R0"] == terms
    assert [term for (group, term), gone in missing.items() if gone and group == "R2"] == ["C(region)[R2]"]
    refit = model.again(frame[frame["region"] != "R0"])
    assert table.loc[("R0", "x"), "std_error"] == pytest.approx(refit.bse["x"], rel=1e-9)


def test_the_category_of_reference_matters_in_a_logit_too() -> None:
    model = stats.binary("b ~ x + C(region)", panel(12, 10))
    table = leave_one_out(model, "region").table.set_index(["left_out", "term"])
    assert table.loc["R0"]["estimate"].notna().to_dict() == {
        "Intercept": False,
        "x": True,
        "C(region)[R1]": False,
        "C(region)[R2]": False,
        "C(region)[R3]": False,
    }


def test_two_clusters_leave_one_and_no_standard_error() -> None:
    table = leave_one_out(stats.ols("y ~ x | iso3", panel(2, 9))).table
    assert table["estimate"].notna().all()
    assert table["std_error"].isna().all()
    assert table["reason"].str.contains("one level").all()


def test_order_of_rows_and_type_of_keys_change_nothing() -> None:
    frame = panel(7, 6)
    wanted = leave_one_out(stats.ols("y ~ x | iso3 + year", frame))
    other = frame.sample(frac=1, random_state=8).assign(iso3=lambda f: f["iso3"].astype("category"))
    found = leave_one_out(stats.ols("y ~ x | iso3 + year", other))
    assert found.left_out == wanted.left_out
    np.testing.assert_array_equal(found.numbers, wanted.numbers)


def test_rows_outside_every_group_stay() -> None:
    frame = panel(8, 6)
    frame.loc[frame["iso3"] == "U01", "region"] = None
    model = stats.ols("y ~ x | iso3", frame)
    found = leave_one_out(model, "region")
    refit = model.again(frame[frame["region"] != "R2"])
    own = found.table.set_index("left_out").loc["R2"]
    assert own["std_error"] == pytest.approx(refit.bse["x"], rel=1e-10)
    assert found.notes[0] == "6 observations have no region and stay in every sample"


def test_sums_of_products_know_the_same() -> None:
    model = stats.ols("y ~ x + z | iso3 + year", panel(share=0.9))
    wanted, found = leave_one_out(model), leave_one_out(CrossProducts.of(model))
    np.testing.assert_allclose(found.numbers, wanted.numbers, rtol=1e-9)
    np.testing.assert_allclose(found.shares, wanted.shares, rtol=1e-9)
    np.testing.assert_array_equal(found.nobs, wanted.nobs)
    left, right = jackknife(CrossProducts.of(model)), jackknife(model)
    np.testing.assert_allclose(left.std_errors(), right.std_errors(), rtol=1e-9)
    with pytest.raises(EstimationError, match="by 'iso3', not 'year'"):
        leave_one_out(CrossProducts.of(model), "year")


def test_influence_changes_and_extremes_are_read_off_the_table() -> None:
    frame = panel(10, 8)
    frame.loc[frame["iso3"] == "U04", "y"] += 8 * frame["x"]
    found = leave_one_out(stats.ols("y ~ x + z | iso3 + year", frame))
    np.testing.assert_allclose(found.shares.sum(axis=0), 1.0, rtol=1e-12)
    top = found.most_influential("x").iloc[0]
    assert top["left_out"] == "U04"
    assert top["share"] > 0.5
    assert top["scaled_change"] == pytest.approx(top["change"] / found.full["std_error"][0])
    extremes = found.extremes().set_index("term").loc["x"]
    assert extremes["smallest"] == found.estimates["x"].min()
    assert extremes["smallest_without"] == "U04"
    changed = found.changes()
    assert (changed["sign_changes"] | changed["significance_changes"]).all()
    assert len(found) == 10
    text = found.summary()
    assert "CRV1 clustered by iso3 (10)" in text
    assert max(map(len, text.split("\n"))) <= 100


@pytest.mark.parametrize("effects", ["", " | iso3", " | iso3 + year"])
@pytest.mark.parametrize("by", ["iso3", "year", "wave"])
def test_jackknife_of_linear_models_is_cv3(effects: str, by: str) -> None:
    model = stats.ols(f"y ~ x + z{effects}", panel(share=0.8))
    found = jackknife(model, by)
    for centre, se in (("estimate", "CV3"), ("mean", "CV3J")):
        wanted = model.with_se(se, cluster=by).tidy()
        pd.testing.assert_frame_equal(found.tidy(centre=centre)[wanted.columns], wanted, rtol=1e-10)


def test_jackknife_of_a_logit_and_its_bias() -> None:
    frame = panel(8, 10)
    model = stats.binary("b ~ x", frame)
    each = np.array([model.again(frame[frame["iso3"] != name]).params for name in sorted(frame["iso3"].unique())])
    found = jackknife(model)
    np.testing.assert_allclose(found.bias, 7 * (each.mean(axis=0) - model.params), rtol=1e-8)
    np.testing.assert_allclose(
        found.std_errors(), np.sqrt(7 / 8 * ((each - model.params.to_numpy()) ** 2).sum(axis=0)), rtol=1e-9
    )
    assert found.df == 7
    assert "jackknife by iso3 (8)" in found.summary()


def test_no_jackknife_of_what_a_group_alone_determines() -> None:
    frame = panel(8, 6)
    frame["only"] = np.where(frame["iso3"] == "U03", frame["x"] ** 2, 0.0)
    found = jackknife(stats.ols("y ~ x + only | iso3", frame, se="iid"))
    assert np.isnan(found.std_errors()[1])
    assert found.notes[0] == "no jackknife of only: without U03, not determined without iso3 U03"


@pytest.mark.parametrize("function", [leave_one_out, jackknife])
def test_mistakes_are_answered_in_one_line(function: Callable[..., LeaveOneOut | Jackknife]) -> None:
    model = stats.ols("y ~ x | iso3", panel(5, 5).assign(one=1))
    assert function(model, "country").by == "iso3"
    with pytest.raises(EstimationError, match="no column 'regin'; did you mean 'region'"):
        function(model, "regin")
    with pytest.raises(EstimationError, match="by is 'unit', 'time' or the name of a column, not 3"):
        function(model, 3)
    with pytest.raises(EstimationError, match="'one' holds one group"):
        function(model, "one")
    with pytest.raises(ArgumentError, match="the first argument is a fitted model"):
        function(panel())
    with pytest.raises(EstimationError, match="knows no time"):
        function(stats.ols("y ~ x", panel(), panel=False), "time")


def test_levels_and_terms_that_do_not_exist_are_refused() -> None:
    found = leave_one_out(stats.ols("y ~ x | iso3", panel(5, 5)))
    with pytest.raises(EstimationError, match="no coefficient 'xx'"):
        found.most_influential("xx")
    with pytest.raises(EstimationError, match="level is a number between 0 and 1"):
        leave_one_out(stats.ols("y ~ x | iso3", panel(5, 5)), level=95)


def test_sums_of_products_answer_mistakes_in_one_line() -> None:
    products = CrossProducts.of(stats.ols("y ~ x | iso3", panel(5, 5)), "country")
    assert products.cluster == "iso3"
    for by in (panel(), np.array(["iso3", "x"]), ["iso3"], None):
        for function in (leave_one_out, jackknife):
            with pytest.raises(EstimationError, match="these sums of products are by 'iso3', not"):
                function(products, by)  # type: ignore[operator]
            with pytest.raises(EstimationError, match="these sums of products are by 'iso3', not"):
                function(products.fit(), by)  # type: ignore[operator]


def test_long_names_stay_apart_and_pages_stay_narrow() -> None:
    names = [f"a_variable_with_quite_a_long_name_{j}" for j in range(3)]
    frame = panel(6, 8)
    for j, name in enumerate(names):
        frame[name] = np.random.default_rng(j).normal(size=len(frame))
    model = stats.ols(f"y ~ {' + '.join(names)} | iso3 + year", frame)
    for text in (str(leave_one_out(model)), str(jackknife(model)), str(CrossProducts.of(model).fit("CRV1"))):
        assert max(map(len, text.splitlines())) <= 100
    for text in (str(leave_one_out(model)), str(jackknife(model))):
        assert len({line.split()[0] for line in text.splitlines() if line.startswith("a_")}) == 3


@pytest.mark.parametrize("cells", [1, 300, 2_000])
def test_variances_do_not_depend_on_how_the_work_is_cut(cells: int, monkeypatch: pytest.MonkeyPatch) -> None:
    model = stats.ols("y ~ x + z | iso3 + year", panel(41, 5, share=0.9))
    wanted = leave_one_out(model).numbers
    for name, value in {"MOST_CELLS": cells, "PRODUCT": cells, "LEAST": 3, "LONG": 0}.items():
        monkeypatch.setattr(f"govdata.stats.crossproducts.leaving.{name}", value)
    np.testing.assert_allclose(leave_one_out(model).numbers, wanted, rtol=1e-11)


def test_the_summary_of_few_units_says_what_each_of_them_moves() -> None:
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"iso3": np.repeat(list("ABCDEFG"), 6), "year": np.tile(range(2000, 2006), 7)})
    frame["x"] = rng.normal(size=42)
    frame["y"] = frame["x"] + rng.normal(size=42)
    model = stats.ols("y ~ x | iso3 + year", frame)
    row = leave_one_out(model).extremes().iloc[0]
    lines = model.summary().splitlines()
    assert lines[-2] == "Leaving one iso3 out"
    assert lines[-1] == (
        f"x {row['smallest']:.6g} (without {row['smallest_without']}) to {row['largest']:.6g} "
        f"(without {row['largest_without']})"
    )
    again = stats.ols("y ~ x", frame[frame["iso3"] != row["smallest_without"]])
    assert "Leaving" in again.summary()
    assert "Leaving" not in stats.random_effects("y ~ x", frame).summary()
