"""The wild cluster bootstrap as a call: against R, against refits, and at its edges."""

from __future__ import annotations

import json
import math
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govdata import stats
from govdata.errors import ArgumentError, EstimationError, FormulaError
from govdata.report.bootstrap_plots import bootstrap_plot
from govdata.stats.bootstrap import BootstrapTest, wild_bootstrap
from govdata.stats.covariance.naming import Vcov, Weights
from govdata.stats.covariance.wilddraws import drawing
from govdata.stats.crossproducts.products import CrossProducts

LINEAR = Path(__file__).parents[1] / "reference" / "linear"


def read(name: str) -> tuple[Any, pd.DataFrame]:
    case = json.loads((LINEAR / f"wild_{name}.json").read_text(encoding="utf-8"))
    return case, pd.read_csv(LINEAR / case["data"], keep_default_na=False, na_values=[""])


def panel(units: int, periods: int = 8, seed: int = 0, slopes: int = 2, gaps: float = 0.0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.MultiIndex.from_product([range(units), range(periods)], names=["unit", "year"]).to_frame(index=False)
    for j in range(slopes):
        frame[f"x{j + 1}"] = rng.normal(size=len(frame)) + rng.normal(size=units)[frame["unit"]]
    frame["y"] = 0.3 * frame["x1"] + rng.normal(size=units)[frame["unit"]] + rng.normal(size=len(frame))
    return frame[rng.random(len(frame)) >= gaps].reset_index(drop=True)


def fitted(frame: pd.DataFrame, effects: str = "", **options: Any) -> stats.PanelResults:  # noqa: ANN401 -- of stats.ols
    slopes = " + ".join(name for name in frame if str(name).startswith("x"))
    return stats.ols(f"y ~ {slopes}{effects}", frame, unit="unit", time="year", **options)


def refitted(frame: pd.DataFrame, test: BootstrapTest, effects: str, weights: np.ndarray) -> np.ndarray:
    """Draw by refitting: impose the null on the response, weigh residuals by cluster, fit again."""
    slopes = [str(name) for name in frame if str(name).startswith("x")]
    other = " + ".join(name for name in slopes if name != test.term)
    if test.imposed:
        moved = frame.assign(y=frame["y"] - test.null * frame[test.term])
        short = stats.ols(f"y ~ {other}{effects}", moved, unit="unit", time="year", cluster=test.cluster)
        fit, centre = short.fitted + test.null * frame[test.term], test.null
        resid = short.resid
    else:
        full = fitted(frame, effects, cluster=test.cluster)
        fit, resid, centre = full.fitted, full.resid, full.params[test.term]
    levels = {level: g for g, level in enumerate(sorted(frame[test.cluster].unique()))}
    at = frame[test.cluster].map(levels).to_numpy()
    found = []
    for weight in weights:
        drawn = fitted(frame.assign(y=fit + resid * weight[at]), effects, cluster=test.cluster)
        found.append((drawn.params[test.term] - centre) / drawn.bse[test.term])
    return np.array(found)


@pytest.mark.parametrize("name", ["grunfeld", "grunfeld_gaps", "grunfeld_six"])
@pytest.mark.parametrize(("effects", "key"), [("", "pooled"), (" | firm", "unit"), (" | firm + year", "unit_time")])
def test_all_sign_vectors_as_in_r(name: str, effects: str, key: str) -> None:
    case, data = read(name)
    model = stats.ols(f"inv ~ value + capital{effects}", data, unit="firm", time="year", df="full")
    for term, wanted in case["extra"][key].items():
        for kind in ("WCR", "WCU"):
            test = wild_bootstrap(model, term, reps=99, impose_null=kind == "WCR")
            assert (test.reps, test.enumerated) == (wanted["draws"], True)
            assert test.p_value == wanted[kind]["p_gt"]
            assert test.statistic == pytest.approx(wanted["t_CRV1_full"], rel=1e-8)
            factor = wanted["t_CR0"] / wanted["t_CRV1_full"]
            assert test.critical * factor == pytest.approx(wanted[kind]["quantile_95"], rel=1e-8)
            tied = np.abs(test.distribution) >= abs(test.statistic) * (1 - 1e-9)
            assert tied.mean() == wanted[kind]["p_ge"]


@pytest.mark.parametrize("effects", ["", " | unit", " | unit + year"])
@pytest.mark.parametrize("cluster", ["unit", "year"])
@pytest.mark.parametrize(("weights", "imposed"), [("rademacher", True), ("webb", True), ("webb", False)])
def test_each_draw_is_a_refit(effects: str, cluster: str, weights: Weights, imposed: bool) -> None:
    frame = panel(14, 15, seed=3, gaps=0.2)
    test = wild_bootstrap(
        fitted(frame, effects), "x1", reps=99, seed=5, weights=weights, cluster=cluster, null=0.2, impose_null=imposed
    )
    drawn = drawing(Vcov("wild", (cluster,), reps=99, seed=5, weights=weights), test.n_clusters)
    some = slice(0, 12)
    wanted = refitted(frame, test, effects, drawn.choices[drawn.picks[some]])
    np.testing.assert_allclose(test.distribution[some], wanted, rtol=1e-9, atol=1e-10)
    larger = np.abs(test.distribution) > abs(test.statistic) * (1 + 1e-9)
    assert test.p_value == larger.mean()


def test_many_clusters_are_drawn_from_products() -> None:
    frame = panel(60, 6, seed=4, gaps=0.1)
    test = wild_bootstrap(fitted(frame, " | unit"), "x2", reps=199, seed=2, null=-0.1, weights="webb")
    drawn = drawing(Vcov("wild", ("unit",), reps=199, seed=2, weights="webb"), 60)
    wanted = refitted(frame, test, " | unit", drawn.choices[drawn.picks[:10]])
    np.testing.assert_allclose(test.distribution[:10], wanted, rtol=1e-9)


def test_webb_weights_have_mean_zero_and_variance_one() -> None:
    drawn = drawing(Vcov("wild", ("g",), reps=99, weights="webb"), 3)
    np.testing.assert_allclose([drawn.choices.mean(), np.square(drawn.choices).mean()], [0, 1], atol=1e-15)
    # The mean and variance of the bootstrap coefficient, over all 216 vectors, are those of the restricted scores.
    frame = panel(3, 12, seed=8)
    model = fitted(frame)
    every = np.array(np.meshgrid(*[drawn.choices] * 3)).reshape(3, -1).T
    short = stats.ols("y ~ x2", frame, unit="unit", time="year")
    moved = [
        fitted(frame.assign(y=short.fitted + short.resid * weight[frame["unit"]]), se="iid").params["x1"]
        for weight in every
    ]
    influence = model.fit.influence[:, 1] * short.resid.to_numpy()  # type: ignore[union-attr]
    scores = np.bincount(frame["unit"], weights=influence)
    np.testing.assert_allclose([np.mean(moved), np.var(moved)], [0, scores @ scores], atol=1e-12)


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    units=st.sampled_from([6, 9, 13, 30, 70]),
    effects=st.sampled_from(["", " | unit", " | year", " | unit + year"]),
    weights=st.sampled_from(["rademacher", "webb"]),
)
def test_agrees_with_the_convention_and_with_sums_of_products(
    seed: int, units: int, effects: str, weights: Weights
) -> None:
    frame = panel(units, 7, seed=seed, gaps=0.15)
    model = fitted(frame, effects).with_se("wild", reps=999, seed=seed, weights=weights)
    products = CrossProducts.of(model)
    for term in model.terms:
        test = wild_bootstrap(model, term, reps=999, seed=seed, weights=weights, level=0.9)
        assert test.p_value == model.pvalues[term]
        assert [test.conf_low, test.conf_high] == model.conf_int(0.9).loc[term].tolist()
        assert (test.statistic, test.std_error) == pytest.approx((model.tstats[term], model.bse[term]), rel=1e-12)
        same = wild_bootstrap(products, term, reps=999, seed=seed, weights=weights, level=0.9)
        assert same.p_value == test.p_value
        assert same.std_error == pytest.approx(test.std_error, rel=1e-9)
        np.testing.assert_allclose(same.distribution, test.distribution, rtol=1e-7, atol=1e-9)
        ends = [(same.conf_low - test.conf_low), (same.conf_high - test.conf_high)]
        assert all(math.isnan(end) or abs(end) <= 1e-8 * test.std_error for end in ends)


