"""Compare the register of units with the public lists it was rebuilt from.

Usage: ``python intake_countries.py DIR``

``DIR`` holds extracts of the lists named in ``sources.csv``: ``cow_states.csv``, ``gw_states.csv``,
``crosswalk_panel_1990on.csv`` (countrycode), ``vdem_v15_indices_1990_2024.csv``,
``population_un.csv`` and ``un_egdi_2003_2022.csv``. The script writes nothing. It prints every
difference between the lists and ``units.csv``, each with the reason why the register keeps its own
value, and ends with status 1 if a difference has no reason.

Gleditsch and Ward's microstates are not in ``gw_states.csv``; their numbers cannot be checked here.
"""

from __future__ import annotations

import csv
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

Row = dict[str, str]

FIRST_DAY = "1990-01-01"
COW_LAST = "2016-12-31"
GW_LAST = "2017-12-31"
UN_YEAR = "2022-12-31"

SOVIET_DAY = "the register lets them begin on 1991-12-26, the day after the Soviet Union's last"
COW_LATER = "existence is independence, not COW membership"
EARLIER = "the register takes the earlier of the two lists' days"
SHARED = "the list counts two or more lives as one state under this number"

REASONS: dict[tuple[str, str], str] = {
    ("DEU", "gw start"): SHARED,
    ("DEU", "gw end"): SHARED,
    ("YEM", "gw start"): SHARED,
    ("YEM", "gw end"): SHARED,
    ("SUN", "cow end"): SHARED,
    ("SUN", "gw end"): SHARED,
    ("RUS", "cow start"): SHARED,
    ("RUS", "gw start"): SHARED,
    ("YUG", "cow start"): SHARED,
    ("YUG", "gw start"): SHARED,
    ("YUG", "cow end"): SHARED,
    ("YUG", "gw end"): SHARED,
    ("SCG", "cow start"): SHARED,
    ("SCG", "gw start"): SHARED,
    ("SCG", "cow end"): SHARED,
    ("SRB", "cow start"): SHARED,
    ("DEU", "cown"): "countrycode gives 255 for all of 1990; West Germany was 260 until 1990-10-02",
    ("DEU", "cowc"): "countrycode gives GMY for all of 1990; West Germany was GFR until 1990-10-02",
    ("DEU", "iso3n"): "ISO had 280 until 1990; countrycode gives the present number for all years",
    ("YEM", "cown"): "the life before 1990-05-22 is the Yemen Arab Republic, 678 in COW",
    ("YEM", "cowc"): "the life before 1990-05-22 is the Yemen Arab Republic, YAR in COW",
    ("YEM", "gwn"): "the list keeps 678 after unification; countrycode leaves the number empty",
    ("YEM", "iso3n"): "ISO had 886 until 1990; countrycode gives the present number for all years",
    ("VNM", "gwn"): "the list has Vietnam as 816; countrycode leaves the number empty",
    ("SRB", "cown"): "the COW list keeps Yugoslavia's 345 to 2016; countrycode leaves it empty",
    ("SRB", "cowc"): "the COW list keeps Yugoslavia's YUG to 2016; countrycode leaves it empty",
    ("PLW", "cown"): "the life before 1994-10-01 is a trust territory and has no state number",
    ("PLW", "cowc"): "the life before 1994-10-01 is a trust territory and has no state number",
    ("PSE", "vdem"): "V-Dem's PSE is the West Bank (128); countrycode gives Gaza (138)",
    ("PSG", "v-dem unit"): "Gaza is no unit of its own; PSE carries V-Dem's West Bank",
    ("SML", "v-dem unit"): "Somaliland has no ISO 3166-1 code",
    ("ZZB", "v-dem unit"): "Zanzibar has no ISO 3166-1 code",
}
_MICROSTATES = "AND ATG DMA FSM GRD KIR KNA LCA LIE MCO MHL NRU PLW SMR STP SYC TON TUV VCT VUT WSM"
for _code in _MICROSTATES.split():
    REASONS[_code, "gwn"] = "a microstate; countrycode holds the list without microstates"
    REASONS[_code, "gw number"] = "a microstate; not in this list"
for _code in ("ARM", "AZE", "BLR", "GEO", "KAZ", "KGZ", "MDA", "TJK", "TKM", "UKR", "UZB"):
    REASONS[_code, "gw start"] = SOVIET_DAY
for _code in ("AND", "FSM", "KIR", "LIE", "MCO", "MHL", "NRU", "SMR", "TON", "TUV"):
    REASONS[_code, "cow start"] = COW_LATER
for _code in ("MKD", "MNE", "PLW", "TLS", "XKX"):
    REASONS[_code, "cow start"] = EARLIER
for _code in ("BIH", "HRV", "SVN"):
    REASONS[_code, "gw start"] = EARLIER


@dataclass(frozen=True)
class Difference:
    """One value of the register that a list gives otherwise."""

    iso3: str
    what: str
    ours: str
    theirs: str

    @property
    def reason(self) -> str:
        """Why the register keeps its own value; empty if nobody has said why."""
        return REASONS.get((self.iso3, self.what), "")


