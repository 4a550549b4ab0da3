"""Plots of effects show the numbers of the objects they draw."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from govdata import stats
from govdata.errors import ArgumentError
from govdata.report.effects import impulse_plot, interaction_plot, sensitivity_plot
from govdata.stats.impulse import ImpulseResponse, impulse_response
from govdata.stats.interactions import Interaction, interaction
from govdata.stats.sensitivity import Sensitivity, sensitivity


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(8)
    frame = pd.MultiIndex.from_product([range(30), range(2000, 2012)], names=["iso3", "year"]).to_frame(index=False)
    frame["x"], frame["z"], noise = rng.normal(size=(3, len(frame)))
    frame["late"] = (frame["year"] >= 2006).astype(float)
    frame["region"] = np.array(["Asia", "Africa", "The Americas and the Caribbean islands"])[frame["iso3"] % 3]
    frame["y"] = frame["x"] * (1 + frame["z"]) + 0.3 * frame["z"] + noise
    return frame


@pytest.fixture(scope="module")
def effect(frame: pd.DataFrame) -> Interaction:
    return interaction(stats.ols("y ~ x*z | iso3", frame), "x", "z")


@pytest.fixture(scope="module")
def response(frame: pd.DataFrame) -> ImpulseResponse:
    return impulse_response(stats.ols("y ~ lag(y) + x | iso3", frame), "x", horizon=6)


@pytest.fixture(scope="module")
def found(frame: pd.DataFrame) -> Sensitivity:
    return sensitivity(stats.ols("y ~ x + z", frame), "x", benchmark="z", kd=[1, 5])


def curve(figure: Figure, panel: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """The thickest line of a panel."""
    line = max(figure.axes[panel].lines, key=lambda line: line.get_linewidth() * (line.get_linestyle() != "None"))
    return np.asarray(line.get_xdata()), np.asarray(line.get_ydata())


def test_the_effect_is_a_curve_with_a_band(effect: Interaction) -> None:
    figure = interaction_plot(effect, labels={"x": "Exposure", "z": "Zeal", "y": "Yield"}, title="Over zeal")
    upper, lower = figure.axes
    at, middle = curve(figure)
    assert at.tolist() == list(effect.at)
    assert middle.tolist() == effect.estimate.tolist()
    edge = upper.collections[0].get_paths()[0].vertices
    assert edge[:, 1].min() == effect.conf_low.min()
    assert edge[:, 1].max() == effect.conf_high.max()
    assert any(np.all(np.asarray(line.get_ydata()) == 0) for line in upper.lines)
    assert sum(bar.get_height() for bar in lower.patches) == len(effect.moderator)
    assert (upper.get_ylabel(), lower.get_xlabel()) == ("Effect of Exposure on Yield", "Zeal")
    assert effect.note() in figure.get_supxlabel().replace("\n", " ")
    low, high = upper.get_ylim()
    assert low < min(effect.conf_low.min(), 0)
    assert high > max(effect.conf_high.max(), 0)


def test_few_values_are_points_over_their_counts(frame: pd.DataFrame) -> None:
    two = interaction(stats.ols("y ~ x*late | iso3", frame), "x", "late")
    figure = interaction_plot(two)
    upper, lower = figure.axes
    spans = [path.vertices for path in upper.collections[0].get_paths()]
    assert [span[0, 0] for span in spans] == [0.0, 1.0]
    assert [tuple(span[:, 1]) for span in spans] == list(zip(two.conf_low, two.conf_high, strict=True))
    counts = [path.vertices[1, 1] for path in lower.collections[0].get_paths()]
    assert counts == frame["late"].value_counts().sort_index().tolist()
    assert [tick.get_text() for tick in lower.get_xticklabels()] == ["0", "1"]


def test_categories_stand_from_the_top_with_their_counts(frame: pd.DataFrame) -> None:
    by_region = interaction(stats.ols("y ~ x*C(region)", frame), "x", "C(region)")
    figure = interaction_plot(by_region, labels={"Asia": "Asia and the Pacific"})
    left, right = figure.axes
    shown = [tick.get_text().replace("\n", " ") for tick in left.get_yticklabels()]
    assert shown == ["Africa", "Asia and the Pacific", "The Americas and the Caribbean islands"]
    assert [bar.get_width() for bar in right.patches] == [120, 120, 120]
    assert [text.get_text() for text in right.texts] == ["120", "120", "120"]
    spans = [tuple(path.vertices[:, 0]) for path in left.collections[0].get_paths()]
    assert spans == list(zip(by_region.conf_low, by_region.conf_high, strict=True))


def test_few_rows_are_a_rug(frame: pd.DataFrame) -> None:
    small = frame.iloc[:20]
    figure = interaction_plot(interaction(stats.ols("y ~ x*z", small, panel=False), "x", "z"))
    strokes = figure.axes[1].collections[0].get_paths()
    assert sorted(path.vertices[0, 0] for path in strokes) == sorted(small["z"])


def test_pulse_and_step(response: ImpulseResponse) -> None:
    figure = impulse_plot(response, labels={"x": "Exposure"})
    for panel, kind in enumerate(("effect", "cumulative")):
        at, middle = curve(figure, panel)
        assert at.tolist() == [0, 1, 2, 3, 4, 5, 6]
        assert middle.tolist() == getattr(response, kind).tolist()
        edge = figure.axes[panel].collections[0].get_paths()[0].vertices
        assert set(getattr(response, f"{kind}_low")) <= set(edge[:, 1])
        assert set(getattr(response, f"{kind}_high")) <= set(edge[:, 1])
    assert figure.axes[0].get_ylabel() == "Response of y to Exposure"
    assert "delta method" in figure.get_supxlabel()
    assert response.convention in figure.get_supxlabel().replace("\n", " ")
    (only,) = impulse_plot(response, show="step").axes
    assert only.get_title(loc="left") == "Step: one unit more from period 0 on"


def test_benchmarks_stand_where_their_bounds_are(found: Sensitivity) -> None:
    figure = sensitivity_plot(found, labels={"z": "Zeal"})
    axes = figure.axes[0]
    (marks,) = [line for line in axes.lines if line.get_label() == "k × Zeal"]
    assert marks.get_xdata().tolist() == found.bounds["r2dz_x"].tolist()
    assert marks.get_ydata().tolist() == found.bounds["r2yz_dx"].tolist()
    right, top = axes.get_xlim()[1], axes.get_ylim()[1]
    assert right > found.bounds["r2dz_x"].max()
    assert top > found.bounds["r2yz_dx"].max()
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["k × Zeal"]
    assert f"Robustness value {100 * found.rv_q:.3g} %" in figure.get_supxlabel().replace("\n", " ")


@pytest.mark.parametrize("of", ["estimate", "statistic"])
def test_the_dashed_line_is_where_the_conclusion_turns(found: Sensitivity, of: str) -> None:
    axes = sensitivity_plot(found, of=of).axes[0]
    dashed = [one for one in axes.collections if len(getattr(one, "levels", ())) == 1][-1]
    (line,) = [path for path in dashed.get_paths() if len(path.vertices)]
    x, y = line.vertices[len(line.vertices) // 2]
    estimate, error = found.adjusted(float(x), float(y))
    if of == "estimate":
        assert abs(estimate) < 0.01 * abs(found.estimate)
    else:
        assert estimate / error == pytest.approx(1.96, abs=0.1)


def test_equal_objects_give_equal_bytes(
    tmp_path: Path, effect: Interaction, response: ImpulseResponse, found: Sensitivity
) -> None:
    for draw, given in ((interaction_plot, effect), (impulse_plot, response), (sensitivity_plot, found)):
        for name in ("a.svg", "b.svg"):
            draw(given, tmp_path / name, title="A title")  # type: ignore[operator]
        assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


@pytest.mark.parametrize(
    ("draw", "maker"),
    [(interaction_plot, "interaction"), (impulse_plot, "impulse_response"), (sensitivity_plot, "sensitivity")],
)
def test_other_objects_are_refused(draw: Callable[[object], Figure], maker: str, frame: pd.DataFrame) -> None:
    with pytest.raises(ArgumentError, match=rf"draws what stats\.{maker}\(\) returns, not DataFrame"):
        draw(frame)


def test_odd_options_are_refused(effect: Interaction, response: ImpulseResponse, found: Sensitivity) -> None:
    with pytest.raises(ArgumentError, match="show is one of both, pulse, step, not 'stepp'; did you mean 'step'"):
        impulse_plot(response, show="stepp")
    with pytest.raises(ArgumentError, match="of is one of estimate, statistic, not 3"):
        sensitivity_plot(found, of=3)  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="ylabel is a text, not int"):
        interaction_plot(effect, ylabel=3)  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="width is a number of inches"):
        impulse_plot(response, width=1)
