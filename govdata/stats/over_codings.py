"""A model over every recoding of its evidence: fitted again with the cells replaced that each recoding changes."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np
import pandas as pd

from govdata.errors import EstimationError, GovdataError, nearest
from govdata.stats.contrast import check_level, check_model
from govdata.stats.formula import name_of
from govdata.stats.recoded_cells import (
    Recoding,
    Relevant,
    companions,
    formula_columns,
    from_changes,
    of_variable,
    replaced,
)
from govdata.stats.wording import INTERCEPT, UNDEFINED, form_of, given, number, probability
from govdata.stats.workers import each

if TYPE_CHECKING:
    from govdata.stats.results import PanelResults

__all__ = ["AS_FITTED", "SOURCE", "OverCodings", "Recodings", "over_codings"]

SOURCE: Final = "without:"
"""Begins the name of a recoding that leaves out one source."""
AS_FITTED: Final = "as fitted"
NO_CHANGE: Final = "unchanged: no cell of the sample differs"
_NUMBERS: Final = ("estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high")
_TERMS, _SOURCES, _REASONS, _WIDTH, _NAME = 4, 5, 6, 100, 34


class Recodings(Protocol):
    """What `govdata.codings` returns."""

    @property
    def names(self) -> Sequence[str]:
        """The recodings, in order."""
        ...

    @property
    def descriptions(self) -> Mapping[str, str]:
        """What each is."""
        ...

    @property
    def changes(self) -> pd.DataFrame:
        """The cells: ``coding, iso3, year, column, old, new``."""
        ...


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class OverCodings:
    """What becomes of a model when its evidence is coded otherwise. Made by :func:`over_codings`.

    Attributes
    ----------
    model
        The model as fitted.
    columns
        The variables that are recoded.
    table
        One row a recoding and coefficient: ``coding, description, term``, ``estimate, std_error, statistic, p_value,
        conf_low, conf_high`` (NaN where it cannot be estimated), ``nobs``, ``cells_changed`` (cells of the recoded
        variables in rows of either sample), ``change`` of the estimate, ``sign_changes, significance_changes`` (at
        1 - level; missing where not defined), and ``reason``: why it was not fitted again, or not estimated, else
        empty.
    level
        Of the intervals; what is outside is significant.
    """

    model: PanelResults
    columns: tuple[str, ...]
    table: pd.DataFrame = field(repr=False)
    level: float = 0.95

    @property
    def terms(self) -> tuple[str, ...]:
        """Coefficients of the recoded variables; all but the intercept where only the response is recoded."""
        slopes = [term for term in self.model.terms if term != INTERCEPT and term not in self.model.auxiliary]
        factors = [factor for term in self.model.design.formula.terms for factor in term]
        labels = {str(factor) for factor in factors if name_of(factor).column in self.columns}
        return tuple([term for term in slopes if any(label in term for label in labels)] or slopes)

    def extremes(self) -> pd.DataFrame:
        """Return the lowest and the highest estimate of each coefficient, the model's own among them.

        Returns
        -------
        DataFrame
            Columns ``term``, ``extreme`` (``lowest`` or ``highest``), ``coding`` (``as fitted`` where no recoding goes
            beyond the model), ``estimate``, ``std_error``, ``statistic``, ``p_value``, ``conf_low``, ``conf_high``,
            ``nobs``, ``change``.
        """
        kept = ["term", "coding", *_NUMBERS, "nobs", "change"]
        own = self.model.tidy(self.level).assign(coding=AS_FITTED, nobs=self.model.nobs, change=0.0)
        both = pd.concat([own[kept], self.table.loc[self.table["estimate"].notna(), kept]], ignore_index=True)
        rows = []
        for term in self.model.terms:
            part = both[both["term"] == term]
            for extreme, place in (("lowest", part["estimate"].argmin()), ("highest", part["estimate"].argmax())):
                rows.append({"term": term, "extreme": extreme, **part.drop(columns="term").iloc[place].to_dict()})
        return pd.DataFrame(rows)

    def influential(self, term: str | None = None) -> pd.DataFrame:
        """Return the sources by how far the estimate moves without them.

        Parameters
        ----------
        term
            A coefficient; the first of ``terms`` where left out.

        Returns
        -------
        DataFrame
            Rows of ``table``, the largest change first, of sources without which the model could be fitted again and
            whose cells are in the sample; ties by name.

        Raises
        ------
        EstimationError
            If the model has no such coefficient.
        """
        focal = self.terms[0] if term is None else term
        if not isinstance(focal, str) or focal not in self.model.terms:
            raise EstimationError(f"the model has no coefficient {given(term)}{nearest(str(term), self.model.terms)}")
        own = self.table[(self.table["term"] == focal) & (self.table["reason"] == "") & self.table["estimate"].notna()]
        own = own[own["coding"].str.startswith(SOURCE) & ~own["coding"].str.endswith("]")]
        # Changes that differ by rounding alone are ties.
        size = (own["change"].abs() / max(abs(float(self.model.params[focal])), np.finfo(float).tiny)).round(9)
        order = own.assign(size=-size).sort_values(["size", "coding"], kind="stable").index
        return own.loc[order].reset_index(drop=True)

    def kept(self) -> pd.DataFrame:
        """Count the recodings under which a coefficient keeps its sign and its significance at 1 - level.

        Returns
        -------
        DataFrame
            One row a coefficient: ``term``, int64 ``recodings``, of these ``unchanged`` and ``failed`` (could not be
            estimated), and of those fitted again (``refitted``) ``same_sign`` and ``same_significance``.
        """
        rows = []
        for term in self.model.terms:
            own = self.table[self.table["term"] == term]
            failed = own["estimate"].isna()
            again = own[~failed & (own["reason"] == "")]
            rows.append(
                {
                    "term": term,
                    "recodings": len(own),
                    "unchanged": int((~failed & (own["reason"] != "")).sum()),
                    "failed": int(failed.sum()),
                    "refitted": len(again),
                    "same_sign": int(again["sign_changes"].eq(False).sum()),
                    "same_significance": int(again["significance_changes"].eq(False).sum()),
                }
            )
        return pd.DataFrame(rows)

    def summary(self) -> str:
        """Print the recodings, the sources that matter most, and what survives.

        Returns
        -------
        str
            At most 100 columns wide.
        """
        lines = [
            _cut(f"{self.model.estimator} {self.model.formula}, over recodings of {', '.join(self.columns)}", _WIDTH),
            _cut(f"Standard errors: {self.model.note()}", _WIDTH),
        ]
        shown = self.terms[:_TERMS]
        for term in shown:
            lines += ["", *self._page(term)]
        if len(self.terms) > _TERMS:
            lines += ["", f"{len(self.terms) - _TERMS} more coefficients: see .table"]
        own = self.table[self.table["term"] == shown[0]]
        failed = own[own["estimate"].isna()]
        if len(failed):
            lines.append("")
            for row in failed.head(_REASONS).to_dict("records"):
                text = f"Not estimated, {row['coding']}: {row['reason']}"
                lines += textwrap.wrap(text, _WIDTH, subsequent_indent="  ", break_on_hyphens=False)
            if len(failed) > _REASONS:
                lines.append(f"and {len(failed) - _REASONS} more; see the column reason of .table")
        return "\n".join(lines)

    def _page(self, term: str) -> list[str]:
        own = self.table[self.table["term"] == term]
        one: Any = self.model.tidy().set_index("term").loc[term]
        form = form_of(float(one["estimate"]), float(one["std_error"]), 3)
        head = ("estimate", "std. err.", "p value", "rows", "cells", "change")
        lines = [_cut(term, _WIDTH), f"{'recoding':<{_NAME}}" + "".join(f"{word:>10}" for word in head)]
        lines.append(_line(AS_FITTED, {**one.to_dict(), "nobs": self.model.nobs}, form))
        single = own["coding"].str.startswith(SOURCE)
        lines += [_line(str(row["coding"]), row, form) for row in own[~single].to_dict("records")]
        sources = own[single & ~own["coding"].str.endswith("]")]
        if len(sources):
            moved = self.influential(term)
            still = int((sources["reason"] == NO_CHANGE).sum())
            most = "; the most influential:" if len(moved) else ""
            lines.append(f"Left out one at a time: {_many(len(sources), 'source')}, {still:,} without effect{most}")
            lines += [_line("  " + str(row["coding"]), row, form) for row in moved.head(_SOURCES).to_dict("records")]
        count: Any = self.kept().set_index("term").loc[term]
        lines.append(
            f"{_many(int(count['refitted']), 'recoding')} fitted again: {count['same_sign']:,} keep the sign, "
            f"{count['same_significance']:,} the significance at {1 - self.level:.2g}."
        )
        lines.append(f"Of the others, {count['unchanged']:,} change nothing and {count['failed']:,} are not estimated.")
        return lines

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(self.summary())}</pre>"

    def __str__(self) -> str:
        """Return the summary."""
        return self.summary()

    def __repr__(self) -> str:
        """Show what the object is."""
        recodings = self.table["coding"].nunique()
        return f"<OverCodings of {self.model.formula!r}: {recodings} recodings of {', '.join(self.columns)}>"


def _many(n: int, word: str) -> str:
    return f"{n:,} {word}{'' if n == 1 else 's'}"


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def _line(name: str, row: Mapping[Any, Any], form: str) -> str:
    missing = np.isnan(row["estimate"])
    cells = [number(float(row["estimate"]), form), number(float(row["std_error"]), form)]
    cells.append(UNDEFINED if np.isnan(row["p_value"]) else probability(float(row["p_value"]), 3))
    cells.append(UNDEFINED if missing else f"{int(row['nobs']):,}")
    cells.append(f"{int(row['cells_changed']):,}" if "cells_changed" in row else "")
    cells.append(number(float(row["change"]), form) if "change" in row else "")
    marks = "sign" * (row.get("sign_changes") is True)
    return (
        f"{_cut(name, _NAME - 1):<{_NAME}}" + "".join(f"{cell:>10}" for cell in cells) + (f"  {marks}" if marks else "")
    )


def over_codings(
    m: PanelResults, codings: Recodings | Sequence[Recodings] | None = None, *, level: float = 0.95
) -> OverCodings:
    """Fit a model again under every recoding of its evidence.

    Parameters
    ----------
    m
        A fitted model of any estimator.
    codings
        What `govdata.codings` returns for the variables of the model, or a list of such for variables of several
        datasets: recodings of one name are then applied together. Left out: the bounds and the subnational value of a
        variable ``x`` that stand in the model's own data as ``x_low``, ``x_high`` and ``x_sub``.
    level
        Of the intervals, between 0 and 1; what is outside is significant.

    Returns
    -------
    OverCodings
        One row a recoding and coefficient; prints as a page.

    Raises
    ------
    EstimationError
        If no variable of the model is recoded, no recoded cell is a row of its data, or the data hold something else
        in these cells than what was recoded.
    ArgumentError
        If ``codings`` is something else.

    Notes
    -----
    Cells are found by the unit and time of the model, whatever the type of these keys, and by the names of the columns
    in its formula. A recoding that changes several variables is applied to all of them at once and then, under the
    name ``coding [variable]``, to each alone. One that changes no row of the sample is not fitted again. Rows may leave
    and enter the sample, so that an estimate can move because the countries are others.

    Recodings are no draws from a distribution: their share says nothing about probability.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from govdata import stats
    >>> rng = np.random.default_rng(1)
    >>> data = pd.DataFrame({"iso3": np.repeat(["AAA", "BBB", "CCC", "DDD"], 5), "year": np.tile(range(2000, 2005), 4)})
    >>> data["x"] = rng.integers(0, 4, 20).astype(float)
    >>> data["y"] = data["x"] + rng.normal(size=20)
    >>> data["x_low"], data["x_high"] = data["x"] - (data["year"] == 2003), data["x"]
    >>> found = stats.over_codings(stats.ols("y ~ x", data))
    >>> found.table.loc[found.table["term"] == "x", ["coding", "cells_changed", "reason"]].to_numpy().tolist()
    [['lowest', 4, ''], ['highest', 0, 'unchanged: no cell of the sample differs']]
    """
    check_model(m)
    level = check_level(level)
    if m.call is None:
        raise EstimationError("this result does not say how it was fitted; fit it with an estimator of stats")
    columns = formula_columns(m)
    recodings = companions(m, columns) if codings is None else from_changes(m, columns, _checked(codings))
    relevant = Relevant(m, columns)
    joint = [relevant(one) for one in recodings]
    asked = [part for one in joint for part in (one, *map(relevant, _by_variable(one)))]
    refits = iter(each(partial(_refit, m, level), [one for one in asked if one.cells], what="recodings"))
    own = m.tidy(level).set_index("term")
    rows = [row for one in asked for row in _rows(m, own, one, next(refits) if one.cells else _Refit(), 1 - level)]
    recoded = {column for one in recodings for column in one.cells}
    return OverCodings(m, tuple(name for name in columns if name in recoded), _table(rows), level)


@dataclass(frozen=True, slots=True, eq=False)
class _Refit:
    """What is kept of a refit: numbers by coefficient, or why there are none; neither where nothing changed."""

    table: pd.DataFrame | None = None
    nobs: int = 0
    reason: str = ""


def _refit(m: PanelResults, level: float, recoding: Recoding) -> _Refit:
    try:
        found = m.again(replaced(m.data, recoding))
        table = found.tidy(level).set_index("term")
    except GovdataError as error:
        return _Refit(reason=str(error))
    before, after = m.design, found.design
    rows = after.rows if recoding.rows is None else recoding.rows[after.rows]
    pairs = ((before.rows, rows), (before.y, after.y), (before.x, after.x))
    same = found.terms == m.terms and all(np.array_equal(one, other) for one, other in pairs)
    return _Refit() if same else _Refit(table, found.nobs)


def _rows(m: PanelResults, own: pd.DataFrame, recoding: Recoding, found: _Refit, alpha: float) -> list[dict[str, Any]]:
    """Write what a recoding makes of each coefficient."""
    unchanged = found.table is None and not found.reason
    again = own if unchanged else found.table
    rows = []
    for term in m.terms:
        row: dict[str, Any] = {"coding": recoding.name, "description": recoding.description, "term": term}
        absent = again is None or term not in again.index
        row |= {name: np.nan if again is None or absent else float(again.loc[term, name]) for name in _NUMBERS}  # type: ignore[arg-type]
        row["nobs"] = m.nobs if unchanged else found.nobs
        row["cells_changed"] = 0 if unchanged else sum(len(at) for at, _ in recoding.cells.values())
        row["change"] = row["estimate"] - float(own.loc[term, "estimate"])  # type: ignore[arg-type]
        signs = np.sign([row["estimate"], own.loc[term, "estimate"]])
        chances = np.array([row["p_value"], own.loc[term, "p_value"]])
        row["sign_changes"] = pd.NA if np.isnan(signs).any() else bool(signs[0] != signs[1])
        row["significance_changes"] = (
            pd.NA if np.isnan(chances).any() else bool((chances[0] < alpha) != (chances[1] < alpha))
        )
        row["reason"] = NO_CHANGE if unchanged else found.reason
        if absent and not row["reason"]:
            row["reason"] = f"the model has no coefficient {term} under this recoding"
        rows.append(row)
    return rows


def _checked(codings: object) -> list[Any]:
    several = list(codings) if isinstance(codings, (list, tuple)) else [codings]
    for one in several:
        changes = getattr(one, "changes", None)
        needed = {"coding", "iso3", "year", "column", "old", "new"}
        if not isinstance(changes, pd.DataFrame) or not needed <= set(changes.columns) or not hasattr(one, "names"):
            raise EstimationError(f"codings is what govdata.codings() returns, or a list of such, not {given(one)}")
    if not several:
        raise EstimationError("codings is an empty list; leave it out, or name what govdata.codings() returns")
    return several


def _by_variable(recoding: Recoding) -> list[Recoding]:
    """Apply a recoding of several variables to each alone."""
    return [of_variable(recoding, column) for column in recoding.cells] if len(recoding.cells) > 1 else []


def _table(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    kinds = {"nobs": "int64", "cells_changed": "int64", "sign_changes": "boolean", "significance_changes": "boolean"}
    return pd.DataFrame(list(rows)).astype(kinds)
