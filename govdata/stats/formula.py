"""Model formulas: parsed by a small grammar of our own, never evaluated.

::

    model    =  factor "~" rhs [ "|" effect { "+" effect } ]
    rhs      =  [ "-" | "+" ] term { ( "+" | "-" ) term }
    term     =  "0" | "1" | product { "*" product }
    product  =  factor { ":" factor }
    factor   =  name | call
    call     =  "log" "(" factor ")"
             |  ( "lag" | "lead" | "diff" ) "(" factor [ "," steps ] ")"
             |  "C" "(" name ")"
    name     =  letters, digits, "_" and "."  |  "`" any characters "`"

A formula can name columns and the five functions above, nothing else, so that one taken from a file or a
stranger cannot run code.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, Literal, NoReturn

from govdata.errors import FormulaError, nearest

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["Call", "Categories", "Factor", "Formula", "Name", "Term", "parse"]

MAX_LENGTH = 10_000
MAX_DEPTH = 12
MAX_STAR = 6
SHIFTS = ("lag", "lead", "diff")
FUNCTIONS = ("log", *SHIFTS, "C")
# What users of Stata, R and patsy are used to write.
_HABITS = {
    "ln": "log()",
    "factor": "C()",
    "i": "C()",
    "L": "lag()",
    "l": "lag()",
    "F": "lead()",
    "f": "lead()",
    "D": "diff()",
    "d": "diff()",
    "I": "the column itself, made beforehand",
    "np.log": "log()",
    "exp": "the column itself, made beforehand",
}

_OPERATOR = re.compile(r"([icLlFfDd])([0-9]*)\.(.+)")
_BARE = re.compile(r"[^\W\d][\w.]*")
_TOKEN = re.compile(
    r"(?P<space>\s+)|(?P<quoted>`[^`]*`)|(?P<name>[^\W\d][\w.]*)|(?P<number>\d[\w.]*)|(?P<symbol>[~+\-*:|(),])"
)


@dataclass(frozen=True, slots=True)
class Name:
    """A column.

    Attributes
    ----------
    column
        Its name in the data.
    position
        Where it stands in the formula, from 1; no part of its identity.
    """

    column: str
    position: int = field(default=0, compare=False)

    def __str__(self) -> str:
        """Write the name as a formula does."""
        return self.column if _BARE.fullmatch(self.column) else f"`{self.column}`"


@dataclass(frozen=True, slots=True)
class Call:
    """A function of one factor: ``log``, or a shift by calendar steps.

    Attributes
    ----------
    function
        One of the names in the grammar.
    argument
        What it is applied to.
    steps
        How many calendar steps; 0 for ``log``.
    """

    function: Literal["log", "lag", "lead", "diff"]
    argument: Name | Call
    steps: int = 0

    def __str__(self) -> str:
        """Write the call in its one canonical form."""
        steps = f", {self.steps}" if self.function in SHIFTS else ""
        return f"{self.function}({self.argument}{steps})"


@dataclass(frozen=True, slots=True)
class Categories:
    """A column taken as categories: one indicator for each level but the first."""

    name: Name

    def __str__(self) -> str:
        """Write the factor as a formula does."""
        return f"C({self.name})"


Factor = Name | Call | Categories
Term = tuple[Factor, ...]


@dataclass(frozen=True, slots=True)
class Formula:
    """A parsed formula.

    Attributes
    ----------
    text
        As given.
    response
        The left-hand side.
    terms
        The right-hand side, in the order written, each a product of factors; without the intercept.
    intercept
        Whether a constant is wanted.
    effects
        Columns whose levels are absorbed.
    """

    text: str
    response: Name | Call
    terms: tuple[Term, ...]
    intercept: bool
    effects: tuple[Name, ...]

    @property
    def names(self) -> tuple[Name, ...]:
        """Every column named, in the order of first appearance."""
        found: dict[str, Name] = {}
        factors: list[Factor] = [self.response, *(f for term in self.terms for f in term), *self.effects]
        for factor in factors:
            name = name_of(factor)
            found.setdefault(name.column, name)
        return tuple(found.values())

    @property
    def shifts(self) -> bool:
        """Whether a lag, lead or difference is used."""
        factors: list[Factor] = [self.response, *(f for term in self.terms for f in term)]
        return any(_shifts(factor) for factor in factors)


def name_of(factor: Factor) -> Name:
    """Return the one column below a factor.

    Parameters
    ----------
    factor
        Any factor.

    Returns
    -------
    Name
        The column.
    """
    while isinstance(factor, Call):
        factor = factor.argument
    return factor.name if isinstance(factor, Categories) else factor


def _shifts(factor: Factor) -> bool:
    while isinstance(factor, Call):
        if factor.function in SHIFTS:
            return True
        factor = factor.argument
    return False


def term_label(term: Term) -> str:
    """Write a term as a formula does.

    Parameters
    ----------
    term
        A product of factors.

    Returns
    -------
    str
        Its factors joined by colons.
    """
    return ":".join(str(factor) for factor in term)


def parse(text: str, columns: Collection[str] | None = None) -> Formula:
    """Read a model formula.

    Parameters
    ----------
    text
        Such as ``"y ~ x1 + log(x2) + lag(x3, 1) | iso3 + year"``.
    columns
        The columns the formula may name. Left out, names are not checked.

    Returns
    -------
    Formula
        The parts; nothing is evaluated.

    Raises
    ------
    FormulaError
        With the position of the fault, and the nearest column for a name that is not one.

    Examples
    --------
    >>> from govdata.stats.formula import parse, term_label
    >>> formula = parse("y ~ x*z + log(gdp) | iso3 + year")
    >>> [term_label(term) for term in formula.terms]
    ['x', 'z', 'x:z', 'log(gdp)']
    >>> [str(effect) for effect in formula.effects]
    ['iso3', 'year']
    >>> parse("y ~ polyarcy", columns=["y", "polyarchy"])
    Traceback (most recent call last):
    ...
    govdata.errors.FormulaError: column 'polyarcy' is not in the data (position 5); did you mean 'polyarchy'?
    """
    if not isinstance(text, str):
        raise FormulaError(f"a formula is text such as 'y ~ x | iso3 + year', not {type(text).__name__}")
    if len(text) > MAX_LENGTH:
        raise FormulaError(f"the formula is longer than {MAX_LENGTH:,} characters")
    formula = _Parser(text).model()
    if columns is not None:
        for name in formula.names:
            check_column(name.column, columns, where=f"position {name.position}")
    return formula


def check_column(column: str, columns: Collection[str], *, where: str) -> None:
    """Refuse a name that is no column.

    Parameters
    ----------
    column
        The name.
    columns
        Those there are.
    where
        Where the name was given, for the message.

    Raises
    ------
    FormulaError
        Naming the nearest column.
    """
    if column not in columns:
        hint = _stata(column, columns) or nearest(column, [name for name in columns if isinstance(name, str)])
        raise FormulaError(f"column {column!r} is not in the data ({where}){hint}", code="unknown_column")


def _stata(column: str, columns: Collection[str]) -> str:
    """Translate Stata's operators, where what follows the point is a column."""
    match = _OPERATOR.fullmatch(column)
    if match is None or match[3] not in columns:
        return ""
    function = {"i": "C", "l": "lag", "f": "lead", "d": "diff"}.get(match[1].lower())
    if function is None:
        return f"; write {match[3]}"
    return f"; write {function}({match[3]}{f', {match[2]}' if match[2] and function != 'C' else ''})"


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    position: int


