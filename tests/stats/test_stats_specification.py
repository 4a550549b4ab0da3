"""A specification curve gives what separate fits give, whatever path a specification takes."""

# ruff: noqa: ANN401 -- options of every type are passed on

from __future__ import annotations

from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from govdata import stats
from govdata.errors import ArgumentError, EstimationError, FormulaError, GovdataError
from govdata.stats.pooling import rubin
from govdata.stats.specification import SpecificationCurve, specification_curve
from govdata.stats.specification_null import Null, plan
from govdata.stats.specification_space import Space


def panel(seed: int = 0, units: int = 20, times: int = 10, missing: float = 0.0, kept: float = 0.9) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    n = units * times
    frame = pd.DataFrame({"iso3": np.repeat([f"U{i:03}" for i in range(units)], times)})
    frame["year"] = np.tile(np.arange(2000, 2000 + times), units)
    for name in ("a", "b", "c", "d"):
        frame[name] = rng.normal(size=n) + rng.normal(size=units).repeat(times)
    frame["x"] = rng.normal(size=n) + 0.5 * frame["a"] - 0.4 * frame["b"]
    frame["x2"] = np.exp(rng.normal(size=n))
    frame["y"] = 0.3 * frame["x"] + frame["a"] - frame["c"] + rng.normal(size=units).repeat(times) + rng.normal(size=n)
    frame["y2"] = np.exp(0.3 * frame["y"])
    frame["region"] = (np.arange(units) % 3).repeat(times)
    frame["kind"] = rng.integers(0, 3, n)
    for name in ("a", "b", "c"):
        frame.loc[rng.random(n) < missing, name] = np.nan
    return frame[rng.random(n) < kept].sample(frac=1, random_state=seed).reset_index(drop=True)


def assert_as_separate_fits(
    curve: SpecificationCurve, frame: pd.DataFrame, samples: Any = None, **options: Any
) -> None:
    assert len(curve.table)
    for row in curve.table.itertuples():
        data = frame if samples is None else frame[samples[row.sample]]
        se, _, cluster = row.se.partition(" ")
        own = {**options, **({"cluster": cluster.split("+")} if cluster else {})}
        try:
            model = stats.ols(row.formula, data, se=se, **own)
        except GovdataError:
            assert np.isnan(row.estimate), row.formula
            assert row.reason
            continue
        wanted = model.tidy(curve.level).set_index("term").loc[row.x]
        assert row.reason == ""
        assert row.estimate == pytest.approx(wanted["estimate"], rel=1e-10, abs=1e-10 * wanted["std_error"])
        assert row.std_error == pytest.approx(wanted["std_error"], rel=1e-10)
        assert row.p_value == pytest.approx(wanted["p_value"], rel=1e-8, abs=1e-300)
        assert row.conf_low == pytest.approx(wanted["conf_low"], rel=1e-9, abs=1e-9 * wanted["std_error"])
        assert row.conf_high == pytest.approx(wanted["conf_high"], rel=1e-9, abs=1e-9 * wanted["std_error"])
        assert row.nobs == model.nobs
        if model.clusters:
            assert row.n_clusters == min(model.clusters.values())


@settings(max_examples=6, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    missing=st.sampled_from([0.0, 0.03]),
    df=st.sampled_from(["nested", "full", "none"]),
    cluster=st.sampled_from([None, "region", "year"]),
    effects=st.sampled_from(["", "iso3", "year", "iso3 + year", "region + year"]),
)
def test_every_specification_is_a_separate_fit(seed: int, missing: float, df: Any, cluster: Any, effects: str) -> None:
    frame = panel(seed, missing=missing)
    samples = {"all": np.ones(len(frame), dtype=bool), "late": (frame["year"] > 2003).to_numpy()}
    curve = specification_curve(
        frame,
        y="y",
        x=["x", "lag(x2, 1)"],
        controls=["a", ("b", "log(x2)"), "C(kind)"],
        always=["d"],
        samples=samples,
        effects=[effects],
        se=["CRV1", "CR0", "CR1", "CRHC1", "iid"],
        df=df,
        cluster=cluster,
    )
    assert len(curve.table) == 2 * 8 * 2 * 5
    assert_as_separate_fits_sampled(curve, frame, samples, seed, df, cluster)


