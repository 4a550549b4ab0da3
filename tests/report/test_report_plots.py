"""Coefficient plots show the right numbers, in the same bytes each time."""

import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from govdata import report, stats
from govdata.errors import ArgumentError, EstimationError
from govdata.report._page import wrap


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


def test_names_without_room_go_into_a_legend(models: dict[str, stats.PanelResults]) -> None:
    before = report.coefplot(models).axes[0].get_xlim()
    figure = report.coefplot({"n" * 200: models["pooled"], "_m" * 100: models["effects"]}, title="Two models")
    after = figure.axes[0].get_xlim()
    assert np.isfinite(after).all()
    assert after[0] == before[0]
    (legend,) = figure.legends
    assert [text.get_text().strip()[:3] for text in legend.get_texts()] == ["nnn", "_m_"]
    assert legend.get_title().get_text() == "Two models"
    assert not figure.axes[0].texts
    figure.draw_without_rendering()
    assert legend.get_window_extent().y0 >= figure.axes[0].get_window_extent().y1 - 1


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
    with pytest.raises(ArgumentError, match="at most 12 models stay apart in one plot, not 13"):
        report.coefplot([models["pooled"]] * 13)


def test_twelve_models_look_different(models: dict[str, stats.PanelResults]) -> None:
    axes = report.coefplot([models["pooled"]] * 12, keep=["x"]).axes[0]
    points = [line for line in axes.lines if line.get_marker() not in ("None", "")]
    looks = {(line.get_color(), line.get_marker(), line.get_markerfacecolor()) for line in points}
    assert len(points) == len(looks) == 12
    assert len({(line.get_marker(), line.get_markerfacecolor() == "white") for line in points}) == 12  # in grey, too


def test_conventions_of_one_model(models: dict[str, stats.PanelResults]) -> None:
    model = models["effects"]
    figure = report.coefplot(model, conventions=True, keep=["x", "z"])
    axes = figure.axes[0]
    low, high = (model.se_table(name, reps=99).drop(columns="wild iso3") for name in ("conf_low", "conf_high"))
    assert [text.get_text() for text in axes.texts] == list(low.columns)
    drawn = {tuple(line.get_xdata()) for line in axes.lines if len(line.get_xdata()) == 2 and line.get_linewidth() > 1}
    wanted = {(low.loc[term, name], high.loc[term, name]) for term in ("x", "z") for name in low.columns}
    assert drawn == wanted
    note = figure.get_supxlabel().replace("\n", " ")
    for convention, stated in low.attrs["notes"].items():
        if not convention.startswith("wild"):
            assert stated in note


def test_conventions_by_name(models: dict[str, stats.PanelResults]) -> None:
    model = models["effects"]
    asked = ["CR2", "CRV1 iso3+year", {"se": "DK", "lags": 3}, {"se": "wild", "reps": 199, "seed": 1}]
    figure = report.coefplot(model, conventions=asked, keep=["x"], level=0.8)
    axes = figure.axes[0]
    assert [text.get_text() for text in axes.texts] == ["CR2", "CRV1 iso3+year", "DK lags=3", "wild reps=199 seed=1"]
    fits = [
        model.with_se("CR2"),
        model.with_se("CRV1", cluster=["iso3", "year"]),
        model.with_se("DK", lags=3),
        model.with_se("wild", reps=199, seed=1),
    ]
    drawn = [tuple(line.get_xdata()) for line in axes.lines if len(line.get_xdata()) == 2 and line.get_linewidth() > 1]
    assert drawn == [tuple(fit.conf_int(0.8).loc["x"]) for fit in fits]


def test_a_refused_convention_is_named_with_its_reason() -> None:
    frame = pd.DataFrame(
        {"iso3": list("AAABB"), "year": [1, 2, 3, 4, 5], "y": [1.0, 2, 4, 3, 7], "x": [0.0, 1, 2, 5, 4]}
    )
    model = stats.ols("y ~ x", frame)
    figure = report.coefplot(model, conventions=["iid", "PCSE"])
    with pytest.raises(EstimationError) as refused:
        model.with_se("PCSE")
    assert f"PCSE is left out: {refused.value}" in figure.get_supxlabel().replace("\n", " ")
    with pytest.raises(ArgumentError, match="no convention is left: PCSE: "):
        report.coefplot(model, conventions=["PCSE"])


class OpenEnded:
    """Intervals without ends, as a bootstrap of few clusters has them."""

    pvalues = np.array([0.5, 0.5, 0.5])

    def interval(self, level: float) -> np.ndarray:
        del level
        return np.array([[-np.inf, 1.0], [-np.inf, np.inf], [np.nan, np.nan]])


