"""The address of a release that a depositor knows and the release does not: put into its description."""

from __future__ import annotations

import re
from typing import Any

from govdata.errors import ArgumentError

__all__ = ["checked", "placed"]

_ADDRESS = re.compile(r"https?://[^\s/<>\"]+\.[^\s<>\"]+\Z", re.IGNORECASE)
_DOI = re.compile(r"https?://(?:dx\.|www\.)?doi\.org/(10\.[0-9]{4,9}/\S+)\Z", re.IGNORECASE)


def checked(url: object) -> str:
    """Give an address back that is one.

    Raises
    ------
    ArgumentError
        If it does not begin with http:// or https://, or holds blanks or what cannot be printed.
    """
    if not isinstance(url, str) or not url.isprintable() or not _ADDRESS.match(url):
        raise ArgumentError(f"url={str(url)[:60]!r} is no address; give one such as 'https://doi.org/10.1234/abcd'")
    return url


def placed(found: dict[str, Any], form: str, url: str) -> dict[str, Any]:
    """Say in a description where the release lies, and its DOI if the address is one.

    Parameters
    ----------
    found
        A description as a dict; not modified.
    form
        ``datapackage``, ``datacite`` or ``schema.org``; the others take the address themselves.
    url
        An address that `checked` let pass.
    """
    doi = _DOI.match(url)
    if form == "datapackage":
        said = {"homepage": url} | ({"id": url} if doi else {})
    elif form == "datacite":
        # There ``url`` is the page that the DOI leads to: the DOI itself would lead back to itself.
        said = {"doi": doi[1]} if doi else {"url": url}
    else:
        said = {"url": url} | ({"@id": url} if doi else {})
    return found | said
