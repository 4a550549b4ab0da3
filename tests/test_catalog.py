"""Loading: what comes back, what is refused, and with which words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import govdata
from govdata import releases
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
from govdata.panelfile import column_types, read_panel
from govdata.releases import Release, open_release
from govdata.textio import csv_bytes

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


@pytest.mark.parametrize("name", DATASETS)
def test_every_cell_of_every_release_is_the_printed_one(name: str) -> None:
    for version in govdata.versions(name):
        release = open_release(name, version)
        rows = release.rows("panel.csv")
        frame = read_panel(release.read("panel.csv"), release.indicators)
        assert list(frame.columns) == list(rows[0])
        for column, cells in frame.items():
            printed = [row[str(column)] for row in rows]
            if cells.dtype == "str":
                assert cells.tolist() == printed, column
            else:
                numbers = np.array([float(cell) if cell else np.nan for cell in printed])
                np.testing.assert_array_equal(cells.to_numpy(), numbers, err_msg=str(column))  # to the last digit


def test_columns_asked_for_are_read_as_in_the_whole() -> None:
    for name in DATASETS:
        release = open_release(name)
        data = release.read("panel.csv")
        whole = read_panel(data, release.indicators)
        for chosen in (list(whole.columns[:1]), list(whole.columns[-3:]), list(whole.columns[::4])):
            part = read_panel(data, release.indicators, chosen)
            pd.testing.assert_frame_equal(part, whole[chosen], check_exact=True, check_column_type=False)


CELLS = st.one_of(
    st.sampled_from(["", "1", "007", "1.0", "1e5", "-0", "nan", "inf", "NA", "True", "false", "a;b", 'say "a"', "a,b"]),
    st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0", exclude_categories=["Cs"]), max_size=4),
    st.integers(-(10**20), 10**20).map(str),
)
NUMBERS = st.one_of(st.just(""), st.integers(-(2**70), 2**70).map(str), st.floats(allow_nan=False).map(repr))


@settings(max_examples=80)
@given(
    texts=st.lists(st.tuples(CELLS, NUMBERS, NUMBERS), min_size=1, max_size=6),
    repeats=st.integers(1, 3),
    empty=st.booleans(),
)
def test_a_panel_is_read_as_python_reads_it(texts: list[tuple[str, str, str]], repeats: int, *, empty: bool) -> None:
    indicators = open_release("countries").indicators
    text = "sovereign"
    figures = [one.id for one in indicators if one.columns() and not one.is_text]
    columns = ["iso3", "country_name", "year", text, *figures]
    rows = [
        {"iso3": "AAA", "country_name": "A", "year": str(1990 + at), text: cell}
        | {name: "" if empty else (one, two)[place % 2] for place, name in enumerate(figures)}
        for at, (cell, one, two) in enumerate(texts * repeats)
    ]
    frame = read_panel(csv_bytes(columns, rows), indicators)
    assert {column: str(kind) for column, kind in frame.dtypes.items()} == column_types(columns, indicators)
    assert frame[text].tolist() == [row[text] for row in rows]
    for name in figures:
        expected = [float(row[name]) if row[name] else np.nan for row in rows]
        np.testing.assert_array_equal(frame[name].to_numpy(), expected)  # to the last digit


@pytest.mark.parametrize(("column", "cell"), [("year", ""), ("year", "2000.5"), ("year", "x"), ("figure", "x")])
def test_what_is_no_number_is_not_read(column: str, cell: str) -> None:
    indicators = open_release("countries").indicators
    figure = next(one.id for one in indicators if one.columns() and not one.is_text)
    columns = ["iso3", "country_name", "year", figure]
    row = {"iso3": "AAA", "country_name": "A", "year": "2000", figure: "1"}
    good = csv_bytes(columns, [row])
    assert read_panel(good, indicators).shape == (1, 4)
    with pytest.raises(ValueError, match=r"."):
        read_panel(csv_bytes(columns, [row, row | {figure if column == "figure" else column: cell}]), indicators)


@pytest.mark.parametrize("name", DATASETS)
def test_columns_can_be_added_without_a_warning(name: str) -> None:
    frame = govdata.load(name)
    for at in range(50):
        frame[f"mine_{at}"] = at  # a warning would be an error here
    assert frame["mine_49"].eq(49).all()


def test_what_a_reader_changes_stays_with_the_reader() -> None:
    first = govdata.load("covariates")
    first.loc[:, "population"] = -1.0
    first.attrs["dataset"] = "mine"
    second = govdata.load("covariates")
    assert second["population"].min() >= 0
    assert second.attrs["dataset"] == "covariates"


def test_damage_is_found_at_a_second_load(released: Path) -> None:
    assert len(govdata.load("watch"))
    panel = released / "watch" / "releases" / "0.1.0" / "panel.csv"
    panel.write_bytes(panel.read_bytes().replace(b"2000", b"2001", 1))
    with pytest.raises(IntegrityError, match=r"panel\.csv is damaged"):
        govdata.load("watch")


@pytest.mark.usefixtures("released")
def test_a_loaded_frame_is_the_readers_own() -> None:
    """Panels are kept after they were read; what a reader does to one never reaches the next."""
    whole = govdata.load("figures")
    expected = whole.copy()
    column = next(name for name in whole.columns if whole[name].dtype == "float64")
    whole.loc[0, column] = -12345.0
    whole["mine"] = 1.0
    whole.attrs["mine"] = 1
    del whole["iso3"]
    again = govdata.load("figures")
    pd.testing.assert_frame_equal(again, expected)
    assert again.attrs == expected.attrs
    part = govdata.load("figures", indicators=[column])
    part[column] = -1.0
    pd.testing.assert_frame_equal(govdata.load("figures"), expected)
    with pytest.raises(ValueError, match="read-only"):
        again[column].to_numpy()[0] = 5.0


def test_few_panels_are_kept() -> None:
    for name in govdata.datasets()["name"]:
        for version in govdata.versions(name):
            govdata.load(name, version)
    assert len(releases._PANELS) == releases._WHOLE
