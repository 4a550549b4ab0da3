"""A model over draws of its data: as if every draw were fitted, and what is refused."""

from __future__ import annotations

import importlib
import pickle
from functools import partial
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govdata import stats
from govdata.errors import ArgumentError, EstimationError, GovdataError
from govdata.stats.companions import from_companions
from govdata.stats.drawn_matrices import from_matrices
from govdata.stats.over_draws import _refit, over_draws
from govdata.stats.pooled import Pooled
from govdata.stats.pooling import pool

DRAWS = 9
EXACT = 1e-10


def panel(seed: int = 0, units: int = 14, years: int = 9, holes: float = 0.1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "iso3": np.repeat([f"C{i:02d}" for i in range(units)], years),
            "year": np.tile(np.arange(2000, 2000 + years), units),
        }
    )
    for name in ("x", "z", "w"):
        frame[name] = rng.normal(size=len(frame))
    frame["v"] = np.exp(rng.normal(size=len(frame)))
    frame["region"] = frame["iso3"].str[2].astype(int) % 4
    frame["y"] = frame["x"] + 0.5 * frame["z"] + rng.normal(size=len(frame))
    frame["many"] = (frame["y"] > 0).astype(float)
    kept = rng.random(len(frame)) >= holes
    return frame[kept].sample(frac=1, random_state=seed).reset_index(drop=True)


def matrices(frame: pd.DataFrame, names: list[str], seed: int = 1, draws: int = DRAWS) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    shape = (len(frame), draws)
    found = {}
    for name in names:
        values = frame[name].to_numpy(dtype=np.float64)[:, None]
        noise = np.exp(0.1 * rng.normal(size=shape)) if name == "v" else 1 + 0 * values
        found[name] = values * noise + (0 if name == "v" else 0.3 * rng.normal(size=shape))
    return found


def refits(m: Any, drawn: dict[str, Any]) -> Pooled:  # noqa: ANN401
    count = next(iter(drawn.values())).shape[1]
    data = m.data
    return pool([m.again(data.assign(**{name: values[:, d] for name, values in drawn.items()})) for d in range(count)])


def assert_same(one: Pooled, two: Pooled, tolerance: float = EXACT) -> None:
    assert one.terms == two.terms
    np.testing.assert_allclose(one.estimates.to_numpy(), two.estimates.to_numpy(), rtol=tolerance)
    np.testing.assert_allclose(one.std_errors.to_numpy(), two.std_errors.to_numpy(), rtol=tolerance)
    size = float(np.abs(two.cov.to_numpy()).max())
    np.testing.assert_allclose(one.cov.to_numpy(), two.cov.to_numpy(), rtol=tolerance, atol=tolerance * size)
    np.testing.assert_allclose(one.df.to_numpy(), two.df.to_numpy(), rtol=1e-9)
    np.testing.assert_allclose(one.pvalues.to_numpy(), two.pvalues.to_numpy(), rtol=1e-8, atol=1e-14)


def long(frame: pd.DataFrame, drawn: dict[str, Any], keep: tuple[str, ...] = ()) -> pd.DataFrame:
    parts = []
    for d in range(next(iter(drawn.values())).shape[1]):
        part = frame[["iso3", "year", *keep]].assign(draw=d + 1)
        parts.append(part.assign(**{name: values[:, d] for name, values in drawn.items()}))
    return pd.concat(parts, ignore_index=True)


CONVENTIONS: list[dict[str, Any]] = [
    {},
    {"se": "iid"},
    {"se": "CR1", "cluster": "region"},
    {"se": "CRHC1", "cluster": "year"},
    {"df": "none", "cluster": "region"},
]
FORMULAS = [
    ("y ~ x + z | iso3 + year", ["y"]),
    ("y ~ x + z | iso3 + year", ["x"]),
    ("y ~ x + z + w | iso3", ["y", "x", "z"]),
    ("y ~ x*z + w", ["z"]),
    ("y ~ x + z - 1", ["x", "z"]),
    ("log(v) ~ lag(x, 1) + z + x:w | iso3", ["x", "v"]),
    ("diff(y) ~ x + lead(z) + C(region)", ["y", "z"]),
]


