"""Coefficient plots show the right numbers, in the same bytes each time."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from govdata import report, stats
from govdata.errors import ArgumentError


@pytest.fixture(scope="module")
def models() -> dict[str, stats.PanelResults]:
    rng = np.random.default_rng(3)
    frame = pd.MultiIndex.from_product([range(45), range(2000, 2008)], names=["iso3", "year"]).to_frame(index=False)
    frame["x"], frame["z"] = rng.normal(size=len(frame)), rng.normal(size=len(frame))
    frame["y"] = 0.4 * frame["x"] - 0.1 * frame["z"] + rng.normal(size=len(frame))
    frame.attrs = {"dataset": "mini", "version": "0.1.0"}
    return {
        "pooled": stats.ols("y ~ x + z", frame),
        "effects": stats.ols("y ~ x + z + lag(z, 1) | iso3 + year", frame),
    }


def marks(figure: Figure) -> list[tuple[float, float]]:
    axes = figure.axes[0]
    return [(line.get_xdata()[0], line.get_ydata()[0]) for line in axes.lines if line.get_marker() not in ("None", "")]


def test_points_and_intervals(models: dict[str, stats.PanelResults]) -> None:
    model = models["effects"]
    figure = report.coefplot(model, labels={"z": "Zeal"}, level=0.9)
    axes = figure.axes[0]
    assert [x for x, _ in marks(figure)] == model.params.tolist()
    spans = [tuple(line.get_xdata()) for line in axes.lines if len(line.get_xdata()) == 2 and line.get_linewidth() > 1]
    assert spans == [tuple(row) for row in model.conf_int(0.9).to_numpy().tolist()]
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["x", "Zeal", "Zeal (lag 1)"]
    heights = [y for _, y in marks(figure)]
    assert heights == sorted(heights)
    bottom, top = axes.get_ylim()
    assert bottom > top == 0
    low, high = axes.get_xlim()
    assert low < 0 < high
    assert axes.get_xlabel() == "Coefficient, 90 % interval (outcome: y)"
    assert model.note() in figure.get_supxlabel().replace("\n", " ")
    assert "Data: mini 0.1.0." in figure.get_supxlabel()


def test_models_are_named_and_told_apart(models: dict[str, stats.PanelResults]) -> None:
    figure = report.coefplot(models, title="Two models", xlabel="Effect")
    axes = figure.axes[0]
    names = {text.get_text(): text for text in axes.texts}
    assert list(names) == ["pooled", "effects"]
    assert len({text.get_color() for text in names.values()}) == 2
    points = [line for line in axes.lines if line.get_marker() not in ("None", "")]
    assert len({line.get_marker() for line in points}) == 2
    assert len(points) == 5
    assert axes.get_xlabel() == "Effect"
    assert figure.get_suptitle() == "Two models"
    figure.draw_without_rendering()
    for text in names.values():
        assert text.get_window_extent().x1 <= axes.get_window_extent().x1 + 1


def test_intercept_and_choice(models: dict[str, stats.PanelResults]) -> None:
    def shown(**options: object) -> list[str]:
        axes = report.coefplot(models, **options).axes[0]
        return [tick.get_text() for tick in axes.get_yticklabels()]

    assert shown() == ["x", "z", "lag(z, 1)"]
    assert shown(keep=["Intercept", "x"]) == ["Intercept", "x"]
    assert shown(drop=["x", "z"]) == ["lag(z, 1)"]


def test_a_model_without_a_shown_coefficient_is_not_named(models: dict[str, stats.PanelResults]) -> None:
    axes = report.coefplot(models, keep=["lag(z, 1)"]).axes[0]
    assert [text.get_text() for text in axes.texts] == ["effects"]


def test_a_name_wider_than_the_plot_is_left_in_place(models: dict[str, stats.PanelResults]) -> None:
    before = report.coefplot(models).axes[0].get_xlim()
    after = report.coefplot({"n" * 200: models["pooled"], "m" * 200: models["effects"]}).axes[0].get_xlim()
    assert np.isfinite(after).all()
    assert after[0] == before[0]


def test_values_on_the_right(models: dict[str, stats.PanelResults]) -> None:
    model = models["pooled"]
    figure = report.coefplot(model, keep=["z"])
    (right,) = figure.axes[0].child_axes
    (text,) = [tick.get_text() for tick in right.get_yticklabels()]
    low, high = model.conf_int().loc["z"]
    expected = f"{model.params['z']:.2f} [{low:.2f}, {high:.2f}]"
    assert text == expected.replace("-", "\N{MINUS SIGN}")
    assert not report.coefplot(model, values=False).axes[0].child_axes


@pytest.mark.parametrize("suffix", [".png", ".svg", ".pdf"])
def test_equal_models_give_equal_bytes(tmp_path: Path, models: dict[str, stats.PanelResults], suffix: str) -> None:
    for name in ("a", "b"):
        report.coefplot(models, tmp_path / (name + suffix), labels={"x": "Exposure"})
    first = (tmp_path / f"a{suffix}").read_bytes()
    assert first == (tmp_path / f"b{suffix}").read_bytes()
    assert len(first) > 5000
    assert b"<dc:date>" not in first


def test_a_name_without_ending_saves_both(tmp_path: Path, models: dict[str, stats.PanelResults]) -> None:
    report.coefplot(models["pooled"], str(tmp_path / "figure"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["figure.png", "figure.svg"]
    assert (tmp_path / "figure.png").read_bytes()[:4] == b"\x89PNG"


def test_no_global_state(models: dict[str, stats.PanelResults]) -> None:
    before = dict(mpl.rcParams)
    report.coefplot(models)
    assert dict(mpl.rcParams) == before
    program = "import sys, govdata.report; sys.exit('matplotlib.pyplot' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True, cwd=Path(stats.__file__).parents[2])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"path": "figure.jpg"}, "'figure.jpg' does not end in .png, .svg, .pdf"),
        ({"path": "nowhere/figure.png"}, "there is no folder 'nowhere'"),
        ({"width": 1}, "width is a number of inches"),
        ({"width": "wide"}, "width is a number of inches"),
        ({"keep": ["w"]}, "keep names 'w'"),
    ],
)
def test_options_are_checked(models: dict[str, stats.PanelResults], options: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        report.coefplot(models, **options)


def test_a_folder_is_no_file(tmp_path: Path, models: dict[str, stats.PanelResults]) -> None:
    (tmp_path / "figure.png").mkdir()
    with pytest.raises(ArgumentError, match="is a folder"):
        report.coefplot(models, tmp_path / "figure.png")


def test_too_many_models(models: dict[str, stats.PanelResults]) -> None:
    with pytest.raises(ArgumentError, match="at most 6 models"):
        report.coefplot([models["pooled"]] * 7)
