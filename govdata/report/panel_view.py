"""A panel at one look: who is treated when, and what is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.ticker import MaxNLocator

from govdata.errors import ArgumentError, PanelError
from govdata.report._figure import INK, SOFT, check_width, find_targets, save
from govdata.report._models import label
from govdata.report._page import check_choice, check_labels, check_text, head_legend, open_page, plural, style_for, wrap
from govdata.report._tiles import (
    ABSENT,
    MISSING,
    Grid,
    draw_tiles,
    lay_out,
    missing_patch,
    named_every,
    patch,
    row_height,
    shades,
)
from govdata.stats import Panel, PanelResults
from govdata.stats.estimating import prepare
from govdata.stats.formula import check_column
from govdata.stats.keys import encode

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.figure import Figure

    from govdata.stats.design import Design
    from govdata.stats.keys import FloatArray

__all__ = ["panel_view"]

SHOW = ("values", "missing")
SORT = ("first", "mean", "missing", "name")
_MOST_STEPS = 9  # more values than these are a scale
_BLANK = "no row"
_ORDERS = {
    "first": "by the first time above the lowest value",
    "mean": "from the highest mean",
    "missing": "from the fewest cells without a value or row",
    "name": "by name",
}


@dataclass(frozen=True, slots=True, eq=False)
class _View:
    """What a cell can be, and how many are."""

    cells: FloatArray
    names: list[str] | None
    limits: tuple[float, float]
    missing: str
    note: list[str]
    sort: str


def panel_view(
    data: pd.DataFrame | Panel | PanelResults,
    columns: str | Sequence[str] | None = None,
    path: str | Path | None = None,
    *,
    show: str | None = None,
    unit: str | None = None,
    time: str | None = None,
    sort: str | None = None,
    labels: Mapping[str, str] | None = None,
    title: str | None = None,
    width: float = 7.5,
) -> Figure:
    """Draw a panel as tiles, one row a unit and one column a time.

    Parameters
    ----------
    data
        A frame, a ``stats.Panel``, or a fitted model.
    columns
        One column; several; or a formula. Left out with a model: its formula, so that the tiles show the estimation
        sample and what was left out of it.
    path
        Where to save: a name ending in ``.png``, ``.svg`` or ``.pdf``, or a name without ending for PNG and SVG. Equal
        data give equal bytes.
    show
        ``"values"`` of one column: shades from the lowest to the highest; up to nine values are steps, more are a
        scale. ``"missing"``: whether values are there. Left out: values of one column, else what is missing.
    unit, time
        The key columns; left out, the panel's own, or ``iso3`` and ``year``.
    sort
        Order of the units from the top: ``"first"``, by the first time with a value above the lowest, as treatment
        begins; ``"mean"``, from the highest mean; ``"missing"``, from the fewest cells without a value or row;
        ``"name"``. Left out: first for steps, mean for a scale, name for what is missing.
    labels
        Words for columns, for units and for values.
    title
        Text above.
    width
        In inches. The height follows from the number of units; where there are many, not every one is named.

    Returns
    -------
    matplotlib.figure.Figure
        Not known to pyplot. A hatched tile is a row without a value; where there is no tile the data have no row.

    Raises
    ------
    ArgumentError
        If an option has a form the function does not take.
    PanelError
        If rows are not unique by unit and time, or there is no such column.

    Examples
    --------
    >>> import pandas as pd
    >>> from govdata.report.panel_view import panel_view
    >>> frame = pd.DataFrame({"iso3": ["CHN", "CHN", "IRN"], "year": [2010, 2012, 2011], "ban": [0.0, 1.0, None]})
    >>> figure = panel_view(frame, "ban")
    >>> [text.get_text() for text in figure.axes[0].get_xticklabels()]
    ['2010', '2011', '2012']
    >>> figure.get_supxlabel().splitlines()[0]
    'ban. 2 units × 3 times = 6 cells: 2 with a value, 1 missing, 3 without a row.'
    """
    check_labels(labels)
    check_text("title", title)
    check_width(width)
    targets = find_targets(path)
    if sort is not None:
        check_choice("sort", sort, SORT)
    if show is not None:
        check_choice("show", show, SHOW)
    if isinstance(columns, str) and "~" in columns and not isinstance(data, PanelResults):
        data, columns = prepare(columns, data, unit=unit, time=time).design, None  # type: ignore[assignment]
    design = data.design if isinstance(data, PanelResults) else data
    if columns is None:
        grid, view = _sample(design, show, labels)
    else:
        grid, view = _columns(_panel(data, unit, time), columns, show, labels)
    order = _order(view, sort)
    every = named_every(len(order))
    view.note.append(
        f"Units {_ORDERS[view.sort if sort is None else sort]}{f'; one in {every} is named' * (every > 1)}"
    )
    with mpl.rc_context(style_for([title or "", *view.note, *(labels or {}).values(), *map(str, grid.units)])):
        figure = _draw(grid, view, order, labels, title, width)
        save(figure, targets)
    return figure


def _panel(data: Any, unit: str | None, time: str | None) -> Panel:  # noqa: ANN401 -- checked here
    if isinstance(data, PanelResults):
        design = data.design
        if design.unit is None or design.time is None:
            raise PanelError("the model's rows have no unit and time, so they cannot be drawn as a panel")
        return Panel(design.frame, design.unit.name, design.time.name)
    if isinstance(data, Panel):
        for name, given, own in (("unit", unit, data.unit), ("time", time, data.time)):
            if given is not None and given != own:
                raise PanelError(f"{name}={given!r} is given, yet the panel's {name} is {own!r}")
        return data
    return Panel(data, "iso3" if unit is None else unit, "year" if time is None else time)


def _grid(panel: Panel) -> tuple[Grid, Any]:
    """Return the cells of the rows that have a unit and a time, and which rows these are."""
    keys = panel.keys
    assert keys.unit is not None  # noqa: S101 -- for the type checker: a panel has both
    assert keys.time is not None  # noqa: S101 -- as above
    there = ~(keys.unit.missing | keys.time.missing)
    return lay_out(keys.unit.subset(there), keys.time.subset(there)), there


def _columns(panel: Panel, columns: object, show: str | None, labels: Mapping[str, str] | None) -> tuple[Grid, _View]:
    names = [columns] if isinstance(columns, str) else columns
    if isinstance(names, (bytes, Mapping, set, frozenset)) or not isinstance(names, Sequence) or not names:
        raise ArgumentError(f"columns is a column, a list of columns or a formula, not {columns!r}")
    frame = panel.frame
    for name in names:
        if not isinstance(name, str):
            raise ArgumentError(f"columns holds names of columns, not {name!r}")
        check_column(name, frame.columns, where="columns=")
        if isinstance(frame[name], pd.DataFrame):
            raise PanelError(f"the data have more than one column named {name!r}")
    grid, there = _grid(panel)
    chosen = list(dict.fromkeys(names))
    show = ("values" if len(chosen) == 1 else "missing") if show is None else show
    if show == "values" and len(chosen) > 1:
        raise ArgumentError(f"show='values' draws one column, and there are {len(chosen)}; say show='missing'")
    unkeyed = [f"{plural(panel.unkeyed, 'row')} without a unit or time: not drawn"] if panel.unkeyed else []
    if show == "values":
        view = _values(grid, frame.loc[there.tolist(), chosen[0]], label(chosen[0], labels), labels)
    else:
        view = _missing(grid, frame.loc[there.tolist(), chosen], [label(name, labels) for name in chosen])
    return grid, _View(view.cells, view.names, view.limits, view.missing, [*view.note, *unkeyed], view.sort)


def _values(grid: Grid, column: pd.Series[Any], name: str, labels: Mapping[str, str] | None) -> _View:
    """Read a column as steps or as a scale."""
    absent = column.isna().to_numpy()
    if absent.all():
        raise PanelError(f"column {name!r} has no value in any row; show='missing' draws where rows are")
    kind = column.dtype
    levels: list[Any]
    if isinstance(kind, pd.CategoricalDtype):
        used = column.cat.remove_unused_categories()
        levels = list(used.cat.categories)
        codes = used.cat.codes.to_numpy()
    elif pd.api.types.is_numeric_dtype(kind) or pd.api.types.is_bool_dtype(kind):
        if pd.api.types.is_complex_dtype(kind):
            raise PanelError(f"column {name!r} holds complex numbers, which have no order")
        numbers = column.to_numpy(dtype=np.float64, na_value=np.nan)
        if np.isinf(numbers).any():
            raise PanelError(f"column {name!r} is infinite in {plural(int(np.isinf(numbers).sum()), 'row')}")
        levels = np.unique(numbers[~absent]).tolist()
        codes = np.searchsorted(levels, np.where(absent, levels[0], numbers))
        if len(levels) > _MOST_STEPS:
            return _scale(grid, numbers, absent, name)
    else:
        keys = encode(column, name)
        levels, codes, absent = list(keys.levels), keys.codes, keys.missing
    if len(levels) > _MOST_STEPS:
        raise PanelError(
            f"column {name!r} has {len(levels)} categories, and no more than {_MOST_STEPS} stay apart as shades; "
            "show='missing' draws where values are"
        )
    cells = grid.fill(np.where(absent, MISSING, codes))
    shown = [f"{level:g}" if isinstance(level, float) else str(level) for level in levels]
    shown = [(labels or {}).get(text, text) for text in shown]
    counts = [int((cells == code).sum()) for code in range(len(levels))]
    note = [f"{name}. {_size(grid, cells)}"]
    if len(levels) == 2:
        above = [(row == 1).any() for row in cells]
        always = sum(bool(ever and not (row == 0).any()) for ever, row in zip(above, cells, strict=True))
        note.append(
            f"{shown[1]}: {plural(counts[1], 'cell')}; {plural(sum(map(bool, above)), 'unit')} ever, of which {always} "
            f"in every row with a value"
        )
    keys_shown = [f"{text} ({count:,})" for text, count in zip(shown, counts, strict=True)]
    return _View(cells, keys_shown, (0.0, float(len(levels) - 1)), "missing", note, "first")


def _scale(grid: Grid, numbers: FloatArray, absent: Any, name: str) -> _View:  # noqa: ANN401 -- a mask
    # Cells run from 0 to 1, clear of the signs of absence.
    low, high = float(np.nanmin(numbers)), float(np.nanmax(numbers))
    cells = grid.fill(np.where(absent, MISSING, (np.where(absent, low, numbers) - low) / (high - low)))
    return _View(cells, None, (low, high), "missing", [f"{name}. {_size(grid, cells)}"], "mean")


def _missing(grid: Grid, frame: pd.DataFrame, names: list[str]) -> _View:
    absent = frame.isna().to_numpy()
    for j, column in enumerate(frame.columns):
        if not (pd.api.types.is_numeric_dtype(frame[column]) or pd.api.types.is_bool_dtype(frame[column])):
            absent[:, j] |= (frame[column] == "").fillna(value=False).to_numpy(dtype=np.bool_)
    gone = absent.sum(axis=1)
    counts = [f"{name} {int(count):,}" for name, count in zip(names, absent.sum(axis=0).tolist(), strict=True)]
    if len(names) == 1:
        cells = grid.fill(np.where(gone > 0, MISSING, 0))
        there = int((cells == 0).sum())
        return _View(cells, [f"value ({there:,})"], (0, 1), "missing", [f"{names[0]}. {_size(grid, cells)}"], "name")
    cells = grid.fill(np.where(gone == len(names), MISSING, np.where(gone > 0, 0, 1)))
    whole, part = int((cells == 1).sum()), int((cells == 0).sum())
    note = [f"{plural(len(names), 'column')}. {_size(grid, cells)}", f"Missing: {', '.join(counts)}"]
    shown = [f"some values ({part:,})", f"all {len(names)} values ({whole:,})"]
    return _View(cells, shown, (0, 1), "no value", note, "name")


def _sample(design: Any, show: str | None, labels: Mapping[str, str] | None) -> tuple[Grid, _View]:  # noqa: ANN401
    """Draw which rows a model uses, and which it left out for what."""
    if not hasattr(design, "rows_used"):
        raise ArgumentError("columns names what to draw: a column, a list of columns or a formula")
    if show == "values":
        raise ArgumentError("show='values' draws one column; name it with columns=")
    sample: Design = design
    if sample.unit is None or sample.time is None:
        raise PanelError("the model's rows have no unit and time, so they cannot be drawn as a panel")
    panel = Panel(sample.frame, sample.unit.name, sample.time.name)
    grid, there = _grid(panel)
    used = np.zeros(len(sample.frame), dtype=np.bool_)
    used[sample.rows_used] = True
    cells = grid.fill(np.where(used[there], 0, MISSING))
    counted = ", ".join(f"{label(name, labels)} {count:,}" for name, count in sample.missing.items())
    note = [f"Sample of {sample.formula.text}", _size(grid, cells, "in the sample", "left out")]
    if counted:
        note.append(f"Rows of the data that lack: {counted}")
    alone = int((sample.dropped["reason"] == "singleton").sum())
    if alone:
        note.append(f"Left out as singletons: {plural(alone, 'row')}")
    return grid, _View(cells, [f"in the sample ({int(used.sum()):,})"], (0, 1), "left out", note, "name")


def _size(grid: Grid, cells: FloatArray, known: str = "with a value", unknown: str = "missing") -> str:
    missing, absent = int((cells == MISSING).sum()), int((cells == ABSENT).sum())
    text = (
        f"{plural(len(grid.units), 'unit')} × {plural(len(grid.times), 'time')} = {plural(cells.size, 'cell')}: "
        f"{cells.size - missing - absent:,} {known}, {missing:,} {unknown}, {absent:,} without a row"
    )
    return text + ("; times in which nothing occurs are not drawn" if grid.skipped else "")


def _order(view: _View, sort: str | None) -> list[int]:
    """Order units; those that are equal by name."""
    cells = view.cells
    by = view.sort if sort is None else sort
    known = cells >= 0
    if by == "first":
        above = cells > 0
        keys = np.where(above.any(axis=1), above.argmax(axis=1), cells.shape[1])
    elif by == "mean":
        total = np.where(known, cells, 0).sum(axis=1)
        keys = np.where(known.any(axis=1), -total / np.maximum(known.sum(axis=1), 1), np.inf)
    elif by == "missing":
        keys = (~known).sum(axis=1)
    else:
        keys = np.zeros(len(cells))
    return [int(i) for i in np.argsort(keys, kind="stable")]


def _draw(
    grid: Grid, view: _View, order: list[int], labels: Mapping[str, str] | None, title: str | None, width: float
) -> Figure:
    n = len(grid.units)
    figure = open_page(width, row_height(n) * n + 0.45, title=title, note=view.note)
    axes = figure.add_subplot()
    units = [str(grid.units[i]) for i in order]
    units = [wrap((labels or {}).get(name, name), 24, 1) for name in units]
    times = [str(time) for time in grid.times]
    steps = None if view.names is None else len(view.names)
    drawn = draw_tiles(axes, view.cells[order], steps=steps, units=units, times=times)
    present = bool((view.cells == MISSING).any())
    gaps = bool((view.cells == ABSENT).any())
    keys = (
        [] if view.names is None else [patch(*pair) for pair in zip(shades(len(view.names)), view.names, strict=True)]
    )
    keys += [missing_patch(f"{view.missing} ({int((view.cells == MISSING).sum()):,})")] if present else []
    keys += [patch("white", f"{_BLANK} ({int((view.cells == ABSENT).sum()):,})")] if gaps else []
    if keys:
        head_legend(figure, keys, [str(key.get_label()) for key in keys])
    if view.names is None:
        bar = figure.colorbar(
            drawn, ax=axes, shrink=min(1.0, 2.5 / (row_height(n) * n + 0.01)), anchor=(0, 1), pad=0.02
        )
        bar.outline.set_visible(False)
        bar.ax.tick_params(length=2, labelsize=7.5, color=SOFT, labelcolor=INK)
        low, high = view.limits
        ticks = [float(tick) for tick in np.asarray(MaxNLocator(5).tick_values(low, high)) if low <= tick <= high]
        bar.set_ticks([(tick - low) / (high - low) for tick in ticks], labels=[f"{tick:g}" for tick in ticks])
    return figure
