"""What differs in the words around the cells: codebook, description, licence, coverage, and counts of the evidence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from govdata.differing.sides import Side

if TYPE_CHECKING:
    import pandas as pd

    from govdata.model import Indicator

__all__ = ["METADATA_COLUMNS", "compare_descriptions"]

METADATA_COLUMNS: Final = ("part", "indicator", "field", "change", "old", "new")
# These are looked at on their own.
_INDICATOR_APART: Final = ("id", "codes", "label", "source")
_DATASET_APART: Final = ("name", "coverage", "assertions")

Line = tuple[str, str, str, str, str, str]


def compare_descriptions(old: Side, new: Side, renamed: Mapping[str, str]) -> pd.DataFrame:
    """List what differs in the metadata of two releases.

    Parameters
    ----------
    old, new
        The releases.
    renamed
        Id of an indicator in the new release → its id in the old one.

    Returns
    -------
    pandas.DataFrame
        All text: ``part`` (dataset, codebook, coverage, evidence), ``indicator``, ``field``, ``change`` (added,
        removed, renamed, changed), ``old, new``. Under ``evidence`` old and new are numbers.
    """
    import pandas as pd

    lines = [*_dataset(old, new), *_codebook(old, new, renamed), *_coverage(old, new, renamed), *_evidence(old, new)]
    return pd.DataFrame(lines, columns=list(METADATA_COLUMNS), dtype="str")


def _text(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _change(old: str, new: str) -> str:
    return "added" if not old else "removed" if not new else "changed"


def _fields(
    part: str, indicator: str, old: Mapping[str, object], new: Mapping[str, object], apart: tuple[str, ...]
) -> Iterator[Line]:
    for key in dict.fromkeys((*new, *old)):
        was, now = _text(old.get(key, "")), _text(new.get(key, ""))
        if key not in apart and was != now:
            yield part, indicator, key, _change(was, now), was, now


def _dataset(old: Side, new: Side) -> Iterator[Line]:
    yield from _fields("dataset", "", old.release.info.to_mapping(), new.release.info.to_mapping(), _DATASET_APART)


def _codebook(old: Side, new: Side, renamed: Mapping[str, str]) -> Iterator[Line]:
    paired = {name: renamed.get(name, name) for name in new.indicators}
    for name, before in old.indicators.items():
        if name not in paired.values():
            yield "codebook", name, "indicator", "removed", before.label, ""
    for name, after in new.indicators.items():
        was = old.indicators.get(paired[name])
        if was is None:
            yield "codebook", name, "indicator", "added", "", after.label
            continue
        if paired[name] != name:
            yield "codebook", name, "indicator", "renamed", paired[name], name
        yield from _fields("codebook", name, was.to_mapping(), after.to_mapping(), _INDICATOR_APART)
        yield from _labels(name, "label", was.labels, after.labels)
        for key in ("source_id", "original"):
            one, other = getattr(was, key), getattr(after, key)
            if one != other:
                yield "codebook", name, key, _change(one, other), one, other
        yield from _codes(name, was, after)


def _labels(indicator: str, field: str, old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Line]:
    yield from _fields(
        "codebook",
        indicator,
        {f"{field}.{language}": text for language, text in old.items()},
        {f"{field}.{language}": text for language, text in new.items()},
        (),
    )


def _codes(indicator: str, old: Indicator, new: Indicator) -> Iterator[Line]:
    before = {code.code: code.labels for code in old.codes}
    after = {code.code: code.labels for code in new.codes}
    for code in dict.fromkeys((*after, *before)):
        if code in before and code in after:
            yield from _labels(indicator, f"code {code}", before[code], after[code])
        else:
            was, now = (labels.get(code, {}).get("en", "") for labels in (before, after))
            yield "codebook", indicator, f"code {code}", _change(was, now), was, now
    if list(before) != list(after) and set(before) == set(after):
        yield "codebook", indicator, "order of codes", "changed", " ".join(before), " ".join(after)


def _covered(side: Side) -> set[tuple[str, str]]:
    """List the pairs of country and indicator that count as looked at."""
    panel = [one.id for one in side.release.indicators if one.table == "panel"]
    units = sorted(set(side.iso3))
    found: set[tuple[str, str]] = set()
    for entry in side.release.info.coverage:
        chosen = panel if entry["indicators"] == "*" else entry["indicators"]
        places = units if entry["countries"] == "*" else entry["countries"]
        found |= {(place, name) for place in places for name in chosen}
    return found


def _coverage(old: Side, new: Side, renamed: Mapping[str, str]) -> Iterator[Line]:
    names_now = {was: now for now, was in renamed.items()}
    was, now = {(place, names_now.get(name, name)) for place, name in _covered(old)}, _covered(new)
    names = sorted({name for _, name in was ^ now})
    for name in names:
        before, after = (str(sum(one == name for _, one in pairs)) for pairs in (was, now))
        change = "changed" if "0" not in (before, after) else "added" if before == "0" else "removed"
        yield "coverage", name, "countries looked at", change, before, after


def _evidence(old: Side, new: Side) -> Iterator[Line]:
    """Count the claims by what became of them, and by status."""
    if not (old.claims or new.claims):
        return
    both = [name for name in new.claims if name in old.claims]
    gained = {
        "claims added": len(new.claims) - len(both),
        "claims removed": len(old.claims) - len(both),
        "claims mended": sum(_differs(old.claims[name], new.claims[name]) for name in both),
        "claims rejected since": _turned(old, new, both, "rejected"),
        "claims contested since": _turned(old, new, both, "contested"),
        "claims accepted since": _turned(old, new, both, "accepted"),
    }
    for field, number in gained.items():
        if number:
            change = "removed" if field == "claims removed" else "added" if field == "claims added" else "changed"
            yield "evidence", "", field, change, "", str(number)
    for status in ("accepted", "contested", "rejected"):
        was, now = (sum(row["status"] == status for row in side.claims.values()) for side in (old, new))
        if was != now:
            yield "evidence", "", f"{status} claims", "changed", str(was), str(now)


def _differs(old: Mapping[str, str], new: Mapping[str, str]) -> bool:
    return any(old[key] != new[key] for key in old if key in new)


def _turned(old: Side, new: Side, names: list[str], status: str) -> int:
    return sum(old.claims[name]["status"] != status == new.claims[name]["status"] for name in names)
