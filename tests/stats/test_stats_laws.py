"""What must hold for every panel."""

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import govdata.stats
from govdata import stats
from govdata.errors import EstimationError

PACKAGE = Path(govdata.stats.__file__).parent.parent
FORMULA = "y ~ x + lag(z, 1) + C(bloc):x | iso3 + year"
OPTIONS: list[dict[str, Any]] = [
    {},
    {"se": "iid"},
    {"se": "HC1"},
    {"cluster": ["iso3", "year"]},
    {"cluster": "region", "se": "CR0"},
    {"se": "HC3"},
    {"se": "CR2"},
    {"se": "CV3", "cluster": "region"},
    {"se": "DK", "lags": 2},
    {"se": "PCSE", "pairwise": True},
    {"se": "wild", "reps": 199, "seed": 3},
]
few = settings(max_examples=25, deadline=None)


def panel(seed: int) -> pd.DataFrame:
    """Make an unbalanced panel with gaps, missing values and whole numbers as keys."""
    rng = np.random.default_rng(seed)
    units, years = int(rng.integers(12, 25)), int(rng.integers(7, 14))
    keys = [(unit, 1995 + year) for unit in range(units) for year in range(years) if rng.random() < 0.85]
    data = pd.DataFrame(keys, columns=["iso3", "year"])
    n = len(data)
    data["region"], data["bloc"] = data["iso3"] % 7, data["iso3"] % 2
    data["x"] = rng.normal(size=n) * 10.0 ** rng.integers(-3, 4) + rng.normal() * 100
    data["z"] = rng.normal(size=n) + 0.1 * data["iso3"]
    data["y"] = data["z"] + rng.normal(size=n) + 0.3 * data["iso3"]
    data.loc[rng.random(n) < 0.03, "z"] = np.nan
    data.loc[rng.random(n) < 0.03, "y"] = np.nan
    return data


def digits(model: stats.PanelResults) -> list[list[str]]:
    arrays = [model.params, model.bse, model.pvalues, model.conf_int().to_numpy().ravel()]
    arrays.append(np.array([model.rsquared, model.rss]))
    return [[float(value).hex() for value in array] for array in arrays]


def outcome(data: pd.DataFrame, options: dict[str, Any]) -> object:
    """Fit; a small panel can have a negative two-way variance, which must then be refused in every form of it."""
    try:
        return digits(stats.ols(FORMULA, data, **options))
    except EstimationError as error:
        assert re.search("variance is (negative|not positive)|share no year|fitted exactly", str(error))  # noqa: PT017
        return str(error)


seeds = st.integers(0, 10_000)


@few
@given(seeds, st.sampled_from(OPTIONS))
def test_row_order_changes_no_digit(seed: int, options: dict[str, Any]) -> None:
    data = panel(seed)
    shuffled = data.sample(frac=1, random_state=seed)
    assert outcome(data, options) == outcome(shuffled, options)


@few
@given(seeds)
def test_row_order_leaves_rows_with_their_residuals(seed: int) -> None:
    data = panel(seed)
    shuffled = data.sample(frac=1, random_state=seed)
    one, two = stats.ols(FORMULA, data), stats.ols(FORMULA, shuffled)
    assert one.note() == two.note()
    pd.testing.assert_series_equal(two.resid.sort_index(), one.resid, check_exact=True)
    assert two.sample.sort_index().equals(one.sample)


@few
@given(seeds)
def test_row_order_changes_no_digit_without_keys(seed: int) -> None:
    data = panel(seed).assign(x=lambda d: (d["z"] ** 2).round(1), y=lambda d: d["y"].round(1))
    shuffled = data.sample(frac=1, random_state=seed)
    for formula, options in (("y ~ x + z | region", {"cluster": "iso3"}), ("y ~ x + z", {"se": "HC1"})):
        one = stats.ols(formula, data, panel=False, **options)  # type: ignore[arg-type]
        two = stats.ols(formula, shuffled, panel=False, **options)  # type: ignore[arg-type]
        assert digits(one) == digits(two)


@few
@given(
    seeds, st.sampled_from(["str", "object", "float64", "Int64", "category", "text category"]), st.sampled_from(OPTIONS)
)
def test_type_of_the_keys_changes_no_digit(seed: int, kind: str, options: dict[str, Any]) -> None:
    data = panel(seed)
    other = data.copy()
    for key in ("iso3", "year", "region", "bloc"):
        texts = data[key].astype("str")
        made = {"text category": texts.astype("category"), "object": texts.astype(object)}
        other[key] = made.get(kind, data[key].astype(kind) if kind != "text category" else None)
    assert outcome(data, options) == outcome(other, options)
    assert stats.ols(FORMULA, data).terms == stats.ols(FORMULA, other).terms


