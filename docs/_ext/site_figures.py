"""Draw the site's figures with the package itself, before the pages that show them are read."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from site_evidence import evidence, has_programmes, rows
from site_examples import session

from govdata.textio import sha256

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from govdata.releases import Release

__all__ = [
    "CAMERAS",
    "COVERAGE",
    "FEWEST",
    "camera_countries",
    "camera_file",
    "coverage_file",
    "draw",
    "moving",
    "staged",
    "timeline_file",
]

CAMERAS = ("cctv_cameras_all", "cctv_cameras_public", "cctv_cameras_police")
COVERAGE = ("indicator-year", "country-indicator")
FEWEST = 3  # programmes in a timeline of a country; fewer stand in the table
_FOLDER = "generated/figures"


def timeline_file(release: Release, name: str) -> str:
    """Name the timeline of a programme, or of all programmes of a country, below the documentation's folder."""
    return f"{_FOLDER}/{release.name}/timeline-{name}.svg"


def camera_file(release: Release, country: str) -> str:
    """Name the figure of camera counts of a country."""
    return f"{_FOLDER}/{release.name}/cameras-{country}.svg"


def coverage_file(release: Release, by: str) -> str:
    """Name a heat map of coverage."""
    return f"{_FOLDER}/{release.name}/coverage-{by}.svg"


def staged(release: Release) -> dict[str, list[str]]:
    """List, by country, the programmes with a stage in some year."""
    if not has_programmes(release):
        return {}
    known = evidence(release.name).programmes
    found: dict[str, set[str]] = {}
    for row in rows(release, "programme_years.csv"):
        if row["programme_id"] in known and "0" not in (row["stage"], row["stage_high"]):
            found.setdefault(known[row["programme_id"]]["iso3"], set()).add(row["programme_id"])
    return {country: sorted(names) for country, names in sorted(found.items())}


@lru_cache(maxsize=4)
def moving(release: Release) -> set[str]:
    """Name the programmes worth a figure of their own: those that reached more than one stage, or one in two scopes."""
    if not has_programmes(release):
        return set()
    reached: dict[str, set[tuple[str, str, str]]] = {}
    begun = {name for names in staged(release).values() for name in names}
    for row in (row for row in rows(release, "programme_years.csv") if row["programme_id"] in begun):
        reached.setdefault(row["programme_id"], set()).add((row["scope"], row["stage"], row["stage_high"]))
    return {name for name, stages in reached.items() if len(stages) > 1}


def camera_countries(release: Release) -> list[str]:
    """List the countries with a count of cameras; none where the codebook lacks one of the three indicators."""
    known = evidence(release.name)
    if not set(CAMERAS) <= set(known.indicators):
        return []
    counts = (claim for name in CAMERAS for claim in known.by_indicator.get(name, []))
    return sorted({claim["iso3"] for claim in counts if claim["code"]})


def draw(folder: Path, releases: Iterable[Release]) -> None:
    """Draw every figure that pages show, and remove those that none shows any more.

    Parameters
    ----------
    folder
        Where ``conf.py`` lies. Figures of a release are drawn again only if the release or the drawing code changed.
    releases
        The newest releases.
    """
    from govdata import demo, report

    _replace(
        folder / "generated" / "demo" / "monitoring.svg",
        lambda path: report.coefplot(demo.fit(demo.panel()), path=path, labels=demo.LABELS),
    )
    _replace(
        folder / "generated" / "demo" / "shutdowns.svg",
        lambda path: report.coefplot(demo.fit_own(demo.own_panel()), path=path, labels=demo.LABELS),
    )
    tutorial = session(folder / "tutorials" / "few-countries.md")
    few, few_left = tutorial["model"], tutorial["left"]
    words = {"repression": "Digital repression", "democracy": "Electoral democracy (0 to 100)"}
    _replace(
        folder / "generated" / "tutorials" / "few-countries.svg",
        lambda path: report.coefplot(few, path, conventions=True, labels=words),
    )
    _replace(
        folder / "generated" / "tutorials" / "few-countries-left-out.svg",
        lambda path: report.leave_out_plot(few_left, path, labels=words),
    )
    robust = session(folder / "howto" / "robustness.md")
    _replace(
        folder / "generated" / "howto" / "robustness.svg",
        lambda path: report.robustness_plot(robust["page"], path, labels=demo.LABELS),
    )
    _replace(
        folder / "generated" / "howto" / "leave-one-out.svg",
        lambda path: report.leave_out_plot(robust["left"], path, labels=demo.LABELS),
    )
    _replace(
        folder / "generated" / "howto" / "specification-curve.svg",
        lambda path: report.specification_plot(robust["curve"], path, labels=demo.LABELS),
    )
    trend = session(folder / "tutorials" / "year-effects.md")["trend"]
    _replace(
        folder / "generated" / "tutorials" / "year-effects.svg",
        lambda path: report.residual_plot(trend, path, panels=["time"]),
    )
    wanted: set[Path] = set()
    for release in releases:
        own = _figures(release)
        paths = {folder / name for name in own}
        stamp_file = folder / _FOLDER / release.name / "stamp.txt"
        stamp = _stamp(release)
        is_fresh = stamp_file.exists() and stamp_file.read_text(encoding="ascii") == stamp
        if paths and not (is_fresh and all(path.exists() for path in paths)):
            for name, make in own.items():
                _replace(folder / name, make)
            stamp_file.write_text(stamp, encoding="ascii")
        wanted |= paths
    for old in (folder / _FOLDER).rglob("*.svg"):
        if old not in wanted:
            old.unlink()


def _figures(release: Release) -> dict[str, Callable[[Path], object]]:
    from govdata import report

    made: dict[str, Callable[[Path], object]] = {}
    own_figure = moving(release)
    for country, names in staged(release).items():
        for chosen in ([name] for name in names if name in own_figure):
            made[timeline_file(release, chosen[0])] = lambda path, chosen=chosen, country=country: report.timeline(
                chosen, path, country=country, dataset=release.name
            )
        if len(names) < FEWEST:
            continue
        made[timeline_file(release, country)] = lambda path, country=country: report.timeline(
            None, path, country=country, dataset=release.name
        )
    if release.info.kind == "claims":
        for by in COVERAGE:
            made[coverage_file(release, by)] = lambda path, by=by: report.coverage_map(release.name, by, path)
    for country in camera_countries(release):
        made[camera_file(release, country)] = lambda path, country=country: report.camera_counts(
            country, path, dataset=release.name
        )
    return made


def _stamp(release: Release) -> str:
    """Make one number of all that a figure depends on: the release and the package's code."""
    import govdata

    code = sorted(Path(govdata.__file__).parent.rglob("*.py"))
    return sha256(release.digest.encode() + b"".join(path.read_bytes() for path in code))


def _replace(path: Path, make: Callable[[Path], object]) -> None:
    """Draw a figure; a file that would stay the same keeps its date, so that Sphinx does not read its page again."""
    path.parent.mkdir(parents=True, exist_ok=True)
    before = path.read_bytes() if path.exists() else b""
    fresh = path.with_name("fresh.svg")
    make(fresh)
    if fresh.read_bytes() != before:
        fresh.replace(path)
    else:
        fresh.unlink()
