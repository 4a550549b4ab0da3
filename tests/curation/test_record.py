"""Claims of the programme record are kept with the evidence and make neither a column nor a value."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from govdata.curation.checks import check_dataset
from govdata.curation.read import read_tree
from govdata.curation.release import build_files
from govdata.model import Indicator

CODEBOOK = Path(__file__).resolve().parents[2] / "datasets" / "digital_surveillance" / "codebook"
RECORDS = sorted(CODEBOOK.glob("record_*.toml"))

PURPOSE = """id = "record_purpose"
number = "R1"
block = "R"
type = "nominal"
table = "record"
scopes = ["national", "subnational"]
direction = "none"
label.en = "Stated purpose"
question = "What is it said to be for?"

[[codes]]
code = "trust"
label.en = "trust"
"""
CLAIM = (
    "AAA-0090,AAA,record_purpose,trust,,,2004,,national,,,asserted,accepted,,E2,"
    "law_gazette,s. 2,For trust.,,c1,2026-01-01,"
)


def test_a_record_is_kept_and_makes_no_value(mini: Path) -> None:
    before = build_files(mini, read_tree(mini, "watch"))
    (mini / "watch" / "codebook" / "record_purpose.toml").write_text(PURPOSE, encoding="utf-8")
    with (mini / "watch" / "claims" / "AAA.csv").open("a", encoding="utf-8") as stream:
        stream.write(f"{CLAIM}\n")
    assert check_dataset(mini, "watch") == []
    after = build_files(mini, read_tree(mini, "watch"))
    assert CLAIM.encode() in after["claims.csv"]
    for name in ("panel.csv", "values.csv", "programme_years.csv"):
        assert after[name] == before[name]


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_no_record_of_the_codebook_has_a_rule_or_a_column(path: Path) -> None:
    indicator = Indicator.from_mapping(tomllib.loads(path.read_text(encoding="utf-8")))
    assert indicator.table == "record"
    assert indicator.rule == ""
    assert indicator.columns() == ()
