"""Parquet: types, labels and reasons, for pandas, pyarrow and DuckDB."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import govdata
from govdata.errors import ArgumentError, IntegrityError
from govdata.releases import open_release

CHOSEN = {"version": "1.0.0", "countries": ["CHN", "SWE"], "indicators": ["cctv_public", "shutdown_events"]}


def test_pandas_reads_the_frame_and_where_it_is_from(tmp_path: Path) -> None:
    path = govdata.export("digital_surveillance", tmp_path / "x.parquet", **CHOSEN)
    frame = govdata.load("digital_surveillance", missing="reason", **CHOSEN)
    back = pd.read_parquet(path)
    pd.testing.assert_frame_equal(back[list(frame)], frame)
    assert back.attrs == frame.attrs
    codes = {one.code: one.labels["fa"] for one in open_release("digital_surveillance", "1.0.0").indicators[0].codes}
    assert back.gov.label(["cctv_public"], language="fa")["cctv_public"].cat.categories[0] == codes["0"]


def test_fields_say_what_a_column_means(tmp_path: Path) -> None:
    path = govdata.export("digital_surveillance", tmp_path / "x.parquet", language="zh", **CHOSEN)
    book = govdata.codebook("digital_surveillance", "cctv_public", "1.0.0").iloc[0]
    schema = pq.read_schema(path)
    told = {key.decode(): text.decode() for key, text in schema.field("cctv_public").metadata.items()}
    assert told["label"] == book["label_zh"]
    assert told["question"] == book["question"]
    assert (told["indicator"], told["dataset"], told["type"]) == ("cctv_public", "digital_surveillance", "ordinal")
    assert list(json.loads(told["codes"])) == ["0", "1", "2", "3", "4"]
    reasons = json.loads(schema.field("cctv_public_missing").metadata[b"reasons"])
    assert reasons["not_coded"] == "尚未编码"
    assert schema.field("year").metadata[b"label"].decode() == "年份"


def test_duckdb_reads_cells_and_citation(tmp_path: Path) -> None:
    path = govdata.export("digital_surveillance", tmp_path / "x.parquet", **CHOSEN)
    frame = govdata.load("digital_surveillance", **CHOSEN)
    table = duckdb.read_parquet(str(path))
    counted = table.aggregate("sum(cctv_public), count(shutdown_events), count(*)").fetchall()
    assert counted == [(frame["cctv_public"].sum(), frame["shutdown_events"].count(), len(frame))]
    found = duckdb.execute("select value from parquet_kv_metadata(?) where key = 'govdata'", [str(path)])
    ((text,),) = found.fetchall()
    about = json.loads(text)
    (one,) = about["datasets"]
    assert about["language"] == "en"
    assert (one["dataset"], one["version"], one["sha256"]) == tuple(frame.attrs.values())
    assert one["citation"] == govdata.cite("digital_surveillance", "1.0.0")
    assert set(one["missing"]) == {"no_evidence", "unclear", "not_applicable", "not_coded"}


def test_types_are_kept(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "w": pd.array([1, None], dtype="Int64"),
            "small": np.array([1, 2], dtype="int8"),
            "b": pd.array([True, None], dtype="boolean"),
            "c": pd.Categorical(["low", None], ["low", "high"], ordered=True),
            "d": pd.to_datetime(["1789-07-14", None]),
            "z": pd.to_datetime(["2020-01-01", None]).tz_localize("Asia/Tehran"),
            "t": ["=1+1", None],
        }
    )
    frame.attrs["labels"] = {"w": "a label of one's own"}
    frame.attrs["value_labels"] = {"w": {1: "one"}}
    back = pd.read_parquet(govdata.export(frame, tmp_path / "x.parquet"))
    pd.testing.assert_frame_equal(back, frame)
    assert back.gov.label()["w"].iloc[0] == "one"
    assert back["t"].iloc[0] == "=1+1"


def test_rows_of_a_selection_are_counted_anew(tmp_path: Path) -> None:
    frame = pd.DataFrame({"x": [1, 2, 3]})
    back = pd.read_parquet(govdata.export(frame[frame["x"] > 1], tmp_path / "x.parquet"))
    assert list(back.index) == [0, 1]


def test_a_merged_frame_names_both(tmp_path: Path) -> None:
    one = govdata.load("digital_surveillance", "1.0.0", ["CHN"], [2018], ["cctv_public"])
    frame = govdata.merge(one, govdata.load("expert_scores", "1.0.0", ["CHN"], [2018], ["v2x_libdem"])).frame
    back = pd.read_parquet(govdata.export(frame, tmp_path / "x.parquet"))
    assert back.attrs["dataset"].split("; ") == ["digital_surveillance", "expert_scores"]
    assert {"dataset", "version", "sha256"} <= set(back.attrs)


@pytest.mark.parametrize(
    ("cells", "back"),
    [
        ([3, 1, None], [3, 1, None]),
        ([1.5, None], [1.5, None]),
        ([True, None], [True, None]),
        ([None, None], [None, None]),
        (["", "b"], ["", "b"]),
    ],
)
def test_categories_that_are_no_text_are_what_they_hold(
    tmp_path: Path, cells: list[object], back: list[object]
) -> None:
    path = govdata.export(pd.DataFrame({"x": pd.Categorical(cells)}), tmp_path / "x.parquet")
    assert pq.read_table(path)["x"].to_pylist() == back


@pytest.mark.parametrize("cells", [pd.cut([1.0, 2.0], 2), pd.Categorical([3, "b"])])
def test_categories_of_what_no_file_holds_are_refused(tmp_path: Path, cells: pd.Categorical) -> None:
    with pytest.raises(ArgumentError, match=r"'x' (holds Interval|mixes int and str)"):
        govdata.export(pd.DataFrame({"x": cells}), tmp_path / "x.parquet")


@pytest.mark.parametrize(
    ("cells", "message"),
    [([np.inf], "infinite"), (["a", 1], "mixes int and str"), ([{1}], "holds set"), ([1 + 2j], "parquet cannot hold")],
)
def test_what_it_cannot_hold_is_refused(tmp_path: Path, cells: list[object], message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        govdata.export(pd.DataFrame({"x": cells}), tmp_path / "x.parquet")
    assert list(tmp_path.iterdir()) == []


def test_without_pyarrow_one_line_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ArgumentError, match=r"pip install 'comparative-govdata\[parquet\]'"):
        govdata.export(pd.DataFrame({"x": [1]}), tmp_path / "x.parquet")
    assert list(tmp_path.iterdir()) == []


def test_a_flipped_bit_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = pq.write_table

    def damaged(table: pa.Table, path: Path, **more: object) -> None:
        write(table, path, compression="none", use_dictionary=False, **more)
        data = bytearray(Path(path).read_bytes())
        data[data.index(np.float64(1234.5).tobytes())] ^= 1
        Path(path).write_bytes(data)

    monkeypatch.setattr(pq, "write_table", damaged)
    with pytest.raises(IntegrityError, match="nothing was written"):
        govdata.export(pd.DataFrame({"x": [1.0, 1234.5, 2000.0]}), tmp_path / "x.parquet")
    assert list(tmp_path.iterdir()) == []
