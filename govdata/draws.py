"""Draws of a panel: what each cell may be, given its coded interval, its contested claims, or its standard deviation.

Cells that rest on the same evidence are drawn with the same random number, so that one draw is one possible state of
the world. The rules are explained on the page on uncertainty.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from govdata.drawing import FloatArray, from_codes, from_normal, from_range, from_whole, key, uniforms
from govdata.errors import ArgumentError
from govdata.register import first_day, last_day
from govdata.vocabulary import GRADES

if TYPE_CHECKING:
    import pandas as pd

    from govdata.model import Indicator
    from govdata.releases import Release

__all__ = ["Evidence", "draw_panel", "evidence", "value_columns"]

_KEYS: Final = ("iso3", "country_name", "year")
_MOST: Final = 2_000_000_000  # numbers in one result
_RANGE = re.compile(r"index from (-?[0-9]+(?:\.[0-9]+)?) to (-?[0-9]+(?:\.[0-9]+)?)\Z")
_NO_LEVEL: Final = ("not_applicable", "unclear")  # codes that name a reason, not a level

Pair = tuple[float, float]
Cell = tuple[str, int, str, str]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an open cell rests on.

    Attributes
    ----------
    key
        The same for all cells that draw together: the first claim of their chain of evidence.
    named
        What the deciding claims, and the contested ones in force, say the value is: pairs (low, high), low = high where
        a claim names a code. Sorted and distinct; empty where a written decision set the bounds.
    """

    key: str
    named: tuple[Pair, ...]


def value_columns(release: Release, columns: Iterable[str], asked: Sequence[str]) -> dict[str, tuple[Indicator, str]]:
    """Choose the columns that are drawn: values, without the bounds that say from where.

    Parameters
    ----------
    release
        An open release.
    columns
        Columns that `govdata.load` would give.
    asked
        What the user named, for the message.

    Returns
    -------
    dict
        Column → (indicator, scope), in the order of ``columns``.

    Raises
    ------
    ArgumentError
        If a companion was named alone.
    """
    owners = {one.column(scope): (one, scope) for one in release.indicators for scope in one.scopes if one.columns()}
    companions = {name for one in release.indicators for name in one.columns() if name not in owners}
    alone = next((name for name in asked if name in companions), None)
    if alone is not None:
        value = alone.rpartition("_")[0]
        raise ArgumentError(f"{alone!r} is a companion that draws replace; name the value itself: {value!r}")
    return {column: owners[column] for column in columns if column in owners}


def draw_panel(
    release: Release,
    frame: pd.DataFrame,
    columns: Mapping[str, tuple[Indicator, str]],
    *,
    draws: int,
    seed: int,
    rule: str,
) -> pd.DataFrame:
    """Draw a panel many times, in long form.

    Parameters
    ----------
    release
        The release.
    frame
        Rows of its panel with every column.
    columns
        From `value_columns`.
    draws, seed, rule
        As in `govdata.load`.

    Returns
    -------
    pandas.DataFrame
        ``iso3, country_name, year, draw`` (int64, from 1) and the columns, float64 (text stays text): the rows of
        ``frame`` once for each draw, in their order.

    Raises
    ------
    ArgumentError
        If the result would not fit into the memory of most machines.
    """
    import pandas as pd

    cells = len(frame) * draws * (len(columns) + len(_KEYS) + 1)
    if cells > _MOST:
        raise ArgumentError(
            f"{draws} draws of {len(frame)} rows and {len(columns)} columns take {cells * 8 / 1e9:,.0f} GB; "
            f"ask for fewer draws, countries or indicators (at most {_MOST * 8 / 1e9:.0f} GB at once)"
        )
    place = np.tile(np.arange(len(frame)), draws)
    made: dict[str, Any] = {name: frame[name].take(place).reset_index(drop=True) for name in _KEYS}
    made["draw"] = np.repeat(np.arange(1, draws + 1, dtype=np.int64), len(frame))
    for column, (indicator, scope) in _followed(columns):
        if indicator.is_text:
            made[column] = frame[column].take(place).reset_index(drop=True)
        elif release.info.kind == "claims":
            made[column] = _from_claims(release, frame, indicator, scope, draws, seed, rule).ravel()
        else:
            made[column] = _from_scores(release.name, frame, indicator, scope, draws, seed).ravel()
    return pd.DataFrame(made)


