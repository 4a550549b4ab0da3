"""Residuals of a model by unit, by time and against its fitted values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
from matplotlib.ticker import MaxNLocator

from govdata.errors import ArgumentError, EstimationError
from govdata.report._figure import COLOURS, INK, SOFT, check_width, find_targets, save
from govdata.report._models import label, named_models
from govdata.report._page import (
    check_choice,
    check_labels,
    check_text,
    hold_limits,
    open_page,
    plain_axes,
    plural,
    style_for,
    wrap,
)
from govdata.report._places import place_names
from govdata.stats.keys import Codes

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from govdata.stats import PanelResults
    from govdata.stats.keys import BoolArray, FloatArray, IntArray

__all__ = ["residual_plot"]

PANELS = ("unit", "time", "fitted")
_HEIGHT = 2.5  # inches of a panel
_POINT, _BOX, _MARK = "#8a8a8a", COLOURS[0], COLOURS[1]
_NAMED_UNITS = 45  # no more units have their names on the axis
_MANY = 4000  # more points are drawn as pixels in vector files
_EXACT = 1e-10


@dataclass(frozen=True, slots=True, eq=False)
class _Residuals:
    """Residuals in their own standard deviations, with the names of their rows."""

    values: FloatArray
    fitted: FloatArray
    scale: float
    unit: Codes | None
    time: Codes | None
    largest: IntArray
    labels: Mapping[str, str] | None

    def unit_name(self, row: int) -> str:
        assert self.unit is not None  # noqa: S101 -- for the type checker: asked only where there are units
        name = str(self.unit.levels[int(self.unit.codes[row])])
        return (self.labels or {}).get(name, name)

    def time_name(self, row: int) -> str:
        assert self.time is not None  # noqa: S101 -- as above
        return str(self.time.levels[int(self.time.codes[row])])

    def name(self, row: int) -> str:
        parts = [self.unit_name(row)] if self.unit is not None else []
        return " ".join([*parts, *([self.time_name(row)] if self.time is not None else [])])


def residual_plot(
    m: PanelResults,
    path: str | Path | None = None,
    *,
    panels: Sequence[str] | None = None,
    names: int = 6,
    labels: Mapping[str, str] | None = None,
    title: str | None = None,
    width: float = 7.5,
) -> Figure:
    """Draw the residuals of a model by unit and by time, and name the largest.

    Parameters
    ----------
    m
        A fitted model.
    path
        Where to save: a name ending in ``.png``, ``.svg`` or ``.pdf``, or a name without ending for PNG and SVG. Equal
        models give equal bytes.
    panels
        Of ``"unit"``, ``"time"`` and ``"fitted"``, from the top. Left out: unit and time where the data name them, else
        against the fitted values.
    names
        How many of the largest residuals are named, from 0 to 30; by unit, the largest of so many units. A name for
        which there is no room is left out.
    labels
        Words for columns, and for units.
    title
        Text above.
    width
        In inches.

    Returns
    -------
    matplotlib.figure.Figure
        Not known to pyplot. By unit: units from the smallest to the largest spread, a thin line from the lowest to the
        highest residual, a thick one between the quartiles, a dot at the median. By time: every residual, the mean, and
        two standard deviations of that time about it. Against fitted values: every residual, and means of twenty
        groups of equal size.

    Raises
    ------
    ArgumentError
        If ``m`` is no model, or an option has a form the function does not take.
    EstimationError
        If the model fits exactly, so that residuals are rounding, or has no units or times for a panel asked for.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from govdata import stats
    >>> from govdata.report.residual_plots import residual_plot
    >>> rng = np.random.default_rng(1)
    >>> frame = pd.DataFrame({"iso3": np.repeat(["CHN", "IRN"], 10), "year": [*range(2000, 2010)] * 2})
    >>> frame["x"], frame["y"] = rng.normal(size=(2, 20))
    >>> figure = residual_plot(stats.ols("y ~ x | iso3", frame))
    >>> [axes.get_xlabel() for axes in figure.axes]
    ['iso3, by spread (2 units)', 'year']
    """
    model = _model(m)
    check_labels(labels)
    check_text("title", title)
    check_width(width)
    targets = find_targets(path)
    if isinstance(names, bool) or not isinstance(names, int) or not 0 <= names <= 30:
        raise ArgumentError(f"names is a whole number from 0 to 30, not {names!r}")
    chosen = _panels(model, panels)
    found = _residuals(model, names, labels)
    outcome = label(model.response, labels)
    note = [
        f"{model.estimator}, N = {model.nobs:,}; standard deviation of the residuals {found.scale:.4g}, of {outcome}",
        _what_is_named(found, chosen),
        *([] if model.linear else ["The model is not linear: residuals are those of the response"]),
        *([f"Data: {model.dataset}"] if model.dataset else []),
    ]
    heads = {
        "unit": [] if found.unit is None else [str(level) for level in found.unit.levels],
        "time": [] if found.time is None else [str(level) for level in found.time.levels],
    }
    texts = [title or "", *note, *heads["unit"], *heads["time"], *(labels or {}).values()]
    with mpl.rc_context(style_for(texts)):
        figure = open_page(width, _HEIGHT * len(chosen) + 0.2, title=title, note=note)
        drawn = figure.subplots(len(chosen), 1, squeeze=False)[:, 0]
        limits = hold_limits([*found.values, *(_spread(found)[2].ravel() if "time" in chosen else ())])
        marks = []
        for axes, panel in zip(drawn, chosen, strict=True):
            plain_axes(axes)
            axes.axhline(0, color=SOFT, linewidth=0.8, zorder=1)
            axes.set_ylim(*limits)
            axes.yaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
            draw = {"unit": _by_unit, "time": _by_time, "fitted": _by_fitted}[panel]
            marks.append(draw(axes, found, width))
        middle = len(drawn) // 2
        for i, axes in enumerate(drawn):
            axes.set_ylabel("Residual,\nstandard deviations" if i == middle or len(drawn) == 2 else "", fontsize=9)
        for axes, own in zip(drawn, marks, strict=True):
            place_names(figure, axes, own)
        save(figure, targets)
    return figure


def _model(m: Any) -> PanelResults:  # noqa: ANN401 -- what is no model is refused
    named: dict[str, PanelResults] = named_models(m)
    if len(named) > 1:
        raise ArgumentError(f"residual_plot draws one model, not {len(named)}")
    return next(iter(named.values()))


def _what_is_named(found: _Residuals, chosen: list[str]) -> str:
    count = len(found.largest)
    if not count or (found.unit is None and found.time is None):
        return ""
    units = f"the {plural(min(count, len(found.unit.levels)), 'unit')} with the largest residuals" if found.unit else ""
    rows = f"the {count} largest residuals"
    parts = [units if panel == "unit" else rows for panel in chosen]
    return f"Named: {', '.join(dict.fromkeys(parts))}"


def _panels(model: PanelResults, panels: object) -> list[str]:
    known = {"unit": model.design.unit, "time": None if model.design.by_unit else model.design.time}
    if panels is None:
        return [panel for panel, keys in known.items() if keys is not None] or ["fitted"]
    if isinstance(panels, (str, bytes, Mapping, set, frozenset)) or not isinstance(panels, Sequence):
        hint = f"; write [{panels!r}]" if isinstance(panels, str) else ""
        raise ArgumentError(f"panels is a list of {', '.join(PANELS)}, not {panels!r}{hint}")
    chosen = list(dict.fromkeys(check_choice("each of panels", panel, PANELS) for panel in panels))
    if not chosen:
        raise ArgumentError(f"panels names none of {', '.join(PANELS)}")
    for panel in chosen:
        if panel in known and known[panel] is None:
            raise EstimationError(f"the model's rows have no {panel}, so residuals cannot be drawn by it")
    return chosen


def _residuals(model: PanelResults, names: int, labels: Mapping[str, str] | None) -> _Residuals:
    resid = np.asarray(model.fit.resid, dtype=np.float64)
    fitted = model.design.y - resid
    scale = float(np.sqrt(np.mean(resid**2)))
    size = float(np.max(np.abs(model.design.y), initial=0.0))
    if not np.isfinite(scale) or scale <= _EXACT * max(size, np.finfo(np.float64).tiny):
        raise EstimationError("the model fits its rows exactly, so residuals are rounding and show nothing")
    values = resid / scale
    largest = np.argsort(-np.abs(values), kind="stable")[:names]
    time = None if model.design.by_unit else model.design.time
    return _Residuals(values, fitted, scale, model.design.unit, time, largest, labels)


Marks = list[tuple[float, float, str]]


def _by_unit(axes: Axes, found: _Residuals, width: float) -> Marks:
    """Draw units in the order of their spread."""
    unit = found.unit
    assert unit is not None  # noqa: S101 -- panels are checked before
    n = len(unit.levels)
    spread = np.sqrt(np.bincount(unit.codes, found.values**2, n) / np.bincount(unit.codes, minlength=n))
    order = np.argsort(spread, kind="stable")
    place = np.empty(n, dtype=np.int64)
    place[order] = np.arange(n)
    low, first, middle, third, high = (
        np.array([np.quantile(found.values[unit.codes == code], share) for code in order])
        for share in (0, 0.25, 0.5, 0.75, 1)
    )
    thick = min(7.0, max(1.2, 0.55 * 72 * (width - 1) / n))
    at = np.arange(n)
    axes.vlines(at, low, high, color=_POINT, linewidth=min(0.9, thick / 2), zorder=2)
    axes.vlines(at, first, third, color=_BOX, linewidth=thick, zorder=3)
    axes.plot(at, middle, "o", markersize=min(3.5, thick * 0.9), color="white", markeredgewidth=0, zorder=4)
    axes.set_xlim(-0.8, n - 0.2)
    axes.set_xlabel(f"{label(unit.name, found.labels)}, by spread ({plural(n, 'unit')})", color=INK, fontsize=9)
    if n <= _NAMED_UNITS:
        shown = [str(unit.levels[int(code)]) for code in order]
        shown = [wrap((found.labels or {}).get(name, name), 16, 1) for name in shown]
        turned = max(map(len, shown)) * n > 11 * width
        axes.set_xticks(at.tolist(), shown, rotation=90 if turned else 0)
        axes.tick_params(axis="x", labelsize=7, length=2, pad=2)
    else:
        axes.set_xticks([])
    ranked = np.argsort(-np.abs(found.values), kind="stable")
    _, earliest = np.unique(unit.codes[ranked], return_index=True)
    marks: Marks = []
    for row in ranked[np.sort(earliest)][: len(found.largest)].tolist():
        x, y = float(place[unit.codes[row]]), float(found.values[row])
        axes.plot([x], [y], "o", markersize=3.5, color=_MARK, markeredgewidth=0, zorder=5)
        marks.append((x, y, found.name(row)))
    return marks


def _by_time(axes: Axes, found: _Residuals, width: float) -> Marks:
    """Draw every residual beside its time, with the mean and two standard deviations."""
    time = found.time
    assert time is not None  # noqa: S101 -- panels are checked before
    n = len(time.levels)
    # Rows of one time stand beside each other in the order of their units, which is the sample's own.
    counts = np.bincount(time.codes, minlength=n)
    turn = np.zeros(len(time.codes))
    for code in range(n):
        own = time.codes == code
        turn[own] = (np.arange(counts[code]) * 0.6180339887498949) % 1 - 0.5
    at = np.array(time.levels, dtype=np.float64) if time.whole else np.arange(n, dtype=np.float64)
    step = float(np.diff(at).min()) if n > 1 else 1.0
    x = at[time.codes] + 0.5 * step * turn
    many = len(x) > _MANY
    axes.plot(x, found.values, "o", markersize=1.6, color=_POINT, markeredgewidth=0, zorder=2, rasterized=many)
    mean, several, ends = _spread(found)
    axes.plot(at, mean, "o-", markersize=4, linewidth=1.2, color=_BOX, zorder=4)
    for side in ends:
        axes.plot(at[several], side, "_", markersize=9, markeredgewidth=1.4, color=_BOX, zorder=4)
    axes.vlines(at[several], *ends, color=_BOX, linewidth=0.9, zorder=3)
    axes.set_xlim(float(at[0]) - 0.7 * step, float(at[-1]) + 0.7 * step)
    axes.set_xlabel(label(time.name, found.labels), color=INK, fontsize=9)
    if time.whole:
        axes.xaxis.set_major_locator(MaxNLocator(nbins=int(1.4 * width), steps=[1, 2, 5, 10], integer=True))
    else:
        longest = max(len(str(level)) for level in time.levels)
        every = max(1, -(-n * (longest + 2) // int(12 * width)))
        axes.set_xticks(at[::every].tolist(), [str(level) for level in time.levels[::every]])
    marks: Marks = []
    for row in found.largest.tolist():
        axes.plot([x[row]], [found.values[row]], "o", markersize=3.5, color=_MARK, markeredgewidth=0, zorder=5)
        marks.append((float(x[row]), float(found.values[row]), found.unit_name(row) if found.unit else found.name(row)))
    return marks


def _spread(found: _Residuals) -> tuple[FloatArray, BoolArray, FloatArray]:
    """Return the mean of each time, which times have several rows, and two standard deviations about their means."""
    time = found.time
    assert time is not None  # noqa: S101 -- panels are checked before
    n = len(time.levels)
    counts = np.bincount(time.codes, minlength=n)
    mean = np.bincount(time.codes, found.values, n) / counts
    several = counts > 1
    squares = np.bincount(time.codes, (found.values - mean[time.codes]) ** 2, n)
    two = 2 * np.sqrt(squares[several] / (counts[several] - 1))
    return mean, several, np.vstack([mean[several] - two, mean[several] + two])


def _by_fitted(axes: Axes, found: _Residuals, width: float) -> Marks:
    """Draw residuals against fitted values, with means of groups of equal size."""
    del width
    many = len(found.values) > _MANY
    axes.plot(
        found.fitted, found.values, "o", markersize=1.8, color=_POINT, markeredgewidth=0, zorder=2, rasterized=many
    )
    order = np.lexsort((found.values, found.fitted))
    groups = [own for own in np.array_split(order, 20) if len(own)]
    if len(order) >= 100:
        means = [(float(found.fitted[own].mean()), float(found.values[own].mean())) for own in groups]
        axes.plot(*zip(*means, strict=True), "o-", markersize=4, linewidth=1.2, color=_BOX, zorder=4)
    axes.set_xlabel("Fitted value, effects included", color=INK, fontsize=9)
    axes.set_xlim(*hold_limits(found.fitted, zero=False))
    marks: Marks = []
    for row in found.largest.tolist():
        x, y = float(found.fitted[row]), float(found.values[row])
        axes.plot([x], [y], "o", markersize=3.5, color=_MARK, markeredgewidth=0, zorder=5)
        if name := found.name(row):
            marks.append((x, y, name))
    return marks
