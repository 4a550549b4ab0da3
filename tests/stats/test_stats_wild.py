"""The wild cluster bootstrap at its edges: very few clusters, very many, and no variance at all."""

from __future__ import annotations

import tracemalloc
from typing import Any

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


@pytest.mark.parametrize(("count", "reps", "how"), [(12, 999, "all 4,096 sign vectors"), (13, 999, "999 draws")])
def test_up_to_twelve_clusters_need_no_random_signs(count: int, reps: int, how: str) -> None:
    model = stats.ols("y ~ x", clusters(count, seed=3), se="wild", cluster="g", reps=reps)
    assert f"null imposed, {how}" in model.note()
    assert model.with_se("wild", cluster="g", reps=reps, seed=1).pvalues.equals(model.pvalues) == (count == 12)
    assert model.with_se("wild", cluster="g").note().endswith(f"all {2**count:,} sign vectors")
    assert not any("sign vectors" in note for note in model.notes() if "p is 0" not in note)


def test_webb_weights_are_drawn_whatever_the_clusters() -> None:
    model = stats.ols("y ~ x", clusters(5), se="wild", cluster="g", reps=999, weights="webb")
    assert model.note().endswith("999 draws, webb, seed 0")
    assert np.isfinite(model.conf_int().loc["x"]).all()


@pytest.mark.parametrize("null", [1e6, 1e9, 1e15, -1e200, 1e300])
def test_a_null_far_away_is_rejected(null: float) -> None:
    inference: Any = stats.ols("y ~ x", clusters(7), se="wild", cluster="g").covariance.inference
    assert inference.p_value(1, null) == 0


def test_a_level_that_is_a_p_value_rejects_it() -> None:
    # 1 - 0.9 is a hair below 0.1, so that a p value of 0.1 would seem to be larger
    frame = clusters(30, seed=2)
    model = stats.ols("y ~ x", frame, se="wild", cluster="g", reps=1000)
    inference: Any = model.covariance.inference
    for level in (0.9, 0.95, 0.99):
        for side, end in zip((-1, 1), model.conf_int(level).loc["x"], strict=True):
            assert (
                inference.p_value(1, end + side * 1e-9) <= 1 - level + 1e-12 < inference.p_value(1, end - side * 1e-9)
            )


def test_means_that_are_not_nested_in_the_clusters() -> None:
    # Units move between clusters, so that their effects reach across: as with an indicator for each unit.
    rng = np.random.default_rng(6)
    frame = pd.DataFrame({"unit": np.repeat(range(12), 9), "g": rng.integers(0, 14, 108), "x": rng.normal(size=108)})
    frame["y"] = frame["x"] / 4 + rng.normal(size=14)[frame["g"]] + rng.normal(size=108)
    absorbed = stats.ols("y ~ x | unit", frame, panel=False, se="wild", cluster="g", reps=999)
    written = stats.ols("y ~ x + C(unit)", frame, panel=False, se="wild", cluster="g", reps=999)
    assert absorbed.pvalues["x"] == written.pvalues["x"]
    np.testing.assert_allclose(absorbed.conf_int().loc["x"], written.conf_int().loc["x"], rtol=1e-9)
