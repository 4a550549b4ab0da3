"""What a test needs to know of a fitted model, and what it refuses."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import gcd
from typing import Any, Literal

import numpy as np

from govdata.errors import ArgumentError, EstimationError, PanelError, nearest
from govdata.stats.keys import Codes, FloatArray, IntArray
from govdata.stats.solver import Fit, group_sums, least_squares

__all__ = [
    "Sample",
    "Shift",
    "by_unit",
    "calendar",
    "choose",
    "clustered",
    "gaps",
    "is_exact",
    "is_random",
    "listed",
    "periods",
    "pooled_note",
    "previous",
    "require_consecutive",
    "sample_of",
    "step_of",
]

Shift = Literal["time", "row"]

_SHOWN = 5


def choose(label: str, value: object, allowed: tuple[str, ...]) -> str:
    """Check the name of an option.

    Parameters
    ----------
    label
        Of the argument.
    value
        As given.
    allowed
        The valid names.

    Returns
    -------
    str
        The name.

    Raises
    ------
    ArgumentError
        If it is none of them.
    """
    if not (isinstance(value, str) and value in allowed):
        raise ArgumentError(f"{label} is one of {', '.join(allowed)}, not {value!r}{nearest(str(value), allowed)}")
    return value


def listed(values: list[Any]) -> str:
    """Name some values, and say how many more there are.

    Parameters
    ----------
    values
        Units, pairs or times.

    Returns
    -------
    str
        The first five, joined by commas.
    """
    more = [f"{len(values) - _SHOWN} more"] if len(values) > _SHOWN else []
    return ", ".join([*(str(value) for value in values[:_SHOWN]), *more])


def periods(unit: Codes) -> tuple[int, float, int]:
    """Count the rows of a unit.

    Parameters
    ----------
    unit
        Of each row.

    Returns
    -------
    tuple
        The smallest, mean and largest number.
    """
    counts = np.bincount(unit.codes, minlength=len(unit.levels))
    return int(counts.min()), float(len(unit.codes) / len(counts)), int(counts.max())


@dataclass(frozen=True, slots=True)
class Sample:
    """The rows of a fitted model, sorted by unit and then by time.

    Attributes
    ----------
    y, x
        Response and regressors, without a constant, as they stood in the formula.
    names
        Of the columns of ``x``.
    response
        Name of ``y``.
    constant
        Whether the model has a constant, or effects that hold one.
    effects
        The absorbed columns.
    resid
        The model's residuals.
    unit
        Of each row.
    time
        Of each row, where the test needs it.
    """

    y: FloatArray
    x: FloatArray
    names: tuple[str, ...]
    response: str
    constant: bool
    effects: tuple[Codes, ...]
    resid: FloatArray
    unit: Codes
    time: Codes | None

    @property
    def nobs(self) -> int:
        """How many rows there are."""
        return len(self.y)

    @property
    def n_units(self) -> int:
        """How many units there are."""
        return len(self.unit.levels)

    @property
    def sizes(self) -> IntArray:
        """Rows of each unit."""
        return np.bincount(self.unit.codes, minlength=self.n_units).astype(np.int64)

    @property
    def balanced(self) -> bool:
        """Whether every unit has a row at every time."""
        times = None if self.time is None else len(self.time.levels)
        return bool((self.sizes == (self.sizes[0] if times is None else times)).all())

    @property
    def has_unit_effects(self) -> bool:
        """Whether effects of the units are absorbed."""
        return any(_same(effect, self.unit) for effect in self.effects)

    @property
    def other_effects(self) -> tuple[Codes, ...]:
        """Absorbed columns besides the units."""
        return tuple(effect for effect in self.effects if not _same(effect, self.unit))

    @property
    def times(self) -> Codes:
        """Time of each row, for a test that asked for it."""
        if self.time is None:
            raise EstimationError("the test needs the time of a row: fit the model with unit= and time=")
        return self.time

    def refit(self, effects: tuple[Codes, ...]) -> Fit:
        """Fit the same response and regressors with other effects.

        Parameters
        ----------
        effects
            To absorb; none gives pooled least squares.

        Returns
        -------
        Fit
            With a constant wherever the model has one or had effects.
        """
        return least_squares(
            self.y,
            self.x,
            self.names,
            effects,
            intercept=self.constant and not effects,
            response=self.response,
            drop_collinear=False,
        )


def _same(one: Codes, two: Codes) -> bool:
    return len(one.levels) == len(two.levels) and bool((one.codes == two.codes).all())


def sample_of(model: Any, test: str, *, time: bool = True) -> Sample:  # noqa: ANN401 -- any fitted model is looked at
    """Take the sample out of a fitted model, or say why the test cannot use it.

    Parameters
    ----------
    model
        A fitted model.
    test
        What it is wanted for, to begin the message with.
    time
        Whether the times of the rows are needed.

    Returns
    -------
    Sample
        In canonical row order.

    Raises
    ------
    ArgumentError
        If it is no fitted model.
    EstimationError
        If the model is not linear, fits exactly, names no unit or time, or has one unit.
    """
    design, fit = getattr(model, "design", None), getattr(model, "fit", None)
    if design is None or fit is None:
        raise ArgumentError(f"{test} takes a fitted model, such as that of stats.ols, not {type(model).__name__}")
    if not getattr(model, "linear", True):
        raise EstimationError(f"{test} is a test of linear models; this one is not linear")
    estimator = str(getattr(model, "estimator", ""))
    if any(word in estimator.lower() for word in ("between", "first difference", "first-difference")):
        raise EstimationError(
            f"{test} starts from the levels of all rows, which a model of {estimator.lower()} no longer has; "
            "give it the model of stats.ols"
        )
    if design.unit is None:
        raise EstimationError(f"{test} needs to know the unit of a row: fit the model with unit=")
    if time and design.time is None:
        raise EstimationError(f"{test} needs to know the time of a row: fit the model with unit= and time=")
    if len(design.unit.levels) < 2:
        raise EstimationError(f"{test} needs two units or more, and the sample has one")
    if is_exact(fit):
        raise EstimationError(f"{test} is undefined: the model fits exactly, so that its residuals are rounding")
    kept = list(fit.kept)
    return Sample(
        y=design.y,
        x=design.x[:, kept],
        names=tuple(design.names[j] for j in kept),
        response=str(design.formula.response),
        constant=bool(design.intercept or design.effects),
        effects=design.effects,
        resid=fit.resid,
        unit=design.unit,
        time=design.time if time else None,
    )


def is_exact(fit: object) -> bool:
    """Say whether nothing but rounding is left of the response.

    Parameters
    ----------
    fit
        Of a linear model.

    Returns
    -------
    bool
        As the solver notes it.
    """
    return any("exactly" in note for note in getattr(fit, "notes", ()))


def is_random(model: object) -> bool:
    """Say whether a model has random effects.

    Parameters
    ----------
    model
        A fitted model.

    Returns
    -------
    bool
        By the name of its estimator.
    """
    return "random" in str(getattr(model, "estimator", "OLS")).lower()


def pooled_note(model: object, test: str) -> tuple[str, ...]:
    """Say that a test fits least squares anew to the rows of a model of another estimator.

    Parameters
    ----------
    model
        A fitted model.
    test
        What it fits, such as ``"pooled least squares"``.

    Returns
    -------
    tuple of str
        Empty where the model is one of least squares.
    """
    estimator = str(getattr(model, "estimator", "OLS"))
    if estimator == "OLS":
        return ()
    return (f"computed from {test} of the same response and regressors, not from the residuals of {estimator}",)


def step_of(time: Codes) -> int:
    """Find the calendar step of a panel: one year, or five where every time is a multiple of five years apart.

    Parameters
    ----------
    time
        Of the rows; whole numbers or text.

    Returns
    -------
    int
        The largest step that reaches all times; 1 where times are text.
    """
    if not time.whole or len(time.levels) < 2:
        return 1
    whole = [int(level) for level in time.levels]
    return gcd(*(b - a for a, b in pairwise(whole)))


def calendar(time: Codes, step: int | None = None) -> IntArray:
    """Count the times so that neighbours differ by one.

    Parameters
    ----------
    time
        Of the rows.
    step
        How far neighbours are apart; None finds it.

    Returns
    -------
    ndarray of int
        One a row, from 0.
    """
    if not time.whole:
        return time.codes
    whole = np.array(time.levels, dtype=np.int64)
    found: IntArray = (whole[time.codes] - whole[0]) // (step_of(time) if step is None else step)
    return found


def gaps(unit: Codes, time: Codes) -> list[Any]:
    """Name the units that lack a time between their first and their last.

    Parameters
    ----------
    unit, time
        Of the rows, sorted by unit and then by time.

    Returns
    -------
    list
        Units, in order.
    """
    inside = unit.codes[1:] == unit.codes[:-1]
    broken = inside & (np.diff(calendar(time)) != 1)
    return [unit.levels[code] for code in np.unique(unit.codes[1:][broken]).tolist()]


def previous(unit: IntArray, when: IntArray, shift: str, steps: int = 1) -> IntArray:
    """Find for each row that of the same unit so many times earlier.

    Parameters
    ----------
    unit
        Codes of the rows, sorted by unit and then by time.
    when
        Number of the time of each row, as :func:`calendar` gives it.
    shift
        ``"time"`` for calendar steps, ``"row"`` for the row before, whatever its time.
    steps
        How many back.

    Returns
    -------
    ndarray of int
        Positions; -1 where there is none.
    """
    if shift == "time":
        width = int(when.max()) + 1 + steps
        cell = unit * width + when + steps
        place = np.minimum(np.searchsorted(cell, cell - steps), len(cell) - 1)
        found: IntArray = np.where(cell[place] == cell - steps, place, -1)
        return found
    at = np.arange(len(unit)) - steps
    rows: IntArray = np.where((at >= 0) & (unit[at] == unit), at, -1)
    return rows


def clustered(influence: FloatArray, resid: FloatArray, unit: Codes, se: str, parameters: int) -> FloatArray:
    """Return a covariance matrix clustered by unit.

    Parameters
    ----------
    influence, resid
        Of a fit.
    unit
        Of its rows.
    se
        ``CR0`` no factor, ``CR1`` G/(G-1), ``CRHC1`` N/(N-K), ``CRV1`` G/(G-1) * (N-1)/(N-K).
    parameters
        K.

    Returns
    -------
    ndarray
        Coefficients x coefficients.
    """
    units = unit.subset(np.ones(len(resid), dtype=np.bool_))
    n, groups = len(resid), len(units.levels)
    sums = group_sums(influence * resid[:, None], units.codes, groups)
    factor = {
        "CR0": 1.0,
        "CR1": groups / (groups - 1),
        "CRHC1": n / (n - parameters),
        "CRV1": groups / (groups - 1) * (n - 1) / (n - parameters),
    }[se]
    found: FloatArray = sums.T @ sums * factor
    return found


def require_consecutive(sample: Sample, test: str) -> None:
    """Refuse a panel with gaps.

    Parameters
    ----------
    sample
        Of the model.
    test
        What it is wanted for.

    Raises
    ------
    PanelError
        If a unit lacks a time between its first and its last.
    """
    if broken := gaps(sample.unit, sample.times):
        raise PanelError(
            f"{test} needs consecutive times, but {len(broken)} unit{'s' * (len(broken) > 1)} "
            f"ha{'ve' if len(broken) > 1 else 's'} gaps: {listed(broken)}; leave them out or fill the gaps first"
        )


def by_unit(sample: Sample) -> tuple[FloatArray, FloatArray]:
    """Fit one regression a unit.

    Parameters
    ----------
    sample
        Of the model.

    Returns
    -------
    resid : ndarray
        One a row.
    squares : ndarray
        Residual sum of squares, one a unit.
    """
    resid = np.empty(sample.nobs)
    squares = np.empty(sample.n_units)
    starts = np.searchsorted(sample.unit.codes, np.arange(sample.n_units + 1))
    for code, (first, last) in enumerate(zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True)):
        rows = slice(first, last)
        try:
            fit = least_squares(
                sample.y[rows],
                sample.x[rows],
                sample.names,
                (),
                intercept=sample.constant,
                response=sample.response,
                drop_collinear=False,
            )
        except EstimationError as error:
            raise EstimationError(f"unit {sample.unit.levels[code]} has no regression of its own: {error}") from None
        if is_exact(fit):
            raise EstimationError(
                f"the regression of unit {sample.unit.levels[code]} fits its {last - first} rows exactly, so that it "
                "leaves no residuals; leave the unit out, or take fewer regressors"
            )
        resid[rows] = fit.resid
        squares[code] = fit.rss
    return resid, squares
