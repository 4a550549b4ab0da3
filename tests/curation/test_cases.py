"""Every worked case "these claims give this value" of a dataset holds under the rules and its codebook."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from govdata import vocabulary
from govdata.model import Indicator
from govdata.rules import Claim, decide

DATASETS = Path(__file__).resolve().parents[2] / "datasets"
FILES = sorted(DATASETS.glob("*/cases/*.toml"))
KEYS = {"title", "indicator", "year", "scope", "why", "expect", "claims"}
EXPECTED = ("value", "low", "high", "missing", "status")
DEFAULTS = {
    "low": "",
    "high": "",
    "end": "",
    "scope": "national",
    "programme_id": "",
    "modality": "asserted",
    "status": "accepted",
    "reason": "",
}
GIVEN = {"id", "code", "start", "source_id", "grade"}


def read(path: Path) -> list[dict[str, Any]]:
    return tomllib.loads(path.read_text(encoding="utf-8"))["case"]


def indicator_of(path: Path) -> Indicator:
    codebook = path.parents[1] / "codebook" / path.name
    return Indicator.from_mapping(tomllib.loads(codebook.read_text(encoding="utf-8")))


CASES = [pytest.param(path, case, id=f"{path.stem}: {case['title']}") for path in FILES for case in read(path)]


def claim_of(entry: dict[str, str], indicator: Indicator) -> Claim:
    row = {**DEFAULTS, **entry, "claim_id": entry["id"], "iso3": entry["id"][:3], "indicator": indicator.evidence_id}
    return Claim.from_row(row)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_of_cases_is_well_formed(path: Path) -> None:
    cases = read(path)
    indicator = indicator_of(path)
    titles = [case["title"] for case in cases]
    assert len(set(titles)) == len(titles)
    for case in cases:
        assert set(case) == KEYS
        assert case["indicator"] == path.stem
        assert case["scope"] in indicator.scopes
        assert indicator.covers(case["year"])
        assert case["why"]
        assert set(case["expect"]) == set(EXPECTED)


@pytest.mark.parametrize(("path", "case"), CASES)
def test_a_case_uses_the_words_of_the_formats(path: Path, case: dict[str, Any]) -> None:
    indicator = indicator_of(path)
    evidence = indicator_of(path.with_name(f"{indicator.evidence_id}.toml"))
    allowed = {code.code for code in evidence.codes}
    assert len({entry["id"] for entry in case["claims"]}) == len(case["claims"])
    for entry in case["claims"]:
        assert set(entry) >= GIVEN
        assert set(entry) <= GIVEN | set(DEFAULTS)
        full = {**DEFAULTS, **entry}
        assert full["scope"] in vocabulary.SCOPES
        assert full["modality"] in vocabulary.MODALITIES
        assert full["status"] in vocabulary.STATUSES
        assert full["grade"] in vocabulary.GRADES
        assert full["reason"] in (("",) if full["status"] == "accepted" else vocabulary.REASONS)
        assert bool(full["code"]) != bool(full["low"] and full["high"])
        if allowed:
            assert {full["code"], full["low"], full["high"]} <= allowed | {"", "not_applicable", "unclear"}


@pytest.mark.parametrize(("path", "case"), CASES)
@pytest.mark.parametrize("order", [1, -1], ids=["as written", "reversed"])
def test_the_claims_give_the_value(path: Path, case: dict[str, Any], order: int) -> None:
    indicator = indicator_of(path)
    claims = [claim_of(entry, indicator) for entry in case["claims"]][::order]
    cell = decide(indicator, claims, case["year"], case["scope"])
    assert cell is not None, "no claim touches the cell"
    assert {key: getattr(cell, key) for key in EXPECTED} == case["expect"], case["why"]


def test_there_are_cases() -> None:
    assert FILES
