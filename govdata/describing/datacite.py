"""A release as DataCite metadata, schema 4.5, in the JSON form of its interface."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from govdata.describing.about import (
    PUBLISHER,
    column_missing,
    countries,
    creators,
    description,
    digest,
    fingerprints,
    identifier,
    keywords,
    licence,
    references,
    size,
    stems,
    years,
)

if TYPE_CHECKING:
    from govdata.describing.about import Reference
    from govdata.releases import Release

__all__ = ["datacite"]

_KERNEL: Final = "http://datacite.org/schema/kernel-4"
_TYPES: Final = {"dataset": "Dataset", "book": "Book", "peer_reviewed": "JournalArticle", "report": "Report"}
_SPDX: Final = {"rightsIdentifierScheme": "SPDX", "schemeUri": "https://spdx.org/licenses/"}


def datacite(release: Release) -> dict[str, Any]:
    """Describe a release as DataCite metadata (schema 4.5).

    Parameters
    ----------
    release
        A release.

    Returns
    -------
    dict
        Without ``doi`` and ``url``: whoever registers one adds them. Until then a release is named by its name and
        version, by the SHA-256 of its list of checksums, and by the SHA-256 and the UNF of each table, all under
        ``alternateIdentifiers``. Sources whose figures were carried over are ``relatedItems``; those with a DOI or an
        address also ``relatedIdentifiers``.
    """
    info = release.info
    rights = licence(release)
    known = fingerprints(release)
    names = [("Local name", identifier(release)), ("SHA-256 of SHA256SUMS", release.digest)]
    for stem in stems(release):
        names += [(f"SHA-256 of {stem}.csv", digest(release, f"{stem}.csv")), (f"UNF of {stem}.csv", known[stem])]
    first, last = years(release)
    empty = column_missing(release, "panel").split(": ", 1)[1]
    technical = f"Tables: {', '.join(f'{stem}.csv' for stem in stems(release))}. An empty cell of panel.csv: {empty}."
    return {
        "types": {"resourceTypeGeneral": "Dataset", "resourceType": "Country-year panel"},
        "creators": [_organisation(name) for name in creators(release)],
        "titles": [{"title": info.title, "lang": "en"}],
        "publisher": {"name": PUBLISHER, "lang": "en"},
        "publicationYear": info.released[:4],
        "subjects": [{"subject": word, "lang": "en"} for word in keywords(release)],
        "contributors": [{**_organisation(name), "contributorType": "DataCurator"} for name in creators(release)],
        "dates": [
            {"date": info.released, "dateType": "Issued"},
            {"date": f"{first}/{last}", "dateType": "Other", "dateInformation": "Years that the data speak of"},
        ],
        "language": "en",
        "alternateIdentifiers": [
            {"alternateIdentifier": name, "alternateIdentifierType": kind} for kind, name in names
        ],
        "relatedIdentifiers": [
            {
                "relatedIdentifier": one.doi or one.url,
                "relatedIdentifierType": "DOI" if one.doi else "URL",
                "relationType": "IsDerivedFrom",
            }
            for one in _once(references(release))
        ],
        "relatedItems": [_related(one) for one in references(release)],
        "sizes": [f"{size(release, f'{stem}.csv')} bytes ({stem}.csv)" for stem in stems(release)],
        "formats": ["text/csv", "application/json"],
        "version": info.version,
        "rightsList": [
            {"rights": rights.name, "rightsIdentifier": rights.spdx, **_SPDX, "lang": "en"}
            | ({"rightsUri": rights.url} if rights.url else {})
        ],
        "descriptions": [
            {"description": description(release), "descriptionType": "Abstract", "lang": "en"},
            {"description": technical, "descriptionType": "TechnicalInfo", "lang": "en"},
        ],
        "geoLocations": [{"geoLocationPlace": name} for name in sorted({name for _, name in countries(release)})],
        "schemaVersion": _KERNEL,
    }


def _organisation(name: str) -> dict[str, str]:
    return {"name": name, "nameType": "Organizational"}


def _once(known: tuple[Reference, ...]) -> list[Reference]:
    """Take each address once, and leave out sources without."""
    found = {one.doi or one.url: one for one in reversed(known) if one.doi or one.url}
    return [found[address] for address in sorted(found)]


def _related(one: Reference) -> dict[str, Any]:
    """Describe a source; a name with a comma is a person's, as ``sources.csv`` writes them."""
    made: dict[str, Any] = {
        "relatedItemType": _TYPES.get(one.type, "Text"),
        "relationType": "IsDerivedFrom",
        "titles": [{"title": one.title}],
    }
    if one.authors:
        made["creators"] = [
            {"name": name, "nameType": "Personal"} if "," in name else {"name": name} for name in one.authors
        ]
    if one.publisher:
        made["publisher"] = one.publisher
    if one.year:
        made["publicationYear"] = one.year
    if one.version:
        made["edition"] = one.version
    if one.doi or one.url:
        made["relatedItemIdentifier"] = {
            "relatedItemIdentifier": one.doi or one.url,
            "relatedItemIdentifierType": "DOI" if one.doi else "URL",
        }
    return made