def assert_as_separate_fits_sampled(
    curve: SpecificationCurve, frame: pd.DataFrame, samples: Any, seed: int, df: Any, cluster: Any
) -> None:
    part = curve.table.sample(10, random_state=seed)
    for row in part.itertuples():
        options = {"df": df, **({"cluster": cluster} if cluster and row.se != "iid" else {})}
        model = stats.ols(row.formula, frame[samples[row.sample]], se=row.se, **options)
        wanted = model.tidy().set_index("term").loc[row.x]
        assert row.estimate == pytest.approx(wanted["estimate"], rel=1e-10, abs=1e-10 * wanted["std_error"])
        assert row.std_error == pytest.approx(wanted["std_error"], rel=1e-10)
        assert row.nobs == model.nobs


def test_other_conventions_are_fitted_one_by_one() -> None:
    frame = panel(3, units=12, times=8)
    conventions = ["CRV1", "HC1", "CR2", "CV3", "DK", {"se": "CRV1", "cluster": ["iso3", "year"]}]
    curve = specification_curve(frame, y="y", x="x", controls=["a"], effects=["iso3"], se=conventions)
    assert list(curve.table["se"]) == ["CRV1", "HC1", "CR2", "CV3", "DK", "CRV1 iso3+year"] * 2
    assert_as_separate_fits(curve, frame)
    with joblib.parallel_config(backend="threading", n_jobs=2):
        again = specification_curve(frame, y="y", x="x", controls=["a"], effects=["iso3"], se=conventions)
    pd.testing.assert_frame_equal(curve.table, again.table, rtol=1e-12)


@pytest.mark.parametrize("closeness", [1e-2, 1e-4, 1e-6, 1e-8, 0.0])
def test_ill_conditioned_controls(closeness: float) -> None:
    frame = panel(1)
    frame["e"] = np.sin(np.arange(len(frame)) ** 2)
    frame["near"] = 5 + 1000 * (frame["a"] + frame["b"]) + closeness * 1000 * frame["e"]
    frame["large"] = 1e7 + frame["c"]
    frame["tiny"] = 1e-9 * frame["d"]
    controls = ["a", "b", "near", "large", "tiny"]
    curve = specification_curve(frame, y="y", x="x", controls=controls, effects=["", "iso3 + year"])
    impossible = curve.table["estimate"].isna()
    assert impossible.sum() == (8 if closeness == 0 else 0)
    assert set(curve.table.loc[impossible, "reason"]) <= {"near is an exact combination of a, b"}
    rows = curve.table[~impossible]
    for row in rows.sample(8, random_state=1).itertuples():
        wanted = stats.ols(row.formula, frame)
        # What two good algorithms may differ by grows with the condition number.
        rel = 1e-10 if closeness >= 1e-6 or not (row.near and row.a and row.b) else 1e-7
        assert row.estimate == pytest.approx(wanted.params["x"], rel=rel, abs=rel * wanted.bse["x"])
        assert row.std_error == pytest.approx(wanted.bse["x"], rel=rel)


def test_a_regressor_that_controls_nearly_determine() -> None:
    frame = panel(2)
    frame["x"] = frame["a"] + 1e-5 * frame["c"]
    frame["exact"] = 2 * frame["x"] - frame["b"]
    curve = specification_curve(frame, y="y", x="x", controls=["a", "b", "exact"], effects="iso3")
    assert_as_separate_fits(curve, frame)
    lost = curve.table[curve.table["estimate"].isna()]
    assert len(lost) == 2
    assert set(lost["reason"]) == {"exact is an exact combination of x, b"}


