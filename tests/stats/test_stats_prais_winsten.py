"""Prais-Winsten: agreement with panelAR, laws, refusals."""

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
from govdata.stats.prais_winsten import prais_winsten

LINEAR = Path(__file__).parents[1] / "reference" / "linear"
CASES = sorted(path.stem for path in LINEAR.glob("prais_*.json"))
TOLERANCE = 1e-8
LAST: dict[str, dict[str, Any]] = {
    "": {},
    "hetonly": {"hetonly": True, "pairwise": None},
    "iid": {"se": "iid", "pairwise": None},
    "pwls": {"second_step": "pwls", "pairwise": None},
    "casewise": {"se": "PCSE", "pairwise": None},
    "t": {"rho_weights": "t"},
    "narm": {},
}
few = settings(max_examples=15)


def case(name: str) -> tuple[dict[str, Any], pd.DataFrame]:
    found: dict[str, Any] = json.loads((LINEAR / f"{name}.json").read_text("utf-8"))
    return found, pd.read_csv(LINEAR / found["data"])


def panel(seed: int, *, share: float = 0.85) -> pd.DataFrame:
    """Make a panel whose errors follow an autoregression; the first three units are complete."""
    rng = np.random.default_rng(seed)
    keys = [(f"u{i:02d}", 1990 + t) for i in range(8) for t in range(15) if i < 3 or rng.random() < share]
    data = pd.DataFrame(keys, columns=["iso3", "year"])
    errors = np.zeros((8, 16))
    for t in range(1, 16):
        errors[:, t] = 0.6 * errors[:, t - 1] + rng.normal(size=8)
    unit, year = data["iso3"].str[1:].astype(int), data["year"] - 1989
    data["x"] = rng.normal(size=len(data)) + 0.1 * year
    data["y"] = 1 + data["x"] + errors[unit, year]
    return data


def estimate(key: str, certified: dict[str, Any], data: pd.DataFrame) -> stats.PanelResults:
    rho, rhotype, bound, *rest = key.removesuffix("_calendar").split("_")
    last = rest[0] if rest else ""
    complete = certified["balanced"] and not key.endswith("calendar")
    options: dict[str, Any] = {"pairwise": None if complete else True} | LAST[last]
    return prais_winsten(
        certified["model"],
        data,
        unit=certified["unit"],
        time=certified["time"],
        rho=rho,  # type: ignore[arg-type]
        rhotype=rhotype.replace("theilnagar", "theil-nagar"),  # type: ignore[arg-type]
        bound_rho=bound == "bounded",
        **options,
    )


def rests_on_nothing(name: str, key: str) -> bool:
    """Whether panelAR takes a unit without two adjacent rows for one with rho 1, as its Durbin-Watson sum is empty."""
    return name == "prais_grunfeld_sparse" and key.startswith(("psar1_dw", "psar1_theilnagar"))


def test_there_are_cases() -> None:
    assert len(CASES) >= 10


@pytest.mark.parametrize("name", CASES)
def test_certified(name: str) -> None:
    certified, data = case(name)
    for key, expected in certified["params"].items():
        if rests_on_nothing(name, key):
            continue
        frame = data
        if name.startswith("prais_grunfeld_hole") and not key.endswith("calendar"):
            # panelAR counts the years that occur: a year nobody has is no gap to it
            frame = data.assign(**{certified["time"]: data[certified["time"]].rank(method="dense").astype(int)})
        model = estimate(key, certified, frame)
        # panelAR divides by N where iid divides by N - K
        scale = np.sqrt(model.df_resid / model.nobs) if "_iid" in key else 1.0
        errors = certified["se"][key]
        for term, value in expected.items():
            assert model.params[term] == pytest.approx(value, rel=TOLERANCE)
            assert model.bse[term] * scale == pytest.approx(errors[term], rel=TOLERANCE)
        rho = certified["extra"]["rho"][key]
        if isinstance(rho, dict):
            found = model.fit.by_unit  # type: ignore[attr-defined]
            assert [str(unit) for unit in found.index] == list(rho)
            np.testing.assert_allclose(found, list(rho.values()), rtol=TOLERANCE, atol=1e-12)
            assert model.facts["rho max"] == found.max()
        else:
            assert model.facts["rho"] == pytest.approx(rho, rel=TOLERANCE)
        r2 = certified["extra"]["r2_transformed"].get(key)
        if r2 is not None and "pwls" not in key:
            assert model.rsquared == pytest.approx(r2, rel=TOLERANCE)


