"""Contours of what an omitted variable would leave of an estimate, with benchmarks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.ticker import MaxNLocator
from scipy.stats import t as student

from govdata.report._figure import COLOURS, INK, SOFT
from govdata.report._page import head_legend
from govdata.report._places import place_names

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from govdata.stats.sensitivity import Sensitivity

__all__ = ["draw_contours", "signed"]

_LEVELS = 7
_SHAPES = ("o", "s", "^", "v", "P", "X")


def draw_contours(figure: Figure, axes: Axes, found: Sensitivity, of: str, benchmarks: list[str]) -> None:
    """Draw contours, the one where the conclusion turns, the estimate as it is, and the benchmarks."""
    grid = found.contours(of=of)
    across, up = grid.columns.to_numpy(dtype=np.float64), grid.index.to_numpy(dtype=np.float64)
    values = grid.to_numpy(dtype=np.float64)
    turn = (1 - found.q) * found.estimate + 0.0  # never a negative zero
    if of == "statistic":
        turn = float(np.sign(found.estimate)) * float(student.isf(found.alpha / 2, found.df - 1))
    levels = MaxNLocator(_LEVELS).tick_values(float(np.nanmin(values)), float(np.nanmax(values)))
    # A line that all but falls together with the dashed one would be read as it.
    shown = [level for level in levels if abs(level - turn) > 0.25 * (levels[1] - levels[0])]
    shown = [level for level in shown if np.nanmin(values) < level < np.nanmax(values)]
    if shown:
        lines = axes.contour(across, up, values, levels=shown, colors=SOFT, linewidths=0.8, linestyles="solid")
        axes.clabel(lines, fontsize=7, colors=SOFT, fmt=signed)
    if np.nanmin(values) < turn < np.nanmax(values):
        lines = axes.contour(across, up, values, levels=[turn], colors=COLOURS[1], linewidths=1.6, linestyles="dashed")
        axes.clabel(lines, fontsize=7.5, colors=COLOURS[1], fmt=signed)
    names = _draw_marks(figure, axes, found, benchmarks)
    ends = [max([end[-1], *found.bounds[name]]) for end, name in ((across, "r2dz_x"), (up, "r2yz_dx"))]
    axes.set_xlim(-0.02 * ends[0], 1.04 * ends[0])
    axes.set_ylim(-0.02 * ends[1], 1.04 * ends[1])
    figure.draw_without_rendering()
    numbers = [text.get_window_extent() for text in axes.texts]
    place_names(figure, axes, names, avoid=numbers, led=False)


def _draw_marks(
    figure: Figure, axes: Axes, found: Sensitivity, benchmarks: list[str]
) -> list[tuple[float, float, str]]:
    """Draw the estimate as it is and the benchmarks; return what is to be written beside these."""
    axes.plot([0], [0], marker="D", markersize=6, color=INK, linestyle="none", zorder=5, clip_on=False)
    names: list[tuple[float, float, str]] = []
    for i, kind in enumerate(dict.fromkeys(benchmarks)):
        own = found.bounds[[name == kind for name in benchmarks]]
        look: dict[str, Any] = {
            "marker": _SHAPES[i % len(_SHAPES)],
            "color": COLOURS[i % len(COLOURS)],
        }
        axes.plot(
            own["r2dz_x"],
            own["r2yz_dx"],
            markersize=5.5,
            zorder=5,
            clip_on=False,
            linewidth=0.6,
            label=f"k × {kind}",
            **look,
        )
        for x, y, kd, ky in own[["r2dz_x", "r2yz_dx", "kd", "ky"]].itertuples(index=False):
            names.append((float(x), float(y), f"{kd:g}×" if kd == ky else f"{kd:g}×/{ky:g}×"))
    if names:
        drawn = [line for line in axes.lines if not str(line.get_label()).startswith("_")]
        head_legend(figure, drawn, [str(line.get_label()) for line in drawn])
    return names[::-1]


def signed(value: float) -> str:
    """Write a number with a true minus sign."""
    return f"{value:.4g}".replace("-", "\N{MINUS SIGN}")
