"""Worked cases on a page: read from the dataset's case files and decided by the package while the site is built."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from site_nodes import cross, literal, paragraph, table
from site_pages import indicator_pages
from sphinx.util.docutils import SphinxDirective

from govdata.model import Indicator
from govdata.rules import Cell, Claim, decide

if TYPE_CHECKING:
    from sphinx.application import Sphinx

__all__ = ["WorkedCase", "case_nodes", "read_case", "setup"]

DATASETS = Path(__file__).resolve().parents[2] / "datasets"
DEFAULT_DATASET = "digital_surveillance"
RESULT = ("value", "low", "high", "missing", "status")
_USUAL = {
    "low": "",
    "high": "",
    "end": "",
    "scope": "national",
    "programme_id": "",
    "modality": "asserted",
    "status": "accepted",
    "reason": "",
}
# Columns that a table shows only where some claim differs from the usual.
_OPTIONAL = {"scope": "Scope", "programme_id": "Programme", "modality": "Modality", "status": "Status"}


@dataclass(frozen=True)
class WorkedCase:
    """One case of a case file, with the indicators that it is about.

    Attributes
    ----------
    dataset, content
        The dataset's name, and the case as its file holds it.
    indicator, evidence
        The indicator decided, and the one whose claims it reads; mostly the same.
    files
        What the case was read from.
    """

    dataset: str
    content: dict[str, Any]
    indicator: Indicator
    evidence: Indicator
    files: tuple[Path, ...]

    @property
    def rows(self) -> list[dict[str, str]]:
        """The claims, with every column filled."""
        shared = {"indicator": self.evidence.id}
        return [
            {**_USUAL, **entry, **shared, "claim_id": entry["id"], "iso3": entry["id"][:3]}
            for entry in self.content["claims"]
        ]

    def decided(self) -> Cell:
        """Decide the cell by the package's rules.

        Raises
        ------
        ValueError
            If no claim touches the cell, or the rules give something else than the case expects.
        """
        claims = [Claim.from_row(row) for row in self.rows]
        cell = decide(self.indicator, claims, self.content["year"], self.content["scope"])
        if cell is None:
            raise ValueError(f"no claim touches the cell of the case {self.content['title']!r}")
        found = {key: getattr(cell, key) for key in RESULT}
        if found != self.content["expect"]:
            raise ValueError(f"the case {self.content['title']!r} expects {self.content['expect']}, not {found}")
        return cell


def read_case(reference: str, datasets: Path = DATASETS) -> WorkedCase:
    """Find a case by name.

    Parameters
    ----------
    reference
        ``indicator/title`` in the project's own dataset, or ``dataset/indicator/title``.
    datasets
        The folder of the datasets.

    Raises
    ------
    ValueError
        If there is no such file or no case of that title in it.
    """
    parts = [part.strip() for part in reference.split("/")]
    if len(parts) not in {2, 3}:
        raise ValueError(f"{reference!r} is not of the form indicator/title")
    dataset, name, title = [DEFAULT_DATASET, *parts][-3:]
    path = datasets / dataset / "cases" / f"{name}.toml"
    if not path.is_file():
        raise ValueError(f"there is no {dataset}/cases/{name}.toml")
    found = [case for case in tomllib.loads(path.read_text(encoding="utf-8"))["case"] if case["title"] == title]
    if not found:
        raise ValueError(f"{dataset}/cases/{name}.toml has no case {title!r}")
    codebook = datasets / dataset / "codebook"
    indicator = _indicator(codebook / f"{name}.toml")
    evidence = _indicator(codebook / f"{indicator.evidence_id}.toml")
    files = (path, *(codebook / f"{one.id}.toml" for one in {indicator.id: indicator, evidence.id: evidence}.values()))
    return WorkedCase(dataset, found[0], indicator, evidence, files)


def _indicator(path: Path) -> Indicator:
    return Indicator.from_mapping(tomllib.loads(path.read_text(encoding="utf-8")))


def case_nodes(case: WorkedCase, page: str) -> nodes.Node:
    """Show a case: what it is about, its claims, and the cell that they give.

    Parameters
    ----------
    case
        The case.
    page
        The page on which it stands.
    """
    cell, content = case.decided(), case.content
    name = f"{case.dataset}/{case.indicator.id}"
    known = f"codebook/{name}" in indicator_pages()
    shown = cross(f"codebook/{name}", case.indicator.id, page, code=True) if known else literal(case.indicator.id)
    made = nodes.admonition(
        "",
        nodes.title("", f"Worked case: {content['title']}"),
        paragraph(shown, f", {content['scope']}, {content['year']}. {content['why']}"),
        _claims(case, cell),
        _result(case, cell),
        classes=["admonition-case"],
        ids=[nodes.make_id(f"case {case.indicator.id} {content['title']}")],
    )
    made.source, made.line = str(case.files[0]), 1
    return made


def _claims(case: WorkedCase, cell: Cell) -> nodes.Node:
    rows = case.rows
    extra = [key for key in _OPTIONAL if any(row[key] != _USUAL[key] for row in rows)]
    head = ["Claim", "Code", "From", "To", *(_OPTIONAL[key] for key in extra), "Grade", "Source", "In this cell"]
    return table(head, ([*_start_of(row), *_extra(row, extra), *_end_of(row, cell)] for row in rows))


def _start_of(row: dict[str, str]) -> list[str]:
    return [row["claim_id"], row["code"] or f"{row['low']} to {row['high']}", row["start"], row["end"] or "still"]


def _extra(row: dict[str, str], keys: list[str]) -> list[str]:
    return [f"{row[key]}: {row['reason']}" if key == "status" and row["reason"] else row[key] for key in keys]


def _end_of(row: dict[str, str], cell: Cell) -> list[str]:
    for ids, role in (
        (cell.claim_ids, "decides"),
        (cell.considered_ids, "kept, does not decide"),
        (cell.rejected_ids, "rejected"),
    ):
        if row["claim_id"] in ids:
            return [row["grade"], row["source_id"], role]
    return [row["grade"], row["source_id"], "outside"]


def _result(case: WorkedCase, cell: Cell) -> nodes.Node:
    labels = {code.code: code.labels["en"] for code in case.indicator.codes}
    value = f"{cell.value} · {labels[cell.value]}" if cell.value in labels else cell.value
    row = [value or "empty", cell.low or "empty", cell.high or "empty", cell.missing or "no", cell.status]
    return table(["Value", "Low", "High", "Missing", "Status"], [row])


class ShowCase(SphinxDirective):
    """A worked case: ``{case} indicator/title``."""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """Show it; a case that is not there, or does not hold, stops the build."""
        try:
            case = read_case(" ".join(self.arguments[0].split()))
            made = case_nodes(case, self.env.docname)
        except ValueError as error:
            raise self.error(str(error)) from error
        for path in case.files:
            self.env.note_dependency(str(path))
        return [made]


def setup(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive("case", ShowCase)
