"""The jackknife by groups: bias, standard errors and tests from the estimates without each group."""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.stats import t as student

from govdata.errors import ArgumentError, EstimationError
from govdata.stats.contrast import check_level
from govdata.stats.covariance.clustered import few_clusters
from govdata.stats.crossproducts.fitted import ProductsFit
from govdata.stats.crossproducts.products import CrossProducts
from govdata.stats.estimating import choose
from govdata.stats.refitting import find_groups
from govdata.stats.results import PanelResults
from govdata.stats.without import check_cluster, linear, repeated, summed
from govdata.stats.wording import number

if TYPE_CHECKING:
    from govdata.stats.keys import FloatArray

__all__ = ["Jackknife", "jackknife"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Jackknife:
    """Jackknife inference of a model. Made by :func:`jackknife`.

    Attributes
    ----------
    by
        The column of the groups.
    left_out
        The G groups.
    terms
        Of the k coefficients.
    response
        The left-hand side.
    params
        The k estimates with all observations.
    estimates
        G x k: the estimates without each group; NaN where one is not determined.
    notes
        What a reader should know.
    dataset
        Which data these are.
    """

    by: str
    left_out: tuple[int, ...] | tuple[str, ...]
    terms: tuple[str, ...]
    response: str
    params: FloatArray = field(repr=False)
    estimates: FloatArray = field(repr=False)
    notes: tuple[str, ...] = ()
    dataset: str = ""

    @property
    def df(self) -> int:
        """Degrees of freedom of the t distribution: groups less one."""
        return len(self.left_out) - 1

    @property
    def bias(self) -> FloatArray:
        """The jackknife's estimate of bias, (G-1) times the mean change; estimates less it are corrected."""
        found: FloatArray = self.df * (self.estimates.mean(axis=0) - self.params)
        return found

    def std_errors(self, centre: str = "estimate") -> FloatArray:
        """Return the standard errors, the root of (G-1)/G times the sum of squared deviations.

        Parameters
        ----------
        centre
            Deviations are from the ``"estimate"`` (CV3) or from the ``"mean"`` of the estimates without each group
            (CV3J).

        Returns
        -------
        ndarray
            k standard errors; NaN where an estimate is not determined without some group.
        """
        choose("centre", centre, ("estimate", "mean"))
        around = self.params if centre == "estimate" else self.estimates.mean(axis=0)
        groups = len(self.left_out)
        found: FloatArray = np.sqrt((groups - 1) / groups * ((self.estimates - around) ** 2).sum(axis=0))
        return found

    def tidy(self, level: float = 0.95, *, centre: str = "estimate") -> pd.DataFrame:
        """Return one row a coefficient.

        Parameters
        ----------
        level
            Of the confidence interval.
        centre
            As for :meth:`std_errors`.

        Returns
        -------
        DataFrame
            Columns ``term``, ``estimate``, ``std_error``, ``statistic``, ``p_value``, ``conf_low``, ``conf_high`` and
            ``bias``.
        """
        check_level(level)
        error = self.std_errors(centre)
        with np.errstate(divide="ignore", invalid="ignore"):
            statistic = self.params / error
        half = student.ppf(0.5 + level / 2, self.df) * error
        columns = {
            "term": list(self.terms),
            "estimate": self.params.copy(),
            "std_error": error,
            "statistic": statistic,
            "p_value": 2 * student.sf(np.abs(statistic), self.df),
            "conf_low": self.params - half,
            "conf_high": self.params + half,
            "bias": self.bias,
        }
        return pd.DataFrame(columns)

    @property
    def table(self) -> pd.DataFrame:
        """As :meth:`tidy`, centred at the estimate; ``std_error_mean`` is centred at the mean."""
        return self.tidy().assign(std_error_mean=self.std_errors("mean"))

    def note(self) -> str:
        """State the convention.

        Returns
        -------
        str
            One line.
        """
        counted = f"jackknife by {self.by} ({len(self.left_out)}); everything re-estimated without each, (G-1)/G"
        return f"{counted}, centred at the estimate (CV3) and at the mean (CV3J); t with {self.df} df"

    def summary(self) -> str:
        """Describe the results in plain text.

        Returns
        -------
        str
            Estimates, bias, standard errors, tests and intervals.
        """
        found = self.table
        digits = {name: found[name].map(lambda value: number(value, ".5g")) for name in found.columns[1:]}
        shown = pd.DataFrame(
            {
                "": found["term"].map(_name),
                "estimate": digits["estimate"],
                "bias": digits["bias"],
                "s.e. CV3": digits["std_error"],
                "s.e. CV3J": digits["std_error_mean"],
                "t": digits["statistic"],
                "p": found["p_value"].map(lambda value: number(value, ".4f")),
                "95 % low": digits["conf_low"],
                "95 % high": digits["conf_high"],
            }
        )
        lines = [
            f"{self.response}: jackknife by {self.by}",
            *shown.to_string(index=False, line_width=10_000).splitlines(),
        ]
        below = [f"Standard errors: {self.note()}", *(f"Note: {note}" for note in self.notes)]
        below += [f"Data: {self.dataset}"] if self.dataset else []
        return "\n".join([*lines, *(fill(line, 100, subsequent_indent="  ") for line in below)])

    def __len__(self) -> int:
        """Return how many groups there are."""
        return len(self.left_out)

    def __repr__(self) -> str:
        """Show what the object is."""
        return f"<Jackknife by {self.by}: {len(self)} groups, {len(self.terms)} coefficients>"

    def __str__(self) -> str:
        """Return the summary."""
        return self.summary()

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(self.summary())}</pre>"


