"""Unit-root tests against R, and what they refuse."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govdata import stats
from govdata.errors import ArgumentError, EstimationError, PanelError
from govdata.stats.tests import unit_root
from govdata.stats.tests.adf import mackinnon, outside
from govdata.stats.tests.critical import critical_values, p_value
from govdata.stats.tests.moments import ips_moments, ips_z_moments, llc_moments

REFERENCE = Path(__file__).parents[1] / "reference" / "paneltests"
CERTIFIED: dict[str, Any] = json.loads((REFERENCE / "unit_roots.json").read_text("utf-8"))
SERIES = tuple(name for name, case in CERTIFIED.items() if isinstance(case, dict) and "variable" in case)
TOLERANCE = 1e-8
TRENDS = {"intercept": "constant", "trend": "trend"}
LAGS: dict[str, int | str] = {"0": 0, "1": 1, "2": 2, "AIC": "aic", "SIC": "sic", "Hall": "hall"}
FISHER = {"madwu": "maddala_wu", "Pm": "choi_p", "invnormal": "invnormal", "logit": "logit"}


def ours(name: str, test: str, **options: Any) -> stats.tests.TestResult:  # noqa: ANN401
    case = CERTIFIED[name]
    data = pd.read_csv(REFERENCE / case["data"]).sample(frac=1, random_state=3)
    return unit_root(data, case["variable"], test, unit=case["unit"], time=case["time"], max_lags=3, **options)


def agrees(found: stats.tests.TestResult, expected: dict[str, Any]) -> None:
    assert found.statistic == pytest.approx(expected["statistic"], rel=TOLERANCE)
    assert found.p_value == pytest.approx(expected["p_value"], rel=1e-6)
    if isinstance(expected["parameter"], (int, float)):
        assert found.df == (expected["parameter"],)


@pytest.mark.parametrize("lags", LAGS)
@pytest.mark.parametrize("trend", TRENDS)
@pytest.mark.parametrize("name", SERIES)
def test_against_r(name: str, trend: str, lags: str) -> None:
    certified, options = CERTIFIED[name], {"trend": TRENDS[trend], "lags": LAGS[lags]}
    tag = f"{trend}_{lags}"
    agrees(ours(name, "ips", **options), certified[f"purtest_ips_{tag}"])
    if trend == "intercept":
        agrees(ours(name, "ips_z", **options), certified[f"purtest_ips_ztbar_{tag}"])
    if f"purtest_levinlin_{tag}" in certified:
        agrees(ours(name, "llc", **options), certified[f"purtest_levinlin_{tag}"])
    units = certified[f"purtest_madwu_{tag}_mackinnon1994"]
    for theirs, test in FISHER.items():
        found = ours(name, test, p_values="plm", **options)
        agrees(found, certified[f"purtest_{theirs}_{tag}_mackinnon1994"])
    np.testing.assert_allclose(found.details["t"], units["unit_t"], rtol=TOLERANCE)
    np.testing.assert_allclose(found.details["p_value"], units["unit_p"], rtol=1e-7)
    assert found.details["lags"].tolist() == units["unit_lags"]
    bounded = ours(name, "logit", **options)
    beyond = [outside(t, TRENDS[trend]) for t in units["unit_t"]]
    assert (bounded.statistic == found.statistic) is not any(beyond)
    assert any("beyond the approximation" in note for note in bounded.notes) is any(beyond)


@pytest.mark.parametrize("trend", TRENDS)
@pytest.mark.parametrize("name", [name for name in SERIES if "purtest_hadri_trend_robust" in CERTIFIED[name]])
def test_hadri_against_r(name: str, trend: str) -> None:
    for theirs, own in (("robust", True), ("homogeneous", False)):
        found = ours(name, "hadri", trend=TRENDS[trend], heteroscedastic=own)
        agrees(found, CERTIFIED[name][f"purtest_hadri_{trend}_{theirs}"])


@pytest.mark.parametrize("truncated", [False, True])
@pytest.mark.parametrize("lags", [1, 2])
@pytest.mark.parametrize("trend", ["drift", "trend"])
@pytest.mark.parametrize("name", SERIES)
def test_cips_against_r(name: str, trend: str, lags: int, truncated: bool) -> None:
    expected = CERTIFIED[name][f"cipstest_cmg_{trend}_{lags}{'_truncated' * truncated}"]
    options: dict[str, Any] = {"trend": {"drift": "constant", "trend": "trend"}[trend], "lags": lags}
    if "statistic" not in expected:
        with pytest.raises(EstimationError, match=r"needs|no regression"):
            ours(name, "cips", truncated=truncated, **options)
        return
    found = ours(name, "cips", truncated=truncated, **options)
    assert found.statistic == pytest.approx(expected["statistic"], rel=TOLERANCE)
    # R interpolates on a coarse grid and puts the bounds in place of what lies beyond the tables.
    if found.p_value is not None:
        assert found.p_value == pytest.approx(expected["p_value"], abs=0.01)


def test_llc_without_a_constant() -> None:
    agrees(ours("grunfeld_inv", "llc", trend="none", lags=1), CERTIFIED["grunfeld_inv"]["purtest_levinlin_none_1"])


def test_p_values_of_single_series_are_close_to_the_later_ones() -> None:
    certified = CERTIFIED["adf_p"]
    for trend, name in (("none", "none"), ("constant", "intercept"), ("trend", "trend")):
        for tau, p in zip(certified["tau"], certified[name], strict=True):
            assert mackinnon(tau, trend) == pytest.approx(p, abs=0.006)


@given(st.floats(-40, 10), st.floats(-40, 10), st.sampled_from(["none", "constant", "trend"]))
def test_p_values_rise_with_the_statistic(one: float, two: float, trend: str) -> None:
    low, high = sorted([one, two])
    # Below and above the limit of the approximation two polynomials meet, not quite at the same height.
    assert mackinnon(low, trend) <= mackinnon(high, trend) + 1e-3


@given(st.integers(10, 120), st.integers(0, 10), st.sampled_from(["constant", "trend"]))
def test_moments(length: int, lags: int, trend: str) -> None:
    mean, variance = ips_moments(length, lags, trend)
    assert np.isnan(mean) == np.isnan(variance)
    if not np.isnan(mean):
        assert mean < 0 < variance
    assert -2 < ips_z_moments(length)[0] < 0
    assert llc_moments(length, trend)[1] > 0.4


def test_critical_values_end_with_the_tables() -> None:
    assert critical_values(9, 20, "constant", truncated=False) is None
    assert critical_values(20, 201, "constant", truncated=False) is None
    values = critical_values(12, 10, "trend", truncated=True)
    assert values is not None
    assert values[0] < values[1] < values[2]
    assert p_value(values[1], values) == pytest.approx(0.05)


def walks(units: int = 12, length: int = 30, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"iso3": np.repeat(np.arange(units), length), "year": np.tile(np.arange(length), units)})
    frame["y"] = rng.normal(size=(units, length)).cumsum(axis=1).ravel()
    return frame


@settings(max_examples=15, deadline=None)
@given(
    st.integers(0, 10_000), st.floats(-50, 50), st.floats(0.01, 100), st.sampled_from(["ips", "llc", "hadri", "cips"])
)
def test_level_scale_and_order_do_not_matter(seed: int, level: float, scale: float, test: str) -> None:
    frame = walks(seed=seed)
    plain = unit_root(frame, "y", test)
    moved = frame.sample(frac=1, random_state=seed).astype({"iso3": str, "year": float})
    assert unit_root(moved, "y", test).statistic == plain.statistic
    moved["y"] = level + scale * moved["y"]
    assert unit_root(moved, "y", test).statistic == pytest.approx(plain.statistic, rel=1e-6)


def test_stationary_and_integrated_series_are_told_apart() -> None:
    frame = walks()
    frame["noise"] = np.random.default_rng(5).normal(size=len(frame))
    for test in ("ips", "ips_z", "llc", "maddala_wu", "choi_p", "invnormal", "logit"):
        noise, walk = unit_root(frame, "noise", test), unit_root(frame, "y", test)
        assert noise.p_value is not None
        assert walk.p_value is not None
        assert noise.p_value < 1e-6
        assert walk.p_value > 0.01
    stationary, integrated = unit_root(frame, "noise", "hadri"), unit_root(frame, "y", "hadri")
    assert stationary.p_value is not None
    assert integrated.p_value is not None
    assert integrated.p_value < 1e-6
    assert stationary.p_value > 0.01
    cips = unit_root(frame, "noise", "cips")
    assert cips.p_value is None
    assert cips.notes[-1] == "p is below 0.01, where the tables end"
    assert "p outside the tables" in str(cips)


def test_a_five_yearly_panel_has_no_gaps() -> None:
    frame = walks()
    every_fifth = frame.assign(year=1900 + 5 * frame["year"])
    assert unit_root(every_fifth, "y").statistic == unit_root(frame, "y").statistic


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        (lambda d: d[~((d.iso3 == 3) & (d.year == 7))], {}, "y has gaps in 1 unit: 3; leave them out"),
        (lambda d: d.assign(y=d.y.where(d.year != 7)), {}, "gaps in 12 units: 0, 1, 2, 3, 4, 7 more"),
        (lambda d: d.assign(y=d.y.where(d.iso3 != 2, 1.0)), {}, "y never changes in 1 unit: 2; leave them out"),
        (lambda d: d[(d.iso3 != 1) | (d.year < 20)], {"test": "llc"}, 'test="llc" is defined for balanced panels'),
        (lambda d: d[(d.iso3 != 1) | (d.year < 20)], {"test": "hadri"}, "here units have 20 to 30 of 30 periods"),
        (
            lambda d: d[(d.iso3 != 1) | (d.year < 5)],
            {"lags": 2},
            "unit 1 has 5 values, too few for a Dickey-Fuller regression with 2 lags",
        ),
        (
            lambda d: d[(d.iso3 != 1) | (d.year < 16)],
            {"lags": 5},
            "no moments for so many lags in so short a series: 1",
        ),
        (lambda d: d[(d.iso3 != 1) | (d.year < 6)], {"test": "cips", "lags": 2}, "with 2 lags a unit needs"),
        (lambda d: d[d.iso3 == 1], {}, "needs two units or more; column 'y' has values for 1"),
        (lambda d: d.assign(y=np.where(d.year == 3, np.inf, d.y)), {}, "column 'y' is infinite in 12 rows"),
    ],
)
def test_refusals(change: Any, options: dict[str, Any], message: str) -> None:  # noqa: ANN401
    with pytest.raises((PanelError, EstimationError), match=message):
        unit_root(change(walks()), "y", **options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"test": "isp"}, "test is one of ips, ips_z, .* did you mean 'ips'"),
        ({"trend": "intercept"}, "trend is one of none, constant, trend, not 'intercept'"),
        ({"lags": "bic"}, "lags is one of aic, sic, hall, not 'bic'"),
        ({"lags": -1}, "lags is a whole number from 0 up"),
        ({"lags": 1.5}, "lags is a whole number from 0 up"),
        ({"lags": True}, "lags is a whole number from 0 up"),
        ({"max_lags": 2.5}, "max_lags is a whole number from 0 up"),
        ({"trend": "none"}, 'test="ips" is not defined without a constant'),
        ({"trend": "trend", "test": "ips_z"}, 'test="ips_z" has moments for a constant alone'),
        ({"test": "cips", "lags": "aic"}, 'test="cips" takes the same number of lags'),
        ({"p_values": "mackinnon1996"}, "tables whose terms of use do not allow them"),
        ({"column": 3}, "column is 3"),
    ],
)
def test_options_that_do_not_exist(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        unit_root(walks(), **({"column": "y"} | options))


def test_short_series_are_noted() -> None:
    found = unit_root(walks(length=9), "y")
    assert "12 of 12 series are shorter than the tables, which begin at 10 rows" in found.notes
    assert (
        "the tables begin at 25 periods; the 9 here take the moments of 25"
        in unit_root(walks(length=9), "y", "llc").notes
    )


def test_the_frame_is_not_changed() -> None:
    frame = walks()
    before = frame.copy()
    for test in ("ips", "hadri", "cips"):
        unit_root(frame, "y", test)
    pd.testing.assert_frame_equal(frame, before)


@pytest.mark.parametrize("trend", ["none", "constant", "trend"])
@pytest.mark.parametrize("criterion", ["aic", "sic", "hall"])
@pytest.mark.parametrize("corrected", [False, True])
def test_lags_are_those_of_one_regression_after_the_other(trend: str, criterion: str, corrected: bool) -> None:
    from govdata.stats.tests.adf import _regress, choose_lags

    rng = np.random.default_rng(11)
    most, at = 5, int(trend != "none")
    for _ in range(12):
        series = 1e4 + np.cumsum(rng.normal(size=40))
        fits = [_regress(series, trend, lags, most, "A")[0] for lags in range(most + 1)]
        if criterion == "hall":
            spread = [np.sqrt(fit.rss / (fit.nobs - fit.rank * corrected)) for fit in fits]
            t = [
                abs(fit.params[at + lags]) / size / np.linalg.norm(fit.influence[:, at + lags])
                for lags, (fit, size) in enumerate(zip(fits, spread, strict=True))
            ]
            expected = max([lags for lags in range(1, most + 1) if t[lags] >= 1.96], default=0)
        else:
            price = [2.0 if criterion == "aic" else np.log(fit.nobs) for fit in fits]
            values = [
                np.log(fit.rss / fit.nobs) + fit.rank * each / fit.nobs for fit, each in zip(fits, price, strict=True)
            ]
            expected = int(np.argmin(values))
        assert choose_lags(series, trend, criterion, most, "A", corrected=corrected) == expected
