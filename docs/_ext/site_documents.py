"""The pages on how texts were read: coded documents passage by passage, the works they cite, the verdicts on them."""

from __future__ import annotations

import re
from collections import Counter
from itertools import chain, groupby
from typing import TYPE_CHECKING

from docutils import nodes
from site_claims import apart, claim_links, counted, entry, plural, source_link, told
from site_data import LANGUAGE_NAMES
from site_evidence import evidence
from site_nodes import (
    Cell,
    anchored,
    badge,
    bullets,
    cross,
    definitions,
    fold,
    in_script,
    jump,
    link,
    literal,
    paragraph,
    section,
    table,
    together,
)

from govdata.vocabulary import LITERATURE_CHECKS, PASSAGE_KINDS, STATUSES, VERDICTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from site_evidence import Evidence, Passage, Row

    from govdata.releases import Release

__all__ = ["document", "documents", "literature", "verdicts"]

_KINDS = {
    "facts": "states facts: every one is a claim",
    "framing": "argues, frames or announces",
    "literature": "tells what other works say",
    "heading": "a heading",
    "apparatus": "footnotes, captions, running heads",
}
_CHECKS = {
    "as_stated": "the work says what the document makes it say",
    "misread": "the work says something else",
    "misprinted": "name, year or title is wrong in the document",
    "ambiguous": "more than one work fits what the document cites",
    "not_found": "no such work was found",
    "not_opened": "the work was not opened, so nothing is said on it",
}
_VERDICTS = {
    "wrong": "other evidence shows something else",
    "contested": "other evidence supports a part, or sources disagree",
    "not_found": "nothing was found for or against it",
    "corroborated": "other evidence says the same",
}
_LINE = re.compile(r"[0-9]+")


def documents(release: Release, page: str) -> list[nodes.Node]:
    """List the coded documents of a release with their counts, and the tables that go with them."""
    known = evidence(release.name)
    lines: list[list[Cell]] = []
    for name, passages in known.documents.items():
        source = known.sources[name]
        claims = known.by_source.get(name, [])
        counts = Counter(claim["status"] for claim in claims)
        works = [work for work in known.works.values() if name in work["seed_ids"].split(";")]
        judged = {
            row["verdict_id"] for claim in claims for row in known.judged.get(claim["claim_id"], [])
        }  # a verdict may be about claims of several documents
        lines.append(
            [
                [
                    paragraph(cross(known.page_of("document", name), source["title"], page)),
                    *_original(source),
                    paragraph(LANGUAGE_NAMES.get(source["lang"], source["lang"])),
                ],
                f"{len(passages):,}",
                f"{len(claims):,}",
                *(f"{counts[status]:,}" for status in STATUSES),
                f"{len(works):,}",
                f"{len(judged):,}",
            ]
        )
    head = ["Document", "Passages", "Claims", *STATUSES, "Works cited", "Verdicts"]
    links: list[nodes.Node] = []
    if known.works:
        links.append(
            paragraph(
                cross(known.page_of("literature"), "Works cited", page),
                f": {plural(len(known.works), 'work')}, how the documents cite them, and whether they say that.",
            )
        )
    if known.verdicts:
        links.append(
            paragraph(
                cross(known.page_of("verdicts"), "Verdicts", page),
                f": {plural(len(known.verdicts), 'finding')} on claims of the documents, from other evidence.",
            )
        )
    return [
        paragraph("Counted in ", cross(f"codebook/{release.name}/index", str(release), page), "."),
        table(head, lines, name="listing-long", numbers=range(1, len(head))),
        *([bullets(links)] if links else []),
    ]


def _original(source: Row) -> list[nodes.Node]:
    title = source["title_original"]
    return [paragraph(title, language=source["lang"] or "en")] if title and title != source["title"] else []


