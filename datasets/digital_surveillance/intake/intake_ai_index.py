"""Code the AI and Big Data Global Surveillance Index, update of 2022, into claims.

Run ``python intake_ai_index.py DIR``, where DIR holds two tables of the index's deposit (Mendeley
Data, 10.17632/gjhf5y4xjp, version 4) as CSV: ``aigs_2022.csv``, the 97 states with at least one
system, and ``feldstein_digital_repression_2021.csv``, which names the 179 units assessed. The script
refuses other files (SHA-256). Running it twice gives the same bytes.

Coding rules, and why
=====================

Time
    The index gives the status of early 2022 and dates no system. A claim therefore runs from
    December 2021 to March 2022 and touches one year's end: that of 2021.

Presence is not extent
    On the scales of ``cctv_public``, ``fr_police``, ``predictive_policing`` and ``sm_monitoring``
    a listed type is an interval from 1 to 4. It narrows nothing that another source shows.

Absence
    82 assessed units are listed with no system. They are coded 0 on ``fr_police``,
    ``predictive_policing`` and ``sm_monitoring``: documented as none by this index, no more. Not on
    ``cctv_public``: the index does not assess ordinary cameras. A type that a listed state lacks is
    0 in the index's own columns (``ai_…``) and nothing on the scales.

Suppliers
    ``china`` and ``us`` where the index marks technology from there in another state;
    ``other_foreign`` where its column of other countries names one that is not the state;
    ``domestic`` where it names the state itself, or marks China in China, the United States in the
    United States. Where no system is listed: ``not_applicable``. No origin given: no claim.

Units
    The West Bank and Gaza are one unit of the register, Somaliland is a part of Somalia; Zanzibar is
    none and is left out: 176 units of 179. China's
    scales are coded from better evidence, and from this index too, by hand (CHN-0126 and others).
"""

from __future__ import annotations

import sys
from pathlib import Path

from govdata.curation.claimfiles import carried_claim, replace_claims
from govdata.curation.intake import Extract, load_register, read_extract

DATASET = Path(__file__).resolve().parents[1]
UNITS = DATASET.parent / "countries" / "units.csv"

INDEX = Extract("aigs_2022.csv", "06859a0168aed1909ab98e6dfce363a87a9977209bb960797d2625b44cd7b232")
ASSESSED = Extract(
    "feldstein_digital_repression_2021.csv", "afdf3f375932e44a4d305ed64f94db822382d517cf62e8100a5cf61ad7d3686e"
)
SOURCE_ID = "aigs_2022"
CODED_ON = "2026-11-22"
STATUS = {"start": "2021-12", "end": "2022-03", "coded_on": CODED_ON}
NUMBER = 6000

# Column of the index -> its own indicator, the scale it bears on, its name in a sentence.
TYPES = {
    "Safe City System": ("ai_safe_city", "cctv_public", "a safe-city system"),
    "Facial Recognition System": ("ai_face_recognition", "fr_police", "a facial-recognition system"),
    "Smart Policing": ("ai_smart_policing", "predictive_policing", "smart policing"),
    "Social Media Surveillance": ("ai_social_media", "sm_monitoring", "social-media surveillance"),
}
ZERO_ON = ("fr_police", "predictive_policing", "sm_monitoring")
CODED_BY_HAND = {"CHN"}
NO_UNIT = {"ZZB", "Zanzibar"}
# Names of other supplier countries that are the state itself, by unit.
SELF = {
    "Australia": "AUS", "Bahrain": "BHR", "Belarus": "BLR", "Canada": "CAN", "Denmark": "DNK",
    "Finland": "FIN", "France": "FRA", "Germany": "DEU", "Greece": "GRC", "HK": "HKG", "India": "IND",
    "Indonesia": "IDN", "Israel": "ISR", "Italy": "ITA", "Japan": "JPN", "Kenya": "KEN",
    "Lebanon": "LBN", "Malaysia": "MYS", "Mexico": "MEX", "Namibia": "NAM", "New Zealand": "NZL",
    "North Korea": "PRK", "Peru": "PER", "Philippines": "PHL", "Russia": "RUS", "South Korea": "KOR",
    "Spain": "ESP", "Sweden": "SWE", "Taiwan": "TWN", "Turkey": "TUR", "UK": "GBR",
}  # fmt: skip
ORIGINS = ("china", "us", "other_foreign", "domestic")


