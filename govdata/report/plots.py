"""Coefficient plots."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.figure import Figure

from govdata.errors import ArgumentError
from govdata.report._figure import COLOURS, INK, MARGIN, MARKERS, RULE, SOFT, STYLE, check_width, find_targets, save
from govdata.report._models import INTERCEPT, Models, choose_terms, label, named_models

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pandas as pd
    from matplotlib.axes import Axes

    from govdata.stats import PanelResults

__all__ = ["coefplot"]

_LINE, _PAD = 0.21, 0.09  # inches: one estimate, and the room above and below a term
_OFFSET = 6
_DIGITS = 20
_MINUS = "\N{MINUS SIGN}"


def coefplot(
    models: Models,
    path: str | Path | None = None,
    *,
    labels: Mapping[str, str] | None = None,
    level: float = 0.95,
    keep: Sequence[str] | None = None,
    drop: Sequence[str] | None = None,
    title: str | None = None,
    xlabel: str | None = None,
    values: bool = True,
    width: float = 6.5,
) -> Figure:
    """Draw coefficients with their confidence intervals.

    Parameters
    ----------
    models
        One result of ``stats.ols``, a list, or a dict of names and results.
    path
        Where to save: a name ending in ``.png``, ``.svg`` or ``.pdf``, or a name without ending for PNG and SVG. Equal
        models give equal bytes.
    labels
        Words for columns: ``{"polyarchy": "Electoral democracy"}``.
    level
        Of the intervals.
    keep, drop
        Coefficients to show, from the top, or to leave out. The intercept is shown only when kept by name.
    title, xlabel
        Text above and below; the axis names the response where left out.
    values
        Whether estimates and intervals also stand as numbers on the right.
    width
        In inches. The height follows from the number of coefficients.

    Returns
    -------
    matplotlib.figure.Figure
        Not known to pyplot: nothing is shown and no state is changed.

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
    """
    named = named_models(models)
    if len(named) > len(COLOURS):
        raise ArgumentError(f"at most {len(COLOURS)} models stay apart in one plot, not {len(named)}")
    check_width(width)
    targets = find_targets(path)
    terms = choose_terms(named.values(), keep, drop)
    if keep is None and len(terms) > 1:
        terms = [term for term in terms if term != INTERCEPT]
    rows, ends = _positions(named, terms)
    with mpl.rc_context(STYLE):
        note = _note(named, width)
        height = ends[-1] + 0.75 + 0.145 * (note.count("\n") + 1) + (0.35 if title is not None else 0)
        figure = Figure(figsize=(width, height), layout="constrained", facecolor="white")
        axes = figure.add_subplot()
        _draw(axes, named, rows, level)
        _frame(axes, [label(term, labels) for term in terms], ends, several=len(named) > 1)
        responses = list(dict.fromkeys(label(model.response, labels) for model in named.values()))
        shown = (
            xlabel
            if xlabel is not None
            else f"Coefficient, {100 * level:g} % interval (outcome: {', '.join(responses)})"
        )
        axes.set_xlabel(shown, color=INK, fontsize=9, labelpad=6)
        if title is not None:
            figure.suptitle(title, x=MARGIN, ha="left", color=INK, fontsize=11, fontweight="bold")
        if values:
            _write_values(axes, named, rows, level)
        figure.supxlabel(note, x=MARGIN, ha="left", fontsize=7, color=SOFT, linespacing=1.4)
        if len(named) > 1:
            _write_names(figure, axes, named, rows, level)
        save(figure, targets)
    return figure


def _positions(named: Mapping[str, PanelResults], terms: list[str]) -> tuple[dict[tuple[str, str], float], list[float]]:
    """Place every estimate, terms and models from the top; return where each term's room ends, too."""
    rows: dict[tuple[str, str], float] = {}
    ends: list[float] = []
    at = 0.0
    for term in terms:
        present = [name for name, model in named.items() if term in model.terms]
        for i, name in enumerate(present):
            rows[name, term] = at + _PAD + (i + 0.5) * _LINE
        at += 2 * _PAD + len(present) * _LINE
        ends.append(at)
    return rows, ends


def _draw(axes: Axes, named: Mapping[str, PanelResults], rows: dict[tuple[str, str], float], level: float) -> None:
    axes.axvline(0, color=SOFT, linewidth=0.8, zorder=1)
    for i, (name, model) in enumerate(named.items()):
        for term, line in _lines(model, level).items():
            if (name, term) not in rows:
                continue
            y = rows[name, term]
            ends = [line["conf_low"], line["conf_high"]]
            axes.plot(ends, [y, y], color=COLOURS[i], linewidth=1.8, solid_capstyle="butt", zorder=2)
            axes.plot(
                [line["estimate"]],
                [y],
                marker=MARKERS[i],
                markersize=6.5 if MARKERS[i] != "D" else 5.5,
                color=COLOURS[i],
                markeredgecolor="white",
                markeredgewidth=0.7,
                linestyle="none",
                zorder=3,
            )


