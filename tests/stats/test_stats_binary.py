"""Logit, probit and complementary log-log: agreement with R, laws, and what is refused."""

import json
import re
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govdata.errors import EstimationError, FormulaError, PanelError
from govdata.stats import Panel
from govdata.stats.binary import Duration, Link, binary
from govdata.stats.conditional import _compared
from govdata.stats.keys import Codes
from govdata.stats.likelihood import Information
from govdata.stats.separation import separating_direction

REFERENCE = Path(__file__).parents[1] / "reference" / "nonlinear"
LINKS: tuple[Link, ...] = ("logit", "probit", "cloglog")
TOLERANCE = 1e-9
few = settings(max_examples=25, deadline=None)
CERTIFIED: dict[str, Any] = json.loads((REFERENCE / "binary.json").read_text("utf-8"))
SEPARATION: dict[str, Any] = json.loads((REFERENCE / "separation.json").read_text("utf-8"))
CASES = [(data, name) for data in ("males", "bacteria") for name, case in CERTIFIED[data].items() if "model" in case]
BINARY_CASES = [
    name for name, case in SEPARATION.items() if isinstance(case, dict) and "logit" in case and "probit" in case
]
FACTS = {"loglik": "loglik", "loglik_null": "loglik_null", "pseudo_r2": "mcfadden_r2", "AIC": "aic", "BIC": "bic"}


def convention(key: str, unit: str, time: str) -> dict[str, Any]:
    """Read a key of the certified values, such as CRV1_twoway_min, as options."""
    se, *rest = key.split("_")
    if not rest:
        return {"se": se}
    if rest[0] != "twoway":
        return {"se": se, "cluster": rest[0]}
    return {"se": se, "cluster": [unit, time]} | ({"twoway": rest[1]} if len(rest) > 1 else {})


@pytest.mark.parametrize("information", ["observed", "expected"])
@pytest.mark.parametrize(("data", "name"), CASES)
def test_certified(data: str, name: str, information: Information) -> None:
    source, case = CERTIFIED[data], CERTIFIED[data][name]
    frame = pd.read_csv(REFERENCE / source["data"])
    unit, time = source["unit"], source["time"]
    model = binary(case["model"], frame, link=case["link"], information=information, unit=unit, period=time, se="iid")
    assert list(model.params.index) == list(case["params"])
    assert model.params.to_dict() == pytest.approx(case["params"], rel=TOLERANCE)
    assert model.facts["events"] == case["events"]
    for ours, theirs in FACTS.items():
        assert model.facts[ours] == pytest.approx(case["extra"][theirs], rel=TOLERANCE)
    assert model.fitted.sum() == pytest.approx(case["extra"]["fitted_sum"], rel=TOLERANCE)
    assert model.fitted.iloc[:3].tolist() == pytest.approx(case["extra"]["fitted_first_three"], rel=TOLERANCE)
    assert (model.fitted + model.resid).to_numpy() == pytest.approx(frame[model.response].to_numpy(), abs=1e-12)
    for key, errors in case["se"][information].items():
        options = convention(key, unit, time)
        if errors is None:
            with pytest.raises(EstimationError, match="negative"):
                model.with_se(**options)
        else:
            assert model.with_se(**options).bse.to_dict() == pytest.approx(errors, rel=TOLERANCE), key


def test_tests_are_normal_and_the_information_is_named() -> None:
    frame = pd.read_csv(REFERENCE / "binary_bacteria.csv")
    logit = binary("present ~ week", frame, unit="id", period="week")
    assert logit.note().startswith("CRV1 clustered by id (50)")
    assert logit.note().endswith("normal distribution")
    assert not any("information" in note for note in logit.notes())
    probit = binary("present ~ week", frame, unit="id", period="week", link="probit")
    assert any("information='observed' is what Stata takes" in note for note in probit.notes())


