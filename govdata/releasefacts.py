"""What can be said of a release from its definitions and rows: licence, topics, units, and whose figures it carries."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from govdata.model import DatasetInfo, Indicator
from govdata.vocabulary import BLOCKS

__all__ = [
    "Licence",
    "Reference",
    "Rows",
    "described",
    "key_words",
    "licence_of",
    "measured_indicators",
    "references_in",
    "units_with_values",
]

Rows = Callable[[str], Sequence[Mapping[str, str]]]
"""Gives the rows of a table by its stem; a table that is not there has none."""

_LICENCES: Final = {
    "CC-BY-4.0": (
        "Creative Commons Attribution 4.0 International",
        "https://creativecommons.org/licenses/by/4.0/",
    ),
    "CC-BY-SA-4.0": (
        "Creative Commons Attribution-ShareAlike 4.0 International",
        "https://creativecommons.org/licenses/by-sa/4.0/",
    ),
    "CC0-1.0": ("Creative Commons Zero v1.0 Universal", "https://creativecommons.org/publicdomain/zero/1.0/"),
}
_TOPICS: Final = ("country-year data", "panel data", "comparative politics", "political science")
_TOPIC_BLOCKS: Final = "ABCDEFX"  # the others name a place in the codebook, not a topic
_WORDS_EACH: Final = 2  # of an indicator's search words; more would bury the topics
_DOI: Final = re.compile(r"https?://(?:dx\.)?doi\.org/(10\.[0-9]{4,9}/\S+)\Z")
_WIDE: Final = 10  # countries with claims from one data set, from which on it counts as carried over


@dataclass(frozen=True, slots=True)
class Licence:
    """A licence: its SPDX identifier, its name and its address; the address may be empty."""

    spdx: str
    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Reference:
    """A source whose figures were carried over into a release, as ``sources.csv`` has it.

    Attributes
    ----------
    source_id, title, publisher, year, version, licence, url
        Its cells; all but the first two may be empty.
    type
        One of `govdata.vocabulary.SOURCE_TYPES`.
    authors
        Names, in order; empty where none is known.
    doi
        ``10.…`` where the address is that of a DOI, else empty.
    """

    source_id: str
    title: str
    authors: tuple[str, ...]
    publisher: str
    year: str
    version: str
    licence: str
    url: str
    doi: str
    type: str

    @property
    def named(self) -> str:
        """Who, when, what and which version, in one line."""
        who = "; ".join(self.authors) or self.publisher
        return "".join(f"{part.rstrip('.')}. " for part in (who, self.year, self.title, self.version) if part).strip()

    @property
    def text(self) -> str:
        """The same with the address."""
        return f"{self.named} {self.url}".strip()


def licence_of(info: DatasetInfo) -> Licence:
    """Give the licence of a dataset."""
    name, url = _LICENCES.get(info.licence, (info.licence, ""))
    return Licence(info.licence, name, info.licence_url or url)


def measured_indicators(indicators: Sequence[Indicator]) -> tuple[Indicator, ...]:
    """Give the indicators that have columns in the panel, but for its keys."""
    return tuple(one for one in indicators if one.columns() and one.id not in ("iso3", "country_name", "year"))


def key_words(indicators: Sequence[Indicator]) -> tuple[str, ...]:
    """Give search words in English: what such data are, topics of the codebook, and the first words of indicators."""
    found = measured_indicators(indicators)
    topics = [BLOCKS[one.block] for one in found if one.block in _TOPIC_BLOCKS]
    words = [word for one in found for word in [word for word in one.keywords if _tells(word)][:_WORDS_EACH]]
    return tuple(dict.fromkeys((*_TOPICS, *topics, *words)))


def _tells(word: str) -> bool:
    return word.isascii() and (len(word) > 3 or not word.islower())


def units_with_values(
    indicators: Sequence[Indicator], panel: Sequence[Mapping[str, str]]
) -> tuple[tuple[str, str], ...]:
    """List the units with at least one value or bound, as (code, name in the last such year), by code."""
    columns = [column for one in measured_indicators(indicators) for column in one.columns()]
    found = {row["iso3"]: row["country_name"] for row in panel if any(row[column] for column in columns)}
    return tuple(sorted(found.items()))


def described(info: DatasetInfo, indicators: Sequence[Indicator], units: int) -> str:
    """Describe a dataset in a paragraph that stands by itself: 50 to 5000 characters."""
    first, last = info.years
    count = len(measured_indicators(indicators))
    size = f"{units:,} countries and territories, {first}–{last}, {count:,} indicators; version {info.version}."
    parts = (info.description, size, info.attribution)
    return " ".join(part.strip() for part in parts if part)[:5000]


def references_in(info: DatasetInfo, indicators: Sequence[Indicator], rows: Rows) -> tuple[Reference, ...]:
    """List the sources whose figures were carried over, by their ids.

    Of imported series those that ``values.csv`` names; of coded data the data sets on which claims of ten or more
    countries rest; of the register those behind units and codes. Every other source stands in ``sources.csv`` alone.
    """
    used = {one.source_id for one in indicators}
    sources = sorted(rows("sources"), key=lambda row: row["source_id"])
    if info.kind == "observations":
        used |= {row["source_id"] for row in rows("values")}
    elif info.kind == "register":
        used |= {name for row in rows("units") for name in row["source_ids"].split(";")}
        used |= {row["source_id"] for row in rows("codes")}
    else:
        reach: dict[str, set[str]] = defaultdict(set)
        for row in rows("claims"):
            reach[row["source_id"]].add(row["iso3"])
        used |= {
            row["source_id"] for row in sources if row["type"] == "dataset" and len(reach[row["source_id"]]) >= _WIDE
        }
    return tuple(_reference(row) for row in sources if row["source_id"] in used)


def _reference(row: Mapping[str, str]) -> Reference:
    doi = _DOI.match(row["url"])
    authors = tuple(part.strip() for part in row["authors"].split(";") if part.strip())
    return Reference(
        source_id=row["source_id"],
        title=row["title"],
        authors=authors,
        publisher=row["publisher"],
        year=row["year"],
        version=row["version"],
        licence=row["licence"],
        url=row["url"],
        doi=doi[1] if doi else "",
        type=row["type"],
    )
