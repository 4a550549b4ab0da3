"""Loading: what comes back, what is refused, and with which words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import govdata
from govdata.errors import (
    ArgumentError,
    GovdataError,
    IntegrityError,
    UnknownCountryError,
    UnknownDatasetError,
    UnknownIndicatorError,
    UnknownVersionError,
    UnknownYearError,
)
from govdata.releases import Release, open_release

DATASETS = ["countries", "covariates", "digital_surveillance", "expert_scores"]


@pytest.mark.parametrize("name", DATASETS)
def test_a_panel_is_flat_sorted_and_unique(name: str) -> None:
    frame = govdata.load(name)
    assert list(frame.columns[:3]) == ["iso3", "country_name", "year"]
    assert {str(kind) for kind in frame.dtypes} <= {"str", "int64", "float64"}
    assert frame["year"].dtype == "int64"
    assert isinstance(frame.index, pd.RangeIndex)
    assert not frame.duplicated(["iso3", "year"]).any()
    pd.testing.assert_frame_equal(frame, frame.sort_values(["iso3", "year"], ignore_index=True))
    assert set(frame.attrs) == {"dataset", "version", "sha256"}
    assert frame.attrs["version"] == govdata.versions(name)[-1]
    assert max(len(column) for column in frame.columns) <= 32


@pytest.mark.parametrize("name", DATASETS)
def test_every_year_has_many_units(name: str) -> None:
    least = {"expert_scores": 150}.get(name, 190)
    assert govdata.load(name).groupby("year").size().min() >= least


def test_filters_agree_with_pandas() -> None:
    whole = govdata.load("covariates")
    part = govdata.load("covariates", countries=["SWE", "CHN"], years=range(2000, 2005), indicators="internet_users")
    expected = whole[whole["iso3"].isin(["SWE", "CHN"]) & whole["year"].between(2000, 2004)]
    pd.testing.assert_frame_equal(
        part, expected[["iso3", "country_name", "year", "internet_users"]].reset_index(drop=True), check_exact=True
    )
    one = govdata.load("covariates", countries="CHN", years=np.int64(2001), indicators=["internet_users"])
    assert one.shape == (1, 4)


def test_numbers_are_the_printed_ones() -> None:
    release = open_release("covariates")
    rows = release.rows("panel.csv")
    frame = govdata.load("covariates")
    for column in ("gdp_pc_ppp", "urban_share", "voice_accountability"):
        printed = [float(row[column]) if row[column] else np.nan for row in rows]
        np.testing.assert_array_equal(frame[column].to_numpy(), printed)


def test_versions_and_their_prefixes(released: Path) -> None:
    assert govdata.versions("watch") == ["0.1.0"]
    for version in (None, "0.1.0", "0", "0.1"):
        assert govdata.load("watch", version).attrs["version"] == "0.1.0"
    for wrong in ("latest", "v0.1.0", "0.1.0 ", "9.9.9", "01", "", 0.1, 1):
        with pytest.raises(UnknownVersionError, match=r"watch has no version .*known: 0\.1\.0"):
            govdata.load("watch", wrong)  # type: ignore[arg-type]
    assert (released / "watch").is_dir()


@pytest.mark.parametrize(
    "name",
    ["/etc/passwd", "../../etc/passwd", "digital_surveillance/../countries", "https://example.org/x.csv", "con",
     "digital_surveillance ", "Digital_Surveillance", "~root", "%2e%2e", "", "a" * 300, "digital_surveillanse"],
)  # fmt: skip
def test_a_name_is_never_a_path(name: str) -> None:
    with pytest.raises(UnknownDatasetError, match="known: 'countries', 'covariates'"):
        govdata.load(name)


def test_the_nearest_choice_is_named() -> None:
    for call, error, words in (
        (lambda: govdata.load("expert_score"), UnknownDatasetError, "did you mean 'expert_scores'"),
        (lambda: govdata.load("covariates", countries="CHNA"), UnknownCountryError, "did you mean 'CHN' (China)?"),
        (lambda: govdata.load("covariates", countries="China"), UnknownCountryError, "did you mean 'CHN' (China)?"),
        (lambda: govdata.load("covariates", countries=["USA", "US"]), UnknownCountryError, "'USA' (United States)?"),
        (lambda: govdata.load("covariates", countries="chn"), UnknownCountryError, "did you mean 'CHN' (China)?"),
        (lambda: govdata.load("covariates", years=1889), UnknownYearError, "covers 1990-2025; did you mean 1990?"),
        (lambda: govdata.load("covariates", indicators="internet"), UnknownIndicatorError, "'internet_users'"),
        (lambda: govdata.load("covariates", indicators="v2x_libdem"), UnknownIndicatorError, "is in 'expert_scores'"),
        (lambda: govdata.load("covariates", missing="dorp"), ArgumentError, "did you mean 'drop'?"),  # type: ignore[arg-type]
    ):  # fmt: skip
        with pytest.raises(error) as caught:
            call()
        assert words in str(caught.value)
        assert "\n" not in str(caught.value)
        assert isinstance(caught.value, GovdataError)
        assert caught.value.code == error.default_code


@pytest.mark.parametrize("years", ["2020", "2000:2018", 2018.5, True, [2018, "2019"], pd.Timestamp("2018-01-01")])
def test_years_are_whole_numbers(years: object) -> None:
    with pytest.raises(ArgumentError, match="years takes whole numbers such as 2018"):
        govdata.load("covariates", years=years)  # type: ignore[arg-type]


def test_empty_choices_are_refused() -> None:
    for key in ("countries", "years", "indicators"):
        with pytest.raises(ArgumentError, match=f"{key} is empty; leave it out to take all"):
            govdata.load("covariates", **{key: []})  # type: ignore[arg-type]


def test_namibia_is_not_missing() -> None:
    frame = govdata.load("countries", countries="NAM", indicators="iso2")
    assert set(frame["iso2"]) == {"NA"}


def test_every_missing_cell_has_a_reason(released: Path) -> None:
    frame = govdata.load("watch", missing="reason")
    for column in ("cameras", "cameras_sub", "stops", "crime_effect", "lead"):
        empty = frame[column].isna() | (frame[column] == "")
        assert (frame.loc[empty, f"{column}_missing"] != "").all()
        assert (frame.loc[~empty, f"{column}_missing"] == "").all()
    reasons = frame.set_index(["iso3", "year"])["cameras_missing"]
    assert reasons["AAA", 2000] == "no_evidence"
    assert reasons["CCC", 2004] == "not_coded"
    figures = govdata.load("figures", missing="reason").set_index(["iso3", "year"])["income_missing"]
    assert figures["AAA", 2001] == "no_evidence"
    assert (released / "figures").is_dir()


@pytest.mark.parametrize("name", DATASETS)
def test_real_missing_cells_have_reasons(name: str) -> None:
    frame = govdata.load(name, missing="reason", years=[2016, 2018])
    allowed = {"", "no_evidence", "unclear", "not_applicable", "not_coded"}
    for column in [one for one in frame.columns if one.endswith("_missing")]:
        base = frame[column.removesuffix("_missing")]
        assert set(frame[column]) <= allowed
        assert ((frame[column] != "") == (base.isna() | (base == ""))).all()


def test_drop_leaves_only_filled_rows(released: Path) -> None:
    frame = govdata.load("watch", indicators="cameras", missing="drop")
    assert frame["cameras"].notna().all()
    assert list(frame["year"][frame["iso3"] == "AAA"]) == [2001, 2002, 2003, 2004, 2005]
    assert (released / "watch").is_dir()


@pytest.mark.parametrize("damage", ["flip", "truncate", "remove", "sums"])
def test_a_damaged_release_is_refused(released: Path, damage: str) -> None:
    folder = released / "watch" / "releases" / "0.1.0"
    file = folder / "panel.csv"
    data = file.read_bytes()
    if damage == "flip":
        file.write_bytes(data[:-3] + bytes([data[-3] ^ 1]) + data[-2:])
    elif damage == "truncate":
        file.write_bytes(data[: len(data) // 2])
    elif damage == "remove":
        file.unlink()
    else:
        (folder / "SHA256SUMS").write_bytes(b"garbage\n")
    release = Release(folder) if damage != "sums" else None
    with pytest.raises(IntegrityError, match=r"watch 0.1.0.*(is damaged|cannot be read)"):
        (release or Release(folder)).read("panel.csv")


def test_a_programme_indicator_is_not_a_column() -> None:
    with pytest.raises(UnknownIndicatorError, match="implementation_stage is coded by programme"):
        govdata.load("digital_surveillance", indicators="implementation_stage")


def test_validate_finds_what_breaks_the_codebook(released: Path) -> None:
    frame = govdata.load("watch")
    assert govdata.validate(frame, "watch").empty
    broken = frame.copy()
    broken.loc[0, "cameras"] = 7.0
    broken.loc[1, "cameras_low"], broken.loc[1, "cameras"] = 3.0, 1.0
    before = broken.copy()
    faults = "\n".join(govdata.validate(broken, "watch")["fault"])
    assert "cameras at AAA 2000: 7.0 fails" in faults
    assert "cameras at AAA 2001: fails low <= value <= high" in faults
    pd.testing.assert_frame_equal(broken, before)
    own = frame.assign(my_variable="a", camera_s=1.0)
    assert list(govdata.validate(own, "watch")["fault"]) == [
        "column 'camera_s' is not in the codebook; did you mean 'cameras'?"
    ]
    twice = pd.concat([frame, frame.iloc[[0]]])
    assert len(govdata.validate(twice, "watch"))
    with pytest.raises(ArgumentError, match="the frame has no column 'iso3'"):
        govdata.validate(frame.drop(columns="iso3"), "watch")
    assert (released / "watch").is_dir()


def test_tables_of_a_release(released: Path) -> None:
    stages = govdata.table("watch", "programme_years")
    assert list(stages["stage"]) == ["2", "2", "5", "5", "5"]
    assert stages["year"].dtype == "int64"
    assert set(govdata.table("watch", "claims").dtypes.astype(str)) == {"str"}
    assert list(govdata.table("countries", "units")["iso2"]) == ["AA", "BB", "NA"]
    with pytest.raises(ArgumentError, match=r"watch has no table 'claim'; did you mean 'claims'\?"):
        govdata.table("watch", "claim")
    assert (released / "watch").is_dir()


def test_an_installation_without_data_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("govdata.releases._folder", lambda: tmp_path)
    for call in (govdata.datasets, lambda: govdata.load("countries")):
        with pytest.raises(IntegrityError, match="holds no dataset; reinstall the package"):
            call()
