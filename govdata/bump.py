"""Which version is honest: how far a version must rise above the one before, by what changed between the two.

======  ==============================================================================================================
major   an indicator, column, row, unit or table goes away or is renamed; an indicator's type, codes, rule, timing,
        unit, direction, place or claims are redefined, or its years narrowed; the licence changes
minor   a new row, unit, year, column, indicator or table; a missing cell is filled; an indicator's years widen;
        another source stands behind a series
patch   a value is corrected or emptied; a text is mended
======  ==============================================================================================================

Below 1.0.0 a major step raises the middle number.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from govdata.model import DatasetInfo, Indicator, version_key

__all__ = ["LEVELS", "Bump", "is_high_enough", "redefined", "required_bump", "smallest_version"]

LEVELS: Final = ("none", "patch", "minor", "major")
_KINDS: Final = (
    ("column_removed", "major", "column {column} was removed"),
    ("column_renamed", "major", "column {old} was renamed {new}"),
    ("row_removed", "major", "row {iso3} {year} was removed"),
    ("column_added", "minor", "column {column} was added"),
    ("row_added", "minor", "row {iso3} {year} was added"),
    ("value_added", "minor", "{column} of {iso3} {year} was filled"),
    ("value_removed", "patch", "{column} of {iso3} {year} was emptied"),
    ("value_changed", "patch", "{column} of {iso3} {year} was corrected"),
)

# File name without ending → header.
Tables = Mapping[str, Collection[str]]


@dataclass(frozen=True, slots=True)
class Bump:
    """The verdict on a pair of versions.

    Attributes
    ----------
    old, new
        The earlier and the later version.
    level
        ``none``, ``patch``, ``minor`` or ``major``: the smallest honest step.
    reason
        The first change that demands it.
    least
        The lowest version that is honest after ``old``.
    honoured
        Whether ``new`` is that high.
    """

    old: str
    new: str
    level: str
    reason: str
    least: str
    honoured: bool

    def __str__(self) -> str:
        """Say it in one line."""
        if self.level == "none":
            return f"no bump needed: {self.reason}"
        verdict = "honours it" if self.honoured else f"is TOO LOW; it must be {self.least} or higher"
        return f"{self.level} ({self.reason}): {self.old} → {self.new} {verdict}"


def redefined(old: Indicator, new: Indicator) -> tuple[str, ...]:
    """Name what of an indicator's definition means something else than before.

    Parameters
    ----------
    old, new
        The same indicator in two releases.

    Returns
    -------
    tuple of str
        Such as ``("codes", "rule")``; empty where only texts differ.
    """

    def meanings(one: Indicator) -> dict[str, str]:
        return {code.code: code.labels["en"] for code in one.codes}

    pairs = (
        ("codes", meanings(old) == meanings(new)),
        ("type", old.type == new.type),
        ("rule", old.rule == new.rule),
        ("timing", old.timing == new.timing),
        ("unit", old.unit == new.unit),
        ("direction", old.direction == new.direction),
        ("table", old.table == new.table),
        ("claims", _borrowed(old) == _borrowed(new)),
        ("original variable", old.original == new.original),
        ("scopes", set(old.scopes) <= set(new.scopes)),
    )
    return tuple(name for name, same in pairs if not same)


def _borrowed(indicator: Indicator) -> str:
    """Name the other indicator whose claims one reads; empty where it reads its own, whatever its name."""
    return "" if indicator.claims_of == indicator.id else indicator.claims_of


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _years(indicator: Indicator, span: tuple[int, int]) -> set[int]:
    return {year for year in range(span[0], span[1] + 1) if indicator.covers(year)}


def _of_indicators(
    old: Mapping[str, Indicator],
    new: Mapping[str, Indicator],
    span: tuple[int, int] | None,
    renamed: Mapping[str, str],
) -> Iterator[tuple[str, str]]:
    for name, before in old.items():
        after = new.get(name)
        if after is None:
            became = f"renamed {renamed[name]}" if name in renamed else "removed"
            yield "major", f"indicator {name} was {became}"
            continue
        what = redefined(before, after)
        if what:
            verb = "was" if len(what) == 1 and what[0] not in ("codes", "claims", "scopes") else "were"
            yield "major", f"the {_listed(what)} of {name} {verb} redefined"
        if (before.years, before.only_years) != (after.years, after.only_years):
            # Without the dataset's own years a span is held against every year there may be.
            reach = span or (1000, 2999)
            lost = _years(before, reach) - _years(after, reach)
            if lost:
                yield "major", f"the years of {name} were narrowed"
            elif _years(after, reach) - _years(before, reach):
                yield "minor", f"the years of {name} were widened"
        if before.source_id != after.source_id:
            yield "minor", f"{name} rests on another source"
    if set(new) - set(old):
        yield "minor", f"indicator {min(set(new) - set(old))} was added"


def _of_description(old: DatasetInfo, new: DatasetInfo) -> Iterator[tuple[str, str]]:
    if old.licence != new.licence:
        yield "major", f"the licence changed from {old.licence} to {new.licence}"
    if old.kind != new.kind:
        yield "major", f"the kind of dataset changed from {old.kind} to {new.kind}"
    if new.years[0] > old.years[0] or new.years[1] < old.years[1]:
        yield "major", "the years of the dataset were narrowed"
    elif new.years != old.years:
        yield "minor", "the years of the dataset were widened"


def _of_tables(old: Tables, new: Tables) -> Iterator[tuple[str, str]]:
    for name in sorted(set(old) - set(new)):
        yield "major", f"table {name} was removed"
    for name in sorted(set(new) - set(old)):
        yield "minor", f"table {name} was added"
    for name in sorted((set(old) & set(new)) - {"panel"}):  # the panel's columns are listed as changes
        gone = [column for column in old[name] if column not in new[name]]
        come = [column for column in new[name] if column not in old[name]]
        if gone:
            yield "major", f"column {gone[0]} of table {name} was removed"
        elif come:
            yield "minor", f"column {come[0]} of table {name} was added"


def required_bump(
    old: Sequence[Indicator],
    new: Sequence[Indicator],
    changes: Iterable[Mapping[str, str]],
    *,
    described: tuple[DatasetInfo, DatasetInfo] | None = None,
    tables: tuple[Tables, Tables] | None = None,
    renamed: Mapping[str, str] | None = None,
) -> tuple[str, str]:
    """Say how far the version must rise.

    Parameters
    ----------
    old, new
        The codebooks.
    changes
        Rows as of `govdata.compare.compare_panels`; one of each kind is enough.
    described
        What ``dataset.json`` says in both, if that is to be compared.
    tables
        The tables of both, each with its header, if they are to be compared.
    renamed
        Former id → id now of indicators that go on under another name; the reason then says so.

    Returns
    -------
    level : {'none', 'patch', 'minor', 'major'}
    reason : str
        The first change that demands it.
    """
    before = {indicator.id: indicator for indicator in old}
    after = {indicator.id: indicator for indicator in new}
    demands: list[tuple[str, str]] = []
    if described is not None:
        demands += _of_description(*described)
    demands += _of_indicators(before, after, described[0].years if described else None, renamed or {})
    first: dict[str, Mapping[str, str]] = {}
    for change in changes:
        first.setdefault(change["change"], change)
    demands += [(level, text.format(**first[kind])) for kind, level, text in _KINDS if kind in first]
    if tables is not None:
        demands += _of_tables(*tables)
    if not demands:
        return "none", "no cell changed"
    return max(demands, key=lambda demand: LEVELS.index(demand[0]))  # the first of the highest


def smallest_version(old: str, level: str) -> str:
    """Give the smallest version above ``old`` that a bump of that level allows.

    Examples
    --------
    >>> smallest_version("0.1.0", "minor")
    '0.2.0'
    >>> smallest_version("1.4.2", "none")
    '1.4.3'
    """
    major, minor, patch = version_key(old)
    if level == "major":
        return f"{major + 1}.0.0" if major else f"0.{minor + 1}.0"
    if level == "minor":
        return f"{major}.{minor + 1}.0"
    return f"{major}.{minor}.{patch + 1}"


def is_high_enough(old: str, new: str, level: str) -> bool:
    """Whether a version rose as far above another as the level asks.

    Examples
    --------
    >>> is_high_enough("1.4.2", "1.5.0", "minor"), is_high_enough("1.4.2", "1.4.3", "minor")
    (True, False)
    """
    return version_key(new) >= version_key(smallest_version(old, level))
