"""How long it takes to hold two releases of the world panel against each other.

    python benchmarks/diffing.py [--dataset digital_surveillance] [--old 0.2.0] [--new 1.0.0] [--rounds 7]

Beside it, in the same run and in turn: reading the two panels with pandas, which any comparison has to do. Nothing is
kept from one round to the next. Medians and their ratio are printed, first the time of one cold call.
"""

from __future__ import annotations

import argparse
import io
import statistics
import time
from collections.abc import Callable

import pandas as pd

from govdata.differing import diff
from govdata.releases import open_release, versions


def timed(run: Callable[[], object]) -> float:
    """Give the seconds that one call takes."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def main() -> None:
    """Time both, and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dataset", default="digital_surveillance")
    parser.add_argument("--old", default="0.2.0")
    parser.add_argument("--new", default="1.0.0")
    parser.add_argument("--rounds", type=int, default=7)
    given = parser.parse_args()
    pair = (given.old, given.new)

    def compare() -> object:
        return diff(given.dataset, *pair)

    def read() -> object:
        data = [open_release(given.dataset, version).read("panel.csv") for version in pair]
        return [pd.read_csv(io.BytesIO(one), dtype="str", keep_default_na=False) for one in data]

    def everything() -> object:
        found = compare()
        return str(found), found.to_html(), found.to_json()  # type: ignore[attr-defined]

    versions(given.dataset)  # the list of datasets is looked up once
    cold = timed(compare)
    times: dict[str, list[float]] = {"diff": [], "diff, text, page and JSON": [], "both panels read by pandas": []}
    for _ in range(given.rounds):
        for (_, seconds), run in zip(times.items(), (compare, everything, read), strict=True):
            seconds.append(timed(run))
    medians = {name: statistics.median(seconds) for name, seconds in times.items()}
    print(f"{given.dataset} {given.old} → {given.new}")
    print(f"{'diff, the first call':<28} {cold:6.2f} s")
    for name, seconds in medians.items():
        print(f"{name:<28} {seconds:6.2f} s")
    print(f"diff / both panels read: {medians['diff'] / medians['both panels read by pandas']:.1f}")


if __name__ == "__main__":
    main()
