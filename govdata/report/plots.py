"""Coefficient plots: across models, and across conventions for the standard errors."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import matplotlib as mpl
from matplotlib.lines import Line2D

from govdata.errors import ArgumentError
from govdata.report._conventions import under_conventions
from govdata.report._figure import COLOURS, INK, MARKERS, RULE, SOFT, check_width, find_targets, save
from govdata.report._models import INTERCEPT, Models, choose_terms, label, named_models
from govdata.report._page import (
    check_labels,
    check_level,
    check_text,
    columns_of,
    head_legend,
    hold_limits,
    open_page,
    plain_axes,
    share,
    style_for,
    wrap,
)
from govdata.stats.wording import grouped

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from govdata.stats import PanelResults

__all__ = ["coefplot"]

MOST = 2 * len(COLOURS)
_LINE, _PAD = 0.21, 0.09  # inches: one estimate, and the room above and below a term
_LABEL_LINE = 0.155
_LABEL_COLUMN, _VALUE_COLUMN = 0.082, 0.068  # inches a character of a label and of a number takes
_LABEL_COLUMNS, _LABEL_LINES = 30, 4
_NARROWEST = 1.0  # inches that intervals need; with less, numbers are left out
_OFFSET = 6
_DIGITS = 20
_MOST_DECIMALS = 6
_LARGE = 1e9
_MINUS = "\N{MINUS SIGN}"
_DASH = "\N{EN DASH}"


class _Line(NamedTuple):
    """One estimate with its interval."""

    estimate: float
    low: float
    high: float

    @property
    def open_ends(self) -> bool:
        return math.isinf(self.low) or math.isinf(self.high)

    @property
    def undefined(self) -> bool:
        return math.isnan(self.low) or math.isnan(self.high)


Lines = dict[tuple[str, str], _Line]


def coefplot(
    models: Models,
    path: str | Path | None = None,
    *,
    conventions: bool | Sequence[str | Mapping[str, Any]] = False,
    labels: Mapping[str, str] | None = None,
    level: float = 0.95,
    keep: Sequence[str] | None = None,
    drop: Sequence[str] | None = None,
    title: str | None = None,
    xlabel: str | None = None,
    values: bool | None = None,
    width: float = 6.5,
) -> Figure:
    """Draw coefficients with their confidence intervals.

    Parameters
    ----------
    models
        One result of ``stats.ols``, a list, or a dict of names and results; at most twelve.
    path
        Where to save: a name ending in ``.png``, ``.svg`` or ``.pdf``, or a name without ending for PNG and SVG. Equal
        models give equal bytes.
    conventions
        Draw one model under several conventions for its standard errors. True takes those of ``se_table()`` but the
        bootstrap; a list names them as ``with_se`` does (``"CR2"``, ``"DK"``, ``"wild"``), as ``se_table()`` does
        (``"CRV1 iso3+year"``), or in full (``{"se": "DK", "lags": 3}``). Those that are not defined in the sample are
        named in the note with their reason.
    labels
        Words for columns: ``{"polyarchy": "Electoral democracy"}``.
    level
        Of the intervals.
    keep, drop
        Coefficients to show, from the top, or to leave out. The intercept is shown only when kept by name.
    title, xlabel
        Text above and below; the axis names the response where left out.
    values
        Whether estimates and intervals also stand as numbers on the right. Left out: where there is room for them.
    width
        In inches. The height follows from the number of coefficients.

    Returns
    -------
    matplotlib.figure.Figure
        Not known to pyplot: nothing is shown and no state is changed. An arrow ends an interval that has no end.

    Raises
    ------
    ArgumentError
        If an option has a form the function does not take.

    Examples
    --------
    >>> import pandas as pd
    >>> from govdata import report, stats
    >>> frame = pd.DataFrame({"y": [1.0, 2.0, 4.0, 3.0, 6.0], "x": [0.0, 1.0, 2.0, 3.0, 4.0]})
    >>> figure = report.coefplot(stats.ols("y ~ x", frame))
    >>> figure.axes[0].get_xlabel()
    'Coefficient, 95 % interval (outcome: y)'
    >>> figure = report.coefplot(stats.ols("y ~ x", frame), conventions=["iid", "HC1"])
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['iid', 'HC1']
    """
    named, refused = _named(models, conventions)
    check_width(width)
    _check(labels, level, title, xlabel, values)
    targets = find_targets(path)
    terms = choose_terms(named.values(), keep, drop)
    if keep is None and len(terms) > 1:
        terms = [term for term in terms if term != INTERCEPT]
    lines = {key: line for key, line in _lines(named, level).items() if key[1] in terms}
    columns = min(_LABEL_COLUMNS, max(10, int(5 * width)))
    words = {term: wrap(label(term, labels), columns, _LABEL_LINES) for term in terms}
    rows, ends = _positions(named, words)
    numbers = _numbers(lines, rows)
    left = _LABEL_COLUMN * max(columns_of(line) for text in words.values() for line in text.split("\n")) + 0.15
    right = _VALUE_COLUMN * max(map(len, numbers.values())) + 0.15
    if values is None:
        values = width - left - right >= _NARROWEST
    right = right if values else 0.0
    note = _note(named, lines, refused, several=bool(conventions))
    responses = list(dict.fromkeys(label(model.response, labels) for model in named.values()))
    shown = f"Coefficient, {share(level)} interval (outcome: {', '.join(responses)})" if xlabel is None else xlabel
    shown = wrap(shown, max(16, int((width - left - right + 2 * min(left, right)) / _LABEL_COLUMN)), _LABEL_LINES)
    with mpl.rc_context(style_for([*words.values(), shown, title or "", *note, *named])):
        figure = open_page(width, ends[-1] + 0.6 + 0.14 * (shown.count("\n") + 1), title=title, note=note)
        axes = figure.add_subplot()
        looks = {name: _look(i) for i, name in enumerate(named)}
        _draw(axes, lines, rows, looks)
        _frame(axes, list(words.values()), ends, several=len(named) > 1)
        axes.set_xlim(*_limits(lines))
        axes.set_xlabel(shown, color=INK, fontsize=9, labelpad=6)
        if values:
            # The numbers are labels of a second axis, so that the layout makes room for them.
            beside = axes.secondary_yaxis("right")
            beside.set_yticks(list(rows.values()), [numbers[key] for key in rows])
            beside.tick_params(axis="y", length=0, pad=8, labelsize=8, labelcolor=INK)
            beside.spines["right"].set_visible(False)
        if len(named) > 1 and not _write_names(figure, axes, lines, rows, looks):
            head_legend(figure, [Line2D([], [], **look) for look in looks.values()], list(looks))
        _draw_open_ends(axes, lines, rows, looks)
        save(figure, targets)
    return figure


def _named(models: Models, conventions: object) -> tuple[dict[str, PanelResults], list[str]]:
    """Give models and conventions their headings; say which conventions were refused."""
    named = named_models(models)
    refused: list[str] = []
    if conventions is not False and conventions is not None:
        if len(named) > 1:
            raise ArgumentError(f"conventions= compares the standard errors of one model, and there are {len(named)}")
        named, refused = under_conventions(next(iter(named.values())), conventions)
    if len(named) > MOST:
        what = "conventions" if refused or conventions else "models"
        raise ArgumentError(f"at most {MOST} {what} stay apart in one plot, not {len(named)}")
    return named, refused


def _check(labels: object, level: object, title: object, xlabel: object, values: object) -> None:
    check_labels(labels)
    check_level(level)
    check_text("title", title)
    check_text("xlabel", xlabel)
    if values is not None and not isinstance(values, bool):
        raise ArgumentError(f"values is True, False or left out, not {values!r}")


def _lines(named: Mapping[str, PanelResults], level: float) -> Lines:
    found: Lines = {}
    for name, model in named.items():
        estimates, interval = model.params.tolist(), model.conf_int(level)
        low, high = interval["conf_low"].tolist(), interval["conf_high"].tolist()
        for term, *numbers in zip(model.terms, estimates, low, high, strict=True):
            found[name, term] = _Line(*numbers)
    return found


def _positions(
    named: Mapping[str, PanelResults], words: Mapping[str, str]
) -> tuple[dict[tuple[str, str], float], list[float]]:
    """Place every estimate, terms and models from the top; return where each term's room ends, too."""
    rows: dict[tuple[str, str], float] = {}
    ends: list[float] = []
    at = 0.0
    for term, text in words.items():
        present = [name for name, model in named.items() if term in model.terms]
        needed = max(len(present) * _LINE, (text.count("\n") + 1) * _LABEL_LINE)
        start = at + _PAD + (needed - len(present) * _LINE) / 2
        for i, name in enumerate(present):
            rows[name, term] = start + (i + 0.5) * _LINE
        at += 2 * _PAD + needed
        ends.append(at)
    return rows, ends


