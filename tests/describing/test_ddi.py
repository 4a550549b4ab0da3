"""DDI Codebook 2.5: structure, schema, and whether what a description says of the data is so."""

from __future__ import annotations

import csv
import importlib.util
import io
import os
import re
import subprocess
import sys
from collections import Counter
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree as ET

import pytest

from govdata import vocabulary
from govdata.describing.ddi import ddi
from govdata.describing.elements import child, written
from govdata.describing.unf import column_unf, release_unfs
from govdata.panelfile import read_panel
from govdata.releases import Release, dataset_names, open_release, versions

SPACE = "{ddi:codebook:2_5}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
RELEASES = [open_release(name, version) for name in dataset_names() for version in versions(name)]
LARGEST = open_release("digital_surveillance", "1.0.0")


def load_structure() -> ModuleType:
    path = Path(__file__).parent.parent / "reference" / "ddi" / "structure.py"
    spec = importlib.util.spec_from_file_location("structure", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


faults = load_structure().faults


@lru_cache(maxsize=16)
def document(release: Release) -> str:
    return ddi(release, unf=release is not LARGEST)


@lru_cache(maxsize=16)
def root(release: Release) -> ET.Element:
    return ET.fromstring(document(release))  # noqa: S314 - written by the project itself


def texts(element: ET.Element, path: str) -> list[str]:
    found = element.findall("/".join(SPACE + part for part in path.split("/")))
    return [one.text or "" for one in found]


def variable(release: Release, name: str) -> ET.Element:
    return next(one for one in root(release).iter(f"{SPACE}var") if one.get("name") == name)


@pytest.mark.parametrize("release", RELEASES, ids=str)
def test_the_structure_is_that_of_the_standard(release: Release) -> None:
    text = document(release)
    assert faults(text) == []
    assert text.startswith('<?xml version="1.0" encoding="UTF-8"?>\n<codeBook xmlns="ddi:codebook:2_5"')
    assert text.endswith("</codeBook>\n")
    assert "\r" not in text


@pytest.mark.parametrize("release", RELEASES, ids=str)
def test_the_published_schema_accepts_it(release: Release) -> None:
    path = os.environ.get("GOVDATA_DDI_XSD")
    if not path:
        pytest.skip(
            "GOVDATA_DDI_XSD does not name the schema codebook.xsd of DDI Codebook 2.5, which is not in the project"
        )
    etree = pytest.importorskip("lxml.etree")
    schema = etree.XMLSchema(etree.parse(path, etree.XMLParser(no_network=True)))
    assert schema.validate(etree.fromstring(document(release).encode())), schema.error_log


@pytest.mark.parametrize(
    ("found", "put", "said"),
    [
        ("<titl>", "<altTitl>x</altTitl><titl>", "titlStmt holds altTitl titl"),
        ('<var ID="V2"', '<var ID="V1"', "V1 is given twice"),
        ('fileid="F1"', 'fileid="F9"', "F9 is referred to and not there"),
        (' name="iso3"', "", "var lacks name"),
        ('intrvl="discrete"', 'intrvl="some"', "var has intrvl=some"),
        ("<dataDscr>", "<dataDscr>text", "dataDscr holds text"),
        ("<prodDate ", '<prodDate cycle="x" ', "prodDate has cycle"),
        ("distDate", "depositDate", "depositDate is not known"),
        ('xml:lang="zh"', 'xml:lang="_"', "labl has lang=_"),
    ],
)
def test_the_check_itself_finds_faults(found: str, put: str, said: str) -> None:
    text = document(open_release("countries", "1.0.0"))
    broken = text.replace(found, put) if found == "distDate" else text.replace(found, put, 1)
    assert broken != text
    assert any(said in fault for fault in faults(broken))


@pytest.mark.parametrize("release", RELEASES, ids=str)
def test_every_file_is_described_with_its_size_and_sums(release: Release) -> None:
    files = root(release).findall(f"{SPACE}fileDscr")
    names = [texts(one, "fileTxt/fileName")[0] for one in files]
    assert names[0] == "panel.csv"
    assert sorted(names) == [name for name in release.files if name.endswith(".csv")]
    unfs = release_unfs(release) if release is not LARGEST else {}
    for name, one in zip(names, files, strict=True):
        rows = list(csv.reader(io.StringIO(release.read(name).decode(), newline="")))
        assert texts(one, "fileTxt/dimensns/caseQnty") == [str(len(rows) - 1)]
        assert texts(one, "fileTxt/dimensns/varQnty") == [str(len(rows[0]))]
        notes = {note.get("type"): note.text for note in one.findall(f"{SPACE}notes")}
        assert notes["sha256"] == release._sums[name]
        if unfs:
            assert notes["VDC:UNF"] == unfs[name.removesuffix(".csv")]


@pytest.mark.parametrize("release", RELEASES, ids=str)
def test_every_column_is_a_variable_with_what_its_cells_say(release: Release) -> None:
    frame = read_panel(release.read("panel.csv"), release.indicators)
    variables = list(root(release).iter(f"{SPACE}var"))
    assert [one.get("name") for one in variables] == list(frame.columns)
    assert [one.get("ID") for one in variables] == [f"V{number}" for number in range(1, len(variables) + 1)]
    for one in variables:
        cells = frame[str(one.get("name"))]
        said = {stat.get("type"): stat.text for stat in one.findall(f"{SPACE}sumStat")}
        filled = cells[cells.notna() & (cells != "")]
        assert said["vald"] == str(len(filled))
        assert int(said["vald"] or 0) + int(said["invd"] or 0) == len(frame)
        if release.info.kind == "register" and one.get("name") != "year":
            assert set(said) == {"vald", "invd"}  # the mean of country numbers says nothing
            assert (one.get("nature"), one.get("intrvl")) == ("nominal", "discrete")
        elif cells.dtype.kind in "if" and len(filled):
            assert float(said["min"] or "nan") == filled.min()
            assert float(said["max"] or "nan") == filled.max()
            assert float(said["mean"] or "nan") == pytest.approx(filled.mean(), rel=1e-6)
            if len(filled) > 1:
                assert float(said["stdev"] or "nan") == pytest.approx(filled.std(), rel=1e-6)
        counts = {
            (one.get("missing"), texts(one, "catValu")[0]): int(texts(one, "catStat")[0])
            for one in one.findall(f"{SPACE}catgry")
        }
        gone = sum(count for (missing, _), count in counts.items() if missing)
        keys = ("iso3", "country_name", "year", "source_version")
        assert gone == (0 if one.get("name") in keys else len(frame) - len(filled)), one.get("name")
        codes = {code: count for (missing, code), count in counts.items() if not missing}
        if codes:
            split = (
                str(cell) if cells.dtype.kind == "O" or isinstance(cell, str) else f"{cell:.0f}" for cell in filled
            )
            assert {code: count for code, count in codes.items() if count} == Counter(
                part for cell in split for part in cell.split(";")
            )


def test_missing_cells_are_counted_by_their_reasons() -> None:
    rows = csv.DictReader(io.StringIO(LARGEST.read("values.csv").decode(), newline=""))
    mine = [row["missing"] for row in rows if (row["indicator"], row["scope"]) == ("cctv_public", "national")]
    expected = Counter(reason for reason in mine if reason)
    panel = read_panel(LARGEST.read("panel.csv"), LARGEST.indicators)
    expected["not_coded"] += len(panel) - len(mine)
    one = variable(LARGEST, "cctv_public")
    found = {
        category.get("missType"): int(texts(category, "catStat")[0])
        for category in one.findall(f"{SPACE}catgry")
        if category.get("missing")
    }
    assert found == expected
    letters = [item.get("VALUE") for item in one.iter(f"{SPACE}item")]
    assert letters == [f".{'abcd'[vocabulary.MISSING_REASONS.index(str(reason))]}" for reason in found]


def test_labels_stand_in_four_languages() -> None:
    indicator = next(one for one in LARGEST.indicators if one.id == "cctv_public")
    one = variable(LARGEST, "cctv_public_sub_low")
    labels = {label.get(LANG): label.text or "" for label in one.findall(f"{SPACE}labl")}
    assert list(labels) == list(vocabulary.LANGUAGES)
    assert labels["en"] == "Public video surveillance, highest subnational, lowest reading"
    assert all(labels[language].startswith(indicator.labels[language]) for language in labels)
    for category, code in zip(one.findall(f"{SPACE}catgry"), indicator.codes, strict=False):
        assert {label.get(LANG): label.text for label in category.findall(f"{SPACE}labl")} == dict(code.labels)
    reasons = [category for category in one.findall(f"{SPACE}catgry") if category.get("missing")]
    place = vocabulary.LANGUAGES.index("fa")
    for category in reasons:
        said = {label.get(LANG): label.text for label in category.findall(f"{SPACE}labl")}
        assert said["fa"] == vocabulary.MISSING_LABELS[str(category.get("missType"))]["claims"][place]


def test_a_variable_says_its_question_rule_and_fingerprint() -> None:
    release = open_release("expert_scores", "1.0.0")
    one = variable(release, "v2smgovsmmon")
    indicator = next(found for found in release.indicators if found.id == "v2smgovsmmon")
    assert texts(one, "qstn/qstnLit") == [" ".join(indicator.question.split())]
    # The Digital Society Project's own release ends in 2018; the year after comes from another.
    expected = f"Carried over from dsp_v1 (2000–2018) and vdem_v12 (2021), {indicator.original}."
    assert texts(one, "derivation/drvdesc") == [expected]
    whole = variable(release, "v2x_polyarchy")
    assert texts(whole, "derivation/drvdesc") == ["Carried over from vdem_v15, v2x_polyarchy."]
    low = variable(release, "v2x_polyarchy_low")
    assert texts(low, "txt") == ["The lower bound of the estimate, as the source gives it. Unit: index from 0 to 1."]
    frame = read_panel(release.read("panel.csv"), release.indicators)
    assert texts(one, "notes") == [column_unf(frame["v2smgovsmmon"])]
    coded = variable(LARGEST, "cctv_public")
    assert texts(coded, "derivation/drvdesc")[0].startswith("Rule highest_in_force: ")
    assert texts(coded, "codInstr")[0].startswith("Programme document")
    assert [txt.get("level") for txt in coded.findall(f"{SPACE}txt")] == [
        "clarification",
        "direction",
        "comparable",
        "limits",
    ]


def test_the_study_says_who_when_where_and_under_which_licence() -> None:
    release = open_release("covariates", "1.0.0")
    study = root(release).find(f"{SPACE}stdyDscr")
    assert study is not None
    assert texts(study, "citation/titlStmt/titl") == [release.info.title]
    assert texts(study, "citation/rspStmt/AuthEnty") == list(release.info.creators)
    assert texts(study, "citation/verStmt/version") == ["1.0.0"]
    assert texts(study, "stdyInfo/sumDscr/timePrd") == [str(year) for year in release.info.years]
    places = study.findall(f"{SPACE}stdyInfo/{SPACE}sumDscr/{SPACE}nation")
    assert {"ISL": "Iceland"}.items() <= {str(one.get("abbr")): one.text for one in places}.items()
    assert release.info.licence in texts(study, "dataAccs/useStmt/conditions")[0]
    assert any("World Bank" in text for text in texts(study, "method/dataColl/sources/dataSrc"))
    coded = root(LARGEST).find(f"{SPACE}stdyDscr")
    assert coded is not None
    assert re.search(
        r"claim, status 0\.616 \(0\.542 to 0\.688, 1178 units coded by both\)",
        texts(coded, "method/anlyInfo/dataAppr")[0],
    )


def test_a_small_dataset_of_every_kind(released: Path) -> None:
    for folder in sorted(released.glob("*/releases/*")):
        release = Release(folder)
        assert faults(ddi(release)) == []


def test_text_that_xml_cannot_hold_is_mended() -> None:
    made = ET.Element("codeBook")
    child(made, "titl", "a\x00\x0bb\ud800 & <c>\n\t d\ufffe", date="\x01x", lang="", note='"q"')
    text = written(made)
    assert '<titl date="x" note="&quot;q&quot;">ab &amp; &lt;c&gt; d</titl>' in text
    assert ET.fromstring(text)[0].text == "ab & <c> d"  # noqa: S314 - as above


SCRIPT = """
import hashlib, json
from govdata.describing.croissant import croissant
from govdata.describing.ddi import ddi
from govdata.releases import open_release
release = open_release("covariates", "1.0.0")
text = ddi(release) + json.dumps(croissant(release))
print(hashlib.sha256(text.encode()).hexdigest())
"""


def test_the_same_text_in_every_process() -> None:
    settings = ({"PYTHONHASHSEED": "1", "LC_ALL": "C", "TZ": "Asia/Tehran"}, {"PYTHONHASHSEED": "2", "TZ": "UTC"})
    found = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT], env={**os.environ, **one}, capture_output=True, check=True, text=True
        ).stdout
        for one in settings
    }
    assert len(found) == 1
    assert re.fullmatch(r"[0-9a-f]{64}\n", found.pop())
