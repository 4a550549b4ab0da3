# ruff: noqa: E501 - a table of edits and faults reads best one a line
"""`check` finds every fault, and says where it stands and what mends it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from govdata.curation.checks import check_dataset
from govdata.curation.release import write_release
from govdata.textio import sha256

CLAIMS = "watch/claims/AAA.csv"


def faults(root: Path, name: str = "watch") -> list[str]:
    return [str(fault) for fault in check_dataset(root, name)]


def edit(root: Path, file: str, old: str, new: str) -> None:
    path = root / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_bytes(text.replace(old, new, 1).encode("utf-8"))


def test_the_mini_datasets_are_sound(mini: Path) -> None:
    assert {name: faults(mini, name) for name in ("countries", "watch", "figures")} == {
        "countries": [],
        "watch": [],
        "figures": [],
    }


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("AAA,cameras,1", "AAA,camera,1", f"{CLAIMS}:2 AAA-0001: indicator 'camera' is not in the codebook; did you mean"),
        ("AAA,cameras,1", "AAA,cameras,9", f"{CLAIMS}:2 AAA-0001: code '9' is not a code of cameras; use one of 0, 1, 2"),
        ("E1,daily_news", "E1,dayly_news", f"{CLAIMS}:3 AAA-0002: source 'dayly_news' is not in sources.csv; did you mean"),
        ("AAA-0001,AAA", "AAA-0001,AAZ", f"{CLAIMS}:2 AAA-0001: iso3 'AAZ' is not in the register; did you mean 'AAA'"),
        ("2004-03,2004-03", "2004-03,2003-03", f"{CLAIMS}:8 AAA-0007: end 2003-03 lies before start 2004-03"),
        ("AAA-0002", "AAA-0001", f"{CLAIMS}:3 AAA-0001: claim_id stands already at {CLAIMS}:2; give it its own id"),
        ("AAA-0002", "AAA-2", f"{CLAIMS}:3 AAA-2: claim_id 'AAA-2' is not of the form CHN-0001"),
        ("2003-05,", "2003-13,", f"{CLAIMS}:3 AAA-0002: start '2003-13' is not a date; write YYYY"),
        ("2003-05,", "２００３,", f"{CLAIMS}:3 AAA-0002: start '２００３' is not a date"),
        ("subnational,North", "subnational,", f"{CLAIMS}:5 AAA-0004: subnational without a region"),
        ("asserted,accepted", "asserted,acepted", f"{CLAIMS}:2 AAA-0001: status 'acepted' is not known; did you mean"),
        ("rejected,wrong_scope", "rejected,", f"{CLAIMS}:6 AAA-0005: rejected without a reason"),
        (",100,250,", ",250,100,", f"{CLAIMS}:11 AAA-0010: low 250 is above high 100; exchange them"),
        (",100,250,", ",,250,", f"{CLAIMS}:11 AAA-0010: neither a code nor low and high"),
        (",100,250,", ",100,many,", f"{CLAIMS}:11 AAA-0010: 'many' is not a number"),
        ("camera_act", "camera_akt", "programme 'camera_akt' is not in programmes.csv; did you mean 'camera_act'?"),
        ("cameras stood at 1.", '"cameras stood\nat 1."', f"{CLAIMS}:2 AAA-0001: column gloss: a line break inside a cell"),
        ("cameras stood at 1.", "cameras\u202e stood", f"{CLAIMS}:2 AAA-0001: column gloss: an invisible character U+202E"),
        ("cameras stood at 1.", "Cafe\u0301", "is not in Unicode form NFC; normalise it to NFC"),
        ("cameras stood at 1.", "trailing ", f"{CLAIMS}:2 AAA-0001: column gloss: blank space around 'trailing'; remove it"),
        ("cameras stood at 1.", "one, two", f"{CLAIMS}:2 AAA-0001: 23 cells where the header has 22"),
        ("cameras stood at 1.", '"never closed', "not valid CSV"),
        ("cameras stood at 1.", "nul\0", f"{CLAIMS}:2: a NUL byte"),
        ("claim_id,iso3", "\ufeffclaim_id,iso3", f"{CLAIMS}:1: the file begins with a byte order mark"),
        ("claim_id,iso3", "claim_id,ISO3", f"{CLAIMS}:1: the header is"),
        ("2003-05,", "20030501,", f"{CLAIMS}:3 AAA-0002: start '20030501' is not a date"),
        ("2003-05,", "2099,", f"{CLAIMS}:3 AAA-0002: start 2099 lies after 2005, the last year of the dataset"),
        ("2026-01-01", "2026-99-99", f"{CLAIMS}:2 AAA-0001: coded_on '2026-99-99' is not a day"),
        ("AAA-0001,AAA,cameras", "AAA-0001,AAA,stop_events", "stop_events reads the claims of stops; code stops instead"),
    ],
)  # fmt: skip
def test_a_broken_claim_is_named(mini: Path, old: str, new: str, fault: str) -> None:
    edit(mini, CLAIMS, old, new)
    found = faults(mini)
    assert any(fault in one for one in found), found


def test_carriage_returns_are_named(mini: Path) -> None:
    path = mini / CLAIMS
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n", 2))
    assert any(one.startswith(f"{CLAIMS}:1: a carriage return") for one in faults(mini))


def test_bytes_that_are_not_utf8_are_named(mini: Path) -> None:
    path = mini / CLAIMS
    path.write_bytes(path.read_bytes().replace(b"cameras stood at 1.", b"caf\xe9", 1))
    assert f"{CLAIMS}:2: the text is not UTF-8; save the file as UTF-8" in faults(mini)


def test_all_faults_come_at_once(mini: Path) -> None:
    edit(mini, CLAIMS, "AAA,cameras,1", "AAA,camera,1")
    edit(mini, CLAIMS, "2004-03,2004-03", "2004-03,2003-03")
    edit(mini, "watch/sources.csv", "https://example.org", "ftp://example.org")
    edit(mini, "watch/codebook/lead.toml", "E1", "A1")
    text = "\n".join(faults(mini))
    for part in ("indicator 'camera'", "lies before", "is not http or https", "number 'A1' is also that of cameras"):
        assert part in text


@pytest.mark.parametrize(
    ("file", "old", "new", "fault"),
    [
        ("watch/codebook/cameras.toml", 'rule = "highest', 'rule = "hihgest', "rule 'hihgest_in_force' is not one of"),
        ("watch/codebook/cameras.toml", 'type = "ordinal"', 'type = "ordinal"\ntype = "count"', "not valid TOML"),
        ("watch/codebook/cameras.toml", 'code = "1"', 'code = "0"', "a code is defined twice"),
        ("watch/codebook/cameras.toml", 'id = "cameras"', 'id = "Cameras"', "id 'Cameras' is not a lower-case name"),
        ("watch/codebook/cameras.toml", "number =", "nummer =", "unknown key 'nummer'"),
        (
            "watch/codebook/lead.toml",
            'type = "multi"',
            'type = "nominal"',
            "rule union_in_force does not fit the type nominal",
        ),
        (
            "watch/codebook/cameras.toml",
            "scopes = [",
            "years = [2005, 2000]\nscopes = [",
            "years [2005, 2000] run backwards",
        ),
        (
            "watch/programme_relations.csv",
            "locator,comment\n",
            "locator,comment\ncamera_act,part_of,camera_act,accepted,law_gazette,s. 1,\n",
            "camera_act is related to itself",
        ),
        ("watch/dataset.toml", 'countries = ["AAA"]', 'countries = ["AAX"]', "coverage countries 'AAX' is not known"),
        ("watch/dataset.toml", 'name = "watch"', 'name = "wach"', "name 'wach' is not that of the folder"),
        ("watch/codebook/stop_events.toml", '"stops"', '"stopps"', "claims_of 'stopps' is no indicator; did you mean"),
        ("watch/programmes.csv", "law,Camera", "lawn,Camera", "kind 'lawn' is not known; did you mean 'law'"),
        ("watch/sources.csv", "2026-01-01,full", "2026-01-01,never", "opened 'never' is not known"),
    ],
)
def test_a_broken_codebook_or_table_is_named(mini: Path, file: str, old: str, new: str, fault: str) -> None:
    edit(mini, file, old, new)
    found = faults(mini)
    assert any(one.startswith(file) and fault in one for one in found), found


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("AAA,2000,10.5", "AAA,2000,ten", "value 'ten' is not a number"),
        ("AAA,2000,10.5", "BBB,2004,10.5", "BBB does not exist in 2004; use the unit that did"),
        ("AAA,2000,10.5", "AAA,1999,10.5", "year 1999 lies outside 2000-2005"),
        ("AAA,2001,", "AAA,2000,", "stands already on line 2; keep one"),
        ("no_evidence", "", "needs either a value or a missing reason"),
        ("no_evidence", "no_evidense", "missing 'no_evidense' is not known; did you mean 'no_evidence'?"),
    ],
)
def test_a_broken_observation_is_named(mini: Path, old: str, new: str, fault: str) -> None:
    edit(mini, "figures/observations/income.csv", old, new)
    found = faults(mini, "figures")
    assert any(fault in one for one in found), found


def test_overlapping_lives_are_named(mini: Path) -> None:
    edit(mini, "countries/units.csv", "CCC,Gamma,state,2003-07-01", "BBB,Gamma,state,2003-06-01")
    assert any("this life begins before the one on line 3 ends" in one for one in faults(mini, "countries"))


def test_missing_files_are_faults(mini: Path) -> None:
    (mini / "watch" / "programmes.csv").unlink()
    assert any("watch/programmes.csv: the file does not exist" in one for one in faults(mini))


def test_a_missing_register_is_a_fault(mini: Path) -> None:
    edit(mini, "watch/dataset.toml", 'register = "1.0.0"', 'register = "9.0.0"')
    assert any("register = '9.0.0' is not a release of countries (newest: 1.0.0)" in one for one in faults(mini))


def test_a_released_claim_never_vanishes(mini: Path) -> None:
    write_release(mini, "watch")
    edit(mini, CLAIMS, "AAA-0008", "AAA-0018")
    assert any("AAA-0008: claim_id stood in release 0.1.0 and is gone; put it back" in one for one in faults(mini))


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (
            "ADJ-1,AAA,cameras,national,2003,2004,9,,,sources_disagree,Why.,c2,2026-01-02,AAA-0001",
            "value '9' is not a code",
        ),
        ("ADJ-1,AAA,cameras,national,2003,2004,2,3,1,sources_disagree,Why.,c2,2026-01-02,AAA-0001", "not in order"),
        (
            "ADJ-1,AAA,cameras,national,2004,2003,2,,,sources_disagree,Why.,c2,2026-01-02,AAA-0001",
            "lies before start_year",
        ),
        (
            "ADJ-1,AAA,cameras,national,2003,2004,2,,,sources_disagree,Why.,c2,2026-01-02,BBB-0001",
            "claim BBB-0001 is about BBB",
        ),
        ("ADJ-1,AAA,cameras,national,2003,2004,2,,,whim,Why.,c2,2026-01-02,AAA-0001", "reason 'whim' is not known"),
        (
            "ADJ-1,AAA,cameras,national,2003,2004,2,,,sources_disagree,Why.,c2,today,AAA-0001",
            "decided_on 'today' is not a day",
        ),
    ],
)
def test_a_broken_adjudication_is_named(mini: Path, line: str, fault: str) -> None:
    with (mini / "watch" / "adjudications.csv").open("a", encoding="utf-8", newline="\n") as stream:
        stream.write(line + "\n")
    found = faults(mini)
    assert any(one.startswith("watch/adjudications.csv:2 ADJ-1: ") and fault in one for one in found), found


def test_two_decisions_on_one_cell_are_named(mini: Path) -> None:
    line = "ADJ-{},AAA,cameras,national,{},2004,2,,,sources_disagree,Why.,c2,2026-01-02,AAA-0001\n"
    with (mini / "watch" / "adjudications.csv").open("a", encoding="utf-8", newline="\n") as stream:
        stream.write(line.format(1, 2003) + line.format(2, 2004))
    assert any(
        "adjudications.csv:3 ADJ-2: AAA cameras national 2004 is decided already on line 2" in one
        for one in faults(mini)
    )


@pytest.mark.parametrize("file", ["panel.csv", "claims.csv", "dataset.json"])
def test_a_damaged_release_is_a_fault(mini: Path, file: str) -> None:
    folder, _ = write_release(mini, "watch")
    (folder / file).write_bytes((folder / file).read_bytes()[:-2] + b"?\n")
    assert faults(mini) == [
        f"watch/releases/0.1.0/{file}: the file is not as it was released; restore the release folder"
    ]


def test_a_release_is_held_to_the_ledger(mini: Path) -> None:
    folder, _ = write_release(mini, "watch")
    assert faults(mini) == []
    ledger = mini / "releases.csv"
    line = ledger.read_text(encoding="utf-8").splitlines()[-1]
    assert line.startswith("watch,0.1.0,")
    # Other bytes with checksums to match are still not what was released.
    data = (folder / "changes.csv").read_bytes() + b"x\n"
    sums = (folder / "SHA256SUMS").read_text(encoding="ascii")
    (folder / "SHA256SUMS").write_text(
        sums.replace(sha256((folder / "changes.csv").read_bytes()), sha256(data)), encoding="ascii"
    )
    (folder / "changes.csv").write_bytes(data)
    assert any("this is not what was released under that version" in one for one in faults(mini))
    shutil.rmtree(folder)
    assert any("releases.csv:3 watch 0.1.0: this release is gone; restore its folder" in one for one in faults(mini))
    write_release(mini, "watch")
    ledger.write_bytes(ledger.read_bytes().replace(line.encode() + b"\n", b""))
    assert any("the release is not in releases.csv; run govdata release watch" in one for one in faults(mini))
    write_release(mini, "watch")
    assert faults(mini) == []
