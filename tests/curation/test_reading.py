"""How texts were read: faults are found, agreement is computed, decisions between coders decide no cell."""

from __future__ import annotations

import csv
import json
import random
from pathlib import Path
from typing import Any

import krippendorff
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govdata import vocabulary
from govdata.curation.checks import check_dataset
from govdata.curation.read import read_tree
from govdata.curation.readingchecks import claim_lines
from govdata.curation.release import build_files, rebuild_differences, write_release
from govdata.curation.reliability import DRAWS, alpha, bootstrap, pair_codings, reliability
from govdata.model import Indicator
from govdata.textio import csv_bytes

REFERENCE = Path(__file__).parents[1] / "reference"


def write(root: Path, table: str, columns: tuple[str, ...], *rows: dict[str, str]) -> None:
    filled = [dict.fromkeys(columns, "") | row for row in rows]
    (root / "watch" / f"{table}.csv").write_bytes(csv_bytes(columns, filled))


def faults(root: Path) -> list[str]:
    return [str(fault) for fault in check_dataset(root, "watch")]


WORK = {"work_id": "mann_1992", "authors": "Mann", "cited_as": "Mann, 1992", "seed_ids": "law_gazette", "lines": "4"}
VERDICT = {
    "verdict_id": "K01",
    "claim_ids": "AAA-0005",
    "verdict": "wrong",
    "finding": "Another place was meant.",
    "answer_ids": "AAA-0001",
    "coder": "c1",
    "decided_on": "2026-01-02",
}
PASSAGE = {"source_id": "law_gazette", "section": "one", "gist": "cameras", "kind": "framing"}
CODING = {
    "coding_id": "AAA-C0001",
    "level": "claim",
    "claim_id": "AAA-0001",
    "iso3": "AAA",
    "indicator": "cameras",
    "round": "1",
    "code": "1",
    "status": "accepted",
    "coder": "c1",
    "coded_on": "2026-01-01",
}


@pytest.mark.parametrize(
    ("table", "columns", "row", "changed", "fault"),
    [
        ("literature", "LITERATURE_COLUMNS", WORK, {"check": "misread"}, "misread without a correction"),
        ("literature", "LITERATURE_COLUMNS", WORK, {"check": "right"}, "check 'right' is not known"),
        ("literature", "LITERATURE_COLUMNS", WORK, {"check": "not_opened", "seed_ids": "x"}, "source 'x' is not in"),
        ("verdicts", "VERDICT_COLUMNS", VERDICT, {"answer_ids": ""}, "wrong without an answer; name the claims that"),
        ("verdicts", "VERDICT_COLUMNS", VERDICT, {"claim_ids": "AAA-0055"}, "claim 'AAA-0055' does not exist"),
        (
            "verdicts",
            "VERDICT_COLUMNS",
            VERDICT,
            {"claim_ids": "AAA-0002"},
            "claim AAA-0002 is wrong and still accepted",
        ),
        ("verdicts", "VERDICT_COLUMNS", VERDICT, {"verdict": "false"}, "verdict 'false' is not known"),
        ("passages", "PASSAGE_COLUMNS", PASSAGE, {"first_line": "9", "last_line": "3"}, "last_line 3 lies before"),
        ("passages", "PASSAGE_COLUMNS", PASSAGE, {"first_line": "1", "last_line": "3", "kind": "fact"}, "kind 'fact'"),
        (
            "passages",
            "PASSAGE_COLUMNS",
            PASSAGE,
            {"first_line": "1", "last_line": "3", "kind": "facts"},
            "no claim speaks of lines 1 to 3; code the passage, or say that it holds no fact",
        ),
        ("codings", "CODING_COLUMNS", CODING, {"code": "9"}, "code '9' is not a code of cameras"),
        ("codings", "CODING_COLUMNS", CODING, {"round": "3"}, "round '3' is not known"),
        ("codings", "CODING_COLUMNS", CODING, {"claim_id": "AAA-0099"}, "claim 'AAA-0099' does not exist"),
        ("codings", "CODING_COLUMNS", CODING, {"level": "value"}, "start_year or end_year is not a year"),
        ("codings", "CODING_COLUMNS", CODING, {"adjudication_id": "D1"}, "adjudication 'D1' does not exist"),
    ],
)
def test_every_fault_is_named(
    mini: Path, table: str, columns: str, row: dict[str, str], changed: dict[str, str], fault: str
) -> None:
    write(mini, table, getattr(vocabulary, columns), row | changed)
    found = faults(mini)
    assert any(fault in one for one in found), found
    assert all(one.startswith(f"watch/{table}.csv:2") for one in found)


