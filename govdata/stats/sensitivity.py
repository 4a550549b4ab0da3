"""How strong an omitted variable would have to be to change a conclusion."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any, TypeGuard

import numpy as np
import pandas as pd
from scipy.stats import t as student

from govdata.errors import ArgumentError, EstimationError, FormulaError, nearest
from govdata.stats.contrast import check_model
from govdata.stats.formula import Categories, Name, Term, name_of, parse, term_label
from govdata.stats.keys import FloatArray, encode
from govdata.stats.results import INTERCEPT, PanelResults
from govdata.stats.solver import Fit

__all__ = ["Sensitivity", "sensitivity"]

Benchmark = str | Sequence[str | Sequence[str]]
Multiples = float | Sequence[float]
GRID = 61
WIDEST = 0.4


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Sensitivity:
    """What an omitted variable could do to one coefficient of a linear model.

    Made by :func:`sensitivity`. Shares of variance (partial R2) lie between 0 and 1.

    Attributes
    ----------
    treatment, response
        The coefficient looked at, and the left-hand side.
    estimate, std_error, df
        The coefficient, its classical standard error and the residual degrees of freedom.
    partial_r2
        Share of the response's residual variance that the treatment explains. A confounder that explains all of the
        response's residual variance would have to explain this share of the treatment's to bring the estimate to zero.
    rv_q
        Robustness value: a confounder that explains this share of the residual variance of both response and treatment
        takes away the share ``q`` of the estimate.
    rv_qa
        The same for an estimate that is no longer significant at ``alpha``; 0 where it is not so now.
    q, alpha
        As asked for.
    bounds
        One row a benchmark and multiple, empty without benchmarks: ``benchmark``, ``kd``, ``ky``, ``r2dz_x``,
        ``r2yz_dx``, ``estimate``, ``std_error``, ``statistic``, ``p_value``, ``conf_low``, ``conf_high``.
    notes
        What a reader should know.
    """

    treatment: str
    response: str
    estimate: float
    std_error: float
    df: int
    partial_r2: float
    rv_q: float
    rv_qa: float
    q: float
    alpha: float
    bounds: pd.DataFrame = field(repr=False)
    notes: tuple[str, ...]

    @property
    def statistic(self) -> float:
        """The estimate divided by its classical standard error."""
        return self.estimate / self.std_error

    def adjusted(self, r2dz_x: float, r2yz_dx: float) -> tuple[float, float]:
        """Return the estimate and standard error that a confounder of given strength would leave.

        Parameters
        ----------
        r2dz_x
            Share of the treatment's residual variance it explains, from 0 to below 1.
        r2yz_dx
            Share of the response's residual variance it explains, from 0 to 1.

        Returns
        -------
        tuple of float
            Estimate, moved towards zero and past it, and standard error.

        Raises
        ------
        EstimationError
            If a share is impossible.

        Examples
        --------
        >>> import numpy as np
        >>> import pandas as pd
        >>> from govdata import stats
        >>> rng = np.random.default_rng(2)
        >>> data = pd.DataFrame(rng.normal(size=(100, 2)), columns=["y", "x"])
        >>> found = sensitivity(stats.ols("y ~ x", data), "x")
        >>> bool(abs(found.adjusted(found.rv_q, found.rv_q)[0]) < 1e-12)
        True
        """
        for name, value, top in (("r2dz_x", r2dz_x, "below 1"), ("r2yz_dx", r2yz_dx, "1")):
            if not _number(value) or not 0 <= value <= 1 or (top != "1" and value == 1):
                raise EstimationError(f"{name} is a share of variance from 0 to {top}, not {value!r}")
        estimate, error = _adjust(self.estimate, self.std_error, self.df, np.array(r2dz_x), np.array(r2yz_dx))
        return float(estimate), float(error)

    def contours(
        self, r2dz_max: float | None = None, r2yz_max: float | None = None, *, of: str = "estimate", points: int = GRID
    ) -> pd.DataFrame:
        """Return the adjusted estimate, or its t value, on a grid of confounders.

        Parameters
        ----------
        r2dz_max, r2yz_max
            Ends of the grid, above 0 and below 1. Left out: wide enough for the bounds and the robustness value, and at
            least 0.4.
        of
            ``"estimate"`` or ``"statistic"``.
        points
            How many values in each direction, from 2 to 1000.

        Returns
        -------
        DataFrame
            Columns are shares of the treatment's residual variance, rows those of the response's.

        Raises
        ------
        ArgumentError
            If an option has a form it cannot have.
        """
        if of not in ("estimate", "statistic"):
            raise ArgumentError(f"of is 'estimate' or 'statistic', not {of!r}")
        if isinstance(points, bool) or not isinstance(points, int) or not 2 <= points <= 1000:
            raise ArgumentError(f"points is a whole number from 2 to 1000, not {points!r}")
        ends = []
        for name, given, column in (("r2dz_max", r2dz_max, "r2dz_x"), ("r2yz_max", r2yz_max, "r2yz_dx")):
            if given is not None and (not _number(given) or not 0 < given < 1):
                raise ArgumentError(f"{name} is a number above 0 and below 1, not {given!r}")
            needed = max([WIDEST, 1.1 * self.rv_q, *(1.1 * self.bounds[column])])
            ends.append(float(given) if given is not None else min(needed, 0.99))
        across, up = (np.linspace(0.0, end, points) for end in ends)
        estimate, error = _adjust(self.estimate, self.std_error, self.df, across[None, :], up[:, None])
        null = (1 - self.q) * self.estimate
        return pd.DataFrame(
            estimate if of == "estimate" else (estimate - null) / error,
            index=pd.Index(up, name="r2yz_dx"),
            columns=pd.Index(across, name="r2dz_x"),
        )

    def note(self) -> str:
        """State the convention the numbers rest on.

        Returns
        -------
        str
            One line.
        """
        return f"classical (iid) standard error, {self.df} residual df; Cinelli and Hazlett (2020)"

    def to_frame(self) -> pd.DataFrame:
        """Return the bounds.

        Returns
        -------
        DataFrame
            A copy of ``bounds``.
        """
        return self.bounds.copy()

    def tidy(self) -> pd.DataFrame:
        """Return the statistics of the coefficient in one row.

        Returns
        -------
        DataFrame
            Columns ``term``, ``estimate``, ``std_error``, ``statistic``, ``df``, ``partial_r2``, ``rv_q``, ``rv_qa``,
            ``q``, ``alpha``.
        """
        row: dict[str, Any] = {"term": self.treatment}
        names = ("estimate", "std_error", "statistic", "df", "partial_r2", "rv_q", "rv_qa", "q", "alpha")
        return pd.DataFrame([row | {name: getattr(self, name) for name in names}])

    def summary(self) -> str:
        """Describe the sensitivity in plain text.

        Returns
        -------
        str
            The statistics in words, the bounds as a table.
        """
        share = "to zero" if self.q == 1 else f"by {100 * self.q:g} %"
        lines = [
            f"Sensitivity of {self.treatment} on {self.response} to an omitted variable",
            f"estimate {self.estimate:.6g}, std. error {self.std_error:.6g}, t {self.statistic:.4g}",
            f"Partial R2 with the response: {100 * self.partial_r2:.3g} %",
            f"Robustness value, estimate brought {share}: {100 * self.rv_q:.3g} %",
            f"Robustness value, no longer significant at {self.alpha:g}: {100 * self.rv_qa:.3g} %",
        ]
        if len(self.bounds):
            shown = self.bounds.drop(columns="p_value")
            lines.append("A confounder kd (treatment) and ky (response) times as strong as a benchmark:")
            lines.append(shown.to_string(index=False, float_format=lambda value: f"{value:.5g}"))
        lines.append(f"Standard errors: {self.note()}")
        return "\n".join([*lines, *(f"Note: {note}" for note in self.notes)])

    def __repr__(self) -> str:
        """Show what the object is."""
        return (
            f"<Sensitivity of {self.treatment}: estimate {self.estimate:.4g}, robustness value "
            f"{100 * self.rv_q:.3g} %, {100 * self.rv_qa:.3g} % at alpha {self.alpha:g}>"
        )

    def __str__(self) -> str:
        """Return the summary."""
        return self.summary()


def sensitivity(
    m: PanelResults,
    x: str,
    benchmark: Benchmark | None = None,
    *,
    kd: Multiples = (1, 2, 3),
    ky: Multiples | None = None,
    q: float = 1.0,
    alpha: float = 0.05,
) -> Sensitivity:
    """Ask how strong an unobserved confounder must be to overturn a coefficient.

    Parameters
    ----------
    m
        A model fitted by :func:`govdata.stats.ols`, with or without absorbed effects.
    x
        The term whose coefficient is looked at.
    benchmark
        Terms to measure a confounder against: one, or a list of several; a list inside the list is a group taken
        together, as is a term of several coefficients such as ``"C(region)"``.
    kd
        How many times as strongly as the benchmark the confounder is associated with the treatment.
    ky
        The same for the response; left out: ``kd``. One number, or as many as ``kd``.
    q
        Share of the estimate that is to be explained away; 1 brings it to zero.
    alpha
        Significance level, between 0 and 1.

    Returns
    -------
    Sensitivity
        Robustness values and the estimates that confounders of benchmarked strength would leave.

    Raises
    ------
    ArgumentError
        If ``m`` is no fitted model.
    EstimationError
        If the model is not ordinary least squares, a term is not in it, or no confounder can be that strong.

    Notes
    -----
    Method, bounds and robustness values of Cinelli and Hazlett (2020). The theory is about ordinary least squares with
    its classical standard error, whatever convention the model carries. An interval counts one degree of freedom less
    than the model, because the confounder would be one more regressor. Test statistics are those of the null that the
    effect is ``1 - q`` times the estimate.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from govdata import stats
    >>> rng = np.random.default_rng(4)
    >>> data = pd.DataFrame(rng.normal(size=(300, 3)), columns=["w", "d", "e"])
    >>> data["x"] = 0.4 * data["w"] + data["d"]
    >>> data["y"] = data["x"] + data["w"] + data["e"]
    >>> found = sensitivity(stats.ols("y ~ x + w", data), "x", benchmark="w")
    >>> found.bounds["kd"].tolist()
    [1.0, 2.0, 3.0]
    >>> bool(found.rv_qa < found.rv_q < 1)
    True
    """
    check_model(m)
    fit = m.fit
    if not isinstance(fit, Fit) or m.estimator != "OLS":
        raise EstimationError(f"sensitivity is defined for ordinary least squares, and this is {m.estimator}")
    for name, value, top in (("q", q, np.inf), ("alpha", alpha, 1.0)):
        if not _number(value) or not 0 < value < top:
            limits = "above 0" if np.isinf(top) else "between 0 and 1"
            raise EstimationError(f"{name} is a number {limits}, not {value!r}")
    strengths = _multiples(kd, ky)
    at = _positions(m, x, "x")
    if len(at) > 1:
        names = ", ".join(m.terms[j] for j in at[:4])
        raise EstimationError(f"{x} has several coefficients; name one of {names}{', ...' if len(at) > 4 else ''}")
    d, df = at[0], m.df_resid
    if df < 2:
        raise EstimationError(
            f"{df} residual degree of freedom is too few: a confounder needs one, and the error another"
        )
    precision = fit.influence.T @ fit.influence
    variance = fit.rss / df
    error = float(np.sqrt(precision[d, d] * variance))
    if any("exactly" in note for note in fit.notes) or error == 0:
        raise EstimationError("the regressors fit the response exactly, so there is no residual variance to share")
    estimate = float(fit.params[d])
    notes: list[str] = []
    if m.covariance.vcov.se != "iid":
        notes.append(f"the theory rests on classical standard errors; the model's own are not used: {m.note()}")
    products = [term_label(t) for t in m.design.formula.terms if len(t) > 1 and m.terms[d] in map(str, t)]
    if products:
        notes.append(
            f"{m.terms[d]} is also in {', '.join(products)}: its coefficient is its effect where those are zero"
        )
    rows: list[dict[str, Any]] = []
    for label, group in _benchmarks(m, benchmark, d):
        shares = _shares(fit, precision, d, group)
        for times_d, times_y in strengths:
            rd, ry = _bound(label, *shares, times_d, times_y, notes)
            row: dict[str, Any] = {"benchmark": label, "kd": times_d, "ky": times_y, "r2dz_x": rd, "r2yz_dx": ry}
            rows.append(row | _left(estimate, error, df, rd, ry, float(q), float(alpha)))
    effect = float(q) * abs(estimate) / error / float(np.sqrt(df))
    return Sensitivity(
        treatment=m.terms[d],
        response=m.response,
        estimate=estimate,
        std_error=error,
        df=df,
        partial_r2=estimate**2 / (estimate**2 + df * error**2),
        rv_q=_robustness(effect, 0.0),
        rv_qa=_robustness(effect, float(student.isf(alpha / 2, df - 1)) / float(np.sqrt(df - 1))),
        q=float(q),
        alpha=float(alpha),
        bounds=pd.DataFrame(rows, columns=list(_COLUMNS)),
        notes=tuple(notes),
    )


_COLUMNS = (
    *("benchmark", "kd", "ky", "r2dz_x", "r2yz_dx"),
    *("estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high"),
)


def _number(value: object) -> TypeGuard[float]:
    if isinstance(value, bool) or not isinstance(value, (int, float, np.integer, np.floating)):
        return False
    return math.isfinite(value)


def _multiples(kd: object, ky: object) -> list[tuple[float, float]]:
    """Pair the multiples of association with treatment and response."""
    one = _positive("kd", kd)
    two = one if ky is None else _positive("ky", ky)
    if len(two) == 1:
        two = two * len(one)
    if len(one) != len(two):
        raise EstimationError(f"ky is one number or as many as kd ({len(one)}), not {len(two)}")
    return list(zip(one, two, strict=True))


def _positive(name: str, given: object) -> list[float]:
    values = list(given) if isinstance(given, (list, tuple, range, np.ndarray, pd.Series)) else [given]
    found = [float(value) for value in values if _number(value) and value > 0]
    if not values or len(found) < len(values):
        raise EstimationError(f"{name} is a number above 0, or a list of such, not {given!r}")
    return found


def _positions(m: PanelResults, term: object, argument: str) -> list[int]:
    """Find the coefficients of a term."""
    if not isinstance(term, str):
        raise EstimationError(f"{argument} is the name of a term, not {type(term).__name__}")
    if term in m.terms:
        return [m.terms.index(term)]
    try:
        meant = parse(f"` ` ~ {term}").terms
    except FormulaError:
        meant = ((Name(term),),)
    for parts in m.design.formula.terms:
        if len(meant) == 1 and frozenset(parts) == frozenset(meant[0]):
            names = _names(m, parts)
            found = [j for j, name in enumerate(m.terms) if name in names]
            if found:
                return found
            raise EstimationError(f"{term_label(parts)} has no coefficient in this fit")
    # A column stands for the one term made of it: `x` for `lag(x, 1)`.
    made = {term_label(t) for t in m.design.formula.terms if len(t) == 1 and name_of(t[0]).column == term}
    if len(made) == 1 and made <= set(m.terms):
        return [m.terms.index(made.pop())]
    choices = [*(name for name in m.terms if name != INTERCEPT), *(term_label(t) for t in m.design.formula.terms)]
    raise EstimationError(f"{term!r} is not in the model{nearest(term, choices)}")


def _names(m: PanelResults, parts: Term) -> list[str]:
    """Name the coefficients a term can have: one for each combination of its categories' levels."""
    labels = [
        [f"{f}[{level}]" for level in encode(m.design.frame[f.name.column], f.name.column).levels]
        if isinstance(f, Categories)
        else [str(f)]
        for f in parts
    ]
    return [":".join(chosen) for chosen in product(*labels)]


