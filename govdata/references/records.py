"""One entry of a reference list: made from a release, from a line of ``sources.csv``, or from an imported file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from govdata.releases import Release

__all__ = ["SOFTWARE_TITLE", "Author", "Reference", "imported", "of_package", "of_release", "of_source"]

# As CITATION.cff says; a test holds both to each other.
SOFTWARE_TITLE: Final = (
    "govdata: versioned, evidence-backed country-year data on digital surveillance, with statistics for comparative "
    "politics"
)
_SOFTWARE_YEAR: Final = "2026"
_CONTRIBUTORS: Final = "The govdata contributors"

_OTHERS = re.compile(r"(?:(?:^|[\s,]+)and(?:\s+[0-9]+)?\s+others|(?:^|[\s,]+)et\s+al\.?)$")
_ASIDE = re.compile(r"\s*\([^()]*\)\s*\Z")
_PERSON = re.compile(r"([^,]+), ([^,]+)\Z")
# Words that a body has in its name and a person has not.
_BODY = re.compile(
    r"\b(?:of|and|for|the|board|bureau|cent(?:er|re)|company|council|department|directorate|division|foundation|group|inc|"
    r"institute|international|law|ltd|ministry|nations|network|office|organi[sz]ation|project|research|sector|service|"
    r"state|union|unit|university)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Author:
    """A person with family and given name, or a name that is printed as it stands (``family`` alone)."""

    family: str
    given: str = ""

    @property
    def sorted_name(self) -> str:
        """The name as the first of a reference."""
        return f"{self.family}, {self.given}" if self.given else self.family

    @property
    def running_name(self) -> str:
        """The name as a later one of a reference."""
        return f"{self.given} {self.family}" if self.given else self.family


@dataclass(frozen=True)
class Reference:
    """One entry of a reference list.

    Attributes
    ----------
    key
        Unique in the installation: ``govdata_<dataset>_<version>`` or the id of the source.
    kind
        ``release``, ``software``, ``imported`` or one of the types of sources.
    authors, others
        Who made it, and whether more than those named.
    year
        Of publication; empty where undated.
    title, original, language
        The title, the one in the language of the work where that is another, and that language.
    publisher, url, file, version, accessed
        As in ``sources.csv``.
    licence
        Of the values; empty where unknown.
    note
        Dataset and checksum of a release.
    attribution
        Whom else the project asks to name.
    text
        The whole reference as the provider words it; empty where it is made from the fields above.
    issued
        Year, month and day of publication as far as known.
    """

    key: str
    kind: str
    authors: tuple[Author, ...] = ()
    others: bool = False
    year: str = ""
    title: str = ""
    original: str = ""
    language: str = ""
    publisher: str = ""
    url: str = ""
    file: str = ""
    version: str = ""
    accessed: str = ""
    licence: str = ""
    note: str = ""
    attribution: str = ""
    text: str = ""
    issued: tuple[int, ...] = ()

    @property
    def people(self) -> tuple[Author, ...]:
        """The authors; where none is named, the body that published it, without what is said of the copy read."""
        body = _ASIDE.sub("", self.publisher)
        return self.authors or ((Author(body),) if body and not self.text else ())

    @property
    def doi(self) -> str:
        """The DOI in the address, or an empty text."""
        match = re.search(r"doi\.org/(10\.[0-9]{4,}/\S+)", self.url)
        return match[1] if match else ""


def author(name: str) -> Author:
    """Read a name: ``Family, Given`` is a person, all else is printed as it stands."""
    match = _PERSON.match(name)
    if match is None or _BODY.search(name) or max(len(part.split()) for part in match.groups()) > 3:
        return Author(name)
    return Author(match[1].strip(), match[2].strip())


def _authors(text: str) -> tuple[tuple[Author, ...], bool]:
    found: list[Author] = []
    others = False
    for part in text.split(";"):
        name = part.strip()
        short = _OTHERS.sub("", name).strip(" ,")
        others |= short != name
        if short:
            found.append(author(short))
    return tuple(found), others


def of_release(release: Release) -> Reference:
    """Describe a release."""
    info = release.info
    return Reference(
        key=f"govdata_{info.name}_{info.version}",
        kind="release",
        authors=tuple(Author(creator) for creator in info.creators),
        year=info.released[:4],
        title=info.title,
        publisher="govdata",
        version=info.version,
        licence=info.licence,
        note=f"dataset {info.name!r} of govdata; SHA-256 {release.digest[:16]}…",
        attribution=info.attribution,
        issued=tuple(int(part) for part in info.released.split("-")),
    )


def of_package() -> Reference:
    """Describe the package itself."""
    import govdata

    return Reference(
        key="govdata",
        kind="software",
        authors=(Author(_CONTRIBUTORS),),
        year=_SOFTWARE_YEAR,
        title=SOFTWARE_TITLE,
        publisher="govdata",
        version=govdata.__version__,
        licence="MIT",
        note="Python package comparative-govdata",
        issued=(int(_SOFTWARE_YEAR),),
    )


def of_source(row: Mapping[str, str]) -> Reference:
    """Describe a source by its line of ``sources.csv``."""
    authors, others = _authors(row["authors"])
    year = row["year"]
    return Reference(
        key=row["source_id"],
        kind=row["type"],
        authors=authors,
        others=others,
        year=year,
        title=row["title"],
        original="" if row["title_original"] == row["title"] else row["title_original"],
        language=row["lang"],
        publisher=row["publisher"],
        url=row["url"],
        file=row["file"],
        version=row["version"],
        accessed=row["accessed"],
        licence=row["licence"],
        issued=(int(year),) if year.isdigit() else (),
    )


def imported(source: str, text: str, version: str) -> Reference:
    """Describe a file that an importer read, in the words in which its provider asks to be cited."""
    key = "_".join(re.findall(r"[a-z0-9]+", f"{source} {version}".casefold())) or "imported"
    year = re.search(r"\b((?:19|20)[0-9]{2})\b", text)
    issued = (int(year[1]),) if year else ()
    return Reference(key, "imported", title=source, version=version, text=" ".join(text.split()), issued=issued)


def distinct(references: list[tuple[str, Reference]]) -> list[Reference]:
    """Join lists of references: one entry for each work, and no key twice.

    Parameters
    ----------
    references
        Each with where it comes from, such as ``covariates_1.0.0``.
    """
    kept: dict[str, Any] = {}
    for where, one in references:
        if one in kept.values():
            continue
        key = one.key if one.key not in kept else f"{one.key}_{where}"
        kept[key] = one if key == one.key else Reference(**{**vars(one), "key": key})
    return list(kept.values())
