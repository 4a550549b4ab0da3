"""What a fitted model offers to tables and plots: which models, which terms.

Tables are written against :class:`Result`, not against a class of results: a result can print itself without a cycle.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import pandas as pd

from govdata.errors import ArgumentError, nearest
from govdata.stats.wording import INTERCEPT

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Result", "auxiliary_terms", "choose_terms", "named_models"]

_NEEDED = ("terms", "params", "nobs", "note")


class _Convention(Protocol):
    @property
    def se(self) -> str: ...
    @property
    def df(self) -> str | None: ...


class _Covariance(Protocol):
    @property
    def vcov(self) -> _Convention: ...
    @property
    def k_star(self) -> int | None: ...
    @property
    def t_df(self) -> float | NDArray[np.float64]: ...


class Result(Protocol):
    """What a fitted model offers to tables and plots.

    More is printed of a model that also has ``estimator``, ``facts``, ``statistics()``, ``auxiliary``,
    ``periods_per_unit``, ``singletons_rule``, ``dropped`` or ``sample``.
    """

    @property
    def terms(self) -> tuple[str, ...]:
        """Names of the coefficients."""
        ...

    @property
    def params(self) -> pd.Series[Any]:
        """Coefficients."""
        ...

    @property
    def bse(self) -> pd.Series[Any]:
        """Standard errors."""
        ...

    @property
    def tstats(self) -> pd.Series[Any]:
        """Coefficients divided by their standard errors."""
        ...

    @property
    def pvalues(self) -> pd.Series[Any]:
        """Two-sided p values."""
        ...

    def conf_int(self, level: float = ...) -> pd.DataFrame:
        """Return intervals in two columns."""
        ...

    @property
    def response(self) -> str:
        """The left-hand side."""
        ...

    @property
    def nobs(self) -> int:
        """Rows of the sample."""
        ...

    @property
    def n_units(self) -> int | None:
        """Units in the sample."""
        ...

    @property
    def n_periods(self) -> int | None:
        """Times in the sample."""
        ...

    @property
    def effects(self) -> dict[str, int]:
        """How many levels of each effect were absorbed."""
        ...

    @property
    def clusters(self) -> dict[str, int]:
        """How many clusters there are in each column."""
        ...

    @property
    def dropped_counts(self) -> dict[str, int]:
        """How many rows were left out for each reason."""
        ...

    @property
    def singletons(self) -> int:
        """Rows kept although they are alone in a level of an effect."""
        ...

    @property
    def covariance(self) -> _Covariance:
        """The convention of the standard errors."""
        ...

    @property
    def dataset(self) -> str:
        """Which data these are."""
        ...

    def left_out(self) -> str:
        """Say how many rows were left out and why."""
        ...

    def note(self) -> str:
        """State the convention in one line."""
        ...

    def notes(self) -> list[str]:
        """List what a reader should know."""
        ...


R = TypeVar("R", bound=Result)


def named_models(models: R | Sequence[R] | Mapping[str, R]) -> dict[str, R]:
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
        If there is no model, something else, or one heading twice.

    Examples
    --------
    >>> import pandas as pd
    >>> from govdata import stats
    >>> from govdata.stats.protocol import named_models
    >>> frame = pd.DataFrame({"y": [1.0, 2.0, 4.0], "x": [0.0, 1.0, 2.0]})
    >>> list(named_models([stats.ols("y ~ x", frame), stats.ols("y ~ 1", frame)]))
    ['(1)', '(2)']
    """
    given: list[tuple[str, Any]]
    if _is_result(models):
        given = [("(1)", models)]
    elif isinstance(models, Mapping):
        given = [(str(name), model) for name, model in models.items()]
    elif isinstance(models, Sequence) and not isinstance(models, (str, bytes)):
        given = [(f"({i})", model) for i, model in enumerate(models, 1)]
    else:
        raise ArgumentError(f"models are fitted models of stats, in a list or dict, not {_kind(models)}")
    if not given:
        raise ArgumentError("there is no model to show")
    found: dict[str, R] = {}
    for name, model in given:
        if not _is_result(model):
            raise ArgumentError(f"model {name} is a fitted model of stats such as stats.ols gives, not {_kind(model)}")
        if name in found:
            raise ArgumentError(f"two models have the heading {name!r}; give each its own")
        found[name] = model
    return found


def _is_result(model: object) -> bool:
    """Whether it offers what a model does; looked up without running any of it."""
    missing = object()
    return not isinstance(model, type) and all(
        inspect.getattr_static(model, name, missing) is not missing for name in _NEEDED
    )


def _kind(value: object) -> str:
    hint = "; did you pass the frame instead of the model?" if isinstance(value, (pd.DataFrame, pd.Series)) else ""
    return ("None" if value is None else type(value).__name__) + hint


def choose_terms(models: Iterable[Result], keep: Sequence[str] | None, drop: Sequence[str] | None) -> list[str]:
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
        In the order of first appearance, the intercept last, auxiliary parameters such as thresholds after it.

    Raises
    ------
    ArgumentError
        If a name is no coefficient of any model, or none is left.

    Examples
    --------
    >>> import pandas as pd
    >>> from govdata import stats
    >>> from govdata.stats.protocol import choose_terms
    >>> frame = pd.DataFrame({"y": [1.0, 2.0, 4.0], "x": [0.0, 1.0, 2.0]})
    >>> choose_terms([stats.ols("y ~ x", frame)], None, None)
    ['x', 'Intercept']
    """
    fits = list(models)
    auxiliary = auxiliary_terms(fits)
    terms = list(dict.fromkeys(term for model in fits for term in model.terms))
    terms.sort(key=lambda term: (term in auxiliary, term == INTERCEPT))
    kept, dropped = _names("keep", keep, terms), _names("drop", drop, terms)
    if kept is not None:
        terms = list(dict.fromkeys(kept))
    terms = [term for term in terms if term not in (dropped or ())]
    if not terms:
        raise ArgumentError("no coefficient is left to show")
    return terms


def _names(option: str, names: object, terms: list[str]) -> list[str] | None:
    """Check a list of coefficients that a user gave."""
    if names is None:
        return None
    if isinstance(names, str):
        raise ArgumentError(f"{option} is a list of coefficients, not one text; write [{names!r}]")
    unordered = option == "keep" and isinstance(names, (set, frozenset))
    if unordered or isinstance(names, (bytes, Mapping, pd.DataFrame)) or not isinstance(names, Iterable):
        raise ArgumentError(f"{option} is a list of coefficients, not {type(names).__name__}")
    found = sorted(names, key=str) if isinstance(names, (set, frozenset)) else list(names)
    for name in found:
        if not isinstance(name, str) or name not in terms:
            raise ArgumentError(f"{option} names {name!r}, which no model has{nearest(str(name), terms)}")
    return found


def auxiliary_terms(models: Iterable[Result]) -> frozenset[str]:
    """Find the parameters that stand beside the coefficients, such as the thresholds of an ordered model.

    Parameters
    ----------
    models
        The models.

    Returns
    -------
    frozenset of str
        Often empty.

    Examples
    --------
    >>> import pandas as pd
    >>> from govdata import stats
    >>> from govdata.stats.protocol import auxiliary_terms
    >>> frame = pd.DataFrame({"y": [1.0, 2.0, 4.0], "x": [0.0, 1.0, 2.0]})
    >>> sorted(auxiliary_terms([stats.ols("y ~ x", frame)]))
    []
    """
    return frozenset(term for model in models for term in getattr(model, "auxiliary", ()))
