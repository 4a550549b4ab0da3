"""Long-run multipliers and impulse responses."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
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
from govdata.stats.dynamics import impulse_response, long_run
from govdata.stats.keys import FloatArray
from govdata.stats.lagged import lag_form

REFERENCE = Path(__file__).parents[1] / "reference"
TOLERANCE = 1e-8
KEYS = {"unit": "firm", "time": "year"}
CASES = {
    "adl_gaps": ("inv ~ lag(inv, 1) + lag(inv, 2) + value + lag(value, 1) + lag(value, 3) + capital | firm", "value"),
    "ecm_log": ("diff(log(inv)) ~ lag(log(inv), 1) + diff(log(value)) + lag(log(value), 1)", "value"),
    "distributed_lag": ("inv ~ value + lag(value, 1) + lag(value, 3) + capital | firm", "value"),
}
OPTIONS: dict[str, dict[str, Any]] = {"iid": {"se": "iid"}, "HC1": {"se": "HC1"}, "CRV1_full": {"df": "full"}}
ADL = "inv ~ lag(inv) + value + capital + lag(value) + lag(capital) | firm"
ECM = "diff(inv) ~ lag(inv) + diff(value) + diff(capital) + lag(value) + lag(capital) | firm"


@pytest.fixture(scope="module")
def certified() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((REFERENCE / "dynamics" / "dynamics.json").read_text("utf-8"))
    return found


@pytest.fixture(scope="module")
def grunfeld() -> pd.DataFrame:
    return pd.read_csv(REFERENCE / "grunfeld.csv")


@pytest.fixture(scope="module")
def gaps(grunfeld: pd.DataFrame) -> pd.DataFrame:
    return grunfeld[(7 * grunfeld["firm"] + grunfeld["year"]) % 13 != 0]


def simulate(seed: int = 0, units: int = 12, years: int = 25, phi: float = 0.5) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    rows = []
    for unit in range(units):
        y, before = 0.0, 0.0
        for year in range(2000, 2000 + years):
            x = float(rng.normal())
            y = phi * y + x + 0.5 * before + float(rng.normal())
            before = x
            rows.append((unit, year, y, x, float(rng.normal()), unit % 2))
    data = pd.DataFrame(rows, columns=["iso3", "year", "y", "x", "z", "bloc"])
    data["px"] = np.exp(data["x"])
    return data


@pytest.mark.parametrize("convention", OPTIONS)
@pytest.mark.parametrize("case", CASES)
def test_agrees_with_symbolic_derivatives_in_r(
    certified: dict[str, Any], gaps: pd.DataFrame, case: str, convention: str
) -> None:
    formula, x = CASES[case]
    expected = certified[case][convention]
    model = stats.ols(formula, gaps, **KEYS, **OPTIONS[convention])
    assert model.nobs == certified[case]["n"]
    found = long_run(model, x)
    assert found.estimate == pytest.approx(expected["long_run"]["estimate"], rel=TOLERANCE)
    assert found.std_error == pytest.approx(expected["long_run"]["se"], rel=TOLERANCE)
    path = impulse_response(model, x, horizon=len(expected["effect"]) - 1)
    for name in ("effect", "effect_se", "cumulative", "cumulative_se"):
        np.testing.assert_allclose(getattr(path, name), expected[name], rtol=TOLERANCE, atol=1e-14)


@pytest.mark.parametrize("se", ["iid", "HC1", "CRV1", "PCSE", "DK"])
def test_error_correction_form_is_the_same_model(grunfeld: pd.DataFrame, se: str) -> None:
    one, two = (stats.ols(formula, grunfeld, **KEYS, se=se) for formula in (ADL, ECM))
    for x in ("value", "capital"):
        first, second = long_run(one, x), long_run(two, x)
        for name in ("estimate", "std_error", "speed", "speed_se", "half_life", "mean_lag"):
            assert getattr(first, name) == pytest.approx(getattr(second, name), rel=TOLERANCE)
        assert first.median_lag == second.median_lag
        np.testing.assert_allclose(
            impulse_response(one, x).to_frame(), impulse_response(two, x).to_frame(), rtol=1e-7, atol=1e-14
        )
    assert long_run(two, "value").rule == "(b[lag(value, 1)]) / (-b[lag(inv, 1)])"
    assert long_run(two, "value").speed == pytest.approx(-two.params["lag(inv, 1)"], rel=1e-14)


def test_response_one_period_ahead_is_the_same_model() -> None:
    data = simulate(2)
    one = stats.ols("y ~ lag(y) + lag(x) + lag(x, 2) | iso3", data, se="iid")
    two = stats.ols("lead(y) ~ y + x + lag(x) | iso3", data, se="iid")
    first, second = impulse_response(one, "x"), impulse_response(two, "x")
    assert first.effect[0] == 0
    np.testing.assert_allclose(first.effect, second.effect, rtol=1e-9)
    np.testing.assert_allclose(first.cumulative_se, second.cumulative_se, rtol=1e-9)
    assert long_run(one, "x").estimate == pytest.approx(long_run(two, "x").estimate, rel=1e-9)


def test_bewley_transformation_gives_the_same_standard_error() -> None:
    """Instrumental variables by hand: diff(y) by lag(y); the coefficient of x is the multiplier."""
    data = simulate(2)
    model = stats.ols("y ~ lag(y) + x + lag(x) | iso3", data, se="iid")
    data["y1"], data["x1"] = (data.groupby("iso3")[c].shift() for c in ("y", "x"))
    data = data.dropna()
    units = pd.get_dummies(data["iso3"], dtype=float).to_numpy()
    x = np.column_stack([data["y"] - data["y1"], data["x"], data["x"] - data["x1"], units])
    z = np.column_stack([data["y1"], data["x"], data["x1"], units])
    fitted = z @ np.linalg.lstsq(z, x, rcond=None)[0]
    beta = np.linalg.solve(fitted.T @ x, fitted.T @ data["y"].to_numpy())
    resid = data["y"].to_numpy() - x @ beta
    error = np.sqrt(np.linalg.inv(fitted.T @ fitted)[1, 1] * (resid @ resid) / (len(x) - x.shape[1]))
    found = long_run(model, "x")
    assert found.estimate == pytest.approx(beta[1], rel=1e-9)
    assert found.std_error == pytest.approx(error, rel=1e-9)


def test_analytic_gradient_is_the_numeric_one(gaps: pd.DataFrame) -> None:
    model = stats.ols(CASES["adl_gaps"][0], gaps, **KEYS, se="HC1")
    form = lag_form(model, "value", quantity="test")
    path = impulse_response(model, "value", horizon=8)

    def responses(params: FloatArray) -> FloatArray:
        a, b = form.polynomials(params)
        psi = np.zeros(9)
        for h in range(9):
            psi[h] = (b[h] if h < len(b) else 0) - sum(a[k] * psi[h - k] for k in range(1, min(h, len(a) - 1) + 1))
        return psi

    params = model.params.to_numpy()
    gradient = []
    for j in range(len(params)):
        step = np.zeros_like(params)
        step[j] = 1e-5
        gradient.append((responses(params + step) - responses(params - step)) / 2e-5)
    slopes = np.array(gradient).T
    np.testing.assert_allclose(responses(params), path.effect, rtol=1e-12)
    error = np.sqrt(np.einsum("ij,jk,ik->i", slopes, model.cov.to_numpy(), slopes))
    np.testing.assert_allclose(path.effect_se, error, rtol=1e-6)


@given(st.integers(0, 200))
@settings(max_examples=20, deadline=None)
def test_steps_approach_the_multiplier(seed: int) -> None:
    model = stats.ols("y ~ lag(y) + lag(y, 2) + x + lag(x) | iso3", simulate(seed))
    found, path = long_run(model, "x"), impulse_response(model, "x", horizon=400)
    assert path.cumulative[-1] == pytest.approx(found.estimate, rel=1e-9)
    assert path.cumulative_se[-1] == pytest.approx(found.std_error, rel=1e-7)
    assert abs(path.effect[-1]) < 1e-9


@given(st.floats(0.001, 1000), st.floats(0.001, 1000), st.integers(0, 50))
@settings(max_examples=20, deadline=None)
def test_units_of_measurement_rescale(by_x: float, by_y: float, seed: int) -> None:
    data = simulate(seed)
    scaled = data.assign(x=data["x"] * by_x, y=data["y"] * by_y)
    one, two = (long_run(stats.ols("y ~ lag(y) + x + lag(x) | iso3", frame), "x") for frame in (data, scaled))
    assert two.estimate == pytest.approx(one.estimate * by_y / by_x, rel=1e-9)
    assert two.std_error == pytest.approx(one.std_error * by_y / by_x, rel=1e-8)
    assert two.speed == pytest.approx(one.speed, rel=1e-9)


def test_same_digits_whatever_the_row_order_and_key_type() -> None:
    data = simulate(3)
    model = stats.ols("y ~ lag(y) + x + lag(x) | iso3", data)
    other = data.sample(frac=1, random_state=1).astype({"iso3": str}).astype({"iso3": "category"})
    again = stats.ols("y ~ lag(y) + x + lag(x) | iso3", other)
    assert long_run(model, "x").tidy().equals(long_run(again, "x").tidy())
    one, two = (impulse_response(m, "x", reps=500, seed=4).to_frame() for m in (model, again))
    assert one.equals(two)


def test_delays_of_a_known_distribution() -> None:
    """With y = phi*lag(y) + b*x the effects of single periods are geometric: mean lag phi/(1 - phi)."""
    model = stats.ols("y ~ lag(y) + x | iso3", simulate(1, phi=0.7))
    phi = model.params["lag(y, 1)"]
    found = long_run(model, "x")
    assert found.mean_lag == pytest.approx(phi / (1 - phi), rel=1e-10)
    assert found.half_life == pytest.approx(np.log(0.5) / np.log(phi), rel=1e-12)
    assert found.speed == pytest.approx(1 - phi, rel=1e-12)
    assert found.speed_se == pytest.approx(model.bse["lag(y, 1)"], rel=1e-12)
    assert found.median_lag == int(np.ceil(np.log(0.5) / np.log(phi))) - 1
    assert found.inverse_roots == pytest.approx((phi,), rel=1e-12)


def test_effects_that_change_sign_have_no_mean_lag() -> None:
    data = simulate(2)
    data["y"] = data["y"] - 2 * data.groupby("iso3")["x"].shift(1)
    found = long_run(stats.ols("y ~ lag(y) + x + lag(x) | iso3", data), "x")
    assert found.mean_lag is None
    assert found.median_lag is None
    assert any("differ in sign" in note for note in found.notes)
    assert "mean lag" not in found.summary().split("Note")[0]


def test_inference_uses_the_models_t() -> None:
    model = stats.ols("y ~ lag(y) + x | iso3", simulate(1))
    found = long_run(model, "x")
    assert found.df == 11
    half = student.ppf(0.95, 11) * found.std_error
    assert found.conf_int(0.9) == pytest.approx((found.estimate - half, found.estimate + half), rel=1e-12)
    assert found.p_value == pytest.approx(2 * student.sf(abs(found.statistic), 11), rel=1e-12)
    row = found.tidy().iloc[0]
    assert list(found.tidy().columns) == list(model.tidy().columns)
    assert row["conf_low"] == found.conf_int()[0]
    assert model.note() in found.note()
    assert "delta method" in found.note()
    path = impulse_response(model, "x", horizon=2, level=0.9)
    np.testing.assert_allclose(path.effect_high, path.effect + student.ppf(0.95, 11) * path.effect_se, rtol=1e-12)


def test_the_smallest_of_several_degrees_of_freedom() -> None:
    model = stats.ols("y ~ lag(y) + x | iso3", simulate(1)).with_se("CR2")
    found = long_run(model, "x")
    assert found.df == pytest.approx(min(model.covariance.dfs), rel=1e-12)
    assert any("own degrees of freedom" in note for note in found.notes)


def test_a_bootstrap_of_single_coefficients_is_said_not_to_apply() -> None:
    model = stats.ols("y ~ lag(y) + x | iso3", simulate(1)).with_se("wild", reps=99, seed=1)
    assert any("wild convention tests single coefficients" in note for note in long_run(model, "x").notes)


def test_simulation_is_reproducible_and_near_the_delta_method() -> None:
    model = stats.ols("y ~ lag(y) + x + lag(x) | iso3", simulate(1, units=40), se="iid")
    path = impulse_response(model, "x", horizon=5, reps=40_000, seed=7)
    delta = impulse_response(model, "x", horizon=5)
    assert np.array_equal(path.effect, delta.effect)
    assert np.array_equal(path.effect_se, delta.effect_se)
    for name in ("effect_low", "effect_high", "cumulative_low", "cumulative_high"):
        distance = np.abs(getattr(path, name) - getattr(delta, name))
        assert np.all(distance < 0.12 * (delta.effect_se + delta.cumulative_se))
    again = impulse_response(model, "x", horizon=5, reps=40_000, seed=7)
    assert again.to_frame().equals(path.to_frame())
    assert not impulse_response(model, "x", horizon=5, reps=40_000, seed=8).to_frame().equals(path.to_frame())
    assert "40,000 draws" in path.note()


def test_frames_and_texts() -> None:
    model = stats.ols("y ~ lag(y) + x | iso3", simulate(1))
    path = impulse_response(model, "x", horizon=3)
    assert path.to_frame()["horizon"].tolist() == [0, 1, 2, 3]
    assert path.tidy().groupby("shock").size().to_dict() == {"pulse": 4, "step": 4}
    np.testing.assert_allclose(np.cumsum(path.effect), path.cumulative, rtol=1e-12)
    assert str(path).startswith("Response of y to one unit of x")
    assert repr(path).startswith("<ImpulseResponse of y to x: periods 0 to 3")
    found = long_run(model, "x")
    assert repr(found).startswith("<LongRun of x on y:")
    assert "(b[x]) / (1 - b[lag(y, 1)])" in str(found)
    assert any("Nickell 1981" in note for note in found.notes)


def test_names_that_mean_the_same_series() -> None:
    model = stats.ols("y ~ lag(y) + log(px) + lag(log(px)) | iso3", simulate(1))
    found = long_run(model, "log(px)")
    assert long_run(model, "px").estimate == found.estimate
    assert long_run(model, "lag(log(px), 1)").estimate == found.estimate
    assert long_run(model, "px").notes[0] == "px enters as log(px); effects are of one unit of that"
    assert long_run(stats.ols("y ~ lag(y) + log(px) + log(lag(px)) | iso3", simulate(1)), "px").estimate == (
        pytest.approx(found.estimate, rel=1e-10)
    )


def test_a_model_of_changes_speaks_of_changes() -> None:
    data = simulate(1)
    model = stats.ols("diff(y) ~ lag(diff(y)) + x + lag(x) | iso3", data)
    found = long_run(model, "x")
    assert found.response == "diff(y, 1)"
    total = model.params["x"] + model.params["lag(x, 1)"]
    assert found.estimate == pytest.approx(total / (1 - model.params["lag(diff(y, 1), 1)"]), rel=1e-12)
    assert any("no level of y" in note for note in found.notes)
    changes = stats.ols("diff(y) ~ lag(diff(y)) + diff(x) | iso3", data)
    found = long_run(changes, "diff(x)")
    ratio = changes.params["diff(x, 1)"] / (1 - changes.params["lag(diff(y, 1), 1)"])
    assert found.estimate == pytest.approx(ratio, rel=1e-12)
    assert found.regressor == "diff(x, 1)"


def test_a_unit_root_is_said() -> None:
    data = simulate(4, phi=0.97)
    model = stats.ols("y ~ lag(y) + x", data)
    found = long_run(model, "x")
    assert any("may have a unit root" in note for note in found.notes) == (
        found.speed is not None
        and found.speed_se is not None
        and abs(found.speed) < student.ppf(0.975, 11) * found.speed_se
    )


def test_what_explodes_has_responses_but_no_multiplier() -> None:
    model = stats.ols("y ~ lag(y) + x", simulate(5, phi=1.05))
    with pytest.raises(EstimationError, match=r"roots inside the unit circle \(modulus 0\.9.*never dies out"):
        long_run(model, "x")
    path = impulse_response(model, "x", horizon=40)
    assert path.effect[40] > path.effect[1]
    assert any("do not die out" in note for note in path.notes)
    assert np.isfinite(impulse_response(model, "x", horizon=1000).cumulative_se).all()


def test_responses_beyond_all_numbers_are_refused() -> None:
    model = stats.ols("y ~ lag(y) + x", simulate(5, years=12, phi=2.2))
    with pytest.raises(EstimationError, match="beyond all numbers within the horizon"):
        impulse_response(model, "x", horizon=1000)


REFUSED = [
    ("y ~ x + z | iso3", "x", "static.*effect of x is immediate"),
    ("y ~ lag(x, 2) + z | iso3", "x", "static.*complete after 2 periods"),
    ("diff(y) ~ diff(x)", "diff(x)", "static"),
    ("y ~ lag(y) + x", "w", "'w' is not in the model"),
    ("y ~ lag(y) + px", "pxx", "did you mean 'px'"),
    ("y ~ lag(y) + x", "y", "'y' is the response"),
    ("y ~ lag(y) + x", "lag(y, 1)", "is the response"),
    ("y ~ lag(y) + x | iso3", "iso3", "its levels are absorbed"),
    ("y ~ lag(y) + x*z", "x", "interaction x:z.*interaction\\(\\)"),
    ("y ~ lag(y) + z:x", "x", "interaction z:x"),
    ("y ~ lag(y)*z + x", "x", "y takes part in the interaction lag\\(y, 1\\):z"),
    ("y ~ lag(y) + C(bloc) + x", "bloc", "holds categories"),
    ("y ~ lag(y) + C(bloc) + x", "C(bloc)[1]", "holds categories"),
    ("y ~ lag(y) + px + log(px)", "px", "different transformations"),
    ("log(py) ~ lag(py) + x", "x", "lag\\(py, 1\\) and as log\\(py\\), which are different transformations"),
    ("py ~ lag(log(py)) + x", "x", "different transformations"),
    ("y ~ lag(y) + px", "log(px)", "px enters as px"),
    ("y ~ lag(y) + x + lead(x)", "x", "comes after the response"),
    ("y ~ diff(y) + x", "x", "same period or later"),
    ("diff(y) ~ lag(y) + diff(x) + lag(x)", "diff(x)", "holds more of x than diff\\(x, 1\\); ask for 'x'"),
]


@pytest.mark.parametrize(("formula", "x", "message"), REFUSED)
@pytest.mark.parametrize("function", [long_run, impulse_response])
def test_refusals(function: Callable[..., object], formula: str, x: str, message: str) -> None:
    data = simulate(1)
    data["py"] = np.exp(data["y"] / 10)
    model = stats.ols(formula, data, se="iid")
    with pytest.raises(EstimationError, match=message) as caught:
        function(model, x)
    assert "\n" not in str(caught.value)


def test_differences_alone_have_no_lasting_effect_by_construction() -> None:
    model = stats.ols("diff(y) ~ lag(y) + diff(x)", simulate(1))
    with pytest.raises(EstimationError, match=r"only as differences.*ask for 'diff"):
        long_run(model, "x")
    path = impulse_response(model, "x", horizon=300)
    assert path.cumulative[-1] == pytest.approx(0, abs=1e-10)
    assert path.effect[0] == pytest.approx(model.params["diff(x, 1)"], rel=1e-12)


def test_a_lag_that_was_left_out_leaves_the_multiplier_open() -> None:
    data = simulate(1)
    data["copy"] = data["x"] * 2
    model = stats.ols("y ~ lag(y) + x + copy", data, collinear="drop")
    with pytest.raises(EstimationError, match="copy has no coefficient in this fit"):
        long_run(model, "copy")


@dataclass(frozen=True)
class Curved:
    """A fit that is not linear in its effects."""

    params: FloatArray
    linear: bool = False


def test_models_without_effects_over_time_are_refused() -> None:
    model = stats.ols("y ~ lag(y) + x", simulate(1))
    curved = replace(model, fit=Curved(model.fit.params), estimator="logit")
    across = replace(model, design=replace(model.design, by_unit=True), estimator="between")
    for function in (long_run, impulse_response):
        with pytest.raises(EstimationError, match="needs a linear model, and this is logit"):
            function(curved, "x")
        with pytest.raises(EstimationError, match=r"compares units \(between\)"):
            function(across, "x")


def test_wrong_options_are_refused_in_one_line() -> None:
    model = stats.ols("y ~ lag(y) + x | iso3", simulate(1))
    for call, message in (
        (lambda: long_run({"x": 1}, "x"), "fitted model"),  # type: ignore[arg-type]
        (lambda: long_run(model, 1), "name of a regressor, not int"),  # type: ignore[arg-type]
        (lambda: long_run(model, "x").conf_int(95), "between 0 and 1"),
        (lambda: impulse_response(model, "x", horizon=0), "from 1 to 1,000"),
        (lambda: impulse_response(model, "x", horizon=2.5), "whole number"),  # type: ignore[arg-type]
        (lambda: impulse_response(model, "x", level=2), "between 0 and 1"),
        (lambda: impulse_response(model, "x", reps=1000), "needs seed="),
        (lambda: impulse_response(model, "x", reps=10, seed=1), "reps is a whole number from 100"),
        (lambda: impulse_response(model, "x", seed=1), "without reps="),
        (lambda: impulse_response(model, "x", reps=1000, seed="a"), "seed is a whole number"),  # type: ignore[arg-type]
        (lambda: impulse_response(model, "x", 1000, reps=1_000_000, seed=1), "too many to keep"),
    ):
        with pytest.raises(GovdataError, match=message) as caught:
            call()  # type: ignore[no-untyped-call]
        assert "\n" not in str(caught.value)
    with pytest.raises(ArgumentError):
        long_run(None, "x")  # type: ignore[arg-type]
