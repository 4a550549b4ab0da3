"""Digits: of columns with huge means, of unbalanced panels, of both ways to solve, and of the same sum in fractions."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govdata import stats
from govdata.errors import EstimationError, PanelError
from govdata.stats.absorbing import Groups, Second, group_sums
from govdata.stats.coefficients import multiplied, orthonormal
from govdata.stats.covariance.clustered import _both
from govdata.stats.keys import Codes, FloatArray, encode, make_keys, nested, numeric
from govdata.stats.solver import Absorber, Fit, effects_rank

NIST = Path(__file__).parent.parent / "reference" / "nist"
PRODUCTS, EXTENDED = 0, 10**9


def panel(seed: int, units: int = 30, times: int = 12, share: float = 1.0, k: int = 3) -> pd.DataFrame:
    """Make a panel of which a share of the rows is there."""
    rng = np.random.default_rng(seed)
    unit, time = np.repeat(np.arange(units), times), np.tile(np.arange(times), units)
    x = rng.normal(size=(units * times, k)) + rng.normal(size=units)[unit, None] + 0.1 * time[:, None]
    y = x.sum(axis=1) + rng.normal(size=units)[unit] + rng.normal(size=times)[time] + rng.normal(size=len(unit))
    data = pd.DataFrame({"iso3": [f"U{code:03d}" for code in unit], "year": 1990 + time, "y": y})
    for j in range(k):
        data[f"x{j + 1}"] = x[:, j]
    return data[rng.random(len(data)) < share].reset_index(drop=True)


def fraction_slopes(data: pd.DataFrame, regressors: list[str], by: str | None) -> list[float]:
    """Solve the normal equations of the columns, less their means by group, in fractions: no digit is lost."""
    names = ["y", *regressors]
    columns = [[Fraction(value) for value in data[name].tolist()] for name in names]
    groups = [0] * len(data) if by is None else data[by].tolist()
    for column in columns:
        means: dict[Any, Fraction] = {}
        for group in dict.fromkeys(groups):
            own = [value for value, where in zip(column, groups, strict=True) if where == group]
            means[group] = sum(own, Fraction(0)) / len(own)
        column[:] = [value - means[group] for value, group in zip(column, groups, strict=True)]
    rows = [
        [
            sum((a * b for a, b in zip(columns[i], columns[j], strict=True)), Fraction(0))
            for j in (*range(1, len(names)), 0)
        ]
        for i in range(1, len(names))
    ]
    for i in range(len(rows)):
        rows[i] = [value / rows[i][i] for value in rows[i]]
        for j in range(len(rows)):
            if j != i:
                rows[j] = [a - rows[j][i] * b for a, b in zip(rows[j], rows[i], strict=True)]
    return [float(row[-1]) for row in rows]


def dense(data: pd.DataFrame, regressors: list[str]) -> FloatArray:
    """Fit with an indicator for every level of both effects."""
    indicators = [pd.get_dummies(data[name]).to_numpy(dtype=np.float64) for name in ("iso3", "year")]
    x = np.column_stack([data[regressors].to_numpy(), *indicators])
    found: FloatArray = np.linalg.lstsq(x, data["y"].to_numpy(), rcond=None)[0][: len(regressors)]
    return found


@pytest.mark.parametrize("small", [PRODUCTS, EXTENDED])
@pytest.mark.parametrize("by", [None, "iso3"])
@pytest.mark.parametrize("level", [1e3, 1e6, 1e9])
def test_huge_means_cost_no_digit(monkeypatch: pytest.MonkeyPatch, small: int, by: str | None, level: float) -> None:
    monkeypatch.setattr("govdata.stats.coefficients.SMALL", small)
    data = panel(1, units=8, times=6)
    data = data.assign(x1=data["x1"] + level, x2=data["x2"] * 1e-3 - level / 7, y=data["y"] + 3 * level)
    names = ["x1", "x2", "x3"]
    model = stats.ols("y ~ x1 + x2 + x3" + (f" | {by}" if by else ""), data)
    np.testing.assert_allclose(model.params[names], fraction_slopes(data, names, by), rtol=1e-11)


@pytest.mark.parametrize("small", [PRODUCTS, EXTENDED])
@pytest.mark.parametrize("distance", [1e-1, 1e-2, 1e-3, 1e-5])
def test_nearly_dependent_columns_agree_with_fractions(
    monkeypatch: pytest.MonkeyPatch, small: int, distance: float
) -> None:
    monkeypatch.setattr("govdata.stats.coefficients.SMALL", small)
    data = panel(2, units=8, times=6)
    data["x2"] = data["x1"] + distance * data["x2"]
    model = stats.ols("y ~ x1 + x2 + x3 | iso3", data)
    exact = fraction_slopes(data, ["x1", "x2", "x3"], "iso3")
    np.testing.assert_allclose(model.params, exact, rtol=1e-11)


@pytest.mark.parametrize("name", ["norris", "pontius", "wampler2", "wampler3", "wampler4", "noint1", "noint2"])
@pytest.mark.parametrize("small", [PRODUCTS, EXTENDED])
def test_certified_digits_on_both_ways(monkeypatch: pytest.MonkeyPatch, name: str, small: int) -> None:
    monkeypatch.setattr("govdata.stats.coefficients.SMALL", small)
    case = json.loads((NIST / f"{name}.json").read_text(encoding="utf-8"))
    data = pd.read_csv(NIST / case["data"])
    data = data.assign(**{f"x{power}": data["x"] ** power for power in range(1, 11)})
    model = stats.ols(case["model"], data, se="iid", panel=False)
    for term, value in case["params"].items():
        assert model.params[term] == pytest.approx(value, rel=1e-10)
    for term, value in case["se"].items():
        assert model.bse[term] == pytest.approx(value, rel=1e-11, abs=1e-12)


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    share=st.sampled_from([0.5, 0.8, 1.0]),
    effects=st.sampled_from(["", " | iso3", " | year", " | iso3 + year"]),
    distance=st.sampled_from([1.0, 0.05, 0.02]),
)
def test_both_ways_to_solve_agree(seed: int, share: float, effects: str, distance: float) -> None:
    data = panel(seed, share=share)
    data["x2"] = data["x1"] + distance * data["x2"]
    formula = f"y ~ x1 + x2 + x3{effects}"
    found = []
    for small in (PRODUCTS, EXTENDED):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("govdata.stats.coefficients.SMALL", small)
            found.append(stats.ols(formula, data, unit="iso3", time="year"))
    one, two = found
    assert isinstance(one.fit, Fit)
    assert isinstance(two.fit, Fit)
    np.testing.assert_allclose(one.params, two.params, rtol=1e-11)
    np.testing.assert_allclose(one.fit.influence, two.fit.influence, rtol=0, atol=1e-12 * abs(two.fit.influence).max())
    np.testing.assert_allclose(one.fit.resid, two.fit.resid, rtol=0, atol=1e-12 * two.fit.resid.std())
    np.testing.assert_allclose(one.cov, two.cov, rtol=1e-10, atol=1e-12 * np.abs(two.cov.to_numpy()).max())
    assert (one.fit.rank, one.fit.rss, one.fit.tss) == pytest.approx(
        (two.fit.rank, two.fit.rss, two.fit.tss), rel=1e-13
    )


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), share=st.sampled_from([0.25, 0.5, 0.9, 1.0]), wide=st.booleans())
def test_two_effects_equal_indicators(seed: int, share: float, wide: bool) -> None:
    data = panel(seed, units=9 if wide else 25, times=20 if wide else 8, share=share)
    model = stats.ols("y ~ x1 + x2 + x3 | iso3 + year", data)
    np.testing.assert_allclose(model.params, dense(data, ["x1", "x2", "x3"]), rtol=1e-9, atol=1e-11)
    shuffled = stats.ols(
        "y ~ x1 + x2 + x3 | year + iso3", data.sample(frac=1, random_state=seed), unit="iso3", time="year"
    )
    assert shuffled.params.equals(model.params)
    indicators = np.column_stack([pd.get_dummies(data[name]).to_numpy(dtype=np.float64) for name in ("iso3", "year")])
    assert model.fit.rank == 3 + np.linalg.matrix_rank(indicators)
    assert isinstance(model.fit, Fit)
    absorber = model.fit.absorber
    assert absorber.first is not None
    assert absorber.basis.shape == (model.nobs, model.fit.rank - 3 - len(absorber.first.levels))
    np.testing.assert_allclose(absorber.basis.T @ absorber.basis, np.eye(absorber.basis.shape[1]), atol=1e-13)
    means = group_sums(np.ascontiguousarray(absorber.basis), absorber.first.codes, len(absorber.first.levels))
    np.testing.assert_allclose(means, 0, atol=1e-13)
    left = absorber(model.design.x)
    by_basis = Absorber((absorber.first,), model.nobs, constant=True)(model.design.x)
    by_basis = by_basis - absorber.basis @ (absorber.basis.T @ by_basis)
    np.testing.assert_allclose(left, by_basis, atol=1e-12)


def test_a_panel_in_two_parts_has_one_parameter_fewer() -> None:
    data = panel(3, units=10, times=8)
    early = data["iso3"] < "U005"
    data = data[early == (data["year"] < 1994)].reset_index(drop=True)
    model = stats.ols("y ~ x1 + x2 | iso3 + year", data)
    assert model.fit.rank == 2 + 10 + 8 - 2
    np.testing.assert_allclose(model.params, dense(data, ["x1", "x2"]), rtol=1e-10)
    unit, time = encode(data["iso3"]), encode(data["year"])
    assert effects_rank((unit, time), len(data)) == 16
    assert Absorber((unit, time), len(data), constant=True).basis.shape[1] == 6


def test_a_chain_of_units_that_share_one_year_each() -> None:
    rows = [(f"U{u:03d}", 2000 + t) for u in range(60) for t in (u, u + 1)]
    rng = np.random.default_rng(4)
    data = pd.DataFrame(rows, columns=["iso3", "year"])
    data = data.assign(x=rng.normal(size=len(data)), z=rng.normal(size=len(data)), y=rng.normal(size=len(data)))
    # 60 units and 61 years in one part: all rows but one slope's worth are fitted by effects
    assert effects_rank((encode(data["iso3"]), encode(data["year"])), len(data)) == 120
    with pytest.raises(EstimationError, match="does not vary within iso3 and year"):
        stats.ols("y ~ x | iso3 + year", data)
    more = pd.concat([data, data.assign(year=data["year"] + 1, x=-data["z"], y=data["x"] + data["y"] ** 2)])
    more = more.drop_duplicates(["iso3", "year"]).reset_index(drop=True)
    model = stats.ols("y ~ x | iso3 + year", more)
    np.testing.assert_allclose(model.params, dense(more, ["x"]), rtol=1e-9)


@pytest.mark.parametrize(("units", "times", "share"), [(30, 12, 0.3), (30, 12, 0.9), (8, 20, 0.9)])
@pytest.mark.parametrize("small", [PRODUCTS, EXTENDED])
def test_tables_that_are_stored_sparsely_change_nothing(
    monkeypatch: pytest.MonkeyPatch, units: int, times: int, share: float, small: int
) -> None:
    data = panel(5, units, times, share)
    monkeypatch.setattr("govdata.stats.coefficients.SMALL", small)
    full = stats.ols("y ~ x1 + x2 | iso3 + year", data)
    monkeypatch.setattr("govdata.stats.absorbing.DENSE", 0)
    sparse = stats.ols("y ~ x1 + x2 | iso3 + year", data)
    np.testing.assert_allclose(sparse.params, full.params, rtol=1e-12)
    np.testing.assert_allclose(sparse.bse, full.bse, rtol=1e-12)


def test_effects_whose_projection_is_too_large_are_still_absorbed(monkeypatch: pytest.MonkeyPatch) -> None:
    data = panel(6, share=0.8)
    model = stats.ols("y ~ x1 + x2 | iso3 + year", data)
    monkeypatch.setattr("govdata.stats.solver.MAX_CELLS", 2_000)
    again = stats.ols("y ~ x1 + x2 | iso3 + year", data)
    assert again.params.equals(model.params)
    assert again.bse.equals(model.bse)
    with pytest.raises(EstimationError, match=r"too many to absorb exactly \(iso3 30, year 12 levels on \d+ rows\)"):
        again.with_se(se="CR2")


def test_the_order_of_rows_and_the_type_of_keys_change_no_bit() -> None:
    data = panel(7, units=60, times=30, share=0.9, k=8)
    formula = "y ~ " + " + ".join(f"x{j}" for j in range(1, 9)) + " | iso3 + year"
    model = stats.ols(formula, data)
    for other in (
        data.sample(frac=1, random_state=2),
        data.astype({"iso3": "category", "year": "float"}).iloc[::-1],
        data.astype({"iso3": object, "year": str}).sample(frac=1, random_state=3),
    ):
        found = stats.ols(formula, other)
        assert found.params.equals(model.params)
        assert found.bse.equals(model.bse)


def test_the_frame_is_neither_changed_nor_shared() -> None:
    data = panel(8)
    before = data.copy(deep=True)
    model = stats.ols("y ~ x1 + x2 | iso3 + year", data)
    pd.testing.assert_frame_equal(data, before)
    assert not np.shares_memory(model.design.y, data["y"].to_numpy())
    assert not np.shares_memory(model.design.x, data["x1"].to_numpy())
    column = data["x1"]
    assert not numeric(column, "x1").flags.writeable


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3)), min_size=1, max_size=40), st.booleans())
def test_groups_nesting_and_subsets(pairs: list[tuple[int, int]], ordered: bool) -> None:
    pairs = sorted(pairs) if ordered else pairs
    one, two = (encode(pd.Series([pair[i] for pair in pairs], name=str(i))) for i in (0, 1))
    assert nested(one, two) == (len(set(pairs)) == len(one.levels))
    values = np.arange(2.0 * len(pairs)).reshape(-1, 2) ** 2
    expected = [values[one.codes == code].sum(axis=0) for code in range(len(one.levels))]
    for layout in (np.ascontiguousarray(values), np.asfortranarray(values), values.astype(np.longdouble)):
        np.testing.assert_array_equal(group_sums(layout, one.codes, len(one.levels)), expected)
    rows = np.flatnonzero(two.codes == 0)
    part = one.subset(rows)
    assert [part.levels[code] for code in part.codes] == [one.levels[code] for code in one.codes[rows]]
    assert sorted(set(part.codes.tolist())) == list(range(len(part.levels)))
    groups = Groups(one.codes, len(one.levels))
    kept = Second(groups, two).rank
    table = np.column_stack([np.eye(len(c.levels))[c.codes] for c in (one, two)])
    assert groups.n + kept == np.linalg.matrix_rank(table)


def test_keys_with_gaps_keep_their_missing_rows() -> None:
    codes = Codes("key", np.array([2, -1, 0, 2]), ("a", "b", "c"))
    found = codes.subset(np.array([True, True, True, True]))
    assert found.codes.tolist() == [1, -1, 0, 1]
    assert found.levels == ("a", "c")
    assert codes.subset(slice(None)).codes.tolist() == [1, -1, 0, 1]


def test_pairs_of_clusters_do_not_depend_on_how_they_are_counted() -> None:
    data = panel(9, share=0.7).assign(far=lambda frame: np.arange(len(frame)) * 7 % 101)
    data["near"] = data["far"] % 3
    for second in ("far", "near"):
        one, two = encode(data["iso3"]), encode(data[second])
        found = _both(one, two)
        pairs = list(zip(one.codes.tolist(), two.codes.tolist(), strict=True))
        ranks = {pair: rank for rank, pair in enumerate(sorted(set(pairs)))}
        assert found.codes.tolist() == [ranks[pair] for pair in pairs]
        assert len(found.levels) == len(ranks)


def test_duplicates_are_found_in_any_order() -> None:
    twice = pd.DataFrame({"iso3": ["B", "A", "B"], "year": [2000, 2000, 2000]})
    for data in (twice, twice.sort_values("iso3"), pd.concat([twice, twice.assign(year=range(9000, 9003))])):
        with pytest.raises(PanelError, match="2 rows share"):
            make_keys(data, "iso3", "year")


@pytest.mark.parametrize("rows", [40, 4_000])
@pytest.mark.parametrize("apart", [1.0, 1e-1, 1e-3, 1e-6])
def test_orthonormal_columns_are_those_of_householder(rows: int, apart: float) -> None:
    rng = np.random.default_rng(2)
    columns = rng.normal(size=(rows, 6)) * 10.0 ** np.arange(-9, 9, 3)
    columns[:, 1] = columns[:, 0] * 1e3 + apart * columns[:, 1]
    kept = columns.copy()
    q, r = orthonormal(columns)
    np.testing.assert_array_equal(columns, kept)
    np.testing.assert_allclose(q.T @ q, np.eye(6), atol=5e-15)
    np.testing.assert_array_equal(r, np.triu(r))
    sizes = np.abs(columns).max(axis=0)
    np.testing.assert_allclose(q @ r / sizes, columns / sizes, atol=1e-14)
    other = np.linalg.qr(columns)[1]
    np.testing.assert_allclose(np.abs(r) / sizes, np.abs(other) / sizes, atol=1e-13 * np.sqrt(rows))


@pytest.mark.parametrize("shape", [(0, 3, 2), (5, 0, 2), (5, 3, 0), (7, 3, 2), (700, 90, 130), (65, 3_000, 9)])
def test_products_in_blocks_are_products(shape: tuple[int, int, int]) -> None:
    n, q, k = shape
    rng = np.random.default_rng(0)
    columns, matrix = rng.normal(size=(n, q)), rng.normal(size=(q, k))
    np.testing.assert_allclose(multiplied(columns, matrix), columns @ matrix, atol=1e-11)
