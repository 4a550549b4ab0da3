"""What every figure shares: colours, fonts, and files that are the same bytes each time."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from govdata.errors import ArgumentError
from govdata.textio import write_atomic

__all__ = ["COLOURS", "INK", "MARGIN", "MARKERS", "RULE", "SOFT", "STYLE", "check_width", "find_targets", "save"]

# Hues after Okabe and Ito, the light ones darkened so that names in them stay legible; shapes say the same again.
COLOURS = ("#0072B2", "#D55E00", "#00785A", "#A6467C", "#4D4D4D", "#8A6A00")
MARKERS = ("o", "s", "D", "^", "v", "P")
INK, SOFT, RULE = "#1a1a1a", "#595959", "#d9d9d9"
MARGIN = 0.012
STYLE: Any = {
    "font.family": ["sans-serif"],
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 9,
    "axes.unicode_minus": True,
    "text.usetex": False,
    "svg.fonttype": "path",
    "svg.hashsalt": "govdata",
    "path.simplify": False,
}
_SUFFIXES: dict[str, dict[str, None]] = {
    ".png": {"Software": None},
    ".svg": {"Date": None, "Creator": None},
    ".pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}
_DPI = 300


def find_targets(given: str | Path | None) -> list[Path]:
    """Name the files to write, or say why there are none; nothing is written yet."""
    if given is None:
        return []
    if not isinstance(given, (str, Path)):
        raise ArgumentError(f"path is the name of a file, not {given!r}")
    path = Path(given)
    if not path.name:
        raise ArgumentError("path is the name of a file, such as 'figure.png'")
    if path.suffix and path.suffix not in _SUFFIXES:
        raise ArgumentError(f"{path.name!r} does not end in {', '.join(_SUFFIXES)}")
    targets = [path] if path.suffix else [path.with_name(path.name + suffix) for suffix in (".png", ".svg")]
    for target in targets:
        if target.is_dir():
            raise ArgumentError(f"{str(target)!r} is a folder")
        if not target.parent.is_dir():
            raise ArgumentError(f"there is no folder {str(target.parent)!r}")
    return targets


def check_width(width: object) -> None:
    """Refuse a width that no figure can have."""
    if isinstance(width, bool) or not isinstance(width, (int, float)) or not 2 <= width <= 40:
        raise ArgumentError(f"width is a number of inches from 2 to 40, not {width!r}")


def save(figure: Figure, targets: list[Path]) -> None:
    """Write a figure to each target, whole or not at all."""
    for target in targets:
        drawn = io.BytesIO()
        figure.savefig(drawn, format=target.suffix[1:], dpi=_DPI, metadata=_SUFFIXES[target.suffix])
        write_atomic(target, drawn.getvalue())
