"""Check the files that stand beside the releases of a dataset and may grow: errata and renamed indicators."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from pathlib import Path

from govdata import vocabulary
from govdata.curation.cellchecks import YEAR, Found, is_day, required
from govdata.curation.read import Curated, damaged_files
from govdata.curation.release import release_versions
from govdata.errors import nearest
from govdata.model import DatasetInfo, Indicator, is_version, version_key
from govdata.textio import Fault, read_table

__all__ = ["Frozen", "damage", "frozen_releases", "standing_faults"]


class Frozen:
    """What the checks ask of one release: its indicators, countries and years.

    Parameters
    ----------
    folder
        The release folder; its checksums are checked elsewhere.
    """

    def __init__(self, folder: Path) -> None:
        self.version = folder.name
        self._folder = folder

    @cached_property
    def indicators(self) -> dict[str, Indicator]:
        """The codebook by id."""
        entries = json.loads((self._folder / "codebook.json").read_text(encoding="utf-8"))
        for entry in entries:
            if not entry["years"]:
                del entry["years"]
        return {one.id: one for one in map(Indicator.from_mapping, entries)}

    @cached_property
    def years(self) -> tuple[int, int]:
        """The first and the last year."""
        content = json.loads((self._folder / "dataset.json").read_text(encoding="utf-8"))
        return DatasetInfo.from_mapping(content).years

    @cached_property
    def countries(self) -> frozenset[str]:
        """The units that have a row."""
        rows = csv.reader(io.StringIO((self._folder / "panel.csv").read_text(encoding="utf-8"), newline=""))
        next(rows)
        return frozenset(row[0] for row in rows)


def frozen_releases(root: Path, name: str) -> list[Frozen]:
    """Open the releases of a dataset as far as the checks need, oldest first."""
    return [Frozen(root / name / "releases" / version) for version in release_versions(root, name)]


def damage(root: Path, name: str) -> Iterator[Fault]:
    """Name the files of every release that are not as they were released: nothing can be held against these."""
    for one in release_versions(root, name):
        for file in damaged_files(root / name / "releases" / one):
            shown = f"{name}/releases/{one}/{file}"
            yield Fault(shown, 0, "", "the file is not as it was released", "restore the release folder")


def standing_faults(root: Path, curated: Curated) -> Iterator[Fault]:
    """Check ``errata.csv`` and ``renamed.csv`` of a dataset against its releases and its working tree."""
    name = curated.info.name
    releases = frozen_releases(root, name)
    yield from _errata(root / name / "errata.csv", f"{name}/errata.csv", releases)
    yield from _renamed(root / name / "renamed.csv", f"{name}/renamed.csv", releases, curated)


def _errata(path: Path, shown: str, releases: Sequence[Frozen]) -> Iterator[Fault]:
    if not path.is_file():
        return
    table = read_table(path, vocabulary.ERRATA_COLUMNS, shown=shown)
    yield from table.faults
    for place, (row, line) in enumerate(zip(table.rows, table.lines, strict=True), start=1):
        if row["number"] != str(place):
            message = f"number {row['number']!r} where {place} comes next"
            yield Fault(shown, line, row["number"], message, "number the lines 1, 2, 3 …; a number is never reused")
        for message, remedy in _erratum(row, releases):
            yield Fault(shown, line, row["number"], message, remedy)


def _erratum(row: Mapping[str, str], releases: Sequence[Frozen]) -> Found:
    yield from required(row, "first_version", "fault", "remedy", "reported_on")
    if row["reported_on"] and not is_day(row["reported_on"]):
        yield f"reported_on {row['reported_on']!r} is not a day", "write YYYY-MM-DD"
    if row["scope"] not in ("", "national", "subnational"):
        yield f"scope {row['scope']!r} is not known", "use national, subnational, or leave it empty for both"
    known = [one.version for one in releases]
    unknown = [row[key] for key in ("first_version", "last_version") if row[key] and row[key] not in known]
    for version in unknown:
        yield f"there is no release {version!r}{nearest(version, known)}", "name a release"
    first, last = (YEAR.match(row[key]) is not None for key in ("first_year", "last_year"))
    if not (first and last) and (row["first_year"] or row["last_year"]):
        yield "first_year and last_year are not both a year", "write both as YYYY, or leave both empty for all years"
    elif row["first_year"] > row["last_year"]:
        yield f"last_year {row['last_year']} lies before first_year {row['first_year']}", "exchange them"
    if not row["first_version"] or unknown:
        return
    start = version_key(row["first_version"])
    end = version_key(row["last_version"] or known[-1])
    if end < start:
        yield f"last_version {row['last_version']} lies before first_version {row['first_version']}", "exchange them"
    for one in releases:
        if start <= version_key(one.version) <= end:
            yield from _touched(row, one, years=first and last)


def _touched(row: Mapping[str, str], release: Frozen, *, years: bool) -> Found:
    """Find what a release has not that an erratum says is faulty in it."""
    own = release.indicators
    indicators = [one for one in row["indicator"].split(";") if one]
    for one in indicators:
        if one not in own:
            yield f"{release.version} has no indicator {one!r}{nearest(one, own)}", "mend it, or split the erratum"
        elif not own[one].columns():
            yield f"{one} makes no column of the panel", "errata are of the panel; tell of it in the changelog"
        elif row["scope"] in ("national", "subnational") and row["scope"] not in own[one].scopes:
            yield f"{one} has no {row['scope']} column in {release.version}", "mend the scope, or leave it empty"
    countries = [one for one in row["countries"].split(";") if one]
    for one in countries:
        if one not in release.countries:
            yield f"{release.version} has no country {one!r}{nearest(one, release.countries)}", "mend the code"
    for key, given in (("indicator", indicators), ("countries", countries)):
        if ";".join(dict.fromkeys(given)) != row[key]:
            yield f"{key} {row[key][:40]!r} names one twice, or none between two marks", "join each once by ;"
    if years:
        begin, end = release.years
        if not begin <= int(row["first_year"]) or not int(row["last_year"]) <= end:
            yield f"the years lie outside {begin}-{end}, those of {release.version}", "mend them"


def _renamed(path: Path, shown: str, releases: Sequence[Frozen], curated: Curated) -> Iterator[Fault]:
    tree = {one.id for one in curated.indicators}
    rows: list[dict[str, str]] = []
    if path.is_file():
        table = read_table(path, vocabulary.RENAMED_COLUMNS, shown=shown)
        yield from table.faults
        rows = table.rows
        seen: set[tuple[str, str]] = set()
        for row, line in zip(rows, table.lines, strict=True):
            for message, remedy in _line(row, releases, tree, curated.info.version):
                yield Fault(shown, line, row["indicator"], message, remedy)
            key = (row["indicator"], row["version"])
            if key in seen:
                yield Fault(shown, line, row["indicator"], "stands here twice for one version", "keep one line")
            seen.add(key)
    unread = [fault for fault in curated.faults if fault.file.startswith(f"{curated.info.name}/codebook/")]
    states = [(one.version, set(one.indicators)) for one in releases]
    if states and not unread:  # an unread file of the codebook is a fault of its own
        states.append(("", tree))
    told = {(row["indicator"], row["version"]) for row in rows}
    coming = {row["indicator"] for row in rows if row["version"] not in {one.version for one in releases}}
    for (before, had), (after, has) in pairwise(states):
        for one in sorted(had - has):
            if (one, after) not in told and not (not after and one in coming):
                message = f"the indicator stood in release {before} and is gone{f' in {after}' if after else ''}"
                yield Fault(shown, 0, one, message, "add a line that says what became of it")


def _line(row: Mapping[str, str], releases: Sequence[Frozen], tree: Iterable[str], coming: str) -> Found:
    yield from required(row, "indicator", "version", "reason")
    if row["became"] and row["became"] == row["indicator"]:
        yield "it became itself", "name what it is called now, or leave became empty"
    if not is_version(row["version"]):
        yield f"version {row['version']!r} is not of the form 1.2.3", "name the first release without the old name"
        return
    own = next((set(one.indicators) for one in releases if one.version == row["version"]), None)
    if own is None:
        if row["version"] != coming or any(version_key(one.version) > version_key(coming) for one in releases):
            yield (
                f"there is no release {row['version']}, nor is it in the making",
                "name the first without the old name",
            )
            return
        own = set(tree)
    older = [one for one in releases if version_key(one.version) < version_key(row["version"])]
    every = {name for one in older for name in one.indicators}
    if row["indicator"] not in every:
        yield f"no release before {row['version']} has it{nearest(row['indicator'], every)}", "mend the old name"
    if row["indicator"] in own:
        yield f"{row['version']} still has it", "name the first release without it, or take the line out"
    if row["became"] and row["became"] not in own:
        yield f"became {row['became']!r} is not in {row['version']}{nearest(row['became'], own)}", "mend the new name"
