"""How a claim is shown: as an entry with all that is known of it, as a row of a table, as a link."""

from __future__ import annotations

from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING

from docutils import nodes
from site_evidence import period, short_name
from site_nodes import Cell, anchored, badge, bullets, cross, fold, in_script, jump, link, literal, paragraph, table

from govdata.vocabulary import STATUSES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from site_evidence import Evidence, Row

    from govdata.model import Indicator

__all__ = [
    "apart",
    "claim_link",
    "claim_links",
    "code_parts",
    "counted",
    "entry",
    "groups",
    "indicator_link",
    "number",
    "plural",
    "source_link",
    "status_badge",
    "told",
    "work_link",
]


def plural(count: int, one: str, many: str = "") -> str:
    """Write a number with its noun: ``1 claim``, ``2 claims``."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def apart(parts: Iterable[Sequence[nodes.Node]], by: str = " · ") -> list[nodes.Node]:
    """Set pieces in a row with a mark between them; empty ones are left out."""
    filled = [list(part) for part in parts if part]
    return list(chain.from_iterable([*([nodes.Text(by)] if i else []), *part] for i, part in enumerate(filled)))


def counted(claims: Iterable[Mapping[str, str]]) -> str:
    """Count claims by status: ``12 claims: 10 accepted, 2 contested``."""
    counts = Counter(claim["status"] for claim in claims)
    each = ", ".join(f"{counts[status]:,} {status}" for status in STATUSES if counts[status])
    return plural(sum(counts.values()), "claim") + (f": {each}" if each else "")


def number(text: str, unit: str = "") -> str:
    """Write a number with separators, and leave anything else as it is."""
    whole, dot, rest = text.partition(".")
    shown = f"{int(whole):,}{dot}{rest}" if whole.lstrip("-").isdigit() else text
    return f"{shown} {unit}".strip()


def indicator_link(known: Evidence, name: str, page: str) -> nodes.Node:
    """Link to an indicator's page by its label."""
    one = known.indicators.get(name)
    return literal(name) if one is None else cross(f"codebook/{known.name}/{name}", one.label, page)


def code_parts(one: Indicator, claim: Mapping[str, str]) -> list[nodes.Node]:
    """Write what a claim is coded as: code and label, or the bounds."""

    def said(code: str) -> list[nodes.Node]:
        names = {known.code: known.labels["en"] for known in one.codes}
        if code in names:
            ordered = one.type in {"ordinal", "binary"}
            return [literal(code), nodes.Text(f" {names[code]}")] if ordered else [nodes.Text(names[code])]
        return [nodes.Text(number(code, one.unit) if one.type in {"count", "numeric"} else code.replace("_", " "))]

    if claim["code"]:
        return said(claim["code"])
    ends = [said(claim[key]) for key in ("low", "high") if claim[key]]
    if len(ends) == 2:
        return [nodes.Text("open between "), *ends[0], nodes.Text(" and "), *ends[1]]
    return ends[0] if ends else [nodes.Text("no code")]


def _defined(claim: Mapping[str, str]) -> list[nodes.Node]:
    text = claim["definition"].replace("_", " ")
    return [nodes.Text(" ("), in_script(text), nodes.Text(")")] if text else []


def status_badge(status: str, reason: str = "") -> nodes.Node:
    """Mark a claim's status with its reason."""
    return badge(f"{status}: {reason.replace('_', ' ')}" if reason else status, status)


def claim_link(known: Evidence, name: str, page: str) -> nodes.Node:
    """Link to where a claim stands in full; one that stands nowhere is named."""
    claim = known.claims.get(name)
    shown = jump(known.label("claim", name), name, page) if claim and known.home(claim) else nodes.Text(name)
    return nodes.inline("", "", shown, classes=["claim-id"])


def claim_links(known: Evidence, names: Iterable[str], page: str) -> list[nodes.Node]:
    """Link to several claims."""
    return apart(([claim_link(known, name, page)] for name in names if name), ", ")


def source_link(known: Evidence, name: str, page: str) -> nodes.Node:
    """Link to a source: to its own page here if it was coded passage by passage, else to its address."""
    source = known.sources.get(name)
    if source is None:
        return nodes.Text(name)
    if name in known.documents:
        return cross(known.page_of("document", name), short_name(source), page)
    return link(short_name(source), source["url"])


def work_link(known: Evidence, name: str, page: str) -> nodes.Node:
    """Link to a cited work in the list of literature."""
    work = known.works.get(name)
    if work is None:
        return nodes.Text(name)
    return jump(known.label("work", name), " ".join(filter(None, (work["authors"], work["year"]))) or name, page)


def _place(claim: Mapping[str, str]) -> str:
    return f"{claim['scope']}: {claim['region']}" if claim["region"] else claim["scope"].replace("all", "every scope")


