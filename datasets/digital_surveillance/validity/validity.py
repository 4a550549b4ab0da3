"""Compare the coded indicators with what others measured: convergent validity, and where it fails.

Run ``python validity.py [--fotn FILE] [--version X.Y.Z]``. It reads released data only (this dataset,
``expert_scores``, ``covariates``) and writes ``validity.csv`` and ``disagreements.csv`` beside itself.
With ``--fotn`` it also reads a table of Freedom on the Net totals (columns ``iso3``, ``edition``,
``score_100free``, ``B_content``; not shipped, because Freedom House's values may not be) and adds the
lines of that measure; without it, the lines that stand in the files are kept.

Each line is one pair of measures. ``expected`` was written before the first run: the sign that the
correlation has if both measure what they say. ``rho`` is Spearman's, with an interval after Bonett and
Wright (2000). Where several years are compared, a country enters once, with the mean of its years, so
that ``n`` counts countries. ``disagreements.csv`` lists, for each pair, the countries whose ranks on the
two measures differ most: ``ours_higher`` where this dataset shows more surveillance (or more law) than
the other measure, ``ours_lower`` where it shows less.
"""

from __future__ import annotations

import argparse
import csv
import io
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

import govdata

HERE = Path(__file__).resolve().parent
OWN, THEIRS = "digital_surveillance", "expert_scores"
LISTED = 8
COLUMNS = ("pair", "ours", "theirs", "years", "measure", "expected", "n", "rho", "low", "high", "as_expected", "note")
LIST_COLUMNS = ("pair", "iso3", "country_name", "direction", "rank_gap")


@dataclass(frozen=True)
class Pair:
    """Two measures that should agree, and how."""

    id: str
    ours: str
    theirs: str
    years: tuple[int, ...]
    expected: str
    note: str
    measure: str = "V-Dem / DSP"


DSP = tuple(range(2000, 2019))
PAIRS = (
    Pair("shutdown", "shutdown_max", "v2smgovshut", (2016, 2017, 2018, 2021), "-",
         "Higher of the national and the subnational code; there, higher means fewer shutdowns."),
    Pair("shutdown_2021", "shutdown_max", "v2smgovshut", (2021,), "-", "The same, latest common year."),
    Pair("filtering", "net_filtering_mid", "v2smgovfilprc", (*DSP, 2021), "-",
         "Middle of the bounds where the level is open; there, higher means less filtering."),
    Pair("sm_index", "ai_social_media", "v2smgovsmmon", (2021,), "-",
         "Presence in one index; there, higher means less monitoring."),
    Pair("sm_any", "sm_monitoring_any", "v2smgovsmmon", (2021,), "-",
         "Index and coded systems together; there, higher means less monitoring."),
    Pair("ai_any", "ai_surveillance", "v2smgovsmmon", (2021,), "-",
         "Any AI surveillance; there, higher means less monitoring of social media."),
    Pair("privacy_law", "dp_law_adopted", "v2smprivex", (*DSP, 2021), "+",
         "Adoption of a law; there, existence of one."),
    Pair("privacy_content", "dp_law_state_mid", "v2smprivcon", (*DSP, 2021), "+",
         "Reach over the state, middle of the bounds; there, protection that the law's content gives."),
    Pair("firm_access", "firm_data_access_mid", "v2smprivcon", (*DSP, 2021), "-",
         "Access of the state, middle of the bounds; there, protection that the law's content gives."),
    Pair("dissent", "rep_dissent_mid", "v2smarrest", (*DSP, 2021), "-",
         "Middle of the bounds; there, higher means fewer arrests for online content."),
    Pair("sim_democracy", "sim_realname_mid", "v2x_polyarchy", (2021,), "-",
         "No measure of the same thing: known groups. Registration duties are said to be rarer in democracies."),
)  # fmt: skip
FOTN = (
    Pair("fotn_filtering", "net_filtering_mid", "B_content", (2018,), "+",
         "Middle of the bounds; there, edition 2018, more points mean more limits on content.", "Freedom on the Net"),
    Pair("fotn_monitoring", "sm_monitoring_any", "score_100free", (2021,), "-",
         "There, edition 2021, higher means freer.", "Freedom on the Net"),
    Pair("fotn_index", "ai_social_media", "score_100free", (2021,), "-",
         "There, edition 2021, higher means freer.", "Freedom on the Net"),
    Pair("fotn_ai", "ai_surveillance", "score_100free", (2021,), "-",
         "There, edition 2021, higher means freer.", "Freedom on the Net"),
    Pair("fotn_shutdown", "shutdown_max", "score_100free", (2024,), "-",
         "There, edition 2024, higher means freer.", "Freedom on the Net"),
    Pair("fotn_sim", "sim_realname_mid", "score_100free", (2024,), "-",
         "There, edition 2024, higher means freer.", "Freedom on the Net"),
)  # fmt: skip


def own_panel(version: str | None) -> pd.DataFrame:
    """Load this dataset, with the middle of open bounds and the higher of the two shutdown columns."""
    frame = govdata.load(OWN, version)
    frame["shutdown_max"] = frame[["shutdown_documented", "shutdown_documented_sub"]].max(axis=1)
    for name in ("net_filtering", "dp_law_state", "firm_data_access", "rep_dissent", "sim_realname"):
        middle = (frame[f"{name}_low"] + frame[f"{name}_high"]) / 2
        frame[f"{name}_mid"] = frame[name].fillna(middle)
    return frame


