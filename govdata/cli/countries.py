"""The commands on countries: resolve, panel and merge, for tables that other programs made."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from govdata.cli._base import format_option, main, parse_years, print_frame, split, version_option
from govdata.errors import ArgumentError, nearest

if TYPE_CHECKING:
    import pandas as pd

_File = click.Path(path_type=Path, exists=True, dir_okay=False)


def _read(path: Path) -> pd.DataFrame:
    """Read a CSV file as text, so that NA stays Namibia, 007 keeps its zeros and nothing is rounded."""
    import pandas as pd

    from govdata.textio import csv_rows

    header, rows = csv_rows(path)
    return pd.DataFrame(rows, columns=header, dtype="str")


def _numbers(frame: pd.DataFrame) -> pd.DataFrame:
    """Give columns that hold numbers only as numbers; NA, a point and an empty cell are missing among them."""
    import pandas as pd

    found = {}
    for name, values in frame.items():
        given = values.mask(values.isin(["", "NA", "."]))
        numbers = pd.to_numeric(given, errors="coerce")
        whole = numbers.notna().any() and bool((numbers.notna() == given.notna()).all())
        found[name] = numbers if whole else values.fillna("")
    return pd.DataFrame(found)


def _column(frame: pd.DataFrame, name: str, path: Path) -> pd.Series:
    if name not in frame.columns:
        raise ArgumentError(f"{path} has no column {name!r}{nearest(name, map(str, frame.columns))}")
    return frame[name]


@main.command()
@click.argument("names", nargs=-1)
@click.option("--year", type=int, help="The year in which they are read; default: the years of the register.")
@click.option(
    "--scheme", default="auto", show_default=True, help="auto, name, iso3, iso2, cow_code, gw_code, vdem_id …"
)
@click.option("--file", "path", type=_File, help="A CSV file whose column --column is resolved.")
@click.option("--column", help="The column of countries in --file.")
@click.option("--year-column", help="The column of years in --file.")
@version_option
@format_option
def resolve(
    names: tuple[str, ...],
    year: int | None,
    scheme: str,
    path: Path | None,
    column: str | None,
    year_column: str | None,
    version: str | None,
    form: str,
) -> None:
    """Say which unit codes or names denote."""
    from govdata.countries import resolve as find

    if bool(names) == (path is not None):
        raise ArgumentError("give names, or --file with --column")
    if path is None:
        found = find(list(names), year, scheme, version=version)
    else:
        if column is None:
            raise ArgumentError("--file needs --column, the column of countries")
        frame = _read(path)
        years = year if year_column is None else _column(frame, year_column, path)
        found = find(_column(frame, column, path), years, scheme, version=version)
        if year_column is not None:
            found.insert(1, "year", _column(frame, year_column, path))
    print_frame(found.assign(candidates=[";".join(one) for one in found["candidates"]]), form)


@main.command()
@click.option("--countries", help="Codes or names, joined by commas.")
@click.option("--years", help="A year, a span 2000:2018, or several joined by commas.")
@click.option("--members", help="un, gw or cow.")
@version_option
@click.option("--format", "form", type=click.Choice(["csv", "json", "text"]), default="csv", show_default=True)
def panel(countries: str | None, years: str | None, members: str | None, version: str | None, form: str) -> None:
    """List the unit-years that exist."""
    from govdata.skeleton import panel as list_units

    print_frame(list_units(split(countries), parse_years(years), members, version=version), form)  # type: ignore[arg-type]


@main.command()
@click.argument("left", type=_File)
@click.argument("right", type=_File)
@click.argument("out", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--on", help="The column of countries, or two joined by a comma.")
@click.option("--years", help="The column of years, or two joined by a comma.")
@click.option("--how", type=click.Choice(["left", "right", "inner", "outer"]), default="left", show_default=True)
@click.option(
    "--validate", type=click.Choice(["1:1", "m:1", "1:m", "m:m"]), help="How many rows may share a unit-year."
)
@click.option("--scheme", default="auto", show_default=True, help="See resolve; two joined by a comma.")
@click.option("--overwrite", is_flag=True, help="Replace OUT.")
@version_option
def merge(
    left: Path,
    right: Path,
    out: Path,
    on: str | None,
    years: str | None,
    how: str,
    validate: str | None,
    scheme: str,
    overwrite: bool,
    version: str | None,
) -> None:
    """Merge two CSV files of country-years into OUT (.csv, .dta or .sav) and print the report."""
    from govdata.merging import merge as join

    if out.resolve() in {left.resolve(), right.resolve()}:
        raise ArgumentError(f"{out} is one of the two files read; give the result another name")
    from govdata.exporting import export

    frame, report = join(
        _read(left),
        _read(right),
        on=_pair(on),
        years=_pair(years),
        how=how,  # type: ignore[arg-type]
        validate=validate,  # type: ignore[arg-type]
        scheme=_pair(scheme) or "auto",
        version=version,
    )
    export(frame if out.suffix == ".csv" else _numbers(frame), out, overwrite=overwrite)
    click.echo(str(report))


def _pair(text: str | None) -> str | tuple[str, str] | None:
    """Read one name, or two joined by a comma."""
    parts = split(text)
    if parts is None or len(parts) == 1:
        return parts[0] if parts else None
    if len(parts) != 2:
        raise ArgumentError(f"{text!r} names {len(parts)} columns; give one, or two joined by a comma")
    return parts[0], parts[1]
