"""A panel as tiles: one row a unit, one column a time, and what stands in each cell."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.collections import PolyCollection
from matplotlib.colors import BoundaryNorm, LinearSegmentedColormap, ListedColormap, Normalize
from matplotlib.patches import Patch

from govdata.report._figure import INK, SOFT

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from govdata.stats.keys import Codes, FloatArray, IntArray

__all__ = [
    "ABSENT",
    "MISSING",
    "Grid",
    "draw_tiles",
    "lay_out",
    "missing_patch",
    "named_every",
    "patch",
    "row_height",
    "shades",
]

ABSENT, MISSING = -2, -1
"""What a cell is that has no value: the data have no such row, or the row has no value."""

_PALE, _DARK = "#d3e3f1", "#0b4a82"
_MISSING_FACE, _MISSING_LINE = "#fbe8cd", "#b3722a"
_EMPTY = "#ffffff"
_LONGEST = 300  # times; more than these are drawn without the steps in which nothing occurs
_TALLEST = 9.0  # inches of all rows together, where that leaves each enough
_TICK = 0.115  # inches that a name takes
SCALE = LinearSegmentedColormap.from_list("govdata", [_PALE, "#5a91c1", _DARK])


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Cells of a panel.

    Attributes
    ----------
    row, column
        The cell of each row of the data.
    units, times
        What rows and columns stand for.
    skipped
        Whether times in which nothing occurs were left out.
    """

    row: IntArray
    column: IntArray
    units: tuple[Any, ...]
    times: tuple[Any, ...]
    skipped: bool

    def fill(self, values: FloatArray) -> FloatArray:
        """Return a value for each cell; ``ABSENT`` where the data have no row."""
        cells = np.full((len(self.units), len(self.times)), float(ABSENT))
        cells[self.row, self.column] = values
        return cells


def lay_out(unit: Codes, time: Codes) -> Grid:
    """Give every row its cell: times in their calendar steps, so that a year without any row is seen."""
    times: tuple[Any, ...] = time.levels
    skipped = False
    column = time.codes
    if time.whole and len(time.levels) > 1:
        calendar = np.array(time.levels, dtype=np.int64)
        step = int(np.gcd.reduce(np.diff(calendar)))
        count = int(calendar[-1] - calendar[0]) // step + 1
        if count <= max(_LONGEST, len(calendar)):
            times = tuple(range(int(calendar[0]), int(calendar[-1]) + 1, step))
            column = (calendar[time.codes] - calendar[0]) // step
        else:
            skipped = True
    return Grid(unit.codes, column, tuple(unit.levels), times, skipped)


def row_height(units: int) -> float:
    """Choose the height of a row in inches: names beside each while that is possible, then thinner."""
    return min(0.2, max(_TALLEST / units, 0.045)) if units else 0.2


def shades(count: int) -> list[Any]:
    """Return so many steps from light to dark."""
    return [SCALE(i / (count - 1)) if count > 1 else SCALE(1.0) for i in range(count)]


def draw_tiles(axes: Axes, cells: FloatArray, *, steps: int | None, units: list[str], times: list[str]) -> Any:  # noqa: ANN401 -- what a colour bar is made from
    """Draw cells with a value in shades, those without as hatched tiles, and nothing where there is no row.

    Parameters
    ----------
    axes
        Where.
    cells
        Values, ``MISSING`` or ``ABSENT``; with ``steps``, whole numbers from 0.
    steps
        How many values there are; None for numbers on a scale from 0 to 1.
    units, times
        Names of rows and columns.
    """
    n, width = cells.shape
    lines = 0.3 if n <= 60 else 0.0
    known = np.ma.masked_where(_is(cells, ABSENT) | _is(cells, MISSING), cells)
    if steps is not None:
        colours: Any = ListedColormap(shades(steps))
        norm: Any = BoundaryNorm(np.arange(steps + 1) - 0.5, steps)
    else:
        colours, norm = SCALE, Normalize(0, 1)
    style: dict[str, Any] = {"edgecolors": "white", "linewidth": lines} if lines else {}
    drawn = axes.pcolormesh(known, cmap=colours, norm=norm, zorder=2, rasterized=n > 60, **style)
    # One hatched strip a run of cells: hatching looks the same however wide a cell is.
    strips = [[(a, y), (b, y), (b, y + 1), (a, y + 1)] for y, a, b in _runs(_is(cells, MISSING))]
    if strips:
        axes.add_collection(
            PolyCollection(
                strips, facecolor=_MISSING_FACE, edgecolor=_MISSING_LINE, hatch="////////", linewidth=0, zorder=1.5
            )
        )
    axes.set_facecolor(_EMPTY)
    axes.set_xlim(0, width)
    axes.set_ylim(n, 0)
    for side in axes.spines.values():
        side.set(color="#c4c4c4", linewidth=0.5)
    every = named_every(n)
    axes.set_yticks([i + 0.5 for i in range(0, n, every)], units[::every])
    axes.tick_params(axis="y", length=0 if every == 1 else 2, width=0.4, pad=3, labelsize=7 if every == 1 else 6)
    every = _thin(axes, times)
    shown = [i for i in range(width) if _falls(times[i], i, every)]
    axes.set_xticks([i + 0.5 for i in shown], [times[i] for i in shown])
    axes.tick_params(axis="x", length=2, width=0.4, pad=2, labelsize=7.5)
    axes.tick_params(color=SOFT, labelcolor=INK)
    return drawn


def _runs(mask: NDArray[np.bool_]) -> list[tuple[int, int, int]]:
    """Return row, start and end of each run of marked cells."""
    padded = np.pad(mask, ((0, 0), (1, 1))).astype(np.int8)
    change = np.diff(padded, axis=1)
    starts, ends = np.argwhere(change == 1), np.argwhere(change == -1)
    return [(int(y), int(a), int(b)) for (y, a), (_, b) in zip(starts.tolist(), ends.tolist(), strict=True)]


def named_every(units: int) -> int:
    """Say of how many rows one is named."""
    return max(1, math.ceil(_TICK / row_height(units)))


def _is(cells: FloatArray, kind: int) -> NDArray[np.bool_]:
    return np.asarray(cells == kind)


def _thin(axes: Axes, times: list[str]) -> int:
    """Choose how many columns go by between two names."""
    figure = axes.figure
    room = max(1.0, float(figure.get_figwidth()) - 1.2)  # type: ignore[union-attr]
    most = max(1, int(room / (0.075 * max(map(len, times)) + 0.12)))
    least = -(-len(times) // most)
    return next((step for step in (1, 2, 5, 10, 20, 25, 50, 100) if step >= least), least)


def _falls(name: str, i: int, every: int) -> bool:
    """Whether a column is named: round years where times are years, else every so many."""
    return (int(name) if name.lstrip("-").isdigit() else i) % every == 0


def missing_patch(label: str) -> Patch:
    """Return the sign of a missing value for a legend."""
    return Patch(facecolor=_MISSING_FACE, edgecolor=_MISSING_LINE, hatch="//////", linewidth=0.4, label=label)


def patch(colour: Any, label: str) -> Patch:  # noqa: ANN401 -- any colour
    """Return the sign of a value for a legend."""
    return Patch(facecolor=colour, edgecolor=SOFT, linewidth=0.4, label=label)
