r"""Code documented internet shutdowns, 2016-2025, from Access Now's list into claims.

Run ``python intake_shutdowns.py DIR``, where DIR holds ``access_now_stop_2016_2025.csv``: 25 of the
47 columns of the sheet "Combined (2016-2025)" of Access Now's Shutdown Tracker Optimization Project
(STOP), snapshot of 20 May 2026, with an ISO 3166 code added. The sheet has no event number of its
own: ``event_id`` is the position of the line in that snapshot. The script refuses any other file
(SHA-256), rewrites the ``shutdown_documented`` claims in ``claims/<ISO3>.csv`` and leaves all other
claims of these files as they are. Running it twice gives the same bytes.

Coding rules, and why
=====================

Code
    0 no shutdown documented by this monitor, 1 service-based only, 2 full network; read from
    ``shutdown_extent``. Both extents give 2: the stronger measure was taken. An empty extent leaves
    the code open between 1 and 2, since no other column decides it (none is empty in this
    snapshot). Slowing a network down is coded by its extent like cutting it, because the monitor
    counts both as shutdowns; the gloss says which it was.

Time
    One claim for each line of the list. The monitor lists an event that goes on anew in each year
    in which it counts it, so ``start`` = ``end`` = ``count_year``. The dates of the event itself,
    which may lie years apart, stand in the comment.

Scope
    ``national`` only where the entry's own words say the whole country: NATIONAL lists every
    accepted spelling, EXCEPT those that name an exception (the measure still reached most of the
    population). All other named areas are ``subnational``. Wording that comes close (NEARLY: "most
    of the country", "likely nationwide") is subnational too, and the comment says so: a city is not
    a country, and fifteen regions are not one either. Names such as "National Capital Territory of
    Delhi" or "59 universities across the country" contain the word but mean a part (PART_OF);
    any other area name with such a word stops the script. All multi-region names were read by eye.

Contradiction
    Where the area name says the whole country but ``geo_scope`` says one city or one state, the
    claim is ``national`` and ``contested`` (``sources_disagree``): the entry disagrees with itself.

No area named
    If ``geo_scope`` says one city or one state, the claim is subnational, region "not stated". If
    it says several regions, or is itself unsure, nobody can tell whether the country or part of
    it was meant: ``national``, ``contested`` (``wrong_scope``). That widens the bounds of the
    national value and decides nothing.

Who ordered it
    The data set codes what a unit's own state does. The monitor puts two kinds of actor under
    "Non-government". Armed groups, hackers and the like are ``rejected`` (``not_state_action``)
    and stay visible. The authorities of another state (an army in occupied or invaded territory, a
    neighbour that cuts its cables) are ``contested`` (``not_state_action``): the shutdown happened
    in the unit, but its own state did not order it, so the value stays what the state's own acts
    give and its upper bound shows what the population met. The full sheet's column
    ``decision_maker`` (not among the 25) names them; FOREIGN lists these events, and the comment
    names the other state. In one event (OWN_AUTHORITY) ``decision_maker`` names the unit's own
    police against the code "Non-government": ``contested`` (``sources_disagree``). "Unknown" stays
    accepted, because the list is one of shutdowns, not of outages; the comment says so.

Events with several countries
    Three lines name several countries and count in each. For two of them (SPILLOVER) the sheet's
    description says that one government cut its network and that the networks of the neighbours
    failed with it: accepted there, ``rejected`` (``wrong_unit``) at the neighbours. The third is
    the act of another state in both countries it names: ``contested`` in both.

Duplicates
    DUPLICATES lists later lines that repeat an earlier one of the same country, count year, area,
    extent and start, found by comparing the coded columns and judged by eye in all 47 columns.
    Blocks of several services on one day are not duplicates. ``rejected`` (``duplicate``).

Misplaced
    MISPLACED lists an event whose area lies in another country, for which the monitor lists a
    shutdown from the same day: ``contested`` (``wrong_unit``).

Absence
    Silence is not zero, but this monitor covers the world: each state and each partially recognised
    state of the register that exists in 2016-2025 has one base claim, code 0, scope ``all``. Under
    the rule "highest code" it gives way to any accepted event. Territories have no base claim,
    only their events: whether the monitor watches a territory apart from its sovereign is nowhere
    stated, so its silence on one says nothing. Western Sahara (ESH) has none either: the monitor
    may list its events under another name.

Grade, modality and numbers
    E1 (one monitor of one non-governmental organisation), ``asserted``. The base claim comes first,
    then the events by count year and event number, from 0001 (China: from 5001, because the
    numbers below belong to claims of other indicators).

Counts compare badly across countries: India's 920 lines are mostly orders for a district or two.
"""

