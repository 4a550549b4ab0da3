"""The evidence behind a cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from numbers import Integral
from typing import TYPE_CHECKING, Any

from govdata.catalog import find_indicator, no_column
from govdata.errors import ArgumentError, UnknownCellError, nearest
from govdata.known_faults import touching
from govdata.lookup import Lookup, lookup
from govdata.model import Indicator
from govdata.reasons import default_reason
from govdata.releases import open_release

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Trace", "trace"]

Row = dict[str, str]

_MISSING_TEXT = {
    "no_evidence": "looked for, no evidence found",
    "unclear": "there is evidence, but it does not fix a level",
    "not_applicable": "does not apply to this unit and year",
    "not_coded": "not looked for yet",
}


# Nobody coded these: the source speaks, or does not.
_IMPORTED_TEXT = _MISSING_TEXT | {
    "no_evidence": "the source has no value",
    "not_coded": "the source does not cover this year",
}


@dataclass(frozen=True)
class Trace:
    """Everything behind one cell.

    Attributes
    ----------
    dataset, version, iso3, country_name, year, indicator, scope
        Which cell.
    label
        The indicator's English label.
    value
        The value as text, empty when missing.
    code_label
        What the value means, for coded indicators.
    low, high, sd
        Bounds and standard deviation as text; empty where there are none.
    missing
        The reason of a missing value, else empty.
    status, grade, rule
        How the value came about.
    decisive, considered, rejected
        Claims, each a dict with its ``source`` (a dict). For imported values ``decisive`` holds the one observation.
    adjudication
        The written decision that overrode the rule, or an empty dict.
    other_scope
        Where the same indicator has a value at the other scope: ``scope, value, code_label``; else an empty dict.
    errata
        Known faults of this release that touch the cell, one line each; see `govdata.errata`.
    """

    dataset: str
    version: str
    iso3: str
    country_name: str
    year: int
    indicator: str
    scope: str
    label: str
    value: str
    code_label: str
    low: str
    high: str
    sd: str
    missing: str
    status: str
    grade: str
    rule: str
    decisive: list[dict[str, Any]] = field(default_factory=list)
    considered: list[dict[str, Any]] = field(default_factory=list)
    rejected: list[dict[str, Any]] = field(default_factory=list)
    adjudication: Row = field(default_factory=dict)
    other_scope: Row = field(default_factory=dict)
    errata: list[str] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """Give the trace as plain data, ready for JSON."""
        return dict(self.__dict__)

    def to_frame(self) -> pd.DataFrame:
        """Give the claims as a DataFrame, one row each, with their role and source.

        Returns
        -------
        pandas.DataFrame
            ``role`` (decisive, considered, rejected), the claim's columns, and the source's as ``source_*``.
        """
        import pandas as pd

        rows = []
        for role in ("decisive", "considered", "rejected"):
            for claim in getattr(self, role):
                source = {f"source_{key.removeprefix('source_')}": text for key, text in claim["source"].items()}
                rows.append({"role": role} | {key: claim[key] for key in claim if key != "source"} | source)
        return pd.DataFrame(rows)

    def __str__(self) -> str:
        """Print the cell and its evidence for a person."""
        meaning = f" = {self.code_label}" if self.code_label else ""
        bounds = f" [{self.low}, {self.high}]" if self.low or self.high else ""
        if not self.value:
            texts = _IMPORTED_TEXT if self.status == "imported" else _MISSING_TEXT
            why = texts.get(self.missing, self.missing)
            shown = f"missing ({self.missing}: {why}){bounds}"
        else:
            shown = f"{self.value}{meaning}{bounds}"
        how = ", ".join(part for part in (self.status, self.grade and f"best grade {self.grade}", self.rule) if part)
        lines = [
            (
                f"{self.dataset} {self.version} · {self.country_name} ({self.iso3}) {self.year}"
                f" · {self.indicator} ({self.scope})"
            ),
            f"{self.label}: {shown}",
        ]
        if how:
            lines.append(f"how: {how}")
        if self.other_scope:
            other = self.other_scope
            meaning = f" = {other['code_label']}" if other["code_label"] else ""
            lines.append(f"at {other['scope']} scope: {other['value']}{meaning}")
        lines += self.errata
        if self.adjudication:
            lines.append(f"adjudicated: {self.adjudication.get('comment', '')}")
        for role in ("decisive", "considered", "rejected"):
            claims = getattr(self, role)
            if claims:
                lines.append(f"{role} ({len(claims)}):")
                lines += [_claim_text(claim) for claim in claims[:8]]
                if len(claims) > 8:
                    lines.append(f"  … and {len(claims) - 8} more (see .to_frame())")
        return "\n".join(lines)


def _claim_text(claim: Mapping[str, Any]) -> str:
    source = claim["source"]
    where = ", ".join(
        part.rstrip(".") for part in (source.get("authors") or source.get("publisher"), source.get("year")) if part
    )
    place = source.get("url") or source.get("file")
    statement = claim.get("gloss") or claim.get("note") or ""
    code = claim.get("code") or claim.get("value") or "–".join(filter(None, (claim.get("low"), claim.get("high"))))
    head = " ".join(filter(None, (claim.get("claim_id"), f"[{code}]" if code else "", claim.get("grade"))))
    notes = ", ".join(filter(None, (claim.get("modality"), claim.get("region"), claim.get("reason"))))
    locator = f" ({claim['locator']})" if claim.get("locator") else ""
    lines = [f"  {head}: {statement}" if statement else f"  {head}"]
    if notes:
        lines[0] += f" ({notes})"
    title = ". ".join(part for part in (where, source.get("title", "").rstrip(".")) if part)
    lines.append(f"    {title}.{locator} {place or ''}".rstrip())
    return "\n".join(lines)


def trace(
    dataset: str, country: str, year: int, indicator: str, *, scope: str | None = None, version: str | None = None
) -> Trace:
    """Show the evidence behind one cell: value, rule, deciding and considered claims, each with its source.

    Parameters
    ----------
    dataset
        A dataset.
    country
        ISO3 code.
    year
        Year.
    indicator
        Indicator id, or one of its columns (``cctv_public_sub`` asks for the subnational value).
    scope
        ``"national"`` or ``"subnational"``; by default what the indicator's name says.
    version
        See `govdata.load`.

    Returns
    -------
    Trace
        Prints as text; `Trace.to_dict` for programs.

    Raises
    ------
    UnknownCellError
        If the unit does not exist in that year; and the errors of `govdata.load`.

    Examples
    --------
    >>> import govdata
    >>> cell = govdata.trace("digital_surveillance", "SWE", 2019, "shutdown_documented")
    >>> cell.value, cell.code_label
    ('0', 'none documented by this monitor at this scope')
    >>> len(cell.decisive)
    1
    """
    release = open_release(dataset, version)
    one, found_scope = find_indicator(release, indicator)
    if not one.columns():
        raise no_column(release, one)
    scope = scope or found_scope
    if scope not in one.scopes:
        raise ArgumentError(
            f"{one.id} has no scope {scope!r}{nearest(scope, one.scopes)} (it has: {', '.join(one.scopes)})"
        )
    index = lookup(release)
    name = index.country_name(country, year) if isinstance(country, str) and isinstance(year, Integral) else None
    if name is None:
        raise _no_such_cell(dataset, release.version, country, year)
    found = index.cell(country, int(year), one, scope)
    value = str(found.get("value", ""))
    if index.kind == "observations":
        found = {"status": "imported"} | found
    empty = dict.fromkeys(("value", "low", "high", "sd", "status", "grade", "rule"), "")
    missing = "" if value else found.get("missing") or default_reason(index.kind, one, int(year))
    return Trace(
        dataset=release.name,
        version=release.version,
        iso3=country,
        country_name=name,
        year=int(year),
        indicator=one.id,
        scope=scope,
        label=one.label,
        code_label=_meaning(one, value),
        other_scope=_other_scope(index, one, country, int(year), scope),
        errata=[str(known) for known in touching(release, country, int(year), one.column(scope))],
        **(empty | found | {"missing": missing}),
    )


def _meaning(indicator: Indicator, value: str) -> str:
    labels = {code.code: code.labels["en"] for code in indicator.codes}
    return "; ".join(labels.get(part, "") for part in value.split(";")) if value else ""


def _other_scope(index: Lookup, indicator: Indicator, iso3: str, year: int, scope: str) -> Row:
    """Give the value at the other scope: a zero at national scope is no zero of the country."""
    for other in indicator.scopes:
        value = str(index.cell(iso3, year, indicator, other).get("value", "")) if other != scope else ""
        if value:
            return {"scope": other, "value": value, "code_label": _meaning(indicator, value)}
    return {}


def _no_such_cell(dataset: str, version: str, country: str, year: int) -> UnknownCellError:
    """Say why a row does not exist; `load` refuses what is no country or no year of the dataset."""
    from govdata.catalog import load

    if not isinstance(country, str) or not isinstance(year, Integral):
        raise ArgumentError(f"trace takes one country and one year, not {country!r} and {year!r}")
    load(dataset, version, years=year)
    lives = load(dataset, version, countries=country)["year"]
    return UnknownCellError(
        f"{country} does not exist in {year} in {dataset}; its years are {lives.min()}-{lives.max()}"
    )
