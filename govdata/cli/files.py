"""The commands that write files for other programs."""

from __future__ import annotations

from pathlib import Path

import click

from govdata.cli._base import main, parse_years, split, version_option
from govdata.errors import ArgumentError


@main.command(context_settings={"show_default": True})
@click.argument("dataset")
@click.argument("path", type=click.Path(path_type=Path))
@version_option
@click.option("--countries", help="ISO3 codes, joined by commas.")
@click.option("--years", help="A year, a span 2000:2018, or several joined by commas.")
@click.option("--indicators", help="Indicators or columns, joined by commas.")
@click.option("--format", "form", help="csv, csv.gz, parquet, dta, sav, xlsx or R; default: what PATH ends in.")
@click.option("--language", default="en", help="Of the labels: en, fa, ar or zh.")
@click.option("--missing", default="reason", help="reason writes why each cell is missing, nan leaves it empty.")
@click.option("--stata", type=int, default=14, help="The oldest Stata that is to read a .dta: 13, 14 or 15.")
@click.option("--overwrite", is_flag=True, help="Replace files that are there.")
def export(
    dataset: str,
    path: Path,
    version: str | None,
    countries: str | None,
    years: str | None,
    indicators: str | None,
    form: str | None,
    language: str,
    missing: str,
    stata: int,
    *,
    overwrite: bool,
) -> None:
    """Write a dataset to a file of Stata, SPSS, R, Excel or another program.

    PATH is a new file; its ending says which: .csv .csv.gz .parquet .dta .sav .xlsx .R
    """
    from govdata.exporting import export as write

    if path.name in ("", ".."):
        raise ArgumentError(f"{str(path)!r} is a folder; name a file in it")
    before = _beside(path)
    try:
        made = write(
            dataset,
            path,
            format=form,  # type: ignore[arg-type]
            version=version,
            countries=split(countries),
            years=parse_years(years),
            indicators=split(indicators),
            language=language,  # type: ignore[arg-type]
            missing=missing,  # type: ignore[arg-type]
            stata=stata,  # type: ignore[arg-type]
            overwrite=overwrite,
        )
    except ArgumentError as error:  # the command has an option where the function has an argument
        raise ArgumentError(str(error).replace("pass overwrite=True", "pass --overwrite"), code=error.code) from None
    written = [one for one, state in _beside(made).items() if before.get(one) != state and one != made]
    for one in (made, *sorted(written)):
        click.echo(f"{one}  {one.stat().st_size:,} bytes")


def _beside(path: Path) -> dict[Path, tuple[int, int]]:
    """Give the state of the files that begin like a path: a file that was written anew has another."""
    start = path.name.split(".")[0] + "."
    if not path.parent.is_dir():
        return {}
    found = (one for one in path.parent.iterdir() if one.name.startswith(start) and one.is_file())
    return {one: (one.stat().st_ino, one.stat().st_mtime_ns) for one in found}
