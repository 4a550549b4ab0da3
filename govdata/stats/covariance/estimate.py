"""What a covariance is computed from, and what it is when it is there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from govdata.stats.covariance.naming import Vcov

if TYPE_CHECKING:
    from govdata.stats.keys import Codes, FloatArray

__all__ = ["Covariance", "Estimated", "Inference", "Sample"]


class Estimated(Protocol):
    """What every fit offers: linear or not."""

    @property
    def params(self) -> FloatArray:
        """Coefficients."""

    @property
    def resid(self) -> FloatArray:
        """Responses less what the model expects."""

    @property
    def linear(self) -> bool:
        """Whether the fit is one of least squares."""

    @property
    def nobs(self) -> int:
        """How many rows."""

    @property
    def slopes(self) -> int:
        """How many coefficients besides the constant."""

    @property
    def rank(self) -> int:
        """How many parameters in all, effects included."""

    @property
    def contributions(self) -> FloatArray:
        """What each row contributes to the error of the coefficients."""

    def classical(self, parameters: int) -> FloatArray:
        """Return the covariance the model itself implies."""


class Sample(Protocol):
    """What a covariance needs to know of the estimation sample."""

    @property
    def effects(self) -> tuple[Codes, ...]:
        """The absorbed columns."""

    @property
    def unit(self) -> Codes | None:
        """Unit of each row."""

    @property
    def time(self) -> Codes | None:
        """Time of each row."""

    def codes(self, column: str) -> Codes:
        """Return any column as keys of the rows."""


class Inference(Protocol):
    """P values and intervals that do not come from a t distribution."""

    @property
    def pvalues(self) -> FloatArray:
        """One a coefficient."""

    def interval(self, level: float) -> FloatArray:
        """Return lower and upper ends, coefficients x 2."""


@dataclass(frozen=True, slots=True)
class Covariance:
    """A covariance matrix and the convention behind it.

    Attributes
    ----------
    matrix
        Of the coefficients.
    vcov
        What was asked for.
    clusters
        How many clusters, by column.
    k_star
        The parameters counted; None where the convention has no factor.
    t_df
        Degrees of freedom of the t distribution; infinite for the normal. One number, or one a coefficient.
    note
        The convention in one line.
    warnings
        What a reader should know.
    inference
        Where p values and intervals come from a bootstrap.
    """

    matrix: FloatArray
    vcov: Vcov
    clusters: dict[str, int]
    k_star: int | None
    t_df: float | FloatArray
    note: str
    warnings: tuple[str, ...] = ()
    inference: Inference | None = None

    @property
    def dfs(self) -> FloatArray:
        """Degrees of freedom, one a coefficient."""
        found: Any = np.broadcast_to(np.asarray(self.t_df, dtype=np.float64), (len(self.matrix),))
        return np.array(found, dtype=np.float64)


def distribution(df: float) -> str:
    """Name the distribution of the test statistics.

    Parameters
    ----------
    df
        Degrees of freedom; infinite for the normal.

    Returns
    -------
    str
        Such as ``"t with 12 df"``.
    """
    return "normal distribution" if np.isinf(df) else f"t with {df:g} df"