def origins(row: dict[str, str], unit: str) -> list[str]:
    """Say where the suppliers come from that the index names for a state."""
    found: set[str] = set()
    for column, code, home in (("China Tech", "china", "CHN"), ("US Tech", "us", "USA")):
        if row[column] == "1":
            found.add("domestic" if unit == home else code)
    for name in row["Other Countries"].split(", "):
        if name != "0":
            found.add("domestic" if SELF[name] == unit else "other_foreign")
    return [code for code in ORIGINS if code in found]


def listed(unit: str, row: dict[str, str]) -> list[dict[str, str]]:
    """Code a state that the index lists with a system."""
    where = {**STATUS, "locator": f"line of {row['Country']}"}
    claims = [
        carried_claim(
            f"{unit}-{NUMBER + 1}", "ai_surveillance", SOURCE_ID, code="1",
            gloss="The index lists at least one AI surveillance system of the state.", **where,
        )
    ]  # fmt: skip
    for place, (column, (own, scale, name)) in enumerate(TYPES.items()):
        there = row[column] == "1"
        claims.append(
            carried_claim(
                f"{unit}-{NUMBER + 2 + place}", own, SOURCE_ID, code=row[column],
                gloss=f"The index {'lists' if there else 'does not list'} {name} of the state.",
                comment="" if there else "None documented by this index, which lists other systems of the state.",
                **where | {"locator": f"line of {row['Country']}, column {column}"},
            )
        )  # fmt: skip
        if there and unit not in CODED_BY_HAND:
            claims.append(
                carried_claim(
                    f"{unit}-{NUMBER + 11 + place}", scale, SOURCE_ID, low="1", high="4",
                    gloss=f"The index records {name} as present and says nothing of its extent.",
                    comment="Presence only, status of early 2022.",
                    **where | {"locator": f"line of {row['Country']}, column {column}"},
                )
            )  # fmt: skip
    claims += [
        carried_claim(
            f"{unit}-{NUMBER + 21 + ORIGINS.index(code)}", "ai_suppliers", SOURCE_ID, code=code,
            gloss="The index names suppliers of this origin for the systems of the state.",
            **where | {"locator": f"line of {row['Country']}, columns of suppliers"},
        )
        for code in origins(row, unit)
    ]  # fmt: skip
    return claims


def unlisted(unit: str, name: str) -> list[dict[str, str]]:
    """Code a state that was assessed and has no system in the index."""
    where = {**STATUS, "locator": f"{name}: among the 179 units assessed, not among the 97 listed"}
    gloss = "The state was assessed, and the index lists no AI surveillance system of it."
    comment = "None documented as of this index; it does not follow that there was none."
    own = ("ai_surveillance", *(one for one, _, _ in TYPES.values()))
    claims = [
        carried_claim(f"{unit}-{NUMBER + 1 + i}", one, SOURCE_ID, code="0", gloss=gloss, comment=comment, **where)
        for i, one in enumerate(own)
    ]
    scales = [scale for _, scale, _ in TYPES.values()]
    claims += [
        carried_claim(
            f"{unit}-{NUMBER + 11 + scales.index(one)}", one, SOURCE_ID, code="0", gloss=gloss, comment=comment,
            **where,
        )
        for one in ZERO_ON
    ]  # fmt: skip
    claims.append(
        carried_claim(
            f"{unit}-{NUMBER + 21}", "ai_suppliers", SOURCE_ID, code="not_applicable", gloss=gloss,
            comment="No system is listed, so no supplier can be.", **where,
        )
    )  # fmt: skip
    return claims


def main(folder: Path) -> None:
    """Write the claims of every unit that the index assessed."""
    register = load_register(UNITS)
    rows = {row["iso3"]: row for row in read_extract(folder, INDEX, ("iso3", "Country", "Other Countries", *TYPES))}
    assessed = {row["iso3"]: row["Country"] for row in read_extract(folder, ASSESSED, ("iso3", "Country"))}
    unknown = sorted(set(assessed) - set(register.units) - NO_UNIT)
    if unknown or set(rows) - set(assessed):
        raise SystemExit(f"not in the register, or not assessed: {unknown}, {sorted(set(rows) - set(assessed))}")
    claims = [
        claim
        for unit, name in sorted(assessed.items())
        if unit not in NO_UNIT
        for claim in (listed(unit, rows[unit]) if unit in rows else unlisted(unit, name))
    ]
    number = replace_claims(
        DATASET / "claims", claims, lambda row: row["source_id"] == SOURCE_ID and row["coder"] == "c02"
    )
    print(f"{number} claims on {len({claim['iso3'] for claim in claims})} units, {len(rows)} of them listed")


if __name__ == "__main__":
    match sys.argv:
        case [_, folder]:
            main(Path(folder))
        case _:
            raise SystemExit(__doc__)
