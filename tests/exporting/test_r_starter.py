"""The R starter: what R saw in exported scripts is what the frames hold.

`tests/reference/rstarter` holds scripts with their CSV files, and what R, with haven, saw in them.
"""

from __future__ import annotations

import json
import math
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import govdata
from govdata.errors import ArgumentError
from govdata.exporting.outline import outline
from govdata.exporting.r_text import string

REFERENCE = Path(__file__).parent.parent / "reference" / "rstarter"
LANGUAGES = {"coded": "fa", "scores": "en", "odd": "en"}
LETTERS = {1: "a", 2: "b", 3: "c", 4: "d"}


def coded() -> pd.DataFrame:
    names = ["cctv_public", "shutdown_events", "sim_realname"]
    return govdata.load("digital_surveillance", "1.0.0", ["CHN", "NAM", "SWE"], [2000, 2010, 2018], names)


def scores() -> pd.DataFrame:
    names = ["v2smgovdom", "v2x_libdem", "regime_row"]
    frame = govdata.load("expert_scores", "1.0.0", None, range(1998, 2019, 5), names)
    return frame[frame["iso3"].isin(["CHN", "DEU", "MCO", "SWE", "XKX"]) | (frame["v2smgovdom_sd"].isna())][:60]


def odd() -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "n": [0.1, -0.5, 1e-300, np.nan, 1.7976931348623157e308],
            "w": pd.array([1, None, -3, 5, 2**31 - 1], dtype="Int64"),
            "big": [2**53, 0, 1, 2, 3],
            "b": pd.array([True, None, False, True, False], dtype="boolean"),
            "d": pd.to_datetime(["1789-07-14", None, "2020-02-29", "2020-01-01", "2020-01-01"]),
            "m": pd.to_datetime(["2020-01-01 12:30:00.250", None, *["2021-06-30 23:59:59"] * 3], format="mixed"),
            "c": pd.Categorical(["low", None, "high", "low", "=low"], ["=low", "low", "high"], ordered=True),
            "u": pd.Categorical(["b", "a", None, "b", "a"], ["b", "a"]),
            "=text": ["=1+1", "'=1+1", "NA", None, 'a "b" \\ c\n%s'],
            "نام 名": ["فارسی", "中文 🎥", "it's", "-5", "TRUE"],
            "if": [1.0, 2.0, np.nan, 1.0, 2.0],
        }
    )
    frame.attrs["labels"] = {"n": 'a "label" \\ 中文 🎥', "if": "reserved"}
    frame.attrs["value_labels"] = {"if": {1: "one", 2: 'two "2" 二'}, "w": {1: "same", 5: "same"}}
    return frame


FRAMES = {"coded": coded, "scores": scores, "odd": odd}


def seen(name: str) -> dict[str, Any]:
    return json.loads((REFERENCE / f"{name}.json").read_text(encoding="utf-8"))


def export(name: str, folder: Path) -> Path:
    return govdata.export(FRAMES[name](), folder / f"{name}.R", language=LANGUAGES[name])


@pytest.mark.parametrize("name", FRAMES)
def test_the_files_are_those_that_r_read(tmp_path: Path, name: str) -> None:
    script = export(name, tmp_path)
    assert (tmp_path / f"{name}.csv").read_bytes() == (REFERENCE / f"{name}.csv").read_bytes()
    texts = [path.read_text(encoding="ascii") for path in (script, REFERENCE / script.name)]
    # How a release is cited may be worded anew; the script carries it as a text.
    one, other = (re.sub(r'attr\(panel, "citation"\) <- c\((.|\n)*?\)\n', "", text) for text in texts)
    assert one == other


def value(cell: Any, kind: str) -> str | float | None:  # noqa: ANN401 - a cell of any kind
    if cell is None or cell is pd.NA or cell is pd.NaT or cell != cell:  # noqa: PLR0124 - NaN
        return None
    if kind in ("numeric", "integer"):
        return float(cell)
    if kind == "logical":
        return "TRUE" if cell else "FALSE"
    if kind == "Date":
        return str(cell.date())
    if kind == "POSIXct":
        return f"{cell:%Y-%m-%d %H:%M:%S}.{cell.microsecond // 1000:03d}"
    return cell or None


@pytest.mark.parametrize("name", FRAMES)
def test_r_saw_every_value_label_and_reason(name: str) -> None:
    meant = outline(FRAMES[name](), LANGUAGES[name], reasons=True, folded=False)
    found = seen(name)
    assert found["dim"] == [meant.rows, len(meant.columns)]
    assert [one["name"] for one in found["columns"]] == [one.name for one in meant.columns]
    tagged = set()
    for column, one in zip(meant.columns, found["columns"], strict=True):
        kind = one["class"]
        cells = [value(cell, kind) for cell in column.cells.astype("object")]
        theirs = one["values"]
        if kind in ("numeric", "integer"):
            theirs = [None if text is None else float(text) for text in theirs]
            # R's own reader of decimal numbers may be off in the last bit.
            assert all(a == b or math.isclose(a, b, rel_tol=2**-52) for a, b in zip(cells, theirs, strict=True)), (
                column.name
            )
        else:
            assert theirs == cells, column.name
        assert one["label"] == ([column.label] if column.label else None)
        told = one["labels"] or {"names": [], "values": []}
        assert [(float(code), text) for code, text in zip(told["values"], told["names"], strict=True)] == list(
            column.codes.items()
        )
        if column.reasons is not None and column.is_number:
            tags = [LETTERS.get(int(number)) for number in column.reasons]
            assert one["tags"] == tags, column.name
            tagged |= set(tags)
        if column.reasons is not None and column.is_number and column.reasons.any():
            words = meant.reasons_of(column, meant.language)
            assert dict(zip(one["reasons"]["names"], one["reasons"]["values"], strict=True)) == dict(
                zip("abcd", words.values(), strict=True)
            )
    assert tagged >= {"coded": {"a", "d", None}, "scores": {"a", "d", None}, "odd": set()}[name]


