"""What a file is to hold: labels, codes and the reason of every missing cell."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from small_frames import own, panel

import govdata
from govdata.exporting.outline import Column, Outline, outline, reason_labels
from govdata.reasons import REASON_WORDS


def columns(made: Outline) -> dict[str, Column]:
    return {column.name: column for column in made.columns}


def words(column: Column) -> list[str]:
    assert column.reasons is not None
    return [str(one) for one in REASON_WORDS[column.reasons]]


@pytest.mark.parametrize("name", ["digital_surveillance", "expert_scores", "covariates", "countries"])
def test_every_missing_number_of_a_release_has_a_reason(name: str) -> None:
    frame = govdata.load(name)
    made = outline(frame, "en", reasons=True, folded=True)
    bare = [
        column.name
        for column in made.columns
        if column.is_number
        and (column.cells.isna() & (column.reasons == 0 if column.reasons is not None else True)).any()
    ]
    assert bare == []
    for column in made.columns:
        if column.reasons is not None and column.is_number:
            assert not column.reasons[column.cells.notna()].any()


def test_reasons_are_those_of_load() -> None:
    plain, told = (
        panel(),
        govdata.load("digital_surveillance", "1.0.0", ["CHN", "IRN", "SWE"], [2016, 2019], missing="reason"),
    )
    for column in ("cctv_public", "fr_police_sub", "lead_agency"):
        assert (
            words(columns(outline(plain, "en", reasons=True, folded=True))[column])
            == told[f"{column}_missing"].tolist()
        )


def test_columns_of_reasons_fold_into_the_cells_of_numbers() -> None:
    told = govdata.load(
        "digital_surveillance", "1.0.0", "CHN", indicators=["cctv_public", "lead_agency"], missing="reason"
    )
    told.loc[0, "cctv_public_missing"] = "unclear"
    made = columns(outline(told, "en", reasons=True, folded=True))
    assert "cctv_public_missing" not in made
    assert made["lead_agency_missing"].cells.tolist() == told["lead_agency_missing"].tolist()
    assert words(made["cctv_public"])[0] == "unclear"
    beside = columns(outline(told, "en", reasons=True, folded=False))
    assert beside["cctv_public_missing"].cells.iloc[0] == "unclear"
    assert set(columns(outline(told, "en", reasons=False, folded=True))) == set(told.columns)


def test_a_cell_that_the_user_emptied_has_no_reason() -> None:
    frame = govdata.load("digital_surveillance", countries="CHN", years=2019, indicators="cctv_public")
    assert frame["cctv_public"].notna().all()
    frame["cctv_public"] = np.nan
    assert words(columns(outline(frame, "en", reasons=True, folded=True))["cctv_public"]) == [""]


def test_rows_that_a_release_does_not_have() -> None:
    frame = pd.DataFrame(
        {"iso3": ["CHN", "XXX", None, "CHN", "CHN"], "year": [1850, 2000, 2000, None, 2019], "cctv_public": np.nan}
    )
    frame.attrs = {"dataset": "digital_surveillance", "version": "1.0.0"}
    found = words(columns(outline(frame, "en", reasons=True, folded=True))["cctv_public"])
    assert found == ["not_coded", "not_coded", "", "", ""]  # the last was emptied: the release has a value
    without = outline(frame.drop(columns="year"), "en", reasons=True, folded=True)
    assert columns(without)["cctv_public"].reasons is None


def test_bounds_that_a_source_does_not_give() -> None:
    frame = govdata.load("expert_scores", "1.0.0", indicators="v2smgovdom")
    alone = frame[frame["v2smgovdom"].notna() & frame["v2smgovdom_low"].isna()].reset_index(drop=True)
    assert len(alone) == 176
    made = columns(outline(alone, "en", reasons=True, folded=True))
    assert set(words(made["v2smgovdom_low"])) == {"no_evidence"}
    assert set(words(made["v2smgovdom"])) == {""}


def test_draws_keep_the_reasons_of_cells_that_cannot_be_drawn() -> None:
    frame = govdata.load("digital_surveillance", "1.0.0", ["CHN", "TUV"], indicators="cctv_public", draws=2)
    made = outline(frame, "en", reasons=True, folded=True)
    column = columns(made)["cctv_public"]
    assert [bool(one) for one in words(column)] == column.cells.isna().tolist()
    assert made.about["draws"] == "2"
    assert made.about["draw_rule"] == "uniform"


def test_categories_are_numbers_with_labels() -> None:
    made = columns(outline(own(), "en", reasons=True, folded=True))
    assert made["grade"].cells.tolist()[:2] == [1.0, 3.0]
    assert made["grade"].codes == {1.0: "low", 2.0: "mid", 3.0: "high"}
    assert [made[name].measure for name in ("grade", "party", "flag", "tiny", "text")] == [
        "ordinal",
        "nominal",
        "nominal",
        "scale",
        "nominal",
    ]
    assert isinstance(
        columns(outline(own(), "en", reasons=True, folded=False))["grade"].cells.dtype, pd.CategoricalDtype
    )


@pytest.mark.parametrize("language", ["en", "fa", "ar", "zh"])
def test_labels_in_place_of_codes_become_the_codes_again(language: str) -> None:
    frame = panel()
    back = columns(outline(frame.gov.label(language=language), "en", reasons=True, folded=True))
    want = columns(outline(frame, "en", reasons=True, folded=True))
    np.testing.assert_array_equal(back["cctv_public"].cells, want["cctv_public"].cells)
    assert back["cctv_public"].codes == want["cctv_public"].codes
    assert back["cctv_public"].measure == "ordinal"
    assert words(back["cctv_public"]) == words(want["cctv_public"])


def test_reasons_speak_as_their_dataset_does() -> None:
    frame = govdata.merge(panel(), govdata.load("covariates", indicators="gdp_pc_ppp")).frame
    made = outline(frame, "zh", reasons=True, folded=True)
    of = columns(made)
    assert made.reasons_of(of["cctv_public"], "zh") == reason_labels("claims", "zh")
    assert made.reasons_of(of["gdp_pc_ppp"], "en")["no_evidence"] == "the source has no value"
    assert made.reasons_of(of["year"], "en") == {}
    assert [of["year"].label_in(one) for one in ("en", "fa", "ar", "zh")] == ["Year", "سال", "السنة", "年份"]


def test_the_frame_is_left_alone() -> None:
    frame = panel()
    before, attrs = frame.copy(deep=True), dict(frame.attrs)
    outline(frame, "en", reasons=True, folded=True)
    pd.testing.assert_frame_equal(frame, before)
    assert frame.attrs == attrs