def test_both_refuse_what_is_not_determined() -> None:
    certified, data = case("prais_grunfeld_gaps_dummies")
    with pytest.raises(EstimationError, match=r"C\(firm\)\[9\]: nothing is left of it where rho is 1"):
        estimate("psar1_breg_bounded", certified, data)


def test_names_of_stata() -> None:
    certified, data = case("prais_grunfeld")
    options: dict[str, Any] = {"unit": certified["unit"], "time": certified["time"]}
    for stata, ours in (("regress", "breg"), ("tscorr", "scorr"), ("nagar", "theil-nagar")):
        one = prais_winsten(certified["model"], data, rhotype=stata, **options)  # type: ignore[arg-type]
        two = prais_winsten(certified["model"], data, rhotype=ours, **options)  # type: ignore[arg-type]
        assert one.params.equals(two.params)
        assert one.facts["rhotype"] == ours


def test_written_out() -> None:
    """Two steps by hand, unit by unit, on a panel with gaps."""
    data = panel(1)
    data["e"] = stats.ols("y ~ x", data).resid
    data["past"] = stats.lag(data, "e")
    pairs = data.dropna()
    parts = pairs.groupby("iso3")[["e", "past"]].apply(lambda d: (d["e"] * d["past"]).sum() / (d["past"] ** 2).sum())
    counts = pairs.groupby("iso3").size()
    rho = float((parts.clip(-1, 1) * counts).sum() / counts.sum())
    moved = pd.DataFrame({"one": 1.0, "x": data["x"], "y": data["y"]})
    earlier = pd.DataFrame({name: stats.lag(data.assign(one=1.0), name) for name in ("one", "x", "y")})
    moved = (moved - rho * earlier).where(earlier.notna(), moved * np.sqrt(1 - rho**2))
    by_hand = stats.ols("y ~ one + x - 1", moved.assign(iso3=data["iso3"], year=data["year"]), se="PCSE", pairwise=True)
    model = prais_winsten("y ~ x", data, pairwise=True)
    assert model.facts["rho"] == pytest.approx(rho, rel=1e-10)
    np.testing.assert_allclose(model.params, by_hand.params, rtol=1e-10)
    np.testing.assert_allclose(model.bse, by_hand.bse, rtol=1e-10)
    for se in ("HC3", "CR2", "CV3", "DK"):
        np.testing.assert_allclose(model.with_se(se).bse, by_hand.with_se(se).bse, rtol=1e-8)


def test_no_rho_is_pooled_least_squares() -> None:
    data = panel(2)
    model, pooled = prais_winsten("y ~ x", data, rho="none"), stats.ols("y ~ x", data, se="PCSE")
    np.testing.assert_allclose(model.params, pooled.params, rtol=1e-12)
    np.testing.assert_allclose(model.bse, pooled.bse, rtol=1e-10)
    assert model.rsquared == pytest.approx(pooled.rsquared, rel=1e-12)
    np.testing.assert_allclose(model.with_se("CV3").bse, pooled.with_se("CV3").bse, rtol=1e-8)
    assert not model.facts


def test_gaps() -> None:
    data = panel(3)
    skip, span = prais_winsten("y ~ x", data), prais_winsten("y ~ x", data, gaps="span", se="CRV1")
    counted = data.assign(step=data.groupby("iso3").cumcount())
    again = prais_winsten("y ~ x", counted, unit="iso3", time="step", se="CRV1")
    assert any("gaps in year: a new run begins after each" in note for note in skip.notes())
    assert skip.facts["rho"] != span.facts["rho"]
    np.testing.assert_allclose(span.params, again.params, rtol=1e-12)
    np.testing.assert_allclose(span.bse, again.bse, rtol=1e-12)


