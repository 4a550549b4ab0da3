"""Make a release: the same bytes from the same inputs, written whole, never written over."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from govdata.bump import Bump, is_high_enough, required_bump, smallest_version
from govdata.compare import CHANGE_COLUMNS, Panel, claims_by_cell, compare_panels
from govdata.curation.metadata import citation, datapackage
from govdata.curation.panel import Tables, build_tables
from govdata.curation.read import (
    READING_TABLES,
    Curated,
    Row,
    damaged_files,
    dataset_names,
    latest_register_version,
    read_release,
    read_tree,
)
from govdata.curation.reliability import reliability
from govdata.errors import CurationError
from govdata.model import is_version, panel_columns, version_key
from govdata.register import Register
from govdata.schema import panel_faults
from govdata.textio import csv_bytes, json_bytes, parse_table, read_table, sha256, write_atomic
from govdata.vocabulary import (
    ADJUDICATION_COLUMNS,
    CODE_COLUMNS,
    NAME_COLUMNS,
    PROGRAMME_COLUMNS,
    RELATION_COLUMNS,
    RELIABILITY_COLUMNS,
    SOURCE_COLUMNS,
)

__all__ = [
    "build_files",
    "compare_tree",
    "dataset_releases",
    "differences",
    "load_register",
    "previous_version",
    "rebuild_differences",
    "release_versions",
    "released_headers",
    "write_release",
]

Files = dict[str, bytes]
LEDGER = "releases.csv"
LEDGER_COLUMNS = ("dataset", "version", "sha256")
ASSERTIONS = ("rows", "units", "claims", "programmes", "sources", "units_per_year")


def release_versions(root: Path, name: str) -> tuple[str, ...]:
    """List the releases of a dataset, oldest first."""
    folders = (root / name / "releases").glob("*.*.*")
    return tuple(
        sorted((folder.name for folder in folders if folder.is_dir() and is_version(folder.name)), key=version_key)
    )


def dataset_releases(root: Path) -> list[tuple[str, str]]:
    """List every release of every dataset below a ``datasets`` folder."""
    return [(name, version) for name in dataset_names(root) for version in release_versions(root, name)]


def previous_version(root: Path, name: str, version: str) -> str:
    """Give the newest release below a version, or an empty text."""
    older = [one for one in release_versions(root, name) if version_key(one) < version_key(version)]
    return older[-1] if older else ""


def load_register(root: Path, curated: Curated) -> Register:
    """Give the register that a dataset builds on: its own units, or the release it pins.

    Raises
    ------
    CurationError
        If the pinned release does not exist.
    """
    if curated.info.kind == "register":
        return Register(curated.units)
    version = curated.info.register
    folder = root / "countries" / "releases" / version
    if not version or not folder.is_dir():
        newest = latest_register_version(root) or "none"
        raise CurationError(
            f"{curated.info.name}/dataset.toml: register = {version!r} is not a release of countries "
            f"(newest: {newest}); release countries first and pin it"
        )
    return Register(read_release(folder).units, version)


def build_files(root: Path, curated: Curated) -> Files:
    """Build every file of a release in memory.

    Parameters
    ----------
    root
        The ``datasets`` folder; read for the register and the release before.
    curated
        Inputs without faults.

    Returns
    -------
    dict
        File name → bytes.

    Raises
    ------
    CurationError
        If the panel breaks the schema made from the codebook, or an assertion of ``dataset.toml``.
    """
    info = curated.info
    tables = build_tables(curated, load_register(root, curated))
    _assert_sound(curated, tables)
    tables |= _beside(curated)
    if curated.codings:
        tables["reliability"] = (RELIABILITY_COLUMNS, reliability(curated.codings, curated.indicators))
    before = previous_version(root, info.name, info.version)
    changes: list[Row] = []
    if before:
        changes = compare_panels(_released_panel(root, info.name, before), tables["panel"], _evidence(curated, tables))
    tables["changes"] = (CHANGE_COLUMNS, changes)
    files = {f"{stem}.csv": csv_bytes(columns, rows) for stem, (columns, rows) in tables.items()}
    files["codebook.json"] = json_bytes([indicator.to_mapping() for indicator in curated.indicators])
    files["dataset.json"] = json_bytes(info.to_mapping())
    files["citation.json"] = json_bytes(citation(curated))
    files["datapackage.json"] = json_bytes(datapackage(curated, tables, files))
    files = dict(sorted(files.items()))
    sums = "".join(f"{sha256(data)}  {name}\n" for name, data in files.items())
    return {**files, "SHA256SUMS": sums.encode("ascii")}


def _beside(curated: Curated) -> Tables:
    """Give the tables that stand in a release as they were written, sorted."""
    tables: Tables = {"sources": (SOURCE_COLUMNS, sorted(curated.sources, key=lambda row: row["source_id"]))}
    if curated.names:
        names = sorted(curated.names, key=lambda row: (row["lang"], row["name"], row["start"]))
        tables["names"] = (("lang", *NAME_COLUMNS), names)
        codes = sorted(curated.codes, key=lambda row: (row["scheme"], row["code"], row["start"]))
        tables["codes"] = (CODE_COLUMNS, codes)
    if curated.info.kind == "claims":
        tables["programmes"] = (PROGRAMME_COLUMNS, sorted(curated.programmes, key=lambda row: row["programme_id"]))
        tables["programme_relations"] = (RELATION_COLUMNS, sorted(curated.programme_relations, key=_relation_key))
        decisions = sorted(curated.adjudications, key=lambda row: row["adjudication_id"])
        tables["adjudications"] = (curated.columns.get("adjudications", ADJUDICATION_COLUMNS), decisions)
        for stem, columns in READING_TABLES.items():
            if stem in curated.columns:
                tables[stem] = (columns, getattr(curated, stem))
    return tables


def _relation_key(row: Mapping[str, str]) -> tuple[str, str, str]:
    return row["programme_id"], row["relation"], row["other_id"]


def _assert_sound(curated: Curated, tables: Tables) -> None:
    columns, rows = tables["panel"]
    faults = panel_faults(columns, rows, curated.indicators)
    if faults:
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        raise CurationError(f"{curated.info.name}: the panel breaks its codebook: {faults[0]}{more}")
    found = {
        "rows": len(rows),
        "units": len({row["iso3"] for row in rows}),
        "claims": len(curated.claims),
        "programmes": len(curated.programmes),
        "sources": len(curated.sources),
    }
    per_year = Counter(row["year"] for row in rows)
    found["units_per_year"] = min(per_year.values(), default=0)
    for key, least in curated.info.assertions.items():
        if key not in found:
            raise CurationError(f"{curated.info.name}: unknown assertion {key!r} (known: {', '.join(found)})")
        if found[key] < least:
            raise CurationError(f"{curated.info.name}: {key} = {found[key]}, but dataset.toml asserts at least {least}")


def _released_panel(root: Path, name: str, version: str) -> Panel:
    folder = root / name / "releases" / version
    old = read_release(folder)
    header = (folder / "panel.csv").read_bytes().split(b"\n", 1)[0].decode("utf-8")
    columns = panel_columns(old.indicators, source_version="source_version" in header.split(","))
    return columns, read_table(folder / "panel.csv", columns).rows


def _evidence(curated: Curated, tables: Tables) -> dict[tuple[str, str, str], str]:
    return claims_by_cell(curated.indicators, tables["values"][1]) if curated.info.kind == "claims" else {}


def released_headers(folder: Path) -> dict[str, list[str]]:
    """Give the columns of every table of a release."""
    found = {}
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8") as stream:
            found[path.stem] = stream.readline().rstrip("\n").split(",")
    return found


def _judge(root: Path, curated: Curated, before: str, rows: list[Row], tables: Mapping[str, Sequence[str]]) -> Bump:
    """Say how far the version must rise above a release, given what differs."""
    folder = root / curated.info.name / "releases" / before
    old = read_release(folder)
    level, reason = required_bump(
        old.indicators,
        curated.indicators,
        rows,
        described=(old.info, curated.info),
        tables=(released_headers(folder), tables),
    )
    version = curated.info.version
    return Bump(before, version, level, reason, smallest_version(before, level), is_high_enough(before, version, level))


def compare_tree(root: Path, name: str) -> tuple[str, list[Row], str, str, str]:
    """Compare the working tree of a dataset with its newest release.

    Returns
    -------
    against : str
        The newest release; empty when there is none.
    changes : list of dict
        Rows of `govdata.compare.CHANGE_COLUMNS`.
    level, reason, least : str
        How far the version must rise, why, and the lowest version allowed.
    """
    versions = release_versions(root, name)
    if not versions:
        return "", [], "none", "first release", ""
    against = versions[-1]
    curated = read_tree(root, name)
    tables = build_tables(curated, load_register(root, curated)) | _beside(curated)
    rows = compare_panels(_released_panel(root, name, against), tables["panel"], _evidence(curated, tables))
    headers = {stem: list(columns) for stem, (columns, _) in tables.items()} | {"changes": list(CHANGE_COLUMNS)}
    if curated.codings:
        headers["reliability"] = list(RELIABILITY_COLUMNS)
    bump = _judge(root, curated, against, rows, headers)
    level, reason = bump.level, bump.reason
    if level == "none":
        # No cell differs; texts may: build the tree under the old version and compare the files.
        folder = root / name / "releases" / against
        info = replace(curated.info, version=against, released=read_release(folder).info.released)
        changed = differences(folder, build_files(root, replace(curated, info=info)))
        if changed:
            level, reason = "patch", f"no cell changed, but {', '.join(changed)}"
    return against, rows, level, reason, smallest_version(against, level)


def write_release(root: Path, name: str) -> tuple[Path, bool]:
    """Freeze the working tree of a dataset as the release that ``dataset.toml`` names.

    Returns
    -------
    path : Path
        The release folder.
    written : bool
        False when the very same release stood there already.

    Raises
    ------
    CurationError
        If the release exists with other bytes, or the version rises less than the changes demand.
    """
    curated = read_tree(root, name)
    files = build_files(root, curated)
    version = curated.info.version
    newest = max(release_versions(root, name), key=version_key, default=version)
    if version_key(version) < version_key(newest):
        raise CurationError(f"{name}: version {version} lies below the newest release {newest}; raise it above")
    folder = root / name / "releases" / version
    if folder.exists():
        differing = differences(folder, files)
        if not differing:
            _enter(root, name, version, files)
            return folder, False
        changed = [file for file in differing if file != "SHA256SUMS"] or differing
        raise CurationError(
            f"{name} {version} is released and frozen, and {changed[0]} would change; raise the version in "
            f"{name}/dataset.toml"
        )
    before = previous_version(root, name, version)
    if before:
        rows = parse_table(files["changes.csv"], CHANGE_COLUMNS, shown="changes.csv").rows
        headers = {
            file.removesuffix(".csv"): data.split(b"\n", 1)[0].decode("utf-8").split(",")
            for file, data in files.items()
            if file.endswith(".csv")
        }
        bump = _judge(root, curated, before, rows, headers)
        if not bump.honoured:
            raise CurationError(
                f"{name}: version {version} is too low after {before}: {bump.reason}; it must be {bump.least} or higher"
            )
    folder.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".release-"))
    try:
        for file, data in files.items():
            (staging / file).write_bytes(data)
        staging.chmod(0o755)
        staging.rename(folder)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise
    _enter(root, name, version, files)
    return folder, True


def _enter(root: Path, name: str, version: str, files: Files) -> None:
    """Add a release to the ledger, unless it stands there; lines are only ever added."""
    ledger = root / LEDGER
    table = read_table(ledger, LEDGER_COLUMNS, shown=LEDGER)
    if table.faults and ledger.is_file():
        raise CurationError(f"{table.faults[0]}")
    rows = table.rows
    if any((row["dataset"], row["version"]) == (name, version) for row in rows):
        return
    entry = {"dataset": name, "version": version, "sha256": sha256(files["SHA256SUMS"])}
    write_atomic(ledger, csv_bytes(LEDGER_COLUMNS, [*rows, entry]))


def differences(folder: Path, files: Files) -> list[str]:
    """Name every file in which a release folder differs from built files."""
    there = {path.name for path in folder.iterdir()}
    return sorted(
        (there ^ set(files)) | {name for name in there & set(files) if (folder / name).read_bytes() != files[name]}
    )


def rebuild_differences(root: Path, name: str, version: str) -> list[str]:
    """Rebuild a release from the inputs it froze and name every file whose bytes differ."""
    folder = root / name / "releases" / version
    return damaged_files(folder) or differences(folder, build_files(root, read_release(folder)))