def test_faults_stay_in_the_table_with_their_reason() -> None:
    frame = panel(4, units=8, times=6, kept=1.0)
    frame["fixed"] = frame["iso3"].str[1:].astype(float)
    frame["empty"] = np.nan
    frame["odd"] = np.where(frame.index == 3, np.inf, frame["b"])
    frame["negative"] = -frame["x2"]
    samples = {"all": None, "none": np.zeros(len(frame), dtype=bool), "two": frame.index.to_numpy() < 2}
    curve = specification_curve(
        frame,
        y="y",
        x=["x", "fixed"],
        controls=["a", "empty", "odd", "log(negative)"],
        samples=samples,
        effects=["", "iso3"],
        se="CRV1",
    )
    assert len(curve.table) == 2 * 16 * 3 * 2
    masks = {name: np.ones(len(frame), bool) if mask is None else mask for name, mask in samples.items()}
    assert_as_separate_fits(curve, frame, masks)
    assert curve.table["estimate"].notna().sum() == 6
    reasons = set(curve.table["reason"])
    assert {
        "no complete row",
        "fixed does not vary within iso3",
        "column 'odd' is infinite in 1 row of the sample",
    } <= reasons
    assert "Not estimated (186):" in curve.summary()


def test_common_rows() -> None:
    frame = panel(5, missing=0.05)
    options: dict[str, Any] = {"y": "y", "x": "lag(x, 1)", "controls": ["a", "b", "c"], "effects": ["", "iso3"]}
    curve = specification_curve(frame, rows="common", se=["CRV1", "CR2"], **options)
    assert len(set(curve.table["nobs"])) == 1
    whole = stats.ols("y ~ lag(x, 1) + a + b + c | iso3", frame)
    rows = np.sort(whole.design.rows)
    shifted = stats.lag(frame, "x", 1)
    part = frame.assign(lagged=shifted).iloc[rows]
    for row in curve.table.itertuples():
        wanted = stats.ols(row.formula.replace("lag(x, 1)", "lagged"), part, se=row.se)
        assert row.estimate == pytest.approx(wanted.params["lagged"], rel=1e-10)
        assert row.std_error == pytest.approx(wanted.bse["lagged"], rel=1e-10)


@pytest.mark.parametrize("columns", [["y"], ["x"], ["x", "y"], ["a", "y"]])
@pytest.mark.parametrize("rows", ["own", "common"])
def test_draws_are_pooled_by_rubins_rules(columns: list[str], rows: Any) -> None:
    frame = panel(6)
    rng = np.random.default_rng(1)
    draws = {name: frame[[name]].to_numpy() + 0.3 * rng.normal(size=(len(frame), 5)) for name in columns}
    curve = specification_curve(
        frame,
        y="y",
        x=["x", "lag(x, 1)"],
        controls=["a", ("b", "c")],
        effects=["", "iso3 + year"],
        se=["CRV1", "iid"],
        draws=draws,
        rows=rows,
    )
    assert curve.draws == 5
    part = curve.table.sample(4, random_state=1) if rows == "own" else curve.table.head(0)
    for row in part.itertuples():
        models = [
            stats.ols(row.formula, frame.assign(**{name: values[:, d] for name, values in draws.items()}), se=row.se)
            for d in range(5)
        ]
        pooled = rubin(
            [m.params[row.x] for m in models], [m.bse[row.x] ** 2 for m in models], models[0].covariance.dfs[-1]
        )
        assert row.estimate == pytest.approx(float(pooled.estimate), rel=1e-10)
        assert row.std_error == pytest.approx(float(pooled.variance) ** 0.5, rel=1e-10)
    if rows == "common" and columns != ["x"]:
        # Without lags, rows are complete: common rows are then those that the lag leaves.
        plain = specification_curve(frame, y="y", x="lag(x, 1)", controls=["a", ("b", "c")], draws=draws)
        same = curve.table[(curve.table["x"] == "lag(x, 1)") & (curve.table["effects"] == "")]
        np.testing.assert_allclose(same.loc[same["se"] == "CRV1", "estimate"], plain.table["estimate"], rtol=1e-10)


