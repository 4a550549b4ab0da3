"""Marginal effects in models with interactions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from govdata.errors import EstimationError, nearest
from govdata.stats.contrast import Contrast, check_level, check_model, contrast
from govdata.stats.formula import Categories
from govdata.stats.keys import Codes, FloatArray
from govdata.stats.moderation import Moderator, Products
from govdata.stats.results import PanelResults

__all__ = ["Interaction", "interaction"]

GRID = 50
Values = tuple[float | int | str, ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Interaction:
    """The marginal effect of a regressor at values of another.

    Made by :func:`interaction`.

    Attributes
    ----------
    regressor, moderator_name, response
        Whose effect, over what, on what.
    at
        Values of the moderator.
    estimate, std_error, p_value, conf_low, conf_high
        The effect at each of them, with pointwise inference.
    moderator
        Values of the moderator in the estimation sample, one a row, for a histogram.
    share_significant
        Share of the sample's rows at whose moderator value the interval excludes zero.
    level
        Of the intervals.
    df
        Degrees of freedom of the t distribution.
    convention
        The convention of the standard errors.
    notes
        What a reader should know.
    """

    regressor: str
    moderator_name: str
    response: str
    at: Values
    estimate: FloatArray
    std_error: FloatArray
    p_value: FloatArray
    conf_low: FloatArray
    conf_high: FloatArray
    moderator: Values
    share_significant: float
    level: float
    df: float
    convention: str
    notes: tuple[str, ...]

    @property
    def categorical(self) -> bool:
        """Whether the moderator is a set of categories."""
        return not isinstance(self.moderator[0], float)

    @property
    def excludes_zero(self) -> tuple[bool, ...]:
        """Whether the interval at each value excludes zero."""
        return tuple(((self.conf_low > 0) | (self.conf_high < 0)).tolist())

    def note(self) -> str:
        """State how the intervals were made and under which convention.

        Returns
        -------
        str
            One line.
        """
        return f"delta method, pointwise; {self.convention}"

    def to_frame(self) -> pd.DataFrame:
        """Return one row a value of the moderator.

        Returns
        -------
        DataFrame
            A column with the moderator's name, then ``estimate``, ``std_error``, ``p_value``, ``conf_low``,
            ``conf_high`` and ``excludes_zero``.
        """
        columns = {name: getattr(self, name).copy() for name in ("estimate", "std_error", "p_value")}
        columns |= {"conf_low": self.conf_low.copy(), "conf_high": self.conf_high.copy()}
        return pd.DataFrame({self.moderator_name: list(self.at), **columns, "excludes_zero": self.excludes_zero})

    def tidy(self) -> pd.DataFrame:
        """Return one row a value of the moderator under names that are the same for every moderator.

        Returns
        -------
        DataFrame
            Columns ``term``, ``moderator``, ``value``, ``estimate``, ``std_error``, ``p_value``, ``conf_low``,
            ``conf_high``.
        """
        frame = self.to_frame().drop(columns="excludes_zero").rename(columns={self.moderator_name: "value"})
        frame.insert(0, "moderator", self.moderator_name)
        frame.insert(0, "term", self.regressor)
        return frame

    def summary(self) -> str:
        """Describe the effect in plain text.

        Returns
        -------
        str
            At most eleven values of the moderator, and the convention.
        """
        shown = np.unique(np.linspace(0, len(self.at) - 1, min(len(self.at), 11)).round().astype(int)).tolist()
        labels = [f"{self.at[i]:.5g}" if isinstance(self.at[i], float) else str(self.at[i]) for i in shown]
        width = max(len(self.moderator_name), *(len(label) for label in labels))
        interval = f"{100 * self.level:g} % interval"
        lines = [
            f"Marginal effect of {self.regressor} on {self.response} at values of {self.moderator_name}",
            f"{self.moderator_name:>{width}}  {'estimate':>11} {'std. error':>11}  {interval:^25}",
        ]
        for label, i in zip(labels, shown, strict=True):
            numbers = f"{self.estimate[i]:>11.5g} {self.std_error[i]:>11.5g}"
            ends = f"{self.conf_low[i]:>12.5g} {self.conf_high[i]:>12.5g}"
            lines.append(f"{label:>{width}}  {numbers}  {ends}")
        lines.append(f"The interval excludes zero at {100 * self.share_significant:.3g} % of the sample's rows")
        lines.append(f"Standard errors: {self.note()}")
        return "\n".join([*(line.rstrip() for line in lines), *(f"Note: {note}" for note in self.notes)])

    def __repr__(self) -> str:
        """Show what the object is."""
        first, last = (f"{end:.4g}" if isinstance(end, float) else str(end) for end in (self.at[0], self.at[-1]))
        return (
            f"<Interaction: effect of {self.regressor} over {self.moderator_name}, {self.estimate[0]:.4g} at {first} "
            f"to {self.estimate[-1]:.4g} at {last}; excludes zero at {100 * self.share_significant:.3g} % of rows>"
        )

    def __str__(self) -> str:
        """Return the summary."""
        return self.summary()


def interaction(
    m: PanelResults,
    x: str,
    z: str,
    at: Sequence[float] | Sequence[str] | None = None,
    *,
    level: float = 0.95,
) -> Interaction:
    """Compute the marginal effect of a regressor over the range of the one it interacts with.

    Parameters
    ----------
    m
        A model with a product of the two, such as ``"y ~ x1*z"``, ``"y ~ x1 + x1:log(z)"`` or ``"y ~ x1*C(z)"``.
    x
        The regressor whose effect is wanted: a column, or a term such as ``"lag(x1, 1)"``.
    z
        The moderator: a column, or a factor of the formula such as ``"lag(z, 1)"``.
    at
        Values of the moderator. Left out: 50 points from its smallest to its largest value in the sample; its two
        values where it has only two; its levels where it is ``C()``.
    level
        Of the intervals, between 0 and 1.

    Returns
    -------
    Interaction
        The effect with its standard error under the convention ``m`` carries, and the sample's moderator values.

    Raises
    ------
    ArgumentError
        If ``m`` is no fitted model.
    EstimationError
        If the model holds no such product, the effect depends on a product of more than two factors, or the effect of
        ``x`` itself is absorbed, so that only its change with ``z`` is known.

    Notes
    -----
    The effect is the derivative of the linear predictor by ``x``, other regressors held fixed; its variance follows
    from the covariance of all coefficients involved (Brambor, Clark and Golder 2006). Where ``x`` also interacts with a
    third variable, that one is held at its sample mean, and a note says so.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from govdata import stats
    >>> rng = np.random.default_rng(5)
    >>> data = pd.DataFrame(rng.normal(size=(400, 3)), columns=["x", "z", "e"])
    >>> data["y"] = data["x"] + 2 * data["x"] * data["z"] + data["e"]
    >>> found = interaction(stats.ols("y ~ x*z", data), "x", "z", at=[-1.0, 0.0, 1.0])
    >>> found.estimate.round().tolist()
    [-1.0, 1.0, 3.0]
    >>> found.excludes_zero
    (True, True, True)
    """
    check_model(m)
    level = check_level(level)
    products = Products(m, x)
    moderator = products.moderator(z)
    notes: list[str] = []
    if not getattr(m, "linear", True):
        notes.append(f"the model is not linear; effects are on its linear index, not on {m.response} itself")
    notes += products.doubts(moderator)
    values: Values
    sample: Values
    if isinstance(moderator.axis, Categories):
        codes = products.categories(moderator.axis)
        where = _levels(codes, at, moderator.name)
        observed = codes.codes.astype(np.float64)
        values = tuple(codes.levels[code] for code in where)
        sample = tuple(codes.levels[code] for code in codes.codes.tolist())
        grid = np.array(where, dtype=np.float64)
    else:
        observed = products.values(moderator.axis)
        grid = _grid(observed, at, moderator.name, notes)
        values, sample = tuple(grid.tolist()), tuple(observed.tolist())
    found, rows = (_effect(m, products, moderator, points, level) for points in (grid, observed))
    return Interaction(
        regressor=str(products.x),
        moderator_name=moderator.name,
        response=m.response,
        at=values,
        estimate=found.estimate,
        std_error=found.std_error,
        p_value=found.p_value,
        conf_low=found.low,
        conf_high=found.high,
        moderator=sample,
        share_significant=float(np.mean((rows.low > 0) | (rows.high < 0))),
        level=level,
        df=found.df,
        convention=m.note(),
        notes=(*notes, *found.notes),
    )


def _effect(m: PanelResults, products: Products, moderator: Moderator, at: FloatArray, level: float) -> Contrast:
    used, gradient = products.gradient(moderator, at)
    estimate = gradient @ m.params.to_numpy(dtype=np.float64)[used]
    return contrast(m, used, estimate, gradient, level, "marginal effect")


def _grid(observed: FloatArray, at: object, name: str, notes: list[str]) -> FloatArray:
    """Values of a number: those asked for, both of two, or an even grid over its range."""
    low, high = float(observed.min()), float(observed.max())
    if at is None:
        found = np.unique(observed)
        return found if len(found) <= 2 else np.linspace(low, high, GRID)
    given = _listed(at)
    if not given or any(isinstance(v, (bool, np.bool_)) or not isinstance(v, (int, float, np.number)) for v in given):
        raise EstimationError(f"at is a number or a list of numbers, values of {name}, not {at!r}")
    try:
        values = np.array(given, dtype=np.float64)
    except OverflowError:
        raise EstimationError("at holds a value too large for a number, such as 1e400") from None
    if not np.isfinite(values).all():
        raise EstimationError(f"at holds a value that is missing or infinite: {at!r}")
    outside = values[(values < low) | (values > high)]
    if outside.size:
        listed = ", ".join(f"{value:g}" for value in outside[:5]) + (", ..." if outside.size > 5 else "")
        notes.append(f"{name} runs from {low:.6g} to {high:.6g} in the sample; {listed} lies outside: extrapolation")
    return values


def _levels(codes: Codes, at: object, name: str) -> list[int]:
    """Codes of the categories asked for; all where none is named."""
    if at is None:
        return list(range(len(codes.levels)))
    texts = [str(level) for level in codes.levels]
    found = []
    for value in _listed(at):
        if str(value) not in texts:
            raise EstimationError(
                f"{value!r} is no level of {name} in the sample{nearest(str(value), texts)}; there are "
                f"{', '.join(texts[:8])}{', ...' if len(texts) > 8 else ''}"
            )
        found.append(texts.index(str(value)))
    if not found:
        raise EstimationError(f"at is empty; name levels of {name}")
    return found


def _listed(at: object) -> list[object]:
    if isinstance(at, (list, tuple, range, np.ndarray, pd.Series, pd.Index)):
        return list(at)
    return [at]
