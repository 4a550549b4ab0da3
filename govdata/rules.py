"""From claims to one value: the rules, and the evidence each value rests on.

Every rule is a pure function of the claims that touch a cell. The order of the claims never matters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Final

from govdata.model import Indicator
from govdata.register import first_day, last_day

__all__ = ["SETTLED", "Cell", "Claim", "decide", "setting_value", "settle"]

_REASON_CODES = ("not_applicable", "unclear")
_RISING = ("highest_in_force", "weakest_programme", "presence")
# Decisions between two coders that leave the value to the rule: they are on record, and decide no cell.
SETTLED: Final = ("rule_stands", "claims_mended")


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim with its dates as day ordinals."""

    id: str
    iso3: str
    indicator: str
    code: str
    low: str
    high: str
    start: int
    end: int
    scope: str
    programme_id: str
    modality: str
    status: str
    grade: str
    source_id: str
    dated: bool

    @classmethod
    def from_row(cls, row: Mapping[str, str]) -> Claim:
        """Read a line of a claims file."""
        return cls(
            id=row["claim_id"],
            iso3=row["iso3"],
            indicator=row["indicator"],
            code=row["code"],
            low=row["low"],
            high=row["high"],
            start=first_day(row["start"]),
            end=last_day(row["end"]),
            scope=row["scope"],
            programme_id=row["programme_id"],
            modality=row["modality"],
            status=row["status"],
            grade=row["grade"],
            source_id=row["source_id"],
            dated=bool(row["start"]),
        )

    def touches(self, year: int, scope: str) -> bool:
        """Whether the claim speaks of the scope and has a day in the year."""
        return (
            self.dated
            and self.scope in {scope, "all"}
            and self.start <= date(year, 12, 31).toordinal()
            and self.end >= date(year, 1, 1).toordinal()
        )

    def in_force(self, year: int, timing: str) -> bool:
        """Whether the claim covers the year under the indicator's timing."""
        return timing == "in_year" or self.start <= date(year, 12, 31).toordinal() <= self.end


@dataclass(frozen=True, slots=True)
class Cell:
    """A coded cell: a value or the reason it is missing, its bounds, and the claims behind it."""

    value: str = ""
    low: str = ""
    high: str = ""
    missing: str = ""
    status: str = ""
    grade: str = ""
    rule: str = ""
    claim_ids: tuple[str, ...] = ()
    considered_ids: tuple[str, ...] = ()
    rejected_ids: tuple[str, ...] = ()
    source_ids: tuple[str, ...] = ()
    adjudication_id: str = ""


def _number(text: str) -> Decimal:
    return Decimal(text)


def _bounds(claim: Claim) -> tuple[str, str]:
    return (claim.code, claim.code) if claim.code else (claim.low, claim.high)


def _span(pairs: Iterable[tuple[str, str]]) -> tuple[str, str]:
    lows, highs = zip(*pairs, strict=True)
    return min(lows, key=_number), max(highs, key=_number)


# A rule gives (value, low, high, deciding claims). An open value is empty and has bounds.
_Decision = tuple[str, str, str, tuple[Claim, ...]]


def _highest_in_force(accepted: Sequence[Claim]) -> _Decision:
    points = [claim for claim in accepted if claim.code]
    intervals = [claim for claim in accepted if not claim.code]
    top = max((claim.code for claim in points), key=_number, default="")
    deciding = tuple(claim for claim in points if _number(claim.code) == _number(top)) if top else ()
    above = [claim for claim in intervals if not top or _number(claim.low) > _number(top)]
    if not above:
        return top, top, top, deciding
    low = max((claim.low for claim in above), key=_number)
    high = max((claim.high for claim in above), key=_number)
    if _number(low) == _number(high):
        return low, low, low, tuple(above)
    return "", low, high, tuple(above)


def _weakest_programme(accepted: Sequence[Claim]) -> _Decision:
    by_programme: dict[str, list[Claim]] = {}
    for claim in accepted:
        by_programme.setdefault(claim.programme_id, []).append(claim)
    decisions = [_highest_in_force(claims) for _, claims in sorted(by_programme.items())]
    low = min((decision[1] for decision in decisions), key=_number)
    high = min((decision[2] for decision in decisions), key=_number)
    # The minimum is fixed by the programmes that reach the lowest lower or the lowest upper bound.
    weakest = [one for one in decisions if _number(one[1]) == _number(low) or _number(one[2]) == _number(high)]
    if _number(low) == _number(high):
        weakest = [one for one in weakest if one[0] and _number(one[0]) == _number(low)]
    value = low if _number(low) == _number(high) else ""
    return value, low, high, tuple(claim for one in weakest for claim in one[3])