def null_of(frame: pd.DataFrame, method: str, count: int, seed: int, **options: Any) -> Null:
    whole: dict[str, Any] = {"y": "y", "x": "x", "controls": (), "always": (), "effects": "", "se": "CRV1", **options}
    keys: dict[str, Any] = {"options": whole.pop("options", {}), "unit": None, "time": None, "panel": True}
    space = Space.of(frame, samples=None, max_controls=None, **keys, **whole)
    return plan(space, frame, count, method, seed, 0.95)


def statistics_of(models: list[Any]) -> list[float]:
    """Median, share significant on the median's side, and average z, of fits one by one."""
    found = [m.tidy().set_index("term").loc["x"] for m in models]
    estimates = np.array([row["estimate"] for row in found])
    middle = np.median(estimates)
    strong = np.array([row["p_value"] < 0.05 for row in found]) & (np.sign(estimates) == np.sign(middle))
    z = [np.sign(row["estimate"]) * norm.isf(row["p_value"] / 2) for row in found]
    return [abs(float(middle)), float(strong.mean()), abs(float(np.sum(z) / np.sqrt(len(z))))]


def assert_as_refits(curve: SpecificationCurve, wanted: list[list[float]]) -> None:
    """Compare all three statistics of a test with those of every one of its permutations."""
    assert curve.test is not None
    table = curve.test.table
    own = table["observed"].abs().to_numpy()
    values = np.array(wanted)
    np.testing.assert_allclose(np.abs(curve.test.estimates), values[:, 0], rtol=1e-9)
    np.testing.assert_allclose(table["median"], np.median(values, axis=0), rtol=1e-8, atol=1e-12)
    np.testing.assert_allclose(table["upper"], np.quantile(values, 0.95, axis=0), rtol=1e-8, atol=1e-12)
    larger = (values >= own * (1 - 1e-9)).sum(axis=0)
    np.testing.assert_allclose(table["p_value"], (1 + larger) / (1 + len(values)))


def test_exchanged_histories_are_refits() -> None:
    frame = panel(7, kept=1.0)
    frame["y"] -= 0.2 * frame["x"]
    options: dict[str, Any] = {
        "controls": ["a"],
        "always": ["d"],
        "effects": ["", "iso3 + year"],
        "se": ["CRV1", "iid"],
    }
    curve = specification_curve(frame, y="y", x="x", permutations=12, permute="exchange", seed=5, **options)
    assert curve.test is not None
    assert curve.test.specifications == 8
    null = null_of(frame, "exchange", 12, 5, **options)
    assert null.exchange is not None
    wanted = []
    for p in range(12):
        data = frame.assign(x=null.exchange.columns(slice(p, p + 1))["x"][:, 0])
        by_year = data.groupby("year")["x"].apply(lambda s: sorted(s.round(12)))
        assert (by_year == frame.groupby("year")["x"].apply(lambda s: sorted(s.round(12)))).all()
        rows = curve.table[["formula", "se"]].itertuples(index=False)
        wanted.append(statistics_of([stats.ols(formula, data, se=se) for formula, se in rows]))
    assert len({share for _, share, _ in wanted}) > 1
    assert_as_refits(curve, wanted)


