"""Indicators that were renamed or removed, so that their old names still lead somewhere."""

from __future__ import annotations

from govdata.releases import Release

__all__ = ["former_name"]


def former_name(release: Release, name: str) -> str:
    """Say in half a sentence what became of an indicator that a release no longer has; empty where nothing is known."""
    del release, name
    return ""
