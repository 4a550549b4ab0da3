"""Panel views: every cell has its tile, and counts agree with the data."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes

from govdata import stats
from govdata.errors import ArgumentError, PanelError
from govdata.report.panel_view import panel_view


@pytest.fixture
def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "iso3": ["A", "A", "A", "B", "B", "C", "C", "C"],
            "year": [2000, 2001, 2003, 2000, 2001, 2000, 2001, 2003],
            "ban": [0.0, 0.0, 1.0, 0.0, 1.0, 0.0, None, 0.0],
            "x": [1.0, None, 3.0, 4.0, None, 6.0, 7.0, 8.0],
            "y": [1.0, 2.0, 2.0, 4.0, None, 1.0, 3.0, 5.0],
        }
    )


def tiles(axes: Axes) -> np.ma.MaskedArray[Any, Any]:
    return axes.collections[0].get_array().reshape(-1, int(axes.get_xlim()[1]))


def hatched(axes: Axes) -> float:
    """Area of the hatched strips, in cells."""
    return sum(
        path.get_extents().width * path.get_extents().height
        for one in axes.collections
        if one.get_hatch()
        for path in one.get_paths()
    )


def names(axes: Axes) -> list[str]:
    return [tick.get_text() for tick in axes.get_yticklabels()]


def test_treatment_by_its_first_time(frame: pd.DataFrame) -> None:
    figure = panel_view(frame, "ban", labels={"0": "none", "1": "ban", "A": "Atlantis"})
    axes = figure.axes[0]
    assert names(axes) == ["B", "Atlantis", "C"]
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["2000", "2001", "2002", "2003"]
    drawn = tiles(axes)
    wanted = [[0, 1, None, None], [0, 0, None, 1], [0, None, None, 0]]
    assert drawn.tolist() == wanted
    assert hatched(axes) == 1
    texts = [text.get_text() for text in figure.legends[0].get_texts()]
    assert texts == ["none (5)", "ban (2)", "missing (1)", "no row (4)"]
    note = figure.get_supxlabel().replace("\n", " ")
    assert "3 units × 4 times = 12 cells: 7 with a value, 1 missing, 4 without a row." in note
    assert "ban: 2 cells; 2 units ever, of which 0 in every row with a value." in note
    assert "Units by the first time above the lowest value." in note


@pytest.mark.parametrize(
    ("sort", "wanted"), [("name", ["A", "B", "C"]), ("missing", ["C", "A", "B"]), ("mean", ["C", "B", "A"])]
)
def test_order(frame: pd.DataFrame, sort: str, wanted: list[str]) -> None:
    assert names(panel_view(frame, "x", sort=sort).axes[0]) == wanted


def test_scale(frame: pd.DataFrame) -> None:
    many = pd.concat([frame.assign(iso3=frame["iso3"] + str(i), x=frame["x"] + 10 * i) for i in range(3)])
    figure = panel_view(many, "x")
    drawn, bar = tiles(figure.axes[0]), figure.axes[1]
    assert (drawn.min(), drawn.max()) == (0.0, 1.0)
    assert names(figure.axes[0])[0] == "C2"
    at = [tick.get_position()[1] for tick in bar.get_yticklabels()]
    np.testing.assert_allclose([1 + 27 * y for y in at], [float(t.get_text()) for t in bar.get_yticklabels()])
    assert hatched(figure.axes[0]) == 6


def test_missing_of_one_and_of_several(frame: pd.DataFrame) -> None:
    axes = panel_view(frame, "x", show="missing").axes[0]
    assert int((~np.ma.getmaskarray(tiles(axes))).sum()) == 6
    assert hatched(axes) == 2
    figure = panel_view(frame, ["x", "y"])
    texts = [text.get_text() for text in figure.legends[0].get_texts()]
    assert texts == ["some values (1)", "all 2 values (6)", "no value (1)", "no row (4)"]
    assert "Missing: x 2, y 1." in figure.get_supxlabel()


def test_the_sample_of_a_model(frame: pd.DataFrame) -> None:
    more = pd.DataFrame({"iso3": "D", "year": [2000, 2001, 2002, 2003], "x": [1.0, 5, 2, 2], "y": [1.0, 2, 4, 2]})
    frame = pd.concat([frame, more], ignore_index=True)
    model = stats.ols("y ~ lag(x)", frame)
    assert model.nobs == 5
    for figure in (panel_view(model), panel_view(frame, "y ~ lag(x)")):
        texts = [text.get_text() for text in figure.legends[0].get_texts()]
        assert texts == [f"in the sample ({model.nobs})", f"left out ({12 - model.nobs})", "no row (4)"]
        assert int((~np.ma.getmaskarray(tiles(figure.axes[0]))).sum()) == model.nobs
        assert "Rows of the data that lack: y 1, lag(x, 1)" in figure.get_supxlabel().replace("\n", " ")


def test_many_units_are_thinned() -> None:
    keys = [[f"U{i:03}" for i in range(195)], range(1990, 2020)]
    frame = pd.MultiIndex.from_product(keys, names=["iso3", "year"]).to_frame(index=False)
    frame["t"] = (frame["year"] > 1990 + frame["iso3"].str[1:].astype(int) % 40).astype(int)
    figure = panel_view(frame, "t")
    axes = figure.axes[0]
    assert tiles(axes).shape == (195, 30)
    assert figure.get_figheight() < 12
    figure.draw_without_rendering()
    boxes = [tick.get_window_extent() for tick in axes.get_yticklabels()]
    assert len(boxes) == 65
    assert all(above.y0 >= below.y1 for above, below in pairwise(boxes))
    assert "one in 3 is named" in figure.get_supxlabel()


def test_decades_are_steps_and_far_times_are_left_out() -> None:
    decades = pd.DataFrame({"iso3": "A", "year": [1950, 1960, 1990], "t": [0, 1, 1]})
    assert tiles(panel_view(decades, "t").axes[0]).shape == (1, 5)
    far = pd.DataFrame({"iso3": "A", "year": [1, 2, 9000], "t": [0, 1, 1]})
    figure = panel_view(far, "t")
    assert tiles(figure.axes[0]).shape == (1, 3)
    assert "times in which nothing occurs are not drawn" in figure.get_supxlabel()


def test_categories_and_truth_values(frame: pd.DataFrame) -> None:
    kinds = pd.Categorical(
        ["low", "high", "mid", "low", None, "low", "low", "mid"], ["low", "mid", "high"], ordered=True
    )
    figure = panel_view(frame.assign(kind=kinds), "kind")
    texts = [text.get_text() for text in figure.legends[0].get_texts()]
    assert texts[:3] == ["low (4)", "mid (2)", "high (1)"]
    truth = frame.assign(t=[True, False] * 4)
    assert int((tiles(panel_view(truth, "t").axes[0]) == 1).sum()) == 4
    words = frame.assign(word=["a", "b"] * 4)
    assert int((tiles(panel_view(words, "word").axes[0]) == 1).sum()) == 4


def test_a_panel_and_rows_without_keys(frame: pd.DataFrame) -> None:
    named = frame.rename(columns={"iso3": "state", "year": "wave"})
    named = pd.concat([named, pd.DataFrame({"state": [None], "wave": [2000], "ban": [1.0]})], ignore_index=True)
    figure = panel_view(stats.Panel(named, unit="state", time="wave"), "ban")
    assert "1 row without a unit or time: not drawn." in figure.get_supxlabel()
    assert tiles(figure.axes[0]).shape == (3, 4)
    assert tiles(panel_view(named, "ban", unit="state", time="wave").axes[0]).shape == (3, 4)


def test_row_order_and_key_types_do_not_matter(tmp_path: Path, frame: pd.DataFrame) -> None:
    turned = frame.sample(frac=1, random_state=2).assign(year=lambda f: f["year"].astype(str))
    panel_view(frame, "ban", tmp_path / "a.svg", title="Bans")
    panel_view(turned, "ban", tmp_path / "b.svg", title="Bans")
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"columns": "bann"}, "bann"),
        ({"columns": None}, "columns names what to draw: a column, a list of columns or a formula"),
        ({"columns": 3}, "columns is a column, a list of columns or a formula, not 3"),
        ({"columns": ["ban", 3]}, "columns holds names of columns, not 3"),
        ({"columns": ["ban", "x"], "show": "values"}, "show='values' draws one column, and there are 2"),
        ({"columns": "ban", "show": "value"}, "show is one of values, missing, not 'value'; did you mean 'values'?"),
        ({"columns": "ban", "sort": "size"}, "sort is one of first, mean, missing, name, not 'size'"),
        ({"columns": "ban", "unit": "country"}, "country"),
        ({"columns": "empty"}, "column 'empty' has no value in any row"),
        ({"columns": "word"}, "column 'word' has 10 categories"),
    ],
)
def test_what_cannot_be_drawn_is_refused(frame: pd.DataFrame, options: dict[str, Any], message: str) -> None:
    data = pd.concat([frame, frame.assign(iso3=frame["iso3"] + "2")], ignore_index=True)
    data["empty"] = np.nan
    data["word"] = [f"w{i % 10}" for i in range(len(data))]
    with pytest.raises((ArgumentError, PanelError, stats.formula.FormulaError)) as error:
        panel_view(data, **options)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_rows_that_share_their_keys_are_refused(frame: pd.DataFrame) -> None:
    with pytest.raises(PanelError, match="share their iso3 and year"):
        panel_view(pd.concat([frame, frame]), "ban")
