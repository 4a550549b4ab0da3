"""The codebook as a file: whole, valid, the same numbers as the data, in four languages, and safe to open."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

import govdata
from govdata.cli import main
from govdata.codebook_files import codebook_file, codebook_places, write_codebooks
from govdata.codebook_files.blocks import Heading, Listing, Paragraph, Table, Text, code, plain
from govdata.codebook_files.markdown import markdown
from govdata.codebook_files.webpage import webpage
from govdata.errors import ArgumentError, UnknownIndicatorError
from govdata.releases import dataset_names, open_release, versions
from govdata.vocabulary import LANGUAGES, MISSING_LABELS, RULES

# A fault found later in cells that are used here is no fault of what is tested here.
pytestmark = pytest.mark.filterwarnings("ignore::govdata.errors.ErratumWarning")

_VOID = {"meta", "br", "link", "img", "hr", "input"}
RELEASES = [(name, version) for name in dataset_names() for version in versions(name)]
# Every release in one language, by turns; a small one in all four.
BOOKS = {(*one, LANGUAGES[place % len(LANGUAGES)]) for place, one in enumerate(RELEASES)}
BOOKS |= {("covariates", versions("covariates")[-1], language) for language in LANGUAGES}


class Reader(HTMLParser):
    """Reads a page strictly: every element closed, every id once, every link with a target."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.targets: list[str] = []
        self.fetched: list[str] = []
        self.texts: dict[str, list[str]] = {}
        self.section = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = dict(attrs)
        assert not any(name.startswith("on") for name in held)
        if tag not in _VOID:
            self.open.append(tag)
        if "id" in held:
            self.ids.append(str(held["id"]))
            self.section = self.ids[-1]
        if str(held.get("href", "")).startswith("#"):
            self.targets.append(str(held["href"])[1:])
        self.fetched += [str(held[name]) for name in ("src", "srcset", "data", "action") if name in held]
        assert tag not in {"script", "link", "iframe", "object", "img"}

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.setdefault(self.section, []).append(" ".join(data.split()))


def read_table(text: str, *first: str) -> pd.DataFrame:
    """Find the first Markdown table whose head begins with these names."""
    lines = text.splitlines()
    start = next(place for place, line in enumerate(lines) if line.startswith(f"| {' | '.join(first)} |"))
    rows = []
    for line in lines[start:]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]])
    return pd.DataFrame(rows[2:], columns=rows[0])


@pytest.mark.parametrize(("name", "version", "language"), sorted(BOOKS))
def test_every_release_makes_a_book(name: str, version: str, language: str, tmp_path: Path) -> None:
    paths = [tmp_path / "book.html", tmp_path / "book.md"]
    write_codebooks(name, paths, version, language=language)
    release = open_release(name, version)
    text = paths[0].read_text(encoding="utf-8")
    assert len(text.encode()) < 1_500_000
    page = Reader(text)
    assert len(set(page.ids)) == len(page.ids)
    assert set(page.targets) <= set(page.ids)
    assert page.fetched == []
    assert {one.id for one in release.indicators} <= set(page.ids)
    direction = "rtl" if language in ("fa", "ar") else "ltr"
    assert f'<html lang="{language}" dir="{direction}">' in text
    plain_text = paths[1].read_text(encoding="utf-8")
    for one in release.indicators:
        assert one.labels.get(language, one.label) in " ".join(page.texts[one.id])
        assert f'<a id="{one.id}"></a>' in plain_text
    assert release.digest in text
    assert release.digest in plain_text
    assert not re.search(r"url\(|@import", text)


def test_the_numbers_are_those_of_the_data(tmp_path: Path) -> None:
    path = codebook_file("digital_surveillance", tmp_path / "a.md", "1.0.0", indicators="cctv_public")
    text = path.read_text(encoding="utf-8")
    frame = govdata.load("digital_surveillance", "1.0.0", indicators="cctv_public", missing="reason")
    counts = read_table(text, "Column", "Cells").set_index("Column")
    for column in ("cctv_public", "cctv_public_sub"):
        row = counts.loc[f"`{column}`"].str.replace(",", "")
        held = frame[frame[column].notna()]
        assert int(row["With a value"]) == len(held)
        assert int(row["Units with a value"]) == held["iso3"].nunique()
        assert row["Years with a value"] == f"`{held['year'].min()}–{held['year'].max()}`"
        for reason, number in frame.loc[frame[column].isna(), f"{column}_missing"].value_counts().items():
            assert int(row[str(reason).replace("_", r"\_")]) == number
    codes = read_table(text, "Code").set_index("Code")
    for number, many in frame["cctv_public"].value_counts().items():
        assert codes.loc[f"`{number:g}`", r"cctv\_public"].replace(",", "") == str(many)
    assert codes.loc["`1`", "Label"] == "some cities"


