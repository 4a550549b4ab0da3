"""Ordered logit and probit: agreement with R, laws, and what is refused."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govdata.errors import EstimationError
from govdata.stats.binary import binary
from govdata.stats.ordered import OrderedLink, ordered

REFERENCE = Path(__file__).parents[1] / "reference" / "nonlinear"
CERTIFIED: dict[str, Any] = json.loads((REFERENCE / "ordered.json").read_text("utf-8"))
CASES = [(data, name) for data in ("housing", "terror") for name, case in CERTIFIED[data].items() if "model" in case]
FACTS = {"loglik": "loglik", "loglik_null": "loglik_null", "pseudo_r2": "mcfadden_r2", "AIC": "aic", "BIC": "bic"}
few = settings(max_examples=25, deadline=None)


@pytest.mark.parametrize(("data", "name"), CASES)
def test_certified(data: str, name: str) -> None:
    source, case = CERTIFIED[data], CERTIFIED[data][name]
    frame = pd.read_csv(REFERENCE / source["data"])
    keys = {"unit": source["unit"], "time": source["time"]} if "time" in source else {"panel": False}
    model = ordered(case["model"], frame, link=case["link"], se="iid", **keys)
    assert model.params.to_dict() == pytest.approx({**case["params"], **case["thresholds"]}, rel=1e-9)
    assert model.auxiliary == tuple(case["thresholds"])
    for ours, theirs in FACTS.items():
        assert model.facts[ours] == pytest.approx(case["extra"][theirs], rel=1e-9)
    for key, errors in case["se"].items():
        se, *rest = key.split("_")
        options: dict[str, Any] = {"cluster": rest[0]} if rest else {}
        if rest[:1] == ["twoway"]:
            options = {"cluster": [source["unit"], source["time"]]} | ({"twoway": rest[1]} if rest[1:] else {})
        if errors is None:
            with pytest.raises(EstimationError, match="negative"):
                model.with_se(se, **options)
            continue
        assert model.with_se(se, **options).bse.to_dict() == pytest.approx(errors, rel=1e-8), key
    sizes = ", ".join(f"{level} {n}" for level, n in zip(case["levels"], case["counts"], strict=True))
    assert any(note.endswith(sizes) for note in model.notes())


def simulated(seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"iso3": np.repeat(np.arange(12), 12), "year": np.tile(np.arange(12) + 2000, 12)})
    frame["x"], frame["z"] = rng.normal(size=144) + 10, rng.normal(size=144)
    latent = 0.7 * (frame["x"] - 10) - 0.4 * frame["z"] + rng.logistic(size=144)
    frame["y"] = np.digitize(latent, [-1.0, 0.0, 1.2]) + 1
    return frame


@few
@given(st.integers(0, 10_000), st.sampled_from(["logit", "probit"]))
def test_rows_and_key_types_change_no_digit(seed: int, link: OrderedLink) -> None:
    frame = simulated(seed)
    one = ordered("y ~ x + lag(z, 1)", frame, link=link)
    two = ordered("y ~ x + lag(z, 1)", frame.sample(frac=1, random_state=seed).astype({"iso3": str}), link=link)
    assert one.params.equals(two.params)
    assert one.bse.equals(two.bse)


@few
@given(st.integers(0, 10_000), st.sampled_from(["logit", "probit"]), st.floats(1e-5, 1e5))
def test_scales_and_the_direction_of_the_scale(seed: int, link: OrderedLink, factor: float) -> None:
    frame = simulated(seed)
    model = ordered("y ~ x + z", frame, link=link)
    other = ordered("y ~ x + z", frame.assign(x=frame["x"] * factor), link=link)
    assert other.params["x"] * factor == pytest.approx(model.params["x"], rel=1e-8)
    assert other.bse["2|3"] == pytest.approx(model.bse["2|3"], rel=1e-7)
    turned = ordered("y ~ x + z", frame.assign(y=5 - frame["y"]), link=link)
    assert turned.params["x"] == pytest.approx(-model.params["x"], rel=1e-8)
    assert turned.params["1|2"] == pytest.approx(-model.params["3|4"], rel=1e-8, abs=1e-9)
    assert turned.bse["x"] == pytest.approx(model.bse["x"], rel=1e-8)


@few
@given(st.integers(0, 10_000))
def test_only_the_order_of_the_codes_counts(seed: int) -> None:
    frame = simulated(seed)
    model = ordered("y ~ x + z", frame)
    spaced = ordered("y ~ x + z", frame.assign(y=frame["y"].map({1: -5, 2: 0, 3: 7, 4: 100})))
    names = pd.Categorical(
        frame["y"].map({1: "none", 2: "few", 3: "many", 4: "all"}), ["none", "few", "many", "all"], ordered=True
    )
    named = ordered("y ~ x + z", frame.assign(y=names))
    assert spaced.params.tolist() == named.params.tolist() == model.params.tolist()
    assert list(spaced.params.index) == ["x", "z", "-5|0", "0|7", "7|100"]
    assert list(named.params.index) == ["x", "z", "none|few", "few|many", "many|all"]


def test_an_empty_category_is_named() -> None:
    frame = simulated(1)
    frame["y"] = pd.Categorical(frame["y"], [1, 2, 3, 4, 5], ordered=True)
    model = ordered("y ~ x", frame)
    assert any("no row in the sample is 5" in note for note in model.notes())
    assert list(model.params.index) == ["x", "1|2", "2|3", "3|4"]


def test_merging_all_upper_categories_is_a_binary_model() -> None:
    frame = simulated(3)
    frame["top"] = (frame["y"] > 1).astype(int)
    whole = ordered("y ~ x + z", frame)
    part = binary("top ~ x + z", frame)
    assert np.sign(part.params["x"]) == np.sign(whole.params["x"])
    with pytest.raises(
        EstimationError, match=r"two categories in the sample, 0 and 1; make it 0 and 1 and take binary\(\)"
    ):
        ordered("top ~ x + z", frame)


def test_there_are_no_residuals() -> None:
    with pytest.raises(EstimationError, match="has categories and no mean, so there are no residuals"):
        _ = ordered("y ~ x", simulated(1)).resid


@pytest.mark.parametrize("link", ["logit", "probit"])
@pytest.mark.parametrize("name", ["ordered_complete", "ordered_fine"])
def test_separation(name: str, link: OrderedLink) -> None:
    data = pd.read_csv(REFERENCE / "separation.csv")
    data = data[data["case"] == name]
    if name == "ordered_complete":
        with pytest.raises(EstimationError, match=r"\(separation\): x predicts the response perfectly"):
            ordered("y ~ x + z", data, unit="unit", link=link)
    else:
        assert np.isfinite(ordered("y ~ x + z", data, unit="unit", link=link, se="iid").bse).all()


def test_separation_without_a_row_predicted_for_certain() -> None:
    # d is 0 in category 1, 1 in category 3 and both in category 2: no row is certain, yet two thresholds part for ever
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"d": [0] * 10 + [1] * 10, "y": [1] * 5 + [2] * 10 + [3] * 5, "z": rng.normal(size=20)})
    with pytest.raises(EstimationError, match="d predicts the response perfectly"):
        ordered("y ~ d + z", frame, panel=False)


def test_separation_names_the_level() -> None:
    frame = simulated(2)
    frame["region"] = np.array(["Africa", "Asia", "Europe"])[frame["iso3"] % 3]
    frame.loc[frame["region"] == "Asia", "y"] = 1
    with pytest.raises(EstimationError, match=r"C\(region\)\[Asia\]: all its 48 rows are in 1, the lowest category"):
        ordered("y ~ x + C(region)", frame)


@pytest.mark.parametrize(
    ("formula", "changes", "message"),
    [
        ("y ~ x", {"y": 0.5}, "y holds 0.5; an ordered response is whole numbers or an ordered category"),
        ("y ~ x", {"y": "a"}, "y holds 'a'; an ordered response is"),
        ("y ~ x", {"y": 3}, "y is 3 in all 144 rows"),
        ("y ~ x", {"y": pd.Categorical(["a", "b", "c"] * 48)}, "category without an order"),
        ("y ~ x", {"y": range(144)}, "144 categories in 144 rows"),
        ("y ~ x - 1", {}, "thresholds in place of an intercept"),
        ("y ~ x | iso3", {}, r"incidental parameters\); write C\(iso3\)"),
        ("y ~ x + w", {"w": 2.0}, "w is constant"),
    ],
)
def test_refused(formula: str, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(EstimationError, match=message):
        ordered(formula, simulated(1).assign(**changes))


def test_unknown_options_are_refused() -> None:
    with pytest.raises(EstimationError, match="link is one of logit, probit, not 'cloglog'"):
        ordered("y ~ x", simulated(1), link="cloglog")  # type: ignore[arg-type]
    with pytest.raises(EstimationError, match="defined for linear models only"):
        ordered("y ~ x", simulated(1), se="HC3")
