"""Time panel-corrected standard errors against the textbook's formula, in one run: ``python benchmarks/pcse.py``.

180 units, 25 years, 32 columns. The textbook multiplies with the Kronecker product of the errors' covariance and an
identity, 4,500 x 4,500 (Beck and Katz 1995). Both start from coefficients and residuals. Medians of five.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np
import pandas as pd

from govdata import stats

UNITS, YEARS, COLUMNS = 180, 25, 32


def median(work: Callable[[], object], runs: int = 5) -> float:
    """Give the median of the times a piece of work takes, in seconds."""
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def main() -> None:
    """Print the times, the ratio and the largest difference."""
    rng = np.random.default_rng(0)
    frame = pd.MultiIndex.from_product([range(UNITS), range(YEARS)], names=["unit", "year"]).to_frame(index=False)
    names = [f"x{j}" for j in range(COLUMNS - 1)]
    frame[names] = rng.normal(size=(len(frame), len(names)))
    frame["y"] = frame[names].sum(axis=1) / 10 + rng.normal(size=len(frame))
    model = stats.ols(f"y ~ {' + '.join(names)}", frame, unit="unit", time="year")
    columns = np.column_stack([np.ones(len(frame)), frame[names]])
    resid = model.resid.to_numpy().reshape(UNITS, YEARS)

    def textbook() -> np.ndarray:
        sigma = resid @ resid.T / YEARS
        bread = np.linalg.inv(columns.T @ columns)
        return bread @ columns.T @ np.kron(sigma, np.eye(YEARS)) @ columns @ bread

    ours = median(lambda: model.with_se("PCSE"), 21)
    theirs = median(textbook)
    found, wanted = model.with_se("PCSE").bse.to_numpy(), np.sqrt(np.diag(textbook()))
    print(f"govdata, with_se('PCSE')       {ours:8.4f} s")
    print(f"textbook, Kronecker product    {theirs:8.4f} s   ratio {theirs / ours:.0f}")
    print(f"largest relative difference    {np.abs(found / wanted - 1).max():8.1e}")
    gaps = frame[rng.random(len(frame)) > 0.1]
    uneven = stats.ols(f"y ~ {' + '.join(names)}", gaps, unit="unit", time="year")
    print(f"unbalanced, pairwise           {median(lambda: uneven.with_se('PCSE', pairwise=True), 21):8.4f} s")


if __name__ == "__main__":
    main()
