"""The commands that tell of known faults, and of what hangs on a source."""

from __future__ import annotations

import click

from govdata.cli._base import format_option, main, print_frame, version_option


@main.command()
@click.argument("dataset", required=False)
@click.option("--version", default=None, help="Only what concerns this release; default: every erratum.")
@format_option
def errata(dataset: str | None, version: str | None, form: str) -> None:
    """List the known faults of the releases: of all datasets, of one, or of one release of it."""
    from govdata.known_faults import errata as known

    frame = known(dataset, version)
    if form != "text":
        print_frame(frame, form)
    elif frame.empty:
        where = " ".join(part for part in (dataset, version) if part)
        click.echo(f"no known faults{f' of {where}' if where else ''}")
    else:
        for row in frame.astype("object").where(frame.notna(), "").to_dict("records"):
            click.echo(_text({str(key): str(value) for key, value in row.items()}))


def _text(row: dict[str, str]) -> str:
    """Print an erratum in three lines: where, what, what to do."""
    first, last = row["first_version"], row["last_version"] or "the newest"
    begin, end = row["first_year"], row["last_year"]
    cells = [
        row["indicator"].replace(";", ", ") or "every indicator",
        row["scope"],
        row["countries"].replace(";", ", ") or "every country",
        (begin if begin == end else f"{begin}-{end}") or "every year",
    ]
    return (
        f"{row['dataset']} {first if first == last else f'{first} to {last}'}, erratum {row['number']}: "
        f"{', '.join(part for part in cells if part)}\n"
        f"  {row['fault']}\n  {row['remedy']} (reported {row['reported_on']})"
    )


@main.command("cells-using")
@click.argument("dataset")
@click.argument("source", nargs=-1, required=True)
@version_option
@click.option("--considered", is_flag=True, help="List also the cells where its claims were only considered.")
@format_option
def cells_using(dataset: str, source: tuple[str, ...], version: str | None, considered: bool, form: str) -> None:
    """List the cells that rest on a source, or on several, and what they would be without it."""
    from govdata.retraction import cells_using as find

    frame = find(dataset, source, version, considered=considered)
    print_frame(frame, form)
    alone, changed = int(frame["alone"].sum()), int((frame["without"] != frame["value"]).sum())
    click.echo(f"{len(frame)} cells, {alone} of them on nothing else; without it {changed} values differ", err=True)