def test_histories_move_only_between_units_seen_at_the_same_times() -> None:
    frame = panel(8, kept=1.0)
    frame = frame[~((frame["iso3"] < "U010") & (frame["year"] == 2004))]
    space = Space.of(
        frame,
        y="y",
        x="x",
        controls=(),
        always=(),
        samples=None,
        effects="",
        se=None,
        options={},
        unit=None,
        time=None,
        panel=True,
        max_controls=None,
    )
    moved = plan(space, frame, 20, "exchange", 0, 0.95).exchange.columns(slice(0, 20))["x"]
    owner = dict(zip(frame["x"], frame["iso3"], strict=True))
    early = (frame["iso3"] < "U010").to_numpy()
    for p in range(20):
        sources = np.array([owner[value] for value in moved[:, p]])
        assert ((sources < "U010") == early).all()
        assert pd.Series(sources).groupby(frame["iso3"].to_numpy()).nunique().max() == 1


@pytest.mark.parametrize(
    ("options", "cluster"),
    [
        ({"controls": ["a"], "effects": ["", "iso3 + year"]}, None),
        ({"always": ["d"], "effects": ["", "iso3"], "se": ["CRV1", "iid"]}, None),
        ({"controls": ["a"], "effects": ["iso3 + year"], "se": ["iid"]}, None),
        ({"controls": ["b"], "effects": ["iso3", "year"]}, "year"),
        ({"always": ["a", "d"], "effects": ["", "region + year"], "se": ["CR1", "CR0"]}, "region"),
    ],
)
def test_flipped_signs_are_refits(options: dict[str, Any], cluster: str | None) -> None:
    frame = panel(9, units=15)
    extra: dict[str, Any] = {"cluster": cluster} if cluster else {}
    curve = specification_curve(frame, y="y", x="x", permutations=8, permute="flips", seed=2, **options, **extra)
    null = null_of(frame, "flips", 8, 2, options=extra, **options)
    key = cluster or "iso3"
    levels = sorted(frame[key].unique())
    wanted = []
    for p in range(8):
        flip = frame[key].map(dict(zip(levels, null.signs[:, p], strict=True))).to_numpy()
        models = []
        for formula, se in curve.table[["formula", "se"]].itertuples(index=False):
            right, _, effects = formula.split("~")[1].partition("|")
            columns = [np.ones((len(frame), 1))]
            columns += [pd.get_dummies(frame[e.strip()]).to_numpy(float) for e in effects.split("+") if e]
            columns += [frame[[term.strip()]].to_numpy() for term in right.split("+") if term.strip() != "x"]
            design, y = np.column_stack(columns), frame["y"].to_numpy()
            fitted = design @ np.linalg.lstsq(design, y, rcond=None)[0]
            own = extra if se != "iid" else {}
            models.append(stats.ols(formula, frame.assign(y=fitted + flip * (y - fitted)), se=se, **own))
        wanted.append(statistics_of(models))
    assert_as_refits(curve, wanted)


def test_signs_are_not_flipped_across_more_effects_than_memory_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("govdata.stats.specification_flipped.CELLS", 100)
    with pytest.raises(
        EstimationError, match=r"signs cannot be flipped by clusters that so many effects cross \(iso3 20"
    ):
        specification_curve(panel(9), y="y", x="x", effects="iso3", cluster="year", permutations=9, permute="flips")


def test_exchanged_regressors_that_do_not_vary_are_left_out_and_said_so() -> None:
    frame = panel(21, units=16, kept=1.0)
    frame["x"] = ((frame["iso3"] < "U003") & (frame["year"] > 2004)).astype(float)
    few = (frame["iso3"] < "U006").to_numpy()
    curve = specification_curve(frame, y="y", x="x", samples={"few": few}, effects=["", "iso3"], permutations=60)
    assert curve.test is not None
    assert curve.test.method == "exchange"
    assert any("the regressor does not vary in every specification" in note for note in curve.notes)
    gone = np.isnan(curve.test.estimates)
    assert 0 < gone.sum() < 60
    assert np.nanmax(np.abs(curve.test.estimates)) < 10
    assert np.isfinite(curve.test.table[["p_value", "median", "upper"]].to_numpy(dtype=float)).all()


