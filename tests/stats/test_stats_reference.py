"""Agreement with R and with NIST's certified values."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from govdata import stats

REFERENCE = Path(__file__).parents[1] / "reference"
TOLERANCE = 1e-8
FORMULAS = {"oneway": "inv ~ value + capital | firm", "twoway": "inv ~ value + capital | firm + year"}
OPTIONS: dict[str, dict[str, Any]] = {
    "iid": {"se": "iid"},
    "HC0": {"se": "HC0"},
    "HC1": {"se": "HC1"},
    "CR0_firm": {"se": "CR0"},
    "CRV1_firm_none": {"df": "none"},
    "CRV1_firm_full": {"df": "full"},
    "CRV1_firm_nested": {},
    "CRV1_year_nested": {"cluster": "year"},
    "CRV1_year_full": {"cluster": "year", "df": "full"},
    "CR0_twoway": {"se": "CR0", "cluster": ["firm", "year"]},
    "CRV1_twoway_min": {"cluster": ["firm", "year"]},
    "CRV1_twoway_conventional": {"cluster": ["year", "firm"], "twoway": "conventional"},
}


@pytest.fixture(scope="module")
def certified() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((REFERENCE / "grunfeld.json").read_text("utf-8"))
    return found


@pytest.fixture(scope="module")
def grunfeld() -> pd.DataFrame:
    return pd.read_csv(REFERENCE / "grunfeld.csv")


@pytest.mark.parametrize("case", FORMULAS)
def test_every_convention_is_tested(certified: dict[str, Any], case: str) -> None:
    assert set(certified[case]["se"]) == set(OPTIONS)


@pytest.mark.parametrize("convention", OPTIONS)
@pytest.mark.parametrize("case", FORMULAS)
def test_grunfeld(certified: dict[str, Any], grunfeld: pd.DataFrame, case: str, convention: str) -> None:
    expected = certified[case]
    model = stats.ols(FORMULAS[case], grunfeld, **OPTIONS[convention])
    for term, value in expected["params"].items():
        assert model.params[term] == pytest.approx(value, rel=TOLERANCE)
        assert model.bse[term] == pytest.approx(expected["se"][convention][term], rel=TOLERANCE)
    again = stats.ols(FORMULAS[case], grunfeld).with_se(**OPTIONS[convention])
    assert again.bse.equals(model.bse)
    assert again.note() == model.note()


@pytest.mark.parametrize("case", FORMULAS)
def test_grunfeld_fit(certified: dict[str, Any], grunfeld: pd.DataFrame, case: str) -> None:
    expected, model = certified[case], stats.ols(FORMULAS[case], grunfeld)
    assert model.nobs == expected["n"]
    assert model.fit.rank == expected["rank"]
    assert model.rss == pytest.approx(expected["rss"], rel=TOLERANCE)
    assert model.rsquared == pytest.approx(expected["r2"], rel=TOLERANCE)
    assert model.rsquared_within == pytest.approx(expected["r2_within"], rel=TOLERANCE)
    for term, value in expected["p_CRV1_firm_nested"].items():
        assert model.pvalues[term] == pytest.approx(value, rel=TOLERANCE)


def test_longley() -> None:
    expected = json.loads((REFERENCE / "longley.json").read_text("utf-8"))
    model = stats.ols("y ~ x1 + x2 + x3 + x4 + x5 + x6", pd.read_csv(REFERENCE / "longley.csv"))
    assert model.covariance.vcov.se == "iid"
    for term, value in expected["params"].items():
        assert model.params[term] == pytest.approx(value, rel=1e-12)
        assert model.bse[term] == pytest.approx(expected["se"][term], rel=1e-12)
    assert model.rsquared == pytest.approx(expected["r_squared"], rel=1e-12)
    assert np.sqrt(model.rss / model.df_resid) == pytest.approx(expected["residual_sd"], rel=1e-12)


def test_wampler1() -> None:
    expected = json.loads((REFERENCE / "wampler1.json").read_text("utf-8"))
    data = pd.read_csv(REFERENCE / "wampler1.csv")
    for power in range(1, 6):
        data[f"x{power}"] = data["x"] ** power
    model = stats.ols("y ~ x1 + x2 + x3 + x4 + x5", data)
    for term, value in expected["params"].items():
        assert model.params[term] == pytest.approx(value, rel=1e-9)
        assert model.bse[term] == pytest.approx(expected["se"][term], abs=1e-9)
    assert model.rsquared == 1
    assert "fit the response exactly" in model.notes()[0]


@pytest.fixture(scope="module")
def unbalanced() -> pd.DataFrame:
    rng = np.random.default_rng(20240601)
    keys = pd.MultiIndex.from_product([range(25), range(2000, 2012)], names=["iso3", "year"]).to_frame(index=False)
    data = keys.sample(frac=0.7, random_state=1).reset_index(drop=True)
    data["x"] = rng.normal(size=len(data)) + 0.1 * data["iso3"] - 0.2 * (data["year"] - 2000)
    data["z"] = rng.normal(size=len(data)) ** 2
    data["region"] = data["iso3"] % 6
    data["y"] = 2 * data["x"] - data["z"] + data["iso3"] + rng.normal(size=len(data)) * (1 + data["z"])
    return data


def test_indicators_by_hand_in_statsmodels(unbalanced: pd.DataFrame) -> None:
    indicators = pd.get_dummies(unbalanced[["iso3", "year"]].astype("category"), drop_first=True, dtype=float)
    design = sm.add_constant(pd.concat([unbalanced[["x", "z"]], indicators], axis=1))
    by_hand = sm.OLS(unbalanced["y"], design)
    model = stats.ols("y ~ x + z | iso3 + year", unbalanced)
    plain = by_hand.fit()
    assert model.fit.rank == np.linalg.matrix_rank(design)
    np.testing.assert_allclose(model.params, plain.params[["x", "z"]], rtol=TOLERANCE)
    np.testing.assert_allclose(model.resid, plain.resid, rtol=1e-7, atol=1e-10)
    np.testing.assert_allclose(model.fitted, plain.fittedvalues, rtol=TOLERANCE)
    assert model.rsquared == pytest.approx(plain.rsquared, rel=TOLERANCE)
    for options, theirs in (
        ({"se": "iid"}, plain),
        ({"se": "HC0"}, by_hand.fit(cov_type="HC0")),
        ({"se": "HC1"}, by_hand.fit(cov_type="HC1")),
        ({"df": "full"}, by_hand.fit(cov_type="cluster", cov_kwds={"groups": unbalanced["iso3"]})),
        (
            {"df": "full", "cluster": "region"},
            by_hand.fit(cov_type="cluster", cov_kwds={"groups": unbalanced["region"]}),
        ),
    ):
        np.testing.assert_allclose(model.with_se(**options).bse, theirs.bse[["x", "z"]], rtol=TOLERANCE)  # type: ignore[arg-type]
    interval = model.with_se("iid").conf_int()
    np.testing.assert_allclose(interval, plain.conf_int().loc[["x", "z"]], rtol=TOLERANCE)


def test_pooled_in_statsmodels(unbalanced: pd.DataFrame) -> None:
    model = stats.ols("y ~ x + z + C(region)", unbalanced, se="CRV1", cluster="iso3")
    regions = pd.get_dummies(unbalanced["region"].astype("category"), drop_first=True, dtype=float)
    design = sm.add_constant(pd.concat([unbalanced[["x", "z"]], regions], axis=1))
    theirs = sm.OLS(unbalanced["y"], design).fit(cov_type="cluster", cov_kwds={"groups": unbalanced["iso3"]})
    np.testing.assert_allclose(model.params, theirs.params, rtol=TOLERANCE)
    np.testing.assert_allclose(model.cov, theirs.cov_params(), rtol=1e-7)
    assert model.terms == ("Intercept", "x", "z", *(f"C(region)[{i}]" for i in range(1, 6)))


def test_three_effects_of_which_one_level_is_redundant(unbalanced: pd.DataFrame) -> None:
    data = unbalanced.assign(mix=unbalanced["iso3"] % 4 + unbalanced["year"] % 3)
    model = stats.ols("y ~ x + z | iso3 + year + mix", data, se="iid")
    indicators = pd.get_dummies(data[["iso3", "year", "mix"]].astype("category"), drop_first=True, dtype=float)
    design = sm.add_constant(pd.concat([data[["x", "z"]], indicators], axis=1)).to_numpy()
    assert model.fit.rank == np.linalg.matrix_rank(design) < design.shape[1]
    solution = np.linalg.lstsq(design, data["y"], rcond=None)[0]
    np.testing.assert_allclose(model.params, solution[1:3], rtol=TOLERANCE)
    variance = np.sum((data["y"] - design @ solution) ** 2) / (len(data) - model.fit.rank)
    errors = np.sqrt(np.diag(np.linalg.pinv(design.T @ design))[1:3] * variance)
    np.testing.assert_allclose(model.bse, errors, rtol=TOLERANCE)
