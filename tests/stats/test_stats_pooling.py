"""Rubin's rules: against R's mice, by their laws, and what they refuse."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govdata import stats
from govdata.errors import EstimationError
from govdata.stats.over_draws import over_draws
from govdata.stats.pooled import Pooled
from govdata.stats.pooling import pool, rubin

REFERENCE = Path(__file__).parents[1] / "reference"
TOLERANCE = 1e-8
FACTS = ("params", "se", "df", "riv", "lambda", "fmi")
MODELS: dict[str, Any] = {
    "iid": lambda frame: stats.ols("inv ~ value + capital", frame, unit="firm", time="year", se="iid"),
    "CR1": lambda frame: stats.ols("inv ~ value + capital | firm + year", frame, se="CR1"),
    "logit": lambda frame: stats.binary("many ~ value + capital", frame, unit="firm", period="year", se="iid"),
}


@pytest.fixture(scope="module")
def certified() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((REFERENCE / "pooling" / "pooling.json").read_text("utf-8"))
    return found


@pytest.fixture(scope="module")
def versions() -> pd.DataFrame:
    frame = pd.read_csv(REFERENCE / "pooling" / "versions.csv")
    grunfeld = pd.read_csv(REFERENCE / "grunfeld.csv")
    frame = frame.merge(grunfeld[["firm", "year", "capital"]], on=["firm", "year"], validate="m:1")
    return frame.assign(many=(frame["inv"] > 100).astype(int))


def facts(pooled: Pooled) -> dict[str, dict[str, float]]:
    found = (pooled.params, pooled.bse, pooled.df, pooled.riv, pooled.lambda_, pooled.fmi)
    return {name: series.to_dict() for name, series in zip(FACTS, found, strict=True)}


@pytest.mark.parametrize("case", MODELS)
def test_pooled_models_agree_with_mice(certified: dict[str, Any], versions: pd.DataFrame, case: str) -> None:
    fits = [MODELS[case](frame) for _, frame in versions.groupby("draw")]
    found = facts(pool(fits))
    for name in FACTS:
        assert found[name] == pytest.approx(certified[case][name], rel=TOLERANCE)


@pytest.mark.parametrize("case", MODELS)
def test_the_long_frame_gives_the_same(certified: dict[str, Any], versions: pd.DataFrame, case: str) -> None:
    pooled = over_draws(MODELS[case](versions[versions["draw"] == 3].drop(columns="draw")), versions)
    for name in FACTS:
        assert facts(pooled)[name] == pytest.approx(certified[case][name], rel=TOLERANCE)


@pytest.mark.parametrize("case", ["few", "normal", "large"])
def test_scalars_agree_with_mice(certified: dict[str, Any], case: str) -> None:
    known = certified["scalar"][case]
    found = rubin(known["Q"], known["U"], float(known["dfcom"]))
    for mine, its in {"estimate": "estimate", "variance": "variance", "df": "df", "riv": "riv", "fmi": "fmi"}.items():
        assert float(getattr(found, mine)) == pytest.approx(known[its], rel=TOLERANCE)


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 30), st.floats(0.01, 5), st.floats(2, 500), st.integers(0, 10_000))
def test_the_parts_add_up(m: int, spread: float, complete: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    q, u = rng.normal(scale=spread, size=(m, 3)), rng.uniform(0.5, 2, size=(m, 3))
    found = rubin(q, u, complete)
    assert found.variance == pytest.approx(u.mean(axis=0) + (1 + 1 / m) * q.var(axis=0, ddof=1))
    assert (found.df < complete).all()
    assert found.lambda_ == pytest.approx(found.riv / (1 + found.riv))
    assert ((found.fmi > found.lambda_) & (found.fmi <= 1)).all()
    normal = rubin(q, u)
    assert normal.df == pytest.approx((m - 1) / found.lambda_**2)
    assert (normal.df > found.df).all()
    order = rng.permutation(m)
    assert rubin(q[order], u[order], complete).variance == pytest.approx(found.variance, rel=1e-12)
    one = rubin(q[:, 1], u[:, 1], complete)  # one estimate at a time is the same
    assert float(one.df) == pytest.approx(found.df[1], rel=1e-14)


def test_no_spread_is_complete_data() -> None:
    found = rubin(np.full((4, 2), 1.5), np.full((4, 2), 0.3), [7, np.inf])
    assert found.df.tolist() == [7, np.inf]
    assert found.fmi.tolist() == found.riv.tolist() == [0, 0]
    assert found.variance == pytest.approx([0.3, 0.3], rel=1e-15)


def test_spread_alone_has_no_degrees_of_freedom_in_a_sample() -> None:
    assert np.isnan(rubin([1.0, 2.0, 3.0], [0.0, 0.0, 0.0], 10).df)
    found = rubin([1.0, 2.0, 3.0], [0.0, 0.0, 0.0])
    assert (float(found.df), float(found.fmi), float(found.riv)) == (2, 1, np.inf)


def test_degrees_of_freedom_that_differ_over_draws_enter_by_their_mean() -> None:
    q, u = np.array([[1.0, 2.0], [1.5, 1.0], [1.25, 1.5]]), np.ones((3, 2))
    by_draw = rubin(q, u, [[10.0, 20.0], [12.0, 22.0], [14.0, 24.0]])
    assert by_draw.df == pytest.approx(rubin(q, u, [12.0, 22.0]).df)


@pytest.mark.parametrize(
    ("q", "u", "df", "message"),
    [
        ([1.0], [1.0], 5, "1 draw cannot be pooled; Rubin's rules need 2 or more"),
        (1.0, 1.0, 5, "0 draws cannot be pooled"),
        ([1.0, 2.0], [1.0], 5, r"estimates of shape \(2,\) and variances of shape \(1,\) differ"),
        ([1.0, np.nan, 2.0], [1.0, 1, 1], 5, r"the estimate is missing or infinite in 1 of 3 draws \(number 2\)"),
        ([1.0, 3.0, 2.0], [1.0, 1, np.inf], 5, r"the variance is missing or infinite in 1 of 3 draws \(number 3\)"),
        ([1.0, 3.0], [1.0, -1], 5, r"the variance is negative in 1 of 2 draws \(number 2\)"),
        ([1.0, 3.0], [1.0, 1], 0, "df_complete is above 0"),
        ([[1.0], [3.0]], [[1.0], [1]], [1.0, 2, 3], r"df_complete of shape \(3,\) does not fit"),
        (["a", "b"], [1.0, 1], 5, "estimates are numbers with the draws on the first axis"),
    ],
)
def test_what_cannot_be_pooled_is_refused(q: list[Any], u: list[Any], df: list[Any], message: str) -> None:
    with pytest.raises(EstimationError, match=message):
        rubin(q, u, df)


@pytest.fixture
def pooled(versions: pd.DataFrame) -> Pooled:
    return pool([MODELS["CR1"](frame) for _, frame in versions.groupby("draw")])


def test_a_pooled_model_is_a_model(pooled: Pooled) -> None:
    assert pooled.terms == ("value", "capital")
    assert pooled.estimates.shape == pooled.std_errors.shape == (6, 2)
    assert pooled.params.to_numpy() == pytest.approx(pooled.estimates.mean().to_numpy(), rel=1e-14)
    total = pooled.within + (1 + 1 / 6) * np.cov(pooled.estimates.T)
    assert pooled.cov.to_numpy() == pytest.approx(total, rel=1e-12)
    assert np.sqrt(np.diag(pooled.cov)) == pytest.approx(pooled.bse.to_numpy(), rel=1e-14)
    tidy = pooled.tidy()
    assert list(tidy.columns[:7]) == [
        "term",
        "estimate",
        "std_error",
        "statistic",
        "p_value",
        "conf_low",
        "conf_high",
    ]
    assert pooled.glance().loc[0, "draws"] == 6
    shown = stats.compare({"pooled": pooled, "first": pooled.model})
    assert shown.to_frame().loc["value", "pooled"]["estimate"]
    assert "Rubin's rules over 6 draws" in shown.to_text()
    assert "FMI" in pooled.summary()
    assert str(pooled) == pooled.summary()
    assert "begin{tabular}" in pooled.to_latex()
    assert pooled._repr_html_().startswith("<table")
    assert pickle.loads(pickle.dumps(pooled)).params.equals(pooled.params)  # noqa: S301 -- our own
    assert repr(pooled) == "<Pooled OLS 'inv ~ value + capital | firm + year': N 200, 6 draws>"
    with pytest.raises(AttributeError, match="a pooled model has no 'parms'; did you mean 'params'"):
        pooled.parms  # noqa: B018
    with pytest.raises(EstimationError, match="level is the share covered"):
        pooled.conf_int(0.05)


def test_few_draws_are_said_to_be_few(pooled: Pooled) -> None:
    (note,) = [note for note in pooled.notes() if "draws are few" in note]
    fmi = pooled.fmi.max()
    assert f"about {int(np.ceil(1 + 0.5 * (fmi / 0.05) ** 2))} keep" in note


def test_monte_carlo_errors_are_those_of_the_jackknife(pooled: Pooled) -> None:
    q, u = pooled.estimates.to_numpy(), pooled.std_errors.to_numpy() ** 2
    left = [rubin(np.delete(q, i, 0), np.delete(u, i, 0)) for i in range(6)]
    for what, name in ((lambda r: r.estimate, "estimate"), (lambda r: np.sqrt(r.variance), "std_error")):
        values = np.array([what(r) for r in left])
        error = np.sqrt(5 / 6 * ((values - values.mean(axis=0)) ** 2).sum(axis=0))
        assert pooled.mc_error[name].to_numpy() == pytest.approx(error, rel=1e-10)


def test_samples_of_other_sizes_are_said(versions: pd.DataFrame) -> None:
    frames = [frame.iloc[d:] for d, (_, frame) in enumerate(versions.groupby("draw"))]
    pooled = pool([MODELS["CR1"](frame) for frame in frames])
    assert pooled.nobs == 195
    assert "N goes from 195 to 200 over the draws; the smallest is shown" in pooled.notes()


def test_what_is_not_one_model_is_refused(versions: pd.DataFrame) -> None:
    frame = versions[versions["draw"] == 1]
    one = stats.ols("inv ~ value | firm", frame)
    with pytest.raises(EstimationError, match="1 result cannot be pooled"):
        pool([one])
    with pytest.raises(EstimationError, match="1 result cannot be pooled"):
        pool(one)  # type: ignore[arg-type]
    with pytest.raises(EstimationError, match=r"result 2 is no fitted model of stats such as stats.ols gives, but 3"):
        pool([one, 3])  # type: ignore[list-item]
    with pytest.raises(EstimationError, match="result 2 has other terms than result 1: value, capital in one alone"):
        pool([one, stats.ols("inv ~ capital | firm", frame)])
    with pytest.raises(
        EstimationError, match=r"result 2 has another convention, 'iid', than result 1, 'CRV1'; pool one"
    ):
        pool([one, one.with_se("iid")])
    with pytest.raises(EstimationError, match="result 2 has another response"):
        pool([one, stats.ols("capital ~ value | firm", frame)])
    with pytest.raises(EstimationError, match="result 2 has another estimator"):
        pool([one, stats.binary("many ~ value", frame, unit="firm", period="year")])


def test_other_effects_and_other_counting_are_refused(versions: pd.DataFrame) -> None:
    first = versions[versions["draw"] == versions["draw"].min()]
    m = stats.ols("inv ~ value | firm + year", first, unit="firm", time="year")
    with pytest.raises(EstimationError, match="result 2 has another set of effects, 'firm', than result 1"):
        pool([m, stats.ols("inv ~ value | firm", first, unit="firm", time="year")])
    with pytest.raises(EstimationError, match="result 2 has another df=, 'full', than result 1, 'nested'"):
        pool([m, m.with_se(df="full")])
