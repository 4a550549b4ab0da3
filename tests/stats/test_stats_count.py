"""Poisson and negative binomial models: agreement with R, laws, and what is refused."""

import json
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govdata.errors import EstimationError, FormulaError
from govdata.stats.count import CountModel, _antisums, count
from govdata.stats.results import PanelResults

REFERENCE = Path(__file__).parents[1] / "reference" / "nonlinear"
CERTIFIED: dict[str, Any] = json.loads((REFERENCE / "count.json").read_text("utf-8"))
SEPARATION: dict[str, Any] = json.loads((REFERENCE / "separation.json").read_text("utf-8"))
CASES = ("epil", "quine", "events", "events_exposure")
FACTS = {"loglik": "loglik", "loglik_null": "loglik_null", "pseudo_r2": "mcfadden_r2", "AIC": "aic", "BIC": "bic"}
few = settings(max_examples=25, deadline=None)


def fit(name: str, part: str, **options: object) -> tuple[PanelResults, dict[str, Any]]:
    source = CERTIFIED[name]
    case = source[part]
    keys = {"unit": source["unit"], "time": source["time"]} if source["time"] else {"panel": False}
    frame = pd.read_csv(REFERENCE / source["data"])
    arguments: dict[str, Any] = {**keys, **options}
    return count(case["model"], frame, exposure=case["exposure"] or None, se="iid", **arguments), case


def convention(key: str, source: dict[str, Any]) -> dict[str, Any]:
    se, *rest = key.split("_")
    if not rest:
        return {"se": se}
    if rest[0] != "twoway":
        return {"se": se, "cluster": rest[0]}
    return {"se": se, "cluster": [source["unit"], source["time"]]} | ({"twoway": rest[1]} if len(rest) > 1 else {})


def compare(model: PanelResults, errors: dict[str, Any], source: dict[str, Any]) -> None:
    for key, values in errors.items():
        if values is None:
            with pytest.raises(EstimationError, match="negative"):
                model.with_se(**convention(key, source))
            continue
        found = model.with_se(**convention(key, source)).bse.rename({"ln(alpha)": "lnalpha"})
        for term, value in values.items():
            assert found[term] == pytest.approx(value, rel=1e-8), (key, term)


@pytest.mark.parametrize("name", CASES)
def test_poisson_is_certified(name: str) -> None:
    model, case = fit(name, "poisson")
    assert model.params.to_dict() == pytest.approx(case["params"], rel=1e-9)
    compare(model, case["se"], CERTIFIED[name])
    for ours, theirs in FACTS.items():
        assert model.facts[ours] == pytest.approx(case["extra"][theirs], rel=1e-9)
    assert model.fitted.sum() == pytest.approx(case["extra"]["fitted_sum"], rel=1e-9)


@pytest.mark.parametrize(("information", "part"), [("observed", "full"), ("expected", "given_alpha")])
@pytest.mark.parametrize("name", CASES)
def test_negative_binomial_is_certified(name: str, information: str, part: str) -> None:
    model, case = fit(name, "nb2", model="negbin", information=information)
    assert model.params.drop("ln(alpha)").to_dict() == pytest.approx(case["params"], rel=1e-8)
    assert model.params["ln(alpha)"] == pytest.approx(case["lnalpha"], rel=1e-8)
    assert model.facts["alpha"] == pytest.approx(case["alpha"], rel=1e-8)
    assert model.auxiliary == ("ln(alpha)",)
    compare(model, case["se"][part], CERTIFIED[name])
    for ours, theirs in FACTS.items():
        assert model.facts[ours] == pytest.approx(case["extra"][theirs], rel=1e-8)
    if information == "expected":
        # glm.nb: the error of theta = 1/alpha, by the delta method
        assert model.bse["ln(alpha)"] / model.facts["alpha"] == pytest.approx(
            case["extra"]["glm_nb_SE_theta"], rel=1e-3
        )


def test_poisson_with_an_effect_is_poisson_with_indicators() -> None:
    # R: glm(protests ~ openness + growth + factor(country) + offset(log(population)), poisson), vcovCL and vcovHC
    frame = pd.read_csv(REFERENCE / "count_events.csv")
    options: dict[str, Any] = {"exposure": "population", "unit": "country", "se": "iid"}
    model = count("protests ~ openness + growth | country", frame, **options)
    assert model.params.tolist() == pytest.approx([0.426678707101313, -7.907764902109499], rel=1e-9)
    assert model.bse.tolist() == pytest.approx([0.0179430647835868, 0.6414588191924301], rel=1e-9)
    assert model.with_se("CR0").bse.tolist() == pytest.approx([0.0534672624081849, 1.6434194001032452], rel=1e-9)
    assert model.with_se("HC0").bse.tolist() == pytest.approx([0.0466728948370949, 1.9085563892417539], rel=1e-9)
    assert model.facts["loglik"] == pytest.approx(-2050.65187100467, rel=1e-9)
    dummies = count("protests ~ openness + growth + C(country)", frame, **options)
    assert model.facts["AIC"] == pytest.approx(dummies.facts["AIC"], rel=1e-9)
    assert model.resid.to_numpy() == pytest.approx(dummies.resid.to_numpy(), abs=1e-8)


