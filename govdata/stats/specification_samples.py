"""The values of a curve's terms in one sample, and which specifications share their rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from govdata.errors import FormulaError
from govdata.stats.formula import Call, Categories, Name, Term, name_of, term_label
from govdata.stats.keys import Codes, Keys, encode, make_keys, numeric, shift_positions

if TYPE_CHECKING:
    from govdata.stats.keys import BoolArray, FloatArray, IntArray
    from govdata.stats.specification_space import Space

__all__ = ["Group", "Member", "Rows", "group_rows", "plain"]


def plain(term: Term) -> bool:
    """Say whether a term is numbers alone, or the indicators of one column alone.

    Parameters
    ----------
    term
        Any.

    Returns
    -------
    bool
        False for products with categories, whose coding depends on the rest of the formula.
    """
    return len(term) == 1 or not any(isinstance(factor, Categories) for factor in term)


class Rows:
    """The rows of one sample in canonical order, with the values of terms there.

    Parameters
    ----------
    space
        The curve's choices.
    data
        The whole frame.
    mask
        Which rows the sample holds.
    draws
        Columns that are drawn: rows of the frame x draws.
    """

    def __init__(self, space: Space, data: pd.DataFrame, mask: BoolArray, draws: Mapping[str, FloatArray]) -> None:
        self.data, self.draws = data, draws
        positions = np.flatnonzero(mask)
        frame = data.iloc[positions]
        keys = make_keys(frame, space.unit, space.time) if space.panel else Keys(None, None)
        self.held: dict[str, Codes] = {}
        self.shifts: dict[int, IntArray] = {}
        self.numbers: dict[str, FloatArray] = {}
        if keys.unit is not None and keys.time is not None:
            order = np.lexsort((keys.time.codes, keys.unit.codes))
        else:
            by = self._everything(space, positions)
            order = np.lexsort(by[::-1]) if by else np.arange(len(positions))
        self.positions = positions[order]
        self.numbers.clear()
        self.held.clear()
        self.keys = Keys(*(None if one is None else _ordered(one, order) for one in (keys.unit, keys.time)))
        for one in (self.keys.unit, self.keys.time):
            if one is not None:
                self.held[one.name] = one
        self.found: dict[str, FloatArray] = {}

    def _everything(self, space: Space, positions: IntArray) -> list[FloatArray | IntArray]:
        """List what tells rows apart where keys do not."""
        self.positions = positions
        clusters = [name for one in space.conventions for name in one.vcov.cluster]
        names = [*([space.unit] if space.unit else []), *(n for e in space.effects.values() for n in e), *clusters]
        by: list[FloatArray | IntArray] = [self.codes(name).codes for name in dict.fromkeys(names)]
        for column in space.columns:
            categorical = isinstance(self.data[column].dtype, pd.CategoricalDtype) or not (
                pd.api.types.is_numeric_dtype(self.data[column].dtype)
            )
            values = self.codes(column).codes if categorical else self._column(column, self.draws)
            by.append(values if values.ndim == 1 else values[:, 0])
        return by

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self.positions)

    def codes(self, column: str) -> Codes:
        """Return a column as keys.

        Parameters
        ----------
        column
            Any.

        Returns
        -------
        Codes
            Of the sample's rows.
        """
        if column not in self.held:
            _once(self.data, column)
            whole = encode(self.data[column], column)
            self.held[column] = Codes(column, whole.codes[self.positions], whole.levels)
        return self.held[column]

    def _column(self, column: str, drawn: Mapping[str, FloatArray]) -> FloatArray:
        if column in drawn:
            return drawn[column][self.positions]
        if column not in self.numbers:
            _once(self.data, column)
            self.numbers[column] = numeric(self.data[column], column)[self.positions]
        return self.numbers[column]

    def _factor(self, factor: Name | Call, drawn: Mapping[str, FloatArray]) -> FloatArray:
        if isinstance(factor, Name):
            return self._column(factor.column, drawn)
        inner = self._factor(factor.argument, drawn)
        if factor.function == "log":
            with np.errstate(divide="ignore", invalid="ignore"):
                found: FloatArray = np.where(inner <= 0, -np.inf, np.log(inner))
            return found
        steps = -factor.steps if factor.function == "lead" else factor.steps
        if steps not in self.shifts:
            self.shifts[steps] = shift_positions(self.keys, steps)
        at = self.shifts[steps]
        shifted = inner[at]
        shifted[at < 0] = np.nan
        if factor.function != "diff":
            return shifted
        with np.errstate(invalid="ignore"):
            gap = np.isinf(inner) | np.isinf(shifted)
            change: FloatArray = inner - shifted
        change[gap & ~np.isnan(inner) & ~np.isnan(shifted)] = np.inf
        return change

    def draw(self, term: Term, drawn: Mapping[str, FloatArray]) -> FloatArray:
        """Return a numeric term's values with some columns replaced.

        Parameters
        ----------
        term
            The term.
        drawn
            Columns: rows of the whole frame x draws.

        Returns
        -------
        ndarray
            Rows, or rows x draws.
        """
        parts = [self._factor(factor, drawn) for factor in term if not isinstance(factor, Categories)]
        wide = any(part.ndim == 2 for part in parts)
        found = parts[0]
        if len(parts) > 1:
            parts = [part[:, None] if wide and part.ndim == 1 else part for part in parts]
            found = parts[0]
            with np.errstate(over="ignore", invalid="ignore"):
                for part in parts[1:]:
                    lost = np.isnan(found) | np.isnan(part)
                    found = np.where(lost, np.nan, np.nan_to_num(found * part, nan=np.inf))
        return found

    def values(self, term: Term) -> FloatArray:
        """Return a numeric term's values, with the draws of its columns.

        Parameters
        ----------
        term
            The term.

        Returns
        -------
        ndarray
            Rows, or rows x draws; missing values are NaN, and what is not defined is infinite.
        """
        label = term_label(term)
        if label not in self.found:
            self.found[label] = self.draw(term, self.draws)
        return self.found[label]

    def missing(self, terms: tuple[Term, ...]) -> BoolArray:
        """Say in which rows one of the terms is missing.

        Parameters
        ----------
        terms
            Any.

        Returns
        -------
        ndarray of bool
            Of the sample's rows.
        """
        found = np.zeros(len(self), dtype=np.bool_)
        for term in terms:
            for factor in term:
                if isinstance(factor, Categories):
                    found |= self.codes(name_of(factor).column).missing
            if any(not isinstance(factor, Categories) for factor in term):
                values = self.values(term)
                found |= np.isnan(values if values.ndim == 1 else values[:, 0])
        return found


def _ordered(codes: Codes, order: IntArray) -> Codes:
    return Codes(codes.name, codes.codes[order], codes.levels)


def _once(data: pd.DataFrame, column: str) -> None:
    if isinstance(data[column], pd.DataFrame):
        raise FormulaError(f"the data have more than one column named {column!r}")


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """Specifications of one response and regressor that share their rows.

    Attributes
    ----------
    y, x
        Which response and regressor.
    subsets
        Which choices among controls.
    conventions
        Which conventions.
    """

    y: int
    x: int
    subsets: IntArray
    conventions: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """All specifications with the same rows and effects.

    Attributes
    ----------
    sample, effects
        Which of each.
    rows
        Positions among the sample's rows.
    members
        The specifications.
    """

    sample: int
    effects: int
    rows: IntArray
    members: list[Member] = field(default_factory=list)


def group_rows(space: Space, rows: Rows, sample: int, *, common: bool) -> list[Group]:
    """Sort the specifications of one sample by their complete rows.

    Parameters
    ----------
    space
        The choices.
    rows
        The sample's values.
    sample
        Which sample.
    common
        Whether rows are to be complete for every variable of the curve.

    Returns
    -------
    list of Group
        In order of first appearance.
    """
    responses = [rows.missing((term,)) for term in space.responses.values()]
    focals = [rows.missing((term,)) for term in space.focals.values()]
    controls = np.column_stack([np.zeros((len(rows), 0), dtype=np.bool_), *_columns(space, rows)])
    fixed = rows.missing(space.always)
    for key in (rows.keys.unit, rows.keys.time):
        if key is not None:
            fixed |= key.missing
    absorbed = [_keyed(rows, names) for names in space.effects.values()]
    clusters = [_keyed(rows, one.vcov.cluster) for one in space.conventions]
    if common:
        lists = [*responses, *focals, *absorbed, *clusters, controls.any(axis=1)]
        fixed = np.logical_or.reduce([fixed, *lists])
    by_cluster: dict[tuple[str, ...], list[int]] = {}
    for place, one in enumerate(space.conventions):
        by_cluster.setdefault(one.vcov.cluster, []).append(place)
    found: dict[tuple[int, bytes], Group] = {}
    for e, lost in enumerate(absorbed):
        for places in by_cluster.values():
            base = fixed | lost | clusters[places[0]]
            for y, no_y in enumerate(responses):
                for x, no_x in enumerate(focals):
                    complete = ~(base | no_y | no_x)
                    for mask, subsets in _patterns(complete, controls, space.subsets):
                        home = (e, np.packbits(mask).tobytes())
                        if home not in found:
                            found[home] = Group(sample, e, np.flatnonzero(mask))
                        found[home].members.append(Member(y, x, subsets, tuple(places)))
    return list(found.values())


def _columns(space: Space, rows: Rows) -> list[BoolArray]:
    return [rows.missing(terms) for terms in space.controls.values()]


def _keyed(rows: Rows, names: tuple[str, ...]) -> BoolArray:
    found = np.zeros(len(rows), dtype=np.bool_)
    for name in names:
        found |= rows.codes(name).missing
    return found


def _patterns(complete: BoolArray, controls: BoolArray, subsets: BoolArray) -> list[tuple[BoolArray, IntArray]]:
    """Find which choices keep which rows, from the distinct patterns of missing controls."""
    lacking = controls[complete]
    everyone = np.arange(len(subsets))
    if not lacking.any():
        return [(complete, everyone)]
    distinct, pattern = np.unique(lacking, axis=0, return_inverse=True)
    kept = (subsets.astype(np.float32) @ distinct.T.astype(np.float32)) == 0
    packed, first, group = np.unique(np.packbits(kept, axis=1), axis=0, return_index=True, return_inverse=True)
    group = group.reshape(-1)
    order = np.argsort(group, kind="stable")
    members = np.split(order, np.cumsum(np.bincount(group, minlength=len(packed)))[:-1])
    found = []
    for at in np.argsort(first).tolist():
        mask = complete.copy()
        mask[complete] = kept[first[at]][pattern.reshape(-1)]
        found.append((mask, members[at]))
    return found
