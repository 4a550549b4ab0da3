"""Time validating a sound panel against the full pandera pass, in one run: ``python benchmarks/validating.py``.

pandera is imported before it is timed, and its schema is made from the codebook as part of the pass.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from functools import partial

import pandas as pd

import govdata
from govdata.model import Indicator
from govdata.releases import open_release
from govdata.schema import panel_schema, schema_faults

RUNS = 7


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


def main() -> None:
    """Print the times and ratios."""
    start = time.perf_counter()
    import pandera.pandas

    print(f"govdata {govdata.__version__}, pandas {pd.__version__}, pandera {pandera.__version__}")
    print(f"Python {sys.version.split()[0]}; import of pandera {time.perf_counter() - start:.2f} s")

    def full_pass(frame: pd.DataFrame, indicators: tuple[Indicator, ...]) -> list[str]:
        return schema_faults(frame, panel_schema(list(frame.columns), indicators))

    for name in govdata.datasets()["name"]:
        frame, indicators = govdata.load(name), open_release(name).indicators
        full, quick = medians(partial(full_pass, frame, indicators), partial(govdata.validate, frame, name))
        print(f"{name:22} {quick:8.4f} s  pandera {full:.4f} s  ratio {quick / full:.2f}")


if __name__ == "__main__":
    main()
