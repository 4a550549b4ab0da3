"""How long 900 draws take, beside a loop of fits by pyfixest.

    python benchmarks/draws.py [--draws 900] [--loop 40]

180 units, 25 years, 7 regressors and two-way effects: 32 columns beside the units' means. pyfixest, where it is
installed, fits ``--loop`` of the draws; its time is scaled to all. Every part runs several times, in turn with the
others; medians are printed.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from govdata import stats
from govdata.stats.over_draws import over_draws

UNITS, YEARS, REGRESSORS, ROUNDS = 180, 25, 7, 5
NAMES = [f"x{j}" for j in range(1, REGRESSORS + 1)]
FORMULA = f"y ~ {' + '.join(NAMES)} | iso3 + year"


def made(draws: int) -> tuple[pd.DataFrame, dict[str, np.ndarray[Any, Any]]]:
    """Make a panel, and draws of its response and of one regressor."""
    rng = np.random.default_rng(7)
    rows = UNITS * YEARS
    frame = pd.DataFrame({"iso3": np.repeat([f"U{i:03d}" for i in range(UNITS)], YEARS)})
    frame["year"] = np.tile(np.arange(2000, 2000 + YEARS), UNITS)
    for name in NAMES:
        frame[name] = rng.normal(size=rows) + np.repeat(rng.normal(size=UNITS), YEARS)
    frame["y"] = frame[NAMES].sum(axis=1) + np.repeat(rng.normal(size=UNITS), YEARS) + rng.normal(size=rows)
    matrices = {name: frame[name].to_numpy()[:, None] + 0.3 * rng.normal(size=(rows, draws)) for name in ("y", "x1")}
    return frame, matrices


def long(frame: pd.DataFrame, name: str, matrix: np.ndarray[Any, Any]) -> pd.DataFrame:
    """Give draws as load(..., draws=) does."""
    rows, draws = matrix.shape
    keys = {key: np.tile(frame[key].to_numpy(), draws) for key in ("iso3", "year")}
    return pd.DataFrame({**keys, "draw": np.repeat(np.arange(1, draws + 1), rows), name: matrix.T.ravel()})


def loop(frame: pd.DataFrame, name: str, matrix: np.ndarray[Any, Any], count: int) -> Callable[[], list[Any]] | None:
    """Give a loop of fits by pyfixest, or None where it is not installed."""
    try:
        import pyfixest as pf
    except ImportError:
        return None

    def run() -> list[Any]:
        found = []
        for d in range(count):
            data = frame.copy(deep=False)
            data[name] = matrix[:, d]
            fit = pf.feols(FORMULA, data=data, vcov={"CRV1": "iso3"})
            found.append((fit.coef(), fit.se()))
        return found

    return run


def seconds(function: Callable[[], Any]) -> float:
    """Time one run."""
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def main() -> None:
    """Print the times and ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=900)
    parser.add_argument("--loop", type=int, default=40, help="draws that pyfixest fits")
    chosen = parser.parse_args()
    frame, matrices = made(chosen.draws)
    model = stats.ols(FORMULA, frame)
    print(
        f"N {len(frame):,}, {UNITS} units, {REGRESSORS} regressors, two-way effects, CRV1 by iso3, {chosen.draws} draws"
    )
    for name, matrix in matrices.items():
        tall = long(frame, name, matrix)
        peer = loop(frame, name, matrix, chosen.loop)
        parts: dict[str, Callable[[], Any]] = {
            "govdata, from matrices": lambda name=name, matrix=matrix: over_draws(model, {name: matrix}),
            "govdata, from the long frame": lambda tall=tall: over_draws(model, tall),
        }
        if peer is not None:
            peer()  # compile
            parts["pyfixest, a loop"] = peer
        times: dict[str, list[float]] = {part: [] for part in parts}
        for _ in range(ROUNDS):
            for part, function in parts.items():
                scale = chosen.draws / chosen.loop if part.startswith("pyfixest") else 1.0
                times[part].append(seconds(function) * scale)
        print(f"\ndraws of {name}")
        slowest = statistics.median(times.get("pyfixest, a loop", [float("nan")]))
        for part, found in times.items():
            middle = statistics.median(found)
            scaled = f" (timed on {chosen.loop} draws and scaled)" if part.startswith("pyfixest") else ""
            print(f"  {part:<30} {middle:8.3f} s  {slowest / middle:7.1f} times faster{scaled}")


if __name__ == "__main__":
    main()
