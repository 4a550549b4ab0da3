"""Sums of products of data that stay in an engine: which queries to run, and when to run more.

The first scan sums products of columns shifted by constants, by cluster. That is enough where the shifts are near the
clusters' means and the regressors are far from dependent. Where they are not, the means of the absorbed effect are
stored in the engine and taken out row by row; and where regressors are nearly dependent or fit closely, a last scan
sums products of columns made orthogonal, with residuals in place of the response.
"""

# ruff: noqa: S608 -- names are quoted and literals escaped where they enter; nothing a user writes is pasted

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace

import numpy as np
import pandas as pd
from scipy.linalg import solve_triangular

from govdata.errors import EstimationError, PanelError
from govdata.stats.crossproducts.moments import CONDITION, ILL_CONDITIONED, Factored, factor, from_moments
from govdata.stats.crossproducts.products import CrossProducts
from govdata.stats.crossproducts.queries import MOST_REGRESSORS, Engine, Query, regressors
from govdata.stats.crossproducts.summing import Columns, Summation, whole
from govdata.stats.design import infer_keys
from govdata.stats.formula import check_column, parse
from govdata.stats.keys import FloatArray, IntArray, encode
from govdata.stats.wording import given

__all__ = ["ScannedProducts", "scan"]

LOST = 1e5
"""Squared condition times loss by shifts far from the means, above which the means are taken out first."""
NEARLY_DEPENDENT = 30.0
"""Condition number above which columns are made orthogonal first."""
CLOSE_FIT = 1e-2
"""Share of the response left over, below which residuals are summed in its place."""
HOPELESS = 2e5
"""Condition number above which rounding exceeds 1e-10 of the larger of a coefficient and its standard error."""
CONSTANT = 1e-10
"""Share of a column's length below which its variation is rounding."""
NEAR = 20.0
"""Means this many standard deviations from zero stay: they cost less than three of sixteen digits."""
SOME = 20_000
"""Rows whose means are near enough to shift by."""
SHOWN = 3


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ScannedProducts(CrossProducts):
    """Sums of products whose rows stayed in an engine, with a count of the rows that were left out.

    Attributes
    ----------
    source_rows
        How many rows the source has.
    missing
        How many of them lack each variable, where any does.
    scans
        How often the products were summed: 1, or more where one scan would have lost digits.
    """

    source_rows: int = 0
    missing: dict[str, int] = field(default_factory=dict)
    scans: int = 1

    def left_out(self) -> str:
        """Say how many rows were left out, and why.

        Returns
        -------
        str
            As of a model by :func:`govdata.stats.ols`.
        """
        gone = self.source_rows - self.nobs
        return (
            f"{gone} ({', '.join(f'missing {name} {count}' for name, count in self.missing.items())})"
            if gone
            else "none"
        )


def scan(
    engine: Engine, formula: str, *, cluster: str | None, unit: str | None, time: str | None, panel: bool
) -> ScannedProducts:
    """Sum the products of a model's columns in an engine.

    Parameters
    ----------
    engine
        Who holds the rows.
    formula, unit, time, panel
        As for :func:`govdata.stats.ols`.
    cluster
        The column the sums are by; None takes the unit.

    Returns
    -------
    ScannedProducts
        The sums.

    Raises
    ------
    FormulaError, PanelError, EstimationError
        As :func:`govdata.stats.ols` does; and where ten digits cannot be had.
    """
    for where, value in {"cluster": cluster, "unit": unit, "time": time}.items():
        if value is not None and not isinstance(value, str):
            raise EstimationError(f"{where}= is the name of a column, not {given(value)}")
    if not isinstance(panel, bool):
        raise EstimationError(f"panel is True or False, not {given(panel)}")
    names = list(engine.columns)
    parsed = parse(formula, names)
    if not panel and (unit is not None or time is not None):
        raise PanelError("panel=False says that rows have no unit and time, yet unit= or time= is given")
    if not panel and parsed.shifts:
        raise PanelError("lag(), lead() and diff() need a panel, yet panel=False")
    for where, column in {"unit=": unit, "time=": time, "cluster=": cluster}.items():
        if column is not None:
            check_column(column, names, where=where)
    named = time
    unit, time = infer_keys(formula, pd.DataFrame(columns=pd.Index(names)), unit, time, panel=panel)
    if named is not None and unit is None:
        raise PanelError(f"time={named!r} is given, but not unit=")
    if unit is not None and unit == time:
        raise PanelError(f"unit and time are both {unit!r}")
    cluster = unit if cluster is None else cluster
    if cluster is None:
        raise EstimationError("the data know no unit; name cluster=, the column the sums are by")
    query = Query(engine, parsed, unit, time, (cluster,))
    _panel(query)
    # One scan is enough where the first sums tell the clusters and, by their number, whether rows are left out.
    effects = [name.column for name in parsed.effects]
    counted = None if not query.categories and effects in ([], [cluster]) else _complete(query)
    levels = {column: _categories(query, column) for column in query.categories}
    columns = regressors(query, levels, backslash=engine.backslash)
    if not columns and not parsed.intercept:
        raise EstimationError("the model has no regressor")
    return _Run(Summation(engine, query, columns, cluster)).products(counted)


