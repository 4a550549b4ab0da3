"""Frames as CSV: UTF-8, commas, Unix line ends, the same bytes each time."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from pathlib import Path

from govdata.exporting.outline import Outline

__all__ = ["files", "write"]


def files(target: Path, outline: Outline) -> list[Path]:
    """Name the files of an export, the main one last."""
    del outline
    return [target]


def write(outline: Outline, files: Sequence[Path]) -> None:
    """Write them."""
    import pandas as pd

    frame = pd.DataFrame({column.name: column.cells for column in outline.columns})
    text = frame.to_csv(index=False, lineterminator="\n").encode("utf-8")
    files[-1].write_bytes(gzip.compress(text, mtime=0) if files[-1].name.endswith(".gz") else text)
