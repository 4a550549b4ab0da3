"""Descriptions of each dataset for machines: files in the built site, links to them, and JSON-LD in the page's head."""

from __future__ import annotations

import json
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from site_data import releases
from site_nodes import Cell, paragraph, section, table

from govdata.describing import FILES, described, metadata_files
from govdata.textio import write_atomic

if TYPE_CHECKING:
    from sphinx.application import Sphinx

    from govdata.releases import Release

__all__ = ["descriptions", "head", "in_html", "setup", "write_files"]

FOLDER = "_static/metadata"
# What each file is, and who reads it, in the order of `govdata.describing.FILES`.
READERS = {
    "datapackage": ("Data Package 2.0", "every table with its columns, codes, keys and links; frictionless, R, Python"),
    "croissant": ("Croissant 1.1", "tables and fields for machine-learning tools"),
    "ddi": ("DDI Codebook 2.5", "archives of the social sciences, Dataverse"),
    "datacite": ("DataCite 4.5", "whoever registers a DOI"),
    "schema.org": ("schema.org Dataset", "search engines; it also stands in the head of this page"),
}
TYPES = {".json": "application/json", ".xml": "application/xml"}


def in_html(value: object) -> str:
    """Write JSON that may stand in a script element: no text in it can end the element or begin a comment."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _address(release: Release, file: str, page: str) -> str:
    """Give the address of a description relative to a page of the site."""
    return "../" * page.count("/") + f"{FOLDER}/{release.name}/{release.version}/{file}"


def _page(release: Release) -> str:
    return f"codebook/{release.name}/index"


def head(release: Release, page: str) -> str:
    """Give what the head of a dataset's page says to machines: the dataset itself, and where its descriptions lie."""
    links = (
        f'<link rel="describedby" type="{TYPES[Path(file).suffix]}" href="{escape(_address(release, file, page))}">'
        for file in FILES.values()
    )
    data = in_html(described(release, "schema.org"))
    return "\n".join([*links, f'<script type="application/ld+json">{data}</script>'])


def descriptions(release: Release, page: str) -> nodes.Node:
    """Link to the descriptions of a release."""
    rows: list[list[Cell]] = []
    for form, file in FILES.items():
        standard, readers = READERS[form]
        address = nodes.reference("", file, refuri=_address(release, file, page), internal=True)
        rows.append([paragraph(address), standard, readers])
    said = paragraph(
        "The same release in the forms that other programs read; each names every table with its SHA-256. They name no "
        "DOI and no address of the data, for none is registered. The command ",
        nodes.literal("", f"govdata metadata {release.name}"),
        " writes them for any version.",
    )
    listed = table(["File", "Standard", "For"], rows, name="descriptions")
    return section("Descriptions for machines", said, listed, name="descriptions-for-machines")


def write_files(outdir: Path) -> None:
    """Write the descriptions of the newest release of every dataset below the built site."""
    for release in releases():
        folder = outdir / FOLDER / release.name / release.version
        folder.mkdir(parents=True, exist_ok=True)
        for file, data in metadata_files(release).items():
            write_atomic(folder / file, data)


def _in_head(_app: Sphinx, page: str, _template: str, context: dict[str, Any], _doctree: object) -> None:
    for release in releases() if page.startswith("codebook/") and page.endswith("/index") else []:
        if page == _page(release):
            context["metatags"] = context.get("metatags", "") + head(release, page)


def _finish(app: Sphinx, error: Exception | None) -> None:
    if error is None and app.builder.format == "html":
        write_files(Path(app.outdir))


def setup(app: Sphinx) -> None:
    """Register what happens when pages are built."""
    app.connect("html-page-context", _in_head)
    app.connect("build-finished", _finish)
