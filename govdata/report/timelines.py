"""Pictures of evidence over time: how far programmes got, and how many cameras were counted, by what was counted."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any, Final

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from govdata.catalog import load
from govdata.errors import ArgumentError
from govdata.profiles import programmes
from govdata.releases import open_release
from govdata.report._figure import COLOURS, INK, MARGIN, MARKERS, RULE, SOFT, STYLE, check_width, find_targets, save
from govdata.statements import chosen, claims

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from matplotlib.axes import Axes

__all__ = ["camera_counts", "timeline"]

# One hue from light to dark: stages are ordered. The first is "none", which is drawn as nothing.
_STAGES: Final = ("#ffffff", "#dbe7f3", "#b9d1e6", "#8db4d6", "#5a91c1", "#2a6ca8", "#0b4a82")
_BAR, _SUB, _ROW = 0.40, 0.18, 0.27
_COUNTS: Final = ("cctv_cameras_all", "cctv_cameras_public", "cctv_cameras_police")
_MILLION = 1_000_000
# Claims of one year stand beside each other, so that a rejected one never hides an accepted one.
_SHIFT: Final = {"accepted": 0.0, "contested": -0.2, "rejected": 0.2, "forecast": 0.0}
_KINDS: Final = {
    "contested": "contested, or nothing behind it",
    "rejected": "rejected claim",
    "forecast": "forecast or plan",
}


def timeline(
    programme: str | Iterable[str] | None = None,
    path: str | Path | None = None,
    *,
    country: str = "CHN",
    dataset: str = "digital_surveillance",
    version: str | None = None,
    title: str | None = None,
    width: float = 8.0,
) -> Figure:
    """Draw how far each programme had got, year by year.

    The upper bar of a programme is the national stage, the thin lower one the furthest stage in any region. The darker,
    the further; hatched where sources disagree or leave the stage open, from the higher bound of what they say.

    Parameters
    ----------
    programme
        Programme ids; by default every programme of the country that has a stage.
    path
        Where to save: a name ending in ``.png``, ``.svg`` or ``.pdf``, or a name without ending for PNG and SVG. The
        same release gives the same bytes.
    country
        ISO3 code.
    dataset, version
        See `govdata.load`.
    title
        Text above.
    width
        In inches. The height follows from the number of programmes.

    Returns
    -------
    matplotlib.figure.Figure
        Not known to pyplot: nothing is shown and no state is changed.

    Raises
    ------
    ArgumentError
        If there is no such programme, or none of them has a stage.

    Examples
    --------
    >>> from govdata import report
    >>> figure = report.timeline(["skynet", "sharp_eyes"])
    >>> [label.get_text() for label in figure.axes[0].get_yticklabels()]
    ['Skynet', 'Sharp Eyes']
    """
    check_width(width)
    targets = find_targets(path)
    release = open_release(dataset, version)
    known = programmes(country, dataset=dataset, version=version).set_index("programme_id")
    ids = chosen("programme", programme, list(known.index))
    if ids == []:
        raise ArgumentError("timeline needs at least one programme")
    ids = None if ids is None else list(dict.fromkeys(ids))
    dated = known if ids is None else known.loc[ids]
    dated = dated[dated["first_year"].notna()].sort_values(["first_year", "name_en"], kind="stable")
    if dated.empty:
        raise ArgumentError(
            f"no stage is coded for {', '.join((ids or [country])[:3])}: an analytic label, or no evidence"
        )
    stages = release.rows("programme_years.csv")
    indicator = next(one for one in release.indicators if one.table == "programme_years")
    first, last = max(int(dated["first_year"].min()), release.info.years[0]), release.info.years[1]
    with mpl.rc_context(STYLE):
        height = _ROW * len(dated) + 1.35 + (0.3 if title else 0)
        figure = Figure(figsize=(width, height), layout="constrained", facecolor="white")
        axes = figure.add_subplot()
        for position, name in enumerate(dated.index):
            own = [row for row in stages if row["programme_id"] == name and int(row["year"]) >= first]
            for row, length in _runs(own):
                _bar(axes, row, length, position)
            for row in own:
                since = int(dated.loc[name, "first_year"])
                if since < first == int(row["year"]) and row["scope"] == "national":
                    ink = "white" if int(row["stage"] or 0) > 3 else INK
                    axes.text(first + 0.1, position - 0.14, f"since {since}", va="center", fontsize=6.5, color=ink)
        axes.set_ylim(len(dated) - 0.4, -0.6)
        axes.set_xlim(first - 0.1, last + 1)
        axes.set_yticks(range(len(dated)), [textwrap.shorten(name, 46, placeholder=" …") for name in dated["name_en"]])
        axes.tick_params(axis="y", length=0, pad=6, labelsize=8, labelcolor=INK)
        years = [year for year in range(first, last + 1) if year % _step(last - first) == 0]
        axes.set_xticks([year + 0.5 for year in years], [str(year) for year in years])
        axes.tick_params(axis="x", length=3, width=0.6, color=SOFT, labelsize=8, labelcolor=SOFT)
        _plain(axes)
        axes.grid(axis="x", color=RULE, linewidth=0.5)
        labels = {code.code: code.labels["en"] for code in indicator.codes}
        keys = [Patch(facecolor=_STAGES[i], edgecolor=SOFT, linewidth=0.4, label=labels[str(i)]) for i in range(1, 7)]
        keys.append(Patch(facecolor="white", edgecolor=SOFT, hatch="//////", linewidth=0.4, label="disputed or open"))
        figure.legend(handles=keys, loc="outside upper left", ncols=4, fontsize=7.5, frameon=False, labelcolor=INK)
        if title:
            figure.suptitle(title, x=MARGIN, ha="left", color=INK, fontsize=11, fontweight="bold", parse_math=False)
        note = (
            "Upper bar: national. Lower bar: furthest region, where 'national' reads 'the whole region'. "
            f"State on 31 December. Data: govdata {release}."
        )
        figure.supxlabel("\n".join(textwrap.wrap(note, int(width * 18.5))), x=MARGIN, ha="left", fontsize=7, color=SOFT)
        save(figure, targets)
    return figure


def _step(span: int) -> int:
    return 1 if span < 10 else 2 if span < 20 else 5


def _runs(stages: Iterable[dict[str, str]]) -> list[tuple[dict[str, str], int]]:
    """Join consecutive years that look alike: the first of them and how many; single years would show seams."""
    runs: list[tuple[dict[str, str], int]] = []

    def look(row: dict[str, str]) -> tuple[str, str, str, bool]:
        return row["scope"], row["stage"], row["stage_high"], row["status"] == "contested"

    for row in sorted(stages, key=lambda row: (row["scope"], int(row["year"]))):
        if runs:
            last, years = runs[-1]
            if int(row["year"]) == int(last["year"]) + years and look(row) == look(last):
                runs[-1] = (last, years + 1)
                continue
        runs.append((row, 1))
    return runs


def _bar(axes: Axes, row: dict[str, str], years: int, position: int) -> None:
    disputed = row["status"] == "contested" or not row["stage"]
    stage = row["stage_high"] if disputed else row["stage"]
    if not stage or stage == "0":
        return
    national = row["scope"] == "national"
    height = _BAR if national else _SUB
    top = position - 0.34 if national else position + 0.10
    style: dict[str, Any] = {"facecolor": _STAGES[int(stage)], "edgecolor": "none"}
    if disputed:
        dark = "white" if int(stage) > 3 else SOFT
        style |= {"hatch": "//////", "edgecolor": dark, "linewidth": 0}
    axes.broken_barh([(int(row["year"]), years)], (top, height), **style)


def _plain(axes: Axes) -> None:
    axes.set_axisbelow(True)
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set(color=SOFT, linewidth=0.6)


def camera_counts(
    country: str = "CHN",
    path: str | Path | None = None,
    *,
    dataset: str = "digital_surveillance",
    version: str | None = None,
    title: str | None = None,
    width: float = 7.0,
) -> Figure:
    """Draw every count of cameras, by what was counted: numbers of different definitions never stand in one series.

    Filled marks are accepted claims, hollow ones contested or with nothing behind them, upright crosses forecasts,
    slanting crosses rejected claims: visible, and without any part in a value. A line joins both ends of a range, a
    thin line the lowest and the highest count of a year where several stand. The scale is logarithmic.

    Parameters
    ----------
    country
        ISO3 code.
    path, dataset, version, title, width
        See `timeline`.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ArgumentError
        If no count of that country is known.

    Examples
    --------
    >>> from govdata import report
    >>> figure = report.camera_counts("CHN")
    >>> figure.axes[0].get_ylabel()
    'Cameras, million (logarithmic scale)'
    """
    check_width(width)
    targets = find_targets(path)
    release = open_release(dataset, version)
    said = claims(indicator=list(_COUNTS), dataset=dataset, version=version)
    if not isinstance(country, str):
        raise ArgumentError(f"camera_counts takes one country, not {country!r}")
    own = said[(said["iso3"] == country) & ((said["code"] != "") | (said["low"] != ""))]
    if own.empty:
        having = sorted(set(said["iso3"]))
        raise ArgumentError(f"no camera counts of {str(country)[:40]!r}; there are counts of {', '.join(having)}")
    names = {one.id: one for one in release.indicators}
    panel = load(dataset, version, country)
    years = [int(start[:4]) for start in own["start"] if start]
    undated = max(years, default=release.info.years[1]) + (2 if (own["start"] == "").any() else 1)
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(width, 4.4 + (0.3 if title else 0)), layout="constrained", facecolor="white")
        axes = figure.add_subplot()
        for i, indicator in enumerate(_COUNTS):
            for year, low, high in zip(
                panel["year"], panel[f"{indicator}_low"], panel[f"{indicator}_high"], strict=True
            ):
                if low < high:
                    ends = [low / _MILLION, high / _MILLION]
                    axes.plot([year, year], ends, color=COLOURS[i], linewidth=1.2, alpha=0.6, zorder=1)
            for row in own[own["indicator"] == indicator].to_dict("records"):
                year = int(row["start"][:4]) if row["start"] else undated
                kind = _kind(row)
                ends = [float(row["code"] or row[key]) / _MILLION for key in ("low", "high")]
                _mark(axes, year + _SHIFT[kind], ends[:1] if row["code"] else ends, kind, i)
        for i, indicator in enumerate(_COUNTS):
            axes.plot([], [], marker=MARKERS[i], color=COLOURS[i], linestyle="none", label=names[indicator].label)
        for kind, text in _KINDS.items():
            shape = {"marker": MARKERS[0]} if kind == "contested" else {}
            axes.plot([], [], linestyle="none", label=text, **(_style(kind, 4) | shape))
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(mpl.ticker.LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_major_formatter(mpl.ticker.FuncFormatter(lambda value, _: f"{value:,g}"))
        axes.yaxis.set_minor_locator(mpl.ticker.NullLocator())
        axes.set_ylabel("Cameras, million (logarithmic scale)", color=INK, fontsize=9)
        axes.set_xlim(min(years, default=undated) - 0.7, undated + 0.7)
        span = range(min(years, default=undated), max(years, default=undated) + 1)
        shown = [year for year in span if year % (1 if len(span) < 14 else 2) == 0]
        late = [undated] if (own["start"] == "").any() else []
        axes.set_xticks([*shown, *late], [*map(str, shown), *(["undated"] if late else [])])
        axes.tick_params(length=3, width=0.6, color=SOFT, labelsize=8, labelcolor=SOFT, which="both")
        _plain(axes)
        axes.grid(axis="y", color=RULE, linewidth=0.5)
        figure.legend(loc="outside upper left", ncols=3, fontsize=7.5, frameon=False, labelcolor=INK)
        if title:
            figure.suptitle(title, x=MARGIN, ha="left", color=INK, fontsize=11, fontweight="bold", parse_math=False)
        place = panel["country_name"].iloc[-1]
        note = f"{place}. One mark a claim, at the year that the count is of. Data: govdata {release}."
        figure.supxlabel("\n".join(textwrap.wrap(note, int(width * 18.5))), x=MARGIN, ha="left", fontsize=7, color=SOFT)
        save(figure, targets)
    return figure


def _kind(row: Mapping[Any, Any]) -> str:
    """Say how a count stands: only what is accepted, measured and has something behind it is drawn as a filled mark."""
    if row["status"] == "rejected":
        return "rejected"
    if row["modality"] == "plan":
        return "forecast"
    return "contested" if row["status"] == "contested" or row["grade"] == "E0" else "accepted"


def _style(kind: str, colour: int) -> dict[str, Any]:
    if kind in {"rejected", "forecast"}:
        marker = "x" if kind == "rejected" else "+"
        return {"marker": marker, "color": COLOURS[colour], "markeredgewidth": 1.4}
    hollow = {"markerfacecolor": "white"} if kind == "contested" else {"markeredgecolor": "white"}
    edge = {"markeredgewidth": 1.3 if kind == "contested" else 0.6}
    return {"marker": MARKERS[colour % len(MARKERS)], "color": COLOURS[colour], **hollow, **edge}


def _mark(axes: Axes, year: float, counts: list[float], kind: str, colour: int) -> None:
    line = "-" if len(counts) > 1 else "none"
    style = _style(kind, colour)
    axes.plot([year] * len(counts), counts, linestyle=line, linewidth=0.8, markersize=6.5, zorder=3, **style)