def test_factors_have_the_labels_of_their_codes() -> None:
    (one,) = (one for one in seen("coded")["columns"] if one["name"] == "sim_realname")
    names = dict(zip(one["labels"]["values"], one["labels"]["names"], strict=True))
    assert one["factor"] == [None if text is None else names[text] for text in one["values"]]
    assert one["factor_levels"] == one["labels"]["names"]
    odd_columns = {one["name"]: one for one in seen("odd")["columns"]}
    assert odd_columns["if"]["factor"] == ["one", 'two "2" 二', None, "one", 'two "2" 二']
    assert odd_columns["w"]["factor"] is None  # not every value is a code
    assert (odd_columns["c"]["levels"], odd_columns["c"]["ordered"]) == (["=low", "low", "high"], [True])
    assert (odd_columns["u"]["levels"], odd_columns["u"]["ordered"]) == (["b", "a"], [False])


def test_haven_shows_codes_and_reasons_by_their_labels() -> None:
    frame, found = scores(), seen("scores")
    (one,) = (one for one in found["columns"] if one["name"] == "regime_row")
    reasons = {"a": "the source has no value", "d": "the source does not cover this year"}
    names = dict(zip(one["labels"]["values"], one["labels"]["names"], strict=True))
    shown = [names[text] if text else reasons[tag] for text, tag in zip(one["values"], one["tags"], strict=True)]
    assert one["shown"] == shown
    assert len(frame) == len(shown)


def test_the_script_is_ascii_and_names_the_release(tmp_path: Path) -> None:
    text = export("coded", tmp_path).read_bytes().decode("ascii")
    frame = coded()
    assert text.splitlines()[0] == "# digital_surveillance 1.0.0, written by govdata for R."
    assert f'attr(panel, "sha256") <- c("{frame.attrs["sha256"]}")' in text
    assert "plm::pdata.frame(panel" in text
    assert "fixest::feols(" in text
    assert "plm::" not in export("odd", tmp_path).read_text(encoding="ascii")


def test_strings_are_what_r_reads() -> None:
    assert string('a"b\\c\n\té') == r'"a\"b\\c\n\t\u00e9"'
    assert string("🎥") == r'"\U0001f3a5"'


def test_both_files_or_none(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("mine")
    with pytest.raises(ArgumentError, match=r"x\.csv' is there already"):
        govdata.export(odd(), tmp_path / "x.R")
    assert [path.name for path in tmp_path.iterdir()] == ["x.csv"]
    with pytest.raises(ArgumentError, match=r"beyond 2\*\*53"):
        govdata.export(pd.DataFrame({"x": [2**53 + 1]}), tmp_path / "y.R")
    assert [path.name for path in tmp_path.iterdir()] == ["x.csv"]
    assert (tmp_path / "x.csv").read_text() == "mine"


def _has(package: str) -> bool:
    if shutil.which("Rscript") is None:
        return False
    words = ["Rscript", "-e", f"quit(status = !requireNamespace('{package}', quietly = TRUE))"]
    return subprocess.run(words, check=False, capture_output=True).returncode == 0


@pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
@pytest.mark.parametrize("name", FRAMES)
def test_r_sees_the_same_here(tmp_path: Path, name: str, locale: str) -> None:
    if not (_has("haven") and _has("jsonlite")):
        pytest.skip("needs R with haven and jsonlite")
    folder = tmp_path / "a folder"
    folder.mkdir()
    export(name, folder)
    words = ["Rscript", str(REFERENCE / "look.R"), f"a folder/{name}.R", "seen.json"]
    done = subprocess.run(words, check=False, cwd=tmp_path, env={**os.environ, "LC_ALL": locale}, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    assert json.loads((tmp_path / "seen.json").read_text(encoding="utf-8")) == seen(name)


def test_a_script_runs_alone_from_anywhere(tmp_path: Path) -> None:
    if shutil.which("Rscript") is None:
        pytest.skip("needs R")
    folder = tmp_path / "a folder"
    folder.mkdir()
    path = export("coded", folder)
    done = subprocess.run(["Rscript", str(path)], check=True, cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout == f"panel: 9 rows, {seen('coded')['dim'][1]} columns of digital_surveillance 1.0.0\n"
    assert done.stderr == ""
    (folder / "coded.csv").unlink()
    done = subprocess.run(["Rscript", str(path)], check=False, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1
    assert "there is no coded.csv beside this script" in done.stderr