@few
@given(seeds, st.integers(-20, 20))
def test_rescaling_a_regressor_rescales_its_coefficient(seed: int, power: int) -> None:
    data = panel(seed)
    one = stats.ols("y ~ x + z | iso3 + year", data)
    two = stats.ols("y ~ x + z | iso3 + year", data.assign(x=data["x"] * 2.0**power))
    assert (two.params * [2.0**power, 1]).tolist() == one.params.tolist()
    three = stats.ols("y ~ x + z | iso3 + year", data.assign(x=data["x"] * 1.7))
    np.testing.assert_allclose(three.params * [1.7, 1], one.params, rtol=1e-8)
    np.testing.assert_allclose(three.tstats, one.tstats, rtol=1e-8)


@few
@given(seeds, st.floats(-1e4, 1e4))
def test_what_effects_absorb_changes_nothing(seed: int, constant: float) -> None:
    data = panel(seed)
    moved = data.assign(y=data["y"] + constant + 3.0 * data["year"], z=data["z"] + 0.5 * data["iso3"])
    one, two = (stats.ols("y ~ x + z | iso3 + year", frame) for frame in (data, moved))
    np.testing.assert_allclose(two.params, one.params, rtol=1e-6, atol=1e-9 * one.bse.to_numpy().max())
    np.testing.assert_allclose(two.bse, one.bse, rtol=1e-6)


@few
@given(seeds)
def test_writing_every_row_twice(seed: int) -> None:
    data = panel(seed)
    one = stats.ols("y ~ x + z | iso3", data, panel=False, se="HC0")
    two = stats.ols("y ~ x + z | iso3", pd.concat([data, data]), panel=False, se="HC0")
    np.testing.assert_allclose(two.params, one.params, rtol=1e-9)
    np.testing.assert_allclose(two.bse, one.bse / np.sqrt(2), rtol=1e-9)
    assert two.nobs == 2 * one.nobs
    clustered = {"se": "CR0", "cluster": "iso3"}
    np.testing.assert_allclose(two.with_se(**clustered).bse, one.with_se(**clustered).bse, rtol=1e-9)  # type: ignore[arg-type]


@few
@given(seeds)
def test_residuals_are_orthogonal(seed: int) -> None:
    data = panel(seed)
    model = stats.ols("y ~ x + z | iso3 + year", data)
    used = data[model.sample].assign(e=model.resid)
    size = np.abs(used["e"]).sum()
    assert np.abs(used.groupby("iso3")["e"].sum()).max() < 1e-10 * size
    assert np.abs(used.groupby("year")["e"].sum()).max() < 1e-10 * size
    for name in ("x", "z"):
        assert abs((used["e"] * used[name]).sum()) < 1e-10 * size * np.abs(used[name]).max()


@few
@given(seeds)
def test_dropped_and_used_rows_add_up(seed: int) -> None:
    data = panel(seed)
    model = stats.ols(FORMULA, data)
    assert model.nobs + len(model.dropped) == len(data)
    assert set(model.dropped.index) == set(data.index[~model.sample])


PROGRAM = """
import json, sys
sys.path.insert(0, {tests!r})
from test_stats_laws import OPTIONS, outcome, panel
print(json.dumps([outcome(panel(seed).astype({{"iso3": "str"}}), options) for seed in (7, 8) for options in OPTIONS]))
"""


def test_hash_seed_changes_no_digit() -> None:
    program = PROGRAM.format(tests=str(Path(__file__).parent))
    found = []
    for seed in ("0", "1", "4242"):
        environment = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(PACKAGE.parent)}
        done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, check=True)
        found.append(json.loads(done.stdout))
    assert found[0] == found[1] == found[2]
    assert len(found[0]) == 2 * len(OPTIONS)


def test_imports_point_one_way() -> None:
    loaded = ("govdata.catalog", "govdata.cellstates", "govdata.profiles", "govdata.releases", "govdata.statements")
    allowed = {
        "stats": ("govdata.errors", "govdata.drawing", "govdata.stats"),
        "report": ("govdata.errors", "govdata.stats", "govdata.report", "govdata.textio", *loaded),
    }
    for folder, prefixes in allowed.items():
        for path in sorted((PACKAGE / folder).glob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
                names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                for name in names:
                    assert not name.startswith("govdata") or name.startswith(prefixes), f"{path.name} imports {name}"


@pytest.mark.parametrize(
    "module", ["matplotlib", "statsmodels", "pandera", "joblib", "tqdm", "duckdb", "govdata.report"]
)
def test_statistics_do_not_bring_in(module: str) -> None:
    program = f"import sys, govdata.stats; sys.exit({module!r} in sys.modules)"
    environment = os.environ | {"PYTHONPATH": str(PACKAGE.parent)}
    subprocess.run([sys.executable, "-c", program], env=environment, check=True)
