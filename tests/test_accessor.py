"""``df.gov`` and the files it writes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest

import govdata
from govdata.errors import ArgumentError, MergeError

SOURCE = "digital_surveillance"


@pytest.mark.parametrize("order", ["import govdata, pandas as pd", "import pandas as pd, govdata"])
def test_the_accessor_is_there_whichever_is_imported_first(order: str) -> None:
    code = f"{order}\nprint(pd.DataFrame({{'iso3': ['CHN'], 'year': [2000], 'x': [1]}}).gov.lag('x').isna().all())"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "True"


def test_importing_the_package_loads_no_other() -> None:
    code = "import sys, govdata; print(sorted({'pandas', 'numpy'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout == "[]\n"


def test_lags_are_calendar_lags_under_any_names() -> None:
    frame = pd.DataFrame(
        {"Country": ["Iran", "Persia", "Iran", "Iraq"], "Year": ["2003", "2000", "2001", "2001"], "x": [4, 1, 2, 9]},
        index=[3, 3, 1, 0],
    )
    found = frame.gov.lag("x")
    assert found.index.tolist() == [3, 3, 1, 0]
    np.testing.assert_array_equal(found, [np.nan, np.nan, 1, np.nan])
    np.testing.assert_array_equal(frame.gov.lag("x", 2), [2, np.nan, np.nan, np.nan])
    np.testing.assert_array_equal(frame.gov.lag("x", -1), [np.nan, 2, np.nan, np.nan])
    with pytest.raises(ArgumentError, match="no column 'z'"):
        frame.gov.lag("z")
    with pytest.raises(MergeError, match="ambiguous"):
        frame.assign(Country="Korea").gov.lag("x")


def test_merge_is_the_function() -> None:
    left = pd.DataFrame({"country": ["Iran"], "year": [2018]})
    right = govdata.load("covariates", years=2018)
    pd.testing.assert_frame_equal(left.gov.merge(right).frame, govdata.merge(left, right).frame)


@pytest.mark.parametrize("language", ["en", "fa", "ar", "zh"])
def test_labels_replace_codes(language: str) -> None:
    frame = govdata.load(SOURCE, countries="CHN", indicators=["cctv_public"])
    labelled = frame.gov.label(language=language)
    column = labelled["cctv_public"]
    assert column.cat.ordered
    book = govdata.codebook(SOURCE, "cctv_public")
    if language == "en":
        assert list(column.cat.categories) == list(book.loc[0, "codes"].values())
        assert column.iloc[-1] == book.loc[0, "codes"][f"{frame['cctv_public'].iloc[-1]:g}"]
    assert (column.isna() == frame["cctv_public"].isna()).all()
    assert labelled.attrs == frame.attrs
    merged, _ = govdata.merge(frame, govdata.load("covariates", countries="CHN"))
    assert isinstance(merged.gov.label("cctv_public")["cctv_public"].dtype, pd.CategoricalDtype)


def test_labels_that_are_not_known() -> None:
    frame = govdata.load(SOURCE, countries="CHN", indicators=["cctv_public"])
    with pytest.raises(ArgumentError, match="attrs name no dataset"):
        pd.DataFrame({"x": [1]}).gov.label()
    with pytest.raises(ArgumentError, match="'year' has no labels"):
        frame.gov.label("year")
    with pytest.raises(ArgumentError, match="no labels in 'de'"):
        frame.gov.label(language="de")
    wrong = frame.assign(cctv_public=9.0)
    wrong.attrs = frame.attrs
    with pytest.raises(ArgumentError, match="holds 9, which is no code"):
        wrong.gov.label()


def test_stata_and_spss_files_keep_values_and_labels(tmp_path: Path) -> None:
    frame = govdata.load(SOURCE, countries=["CHN", "DEU"])
    for ending, read in ((".dta", pyreadstat.read_dta), (".sav", pyreadstat.read_sav)):
        path = frame.gov.export(tmp_path / f"panel{ending}")
        back, meta = read(path)
        beside = [name for name in back.columns if name not in frame.columns]
        assert [one for one in back.columns if one not in beside] == list(frame.columns)
        assert all(name.endswith("_missing") for name in beside)  # of columns of text
        for column in frame.columns:
            if frame[column].dtype.kind in "if":
                np.testing.assert_array_equal(back[column].astype(float), frame[column].astype(float))
            else:
                assert back[column].fillna("").tolist() == frame[column].fillna("").tolist()
        labels = meta.column_names_to_labels
        assert labels["cctv_public"] == govdata.codebook(SOURCE, "cctv_public").loc[0, "label"]
        assert max(map(len, filter(None, labels.values()))) <= 80
        codes = {float(code): text for code, text in govdata.codebook(SOURCE, "cctv_public").loc[0, "codes"].items()}
        found = meta.variable_value_labels["cctv_public"]
        assert {code: text for code, text in found.items() if code in codes} == codes
        assert len(found) == len(codes) + 4  # and the reasons
    stata = pd.read_stata(tmp_path / "panel.dta")
    assert stata["cctv_public"].dtype == "category"
    persian = pyreadstat.read_sav(frame.gov.export(tmp_path / "fa.sav", language="fa"))[1]
    assert persian.column_names_to_labels["cctv_public"] == govdata.codebook(SOURCE, "cctv_public").loc[0, "label_fa"]


def test_csv_and_the_same_bytes_twice(tmp_path: Path) -> None:
    frame = govdata.load(SOURCE, countries="CHN")
    for ending in (".csv", ".csv.gz", ".dta"):
        one = govdata.export(frame, tmp_path / f"a{ending}").read_bytes()
        two = govdata.export(frame, tmp_path / f"b{ending}").read_bytes()
        assert one == two
    pd.testing.assert_frame_equal(
        pd.read_csv(tmp_path / "a.csv.gz", keep_default_na=False, na_values=[""], dtype={"iso3": "str"})[
            ["iso3", "year", "cctv_public"]
        ],
        frame[["iso3", "year", "cctv_public"]],
    )


@pytest.mark.parametrize(
    ("column", "values", "message"),
    [
        ("x", [np.inf], "infinite number"),
        ("x", [2**60], "beyond 2"),
        ("x", [["a"]], "holds list"),
        ("x", [pd.Timestamp("2000-01-01")], "holds dates"),
        ("my column", [1], "takes no column named 'my column'"),
        ("x" * 33, [1], "at most 32"),
        ("if", [1], "no reserved word"),
    ],
)
@pytest.mark.parametrize("ending", [".dta", ".sav"])
def test_what_a_format_cannot_hold_is_refused_before_writing(
    tmp_path: Path, column: str, values: list[object], message: str, ending: str
) -> None:
    path = tmp_path / f"x{ending}"
    path.write_text("old")
    with pytest.raises(ArgumentError, match=message):
        govdata.export(pd.DataFrame({column: values}), path, overwrite=True)
    assert path.read_text() == "old"
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def test_files_are_not_written_over(tmp_path: Path) -> None:
    frame = pd.DataFrame({"x": [1.0]})
    path = govdata.export(frame, tmp_path / "x.csv")
    with pytest.raises(ArgumentError, match="is there already"):
        govdata.export(frame, path)
    govdata.export(frame.assign(x=2.0), path, overwrite=True)
    assert pd.read_csv(path)["x"].tolist() == [2]
    with pytest.raises(ArgumentError, match="ends in none of"):
        govdata.export(frame, tmp_path / "x.xlsm")
    with pytest.raises(ArgumentError, match="there is no folder"):
        govdata.export(frame, tmp_path / "no" / "x.csv")
    with pytest.raises(ArgumentError, match="differ in case only"):
        govdata.export(pd.DataFrame([[1, 2]], columns=["a", "A"]), tmp_path / "y.dta")


def test_a_program_is_no_format_but_leads_to_one(tmp_path: Path) -> None:
    for program, meant in (("stata", "dta"), ("SPSS", "sav"), ("Excel", "xlsx"), ("pq", "")):
        with pytest.raises(govdata.GovdataError) as caught:
            govdata.export("covariates", tmp_path / "x", format=program)
        assert (f"did you mean {meant!r}?" in str(caught.value)) == bool(meant)


def test_what_merge_gave_is_exported_as_its_frame(tmp_path: Path) -> None:
    left = govdata.load("covariates", countries="SWE", years=[2015, 2016], indicators="population")
    merged = govdata.merge(left, govdata.load("expert_scores", indicators="v2x_polyarchy"))
    whole = govdata.export(merged, tmp_path / "a.dta").read_bytes()
    assert whole == govdata.export(merged.frame, tmp_path / "b.dta").read_bytes()
