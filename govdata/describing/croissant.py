"""A release as Croissant 1.1: its files, its tables with types, keys and references, its code lists as enumerations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from govdata import vocabulary
from govdata.columntexts import TABLES
from govdata.describing import about
from govdata.describing.place import checked

if TYPE_CHECKING:
    from govdata.columnbook import TableColumn
    from govdata.releases import Release

__all__ = ["croissant"]

CONFORMS: Final = ("http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0")
# The names that Croissant's own documents give to its terms. A reader that finds others warns of them.
_TERMS: Final = (
    "annotation arrayShape citeAs column containedIn equivalentProperty excludes extract field fileObject fileProperty "
    "fileSet format includes isArray isLiveDataset jsonPath key md5 parentField path readLines recordSet references "
    "regex repeated replace samplingRate sdVersion separator source subField transform unArchive"
)
_CONTEXT: Final[Mapping[str, Any]] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "description": {"@container": "@language"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "name": {"@container": "@language"},
    **{term: f"cr:{term}" for term in _TERMS.split()},
}
_TYPES: Final = {"integer": "sc:Integer", "number": "sc:Float", "date": "sc:Date", "string": "sc:Text"}
_FORMATS: Final = {".csv": "text/csv", ".json": "application/json"}
_COLLECTED: Final = {
    "claims": "Every value follows by a stated rule from claims, each of which names its source and the place in it; "
    "the claims, the sources, and the decisions between claims are part of the release.",
    "observations": "Every value is carried over from the source that values.csv names for it.",
    "register": "Every unit's life is set down from the sources that units.csv names for it.",
}
# What the columns of sources.csv are in schema.org's words: a line there is a creative work.
_WORK: Final = {
    "source_id": "sc:identifier",
    "authors": "sc:author",
    "year": "sc:datePublished",
    "title": "sc:name",
    "title_original": "sc:alternateName",
    "lang": "sc:inLanguage",
    "publisher": "sc:publisher",
    "url": "sc:url",
    "version": "sc:version",
    "licence": "sc:license",
}


def croissant(release: Release, *, url: str | None = None) -> dict[str, Any]:
    """Describe a release as Croissant 1.1, for machine-learning tools that load tables by their description.

    Parameters
    ----------
    release
        A release.
    url
        The address of the page where you publish it. The standard asks for one; none is invented here, and readers do
        without.

    Returns
    -------
    dict
        To be written as JSON beside the release's files, for it names them relative to itself.

    Raises
    ------
    ArgumentError
        If the address is none; see `govdata.describing.place.checked`.

    Examples
    --------
    >>> from govdata.describing.croissant import croissant
    >>> from govdata.releases import open_release
    >>> found = croissant(open_release("countries", "1.0.0"))
    >>> [one["@id"] for one in found["recordSet"] if "data" not in one]
    ['panel', 'changes', 'sources', 'units']
    """
    from govdata.citation import cite

    info, licence, lists = release.info, about.licence(release), _Lists(release)
    tables = [_table(release, stem, lists) for stem in about.stems(release)]
    return {
        "@context": dict(_CONTEXT),
        "@type": "sc:Dataset",
        "conformsTo": list(CONFORMS),
        "name": info.title,
        "alternateName": info.name,
        "description": about.description(release),
        **({} if url is None else {"url": checked(url)}),
        "identifier": about.identifier(release),
        "version": info.version,
        "license": licence.url or licence.spdx,
        "datePublished": info.released,
        "temporalCoverage": "/".join(map(str, about.years(release))),
        "creator": [{"@type": "sc:Organization", "name": name} for name in about.creators(release)],
        "publisher": {"@type": "sc:Organization", "name": about.PUBLISHER},
        "citeAs": cite(release.name, release.version, style="bibtex"),
        "keywords": list(about.keywords(release)),
        "inLanguage": "en",
        "isLiveDataset": False,
        "rai:dataCollection": _COLLECTED[info.kind],
        "rai:dataCollectionMissingData": _missing(release),
        "distribution": [_file(release, name) for name in release.files],
        "recordSet": tables + lists.made,
    }


def _missing(release: Release) -> str:
    """Say what an empty cell of the panel is and what the reasons mean."""
    said = about.column_missing(release, "panel").capitalize() + "."
    if release.info.kind == "register":
        return said
    whose = "observations" if release.info.kind == "observations" else "claims"
    reasons = (f"{reason} ({texts[whose][0]})" for reason, texts in vocabulary.MISSING_LABELS.items())
    return f"{said} Reasons: {', '.join(reasons)}."


def _file(release: Release, name: str) -> dict[str, Any]:
    ending = name[name.rindex(".") :] if "." in name else ""
    return {
        "@type": "cr:FileObject",
        "@id": name,
        "name": name,
        "contentUrl": name,
        "contentSize": f"{about.size(release, name)} B",
        "encodingFormat": _FORMATS.get(ending, "text/plain"),
        "sha256": about.digest(release, name),
    }


def _table(release: Release, stem: str, lists: _Lists) -> dict[str, Any]:
    spec, there = TABLES.get(stem), set(about.stems(release))
    columns = about.table_schema(release, stem)
    names = {column.name for column in columns}
    # A field refers to one field: of keys over several columns, the tables' descriptions speak.
    links = {
        ours[0]: f"{table}/{theirs[0]}"
        for ours, table, theirs in (spec.links if spec else ())
        if len(ours) == 1 and table in there
    }
    said = [about.table_description(release, stem), about.column_missing(release, stem).capitalize()]
    key = [{"@id": f"{stem}/{name}"} for name in (spec.key if spec else ()) if name in names]
    return {
        "@type": "cr:RecordSet",
        "@id": stem,
        "name": about.table_label(stem),
        "description": " ".join(f"{one.rstrip('.')}." for one in said if one),
        **({"dataType": "sc:CreativeWork"} if stem == "sources" else {}),
        **({"key": key[0] if len(key) == 1 else key} if key else {}),
        "field": [_field(stem, column, links.get(column.name) or lists.refer(stem, column)) for column in columns],
    }


def _field(stem: str, column: TableColumn, reference: str) -> dict[str, Any]:
    source: dict[str, Any] = {"fileObject": {"@id": f"{stem}.csv"}, "extract": {"column": column.name}}
    made: dict[str, Any] = {
        "@type": "cr:Field",
        "@id": f"{stem}/{column.name}",
        "name": column.name,
        "description": ". ".join(one.rstrip(".") for one in (column.title, column.text) if one) + ".",
        "dataType": "sc:URL" if column.name == "url" else _TYPES[column.kind],
    }
    if column.joined:  # a list in one cell cannot refer to single records
        source["transform"] = {"separator": column.joined}
        made["isArray"] = True
    elif reference:
        made["references"] = {"field": {"@id": reference}}
    if stem == "sources" and column.name in _WORK:
        made["equivalentProperty"] = _WORK[column.name]
    return {**made, "source": source}


class _Lists:
    """The code lists of a release, each made when a column first refers to it."""

    def __init__(self, release: Release) -> None:
        self.made: list[dict[str, Any]] = []
        self._release = release
        self._known: dict[object, str] = {}

    def refer(self, stem: str, column: TableColumn) -> str:
        """Name the field of codes that a column's cells stand in; empty where it has no codes."""
        if not column.codes:
            return ""
        one = column.indicator
        identity: object = one.id if one is not None else column.codes
        if identity not in self._known:
            taken = {made["@id"] for made in self.made}
            name = f"{one.id if one is not None else column.name}_codes"
            self._known[identity] = f"{stem}_{name}" if name in taken else name
            self.made.append(self._list(self._known[identity], column))
        return f"{self._known[identity]}/code"

    def _list(self, name: str, column: TableColumn) -> dict[str, Any]:
        rows = self._rows(column)
        languages = vocabulary.LANGUAGES if any(len(labels) > 1 for _, labels in rows) else ("en",)
        fields = [("code", "The cell", _TYPES[column.kind])]
        fields += [(_label_field(one), f"Label, {one}", "sc:Text") for one in languages]
        return {
            "@type": "cr:RecordSet",
            "@id": name,
            "name": f"Codes: {column.indicator.label if column.indicator is not None else column.title}",
            "description": "In order, lowest first." if column.ordered else "In no order.",
            "dataType": "sc:Enumeration",
            "key": {"@id": f"{name}/code"},
            "field": [
                {
                    "@type": "cr:Field",
                    "@id": f"{name}/{field}",
                    "name": field,
                    "description": f"{text}.",
                    "dataType": kind,
                }
                for field, text, kind in fields
            ],
            "data": [
                {
                    f"{name}/code": int(code) if column.kind == "integer" else code,
                    **{f"{name}/{_label_field(one)}": labels.get(one, labels["en"]) for one in languages},
                }
                for code, labels in rows
            ],
        }

    def _rows(self, column: TableColumn) -> Sequence[tuple[str, Mapping[str, str]]]:
        """Give each code with its labels by language; a code without a label stands for itself."""
        if column.indicator is not None:
            return [(code.code, code.labels) for code in column.indicator.codes]
        indicators = {one.id: one.labels for one in self._release.indicators}
        if [code for code, _ in column.codes] == list(indicators):
            return list(indicators.items())
        if [code for code, _ in column.codes] == list(vocabulary.MISSING_REASONS):
            whose = "observations" if self._release.info.kind == "observations" else "claims"
            texts: Iterable[tuple[str, Mapping[str, Sequence[str]]]] = vocabulary.MISSING_LABELS.items()
            return [(one, dict(zip(vocabulary.LANGUAGES, found[whose], strict=True))) for one, found in texts]
        return [(code, {"en": label or code}) for code, label in column.codes]


def _label_field(language: str) -> str:
    return "name" if language == "en" else f"name_{language}"
