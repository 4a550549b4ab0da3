"""From a formula to the SQL of its columns, for engines that hold the rows.

Names of the data stand in the innermost query only, quoted; everything above speaks of columns this module names. What
is missing is NULL or NaN; what is infinite, or the logarithm of a number that is not positive, is infinite, and is
refused when its row would be in the sample.
"""

# ruff: noqa: S608 -- names are quoted and literals escaped where they enter; nothing a user writes is pasted

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

from govdata.errors import EstimationError, FormulaError, PanelError
from govdata.stats.formula import SHIFTS, Call, Categories, Factor, Formula, Name, Term, name_of, term_label

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Engine", "Kind", "Query", "Regressor", "number", "regressors", "text"]

Kind = Literal["number", "float", "boolean", "text", "other"]
"""What a column holds: whole or decimal numbers, binary fractions (which may be NaN), booleans, text, anything else."""

INFINITY = "CAST('Infinity' AS DOUBLE)"
MOST_REGRESSORS = 100
"""Columns whose products are summed; their number is squared."""


class Engine(Protocol):
    """Who runs the queries: DuckDB or Spark.

    Attributes
    ----------
    columns
        What each column of the source holds, by name.
    source
        What stands after FROM to read the source.
    backslash
        Whether a backslash starts an escape in its text literals.
    """

    columns: dict[str, Kind]
    source: str
    backslash: bool

    def quote(self, name: str) -> str:
        """Quote a column's name."""
        ...

    def add(self, expression: str) -> str:
        """Write the most careful sum the engine has."""
        ...

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """Run a query and fetch what it gives."""
        ...

    def store(self, query: str) -> str:
        """Keep what a query gives, in the engine, and say by which name."""
        ...


def number(value: float) -> str:
    """Write a number so that an engine reads the same bits.

    Parameters
    ----------
    value
        Finite.

    Returns
    -------
    str
        An SQL expression of type DOUBLE.

    Examples
    --------
    >>> from govdata.stats.crossproducts.queries import number
    >>> number(0.1)
    "CAST('0.1' AS DOUBLE)"
    """
    return f"CAST('{float(value)!r}' AS DOUBLE)"


def text(value: object, *, backslash: bool = False) -> str:
    """Write a text or whole number as an SQL literal.

    Parameters
    ----------
    value
        What a key column holds.
    backslash
        Whether the engine reads a backslash as the start of an escape.

    Returns
    -------
    str
        The literal.

    Examples
    --------
    >>> from govdata.stats.crossproducts.queries import text
    >>> text("Côte d'Ivoire")
    "'Côte d''Ivoire'"
    """
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return number(value)
    if backslash:
        return "'" + str(value).replace("\\", "\\\\").replace("'", "\\'") + "'"
    return "'" + str(value).replace("'", "''") + "'"


