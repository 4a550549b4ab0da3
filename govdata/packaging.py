"""The descriptor of a release as a Data Package, version 2, made the same way when it is frozen and when it is read.

Like the words of `govdata.columntexts`, what is made here is frozen with the first release that has ``descriptor = 2``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from govdata.columnbook import TableColumn, missing_text, table_columns, table_text, table_title
from govdata.columntexts import TABLES
from govdata.model import DatasetInfo, Indicator
from govdata.releasefacts import Rows, key_words, licence_of, references_in, units_with_values

__all__ = ["TableFile", "data_package", "package_faults"]

_PROFILES: Final = "https://datapackage.org/profiles/2.0"
_PLAIN: Final = re.compile("[A-Za-z0-9_-]+")  # codes that need no escape in a pattern
_KINDS: Final = {
    "integer": re.compile("[+-]?[0-9]+"),
    "number": re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?"),
    "date": re.compile("[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"),
}


@dataclass(frozen=True, slots=True)
class TableFile:
    """A table of a release as a file: its columns, its size in bytes and its SHA-256."""

    columns: tuple[str, ...]
    size: int
    digest: str


def data_package(
    info: DatasetInfo, indicators: Sequence[Indicator], files: Mapping[str, TableFile], rows: Rows
) -> dict[str, Any]:
    """Describe every table of a release as a Data Package (version 2).

    Parameters
    ----------
    info, indicators
        Of the release.
    files
        Table → its file, by stem, such as ``panel``.
    rows
        Gives the rows of a table.

    Returns
    -------
    dict
        The descriptor. ``fieldsMatch`` is left out, for the standard and its schema disagree on its type, and so are
        ``id`` and ``homepage``, for there is no registered identifier and no address that is known to last. A foreign
        key leads to a table of the same package only: that units are those of the register is said in
        ``register``.
    """
    licence = licence_of(info)
    panel = rows("panel")
    sources: list[dict[str, str]] = [
        {"title": one.named}
        | ({"path": one.url} if one.url else {})
        | ({"version": one.version} if one.version else {})
        for one in references_in(info, indicators, rows)
    ]
    sources.append({"title": "Every source that was opened, one a line", "path": "sources.csv"})
    made: dict[str, Any] = {
        "$schema": f"{_PROFILES}/datapackage.json",
        "name": info.name.replace("_", "-"),
        "title": info.title,
        "description": info.description,
        "version": info.version,
        "created": f"{info.released}T00:00:00Z",
        "keywords": list(key_words(indicators)),
        "licenses": [{"name": licence.spdx, "title": licence.name} | ({"path": licence.url} if licence.url else {})],
        "contributors": [{"title": creator, "roles": ["creator"]} for creator in info.creators],
        "sources": sources,
        "attribution": info.attribution,
        "temporal": {"start": f"{info.years[0]}-01-01", "end": f"{info.years[1]}-12-31"},
        "spatial": {"countries": [iso3 for iso3, _ in units_with_values(indicators, panel)]},
        "register": f"countries {info.register}" if info.register else "",
        "resources": [
            _resource(stem, files[stem], info, indicators, frozenset(files))
            for stem in sorted(files, key=lambda stem: (stem != "panel", stem))
        ],
    }
    return {key: value for key, value in made.items() if value not in ("", [])}


def _resource(
    stem: str, file: TableFile, info: DatasetInfo, indicators: Sequence[Indicator], known: frozenset[str]
) -> dict[str, Any]:
    columns = table_columns(stem, file.columns, info, indicators)
    schema: dict[str, Any] = {
        "$schema": f"{_PROFILES}/tableschema.json",
        "fields": [_field(column) for column in columns],
        "missingValues": [{"value": "", "label": missing_text(stem, info.kind)}],
    }
    table = TABLES.get(stem)
    if table is not None:
        key = [column for column in table.key if column in file.columns]
        links = [link for link in table.links if link[1] in known and set(link[0]) <= set(file.columns)]
        if key:
            schema["primaryKey"] = key
        if table.unique:
            schema["uniqueKeys"] = [list(table.unique)]
        if links:
            schema["foreignKeys"] = [
                {"fields": list(here), "reference": {"resource": _name(there), "fields": list(fields)}}
                for here, there, fields in links
            ]
    return {
        "$schema": f"{_PROFILES}/dataresource.json",
        "name": _name(stem),
        "type": "table",
        "title": table_title(stem),
        "description": table_text(stem, info.kind) or table_title(stem),
        "path": f"{stem}.csv",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": file.size,
        "hash": f"sha256:{file.digest}",
        "schema": schema,
    }


def _name(stem: str) -> str:
    return stem.replace("_", "-")


def _field(column: TableColumn) -> dict[str, Any]:
    text = column.text
    if column.joined and column.codes:
        listed = "; ".join(f"{code} = {label}" for code, label in column.codes)
        text = f"{text} Codes: {listed}."
    made: dict[str, Any] = {"name": column.name, "title": column.title, "description": text, "type": column.kind}
    limits = {
        "required": column.required or None,
        "pattern": column.pattern or _joined_pattern(column),
        "minimum": column.least,
        "maximum": column.most,
    }
    if column.codes and not column.joined:
        made["categories"] = _categories(column)
        if column.ordered:
            made["categoriesOrdered"] = True
    if found := {key: limit for key, limit in limits.items() if limit not in (None, "")}:
        made["constraints"] = found
    return {key: value for key, value in made.items() if value != ""}


def _joined_pattern(column: TableColumn) -> str:
    """Give the pattern of cells that join several codes; only where no code needs escaping."""
    codes = [code for code, _ in column.codes]
    if not column.joined or not codes or not all(_PLAIN.fullmatch(code) for code in codes):
        return ""
    one = f"({'|'.join(codes)})"
    return f"{one}({column.joined}{one})*"


def _categories(column: TableColumn) -> list[Any]:
    """Give codes with labels, or the bare codes where they speak for themselves."""
    whole = column.kind == "integer"
    pairs = [(int(code) if whole else code, label) for code, label in column.codes]
    if any(label for _, label in pairs):
        return [{"value": code, "label": label} for code, label in pairs]
    return [code for code, _ in pairs]


def package_faults(package: Mapping[str, Any], rows: Rows) -> list[str]:
    """Check that a descriptor tells the truth of its tables: kinds, codes, patterns, bounds, keys and links.

    Parameters
    ----------
    package
        From `data_package`.
    rows
        Gives the rows of a table by its stem.

    Returns
    -------
    list of str
        One line for each column or key that does not hold; empty when all do.
    """
    faults: list[str] = []
    tables = {resource["name"]: rows(resource["path"].removesuffix(".csv")) for resource in package["resources"]}
    for resource in package["resources"]:
        name, schema = resource["name"], resource["schema"]
        found = tables[name]
        for field in schema["fields"]:
            cells = sorted({row[field["name"]] for row in found})
            wrong = next((cell for cell in cells if not _fits(cell, field)), None)
            if wrong is not None:
                faults.append(f"{name}.{field['name']}: {wrong[:40]!r} is not as described")
        for key in filter(None, [schema.get("primaryKey"), *schema.get("uniqueKeys", [])]):
            named = [tuple(row[column] for column in key) for row in found]
            if len(set(named)) < len(named):
                faults.append(f"{name}: {', '.join(key)} names two lines")
        for link in schema.get("foreignKeys", []):
            reference = link["reference"]
            there = {tuple(row[column] for column in reference["fields"]) for row in tables[reference["resource"]]}
            here = {tuple(row[column] for column in link["fields"]) for row in found}
            lost = sorted(cells for cells in here if any(cells) and cells not in there)
            if lost:
                faults.append(f"{name}: {lost[0]!r} does not stand in {reference['resource']}")
    return faults


def _fits(cell: str, field: Mapping[str, Any]) -> bool:
    limits = field.get("constraints", {})
    if not cell:
        return not limits.get("required", False)
    kind, codes = _KINDS.get(field["type"]), field.get("categories", [])
    if (kind and not kind.fullmatch(cell)) or not re.fullmatch(limits.get("pattern", ".*"), cell):
        return False
    if "minimum" in limits and float(cell) < limits["minimum"]:
        return False
    if "maximum" in limits and float(cell) > limits["maximum"]:
        return False
    allowed = {str(code["value"]) if isinstance(code, dict) else str(code) for code in codes}
    return not codes or cell in allowed
