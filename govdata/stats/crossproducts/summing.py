"""Sums of columns and of their products, by cluster, in the engine that holds the rows."""

# ruff: noqa: S608 -- names are quoted and literals escaped where they enter; nothing a user writes is pasted

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from govdata.errors import EstimationError
from govdata.stats.crossproducts.queries import Engine, Query, Regressor, number, text
from govdata.stats.keys import Codes, FloatArray, IntArray, encode

__all__ = ["Columns", "Summation", "whole"]

MOST_LEVELS = 1000
"""Levels of effects that are written out as columns."""
MOST_CELLS = 100_000_000
"""Numbers held for the sums of all clusters."""


def whole(value: object) -> int:
    """Read a count."""
    return int(value)  # type: ignore[call-overload, no-any-return]


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """What is summed: p linear combinations of the k regressors and the response, p = k + 1.

    Attributes
    ----------
    shift
        p constants that are taken from the variables first.
    weights
        p x p: the combinations, one a column; upper triangular.
    effects
        Levels x p: what is taken from the variables by level of the explicit effects.
    tables
        The stored tables of what is taken out, by alias of their key.
    centred
        Whether means by the absorbed effect are among them.
    """

    shift: FloatArray
    weights: FloatArray
    effects: FloatArray
    tables: dict[str, str] = field(default_factory=dict)
    centred: bool = False