def test_how_to_permute_is_chosen_by_what_else_is_in_the_models() -> None:
    frame = panel(22, kept=1.0)
    bare = specification_curve(frame, y="y", x="x", effects=["iso3 + year"], permutations=9).test
    held = specification_curve(frame, y="y", x="x", controls=["a"], permutations=9)
    asked = specification_curve(frame, y="y", x="x", controls=["a"], permutations=9, permute="exchange")
    assert bare is not None
    assert held.test is not None
    assert (bare.method, held.test.method) == ("exchange", "flips")
    assert any("undoes what the regressor has to do with other terms" in note for note in asked.notes)
    assert not any("undoes" in note for note in held.notes)


def test_histories_of_two_regressors_move_whole() -> None:
    frame = panel(23, kept=1.0)
    frame.loc[(frame["iso3"] < "U010") & (frame["year"] < 2004), "x2"] = np.nan
    null = null_of(frame, "exchange", 15, 1, x=["x", "x2"])
    assert null.exchange is not None
    moved = null.exchange.columns(slice(0, 15))
    owner = dict(zip(frame["x"], frame["iso3"], strict=True))
    for p in range(15):
        data = frame.assign(x=moved["x"][:, p], x2=moved["x2"][:, p])
        assert data["x"].map(owner).groupby(data["iso3"]).nunique().max() == 1
        assert (data["x2"].isna() == frame["x2"].isna()).all()


@pytest.mark.parametrize("permute", ["exchange", "flips"])
def test_the_joint_test_sees_an_effect_and_no_effect(permute: Any) -> None:
    frame = panel(10, units=30, kept=1.0)
    options: dict[str, Any] = {"y": "y", "controls": ["a", "b"], "effects": ["iso3"], "permutations": 199}
    effect = specification_curve(frame, x="x", permute=permute, **options).test
    nothing = specification_curve(frame, x="x2", permute=permute, **options).test
    assert effect is not None
    assert nothing is not None
    assert effect.table["p_value"].tolist()[::2] == [0.005, 0.005]
    assert (nothing.table["p_value"] > 0.05).all()


@pytest.mark.parametrize("key", [str, "category", float])
def test_order_of_rows_and_type_of_keys_change_nothing(key: Any) -> None:
    frame = panel(11, missing=0.03)
    frame["iso3"] = frame["iso3"].str[1:].astype(int) + 1
    options: dict[str, Any] = {"y": "y", "x": "x", "controls": ["a", "b"], "effects": ["", "iso3 + year"]}
    curve = specification_curve(frame, permutations=19, seed=3, **options)
    other = frame.sample(frac=1, random_state=9).assign(iso3=lambda d: d["iso3"].astype(key))
    again = specification_curve(other, permutations=19, seed=3, **options)
    pd.testing.assert_frame_equal(curve.table, again.table, rtol=1e-11)
    assert curve.test is not None
    assert again.test is not None
    np.testing.assert_allclose(curve.test.estimates, again.test.estimates, rtol=1e-9)


def test_the_data_are_left_alone_and_rows_may_repeat() -> None:
    frame = panel(12)
    before = frame.copy(deep=True)
    specification_curve(frame, y="y", x="x", controls=["a"], effects=["", "iso3"], permutations=9)
    pd.testing.assert_frame_equal(frame, before)
    twice = pd.concat([frame, frame], ignore_index=True)
    curve = specification_curve(twice, y="y", x="x", controls=["a", "b"], panel=False, se=["iid", "HC1"])
    assert_as_separate_fits(curve, twice, panel=False)


