"""CR2 and the jackknife where clusters are long or many: the same numbers, without large matrices."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pandas as pd
import pytest

from govdata import stats


def panel(units: int, times: int, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"iso3": np.repeat(np.arange(units), times), "year": np.tile(np.arange(times), units)})
    frame["x"] = rng.normal(size=len(frame)) + frame["iso3"] % 3
    frame["y"] = frame["x"] + rng.normal(size=len(frame)) * (1 + frame["iso3"] % 2)
    frame["crossing"] = rng.integers(0, 7, len(frame))
    return frame[rng.random(len(frame)) > 0.2].reset_index(drop=True)


def by_hand(frame: pd.DataFrame, effects: list[str], cluster: str) -> tuple[float, float, float]:
    """Return the CR2 variance, its degrees of freedom and the CV3 variance from full matrices."""
    dummies = [pd.get_dummies(frame[name]).to_numpy(float) for name in effects] or [np.ones((len(frame), 1))]
    x, y = np.column_stack([frame["x"], *dummies]), frame["y"].to_numpy()
    inverse = np.linalg.pinv(x)
    left = np.eye(len(x)) - x @ inverse
    groups = [np.flatnonzero(frame[cluster] == level) for level in np.unique(frame[cluster])]
    u = np.zeros((len(x), len(groups)))
    for g, rows in enumerate(groups):
        values, vectors = np.linalg.eigh(left[np.ix_(rows, rows)])
        power = np.where(values > 1e-10, 1 / np.sqrt(np.where(values > 1e-10, values, 1)), 0)
        u[rows, g] = (vectors * power) @ (vectors.T @ inverse[0, rows])
    p = u.T @ left @ u
    keep = [np.setdiff1d(np.arange(len(x)), rows) for rows in groups]
    moved = np.array([(np.linalg.pinv(x[rows]) @ y[rows])[0] - (inverse @ y)[0] for rows in keep])
    jackknife = (len(groups) - 1) / len(groups) * moved @ moved
    return float(((u.T @ left @ y) ** 2).sum()), float(np.trace(p) ** 2 / (p**2).sum()), float(jackknife)


@pytest.mark.parametrize("effects", [[], ["iso3"], ["year"], ["iso3", "year"]])
@pytest.mark.parametrize("cluster", ["iso3", "year", "crossing"])
@pytest.mark.parametrize("shape", [(5, 30), (30, 5)])
def test_long_and_many_clusters_agree_with_full_matrices(
    effects: list[str], cluster: str, shape: tuple[int, int]
) -> None:
    frame = panel(*shape)
    model = stats.ols(f"y ~ x{' | ' + ' + '.join(effects) if effects else ''}", frame)
    variance, df, jackknife = by_hand(frame, effects, cluster)
    reduced = model.with_se("CR2", cluster=cluster)
    assert reduced.cov.loc["x", "x"] == pytest.approx(variance, rel=1e-9)
    assert reduced.covariance.dfs[-1] == pytest.approx(df, rel=1e-9)
    assert model.with_se("CV3", cluster=cluster).cov.loc["x", "x"] == pytest.approx(jackknife, rel=1e-9)


@pytest.mark.parametrize(("units", "times"), [(5, 3000), (6000, 2)])
def test_no_matrix_of_rows_or_clusters_is_built(units: int, times: int) -> None:
    model = stats.ols("y ~ x", panel(units, times))
    tracemalloc.start()
    model.with_se("CR2")
    model.with_se("CV3")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 50e6


def test_degrees_of_freedom_do_not_depend_on_the_unit_of_measurement() -> None:
    frame = panel(12, 6)
    plain, large = (stats.ols("y ~ x", frame.assign(x=frame["x"] * size), se="CR2") for size in (1.0, 1e100))
    assert large.covariance.dfs == pytest.approx(plain.covariance.dfs, rel=1e-9)
