"""The .do and .sps files: what Stata and SPSS would read, and whether it agrees with the data file."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_frames import FRAMES, panel

import govdata
from govdata.exporting.do_file import quoted
from govdata.exporting.sps_file import literal

NAME = r"[A-Za-z_][A-Za-z0-9_]*"
DOCUMENTED = ["panel", "merged", "imported"]


def parts(line: str) -> Iterator[str]:
    """Words and texts of a line of Stata; a text is given with a mark before it. Fails where Stata would."""
    at = 0
    while at < len(line):
        if line.startswith('`"', at):
            end = line.find("\"'", at + 2)
            assert end > 0, f"a text does not end: {line}"
            text = line[at + 2 : end]
            assert "`" not in text, line
            assert not re.search(r"(?<!\\)\$", text), line
            yield "\0" + text.replace("\\$", "$")
            at = end + 2
        elif line[at] == " ":
            at += 1
        else:
            word = re.match(r"[^ ]+", line[at:])
            assert word is not None
            assert not set(word[0]) & set("`$\"'"), line
            yield word[0]
            at += len(word[0])


def commands(path: Path) -> list[list[str]]:
    """The commands of a .do file, without comments, with continued lines joined."""
    found: list[list[str]] = []
    going_on = False
    for line in path.read_text(encoding="utf-8").splitlines():
        assert len(line) <= 8200
        if (line.startswith("*") and not going_on) or not line:
            continue
        words = list(parts(line))
        if going_on:
            found[-1] += words
        else:
            found.append(words)
        going_on = words[-1] == "///"
        if going_on:
            found[-1].pop()
    assert not going_on
    return found


@pytest.mark.parametrize("name", DOCUMENTED)
def test_the_do_file_agrees_with_the_data(tmp_path: Path, name: str) -> None:
    path = govdata.export(FRAMES[name](), tmp_path / "x.dta")
    about = pyreadstat.read_dta(path, user_missing=True)[1]
    names = set(about.column_names)
    made = commands(tmp_path / "x.do")
    assert made[0] == ["version", "14"]
    assert made[1] == ["use", "\0x.dta,", "clear"] or made[1] == ["use", "\0x.dta", ",", "clear"]
    languages, now = {}, ""
    tables: dict[str, dict[str, str]] = {}
    for words in made[2:]:
        match words:
            case ["encode", "iso3,", "generate(unit)"]:
                names.add("unit")
            case ["xtset", "unit", "year"]:
                assert "unit" in names
            case ["label", "language", _, "rename"] | ["label", "language", _]:
                pass
            case ["label", "language", language, "new"]:
                now = language.removesuffix(",")
                languages[now] = ({}, {})
            case ["label", "variable", variable, text]:
                assert variable in names
                assert len(text) <= 81
                languages[now][0][variable] = text[1:]
            case ["label", "define", table, *pairs]:
                assert table not in tables
                assert re.fullmatch(NAME, table)
                assert len(table) <= 32
                tables[table] = dict(zip(pairs[::2], (text[1:] for text in pairs[1::2]), strict=True))
            case ["label", "values", *variables, table]:
                assert set(variables) <= names
                for variable in variables:
                    languages[now][1][variable] = table
            case ["char", what, text]:
                noted = re.fullmatch(rf"({NAME})\[note[0-9]+\]", what)
                assert noted is not None
                assert noted[1] in names | {"_dta"}
                assert text[0] == "\0" or text.isdigit()
            case _:
                raise AssertionError(words)
    assert set(languages) == {"fa", "ar", "zh"}
    for language, (variables, values) in languages.items():
        there = pyreadstat.read_dta(
            govdata.export(FRAMES[name](), tmp_path / f"{language}.dta", language=language), user_missing=True
        )[1]
        assert variables == {column: text for column, text in there.column_names_to_labels.items() if text}
        want = {
            column: {f".{code}" if isinstance(code, str) else f"{code:g}": text for code, text in texts.items()}
            for column, texts in there.variable_value_labels.items()
        }
        assert set(values) - {"unit"} == set(want)
        for column, texts in want.items():
            own = values[column] == column  # a table that the file has already
            assert own or tables[values[column]] == texts
            assert not own or about.variable_value_labels[column] == there.variable_value_labels[column]


def test_the_long_texts_are_there_in_full(tmp_path: Path) -> None:
    made = commands(govdata.export(panel(), tmp_path / "x.dta").with_suffix(".do"))
    notes = {words[1]: words[2][1:] for words in made if words[0] == "char"}
    book = govdata.codebook("digital_surveillance", version="1.0.0").set_index("id")
    texts = [text for what, text in notes.items() if what.startswith("cctv_public[")]
    for key in ("question", "clarification", "limits"):
        assert f"{key}: {book.loc['cctv_public', key]}" in texts
    for code, text in book.loc["cctv_public", "codes"].items():
        assert f"code {code}: {text}" in texts
    data = " ".join(text for what, text in notes.items() if what.startswith("_dta["))
    assert panel().attrs["sha256"] in data
    assert "digital_surveillance 1.0.0" in data
    # Notes are counted, so that `notes list` finds them all.
    counts = {words[1]: int(words[2]) for words in made if words[0] == "char" and "[note0]" in words[1]}
    for what, count in counts.items():
        column = what.removesuffix("[note0]")
        assert [f"{column}[note{one}]" in notes for one in range(1, count + 2)] == [True] * count + [False]


def test_rows_that_are_no_panel_are_not_declared_one(tmp_path: Path) -> None:
    frame = govdata.load("digital_surveillance", "1.0.0", "CHN", indicators="cctv_public", draws=2)
    assert "xtset" not in govdata.export(frame, tmp_path / "x.dta").with_suffix(".do").read_text(encoding="utf-8")
    twice = pd.concat([panel(), panel()])
    twice.attrs = panel().attrs
    assert "xtset" not in govdata.export(twice, tmp_path / "y.dta").with_suffix(".do").read_text(encoding="utf-8")
    assert "xtset" in govdata.export(panel(), tmp_path / "z.dta").with_suffix(".do").read_text(encoding="utf-8")


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_any_text_is_one_text_to_stata(text: str) -> None:
    assert [one[0] for one in parts(quoted(text))] == ["\0"]
    assert len(quoted(text).splitlines()) == 1 or not text.isprintable()


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("see /* this */ and x/*", "see / * this */ and x/ *"),
        ("one // two /// three", "one / / two / / / three"),
        ("http://example.org/a//b", "http://example.org/a//b"),
        (r"\$x and \\$y", r"/\$x and //\$y"),
        ("`x' \"quoted\"' $5", '‘x\' "quoted"’ \\$5'),
        ("سلام\n\tدنیا", "سلام دنیا"),
    ],
)
def test_nothing_in_a_text_is_a_comment_or_a_macro_to_stata(text: str, written: str) -> None:
    assert quoted(text) == f'`"{written}"\''


@given(st.text(st.sampled_from("/* \\$\"'`a"), max_size=12))
def test_what_begins_comments_and_macros_is_broken_up(text: str) -> None:
    inside = quoted(text)[2:-2]
    assert "/*" not in inside
    assert re.search(r"\s//", inside) is None
    assert re.search(r"\\\\\$|(?<!\\)\$", inside) is None


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=900))
def test_any_text_is_read_again_from_spss_syntax(text: str) -> None:
    written = literal(text)
    lines = written.split("\n")
    assert max(len(line.encode()) for line in lines) <= 251
    pieces = re.findall(r"'((?:[^']|'')*)'", written)
    assert "".join(pieces).replace("''", "'") == re.sub(r"[\s\x00-\x1f\x7f]+", " ", text).strip()


@pytest.mark.parametrize("name", DOCUMENTED)
def test_the_sps_file_is_as_spss_wants_it(tmp_path: Path, name: str) -> None:
    beside = govdata.export(FRAMES[name](), tmp_path / "x.sav").with_suffix(".sps").read_bytes()
    assert beside.startswith(b"\xef\xbb\xbf* Encoding: UTF-8.\n")
    assert max(map(len, beside.splitlines())) <= 251
    text = beside.decode("utf-8-sig")
    about = pyreadstat.read_sav(tmp_path / "x.sav", user_missing=True)[1]
    for column in re.findall(rf"^VARIABLE ATTRIBUTE VARIABLES=({NAME})$", text, re.MULTILINE):
        assert column in about.column_names
    declared = re.findall(r"^MISSING VALUES\n((?: .*\n)*?)    \((-\d+) THRU (-\d+)\)\.$", text, re.MULTILINE)
    found = {
        column: [{"lo": float(low), "hi": float(high)}] for names, low, high in declared for column in names.split()
    }
    assert found == about.missing_ranges


@pytest.mark.parametrize("name", DOCUMENTED)
@pytest.mark.skipif(shutil.which("pspp") is None, reason="PSPP is not here")
def test_pspp_runs_it(tmp_path: Path, name: str) -> None:
    path = govdata.export(FRAMES[name](), tmp_path / "x.sav")
    commands = tmp_path / "run.sps"
    beside = path.with_suffix(".sps").read_text(encoding="utf-8-sig")
    about = pyreadstat.read_sav(path, user_missing=True)[1]
    commands.write_text(beside + "\nSAVE OUTFILE='y.sav'.\nDISPLAY ATTRIBUTES.\n", encoding="utf-8-sig")
    done = subprocess.run(
        ["pspp", "--testing-mode", "-o", "out.csv", "run.sps"],
        cwd=tmp_path,
        check=False,
        capture_output=True,
        text=True,
    )
    shown = (tmp_path / "out.csv").read_text(encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr + shown[:2000]
    assert "run.sps:" not in done.stdout + done.stderr + shown  # how it begins an error or a warning
    back, again = pyreadstat.read_sav(tmp_path / "y.sav", user_missing=True)
    pd.testing.assert_frame_equal(back, pyreadstat.read_sav(path, user_missing=True)[0])
    assert again.column_names_to_labels == about.column_names_to_labels
    assert again.variable_value_labels == about.variable_value_labels
    assert again.missing_ranges == about.missing_ranges
    assert again.variable_measure == about.variable_measure
    if name == "panel":
        book = govdata.codebook("digital_surveillance", "cctv_public", version="1.0.0")
        for key in ("label_fa", "label_zh"):
            assert f",{key},{book.loc[0, key]}\n" in shown
        assert str(book.loc[0, "clarification"]).replace('"', '""') in shown


def test_notes_name_codes_and_reasons_as_they_are_in_the_data(tmp_path: Path) -> None:
    govdata.export(
        "digital_surveillance", tmp_path / "x.dta", version="1.0.0", countries="CHN", indicators="lead_agency"
    )
    text = (tmp_path / "x.do").read_text(encoding="utf-8")
    assert '`"code planning_ministry: planning or economic ministry"\'' in text
    assert '`"missing not_coded: ' in text
