"""Impulse responses: the effect of a change in a regressor, period by period."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from govdata.errors import ArgumentError, EstimationError
from govdata.stats.contrast import Contrast, check_level, check_model, contrast
from govdata.stats.keys import FloatArray, IntArray
from govdata.stats.lagged import LagForm, lag_form
from govdata.stats.results import PanelResults

__all__ = ["ImpulseResponse", "impulse_response"]

MAX_HORIZON = 1000
MIN_REPS, MAX_REPS = 100, 1_000_000
BEYOND = 1e290
"""Responses whose derivatives reach this cannot be added up in double precision."""
LARGEST = 10_000_000
"""Most numbers a simulation keeps at once."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ImpulseResponse:
    """What a change in a regressor does to the response, period by period.

    Made by :func:`impulse_response`. All arrays have one value a period, from 0 to the horizon.

    Attributes
    ----------
    regressor, response
        The two series, as a formula writes them.
    horizon
        Periods since the change.
    effect, effect_se, effect_p, effect_low, effect_high
        Response to a pulse, which is one unit more in period 0 alone; its standard error, p value and interval.
    cumulative, cumulative_se, cumulative_p, cumulative_low, cumulative_high
        The sum of these so far, which is the response to a step: one unit more from period 0 on.
    level
        Of the intervals, which hold for each period by itself.
    df
        Degrees of freedom of the t distribution.
    method
        How intervals were made.
    convention
        The convention of the standard errors.
    notes
        What a reader should know.
    """

    regressor: str
    response: str
    horizon: IntArray
    effect: FloatArray
    effect_se: FloatArray
    effect_p: FloatArray
    effect_low: FloatArray
    effect_high: FloatArray
    cumulative: FloatArray
    cumulative_se: FloatArray
    cumulative_p: FloatArray
    cumulative_low: FloatArray
    cumulative_high: FloatArray
    level: float
    df: float
    method: str
    convention: str
    notes: tuple[str, ...]

    def note(self) -> str:
        """State how the intervals were made and under which convention.

        Returns
        -------
        str
            One line.
        """
        return f"{self.method}; {self.convention}"

    def to_frame(self) -> pd.DataFrame:
        """Return one row a period.

        Returns
        -------
        DataFrame
            Columns ``horizon``, then ``effect``, ``effect_se``, ``effect_p``, ``effect_low``, ``effect_high`` and the
            same of ``cumulative``.
        """
        names = [f"{kind}{part}" for kind in ("effect", "cumulative") for part in ("", "_se", "_p", "_low", "_high")]
        return pd.DataFrame({name: getattr(self, name).copy() for name in ("horizon", *names)})

    def tidy(self) -> pd.DataFrame:
        """Return one row a shock and period.

        Returns
        -------
        DataFrame
            Columns ``shock`` (``"pulse"`` or ``"step"``), ``horizon``, ``estimate``, ``std_error``, ``p_value``,
            ``conf_low``, ``conf_high``.
        """
        parts = {"": "estimate", "_se": "std_error", "_p": "p_value", "_low": "conf_low", "_high": "conf_high"}
        frames = []
        for shock, kind in (("pulse", "effect"), ("step", "cumulative")):
            columns = {name: getattr(self, f"{kind}{part}") for part, name in parts.items()}
            frames.append(pd.DataFrame({"shock": shock, "horizon": self.horizon, **columns}))
        return pd.concat(frames, ignore_index=True)

    def summary(self) -> str:
        """Describe the responses in plain text.

        Returns
        -------
        str
            A table with one line a period, and the convention.
        """
        interval = f"{100 * self.level:g} % interval"
        head = f"{'period':>6}  {'pulse':>11} {'std. error':>11}  {interval:^25}  {'step':>11} {'std. error':>11}"
        lines = [f"Response of {self.response} to one unit of {self.regressor}", f"{head}  {interval:^25}"]
        for h in self.horizon.tolist():
            line = f"{h:>6}"
            for kind in ("effect", "cumulative"):
                value, error, low, high = (
                    float(getattr(self, f"{kind}{part}")[h]) for part in ("", "_se", "_low", "_high")
                )
                line += f"  {value:>11.5g} {error:>11.5g}  {low:>12.5g} {high:>12.5g}"
            lines.append(line)
        lines += [f"Intervals, each for its own period: {self.method}", f"Standard errors: {self.convention}"]
        return "\n".join([*(line.rstrip() for line in lines), *(f"Note: {note}" for note in self.notes)])

    def __repr__(self) -> str:
        """Show what the object is."""
        last = len(self.horizon) - 1
        return (
            f"<ImpulseResponse of {self.response} to {self.regressor}: periods 0 to {last}, from {self.effect[0]:.4g} "
            f"to {self.effect[-1]:.4g}, cumulative {self.cumulative[-1]:.4g}>"
        )

    def __str__(self) -> str:
        """Return the summary."""
        return self.summary()


