"""Recodings of the evidence: the rules applied again, and the cells that change."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

import govdata
from govdata.errors import ArgumentError, UnknownCountryError, UnknownDatasetError, UnknownIndicatorError
from govdata.recodings import Codings, Evidence, codings
from govdata.releases import Release, open_release
from govdata.rules import Cell, decide

DATASET, VERSION = "digital_surveillance", "1.0.0"
CHOSEN = ["net_filtering", "sim_realname", "shutdown_documented", "firm_data_access"]
NAMED = ("lowest", "highest", "subnational", "without_single_source", "without_E0_E1", "without_contested")


@pytest.fixture(scope="module")
def release() -> Release:
    return open_release(DATASET, VERSION)


@pytest.fixture(scope="module")
def found() -> Codings:
    return codings(DATASET, VERSION, indicators=CHOSEN)


def shown(cell: Cell | None, missing: str) -> dict[str, str]:
    one = cell or Cell()
    return {
        "value": one.value,
        "low": one.low,
        "high": one.high,
        "missing": missing,
        "status": one.status if cell else "not_found",
        "grade": one.grade,
        "claim_ids": " ".join(one.claim_ids),
        "considered_ids": " ".join(one.considered_ids),
        "source_ids": " ".join(one.source_ids),
        "adjudication_id": one.adjudication_id,
    }


@pytest.mark.parametrize(("version", "every"), [("1.0.0", 6), ("0.2.0", 1)])
def test_nothing_left_out_gives_the_release_cell_for_cell(version: str, every: int) -> None:
    release = open_release(DATASET, version)
    indicators = {one.id: one for one in release.indicators if one.columns()}
    evidence = Evidence(release, indicators.values())
    values = release.rows("values.csv")
    units = sorted({row["iso3"] for row in values})
    chosen = {*units[::every], "CHN"}
    checked = 0
    for row in values:
        if row["iso3"] not in chosen:
            continue
        one = indicators[row["indicator"]]
        cell = evidence.decide(one, row["iso3"], int(row["year"]), row["scope"])
        again = shown(cell, evidence.reason(one, row["iso3"], cell))
        assert again == {name: row[name] for name in again}, row
        checked += 1
    assert checked > 9_000


def test_names_and_descriptions(found: Codings) -> None:
    assert found.names[: len(NAMED)] == NAMED
    sources = found.names[len(NAMED) :]
    assert all(name.startswith("without:") for name in sources)
    assert all(one < other for one, other in pairwise(sources))
    assert tuple(found.descriptions) == found.names
    assert all(text.endswith(".") for text in found.descriptions.values())
    assert (found.dataset, found.version, found.indicators) == (DATASET, VERSION, tuple(CHOSEN))
    values = open_release(DATASET, VERSION).table("values.csv")
    deciding = {one for ids in values.loc[values["indicator"].isin(CHOSEN), "source_ids"] for one in ids.split()}
    assert {name.removeprefix("without:") for name in sources} == deciding


def test_changes_are_differences(found: Codings) -> None:
    changes = found.changes
    assert list(changes.columns) == ["coding", "iso3", "year", "column", "old", "new", "reason"]
    assert [str(kind) for kind in changes.dtypes] == ["str", "str", "int64", "str", "float64", "float64", "str"]
    assert not changes.duplicated(["coding", "iso3", "year", "column"]).any()
    assert not ((changes["old"] == changes["new"]) | (changes["old"].isna() & changes["new"].isna())).any()
    assert ((changes["reason"] == "") == changes["new"].notna()).all()
    assert set(changes["reason"]) <= {"", "no_evidence", "not_coded", "unclear", "not_applicable", "single_source"}
    places = changes["coding"].map(found.names.index)
    assert places.is_monotonic_increasing
    panel = found.panel.set_index(["iso3", "year"])
    sample = changes.iloc[:: max(1, len(changes) // 300)]
    for row in sample.to_dict("records"):
        old = panel.loc[(row["iso3"], row["year"]), row["column"]]
        assert old == row["old"] or (np.isnan(old) and np.isnan(row["old"]))


def test_the_panel_is_that_of_load(found: Codings) -> None:
    pd.testing.assert_frame_equal(found.panel, govdata.load(DATASET, VERSION, indicators=CHOSEN))


@pytest.mark.parametrize("end", ["low", "high"])
def test_bounds(found: Codings, end: str) -> None:
    frame = found.frame("lowest" if end == "low" else "highest")
    for column in (f"{name}{sub}" for name in CHOSEN for sub in ("", "_sub")):
        bound = found.panel[f"{column}_{end}"]
        pd.testing.assert_series_equal(frame[column], bound.fillna(found.panel[column]), check_names=False)
        pd.testing.assert_series_equal(frame[f"{column}_{end}"], bound)


def test_subnational_is_the_larger_known(found: Codings) -> None:
    frame, panel = found.frame("subnational"), found.panel
    for name in CHOSEN:
        both = panel[[name, f"{name}_sub"]]
        larger = both.max(axis=1)
        above = panel[[f"{name}_low", f"{name}_sub_low"]].max(axis=1) > larger
        assert above.sum() <= 3
        pd.testing.assert_series_equal(frame[name], larger.mask(above), check_names=False)
        pd.testing.assert_series_equal(frame[f"{name}_sub"], panel[f"{name}_sub"])
        known = frame[name].notna()
        assert (frame.loc[known, f"{name}_low"] <= frame.loc[known, name]).all()
        assert (frame.loc[known, f"{name}_high"] >= frame.loc[known, name]).all()


def test_subnational_leaves_other_scales() -> None:
    one = codings(DATASET, VERSION, indicators=["eff_crime_justice", "scheme_legal_basis"], sources=False)
    assert one.counts().set_index("coding").loc["subnational", ["changed", "bounds"]].tolist() == [0, 0]


def test_single_source_cells_are_left_out(found: Codings, release: Release) -> None:
    values = release.table("values.csv")
    values = values[values["indicator"].isin(CHOSEN)]
    single = values[values["source_ids"].str.split().str.len() == 1]
    frame = found.frame("without_single_source").set_index(["iso3", "year"])
    panel = found.panel.set_index(["iso3", "year"])
    for name in CHOSEN:
        for scope, column in (("national", name), ("subnational", f"{name}_sub")):
            own = single[(single["indicator"] == name) & (single["scope"] == scope)]
            gone = pd.MultiIndex.from_frame(own[["iso3", "year"]])
            for each in (column, f"{column}_low", f"{column}_high"):
                assert frame.loc[gone, each].isna().all()
                stays = frame.index.difference(gone)
                pd.testing.assert_series_equal(frame.loc[stays, each], panel.loc[stays, each])


def test_without_a_source_is_the_rule_on_the_other_claims(found: Codings, release: Release) -> None:
    """Every cell decided afresh from the claims file, for the sources that decide most."""
    from govdata.rules import Claim

    indicator = next(one for one in release.indicators if one.id == "net_filtering")
    claims = [Claim.from_row(row) for row in release.rows("claims.csv") if row["indicator"] == "net_filtering"]
    own = found.changes[found.changes["column"] == "net_filtering"]
    sources = own.loc[own["coding"].str.startswith("without:"), "coding"].value_counts().index[:2]
    conditions = {name: (lambda claim, name=name: name != f"without:{claim.source_id}") for name in sources}
    conditions["without_E0_E1"] = lambda claim: claim.grade not in ("E0", "E1")
    conditions["without_contested"] = lambda claim: claim.status != "contested"
    for name, kept in conditions.items():
        frame = found.frame(name)
        for iso3, part in frame.groupby("iso3"):
            left = [claim for claim in claims if claim.iso3 == iso3 and kept(claim)]
            for year, *got in part[["year", "net_filtering", "net_filtering_low", "net_filtering_high"]].itertuples(
                index=False, name=None
            ):
                cell = decide(indicator, left, year, "national") or Cell()
                expected = [float(text) if text else np.nan for text in (cell.value, cell.low, cell.high)]
                np.testing.assert_array_equal(got, expected, err_msg=f"{name} {iso3} {year}")


def test_a_source_takes_what_rests_on_it_alone(found: Codings) -> None:
    used = govdata.cells_using(DATASET, "access_now_stop", VERSION)
    used = used[used["indicator"] == "shutdown_documented"]
    own = found.changes[found.changes["coding"] == "without:access_now_stop"]
    lost = own[own["new"].isna() & own["column"].isin(["shutdown_documented", "shutdown_documented_sub"])]
    assert len(lost) == len(used[used["value"] != ""]) > 3_000


def test_a_decision_falls_with_the_claims_it_names(release: Release) -> None:
    setting = next(row for row in release.rows("adjudications.csv") if row["effect"] == "sets_value")
    indicator = next(one for one in release.indicators if one.id == setting["indicator"])
    evidence = Evidence(release, [indicator])
    place = (indicator, setting["iso3"], int(setting["start_year"]), setting["scope"])
    named = setting["claim_ids"].split(";")
    others = [claim.id for claim in evidence.touching(*place) if claim.id not in named]
    decided = evidence.decide(*place)
    assert decided is not None
    assert (decided.low, decided.high) == (setting["low"], setting["high"])
    assert decided.adjudication_id == setting["adjudication_id"]
    without = evidence.decide(*place, lambda claim: claim.id == named[0])
    assert without is None or without.adjudication_id == ""
    assert others
    kept = evidence.decide(*place, lambda claim: claim.id in others)
    assert kept is not None
    assert kept.adjudication_id == setting["adjudication_id"]


def test_presence_follows_the_claims_it_reads() -> None:
    one = codings(DATASET, VERSION, "RUS", indicators=["sim_realname", "sim_realname_any"])
    level, presence = (
        {(row["coding"], row["year"]) for row in one.changes[one.changes["column"] == column].to_dict("records")}
        for column in ("sim_realname", "sim_realname_any")
    )
    lost = one.changes[(one.changes["column"] == "sim_realname") & one.changes["new"].isna()]
    assert {(row["coding"], row["year"]) for row in lost.to_dict("records")} & presence
    assert level


def test_text_stays_text() -> None:
    one = codings(DATASET, VERSION, ["CHN", "RUS"], indicators=["lead_agency", "net_filtering"])
    frame = one.frame("without_E0_E1")
    assert frame.dtypes.equals(one.panel.dtypes)
    lost = one.changes[(one.changes["column"] == "lead_agency") & one.changes["new"].isna()]
    assert len(lost)
    row = lost.iloc[0]
    cell = one.frame(row["coding"]).set_index(["iso3", "year"]).loc[(row["iso3"], row["year"]), "lead_agency"]
    assert cell == ""
    assert isinstance(row["old"], str)


def test_a_choice_of_rows_is_a_part_of_the_whole(found: Codings) -> None:
    part = codings(DATASET, VERSION, ["CHN", "IRN"], range(2010, 2016), "net_filtering")
    whole = found.changes[
        found.changes["iso3"].isin(["CHN", "IRN"])
        & found.changes["year"].between(2010, 2015)
        & found.changes["column"].str.startswith("net_filtering")
        & found.changes["coding"].isin(part.names)
    ]
    pd.testing.assert_frame_equal(part.changes, whole.reset_index(drop=True))
    assert part.frame("highest").equals(
        found.frame("highest")
        .loc[lambda one: one["iso3"].isin(["CHN", "IRN"]) & one["year"].between(2010, 2015), part.panel.columns]
        .reset_index(drop=True)
    )


def test_imported_scores_have_bounds_only() -> None:
    one = codings("expert_scores", "1.0.0", "CHN", indicators="v2x_polyarchy")
    assert one.names == ("lowest", "highest")
    frame = one.frame("lowest")
    pd.testing.assert_series_equal(frame["v2x_polyarchy"], one.panel["v2x_polyarchy_low"], check_names=False)
    assert frame.attrs["coding"] == "lowest"
    assert "coding" not in one.panel.attrs


def test_counts_and_print(found: Codings) -> None:
    counts = found.counts()
    assert counts["coding"].tolist() == list(found.names)
    assert (counts["changed"] >= counts["lost"] + counts["gained"]).all()
    assert int(counts[["changed", "bounds"]].to_numpy().sum()) == len(found.changes)
    text = str(found)
    assert max(map(len, text.splitlines())) <= 100
    assert "without_single_source" in text
    assert "more sources" in text
    assert repr(found).startswith("<Codings of digital_surveillance 1.0.0")


def test_without_sources() -> None:
    assert codings(DATASET, VERSION, "CHN", indicators="net_filtering", sources=False).names == NAMED


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"name": "countries"}, ArgumentError, "countries is the register of units"),
        ({"name": "digital_surveilance"}, UnknownDatasetError, "did you mean 'digital_surveillance'"),
        ({"indicators": "net_filterin"}, UnknownIndicatorError, "did you mean 'net_filtering'"),
        ({"indicators": []}, ArgumentError, "indicators is empty"),
        ({"indicators": "implementation_stage"}, UnknownIndicatorError, "coded by programme"),
        ({"indicators": "net_filtering", "countries": "chn"}, UnknownCountryError, "did you mean 'CHN'"),
        ({"indicators": "net_filtering", "sources": "all"}, ArgumentError, "sources is True or False, not 'all'"),
    ],
)
def test_refusals(arguments: dict[str, object], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        codings(**({"name": DATASET, "version": VERSION} | arguments))  # type: ignore[arg-type]


def test_unknown_recoding(found: Codings) -> None:
    with pytest.raises(ArgumentError, match="there is no recoding 'lowst'; did you mean 'lowest'"):
        found.frame("lowst")
