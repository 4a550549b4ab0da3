"""The register: who exists when, and no code stands for two units at once."""

from __future__ import annotations

import pytest

import govdata

PANEL = govdata.load("countries")
KEYED = PANEL.set_index(["iso3", "year"])


def years(iso3: str) -> tuple[int, int]:
    found = PANEL.loc[PANEL["iso3"] == iso3, "year"]
    return int(found.min()), int(found.max())


@pytest.mark.parametrize(
    ("iso3", "span"),
    [
        ("SUN", (1990, 1991)),
        ("RUS", (1991, 2025)),
        ("CSK", (1990, 1992)),
        ("CZE", (1993, 2025)),
        ("SVK", (1993, 2025)),
        ("DDR", (1990, 1990)),
        ("YMD", (1990, 1990)),
        ("YEM", (1990, 2025)),
        ("YUG", (1990, 2003)),
        ("SCG", (2003, 2006)),
        ("SRB", (2006, 2025)),
        ("MNE", (2006, 2025)),
        ("ERI", (1993, 2025)),
        ("TLS", (2002, 2025)),
        ("SSD", (2011, 2025)),
        ("NAM", (1990, 2025)),
        ("XKX", (2008, 2025)),
        ("DEU", (1990, 2025)),
    ],
)
def test_lives(iso3: str, span: tuple[int, int]) -> None:
    assert years(iso3) == span


def test_kinds_and_sovereigns() -> None:
    assert KEYED.loc[("HKG", 1996), "sovereign"] == "GBR"
    assert KEYED.loc[("HKG", 1997), "sovereign"] == "CHN"
    assert KEYED.loc[("MAC", 1998), "sovereign"] == "PRT"
    assert KEYED.loc[("MAC", 1999), "sovereign"] == "CHN"
    territories = PANEL[PANEL["kind"] == "territory"]
    assert (territories["sovereign"] != "").all()
    assert set(territories["sovereign"]) <= set(PANEL["iso3"])
    assert set(PANEL.loc[PANEL["kind"] == "partial", "iso3"]) == {"ESH", "PSE", "TWN", "XKX"}
    assert set(PANEL.loc[PANEL["un_member"] == 1, "kind"]) == {"state"}
    members = PANEL[(PANEL["un_member"] == 1) & (PANEL["exists_year_end"] == 1)].groupby("year").size()
    assert members[2011] == members[2025] == 193


def test_codes() -> None:
    china = KEYED.loc[("CHN", 2018)]
    assert (china["iso2"], china["iso_numeric"], china["cow_code"], china["gw_code"], china["vdem_id"]) == (
        "CN",
        "156",
        710,
        710,
        110,
    )
    assert KEYED.loc[("NAM", 2018), "iso2"] == "NA"
    assert KEYED.loc[("NOR", 2018), "iso2"] == "NO"
    assert KEYED.loc[("AFG", 2018), "iso_numeric"] == "004"
    assert KEYED.loc[("PRK", 2018), "country_name"] == "North Korea"
    assert KEYED.loc[("KOR", 2018), "country_name"] == "South Korea"


@pytest.mark.parametrize("code", ["iso2", "iso_numeric", "cow_code", "cow_abb", "gw_code", "vdem_id"])
def test_a_code_stands_for_one_unit_at_year_end(code: str) -> None:
    alive = PANEL[(PANEL["exists_year_end"] == 1) & PANEL[code].notna() & (PANEL[code].astype(str) != "")]
    assert not alive.duplicated([code, "year"]).any()