def document(release: Release, name: str, page: str) -> list[nodes.Node]:
    """Show a coded document passage by passage, with the claims that were made from each."""
    known = evidence(release.name)
    source = known.sources[name]
    claims = known.by_source.get(name, [])
    passages, unplaced = known.read(name)
    kinds = Counter(passage.row["kind"] for passage in passages)
    facts: list[tuple[str, Cell]] = [
        ("Original title", _original(source)),
        ("Author", paragraph(in_script(source["authors"])) if source["authors"] else ""),
        ("Year", source["year"]),
        ("Language", LANGUAGE_NAMES.get(source["lang"], source["lang"])),
        ("Address", paragraph(link(source["url"], source["url"])) if source["url"] else ""),
        ("Note", paragraph(in_script(source["note"])) if source["note"] else ""),
        ("Claims", counted(claims)),
        ("Source id", literal(name)),
    ]
    count = [[kind, _KINDS.get(kind, ""), f"{kinds[kind]:,}"] for kind in PASSAGE_KINDS if kinds[kind]]
    made: list[nodes.Node] = [
        paragraph(
            "How this document was read: ",
            cross("generated/documents/index", "what these pages show", page),
            ". The text itself is not printed here; every sentence below is in words of the coders.",
        ),
        definitions(facts),
        table(["Kind of passage", "What it does", "Passages"], count, numbers=[2]),
    ]
    seen: Counter[str] = Counter()
    for title, own in groupby(passages, key=lambda passage: passage.row["section"]):
        seen[title] += 1
        anchor = f"section-{title}" if seen[title] == 1 else f"section-{title}-{seen[title]}"
        parts = together(*(_passage(known, passage, name, page) for passage in own))
        made.append(section(f"{title[:1].upper()}{title[1:]}", parts, name=anchor))
    if unplaced:
        listed = bullets((entry(known, claim, page, is_home=True) for claim in unplaced), "claims")
        made.append(section("Claims whose place lies in no passage", listed, name="unplaced"))
    return made


def _passage(known: Evidence, passage: Passage, name: str, page: str) -> nodes.Node:
    row = passage.row
    first, last = row["first_line"], row["last_line"]
    title = f"Line {first}" if first == last else f"Lines {first}–{last}"
    gist = row["gist"]
    made = section(
        title,
        paragraph(badge(row["kind"], "kind"), " ", in_script(f"{gist[:1].upper()}{gist[1:]}")),
        name=f"lines-{first}-{last}",
    )
    made["site_label"] = known.label("passage", f"{name}:{first}")
    made["classes"] += ["passage", f"is-{row['kind']}"]
    if passage.first:
        made += bullets((entry(known, claim, page, is_home=True) for claim in passage.first), "claims")
    if passage.again:
        names = [claim["claim_id"] for claim in passage.again]
        again = paragraph("Already shown above: ", *claim_links(known, names, page))
        again["classes"].append("facts-line")
        made += again
    return made


def literature(release: Release, page: str) -> list[nodes.Node]:
    """List the works that coded documents cite, and whether each says what it is cited for."""
    known = evidence(release.name)
    works = list(known.works.values())
    checks = Counter(work["check"] for work in works)
    lines: list[list[Cell]] = []
    for check in LITERATURE_CHECKS:
        named = [work for work in works if work["check"] == check]
        links = [[jump(known.label("work", work["work_id"]), _short(work), page)] for work in named]
        is_few = check not in {"as_stated", "not_opened"}
        lines.append(
            [
                check.replace("_", " "),
                _CHECKS.get(check, ""),
                f"{checks[check]:,}",
                paragraph(*apart(links, "; ")) if named and is_few else "",
            ]
        )
    ordered = sorted(works, key=lambda work: (work["authors"].casefold(), work["year"], work["work_id"]))
    return [
        paragraph(
            f"{plural(len(works), 'work')} in release {release.version}: how the coded documents cite each, what they "
            "make it say, and what the work says where it was opened. A document's claim is not made better by the "
            "works that it cites: only a work that was opened itself is a source of claims."
        ),
        table(["Check", "Means", "Works", "Which"], lines, numbers=[2]),
        section("Works", bullets((_work(known, work, page) for work in ordered), "works")),
    ]


def _short(work: Row) -> str:
    return " ".join(filter(None, (work["authors"], work["year"]))) or work["work_id"]


def _work(known: Evidence, work: Row, page: str) -> nodes.list_item:
    title = work["title"]
    seeds = [one for one in work["seed_ids"].split(";") if one]
    language = known.sources[seeds[0]]["lang"] if len(seeds) == 1 and seeds[0] in known.sources else ""
    head: list[nodes.Node] = [nodes.strong("", "", in_script(_short(work), language))]
    if title:
        text = in_script(title, language)
        head += [
            nodes.Text(". "),
            nodes.reference("", "", text, refuri=work["url"], internal=False) if _is_web(work["url"]) else text,
        ]
    elif _is_web(work["url"]):
        head += [nodes.Text(". "), link(work["url"], work["url"])]
    head += [nodes.Text(" "), badge(work["check"].replace("_", " "), work["check"])]
    citing = [claim["claim_id"] for claim in known.citing.get(work["work_id"], [])]
    cited = [[in_script(work["cited_as"], language)], [*_lines(known, work, seeds, page)]]
    facts: list[tuple[str, Cell]] = [
        ("Cited as", paragraph(*apart(cited, ", "))),
        ("In the list of references", _listed(work["listed"])),
        ("Kind", work["type"].replace("_", " ")),
        ("Made to say", paragraph(in_script(work["summary"])) if work["summary"] else ""),
        ("Correction", paragraph(in_script(work["correction"])) if work["correction"] else ""),
        ("Claims that cite it", paragraph(*claim_links(known, citing, page)) if citing else ""),
        ("Opened as", _opened(known, work)),
    ]
    made = nodes.list_item("", paragraph(*head), definitions(facts), classes=["work"])
    return anchored(made, f"work-{work['work_id']}", known.label("work", work["work_id"]))  # type: ignore[return-value]


