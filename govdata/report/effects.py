"""Plots of effects: over a moderator, over time, and under an omitted variable."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
from matplotlib.ticker import FuncFormatter, MaxNLocator

from govdata.errors import ArgumentError
from govdata.report._contours import draw_contours, signed
from govdata.report._figure import COLOURS, INK, MARKERS, SOFT, check_width, find_targets, save
from govdata.report._models import label
from govdata.report._page import (
    check_choice,
    check_labels,
    check_text,
    hold_limits,
    open_page,
    plain_axes,
    plural,
    share,
    style_for,
    wrap,
)
from govdata.stats.impulse import ImpulseResponse
from govdata.stats.interactions import Interaction
from govdata.stats.sensitivity import Sensitivity

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from govdata.stats.keys import FloatArray

__all__ = ["impulse_plot", "interaction_plot", "sensitivity_plot"]

_LINE, _BAND, _BAR = COLOURS[0], "#c3dbea", "#9a9a9a"
_FEW = 10  # fewer values than these are points, not a curve
_FEW_ROWS = 40  # fewer rows than these are a rug, not a histogram
_LABEL_COLUMNS = 30
_STACKED = 5  # inches; in a narrower figure panels stand below each other


def interaction_plot(
    effect: Interaction,
    path: str | Path | None = None,
    *,
    labels: Mapping[str, str] | None = None,
    title: str | None = None,
    xlabel: str | None = None,
    ylabel: str | None = None,
    width: float = 6.5,
) -> Figure:
    """Draw the effect of a regressor over its moderator, and where the sample's rows are.

    Parameters
    ----------
    effect
        What ``stats.interaction`` returns.
    path
        Where to save: a name ending in ``.png``, ``.svg`` or ``.pdf``, or a name without ending for PNG and SVG. Equal
        effects give equal bytes.
    labels
        Words for columns, and for categories of the moderator.
    title, xlabel, ylabel
        Text above, below and on the left; the axes name the variables where left out.
    width
        In inches.

    Returns
    -------
    matplotlib.figure.Figure
        Not known to pyplot. The first axes hold the effect with its interval: a curve with a band, or points where the
        moderator has fewer than ten values or is a set of categories. The second hold the number of rows at each value
        of the moderator: bars, or single strokes where there are fewer than 40 rows.

    Raises
    ------
    ArgumentError
        If ``effect`` is something else, or an option has a form the function does not take.

    Notes
    -----
    The histogram keeps a reader from effects at values that hardly occur (Brambor, Clark and Golder 2006;
    Hainmueller, Mummolo and Xu 2019).

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from govdata import stats
    >>> from govdata.report.effects import interaction_plot
    >>> from govdata.stats.interactions import interaction
    >>> rng = np.random.default_rng(5)
    >>> data = pd.DataFrame(rng.normal(size=(400, 3)), columns=["x", "z", "e"])
    >>> data["y"] = data["x"] + 2 * data["x"] * data["z"] + data["e"]
    >>> figure = interaction_plot(interaction(stats.ols("y ~ x*z", data), "x", "z"))
    >>> [axes.get_ylabel() for axes in figure.axes]
    ['Effect of x on y', 'Rows']
    """
    _expect(effect, Interaction, "interaction_plot", "interaction")
    _check(labels, width, title=title, xlabel=xlabel, ylabel=ylabel)
    targets = find_targets(path)
    across = label(effect.moderator_name, labels) if xlabel is None else xlabel
    up = (
        f"Effect of {label(effect.regressor, labels)} on {label(effect.response, labels)}" if ylabel is None else ylabel
    )
    rows = plural(len(effect.moderator), "row")
    note = [
        f"{share(effect.level)} intervals; {effect.note()}",
        f"The interval excludes zero at {100 * effect.share_significant:.3g} % of the sample's {rows}",
        *effect.notes,
    ]
    levels = [str(value) for value in effect.at] if effect.categorical else []
    shown = [wrap(label(level, labels), min(_LABEL_COLUMNS, int(5 * width)), 4) for level in levels]
    with mpl.rc_context(style_for([across, up, title or "", *note, *shown])):
        if effect.categorical:
            figure = _over_categories(effect, shown, across, up, title, note, width)
        else:
            figure = _over_numbers(effect, across, up, title, note, width)
        save(figure, targets)
    return figure


def _over_numbers(
    effect: Interaction, across: str, up: str, title: str | None, note: list[str], width: float
) -> Figure:
    height = max(0.62 * width + 0.5, 3.0)
    figure = open_page(width, height, title=title, note=note)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=[5, 1])
    at = np.array(effect.at, dtype=np.float64)
    _curve(upper, at, effect.estimate, effect.conf_low, effect.conf_high, points=len(at) < _FEW)
    upper.set_ylim(*hold_limits([*effect.estimate, *effect.conf_low, *effect.conf_high]))
    upper.set_ylabel(wrap(up, int(8.5 * height), 4), color=INK, fontsize=9)
    upper.tick_params(axis="x", length=0)
    upper.spines["bottom"].set_visible(False)
    sample = np.array(effect.moderator, dtype=np.float64)
    ends = float(min(at.min(), sample.min())), float(max(at.max(), sample.max()))
    room = 0.03 * (ends[1] - ends[0]) or 0.5
    if len(at) < _FEW and len(at) > 1:
        room = max(room, 0.25 * float(np.diff(np.sort(at)).min()))
    upper.set_xlim(ends[0] - room, ends[1] + room)
    _rows(lower, sample)
    lower.set_xlabel(wrap(across, int(10 * width) - 4, 3), color=INK, fontsize=9)
    figure.align_ylabels([upper, lower])
    return figure


def _curve(axes: Axes, at: FloatArray, middle: FloatArray, low: FloatArray, high: FloatArray, *, points: bool) -> None:
    """Draw estimates with their intervals: points, or a curve with a band."""
    plain_axes(axes)
    axes.axhline(0, color=SOFT, linewidth=0.8, zorder=1.8)
    if points:
        axes.vlines(at, low, high, color=_LINE, linewidth=1.8, zorder=2)
        look: dict[str, Any] = {"marker": MARKERS[0], "markersize": 6.5, "markeredgecolor": "white"}
        axes.plot(at, middle, linestyle="none", color=_LINE, zorder=3, **look)
        return
    order = np.argsort(at, kind="stable")
    at, middle, low, high = (values[order] for values in (at, middle, low, high))
    axes.fill_between(at, low, high, color=_BAND, linewidth=0, zorder=1.2)
    for end in (low, high):
        axes.plot(at, end, color=_LINE, linewidth=0.6, zorder=2)
    axes.plot(at, middle, color=_LINE, linewidth=1.8, zorder=3)


def _rows(axes: Axes, sample: FloatArray) -> None:
    """Draw how many rows have which value: bars at few values, a rug of few rows, else a histogram."""
    plain_axes(axes)
    axes.grid(visible=False)
    axes.set_ylabel("Rows", color=INK, fontsize=9)
    values, counts = np.unique(sample, return_counts=True)
    if len(sample) < _FEW_ROWS and 2 * len(values) > len(sample):
        axes.vlines(sample, 0, 1, color=SOFT, linewidth=0.8)
        axes.set_ylim(0, 1.4)
        axes.set_yticks([])
        return
    if len(values) <= _FEW:
        axes.set_xticks(values.tolist(), [f"{value:g}".replace("-", "\N{MINUS SIGN}") for value in values.tolist()])
    if len(values) <= 2 * _FEW:
        axes.vlines(values, 0, counts, color=_BAR, linewidth=7 if len(values) <= _FEW else 4)
        top = int(counts.max())
    else:
        bins = int(min(40, max(10, round(math.sqrt(len(sample))))))
        heights, _, _ = axes.hist(sample, bins=bins, color=_BAR, edgecolor="white", linewidth=0.4)
        top = int(np.max(heights))
    axes.set_ylim(0, 1.12 * top)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=2, integer=True))


def _over_categories(
    effect: Interaction, shown: list[str], across: str, up: str, title: str | None, note: list[str], width: float
) -> Figure:
    """Draw categories from the top, the number of rows of each on the right."""
    rows = [0.1 + max(0.2, 0.155 * (text.count("\n") + 1)) for text in shown]
    ends = np.cumsum(rows)
    middles = ends - np.array(rows) / 2
    beneath = wrap(up, max(14, int(11 * width) - 20), 4)
    above = wrap(across, int(3.5 * width), 3)
    height = float(ends[-1]) + 0.6 + 0.14 * (beneath.count("\n") + 1) + 0.16 * (above.count("\n") + 1)
    figure = open_page(width, height, title=title, note=note)
    left, right = figure.subplots(1, 2, sharey=True, width_ratios=[4, 1])
    plain_axes(left, grid="x")
    left.axvline(0, color=SOFT, linewidth=0.8, zorder=1)
    left.hlines(middles, effect.conf_low, effect.conf_high, color=_LINE, linewidth=1.8, zorder=2)
    look: dict[str, Any] = {"marker": MARKERS[0], "markersize": 6.5, "markeredgecolor": "white"}
    left.plot(effect.estimate, middles, linestyle="none", color=_LINE, zorder=3, **look)
    left.set_xlim(*hold_limits([*effect.estimate, *effect.conf_low, *effect.conf_high]))
    left.set_ylim(float(ends[-1]), 0)
    left.set_yticks(middles.tolist(), shown)
    left.tick_params(axis="y", pad=8, labelsize=9, labelcolor=INK)
    left.set_xlabel(beneath, color=INK, fontsize=9)
    left.set_title(above, loc="left", fontsize=9, color=INK)
    counts = [sum(value == level for value in effect.moderator) for level in effect.at]
    plain_axes(right, grid="x")
    right.grid(visible=False)
    right.barh(middles, counts, height=0.14, color=_BAR)
    right.tick_params(axis="y", labelleft=False)
    right.set_xlim(0, 1.45 * max(counts) if any(counts) else 1)
    for y, count in zip(middles, counts, strict=True):
        at = (count, y)
        right.annotate(
            f"{count:,}", at, xytext=(3, 0), textcoords="offset points", va="center", fontsize=7.5, color=SOFT
        )
    right.set_xticks([])
    right.spines["bottom"].set_visible(False)
    right.set_xlabel("Rows", color=INK, fontsize=9)
    return figure


def impulse_plot(
    response: ImpulseResponse,
    path: str | Path | None = None,
    *,
    show: str = "both",
    labels: Mapping[str, str] | None = None,
    title: str | None = None,
    xlabel: str | None = None,
    width: float = 7.0,
) -> Figure:
    """Draw what a change in a regressor does to the response, period by period.

    Parameters
    ----------
    response
        What ``stats.impulse_response`` returns.
    path
        Where to save: a name ending in ``.png``, ``.svg`` or ``.pdf``, or a name without ending for PNG and SVG. Equal
        responses give equal bytes.
    show
        ``"pulse"``, the response to one unit more in one period; ``"step"``, to one unit more for good; ``"both"``.
    labels
        Words for columns.
    title, xlabel
        Text above and below.
    width
        In inches.

    Returns
    -------
    matplotlib.figure.Figure
        Not known to pyplot. One axes a panel, pulse first.

    Raises
    ------
    ArgumentError
        If ``response`` is something else, or an option has a form the function does not take.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from govdata import stats
    >>> from govdata.report.effects import impulse_plot
    >>> from govdata.stats.impulse import impulse_response
    >>> rng = np.random.default_rng(3)
    >>> data = pd.DataFrame({"iso3": np.repeat(np.arange(20), 30), "year": np.tile(np.arange(30), 20)})
    >>> data["x"], data["y"] = rng.normal(size=(2, 600))
    >>> found = impulse_response(stats.ols("y ~ lag(y) + x | iso3", data), "x", horizon=5)
    >>> figure = impulse_plot(found)
    >>> [axes.get_title(loc="left") for axes in figure.axes]
    ['Pulse: one unit more in period 0 alone', 'Step: one unit more from period 0 on']
    """
    _expect(response, ImpulseResponse, "impulse_plot", "impulse_response")
    _check(labels, width, title=title, xlabel=xlabel)
    panels = [
        kind for kind in ("pulse", "step") if check_choice("show", show, ("both", "pulse", "step")) in (kind, "both")
    ]
    targets = find_targets(path)
    outcome, cause = label(response.response, labels), label(response.regressor, labels)
    note = [f"{share(response.level)} intervals, each for its own period; {response.note()}", *response.notes]
    across = "Periods since the change" if xlabel is None else xlabel
    up = f"Response of {outcome} to {cause}"
    frame = response.tidy()
    with mpl.rc_context(style_for([across, up, title or "", *note])):
        beside = len(panels) if width >= _STACKED else 1
        each, stacked = width / beside, len(panels) // beside
        height = max(2.4, min(0.62 * each + 1.0, 4.2))
        figure = open_page(width, height * stacked, title=title, note=note)
        drawn = figure.subplots(stacked, beside, squeeze=False, sharex=True).ravel()
        heads = {"pulse": "Pulse: one unit more in period 0 alone", "step": "Step: one unit more from period 0 on"}
        for axes, kind in zip(drawn, panels, strict=True):
            own = frame[frame["shock"] == kind]
            at, middle, low, high = (
                own[name].to_numpy(dtype=np.float64) for name in ("horizon", "estimate", "conf_low", "conf_high")
            )
            _curve(axes, at, middle, low, high, points=False)
            if len(at) <= 2 * _FEW + 1:
                axes.plot(at, middle, linestyle="none", marker=MARKERS[0], markersize=4.5, color=_LINE, zorder=4)
            axes.set_ylim(*hold_limits([*middle, *low, *high]))
            axes.set_xlim(-0.02 * at[-1], 1.02 * at[-1])
            axes.xaxis.set_major_locator(MaxNLocator(nbins=max(2, int(2 * each)), steps=[1, 2, 5, 10], integer=True))
            axes.set_title(wrap(heads[kind], max(16, int(13 * (each - 0.55)))), loc="left", fontsize=9, color=INK)
        for axes in drawn[::beside]:
            axes.set_ylabel(wrap(up, int(9 * height), 4), color=INK, fontsize=9)
        for axes in drawn[-beside:]:
            axes.set_xlabel(wrap(across, int(10 * each), 2), color=INK, fontsize=9)
        save(figure, targets)
    return figure


def sensitivity_plot(
    found: Sensitivity,
    path: str | Path | None = None,
    *,
    of: str = "estimate",
    labels: Mapping[str, str] | None = None,
    title: str | None = None,
    width: float = 6.0,
) -> Figure:
    """Draw the estimate that an omitted variable would leave, by its strength.

    Parameters
    ----------
    found
        What ``stats.sensitivity`` returns.
    path
        Where to save: a name ending in ``.png``, ``.svg`` or ``.pdf``, or a name without ending for PNG and SVG.
    of
        ``"estimate"``, or ``"statistic"`` for the t value of the null the object is about.
    labels
        Words for columns.
    title
        Text above.
    width
        In inches.

    Returns
    -------
    matplotlib.figure.Figure
        Not known to pyplot. Contours of equal estimates; the dashed one is where the conclusion turns: the estimate
        brought down by the share ``q``, or the critical t value. The diamond is the estimate as it is, other marks are
        confounders so many times as strong as a benchmark; one for which there is no room is not numbered.

    Raises
    ------
    ArgumentError
        If ``found`` is something else, or an option has a form the function does not take.

    Notes
    -----
    After Cinelli and Hazlett (2020).

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from govdata import stats
    >>> from govdata.report.effects import sensitivity_plot
    >>> from govdata.stats.sensitivity import sensitivity
    >>> rng = np.random.default_rng(4)
    >>> data = pd.DataFrame(rng.normal(size=(300, 3)), columns=["w", "d", "e"])
    >>> data["x"] = 0.4 * data["w"] + data["d"]
    >>> data["y"] = data["x"] + data["w"] + data["e"]
    >>> found = sensitivity(stats.ols("y ~ x + w", data), "x", benchmark="w")
    >>> sensitivity_plot(found).axes[0].get_xlabel()
    'Share of the residual variance of x explained'
    """
    _expect(found, Sensitivity, "sensitivity_plot", "sensitivity")
    _check(labels, width, title=title)
    check_choice("of", of, ("estimate", "statistic"))
    targets = find_targets(path)
    treatment, outcome = label(found.treatment, labels), label(found.response, labels)
    turned = "zero" if found.q == 1 else f"{100 * (1 - found.q):g} % of it"
    dashed = f"the estimate is {turned}" if of == "estimate" else f"t is at its critical value, level {found.alpha:g}"
    lines = "estimates" if of == "estimate" else "t values"
    now = signed(found.estimate if of == "estimate" else found.q * found.estimate / found.std_error)
    note = [
        f"Lines of equal {lines} for {treatment}, given an omitted variable; diamond: as it is, {now}",
        f"Dashed: where {dashed}",
        f"Robustness value {100 * found.rv_q:.3g} %, {100 * found.rv_qa:.3g} % at level {found.alpha:g}",
        found.note(),
        *(["Marks: an omitted variable k times as strong as a regressor of the model"] if len(found.bounds) else []),
        *found.notes,
    ]
    across = f"Share of the residual variance of {treatment} explained"
    up = f"Share of the residual variance of {outcome} explained"
    benchmarks = [label(str(name), labels) for name in found.bounds["benchmark"]]
    with mpl.rc_context(style_for([across, up, title or "", *note, *benchmarks])):
        figure = open_page(width, 0.72 * width + 0.4, title=title, note=note)
        axes = figure.add_subplot()
        plain_axes(axes, grid="both")
        axes.spines["left"].set(color=SOFT, linewidth=0.6, visible=True)
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:g} %"))
        axes.set_xlabel(wrap(across, int(9 * width) - 4, 3), color=INK, fontsize=9)
        axes.set_ylabel(wrap(up, int(7.5 * width), 3), color=INK, fontsize=9)
        draw_contours(figure, axes, found, of, [wrap(name, int(9 * width), 2) for name in benchmarks])
        save(figure, targets)
    return figure


def _expect(given: object, kind: type, function: str, maker: str) -> None:
    if not isinstance(given, kind):
        raise ArgumentError(f"{function} draws what stats.{maker}() returns, not {type(given).__name__}")


def _check(labels: object, width: object, **texts: object) -> None:
    check_labels(labels)
    check_width(width)
    for name, text in texts.items():
        check_text(name, text)
