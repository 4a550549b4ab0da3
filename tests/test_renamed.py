"""What was renamed or removed is still found, and said in one line."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

import govdata
from govdata.cli import main
from govdata.curation.release import write_release
from govdata.errors import UnknownIndicatorError
from govdata.releases import open_release
from govdata.renamed import former_name, former_names


def rewrite(root: Path, version: str, *names: tuple[str, str]) -> None:
    """Release the mini dataset anew, with indicators renamed, or removed where the new name is empty."""
    folder = root / "watch"
    toml = folder / "dataset.toml"
    held = open_release("watch").info.version
    text = toml.read_text(encoding="utf-8").replace(f'\nversion = "{held}"', f'\nversion = "{version}"')
    toml.write_text(text, encoding="utf-8")
    for old, new in names:
        path = folder / "codebook" / f"{old}.toml"
        text = path.read_text(encoding="utf-8").replace(f'id = "{old}"', f'id = "{new}"')
        path.unlink()
        if new:
            (folder / "codebook" / f"{new}.toml").write_text(text, encoding="utf-8")
        for claims in (folder / "claims").glob("*.csv"):
            lines = claims.read_text(encoding="utf-8").splitlines(keepends=True)
            kept = [line.replace(f",{old},", f",{new},", 1) for line in lines if new or f",{old}," not in line]
            claims.write_text("".join(kept), encoding="utf-8")
    write_release(root, "watch")


@pytest.fixture
def history(released: Path) -> Path:
    """Three releases: cameras became cctv and then video; lead is gone since 1.0.0; crime_effect since 2.0.0."""
    rewrite(released, "1.0.0", ("cameras", "cctv"), ("lead", ""))
    rewrite(released, "2.0.0", ("cctv", "video"), ("crime_effect", ""))
    (released / "watch" / "renamed.csv").write_text(
        "indicator,became,version,reason\n"
        "cameras,cctv,1.0.0,counts closed circuits only\n"
        "lead,,1.0.0,nobody could code it\n"
        "cctv,video,2.0.0,counts every video system\n"
        "crime_effect,,2.0.0,no study measures it\n",
        encoding="utf-8",
    )
    return released


SAID = {
    ("1.0.0", "cameras"): "it was renamed 'cctv' in 1.0.0 (counts closed circuits only); ask for 'cctv', or OLD",
    ("2.0.0", "cameras"): "it was renamed 'video' in 1.0.0 (counts every video system); ask for 'video', or OLD",
    ("2.0.0", "cctv_sub_low"): (
        "it was renamed 'video_sub_low' in 2.0.0 (counts every video system); "
        "ask for 'video_sub_low', or version=\"1.0.0\""
    ),
    ("2.0.0", "lead"): "it was removed in 1.0.0 (nobody could code it); OLD has it",
    ("2.0.0", "crime_effect_high"): 'it was removed in 2.0.0 (no study measures it); version="1.0.0" has it',
    ("0.1.0", "video"): ("it came with 2.0.0; then it was called 'cameras': ask for 'cameras', or version=\"2.0.0\""),
    ("0.1.0", "cctv_sub"): (
        "it came with 1.0.0; then it was called 'cameras_sub': ask for 'cameras_sub', or version=\"1.0.0\""
    ),
}


@pytest.mark.parametrize(("version", "name"), list(SAID))
def test_an_old_name_leads_on(history: Path, version: str, name: str) -> None:
    said = f"watch {version} has no indicator '{name}': " + SAID[version, name].replace("OLD", 'version="0.1.0"')
    for ask in (
        lambda: govdata.load("watch", version, indicators=name),
        lambda: govdata.codebook("watch", name, version),
        lambda: govdata.trace("watch", "AAA", 2004, name, version=version),
    ):
        with pytest.raises(UnknownIndicatorError) as caught:
            ask()
        assert str(caught.value) == said
    assert history.is_dir()


def test_a_slip_of_the_pen_is_no_old_name(history: Path) -> None:
    with pytest.raises(UnknownIndicatorError, match=r"watch has no indicator 'camera'; did you mean 'camera"):
        govdata.load("watch", "0.1.0", indicators="camera")
    assert history.is_dir()


def test_what_the_line_says_works(history: Path) -> None:
    renamed = govdata.load("watch", indicators="video")
    before = govdata.load("watch", "0.1.0", indicators="cameras")
    assert renamed["video"].equals(before["cameras"].rename("video"))
    assert "lead" in govdata.load("watch", "0.1.0", indicators="lead").columns
    assert history.is_dir()


def test_a_new_name_is_no_other_coverage(history: Path) -> None:
    metadata = govdata.diff("watch", "0.1.0", "1.0.0").metadata
    coverage = metadata[metadata["part"] == "coverage"]
    assert coverage[["indicator", "change", "old", "new"]].to_numpy().tolist() == [["lead", "removed", "1", "0"]]
    assert history.is_dir()


def test_search_finds_former_names(history: Path) -> None:
    found = govdata.search("cameras", "watch").set_index("id")
    assert found.loc["video", ["kind", "found_in", "text"]].tolist() == ["indicator", "former name", "cameras"]
    assert govdata.search("cctv").set_index("id").loc["video", "found_in"] == "former name"
    gone = govdata.search("lead").set_index("id").loc["lead"]
    assert gone[["kind", "label", "found_in"]].tolist() == ["indicator (removed)", "Lead (last in 0.1.0)", "id"]
    run = CliRunner().invoke(main, ["search", "crime", "effect"])
    assert "indicator (removed)" in run.output
    assert "(last in 1.0.0)" in run.output
    assert history.is_dir()


def test_every_former_name_leads_to_an_indicator(history: Path) -> None:
    release = open_release("watch")
    own = {one.id for one in release.indicators}
    lines = {one.indicator: one for one in former_names(release)}
    assert set(lines) == {"cameras", "cctv", "lead", "crime_effect"}
    assert all(one.became in own or not one.became for one in lines.values())
    assert all(one.indicator not in own for one in lines.values())
    assert [one.indicator for one in former_names(open_release("watch", "0.1.0"))] == []
    assert history.is_dir()


def test_a_name_the_register_does_not_tell_of(released: Path) -> None:
    rewrite(released, "1.0.0", ("lead", ""))
    with pytest.raises(UnknownIndicatorError, match=r"watch 1.0.0 has no indicator 'lead': version=\"0.1.0\" has it"):
        govdata.load("watch", indicators="lead")


def test_an_indicator_that_came_later() -> None:
    with pytest.raises(UnknownIndicatorError) as caught:
        govdata.load("digital_surveillance", "0.1.0", indicators="fr_police_any")
    assert str(caught.value) == (
        "digital_surveillance 0.1.0 has no indicator 'fr_police_any': it came with 1.0.0; "
        'ask for version="1.0.0" or newer'
    )


def test_no_indicator_was_ever_lost() -> None:
    for name in govdata.datasets()["name"]:
        newest = {one.id for one in open_release(name).indicators}
        for version in govdata.versions(name):
            release = open_release(name, version)
            for one in release.indicators:
                assert one.id in newest or former_name(open_release(name), one.id), (name, version, one.id)