def test_a_rho_outside_the_bounds_leaves_first_rows_out() -> None:
    certified, data = case("prais_grunfeld_gaps")
    model = estimate("psar1_breg_unbounded", certified, data)
    wild = model.fit.by_unit[model.fit.by_unit.abs() > 1]  # type: ignore[attr-defined]
    assert len(wild)
    note = next(note for note in model.notes() if note.startswith("first rows of runs left out"))
    assert model.nobs == 189 - int(note.rsplit(" ", 1)[1])
    bounded = estimate("psar1_breg_bounded", certified, data)
    assert bounded.nobs == 189
    assert f"rho of {len(wild)} units was outside [-1, 1] and is set to the bound" in bounded.notes()


def test_units_without_adjacent_rows() -> None:
    data = panel(4)
    alone = data[~((data["iso3"] == "u05") & (data["year"] % 2 == 0))]
    common = prais_winsten("y ~ x", alone, se="CRV1")
    assert any("1 unit without a rho, for lack of adjacent rows, is left out" in note for note in common.notes())
    own = prais_winsten("y ~ x", alone, rho="psar1", rhotype="dw", se="CRV1")
    assert own.fit.by_unit["u05"] == 0  # type: ignore[attr-defined]
    assert any("has rho 0" in note for note in own.notes())
    serial = prais_winsten("y ~ x", alone, rhotype="scorr", rho_weights="t", se="CRV1")
    assert not any("without a rho" in note for note in serial.notes())


@pytest.mark.parametrize("share", [1, 0.9])
def test_parks_written_out(share: float) -> None:
    """Generalised least squares of the transformed rows, with the covariance of all errors."""
    data = panel(7, share=share)
    first = prais_winsten("y ~ x", data, se="CRV1")
    rho = float(first.facts["rho"])
    model = prais_winsten("y ~ x", data, second_step="parks")
    transformed = pd.Series(first.fit.resid, index=data.index[first.design.rows])
    rows = data.assign(one=1.0, u=transformed)
    moved = {}
    for name in ("y", "one", "x"):
        before = stats.lag(rows, name)
        moved[name] = (rows[name] - rho * before).where(before.notna(), rows[name] * np.sqrt(1 - rho**2))
    wide = rows.pivot_table(index="year", columns="iso3", values="u", aggfunc="first")
    there = wide.notna().astype(float)
    sigma = wide.fillna(0).T @ wide.fillna(0) / (there.T @ there)
    same = data["year"].to_numpy()[:, None] == data["year"].to_numpy()[None, :]
    omega = sigma.loc[data["iso3"], data["iso3"]].to_numpy() * same
    x, inverse = np.column_stack([moved["one"], moved["x"]]), np.linalg.inv(omega)
    v = np.linalg.inv(x.T @ inverse @ x)
    np.testing.assert_allclose(model.params, v @ x.T @ inverse @ moved["y"], rtol=1e-9)
    np.testing.assert_allclose(model.bse, np.sqrt(np.diag(v)), rtol=1e-9)
    assert model.estimator == "Prais-Winsten, AR(1), Parks"


def test_parks_needs_times() -> None:
    data = panel(8, share=1)
    with pytest.raises(EstimationError, match="as many times as units, and there are 5 for 8"):
        prais_winsten("y ~ x", data[data["year"] < 1995], second_step="parks")


def test_weights_take_the_units_variances_as_known() -> None:
    data = panel(5, share=1)
    model = prais_winsten("y ~ x", data, second_step="pwls")
    assert model.estimator == "Prais-Winsten, AR(1), weighted"
    assert model.covariance.vcov.se == "iid"
    unscaled = model.fit.influence.T @ model.fit.influence  # type: ignore[attr-defined]
    np.testing.assert_allclose(model.cov, unscaled, rtol=1e-12)