def test_conditional_logit_is_exact() -> None:
    # survival 3.5: clogit(union ~ exper + married + wage + strata(nr), method = "exact")
    frame = pd.read_csv(REFERENCE / "binary_males.csv")
    model = binary("union ~ exper + married + wage | nr", frame, unit="nr", period="year", se="iid")
    assert model.params.tolist() == pytest.approx([-0.0833076076960204, 0.2192492714982706, 0.6773081193343768])
    assert model.bse.tolist() == pytest.approx([0.0265588432448384, 0.1702537673383094, 0.1656385805783748])
    assert model.facts["loglik"] == pytest.approx(-729.558938109358)
    assert model.facts["loglik_null"] == pytest.approx(-740.781466186709)
    assert model.nobs == 1968
    assert any("299 units of nr (2392 rows) left out: their response never varies" in n for n in model.notes())
    assert (model.dropped["reason"] == "no variation").sum() == 2392
    events = frame[model.sample].groupby("nr")["union"].sum()
    assert model.fitted.groupby(frame["nr"]).sum()[events.index].to_numpy() == pytest.approx(events.to_numpy())
    assert model.with_se("HC0").bse.tolist() == pytest.approx(model.with_se("CR0", cluster="nr").bse.tolist())
    with pytest.raises(EstimationError, match="cluster 'year' changes within nr"):
        model.with_se("CR0", cluster="year")


def test_conditional_logit_of_pairs_is_a_logit_of_differences() -> None:
    rng = np.random.default_rng(3)
    x = rng.normal(size=(200, 2))
    second = (rng.random(200) < 1 / (1 + np.exp(x[:, 0] - x[:, 1]))).astype(int)
    frame = pd.DataFrame({"iso3": np.repeat(np.arange(200), 2), "year": np.tile([0, 1], 200), "x": x.ravel()})
    frame["y"] = np.column_stack([1 - second, second]).ravel()
    pairs = pd.DataFrame({"y": second, "d": x[:, 1] - x[:, 0]})
    conditional = binary("y ~ x | iso3", frame, se="iid")
    plain = binary("y ~ d - 1", pairs, se="iid")
    assert conditional.params["x"] == pytest.approx(plain.params["d"], rel=1e-10)
    assert conditional.bse["x"] == pytest.approx(plain.bse["d"], rel=1e-10)


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("name", BINARY_CASES)
def test_separation(name: str, link: Link) -> None:
    data = pd.read_csv(REFERENCE / "separation.csv")
    data = data[data["case"] == name]
    if not SEPARATION[name]["exists"]:
        with pytest.raises(EstimationError, match=r"no maximum likelihood estimate exists|is 0 in all 6 rows"):
            binary("y ~ x + z", data, unit="unit", link=link)
        return
    expected = SEPARATION[name][link]["params_tight"]
    assert binary("y ~ x + z", data, unit="unit", link=link, se="iid").params.to_dict() == pytest.approx(
        expected, rel=1e-6
    )


def separated() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"iso3": np.repeat(np.arange(30), 4), "year": np.tile(np.arange(4), 30)})
    frame["region"] = np.array(["Africa", "Asia", "Europe"])[frame["iso3"] % 3]
    frame["x"], frame["z"] = rng.normal(size=120), rng.normal(size=120)
    frame["y"] = (rng.random(120) < 0.4).astype(int)
    return frame


def test_separation_names_the_level_and_its_rows() -> None:
    frame = separated()
    frame.loc[frame["region"] == "Asia", "y"] = 0
    with pytest.raises(EstimationError, match=r"C\(region\)\[Asia\]: no event in its 40 rows; leave the regressor out"):
        binary("y ~ x + C(region)", frame)
    frame["y"] = 1 - frame["y"]
    with pytest.raises(EstimationError, match=r"C\(region\)\[Asia\]: an event in each of its 40 rows"):
        binary("y ~ x + C(region)", frame)


def test_separation_by_the_base_level() -> None:
    frame = separated()
    frame.loc[frame["region"] == "Africa", "y"] = 0
    with pytest.raises(EstimationError, match=r"C\(region\)\[Africa\]: no event in its 40 rows"):
        binary("y ~ x + C(region)", frame, link="probit")


