"""Code an inventory of COVID-19 contact-tracing applications into claims of ``location_health``.

Run ``python intake_tracing_apps.py DIR``, where DIR holds ``covid_contact_tracing_apps_hdsr.csv``:
152 applications scored by Levy and Stewart (Harvard Data Science Review, 2021), status of May 2021.
The script refuses any other file (SHA-256). Running it twice gives the same bytes.

Coding rules, and why
=====================

Whose
    Applications that the inventory marks as governmental. A state without one in the inventory gets
    no claim: the inventory does not say that it has none. China is coded from better evidence, by
    hand. An application of a province, a city or a part of the kingdom is subnational.

Code
    Opt-in and matched on the telephone: 1. Opt-in and matched centrally: 2; either way open (1 to 2)
    where storage and matching point to different sides or matching is not known. Tied to another
    benefit, such as entry to public places: the upper bound is 3. Not opt-in: 3 where the app serves
    quarantine, otherwise 3 to 4, since the inventory does not tell some places from public life. Opt-in
    not known: 1 to 4.

Time
    From the day of release to May 2021, the last time for which the inventory shows use; without a
    day of release May 2021 alone. "In development": a plan. "Cancelled" without a day of release: no
    evidence of use, rejected.

Doubt
    Four rows of India and the Philippines do not say whose government runs the application: contested.
    The NHS application is national, since most of the kingdom has no other; Scotland and Northern
    Ireland have their own rows. FRA: the row names a protocol that matches centrally (ROBERT) and
    marks matching as decentral, so 1 to 2. KOR: the row marks an application as governmental and names
    no body; contested. IRL: marked "in development", yet with a day of release; contested.

Grade E1: one inventory. MIT licence, cited as Levy and Stewart 2021.
"""

from __future__ import annotations

import sys
from pathlib import Path

from govdata.curation.claimfiles import carried_claim, replace_claims
from govdata.curation.intake import Extract, load_register, read_extract

DATASET = Path(__file__).resolve().parents[1]
UNITS = DATASET.parent / "countries" / "units.csv"

INVENTORY = Extract(
    "covid_contact_tracing_apps_hdsr.csv", "bbb0de23eb88ec5129db82a84237ad07c86fd0879e1acac94345bf53fb64ce6c"
)
SOURCE_ID = "levy_stewart_apps_2021"
CODED_ON = "2026-11-22"
LAST_SHOWN = "2021-05"
NUMBER = 6101
CODED_BY_HAND = {"CHN"}

OPT_IN = "2.1. Opt-in download and use"
FREE_OF_TIES = "2.3. Not tied to other benefits"
PURPOSE = "3.1. Data used only for establishing contacts"
STORAGE = "6.1. Decentralized storage"
MATCHING = "7.1. Decentralized matching"

UNIT_OF = {"UAE": "ARE", "Northern Ireland": "GBR", "Scotland": "GBR", "": "GUM"}
# Applications of a part of the state, as the row's country, name or address says; in the United States all are.
REGION = {
    "ABTraceTogether": "Alberta", "SAIYAM": "Pune", "Quarantine Watch": "Karnataka",
    "StopCOVID NI": "Northern Ireland", "Protect Scotland": "Scotland", "Tô de Olho": "Rio Grande do Norte",
    "Social Monitoring": "Moscow",
}  # fmt: skip
STATES = {
    "GuideSafe": "Alabama", "Covid Watch Arizona": "Arizona", "CA Notify": "California",
    "CO Exposure Notifications": "Colorado", "COVID Alert CT": "Connecticut", "DC CAN": "District of Columbia",
    "COVID Alert DE": "Delaware", "AlohaSafe Alert": "Hawaii", "COVID Defense": "Louisiana",
    "MD COVID Alert": "Maryland", "MI COVID Alert": "Michigan", "COVIDaware MN": "Minnesota",
    "SlowCOVIDNC": "North Carolina", "Care19 Alert": "North Dakota and Wyoming", "COVID Alert NJ": "New Jersey",
    "COVID Trace Nevada": "Nevada", "COVID Alert NY": "New York", "Oregon Exposure Notifications": "Oregon",
    "COVID Alert PA": "Pennsylvania", "Rastrea El Virus": "Puerto Rico", "COVIDWISE": "Virginia",
    "WA Notify": "Washington", "WI Exposure Notification": "Wisconsin",
}  # fmt: skip
CENTRAL_PROTOCOL = {"ROBERT"}
UNSAID = "The row does not say which government, of the state or of a part of it, runs the application."
DOUBTFUL = {
    ("KOR", "Corona 100m (Co100)"): ("private_as_state", "Marked as governmental; no body is named."),
    ("IND", "SMC COVID-19 Tracker"): ("wrong_scope", UNSAID),
    ("IND", "COVID-19 Quarantine Monitor"): ("wrong_scope", UNSAID),
    ("IND", "Mahakavach"): ("wrong_scope", UNSAID),
    ("PHL", "WeTrace PH"): ("wrong_scope", UNSAID),
    ("IRL", "COVID Tracker app"): ("sources_disagree", "The row says in development and gives a day of release."),
}


