"""Sums of products by cluster: the same model as the rows give."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govdata import stats
from govdata.errors import EstimationError
from govdata.stats.crossproducts.moments import ILL_CONDITIONED, from_moments

FORMULAS = ["y ~ x1 + x2 | iso3 + year", "y ~ x1 + x2 | iso3", "y ~ x1 + x2", "y ~ x1 + x2 | year", "y ~ 0 + x1 + x2"]


def panel(seed: int, units: int = 12, years: int = 8, gone: float = 0.2) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    n = units * years
    frame = pd.DataFrame(
        {
            "iso3": np.repeat([f"A{i:02}" for i in range(units)], years),
            "year": np.tile(np.arange(2000, 2000 + years), units),
            "x1": rng.normal(size=n),
            "x2": rng.normal(size=n) + 1e4,
        }
    )
    frame["region"] = frame["iso3"].str[2].astype(int) % 4
    frame["y"] = frame["x1"] + rng.normal(size=n) * (1 + frame["region"])
    return frame[rng.random(n) >= gone].sample(frac=1, random_state=seed)


@settings(deadline=None, max_examples=25)
@given(
    seed=st.integers(0, 10_000),
    formula=st.sampled_from(FORMULAS),
    by=st.sampled_from(["iso3", "region", "year"]),
    se=st.sampled_from(["iid", "CR0", "CR1", "CRHC1", "CRV1"]),
    df=st.sampled_from(["nested", "full", "none"]),
)
def test_fit_is_that_of_the_rows(seed: int, formula: str, by: str, se: str, df: str) -> None:
    frame = panel(seed)
    model = stats.ols(formula, frame)
    products = stats.CrossProducts.of(model, by)
    width = products.blocks.shape[1]
    np.testing.assert_allclose(products.blocks.sum(axis=0), np.eye(width), atol=1e-11)
    np.testing.assert_allclose(products.scores.sum(axis=0), 0, atol=1e-9)
    assert products.nobs == model.nobs
    assert products.rank == model.fit.rank
    options = {} if se == "iid" else {"cluster": by}
    wanted = model.with_se(se, df=df, **options)  # type: ignore[arg-type]
    found = products.fit(se, df)
    np.testing.assert_allclose(found.params, wanted.params, rtol=1e-10)
    np.testing.assert_allclose(found.bse, wanted.bse, rtol=1e-10)
    np.testing.assert_allclose(found.tidy().iloc[:, 1:], wanted.tidy().iloc[:, 1:], rtol=1e-8)
    if se != "iid":
        assert found.note() == wanted.note()
        assert found.notes() == [note for note in wanted.notes() if "few" in note]


def moments(frame: pd.DataFrame, years: bool) -> tuple[np.ndarray, tuple[str, ...]]:
    """Plain sums of products, units' means taken out."""
    parts = [frame[["x1", "x2", "y"]]]
    if years:
        parts.insert(0, pd.get_dummies(frame["year"]).astype(float))
    columns = pd.concat(parts, axis=1)
    columns = columns - columns.groupby(frame["iso3"]).transform("mean")
    levels = tuple(sorted(frame["iso3"].unique()))
    each = [columns[frame["iso3"] == level].to_numpy() for level in levels]
    return np.stack([one.T @ one for one in each]), levels


@pytest.mark.parametrize("years", [True, False])
def test_plain_sums_give_the_same_model(years: bool) -> None:
    frame = panel(5, units=30)
    model = stats.ols(f"y ~ x1 + x2 | iso3{' + year' if years else ''}", frame)
    sums, levels = moments(frame, years)
    products = from_moments(
        sums,
        response="y",
        names=("x1", "x2"),
        cluster="iso3",
        levels=levels,
        sizes=frame.groupby("iso3").size().to_numpy(),
        absorbed=np.ones(len(levels), dtype=np.int64),
        outside=8 if years else 1,
        explicit=8 if years else 0,
    )
    assert products.rank == model.fit.rank
    assert products.nuisance == (7 if years else 0)
    np.testing.assert_allclose(products.fit().tidy().iloc[:, 1:], model.tidy().iloc[:, 1:], rtol=1e-9)
    assert products.fit().note() == model.note()
    np.testing.assert_allclose(products.rss, model.fit.rss, rtol=1e-10)  # type: ignore[union-attr]


