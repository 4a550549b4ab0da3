"""Check the certified values against the data, in exact rational arithmetic: a slip in either shows.

    python check.py

Solves the normal equations of each case with fractions of integers, so the only rounding is that of the certified
values themselves. Needs the standard library only.
"""

from __future__ import annotations

import csv
import json
import sys
from decimal import Decimal, getcontext
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

HERE = Path(__file__).parent
TOLERANCE = Decimal("2e-14")
getcontext().prec = 60


def inverse(matrix: list[list[Fraction]]) -> list[list[Fraction]]:
    """Invert by Gauss and Jordan."""
    n = len(matrix)
    rows = [[*row, *(Fraction(int(i == j)) for j in range(n))] for i, row in enumerate(matrix)]
    for i in range(n):
        pivot = next(r for r in range(i, n) if rows[r][i] != 0)
        rows[i], rows[pivot] = rows[pivot], rows[i]
        rows[i] = [v / rows[i][i] for v in rows[i]]
        for r in range(n):
            if r != i and rows[r][i] != 0:
                rows[r] = [a - rows[r][i] * b for a, b in zip(rows[r], rows[i], strict=True)]
    return [row[n:] for row in rows]


def product(a: Sequence[Fraction], b: Sequence[Fraction]) -> Fraction:
    """Multiply two columns."""
    return sum((u * v for u, v in zip(a, b, strict=True)), Fraction(0))


def decimal(value: Fraction) -> Decimal:
    """Write a fraction with sixty digits."""
    return Decimal(value.numerator) / Decimal(value.denominator)


def off(certified: float, exact: Decimal) -> Decimal:
    """Give the relative difference, or the absolute one from nil."""
    gap = abs(Decimal(repr(certified)) - exact)
    return gap if exact == 0 else gap / abs(exact)


def worst(path: Path) -> Decimal:
    """Give the largest relative difference between a case's certified values and its data."""
    case = json.loads(path.read_text())
    with (HERE / case["data"]).open() as file:
        data = [(Fraction(row["y"]), Fraction(row["x"])) for row in csv.DictReader(file)]
    assert len(data) == case["n"], path.name
    powers = [0 if name == "Intercept" else int(name[1:]) for name in case["params"]]
    x = [[v**p for p in powers] for _, v in data]
    y = [v for v, _ in data]
    k, n = len(powers), len(y)
    columns = list(zip(*x, strict=True))
    bread = inverse([[product(a, b) for b in columns] for a in columns])
    moments = [product(column, y) for column in columns]
    slopes = [product(row, moments) for row in bread]
    left = [v - product(row, slopes) for row, v in zip(x, y, strict=True)]
    rss = product(left, left)
    centre = sum(y, Fraction(0)) / n if 0 in powers else Fraction(0)
    around = [v - centre for v in y]
    tss = product(around, around)
    variance = rss / (n - k)
    gaps = [off(case["r_squared"], decimal(1 - rss / tss)), off(case["residual_sd"], decimal(variance).sqrt())]
    for i, name in enumerate(case["params"]):
        gaps.append(off(case["params"][name], decimal(slopes[i])))
        gaps.append(off(case["se"][name], decimal(variance * bread[i][i]).sqrt()))
    return max(gaps)


if __name__ == "__main__":
    failed = False
    for path in sorted(HERE.glob("*.json")):
        gap = worst(path)
        failed |= gap > TOLERANCE
        sys.stdout.write(f"{path.stem:10s} {gap:.1e}{'  TOO LARGE' if gap > TOLERANCE else ''}\n")
    sys.exit(failed)
