"""A release as a Dataset of schema.org, in JSON-LD, for search engines and the pages of the site."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from govdata.describing.about import (
    PUBLISHER,
    citation_text,
    countries,
    creators,
    description,
    digest,
    fingerprints,
    identifier,
    keywords,
    licence,
    measured,
    references,
    size,
    stems,
    table_label,
    years,
)

if TYPE_CHECKING:
    from govdata.describing.about import Reference
    from govdata.model import Indicator
    from govdata.releases import Release

__all__ = ["schema_org"]

_TECHNIQUES: Final = {
    "claims": "Content analysis: values follow by written rules from coded statements, each with its source",
    "observations": "Figures carried over digit for digit from the named sources",
    "register": "Compilation of lists of states, each entry with its sources",
}
_NAMED: Final = 25  # units named one by one; more are counted


def schema_org(release: Release) -> dict[str, Any]:
    """Describe a release as a schema.org ``Dataset``.

    Parameters
    ----------
    release
        A release.

    Returns
    -------
    dict
        JSON-LD. ``url`` and ``contentUrl`` are left out, for no address is known to last: a table is named by its file
        and its SHA-256.
    """
    info = release.info
    rights = licence(release)
    first, last = years(release)
    known = fingerprints(release)
    made: dict[str, Any] = {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "name": info.title,
        "alternateName": identifier(release),
        "description": description(release),
        "identifier": f"sha256:{release.digest}",
        "version": info.version,
        "datePublished": info.released,
        "inLanguage": "en",
        "license": rights.url or rights.name,
        "isAccessibleForFree": True,
        "creator": [{"@type": "Organization", "name": name} for name in creators(release)],
        "publisher": {"@type": "Organization", "name": PUBLISHER},
        "citation": citation_text(release),
        "keywords": list(keywords(release)),
        "temporalCoverage": f"{first}/{last}",
        "spatialCoverage": _places(release),
        "measurementTechnique": _TECHNIQUES[info.kind],
        "variableMeasured": [_variable(one) for one in measured(release)],
        "distribution": [_file(release, stem, known[stem]) for stem in stems(release)],
        "includedInDataCatalog": {"@type": "DataCatalog", "name": PUBLISHER},
    }
    if found := references(release):
        made["isBasedOn"] = [_work(one) for one in found]
    return made


def _places(release: Release) -> list[dict[str, str]]:
    found = countries(release)
    if len(found) > _NAMED:
        return [{"@type": "Place", "name": f"World: {len(found)} countries and territories"}]
    return [{"@type": "Place", "name": name, "identifier": iso3} for iso3, name in found]


def _variable(one: Indicator) -> dict[str, Any]:
    texts = [one.question or one.clarification]
    if one.codes:
        texts.append("Codes: " + "; ".join(f"{code.code} = {code.labels['en']}" for code in one.codes) + ".")
    made: dict[str, Any] = {
        "@type": "PropertyValue",
        "name": one.label,
        "propertyID": one.id,
        "description": " ".join(text for text in texts if text) or one.label,
    }
    if one.unit:
        made["unitText"] = one.unit
    if one.codes and one.type in ("ordinal", "binary"):
        codes = [int(code.code) for code in one.codes]
        made |= {"minValue": min(codes), "maxValue": max(codes)}
    return made


def _file(release: Release, stem: str, unf: str) -> dict[str, Any]:
    file = f"{stem}.csv"
    return {
        "@type": "DataDownload",
        "name": file,
        "description": table_label(stem),
        "encodingFormat": "text/csv",
        "contentSize": f"{size(release, file)} B",
        "sha256": digest(release, file),
        "identifier": unf,
    }


def _work(one: Reference) -> dict[str, Any]:
    made: dict[str, Any] = {"@type": "CreativeWork", "name": one.title}
    if one.authors:
        made["author"] = [{"@type": "Person" if "," in name else "Organization", "name": name} for name in one.authors]
    if one.publisher:
        made["publisher"] = {"@type": "Organization", "name": one.publisher}
    said = {"datePublished": one.year, "version": one.version, "url": one.url}
    made |= {key: text for key, text in said.items() if text}
    if one.doi:
        made["identifier"] = f"https://doi.org/{one.doi}"
    return made
