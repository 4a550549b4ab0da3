"""Frames as SPSS files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from govdata.exporting.outline import Outline
from govdata.exporting.plain import compare, plain

__all__ = ["files", "write"]


def files(target: Path, outline: Outline) -> list[Path]:
    """Name the files of an export, the main one last."""
    del outline
    return [target]


def write(outline: Outline, files: Sequence[Path]) -> None:
    """Write them."""
    import pyreadstat

    frame, path = plain(outline, "SPSS"), files[-1]
    pyreadstat.write_sav(
        frame,
        path,
        column_labels=[column.label for column in outline.columns],
        variable_value_labels={column.name: dict(column.codes) for column in outline.columns if column.codes},
    )
    back, _ = pyreadstat.read_sav(path)
    compare(frame, back, "SPSS")