def _panel(query: Query) -> None:
    """Refuse a unit and time that occur twice, and times that cannot be counted in."""
    if query.unit is None or query.time is None:
        return
    engine, unit, time = query.engine, query.keys[query.unit], query.keys[query.time]
    keys = (
        f"SELECT {unit} AS u, {time} AS t FROM ({query.keys_only}) AS k WHERE {unit} IS NOT NULL AND {time} IS NOT NULL"
    )
    twice = f"SELECT u, t, COUNT(*) AS n FROM ({keys}) AS k GROUP BY u, t HAVING COUNT(*) > 1"
    found = engine.rows(f"SELECT COUNT(*), SUM(n) FROM ({twice}) AS d")[0]
    if whole(found[0]):
        shown = engine.rows(f"{twice} ORDER BY u, t LIMIT {SHOWN}")
        listed = ", ".join(f"{u} {t} ({n} rows)" for u, t, n in shown)
        more = ", ..." if whole(found[0]) > SHOWN else ""
        raise PanelError(
            f"{whole(found[1])} rows share their {query.unit} and {query.time} with another: {listed}{more}; name "
            "other keys with unit= and time=, or say panel=False where rows repeat by design"
        )
    if not query.formula.shifts:
        return
    if engine.columns[query.time] not in {"number", "float", "boolean"}:
        example = next(iter(engine.rows(f"SELECT MIN(t) FROM ({keys}) AS k")))[0]
        raise PanelError(
            f"lag(), lead() and diff() count in whole numbers, but {query.time!r} holds {given(example)}; build a "
            "column such as the year first"
        )
    first, last, odd = engine.rows(
        f"SELECT MIN(t), MAX(t), SUM(CASE WHEN t <> FLOOR(t) THEN 1 ELSE 0 END) FROM ({keys}) AS k"
    )[0]
    if odd:
        raise PanelError(f"column {query.time!r} holds fractions; keys are text or whole numbers")
    for call in query.shifts:
        if first is not None and call.steps > whole(last) - whole(first):
            raise EstimationError(
                f"{call} reaches {call.steps} steps, and {query.time} spans {whole(first)} to {whole(last)}"
            )


def _categories(query: Query, column: str) -> list[tuple[object, str]]:
    """Fetch the levels of a C() in the sample, in canonical order."""
    alias = query.keys[column]
    raw = [
        row[0]
        for row in query.engine.rows(f"SELECT DISTINCT {alias} FROM ({query.sample}) AS s LIMIT {MOST_REGRESSORS}")
    ]
    if len(raw) == MOST_REGRESSORS:
        raise EstimationError(
            f"C({column}) has {MOST_REGRESSORS} levels or more, whose products are too many to sum; absorb it after '|'"
        )
    keys = encode(pd.Series(raw, dtype=object), column)
    order = np.argsort(keys.codes).tolist()
    return [(raw[at], str(keys.levels[keys.codes[at]])) for at in order]