@pytest.mark.parametrize("options", CONVENTIONS, ids=str)
@pytest.mark.parametrize(("formula", "names"), FORMULAS, ids=str)
def test_all_at_once_is_draw_by_draw(formula: str, names: list[str], options: dict[str, Any]) -> None:
    frame = panel()
    m = stats.ols(formula, frame, **options)
    drawn = matrices(frame, names, draws=4)
    found = over_draws(m, drawn)
    assert_same(found, refits(m, drawn))
    assert found.n_draws == 4


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(FORMULAS), st.sampled_from(CONVENTIONS), st.floats(-3, 3))
def test_any_panel(seed: int, model: tuple[str, list[str]], options: dict[str, Any], scale: float) -> None:
    frame = panel(seed, units=10, years=8, holes=0.25)
    for name in ("x", "w"):
        frame[name] = 50 + 10**scale * frame[name]
    m = stats.ols(model[0], frame, **options)
    drawn = matrices(frame, model[1], seed + 1, draws=4)
    assert_same(over_draws(m, drawn), refits(m, drawn))


@pytest.mark.parametrize("names", [["y"], ["x"], ["x", "z"]])
def test_ill_conditioned_columns(names: list[str]) -> None:
    frame = panel()
    frame["z"] = frame["x"] + 1e-4 * frame["z"]
    frame["w"] = 1e6 + frame["w"]
    m = stats.ols("y ~ x + z + w | iso3 + year", frame)
    rng = np.random.default_rng(5)
    drawn = {name: frame[name].to_numpy()[:, None] + 1e-5 * rng.normal(size=(len(frame), DRAWS)) for name in names}
    assert_same(over_draws(m, drawn), refits(m, drawn))


def test_draws_far_from_each_other() -> None:
    frame = panel()
    m = stats.ols("y ~ x + z | iso3 + year", frame)
    rng = np.random.default_rng(3)
    away = 10.0 ** np.arange(-3, 6)
    drawn = {"y": frame["y"].to_numpy()[:, None] * away + 100 * rng.normal(size=(len(frame), 9))}
    assert_same(over_draws(m, drawn), refits(m, drawn), 1e-9)


@pytest.mark.parametrize("cells", [1, 500, 10**9])
def test_pieces_change_nothing(cells: int, monkeypatch: pytest.MonkeyPatch) -> None:
    frame = panel()
    m = stats.ols("y ~ x + z | iso3 + year", frame)
    drawn = matrices(frame, ["y", "x"], draws=20)
    monkeypatch.setattr(importlib.import_module("govdata.stats.over_draws"), "CELLS", cells)
    assert_same(over_draws(m, drawn), refits(m, drawn))


OTHERS: dict[str, Any] = {
    "DK": lambda frame: stats.ols("y ~ x + z | iso3", frame, se="DK"),
    "HC1": lambda frame: stats.ols("y ~ x + z", frame, se="HC1"),
    "two-way": lambda frame: stats.ols("y ~ x + z | iso3", frame, cluster=["iso3", "year"]),
    "CR2": lambda frame: stats.ols("y ~ x + z | iso3", frame, se="CR2"),
    "logit": lambda frame: stats.binary("many ~ x + z", frame),
    "random effects": lambda frame: stats.random_effects("y ~ x + z", frame),
    "between": lambda frame: stats.between("y ~ x + z", frame),
    "first difference": lambda frame: stats.first_difference("y ~ x + z", frame),
}


@pytest.mark.parametrize("name", OTHERS)
def test_every_estimator(name: str) -> None:
    frame = panel(holes=0)
    m = OTHERS[name](frame)
    drawn = matrices(frame, ["x"], draws=4)
    assert_same(over_draws(m, drawn), refits(m, drawn), 1e-14)


def test_any_number_of_workers() -> None:
    frame = panel(holes=0)
    m = stats.ols("y ~ x + z", frame, se="HC1")
    drawn = matrices(frame, ["x"], draws=6)
    alone = over_draws(m, drawn)
    sent = partial(_refit, m, from_matrices(m, drawn))
    received = pickle.loads(pickle.dumps(sent))  # noqa: S301 -- our own, as other processes would get it
    assert received(3)[1].tolist() == alone.estimates.iloc[3].tolist()
    with joblib.parallel_config(backend="threading", n_jobs=2):
        found = over_draws(m, drawn)
    assert found.estimates.equals(alone.estimates)
    assert found.std_errors.equals(alone.std_errors)