def _look(i: int) -> dict[str, Any]:
    """Choose colour and shape of a model; the second half of twelve has hollow marks and thinner lines."""
    colour, marker = COLOURS[i % len(COLOURS)], MARKERS[i % len(MARKERS)]
    hollow = i >= len(COLOURS)
    return {
        "color": colour,
        "marker": marker,
        "markersize": 5.5 if marker == "D" else 6.5,
        "markerfacecolor": "white" if hollow else colour,
        "markeredgecolor": colour if hollow else "white",
        "markeredgewidth": 1.2 if hollow else 0.7,
        "linewidth": 1.1 if hollow else 1.8,
    }


def _draw(axes: Axes, lines: Lines, rows: dict[tuple[str, str], float], looks: dict[str, dict[str, Any]]) -> None:
    axes.axvline(0, color=SOFT, linewidth=0.8, zorder=1)
    for (name, term), y in sorted(rows.items(), key=lambda item: (list(looks).index(item[0][0]), item[1])):
        line, look = lines[name, term], looks[name]
        if not (line.open_ends or line.undefined):
            style = {"color": look["color"], "linewidth": look["linewidth"], "solid_capstyle": "butt"}
            axes.plot([line.low, line.high], [y, y], zorder=2, **style)
        axes.plot([line.estimate], [y], linestyle="none", zorder=3, **{k: v for k, v in look.items() if k[0] != "l"})