def test_separation_names_an_indicator_a_regressor_and_several() -> None:
    frame = separated()
    frame["war"] = (frame["x"] > 1).astype(int)
    with pytest.raises(EstimationError, match=r"war = 1: no event in its \d+ rows"):
        binary("y ~ war + z", frame.assign(y=np.where(frame["war"] == 1, 0, frame["y"])))
    frame["y"] = (frame["x"] > 0.3).astype(int)
    with pytest.raises(EstimationError, match=r"\(separation\): x predicts the response perfectly"):
        binary("y ~ z + x", frame, link="cloglog")
    frame["y"] = (frame["x"] + frame["z"] > 0.3).astype(int)
    with pytest.raises(EstimationError, match="x, z together predict the response"):
        binary("y ~ x + C(region) + z", frame)


def test_separation_within_units() -> None:
    frame = separated()
    frame["y"] = (frame["x"] > frame.groupby("iso3")["x"].transform("median")).astype(int)
    with pytest.raises(EstimationError, match="x predicts the response perfectly"):
        binary("y ~ x + z | iso3", frame)


def test_rare_events_are_not_separation() -> None:
    rng = np.random.default_rng(5)
    x = rng.normal(size=3000)
    frame = pd.DataFrame({"y": (rng.random(3000) < 1 / (1 + np.exp(12 - 6 * x))).astype(int), "x": x})
    for link in LINKS:
        model = binary("y ~ x", frame, link=link, panel=False)
        assert model.fitted.min() < 1e-6
        assert model.params["x"] > 0


