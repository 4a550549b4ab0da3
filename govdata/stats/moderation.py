"""Which products of a formula a marginal effect consists of, and what they are worth at given values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from govdata.errors import EstimationError, FormulaError, nearest
from govdata.stats.design import Design
from govdata.stats.formula import Call, Categories, Factor, Name, Term, name_of, parse, term_label
from govdata.stats.keys import Codes, FloatArray, encode, make_keys, numeric, shift_positions
from govdata.stats.lagged import series
from govdata.stats.results import PanelResults

__all__ = ["Moderator", "Products"]


@dataclass(frozen=True, slots=True)
class Moderator:
    """What an effect is shown over.

    Attributes
    ----------
    axis
        The series whose values are asked for.
    factors
        The functions of it that the regressor is multiplied by.
    """

    axis: Factor
    factors: tuple[Factor, ...]

    @property
    def name(self) -> str:
        """How plots and tables call it: a column by its own name."""
        name = self.axis.name if isinstance(self.axis, Categories) else self.axis
        return name.column if isinstance(name, Name) else str(name)


class Products:
    """The terms of a model in which one regressor takes part.

    Parameters
    ----------
    m
        The model.
    x
        The regressor, as the user calls it.

    Attributes
    ----------
    x
        The regressor as a factor of the formula.
    partners
        For every term with the regressor, the other factor; None for the regressor alone.
    """

    def __init__(self, m: PanelResults, x: str) -> None:
        self.m = m
        self.design: Design = m.design
        self.terms: tuple[Term, ...] = m.design.formula.terms
        self.x = self._regressor(x)
        self.partners: dict[Term, Factor | None] = {}
        for term in self.terms:
            if self.x not in term:
                continue
            if len(term) > 2:
                raise EstimationError(
                    f"{self.x} is part of the product {term_label(term)} of {len(term)} factors, so its effect is not "
                    "a curve over one moderator; fit the model in parts of the sample, or leave the product out"
                )
            rest = [factor for factor in term if factor != self.x]
            self.partners[term] = rest[0] if rest else None
        self._identified()

    def _regressor(self, x: object) -> Name | Call:
        """Find the factor the user means."""
        factors = list(dict.fromkeys(factor for term in self.terms for factor in term))
        choices = list(dict.fromkeys([str(f) for f in factors] + [name_of(f).column for f in factors]))
        if not isinstance(x, str):
            raise EstimationError(f"x is the name of a regressor, not {type(x).__name__}")
        column = [factor for factor in factors if name_of(factor).column == x]
        if any(isinstance(f, Categories) for f in column) or x.startswith("C("):
            raise EstimationError(
                f"{x} stands for categories; the effect of one needs an indicator column (0/1) as the regressor"
            )
        found = [factor for factor in column if isinstance(factor, Name)] or column
        if not found:
            found = [factor for factor in factors if factor == _read(x)]
        if not found:
            raise EstimationError(f"{x!r} is not in the model{nearest(x, choices)}")
        if len(found) > 1:
            raise EstimationError(f"{x} enters as {', '.join(map(str, found))}; name one of these")
        factor = found[0]
        if isinstance(factor, Categories):  # pragma: no cover - refused above
            raise EstimationError(f"{x} stands for categories")
        for other in factors:
            if name_of(other).column != name_of(factor).column or other == factor:
                continue
            if isinstance(other, Categories) or series(other)[0] != series(factor)[0]:
                raise EstimationError(
                    f"{factor} also enters as {other}, which moves with it, so the effect depends on its own value; "
                    "the marginal effect over another variable is not one curve"
                )
        return factor

    def _identified(self) -> None:
        """Refuse an effect of which the model only knows the change with the moderator."""
        alone = (self.x,)
        label = term_label(alone)
        if alone in self.partners:
            if label not in self.m.terms:
                raise EstimationError(
                    f"{label} has no coefficient in this fit (absorbed or collinear), so only the change of its effect "
                    "is known, not the effect"
                )
        elif not any(isinstance(partner, Categories) for partner in self.partners.values()):
            by = _absorbed_by(self.values(self.x), self.design)
            if by:
                raise EstimationError(
                    f"{label} does not vary within {by}, whose effects absorb its own effect, so only the change of "
                    "the effect is known, not the effect"
                )

    def moderator(self, z: object) -> Moderator:
        """Find the moderator the user means among the factors the regressor is multiplied by.

        Parameters
        ----------
        z
            As given by the user.

        Returns
        -------
        Moderator
            The series, and the functions of it.

        Raises
        ------
        EstimationError
            If the regressor is not multiplied by it, or the name fits several.
        """
        if not isinstance(z, str):
            raise EstimationError(f"z is the name of a moderator, not {type(z).__name__}")
        groups: dict[Name | Call, list[Factor]] = {}
        for factor in self.partners.values():
            if factor is not None:
                axis = factor.name if isinstance(factor, Categories) else _stem(factor)[0]
                groups.setdefault(axis, []).append(factor)
        wanted: Factor | None = _read(z)
        column = [axis for axis in groups if name_of(axis).column == z]
        if Name(z) in groups:
            wanted = Name(z)
        elif len(column) == 1:
            wanted = column[0]
        elif column:
            raise EstimationError(f"{self.x} is multiplied by {', '.join(map(str, column))}; name one of these")
        if wanted in groups:
            factors = tuple(groups[wanted])
            kinds = {isinstance(factor, Categories) for factor in factors}
            if len(kinds) > 1:
                raise EstimationError(
                    f"{z} moderates {self.x} both as categories and as a number; the model needs one form of it"
                )
            return Moderator(factors[0] if True in kinds else wanted, factors)
        for axis, factors_of in groups.items():
            if wanted in factors_of:
                if len(factors_of) > 1:
                    raise EstimationError(f"{self.x} is multiplied by several functions of {axis}; name {axis}")
                return Moderator(factors_of[0], (factors_of[0],))
        choices = [str(factor) for factor in self.partners.values() if factor is not None]
        choices += [name_of(axis).column for axis in groups]
        hint = nearest(z, choices) or f"; write {self.x}*{z} in the formula"
        known = f" (it has one with {', '.join(dict.fromkeys(choices))})" if choices else ""
        raise EstimationError(f"the model holds no product of {self.x} with {z}{known}{hint}")

    def values(self, factor: Name | Call) -> FloatArray:
        """Return a number of every row of the sample.

        Parameters
        ----------
        factor
            One of the formula's, or part of one.

        Returns
        -------
        ndarray
            In the sample's row order; means of units where these are the cases.
        """
        numbers, design = _evaluate(factor, self.design), self.design
        if not design.by_unit or design.unit is None:
            found: FloatArray = numbers[design.rows]
            return found
        units = encode(design.frame[design.unit.name], design.unit.name).subset(design.rows_used)
        means = pd.Series(numbers[design.rows_used]).groupby(units.codes).mean()
        return np.asarray(means, dtype=np.float64)

    def categories(self, factor: Categories) -> Codes:
        """Return the categories of every row of the sample.

        Parameters
        ----------
        factor
            One of the formula's.

        Returns
        -------
        Codes
            In the sample's row order.
        """
        return encode(self.design.frame[factor.name.column], factor.name.column).subset(self.design.rows)

    def gradient(self, moderator: Moderator, at: FloatArray) -> tuple[list[int], FloatArray]:
        """Say how much each coefficient counts in the effect at values of the moderator.

        Parameters
        ----------
        moderator
            The moderator.
        at
            Its values, shape (n,); for categories their codes.

        Returns
        -------
        list of int, ndarray
            Positions of the coefficients used, and their weights, shape (n, used).
        """
        order = list(self.m.terms)
        positions: list[int] = []
        weights: list[FloatArray] = []
        for term, partner in self.partners.items():
            if partner is None:
                parts = [(term_label(term), np.ones(len(at)))]
            elif isinstance(partner, Categories):
                parts = self._by_category(term, partner, at if partner in moderator.factors else None, len(at))
            elif partner in moderator.factors:
                parts = [(term_label(term), _function(partner, moderator.axis, at))]
            else:
                parts = [(term_label(term), np.full(len(at), self.values(partner).mean()))]
            for label, weight in parts:
                if label not in order:
                    raise EstimationError(f"{label} has no coefficient in this fit, so the effect is not determined")
                positions.append(order.index(label))
                weights.append(weight)
        return positions, np.column_stack(weights)

    def _by_category(
        self, term: Term, partner: Categories, at: FloatArray | None, n: int
    ) -> list[tuple[str, FloatArray]]:
        """Weights of the coefficients of one set of categories: at given ones, or at the sample's shares."""
        codes = self.categories(partner)
        first = 1 if (self.x,) in self.partners else 0
        found = []
        for code in range(first, len(codes.levels)):
            label = ":".join(f"{f}[{codes.levels[code]}]" if f == partner else str(f) for f in term)
            share = np.full(n, np.mean(codes.codes == code)) if at is None else (at == code).astype(np.float64)
            found.append((label, share))
        return found

    def doubts(self, moderator: Moderator) -> list[str]:
        """Say what a reader should know about the form of the model.

        Parameters
        ----------
        moderator
            The moderator.

        Returns
        -------
        list of str
            Often empty.
        """
        notes = []
        partners = [factor for factor in self.partners.values() if factor is not None]
        if (self.x,) not in self.partners and not any(isinstance(factor, Categories) for factor in partners):
            notes.append(
                f"the model holds products of {self.x} but not {self.x} itself, so its effect where the moderator is "
                "zero is set to zero, not estimated (Brambor, Clark and Golder 2006)"
            )
        for factor in partners:
            if (factor,) not in self.terms and not self._absorbed(factor):
                notes.append(
                    f"the model holds {self.x}:{factor} but not {factor} itself, so the effect shown is biased where "
                    f"{factor} matters by itself (Brambor, Clark and Golder 2006)"
                )
            if factor not in moderator.factors:
                held = (
                    "the shares of its categories in the sample"
                    if isinstance(factor, Categories)
                    else f"its sample mean, {self.values(factor).mean():.6g}"
                )
                notes.append(f"{self.x} is also multiplied by {factor}, which is held at {held}")
        own = name_of(self.x).column
        same = dict.fromkeys(str(f) for t in self.terms for f in t if name_of(f).column == own and f != self.x)
        if same:
            notes.append(f"the effect is that of {self.x} with {', '.join(same)} held fixed")
        return notes

    def _absorbed(self, factor: Factor) -> bool:
        values = (
            self.categories(factor).codes.astype(np.float64) if isinstance(factor, Categories) else self.values(factor)
        )
        return bool(_absorbed_by(values, self.design))