@dataclass(slots=True)
class Query:
    """The columns of one model, as layers of SELECT around the source.

    Attributes
    ----------
    engine
        Who runs it.
    formula
        The model.
    unit, time
        Key columns, or None.
    keys
        Alias of each key column: effects, clusters, unit and time, and categories.
    values
        Alias of each factor that is a number, steps on the way to others included.
    needed
        The factors that are variables of the model themselves.
    """

    engine: Engine
    formula: Formula
    unit: str | None
    time: str | None
    clusters: tuple[str, ...]
    keys: dict[str, str] = field(default_factory=dict)
    values: dict[Name | Call, str] = field(default_factory=dict)
    needed: list[Name | Call] = field(default_factory=list)
    _inner: dict[str, str] = field(default_factory=dict)
    _layers: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Name every column the model needs."""
        factors: list[Factor] = [f for term in self.formula.terms for f in term]
        categories = [name_of(factor).column for factor in factors if isinstance(factor, Categories)]
        effects = [name.column for name in self.formula.effects]
        for column in (*effects, *self.clusters, *(k for k in (self.unit, self.time) if k is not None), *categories):
            self._key(column)
        if self.formula.shifts:
            self._clock()
        for factor in (self.formula.response, *factors):
            if not isinstance(factor, Categories):
                self._value(factor)
                if factor not in self.needed:
                    self.needed.append(factor)

    def _key(self, column: str) -> None:
        if column in self.keys:
            return
        quoted, kind = self.engine.quote(column), self.engine.columns[column]
        if kind == "text":
            quoted = f"NULLIF({quoted}, '')"
        elif kind == "float":
            quoted = f"CASE WHEN abs({quoted}) < {INFINITY} THEN CAST({quoted} AS DOUBLE) END"
        elif kind == "other":
            quoted = f"CAST({quoted} AS STRING)"
        self.keys[column] = f"k{len(self.keys)}"
        self._inner[self.keys[column]] = quoted

    def _clock(self) -> None:
        if self.unit is None or self.time is None:
            raise PanelError("lag(), lead() and diff() need to know the unit and time of a row: name unit= and time=")
        self._inner["clock"] = f"CAST({self._inner[self.keys[self.time]]} AS BIGINT)"

    def _value(self, factor: Name | Call) -> str:
        """Add the layer that computes a factor, once."""
        if factor in self.values:
            return self.values[factor]
        if isinstance(factor, Name):
            kind = self.engine.columns[factor.column]
            if kind in {"text", "other"}:
                raise EstimationError(
                    f"column {factor.column!r} is not numeric (it holds {'text' if kind == 'text' else 'dates or such'}"
                    f"); write C({factor}) for categories"
                )
            alias = f"v{len(self.values)}"
            self._inner[alias] = f"CAST({self.engine.quote(factor.column)} AS DOUBLE)"
        else:
            inner = self._value(factor.argument)
            alias = f"v{len(self.values)}"
            for layer in self._call(factor, inner, alias):
                self._layers.append(layer)
        self.values[factor] = alias
        return alias

    def _call(self, call: Call, inner: str, alias: str) -> list[str]:
        if call.function == "log":
            return [f"CASE WHEN {inner} > 0 THEN ln({inner}) WHEN {inner} <= 0 THEN -{INFINITY} END AS {alias}"]
        if call.function not in SHIFTS or self.unit is None:
            raise FormulaError(f"{call} cannot be computed by an engine")
        side = "FOLLOWING" if call.function == "lead" else "PRECEDING"
        window = (
            f"MAX({inner}) OVER (PARTITION BY {self.keys[self.unit]} ORDER BY clock "
            f"RANGE BETWEEN {call.steps} {side} AND {call.steps} {side})"
        )
        if call.function != "diff":
            return [f"{window} AS {alias}"]
        there = f"{inner} IS NOT NULL AND {alias}b IS NOT NULL AND NOT isnan({inner}) AND NOT isnan({alias}b)"
        finite = f"abs({inner}) < {INFINITY} AND abs({alias}b) < {INFINITY}"
        return [
            f"{window} AS {alias}b",
            f"CASE WHEN {there} THEN CASE WHEN {finite} THEN {inner} - {alias}b ELSE {INFINITY} END END AS {alias}",
        ]

    @property
    def categories(self) -> tuple[str, ...]:
        """The columns of the ``C()``."""
        factors = [factor for term in self.formula.terms for factor in term]
        return tuple(dict.fromkeys(factor.name.column for factor in factors if isinstance(factor, Categories)))

    @property
    def shifts(self) -> tuple[Call, ...]:
        """The lags, leads and differences."""
        return tuple(call for call in self.values if isinstance(call, Call) and call.function in SHIFTS)

    @property
    def keys_only(self) -> str:
        """A query of the unit and time of all rows."""
        keys = [self.keys[column] for column in (self.unit, self.time) if column is not None]
        return f"SELECT {', '.join(f'{self._inner[key]} AS {key}' for key in keys)} FROM {self.engine.source}"

    @property
    def everything(self) -> str:
        """A query of all rows, complete or not."""
        query = (
            f"SELECT {', '.join(f'{sql} AS {alias}' for alias, sql in self._inner.items())} FROM {self.engine.source}"
        )
        for depth, layer in enumerate(self._layers):
            query = f"SELECT l{depth}.*, {layer} FROM ({query}) AS l{depth}"
        return query

    @property
    def sample(self) -> str:
        """A query of the complete rows whose numbers are finite."""
        conditions = [f"abs({self.values[factor]}) < {INFINITY}" for factor in self.needed]
        conditions += [f"{alias} IS NOT NULL" for alias in self.keys.values()]
        return f"SELECT * FROM ({self.everything}) AS everything WHERE {' AND '.join(conditions)}"

    @property
    def gaps(self) -> dict[str, str]:
        """For each variable, the condition under which it is missing."""
        aliases = {str(factor): self.values[factor] for factor in self.needed}
        found = {name: f"({alias} IS NULL OR isnan({alias}))" for name, alias in aliases.items()}
        for column, alias in self.keys.items():
            found.setdefault(column, f"({alias} IS NULL)")
        return found

    @property
    def faults(self) -> dict[str, str]:
        """For each variable, the condition under which it is there and yet no number."""
        found: dict[str, str] = {}
        for factor in self.needed:
            infinite = f"abs({self.values[factor]}) = {INFINITY}"
            if isinstance(factor, Name):
                found[f"column {factor.column!r} is infinite"] = infinite
            elif factor.function == "log":
                found[f"{factor}: {factor.argument} is zero or negative"] = infinite
            else:
                found[f"{factor} is infinite"] = infinite
        return found


@dataclass(frozen=True, slots=True)
class Regressor:
    """A column of the model.

    Attributes
    ----------
    name
        As :func:`govdata.stats.ols` names it.
    sql
        Its expression in the aliases of a :class:`Query`.
    """

    name: str
    sql: str


def regressors(
    query: Query, levels: Mapping[str, Sequence[tuple[object, str]]], *, backslash: bool = False
) -> tuple[Regressor, ...]:
    """Write out the columns of the right-hand side.

    Parameters
    ----------
    query
        The model's query.
    levels
        By column of a ``C()``: raw value in the data and label of each level, in canonical order.
    backslash
        As in :func:`text`.

    Returns
    -------
    tuple of Regressor
        Without the constant.

    Raises
    ------
    EstimationError
        If a factor has one level, or the columns are too many.
    """
    formula = query.formula
    terms = {frozenset(term) for term in formula.terms}
    if formula.intercept or formula.effects:
        terms.add(frozenset())
    found: list[Regressor] = []
    for term in formula.terms:
        found += _term(term, query, levels, terms, backslash=backslash)
        if len(term) == 1 and isinstance(term[0], Categories):
            terms.add(frozenset())  # its indicators now add up to a constant
        if len(found) > MOST_REGRESSORS:
            raise EstimationError(
                f"{term_label(term)} makes more than {MOST_REGRESSORS} columns, whose products are too many to sum; "
                "absorb it after '|', or take coarser categories"
            )
    return tuple(found)


def _term(
    term: Term,
    query: Query,
    levels: Mapping[str, Sequence[tuple[object, str]]],
    terms: set[frozenset[Factor]],
    *,
    backslash: bool,
) -> list[Regressor]:
    parts = [("", "")]
    for factor in term:
        if isinstance(factor, Categories):
            column = factor.name.column
            first = 1 if frozenset(term) - {factor} in terms else 0
            if len(levels[column]) == 1 and first:
                raise EstimationError(f"{factor} has one level, {levels[column][0][1]!r}, in the sample")
            alias = query.keys[column]
            choices = [
                (
                    f"{factor}[{label}]",
                    f"CASE WHEN {alias} = {text(raw, backslash=backslash)} THEN {number(1)} ELSE {number(0)} END",
                )
                for raw, label in levels[column][first:]
            ]
        else:
            choices = [(str(factor), query.values[factor])]
        parts = [
            (f"{left}:{right}" if left else right, f"{one} * {two}" if one else two)
            for left, one in parts
            for right, two in choices
        ]
    return [Regressor(name, sql) for name, sql in parts]
