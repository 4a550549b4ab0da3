"""How much do results hang on the reading of one list of data-protection laws? Three readings, and ours.

Run ``python dp_readings.py DIR [--version X.Y.Z]``, where DIR holds ``data_protection_laws.csv`` (not
shipped; see ``intake/intake_dp_laws.py``). Without DIR only the line of the release is computed anew. It
writes ``dp_readings.csv``: for each reading the number of states dated, the share of them with a law by
given years, and one regression: adoption (0 or 1) on electoral democracy and log income with effects of
country and year, 2000-2020, standard errors clustered by country (CRV1, nested).

as_listed
    The list's year of the first law as it stands, also where it is wrong or the law is partial.
as_suggested
    The year of the first general law that the list's checker proposes, sourced or not. Some of these
    rest on nothing that is named: they enter no value of the dataset, and only this comparison.
agreed_only
    Only the lines on which list and checker agree.
released
    ``dp_law_adopted`` of the release: sourced years, among them those of states found elsewhere.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import pandas as pd

import govdata
from govdata import stats

HERE = Path(__file__).resolve().parent
FORMULA = "law ~ v2x_polyarchy + log(gdp_pc_ppp) | iso3 + year"
COLUMNS = ("reading", "states_dated", "by_2000", "by_2010", "by_2020", "n", "clusters", "b_polyarchy",
           "se_polyarchy", "b_log_gdp", "se_log_gdp")  # fmt: skip
YEARS = range(2000, 2021)


def panel_of(years: dict[str, int], frame: pd.DataFrame) -> pd.DataFrame:
    """Give the panel of the dated states: 1 from the year of adoption, 0 before."""
    dated = frame[frame["iso3"].isin(set(years))]
    return dated.assign(law=(dated["year"] >= dated["iso3"].map(years)).astype(float))


def line(reading: str, panel: pd.DataFrame) -> dict[str, str]:
    """Describe one reading and fit the regression."""
    known = panel.dropna(subset=["law"])
    model = stats.ols(FORMULA, known, se="CRV1", cluster="iso3", df="nested")
    by = {year: known.loc[known["year"] == year, "law"].mean() for year in (2000, 2010, 2020)}
    return {"reading": reading, "states_dated": str(known["iso3"].nunique()),
            **{f"by_{year}": f"{share:.3f}" for year, share in by.items()},
            "n": str(model.nobs), "clusters": str(model.n_units),
            "b_polyarchy": f"{model.params['v2x_polyarchy']:.4f}", "se_polyarchy": f"{model.bse['v2x_polyarchy']:.4f}",
            "b_log_gdp": f"{model.params['log(gdp_pc_ppp)']:.4f}",
            "se_log_gdp": f"{model.bse['log(gdp_pc_ppp)']:.4f}"}  # fmt: skip


def base(version: str | None) -> pd.DataFrame:
    """Join what every reading needs: units, regressors and the released column."""
    keys = ["iso3", "country_name", "year"]
    own = govdata.load("digital_surveillance", version, years=YEARS, indicators=["dp_law_adopted"])
    scores = govdata.load("expert_scores", "1.0.0", years=YEARS, indicators="v2x_polyarchy")
    income = govdata.load("covariates", "1.0.0", years=YEARS, indicators="gdp_pc_ppp")
    joined = own.merge(scores[[*keys, "v2x_polyarchy"]], on=keys, how="left", validate="1:1")
    return joined.merge(income[[*keys, "gdp_pc_ppp"]], on=keys, how="left", validate="1:1")


def released(version: str | None) -> dict[str, str]:
    """Give the line of the release."""
    frame = base(version)
    return line("released", frame.assign(law=frame["dp_law_adopted"]))


def readings(folder: Path, version: str | None) -> list[dict[str, str]]:
    """Give the lines of the three readings of the list."""
    with (folder / "data_protection_laws.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    frame = base(version)
    chosen = {
        "as_listed": {row["iso3"]: row["first_law_year"] for row in rows},
        "as_suggested": {row["iso3"]: row["suggested_first_general_year"] for row in rows},
        "agreed_only": {row["iso3"]: row["first_law_year"] for row in rows if row["check"] == "agree"},
    }
    return [
        line(name, panel_of({iso3: int(year) for iso3, year in years.items() if year}, frame))
        for name, years in chosen.items()
    ]


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description="Compare readings of one list of data-protection laws.")
    parser.add_argument("folder", type=Path, nargs="?", help="where data_protection_laws.csv lies")
    parser.add_argument("--version", help="the release; the newest by default")
    given = parser.parse_args()
    path = HERE / "dp_readings.csv"
    if given.folder is not None:
        rows = readings(given.folder, given.version)
    else:
        with path.open(encoding="utf-8", newline="") as file:
            rows = [row for row in csv.DictReader(file) if row["reading"] != "released"]
    rows.append(released(given.version))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    for row in rows:
        print(row)


if __name__ == "__main__":
    main()
