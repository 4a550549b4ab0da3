"""Specification plots show every choice, every kind of estimate, and say what they leave out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from govdata.errors import ArgumentError
from govdata.report.specification_plots import specification_plot
from govdata.stats.specification import SpecificationCurve, specification_curve


def panel(controls: int) -> pd.DataFrame:
    rng = np.random.default_rng(4)
    frame = pd.DataFrame({"iso3": np.repeat([f"U{i:02}" for i in range(25)], 8), "year": [*range(2000, 2008)] * 25})
    for j in range(controls):
        frame[f"v{j}"] = rng.normal(size=200)
    frame["x"] = rng.normal(size=200) + frame["v0"]
    frame["y"] = 1.2 * frame["v0"] - 0.1 * frame["x"] + rng.normal(size=200)
    return frame


def curve_of(controls: int, **options: object) -> SpecificationCurve:
    names = [f"v{j}" for j in range(controls)]
    chosen: dict[str, object] = {"effects": ["", "iso3 + year"], **options}
    return specification_curve(panel(controls), y="y", x="x", controls=names, **chosen)  # type: ignore[arg-type]


def test_estimates_stand_in_their_order_above_their_choices() -> None:
    curve = curve_of(2, permutations=19)
    figure = specification_plot(curve, labels={"v0": "Wealth"})
    upper, lower = figure.axes
    drawn = np.concatenate([np.column_stack(line.get_data()) for line in upper.lines if line.get_linestyle() == "None"])
    order = np.argsort(drawn[:, 0])
    np.testing.assert_allclose(drawn[order, 1], np.sort(curve.table["estimate"]))
    assert [tick.get_text() for tick in lower.get_yticklabels()] == ["Wealth", "v1", "none", "iso3 + year"]
    table = curve.table.sort_values("estimate").reset_index(drop=True)
    marks = [line.get_xdata() for line in lower.lines if line.get_linestyle() == "None"]
    np.testing.assert_array_equal(marks[0], np.flatnonzero(table["v0"]) + 1)
    assert "Joint test, 19 permutations" in figure.get_supxlabel()
    legend = [text.get_text() for text in figure.legends[0].get_texts()]
    assert legend[-1] == f"median {curve.median:.3g}"


def test_kinds_differ_in_shape_and_lightness_not_only_in_hue() -> None:
    from matplotlib.colors import to_rgb

    from govdata.report.specification_plots import _KINDS

    light = [float(np.dot(to_rgb(colour), (0.2126, 0.7152, 0.0722))) for _, colour, _, _ in _KINDS]
    assert min(light[1], light[2]) > max(light[0], light[3]) + 0.15
    assert len({(marker, filled) for _, _, marker, filled in _KINDS}) == 4


def test_thousands_are_thinned_out_and_said_to_be(tmp_path: Path) -> None:
    curve = curve_of(11)
    figure = specification_plot(curve, tmp_path / "curve.png")
    assert len(curve.table) == 4096
    note = figure.get_supxlabel()
    assert "4,096 specifications" in note
    assert "2,000 evenly spaced ones of them are drawn" in note
    points = [line for line in figure.axes[0].lines if line.get_linestyle() == "None"]
    assert sum(len(line.get_xdata()) for line in points) == 2000
    assert all(line.get_rasterized() for line in points)
    assert (tmp_path / "curve.png").stat().st_size < 2_000_000


def test_equal_curves_give_equal_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        specification_plot(curve_of(2), tmp_path / f"{name}.svg", title="Curve")
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_one_specification_has_no_lower_panel() -> None:
    figure = specification_plot(specification_curve(panel(1), y="y", x="x"))
    assert len(figure.axes) == 1
    low, high = figure.axes[0].get_xlim()
    assert [place for place in figure.axes[0].get_xticks() if low <= place <= high] == [1]


def test_specifications_are_counted_in_whole_numbers() -> None:
    upper = specification_plot(specification_curve(panel(1), y="y", x="x", effects=["", "iso3"])).axes[0]
    low, high = upper.get_xlim()
    assert [place for place in upper.get_xticks() if low <= place <= high] == [1, 2]


def test_what_is_no_curve_is_refused() -> None:
    with pytest.raises(
        ArgumentError, match=r"specification_plot draws a result of stats.specification_curve, not dict"
    ):
        specification_plot({})  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="width"):
        specification_plot(curve_of(1), width=200)
