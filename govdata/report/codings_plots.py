"""A forest of estimates over recodings of the evidence."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import matplotlib as mpl

from govdata.errors import ArgumentError, nearest
from govdata.report._figure import COLOURS, INK, MARKERS, RULE, SOFT, check_width, find_targets, save
from govdata.report._models import label
from govdata.report._page import (
    check_labels,
    check_text,
    columns_of,
    hold_limits,
    open_page,
    plain_axes,
    plural,
    style_for,
    wrap,
)
from govdata.stats.over_codings import AS_FITTED, NO_CHANGE, SOURCE, OverCodings
from govdata.stats.wording import form_of, number

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["codings_plot"]

_LINE: Final = 0.235  # inches a row of the forest takes
_LABEL_COLUMN: Final = 0.078
_LABEL_COLUMNS: Final = 38
_NARROWEST: Final = 1.6
_WORDS: Final = {
    "lowest": "Lowest reading",
    "highest": "Highest reading",
    "subnational": "Highest at any place",
    "without_single_source": "Without single-source cells",
    "without_E0_E1": "Without grades E0 and E1",
    "without_contested": "Without contested claims",
    AS_FITTED: "As fitted",
}


class _Row(NamedTuple):
    """One row of the forest."""

    words: str
    estimate: float
    low: float
    high: float
    kind: str  # model, named, unchanged, source, rest
    nobs: str


def codings_plot(
    result: OverCodings,
    path: str | Path | None = None,
    *,
    term: str | None = None,
    sources: int = 12,
    labels: Mapping[str, str] | None = None,
    title: str | None = None,
    width: float = 6.5,
) -> Figure:
    """Draw a coefficient under each recoding of the evidence.

    Parameters
    ----------
    result
        What ``stats.over_codings`` returns.
    path
        Where to save: a name ending in ``.png``, ``.svg`` or ``.pdf``, or a name without ending for PNG and SVG. Equal
        results give equal bytes.
    term
        The coefficient; the first of the recoded variables where left out.
    sources
        How many sources to show one by one, those that move the estimate most; the others are one row that spans their
        estimates. From 0 to 60.
    labels
        Words for columns, recodings and sources.
    title
        Text above.
    width
        In inches.

    Returns
    -------
    matplotlib.figure.Figure
        Not known to pyplot. From the top: the model, the named recodings, then sources left out, from the one that
        lowers the estimate most to the one that raises it most. A hollow mark is a recoding that changes nothing in
        the sample; the dotted line is the model's estimate. Recodings that cannot be estimated are named in the note.

    Raises
    ------
    ArgumentError
        If ``result`` is something else, or an option has a form the function does not take.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from govdata import stats
    >>> from govdata.report.codings_plots import codings_plot
    >>> from govdata.stats.over_codings import over_codings
    >>> rng = np.random.default_rng(1)
    >>> data = pd.DataFrame({"iso3": np.repeat(list("ABCDEF"), 5), "year": np.tile(range(2000, 2005), 6)})
    >>> data["x"] = rng.integers(0, 4, 30).astype(float)
    >>> data["y"] = data["x"] + rng.normal(size=30)
    >>> data["x_low"], data["x_high"] = data["x"] - (data["year"] == 2003), data["x"]
    >>> figure = codings_plot(over_codings(stats.ols("y ~ x", data)))
    >>> [text.get_text() for text in figure.axes[0].get_yticklabels()]
    ['As fitted', 'Lowest reading', 'Highest reading']
    """
    if not isinstance(result, OverCodings):
        raise ArgumentError(f"codings_plot draws what stats.over_codings() returns, not {type(result).__name__}")
    check_labels(labels)
    check_text("title", title)
    check_width(width)
    if isinstance(sources, bool) or not isinstance(sources, int) or not 0 <= sources <= 60:
        raise ArgumentError(f"sources is a whole number from 0 to 60, not {sources!r}")
    focal = _focal(result, term)
    targets = find_targets(path)
    own = result.table[result.table["term"] == focal]
    rows, breaks = _forest(result, own, focal, sources, labels)
    note = _note(result, own, labels)
    across = wrap(f"Coefficient of {label(focal, labels)} on {label(result.model.response, labels)}", int(9 * width), 3)
    form = form_of(rows[0].estimate, (rows[0].high - rows[0].low) / 4, 3)
    numbers = [_interval(row, form) for row in rows]
    with mpl.rc_context(style_for([*(row.words for row in rows), across, title or "", *note])):
        tall = sum(row.words.count("\n") for row in rows)
        figure = open_page(width, _LINE * len(rows) + 0.12 * tall + 0.75, title=title, note=note)
        axes = figure.add_subplot()
        _draw(axes, rows, breaks)
        axes.set_xlabel(across, color=INK, fontsize=9, labelpad=6)
        left = _LABEL_COLUMN * max(columns_of(line) for row in rows for line in row.words.split("\n"))
        if width - left - 0.07 * max(map(len, numbers)) >= _NARROWEST:
            beside = axes.secondary_yaxis("right")
            beside.set_yticks(range(len(rows)), numbers)
            beside.tick_params(axis="y", length=0, pad=8, labelsize=7.5, labelcolor=INK)
            beside.spines["right"].set_visible(False)
        save(figure, targets)
    return figure


def _focal(result: OverCodings, term: str | None) -> str:
    if term is None:
        return result.terms[0]
    if not isinstance(term, str) or term not in result.model.terms:
        raise ArgumentError(f"the model has no coefficient {term!r}{nearest(str(term), result.model.terms)}")
    return term


def _forest(
    result: OverCodings, own: pd.DataFrame, focal: str, sources: int, labels: Mapping[str, str] | None
) -> tuple[list[_Row], list[int]]:
    """Put the rows of the forest in order; say after which of them a line is drawn."""
    fitted: Any = result.model.tidy().set_index("term").loc[focal]
    rows = [_row({**fitted.to_dict(), "coding": AS_FITTED, "nobs": result.model.nobs}, "model", labels)]
    there = own[own["estimate"].notna()]
    single = there["coding"].str.startswith(SOURCE)
    for one in there[~single].to_dict("records"):
        kind = "unchanged" if one["reason"] == NO_CHANGE else "named"
        rows.append(_row(one, kind, labels))
    breaks = [len(rows) - 1]
    moved = result.influential(focal)
    shown, rest = moved.head(sources).sort_values(["change", "coding"]), moved.iloc[sources:]
    rows += [_row(one, "source", labels) for one in shown.to_dict("records")]
    if len(rest):
        breaks.append(len(rows) - 1)
        ends = float(rest["estimate"].min()), float(rest["estimate"].max())
        rows.append(_Row(f"{plural(len(rest), 'more source')} (range)", math.nan, *ends, "rest", ""))
    return rows, breaks


def _row(one: Mapping[Any, Any], kind: str, labels: Mapping[str, str] | None) -> _Row:
    words = _say(str(one["coding"]), labels)
    return _Row(words, one["estimate"], one["conf_low"], one["conf_high"], kind, f"{one['nobs']:,}")


def _say(coding: str, labels: Mapping[str, str] | None) -> str:
    name, _, column = coding.partition(" [")
    given = labels or {}
    words = given.get(coding) or given.get(name) or _WORDS.get(name)
    if words is None:
        source = name.removeprefix(SOURCE)
        words = f"Without {given.get(source, source)}" if name.startswith(SOURCE) else name
    column = column.removesuffix("]")
    return wrap(f"{words} ({label(column, labels)})" if column else words, _LABEL_COLUMNS, 2)


def _draw(axes: Axes, rows: list[_Row], breaks: list[int]) -> None:
    plain_axes(axes, grid="x")
    axes.axvline(0, color=SOFT, linewidth=0.8, zorder=1)
    axes.axvline(rows[0].estimate, color=COLOURS[0], linewidth=0.9, linestyle=(0, (1, 2)), zorder=1)
    colours = {"model": COLOURS[0], "named": COLOURS[1], "unchanged": COLOURS[1], "source": COLOURS[4], "rest": SOFT}
    marks = {"model": MARKERS[2], "named": MARKERS[0], "unchanged": MARKERS[0], "source": MARKERS[1]}
    for at, row in enumerate(rows):
        colour = colours[row.kind]
        if row.kind == "rest":
            axes.plot([row.low, row.high], [at, at], color=colour, linewidth=6, alpha=0.45, solid_capstyle="butt")
            continue
        if not (math.isnan(row.low) or math.isnan(row.high)):
            axes.plot([row.low, row.high], [at, at], color=colour, linewidth=1.6, solid_capstyle="butt", zorder=2)
        face = "white" if row.kind == "unchanged" else colour
        edge = colour if row.kind == "unchanged" else "white"
        style: dict[str, Any] = {"markersize": 6 if row.kind != "source" else 5, "markerfacecolor": face}
        axes.plot(
            [row.estimate], [at], linestyle="none", marker=marks[row.kind], markeredgecolor=edge, zorder=3, **style
        )
    for after in breaks:
        if after + 1 < len(rows):
            axes.axhline(after + 0.5, color=RULE, linewidth=0.7, zorder=0)
    axes.set_yticks(range(len(rows)), [row.words for row in rows])
    axes.tick_params(axis="y", pad=8, labelsize=8, labelcolor=INK)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlim(*hold_limits([end for row in rows for end in (row.estimate, row.low, row.high)]))


def _interval(row: _Row, form: str) -> str:
    ends = f"[{number(row.low, form)}, {number(row.high, form)}]"
    text = ends if row.kind == "rest" else f"{number(row.estimate, form)} {ends}  {row.nobs}"
    return text.replace("-", "\N{MINUS SIGN}")


def _note(result: OverCodings, own: pd.DataFrame, labels: Mapping[str, str] | None) -> list[str]:
    single = own["coding"].str.startswith(SOURCE)
    failed = own["estimate"].isna()
    still = int((single & (own["reason"] == NO_CHANGE)).sum())
    named = [_say(str(one), labels).replace("\n", " ") for one in own.loc[failed & ~single, "coding"]]
    lost = [str(one).removeprefix(SOURCE) for one in own.loc[failed & single, "coding"]]
    shown = [*named, *(f"without {one}" for one in lost[:3]), *([f"{len(lost) - 3} more sources"] if lost[3:] else [])]
    return [
        "95 % intervals; on the right, estimate, interval and rows; dotted: the model as fitted",
        result.model.note(),
        "Hollow marks change nothing in the sample" if own["reason"].eq(NO_CHANGE)[~single].any() else "",
        f"{plural(still, 'source')} left out without any effect on the sample" if still else "",
        f"Not estimated: {', '.join(shown)}" if shown else "",
        *([f"Data: {result.model.dataset}"] if result.model.dataset else []),
    ]
