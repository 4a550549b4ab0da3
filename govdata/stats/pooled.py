"""A model fitted on several draws of its data, as one model."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
import pandas as pd
from scipy.stats import t as student

from govdata.errors import EstimationError, nearest
from govdata.stats.covariance.estimate import Covariance
from govdata.stats.maketables import MaketablesProtocol
from govdata.stats.printing import Printed
from govdata.stats.wording import UNDEFINED, given

if TYPE_CHECKING:
    from govdata.stats.design import Design
    from govdata.stats.keys import FloatArray
    from govdata.stats.pooling import Rubin
    from govdata.stats.results import PanelResults

__all__ = ["Pooled"]

WIDTH = 100
PRECISION = 0.05
"""Coefficient of variation that a standard error should have over other draws, at most."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Pooled(Printed, MaketablesProtocol):
    """A model fitted on several draws of its data, pooled. Made by ``stats.pool`` and ``stats.over_draws``.

    It offers what a fitted model does: ``params``, ``bse``, ``pvalues``, ``conf_int()``, ``tidy()``, ``glance()``,
    ``summary()``, and a place in ``stats.compare``. Sample and convention are those of the first draw's fit.

    Attributes
    ----------
    model
        The fit of the first draw.
    rubin
        The parts of the variances, degrees of freedom and fractions of missing information, one a term.
    estimates
        Draws x terms: the coefficients of every draw.
    std_errors
        Draws x terms: the standard errors within every draw.
    covariance
        Total covariance of the coefficients, within + (1 + 1/m) between, with its degrees of freedom.
    within, between
        Its two parts, terms x terms.
    sizes
        Rows of the smallest and of the largest sample among the draws.
    how
        Where the draws come from, for the note; may be empty.
    remarks
        What a reader should know besides.
    """

    model: PanelResults
    rubin: Rubin
    estimates: pd.DataFrame
    std_errors: pd.DataFrame
    covariance: Covariance
    within: FloatArray
    between: FloatArray
    sizes: tuple[int, int]
    how: str = ""
    remarks: tuple[str, ...] = ()

    @property
    def terms(self) -> tuple[str, ...]:
        """Names of the coefficients."""
        return tuple(self.estimates.columns)

    def _series(self, values: FloatArray, name: str) -> pd.Series[Any]:
        return pd.Series(np.array(values), index=pd.Index(self.terms, name="term"), name=name)

    @property
    def n_draws(self) -> int:
        """How many draws were pooled: m."""
        return self.rubin.draws

    @property
    def params(self) -> pd.Series[Any]:
        """Coefficients: means over the draws."""
        return self._series(self.rubin.estimate, "estimate")

    @property
    def cov(self) -> pd.DataFrame:
        """Total covariance matrix of the coefficients."""
        index = pd.Index(self.terms, name="term")
        return pd.DataFrame(self.covariance.matrix.copy(), index=index, columns=index.rename(None))

    @property
    def bse(self) -> pd.Series[Any]:
        """Standard errors: roots of the total variance."""
        return self._series(np.sqrt(self.rubin.variance), "std_error")

    @property
    def tstats(self) -> pd.Series[Any]:
        """Coefficients divided by their standard errors."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return self._series(self.rubin.estimate / np.sqrt(self.rubin.variance), "statistic")

    @property
    def pvalues(self) -> pd.Series[Any]:
        """Two-sided p values from t distributions with the degrees of freedom in :attr:`df`."""
        return self._series(2 * student.sf(np.abs(self.tstats.to_numpy()), self.rubin.df), "p_value")

    @property
    def df(self) -> pd.Series[Any]:
        """Degrees of freedom of Barnard and Rubin, one a coefficient."""
        return self._series(self.rubin.df, "df")

    @property
    def fmi(self) -> pd.Series[Any]:
        """Fraction of the information on each coefficient that the uncertainty of the data takes away."""
        return self._series(self.rubin.fmi, "fmi")

    @property
    def riv(self) -> pd.Series[Any]:
        """Relative increase of each variance by the uncertainty of the data."""
        return self._series(self.rubin.riv, "riv")

    @property
    def lambda_(self) -> pd.Series[Any]:
        """Share of each variance that lies between the draws."""
        return self._series(self.rubin.lambda_, "lambda")

    @property
    def mc_error(self) -> pd.DataFrame:
        """How far estimate and standard error would differ over other draws: their Monte Carlo standard errors.

        The jackknife over draws, each left out in turn; NaN for the standard error of two draws.
        """
        m, q, u = self.n_draws, self.estimates.to_numpy(), self.std_errors.to_numpy() ** 2
        apart = (q - self.rubin.estimate) ** 2
        index = pd.Index(self.terms, name="term")
        errors = np.full(q.shape[1], np.nan)
        if m > 2:
            between = np.maximum(apart.sum(axis=0) - m / (m - 1) * apart, 0.0) / (m - 2)
            spread = np.sqrt((m * self.rubin.within - u) / (m - 1) + m / (m - 1) * between)
            errors = np.sqrt((m - 1) / m * ((spread - spread.mean(axis=0)) ** 2).sum(axis=0))
        return pd.DataFrame({"estimate": np.sqrt(self.rubin.between / m), "std_error": errors}, index=index)

    def conf_int(self, level: float = 0.95) -> pd.DataFrame:
        """Return confidence intervals.

        Parameters
        ----------
        level
            The share covered, from 0.5 to 1.

        Returns
        -------
        DataFrame
            Columns ``conf_low`` and ``conf_high``.

        Raises
        ------
        EstimationError
            If the level is not between 0.5 and 1.
        """
        if isinstance(level, bool) or not isinstance(level, (int, float)) or not 0.5 <= level < 1:
            raise EstimationError(f"level is the share covered, from 0.5 to below 1, such as 0.95, not {given(level)}")
        half = student.ppf(0.5 + level / 2, self.rubin.df) * self.bse
        return pd.DataFrame({"conf_low": self.params - half, "conf_high": self.params + half})

    def tidy(self, level: float = 0.95) -> pd.DataFrame:
        """Return one row a coefficient.

        Parameters
        ----------
        level
            Of the confidence interval.

        Returns
        -------
        DataFrame
            Columns ``term``, ``estimate``, ``std_error``, ``statistic``, ``p_value``, ``conf_low``, ``conf_high``, and
            ``df``, ``fmi``, ``riv`` of the pooling.
        """
        shown = {"estimate": self.params, "std_error": self.bse, "statistic": self.tstats, "p_value": self.pvalues}
        ends = self.conf_int(level)
        shown |= {"conf_low": ends["conf_low"], "conf_high": ends["conf_high"]}
        shown |= {"df": self.df, "fmi": self.fmi, "riv": self.riv}
        return pd.DataFrame({"term": list(self.terms), **{name: found.to_numpy() for name, found in shown.items()}})

    def glance(self) -> pd.DataFrame:
        """Return the model in one row.

        Returns
        -------
        DataFrame
            Sizes, convention, draws and the largest fraction of missing information.
        """
        row = {
            "estimator": self.estimator,
            "response": self.response,
            "nobs": self.nobs,
            "n_units": self.n_units,
            "n_periods": self.n_periods,
            "draws": self.n_draws,
            "fmi_max": float(np.nanmax(self.rubin.fmi)),
            "df_min": float(np.nanmin(self.rubin.df)) if not np.isnan(self.rubin.df).all() else np.nan,
            "effects": ", ".join(f"{name} ({count})" for name, count in self.effects.items()),
            "se": self.covariance.vcov.se,
            "cluster": ", ".join(f"{name} ({count})" for name, count in self.clusters.items()),
            "dataset": self.dataset,
        }
        return pd.DataFrame([row])

    # What the first draw's fit says of the sample.

    @property
    def design(self) -> Design:  # type: ignore[override]  # the protocol only reads it
        """The sample of the first draw."""
        return self.model.design

    @property
    def linear(self) -> bool:
        """Whether the model is fitted by least squares."""
        return self.model.linear

    @property
    def formula(self) -> str:
        """The formula as given."""
        return self.model.formula

    @property
    def response(self) -> str:
        """The left-hand side."""
        return self.model.response

    @property
    def estimator(self) -> str:
        """The estimator, as tables print it."""
        return f"{self.model.estimator}, pooled"

    @property
    def nobs(self) -> int:
        """Rows of the sample; of the smallest, where draws differ."""
        return self.sizes[0]

    @property
    def n_units(self) -> int | None:
        """Units in the sample, where the data name them."""
        return self.model.n_units

    @property
    def n_periods(self) -> int | None:
        """Times in the sample, where the data name them."""
        return self.model.n_periods

    @property
    def periods_per_unit(self) -> tuple[int, float, int] | None:
        """Rows a unit has in the sample: fewest, mean, most."""
        return self.model.periods_per_unit

    @property
    def sample(self) -> pd.Series[Any]:
        """Which rows of the frame were used: a mask with the frame's own index."""
        return self.model.sample

    @property
    def effects(self) -> dict[str, int]:
        """How many levels of each effect were absorbed."""
        return self.model.effects

    @property
    def clusters(self) -> dict[str, int]:
        """How many clusters there are in each column."""
        return self.model.clusters

    @property
    def dropped(self) -> pd.DataFrame:
        """Rows left out in the first draw."""
        return self.model.dropped

    @property
    def dropped_counts(self) -> dict[str, int]:
        """How many rows were left out for each reason, in the first draw."""
        return self.model.dropped_counts

    @property
    def singletons(self) -> int:
        """Rows kept although they are alone in a level of an effect."""
        return self.model.singletons

    @property
    def singletons_rule(self) -> str:
        """Whether rows alone in a level of an effect are kept or dropped."""
        return self.model.singletons_rule

    @property
    def auxiliary(self) -> tuple[str, ...]:
        """Terms that are no coefficients of regressors, such as thresholds."""
        return self.model.auxiliary

    @property
    def facts(self) -> dict[str, float | int | str]:  # type: ignore[override]  # as above
        """How many draws, and the largest fraction of missing information."""
        return {"Draws": self.n_draws, "Largest FMI": float(np.max(self.rubin.fmi))}

    def statistics(self) -> dict[str, float | int | str]:
        """Return the named numbers of the pooling; the same as ``facts``.

        Returns
        -------
        dict
            By label.
        """
        return self.facts

    @property
    def dataset(self) -> str:
        """Which data these are."""
        return self.model.dataset

    def left_out(self) -> str:
        """Say in one line how many rows were left out and why.

        Returns
        -------
        str
            Of the first draw.
        """
        return self.model.left_out()

    def note(self) -> str:
        """State the rule and the convention within draws in one line.

        Returns
        -------
        str
            Such as ``"Rubin's rules over 200 draws, ...; within each: CRV1 clustered by iso3 (180); ..."``.
        """
        return self.covariance.note

    def notes(self) -> list[str]:
        """List what a reader should know: few draws, samples that differ, and the notes of the first draw's fit.

        Returns
        -------
        list of str
            Often empty.
        """
        found = [*self.model.notes(), *self.remarks]
        if self.sizes[0] != self.sizes[1]:
            found.append(f"N goes from {self.sizes[0]:,} to {self.sizes[1]:,} over the draws; the smallest is shown")
        if np.isnan(self.rubin.df).any():
            names = [term for term, off in zip(self.terms, np.isnan(self.rubin.df), strict=True) if off]
            found.append(f"no degrees of freedom for {', '.join(names)}: all variance lies between the draws")
        return [*found, *self._few()]

    def _few(self) -> list[str]:
        """Warn where other draws could give another standard error."""
        fmi = float(np.max(self.rubin.fmi))
        needed = int(np.ceil(1 + 0.5 * (fmi / PRECISION) ** 2))
        if needed <= self.n_draws:
            return []
        term = self.terms[int(np.argmax(self.rubin.fmi))]
        text = (
            f"{self.n_draws} draws are few for {term} (fraction of missing information {fmi:.2f}): about {needed} keep "
            f"its standard error within {PRECISION:.0%} over other draws (von Hippel 2020); see mc_error"
        )
        return [text]

    def summary(self) -> str:
        """Describe the pooled model in plain text.

        Returns
        -------
        str
            Coefficients with degrees of freedom and fractions of missing information, sample, convention and notes.
        """
        rows = zip(self.tidy().drop(columns=["term", "riv"]).to_numpy(), self.mc_error["estimate"], strict=True)
        head = ["", "estimate", "std. error", "t", "p", "95 % low", "95 % high", "df", "FMI", "MC error"]
        table = [
            [term, *_printed([*map(float, row), float(error)])]
            for term, (row, error) in zip(self.terms, rows, strict=True)
        ]
        widths = [max(len(line[i]) for line in [head, *table]) for i in range(len(head))]
        lines = [
            "  ".join(cell.ljust(width) if i == 0 else cell.rjust(width) for i, (cell, width) in enumerate(pairs))
            for pairs in ([*zip(line, widths, strict=True)] for line in [head, *table])
        ]
        rule = "-" * len(lines[0])
        absorbed = ", ".join(f"{name} ({count})" for name, count in self.effects.items()) or "none"
        sizes = [f"N {self.nobs}", f"units {self.n_units}", f"periods {self.n_periods}", f"draws {self.n_draws}"]
        text = [f"{self.estimator}: {self.formula}", rule, lines[0], rule, *lines[1:], rule]
        text += ["; ".join(one for one in sizes if not one.endswith("None")), f"Effects absorbed: {absorbed}"]
        text += [f"Standard errors: {self.note()}", f"Rows left out: {self.left_out()}"]
        text += [f"Note: {note}" for note in self.notes()]
        text += [f"Data: {self.dataset}"] if self.dataset else []
        folded = [text[0], *(piece for line in text[1:] for piece in _folded(line, max(WIDTH, len(rule))))]
        return "\n".join(folded)

    def __getattr__(self, name: str) -> NoReturn:
        """Say what a name is called here."""
        raise AttributeError(f"a pooled model has no {name!r}{nearest(name, dir(type(self)))}", name=name)

    def __repr__(self) -> str:
        """Show what the object is."""
        return f"<Pooled {self.model.estimator} {self.formula!r}: N {self.nobs}, {self.n_draws} draws>"


def _folded(line: str, width: int) -> list[str]:
    if len(line) <= width:
        return [line]
    return textwrap.wrap(line, width, subsequent_indent="  ", break_on_hyphens=False, break_long_words=False)


def _printed(values: list[float]) -> list[str]:
    """Print one row of the table: estimate, error, t, p, interval, degrees of freedom, FMI, Monte Carlo error."""
    forms = [".5g", ".5g", ".2f", ".4f", ".5g", ".5g", ".1f", ".2f", ".2g"]
    shown = [UNDEFINED if np.isnan(value) else f"{value:{form}}" for value, form in zip(values, forms, strict=True)]
    if values[3] < 0.00005:
        shown[3] = "<0.0001"
    if np.isinf(values[6]):
        shown[6] = "normal"
    return shown
