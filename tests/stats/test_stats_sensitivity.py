"""Sensitivity to an omitted variable."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t as student

from govdata import stats
from govdata.errors import ArgumentError, EstimationError, GovdataError
from govdata.stats.sensitivity import _robustness, sensitivity

REFERENCE = Path(__file__).parents[1] / "reference"
TOLERANCE = 1e-8
KEYS = {"unit": "firm", "time": "year"}
ONE = "inv ~ value + capital + trend + noise | firm"
CASES: dict[str, tuple[str, str, Any, dict[str, Any]]] = {
    "oneway": (ONE, "value", ["capital", "trend"], {}),
    "oneway_half": (ONE, "value", "trend", {"kd": [0.5, 1], "ky": [1, 2], "q": 0.5, "alpha": 0.1}),
    "negative": (ONE.replace("inv", "minus"), "value", "trend", {"kd": 1}),
    "twoway": ("inv ~ capital + value + noise | firm + year", "capital", ["value", "noise"], {"kd": (1, 2)}),
    "pooled_groups": (
        "inv ~ value + capital + trend + C(bloc)",
        "value",
        ["C(bloc)", ["capital", "trend"]],
        {"kd": [0.5, 0.25]},
    ),
    "weak": (ONE, "noise", "trend", {"kd": 1}),
}


@pytest.fixture(scope="module")
def certified() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((REFERENCE / "dynamics" / "sensitivity.json").read_text("utf-8"))
    return found


@pytest.fixture(scope="module")
def grunfeld() -> pd.DataFrame:
    data = pd.read_csv(REFERENCE / "grunfeld.csv")
    data["trend"] = data["year"] - 1935
    data["noise"] = (data["firm"] * 37 + data["year"] * 101) % 17
    data["bloc"] = data["firm"] % 3
    data["minus"] = -data["inv"]
    return data


def simulate(seed: int = 0, n: int = 120) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    data = pd.DataFrame(rng.normal(size=(n, 4)), columns=["w", "v", "d", "e"])
    data["iso3"], data["year"] = np.arange(n) // 10, 2000 + np.arange(n) % 10
    data["x"] = 0.4 * data["w"] - 0.2 * data["v"] + data["d"]
    data["y"] = 0.3 * data["x"] + 0.5 * data["w"] + 0.3 * data["v"] + data["e"]
    return data


@pytest.mark.parametrize("case", CASES)
def test_agrees_with_sensemakr(certified: dict[str, Any], grunfeld: pd.DataFrame, case: str) -> None:
    formula, x, benchmark, options = CASES[case]
    expected = certified[case]
    found = sensitivity(stats.ols(formula, grunfeld, **KEYS), x, benchmark, **options)
    assert found.df == expected["df"]
    for name in ("estimate", "std_error", "partial_r2", "rv_q", "rv_qa"):
        assert getattr(found, name) == pytest.approx(expected[name], rel=TOLERANCE, abs=1e-15)
    bounds = expected["bounds"]
    for name in ("r2dz_x", "r2yz_dx", "estimate"):
        np.testing.assert_allclose(found.bounds[name], np.atleast_1d(bounds[name]), rtol=TOLERANCE)
    possible = np.atleast_1d(bounds["r2yz_dx"]) < 1
    for name in ("std_error", "statistic", "conf_low", "conf_high"):
        values = np.atleast_1d(np.array(bounds[name], dtype=object))[possible].astype(float)
        np.testing.assert_allclose(found.bounds[name][possible], values, rtol=TOLERANCE)
        assert found.bounds[name][~possible].isna().all()
    assert any("set to 1" in note for note in found.notes) == (not possible.all())


def test_robustness_value_where_equal_strength_does_not_bind(certified: dict[str, Any]) -> None:
    for t, df, name in ((40, 30, "rv"), (60, 3, "rv_few")):
        critical = student.isf(0.025, df - 1) / np.sqrt(df - 1)
        assert _robustness(t / np.sqrt(df), critical) == pytest.approx(certified["strong"][name], rel=TOLERANCE)


@given(st.integers(0, 300))
@settings(max_examples=25, deadline=None)
def test_a_confounder_as_strong_as_the_robustness_value(seed: int) -> None:
    found = sensitivity(stats.ols("y ~ x + w + v | iso3", simulate(seed)), "x")
    estimate, _ = found.adjusted(found.rv_q, found.rv_q)
    assert estimate == pytest.approx(0, abs=1e-12 * abs(found.estimate) + 1e-14)
    if found.rv_qa > 0:
        estimate, error = found.adjusted(found.rv_qa, found.rv_qa)
        assert abs(estimate) == pytest.approx(student.isf(0.025, found.df - 1) * error, rel=1e-8)
    else:
        assert abs(found.statistic) < student.isf(0.025, found.df - 1) * np.sqrt(found.df / (found.df - 1))


@given(st.integers(0, 300))
@settings(max_examples=25, deadline=None)
def test_adding_the_confounder_does_what_the_formula_says(seed: int) -> None:
    """Leave out w, measure its strength, and get back the regression with it."""
    data = simulate(seed)
    full = stats.ols("y ~ x + w + v | iso3", data, se="iid")
    short = sensitivity(stats.ols("y ~ x + v | iso3", data), "x")
    with_outcome = full.tstats["w"] ** 2 / (full.tstats["w"] ** 2 + full.df_resid)
    treatment = stats.ols("x ~ w + v | iso3", data, se="iid")
    with_treatment = treatment.tstats["w"] ** 2 / (treatment.tstats["w"] ** 2 + treatment.df_resid)
    estimate, error = short.adjusted(float(with_treatment), float(with_outcome))
    assert error == pytest.approx(full.bse["x"], rel=1e-8)
    away = abs(full.params["x"] - short.estimate)
    assert abs(estimate - short.estimate) == pytest.approx(away, rel=1e-7, abs=1e-12)


@given(st.integers(0, 300))
@settings(max_examples=15, deadline=None)
def test_groups_and_single_terms_agree_with_regressions(seed: int) -> None:
    data = simulate(seed)
    found = sensitivity(stats.ols("y ~ x + w + v | iso3", data), "x", ["w", ["w", "v"]], kd=0.5)
    without = stats.ols("x ~ v | iso3", data), stats.ols("x ~ w + v | iso3", data)
    share = 1 - without[1].rss / without[0].rss
    assert found.bounds["r2dz_x"][0] == pytest.approx(0.5 * share / (1 - share), rel=1e-7)
    alone = stats.ols("x ~ d | iso3", data.assign(d=0 * data["x"] + data["e"])).fit.tss_within
    share = 1 - without[1].rss / alone
    assert found.bounds["r2dz_x"][1] == pytest.approx(0.5 * share / (1 - share), rel=1e-7)
    assert found.bounds["benchmark"].tolist() == ["w", "w + v"]


def test_effects_by_hand_are_the_same_model() -> None:
    data = simulate()
    absorbed = sensitivity(stats.ols("y ~ x + w | iso3", data), "x", "w")
    by_hand = sensitivity(stats.ols("y ~ x + w + C(iso3)", data), "x", "w")
    pd.testing.assert_frame_equal(absorbed.bounds, by_hand.bounds, rtol=1e-9)
    assert absorbed.df == by_hand.df == 120 - 2 - 12


def test_the_convention_of_the_model_does_not_matter() -> None:
    model = stats.ols("y ~ x + w | iso3", simulate())
    one, two = sensitivity(model, "x", "w"), sensitivity(model.with_se("iid"), "x", "w")
    assert one.tidy().equals(two.tidy())
    assert one.bounds.equals(two.bounds)
    assert not two.notes
    assert model.note() in one.notes[0]
    assert "classical (iid)" in one.note()


@given(st.floats(0.001, 1000), st.floats(0.001, 1000))
@settings(max_examples=15, deadline=None)
def test_units_of_measurement_do_not_matter(by_x: float, by_y: float) -> None:
    data = simulate()
    scaled = data.assign(x=data["x"] * by_x, y=data["y"] * -by_y)
    one, two = (sensitivity(stats.ols("y ~ x + w | iso3", d), "x", "w") for d in (data, scaled))
    for name in ("partial_r2", "rv_q", "rv_qa"):
        assert getattr(one, name) == pytest.approx(getattr(two, name), rel=1e-8)
    np.testing.assert_allclose(one.bounds["statistic"], -two.bounds["statistic"], rtol=1e-8)


def test_contours() -> None:
    found = sensitivity(stats.ols("y ~ x + w | iso3", simulate()), "x", "w")
    grid = found.contours()
    assert grid.shape == (61, 61)
    assert (grid.index.name, grid.columns.name) == ("r2yz_dx", "r2dz_x")
    assert grid.iloc[0, 0] == pytest.approx(found.estimate, rel=1e-14)
    assert grid.iloc[7, 9] == pytest.approx(found.adjusted(grid.columns[9], grid.index[7])[0], rel=1e-12)
    assert grid.columns[-1] >= found.bounds["r2dz_x"].max()
    t = found.contours(0.2, 0.3, of="statistic", points=5)
    assert (t.index[-1], t.columns[-1]) == (0.3, 0.2)
    estimate, error = found.adjusted(0.2, 0.3)
    assert t.iloc[-1, -1] == pytest.approx(estimate / error, rel=1e-12)


def test_frames_and_texts() -> None:
    found = sensitivity(stats.ols("y ~ x*w + v | iso3", simulate()), "x", "v", kd=[1, 2])
    assert found.to_frame().equals(found.bounds)
    assert len(found.to_frame()) == 2
    assert found.tidy()["term"].tolist() == ["x"]
    assert repr(found).startswith("<Sensitivity of x: estimate")
    assert "Robustness value, estimate brought to zero" in str(found)
    assert any("its effect where those are zero" in note for note in found.notes)
    assert not len(sensitivity(stats.ols("y ~ x + v", simulate()), "x").bounds)


def test_terms_are_found_by_what_they_mean() -> None:
    data = simulate()
    data["a"], data["b"] = data["iso3"] % 2, data["iso3"] % 3
    model = stats.ols("y ~ x + lag(w) + C(a)*C(b) + `v`", data)
    found = sensitivity(model, "x", ["lag(w)", "C(a)", "C(b):C(a)", "v", ["C(a)[1]", "C(b)"]], kd=0.5)
    assert found.bounds["benchmark"].tolist() == ["lag(w)", "C(a)", "C(b):C(a)", "v", "C(a)[1] + C(b)"]
    assert found.bounds["r2dz_x"].gt(0).all()
    alone = sensitivity(model, "x", "C(a)[1]", kd=0.5).bounds
    assert alone["r2dz_x"][0] == pytest.approx(found.bounds["r2dz_x"][1], rel=1e-12)
    both = sensitivity(model, "x", [["C(a)[1]:C(b)[1]", "C(a)[1]:C(b)[2]"]], kd=0.5).bounds
    assert both["r2yz_dx"][0] == pytest.approx(found.bounds["r2yz_dx"][2], rel=1e-12)


REFUSED: list[tuple[str, str, Any, dict[str, Any], str]] = [
    ("y ~ x + w", "xx", None, {}, "'xx' is not in the model"),
    ("y ~ x + w", "x", "ww", {}, "'ww' is not in the model"),
    ("y ~ x + w", "x", "x", {}, "treatment itself"),
    ("y ~ x + w", "x", ["w", ["x", "w"]], {}, "treatment itself"),
    ("y ~ x + w", "x", "Intercept", {}, "no benchmark"),
    ("y ~ x + C(iso3)", "C(iso3)", None, {}, "has several coefficients; name one of"),
    ("y ~ x + w", "x", "w", {"kd": 500}, r"kd must be below \d"),
    ("y ~ x + w", "x", "w", {"kd": 0}, "kd is a number above 0"),
    ("y ~ x + w", "x", "w", {"kd": ["a"]}, "kd is a number above 0"),
    ("y ~ x + w", "x", "w", {"kd": []}, "kd is a number above 0"),
    ("y ~ x + w", "x", "w", {"kd": [1, 2], "ky": [1, 2, 3]}, r"as many as kd \(2\)"),
    ("y ~ x + w", "x", "w", {"q": 0}, "q is a number above 0"),
    ("y ~ x + w", "x", "w", {"q": None}, "q is a number above 0"),
    ("y ~ x + w", "x", "w", {"alpha": 1}, "alpha is a number between 0 and 1"),
    ("y ~ x + w", "x", 3, {}, "benchmark is a term"),
    ("y ~ x + w", "x", [], {}, "benchmark is a term"),
    ("y ~ x + w", "x", [3], {}, "benchmark is a term"),
    ("y ~ x + w", 3, None, {}, "x is the name of a term, not int"),
]


@pytest.mark.parametrize(("formula", "x", "benchmark", "options", "message"), REFUSED)
def test_refusals(formula: str, x: str, benchmark: object, options: dict[str, Any], message: str) -> None:
    model = stats.ols(formula, simulate(), se="iid")
    with pytest.raises(EstimationError, match=message) as caught:
        sensitivity(model, x, benchmark, **options)
    assert "\n" not in str(caught.value)


def test_the_largest_multiple_is_named_rightly() -> None:
    model = stats.ols("y ~ x + w", simulate(), se="iid")
    with pytest.raises(EstimationError, match="kd must be below") as caught:
        sensitivity(model, "x", "w", kd=500)
    limit = float(str(caught.value).rsplit(" ", 1)[1])
    assert sensitivity(model, "x", "w", kd=0.999 * limit).bounds["r2dz_x"][0] == pytest.approx(0.999, rel=1e-3)
    with pytest.raises(EstimationError, match="kd must be below"):
        sensitivity(model, "x", "w", kd=1.001 * limit)


def test_what_has_no_residual_variance_is_refused() -> None:
    data = simulate()
    data["y"] = 2 * data["x"] + data["w"]
    with pytest.raises(EstimationError, match="fit the response exactly"):
        sensitivity(stats.ols("y ~ x + w", data, se="iid"), "x")
    few = simulate(n=4)
    with pytest.raises(EstimationError, match="1 residual degree of freedom is too few"):
        sensitivity(stats.ols("y ~ x + w", few, se="iid"), "x")


def test_estimators_other_than_least_squares_are_refused() -> None:
    model = stats.ols("y ~ x + w", simulate())
    with pytest.raises(EstimationError, match="ordinary least squares, and this is random effects"):
        sensitivity(replace(model, estimator="random effects"), "x")


def test_wrong_objects_and_shares_are_refused() -> None:
    with pytest.raises(ArgumentError, match="fitted model"):
        sensitivity(3, "x")  # type: ignore[arg-type]
    found = sensitivity(stats.ols("y ~ x + w", simulate()), "x")
    for call, message in (
        (lambda: found.adjusted(1.0, 0.5), "from 0 to below 1"),
        (lambda: found.adjusted(0.5, 1.5), "from 0 to 1"),
        (lambda: found.contours(of="se"), "'estimate' or 'statistic'"),
        (lambda: found.contours(points=1), "points is a whole number"),
        (lambda: found.contours(2.0), "r2dz_max is a number above 0"),
    ):
        with pytest.raises(GovdataError, match=message):
            call()  # type: ignore[no-untyped-call]
