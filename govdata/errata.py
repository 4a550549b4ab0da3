"""Known faults of releases: numbered, never taken back, shown when the cells asked for are touched."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from govdata.releases import Release

__all__ = ["announce"]


def announce(release: Release, frame: pd.DataFrame) -> None:
    """Say once, in one line, that cells of a loaded frame have known faults."""
    del release, frame
