"""The commands that say what to cite and what a column means."""

from __future__ import annotations

import re
from pathlib import Path

import click

from govdata.cli._base import format_option, main, parse_years, print_frame, split, version_option
from govdata.errors import ArgumentError

_VERSION = re.compile(r"[0-9]+(?:\.[0-9]+)*\Z")


@main.command()
@click.argument("datasets", metavar="DATASET...", nargs=-1)
@version_option
@click.option("--indicators", help="Ids or columns, joined by commas: cite the original sources of their values too.")
@click.option("--countries", help="ISO3 codes, joined by commas: the sources of these only.")
@click.option("--years", help="2018 or 2000:2018, joined by commas: the sources of these only.")
@click.option("--style", help="apsa, bibtex, csl or acknowledgement; default: apsa.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", help="json: the same as --style csl."
)
def cite(
    datasets: tuple[str, ...],
    version: str | None,
    indicators: str | None,
    countries: str | None,
    years: str | None,
    style: str | None,
    form: str,
) -> None:
    """Give the citation of datasets, of the sources behind their values, or of the package (govdata)."""
    from govdata.citation import cite as make
    from govdata.releases import dataset_names

    if not datasets:
        raise ArgumentError(f"name the datasets to cite (known: {', '.join(dataset_names())}), or govdata, the package")
    for one in datasets:
        if _VERSION.match(one):
            first = next((name for name in datasets if not _VERSION.match(name)), "DATASET")
            raise ArgumentError(f"{one!r} is a version, not a dataset; did you mean: cite {first} --version {one}?")
    if form == "json" and style not in (None, "csl"):
        raise ArgumentError(f"--format json is --style csl, but --style {style} was asked for; leave one out")
    click.echo(
        make(
            datasets[0] if len(datasets) == 1 else list(datasets),
            version,
            "csl" if form == "json" else style or "apsa",  # type: ignore[arg-type]
            indicators=split(indicators),
            countries=split(countries),
            years=parse_years(years),
        )
    )


@main.command()
@click.argument("dataset")
@click.argument("indicator", required=False)
@version_option
@format_option
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Write the codebook to this file, .html or .md; without an ending, both.",
)
@click.option("--language", default="en", show_default=True, help="Of the file: en, fa, ar or zh.")
@click.option("--overwrite", is_flag=True, help="Replace files that are there.")
def codebook(
    dataset: str,
    indicator: str | None,
    version: str | None,
    form: str,
    out: Path | None,
    language: str,
    overwrite: bool,
) -> None:
    """Show the codebook of a dataset, or one indicator in full; or write it to a file."""
    from govdata.catalog import codebook as read

    if out is not None:
        from govdata.codebook_files import codebook_places, write_codebooks

        if form != "text":
            raise ArgumentError(
                f"--format {form} goes to the screen; the ending of --out, .html or .md, says which file"
            )
        paths = codebook_places(out)
        try:
            write_codebooks(
                dataset, paths, version, language=language, indicators=split(indicator), overwrite=overwrite
            )
        except ArgumentError as error:  # the command has an option where the function has an argument
            message = str(error).replace("pass overwrite=True", "pass --overwrite")
            raise ArgumentError(message, code=error.code) from None
        click.echo("\n".join(str(path) for path in paths))
        return
    if language != "en" or overwrite:
        raise ArgumentError("--language and --overwrite go with --out: name the file to write")
    frame = read(dataset, indicator, version)
    if form != "text" or indicator is None:
        print_frame(frame, form, columns=["number", "id", "label", "type", "first_year", "last_year"])
        return
    row = frame.iloc[0]
    for key in frame.columns:
        value = row[key]
        if isinstance(value, dict):
            click.echo(f"{key:<14}" + f"\n{'':<14}".join(f"{code} = {label}" for code, label in value.items()))
        elif isinstance(value, list) or str(value):
            click.echo(f"{key:<14}{', '.join(value) if isinstance(value, list) else value}")