def _read(text: str) -> Factor | None:
    """Read a factor as a formula does; None where it is none."""
    try:
        terms = parse(f"` ` ~ {text}").terms
    except FormulaError:
        return None
    return terms[0][0] if len(terms) == 1 and len(terms[0]) == 1 else None


def _stem(factor: Name | Call) -> tuple[Name | Call, int]:
    """Take logarithms off a factor: the series below, and how many there were."""
    if isinstance(factor, Name) or factor.function == "diff":
        return factor, 0
    below, logs = _stem(factor.argument)
    return (below, logs + 1) if factor.function == "log" else (Call(factor.function, below, factor.steps), logs)


def _function(factor: Name | Call, axis: Factor, at: FloatArray) -> FloatArray:
    values = at
    for _ in range(0 if factor == axis else _stem(factor)[1]):
        if np.any(values <= 0):
            raise EstimationError(f"{factor} is not defined where {axis} is {float(np.min(at)):g}; give other values")
        values = np.log(values)
    return values


def _evaluate(factor: Name | Call, design: Design) -> FloatArray:
    """Numbers of a factor for every row of the frame; missing where it has none."""
    if isinstance(factor, Name):
        return numeric(design.frame[factor.column], factor.column)
    inner = _evaluate(factor.argument, design)
    if factor.function == "log":
        return np.log(inner, out=np.full_like(inner, np.nan), where=inner > 0)
    unit, time = (None if codes is None else codes.name for codes in (design.unit, design.time))
    keys = make_keys(design.frame, unit, time)
    found = shift_positions(keys, -factor.steps if factor.function == "lead" else factor.steps)
    shifted = np.where(found >= 0, inner[found], np.nan)
    return inner - shifted if factor.function == "diff" else shifted


def _absorbed_by(values: npt.NDArray[np.float64], design: Design) -> str:
    """Name an effect within whose levels a column is constant; empty where none is."""
    for effect in design.effects:
        if int(pd.Series(values).groupby(effect.codes).nunique().max()) == 1:
            return effect.name
    return ""
