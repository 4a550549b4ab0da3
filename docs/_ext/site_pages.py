"""Write the pages that exist because a release holds something: one an indicator, one a dataset, the demonstration."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from site_data import releases
from site_nodes import escaped

if TYPE_CHECKING:
    from collections.abc import Iterable

    from govdata.releases import Release

__all__ = ["indicator_pages", "write_pages"]


def indicator_pages() -> set[str]:
    """Name the generated codebook pages, as paths below the documentation's folder."""
    return {f"codebook/{one.name}/{indicator.id}" for one in releases() for indicator in one.indicators}


def _toctree(entries: Iterable[str], depth: int = 1) -> list[str]:
    return ["```{toctree}", ":hidden:", f":maxdepth: {depth}", "", *entries, "```"]


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


def _pages() -> dict[str, str]:
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
    with_programmes = [release for release in known if "programmes.csv" in release.files]
    for release in with_programmes:
        made[f"generated/programmes/{release.name}.md"] = _page(
            f"Programmes in {release.name} {release.version}", release, f"```{{programmes}} {release.name}", "```"
        )
    text = (
        "Named programmes, laws, institutions and tools that claims speak of, with the stage each had reached by year."
    )
    if not with_programmes:
        text += "\nNo release in this installation lists programmes."
    links = [f"- [{one.name} {one.version}]({one.name}.md)" for one in with_programmes]
    toctree = _toctree(one.name for one in with_programmes) if with_programmes else []
    made["generated/programmes/index.md"] = _page("Programmes", None, text, "", *links, "", *toctree)
    return made


def write_pages(folder: Path) -> None:
    """Write the generated pages below the documentation's folder, and remove those of indicators that are gone.

    Parameters
    ----------
    folder
        Where ``conf.py`` lies. Files that already hold the same text keep their date, so that Sphinx reads them no more
        than once.
    """
    pages = _pages()
    for part in ("codebook", "generated/programmes"):
        for old in (folder / part).rglob("*.md"):
            if old.relative_to(folder).as_posix() not in pages:
                old.unlink()
    for name, text in pages.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
    _draw(folder / "generated" / "demo")


def _draw(folder: Path) -> None:
    """Draw the demonstration's figure with the package itself."""
    from govdata import demo, report

    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "monitoring.svg"
    before = path.read_bytes() if path.exists() else b""
    fresh = folder / "fresh.svg"
    report.coefplot(demo.fit(demo.panel()), path=fresh, labels=demo.LABELS)
    if fresh.read_bytes() != before:
        fresh.replace(path)
    else:
        fresh.unlink()
