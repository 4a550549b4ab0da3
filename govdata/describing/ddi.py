"""A release as DDI Codebook 2.5, the XML that data archives (Dataverse, CESSDA, ICPSR, NESSTAR) read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

from govdata.describing import about
from govdata.describing.ddi_variables import describe_variables
from govdata.describing.elements import child, written

if TYPE_CHECKING:
    from collections.abc import Mapping

    from govdata.releases import Release

__all__ = ["ddi"]

_NAMESPACE: Final = "ddi:codebook:2_5"
_MODES: Final = {
    "claims": "Coding of documents by a codebook: statements of evidence (claims), each with its source and the place "
    "in it; values follow from claims by a stated rule",
    "observations": "Measured elsewhere and carried over",
    "register": "Compiled from published lists",
}
_KINDS: Final = {
    "claims": "Coded country-year data",
    "observations": "Imported country-year data",
    "register": "Register of units",
}
_CODING: Final = {
    "claims": "A claim is accepted, contested or rejected, with a reason, and carries a grade of evidence from E0 to "
    "E4. Claims of grade E0, plans and surveys decide no value. Where accepted claims do not fix a level, the value "
    "stays open between its lowest and highest reading (columns _low and _high). Written decisions override a rule "
    "visibly. All claims, rejected ones too, are part of the release.",
    "observations": "No value is coded or estimated here. Each has its source and the source's release in values.csv.",
    "register": "A unit has one line for each year in which it exists; units.csv holds its life and the sources.",
}
_UNIVERSE: Final = {
    "state": "states",
    "partial": "partly recognised states",
    "territory": "territories",
}


def ddi(release: Release, *, url: str | None = None, unf: bool = True) -> str:
    """Describe a release as DDI Codebook 2.5.

    Parameters
    ----------
    release
        A release.
    url
        Where the release lies, if it was deposited.
    unf
        Whether to compute the universal numeric fingerprints of the tables and of the panel's columns, which takes most
        of the time.

    Returns
    -------
    str
        XML in UTF-8 that ends with a newline: the study, every file with its SHA-256, and every column of the panel
        with labels in English, Persian, Arabic and Chinese, codes and missing reasons with frequencies, and summary
        statistics. The reasons carry the values they have in a ``.dta`` file, ``.a`` to ``.d``.

    Examples
    --------
    >>> from govdata.describing.ddi import ddi
    >>> from govdata.releases import open_release
    >>> text = ddi(open_release("countries", "1.0.0"), unf=False)
    >>> text.count("<var ")
    13
    """
    from govdata.describing.unf import release_unfs

    root = ET.Element("codeBook", {"xmlns": _NAMESPACE, "version": "2.5"})
    root.set("{http://www.w3.org/XML/1998/namespace}lang", "en")
    _document(root, release)
    _study(root, release, url)
    _files(root, release, release_unfs(release) if unf else {})
    describe_variables(child(root, "dataDscr"), release, unf=unf)
    return written(root)


def _document(root: ET.Element, release: Release) -> None:
    citation = child(child(root, "docDscr"), "citation")
    titles = child(citation, "titlStmt")
    child(titles, "titl", f"Codebook of: {release.info.title}")
    child(titles, "IDNo", f"{about.identifier(release)}_codebook", agency=about.PUBLISHER)
    made = child(citation, "prodStmt")
    child(made, "producer", about.PUBLISHER)
    child(made, "prodDate", release.info.released, date=release.info.released)
    child(made, "software", about.PUBLISHER)  # no version: a later one gives the same bytes
    _version(citation, release)


def _version(citation: ET.Element, release: Release) -> None:
    child(child(citation, "verStmt"), "version", release.info.version, date=release.info.released, type="release")


def _study(root: ET.Element, release: Release, url: str | None) -> None:
    info = release.info
    study = child(root, "stdyDscr")
    citation = child(study, "citation")
    titles = child(citation, "titlStmt")
    child(titles, "titl", info.title)
    child(titles, "altTitl", info.name)
    child(titles, "IDNo", about.identifier(release), agency=about.PUBLISHER)
    who = child(citation, "rspStmt")
    for name in about.creators(release):
        child(who, "AuthEnty", name)
    made = child(citation, "prodStmt")
    child(made, "producer", about.PUBLISHER)
    child(made, "copyright", about.licence(release).name)
    child(made, "prodDate", info.released, date=info.released)
    given = child(citation, "distStmt")
    child(given, "distrbtr", about.PUBLISHER)
    child(given, "distDate", info.released, date=info.released)
    _version(citation, release)
    child(citation, "biblCit", about.citation_text(release), format="text")
    if url is not None:
        child(citation, "holdings", url, URI=url)
    _note(citation, release.digest, "SHA-256 of the list of checksums SHA256SUMS", "sha256", level="study")
    _scope(study, release)
    _method(study, release)
    _access(study, release)


def _scope(study: ET.Element, release: Release) -> None:
    info, (first, last) = release.info, about.years(release)
    part = child(study, "stdyInfo")
    subject = child(part, "subject")
    for word in about.keywords(release):
        child(subject, "keyword", word)
    child(part, "abstract", about.description(release), contentType="abstract", lang="en")
    summary = child(part, "sumDscr")
    child(summary, "timePrd", str(first), event="start", date=str(first), cycle="annual")
    child(summary, "timePrd", str(last), event="end", date=str(last), cycle="annual")
    places = about.countries(release)
    for code, name in places:
        child(summary, "nation", name, abbr=code)
    child(summary, "geogCover", f"{len(places)} countries and territories with at least one value or bound")
    child(summary, "geogUnit", "Country")
    child(summary, "anlyUnit", "Country-year", unit="country-year")
    units = ", ".join(_UNIVERSE.get(kind, kind) for kind in info.unit_kinds)
    child(summary, "universe", f"Units of the register that existed in a year: {units}")
    child(summary, "dataKind", _KINDS[info.kind])


def _method(study: ET.Element, release: Release) -> None:
    kind = release.info.kind
    method = child(study, "method")
    collected = child(method, "dataColl")
    child(collected, "timeMeth", "Annual panel", method="longitudinal")
    child(collected, "frequenc", "Annual")
    child(collected, "collMode", _MODES[kind])
    sources = child(collected, "sources")
    for one in about.references(release):
        child(sources, "dataSrc", one.text)
    if "sources.csv" in release.files:
        child(sources, "dataSrc", f"{about.row_count(release, 'sources'):,} sources in sources.csv")
    _note(method, _CODING[kind], "Coding", "coding", level="study")
    _note(method, about.column_missing(release, "panel"), "Missing values", "missing", level="study")
    agreement = _agreement(release)
    if agreement:
        child(child(method, "anlyInfo"), "dataAppr", agreement, type="reliability")


def _agreement(release: Release) -> str:
    """Say how far two coders agreed over all indicators; empty where nothing was coded twice."""
    if "reliability.csv" not in release.files:
        return ""
    rows = [row for row in release.rows("reliability.csv") if not row["indicator"] and row["alpha"]]
    if not rows:
        return ""
    said = "; ".join(
        f"{row['level']}, {row['variable'].replace('_', ' ')} {row['alpha']} ({row['alpha_low']} to "
        f"{row['alpha_high']}, {row['both_coded']} units coded by both)"
        for row in rows
    )
    return (
        f"Krippendorff's alpha between two coders over all indicators, with 95 % bootstrap interval: {said}. By "
        "indicator in reliability.csv."
    )


def _access(study: ET.Element, release: Release) -> None:
    access, licence = child(study, "dataAccs"), about.licence(release)
    there = child(access, "setAvail")
    child(there, "avlStatus", "Open")
    child(there, "complete", "Complete: every table of the release is described here")
    child(there, "fileQnty", str(len(release.files)))
    use = child(access, "useStmt")
    child(use, "restrctn", "None beyond the licence")
    child(use, "citReq", about.citation_text(release))
    terms = f"{licence.name} ({licence.spdx}){f', {licence.url}' if licence.url else ''}. {release.info.attribution}"
    child(use, "conditions", terms)


def _files(root: ET.Element, release: Release, unfs: Mapping[str, str]) -> None:
    for number, stem in enumerate(about.stems(release), start=1):
        file = child(root, "fileDscr", ID=f"F{number}")
        text = child(file, "fileTxt")
        child(text, "fileName", f"{stem}.csv")
        child(text, "fileCont", f"{about.table_label(stem)}. {about.table_description(release, stem)}")
        size = child(text, "dimensns")
        child(size, "caseQnty", str(about.row_count(release, stem)))
        child(size, "varQnty", str(len(about.header(release, stem))))
        child(text, "fileType", "text/csv", charset="UTF-8")
        child(text, "dataMsng", about.column_missing(release, stem))
        if stem in unfs:
            _note(file, unfs[stem], "Universal Numeric Fingerprint", "VDC:UNF")
        _note(file, about.digest(release, f"{stem}.csv"), "SHA-256", "sha256")


def _note(parent: ET.Element, text: str, subject: str, kind: str, *, level: str = "file") -> None:
    child(parent, "notes", text, level=level, type=kind, subject=subject)
