"""DataCite metadata: valid under schema 4.5, and read again by another program."""

from __future__ import annotations

import hashlib
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from datacite import schema45

from govdata.describing import described
from govdata.releases import dataset_names, open_release, versions

RELEASES = [(name, version) for name in dataset_names() for version in versions(name)]
SPACE = {"d": "http://datacite.org/schema/kernel-4"}


def of(name: str, version: str | None = None) -> dict[str, Any]:
    found = described(open_release(name, version), "datacite")
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize(("name", "version"), RELEASES)
def test_every_release_is_valid_without_an_invented_identifier(name: str, version: str) -> None:
    found = of(name, version)
    assert [error.message for error in schema45.validator.iter_errors(found)] == []
    assert not {"doi", "prefix", "suffix", "url", "event"} & set(found)
    assert found["version"] == version
    release = open_release(name, version)
    named = {one["alternateIdentifierType"]: one["alternateIdentifier"] for one in found["alternateIdentifiers"]}
    assert named["SHA-256 of SHA256SUMS"] == hashlib.sha256((release.folder / "SHA256SUMS").read_bytes()).hexdigest()
    for path in release.folder.glob("*.csv"):
        assert named[f"SHA-256 of {path.name}"] == hashlib.sha256(path.read_bytes()).hexdigest()
        assert named[f"UNF of {path.name}"].startswith("UNF:6:")


@pytest.mark.parametrize("name", dataset_names())
def test_another_program_writes_it_as_datacite_xml(name: str) -> None:
    found = of(name)
    root = ET.fromstring(schema45.tostring(found))  # noqa: S314 - text made in this test
    assert [one.text for one in root.iterfind("d:titles/d:title", SPACE)] == [found["titles"][0]["title"]]
    assert [one.text for one in root.iterfind("d:creators/d:creator/d:creatorName", SPACE)] == [
        "The govdata contributors"
    ]
    assert root.findtext("d:version", namespaces=SPACE) == found["version"]
    rights = root.find("d:rightsList/d:rights", SPACE)
    assert rights is not None
    assert rights.get("rightsIdentifier") == open_release(name).info.licence
    assert len(root.findall("d:relatedItems/d:relatedItem", SPACE)) == len(found["relatedItems"])
    assert len(root.findall("d:geoLocations/d:geoLocation", SPACE)) == len(found["geoLocations"])


def test_the_providers_of_imported_series_are_named() -> None:
    found = of("expert_scores", "1.0.0")
    items = {one["titles"][0]["title"]: one for one in found["relatedItems"]}
    vdem = items["V-Dem Country-Year Dataset v15"]
    assert vdem["relationType"] == "IsDerivedFrom"
    assert vdem["relatedItemIdentifier"] == {
        "relatedItemIdentifier": "10.23696/vdemds25",
        "relatedItemIdentifierType": "DOI",
    }
    assert {"name": "Coppedge, Michael", "nameType": "Personal"} in vdem["creators"]
    addresses = [one["relatedIdentifier"] for one in found["relatedIdentifiers"]]
    assert len(addresses) == len(set(addresses))
    assert found["rightsList"][0]["rightsIdentifier"] == "CC-BY-SA-4.0"
    assert found["rightsList"][0]["rightsUri"] == "https://creativecommons.org/licenses/by-sa/4.0/"
    assert {"date": "1990/2025", "dateType": "Other", "dateInformation": "Years that the data speak of"} in found[
        "dates"
    ]


def test_coded_data_name_the_lists_they_carried_over_and_no_single_report() -> None:
    found = of("digital_surveillance", "1.0.0")
    titles = {one["titles"][0]["title"] for one in found["relatedItems"]}
    assert "AI and Big Data Global Surveillance Index, 2022 update" in titles
    assert len(titles) == 4


@pytest.mark.usefixtures("released")
@pytest.mark.parametrize("name", ["countries", "figures", "watch"])
def test_the_smallest_datasets_are_described_too(name: str) -> None:
    found = of(name)
    assert [error.message for error in schema45.validator.iter_errors(found)] == []
    assert found["rightsList"][0]["rightsUri"] == "https://creativecommons.org/licenses/by/4.0/"