def test_categories_are_drawn() -> None:
    frame = panel(holes=0)
    rng = np.random.default_rng(0)
    drawn = {"region": np.array([rng.permutation(frame["region"]) for _ in range(4)]).T}
    m = stats.ols("y ~ x + C(region) | iso3", frame.assign(region=drawn["region"][:, 0]))
    assert_same(over_draws(m, drawn), refits(m, drawn), 1e-14)


# Long frames.


@pytest.mark.parametrize("order", ["as drawn", "by cell", "shuffled"])
@pytest.mark.parametrize("names", [["y"], ["x", "y"]])
def test_a_long_frame_in_any_order(order: str, names: list[str]) -> None:
    frame = panel()
    drawn = matrices(frame, names)
    tall = long(frame, drawn)
    if order == "by cell":
        tall = tall.sort_values(["iso3", "year", "draw"])
    elif order == "shuffled":
        tall = tall.sample(frac=1, random_state=2)
    before = tall.copy()
    m = stats.ols("y ~ x + z | iso3 + year", frame)
    found = over_draws(m, tall)
    assert_same(found, refits(m, drawn))
    assert found.n_draws == DRAWS
    assert list(found.estimates.index) == list(range(1, DRAWS + 1))
    pd.testing.assert_frame_equal(tall, before)


def test_keys_are_compared_by_what_they_say() -> None:
    frame = panel()
    frame["code"] = frame["iso3"].str[1:].astype(int) + 100
    drawn = matrices(frame, ["y"])
    tall = long(frame, drawn, keep=("code",))
    plain = over_draws(stats.ols("y ~ x | code", frame, unit="code", time="year"), tall)
    tall["code"] = tall["code"].astype(float).astype("category")
    tall["year"] = tall["year"].astype(str)
    tall["draw"] = tall["draw"].astype(str)
    again = over_draws(stats.ols("y ~ x | code", frame.astype({"code": str}), unit="code", time="year"), tall)
    assert_same(plain, again, 1e-13)


def test_covariates_in_the_long_frame_stay_as_they_are() -> None:
    frame = panel()
    drawn = matrices(frame, ["y"])
    m = stats.ols("y ~ x + C(region)", frame)
    merged = over_draws(m, long(frame, drawn, keep=("x", "region", "v")))
    assert_same(merged, refits(m, drawn))
    texts = frame.assign(region=frame["region"].map(lambda code: f"R{code}"))
    m = stats.ols("y ~ x + C(region)", texts)
    assert_same(over_draws(m, long(texts, drawn, keep=("x", "region"))), refits(m, drawn))


def test_other_cells_of_the_draws_are_left_out_with_a_note() -> None:
    frame = panel()
    drawn = matrices(frame, ["y"])
    tall = long(frame, drawn)
    less = frame[frame["year"] > 2002]
    found = over_draws(stats.ols("y ~ x | iso3", less), tall)
    assert found.nobs == len(less)
    extra = len(frame) - len(less)
    assert f"{extra} cells of the draws are no rows of the model's data and were left out" in found.notes()


def test_rows_with_draws_and_no_value_come_in() -> None:
    frame = panel()
    drawn = matrices(frame, ["y"])
    gone = frame.assign(y=frame["y"].where(frame.index > 4))
    m = stats.ols("y ~ x | iso3", gone)
    found = over_draws(m, long(frame, drawn))
    assert found.nobs == len(frame) == m.nobs + 5
    assert any(note.startswith(f"N is {len(frame)}, and {m.nobs} in the model itself") for note in found.notes())
    assert_same(found, over_draws(stats.ols("y ~ x | iso3", frame), drawn))


def test_a_function_takes_whole_frames() -> None:
    frame = panel()
    drawn = matrices(frame, ["y"])
    m = stats.ols("y ~ x | iso3", frame)
    tall = long(frame, drawn, keep=("x",))
    assert_same(over_draws(m.again, tall), refits(m, drawn), 1e-14)
    frames = [part.drop(columns="draw") for _, part in tall.groupby("draw")]
    assert_same(over_draws(m, frames), refits(m, drawn), 1e-14)
    assert_same(over_draws(m, iter(frames)), refits(m, drawn), 1e-14)
    made = over_draws(lambda data: stats.ols("y ~ x | iso3", data), tall)
    assert_same(made, refits(m, drawn), 1e-14)


