"""Known faults of releases: told once, in one line, when the cells asked for are touched, and never otherwise."""

from __future__ import annotations

import csv
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import govdata
from govdata import known_faults
from govdata.cli import main
from govdata.curation.release import write_release
from govdata.errors import ArgumentError, ErratumWarning, UnknownDatasetError, UnknownVersionError
from govdata.known_faults import Erratum, errata, touching
from govdata.releases import open_release
from govdata.vocabulary import ERRATA_COLUMNS

LINES = (
    ("1", "0.1.0", "0.1.0", "cameras", "national", "AAA", "2003", "2004", "level 3 is too high", "use 0.1.1"),
    ("2", "0.1.0", "", "cameras", "subnational", "AAA;CCC", "2004", "2005", "a district was read", "leave it out"),
    ("3", "0.1.1", "", "cameras;stops", "", "", "", "", "two sources are one", "see the claims"),
    ("4", "0.1.0", "", "", "", "CCC", "2005", "2005", "the unit was another", "drop the row"),
)


@pytest.fixture(autouse=True)
def untold(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test begins as a new session."""
    monkeypatch.setattr(known_faults, "_TOLD", set())


@pytest.fixture
def faulty(released: Path) -> Path:
    """The mini dataset in two releases, with four errata."""
    toml = released / "watch" / "dataset.toml"
    toml.write_bytes(toml.read_bytes().replace(b'"0.1.0"', b'"0.1.1"'))
    claims = released / "watch" / "claims" / "AAA.csv"
    claims.write_bytes(claims.read_bytes().replace(b"AAA-0002,AAA,cameras,3", b"AAA-0002,AAA,cameras,2"))
    write_release(released, "watch")
    with (released / "watch" / "errata.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([ERRATA_COLUMNS, *((*line, "2026-01-02") for line in LINES)])
    return released


def told(*arguments: object, **options: object) -> list[str]:
    """Load, and give what was said."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        govdata.load(*arguments, **options)  # type: ignore[arg-type]
    assert all(issubclass(one.category, ErratumWarning) for one in caught)
    return [str(one.message) for one in caught]


def test_a_touched_cell_is_told_of_once(faulty: Path) -> None:
    asked = ("watch", "0.1.0", "AAA", 2003, "cameras")
    assert told(*asked) == [
        'erratum 1 (cameras, AAA, 2003-2004): level 3 is too high; use 0.1.1 (see govdata.errata("watch", "0.1.0"))',
    ]
    assert told(*asked) == []
    assert faulty.is_dir()


@pytest.mark.parametrize(
    ("countries", "years", "indicators", "number"),
    [
        ("AAA", 2003, "cameras", 1),
        ("AAA", 2003, "cameras_low", 1),  # a companion of the value
        ("AAA", 2002, "cameras", 0),  # another year
        ("BBB", 2003, "cameras", 0),  # another country
        ("AAA", 2003, "lead", 0),  # another indicator
        ("AAA", 2003, "cameras_sub", 0),  # another scope
        ("AAA", 2004, "cameras_sub", 2),
        ("CCC", 2004, "cameras_sub_high", 2),
        ("CCC", 2005, "lead", 4),  # every indicator of the row
        ("CCC", 2004, "lead", 0),
    ],
)
def test_only_cells_asked_for_are_told_of(
    faulty: Path, countries: str, years: int, indicators: str, number: int
) -> None:
    said = told("watch", "0.1.0", countries, years, indicators)
    assert [text.split(" (")[0] for text in said] == ([f"erratum {number}"] if number else [])
    assert faulty.is_dir()


def test_several_errata_are_one_line(faulty: Path) -> None:
    said = told("watch", "0.1.0")
    assert said == [
        (
            "erratum 1 (cameras, AAA, 2003-2004): level 3 is too high; use 0.1.1 "
            '(3 errata touch these cells; see govdata.errata("watch", "0.1.0"))'
        )
    ]
    assert told("watch", "0.1.0", "CCC") == []  # erratum 4 was among the three
    assert [text[:9] for text in told("watch", "0.1.1")] == ["erratum 3"]  # the only one not told yet
    assert faulty.is_dir()


def test_a_release_without_the_fault_is_silent(faulty: Path) -> None:
    assert told("watch", "0.1.1", "AAA", 2003, "lead") == []
    assert [text[:9] for text in told("watch", None, "AAA", 2003, "cameras")] == ["erratum 3"]
    assert told("figures") == []
    assert faulty.is_dir()


def test_draws_and_reasons_are_told_of_too(faulty: Path) -> None:
    assert len(told("watch", "0.1.0", "AAA", None, "cameras", draws=2)) == 1
    assert len(told("watch", "0.1.0", "CCC", None, "cameras_sub", "reason")) == 1
    assert faulty.is_dir()


def test_a_row_that_was_dropped_is_not_told_of(faulty: Path) -> None:
    assert told("watch", "0.1.0", "CCC", None, "cameras_sub", "drop") == []  # CCC has no subnational value at all
    assert faulty.is_dir()


def test_the_data_are_the_same_whoever_is_told(faulty: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ErratumWarning)
        first = govdata.load("watch", "0.1.0")
        again = govdata.load("watch", "0.1.0")
    assert first.equals(again)
    assert first.attrs == again.attrs
    assert faulty.is_dir()


def test_as_an_error_it_stops_every_time(faulty: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", ErratumWarning)
        for _ in range(2):
            with pytest.raises(ErratumWarning, match=r"erratum 1 .*: level 3"):
                govdata.load("watch", "0.1.0")
        assert len(govdata.load("watch", "0.1.0", "AAA", 2001)) == 1
    assert faulty.is_dir()


@pytest.mark.parametrize("options", [[], ["-W", "ignore"], ["-W", "error"]])
def test_a_script_prints_one_line(options: list[str]) -> None:
    script = (
        "import govdata\n"
        "for _ in range(3):\n"
        "    df = govdata.load('digital_surveillance', '0.1.0')\n"
        "df = govdata.load('digital_surveillance', '0.1.0', 'SWE')\n"
        "print(len(df))\n"
    )
    done = subprocess.run([sys.executable, *options, "-c", script], capture_output=True, text=True, check=False)
    said = done.stderr.splitlines()
    if options == ["-W", "error"]:
        assert done.returncode == 1
        assert said[-1].startswith("govdata.errors.ErratumWarning: erratum 1 (")
    else:
        assert (done.returncode, done.stdout) == (0, "26\n")
        assert len(said) == (0 if options else 1)
        begin = "digital_surveillance 0.1.0:1: ErratumWarning: erratum 1 ("
        assert all(line.startswith(begin) for line in said)
        assert all(
            line.endswith('errata touch these cells; see govdata.errata("digital_surveillance", "0.1.0"))')
            for line in said
        )


def test_the_list(faulty: Path) -> None:
    every = errata("watch")
    assert list(every.columns) == ["dataset", *ERRATA_COLUMNS]
    assert every["number"].tolist() == [1, 2, 3, 4]
    assert errata()["dataset"].unique().tolist() == ["watch"]
    assert errata("watch", "0.1.0")["number"].tolist() == [1, 2, 4]
    assert errata("watch", "0.1.1")["number"].tolist() == [2, 3, 4]
    assert errata("watch", "0")["number"].tolist() == [2, 3, 4]  # the newest 0.x, as in load
    third = every.set_index("number").loc[3]
    assert (third["indicator"], third["countries"], third["last_version"]) == ("cameras;stops", "", "")
    assert every["first_year"].isna().tolist() == [False, False, True, False]
    assert {name: str(kind) for name, kind in every.dtypes.items() if kind != "str"} == dict.fromkeys(
        ("number", "first_year", "last_year"), "Int64"
    )
    empty = errata("figures")
    assert len(empty) == 0
    assert (empty.dtypes == every.dtypes).all()
    assert faulty.is_dir()


def test_the_list_refuses_what_is_not_there(faulty: Path) -> None:
    with pytest.raises(UnknownDatasetError, match="did you mean 'watch'"):
        errata("wach")
    with pytest.raises(UnknownVersionError, match=r"watch has no version '0.3.0'"):
        errata("watch", "0.3.0")
    with pytest.raises(ArgumentError, match=r"version '0.1.0' needs a dataset"):
        errata(version="0.1.0")
    assert faulty.is_dir()


def test_one_cell_and_its_errata(faulty: Path) -> None:
    release = open_release("watch", "0.1.0")
    assert [one.number for one in touching(release, "AAA", 2004, "cameras")] == [1]
    assert [one.number for one in touching(release, "AAA", 2004, "cameras_sub")] == [2]
    assert [one.number for one in touching(release, "CCC", 2005, "cameras")] == [4]
    assert touching(release, "AAA", 2005, "cameras") == ()
    assert (
        str(touching(release, "AAA", 2004, "cameras")[0])
        == "erratum 1 (cameras, AAA, 2003-2004): level 3 is too high; use 0.1.1"
    )
    assert faulty.is_dir()


YEARS = st.tuples(st.integers(2000, 2006), st.integers(2000, 2006)).map(lambda pair: (min(pair), max(pair)))


@given(YEARS, st.sets(st.sampled_from(["AAA", "BBB", "CCC"])), st.sets(st.sampled_from(["x", "y", "year"])))
def test_a_frame_is_touched_where_one_of_its_cells_is(
    years: tuple[int, int], countries: set[str], columns: set[str]
) -> None:
    import pandas as pd

    frame = pd.DataFrame({"iso3": ["AAA", "AAA", "BBB"], "year": [2001, 2003, 2005], "x": [1.0, 2.0, 3.0]})
    one = Erratum(1, frozenset(columns - {"year"}), frozenset(countries), years, "fault", "remedy")
    cells = [
        (not one.columns or "x" in one.columns)
        and (not countries or iso3 in countries)
        and years[0] <= year <= years[1]
        for iso3, year in zip(frame["iso3"], frame["year"], strict=True)
    ]
    assert known_faults._touches(one, frame) == any(cells)
    assert not known_faults._touches(one, frame[["iso3", "year"]])


def test_the_commands(faulty: Path) -> None:
    run = CliRunner().invoke(main, ["errata", "watch", "--version", "0.1.0"])
    assert run.exit_code == 0
    assert run.output.splitlines()[:3] == [
        "watch 0.1.0, erratum 1: cameras, national, AAA, 2003-2004",
        "  level 3 is too high",
        "  use 0.1.1 (reported 2026-01-02)",
    ]
    assert "watch 0.1.1 to the newest, erratum 3: cameras, stops, every country, every year" in (
        CliRunner().invoke(main, ["errata"]).output
    )
    assert CliRunner().invoke(main, ["errata", "figures"]).output == "no known faults of figures\n"
    table = CliRunner().invoke(main, ["errata", "watch", "--format", "csv"]).output.splitlines()
    assert table[0] == ",".join(("dataset", *ERRATA_COLUMNS))
    assert len(table) == 5
    wrong = CliRunner().invoke(main, ["errata", "wach"])
    assert (wrong.exit_code, wrong.output.count("\n")) == (2, 1)
    assert faulty.is_dir()
