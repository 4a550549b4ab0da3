"""The version a release needs: each kind of change has its level, and a version too low for it is refused."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from click.testing import CliRunner

import govdata.curation.release as releasing
from govdata.bump import LEVELS, is_high_enough, redefined, required_bump, smallest_version
from govdata.cli import main
from govdata.curation.checks import check_dataset
from govdata.curation.read import read_tree
from govdata.curation.release import compare_tree, write_release
from govdata.curation.versionchecks import version_faults
from govdata.differing import diff
from govdata.errors import CurationError
from govdata.model import Code, Indicator
from govdata.textio import sha256

DATASETS = Path(__file__).parent.parent.parent / "datasets"


def edit(root: Path, file: str, old: str, new: str) -> None:
    path = root / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_bytes(text.replace(old, new, 1).encode("utf-8"))


CASES = [
    # what is edited, the old text, the new text; the level and the reason
    (
        "watch/codebook/cameras.toml",
        'label.en = "level 4"',
        'label.en = "everywhere"',
        "major",
        "codes of cameras were",
    ),
    ("watch/codebook/stops.toml", 'timing = "in_year"', 'timing = "year_end"', "major", "timing of stops was"),
    ("watch/codebook/camera_count.toml", "bounds = true", "bounds = false", "major", "camera_count_low was removed"),
    ("watch/codebook/cameras.toml", 'direction = "higher = more"', 'direction = "higher = less"', "major", "direction"),
    ("watch/codebook/crime_effect.toml", 'rule = "agreement"', 'rule = "agreement_signed"', "major", "rule of crime"),
    ("watch/codebook/lead.toml", 'type = "multi"', 'unit = "bodies"\ntype = "multi"', "major", "unit of lead was"),
    ("watch/codebook/lead.toml", "bounds = false", "bounds = false\nyears = [2002, 2005]", "major", "years of lead"),
    ("watch/dataset.toml", "years = [2000, 2005]", "years = [2001, 2005]", "major", "years of the dataset"),
    ("watch/dataset.toml", 'licence = "CC-BY-4.0"', 'licence = "CC-BY-NC-4.0"', "major", "the licence changed"),
    ("watch/codebook/cameras.toml", '["national", "subnational"]', '["national"]', "major", "scopes of cameras"),
    (
        "watch/dataset.toml",
        "years = [2000, 2005]",
        "years = [2000, 2006]",
        "minor",
        "years of the dataset were widened",
    ),
    ("watch/codebook/lead.toml", 'scopes = ["national"]', 'scopes = ["national", "subnational"]', "minor", "lead_sub"),
    ("watch/claims/BBB.csv", "2000,2003-06-30,national", "2000,2003-06-29,all", "minor", "cameras_sub of BBB 2000 was"),
    ("watch/claims/AAA.csv", "AAA,cameras,1", "AAA,cameras,2", "patch", "cameras of AAA 2001 was corrected"),
    (
        "watch/claims/AAA.csv",
        "AAA,stops,0,,,2000,2005,all",
        "AAA,stops,0,,,2001,2005,all",
        "patch",
        "AAA 2000 was emptied",
    ),
    ("watch/codebook/cameras.toml", "How much cameras?", "How many cameras?", "patch", "no cell changed, but"),
]


@pytest.mark.parametrize(("file", "old", "new", "level", "reason"), CASES, ids=[f"{c[3]}: {c[4]}" for c in CASES])
def test_each_change_has_its_level(mini: Path, file: str, old: str, new: str, level: str, reason: str) -> None:
    edit(mini, "watch/dataset.toml", '"0.1.0"', '"1.0.0"')
    write_release(mini, "watch")
    edit(mini, file, old, new)
    against, _, found, why, least = compare_tree(mini, "watch")
    assert (against, found, least) == ("1.0.0", level, smallest_version("1.0.0", level))
    assert reason in why
    # One step lower is refused, the step itself is taken, and the check finds nothing to say.
    lower = {"major": "1.7.0", "minor": "1.0.7"}.get(level)
    if lower:
        edit(mini, "watch/dataset.toml", 'version = "1.0.0"', f'version = "{lower}"')
        with pytest.raises(
            CurationError, match=f"version {lower} is too low after 1.0.0: .* it must be {least} or higher"
        ):
            write_release(mini, "watch")
        edit(mini, "watch/dataset.toml", f'version = "{lower}"', f'version = "{least}"')
    else:
        edit(mini, "watch/dataset.toml", 'version = "1.0.0"', f'version = "{least}"')
    write_release(mini, "watch")
    assert list(version_faults(mini, "watch")) == []


def test_a_table_that_comes_or_goes_has_its_level(mini: Path) -> None:
    assert required_bump([], [], [], tables=({"panel": ["a"]}, {"panel": ["a"], "codes": ["b"]})) == (
        "minor",
        "table codes was added",
    )
    assert required_bump([], [], [], tables=({"names": []}, {}))[0] == "major"
    assert required_bump([], [], [], tables=({"claims": ["a"]}, {"claims": ["a", "cites"]}))[0] == "minor"
    assert required_bump([], [], [], tables=({"claims": ["a", "cites"]}, {"claims": ["a"]}))[0] == "major"
    assert (mini / "watch").is_dir()


def test_what_redefines_an_indicator_and_what_does_not(mini: Path) -> None:
    one = next(one for one in read_tree(mini, "watch").indicators if one.id == "cameras")

    def level(**changed: object) -> str:
        return required_bump([one], [dataclasses.replace(one, **changed)], [])[0]  # type: ignore[arg-type]

    assert level(clarification="Count those that work.", limits="Few.", labels={"en": "Cameras in public"}) == "none"
    assert level(codes=tuple(reversed(one.codes))) == "none"
    translated = Code("0", {"en": "level 0", "fa": "صفر"})
    assert level(codes=(translated, *one.codes[1:])) == "none"
    assert level(codes=one.codes[1:]) == level(codes=(*one.codes, Code("5", {"en": "level 5"}))) == "major"
    assert level(claims_of="stops") == level(table="record") == level(original="x") == "major"
    assert level(years=(2001, 2004)) == level(only_years=(2001,)) == "major"
    assert level(source_id="other") == "minor"
    narrow = dataclasses.replace(one, years=(2001, 2004))
    assert required_bump([narrow], [one], [])[0] == "minor"
    renamed = dataclasses.replace(one, id="cameras_new")
    assert redefined(one, renamed) == ()
    assert required_bump([one], [renamed], []) == ("major", "indicator cameras was removed")


def test_the_first_of_the_highest_is_named(mini: Path) -> None:
    tree = read_tree(mini, "watch")
    blank = dict.fromkeys(("iso3", "year", "column", "old", "new", "claim_ids"), "")
    changes = [
        blank | {"change": "value_changed", "iso3": "AAA", "year": "2001", "column": "cameras"},
        blank | {"change": "row_added", "iso3": "DDD", "year": "2002"},
        blank | {"change": "row_added", "iso3": "EEE", "year": "2003"},
    ]
    assert required_bump(tree.indicators, tree.indicators, changes) == ("minor", "row DDD 2002 was added")
    without: list[Indicator] = [one for one in tree.indicators if one.id != "lead"]
    assert required_bump(tree.indicators, without, changes) == ("major", "indicator lead was removed")


@pytest.mark.parametrize(
    ("old", "new", "level"),
    [
        ("1.2.3", "2.0.0", "major"),
        ("0.2.3", "0.3.0", "major"),
        ("1.2.3", "1.3.0", "minor"),
        ("1.2.3", "1.2.4", "patch"),
    ],
)
def test_steps(old: str, new: str, level: str) -> None:
    assert smallest_version(old, level) == new
    assert is_high_enough(old, new, level)
    harder = LEVELS[LEVELS.index(level) + 1] if level != "major" else None
    assert harder is None or not is_high_enough(old, new, harder)


def dishonest(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Release a redefined code as a correction, as an older tool or a hand might."""
    edit(root, "watch/codebook/cameras.toml", 'label.en = "level 4"', 'label.en = "everywhere"')
    edit(root, "watch/claims/AAA.csv", "AAA,cameras,1", "AAA,cameras,2")
    edit(root, "watch/dataset.toml", 'version = "0.1.0"', 'version = "0.1.1"')
    with monkeypatch.context() as patch:
        patch.setattr(releasing, "is_high_enough", lambda *_: True)
        write_release(root, "watch")


