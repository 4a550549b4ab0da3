"""The files beside the releases: every fault in them is named, with its line and what mends it."""

from __future__ import annotations

from pathlib import Path

import pytest

from govdata import vocabulary
from govdata.curation.checks import check_dataset
from govdata.curation.release import write_release

ERRATA = "number,first_version,last_version,indicator,scope,countries,first_year,last_year,fault,remedy,reported_on\n"
SOUND = "1,0.1.0,0.1.0,cameras;stops,national,AAA;BBB,2001,2003,too high,use 0.1.1,2026-01-02\n"
RENAMED = "indicator,became,version,reason\n"
SHORT = "lang,label,short\n"


@pytest.fixture
def two(mini: Path) -> Path:
    """The mini dataset in two releases."""
    write_release(mini, "watch")
    edit(mini, "watch/dataset.toml", '"0.1.0"', '"0.1.1"')
    edit(mini, "watch/claims/AAA.csv", "AAA-0002,AAA,cameras,3", "AAA-0002,AAA,cameras,2")
    write_release(mini, "watch")
    return mini


def edit(root: Path, file: str, old: str, new: str) -> None:
    path = root / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def beside(root: Path, file: str, text: str) -> list[str]:
    """Write a file beside the releases, and give the faults."""
    (root / "watch" / file).write_text(text, encoding="utf-8")
    return [str(fault) for fault in check_dataset(root, "watch")]


def test_sound_files_have_no_fault(two: Path) -> None:
    empty = "2,0.1.0,,,,,,,of every cell,see the log,2026-01-03\n"
    assert beside(two, "errata.csv", ERRATA + SOUND + empty) == []
    assert beside(two, "renamed.csv", RENAMED) == []
    assert beside(two, "short_labels.csv", SHORT) == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("1,0.1.0", "2,0.1.0", "watch/errata.csv:2 2: number '2' where 1 comes next; number the lines 1, 2, 3"),
        ("0.1.0,0.1.0", "0.1.0,0.1.2", "there is no release '0.1.2'; did you mean '0.1.1' or '0.1.0'?; name a release"),
        ("0.1.0,0.1.0", "0.1.1,0.1.0", "last_version 0.1.0 lies before first_version 0.1.1; exchange them"),
        ("1,0.1.0", "1,", "watch/errata.csv:2 1: first_version is empty; fill it"),
        ("cameras;", "camera;", "0.1.0 has no indicator 'camera'; did you mean 'cameras' or 'camera_count'?; mend it"),
        (
            "cameras;stops",
            "cameras;",
            "indicator 'cameras;' names one twice, or none between two marks; join each once",
        ),
        ("stops", "implementation_stage", "implementation_stage makes no column of the panel; errata are of the panel"),
        ("national", "regional", "scope 'regional' is not known; use national, subnational, or leave it empty"),
        ("stops,national", "lead,subnational", "lead has no subnational column in 0.1.0; mend the scope"),
        ("AAA;BBB", "AAA;BBX", "0.1.0 has no country 'BBX'; did you mean 'BBB'?; mend the code"),
        ("AAA;BBB", "AAA;AAA", "countries 'AAA;AAA' names one twice"),
        ("2001,2003", "2003,2001", "last_year 2001 lies before first_year 2003; exchange them"),
        ("2001,2003", "2001,", "first_year and last_year are not both a year; write both as YYYY"),
        ("2001,2003", "1999,2003", "the years lie outside 2000-2005, those of 0.1.0; mend them"),
        ("too high", "", "watch/errata.csv:2 1: fault is empty; fill it"),
        ("use 0.1.1", "", "watch/errata.csv:2 1: remedy is empty; fill it"),
        ("2026-01-02", "2.1.2026", "reported_on '2.1.2026' is not a day; write YYYY-MM-DD"),
        ("2026-01-02", "2026-02-30", "reported_on '2026-02-30' is not a day"),
        ("too high", "too\u200b high", "column fault: an invisible character U+200B; remove it"),
        ("too high", "too\x07high", "column fault: an invisible character U+0007; remove it"),
        ("too high", '"too\nhigh"', "column fault: a line break inside a cell"),
        ("number,", "no,", "watch/errata.csv:1: the header is"),
    ],
)
def test_a_broken_erratum_is_named(two: Path, old: str, new: str, fault: str) -> None:
    text = ERRATA + SOUND
    assert old in text
    found = beside(two, "errata.csv", text.replace(old, new, 1))
    assert any(fault in one for one in found), found


