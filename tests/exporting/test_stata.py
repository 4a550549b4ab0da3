"""Stata files: reasons in the cells, labels whole, refusals in one line, nothing broken left behind."""

from __future__ import annotations

import datetime as dt
import string
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_frames import merged, panel

import govdata
from govdata.errors import ArgumentError, IntegrityError
from govdata.exporting.outline import reason_labels

LETTERS = {"no_evidence": "a", "unclear": "b", "not_applicable": "c", "not_coded": "d"}


def test_each_missing_cell_says_why(tmp_path: Path) -> None:
    path = govdata.export("digital_surveillance", tmp_path / "world.dta", version="1.0.0")
    found, about = pyreadstat.read_dta(path, user_missing=True, output_format="dict")
    told = govdata.load("digital_surveillance", "1.0.0", missing="reason")
    told.attrs = {}
    for column in told.columns[3:]:
        if column.endswith("_missing"):
            continue
        if about.readstat_variable_types[column] == "string":
            continue
        assert None not in found[column], column  # no bare .
        if f"{column}_missing" in told.columns:
            want = [LETTERS.get(one, "") for one in told[f"{column}_missing"]]
            assert [one if isinstance(one, str) else "" for one in found[column]] == want, column
    assert found["lead_agency_missing"] == told["lead_agency_missing"].tolist()
    texts = about.variable_value_labels["cctv_public"]
    assert {letter: texts[letter] for letter in "abcd"} == {
        LETTERS[reason]: text for reason, text in reason_labels("claims", "en").items()
    }
    # A count has labels of its missing values only.
    assert set(about.variable_value_labels["cctv_cameras_all"]) == set("abcd")
    assert about.file_label == "digital_surveillance 1.0.0"


def test_pandas_reads_the_letters_too(tmp_path: Path) -> None:
    path = govdata.export(merged(), tmp_path / "x.dta")
    ours = pyreadstat.read_dta(path, user_missing=True, output_format="dict")[0]
    theirs = pd.read_stata(path, convert_missing=True, convert_categoricals=False)
    for column in ("cctv_public", "v2smgovsmmon_sd", "gdp_pc_ppp", "mine"):
        want = ["." if one is None else f".{one}" if isinstance(one, str) else one for one in ours[column]]
        assert [str(one) if not isinstance(one, float) else one for one in theirs[column]] == want
    assert ours["mine"][0] is None
    categories = pd.read_stata(path)["cctv_public"]
    assert isinstance(categories.dtype, pd.CategoricalDtype)


def test_without_reasons_cells_are_empty(tmp_path: Path) -> None:
    path = govdata.export(panel(), tmp_path / "x.dta", missing="nan")
    found, about = pyreadstat.read_dta(path, user_missing=True, output_format="dict")
    assert not any(isinstance(one, str) for one in found["cctv_public"])
    assert not set("abcd") & set(about.variable_value_labels["cctv_public"])


@pytest.mark.parametrize("language", ["fa", "ar", "zh"])
def test_labels_in_other_languages(tmp_path: Path, language: str) -> None:
    about = pyreadstat.read_dta(govdata.export(panel(), tmp_path / "x.dta", language=language))[1]
    book = govdata.codebook("digital_surveillance", "cctv_public", version="1.0.0")
    assert about.column_names_to_labels["cctv_public"] == book.loc[0, f"label_{language}"]
    assert about.variable_value_labels["cctv_public"]["d"] == reason_labels("claims", language)["not_coded"]


def test_the_same_bytes(tmp_path: Path) -> None:
    one = govdata.export(panel(), tmp_path / "x.dta")
    (tmp_path / "other").mkdir()
    two = govdata.export(panel(), tmp_path / "other" / "x.dta")
    assert one.read_bytes() == two.read_bytes()
    assert one.with_suffix(".do").read_bytes() == two.with_suffix(".do").read_bytes()
    assert b"01 Jan 2000 00:00" in one.read_bytes()[:400]


def test_stata_13(tmp_path: Path) -> None:
    frame = panel()
    path = govdata.export(frame, tmp_path / "old.dta", stata=13)
    assert b"<release>117</release>" in path.read_bytes()[:60]
    found = pyreadstat.read_dta(path, user_missing=True, output_format="dict")[0]
    new = pyreadstat.read_dta(govdata.export(frame, tmp_path / "new.dta"), user_missing=True, output_format="dict")[0]
    assert found == new
    commands = path.with_suffix(".do").read_bytes().decode("latin-1")
    assert "version 13\n" in commands
    assert "label language" not in commands
    with pytest.raises(ArgumentError, match="Stata 13 holds no labels in 'fa'"):
        govdata.export(frame, tmp_path / "fa.dta", stata=13, language="fa")
    with pytest.raises(ArgumentError, match="Stata 13 cannot hold '中' of column 's'"):
        govdata.export(pd.DataFrame({"s": ["中"]}), tmp_path / "s.dta", stata=13)
    assert govdata.export(pd.DataFrame({"s": ["Côte d'Ivoire"]}), tmp_path / "s.dta", stata=13).exists()
    with pytest.raises(ArgumentError, match="stata=12 is not 13, 14 or 15"):
        govdata.export(frame, tmp_path / "x.dta", stata=12)  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match=r"stata=13 is of \.dta files"):
        govdata.export(frame, tmp_path / "x.csv", stata=13)


