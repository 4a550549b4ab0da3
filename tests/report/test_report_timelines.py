"""Pictures of evidence: what is drawn, what is refused, and the same bytes each time."""

from __future__ import annotations

from pathlib import Path

import pytest
from matplotlib.figure import Figure

import govdata
from govdata import report
from govdata.errors import ArgumentError


def test_a_timeline_names_its_programmes_in_order_of_start() -> None:
    figure = report.timeline(["sharp_eyes", "skynet"])
    assert isinstance(figure, Figure)
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["Skynet", "Sharp Eyes"]
    drawn = sum(path.get_extents().width for bars in figure.axes[0].collections for path in bars.get_paths())
    stages = [govdata.programme(name).stages for name in ("skynet", "sharp_eyes")]
    years = sum(len(one[(one["stage"] != "0") & (one["year"] >= 2000)]) for one in stages)
    assert drawn == years


def test_every_dated_programme_is_in_the_picture() -> None:
    figure = report.timeline()
    dated = govdata.programmes("CHN")["first_year"].notna().sum()
    assert len(figure.axes[0].get_yticklabels()) == dated


def test_camera_counts_show_every_claim_with_a_number() -> None:
    counts = govdata.claims(indicator=["cctv_cameras_all", "cctv_cameras_public", "cctv_cameras_police"], country="CHN")
    numbered = counts[(counts["code"] != "") | (counts["low"] != "")]
    marks = [line for line in report.camera_counts("CHN").axes[0].lines if line.get_zorder() == 3]
    assert len(marks) == len(numbered)
    heights = sorted(round(line.get_ydata()[0], 6) for line in marks)
    given = numbered["code"].where(numbered["code"] != "", numbered["low"])
    assert heights == sorted(round(float(count) / 1e6, 6) for count in given)
    plans = (numbered["modality"] == "plan") & (numbered["status"] != "rejected")
    assert sum(line.get_marker() == "+" for line in marks) == plans.sum() > 0


def test_a_disputed_end_is_still_drawn() -> None:
    stages = govdata.programme("health_code").stages
    late = stages[(stages["scope"] == "national") & (stages["year"] == 2023)].iloc[0]
    assert (late["stage"], late["stage_high"], late["status"]) == ("0", "4", "contested")
    bars = report.timeline("health_code").axes[0].collections
    assert max(path.get_extents().xmax for bar in bars for path in bar.get_paths()) == 2026


def test_the_same_release_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        report.timeline(["skynet"], tmp_path / f"{name}.svg", title="Skynet")
        report.camera_counts(path=tmp_path / f"{name}.png")
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: report.timeline("skynett"), "no programme 'skynett'; did you mean 'skynet'?"),
        (lambda: report.camera_counts(["CHN"]), "camera_counts takes one country"),
        (lambda: report.timeline([]), "timeline needs at least one programme"),
        (lambda: report.timeline("mass_surveillance_system"), "no stage is coded for mass_surveillance_system"),
        (lambda: report.timeline(country="MCO"), "no country with programmes 'MCO'"),
        (lambda: report.timeline(path="x.gif"), "'x.gif' does not end in"),
        (lambda: report.timeline(width="wide"), "width is a number of inches"),
        (lambda: report.camera_counts("SWE"), "no camera counts of 'SWE'; there are counts of AZE"),
    ],
)
def test_what_cannot_be_drawn_is_refused(call: object, message: str) -> None:
    with pytest.raises(ArgumentError) as error:
        call()  # type: ignore[operator]
    assert message in str(error.value)
