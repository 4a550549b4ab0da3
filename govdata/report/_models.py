"""What tables and plots share: which models, which terms, under which labels."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from govdata.errors import ArgumentError, nearest
from govdata.stats import PanelResults

__all__ = ["INTERCEPT", "Models", "choose_terms", "label", "named_models"]

INTERCEPT = "Intercept"
TIMES = "\N{MULTIPLICATION SIGN}"
Models = PanelResults | Sequence[PanelResults] | Mapping[str, PanelResults]

_CALL = re.compile(r"(log|lag|lead|diff|C)\((.*?)(?:, (\d+))?\)(?:\[(.*)\])?")


def named_models(models: Models) -> dict[str, PanelResults]:
    """Give every model a heading.

    Parameters
    ----------
    models
        One model, several, or headings with models.

    Returns
    -------
    dict
        By heading: ``(1)``, ``(2)`` where none is given.

    Raises
    ------
    ArgumentError
        If there is no model, or something else.
    """
    if isinstance(models, PanelResults):
        found = {"(1)": models}
    elif isinstance(models, Mapping):
        found = {str(name): model for name, model in models.items()}
    elif isinstance(models, Sequence) and not isinstance(models, str):
        found = {f"({i})": model for i, model in enumerate(models, 1)}
    else:
        raise ArgumentError(f"models are results of stats.ols, in a list or dict, not {type(models).__name__}")
    if not found:
        raise ArgumentError("there is no model to show")
    for name, model in found.items():
        if not isinstance(model, PanelResults):
            raise ArgumentError(f"model {name} is a result of stats.ols, not {type(model).__name__}")
    return found


def choose_terms(models: Iterable[PanelResults], keep: Sequence[str] | None, drop: Sequence[str] | None) -> list[str]:
    """List the coefficients to show.

    Parameters
    ----------
    models
        The models.
    keep
        Only these, in this order.
    drop
        All but these.

    Returns
    -------
    list of str
        In the order of first appearance, the intercept last.

    Raises
    ------
    ArgumentError
        If a name is no coefficient of any model, or none is left.
    """
    terms = list(dict.fromkeys(term for model in models for term in model.terms))
    terms.sort(key=lambda term: term == INTERCEPT)
    for option, names in (("keep", keep), ("drop", drop)):
        if isinstance(names, str):
            raise ArgumentError(f"{option} is a list of coefficients, not one text")
        for name in names or ():
            if name not in terms:
                raise ArgumentError(f"{option} names {name!r}, which no model has{nearest(name, terms)}")
    if keep is not None:
        terms = list(dict.fromkeys(keep))
    terms = [term for term in terms if term not in (drop or ())]
    if not terms:
        raise ArgumentError("no coefficient is left to show")
    return terms


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
    >>> from govdata.report._models import label
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
