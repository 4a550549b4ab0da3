"""Time importing the package against importing pandas, in one run: ``python benchmarks/importing.py``.

Each in a fresh interpreter, in turns after a first turn that is not counted: it fills the caches of files and bytecode.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from importlib.metadata import version

RUNS = 9


def once(module: str) -> float:
    """Time an import in a fresh interpreter, in seconds."""
    code = f"import time; start = time.perf_counter(); import {module}; print(time.perf_counter() - start)"
    around = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=around)
    return float(run.stdout)


def main() -> None:
    """Print the times and their ratio."""
    turns = [(once("govdata"), once("pandas")) for _ in range(RUNS + 1)][1:]
    ours, pandas = (statistics.median(times) for times in zip(*turns, strict=True))
    print(f"govdata {version('comparative-govdata')}, pandas {version('pandas')}, Python {sys.version.split()[0]}")
    print(f"import govdata {ours * 1000:.2f} ms, import pandas {pandas * 1000:.1f} ms, ratio {ours / pandas:.1%}")


if __name__ == "__main__":
    main()