def _complete(query: Query, kept: int | None = None) -> tuple[int, dict[str, int]]:
    """Count the rows, complete or not, and refuse what is no number."""
    engine = query.engine
    rows = whole(engine.rows(f"SELECT COUNT(*) FROM {engine.source}")[0][0])
    if kept is None:
        kept = whole(engine.rows(f"SELECT COUNT(*) FROM ({query.sample}) AS s")[0][0])
    if kept == rows and rows:
        return rows, {}
    if not rows:
        raise EstimationError("the data have no rows")
    gaps, faults = query.gaps, query.faults
    counts = engine.rows(
        f"SELECT {', '.join(f'SUM(CASE WHEN {where} THEN 1 ELSE 0 END)' for where in gaps.values())} "
        f"FROM ({query.everything}) AS e"
    )[0]
    missing = {name: whole(count) for name, count in zip(gaps, counts, strict=True) if count}
    there = " AND ".join(f"NOT {where}" for where in gaps.values())
    sums = ", ".join(f"SUM(CASE WHEN {where} THEN 1 ELSE 0 END)" for where in faults.values())
    for fault, count in zip(
        faults, engine.rows(f"SELECT {sums} FROM ({query.everything}) AS e WHERE {there}")[0], strict=True
    ):
        if count:
            raise EstimationError(f"{fault} in {whole(count)} row{'s' * (whole(count) > 1)} of the sample")
    if not kept:
        empty = [name for name, count in missing.items() if count == rows]
        if empty:
            raise EstimationError(f"no complete row: {', '.join(empty)} missing in all {rows} rows")
        worst = sorted(missing, key=lambda name: (-missing[name], name))[:SHOWN]
        listed = ", ".join(f"{name} {missing[name]}" for name in worst)
        raise EstimationError(f"no complete row among {rows}: missing {listed}")
    return rows, missing


@dataclass(slots=True)
class _Moments:
    """Plain sums of products by cluster, and what belongs to them."""

    sums: FloatArray
    sizes: IntArray
    loss: float
    means: FloatArray
    centred: FloatArray


