"""Covariates: unsurveyed states are missing, not zero, and nothing is invented between surveys."""

from __future__ import annotations

import govdata

PANEL = govdata.load("covariates", missing="reason")
SURVEYS = {2003, 2004, 2005, 2008, 2010, 2012, 2014, 2016, 2018, 2020, 2022}
EGOV = ["egov_index", "epart_index", "egov_online_service", "egov_human_capital", "egov_telecom"]


def test_no_e_government_index_is_zero() -> None:
    assert not (PANEL["egov_index"] == 0).any()
    iraq = PANEL[(PANEL["iso3"] == "IRQ") & (PANEL["year"] == 2003)].iloc[0]
    assert iraq[EGOV].isna().sum() >= 3
    assert iraq["egov_index_missing"] == "no_evidence"


def test_e_government_exists_in_survey_years_only() -> None:
    for column in EGOV:
        assert set(PANEL.loc[PANEL[column].notna(), "year"]) == SURVEYS
        assert PANEL[column].dropna().between(0, 1).all()
    assert set(PANEL.loc[PANEL["year"] == 2006, "egov_index_missing"]) == {"not_coded"}


def test_ranges() -> None:
    for column in ("internet_users", "urban_share"):
        assert PANEL[column].dropna().between(0, 100).all()
    for column in ("gdp_pc_ppp", "gdp_pc_usd", "population"):
        assert (PANEL[column].dropna() > 0).all()
    assert PANEL.loc[PANEL["urban_share"].notna(), "year"].max() == 2018


def test_the_soviet_union_does_not_receive_russias_figures() -> None:
    assert PANEL.loc[PANEL["iso3"] == "SUN", ["gdp_pc_ppp", "population", "internet_users"]].isna().all(axis=None)


def test_every_figure_has_its_source() -> None:
    cell = govdata.trace("covariates", "CHN", 2018, "gdp_pc_ppp")
    source = cell.decisive[0]["source"]
    assert "World Bank" in source["authors"]
    assert source["licence"]
    assert source["accessed"]
    known = set(govdata.table("covariates", "sources")["source_id"])
    assert set(govdata.table("covariates", "values")["source_id"]) <= known
