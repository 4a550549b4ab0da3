"""Agreement of two coders who did not see each other: Krippendorff's alpha by indicator, with a bootstrap interval.

Alpha is computed by the library ``krippendorff``; ours is which units are compared, and how they are drawn again.
Years of one uninterrupted coding are no independent units, so whole runs of years are drawn, never single years.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from govdata.model import Indicator

__all__ = ["DRAWS", "Pair", "alpha", "bootstrap", "pair_codings", "reliability"]

Row = Mapping[str, str]
DRAWS = 1000
_FEWEST = 3
_METRICS = {"ordinal": "ordinal", "binary": "nominal", "nominal": "nominal", "multi": "nominal"}
_POOLED = (
    ("indicator", "nominal"),
    ("claim_scope", "nominal"),
    ("modality", "nominal"),
    ("status", "nominal"),
    ("grade", "ordinal"),
    ("start_year", "interval"),
)


@dataclass(frozen=True, slots=True)
class Pair:
    """One unit coded twice: the two rows, how many years they stand for, and the run the unit belongs to."""

    first: Row
    second: Row
    group: tuple[str, ...]

    def values(self, variable: str) -> tuple[str, str]:
        """Give both coders' values of a variable.

        ``found`` says whether any evidence was seen, ``middle`` is the code or the middle of an open coding's bounds.
        """
        if variable == "middle":
            return _middle(self.first), _middle(self.second)
        if variable == "found":
            seen = [any(row[key] for key in ("code", "low", "high")) for row in (self.first, self.second)]
            return ("yes" if seen[0] else "no"), ("yes" if seen[1] else "no")
        return self.first[variable], self.second[variable]


def pair_codings(codings: Iterable[Row]) -> list[Pair]:
    """Put the first and the second coding of each unit side by side; units coded once are left out.

    A unit is a claim, or a year of an indicator (of a programme) at a scope.
    """
    rounds: dict[tuple[str, ...], dict[str, Row]] = defaultdict(dict)
    for row in codings:
        if row["level"] == "claim":
            rounds["claim", row["claim_id"]][row["round"]] = row
            continue
        for year in range(int(row["start_year"]), int(row["end_year"]) + 1):
            cell = (row["level"], row["indicator"], row["programme_id"], row["iso3"], row["scope"], str(year))
            rounds[cell][row["round"]] = row
    both = sorted((unit, found) for unit, found in rounds.items() if set(found) == {"1", "2"})
    pairs: list[Pair] = []
    run = 0
    before: object = None
    for unit, found in both:
        if before != (unit[:-1], found):  # either coder began another coding, or another cell begins
            run += 1
        before = (unit[:-1], found)
        pairs.append(Pair(found["1"], found["2"], (*unit[:-1], str(run))))
    return pairs


def alpha(values: Sequence[tuple[str, str]], metric: str, domain: Sequence[str]) -> float | None:
    """Compute Krippendorff's alpha of pairs of values.

    Parameters
    ----------
    values
        One pair a unit, both filled.
    metric
        ``nominal``, ``ordinal``, ``interval`` or ``ratio``.
    domain
        Every value that may occur, in order.

    Returns
    -------
    float or None
        ``None`` where all values are the same: alpha is then not defined.
    """
    import krippendorff

    if len({value for pair in values for value in pair}) < 2:
        return None
    place = {value: position for position, value in enumerate(domain)}
    counts = np.zeros((len(values), len(domain)))
    for row, pair in enumerate(values):
        for value in pair:
            counts[row, place[value]] += 1
    exact = metric in {"interval", "ratio"}
    found = krippendorff.alpha(
        value_counts=counts,
        value_domain=np.array([float(value) if exact else position for value, position in place.items()]),
        level_of_measurement=metric,  # type: ignore[arg-type]
    )
    return float(found)


def _coincidences(values: Sequence[tuple[str, str]], domain: Sequence[str]) -> NDArray[np.float64]:
    """Count how often each two values met in a unit, both ways round."""
    place = {value: position for position, value in enumerate(domain)}
    met = np.zeros((len(domain), len(domain)))
    for one, other in values:
        met[place[one], place[other]] += 1
        met[place[other], place[one]] += 1
    return met


def bootstrap(
    groups: Sequence[Sequence[tuple[str, str]]], metric: str, domain: Sequence[str], seed: str
) -> list[float]:
    """Compute alpha for `DRAWS` draws of whole groups with replacement, the same draws for ever.

    The library computes one alpha at a time. Here all draws are computed at once, from counts that are whole numbers
    and therefore exact; a test holds the two together.

    Parameters
    ----------
    groups
        Pairs of values, in the groups that are drawn together.
    metric, domain
        See `alpha`.
    seed
        Fixes the draws.

    Returns
    -------
    list of float
        Sorted; draws in which all values are the same are left out, for alpha is not defined there.
    """
    draw = random.Random(seed)  # noqa: S311 - resampling, and the same draws for ever
    weights = np.zeros((DRAWS, len(groups)))
    for row in range(DRAWS):
        for _ in groups:
            weights[row, int(draw.random() * len(groups))] += 1
    met = np.tensordot(weights, np.array([_coincidences(group, domain) for group in groups]), axes=1)
    totals = met.sum(axis=2)
    distance = _distances(totals, metric, domain)
    observed = (met * distance).sum(axis=(1, 2))
    expected = (totals[:, :, None] * totals[:, None, :] * distance).sum(axis=(1, 2))
    defined = expected > 0
    found = 1 - (totals.sum(axis=1)[defined] - 1) * observed[defined] / expected[defined]
    return sorted(float(one) for one in found)


def _distances(totals: NDArray[np.float64], metric: str, domain: Sequence[str]) -> NDArray[np.float64]:
    """Give the squared distances between values; on an ordinal scale they depend on how often each value occurs."""
    size = len(domain)
    if metric == "ordinal":
        ranks = totals.cumsum(axis=1) - totals / 2  # the middle of the places that a value takes in the order
        apart: NDArray[np.float64] = ranks[:, :, None] - ranks[:, None, :]
        return apart * apart
    if metric == "nominal":
        return (1 - np.eye(size))[None]
    numbers = np.array([float(value) for value in domain])
    gaps = numbers[:, None] - numbers[None, :]
    if metric == "ratio":
        sums = numbers[:, None] + numbers[None, :]
        gaps = np.divide(gaps, sums, out=np.zeros((size, size)), where=sums != 0)
    squares: NDArray[np.float64] = gaps**2
    return squares[None]


def _interval(
    groups: Sequence[Sequence[tuple[str, str]]], metric: str, domain: Sequence[str], seed: str
) -> tuple[str, str, str]:
    found = bootstrap(groups, metric, domain, seed)
    skipped = DRAWS - len(found)
    note = f"{skipped} of {DRAWS} draws without variation" if skipped else ""
    if len(found) < DRAWS // 2:
        return "", "", note
    low, high = found[int(0.025 * len(found))], found[min(len(found) - 1, int(0.975 * len(found)))]
    return _digits(low), _digits(high), note


def _digits(value: float) -> str:
    text = f"{value:.3f}"
    return "0.000" if text == "-0.000" else text


def _middle(row: Row) -> str:
    ends = [row["code"] or row["low"], row["code"] or row["high"]]
    return f"{sum(map(float, ends)) / 2:g}" if all(map(_is_number, ends)) else ""


def _compatible(pairs: Sequence[Pair]) -> str:
    """Give the share of units, among those where both saw evidence, in which some level fits both codings."""
    fits: list[bool] = []
    for pair in pairs:
        if "indicator" not in pair.second["given"].split(";") and pair.first["indicator"] != pair.second["indicator"]:
            continue
        ends = [(row["code"] or row["low"], row["code"] or row["high"]) for row in (pair.first, pair.second)]
        if all(_is_number(end) for both in ends for end in both):
            (low, high), (other_low, other_high) = [(float(one), float(two)) for one, two in ends]
            fits.append(low <= other_high and other_low <= high)
    return f"{sum(fits) / len(fits):.3f}" if fits else ""


def _is_number(text: str) -> bool:
    return text.removeprefix("-").replace(".", "", 1).isdigit()


def _row(level: str, indicator: str, variable: str, metric: str, pairs: Sequence[Pair], domain: Sequence[str]) -> Row:
    allowed = set(domain)
    groups: dict[tuple[str, ...], list[tuple[str, str]]] = defaultdict(list)
    for pair in pairs:
        values = pair.values(variable)
        if set(values) <= allowed:
            groups[pair.group].append(values)
    both = [values for group in groups.values() for values in group]
    row = {
        "level": level,
        "indicator": indicator,
        "variable": variable,
        "metric": metric,
        "units": str(len(pairs)),
        "both_coded": str(len(both)),
        "agreement": f"{sum(a == b for a, b in both) / len(both):.3f}" if both else "",
        "compatible": _compatible(pairs) if variable == "code" else "",
        "alpha": "",
        "alpha_low": "",
        "alpha_high": "",
        "note": "",
    }
    if not both:
        return row | {"note": "no unit that both coded with one value"}
    value = alpha(both, metric, domain)
    if value is None:
        return row | {"note": "no variation: alpha is not defined"}
    row["alpha"] = _digits(value)
    if variable == "found" and indicator:
        return row | {"note": "no interval: see the row over all indicators"}
    if len(groups) < _FEWEST:
        return row | {"note": f"{len(groups)} independent units or runs: too few for an interval"}
    low, high, note = _interval(list(groups.values()), metric, domain, f"{level} {indicator} {variable}")
    return row | {"alpha_low": low, "alpha_high": high, "note": note}


def _domain(indicator: Indicator, pairs: Iterable[Pair]) -> tuple[str, Sequence[str]]:
    if indicator.codes:
        return _METRICS[indicator.type], [code.code for code in indicator.codes]
    seen = {value for pair in pairs for value in pair.values("code") if value}
    return "ratio", sorted(seen, key=float)


def _by(pairs: Iterable[Pair], key: Callable[[Pair], str]) -> dict[str, list[Pair]]:
    found: dict[str, list[Pair]] = defaultdict(list)
    for pair in pairs:
        found[key(pair)].append(pair)
    return found


def reliability(codings: Iterable[Row], indicators: Sequence[Indicator]) -> list[dict[str, str]]:
    """Make the table of agreement: by level and indicator, and over all claims for what every claim has.

    Parameters
    ----------
    codings
        Both rounds, as ``codings.csv`` holds them.
    indicators
        The codebook; it fixes the metric and the values compared.

    Returns
    -------
    list of dict
        Rows of ``reliability.csv``, the same for any order of the codings.
    """
    pairs = pair_codings(codings)
    rows: list[dict[str, str]] = []
    for level, chosen in sorted(_by(pairs, lambda pair: pair.first["level"]).items()):
        by_indicator = _by(chosen, lambda pair: pair.first["indicator"])
        for indicator in indicators:
            own = by_indicator.get(indicator.id)
            if not own:
                continue
            metric, domain = _domain(indicator, own)
            rows.append(dict(_row(level, indicator.id, "code", metric, own, domain)))
            if metric == "ordinal" and any(row["low"] for pair in own for row in (pair.first, pair.second)):
                same = [pair for pair in own if pair.first["indicator"] == pair.second["indicator"]]
                middles = {value for pair in same for value in pair.values("middle") if value}
                ordered = sorted(middles, key=float)
                rows.append(dict(_row(level, indicator.id, "middle", "interval", same, ordered)))
            if level != "claim":
                rows.append(dict(_row(level, indicator.id, "found", "nominal", own, ("no", "yes"))))
        if level != "claim":
            rows.append(dict(_row(level, "", "found", "nominal", chosen, ("no", "yes"))))
            continue
        for variable, metric in _POOLED:
            own = [pair for pair in chosen if variable not in pair.second["given"].split(";")]
            seen = {value for pair in own for value in pair.values(variable) if value}
            if own:
                rows.append(dict(_row(level, "", variable, metric, own, sorted(seen))))
    return rows
