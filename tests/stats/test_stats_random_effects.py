"""Random effects: agreement with plm, lme4 and nlme, laws, refusals."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.stats import multivariate_normal

from govdata import stats
from govdata.errors import EstimationError, PanelError
from govdata.stats.random_effects import random_effects
from govdata.stats.transformed import between

LINEAR = Path(__file__).parents[1] / "reference" / "linear"
CASES = sorted(path.stem for path in LINEAR.glob("random_*.json"))
TOLERANCE = 1e-8
METHODS: dict[str, Any] = {"swar": "swamy-arora", "walhus": "wallace-hussain"}
CONVENTIONS: dict[str, dict[str, Any]] = {
    "HC0": {"se": "HC0"},
    "CR0_unit": {"se": "CR0"},
    "CRHC1_unit": {"se": "CRHC1"},
    "CRV1_unit": {"se": "CRV1"},
    "DK": {"se": "DK"},
    "DK_3": {"se": "DK", "lags": 3},
}
few = settings(max_examples=15)


def case(name: str) -> tuple[dict[str, Any], pd.DataFrame]:
    found: dict[str, Any] = json.loads((LINEAR / f"{name}.json").read_text("utf-8"))
    return found, pd.read_csv(LINEAR / found["data"])


def panel(seed: int, *, share: float = 0.8) -> pd.DataFrame:
    """Make an unbalanced panel with effects of units and a regressor that does not change over time."""
    rng = np.random.default_rng(seed)
    keys = [(f"u{unit:02d}", 1990 + year) for unit in range(15) for year in range(7) if rng.random() < share]
    data = pd.DataFrame(keys, columns=["iso3", "year"])
    unit = data["iso3"].str[1:].astype(int)
    data["fixed"] = rng.normal(size=15)[unit]
    data["x"] = rng.normal(size=len(data)) + 0.3 * data["fixed"]
    data["z"] = rng.normal(size=len(data)) * 10
    data["y"] = data["x"] - data["z"] / 10 + 2 * rng.normal(size=15)[unit] + rng.normal(size=len(data))
    return data


def close(found: pd.Series, expected: dict[str, float]) -> None:  # type: ignore[type-arg]
    assert list(found.index) == list(expected)
    np.testing.assert_allclose(found, list(expected.values()), rtol=TOLERANCE)


def estimate(certified: dict[str, Any], data: pd.DataFrame, key: str) -> stats.PanelResults:
    method, _, effect = key.partition("_")
    options: dict[str, Any] = {"method": METHODS.get(method, method), "effect": effect or "unit"}
    return random_effects(certified["model"], data, unit=certified["unit"], time=certified["time"], **options)


def test_there_are_cases() -> None:
    assert len(CASES) >= 10


@pytest.mark.parametrize("name", CASES)
def test_certified(name: str) -> None:
    certified, data = case(name)
    for key, expected in certified["params"].items():
        crossed = key.endswith("twoways") and not certified["balanced"]
        if crossed and key.startswith("nerlove"):
            continue  # plm takes the first row's effect of a unit; refused here
        model = estimate(certified, data, key)
        close(model.params, expected)
        extra = certified["extra"][key]
        found = {"idios": model.facts["sigma_e"]} | {
            name: model.facts[ours] for name, ours in (("id", "sigma_u"), ("time", "sigma_time")) if ours in model.facts
        }
        for component, size in extra.get("sigma2", {}).items():
            assert float(found[component]) ** 2 == pytest.approx(size, rel=TOLERANCE, abs=1e-300)
        for fact in ("sigma_u", "sigma_e", "loglik"):
            assert model.facts.get(fact, 0.0) == pytest.approx(extra.get(fact, model.facts.get(fact, 0.0)), rel=1e-10)
        classical = model.with_se("iid")
        if crossed:
            # plm prints the inverse information without the errors' variance; GLS written out is the reference
            scale = np.sqrt(model.rss / model.df_resid) / float(found["idios"])
            close(classical.bse / scale, extra["gls_se"])
        else:
            close(classical.bse, certified["se"][key])
        if crossed or key not in {"swar", "walhus", "swar_twoways", "ml", "reml"}:
            continue
        for convention, options in CONVENTIONS.items():
            if f"{key}_{convention}" in certified["se"]:
                close(model.with_se(**options).bse, certified["se"][f"{key}_{convention}"])


@pytest.mark.parametrize("name", ["random_empluk", "random_grunfeld", "random_grunfeld_ends"])
@pytest.mark.parametrize("method", ["swar", "amemiya", "nerlove", "walhus"])
def test_theta_of_every_unit(name: str, method: str) -> None:
    certified, data = case(name)
    model, expected = estimate(certified, data, method), certified["extra"][method]["theta"]
    thetas = model.fit.by_unit  # type: ignore[attr-defined]
    if isinstance(expected, float):
        assert model.facts["theta"] == pytest.approx(expected, rel=TOLERANCE)
        assert np.ptp(thetas) == 0
    else:
        assert [str(unit) for unit in thetas.index] == list(expected)
        np.testing.assert_allclose(thetas, list(expected.values()), rtol=TOLERANCE)
        assert model.facts["theta min"] == thetas.min()


def test_names_of_other_programs() -> None:
    certified, data = case("random_grunfeld")
    keys = {"unit": certified["unit"], "time": certified["time"]}
    ours = random_effects(certified["model"], data, **keys)
    theirs = random_effects(certified["model"], data, method="swar", effect="individual", **keys)  # type: ignore[arg-type]
    assert ours.params.equals(theirs.params)
    assert ours.params.equals(random_effects(certified["model"], data, method="sa", **keys).params)  # type: ignore[arg-type]
    assert ours.estimator == "Random effects (Swamy-Arora)"
    assert ours.covariance.vcov.se == "CRV1"


def dense_loglik(data: pd.DataFrame, ratio: float, *, restricted: bool) -> float:
    """Write the likelihood out with the covariance matrix of all errors."""
    y = data["y"].to_numpy()
    x = np.column_stack([np.ones(len(y)), data[["x", "z"]]])
    unit = data["iso3"].to_numpy()
    v = np.eye(len(y)) + ratio * (unit[:, None] == unit[None, :])
    inverse = np.linalg.inv(v)
    information = x.T @ inverse @ x
    b = np.linalg.solve(information, x.T @ inverse @ y)
    e = y - x @ b
    n = len(y) - 3 * restricted
    s2 = float(e @ inverse @ e) / n
    found = float(multivariate_normal(cov=s2 * v).logpdf(e))
    if restricted:
        found += (3 * np.log(2 * np.pi * s2) - np.linalg.slogdet(information)[1]) / 2
    return found


@pytest.mark.parametrize("method", ["ml", "reml"])
def test_likelihood_written_out(method: Any) -> None:  # noqa: ANN401
    data = panel(11)
    model = random_effects("y ~ x + z", data, method=method)
    ratio = (float(model.facts["sigma_u"]) / float(model.facts["sigma_e"])) ** 2
    restricted = method == "reml"
    assert model.facts["loglik"] == pytest.approx(dense_loglik(data, ratio, restricted=restricted), rel=1e-10)
    best = minimize_scalar(
        lambda r: -dense_loglik(data, r, restricted=restricted), bracket=(ratio / 2, ratio * 2), tol=1e-10
    )
    assert best.x == pytest.approx(ratio, rel=1e-5)
    assert -best.fun <= float(model.facts["loglik"]) + 1e-9


def test_statsmodels_has_the_same_maximum() -> None:
    smf = pytest.importorskip("statsmodels.formula.api")
    data = panel(12)
    theirs = smf.mixedlm("y ~ x + z", data, groups=data["iso3"]).fit(reml=True, method="powell")
    ours = random_effects("y ~ x + z", data, method="reml", se="iid")
    np.testing.assert_allclose(ours.params, theirs.fe_params, rtol=1e-5)
    np.testing.assert_allclose(ours.bse, theirs.bse_fe, rtol=5e-3)  # its Hessian is numerical
    assert ours.facts["loglik"] == pytest.approx(theirs.llf, rel=1e-8)


def test_generalised_least_squares_written_out() -> None:
    data = panel(13)
    for effect in ("unit", "time", "twoways"):
        model = random_effects("y ~ x + z", data, effect=effect, se="iid")  # type: ignore[arg-type]
        v = np.eye(len(data)) * float(model.facts["sigma_e"]) ** 2
        for fact, key in (("sigma_u", "iso3"), ("sigma_time", "year")):
            values = data[key].to_numpy()
            v += float(model.facts.get(fact, 0.0)) ** 2 * (values[:, None] == values[None, :])
        x = np.column_stack([np.ones(len(data)), data[["x", "z"]]])
        inverse = np.linalg.inv(v)
        b = np.linalg.solve(x.T @ inverse @ x, x.T @ inverse @ data["y"].to_numpy())
        np.testing.assert_allclose(model.params, b, rtol=1e-9)


def test_no_effects_are_pooled_least_squares() -> None:
    data = panel(14)
    data["e"] = np.random.default_rng(0).normal(size=len(data))
    data["y"] = data["x"] + data["e"] - data.groupby("iso3")["e"].transform("mean")
    model, pooled = random_effects("y ~ x", data), stats.ols("y ~ x", data)
    assert model.facts["sigma_u"] == 0
    assert any("came out negative and is set to zero" in note for note in model.notes())
    assert "no variance of effects is left: the estimates are those of pooled least squares" in model.notes()
    np.testing.assert_allclose(model.params, pooled.params, rtol=1e-10)
    for se in ("iid", "CRV1", "CR2", "CV3", "HC3"):
        np.testing.assert_allclose(model.with_se(se).bse, pooled.with_se(se).bse, rtol=1e-8)
    assert model.rsquared == pytest.approx(pooled.rsquared, rel=1e-10)
    restricted = random_effects("y ~ x", data, method="reml")
    assert restricted.facts["sigma_u"] == 0
    assert any("is zero at the maximum" in note for note in restricted.notes())


def test_between_within_and_random_agree_in_a_balanced_panel() -> None:
    """The random-effects estimate of one regressor lies between the within and the between estimate."""
    data = panel(15, share=1)
    random = random_effects("y ~ x", data).params["x"]
    ends = sorted([stats.ols("y ~ x | iso3", data).params["x"], between("y ~ x", data).params["x"]])
    assert ends[0] < random < ends[1]


@given(seed=st.integers(0, 10_000), factor=st.sampled_from([1e-6, 3.0, 1e7]))
@few
def test_units_of_measurement_do_not_matter(seed: int, factor: float) -> None:
    data = panel(seed)
    for method in ("swamy-arora", "wallace-hussain", "reml"):
        one = random_effects("y ~ x + z + fixed", data, method=method)  # type: ignore[arg-type]
        two = random_effects("y ~ x + z + fixed", data.assign(z=data["z"] * factor), method=method)  # type: ignore[arg-type]
        np.testing.assert_allclose(two.params["z"] * factor, one.params["z"], rtol=1e-7)
        np.testing.assert_allclose(two.params["x"], one.params["x"], rtol=1e-7)
        assert two.facts["sigma_e"] == pytest.approx(one.facts["sigma_e"], rel=1e-8)


@given(seed=st.integers(0, 10_000))
@few
def test_neither_order_nor_type_of_keys_matters(seed: int) -> None:
    data = panel(seed)
    other = data.sample(frac=1, random_state=seed)
    other["iso3"] = other["iso3"].str[1:].astype(int).astype("category")
    other["year"] = other["year"].astype(float)
    for options in ({}, {"effect": "twoways"}, {"method": "ml"}):
        one, two = (random_effects("y ~ x + fixed", d, **options) for d in (data, other))  # type: ignore[arg-type]
        assert one.params.tolist() == two.params.tolist()
        assert one.bse.tolist() == two.bse.tolist()
        assert one.facts == two.facts


@pytest.mark.parametrize("effect", ["unit", "twoways"])
def test_r2_of_noise_is_small(effect: str) -> None:
    """In an unbalanced panel the transformed constant varies: it must not count as fitted by the regressors."""
    rng = np.random.default_rng(3)
    keys = [(f"u{unit:03d}", 1990 + year) for unit in range(60) for year in range(9) if rng.random() < 0.4]
    data = pd.DataFrame(keys, columns=["iso3", "year"])
    data["x"] = rng.normal(size=len(data))
    data["y"] = 50 + rng.normal(size=60)[data["iso3"].str[1:].astype(int)] + rng.normal(size=len(data))
    model = random_effects("y ~ x", data, effect=effect)  # type: ignore[arg-type]
    assert 0 <= model.rsquared < 0.05
    shifted = random_effects("y ~ x", data.assign(y=data["y"] + 1000), effect=effect)  # type: ignore[arg-type]
    assert shifted.rsquared == pytest.approx(model.rsquared, abs=1e-8)


def test_residuals_in_levels() -> None:
    data = panel(16)
    model = random_effects("y ~ x + z", data)
    levels = data["y"] - model.params["Intercept"] - data[["x", "z"]] @ model.params[["x", "z"]]
    np.testing.assert_allclose(model.fit.level_resid, levels.to_numpy()[model.design.rows], rtol=1e-9, atol=1e-12)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"formula": "y ~ x | iso3"}, "random effects are not absorbed"),
        ({"formula": "y ~ x - 1"}, "random effects have a mean of their own"),
        ({"formula": "y ~ x", "method": "swami-arora"}, "did you mean 'swamy-arora'"),
        ({"formula": "y ~ x", "effect": "units"}, "did you mean 'unit'"),
        ({"formula": "y ~ x", "method": "re"}, r"not 're'; did you mean 'swamy-arora'\?$"),
        ({"formula": "y ~ x", "method": "SWAR"}, "did you mean 'swamy-arora'"),
        ({"formula": "y ~ x", "effect": "both"}, "did you mean 'twoways'"),
        ({"formula": "y ~ x", "method": "ml", "effect": "twoways"}, "takes effects of units or of times, not both"),
        ({"formula": "y ~ x", "method": "nerlove", "effect": "twoways"}, "is defined for balanced panels"),
        ({"formula": "y ~ fixed", "method": "amemiya"}, "does not take regressors that are constant within"),
        ({"formula": "y ~ x + C(iso3)"}, "are too few for the 15 parameters of the between regression"),
        ({"formula": "y ~ x + k"}, "k is constant"),
        ({"formula": "y ~ x", "collinear": "dropped"}, "collinear is one of refuse, drop, not 'dropped'; did you mean"),
        ({"formula": "k ~ x"}, "k does not vary"),
        ({"formula": "exact ~ x"}, "fit the response exactly within iso3"),
        ({"formula": "exact ~ x", "method": "reml"}, "fit the response exactly"),
    ],
)
def test_refusals(options: dict[str, Any], message: str) -> None:
    data = panel(0).assign(k=1.0)
    data["exact"] = 2 * data["x"] + data["fixed"]
    with pytest.raises(EstimationError, match=message):
        random_effects(options.pop("formula"), data, **options)


@pytest.mark.parametrize("method", ["amemiya", "nerlove"])
@pytest.mark.parametrize("share", [1, 0.8])
@pytest.mark.parametrize("formula", ["y ~ z + age + year", "y ~ year + age + z"])
def test_coefficients_that_the_within_regression_does_not_determine(method: str, share: float, formula: str) -> None:
    """Age and year differ by the year of birth: both have coefficients, but not within units."""
    data = panel(5, share=share)
    data["age"] = data["year"] - 1940 - data["iso3"].str[1:].astype(int) % 9
    with pytest.raises(EstimationError, match="are exact combinations of each other; take 'swamy-arora'"):
        random_effects(formula, data, method=method)  # type: ignore[arg-type]
    for other in ("swamy-arora", "wallace-hussain", "ml"):
        model = random_effects(formula, data, method=other)  # type: ignore[arg-type]
        assert {"age", "year"} <= set(model.terms)


def test_too_few_rows() -> None:
    data = panel(0, share=1)
    with pytest.raises(EstimationError, match="15 rows are too few to tell the effects of iso3"):
        random_effects("y ~ x", data[data["year"] == 1990])
    with pytest.raises(EstimationError, match="iso3 has one level in the sample"):
        random_effects("y ~ x", data[data["iso3"] == "u00"])
    with pytest.raises(PanelError, match="needs to know the unit of a row"):
        random_effects("y ~ x", data.drop(columns="iso3"))
    with pytest.raises(PanelError, match="effect='twoways' needs to know the time of a row"):
        random_effects("y ~ x", data.drop(columns="year"), effect="twoways")


def test_it_says_what_it_is() -> None:
    model = random_effects("y ~ x", panel(3), effect="twoways", method="walhus")  # type: ignore[arg-type]
    assert model.estimator == "Random effects, two-way (Wallace-Hussain)"
    assert any("coefficients are exact GLS" in note for note in model.notes())
    text = model.summary()
    assert "sigma_u" in text
    assert "theta is taken as known" in text
    assert model.glance()["sigma_e"].item() == model.facts["sigma_e"]