def test_intervals_without_end(models: dict[str, stats.PanelResults]) -> None:
    model = models["pooled"]
    fake = replace(model, covariance=replace(model.covariance, inference=OpenEnded()))
    figure = report.coefplot(fake, keep=["Intercept", "x", "z"])
    axes = figure.axes[0]
    left, right = axes.get_xlim()
    assert np.isfinite([left, right]).all()
    spans = [tuple(line.get_xdata()) for line in axes.lines if len(line.get_xdata()) == 2 and line.get_linewidth() > 1]
    assert spans == [(left, 1.0), (left, right)]
    arrows = [(line.get_marker(), line.get_xdata()[0]) for line in axes.lines if line.get_marker() in ("<", ">")]
    assert arrows == [("<", left), ("<", left), (">", right)]
    numbers = [tick.get_text() for tick in axes.child_axes[0].get_yticklabels()]
    assert [text.split(" ", 1)[1] for text in numbers] == ["[−∞, 1.00]", "[−∞, ∞]", "[–, –]"]
    note = figure.get_supxlabel()
    assert "An arrow stands for an interval without an end on that side." in note
    assert "A mark without a line has no interval: it is not defined." in note
    named = report.coefplot({"one": fake, "two": model}, keep=["x"])
    assert [text.get_text() for text in named.legends[0].get_texts()] == ["one", "two"]


def test_small_and_large_numbers(models: dict[str, stats.PanelResults]) -> None:
    frame = models["pooled"].design.frame.assign(tiny=lambda f: f["x"] * 1e9)
    figure = report.coefplot(stats.ols("y ~ tiny", frame))
    (text,) = [tick.get_text() for tick in figure.axes[0].child_axes[0].get_yticklabels()]
    assert text.count("e−10") == 3


def test_long_labels_keep_apart_and_inside(models: dict[str, stats.PanelResults]) -> None:
    long = "A question of a survey in its full wording, " * 6
    figure = report.coefplot(models, labels={"x": long, "z": long}, title=long, xlabel=long, width=5)
    figure.draw_without_rendering()
    boxes = [tick.get_window_extent() for tick in figure.axes[0].get_yticklabels()]
    for above, below in pairwise(boxes):
        assert above.y0 >= below.y1
    assert min(box.x0 for box in boxes) >= 0
    label = figure.axes[0].xaxis.label.get_window_extent()
    assert label.x0 >= 0
    assert label.x1 <= figure.bbox.x1
    assert all(text.get_text().endswith("…") for text in figure.axes[0].get_yticklabels()[:2])


def test_a_narrow_plot_leaves_out_the_numbers(models: dict[str, stats.PanelResults]) -> None:
    assert not report.coefplot(models["pooled"], width=2.5).axes[0].child_axes
    assert report.coefplot(models["pooled"], width=6.5).axes[0].child_axes


def test_dollar_signs_are_letters(models: dict[str, stats.PanelResults]) -> None:
    axes = report.coefplot(models["pooled"], labels={"x": "GDP in $ of 2011, $"}).axes[0]
    first = axes.get_yticklabels()[0]
    assert (first.get_text(), first.get_parse_math()) == ("GDP in $ of 2011, $", False)


def test_arabic_and_persian_letters_are_there(models: dict[str, stats.PanelResults], tmp_path: Path) -> None:
    labels = {"x": "دموکراسی انتخاباتی", "z": "الناتج المحلي"}
    report.coefplot(models["pooled"], tmp_path / "a.svg", labels=labels)  # a missing letter would be a warning
    assert (tmp_path / "a.svg").stat().st_size > 5000


def test_chinese_breaks_between_letters() -> None:
    assert wrap("选举民主指数与公民社会", 10) == "选举民主指\n数与公民社\n会"
    assert wrap("选举 democracy 民主", 12) == "选举\ndemocracy 民\n主"
    assert wrap("one two", 3) == "one\ntwo"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"level": "high"}, "level is a number between 0 and 1, such as 0.95, not 'high'"),
        ({"level": 95}, "level is a number between 0 and 1"),
        ({"labels": ["x"]}, "labels is a dict of columns and words, not list"),
        ({"labels": {"x": 1}}, "labels gives words for columns, both as text, not 'x': 1"),
        ({"title": 3}, "title is a text, not int"),
        ({"xlabel": 3}, "xlabel is a text, not int"),
        ({"values": "yes"}, "values is True, False or left out, not 'yes'"),
        ({"conventions": "CR2"}, r"conventions is True or a list of conventions, not 'CR2'; write \['CR2'\]"),
        ({"conventions": []}, "conventions names none; True takes all"),
        ({"conventions": ["CR3"]}, "there is no convention 'CR3'; known: .*did you mean"),
        ({"conventions": [7]}, "a convention is a name such as 'CR2', or a dict with 'se', not 7"),
        ({"conventions": [{"cluster": "iso3"}]}, "a convention is a name such as 'CR2', or a dict with 'se', not None"),
        ({"conventions": ["HC1", "HC1"]}, "conventions names 'HC1' twice"),
    ],
)
def test_odd_options_are_refused_in_one_line(
    models: dict[str, stats.PanelResults], options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ArgumentError, match=message):
        report.coefplot(models["pooled"], **options)


def test_conventions_need_one_model(models: dict[str, stats.PanelResults]) -> None:
    with pytest.raises(ArgumentError, match="conventions= compares the standard errors of one model, and there are 2"):
        report.coefplot(models, conventions=True)
