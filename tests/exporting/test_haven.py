"""Files as R's haven reads them: the values it printed are committed beside the script that printed them."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyreadstat
import pytest
from small_frames import FRAMES

import govdata

HAVEN = Path(__file__).parents[1] / "reference" / "haven"
CASES = [(name, form) for name in FRAMES for form in ("dta", "sav")]


def told(path: Path) -> dict[str, Any]:
    """What pyreadstat finds, in the words of read.R."""
    is_stata = path.suffix == ".dta"
    read = pyreadstat.read_dta if is_stata else pyreadstat.read_sav
    found, about = read(path, user_missing=True, output_format="dict")
    columns = {}
    for name, cells in found.items():
        labels = about.variable_value_labels.get(name, {})
        ranges = [] if is_stata else about.missing_ranges.get(name, [])
        is_text = about.readstat_variable_types[name] == "string"
        columns[name] = {
            "label": about.column_names_to_labels[name] or "",
            "class": "text" if is_text else "number",
            "codes": sorted(one if isinstance(one, str) else float(one) for one in labels) if not is_stata else [],
            "texts": dict(labels),
            "missing": [float(end) for one in ranges for end in (one["lo"], one["hi"])],
            "cells": [
                (one or "") if is_text else "." if one is None or one != one else one  # noqa: PLR0124 - NaN
                for one in cells
            ],
        }
    return columns


def as_number(text: str) -> str | float:
    return text if text in (".", "a", "b", "c", "d") else float(text)


@pytest.mark.parametrize(("name", "form"), CASES)
def test_haven_and_pyreadstat_find_the_same(tmp_path: Path, name: str, form: str) -> None:
    path = govdata.export(FRAMES[name](), tmp_path / f"{name}.{form}")
    wanted = json.loads((HAVEN / f"{name}_{form}.json").read_text(encoding="utf-8"))
    found = told(path)
    assert list(found) == list(wanted["columns"])
    for column, cells in wanted["columns"].items():
        ours = found[column]
        assert ours["label"] == cells["label"], column
        assert ours["class"] == cells["class"], column
        assert ours["texts"] == dict(zip(map(as_number, cells["codes"]), cells["texts"], strict=True)), column
        assert ours["missing"] == [float(one) for one in cells["missing"]], column
        if cells["class"] == "text":  # haven does without blanks at the end
            assert [one.rstrip(" ") for one in ours["cells"]] == [one.rstrip(" ") for one in cells["cells"]], column
        else:
            assert ours["cells"] == [as_number(one) for one in cells["cells"]], column


@pytest.mark.parametrize("name", FRAMES)
def test_pandas_finds_the_values_of_the_frame(tmp_path: Path, name: str) -> None:
    frame = FRAMES[name]()
    back = pd.read_stata(govdata.export(frame, tmp_path / "x.dta"), convert_categoricals=False)
    for column in frame.columns:
        if (
            isinstance(frame[column].dtype, pd.CategoricalDtype)
            and frame[column].dtype.categories.dtype.kind not in "if"
        ):
            codes = frame[column].cat.codes.to_numpy()
            np.testing.assert_array_equal(back[column], np.where(codes < 0, np.nan, codes + 1))
        elif back[column].dtype.kind == "f":
            np.testing.assert_array_equal(back[column], frame[column].to_numpy(dtype=float, na_value=np.nan))
        else:
            assert back[column].tolist() == frame[column].fillna("").tolist()


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not here")
def test_haven_still_prints_what_is_committed(tmp_path: Path) -> None:
    command: list[str | Path] = ["Rscript", HAVEN / "read.R"]
    for name, form in CASES:
        path = govdata.export(FRAMES[name](), tmp_path / f"{name}.{form}")
        command += [path, tmp_path / f"{name}_{form}.json"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if "there is no package" in done.stderr:
        pytest.skip("haven or jsonlite is not here")
    assert done.returncode == 0, done.stderr
    for name, form in CASES:
        file = f"{name}_{form}.json"
        assert (tmp_path / file).read_bytes() == (HAVEN / file).read_bytes()
