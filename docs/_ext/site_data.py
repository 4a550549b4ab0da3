"""What the generated pages say about data: read through the package's reading wing, from releases only."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import govdata
from govdata.releases import dataset_names, open_release

if TYPE_CHECKING:
    import pandas as pd

    from govdata.model import Indicator
    from govdata.releases import Release

__all__ = [
    "LANGUAGE_NAMES",
    "RULES",
    "TIMINGS",
    "Coverage",
    "coded_units",
    "column_meaning",
    "coverage",
    "demo_fact",
    "missing_reasons",
    "panel",
    "releases",
    "sources",
]

LANGUAGE_NAMES = {"en": "English", "fa": "Persian", "ar": "Arabic", "zh": "Chinese"}

RULES = {
    "": "No rule: the value is carried over from its source, digit for digit.",
    "highest_in_force": (
        "The highest accepted code in force. Evidence without a level leaves the value open between its bounds where "
        "it lies above every accepted code, or where there is none; otherwise it adds nothing."
    ),
    "weakest_programme": (
        "Each programme has its highest accepted code; the lowest of these is the value. It is open between the lowest "
        "lower and the lowest upper bound where these differ."
    ),
    "agreement": (
        "The code on which all accepted claims agree; where they disagree, the value is open and the lowest and the "
        "highest claim are its bounds."
    ),
    "agreement_signed": (
        "As under agreement; where only contested claims speak, the value is open from their findings to 0, no effect."
    ),
    "union_in_force": "Every accepted code in force, sorted and joined by semicolons.",
    "range_in_year": (
        "The number on which all accepted claims agree; where they disagree, the value is open and the lowest and the "
        "highest claim are its bounds."
    ),
    "count_events": (
        "The number of accepted claims that report an event; zero only where a claim says that there was none."
    ),
    "presence": (
        "1 where an accepted claim of another indicator shows a level above 0, even if only as an interval; 0 where "
        "all say 0; otherwise open between 0 and 1."
    ),
}
TIMINGS = {
    "year_end": "What is in force on 31 December of the year.",
    "in_year": "What held at any time in the year.",
}
_SUFFIXES = {"": "the value", "_low": "lower bound", "_high": "upper bound", "_sd": "standard deviation"}


def releases() -> list[Release]:
    """Give the newest release of every dataset in the installation, sorted by name."""
    return [open_release(name) for name in dataset_names()]


@cache
def panel(dataset: str) -> pd.DataFrame:
    """Load the newest panel of a dataset with the reason of every missing cell."""
    return govdata.load(dataset, missing="reason")


@cache
def sources(dataset: str) -> dict[str, dict[str, str]]:
    """Give the sources of the newest release by their id."""
    return {row["source_id"]: row for row in open_release(dataset).rows("sources.csv")}


def column_meaning(indicator: Indicator, column: str) -> str:
    """Say in words what a panel column of an indicator holds."""
    scope = "subnational" if column.startswith(f"{indicator.id}_sub") else "national"
    said = _SUFFIXES[column.removeprefix(indicator.column(scope))]
    if len(indicator.scopes) == 1:
        return said
    highest = "" if indicator.rule == "count_events" else "highest "
    return f"{said}, {'national' if scope == 'national' else highest + 'subnational'}"


@dataclass(frozen=True)
class Coverage:
    """How far one column is filled.

    Attributes
    ----------
    rows, values, intervals
        Cells, cells with a value, cells without a value but with both bounds.
    reasons
        How many of the cells without a value are missing for which reason.
    units
        How many units have a value in some year.
    years
        First and last year with a value; None where there is none.
    """

    rows: int
    values: int
    intervals: int
    reasons: Counter[str]
    units: int
    years: tuple[int, int] | None


@cache
def coverage(dataset: str, column: str) -> Coverage:
    """Count the cells of a value column of the newest release."""
    frame = panel(dataset)
    filled = frame[column].notna() & (frame[column].astype(str) != "")
    is_open = ~filled
    for bound in ("_low", "_high"):
        is_open &= frame[column + bound].notna() if column + bound in frame.columns else False
    reasons = Counter(frame.loc[~filled, f"{column}_missing"].astype(str).tolist())
    valued = frame[filled]
    years = (int(valued["year"].min()), int(valued["year"].max())) if len(valued) else None
    return Coverage(len(frame), int(filled.sum()), int(is_open.sum()), reasons, valued["iso3"].nunique(), years)


@cache
def missing_reasons(dataset: str) -> tuple[str, ...]:
    """Name the reasons that occur in a dataset, in the order of the vocabulary."""
    from govdata.vocabulary import MISSING_REASONS

    found = {
        reason
        for one in open_release(dataset).indicators
        for column in _value_columns(one)
        for reason in coverage(dataset, column).reasons
    }
    return (*(reason for reason in MISSING_REASONS if reason in found), *sorted(found - set(MISSING_REASONS)))


def _value_columns(indicator: Indicator) -> list[str]:
    return [indicator.column(scope) for scope in indicator.scopes] if indicator.columns() else []


def coded_units(dataset: str, block: str) -> list[str]:
    """Name the units that have at least one value in a block of the codebook."""
    frame = panel(dataset)
    names: dict[str, str] = {}
    for one in open_release(dataset).indicators:
        for column in _value_columns(one) if one.block == block else []:
            filled = frame[column].notna() & (frame[column].astype(str) != "")
            names |= dict(zip(frame.loc[filled, "iso3"], frame.loc[filled, "country_name"], strict=True))
    return [f"{name} ({iso3})" for iso3, name in sorted(names.items())]


@cache
def demo_fact(name: str) -> str:
    """Give one number of the demonstration as text, so that no page repeats it by hand.

    Parameters
    ----------
    name
        ``rows``, ``units``, ``first_year``, ``last_year``, ``nobs``, ``dropped``, ``clusters``, ``estimate``, ``se``,
        or ``se_<df>`` and ``kstar_<df>`` for a rule of degrees of freedom.
    """
    from govdata import demo

    data = demo.panel()
    model = demo.fit(data)
    term = "v2x_polyarchy"
    facts = {
        "rows": f"{len(data):,}",
        "units": str(data["iso3"].nunique()),
        "first_year": str(data["year"].min()),
        "last_year": str(data["year"].max()),
        "nobs": f"{model.nobs:,}",
        "dropped": model.left_out(),
        "clusters": str(model.clusters["iso3"]),
        "estimate": f"{model.params[term]:.3f}",
        "se": f"{model.bse[term]:.3f}",
    }
    for rule in ("nested", "full", "none"):
        other = model.with_se("CRV1", cluster="iso3", df=rule)  # type: ignore[arg-type]
        facts |= {f"se_{rule}": f"{other.bse[term]:.4f}", f"kstar_{rule}": str(other.covariance.k_star)}
    for kind in ("iid", "HC1", "CR0"):
        facts[f"se_{kind}"] = f"{model.with_se(kind).bse[term]:.4f}"  # type: ignore[arg-type]
    both = model.with_se("CRV1", cluster=["iso3", "year"])
    facts["se_twoway"] = f"{both.bse[term]:.4f}"
    return facts[name]
