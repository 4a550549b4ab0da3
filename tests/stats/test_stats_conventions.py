"""Every convention against R: 13 samples x 4 models x 40 standard errors; the scripts lie beside the values."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import pytest

from govdata import stats
from govdata.errors import EstimationError

LINEAR = Path(__file__).parent.parent / "reference" / "linear"
FIXED = sorted(LINEAR.glob("fixed_*.json"))
CLUSTERED = re.compile(
    r"(CR0|CR1|CR2|CV3|CV3J|CRHC1|CRV1)_(unit|time|twoway)(?:_(min|conventional))?(?:_(none|full|nested))?"
)
DK = re.compile(r"DK_(\d)(?:_df_(full|none))?")
PLAIN: dict[str, dict[str, Any]] = {
    "iid": {"se": "iid"},
    "HC0": {"se": "HC0"},
    "HC1": {"se": "HC1", "df": "full"},
    "HC2": {"se": "HC2"},
    "HC3": {"se": "HC3"},
    "PCSE": {"se": "PCSE"},
    "PCSE_casewise": {"se": "PCSE", "pairwise": False},
    "PCSE_pairwise": {"se": "PCSE", "pairwise": True},
    "PCSE_hetonly": {"se": "PCSE", "hetonly": True},
}


def read(path: Path) -> tuple[dict[str, Any], pd.DataFrame]:
    case = json.loads(path.read_text(encoding="utf-8"))
    return case, pd.read_csv(LINEAR / case["data"])


def options(key: str, unit: str, time: str) -> dict[str, Any] | None:
    """The options that the key of a reference value stands for; None for the few that this package does not have."""
    if found := CLUSTERED.fullmatch(key):
        se, by, twoway, df = found.groups()
        return {
            "se": se,
            "cluster": {"unit": unit, "time": time, "twoway": [unit, time]}[by],
            "twoway": twoway,
            "df": df,
        }
    if found := DK.fullmatch(key):
        return {"se": "DK", "lags": int(found[1]), "df": found[2]}
    return PLAIN.get(key)


def numbers(values: dict[str, Any]) -> dict[str, float]:
    return {term: float(value) for term, value in values.items() if isinstance(value, (int, float))}


@pytest.mark.parametrize("path", FIXED, ids=lambda path: path.stem)
def test_errors_are_those_of_r(path: Path) -> None:
    case, data = read(path)
    model = stats.ols(case["model"], data, unit=case["unit"], time=case["time"], se="iid")
    assert model.nobs == case["n"]
    for term, value in case["params"].items():
        assert model.params[term] == pytest.approx(value, rel=1e-8)
    checked = 0
    for key, values in case["se"].items():
        wanted = options(key, case["unit"], case["time"])
        if wanted is None:
            continue
        known = numbers(values)
        if len(known) < len(values):
            # Where R has no number for one of the coefficients, there is none here at all.
            with pytest.raises(EstimationError, match=r"negative|not positive|fitted exactly"):
                model.with_se(**wanted)
            continue
        found = model.with_se(**wanted)
        for term, value in known.items():
            assert found.bse[term] == pytest.approx(value, rel=1e-8), (key, term)
        checked += 1
    assert checked >= 30


@pytest.mark.parametrize("path", FIXED, ids=lambda path: path.stem)
def test_satterthwaite(path: Path) -> None:
    case, data = read(path)
    model = stats.ols(case["model"], data, unit=case["unit"], time=case["time"], se="CR2")
    dfs = dict(zip(model.terms, model.covariance.dfs.tolist(), strict=True))
    for term, value in case["df"]["CR2_unit"].items():
        assert dfs[term] == pytest.approx(value, rel=1e-8)
        assert model.pvalues[term] == pytest.approx(case["p"]["CR2_unit"][term], rel=1e-8)
        assert f"{model.covariance.dfs.min():.1f}" in model.note()


@pytest.mark.parametrize("name", ["unit", "unit_time"])
@pytest.mark.parametrize("rule", ["keep", "drop"])
def test_singletons_change_the_factor(name: str, rule: Literal["keep", "drop"]) -> None:
    case, data = read(LINEAR / f"singletons_{name}.json")
    wanted = case["kept" if rule == "keep" else "dropped"]
    model = stats.ols(case["model"], data, unit=case["unit"], time=case["time"], se="iid", singletons=rule)
    assert (model.nobs, model.n_units, model.singletons_rule) == (wanted["n"], wanted["units"], rule)
    for key, values in wanted["se"].items():
        found = model.with_se(**(options(key, case["unit"], case["time"]) or {}))
        for term, value in values.items():
            assert found.bse[term] == pytest.approx(value, rel=1e-8), key


@pytest.mark.parametrize("name", ["grunfeld", "grunfeld_gaps", "grunfeld_six"])
@pytest.mark.parametrize(("effects", "key"), [("", "pooled"), (" | firm", "unit"), (" | firm + year", "unit_time")])
def test_wild_bootstrap_over_all_sign_vectors(name: str, effects: str, key: str) -> None:
    case, data = read(LINEAR / f"wild_{name}.json")
    model = stats.ols(f"inv ~ value + capital{effects}", data, unit="firm", time="year", se="wild", df="full")
    assert "sign vectors" in model.note()
    for term, wanted in case["extra"][key].items():
        assert model.pvalues[term] == wanted["WCR"]["p_gt"]
        assert model.bse[term] == pytest.approx(case["se"][f"{key}_CRV1_unit_full"][term], rel=1e-8)


def test_wild_interval_ends_where_the_test_turns() -> None:
    _, data = read(LINEAR / "wild_grunfeld.json")
    model = stats.ols("inv ~ value + capital | firm", data, unit="firm", time="year", se="wild")
    inference: Any = model.covariance.inference
    for j, (low, high) in enumerate(model.conf_int(0.9).to_numpy()):
        for end, out in ((low, -1), (high, 1)):
            step = 1e-6 * abs(high - low)
            assert inference.p_value(j, end + out * step) <= 0.1
            assert inference.p_value(j, end - out * step) > 0.1


def test_wild_draws_follow_their_seed() -> None:
    case, data = read(LINEAR / "fixed_produc_unit.json")
    model = stats.ols(case["model"], data, unit="state", time="year")
    one, again, other = (model.with_se("wild", reps=999, seed=seed) for seed in (1, 1, 2))
    assert one.pvalues.equals(again.pvalues)
    assert not one.pvalues.equals(other.pvalues)
    assert "999 draws, rademacher, seed 1" in one.note()
    webb = model.with_se("wild", reps=999, seed=1, weights="webb")
    np.testing.assert_allclose(webb.pvalues, one.pvalues, atol=0.05)


def test_jackknife_is_the_refit_without_each_unit() -> None:
    case, data = read(LINEAR / "fixed_produc_unit_time.json")
    model = stats.ols(case["model"], data, unit="state", time="year", se="CV3")
    units = sorted(data["state"].unique())
    refits = np.array(
        [
            stats.ols(case["model"], data[data["state"] != unit], unit="state", time="year", se="iid").params.to_numpy()
            for unit in units
        ]
    )
    moved = refits - model.params.to_numpy()
    wanted = np.sqrt((len(units) - 1) / len(units) * (moved**2).sum(axis=0))
    np.testing.assert_allclose(model.bse, wanted, rtol=1e-8)


def test_driscoll_kraay_lags_are_calendar_steps() -> None:
    case, data = read(LINEAR / "fixed_grunfeld_hole_unit.json")
    model = stats.ols(case["model"], data, unit="firm", time="year", se="DK", lags=1)
    assert any("calendar steps" in note for note in model.notes())
    positions = stats.ols(
        case["model"], data.assign(year=data["year"].rank(method="dense")), unit="firm", time="year", se="DK", lags=1
    )
    for term, value in case["se"]["DK_1_positions"].items():
        assert positions.bse[term] == pytest.approx(value, rel=1e-8)
        assert model.bse[term] != pytest.approx(value, rel=1e-5)


def test_every_convention_side_by_side() -> None:
    case, data = read(LINEAR / "fixed_grunfeld_unit_time.json")
    model = stats.ols(case["model"], data, unit="firm", time="year")
    table = model.se_table()
    assert list(table) == [
        "iid", "HC1", "CRV1 firm", "CRV1 year", "CRV1 firm+year", "DK", "PCSE", "CR2 firm", "CV3 firm",
    ]  # fmt: skip
    assert table.index.tolist() == ["value", "capital"]
    for term in table.index:
        assert table.loc[term, "PCSE"] == pytest.approx(case["se"]["PCSE"][term], rel=1e-8)
        assert table.loc[term, "CRV1 firm"] == pytest.approx(case["se"]["CRV1_unit_nested"][term], rel=1e-8)
    assert table.attrs["refused"] == {}
    assert table.attrs["notes"]["CV3 firm"].startswith("CV3 jackknife by firm (10)")
    p_values = model.se_table("p_value", reps=1024)
    assert p_values.loc["value", "wild firm"] == model.with_se("wild").pvalues["value"]
    assert "standard errors under every convention" in model.summary()
    with pytest.raises(Exception, match=r"value is one of std_error.*did you mean 'p_value'"):
        model.se_table("pvalue")


def test_what_is_not_defined_is_named_in_the_table() -> None:
    case, data = read(LINEAR / "fixed_grunfeld_six_pooled.json")
    table = stats.ols(case["model"], data, unit="firm", time="year").se_table()
    assert "CRV1 firm+year" not in table
    assert "negative" in table.attrs["refused"]["CRV1 firm+year"]


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"se": "HC1", "lags": 2}, "se='HC1' does not use lags, which is an option of DK"),
        ({"se": "DK", "pairwise": True}, "does not use pairwise, which is an option of PCSE"),
        (
            {"se": "CR2", "cluster": ["firm", "year"]},
            "se='CR2' takes one cluster, not firm, year; two-way there are CR0",
        ),
        ({"se": "robust"}, "not 'robust'; did you mean 'HC1'"),
        ({"se": "cr2"}, "not 'cr2'; did you mean 'CR2'"),
        ({"se": "jackknife"}, "did you mean 'CV3'"),
        ({"se": "DK", "lags": -1}, "lags is a whole number from 0 up, not -1"),
        ({"se": "DK", "lags": 40}, "lags=40 needs at least 41 times, and the sample has 20"),
        ({"se": "wild", "reps": 10}, "reps is a whole number from 99 up"),
        ({"se": "wild", "weights": "mammen"}, "weights is one of rademacher, webb"),
        ({"se": "PCSE", "pairwise": "yes"}, "pairwise is True or False"),
        ({"clusters": "firm"}, "there is no option 'clusters'; it is cluster= here"),
        ({"small": True}, "there is no option 'small'; standard errors take se, cluster, df"),
    ],
)
def test_options_that_do_not_fit_are_refused(wanted: dict[str, Any], message: str) -> None:
    case, data = read(LINEAR / "fixed_grunfeld_unit.json")
    with pytest.raises(EstimationError, match=re.escape(message)[:200].replace(r"\ ", " ")) as caught:
        stats.ols(case["model"], data, unit="firm", time="year", **wanted)
    assert "\n" not in str(caught.value)


def test_conventions_that_need_keys_say_so() -> None:
    data = pd.DataFrame({"y": [1.0, 2.0, 4.0, 3.0], "x": [0.0, 1.0, 2.0, 4.0]})
    for se, message in (
        ("DK", "needs to know the time"),
        ("PCSE", "needs to know the time"),
        ("CR2", "needs cluster="),
    ):
        with pytest.raises(EstimationError, match=message):
            stats.ols("y ~ x", data, se=se)  # type: ignore[arg-type]


def test_casewise_covariances_need_common_times() -> None:
    case, data = read(LINEAR / "fixed_grunfeld_unit.json")
    apart = data[((data["firm"] <= 5) & (data["year"] < 1945)) | ((data["firm"] > 5) & (data["year"] >= 1945))]
    model = stats.ols("inv ~ value + capital", apart, unit="firm", time="year")
    with pytest.raises(EstimationError, match="no year has all 10 units, so casewise PCSE has nothing"):
        model.with_se("PCSE")
    # Units that share no time never meet in the sandwich.
    pairwise = model.with_se("PCSE", pairwise=True)
    halves = sum(
        stats.ols("inv ~ value + capital", part, unit="firm", time="year").nobs
        for part in (apart[apart["firm"] <= 5], apart[apart["firm"] > 5])
    )
    assert (pairwise.nobs, case["n"]) == (halves, 200)
    influence, resid = model.fit.influence, model.fit.resid  # type: ignore[attr-defined]
    wanted = np.zeros((3, 3))
    for one in range(10):
        for two in range(10):
            rows = [np.flatnonzero(model.design.unit.codes == unit) for unit in (one, two)]  # type: ignore[union-attr]
            if (one < 5) == (two < 5):
                sigma = resid[rows[0]] @ resid[rows[1]] / len(rows[0])
                wanted += sigma * influence[rows[0]].T @ influence[rows[1]]
    np.testing.assert_allclose(pairwise.cov, wanted, rtol=1e-10)


def test_a_coefficient_that_one_unit_carries_has_no_jackknife() -> None:
    _, data = read(LINEAR / "fixed_grunfeld_unit.json")
    data = data.assign(only=np.where(data["firm"] == 3, data["year"] % 3, 0))
    model = stats.ols("inv ~ value + only | firm", data, unit="firm", time="year")
    with pytest.raises(
        EstimationError, match="without firm 3 the coefficient of only is not determined, so there is no"
    ):
        model.with_se("CV3")


def test_effects_that_another_determines() -> None:
    _, data = read(LINEAR / "fixed_grunfeld_unit.json")
    data = data.assign(region=data["firm"] % 3)
    with pytest.raises(EstimationError, match="the region effects are determined by firm: each lies in one; leave it"):
        stats.ols("inv ~ value | firm + region + year", data, unit="firm", time="year")
    model = stats.ols("inv ~ value | firm + region + year", data, unit="firm", time="year", collinear="drop")
    plain = stats.ols("inv ~ value | firm + year", data, unit="firm", time="year")
    assert model.effects == {"firm": 10, "year": 20}
    assert model.params.equals(plain.params)
    assert model.bse.equals(plain.bse)
    assert any("left out: the region effects" in note for note in model.notes())


def test_more_slopes_than_clusters_is_said_and_not_refused() -> None:
    _, data = read(LINEAR / "fixed_grunfeld_unit.json")
    model = stats.ols("inv ~ value + capital + C(year)", data, unit="firm", time="year")
    assert any("10 clusters carry 21 slopes" in note for note in model.notes())
    assert np.isfinite(model.bse).all()
