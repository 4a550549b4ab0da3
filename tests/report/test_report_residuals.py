"""Residual plots show every residual, by unit and by time, and name the largest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from govdata import stats
from govdata.errors import ArgumentError, EstimationError
from govdata.report.residual_plots import residual_plot


def panel(units: int, years: int = 8) -> pd.DataFrame:
    rng = np.random.default_rng(6)
    keys = [[f"U{i:03}" for i in range(units)], range(2000, 2000 + years)]
    frame = pd.MultiIndex.from_product(keys, names=["iso3", "year"]).to_frame(index=False)
    frame["x"] = rng.normal(size=len(frame))
    frame["y"] = frame["x"] + rng.normal(size=len(frame))
    return frame


@pytest.fixture(scope="module")
def model() -> stats.PanelResults:
    frame = panel(12)
    frame.loc[(frame["iso3"] == "U007") & (frame["year"] == 2003), "y"] += 9.0
    frame.loc[(frame["iso3"] == "U002") & (frame["year"] == 2005), "y"] -= 7.0
    return stats.ols("y ~ x | iso3", frame)


def standardised(model: stats.PanelResults) -> pd.DataFrame:
    resid = model.resid / np.sqrt(np.mean(model.resid**2))
    return model.design.frame[["iso3", "year"]].assign(resid=resid)


def test_units_stand_by_their_spread(model: stats.PanelResults) -> None:
    axes = residual_plot(model).axes[0]
    frame = standardised(model)
    spread = frame.groupby("iso3")["resid"].apply(lambda r: np.sqrt(np.mean(r**2))).sort_values()
    assert [tick.get_text() for tick in axes.get_xticklabels()] == list(spread.index)
    whole, box = (np.array([path.vertices[:, 1] for path in lines.get_paths()]) for lines in axes.collections)
    by_unit = frame.groupby("iso3")["resid"]
    wanted = pd.DataFrame({"low": by_unit.min(), "high": by_unit.max()}).loc[spread.index]
    np.testing.assert_allclose(whole, wanted.to_numpy())
    quartiles = pd.DataFrame({q: by_unit.quantile(q) for q in (0.25, 0.75)}).loc[spread.index]
    np.testing.assert_allclose(box, quartiles.to_numpy())


def test_times_have_every_residual_the_mean_and_two_deviations(model: stats.PanelResults) -> None:
    axes = residual_plot(model).axes[1]
    frame = standardised(model)
    points, mean = (
        line for line in axes.lines if len(line.get_xdata()) in (len(frame), 8) and line.get_marker() == "o"
    )
    np.testing.assert_allclose(sorted(points.get_ydata()), sorted(frame["resid"]))
    assert set(np.round(points.get_xdata()).astype(int)) == set(frame["year"])
    by_year = frame.groupby("year")["resid"]
    np.testing.assert_allclose(mean.get_ydata(), by_year.mean(), atol=1e-12)
    spans = np.array([path.vertices[:, 1] for path in axes.collections[0].get_paths()])
    np.testing.assert_allclose(spans[:, 0], by_year.mean() - 2 * by_year.std(), atol=1e-12)
    np.testing.assert_allclose(spans[:, 1], by_year.mean() + 2 * by_year.std(), atol=1e-12)
    low, high = axes.get_ylim()
    assert low < spans.min()
    assert high > spans.max()


def test_the_largest_are_named_and_apart(model: stats.PanelResults) -> None:
    figure = residual_plot(model, names=3, labels={"U007": "Ruritania"})
    by_unit, by_time = figure.axes
    assert {"Ruritania 2003", "U002 2005"} <= {text.get_text() for text in by_unit.texts}
    assert {"Ruritania", "U002"} <= {text.get_text() for text in by_time.texts}
    figure.draw_without_rendering()
    for axes in figure.axes:
        boxes = [text.get_window_extent() for text in axes.texts if text.arrow_patch is None]
        assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])
    assert not residual_plot(model, names=0).axes[0].texts


def test_many_units_are_counted_not_named() -> None:
    axes = residual_plot(stats.ols("y ~ x | iso3", panel(180))).axes[0]
    assert not axes.get_xticklabels()
    assert axes.get_xlabel() == "iso3, by spread (180 units)"
    assert len(axes.collections[0].get_paths()) == 180
    assert 0 < len(axes.texts) <= 6


def test_fitted_values(model: stats.PanelResults) -> None:
    figure = residual_plot(model, panels=["fitted", "unit"])
    points = figure.axes[0].lines[1]
    np.testing.assert_allclose(np.sort(points.get_xdata()), np.sort(model.fitted))
    assert figure.axes[0].get_xlabel() == "Fitted value, effects included"
    plain = stats.ols("y ~ x", panel(3), panel=False)
    figure = residual_plot(plain)
    assert [axes.get_xlabel() for axes in figure.axes] == ["Fitted value, effects included"]
    assert "Named" not in figure.get_supxlabel()


def test_two_units_and_text_times() -> None:
    frame = panel(2, 4).assign(year=lambda f: f["year"].astype(str) + "-W1")
    axes = residual_plot(stats.ols("y ~ x", frame)).axes[1]
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["2000-W1", "2001-W1", "2002-W1", "2003-W1"]


def test_row_order_does_not_matter(tmp_path: Path, model: stats.PanelResults) -> None:
    turned = stats.ols("y ~ x | iso3", model.design.frame.sample(frac=1, random_state=3))
    residual_plot(model, tmp_path / "a.svg")
    residual_plot(turned, tmp_path / "b.svg")
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"panels": "unit"}, r"panels is a list of unit, time, fitted, not 'unit'; write \['unit'\]"),
        ({"panels": ["units"]}, "each of panels is one of unit, time, fitted, not 'units'; did you mean 'unit'?"),
        ({"panels": []}, "panels names none of unit, time, fitted"),
        ({"names": -1}, "names is a whole number from 0 to 30, not -1"),
        ({"labels": 3}, "labels is a dict of columns and words, not int"),
        ({"title": 3}, "title is a text, not int"),
    ],
)
def test_odd_options_are_refused(model: stats.PanelResults, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        residual_plot(model, **options)


def test_what_has_no_residuals_is_refused(model: stats.PanelResults) -> None:
    with pytest.raises(ArgumentError, match="models are fitted models"):
        residual_plot(3)  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="residual_plot draws one model, not 2"):
        residual_plot([model, model])  # type: ignore[arg-type]
    exact = panel(3).assign(y=lambda f: 2 * f["x"])
    with pytest.raises(EstimationError, match="the model fits its rows exactly"):
        residual_plot(stats.ols("y ~ x", exact))
    with pytest.raises(EstimationError, match="the model's rows have no unit"):
        residual_plot(stats.ols("y ~ x", panel(3), panel=False), panels=["unit"])
