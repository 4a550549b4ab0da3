"""Validating: the quick look gives the verdict of the schema, whatever is wrong with a frame."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from functools import lru_cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import govdata
from govdata.errors import ArgumentError
from govdata.model import Indicator
from govdata.panelfile import column_dtypes, column_types, read_panel
from govdata.prechecking import is_sound
from govdata.releases import open_release
from govdata.schema import panel_schema, schema_faults

Fault = Callable[[pd.DataFrame, str, int], pd.DataFrame]
DATASETS = ("countries", "covariates", "digital_surveillance", "expert_scores")


@lru_cache
def part_of(dataset: str) -> tuple[pd.DataFrame, tuple[Indicator, ...]]:
    """Some rows of a panel with the columns of one indicator of each kind, with their bounds and deviations."""
    indicators = open_release(dataset).indicators
    kinds = {(one.type, one.bounds, one.sd): one for one in indicators if one.columns()}
    names = [column for one in kinds.values() for column in one.columns()]
    panel = read_panel(open_release(dataset).read("panel.csv"), indicators)
    keys = [column for column in ("iso3", "country_name", "year", "source_version") if column in panel]
    filled = panel[names].notna().sum(axis="columns").sort_values(kind="stable").index
    rows = sorted({*filled[:3], *filled[-9:]})
    return panel.loc[rows, [*keys, *(name for name in names if name not in keys)]].reset_index(drop=True), indicators


def put(value: object) -> Fault:
    """Make a fault: another value in one cell; a column that cannot hold it becomes one of objects."""

    def change(frame: pd.DataFrame, column: str, row: int) -> pd.DataFrame:
        cells = frame[column].astype(object)
        cells.iloc[row] = value
        try:
            return frame.assign(**{column: cells.astype(frame[column].dtype)})
        except (ValueError, TypeError, OverflowError):
            return frame.assign(**{column: cells})

    return change


def as_type(kind: object) -> Fault:
    """Make a fault: a column of another dtype, where its cells can take it."""

    def change(frame: pd.DataFrame, column: str, row: int) -> pd.DataFrame:
        del row
        try:
            return frame.assign(**{column: frame[column].astype(kind)})  # type: ignore[call-overload]
        except (ValueError, TypeError, OverflowError):
            return frame.assign(**{column: frame[column].astype(object)})

    return change


def beside(low: float, value: float, high: float) -> Fault:
    """Make a fault, or none: bounds around a value."""

    def change(frame: pd.DataFrame, column: str, row: int) -> pd.DataFrame:
        changed = frame.copy()
        for ending, number in (("", value), ("_low", low), ("_high", high)):
            if f"{column}{ending}" in frame and frame[f"{column}{ending}"].dtype == "float64":
                changed.loc[row, f"{column}{ending}"] = number
        return changed

    return change


def whole(altered: Callable[[pd.DataFrame], pd.DataFrame]) -> Fault:
    """Make a fault, or none, of the frame as a whole."""

    def change(frame: pd.DataFrame, column: str, row: int) -> pd.DataFrame:
        del column, row
        return altered(frame)

    return change


def without(frame: pd.DataFrame, column: str, row: int) -> pd.DataFrame:
    """Leave out a column that may be left out."""
    del row
    return frame if column in ("iso3", "year") else frame.drop(columns=column)


def a_list(frame: pd.DataFrame, column: str, row: int) -> pd.DataFrame:
    """Make a fault that no key can have: `govdata.validate` refuses such a frame."""
    return frame if column in ("iso3", "year") else put([1])(frame, column, row)


NAN = float("nan")
PLANTED: dict[str, Fault] = {
    "nothing": whole(lambda frame: frame),
    "no number": put(NAN),
    "None": put(None),
    "NA": put(pd.NA),
    "infinite": put(float("inf")),
    "minus infinite": put(float("-inf")),
    "negative": put(-1.0),
    "minus zero": put(-0.0),
    "no code": put(7.5),
    "a code": put(1.0),
    "nearly a code": put(1.0000000001),
    "huge": put(1e300),
    "an empty text": put(""),
    "an unknown text": put("no such code"),
    "a text with a blank": put("AFG "),
    "a text with a line end": put("AFG\n"),
    "a lower case text": put("afg"),
    "a longer text": put("AFGX"),
    "a text in other letters": put("\u0410FG"),
    "full-width letters": put("\uff21\uff21\uff21"),
    "several codes": put("1;2"),
    "several with an unknown": put("1;no such code"),
    "several with a gap": put("1;;2"),
    "a number in a text": put(3),
    "a list": a_list,
    "bounds in order": beside(0.0, 1.0, 2.0),
    "bounds around nothing": beside(0.0, NAN, 2.0),
    "bounds turned": beside(2.0, 1.0, 0.0),
    "bounds turned around nothing": beside(2.0, NAN, 1.0),
    "low above the value": beside(1.0, 0.0, NAN),
    "high below the value": beside(NAN, 1.0, 0.0),
    "a row twice": whole(lambda frame: pd.concat([frame, frame.iloc[[-1]]], ignore_index=True)),
    "a key twice": whole(lambda frame: pd.concat([frame, frame.iloc[[0]].assign(country_name="x")], ignore_index=True)),
    "an index that repeats": whole(lambda frame: frame.set_axis([0] * len(frame))),
    "an index of text": whole(lambda frame: frame.set_axis([f"r{at}" for at in range(len(frame))])),
    "rows in another order": whole(lambda frame: frame.iloc[::-1]),
    "columns in another order": whole(lambda frame: frame[list(frame.columns)[::-1]]),
    "a column less": without,
    "one row": whole(lambda frame: frame.iloc[:1]),
    "objects": as_type(object),
    "whole numbers": as_type("int64"),
    "small whole numbers": as_type("int32"),
    "whole numbers with NA": as_type("Int64"),
    "numbers with NA": as_type("Float64"),
    "short numbers": as_type("float32"),
    "categories": as_type("category"),
    "truth": as_type("bool"),
    "truth with NA": as_type("boolean"),
    "text": as_type("str"),
    "text with NA": as_type("string"),
    "text kept by Python": as_type(pd.StringDtype("python", na_value=np.nan)),
    "complex numbers": as_type("complex128"),
    "years as times": whole(lambda frame: frame.assign(year=pd.date_range("1990", periods=len(frame), freq="YE"))),
}


def agree(frame: pd.DataFrame, indicators: tuple[Indicator, ...]) -> bool:
    """Compare the two verdicts; give that of the schema."""
    before = frame.copy()
    quick = is_sound(frame, indicators)
    slow = not schema_faults(frame, panel_schema(list(frame.columns), indicators))
    released = list(column_dtypes(column_types(list(frame.columns), indicators)).values()) == list(frame.dtypes)
    assert slow or not quick
    assert quick == slow or not released
    pd.testing.assert_frame_equal(frame, before)
    return slow


@pytest.mark.parametrize("fault", PLANTED)
def test_the_verdicts_agree_on_each_fault(fault: str) -> None:
    at = list(PLANTED).index(fault)
    frame, indicators = part_of(DATASETS[at % len(DATASETS)])
    agree(PLANTED[fault](frame, list(frame.columns)[at % len(frame.columns)], at % len(frame)), indicators)


@settings(max_examples=40)
@given(data=st.data())
def test_the_verdicts_agree_whatever_is_planted(data: st.DataObject) -> None:
    frame, indicators = part_of(data.draw(st.sampled_from(DATASETS)))
    for fault in data.draw(st.lists(st.sampled_from(sorted(PLANTED)), min_size=1, max_size=2)):
        column = data.draw(st.sampled_from(list(frame.columns)))
        frame = PLANTED[fault](frame, column, data.draw(st.integers(0, len(frame) - 1)))
    agree(frame, indicators)


@pytest.mark.parametrize(
    ("dataset", "column", "fault", "sound"),
    [
        ("digital_surveillance", "shutdown_documented", "no code", False),
        ("digital_surveillance", "shutdown_documented", "nearly a code", False),
        ("digital_surveillance", "shutdown_documented", "bounds around nothing", True),
        ("digital_surveillance", "cctv_cameras_police", "bounds around nothing", True),
        ("digital_surveillance", "cctv_cameras_police", "bounds turned", False),
        ("digital_surveillance", "cctv_cameras_police", "bounds turned around nothing", False),
        ("digital_surveillance", "cctv_cameras_police", "high below the value", False),
        ("digital_surveillance", "cctv_cameras_police", "low above the value", False),
        ("digital_surveillance", "shutdown_events", "negative", False),
        ("digital_surveillance", "shutdown_events", "minus zero", True),
        ("digital_surveillance", "shutdown_events", "no number", True),
        ("digital_surveillance", "shutdown_events", "infinite", False),
        ("digital_surveillance", "shutdown_events", "whole numbers with NA", False),
        ("digital_surveillance", "ai_suppliers", "several with an unknown", False),
        ("digital_surveillance", "ai_suppliers", "an empty text", True),
        ("digital_surveillance", "central_local", "an unknown text", False),
        ("digital_surveillance", "central_local", "categories", False),
        ("digital_surveillance", "central_local", "None", False),
        ("covariates", "voice_accountability_sd", "negative", False),
        ("covariates", "voice_accountability", "negative", True),
        ("covariates", "country_name", "an empty text", False),
        ("covariates", "iso3", "a text with a line end", False),
        ("covariates", "iso3", "a text with a blank", False),
        ("covariates", "iso3", "a lower case text", False),
        ("covariates", "iso3", "a text in other letters", False),
        ("covariates", "iso3", "full-width letters", False),
        ("covariates", "iso3", "None", False),
        ("covariates", "iso3", "a row twice", False),
        ("covariates", "iso3", "a key twice", False),
        ("covariates", "iso3", "rows in another order", True),
        ("covariates", "iso3", "columns in another order", True),
        ("covariates", "iso3", "an index that repeats", True),
        ("covariates", "year", "years as times", False),
        ("covariates", "year", "small whole numbers", False),
        ("expert_scores", "source_version", "an unknown text", True),
        ("expert_scores", "v2smarrest", "short numbers", False),
    ],
)
def test_what_is_sound(dataset: str, column: str, fault: str, *, sound: bool) -> None:
    frame, indicators = part_of(dataset)
    assert is_sound(PLANTED[fault](frame, column, 1), indicators) is sound


@pytest.mark.parametrize("dataset", DATASETS)
def test_every_release_is_sound(dataset: str) -> None:
    for version in govdata.versions(dataset):
        release = open_release(dataset, version)
        assert is_sound(read_panel(release.read("panel.csv"), release.indicators), release.indicators)


def test_a_sound_frame_needs_no_pandera() -> None:
    code = """
