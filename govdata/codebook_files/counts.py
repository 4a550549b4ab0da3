"""How far the columns of a release are filled, with what, and why the rest is missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from govdata.model import Indicator
    from govdata.releases import Release

__all__ = ["Filled", "claims_by_code", "count_columns", "stages_by_code"]


@dataclass(frozen=True)
class Filled:
    """One value column.

    Attributes
    ----------
    column, scope
        Which.
    cells, values, intervals
        How many cells there are, how many have a value, how many are open between two bounds.
    reasons
        Reason → how many cells lack a value for it.
    codes
        Code → how many cells hold it.
    units
        How many units have a value in some year.
    years, span
        First and last year with a value; lowest and highest value of a number. Empty where there is none.
    """

    column: str
    scope: str
    cells: int
    values: int
    intervals: int
    reasons: Mapping[str, int]
    codes: Mapping[str, int]
    units: int
    years: tuple[int, ...]
    span: tuple[float, ...]


def count_columns(release: Release, indicators: Sequence[Indicator]) -> dict[str, list[Filled]]:
    """Count the value columns of some indicators.

    Returns
    -------
    dict
        Id of the indicator → one entry a scope; none for those without a column.
    """
    import numpy as np

    from govdata.reasons import REASON_WORDS, reason_numbers

    frame = release.panel()
    wanted = [(one, scope) for one in indicators if one.columns() for scope in one.scopes]
    reasons = reason_numbers(release, frame, [one.column(scope) for one, scope in wanted])
    found: dict[str, list[Filled]] = {}
    for one, scope in wanted:
        column = one.column(scope)
        cells = frame[column]
        filled = (cells.notna() & (cells.astype("object") != "")).to_numpy()
        is_open = ~filled
        for bound in (f"{column}_low", f"{column}_high"):
            is_open &= frame[bound].notna().to_numpy() if bound in frame.columns else np.zeros(len(frame), dtype=bool)
        missing = Counter(REASON_WORDS[reasons[column][~filled]].tolist())
        held = frame.loc[filled]
        years = (int(held["year"].min()), int(held["year"].max())) if len(held) else ()
        numbers = held[column] if not one.is_text and not one.codes and len(held) else None
        found.setdefault(one.id, []).append(
            Filled(
                column=column,
                scope=scope,
                cells=len(frame),
                values=int(filled.sum()),
                intervals=int(is_open.sum()),
                reasons=dict(sorted(missing.items())),
                codes=_codes(one, held[column].tolist()),
                units=int(held["iso3"].nunique()),
                years=years,
                span=() if numbers is None else (float(numbers.min()), float(numbers.max())),
            )
        )
    return found


def _codes(one: Indicator, values: Sequence[Any]) -> dict[str, int]:
    if not one.codes:
        return {}
    if one.is_text:
        held = Counter(part for value in values for part in str(value).split(";"))
    else:
        held = Counter(f"{value:g}" for value in values)
    return {entry.code: held[entry.code] for entry in one.codes}


def stages_by_code(release: Release, one: Indicator) -> dict[str, int]:
    """Count the programme-years of each code, for an indicator that is coded by programme."""
    rows = release.rows("programme_years.csv") if "programme_years.csv" in release.files else []
    held = Counter(row["stage"] for row in rows if row["scope"] == "national")
    return {entry.code: held[entry.code] for entry in one.codes}


def claims_by_code(release: Release, one: Indicator) -> dict[str, int]:
    """Count the claims of each code that were not rejected, for an indicator that makes no value."""
    rows = release.rows("claims.csv") if "claims.csv" in release.files else []
    held = Counter(row["code"] for row in rows if row["indicator"] == one.id and row["status"] != "rejected")
    return {entry.code: held[entry.code] for entry in one.codes}
