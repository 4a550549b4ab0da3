"""Time leaving out each country against a loop of refits with pyfixest, in one run: ``python benchmarks/leaving.py``.

180 countries, 25 years, eight regressors, effects of country and year, standard errors clustered by country. The loop
begins with the data in memory and ours with the fitted model; both end with every coefficient, standard error and p
value in one table. The loop is timed over the first countries (``--refits``, 180 for all of it) and scaled up to 180;
its numbers are compared with ours.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np
import pandas as pd

from govdata import stats
from govdata.stats.leave_one_out import leave_one_out

UNITS, YEARS, REGRESSORS = 180, 25, 8
FORMULA = "y ~ " + " + ".join(f"x{j}" for j in range(REGRESSORS)) + " | iso3 + year"


def median(work: Callable[[], object], runs: int) -> float:
    """Give the median of the times a piece of work takes, in seconds."""
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def panel() -> pd.DataFrame:
    """Draw a balanced panel."""
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({f"x{j}": rng.normal(size=UNITS * YEARS) for j in range(REGRESSORS)})
    frame["iso3"] = np.repeat([f"U{i:03}" for i in range(UNITS)], YEARS)
    frame["year"] = np.tile(np.arange(2000, 2000 + YEARS), UNITS)
    frame["y"] = frame["x0"] + np.repeat(rng.normal(size=UNITS), YEARS) + rng.normal(size=UNITS * YEARS)
    return frame


def refits(frame: pd.DataFrame, units: list[str]) -> pd.DataFrame:
    """Fit the model without each unit with pyfixest."""
    import pyfixest

    rows = []
    for unit in units:
        model = pyfixest.feols(FORMULA, frame[frame["iso3"] != unit], vcov={"CRV1": "iso3"})
        rows.append(model.tidy().reset_index().assign(left_out=unit))
    return pd.concat(rows)


def main() -> None:
    """Print the times and ratios."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--refits", type=int, default=20)
    count = max(2, min(options.parse_args().refits, UNITS))
    frame = panel()
    units = sorted(frame["iso3"].unique())
    model = stats.ols(FORMULA, frame)
    refits(frame, units[:1])  # compiles what pyfixest compiles
    start = time.perf_counter()
    theirs = refits(frame, units[:count])
    loop = (time.perf_counter() - start) / count * UNITS
    leave_one_out(model)
    ours = median(lambda: leave_one_out(model).table, 11)
    own = median(lambda: [model.again(frame[frame["iso3"] != unit]).tidy() for unit in units[:10]], 1) / 10 * UNITS
    part = "" if count == UNITS else f" (from {count} of {UNITS} refits)"
    print(f"pyfixest, refits in a loop       {loop:9.3f} s{part}")
    print(f"govdata, refits in a loop        {own:9.3f} s (from 10 of {UNITS} refits)")
    print(f"govdata.stats.leave_one_out      {ours:9.4f} s  ratio {loop / ours:.0f}")
    by_year = median(lambda: leave_one_out(model, "time").table, 5)
    print(f"the same by year                 {by_year:9.4f} s")
    mine = leave_one_out(model).table.set_index(["left_out", "term"]).loc[units[:count]]
    theirs = theirs.set_index(["left_out", "Coefficient"]).loc[mine.index]
    for name, other in (("estimate", "Estimate"), ("std_error", "Std. Error")):
        print(f"largest difference, {name:<10}   {np.abs(mine[name] / theirs[other] - 1).max():9.1e} (relative)")


if __name__ == "__main__":
    main()