import sys, govdata
frame = govdata.load("covariates")
print(len(govdata.validate(frame.assign(mine=1), "covariates")), "pandera" in sys.modules)
frame.loc[0, "population"] = -1
print(govdata.validate(frame, "covariates")["fault"].item())
"""
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.splitlines()
    assert told == ["0 False", "population at ABW 1990: -1.0 fails greater_than_or_equal_to(0)"]


def test_what_is_no_panel_is_refused_in_one_line() -> None:
    class Lazy:
        def to_pandas(self) -> None: ...

    frame, _ = part_of("covariates")
    levels = frame.set_axis(pd.MultiIndex.from_product([["a"], frame.columns]), axis="columns")
    refused = [
        (None, "frame is a pandas DataFrame, not builtins NoneType"),
        (frame["iso3"], "frame is a pandas DataFrame, not pandas Series"),
        (Lazy(), r"not .* Lazy; turn it into one with \.to_pandas\(\)"),
        (frame.iloc[:0], "the frame has no rows"),
        (pd.DataFrame(), "the frame has no column 'iso3'"),
        (frame.set_index(["iso3", "year"]), r"no column 'iso3'.*; it is in the index: reset_index\(\) first"),
        (levels, "the columns have 2 levels; a panel has plain names"),
        (pd.concat([frame, frame["population"]], axis="columns"), "the frame has two columns 'population'; rename one"),
        (put([2000])(frame, "year", 0), "column 'year' has a cell that is no text and no number, such as a list"),
        (frame.assign(x=1).rename(columns={"x": 5}), "the column name '5' is int, not text; rename it"),
        (frame.assign(x=1).rename(columns={"x": NAN}), "the column name 'nan' is float, not text; rename it"),
    ]
    for what, words in refused:
        with pytest.raises(ArgumentError, match=words) as caught:
            govdata.validate(what, "covariates")  # type: ignore[arg-type]
        assert "\n" not in str(caught.value)


def test_the_index_is_no_matter() -> None:
    frame, _ = part_of("covariates")
    broken = frame.assign(population=-1.0)
    faults = govdata.validate(broken, "covariates")
    assert len(faults) == len(frame)
    for index in ([0] * len(frame), pd.MultiIndex.from_frame(frame[["iso3", "year"]]), list("abcdefghijkl")):
        pd.testing.assert_frame_equal(govdata.validate(broken.set_axis(index), "covariates"), faults)


def test_a_frame_of_another_class_is_a_frame() -> None:
    class Mine(pd.DataFrame):
        @property
        def _constructor(self) -> type[Mine]:
            return Mine

    frame, _ = part_of("covariates")
    assert govdata.validate(Mine(frame), "covariates").empty
    assert len(govdata.validate(Mine(frame.assign(population=-1.0)), "covariates")) == len(frame)
