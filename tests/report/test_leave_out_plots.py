"""The plot of leaving out shows every group in order, and names those that matter."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from govdata import stats
from govdata.errors import ArgumentError, EstimationError
from govdata.report.leave_out_plots import leave_out_plot
from govdata.stats.leave_one_out import LeaveOneOut, leave_one_out


def left_out(units: int) -> LeaveOneOut:
    rng = np.random.default_rng(5)
    frame = pd.DataFrame({"iso3": np.repeat([f"U{i:03}" for i in range(units)], 6)})
    frame["year"] = np.tile(np.arange(2000, 2006), units)
    frame["x"], frame["z"], noise = rng.normal(size=(3, len(frame)))
    frame["y"] = 0.1 * frame["x"] + noise + np.where(frame["iso3"] == "U007", 4 * frame["x"], 0)
    return leave_one_out(stats.ols("y ~ x + z | iso3 + year", frame))


def test_few_groups_have_their_names_in_order() -> None:
    found = left_out(12)
    axes = leave_out_plot(found, labels={"U007": "Atlantis"}).axes[0]
    wanted = found.estimates["x"].sort_values().index.tolist()
    shown = [text.get_text() for text in axes.get_yticklabels()]
    assert shown == ["Atlantis" if name == "U007" else name for name in wanted]
    assert axes.get_xlabel() == "x, 95 % interval (outcome: y)"


def test_of_many_groups_the_most_influential_are_named_apart() -> None:
    found = left_out(180)
    axes = leave_out_plot(found, term="x", names=5).axes[0]
    texts = {text.get_text().split()[0]: text for text in axes.texts}
    change = (found.estimates["x"] - found.full["estimate"][0]).abs()
    assert set(texts) == set(change.sort_values(ascending=False).index[:5])
    figure = axes.figure
    figure.draw_without_rendering()
    boxes = sorted((text.get_window_extent() for text in texts.values()), key=lambda box: box.y0)
    assert all(low.y1 <= high.y0 + 1 for low, high in pairwise(boxes))
    assert all(box.x1 <= figure.bbox.x1 for box in boxes)


def test_groups_without_an_estimate_are_named_below() -> None:
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"iso3": np.repeat(["A", "B", "C", "D"], 6), "year": np.tile(np.arange(6), 4)})
    frame["x"], frame["y"] = rng.normal(size=(2, 24))
    frame["only"] = np.where(frame["iso3"] == "B", frame["x"] ** 2, 0.0)
    figure = leave_out_plot(leave_one_out(stats.ols("y ~ x + only | iso3", frame, se="iid")), term="only")
    assert "Not determined without B." in figure.get_supxlabel()
    assert len(figure.axes[0].get_yticklabels()) == 3


def test_equal_results_give_equal_bytes(tmp_path: Path) -> None:
    for name in ("one.svg", "two.svg"):
        leave_out_plot(left_out(50), path=tmp_path / name)
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()


def test_mistakes_are_refused() -> None:
    found = left_out(8)
    with pytest.raises(EstimationError, match="no coefficient 'w'"):
        leave_out_plot(found, term="w")
    with pytest.raises(ArgumentError, match=r"result is what stats\.leave_one_out returns, not DataFrame"):
        leave_out_plot(found.table)  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="names is a whole number from 0 to 30, not True"):
        leave_out_plot(found, names=True)
