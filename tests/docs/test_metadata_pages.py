"""Descriptions for machines in the built site: a page's JSON-LD cannot break out, and every link leads to a file."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdata.describing import FILES, described, metadata_files
from govdata.releases import dataset_names, open_release

pytest.importorskip("sphinx")
EXTENSION = Path(__file__).parents[2] / "docs" / "_ext"
CONF = """
import sys
sys.path.insert(0, {extension!r})
extensions = ["myst_parser", "tiny"]
"""
TINY = """
import site_codebook, site_metadata, site_nodes
from sphinx.util.docutils import SphinxDirective
from govdata.releases import open_release

class Dataset(SphinxDirective):
    required_arguments = 1
    def run(self):
        return [site_metadata.descriptions(open_release(self.arguments[0]), self.env.docname)]

def setup(app):
    site_nodes.setup(app)
    site_metadata.setup(app)
    app.add_directive("dataset", Dataset)
"""


class Scripts(HTMLParser):
    """Collects scripts and links of a page as a browser would see them."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts: list[tuple[str, str]] = []
        self.links: list[tuple[str, str]] = []
        self._type = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {key: value or "" for key, value in attrs}
        self._type = found.get("type", "") if tag == "script" else ""
        if tag in ("a", "link"):
            self.links.append((found.get("rel", tag), found.get("href", "")))

    def handle_endtag(self, _tag: str) -> None:
        self._type = ""

    def handle_data(self, data: str) -> None:
        if self._type:
            self.scripts.append((self._type, data))


def seen(page: str) -> Scripts:
    parser = Scripts()
    parser.feed(page)
    parser.close()
    return parser


@pytest.fixture(scope="module")
def site() -> SimpleNamespace:
    import sys

    sys.path.insert(0, str(EXTENSION))
    try:
        import site_metadata
    finally:
        sys.path.remove(str(EXTENSION))
    return SimpleNamespace(metadata=site_metadata)


@given(st.recursive(st.text(), lambda inner: st.dictionaries(st.text(), inner, max_size=3)))
def test_no_text_ends_the_script(site: SimpleNamespace, value: object) -> None:
    written = site.metadata.in_html({"x": value})
    assert json.loads(written) == {"x": value}
    assert not re.search("[<>&\u2028\u2029]", written)


def test_an_evil_title_stays_inside(site: SimpleNamespace) -> None:
    evil = {"name": "</script><script>alert(1)</script><!-- & ]]>"}
    page = f'<script type="application/ld+json">{site.metadata.in_html(evil)}</script><p>after</p>'
    assert [(kind, json.loads(text)) for kind, text in seen(page).scripts] == [("application/ld+json", evil)]


@pytest.mark.parametrize("name", dataset_names())
def test_the_head_of_a_page_holds_the_dataset(site: SimpleNamespace, name: str) -> None:
    release = open_release(name)
    found = seen(site.metadata.head(release, f"codebook/{name}/index"))
    assert [(kind, json.loads(text)) for kind, text in found.scripts] == [
        ("application/ld+json", described(release, "schema.org"))
    ]
    place = f"../../_static/metadata/{name}/{release.version}"
    assert found.links == [("describedby", f"{place}/{file}") for file in FILES.values()]


def test_a_built_site_serves_what_its_page_links_to(released: Path, tmp_path: Path) -> None:  # noqa: ARG001 - its datasets
    from sphinx.testing.util import SphinxTestApp

    source = tmp_path / "source"
    (source / "codebook" / "watch").mkdir(parents=True)
    (source / "tiny.py").write_text(TINY, encoding="utf-8")
    (source / "conf.py").write_text(CONF.format(extension=str(EXTENSION)) + f"sys.path.insert(0, {str(source)!r})\n")
    (source / "index.md").write_text("# Start\n\n```{toctree}\ncodebook/watch/index\n```\n", encoding="utf-8")
    (source / "codebook" / "watch" / "index.md").write_text("# Watch\n\n```{dataset} watch\n```\n", encoding="utf-8")
    app = SphinxTestApp(srcdir=source, builddir=tmp_path / "build", warningiserror=True)
    try:
        app.build()
        outdir = Path(app.outdir)
    finally:
        app.cleanup()
    page = outdir / "codebook" / "watch" / "index.html"
    found = seen(page.read_text(encoding="utf-8"))
    release = open_release("watch")
    assert ("application/ld+json", described(release, "schema.org")) in [
        (kind, json.loads(text)) for kind, text in found.scripts if kind == "application/ld+json"
    ]
    for file, data in metadata_files(release).items():
        links = [href for kind, href in found.links if href.endswith(f"/{file}") and kind in ("describedby", "a")]
        assert len(links) == 2
        for href in links:
            assert (page.parent / href).resolve().read_bytes() == data
    assert "application/ld+json" not in (outdir / "index.html").read_text(encoding="utf-8")