@pytest.mark.parametrize("imposed", [True, False])
@pytest.mark.parametrize(("units", "level"), [(8, 0.95), (12, 0.9), (25, 0.95), (90, 0.99)])
def test_the_interval_ends_where_the_test_turns(units: int, level: float, imposed: bool) -> None:
    model = fitted(panel(units, seed=units), " | unit")
    test = wild_bootstrap(model, "x1", level=level, impose_null=imposed)
    width = test.conf_high - test.conf_low
    assert np.isfinite(width)
    for end, out in ((test.conf_low, -1), (test.conf_high, 1)):
        beyond, within = (
            wild_bootstrap(model, "x1", null=end + side * out * 1e-7 * width, impose_null=imposed) for side in (1, -1)
        )
        assert beyond.p_value <= (1 - level) * (1 + 1e-9) < within.p_value
        assert abs(within.p_value - (1 - level)) <= max(4 / test.reps, 1e-12) + 1e-9


def test_a_combination_is_the_coefficient_of_a_regressor_recombined() -> None:
    frame = panel(20, seed=6)
    both = wild_bootstrap(fitted(frame, " | unit"), "x1 - 2 * x2", reps=499, seed=1)
    # y on x1 and z = x2 + 2 x1: the coefficient of x1 is then that of x1 less twice that of x2
    moved = frame.assign(x2=frame["x2"] + 2 * frame["x1"])
    own = wild_bootstrap(fitted(moved, " | unit"), "x1", reps=499, seed=1)
    assert both.p_value == own.p_value
    np.testing.assert_allclose(both.table.iloc[0, 1:].to_list(), own.table.iloc[0, 1:].to_list(), rtol=1e-9)
    assert wild_bootstrap(CrossProducts.of(fitted(frame, " | unit")), "x1 - 2 * x2", reps=499, seed=1).p_value == (
        both.p_value
    )
    mirrored = wild_bootstrap(fitted(frame, " | unit"), "-x1+2*x2", reps=499, seed=1)
    assert (mirrored.p_value, mirrored.conf_low) == pytest.approx((both.p_value, -both.conf_high), rel=1e-12)


