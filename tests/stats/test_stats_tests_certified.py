"""Tests of effects, dependence, serial correlation and of Hausman's kind against R."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from govdata import stats
from govdata.errors import EstimationError, PanelError
from govdata.stats import tests as panel_tests
from govdata.stats.random_effects import random_effects
from govdata.stats.tests import TestResult
from govdata.stats.transformed import between

REFERENCE = Path(__file__).parents[1] / "reference" / "paneltests"
CERTIFIED: dict[str, Any] = json.loads((REFERENCE / "paneltests.json").read_text("utf-8"))
TOLERANCE = 1e-8
PANELS = ("grunfeld", "produc", "empluk", "gasoline", "holes")
WITH_GAPS = ("holes",)
UNBALANCED = ("empluk", "holes")


class Models:
    """The models of one panel, each fitted once."""

    def __init__(self, name: str) -> None:
        case = CERTIFIED[name]
        self.data = pd.read_csv(REFERENCE / case["data"]).sample(frac=1, random_state=1)
        self.formula: str = case["model"]
        self.keys = {"unit": case["unit"], "time": case["time"]}
        unit, time = case["unit"], case["time"]
        suffix = {"pooling": "", "within": f" | {unit}", "time": f" | {time}", "twoways": f" | {unit} + {time}"}
        self.fits = {kind: stats.ols(self.formula + text, self.data, **self.keys) for kind, text in suffix.items()}

    def __getitem__(self, kind: str) -> Any:  # noqa: ANN401
        return self.fits[kind]

    def random(self, method: Any = "swamy-arora", effect: Any = "unit") -> Any:  # noqa: ANN401
        return random_effects(self.formula, self.data, method=method, effect=effect, **self.keys)


@pytest.fixture(scope="module", params=PANELS)
def panel(request: pytest.FixtureRequest) -> tuple[str, Models]:
    return request.param, Models(request.param)


def agrees(found: TestResult, expected: dict[str, Any]) -> None:
    assert found.statistic == pytest.approx(expected["statistic"], rel=TOLERANCE, abs=1e-10)
    if found.p_value is not None and expected["p_value"] is not None:
        # Far out in the tail, one digit of the statistic is many of the p value.
        assert found.p_value == pytest.approx(expected["p_value"], rel=1e-6, abs=1e-300)
    df = expected["parameter"]
    if isinstance(df, dict) and "w0" not in df:
        assert found.df == tuple(df.values())
    elif isinstance(df, (int, float)):
        assert found.df == (df,)


EFFECTS: dict[str, Callable[[Models], TestResult]] = {
    "pFtest_individual": lambda m: panel_tests.f_effects(m["within"]),
    "pFtest_time": lambda m: panel_tests.f_effects(m["time"]),
    "pFtest_twoways": lambda m: panel_tests.f_effects(m["twoways"]),
    "pFtest_twoways_against_individual": lambda m: panel_tests.f_effects(m["twoways"], m.keys["time"]),
    "pFtest_twoways_against_time": lambda m: panel_tests.f_effects(m["twoways"], [m.keys["unit"]]),
    "plmtest_twoways_ghm": lambda m: panel_tests.breusch_pagan(m["pooling"], effect="twoway", form="ghm"),
    "pwtest_individual": lambda m: panel_tests.wooldridge(m["pooling"], "effects"),
    "pwtest_time": lambda m: panel_tests.wooldridge(m["within"], "effects", effect="time"),
    "pooltest_within": lambda m: panel_tests.poolability(m["within"]),
    "pooltest_pooling": lambda m: panel_tests.poolability(m["pooling"]),
}


def multiplier(effect: str, form: str) -> Callable[[Models], TestResult]:
    return lambda m: panel_tests.breusch_pagan(m["within"], effect=effect, form=form)


for theirs, ours in (("individual", "unit"), ("time", "time"), ("twoways", "twoway")):
    EFFECTS |= {f"plmtest_{theirs}_{form}": multiplier(ours, form) for form in ("bp", "honda", "kw")}


@pytest.mark.parametrize("key", EFFECTS)
def test_effects(panel: tuple[str, Models], key: str) -> None:
    name, models = panel
    agrees(EFFECTS[key](models), CERTIFIED[name]["effects"][key])


def test_every_test_of_effects_is_tested() -> None:
    for name in PANELS:
        assert set(CERTIFIED[name]["effects"]) == set(EFFECTS)


@pytest.mark.parametrize("kind", [("cd", "cd"), ("lm", "lm"), ("sclm", "scaled_lm"), ("bcsclm", "bias_corrected")])
def test_dependence(panel: tuple[str, Models], kind: tuple[str, str]) -> None:
    name, models = panel
    certified, column = CERTIFIED[name]["dependence"], str(models["within"].response)
    theirs, ours = kind
    agrees(panel_tests.pesaran_cd(models["within"], kind=ours), certified[f"pcdtest_within_{theirs}"])
    agrees(panel_tests.pesaran_cd(models["twoways"], kind=ours), certified[f"pcdtest_within_twoways_{theirs}"])
    if theirs == "bcsclm":
        return
    agrees(panel_tests.pesaran_cd(models["pooling"], kind=ours), certified[f"pcdtest_pooling_{theirs}"])
    agrees(panel_tests.pesaran_cd(models["time"], kind=ours), certified[f"pcdtest_within_time_{theirs}"])
    by_unit = panel_tests.pesaran_cd(models["pooling"], kind=ours, residuals="unit")
    agrees(by_unit, certified[f"pcdtest_by_unit_{theirs}"])
    of_column = panel_tests.pesaran_cd(models.data, column, ours, **models.keys)
    agrees(of_column, certified[f"pcdtest_variable_{theirs}"])
    if ours == "lm":
        same = panel_tests.breusch_pagan(models["within"], "cross_section")
        assert same.to_frame().equals(panel_tests.pesaran_cd(models["within"], kind="lm").to_frame())


def test_average_correlations(panel: tuple[str, Models]) -> None:
    name, models = panel
    certified = CERTIFIED[name]["dependence"]
    measures = panel_tests.pesaran_cd(models["within"]).details.set_index("measure")["value"]
    expected = certified["pcdtest_within_rho"]["statistic"], certified["pcdtest_within_absrho"]["statistic"]
    assert measures["average correlation"] == pytest.approx(expected[0], rel=TOLERANCE, abs=1e-14)
    assert measures["average absolute correlation"] == pytest.approx(expected[1], rel=TOLERANCE)
    assert measures["pairs"] == certified["cd_raw_moments_within"]["pairs"]


SERIAL: dict[str, Callable[[Models, str], TestResult]] = {
    "wooldridge_drukker": lambda m, _: panel_tests.wooldridge(m["pooling"], "xtserial"),
    "wooldridge_within_calendar": lambda m, _: panel_tests.wooldridge(m["within"]),
    "modified_wald": lambda m, _: panel_tests.modified_wald(m["within"]),
    "pwartest": lambda m, shift: panel_tests.wooldridge(m["within"], shift=shift),
    "pwfdtest_fd": lambda m, shift: panel_tests.wooldridge(m["within"], "fd", shift=shift),
    "pwfdtest_fe": lambda m, shift: panel_tests.wooldridge(m["pooling"], "fe", shift=shift),
    "pbltest": lambda m, _: panel_tests.serial_correlation(m["pooling"], "baltagi_li"),
    "pbltest_onesided": lambda m, _: panel_tests.serial_correlation(
        m["pooling"], "baltagi_li", alternative="one-sided"
    ),
    "pbsytest_ar": lambda m, _: panel_tests.serial_correlation(m["pooling"], "bera_ar"),
    "pbsytest_re": lambda m, _: panel_tests.serial_correlation(m["pooling"], "bera_re"),
    "pbsytest_j": lambda m, _: panel_tests.serial_correlation(m["pooling"], "joint"),
}


def godfrey(model: str, order: int, form: str) -> Callable[[Models, str], TestResult]:
    return lambda m, _: panel_tests.serial_correlation(m[model], order=order, form=form, stacked=True)


for of in ("within", "pooling"):
    for lags in (1, 2):
        SERIAL[f"pbgtest_{of}_{lags}_Chisq"] = godfrey(of, lags, "chi2")
        SERIAL[f"pbgtest_{of}_{lags}_F"] = godfrey(of, lags, "F")


@pytest.mark.parametrize("key", SERIAL)
def test_serial_correlation(panel: tuple[str, Models], key: str) -> None:
    name, models = panel
    certified = CERTIFIED[name]["serial"]
    shift = "row" if name in WITH_GAPS else "time"
    found = key if key in certified else f"{key}_rows"
    if key.startswith("pbsytest") and name in WITH_GAPS:
        with pytest.raises(PanelError, match="needs consecutive times, but 6 units have gaps"):
            SERIAL[key](models, shift)
        return
    if key.startswith("pbltest") and name in UNBALANCED:
        return
    expected = certified[found]
    # R's fit by maximum likelihood stops early.
    tolerance = 1e-5 if key.startswith("pbltest") else TOLERANCE
    result = SERIAL[key](models, shift)
    assert result.statistic == pytest.approx(expected["statistic"], rel=tolerance)
    if key == "wooldridge_drukker":
        row = result.details.iloc[0]
        assert row["estimate"] == pytest.approx(expected["coefficient"], rel=TOLERANCE)
        assert row["std_error"] == pytest.approx(expected["se_CRV1"], rel=TOLERANCE)
        assert (row["nobs"], row["clusters"]) == (expected["n_lags"], expected["clusters"])
    if not key.startswith("pbltest"):
        agrees(result, expected)


ERRORS = {"HC0": "CR0", "HC1": "CRHC1", "sss": "CRV1"}


def classical(fixed: Any, other: Any, expected: dict[str, Any]) -> None:  # noqa: ANN401
    """Compare the classical form, which is refused where R prints a number that has no distribution."""
    terms = [term for term in other.terms if term in fixed.terms]
    difference = fixed.with_se("iid").cov.loc[terms, terms] - other.with_se("iid").cov.loc[terms, terms]
    regular = np.linalg.eigvalsh(difference).min() > 0 or other.estimator == "Between"
    if regular:
        assert panel_tests.hausman(fixed, other).statistic == pytest.approx(expected["statistic"], rel=1e-7)
        return
    with pytest.raises(EstimationError, match="not positive definite"):
        panel_tests.hausman(fixed, other)
    try:
        printed = panel_tests.hausman(fixed, other, indefinite="report")
    except EstimationError:  # R prints the absolute value of a negative form
        return
    assert printed.statistic == pytest.approx(expected["statistic"], rel=1e-7)
    assert "no chi-squared distribution" in printed.notes[-1]


@pytest.mark.parametrize(
    "method", [("swar", "swamy-arora"), ("amemiya", "amemiya"), ("walhus", "wallace-hussain"), ("nerlove", "nerlove")]
)
def test_hausman_classical(panel: tuple[str, Models], method: tuple[str, str]) -> None:
    name, models = panel
    expected = CERTIFIED[name]["hausman"][f"hausman_classic_{method[0]}"]
    classical(models["within"], models.random(method[1]), expected)


def test_hausman_of_other_models(panel: tuple[str, Models]) -> None:
    name, models = panel
    certified = CERTIFIED[name]["hausman"]
    means = between(models.formula, models.data, **models.keys)
    classical(models["within"], means, certified["hausman_within_between"])
    if "statistic" in certified["hausman_classic_swar_time"]:
        classical(models["time"], models.random(effect="time"), certified["hausman_classic_swar_time"])


def test_hausman_by_regression(panel: tuple[str, Models]) -> None:
    name, models = panel
    certified, fixed, random = CERTIFIED[name]["hausman"], models["within"], models.random()
    plain = panel_tests.hausman(fixed, random, "iid", constant="plain")
    assert plain.statistic == pytest.approx(certified["hausman_aux"]["statistic"], rel=TOLERANCE)
    for theirs, ours in ERRORS.items():
        found = panel_tests.hausman(fixed, random, ours, constant="plain")
        expected = certified[f"hausman_aux_arellano_{theirs}"]["statistic"]
        assert found.statistic == pytest.approx(expected, rel=TOLERANCE)
    for se in ("CR0", "CR1", "CRHC1", "CRV1"):
        expected = certified[f"mundlak_re_swar_{se}"]["statistic"]
        # Within deviations and unit means are two ways to write one hypothesis.
        assert panel_tests.hausman(fixed, random, se).statistic == pytest.approx(expected, rel=TOLERANCE)
        assert panel_tests.mundlak(random, se=se).statistic == pytest.approx(expected, rel=TOLERANCE)
    again = panel_tests.hausman(models.formula, stats.Panel(models.data, **models.keys), robust=True)
    assert again.statistic == panel_tests.hausman(fixed, random, "CRV1").statistic


@pytest.mark.parametrize("weights", ["re_swar", "pooling"])
def test_mundlak(panel: tuple[str, Models], weights: str) -> None:
    name, models = panel
    certified = CERTIFIED[name]["hausman"]
    model = models["pooling"] if weights == "pooling" else models.random()
    for theirs, ours in {"classical": "iid", "CR0": "CR0", "CR1": "CR1", "CRHC1": "CRHC1", "CRV1": "CRV1"}.items():
        found = panel_tests.mundlak(model, se=ours)
        agrees(found, certified[f"mundlak_{weights}_{theirs}"])
    fit = certified[f"mundlak_{weights}_fit"]
    table = found.details.set_index("term")
    for term in found.details["term"]:
        column = "m_" + term.removeprefix("mean of ")
        assert table["estimate"][term] == pytest.approx(fit["params"][column], rel=1e-7)
        assert table["std_error"][term] == pytest.approx(fit["se"]["CRV1"][column], rel=1e-7)
