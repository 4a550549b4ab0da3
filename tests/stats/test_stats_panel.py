"""Keys and calendar shifts."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from govdata import stats
from govdata.errors import EstimationError, FormulaError, PanelError
from govdata.stats.keys import encode, make_keys, numeric

REFERENCE = Path(__file__).parents[1] / "reference"


@pytest.fixture
def lags() -> pd.DataFrame:
    return pd.read_csv(REFERENCE / "lags.csv")


@pytest.mark.parametrize(
    ("column", "made"),
    [
        ("lag1", lambda d: stats.lag(d, "inv", unit="firm")),
        ("lag2", lambda d: stats.lag(d, "inv", 2, unit="firm")),
        ("lead1", lambda d: stats.lead(d, "inv", unit="firm")),
        ("diff1", lambda d: stats.diff(d, "inv", unit="firm")),
        ("diff2", lambda d: stats.diff(d, "inv", 2, unit="firm")),
    ],
)
def test_shifts_agree_with_plm(lags: pd.DataFrame, column: str, made: Callable[[pd.DataFrame], pd.Series]) -> None:
    expected = lags[column]
    assert 0 < expected.notna().sum() < len(lags)
    np.testing.assert_allclose(made(lags), expected, rtol=1e-14)


def test_shifts_keep_the_index_and_the_frame(lags: pd.DataFrame) -> None:
    lags.index = pd.Index([f"row {i}" for i in range(len(lags))])
    before = lags.copy()
    made = stats.lag(lags, "inv", unit="firm")
    assert made.index.equals(lags.index)
    assert made.name == "lag(inv, 1)"
    pd.testing.assert_frame_equal(lags, before)


@pytest.mark.parametrize(
    "keys",
    [
        [10, 9, 10, None],
        [10.0, 9.0, 10.0, np.nan],
        ["10", "9", "10", None],
        ["10", "9", "10", ""],
        pd.array([10, 9, 10, None], dtype="Int64"),
        pd.Categorical(["10", "9", "10", None], categories=["9", "unused", "10"]),
        pd.Categorical([10, 9, 10, None]),
    ],
)
def test_equal_keys_have_equal_codes(keys: object) -> None:
    codes = encode(pd.Series(keys, name="unit"))
    assert codes.codes.tolist() == [1, 0, 1, -1]
    assert codes.levels == (9, 10)


def test_text_keys() -> None:
    assert encode(pd.Series(["b", "a", "04", "4"])).levels == ("04", "4", "a", "b")
    assert encode(pd.Series([True, False])).levels == (0, 1)
    assert encode(pd.Series(pd.to_datetime(["2020-01-02", "2020-01-01"]))).codes.tolist() == [1, 0]
    assert encode(pd.Series([], dtype=object)).levels == ()


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ([1.5, 2.0], "holds 1.5"),
        ([np.inf], "holds inf"),
        (["1", 1], "mixes text and numbers"),
        ([(1,)], "tuple values"),
    ],
)
def test_bad_keys(keys: list[Any], message: str) -> None:
    with pytest.raises(PanelError, match=message):
        encode(pd.Series(keys, name="unit"))


def test_duplicates_are_named() -> None:
    data = pd.DataFrame({"iso3": ["CHN", "CHN", "IRN", "IRN", "RUS"], "year": ["2010", "2010", "2011", "2011", "2011"]})
    with pytest.raises(PanelError, match=r"4 rows share .* CHN 2010 \(2 rows\), IRN 2011 \(2 rows\)$") as caught:
        make_keys(data, "iso3", "year")
    assert caught.value.code == "duplicate_keys"


def test_keys_missing_are_no_duplicates() -> None:
    make_keys(pd.DataFrame({"iso3": [None, None], "year": [2010, 2010]}), "iso3", "year")


def test_shift_faults() -> None:
    data = pd.DataFrame({"iso3": ["CHN", "CHN"], "year": ["early", "late"], "x": [1.0, 2.0], "t": ["a", "b"]})
    with pytest.raises(PanelError, match="count in whole numbers, but 'year' holds 'early'"):
        stats.lag(data, "x")
    with pytest.raises(FormulaError, match="'yeer' is not in the data"):
        stats.lag(data, "x", time="yeer")
    for steps in (0, -1, 1.0, True):
        with pytest.raises(PanelError, match="whole number from 1 up"):
            stats.lead(data, "x", steps)  # type: ignore[arg-type]
    with pytest.raises(EstimationError, match="'t' is not numeric"):
        stats.diff(data.assign(year=[1, 2]), "t")


def test_shifting_an_empty_or_keyless_panel() -> None:
    empty = pd.DataFrame({"iso3": pd.Series([], dtype="str"), "year": pd.Series([], dtype="int64"), "x": []})
    assert stats.lag(empty, "x").empty
    keyless = pd.DataFrame({"iso3": [None, None], "year": [1, 2], "x": [1.0, 2.0]})
    assert stats.lag(keyless, "x").isna().all()


@pytest.mark.parametrize(
    "column",
    [
        pd.Series([1, 0, 1]),
        pd.Series([True, False, True]),
        pd.Series([1.0, 0.0, 1.0], dtype="float32"),
        pd.Series(pd.array([1, 0, 1], dtype="Int8")),
        pd.Series(pd.array([True, False, True], dtype="boolean")),
    ],
)
def test_numbers_of_every_kind(column: pd.Series) -> None:
    assert numeric(column, "x").tolist() == [1.0, 0.0, 1.0]


def test_numbers_that_are_missing() -> None:
    assert np.isnan(numeric(pd.Series(pd.array([None], dtype="Int8")), "x")).all()
    assert np.isnan(numeric(pd.Series([None, None], dtype=object), "x")).all()


@pytest.mark.parametrize(
    ("column", "message"),
    [
        (pd.Series(["a"]), "not numeric"),
        (pd.Series([1 + 2j]), "not numeric"),
        (pd.Series(pd.Categorical([1, 2])), "categorical"),
        (pd.Series(pd.to_datetime(["2020-01-01"])), "not numeric"),
    ],
)
def test_columns_that_are_no_numbers(column: pd.Series, message: str) -> None:
    with pytest.raises(EstimationError, match=message):
        numeric(column, "x")
