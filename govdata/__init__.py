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

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from govdata import report as report
    from govdata import stats as stats
    from govdata.catalog import codebook as codebook
    from govdata.catalog import datasets as datasets
    from govdata.catalog import load as load
    from govdata.catalog import table as table
    from govdata.cellstates import coverage as coverage
    from govdata.citation import cite as cite
    from govdata.errors import GovdataError as GovdataError
    from govdata.evidence import cells_using as cells_using
    from govdata.evidence import changes as changes
    from govdata.evidence import trace as trace
    from govdata.finder import search as search
    from govdata.profiles import programme as programme
    from govdata.profiles import programmes as programmes
    from govdata.releases import versions as versions
    from govdata.statements import claims as claims
    from govdata.statements import conflicts as conflicts
    from govdata.validation import validate as validate

__version__ = "0.3.0"

_HOMES = {
    "cells_using": "evidence",
    "changes": "evidence",
    "cite": "citation",
    "claims": "statements",
    "codebook": "catalog",
    "conflicts": "statements",
    "coverage": "cellstates",
    "datasets": "catalog",
    "GovdataError": "errors",
    "load": "catalog",
    "programme": "profiles",
    "programmes": "profiles",
    "search": "finder",
    "table": "catalog",
    "trace": "evidence",
    "validate": "validation",
    "versions": "releases",
}
_MODULES = ("report", "stats")

__all__ = [
    "GovdataError",
    "__version__",
    "cells_using",
    "changes",
    "cite",
    "claims",
    "codebook",
    "conflicts",
    "coverage",
    "datasets",
    "load",
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


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