def _followed(columns: Mapping[str, tuple[Indicator, str]]) -> Iterable[tuple[str, tuple[Indicator, str]]]:
    """Go through columns, with a bar on the error stream after two seconds."""
    if len(columns) < 2:
        return columns.items()
    from tqdm import tqdm

    bar: Iterable[tuple[str, tuple[Indicator, str]]] = tqdm(
        columns.items(), total=len(columns), desc="drawing", delay=2.0, leave=False, dynamic_ncols=True
    )
    return bar


def _constant(frame: pd.DataFrame, column: str, draws: int) -> FloatArray:
    """Repeat the released values for each draw: (draws, rows)."""
    return np.tile(frame[column].to_numpy(dtype=np.float64), (draws, 1))


def _from_scores(
    dataset: str, frame: pd.DataFrame, indicator: Indicator, scope: str, draws: int, seed: int
) -> FloatArray:
    """Draw scores around their released value, each unit-year by itself."""
    column = indicator.column(scope)
    made = _constant(frame, column, draws)
    if not indicator.sd:
        return made
    sd = frame[f"{column}_sd"].to_numpy(dtype=np.float64)
    rows = np.flatnonzero((sd > 0.0) & np.isfinite(made[0]))
    units, years = frame["iso3"].to_numpy()[rows], frame["year"].to_numpy()[rows]
    keys = [key(dataset, iso3, column, year) for iso3, year in zip(units, years, strict=True)]
    found = _RANGE.match(indicator.unit)
    least, most = (float(found[1]), float(found[2])) if found else (-np.inf, np.inf)
    made[:, rows] = from_normal(uniforms(seed, keys, draws), made[0, rows], sd[rows], least, most).T
    return made


def _from_claims(
    release: Release, frame: pd.DataFrame, indicator: Indicator, scope: str, draws: int, seed: int, rule: str
) -> FloatArray:
    """Draw coded cells between their bounds, cells of one chain of evidence together."""
    column = indicator.column(scope)
    made = _constant(frame, column, draws)
    rows = _open(frame, indicator, scope)
    if not rows.size:
        return made
    known = evidence(release)
    low, high = (frame[f"{column}_{end}"].to_numpy(dtype=np.float64) for end in ("low", "high"))
    units, years = frame["iso3"].to_numpy(), frame["year"].to_numpy()
    groups: dict[Hashable, list[int]] = {}
    keys: list[str] = []
    for place, row in enumerate(rows):
        cell = (str(units[row]), int(years[row]), indicator.id, scope)
        found = known.get(cell, Evidence(key("", indicator.id, scope), ()))
        keys.append(key(release.name, cell[0], found.key))
        named = found.named if rule == "claimed" and indicator.rule != "presence" else ()
        groups.setdefault((low[row], high[row], named), []).append(place)
    numbers = _shared(seed, keys, draws)
    for (least, most, named), places in groups.items():  # type: ignore[misc]
        made[:, rows[places]] = _quantile(numbers[places], indicator, least, most, named).T  # type: ignore[has-type]
    if indicator.rule == "presence":
        _agree_with_level(release, frame, indicator, scope, made, rows, (draws, seed, rule))
    return made


def _open(frame: pd.DataFrame, indicator: Indicator, scope: str) -> np.ndarray[Any, np.dtype[np.intp]]:
    """Rows of cells that have bounds and are not certain: no value, or bounds that contested claims widened."""
    column = indicator.column(scope)
    if not indicator.bounds:
        return np.empty(0, dtype=np.intp)
    value, low, high = (frame[column + end].to_numpy(dtype=np.float64) for end in ("", "_low", "_high"))
    return np.flatnonzero((low < high) | (np.isnan(value) & (low == high)))


def _shared(seed: int, keys: Sequence[str], draws: int) -> FloatArray:
    """Random numbers of cells, computed once for each key."""
    distinct = {one: place for place, one in enumerate(dict.fromkeys(keys))}
    return uniforms(seed, list(distinct), draws)[[distinct[one] for one in keys]]


def _quantile(u: FloatArray, indicator: Indicator, low: float, high: float, named: Sequence[Pair]) -> FloatArray:
    """Value of cells with the same bounds at their random numbers."""
    pairs = [(max(low, first), min(high, last)) for first, last in named if first <= high and last >= low]
    pairs = sorted(set(pairs)) or [(low, high)]
    if indicator.codes:
        codes = [float(code.code) for code in indicator.codes]
        kept = [code for code in codes if any(first <= code <= last for first, last in pairs)]
        return from_codes(u, [low, high, *kept])
    each = from_whole if indicator.type == "count" else from_range
    turn = np.minimum(np.floor(u * len(pairs)), len(pairs) - 1)  # which alternative, then where within it
    found = np.empty_like(u)
    for place, (first, last) in enumerate(pairs):
        chosen = turn == place
        found[chosen] = each(u[chosen] * len(pairs) - place, first, last)
    return found


