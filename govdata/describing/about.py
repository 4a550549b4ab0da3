"""What every description of a release says: who, under which licence, of which units and years, from which sources."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from govdata.columnbook import TableColumn, missing_text, table_columns, table_text, table_title
from govdata.releasefacts import (
    Licence,
    Reference,
    Rows,
    described,
    key_words,
    licence_of,
    measured_indicators,
    references_in,
    units_with_values,
)
from govdata.textio import sha256

if TYPE_CHECKING:
    from govdata.model import Indicator
    from govdata.releases import Release

__all__ = [
    "PUBLISHER",
    "Licence",
    "Reference",
    "citation_text",
    "column_missing",
    "countries",
    "creators",
    "description",
    "digest",
    "fingerprints",
    "header",
    "identifier",
    "keywords",
    "licence",
    "measured",
    "references",
    "row_count",
    "rows_of",
    "size",
    "stems",
    "table_description",
    "table_label",
    "table_schema",
    "years",
]

PUBLISHER: Final = "govdata"


def identifier(release: Release) -> str:
    """Give the name by which a release is cited, such as ``govdata_countries_1.0.0``; unique within the project."""
    return f"govdata_{release.name}_{release.version}"


def creators(release: Release) -> tuple[str, ...]:
    """Name who made the dataset; names of groups."""
    return release.info.creators


def licence(release: Release) -> Licence:
    """Give the licence of the dataset."""
    return licence_of(release.info)


def citation_text(release: Release) -> str:
    """Give the citation in one paragraph, as `govdata.cite` does."""
    from govdata.citation import cite

    return cite(release.name, release.version)


def description(release: Release) -> str:
    """Describe the dataset in a paragraph that stands by itself: 50 to 5000 characters."""
    return described(release.info, release.indicators, len(countries(release)))


def keywords(release: Release) -> tuple[str, ...]:
    """Give search words in English."""
    return key_words(release.indicators)


def measured(release: Release) -> tuple[Indicator, ...]:
    """Give the indicators that have columns in the panel, but for its keys."""
    return measured_indicators(release.indicators)


def years(release: Release) -> tuple[int, int]:
    """Give the first and last year of the panel."""
    return release.info.years


@lru_cache(maxsize=32)
def countries(release: Release) -> tuple[tuple[str, str], ...]:
    """List the units with at least one value or bound in the panel, as (code, name), by code."""
    return units_with_values(release.indicators, release.rows("panel.csv"))


@lru_cache(maxsize=32)
def references(release: Release) -> tuple[Reference, ...]:
    """List the sources whose figures were carried over, by their ids; see `govdata.releasefacts.references_in`."""
    return references_in(release.info, release.indicators, rows_of(release))


def rows_of(release: Release) -> Rows:
    """Give the rows of a table by its stem; a table that is not there has none."""
    return lambda stem: release.rows(f"{stem}.csv") if f"{stem}.csv" in release.files else []


def stems(release: Release) -> tuple[str, ...]:
    """Name the tables of a release, the panel first, without ``.csv``."""
    found = [file.removesuffix(".csv") for file in release.files if file.endswith(".csv")]
    return tuple(sorted(found, key=lambda stem: (stem != "panel", stem)))


def header(release: Release, stem: str) -> tuple[str, ...]:
    """Give the columns of a table."""
    return tuple(release.read(f"{stem}.csv").split(b"\n", 1)[0].decode("utf-8").split(","))


def table_label(stem: str) -> str:
    """Name a table in words."""
    return table_title(stem)


def table_description(release: Release, stem: str) -> str:
    """Say what one line of a table is."""
    return table_text(stem, release.info.kind)


def table_schema(release: Release, stem: str) -> tuple[TableColumn, ...]:
    """Describe the columns of a table: kind, title, text, codes with labels; see `govdata.columnbook.TableColumn`."""
    return table_columns(stem, header(release, stem), release.info, release.indicators)


def column_missing(release: Release, stem: str) -> str:
    """Say what an empty cell of a table means."""
    return missing_text(stem, release.info.kind)


def row_count(release: Release, stem: str) -> int:
    """Count the lines of a table below its header; no cell holds a line break."""
    return release.read(f"{stem}.csv").count(b"\n") - 1


def size(release: Release, file: str) -> int:
    """Count the bytes of a file."""
    return len(release.read(file))


def digest(release: Release, file: str) -> str:
    """Give the SHA-256 of a file as 64 hexadecimal digits."""
    return sha256(release.read(file))


@lru_cache(maxsize=8)
def fingerprints(release: Release) -> Mapping[str, str]:
    """Give the UNF of every table by its stem."""
    from govdata.describing.unf import release_unfs

    return release_unfs(release)