class _Parser:
    """Recursive descent over the tokens of one formula."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = self._tokens()
        self.at = 0

    def _tokens(self) -> list[_Token]:
        tokens: list[_Token] = []
        at = 0
        while at < len(self.text):
            match = _TOKEN.match(self.text, at)
            if match is None:
                character = self.text[at]
                if character == "`":
                    self._fail("a backtick is not closed", at + 1)
                if character == "^":
                    self._fail("'^' is not part of the grammar; build the combined column first", at + 1)
                self._fail(f"unexpected {character!r}", at + 1)
            kind = match.lastgroup or ""
            if kind == "symbol":
                tokens.append(_Token(match.group(), match.group(), at + 1))
            elif kind == "quoted":
                if len(match.group()) == 2:
                    self._fail("empty backticks", at + 1)
                tokens.append(_Token("quoted", match.group()[1:-1], at + 1))
            elif kind != "space":
                tokens.append(_Token(kind, match.group(), at + 1))
            at = match.end()
        tokens.append(_Token("end", "", len(self.text) + 1))
        return tokens

    def _fail(self, message: str, position: int) -> NoReturn:
        shown = self.text if len(self.text) <= 200 else self.text[:197] + "..."
        raise FormulaError(f"{message} at position {position} of {shown!r}")

    @property
    def next(self) -> _Token:
        return self.tokens[self.at]

    def take(self, *kinds: str) -> _Token | None:
        token = self.next
        if token.kind in kinds:
            self.at += 1
            return token
        return None

    def need(self, kind: str, message: str) -> _Token:
        token = self.take(kind)
        if token is None:
            self.unexpected(message)
        return token

    def unexpected(self, wanted: str) -> NoReturn:
        token = self.next
        found = "the end" if token.kind == "end" else repr(token.text)
        self._fail(f"expected {wanted}, found {found}", token.position)

    def model(self) -> Formula:
        first = self.next
        response = self.factor()
        if isinstance(response, Categories):
            self._fail("the left-hand side is a number, so C() has no place there", first.position)
        self.need("~", "'~' after the left-hand side")
        terms, intercept = self.rhs(response)
        effects = self.effects() if self.take("|") else ()
        if self.next.kind == "|":
            self._fail("instrumental variables (a second '|') are not available", self.next.position)
        if self.next.kind != "end":
            self.unexpected("'+', '|' or the end")
        return Formula(self.text, response, tuple(terms), intercept and not effects, effects)

    def rhs(self, response: Name | Call) -> tuple[list[Term], bool]:
        terms: dict[frozenset[Factor], Term] = {}
        intercept = True
        minus = self.take("-") is not None
        if not minus:
            self.take("+")
        while True:
            start = self.next
            if number := self.take("number"):
                intercept = self.constant(number, minus=minus)
            elif minus:
                self._fail("only the intercept can be taken away, as '- 1'", start.position)
            else:
                for term in self.term():
                    if response in term and len(term) == 1:
                        self._fail(f"{response} stands on both sides", start.position)
                    terms.setdefault(frozenset(term), term)
            sign = self.take("+", "-")
            if sign is None:
                return list(terms.values()), intercept
            minus = sign.kind == "-"

    def constant(self, number: _Token, *, minus: bool) -> bool:
        if number.text not in {"0", "1"} or (minus and number.text == "0"):
            self._fail(f"{number.text!r} is not a term; '1', '0' and '- 1' set the intercept", number.position)
        return number.text == "1" and not minus

    def term(self) -> list[Term]:
        start = self.next
        products = [self.product()]
        while self.take("*"):
            products.append(self.product())
        if len(products) > MAX_STAR:
            self._fail(f"more than {MAX_STAR} factors joined by '*'", start.position)
        expanded: list[Term] = []
        for size in range(1, len(products) + 1):
            expanded += [
                tuple(dict.fromkeys(factor for product in chosen for factor in product))
                for chosen in combinations(products, size)
            ]
        return expanded

    def product(self) -> Term:
        start = self.next
        factors = [self.factor()]
        while self.take(":"):
            factors.append(self.factor())
        if len(set(factors)) < len(factors):
            self._fail("a factor is multiplied by itself; build the squared column first", start.position)
        return tuple(factors)

    def factor(self, depth: int = 0) -> Factor:
        if depth > MAX_DEPTH:
            self._fail(f"functions nested more than {MAX_DEPTH} deep", self.next.position)
        if token := self.take("quoted"):
            return Name(token.text, token.position)
        if self.next.kind == "(":
            self._fail("brackets only follow a function; write the terms out", self.next.position)
        token = self.need("name", "a column or function")
        if not self.take("("):
            return Name(token.text, token.position)
        return self.call(token, depth)

    def call(self, token: _Token, depth: int) -> Factor:
        name = token.text
        if name not in FUNCTIONS:
            hint = f"; write {_HABITS[name]}" if name in _HABITS else nearest(name, FUNCTIONS)
            hint = hint or f"; there are {', '.join(f'{f}()' for f in FUNCTIONS)}"
            raise FormulaError(f"function {name!r} does not exist (position {token.position}){hint}")
        start = self.next
        inner = self.factor(depth + 1)
        if name == "C":
            if not isinstance(inner, Name):
                self._fail("C() takes a column", start.position)
            self.need(")", "')'")
            return Categories(inner)
        if isinstance(inner, Categories):
            self._fail(f"{name}() takes a number, not C()", start.position)
        if name == "log":
            self.need(")", "')'")
            return Call("log", inner)
        steps = self.steps(name) if self.take(",") else 1
        self.need(")", "')'")
        if name == "lag":
            return Call("lag", inner, steps)
        return Call("lead", inner, steps) if name == "lead" else Call("diff", inner, steps)

    def steps(self, function: str) -> int:
        wanted = f"a whole number of steps in {function}(), from 1 up"
        if self.next.kind == "-":
            other = {"lag": "lead", "lead": "lag"}.get(function)
            self._fail(wanted + (f"; use {other}() for the other direction" if other else ""), self.next.position)
        token = self.need("number", wanted)
        if not re.fullmatch(r"[1-9][0-9]{0,5}", token.text):
            self._fail(f"expected {wanted}, found {token.text!r}", token.position)
        return int(token.text)

    def effects(self) -> tuple[Name, ...]:
        found: dict[str, Name] = {}
        while True:
            token = self.take("name", "quoted")
            if token is None:
                self.unexpected("a column whose levels are absorbed")
            if self.next.kind == "(":
                self._fail("effects after '|' are column names, without functions", self.next.position)
            if token.text in found:
                self._fail(f"effect {token.text!r} is given twice", token.position)
            found[token.text] = Name(token.text, token.position)
            if not self.take("+"):
                return tuple(found.values())