def test_numbers_have_no_gap_and_no_second_use(two: Path) -> None:
    second = SOUND.replace("1,0.1.0", "{},0.1.0", 1)
    for number in ("1", "3", "0", "02", ""):
        found = beside(two, "errata.csv", ERRATA + SOUND + second.format(number))
        assert [one for one in found if f"number {number!r} where 2 comes next" in one], number
    assert beside(two, "errata.csv", ERRATA + SOUND + second.format("2")) == []


def lose(root: Path, name: str) -> None:
    """Take an indicator out of the working tree, with its claims."""
    (root / "watch" / "codebook" / f"{name}.toml").unlink()
    for path in (root / "watch" / "claims").glob("*.csv"):
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        path.write_text("".join(line for line in lines if f",{name}," not in line), encoding="utf-8")


def test_an_indicator_does_not_vanish_unsaid(two: Path) -> None:
    lose(two, "lead")
    gone = (
        "watch/renamed.csv lead: the indicator stood in release 0.1.1 and is gone{}; "
        "add a line that says what became of it"
    )
    assert gone.format("") in [str(fault) for fault in check_dataset(two, "watch")]
    edit(two, "watch/dataset.toml", 'version = "0.1.1"', 'version = "1.0.0"')
    assert gone.format("") in [str(fault) for fault in check_dataset(two, "watch")]
    assert beside(two, "renamed.csv", RENAMED + "lead,,1.0.0,nobody could code it\n") == []
    write_release(two, "watch")
    assert [str(fault) for fault in check_dataset(two, "watch", ledger=False)] == []
    assert beside(two, "renamed.csv", RENAMED) == [gone.format(" in 1.0.0")]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("lead,,0.1.1,gone", "watch/renamed.csv:2 lead: 0.1.1 still has it; name the first release without it"),
        ("leed,,0.1.1,gone", "leed: no release before 0.1.1 has it; did you mean 'lead'?; mend the old name"),
        ("lead,,0.1.0,gone", "lead: no release before 0.1.0 has it"),
        ("lead,leader,0.1.1,gone", "became 'leader' is not in 0.1.1; did you mean 'lead'?; mend the new name"),
        ("lead,lead,0.1.1,gone", "it became itself; name what it is called now"),
        ("lead,,2.0.0,gone", "there is no release 2.0.0, nor is it in the making; name the first"),
        ("lead,,2,gone", "version '2' is not of the form 1.2.3"),
        ("lead,,0.1.1,", "watch/renamed.csv:2 lead: reason is empty; fill it"),
        ("lead,,0.1.1,gone\nlead,,0.1.1,again", "watch/renamed.csv:3 lead: stands here twice for one version"),
    ],
)
def test_a_broken_line_of_the_register_is_named(two: Path, line: str, fault: str) -> None:
    found = beside(two, "renamed.csv", f"{RENAMED}{line}\n")
    assert any(fault in one for one in found), found


LONG = "Cameras of every kind in streets, squares, stations, schools and shops"
CODE = "دوربین در همهٔ خیابان‌ها، میدان‌ها، ایستگاه‌ها، مدرسه‌ها و فروشگاه‌های کشور"


