"""Indicators that were renamed or removed, so that their old names still lead somewhere.

The register stands beside the releases in ``renamed.csv``: one line an indicator, ``became`` empty where it was
removed, ``version`` the first release without the old name.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from govdata.errors import IntegrityError
from govdata.model import Indicator, version_key
from govdata.releases import Release, open_release, standing, versions

__all__ = ["Former", "former_name", "former_names"]


@dataclass(frozen=True, slots=True)
class Former:
    """One line of the register, as a release sees it.

    Attributes
    ----------
    indicator
        The old id.
    became
        The id it has in that release, whatever it was called in between; empty where it was removed.
    version
        The first release without the old name.
    last
        The last release with it.
    reason
        Why.
    """

    indicator: str
    became: str
    version: str
    last: str
    reason: str


def _ids(release: Release) -> set[str]:
    try:
        return {one.id for one in release.indicators}
    except IntegrityError:
        return set()  # a hint only; whoever opens that release is told what is wrong


def _indicator(release: Release, name: str) -> Indicator | None:
    """Find the indicator that has a name, as its id or as one of its columns."""
    if not _ids(release):
        return None
    return next((one for one in release.indicators if name == one.id or name in one.columns()), None)


@lru_cache(maxsize=16)
def _register(folder: Path, name: str) -> tuple[Former, ...]:
    """Read the register of a dataset, each line with the last release that had the old name; oldest first."""
    del folder  # the key of the cache: another folder of datasets has another register
    known = versions(name)
    found = []
    for row in sorted(standing(name, "renamed.csv"), key=lambda row: version_key(row["version"])):
        older = [one for one in known if version_key(one) < version_key(row["version"])]
        had = [one for one in older if row["indicator"] in _ids(open_release(name, one))]
        if had:
            found.append(Former(row["indicator"], row["became"], row["version"], had[-1], row["reason"]))
    return tuple(found)


def former_names(release: Release) -> Iterator[Former]:
    """Go through the indicators that older releases had under another name, or had at all."""
    own = {one.id for one in release.indicators}
    register = [
        one
        for one in _register(release.folder.parent, release.name)
        if version_key(one.version) <= version_key(release.version)
    ]
    for place, line in enumerate(register):
        if line.indicator in own:
            continue  # the name is in use again
        became, reason = line.became, line.reason
        for later in register[place + 1 :]:  # it may have been renamed again, or removed under its new name
            if later.indicator == became:
                became, reason = later.became, later.reason
        yield Former(line.indicator, became, line.version, line.last, reason)


def former_name(release: Release, name: str) -> str:
    """Say in half a sentence what became of an indicator that a release no longer has, or has not yet.

    Parameters
    ----------
    release
        A release without that indicator.
    name
        An indicator id or a column, as another release has it.

    Returns
    -------
    str
        Names what to ask for; empty where no release has that name.
    """
    for line in former_names(release):
        old = _indicator(open_release(release.name, line.last), line.indicator)
        if old is None or name not in (old.id, *old.columns()):
            continue
        why = f" ({line.reason})" if line.reason else ""
        if not line.became:
            return f'it was removed in {line.version}{why}; version="{line.last}" has it'
        new = line.became + name.removeprefix(old.id)
        if _indicator(release, new) is None:
            new = line.became  # it lost that column
        return f'it was renamed {new!r} in {line.version}{why}; ask for {new!r}, or version="{line.last}"'
    return _later(release, name) or _earlier(release, name)


def _later(release: Release, name: str) -> str:
    """Say under which name a release has what a later one calls so, or that it came later."""
    for version in versions(release.name):
        newer = open_release(release.name, version)
        new = _indicator(newer, name) if version_key(version) > version_key(release.version) else None
        if new is not None:
            break
    else:
        return ""
    was, ending = new.id, name.removeprefix(new.id)
    for line in reversed(_register(release.folder.parent, release.name)):
        if line.became == was and version_key(line.version) > version_key(release.version):
            was = line.indicator
    if was == new.id or _indicator(release, was) is None:
        return f'it came with {version}; ask for version="{version}" or newer'
    old = was + ending if _indicator(release, was + ending) else was
    return f'it came with {version}; then it was called {old!r}: ask for {old!r}, or version="{version}"'


def _earlier(release: Release, name: str) -> str:
    """Say which older release had a name that the register does not tell of."""
    older = [one for one in versions(release.name) if version_key(one) < version_key(release.version)]
    last = next((one for one in reversed(older) if _indicator(open_release(release.name, one), name)), None)
    return "" if last is None else f'version="{last}" has it'
