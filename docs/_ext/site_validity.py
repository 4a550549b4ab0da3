"""The tables of validity: correlations with other measures, where they fail, and what was tried as an index."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

from docutils import nodes
from site_nodes import Cell, badge, literal, paragraph, table
from sphinx.util.docutils import SphinxDirective

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["ValidityTable"]

_FOLDER = Path(__file__).resolve().parents[2] / "datasets" / "digital_surveillance" / "validity"
_SAID = {
    "yes": "as expected",
    "no": "against expectation",
    "too few": "too few countries",
    "no variation": "ours is the same in all",
}
Row = dict[str, str]


def _read(name: str) -> list[Row]:
    path = _FOLDER / f"{name}.csv"
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _signed(text: str) -> str:
    return text.replace("-", "−")


def _pairs(rows: Sequence[Row]) -> nodes.Node:
    lines: list[list[Cell]] = []
    for row in rows:
        said = _SAID.get(row["as_expected"], row["as_expected"])
        verdict: Cell = said if row["as_expected"] == "yes" else paragraph(badge(said, "low"))
        interval = f"{_signed(row['rho'])} ({_signed(row['low'])} to {_signed(row['high'])})" if row["low"] else ""
        lines.append(
            [
                [paragraph(literal(row["ours"]), " with ", literal(row["theirs"])), paragraph(row["note"])],
                row["years"].replace("-", "–"),
                row["n"],
                "+" if row["expected"] == "+" else "−",
                interval,
                verdict,
            ]
        )
    head = ["Ours with theirs", "Years", "Countries", "Sign", "Spearman's ρ (95% interval)", "Result"]
    return table(head, lines, name="validity", numbers=[2])


def _worst(rows: Sequence[Row]) -> nodes.Node:
    lines: list[list[Cell]] = []
    for pair in dict.fromkeys(row["pair"] for row in rows):
        own = [row for row in rows if row["pair"] == pair]
        lower, higher = (
            ", ".join(row["country_name"] for row in own if row["direction"] == way)
            for way in ("ours_lower", "ours_higher")
        )
        lines.append([literal(pair), lower, higher])
    return table(["Pair", "Ours shows less than theirs", "Ours shows more than theirs"], lines, name="disagreements")


def _composite(rows: Sequence[Row]) -> nodes.Node:
    lines: list[list[Cell]] = [
        [
            row["block"],
            row["version"],
            row["states_half_coded"],
            row["reliability"] or "not defined",
            row["reliability_low"] or "not defined",
            row["mean_width"],
            row["r2_detection"] or "not defined",
            ", ".join(row["fails"].split(";")) or "none",
        ]
        for row in rows
    ]
    head = ["Block", "Version", "States, half coded", "Reliability", "Its lower end", "Mean width", "R² of detection",
            "Fails"]  # fmt: skip
    return table(head, lines, name="composite", numbers=[2, 3, 4, 5, 6])


def _readings(rows: Sequence[Row]) -> nodes.Node:
    lines: list[list[Cell]] = [
        [
            row["reading"].replace("_", " "),
            row["states_dated"],
            *(f"{float(row[f'by_{year}']):.2f}" for year in (2000, 2010, 2020)),
            f"{int(row['n']):,}",
            f"{_signed(row['b_polyarchy'])} ({row['se_polyarchy']})",
            f"{_signed(row['b_log_gdp'])} ({row['se_log_gdp']})",
        ]
        for row in rows
    ]
    head = ["Reading", "States dated", "Share 2000", "2010", "2020", "N", "Electoral democracy", "Log income"]
    return table(head, lines, name="readings", numbers=[1, 2, 3, 4, 5])


_TABLES: dict[str, tuple[str, Callable[[Sequence[Row]], nodes.Node]]] = {
    "pairs": ("validity", _pairs),
    "disagreements": ("disagreements", _worst),
    "composite": ("composite", _composite),
    "readings": ("dp_readings", _readings),
}


class ValidityTable(SphinxDirective):
    """One of the tables: ``pairs``, ``disagreements``, ``composite`` or ``readings``."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Show it."""
        name, make = _TABLES[self.arguments[0]]
        rows = _read(name)
        self.env.note_dependency(str(_FOLDER / f"{name}.csv"))
        return [make(rows)] if rows else [paragraph("Not computed yet.")]
