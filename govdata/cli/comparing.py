"""The commands that compare releases."""

from __future__ import annotations

import click

from govdata.cli._base import format_option, main, print_frame


@main.command()
@click.argument("dataset")
@click.argument("old")
@click.argument("new")
@format_option
def changes(dataset: str, old: str, new: str, form: str) -> None:
    """List every cell that differs between two releases."""
    from govdata.evidence import changes as find

    frame = find(dataset, old, new)
    if form == "text" and frame.empty:
        click.echo(f"{dataset}: no cell differs between {old} and {new}")
        return
    print_frame(frame, form)
