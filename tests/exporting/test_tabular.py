"""CSV: every cell as it was, for Python, pandas, DuckDB and whoever undoes one apostrophe."""

from __future__ import annotations

import csv
import gzip
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import govdata
from govdata.errors import ArgumentError, IntegrityError
from govdata.exporting import tabular
from govdata.exporting.formulas import HARMFUL, harmless, is_formula, restored
from govdata.releases import open_release

TEXTS = ["=1+1", "'=1+1", "''@x", "-5", "-", "+4 9", "\tx", "a,b", 'q"q', "two\nlines", "cr\rx", "NA", "None", "it's"]
TEXTS += ["فارسی 中文 🎥", " space ", "'", "＝1", "-1e5", "-1-1", "null", "1.0", "\r"]


def rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))


@given(st.text(alphabet=st.sampled_from([*HARMFUL, "'", "a", "1", ".", "e"])))
def test_one_apostrophe_is_all_that_is_added_and_it_can_be_taken_away(text: str) -> None:
    assert restored(harmless(text)) == text
    assert harmless(text) in (text, "'" + text)
    assert not (is_formula(text) and harmless(text)[0] in HARMFUL)


@given(st.text(), st.text())
def test_different_texts_stay_different(one: str, other: str) -> None:
    assert (harmless(one) == harmless(other)) == (one == other)


@pytest.mark.parametrize("text", ["-5", "+5", "-0.5e-3", "-", "+", "a=1", "", "'", "1-1", "'a"])
def test_numbers_and_signs_are_no_formulas(text: str) -> None:
    assert harmless(text) == text


@pytest.mark.parametrize("text", ["=1", "@a", "-1+1", "+cmd|' /C calc'!A0", "\t=1", "\r\n=1", "＝1", "-5\n", "-٥"])
def test_formulas_are(text: str) -> None:
    assert harmless(text) == "'" + text


def test_text_comes_back_whatever_it_holds(tmp_path: Path) -> None:
    path = govdata.export(pd.DataFrame({"=t": TEXTS}), tmp_path / "x.csv")
    assert [restored(row[0]) for row in rows(path)] == ["=t", *TEXTS]
    assert rows(path)[0] == ["'=t"]
    assert not [row for row in rows(path) if is_formula(row[0]) and not row[0].startswith("'")]
    back = pd.read_csv(path, dtype="str", keep_default_na=False)
    assert [restored(text) for text in back["'=t"]] == TEXTS
    assert b"\r\n" not in path.read_bytes()


def test_a_cell_of_a_megabyte_is_no_trouble(tmp_path: Path) -> None:
    before = csv.field_size_limit()
    path = govdata.export(pd.DataFrame({"t": ["é" * 1_000_000]}), tmp_path / "x.csv")
    assert path.stat().st_size == 2_000_003
    assert csv.field_size_limit() == before


def test_cells_of_every_kind(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "n": [0.1, 2.0, np.nan, -0.0, 1e22, 5e-324],
            "w": pd.array([1, None, -3, 2**62, 0, 5], dtype="Int64"),
            "b": pd.array([True, False, None, True, True, True], dtype="boolean"),
            "d": pd.to_datetime(["1789-07-14", None, "2020-02-29", "2020-01-01", "2020-01-01", "2020-01-01"]),
            "m": pd.to_datetime(["2020-01-01 12:30:00", None, *["2020-01-01 00:00:00.5"] * 4], format="mixed"),
            "c": pd.Categorical(["low", None, "high", "low", "low", "low"], ["low", "high"], ordered=True),
            "o": pd.Series([True, None, False, True, True, True], dtype="object"),
        }
    )
    found = rows(govdata.export(frame, tmp_path / "x.csv"))
    assert found[1] == ["0.1", "1", "1", "1789-07-14", "2020-01-01 12:30:00", "low", "1"]
    assert found[2] == ["2", "", "0", "", "", "", ""]
    assert found[3][:2] == ["", "-3"]
    assert found[4] == ["0", str(2**62), "1", "2020-01-01", "2020-01-01 00:00:00.500000", "low", "1"]
    assert [row[0] for row in found[5:]] == ["1e+22", "5e-324"]


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=20))
def test_numbers_come_back_to_the_last_bit(tmp_path_factory: pytest.TempPathFactory, numbers: list[float]) -> None:
    path = tmp_path_factory.mktemp("n") / "x.csv"
    govdata.export(pd.DataFrame({"n": numbers}), path)
    assert [float(row[0]) for row in rows(path)[1:]] == numbers


