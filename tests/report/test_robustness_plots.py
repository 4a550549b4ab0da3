"""The forest of robustness checks: one row a check, in order, with the numbers of to_frame()."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from govdata import report, stats
from govdata.errors import ArgumentError


def panel() -> pd.DataFrame:
    rng = np.random.default_rng(2)
    data = pd.DataFrame({"iso3": np.repeat(list("ABCDEFGHIJKLMN"), 6), "year": np.tile(range(2000, 2006), 14)})
    data["x"] = rng.integers(0, 4, len(data)).astype(float)
    data["z"] = rng.normal(size=len(data))
    data["y"] = data["x"] + data["z"] + rng.normal(size=len(data))
    return data.assign(x_low=data["x"] - (data["year"] == 2003), x_high=data["x"])


@pytest.fixture(scope="module")
def found() -> stats.Robustness:
    return stats.robustness(stats.ols("y ~ x + z | iso3", panel()), reps=99, n_draws=5)


def test_one_row_a_check(found: stats.Robustness) -> None:
    figure = report.robustness_plot(found, labels={"x": "Filtering"}, title="Robust?")
    axes, frame = figure.axes[0], found.to_frame()
    assert len(axes.get_yticklabels()) == len(frame)
    marks = [line for line in axes.lines if line.get_marker() not in ("None", "") and len(line.get_xdata()) == 1]
    drawn = [float(np.asarray(line.get_xdata())[0]) for line in marks]
    np.testing.assert_allclose(drawn, frame["estimate"])
    assert axes.get_xlabel() == "Coefficient of Filtering on y"
    low, high = axes.get_xlim()
    assert low <= frame["conf_low"].min()
    assert high >= frame["conf_high"].max()


def test_what_was_not_done_is_said() -> None:
    lacking = stats.robustness(
        stats.binary("won ~ x", panel().assign(won=lambda one: (one["y"] > 1.5) * 1.0)), n_draws=3
    )
    figure = report.robustness_plot(lacking)
    texts = " ".join(text.get_text().replace("\n", " ") for text in figure.texts)
    assert "Not done: bootstrap" in texts
    assert "Not done: specifications" in texts


def test_equal_results_give_equal_bytes(found: stats.Robustness, tmp_path: Path) -> None:
    for name in ("one.svg", "two.svg"):
        report.robustness_plot(found, tmp_path / name)
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()


@pytest.mark.parametrize("options", [{"width": "a"}, {"title": 5}, {"labels": ["x"]}, {"width": 0}])
def test_wrong_options_are_refused(found: stats.Robustness, options: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError):
        report.robustness_plot(found, **options)


def test_other_objects_are_refused(found: stats.Robustness) -> None:
    with pytest.raises(ArgumentError, match=r"robustness_plot draws what stats\.robustness"):
        report.robustness_plot(found.model)  # type: ignore[arg-type]
