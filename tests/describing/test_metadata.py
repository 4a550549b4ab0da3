"""`govdata.metadata`, its command, and CITATION.cff."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

import govdata
from govdata.cli import main
from govdata.describing import FILES, metadata, metadata_bytes, write_metadata
from govdata.errors import ArgumentError, UnknownDatasetError, UnknownVersionError
from govdata.releases import dataset_names, open_release, versions

ROOT = Path(__file__).parents[2]


def test_the_newest_release_is_described_by_default() -> None:
    found = metadata("countries")
    assert isinstance(found, dict)
    assert found["version"] == versions("countries")[-1]
    older = metadata("countries", "1.0.0")
    assert isinstance(older, dict)
    assert older["version"] == "1.0.0"


@pytest.mark.parametrize("form", FILES)
def test_every_format_writes_what_it_returns(tmp_path: Path, form: str) -> None:
    path = tmp_path / FILES[form]
    found = metadata("countries", "1.0.0", form, path=path)  # type: ignore[arg-type]
    assert path.read_bytes() == metadata_bytes(found)
    assert isinstance(found, str) == (form == "ddi")
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def test_a_file_that_is_there_stays(tmp_path: Path) -> None:
    path = tmp_path / "datapackage.json"
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(ArgumentError, match="is there already; pass overwrite=True"):
        metadata("countries", path=path)
    assert path.read_text(encoding="utf-8") == "mine"
    metadata("countries", path=path, overwrite=True)
    assert json.loads(path.read_text(encoding="utf-8"))["name"] == "countries"


def test_errors_name_the_nearest_choice(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match=r"format='datacit' is not one of .*did you mean 'datacite'"):
        metadata("countries", format="datacit")  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="is not one of"):
        metadata("countries", format=None)  # type: ignore[arg-type]
    with pytest.raises(UnknownDatasetError, match="countries"):
        metadata("contries")
    with pytest.raises(UnknownVersionError):
        metadata("countries", "9.9.9")
    with pytest.raises(ArgumentError, match="there is no folder"):
        metadata("countries", path=tmp_path / "nowhere" / "x.json")


def test_a_folder_gets_all_files_or_none(tmp_path: Path) -> None:
    (tmp_path / "ddi.xml").write_text("mine", encoding="utf-8")
    with pytest.raises(ArgumentError, match=r"ddi.xml.* is there already"):
        write_metadata("countries", "1.0.0", tmp_path)
    assert [one.name for one in tmp_path.iterdir()] == ["ddi.xml"]
    write_metadata("countries", "1.0.0", tmp_path, overwrite=True)
    assert {one.name for one in tmp_path.iterdir()} == set(FILES.values())
    assert (tmp_path / "ddi.xml").read_text(encoding="utf-8") == metadata("countries", "1.0.0", "ddi")


def test_the_command_prints_writes_and_refuses(tmp_path: Path) -> None:
    run = CliRunner().invoke
    shown = run(main, ["metadata", "countries", "--version", "1.0.0", "--format", "datacite"])
    assert shown.exit_code == 0
    assert json.loads(shown.output) == metadata("countries", "1.0.0", "datacite")
    out = str(tmp_path / "dp.json")
    assert run(main, ["metadata", "countries", "--out", out]).output == f"{out}\n"
    again = run(main, ["metadata", "countries", "--out", out])
    assert again.exit_code == 2
    assert "is there already" in again.output
    assert run(main, ["metadata", "countries", "--out", out, "--overwrite"]).exit_code == 0
    both = run(main, ["metadata", "countries", "--out", out, "--all", str(tmp_path)])
    assert both.exit_code == 2
    assert "leave one out" in both.output
    (tmp_path / "all").mkdir()
    listed = run(main, ["metadata", "countries", "--all", str(tmp_path / "all")]).output.splitlines()
    assert [Path(line).name for line in listed] == list(FILES.values())
    wrong = run(main, ["metadata", "countries", "--format", "jsonld"])
    assert (wrong.exit_code, wrong.output.count("\n")) == (2, 1)


def test_the_bytes_do_not_depend_on_the_machine() -> None:
    code = (
        "import hashlib; from govdata.describing import metadata_files; from govdata.releases import open_release; "
        "files = metadata_files(open_release('countries', '1.0.0')); "
        "print(*[hashlib.sha256(files[name]).hexdigest() for name in sorted(files)])"
    )
    seen = set()
    for seed, locale, zone in (("0", "C", "Asia/Tehran"), ("1", "C.UTF-8", "America/Lima")):
        env = {**os.environ, "PYTHONHASHSEED": seed, "LC_ALL": locale, "TZ": zone}
        done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
        seen.add(done.stdout)
    assert len(seen) == 1
    digest = hashlib.sha256(metadata_bytes(metadata("countries", "1.0.0"))).hexdigest()
    assert digest in seen.pop()


def citation() -> dict[str, Any]:
    found: dict[str, Any] = YAML(typ="safe").load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    return found


def as_text(value: Any) -> Any:  # noqa: ANN401 - YAML has no narrower type
    if isinstance(value, dict):
        return {key: as_text(one) for key, one in value.items()}
    if isinstance(value, list):
        return [as_text(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value


def test_citation_cff_is_valid_and_names_every_dataset_as_it_is() -> None:
    from importlib.resources import files

    path = files("check_jsonschema") / "builtin_schemas" / "vendor" / "citation-file-format.json"
    schema = json.loads(path.read_text(encoding="utf-8"))
    found = as_text(citation())
    assert [error.message for error in jsonschema.Draft7Validator(schema).iter_errors(found)] == []
    assert found["version"] == govdata.__version__
    for name, one in zip(dataset_names(), found["references"], strict=True):
        release = open_release(name)
        assert one["type"] == "data"
        assert one["abbreviation"] == name
        assert one["title"] == release.info.title
        assert one["version"] == release.version, f"CITATION.cff names {name} {one['version']}"
        assert one["date-released"] == release.info.released
        assert one["license"] == release.info.licence
        assert one["authors"] == [{"name": creator} for creator in release.info.creators]
        assert one["identifiers"][0]["value"] == f"sha256:{release.digest}"


def test_an_address_that_is_no_doi_is_the_page_of_a_deposit() -> None:
    address = "https://example.org/deposits/1?version=2&page=3"
    datacite = metadata("countries", "1.0.0", "datacite", url=address)
    assert isinstance(datacite, dict)
    assert (datacite["url"], "doi" in datacite) == (address, False)
    croissant = metadata("countries", "1.0.0", "croissant", url=address)
    assert isinstance(croissant, dict)
    assert croissant["url"] == address
    schema_org = metadata("countries", "1.0.0", "schema.org", url=address)
    assert isinstance(schema_org, dict)
    assert (schema_org["url"], "@id" in schema_org) == (address, False)
    text = metadata("countries", "1.0.0", "ddi", url=address)
    assert isinstance(text, str)
    assert 'URI="https://example.org/deposits/1?version=2&amp;page=3"' in text


def test_work_that_takes_long_is_shown_where_somebody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    from govdata.describing import showing
    from govdata.describing.ddi import ddi

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    def said(stream: io.StringIO, delay: float) -> str:
        monkeypatch.setattr(sys, "stderr", stream)
        monkeypatch.setattr(showing, "_DELAY", delay)
        ddi(open_release("countries", "1.0.0"))
        return stream.getvalue()

    assert said(Terminal(), 600.0) == ""
    assert said(io.StringIO(), 0.0) == ""
    shown = said(Terminal(), 0.0)
    assert "fingerprints of countries 1.0.0" in shown
    assert "describing countries 1.0.0" in shown


@pytest.mark.parametrize("form", list(FILES))
def test_an_address_is_told_where_it_is_known(form: str) -> None:
    address = "https://doi.org/10.5072/fk2.govdata"
    with_address = govdata.metadata("countries", "1.0.0", form, url=address)
    without = govdata.metadata("countries", "1.0.0", form)
    if isinstance(with_address, str) and isinstance(without, str):
        line = f'<holdings URI="{address}">{address}</holdings>'
        assert with_address.count(line) == 1
        assert re.sub(rf"\s*{re.escape(line)}", "", with_address) == without
        return
    added = {key: text for key, text in with_address.items() if key not in without}
    expected = {
        "datapackage": {"homepage": address, "id": address},
        "croissant": {"url": address},
        "datacite": {"doi": "10.5072/fk2.govdata"},
        "schema.org": {"url": address, "@id": address},
    }
    assert added == expected[form]


def test_what_is_no_address_is_refused() -> None:
    for wrong in (
        *("10.5072/abc", "ftp://x.org/a", "https://x org/a", "javascript:alert(1)", ""),
        *("https://x.org/\ud800", "https://x.org/a\x01", "https://x.org/a\n", 'https://x.org/"', None.__class__, 7),
    ):
        with pytest.raises(govdata.GovdataError, match="is no address"):
            govdata.metadata("countries", "1.0.0", "schema.org", url=wrong)
