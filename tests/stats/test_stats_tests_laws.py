"""What tests of panels may not depend on, and what they refuse."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govdata import stats
from govdata.errors import ArgumentError, EstimationError, PanelError
from govdata.stats import tests as panel_tests
from govdata.stats.random_effects import random_effects
from govdata.stats.transformed import between, first_difference


def panel(seed: int = 0, units: int = 9, times: int = 8, *, holes: bool = True) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    keys = pd.MultiIndex.from_product([range(units), range(2000, 2000 + times)], names=["iso3", "year"])
    frame = keys.to_frame(index=False)
    effect = rng.normal(size=units)[frame["iso3"]]
    frame["x"] = rng.normal(size=len(frame)) + 0.5 * effect
    frame["z"] = rng.normal(size=len(frame))
    frame["y"] = frame["x"] - 0.5 * frame["z"] + effect + rng.normal(size=len(frame))
    frame["region"] = frame["iso3"] % 3
    return frame.sample(frac=0.9, random_state=seed).reset_index(drop=True) if holes else frame


def everything(frame: pd.DataFrame) -> dict[str, panel_tests.TestResult]:
    pooled, within = stats.ols("y ~ x + z", frame), stats.ols("y ~ x + z | iso3", frame)
    random = random_effects("y ~ x + z", frame)
    return {
        "f": panel_tests.f_effects(within),
        "lm": panel_tests.breusch_pagan(pooled),
        "lm2": panel_tests.breusch_pagan(pooled, effect="twoway", form="kw"),
        "het": panel_tests.breusch_pagan(within, "heteroscedasticity"),
        "pool": panel_tests.poolability(within),
        "wald": panel_tests.modified_wald(within),
        "cd": panel_tests.pesaran_cd(within),
        "cd_y": panel_tests.pesaran_cd(frame, "y"),
        "ar": panel_tests.wooldridge(within),
        "fe": panel_tests.wooldridge(pooled, "fe"),
        "xtserial": panel_tests.wooldridge(random, "xtserial"),
        "effects": panel_tests.wooldridge(pooled, "effects"),
        "bg": panel_tests.serial_correlation(within, order=2),
        "hausman": panel_tests.hausman(within, random, "CRV1"),
        "between": panel_tests.hausman(within, between("y ~ x + z", frame)),
        "mundlak": panel_tests.mundlak(pooled),
    }


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 1000))
def test_order_of_rows_and_type_of_keys_do_not_matter(seed: int) -> None:
    frame = panel(seed)
    other = frame.sample(frac=1, random_state=seed + 1).astype({"iso3": str, "year": float})
    for one, two in zip(everything(frame).values(), everything(other).values(), strict=True):
        assert one.to_frame().equals(two.to_frame())


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 1000), st.floats(0.01, 100), st.floats(-100, 100))
def test_scale_and_level_do_not_matter(seed: int, scale: float, level: float) -> None:
    frame = panel(seed)
    other = frame.assign(y=level + scale * frame["y"], x=frame["x"] * 3 - level)
    for one, two in zip(everything(frame).values(), everything(other).values(), strict=True):
        assert two.statistic == pytest.approx(one.statistic, rel=1e-6, abs=1e-8)


def test_p_values_are_probabilities_and_results_print() -> None:
    for found in everything(panel()).values():
        assert found.p_value is not None
        assert 0 <= found.p_value <= 1
        row = found.to_frame().iloc[0]
        assert row["test"] == found.name
        assert f"{found.statistic:.6g}" in str(found)
        assert found.null in found.summary()
        assert found.name in repr(found)
        smallest, mean, largest = found.periods
        assert smallest <= mean <= largest


def test_the_lagrange_multiplier_is_one_sided_or_two_sided() -> None:
    model = stats.ols("y ~ x + z", panel())
    two = panel_tests.breusch_pagan(model)
    one, mixture = (panel_tests.breusch_pagan(model, form=form) for form in ("honda", "ghm"))
    assert one.statistic**2 == pytest.approx(two.statistic)
    assert mixture.statistic == pytest.approx(two.statistic)
    assert mixture.p_value == pytest.approx(two.p_value / 2)  # type: ignore[operator]
    assert mixture.distribution == "mixture 0.5 chi2(0) + 0.5 chi2(1)"
    alternating = panel(holes=False, times=4)
    alternating["y"] = np.where(alternating["year"] % 2 == 0, 1.0, -1.0) + 0.01 * alternating["z"]
    none = panel_tests.breusch_pagan(stats.ols("y ~ x", alternating), form="ghm")
    assert (none.statistic, none.p_value) == (0, 1)


def test_calendar_lags_and_rows_are_one_without_gaps_and_two_with() -> None:
    for holes in (False, True):
        model = stats.ols("y ~ x + z | iso3", panel(holes=holes))
        for kind in ("ar", "fe", "fd"):
            by_time, by_row = (panel_tests.wooldridge(model, kind, shift=shift) for shift in ("time", "row"))
            assert (by_time.statistic == by_row.statistic) is not holes
            assert any("units have gaps" in note for note in by_time.notes) is holes


def test_two_rows_a_unit_say_nothing_of_serial_correlation() -> None:
    model = stats.ols("y ~ x | iso3", panel(units=20, times=2, holes=False))
    for call in (panel_tests.wooldridge, panel_tests.serial_correlation):
        with pytest.raises(EstimationError, match="the other sign, whatever the errors: the test needs units with 3 r"):
            call(model)


def test_a_two_yearly_panel_has_no_gaps() -> None:
    frame = panel(holes=False)
    apart = frame.assign(year=2 * frame["year"])
    for kind in ("ar", "fe"):
        one, two = (panel_tests.wooldridge(stats.ols("y ~ x | iso3", data), kind) for data in (frame, apart))
        assert one.statistic == two.statistic
        assert two.notes[0] == "times are 2 apart: a lag is 2 of them back"


def test_a_test_says_when_it_leaves_the_models_own_estimator() -> None:
    frame = panel(holes=False)
    tests = panel_tests
    for model in (random_effects("y ~ x + z", frame), stats.prais_winsten("y ~ x + z", frame, rho="ar1")):
        results = [tests.breusch_pagan(model), tests.breusch_pagan(model, "heteroscedasticity")]
        results += [tests.poolability(model), tests.wooldridge(model, "effects")]
        results += [tests.serial_correlation(model, kind) for kind in ("bera_ar", "bera_re", "joint")]
        for result in results:
            assert any(f"not from the residuals of {model.estimator}" in note for note in result.notes), result.name
    both = stats.ols("y ~ x | iso3 + year", frame)
    assert tests.pesaran_cd(both, residuals="unit").notes == ("regressions by unit leave out the effects of year",)


def test_a_regressor_that_stands_still_falls_out_of_differences() -> None:
    frame = panel()
    still = panel_tests.wooldridge(stats.ols("y ~ x + region", frame), "fe")
    assert still.statistic == pytest.approx(panel_tests.wooldridge(stats.ols("y ~ x", frame), "fe").statistic)
    assert any("region does not change over time" in note for note in still.notes)


@pytest.mark.parametrize("scale", [1.0, 1e9])
def test_a_model_without_residuals_is_not_tested(scale: float) -> None:
    frame = panel(holes=False)
    frame["y"] = scale * (frame["x"] + 2 * frame["z"])
    pooled, within = stats.ols("y ~ x + z", frame), stats.ols("y ~ x + z | iso3", frame)
    tests = panel_tests
    calls = (tests.f_effects, tests.breusch_pagan, tests.poolability, tests.modified_wald, tests.pesaran_cd)
    for call in (*calls, tests.wooldridge, tests.serial_correlation):
        with pytest.raises(EstimationError, match="the model fits exactly, so that its residuals are rounding"):
            call(within)
    with pytest.raises(EstimationError, match="the model fits exactly, so that its residuals are rounding"):
        tests.mundlak(pooled)
    frame["y"] += frame["iso3"] ** 2 * scale
    with pytest.raises(EstimationError, match="fits exactly in first differences"):
        tests.wooldridge(stats.ols("y ~ x + z", frame), "fe")
    frame["y"] = panel(holes=False)["y"].where(frame["iso3"] > 0, frame["x"])
    with pytest.raises(EstimationError, match="the regression of unit 0 fits its 8 rows exactly"):
        tests.pesaran_cd(stats.ols("y ~ x + z", frame), residuals="unit")


def test_wooldridge_does_not_depend_on_the_unit_of_measurement() -> None:
    frame = panel()
    for kind in ("ar", "fe", "fd", "xtserial"):
        found = [
            panel_tests.wooldridge(stats.ols("y ~ x | iso3", frame.assign(y=frame["y"] * scale)), kind).statistic
            for scale in (1.0, 1e-14)
        ]
        assert found[1] == pytest.approx(found[0], rel=1e-9)


def test_pairs_without_common_periods_are_left_out() -> None:
    frame = panel(holes=False)
    frame = frame[(frame["iso3"] > 1) | ((frame["iso3"] == 0) == (frame["year"] < 2004))]
    found = panel_tests.pesaran_cd(frame, "y")
    assert found.notes == ("1 of 36 pairs share no two periods: left out",)
    assert found.details.set_index("measure")["value"]["pairs"] == 35


def test_heteroscedasticity_in_statsmodels() -> None:
    from statsmodels.stats.diagnostic import het_breuschpagan

    frame = panel()
    model = stats.ols("y ~ x + z", frame)
    columns = np.column_stack([np.ones(len(frame)), frame[["x", "z"]]])
    for studentized in (True, False):
        found = panel_tests.breusch_pagan(model, "heteroscedasticity", studentized=studentized)
        expected = het_breuschpagan(model.resid, columns, robust=studentized)
        assert found.statistic == pytest.approx(expected[0], rel=1e-8)
        assert found.p_value == pytest.approx(expected[1], rel=1e-8)


def test_time_effects_bias_cd_and_that_is_said() -> None:
    found = panel_tests.pesaran_cd(stats.ols("y ~ x | iso3 + year", panel()))
    assert "time effects are absorbed" in found.notes[0]


def test_hausman_compares_effects_of_one_kind() -> None:
    frame = panel()
    years, random = stats.ols("y ~ x + z | year", frame), random_effects("y ~ x + z", frame)
    for robust in (False, True):
        with pytest.raises(ArgumentError, match=r"the first model absorbs no effects of iso3; fit it with \| iso3"):
            panel_tests.hausman(years, random, robust)
    of_times = random_effects("y ~ x + z", frame, effect="time")
    with pytest.raises(ArgumentError, match=r"has random effects of times; fit the first with \| year"):
        panel_tests.hausman(stats.ols("y ~ x + z | iso3", frame), of_times)
    both = panel_tests.hausman(stats.ols("y ~ x + z | iso3 + year", frame), random, "CRV1")
    assert "only the first model absorbs effects of year" in both.notes[-1]
    fewer = panel_tests.hausman(stats.ols("y ~ x | iso3", frame), random, "CRV1")
    assert "only one of the models has z" in fewer.notes[-1]
    standing = random_effects("y ~ x + z + region", frame)
    same = panel_tests.hausman(stats.ols("y ~ x + z | iso3", frame), standing, "CRV1")
    assert len(same.notes) == 1


def test_mundlak_leaves_out_what_stands_still() -> None:
    frame = panel(holes=False)
    found = panel_tests.mundlak(stats.ols("y ~ x + region", frame))
    assert found.details["term"].tolist() == ["mean of x"]
    assert "not varying within units, and without a mean: region" in found.notes
    years = panel_tests.mundlak(random_effects("y ~ x + C(year)", frame))
    assert years.df == (1,)
    assert any("combinations of the others" in note for note in years.notes)


def test_hausman_with_one_variance() -> None:
    frame = panel()
    within, random = stats.ols("y ~ x + z | iso3", frame), random_effects("y ~ x + z", frame)
    for variance in ("random", "fixed"):
        found = panel_tests.hausman(within, random, variance=variance)
        assert found.statistic > 0
        assert f"{variance}-effects model in both" in found.notes[0]


FRAME = panel()


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda: panel_tests.f_effects(stats.ols("y ~ x", FRAME)), EstimationError, "needs a model with absorbed"),
        (
            lambda: panel_tests.f_effects(stats.ols("y ~ x | iso3", FRAME), "iso"),
            ArgumentError,
            "effects are among iso3, not 'iso'; did you mean 'iso3'?",
        ),
        (lambda: panel_tests.f_effects(FRAME), ArgumentError, "takes a fitted model, .* not DataFrame"),
        (
            lambda: panel_tests.breusch_pagan(stats.ols("y ~ x", FRAME), "lm"),
            ArgumentError,
            "kind is one of random_effects, cross_section, heteroscedasticity, not 'lm'",
        ),
        (
            lambda: panel_tests.wooldridge(stats.ols("y ~ x", FRAME)),
            EstimationError,
            'kind="ar" tests the residuals of a model with unit effects',
        ),
        (
            lambda: panel_tests.wooldridge(stats.ols("y ~ x", FRAME, panel=False), "fe"),
            EstimationError,
            "needs to know the unit of a row: fit the model with unit=",
        ),
        (
            lambda: panel_tests.wooldridge(first_difference("y ~ x", FRAME), "fe"),
            EstimationError,
            "starts from the levels of all rows",
        ),
        (
            lambda: panel_tests.wooldridge(stats.ols("y ~ x | iso3", FRAME[FRAME["year"].isin([2000, 2001])]), "fe"),
            EstimationError,
            "needs units with 3 consecutive times or more",
        ),
        (
            lambda: panel_tests.wooldridge(stats.ols("y ~ x", FRAME[FRAME["iso3"] == 0], se="iid"), "fe"),
            EstimationError,
            "needs two units or more, and the sample has one",
        ),
        (
            lambda: panel_tests.poolability(stats.ols("y ~ x | iso3 + year", FRAME)),
            EstimationError,
            "regressions by unit cannot absorb the effects of year",
        ),
        (
            lambda: panel_tests.poolability(stats.ols("y ~ x + z", FRAME[FRAME["year"] < 2003])),
            EstimationError,
            "a regression of its own needs 4 rows or more, and 9 units have fewer: 0, 1, 2, 3, 4, 4 more",
        ),
        (
            lambda: panel_tests.serial_correlation(stats.ols("y ~ x", FRAME), "joint"),
            PanelError,
            "needs consecutive times",
        ),
        (
            lambda: panel_tests.serial_correlation(
                stats.ols("y ~ x", FRAME[(FRAME["year"] < 2001) | (FRAME["iso3"] < 1)]), order=9
            ),
            EstimationError,
            "order 9 needs units with more than 9 rows",
        ),
        (
            lambda: panel_tests.serial_correlation(
                stats.ols("y ~ x", panel(holes=False).query("iso3 > 0 or year > 2003")), "baltagi_li"
            ),
            EstimationError,
            "is defined for balanced panels",
        ),
        (
            lambda: panel_tests.serial_correlation(stats.ols("y ~ x", FRAME), alternative="one-sided"),
            ArgumentError,
            'alternative goes with kind="baltagi_li"',
        ),
        (
            lambda: panel_tests.serial_correlation(stats.ols("y ~ x", FRAME), order=0),
            ArgumentError,
            "order is a whole number from 1 up, not 0",
        ),
        (lambda: panel_tests.pesaran_cd(FRAME), ArgumentError, "takes data and the name of a column"),
        (
            lambda: panel_tests.pesaran_cd(FRAME, "region"),
            EstimationError,
            "region of a unit do not vary over the periods shared with another",
        ),
        (
            lambda: panel_tests.pesaran_cd(FRAME[FRAME["year"] < 2002], "y"),
            EstimationError,
            "no two units share three periods",
        ),
        (
            lambda: panel_tests.pesaran_cd(stats.ols("y ~ x", FRAME), kind="bias_corrected"),
            ArgumentError,
            "needs a model with unit effects",
        ),
        (
            lambda: panel_tests.pesaran_cd(stats.ols("y ~ x", FRAME), "y"),
            ArgumentError,
            "a fitted model brings its own residuals and keys",
        ),
        (
            lambda: panel_tests.modified_wald(stats.ols("y ~ x", FRAME)),
            EstimationError,
            r"takes a model with unit effects; fit it with \| iso3",
        ),
        (
            lambda: panel_tests.hausman(random_effects("y ~ x", FRAME), stats.ols("y ~ x | iso3", FRAME)),
            ArgumentError,
            "takes the model with fixed effects first",
        ),
        (
            lambda: panel_tests.hausman(stats.ols("y ~ x | iso3", FRAME), stats.ols("y ~ x", FRAME)),
            ArgumentError,
            "the second model of Hausman's test is one of stats.random_effects, not OLS",
        ),
        (
            lambda: panel_tests.hausman(stats.ols("y ~ x | iso3", FRAME), random_effects("y ~ x", FRAME.iloc[1:])),
            EstimationError,
            "the two models must have the same response and rows",
        ),
        (
            lambda: panel_tests.hausman(stats.ols("y ~ x | iso3", FRAME), random_effects("y ~ z", FRAME)),
            EstimationError,
            "share no coefficient",
        ),
        (
            lambda: panel_tests.hausman(stats.ols("y ~ x | iso3", FRAME), random_effects("y ~ x", FRAME), "HC1"),
            ArgumentError,
            "robust is one of iid, CR0, CR1, CRHC1, CRV1, not 'HC1'",
        ),
        (
            lambda: panel_tests.hausman("y ~ x | iso3", FRAME),
            ArgumentError,
            "is the model without effects",
        ),
        (
            lambda: panel_tests.mundlak(stats.ols("y ~ x | iso3", FRAME)),
            EstimationError,
            "takes the model without unit effects",
        ),
        (
            lambda: panel_tests.mundlak(stats.ols("y ~ region", FRAME)),
            EstimationError,
            "no regressor varies within units",
        ),
    ],
)
def test_refusals(call: Any, kind: type[Exception], message: str) -> None:  # noqa: ANN401
    with pytest.raises(kind, match=message) as caught:
        call()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("options", [{"lags": 7}, {"lags": 1000}, {"lags": "aic", "max_lags": 1000}])
def test_more_lags_than_values_are_refused(options: dict[str, Any]) -> None:
    message = "unit 0 has 8 values, too few for a Dickey-Fuller regression with (7|1000) lags"
    with pytest.raises(EstimationError, match=message):
        panel_tests.unit_root(panel(holes=False), "y", "maddala_wu", **options)


@pytest.mark.parametrize("effects", [3, [], {"iso3": 1}])
def test_effects_are_named(effects: Any) -> None:  # noqa: ANN401
    with pytest.raises(ArgumentError, match="effects is the name of an absorbed effect or a list of such, not"):
        panel_tests.f_effects(stats.ols("y ~ x | iso3", FRAME), effects)


def test_rows_dropped_for_one_model_only_are_found() -> None:
    frame = FRAME.assign(x=FRAME["x"].where(FRAME["year"] != 2003))
    with pytest.raises(EstimationError, match="the same response and rows"):
        panel_tests.hausman(stats.ols("y ~ x + z | iso3", frame), random_effects("y ~ z", frame))


def test_models_that_are_not_linear_are_refused() -> None:
    from govdata.stats.binary import binary

    model = binary("onset ~ x", FRAME.assign(onset=(FRAME["y"] > 0).astype(int)))
    for call in (panel_tests.breusch_pagan, panel_tests.pesaran_cd, panel_tests.mundlak, panel_tests.modified_wald):
        with pytest.raises(EstimationError, match="is a test of linear models; this one is not linear"):
            call(model)
