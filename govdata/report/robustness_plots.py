"""One coefficient under everything that could defensibly have been done differently, as a forest."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import matplotlib as mpl

from govdata.errors import ArgumentError
from govdata.report._figure import COLOURS, INK, MARKERS, RULE, SOFT, check_width, find_targets, save
from govdata.report._models import label
from govdata.report._page import (
    check_labels,
    check_text,
    columns_of,
    hold_limits,
    open_page,
    plain_axes,
    style_for,
    wrap,
)
from govdata.stats.robustness import Robustness
from govdata.stats.wording import form_of, number

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["robustness_plot"]

_LINE: Final = 0.22  # inches a row takes
_LABEL_COLUMN: Final = 0.073
_LABEL_COLUMNS: Final = 44
_NARROWEST: Final = 1.6
_PARTS: Final = {
    "model": "",
    "conventions": "Standard errors",
    "bootstrap": "",
    "leave_one_out": "Left out",
    "specifications": "Specifications",
    "draws": "Coded data",
    "codings": "Codings",
}


def robustness_plot(
    result: Robustness,
    path: str | Path | None = None,
    *,
    labels: Mapping[str, str] | None = None,
    title: str | None = None,
    width: float = 6.5,
) -> Figure:
    """Draw one coefficient under other conventions, samples, specifications, draws and codings.

    Parameters
    ----------
    result
        What ``stats.robustness`` returns.
    path
        Where to save: a name ending in ``.png``, ``.svg`` or ``.pdf``, or a name without ending for PNG and SVG. Equal
        results give equal bytes.
    labels
        Words for columns.
    title
        Text above.
    width
        In inches.

    Returns
    -------
    matplotlib.figure.Figure
        Not known to pyplot. One row a check, as in :meth:`Robustness.to_frame`; dotted: the estimate as fitted.

    Raises
    ------
    ArgumentError
        If ``result`` is something else, or an option has a form the function does not take.

    Examples
    --------
    >>> from govdata import demo, report, stats
    >>> model = stats.ols("monitoring ~ v2x_polyarchy | iso3 + year", demo.panel())
    >>> figure = report.robustness_plot(stats.robustness(model, reps=199, n_draws=20))
    >>> figure.axes[0].get_yticklabels()[0].get_text()
    'As fitted'
    """
    if not isinstance(result, Robustness):
        raise ArgumentError(f"robustness_plot draws what stats.robustness() returns, not {type(result).__name__}")
    check_labels(labels)
    check_text("title", title)
    check_width(width)
    targets = find_targets(path)
    frame = result.to_frame()
    words = [_say(row, labels) for row in frame.to_dict("records")]
    across = f"Coefficient of {label(result.term, labels)} on {label(result.model.response, labels)}"
    across = wrap(across, int(9 * width), 3)
    note = [
        f"{100 * result.level:g} % intervals; dotted: the model as fitted",
        result.model.note(),
        *(f"Not done: {part.replace('_', ' ')}" for part in result.refused),
        *([f"Data: {result.model.dataset}"] if result.model.dataset else []),
    ]
    first = frame.iloc[0]
    form = form_of(float(first["estimate"]), float(first["std_error"]), 3)
    numbers = [_interval(row, form) for row in frame.to_dict("records")]
    with mpl.rc_context(style_for([*words, across, title or "", *note])):
        tall = sum(one.count("\n") for one in words)
        figure = open_page(width, _LINE * len(words) + 0.12 * tall + 0.75, title=title, note=note)
        axes = figure.add_subplot()
        _draw(axes, frame, words)
        axes.set_xlabel(across, color=INK, fontsize=9, labelpad=6)
        left = _LABEL_COLUMN * max(columns_of(line) for one in words for line in one.split("\n"))
        if width - left - 0.07 * max(map(len, numbers)) >= _NARROWEST:
            beside = axes.secondary_yaxis("right")
            beside.set_yticks(range(len(words)), numbers)
            beside.tick_params(axis="y", length=0, pad=8, labelsize=7, labelcolor=INK)
            beside.spines["right"].set_visible(False)
        save(figure, targets)
    return figure


def _say(row: Mapping[Any, Any], labels: Mapping[str, str] | None) -> str:
    check, part = str(row["check"]), str(row["part"])
    if part == "model":
        return "As fitted"
    words = (labels or {}).get(check, check)
    if part == "conventions":
        return words
    if part == "specifications":
        words = f"{words} specifications"
    if part == "codings" and "source" not in words:
        words = f"{words.replace('_', ' ')} coding" if words in {"lowest", "highest", "subnational"} else words
    return wrap(words[:1].upper() + words[1:], _LABEL_COLUMNS, 2)


def _draw(axes: Axes, frame: pd.DataFrame, words: list[str]) -> None:
    plain_axes(axes, grid="x")
    axes.axvline(0, color=SOFT, linewidth=0.8, zorder=1)
    axes.axvline(float(frame["estimate"].iloc[0]), color=COLOURS[0], linewidth=0.9, linestyle=(0, (1, 2)), zorder=1)
    order = list(_PARTS)
    last = ""
    for at, row in enumerate(frame.to_dict("records")):
        place = order.index(str(row["part"]))
        colour, mark = COLOURS[place % len(COLOURS)], MARKERS[place % len(MARKERS)]
        if not (math.isnan(row["conf_low"]) or math.isnan(row["conf_high"])):
            ends = [max(row["conf_low"], -1e300), min(row["conf_high"], 1e300)]
            axes.plot(ends, [at, at], color=colour, linewidth=1.5, solid_capstyle="butt", zorder=2)
        style: dict[str, Any] = {"markersize": 5, "markerfacecolor": colour, "markeredgecolor": "white"}
        axes.plot([row["estimate"]], [at], linestyle="none", marker=mark, zorder=3, **style)
        if last and row["part"] != last and not (last == "conventions" and row["part"] == "bootstrap"):
            axes.axhline(at - 0.5, color=RULE, linewidth=0.7, zorder=0)
        last = str(row["part"])
    axes.set_yticks(range(len(words)), words)
    axes.tick_params(axis="y", pad=8, labelsize=7.5, labelcolor=INK)
    axes.set_ylim(len(words) - 0.4, -0.6)
    ends = [end for name in ("estimate", "conf_low", "conf_high") for end in frame[name].tolist()]
    axes.set_xlim(*hold_limits([end for end in ends if math.isfinite(end)]))


def _interval(row: Mapping[Any, Any], form: str) -> str:
    text = f"{number(row['estimate'], form)} [{number(row['conf_low'], form)}, {number(row['conf_high'], form)}]"
    return text.replace("-", "\N{MINUS SIGN}")
