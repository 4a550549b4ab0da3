"""Find releases whose version rose too little, and lists of changes that are not the difference of two panels."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from govdata.bump import is_high_enough, required_bump, smallest_version
from govdata.compare import CHANGE_COLUMNS, Panel, claims_by_cell, compare_panels
from govdata.curation.release import release_versions, released_headers
from govdata.model import DatasetInfo, Indicator
from govdata.textio import Fault, csv_bytes

__all__ = ["version_faults"]


@dataclass
class _Released:
    """A release on disk; what is read of it is read once."""

    folder: Path

    def _json(self, file: str) -> Any:  # noqa: ANN401 - JSON has no narrower type
        return json.loads((self.folder / file).read_text(encoding="utf-8"))

    @cached_property
    def indicators(self) -> tuple[Indicator, ...]:
        entries = self._json("codebook.json")
        return tuple(
            Indicator.from_mapping({key: value for key, value in entry.items() if key != "years" or value})
            for entry in entries
        )

    @cached_property
    def info(self) -> DatasetInfo:
        return DatasetInfo.from_mapping(self._json("dataset.json"))

    @cached_property
    def panel(self) -> Panel:
        rows = self.rows("panel.csv")
        return released_headers(self.folder)["panel"], rows

    @cached_property
    def evidence(self) -> dict[tuple[str, str, str], str]:
        return claims_by_cell(self.indicators, self.rows("values.csv")) if self.info.kind == "claims" else {}

    def rows(self, file: str) -> list[dict[str, str]]:
        with (self.folder / file).open(encoding="utf-8", newline="") as stream:
            return list(csv.DictReader(stream))


def version_faults(root: Path, name: str) -> Iterator[Fault]:
    """Hold every release of a dataset against the one before.

    Parameters
    ----------
    root
        The ``datasets`` folder.
    name
        The dataset.

    Yields
    ------
    Fault
        Where ``changes.csv`` is not the difference of the two panels, or a version lies below the lowest that is
        honest.

    Notes
    -----
    The checksums are checked elsewhere: nothing can be held against a damaged release.
    """
    before: _Released | None = None
    for version in release_versions(root, name):
        release = _Released(root / name / "releases" / version)
        if before is not None:
            yield from _pair_faults(before, release, name)
        before = release


def _pair_faults(old: _Released, new: _Released, name: str) -> Iterator[Fault]:
    shown = f"{name}/releases/{new.folder.name}"
    rows = compare_panels(old.panel, new.panel, new.evidence)
    earlier, later = old.folder.name, new.folder.name
    if csv_bytes(CHANGE_COLUMNS, rows) != (new.folder / "changes.csv").read_bytes():
        message = f"this is not the difference of the panels of {earlier} and {later}"
        yield Fault(
            f"{shown}/changes.csv", 0, "", message, "take the release back before it is merged and make it anew"
        )
    level, reason = required_bump(
        old.indicators,
        new.indicators,
        rows,
        described=(old.info, new.info),
        tables=(released_headers(old.folder), released_headers(new.folder)),
    )
    if not is_high_enough(earlier, later, level):
        message = f"version {later} is too low after {earlier}: {reason}"
        remedy = f"take the release back before it is merged and make it {smallest_version(earlier, level)} or higher"
        yield Fault(shown, 0, name, message, remedy)
