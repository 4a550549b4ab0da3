"""Time the wild cluster bootstrap against wildboottest, in one run: ``python benchmarks/bootstrap.py``.

A panel of 180 units and 25 years, eight regressors, effects of unit and year, 9,999 draws, one coefficient. Times are
from the fitted model to the p value; wildboottest is given the same regression with indicator columns, and once more
with the units' means taken out beforehand, which spares it 179 columns. Medians; numba has compiled before. Needs
wildboottest, which is not among the package's extras.
"""

from __future__ import annotations

import contextlib
import io
import statistics
import time
from collections.abc import Callable

import numpy as np
import pandas as pd
import statsmodels.api as sm
from wildboottest.wildboottest import wildboottest

from govdata import stats
from govdata.stats.bootstrap import wild_bootstrap
from govdata.stats.crossproducts.products import CrossProducts

UNITS, YEARS, SLOPES, REPS, RUNS = 180, 25, 8, 9999, 21
NAMES = [f"x{j + 1}" for j in range(SLOPES)]


def median(work: Callable[[], object], runs: int) -> float:
    """Give the median of the times a piece of work takes, in seconds."""
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def simulate() -> pd.DataFrame:
    """Give a balanced panel whose regressors and errors go together within units."""
    rng = np.random.default_rng(0)
    frame = pd.MultiIndex.from_product([range(UNITS), range(YEARS)], names=["unit", "year"]).to_frame(index=False)
    unit, year = frame["unit"].to_numpy(), frame["year"].to_numpy()
    columns = rng.normal(size=(len(frame), SLOPES)) + rng.normal(size=(UNITS, SLOPES))[unit]
    frame[NAMES] = columns
    frame["y"] = columns @ rng.normal(size=SLOPES) / 10 + rng.normal(size=UNITS)[unit] + rng.normal(size=YEARS)[year]
    frame["y"] += rng.normal(size=len(frame))
    return frame


def dummies(frame: pd.DataFrame, *, within: bool) -> sm.OLS:
    """Give the regression with indicator columns, with or without those of the units."""
    keys = frame[["year"]] if within else frame[["unit", "year"]]
    columns = pd.concat([frame[NAMES], pd.get_dummies(keys.astype(str), drop_first=True, dtype=float)], axis=1)
    if not within:
        return sm.OLS(frame["y"], columns.assign(const=1.0))
    left = pd.concat([frame[["y"]], columns], axis=1)
    left -= left.groupby(frame["unit"]).transform("mean")
    return sm.OLS(left["y"], left.drop(columns="y"))


def peer(model: sm.OLS, clusters: pd.Series) -> float:
    """Give wildboottest's p value."""
    with contextlib.redirect_stdout(io.StringIO()):
        found = wildboottest(model, param="x1", cluster=clusters, B=REPS, seed=1, show=False)
    return float(found["p-value"].iloc[0])


def main() -> None:
    """Print the times and ratios."""
    frame = simulate()
    model = stats.ols(f"y ~ {' + '.join(NAMES)} | unit + year", frame, unit="unit", time="year")
    test = wild_bootstrap(model, "x1", reps=REPS, seed=1)
    products = stats.CrossProducts.of(model) if hasattr(stats, "CrossProducts") else None
    ours = median(lambda: wild_bootstrap(model, "x1", reps=REPS, seed=1, level=None), RUNS)
    print(f"govdata, p value                     {ours:8.4f} s   p {test.p_value:.4f}")
    both = median(lambda: wild_bootstrap(model, "x1", reps=REPS, seed=1), RUNS)
    print(f"govdata, p value and interval        {both:8.4f} s")
    products = CrossProducts.of(model)
    again = median(lambda: wild_bootstrap(products, "x1", reps=REPS, seed=1, level=None), RUNS)
    print(f"govdata, from sums of products       {again:8.4f} s")
    for name, within in (
        ("wildboottest, all indicators       ", False),
        ("wildboottest, units taken out       ", True),
    ):
        regression = dummies(frame, within=within)
        p_value = peer(regression, frame["unit"])  # also compiles
        theirs = median(lambda regression=regression: peer(regression, frame["unit"]), 3)
        print(
            f"{name} {theirs:8.3f} s   p {p_value:.4f}   ratio {theirs / ours:.0f}, {theirs / both:.0f} with interval"
        )


if __name__ == "__main__":
    main()