def test_it_says_how_to_cite_and_how_to_read(tmp_path: Path) -> None:
    by_rule = {one.rule: one.id for one in open_release("digital_surveillance", "1.0.0").indicators}
    chosen = sorted({*by_rule.values(), "cctv_public"})
    path = codebook_file("digital_surveillance", tmp_path / "a.md", "1.0.0", indicators=chosen)
    text = path.read_text(encoding="utf-8")
    cited = govdata.cite("digital_surveillance", "1.0.0").split(" Licence")[0]
    assert cited.replace("_", r"\_") in text
    missing = read_table(text, "Reason")
    assert list(missing["Reason"]) == [f"`{reason}`" for reason in MISSING_LABELS]
    assert list(missing["Stata"]) == ["`.a`", "`.b`", "`.c`", "`.d`"]
    assert list(missing["SPSS"]) == ["`-99`", "`-98`", "`-97`", "`-96`"]
    assert set(read_table(text, "Status")["Status"]) <= {
        f"`{name}`" for name in ("corroborated", "single_source", "contested", "interval", "plan_only", "not_found")
    } | {"`adjudicated`"}
    assert "Agreement of two coders" in text
    for rule in filter(None, by_rule):
        assert f"- **Rule:** `{rule}`: " in text


def test_every_rule_and_status_has_words() -> None:
    from govdata.codebook_files import words

    assert set(words.RULES) == {"", *RULES}
    rows = govdata.table("digital_surveillance", "values", "1.0.0")
    assert set(rows["status"]) <= set(words.STATUSES)


def test_codes_stand_in_the_language_and_in_english(tmp_path: Path) -> None:
    path = codebook_file("digital_surveillance", tmp_path / "a.html", "1.0.0", language="fa", indicators="cctv_public")
    text = path.read_text(encoding="utf-8")
    assert "برخی شهرها" in text
    assert '<td lang="en" dir="ltr">some cities</td>' in text
    assert '<span lang="zh" dir="ltr">公共场所视频监控</span>' in text
    assert '<p class="question" lang="en" dir="ltr">' in text


def test_known_faults_stand_in_the_version_that_has_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fault = {
        "number": "7",
        "first_version": "0.2.0",
        "last_version": "0.2.0",
        "indicator": "cctv_public",
        "scope": "national",
        "countries": "CHN",
        "first_year": "2016",
        "last_year": "2018",
        "fault": "a <wrong> | value",
        "remedy": "use 1.0.0",
        "reported_on": "2026-11-23",
    }
    monkeypatch.setattr("govdata.codebook_files.front.standing", lambda *_: [fault])
    text = codebook_file("digital_surveillance", tmp_path / "a.md", "0.2.0", indicators="cctv_public").read_text(
        encoding="utf-8"
    )
    assert r"| `7` | `cctv_public` | `CHN` | 2016–2018 | a \<wrong\> \| value | use 1.0.0 |" in text
    page = codebook_file("digital_surveillance", tmp_path / "a.html", "0.2.0", indicators="cctv_public").read_text(
        encoding="utf-8"
    )
    assert "a &lt;wrong&gt; | value" in page
    for version in ("0.1.0", "1.0.0"):
        other = codebook_file("digital_surveillance", tmp_path / f"{version}.md", version, indicators="cctv_public")
        assert "wrong" not in other.read_text(encoding="utf-8").split("## Contents")[0]


def test_imported_series_list_their_sources(tmp_path: Path) -> None:
    text = codebook_file("expert_scores", tmp_path / "a.md", "1.0.0").read_text(encoding="utf-8")
    listed = text.split("## Sources")[1].strip().split("\n\n")
    assert len(listed) == len(open_release("expert_scores", "1.0.0").rows("sources.csv"))
    assert listed == sorted(listed, key=str.casefold)
    assert "<https://doi.org/10.23696/vdemds25>" in text


