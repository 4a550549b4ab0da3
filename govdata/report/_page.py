"""What stands round a drawing: fonts, title, note, and the options that every plot checks."""

from __future__ import annotations

import math
import textwrap
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, fontManager
from matplotlib.ft2font import FT2Font
from matplotlib.ticker import MaxNLocator

from govdata.errors import ArgumentError, nearest
from govdata.report._figure import INK, MARGIN, RULE, SOFT, STYLE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "check_choice",
    "check_labels",
    "check_level",
    "check_text",
    "columns_of",
    "head_legend",
    "hold_limits",
    "open_page",
    "plain_axes",
    "plural",
    "share",
    "style_for",
    "wrap",
]

_NOTE_COLUMNS = 18.5  # characters of the note's type in an inch
_TITLE_COLUMNS = 10.5
_NOTE_LINE, _TITLE_LINE = 0.145, 0.2  # inches
_PLAIN = "DejaVu Sans"
# Families that hold Chinese, in the order of preference; a machine has one of them or none.
_EAST_ASIAN = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Noto Sans CJK JP",
    "PingFang SC",
    "Hiragino Sans GB",
    "Microsoft YaHei",
    "SimHei",
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
    "Arial Unicode MS",
)


def check_text(name: str, value: object) -> None:
    """Refuse a title or axis label that is no text."""
    if value is not None and not isinstance(value, str):
        raise ArgumentError(f"{name} is a text, not {type(value).__name__}")


def check_labels(labels: object) -> None:
    """Refuse labels that are no dict of texts."""
    if labels is None:
        return
    if not isinstance(labels, Mapping):
        raise ArgumentError(f"labels is a dict of columns and words, not {type(labels).__name__}")
    for key, value in labels.items():
        if not isinstance(key, str) or not isinstance(value, str):
            raise ArgumentError(f"labels gives words for columns, both as text, not {key!r}: {value!r}")


def check_level(level: object) -> float:
    """Refuse a confidence level that is not between 0 and 1."""
    if isinstance(level, bool) or not isinstance(level, (int, float)) or not 0 < level < 1:
        raise ArgumentError(f"level is a number between 0 and 1, such as 0.95, not {level!r}")
    return float(level)


def check_choice(name: str, value: object, allowed: Sequence[str]) -> str:
    """Refuse an option that does not exist."""
    if not isinstance(value, str) or value not in allowed:
        raise ArgumentError(f"{name} is one of {', '.join(allowed)}, not {value!r}{nearest(str(value), allowed)}")
    return value


def columns_of(text: str) -> int:
    """Count the columns a text takes: a Chinese character two, a mark above a letter none."""
    wide = {"W": 2, "F": 2}
    return sum(0 if unicodedata.combining(c) else wide.get(unicodedata.east_asian_width(c), 1) for c in text)


def wrap(text: str, columns: int, lines: int | None = None) -> str:
    """Break a text into lines no wider than so many columns, and cut it after so many lines."""
    text = " ".join(text.split())
    if columns_of(text) == len(text):
        broken = textwrap.wrap(text, columns, break_on_hyphens=False)
    else:
        broken = [""]
        for word in _words(text):
            if broken[-1] and columns_of(broken[-1] + word.rstrip()) > columns:
                broken[-1] = broken[-1].rstrip()
                broken.append("")
            broken[-1] += word
        broken[-1] = broken[-1].rstrip()
    if lines is not None and len(broken) > lines:
        last = broken[lines - 1]
        broken = [*broken[: lines - 1], (last if columns_of(last) < columns else last[:-1]).rstrip() + "…"]
    return "\n".join(broken)


def _words(text: str) -> list[str]:
    """Split where a line may end: after a space, and beside any character of double width."""
    words: list[str] = []
    joined = False
    for character in text:
        wide = unicodedata.east_asian_width(character) in {"W", "F"}
        closing = unicodedata.category(character) in {"Pe", "Pf", "Po"}
        if words and ((joined and not wide) or closing or character == " "):
            words[-1] += character
        else:
            words.append(character)
        joined = not wide and character != " "
    return words


