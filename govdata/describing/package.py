"""A release as a Data Package, version 2."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from govdata.describing.about import digest, fingerprints, header, rows_of, size, stems
from govdata.packaging import TableFile, data_package

if TYPE_CHECKING:
    from govdata.releases import Release

__all__ = ["datapackage"]


def datapackage(release: Release) -> dict[str, Any]:
    """Describe every table of a release as a Data Package; see `govdata.packaging.data_package`.

    Each table has besides its UNF, version 6, as the further property ``unf``.
    """
    files = {
        stem: TableFile(header(release, stem), size(release, f"{stem}.csv"), digest(release, f"{stem}.csv"))
        for stem in stems(release)
    }
    package = data_package(release.info, release.indicators, files, rows_of(release))
    known = fingerprints(release)
    for resource in package["resources"]:
        resource["unf"] = known[resource["path"].removesuffix(".csv")]
    return package