def test_choices_are_counted_and_weighed() -> None:
    frame = panel(13)
    controls = {"wealth": "log(x2)", "both": ["a", "b"], "se": "c"}
    curve = specification_curve(frame, y="y", x=["x", "d"], controls=controls, effects=["", "iso3"])
    assert len(curve.table) == 2 * 8 * 2
    assert curve.controls == {"wealth": "wealth", "both": "both", "se": "se (control)"}
    table = curve.table
    assert table["both"].dtype == bool
    shares = curve.shares
    assert shares["total"].sum() == len(table)
    assert shares.loc["positive", "significant"] == ((table["estimate"] > 0) & (table["p_value"] < 0.05)).sum()
    row = curve.choices.set_index("option").loc["both"]
    assert row["mean_with"] == pytest.approx(table.loc[table["both"], "estimate"].mean())
    assert row["mean_without"] == pytest.approx(table.loc[~table["both"], "estimate"].mean())
    assert curve.median == pytest.approx(table["estimate"].median())
    assert all(len(line) <= 100 for line in curve.summary().split("\n"))
    assert "<pre>" in curve._repr_html_()


def test_a_control_that_is_the_regressor_makes_no_specification() -> None:
    frame = panel(14)
    curve = specification_curve(frame, y="y", x=["a", "b"], controls=["a", "b", "c"])
    assert len(curve.table) == 2 * 4
    assert not curve.table["formula"].duplicated().any()
    assert curve.notes[0] == "8 combinations that hold y or x as a control of itself are not counted"


