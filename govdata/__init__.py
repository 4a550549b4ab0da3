"""Versioned, evidence-backed country-year data on digital surveillance, with the statistics comparativists need.

Everything is loaded on first use: importing the package costs next to nothing.

Examples
--------
>>> import govdata
>>> df = govdata.load("digital_surveillance", years=2019)
>>> df.attrs["dataset"]
'digital_surveillance'
"""

from __future__ import annotations

from govdata import after_pandas

TYPE_CHECKING = False  # as type checkers read it; to import typing would be most of what importing the package costs
if TYPE_CHECKING:
    from typing import Any

    from govdata import countries as countries
    from govdata import importers as importers
    from govdata import report as report
    from govdata import stats as stats
    from govdata.catalog import codebook as codebook
    from govdata.catalog import datasets as datasets
    from govdata.catalog import load as load
    from govdata.catalog import table as table
    from govdata.cellstates import coverage as coverage
    from govdata.citation import cite as cite
    from govdata.codebook_files import codebook_file as codebook_file
    from govdata.describing import metadata as metadata
    from govdata.differing import Difference as Difference
    from govdata.differing import changes as changes
    from govdata.differing import diff as diff
    from govdata.errors import ErratumWarning as ErratumWarning
    from govdata.errors import GovdataError as GovdataError
    from govdata.event_rows import country_years as country_years
    from govdata.evidence import trace as trace
    from govdata.exporting import export as export
    from govdata.finder import search as search
    from govdata.known_faults import errata as errata
    from govdata.merging import merge as merge
    from govdata.profiles import programme as programme
    from govdata.profiles import programmes as programmes
    from govdata.recodings import codings as codings
    from govdata.releases import versions as versions
    from govdata.reshaping import aggregate as aggregate
    from govdata.reshaping import expand as expand
    from govdata.retraction import cells_using as cells_using
    from govdata.skeleton import panel as panel
    from govdata.statements import claims as claims
    from govdata.statements import conflicts as conflicts
    from govdata.validation import validate as validate

__version__ = "0.7.0"

_HOMES = {
    "aggregate": "reshaping",
    "cells_using": "retraction",
    "changes": "differing",
    "cite": "citation",
    "claims": "statements",
    "codebook": "catalog",
    "codebook_file": "codebook_files",
    "codings": "recodings",
    "country_years": "event_rows",
    "conflicts": "statements",
    "coverage": "cellstates",
    "datasets": "catalog",
    "diff": "differing",
    "Difference": "differing",
    "errata": "known_faults",
    "ErratumWarning": "errors",
    "expand": "reshaping",
    "export": "exporting",
    "GovdataError": "errors",
    "load": "catalog",
    "merge": "merging",
    "metadata": "describing",
    "panel": "skeleton",
    "programme": "profiles",
    "programmes": "profiles",
    "search": "finder",
    "table": "catalog",
    "trace": "evidence",
    "validate": "validation",
    "versions": "releases",
}
_MODULES = ("countries", "importers", "report", "stats")

__all__ = [
    "Difference",
    "ErratumWarning",
    "GovdataError",
    "__version__",
    "aggregate",
    "cells_using",
    "changes",
    "cite",
    "claims",
    "codebook",
    "codebook_file",
    "codings",
    "conflicts",
    "countries",
    "country_years",
    "coverage",
    "datasets",
    "diff",
    "errata",
    "expand",
    "export",
    "importers",
    "load",
    "merge",
    "metadata",
    "panel",
    "programme",
    "programmes",
    "report",
    "search",
    "stats",
    "table",
    "trace",
    "validate",
    "versions",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - the type is that of the object behind the name
    from importlib import import_module

    if name in _MODULES:
        return import_module(f"govdata.{name}")
    if name in _HOMES:
        value = getattr(import_module(f"govdata.{_HOMES[name]}"), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'govdata' has no attribute {name!r}")


after_pandas.attach()


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
