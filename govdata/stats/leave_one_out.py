"""What every coefficient would be without one country, one year or one region."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass, field
from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from govdata.errors import ArgumentError, EstimationError, nearest
from govdata.stats.contrast import check_level
from govdata.stats.crossproducts.fitted import ProductsFit
from govdata.stats.crossproducts.products import CrossProducts
from govdata.stats.refitting import NUMBERS, find_groups
from govdata.stats.results import PanelResults
from govdata.stats.without import Numbers, check_cluster, linear, repeated, shares_of, summed
from govdata.stats.wording import given

if TYPE_CHECKING:
    from govdata.stats.keys import FloatArray, IntArray

__all__ = ["LeaveOneOut", "leave_one_out"]

_SHOWN = 12
_LARGE_SHARE = 0.25


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class LeaveOneOut:
    """A model without each group of its observations in turn. Made by :func:`leave_one_out`.

    Attributes
    ----------
    by
        The column of the groups.
    left_out
        The G groups, in canonical order.
    terms
        Of the k coefficients.
    response
        The left-hand side.
    full
        The model with all observations, tidy.
    numbers
        G x k x 6: estimate, standard error, statistic, p value and the ends of the interval without each group.
    nobs
        G numbers of observations that stay.
    shares
        G x k: what part of the squared cluster scores of a coefficient each group supplies in the whole sample. They
        add up to one over the groups. NaN where the scores are not those of the sample's rows.
    reasons
        Why a number is not there, by position of group and term.
    level
        Of the intervals; what is significant at one less it is called significant.
    convention
        Of the standard errors of the whole model. Without a group it is the same convention, its factor and degrees of
        freedom counted anew.
    notes
        What a reader should know.
    dataset
        Which data these are.
    """

    by: str
    left_out: tuple[int, ...] | tuple[str, ...]
    terms: tuple[str, ...]
    response: str
    full: pd.DataFrame = field(repr=False)
    numbers: FloatArray = field(repr=False)
    nobs: IntArray = field(repr=False)
    shares: FloatArray = field(repr=False)
    reasons: Mapping[tuple[int, int], str] = field(repr=False)
    level: float = 0.95
    convention: str = ""
    notes: tuple[str, ...] = ()
    dataset: str = ""

    @property
    def estimates(self) -> pd.DataFrame:
        """Estimates, one row a group and one column a term."""
        index = pd.Index(self.left_out, name="left_out")
        return pd.DataFrame(self.numbers[:, :, 0].copy(), index=index, columns=list(self.terms))

    @property
    def table(self) -> pd.DataFrame:
        """One row a group and term.

        Columns ``left_out``, ``term``, ``estimate``, ``std_error``, ``statistic``, ``p_value``, ``conf_low``,
        ``conf_high``, ``nobs``; ``change``, the estimate less that of the whole sample; ``scaled_change``, the change
        in standard errors of the whole sample; ``share``, of the squared cluster scores; ``sign_changes`` and
        ``significance_changes``; ``reason``, why a number is missing, else empty.
        """
        groups, k = self.numbers.shape[:2]
        whole = self.full[list(NUMBERS)].to_numpy(dtype=np.float64)
        estimate, p_value = self.numbers[:, :, 0], self.numbers[:, :, 3]
        with np.errstate(invalid="ignore", divide="ignore"):
            change = estimate - whole[:, 0]
            scaled = change / whole[:, 1]
        sign = ~np.isnan(estimate) & (np.sign(estimate) != np.sign(whole[:, 0]))
        alpha = 1 - self.level
        known = ~(np.isnan(p_value) | np.isnan(whole[:, 3]))
        significance = known & ((p_value < alpha) != (whole[:, 3] < alpha))
        reason = np.full((groups, k), "", dtype=object)
        for at, why in self.reasons.items():
            reason[at] = why
        columns = {"left_out": np.repeat(np.array(self.left_out, dtype=object), k), "term": list(self.terms) * groups}
        columns |= {name: self.numbers[:, :, at].ravel() for at, name in enumerate(NUMBERS)}
        columns |= {
            "nobs": np.repeat(self.nobs, k),
            "change": change.ravel(),
            "scaled_change": scaled.ravel(),
            "share": self.shares.ravel(),
            "sign_changes": sign.ravel(),
            "significance_changes": significance.ravel(),
            "reason": reason.ravel(),
        }
        found = pd.DataFrame(columns)
        found["left_out"] = found["left_out"].infer_objects()
        return found

    def most_influential(self, term: str | None = None) -> pd.DataFrame:
        """Say without whom a coefficient moves most.

        Parameters
        ----------
        term
            A coefficient; left out: each.

        Returns
        -------
        DataFrame
            One row a term: the row of ``table`` with the largest change. A term that is undetermined throughout has no
            row.

        Raises
        ------
        EstimationError
            If the model has no such term.
        """
        table = self.table
        places = []
        for name in self.terms if term is None else (self.check_term(term),):
            size = table["change"].abs()[table["term"] == name].dropna()
            places += size.sort_values(ascending=False, kind="stable").index[:1].tolist()
        return table.loc[places].reset_index(drop=True)

    def extremes(self) -> pd.DataFrame:
        """Return the range of each coefficient.

        Returns
        -------
        DataFrame
            One row a term: ``term``, ``estimate`` of the whole sample, ``smallest`` and ``largest`` estimate with
            ``smallest_without`` and ``largest_without``, how often sign and significance change.
        """
        table = self.table
        rows = []
        for term, whole in zip(self.terms, self.full["estimate"].tolist(), strict=True):
            own = table[table["term"] == term]
            there = own.dropna(subset=["estimate"]).sort_values("estimate", kind="stable")
            estimates, names = there["estimate"].tolist() or [np.nan], there["left_out"].tolist() or [None]
            rows.append(
                {
                    "term": term,
                    "estimate": whole,
                    "smallest": estimates[0],
                    "smallest_without": names[0],
                    "largest": estimates[-1],
                    "largest_without": names[-1],
                    "sign_changes": int(own["sign_changes"].sum()),
                    "significance_changes": int(own["significance_changes"].sum()),
                }
            )
        return pd.DataFrame(rows)

    def changes(self) -> pd.DataFrame:
        """Return the rows of ``table`` in which a coefficient changes its sign or its significance.

        Returns
        -------
        DataFrame
            Often empty.
        """
        table = self.table
        return table[table["sign_changes"] | table["significance_changes"]].reset_index(drop=True)

    def check_term(self, term: object) -> str:
        """Refuse a term the model does not have.

        Parameters
        ----------
        term
            As given by the user.

        Returns
        -------
        str
            The term.

        Raises
        ------
        EstimationError
            Naming the nearest.
        """
        if isinstance(term, str) and term in self.terms:
            return term
        near = nearest(term, self.terms) if isinstance(term, str) else ""
        listed = ", ".join(self.terms[:6]) + (", ..." if len(self.terms) > 6 else "")
        raise EstimationError(f"the model has no coefficient {given(term)}{near or f'; there are {listed}'}")

    def note(self) -> str:
        """State what was left out and under which convention.

        Returns
        -------
        str
            One line.
        """
        return f"without each of {len(self)} groups by {self.by} in turn; with all of them {self.convention}"

    def summary(self) -> str:
        """Describe the results in plain text.

        Returns
        -------
        str
            The range of each coefficient, who moves it most, and what changes sign or significance.
        """
        lines = [f"{self.response}: leaving out each of {len(self)} groups by {self.by}", ""]
        found = self.extremes()
        shown = pd.DataFrame(
            {
                "": found["term"].map(_name),
                "all": found["estimate"].map(_short),
                "smallest": found["smallest"].map(_short),
                "without": found["smallest_without"].map(_name),
                "largest": found["largest"].map(_short),
                "without ": found["largest_without"].map(_name),
                "other sign": found["sign_changes"],
                "other signif.": found["significance_changes"],
            }
        )
        lines += shown.to_string(index=False, line_width=10_000).splitlines()
        moved = self.most_influential()
        if len(moved):
            lines += ["", "Most influential (change in standard errors of the whole sample; share of squared scores)"]
            for row in moved.head(_SHOWN).to_dict("records"):
                part = "" if np.isnan(row["share"]) else f", share {100 * row['share']:.0f} %"
                change = f"{row['scaled_change']:+.2f} ({_short(row['change'])})"
                lines.append(f"  {_name(row['term'])}: {_name(row['left_out'])} {change}{part}")
        lines += [*self._changed(), ""]
        below = [f"Standard errors of all: {self.convention}", "Without a group: the same, factor and df anew"]
        if self.reasons:
            at = min(self.reasons)
            first = f"{self.terms[at[1]]} without {self.left_out[at[0]]}: {self.reasons[at]}"
            below.append(f"Note: {len(self.reasons)} numbers are not defined; the first is {first}")
        below += [f"Note: {note}" for note in self.notes]
        below += [f"Data: {self.dataset}"] if self.dataset else []
        return "\n".join([*lines, *(fill(line, 100, subsequent_indent="  ") for line in below)])

    def _changed(self) -> list[str]:
        changed = self.changes()
        if not len(changed):
            return ["", f"No coefficient changes its sign or its significance at {1 - self.level:.2g}."]
        lines = ["", f"Sign or significance (at {1 - self.level:.2g}) changes {len(changed)} times"]
        for row in changed.head(_SHOWN).to_dict("records"):
            what = [name for name, yes in (("sign", row["sign_changes"]), ("p", row["significance_changes"])) if yes]
            numbers = f"{_short(row['estimate'])} (p {row['p_value']:.3f})"
            lines.append(
                f"  {_name(row['term'])} without {_name(row['left_out'])}: {numbers}, other {' and '.join(what)}"
            )
        return lines + ([f"  ... {len(changed) - _SHOWN} more in changes()"] if len(changed) > _SHOWN else [])

    def __len__(self) -> int:
        """Return how many groups were left out in turn."""
        return len(self.left_out)

    def __repr__(self) -> str:
        """Show what the object is."""
        return f"<LeaveOneOut by {self.by}: {len(self)} groups, {len(self.terms)} coefficients>"

    def __str__(self) -> str:
        """Return the summary."""
        return self.summary()

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(self.summary())}</pre>"


def leave_one_out(
    m: PanelResults | CrossProducts | ProductsFit, by: str = "unit", *, level: float = 0.95
) -> LeaveOneOut:
    """Leave out each country, year or other group in turn: every coefficient with its inference.

    Each row is what fitting the model on the other observations gives, under the model's own convention for the
    standard errors, with effects, small-sample factor and degrees of freedom of the smaller sample. For linear models
    with classical, heteroskedasticity-consistent or clustered standard errors nothing is fitted again; other models
    are, on the workers that ``joblib.parallel_config`` names.

    Parameters
    ----------
    m
        A fitted model, or sums of products of one.
    by
        ``"unit"``, ``"time"``, or a column of the model's data such as a region. Sums of products have their cluster.
    level
        Of the intervals, and of what is called significant (at one less it).

    Returns
    -------
    LeaveOneOut
        ``table``, ``extremes()``, ``most_influential()``, ``changes()``, ``summary()``.

    Raises
    ------
    EstimationError
        If there is no such column or it holds one group.

    Notes
    -----
    What is left out are observations of the sample, not rows of the data: without the observations of 2010, the lag of
    2011 is still that of 2010. Estimators that transform rows, such as first differences, transform those that stay.

    A coefficient that is not determined without a group is NaN with its reason; so is one whose category of reference
    goes, since it would be measured against another. The others stay.

    The share of a group is its part of the sum of squared scores, ``(sum of influence times residual)^2`` of each group
    over their total, in the whole sample.

    For a linear model the change is ``-(I - H_g)^-1`` applied to the group's score in an orthonormal basis (Belsley,
    Kuh and Welsch 1980 for single rows; MacKinnon, Nielsen and Webb 2023 for clusters).

    Examples
    --------
    >>> import pandas as pd
    >>> from govdata import stats
    >>> from govdata.stats.leave_one_out import leave_one_out
    >>> frame = pd.DataFrame(
    ...     {
    ...         "iso3": ["CHN"] * 3 + ["IRN"] * 3 + ["RUS"] * 3,
    ...         "year": [2019, 2020, 2021] * 3,
    ...         "y": [1.0, 2.0, 4.0, 2.0, 2.5, 3.0, 0.0, 2.0, 2.5],
    ...         "x": [0.0, 1.0, 3.0, 1.0, 1.0, 2.0, 0.0, 2.0, 1.0],
    ...     }
    ... )
    >>> found = leave_one_out(stats.ols("y ~ x | iso3", frame))
    >>> found.table[["left_out", "estimate", "nobs"]].round(4).values.tolist()
    [['CHN', 0.9375, 6], ['IRN', 1.0, 6], ['RUS', 0.9688, 6]]
    >>> found.extremes()[["smallest_without", "largest_without"]].values.tolist()
    [['CHN', 'IRN']]
    """
    check_level(level)
    if isinstance(m, CrossProducts):
        m = m.fit()
    if isinstance(m, ProductsFit):
        products = m.products
        check_cluster(by, products.cluster)
        found, shares = summed(m, level)
        return LeaveOneOut(
            by=products.cluster,
            left_out=products.levels,
            terms=products.names,
            response=products.response,
            full=m.tidy(level),
            numbers=found.table,
            nobs=found.nobs,
            shares=shares,
            reasons=found.reasons,
            level=float(level),
            convention=m.note(),
            notes=tuple(m.notes()),
        )
    if not isinstance(m, PanelResults):
        raise ArgumentError(
            f"the first argument is a fitted model, such as stats.ols() returns, not {type(m).__name__}"
        )
    groups = find_groups(m, by)
    numbers: Numbers = linear(m, groups, level) if m.estimator == "OLS" else repeated(m, groups, level)
    shares = shares_of(m, groups)
    return LeaveOneOut(
        by=groups.by,
        left_out=groups.levels,
        terms=m.terms,
        response=m.response,
        full=m.tidy(level),
        numbers=numbers.table,
        nobs=numbers.nobs,
        shares=shares,
        reasons=numbers.reasons,
        level=float(level),
        convention=m.note(),
        notes=(*groups.notes(), *m.notes()),
        dataset=m.dataset,
    )


def _short(value: float) -> str:
    return "\N{EN DASH}" if np.isnan(value) else f"{value:.4g}"


def _name(level: object) -> str:
    text = "\N{EN DASH}" if level is None else str(level)
    # Long names often differ at their ends alone.
    return text if len(text) <= 22 else f"{text[:12]}\N{HORIZONTAL ELLIPSIS}{text[-9:]}"