def level(row: dict[str, str]) -> tuple[str, str]:
    """Give the lowest and the highest level that the row allows."""
    if row[OPT_IN] == "no":
        return ("3", "3") if "quarantine" in row[PURPOSE] else ("3", "4")
    if row[OPT_IN] != "yes":
        return "1", "4"
    if row[MATCHING] == "yes" and row[STORAGE] == "yes" and row["protocol"] not in CENTRAL_PROTOCOL:
        low, high = "1", "1"
    elif row[MATCHING] == "no":
        low, high = "2", "2"
    else:
        low, high = "1", "2"
    return (low, "3") if row[FREE_OF_TIES].startswith("no") else (low, high)


def describe(row: dict[str, str]) -> str:
    """Say in one sentence what the inventory records."""
    opt_in = {"yes": "opt-in", "no": "not opt-in"}.get(row[OPT_IN], "of unknown terms")
    matching = {"yes": "matched on the telephone", "no": "matched centrally"}.get(row[MATCHING], "matching not known")
    ties = ", tied to another benefit" if row[FREE_OF_TIES].startswith("no") else ""
    return f"The inventory records the governmental application {row['Name']} as {opt_in}, {matching}{ties}."


def claim(unit: str, number: int, row: dict[str, str]) -> dict[str, str]:
    """Code one application."""
    low, high = level(row)
    region = STATES[row["Name"]] if unit == "USA" else REGION.get(row["Name"], "")
    start, end = row["date_released"] or LAST_SHOWN, LAST_SHOWN
    status, reason, modality, comment = "accepted", "", "asserted", ""
    if row["status"] == "cancelled":
        start, end, status, reason = "", "", "rejected", "wrong_date"
        comment = "Cancelled, without a day of release: no use is shown."
    elif (unit, row["Name"]) in DOUBTFUL:
        reason, comment = DOUBTFUL[unit, row["Name"]]
        status = "contested"
    elif row["status"] == "development":
        modality, comment = "plan", "In development when listed."
    elif not row["date_released"]:
        comment = "No day of release; the month of the inventory."
    return carried_claim(
        f"{unit}-{number}",
        "location_health",
        SOURCE_ID,
        code=low if low == high else "",
        low="" if low == high else low,
        high="" if low == high else high,
        start=start,
        end=end,
        scope="subnational" if region else "national",
        region=region,
        modality=modality,
        status=status,
        reason=reason,
        locator=f"row {row['Name']}",
        gloss=describe(row),
        coded_on=CODED_ON,
        comment=comment or "Status of May 2021.",
    )


def main(folder: Path) -> None:
    """Write the claims of every unit with a governmental application."""
    register = load_register(UNITS)
    columns = ("iso3", "Name", "government", "status", "date_released", "protocol", OPT_IN, MATCHING, STORAGE)
    rows = [row for row in read_extract(folder, INVENTORY, columns) if row["government"] == "yes"]
    grouped: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        unit = UNIT_OF.get(row["iso3"], row["iso3"])
        if unit not in CODED_BY_HAND:
            grouped.setdefault(unit, []).append(row)
    unknown = sorted(set(grouped) - set(register.units))
    if unknown:
        print(f"not in the register: {', '.join(unknown)}")
    claims = [
        claim(unit, NUMBER + place, row)
        for unit, found in sorted(grouped.items())
        if unit not in unknown
        for place, row in enumerate(sorted(found, key=lambda row: (row["Name"], row["date_released"])))
    ]
    number = replace_claims(
        DATASET / "claims", claims, lambda row: row["source_id"] == SOURCE_ID and row["coder"] == "c02"
    )
    print(f"{number} claims on {len({one['iso3'] for one in claims})} units")


if __name__ == "__main__":
    match sys.argv:
        case [_, folder]:
            main(Path(folder))
        case _:
            raise SystemExit(__doc__)
