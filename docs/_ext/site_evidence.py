"""What a release holds as evidence, put together once: who says what, where it stands, who checked it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING

from govdata.curation.readingchecks import claim_lines
from govdata.releases import open_release

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from govdata.model import Indicator
    from govdata.releases import Release

__all__ = ["Evidence", "Passage", "Row", "evidence", "has_programmes", "period", "rows", "short_name"]

Row = dict[str, str]
_PROGRAMME_FILES = frozenset(
    {"claims.csv", "programmes.csv", "programme_relations.csv", "programme_years.csv", "sources.csv"}
)


def rows(release: Release, file: str) -> list[Row]:
    """Read a table of a release; a table that it lacks has no rows."""
    return release.rows(file) if file in release.files else []


def has_programmes(release: Release) -> bool:
    """Whether a release tells of programmes, with all tables that a programme's page needs."""
    return set(release.files) >= _PROGRAMME_FILES and bool(release.rows("programmes.csv"))


@dataclass(frozen=True)
class Passage:
    """A passage of a coded document.

    Attributes
    ----------
    row
        Its line of ``passages.csv``.
    first, again
        Claims whose place lies in its lines: those that stand here first, and those shown at an earlier passage.
    """

    row: Row
    first: Sequence[Row]
    again: Sequence[Row]


@dataclass(frozen=True)
class Evidence:
    """The evidence of one release, by what the pages ask for."""

    release: Release

    @property
    def name(self) -> str:
        """The dataset."""
        return self.release.name

    @cached_property
    def claims(self) -> Mapping[str, Row]:
        """Claims by id, in the order of the release."""
        return {row["claim_id"]: row for row in rows(self.release, "claims.csv")}

    @cached_property
    def indicators(self) -> Mapping[str, Indicator]:
        """Indicators by id, in the order of the codebook."""
        return {one.id: one for one in self.release.indicators}

    @cached_property
    def sources(self) -> Mapping[str, Row]:
        """Sources by id."""
        return {row["source_id"]: row for row in rows(self.release, "sources.csv")}

    @cached_property
    def programmes(self) -> Mapping[str, Row]:
        """Programmes by id."""
        return {row["programme_id"]: row for row in self.release.rows("programmes.csv")} if self._has_programmes else {}

    @cached_property
    def _has_programmes(self) -> bool:
        return has_programmes(self.release)

    @cached_property
    def works(self) -> Mapping[str, Row]:
        """Works that the coded documents cite, by id."""
        return {row["work_id"]: row for row in rows(self.release, "literature.csv")}

    @cached_property
    def verdicts(self) -> Sequence[Row]:
        """Verdicts on claims."""
        return rows(self.release, "verdicts.csv")

    @cached_property
    def adjudications(self) -> Sequence[Row]:
        """Written decisions between claims or codings."""
        return rows(self.release, "adjudications.csv")

    @cached_property
    def documents(self) -> Mapping[str, Sequence[Row]]:
        """Passages of each coded document, in the order of its lines."""
        found: dict[str, list[Row]] = defaultdict(list)
        for row in rows(self.release, "passages.csv"):
            found[row["source_id"]].append(row)
        return {name: sorted(own, key=lambda row: int(row["first_line"])) for name, own in found.items()}

    @cached_property
    def by_source(self) -> Mapping[str, Sequence[Row]]:
        """Claims by source."""
        return _by("source_id", self.claims.values())

    @cached_property
    def by_programme(self) -> Mapping[str, Sequence[Row]]:
        """Claims by programme."""
        return _by("programme_id", self.claims.values())

    @cached_property
    def by_indicator(self) -> Mapping[str, Sequence[Row]]:
        """Claims by indicator."""
        return _by("indicator", self.claims.values())

    @cached_property
    def citing(self) -> Mapping[str, Sequence[Row]]:
        """Claims by the work that the document cites for them."""
        found: dict[str, list[Row]] = defaultdict(list)
        for row in self.claims.values():
            for work in filter(None, row.get("cites", "").split(";")):
                found[work].append(row)
        return found

    @cached_property
    def judged(self) -> Mapping[str, Sequence[Row]]:
        """Verdicts by the claim that they are about."""
        found: dict[str, list[Row]] = defaultdict(list)
        for row in self.verdicts:
            for claim in filter(None, row["claim_ids"].split(";")):
                found[claim].append(row)
        return found

    def page_of(self, kind: str, name: str = "") -> str:
        """Name the page of a programme, of a document or of a table, below the documentation's folder."""
        if kind == "document":
            return f"generated/documents/{name}"
        if kind == "programme":
            return f"generated/programmes/{self.name}/{name}"
        return f"generated/{kind}/{self.name}"

    def label(self, kind: str, name: str) -> str:
        """Name the label of a claim, a passage, a work or a verdict."""
        return f"{self.name}:{kind}:{name}"

    def home(self, claim: Mapping[str, str]) -> str:
        """Say on which kind of page a claim stands in full: ``document``, ``programme``, or none."""
        if claim["source_id"] in self.documents:
            return "document"
        return "programme" if claim["programme_id"] in self.programmes else ""

    def read(self, source: str) -> tuple[list[Passage], list[Row]]:
        """Put the claims of a document to its passages.

        Returns
        -------
        tuple
            The passages in order, and the claims whose place lies in none of them.
        """
        own = self.by_source.get(source, [])
        shown: set[str] = set()
        passages = []
        for row in self.documents[source]:
            start, end = int(row["first_line"]), int(row["last_line"])
            here = [
                claim
                for claim in own
                if any(first <= end and last >= start for first, last in claim_lines(claim["locator"]))
            ]
            here.sort(key=lambda claim: (claim_lines(claim["locator"])[0], claim["claim_id"]))
            new = [claim for claim in here if claim["claim_id"] not in shown]
            passages.append(Passage(row, new, [claim for claim in here if claim["claim_id"] in shown]))
            shown |= {claim["claim_id"] for claim in new}
        return passages, [claim for claim in own if claim["claim_id"] not in shown]

    def passage_at(self, source: str, line: int) -> str:
        """Give the label of the passage that holds a line of a document; empty if none does."""
        for row in self.documents.get(source, []):
            if int(row["first_line"]) <= line <= int(row["last_line"]):
                return self.label("passage", f"{source}:{row['first_line']}")
        return ""


@cache
def evidence(dataset: str) -> Evidence:
    """Open the evidence of the newest release of a dataset."""
    return Evidence(open_release(dataset))


def _by(column: str, found: Iterable[Row]) -> dict[str, list[Row]]:
    made: dict[str, list[Row]] = defaultdict(list)
    for row in found:
        made[row[column]].append(row)
    return dict(made)


def period(claim: Mapping[str, str]) -> str:
    """Write from when to when a claim speaks."""
    start, end = claim["start"], claim["end"]
    if not start:
        return f"until {end}" if end else "undated"
    if start == end:
        return start
    return f"{start} to {end}" if end else f"from {start}"


def short_name(source: Mapping[str, str]) -> str:
    """Name a source in a few words: who and when."""
    names = [name.strip() for name in source["authors"].split(";") if name.strip()]
    if len(names) == 2 and names[1][0].isupper():
        who = " and ".join(names)
    elif len(names) > 1:
        who = f"{names[0]} and others"
    else:
        who = names[0] if names else source["publisher"] or source["title"]
    return f"{who} {source['year']}".strip()
