"""Effects over time in dynamic models: long-run multipliers, and the impulse responses of :mod:`.impulse`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import t as student

from govdata.errors import EstimationError
from govdata.stats.contrast import check_level, check_model, contrast
from govdata.stats.impulse import ImpulseResponse, impulse_response
from govdata.stats.keys import FloatArray
from govdata.stats.lagged import LagForm, lag_form
from govdata.stats.results import PanelResults

__all__ = ["ImpulseResponse", "LongRun", "impulse_response", "long_run"]

LONGEST = 20_000
"""How many periods are looked at for the median lag."""
SHORT = 30
"""Below so many periods a unit, effects of units bias the coefficient of a lagged response noticeably."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class LongRun:
    """A long-run multiplier: what a lasting change of one unit does to the response in the end.

    Made by :func:`long_run`.

    Attributes
    ----------
    regressor, response
        The two series, as a formula writes them.
    estimate, std_error
        The multiplier and its standard error by the delta method.
    df
        Degrees of freedom of the t distribution behind p value and interval.
    speed, speed_se
        Share of a gap to the long run that closes in one period, 1 less the sum of the lags' coefficients; an
        error-correction form estimates it with the opposite sign. None without a lag of the response.
    half_life
        Periods until half of a disturbance is gone, from the largest root. None without a lag of the response.
    mean_lag, median_lag
        Mean of the delay with which the effect arrives, and the first period by which at least half of it has. None
        where effects of single periods differ in sign.
    inverse_roots
        Moduli of the inverse roots of the lag polynomial, largest first; all are below 1.
    rule
        The multiplier in terms of the model's coefficients.
    convention
        The convention of the standard errors.
    notes
        What a reader should know.
    """

    regressor: str
    response: str
    estimate: float
    std_error: float
    df: float
    speed: float | None
    speed_se: float | None
    half_life: float | None
    mean_lag: float | None
    median_lag: int | None
    inverse_roots: tuple[float, ...]
    rule: str
    convention: str
    notes: tuple[str, ...]

    @property
    def statistic(self) -> float:
        """The multiplier divided by its standard error."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return float(np.float64(self.estimate) / np.float64(self.std_error))

    @property
    def p_value(self) -> float:
        """Two-sided p value of no long-run effect."""
        return float(2 * student.sf(abs(self.statistic), self.df))

    def conf_int(self, level: float = 0.95) -> tuple[float, float]:
        """Return a confidence interval.

        Parameters
        ----------
        level
            Between 0 and 1.

        Returns
        -------
        tuple of float
            Its lower and upper end.
        """
        half = float(student.ppf(0.5 + check_level(level) / 2, self.df)) * self.std_error
        return self.estimate - half, self.estimate + half

    def note(self) -> str:
        """State how the number was computed and under which convention.

        Returns
        -------
        str
            One line.
        """
        return f"{self.rule}; delta method; {self.convention}"

    def tidy(self, level: float = 0.95) -> pd.DataFrame:
        """Return the multiplier as one row.

        Parameters
        ----------
        level
            Of the confidence interval.

        Returns
        -------
        DataFrame
            Columns ``term``, ``estimate``, ``std_error``, ``statistic``, ``p_value``, ``conf_low``, ``conf_high``.
        """
        low, high = self.conf_int(level)
        row = {"term": self.regressor, "estimate": self.estimate, "std_error": self.std_error}
        row |= {"statistic": self.statistic, "p_value": self.p_value, "conf_low": low, "conf_high": high}
        return pd.DataFrame([row])

    def summary(self) -> str:
        """Describe the multiplier in plain text.

        Returns
        -------
        str
            A few lines.
        """
        low, high = self.conf_int()
        lines = [
            f"Long-run multiplier of {self.regressor} on {self.response}",
            f"estimate {self.estimate:.6g}, std. error {self.std_error:.6g}, 95 % from {low:.6g} to {high:.6g}",
            f"t {self.statistic:.4g} with {self.df:.4g} df, p {self.p_value:.4g}",
        ]
        if self.speed is not None:
            lines.append(f"speed of adjustment {self.speed:.6g} (std. error {self.speed_se:.6g})")
        periods = {"half-life": self.half_life, "mean lag": self.mean_lag, "median lag": self.median_lag}
        shown = [f"{name} {value:.4g}" for name, value in periods.items() if value is not None]
        if shown:
            lines.append(f"in periods: {', '.join(shown)}")
        lines.append(f"Computed as {self.rule}, by the delta method")
        lines.append(f"Standard errors: {self.convention}")
        return "\n".join([*lines, *(f"Note: {note}" for note in self.notes)])

    def __repr__(self) -> str:
        """Show what the object is."""
        return (
            f"<LongRun of {self.regressor} on {self.response}: {self.estimate:.6g} (std. error {self.std_error:.6g})>"
        )

    def __str__(self) -> str:
        """Return the summary."""
        return self.summary()


def long_run(m: PanelResults, x: str) -> LongRun:
    """Compute the long-run multiplier of a regressor in a dynamic model.

    The effect of a lasting change of one unit once all lags have worked through: the sum of the regressor's
    coefficients over one less the sum of those of the lagged response. Distributed lags with gaps, differences among
    the regressors and error-correction forms (response ``diff(y)``, regressors ``lag(y)``, ``diff(x)``, ``lag(x)``) are
    read as what they are, so that equivalent models give the same number and standard error.

    Parameters
    ----------
    m
        A linear model with a lag of its response, or lags of the regressor.
    x
        A column (``"x1"``) or a term without lag (``"log(x1)"``, ``"diff(x1)"``).

    Returns
    -------
    LongRun
        The multiplier with its standard error under the convention ``m`` carries, and how fast it arrives.

    Raises
    ------
    ArgumentError
        If ``m`` is no fitted model.
    EstimationError
        If there is no multiplier: a static model, a response that is not stationary, a regressor that is in the model
        only as differences, categories or part of an interaction.

    Notes
    -----
    With ``A(L) y = B(L) x + ...`` the multiplier is ``B(1) / A(1)``, and its standard error follows by the delta
    method; Bewley (1979) estimates the same by instrumental variables. Mean and median lag as in De Boef and Keele
    (2008). The interval is symmetric, which is a rough approximation where ``A(1)`` is near zero; a note then says so.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from govdata import stats
    >>> rng = np.random.default_rng(3)
    >>> rows = []
    >>> for unit in range(20):
    ...     y = 0.0
    ...     for year in range(1980, 2020):
    ...         x = rng.normal()
    ...         y = 0.5 * y + x + rng.normal()
    ...         rows.append((unit, year, y, x))
    >>> data = pd.DataFrame(rows, columns=["iso3", "year", "y", "x"])
    >>> found = long_run(stats.ols("y ~ lag(y) + x + lag(x) | iso3", data), "x")
    >>> found.rule
    '(b[x] + b[lag(x, 1)]) / (1 - b[lag(y, 1)])'
    >>> bool(abs(found.estimate - 2) < 4 * found.std_error)
    True
    """
    check_model(m)
    form = lag_form(m, x, quantity="the long-run multiplier")
    a, b = form.a, form.b
    own = np.array([part.powers.sum() for part in form.own])
    others = np.array([part.powers.sum() for part in form.others])
    if not others.any():
        raise EstimationError(
            f"{form.regressor} is in the model only as differences, so by construction a lasting change in it has no "
            f"lasting effect; ask for {form.others[0].term!r}, or add a lag of {form.regressor}"
        )
    if delay := form.static:
        raise EstimationError(f"{delay}, and there is no long-run multiplier beyond its coefficient")
    roots = form.inverse_roots
    if roots.size and roots[0] >= 1:
        listed = ", ".join(f"{1 / root:.4g}" for root in roots if root >= 1)
        raise EstimationError(
            f"there is no long-run multiplier: the lag polynomial of {form.response} has roots inside the unit circle "
            f"(modulus {listed}; outside, above 1, is expected), so an effect never dies out"
        )
    total, gap = float(b.sum()), float(a.sum())
    level = 0.95
    gradient = np.concatenate([total / gap**2 * own, others / gap])[None, :]
    found = contrast(m, form.used, np.array([total / gap]), gradient, level, "long-run multiplier")
    notes = [*form.notes, *found.notes]
    speed = None
    if form.own:
        positions = [part.position for part in form.own]
        speed = contrast(m, positions, np.array([gap]), -own[None, :], level, "speed of adjustment")
        notes += _doubts(m, form, gap=(float(speed.low[0]), float(speed.high[0])))
    mean, median = _delays(a, b)
    if mean is None:
        notes.append("effects of single periods differ in sign, so mean and median lag say nothing and are left out")
    return LongRun(
        regressor=form.regressor,
        response=form.response,
        estimate=total / gap,
        std_error=float(found.std_error[0]),
        df=found.df,
        speed=None if speed is None else gap,
        speed_se=None if speed is None else float(speed.std_error[0]),
        half_life=float(np.log(0.5) / np.log(roots[0])) if speed is not None and roots[0] > 0 else None,
        mean_lag=mean,
        median_lag=median,
        inverse_roots=tuple(roots.tolist()),
        rule=_rule(form),
        convention=m.note(),
        notes=tuple(notes),
    )


def _doubts(m: PanelResults, form: LagForm, gap: tuple[float, float]) -> list[str]:
    """Say what makes the numbers less sure than they look."""
    notes = []
    if gap[0] <= 0 <= gap[1]:
        notes.append(
            f"the 95 % interval of the speed of adjustment holds 0 ({gap[0]:.4g} to {gap[1]:.4g}): {form.response} may "
            "have a unit root, and the symmetric interval of the multiplier is then a poor approximation"
        )
    unit = m.design.unit
    if unit is not None and unit.name in m.effects and m.nobs < SHORT * len(unit.levels):
        notes.append(
            f"unit effects with a lagged response: its coefficient is biased by an order of 1/T (Nickell 1981), and T "
            f"is {m.nobs / len(unit.levels):.3g} on average"
        )
    return notes


def _rule(form: LagForm) -> str:
    above = _sum([(part.term, float(part.powers.sum())) for part in form.others])
    below = _sum([(part.term, -float(part.powers.sum())) for part in form.own], first=float(form.left.sum()))
    return f"({above}) / ({below})" if form.own else above


def _sum(parts: list[tuple[str, float]], first: float = 0.0) -> str:
    text = f"{first:g}" if first else ""
    for term, weight in parts:
        if weight:
            size = "" if abs(weight) == 1 else f"{abs(weight):g}*"
            sign = (" - " if text else "-") if weight < 0 else (" + " if text else "")
            text += f"{sign}{size}b[{term}]"
    return text


def _delays(a: FloatArray, b: FloatArray) -> tuple[float | None, int | None]:
    """Mean and median of the delay, where the effects of single periods have one sign and so can be shares."""
    from scipy.signal import lfilter

    pulse = np.zeros(LONGEST)
    pulse[0] = 1.0
    shares = lfilter(b, a, pulse) / (b.sum() / a.sum())
    if np.min(shares) < -1e-12 * np.max(np.abs(shares)):
        return None, None
    mean = float(np.arange(len(b)) @ b / b.sum() - np.arange(len(a)) @ a / a.sum())
    reached = np.flatnonzero(np.cumsum(shares) >= 0.5 - 1e-12)
    return mean, int(reached[0]) if reached.size else None
