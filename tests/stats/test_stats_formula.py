"""Formulas are read by a grammar, with errors that say where."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govdata.errors import FormulaError
from govdata.stats import formula as module
from govdata.stats.formula import parse, term_label


def terms(text: str) -> list[str]:
    return [term_label(term) for term in parse(text).terms]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("y ~ x", ["x"]),
        ("y~x+z", ["x", "z"]),
        ("y ~ x + x", ["x"]),
        ("y ~ a*b", ["a", "b", "a:b"]),
        ("y ~ a*b*c", ["a", "b", "c", "a:b", "a:c", "b:c", "a:b:c"]),
        ("y ~ a:b + b:a", ["a:b"]),
        ("y ~ a*b:c", ["a", "b:c", "a:b:c"]),
        (
            "y ~ log(x) + lag(x) + lead(x, 2) + diff(log(x), 3)",
            ["log(x)", "lag(x, 1)", "lead(x, 2)", "diff(log(x), 3)"],
        ),
        ("y ~ C(region):x", ["C(region):x"]),
        ("y ~ `gdp per head` + `a`", ["`gdp per head`", "a"]),
        ("y ~ log + lag", ["log", "lag"]),
        ("y ~ v2x_polyarchy + e.gdp + درآمد + 国内", ["v2x_polyarchy", "e.gdp", "درآمد", "国内"]),
        ("y ~ 1", []),
    ],
)
def test_terms(text: str, expected: list[str]) -> None:
    assert terms(text) == expected


@pytest.mark.parametrize(
    ("text", "intercept"),
    [
        ("y ~ x", True),
        ("y ~ 1 + x", True),
        ("y ~ 0 + x", False),
        ("y ~ x - 1", False),
        ("y ~ -1 + x", False),
        ("y ~ + x", True),
        ("y ~ x | iso3", False),
    ],
)
def test_intercept(text: str, *, intercept: bool) -> None:
    assert parse(text).intercept is intercept


def test_effects_names_and_shifts() -> None:
    formula = parse("log(y) ~ C(r):lag(x) | iso3 + `the year`")
    assert [effect.column for effect in formula.effects] == ["iso3", "the year"]
    assert [name.column for name in formula.names] == ["y", "r", "x", "iso3", "the year"]
    assert formula.shifts
    assert not parse("y ~ x").shifts
    assert parse("diff(y) ~ x").shifts


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("y", r"expected '~'.*found the end at position 2"),
        ("", "expected a column or function, found the end at position 1"),
        ("y ~", "expected a column or function, found the end"),
        ("~ x", "expected a column or function, found '~' at position 1"),
        ("y ~ x +", "found the end at position 8"),
        ("y ~ x ++ z", r"found '\+' at position 8"),
        ("y ~ x z", "found 'z' at position 7"),
        ("y ~ x - z", "only the intercept can be taken away.*position 9"),
        ("y ~ 2", "'2' is not a term"),
        ("y ~ x - 0", "'0' is not a term"),
        ("y ~ 1e5", "'1e5' is not a term"),
        ("y ~ (x + z):w", "brackets only follow a function"),
        ("y ~ x^2", r"'\^' is not part of the grammar"),
        ("y ~ x:x", "multiplied by itself"),
        ("y ~ y", "y stands on both sides"),
        ("y ~ a*b*c*d*e*f*g", "more than 6 factors"),
        ("y ~ lag(x, 0)", "whole number of steps.*found '0'"),
        ("y ~ lag(x, -1)", r"use lead\(\) for the other direction"),
        ("y ~ diff(x, -1)", "whole number of steps"),
        ("y ~ lag(x, 1.5)", "found '1.5'"),
        ("y ~ lag(x, z)", "found 'z'"),
        ("y ~ lag(x", r"expected '\)', found the end"),
        ("y ~ log(x, 2)", r"expected '\)', found ','"),
        ("y ~ log(C(x))", r"log\(\) takes a number, not C\(\)"),
        ("y ~ C(log(x))", r"C\(\) takes a column"),
        ("C(y) ~ x", "left-hand side is a number"),
        ("y ~ x | ", "expected a column whose levels are absorbed"),
        ("y ~ x | 0", "expected a column whose levels are absorbed"),
        ("y ~ x | log(z)", "effects after '|' are column names"),
        ("y ~ x | iso3 + iso3", "effect 'iso3' is given twice"),
        ("y ~ x | iso3 | z ~ w", "instrumental variables"),
        ("y ~ `x", "backtick is not closed at position 5"),
        ("y ~ ``", "empty backticks"),
        ("y ~ x @ z", "unexpected '@' at position 7"),
        ("y ~ x; z", "unexpected ';'"),
        ("y ~ logg(x)", r"function 'logg' does not exist \(position 5\); did you mean 'log'"),
        ("y ~ I(x)", "function 'I' does not exist"),
        ("y ~ __import__('os').system('x')", 'unexpected "\'"'),
        ("y ~ exec(x)", "function 'exec' does not exist"),
        ("y ~ x.__class__(z)", "function 'x.__class__' does not exist"),
        ("y ~ " + "log(" * 40 + "x" + ")" * 40, "nested more than 12 deep"),
        ("y ~ " + "x + " * 9000 + "x", "longer than 10,000 characters"),
    ],
)
def test_faults_say_where(text: str, message: str) -> None:
    with pytest.raises(FormulaError, match=message) as caught:
        parse(text)
    assert "\n" not in str(caught.value)


def test_a_formula_is_text() -> None:
    with pytest.raises(FormulaError, match="not int"):
        parse(3)  # type: ignore[arg-type]


def test_unknown_column_names_the_nearest() -> None:
    with pytest.raises(
        FormulaError, match=r"'polyarcy' is not in the data \(position 5\); did you mean 'polyarchy'"
    ) as e:
        parse("y ~ polyarcy", ["y", "polyarchy", 3])
    assert e.value.code == "unknown_column"
    with pytest.raises(FormulaError, match="position 13"):
        parse("y ~    x  | iso", ["y", "x"])


def test_nothing_is_evaluated() -> None:
    source = module.__loader__.get_source(module.__name__)
    assert "eval(" not in source
    assert "exec(" not in source


@settings(max_examples=400, deadline=None)
@given(st.text(alphabet="xyz ~+-*:|(),`01._log lagC'\"\\\n", max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        formula = parse(text)
    except FormulaError:
        return
    rebuilt = f"{formula.response} ~ {'1' if formula.intercept else '0'}"
    rebuilt += "".join(f" + {term_label(term)}" for term in formula.terms)
    if formula.effects:
        rebuilt += " | " + " + ".join(str(effect) for effect in formula.effects)
    again = parse(rebuilt)
    assert (again.response, again.terms, again.intercept, again.effects) == (
        formula.response,
        formula.terms,
        formula.intercept,
        formula.effects,
    )
