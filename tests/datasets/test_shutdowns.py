"""The committed shutdown claims: complete against the monitor, and coded by the stated rules."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import Counter
from pathlib import Path

import pytest

Row = dict[str, str]

CLAIMS = Path(__file__).resolve().parents[2] / "datasets" / "digital_surveillance" / "claims"

# Lines of the monitor's sheet by count year, after splitting the three that name several countries.
LISTED = {
    "2016": 80,
    "2017": 113,
    "2018": 205,
    "2019": 224,
    "2020": 171,
    "2021": 197,
    "2022": 206,
    "2023": 289,
    "2024": 309,
    "2025": 314,
}
INDIA = {
    "2016": 30,
    "2017": 69,
    "2018": 134,
    "2019": 121,
    "2020": 108,
    "2021": 108,
    "2022": 85,
    "2023": 116,
    "2024": 84,
    "2025": 65,
}


def read_claims() -> list[Row]:
    """Read the shutdown claims of all units as text."""
    rows: list[Row] = []
    for path in sorted(CLAIMS.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            found = list(csv.DictReader(file, strict=True))
        assert all(row["iso3"] == path.stem for row in found), path.name
        rows += [row for row in found if row["indicator"] == "shutdown_documented"]
    return rows


ROWS = read_claims()
BASE = [row for row in ROWS if row["scope"] == "all"]
EVENTS = [row for row in ROWS if row["scope"] != "all"]


def event_number(row: Row) -> int:
    """Return the monitor's event that a claim rests on."""
    found = re.fullmatch(r"Combined \(2016-2025\) sheet: event ([0-9]+)", row["locator"])
    assert found, row["claim_id"]
    return int(found[1])


def events_of(iso3: str, **fields: str) -> list[Row]:
    """Return the events of a unit with the given fields."""
    return [r for r in EVENTS if r["iso3"] == iso3 and all(r[k] == v for k, v in fields.items())]


def one_event(iso3: str, number: int) -> Row:
    """Return the claim of one unit on one event."""
    (row,) = [r for r in EVENTS if r["iso3"] == iso3 and event_number(r) == number]
    return row


def test_every_listed_event_is_a_claim_in_its_count_year() -> None:
    assert Counter(row["start"] for row in EVENTS) == LISTED
    assert all(row["start"] == row["end"] for row in EVENTS)
    assert len({row["iso3"] for row in EVENTS}) == 100


def test_each_event_once_but_for_those_that_name_several_countries() -> None:
    numbers = Counter(event_number(row) for row in EVENTS)
    assert set(numbers) == set(range(1, 2103))
    assert {number: n for number, n in numbers.items() if n > 1} == {1640: 5, 1670: 2, 2061: 2}


def test_india() -> None:
    assert Counter(row["start"] for row in events_of("IND")) == INDIA
    in_2018 = events_of("IND", start="2018", status="accepted")
    assert len(in_2018) == 133
    assert {row["scope"] for row in in_2018} == {"subnational"}
    national = events_of("IND", scope="national")
    assert {row["code"] for row in national} == {"1"}
    assert Counter(row["start"] for row in national) == {
        "2020": 1, "2021": 1, "2022": 1, "2023": 2, "2024": 1, "2025": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("iso3", "number", "year", "code"),
    [
        ("BGD", 1665, "2024", "2"),
        ("BGD", 1666, "2024", "1"),
        ("BLR", 711, "2020", None),
        ("CHN", 130, "2017", "1"),
        ("ETH", 551, "2019", "2"),
        ("IRN", 606, "2019", "2"),
        ("KEN", 1640, "2024", "2"),
        ("MMR", 878, "2021", "2"),
        ("NCL", 1618, "2024", "1"),
        ("SWZ", 888, "2021", "2"),
    ],
)
def test_known_events(iso3: str, number: int, year: str, code: str | None) -> None:
    row = one_event(iso3, number)
    assert row["start"] == year
    assert row["scope"] == "national"
    assert row["status"] == "accepted"
    assert code is None or row["code"] == code


def test_base_claims() -> None:
    assert len({row["iso3"] for row in BASE}) == len(BASE) >= 195
    for row in BASE:
        assert (row["code"], row["start"], row["end"]) == ("0", "2016", "2025")
        assert (row["status"], row["grade"], row["region"]) == ("accepted", "E1", "")
    for iso3 in ("SWE", "CAN", "NAM", "JPN"):
        assert not events_of(iso3)
        assert sum(row["iso3"] == iso3 for row in BASE) == 1
    # A territory has its events only.
    assert not [row for row in BASE if row["iso3"] in {"NCL", "HKG", "PRI"}]
    assert {row["iso3"] for row in EVENTS} - {row["iso3"] for row in BASE} == {"NCL"}