class Summation:
    """The queries of one model that group and sum."""

    def __init__(self, engine: Engine, query: Query, columns: tuple[Regressor, ...], cluster: str) -> None:
        self.engine, self.query, self.cluster = engine, query, cluster
        self.columns = columns
        self.width = len(columns) + 1
        self.sample = query.sample
        self.alias = query.keys[cluster]
        self.sql = (*(column.sql for column in columns), query.values[query.formula.response])  # noqa: PD011 -- no frame
        effects = [name.column for name in query.formula.effects]
        self.absorbed, self.outside_effects = self._arrange(effects)
        self.explicit = {name: self._levels(name, most=MOST_LEVELS) for name in effects if name != self.absorbed}
        self.starts: list[int] = np.cumsum([0, *(len(keys.levels) for keys, _ in self.explicit.values())]).tolist()
        if self.starts[-1] > MOST_LEVELS:
            raise EstimationError(
                f"the effects {' and '.join(self.explicit)} have {self.starts[-1]:,} levels to be written out as "
                f"columns, and the limit is {MOST_LEVELS:,}; only an effect nested in the cluster is absorbed by means"
            )
        self.codes: tuple[Codes, dict[object, int]] = (encode(pd.Series([], dtype=object), cluster), {})
        if self.explicit or self.absorbed not in {None, cluster}:
            self._number(None)

    def _number(self, raw: list[object] | None) -> None:
        """Give each cluster its number; the first sums by cluster tell them too."""
        self.codes = self._levels(self.cluster, raw=raw)
        n_clusters = len(self.codes[0].levels)
        if n_clusters * (self.starts[-1] + self.width) ** 2 > MOST_CELLS:
            raise EstimationError(
                f"{n_clusters:,} clusters by {self.cluster} times {self.starts[-1] + self.width:,} columns are too "
                "many sums of products to hold; take a coarser cluster, or fewer effects"
            )

    def _levels(
        self, column: str, most: int | None = None, raw: list[object] | None = None
    ) -> tuple[Codes, dict[object, int]]:
        """Fetch the levels of a key in the sample: in canonical order, and the code of each raw value."""
        alias = self.query.keys[column]
        limit = f" LIMIT {most + 1}" if most else ""
        if raw is None:
            raw = [row[0] for row in self.engine.rows(f"SELECT DISTINCT {alias} FROM ({self.sample}) AS s{limit}")]
        if most and len(raw) > most:
            raise EstimationError(
                f"effect {column!r} is not nested in the cluster {self.cluster!r} and has more than {most:,} levels, "
                "too many to be written out as columns; cluster by it, or leave it out"
            )
        keys = encode(pd.Series(raw, dtype=object), column)
        return keys, dict(zip(raw, keys.codes.tolist(), strict=True))

    def _nested(self, effect: str, column: str) -> bool:
        """Say whether every level of an effect lies in one level of a column."""
        if effect == column:
            return True
        key, other = self.query.keys[effect], self.query.keys[column]
        query = (
            f"SELECT COUNT(*) FROM (SELECT {key} FROM ({self.sample}) AS s GROUP BY {key} "
            f"HAVING MIN({other}) <> MAX({other})) AS t"
        )
        return self.engine.rows(query)[0][0] == 0

    def _count(self, effect: str) -> int:
        query = f"SELECT COUNT(DISTINCT {self.query.keys[effect]}) FROM ({self.sample}) AS s"
        return whole(self.engine.rows(query)[0][0])

    def _arrange(self, effects: list[str]) -> tuple[str | None, list[str]]:
        for effect in effects:
            for other in effects:
                if effect != other and self._nested(other, effect):
                    raise EstimationError(
                        f"the {effect} effects are determined by {other}: each lies in one; leave it out"
                    )
        inside = [effect for effect in effects if self._nested(effect, self.cluster)]
        absorbed = max(inside, key=self._count, default=None) if len(inside) > 1 else next(iter(inside), None)
        return absorbed, [effect for effect in effects if effect not in inside]

    # The columns that are summed, row by row.

    def combined(self, columns: Columns) -> str:
        """Write a query of the rows: cluster, absorbed key, explicit keys and the combinations z0, z1, ..."""
        keys = dict.fromkeys([self.alias, *(self.query.keys[e] for e in (self.absorbed, *self.explicit) if e)])
        inner = ", ".join([*keys, *(f"{sql} AS x{j}" for j, sql in enumerate(self.sql))])
        # One after the other: a sum of what is taken out would be rounded at its own size, row by row.
        joins, left = "", [f"(x{j} - {number(c)})" if c else f"x{j}" for j, c in enumerate(columns.shift.tolist())]
        for at, (key, table) in enumerate(columns.tables.items()):
            joins += f" JOIN {table} AS o{at} ON s.{key} = o{at}.{key}"
            left = [f"({one} - o{at}.c{j})" for j, one in enumerate(left)]
        shifted = ", ".join(f"{one} AS d{j}" for j, one in enumerate(left))
        named = ", ".join(f"s.{key} AS {key}" for key in keys)
        rows = f"SELECT {named}, {shifted} FROM (SELECT {inner} FROM ({self.sample}) AS r) AS s{joins}"
        if np.array_equal(columns.weights, np.eye(self.width)):
            return f"SELECT {', '.join([*keys, *(f'd{j} AS z{j}' for j in range(self.width))])} FROM ({rows}) AS d"
        combos = [
            " + ".join(f"{number(w)} * d{i}" for i, w in enumerate(column) if w) or number(0)
            for column in columns.weights.T.tolist()
        ]
        return f"SELECT {', '.join([*keys, *(f'{sql} AS z{j}' for j, sql in enumerate(combos))])} FROM ({rows}) AS d"

    def centre(self, columns: Columns) -> Columns:
        """Store the means by the absorbed effect, after other offsets, and take them out from now on."""
        if self.absorbed is None:
            return columns
        key = self.query.keys[self.absorbed]
        plain = replace(columns, weights=np.eye(self.width))
        means = ", ".join(f"{self.engine.add(f'z{j}')} / COUNT(*) AS c{j}" for j in range(self.width))
        table = self.engine.store(f"SELECT {key}, {means} FROM ({self.combined(plain)}) AS z GROUP BY {key}")
        return replace(columns, tables={key: table, **columns.tables}, centred=True)

    def keep_effects(self, effects: FloatArray) -> dict[str, str]:
        """Store what is taken out by level of the explicit effects."""
        tables: dict[str, str] = {}
        names = ", ".join(f"c{j}" for j in range(self.width))
        for start, (name, (_, codes)) in zip(self.starts, self.explicit.items(), strict=False):
            key = self.query.keys[name]
            rows = ", ".join(
                f"({text(raw, backslash=self.engine.backslash)}, {', '.join(number(c) for c in effects[start + code])})"
                for raw, code in codes.items()
            )
            tables[key] = self.engine.store(f"SELECT * FROM (VALUES {rows}) AS t({key}, {names})")
        return tables

    def lengths(self, columns: Columns) -> FloatArray:
        """Sum the squares of the columns."""
        sums = ", ".join(self.engine.add(f"z{j} * z{j}") for j in range(self.width))
        return np.array(self.engine.rows(f"SELECT {sums} FROM ({self.combined(columns)}) AS z")[0], dtype=np.float64)

    # The sums.

    def products(self, columns: Columns) -> tuple[IntArray, FloatArray, FloatArray]:
        """Sum by cluster: rows, columns and products."""
        p, add = self.width, self.engine.add
        pairs = [(i, j) for i in range(p) for j in range(i, p)]
        sums = [add(f"z{j}") for j in range(p)] + [add(f"z{i} * z{j}") for i, j in pairs]
        query = (
            f"SELECT {self.alias}, COUNT(*), {', '.join(sums)} FROM ({self.combined(columns)}) AS z "
            f"GROUP BY {self.alias}"
        )
        rows = self.engine.rows(query)
        if not self.codes[1]:
            self._number([row[0] for row in rows])
        n_clusters = len(self.codes[0].levels)
        sizes = np.zeros(n_clusters, dtype=np.int64)
        totals, squares = np.zeros((n_clusters, p)), np.zeros((n_clusters, p, p))
        for row in rows:
            at = self.codes[1][row[0]]
            sizes[at] += whole(row[1])
            values = np.array(row[2:], dtype=np.float64)
            totals[at] += values[:p]
            for (i, j), value in zip(pairs, values[p:].tolist(), strict=True):
                squares[at, i, j] += value
                squares[at, j, i] = squares[at, i, j]
        return sizes, totals, squares

    def crossed(self, columns: Columns) -> FloatArray:
        """Sum the columns by cluster and level of each explicit effect: G x levels x columns."""
        found = np.zeros((len(self.codes[0].levels), self.starts[-1], self.width))
        sums = ", ".join(self.engine.add(f"z{j}") for j in range(self.width))
        for start, (name, (_, codes)) in zip(self.starts, self.explicit.items(), strict=False):
            key = self.query.keys[name]
            by = ", ".join(dict.fromkeys([self.alias, key]))
            query = f"SELECT {self.alias}, {key} AS level, {sums} FROM ({self.combined(columns)}) AS z GROUP BY {by}"
            for row in self.engine.rows(query):
                found[self.codes[1][row[0]], start + codes[row[1]]] += np.array(row[2:], dtype=np.float64)
        return found

    def indicators(self) -> tuple[FloatArray, FloatArray, FloatArray, IntArray]:
        """Multiply the explicit effects' indicators: by cluster, less the absorbed means; and counts."""
        n_clusters, width = len(self.codes[0].levels), self.starts[-1]
        found = np.zeros((n_clusters, width, width))
        names = list(self.explicit)
        for at, one in enumerate(names):
            for other in names[at:]:
                self._pair(found, one, other)
        raw, counts = found.sum(axis=0), np.einsum("gii->gi", found).copy()
        absorbed = np.zeros(n_clusters, dtype=np.int64)
        if self.absorbed is not None:
            absorbed = self._less_means(found)
        # Indicators that the absorbed effect determines leave nothing but rounding.
        for j in np.flatnonzero(np.diag(found.sum(axis=0)) <= 1e-10 * np.diag(raw)).tolist():
            found[:, j, :] = found[:, :, j] = 0.0
        return found, counts, raw, absorbed

    def _pair(self, found: FloatArray, one: str, other: str) -> None:
        keys = self.query.keys
        by = ", ".join(dict.fromkeys([self.alias, keys[one], keys[other]]))
        query = (
            f"SELECT {self.alias} AS g, {keys[one]} AS a, {keys[other]} AS b, COUNT(*) FROM ({self.sample}) AS s "
            f"GROUP BY {by}"
        )
        left, right = (self.starts[list(self.explicit).index(name)] for name in (one, other))
        for g, a, b, count in self.engine.rows(query):
            i, j = left + self.explicit[one][1][a], right + self.explicit[other][1][b]
            found[self.codes[1][g], i, j] = found[self.codes[1][g], j, i] = whole(count)

    def _less_means(self, found: FloatArray) -> IntArray:
        """Take the absorbed means out of the indicators' products, and count absorbed levels by cluster."""
        n_clusters, width = found.shape[:2]
        if self.absorbed == self.cluster and not width:
            return np.ones(n_clusters, dtype=np.int64)
        key = self.query.keys[self.absorbed or ""]
        levels = self.engine.rows(
            f"SELECT {key}, MIN({self.alias}) AS g, COUNT(*) FROM ({self.sample}) AS s GROUP BY {key}"
        )
        place = {row[0]: at for at, row in enumerate(levels)}
        home = np.array([self.codes[1][row[1]] for row in levels], dtype=np.int64)
        if width:
            rows: list[int] = []
            columns: list[int] = []
            shares: list[float] = []
            for start, (name, (_, codes)) in zip(self.starts, self.explicit.items(), strict=False):
                other = self.query.keys[name]
                by = ", ".join(dict.fromkeys([key, other]))
                query = f"SELECT {key} AS a, {other} AS b, COUNT(*) FROM ({self.sample}) AS s GROUP BY {by}"
                for a, b, count in self.engine.rows(query):
                    rows.append(place[a])
                    columns.append(start + codes[b])
                    shares.append(whole(count) / np.sqrt(whole(levels[place[a]][2])))
            table = csr_array((shares, (rows, columns)), shape=(len(levels), width))
            order = np.argsort(home, kind="stable")
            ends = np.cumsum(np.bincount(home, minlength=n_clusters))
            table = table[order]
            for g in range(n_clusters):
                part = table[(ends[g - 1] if g else 0) : ends[g]]
                found[g] -= (part.T @ part).toarray()
        return np.bincount(home, minlength=n_clusters).astype(np.int64)
