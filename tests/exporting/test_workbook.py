"""Excel: the data and the sheets beside them, for pandas, openpyxl and calamine."""

from __future__ import annotations

import math
from datetime import date, datetime
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

import govdata
from govdata.errors import ArgumentError

CHOSEN = {"version": "1.0.0", "countries": ["CHN", "SWE"], "years": [2016, 2017, 2018]}
INDICATORS = ["cctv_public", "shutdown_events", "sim_realname_any"]


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("book") / "x.xlsx"
    return govdata.export("digital_surveillance", path, indicators=INDICATORS, **CHOSEN)


def sheet(path: Path, name: str) -> pd.DataFrame:
    return pd.read_excel(path, sheet_name=name, keep_default_na=False, na_values={}, engine="calamine", dtype=str)


def test_pandas_reads_the_frame(book: Path) -> None:
    frame = govdata.load("digital_surveillance", indicators=INDICATORS, missing="reason", **CHOSEN)
    types = frame.dtypes.to_dict()
    for engine in ("openpyxl", "calamine"):
        back = pd.read_excel(book, dtype=types, engine=engine, keep_default_na=False, na_values=[""])
        back = back.fillna(dict.fromkeys(frame.select_dtypes("str"), ""))
        pd.testing.assert_frame_equal(back, frame)


def test_sheets_stand_in_order_and_open_at_the_data(book: Path) -> None:
    names = ["data", "codebook", "sources", "changes", "about"]
    assert CalamineWorkbook.from_path(book).sheet_names == names
    read = openpyxl.load_workbook(book)
    assert read.sheetnames == names
    assert [read[name].freeze_panes for name in names] == ["A2"] * 5
    assert read["data"].auto_filter.ref == f"A1:{read['data'].cell(1, read['data'].max_column).column_letter}7"
    assert read.active.title == "data"
    assert read.properties.created == datetime(2000, 1, 1)  # noqa: DTZ001 - as the library gives it


def test_the_codebook_counts_what_is_missing_and_why(book: Path) -> None:
    frame = govdata.load("digital_surveillance", indicators=INDICATORS, missing="reason", **CHOSEN)
    told = sheet(book, "codebook").set_index("name")
    assert list(told.index) == list(frame)
    for name in INDICATORS:
        assert int(told.loc[name, "values"]) == frame[name].notna().sum()
        assert int(told.loc[name, "missing"]) == frame[name].isna().sum()
        for reason in ("no_evidence", "unclear", "not_applicable", "not_coded"):
            assert int(told.loc[name, reason]) == (frame[f"{name}_missing"] == reason).sum()
    one = govdata.codebook("digital_surveillance", "cctv_public", "1.0.0").iloc[0]
    for key in ("label", "question", "clarification", "type", "unit", "rule", "comparable", "limits"):
        assert told.loc["cctv_public", key] == one[key], key
    assert told.loc["cctv_public", "codes"] == " | ".join(f"{code} = {text}" for code, text in one["codes"].items())


def test_sources_are_those_behind_the_exported_cells(book: Path) -> None:
    named = set(sheet(book, "sources")["source_id"])
    wanted = set()
    for iso3 in CHOSEN["countries"]:
        for year in CHOSEN["years"]:
            for name, scope in (("cctv_public", "national"), ("cctv_public", "subnational"), ("shutdown_events", None)):
                cell = govdata.trace("digital_surveillance", iso3, year, name, scope=scope, version="1.0.0")
                wanted |= {claim["source_id"] for claim in cell.decisive}
    assert wanted
    assert wanted <= named
    known = govdata.table("digital_surveillance", "sources", "1.0.0").set_index("source_id")
    assert named < set(known.index)
    row = sheet(book, "sources").iloc[0]
    assert row["title"] == known.loc[row["source_id"], "title"]
    assert set(sheet(book, "sources")["dataset"]) == {"digital_surveillance"}


def test_changes_concern_the_exported_cells(book: Path) -> None:
    found = sheet(book, "changes")
    every = govdata.table("digital_surveillance", "changes", "1.0.0")
    names = set(govdata.load("digital_surveillance", indicators=INDICATORS, missing="reason", **CHOSEN))
    wanted = every[
        every["column"].isin({"", *names})
        & every["iso3"].isin(["", "CHN", "SWE"])
        & every["year"].isin(["", "2016", "2017", "2018"])
    ]
    pd.testing.assert_frame_equal(found[list(every)], wanted.reset_index(drop=True), check_dtype=False)
    assert {"value_added"} <= set(found["change"])
    assert set(found["version"]) == {"1.0.0"}


def test_about_says_what_to_cite_and_what_reasons_mean(book: Path) -> None:
    told = sheet(book, "about").set_index("what")["text"]
    frame = govdata.load("digital_surveillance", **CHOSEN)
    assert told["version"] == "1.0.0"
    assert told["sha256"] == frame.attrs["sha256"]
    assert told["citation"] == govdata.cite("digital_surveillance", "1.0.0")
    assert told["missing: not_coded"] == "not looked for yet"
    assert told["language of labels"] == "en"


def test_persian_is_read_from_the_right(tmp_path: Path) -> None:
    one = {"version": "1.0.0", "countries": "CHN", "indicators": "cctv_public", "years": 2018}
    path = govdata.export("digital_surveillance", tmp_path / "x.xlsx", language="fa", **one)
    read = openpyxl.load_workbook(path)
    turned = {name: bool(read[name].sheet_view.rightToLeft) for name in read.sheetnames}
    assert turned == {"data": False, "codebook": True, "sources": False, "changes": False, "about": True}
    told = sheet(path, "codebook").set_index("name")
    label = govdata.codebook("digital_surveillance", "cctv_public", "1.0.0")["label_fa"].item()
    assert told.loc["cctv_public", "label"] == label


