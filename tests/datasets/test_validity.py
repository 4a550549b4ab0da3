"""The published tables of validity are what the scripts give for the release, and say what the pages say."""

from __future__ import annotations

import csv
import importlib.util
import os
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest
from scipy import stats as scipy_stats

FOLDER = Path(__file__).parents[2] / "datasets" / "digital_surveillance" / "validity"
VERSION = "1.0.0"


def script(name: str) -> ModuleType:
    import sys

    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def published(name: str) -> list[dict[str, str]]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


VALIDITY = script("validity")


def test_every_line_that_needs_no_outside_file_is_computed_anew() -> None:
    lines, worst = VALIDITY.results(VERSION, None)
    kept = {pair.id for pair in VALIDITY.FOTN}
    assert lines == [row for row in published("validity") if row["pair"] not in kept]
    assert worst == [row for row in published("disagreements") if row["pair"] not in kept]


@pytest.mark.skipif("GOVDATA_FOTN" not in os.environ, reason="Freedom on the Net is not shipped; name its file")
def test_the_lines_of_freedom_on_the_net_are_computed_anew() -> None:
    lines, worst = VALIDITY.results(VERSION, Path(os.environ["GOVDATA_FOTN"]))
    assert lines == published("validity")
    assert worst == published("disagreements")


def test_no_value_of_freedom_on_the_net_is_in_the_tables() -> None:
    own = {pair.id for pair in VALIDITY.FOTN}
    rows = [row for row in published("disagreements") if row["pair"] in own]
    assert rows
    assert all(row["rank_gap"] == "" for row in rows)


def test_shutdowns_and_privacy_laws_agree_with_experts() -> None:
    found = {row["pair"]: row for row in published("validity")}
    for pair in ("shutdown", "shutdown_2021", "privacy_law"):
        assert found[pair]["as_expected"] == "yes"
        assert abs(float(found[pair]["rho"])) > 0.5
    assert found["ai_any"]["as_expected"] != "yes"  # the page says so


def test_the_correlation_is_that_of_scipy_and_its_interval_covers() -> None:
    generator = np.random.Generator(np.random.PCG64(7))
    hits = 0
    for _ in range(200):
        x = generator.normal(size=60)
        y = 0.6 * x + 0.8 * generator.normal(size=60)
        rho, low, high = VALIDITY.spearman(pd.Series(x), pd.Series(y))
        assert rho == pytest.approx(scipy_stats.spearmanr(x, y).statistic, abs=1e-12)
        hits += low <= 0.582 <= high  # Spearman's rho of a normal pair with r = 0.6
    assert hits >= 180


def test_the_search_for_an_index_is_computed_anew() -> None:
    composite = script("composite")
    assert composite.results(VERSION) == published("composite")


def test_no_index_passes_so_none_is_shipped() -> None:
    assert {row["passes"] for row in published("composite")} == {"no"}


def test_the_factor_finds_what_it_should_and_alpha_is_the_textbooks() -> None:
    composite = script("composite")
    generator = np.random.Generator(np.random.PCG64(3))
    factor = generator.normal(size=(800, 1))
    data = 0.8 * factor + 0.6 * generator.normal(size=(800, 6))
    ratio = 6 * 0.64 / 0.36
    assert composite.factor(data) == pytest.approx(ratio / (1 + ratio), abs=0.03)
    k, mean_r = 6, 0.64
    assert composite.alpha(data) == pytest.approx(k * mean_r / (1 + (k - 1) * mean_r), abs=0.03)
    holes = np.where(generator.random(data.shape) < 0.3, np.nan, data)
    assert composite.factor(holes) == pytest.approx(
        1 - np.mean([1 / (1 + m * 0.64 / 0.36) for m in (4, 4, 5)]), abs=0.05
    )


def test_the_released_reading_of_the_laws_is_computed_anew() -> None:
    readings = script("dp_readings")
    table = published("dp_readings")
    assert [row["reading"] for row in table] == ["as_listed", "as_suggested", "agreed_only", "released"]
    assert readings.released(VERSION) == table[-1]
