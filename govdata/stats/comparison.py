"""Fitted models side by side, in tables that say what their numbers rest on.

Besides coefficients, a table prints for each model: the estimator, how many rows, units and times stand behind it, how
many levels of each effect were absorbed, how many rows were left out and why, the convention of the standard errors
with the parameters it counts, the clusters, what the estimator itself reports, and the data with their version where
these are known.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, get_args

import numpy as np
import pandas as pd

from govdata.errors import ArgumentError, nearest
from govdata.stats.protocol import Result, auxiliary_terms, choose_terms, named_models
from govdata.stats.typesetting import Row, Table
from govdata.stats.wording import INTERCEPT, UNDEFINED, count, figure, form_of, grouped, label, number, probability

__all__ = ["STARS", "Statistic", "compare"]

MANY_INDICATORS = 5
STARS = (0.05, 0.01, 0.001)
Statistic = Literal["std_error", "t", "p", "conf_int"]

_LEVEL = 0.95
_R_SQUARED = "R\N{SUPERSCRIPT TWO}"
_LONG = 24  # characters: a longer word would widen its column, so it stands in the notes


def compare(
    models: Result | Sequence[Result] | Mapping[str, Result],
    *more: Result,
    labels: Mapping[str, str] | None = None,
    digits: int = 3,
    stars: Sequence[float] | None = STARS,
    keep: Sequence[str] | None = None,
    drop: Sequence[str] | None = None,
    data: str | None = None,
    notes: str | Sequence[str] = (),
    statistic: Statistic = "std_error",
) -> Table:
    """Put models side by side.

    Parameters
    ----------
    models
        One fitted model, a list, or a dict of headings and fitted models.
    *more
        Further models, where the first argument is one.
    labels
        Words for columns: ``{"polyarchy": "Electoral democracy"}`` also labels ``lag(polyarchy, 1)``.
    digits
        Decimals, 0 to 12. A pair of numbers too small for them gets as many as show two digits of the standard error.
    stars
        Thresholds for p, one more star where p is below each; None for no stars.
    keep, drop
        Coefficients to show, in this order, or to leave out. Left out ones are named in the notes.
    data
        Which data these are. Left out: what the models know of their frames.
    notes
        Further lines for the notes.
    statistic
        What stands below a coefficient: ``"std_error"``, ``"t"`` (z where the reference distribution is the normal),
        ``"p"``, or ``"conf_int"``, the 95 % interval.

    Returns
    -------
    Table
        With ``to_text``, ``to_latex``, ``to_html``, ``to_markdown`` and ``to_frame``.

    Raises
    ------
    ArgumentError
        If there is no model, or an option has a form the function does not take.

    Notes
    -----
    p values, and so the stars, are the model's own: where every coefficient has its own degrees of freedom, as under
    CR2, each star follows from them. What all models share is said once below the table; what only some share is said
    once, with their headings.

    Examples
    --------
    >>> import pandas as pd
    >>> from govdata import stats
    >>> from govdata.stats.comparison import compare
    >>> frame = pd.DataFrame({"y": [1.0, 2.0, 4.0, 3.0, 6.0], "x": [0.0, 1.0, 2.0, 3.0, 4.0]})
    >>> table = compare({"Model": stats.ols("y ~ x", frame)}, labels={"x": "Exposure"}, stars=None)
    >>> table.to_frame().loc["x", "Model"].to_dict()
    {'estimate': '1.100', 'std_error': '(0.300)'}
    >>> print(compare(stats.ols("y ~ x", frame), statistic="conf_int", keep=["x"]).notes[0])
    95 % confidence intervals in brackets. * p < 0.05, ** p < 0.01, *** p < 0.001.
    """
    if more:
        if not hasattr(models, "terms"):
            raise ArgumentError("several models stand side by side, in one list, or in one dict with their headings")
        models = [models, *more]  # type: ignore[list-item]  # hasattr has told it from a list and a dict
    named = named_models(models)
    _check(labels, digits, data, statistic)
    further = _further(notes)
    thresholds = _thresholds(stars)
    fits = tuple(named.values())
    terms = choose_terms(fits, keep, drop)
    auxiliary = auxiliary_terms(fits)
    blocks = [[term for term in terms if (term in auxiliary) is beside] for beside in (False, True)]
    coefficients, beside = (_coefficients(fits, block, labels, digits, thresholds, statistic) for block in blocks)
    first = _first_line(fits, thresholds, statistic)
    if any(UNDEFINED in cell for row in (*coefficients, *beside) for cell in row.cells):
        first += f" {UNDEFINED} where the model gives no such number."
    return Table(
        headings=tuple(named),
        responses=tuple(label(model.response, labels) for model in fits),
        coefficients=tuple(coefficients),
        auxiliary=tuple(beside),
        statistics=tuple(_statistics(fits, labels)),
        notes=(first, *_note_lines(named, terms, labels, data), *further),
    )


def _check(labels: object, digits: object, data: object, statistic: object) -> None:
    if labels is not None and not isinstance(labels, Mapping):
        raise ArgumentError(f"labels are a dict of columns and words, not {type(labels).__name__}")
    for name, text in (labels or {}).items():
        if not (isinstance(name, str) and isinstance(text, str)):
            raise ArgumentError(f"labels give a text for the name of a column, not {name!r}: {text!r}")
    if isinstance(digits, bool) or not isinstance(digits, int) or not 0 <= digits <= 12:
        raise ArgumentError(f"digits is a whole number from 0 to 12, not {digits!r}")
    if data is not None and not isinstance(data, str):
        raise ArgumentError(f"data is a text that names the data, not {type(data).__name__}")
    allowed = get_args(Statistic)
    if not (isinstance(statistic, str) and statistic in allowed):
        raise ArgumentError(
            f"statistic is one of {', '.join(allowed)}, not {statistic!r}{nearest(str(statistic), allowed)}"
        )


def _further(notes: object) -> tuple[str, ...]:
    if isinstance(notes, str):
        return (notes,)
    found = tuple(notes) if isinstance(notes, Sequence) else (None,)
    if not all(isinstance(line, str) for line in found):
        raise ArgumentError(f"notes are a text or a list of texts, not {notes!r}")
    return found


def _thresholds(stars: object) -> list[float]:
    """Check the thresholds of p and put the largest first."""
    if stars is None:
        return []
    levels: list[object] = (
        list(stars) if isinstance(stars, Iterable) and not isinstance(stars, (str, Mapping)) else [None]
    )
    found = [float(level) for level in levels if isinstance(level, float) and 0 < level < 1]
    if len(found) < len(levels):
        raise ArgumentError(f"stars are thresholds between 0 and 1 such as (0.05, 0.01), or None, not {stars!r}")
    return sorted(set(found), reverse=True)


# The coefficients.


def _coefficients(
    models: Sequence[Result],
    terms: list[str],
    labels: Mapping[str, str] | None,
    digits: int,
    thresholds: list[float],
    statistic: Statistic,
) -> list[Row]:
    columns = [_cells(model, digits, thresholds, statistic) for model in models] if terms else []
    rows: list[Row] = []
    for term in terms:
        pairs = [column.get(term, ("", "")) for column in columns]
        rows.append(Row((term, "estimate"), label(term, labels), tuple(above for above, _ in pairs)))
        rows.append(Row((term, statistic), "", tuple(below for _, below in pairs)))
    return rows


def _cells(model: Result, digits: int, thresholds: list[float], statistic: Statistic) -> dict[str, tuple[str, str]]:
    """Print every coefficient of a model and what stands below it."""
    names = list(model.terms)
    estimates, errors, pvalues = (_floats(found) for found in (model.params, model.bse, model.pvalues))
    below: list[list[float]] = [errors]
    if statistic == "t":
        below = [_floats(model.tstats)]
    elif statistic == "p":
        below = [pvalues]
    elif statistic == "conf_int":
        interval = model.conf_int(_LEVEL)
        below = [_floats(interval.iloc[:, 0]), _floats(interval.iloc[:, 1])]
    cells = {}
    for i, name in enumerate(names):
        form = form_of(estimates[i], errors[i], digits)
        parts = [column[i] for column in below]
        if any(math.isnan(part) for part in parts):
            shown = UNDEFINED
        elif statistic == "p":
            shown = f"({probability(parts[0], digits)})"
        elif statistic == "conf_int":
            shown = f"[{number(parts[0], form)}, {number(parts[1], form)}]"
        else:
            shown = f"({number(parts[0], form if statistic == 'std_error' else f'.{digits}f')})"
        cells[name] = number(estimates[i], form) + "*" * sum(pvalues[i] < level for level in thresholds), shown
    return cells


def _floats(values: pd.Series[float]) -> list[float]:
    return [float(value) for value in values.to_numpy(dtype=np.float64)]


def _t_df(model: Result) -> list[float]:
    """Degrees of freedom, one for all coefficients or one for each; infinite under the normal distribution."""
    found = np.atleast_1d(np.asarray(model.covariance.t_df, dtype=np.float64))
    return [float(found[0])] if np.all(found == found[0]) else [float(value) for value in found]


def _first_line(models: Sequence[Result], thresholds: list[float], statistic: Statistic) -> str:
    line = {"std_error": "Standard errors in parentheses", "p": "p values in parentheses"}.get(statistic)
    if statistic == "conf_int":
        line = f"{100 * _LEVEL:g} % confidence intervals in brackets"
    elif statistic == "t":
        normal = [all(math.isinf(df) for df in _t_df(model)) for model in models]
        line = f"{'z' if all(normal) else 't or z' if any(normal) else 't'} statistics in parentheses"
    said = ", ".join(f"{'*' * (i + 1)} p < {level:g}" for i, level in enumerate(thresholds))
    return f"{line}. {said}." if said else f"{line}."


# What stands behind them.


def _statistics(models: Sequence[Result], labels: Mapping[str, str] | None) -> list[Row]:
    rows: list[Row] = []

    def add(name: str, cells: Iterable[str], *, always: bool = False) -> None:
        found = tuple(cells)
        if (always or any(found)) and all(row.key[0] != name for row in rows):
            rows.append(Row((name, ""), name, found))

    add("Estimator", (str(getattr(m, "estimator", "")) for m in models))
    for effect in dict.fromkeys(name for model in models for name in model.effects):
        absorbed = tuple(count(model.effects.get(effect)) or "no" for model in models)
        rows.append(Row((f"effects {effect}", ""), f"{label(effect, labels)} effects absorbed", absorbed))
    add("N", (count(m.nobs) for m in models))
    add("Units", (count(m.n_units) for m in models))
    add("Periods", (count(m.n_periods) for m in models))
    add("Periods a unit (min/mean/max)", (_lengths(m) for m in models))
    facts = [_facts(model) for model in models]
    for name in dict.fromkeys(name for found in facts for name in found):
        add(name, (_fact(name, found.get(name)) for found in facts))
    add("Rows left out", (count(_left_out(m)) for m in models), always=True)
    add("Singletons kept", (count(m.singletons) if _singletons(m) == "keep" else "" for m in models))
    add("Singletons dropped", (_count_of_dropped(m) if _singletons(m) == "drop" else "" for m in models))
    add("Standard errors", (m.covariance.vcov.se for m in models))
    add("Clusters", (_clusters(m, labels) for m in models))
    add("df rule", (_df_rule(m) for m in models))
    add("K*", (count(m.covariance.k_star) for m in models))
    add("df of t", (_df_cell(m) for m in models))
    return rows


def _lengths(model: Result) -> str:
    """Say how many times a unit has: at least, on average, at most."""
    found = getattr(model, "periods_per_unit", None)
    if found is None:
        return ""
    low, mean, high = found
    return count(low) if low == high else f"{count(low)}/{f'{mean:.2f}'.rstrip('0').rstrip('.')}/{count(high)}"


def _facts(model: Result, *, long: bool = False) -> dict[str, object]:
    """Read how well the model fits and what its estimator reports; a long text stands in the notes."""
    if hasattr(model, "statistics"):
        found = dict(model.statistics())
    else:
        found = {"R2": getattr(model, "rsquared", None), "R2 within": getattr(model, "rsquared_within", None)}
    found |= getattr(model, "facts", None) or {}
    return {
        re.sub(r"\bR2\b", _R_SQUARED, {"R2 within": "Within R2"}.get(str(name), str(name))): value
        for name, value in found.items()
        if (isinstance(value, str) and len(value) > _LONG) is long
    }


def _fact(name: str, value: object) -> str:
    """Print a statistic; shares such as R2 have three decimals however small they are."""
    share = _R_SQUARED in name and isinstance(value, float) and math.isfinite(value)
    return number(value, ".3f") if share else figure(value)  # type: ignore[arg-type]


def _left_out(model: Result) -> int:
    dropped = getattr(model, "dropped", None)
    if dropped is not None:
        return len(dropped)
    stated = re.match(r"[\d,]+", model.left_out())  # reasons overlap, so their counts do not add up
    return int(stated[0].replace(",", "")) if stated else 0


def _singletons(model: Result) -> str:
    """Say what became of rows alone in a level of an effect: nothing can without effects."""
    if not model.effects and not model.singletons and "singleton" not in model.dropped_counts:
        return ""
    return str(getattr(model, "singletons_rule", "drop" if "singleton" in model.dropped_counts else "keep"))


def _count_of_dropped(model: Result) -> str:
    return count(model.dropped_counts.get("singleton", 0))


def _clusters(model: Result, labels: Mapping[str, str] | None) -> str:
    return ", ".join(f"{label(name, labels)} {found:,}" for name, found in model.clusters.items())


def _df_rule(model: Result) -> str:
    """Name the rule where it makes a difference: effects, and a factor that counts parameters."""
    if not model.effects or model.covariance.k_star is None:
        return ""
    return model.covariance.vcov.df or ""


def _df_cell(model: Result) -> str:
    if getattr(model.covariance, "inference", None) is not None:
        return "bootstrap"
    found = _t_df(model)
    if len(found) == 1:
        return _df(found[0])
    return f"{_df(min(found))} to {_df(max(found))}"


def _df(value: float) -> str:
    """Print degrees of freedom; under the normal distribution there are none."""
    return "" if math.isnan(value) else "normal" if math.isinf(value) else count(value)


# The notes.


def _note_lines(
    named: Mapping[str, Result], terms: list[str], labels: Mapping[str, str] | None, data: str | None
) -> list[str]:
    """Say what a reader must know, once where all models share it."""
    lines = [
        *grouped({name: [model.note()] for name, model in named.items()}),
        *grouped({name: _own_df(model, terms, labels) for name, model in named.items()}),
        *grouped({name: model.notes() for name, model in named.items()}),
        *grouped(
            {name: [f"{fact}: {text}" for fact, text in _facts(m, long=True).items()] for name, m in named.items()}
        ),
        *_samples_line(list(named.values())),
        *grouped({name: [f"Rows left out: {m.left_out()}"] if _left_out(m) else [] for name, m in named.items()}),
    ]
    every = dict.fromkeys(term for model in named.values() for term in model.terms)
    hidden = _families([term for term in every if term not in terms and term != INTERCEPT], labels)
    lines += [f"Estimated but not shown: {', '.join(hidden)}."] if hidden else []
    if data is not None:
        return [*lines, *([f"Data: {data}."] if data else [])]
    return [*lines, *grouped({name: [f"Data: {m.dataset}"] if m.dataset else [] for name, m in named.items()})]


def _families(terms: list[str], labels: Mapping[str, str] | None) -> list[str]:
    """Name terms, and many indicators of one column by the column."""
    sizes: dict[str, int] = {}
    for term in terms:
        family = term.partition("[")[0]
        sizes[family] = sizes.get(family, 0) + 1
    shown: dict[str, None] = {}
    for term in terms:
        family = term.partition("[")[0]
        many = sizes[family] > MANY_INDICATORS
        shown[f"{label(family, labels)} ({sizes[family]} coefficients)" if many else label(term, labels)] = None
    return list(shown)


def _own_df(model: Result, terms: list[str], labels: Mapping[str, str] | None) -> list[str]:
    """List degrees of freedom where every coefficient has its own."""
    found = _t_df(model)
    if len(found) == 1 or getattr(model.covariance, "inference", None) is not None:
        return []
    own = dict(zip(model.terms, found, strict=True))
    listed = ", ".join(f"{label(term, labels)} {_df(own[term])}" for term in terms if term in own)
    return [f"df of t by coefficient: {listed}"] if listed else []


def _samples_line(models: Sequence[Result]) -> list[str]:
    """Say how many rows are in every model, where all are rows of one frame and not the same ones."""
    found = [getattr(model, "sample", None) for model in models]
    masks = [mask for mask in found if isinstance(mask, pd.Series)]
    if len(masks) < len(models):
        return []
    first = masks[0]
    one_frame = all(mask.index.is_(first.index) for mask in masks)
    if not one_frame or any(int(mask.sum()) != model.nobs for mask, model in zip(masks, models, strict=True)):
        return []
    rows = np.column_stack([mask.to_numpy(dtype=np.bool_) for mask in masks])
    common = rows.all(axis=1)
    if np.array_equal(common, rows.any(axis=1)):
        return []
    return [f"Samples differ: {int(common.sum()):,} rows are in every model."]