def test_draws_do_not_depend_on_the_term_the_rows_or_the_type_of_keys() -> None:
    frame = panel(30, seed=9, gaps=0.1)
    test = wild_bootstrap(fitted(frame, " | unit + year"), "x1", reps=299, seed=4)
    shuffled = frame.sample(frac=1, random_state=1).assign(unit=lambda f: f["unit"].astype(str).astype("category"))
    # Text is in the order of text, so the numbers are padded to keep theirs.
    moved = wild_bootstrap(fitted(frame.sample(frac=1, random_state=2), " | unit + year"), "x1", reps=299, seed=4)
    typed = wild_bootstrap(fitted(shuffled, " | unit + year"), "x1", reps=299, seed=4)
    for other in (moved, typed):
        np.testing.assert_allclose(other.distribution, test.distribution, rtol=1e-9, atol=1e-10)
        assert other.p_value == test.p_value
        assert (other.conf_low, other.conf_high) == pytest.approx((test.conf_low, test.conf_high), rel=1e-10)
    switched = stats.ols("y ~ x2 + x1 | unit + year", frame, unit="unit", time="year")
    assert wild_bootstrap(switched, "x1", reps=299, seed=4).p_value == test.p_value


def test_up_to_twelve_clusters_all_sign_vectors_are_used() -> None:
    for units, reps, used in ((12, 999, 4096), (13, 999, 999), (13, 9999, 8192), (14, 9999, 9999)):
        model = fitted(panel(units, seed=units))
        test = wild_bootstrap(model, "x1", reps=reps)
        assert (test.reps, test.enumerated) == (used, used in {4096, 8192})
        assert (f"all {used:,} sign vectors" in test.note()) == test.enumerated
        assert any(f"in place of {reps:,} random ones" in note for note in test.notes) == test.enumerated
        assert wild_bootstrap(model, "x1", reps=reps, seed=1).p_value == test.p_value or not test.enumerated
        assert test.note() == model.with_se("wild", reps=reps).note()
        assert len(np.unique(test.distribution)) <= test.reps