@pytest.mark.parametrize("model", ["poisson", "negbin"])
@pytest.mark.parametrize("size", [1e3, 3e4])
def test_rounding_of_large_terms_does_not_stop_the_climb(model: CountModel, size: float) -> None:
    rng = np.random.default_rng(0)
    for _ in range(5):
        x = rng.normal(size=2000)
        frame = pd.DataFrame({"x": x, "y": np.floor(size * np.exp(0.5 * x) * rng.gamma(2.0, 0.5, 2000))})
        assert count("y ~ x", frame, model=model, panel=False, se="HC0").params["x"] == pytest.approx(0.5, abs=0.1)


def test_units_without_any_count_go() -> None:
    frame = simulated(4)
    frame.loc[frame["iso3"] < 2, "y"] = 0
    model = count("y ~ x | iso3", frame)
    assert any("2 units of iso3" in note and "no count above 0" in note for note in model.notes())
    assert model.params["x"] == pytest.approx(count("y ~ x | iso3", frame[frame["iso3"] >= 2]).params["x"], rel=1e-10)


@pytest.mark.parametrize("model", ["poisson", "negbin"])
@pytest.mark.parametrize("name", ["count_dummy", "count_fine"])
def test_separation(name: str, model: CountModel) -> None:
    data = pd.read_csv(REFERENCE / "separation.csv")
    data = data[data["case"] == name]
    if name == "count_dummy":
        with pytest.raises(EstimationError, match="x = 1: no count above 0 in its 4 rows"):
            count("y ~ x + z", data, unit="unit", model=model)
        return
    found = count("y ~ x + z", data, unit="unit", model=model, se="iid")
    if model == "poisson":
        assert found.params.to_dict() == pytest.approx(SEPARATION[name]["poisson"]["params_tight"], rel=1e-6)


def test_separation_of_counts_within_many_units() -> None:
    rng = np.random.default_rng(6)
    frame = pd.DataFrame({"iso3": np.repeat(np.arange(3000), 10), "year": np.tile(np.arange(10), 3000)})
    frame["x"] = rng.normal(size=30_000)
    frame["y"] = rng.poisson(0.7, 30_000)
    frame["s"] = np.where((frame["y"] == 0) & (frame["x"] > 1.5), frame["x"], 0.0)
    tracemalloc.start()
    with pytest.raises(EstimationError, match=r"\(separation\): s predicts the response perfectly"):
        count("y ~ x + s | iso3", frame)
    assert tracemalloc.get_traced_memory()[1] < 400e6
    tracemalloc.stop()


def test_separation_by_two_regressors() -> None:
    frame = simulated(2)
    frame["w"] = np.where(frame["y"] > 0, 1.5 - frame["x"], -frame["x"])
    with pytest.raises(EstimationError, match="x, w together predict the response"):
        count("y ~ x + w", frame)


def simulated(seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"iso3": np.repeat(np.arange(12), 10), "year": np.tile(np.arange(10) + 2000, 12)})
    frame["x"] = rng.normal(size=120) + 0.1 * frame["iso3"]
    frame["people"] = np.exp(rng.normal(size=120))
    frame["y"] = rng.negative_binomial(1.5, 1.5 / (1.5 + 2 * frame["people"] * np.exp(0.5 * frame["x"])))
    return frame


@few
@given(st.integers(0, 10_000), st.sampled_from(["poisson", "negbin"]))
def test_rows_and_key_types_change_no_digit(seed: int, model: CountModel) -> None:
    frame = simulated(seed)
    one = count("y ~ x", frame, model=model, exposure="people")
    mixed = frame.sample(frac=1, random_state=seed).astype({"iso3": str, "year": float})
    two = count("y ~ x", mixed, model=model, exposure="people")
    assert one.params.equals(two.params)
    assert one.bse.equals(two.bse)
    assert one.facts == two.facts


@few
@given(st.integers(0, 10_000), st.sampled_from(["poisson", "negbin"]), st.floats(1e-4, 1e4))
def test_scales(seed: int, model: CountModel, factor: float) -> None:
    frame = simulated(seed)
    one = count("y ~ x", frame, model=model, exposure="people")
    two = count("y ~ x", frame.assign(x=frame["x"] * factor), model=model, exposure="people")
    assert two.params["x"] * factor == pytest.approx(one.params["x"], rel=1e-7)
    assert two.bse["x"] * factor == pytest.approx(one.bse["x"], rel=1e-7)
    three = count("y ~ x", frame.assign(people=frame["people"] * factor), model=model, exposure="people")
    assert three.params["Intercept"] + np.log(factor) == pytest.approx(one.params["Intercept"], rel=1e-7, abs=1e-9)
    four = count("y ~ x", frame.assign(o=np.log(frame["people"])), model=model, offset="o")
    assert four.params.to_numpy() == pytest.approx(one.params.to_numpy(), rel=1e-9)


