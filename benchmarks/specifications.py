"""Time specification curves against a loop of pyfixest fits, in one run: ``python benchmarks/specifications.py``.

180 units, 25 years and 32 regressors: one looked at, ten that come and go, 21 in every model; unit and year effects,
standard errors clustered by unit. That makes 1,024 specifications. govdata's times are medians of five and start from
the data frame; pyfixest fits every 32nd specification once, and its time is scaled up.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable

import numpy as np
import pandas as pd
import pyfixest

from govdata import stats
from govdata.stats.specification import specification_curve

RUNS = 5
PART = 32
DRAWS = 900


def median(work: Callable[[], object], runs: int = RUNS) -> float:
    """Give the median of the times a piece of work takes, in seconds."""
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def panel(units: int = 180, years: int = 25, columns: int = 31) -> pd.DataFrame:
    """Give a balanced panel whose regressors hang together."""
    rng = np.random.default_rng(1)
    n = units * years
    names = [f"z{j}" for j in range(columns)]
    values = rng.normal(size=(n, columns)) + rng.normal(size=(units, columns)).repeat(years, axis=0)
    frame = pd.DataFrame(values, columns=names)
    frame["iso3"] = np.repeat([f"U{i:03}" for i in range(units)], years)
    frame["year"] = np.tile(np.arange(1998, 1998 + years), units)
    frame["x"] = rng.normal(size=n) + 0.2 * values[:, :10].sum(axis=1)
    frame["y"] = 0.1 * frame["x"] + 0.2 * values.sum(axis=1) + rng.normal(size=n)
    return frame


def main() -> None:
    """Print the times and ratios."""
    frame = panel()
    options = {
        "y": "y",
        "x": "x",
        "controls": [f"z{j}" for j in range(10)],
        "always": [f"z{j}" for j in range(10, 31)],
        "effects": "iso3 + year",
        "se": "CRV1",
    }
    curve = specification_curve(frame, **options)
    count = len(curve.table)
    ours = median(lambda: specification_curve(frame, **options))
    part = curve.table["formula"].iloc[::PART]

    def loop() -> list[tuple[float, float]]:
        found = []
        for formula in part:
            fit = pyfixest.feols(formula, frame, vcov={"CRV1": "iso3"})
            found.append((float(fit.coef()["x"]), float(fit.se()["x"])))
        return found

    pyfixest.feols(part.iloc[0], frame, vcov={"CRV1": "iso3"})
    start = time.perf_counter()
    theirs = loop()
    peer = (time.perf_counter() - start) / len(part) * count
    own = curve.table[["estimate", "std_error"]].iloc[::PART].to_numpy()
    apart = np.abs(own / np.array(theirs) - 1).max(axis=0)
    print(f"{count:,} specifications               {ours:8.3f} s")
    print(f"pyfixest, {len(part)} of them scaled up   {peer:8.1f} s  ratio {peer / ours:,.0f}")
    print(f"largest relative difference of estimates {apart[0]:.1e}, of standard errors {apart[1]:.1e}")
    start = time.perf_counter()
    for formula in part:
        stats.ols(formula, frame)
    print(f"stats.ols, {len(part)} of them scaled up  {(time.perf_counter() - start) / len(part) * count:8.1f} s")

    rng = np.random.default_rng(2)
    noise = 0.3 * rng.normal(size=(len(frame), DRAWS))
    for name in ("y", "x"):
        draws = {name: frame[[name]].to_numpy() + noise}
        taken = median(lambda draws=draws: specification_curve(frame, draws=draws, **options), 3 if name == "y" else 1)
        print(f"{DRAWS} draws of {name} x {count:,}            {taken:8.2f} s")
    for how in ("exchange", "flips"):
        taken = median(lambda how=how: specification_curve(frame, permutations=500, permute=how, **options), 1)
        print(f"500 permutations, {how:8}         {taken:8.2f} s")


if __name__ == "__main__":
    sys.exit(main())
