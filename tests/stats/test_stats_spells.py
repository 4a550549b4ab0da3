"""Time since the last event: the counter, its curves, and models with them."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govdata.errors import EstimationError, FormulaError, PanelError
from govdata.stats import Panel
from govdata.stats.binary import binary
from govdata.stats.likelihood import Information
from govdata.stats.spells import Gaps, cubic, natural_spline, time_since

REFERENCE = Path(__file__).parents[1] / "reference" / "nonlinear"
CERTIFIED: dict[str, Any] = json.loads((REFERENCE / "btscs.json").read_text("utf-8"))
# knots at the ends of the counter's range, which is what binary() takes
MODELS = [
    name
    for name, case in CERTIFIED.items()
    if isinstance(case, dict)
    and case.get("counter") == "t_calendar"
    and case["time"] in ("none", "cubic", "spline")
    and "harrell" not in name
]
CURVE = {"t1": "t", "t2": "t^2", "t3": "t^3"}
few = settings(max_examples=50, deadline=None)


@pytest.mark.parametrize("gaps", ["calendar", "rows", "event"])
@pytest.mark.parametrize("name", ["counter.csv", "btscs.csv"])
def test_counter_is_certified(name: str, gaps: Gaps) -> None:
    frame = pd.read_csv(REFERENCE / name)
    column = {"calendar": "t_calendar", "rows": "t_rows", "event": "t_event_gaps"}[gaps]
    found = time_since(frame, "onset", unit="country", time="year", gaps=gaps)
    assert found.tolist() == frame[column].tolist()
    assert found.index.equals(frame.index)
    assert time_since(Panel(frame, "country", "year"), "onset", gaps=gaps).equals(found)


@pytest.mark.parametrize("information", ["observed", "expected"])
@pytest.mark.parametrize("name", MODELS)
def test_models_are_certified(name: str, information: Information) -> None:
    case = CERTIFIED[name]
    frame = pd.read_csv(REFERENCE / CERTIFIED["data"])
    knots = {"knots": np.atleast_1d(case["extra"]["knots_inner"])} if case["time"] == "spline" else {}
    model = binary(
        "onset ~ x + trade",
        frame,
        link=case["link"],
        time=case["time"],
        information=information,
        unit="country",
        period="year",
        se="iid",
        **knots,
    )
    assert model.nobs == case["n"]
    for term, value in case["params"].items():
        assert model.params[CURVE.get(term, term)] == pytest.approx(value, rel=1e-9)
    for key, errors in case["se"][information].items():
        se, *cluster = key.split("_")
        if errors is None or cluster[:1] == ["twoway"]:
            continue
        found = model.with_se(se, **({"cluster": cluster[0]} if cluster else {})).bse  # type: ignore[arg-type]
        for term, value in errors.items():
            assert found[CURVE.get(term, term)] == pytest.approx(value, rel=1e-9)
    assert model.facts["loglik"] == pytest.approx(case["extra"]["loglik"], rel=1e-9)
    assert model.fitted.sum() == pytest.approx(case["extra"]["fitted_sum"], rel=1e-9)


def test_default_knots_are_those_of_beck_katz_and_tucker() -> None:
    frame = pd.read_csv(REFERENCE / CERTIFIED["data"])
    model = binary("onset ~ x + trade", frame, time="spline", unit="country", period="year")
    assert model.params["x"] == pytest.approx(CERTIFIED["logit_spline_1_4_7"]["params"]["x"], rel=1e-9)
    assert [term for term in model.params.index if term.startswith("spline")] == [
        f"spline(t)[{j}]" for j in (1, 2, 3, 4)
    ]
    assert any("knots 1, 4, 7, ends 0 and 40" in note for note in model.notes())
    assert model.left_out() == "30 (missing x 30)"


def test_the_counter_is_made_before_rows_are_left_out() -> None:
    frame = pd.read_csv(REFERENCE / CERTIFIED["data"]).rename(columns={"country": "iso3"})
    model = binary("onset ~ x", frame, time="cubic", se="iid")
    t = time_since(frame, "onset") / 100
    assert frame["x"].isna().sum() == 30
    assert model.design.x[:, 1].tolist() == t.iloc[model.design.rows].tolist()
    without = binary("onset ~ x", frame[frame["x"].notna()], time="cubic", se="iid")
    assert without.params["t"] != pytest.approx(model.params["t"], rel=1e-6)


def test_the_counter_of_another_event() -> None:
    frame = pd.read_csv(REFERENCE / CERTIFIED["data"]).rename(columns={"country": "iso3"})
    frame["t"] = time_since(frame, "onset") / 100
    frame["t2"], frame["t3"] = frame["t"] ** 2, frame["t"] ** 3
    frame["other"] = (frame["trade"] > 0).astype(int)
    by_hand = binary("other ~ x + t + t2 + t3", frame, link="cloglog")
    model = binary("other ~ x", frame, link="cloglog", time="cubic", event="onset")
    assert model.params.to_numpy() == pytest.approx(by_hand.params.to_numpy(), rel=1e-9)
    assert model.bse.to_numpy() == pytest.approx(by_hand.bse.to_numpy(), rel=1e-9)


def test_after_a_missing_event_the_counter_is_not_known() -> None:
    frame = pd.DataFrame({"iso3": "COL", "year": range(2000, 2007), "y": [0, 1, 0, np.nan, 0, 1, 0]})
    assert time_since(frame, "y").fillna(-1).tolist() == [0, 1, 0, 1, -1, -1, 0]
    frame = pd.concat([frame.assign(iso3=name) for name in "ABCDEF"], ignore_index=True)
    frame["x"] = np.cos(np.arange(len(frame)))
    frame["y2"] = (np.sin(np.arange(len(frame)) * 1.7) > 0).astype(int)
    model = binary("y2 ~ x", frame, time="cubic", event="y", collinear="drop")
    assert model.dropped_counts == {"missing time_since_y": 12}
    assert any("12 rows have no time_since_y" in note for note in model.notes())


def test_first_rows_count_from_zero_and_events_in_a_row_are_zero() -> None:
    frame = pd.DataFrame({"iso3": ["A", "A", "A", "A", "B"], "year": [3, 1, 2, 4, 9], "y": [1, 1, 1, 0, 0]})
    assert time_since(frame, "y").tolist() == [0, 0, 0, 0, 0]


@few
@given(st.integers(0, 10_000))
def test_the_counter_is_what_a_loop_says(seed: int) -> None:
    rng = np.random.default_rng(seed)
    keys = [(unit, 1990 + t) for unit in range(4) for t in range(12) if rng.random() < 0.8]
    frame = pd.DataFrame(keys, columns=["iso3", "year"])
    frame["y"] = rng.choice([0.0, 1.0, np.nan], size=len(frame), p=[0.6, 0.3, 0.1])
    expected: dict[tuple[int, int], float] = {}
    for unit, rows in frame.groupby("iso3"):
        start: float = rows["year"].iloc[0]
        for year, happened in zip(rows["year"], rows["y"], strict=True):
            expected[int(unit), int(year)] = year - start  # type: ignore[call-overload]
            if np.isnan(happened):
                start = np.nan
            elif happened == 1:
                start = year + 1
    mixed = frame.sample(frac=1, random_state=seed).astype({"iso3": str, "year": float})
    found = time_since(mixed, "y")
    for unit, year, value in zip(mixed["iso3"], mixed["year"], found, strict=True):
        assert value == expected[int(unit), int(year)] or (np.isnan(value) and np.isnan(expected[int(unit), int(year)]))


def test_splines_are_linear_outside_their_knots_and_smooth() -> None:
    t = np.linspace(0, 20, 201)
    _, columns = natural_spline(t, (1.0, 4.0, 7.0))
    beyond = t >= 7.0
    assert np.linalg.matrix_rank(np.column_stack([np.ones_like(t), columns])) == 5
    curvature = np.diff(columns, n=2, axis=0)
    assert np.abs(np.diff(curvature, axis=0)).max() < 1e-3
    assert np.abs(curvature[-1]).max() < np.abs(curvature).max() / 20
    assert beyond.any()
    assert cubic(np.array([50.0]))[1].tolist() == [[0.5, 0.25, 0.125]]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"event": "z"}, FormulaError, "column 'z' is not in the data"),
        ({"event": 3}, PanelError, "event is the name of a column, not 3"),
        ({"event": "w"}, EstimationError, "an event is 0 or 1, but column 'w' holds 2"),
        ({"event": "y", "gaps": "row"}, EstimationError, "gaps is one of calendar, rows, event, not 'row'"),
        ({"event": "y", "time": "name"}, PanelError, "counts in whole numbers, but 'name' holds 'a'"),
        ({"event": "y", "unit": "iso2"}, FormulaError, "column 'iso2' is not in the data"),
    ],
)
def test_refused(arguments: dict[str, Any], error: type[Exception], message: str) -> None:
    frame = pd.DataFrame({"iso3": ["A", "A"], "year": [1, 2], "y": [0, 1], "w": [0, 2], "name": ["a", "b"]})
    with pytest.raises(error, match=message):
        time_since(frame, **arguments)


def test_years_that_occur_twice_are_refused() -> None:
    frame = pd.DataFrame({"iso3": ["A", "A"], "year": [1, 1], "y": [0, 1]})
    with pytest.raises(PanelError, match="2 rows share their iso3 and year"):
        time_since(frame, "y")


def test_a_regressor_named_like_the_curve_is_refused() -> None:
    frame = pd.DataFrame({"iso3": ["A"] * 20 + ["B"] * 20, "year": [*range(20)] * 2})
    frame["t"], frame["y"] = np.sin(np.arange(40)), (np.arange(40) % 3 == 0).astype(int)
    with pytest.raises(EstimationError, match="t is a regressor, and also the name of a term of time='cubic'"):
        binary("y ~ t", frame, time="cubic")


def test_keys_other_than_those_of_the_panel_are_refused_with_a_curve_too() -> None:
    frame = pd.DataFrame({"iso3": ["A"] * 20 + ["B"] * 20, "year": [*range(20)] * 2})
    frame["y"], frame["wave"] = (np.arange(40) % 3 == 0).astype(int), frame["year"] * 2
    for options in ({}, {"time": "cubic"}):
        with pytest.raises(PanelError, match="'wave' is given, yet the panel's"):
            binary("y ~ 1", Panel(frame), period="wave", **options)


def test_a_missing_knot_is_refused() -> None:
    with pytest.raises(EstimationError, match="knots are rising numbers between 0 and 10"):
        natural_spline(np.arange(11.0), (1.0, float("nan")))