def _is_web(address: str) -> bool:
    return address.startswith(("http://", "https://"))


def _listed(text: str) -> str:
    return {"": "", "1": "yes", "0": "no", "true": "yes", "false": "no"}.get(text, text)


def _opened(known: Evidence, work: Row) -> Cell:
    source = known.sources.get(work["source_id"])
    if source is None:
        return ""
    claims = known.by_source.get(work["source_id"], [])
    return paragraph(literal(work["source_id"]), ", ", link(source["title"], source["url"]), f" ({counted(claims)})")


def _lines(known: Evidence, work: Row, seeds: Sequence[str], page: str) -> list[nodes.Node]:
    """Say on which lines a document cites a work; with one document, as links to the passages."""
    if len(seeds) != 1 or seeds[0] not in known.documents:
        names = [known.sources[seed]["title"] if seed in known.sources else seed for seed in seeds]
        return [nodes.Text(f"lines {work['lines']} of {'; '.join(names)}")]
    text = work["lines"]
    found: list[nodes.Node] = [nodes.Text("lines " if len(_LINE.findall(text)) > 1 else "line ")]
    end = 0
    while match := _LINE.search(text, end):
        label = known.passage_at(seeds[0], int(match[0]))
        found += [nodes.Text(text[end : match.start()])] if match.start() > end else []
        found.append(jump(label, match[0], page) if label else nodes.Text(match[0]))
        end = match.end()
    found += [nodes.Text(text[end:])] if text[end:] else []
    return [*found, nodes.Text(" of "), source_link(known, seeds[0], page)]


def verdicts(release: Release, page: str) -> list[nodes.Node]:
    """Show every verdict with the claims it is about and those that answer, grouped, the wrong ones first."""
    known = evidence(release.name)
    order = [*_VERDICTS, *(word for word in VERDICTS if word not in _VERDICTS)]
    counts = Counter(row["verdict"] for row in known.verdicts)
    lines = [[word.replace("_", " "), _VERDICTS.get(word, ""), f"{counts[word]:,}"] for word in order]
    about = set(chain.from_iterable(row["claim_ids"].split(";") for row in known.verdicts))
    made: list[nodes.Node] = [
        paragraph(
            f"{plural(len(known.verdicts), 'verdict')} on {plural(len(about), 'claim')} in release {release.version}. "
            "Each sets claims of a document against evidence from elsewhere, and names the claims that answer them. A "
            "verdict is a finding of the coders; it decides no value by itself."
        ),
        table(["Verdict", "Means", "Count"], lines, numbers=[2]),
    ]
    for word in order:
        own = sorted((row for row in known.verdicts if row["verdict"] == word), key=lambda row: row["verdict_id"])
        if own:
            title = word.replace("_", " ").capitalize()
            parts = together(*(_verdict(known, row, page) for row in own))
            made.append(section(title, parts, name=f"verdict-{word}"))
    return made


def _verdict(known: Evidence, row: Row, page: str) -> nodes.Node:
    name = row["verdict_id"]
    asked = [one for one in row["claim_ids"].split(";") if one]
    answers = [one for one in row["answer_ids"].split(";") if one]
    made = section(
        f"Verdict {name}",
        paragraph(in_script(row["finding"])),
        *([paragraph("Note: ", in_script(row["comment"]))] if row["comment"] else []),
        paragraph(nodes.strong("", "About")),
        told(known, asked, page),
        name=f"verdict-{name}",
    )
    made["site_label"] = known.label("verdict", name)
    made["classes"].append("verdict")
    if answers:
        made += fold([nodes.strong("", f"Answered by {plural(len(answers), 'claim')}")], told(known, answers, page))
    return made
