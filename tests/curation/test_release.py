"""Releases are whole, frozen and honest about their version."""

from __future__ import annotations

from pathlib import Path

import pytest

from govdata.bump import required_bump, smallest_version
from govdata.curation.read import read_release, read_tree
from govdata.curation.release import build_files, compare_tree, rebuild_differences, write_release
from govdata.errors import CurationError
from govdata.textio import sha256


def edit(root: Path, file: str, old: str, new: str) -> None:
    path = root / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_bytes(text.replace(old, new, 1).encode("utf-8"))


def test_a_release_is_hashed_frozen_and_repeatable(mini: Path) -> None:
    folder, written = write_release(mini, "watch")
    assert written
    assert write_release(mini, "watch") == (folder, False)
    listed = dict(line.split("  ")[::-1] for line in (folder / "SHA256SUMS").read_text().splitlines())
    assert set(listed) == {path.name for path in folder.iterdir()} - {"SHA256SUMS"}
    assert all(sha256((folder / name).read_bytes()) == digest for name, digest in listed.items())
    assert rebuild_differences(mini, "watch", "0.1.0") == []


def test_a_release_is_never_written_over(mini: Path) -> None:
    folder, _ = write_release(mini, "watch")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    edit(mini, "watch/claims/AAA.csv", "AAA,cameras,1", "AAA,cameras,2")
    with pytest.raises(
        CurationError, match=r"watch 0.1.0 is released and frozen, and .* would change; raise the version"
    ):
        write_release(mini, "watch")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_nothing_half_written_is_left_behind(mini: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: Path, __: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", fail)
    with pytest.raises(OSError, match="No space"):
        write_release(mini, "watch")
    assert list((mini / "watch" / "releases").iterdir()) == []


def test_the_version_must_rise_as_far_as_the_changes_ask(mini: Path) -> None:
    write_release(mini, "watch")
    edit(mini, "watch/claims/AAA.csv", "AAA,cameras,1", "AAA,cameras,2")
    edit(mini, "watch/codebook/cameras.toml", 'label.en = "level 4"', 'label.en = "everywhere"')
    edit(mini, "watch/dataset.toml", 'version = "0.1.0"', 'version = "0.1.1"')
    with pytest.raises(
        CurationError, match=r"0.1.1 is too low after 0.1.0: the codes.*of cameras were redefined; it must be 0.2.0"
    ):
        write_release(mini, "watch")
    edit(mini, "watch/dataset.toml", 'version = "0.1.1"', 'version = "0.2.0"')
    folder, _ = write_release(mini, "watch")
    lines = (folder / "changes.csv").read_text().splitlines()
    assert "value_changed,AAA,2001,cameras,1,2,AAA-0001" in lines
    # Both stand and rebuild, though the working tree has moved on.
    assert [rebuild_differences(mini, "watch", version) for version in ("0.1.0", "0.2.0")] == [[], []]


def test_diff_names_the_lowest_honest_version(mini: Path) -> None:
    write_release(mini, "watch")
    assert compare_tree(mini, "watch")[2] == "none"
    edit(mini, "watch/claims/AAA.csv", "AAA,cameras,1", "AAA,cameras,2")
    against, rows, level, reason, least = compare_tree(mini, "watch")
    assert (against, level, least) == ("0.1.0", "patch", "0.1.1")
    assert reason == "cameras of AAA 2001 was corrected"
    assert {row["change"] for row in rows} == {"value_changed"}


def test_diff_sees_a_changed_text_where_no_cell_changed(mini: Path) -> None:
    write_release(mini, "watch")
    edit(mini, "watch/codebook/cameras.toml", 'question = "How much cameras?"', 'question = "How many cameras?"')
    against, rows, level, reason, least = compare_tree(mini, "watch")
    assert (against, rows, level, least) == ("0.1.0", [], "patch", "0.1.1")
    assert reason.startswith("no cell changed, but SHA256SUMS, codebook.json")


def test_a_panel_that_breaks_its_codebook_is_refused(mini: Path) -> None:
    curated = read_tree(mini, "figures")
    curated.observations[0]["low"] = "11"
    with pytest.raises(
        CurationError, match=r"the panel breaks its codebook: income at AAA 2000: fails low <= value <= high"
    ):
        build_files(mini, curated)


def test_assertions_of_the_dataset_hold(mini: Path) -> None:
    with (mini / "watch" / "dataset.toml").open("a") as stream:
        stream.write("\n[assertions]\nclaims = 99\n")
    with pytest.raises(CurationError, match=r"claims = 12, but dataset.toml asserts at least 99"):
        write_release(mini, "watch")


def test_an_adjudication_overrides_the_rule_in_sight(mini: Path) -> None:
    with (mini / "watch" / "adjudications.csv").open("a") as stream:
        stream.write(
            "ADJ-1,AAA,cameras,national,2003,2004,2,1,3,sources_disagree,Second reading.,c2,2026-01-02,AAA-0001\n"
        )
    folder, _ = write_release(mini, "watch")
    lines = (folder / "values.csv").read_text().splitlines()
    assert (
        "AAA,2003,cameras,national,2,1,3,,adjudicated,E2,highest_in_force,AAA-0001,AAA-0002,AAA-0005,law_gazette,ADJ-1"
        in lines
    )
    assert rebuild_differences(mini, "watch", "0.1.0") == []


def test_bumps(mini: Path) -> None:
    write_release(mini, "watch")
    old = read_release(mini / "watch" / "releases" / "0.1.0").indicators
    change = dict.fromkeys(("iso3", "year", "column", "old", "new", "claim_ids"), "x")
    assert required_bump(old, old[1:], [])[0] == "major"
    assert required_bump(old[1:], old, [])[0] == "minor"
    for kind, level in (
        ("row_removed", "major"),
        ("column_removed", "major"),
        ("value_added", "minor"),
        ("row_added", "minor"),
        ("value_changed", "patch"),
        ("value_removed", "patch"),
    ):
        assert required_bump(old, old, [{**change, "change": kind}])[0] == level
    assert [smallest_version("1.2.3", level) for level in ("patch", "minor", "major")] == ["1.2.4", "1.3.0", "2.0.0"]