def _agreement(accepted: Sequence[Claim]) -> _Decision:
    if not all(_is_number(claim.code or claim.low) for claim in accepted):
        codes = {claim.code for claim in accepted}
        return (codes.pop() if len(codes) == 1 else ""), "", "", tuple(accepted)
    low, high = _span(_bounds(claim) for claim in accepted)
    return (low if _number(low) == _number(high) else ""), low, high, tuple(accepted)


def _union_in_force(accepted: Sequence[Claim]) -> _Decision:
    return ";".join(sorted({claim.code for claim in accepted})), "", "", tuple(accepted)


def _count_events(accepted: Sequence[Claim]) -> _Decision:
    events = tuple(claim for claim in accepted if _number(claim.code or claim.low) > 0)
    count = str(len(events))
    return count, count, count, events or tuple(accepted)


def _as_presence(claim: Claim) -> Claim:
    """Read a level as presence: 0 stays 0, anything above is 1; an interval that begins at 0 stays open."""
    low, high = ("1" if _number(bound) > 0 else "0" for bound in _bounds(claim))
    return replace(
        claim, code=low if low == high else "", low="" if low == high else low, high="" if low == high else high
    )


def _presence(accepted: Sequence[Claim]) -> _Decision:
    shown = max(claim.code or claim.low for claim in accepted)
    possible = max(claim.code or claim.high for claim in accepted)
    decisive = tuple(claim for claim in accepted if (claim.code or claim.low) == shown)
    if shown == possible:
        return shown, shown, shown, decisive
    return "", shown, possible, tuple(claim for claim in accepted if (claim.code or claim.high) == possible)


_RULES: dict[str, Callable[[Sequence[Claim]], _Decision]] = {
    "highest_in_force": _highest_in_force,
    "weakest_programme": _weakest_programme,
    "agreement": _agreement,
    "agreement_signed": _agreement,
    "union_in_force": _union_in_force,
    "range_in_year": _agreement,
    "count_events": _count_events,
    "presence": _presence,
}


def _is_number(text: str) -> bool:
    body = text.removeprefix("-")
    return body.replace(".", "", 1).isdigit() and body.isascii()


def decide(indicator: Indicator, claims: Iterable[Claim], year: int, scope: str) -> Cell | None:
    """Decide one cell.

    Parameters
    ----------
    indicator
        The indicator; its rule and timing are applied.
    claims
        Claims of one unit about ``indicator.evidence_id``, in any order.
    year, scope
        The cell.

    Returns
    -------
    Cell or None
        The cell with its evidence; ``None`` when no claim touches it.
    """
    touching = sorted((claim for claim in claims if claim.touches(year, scope)), key=lambda claim: claim.id)
    if not touching:
        return None
    rejected = tuple(claim for claim in touching if claim.status == "rejected")
    live = [claim for claim in touching if claim.status != "rejected"]
    plans_count = indicator.table == "programme_years"
    eligible = [
        claim
        for claim in live
        if claim.in_force(year, indicator.timing)
        and claim.modality != "survey"
        and (plans_count or claim.modality != "plan")
        and claim.grade != "E0"
    ]
    valued = [claim for claim in eligible if claim.code not in _REASON_CODES]
    if indicator.rule == "presence":
        valued = [_as_presence(claim) for claim in valued]
    accepted = [claim for claim in valued if claim.status == "accepted"]
    contested = [claim for claim in valued if claim.status == "contested"]
    excused = [claim for claim in eligible if claim.code in _REASON_CODES and claim.status == "accepted"]

    cell = Cell(rule=indicator.rule)
    deciding: tuple[Claim, ...] = ()
    if accepted:
        value, low, high, deciding = _RULES[indicator.rule](accepted)
        cell = replace(cell, value=value, low=low, high=high)
    disputed = _disputed(cell, contested)
    if disputed and indicator.bounds:
        low, high = _span([_bounds(claim) for claim in disputed] + ([(cell.low, cell.high)] if accepted else []))
        if not accepted and indicator.codes and indicator.rule in _RISING:
            # What is only disputed may also not be there at all.
            low = min((code.code for code in indicator.codes), key=_number)
        if not accepted and indicator.rule == "agreement_signed":
            low, high = min(low, "0", key=_number), max(high, "0", key=_number)
        cell = replace(cell, low=low, high=high)
    if not cell.value:
        cell = replace(cell, missing=_missing_reason(accepted or contested, excused))
        if not (accepted or contested) and excused:
            deciding = tuple(claim for claim in excused if claim.code == cell.missing)
    return replace(
        cell,
        status=_status(cell, deciding, disputed, live),
        grade=max((claim.grade for claim in deciding), default=""),
        claim_ids=tuple(claim.id for claim in sorted(deciding, key=lambda claim: claim.id)),
        considered_ids=tuple(claim.id for claim in live if claim.id not in {one.id for one in deciding}),
        rejected_ids=tuple(claim.id for claim in rejected),
        source_ids=tuple(sorted({claim.source_id for claim in deciding})),
    )


