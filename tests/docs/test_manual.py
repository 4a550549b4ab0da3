"""The coder's manual: its cases and tests exist and hold, its closed lists are complete, its examples are as said."""

from __future__ import annotations

import csv
import re
import tomllib
from pathlib import Path

import pytest

from govdata import vocabulary

ROOT = Path(__file__).resolve().parents[2]
DATASET = ROOT / "datasets" / "digital_surveillance"
TEXT = (ROOT / "docs" / "howto" / "coders-manual.md").read_text(encoding="utf-8")
CASES = re.findall(r"^```\{case\} (.+)$", TEXT, re.MULTILINE)
TESTS = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", TEXT)
# A claim's id and, in brackets, what stands in its line.
NAMED = re.findall(r"\b([A-Z]{3}-\d{4,})\b(?: \(([^)]*)\))?", " ".join(TEXT.split()))


def part(number: int) -> str:
    """The text of a numbered section."""
    found = re.search(rf"^## {number} .*?(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL)
    assert found, f"there is no section {number}"
    return found[0]


def explained(number: int) -> dict[str, str]:
    """The words in code at the head of a table's row, and the cell after them, in one section."""
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \|.*$(?!\n\|---)", part(number), re.MULTILINE)
    assert len({word for word, _ in rows}) == len(rows), f"a word is explained twice in section {number}"
    return dict(rows)


RULES = re.findall(r"^### (.+?)\n(.*?)(?=^### |\Z)", part(6), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(("heading", "body"), RULES, ids=[heading for heading, _ in RULES])
def test_every_rule_has_a_case_or_a_named_test(heading: str, body: str) -> None:
    assert "```{case} " in body or re.search(r"`tests/[\w/]+\.py::\w+`", body), heading


def test_every_rule_of_the_package_has_a_heading() -> None:
    headings = " ".join(heading for heading, _ in RULES)
    for rule in vocabulary.RULES:
        assert f"`{rule}`" in headings


@pytest.mark.parametrize("rule", vocabulary.RULES)
def test_every_rule_of_the_package_is_shown_by_a_case_of_its_own(rule: str) -> None:
    body = next(body for heading, body in RULES if f"`{rule}`" in heading)
    shown = re.findall(r"^```\{case\} (\w+)/", body, re.MULTILINE)
    rules = {
        tomllib.loads((DATASET / "codebook" / f"{name}.toml").read_text(encoding="utf-8"))["rule"] for name in shown
    }
    assert rules == {rule}


@pytest.mark.parametrize("reference", CASES)
def test_every_case_exists(reference: str) -> None:
    name, title = reference.split("/", 1)
    cases = tomllib.loads((DATASET / "cases" / f"{name}.toml").read_text(encoding="utf-8"))["case"]
    assert title in {case["title"] for case in cases}


def test_no_case_is_shown_twice() -> None:
    assert CASES
    assert len(set(CASES)) == len(CASES)


@pytest.mark.parametrize(("file", "name"), TESTS)
def test_every_named_test_exists(file: str, name: str) -> None:
    assert re.search(rf"^def {name}\(", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE)


def test_every_status_and_reason_is_explained() -> None:
    assert set(explained(4)) == {*vocabulary.STATUSES, *vocabulary.REASONS}


def test_every_effect_level_and_reason_of_a_decision_is_explained() -> None:
    own = set(vocabulary.DECISION_REASONS) - set(vocabulary.REASONS)
    assert set(explained(7)) == {*vocabulary.EFFECTS, *vocabulary.CODING_LEVELS, *own}


def test_every_modality_grade_and_missing_reason_is_explained() -> None:
    assert set(explained(2)) == set(vocabulary.MODALITIES)
    assert re.findall(r"^\| (E\d) \|", part(3), re.MULTILINE) == list(vocabulary.GRADES)
    assert set(vocabulary.MISSING_REASONS) <= set(explained(5))


def test_every_indicator_is_in_the_table_of_its_block() -> None:
    blocks = re.findall(r"\{indicator\}`digital_surveillance/(\w+)`", part(5))
    listed = {*blocks, *(word for word in explained(5) if word.startswith("record_"))}
    assert listed == {path.stem for path in (DATASET / "codebook").glob("*.toml")}


def claims(iso3: str) -> dict[str, dict[str, str]]:
    with (DATASET / "claims" / f"{iso3}.csv").open(encoding="utf-8", newline="") as file:
        return {row["claim_id"]: row for row in csv.DictReader(file)}


@pytest.mark.parametrize(("claim", "said"), sorted(set(NAMED)))
def test_every_claim_is_as_the_page_says(claim: str, said: str) -> None:
    row = claims(claim[:3])[claim]
    words = said.split(", ")
    assert words[0] == row["status"], f"say the status of {claim} in brackets"
    assert set(words) <= set(row.values()), f"{claim}: {set(words) - set(row.values())}"


@pytest.mark.parametrize("reason", vocabulary.REASONS)
def test_every_reason_has_an_example_with_that_reason(reason: str) -> None:
    row = re.search(rf"^\| `{reason}` \|.*$", part(4), re.MULTILINE)
    assert row
    example = re.search(rf"([A-Z]{{3}})-\d{{4,}} \((contested|rejected), {reason}\)", row[0])
    assert example
    assert example[1] == "CHN" or all(claim["reason"] != reason for claim in claims("CHN").values())


@pytest.mark.parametrize("grade", vocabulary.GRADES)
def test_every_grade_has_an_example_if_there_is_one(grade: str) -> None:
    row = re.search(rf"^\| {grade} \|.*$", part(3), re.MULTILINE)
    assert row
    named = re.findall(r"[A-Z]{3}-\d{4,} \(\w+, (E\d)\)", row[0])
    there = any(claim["grade"] == grade for claim in claims("CHN").values())
    assert set(named) == ({grade} if there else set())


def test_the_directive_shows_what_the_package_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("sphinx")
    monkeypatch.syspath_prepend(str(ROOT / "docs" / "_ext"))
    from site_cases import case_nodes, read_case

    for reference in CASES:
        case = read_case(reference)
        text = case_nodes(case, "howto/coders-manual").astext()
        assert case.content["why"] in text
        assert case.content["expect"]["status"] in text
        assert all(entry["id"] in text for entry in case.content["claims"])


def test_the_directive_refuses_a_case_that_does_not_hold(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pytest.importorskip("sphinx")
    monkeypatch.syspath_prepend(str(ROOT / "docs" / "_ext"))
    from site_cases import read_case

    folder = tmp_path / "digital_surveillance"
    for kind in ("cases", "codebook"):
        (folder / kind).mkdir(parents=True)
        text = (DATASET / kind / "person_profile.toml").read_text(encoding="utf-8")
        (folder / kind / "person_profile.toml").write_text(text.replace('value = "2"', 'value = "3"'), encoding="utf-8")
    title = "The documented level stands, the sweeping one is contested"
    with pytest.raises(ValueError, match="expects"):
        read_case(f"person_profile/{title}", tmp_path).decided()
    assert read_case(f"digital_surveillance/person_profile/{title}").decided().value == "2"
    for wrong, message in (
        ("person_profile", "not of the form"),
        ("person_profile/No such title", "has no case"),
        ("person_profiles/A", "there is no"),
    ):
        with pytest.raises(ValueError, match=message):
            read_case(wrong)