def test_passages_follow_each_other_without_gap(mini: Path) -> None:
    lines = [("1", "3"), ("5", "6")]
    write(
        mini,
        "passages",
        vocabulary.PASSAGE_COLUMNS,
        *({**PASSAGE, "first_line": first, "last_line": last} for first, last in lines),
    )
    assert any("begins at line 5, not 4" in one for one in faults(mini))


def test_a_claim_cites_only_works_that_are_entered(mini: Path) -> None:
    path = mini / "watch" / "claims" / "AAA.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = [dict(row) | {"cites": ""} for row in csv.DictReader(file)]
    rows[0]["cites"] = "man_1992"
    path.write_bytes(csv_bytes(vocabulary.CLAIM_COLUMNS, rows))
    write(mini, "literature", vocabulary.LITERATURE_COLUMNS, WORK | {"check": "not_opened"})
    assert any(
        "AAA-0001 cites 'man_1992', not in literature.csv; did you mean 'mann_1992'" in one for one in faults(mini)
    )
    path.write_bytes(path.read_bytes().replace(b"man_1992", b"mann_1992"))
    assert not faults(mini)
    released = build_files(mini, read_tree(mini, "watch"))
    assert b"mann_1992" in released["claims.csv"]
    assert b"mann_1992" in released["literature.csv"]


def test_a_release_from_before_the_new_columns_is_rebuilt(mini: Path) -> None:
    write_release(mini, "watch")
    folder = mini / "watch" / "releases" / "0.1.0"
    assert b"cites" not in (folder / "claims.csv").read_bytes()
    assert not (folder / "literature.csv").exists()
    assert rebuild_differences(mini, "watch", "0.1.0") == []


DECISION = {
    "adjudication_id": "D1",
    "iso3": "AAA",
    "indicator": "cameras",
    "scope": "national",
    "start_year": "2004",
    "end_year": "2004",
    "value": "2",
    "low": "2",
    "high": "2",
    "reason": "more_evidence",
    "comment": "Two coders.",
    "coder": "c1",
    "decided_on": "2026-01-02",
    "claim_ids": "AAA-0002",
}


@pytest.mark.parametrize(("effect", "value"), [("sets_value", "2"), ("rule_stands", "3"), ("claims_mended", "3")])
def test_only_a_decision_that_sets_the_value_sets_it(mini: Path, effect: str, value: str) -> None:
    write(mini, "adjudications", vocabulary.ADJUDICATION_COLUMNS, DECISION | {"effect": effect})
    assert not faults(mini)
    panel = build_files(mini, read_tree(mini, "watch"))["panel.csv"].decode().splitlines()
    row = dict(zip(panel[0].split(","), next(line for line in panel if ",2004," in line).split(","), strict=True))
    assert row["iso3"] == "AAA"
    assert row["cameras"] == value


@pytest.mark.parametrize(
    ("locator", "lines"),
    [
        ("line 12", [(12, 12)]),
        ("line 3-9 and 26-27, abstract", [(3, 9), (26, 27)]),
        ("line 31, reward and 2 punishments", [(31, 31)]),
        ("first paragraph", []),
    ],
)
def test_lines_are_read_from_locators(locator: str, lines: list[tuple[int, int]]) -> None:
    assert claim_lines(locator)[: len(lines)] == lines


METRICS = ["nominal", "ordinal", "interval"]


@pytest.mark.parametrize("metric", METRICS)
@given(data=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=2, max_size=30))
def test_alpha_is_that_of_the_library_on_raw_data(metric: str, data: list[tuple[int, int]]) -> None:
    mine = alpha([(str(a), str(b)) for a, b in data], metric, ["0", "1", "2", "3", "4"])
    if len({value for pair in data for value in pair}) < 2:
        assert mine is None
        return
    theirs = krippendorff.alpha(np.array(data, dtype=float).T, level_of_measurement=metric)  # type: ignore[arg-type]
    assert mine == pytest.approx(theirs, abs=1e-12)


