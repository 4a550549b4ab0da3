"""The commands of curators: check, build and release, and what the working tree changes."""

from __future__ import annotations

import json
from pathlib import Path

import click

from govdata.cli._base import main, print_frame, root_option


def _names(root: Path, chosen: tuple[str, ...]) -> tuple[str, ...]:
    from govdata.curation.read import dataset_names
    from govdata.errors import UnknownDatasetError, nearest

    known = dataset_names(root)
    if not known:
        raise UnknownDatasetError(
            f"no dataset.toml below {str(root)!r}; --root names the folder that holds the datasets"
        )
    for name in chosen:
        if name not in known:
            raise UnknownDatasetError(
                f"no dataset {name[:80]!r} in the folder{nearest(name, known)} (known: {', '.join(known)})"
            )
    return chosen or known


def _find_root(root: Path | None) -> Path:
    from govdata.curation.read import find_root

    return root or find_root(Path.cwd())


@main.command()
@click.argument("datasets", nargs=-1)
@root_option
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_context
def check(ctx: click.Context, datasets: tuple[str, ...], root: Path | None, form: str) -> None:
    """Curators: list every fault in the curated files, with file, line and remedy."""
    from dataclasses import asdict

    from govdata.curation.checks import check_dataset

    folder = _find_root(root)
    faults = []
    for name in _names(folder, datasets):
        found = check_dataset(folder, name)
        faults += found
        if form == "text":
            for fault in found:
                click.echo(str(fault))
            click.echo(f"{name}: {'no faults' if not found else f'{len(found)} faults'}", err=True)
    if form == "json":
        click.echo(json.dumps([asdict(fault) for fault in faults], ensure_ascii=False, indent=2))
    ctx.exit(1 if faults else 0)


@main.command()
@click.argument("datasets", nargs=-1)
@root_option
@click.option("--all", "every", is_flag=True, help="Rebuild every release from the inputs it froze.")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), help="Write the built files below this folder."
)
@click.pass_context
def build(ctx: click.Context, datasets: tuple[str, ...], root: Path | None, every: bool, out: Path | None) -> None:
    """Curators: build the working tree in memory and compare it with what is released."""
    from govdata.curation.read import read_tree
    from govdata.curation.release import build_files, differences, rebuild_differences, release_versions
    from govdata.textio import write_atomic

    folder = _find_root(root)
    differing = False
    for name in _names(folder, datasets):
        _refuse_faults(folder, name)
        curated = read_tree(folder, name)
        click.echo(f"{name} {curated.info.version}: building …", err=True)
        files = build_files(folder, curated)
        release = folder / name / "releases" / curated.info.version
        if not release.is_dir():
            click.echo(f"{name} {curated.info.version}: built, not released yet")
        else:
            found = differences(release, files)
            differing |= bool(found) and not every  # between two releases the tree may run ahead
            text = f"the tree differs in {', '.join(found)}" if found else "as released"
            click.echo(f"{name} {curated.info.version}: {text}")
        for version in release_versions(folder, name) if every else ():
            click.echo(f"{name} {version}: rebuilding …", err=True)
            found = rebuild_differences(folder, name, version)
            differing |= bool(found)
            text = f"differs in {', '.join(found)}" if found else "rebuilt byte for byte"
            click.echo(f"{name} {version}: {text}")
        if out is not None:
            target = out / name / curated.info.version
            target.mkdir(parents=True, exist_ok=True)
            for file, data in files.items():
                write_atomic(target / file, data)
    ctx.exit(1 if differing else 0)


def _refuse_faults(folder: Path, name: str, *, ledger: bool = True) -> None:
    from govdata.curation.checks import check_dataset
    from govdata.errors import CurationError

    faults = check_dataset(folder, name, ledger=ledger)
    if faults:
        raise CurationError(f"{name} has {len(faults)} faults, first: {faults[0]} (see govdata check {name})")


def print_tree_difference(dataset: str, root: Path | None, form: str) -> None:
    """Print what the working tree changes against the newest release, and the version it needs."""
    import pandas as pd

    from govdata.bump import is_high_enough
    from govdata.compare import CHANGE_COLUMNS
    from govdata.curation.release import compare_tree
    from govdata.model import version_key
    from govdata.textio import read_toml

    folder = _find_root(root)
    _names(folder, (dataset,))
    _refuse_faults(folder, dataset)
    click.echo(f"{dataset}: building …", err=True)
    against, rows, level, reason, least = compare_tree(folder, dataset)
    if form != "text":
        print_frame(pd.DataFrame(rows, columns=list(CHANGE_COLUMNS), dtype="str"), form)
        return
    if not against:
        click.echo(f"{dataset}: not released yet")
        return
    kinds = pd.Series([row["change"] for row in rows], dtype="str").value_counts().sort_index()
    click.echo(f"{dataset}: working tree against {against}: {len(rows)} changes")
    for kind, number in kinds.items():
        click.echo(f"  {kind:<15} {number}")
    for row in rows[:10]:
        cell = f"{row['iso3']} {row['year']} {row['column']}"
        click.echo(f"  {cell}: {row['old'] or '–'} → {row['new'] or '–'}  {row['claim_ids']}")
    if level != "none":
        click.echo(f"needs version {least} or higher ({level}: {reason})")
        version = str(read_toml(folder / dataset / "dataset.toml")[0]["version"])
        if version_key(version) > version_key(against) and not is_high_enough(against, version, level):
            click.echo(f"dataset.toml says {version}, which is too low")


@main.command()
@click.argument("datasets", nargs=-1, required=True)
@root_option
def release(datasets: tuple[str, ...], root: Path | None) -> None:
    """Curators: freeze the working tree as the release that dataset.toml names."""
    from govdata.curation.release import write_release

    folder = _find_root(root)
    for name in _names(folder, datasets):
        _refuse_faults(folder, name, ledger=False)
        click.echo(f"{name}: building …", err=True)
        path, written = write_release(folder, name)
        click.echo(f"{name} {path.name}: {'released' if written else 'already released, same bytes'}")