def test_no_text_is_markup() -> None:
    evil = '</style><script>alert("1")</script> & \\" | `x` *y* [z](javascript:1) #h'
    blocks = [
        Heading(1, plain(evil), "a"),
        Paragraph(plain(evil, "en"), "question"),
        Paragraph((Text(evil, is_code=True, anchor="a"),)),
        Listing([(evil, code(evil))]),
        Table([evil, "n"], [[plain(evil), plain("1")]], frozenset({1})),
    ]
    for language in LANGUAGES:
        page = Reader(webpage(evil, blocks, language))
        assert page.ids == ["a"]
        assert "script" not in page.open
    text = markdown(blocks)
    lines = text.splitlines()
    escaped = [line for line in lines if line.startswith(("# ", "> ", "| \\<"))]
    assert len(escaped) == 4  # the title, the paragraph, head and row of the table
    for line in escaped:
        inner = line.removeprefix("# ").removeprefix("> ").strip("| ")
        assert not re.search(r"(?<!\\)[<>*_`#]|(?<!\\)\]\(", inner.replace(" | n", "").replace(" | 1", "")), line
    assert next(line for line in lines if line.startswith("[")).startswith("[``<")
    row = lines[-1]
    assert len(re.split(r"(?<!\\)\|", row)) == 4


def test_the_same_release_gives_the_same_bytes(tmp_path: Path) -> None:
    one = codebook_file("covariates", tmp_path / "a.html", "1.0.0").read_bytes()
    assert one == codebook_file("covariates", tmp_path / "b.html", "1.0.0").read_bytes()
    assert b"\r" not in one


def test_files_are_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.html"
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(ArgumentError, match="is there already"):
        codebook_file("covariates", path, "1.0.0")

    def fails(*_: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("govdata.codebook_files.markdown.markdown", fails)
    with pytest.raises(OSError, match="No space"):
        write_codebooks("covariates", [path, tmp_path / "a.md"], "1.0.0", overwrite=True)
    assert path.read_text(encoding="utf-8") == "mine"
    assert [one.name for one in tmp_path.iterdir()] == ["a.html"]
    assert codebook_file("covariates", path, "1.0.0", overwrite=True) == path
    assert path.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_refusals(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match=r"ends in none of \.html, \.md"):
        codebook_file("covariates", tmp_path / "a")
    with pytest.raises(ArgumentError, match=r"print the \.html from a browser"):
        codebook_file("covariates", tmp_path / "a.pdf")
    with pytest.raises(ArgumentError, match="no codebook in 'de'") as caught:
        codebook_file("covariates", tmp_path / "a.md", language="de")
    known = str(caught.value).split("known: ")[1].strip(")").split(", ")
    assert [one.split()[0] for one in known] == list(LANGUAGES)
    with pytest.raises(UnknownIndicatorError, match="did you mean 'population'"):
        codebook_file("covariates", tmp_path / "a.md", indicators=["populaton"])
    with pytest.raises(ArgumentError, match="indicators is empty"):
        codebook_file("covariates", tmp_path / "a.md", indicators=[])
    with pytest.raises(ArgumentError, match="there is no folder"):
        codebook_file("covariates", tmp_path / "none" / "a.md")
    with pytest.raises(ArgumentError, match=r"print the \.html from a browser"):
        codebook_places("a.pdf")
    for folder in ("", ".", "..", tmp_path):
        with pytest.raises(ArgumentError, match="is a folder; name a file in it"):
            codebook_places(folder)
    assert list(tmp_path.iterdir()) == []


def test_one_command_writes_both(tmp_path: Path) -> None:
    def run(*words: str) -> tuple[int, str, str]:
        result = CliRunner().invoke(main, ["codebook", "covariates", "--version", "1.0.0", *words])
        return result.exit_code, result.stdout, result.stderr

    book = tmp_path / "covariates_1.0.0"
    assert run("--out", str(book)) == (0, f"{book}.html\n{book}.md\n", "")
    assert Path(f"{book}.md").read_bytes() == codebook_file("covariates", tmp_path / "x.md", "1.0.0").read_bytes()
    status, shown, said = run("--out", str(book))
    assert (status, shown) == (2, "")
    assert said.count("\n") == 1
    assert "pass --overwrite" in said
    assert run("--out", ".")[0] == 2
    assert "goes to the screen" in run("--out", f"{book}.md", "--overwrite", "--format", "json")[2]
    shouted = tmp_path / "BOOK.HTML"
    assert run("population,urban_share", "--out", str(shouted))[:2] == (0, f"{shouted}\n")
    page = shouted.read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert [one for one in ("population", "urban_share", "internet_users") if f'id="{one}"' in page] == [
        "population",
        "urban_share",
    ]
    assert run("--out", f"{book}.md", "--overwrite", "--language", "ar")[0] == 0
    assert "دليل الترميز" in Path(f"{book}.md").read_text(encoding="utf-8")
    one = run("population", "--out", str(tmp_path / "one.md"))
    assert one[0] == 0
    assert "gdp_pc_ppp" not in (tmp_path / "one.md").read_text(encoding="utf-8")
    assert run("--language", "fa")[0] == 2
    assert "population" in run()[1]