def test_rule_and_seed_of_load_are_in_the_note() -> None:
    frame = panel()
    tall = long(frame, matrices(frame, ["y"]))
    tall.attrs |= {"draw_rule": "uniform", "seed": 3}
    found = over_draws(stats.ols("y ~ x | iso3", frame), tall)
    assert "Rubin's rules over 9 draws (rule uniform, seed 3)" in found.note()


# What is refused.


FAULTS: dict[str, Any] = {
    "a cell lacks a draw": lambda tall, first: tall[~(first & (tall["draw"] == 5))],
    "a draw is empty": lambda tall, _: tall.assign(y=tall["y"].where(tall["draw"] != 4)),
    "a cell is missing in a draw": lambda tall, first: tall.assign(y=tall["y"].mask(first & (tall["draw"] == 2))),
    "infinite": lambda tall, first: tall.assign(y=tall["y"].mask(first & (tall["draw"] == 2), np.inf)),
    "twice": lambda tall, first: pd.concat([tall, tall[first & (tall["draw"] == 7)]]),
    "other ids": lambda tall, _: tall.assign(draw=tall["draw"] + (tall["iso3"] == "C05")),
    "a cell is not drawn": lambda tall, first: tall[~first],
    "a unit is not drawn": lambda tall, _: tall[tall["iso3"] != "C03"],
    "one draw": lambda tall, _: tall[tall["draw"] == 1],
    "no draw column": lambda tall, _: tall.drop(columns="draw"),
    "no unit": lambda tall, _: tall.drop(columns="iso3"),
    "a missing key": lambda tall, first: tall.assign(iso3=tall["iso3"].where(~first)),
    "nothing of the formula": lambda tall, _: tall.rename(columns={"y": "score"}),
    "text": lambda tall, _: tall.assign(y="high"),
}


def faulty(kind: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    frame = panel(holes=0)
    tall = long(frame, matrices(frame, ["y"]))
    return frame, FAULTS[kind](tall, (tall["iso3"] == "C03") & (tall["year"] == 2004))


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("a cell lacks a draw", "1 of 126 cells are not in all 9 draws, such as C03 2004, which is in 8"),
        ("a draw is empty", "draw 4 of y is missing in all cells, and others are not"),
        ("a cell is missing in a draw", "1 cells of y are missing in some draws only, such as C03 2004 in 1 of 9"),
        ("infinite", "draws of y are infinite, such as C03 2004 in draw 2"),
        ("twice", "1 rows of the draws repeat a cell and draw, such as C03 2004 draw 7"),
        ("other ids", "126 of 126 cells are not in all 10 draws, such as C00 2000, which is in 9"),
        ("a cell is not drawn", "1 of the 126 rows of the model have no draws of y, such as C03 2004"),
        ("a unit is not drawn", "9 of the 126 rows of the model have no draws of y, such as C03 2000"),
        ("one draw", "1 draw cannot be pooled"),
        ("no draw column", "the draws have no column 'draw'; a long frame has one row a cell and draw"),
        ("no unit", "the draws have no column 'iso3', by which the model's rows are matched"),
        ("a missing key", "column 'iso3' is missing in 9 rows of the draws"),
        ("nothing of the formula", "no column of the draws is in the formula 'y ~ x | iso3'; they hold score"),
        ("text", "column 'y' holds|column 'y' is not numeric"),
    ],
)
def test_draws_that_are_not_whole_are_refused(kind: str, message: str) -> None:
    frame, tall = faulty(kind)
    m = stats.ols("y ~ x | iso3", frame)
    with pytest.raises(EstimationError, match=message):
        over_draws(m, tall)


