"""Machine-readable descriptions that a release is frozen with: Data Package v2 and CSL-JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from govdata.curation.read import Curated, Row
from govdata.errors import CurationError
from govdata.model import Indicator
from govdata.packaging import TableFile, data_package, package_faults
from govdata.textio import sha256

__all__ = ["citation", "datapackage"]

_INTEGER_COLUMNS = frozenset({"year"})


def citation(curated: Curated) -> dict[str, Any]:
    """Describe the release as one CSL-JSON item."""
    info = curated.info
    return {
        "id": f"govdata_{info.name}_{info.version}",
        "type": "dataset",
        "title": info.title,
        "author": [{"literal": creator} for creator in info.creators],
        "issued": {"date-parts": [[int(part) for part in info.released.split("-")]]},
        "version": info.version,
        "publisher": "govdata",
        "note": info.attribution,
        "license": info.licence,
    }


def _field(column: str, owners: Mapping[str, Indicator]) -> dict[str, Any]:
    if column in _INTEGER_COLUMNS:
        return {"name": column, "type": "integer"}
    indicator = owners.get(column)
    if indicator is None or indicator.is_text:
        return {"name": column, "type": "string"} | ({"title": indicator.label} if indicator else {})
    described: dict[str, Any] = {"name": column, "type": "number", "title": indicator.label}
    if indicator.codes and column == indicator.id:
        described["categories"] = [{"value": float(code.code), "label": code.labels["en"]} for code in indicator.codes]
        described["categoriesOrdered"] = indicator.type in {"ordinal", "binary"}
    return described


def datapackage(
    curated: Curated, tables: Mapping[str, tuple[Sequence[str], Sequence[Row]]], files: Mapping[str, bytes]
) -> dict[str, Any]:
    """Describe every table of the release as a Data Package (version 2).

    Which form depends on ``descriptor`` of ``dataset.toml``: 1, or absent, is the form of the first releases, which
    must be rebuilt byte for byte; 2 says all that `govdata.packaging.data_package` knows.

    Raises
    ------
    CurationError
        If the fuller form would say what the tables do not hold.
    """
    if curated.info.descriptor == 1:
        return _first_form(curated, tables, files)
    described = {
        stem: TableFile(tuple(columns), len(files[f"{stem}.csv"]), sha256(files[f"{stem}.csv"]))
        for stem, (columns, _) in tables.items()
    }

    def rows(stem: str) -> Sequence[Row]:
        return tables[stem][1] if stem in tables else []

    package = data_package(curated.info, curated.indicators, described, rows)
    faults = package_faults(package, rows)
    if faults:
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        raise CurationError(f"{curated.info.name}: datapackage.json would not hold: {faults[0]}{more}")
    return package


def _first_form(
    curated: Curated, tables: Mapping[str, tuple[Sequence[str], object]], files: Mapping[str, bytes]
) -> dict[str, Any]:
    """Describe tables as the first releases did; a change here would break their rebuild."""
    info = curated.info
    owners = {column: indicator for indicator in curated.indicators for column in indicator.columns()}
    resources: list[dict[str, Any]] = []
    for stem in sorted(tables):
        columns = tables[stem][0]
        schema: dict[str, Any] = {
            "fields": [_field(column, owners if stem == "panel" else {}) for column in columns],
            "missingValues": [""],
        }
        if stem == "panel":
            schema["primaryKey"] = ["iso3", "year"]
        data = files[f"{stem}.csv"]
        resources.append(
            {
                "name": stem.replace("_", "-"),
                "type": "table",
                "path": f"{stem}.csv",
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "bytes": len(data),
                "hash": f"sha256:{sha256(data)}",
                "schema": schema,
            }
        )
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": info.name.replace("_", "-"),
        "title": info.title,
        "description": info.description,
        "version": info.version,
        "created": f"{info.released}T00:00:00Z",
        "licenses": [{"name": info.licence, "path": info.licence_url}],
        "contributors": [{"title": creator, "roles": ["creator"]} for creator in info.creators],
        "resources": resources,
    }
