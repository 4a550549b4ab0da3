"""Time loading a panel against the plainest pandas read of the same file, in one run: ``python benchmarks/loading.py``.

`govdata.load` also compares the file with its checksum, finds the dtypes of the codebook and keeps an empty text apart
from a missing number. Medians of turns in which both are timed, after a first turn that is not: with the panel parsed
anew each time, then as it is, with the last panels kept and the bytes compared all the same; then the first load of
fresh interpreters that have imported pandas already.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from functools import partial

import pandas as pd

import govdata
from govdata.releases import _PANELS, open_release

RUNS = 21
COLD = """
import sys, time, warnings
import pandas
warnings.simplefilter("ignore")
start = time.perf_counter()
if sys.argv[1] == "plain":
    pandas.read_csv(sys.argv[2])
else:
    import govdata
    govdata.load(sys.argv[2])
print(time.perf_counter() - start)
"""


def medians(*works: Callable[[], object], runs: int = RUNS) -> list[float]:
    """Give the medians of the times that pieces of work take in turns, in seconds."""
    times: list[list[float]] = [[] for _ in works]
    for turn in range(runs + 1):
        for work, kept in zip(works, times, strict=True):
            start = time.perf_counter()
            work()
            if turn:
                kept.append(time.perf_counter() - start)
    return [statistics.median(kept) for kept in times]


def parsed_anew(name: str) -> None:
    """Load a panel as if it had not been loaded before in this process."""
    _PANELS.clear()
    govdata.load(name)


def cold(way: str, what: str) -> float:
    """Time the first load of a fresh interpreter, in seconds."""
    around = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    run = subprocess.run(
        [sys.executable, "-c", COLD, way, what], capture_output=True, text=True, check=True, env=around
    )
    return float(run.stdout)


def main() -> None:
    """Print the times and ratios."""
    warnings.simplefilter("ignore", pd.errors.DtypeWarning)  # of the plain read, which guesses
    print(f"govdata {govdata.__version__}, pandas {pd.__version__}, Python {sys.version.split()[0]}")
    for name in govdata.datasets()["name"]:
        path = open_release(name).folder / "panel.csv"
        rows, columns = govdata.load(name).shape
        print(f"{name} ({rows:,} x {columns})")
        plain, anew, ours, one = medians(
            partial(pd.read_csv, path),
            partial(parsed_anew, name),
            partial(govdata.load, name),
            partial(govdata.load, name, years=2018),
        )
        print(f"  warm, parsed anew   {anew:8.4f} s  pandas {plain:.4f} s  ratio {anew / plain:.2f}")
        print(f"  warm, whole panel   {ours:8.4f} s  pandas {plain:.4f} s  ratio {ours / plain:.2f}")
        print(f"  warm, one year      {one:8.4f} s  pandas {plain:.4f} s  ratio {one / plain:.2f}")
        turns = [(cold("plain", str(path)), cold("govdata", name)) for _ in range(8)][1:]
        plain, ours = (statistics.median(times) for times in zip(*turns, strict=True))
        print(f"  first of a process  {ours:8.4f} s  pandas {plain:.4f} s  ratio {ours / plain:.2f}")
    path = open_release("digital_surveillance").folder / "values.csv"
    plain, ours = medians(
        lambda: pd.read_csv(path, dtype="str", keep_default_na=False),
        lambda: govdata.table("digital_surveillance", "values"),
        runs=5,
    )
    print(f"table of values     {ours:8.4f} s  pandas {plain:.4f} s  ratio {ours / plain:.2f}")


if __name__ == "__main__":
    main()
