"""Pictures of what is known: heat maps of coverage by indicator and year, and by country and indicator."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any, Final

import matplotlib as mpl
from matplotlib.colors import BoundaryNorm, ListedColormap, to_rgb
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Patch

from govdata.cellstates import STATES, cells
from govdata.errors import ArgumentError, nearest
from govdata.releases import open_release
from govdata.report._figure import INK, MARGIN, SOFT, STYLE, check_width, find_targets, save

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pandas as pd
    from matplotlib.axes import Axes

    from govdata.releases import Release

__all__ = ["coverage_map"]

BY: Final = ("indicator-year", "country-indicator", "country-year")
_ROW: Final = {"indicator-year": 0.21, "country-indicator": 0.13, "country-year": 0.13}
# From known to unknown: two blues for values, orange for bounds only, greys for reasons of absence.
_COLOURS: Final = {
    "value": "#0b4a82",
    "zero": "#8db4d6",
    "interval": "#e0a33e",
    "unclear": "#b8860b",
    "no_evidence": "#a8a8a8",
    "not_applicable": "#dcdcdc",
    "not_coded": "#ffffff",
}
_NAMES: Final = {
    "value": "value",
    "zero": "coded: none documented",
    "interval": "bounds only",
    "unclear": "evidence unclear",
    "no_evidence": "looked for, no evidence",
    "not_applicable": "not applicable",
    "not_coded": "not coded",
}
_SHARES: Final = (0.0, 0.0001, 0.05, 0.10, 0.25, 0.50, 0.75, 1.0001)
_SHARE_COLOURS: Final = ("#ffffff", "#e6eef6", "#c9dcec", "#9fc0dd", "#6a9cc8", "#2a6ca8", "#0b4a82")
_SHARE_NAMES: Final = ("none", "under 5 %", "5–10 %", "10–25 %", "25–50 %", "50–75 %", "75 % and more")


def coverage_map(
    name: str = "digital_surveillance",
    by: str = "indicator-year",
    path: str | Path | None = None,
    *,
    version: str | None = None,
    countries: str | Sequence[str] | None = None,
    years: int | Sequence[int] | None = None,
    indicators: str | Sequence[str] | None = None,
    title: str | None = None,
    width: float = 8.0,
) -> Figure:
    """Draw where a dataset has values, where it has bounds only, and where it has nothing.

    Parameters
    ----------
    name
        A dataset other than the register.
    by
        ``"indicator-year"``: the share of units with a value or bounds, and their number. ``"country-indicator"``: the
        best known state that a country's cell of an indicator has in any of the ``years``. ``"country-year"``: the
        share of indicators with a value or bounds.
    path
        Where to save: a name ending in ``.png``, ``.svg`` or ``.pdf``, or a name without ending for PNG and SVG. The
        same release gives the same bytes.
    version, countries, years
        See `govdata.load`.
    indicators
        Indicator ids; ``None`` for all that make a column.
    title
        Text above.
    width
        In inches. The height follows from the number of rows.

    Returns
    -------
    matplotlib.figure.Figure
        Not known to pyplot: nothing is shown and no state is changed. National cells only.

    Raises
    ------
    ArgumentError
        If ``by`` or the name of a country, year or indicator is not known.

    Examples
    --------
    >>> from govdata import report
    >>> figure = report.coverage_map(version="0.2.0", indicators=["cctv_public", "shutdown_documented"])
    >>> [label.get_text() for label in figure.axes[0].get_yticklabels()]
    ['cctv_public', 'shutdown_documented']
    """
    if by not in BY:
        raise ArgumentError(f"by={str(by)[:40]!r} is not one of {', '.join(BY)}{nearest(str(by), BY)}")
    check_width(width)
    targets = find_targets(path)
    release = open_release(name, version)
    found = cells(name, version, countries=countries, years=years, indicators=indicators)
    found = found[found["scope"] == "national"]
    if found.empty:
        raise ArgumentError("no cell is left: the indicators are meant for other years")
    with mpl.rc_context(STYLE):
        if by == "country-indicator":
            figure = _states_map(found, release, width)
        else:
            figure = _share_map(found, release, by, width)
        if title:
            # The title stands in the legend: a figure's own title would be drawn over it.
            keys = figure.legends[0]
            lines = textwrap.wrap(title, int(width * 11))
            keys.set_title("\n".join(lines), prop=FontProperties(size=11, weight="bold"))
            figure.set_figheight(figure.get_figheight() + 0.2 * len(lines))
            keys.set_alignment("left")
            keys.get_title().set_color(INK)
            keys.get_title().set_parse_math(False)
        note = _note(found, by, release)
        figure.supxlabel("\n".join(textwrap.wrap(note, int(width * 18.5))), x=MARGIN, ha="left", fontsize=7, color=SOFT)
        save(figure, targets)
    return figure


def _note(found: pd.DataFrame, by: str, release: Release) -> str:
    units, first, last = found["iso3"].nunique(), found["year"].min(), found["year"].max()
    what = {
        "indicator-year": "Units with a value or bounds; the figure is their number",
        "country-indicator": f"The best known national cell of {first}–{last}"
        if first != last
        else f"National cells of {first}",
        "country-year": "Share of indicators with a value or bounds",
    }[by]
    counted = f"{units} {'unit' if units == 1 else 'units'}, {first}–{last}"
    return f"{what}. {counted}. Blank: neither value nor bounds, which never means none. Data: govdata {release}."


def _ordered(found: pd.DataFrame, release: Release) -> list[str]:
    present = set(found["indicator"])
    return [one.id for one in release.indicators if one.id in present]


def _share_map(found: pd.DataFrame, release: Release, by: str, width: float) -> Figure:
    import pandas as pd

    rows_key = "indicator" if by == "indicator-year" else "iso3"
    known = found["state"].isin(["value", "zero", "interval"])
    table = found.assign(known=known).pivot_table(
        index=rows_key, columns="year", values="known", aggfunc=["sum", "size"]
    )
    years = range(int(found["year"].min()), int(found["year"].max()) + 1)
    rows = _ordered(found, release) if rows_key == "indicator" else sorted(table.index)
    number, cells_there = (pd.DataFrame(table[what]).reindex(columns=years).loc[rows] for what in ("sum", "size"))
    share = (number / cells_there).to_numpy(dtype="float64")
    figure, axes = _canvas(len(rows), by, width)
    colours = ListedColormap(list(_SHARE_COLOURS))
    axes.pcolormesh(
        share, cmap=colours, norm=BoundaryNorm(list(_SHARES), colours.N), edgecolors="#ececec", linewidth=0.3
    )
    if by == "indicator-year" and len(number.columns) <= 40:
        _numbers(axes, number, share)
    _label(axes, rows, [str(year) for year in number.columns], every=1 if len(number.columns) < 16 else 5)
    keys = [
        Patch(facecolor=colour, edgecolor=SOFT, linewidth=0.4, label=label)
        for colour, label in zip(_SHARE_COLOURS, _SHARE_NAMES, strict=True)
    ]
    figure.legend(handles=keys, loc="outside upper left", ncols=7, fontsize=7, frameon=False, labelcolor=INK)
    return figure


def _numbers(axes: Axes, number: pd.DataFrame, share: Any) -> None:  # noqa: ANN401 - a NumPy array
    for i, row in enumerate(number.to_numpy()):
        for j, count in enumerate(row):
            if count > 0:
                ink = "white" if share[i, j] >= 0.5 else INK
                axes.text(j + 0.5, i + 0.52, f"{count:.0f}", ha="center", va="center", fontsize=4.6, color=ink)


def _states_map(found: pd.DataFrame, release: Release, width: float) -> Figure:
    rank = {state: place for place, state in enumerate(STATES)}
    best = found.assign(rank=found["state"].map(rank)).pivot_table(
        index="iso3", columns="indicator", values="rank", aggfunc="min"
    )
    columns = _ordered(found, release)
    table = best[columns].sort_index()
    figure, axes = _canvas(len(table), "country-indicator", width)
    colours = ListedColormap([to_rgb(_COLOURS[state]) for state in STATES])
    norm = BoundaryNorm([place - 0.5 for place in range(len(STATES) + 1)], colours.N)
    axes.pcolormesh(
        table.to_numpy(dtype="float64"), cmap=colours, norm=norm, edgecolors="#ececec", linewidth=0.2, rasterized=True
    )
    _label(axes, list(table.index), columns, every=1, turned=True)
    keys = [Patch(facecolor=_COLOURS[one], edgecolor=SOFT, linewidth=0.4, label=_NAMES[one]) for one in STATES]
    figure.legend(handles=keys, loc="outside upper left", ncols=4, fontsize=7.5, frameon=False, labelcolor=INK)
    return figure


def _canvas(rows: int, by: str, width: float) -> tuple[Figure, Axes]:
    top = 2.6 if by == "country-indicator" else 1.1
    height = max(_ROW[by], 0.2) if rows < 40 else _ROW[by]
    figure = Figure(figsize=(width, height * rows + top), layout="constrained", facecolor="white")
    axes = figure.add_subplot()
    for side in axes.spines.values():
        side.set_color("#c4c4c4")
        side.set_linewidth(0.5)
    return figure, axes


def _label(axes: Axes, rows: Sequence[str], columns: Sequence[str], *, every: int, turned: bool = False) -> None:
    axes.set_ylim(len(rows), 0)
    small = 5.4 if len(rows) > 70 else 7.0
    axes.set_yticks([place + 0.5 for place in range(len(rows))], list(rows))
    axes.tick_params(axis="y", length=0, pad=3, labelsize=small, labelcolor=INK)
    shown = [place for place, name in enumerate(columns) if every == 1 or int(name) % every == 0]
    axes.set_xticks([place + 0.5 for place in shown], [columns[place] for place in shown], rotation=90 if turned else 0)
    axes.xaxis.tick_top()
    axes.tick_params(axis="x", length=0, pad=2, labelsize=6 if turned else 7, labelcolor=INK)
