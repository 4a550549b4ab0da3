"""One direction of flow: a walk over every import of the package."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "govdata"
MEETING = {
    "bump",
    "errors",
    "vocabulary",
    "model",
    "textio",
    "schema",
    "panelfile",
    "prechecking",
    "compare",
    "register",
    "folding",
    "rules",
    "drawing",
    "columnbook",
    "columntexts",
    "packaging",
    "releasefacts",
}
READING = {
    "releases",
    "lookup",
    "catalog",
    "evidence",
    "citation",
    "codebook_files",
    "finder",
    "validation",
    "statements",
    "profiles",
    "cellstates",
    "countries",
    "periods",
    "merging",
    "skeleton",
    "reshaping",
    "labels",
    "exporting",
    "importers",
    "draws",
    "recodings",
    "event_rows",
    "known_faults",
    "reasons",
    "references",
    "renamed",
    "retraction",
    "session",
    "choosing",
    "differing",
    "describing",
}


def layer(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return parts[0]


def imports(path: Path) -> set[str]:
    """The modules of the package that a file names, as dotted paths below ``govdata``."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name.startswith("govdata")}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and (node.module or "").startswith("govdata"):
            module = node.module or ""
            found |= {f"{module}.{alias.name}" for alias in node.names} if module == "govdata" else {module}
    return {name.removeprefix("govdata").lstrip(".") for name in found}


FILES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_arrow_points_back(path: Path) -> None:
    wing = layer(path)
    targets = {name.split(".")[0] for name in imports(path) if name}
    if wing in MEETING:
        allowed = MEETING
    elif wing == "curation":
        allowed = MEETING | {"curation"}
    elif wing in READING:
        allowed = MEETING | READING
    elif wing == "stats":
        allowed = {"errors", "drawing", "stats"}
    elif wing == "report":
        allowed = MEETING | READING | {"stats", "report"}
    else:
        return  # __init__, __main__, cli and demo stand above and may see everything
    assert targets <= allowed, f"{path.name} imports {sorted(targets - allowed)}"


def test_results_never_import_their_printer() -> None:
    for path in (PACKAGE / "stats").glob("*.py"):
        assert not any(name.startswith("report") for name in imports(path)), path.name


def test_no_cycles() -> None:
    graph: dict[str, set[str]] = {}
    names = {".".join(path.relative_to(PACKAGE).with_suffix("").parts): path for path in FILES}
    for name, path in names.items():
        found = imports(path)
        tops = ast.parse(path.read_text(encoding="utf-8")).body
        lazy = {
            alias
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.ImportFrom) and node not in tops
            for alias in [(node.module or "").removeprefix("govdata").lstrip(".")]
        }
        graph[name] = {target for target in found - lazy if target in names and target != name}
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, f"cycle: {' -> '.join((*trail, name))}"
        if name not in done:
            for target in sorted(graph[name]):
                visit(target, (*trail, name))
            done.add(name)

    for name in sorted(graph):
        visit(name, ())


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_file_is_one_idea(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 500


def test_no_bare_read_csv() -> None:
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        assert text.count("read_csv(") == text.count("keep_default_na=False"), path.name
