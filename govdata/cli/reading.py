"""The commands of readers: load, search, trace, cite and the rest of the reading wing."""

from __future__ import annotations

import json
from pathlib import Path

import click

from govdata.cli._base import format_option, main, parse_years, print_frame, split, version_option
from govdata.errors import ArgumentError


@main.command("list")
@format_option
def list_(form: str) -> None:
    """List the datasets."""
    from govdata.catalog import datasets

    print_frame(datasets(), form)


@main.command()
@click.argument("dataset")
@version_option
@format_option
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
@format_option
def versions(dataset: str, form: str) -> None:
    """List the releases of a dataset, oldest first."""
    from govdata.releases import versions as known

    found = known(dataset)
    click.echo(json.dumps(found) if form == "json" else "\n".join(found))


@main.command()
@click.argument("dataset")
@version_option
@click.option("--countries", help="ISO3 codes, joined by commas.")
@click.option("--years", help="A year, a span 2000:2018, or several joined by commas.")
@click.option("--indicators", help="Indicators or columns, joined by commas.")
@click.option("--missing", default="nan", show_default=True, help="nan, reason or drop.")
@click.option("--draws", type=int, help="Draw every uncertain cell so often; needs --indicators.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the draws.")
@click.option("--draw-rule", default="uniform", show_default=True, help="uniform or claimed.")
@click.option("--format", "form", type=click.Choice(["csv", "json", "text"]), default="csv", show_default=True)
def load(
    dataset: str,
    version: str | None,
    countries: str | None,
    years: str | None,
    indicators: str | None,
    missing: str,
    draws: int | None,
    seed: int,
    draw_rule: str,
    form: str,
) -> None:
    """Print the panel of a dataset."""
    from govdata.catalog import load as load_panel

    frame = load_panel(
        dataset,
        version,
        split(countries),
        parse_years(years),
        split(indicators),
        missing,  # type: ignore[arg-type]
        draws=draws,
        seed=seed,
        draw_rule=draw_rule,  # type: ignore[arg-type]
    )
    click.echo(f"{frame.attrs['dataset']} {frame.attrs['version']}: {len(frame)} rows", err=True)
    print_frame(frame, form)


@main.command()
@click.argument("dataset")
@click.argument("name")
@version_option
@click.option("--format", "form", type=click.Choice(["csv", "json", "text"]), default="csv", show_default=True)
def table(dataset: str, name: str, version: str | None, form: str) -> None:
    """Print a table of a release: claims, sources, programmes, programme_years, values."""
    from govdata.catalog import table as read

    print_frame(read(dataset, name, version), form)


@main.command()
@click.argument("words", nargs=-1, required=True)
@click.option("--dataset", help="One dataset only.")
@format_option
def search(words: tuple[str, ...], dataset: str | None, form: str) -> None:
    """Find indicators, codes and programmes by their words in any language."""
    from govdata.finder import search as find

    print_frame(find(" ".join(words), dataset), form, columns=["dataset", "kind", "id", "label", "found_in"])


@main.command()
@click.argument("dataset")
@click.argument("country")
@click.argument("year")
@click.argument("indicator")
@click.option("--scope", help="national or subnational.")
@version_option
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def trace(
    dataset: str, country: str, year: str, indicator: str, scope: str | None, version: str | None, form: str
) -> None:
    """Show the evidence behind one cell."""
    from govdata.evidence import trace as find

    chosen = parse_years(year) or []
    if len(chosen) != 1:
        raise ArgumentError(f"trace takes one year, not {year!r}")
    cell = find(dataset, country, chosen[0], indicator, scope=scope, version=version)
    click.echo(json.dumps(cell.to_dict(), ensure_ascii=False, indent=2) if form == "json" else str(cell))


@main.command()
@click.option("--country", help="ISO3 code; default: all.")
@click.option("--dataset", default="digital_surveillance", show_default=True)
@version_option
@format_option
def programmes(country: str | None, dataset: str, version: str | None, form: str) -> None:
    """List the programmes and how far each got."""
    from govdata.profiles import programmes as find

    frame = find(country, dataset=dataset, version=version)
    columns = ["programme_id", "name_en", "first_year", "stage", "stage_sub", "claims", "contested"]
    print_frame(frame, form, columns=columns)


@main.command()
@click.argument("programme_id")
@click.option("--dataset", default="digital_surveillance", show_default=True)
@version_option
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def programme(programme_id: str, dataset: str, version: str | None, form: str) -> None:
    """Show the profile of a programme: names, timeline, relations, claims, effects."""
    from govdata.profiles import programme as find

    profile = find(programme_id, dataset=dataset, version=version)
    click.echo(json.dumps(profile.to_dict(), ensure_ascii=False, indent=2) if form == "json" else str(profile))


@main.command()
@click.option("--programme", help="Programme ids, joined by commas.")
@click.option("--indicator", help="Indicator ids, joined by commas.")
@click.option("--status", help="accepted, contested or rejected, joined by commas.")
@click.option("--source", help="Source ids, joined by commas.")
@click.option("--country", help="ISO3 codes, joined by commas.")
@click.option("--dataset", default="digital_surveillance", show_default=True)
@version_option
@format_option
def claims(
    programme: str | None,
    indicator: str | None,
    status: str | None,
    source: str | None,
    country: str | None,
    dataset: str,
    version: str | None,
    form: str,
) -> None:
    """List claims with their sources."""
    from govdata.statements import claims as find

    chosen = [split(one) for one in (programme, indicator, status, source)]
    frame = find(*chosen, country=split(country), dataset=dataset, version=version)
    columns = ["claim_id", "indicator", "code", "start", "scope", "status", "grade", "source_id", "gloss"]
    print_frame(frame, form, columns=columns)


@main.command()
@click.option("--country", help="ISO3 codes, joined by commas.")
@click.option("--indicator", help="Indicator ids, joined by commas.")
@click.option("--dataset", default="digital_surveillance", show_default=True)
@version_option
@format_option
def conflicts(country: str | None, indicator: str | None, dataset: str, version: str | None, form: str) -> None:
    """List where sources disagree, and by how much."""
    from govdata.statements import conflicts as find

    frame = find(split(country), split(indicator), dataset=dataset, version=version)
    print_frame(frame, form, columns=[name for name in frame.columns if name not in {"claim_ids", "source_ids"}])


@main.command()
@click.argument("dataset")
@click.option("--by", default="indicator", show_default=True, help="Groups, joined by commas: indicator, block, iso3 …")
@version_option
@click.option("--countries", help="ISO3 codes, joined by commas.")
@click.option("--years", help="A year, a span 2000:2018, or several joined by commas.")
@click.option("--indicators", help="Indicators, joined by commas.")
@click.option("--scope", default="national", show_default=True, help="national, subnational or any.")
@format_option
def coverage(
    dataset: str,
    by: str,
    version: str | None,
    countries: str | None,
    years: str | None,
    indicators: str | None,
    scope: str,
    form: str,
) -> None:
    """Count what is coded, what has bounds only, and what is missing, by reason."""
    from govdata.cellstates import coverage as count

    frame = count(
        dataset,
        split(by) or [],
        version,
        countries=split(countries),
        years=parse_years(years),
        indicators=split(indicators),
        scope=scope,
    )
    print_frame(frame, form)


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
