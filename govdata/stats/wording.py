"""How tables and plots word what a model says: terms, numbers and counts."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

import numpy as np

__all__ = [
    "INTERCEPT",
    "TIMES",
    "UNDEFINED",
    "count",
    "figure",
    "form_of",
    "given",
    "grouped",
    "label",
    "number",
    "pair",
    "probability",
]

INTERCEPT = "Intercept"
TIMES = "\N{MULTIPLICATION SIGN}"
UNDEFINED = "\N{EN DASH}"

_MAX_DECIMALS = 6
_LARGE = 1e9
_SMALL = 1e-3
_CALL = re.compile(r"(log|lag|lead|diff|C)\((.*?)(?:, (\d+))?\)(?:\[(.*)\])?")


def label(term: str, labels: Mapping[str, str] | None, times: str = f" {TIMES} ") -> str:
    """Say a term in the reader's words.

    Parameters
    ----------
    term
        As the model names it.
    labels
        Words for columns or whole terms.
    times
        What joins the factors of a product.

    Returns
    -------
    str
        The label; a term without one stays as it is.

    Examples
    --------
    >>> from govdata.stats.wording import label
    >>> label("lag(polyarchy, 1)", {"polyarchy": "Electoral democracy"})
    'Electoral democracy (lag 1)'
    >>> label("C(region)[Asia]", {"region": "Region"})
    'Region: Asia'
    """
    if not labels:
        return term
    if term in labels:
        return labels[term]
    factors = re.split(r":(?![^\[(]*[\])])", term)
    if len(factors) > 1:
        return times.join(label(factor, labels, times) for factor in factors)
    match = _CALL.fullmatch(term)
    if match is None:
        return labels.get(term.strip("`"), term)
    function, inner, steps, level = match.groups()
    shown = label(inner, labels, times)
    word = {"log": "log", "lag": f"lag {steps}", "lead": f"lead {steps}", "diff": f"change over {steps}"}.get(function)
    ending = f": {level}" if function == "C" and level is not None else f" ({word})" if word else ""
    return term if shown == inner else shown + ending


def pair(value: float, error: float, digits: int) -> tuple[str, str]:
    """Print a coefficient and its standard error with the same decimals.

    Parameters
    ----------
    value, error
        Both in the coefficient's unit.
    digits
        Decimals; more are taken where the error would show less than two digits.

    Returns
    -------
    tuple of str
        The two numbers; a dash stands for one that is not defined.

    Examples
    --------
    >>> from govdata.stats.wording import pair
    >>> pair(0.00012, 0.000034, 3)
    ('0.000120', '0.000034')
    """
    form = form_of(value, error, digits)
    return number(value, form), number(error, form)


def form_of(value: float, error: float, digits: int) -> str:
    """Choose the format in which a coefficient, its error and its interval agree.

    Parameters
    ----------
    value, error, digits
        As in :func:`pair`.

    Returns
    -------
    str
        A format such as ``".3f"`` or ``".2e"``.

    Examples
    --------
    >>> from govdata.stats.wording import form_of
    >>> form_of(1.2e-7, 3.4e-8, 3)
    '.2e'
    """
    needed = 1 - math.floor(math.log10(error)) if error > 0 and math.isfinite(error) else digits
    decimals = max(digits, needed)
    if decimals > max(digits, _MAX_DECIMALS) or max(abs(value), error) >= _LARGE:
        return ".2e"
    return f".{decimals}f"


def number(value: float, form: str) -> str:
    """Print a number without a negative zero.

    Parameters
    ----------
    value
        Any number.
    form
        A format such as ``".3f"``.

    Returns
    -------
    str
        The number; a dash where it is not defined.

    Examples
    --------
    >>> from govdata.stats.wording import number
    >>> number(-0.0001, ".3f"), number(float("nan"), ".3f")
    ('0.000', '\N{EN DASH}')
    """
    if math.isnan(value):
        return UNDEFINED
    shown = f"{value:{form}}"
    return shown[1:] if shown.startswith("-") and float(shown.replace(",", "")) == 0 else shown


def probability(value: float, digits: int) -> str:
    """Print a p value; one below the last decimal is said to be so.

    Parameters
    ----------
    value
        Between 0 and 1.
    digits
        Decimals, two at least.

    Returns
    -------
    str
        Such as ``"0.012"`` or ``"<0.001"``.

    Examples
    --------
    >>> from govdata.stats.wording import probability
    >>> probability(0.00004, 3)
    '<0.001'
    """
    decimals = max(digits, 2)
    return f"<{10**-decimals:.{decimals}f}" if value < 10**-decimals else number(value, f".{decimals}f")


def count(value: float | None) -> str:
    """Print a count with separators for thousands.

    Parameters
    ----------
    value
        None where there is nothing to count.

    Returns
    -------
    str
        Empty for None; one decimal where the number is not whole.

    Examples
    --------
    >>> from govdata.stats.wording import count
    >>> count(12345), count(9.25), count(None)
    ('12,345', '9.2', '')
    """
    if value is None:
        return ""
    return f"{int(value):,}" if float(value).is_integer() else number(float(value), ",.1f")


def figure(value: object) -> str:
    """Print a named fact of a model: a count, a measured number or a word.

    Parameters
    ----------
    value
        A number, a text, a truth value, or None.

    Returns
    -------
    str
        Empty where there is nothing to say.

    Examples
    --------
    >>> from govdata.stats.wording import figure
    >>> figure(0.86122), figure(-1234.5), figure(12), figure("ar1")
    ('0.861', '-1,234.500', '12', 'ar1')
    """
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    if isinstance(value, (int, np.integer)):
        return f"{int(value):,}"
    if not isinstance(value, (float, np.floating)):
        return str(value)
    size = abs(float(value))
    if math.isnan(size):
        return ""
    return number(float(value), ".3g" if 0 < size < _SMALL or size >= _LARGE else ",.3f")


def grouped(texts: Mapping[str, Sequence[str]]) -> list[str]:
    """Say what several models share once, naming them only where they differ.

    Parameters
    ----------
    texts
        By model, what is to be said of it.

    Returns
    -------
    list of str
        Sentences in the order of first appearance.

    Examples
    --------
    >>> from govdata.stats.wording import grouped
    >>> grouped({"(1)": ["iid", "exact fit"], "(2)": ["iid"]})
    ['iid.', '(1): exact fit.']
    """
    found: dict[str, list[str]] = {}
    for name, lines in texts.items():
        for line in lines:
            owners = found.setdefault(line, [])
            if name not in owners:
                owners.append(name)
    return [
        (line if len(names) == len(texts) else f"{', '.join(names)}: {line}") + ("" if line.endswith(".") else ".")
        for line, names in found.items()
    ]


def given(value: object) -> str:
    """Show what a user gave, where a message must stay one short line.

    Parameters
    ----------
    value
        Anything.

    Returns
    -------
    str
        As Python writes it, or its type where that is long.

    Examples
    --------
    >>> import pandas as pd
    >>> from govdata.stats.wording import given
    >>> given("CRV9"), given(pd.DataFrame({"x": [1, 2]}))
    ("'CRV9'", 'a DataFrame')
    """
    kind = type(value).__name__
    if hasattr(value, "__array__") and not isinstance(value, np.generic):
        return f"a {kind}"
    shown = repr(value)
    return shown if len(shown) <= 60 and "\n" not in shown else f"a long {kind}"
