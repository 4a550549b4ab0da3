"""Names beside points, placed so that none stands on another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from matplotlib.text import Text
from matplotlib.transforms import Bbox

from govdata.report._figure import INK, SOFT

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Annotation

__all__ = ["place_names"]

_NEAR = 6
# Where a name may stand, in points from its mark: nearest first.
_SIDES = ((1, 0), (-1, 0), (1, 1), (1, -1), (-1, 1), (-1, -1))
_REACHES = (0, 10, 20, 32, 46, 62)


def place_names(
    figure: Figure,
    axes: Axes,
    names: Sequence[tuple[float, float, str]],
    *,
    avoid: Sequence[Bbox] = (),
    led: bool = True,
) -> list[str]:
    """Write names beside points, the first ones first; one that has no room is left out.

    Parameters
    ----------
    figure, axes
        Where; limits must be final.
    names
        Positions in data units, and what to write there.
    avoid
        Boxes in pixels that stay free.
    led
        Whether a line may lead to a name that has no room beside its point.

    Returns
    -------
    list of str
        The names that were written.
    """
    figure.draw_without_rendering()
    inside = axes.get_window_extent()
    marks = [axes.transData.transform((x, y)) for x, y, _ in names]
    taken = [*avoid, *(Bbox.from_bounds(x - 4, y - 4, 8, 8) for x, y in marks)]
    written: list[str] = []
    for i, (x, y, name) in enumerate(names):
        others = [box for j, box in enumerate(taken) if j != len(avoid) + i]
        text = _place(axes, (x, y), name, inside, others, _REACHES if led else _REACHES[:1])
        if text is not None:
            taken.append(_words(text))
            written.append(name)
    return written


def _place(
    axes: Axes, at: tuple[float, float], name: str, inside: Bbox, taken: Sequence[Bbox], reaches: Sequence[int]
) -> Annotation | None:
    for reach in reaches:
        for side, rise in _SIDES:
            if (reach == 0) != (rise == 0):
                continue
            text = axes.annotate(
                name,
                at,
                xytext=(side * _NEAR, rise * reach),
                textcoords="offset points",
                ha="left" if side > 0 else "right",
                va="center",
                fontsize=7,
                color=INK,
                zorder=6,
                annotation_clip=False,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.4, "alpha": 0.8},
                arrowprops=None
                if reach == 0
                else {"arrowstyle": "-", "color": SOFT, "linewidth": 0.5, "shrinkA": 0, "shrinkB": 3},
            )
            text.set_in_layout(False)
            words = _words(text)
            fits = inside.x0 <= words.x0 and words.x1 <= inside.x1 and inside.y0 <= words.y0 and words.y1 <= inside.y1
            if fits and not any(words.overlaps(other) for other in taken):
                return text
            text.remove()
    return None


def _words(text: Annotation) -> Bbox:
    """Return the box of the words alone, without the line that leads to them."""
    text.get_window_extent()  # places the words
    own = Text.get_window_extent(text)
    return Bbox.from_extents(own.x0 - 1, own.y0, own.x1 + 1, own.y1)
