"""SPSS files: reasons as labelled numbers that are declared missing, labels whole, limits refused."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest
from small_frames import own, panel

import govdata
from govdata.errors import ArgumentError, IntegrityError
from govdata.exporting.outline import reason_labels

NUMBERS = {"no_evidence": -99, "unclear": -98, "not_applicable": -97, "not_coded": -96}
OURS = {"dataset": "digital_surveillance", "version": "1.0.0"}


def test_each_missing_cell_says_why(tmp_path: Path) -> None:
    path = govdata.export("digital_surveillance", tmp_path / "world.sav", version="1.0.0")
    found, about = pyreadstat.read_sav(path, user_missing=True)
    told = govdata.load("digital_surveillance", "1.0.0", missing="reason")
    told.attrs = {}
    for column in found.columns[3:]:
        if about.readstat_variable_types[column] == "string":
            continue
        assert found[column].notna().all(), column
        assert about.missing_ranges[column] == [{"lo": -99, "hi": -90}], column
        if f"{column}_missing" in told.columns:
            want = told[column].fillna(told[f"{column}_missing"].map(NUMBERS))
            np.testing.assert_array_equal(found[column], want)
    assert found["lead_agency_missing"].tolist() == told["lead_agency_missing"].tolist()
    texts = about.variable_value_labels["cctv_public"]
    assert {code: text for code, text in texts.items() if code < 0} == {
        NUMBERS[reason]: text for reason, text in reason_labels("claims", "en").items()
    }
    assert set(about.variable_value_labels["cctv_cameras_all"]) == set(NUMBERS.values())
    # A reader who heeds what is declared missing gets the frame again.
    plain = pyreadstat.read_sav(path)[0]
    for column in ("cctv_public", "cctv_cameras_all_high"):
        np.testing.assert_array_equal(plain[column], told[column])


@pytest.mark.parametrize(
    ("values", "lowest"), [([-95.0], -999), ([-90.0, -995.5], -9999), ([-89.0, -100.0], -99), ([-1e15], -99)]
)
def test_no_value_is_declared_missing(tmp_path: Path, values: list[float], lowest: int) -> None:
    frame = pd.DataFrame(
        {"iso3": "CHN", "year": range(2000, 2001 + len(values)), "cctv_cameras_all": [*values, np.nan]}
    )
    frame.attrs = OURS
    path = govdata.export(frame, tmp_path / "x.sav")
    found, about = pyreadstat.read_sav(path, user_missing=True)
    assert about.missing_ranges["cctv_cameras_all"] == [{"lo": lowest, "hi": lowest + 9}]
    assert found["cctv_cameras_all"].tolist() == [*values, lowest]  # 2001: looked for, no evidence
    assert about.variable_value_labels["cctv_cameras_all"][lowest] == "looked for, no evidence found"
    np.testing.assert_array_equal(pyreadstat.read_sav(path)[0]["cctv_cameras_all"], frame["cctv_cameras_all"])


def test_codes_of_ones_own_are_not_declared_missing(tmp_path: Path) -> None:
    frame = pd.DataFrame({"x": [-99.0, np.nan]})
    frame.attrs = {"value_labels": {"x": {-99: "a value"}}}
    found, about = pyreadstat.read_sav(govdata.export(frame, tmp_path / "x.sav"), user_missing=True)
    assert about.missing_ranges == {}
    assert found["x"].iloc[0] == -99
    frame = pd.DataFrame({"iso3": ["CHN"], "year": [1800], "cctv_public": [np.nan]})
    frame.attrs = OURS | {"value_labels": {"cctv_public": {-95: "a code"}}}
    about = pyreadstat.read_sav(govdata.export(frame, tmp_path / "y.sav"), user_missing=True)[1]
    assert about.missing_ranges["cctv_public"] == [{"lo": -999, "hi": -990}]


def test_measures_formats_and_widths(tmp_path: Path) -> None:
    about = pyreadstat.read_sav(govdata.export(panel(), tmp_path / "x.sav"))[1]
    want = {"iso3": "nominal", "year": "scale", "cctv_public": "ordinal", "cctv_cameras_all": "scale"}
    assert {name: about.variable_measure[name] for name in want} == want
    assert about.variable_measure["lead_agency"] == "nominal"
    assert about.original_variable_types["year"] == "F8.0"
    assert all(8 <= width <= 40 for width in about.variable_display_width.values())
    about = pyreadstat.read_sav(govdata.export(own(), tmp_path / "y.sav"))[1]
    assert about.original_variable_types["count"] == "F17.0"
    assert about.original_variable_types["share"] == "F8.3"
    assert (about.variable_measure["grade"], about.variable_measure["party"]) == ("ordinal", "nominal")
    assert about.variable_value_labels["grade"] == {1: "low", 2: "mid", 3: "high"}


@pytest.mark.parametrize("language", ["en", "fa", "ar", "zh"])
def test_no_label_is_cut(tmp_path: Path, language: str) -> None:
    about = pyreadstat.read_sav(govdata.export("digital_surveillance", tmp_path / "x.sav", language=language))[1]
    books = govdata.codebook("digital_surveillance").set_index("id")
    key = "label" if language == "en" else f"label_{language}"
    assert about.column_names_to_labels["cctv_public"] == books.loc["cctv_public", key]
    for texts in about.variable_value_labels.values():
        assert len(set(texts.values())) == len(texts)
        assert max(len(text.encode()) for text in texts.values()) <= 120


def test_labels_that_are_too_long(tmp_path: Path) -> None:
    frame = pd.DataFrame({"x": [1.0]})
    frame.attrs = {"labels": {"x": "é" * 200}}
    path = govdata.export(frame, tmp_path / "x.sav")
    assert pyreadstat.read_sav(path)[1].column_names_to_labels["x"] == "x"
    commands = path.with_suffix(".sps").read_text(encoding="utf-8-sig")
    assert commands.count("é") == 200
    frame.attrs = {"value_labels": {"x": {1: "é" * 61}}}
    with pytest.raises(ArgumentError, match="SPSS would cut the label of x = 1"):
        govdata.export(frame, tmp_path / "y.sav")
    frame.attrs = {"value_labels": {"x": {1: "é" * 60, 0.5: "half"}}}
    about = pyreadstat.read_sav(govdata.export(frame, tmp_path / "y.sav"))[1]
    assert about.variable_value_labels["x"] == {1: "é" * 60, 0.5: "half"}


def test_text(tmp_path: Path) -> None:
    frame = pd.DataFrame({"x": ["a  ", " b", None, "é" * 5000, "tab\t "]})
    found = pyreadstat.read_sav(govdata.export(frame, tmp_path / "x.sav"))[0]
    assert found["x"].tolist() == ["a", " b", "", "é" * 5000, "tab\t"]
    govdata.export(pd.DataFrame({"x": ["x" * 32_767]}), tmp_path / "y.sav")
    with pytest.raises(ArgumentError, match="a text of 32768 bytes; SPSS takes 32767"):
        govdata.export(pd.DataFrame({"x": ["é" * 16_384]}), tmp_path / "z.sav")


def test_the_same_bytes_at_another_time(tmp_path: Path) -> None:
    one = govdata.export(panel(), tmp_path / "x.sav").read_bytes()
    time.sleep(1.1)  # the writer stamps seconds
    assert govdata.export(panel(), tmp_path / "x.sav", overwrite=True).read_bytes() == one
    assert one[92:109] == b"01 Jan 0000:00:00"


def test_whole_words_of_spss_are_no_names(tmp_path: Path) -> None:
    for name in ("ALL", "by", "With"):
        with pytest.raises(ArgumentError, match="no reserved word"):
            govdata.export(pd.DataFrame({name: [1]}), tmp_path / "x.sav")


@pytest.mark.parametrize("fault", ["values", "reasons", "stamp", "disk"])
def test_a_fault_leaves_the_older_file_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    path = tmp_path / "x.sav"
    path.write_text("old")
    read, write = pyreadstat.read_sav, pyreadstat.write_sav

    def wrong(*args: object, **options: object) -> object:
        found, about = read(*args, **options)
        number = found["cctv_public"].iloc[0] if fault == "values" else -96
        found["cctv_public"] = found["cctv_public"].where(found["cctv_public"] != number, -98)
        return found, about

    def other(frame: pd.DataFrame, path: Path, **options: object) -> None:
        if fault == "disk":
            raise OSError(28, "No space left on device")
        write(frame, path, **options)
        path.write_bytes(b"$FL2" + b" " * 200)

    if fault in ("values", "reasons"):
        monkeypatch.setattr(pyreadstat, "read_sav", wrong)
    else:
        monkeypatch.setattr(pyreadstat, "write_sav", other)
    with pytest.raises(OSError if fault == "disk" else IntegrityError):
        govdata.export(panel(), path, overwrite=True)
    assert path.read_text() == "old"
    assert [one.name for one in tmp_path.iterdir()] == ["x.sav"]