def test_a_lag_needs_draws_of_the_rows_it_reaches() -> None:
    frame = panel(holes=0)
    drawn = matrices(frame, ["x"])
    m = stats.ols("y ~ lag(x, 1) | iso3", frame)
    assert_same(over_draws(m, long(frame, drawn)), refits(m, drawn))
    tall = long(frame, drawn)
    with pytest.raises(EstimationError, match="14 of the 112 rows of the model have no draws of x, such as C00 2001"):
        over_draws(m, tall[tall["year"] > 2000])


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({}, "the mapping of draws is empty"),
        ({"q": np.zeros((126, 3))}, "'q' is not in the formula"),
        ({"z": np.zeros((126, 3))}, "'z' is not in the formula"),
        ({"iso3": np.zeros((126, 3))}, "'iso3' is a key of the model's rows and cannot be drawn"),
        ({"y": np.zeros((3, 126))}, r"shape \(3, 126\); expected 126 rows, those of m.data, x draws; turn it with .T"),
        ({"y": np.zeros(126)}, r"shape \(126,\); expected 126 rows"),
        ({"y": np.zeros((126, 1))}, "1 draw cannot be pooled"),
        ({"y": np.zeros((126, 3)), "x": np.zeros((126, 4))}, "x has 4 draws and y has 3"),
        ({"y": [["a"] * 3] * 126}, "the draws of y are a matrix of numbers"),
        ({"y": pd.DataFrame(np.zeros((126, 3)), index=range(5, 131))}, "the draws of y have another index"),
        (np.zeros((126, 3)), "data is a long frame with a column 'draw', a mapping of columns and matrices, or a list"),
        ("draws.csv", "data is a long frame .* not 'draws.csv'"),
        (3, "data is a long frame .* not 3"),
        ([], "0 data sets cannot be pooled"),
        ([3, 4], "item 1 is 3"),
    ],
)
def test_wrong_draws_are_refused(data: Any, message: str) -> None:  # noqa: ANN401
    m = stats.ols("y ~ x | iso3", panel(holes=0))
    with pytest.raises(EstimationError, match=message):
        over_draws(m, data)


@pytest.mark.parametrize("options", [{"draws": 1}, {"draws": 2.0}, {"draws": True}, {"seed": -1}, {"seed": 1.5}])
def test_numbers_of_draws_and_seeds_are_whole(options: dict[str, Any]) -> None:
    m = stats.ols("y ~ x | iso3", panel().assign(y_sd=0.1))
    with pytest.raises(ArgumentError, match="is not a whole number of at least"):
        over_draws(m, **options)


def test_what_is_no_model_is_refused() -> None:
    frame = panel()
    with pytest.raises(EstimationError, match=r"m is a fitted model of stats .* or a function, not 'y ~ x'"):
        over_draws("y ~ x", {})  # type: ignore[arg-type]
    with pytest.raises(EstimationError, match="m is a function, so data is a long frame"):
        over_draws(lambda data: stats.ols("y ~ x", data), None)
    with pytest.raises(EstimationError, match=r"has companions .* in the model's data; give data="):
        over_draws(stats.ols("y ~ x | iso3", frame))


def test_a_draw_that_cannot_be_fitted_is_named() -> None:
    frame = panel(holes=0)
    m = stats.ols("y ~ x + z | iso3", frame)
    drawn = matrices(frame, ["x"])
    drawn["x"][:, 3] = frame["z"]
    with pytest.raises(EstimationError, match="draw 4: z is an exact combination of x"):
        over_draws(m, drawn)
    drawn["x"][:, 3] = 1.0
    with pytest.raises(EstimationError, match="draw 4: x does not vary within iso3"):
        over_draws(m, drawn)
    outcomes = matrices(frame, ["y"])
    outcomes["y"][:, 2] = 5.0
    with pytest.raises(EstimationError, match="draw 3: y does not vary within iso3"):
        over_draws(m, outcomes)
    logs = stats.ols("log(v) ~ x | iso3", frame)
    below = matrices(frame, ["v"])
    below["v"][7, 5] = 0.0
    with pytest.raises(GovdataError, match=r"log\(v\): v is zero or negative in draw 6"):
        over_draws(logs, below)


def test_draws_that_agree_are_complete_data() -> None:
    frame = panel()
    m = stats.ols("y ~ x | iso3", frame)
    found = over_draws(m, {"y": np.repeat(frame["y"].to_numpy()[:, None], 5, axis=1)})
    assert found.params.to_numpy() == pytest.approx(m.params.to_numpy(), rel=1e-14)
    assert found.bse.to_numpy() == pytest.approx(m.bse.to_numpy(), rel=1e-14)
    assert found.pvalues.to_numpy() == pytest.approx(m.pvalues.to_numpy(), rel=1e-12)
    assert found.fmi.tolist() == [0.0]
    assert "no drawn value differs between draws" in found.notes()


# Companions.


def with_bounds(whole: bool) -> pd.DataFrame:
    frame = panel(holes=0).sort_values(["iso3", "year"]).reset_index(drop=True)
    frame["x"] = np.floor(3 * frame["z"]).clip(0, 5) + (0.0 if whole else 0.25)
    frame["x_low"], frame["x_high"] = frame["x"] - 1, frame["x"] + 1
    return frame