def test_a_version_that_is_too_low_is_told_by_check_and_diff(released: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert check_dataset(released, "watch") == []
    dishonest(released, monkeypatch)
    (fault,) = check_dataset(released, "watch")
    assert fault.file == "watch/releases/0.1.1"
    assert fault.message == "version 0.1.1 is too low after 0.1.0: the codes of cameras were redefined"
    assert "make it 0.2.0 or higher" in fault.remedy
    result = CliRunner().invoke(main, ["check", "watch", "--root", str(released)])
    assert result.exit_code == 1
    assert "too low" in result.stdout
    found = diff("watch", "0.1.0", "0.1.1")
    assert (found.bump.honoured, found.bump.least) == (False, "0.2.0")
    assert "THE VERSION IS TOO LOW: it had to be 0.2.0 or higher" in " ".join(str(found).split())
    assert 'class="low"' in found.to_html()


def test_diff_of_the_tree_says_that_its_version_is_too_low(mini: Path) -> None:
    write_release(mini, "watch")
    edit(mini, "watch/codebook/cameras.toml", 'label.en = "level 4"', 'label.en = "everywhere"')

    def run() -> str:
        return CliRunner().invoke(main, ["diff", "watch", "--root", str(mini)]).stdout

    assert run().endswith("needs version 0.2.0 or higher (major: the codes of cameras were redefined)\n")
    edit(mini, "watch/dataset.toml", 'version = "0.1.0"', 'version = "0.1.1"')
    assert run().endswith("dataset.toml says 0.1.1, which is too low\n")
    edit(mini, "watch/dataset.toml", 'version = "0.1.1"', 'version = "0.2.0"')
    assert "too low" not in run()


def test_a_list_of_changes_that_is_not_the_difference_is_a_fault(released: Path) -> None:
    edit(released, "watch/claims/AAA.csv", "AAA,cameras,1", "AAA,cameras,2")
    edit(released, "watch/dataset.toml", 'version = "0.1.0"', 'version = "0.1.1"')
    folder, _ = write_release(released, "watch")
    assert list(version_faults(released, "watch")) == []
    # Somebody drops a line, and signs the folder anew.
    lines = (folder / "changes.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    before = sha256((folder / "changes.csv").read_bytes())
    (folder / "changes.csv").write_text("".join(lines[:-1]), encoding="utf-8")
    edit(released, "watch/releases/0.1.1/SHA256SUMS", before, sha256((folder / "changes.csv").read_bytes()))
    (fault,) = version_faults(released, "watch")
    assert fault.file == "watch/releases/0.1.1/changes.csv"
    assert fault.message == "this is not the difference of the panels of 0.1.0 and 0.1.1"


@pytest.mark.parametrize("name", ["countries", "covariates", "digital_surveillance", "expert_scores"])
def test_every_release_ever_made_is_honest(name: str) -> None:
    assert list(version_faults(DATASETS, name)) == []
