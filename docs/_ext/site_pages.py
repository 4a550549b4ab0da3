"""Write the pages that exist because a release holds something: an indicator, a programme, a document, a figure."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from site_data import releases
from site_evidence import evidence, has_programmes, rows
from site_figures import draw
from site_nodes import escaped

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from govdata.releases import Release

__all__ = ["indicator_pages", "pages", "write_pages"]


def indicator_pages() -> set[str]:
    """Name the generated codebook pages, as paths below the documentation's folder."""
    return {f"codebook/{one.name}/{indicator.id}" for one in releases() for indicator in one.indicators}


def _toctree(entries: Iterable[str], depth: int = 1) -> list[str]:
    return ["```{toctree}", ":hidden:", f":maxdepth: {depth}", "", *entries, "```"]


def _directive(name: str, *words: str) -> list[str]:
    return [" ".join([f"```{{{name}}}", *words]), "```"]


def _page(title: str, release: Release | None, *lines: str) -> str:
    stamp = [] if release is None else [f"% {release} {release.digest}", ""]
    return "\n".join([*stamp, f"# {escaped(title)}", "", *lines, ""])


def _codebook(release: Release) -> dict[str, str]:
    made = {}
    for one in release.indicators:
        title = f"{one.number} · {one.label}" if one.number else one.label
        made[f"codebook/{release.name}/{one.id}.md"] = _page(
            title, release, f"```{{indicator}} {release.name} {one.id}", "```"
        )
    entries = [one.id for one in release.indicators]
    made[f"codebook/{release.name}/index.md"] = _page(
        release.info.title, release, f"```{{dataset}} {release.name}", "```", "", *_toctree(entries)
    )
    return made


def pages() -> dict[str, str]:
    """Give the text of every generated page by its path below the documentation's folder."""
    known = releases()
    made: dict[str, str] = {}
    for release in known:
        made |= _codebook(release)
    made["codebook/index.md"] = _page(
        "Codebook",
        None,
        "Every indicator of every dataset, as the newest release in this installation defines it. These pages are made",
        "from the releases themselves; `govdata.codebook` gives the same as a frame.",
        "",
        "```{datasets}",
        "```",
        "",
        *_toctree(f"{release.name}/index" for release in known),
    )
    return made | _programmes(known) | _readings(known)


def _programmes(known: Sequence[Release]) -> dict[str, str]:
    made: dict[str, str] = {}
    having = [release for release in known if has_programmes(release)]
    for release in having:
        names = {row["programme_id"]: row["name_en"] for row in release.rows("programmes.csv")}
        folder = f"generated/programmes/{release.name}"
        made[f"{folder}.md"] = _page(
            f"Programmes in {release.name} {release.version}",
            release,
            *_directive("programmes", release.name),
            "",
            *_toctree(f"{release.name}/{name}" for name in sorted(names, key=lambda name: names[name].casefold())),
        )
        for name, title in names.items():
            made[f"{folder}/{name}.md"] = _page(title, release, *_directive("programme", release.name, name))
    text = (
        "Named programmes, laws, institutions and tools that claims speak of, with the stage each had reached by year."
    )
    if not having:
        text += "\nNo release in this installation lists programmes."
    links = [f"- [{one.name} {one.version}]({one.name}.md)" for one in having]
    toctree = _toctree(one.name for one in having) if having else []
    made["generated/programmes/index.md"] = _page("Programmes", None, text, "", *links, "", *toctree)
    return made


_DOCUMENTS = """\
Some sources are too rich to be cited once. They are read from the first line to the last: the text is cut into passages
without a gap, and every fact that a passage states is written down as a claim, whether or not it is right. So these
pages show two things apart from each other: what a document says, and what became of it.

Each passage has its lines, its kind and its gist. Below it stand the claims made from it. A claim that agrees with
other evidence, or that nothing speaks against, is *accepted*; one on which sources disagree, or behind which too little
stands, is *contested*; one that was found wrong is *rejected*, with the reason. Rejected claims never reach a value.
They stay here so that a reader who meets the same sentence elsewhere finds out what is wrong with it.
*Accepted* is not *proven*: the grade, from E0 to E4, says [what stands behind a claim](../../explanation/evidence.md).

To be on this page is no mark of trust in a document, and no mark of distrust. The texts themselves are not printed;
what a claim says is in words of the coders."""


def _readings(known: Sequence[Release]) -> dict[str, str]:
    made: dict[str, str] = {}
    shown: list[str] = []
    entries: list[str] = []
    for release in known:
        documents = evidence(release.name).documents
        for name in documents:
            title = evidence(release.name).sources[name]["title"]
            made[f"generated/documents/{name}.md"] = _page(title, release, *_directive("document", release.name, name))
            entries.append(name)
        if documents:
            shown += [*_directive("documents", release.name), ""]
        for file, folder, title in (
            ("literature.csv", "literature", "Works cited"),
            ("verdicts.csv", "verdicts", "Verdicts"),
        ):
            if rows(release, file):
                made[f"generated/{folder}/{release.name}.md"] = _page(
                    f"{title} in {release.name} {release.version}", release, *_directive(folder, release.name)
                )
                entries.append(f"/generated/{folder}/{release.name}")
    made["generated/documents/index.md"] = _page(
        "Documents as they were read",
        None,
        _DOCUMENTS,
        "",
        *(shown or ["No release in this installation holds a document that was read in this way."]),
        *(_toctree(entries) if entries else []),
    )
    return made


def write_pages(folder: Path) -> None:
    """Write the generated pages below the documentation's folder, and remove those of what is gone.

    Parameters
    ----------
    folder
        Where ``conf.py`` lies. Files that already hold the same text keep their date, so that Sphinx reads them no more
        than once.
    """
    wanted = pages()
    for part in ("codebook", *(f"generated/{kind}" for kind in ("documents", "literature", "programmes", "verdicts"))):
        for old in (folder / part).rglob("*.md"):
            if old.relative_to(folder).as_posix() not in wanted:
                old.unlink()
    for name, text in wanted.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
    draw(folder, releases())