@pytest.mark.parametrize("whole", [True, False])
def test_bounds_are_drawn_between(whole: bool) -> None:
    frame = with_bounds(whole)
    m = stats.ols("y ~ x | iso3", frame)
    found = over_draws(m, draws=40, seed=2)
    assert found.n_draws == 40
    assert ("whole codes" in found.how) is whole
    assert found.how.endswith("seed 2")
    assert found.how in found.note()
    assert (found.fmi > 0).all()
    again = over_draws(stats.ols("y ~ x | iso3", frame.sample(frac=1, random_state=1)), draws=40, seed=2)
    assert_same(found, again)
    fewer = over_draws(m, draws=10, seed=2)
    np.testing.assert_allclose(fewer.estimates, found.estimates.iloc[:10], rtol=1e-12)
    assert not np.allclose(over_draws(m, draws=40, seed=3).params, found.params, rtol=1e-6)


def test_a_missing_value_with_bounds_is_drawn() -> None:
    frame = with_bounds(whole=True)
    frame.loc[[3, 40], "x"] = np.nan
    m = stats.ols("y ~ x | iso3", frame)
    found = over_draws(m, draws=5)
    assert found.nobs == len(frame) == m.nobs + 2
    frame.loc[3, "x_low"] = np.nan
    assert over_draws(stats.ols("y ~ x | iso3", frame), draws=5).nobs == len(frame) - 1


def test_a_run_of_the_same_code_is_drawn_once() -> None:
    from govdata.stats.companions import from_companions

    frame = with_bounds(whole=False)
    frame.loc[:4, ["x", "x_low", "x_high"]] = [2.0, 1.0, 3.0]
    frame.loc[2, "x_high"] = 4.0
    drawn = from_companions(stats.ols("y ~ x | iso3", frame), 20, 0).columns["x"]
    assert (drawn[0] == drawn[1]).all()
    assert (drawn[3] == drawn[4]).all()
    assert not np.allclose(drawn[1], drawn[2])
    assert not np.allclose(drawn[0], drawn[3])


def test_standard_deviations_come_first() -> None:
    frame = with_bounds(whole=False).assign(x_sd=0.5)
    frame.loc[5, "x_sd"] = np.nan
    found = over_draws(stats.ols("y ~ x | iso3", frame), draws=5)
    assert found.how == "x normal with x_sd; seed 0"
    assert "1 rows have x without x_sd: not drawn" in found.notes()
    frame.loc[5, "x_sd"] = -1.0
    with pytest.raises(EstimationError, match="column 'x_sd' is negative in 1 rows"):
        over_draws(stats.ols("y ~ x | iso3", frame), draws=5)


def test_bounds_in_the_wrong_order_are_refused() -> None:
    frame = with_bounds(whole=True)
    frame.loc[10, ["x_low", "x_high"]] = [5.0, 4.0]
    with pytest.raises(EstimationError, match="x_low is above x_high, such as C01 2001"):
        over_draws(stats.ols("y ~ x | iso3", frame))


# What was found by trying.


def small() -> tuple[pd.DataFrame, Any]:
    frame = panel(holes=0)
    return frame, stats.ols("y ~ x + z | iso3", frame)


def test_a_numbered_draw_that_is_missing_is_refused() -> None:
    frame, m = small()
    tall = long(frame, matrices(frame, ["x"]))
    with pytest.raises(EstimationError, match="1 of the draws 1 to 9 are missing, such as draw 4; take all draws"):
        over_draws(m, tall[tall["draw"] != 4])
    with pytest.raises(EstimationError, match="such as draw 4"):
        over_draws(lambda part: stats.ols("y ~ x | iso3", part), tall[tall["draw"] != 4])
    tall.attrs = {"draws": 9}
    few = over_draws(m, tall[tall["draw"] <= 5])
    assert few.n_draws == 5
    assert "5 of the 9 draws that were loaded" in few.remarks
    assert over_draws(m, tall[tall["draw"] % 2 == 1]).n_draws == 5


