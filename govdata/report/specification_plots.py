"""A specification curve: the estimates in their order above, the choices behind each below."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from govdata.errors import ArgumentError
from govdata.report._figure import INK, RULE, SOFT, check_width, find_targets, save
from govdata.report._models import label
from govdata.report._page import (
    check_labels,
    check_text,
    columns_of,
    head_legend,
    hold_limits,
    open_page,
    plain_axes,
    plural,
    share,
    style_for,
    wrap,
)
from govdata.stats.specification import SpecificationCurve

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from govdata.stats.keys import BoolArray, FloatArray, IntArray

__all__ = ["specification_plot"]

_CURVE, _ROW = 3.0, 0.17  # inches of the upper panel and of one choice
_FEW = 60  # up to so many, marks are large and intervals are lines
_MANY = 1000  # more are drawn as pixels in vector files
_MOST = 2000  # more are thinned out
_ROWS = 60
# Dark and filled against light and open: the kinds stay apart in grey and for any eye. Hues after Okabe and Ito.
_KINDS = (
    ("positive, significant", "#0072B2", "o", True),
    ("positive", "#7FB2D6", "o", False),
    ("negative", "#E8AE84", "s", False),
    ("negative, significant", "#A63D00", "s", True),
)
_CHOICES = ("y", "x", "sample", "effects", "se")
_HEADS = {"y": "Response", "x": "Regressor", "sample": "Sample", "effects": "Effects", "se": "Standard errors"}


@dataclass(frozen=True, slots=True, eq=False)
class _Row:
    """One option of one choice: which of the sorted specifications hold it."""

    head: str
    name: str
    held: BoolArray


def specification_plot(
    curve: SpecificationCurve,
    path: str | Path | None = None,
    *,
    labels: Mapping[str, str] | None = None,
    title: str | None = None,
    width: float = 7.5,
) -> Figure:
    """Draw a specification curve.

    Parameters
    ----------
    curve
        As :func:`govdata.stats.specification_curve` gives it.
    path
        Where to save: a name ending in ``.png``, ``.svg`` or ``.pdf``, or a name without ending for PNG and SVG. Equal
        curves give equal bytes.
    labels
        Words for columns, terms, groups of controls, samples and effects.
    title
        Text above.
    width
        In inches.

    Returns
    -------
    matplotlib.figure.Figure
        Not known to pyplot. Above: estimates from the smallest to the largest with their intervals, marked by sign and
        significance, and the median. Below: which choices each specification makes; a choice with one option is left
        out. Over 2,000 specifications, evenly spaced ones are drawn, the first and the last among them, and the note
        says so. Over 1,000, vector files hold pixels for the marks.

    Raises
    ------
    ArgumentError
        If ``curve`` is no specification curve, or an option has a form the function does not take.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from govdata import stats
    >>> from govdata.report.specification_plots import specification_plot
    >>> rng = np.random.default_rng(1)
    >>> frame = pd.DataFrame({"iso3": np.repeat(["CHN", "IRN", "RUS"], 10), "year": [*range(2000, 2010)] * 3})
    >>> frame["x"], frame["z"], frame["y"] = rng.normal(size=(3, 30))
    >>> figure = specification_plot(stats.specification_curve(frame, y="y", x="x", controls=["z"]))
    >>> [tick.get_text() for tick in figure.axes[1].get_yticklabels()]
    ['z']
    """
    if not isinstance(curve, SpecificationCurve):
        raise ArgumentError(
            f"specification_plot draws a result of stats.specification_curve, not {type(curve).__name__}"
        )
    check_labels(labels)
    check_text("title", title)
    check_width(width)
    targets = find_targets(path)
    table = curve.estimated.sort_values(["estimate", "formula", "sample", "se"], kind="stable").reset_index(drop=True)
    at = _drawn(len(table))
    rows, left_out = _rows(curve, table, at, labels)
    note = _note(curve, table, at, left_out)
    texts = [title or "", *note, *(row.name for row in rows), *(row.head for row in rows)]
    with mpl.rc_context(style_for(texts)):
        heads = len(dict.fromkeys(row.head for row in rows))
        below = _ROW * (len(rows) + 0.9 * heads) + 0.25 if rows else 0.0
        figure = open_page(width, _CURVE + below, title=title, note=note)
        if rows:
            drawn = figure.subplots(2, 1, sharex=True, height_ratios=[_CURVE, below])
            _draw_choices(drawn[1], rows, at)
            upper = drawn[0]
        else:
            upper = figure.subplots()
        _draw_curve(figure, upper, curve, table, at, labels)
        save(figure, targets)
    return figure


def _drawn(count: int) -> IntArray:
    """Choose which places of the sorted curve are drawn: all, or evenly spaced ones with both ends."""
    if count <= _MOST:
        return np.arange(count)
    return np.unique(np.linspace(0, count - 1, _MOST).round().astype(np.int64))


def _rows(
    curve: SpecificationCurve, table: pd.DataFrame, at: IntArray, labels: Mapping[str, str] | None
) -> tuple[list[_Row], int]:
    found: list[_Row] = []
    for choice in _CHOICES[:2]:
        found += _options(table, choice, at, labels)
    for name, column in curve.controls.items():
        held = table[column].to_numpy(dtype=np.bool_)
        if held.any() and not held.all():
            found.append(_Row("Controls", _word(name, labels), held[at]))
    for choice in _CHOICES[2:]:
        found += _options(table, choice, at, labels)
    return found[:_ROWS], max(0, len(found) - _ROWS)


def _options(table: pd.DataFrame, choice: str, at: IntArray, labels: Mapping[str, str] | None) -> list[_Row]:
    codes, options = pd.factorize(table[choice], sort=True)
    if len(options) < 2:
        return []
    return [_Row(_HEADS[choice], _word(str(o) or "none", labels), (codes == j)[at]) for j, o in enumerate(options)]


def _word(name: str, labels: Mapping[str, str] | None) -> str:
    if labels and name in labels:
        return wrap(labels[name], 34, 1)
    return wrap(" + ".join(label(part, labels) for part in name.split(" + ")), 34, 1)


def _kinds(curve: SpecificationCurve, table: pd.DataFrame) -> IntArray:
    estimate, p = table["estimate"].to_numpy(), table["p_value"].to_numpy()
    strong = p < 1 - curve.level
    return np.where(estimate > 0, np.where(strong, 0, 1), np.where(strong, 3, 2))


def _note(curve: SpecificationCurve, table: pd.DataFrame, at: IntArray, left_out: int) -> list[str]:
    lost = len(curve.table) - len(table)
    shown = [f"{plural(len(table), 'specification')}, sorted by their estimate; intervals {share(curve.level)}"]
    if len(at) < len(table):
        shown.append(f"{len(at):,} evenly spaced ones of them are drawn; shares and the median are those of all")
    if curve.draws:
        shown.append(f"Each is pooled over {curve.draws:,} draws by Rubin's rules")
    if lost:
        shown.append(f"{lost:,} more cannot be estimated; the table of the curve says why")
    if left_out:
        shown.append(f"{left_out} more choices are not drawn")
    if curve.test is not None:
        words = [f"{row.statistic} {row.observed:.3g} (p = {row.p_value:.3g})" for row in curve.test.table.itertuples()]
        shown.append(f"Joint test, {curve.test.permutations:,} permutations ({curve.test.method}): {'; '.join(words)}")
    if curve.dataset:
        shown.append(f"Data: {curve.dataset}")
    return shown


def _draw_curve(
    figure: Figure,
    axes: Axes,
    curve: SpecificationCurve,
    table: pd.DataFrame,
    at: IntArray,
    labels: Mapping[str, str] | None,
) -> None:
    kinds = _kinds(curve, table)
    places = at + 1.0
    estimate, low, high = (table[name].to_numpy()[at] for name in ("estimate", "conf_low", "conf_high"))
    few, pixels = len(table) <= _FEW, len(table) > _MANY
    plain_axes(axes)
    axes.axhline(0, color=INK, linewidth=0.8, zorder=1)
    handles: list[Any] = []
    for kind, (name, colour, marker, filled) in enumerate(_KINDS):
        own = kinds[at] == kind
        count = int((kinds == kind).sum())
        if not count:
            continue
        axes.vlines(
            places[own],
            low[own],
            high[own],
            color=colour,
            linewidth=1.2 if few else 0.7,
            alpha=0.9 if few else 0.35,
            zorder=2,
            rasterized=pixels,
        )
        size = 4.2 if few else 2.6 if len(table) <= 500 else 1.6
        look: dict[str, Any] = {
            "marker": marker,
            "linestyle": "none",
            "markeredgecolor": colour,
            "markerfacecolor": colour if filled else "white",
        }
        axes.plot(
            places[own],
            estimate[own],
            markersize=size,
            markeredgewidth=0.9 if few else 0.6,
            zorder=3,
            rasterized=pixels,
            **look,
        )
        handles.append(Line2D([], [], markersize=5, label=f"{name}: {count:,} ({count / len(table):.0%})", **look))
    middle = float(np.median(table["estimate"]))
    line = axes.axhline(middle, color=SOFT, linewidth=1, linestyle=(0, (5, 3)), zorder=4)
    line.set_label(f"median {middle:.3g}")
    handles.append(line)
    axes.set_ylim(*_limits(table, low, high))
    axes.xaxis.set_major_locator(MaxNLocator(nbins=9, integer=True, min_n_ticks=1))
    axes.set_xlim(0.5 - 0.01 * len(table), len(table) + 0.5 + 0.01 * len(table))
    xs = [label(name, labels) for name in table["x"].unique()]
    ys = [label(name, labels) for name in table["y"].unique()]
    named = f"Coefficient of {xs[0]}, response {ys[0]}" if len(xs) == len(ys) == 1 else "Coefficient"
    axes.set_ylabel(wrap(named, 34), fontsize=9)
    head_legend(figure, handles, [str(handle.get_label()) for handle in handles])


def _limits(table: pd.DataFrame, low: FloatArray, high: FloatArray) -> tuple[float, float]:
    """Hold every estimate, and intervals but for the few that are far wider than the rest."""
    estimate = table["estimate"].to_numpy()
    bottom, top = hold_limits([*estimate, *low, *high])
    spread = max(float(np.nanquantile(high - low, 0.98)), float(np.ptp(estimate)))
    wide = min(0.0, float(estimate.min())) - spread, max(0.0, float(estimate.max())) + spread
    return max(bottom, wide[0]), min(top, wide[1])


def _draw_choices(axes: Axes, rows: list[_Row], at: IntArray) -> None:
    """Draw a mark wherever a specification holds an option, under the head of each choice."""
    few, pixels = len(at) <= _FEW, len(at) > _MANY
    places = at + 1.0
    heights: list[float] = []
    height, head = 0.0, ""
    for row in rows:
        if row.head != head:
            height += 1.0 if head == "" else 1.9
            head = row.head
            axes.text(
                -0.01,
                height - 0.85,
                head,
                transform=axes.get_yaxis_transform(),
                ha="right",
                va="center",
                fontsize=7.5,
                fontweight="bold",
                color=INK,
            )
        else:
            height += 1.0
        heights.append(height)
        axes.axhline(height, color=RULE, linewidth=0.4, zorder=0)
        look: dict[str, Any] = {"marker": "o", "markersize": 3.6} if few else {"marker": "|", "markersize": 6.5}
        axes.plot(
            places[row.held],
            np.full(int(row.held.sum()), height),
            linestyle="none",
            color=INK,
            markeredgewidth=0 if few else max(0.15, min(1.2, 120 / len(at))),
            zorder=2,
            rasterized=pixels,
            **look,
        )
    plain_axes(axes, grid="x")
    axes.grid(visible=False)
    axes.set_ylim(heights[-1] + 0.7, heights[0] - 1.5)
    size = 7.5 if max(columns_of(row.name) for row in rows) < 28 else 6.8
    axes.set_yticks(heights, [row.name for row in rows], fontsize=size)
    axes.set_xlabel("Specifications, from the smallest to the largest estimate", fontsize=9)