@pytest.mark.parametrize("null", [1e3, 1e9, 1e18, -1e200, 1e300])
def test_a_null_far_away(null: float) -> None:
    model = fitted(panel(9, seed=1), " | unit")
    test = wild_bootstrap(model, "x1", null=null)
    assert test.p_value == 0  # only the sample itself and its mirror image are as far away, and ties do not count
    assert np.isfinite(test.distribution).all()
    assert sum(np.isclose(np.abs(test.distribution), abs(test.statistic), rtol=1e-9)) == (2 if abs(null) < 1e50 else 0)
    assert "no sign vector gives a larger statistic: read p < 0.0039" in test.notes
    few = wild_bootstrap(fitted(panel(4, seed=1)), "x1", null=null)
    assert few.p_value == 2 / 16


def test_the_estimate_as_null_is_not_rejected() -> None:
    model = fitted(panel(9, seed=1), " | unit")
    test = wild_bootstrap(model, "x1", null=float(model.params["x1"]))
    assert test.statistic == 0
    assert test.p_value == 1 - 2 / test.reps


@pytest.mark.parametrize("units", [2, 3, 5])
def test_few_clusters_have_no_interval(units: int) -> None:
    test = wild_bootstrap(fitted(panel(units, seed=2)), "x1", reps=999)
    assert test.p_value >= 2 / 2**units
    assert (test.conf_low, test.conf_high) == (-math.inf, math.inf)
    assert "no value is rejected at level 0.95, so the interval is open" in test.notes
    assert "-inf to inf" in test.summary()
    assert max(len(line) for line in test.summary().split("\n")) <= 100
    webb = wild_bootstrap(fitted(panel(units, seed=2)), "x1", reps=9999, weights="webb")
    assert any("Webb's weights, which the draws repeat" in note for note in webb.notes)


def test_a_regressor_of_two_clusters() -> None:
    # Only two clusters say anything of x1, so that many draws have hardly any variance.
    frame = panel(16, seed=3)
    frame.loc[frame["unit"] > 1, "x1"] = 0.0
    test = wild_bootstrap(fitted(frame, " | unit + year"), "x1", reps=499)
    again = wild_bootstrap(CrossProducts.of(fitted(frame, " | unit + year")), "x1", reps=499)
    assert test.p_value == again.p_value


@pytest.mark.parametrize("units", [10, 20, 90])
@pytest.mark.parametrize("weights", ["rademacher", "webb"])
def test_without_an_interval_it_is_the_same_test(units: int, weights: Weights) -> None:
    model = fitted(panel(units, seed=units), " | unit + year")
    for null in (0.0, 0.3):
        test = wild_bootstrap(model, "x1", reps=999, null=null, weights=weights)
        bare = wild_bootstrap(model, "x1", reps=999, null=null, weights=weights, level=None)
        assert bare.p_value == test.p_value
        np.testing.assert_allclose(bare.distribution, test.distribution, rtol=1e-9)
    assert all(math.isnan(value) for value in (bare.conf_low, bare.conf_high, bare.level, bare.critical))
    assert "No interval: none was asked for" in bare.summary()


def test_a_seed_stands_for_the_same_draws_for_ever() -> None:
    drawn = drawing(Vcov("wild", ("g",), reps=99, seed=1), 13)
    assert drawn.picks[0].tolist() == [1, 1, 0, 0, 1, 1, 0, 1, 0, 1, 0, 1, 1]
    np.testing.assert_array_equal(
        drawn.picks, np.random.default_rng(1).integers(0, 2, size=(99, 13), dtype=np.int8), strict=True
    )


