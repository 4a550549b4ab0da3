"""What lies beyond memory: cross-products and country-years through DuckDB.

Run from the repository's root, with the number of rows in millions:

    python benchmarks/bigdata.py products 50
    python benchmarks/bigdata.py claims 100

``products`` compares eight regressors and 200 units, summed to a model, with the time DuckDB takes to read and add up
the same columns, in turns, and gives medians. ``claims`` runs in a process of its own and gives the most memory it
held. The files are made by DuckDB in a temporary directory and removed afterwards.
"""

# ruff: noqa: S608 -- names are quoted and literals escaped where they enter; nothing a user writes is pasted

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

RUNS = 3
MEMORY = "150MB"


def products(rows: int, folder: str) -> None:
    """Time sums of products against a plain scan."""
    from govdata import stats

    path = str(Path(folder) / "rows.parquet")
    xs = ", ".join(f"random() * {j} + {3 * j} AS x{j}" for j in range(1, 9))
    duckdb.sql(
        f"SELECT (hash(i) % 200)::INTEGER AS unit, {xs}, random() * 5 + 10 AS y FROM range({rows}) AS t(i)"
    ).to_parquet(path)
    names = ["y", *(f"x{j}" for j in range(1, 9))]
    plain, sums = [], []
    for _ in range(RUNS):
        start = time.perf_counter()
        duckdb.sql(f"SELECT {', '.join(f'sum({name})' for name in names)} FROM '{path}'").fetchall()
        plain.append(time.perf_counter() - start)
        start = time.perf_counter()
        formula = f"y ~ {' + '.join(names[1:])} | unit"
        found = stats.CrossProducts.from_duckdb(path, formula, cluster="unit")
        sums.append(time.perf_counter() - start)
    one, other = statistics.median(plain), statistics.median(sums)
    print(f"{rows:,} rows x 8 regressors x 200 units: DuckDB scan and sum {one:.2f} s (all: {_listed(plain)})")
    print(f"  cross-products {other:.2f} s (all: {_listed(sums)}), {other / one:.1f} times that; {found.scans} scan(s)")


def _listed(times: list[float]) -> str:
    return ", ".join(f"{one:.2f}" for one in times)


def claims(rows: int, folder: str) -> None:
    """Measure time and memory of a process that makes country-years."""
    path = str(Path(folder) / "claims.parquet")
    duckdb.sql(
        f"""COPY (SELECT 'C' || lpad((hash(i) % 200)::VARCHAR, 3, '0') AS iso3,
        DATE '2000-01-01' + (hash(i + 1) % 9490)::INTEGER AS start,
        DATE '2000-01-01' + (hash(i + 1) % 9490 + hash(i + 2) % 700)::INTEGER AS "end",
        (hash(i + 3) % 5)::VARCHAR AS code, 'E' || (hash(i + 4) % 5)::VARCHAR AS grade,
        CASE WHEN hash(i + 5) % 20 = 0 THEN 'contested' ELSE 'accepted' END AS status,
        CASE WHEN hash(i + 6) % 10 = 0 THEN 'plan' ELSE 'asserted' END AS modality
        FROM range({rows}) AS t(i)) TO '{path}' (FORMAT parquet)"""
    )
    for rule in ("count_events", "highest_in_force"):
        subprocess.run([sys.executable, __file__, "one", path, rule], check=True)


def one(path: str, rule: str) -> None:
    """Make country-years once, and print time and memory."""
    from govdata.event_rows import country_years

    connection = duckdb.connect(config={"memory_limit": MEMORY})
    start = time.perf_counter()
    frame = country_years(path, years=(2000, 2025), rule=rule, connection=connection)
    taken = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rows = connection.sql(f"SELECT COUNT(*) FROM '{path}'").fetchall()[0][0]
    print(f"{rows:,} claims, {rule}: {len(frame):,} country-years in {taken:.1f} s, at most {peak:.0f} MB in memory")


def main() -> None:
    """Run what is asked for."""
    if sys.argv[1:2] == ["one"]:
        one(*sys.argv[2:4])
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["products", "claims"])
    parser.add_argument("millions", type=float, nargs="?", default=5)
    parser.add_argument("--folder", default=None, help="where the files are made; by default the system's own")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        {"products": products, "claims": claims}[given.what](int(given.millions * 1e6), folder)


if __name__ == "__main__":
    main()
