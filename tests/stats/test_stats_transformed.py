"""Between and first differences: agreement with plm, laws, refusals."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govdata import stats
from govdata.errors import EstimationError, PanelError
from govdata.stats.transformed import between, first_difference

LINEAR = Path(__file__).parents[1] / "reference" / "linear"
CASES = sorted(path.stem for path in LINEAR.glob("difference_*.json"))
TOLERANCE = 1e-8
CONVENTIONS: dict[str, dict[str, Any]] = {
    "iid": {"se": "iid"},
    "HC0": {"se": "HC0"},
    "HC1": {"se": "HC1"},
    "HC2": {"se": "HC2"},
    "HC3": {"se": "HC3"},
    "CR0_unit": {"se": "CR0"},
    "CRV1_unit": {"se": "CRV1"},
    "CRHC1_unit": {"se": "CRHC1"},
    "CR0_time": {"se": "CR0"},
}
few = settings(max_examples=20)


def case(name: str) -> tuple[dict[str, Any], pd.DataFrame]:
    found: dict[str, Any] = json.loads((LINEAR / f"{name}.json").read_text("utf-8"))
    return found, pd.read_csv(LINEAR / found["data"])


def panel(seed: int) -> pd.DataFrame:
    """Make an unbalanced panel with gaps and a missing value."""
    rng = np.random.default_rng(seed)
    keys = [(f"u{unit:02d}", 1990 + year) for unit in range(12) for year in range(9) if rng.random() < 0.8]
    data = pd.DataFrame(keys, columns=["iso3", "year"])
    data["effect"] = data["iso3"].str[1:].astype(int) % 5
    data["x"] = rng.normal(size=len(data)) + data["effect"]
    data["z"] = rng.normal(size=len(data))
    data["y"] = data["x"] - data["z"] + data["effect"] + rng.normal(size=len(data))
    data.loc[3, "z"] = np.nan
    return data


def close(found: pd.Series, expected: dict[str, float], tolerance: float = TOLERANCE) -> None:  # type: ignore[type-arg]
    assert list(found.index) == list(expected)
    np.testing.assert_allclose(found, list(expected.values()), rtol=tolerance)


def fitted(key: str, certified: dict[str, Any], data: pd.DataFrame) -> stats.PanelResults:
    keys = {"unit": certified["unit"], "time": certified["time"]}
    if key.startswith("between"):
        return between(certified["model_between"], data, weighted=key.endswith("weighted"), **keys)
    gaps: Any = "span" if "_rows" in key else "skip"
    return first_difference(certified["model"], data, intercept=not key.endswith("noconst"), gaps=gaps, **keys)


def test_there_are_cases() -> None:
    assert len(CASES) >= 10


def test_r2_of_weighted_means_is_that_of_weighted_least_squares() -> None:
    rng = np.random.default_rng(2)
    keys = [(f"u{unit:02d}", 1990 + year) for unit in range(12) for year in range(1 + unit)]
    data = pd.DataFrame(keys, columns=["iso3", "year"])
    data["x"] = rng.normal(size=len(data))
    data["y"] = 30 + data["x"] + rng.normal(size=len(data))
    means, size = data.groupby("iso3")[["x", "y"]].mean(), data.groupby("iso3").size()
    model = between("y ~ x", data, weighted=True)
    left = means["y"] - model.params["Intercept"] - model.params["x"] * means["x"]
    spread = means["y"] - np.average(means["y"], weights=size)
    assert model.rsquared == pytest.approx(1 - (size * left**2).sum() / (size * spread**2).sum(), rel=1e-10)


@pytest.mark.parametrize("name", CASES)
def test_certified(name: str) -> None:
    certified, data = case(name)
    for key, expected in certified["params"].items():
        if key.startswith("between_time"):
            continue
        model = fitted(key, certified, data)
        close(model.params, expected)
        extra = certified["extra"].get(key, {})
        assert model.nobs == extra.get("n", model.nobs)
        assert model.rsquared == pytest.approx(extra.get("r2", model.rsquared), rel=TOLERANCE)
        for convention, options in CONVENTIONS.items():
            errors = certified["se"].get(f"{key}_{convention}")
            if errors is not None:
                more = {"cluster": certified["time"]} if convention == "CR0_time" else {}
                close(model.with_se(**options, **more).bse, errors)


def test_gaps_are_counted() -> None:
    certified, data = case("difference_grunfeld_gaps")
    skip, span = fitted("fd", certified, data), fitted("fd_rows", certified, data)
    assert skip.notes()[-1] == "175 changes from 189 rows; 4 rows follow a gap in year"
    assert span.notes()[-1] == "179 changes from 189 rows; 4 of them span more than one step of year"
    assert skip.nobs == 175


def test_cases_stand_at_the_later_row() -> None:
    data = panel(1)
    model = first_difference("y ~ x", data)
    frame = data.assign(before=stats.lag(data, "y"), past=stats.lag(data, "x"))
    pairs = frame["before"].notna() & frame["past"].notna()
    assert (model.resid.notna() == pairs).all()
    change = frame["y"] - frame["before"]
    np.testing.assert_allclose((model.fitted + model.resid)[pairs], change[pairs], rtol=1e-12)
    assert model.sample.sum() >= model.nobs
    assert model.n_units == data.loc[pairs, "iso3"].nunique()


def test_two_periods_are_fixed_effects() -> None:
    data = panel(2)
    data = data[data["year"].isin([1993, 1994])]
    both = data[data.groupby("iso3")["year"].transform("size") == 2]
    changes = first_difference("y ~ x + z", both, intercept=False, se="CR0")
    within = stats.ols("y ~ x + z | iso3", both, se="CR0")
    np.testing.assert_allclose(changes.params, within.params, rtol=1e-9)
    np.testing.assert_allclose(changes.bse, within.bse, rtol=1e-9)


def test_between_is_least_squares_of_means() -> None:
    data = panel(3)
    complete = data.dropna()
    means = complete.groupby("iso3")[["y", "x", "z"]].mean().reset_index()
    model, by_hand = between("y ~ x + z", data), stats.ols("y ~ x + z", means, se="iid")
    np.testing.assert_allclose(model.params, by_hand.params, rtol=1e-10)
    np.testing.assert_allclose(model.bse, by_hand.bse, rtol=1e-10)
    assert model.covariance.vcov.se == "iid"
    assert list(model.resid.index) == sorted(complete["iso3"].unique())
    assert model.nobs == model.n_units == 12
    assert model.sample.sum() == len(complete)
    spans = model.periods_per_unit
    assert spans is not None
    assert spans[2] == complete.groupby("iso3").size().max()


def test_weights_of_equal_sizes_change_nothing() -> None:
    _, data = case("difference_grunfeld")
    plain = between("inv ~ value + capital", data, unit="firm", time="year")
    weighted = between("inv ~ value + capital", data, unit="firm", time="year", weighted=True)
    np.testing.assert_allclose(weighted.params, plain.params, rtol=1e-10)
    np.testing.assert_allclose(weighted.bse, plain.bse, rtol=1e-10)
    assert weighted.rsquared == pytest.approx(plain.rsquared, rel=1e-10)
    np.testing.assert_allclose(weighted.with_se("HC3").bse, plain.with_se("HC3").bse, rtol=1e-10)


@given(seed=st.integers(0, 10_000))
@few
def test_neither_order_nor_type_of_keys_matters(seed: int) -> None:
    data = panel(seed)
    other = data.sample(frac=1, random_state=seed)
    other["iso3"] = other["iso3"].str[1:].astype(int).astype("category")
    other["year"] = other["year"].astype(float)
    for estimate in (between, first_difference):
        one, two = estimate("y ~ x + z", data), estimate("y ~ x + z", other)
        assert one.params.tolist() == two.params.tolist()
        assert one.bse.tolist() == two.bse.tolist()


@given(seed=st.integers(0, 10_000), level=st.floats(-1e3, 1e3))
@few
def test_differences_do_not_see_levels(seed: int, level: float) -> None:
    data = panel(seed)
    moved = data.assign(y=data["y"] + level * data["effect"])
    one, two = first_difference("y ~ x", data), first_difference("y ~ x", moved)
    np.testing.assert_allclose(one.params, two.params, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"formula": "y ~ x | iso3"}, "absorbs no effects; leave out what follows"),
        ({"formula": "y ~ x + C(iso3)"}, "12 units are too few for the 13 parameters of a between regression"),
        ({"formula": "y ~ x", "weighted": 1}, "weighted is True or False, not 1"),
        ({"formula": "y ~ x", "cluster": "year"}, "cluster 'year' changes within iso3"),
        ({"formula": "y ~ x", "se": "DK"}, "does not have"),
    ],
)
def test_between_refuses(options: dict[str, Any], message: str) -> None:
    with pytest.raises(EstimationError, match=message):
        between(options.pop("formula"), panel(0), **options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"formula": "y ~ x | iso3"}, "first differences take the effects of units out by themselves"),
        ({"formula": "y ~ x + effect"}, "the change of effect is constant"),
        ({"formula": "y ~ x", "gaps": "spam"}, "gaps is one of skip, span, not 'spam'; did you mean 'span'?"),
        ({"formula": "y ~ x", "intercept": 0}, "intercept is True or False, not 0"),
    ],
)
def test_first_difference_refuses(options: dict[str, Any], message: str) -> None:
    with pytest.raises(EstimationError, match=message.replace("?", "[?]")):
        first_difference(options.pop("formula"), panel(0), **options)


def test_keys_are_needed() -> None:
    data = panel(0)
    with pytest.raises(PanelError, match="needs to know the unit of a row"):
        between("y ~ x", data.drop(columns="iso3"))
    with pytest.raises(PanelError, match="name unit= and time="):
        first_difference("y ~ x", data.drop(columns="year"))
    with pytest.raises(PanelError, match="counts times in whole numbers, but 'year' holds 't1990'"):
        first_difference("y ~ x", data.assign(year="t" + data["year"].astype(str)))
    with pytest.raises(EstimationError, match="no unit has two rows one step of time apart"):
        first_difference("y ~ x", data.assign(year=data["year"] * 5))
    assert first_difference("y ~ x", data.assign(year=data["year"] * 5), gaps="span").nobs > 50


def test_collinear_means_can_be_dropped() -> None:
    data = panel(5).assign(k=2.0)
    with pytest.raises(EstimationError, match="the iso3 mean of k is constant"):
        between("y ~ x + k", data)
    model = between("y ~ x + k", data, collinear="drop")
    assert model.terms == ("Intercept", "x")
    assert "left out: the iso3 mean of k is constant" in model.notes()