from __future__ import annotations

import csv
import hashlib
import re
import sys
import unicodedata
from pathlib import Path

Row = dict[str, str]

DATASET = Path(__file__).resolve().parents[1]
CLAIMS = DATASET / "claims"
UNITS = DATASET.parent / "countries" / "units.csv"

INPUT = "access_now_stop_2016_2025.csv"
SHA256 = "a2c4aeae9aadb7b9a6e84b83c36e13ea7980b24350025d22d4745db48871c7b9"
INDICATOR = "shutdown_documented"
SOURCE_ID = "access_now_stop"
SHEET = "Combined (2016-2025) sheet"
FIRST_YEAR, LAST_YEAR = 2016, 2025
CODER = "c02"
CODED_ON = "2026-11-21"
FIRST_NUMBER = {"CHN": 5001}
REGION_LENGTH = 120

COLUMNS = (
    "claim_id", "iso3", "indicator", "code", "low", "high", "start", "end", "scope", "region",
    "programme_id", "modality", "status", "reason", "grade", "source_id", "locator", "cites", "gloss",
    "definition", "coder", "coded_on", "comment",
)  # fmt: skip

CODES = {
    "Full network": ("2", "full-network"),
    "Full network, Service-based": ("2", "full-network and service-based"),
    "Service-based": ("1", "service-based"),
}
KINDS = {
    "Shutdown": "shutdown",
    "Shutdown, Throttle": "shutdown with throttling",
    "Throttle": "throttling",
    "Unknown": "disruption of unknown type",
}
NETWORKS = {
    "Broadband, Mobile": " affecting broadband and mobile service",
    "Broadband": " affecting broadband service",
    "Mobile": " affecting mobile service",
    "Unknown": " on networks not known",
}
ORDERED_BY = {
    "Executive government": ", ordered by the executive government",
    "State government": ", ordered by a state or provincial government",
    "Local government": ", ordered by a local government",
    "Military": ", ordered by the military",
    "Law enforcement": ", ordered by law enforcement",
    "Judiciary": ", ordered by the judiciary",
    "Non-government": ", attributed to an actor outside the government",
    "Unknown": "",
    "": "",
}
CAUSES = {
    "Protests": "protests",
    "Conflict": "conflict",
    "Political instability": "political instability",
    "Information control": "control of information",
    "Communal violence": "communal violence",
    "Exam cheating": "cheating in examinations",
    "Elections": "elections",
    "Religious holiday/anniversary": "a religious holiday or anniversary",
    "Visits by government officials": "visits by officials",
    "Other": "",
    "Unknown": "",
}
SERVICES = {
    "facebook_affected": "Facebook",
    "twitter_affected": "Twitter/X",
    "whatsapp_affected": "WhatsApp",
    "instagram_affected": "Instagram",
    "telegram_affected": "Telegram",
}

# Geographical reach as the sheet words it, in short.
ONE_PLACE = "one city, county or village"
ONE_REGION = "one state, province or region"
SEVERAL = "more than one region"
UNSURE = "not sure"
UNSTATED = ""
GEO_SCOPES = {
    "It only affected one city, county, or village": ONE_PLACE,
    "It affected more than one city in the same state, province, or region": ONE_REGION,
    "It affected locations in more than one state, province, or region": SEVERAL,
    "Not sure": UNSURE,
    "": UNSTATED,
}

