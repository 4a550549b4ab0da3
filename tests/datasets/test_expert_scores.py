"""Expert scores: each value says which release it comes from, and the gap between releases stays a gap."""

from __future__ import annotations

import govdata

PANEL = govdata.load("expert_scores")
VALUES = govdata.table("expert_scores", "values")


def test_releases_are_never_joined_or_interpolated() -> None:
    monitoring = PANEL[PANEL["v2smgovsmmon"].notna()]
    assert set(monitoring["year"]) == {*range(2000, 2019), 2021}
    assert set(monitoring.loc[monitoring["year"] <= 2018, "source_version"]) == {"DSP v1"}
    assert set(monitoring.loc[monitoring["year"] == 2021, "source_version"]) == {"V-Dem v12"}
    assert set(PANEL.loc[PANEL["v2smgovsmmon"].isna(), "source_version"]) <= {"", "DSP v1"}
    for column in ("v2smprivex", "v2smregcap"):
        assert PANEL.loc[PANEL[column].notna(), "year"].max() == 2018


def test_every_value_names_its_release() -> None:
    filled = VALUES[VALUES["value"] != ""]
    assert (filled["source_version"] != "").all()
    assert set(filled.loc[filled["indicator"] == "v2x_polyarchy", "source_version"]) == {"V-Dem v15"}


def test_intervals_stand_around_their_value() -> None:
    for name in ("v2x_polyarchy", "v2x_libdem", "v2smgovsmmon", "v2smgovfilprc"):
        rows = PANEL[PANEL[f"{name}_low"].notna()]
        assert len(rows) > 3000
        assert (rows[f"{name}_low"] <= rows[name]).all()
        assert (rows[name] <= rows[f"{name}_high"]).all()
        assert (rows[f"{name}_sd"].dropna() >= 0).all()
    assert PANEL.loc[PANEL["year"] == 2021, "v2smgovsmmon_low"].isna().all()


def test_polyarchy_covers_every_year_it_should() -> None:
    by_year = PANEL[PANEL["v2x_polyarchy"].notna()].groupby("year").size()
    assert set(by_year.index) == set(range(1990, 2025))
    assert by_year.min() >= 150


def test_the_licence_is_share_alike_and_named() -> None:
    info = govdata.datasets().set_index("name")
    assert info.loc["expert_scores", "licence"] == "CC-BY-SA-4.0"
    others = info.drop(index="expert_scores")["licence"]
    assert set(others) == {"CC-BY-4.0"}
    for name in others.index:
        columns = govdata.load(name).columns
        assert not [column for column in columns if column.startswith(("v2x_", "v2sm"))]