def _frame(axes: Axes, shown: list[str], ends: list[float], *, several: bool) -> None:
    starts = [0.0, *ends[:-1]]
    axes.set_ylim(ends[-1], 0)
    middles = [(start + end) / 2 for start, end in zip(starts, ends, strict=True)]
    axes.set_yticks(middles, [textwrap.fill(text, 30) for text in shown])
    axes.tick_params(axis="y", length=0, pad=8, labelsize=9, labelcolor=INK)
    axes.tick_params(axis="x", length=3, width=0.6, color=SOFT, labelsize=8, labelcolor=SOFT)
    axes.grid(axis="x", color=RULE, linewidth=0.5)
    axes.set_axisbelow(True)
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set(color=SOFT, linewidth=0.6)
    axes.margins(x=0.06)
    if several:
        for end in ends[:-1]:
            axes.axhline(end, color=RULE, linewidth=0.5, zorder=0)


def _write_values(
    axes: Axes, named: Mapping[str, PanelResults], rows: dict[tuple[str, str], float], level: float
) -> None:
    """Write the numbers as the labels of a second axis, so that the layout makes room for them."""
    tidy = {name: _lines(model, level) for name, model in named.items()}
    decimals: dict[str, int] = {}
    for name, term in rows:
        decimals[term] = max(decimals.get(term, 0), _decimals(tidy[name][term]))
    right = axes.secondary_yaxis("right")
    right.set_yticks(list(rows.values()), [_interval(tidy[name][term], decimals[term]) for name, term in rows])
    right.tick_params(axis="y", length=0, pad=8, labelsize=8, labelcolor=INK)
    right.spines["right"].set_visible(False)


def _lines(model: PanelResults, level: float) -> dict[Any, dict[str, float]]:
    frame = model.tidy(level).set_index("term")
    return {term: {str(key): float(value) for key, value in line.items()} for term, line in _records(frame)}


def _records(frame: pd.DataFrame) -> list[tuple[Any, dict[Any, Any]]]:
    return list(frame.to_dict("index").items())


def _decimals(line: dict[str, float]) -> int:
    """Choose decimals that show two digits of the interval's width."""
    span = line["conf_high"] - line["conf_low"]
    decimals = 2
    while 0 < span * 10**decimals < _DIGITS and decimals < 6:
        decimals += 1
    return decimals


def _interval(line: dict[str, float], decimals: int) -> str:
    texts = [f"{line[key]:.{decimals}f}" for key in ("estimate", "conf_low", "conf_high")]
    value, low, high = (text.lstrip("-") if float(text) == 0 else text.replace("-", _MINUS) for text in texts)
    return f"{value} [{low}, {high}]"


def _write_names(
    figure: Figure,
    axes: Axes,
    named: Mapping[str, PanelResults],
    rows: dict[tuple[str, str], float],
    level: float,
) -> None:
    """Name each model beside its uppermost estimate, in its own colour, instead of a legend."""
    texts = []
    for i, (name, model) in enumerate(named.items()):
        term = next((term for (owner, term) in rows if owner == name), None)
        if term is None:
            continue
        end = _lines(model, level)[term]["conf_high"]
        text = axes.annotate(
            name,
            (end, rows[name, term]),
            xytext=(_OFFSET, 0),
            textcoords="offset points",
            va="center_baseline",
            fontsize=8,
            fontweight="bold",
            color=COLOURS[i],
            annotation_clip=False,
        )
        text.set_in_layout(False)
        texts.append((end, text))
    figure.draw_without_rendering()
    left, right = axes.get_xlim()
    room = axes.get_window_extent().width
    for end, text in texts:
        taken = text.get_window_extent().width + 2 * _OFFSET * figure.dpi / 72
        if taken < 0.6 * room:
            right = max(right, left + (end - left) * room / (room - taken))
    axes.set_xlim(left, right)


def _note(named: Mapping[str, PanelResults], width: float) -> str:
    """Say whose intervals these are, how many rows, and which data."""
    conventions: dict[str, list[str]] = {}
    for name, model in named.items():
        conventions.setdefault(f"N = {model.nobs:,}; {model.note()}", []).append(name)
    lines = [text if len(conventions) == 1 else f"{', '.join(names)}: {text}" for text, names in conventions.items()]
    lines += list(dict.fromkeys(warning for model in named.values() for warning in model.notes()))
    known = list(dict.fromkeys(model.dataset for model in named.values() if model.dataset))
    lines += [f"Data: {'; '.join(known)}"] if known else []
    columns = int(width * 18.5)
    return "\n".join(part for line in lines for part in textwrap.wrap(f"{line}.", columns, break_on_hyphens=False))