def style_for(texts: Iterable[str]) -> Any:  # noqa: ANN401 -- settings of matplotlib
    """Return the style of a figure, with a second font where the first lacks letters of its texts.

    Dollar signs in names of columns are letters, not formulas.
    """
    style = {**STYLE, "text.parse_math": False, "font.family": [_PLAIN], "hatch.linewidth": 0.6}
    lacking = frozenset(ord(c) for text in texts for c in text if c.isprintable()) - _letters(_PLAIN)
    if lacking:
        installed = {entry.name for entry in fontManager.ttflist}
        found = [name for name in _EAST_ASIAN if name in installed]
        best = max(found, key=lambda name: len(lacking & _letters(name)), default=None)
        if best is not None and lacking & _letters(best):
            style["font.family"] = [_PLAIN, best]
    return style


@cache
def _letters(family: str) -> frozenset[int]:
    return frozenset(FT2Font(findfont(FontProperties(family=[family]), fallback_to_default=True)).get_charmap())


def open_page(width: float, height: float, *, title: str | None, note: Sequence[str]) -> Figure:
    """Begin a figure: so many inches for the drawing, more for the title above and the note below."""
    lines = [wrap(line if line.endswith(".") else f"{line}.", int(width * _NOTE_COLUMNS)) for line in note if line]
    below = "\n".join(lines)
    above = "" if title is None else wrap(title, int(width * _TITLE_COLUMNS))
    room = _NOTE_LINE * (below.count("\n") + 1 if below else 0)
    room += 0.15 + _TITLE_LINE * (above.count("\n") + 1) if above else 0
    figure = Figure(figsize=(width, height + room), layout="constrained", facecolor="white")
    if above:
        figure.suptitle(above, x=MARGIN, ha="left", color=INK, fontsize=11, fontweight="bold")
    if below:
        figure.supxlabel(below, x=MARGIN, ha="left", fontsize=7, color=SOFT, linespacing=1.4)
    return figure


def head_legend(figure: Figure, handles: Sequence[Any], names: Sequence[str]) -> None:
    """Put a legend above the drawing; a title becomes its head, because it would stand in the same place."""
    width = figure.get_figwidth()
    shown = [wrap(name, int(width * 11), 3) for name in names]
    longest = max(columns_of(line) for name in shown for line in name.split("\n"))
    columns = max(1, min(4, len(shown), int(width * 12.5 / (longest + 7))))
    # A legend leaves out names that begin with an underscore.
    shown = [f" {name}" if name.startswith("_") else name for name in shown]
    legend = figure.legend(
        list(handles), shown, loc="outside upper left", ncols=columns, fontsize=8, frameon=False, labelcolor=INK
    )
    tall = -(-sum(name.count("\n") + 1 for name in shown) // columns)
    figure.set_figheight(figure.get_figheight() + 0.17 * tall + 0.12)
    if title := figure.get_suptitle():
        figure.suptitle("")
        legend.set_title(title, prop=FontProperties(family=mpl.rcParams["font.family"], size=11, weight="bold"))
        legend.set_alignment("left")
        legend.get_title().set_color(INK)
        legend.get_title().set_parse_math(False)


def plain_axes(axes: Axes, *, grid: str = "y", whole: bool = False) -> None:
    """Draw axes as every plot has them: one line below, a light grid."""
    axes.set_axisbelow(True)
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set(color=SOFT, linewidth=0.6)
    axes.tick_params(length=3, width=0.6, color=SOFT, labelsize=8, labelcolor=SOFT)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis=grid, color=RULE, linewidth=0.5)  # type: ignore[arg-type]
    if whole:
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))


def hold_limits(values: Iterable[float], *, zero: bool = True) -> tuple[float, float]:
    """Choose limits that hold all finite values and zero, with room at both ends."""
    finite = [float(value) for value in values if math.isfinite(value)] + ([0.0] if zero else [])
    low, high = min(finite, default=0.0), max(finite, default=0.0)
    room = 0.06 * (high - low) or 0.5 * abs(low) or 1.0
    return low - room, high + room


def share(level: float) -> str:
    """Write a level as a percentage."""
    return f"{100 * level:g} %"


def plural(count: int, word: str) -> str:
    """Write a count with its word."""
    return f"{count:,} {word}{'' if count == 1 else 's'}"