def jackknife(m: PanelResults | CrossProducts | ProductsFit, by: str = "unit") -> Jackknife:
    """Leave out each group in turn, and take bias and standard errors from how much the estimates move.

    Parameters
    ----------
    m
        A fitted model, or sums of products of one. Whatever convention it has is not used.
    by
        ``"unit"``, ``"time"``, or a column of the model's data. Sums of products have their cluster.

    Returns
    -------
    Jackknife
        ``table``, ``tidy()``, ``summary()``.

    Raises
    ------
    EstimationError
        If there is no such column or it holds one group.

    Notes
    -----
    For linear models nothing is fitted again, and the standard errors are those of ``with_se("CV3")`` and
    ``with_se("CV3J")`` by the same column. Other models are fitted again without each group. A coefficient that is not
    determined without some group has neither bias nor standard error. Quenouille (1956) and Tukey (1958); by clusters,
    MacKinnon, Nielsen and Webb (2023).

    Examples
    --------
    >>> import pandas as pd
    >>> from govdata import stats
    >>> from govdata.stats.jackknifing import jackknife
    >>> frame = pd.DataFrame(
    ...     {
    ...         "iso3": ["CHN"] * 3 + ["IRN"] * 3 + ["RUS"] * 3,
    ...         "year": [2019, 2020, 2021] * 3,
    ...         "y": [1.0, 2.0, 4.0, 2.0, 2.5, 3.0, 0.0, 2.0, 2.5],
    ...         "x": [0.0, 1.0, 3.0, 1.0, 1.0, 2.0, 0.0, 2.0, 1.0],
    ...     }
    ... )
    >>> model = stats.ols("y ~ x | iso3", frame)
    >>> jackknife(model).table["std_error"].round(6).tolist() == model.with_se("CV3").bse.round(6).tolist()
    True
    """
    if isinstance(m, CrossProducts):
        m = m.fit("iid")
    if isinstance(m, ProductsFit):
        products = m.products
        check_cluster(by, products.cluster)
        numbers, _ = summed(products.fit("iid"), 0.95)
        held = (products.cluster, products.levels, products.names, products.response, products.params.copy())
        notes: tuple[str, ...] = ()
        dataset = ""
    elif isinstance(m, PanelResults):
        groups = find_groups(m, by)
        numbers = linear(m.with_se("iid"), groups, 0.95) if m.estimator == "OLS" else repeated(_plain(m), groups, 0.95)
        held = (groups.by, groups.levels, m.terms, m.response, m.params.to_numpy())
        notes, dataset = groups.notes(), m.dataset
    else:
        raise ArgumentError(
            f"the first argument is a fitted model, such as stats.ols() returns, not {type(m).__name__}"
        )
    estimates = numbers.table[:, :, 0]
    notes = (*notes, *_undetermined(numbers.reasons, held[1], held[2]), *few_clusters(len(held[1])))
    return Jackknife(*held, estimates=estimates, notes=notes, dataset=dataset)


def _name(term: str) -> str:
    # Long names often differ at their ends alone.
    return term if len(term) <= 24 else f"{term[:12]}\N{HORIZONTAL ELLIPSIS}{term[-11:]}"


def _plain(m: PanelResults) -> PanelResults:
    """Take classical standard errors, where the model has them: no refit need compute others."""
    try:
        return m.with_se("iid")
    except EstimationError:
        return m


def _undetermined(
    reasons: dict[tuple[int, int], str], levels: tuple[int, ...] | tuple[str, ...], terms: tuple[str, ...]
) -> tuple[str, ...]:
    """Say once for each coefficient why it has no jackknife."""
    found: dict[int, tuple[int, str]] = {}
    for (g, j), why in sorted(reasons.items()):
        found.setdefault(j, (g, why))
    return tuple(f"no jackknife of {terms[j]}: without {levels[g]}, {why}" for j, (g, why) in sorted(found.items()))