def _facts(known: Evidence, claim: Row, page: str, *, with_source: bool) -> list[nodes.Node]:
    """Write the line of facts under what a claim says."""
    name = claim["claim_id"]
    one = known.indicators[claim["indicator"]]
    programme = known.programmes.get(claim["programme_id"])
    about: list[nodes.Node] = []
    if programme and known.page_of("programme", claim["programme_id"]) != page:
        about = [
            nodes.Text("about "),
            cross(known.page_of("programme", claim["programme_id"]), programme["name_en"], page),
        ]
    works = [work_link(known, work, page) for work in filter(None, claim.get("cites", "").split(";"))]
    verdicts = [
        [
            nodes.Text("verdict "),
            jump(known.label("verdict", row["verdict_id"]), row["verdict_id"], page),
            nodes.Text(f": {row['verdict'].replace('_', ' ')}"),
        ]
        for row in known.judged.get(name, [])
    ]
    coded = [
        indicator_link(known, claim["indicator"], page),
        nodes.Text(" = "),
        *code_parts(one, claim),
        *_defined(claim),
    ]
    where: list[nodes.Node] = [nodes.Text(claim["locator"].partition(",")[0])]
    if with_source:
        where = [source_link(known, claim["source_id"], page), nodes.Text(f", {claim['locator']}")]
    return apart(
        [
            [status_badge(claim["status"], claim["reason"])],
            [nodes.Text(claim["grade"])],
            coded,
            [nodes.Text(period(claim))],
            [nodes.Text(_place(claim))],
            [nodes.Text(claim["modality"])] if claim["modality"] != "asserted" else [],
            about,
            [nodes.Text("cites "), *apart(([work] for work in works), ", ")] if works else [],
            *verdicts,
            where,
            [claim_link(known, name, page) if with_source else literal(name)],
        ]
    )


def entry(known: Evidence, claim: Row, page: str, *, is_home: bool = False) -> nodes.list_item:
    """Show a claim as an entry of a list: what it says, what became of it, why.

    Parameters
    ----------
    known
        The release.
    claim
        The claim.
    page
        The page that shows it.
    is_home
        Whether other pages link here; the source then goes without saying.
    """
    made = nodes.list_item(classes=["claim", f"is-{claim['status']}"])
    made += paragraph(in_script(claim["gloss"]))
    facts = paragraph(*_facts(known, claim, page, with_source=not is_home))
    facts["classes"].append("facts-line")
    made += facts
    if claim["comment"]:
        note = paragraph("Coder’s note: ", in_script(claim["comment"]))
        note["classes"].append("note-line")
        made += note
    if is_home:
        anchored(made, f"claim-{claim['claim_id']}", known.label("claim", claim["claim_id"]))
    return made


def told(known: Evidence, names: Iterable[str], page: str) -> nodes.Node:
    """List claims in short: id, what each says, status, source."""
    items: list[Sequence[nodes.Node]] = []
    for name in filter(None, names):
        claim = known.claims.get(name)
        if claim is None:
            items.append([paragraph(name)])
            continue
        items.append(
            [
                paragraph(
                    claim_link(known, name, page),
                    ": ",
                    in_script(claim["gloss"]),
                    " ",
                    status_badge(claim["status"], claim["reason"]),
                    " ",
                    source_link(known, claim["source_id"], page),
                    f", {claim['locator']}",
                )
            ]
        )
    return bullets(items, "told")


def _table(known: Evidence, claims: Sequence[Row], page: str, home: str) -> nodes.Node:
    lines: list[list[Cell]] = []
    for claim in claims:
        name = claim["claim_id"]
        one = known.indicators[claim["indicator"]]
        if home and known.home(claim) == home:
            first = anchored(paragraph(literal(name)), f"claim-{name}", known.label("claim", name))
        else:
            first = paragraph(claim_link(known, name, page))
        modality = "" if claim["modality"] == "asserted" else f", {claim['modality']}"
        lines.append(
            [
                first,
                [
                    paragraph(*code_parts(one, claim), *_defined(claim)),
                    paragraph(period(claim) + modality),
                    paragraph(_place(claim)),
                ],
                [paragraph(status_badge(claim["status"], claim["reason"])), paragraph(claim["grade"])],
                paragraph(in_script(claim["gloss"])),
                paragraph(source_link(known, claim["source_id"], page), f", {claim['locator']}"),
            ]
        )
    head = ["Claim", "Coded as, when, where", "Status, grade", "What the source says", "Source"]
    return table(head, lines, name="claims")


def groups(known: Evidence, claims: Sequence[Row], page: str, *, home: str = "", few: int = 12) -> list[nodes.Node]:
    """Show claims in one table for each indicator, under a line that opens it.

    Parameters
    ----------
    known
        The release.
    claims
        The claims.
    page
        The page that shows them.
    home
        The kind of page this is, if other pages link to claims here.
    few
        Up to so many claims, all tables stand open.
    """
    made: list[nodes.Node] = []
    for name, one in known.indicators.items():
        own = [claim for claim in claims if claim["indicator"] == name]
        if own:
            title = f"{one.number} · {one.label}" if one.number else one.label
            summary = [nodes.strong("", title), nodes.Text(f" · {counted(own)}")]
            target = f"codebook/{known.name}/{name}"
            defined = [paragraph("Defined in the codebook: ", cross(target, name, page, code=True))]
            content = [*(defined if target != page else []), _table(known, own, page, home)]
            made.append(fold(summary, *content, is_open=len(claims) <= few))
    return made