@given(seed=st.integers(0, 10_000), rho=st.sampled_from(["ar1", "psar1"]))
@few
def test_neither_order_nor_type_of_keys_matters(seed: int, rho: Any) -> None:  # noqa: ANN401
    data = panel(seed)
    other = data.sample(frac=1, random_state=seed)
    other["iso3"] = other["iso3"].str[1:].astype(int).astype("category")
    other["year"] = other["year"].astype(float)
    one, two = (prais_winsten("y ~ x", d, rho=rho, se="CRV1") for d in (data, other))
    assert one.params.tolist() == two.params.tolist()
    assert one.bse.tolist() == two.bse.tolist()
    assert one.facts == two.facts


@given(seed=st.integers(0, 10_000), factor=st.sampled_from([1e-5, 7.0, 1e6]), level=st.floats(-100, 100))
@few
def test_scale_and_level_of_the_response(seed: int, factor: float, level: float) -> None:
    data = panel(seed)
    one = prais_winsten("y ~ x", data, se="CRV1")
    two = prais_winsten("y ~ x", data.assign(y=factor * (data["y"] + level)), se="CRV1")
    assert two.facts["rho"] == pytest.approx(one.facts["rho"], rel=1e-7)
    assert two.params["x"] == pytest.approx(factor * one.params["x"], rel=1e-6)
    assert two.params["Intercept"] == pytest.approx(
        factor * (one.params["Intercept"] + level), rel=1e-6, abs=1e-6 * factor
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"formula": "y ~ x | iso3"}, r"write them into the formula, as C\(iso3\)"),
        ({"formula": "y ~ x", "rho": "ar2"}, "rho is one of ar1, psar1, none, not 'ar2'; did you mean 'ar1'"),
        ({"formula": "y ~ x", "rhotype": "bregg"}, "did you mean 'breg'"),
        ({"formula": "y ~ x", "rho_weights": "T"}, "rho_weights is one of t-1, t, not 'T'"),
        ({"formula": "y ~ x", "second_step": "park"}, "did you mean 'parks'"),
        ({"formula": "y ~ x", "second_step": "gls"}, "did you mean 'parks'"),
        ({"formula": "y ~ x", "rho_weights": "np1"}, "did you mean 't'"),
        ({"formula": "y ~ x", "rho": "independent"}, "did you mean 'none'"),
        ({"formula": "y ~ x", "bound_rho": 1}, "bound_rho is True or False, not 1"),
        ({"formula": "y ~ x", "gaps": "none"}, "gaps is one of skip, span"),
        ({"formula": "exact ~ x"}, "no unit has a rho by rhotype='breg'"),
        ({"formula": "k ~ x"}, "k does not vary"),
        ({"formula": "y ~ x + k"}, "k is constant"),
        ({"formula": "y ~ x", "collinear": "no"}, "collinear is one of refuse, drop, not 'no'"),
    ],
)
def test_refusals(options: dict[str, Any], message: str) -> None:
    data = panel(0).assign(k=1.0)
    data["exact"] = 1 + 2 * data["x"]
    with pytest.raises(EstimationError, match=message):
        prais_winsten(options.pop("formula"), data, **options)


def test_too_many_units_for_pcse() -> None:
    rng = np.random.default_rng(1)
    data = pd.DataFrame({"iso3": np.repeat(np.arange(10_100), 2), "year": np.tile([2000, 2001], 10_100)})
    data["x"], data["y"] = rng.normal(size=(2, 20_200))
    with pytest.raises(EstimationError, match="10,100 units x 2 times x 2 coefficients are too many for PCSE; take DK"):
        prais_winsten("y ~ x", data)


def test_times_are_needed() -> None:
    data = panel(0)
    with pytest.raises(EstimationError, match="needs to know the time of a row"):
        prais_winsten("y ~ x", data.drop(columns="year"))
    with pytest.raises(PanelError, match=r"prais_winsten\(\) needs to know the unit"):
        prais_winsten("y ~ x", data.drop(columns="iso3"))
    with pytest.raises(PanelError, match="counts times in whole numbers, but 'year' holds 't1990'"):
        prais_winsten("y ~ x", data.assign(year="t" + data["year"].astype(str)))
    with pytest.raises(EstimationError, match="no unit has two rows one step of time apart"):
        prais_winsten("y ~ x", data.assign(year=data["year"] * 5))
