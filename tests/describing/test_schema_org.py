"""schema.org Dataset: what search engines ask for is there, and nothing is claimed that is not."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from govdata.describing import described
from govdata.releases import dataset_names, open_release, versions

RELEASES = [(name, version) for name in dataset_names() for version in versions(name)]


def of(name: str, version: str | None = None) -> dict[str, Any]:
    found = described(open_release(name, version), "schema.org")
    assert isinstance(found, dict)
    return found


def keys(value: object) -> set[str]:
    if isinstance(value, dict):
        return set(value) | {key for part in value.values() for key in keys(part)}
    return {key for part in value for key in keys(part)} if isinstance(value, list) else set()


@pytest.mark.parametrize(("name", "version"), RELEASES)
def test_every_release_has_what_search_engines_ask_for(name: str, version: str) -> None:
    found, release = of(name, version), open_release(name, version)
    assert (found["@context"], found["@type"]) == ("https://schema.org/", "Dataset")
    assert 50 <= len(found["description"]) <= 5000
    assert found["name"] == release.info.title
    assert found["version"] == version
    assert found["license"].startswith("https://creativecommons.org/licenses/")
    assert found["creator"] == [{"@type": "Organization", "name": "The govdata contributors"}]
    first, last = release.info.years
    assert found["temporalCoverage"] == f"{first}/{last}"
    assert found["isAccessibleForFree"] is True
    assert version in found["citation"]
    ids = [one["propertyID"] for one in found["variableMeasured"]]
    assert ids == [one.id for one in release.indicators if one.columns() and one.id != "country_name"]
    assert all(one["name"] and one["description"] for one in found["variableMeasured"])
    files = {one["name"]: one for one in found["distribution"]}
    assert set(files) == {path.name for path in release.folder.glob("*.csv")}
    for file, one in files.items():
        data = (release.folder / file).read_bytes()
        assert one["sha256"] == hashlib.sha256(data).hexdigest()
        assert one["contentSize"] == f"{len(data)} B"
        assert one["encodingFormat"] == "text/csv"
        assert one["identifier"].startswith("UNF:6:")


@pytest.mark.parametrize("name", dataset_names())
def test_no_address_is_invented(name: str) -> None:
    found = of(name)
    assert "url" not in found
    assert "contentUrl" not in keys(found)
    known = {row["url"] for row in open_release(name).rows("sources.csv")}
    assert {one["url"] for one in found.get("isBasedOn", []) if "url" in one} <= known


def test_codes_and_units_are_told() -> None:
    measured = {one["propertyID"]: one for one in of("digital_surveillance", "1.0.0")["variableMeasured"]}
    assert (measured["cctv_public"]["minValue"], measured["cctv_public"]["maxValue"]) == (0, 4)
    assert "1 = some cities" in measured["cctv_public"]["description"]
    assert measured["cctv_cameras_all"]["unitText"] == "cameras"
    assert "minValue" not in measured["central_local"]


@pytest.mark.usefixtures("released")
def test_few_units_are_named_one_by_one() -> None:
    found = of("watch")
    assert [one["identifier"] for one in found["spatialCoverage"]] == ["AAA", "BBB"]
    assert 50 <= len(found["description"]) <= 5000
    assert json.loads(json.dumps(found)) == found
