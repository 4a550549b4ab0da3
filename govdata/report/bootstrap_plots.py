"""The distribution of a bootstrap, with the statistic of the sample."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
from matplotlib.ticker import MaxNLocator

from govdata.errors import ArgumentError
from govdata.report._contours import signed
from govdata.report._figure import COLOURS, INK, SOFT, check_width, find_targets, save
from govdata.report._models import label
from govdata.report._page import check_labels, check_text, head_legend, open_page, plain_axes, share, style_for, wrap
from govdata.stats.bootstrap import BootstrapTest

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["bootstrap_plot"]

_OWN, _LIMIT, _BAR, _BEYOND = COLOURS[1], INK, "#c3dbea", COLOURS[0]
_BINS = 60
_SPAN = 4.0
"""How many critical values from zero the axis reaches at least, where draws do."""


def bootstrap_plot(
    test: BootstrapTest,
    path: str | Path | None = None,
    *,
    labels: Mapping[str, str] | None = None,
    title: str | None = None,
    width: float = 6.5,
) -> Figure:
    """Draw the t statistics of the draws, where the sample's own lies, and what would be needed to reject.

    Parameters
    ----------
    test
        What ``stats.wild_bootstrap`` returns.
    path
        Where to save: a name ending in ``.png``, ``.svg`` or ``.pdf``, or a name without ending for PNG and SVG. Equal
        tests give equal bytes.
    labels
        Words for columns.
    title
        Text above.
    width
        In inches.

    Returns
    -------
    matplotlib.figure.Figure
        Not known to pyplot. Bars count draws, the dark ones those with a larger statistic than the sample's; the line
        is the sample's statistic, the dashed ones are critical values. Draws beyond the axis are counted in the note.

    Raises
    ------
    ArgumentError
        If ``test`` is something else, or an option has a form the function does not take.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from govdata import stats
    >>> from govdata.report.bootstrap_plots import bootstrap_plot
    >>> from govdata.stats.bootstrap import wild_bootstrap
    >>> rng = np.random.default_rng(4)
    >>> data = pd.DataFrame({"iso3": np.repeat(np.arange(8), 10), "x": rng.normal(size=80)})
    >>> data["y"] = 0.3 * data["x"] + rng.normal(size=80)
    >>> model = stats.ols("y ~ x", data, panel=False, cluster="iso3")
    >>> bootstrap_plot(wild_bootstrap(model, "x")).axes[0].get_ylabel()
    'Draws'
    """
    if not isinstance(test, BootstrapTest):
        raise ArgumentError(f"bootstrap_plot draws what stats.wild_bootstrap() returns, not {type(test).__name__}")
    check_labels(labels)
    check_text("title", title)
    check_width(width)
    targets = find_targets(path)
    named = label(test.term, labels)
    limit = _limit(test)
    finite = test.distribution[np.isfinite(test.distribution)]
    beyond = len(test.distribution) - int(np.count_nonzero(np.abs(finite) <= limit))
    within = f"; {beyond:,} lie beyond the axis or have no variance" if beyond else ""
    drawn = f"all {test.reps:,} sign vectors" if test.enumerated else f"{test.reps:,} draws"
    null = "imposed" if test.imposed else "not imposed"
    larger = np.count_nonzero(np.abs(test.distribution) > abs(test.statistic) * (1 + 1e-9)) / len(test.distribution)
    meaning = "the dark share" if test.p_value <= larger * (1 + 1e-9) else "the smallest there is"
    interval = ""
    if np.isfinite(test.level):
        interval = f"; {share(test.level)} interval {signed(test.conf_low)} to {signed(test.conf_high)}"
    note = [
        f"p = {test.p_value:.4g}, {meaning} of {drawn}{within}; dark: a larger statistic than the sample's",
        f"Null {named} = {signed(test.null)}, {null}{interval}",
        test.note(),
        *test.notes,
    ]
    across = f"t statistic of {named}"
    with mpl.rc_context(style_for([across, title or "", *note])):
        figure = open_page(width, max(0.52 * width + 0.6, 3.0), title=title, note=note)
        axes = figure.add_subplot()
        plain_axes(axes)
        _bars(axes, test, finite, limit)
        axes.set_xlim(-limit, limit)
        axes.set_ylabel("Draws", color=INK, fontsize=9)
        axes.yaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
        axes.set_xlabel(wrap(across, int(10 * width) - 4, 3), color=INK, fontsize=9)
        own = axes.axvline(test.statistic, color=_OWN, linewidth=1.8, zorder=4)
        handles, names = [own], [f"sample, t = {signed(test.statistic)}"]
        if np.isfinite(test.critical):
            for side in (-1, 1):
                end = axes.axvline(side * test.critical, color=_LIMIT, linewidth=1.0, zorder=3)
                end.set_linestyle((0, (4, 3)))
            handles, names = [own, end], [*names, f"critical values, ±{test.critical:.4g}"]
        head_legend(figure, handles, names)
        save(figure, targets)
    return figure


def _limit(test: BootstrapTest) -> float:
    """Choose how far the axis reaches: all draws, unless a few lie far away."""
    sizes = np.sort(np.abs(test.distribution[np.isfinite(test.distribution)]))
    most = float(sizes[-1]) if len(sizes) else 0.0
    critical = test.critical if np.isfinite(test.critical) else most
    needed = max(abs(test.statistic), critical)
    return 1.06 * max(needed, min(most, _SPAN * critical)) or 1.0


def _bars(axes: Axes, test: BootstrapTest, finite: Any, limit: float) -> None:  # noqa: ANN401 -- an array
    """Count draws in bins whose edges include the sample's statistic and its mirror image."""
    own = abs(test.statistic) * (1 + 1e-9)
    step = 2 * limit / _BINS
    inside = np.linspace(-own, own, max(2, round(2 * own / step)) + 1) if own > 0 else np.array([0.0])
    outside = np.arange(own + step, limit + step, step)
    edges = np.concatenate([-outside[::-1], inside, outside])
    counts, _ = np.histogram(finite[np.abs(finite) <= limit], bins=edges)
    middles = (edges[:-1] + edges[1:]) / 2
    colours = [_BEYOND if abs(middle) > own else _BAR for middle in middles.tolist()]
    axes.bar(
        edges[:-1],
        counts,
        width=np.diff(edges),
        align="edge",
        color=colours,
        edgecolor="white",
        linewidth=0.3,
        zorder=2,
    )
    axes.spines["left"].set(color=SOFT, linewidth=0.6)