@few
@given(st.integers(0, 10_000))
def test_the_programme_agrees_with_a_search_over_angles(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = rng.integers(-3, 4, size=(int(rng.integers(2, 7)), 2)).astype(float)
    # in a plane, a direction on an edge is at right angles to a row
    edges = [np.array([-b, a]) * way for a, b in rows for way in (1, -1)] + [rows.sum(axis=0)]
    exists = any((rows @ edge >= 0).all() and (rows @ edge > 0).any() for edge in edges)
    assert (separating_direction(rows) is not None) == exists


def simulated(seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    units, years = int(rng.integers(8, 15)), int(rng.integers(8, 14))
    frame = pd.DataFrame({"iso3": np.repeat(np.arange(units), years), "year": np.tile(np.arange(years) + 1990, units)})
    frame["x"], frame["z"] = rng.normal(size=len(frame)) * 3 + 50, rng.normal(size=len(frame))
    eta = 0.3 * (frame["x"] - 50) - 0.5 * frame["z"]
    frame["y"] = (rng.random(len(frame)) < 1 / (1 + np.exp(-eta))).astype(int)
    return frame


@few
@given(st.integers(0, 10_000), st.sampled_from(LINKS), st.sampled_from(["none", "cubic"]))
def test_rows_and_key_types_change_no_digit(seed: int, link: Link, time: Duration) -> None:
    frame = simulated(seed)
    text = frame.astype({"iso3": str}).sample(frac=1, random_state=seed)
    text = text.astype({"iso3": "category", "year": float})
    try:
        model = binary("y ~ x + lag(z, 1)", frame, link=link, time=time)
    except EstimationError as error:
        with pytest.raises(EstimationError, match=re.escape(str(error))):
            binary("y ~ x + lag(z, 1)", text, link=link, time=time)
        return
    other = binary("y ~ x + lag(z, 1)", text, link=link, time=time)
    assert other.params.equals(model.params)
    assert other.bse.equals(model.bse)
    assert other.facts == model.facts
    assert other.fitted.reindex(frame.index).equals(model.fitted)


@few
@given(st.integers(0, 10_000), st.sampled_from(LINKS), st.floats(1e-6, 1e6))
def test_rescaling_a_regressor_rescales_its_coefficient(seed: int, link: Link, factor: float) -> None:
    frame = simulated(seed)
    model = binary("y ~ x + z", frame, link=link)
    other = binary("y ~ x + z", frame.assign(x=frame["x"] * factor), link=link)
    assert other.params["x"] * factor == pytest.approx(model.params["x"], rel=1e-8)
    assert other.bse["x"] * factor == pytest.approx(model.bse["x"], rel=1e-8)
    assert other.bse["z"] == pytest.approx(model.bse["z"], rel=1e-8)
    assert other.facts["loglik"] == pytest.approx(model.facts["loglik"], rel=1e-10)


@few
@given(st.integers(0, 10_000), st.sampled_from(["logit", "probit"]))
def test_swapping_events_and_non_events_turns_signs(seed: int, link: Link) -> None:
    frame = simulated(seed)
    for effects in ("", " | iso3") if link == "logit" else ("",):
        model = binary(f"y ~ x + z{effects}", frame, link=link, cluster="iso3")
        other = binary(f"y ~ x + z{effects}", frame.assign(y=1 - frame["y"]), link=link, cluster="iso3")
        assert (-other.params).to_numpy() == pytest.approx(model.params.to_numpy(), rel=1e-8, abs=1e-9)
        assert other.bse.to_numpy() == pytest.approx(model.bse.to_numpy(), rel=1e-8)


@few
@given(st.integers(0, 10_000), st.sampled_from(LINKS))
def test_doubling_every_unit_changes_no_coefficient(seed: int, link: Link) -> None:
    frame = simulated(seed)
    twice = pd.concat([frame, frame.assign(iso3=frame["iso3"] + 1000)])
    model, other = binary("y ~ x + z", frame, link=link, se="CR0"), binary("y ~ x + z", twice, link=link, se="CR0")
    assert other.params.to_numpy() == pytest.approx(model.params.to_numpy(), rel=1e-8)
    assert other.bse.to_numpy() * np.sqrt(2) == pytest.approx(model.bse.to_numpy(), rel=1e-8)


FRAME = simulated(1)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"time": "year"}, r"time= is the curve .*; name the key column as period='year'"),
        ({"time": "cubik"}, "time is one of none, cubic, spline, not 'cubik'; did you mean 'cubic'"),
        ({"time": None}, "time is one of none, cubic, spline, not None"),
        ({"link": "logti"}, "link is one of logit, probit, cloglog, not 'logti'; did you mean 'logit'"),
        ({"information": "oim"}, "information is one of observed, expected"),
        ({"se": "CR2"}, "se='CR2' is defined for linear models only"),
        ({"se": "wild"}, "se='wild' is defined for linear models only"),
        ({"knots": (1, 4)}, "knots= is an option of time='spline'"),
        ({"event": "y"}, "event= is an option of time='cubic' and time='spline'"),
        ({"time": "spline", "knots": (1, 99)}, "knots are rising numbers between 0 and"),
        ({"time": "spline", "knots": (4, 1)}, "knots are rising numbers between 0 and"),
        ({"time": "spline", "knots": 4}, r"knots are rising numbers such as \(1, 4, 7\), not 4"),
        ({"time": "cubic", "event": "x"}, "an event is 0 or 1, but column 'x' holds"),
    ],
)
def test_refused_options(options: dict[str, Any], message: str) -> None:
    with pytest.raises(EstimationError, match=message) as caught:
        binary("y ~ x", FRAME, **options)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("formula", "frame", "message"),
    [
        ("y ~ x", FRAME.assign(y=FRAME["y"] + 1), "y holds 1 and 2; a binary response is 0 or 1"),
        (
            "y ~ x",
            FRAME.assign(y=np.where(FRAME["y"] == 1, "yes", "no")),
            r"y holds '(yes|no)'; a binary response is 0 or 1",
        ),
        ("y ~ x", FRAME.assign(y=0), "y is 0 in all .* rows of the sample"),
        ("y ~ x", FRAME.assign(y=True), "y is 1 in all .* rows of the sample"),
        ("y ~ x + w", FRAME.assign(w=FRAME["x"] * 2), "w is an exact combination of x"),
        ("y ~ x + w", FRAME.assign(w=3.0), "w is constant"),
        ("y ~ x | iso3 + year", FRAME, r"a logit conditions one effect away, not iso3 and year; write C\(year\)"),
        ("y ~ w | iso3", FRAME.assign(w=FRAME["iso3"]), "w does not vary within iso3"),
        ("y ~ x | year", FRAME.assign(y=(FRAME["year"] > 1994).astype(int)), "y varies within no year"),
    ],
)
def test_refused_models(formula: str, frame: pd.DataFrame, message: str) -> None:
    with pytest.raises(EstimationError, match=message):
        binary(formula, frame)


