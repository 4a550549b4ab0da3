"""Marginal effects over a moderator."""

import json
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
from govdata.stats.interactions import interaction
from govdata.stats.keys import FloatArray
from govdata.stats.transformed import between

REFERENCE = Path(__file__).parents[1] / "reference"
TOLERANCE = 1e-8
KEYS = {"unit": "firm", "time": "year"}
OPTIONS: dict[str, dict[str, Any]] = {"iid": {"se": "iid"}, "HC1": {"se": "HC1"}, "CRV1_full": {"df": "full"}}
CASES: dict[str, tuple[str, str]] = {
    "linear": ("inv ~ value*capital | firm", "capital"),
    "logarithm": ("inv ~ value + log(capital) + value:log(capital) | firm", "capital"),
    "both": ("inv ~ value*capital + value:log(capital) + log(capital) | firm", "capital"),
    "binary": ("inv ~ value*war + capital | firm", "war"),
    "categories": ("inv ~ value*C(bloc) + capital", "bloc"),
    "held": ("inv ~ value*capital + value*war | firm", "capital"),
}


@pytest.fixture(scope="module")
def certified() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((REFERENCE / "dynamics" / "interactions.json").read_text("utf-8"))
    return found


@pytest.fixture(scope="module")
def grunfeld() -> pd.DataFrame:
    data = pd.read_csv(REFERENCE / "grunfeld.csv")
    data["war"] = ((data["year"] >= 1940) & (data["year"] <= 1945)).astype(float)
    data["bloc"] = data["firm"] % 3
    return data


