"""Responses that are no measurements: what they hold, said in a user's words; and formulas with one term more."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from govdata.errors import EstimationError
from govdata.stats.formula import Formula, Name, parse, term_label
from govdata.stats.keys import FloatArray
from govdata.stats.panel import Panel, frame_of

__all__ = ["response_column", "values_found", "whole_response", "with_last_term"]


def response_column(formula: str, data: pd.DataFrame | Panel) -> pd.Series[Any] | None:
    """Return the column on the left-hand side, where it is a plain one.

    Parameters
    ----------
    formula
        The model.
    data
        A frame or a panel.

    Returns
    -------
    Series or None
        None where the left-hand side is a function, or no single column.
    """
    frame, _, _ = frame_of(data)
    response = parse(formula).response
    if not isinstance(response, Name) or response.column not in frame.columns:
        return None
    column = frame[response.column]
    return column if isinstance(column, pd.Series) else None


def whole_response(formula: str, data: pd.DataFrame | Panel, wanted: str, *, remedy: bool = False) -> None:
    """Refuse a response that holds no numbers, before it is read as one.

    Parameters
    ----------
    formula
        The model.
    data
        A frame or a panel.
    wanted
        What the model takes, for the message.
    remedy
        Whether to show how a column of 0 and 1 is made.

    Raises
    ------
    EstimationError
        Naming what the column holds.
    """
    column = response_column(formula, data)
    if column is None or pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_bool_dtype(column.dtype):
        return
    found = column.dropna()
    if len(found):
        name, value = str(column.name), found.iloc[:1].tolist()[0]
        if not isinstance(value, str) and pd.to_numeric(found.astype(str), errors="coerce").notna().all():
            stored = "a category" if isinstance(column.dtype, pd.CategoricalDtype) else "objects"
            raise EstimationError(
                f"{name} holds numbers stored as {stored}; turn it into numbers with data[{name!r}].astype(float)"
            )
        how = f": make it (data[{name!r}] == {value!r}).astype(int), or what fits" if remedy else ""
        raise EstimationError(f"{name} holds {value!r}; {wanted}{how}")


def with_last_term(formula: Formula, term: str) -> str:
    """Write a formula with one more regressor at its end.

    Parameters
    ----------
    formula
        As parsed.
    term
        The regressor, as a formula names it.

    Returns
    -------
    str
        A formula, so that one sample serves the regressor as it does the others.

    Examples
    --------
    >>> from govdata.stats.formula import parse
    >>> from govdata.stats.responses import with_last_term
    >>> with_last_term(parse("y ~ x*z - 1 | iso3"), "t")
    'y ~ x + z + x:z + t | iso3'
    """
    terms = [*(term_label(each) for each in formula.terms), term]
    if not (formula.intercept or formula.effects):
        terms.append("0")
    effects = " + ".join(str(effect) for effect in formula.effects)
    return f"{formula.response} ~ {' + '.join(terms)}" + (f" | {effects}" if effects else "")


def values_found(y: FloatArray, shown: int = 5) -> str:
    """List the values a response takes.

    Parameters
    ----------
    y
        The response.
    shown
        How many at most.

    Returns
    -------
    str
        Such as ``"1, 2 and 3"``.
    """
    values = np.unique(y)
    text = [f"{value:g}" for value in values[:shown].tolist()]
    if len(values) > shown:
        return ", ".join(text) + f" and {len(values) - shown} more"
    return " and ".join([", ".join(text[:-1]), text[-1]] if len(text) > 1 else text)