def _benchmarks(m: PanelResults, benchmark: object, d: int) -> list[tuple[str, list[int]]]:
    """List each benchmark with its coefficients."""
    if benchmark is None:
        return []
    found = []
    for item in [benchmark] if isinstance(benchmark, str) else _sequence(benchmark):
        names = [item] if isinstance(item, str) else _sequence(item)
        group = sorted({j for name in names for j in _positions(m, name, "benchmark")})
        label = " + ".join(str(name) for name in names)
        if d in group:
            raise EstimationError(f"{m.terms[d]!r} is the treatment itself; a benchmark is another term")
        if any(m.terms[j] == INTERCEPT for j in group):
            raise EstimationError("the intercept explains no variance, so it is no benchmark; name a regressor")
        found.append((label, group))
    return found


def _sequence(given: object) -> list[object]:
    if isinstance(given, (list, tuple)) and given:
        return list(given)
    raise EstimationError(f"benchmark is a term, a list of terms, or a list with lists as groups, not {given!r}")


def _shares(fit: Fit, precision: FloatArray, d: int, group: list[int]) -> tuple[float, float]:
    """Partial R2 of benchmark terms with the treatment, and with the response given the treatment.

    Both follow from the inverse cross-products of all regressors, which hold partial correlations as a correlation
    matrix does; effects are already taken out of them.
    """
    scale = np.sqrt(np.diag(precision))
    scaled = precision / np.outer(scale, scale)
    block = scaled[np.ix_(group, group)]
    slopes = fit.params[group] / scale[group]
    explained = float(slopes @ np.linalg.solve(block, slopes))
    return float(scaled[d, group] @ np.linalg.solve(block, scaled[group, d])), explained / (explained + fit.rss)


