"""The wild cluster bootstrap at its edges: very few clusters, very many, and no variance at all."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pandas as pd
import pytest

from govdata import stats
from govdata.errors import EstimationError


def clusters(count: int, rows: int = 8, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"g": np.repeat(np.arange(count), rows), "x": rng.normal(size=count * rows)})
    frame["y"] = 5 * frame["x"] + rng.normal(size=len(frame))
    return frame


@pytest.mark.parametrize("count", [2, 3, 4, 5])
def test_five_clusters_or_fewer_cannot_reject(count: int) -> None:
    model = stats.ols("y ~ x", clusters(count), se="wild", cluster="g")
    assert model.pvalues["x"] == 2 / 2**count
    assert np.isinf(model.conf_int().loc["x"]).all()
    assert any("the smallest there is" in note for note in model.notes())


def test_six_clusters_can() -> None:
    model = stats.ols("y ~ x", clusters(6), se="wild", cluster="g")
    assert model.pvalues["x"] == 0
    assert "no sign vector gives a larger statistic where p is 0: read p < 0.031" in model.notes()
    assert np.isfinite(model.conf_int().loc["x"]).all()


def test_more_clusters_than_powers_of_two_in_a_float() -> None:
    frame = clusters(1200, 2)
    tracemalloc.start()
    model = stats.ols("y ~ x", frame, se="wild", cluster="g", reps=20_000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert model.pvalues["x"] < 0.01
    assert peak < 500e6  # the weights are kept as one byte each


def test_too_many_draws_are_refused() -> None:
    with pytest.raises(EstimationError, match="1,000,000,000,000 draws for 50 clusters are too many; take fewer reps"):
        stats.ols("y ~ x", clusters(50), se="wild", cluster="g", reps=10**12)


def test_zero_variance_is_refused() -> None:
    frame = pd.DataFrame({"g": np.repeat(range(4), 3), "x": [-1.0, 0.0, 1.0] * 4})
    frame["y"] = 2 * frame["x"] + 1
    with pytest.raises(EstimationError, match="variance of Intercept is zero up to rounding, so the bootstrap has"):
        stats.ols("y ~ x", frame, se="wild", cluster="g")