def _limits(lines: Lines) -> tuple[float, float]:
    low, high = hold_limits([number for line in lines.values() for number in line], zero=True)
    if any(line.open_ends for line in lines.values()):
        reach = 0.15 * (high - low)  # an arrow is seen to leave the others behind
        return low - reach, high + reach
    return low, high


def _draw_open_ends(
    axes: Axes, lines: Lines, rows: dict[tuple[str, str], float], looks: dict[str, dict[str, Any]]
) -> None:
    """Draw intervals without an end to the edge of the plot, under an arrow."""
    edges = axes.get_xlim()
    for key, y in rows.items():
        line, look = lines[key], looks[key[0]]
        if not line.open_ends or line.undefined:
            continue
        reach = [max(line.low, edges[0]), min(line.high, edges[1])]
        style = {"color": look["color"], "linewidth": look["linewidth"], "zorder": 2}
        axes.plot(reach, [y, y], solid_capstyle="butt", **style)
        for end, edge, arrow in ((line.low, reach[0], "<"), (line.high, reach[1], ">")):
            if math.isinf(end):
                axes.plot([edge], [y], marker=arrow, markersize=5, color=look["color"], clip_on=False, zorder=4)
    axes.set_xlim(*edges)


def _frame(axes: Axes, shown: list[str], ends: list[float], *, several: bool) -> None:
    starts = [0.0, *ends[:-1]]
    plain_axes(axes, grid="x")
    axes.set_ylim(ends[-1], 0)
    axes.set_yticks([(start + end) / 2 for start, end in zip(starts, ends, strict=True)], shown)
    axes.tick_params(axis="y", pad=8, labelsize=9, labelcolor=INK)
    if several:
        for end in ends[:-1]:
            axes.axhline(end, color=RULE, linewidth=0.5, zorder=0)