def test_products_of_better_columns_serve_where_plain_ones_do_not() -> None:
    frame = panel(7, units=30)
    frame["x2"] = frame["x1"] + 1e-5 * frame["x2"].rank()
    model = stats.ols("y ~ x1 + x2 | iso3", frame)
    sums, levels = moments(frame, years=False)
    facts = {
        "response": "y",
        "names": ("x1", "x2"),
        "cluster": "iso3",
        "levels": levels,
        "sizes": frame.groupby("iso3").size().to_numpy(),
        "absorbed": np.ones(len(levels), dtype=np.int64),
        "outside": 1,
    }
    frame["x2"] = (frame["x2"] - frame["x1"]) * 1e5
    better, _ = moments(frame, years=False)
    transform = np.array([[1.0, -1e5], [0.0, 1e5]])
    products = from_moments(better, transform=transform, **facts)  # type: ignore[arg-type]
    np.testing.assert_allclose(products.fit().params, model.params, rtol=1e-8)
    np.testing.assert_allclose(products.fit().bse, model.bse, rtol=1e-8)
    frame["x2"] = frame["x1"] + 1e-7 * frame["x2"]
    worse, _ = moments(frame, years=False)
    with pytest.raises(EstimationError, match=r"nearly dependent|combination") as caught:
        from_moments(worse, **facts)  # type: ignore[arg-type]
    assert caught.value.code == ILL_CONDITIONED
    assert "x2" in str(caught.value) or "condition number" in str(caught.value)
    del sums


def test_a_dependent_regressor_is_named() -> None:
    frame = panel(1)
    frame["x2"] = 2 * frame["x1"]
    sums, levels = moments(frame, years=False)
    with pytest.raises(EstimationError, match=r"^x2 is a combination of the effects and the regressors before it"):
        from_moments(
            sums,
            response="y",
            names=("x1", "x2"),
            cluster="iso3",
            levels=levels,
            sizes=frame.groupby("iso3").size().to_numpy(),
            absorbed=np.ones(len(levels), dtype=np.int64),
            outside=1,
        )


def test_only_least_squares_on_the_rows_has_sums() -> None:
    frame = panel(3)
    with pytest.raises(EstimationError, match=r"are those of a model by stats\.ols, not Random effects"):
        stats.CrossProducts.of(stats.random_effects("y ~ x1", frame))
    with pytest.raises(EstimationError, match=r"not DataFrame"):
        stats.CrossProducts.of(frame)  # type: ignore[arg-type]
    products = stats.CrossProducts.of(stats.ols("y ~ x1 | iso3", frame))
    with pytest.raises(EstimationError, match=r"se from sums of products is one of iid, CR0, CR1, CRHC1, CRV1"):
        products.fit("CR2")
    with pytest.raises(EstimationError, match=r"df is one of nested, full, none, not 'nestd'; did you mean 'nested'"):
        products.fit(df="nestd")
    with pytest.raises(EstimationError, match="level"):
        products.fit().tidy(level=95)


def test_a_model_is_fitted_again_as_it_was() -> None:
    frame = panel(11, gone=0.0)
    frame["b"] = (frame["y"] > frame["y"].mean()).astype(int)
    frame["c"] = np.abs(frame["y"]).round()
    frame["o"] = np.clip(frame["y"].round(), -1, 1).astype(int) + 1
    models = [
        stats.ols("y ~ x1 + lag(x2, 1) | iso3 + year", frame, singletons="drop"),
        stats.ols("y ~ x1", frame).with_se("DK", lags=2),
        stats.ols("y ~ x1", frame, cluster=["iso3", "year"], twoway="conventional"),
        stats.ols("y ~ x1", frame).with_se("wild", reps=199, seed=4),
        stats.ols("y ~ x1", stats.Panel(frame)),
        stats.ols("y ~ x1", frame, panel=False, se="HC1"),
        stats.random_effects("y ~ x1", frame, method="amemiya"),
        stats.between("y ~ x1", frame),
        stats.first_difference("y ~ x1", frame),
        stats.prais_winsten("y ~ x1", frame),
        stats.within_between("y ~ x1", frame),
        stats.binary("b ~ x1", frame, time="cubic"),
        stats.binary("b ~ x1 | iso3", frame),
        stats.count("c ~ x1", frame),
        stats.ordered("o ~ x1", frame),
    ]
    for model in models:
        again = model.again(model.data)
        pd.testing.assert_series_equal(again.params, model.params, rtol=1e-12)
        pd.testing.assert_series_equal(again.bse, model.bse, rtol=1e-12)
        assert again.note() == model.note()
        assert again.estimator == model.estimator


def test_the_recorded_data_are_those_of_the_time() -> None:
    frame = panel(2)
    model = stats.ols("y ~ x1 | iso3", frame)
    before = model.params
    frame["x1"] = 0.0
    del frame["y"]
    pd.testing.assert_series_equal(model.again(model.data).params, before)
