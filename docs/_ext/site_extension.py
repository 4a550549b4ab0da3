"""Directives and roles by which pages show what the package and its releases hold."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import click
import site_agreement
import site_cases
import site_codebook
import site_documents
import site_math
import site_metadata
import site_nodes
import site_programmes
from docutils import nodes
from site_data import coded_units, demo_fact, releases
from site_nodes import cross, literal, paragraph, section
from site_pages import indicator_pages, write_pages
from site_validity import ValidityTable
from sphinx.util.docutils import SphinxDirective, SphinxRole

from govdata import demo
from govdata.releases import Release, dataset_names, open_release
from govdata.vocabulary import BLOCKS

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata

__all__ = ["setup"]

WIDTH = 88


class _FromRelease(SphinxDirective):
    """A directive whose first word is a dataset; says so where the installation lacks it."""

    required_arguments = 1
    optional_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Show it."""
        self.env.note_reread()
        name = self.arguments[0]
        if name not in dataset_names():
            return [paragraph("This installation holds no release of ", literal(name), ".")]
        made = self.show(open_release(name))
        self.note(made)
        return made

    def note(self, made: list[nodes.Node]) -> None:
        """Let other pages find the labelled places of this one."""
        standard = self.env.get_domain("std")
        for label, anchor in site_nodes.labels(made):
            standard.note_hyperlink_target(label, self.env.docname, anchor)  # type: ignore[attr-defined]

    def show(self, release: Release) -> list[nodes.Node]:
        """Give the nodes."""
        raise NotImplementedError


class Indicator(_FromRelease):
    """One indicator's page."""

    required_arguments = 2

    def show(self, release: Release) -> list[nodes.Node]:
        """Give the nodes."""
        return site_codebook.indicator(release, self.arguments[1], self.env.docname)


class Dataset(_FromRelease):
    """A dataset and its indicators."""

    def show(self, release: Release) -> list[nodes.Node]:
        """Give the nodes."""
        made = site_codebook.dataset(release, self.env.docname)
        return [*made, site_metadata.descriptions(release, self.env.docname)]


class Programmes(_FromRelease):
    """The named programmes of a release."""

    def show(self, release: Release) -> list[nodes.Node]:
        """Give the nodes."""
        return site_programmes.overview(release, self.env.docname)


class Programme(_FromRelease):
    """All on one programme."""

    required_arguments = 2

    def show(self, release: Release) -> list[nodes.Node]:
        """Give the nodes."""
        return site_programmes.programme(release, self.arguments[1], self.env.docname)


class Documents(_FromRelease):
    """The documents that were read passage by passage."""

    def show(self, release: Release) -> list[nodes.Node]:
        """Give the nodes."""
        return site_documents.documents(release, self.env.docname)


class Document(_FromRelease):
    """One document, passage by passage."""

    required_arguments = 2

    def show(self, release: Release) -> list[nodes.Node]:
        """Give the nodes."""
        return site_documents.document(release, self.arguments[1], self.env.docname)


class Literature(_FromRelease):
    """The works that documents cite."""

    def show(self, release: Release) -> list[nodes.Node]:
        """Give the nodes."""
        return site_documents.literature(release, self.env.docname)


class Verdicts(_FromRelease):
    """The verdicts on claims."""

    def show(self, release: Release) -> list[nodes.Node]:
        """Give the nodes."""
        return site_documents.verdicts(release, self.env.docname)


class Agreement(SphinxDirective):
    """How far two codings agree, for every release that measures it."""

    def run(self) -> list[nodes.Node]:
        """Show it."""
        self.env.note_reread()
        having = [release for release in releases() if "reliability.csv" in release.files]
        made = [node for release in having for node in site_agreement.agreement(release, self.env.docname)]
        return made or [paragraph("No release in this installation measures agreement.")]


class CodedUnits(_FromRelease):
    """For each block of the codebook, the units with a value; long lists only as a number."""

    def show(self, release: Release) -> list[nodes.Node]:
        """Give the nodes."""
        rows: list[list[site_nodes.Cell]] = []
        for block, title in BLOCKS.items():
            if any(one.block == block and one.columns() for one in release.indicators):
                units = coded_units(release.name, block)
                shown = ", ".join(units) if 0 < len(units) <= 6 else ""
                rows.append([f"{block} · {title}", str(len(units)), shown])
        return [site_nodes.table(["Block", "Units with a value", "Which"], rows, numbers=[1])]


class Datasets(SphinxDirective):
    """The datasets of this installation."""

    def run(self) -> list[nodes.Node]:
        """Show them."""
        self.env.note_reread()
        return [site_codebook.datasets(releases(), self.env.docname)]


class Commands(SphinxDirective):
    """The help of every command, as click prints it; ``readers`` or ``curators``."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Show them."""
        from govdata.cli import main

        wing = self.arguments[0]
        made: list[nodes.Node] = []
        for name, command in main.commands.items():
            if (command.help or "").startswith("Curators:") == (wing == "curators"):
                title = f"govdata {name}"
                context = click.Context(command, info_name=title, max_content_width=WIDTH, terminal_width=WIDTH)
                text = command.get_help(context)
                made.append(section(title, nodes.literal_block(text, text, language="text"), name=title))
        return made


class DemoTable(SphinxDirective):
    """The demonstration's table, computed while the site is built."""

    def run(self) -> list[nodes.Node]:
        """Show it."""
        from govdata import report

        self.env.note_reread()
        text = report.table([demo.fit(demo.panel()), demo.fit_own(demo.own_panel())], labels=demo.LABELS).to_text()
        return [nodes.literal_block(text, text, language="text")]


class DemoTrace(SphinxDirective):
    """The evidence behind the demonstration's cell, if its dataset is there."""

    wanted: ClassVar = demo.CELL

    def run(self) -> list[nodes.Node]:
        """Show it."""
        import govdata

        self.env.note_reread()
        if self.wanted[0] not in dataset_names():
            return [paragraph("This installation holds no release of ", literal(self.wanted[0]), ".")]
        text = str(govdata.trace(*self.wanted))
        return [nodes.literal_block(text, text, language="text", classes=["wrapped"])]


class DemoFact(SphinxRole):
    """One number of the demonstration: ``{demo}`nobs```."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Show it."""
        return [nodes.Text(demo_fact(self.text))], []


class CodebookLink(SphinxRole):
    """An indicator by name, linked to its page where it has one: ``{indicator}`dataset/id```."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Show it."""
        page, name = f"codebook/{self.text}", self.text.rpartition("/")[2]
        known = page in indicator_pages()
        return [cross(page, name, self.env.docname, code=True) if known else literal(name)], []


def _generate(app: Sphinx) -> None:
    write_pages(Path(app.srcdir))


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register everything."""
    for module in (site_cases, site_math, site_metadata, site_nodes):
        module.setup(app)
    for name, directive in (
        ("indicator", Indicator),
        ("dataset", Dataset),
        ("programmes", Programmes),
        ("programme", Programme),
        ("documents", Documents),
        ("document", Document),
        ("literature", Literature),
        ("verdicts", Verdicts),
        ("agreement", Agreement),
        ("coded-units", CodedUnits),
        ("datasets", Datasets),
        ("commands", Commands),
        ("demo-table", DemoTable),
        ("demo-trace", DemoTrace),
        ("validity-table", ValidityTable),
    ):
        app.add_directive(name, directive)
    app.add_role("demo", DemoFact())
    app.add_role("indicator", CodebookLink())
    app.connect("builder-inited", _generate, priority=400)  # before autosummary looks for pages
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
