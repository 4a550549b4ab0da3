"""Time writing files for Stata and SPSS against the plain writers, in one run: ``python benchmarks/exporting.py``.

The plain writers are given the frame as it is and write no label and no reason. `govdata.export` finds the reasons,
writes both, reads the file back with another reader and writes the ``.do`` or ``.sps`` beside it. Both work by turns;
medians of seven. The first call, which reads the release's list of reasons, is shown apart.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pyreadstat

import govdata

RUNS = 7


def timed(work: Callable[[], object]) -> float:
    """Give the time a piece of work takes, in seconds."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def by_turns(ours: Callable[[], object], plain: Callable[[], object]) -> tuple[float, float]:
    """Give the medians of the times of two pieces of work that are done by turns."""
    times = [(timed(ours), timed(plain)) for _ in range(RUNS)]
    return statistics.median(one for one, _ in times), statistics.median(one for _, one in times)


def main() -> None:
    """Print the times and ratios."""
    frame = govdata.load("digital_surveillance")
    print(f"the panel: {len(frame)} rows, {len(frame.columns)} columns")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        first = timed(lambda: govdata.export(frame, folder / "first.dta"))
        print(f"first call                       {first:8.3f} s")
        pairs: dict[str, Callable[[], object]] = {
            "dta": lambda: frame.to_stata(folder / "plain.dta", write_index=False, version=118),
            "sav": lambda: pyreadstat.write_sav(frame, folder / "plain.sav"),
        }
        for form, plain in pairs.items():

            def ours(form: str = form) -> None:
                govdata.export(frame, folder / f"ours.{form}", overwrite=True)

            mine, theirs = by_turns(ours, plain)
            writer = "pandas" if form == "dta" else "pyreadstat"
            print(
                f".{form}                             {mine:8.3f} s  {writer} {theirs:.3f} s  ratio {mine / theirs:.2f}"
            )


if __name__ == "__main__":
    main()