def test_what_it_prints() -> None:
    test = wild_bootstrap(fitted(panel(20, seed=5), " | unit"), "x1", reps=199, seed=7)
    shown = str(test)
    assert shown.startswith("Wild cluster bootstrap: x1 on y\nEstimate ")
    assert "Draws: 199 draws, rademacher, seed 7; 20 clusters by unit" in shown
    assert "null imposed, 199 draws, rademacher, seed 7" in " ".join(shown.split())
    assert "null imposed, 199 draws, rademacher, seed 7" in test.note()
    assert list(test.table)[:7] == list(fitted(panel(20, seed=5)).tidy())
    assert test.tidy().equals(test.table)
    assert "<table" in test._repr_html_()
    assert repr(test).startswith("<BootstrapTest of x1 = 0: estimate")
    assert pickle.loads(pickle.dumps(test)).p_value == test.p_value  # noqa: S301 -- our own bytes
    loose = wild_bootstrap(fitted(panel(20, seed=5), " | unit"), "x1", reps=199, seed=7, impose_null=False)
    assert "null not imposed" in loose.note()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"reps": 0}, "reps is a whole number from 99 up, not 0"),
        ({"reps": 1e4}, "reps is a whole number from 99 up, not 10000.0"),
        ({"reps": True}, "reps is a whole number from 99 up, not True"),
        ({"reps": None}, "reps is not left out by None"),
        ({"seed": 1.5}, "seed is a whole number from 0 up, not 1.5"),
        ({"seed": True}, "seed is a whole number from 0 up, not True"),
        ({"seed": -1}, "seed is a whole number from 0 up, not -1"),
        ({"weights": "radmacher"}, "weights is one of rademacher, webb, not 'radmacher'; did you mean 'rademacher'?"),
        ({"weights": 6}, "weights is one of rademacher, webb, not 6"),
        ({"cluster": ["unit", "year"]}, "takes one cluster, not unit, year"),
        ({"cluster": 3}, "cluster is the name of a column"),
        ({"null": math.inf}, "null is a number, the value that is tested, not inf"),
        ({"null": True}, "null is a number, the value that is tested, not True"),
        ({"null": "0"}, "null is a number, the value that is tested, not '0'"),
        ({"level": 95}, "level is a number between 0 and 1"),
        ({"level": 0.05}, "level=0.05 would cover 5%; level is the share covered"),
        ({"impose_null": "yes"}, "impose_null is True or False, not 'yes'"),
        ({"term": "polyarchi"}, "the model has no coefficient 'polyarchi'; did you mean 'polyarchy'?"),
        ({"term": "Intercept"}, "the model has no coefficient 'Intercept'; it has polyarchy, x1, x2"),
        ({"term": "x1 - x3"}, "the model has no coefficient 'x3'"),
        ({"term": "x1 +"}, "the model has no coefficient ''"),
        ({"term": "x1 - x1"}, "'x1 - x1' is zero, or not finite, whatever the coefficients are"),
        ({"reps": 10**12, "weights": "webb"}, "1,000,000,000,000 draws for 20 clusters are too many; take fewer reps"),
    ],
)
def test_refusals(options: dict[str, Any], message: str) -> None:
    frame = panel(20, seed=1)
    frame["polyarchy"] = np.random.default_rng(2).normal(size=len(frame))
    model = stats.ols("y ~ polyarchy + x1 + x2 | unit", frame, unit="unit", time="year")
    with pytest.raises(EstimationError, match=message) as caught:
        wild_bootstrap(model, **{"term": "x1", **options})
    assert "\n" not in str(caught.value)


def test_what_has_no_bootstrap_is_refused() -> None:
    frame = panel(20, seed=1).assign(one=1)
    frame["b"] = (frame["y"] > 0).astype(int)
    model = fitted(frame, " | unit")
    with pytest.raises(ArgumentError, match=r"the first argument is a model by stats.ols, or its sums of products"):
        wild_bootstrap(frame, "x1")  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="term is the name of a coefficient, not 1"):
        wild_bootstrap(model, 1)  # type: ignore[arg-type]
    with pytest.raises(EstimationError, match="cluster 'one' has one level in the sample"):
        wild_bootstrap(model, "x1", cluster="one")
    with pytest.raises(FormulaError, match=r"column 'unitt' is not in the data .*did you mean 'unit'"):
        wild_bootstrap(model, "x1", cluster="unitt")
    with pytest.raises(EstimationError, match="the model clusters by unit and year, and the bootstrap takes one"):
        wild_bootstrap(fitted(frame, cluster=["unit", "year"]), "x1")
    with pytest.raises(EstimationError, match="the model knows no unit; name cluster="):
        wild_bootstrap(stats.ols("y ~ x1", frame, panel=False), "x1")
    for other in (
        stats.binary("b ~ x1", frame, unit="unit", period="year"),
        stats.prais_winsten("y ~ x1", frame, unit="unit", time="year"),
    ):
        with pytest.raises(EstimationError, match=r"wild_bootstrap is defined for models by stats.ols, and this is"):
            wild_bootstrap(other, "x1")
    with pytest.raises(EstimationError, match="the sums of products are by unit, so they have no bootstrap by year"):
        wild_bootstrap(CrossProducts.of(model), "x1", cluster="year")


