"""What to cite: a release, the sources behind cells, what a frame holds, what a session used, the package itself."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

# Countries and years are chosen, and refused, as `govdata.load` does it.
from govdata.catalog import find_indicator
from govdata.choosing import choose_countries, choose_years, several
from govdata.errors import ArgumentError, UnknownIndicatorError, nearest
from govdata.references.acknowledgement import acknowledgement
from govdata.references.apsa import entries, entry, letters
from govdata.references.behind import Cells, cells_of_frame, sources_behind
from govdata.references.bibtex import bibtex
from govdata.references.csl import items
from govdata.references.records import Reference, distinct, imported, of_package, of_release
from govdata.releases import open_release
from govdata.session import loaded

if TYPE_CHECKING:
    import pandas as pd

    from govdata.releases import Release

__all__ = ["cite"]

_STYLES = ("apsa", "bibtex", "csl", "acknowledgement", "text")
_PACKAGE = "govdata"


@dataclass
class _Cited:
    """What is to be cited.

    Attributes
    ----------
    releases
        The datasets, in order.
    sources
        Each with the release it is behind.
    foreign
        What an importer read.
    package
        Whether the package is to stand in the list.
    origin
        How the list came about, for the line above it; empty where it holds one thing that was named.
    is_detailed
        Whether the original sources were asked for.
    """

    releases: list[Release] = field(default_factory=list)
    sources: list[tuple[str, Reference]] = field(default_factory=list)
    foreign: list[Reference] = field(default_factory=list)
    package: bool = False
    origin: str = ""
    is_detailed: bool = False


def cite(
    data: str | pd.DataFrame | Sequence[str] | None = None,
    version: str | None = None,
    style: Literal["apsa", "bibtex", "csl", "acknowledgement", "text"] = "apsa",
    *,
    indicators: str | Sequence[str] | None = None,
    countries: str | Sequence[str] | None = None,
    years: int | Sequence[int] | None = None,
) -> str:
    """Say what to cite: a release, the original sources behind its values, a frame, or all that this session loaded.

    Parameters
    ----------
    data
        A dataset, several, or ``"govdata"`` for the package. A frame from `govdata.load`, `govdata.merge` or an
        importer: then its datasets and the original sources of the cells that it holds, columns and rows, as far as
        they are not missing there. ``None`` for every release that this session loaded, and the package.
    version
        See `govdata.load`; goes with one dataset.
    style
        ``"apsa"`` (references in the author-date form of the American Political Science Association; ``"text"`` is
        the same), ``"bibtex"``, ``"csl"`` (CSL-JSON, for Zotero, pandoc and Quarto) or ``"acknowledgement"`` (a
        paragraph for a paper: licences, what they ask, and whom else to name).
    indicators
        Indicators or columns: then also the original sources of their values. For coded values these are the sources
        of the claims that decide a value or its bounds, for imported series the sources of the observations.
    countries, years
        As for `govdata.load`: the sources of these cells only.

    Returns
    -------
    str
        The citation. Where several works are cited, the first line says how many (as a comment in BibTeX, not in
        CSL-JSON). Lists in ``"apsa"`` are in alphabetical order, one reference a line.

    Raises
    ------
    UnknownDatasetError, UnknownVersionError, UnknownCountryError, UnknownYearError, UnknownIndicatorError
        With the nearest valid choice.
    ArgumentError
        If the style is unknown, arguments do not go together, a frame does not say where it comes from, or nothing was
        loaded yet.

    Notes
    -----
    Names stand as the list of sources has them. Where a source names no author, the body that published it stands in
    its place. In BibTeX, an original title in a script other than Latin stands in the field ``origtitle``, which no
    style prints; the printed title is its translation.

    Examples
    --------
    >>> import govdata
    >>> "V-Dem" in govdata.cite("expert_scores")
    True
    >>> print(govdata.cite("countries", "1.0.0", style="bibtex").splitlines()[0])
    @misc{govdata_countries_1_0_0,
    >>> print(govdata.cite("covariates", "1.0.0", indicators="internet_users").splitlines()[0])
    2 references: the dataset covariates 1.0.0 and 1 original source of internet_users.
    >>> panel = govdata.load("covariates", "1.0.0", indicators="internet_users", countries="CHN")
    >>> len(govdata.cite(panel).splitlines())
    4
    """
    if not isinstance(style, str) or style not in _STYLES:
        raise ArgumentError(
            f"unknown style {str(style)[:40]!r}{nearest(str(style), _STYLES)} (known: {', '.join(_STYLES)})"
        )
    if isinstance(version, str) and version in _STYLES:
        raise ArgumentError(f"version={version!r} is a style; did you mean style={version!r}?")
    chosen = {"indicators": indicators, "countries": countries, "years": years}
    given = [name for name, value in chosen.items() if value is not None]
    data = getattr(data, "frame", data)  # what merge gave
    if data is None or _is_frame(data):
        if version is not None or given:
            name = "version" if version is not None else given[0]
            what = "the name of a dataset" if data is None else "the name of a dataset, not with a frame"
            raise ArgumentError(f"{name} goes with {what}: cite('covariates', {name}=...)")
        return _printed(_of_session() if data is None else _of_frame(data), style)
    if isinstance(data, str) and data == _PACKAGE:
        if version is not None or given:
            raise ArgumentError("cite('govdata') is the installed package; version and indicators go with a dataset")
        return _printed(_Cited(package=True), style)
    return _printed(_of_names(_names(data), version, chosen if given else {}), style)


def _is_frame(data: object) -> bool:
    return hasattr(data, "attrs") and hasattr(data, "columns")


def _names(data: object) -> list[str]:
    if isinstance(data, str):
        return [data]
    if isinstance(data, Sequence) and data and all(isinstance(one, str) for one in data):
        return list(dict.fromkeys(data))
    raise ArgumentError(f"cite takes a dataset, a list of datasets, or a frame, not {_described(data)}")


def _described(data: object) -> str:
    """Name what was given, and what to give instead where that is plain."""
    kind = type(data).__name__
    if isinstance(data, Sequence):
        if not data:
            return f"an empty {kind}; name a dataset, or leave it out for all that was loaded"
        other = next(one for one in data if not isinstance(one, str))
        hint = "; cite each frame, or merge them" if _is_frame(other) else ""
        return f"a {kind} with {type(other).__name__}{hint}"
    return f"{kind}; give the frame that it is a column of" if kind == "Series" else kind


def _of_session() -> _Cited:
    used = loaded()
    if not used:
        raise ArgumentError("this session has loaded no dataset yet: call load first, or name one: cite('covariates')")
    return _Cited([open_release(*one) for one in used], package=True, origin=" loaded in this session")


def _of_names(names: Sequence[str], version: str | None, chosen: Mapping[str, Any]) -> _Cited:
    if len(names) > 1 and version is not None:
        raise ArgumentError(f"version={version!r} goes with one dataset, and {len(names)} are named")
    found = _Cited(package=_PACKAGE in names, is_detailed=bool(chosen))
    found.releases = [open_release(name, version) for name in names if name != _PACKAGE]
    if not chosen:
        found.origin = "" if len(names) == 1 else " named"
        return found
    asked = None
    if chosen["indicators"] is not None:
        asked = [str(one) for one in several(chosen["indicators"], "indicators")]
    wanted = _wanted(found.releases, asked)
    for release in found.releases:
        keys = _keys(release, chosen["countries"], chosen["years"])
        cells = [Cells(one, scope, keys) for one, scope in wanted[release.name]]
        found.sources += [(_where(release), one) for one in sources_behind(release, cells)]
    found.origin = f" of {', '.join(asked)}" if asked is not None and len(asked) <= 5 else " of the values"
    return found


def _wanted(releases: Sequence[Release], asked: Sequence[str] | None) -> dict[str, list[tuple[Any, str]]]:
    """Find the indicators and scopes asked for in each release; each must be in one of them."""
    found: dict[str, list[tuple[Any, str]]] = {release.name: [] for release in releases}
    if asked is None:
        for release in releases:
            found[release.name] = [(one, scope) for one in release.indicators for scope in one.scopes]
        return found
    for name in asked:
        refusals = []
        for release in releases:
            try:
                one, scope = find_indicator(release, name)
            except UnknownIndicatorError as error:
                refusals.append(error)
                continue
            found[release.name] += [(one, each) for each in one.scopes] if name == one.id else [(one, scope)]
        if len(refusals) == len(releases):
            raise refusals[0]
    return found


def _keys(release: Release, countries: object, years: object) -> pd.Index[Any] | None:
    """Give the unit-years asked for, as texts such as ``CHN2016``; ``None`` for all."""
    if countries is None and years is None:
        return None
    import pandas as pd

    rows = pd.read_csv(
        io.BytesIO(release.read("panel.csv")),
        usecols=["iso3", "country_name", "year"],
        dtype={"iso3": "str", "country_name": "str", "year": "int64"},
        keep_default_na=False,
        encoding="utf-8",
    )
    keep = rows["year"].notna()
    if countries is not None:
        keep &= choose_countries(rows, release.name, countries)
    if years is not None:
        keep &= choose_years(rows, release.name, years)
    chosen = rows[keep]
    keys: pd.Index[Any] = pd.Index((chosen["iso3"] + chosen["year"].astype("str")).to_numpy(dtype=object))
    return keys


def _of_frame(frame: Any) -> _Cited:  # noqa: ANN401 - any object with attrs and columns
    found = _Cited(is_detailed=True, origin=" of the values in the frame")
    names = [name for name in str(frame.attrs.get("dataset", "")).split("; ") if name]
    versions = [one for one in str(frame.attrs.get("version", "")).split("; ") if one]
    text = frame.attrs.get("citation")
    if text:
        texts = [text] if isinstance(text, str) else [str(one) for one in text]
        source = str(frame.attrs.get("source", "imported data"))
        version = "" if names else str(frame.attrs.get("version", ""))
        found.foreign = [imported(source, one, version) for one in texts]
    if not names and not text:
        raise ArgumentError(
            "the frame's attrs name no dataset; take what load, merge or an importer gave, or name the dataset"
        )
    if names and len(names) != len(versions):
        raise ArgumentError(f"the frame's attrs name {len(names)} datasets and {len(versions)} versions")
    for name, version in zip(names, versions if names else [], strict=True):
        release = open_release(name, version)
        found.releases.append(release)
        behind = sources_behind(release, cells_of_frame(release, frame))
        found.sources += [(_where(release), one) for one in behind]
    return found


def _where(release: Release) -> str:
    return f"{release.name}_{release.version}"


def _printed(cited: _Cited, style: str) -> str:
    releases = [of_release(one) for one in cited.releases]
    package = [of_package()] if cited.package else []
    joined = distinct([("", one) for one in (*releases, *package, *cited.foreign)] + cited.sources)
    sources = [one for one in joined if one.kind not in ("release", "software", "imported")]
    if style == "acknowledgement":
        return acknowledgement(releases, cited.foreign, len(sources), letters(joined), of_package().version)
    # Where the original sources are listed themselves, the project's own summary of them would say it twice.
    attribution = not cited.is_detailed
    if style == "csl":
        return json.dumps(items(joined, attribution=attribution), ensure_ascii=False, indent=2)
    head = _head(cited, len(joined), len(sources))
    if style == "bibtex":
        return bibtex(joined, head, attribution=attribution)
    if not head:
        return entry(joined[0])
    return "\n".join([head, "", *entries(joined, attribution=attribution)])


def _head(cited: _Cited, number: int, sources: int) -> str:
    """Say how many works are cited, and why; empty where one thing was named."""
    if number == 1 and not cited.is_detailed and not cited.origin:
        return ""
    names = [str(one) for one in cited.releases]
    parts = []
    if names:
        how = "" if cited.is_detailed else cited.origin
        parts.append(
            f"{len(names)} datasets{how} ({', '.join(names)})" if len(names) > 1 else f"the dataset {names[0]}{how}"
        )
    if cited.package:
        parts.append("the package govdata")
    if cited.foreign:
        parts.append("1 file of another provider" if len(cited.foreign) == 1 else f"{len(cited.foreign)} other files")
    if cited.is_detailed and names:
        kind = "original source" if sources == 1 else "original sources"
        parts.append(f"{sources or 'no'} {kind}{cited.origin}")
    listed = " and ".join(parts) if len(parts) < 3 else f"{', '.join(parts[:-1])} and {parts[-1]}"
    return f"{number:,} {'reference' if number == 1 else 'references'}: {listed}."