# Area names, cleaned and in lower case, that say the whole country.
NATIONAL = frozenset({
    "nationwide",
    "nationwde",
    "nation wide",
    "national",
    "entire country",
    "countrywide",
    "countrywide shutdown",
    "nationwide, especially ashgabat",
    "traffic slowed down for the entire country but specifically in kabul",
    "it affected mobile data services in the whole country",
    "entire south sudan",
    "eswatini/eswatini",
})  # fmt: skip
# The whole country but for a part: national, the exception goes into the comment.
EXCEPT = {
    "nationwide except for hk sar": "the Hong Kong SAR",
    "all regions except addis abeba": "Addis Ababa",
    "national except kurdish areas": "the Kurdish areas",
    "national except kurdish region": "the Kurdish region",
    "nationwide (except kurdistan)": "Kurdistan",
}
# Close to the whole country, but the entry stops short of saying so: subnational.
NEARLY = frozenset({
    (
        "confirmed karachi, lahore, faisalabad, rawalpindi, gujranwala, islamabad, quetta and"
        " peshawar, likely nationwide"
    ),
    "most of the country",
    "near country-wide",
    (
        "nationwide traffic drop (cf reported), several areas of rawalpindi, including shamsabad"
        " and faizabad, cities including lahore, karachi, islamabad (various cities in punjab)"
    ),
    "nearly every region",
})  # fmt: skip
# Names with a national word that mean a part of the country.
PART_OF = frozenset({
    "40 regions across the country",
    "59 universities across the country",
    "crisis-hit areas throughout the country",
    "entire kashmir valley",
    "entire kashmir valley, jammu & kashmir state",
    "nagaland state (entire state)",
    (
        "national capital territory of dehli, and western uttar pradesh / ghazipur border site with"
        " delhi"
    ),
})  # fmt: skip
NATIONAL_WORD = re.compile(r"\b(nation|nation\W?w\w+|national|countr\w*|entire|whole)\b")

# Later line -> the earlier line that it repeats.
DUPLICATES = {222: 221, 301: 300, 438: 436, 607: 606, 792: 791}

# Units whose events the monitor may list under another name: its silence on them says nothing.
NO_BASE = {"ESH"}

# "Non-government" events whose decision_maker is an authority of another state.
FOREIGN = {
    "Russia": (
        1057, 1059, 1060, 1061, 1062, 1065, 1066, 1070, 1071, 1081, 1087, 1107, 1108, 1137, 1138,
        1151, 1162, 1169, 1172, 1182, 1185, 1194, 1236, 1238, 1245, 1255, 1399, 1467, 1601, 1604,
        1614, 1623, 1700, 1756, 1768, 1860, 1895, 2090,
    ),
    "Israel": (
        871, 1407, 1408, 1409, 1410, 1411, 1414, 1422, 1427, 1433, 1442, 1451, 1464, 1466, 1468,
        1473, 1481, 1526, 1540, 1547, 1597, 1708, 1725, 1829, 1865, 1950, 1961, 1962, 2035, 2072,
    ),
    "Thailand": (1616, 1635, 1670, 1773, 1875, 1884, 1972),
    "China": (1650, 1771, 2039),
    "Somalia": (665,),
    "Turkey": (1648,),
    "the Saudi-led coalition": (1034,),
}  # fmt: skip
FOREIGN_OF = {event: state for state, events in FOREIGN.items() for event in events}

# "Non-government" although decision_maker names an authority of the unit itself.
OWN_AUTHORITY = {703: "a police command of the unit"}

# Event -> the unit whose government acted, its name; the other units named were only hit.
SPILLOVER = {1640: ("KEN", "Kenya"), 2061: ("CMR", "Cameroon")}

# Event -> why it seems to belong to another unit.
MISPLACED = {
    966: (
        "Khorog is the capital of Gorno-Badakhshan in Tajikistan, for which the list has a"
        " shutdown from the same day (event 968)."
    ),
}


def clean(text: str) -> str:
    """Return text in NFC, without control or format characters, with single spaces."""
    spaced = re.sub(r"\s+", " ", unicodedata.normalize("NFC", text))
    kept = "".join(c for c in spaced if unicodedata.category(c) not in {"Cc", "Cf"})
    return re.sub(r" +", " ", kept).replace(" ,", ",").strip(" ,.")


def shorten(text: str, length: int = REGION_LENGTH) -> str:
    """Cut a name at a word, with an ellipsis, so that it has at most ``length`` characters."""
    if len(text) <= length:
        return text
    return text[: length - 1].rsplit(" ", 1)[0].rstrip(" ,;&") + " …"