def simulate(seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    keys = pd.MultiIndex.from_product([range(15), range(2000, 2012)], names=["iso3", "year"]).to_frame(index=False)
    n = len(keys)
    data = keys.assign(x=rng.normal(size=n), z=rng.normal(size=n) + 1, w=rng.normal(size=n), e=rng.normal(size=n))
    data["fixed"] = rng.normal(size=15)[data["iso3"]]
    data["bloc"] = np.array(["north", "south", "west"])[data["iso3"] % 3]
    data["pz"] = np.exp(data["z"])
    data["y"] = data["x"] + 0.5 * data["z"] + data["x"] * data["z"] + data["e"] + data["fixed"]
    return data


@pytest.mark.parametrize("convention", OPTIONS)
@pytest.mark.parametrize("case", CASES)
def test_agrees_with_predictions_in_r(
    certified: dict[str, Any], grunfeld: pd.DataFrame, case: str, convention: str
) -> None:
    formula, z = CASES[case]
    expected = certified[case]
    at = certified["at"] if z == "capital" else None
    options = OPTIONS[convention] | ({"cluster": "firm"} if convention == "CRV1_full" else {})
    found = interaction(stats.ols(formula, grunfeld, **KEYS, **options), "value", z, at)
    np.testing.assert_allclose(found.estimate, expected["estimate"], rtol=TOLERANCE)
    np.testing.assert_allclose(found.std_error, expected[convention], rtol=TOLERANCE)


def test_intervals_use_the_models_t() -> None:
    model = stats.ols("y ~ x*z | iso3", simulate())
    found = interaction(model, "x", "z", at=[0, 1.5], level=0.9)
    half = student.ppf(0.95, 14) * found.std_error
    np.testing.assert_allclose(found.conf_low, found.estimate - half, rtol=1e-12)
    np.testing.assert_allclose(found.conf_high, found.estimate + half, rtol=1e-12)
    np.testing.assert_allclose(found.p_value, 2 * student.sf(np.abs(found.estimate / found.std_error), 14), rtol=1e-10)
    assert found.estimate[0] == model.params["x"]
    assert found.std_error[0] == pytest.approx(model.bse["x"], rel=1e-12)
    assert found.convention == model.note()
    several = interaction(model.with_se("CR2"), "x", "z", at=[0, 1.5])
    assert several.df == pytest.approx(min(model.with_se("CR2").covariance.dfs[[0, 2]]), rel=1e-12)


@given(st.floats(-5, 5), st.integers(0, 100))
@settings(max_examples=20, deadline=None)
def test_moving_the_moderator_moves_the_axis_alone(by: float, seed: int) -> None:
    data = simulate(seed)
    one = interaction(stats.ols("y ~ x*z | iso3", data), "x", "z", at=[-1.0, 0.0, 2.0])
    moved = data.assign(z=data["z"] + by)
    two = interaction(stats.ols("y ~ x*z | iso3", moved), "x", "z", at=[-1.0 + by, by, 2.0 + by])
    np.testing.assert_allclose(one.estimate, two.estimate, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(one.std_error, two.std_error, rtol=1e-7)


def test_the_default_grid_is_the_range_in_the_sample() -> None:
    data = simulate()
    data.loc[0, "z"], data.loc[0, "y"] = 100.0, np.nan
    found = interaction(stats.ols("y ~ x*z | iso3", data), "x", "z")
    sample = data["z"].iloc[1:]
    assert len(found.at) == 50
    low, *_, high = found.at
    assert (low, high) == (sample.min(), sample.max())
    assert sorted(found.moderator) == sorted(sample)
    assert not found.notes
    assert not found.categorical


def test_share_of_the_sample_with_a_clear_effect() -> None:
    model = stats.ols("y ~ x*z | iso3", simulate())
    found = interaction(model, "x", "z")
    rows = interaction(model, "x", "z", at=list(found.moderator))
    assert found.share_significant == pytest.approx(np.mean(rows.excludes_zero), rel=1e-12)
    assert 0 < found.share_significant < 1
    assert found.to_frame()["excludes_zero"].tolist() == list(found.excludes_zero)
    assert np.array_equal(found.excludes_zero, found.conf_low * found.conf_high > 0)


def test_both_ways_round_the_product() -> None:
    data = simulate()
    one = interaction(stats.ols("y ~ x*z | iso3", data), "x", "z")
    two = interaction(stats.ols("y ~ z*x | iso3", data), "x", "z")
    np.testing.assert_allclose(one.estimate, two.estimate, rtol=1e-10)
    three = interaction(stats.ols("y ~ z*x | iso3", data), "z", "x")
    assert three.regressor == "z"
    assert three.moderator_name == "x"


def test_lags_are_regressors_of_their_own() -> None:
    data = simulate()
    model = stats.ols("y ~ x + lag(x)*z | iso3", data)
    found = interaction(model, "lag(x)", "z", at=[1.0])
    assert found.regressor == "lag(x, 1)"
    assert found.estimate[0] == pytest.approx(model.params["lag(x, 1)"] + model.params["lag(x, 1):z"], rel=1e-12)
    assert any("x held fixed" in note for note in found.notes)
    with pytest.raises(EstimationError, match=r"no product of x with z; write x\*z"):
        interaction(model, "x", "z")
    lone = stats.ols("y ~ lag(x)*lag(z) | iso3", data)
    found = interaction(lone, "x", "z")
    assert (found.regressor, found.moderator_name) == ("lag(x, 1)", "lag(z, 1)")
    before = data.sort_values(["iso3", "year"]).groupby("iso3")["z"].shift().dropna()
    assert sorted(found.moderator) == sorted(before)


def test_a_function_as_the_axis() -> None:
    model = stats.ols("y ~ x*log(pz) | iso3", simulate())
    one = interaction(model, "x", "pz", at=[np.exp(0.5)])
    two = interaction(model, "x", "log(pz)", at=[0.5])
    assert one.estimate == pytest.approx(two.estimate, rel=1e-12)
    assert (one.moderator_name, two.moderator_name) == ("pz", "log(pz)")
    np.testing.assert_allclose(sorted(np.log(one.moderator)), sorted(two.moderator), rtol=1e-12)
    with pytest.raises(EstimationError, match=r"log\(pz\) is not defined where pz is -1"):
        interaction(model, "x", "pz", at=[-1.0, 2.0])


def test_categories_with_and_without_the_regressor_itself() -> None:
    data = simulate()
    one = interaction(stats.ols("y ~ x*C(bloc)", data), "x", "bloc")
    two = interaction(stats.ols("y ~ C(bloc) + C(bloc):x", data), "x", "C(bloc)", at=["north", "south", "west"])
    assert one.at == two.at == ("north", "south", "west")
    np.testing.assert_allclose(one.estimate, two.estimate, rtol=1e-10)
    np.testing.assert_allclose(one.std_error, two.std_error, rtol=1e-10)
    assert one.categorical
    assert set(one.moderator) == {"north", "south", "west"}
    assert not two.notes
    assert interaction(stats.ols("y ~ x*C(bloc)", data), "x", "bloc", at="west").estimate[0] == one.estimate[2]
    with pytest.raises(EstimationError, match=r"'wst' is no level of bloc in the sample; did you mean 'west'"):
        interaction(stats.ols("y ~ x*C(bloc)", data), "x", "bloc", at=["wst"])


def test_categories_absorbed_as_effects_are_no_omission() -> None:
    found = interaction(stats.ols("y ~ x + x:C(bloc) | iso3", simulate()), "x", "bloc")
    assert not found.notes


def test_a_third_variable_is_held_at_its_mean() -> None:
    data = simulate()
    model = stats.ols("y ~ x*z + x*w + x:C(bloc) | iso3", data)
    found = interaction(model, "x", "z", at=[0.0])
    shares = data["bloc"].value_counts(normalize=True)
    expected = model.params["x"] + model.params["x:w"] * data["w"].mean()
    expected += sum(model.params[f"x:C(bloc)[{level}]"] * shares[level] for level in ("south", "west"))
    assert found.estimate[0] == pytest.approx(expected, rel=1e-10)
    assert any("multiplied by w, which is held at its sample mean" in note for note in found.notes)
    assert any("C(bloc), which is held at the shares" in note for note in found.notes)


def test_missing_parts_of_the_product_are_said() -> None:
    data = simulate()
    notes = interaction(stats.ols("y ~ z + x:z | iso3", data), "x", "z").notes
    assert "not x itself" in notes[0]
    assert "Brambor" in notes[0]
    notes = interaction(stats.ols("y ~ x + x:z | iso3", data), "x", "z").notes
    assert "not z itself" in notes[0]
    assert not interaction(stats.ols("y ~ x + x:fixed | iso3", data), "x", "fixed").notes
    assert interaction(stats.ols("y ~ x + x:fixed | year", data), "x", "fixed").notes


def test_extrapolation_is_said() -> None:
    found = interaction(stats.ols("y ~ x*z | iso3", simulate()), "x", "z", at=[0.0, 50.0])
    assert any("50 lies outside: extrapolation" in note for note in found.notes)


def test_an_absorbed_effect_is_not_known() -> None:
    data = simulate()
    with pytest.raises(EstimationError, match=r"fixed does not vary within iso3.*only the change"):
        interaction(stats.ols("y ~ z + fixed:z | iso3", data), "fixed", "z")
    with pytest.raises(EstimationError, match=r"fixed has no coefficient in this fit"):
        interaction(stats.ols("y ~ fixed*z | iso3", data, collinear="drop"), "fixed", "z")


def test_same_digits_whatever_the_row_order_and_key_type() -> None:
    data = simulate(3)
    other = data.sample(frac=1, random_state=1).astype({"iso3": str}).astype({"iso3": "category"})
    one, two = (interaction(stats.ols("y ~ x*log(pz) + x:C(bloc) | iso3", d), "x", "pz") for d in (data, other))
    assert one.to_frame().equals(two.to_frame())
    assert one.share_significant == two.share_significant


def test_frames_and_texts() -> None:
    found = interaction(stats.ols("y ~ x*z | iso3", simulate()), "x", "z")
    assert list(found.to_frame().columns) == [
        "z", "estimate", "std_error", "p_value", "conf_low", "conf_high", "excludes_zero",
    ]  # fmt: skip
    assert found.tidy()[["term", "moderator"]].drop_duplicates().to_numpy().tolist() == [["x", "z"]]
    assert repr(found).startswith("<Interaction: effect of x over z")
    assert str(found).startswith("Marginal effect of x on y at values of z")
    assert len(str(found).splitlines()) == 15
    assert "delta method" in found.note()


@dataclass(frozen=True)
class Curved:
    """A fit that is not linear in its effects."""

    params: FloatArray
    linear: bool = False


def test_models_that_are_not_linear_have_effects_on_the_index() -> None:
    model = stats.ols("y ~ x*z", simulate())
    curved = replace(model, fit=Curved(model.fit.params), estimator="logit")
    one, two = interaction(model, "x", "z"), interaction(curved, "x", "z")
    assert one.to_frame().equals(two.to_frame())
    assert "linear index" in two.notes[0]


def test_between_units_the_moderator_is_a_mean() -> None:
    data = simulate()
    data.loc[3, "z"] = np.nan
    model = between("y ~ x*z", data)
    found = interaction(model, "x", "z")
    means = data.dropna().groupby("iso3")["z"].mean()
    np.testing.assert_allclose(found.moderator, means, rtol=1e-12)
    middle = interaction(model, "x", "z", at=[float(means.mean())])
    assert middle.estimate[0] == pytest.approx(model.params["x"] + model.params["x:z"] * means.mean(), rel=1e-12)


REFUSED = [
    ("y ~ x + z", "x", "z", r"no product of x with z; write x\*z in the formula"),
    ("y ~ x*w", "x", "z", r"no product of x with z \(it has one with w\)"),
    ("y ~ x*pz", "x", "pzz", "did you mean 'pz'"),
    ("y ~ x*z", "xx", "z", "'xx' is not in the model"),
    ("y ~ x*z*w", "x", "z", "product x:z:w of 3 factors"),
    ("y ~ C(bloc)*z", "bloc", "z", "stands for categories"),
    ("y ~ C(bloc)*z", "C(bloc)[west]", "z", "stands for categories"),
    ("y ~ pz*z + log(pz)", "pz", "z", r"also enters as log\(pz\)"),
    ("y ~ lag(x)*z + lag(x, 2)", "x", "z", r"enters as lag\(x, 1\), lag\(x, 2\); name one"),
    ("y ~ x*lag(z) + x*lag(z, 2)", "x", "z", r"multiplied by lag\(z, 1\), lag\(z, 2\); name one"),
    ("y ~ x*pz + x:log(pz)", "x", "log(pz)", "several functions of pz; name pz"),
    ("y ~ x*year + x:C(year)", "x", "year", "both as categories and as a number"),
]


@pytest.mark.parametrize(("formula", "x", "z", "message"), REFUSED)
def test_refusals(formula: str, x: str, z: str, message: str) -> None:
    model = stats.ols(formula, simulate(), se="iid", collinear="drop")
    with pytest.raises(EstimationError, match=message) as caught:
        interaction(model, x, z)
    assert "\n" not in str(caught.value)


def test_wrong_options_are_refused_in_one_line() -> None:
    model = stats.ols("y ~ x*z", simulate())
    for call, message in (
        (lambda: interaction({"x": 1}, "x", "z"), "fitted model"),  # type: ignore[arg-type]
        (lambda: interaction(model, 1, "z"), "name of a regressor, not int"),  # type: ignore[arg-type]
        (lambda: interaction(model, "x", None), "name of a moderator, not NoneType"),  # type: ignore[arg-type]
        (lambda: interaction(model, "x", "z", at=[]), "a number or a list of numbers"),
        (lambda: interaction(model, "x", "z", at=["a"]), "a number or a list of numbers"),
        (lambda: interaction(model, "x", "z", at=[np.nan]), "missing or infinite"),
        (lambda: interaction(model, "x", "z", level=95), "between 0 and 1"),
    ):
        with pytest.raises(GovdataError, match=message) as caught:
            call()  # type: ignore[no-untyped-call]
        assert "\n" not in str(caught.value)
    with pytest.raises(ArgumentError):
        interaction("model", "x", "z")  # type: ignore[arg-type]


def test_a_value_beyond_all_numbers_is_refused() -> None:
    rng = np.random.default_rng(0)
    data = pd.DataFrame(rng.normal(size=(30, 3)), columns=["y", "x", "z"])
    with pytest.raises(EstimationError, match="at holds a value too large for a number"):
        stats.interaction(stats.ols("y ~ x*z", data), "x", "z", [10**400])
