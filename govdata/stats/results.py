"""What a fitted model says, with the conventions it rests on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.stats import t as student

from govdata.errors import EstimationError
from govdata.stats.covariance import Covariance, DfRule, SeType, TwoWay, covariance, make_vcov

if TYPE_CHECKING:
    from govdata.stats.design import Design
    from govdata.stats.panel import FloatArray
    from govdata.stats.solver import Fit

__all__ = ["PanelResults"]

INTERCEPT = "Intercept"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PanelResults:
    """A fitted linear model. Made by :func:`govdata.stats.ols`.

    Every number can be asked for by name, :meth:`tidy` and :meth:`glance` give them as frames, :meth:`summary` as text.
    ``report.table`` and ``report.coefplot`` print one or several models.

    Attributes
    ----------
    design
        The estimation sample.
    fit
        Coefficients and residuals in the sample's own row order.
    covariance
        The covariance matrix and its convention.
    dataset
        Which data these are, for the note below a table; may be empty.
    """

    design: Design
    fit: Fit
    covariance: Covariance
    dataset: str = ""

    @property
    def formula(self) -> str:
        """The formula as given."""
        return self.design.formula.text

    @property
    def response(self) -> str:
        """The left-hand side."""
        return str(self.design.formula.response)

    @property
    def terms(self) -> tuple[str, ...]:
        """Names of the coefficients, in the order of the formula; the intercept first."""
        names = tuple(self.design.names[j] for j in self.fit.kept)
        return (INTERCEPT, *names) if self.design.intercept else names

    def _series(self, values: FloatArray, name: str) -> pd.Series[Any]:
        return pd.Series(values.copy(), index=pd.Index(self.terms, name="term"), name=name)

    @property
    def params(self) -> pd.Series[Any]:
        """Coefficients."""
        return self._series(self.fit.params, "estimate")

    @property
    def cov(self) -> pd.DataFrame:
        """Covariance matrix of the coefficients."""
        index = pd.Index(self.terms, name="term")
        return pd.DataFrame(self.covariance.matrix.copy(), index=index, columns=index.rename(None))

    @property
    def bse(self) -> pd.Series[Any]:
        """Standard errors."""
        return self._series(np.sqrt(np.diag(self.covariance.matrix)), "std_error")

    @property
    def std_errors(self) -> pd.Series[Any]:
        """Standard errors; the same as ``bse``."""
        return self.bse

    def se(self) -> pd.Series[Any]:
        """Return the standard errors; the same as ``bse``.

        Returns
        -------
        Series
            By coefficient.
        """
        return self.bse

    @property
    def tstats(self) -> pd.Series[Any]:
        """Coefficients divided by their standard errors."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return self._series(self.fit.params / np.sqrt(np.diag(self.covariance.matrix)), "statistic")

    @property
    def pvalues(self) -> pd.Series[Any]:
        """Two-sided p values from the t distribution that :meth:`note` names."""
        return self._series(2 * student.sf(np.abs(self.tstats.to_numpy()), self.covariance.t_df), "p_value")

    def conf_int(self, level: float = 0.95) -> pd.DataFrame:
        """Return confidence intervals.

        Parameters
        ----------
        level
            Between 0 and 1.

        Returns
        -------
        DataFrame
            Columns ``conf_low`` and ``conf_high``.

        Raises
        ------
        EstimationError
            If the level is not between 0 and 1.
        """
        if isinstance(level, bool) or not isinstance(level, (int, float)) or not 0 < level < 1:
            raise EstimationError(f"level is a number between 0 and 1, such as 0.95, not {level!r}")
        half = student.ppf(0.5 + level / 2, self.covariance.t_df) * self.bse
        return pd.DataFrame({"conf_low": self.params - half, "conf_high": self.params + half})

    @property
    def nobs(self) -> int:
        """Rows of the sample."""
        return len(self.design.y)

    @property
    def n_units(self) -> int | None:
        """Units in the sample, where the data name them."""
        return None if self.design.unit is None else len(self.design.unit.levels)

    @property
    def n_periods(self) -> int | None:
        """Times in the sample, where the data name them."""
        return None if self.design.time is None else len(self.design.time.levels)

    @property
    def effects(self) -> dict[str, int]:
        """How many levels of each effect were absorbed."""
        return {effect.name: len(effect.levels) for effect in self.design.effects}

    @property
    def clusters(self) -> dict[str, int]:
        """How many clusters there are in each column of ``cluster=``."""
        return dict(self.covariance.clusters)

    @property
    def df_resid(self) -> int:
        """Rows less the rank of the regression, effects included."""
        return self.nobs - self.fit.rank

    @property
    def rss(self) -> float:
        """Residual sum of squares."""
        return self.fit.rss

    @property
    def rsquared(self) -> float:
        """Share of the response's variation fitted by regressors and effects; about zero without a constant."""
        return 1 - self.fit.rss / self.fit.tss

    @property
    def rsquared_within(self) -> float | None:
        """Share fitted by the regressors of what the effects leave; None without effects."""
        return 1 - self.fit.rss / self.fit.tss_within if self.design.effects else None

    @property
    def sample(self) -> pd.Series[Any]:
        """Which rows of the frame were used: a mask with the frame's own index."""
        mask = np.zeros(len(self.design.frame), dtype=np.bool_)
        mask[self.design.rows] = True
        return pd.Series(mask, index=self.design.frame.index, name="sample")

    def _aligned(self, values: FloatArray, name: str) -> pd.Series[Any]:
        full = np.full(len(self.design.frame), np.nan)
        full[self.design.rows] = values
        return pd.Series(full, index=self.design.frame.index, name=name)

    @property
    def resid(self) -> pd.Series[Any]:
        """Residuals, aligned with the frame; missing outside the sample."""
        return self._aligned(self.fit.resid, "resid")

    @property
    def fitted(self) -> pd.Series[Any]:
        """Fitted values, effects included, aligned with the frame; missing outside the sample."""
        return self._aligned(self.design.y - self.fit.resid, "fitted")

    @property
    def dropped(self) -> pd.DataFrame:
        """Rows of the frame left out: keys, the ``reason`` and the ``variables`` that were missing."""
        return self.design.dropped.copy()

    @property
    def dropped_counts(self) -> dict[str, int]:
        """How many rows were left out for each reason; a row that lacks two variables counts for both."""
        counts = {f"missing {name}": count for name, count in self.design.missing.items()}
        if alone := int((self.design.dropped["reason"] == "singleton").sum()):
            counts["singleton"] = alone
        return counts

    @property
    def singletons(self) -> int:
        """Rows kept although they are alone in a level of an effect."""
        return self.design.singletons

    def note(self) -> str:
        """State the convention of the standard errors in one line.

        Returns
        -------
        str
            Such as ``"CRV1 clustered by iso3 (167); G/(G-1)*(N-1)/(N-K*), df=nested, K*=24; t with 166 df"``.
        """
        return self.covariance.note

    def notes(self) -> list[str]:
        """List what a reader should know: few clusters, regressors left out, exact fits.

        Returns
        -------
        list of str
            Often empty.
        """
        kept = f"{self.singletons} singletons kept: they fit exactly, yet count in N; singletons='drop' leaves them out"
        return [*self.covariance.warnings, *self.fit.notes, *([kept] if self.singletons else [])]

    def with_se(
        self,
        se: SeType | None = None,
        *,
        cluster: str | list[str] | None = None,
        df: DfRule = "nested",
        twoway: TwoWay = "min",
    ) -> PanelResults:
        """Return the same fit under another convention for its standard errors.

        Parameters
        ----------
        se, cluster, df, twoway
            As in :func:`govdata.stats.ols`.

        Returns
        -------
        PanelResults
            A new object; coefficients and sample are the same.
        """
        vcov = make_vcov(se, cluster, df, twoway, unit=None if self.design.unit is None else self.design.unit.name)
        clusters = tuple(self.design.codes(name) for name in vcov.cluster)
        return replace(self, covariance=covariance(self.fit, vcov, clusters, self.design.effects))

    def tidy(self, level: float = 0.95) -> pd.DataFrame:
        """Return one row a coefficient.

        Parameters
        ----------
        level
            Of the confidence interval.

        Returns
        -------
        DataFrame
            Columns ``term``, ``estimate``, ``std_error``, ``statistic``, ``p_value``, ``conf_low``, ``conf_high``.
        """
        interval = self.conf_int(level)
        columns = {
            "term": list(self.terms),
            "estimate": self.params.to_numpy(),
            "std_error": self.bse.to_numpy(),
            "statistic": self.tstats.to_numpy(),
            "p_value": self.pvalues.to_numpy(),
            "conf_low": interval["conf_low"].to_numpy(),
            "conf_high": interval["conf_high"].to_numpy(),
        }
        return pd.DataFrame(columns)

    def glance(self) -> pd.DataFrame:
        """Return the model in one row.

        Returns
        -------
        DataFrame
            Sizes, fit, convention and what was left out.
        """
        vcov = self.covariance.vcov
        reasons = self.design.dropped["reason"]
        row = {
            "response": self.response,
            "nobs": self.nobs,
            "n_units": self.n_units,
            "n_periods": self.n_periods,
            "rsquared": self.rsquared,
            "rsquared_within": self.rsquared_within,
            "rank": self.fit.rank,
            "df_resid": self.df_resid,
            "effects": ", ".join(f"{name} ({count})" for name, count in self.effects.items()),
            "se": vcov.se,
            "cluster": ", ".join(f"{name} ({count})" for name, count in self.clusters.items()),
            "df": vcov.df,
            "k_star": self.covariance.k_star,
            "t_df": self.covariance.t_df,
            "dropped_missing": int((reasons == "missing").sum()),
            "dropped_singletons": int((reasons == "singleton").sum()),
            "singletons_kept": self.singletons,
            "dataset": self.dataset,
        }
        return pd.DataFrame([row])

    def summary(self) -> str:
        """Describe the model in plain text.

        Returns
        -------
        str
            Coefficients, sample, fit and convention.
        """
        tidy = self.tidy()
        head = ["", "estimate", "std. error", "t", "p", "95 % low", "95 % high"]
        body = [[str(row[0]), *_numbers([float(x) for x in row[1:]])] for row in tidy.to_numpy().tolist()]
        widths = [max(len(line[i]) for line in [head, *body]) for i in range(len(head))]
        lines = [
            "  ".join(cell.ljust(width) if i == 0 else cell.rjust(width) for i, (cell, width) in enumerate(pairs))
            for pairs in ([*zip(line, widths, strict=True)] for line in [head, *body])
        ]
        rule = "-" * len(lines[0])
        absorbed = ", ".join(f"{name} ({count})" for name, count in self.effects.items()) or "none"
        within = "" if self.rsquared_within is None else f"; within {self.rsquared_within:.4f}"
        text = [f"OLS: {self.formula}", rule, lines[0], rule, *lines[1:], rule]
        text += [f"N {self.nobs}" + _counts(self.n_units, self.n_periods), f"Effects absorbed: {absorbed}"]
        text += [
            f"R2 {self.rsquared:.4f}{within}",
            f"Standard errors: {self.note()}",
            f"Rows left out: {self.left_out()}",
        ]
        text += [f"Note: {note}" for note in self.notes()]
        if self.dataset:
            text.append(f"Data: {self.dataset}")
        return "\n".join(text)

    def left_out(self) -> str:
        """Say in one line how many rows were left out and why.

        Returns
        -------
        str
            ``"none"``, or a count with the variables that were missing.
        """
        counts = self.dropped_counts
        if not counts:
            return "none"
        return f"{len(self.design.dropped)} ({', '.join(f'{reason} {count}' for reason, count in counts.items())})"

    def __repr__(self) -> str:
        """Show what the object is."""
        return f"<PanelResults {self.formula!r}: N {self.nobs}, {self.note()}>"

    def __str__(self) -> str:
        """Return the summary."""
        return self.summary()

    # The plug-in protocol of the maketables package, which needs no import of it.

    @property
    def __maketables_coef_table__(self) -> pd.DataFrame:
        """Coefficients for maketables."""
        names = {"estimate": "b", "std_error": "se", "statistic": "t", "p_value": "p"}
        table = self.tidy().set_index("term").rename(columns=names | {"conf_low": "ci95l", "conf_high": "ci95u"})
        table.index.name = "Coefficient"
        return table

    def __maketables_stat__(self, key: str) -> int | float | str | None:
        """Return one statistic for maketables."""
        found: dict[str, int | float | str | None] = {
            "N": self.nobs,
            "r2": self.rsquared,
            "r2_within": self.rsquared_within,
            "n_units": self.n_units,
            "n_periods": self.n_periods,
            "dropped": len(self.design.dropped),
            "se_type": self.note(),
        }
        return found.get(key)

    @property
    def __maketables_depvar__(self) -> str:
        """Response for maketables."""
        return self.response

    @property
    def __maketables_fixef_string__(self) -> str | None:
        """Absorbed effects for maketables."""
        return "+".join(self.effects) or None

    @property
    def __maketables_vcov_info__(self) -> dict[str, str]:
        """Convention for maketables."""
        info = {"vcov_type": self.covariance.vcov.se}
        return info | ({"clustervar": "+".join(self.clusters)} if self.clusters else {})

    @property
    def __maketables_stat_labels__(self) -> dict[str, str]:
        """Labels of the statistics for maketables."""
        return {"n_units": "Units", "n_periods": "Periods", "dropped": "Rows left out", "se_type": "Standard errors"}

    @property
    def __maketables_default_stat_keys__(self) -> list[str]:
        """Statistics that maketables shows unasked."""
        keys = ["N", "n_units", "n_periods", "r2", "r2_within", "dropped", "se_type"]
        return [key for key in keys if self.__maketables_stat__(key) is not None]


def _counts(units: int | None, periods: int | None) -> str:
    return ("" if units is None else f"; units {units}") + ("" if periods is None else f"; periods {periods}")


def _numbers(values: list[float]) -> list[str]:
    return [f"{value:.6g}" if i != 3 else f"{value:.4f}" for i, value in enumerate(values)]