def read(path: Path) -> list[Row]:
    """Read a CSV file as text."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def read_events(folder: Path) -> list[Row]:
    """Read the pinned list of events, and refuse any other file."""
    path = folder / INPUT
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != SHA256:
        message = f"{INPUT}: sha256 is {found}, expected {SHA256}"
        raise SystemExit(message)
    return sorted(read(path), key=lambda e: (e["iso3"], int(e["count_year"]), int(e["event_id"])))


def read_units() -> tuple[set[str], set[str]]:
    """Return all units of the register, and those that need a base claim."""
    units = read(UNITS)
    base = {
        unit["iso3"]
        for unit in units
        if unit["kind"] in {"state", "partial"}
        and unit["iso3"] not in NO_BASE
        and (not unit["start"] or int(unit["start"][:4]) <= LAST_YEAR)
        and (not unit["end"] or int(unit["end"][:4]) >= FIRST_YEAR)
    }
    return {unit["iso3"] for unit in units}, base


def reach(event: Row) -> tuple[str, str, str, str]:
    """Return scope, region, the reason to contest the scope (or none) and a remark."""
    geo = GEO_SCOPES[event["geo_scope"]]
    area = clean(event["area_name"])
    key = area.casefold()
    if not area:
        if geo in {ONE_PLACE, ONE_REGION}:
            return "subnational", "not stated", "", "No area is named."
        remark = "No area is named, so that the whole country or a part of it may be meant."
        return "national", "", "wrong_scope", remark
    if key in NATIONAL or key in EXCEPT:
        remark = f"The entry excepts {EXCEPT[key]}." if key in EXCEPT else ""
        if geo in {ONE_PLACE, ONE_REGION}:
            remark = f"The area name says the whole country, the geographical scope {geo}."
            return "national", "", "sources_disagree", remark
        return "national", "", "", remark
    if key in NEARLY:
        remark = "The wording comes close to the whole country but does not say it."
        return "subnational", shorten(area), "", remark
    if NATIONAL_WORD.search(key) and key not in PART_OF:
        message = f"event {event['event_id']}: is {area!r} the whole country? Put it into a table"
        raise SystemExit(message)
    return "subnational", shorten(area), "", ""


def judge_author(event: Row) -> tuple[str, str, str]:
    """Return status, reason and a remark for an event listed as non-government."""
    number = int(event["event_id"])
    if number in OWN_AUTHORITY:
        remark = f"Coded as non-government, but the full sheet names {OWN_AUTHORITY[number]}."
        return "contested", "sources_disagree", remark
    if number in FOREIGN_OF:
        remark = (
            f"The full sheet names authorities of {FOREIGN_OF[number]}: the act of another state,"
            " kept in the unit where it happened."
        )
        return "contested", "not_state_action", remark
    return "rejected", "not_state_action", "Not listed as an act of the government."


def judge(event: Row, scope_reason: str) -> tuple[str, str, str]:
    """Return status, reason and a remark."""
    number = int(event["event_id"])
    if number in DUPLICATES:
        return "rejected", "duplicate", f"Repeats event {DUPLICATES[number]}."
    if event["ordered_by"] == "Non-government":
        return judge_author(event)
    if number in SPILLOVER and event["iso3"] != SPILLOVER[number][0]:
        remark = f"The full sheet describes a cut made in {SPILLOVER[number][1]} that spread here."
        return "rejected", "wrong_unit", remark
    if number in MISPLACED:
        return "contested", "wrong_unit", MISPLACED[number]
    return ("contested", scope_reason, "") if scope_reason else ("accepted", "", "")


def dates(event: Row) -> str:
    """Say when the event itself took place, as listed."""
    start, end = event["start_date"], event["end_date"]
    about = " (estimated)" if event["start_date_type"] == "Estimated" else ""
    if end:
        span = f"{start}{about} to {end}"
    elif event["shutdown_status"] == "Ongoing":
        span = f"{start}{about}, ongoing when listed"
    else:
        span = f"{start}{about}, no end date"
    text = f"Event {event['event_id']}: {span}."
    if end and end < start:
        text += " The listed end precedes the start."
    if start[:4] < event["count_year"]:
        text += " Counted anew in this year."
    return text


def describe(event: Row, scope: str) -> str:
    """Say in one sentence what the list states."""
    services = [name for column, name in SERVICES.items() if event[column] == "Yes"]
    # A contested whole-country reading is not stated as a fact: it needs the entry's word.
    wide = "nationwide " if scope == "national" and clean(event["area_name"]) else ""
    extent = CODES[event["shutdown_extent"]][1] if event["shutdown_extent"] else "deliberate"
    what = f"{wide}{extent} {KINDS[event['shutdown_type']]}"
    cause = CAUSES[event["actual_cause"]]
    return (
        f"The monitor lists a {what} in {event['count_year']}{NETWORKS[event['affected_network']]}"
        + (f" ({', '.join(services)})" if services else "")
        + ORDERED_BY[event["ordered_by"]]
        + (f"; cause given: {cause}" if cause else "")
        + "."
    )


def claim(iso3: str, **fields: str) -> Row:
    """Return a claim with the fields that all claims of this script share."""
    row = dict.fromkeys(COLUMNS, "")
    row.update(
        iso3=iso3,
        indicator=INDICATOR,
        modality="asserted",
        status="accepted",
        grade="E1",
        source_id=SOURCE_ID,
        coder=CODER,
        coded_on=CODED_ON,
    )
    row.update(fields)
    return row


def base_claim(iso3: str) -> Row:
    """Return the claim that the monitor lists nothing else for a state."""
    return claim(
        iso3,
        code="0",
        start=str(FIRST_YEAR),
        end=str(LAST_YEAR),
        scope="all",
        locator=f"{SHEET}: all events",
        gloss="The monitor, which covers the world, lists no shutdown other than those coded apart.",
        comment="A monitor's silence, which does not prove that no shutdown took place.",
    )


def event_claim(event: Row) -> Row:
    """Code one line of the list."""
    extent = event["shutdown_extent"]
    code, low, high = (CODES[extent][0], "", "") if extent else ("", "1", "2")
    scope, region, scope_reason, scope_remark = reach(event)
    status, reason, remark = judge(event, scope_reason)
    author = {
        "Unknown": "Who ordered it is unknown.",
        "": "Who ordered it is not stated.",
    }.get(event["ordered_by"], "")
    listed = "Listed under Somaliland." if event["country"] == "Somaliland" else ""
    return claim(
        event["iso3"],
        code=code,
        low=low,
        high=high,
        start=event["count_year"],
        end=event["count_year"],
        scope=scope,
        region=region,
        status=status,
        reason=reason,
        locator=f"{SHEET}: event {event['event_id']}",
        gloss=describe(event, scope),
        comment=" ".join(p for p in (dates(event), scope_remark, author, listed, remark) if p),
    )


def write(iso3: str, coded: list[Row]) -> None:
    """Assign the claim ids of a unit and write its claims beside those of other indicators."""
    path = CLAIMS / f"{iso3}.csv"
    kept = [row for row in read(path) if row["indicator"] != INDICATOR] if path.exists() else []
    for number, row in enumerate(coded, FIRST_NUMBER.get(iso3, 1)):
        row["claim_id"] = f"{iso3}-{number:04d}"
    clash = {row["claim_id"] for row in kept} & {row["claim_id"] for row in coded}
    if clash:
        message = f"{path.name}: claim ids in use by other indicators: {sorted(clash)}"
        raise SystemExit(message)
    rows = sorted(kept + coded, key=lambda row: int(row["claim_id"].rsplit("-", 1)[1]))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def main(folder: Path) -> None:
    """Write the claims of every unit."""
    events = read_events(folder)
    known, base = read_units()
    unknown = sorted({event["iso3"] for event in events} - known)
    if unknown:
        message = f"not in the register of countries: {', '.join(unknown)}"
        raise SystemExit(message)
    coded: dict[str, list[Row]] = {iso3: [base_claim(iso3)] for iso3 in sorted(base)}
    for event in events:
        coded.setdefault(event["iso3"], []).append(event_claim(event))
    CLAIMS.mkdir(exist_ok=True)
    for iso3, rows in sorted(coded.items()):
        write(iso3, rows)


if __name__ == "__main__":
    match sys.argv:
        case [_, folder]:
            main(Path(folder))
        case _:
            raise SystemExit(__doc__)
