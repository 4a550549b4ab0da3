"""Which releases this session has loaded, in the order of their first use: what a paper from it has to cite."""

from __future__ import annotations

__all__ = ["loaded", "note_load"]

_LOADED: dict[tuple[str, str], None] = {}


def note_load(dataset: str, version: str) -> None:
    """Remember that a release was loaded."""
    _LOADED[dataset, version] = None


def loaded() -> tuple[tuple[str, str], ...]:
    """Name the releases loaded so far as (dataset, version), first used first."""
    return tuple(_LOADED)
