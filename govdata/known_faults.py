"""Known faults of releases: numbered, never taken back, shown when the cells asked for are touched.

A release never changes, so what turned out to be wrong in it is written beside it, in ``errata.csv``. A number is given
once and never again, as a paper may cite it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from govdata.errors import ArgumentError, ErratumWarning
from govdata.model import version_key
from govdata.releases import Release, dataset_names, open_release, standing, versions
from govdata.vocabulary import ERRATA_COLUMNS

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Erratum", "announce", "errata", "touching"]

_KEYS: Final = ("iso3", "country_name", "year")
_NUMBERS: Final = ("number", "first_year", "last_year")
# Told already in this session: dataset and number. Whoever is told once is not told at every load.
_TOLD: set[tuple[str, int]] = set()


@dataclass(frozen=True, slots=True)
class Erratum:
    """One known fault, as the columns and rows of a panel that it touches.

    Attributes
    ----------
    number
        Given once in its dataset.
    columns
        Panel columns; empty for all but the keys.
    countries
        ISO3 codes; empty for all.
    years
        First and last.
    fault, remedy
        What is wrong, and what to do.
    where
        Indicators, countries and years in short.
    """

    number: int
    columns: frozenset[str]
    countries: frozenset[str]
    years: tuple[int, int]
    fault: str
    remedy: str
    where: str = ""

    def concerns(self, column: str) -> bool:
        """Whether a column of the panel is touched in some row."""
        return column in self.columns if self.columns else column not in _KEYS

    def __str__(self) -> str:
        """Print number, place, fault and remedy on one line."""
        return f"erratum {self.number}{f' ({self.where})' if self.where else ''}: {self.fault}; {self.remedy}"


def _where(row: dict[str, str]) -> str:
    """Say in short which cells a line of ``errata.csv`` is about; empty for all."""
    begin, end = row["first_year"], row["last_year"]
    years = begin if begin == end else f"{begin}-{end}"
    names = [one for one in (*row["indicator"].split(";"), row["scope"] * (row["scope"] != "national")) if one]
    units = row["countries"].split(";") if row["countries"] else []
    shown = [*units[:3], f"and {len(units) - 3} more"] if len(units) > 4 else units
    return ", ".join(part for part in (" ".join(names), " ".join(shown), years) if part)


def _concerned(row: dict[str, str], version: str) -> bool:
    first, last = row["first_version"], row["last_version"]
    return version_key(first) <= version_key(version) and (not last or version_key(version) <= version_key(last))


@lru_cache(maxsize=64)
def _errata(release: Release) -> tuple[Erratum, ...]:
    """Read the errata of a release, in the order of their numbers."""
    found = []
    for row in standing(release.name, "errata.csv"):
        if not _concerned(row, release.version):
            continue
        named = [name for name in row["indicator"].split(";") if name]
        columns = frozenset(
            column
            for one in release.indicators
            if one.id in named
            for column in one.columns()
            if not row["scope"] or column.startswith(f"{one.id}_sub") == (row["scope"] == "subnational")
        )
        if named and not columns:
            continue  # an indicator that this release has not yet, or no longer
        first, last = release.info.years
        years = (int(row["first_year"] or first), int(row["last_year"] or last))
        countries = frozenset(code for code in row["countries"].split(";") if code)
        found.append(Erratum(int(row["number"]), columns, countries, years, row["fault"], row["remedy"], _where(row)))
    return tuple(sorted(found, key=lambda one: one.number))


def announce(release: Release, frame: pd.DataFrame) -> None:
    """Say once, in one line, that cells of a loaded frame have known faults.

    Parameters
    ----------
    release
        Where the frame comes from.
    frame
        With ``iso3`` and ``year``; its columns say what was asked for.

    Warns
    -----
    ErratumWarning
        If an erratum that was not told yet in this session touches a cell; the first of them, and how many there are.
    """
    fresh = [one for one in _errata(release) if (release.name, one.number) not in _TOLD]
    touched = [one for one in fresh if _touches(one, frame)]
    if not touched:
        return
    import warnings

    where = f"govdata.errata({release.name!r}, {release.version!r})".replace("'", '"')
    count = f"{len(touched)} errata touch these cells; " if len(touched) > 1 else ""
    # The line names the release in the place of a file: a line of a script would be printed with its text.
    warnings.warn_explicit(
        f"{touched[0]} ({count}see {where})", ErratumWarning, str(release), touched[0].number, module=__name__
    )
    # Not before: where warnings are errors, the same call fails again and does not pass the second time.
    _TOLD.update((release.name, one.number) for one in touched)


def _touches(erratum: Erratum, frame: pd.DataFrame) -> bool:
    if not any(erratum.concerns(str(column)) for column in frame.columns):
        return False
    rows = frame["year"].between(*erratum.years)
    return bool((rows & frame["iso3"].isin(erratum.countries) if erratum.countries else rows).any())


def touching(release: Release, iso3: str, year: int, column: str) -> tuple[Erratum, ...]:
    """List the errata that touch one cell of a release.

    Parameters
    ----------
    release
        A release.
    iso3, year, column
        The cell: a row and a column of the panel.

    Returns
    -------
    tuple of Erratum
        In the order of their numbers; each prints as one line.
    """
    return tuple(
        one
        for one in _errata(release)
        if one.concerns(column) and one.years[0] <= year <= one.years[1] and iso3 in (one.countries or {iso3})
    )


def errata(name: str | None = None, version: str | None = None) -> pd.DataFrame:
    """List the known faults of releases.

    `govdata.load` says in one line, once in a session, when the cells asked for are touched by one.

    Parameters
    ----------
    name
        A dataset; ``None`` for all.
    version
        Only what concerns this release, as in `govdata.load`; ``None`` for every erratum of the dataset.

    Returns
    -------
    pandas.DataFrame
        One row an erratum, by dataset and number: ``dataset`` (str), ``number`` (Int64; given once in its dataset, so
        that it can be cited), ``first_version, last_version`` (str; the releases that have the fault; no
        ``last_version``: the newest has it too), ``indicator`` (str; joined by ``;``, empty for all), ``scope`` (str;
        empty for both), ``countries`` (str; ISO3 joined by ``;``, empty for all), ``first_year, last_year`` (Int64,
        missing for all years), ``fault, remedy, reported_on`` (str).

    Raises
    ------
    ArgumentError
        If a version is given without a dataset.
    UnknownDatasetError, UnknownVersionError
        With the nearest valid choice.

    Examples
    --------
    >>> import govdata
    >>> faults = govdata.errata("digital_surveillance", "0.1.0")
    >>> faults.loc[faults["indicator"] == "cctv_public", ["countries", "first_year", "last_year"]].values.tolist()
    [['CHN', 2012, 2018]]
    """
    import pandas as pd

    if name is None and version is not None:
        raise ArgumentError(f"version {str(version)[:40]!r} needs a dataset: every dataset counts its own versions")
    asked = None if name is None or version is None else open_release(name, version).version
    rows = [
        (dataset, *(row[column] for column in ERRATA_COLUMNS))
        for dataset in _named(name)
        for row in standing(dataset, "errata.csv")
        if asked is None or _concerned(row, asked)
    ]
    frame = pd.DataFrame(rows, columns=["dataset", *ERRATA_COLUMNS], dtype="str")
    numbers: Any = {column: pd.to_numeric(frame[column]).astype("Int64") for column in _NUMBERS}
    return frame.assign(**numbers)


def _named(name: str | None) -> Iterable[str]:
    if name is None:
        return dataset_names()
    versions(name)  # refuses what is no dataset
    return (name,)
