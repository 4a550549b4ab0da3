"""The smallest honest version bump for what changed between two releases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from govdata.model import Indicator, version_key

__all__ = ["required_bump", "smallest_version"]


def _definition(indicator: Indicator) -> tuple[object, ...]:
    codes = tuple((code.code, code.labels["en"]) for code in indicator.codes)
    return indicator.type, indicator.rule, indicator.timing, indicator.unit, indicator.direction, codes


def required_bump(
    old: Sequence[Indicator], new: Sequence[Indicator], changes: Sequence[Mapping[str, str]]
) -> tuple[str, str]:
    """Say how far the version must rise.

    Returns
    -------
    level : {'none', 'patch', 'minor', 'major'}
    reason : str
        The first change that demands it.
    """
    before = {indicator.id: indicator for indicator in old}
    after = {indicator.id: indicator for indicator in new}
    for name, indicator in before.items():
        if name not in after:
            return "major", f"indicator {name} was removed"
        if _definition(indicator) != _definition(after[name]):
            return "major", f"the codes, rule, unit or direction of {name} were redefined"
    kinds = {change["change"]: change for change in reversed(changes)}
    for kind, level, text in (
        ("column_removed", "major", "column {column} was removed"),
        ("row_removed", "major", "row {iso3} {year} was removed"),
        ("column_added", "minor", "column {column} was added"),
        ("row_added", "minor", "row {iso3} {year} was added"),
        ("value_added", "minor", "{column} of {iso3} {year} was filled"),
        ("value_removed", "patch", "{column} of {iso3} {year} was emptied"),
        ("value_changed", "patch", "{column} of {iso3} {year} was corrected"),
    ):
        if kind in kinds:
            return level, text.format(**kinds[kind])
    if set(after) - set(before):
        return "minor", "an indicator was added"
    return "none", "no cell changed"


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