def test_long_text_is_kept_apart(tmp_path: Path) -> None:
    frame = pd.DataFrame({"n": [1.0, np.nan, 2.0], "t": ["é" * 1023, None, "x" * 70_000], "u": ["é" * 1022, "", "b "]})
    found = pyreadstat.read_dta(govdata.export(frame, tmp_path / "x.dta"))[0]
    assert found["t"].tolist() == frame["t"].fillna("").tolist()
    assert found["u"].tolist() == frame["u"].tolist()
    np.testing.assert_array_equal(found["n"], frame["n"])


def with_labels(**attrs: object) -> pd.DataFrame:
    frame = pd.DataFrame({"x": [1.0, 2.0, np.nan]})
    frame.attrs = dict(attrs)
    return frame


def test_labels_of_ones_own(tmp_path: Path) -> None:
    frame = with_labels(labels={"x": "long " * 40}, value_labels={"x": {1: "same", 2: "same"}})
    path = govdata.export(frame, tmp_path / "x.dta")
    about = pyreadstat.read_dta(path)[1]
    assert about.column_names_to_labels["x"] == "x"
    assert ("long " * 40).strip() in path.with_suffix(".do").read_text(encoding="utf-8")
    assert about.variable_value_labels["x"] == {1: "1 same", 2: "2 same"}
    assert pd.read_stata(path)["x"].tolist()[:2] == ["1 same", "2 same"]
    with pytest.raises(ArgumentError, match=r"label for 0\.5; take it out"):
        govdata.export(with_labels(value_labels={"x": {0.5: "half"}}), tmp_path / "y.dta")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["x.do", "x.dta"]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([2**53 + 1], "whole numbers beyond"),
        (np.array([2**64 - 1], dtype="uint64"), "whole numbers beyond"),
        ([1e308], "beyond the numbers"),
        ([-np.inf], "infinite"),
        (["a\0b"], "NUL"),
        (["\ud800"], "lone surrogate"),
        ([pd.Timedelta(1)], "Timedelta"),
        ([1 + 2j], "complex"),
        (["a", 1], "mixes text with int"),
    ],
)
@pytest.mark.parametrize("form", ["dta", "sav"])
def test_values_that_have_no_place(tmp_path: Path, values: object, message: str, form: str) -> None:
    frame = pd.DataFrame({"x": pd.Series(values, dtype="object" if message in ("NUL", "lone surrogate") else None)})
    with pytest.raises(ArgumentError, match=message) as caught:
        govdata.export(frame, tmp_path / f"x.{form}")
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "free"),
    [
        ("IT.NET.USER.ZS", "IT_NET_USER_ZS"),
        ("str12", "str12_"),
        ("2000_x", "v2000_x"),
        ("int", "int_"),
        ("ALL", "ALL_"),
        ("_all", "all_"),
        ("_n", "n"),
        ("a b", "a_b"),
        ("year ", "year"),
        ("naïve", "naive"),
        ("سال", "v"),
        ("x" * 40, "x" * 30),
    ],
)
@pytest.mark.parametrize("form", ["dta", "sav"])
def test_a_name_that_is_not_taken_comes_with_one_that_is(tmp_path: Path, name: str, free: str, form: str) -> None:
    with pytest.raises(ArgumentError, match=f"for example '{free}'$"):
        govdata.export(pd.DataFrame({name: [1]}), tmp_path / f"x.{form}")
    govdata.export(pd.DataFrame({free: [1]}), tmp_path / f"x.{form}")


def test_names_that_would_meet_get_different_ones(tmp_path: Path) -> None:
    frame = pd.DataFrame([range(8)], columns=["a b", "a.b", "A_b", "ä", "a", "1", "2", "with"])
    with pytest.raises(ArgumentError, match=r"the first 5 of 6 such names$") as caught:
        govdata.export(frame, tmp_path / "x.dta")
    wanted = "{'a b': 'a_b_2', 'a.b': 'a_b_3', 'ä': 'a_2', '1': 'v1', '2': 'v2'}"
    assert f"df.rename(columns={wanted})" in str(caught.value)
    named = frame.rename(columns={"a b": "a_b_2", "a.b": "a_b_3", "ä": "a_2", "1": "v1", "2": "v2", "with": "with_"})
    assert list(pd.read_stata(govdata.export(named, tmp_path / "x.dta"))) == list(named)


