"""Presence: the rule of the indicators that end in ``_any``, and the files of claims that scripts write."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdata.curation.claimfiles import carried_claim, replace_claims
from govdata.errors import CurationError
from govdata.model import Code, Indicator
from govdata.rules import Claim, decide
from govdata.textio import csv_bytes
from govdata.vocabulary import CLAIM_COLUMNS

INDICATOR = Indicator.from_mapping(
    {
        "id": "level_any",
        "number": "V1",
        "block": "V",
        "type": "binary",
        "table": "panel",
        "rule": "presence",
        "timing": "year_end",
        "claims_of": "level",
        "scopes": ["national"],
        "bounds": True,
        "years": [2000, 2025],
        "label": {"en": "Any level"},
        "question": "Is there any?",
        "codes": [{"code": "0", "label": {"en": "no"}}, {"code": "1", "label": {"en": "yes"}}],
    }
)
BASE = Claim.from_row(
    dict.fromkeys(CLAIM_COLUMNS, "")
    | {
        "claim_id": "XXX-0001",
        "iso3": "XXX",
        "indicator": "level",
        "start": "2010",
        "scope": "national",
        "modality": "asserted",
        "status": "accepted",
        "grade": "E1",
        "source_id": "s1",
    }
)
bounds = st.tuples(st.integers(0, 4), st.integers(0, 4)).map(sorted)


def made(spans: list[list[int]], status: str = "accepted") -> list[Claim]:
    return [
        replace(
            BASE,
            id=f"XXX-{place:04d}",
            status=status,
            code=str(low) if low == high else "",
            low="" if low == high else str(low),
            high="" if low == high else str(high),
        )
        for place, (low, high) in enumerate(spans, 1)
    ]


def test_the_indicator_reads_another_ones_claims() -> None:
    assert INDICATOR.evidence_id == "level"
    assert isinstance(INDICATOR.codes[0], Code)


@given(st.lists(bounds, min_size=1, max_size=6))
def test_present_if_something_is_shown_absent_if_nothing_can_be(spans: list[list[int]]) -> None:
    cell = decide(INDICATOR, made(spans), 2020, "national")
    assert cell is not None
    shown, possible = max(low for low, _ in spans) > 0, max(high for _, high in spans) > 0
    assert cell.value == ("1" if shown else "" if possible else "0")
    assert (cell.low, cell.high) == (str(int(shown)), str(int(possible)))
    assert cell.status == ("interval" if possible and not shown else "single_source")
    assert cell.claim_ids
    assert set(cell.claim_ids) | set(cell.considered_ids) == {claim.id for claim in made(spans)}
    assert not set(cell.claim_ids) & set(cell.considered_ids)


@given(st.lists(bounds, min_size=1, max_size=6), st.randoms())
def test_order_does_not_matter(spans: list[list[int]], chance: object) -> None:
    claims = made(spans)
    shuffled = list(claims)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert decide(INDICATOR, claims, 2020, "national") == decide(INDICATOR, shuffled, 2020, "national")


@given(st.lists(bounds, min_size=1, max_size=4), st.lists(bounds, min_size=1, max_size=4))
def test_more_accepted_evidence_never_takes_presence_away(one: list[list[int]], more: list[list[int]]) -> None:
    before = decide(INDICATOR, made(one), 2020, "national")
    after = decide(INDICATOR, made(one + more), 2020, "national")
    assert before is not None
    assert after is not None
    assert after.low >= before.low


@given(st.lists(bounds, min_size=1, max_size=4))
def test_contested_claims_alone_leave_it_open_from_none(spans: list[list[int]]) -> None:
    cell = decide(INDICATOR, made(spans, "contested"), 2020, "national")
    assert cell is not None
    assert cell.value == ""
    assert cell.low == "0"
    assert cell.status == "contested"


def write(folder: Path, name: str, rows: list[dict[str, str]]) -> None:
    (folder / f"{name}.csv").write_bytes(csv_bytes(CLAIM_COLUMNS, rows))


def test_a_script_replaces_its_own_claims_only(tmp_path: Path) -> None:
    hand = carried_claim("FRA-0001", "cctv_public", "page", code="1", coder="c22")
    stale = carried_claim("FRA-6001", "ai_surveillance", "index", code="0")
    gone = carried_claim("DEU-6001", "ai_surveillance", "index", code="1")
    write(tmp_path, "FRA", [hand, stale])
    write(tmp_path, "DEU", [gone])
    fresh = carried_claim("FRA-6001", "ai_surveillance", "index", code="1")
    new = carried_claim("ITA-6001", "ai_surveillance", "index", code="1")

    def owned(row: object) -> bool:
        return row["source_id"] == "index"  # type: ignore[index]

    assert replace_claims(tmp_path, [new, fresh], owned) == 2
    assert (tmp_path / "FRA.csv").read_bytes() == csv_bytes(CLAIM_COLUMNS, [hand, fresh])
    assert (tmp_path / "DEU.csv").read_bytes() == csv_bytes(CLAIM_COLUMNS, [])
    assert (tmp_path / "ITA.csv").read_bytes() == csv_bytes(CLAIM_COLUMNS, [new])
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    replace_claims(tmp_path, [fresh, new], owned)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_taken_number_stops_the_script_before_anything_is_written(tmp_path: Path) -> None:
    write(tmp_path, "FRA", [carried_claim("FRA-6001", "cctv_public", "page", code="1", coder="c22")])
    before = (tmp_path / "FRA.csv").read_bytes()
    claims = [
        carried_claim("DEU-6001", "ai_surveillance", "index", code="1"),
        carried_claim("FRA-6001", "ai_surveillance", "index", code="1"),
    ]
    with pytest.raises(CurationError, match="FRA-6001 is taken"):
        replace_claims(tmp_path, claims, lambda row: row["source_id"] == "index")
    assert [path.name for path in tmp_path.iterdir()] == ["FRA.csv"]
    assert (tmp_path / "FRA.csv").read_bytes() == before
