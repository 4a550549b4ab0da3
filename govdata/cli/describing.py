"""The commands that describe a release to machines."""

from __future__ import annotations

from pathlib import Path

import click

from govdata.cli._base import main, version_option
from govdata.describing import FILES
from govdata.errors import ArgumentError


@main.command()
@click.argument("dataset")
@version_option
@click.option("--format", "form", default="datapackage", show_default=True, help=f"One of {', '.join(FILES)}.")
@click.option("--out", type=click.Path(path_type=Path), default=None, help="A file to write; default: the screen.")
@click.option(
    "--all", "folder", type=click.Path(path_type=Path), default=None, help="Write every format into this folder."
)
@click.option("--url", help="Where the release lies, if you deposited it; a DOI as https://doi.org/10.…")
@click.option("--overwrite", is_flag=True, help="Replace files that are there.")
def metadata(
    dataset: str,
    version: str | None,
    form: str,
    out: Path | None,
    folder: Path | None,
    url: str | None,
    *,
    overwrite: bool,
) -> None:
    """Describe a release to archives, search engines and other programs."""
    from govdata.describing import metadata as describe
    from govdata.describing import metadata_bytes, write_metadata

    if folder is not None:
        if out is not None:
            raise ArgumentError("--all writes a folder and --out a file; leave one out")
        for path in write_metadata(dataset, version, folder, url=url, overwrite=overwrite):
            click.echo(str(path))
        return
    found = describe(dataset, version, form, url=url, path=out, overwrite=overwrite)  # type: ignore[arg-type]
    if out is not None:
        click.echo(str(out))
    else:
        click.echo(metadata_bytes(found).decode("utf-8"), nl=False)