def _numbers(lines: Lines, rows: Mapping[tuple[str, str], float]) -> dict[tuple[str, str], str]:
    """Write estimates and intervals; those of one coefficient have the same decimals."""
    decimals: dict[str, int] = {}
    for name, term in rows:
        decimals[term] = max(decimals.get(term, 0), _decimals(lines[name, term]))
    return {key: _interval(lines[key], decimals[key[1]]) for key in rows}


def _decimals(line: _Line) -> int:
    """Choose decimals that show two digits of the interval's width; one too many where none do."""
    span = line.high - line.low
    if not math.isfinite(span):
        ends = [abs(line.estimate - end) for end in (line.low, line.high) if math.isfinite(end)]
        span = 2 * min(ends, default=abs(line.estimate) / 2)
    decimals = 2
    while 0 < span * 10**decimals < _DIGITS and decimals <= _MOST_DECIMALS:
        decimals += 1
    return decimals


def _interval(line: _Line, decimals: int) -> str:
    form = f".{decimals}f"
    if decimals > _MOST_DECIMALS or any(_LARGE <= abs(number) < math.inf for number in line):
        form = ".2e"
    value, low, high = (_number(number, form) for number in line)
    return f"{value} [{low}, {high}]"


def _number(value: float, form: str) -> str:
    if math.isnan(value):
        return _DASH
    if math.isinf(value):
        return f"{_MINUS if value < 0 else ''}∞"
    text = f"{value:{form}}"
    return text.lstrip("-") if float(text) == 0 else text.replace("-", _MINUS)


def _write_names(
    figure: Figure,
    axes: Axes,
    lines: Lines,
    rows: Mapping[tuple[str, str], float],
    looks: Mapping[str, dict[str, Any]],
) -> bool:
    """Name each model beside its uppermost estimate, in its own colour, instead of a legend; say whether they fit."""
    texts = []
    for name, look in looks.items():
        key = next((key for key in rows if key[0] == name), None)
        if key is None:
            continue
        end = lines[key].estimate if lines[key].undefined else lines[key].high
        text = axes.annotate(
            name,
            (min(end, axes.get_xlim()[1]), rows[key]),
            xytext=(_OFFSET, 0),
            textcoords="offset points",
            va="center_baseline",
            fontsize=8,
            fontweight="bold",
            color=look["color"],
            annotation_clip=False,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6},
            zorder=1.5,
        )
        text.set_in_layout(False)
        texts.append((end, text))
    figure.draw_without_rendering()
    left, right = axes.get_xlim()
    room = axes.get_window_extent().width
    needed = right
    for end, text in texts:
        taken = text.get_window_extent().width + 2 * _OFFSET * figure.dpi / 72
        if taken > 0.6 * room or math.isinf(end):
            for _, other in texts:
                other.remove()
            return False
        needed = max(needed, left + (end - left) * room / (room - taken))
    axes.set_xlim(left, needed)
    return True


def _note(named: Mapping[str, PanelResults], lines: Lines, refused: list[str], *, several: bool) -> list[str]:
    """Say whose intervals these are, how many rows, and which data."""
    first = next(iter(named.values()))
    if several:
        found = [f"One model, N = {first.nobs:,}, and {len(named)} of the conventions for its standard errors"]
        for name, model in named.items():
            stated = model.note()
            found.append(stated if stated.startswith(name.split()[0]) else f"{name}: {stated}")
        found += refused
    else:
        found = grouped({name: [f"N = {model.nobs:,}; {model.note()}"] for name, model in named.items()})
    if any(line.open_ends for line in lines.values()):
        found.append("An arrow stands for an interval without an end on that side")
    if any(line.undefined for line in lines.values()):
        found.append("A mark without a line has no interval: it is not defined")
    found += grouped({name: model.notes() for name, model in named.items()})
    known = list(dict.fromkeys(model.dataset for model in named.values() if model.dataset))
    return found + ([f"Data: {'; '.join(known)}"] if known else [])