@pytest.mark.parametrize("se", ["CRV1", "HC1"])
@pytest.mark.parametrize("other", ["z", "constant"])
def test_other_terms_in_one_draw_are_refused_at_once_and_one_by_one(se: str, other: str) -> None:
    frame, _ = small()
    m = stats.ols("y ~ x + z | iso3", frame, collinear="drop").with_se(se)
    x = frame["x"].to_numpy()[:, None] + np.random.default_rng(0).normal(0, 0.1, (len(frame), 5))
    x[:, 2] = frame["z"] if other == "z" else 1.0
    with pytest.raises(EstimationError, match="draw 3 has other terms than draw 1"):
        over_draws(m, {"x": x})


@pytest.mark.parametrize(
    "values", [np.full((126, 3), "1.5"), np.full((126, 3), "1.5", dtype=object), np.ones((126, 3)) + 1j]
)
def test_draws_are_numbers(values: Any) -> None:  # noqa: ANN401
    _, m = small()
    with pytest.raises(EstimationError, match="the draws of x are a matrix of numbers"):
        over_draws(m, {"x": values})


def test_keys_that_never_match_are_shown() -> None:
    frame, m = small()
    tall = long(frame, matrices(frame, ["x"]))
    with pytest.raises(
        EstimationError, match=r"no row of the draws is .* such as XC00 20.*, those of the model such as C00"
    ):
        over_draws(m, tall.assign(iso3="X" + tall["iso3"].astype(str)))


def test_another_version_is_refused_and_another_scale_is_said() -> None:
    frame, m = small()
    tall = long(frame, {"x": frame["x"].to_numpy()[:, None] + np.random.default_rng(0).normal(0, 0.1, (126, 12))})
    assert not any("outside" in remark for remark in over_draws(m, tall).remarks[:-1])
    scaled = over_draws(m, tall.assign(x=100 + tall["x"]))
    assert any(
        "126 of 126 values of x in the model's data lie outside all their draws" in one for one in scaled.remarks
    )
    tall.attrs = {"dataset": "expert_scores", "version": "1.0.0"}
    frame.attrs = {"dataset": "expert_scores", "version": "1.1.0"}
    with pytest.raises(EstimationError, match=r"are of expert_scores 1\.0\.0, and the model's data of 1\.1\.0"):
        over_draws(stats.ols("y ~ x + z | iso3", frame), tall)


def test_a_drawn_regressor_is_said_to_be_attenuated() -> None:
    frame, m = small()
    words = "draws of x that were made without regard to y add noise to a regressor"
    noisy = over_draws(m, matrices(frame, ["x", "y"]))
    assert sum(words in note for note in noisy.notes()) == 1
    assert words in " ".join(noisy.summary().split())
    assert not any("noise" in note for note in over_draws(m, matrices(frame, ["y"])).notes())


def test_normal_draws_of_an_index_leave_its_range_with_a_note() -> None:
    frame, _ = small()
    frame["x"] = np.random.default_rng(1).uniform(0, 1, len(frame))
    frame["x_sd"] = 0.2
    drawn = over_draws(stats.ols("y ~ x | iso3", frame), draws=20)
    assert any("of the draws of x lie outside 0 to 1, where all its values lie" in one for one in drawn.remarks)
    wide = over_draws(stats.ols("y ~ x | iso3", frame.assign(x=frame["x"] * 3)), draws=20)
    assert not any("outside 0 to 1" in one for one in wide.remarks)


def test_a_model_of_means_is_drawn_by_unit_and_time() -> None:
    frame, _ = small()
    frame["x_sd"] = 0.5
    m = stats.between("y ~ x", frame)
    by_hand = matrices(frame, ["x"])["x"]
    tall = over_draws(m, long(frame, {"x": by_hand}))
    assert_same(tall, refits(m, {"x": by_hand}))
    # Each cell moves by itself, and not with its unit.
    moved = from_companions(m, 400, 0).columns["x"] - frame["x"].to_numpy()[:, None]
    within = np.corrcoef(moved[frame["iso3"].to_numpy() == "C00"])
    assert np.abs(within[np.triu_indices(len(within), 1)]).max() < 0.25
    with pytest.raises(EstimationError, match="knows no time to tell the rows of one iso3 apart"):
        over_draws(stats.between("y ~ x", frame.drop(columns="year")), draws=3)


def test_page_of_a_pooled_model_is_narrow() -> None:
    frame, m = small()
    page = over_draws(m, matrices(frame, ["x"])).summary()
    assert max(map(len, page.split("\n"))) <= 100
