"""Sums of products by DuckDB equal the model fitted in memory."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govdata import stats
from govdata.errors import EstimationError, FormulaError, PanelError

duckdb = pytest.importorskip("duckdb")
NIST = Path(__file__).parent.parent / "reference" / "nist"
REFERENCE = Path(__file__).parent.parent / "reference"


def panel(seed: int = 0, units: int = 24, years: int = 9) -> pd.DataFrame:
    """An unbalanced panel with gaps, far-off means and missing values."""
    rng = np.random.default_rng(seed)
    data = pd.DataFrame(
        {
            "iso3": np.repeat([f"U{g:02d}" for g in range(units)], years),
            "year": np.tile(np.arange(2000, 2000 + years), units),
        }
    )
    data = data[rng.random(len(data)) > 0.15].reset_index(drop=True)
    n = len(data)
    number = data["iso3"].str[1:].astype(int)
    data["region"] = number.map(lambda g: f"r{g % 5}")
    data["x1"] = rng.normal(size=n) * 3 + 1000 + 10 * number
    data["x2"] = rng.normal(size=n) + 0.3 * data["x1"]
    data["z"] = np.exp(rng.normal(size=n))
    data["c"] = rng.integers(0, 3, n)
    data["y"] = data["x1"] - 2 * data["x2"] + np.log(data["z"]) + rng.normal(size=n) + 0.1 * data["year"]
    data.loc[rng.random(n) < 0.05, "x2"] = np.nan
    return data


def agree(data: pd.DataFrame, formula: str, source: object = None, **options: Any) -> Any:  # noqa: ANN401
    found = stats.CrossProducts.from_duckdb(data if source is None else source, formula, **options)
    options.pop("connection", None)
    cluster = {"cluster": options.pop("cluster", "iso3")}
    for se in ("CRV1", "CR1", "CR0", "iid"):
        wanted = stats.ols(formula, data, se=se, **({} if se == "iid" else cluster), **options)
        fitted = found.fit(se=se)
        assert list(fitted.params.index) == list(wanted.params.index)
        # Of a coefficient much smaller than its standard error, no method gives ten digits of its own.
        size = np.maximum(wanted.params.abs(), wanted.bse)
        assert ((fitted.params - wanted.params).abs() <= 1e-10 * size).all()
        np.testing.assert_allclose(fitted.bse, wanted.bse, rtol=1e-10)
        if se != "iid":
            assert fitted.note() == wanted.note()
    assert found.left_out() == wanted.left_out()
    return found


@pytest.mark.parametrize(
    ("formula", "options"),
    [
        ("y ~ x1 + x2 | iso3", {}),
        ("y ~ x1 + x2 | iso3 + year", {}),
        ("y ~ x1 + log(z) + lag(x2)", {}),
        ("y ~ x1*log(z) + C(c) | iso3 + year", {}),
        ("y ~ diff(x1) + lead(z, 2) - 1", {}),
        ("y ~ x1 + x2 | iso3 + year", {"cluster": "region"}),
        ("y ~ x1 + x2 | iso3 + year", {"cluster": "year"}),
        ("y ~ x1 + x2 | year", {}),
        ("y ~ x1:C(region) | region + year", {}),
        ("y ~ C(region):x1 + C(region) - 1", {}),
        ("diff(y) ~ lag(diff(x1)) | year", {}),
        ("y ~ x1 + z", {"cluster": "region", "panel": False}),
    ],
)
def test_same_as_in_memory(formula: str, options: dict[str, Any]) -> None:
    agree(panel(), formula, **options)


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(["", " | iso3", " | iso3 + year", " | year"]), st.booleans())
def test_same_for_any_panel(seed: int, effects: str, shifted: bool) -> None:
    agree(panel(seed, 14, 6), f"y ~ x1 + x2 + {'lag(z)' if shifted else 'z'}{effects}")


@pytest.mark.parametrize("effects", ["", " | iso3", " | iso3 + year"])
@pytest.mark.parametrize("origin", [1e6, 1e9])
def test_large_means_do_no_harm(effects: str, origin: float) -> None:
    data = panel(3)
    # Halves and quarters are stored exactly, however far from zero.
    data["x1"] = np.round(data["x1"] * 4) / 4 + origin
    data["x2"] = np.round(data["x2"] * 4) / 4
    names = ["x1", "x2"]
    found = stats.CrossProducts.from_duckdb(data, f"y ~ x1 + x2{effects}").fit()
    near = data.assign(x1=data["x1"] - origin)
    wanted = stats.ols(f"y ~ x1 + x2{effects}", near)
    np.testing.assert_allclose(found.params[names], wanted.params[names], rtol=1e-10)
    np.testing.assert_allclose(found.bse[names], wanted.bse[names], rtol=1e-10)


@pytest.mark.parametrize("noise", [1e-1, 1e-2, 1e-3])
@pytest.mark.parametrize("effects", ["", " | iso3", " | iso3 + year"])
def test_nearly_dependent_regressors(noise: float, effects: str) -> None:
    data = panel(4).dropna()
    rng = np.random.default_rng(1)
    data["x2"] = data["x1"] + noise * rng.normal(size=len(data))
    assert agree(data, f"y ~ x1 + x2{effects}").scans > 1


@pytest.mark.parametrize("noise", [1e-5, 1e-7])
def test_dependent_beyond_ten_digits_is_refused(noise: float) -> None:
    data = panel(4).dropna()
    data["x2"] = data["x1"] + noise * np.random.default_rng(1).normal(size=len(data))
    with pytest.raises(EstimationError, match=r"nearly dependent|combination") as caught:
        stats.CrossProducts.from_duckdb(data, "y ~ x1 + x2 | iso3")
    assert "\n" not in str(caught.value)


def test_longley_to_nine_digits() -> None:
    path = next(path for path in [NIST / "longley.json", REFERENCE / "longley.json"] if path.exists())
    case = json.loads(path.read_text("utf-8"))
    data = pd.read_csv(path.with_suffix(".csv")).assign(firm=range(16))
    fitted = stats.CrossProducts.from_duckdb(data, "y ~ x1 + x2 + x3 + x4 + x5 + x6", cluster="firm", panel=False).fit(
        se="iid"
    )
    certified = stats.ols("y ~ x1 + x2 + x3 + x4 + x5 + x6", data, panel=False, se="iid")
    np.testing.assert_allclose(fitted.params, certified.params, rtol=1e-10)
    for term, value in case["params"].items():
        name = {"(Intercept)": "Intercept"}.get(term, term)
        assert fitted.params[name] == pytest.approx(value, rel=1e-9)


def test_sources(tmp_path: Path) -> None:
    data = panel()
    formula = "y ~ x1 + x2 | iso3 + year"
    data.to_csv(tmp_path / "it's.csv", index=False)
    half = len(data) // 2
    data.head(half).to_parquet(tmp_path / "part1.parquet")
    data.tail(len(data) - half).to_parquet(tmp_path / "part2.parquet")
    agree(data, formula, tmp_path / "it's.csv")
    agree(data, formula, str(tmp_path / "part*.parquet"))
    connection = duckdb.connect(config={"threads": 1})
    connection.register("my table", data)
    agree(data, formula, "my table", connection=connection)
    agree(data, formula, 'SELECT * FROM "my table" -- all', connection=connection)
    agree(data, formula, connection.sql('SELECT * FROM "my table"'), cluster="region")
    agree(data, formula, connection.sql('SELECT * FROM "my table"').to_arrow_table())
    assert connection.sql("SELECT COUNT(*) FROM duckdb_tables() WHERE temporary").fetchall() == [(0,)]


def test_order_and_threads_do_not_matter() -> None:
    data = panel(2)
    one = stats.CrossProducts.from_duckdb(
        data, "y ~ x1 + x2 | iso3 + year", connection=duckdb.connect(config={"threads": 1})
    )
    other = stats.CrossProducts.from_duckdb(
        data.sample(frac=1, random_state=3),
        "y ~ x1 + x2 | iso3 + year",
        connection=duckdb.connect(config={"threads": 4}),
    )
    np.testing.assert_allclose(one.fit().bse, other.fit().bse, rtol=1e-10)
    np.testing.assert_allclose(one.blocks, other.blocks, atol=1e-10)


@pytest.mark.parametrize(
    "name",
    ['x"; DROP TABLE t; --', "x'); SELECT 1; --", "größe m²", "select", "a b", "x -- y", "k0", "v1", "z0", "国家"],
)
def test_names_are_names(name: str) -> None:
    data = panel().rename(columns={"x1": name, "iso3": f"{name}!"})
    data["odd"] = np.where(data["c"] == 0, "it's \\", np.where(data["c"] == 1, '"; --', "国"))
    formula = f"y ~ `{name}` + C(odd) | `{name}!` + year"
    agree(data, formula, cluster=f"{name}!", unit=f"{name}!", time="year")


def test_clusters_without_an_effect_in_them() -> None:
    data = panel()
    found = agree(data, "y ~ x1 + x2 | iso3", cluster="c")
    assert found.absorbed.sum() == 0


def test_refusals() -> None:
    data = panel()
    run = stats.CrossProducts.from_duckdb
    cases: list[tuple[type[Exception], str, Any, str, dict[str, Any]]] = [
        (FormulaError, "did you mean 'x1'", data, "y ~ x11 | iso3", {}),
        (FormulaError, "column 'regionn' is not in the data", data, "y ~ x1", {"cluster": "regionn"}),
        (PanelError, "2 rows share their iso3 and year", pd.concat([data, data.head(1)]), "y ~ x1 | iso3", {}),
        (
            PanelError,
            "lag.. count in whole numbers|lag",
            data.assign(year="a" + data["year"].astype(str)),
            "y ~ lag(x1)",
            {},
        ),
        (EstimationError, "column 'region' is not numeric", data, "y ~ region | iso3", {}),
        (EstimationError, r"log\(w\): w is zero or negative in", data.assign(w=0.0), "y ~ log(w) | iso3", {}),
        (EstimationError, "column 'w' is infinite in", data.assign(w=np.inf), "y ~ w | iso3", {}),
        (EstimationError, "no complete row: w missing in all", data.assign(w=np.nan), "y ~ w | iso3", {}),
        (
            EstimationError,
            "does not vary within iso3",
            data.assign(w=data["iso3"].str[1:].astype(float)),
            "y ~ w | iso3",
            {},
        ),
        (EstimationError, "w is constant", data.assign(w=7.3), "y ~ w", {}),
        (EstimationError, "reaches 50 steps", data, "y ~ lag(x1, 50)", {}),
        (EstimationError, "effects are determined by iso3", data, "y ~ x1 | iso3 + region", {}),
        (EstimationError, "the data have no rows", data.head(0), "y ~ x1 | iso3", {}),
        (EstimationError, "is no Parquet or CSV file", "nowhere", "y ~ x1", {}),
        (EstimationError, "DuckDB could not do this", "/nowhere/at/all.parquet", "y ~ x1", {}),
        (EstimationError, "source is a path", 3, "y ~ x1", {}),
        (EstimationError, "cluster= is the name of a column, not 3", data, "y ~ x1", {"cluster": 3}),
        (EstimationError, "connection is what duckdb.connect", data, "y ~ x1", {"connection": "x"}),
        (EstimationError, "name cluster=", data, "y ~ x1", {"panel": False}),
    ]
    for kind, message, source, formula, options in cases:
        with pytest.raises(kind, match=message) as caught:
            run(source, formula, **options)
        assert "\n" not in str(caught.value), message


def test_too_many_levels_are_refused() -> None:
    data = pd.DataFrame({"g": np.arange(3000) % 3, "t": np.arange(3000) // 2, "x": np.arange(3000.0) ** 0.5, "y": 1.0})
    with pytest.raises(EstimationError, match="has more than 1,000 levels"):
        stats.CrossProducts.from_duckdb(data, "y ~ x | t", cluster="g", panel=False)


def test_without_duckdb_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(EstimationError, match=r'pip install "comparative-govdata\[bigdata\]"'):
        stats.CrossProducts.from_duckdb("x.parquet", "y ~ x")
