"""Coverage: every cell in one state, the states add up, and the picture shows them."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg

import govdata
from govdata import report
from govdata.cellstates import STATES, cells
from govdata.cli import main
from govdata.errors import ArgumentError, UnknownIndicatorError

NAME, OLD = "digital_surveillance", "0.2.0"


def test_every_cell_has_one_state_and_it_is_that_of_the_release() -> None:
    found = cells(NAME, OLD, countries="CHN")
    assert set(found["state"]) <= set(STATES)
    assert not found.duplicated(["iso3", "year", "indicator", "scope"]).any()
    raw = govdata.table(NAME, "values", OLD)
    raw = raw[raw["iso3"] == "CHN"]
    merged = found.merge(raw, on=["iso3", "year", "indicator", "scope"], how="left").fillna("")
    for state, rows in merged.groupby("state"):
        if state == "value":
            assert (rows["value"] != "").all()
        elif state == "zero":
            assert (rows["value"].astype(float) == 0).all()
        elif state == "interval":
            assert ((rows["value"] == "") & (rows["low"] != "")).all()
        elif state == "not_coded":
            assert (rows["missing"] == "").all()
        else:
            assert (rows["missing"] == state).all()


def test_no_effect_is_a_finding_and_not_a_zero() -> None:
    found = cells(NAME, OLD, countries="CHN", indicators=["eff_crime_justice", "shutdown_events"])
    kinds = found.groupby("indicator")["state"].agg(set)
    assert "zero" not in kinds["eff_crime_justice"]
    assert "zero" in kinds["shutdown_events"]


def test_the_counts_add_up_whatever_the_grouping() -> None:
    by_year = govdata.coverage(NAME, "year", OLD)
    by_both = govdata.coverage(NAME, ["indicator", "iso3"], OLD)
    for table in (by_year, by_both):
        assert (table[list(STATES)].sum(axis=1) == table["cells"]).all()
        assert ((table["value"] + table["zero"]) / table["cells"]).equals(table["share"])
    assert by_year[list(STATES)].sum().equals(by_both[list(STATES)].sum())
    assert by_year.attrs["version"] == OLD


def test_shutdowns_of_2020_are_known_by_count() -> None:
    row = govdata.coverage(NAME, "indicator", OLD, years=2020, indicators="shutdown_documented").iloc[0]
    panel = govdata.load(NAME, OLD, years=2020)
    assert row["cells"] == len(panel)
    assert row["zero"] == int((panel["shutdown_documented"] == 0).sum())
    assert row["value"] == int((panel["shutdown_documented"] > 0).sum())


def test_any_scope_takes_the_better_known_cell() -> None:
    one = {scope: govdata.coverage(NAME, "indicator", OLD, scope=scope) for scope in ("national", "subnational", "any")}
    joined = one["any"].merge(one["national"], on="indicator", suffixes=("", "_national"))
    assert (joined["share"] >= joined["share_national"]).all()
    assert (joined["cells"] == joined["cells_national"]).all()


@settings(max_examples=10, deadline=None)
@given(st.lists(st.sampled_from(["cctv_public", "fr_police", "dp_law_state"]), min_size=1, max_size=5))
def test_naming_an_indicator_twice_changes_nothing(names: list[str]) -> None:
    once = govdata.coverage(NAME, "indicator", OLD, indicators=list(dict.fromkeys(names)), years=2018)
    pd.testing.assert_frame_equal(govdata.coverage(NAME, "indicator", OLD, indicators=names, years=2018), once)


def test_measured_data_have_coverage_too() -> None:
    table = govdata.coverage("expert_scores", "indicator", "1.0.0").set_index("indicator")
    assert table.loc["v2x_polyarchy", "share"] > 0.99
    assert table.loc["v2x_polyarchy", "zero"] == 0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: govdata.coverage(NAME, "indicater"), "did you mean 'indicator'"),
        (lambda: govdata.coverage(NAME, []), "by is empty"),
        (lambda: govdata.coverage(NAME, "year", scope="nationl"), "did you mean 'national'"),
        (lambda: govdata.coverage("countries"), "register of units"),
        (lambda: govdata.coverage(NAME, indicators="record_gap"), "keeps claims and makes no value"),
        (lambda: govdata.coverage(NAME, indicators=[]), "indicators is empty"),
        (lambda: report.coverage_map(by="indicator_year"), "did you mean 'indicator-year'"),
        (lambda: report.coverage_map(version=OLD, indicators="shutdown_documented", years=2003), "other years"),
        (lambda: report.coverage_map(path="nowhere/x.png"), "there is no folder"),
    ],
)
def test_mistakes_are_answered_in_one_line(call: object, message: str) -> None:
    with pytest.raises((ArgumentError, UnknownIndicatorError)) as caught:
        call()  # type: ignore[operator]
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_command_prints_the_same() -> None:
    done = CliRunner().invoke(
        main, ["coverage", NAME, "--version", OLD, "--by", "indicator", "--years", "2020", "--format", "json"]
    )
    assert done.exit_code == 0
    rows = json.loads(done.stdout)
    expected = govdata.coverage(NAME, "indicator", OLD, years=2020)
    assert [row["indicator"] for row in rows] == list(expected["indicator"])
    assert [row["zero"] for row in rows] == list(expected["zero"])
    wrong = CliRunner().invoke(main, ["coverage", NAME, "--by", "indicatr"])
    assert wrong.exit_code == 2


@pytest.mark.parametrize("by", ["indicator-year", "country-indicator", "country-year"])
def test_the_map_has_a_row_for_each_and_the_same_bytes_twice(tmp_path: Path, by: str) -> None:
    names = ["cctv_public", "shutdown_documented"]
    files = [tmp_path / f"{turn}.svg" for turn in (1, 2)]
    for file in files:
        figure = report.coverage_map(NAME, by, file, version=OLD, countries=["CHN", "IND", "SWE"], indicators=names)
    rows = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert rows == (names if by == "indicator-year" else ["CHN", "IND", "SWE"])
    assert files[0].read_bytes() == files[1].read_bytes()


def test_a_long_title_stands_above_the_keys_and_inside_the_figure() -> None:
    figure = report.coverage_map(
        NAME, "country-year", version=OLD, countries=["CHN", "IND"], title="A long title " * 12
    )
    FigureCanvasAgg(figure).draw()
    legend = figure.legends[0]
    title, keys = legend.get_title().get_window_extent(), [one.get_window_extent() for one in legend.get_texts()]
    assert all(title.y0 >= key.y1 for key in keys)
    assert title.x1 <= figure.bbox.x1
    assert title.y1 <= figure.bbox.y1
    assert legend.get_window_extent().y0 >= figure.axes[0].get_window_extent().y1


def test_the_map_prints_the_number_of_units() -> None:
    figure = report.coverage_map(NAME, version=OLD, indicators="shutdown_documented")
    printed = [text.get_text() for text in figure.axes[0].texts]
    table = govdata.coverage(NAME, "year", OLD, indicators="shutdown_documented")
    assert printed == [str(one) for one in table["value"] + table["zero"] + table["interval"]]


def test_a_frame_takes_new_columns_without_a_warning() -> None:
    import warnings

    frame = govdata.load(NAME)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        frame["mine"] = 1
        frame["yours"] = frame["mine"] + 1