@pytest.mark.parametrize("name", ["countries", "covariates", "digital_surveillance", "expert_scores"])
def test_no_cell_of_a_release_is_changed(name: str) -> None:
    for version in govdata.versions(name):
        rows = open_release(name, version).rows("panel.csv")
        texts = {text for row in rows for text in row.values()}
        assert len(texts) > 100
        assert not [text for text in texts if is_formula(text)]


@pytest.mark.parametrize("name", ["digital_surveillance", "countries"])
def test_a_whole_release_is_the_released_file(tmp_path: Path, name: str) -> None:
    path = govdata.export(name, tmp_path / "x.csv", missing="nan")
    assert path.read_bytes() == open_release(name).read("panel.csv")


def test_namibia_and_reasons_reach_pandas_and_duckdb(tmp_path: Path) -> None:
    path = govdata.export("countries", tmp_path / "x.csv", version="1.1.0", countries="NAM", years=[1990, 1995])
    assert pd.read_csv(path, keep_default_na=False)["iso2"].tolist() == ["NA", "NA"]
    chosen = {"countries": ["CHN", "SWE"], "indicators": "cctv_public"}
    path = govdata.export("digital_surveillance", tmp_path / "y.csv", version="1.0.0", **chosen)
    frame = govdata.load("digital_surveillance", "1.0.0", missing="reason", **chosen)
    pd.testing.assert_frame_equal(
        pd.read_csv(path, keep_default_na=False, na_values={c: [""] for c in frame.select_dtypes("float64")}),
        frame,
        check_dtype=False,
    )
    table = duckdb.read_csv(str(path)).filter("cctv_public is null")
    counted = table.aggregate("cctv_public_missing, count(*)", "cctv_public_missing").order("1").fetchall()
    wanted = frame[frame["cctv_public"].isna()].groupby("cctv_public_missing").size()
    assert counted == list(wanted.sort_index().items())


def test_gz_holds_the_same_and_no_time(tmp_path: Path) -> None:
    frame = pd.DataFrame({"x": [1.5], "t": ["é"]})
    packed = govdata.export(frame, tmp_path / "x.csv.gz").read_bytes()
    assert gzip.decompress(packed) == govdata.export(frame, tmp_path / "x.csv").read_bytes() == "x,t\n1.5,é\n".encode()
    assert packed[4:8] == b"\0\0\0\0"


SCRIPT = """
import sys, govdata
chosen = {"version": "1.0.0", "countries": ["CHN", "SWE"], "years": [2017]}
for end in sys.argv[2:]:
    govdata.export("digital_surveillance", sys.argv[1] + end[-1] + end, **chosen)
"""


def test_another_process_writes_the_same_bytes(tmp_path: Path) -> None:
    ends = [".csv", ".csv.gz", ".parquet", ".xlsx", ".R"]
    settings = [
        {"PYTHONHASHSEED": "0", "LC_ALL": "C", "TZ": "UTC"},
        {"PYTHONHASHSEED": "1", "LC_ALL": "C.UTF-8", "TZ": "Asia/Tehran"},
    ]
    for name, setting in zip("ab", settings, strict=True):
        (tmp_path / name).mkdir()
        words = [sys.executable, "-c", SCRIPT, str(tmp_path / name / "x"), *ends]
        subprocess.run(words, check=True, env={**os.environ, **setting}, capture_output=True)
    names = sorted(one.name for one in (tmp_path / "a").iterdir())
    assert names == ["xR.R", "xR.csv", "xt.parquet", "xv.csv", "xx.xlsx", "xz.csv.gz"]
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name