def _bound(label: str, rd: float, ry: float, kd: float, ky: float, notes: list[str]) -> tuple[float, float]:
    """Bound the strength of a confounder that is so many times as strong as a benchmark."""
    odds = rd / (1 - rd)
    if kd * odds >= 1:
        raise EstimationError(
            f"no confounder can be {kd:g} times as strong as {label}, which explains {100 * rd:.3g} % of the "
            f"treatment; kd must be below {1 / odds:.4g}"
        )
    shared = kd * rd**2 / ((1 - kd * rd) * (1 - rd))
    strength = (np.sqrt(ky) + np.sqrt(shared)) ** 2 / (1 - shared) * ry / (1 - ry)
    if strength > 1:
        notes.append(
            f"a confounder {ky:g} times as strong as {label} would explain more than all residual variance of the "
            "response; the bound is set to 1, where the standard error is zero and no test is defined"
        )
    return kd * odds, min(float(strength), 1.0)


def _left(estimate: float, error: float, df: int, rd: float, ry: float, q: float, alpha: float) -> dict[str, float]:
    """Estimate and inference with a confounder of given strength."""
    value, spread = (float(part) for part in _adjust(estimate, error, df, np.array(rd), np.array(ry)))
    if ry == 1:
        missing = dict.fromkeys(("std_error", "statistic", "p_value", "conf_low", "conf_high"), np.nan)
        return {"estimate": value, **missing}
    statistic = (value - (1 - q) * estimate) / spread
    half = float(student.isf(alpha / 2, df - 1)) * spread
    p_value = float(2 * student.sf(abs(statistic), df - 1))
    found = {"estimate": value, "std_error": spread, "statistic": statistic, "p_value": p_value}
    return {**found, "conf_low": value - half, "conf_high": value + half}


def _adjust(estimate: float, error: float, df: int, rd: FloatArray, ry: FloatArray) -> tuple[FloatArray, FloatArray]:
    bias = np.sqrt(ry * rd / (1 - rd)) * error * np.sqrt(df)
    sign = -1.0 if estimate < 0 else 1.0
    return sign * (abs(estimate) - bias), error * np.sqrt((1 - ry) / (1 - rd) * df / (df - 1))


def _robustness(effect: float, critical: float) -> float:
    """Strength of the weakest confounder, equal for treatment and response, that takes the effect below a limit.

    Where the limit is best reached by less than equal strength with the response, the constraint does not bind and the
    answer is the share of the treatment alone.
    """
    left = effect - critical
    if left <= 0:
        return 0.0
    if critical > 0 and effect > 1 / critical:
        return (effect**2 - critical**2) / (1 + effect**2)
    return 2 / (1 + float(np.sqrt(1 + 4 / left**2)))
