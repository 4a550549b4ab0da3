"""Descriptions of a release for machines: Data Package, Croissant, DDI Codebook, DataCite, schema.org."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Final, Literal

from govdata.describing.place import checked, placed
from govdata.errors import ArgumentError, nearest
from govdata.exporting.places import write_together
from govdata.releases import Release, open_release
from govdata.textio import json_bytes

__all__ = ["FILES", "described", "metadata", "metadata_bytes", "metadata_files", "write_metadata"]

# Format → the file it is written to; the module and the function that make it.
FILES: Final[Mapping[str, str]] = {
    "datapackage": "datapackage.json",
    "croissant": "croissant.json",
    "ddi": "ddi.xml",
    "datacite": "datacite.json",
    "schema.org": "schema-org.json",
}
_MAKERS: Final[Mapping[str, tuple[str, str]]] = {
    "datapackage": ("package", "datapackage"),
    "croissant": ("croissant", "croissant"),
    "ddi": ("ddi", "ddi"),
    "datacite": ("datacite", "datacite"),
    "schema.org": ("schema_org", "schema_org"),
}

_PLACED: Final = ("croissant", "ddi")  # these put an address where it belongs in them


def metadata(
    name: str,
    version: str | None = None,
    format: Literal["datapackage", "croissant", "ddi", "datacite", "schema.org"] = "datapackage",  # noqa: A002 - as in export
    *,
    url: str | None = None,
    path: str | Path | None = None,
    overwrite: bool = False,
) -> dict[str, Any] | str:
    """Describe a release in a form that archives, search engines and other programs read.

    Parameters
    ----------
    name, version
        See `govdata.load`.
    format
        ``"datapackage"`` (Data Package 2.0: every table with its columns, codes, keys and links), ``"croissant"``
        (Croissant 1.1, for machine learning), ``"ddi"`` (DDI Codebook 2.5, for archives of the social sciences),
        ``"datacite"`` (schema 4.5, for whoever registers a DOI) or ``"schema.org"`` (a Dataset in JSON-LD, for web
        pages).
    url
        Where the release lies, if you deposited it: an address, or a DOI as ``https://doi.org/10.…``. In DataCite
        metadata a DOI stands alone, for whoever registers it says to which page it leads.
    path
        A file to write it to as well.
    overwrite
        Replace a file that is there.

    Returns
    -------
    dict or str
        The description; of ``"ddi"`` the text of an XML document. The same release gives the same bytes at any time and
        on any machine. No identifier or address is invented: there is none but that of ``url``.

    Raises
    ------
    UnknownDatasetError, UnknownVersionError
        With the nearest valid choice.
    ArgumentError
        If the format is not known, ``url`` is no address, or the file is there already. Nothing is written then.

    Examples
    --------
    >>> import govdata
    >>> package = govdata.metadata("countries", "1.0.0")
    >>> [resource["name"] for resource in package["resources"]]
    ['panel', 'changes', 'sources', 'units']
    >>> package["resources"][0]["schema"]["primaryKey"]
    ['iso3', 'year']
    """
    if not isinstance(format, str) or format not in FILES:
        raise ArgumentError(
            f"format={str(format)[:40]!r} is not one of {', '.join(FILES)}{nearest(str(format), FILES)}"
        )
    found = described(open_release(name, version), format, url)
    if path is not None:
        _write({Path(path): metadata_bytes(found)}, overwrite=overwrite)
    return found


def described(release: Release, form: str, url: str | None = None) -> dict[str, Any] | str:
    """Describe a release in one of the formats of `FILES`; ``url`` says where it lies."""
    module, function = _MAKERS[form]
    make = getattr(import_module(f"govdata.describing.{module}"), function)
    if url is not None:
        checked(url)
    found: dict[str, Any] | str = make(release, url=url) if form in _PLACED else make(release)
    return found if url is None or form in _PLACED or isinstance(found, str) else placed(found, form, url)


def metadata_files(release: Release, url: str | None = None) -> dict[str, bytes]:
    """Describe a release in every format, as files by name."""
    return {file: metadata_bytes(described(release, form, url)) for form, file in FILES.items()}


def write_metadata(
    name: str, version: str | None, folder: str | Path, *, url: str | None = None, overwrite: bool = False
) -> list[Path]:
    """Write a release's description in every format into a folder that is there, all files or none.

    Raises
    ------
    ArgumentError
        If the folder is not there, or one of the files is.
    """
    files = {Path(folder) / file: data for file, data in metadata_files(open_release(name, version), url).items()}
    _write(files, overwrite=overwrite)
    return list(files)


def metadata_bytes(found: dict[str, Any] | str) -> bytes:
    """Give the bytes of the file that holds a description."""
    return found.encode("utf-8") if isinstance(found, str) else json_bytes(found)


def _write(files: Mapping[Path, bytes], *, overwrite: bool) -> None:
    def fill(places: Sequence[Path]) -> None:
        for place, data in zip(places, files.values(), strict=True):
            place.write_bytes(data)

    write_together(list(files), fill, overwrite=overwrite)
