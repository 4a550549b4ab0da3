"""Data Package v2: valid under the official profile, and true of every cell of every release."""

from __future__ import annotations

import hashlib
import json
import re
from copy import deepcopy
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pandas as pd
import pytest

from govdata import vocabulary
from govdata.columntexts import COMMON, TABLES
from govdata.curation.panel import OBSERVED_COLUMNS, PROGRAMME_YEAR_COLUMNS, VALUE_COLUMNS
from govdata.curation.read import READING_TABLES
from govdata.curation.release import rebuild_differences, write_release
from govdata.describing import metadata
from govdata.describing.about import rows_of
from govdata.errors import CurationError
from govdata.packaging import package_faults
from govdata.releases import Release, dataset_names, open_release, versions

RELEASES = [(name, version) for name in dataset_names() for version in versions(name)]
PROFILES = files("dplib") / "profiles" / "2.0"
WORLD = ("digital_surveillance", "1.0.0")


def profile(name: str) -> jsonschema.Draft7Validator:
    return jsonschema.Draft7Validator(json.loads((PROFILES / f"{name}.json").read_text(encoding="utf-8")))


@cache
def at_hand(release: Release) -> str:
    found = metadata(release.name, release.version)
    assert isinstance(found, dict)
    return json.dumps(found)


def described(name: str, version: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(at_hand(open_release(name, version)))
    return found


def resource(package: dict[str, Any], name: str) -> dict[str, Any]:
    return next(one for one in package["resources"] if one["name"] == name)


def field(package: dict[str, Any], table: str, column: str) -> dict[str, Any]:
    return next(one for one in resource(package, table)["schema"]["fields"] if one["name"] == column)


@pytest.mark.parametrize(("name", "version"), RELEASES)
def test_every_release_is_valid_under_the_official_profile(name: str, version: str) -> None:
    package = described(name, version)
    assert [error.message for error in profile("datapackage").iter_errors(package)] == []
    assert {"id", "homepage"} & set(package) == set()
    assert "fieldsMatch" not in json.dumps(package)


@pytest.mark.parametrize("name", ["countries", "covariates"])
def test_each_table_is_valid_by_itself(name: str) -> None:
    for one in described(name, "1.0.0")["resources"]:
        assert [error.message for error in profile("dataresource").iter_errors(one)] == []
        assert [error.message for error in profile("tableschema").iter_errors(one["schema"])] == []


@pytest.mark.parametrize(("name", "version"), RELEASES)
def test_every_cell_is_as_described(name: str, version: str) -> None:
    release = open_release(name, version)
    package = described(name, version)
    assert {one["path"] for one in package["resources"]} == {file for file in release.files if file.endswith(".csv")}
    frames = {}
    for one in package["resources"]:
        path = release.folder / one["path"]
        data = path.read_bytes()
        assert one["bytes"] == len(data)
        assert one["hash"] == "sha256:" + hashlib.sha256(data).hexdigest()
        frame = pd.read_csv(path, dtype="str", keep_default_na=False)
        frames[one["name"]] = frame
        schema = one["schema"]
        assert [entry["value"] for entry in schema["missingValues"]] == [""]
        assert [entry["name"] for entry in schema["fields"]] == frame.columns.tolist()
        for entry in schema["fields"]:
            check_cells(frame[entry["name"]], entry)
        if "primaryKey" in schema:
            assert not frame.duplicated(schema["primaryKey"]).any()
            assert not (frame[schema["primaryKey"]] == "").any(axis=None)
        for key in schema.get("uniqueKeys", []):
            assert not frame.duplicated(key).any()
    for one in package["resources"]:
        for link in one["schema"].get("foreignKeys", []):
            there = frames[link["reference"]["resource"]][link["reference"]["fields"]].drop_duplicates()
            here = frames[one["name"]][link["fields"]]
            here = here[(here != "").any(axis=1)].drop_duplicates()
            found = here.merge(
                there, how="left", left_on=link["fields"], right_on=link["reference"]["fields"], indicator=True
            )
            assert (found["_merge"] == "both").all(), (one["name"], link)


def check_cells(cells: pd.Series[str], entry: dict[str, Any]) -> None:
    limits = entry.get("constraints", {})
    assert not (limits.get("required") and (cells == "").any()), entry["name"]
    filled = pd.Series(cells[cells != ""].unique(), dtype="str")
    if entry["type"] in ("integer", "number"):
        numbers = pd.to_numeric(filled)
        if entry["type"] == "integer":
            assert filled.map(lambda cell: str(int(cell)) == cell).all(), entry["name"]
        assert (numbers >= limits.get("minimum", float("-inf"))).all()
        assert (numbers <= limits.get("maximum", float("inf"))).all()
    if entry["type"] == "date":
        assert pd.to_datetime(filled, format="%Y-%m-%d").notna().all(), entry["name"]
    if "pattern" in limits:
        assert filled.map(lambda cell: re.fullmatch(limits["pattern"], cell) is not None).all(), entry["name"]
    if "categories" in entry:
        codes = {str(code["value"]) if isinstance(code, dict) else str(code) for code in entry["categories"]}
        assert set(filled) <= codes, entry["name"]


def test_codes_reach_bounds_and_subnational_columns_in_order() -> None:
    package = described(*WORLD)
    codes = [
        (code.code, code.labels["en"])
        for one in open_release(*WORLD).indicators
        if one.id == "cctv_public"
        for code in one.codes
    ]
    for column in ("cctv_public", "cctv_public_low", "cctv_public_high", "cctv_public_sub", "cctv_public_sub_high"):
        entry = field(package, "panel", column)
        assert entry["type"] == "integer"
        assert entry["categoriesOrdered"] is True
        assert [(str(code["value"]), code["label"]) for code in entry["categories"]] == codes
    assert field(package, "panel", "central_local")["type"] == "string"
    assert "categoriesOrdered" not in field(package, "panel", "central_local")
    assert field(package, "panel", "central_local")["categories"][0]["value"] == "C1"
    joined = field(package, "panel", "lead_agency")
    assert "categories" not in joined
    assert re.fullmatch(joined["constraints"]["pattern"], "police;court")
    assert not re.fullmatch(joined["constraints"]["pattern"], "police;")
    assert "court = court" in joined["description"]


@pytest.mark.parametrize(
    ("name", "label"),
    [("digital_surveillance", "looked for, no evidence found"), ("expert_scores", "the source has no value")],
)
def test_the_four_reasons_are_described_where_they_stand(name: str, label: str) -> None:
    package = described(name, versions(name)[-1])
    codes = {code["value"]: code["label"] for code in field(package, "values", "missing")["categories"]}
    assert list(codes) == list(vocabulary.MISSING_REASONS)
    assert codes["no_evidence"] == label
    said = resource(package, "panel")["schema"]["missingValues"]
    assert said[0]["value"] == ""
    assert "values.csv, column missing" in said[0]["label"]
    assert "not_coded" in said[0]["label"]


def test_keys_that_users_join_by() -> None:
    package = described(*WORLD)
    links = {
        (one["name"], *link["fields"]): link["reference"]["resource"]
        for one in package["resources"]
        for link in one["schema"].get("foreignKeys", [])
    }
    assert links["values", "iso3", "year"] == "panel"
    assert links["claims", "source_id"] == "sources"
    assert links["programme_relations".replace("_", "-"), "other_id"] == "programmes"
    assert ("values", "source_ids") not in links  # several ids in one cell are no key
    assert resource(package, "values")["schema"]["primaryKey"] == ["iso3", "year", "indicator", "scope"]


def test_every_column_the_project_writes_has_words() -> None:
    headers = {
        "claims": vocabulary.CLAIM_COLUMNS,
        "sources": vocabulary.SOURCE_COLUMNS,
        "programmes": vocabulary.PROGRAMME_COLUMNS,
        "programme_relations": vocabulary.RELATION_COLUMNS,
        "adjudications": vocabulary.ADJUDICATION_COLUMNS,
        "reliability": vocabulary.RELIABILITY_COLUMNS,
        "units": vocabulary.UNIT_COLUMNS,
        "names": ("lang", *vocabulary.NAME_COLUMNS),
        "codes": vocabulary.CODE_COLUMNS,
        "values": (*VALUE_COLUMNS, *OBSERVED_COLUMNS),
        "programme_years": PROGRAMME_YEAR_COLUMNS,
        **READING_TABLES,
    }
    silent = [
        f"{table}.{column}"
        for table, columns in headers.items()
        for column in columns
        if column not in TABLES[table].columns and column not in COMMON
    ]
    assert silent == []


@pytest.mark.parametrize(
    ("table", "row", "column", "cell", "fault"),
    [
        ("panel", 0, "cameras", "9", "panel.cameras: '9' is not as described"),
        ("panel", 0, "cameras", "many", "panel.cameras: 'many' is not as described"),
        ("panel", 0, "year", "1999", "panel.year: '1999' is not as described"),
        ("panel", 0, "iso3", "", "panel.iso3: '' is not as described"),
        ("values", 0, "missing", "forgotten", "values.missing: 'forgotten' is not as described"),
        ("values", 0, "year", "2050", "values: ('AAA', '2050') does not stand in panel"),
        ("claims", 0, "source_id", "nowhere", "claims: ('nowhere',) does not stand in sources"),
        ("claims", 0, "coded_on", "22/11/2026", "claims.coded_on: '22/11/2026' is not as described"),
        ("claims", 0, "start", "about 2003", "claims.start: 'about 2003' is not as described"),
    ],
)
@pytest.mark.usefixtures("released")
def test_a_descriptor_that_is_not_true_is_found(table: str, row: int, column: str, cell: str, fault: str) -> None:
    release = open_release("watch")
    package = described("watch", "0.1.0")
    rows = {stem: deepcopy(list(rows_of(release)(stem))) for stem in TABLES}
    assert package_faults(package, lambda stem: rows[stem]) == []
    rows[table][row][column] = cell
    assert fault in package_faults(package, lambda stem: rows[stem])


@pytest.mark.usefixtures("released")
def test_a_key_that_stands_twice_is_found() -> None:
    release = open_release("watch")
    rows = {stem: list(rows_of(release)(stem)) for stem in TABLES}
    rows["claims"].append(rows["claims"][0])
    faults = package_faults(described("watch", "0.1.0"), lambda stem: rows[stem])
    assert faults == ["claims: claim_id names two lines"]


def asks_for_the_fuller_form(root: Path, name: str) -> None:
    path = root / name / "dataset.toml"
    path.write_text("descriptor = 2\n" + path.read_text(encoding="utf-8"), encoding="utf-8")


@pytest.mark.parametrize("name", ["countries", "figures", "watch"])
def test_a_release_freezes_the_form_its_dataset_asks_for(
    mini: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("govdata.releases._folder", lambda: mini)
    if name == "countries":
        path = mini / name / "dataset.toml"
        path.write_text(path.read_text(encoding="utf-8").replace('"1.0.0"', '"2.0.0"'), encoding="utf-8")
    asks_for_the_fuller_form(mini, name)
    folder, _ = write_release(mini, name)
    frozen = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    read = described(name, folder.name)
    for one in read["resources"]:
        assert one.pop("unf").startswith("UNF:6:")
    assert frozen == read
    assert json.loads((folder / "dataset.json").read_text(encoding="utf-8"))["descriptor"] == 2
    assert (folder / "citation.json").is_file()
    assert rebuild_differences(mini, name, folder.name) == []


@pytest.mark.usefixtures("released")
def test_without_the_key_the_first_form_stays() -> None:
    release = open_release("watch")
    assert "descriptor" not in release.json("dataset.json")
    frozen = release.json("datapackage.json")
    assert "sources" not in frozen
    assert frozen["resources"][0]["schema"]["missingValues"] == [""]


def test_a_release_whose_descriptor_would_not_hold_is_refused(mini: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asks_for_the_fuller_form(mini, "figures")
    monkeypatch.setattr(
        "govdata.curation.metadata.package_faults", lambda *_: ["panel.income: 'x' is not as described"]
    )
    with pytest.raises(CurationError, match=r"datapackage.json would not hold: panel.income"):
        write_release(mini, "figures")
    assert not (mini / "figures" / "releases").exists()


@pytest.mark.parametrize("given", ["3", "true", '"2"'])
def test_an_unknown_form_is_refused(mini: Path, given: str) -> None:
    path = mini / "figures" / "dataset.toml"
    path.write_text(f"descriptor = {given}\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(CurationError, match="is neither 1 nor 2"):
        write_release(mini, "figures")


def test_bounds_of_imported_figures_are_those_of_the_source_and_no_readings_of_evidence() -> None:
    package = described("expert_scores", "1.0.0")
    for resource_, column in (("panel", "v2x_polyarchy_low"), ("values", "low")):
        found = field(package, resource_, column)
        assert "evidence" not in found["description"]
        assert found["description"].startswith("The lower bound of the estimate, as the source gives it.")
        assert found["title"].lower().endswith("lower bound")
    assert field(package, "values", "value")["description"] == "A code or a number; empty where the source has none."
    # The World Bank's measure of spread is a standard error, not a standard deviation.
    spread = field(described("covariates", "1.0.0"), "panel", "voice_accountability_sd")["description"]
    assert spread.startswith("The standard deviation or standard error of the estimate, as the source gives it.")
    coded = described(*WORLD)
    assert field(coded, "panel", "cctv_public_low")["description"] == "The lowest reading the evidence allows."
    assert field(coded, "values", "low")["description"] == "The lowest reading the evidence allows."
