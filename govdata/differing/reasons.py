"""Why a cell differs between two releases: a closed list, and how a cell's reason is found.

For coded cells the claims on both sides are held against each other. Where the indicator's rule was redefined as
well, the cell is decided once more from the new claims under the old rule: if that gives the new value, the claims
explain it.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from govdata.bump import redefined
from govdata.rules import Cell, Claim, decide

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from govdata.differing.sides import Side
    from govdata.model import Indicator

__all__ = ["REASONS", "assign", "same_in_value"]

REASONS: Final = {
    "indicator_added": "the indicator is new",
    "indicator_removed": "the indicator is gone",
    "column_added": "the indicator has a further scope, bound or standard deviation",
    "column_removed": "the indicator lost a scope, bound or standard deviation",
    "renamed": "the indicator has another name",
    "unit_added": "the country or territory is new in the panel",
    "unit_removed": "the country or territory is no longer in the panel",
    "years_added": "the country has further years",
    "years_removed": "the country has fewer years",
    "text_only": "the same value, written otherwise",
    "new_evidence": "a claim counts that the old release did not have",
    "claim_withdrawn": "a claim that counted is now contested, rejected or not there",
    "claim_restored": "a claim that was contested or rejected now counts",
    "claim_mended": "a claim that counts, or counted, reads otherwise",
    "adjudicated": "a written decision sets the value, or sets it otherwise",
    "adjudication_lifted": "a written decision no longer sets the value; the rule does",
    "rule_or_codes": "the indicator's rule, codes or years were redefined",
    "coverage": "the country was looked at since, or no longer counts as looked at",
    "source_revised": "the source, or the edition of it, is another",
    "observation_added": "the same edition of the source, a figure taken over that was not",
    "observation_withdrawn": "the same edition of the source, a figure no longer taken over",
    "observation_corrected": "the same edition of the source, a figure read otherwise",
    "register_revised": "the register of countries says otherwise",
    "unknown": "nothing in the two releases explains it",
}
# What of a claim the rules read; a mended gloss changes no value.
_READ: Final = (
    "indicator",
    "code",
    "low",
    "high",
    "start",
    "end",
    "scope",
    "programme_id",
    "modality",
    "status",
    "grade",
    "source_id",
)
_STANDING: Final = {"accepted": 2, "contested": 1, "rejected": 0}
_ROLES: Final = ("claim_ids", "considered_ids", "rejected_ids")
_NOISE: Final = Decimal("1e-12")
_CELL: Final = ("iso3", "year", "column", "old", "new", "indicator", "scope", "new_missing")
Array = np.ndarray[Any, Any]


def same_in_value(kind: str, old: str, new: str) -> bool:
    """Whether two texts of a cell are one value.

    Codes and counts are compared exactly as numbers; numbers of type ``numeric`` are one when they differ by less than
    1e-12 of their size, which is how far the printed digits of one computation can differ. A set is one in whatever
    order.

    Examples
    --------
    >>> same_in_value("ordinal", "1", "1.0"), same_in_value("numeric", "0.30000000000000004", "0.3")
    (True, True)
    >>> same_in_value("multi", "police;court", "court;police"), same_in_value("nominal", "C1", "C2")
    (True, False)
    """
    if not old or not new:
        return old == new
    if kind == "multi":
        return sorted(old.split(";")) == sorted(new.split(";"))
    if kind in ("nominal", "text"):
        return old == new
    try:
        was, now = Decimal(old), Decimal(new)
    except InvalidOperation:
        return old == new
    if not (was.is_finite() and now.is_finite()):
        return old == new
    return was == now or (kind == "numeric" and abs(was - now) <= _NOISE * max(abs(was), abs(now)))


def assign(
    old: Side, new: Side, was: Mapping[str, str], cells: Mapping[str, Array], old_line: Array, new_line: Array
) -> Array:
    """Give each line of a list of differing rows and cells its reason.

    Parameters
    ----------
    old, new
        The releases.
    was
        Column of the new panel → that of the old one; without those that are new.
    cells
        The lines: ``change, iso3, year, column, old, new, indicator, scope, new_missing`` and ``old_row``.
    old_line, new_line
        Where in ``values.csv`` of either release the line behind the cell stands.

    Returns
    -------
    array of str
        Keys of `REASONS`.
    """
    change = cells["change"]
    found = np.full(len(change), "", dtype=object)

    def settle(where: Array, reason: Array | str) -> None:
        found[:] = np.where((found == "") & where, reason, found)

    old_units, new_units = set(old.iso3), set(new.iso3)
    new_unit = np.array([one not in old_units for one in cells["iso3"]], dtype=bool)
    gone_unit = np.array([one not in new_units for one in cells["iso3"]], dtype=bool)
    settle(change == "row_removed", np.where(gone_unit, "unit_removed", "years_removed"))
    settle(cells["old_row"] < 0, np.where(new_unit, "unit_added", "years_added"))
    names, numbers = np.unique(cells["column"].astype(str), return_inverse=True)
    added = np.array([_added(old, new, was, str(name)) for name in names], dtype=object)[numbers]
    settle(added != "", added)
    _text_only(new, cells, settle)
    settle(cells["column"] == "source_version", "source_revised")
    settle((cells["indicator"] == "") | (new.kind == "register") | (old.kind == "register"), "register_revised")
    open_cells = np.flatnonzero(found == "")
    if len(open_cells):
        part = {key: cells[key][open_cells] for key in _CELL}
        give = _of_observations if new.kind == "observations" else _of_claims
        found[open_cells] = give(old, new, was, part, old_line[open_cells], new_line[open_cells])
    return found


def _added(old: Side, new: Side, was: Mapping[str, str], column: str) -> str:
    """Give the reason of a cell whose column is new; empty for the other columns."""
    if not column or column in was:
        return ""
    owner = new.owners.get(column)
    return "column_added" if owner is not None and owner[0].id in old.indicators else "indicator_added"


def _text_only(new: Side, cells: Mapping[str, Array], settle: Callable[[Array, str], None]) -> None:
    same = np.zeros(len(cells["change"]), dtype=bool)
    for place in np.flatnonzero(cells["change"] == "value_changed"):
        owner = new.owners.get(cells["column"][place])
        if owner is not None:
            same[place] = same_in_value(owner[0].type, cells["old"][place], cells["new"][place])
    settle(same, "text_only")


def _definitions(old: Side, new: Side, was: Mapping[str, str]) -> dict[str, tuple[Indicator, Indicator]]:
    """Pair the two definitions of each indicator, by its id in the new release."""
    return {
        one.id: (old.owners[was[one.column(scope)]][0], one)
        for one in new.release.indicators
        for scope in one.scopes
        if one.column(scope) in was and was[one.column(scope)] in old.owners
    }


def _of_observations(
    old: Side, new: Side, was: Mapping[str, str], cells: Mapping[str, Array], old_line: Array, new_line: Array
) -> Array:
    pairs = _definitions(old, new, was)
    changed = {name for name, pair in pairs.items() if redefined(*pair)}
    editions = {}
    for side in (old, new):
        known: dict[str, set[tuple[str, str]]] = {}
        columns = (side.values[key] for key in ("indicator", "source_id", "source_version"))
        for indicator, source, version in set(zip(*columns, strict=True)):
            known.setdefault(indicator, set()).add((source, version))
        editions[side] = known
    reasons = []
    for place, indicator in enumerate(cells["indicator"]):
        lines = (int(old_line[place]), int(new_line[place]))
        first, second = (
            (side.values["source_id"][line], side.values["source_version"][line]) if line >= 0 else None
            for side, line in zip((old, new), lines, strict=True)
        )
        former = pairs[indicator][0].id if indicator in pairs else indicator
        if indicator in changed:
            reasons.append("rule_or_codes")
        elif first and second:
            reasons.append("observation_corrected" if first == second else "source_revised")
        elif second:
            reasons.append("observation_added" if second in editions[old].get(former, ()) else "source_revised")
        elif first:
            kept = first in editions[new].get(indicator, ())
            reasons.append("observation_withdrawn" if kept else "source_revised")
        else:
            reasons.append("rule_or_codes")  # neither has a line: the default reason moved with the indicator's years
    return np.array(reasons, dtype=object)


def _of_claims(
    old: Side, new: Side, was: Mapping[str, str], cells: Mapping[str, Array], old_line: Array, new_line: Array
) -> Array:
    pairs = _definitions(old, new, was)
    changed = {name for name, pair in pairs.items() if redefined(*pair) or _ruling(pair[0]) != _ruling(pair[1])}
    ruled = {name: pair[0] for name, pair in pairs.items() if _ruling(pair[0]) != _ruling(pair[1])}
    roles = [side.of_lines(role, lines) for side, lines in ((old, old_line), (new, new_line)) for role in _ROLES]
    decisions = [side.of_lines("adjudication_id", lines) for side, lines in ((old, old_line), (new, new_line))]
    judged: dict[tuple[str, ...], str] = {}
    again = _Again(old, new)
    reasons = []
    behind = zip(cells["indicator"], *decisions, zip(*roles, strict=True), strict=True)
    for place, (indicator, was_decided, is_decided, evidence) in enumerate(behind):
        if is_decided and old.decisions.get(was_decided) != new.decisions[is_decided]:
            reasons.append("adjudicated")
            continue
        if was_decided and not is_decided:
            reasons.append("adjudication_lifted")
            continue
        if indicator in ruled and not again.explains(ruled[indicator], cells, place):
            reasons.append("rule_or_codes")
            continue
        found = judged.get(evidence)
        if found is None:
            found = judged[evidence] = _by_claims(old.claims, new.claims, evidence)
        bound = cells["column"][place].endswith(("_low", "_high"))
        if bound and found not in ("", "new_evidence") and again.arrived(evidence):
            # What is only considered may set a bound: claims that came may do it, whatever happened to the others.
            found = "new_evidence" if again.come_alone(pairs[indicator][1], cells, place) else found
        if not found:
            looked = (old_line[place] >= 0) != (new_line[place] >= 0)
            found = "coverage" if looked else "rule_or_codes" if indicator in changed else "unknown"
        reasons.append(found)
    return np.array(reasons, dtype=object)


def _ruling(one: Indicator) -> tuple[object, ...]:
    """Give what of a definition decides a cell, the claims being as they are."""
    codes = sorted(code.code for code in one.codes)
    reach = one.years, one.only_years, one.scopes
    return one.type, one.rule, one.timing, one.table, one.claims_of, one.bounds, codes, reach


def _by_claims(
    old: Mapping[str, Mapping[str, str]], new: Mapping[str, Mapping[str, str]], evidence: tuple[str, ...]
) -> str:
    """Find what happened to the claims behind a cell: first those that decide, then all that touch it."""
    was, was_seen, was_out, now, now_seen, now_out = (text.split() for text in evidence)

    def standing(claims: Mapping[str, Mapping[str, str]], name: str) -> int:
        return _STANDING.get(claims[name]["status"], 0) if name in claims else -1

    def mended(names: Iterable[str]) -> bool:
        both = [name for name in names if name in old and name in new]
        return any(old[name][key] != new[name][key] for name in both for key in _READ)

    def among(before: list[str], after: list[str]) -> str:
        if any(name not in old for name in after):
            return "new_evidence"
        if any(standing(new, name) < standing(old, name) for name in before):
            return "claim_withdrawn"
        if any(standing(old, name) < standing(new, name) for name in after):
            return "claim_restored"
        return "claim_mended" if mended([*before, *after]) else ""

    return (
        among(was, now)
        or among([*was, *was_seen], [*now, *now_seen])
        or among([*was, *was_seen, *was_out], [*now, *now_seen, *now_out])
    )


class _Again:
    """Decides cells once more: from other claims, or under another definition, than the new release has."""

    def __init__(self, old: Side, new: Side) -> None:
        self._old, self._new = old, new
        self._claims: dict[bool, dict[tuple[str, str], list[Claim]]] = {}
        self._cells: dict[tuple[bool, str, str, str, str], Cell | None] = {}

    def arrived(self, evidence: tuple[str, ...]) -> bool:
        """Whether the old release lacks a claim that decides a cell of the new one, or is considered there."""
        _, _, _, now, now_seen, _ = evidence
        return any(name not in self._old.claims for name in (*now.split(), *now_seen.split()))

    def come_alone(self, indicator: Indicator, cells: Mapping[str, Array], place: int) -> bool:
        """Whether the claims that came, beside the old ones as they stood, give what the new release has in a cell."""
        return self.explains(indicator, cells, place, as_stood=True)

    def _known(self, *, as_stood: bool) -> dict[tuple[str, str], list[Claim]]:
        if as_stood not in self._claims:
            found: dict[tuple[str, str], list[Claim]] = {}
            stood = self._old.claims if as_stood else {}
            for row in {**self._new.claims, **stood}.values():
                found.setdefault((row["iso3"], row["indicator"]), []).append(Claim.from_row(row))
            self._claims[as_stood] = found
        return self._claims[as_stood]

    def explains(self, indicator: Indicator, cells: Mapping[str, Array], place: int, *, as_stood: bool = False) -> bool:
        """Whether the new claims under the given definition give what the new release has in a cell."""
        iso3, year, scope = (cells[key][place] for key in ("iso3", "year", "scope"))
        if not indicator.covers(int(year)) or scope not in indicator.scopes:
            return False
        key = (as_stood, iso3, year, indicator.id, scope)
        if key not in self._cells:
            known = self._known(as_stood=as_stood).get((iso3, indicator.evidence_id), [])
            self._cells[key] = decide(indicator, known, int(year), scope) if indicator.rule else None
        cell, column = self._cells[key], cells["column"][place]
        if not (cells["old"][place] or cells["new"][place]):
            return cell is None or cell.missing == cells["new_missing"][place]
        cell = cell or Cell()
        which = "low" if column.endswith("_low") else "high" if column.endswith("_high") else "value"
        return bool(getattr(cell, which) == cells["new"][place])
