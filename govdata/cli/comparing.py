"""The commands that compare releases."""

from __future__ import annotations

from pathlib import Path

import click

from govdata.cli._base import format_option, main, parse_years, print_frame, root_option, split


@main.command()
@click.argument("dataset")
@click.argument("old")
@click.argument("new")
@click.option("--missing", is_flag=True, help="Also cells that are missing in both, for another reason.")
@format_option
def changes(dataset: str, old: str, new: str, missing: bool, form: str) -> None:
    """List every cell that differs between two releases, and why."""
    from govdata.differing import changes as find

    frame = find(dataset, old, new, missing=missing)
    if form == "text" and frame.empty:
        click.echo(f"{dataset}: no cell differs between {old} and {new}")
        return
    print_frame(frame, form)


@main.command()
@click.argument("dataset")
@click.argument("old", required=False)
@click.argument("new", required=False)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "html", "csv"]),
    default=None,
    help="Output form; csv lists every cell. Default: by the ending of --out, else text.",
)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file.")
@click.option("--overwrite", is_flag=True, help="Replace the file if it is there.")
@click.option("--countries", help="ISO3 codes with commas: only their cells.")
@click.option("--years", help="Years, such as 2010:2018 or 2010,2012.")
@click.option("--indicators", help="Indicators or columns with commas.")
@root_option
def diff(
    dataset: str,
    old: str | None,
    new: str | None,
    form: str | None,
    out: Path | None,
    overwrite: bool,
    countries: str | None,
    years: str | None,
    indicators: str | None,
    root: Path | None,
) -> None:
    """Show what differs between two releases: OLD and NEW, or OLD and the newest.

    Curators: without OLD, what the working tree changes against the newest release, and the version it needs.
    """
    from govdata.errors import ArgumentError

    if old is None:
        from govdata.cli.curating import print_tree_difference

        given = {"--out": out, "--countries": countries, "--years": years, "--indicators": indicators}
        extra = [name for name, value in given.items() if value is not None]
        if form == "html" or extra:
            what = extra[0] if extra else "--format html"
            raise ArgumentError(f"{what} goes with two releases: govdata diff {dataset} OLD [NEW]")
        print_tree_difference(dataset, root, form or "text")
        return
    if root is not None:
        raise ArgumentError("--root goes with the working tree: govdata diff DATASET, without OLD")
    from govdata.differing import diff as find

    found = find(dataset, old, new, countries=split(countries), years=parse_years(years), indicators=split(indicators))
    endings = {".json": "json", ".html": "html", ".htm": "html", ".csv": "csv"}
    form = form or (endings.get(out.suffix.casefold(), "text") if out else "text")
    if form == "csv":
        text = found.cells.to_csv(index=False, lineterminator="\n")
    else:
        text = found.to_json() if form == "json" else found.to_html() if form == "html" else f"{found}\n"
    if out is None:
        click.echo(text, nl=False)
        return
    if out.exists() and not overwrite:
        raise ArgumentError(f"{str(out)!r} is there already; --overwrite replaces it")
    from govdata.differing.difference import save

    save(out, text, overwrite=overwrite)
    click.echo(f"{out}: written", err=True)