class _Path(NamedTuple):
    """Responses with their derivatives by the used coefficients, shape (periods, used)."""

    values: FloatArray
    gradient: FloatArray


def impulse_response(
    m: PanelResults,
    x: str,
    horizon: int = 10,
    *,
    level: float = 0.95,
    reps: int | None = None,
    seed: int | None = None,
) -> ImpulseResponse:
    """Trace the effect of one unit of a regressor over time.

    Both a pulse (one unit more in one period) and a step (one unit more for good) are given; the second is the sum of
    the first. The same forms of models are understood as by :func:`govdata.stats.long_run`.

    Parameters
    ----------
    m
        A linear model with a lag of its response, or lags of the regressor.
    x
        A column (``"x1"``) or a term without lag (``"log(x1)"``, ``"diff(x1)"``).
    horizon
        Last period, from 1 to 1000; period 0 is that of the change.
    level
        Of the intervals, between 0 and 1.
    reps
        Left out: intervals from the delta method. A number from 100 to 1,000,000: intervals from the percentiles of
        so many draws of the coefficients from the normal distribution with the model's covariance. Standard errors
        and p values stay those of the delta method.
    seed
        Of the draws; needed with ``reps``, so that equal calls give equal digits.

    Returns
    -------
    ImpulseResponse
        Effects by period, with standard errors under the convention ``m`` carries.

    Raises
    ------
    ArgumentError
        If ``m`` is no fitted model, or an option has a form it cannot have.
    EstimationError
        If the model is static, or the regressor is in it only as categories or part of an interaction.

    Notes
    -----
    With ``A(L) y = B(L) x + ...`` the responses are the coefficients of ``B(L) / A(L)``. Their derivatives are again
    coefficients of such quotients, so standard errors are exact derivatives in the sense of the delta method
    (Lutkepohl 1990), not numerical ones. Simulation as in King, Tomz and Wittenberg (2000).

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
    >>> found = impulse_response(stats.ols("y ~ lag(y) + x | iso3", data), "x", horizon=3)
    >>> found.to_frame()["effect"].round(1).tolist()
    [1.0, 0.5, 0.2, 0.1]
    """
    check_model(m)
    level = check_level(level)
    _whole("horizon", horizon, 1, MAX_HORIZON)
    form = lag_form(m, x, quantity="an impulse response")
    if delay := form.static:
        raise EstimationError(f"{delay}, and nothing follows that could be traced")
    pulse = _pulse(form, horizon + 1)
    step = _Path(np.cumsum(pulse.values), np.cumsum(pulse.gradient, axis=0))
    one, two = (contrast(m, form.used, *path, level, "impulse response") for path in (pulse, step))
    ends = [(one.low, one.high), (two.low, two.high)]
    method = f"delta method, t with {one.df:g} df"
    if reps is not None:
        ends = _simulate(m, form, one, horizon + 1, level, _whole("reps", reps, MIN_REPS, MAX_REPS), seed)
        method = f"percentiles of {reps:,} draws of the coefficients (normal, seed {seed})"
    elif seed is not None:
        raise ArgumentError("seed= is given without reps=, the number of draws; the delta method draws nothing")
    notes = [*form.notes, *one.notes]
    roots = form.inverse_roots
    if roots.size and roots[0] >= 1:
        notes.append(
            f"the lag polynomial of {form.response} has a root inside the unit circle (modulus {1 / roots[0]:.4g}), so "
            "effects do not die out and there is no long-run multiplier"
        )
    return ImpulseResponse(
        form.regressor,
        form.response,
        np.arange(horizon + 1, dtype=np.int64),
        *(one.estimate, one.std_error, one.p_value, *ends[0]),
        *(two.estimate, two.std_error, two.p_value, *ends[1]),
        level=level,
        df=one.df,
        method=method,
        convention=m.note(),
        notes=tuple(notes),
    )


