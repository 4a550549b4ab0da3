"""Panel-corrected standard errors are those of the textbook's Kronecker product."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from govdata import stats


def panel(units: int, periods: int, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.MultiIndex.from_product([range(units), range(periods)], names=["unit", "year"]).to_frame(index=False)
    frame["x"], frame["z"] = rng.normal(size=(2, len(frame)))
    shocks = rng.normal(size=(periods, 2)) @ rng.normal(size=(2, units))
    frame["y"] = frame["x"] + shocks.T.ravel() + rng.normal(size=len(frame)) * (1 + frame["unit"] / units)
    return frame


@pytest.mark.parametrize(("units", "periods"), [(12, 7), (7, 12), (9, 9)])
def test_balanced(units: int, periods: int) -> None:
    frame = panel(units, periods)
    model = stats.ols("y ~ x + z", frame, unit="unit", time="year", se="PCSE")
    columns = np.column_stack([np.ones(len(frame)), frame[["x", "z"]]])
    resid = model.resid.to_numpy().reshape(units, periods)
    omega = np.kron(resid @ resid.T / periods, np.eye(periods))
    bread = np.linalg.inv(columns.T @ columns)
    np.testing.assert_allclose(model.cov, bread @ columns.T @ omega @ columns @ bread, rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize(("units", "periods"), [(6, 40), (25, 30)])
@pytest.mark.parametrize("options", [{}, {"pairwise": True}, {"hetonly": True}])
def test_unbalanced(units: int, periods: int, options: dict[str, bool]) -> None:
    frame = panel(units, periods, seed=1)
    frame = frame[np.random.default_rng(2).random(len(frame)) > 0.02].reset_index(drop=True)
    model = stats.ols("y ~ x + z", frame, unit="unit", time="year", se="PCSE", **options)
    columns = np.column_stack([np.ones(len(frame)), frame[["x", "z"]]])
    resid = frame.assign(e=model.resid).pivot_table(index="year", columns="unit", values="e")
    known = resid.notna().astype(float)
    if options.get("hetonly"):
        sigma = np.diag((resid**2).mean())
    elif options:
        sigma = (resid.fillna(0).T @ resid.fillna(0) / (known.T @ known)).to_numpy()
    else:
        sigma = (resid.dropna().T @ resid.dropna() / len(resid.dropna())).to_numpy()
    same = frame["year"].to_numpy()[:, None] == frame["year"].to_numpy()
    omega = sigma[np.ix_(frame["unit"], frame["unit"])] * same
    bread = np.linalg.inv(columns.T @ columns)
    np.testing.assert_allclose(model.cov, bread @ columns.T @ omega @ columns @ bread, rtol=1e-10, atol=1e-14)
