"""Which specifications a curve has: every combination of what is defensible, in one order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations
from math import comb
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from govdata.errors import ArgumentError, EstimationError, FormulaError
from govdata.stats.covariance.naming import Vcov, make_vcov, used_by
from govdata.stats.design import infer_keys
from govdata.stats.formula import Categories, Term, check_column, name_of, parse, term_label
from govdata.stats.specification_masks import masks_of
from govdata.stats.wording import given

if TYPE_CHECKING:
    from govdata.stats.keys import BoolArray

__all__ = ["MOST", "Convention", "Space", "terms_of"]

MOST = 1_000_000
"""More specifications are refused."""
_LEFT = "`left-hand side`"
_TERMS, _EFFECTS = f"{_LEFT} ~ ", f"{_LEFT} ~ 1 | "


@dataclass(frozen=True, slots=True)
class Convention:
    """A convention for standard errors.

    Attributes
    ----------
    name
        As the table shows it.
    vcov
        Complete.
    options
        As the estimator takes them.
    """

    name: str
    vcov: Vcov
    options: dict[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Space:
    """All combinations of the choices.

    Attributes
    ----------
    responses, focals
        Left-hand sides and regressors looked at, as formulas write them, with their terms.
    controls
        Terms that come and go together, by name.
    always
        Terms in every model.
    samples
        Masks of the data's rows, by name.
    effects
        As written after ``|``, with their columns.
    conventions
        Of the standard errors.
    subsets
        Choices among the controls: subsets x controls, small ones first.
    unit, time
        Key columns, or None.
    panel
        Whether rows have keys.
    """

    responses: dict[str, Term]
    focals: dict[str, Term]
    controls: dict[str, tuple[Term, ...]]
    always: tuple[Term, ...]
    samples: dict[str, BoolArray]
    effects: dict[str, tuple[str, ...]]
    conventions: tuple[Convention, ...]
    subsets: BoolArray
    unit: str | None
    time: str | None
    panel: bool

    @property
    def shape(self) -> tuple[int, int, int, int, int, int]:
        """How many responses, regressors, samples, effects, subsets and conventions."""
        return (
            len(self.responses),
            len(self.focals),
            len(self.samples),
            len(self.effects),
            len(self.subsets),
            len(self.conventions),
        )

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that a term names."""
        terms = chain(
            self.responses.values(), self.focals.values(), self.always, chain.from_iterable(self.controls.values())
        )
        return tuple(dict.fromkeys(name_of(factor).column for term in terms for factor in term))

    def formula(self, y: int, x: int, effects: int, subset: int) -> str:
        """Write one model as a formula.

        Parameters
        ----------
        y, x, effects, subset
            Which of each.

        Returns
        -------
        str
            For :func:`govdata.stats.ols`.
        """
        texts = self.texts
        chosen = [texts[2][j] for j in np.flatnonzero(self.subsets[subset])]
        right = " + ".join([texts[1][x], *chosen, *texts[3]])
        after = texts[4][effects]
        return f"{texts[0][y]} ~ {right}{f' | {after}' if after else ''}"

    @property
    def texts(self) -> tuple[list[str], list[str], list[str], list[str], list[str]]:
        """The parts of formulas: responses, regressors, controls, what is always there, effects."""
        return (
            list(self.responses),
            list(self.focals),
            [" + ".join(map(term_label, terms)) for terms in self.controls.values()],
            [term_label(term) for term in self.always],
            list(self.effects),
        )

    @classmethod
    def of(  # noqa: PLR0913 -- every choice is one
        cls,
        data: pd.DataFrame,
        *,
        y: object,
        x: object,
        controls: object,
        always: object,
        samples: object,
        effects: object,
        se: object,
        options: Mapping[str, Any],
        unit: str | None,
        time: str | None,
        panel: bool,
        max_controls: object,
    ) -> Space:
        """Read the choices and refuse what cannot be.

        Parameters
        ----------
        data
            The frame.
        y, x, controls, always, samples, effects, se, max_controls
            As :func:`govdata.stats.specification_curve` takes them.
        options
            Of the standard errors.
        unit, time, panel
            Keys of the rows.

        Returns
        -------
        Space
            The combinations.
        """
        columns = list(data.columns)
        responses = _single("y", y, columns)
        focals = _single("x", x, columns)
        found = _controls(controls, columns)
        fixed = tuple(term for text in _texts("always", always) for term in terms_of(text, columns, "always"))
        for term in fixed:
            if len([one for one in fixed if frozenset(one) == frozenset(term)]) > 1:
                raise ArgumentError(f"always names {term_label(term)} twice")
        _apart(responses, focals, found, fixed)
        absorbed = _effects(effects, columns)
        for label, key in (("unit", unit), ("time", time)):
            if key is not None:
                check_column(key, columns, where=f"{label}=")
        keys = _keys(data, responses, focals, absorbed, unit, time, panel=panel)
        conventions = _conventions(se, options, *keys)
        for name in dict.fromkeys(name for one in conventions for name in one.vcov.cluster):
            check_column(name, columns, where="cluster=")
        masks = masks_of(samples, data, keys[0])
        rest = len(responses) * len(focals) * len(masks) * len(absorbed) * len(conventions)
        return cls(
            responses,
            focals,
            found,
            fixed,
            masks,
            absorbed,
            conventions,
            _subsets(len(found), max_controls, rest),
            *keys,
            panel,
        )