def _agree_with_level(
    release: Release,
    frame: pd.DataFrame,
    indicator: Indicator,
    scope: str,
    made: FloatArray,
    rows: np.ndarray[Any, np.dtype[np.intp]],
    how: tuple[int, int, str],
) -> None:
    """Make presence follow the level it is read from: in each draw it is 1 exactly where the level is above 0."""
    base = next((one for one in release.indicators if one.id == indicator.claims_of), None)
    if base is None or scope not in base.scopes or not base.bounds:
        return
    lowest = frame[f"{base.column(scope)}_low"].to_numpy(dtype=np.float64)
    both = np.intersect1d(rows, _open(frame, base, scope))
    both = both[lowest[both] == 0.0]  # a level that is known while presence is open says nothing of presence
    if both.size:
        level = _from_claims(release, frame.iloc[both], base, scope, *how)
        made[:, both] = (level > 0.0).astype(np.float64)


@lru_cache(maxsize=4)
def evidence(release: Release) -> dict[Cell, Evidence]:
    """Find what every open cell of a coded release rests on.

    Parameters
    ----------
    release
        A release of claims; all its open cells are read, so that the chains do not depend on what is asked for.

    Returns
    -------
    dict
        (iso3, year, indicator, scope) → `Evidence`.
    """
    claims = {row["claim_id"]: row for row in release.rows("claims.csv")}
    indicators = {one.id: one for one in release.indicators}
    values = release.table("values.csv")
    values = values[(values["low"] != values["high"]) & (values["low"] != "") & (values["high"] != "")]
    wanted = ["iso3", "year", "indicator", "scope", "status", "claim_ids", "considered_ids", "adjudication_id"]
    chains = _Chains()
    cells: list[tuple[Cell, list[str], tuple[Pair, ...]]] = []
    for iso3, year, name, scope, status, deciding, considered, decision in zip(
        *(values[column].tolist() for column in wanted), strict=True
    ):
        indicator = indicators[name]
        ids = [one for one in deciding.split() if one in claims]
        contested = [one for one in considered.split() if _disputes(claims[one], int(year), indicator)]
        pairs = {_pair(claims[one]) for one in [*ids, *contested] if claims[one]["code"] not in _NO_LEVEL}
        if not ids and indicator.rule == "agreement_signed":
            pairs.add((0.0, 0.0))  # an effect that is only disputed may be none
        if not ids and indicator.codes and indicator.rule != "agreement_signed":
            lowest = min(float(code.code) for code in indicator.codes)
            pairs.add((lowest, lowest))  # what is only disputed may not be there at all
        together = ids if status == "adjudicated" else [*ids, *contested]
        together = together or [decision or key(name, scope)]
        chains.join(together)
        cells.append(
            ((iso3, int(year), name, scope), together, () if status == "adjudicated" else tuple(sorted(pairs)))
        )
    return {cell: Evidence(chains.first(together[0]), named) for cell, together, named in cells}


def _disputes(claim: Mapping[str, str], year: int, indicator: Indicator) -> bool:
    """Whether a claim that a cell considered is contested and counts for it."""
    if claim["status"] != "contested" or claim["code"] in _NO_LEVEL:
        return False
    if claim["grade"] == GRADES[0] or claim["modality"] in ("plan", "survey"):
        return False
    last = date(year, 12, 31).toordinal()
    return indicator.timing == "in_year" or first_day(claim["start"]) <= last <= last_day(claim["end"])


def _pair(claim: Mapping[str, str]) -> Pair:
    return float(claim["code"] or claim["low"]), float(claim["code"] or claim["high"])


class _Chains:
    """Sets of claims that are linked by the cells which rest on more than one of them."""

    def __init__(self) -> None:
        self._up: dict[str, str] = {}

    def first(self, one: str) -> str:
        """Name the first claim of the chain: shortest id, then lowest, so that later claims do not rename it."""
        self._up.setdefault(one, one)
        while self._up[one] != one:
            self._up[one] = self._up[self._up[one]]
            one = self._up[one]
        return one

    def join(self, claims: Sequence[str]) -> None:
        """Link claims that one cell rests on."""
        tops = sorted({self.first(one) for one in claims}, key=lambda name: (len(name), name))
        for top in tops:
            self._up[top] = tops[0]
