"""Shared fixtures: the mini dataset, whole and in a folder of its own."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import settings

from govdata.curation.release import write_release

# No time limit: a busy machine is no fault. In CI the same examples every time: a run speaks of the change alone.
settings.register_profile("project", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("project")

MINI = Path(__file__).parent / "data" / "mini"


@pytest.fixture
def mini(tmp_path: Path) -> Path:
    """A copy of the mini datasets in a folder of its own, with the register released."""
    shutil.copytree(MINI, tmp_path / "mini")
    root = tmp_path / "mini" / "datasets"
    write_release(root, "countries")
    return root


@pytest.fixture
def released(mini: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The mini datasets, all released, and seen by the reading wing in place of the real ones."""
    for name in ("watch", "figures"):
        write_release(mini, name)
    monkeypatch.setattr("govdata.releases._folder", lambda: mini)
    return mini