def _texts(label: str, value: object) -> list[str]:
    """Take one text or several."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, (Mapping, set, frozenset, bytes)) or not isinstance(value, Iterable):
        raise ArgumentError(f"{label} is a text or a list of texts, not {given(value)}")
    found = list(value)
    for one in found:
        if not isinstance(one, str):
            raise ArgumentError(f"{label} is a text or a list of texts; {given(one)} is none")
    return found


def _without(head: str, message: str) -> str:
    """Let a message speak of the part of a formula that was given."""
    counted = re.sub(r"position (\d+)", lambda at: f"position {int(at[1]) - len(head)}", message)
    return counted.replace(head, "")


def terms_of(text: str, columns: Sequence[str], label: str) -> tuple[Term, ...]:
    """Read terms of a right-hand side.

    Parameters
    ----------
    text
        Such as ``"log(gdp)"`` or ``"a*b"``.
    columns
        Of the data.
    label
        Which option they come from, for messages.

    Returns
    -------
    tuple of Term
        The terms.

    Raises
    ------
    ArgumentError
        If it is more than terms.
    FormulaError
        If it cannot be read or names no column.
    """
    if not text.strip():
        raise ArgumentError(f"{label} holds an empty text; it takes terms such as 'log(gdp)'")
    if "~" in text or "|" in text:
        raise ArgumentError(
            f"{label} takes terms such as 'log(gdp)', not {given(text)}; effects= takes what follows '|'"
        )
    try:
        read = parse(f"{_TERMS}{text}")
    except FormulaError as error:
        if text.strip() in columns:
            raise FormulaError(f"{label}: write the column's name in backticks, `{text.strip()}`") from None
        raise FormulaError(f"{label}: {_without(_TERMS, str(error))}", code=error.code) from None
    if not read.intercept or not read.terms:
        raise ArgumentError(f"{label} takes terms such as 'log(gdp)', not {given(text)}; every model has its constant")
    for term in read.terms:
        for factor in term:
            check_column(name_of(factor).column, columns, where=f"{label}=")
    return read.terms


def _single(label: str, value: object, columns: Sequence[str]) -> dict[str, Term]:
    """Read texts of one numeric term each."""
    found: dict[str, Term] = {}
    for text in _texts(label, value):
        terms = terms_of(text, columns, label)
        if len(terms) > 1 or any(isinstance(factor, Categories) for factor in terms[0]):
            raise ArgumentError(
                f"{label} takes one coefficient's term each, such as 'lag(x, 1)' or 'x:z', not {given(text)}; "
                "write several as a list, and the terms that belong with it in always="
            )
        if label == "y" and len(terms[0]) > 1:
            raise ArgumentError(f"y takes columns or functions of one, not the product {given(text)}")
        if term_label(terms[0]) in found:
            raise ArgumentError(f"{label} names {term_label(terms[0])} twice")
        found[term_label(terms[0])] = terms[0]
    if not found:
        raise ArgumentError(f"{label} names nothing; it takes a column such as 'polyarchy'")
    return found


def _controls(controls: object, columns: Sequence[str]) -> dict[str, tuple[Term, ...]]:
    if isinstance(controls, Mapping):
        pairs = [(name, _texts(f"controls[{name!r}]", terms)) for name, terms in controls.items()]
        for name, _ in pairs:
            if not isinstance(name, str) or not name:
                raise ArgumentError(f"controls names groups of terms by texts, not {given(name)}")
    else:
        if isinstance(controls, str):
            controls = [controls]
        if isinstance(controls, (set, frozenset, bytes)) or not isinstance(controls, Iterable):
            raise ArgumentError(f"controls is a list of terms, or a dict of names and terms, not {given(controls)}")
        groups = [[one] if isinstance(one, str) else _texts("controls", one) for one in controls]
        pairs = [(" + ".join(group), group) for group in groups]
    found: dict[str, tuple[Term, ...]] = {}
    owners: dict[frozenset[Any], str] = {}
    for name, texts in pairs:
        terms = tuple(term for text in texts for term in terms_of(text, columns, "controls"))
        if not terms:
            raise ArgumentError(f"controls: {name!r} holds no term")
        if name in found:
            raise ArgumentError(f"controls names {name} twice")
        for term in terms:
            other = owners.setdefault(frozenset(term), name)
            if other != name or [frozenset(one) for one in terms].count(frozenset(term)) > 1:
                both = "twice" if other == name else f"in {other!r} and in {name!r}"
                raise ArgumentError(f"controls hold {term_label(term)} {both}; each term belongs to one group")
        found[name] = terms
    return found


def _apart(
    responses: dict[str, Term],
    focals: dict[str, Term],
    controls: dict[str, tuple[Term, ...]],
    always: tuple[Term, ...],
) -> None:
    """Refuse a term that stands in two places of every model."""
    fixed = {frozenset(term) for term in always}
    for label, terms in (("y", responses), ("x", focals)):
        for name, term in terms.items():
            if frozenset(term) in fixed:
                raise ArgumentError(f"{name} is in {label} and in always; take it out of one")
    for name, group in controls.items():
        for term in group:
            if frozenset(term) in fixed:
                raise ArgumentError(f"{term_label(term)} is in always and in controls ({name}); take it out of one")
    for name in focals:
        if name in responses and len(responses) == 1 and len(focals) == 1:
            raise ArgumentError(f"{name} is both y and x")


def _effects(effects: object, columns: Sequence[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    if isinstance(effects, Iterable) and any(isinstance(one, (tuple, list)) for one in effects):
        raise ArgumentError(f"effects is a text or a list of texts such as 'iso3 + year', not {given(effects)}")
    for text in _texts("effects", effects):
        if not text.strip():
            names: tuple[str, ...] = ()
            label = ""
        else:
            if "~" in text or "|" in text:
                raise ArgumentError(
                    f"effects takes what follows '|' in a formula, such as 'iso3 + year', not {given(text)}"
                )
            try:
                read = parse(f"{_EFFECTS}{text}").effects
            except FormulaError as error:
                raise FormulaError(f"effects: {_without(_EFFECTS, str(error))}", code=error.code) from None
            for name in read:
                check_column(name.column, columns, where="effects=")
            names, label = tuple(name.column for name in read), " + ".join(map(str, read))
        if any(sorted(names) == sorted(other) for other in found.values()):
            raise ArgumentError(f"effects names {label or 'no effects'} twice")
        found[label] = names
    if not found:
        raise ArgumentError("effects names nothing; '' stands for no effects")
    return found


def _keys(
    data: pd.DataFrame,
    responses: dict[str, Term],
    focals: dict[str, Term],
    effects: dict[str, tuple[str, ...]],
    unit: str | None,
    time: str | None,
    *,
    panel: bool,
) -> tuple[str | None, str | None]:
    """Take the keys from the specification with most effects, for all of them."""
    widest = max(effects, key=lambda text: len(effects[text]))
    formula = f"{next(iter(responses))} ~ {next(iter(focals))}{f' | {widest}' if widest else ''}"
    return infer_keys(formula, data, unit, time, panel=panel)


def _conventions(se: object, options: Mapping[str, Any], unit: str | None, time: str | None) -> tuple[Convention, ...]:
    asked: list[Any] = [se] if se is None or isinstance(se, (str, Mapping)) else _listed(se)
    if not asked:
        raise ArgumentError("se names no convention; leave it out, or name one such as 'CRV1'")
    shared = {name: value for name, value in options.items() if value is not None}
    found: dict[str, Convention] = {}
    used: dict[str, None] = {}
    for one in asked:
        own = {str(key): value for key, value in one.items()} if isinstance(one, Mapping) else {"se": one}
        mine = dict(shared)
        if len(asked) > 1 and isinstance(own.get("se"), str):
            known = ("cluster", "df", "twoway", "lags", "pairwise", "hetonly", "reps", "seed", "weights")
            mine = {n: v for n, v in shared.items() if n not in known or used_by(own["se"], n)}
        used |= dict.fromkeys(mine)
        merged = {name: value for name, value in {**mine, **own}.items() if value is not None}
        vcov = make_vcov(merged, unit=unit, time=time)
        extra = [f"{k}={v}" for k, v in own.items() if k not in {"se", "cluster"} and v is not None]
        cluster = own.get("cluster")
        by = [cluster] if isinstance(cluster, str) else [str(name) for name in cluster or []]
        name = " ".join([vcov.se, *(["+".join(by)] if by else []), *extra])
        if name in found:
            raise ArgumentError(f"se names {name} twice")
        merged["se"] = vcov.se
        found[name] = Convention(name, vcov, merged)
    unused = [name for name in shared if name not in used]
    if unused:
        raise EstimationError(f"none of the conventions {', '.join(found)} uses {unused[0]}")
    return tuple(found.values())


def _listed(se: object) -> list[Any]:
    if isinstance(se, (set, frozenset, bytes)) or not isinstance(se, Iterable):
        raise ArgumentError(f"se is a convention such as 'CRV1', or a list of them, not {given(se)}")
    return list(se)


def _subsets(n: int, most: object, rest: int) -> BoolArray:
    """Write out every choice among controls, small ones first."""
    if most is None:
        most = n
    if isinstance(most, bool) or not isinstance(most, (int, np.integer)) or most < 0:
        raise ArgumentError(f"max_controls is a whole number from 0 up, not {given(most)}")
    largest = min(int(most), n)
    total = sum(comb(n, size) for size in range(largest + 1))
    if total * rest > MOST:
        raise ArgumentError(
            f"{total * rest:,} specifications are more than {MOST:,}: {total:,} subsets of {n} controls times {rest:,} "
            "other choices; put controls that belong together into one tuple, those every model needs into always=, or "
            "set max_controls="
        )
    found = np.zeros((total, n), dtype=np.bool_)
    start = 0
    for size in range(largest + 1):
        count = comb(n, size)
        if size:
            flat = np.fromiter(chain.from_iterable(combinations(range(n), size)), dtype=np.int64, count=count * size)
            found[np.arange(start, start + count)[:, None], flat.reshape(count, size)] = True
        start += count
    return found
