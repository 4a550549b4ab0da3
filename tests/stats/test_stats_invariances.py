"""Laws of standard errors: what a change of scale, a shift, a copy or a new name must do to them, and must not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govdata import stats
from govdata.errors import EstimationError

CONVENTIONS: list[dict[str, Any]] = [
    {"se": "iid"},
    {"se": "HC1"},
    {"se": "HC2"},
    {"se": "HC3"},
    {"se": "CR0"},
    {"se": "CR1"},
    {"se": "CRHC1"},
    {"se": "CRV1"},
    {"se": "CRV1", "df": "full"},
    {"se": "CR2"},
    {"se": "CV3"},
    {"se": "CV3J"},
    {"se": "DK"},
    {"se": "DK", "lags": 1, "df": "full"},
    {"se": "PCSE", "hetonly": True},
    {"se": "PCSE", "pairwise": True},
    {"se": "wild", "reps": 199},
]
named = pytest.mark.parametrize("options", CONVENTIONS, ids=lambda options: "-".join(map(str, options.values())))
few = settings(max_examples=8, deadline=None)
seeds = st.integers(0, 10_000)


def panel(seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    units, years = int(rng.integers(8, 14)), int(rng.integers(8, 12))
    keys = [(f"U{unit:02}", 2000 + year) for unit in range(units) for year in range(years) if rng.random() < 0.92]
    data = pd.DataFrame(keys, columns=["iso3", "year"])
    n = len(data)
    data["x"] = rng.normal(size=n)
    data["z"] = rng.normal(size=n) + 0.3 * data["x"]
    data["y"] = data["x"] - 0.5 * data["z"] + rng.normal(size=n) * (1 + data["x"] ** 2)
    return data


def errors(formula: str, data: pd.DataFrame, options: dict[str, Any]) -> pd.DataFrame | str:
    """Fit; a variance that is not positive must be refused whatever form the sample takes."""
    try:
        model = stats.ols(formula, data, **options)
    except EstimationError as error:
        assert "not positive" in str(error) or "negative" in str(error)  # noqa: PT017
        return "refused"
    return model.tidy().set_index("term")[["estimate", "std_error", "p_value"]]


def same(one: pd.DataFrame | str, two: pd.DataFrame | str) -> None:
    if isinstance(one, str) or isinstance(two, str):
        assert isinstance(one, str)
        assert isinstance(two, str)
        return
    np.testing.assert_allclose(one, two, rtol=1e-7, atol=1e-12)


@named
@few
@given(seeds, st.sampled_from([1e-6, 0.01, -3.0, 1e5]))
def test_rescaling_x_rescales_its_row_alone(options: dict[str, Any], seed: int, factor: float) -> None:
    data = panel(seed)
    plain = errors("y ~ x + z | iso3 + year", data, options)
    scaled = errors("y ~ x + z | iso3 + year", data.assign(x=data["x"] * factor), options)
    if isinstance(scaled, pd.DataFrame):
        scaled.loc["x", "estimate"] *= factor
        scaled.loc["x", "std_error"] *= abs(factor)
    same(plain, scaled)


@named
@few
@given(seeds, st.sampled_from([1000.0, -7.5]))
def test_effects_absorb_a_constant_and_a_shift_of_each_unit(
    options: dict[str, Any], seed: int, constant: float
) -> None:
    data = panel(seed)
    shifted = data.assign(y=data["y"] + constant + data["iso3"].str[1:].astype(float))
    same(errors("y ~ x + z | iso3", data, options), errors("y ~ x + z | iso3", shifted, options))


@pytest.mark.parametrize(
    "options",
    [options for options in CONVENTIONS if not options["se"].startswith("CV3")],  # without a unit its indicator is gone
    ids=lambda options: "-".join(map(str, options.values())),
)
@few
@given(seeds)
def test_absorbed_effects_are_indicators(options: dict[str, Any], seed: int) -> None:
    """Absorbing is a way to compute: with ``full`` counting, indicators by hand give the same errors."""
    data = panel(seed)
    options = {**options, "df": "full"} if options["se"] in {"CRV1", "CRHC1", "wild"} else options
    absorbed, by_hand = (
        errors(formula, data, options) for formula in ("y ~ x + z | iso3 + year", "y ~ x + z + C(iso3) + C(year)")
    )
    if isinstance(by_hand, str):
        return  # more coefficients, more to refuse
    same(absorbed, by_hand.loc[["x", "z"]])


@few
@given(seeds)
def test_copying_every_unit_halves_the_variance(seed: int) -> None:
    data = panel(seed)
    twice = pd.concat([data, data.assign(iso3="V" + data["iso3"].str[1:])], ignore_index=True)
    one, two = (stats.ols("y ~ x + z | iso3 + year", frame, se="CR0") for frame in (data, twice))
    np.testing.assert_allclose(one.params, two.params, rtol=1e-9)
    np.testing.assert_allclose(one.cov, 2 * two.cov, rtol=1e-8)


@few
@given(seeds)
def test_copying_rows_within_clusters_changes_no_clustered_variance(seed: int) -> None:
    data = panel(seed)
    twice = pd.concat([data, data], ignore_index=True)
    for se in ("CR0", "CR1"):
        one, two = (
            stats.ols("y ~ x + z | iso3", frame, se=se, cluster="iso3", panel=False)  # type: ignore[arg-type]
            for frame in (data, twice)
        )
        np.testing.assert_allclose(one.cov, two.cov, rtol=1e-8)


@few
@given(seeds)
def test_one_row_a_cluster_is_one_row_at_a_time(seed: int) -> None:
    data = panel(seed).reset_index(names="row")
    model = stats.ols("y ~ x + z", data, se="HC0")
    for se, alone in (("CR0", "HC0"), ("CR2", "HC2")):
        clustered = model.with_se(se, cluster="row")
        np.testing.assert_allclose(clustered.cov, model.with_se(alone).cov, rtol=1e-9)
    n = len(data)
    jackknife = model.with_se("CV3", cluster="row").cov
    np.testing.assert_allclose(jackknife, model.with_se("HC3").cov * (n - 1) / n, rtol=1e-9)


@few
@given(seeds)
def test_driscoll_kraay_without_lags_is_clustering_by_time(seed: int) -> None:
    model = stats.ols("y ~ x + z | iso3", panel(seed), se="DK", lags=0)
    np.testing.assert_allclose(model.cov, model.with_se("CR0", cluster="year").cov, rtol=1e-12)
