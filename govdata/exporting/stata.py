"""Frames as Stata files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from govdata.exporting.outline import Outline
from govdata.exporting.plain import compare, plain

__all__ = ["files", "write"]

_STAMP: Final = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)  # the same bytes whenever it is written


def files(target: Path, outline: Outline) -> list[Path]:
    """Name the files of an export, the main one last."""
    del outline
    return [target]


def write(outline: Outline, files: Sequence[Path]) -> None:
    """Write them."""
    import pyreadstat

    frame, path = plain(outline, "Stata"), files[-1]
    texts = [name for name, values in frame.items() if values.dtype == object]
    long = [name for name in texts if max((len(one.encode()) for one in frame[name]), default=0) > 2045]
    frame.to_stata(
        path,
        write_index=False,
        version=118,
        time_stamp=_STAMP,
        variable_labels={column.name: column.label for column in outline.columns},
        value_labels={column.name: dict(column.codes) for column in outline.columns if column.codes} or None,
        convert_strl=long or None,
    )
    back, _ = pyreadstat.read_dta(path)
    compare(frame, back, "Stata")