def test_a_frame_of_ones_own_is_the_data_alone(tmp_path: Path) -> None:
    frame = pd.DataFrame({"iso3": ["CHN"], "year": [2018], "x": [1.5]})
    assert CalamineWorkbook.from_path(govdata.export(frame, tmp_path / "x.xlsx")).sheet_names == ["data"]
    frame.attrs = {"labels": {"x": "A label"}, "value_labels": {"x": {1.5: "one and a half"}}}
    path = govdata.export(frame, tmp_path / "y.xlsx")
    assert CalamineWorkbook.from_path(path).sheet_names == ["data", "codebook"]
    row = sheet(path, "codebook").set_index("name").loc["x"]
    assert (row["label"], row["codes"], row["values"]) == ("A label", "1.5 = one and a half", "1")


def test_a_merged_frame_tells_of_both_datasets(tmp_path: Path) -> None:
    one = govdata.load("digital_surveillance", "1.0.0", ["CHN"], [2018], ["cctv_public"])
    frame = govdata.merge(one, govdata.load("expert_scores", "1.0.0", ["CHN"], [2018], ["v2x_libdem"])).frame
    path = govdata.export(frame, tmp_path / "x.xlsx")
    told = sheet(path, "codebook").set_index("name")["dataset"]
    assert (told["cctv_public"], told["v2x_libdem"]) == ("digital_surveillance", "expert_scores")
    assert set(sheet(path, "sources")["dataset"]) == {"digital_surveillance", "expert_scores"}


def test_texts_that_look_like_formulas_stay_texts(tmp_path: Path) -> None:
    texts = ["=1+1", "'=1+1", "-5", "@x", "https://example.org", "007", "NA", "two\nlines", " a ", "_x000D_", "中文 🎥"]
    path = govdata.export(pd.DataFrame({"=t": texts}), tmp_path / "x.xlsx")
    page = openpyxl.load_workbook(path)["data"]
    cells = [row[0] for row in page.iter_rows()]
    assert {cell.data_type for cell in cells} == {"s"}
    assert [bool(cell.quotePrefix) for cell in cells] == [True, True, True, False, True, *[False] * 7]
    assert not [cell for cell in cells if cell.hyperlink]
    assert pd.read_excel(path, dtype=str, keep_default_na=False, engine="calamine")["=t"].tolist() == texts


@settings(max_examples=25)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=40))
def test_numbers_come_back_to_the_last_bit(tmp_path_factory: pytest.TempPathFactory, numbers: list[float]) -> None:
    path = govdata.export(pd.DataFrame({"n": numbers}), tmp_path_factory.mktemp("n") / "x.xlsx")
    found = [row[0].value for row in openpyxl.load_workbook(path)["data"].iter_rows(min_row=2)]
    assert [float(one) for one in found] == numbers


def test_cells_of_every_kind(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "n": [1 / 3, np.nan],
            "w": pd.array([2**53, None], dtype="Int64"),
            "b": pd.array([True, None], dtype="boolean"),
            "d": pd.to_datetime(["1900-03-01", None]),
            "m": pd.to_datetime(["2020-01-01 12:30:00.250", None]),
            "c": pd.Categorical(["low", None], ["low", "high"]),
            "e": ["", None],
        }
    )
    page = openpyxl.load_workbook(govdata.export(frame, tmp_path / "x.xlsx"))["data"]
    first, second = ([cell.value for cell in row] for row in page.iter_rows(min_row=2, max_row=3))
    assert second == [None] * 7
    assert first[:3] == [1 / 3, 2**53, True]
    assert first[3].date() == date(1900, 3, 1)
    assert math.isclose((first[4] - datetime(2020, 1, 1, 12, 30)).total_seconds(), 0.25)  # noqa: DTZ001 - as read
    assert first[5:] == ["low", None]


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (["x" * 32_768], "a text of 32768 characters; a cell of Excel takes 32767"),
        (["🎥" * 16_384], "a text of 32768 characters"),
        (["a\rb"], r"the character U\+000D"),
        (["<r><t>x</t></r>"], "from <r> to </r>"),
        ([2**53 + 1], r"beyond 2\*\*53"),
        ([pd.Timestamp("1789-07-14")], "holds 1789-07-14, and Excel's days begin in March 1900"),
        ([pd.Timestamp("2020-01-01 00:00:00.000001")], "parts of a millisecond"),
    ],
)
def test_what_a_sheet_cannot_hold_is_refused(tmp_path: Path, cells: list[object], message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        govdata.export(pd.DataFrame({"x": cells}), tmp_path / "x.xlsx")
    assert list(tmp_path.iterdir()) == []


def test_a_sheet_is_never_cut(tmp_path: Path) -> None:
    tall = pd.DataFrame({"x": np.zeros(1_048_576, dtype="int8")})
    with pytest.raises(ArgumentError, match="1048577 rows; Excel takes 1048576"):
        govdata.export(tall, tmp_path / "x.xlsx")
    wide = pd.DataFrame(np.zeros((1, 16_385)), columns=[f"c{at}" for at in range(16_385)])
    with pytest.raises(ArgumentError, match="16385 columns; Excel takes 16384"):
        govdata.export(wide, tmp_path / "x.xlsx")
    assert list(tmp_path.iterdir()) == []
