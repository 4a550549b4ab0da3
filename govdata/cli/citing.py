"""The commands that say what to cite and what a column means."""

from __future__ import annotations

import click

from govdata.cli._base import format_option, main, print_frame, version_option


@main.command()
@click.argument("dataset")
@version_option
@click.option("--style", default="text", show_default=True, help="text, bibtex or csl.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", help="json: the citation as CSL."
)
def cite(dataset: str, version: str | None, style: str, form: str) -> None:
    """Give the citation of a dataset."""
    from govdata.citation import cite as make

    click.echo(make(dataset, version, "csl" if form == "json" else style))  # type: ignore[arg-type]


@main.command()
@click.argument("dataset")
@click.argument("indicator", required=False)
@version_option
@format_option
def codebook(dataset: str, indicator: str | None, version: str | None, form: str) -> None:
    """Show the codebook of a dataset, or one indicator in full."""
    from govdata.catalog import codebook as read

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
