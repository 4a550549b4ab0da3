"""One coefficient without each country, year or other group in turn, sorted, beside that of the whole sample."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np

from govdata.errors import ArgumentError
from govdata.report._figure import COLOURS, INK, SOFT, check_width, find_targets, save
from govdata.report._models import INTERCEPT, label
from govdata.report._page import (
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
from govdata.stats.leave_one_out import LeaveOneOut

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["leave_out_plot"]

_NAMED = 45  # no more groups have their names on the axis
_ROW = 0.165  # inches of a group that is named there
_TALL = 6.2  # inches of all groups where they are not
_LABEL = 0.15  # inches between the names of the most influential
_LONGEST = 22
_MOST = 30
_LISTED = 6
_MINUS = "\N{MINUS SIGN}"
_USUAL, _FAINT, _OTHER = "#6a6a6a", "#b8b8b8", COLOURS[1]


def leave_out_plot(
    result: LeaveOneOut,
    path: str | Path | None = None,
    *,
    term: str | None = None,
    names: int = 8,
    labels: Mapping[str, str] | None = None,
    title: str | None = None,
    xlabel: str | None = None,
    width: float = 6.5,
) -> Figure:
    """Draw a coefficient without each group in turn.

    Parameters
    ----------
    result
        What ``stats.leave_one_out`` returned.
    path
        Where to save: a name ending in ``.png``, ``.svg`` or ``.pdf``, or a name without ending for PNG and SVG. Equal
        results give equal bytes.
    term
        The coefficient. Left out: the first but the intercept.
    names
        How many of the most influential groups are named, from 0 to 30. Up to 45 groups all have their name on the
        axis, and these stand in bold.
    labels
        Words for columns, and for groups.
    title, xlabel
        Text above and below.
    width
        In inches.

    Returns
    -------
    matplotlib.figure.Figure
        Not known to pyplot. Estimates with their intervals from the smallest to the largest; the line is the estimate
        of the whole sample, the band its interval. Those whose sign or significance differs are coloured and hollow.

    Raises
    ------
    ArgumentError
        If ``result`` is none of leaving out, or an option has a form the function does not take.
    EstimationError
        If there is no such coefficient.

    Examples
    --------
    >>> import pandas as pd
    >>> from govdata import stats
    >>> from govdata.report.leave_out_plots import leave_out_plot
    >>> from govdata.stats.leave_one_out import leave_one_out
    >>> frame = pd.DataFrame({"y": [1.0, 2, 4, 3, 6, 5], "x": [0.0, 1, 2, 3, 4, 6], "g": list("aabbcc")})
    >>> figure = leave_out_plot(leave_one_out(stats.ols("y ~ x", frame, se="iid"), "g"))
    >>> [text.get_text() for text in figure.axes[0].get_yticklabels()]
    ['a', 'b', 'c']
    """
    if not isinstance(result, LeaveOneOut):
        raise ArgumentError(f"result is what stats.leave_one_out returns, not {type(result).__name__}")
    if isinstance(names, bool) or not isinstance(names, int) or not 0 <= names <= _MOST:
        raise ArgumentError(f"names is a whole number from 0 to {_MOST}, not {names!r}")
    check_labels(labels)
    check_text("title", title)
    check_text("xlabel", xlabel)
    check_width(width)
    targets = find_targets(path)
    chosen = next((t for t in result.terms if t != INTERCEPT), INTERCEPT) if term is None else result.check_term(term)
    table = result.table
    own = table[table["term"] == chosen]
    there = own.dropna(subset=["estimate"]).sort_values("estimate", kind="stable").reset_index(drop=True)
    if there.empty:
        raise ArgumentError(f"{chosen} is not determined without any of the groups by {result.by}")
    whole = result.full[result.full["term"] == chosen].iloc[0]
    named = there["change"].abs().sort_values(ascending=False, kind="stable").index[:names].tolist()
    words = [_shown(level, labels) for level in there["left_out"].tolist()]
    undefined = [_shown(level, labels) for level in own.loc[own["estimate"].isna(), "left_out"].tolist()]
    note = _note(result, there, words, undefined, chosen)
    said = f"{label(chosen, labels)}, {share(result.level)} interval (outcome: {label(result.response, labels)})"
    said = wrap(said if xlabel is None else xlabel, int(9 * width), 3)
    few = len(there) <= _NAMED
    height = max(1.0, _ROW * len(there)) if few else _TALL
    with mpl.rc_context(style_for([*words, *undefined, said, title or "", *note])):
        figure = open_page(width, height + 0.55 + 0.14 * (said.count("\n") + 1), title=title, note=note)
        axes = figure.add_subplot()
        plain_axes(axes, grid="x")
        _draw(axes, there, whole)
        axes.set_ylim(len(there) - 0.4, -0.6)
        axes.set_xlabel(said, color=INK, fontsize=9, labelpad=6)
        if few:
            axes.set_yticks(range(len(there)), words)
            for at, text in enumerate(axes.get_yticklabels()):
                text.set_fontweight("bold" if at in named else "normal")
            axes.tick_params(axis="y", pad=6, labelsize=8, labelcolor=INK)
        else:
            axes.set_yticks([])
            axes.set_ylabel(
                f"{plural(len(there), 'group')} by {result.by}, one left out in each row", color=SOFT, fontsize=8
            )
            _name(axes, there, sorted(named), words, height)
        save(figure, targets)
    return figure


def _shown(level: object, labels: Mapping[str, str] | None) -> str:
    text = (labels or {}).get(str(level), str(level))
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _draw(axes: Axes, there: pd.DataFrame, whole: pd.Series[float]) -> None:
    """Draw the whole sample as a band with its line, and one interval a group."""
    numbers = there[["estimate", "conf_low", "conf_high"]].to_numpy(dtype=np.float64)
    others = (there["sign_changes"] | there["significance_changes"]).to_numpy(dtype=np.bool_)
    ends = [float(whole["estimate"]), float(whole["conf_low"]), float(whole["conf_high"])]
    low, high = hold_limits([*numbers.ravel().tolist(), *ends])
    axes.axvline(0, color=SOFT, linewidth=0.8, zorder=1)
    if math.isfinite(ends[1]) and math.isfinite(ends[2]):
        axes.axvspan(ends[1], ends[2], color=COLOURS[0], alpha=0.12, linewidth=0, zorder=0.5)
    axes.axvline(ends[0], color=COLOURS[0], linewidth=1.4, zorder=2.5)
    few = len(there) <= _NAMED
    size = 4.5 if few else 2.6
    for mask, colour, line, face in (
        (~others, _USUAL, _USUAL if few else _FAINT, _USUAL),
        (others, _OTHER, _OTHER, "white"),
    ):
        at = np.flatnonzero(mask)
        drawn = at[~np.isnan(numbers[at, 1])]
        left, right = np.maximum(numbers[drawn, 1], low), np.minimum(numbers[drawn, 2], high)
        axes.hlines(drawn, left, right, color=line, linewidth=1.2 if few else 0.8, zorder=2)
        axes.plot(
            numbers[at, 0], at, "o", markersize=size, color=colour, markerfacecolor=face, markeredgewidth=0.8, zorder=3
        )
    axes.set_xlim(low, high)


def _name(axes: Axes, there: pd.DataFrame, named: Sequence[int], words: Sequence[str], height: float) -> None:
    """Write the names of the most influential on the right, far enough apart, each with a line to its interval."""
    step = _LABEL / height * len(there)
    at = [float(row) for row in named]
    for i in range(1, len(at)):
        at[i] = max(at[i], at[i - 1] + step)
    if at:
        at[-1] = min(at[-1], len(there) - 1.0)
    for i in range(len(at) - 2, -1, -1):
        at[i] = min(at[i], at[i + 1] - step)
    ends = there["conf_high"].fillna(there["estimate"]).to_numpy(dtype=np.float64)
    edge = axes.get_xlim()[1]
    for row, y in zip(named, at, strict=True):
        start = min(float(ends[row]), edge)
        dots = (0, (1, 3))
        axes.plot([start, edge], [row, y], color=SOFT, linewidth=0.6, linestyle=dots, zorder=1.2, clip_on=False)
        axes.annotate(
            f"{words[row]} {format(there['change'][row], '+.2g').replace('-', _MINUS)}",
            (edge, y),
            xytext=(3, 0),
            textcoords="offset points",
            va="center",
            fontsize=7.5,
            color=INK,
            annotation_clip=False,
        )


def _note(
    result: LeaveOneOut, there: pd.DataFrame, words: Sequence[str], undefined: Sequence[str], term: str
) -> list[str]:
    """Say what is drawn, under which convention, and what could not be."""
    found = [f"Each row: {term} without one of {plural(len(result), 'group')} by {result.by}"]
    found[0] += "; the line and band are the whole sample"
    if bool((there["sign_changes"] | there["significance_changes"]).any()):
        found.append(f"Hollow: sign or significance at {1 - result.level:.2g} is not that of the whole sample")
    if len(there) > _NAMED:
        found.append("Named: the most influential, with the change of the estimate")
    shares = there["share"].to_numpy(dtype=np.float64)
    if not np.isnan(shares).any():
        top = int(shares.argmax())
        found.append(f"{words[top]} supplies {100 * shares[top]:.0f} % of the squared scores")
    if undefined:
        listed = ", ".join(undefined[:_LISTED]) + (", ..." if len(undefined) > _LISTED else "")
        found.append(f"Not determined without {listed}")
    found += [f"Whole sample: {result.convention}", *result.notes]
    return found + ([f"Data: {result.dataset}"] if result.dataset else [])