@pytest.mark.parametrize("kind", ["object", "category"])
def test_numbers_that_are_not_stored_as_numbers_are_named(kind: str) -> None:
    frame = separated()
    frame["y"] = frame["y"].astype(kind)
    stored = "objects" if kind == "object" else "a category"
    with pytest.raises(EstimationError, match=rf"y holds numbers stored as {stored}; .*data\['y'\].astype\(float\)"):
        binary("y ~ x", frame)


def test_other_links_refuse_effects() -> None:
    for link in ("probit", "cloglog"):
        with pytest.raises(EstimationError, match=r"incidental parameters\); write C\(iso3\)"):
            binary("y ~ x | iso3", FRAME, link=link)


def test_collinear_columns_can_be_dropped() -> None:
    model = binary("y ~ x + w", FRAME.assign(w=FRAME["x"] * 2), collinear="drop")
    assert list(model.params.index) == ["Intercept", "x"]
    assert any("left out: w is an exact combination of x" in note for note in model.notes())
    assert model.params.equals(binary("y ~ x", FRAME).params)


def test_keys_come_from_a_panel_or_by_name() -> None:
    renamed = FRAME.rename(columns={"iso3": "land", "year": "when"})
    model = binary("y ~ x", FRAME, time="cubic")
    for other in (
        binary("y ~ x", Panel(renamed, "land", "when"), time="cubic"),
        binary("y ~ x", renamed, unit="land", period="when", time="cubic"),
    ):
        assert other.params.equals(model.params)
        assert other.clusters == {"land": model.clusters["iso3"]}
    with pytest.raises(PanelError, match="name unit= and period="):
        binary("y ~ x", renamed, time="cubic")
    with pytest.raises(PanelError, match="time since the last event needs a panel"):
        binary("y ~ x", FRAME, time="cubic", panel=False)
    with pytest.raises(FormulaError, match="column 'yy' is not in the data"):
        binary("y ~ x", FRAME, time="cubic", event="yy")


def test_the_data_are_not_changed() -> None:
    before = FRAME.copy()
    model = binary("y ~ x", FRAME, time="cubic")
    pd.testing.assert_frame_equal(FRAME, before)
    assert model.formula == "y ~ x"
    assert model.response == "y"


def test_separation_within_many_units_needs_no_indicator_of_each() -> None:
    rng = np.random.default_rng(5)
    frame = pd.DataFrame({"iso3": np.repeat(np.arange(3000), 10), "year": np.tile(np.arange(10), 3000)})
    frame["x"], frame["z"] = rng.normal(size=(2, 30_000))
    frame["y"] = (rng.random(30_000) < 0.1).astype(int)
    frame["s"] = np.where(frame["y"] == 1, np.abs(frame["z"]) + 5, frame["z"]) + frame["iso3"]
    tracemalloc.start()
    with pytest.raises(EstimationError, match=r"\(separation\): s predicts the response perfectly"):
        binary("y ~ x + s | iso3", frame)
    assert tracemalloc.get_traced_memory()[1] < 400e6
    tracemalloc.stop()
    # a unit of many rows, where pairs are more than indicators
    frame["iso3"] = frame["year"] % 2
    frame["s"] = np.where(frame["y"] == 1, np.abs(frame["z"]) + 5, frame["z"]) + frame["iso3"]
    with pytest.raises(EstimationError, match=r"\(separation\): s predicts the response perfectly"):
        binary("y ~ s | iso3", frame.iloc[:600], panel=False)


@pytest.mark.parametrize("rows", [4, 30])
def test_separation_of_units_is_what_indicators_say(rows: int) -> None:
    rng = np.random.default_rng(rows)
    found = set()
    for _ in range(60):
        codes = np.repeat(np.arange(6), rows)
        z, y = rng.integers(-2, 3, (6 * rows, 2)).astype(float), np.zeros(6 * rows)
        y[rng.integers(0, rows, 6) + np.arange(6) * rows] = 1
        z[y == 1] += rng.integers(0, 5)
        every = np.column_stack([z, np.eye(6)[codes]]) * (2 * y - 1)[:, None]
        effect = Codes("iso3", codes, tuple(str(j) for j in range(6)))
        separated = separating_direction(every) is not None
        assert (separating_direction(_compared(y, z, effect)) is not None) == separated
        found.add(separated)
    assert found == {True, False}