@pytest.mark.parametrize("metric", [*METRICS, "ratio"])
@given(
    data=st.lists(
        st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=4), min_size=1, max_size=5
    )
)
@settings(max_examples=15)
def test_every_draw_has_the_alpha_of_the_library(metric: str, data: list[list[tuple[int, int]]]) -> None:
    domain = ["0", "1", "2", "3", "4"]
    groups = [[(str(a), str(b)) for a, b in group] for group in data]
    found = bootstrap(groups, metric, domain, "seed")
    draw = random.Random("seed")  # noqa: S311 - the same draws as the function under test
    expected = []
    for _ in range(DRAWS):
        chosen = [groups[int(draw.random() * len(groups))] for _ in groups]
        if (one := alpha([pair for group in chosen for pair in group], metric, domain)) is not None:
            expected.append(one)
    assert found == pytest.approx(sorted(expected), abs=1e-9)


def test_alpha_by_hand() -> None:
    # Two coders, four units, nominal: D_o = 1/4; values a a a b b b b b, so D_e = 2*3*5/(8*7).
    found = alpha([("a", "a"), ("a", "b"), ("b", "b"), ("b", "b")], "nominal", ["a", "b"])
    assert found == pytest.approx(1 - (1 / 4) / (2 * 3 * 5 / (8 * 7)))


def codings(first: list[str], second: list[str]) -> list[dict[str, str]]:
    blank = dict.fromkeys(vocabulary.CODING_COLUMNS, "")
    shared = {"level": "value", "iso3": "AAA", "indicator": "cameras", "scope": "national"}
    rows = []
    for number, codes in (("1", first), ("2", second)):
        for offset, code in enumerate(codes):
            year = str(2000 + offset)
            rows.append(blank | shared | {"round": number, "start_year": year, "end_year": year, "code": code})
    return rows


def indicator() -> Indicator:
    codes = [{"code": str(code), "label": {"en": f"level {code}"}} for code in range(4)]
    value: dict[str, Any] = {"id": "cameras", "block": "A", "type": "ordinal", "label": {"en": "Cameras"}}
    return Indicator.from_mapping(value | {"rule": "highest_in_force", "codes": codes})


def test_the_table_of_agreement() -> None:
    rows = reliability(codings(["0", "1", "1", "", "3"], ["0", "1", "2", "2", "3"]), [indicator()])
    found = {(row["indicator"], row["variable"]): row for row in rows}
    code = found["cameras", "code"]
    assert (code["units"], code["both_coded"], code["agreement"], code["compatible"]) == ("5", "4", "0.750", "0.750")
    expected = krippendorff.alpha(np.array([[0, 1, 1, 3], [0, 1, 2, 3]]), level_of_measurement="ordinal")
    assert code["alpha"] == f"{expected:.3f}"
    assert found["cameras", "found"]["agreement"] == "0.800"


def test_years_of_one_coding_are_one_run() -> None:
    one = codings(["1"], ["1"])
    for row in one:
        row["end_year"] = "2009"
    pairs = pair_codings(one)
    assert len(pairs) == 10
    assert len({pair.group for pair in pairs}) == 1
    note = {row["variable"]: row["note"] for row in reliability(one, [indicator()])}
    assert note["code"] == "no variation: alpha is not defined"


def test_agreement_does_not_depend_on_the_order() -> None:
    rows = codings(["0", "1", "1", "2", "3", "3", "0", "2"], ["0", "1", "2", "2", "3", "1", "0", "2"])
    assert reliability(rows, [indicator()]) == reliability(list(reversed(rows)), [indicator()])


def test_the_reference_case_of_krippendorff_holds() -> None:
    # Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability", example C: four observers, missing data.
    # Ours compares two coders; the library that computes it must agree with the published values.
    case = json.loads((REFERENCE / "krippendorff.json").read_text(encoding="utf-8"))
    data = np.array([[np.nan if value is None else value for value in row] for row in case["ratings"]], dtype=float)
    for metric, value in case["alpha"].items():
        assert krippendorff.alpha(data, level_of_measurement=metric) == pytest.approx(value, abs=1e-9)
