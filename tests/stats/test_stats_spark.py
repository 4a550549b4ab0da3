"""Sums of products by a local Spark session; left out where Spark or Java is missing."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest

from govdata import stats
from govdata.errors import EstimationError, PanelError

pyspark = pytest.importorskip("pyspark")
pytestmark = [
    pytest.mark.skipif(shutil.which("java") is None, reason="Spark needs Java"),
    pytest.mark.filterwarnings("ignore"),
]


@pytest.fixture(scope="module")
def session() -> Iterator[Any]:
    from pyspark.sql import SparkSession

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = (
            SparkSession.builder.master("local[2]")
            .config("spark.ui.enabled", "false")
            .config("spark.sql.shuffle.partitions", "2")
            .config("spark.driver.memory", "1g")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.driver.host", "127.0.0.1")
            .getOrCreate()
        )
        found.sparkContext.setLogLevel("OFF")
        yield found
        found.stop()


def frame() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    data = pd.DataFrame(
        {"iso3": np.repeat([f"U'{g}\\" for g in range(12)], 8), "year": np.tile(np.arange(2000, 2008), 12)}
    )
    data = data[rng.random(len(data)) > 0.1].reset_index(drop=True)
    data["it`s x"] = rng.normal(size=len(data)) + 50
    data["z"] = np.exp(rng.normal(size=len(data)))
    data["group"] = rng.choice(["a'b", "c\\d", 'e"f'], len(data))
    data["y"] = data["it`s x"] + np.log(data["z"]) + 0.3 * data["year"] + rng.normal(size=len(data))
    data.loc[rng.random(len(data)) < 0.05, "z"] = np.nan
    return data.rename(columns={"it`s x": "it's x"})


@pytest.mark.parametrize("effects", ["", " | iso3", " | iso3 + year"])
def test_same_as_in_memory(session: Any, effects: str) -> None:  # noqa: ANN401
    data = frame()
    formula = f"y ~ `it's x` + log(z) + lag(z) + C(group){effects}"
    found = stats.CrossProducts.from_spark(session.createDataFrame(data), formula)
    other = stats.CrossProducts.from_duckdb(data, formula)
    wanted = stats.ols(formula, data)
    assert list(found.names) == list(wanted.params.index)
    np.testing.assert_allclose(found.fit().params, wanted.params, rtol=1e-10)
    np.testing.assert_allclose(found.fit().bse, wanted.bse, rtol=1e-10)
    np.testing.assert_allclose(found.fit().bse, other.fit().bse, rtol=1e-10)
    assert found.left_out() == wanted.left_out()


def test_duplicates_and_wrong_sources(session: Any) -> None:  # noqa: ANN401
    data = frame()
    doubled = pd.concat([data, data.head(1)])
    with pytest.raises(PanelError, match="share their iso3 and year"):
        stats.CrossProducts.from_spark(session.createDataFrame(doubled), "y ~ z | iso3")
    with pytest.raises(EstimationError, match="source is a Spark data frame, not list"):
        stats.CrossProducts.from_spark([1], "y ~ z")
