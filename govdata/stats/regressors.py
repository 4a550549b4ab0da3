"""From the factors of a formula to columns of numbers, one value a row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from govdata.errors import EstimationError
from govdata.stats.formula import Call, Categories, Factor, Formula, Name, Term, term_label
from govdata.stats.keys import BoolArray, Codes, FloatArray, IntArray, Keys, numeric, shift_positions

__all__ = ["Evaluator", "Rows", "Values", "is_categories", "numeric_factors", "regressors"]

Rows = IntArray | slice
"""Positions of rows, or all of them as they are."""


@dataclass(frozen=True, slots=True)
class Values:
    """Numbers of a factor; where one is undefined, why."""

    numbers: FloatArray
    faults: dict[str, BoolArray]


class Evaluator:
    """Numbers of a factor for every row of the frame.

    Parameters
    ----------
    data
        The frame.
    panel
        Keys of its rows, in which lags and leads count.
    """

    def __init__(self, data: pd.DataFrame, panel: Keys) -> None:
        self.data = data
        self.panel = panel
        self.found: dict[Name | Call, Values] = {}
        self.positions: dict[int, IntArray] = {}

    def __call__(self, factor: Name | Call) -> Values:
        """Evaluate a factor, once.

        Parameters
        ----------
        factor
            A column, or a function of one.

        Returns
        -------
        Values
            One number a row of the frame.
        """
        if factor not in self.found:
            self.found[factor] = self._name(factor) if isinstance(factor, Name) else self._call(factor)
        return self.found[factor]

    def _name(self, name: Name) -> Values:
        values = numeric(self.data[name.column], name.column)
        infinite = np.isinf(values)
        if not infinite.any():
            return Values(values, {})
        return Values(np.where(infinite, 0.0, values), {f"column {name.column!r} is infinite": infinite})

    def _call(self, call: Call) -> Values:
        inner = self(call.argument)
        if call.function == "log":
            undefined = ~np.isnan(inner.numbers) & (inner.numbers <= 0)
            for fault in inner.faults.values():
                undefined &= ~fault
            values = np.log(np.where(inner.numbers > 0, inner.numbers, np.where(np.isnan(inner.numbers), np.nan, 1.0)))
            faults = dict(inner.faults)
            if undefined.any():
                faults[f"{call}: {call.argument} is zero or negative"] = undefined
            return Values(values, faults)
        steps = -call.steps if call.function == "lead" else call.steps
        if steps not in self.positions:
            self.positions[steps] = shift_positions(self.panel, steps)
            _reachable(call, self.panel)
        found = self.positions[steps]
        there = found >= 0
        shifted = np.where(there, inner.numbers[found], np.nan)
        faults = {fault: there & where[found] for fault, where in inner.faults.items()}
        if call.function == "diff":
            faults = {fault: where | inner.faults[fault] for fault, where in faults.items()}
            return Values(inner.numbers - shifted, faults)
        return Values(shifted, faults)


def _reachable(call: Call, keys: Keys) -> None:
    """Refuse a shift longer than the panel."""
    if keys.time is None or not keys.time.levels:
        return
    first, last = int(keys.time.levels[0]), int(keys.time.levels[-1])
    if call.steps > last - first:
        raise EstimationError(f"{call} reaches {call.steps} steps, and {keys.time.name} spans {first} to {last}")


def is_categories(factor: Factor) -> bool:
    """Say whether a factor is written ``C(...)``.

    Parameters
    ----------
    factor
        Of a term.

    Returns
    -------
    bool
        Whether it stands for indicators.
    """
    return isinstance(factor, Categories)


def numeric_factors(formula: Formula) -> list[Name | Call]:
    """List what a formula needs as numbers.

    Parameters
    ----------
    formula
        The model.

    Returns
    -------
    list
        The response and all factors but categories, each once.
    """
    found: dict[Name | Call, None] = {formula.response: None}
    for term in formula.terms:
        for factor in term:
            if not isinstance(factor, Categories):
                found[factor] = None
    return list(found)


def regressors(
    formula: Formula,
    columns: dict[Name | Call, Values],
    categories: dict[Factor, Codes],
    rows: Rows,
    n: int,
) -> tuple[tuple[str, ...], FloatArray]:
    """Build the columns of a model.

    Parameters
    ----------
    formula
        The model.
    columns
        Numbers of its factors, one a row of the frame.
    categories
        Its categories, one code a row of the frame.
    rows
        The rows of the sample.
    n
        How many these are.

    Returns
    -------
    names : tuple of str
        One a column.
    x : ndarray
        Rows x columns, stored by column.

    Raises
    ------
    EstimationError
        If a product is too large for a number, or a category has one level.
    """
    terms = {frozenset(term) for term in formula.terms}
    if formula.intercept or formula.effects:
        terms.add(frozenset())
    names: list[str] = []
    built: list[FloatArray] = []
    for term in formula.terms:
        with np.errstate(over="ignore"):
            parts = _term(term, columns, categories, rows, terms)
        names += [name for name, _ in parts]
        built += [values for _, values in parts]
        if len(term) == 1 and is_categories(term[0]):
            terms.add(frozenset())  # its indicators now add up to a constant
    x = np.empty((n, len(built)), order="F")
    for j, values in enumerate(built):
        x[:, j] = values
    return tuple(names), x


def _term(
    term: Term,
    columns: dict[Name | Call, Values],
    categories: dict[Factor, Codes],
    rows: Rows,
    terms: set[frozenset[Factor]],
) -> list[tuple[str, FloatArray]]:
    """Multiply the factors; categories leave out a level where the term without them is in the model."""
    parts: list[tuple[str, FloatArray]] = []
    for factor in term:
        if isinstance(factor, Categories):
            keys = categories[factor].subset(rows)
            first = 1 if frozenset(term) - {factor} in terms else 0
            if len(keys.levels) == 1 and first:
                raise EstimationError(f"{factor} has one level, {keys.levels[0]!r}, in the sample")
            choices = [
                (f"{factor}[{keys.levels[code]}]", (keys.codes == code).astype(np.float64))
                for code in range(first, len(keys.levels))
            ]
        else:
            choices = [(str(factor), columns[factor].numbers[rows])]
        if parts:
            choices = [(f"{left}:{right}", one * two) for left, one in parts for right, two in choices]
        parts = choices
    if not all(np.isfinite(values).all() for _, values in parts):
        raise EstimationError(f"{term_label(term)} is too large to be stored as a number")
    return parts