@pytest.mark.parametrize(
    "rows",
    ["late", ["U001", "U002", "U003"], lambda d: d["year"] > 2004, pd.Series, None],
)
def test_samples_come_in_every_form(rows: Any) -> None:
    frame = panel(15).assign(late=lambda d: d["year"] > 2004)
    masks = {"late": frame["late"], "list": frame["iso3"].isin(["U001", "U002", "U003"])}
    if rows is pd.Series:
        rows = frame["late"]
    mask = frame["year"] > 0 if rows is None else masks["list" if isinstance(rows, list) else "late"]
    curve = specification_curve(frame, y="y", x="x", samples={"some": rows})
    assert curve.table["nobs"].tolist() == [int(mask.sum())]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"x": "xx"}, "column 'xx' is not in the data (x=); did you mean 'x'?"),
        ({"x": "C(kind)"}, "x takes one coefficient's term each, such as 'lag(x, 1)' or 'x:z', not 'C(kind)'"),
        ({"x": 3}, "x is a text or a list of texts, not 3"),
        ({"x": []}, "x names nothing; it takes a column such as 'polyarchy'"),
        ({"controls": ["a", "a"]}, "controls names a twice"),
        ({"controls": ["a", ("b", "a")]}, "controls hold a in 'a' and in 'b + a'; each term belongs to one group"),
        ({"controls": {"a"}}, "controls is a list of terms, or a dict of names and terms, not {'a'}"),
        ({"controls": ["a | iso3"]}, "controls takes terms such as 'log(gdp)', not 'a | iso3'; effects="),
        ({"always": "a"}, "a is in always and in controls (a); take it out of one"),
        ({"always": "x"}, "x is in x and in always; take it out of one"),
        ({"effects": ["iso", ""]}, "column 'iso' is not in the data (effects=); did you mean 'iso3'?"),
        ({"effects": ["iso3 + year", "year + iso3"]}, "effects names year + iso3 twice"),
        ({"samples": ["a"]}, "samples is a dict of names and masks, such as {'all': None}, not ['a']"),
        ({"samples": {"s": [True]}}, "samples['s'] has 1 rows, and the data"),
        ({"samples": {"s": ["U01"]}}, "samples['s']: there is no iso3 'U01' in the data; did you mean 'U"),
        ({"samples": {"s": "lat"}}, "samples['s']: there is no column 'lat'"),
        ({"se": "CRV9"}, "se is one of iid,"),
        ({"se": ["CRV1", "CRV1"]}, "se names CRV1 twice"),
        ({"se": ["iid", "HC1"], "cluster": "region"}, "none of the conventions iid, HC1 uses cluster"),
        ({"rows": "all"}, "rows is one of own, common, not 'all'"),
        ({"permute": "shuffle"}, "permute is one of auto, exchange, flips, not 'shuffle'"),
        (
            {"effects": [("iso3", "year")]},
            "effects is a text or a list of texts such as 'iso3 + year', not [('iso3', 'year",
        ),
        ({"effects": "iso3 +"}, "effects: expected a column whose levels are absorbed, found the end at position 7 of"),
        ({"controls": ["lagg(a)"]}, "controls: function 'lagg' does not exist (position 1); did you mean 'lag'?"),
        ({"samples": {"s": "U001"}}, "samples['s'] takes a list of units; write ['U001']"),
        ({"samples": {"s": np.ones((3, 2), dtype=bool)}}, "samples['s'] is a mask of the rows, the name of a column"),
        ({"samples": {"s": lambda _: 1 / 0}}, "samples['s']: the function is given the data and failed, ZeroDivision"),
        ({"cluster": "regin"}, "column 'regin' is not in the data (cluster=); did you mean 'region'?"),
        ({"unit": "iso"}, "column 'iso' is not in the data (unit=); did you mean 'iso3'?"),
        ({"time": "yaer"}, "column 'yaer' is not in the data (time=); did you mean 'year'?"),
        ({"max_controls": 1.5}, "max_controls is a whole number from 0 up, not 1.5"),
        ({"permutations": True}, "permutations=True is not a whole number of at least 0"),
        ({"seed": 1.5}, "seed=1.5 is not a whole number of at least 0"),
        ({"level": 95}, "level is a number from 0.5 to below 1, such as 0.95, not 95"),
        ({"draws": {"d": np.zeros((3, 2))}}, "draws of 'd', which is in no specification"),
        ({"draws": {"x": np.zeros((3, 2))}}, "draws of 'x' have the shape (3, 2)"),
        ({"permutations": 9, "se": "CR2"}, "permutations= takes conventions that come from sums of products"),
        ({"permutations": 9, "permute": "exchange", "always": "x:d"}, "permute='exchange' is not possible: x is also"),
        ({"controls": [f"v{i}" for i in range(25)]}, "column 'v0' is not in the data (controls=)"),
    ],
)
def test_mistakes_are_refused_in_one_line(options: dict[str, Any], message: str) -> None:
    arguments: dict[str, Any] = {"y": "y", "x": "x", "controls": ["a"], **options}
    with pytest.raises((ArgumentError, EstimationError, FormulaError)) as caught:
        specification_curve(panel(16), **arguments)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_columns_of_controls_keep_apart() -> None:
    frame = panel(17).assign(**{"has space": lambda d: d["d"]})
    names = {"estimate": "a", "estimate (control)": "b", "y": "`has space`"}
    curve = specification_curve(frame, y="y", x="x", controls=names)
    columns = list(curve.controls.values())
    assert columns == ["estimate (control) (control)", "estimate (control)", "y (control)"]
    assert [curve.table[column].sum() for column in columns] == [4, 4, 4]
    assert curve.table["formula"].iloc[-1] == "y ~ x + a + b + `has space`"
    with pytest.raises(FormulaError, match="write the column's name in backticks, `has space`"):
        specification_curve(frame, y="y", x="x", controls=["has space"])


def test_too_many_specifications_are_refused_with_a_way_out() -> None:
    frame = panel(17).assign(**{f"v{i}": 1.0 for i in range(25)})
    with pytest.raises(ArgumentError, match=r"33,554,432 specifications are more than 1,000,000.*max_controls="):
        specification_curve(frame, y="y", x="x", controls=[f"v{i}" for i in range(25)])


def test_one_specification_and_none() -> None:
    frame = panel(18)
    assert len(specification_curve(frame, y="y", x="x").table) == 1
    with pytest.raises(EstimationError, match="none of 1 specifications can be estimated; the first: no complete row"):
        specification_curve(frame.assign(y=np.nan), y="y", x="x")
