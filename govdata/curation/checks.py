"""Find every fault in a dataset's curated files at once, each with file, line and remedy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from govdata import vocabulary
from govdata.curation.cellchecks import source_faults, table_faults
from govdata.curation.claimchecks import claim_faults
from govdata.curation.labelchecks import label_faults
from govdata.curation.namechecks import name_faults
from govdata.curation.read import Curated, damaged_files, read_release, read_tree
from govdata.curation.readingchecks import reading_faults
from govdata.curation.recordchecks import observation_faults, register_faults
from govdata.curation.release import ASSERTIONS, LEDGER, LEDGER_COLUMNS, load_register, release_versions
from govdata.curation.standingchecks import damage, standing_faults
from govdata.curation.versionchecks import version_faults
from govdata.errors import CurationError, nearest
from govdata.register import Register
from govdata.textio import Fault, read_table, sha256

__all__ = ["check_dataset", "find_faults"]

_RULE_TYPES: Final = {
    "highest_in_force": ("ordinal", "binary"),
    "weakest_programme": ("ordinal", "binary"),
    "agreement": ("ordinal", "binary", "nominal"),
    "agreement_signed": ("ordinal",),
    "union_in_force": ("multi",),
    "range_in_year": ("numeric", "count"),
    "count_events": ("count",),
    "presence": ("binary",),
}


def check_dataset(root: Path, name: str, *, ledger: bool = True) -> list[Fault]:
    """Read and check one dataset.

    Parameters
    ----------
    root
        The ``datasets`` folder.
    name
        The dataset.
    ledger
        Whether its releases are held to the ledger; a release in the making is not in it yet.

    Returns
    -------
    list of Fault
        Sorted by file and line; empty when the dataset can be built.
    """
    try:
        curated = read_tree(root, name)
    except CurationError as error:
        return [
            Fault(f"{name}/dataset.toml", 1, "", str(error).removeprefix(f"{name}/dataset.toml: "), "mend it first")
        ]
    try:
        register = load_register(root, curated)
    except (CurationError, ValueError) as error:
        register = None
        if curated.info.kind != "register":
            message = str(error).removeprefix(f"{name}/dataset.toml: ")
            curated.faults.append(Fault(f"{name}/dataset.toml", 0, "", message, "pin a release of countries"))
    lost = list(_lost_ids(root, curated))
    described = _dataset_faults(curated, name, register)
    entered = _ledger_faults(root, name) if ledger else ()
    damaged = list(damage(root, name))
    beside = damaged or [*standing_faults(root, curated), *label_faults(root, curated)]
    judged = version_faults(root, name) if ledger and not damaged else ()
    return sorted({*find_faults(curated, register), *lost, *described, *entered, *beside, *judged})


def _ledger_faults(root: Path, name: str) -> Iterator[Fault]:
    """Compare the releases of a dataset with the ledger of all that was ever released."""
    versions = release_versions(root, name)
    if not versions and not (root / LEDGER).is_file():
        return
    table = read_table(root / LEDGER, LEDGER_COLUMNS, shown=LEDGER)
    if (root / LEDGER).is_file():
        yield from table.faults
    entered: dict[str, str] = {}
    for row, line in zip(table.rows, table.lines, strict=True):
        if row["dataset"] == name:
            entered[row["version"]] = row["sha256"]
            if row["version"] not in versions:
                yield Fault(LEDGER, line, f"{name} {row['version']}", "this release is gone", "restore its folder")
    for version in versions:
        shown, sums = f"{name}/releases/{version}", root / name / "releases" / version / "SHA256SUMS"
        if version not in entered:
            yield Fault(shown, 0, "", f"the release is not in {LEDGER}", f"run govdata release {name}")
        elif not sums.is_file() or sha256(sums.read_bytes()) != entered[version]:
            yield Fault(shown, 0, "", "this is not what was released under that version", "restore the release folder")


def _dataset_faults(curated: Curated, name: str, register: Register | None) -> Iterator[Fault]:
    """Find what ``dataset.toml`` names and nothing has."""
    info, where = curated.info, f"{name}/dataset.toml"

    def unknown(what: str, given: Iterable[str], known: Iterable[str]) -> Iterator[Fault]:
        for one in given:
            if one not in known:
                yield Fault(where, 0, "", f"{what} {one!r} is not known{nearest(one, known)}", "use a known one")

    if info.name != name:
        yield Fault(where, 0, "", f"name {info.name!r} is not that of the folder", f"make it {name!r}")
    yield from unknown("unit kind", info.unit_kinds, vocabulary.UNIT_KINDS)
    yield from unknown("assertion", info.assertions, ASSERTIONS)
    for entry in info.coverage:
        lists = {"countries": () if register is None else register.units, "indicators": _ids(curated)}
        if set(entry) != set(lists):
            yield Fault(where, 0, "", "[[coverage]] has other keys than countries and indicators", "give both")
            continue
        for key, known in lists.items():
            if entry[key] == "*":
                continue
            if not isinstance(entry[key], list):
                yield Fault(where, 0, "", f"coverage {key} {entry[key]!r} is no list", 'write a list, or "*"')
            elif known:
                yield from unknown(f"coverage {key}", map(str, entry[key]), known)


def _ids(curated: Curated) -> tuple[str, ...]:
    """Name the indicators of a codebook."""
    return tuple(indicator.id for indicator in curated.indicators)


def _lost_ids(root: Path, curated: Curated) -> Iterator[Fault]:
    """Find claims and sources that were released once and are gone: nothing is ever deleted."""
    name = curated.info.name
    versions = release_versions(root, name)
    if not versions:
        return
    folder = root / name / "releases" / versions[-1]
    if damaged := damaged_files(folder):
        for file in damaged:
            shown = f"{name}/releases/{versions[-1]}/{file}"
            yield Fault(shown, 0, "", "the file is not as it was released", "restore the release folder")
        return
    released = read_release(folder)
    unread = {fault.file for fault in curated.faults}
    for table, key, remedy in (
        ("claims", "claim_id", "put it back; reject it with a reason instead"),
        ("sources", "source_id", "put it back; a source stays even when no claim rests on it"),
        ("codings", "coding_id", "put it back; a coding once published stays, however it reads"),
        ("literature", "work_id", "put it back"),
        ("verdicts", "verdict_id", "put it back"),
    ):
        known = {row[key] for row in getattr(curated, table)}
        for row in getattr(released, table):
            if row[key] not in known:
                file = f"{name}/claims/{row['iso3']}.csv" if table == "claims" else f"{name}/{table}.csv"
                if file in unread:
                    continue  # the fault of reading says enough
                yield Fault(file, 0, row[key], f"{key} stood in release {versions[-1]} and is gone", remedy)


def find_faults(curated: Curated, register: Register | None) -> list[Fault]:
    """Check curated inputs; gives the faults of reading and of content together."""
    faults = list(curated.faults)
    faults += _codebook_faults(curated)
    faults += table_faults(curated, "sources", "source_id", source_faults)
    if curated.info.kind == "register":
        faults += register_faults(curated)
        faults += name_faults(curated)
    elif curated.info.kind == "observations":
        faults += observation_faults(curated, register)
    else:
        faults += claim_faults(curated, register)
        faults += reading_faults(curated)
    return sorted(set(faults))


def _codebook_faults(curated: Curated) -> Iterator[Fault]:
    shown = f"{curated.info.name}/codebook"
    ids = {indicator.id for indicator in curated.indicators}
    for key in ("id", "number", *(f"label.{language}" for language in vocabulary.LANGUAGES)):
        seen: dict[str, str] = {}
        for indicator in curated.indicators:
            value = indicator.labels.get(key[6:], "") if key.startswith("label.") else getattr(indicator, key)
            if value and value in seen:
                yield Fault(
                    f"{shown}/{indicator.id}.toml",
                    1,
                    indicator.id,
                    f"{key} {value!r} is also that of {seen[value]}",
                    "give each indicator its own",
                )
            seen.setdefault(value, indicator.id)
    yield from _column_clashes(curated, shown)
    for indicator in curated.indicators:
        where = f"{shown}/{indicator.id}.toml"
        if indicator.rule and indicator.type not in _RULE_TYPES[indicator.rule]:
            message = f"rule {indicator.rule} does not fit the type {indicator.type}"
            yield Fault(where, 1, indicator.id, message, f"it takes {' or '.join(_RULE_TYPES[indicator.rule])}")
        if curated.info.kind == "claims" and not indicator.rule and indicator.table != "record":
            yield Fault(where, 1, indicator.id, "no rule", f"name one of {', '.join(vocabulary.RULES)}")
        if indicator.claims_of and indicator.claims_of not in ids:
            hint = nearest(indicator.claims_of, ids)
            yield Fault(where, 1, indicator.id, f"claims_of {indicator.claims_of!r} is no indicator{hint}", "mend it")
        if curated.info.kind == "observations":
            sources = {row["source_id"] for row in curated.sources}
            if indicator.source_id not in sources:
                yield Fault(
                    where, 1, indicator.id, f"source {indicator.source_id!r} is not in sources.csv", "add the source"
                )
        for key in ("question", "direction"):
            if not getattr(indicator, key):
                yield Fault(where, 1, indicator.id, f"{key} is empty", "write it")


def _column_clashes(curated: Curated, shown: str) -> Iterator[Fault]:
    seen = dict.fromkeys(("iso3", "year", "source_version"), "the key columns")
    for indicator in curated.indicators:
        for column in indicator.columns():
            if column in seen:
                message = f"column {column!r} is also one of {seen[column]}"
                yield Fault(f"{shown}/{indicator.id}.toml", 1, indicator.id, message, "rename the indicator")
            seen.setdefault(column, indicator.id)