def _disputed(cell: Cell, contested: Sequence[Claim]) -> list[Claim]:
    """Name the contested claims that say something else than the accepted ones."""
    if not (cell.value or cell.low) or cell.rule == "count_events":
        return list(contested)
    if not cell.low:
        return [claim for claim in contested if claim.code not in cell.value.split(";")]
    inside = (_number(cell.low), _number(cell.high))
    return [
        claim
        for claim in contested
        if not inside[0] <= _number(_bounds(claim)[0]) <= _number(_bounds(claim)[1]) <= inside[1]
    ]


def _missing_reason(valued: Sequence[Claim], excused: Sequence[Claim]) -> str:
    if valued:
        return "unclear"
    codes = {claim.code for claim in excused}
    if codes:
        return "not_applicable" if codes == {"not_applicable"} else "unclear"
    return "no_evidence"


def _status(cell: Cell, deciding: Sequence[Claim], contested: Sequence[Claim], live: Sequence[Claim]) -> str:
    sources = {claim.source_id for claim in deciding}
    disagree = (
        cell.rule in {"agreement", "agreement_signed", "range_in_year"}
        and len({_bounds(claim) for claim in deciding}) > 1
    )
    if contested or (disagree and not cell.value and cell.missing == "unclear"):
        return "contested"
    if cell.missing == "no_evidence":
        plans = [claim for claim in live if claim.modality == "plan"]
        return "plan_only" if plans and len(plans) == len(live) else "not_found"
    if not cell.value and cell.missing == "unclear" and cell.low:
        return "interval"
    return "corroborated" if len(sources) > 1 else "single_source"


def setting_value(decisions: Iterable[Mapping[str, str]]) -> list[Mapping[str, str]]:
    """Choose the written decisions that set a value; the others leave it to the rule."""
    return [one for one in decisions if one.get("effect") not in SETTLED]


def settle(
    indicator: Indicator,
    claims: Sequence[Claim],
    decisions: Iterable[Mapping[str, str]],
    iso3: str,
    year: int,
    scope: str,
) -> Cell | None:
    """Decide one cell by the rule, or by a written decision where there is one.

    Parameters
    ----------
    indicator, claims, year, scope
        See `decide`.
    decisions
        From `setting_value`.
    iso3
        The unit.

    Returns
    -------
    Cell or None
        The cell; ``None`` when neither a claim nor a decision speaks of it.
    """
    cell = decide(indicator, claims, year, scope)
    key = (iso3, indicator.id, scope)
    for one in decisions:
        own = (one["iso3"], one["indicator"], one["scope"]) == key
        if own and int(one["start_year"]) <= year <= int(one["end_year"]):
            return _adjudicated(cell or Cell(rule=indicator.rule), one, indicator, claims)
    return cell


def _adjudicated(cell: Cell, decision: Mapping[str, str], indicator: Indicator, claims: Iterable[Claim]) -> Cell:
    """Put a written decision in the place of the rule's; what the rule looked at stays visible."""
    named = tuple(sorted(decision["claim_ids"].split(";")))
    deciding = [claim for claim in claims if claim.id in named]
    return replace(
        cell,
        value=decision["value"],
        low=decision["low"] if indicator.bounds else "",
        high=decision["high"] if indicator.bounds else "",
        missing="" if decision["value"] else "unclear",
        status="adjudicated",
        grade=max((claim.grade for claim in deciding), default=""),
        claim_ids=named,
        considered_ids=tuple(sorted(one for one in (*cell.claim_ids, *cell.considered_ids) if one not in named)),
        source_ids=tuple(sorted({claim.source_id for claim in deciding})),
        adjudication_id=decision["adjudication_id"],
    )
