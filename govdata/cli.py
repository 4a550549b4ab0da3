"""The command ``govdata``: the reading wing and the curation wing from a shell."""

from __future__ import annotations

import io
import json
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from govdata import __version__
from govdata.errors import ArgumentError, GovdataError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["main"]

_YEARS = re.compile(r"([0-9]{4})(?::([0-9]{4}))?\Z")


class _Group(click.Group):
    """Turns the package's errors into one line and exit code 2."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - as the parent
        try:
            return super().invoke(ctx)
        except GovdataError as error:
            click.echo(f"govdata: {error}", err=True)
            ctx.exit(2)
        except BrokenPipeError:
            raise  # `| head` has seen enough; click ends quietly
        except click.UsageError as error:
            path = error.ctx.command_path if error.ctx else "govdata"
            click.echo(f"govdata: {' '.join(error.format_message().split())} (see {path} --help)", err=True)
            ctx.exit(2)
        except OSError as error:
            click.echo(f"govdata: {error.filename or 'output'}: {error.strerror or error}", err=True)
            if error.filename is None and sys.stdout is sys.__stdout__:
                # What is still buffered would fail again when Python ends.
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, 1)
                os.close(nowhere)
            ctx.exit(2)

    def main(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as the parent
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):  # labels are in four scripts, whatever the locale
                stream.reconfigure(errors="replace") if stream.isatty() else stream.reconfigure(encoding="utf-8")
        return super().main(*args, **kwargs)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        from govdata.errors import nearest

        if args and self.get_command(ctx, args[0]) is None:
            known = self.list_commands(ctx)
            click.echo(
                f"govdata: no command {args[0]!r}{nearest(args[0], known)} (known: {', '.join(known)})", err=True
            )
            ctx.exit(2)
        return super().resolve_command(ctx, args)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="govdata")
def main() -> None:
    """Country-year data on digital surveillance, each cell with its evidence."""


_format = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "csv"]),
    default="text",
    show_default=True,
    help="Output form.",
)
_version = click.option("--version", "version", default=None, help="Release, such as 0.1.0; default: the newest.")
_root = click.option(
    "--root",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=None,
    help="The datasets folder; default: that of the checkout around the working directory.",
)


def _whole(frame: pd.DataFrame) -> pd.DataFrame:
    """Print codes and counts as whole numbers, though a column with missing cells holds floats."""
    numbers = frame.select_dtypes("float64")
    whole = [name for name in numbers if ((numbers[name].dropna() % 1) == 0).all() and numbers[name].abs().max() < 1e15]
    return frame.astype(dict.fromkeys(whole, "Int64"))


def _print_frame(frame: pd.DataFrame, form: str, *, columns: list[str] | None = None) -> None:
    frame = _whole(frame)
    if form == "json":
        click.echo(frame.to_json(orient="records", force_ascii=False, indent=2))
    elif form == "csv":
        click.echo(frame.to_csv(index=False, lineterminator="\n"), nl=False)
    elif frame.empty:
        click.echo("nothing found")
    else:
        shown = frame if columns is None else frame[columns]
        click.echo(shown.to_string(index=False, max_colwidth=72, na_rep="."))


def _parse_years(text: str | None) -> list[int] | None:
    if text is None:
        return None
    years: list[int] = []
    for part in text.split(","):
        match = _YEARS.match(part.strip())
        if match is None:
            raise ArgumentError(f"years {part!r} is neither a year nor a span such as 2000:2018")
        first = int(match[1])
        last = int(match[2] or first)
        if last < first:
            raise ArgumentError(f"years {part!r} run backwards; did you mean '{last}:{first}'?")
        years += range(first, last + 1)
    return years


def _split(text: str | None) -> list[str] | None:
    return None if text is None else [part.strip() for part in text.split(",") if part.strip()]


@main.command("list")
@_format
def list_(form: str) -> None:
    """List the datasets."""
    from govdata.catalog import datasets

    _print_frame(datasets(), form)


@main.command()
@click.argument("dataset")
@_version
@_format
def info(dataset: str, version: str | None, form: str) -> None:
    """Describe a dataset and its releases."""
    from govdata.releases import open_release, versions

    release = open_release(dataset, version)
    content = release.info.to_mapping() | {"releases": versions(dataset), "sha256": release.digest}
    if form == "json":
        click.echo(json.dumps(content, ensure_ascii=False, indent=2))
        return
    for key in ("title", "description", "version", "released", "years", "licence", "attribution", "releases", "sha256"):
        value = content[key]
        click.echo(f"{key:<12} {', '.join(map(str, value)) if isinstance(value, list) else value}")


@main.command()
@click.argument("dataset")
@_format
def versions(dataset: str, form: str) -> None:
    """List the releases of a dataset, oldest first."""
    from govdata.releases import versions as known

    found = known(dataset)
    click.echo(json.dumps(found) if form == "json" else "\n".join(found))


@main.command()
@click.argument("dataset")
@_version
@click.option("--countries", help="ISO3 codes, joined by commas.")
@click.option("--years", help="A year, a span 2000:2018, or several joined by commas.")
@click.option("--indicators", help="Indicators or columns, joined by commas.")
@click.option("--missing", default="nan", show_default=True, help="nan, reason or drop.")
@click.option("--format", "form", type=click.Choice(["csv", "json", "text"]), default="csv", show_default=True)
def load(
    dataset: str,
    version: str | None,
    countries: str | None,
    years: str | None,
    indicators: str | None,
    missing: str,
    form: str,
) -> None:
    """Print the panel of a dataset."""
    from govdata.catalog import load as load_panel

    frame = load_panel(
        dataset,
        version,
        _split(countries),
        _parse_years(years),
        _split(indicators),
        missing,  # type: ignore[arg-type]
    )
    click.echo(f"{frame.attrs['dataset']} {frame.attrs['version']}: {len(frame)} rows", err=True)
    _print_frame(frame, form)


@main.command()
@click.argument("dataset")
@click.argument("indicator", required=False)
@_version
@_format
def codebook(dataset: str, indicator: str | None, version: str | None, form: str) -> None:
    """Show the codebook of a dataset, or one indicator in full."""
    from govdata.catalog import codebook as read

    frame = read(dataset, indicator, version)
    if form != "text" or indicator is None:
        _print_frame(frame, form, columns=["number", "id", "label", "type", "first_year", "last_year"])
        return
    row = frame.iloc[0]
    for key in frame.columns:
        value = row[key]
        if isinstance(value, dict):
            click.echo(f"{key:<14}" + f"\n{'':<14}".join(f"{code} = {label}" for code, label in value.items()))
        elif isinstance(value, list) or str(value):
            click.echo(f"{key:<14}{', '.join(value) if isinstance(value, list) else value}")


@main.command()
@click.argument("dataset")
@click.argument("name")
@_version
@click.option("--format", "form", type=click.Choice(["csv", "json", "text"]), default="csv", show_default=True)
def table(dataset: str, name: str, version: str | None, form: str) -> None:
    """Print a table of a release: claims, sources, programmes, programme_years, values."""
    from govdata.catalog import table as read

    _print_frame(read(dataset, name, version), form)


@main.command()
@click.argument("words", nargs=-1, required=True)
@click.option("--dataset", help="One dataset only.")
@_format
def search(words: tuple[str, ...], dataset: str | None, form: str) -> None:
    """Find indicators, codes and programmes by their words in any language."""
    from govdata.finder import search as find

    _print_frame(find(" ".join(words), dataset), form, columns=["dataset", "kind", "id", "label", "found_in"])


@main.command()
@click.argument("dataset")
@click.argument("country")
@click.argument("year")
@click.argument("indicator")
@click.option("--scope", help="national or subnational.")
@_version
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def trace(
    dataset: str, country: str, year: str, indicator: str, scope: str | None, version: str | None, form: str
) -> None:
    """Show the evidence behind one cell."""
    from govdata.evidence import trace as find

    chosen = _parse_years(year) or []
    if len(chosen) != 1:
        raise ArgumentError(f"trace takes one year, not {year!r}")
    cell = find(dataset, country, chosen[0], indicator, scope=scope, version=version)
    click.echo(json.dumps(cell.to_dict(), ensure_ascii=False, indent=2) if form == "json" else str(cell))


@main.command()
@click.argument("dataset")
@click.argument("old")
@click.argument("new")
@_format
def changes(dataset: str, old: str, new: str, form: str) -> None:
    """List every cell that differs between two releases."""
    from govdata.evidence import changes as find

    frame = find(dataset, old, new)
    if form == "text" and frame.empty:
        click.echo(f"{dataset}: no cell differs between {old} and {new}")
        return
    _print_frame(frame, form)


@main.command()
@click.argument("dataset")
@_version
@click.option("--style", default="text", show_default=True, help="text, bibtex or csl.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", help="json: the citation as CSL."
)
def cite(dataset: str, version: str | None, style: str, form: str) -> None:
    """Give the citation of a dataset."""
    from govdata.citation import cite as make

    click.echo(make(dataset, version, "csl" if form == "json" else style))  # type: ignore[arg-type]


@main.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("govdata-demo"),
    show_default=True,
    help="Folder for the figure and the tables.",
)
def demo(out: Path) -> None:
    """Run the main job: panel, regression, table, figure, evidence."""
    from govdata.demo import run

    run(out, say=lambda text: click.echo(text, err=True), show=click.echo)


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
@_root
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
@_root
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


@main.command()
@click.argument("dataset")
@_root
@_format
def diff(dataset: str, root: Path | None, form: str) -> None:
    """Curators: what the working tree changes against the newest release, and the version it needs."""
    import pandas as pd

    from govdata.compare import CHANGE_COLUMNS
    from govdata.curation.release import compare_tree

    folder = _find_root(root)
    _names(folder, (dataset,))
    _refuse_faults(folder, dataset)
    against, rows, level, reason, least = compare_tree(folder, dataset)
    if form != "text":
        _print_frame(pd.DataFrame(rows, columns=list(CHANGE_COLUMNS), dtype="str"), form)
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


@main.command()
@click.argument("datasets", nargs=-1, required=True)
@_root
def release(datasets: tuple[str, ...], root: Path | None) -> None:
    """Curators: freeze the working tree as the release that dataset.toml names."""
    from govdata.curation.release import write_release

    folder = _find_root(root)
    for name in _names(folder, datasets):
        _refuse_faults(folder, name, ledger=False)
        path, written = write_release(folder, name)
        click.echo(f"{name} {path.name}: {'released' if written else 'already released, same bytes'}")
