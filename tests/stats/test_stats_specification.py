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

from govdata import stats
from govdata.errors import ArgumentError, EstimationError, FormulaError, GovdataError
from govdata.stats.pooling import rubin
from govdata.stats.specification import SpecificationCurve, specification_curve
from govdata.stats.specification_null import plan
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


def test_exchanged_histories_are_refits() -> None:
    frame = panel(7, kept=1.0)
    options: dict[str, Any] = {"y": "y", "x": "x", "controls": ["a", "b"], "effects": ["", "iso3 + year"]}
    curve = specification_curve(frame, se=["CRV1"], permutations=99, seed=5, **options)
    assert curve.test is not None
    assert curve.test.method == "exchange"
    assert curve.test.specifications == 8
    space = Space.of(
        frame,
        **options,
        always=(),
        samples=None,
        se="CRV1",
        options={},
        unit=None,
        time=None,
        panel=True,
        max_controls=None,
    )
    null = plan(space, frame, 99, "exchange", 5, 0.95)
    medians, signals, zs = [], [], []
    for p in (0, 1, 98):
        data = frame.assign(x=null.columns["x"][:, p])
        by_year = data.groupby("year")["x"].apply(lambda s: sorted(s.round(12)))
        assert (by_year == frame.groupby("year")["x"].apply(lambda s: sorted(s.round(12)))).all()
        models = [stats.ols(formula, data) for formula in curve.table["formula"]]
        medians.append(np.median([m.params["x"] for m in models]))
        signals.append(sum(m.pvalues["x"] < 0.05 for m in models))
        zs.append(sum(m.tstats["x"] for m in models))
    np.testing.assert_allclose(curve.test.estimates[[0, 1, 98]], medians, rtol=1e-9)


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
    moved = plan(space, frame, 20, "exchange", 0, 0.95).columns["x"]
    owner = dict(zip(frame["x"], frame["iso3"], strict=True))
    early = (frame["iso3"] < "U010").to_numpy()
    for p in range(20):
        sources = np.array([owner[value] for value in moved[:, p]])
        assert ((sources < "U010") == early).all()
        assert pd.Series(sources).groupby(frame["iso3"].to_numpy()).nunique().max() == 1


def test_flipped_signs_are_refits() -> None:
    frame = panel(9, units=15)
    options: dict[str, Any] = {"y": "y", "x": "x", "controls": ["a", "b"], "effects": ["", "iso3 + year"]}
    curve = specification_curve(frame, se=["CRV1"], permutations=50, permute="flips", seed=2, **options)
    assert curve.test is not None
    space = Space.of(
        frame,
        **options,
        always=(),
        samples=None,
        se="CRV1",
        options={},
        unit=None,
        time=None,
        panel=True,
        max_controls=None,
    )
    signs = plan(space, frame, 50, "flips", 2, 0.95).signs
    levels = sorted(frame["iso3"].unique())
    for p in (0, 49):
        flip = frame["iso3"].map(dict(zip(levels, signs[:, p], strict=True)))
        found, z, strong = [], [], []
        for formula in curve.table["formula"]:
            without = formula.replace("x + ", "").replace("~ x", "~ 1")
            null = stats.ols(without, frame) if without.split("~")[1].strip() != "1 | iso3 + year" else None
            if null is None:
                helped = stats.ols("y ~ x | iso3 + year", frame)
                mean = frame["y"] - within(frame, "y")
                e = within(frame, "y")
                assert helped.nobs == len(frame)
            else:
                e = pd.Series(np.nan, index=frame.index)
                e.iloc[null.design.rows] = np.asarray(null.fit.resid)
                mean = frame["y"] - e
            model = stats.ols(formula, frame.assign(y=mean + flip * e))
            found.append(model.params["x"])
            z.append(model.tstats["x"])
            strong.append(model.pvalues["x"] < 0.05)
        assert curve.test.estimates[p] == pytest.approx(np.median(found), rel=1e-9)


def within(frame: pd.DataFrame, name: str) -> pd.Series[float]:
    dummies = np.column_stack([pd.get_dummies(frame[key]).to_numpy(float) for key in ("iso3", "year")])
    values = frame[name].to_numpy()
    return pd.Series(values - dummies @ np.linalg.lstsq(dummies, values, rcond=None)[0], index=frame.index)


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


def test_too_many_specifications_are_refused_with_a_way_out() -> None:
    frame = panel(17).assign(**{f"v{i}": 1.0 for i in range(25)})
    with pytest.raises(ArgumentError, match=r"33,554,432 specifications are more than 1,000,000.*max_controls="):
        specification_curve(frame, y="y", x="x", controls=[f"v{i}" for i in range(25)])


def test_one_specification_and_none() -> None:
    frame = panel(18)
    assert len(specification_curve(frame, y="y", x="x").table) == 1
    with pytest.raises(EstimationError, match="none of 1 specifications can be estimated; the first: no complete row"):
        specification_curve(frame.assign(y=np.nan), y="y", x="x")
