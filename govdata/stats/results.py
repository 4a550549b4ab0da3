"""What a fitted model says, with the conventions it rests on."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NoReturn, Unpack

import numpy as np
import pandas as pd
from scipy.stats import t as student

from govdata.errors import EstimationError, nearest
from govdata.stats.calls import Call, Repeatable
from govdata.stats.conventions import se_table
from govdata.stats.covariance import Covariance, Estimated, SeOptions, covariance, make_vcov
from govdata.stats.maketables import MaketablesProtocol
from govdata.stats.printing import Printed
from govdata.stats.solver import Fit
from govdata.stats.wording import INTERCEPT

if TYPE_CHECKING:
    from govdata.stats.design import Design
    from govdata.stats.keys import FloatArray

__all__ = ["INTERCEPT", "PanelResults"]

# What users of statsmodels, linearmodels and pyfixest are used to write.
_HABITS = {
    "coef": "params",
    "confint": "conf_int()",
    "cov_params": "cov",
    "fitted_values": "fitted",
    "fittedvalues": "fitted",
    "llf": "facts, where there is a likelihood",
    "predict": "fitted, for the rows of the sample",
    "pvalue": "pvalues",
    "resids": "resid",
    "rsquared_inclusive": "rsquared",
    "ssr": "rss",
    "tstat": "tstats",
    "tvalues": "tstats",
    "vcov": "with_se() for another convention, cov for the matrix",
}


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PanelResults(Printed, MaketablesProtocol, Repeatable):
    """A fitted model. Made by the estimators of :mod:`govdata.stats`.

    Every number can be asked for by name, :meth:`tidy` and :meth:`glance` give them as frames, :meth:`summary` as text,
    :meth:`to_latex` and :meth:`to_html` as tables. ``stats.compare`` puts several models side by side.

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
    estimator
        Its name, as tables print it.
    terms
        Names of the coefficients, in the order of the formula; the intercept first.
    facts
        Named numbers of the estimator, such as a variance component or a log-likelihood.
    remarks
        What the estimator says of itself.
    auxiliary
        Terms that are no coefficients of regressors, such as thresholds.
    call
        The estimator with its options; None where a result was made by hand.
    """

    design: Design
    fit: Estimated
    covariance: Covariance
    dataset: str = ""
    estimator: str = "OLS"
    terms: tuple[str, ...] = ()
    facts: dict[str, float | int | str] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    auxiliary: tuple[str, ...] = ()
    call: Call | None = None

    @property
    def linear(self) -> bool:
        """Whether the model is fitted by least squares."""
        return self.fit.linear

    @property
    def formula(self) -> str:
        """The formula as given."""
        return self.design.formula.text

    @property
    def response(self) -> str:
        """The left-hand side."""
        return str(self.design.formula.response)

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
        """Two-sided p values from the distribution, or the bootstrap, that :meth:`note` names."""
        if self.covariance.inference is not None:
            return self._series(self.covariance.inference.pvalues, "p_value")
        return self._series(2 * student.sf(np.abs(self.tstats.to_numpy()), self.covariance.dfs), "p_value")

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
            If the level is not between 0 and 1, or below a half: statsmodels takes the share left out.
        """
        if isinstance(level, bool) or not isinstance(level, (int, float)) or not 0 < level < 1:
            raise EstimationError(f"level is a number between 0 and 1, such as 0.95, not {level!r}")
        if level < 0.5:
            raise EstimationError(
                f"level={level!r} would cover {level:.0%}; level is the share covered, as in level=0.95"
            )
        if self.covariance.inference is not None:
            ends = self.covariance.inference.interval(level)
            index = pd.Index(self.terms, name="term")
            return pd.DataFrame(ends, index=index, columns=["conf_low", "conf_high"])
        half = student.ppf(0.5 + level / 2, self.covariance.dfs) * self.bse
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
    def periods_per_unit(self) -> tuple[int, float, int] | None:
        """Rows a unit has in the sample: fewest, mean, most; None where the data name no units."""
        return self.design.periods_per_unit()

    @property
    def df_resid(self) -> int:
        """Rows less the rank of the regression, effects included."""
        return self.nobs - self.fit.rank

    def _least_squares(self, what: str) -> Fit:
        if isinstance(self.fit, Fit):
            return self.fit
        raise EstimationError(f"{what} belongs to linear models, and this is {self.estimator}; see facts")

    @property
    def rss(self) -> float:
        """Residual sum of squares."""
        return self._least_squares("rss").rss

    @property
    def rsquared(self) -> float:
        """Share of the response's variation fitted by regressors and effects; about zero without a constant."""
        fit = self._least_squares("rsquared")
        return 1 - fit.rss / fit.tss

    @property
    def rsquared_within(self) -> float | None:
        """Share fitted by the regressors of what the effects leave; None without effects."""
        fit = self._least_squares("rsquared_within")
        return 1 - fit.rss / fit.tss_within if self.design.effects else None

    def statistics(self) -> dict[str, float | int | str]:
        """Return how well the model fits, with the named numbers of its estimator.

        Returns
        -------
        dict
            By label, in the order in which tables print them.
        """
        found: dict[str, float | int | str] = {}
        if self.linear:
            found["R2"] = self.rsquared
            if self.rsquared_within is not None:
                found["R2 within"] = self.rsquared_within
        return found | self.facts

    @property
    def sample(self) -> pd.Series[Any]:
        """Which rows of the frame were used: a mask with the frame's own index."""
        mask = np.zeros(len(self.design.frame), dtype=np.bool_)
        mask[self.design.rows_used] = True
        return pd.Series(mask, index=self.design.frame.index, name="sample")

    def _aligned(self, values: FloatArray, name: str) -> pd.Series[Any]:
        if self.design.by_unit and self.design.unit is not None:
            return pd.Series(
                values.copy(), index=pd.Index(self.design.unit.levels, name=self.design.unit.name), name=name
            )
        full = np.full(len(self.design.frame), np.nan)
        full[self.design.rows] = values
        return pd.Series(full, index=self.design.frame.index, name=name)

    @property
    def _level_resid(self) -> FloatArray:
        # A fit of transformed rows also keeps the residuals of the rows as they were.
        found: FloatArray = getattr(self.fit, "level_resid", self.fit.resid)
        return found

    @property
    def resid(self) -> pd.Series[Any]:
        """Residuals, aligned with the frame and missing outside the sample; by unit where a case is a unit."""
        return self._aligned(self._level_resid, "resid")

    @property
    def fitted(self) -> pd.Series[Any]:
        """Fitted values, effects included; aligned as the residuals."""
        return self._aligned(self.design.y - self._level_resid, "fitted")

    @property
    def dropped(self) -> pd.DataFrame:
        """Rows of the frame left out: keys, the ``reason`` and the ``variables`` that were missing."""
        return self.design.dropped.copy()

    @property
    def dropped_counts(self) -> dict[str, int]:
        """How many rows were left out for each reason; a row that lacks two variables counts for both."""
        counts = {f"missing {name}": count for name, count in self.design.missing.items()}
        reasons = self.design.dropped["reason"]
        others = reasons[reasons != "missing"].value_counts().sort_index()
        return counts | {str(reason): int(count) for reason, count in others.items()}

    @property
    def singletons(self) -> int:
        """Rows kept although they are alone in a level of an effect."""
        return self.design.singletons

    @property
    def singletons_rule(self) -> str:
        """Whether rows alone in a level of an effect are kept or dropped: ``keep`` or ``drop``."""
        return self.design.singletons_rule

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
        one = self.singletons == 1
        kept = f"{self.singletons} singleton{'' if one else 's'} kept: {'it fits' if one else 'they fit'} exactly, yet "
        kept += f"count{'s' * one} in N; singletons='drop' leaves {'it' if one else 'them'} out"
        own = self.fit.notes if isinstance(self.fit, Fit) else ()
        return [*self.covariance.warnings, *own, *self.remarks, *([kept] if self.singletons else [])]

    def with_se(self, se: Any = None, **se_options: Unpack[SeOptions]) -> PanelResults:  # type: ignore[misc]  # noqa: ANN401
        """Return the same fit under another convention for its standard errors.

        Parameters
        ----------
        se
            ``"iid"``
                classical.
            ``"HC0"``, ``"HC1"``, ``"HC2"``, ``"HC3"``
                heteroskedasticity-consistent: without factor, with N/(N-K*), with residuals over sqrt(1-h) and 1-h.
            ``"CRV1"``
                clustered, with G/(G-1) * (N-1)/(N-K*) (fixest, reghdfe, ``areg``, by the rule ``df``).
            ``"CR0"``, ``"CR1"``, ``"CRHC1"``
                clustered without a factor, with G/(G-1), with N/(N-K*) (the type "HC1" of ``plm::vcovHC``).
            ``"CR2"``
                clustered, bias-reduced (Bell and McCaffrey), t with Satterthwaite degrees of freedom.
            ``"CV3"``, ``"CV3J"``
                jackknife by cluster, effects re-estimated, centred at the estimate or at the mean.
            ``"DK"``
                Driscoll and Kraay. No factor (``plm::vcovSCC``) unless ``df`` is named, then
                T/(T-1) * (N-1)/(N-K*) (fixest, ``xtscc``).
            ``"PCSE"``
                panel-corrected (Beck and Katz).
            ``"wild"``
                p values and intervals by the wild cluster bootstrap with the null imposed; the printed standard errors
                are CRV1's.

            Left out: ``"CRV1"`` where a cluster or a unit is known, else ``"iid"``.
        **se_options
            ``cluster``
                a column, or a list of two for two-way clustering with CR0, CR1, CRHC1 and CRV1. Left out: the unit.
            ``df``
                what K* counts: ``"nested"`` slopes, constant and the effects that are not nested in a cluster (fixest,
                reghdfe, ``xtreg, fe``), the default; ``"full"`` all parameters (``areg``); ``"none"`` slopes alone.
            ``twoway``
                ``"min"`` scales all three parts by the smaller number of clusters (fixest, reghdfe), the default;
                ``"conventional"`` each part by its own (Cameron, Gelbach and Miller).
            ``lags``
                of DK; left out, floor(T^(1/4)).
            ``pairwise``, ``hetonly``
                of PCSE in unbalanced panels: covariances from the times two units share, not those all have; no
                covariances at all.
            ``reps``, ``seed``, ``weights``
                of the bootstrap: 9999, 0 and ``"rademacher"`` (or ``"webb"``) where left out.

        Returns
        -------
        PanelResults
            A new object; coefficients and sample are the same.

        Raises
        ------
        EstimationError
            If the convention does not exist, or is not defined in this sample.
        """
        unit, time = self.design.unit, self.design.time
        vcov = make_vcov(
            {"se": se, **se_options},
            unit=None if unit is None else unit.name,
            time=None if time is None else time.name,
            linear=self.linear,
        )
        call = None if self.call is None else self.call.with_vcov(vcov)
        return replace(self, covariance=covariance(self.fit, vcov, self.design), call=call)

    def se_table(self, value: str = "std_error", *, reps: int = 9999, seed: int = 0) -> pd.DataFrame:
        """Return every convention side by side.

        Parameters
        ----------
        value
            ``"std_error"``, ``"statistic"``, ``"p_value"``, ``"conf_low"`` or ``"conf_high"``.
        reps, seed
            Of the wild cluster bootstrap, which has p values and intervals of its own.

        Returns
        -------
        DataFrame
            One row a coefficient, one column a convention. Those that are not defined in this sample are left out:
            ``attrs["refused"]`` says why, ``attrs["notes"]`` what each of the others is.
        """
        return se_table(self, value, reps=reps, seed=seed)

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
        spans = self.periods_per_unit or (None, None, None)
        row = {
            "estimator": self.estimator,
            "response": self.response,
            "nobs": self.nobs,
            "n_units": self.n_units,
            "n_periods": self.n_periods,
            "t_min": spans[0],
            "t_mean": spans[1],
            "t_max": spans[2],
            "rsquared": self.rsquared if self.linear else None,
            "rsquared_within": self.rsquared_within if self.linear else None,
            "rank": self.fit.rank,
            "df_resid": self.df_resid,
            "effects": ", ".join(f"{name} ({count})" for name, count in self.effects.items()),
            "se": vcov.se,
            "cluster": ", ".join(f"{name} ({count})" for name, count in self.clusters.items()),
            "df": vcov.df if self.covariance.k_star is not None else None,
            "k_star": self.covariance.k_star,
            "t_df": float(self.covariance.dfs.min()) if self.covariance.inference is None else None,
            "dropped_missing": int((reasons == "missing").sum()),
            "dropped_singletons": int((reasons == "singleton").sum()),
            "singletons_kept": self.singletons,
            "dataset": self.dataset,
            **self.facts,
        }
        return pd.DataFrame([row])

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

    def __getattr__(self, name: str) -> NoReturn:
        """Say what a name of another package is called here."""
        habit = _HABITS.get(name)
        hint = f"; here it is {habit}" if habit else nearest(name, dir(type(self)))
        raise AttributeError(f"a fitted model has no {name!r}{hint}", name=name)

    def __repr__(self) -> str:
        """Show what the object is."""
        return f"<PanelResults {self.estimator} {self.formula!r}: N {self.nobs}, {self.note()}>"
