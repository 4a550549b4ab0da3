"""The errata of the released data: what a later release corrected stands in the errata of the older one."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

import govdata
from govdata.known_faults import errata, touching
from govdata.releases import open_release

DATASETS = govdata.datasets()["name"].tolist()
STEPS = [(name, *pair) for name in DATASETS for pair in pairwise(govdata.versions(name))]


def corrected(name: str, newer: str) -> list[dict[str, str]]:
    """The cells that a release changed or emptied against the one before it."""
    rows = open_release(name, newer).rows("changes.csv")
    return [row for row in rows if row["change"] in {"value_changed", "value_removed"}]


@pytest.mark.parametrize(("name", "older", "newer"), STEPS)
def test_every_corrected_cell_has_an_erratum(name: str, older: str, newer: str) -> None:
    release = open_release(name, older)
    open_cells = [
        row for row in corrected(name, newer) if not touching(release, row["iso3"], int(row["year"]), row["column"])
    ]
    assert open_cells == []


@pytest.mark.parametrize(("name", "older", "newer"), STEPS)
def test_no_erratum_reaches_further_than_what_was_corrected(name: str, older: str, newer: str) -> None:
    """Each country and year of an erratum that ends with a release was corrected in the next one."""
    changed = {(row["iso3"], int(row["year"]), row["column"]) for row in corrected(name, newer)}
    indicators = {one.id: one for one in open_release(name, older).indicators}
    for row in errata(name, older).to_dict("records"):
        if row["last_version"] != older:
            continue
        for one in row["indicator"].split(";"):
            stem = indicators[one].column(row["scope"])
            own = {column for column in indicators[one].columns() if column.removeprefix(stem) in {"", "_low", "_high"}}
            for iso3 in row["countries"].split(";"):
                for year in range(row["first_year"], row["last_year"] + 1):
                    assert any((iso3, year, column) in changed for column in own), (row["number"], iso3, year)


def test_what_is_known() -> None:
    assert len(corrected("digital_surveillance", "0.2.0")) == 237
    assert corrected("digital_surveillance", "1.0.0") == []
    known = errata("digital_surveillance", "0.1.0")
    assert len(known) == 29
    assert set(known["countries"]) == {"CHN"}
    assert len(errata("digital_surveillance", "0.2.0")) == 0


def test_claims_named_in_errata_exist() -> None:
    known = {row["claim_id"] for row in open_release("digital_surveillance").rows("claims.csv")}
    for row in errata("digital_surveillance").to_dict("records"):
        named = re.findall(r"[A-Z]{3}-[0-9]{4}", row["fault"])
        assert named, row["number"]
        assert set(named) <= known, row["number"]


def test_the_remedy_says_what_the_later_release_holds() -> None:
    panel = open_release("digital_surveillance", "0.2.0").rows("panel.csv")
    newer = {int(row["year"]): row for row in panel if row["iso3"] == "CHN"}
    for number, column, year, value in (
        (8, "cctv_public", 2012, "3"),
        (8, "cctv_public", 2017, "4"),
        (11, "fr_police_sub", 2019, ""),
        (28, "sim_realname", 2011, "1"),
        (28, "sim_realname", 2012, "4"),
    ):
        cell = touching(open_release("digital_surveillance", "0.1.0"), "CHN", year, column)
        assert [one.number for one in cell] == [number]
        assert newer[year][column] == value