class _Run:
    """From scans to a model."""

    def __init__(self, sums: Summation) -> None:
        self.sums = sums
        formula = sums.query.formula
        self.constant = formula.intercept
        self.names = (*(["Intercept"] if self.constant else []), *(column.name for column in sums.columns))
        self.explicit = sums.starts[-1]
        self.before: FloatArray | None = None
        self.indicators: FloatArray | None = None

    def products(self, counted: tuple[int, dict[str, int]] | None) -> ScannedProducts:
        """Scan as often as the digits ask for."""
        sums = self.sums
        columns, scans = self._shifted(), 1
        if sums.absorbed is not None and sums.absorbed != sums.cluster:
            columns = sums.centre(columns)
        moments = self._moments(columns)
        rows, missing = counted or _complete(sums.query, int(moments.sizes.sum()))
        if not columns.centred and self._wants_means(moments):
            if sums.absorbed is not None:
                columns = sums.centre(columns)
            else:
                columns = replace(columns, shift=columns.shift + moments.means)
            moments, scans = self._moments(columns), scans + 1
        self._refuse_constant(moments)
        found = self._factor(moments)
        if found.condition > HOPELESS:
            raise EstimationError(
                f"the regressors are nearly dependent (condition number {found.condition:.1e}), so that sums of "
                "products do not give ten digits; leave one out, or fit a part of the rows with stats.ols",
                code=ILL_CONDITIONED,
            )
        rounds = (found.condition > NEARLY_DEPENDENT or self._left_over(moments, found) < CLOSE_FIT) + (
            found.condition > CONDITION
        )
        for _ in range(rounds):
            columns = self._orthogonal(columns, moments, found)
            moments, scans = self._moments(columns), scans + 1
            found = self._factor(moments)
        model = from_moments(
            moments.sums,
            response=str(sums.query.formula.response),
            names=self.names,
            cluster=sums.cluster,
            levels=sums.codes[0].levels,
            sizes=moments.sizes,
            absorbed=self.absorbed,
            outside=0,
            explicit=self.explicit,
            transform=self._transform(columns),
            taken_out=self._taken(columns),
        )
        facts = {one.name: getattr(model, one.name) for one in fields(CrossProducts)}
        facts["outside"] = self._outside(model)
        return ScannedProducts(**facts, source_rows=rows, missing=missing, scans=scans)

    def _shifted(self) -> Columns:
        """Shift the columns by means of some rows, and scale by powers of two those whose squares would overflow."""
        sums = self.sums
        p = sums.width
        columns = Columns(np.zeros(p), np.eye(p), np.zeros((self.explicit, p)))
        if sums.absorbed is None and not self.constant and not self.explicit:
            return columns
        found = ", ".join(f"{sums.engine.add(f'z{j}')}, COUNT(*), {sums.engine.add(f'z{j} * z{j}')}" for j in range(p))
        row = sums.engine.rows(
            f"SELECT {found} FROM (SELECT * FROM ({sums.combined(columns)}) AS z LIMIT {SOME}) AS z"
        )[0]
        if not row[1]:
            return columns
        values = np.array(row, dtype=np.float64).reshape(p, 3)
        if not np.isfinite(values).all():
            raise EstimationError("the columns are too large for their sums to be stored as numbers; divide them first")
        means, squares = values[:, 0] / values[:, 1], values[:, 2] / values[:, 1]
        # Taking constants out of every row takes time, and means near zero cost no digit that counts.
        return replace(columns, shift=np.where(means**2 > NEAR**2 * (squares - means**2), means, 0.0))

    def _moments(self, columns: Columns) -> _Moments:
        """Scan once, and put indicators, constant, regressors and response together."""
        sums = self.sums
        sizes, totals, squares = sums.products(columns)
        if not len(sizes):
            _complete(sums.query, 0)
        if self.indicators is None:
            self.indicators, self.counts, self.raw, self.absorbed = sums.indicators()
        n_clusters, explicit, p = len(sizes), self.explicit, sums.width
        crossed = sums.crossed(columns) if explicit else np.zeros((n_clusters, 0, p))
        if not np.isfinite(squares).all():
            raise EstimationError(
                "the columns are too large for their products to be stored as numbers; divide them first"
            )
        plain = np.diag(squares.sum(axis=0))
        if self.before is None:
            self.before = plain if not columns.centred else sums.lengths(replace(columns, tables={}, centred=False))
        if sums.absorbed == sums.cluster:
            squares = squares - totals[:, :, None] * totals[:, None, :] / sizes[:, None, None]
            crossed = crossed - self.counts[:, :, None] * totals[:, None, :] / sizes[:, None, None]
        lead = 1 if self.constant else 0
        values = np.zeros((n_clusters, explicit + lead + p, explicit + lead + p))
        values[:, :explicit, :explicit] = self.indicators
        values[:, :explicit, explicit + lead :] = crossed
        values[:, explicit + lead :, :explicit] = crossed.transpose(0, 2, 1)
        values[:, explicit + lead :, explicit + lead :] = squares
        if lead:
            values[:, 0, 0] = sizes
            values[:, 0, 1:] = values[:, 1:, 0] = totals
        centred = np.diag(squares.sum(axis=0))
        means = totals.sum(axis=0) / sizes.sum()
        if lead:
            centred = centred - sizes.sum() * means**2
        with np.errstate(divide="ignore", invalid="ignore"):
            loss = np.where(centred > 0, plain / centred, np.inf)
        return _Moments(
            values, sizes, float(loss[:-1].max(initial=1.0)), np.linalg.solve(columns.weights.T, means), centred
        )

    def _factor(self, moments: _Moments) -> Factored:
        width = moments.sums.shape[1] - 1
        total = moments.sums.sum(axis=0)
        return factor(total[:width, :width], self.explicit, self.names)

    def _wants_means(self, moments: _Moments) -> bool:
        if self.sums.absorbed is None and not self.constant and not self.explicit:
            return False
        if self.sums.absorbed is None and self.explicit:
            return False
        try:
            condition = self._factor(moments).condition
        except EstimationError:
            return True
        return not moments.loss * condition**2 < LOST

    def _refuse_constant(self, moments: _Moments) -> None:
        """Refuse a column that the absorbed effect or the constant leaves nothing but rounding of."""
        if self.before is None:
            return
        absorbed = self.sums.absorbed
        for j, column in enumerate(self.sums.columns):
            if absorbed is None and not self.constant:
                continue
            if not moments.centred[j] > CONSTANT**2 * self.before[j]:
                if absorbed is None:
                    raise EstimationError(f"{column.name} is constant")
                raise EstimationError(f"{column.name} does not vary within {absorbed}, whose effects are absorbed")

    def _left_over(self, moments: _Moments, found: Factored) -> float:
        """Return the share of the response's variation that is left."""
        total = moments.sums.sum(axis=0)
        theta, q0 = self._coordinates(total, found)
        start = q0 + int(self.constant)
        whole_part = total[-1, -1] - theta[:start] @ theta[:start]
        left = whole_part - theta[start:] @ theta[start:]
        return float(left / whole_part) if whole_part > 0 else 1.0

    def _coordinates(self, total: FloatArray, found: Factored) -> tuple[FloatArray, int]:
        width = len(total) - 1
        rows = np.concatenate([found.kept, np.arange(self.explicit, width)])
        theta: FloatArray = solve_triangular(found.upper, total[rows, width], trans="T")
        return theta, len(found.kept)

    def _orthogonal(self, columns: Columns, moments: _Moments, found: Factored) -> Columns:
        """Make the regressors orthonormal, and put residuals in place of the response."""
        theta, q0 = self._coordinates(moments.sums.sum(axis=0), found)
        own, weights, p = found.upper[q0:, q0:], columns.weights, self.sums.width
        slopes = solve_triangular(own, theta[q0:])[int(self.constant) :]
        part = own[int(self.constant) :, int(self.constant) :]
        effects, shift = columns.effects, columns.shift
        if q0:
            onto = np.zeros((self.explicit, p))
            onto[found.kept, : p - 1] = solve_triangular(found.upper[:q0, :q0], found.upper[:q0, q0:])
            onto[found.kept, p - 1] = solve_triangular(found.upper[:q0, :q0], theta[:q0])
            effects = effects + np.linalg.solve(weights.T, onto.T).T
        if self.constant:
            shift = shift + moments.means
        turned = weights.copy()
        turned[: p - 1, : p - 1] = solve_triangular(part, weights[: p - 1, : p - 1].T, trans="T").T
        turned[: p - 1, p - 1] -= weights[: p - 1, : p - 1] @ slopes
        fresh = Columns(shift, turned, effects, self.sums.keep_effects(effects) if q0 else {})
        return self.sums.centre(fresh) if self.sums.absorbed is not None else fresh

    def _transform(self, columns: Columns) -> FloatArray:
        inner = columns.weights[:-1, :-1]
        if not self.constant:
            return inner
        found = np.eye(len(self.names))
        found[1:, 1:] = inner
        found[0, 1:] = -columns.shift[:-1] @ inner
        return found

    def _taken(self, columns: Columns) -> FloatArray:
        """Return the coefficients whose fit the response is already less."""
        slopes = -columns.weights[:-1, -1]
        if not self.constant:
            return slopes
        return np.concatenate([[columns.shift[-1] - columns.shift[:-1] @ slopes], slopes])

    def _outside(self, model: CrossProducts) -> int:
        """Count the parameters of the constant and of the effects that are not nested in the clusters."""
        sums = self.sums
        effects = [name.column for name in sums.query.formula.effects]
        if not effects:
            return int(self.constant)
        if sums.outside_effects == effects:
            return model.rank - len(self.names)
        chosen: list[int] = []
        for start, (name, (keys, _)) in zip(sums.starts, sums.explicit.items(), strict=False):
            if name in sums.outside_effects:
                chosen += range(start, start + len(keys.levels))
        if not chosen:
            return 1
        scale = np.sqrt(np.diag(self.raw)[chosen])
        return int(np.linalg.matrix_rank(self.raw[np.ix_(chosen, chosen)] / np.outer(scale, scale), hermitian=True))