def test_a_long_label_needs_a_short_form(two: Path) -> None:
    assert len(LONG) <= vocabulary.LONGEST_LABEL < len(LONG + ", highest subnational")
    edit(two, "watch/codebook/cameras.toml", 'label.en = "Cameras"', f'label.en = "{LONG}"')
    length = len(LONG + ", highest subnational, highest reading")
    fault = (
        f"watch/short_labels.csv cameras: en label {LONG[:40]!r}… has {length} characters with its ending, "
        "more than 80; add a short form"
    )
    assert [str(one) for one in check_dataset(two, "watch")] == [fault]
    assert beside(two, "short_labels.csv", f'{SHORT}en,"{LONG}",Cameras of every kind\n') == []


def test_a_long_label_of_a_code_needs_a_short_form(two: Path) -> None:
    assert len(CODE) <= 80 < vocabulary.LONGEST_CODE_LABEL < len(CODE.encode())
    edit(two, "watch/codebook/cameras.toml", 'label.en = "level 4"', f'label.en = "level 4"\nlabel.fa = "{CODE}"')
    size = len(CODE.encode())
    fault = (
        f"watch/short_labels.csv cameras: fa label of a code {CODE[:40]!r}… has {size} bytes, more than 120; "
        "add a short form"
    )
    assert [str(one) for one in check_dataset(two, "watch")] == [fault]
    assert beside(two, "short_labels.csv", f"{SHORT}fa,{CODE},همه‌جا\n") == []


def test_two_codes_stay_apart(two: Path) -> None:
    edit(two, "watch/codebook/cameras.toml", 'label.en = "level 4"', f'label.en = "level 4"\nlabel.fa = "{CODE}"')
    edit(two, "watch/codebook/cameras.toml", 'label.en = "level 3"', 'label.en = "level 3"\nlabel.fa = "همه"')
    assert beside(two, "short_labels.csv", f"{SHORT}fa,{CODE},همه\n") == [
        "watch/short_labels.csv cameras: two codes have the fa label 'همه'; tell them apart"
    ]


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        ("en,Camera,Cams", "watch/short_labels.csv:2 en: no codebook has the label 'Camera'; mend it"),
        ("de,Cameras,Cams", "lang 'de' is not known"),
        ("en,Cameras,", "watch/short_labels.csv:2 en: short is empty; fill it"),
        ("en,Cameras,C\nen,Cameras,D", "watch/short_labels.csv:3 en: 'Cameras' stands here twice; keep one line"),
        ("en,Cameras,C\nen,Lead,C", "watch/short_labels.csv:3 en: 'C' is also the short form of 'Cameras'"),
        ("en,Cameras,C\u200b", "an invisible character U+200B"),
    ],
)
def test_a_broken_short_label_is_named(two: Path, lines: str, fault: str) -> None:
    found = beside(two, "short_labels.csv", f"{SHORT}{lines}\n")
    assert any(fault in one for one in found), found


def test_a_short_form_must_fit_itself(two: Path) -> None:
    edit(two, "watch/codebook/cameras.toml", 'label.en = "Cameras"', f'label.en = "{LONG}"')
    found = beside(two, "short_labels.csv", f'{SHORT}en,"{LONG}","{LONG[:60]}"\n')
    assert [one for one in found if "cameras: en label" in one and "more than 80" in one]


def test_a_short_form_is_not_the_label_of_another(two: Path) -> None:
    edit(two, "watch/codebook/cameras.toml", 'label.en = "Cameras"', f'label.en = "{LONG}"')
    found = beside(two, "short_labels.csv", f'{SHORT}en,"{LONG}",Lead\n')
    fault = "watch/short_labels.csv cameras: the en label 'Lead, reason missing' is also that of lead; "
    assert found == [f"{fault}give each indicator its own"]


def test_a_damaged_release_is_named_and_nothing_held_against_it(two: Path) -> None:
    path = two / "watch" / "releases" / "0.1.0" / "codebook.json"
    path.write_bytes(path.read_bytes()[:-10])
    assert beside(two, "errata.csv", ERRATA + SOUND) == [
        "watch/releases/0.1.0/codebook.json: the file is not as it was released; restore the release folder"
    ]
