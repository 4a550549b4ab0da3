"""Columns that a user changed: labels and reasons of a release are written only where they are still true."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest
from small_frames import merged, panel

import govdata
from govdata.errors import ArgumentError
from govdata.exporting.outline import Column, Outline, outline
from govdata.reasons import REASON_WORDS
from govdata.releases import dataset_names, versions

Change = Callable[[pd.DataFrame], object]


def columns(frame: pd.DataFrame, *, folded: bool = True) -> dict[str, Column]:
    return {column.name: column for column in made(frame, folded=folded).columns}


def made(frame: pd.DataFrame, *, folded: bool = True) -> Outline:
    return outline(frame, "en", reasons=True, folded=folded)


def words(column: Column) -> list[str]:
    assert column.reasons is not None
    return [str(one) for one in REASON_WORDS[column.reasons]]


def surveillance(missing: str = "nan") -> pd.DataFrame:
    chosen = ["cctv_public", "lead_agency"]
    return govdata.load("digital_surveillance", "1.0.0", indicators=chosen, missing=missing)  # type: ignore[arg-type]


@pytest.mark.parametrize("missing", ["nan", "reason"])
@pytest.mark.parametrize("name", dataset_names())
@pytest.mark.filterwarnings("ignore::govdata.errors.ErratumWarning")
def test_no_column_of_a_release_is_taken_for_changed(name: str, missing: str) -> None:
    for version in versions(name):
        frame = govdata.load(name, version, missing=missing)  # type: ignore[arg-type]
        assert made(frame).changed == ()


@pytest.mark.parametrize("language", ["en", "fa", "ar", "zh"])
def test_labels_in_place_of_codes_are_no_change(language: str) -> None:
    assert made(panel().gov.label(language=language)).changed == ()


def test_merged_and_drawn_frames_are_as_released() -> None:
    assert made(merged()).changed == ()
    drawn = govdata.load("digital_surveillance", "1.0.0", ["CHN", "TUV"], indicators="cctv_public", draws=2)
    assert made(drawn).changed == ()
    assert columns(drawn)["cctv_public"].codes


OTHER: dict[str, Change] = {
    "a dummy": lambda values: (values >= 2).astype(int),
    "a dummy of truths": lambda values: values > 1,
    "reversed": lambda values: 4 - values,
    "text": lambda values: values.map({0.0: "none", 1.0: "some", 3.0: "more", 4.0: "most"}),
    "grades": lambda values: pd.cut(values, [-1, 1, 5], labels=["low", "high"]),
    "lagged": lambda values: values.shift(),
    "standardised": lambda values: (values - values.mean()) / values.std(),
    "another indicator": lambda values: pd.Series(np.arange(len(values)) % 5, index=values.index, dtype="float64"),
}


@pytest.mark.parametrize("change", OTHER.values(), ids=OTHER)
@pytest.mark.parametrize("form", ["dta", "sav"])
def test_other_cells_have_no_labels_and_no_reasons(tmp_path: Path, change: Change, form: str) -> None:
    frame = surveillance()
    frame["cctv_public"] = change(frame["cctv_public"])
    with pytest.warns(UserWarning, match=r"^'cctv_public': other cells than in the release") as caught:
        path = govdata.export(frame, tmp_path / f"x.{form}")
    assert [Path(one.filename).name for one in caught] == ["test_changed.py"]
    read = pyreadstat.read_dta if form == "dta" else pyreadstat.read_sav
    _, about = read(path, user_missing=True)
    assert about.column_names_to_labels["cctv_public"] in (None, "")
    texts = set(about.variable_value_labels.get("cctv_public", {}).values())
    assert texts <= {"low", "high"}
    assert about.missing_ranges.get("cctv_public", []) == []
    assert about.column_names_to_labels["lead_agency"] == "Lead agency"
    beside = path.with_suffix(".do" if form == "dta" else ".sps").read_text(encoding="utf-8-sig")
    assert "lead_agency" in beside
    assert not re.search(r"label variable cctv_public |cctv_public\[note|VARIABLES=cctv_public$", beside, re.MULTILINE)


SAME: dict[str, Change] = {
    "filled": lambda values: values.fillna(0),
    "filled with what is no code": lambda values: values.fillna(99),
    "emptied": lambda values: values.where(values != 3),
    "single precision": lambda values: values.astype("float32"),
    "whole": lambda values: values.astype("Int64"),
    "objects": lambda values: values.astype("object"),
    "categories": lambda values: values.astype("category"),
}


@pytest.mark.parametrize("change", SAME.values(), ids=SAME)
def test_filled_and_emptied_cells_leave_the_labels(change: Change) -> None:
    frame = surveillance()
    before = columns(frame)["cctv_public"]
    was_empty = frame["cctv_public"].isna().to_numpy()
    frame["cctv_public"] = change(frame["cctv_public"])
    whole = made(frame)
    after = next(column for column in whole.columns if column.name == "cctv_public")
    assert whole.changed == ()
    assert (after.label, after.codes) == (before.label, before.codes)
    wanted = np.where(was_empty & frame["cctv_public"].isna().to_numpy(), words(before), "")
    assert words(after) == wanted.tolist()


def test_numbers_that_were_rescaled_lose_their_unit() -> None:
    frame = govdata.load("covariates", "1.0.0", indicators=["gdp_pc_ppp", "voice_accountability"])
    frame["gdp_pc_ppp"] /= 1000
    assert made(frame).changed == ("gdp_pc_ppp",)
    assert columns(frame)["gdp_pc_ppp"].label == ""


def test_texts_that_were_changed_or_filled() -> None:
    frame = surveillance()
    filled = frame.assign(lead_agency=frame["lead_agency"].replace("", "nobody"))
    other = frame.assign(lead_agency=frame["lead_agency"].str.upper())
    kinds = frame.assign(lead_agency=frame["lead_agency"].astype("category"))
    for one in (filled, other, kinds):
        one.attrs = frame.attrs
    assert [made(one).changed for one in (filled, other, kinds)] == [(), ("lead_agency",), ()]
    assert set(words(columns(filled)["lead_agency"])) == {""}


def test_a_bound_that_the_user_emptied_has_no_reason() -> None:
    frame = govdata.load("expert_scores", "1.0.0", indicators="v2x_polyarchy")
    before = columns(frame)["v2x_polyarchy_low"]
    frame["v2x_polyarchy_low"] = np.nan
    assert words(columns(frame)["v2x_polyarchy_low"]) == words(before)


def test_names_that_were_exchanged_are_found_out() -> None:
    frame = panel().rename(columns={"cctv_public": "fr_police", "fr_police": "cctv_public"})
    assert set(made(frame).changed) == {"cctv_public", "fr_police"}
    renamed = columns(panel().rename(columns={"cctv_public": "mine"}))["mine"]
    assert (renamed.label, renamed.codes, renamed.reasons) == ("", {}, None)


OVERWRITTEN: dict[str, Change] = {
    "one": lambda _: 1,
    "truths": lambda values: values.ne(""),
    "words": lambda values: values.replace("not_coded", "later"),
}


@pytest.mark.parametrize("change", OVERWRITTEN.values(), ids=OVERWRITTEN)
@pytest.mark.parametrize("folded", [True, False])
def test_a_column_of_reasons_that_holds_something_else_is_kept(change: Change, folded: bool) -> None:
    frame = surveillance("reason")
    before = words(columns(frame)["cctv_public"])
    frame["cctv_public_missing"] = change(frame["cctv_public_missing"])
    after = columns(frame, folded=folded)
    assert after["cctv_public_missing"].cells.tolist() == frame["cctv_public_missing"].tolist()
    assert after["cctv_public_missing"].label == ""
    assert words(after["cctv_public"]) == before
    assert made(frame).changed == ("cctv_public_missing",)


def test_reasons_that_the_user_gives_are_written() -> None:
    frame = surveillance("reason")
    place = int(np.flatnonzero(frame["cctv_public"].notna())[0])
    frame.loc[place, "cctv_public"] = np.nan
    assert words(columns(frame)["cctv_public"])[place] == ""
    frame.loc[place, "cctv_public_missing"] = "unclear"
    assert words(columns(frame)["cctv_public"])[place] == "unclear"


def test_the_r_starter_does_not_read_other_words_as_reasons(tmp_path: Path) -> None:
    frame = surveillance("reason")
    frame["cctv_public_missing"] = 1
    with pytest.warns(UserWarning, match="'cctv_public_missing': other cells"):
        script = govdata.export(frame, tmp_path / "x.R").read_text(encoding="ascii")
    plain = govdata.export(surveillance(), tmp_path / "y.R").read_text(encoding="ascii")
    assert "numbers <- c(4, 5, 6, 7, 8, 9)\n" in plain  # cctv_public and its bounds, cctv_public_sub and its bounds
    assert "numbers <- c(7, 8, 9)\n" in script


KEYS: dict[str, Change] = {
    "dates": lambda frame: frame.assign(year=pd.to_datetime(frame["year"].astype("str"))),
    "numbers of countries": lambda frame: frame.assign(iso3=range(len(frame))),
    "small letters": lambda frame: frame.assign(iso3=frame["iso3"].str.lower()),
    "missing years": lambda frame: frame.assign(year=np.nan),
}


@pytest.mark.parametrize("change", KEYS.values(), ids=KEYS)
def test_rows_that_are_no_unit_and_year_have_no_reason(change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    frame = change(surveillance())
    frame.attrs = surveillance().attrs
    column = columns(frame)["cctv_public"]
    assert set(words(column)) == {""}
    assert column.codes


def test_keys_of_other_types_are_keys() -> None:
    frame = surveillance()
    other = frame.assign(iso3=frame["iso3"].astype("category"), year=frame["year"].astype("category"))
    text = frame.assign(iso3=frame["iso3"].astype("object"), year=frame["year"].astype("str"))
    for one in (other, text):
        one.attrs = frame.attrs
        assert words(columns(one)["cctv_public"]) == words(columns(frame)["cctv_public"])


def test_selected_sorted_and_repeated_rows_keep_their_own_reason() -> None:
    frame = surveillance()
    reasons = pd.Series(words(columns(frame)["cctv_public"]), index=frame.index)
    chosen = frame.sample(frac=3, replace=True, random_state=8)
    assert made(chosen).changed == ()
    assert words(columns(chosen)["cctv_public"]) == reasons[chosen.index].tolist()


def test_means_over_years_are_no_codes() -> None:
    frame = surveillance().groupby("iso3", as_index=False)[["cctv_public"]].mean()
    frame.attrs = surveillance().attrs
    assert made(frame).changed == ("cctv_public",)
    highest = surveillance().groupby("iso3", as_index=False)[["cctv_public"]].max()
    highest.attrs = surveillance().attrs
    assert made(highest).changed == ()


def test_a_frame_without_origin_is_written_plainly(tmp_path: Path) -> None:
    frame = surveillance()
    frame.attrs = {}
    path = govdata.export(frame, tmp_path / "x.dta")
    assert [one.name for one in tmp_path.iterdir()] == ["x.dta"]
    found, about = pyreadstat.read_dta(path)
    assert about.variable_value_labels == {}
    np.testing.assert_array_equal(found["cctv_public"], frame["cctv_public"])


def test_a_release_that_is_not_installed_is_named(tmp_path: Path) -> None:
    frame = panel()
    frame.attrs["version"] = "9.9.9"
    with pytest.warns(UserWarning, match=r"^digital_surveillance 9\.9\.9 is not installed: .* without labels"):
        path = govdata.export(frame, tmp_path / "x.dta")
    assert pyreadstat.read_dta(path)[1].variable_value_labels == {}
    frame.attrs = {"dataset": "a study of my own", "version": "1"}
    govdata.export(frame, tmp_path / "y.dta")


@pytest.mark.parametrize("given", ["text", ["a"], {"a": "text"}, {"a": {"low": "L"}}, {"a": 5}])
def test_value_labels_that_are_none(tmp_path: Path, given: object) -> None:
    frame = pd.DataFrame({"a": [1.0]})
    frame.attrs["value_labels"] = given
    with pytest.raises(ArgumentError, match=r"attrs\['value_labels'\] is not column → {number: label}; mend it"):
        govdata.export(frame, tmp_path / "x.dta")
    frame.attrs = {"labels": "text"}
    with pytest.raises(ArgumentError, match=r"attrs\['labels'\] is not column → label; mend it"):
        govdata.export(frame, tmp_path / "x.dta")
    frame.attrs = {"labels": {"a": np.nan}, "value_labels": None}
    assert pyreadstat.read_dta(govdata.export(frame, tmp_path / "x.dta"))[1].column_names_to_labels["a"] in (None, "")