def test_exposure_may_also_be_a_regressor() -> None:
    frame = simulated(7)
    plain = count("y ~ log(people) + x", frame)
    shifted = count("y ~ log(people) + x", frame, exposure="people")
    assert shifted.params["log(people)"] + 1 == pytest.approx(plain.params["log(people)"], rel=1e-8)
    assert shifted.bse.to_numpy() == pytest.approx(plain.bse.to_numpy(), rel=1e-8)


def test_rows_without_exposure_are_counted() -> None:
    frame = simulated(8)
    frame.loc[[3, 5], "people"] = np.nan
    model = count("y ~ x", frame, exposure="people")
    assert model.left_out() == "2 (missing log(people) 2)"
    assert list(model.params.index) == ["Intercept", "x"]
    assert "log(people) enters with coefficient one" in model.notes()


@pytest.mark.parametrize(
    ("changes", "options", "message"),
    [
        ({"y": -1}, {}, "y holds -1; a count is a whole number from 0 up"),
        ({"y": 0.5}, {}, "y holds 0.5; a count is a whole number from 0 up"),
        ({"y": 0}, {}, "y is 0 in all 120 rows"),
        ({"y": "many"}, {}, "y holds 'many'; a count is a whole number"),
        ({"people": 0.0}, {"exposure": "people"}, "people is zero or negative"),
        ({}, {"exposure": "people", "offset": "x"}, "two ways to say the same"),
        ({}, {"offset": "y"}, "offset='y' is the response"),
        ({}, {"model": "nb"}, "model is one of poisson, negbin, not 'nb'"),
        ({}, {"se": "CV3"}, "defined for linear models only"),
        ({}, {"information": "both"}, "information is one of observed, expected"),
    ],
)
def test_refused(changes: dict[str, Any], options: dict[str, Any], message: str) -> None:
    with pytest.raises(EstimationError, match=message):
        count("y ~ x", simulated(1).assign(**changes), **options)


def test_refused_columns_and_effects() -> None:
    frame = simulated(1)
    with pytest.raises(FormulaError, match=r"column 'peple' is not in the data \(exposure=\); did you mean 'people'"):
        count("y ~ x", frame, exposure="peple")
    with pytest.raises(FormulaError, match="exposure is the name of a column"):
        count("y ~ x", frame, exposure=3)  # type: ignore[arg-type]
    with pytest.raises(EstimationError, match=r"incidental parameters\); write C\(iso3\)"):
        count("y ~ x | iso3", frame, model="negbin")
    with pytest.raises(EstimationError, match="takes one effect"):
        count("y ~ x | iso3 + year", frame)


def test_no_overdispersion_is_refused() -> None:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"y": rng.binomial(5, 0.5, size=300), "x": rng.normal(size=300)})
    with pytest.raises(EstimationError, match="no alpha above 0; take model='poisson'"):
        count("y ~ x", frame, model="negbin", panel=False)


@pytest.mark.parametrize("alpha", [1e-9, 1e-5, 0.3, 40.0])
def test_sums_below_large_counts_by_formula_are_those_one_by_one(alpha: float) -> None:
    low, high = 1000, 60_000
    j = np.arange(low, high, dtype=np.longdouble)
    g = j / (1 + alpha * j)
    wanted = [float(sum_.sum()) for sum_ in (np.log1p(alpha * j), g, g**2)]
    ends = _antisums(alpha, np.array([low, high], dtype=float))
    assert (ends[:, 1] - ends[:, 0]).tolist() == pytest.approx(wanted, rel=1e-12)


def test_negative_binomial_takes_counts_of_any_size() -> None:
    rng = np.random.default_rng(4)
    x = rng.normal(size=400)
    mean = np.exp(21 + 0.3 * x)
    frame = pd.DataFrame({"x": x, "y": rng.poisson(mean * rng.gamma(2.0, 0.5, 400))})
    model = count("y ~ x", frame, model="negbin", panel=False, se="iid")
    assert frame["y"].max() > 1e9
    # so far from 0 the law is that of the gamma distribution
    assert model.params["x"] == pytest.approx(0.3, abs=0.15)
    assert model.facts["alpha"] == pytest.approx(0.5, abs=0.1)
    mu = model.fitted.to_numpy()
    assert float(((frame["y"] - mu) / mu).sum()) == pytest.approx(0, abs=1e-6)
