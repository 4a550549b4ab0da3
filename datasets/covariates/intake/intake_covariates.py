"""Carry the covariates over from extracts of public country-year data.

Usage: ``python intake_covariates.py DIR``, where DIR holds the extracts named below.

Rules, the same for every indicator:

* A figure is the source's text, digit for digit. Only an exponent is written out, and ``.0`` is
  taken off populations, where the extract added it to whole numbers.
* A row stays only if its unit existed at some time in the year, by the register. World Bank and UN
  series run back over present territories: a figure for "Russia 1990" measures the later Russia,
  not the Soviet Union, so it is left out and never moved to the older unit.
* A unit that lost land keeps its row, with a note where the source counts that land apart (Sudan
  before 2011 without South Sudan).
* What the source lacks has no line. What the source prints but cannot mean, such as the zero of a
  state that was not surveyed, has a line with an empty value, a reason and a note.
* Nothing is interpolated; a survey gives values for its own years only.
"""

from __future__ import annotations

import argparse
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from govdata.curation.intake import (
    Extract,
    Observation,
    Placement,
    load_register,
    number,
    read_extract,
    report,
    write_observations,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

HERE = Path(__file__).resolve().parent

PPP = Extract(
    "wdi_gdppc_ppp_1990_2022.csv",
    "51d7d8f2198ad7bb8ad49913cbad9991634065429bb40cde493d9ea0796ccdfc",
)
WDI = Extract(
    "wdi_2016_2024_subset.csv",
    "cd7b3f6e074e61162e15966a38a83f0be4187454db0f315598171c3df19224b8",
)
POPULATION = Extract(
    "population_un.csv",
    "6fa52ffdd20d02ee67c0f0e1750298d3b9d414faa570593324f1734f19dd1b01",
)
INTERNET = Extract(
    "internet_users_owid_wdi.csv",
    "b93d2714003e6f4233c49b6dbed070d66d5548767df62af7805e9dd516f2eff7",
)
URBAN = Extract(
    "urban_pct_wup2018.csv",
    "e818e0c488597ac7d505d098f208aa176aae49f93f10c2b196bf2b17f805276b",
)
EGOV = Extract(
    "un_egdi_2003_2022.csv",
    "dc69aa15c2427f0231626ea99ab4f83b0ec5c22ace7032244c72dd5e5f420dba",
)
WGI = Extract(
    "wgi_va_1996_2023.csv",
    "d90e00909f294f328deb3e43d70f2abc69f01d2367775b11cf5521b176059ba1",
)

# World Bank codes that differ from ISO 3166-1, as the Governance Indicators use them.
BANK_CODES = {
    "ADO": "AND",
    "KSV": "XKX",
    "ROM": "ROU",
    "TMP": "TLS",
    "WBG": "PSE",
    "ZAR": "COD",
}

# World regions that the urbanisation extract gives the code of a country.
REGIONS = frozenset({"Micronesia (subregion)", "Southern Africa"})

# The last year of estimates; later figures of the 2018 revision are projections.
URBAN_LAST = 2018

# From 2012 on each component is normalised over the year's states: its lowest state has zero.
NORMALISED_FROM = 2012

UNSURVEYED = "not surveyed: the source prints 0"
NO_INDEX = "no index computed: the source prints 0"
NO_FIGURE = "no figure for this component: the source prints 0"
FROM_ZERO = "the source's mean counts a component without a figure as 0"
ABOVE_ONE = "the source prints {}, above the index's maximum of 1"
FROM_ABOVE_ONE = "the source prints {}, computed from a component above 1"

EGOV_COLUMNS = {
    "egov_index": "E-Government Index",
    "epart_index": "E-Participation Index",
    "egov_online_service": "Online Service Index",
    "egov_human_capital": "Human Capital Index",
    "egov_telecom": "Telecommunication Infrastructure Index",
}

Row = dict[str, str]


def plain_series(
    rows: Iterable[Row],
    columns: tuple[str, str, str],
    source: tuple[str, str],
    placement: Placement,
    *,
    whole: bool = False,
) -> list[Observation]:
    """Carry a column over: no line where the source is empty, else its figure.

    ``columns`` names unit, year and value; ``source`` is the source's id and version.
    """
    unit_column, year_column, value_column = columns
    lines = []
    for row in rows:
        if not row[value_column]:
            continue
        year = int(row[year_column])
        iso3 = placement.place(row[unit_column], year)
        if iso3 is not None:
            value = number(row[value_column], whole=whole)
            lines.append(Observation(iso3, year, value, *source))
    return lines


def urban_share(rows: Iterable[Row], placement: Placement) -> list[Observation]:
    """Carry the urban share over, without regions coded as countries and without projections."""
    kept = []
    for row in rows:
        if row["Entity"] in REGIONS:
            placement.read += 1
            placement.drop("a region that the extract codes as a country", row["iso3"])
        elif int(row["Year"]) > URBAN_LAST:
            placement.read += 1
            placement.drop("a projection", "after 2018")
        else:
            kept.append(row)
    source = ("un_wup_2018", "WUP 2018")
    return plain_series(kept, ("iso3", "Year", "urban_pct"), source, placement)


def voice(rows: Iterable[Row], placement: Placement) -> list[Observation]:
    """Carry the governance estimate and its standard error over.

    ``Lower`` and ``Upper`` of the source bound the percentile rank, not the estimate, and stay
    behind.
    """
    lines = []
    for row in rows:
        if not row["Estimate"]:
            continue
        code, year = row["wb_code"], int(row["year"])
        iso3 = placement.place(BANK_CODES.get(code, code), year)
        if iso3 is not None:
            value, error = number(row["Estimate"]), number(row["StdErr"])
            lines.append(Observation(iso3, year, value, "wgi", "WGI 1996-2023", sd=error))
    return lines


def egov_cell(indicator: str, row: Row) -> tuple[str, str, str]:
    """Give value, missing reason and note of one e-government figure.

    The source prints 0 for three things that must not be confused:

    * the state was not surveyed, or had no website to assess (index and online service both 0);
    * a component had no figure (human capital and telecommunication before 2012), or the index was
      therefore not computed although the website was assessed;
    * a true zero: an assessed website without any e-participation or service, and from 2012 on
      the lowest state of a normalised component.
    """
    text = number(row[EGOV_COLUMNS[indicator]])
    figure = Decimal(text)
    index, online, human, telecom = (
        Decimal(row[EGOV_COLUMNS[name]])
        for name in ("egov_index", "egov_online_service", "egov_human_capital", "egov_telecom")
    )
    early = int(row["Survey Year"]) < NORMALISED_FROM
    whole = indicator == "egov_index"
    answer = (text, "", "")
    if figure > 1:
        answer = ("", "unclear", ABOVE_ONE.format(text))
    elif whole and figure and human > 1:
        answer = ("", "unclear", FROM_ABOVE_ONE.format(text))
    elif whole and figure and early and not (human and telecom):
        answer = (text, "", FROM_ZERO)
    elif not figure and not index and not online:
        answer = ("", "no_evidence", UNSURVEYED)
    elif not figure and whole:
        answer = ("", "no_evidence", NO_INDEX)
    elif not figure and early and indicator in ("egov_human_capital", "egov_telecom"):
        answer = ("", "no_evidence", NO_FIGURE)
    return answer


def egov_series(indicator: str, rows: Iterable[Row], placement: Placement) -> list[Observation]:
    """Carry one e-government index over.

    The surveys of 2003 to 2005 cover the 191 member states of the time. The extract lists 193
    codes, of which Montenegro and South Sudan have no rank: what it files under Serbia is the
    member of that time, Serbia and Montenegro.
    """
    lines = []
    for row in rows:
        code, year = row["iso3"], int(row["Survey Year"])
        iso3 = placement.place(code, year, ("SRB", "SCG") if code == "SRB" else ())
        if iso3 is None:
            continue
        value, missing, note = egov_cell(indicator, row)
        if iso3 != code:
            note = "; ".join(part for part in (f"the source files it under {code}", note) if part)
        version = "UN E-Government Surveys 2003-2022"
        lines.append(Observation(iso3, year, value, "un_egov", version, missing=missing, note=note))
    placement.apart.clear()  # rows of members to be, all zeros, are not counts apart
    return lines


def compare_internet(owid: Iterable[Row], wdi: Iterable[Row]) -> str:
    """Say where the two extracts of internet users differ; the first is the one shipped."""
    column = "Share of the population using the Internet"
    first = {(row["Code"], row["Year"]): Decimal(row[column]) for row in owid}
    filled = [row for row in wdi if row["internet_pct"]]
    second = {(row["iso3"], row["year"]): Decimal(row["internet_pct"]) for row in filled}
    both = sorted(first.keys() & second.keys())
    differing = [
        f"{unit} {year} {first[unit, year]} against {second[unit, year]}"
        for unit, year in both
        if abs(first[unit, year] - second[unit, year]) > Decimal("0.0001")
    ]
    only = ", ".join(" ".join(key) for key in sorted(second.keys() - first.keys()))
    return (
        f"internet_users, cross-check with {WDI.file}: {len(both)} cells in both, "
        f"{len(differing)} differ ({'; '.join(differing)}); only there: {only}"
    )


def main(arguments: list[str] | None = None) -> None:
    """Write every observation file of the dataset and print what became of the rows."""
    parser = argparse.ArgumentParser(description="Write covariates/observations from extracts.")
    parser.add_argument("folder", type=Path, metavar="DIR", help="folder of the extracts")
    folder = parser.parse_args(arguments).folder
    register = load_register(HERE.parents[1] / "countries" / "units.csv")
    ppp = read_extract(folder, PPP, ("country_code", "year", "gdp_per_capita_ppp_2017"))
    wdi = read_extract(folder, WDI, ("iso3", "year", "gdppc", "internet_pct"))
    population = read_extract(folder, POPULATION, ("Code", "Year", "Population, total"))
    share = "Share of the population using the Internet"
    internet = read_extract(folder, INTERNET, ("Code", "Year", share))
    urban = read_extract(folder, URBAN, ("Entity", "Year", "iso3", "urban_pct"))
    egov = read_extract(folder, EGOV, ("iso3", "Survey Year", *EGOV_COLUMNS.values()))
    wgi = read_extract(folder, WGI, ("wb_code", "year", "Estimate", "StdErr"))

    series: dict[str, Callable[[Placement], list[Observation]]] = {
        "gdp_pc_ppp": lambda placement: plain_series(
            ppp,
            ("country_code", "year", "gdp_per_capita_ppp_2017"),
            ("wdi_gdp_pc_ppp", "WDI, 2017 PPP"),
            placement,
        ),
        "gdp_pc_usd": lambda placement: plain_series(
            wdi, ("iso3", "year", "gdppc"), ("wdi_2025_10", "WDI 2025-10-07"), placement
        ),
        "population": lambda placement: plain_series(
            population,
            ("Code", "Year", "Population, total"),
            ("un_wpp", "UN WPP via OWID 2026-04"),
            placement,
            whole=True,
        ),
        "internet_users": lambda placement: plain_series(
            internet, ("Code", "Year", share), ("itu_internet", "ITU via OWID 2026-04"), placement
        ),
        "urban_share": lambda placement: urban_share(urban, placement),
        "voice_accountability": lambda placement: voice(wgi, placement),
    }
    for name in EGOV_COLUMNS:
        series[name] = lambda placement, name=name: egov_series(name, egov, placement)  # type: ignore[misc]
    for name, read in series.items():
        placement = Placement(register)
        lines = [placement.annotate(line) for line in read(placement)]
        written = write_observations(HERE.parent / "observations", name, lines)
        print(report(name, placement, written, sum(bool(line.missing) for line in lines)))
    print(compare_internet(internet, wdi))


if __name__ == "__main__":
    main()
