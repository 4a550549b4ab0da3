"""A fitted dynamic model as two polynomials in the lag operator.

Every regression on lags, leads and differences of one response and one regressor says
``A(L) y = B(L) x + ...``, however it is written: autoregressive distributed lags and error-correction forms are the
same thing in other words. The coefficients of both polynomials are linear in the coefficients of the model, so one
derivation of effects over time serves all forms.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from govdata.errors import EstimationError, FormulaError, nearest
from govdata.stats.formula import Call, Categories, Name, Term, name_of, parse, term_label
from govdata.stats.keys import FloatArray
from govdata.stats.results import PanelResults

__all__ = ["LagForm", "Part", "lag_form", "series"]

Powers = dict[int, int]
"""Coefficients of a polynomial in the lag operator by power; leads have negative powers."""


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One coefficient of the model and the polynomial it multiplies.

    Attributes
    ----------
    term
        Name of the coefficient.
    position
        Its place among the coefficients.
    powers
        Coefficients of the polynomial by lag, from lag 0.
    """

    term: str
    position: int
    powers: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class LagForm:
    """A(L) y = B(L) x + the rest of the model.

    Attributes
    ----------
    response, regressor
        The two series, as a formula writes them.
    left
        What of A(L) is not estimated, from lag 0: 1, or 1 and -1 for a model of differences.
    own
        Coefficients of lags of the response; A(L) is ``left`` less their sum.
    others
        Coefficients of the regressor; B(L) is their sum.
    params
        Coefficients of the model.
    notes
        What a reader should know.
    """

    response: str
    regressor: str
    left: FloatArray
    own: tuple[Part, ...]
    others: tuple[Part, ...]
    params: FloatArray
    notes: tuple[str, ...]

    @property
    def a(self) -> FloatArray:
        """Coefficients of A(L), from lag 0, where it is 1."""
        return self.polynomials(self.params)[0]

    @property
    def b(self) -> FloatArray:
        """Coefficients of B(L), from lag 0."""
        return self.polynomials(self.params)[1]

    @property
    def used(self) -> tuple[int, ...]:
        """Positions of the coefficients the polynomials depend on: those of the response, then the regressor's."""
        return tuple(part.position for part in (*self.own, *self.others))

    @property
    def inverse_roots(self) -> FloatArray:
        """Moduli of the inverse roots of A, largest first; all below 1 where effects die out."""
        moduli: FloatArray = np.sort(np.abs(np.roots(self.a)))[::-1]
        return moduli

    @property
    def static(self) -> str:
        """Say that the model has no dynamics; empty where it has."""
        lags = np.flatnonzero(np.sum([_padded(np.abs(part.powers), len(self.b)) for part in self.others], axis=0))
        if self.own or lags.size > 1:
            return ""
        when = "immediate" if lags[0] == 0 else f"complete after {lags[0]} period{'s' * bool(lags[0] > 1)}"
        return (
            f"the model is static: it holds no lag of {self.response}, written as lag({self.response}, 1) and not as a "
            f"column made beforehand, so the effect of {self.regressor} is {when}"
        )

    def polynomials(self, params: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Put other coefficients into the polynomials.

        Parameters
        ----------
        params
            Coefficients in the model's order, shape (..., k).

        Returns
        -------
        ndarray, ndarray
            A and B by lag along the last axis.
        """
        shape = params.shape[:-1]
        a = np.zeros((*shape, max([len(self.left), *(len(part.powers) for part in self.own)])))
        b = np.zeros((*shape, max(len(part.powers) for part in self.others)))
        a[..., : len(self.left)] = self.left
        for part in self.own:
            a[..., : len(part.powers)] -= params[..., part.position, None] * part.powers
        for part in self.others:
            b[..., : len(part.powers)] += params[..., part.position, None] * part.powers
        return a, b


def lag_form(m: PanelResults, x: str, *, quantity: str) -> LagForm:
    """Read the polynomials of a response and one regressor off a fitted model.

    Parameters
    ----------
    m
        A linear model.
    x
        The regressor: a column, or a term of the formula.
    quantity
        What they are wanted for, in messages.

    Returns
    -------
    LagForm
        The model in the lag operator.

    Raises
    ------
    EstimationError
        If the model does not say how the response answers to this regressor over time.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from govdata import stats
    >>> from govdata.stats.lagged import lag_form
    >>> rng = np.random.default_rng(1)
    >>> keys = pd.MultiIndex.from_product([["CHN", "IRN", "RUS"], range(2000, 2020)], names=["iso3", "year"])
    >>> data = pd.DataFrame(rng.normal(size=(60, 2)), index=keys, columns=["y", "x"]).reset_index()
    >>> form = lag_form(stats.ols("diff(y) ~ lag(y) + diff(x) + lag(x)", data), "x", quantity="response")
    >>> form.left
    array([ 1., -1.])
    >>> [(part.term, part.powers.tolist()) for part in form.others]
    [('diff(x, 1)', [1.0, -1.0]), ('lag(x, 1)', [0.0, 1.0])]
    """
    if not getattr(m, "linear", True):
        raise EstimationError(
            f"{quantity} needs a linear model, and this is {m.estimator}, where an effect depends on the values of all "
            "regressors"
        )
    if m.design.by_unit:
        raise EstimationError(f"{quantity} needs effects over time, and this model compares units ({m.estimator})")
    formula = m.design.formula
    response = name_of(formula.response).column
    asked = _regressor(x, formula.terms, response, tuple(name.column for name in formula.effects))
    atom, left = series(formula.response)
    offset = min(left)
    left = _shift(left, -offset)
    own = _parts(m, response, quantity, atom, offset, against=str(formula.response))
    notes: list[str] = []
    wanted, base = _asked(asked, m, notes)
    others = _parts(m, name_of(asked).column, quantity, wanted, offset, against=str(asked))
    for part, powers in own:
        if min(powers) < 1:
            raise EstimationError(
                f"{part} is a regressor that holds {formula.response} of the same period or later; {quantity} "
                "needs lags of the response, such as lag(y, 1)"
            )
    for part, powers in others:
        if min(powers) < 0:
            raise EstimationError(f"{part} comes after the response; {quantity} is not defined for effects of leads")
    label = str(atom)
    divided = _divided(own, left)
    if len(left) > 1 and divided is not None:
        # Without a level of the response the model speaks of its changes alone.
        own, left, label = divided, {0: 1}, str(formula.response)
        notes.append(f"the model holds no level of {atom}; effects are on {label}")
    parts = _divided(others, base)
    if parts is None:
        raise EstimationError(
            f"the model holds more of {wanted} than {asked}; ask for {str(wanted)!r}, whose effect it gives"
        )
    order = list(m.terms)
    return LagForm(
        response=label,
        regressor=str(asked) if base != {0: 1} else str(wanted),
        left=_dense(left),
        own=tuple(Part(term, order.index(term), _dense(powers)) for term, powers in own),
        others=tuple(Part(term, order.index(term), _dense(powers)) for term, powers in parts),
        params=m.params.to_numpy(dtype=np.float64),
        notes=tuple(notes),
    )


def _regressor(x: object, terms: tuple[Term, ...], response: str, effects: tuple[str, ...]) -> Name | Call:
    """Read what the user calls the regressor."""
    if not isinstance(x, str):
        raise EstimationError(f"x is the name of a regressor, not {type(x).__name__}")
    columns = list(dict.fromkeys(name_of(factor).column for term in terms for factor in term))
    choices = [*(c for c in columns if c != response), *(term_label(term) for term in terms)]
    if x in columns or x in {response, *effects}:
        factor: Name | Call = Name(x)
    else:
        try:
            factor = parse(f"{x} ~ 1").response
        except FormulaError:
            categories = [f for term in terms for f in term if isinstance(f, Categories) and x.startswith(str(f))]
            if not categories:
                raise EstimationError(f"{x!r} is not in the model{nearest(x, choices)}") from None
            factor = categories[0].name
    column = name_of(factor).column
    if column == response:
        raise EstimationError(f"{x!r} is the response of the model; name a regressor")
    if column not in columns:
        absorbed = " as a regressor: its levels are absorbed" if column in effects else nearest(x, choices)
        raise EstimationError(f"{x!r} is not in the model{absorbed}")
    return factor


def _parts(
    m: PanelResults, column: str, quantity: str, atom: Name | Call, offset: int, *, against: str
) -> list[tuple[str, Powers]]:
    """Collect the terms of one column, refusing those that are no lag polynomial of one series."""
    found: list[tuple[str, Powers]] = []
    for term in m.design.formula.terms:
        if all(name_of(factor).column != column for factor in term):
            continue
        label = term_label(term)
        if len(term) > 1:
            raise EstimationError(
                f"{column} takes part in the interaction {label}, so its effect over time depends on the other "
                f"factor and {quantity} is not one number; interaction() gives the effect at values of it"
            )
        factor = term[0]
        if isinstance(factor, Categories):
            raise EstimationError(f"{label} holds categories; {quantity} needs a number, such as one indicator column")
        inner, powers = series(factor)
        if inner != atom:
            raise EstimationError(
                f"{column} enters as {label} and as {against}, which are different transformations; {quantity} needs "
                f"lags and differences of {atom} alone"
            )
        if label not in m.terms:
            raise EstimationError(f"{label} has no coefficient in this fit, so {quantity} is not determined")
        found.append((label, _shift(powers, -offset)))
    return found


def _asked(asked: Name | Call, m: PanelResults, notes: list[str]) -> tuple[Name | Call, Powers]:
    """Find the series behind what was asked for: the column, a function of it, or its differences."""
    wanted, base = series(asked)
    base = _shift(base, -min(base))
    column = name_of(asked).column
    atoms: dict[Name | Call, None] = {}
    for term in m.design.formula.terms:
        for factor in term:
            if name_of(factor).column == column and not isinstance(factor, Categories):
                atoms[series(factor)[0]] = None
    if isinstance(asked, Name) and len(atoms) == 1 and wanted not in atoms:
        wanted = next(iter(atoms))
        notes.append(f"{column} enters as {wanted}; effects are of one unit of that")
    elif atoms and wanted not in atoms:
        labels = [str(atom) for atom in atoms]
        raise EstimationError(f"{str(asked)!r} is not in the model; {column} enters as {', '.join(labels)}")
    return wanted, base


def series(factor: Name | Call) -> tuple[Name | Call, Powers]:
    """Split a factor into the series it is made of and a polynomial in the lag operator.

    Parameters
    ----------
    factor
        A column or a function of one.

    Returns
    -------
    Name or Call, dict
        The column or its logarithm, and the polynomial's coefficients by power.

    Examples
    --------
    >>> from govdata.stats.formula import parse
    >>> from govdata.stats.lagged import series
    >>> atom, powers = series(parse("diff(log(lag(gdp, 2)), 1) ~ 1").response)
    >>> str(atom), powers
    ('log(gdp)', {2: 1, 3: -1})
    """
    if isinstance(factor, Name):
        return factor, {0: 1}
    atom, powers = series(factor.argument)
    if factor.function == "log":
        if len(powers) == 1:
            return Call("log", atom), powers
        return Call("log", factor.argument), {0: 1}
    steps = -factor.steps if factor.function == "lead" else factor.steps
    moved = _shift(powers, steps)
    if factor.function != "diff":
        return atom, moved
    both = {power: powers.get(power, 0) - moved.get(power, 0) for power in sorted({*powers, *moved})}
    return atom, {power: value for power, value in both.items() if value}


def _shift(powers: Powers, steps: int) -> Powers:
    return {power + steps: value for power, value in powers.items()}


def _padded(values: FloatArray, length: int) -> FloatArray:
    return np.concatenate([values, np.zeros(length - len(values))])


def _dense(powers: Powers) -> FloatArray:
    values = np.zeros(max(powers) + 1)
    for power, value in powers.items():
        values[power] = value
    return values


def _divided(parts: list[tuple[str, Powers]], by: Powers) -> list[tuple[str, Powers]] | None:
    """Divide every polynomial; None where one leaves something over."""
    found: list[tuple[str, Powers]] = []
    for term, powers in parts:
        quotient = _divide(powers, by)
        if quotient is None:
            return None
        found.append((term, quotient))
    return found


def _divide(powers: Powers, by: Powers) -> Powers | None:
    """Divide two polynomials of which the second begins with 1 at lag 0; None where something is left over."""
    left = dict(powers)
    found: Powers = {}
    for power in range(min(powers), max(powers) - max(by) + 1):
        value = left.get(power, 0)
        if value:
            found[power] = value
            for other, weight in by.items():
                left[power + other] = left.get(power + other, 0) - value * weight
    return None if any(left.values()) or not found else found