def test_numbers_that_stand_as_objects_are_numbers(tmp_path: Path) -> None:
    cells = {"a": [1, None, 3], "b": [True, False, None], "c": [1.5, pd.NA, 2]}
    frame = pd.DataFrame({name: pd.Series(values, dtype="object") for name, values in cells.items()})
    frame["d"] = pd.Categorical([True, None, False])
    for form, read in (("dta", pyreadstat.read_dta), ("sav", pyreadstat.read_sav)):
        back, _ = read(govdata.export(frame, tmp_path / f"x.{form}"))
        assert back["a"].fillna(-1).tolist() == [1.0, -1.0, 3.0]
        assert back["b"].fillna(-1).tolist() == [1.0, 0.0, -1.0]
        assert back["c"].fillna(-1).tolist() == [1.5, -1.0, 2.0]
        assert back["d"].fillna(-1).tolist() == [1.0, -1.0, 0.0]
    with pytest.raises(ArgumentError, match="beyond 2\\*\\*53"):
        govdata.export(pd.DataFrame({"a": pd.Series([2**70], dtype="object")}), tmp_path / "y.dta")
    with pytest.raises(ArgumentError, match="holds dates"):
        govdata.export(pd.DataFrame({"a": [dt.date(2020, 1, 1)]}), tmp_path / "y.dta")
    with pytest.raises(ArgumentError, match="holds Period; turn it into text or numbers"):
        govdata.export(pd.DataFrame({"a": pd.period_range("2020", periods=1)}), tmp_path / "y.dta")


def test_a_file_that_no_script_can_name(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="cannot name"):
        govdata.export(panel(), tmp_path / "a$b.dta")


@pytest.mark.parametrize("fault", ["values", "letters", "columns", "disk", "script"])
def test_a_fault_leaves_the_older_file_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    path, beside = tmp_path / "x.dta", tmp_path / "x.do"
    path.write_text("old")
    beside.write_text("old")
    read = pyreadstat.read_dta

    def wrong(*args: object, **options: object) -> object:
        found, about = read(*args, **options)
        if fault == "columns":
            return found.rename(columns={"year": "jahr"}) if isinstance(found, pd.DataFrame) else found, about
        if fault == "values" and isinstance(found, pd.DataFrame):
            found["cctv_public"] = found["cctv_public"] + 1
        if fault == "letters" and isinstance(found, dict):
            found["cctv_public"] = ["b" if one == "d" else one for one in found["cctv_public"]]
        return found, about

    def full(*_args: object, **_options: object) -> None:
        raise OSError(28, "No space left on device")

    expected: type[Exception] = IntegrityError
    if fault == "disk":
        monkeypatch.setattr(pd.DataFrame, "to_stata", full)
        expected = OSError
    elif fault == "script":
        monkeypatch.setattr("govdata.exporting.do_file.script", full)
        expected = OSError
    else:
        monkeypatch.setattr(pyreadstat, "read_dta", wrong)
    with pytest.raises(expected):
        govdata.export(panel(), path, overwrite=True)
    assert (path.read_text(), beside.read_text()) == ("old", "old")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["x.do", "x.dta"]


NUMBERS = st.floats(-8e307, 8e307) | st.just(np.nan)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)


@st.composite
def frames(draw: st.DrawFn) -> pd.DataFrame:
    rows = draw(st.integers(1, 6))
    names = draw(
        st.lists(st.text(string.ascii_letters, min_size=1, max_size=4), min_size=1, max_size=4, unique_by=str.casefold)
    )
    made = {}
    for name in names:
        kind = draw(st.sampled_from([NUMBERS, TEXTS]))
        made[f"v_{name}"] = draw(st.lists(kind, min_size=rows, max_size=rows))
    return pd.DataFrame(made)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(frame=frames())
@pytest.mark.parametrize("form", ["dta", "sav"])
def test_what_is_written_is_read(tmp_path: Path, form: str, frame: pd.DataFrame) -> None:
    read = pyreadstat.read_dta if form == "dta" else pyreadstat.read_sav
    found = read(govdata.export(frame, tmp_path / f"x.{form}", overwrite=True))[0]
    assert list(found.columns) == list(frame.columns)
    for column in frame.columns:
        if frame[column].dtype.kind == "f":
            np.testing.assert_array_equal(found[column].astype(float), frame[column])
        else:
            want = [one if form == "dta" else one.rstrip(" ") for one in frame[column]]
            assert found[column].fillna("").tolist() == want
