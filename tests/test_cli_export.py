"""The command export: files for other programs, one line an error, nothing left behind."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result

import govdata
from govdata.cli import main

ONE = ["--version", "1.0.0", "--countries", "CHN,NAM", "--years", "2010:2012", "--indicators", "cctv_public"]


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["export", *words])


def test_it_writes_what_was_asked_for_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    done = run("digital_surveillance", str(path), *ONE)
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == f"{path}  {path.stat().st_size:,} bytes\n"
    frame = pd.read_csv(path, keep_default_na=False)
    assert list(frame["iso3"]) == ["CHN"] * 3 + ["NAM"] * 3
    assert "cctv_public_missing" in frame


def test_it_names_every_file_it_made_and_no_other(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("mine")
    script, table = tmp_path / "x.R", tmp_path / "x.csv"
    done = run("digital_surveillance", str(script), *ONE)
    assert [line.split("  ")[0] for line in done.stdout.splitlines()] == [str(script), str(table)]
    again = run("digital_surveillance", str(script), *ONE, "--overwrite")
    assert again.stdout == done.stdout
    assert sorted(tmp_path.iterdir()) == sorted([script, table, tmp_path / "x.txt"])


@pytest.mark.parametrize("form", ["csv", "csv.gz", "parquet", "dta", "sav", "xlsx", "R"])
def test_every_format_by_name(tmp_path: Path, form: str) -> None:
    done = run("digital_surveillance", str(tmp_path / "x"), *ONE, "--format", form)
    assert done.exit_code == 0, done.stderr
    assert done.stdout.startswith(f"{tmp_path / 'x'}.{form}  ")


def test_options_reach_export(tmp_path: Path) -> None:
    words = ["digital_surveillance", str(tmp_path / "x.parquet"), *ONE, "--language", "zh", "--missing", "nan"]
    assert run(*words).exit_code == 0
    frame = govdata.load("digital_surveillance", "1.0.0", ["CHN", "NAM"], [2010, 2011, 2012], ["cctv_public"])
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "x.parquet"), frame)


WRONG = [
    (["digital_surveilance", "x.csv"], "unknown dataset 'digital_surveilance'; did you mean 'digital_surveillance'?"),
    (["covariates", "x.xls"], "'x.xls' ends in none of .csv, .csv.gz, .parquet, .dta, .sav, .xlsx, .R"),
    (["covariates", "x"], "'x' ends in none of"),
    (["covariates", "x", "--format", "xslx"], "format='xslx' is not one of"),
    (["covariates", "x.csv", "--format", "xlsx"], "leave one out"),
    (["covariates", "none/x.csv"], "there is no folder"),
    (["covariates", "folder.csv"], "is a folder, not a file"),
    (["covariates", ".", "--format", "csv"], "'.' is a folder; name a file in it"),
    (["covariates", "link.csv"], "is a link, not a file"),
    (["covariates", "there.csv"], "is there already; pass --overwrite to replace it"),
    (["covariates", "x.csv", "--language", "de"], "language='de' is not one of en, fa, ar, zh"),
    (["covariates", "x.csv", "--missing", "na"], "missing='na' is not one of reason, nan; did you mean 'nan'?"),
    (["covariates", "x.csv", "--years", "1800"], "covariates has no year 1800"),
    (["covariates", "x.csv", "--years", "last"], "neither a year nor a span"),
    (["covariates", "x.csv", "--countries", "CHI"], "no country 'CHI'"),
    (["covariates", "x.csv", "--indicators", "gdp"], "no indicator 'gdp'"),
    (["covariates", "x.csv", "--countries", ""], "countries is empty"),
    (["covariates", "x.csv", "--version", "9.9.9"], "no version '9.9.9'"),
    (["covariates", "x.csv", "--countries", "SSD", "--years", "1990"], "nothing to write: 0 rows"),
    (["covariates", "x.dta", "--stata", "12"], "stata=12 is not 13, 14 or 15"),
    (["covariates", "x.csv", "--stata", "13"], "stata=13 is of .dta files"),
    (["covariates"], "Missing argument 'PATH'"),
]


@pytest.mark.parametrize(("words", "message"), WRONG, ids=[" ".join(words) for words, _ in WRONG])
def test_mistakes_are_answered_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("there.csv").write_text("mine")
    Path("folder.csv").mkdir()
    Path("link.csv").symlink_to("there.csv")
    before = sorted(tmp_path.rglob("*"))
    done = run(*words)
    assert done.exit_code == 2
    assert done.stdout == ""
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert sorted(tmp_path.rglob("*")) == before
    assert Path("there.csv").read_text() == "mine"


def test_the_help_is_short() -> None:
    done = run("--help")
    assert "Write a dataset to a file of Stata, SPSS, R, Excel or another program." in done.stdout
    assert len(done.stdout.splitlines()) < 26