def compared(pair: Pair, ours: pd.DataFrame, theirs: pd.DataFrame) -> pd.DataFrame:
    """Put the two measures side by side, one row a country."""
    keys = ["iso3", "year"]
    joined = ours.loc[ours["year"].isin(pair.years), [*keys, "country_name", pair.ours]].merge(
        theirs[[*keys, pair.theirs]].dropna(), on=keys, validate="1:1"
    )
    joined = joined.dropna()
    by_country = joined.groupby("iso3", as_index=False).agg(
        {"country_name": "last", pair.ours: "mean", pair.theirs: "mean"}
    )
    return by_country.sort_values("iso3", ignore_index=True)


def spearman(one: pd.Series, other: pd.Series) -> tuple[float, float, float]:
    """Give Spearman's rho and its 95 % interval (Bonett and Wright 2000)."""
    n = len(one)
    rho = float(np.corrcoef(one.rank(), other.rank())[0, 1])
    if n < 5 or not math.isfinite(rho) or abs(rho) == 1:
        return rho, math.nan, math.nan
    half = 1.959963984540054 * math.sqrt((1 + rho**2 / 2) / (n - 3))
    return rho, math.tanh(math.atanh(rho) - half), math.tanh(math.atanh(rho) + half)


def describe(pair: Pair, both: pd.DataFrame) -> tuple[dict[str, str], list[dict[str, str]]]:
    """Give the line of a pair and the countries on which its two measures differ most."""
    years = f"{min(pair.years)}-{max(pair.years)}" if len(pair.years) > 1 else str(pair.years[0])
    line = {"pair": pair.id, "ours": pair.ours, "theirs": pair.theirs, "years": years, "measure": pair.measure,
            "expected": pair.expected, "n": str(len(both)), "note": pair.note}  # fmt: skip
    if len(both) < 10 or both[pair.ours].nunique() < 2:
        said = "too few" if len(both) < 10 else "no variation"
        return line | {"rho": "", "low": "", "high": "", "as_expected": said}, []
    rho, low, high = spearman(both[pair.ours], both[pair.theirs])
    sign = 1 if pair.expected == "+" else -1
    verdict = "yes" if min(sign * low, sign * high) > 0 else "no" if sign * rho < 0 else "not told apart from 0"
    line |= {"rho": f"{rho:.3f}", "low": f"{low:.3f}", "high": f"{high:.3f}", "as_expected": verdict}
    gap = both[pair.ours].rank(pct=True) - (sign * both[pair.theirs]).rank(pct=True)
    ranked = both.assign(gap=gap.round(6)).sort_values(["gap", "iso3"], ignore_index=True)
    worst = [(row, "ours_lower") for row in ranked.head(LISTED).to_dict("records")]
    worst += [(row, "ours_higher") for row in ranked.tail(LISTED).iloc[::-1].to_dict("records")]
    return line, [
        {"pair": pair.id, "iso3": row["iso3"], "country_name": row["country_name"], "direction": direction,
         "rank_gap": f"{row['gap']:.2f}" if pair.measure != "Freedom on the Net" else ""}
        for row, direction in worst
        if (row["gap"] > 0) == (direction == "ours_higher") and row["gap"] != 0
    ]  # fmt: skip


def load_fotn(path: Path) -> pd.DataFrame:
    """Read a table of Freedom on the Net; its year is the edition."""
    frame = pd.read_csv(path, keep_default_na=False, na_values=[""])
    return frame.rename(columns={"edition": "year"})


def results(version: str | None, fotn: Path | None) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Compute every line that the inputs allow."""
    ours = own_panel(version)
    scores = govdata.load(THEIRS, "1.0.0")
    lines, worst = [], []
    for pair in PAIRS:
        line, found = describe(pair, compared(pair, ours, scores))
        lines.append(line)
        worst += found
    if fotn is not None:
        table = load_fotn(fotn)
        for pair in FOTN:
            line, found = describe(pair, compared(pair, ours, table))
            lines.append(line)
            worst += found
    return lines, worst


def text(columns: tuple[str, ...], rows: list[dict[str, str]]) -> str:
    """Write rows as CSV."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def read(path: Path) -> list[dict[str, str]]:
    """Read CSV rows."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def main() -> None:
    """Write both files."""
    parser = argparse.ArgumentParser(description="Compare the coded indicators with what others measured.")
    parser.add_argument("--fotn", type=Path, help="a table of Freedom on the Net totals, which is not shipped")
    parser.add_argument("--version", help="the release to compare; the newest by default")
    given = parser.parse_args()
    lines, worst = results(given.version, given.fotn)
    if given.fotn is None and (HERE / "validity.csv").exists():
        kept = {pair.id for pair in FOTN}
        lines += [row for row in read(HERE / "validity.csv") if row["pair"] in kept]
        worst += [row for row in read(HERE / "disagreements.csv") if row["pair"] in kept]
    (HERE / "validity.csv").write_text(text(COLUMNS, lines), encoding="utf-8")
    (HERE / "disagreements.csv").write_text(text(LIST_COLUMNS, worst), encoding="utf-8")
    for line in lines:
        print(f"{line['pair']:<18} n={line['n']:>4} rho={line['rho']:>7} {line['as_expected']}")


if __name__ == "__main__":
    main()
