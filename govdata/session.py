"""Which releases this session has loaded, in the order of their first use: what a paper from it has to cite."""

from __future__ import annotations

from threading import Lock

__all__ = ["loaded", "note_load"]

# One list for the process: a notebook, a script or a worker of its own. Functions that load for the user count too,
# since what they gave rests on the release.
_LOADED: dict[tuple[str, str], None] = {}
_LOCK = Lock()


def note_load(dataset: str, version: str) -> None:
    """Remember that a release was loaded."""
    with _LOCK:
        _LOADED[dataset, version] = None


def loaded() -> tuple[tuple[str, str], ...]:
    """Name the releases loaded so far as (dataset, version), first used first."""
    with _LOCK:
        return tuple(_LOADED)