def read(path: Path) -> list[Row]:
    """Read a CSV file as text."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def cow_spells(folder: Path) -> dict[str, tuple[str, str, str]]:
    """Give first day, last day and letters of each COW number alive in 1990 or later."""
    spells: dict[str, tuple[str, str, str]] = {}
    for row in read(folder / "cow_states.csv"):
        first = date(int(row["styear"]), int(row["stmonth"]), int(row["stday"])).isoformat()
        last = date(int(row["endyear"]), int(row["endmonth"]), int(row["endday"])).isoformat()
        if last >= FIRST_DAY:
            spells[row["ccode"]] = (first, last, row["stateabb"])
    return spells


def gw_spells(folder: Path) -> dict[str, tuple[str, str, str]]:
    """Give first day, last day and letters of each Gleditsch-Ward number alive in 1990 or later."""
    return {
        row["gwcode"]: (row["startdate"], row["enddate"], row["stateabb"])
        for row in read(folder / "gw_states.csv")
        if row["enddate"] >= FIRST_DAY
    }


def compare_days(
    units: list[Row], spells: dict[str, tuple[str, str, str]], system: str, last_day: str
) -> Iterator[Difference]:
    """Compare the first and last days of the lives with the spells of one state list."""
    column = f"{system}_code"
    for unit in units:
        number = unit[column]
        if not number:
            continue
        if number not in spells:
            yield Difference(unit["iso3"], f"{system} number", number, "")
            continue
        first, last, letters = spells[number]
        theirs_start = first if first > FIRST_DAY else ""
        theirs_end = last if last < last_day else ""
        if unit["start"] != theirs_start:
            yield Difference(unit["iso3"], f"{system} start", unit["start"], first)
        if unit["end"] != theirs_end:
            yield Difference(unit["iso3"], f"{system} end", unit["end"], last)
        if system == "cow" and unit["cow_abb"] != letters:
            yield Difference(unit["iso3"], "cow letters", unit["cow_abb"], letters)
    for number in sorted(set(spells) - {unit[column] for unit in units}, key=int):
        yield Difference("", f"{system} number", "", number)


def compare_codes(units: list[Row], folder: Path) -> Iterator[Difference]:
    """Compare the codes with those countrycode gives to the same ISO3 in any year.

    countrycode leaves state numbers empty in the years after its lists end; such gaps are no
    difference, and neither is an ISO3 that countrycode does not hold.
    """
    fields = {
        "iso2c": "iso2",
        "iso3n": "iso_numeric",
        "cown": "cow_code",
        "cowc": "cow_abb",
        "gwn": "gw_code",
        "vdem": "vdem_id",
    }
    seen: dict[tuple[str, str], set[str]] = {}
    for row in read(folder / "crosswalk_panel_1990on.csv"):
        for theirs in fields:
            seen.setdefault((row["iso3c"], theirs), set()).update({row[theirs]} - {""})
    for unit in units:
        for theirs, ours in fields.items():
            if (unit["iso3"], theirs) not in seen:
                continue
            given, value = seen[unit["iso3"], theirs], unit[ours]
            if ours == "iso_numeric":
                value = value.lstrip("0")
            if given != ({value} - {""}):
                yield Difference(unit["iso3"], theirs, value, " ".join(sorted(given)))
    for iso3 in sorted({iso3 for iso3, _ in seen} - {unit["iso3"] for unit in units} - {""}):
        yield Difference(iso3, "countrycode unit", "", iso3)


def compare_vdem(units: list[Row], folder: Path) -> Iterator[Difference]:
    """Look for V-Dem units without a unit here, and for letters that disagree with our ISO3."""
    rated = read(folder / "vdem_v15_indices_1990_2024.csv")
    letters = {row["country_id"]: row["country_text_id"] for row in rated}
    held: dict[str, set[str]] = {}
    for unit in units:
        held.setdefault(unit["vdem_id"], set()).add(unit["iso3"])
    for number, text in sorted(letters.items(), key=lambda pair: pair[1]):
        if number not in held:
            yield Difference(text, "v-dem unit", "", number)
        elif text not in held[number]:
            yield Difference(text, "v-dem letters", " ".join(sorted(held[number])), text)
    for number in sorted(set(held) - set(letters) - {""}):
        yield Difference(" ".join(sorted(held[number])), "v-dem number", number, "")


def compare_un(units: list[Row], folder: Path) -> Iterator[Difference]:
    """Compare UN members with the E-Government survey, and the units with the population data."""
    surveyed = {row["iso3"] for row in read(folder / "un_egdi_2003_2022.csv")}
    alive = [unit for unit in units if (unit["end"] or UN_YEAR) >= UN_YEAR]
    members = {unit["iso3"] for unit in alive if "" < unit["un_member_from"] <= UN_YEAR}
    for iso3 in sorted(surveyed ^ members):
        ours = "member" if iso3 in members else "not a member"
        theirs = "surveyed" if iso3 in surveyed else "not surveyed"
        yield Difference(iso3, "un membership", ours, theirs)
    counted = {row["Code"] for row in read(folder / "population_un.csv")}
    for iso3 in sorted(counted - {unit["iso3"] for unit in units}):
        yield Difference(iso3, "population unit", "", iso3)


def main(arguments: list[str]) -> int:
    """Print all differences; give 1 if one of them has no reason, 2 if called wrongly."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python intake_countries.py DIR\n")
        return 2
    folder = Path(arguments[0])
    units = read(Path(__file__).resolve().parent.parent / "units.csv")
    found = [
        *compare_days(units, cow_spells(folder), "cow", COW_LAST),
        *compare_days(units, gw_spells(folder), "gw", GW_LAST),
        *compare_codes(units, folder),
        *compare_vdem(units, folder),
        *compare_un(units, folder),
    ]
    for one in found:
        reason = one.reason or "NO REASON GIVEN"
        ours, theirs = one.ours or "empty", one.theirs or "empty"
        print(f"{one.iso3 or '-'}: {one.what}: ours {ours}, theirs {theirs}: {reason}")
    open_ones = sum(not one.reason for one in found)
    print(f"{len(units)} lives, {len(found)} differences, {open_ones} without reason")
    return 1 if open_ones else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
