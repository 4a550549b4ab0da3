"""Croissant 1.1: the reference reader finds no fault in it, and reads the releases' tables by it."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import shutil
from pathlib import Path
from typing import Any

import mlcroissant
import pytest

from govdata import vocabulary
from govdata.columntexts import TABLES
from govdata.describing.croissant import croissant
from govdata.errors import ArgumentError
from govdata.releases import Release, dataset_names, open_release, versions

RELEASES = [open_release(name, version) for name in dataset_names() for version in versions(name)]
LINES = 40  # of each table that the reader is given,
PANEL_LINES = 5  # and of the panel: it takes seconds for a hundred rows of 271 columns
# The first two are the reader's own ways with a wide table, the third is its library's with JSON-LD; none of them
# changes anything of what it reads.
pytestmark = [
    pytest.mark.filterwarnings("ignore:DataFrame is highly fragmented"),
    pytest.mark.filterwarnings("ignore:Columns .* have mixed types"),
    pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning"),
]


def written(release: Release, folder: Path) -> tuple[dict[str, Any], Path]:
    """Write the head of every table and the description of that; only the check sums are not those of the release."""
    said = json.loads(json.dumps(croissant(release)))
    for file in said["distribution"]:
        data = release.read(file["contentUrl"])
        if file["contentUrl"].endswith(".csv"):
            lines = PANEL_LINES if file["contentUrl"] == "panel.csv" else LINES
            data = b"".join(data.splitlines(keepends=True)[: lines + 1])
        (folder / file["contentUrl"]).write_bytes(data)
        file["sha256"] = hashlib.sha256(data).hexdigest()
    path = folder / "croissant.json"
    path.write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")
    return said, path


def same(cell: str, read: object, kind: str, separator: str) -> bool:
    """Whether the reader gives a cell as it stands; it takes texts that look like numbers for numbers."""
    if cell in ("", "NA"):  # it takes Namibia's code for a missing cell
        return read is None
    if kind in ("sc:Integer", "sc:Float"):
        return read == float(cell)
    if kind == "sc:Date":
        return str(read)[:10] == cell
    if isinstance(read, list):
        return [part.decode() for part in read] == cell.split(separator)
    assert isinstance(read, bytes)
    try:
        return read.decode() == cell or float(read) == float(cell)
    except ValueError:
        return False


@pytest.mark.parametrize("release", RELEASES, ids=str)
def test_the_reference_reader_reads_every_table_by_the_description(
    release: Release, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    said, path = written(release, tmp_path)
    dataset = mlcroissant.Dataset(jsonld=path)
    issues = dataset.metadata.ctx.issues
    assert (issues.errors, issues.warnings) == (set(), set())
    assert [record.getMessage() for record in caplog.records if record.levelname != "INFO"] == []
    assert {one["@id"] for one in said["recordSet"] if "data" not in one} == {
        file.removesuffix(".csv") for file in release.files if file.endswith(".csv")
    }
    for table in said["recordSet"]:
        if "data" in table:
            continue
        name = table["@id"]
        rows = list(csv.DictReader(io.StringIO((tmp_path / f"{name}.csv").read_text(encoding="utf-8"))))
        for operation in dataset.operations.operations.nodes:
            vars(operation).pop("_output", None)  # kept from the table before, and no longer fit to be read
        read = list(dataset.records(name))
        assert len(read) == len(rows), name
        kinds = {
            field["name"]: (field["dataType"], field["source"].get("transform", {}).get("separator", ""))
            for field in table["field"]
        }
        assert list(kinds) == list(rows[0] if rows else kinds)
        for row, record in zip(rows, read, strict=True):
            wrong = {
                column: (cell, record[f"{name}/{column}"])
                for column, cell in row.items()
                if not same(cell, record[f"{name}/{column}"], *kinds[column])
            }
            assert wrong == {}, name


def test_the_reader_takes_the_released_files_themselves(tmp_path: Path) -> None:
    release = open_release("covariates", "1.0.0")
    for file in release.files:
        shutil.copy(release.folder / file, tmp_path / file)
    path = tmp_path / "croissant.json"
    path.write_text(json.dumps(croissant(release)), encoding="utf-8")
    dataset = mlcroissant.Dataset(jsonld=path)
    first = next(iter(dataset.records("panel")))
    assert first["panel/iso3"] == b"ABW"
    assert first["panel/gdp_pc_ppp"] == 32278.87
    (tmp_path / "panel.csv").write_bytes(release.read("panel.csv") + b"\n")
    with pytest.raises(mlcroissant.GenerationError) as caught:
        next(iter(mlcroissant.Dataset(jsonld=path).records("panel")))
    assert "not identical with the reference" in str(caught.value.__cause__)


@pytest.mark.parametrize("release", RELEASES, ids=str)
def test_identifiers_are_unique_and_every_reference_is_to_a_key(release: Release) -> None:
    said = croissant(release)
    fields = {field["@id"]: (table, field) for table in said["recordSet"] for field in table["field"]}
    every = [one["@id"] for one in (*said["distribution"], *said["recordSet"])]
    assert len({*every, *fields}) == len(every) + sum(len(table["field"]) for table in said["recordSet"])
    files = {one["@id"]: one for one in said["distribution"]}
    for table, field in fields.values():
        if "source" in field:
            assert field["source"]["fileObject"]["@id"] in files
        if "references" in field:
            target, goal = fields[field["references"]["field"]["@id"]]
            assert target["key"] == {"@id": goal["@id"]}
            assert goal["dataType"] == field["dataType"], (table["@id"], field["@id"])
    for table in said["recordSet"]:
        rows: list[Any] = table.get("data", [])
        assert all(list(row) == [field["@id"] for field in table["field"]] for row in rows)
        if "data" in table:
            assert table["dataType"] == "sc:Enumeration"
            assert f"{table['@id']}/name" in fields
            assert len({row[table["key"]["@id"]] for row in rows}) == len(rows)


def test_the_dataset_is_described() -> None:
    release = open_release("digital_surveillance", "1.0.0")
    said = croissant(release)
    assert said["conformsTo"][0] == "http://mlcommons.org/croissant/1.1"
    assert said["name"] == release.info.title
    assert (said["version"], said["datePublished"]) == ("1.0.0", "2026-11-22")
    assert said["license"] == "https://creativecommons.org/licenses/by/4.0/"
    assert said["creator"] == [{"@type": "sc:Organization", "name": name} for name in release.info.creators]
    assert said["citeAs"].startswith("@misc{govdata_digital_surveillance_1_0_0,")
    assert all(f"{reason} (" in said["rai:dataCollectionMissingData"] for reason in vocabulary.MISSING_REASONS)
    sums = {one["contentUrl"]: (one["sha256"], one["contentSize"]) for one in said["distribution"]}
    assert set(sums) == set(release.files)
    panel = release.read("panel.csv")
    assert sums["panel.csv"] == (hashlib.sha256(panel).hexdigest(), f"{len(panel)} B")


def test_keys_references_and_code_lists() -> None:
    said = croissant(open_release("digital_surveillance", "1.0.0"))
    tables = {table["@id"]: table for table in said["recordSet"]}
    assert tables["panel"]["key"] == [{"@id": "panel/iso3"}, {"@id": "panel/year"}]
    fields = {field["@id"]: field for table in said["recordSet"] for field in table["field"]}
    assert fields["claims/source_id"]["references"] == {"field": {"@id": "sources/source_id"}}
    assert fields["claims/programme_id"]["references"] == {"field": {"@id": "programmes/programme_id"}}
    assert fields["values/missing"]["references"] == {"field": {"@id": "missing_codes/code"}}
    for column in ("cctv_public", "cctv_public_low", "cctv_public_sub_high"):
        assert fields[f"panel/{column}"]["references"] == {"field": {"@id": "cctv_public_codes/code"}}
        assert fields[f"panel/{column}"]["dataType"] == "sc:Integer"
    codes = tables["cctv_public_codes"]
    assert codes["description"] == "In order, lowest first."
    assert codes["data"][1] == {
        "cctv_public_codes/code": 1,
        "cctv_public_codes/name": "some cities",
        "cctv_public_codes/name_fa": "برخی شهرها",
        "cctv_public_codes/name_ar": "بعض المدن",
        "cctv_public_codes/name_zh": "部分城市",
    }
    assert [row["missing_codes/code"] for row in tables["missing_codes"]["data"]] == list(vocabulary.MISSING_REASONS)
    assert fields["panel/lead_agency"]["isArray"]
    assert fields["panel/lead_agency"]["source"]["transform"] == {"separator": ";"}
    assert "references" not in fields["panel/lead_agency"]
    assert fields["sources/url"]["dataType"] == "sc:URL"
    assert fields["sources/title"]["equivalentProperty"] == "sc:name"
    assert fields["claims/status"]["references"] != fields["values/status"]["references"]
    assert set(TABLES) >= {name for name, table in tables.items() if "data" not in table}


def test_an_address_is_given_and_not_invented() -> None:
    release = open_release("countries", "1.0.0")
    assert "url" not in croissant(release)
    assert croissant(release, url="https://example.org/data")["url"] == "https://example.org/data"
    with pytest.raises(ArgumentError, match=r"url='example\.org' is no address"):
        croissant(release, url="example.org")


def test_a_small_dataset_of_every_kind(released: Path, tmp_path: Path) -> None:
    for folder in sorted(released.glob("*/releases/*")):
        target = tmp_path / "written" / folder.parent.parent.name
        target.mkdir(parents=True)
        _, path = written(Release(folder), target)
        issues = mlcroissant.Dataset(jsonld=path).metadata.ctx.issues
        assert (issues.errors, issues.warnings) == (set(), set())
