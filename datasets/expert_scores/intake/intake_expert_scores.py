"""Carry expert scores over from extracts of V-Dem, the Digital Society Project and RoW.

Usage: ``python intake_expert_scores.py DIR``, where DIR holds the extracts named below.

Rules:

* A score is the source's text, digit for digit, with its interval and standard deviation where the
  extract has them. Nothing is interpolated: 2019, 2020 and the years after 2021 stay empty for the
  Digital Society Project because no extract holds them.
* Every line names its version. Scores of two versions come from two runs of the measurement model
  and lie on slightly different scales: the 2021 scores (V-Dem v12) continue no series.
* V-Dem rates a country under one code through changes of state. Its Russia is the Soviet Union
  while that existed, its Serbia Yugoslavia and then Serbia and Montenegro, its Czechia
  Czechoslovakia. Such a line goes to the unit that existed on most days of the year (for 1991 the
  Soviet Union), because V-Dem's scores average over the year, and says so in its note.
* A note also tells where V-Dem rates a part of the unit by itself (Montenegro from 1998). The
  regime series gets no such note: Our World in Data fills the years before a state's birth with
  its predecessor's regime, and those lines are left out here.
* V-Dem's Palestine/West Bank (PSE) is the register's PSE, with a note. Gaza, Somaliland and
  Zanzibar are not in the register and are left out, as are years before a unit existed.

Everything written here is under CC BY-SA 4.0 and belongs in no table under another licence.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from govdata.curation.intake import (
    Extract,
    Observation,
    Placement,
    load_register,
    number,
    read_extract,
    report,
    write_observations,
)

HERE = Path(__file__).resolve().parent

VDEM_15 = Extract(
    "vdem_v15_indices_1990_2024.csv",
    "23003b4a7d48823ce416af5ad9e29fb6e3932392186d94cb405955a7e5e5b709",
)
ROW = Extract(
    "owid_row_regime.csv",
    "7aba7ac67e19f4c5952df6fcfbc14197a07aaa788d4bf8f4c710ffaa62afecc6",
)
DSP_1 = Extract(
    "dsp_v1_2000_2018.csv",
    "50818b952a67f2acb61b88110f9e069324fe4c59865fc97e7604378250c4dbb2",
)
VDEM_12 = Extract(
    "dsp_2021_vdem_v12.csv",
    "c4503f6bcfdd4e0824af40ef47377198ba9e089b84d236d3aa082aa87769f13e",
)

# One V-Dem code, the units it stands for in turn, the latest first.
CHAINS = {"CZE": ("CZE", "CSK"), "RUS": ("RUS", "SUN"), "SRB": ("SRB", "SCG", "YUG")}
NOTES = {"PSE": "the source's unit is the West Bank"}

INDICES = ("v2x_polyarchy", "v2x_libdem")
ITEMS = (
    "v2smgovdom",
    "v2smgovfilcap",
    "v2smgovfilprc",
    "v2smgovshutcap",
    "v2smgovshut",
    "v2smgovsm",
    "v2smgovsmalt",
    "v2smgovsmmon",
    "v2smgovsmcenprc",
    "v2smgovcapsec",
    "v2smpolcap",
    "v2smregcon",
    "v2smprivex",
    "v2smprivcon",
    "v2smregcap",
    "v2smregapp",
    "v2smlawpr",
    "v2smdefabu",
    "v2smarrest",
)

Rows = list[dict[str, str]]


def scores(
    rows: Rows,
    variable: str,
    source: tuple[str, str],
    placement: Placement,
    columns: tuple[str, str] = ("country_text_id", "year"),
) -> list[Observation]:
    """Carry one variable over, with ``_codelow``, ``_codehigh`` and ``_sd`` where they stand."""
    lines = []
    for row in rows:
        if not row[variable]:
            continue
        code, year = row[columns[0]], int(row[columns[1]])
        iso3 = placement.place(code, year, CHAINS.get(code, ()))
        if iso3 is None:
            continue
        low, high, sd = (
            number(row[name]) if row.get(name) else ""
            for name in (f"{variable}_codelow", f"{variable}_codehigh", f"{variable}_sd")
        )
        note = NOTES.get(code, "") if iso3 == code else f"the source files it under {code}"
        value = number(row[variable])
        lines.append(Observation(iso3, year, value, *source, low=low, high=high, sd=sd, note=note))
    return lines


def main(arguments: list[str] | None = None) -> None:
    """Write every observation file of the dataset and print what became of the rows."""
    parser = argparse.ArgumentParser(description="Write expert_scores/observations from extracts.")
    parser.add_argument("folder", type=Path, metavar="DIR", help="folder of the extracts")
    folder = parser.parse_args(arguments).folder
    register = load_register(HERE.parents[1] / "countries" / "units.csv")
    keys = ("country_text_id", "year")
    vdem_15 = read_extract(folder, VDEM_15, (*keys, *INDICES))
    row = read_extract(folder, ROW, ("Code", "Year", "Political regime"))
    dsp_1 = read_extract(folder, DSP_1, (*keys, *ITEMS))
    vdem_12 = read_extract(folder, VDEM_12, keys)

    parts: dict[str, list[tuple[Rows, str, tuple[str, str], tuple[str, str]]]] = {}
    for name in INDICES:
        parts[name] = [(vdem_15, name, ("vdem_v15", "V-Dem v15"), keys)]
    # The extract ends in 2025, as V-Dem v16 does; Our World in Data refines that version's coding.
    regime = ("owid_row", "V-Dem v16 (OWID)")
    parts["regime_row"] = [(row, "Political regime", regime, ("Code", "Year"))]
    for name in ITEMS:
        parts[name] = [(dsp_1, name, ("dsp_v1", "DSP v1"), keys)]
        if name in vdem_12[0]:
            parts[name].append((vdem_12, name, ("vdem_v12", "V-Dem v12"), keys))
    for name, pieces in parts.items():
        placement = Placement(register)
        lines = [
            line
            for rows, variable, source, columns in pieces
            for line in scores(rows, variable, source, placement, columns)
        ]
        if name != "regime_row":
            lines = [placement.annotate(line) for line in lines]
        written = write_observations(HERE.parent / "observations", name, lines)
        print(report(name, placement, written, 0))


if __name__ == "__main__":
    main()
