"""What hangs on a source, and what is left without it."""

from __future__ import annotations

import time
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

import govdata
from govdata.cli import main
from govdata.errors import ArgumentError
from govdata.releases import open_release
from govdata.retraction import cells_using

COLUMNS = ["iso3", "year", "indicator", "scope", "value", "role", "alone", "claim_ids"]
WITHOUT = ["without", "without_low", "without_high", "without_missing"]


def test_cells_and_what_is_left(released: Path) -> None:
    cells = cells_using("watch", "daily_news")
    assert list(cells.columns) == COLUMNS + WITHOUT
    assert (cells["year"].dtype, cells["alone"].dtype) == ("int64", "bool")
    own = cells[(cells["iso3"] == "AAA") & (cells["indicator"] == "cameras")]
    assert own["year"].tolist() == [2003, 2004, 2005]
    # Level 3 rests on the paper alone; the law still says 1.
    assert (
        own[["value", "alone", "claim_ids", "without", "without_low", "without_high"]].to_numpy().tolist()
        == [["3", True, "AAA-0002", "1", "1", "1"]] * 3
    )
    assert released.is_dir()


def test_a_contested_claim_widens_bounds_and_decides_nothing(released: Path) -> None:
    narrow = cells_using("watch", "daily_news")
    wide = cells_using("watch", "daily_news", considered=True)
    assert set(narrow["role"]) == {"decides"}
    added = wide[wide["role"] == "considered"]
    assert not added["alone"].any()
    one = added[(added["iso3"] == "BBB") & (added["year"] == 2001) & (added["indicator"] == "cameras")].iloc[0]
    assert (one["value"], one["claim_ids"]) == ("2", "BBB-0002")
    assert govdata.trace("watch", "BBB", 2001, "cameras").high == "3"
    assert (one["without"], one["without_low"], one["without_high"]) == ("2", "2", "2")
    rest = wide[wide["role"] == "decides"].reset_index(drop=True)
    pd.testing.assert_frame_equal(rest, narrow)
    assert released.is_dir()


def test_several_sources_fall_together(released: Path) -> None:
    both = cells_using("watch", ["daily_news", "law_gazette"])
    assert both["alone"].all()
    assert (both["without"] == "").all()
    assert (both["without_missing"] != "").all()
    single = [cells_using("watch", one) for one in ("daily_news", "law_gazette")]
    key = ["iso3", "year", "indicator", "scope"]
    assert {tuple(row) for row in both[key].to_numpy()} == {tuple(row) for one in single for row in one[key].to_numpy()}
    assert released.is_dir()


def test_imported_values_have_one_source(released: Path) -> None:
    cells = cells_using("figures", "daily_news")
    assert len(cells) > 0
    assert cells["alone"].all()
    assert set(cells["without_missing"]) == {"not_coded"}
    assert released.is_dir()


def test_what_is_left_is_what_codings_give() -> None:
    source = "aigs_2022"
    found = govdata.codings("digital_surveillance", "1.0.0", ["IND", "FRA", "ISL"], indicators=["fr_police"])
    changed = found.changes[(found.changes["coding"] == f"without:{source}") & (found.changes["column"] == "fr_police")]
    cells = cells_using("digital_surveillance", source, "1.0.0", considered=True)
    cells = cells[cells["iso3"].isin(["IND", "FRA", "ISL"]) & (cells["indicator"] == "fr_police")]
    differ = cells[cells["value"] != cells["without"]]
    assert len(differ) == len(changed) > 0
    assert differ["iso3"].tolist() == changed["iso3"].tolist()
    assert [float(one or "nan") for one in differ["without"]] == pytest.approx(changed["new"].tolist(), nan_ok=True)
    assert differ["without_missing"].tolist() == changed["reason"].tolist()


def test_every_cell_of_a_source_and_no_other() -> None:
    values = open_release("digital_surveillance", "1.0.0").table("values.csv")
    for source in ("access_now_stop", "cd_trips_2018", "aigs_2022"):
        rows = values[[source in ids.split() for ids in values["source_ids"]]].reset_index(drop=True)
        cells = cells_using("digital_surveillance", source, "1.0.0")
        key = ["iso3", "year", "indicator", "scope", "value"]
        pd.testing.assert_frame_equal(cells[key], rows[key])
        assert cells["alone"].tolist() == [ids == source for ids in rows["source_ids"]]


def test_it_is_quick() -> None:
    cells_using("digital_surveillance", "cd_trips_2018", "1.0.0")
    start = time.process_time()
    cells_using("digital_surveillance", "cd_trips_2018", "1.0.0")
    assert time.process_time() - start < 2


def test_it_refuses_what_is_not_there(released: Path) -> None:
    with pytest.raises(ArgumentError, match="watch has no source 'daily_new'; did you mean 'daily_news'"):
        cells_using("watch", "daily_new")
    with pytest.raises(ArgumentError, match="watch has no source 'nobody'"):
        cells_using("watch", ["daily_news", "nobody"])
    with pytest.raises(ArgumentError, match="source_id is empty"):
        cells_using("watch", [])
    with pytest.raises(ArgumentError, match="considered is True or False"):
        cells_using("watch", "daily_news", considered="yes")  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="stand beside each unit"):
        cells_using("countries", "law_gazette")
    assert released.is_dir()


def test_the_command(released: Path) -> None:
    run = CliRunner().invoke(main, ["cells-using", "watch", "daily_news", "--format", "csv"])
    assert run.exit_code == 0
    cells = cells_using("watch", "daily_news")
    assert run.stdout == cells.to_csv(index=False, lineterminator="\n")
    changed = int((cells["value"] != cells["without"]).sum())
    counted = (
        f"{len(cells)} cells, {int(cells['alone'].sum())} of them on nothing else; without it {changed} values differ"
    )
    assert counted in run.stderr
    wrong = CliRunner().invoke(main, ["cells-using", "watch", "daily_new"])
    assert (wrong.exit_code, wrong.stderr.count("\n")) == (2, 1)
    assert released.is_dir()