def test_vocabulary() -> None:
    for row in ROWS:
        assert row["grade"] == "E1"
        assert row["modality"] == "asserted"
        assert row["source_id"] == "access_now_stop"
        assert row["coder"] == "c02"
        assert row["programme_id"] == row["definition"] == ""
        assert row["code"] in {"0", "1", "2"}
        assert row["low"] == row["high"] == ""
        assert (row["scope"] == "subnational") == bool(row["region"])
        assert len(row["region"]) <= 120
        assert row["gloss"].startswith("The monitor")
    assert {(row["status"], row["reason"]) for row in ROWS} == {
        ("accepted", ""),
        ("contested", "not_state_action"),
        ("contested", "sources_disagree"),
        ("contested", "wrong_scope"),
        ("contested", "wrong_unit"),
        ("rejected", "duplicate"),
        ("rejected", "not_state_action"),
        ("rejected", "wrong_unit"),
    }


def test_national_needs_the_entrys_word() -> None:
    """An entry that stops short of the whole country is subnational and says so."""
    for iso3, number in (("CUB", 896), ("MMR", 834), ("RUS", 1784), ("PAK", 177)):
        row = one_event(iso3, number)
        assert row["scope"] == "subnational"
        assert "comes close to the whole country" in row["comment"]
    assert all("Gaza" in row["region"] for row in events_of("PSE") if "Strip" in row["region"])
    assert not events_of("PSE", scope="national")
    for row in EVENTS:
        assert "national capital" not in row["region"].lower() or row["scope"] == "subnational"


def test_exceptions_are_named() -> None:
    excepted = [row for row in EVENTS if "The entry excepts" in row["comment"]]
    assert Counter(row["iso3"] for row in excepted) == {"CHN": 5, "IRN": 2, "IRQ": 6, "ETH": 1}
    assert {row["scope"] for row in excepted} == {"national"}


def test_contested() -> None:
    contested = [row for row in EVENTS if row["status"] == "contested"]
    assert Counter((row["scope"], row["reason"]) for row in contested) == {
        ("national", "not_state_action"): 8,
        ("subnational", "not_state_action"): 74,
        ("national", "wrong_scope"): 25,
        ("national", "sources_disagree"): 4,
        ("subnational", "sources_disagree"): 1,
        ("subnational", "wrong_unit"): 1,
    }
    contradictory = [row for row in contested if "The area name says" in row["comment"]]
    assert {event_number(row) for row in contradictory} == {68, 366, 669, 833}


def test_rejected_stays_visible() -> None:
    rejected = [row for row in EVENTS if row["status"] == "rejected"]
    assert Counter(row["reason"] for row in rejected) == {
        "not_state_action": 33,
        "wrong_unit": 5,
        "duplicate": 5,
    }


def test_another_states_act_is_not_the_units_own() -> None:
    """Acts of another state are kept where they happened and name that state."""
    foreign = [row for row in EVENTS if "the act of another state" in row["comment"]]
    assert {(row["status"], row["reason"]) for row in foreign} == {("contested", "not_state_action")}
    assert Counter(row["iso3"] for row in foreign) == {
        "UKR": 38, "PSE": 30, "MMR": 9, "KHM": 1, "LAO": 1, "KEN": 1, "SYR": 1, "YEM": 1,
    }  # fmt: skip
    # A cut in one country that spread to its neighbours counts in the first only.
    assert one_event("KEN", 1640)["status"] == "accepted"
    for iso3, number in (("BDI", 1640), ("RWA", 1640), ("TZA", 1640), ("UGA", 1640), ("CAF", 2061)):
        assert one_event(iso3, number)["reason"] == "wrong_unit"


def test_duplicates_repeat_an_accepted_event() -> None:
    for row in EVENTS:
        if row["reason"] == "duplicate":
            found = re.search(r"Repeats event ([0-9]+)\.", row["comment"])
            assert found
            first = one_event(row["iso3"], int(found[1]))
            assert first["status"] == "accepted"
            for field in ("code", "start", "scope"):
                assert first[field] == row[field]


def test_numbers_are_unique_and_ordered() -> None:
    ids = [row["claim_id"] for row in ROWS]
    assert len(set(ids)) == len(ids)
    for iso3 in {row["iso3"] for row in ROWS}:
        rows = [row for row in ROWS if row["iso3"] == iso3]
        first = 5001 if iso3 == "CHN" else 1
        expected = [f"{iso3}-{n:04d}" for n in range(first, first + len(rows))]
        assert [row["claim_id"] for row in rows] == expected
        events = [(row["start"], event_number(row)) for row in rows if row["scope"] != "all"]
        assert events == sorted(events)


def test_text_is_clean() -> None:
    for row in ROWS:
        for cell in row.values():
            assert cell == unicodedata.normalize("NFC", cell).strip()
            assert "  " not in cell
            assert not any(unicodedata.category(c) in {"Cc", "Cf", "Zl", "Zp"} for c in cell)
    for path in CLAIMS.glob("*.csv"):
        data = path.read_bytes()
        assert data.endswith(b"\n")
        assert b"\r" not in data
