"""The examples on the site: every Python block and every command is run, and must print what the page shows."""

from __future__ import annotations

import doctest
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

import govdata
import govdata.countries
import govdata.errors
import govdata.importers
import govdata.stats.tests
from govdata.cli import main

DOCS = Path(__file__).parents[2] / "docs"
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE | doctest.IGNORE_EXCEPTION_DETAIL
_BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SHELL = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_TOCTREE = re.compile(r"^```\{toctree\}\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PAGES = sorted(path for path in DOCS.rglob("*.md") if not {"_build", "codebook", "generated"} & set(path.parts))
GENERATED = ("/codebook/", "/generated/")


def examples(page: Path) -> str:
    """The Python blocks of a page, in order, as one session."""
    return "\n".join(_BLOCK.findall(page.read_text(encoding="utf-8")))


def commands(page: Path) -> list[tuple[list[str], str]]:
    """The commands after a prompt ``$ govdata`` and the output shown below each."""
    found = []
    for block in _SHELL.findall(page.read_text(encoding="utf-8")):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            line, _, output = part.partition("\n")
            if line.startswith("govdata "):
                found.append((shlex.split(line)[1:], output))
    return found


def name(page: Path) -> str:
    return page.relative_to(DOCS).as_posix()


@pytest.mark.parametrize("page", [page for page in PAGES if examples(page)], ids=name)
def test_python_blocks(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    session = doctest.DocTestParser().get_doctest(examples(page), {}, name(page), str(page), 0)
    assert session.examples, "a python block without a prompt is never run"
    report: list[str] = []
    result = doctest.DocTestRunner(optionflags=FLAGS).run(session, out=report.append)
    assert result.failed == 0, "".join(report)


@pytest.mark.parametrize("page", [page for page in PAGES if commands(page)], ids=name)
def test_commands(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    checker = doctest.OutputChecker()
    for words, shown in commands(page):
        result = CliRunner().invoke(main, words)
        assert result.exit_code == (2 if shown.startswith("govdata: ") else 0), result.output
        assert not shown or checker.check_output(shown, result.output, FLAGS), f"{words} prints\n{result.output}"


def test_every_page_listed_exists() -> None:
    listed: set[str] = {"/index"}
    for page in PAGES:
        for block in _TOCTREE.findall(page.read_text(encoding="utf-8")):
            for entry in block.splitlines():
                target = entry.strip()
                if not target or target.startswith(":"):
                    continue
                place = target if target.startswith("/") else f"/{(page.parent / target).relative_to(DOCS).as_posix()}"
                listed.add(place)
                if not place.startswith(GENERATED):
                    assert (DOCS / f"{place[1:]}.md").is_file(), f"{name(page)} lists {target}"
    assert {f"/{name(page).removesuffix('.md')}" for page in PAGES} <= listed


def test_pages_name_only_indicators_that_exist() -> None:
    known = set(govdata.datasets()["name"])
    for page in PAGES:
        for dataset, indicator in re.findall(r"\{indicator\}`(\w+)/(\w+)`", page.read_text(encoding="utf-8")):
            if dataset in known:
                assert len(govdata.codebook(dataset, indicator)) == 1, name(page)


def test_every_public_name_is_in_the_reference() -> None:
    text = (DOCS / "reference" / "api.md").read_text(encoding="utf-8")
    listed: set[str] = set()
    module = ""
    for line in text.splitlines():
        if match := re.fullmatch(r"\.\. currentmodule:: (\S+)", line):
            module = match[1]
        elif match := re.fullmatch(r"   (\w+)", line):
            listed.add(f"{module}.{match[1]}")
    homes = (
        govdata,
        govdata.stats,
        govdata.stats.tests,
        govdata.report,
        govdata.errors,
        govdata.countries,
        govdata.importers,
    )
    modules = {"report", "stats", "tests", "nearest", "countries", "importers"}
    for home in homes:
        for public in home.__all__:
            if not public.startswith("_") and public not in modules:
                shown = {f"{home.__name__}.{public}", f"govdata.errors.{public}"}
                if getattr(govdata.report, public, None) is getattr(home, public):
                    shown.add(f"govdata.report.{public}")
                assert shown & listed, f"{home.__name__}.{public} is not in reference/api.md"


def test_text_of_a_release_never_becomes_markup(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("sphinx")
    markdown = pytest.importorskip("markdown_it")
    monkeypatch.syspath_prepend(str(DOCS / "_ext"))
    from site_nodes import escaped

    for text in (
        "<script>alert(1)</script>",
        "```{raw} html",
        "a `b` *c* [d](e) {f}`g` $h$ &amp; \\ |",
        "# x\n% y\n+++",
    ):
        tokens = markdown.MarkdownIt().parse(f"# {escaped(text)}")
        assert [token.type for token in tokens] == ["heading_open", "inline", "heading_close"]
        children = tokens[1].children or []
        assert {child.type for child in children} <= {"text", "text_special"}
        assert "".join(child.content for child in children) == " ".join(text.split())