@pytest.mark.parametrize("end", [".csv", ".csv.gz", ".xlsx", ".R", ".parquet"])
def test_a_file_that_lies_is_not_kept(tmp_path: Path, end: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import pyarrow.parquet as pq
    import xlsxwriter.worksheet

    number = xlsxwriter.worksheet.Worksheet.write_number
    write = pq.write_table
    monkeypatch.setitem(tabular._WRITTEN, "number", lambda _: "7")
    monkeypatch.setattr(xlsxwriter.worksheet.Worksheet, "write_number", lambda page, *at: number(page, *at[:2], 7.0))
    monkeypatch.setattr(pq, "write_table", lambda table, *rest, **more: write(table.slice(1), *rest, **more))
    with pytest.raises(IntegrityError, match="nothing was written"):
        govdata.export(pd.DataFrame({"x": [1.0, 2.0]}), tmp_path / f"x{end}")
    assert list(tmp_path.iterdir()) == []


WRONG = [
    ({"x": [1.0, np.inf]}, "'x' holds an infinite number"),
    ({"x": pd.to_datetime(["2020-01-01"]).tz_localize("UTC")}, "'x' holds moments with a time zone"),
    ({"x": ["a", 1]}, "'x' mixes int and str"),
    ({"x": [[1], [2]]}, "'x' holds list"),
    ({"x": [1 + 2j]}, "'x' holds complex128"),
    ({"x": pd.period_range("2020", periods=1, freq="Y")}, "'x' holds period"),
    ({"x": pd.to_timedelta(["1 day"])}, "'x' holds timedelta64"),
    ({"x": ["a\0b"]}, "'x' holds a NUL character"),
    ({"o": ["a\ud800"]}, "'o' holds U\\+D800"),
]
TYPES = {"o": "object"}


@pytest.mark.parametrize(("columns", "message"), WRONG, ids=[message for _, message in WRONG])
@pytest.mark.parametrize("end", [".csv", ".xlsx", ".R"])
def test_what_no_file_holds_is_refused(tmp_path: Path, columns: dict[str, object], message: str, end: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        govdata.export(
            pd.DataFrame({name: pd.Series(cells, dtype=TYPES.get(name)) for name, cells in columns.items()}),
            tmp_path / f"x{end}",
        )
    assert list(tmp_path.iterdir()) == []


FRAMES = [
    (pd.DataFrame({"x": [1]}, index=pd.Index(["a"], name="iso3")), r"the index \(iso3\) would not be written"),
    (pd.DataFrame({"x": [1]}, index=pd.MultiIndex.from_tuples([("a", 1)], names=["iso3", "year"])), "iso3, year"),
    (pd.DataFrame({"x": [1]}, index=["CHN"]), "the index holds more than row numbers"),
    (pd.DataFrame({"x": []}), "nothing to write: 0 rows, 1 columns"),
    (pd.DataFrame(index=[0]), "nothing to write: 1 rows, 0 columns"),
    (pd.DataFrame([[1, 2]], columns=["x", "x"]), "column 'x' stands twice"),
    (pd.DataFrame([[1, 2]]), "column 0 is named by an int"),
    (pd.DataFrame([[1]], columns=[" "]), "column 1 has no name"),
    (pd.DataFrame([[1]], columns=pd.MultiIndex.from_tuples([("a", "b")])), "several levels"),
    (pd.Series([1], name="x"), r"not Series; \.to_frame"),
    ({"x": [1]}, r"not dict; pandas\.DataFrame"),
    (None, "not NoneType"),
]


@pytest.mark.parametrize(("data", "message"), FRAMES, ids=[message for _, message in FRAMES])
def test_what_would_lose_something_is_refused(tmp_path: Path, data: pd.DataFrame, message: str) -> None:
    with pytest.raises(ArgumentError, match=message) as caught:
        govdata.export(data, tmp_path / "x.csv")
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_polars_frame_is_told_what_to_do(tmp_path: Path) -> None:
    class Frame:
        def to_pandas(self) -> None: ...

    with pytest.raises(ArgumentError, match=r"not Frame; \.to_pandas\(\) makes it one"):
        govdata.export(Frame(), tmp_path / "x.csv")


def test_the_rows_of_a_selection_are_written_without_their_numbers(tmp_path: Path) -> None:
    frame = pd.DataFrame({"x": [1, 2, 3]})
    path = govdata.export(frame[frame["x"] > 1], tmp_path / "x.csv")
    assert path.read_text() == "x\n2\n3\n"