def _whole(name: str, value: object, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or not low <= value <= high:
        raise ArgumentError(f"{name} is a whole number from {low:,} to {high:,}, not {value!r}")
    return int(value)


def _pulse(form: LagForm, periods: int) -> _Path:
    """Coefficients of B/A, and their derivatives: lags of 1/A for B's coefficients, lags of B/A^2 for A's."""
    from scipy.signal import lfilter

    unit = np.zeros(periods)
    unit[0] = 1.0
    values = lfilter(form.b, form.a, unit)
    own = [lfilter(part.powers, form.a, values) for part in form.own]
    others = [lfilter(part.powers, form.a, unit) for part in form.others]
    gradient = np.column_stack([*own, *others])
    if not np.abs(gradient).max() < BEYOND:  # also where it is no number
        raise EstimationError("the responses grow beyond all numbers within the horizon; ask for a shorter one")
    return _Path(values, gradient)


def _simulate(
    m: PanelResults, form: LagForm, found: Contrast, periods: int, level: float, reps: int, seed: object
) -> list[tuple[FloatArray, FloatArray]]:
    """Draw coefficients and return the percentiles of the responses to a pulse and to a step."""
    if seed is None:
        raise ArgumentError("reps= needs seed=, a whole number, so that equal calls give equal digits")
    start = _whole("seed", seed, 0, 2**63 - 1)
    if reps * periods > LARGEST:
        raise ArgumentError(
            f"{reps:,} draws of {periods:,} periods are too many to keep; at most {LARGEST // periods:,}"
        )
    used = list(form.used)
    values, vectors = np.linalg.eigh(m.covariance.matrix[np.ix_(used, used)])
    if values[0] < -1e-10 * values[-1]:
        raise EstimationError(
            "the covariance under this convention is not positive semi-definite, so no coefficients can be drawn from "
            "it; leave out reps="
        )
    # The sign of an eigenvector is arbitrary; fix it, so that draws do not depend on the linear algebra library.
    vectors = vectors * np.where(vectors[np.argmax(np.abs(vectors), axis=0), np.arange(len(used))] < 0, -1.0, 1.0)
    normal = np.random.default_rng(start).standard_normal((reps, len(used)))
    drawn = np.tile(form.params, (reps, 1))
    drawn[:, used] += normal @ (vectors * np.sqrt(np.maximum(values, 0.0))).T
    a, b = form.polynomials(drawn)
    pulse = np.zeros((reps, len(found.estimate)))
    for h in range(periods):
        if h < b.shape[1]:
            pulse[:, h] = b[:, h]
        for k in range(1, min(h, a.shape[1] - 1) + 1):
            pulse[:, h] -= a[:, k] * pulse[:, h - k]
    share = [0.5 - level / 2, 0.5 + level / 2]
    ends = [np.quantile(paths, share, axis=0) for paths in (pulse, np.cumsum(pulse, axis=1))]
    return [(low, high) for low, high in ends]