def test_the_plot_counts_every_draw(tmp_path: Path) -> None:
    test = wild_bootstrap(fitted(panel(30, seed=2), " | unit"), "x1")
    figure = bootstrap_plot(test, tmp_path / "drawn.png", labels={"x1": "Exposure"}, title="Draws")
    (axes,) = figure.axes
    assert axes.get_xlabel() == "t statistic of Exposure"
    bars = [(bar.get_x() + bar.get_width() / 2, bar.get_height(), bar.get_facecolor()) for bar in axes.patches]  # type: ignore[attr-defined]
    assert sum(height for _, height, _ in bars) == test.reps
    dark = {colour for middle, _, colour in bars if abs(middle) > abs(test.statistic)}
    assert len(dark) == 1
    assert sum(height for _, height, colour in bars if colour in dark) == round(test.p_value * test.reps)
    at = sorted(float(np.asarray(line.get_xdata())[0]) for line in axes.lines)
    assert at == pytest.approx(sorted([test.statistic, -test.critical, test.critical]))
    assert (tmp_path / "drawn.png").stat().st_size > 10_000
    bootstrap_plot(test, tmp_path / "again.png", labels={"x1": "Exposure"}, title="Draws")
    assert (tmp_path / "drawn.png").read_bytes() == (tmp_path / "again.png").read_bytes()


def test_the_plot_of_few_clusters_and_far_nulls() -> None:
    frame = panel(4, seed=2)
    few = wild_bootstrap(fitted(frame.assign(y=frame["y"] + 5 * frame["x1"])), "x1")
    assert "the smallest there is" in bootstrap_plot(few, width=4).get_supxlabel()
    for null in (1e3, 1e18):
        far = wild_bootstrap(fitted(panel(8, seed=2)), "x1", null=null)
        assert sum(bar.get_height() for bar in bootstrap_plot(far).axes[0].patches) == far.reps  # type: ignore[attr-defined]
    bare = bootstrap_plot(wild_bootstrap(fitted(panel(20, seed=2)), "x1", reps=99, level=None))
    assert len(bare.axes[0].lines) == 1
    assert "interval" not in bare.get_supxlabel().split("CRV1")[0]
    with pytest.raises(ArgumentError, match=r"bootstrap_plot draws what stats.wild_bootstrap\(\) returns, not str"):
        bootstrap_plot("x1")  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="width is a number of inches"):
        bootstrap_plot(few, width=0)


def test_clusters_may_be_named_as_groups_are() -> None:
    frame = panel(10, seed=1)
    model = fitted(frame, " | unit + year")
    for name, column in (("country", "unit"), ("unit", "unit"), ("time", "year")):
        found = wild_bootstrap(model, " x1 ", cluster=name)
        assert found.cluster == column
        assert found.term == "x1"
        assert found.p_value == wild_bootstrap(model, "x1", cluster=column).p_value
    products = CrossProducts.of(model)
    for one in (products, products.fit()):
        assert wild_bootstrap(one, "x1", cluster="unit").p_value == pytest.approx(wild_bootstrap(model, "x1").p_value)
    full = wild_bootstrap(products.fit(df="full"), "x1")
    assert full.std_error == pytest.approx(model.with_se("CRV1", df="full").bse["x1"], rel=1e-10)
    assert full.note() == wild_bootstrap(model.with_se("CRV1", df="full"), "x1").note()
