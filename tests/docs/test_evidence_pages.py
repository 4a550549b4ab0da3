"""The pages made from a release's evidence: nothing is left out, nothing is netted, no text becomes markup."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from govdata.releases import dataset_names, open_release

pytest.importorskip("sphinx")
nodes = pytest.importorskip("docutils.nodes")
EXTENSION = Path(__file__).parents[2] / "docs" / "_ext"
CODED = [name for name in dataset_names() if open_release(name).info.kind == "claims"]


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    monkeypatch.syspath_prepend(str(EXTENSION))
    import site_agreement
    import site_codebook
    import site_documents
    import site_evidence
    import site_nodes
    import site_pages
    import site_programmes

    return SimpleNamespace(
        agreement=site_agreement,
        codebook=site_codebook,
        documents=site_documents,
        evidence=site_evidence,
        nodes=site_nodes,
        pages=site_pages,
        programmes=site_programmes,
    )


def labels(site: SimpleNamespace, made: list[Any]) -> Counter[str]:
    return Counter(label for label, _ in site.nodes.labels(made))


def targets(made: list[Any]) -> set[str]:
    """Labels that pages link to."""
    from sphinx.addnodes import pending_xref

    return {link["reftarget"] for top in made for link in top.findall(pending_xref) if link["reftype"] == "ref"}


def text(made: list[Any]) -> str:
    return " ".join(node.astext() for node in made)


@pytest.mark.parametrize("name", CODED)
def test_every_claim_of_a_document_stands_on_its_page_once(site: SimpleNamespace, name: str) -> None:
    known = site.evidence.evidence(name)
    for source, passages in known.documents.items():
        found = labels(site, site.documents.document(known.release, source, "page"))
        own = [known.label("claim", claim["claim_id"]) for claim in known.by_source.get(source, [])]
        assert {label: found[label] for label in own} == dict.fromkeys(own, 1)
        places = [known.label("passage", f"{source}:{row['first_line']}") for row in passages]
        assert {label: found[label] for label in places} == dict.fromkeys(places, 1)


@pytest.mark.parametrize("name", CODED)
def test_every_link_to_a_claim_a_work_or_a_verdict_has_one_place(site: SimpleNamespace, name: str) -> None:
    known = site.evidence.evidence(name)
    release = known.release
    made: list[Any] = []
    for source in known.documents:
        made += site.documents.document(release, source, f"generated/documents/{source}")
    for programme in list(known.programmes):
        made += site.programmes.programme(release, programme, known.page_of("programme", programme))
    if known.works:
        made += site.documents.literature(release, "page")
    if known.verdicts:
        made += site.documents.verdicts(release, "page")
    if "reliability.csv" in release.files:
        made += site.agreement.agreement(release, "page")
    found = labels(site, made)
    assert targets(made) <= set(found)
    assert max(found.values(), default=1) == 1
    assert {known.label("work", work) for work in known.works} <= set(found)
    assert {known.label("verdict", row["verdict_id"]) for row in known.verdicts} <= set(found)


@pytest.mark.parametrize("name", CODED)
def test_a_programme_shows_both_sides_and_every_claim(site: SimpleNamespace, name: str) -> None:
    known = site.evidence.evidence(name)
    for programme, row in known.programmes.items():
        made = site.programmes.programme(known.release, programme, known.page_of("programme", programme))
        shown = text(made)
        titles = [title.astext() for top in made for title in top.findall(nodes.title)]
        assert titles[titles.index("Effects") :][:3] == ["Effects", "Good effects", "Bad effects"]
        missing = [
            claim["claim_id"] for claim in known.by_programme.get(programme, []) if claim["claim_id"] not in shown
        ]
        assert not missing
        assert row["name_local"] in shown


@pytest.mark.parametrize("name", CODED)
def test_low_agreement_is_shown_and_stands_first(site: SimpleNamespace, name: str) -> None:
    known = site.evidence.evidence(name)
    measured = site.evidence.rows(known.release, "reliability.csv")
    if not measured:
        pytest.skip("the release measures no agreement")
    made = site.agreement.agreement(known.release, "page")
    cells = [
        [entry.astext() for entry in row.findall(nodes.entry)]
        for top in made
        for table in top.findall(nodes.table)
        if "agreement" in table["classes"]
        for row in next(iter(table.findall(nodes.tbody))).findall(nodes.row)
    ]
    assert len(cells) == len(measured)
    low = [row for row in measured if row["alpha"] and float(row["alpha"]) < site.agreement.TENTATIVE]
    assert sum("low" in row[1] for row in cells) == len(low)
    tables = [table for top in made for table in top.findall(nodes.table) if "agreement" in table["classes"]]
    for table in tables:
        body = next(iter(table.findall(nodes.tbody)))
        alphas = [list(row.findall(nodes.entry))[1].astext().split()[0].replace("−", "-") for row in body]
        defined = [float(alpha) for alpha in alphas if alpha != "not"]
        assert defined == sorted(defined)
        assert alphas[len(defined) :] == ["not"] * (len(alphas) - len(defined))


@pytest.mark.parametrize("name", CODED)
def test_an_indicator_without_a_column_says_so(site: SimpleNamespace, name: str) -> None:
    known = site.evidence.evidence(name)
    for one in known.indicators.values():
        if one.table == "record":
            shown = text(site.codebook.indicator(known.release, one.id, "page"))
            assert "record.csv" not in shown
            assert "carried over" not in shown
            assert "makes no value" in shown


def test_text_in_other_scripts_is_kept_apart(site: SimpleNamespace) -> None:
    mixed = "It says (که می‌گوید، ۱۳) and 北京 again"
    found = site.nodes.in_script(mixed)
    assert found.astext() == mixed
    apart = [(part["lang"], part.astext()) for part in found.findall(site.nodes.written)]
    assert apart == [("fa", "که می‌گوید، ۱۳"), ("zh", "北京")]
    whole = site.nodes.in_script("(فوكو، 1387)", "fa")
    assert isinstance(whole, site.nodes.written)
    assert whole["lang"] == "fa"
    assert isinstance(site.nodes.in_script("<b>plain</b>"), nodes.Text)


def test_pages_follow_from_what_releases_hold(site: SimpleNamespace) -> None:
    made = site.pages.pages()
    for name in CODED:
        known = site.evidence.evidence(name)
        assert {f"{known.page_of('programme', one)}.md" for one in known.programmes} <= set(made)
        assert {f"{known.page_of('document', one)}.md" for one in known.documents} <= set(made)
        assert (f"{known.page_of('verdicts')}.md" in made) == bool(known.verdicts)
        assert (f"{known.page_of('literature')}.md" in made) == bool(known.works)
    assert "generated/documents/index.md" in made
