"""Time and measure one two-way fit against pyfixest, in one run: ``python benchmarks/fitting.py``.

Both fit ``y ~ x1 + ... | iso3 + year`` with standard errors clustered by iso3 (text; the year is a whole number). Small
panels: medians of many fits in one process, after both have been warmed up. Panels of a million rows: a fresh process
for each, warmed up on a small panel; the memory is the peak of the process (``ru_maxrss``) less what it held with the
data loaded, and the time is the median of the fits.
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

SMALL = [(180, 25, 8), (180, 25, 32)]
LARGE = [(40_000, 25, 8), (4_000, 250, 8)]
RUNS_SMALL, RUNS_LARGE = 51, 5
PROGRAMS = ("govdata", "pyfixest")


def panel(units: int, times: int, columns: int) -> pd.DataFrame:
    """Make a balanced panel with effects of both kinds."""
    rng = np.random.default_rng(7)
    unit, year = np.repeat(np.arange(units), times), np.tile(np.arange(times), units)
    x = rng.normal(size=(len(unit), columns))
    y = 0.3 * x.sum(axis=1) + rng.normal(size=units)[unit] + rng.normal(size=times)[year] + rng.normal(size=len(unit))
    names = np.array([f"U{code:06d}" for code in range(units)], dtype=object)
    data = pd.DataFrame({"iso3": names[unit], "year": 1990 + year, "y": y})
    return pd.concat([data, pd.DataFrame(x, columns=[f"x{j + 1}" for j in range(columns)])], axis=1)


def fitter(program: str, columns: int) -> Callable[[pd.DataFrame], object]:
    """Give what fits the model with one program."""
    formula = "y ~ " + " + ".join(f"x{j + 1}" for j in range(columns)) + " | iso3 + year"
    if program == "govdata":
        from govdata import stats

        return lambda data: stats.ols(formula, data)
    import pyfixest

    return lambda data: pyfixest.feols(formula, data, vcov={"CRV1": "iso3"})


def timed(work: Callable[[], object]) -> float:
    """Give the time a piece of work takes, in seconds."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def small(units: int, times: int, columns: int) -> dict[str, float]:
    """Give the median time of either program, fitting in turn."""
    data = panel(units, times, columns)
    fits = {program: fitter(program, columns) for program in PROGRAMS}
    taken: dict[str, list[float]] = {program: [] for program in PROGRAMS}
    for run in range(RUNS_SMALL + 3):
        for program in PROGRAMS:
            seconds = timed(lambda program=program: fits[program](data))  # type: ignore[misc]
            if run >= 3:
                taken[program].append(seconds)
    return {program: statistics.median(found) for program, found in taken.items()}


def held() -> float:
    """Give the memory the process holds now, in megabytes."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1024


def measure(program: str, units: int, times: int, columns: int) -> None:
    """Print time and memory of one program; runs in a process of its own."""
    fit = fitter(program, columns)
    for _ in range(2):
        fit(panel(180, 25, columns))
    data = panel(units, times, columns)
    before = held()
    taken = [timed(lambda: fit(data))]
    # Later fits would find memory that earlier ones have not given back.
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - before
    taken += [timed(lambda: fit(data)) for _ in range(RUNS_LARGE - 1)]
    print(json.dumps({"time": statistics.median(taken), "peak": peak}))


def large(units: int, times: int, columns: int) -> dict[str, dict[str, float]]:
    """Give time and memory of either program, each in a fresh process."""
    found = {}
    for program in PROGRAMS:
        command = [sys.executable, __file__, program, str(units), str(times), str(columns)]
        found[program] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return found


def main() -> None:
    """Print the times, the memory and the ratios."""
    print("| units x years x regressors | govdata | pyfixest | faster | peak govdata | peak pyfixest | share |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for size in SMALL:
        times = small(*size)
        ours, theirs = (times[program] for program in PROGRAMS)
        row = f"{ours * 1e3:.1f} ms | {theirs * 1e3:.1f} ms | {theirs / ours:.1f}x | | | "
        print(f"| {' x '.join(f'{part:,}' for part in size)} | {row}|", flush=True)
    for size in LARGE:
        both = large(*size)
        one, two = (both[program] for program in PROGRAMS)
        row = f"{one['time']:.2f} s | {two['time']:.2f} s | {two['time'] / one['time']:.1f}x | "
        row += f"{one['peak']:.0f} MB | {two['peak']:.0f} MB | {one['peak'] / two['peak']:.2f}"
        print(f"| {' x '.join(f'{part:,}' for part in size)} | {row} |", flush=True)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        measure(sys.argv[1], *(int(part) for part in sys.argv[2:]))
    else:
        main()
