"""What a test says: one record for every test of this package."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pandas as pd

__all__ = ["TestResult"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TestResult:
    """The result of a test, with everything a reader needs to judge it.

    Attributes
    ----------
    name
        Of the test, with the variant that was computed.
    statistic
        The test statistic.
    distribution
        Under the null hypothesis: ``"chi2(2)"``, ``"F(1, 188)"``, ``"N(0,1)"``, or words where it is tabulated.
    df
        Degrees of freedom; empty where the distribution has none.
    p_value
        None where the tables end before it; a note then says on which side.
    null, alternative
        The two hypotheses, in words.
    nobs
        Rows the statistic rests on.
    n_units
        Units they belong to.
    periods
        Rows a unit: smallest, mean and largest number.
    notes
        What a reader should know; often empty.
    source
        Who proposed the test, and in which form it is computed.
    details
        The parts of the statistic, one row each: coefficients, pairs of units or series. Empty where there are none.
    """

    __test__ = False  # the class is named after what it holds; pytest is not to collect it

    name: str
    statistic: float
    distribution: str
    df: tuple[float, ...]
    p_value: float | None
    null: str
    alternative: str
    nobs: int
    n_units: int
    periods: tuple[int, float, int]
    notes: tuple[str, ...] = ()
    source: str = ""
    details: pd.DataFrame = field(default_factory=pd.DataFrame)

    def to_frame(self) -> pd.DataFrame:
        """Return the test in one row, so that several can be stacked.

        Returns
        -------
        DataFrame
            Columns ``test``, ``statistic``, ``distribution``, ``p_value``, ``null``, ``alternative``, ``nobs``,
            ``n_units``, ``t_min``, ``t_mean``, ``t_max`` and ``notes``.
        """
        smallest, mean, largest = self.periods
        row: dict[str, Any] = {
            "test": self.name,
            "statistic": self.statistic,
            "distribution": self.distribution,
            "p_value": float("nan") if self.p_value is None else self.p_value,
            "null": self.null,
            "alternative": self.alternative,
            "nobs": self.nobs,
            "n_units": self.n_units,
            "t_min": smallest,
            "t_mean": mean,
            "t_max": largest,
            "notes": "; ".join(self.notes),
        }
        return pd.DataFrame([row])

    def summary(self) -> str:
        """Describe the test in plain text.

        Returns
        -------
        str
            Statistic, distribution and p value, the hypotheses, the sample and the notes.
        """
        smallest, mean, largest = self.periods
        p_value = "p outside the tables" if self.p_value is None else f"p {_p(self.p_value)}"
        lines = [
            self.name,
            f"Statistic {self.statistic:.6g}; {self.distribution}; {p_value}",
            f"Null hypothesis: {self.null}",
            f"Alternative: {self.alternative}",
            f"N {self.nobs}; units {self.n_units}; T {smallest} / {mean:.1f} / {largest} (min / mean / max)",
        ]
        lines += [f"Note: {note}" for note in self.notes]
        if self.source:
            lines.append(f"Source: {self.source}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        p_value = "outside the tables" if self.p_value is None else _p(self.p_value)
        return f"<TestResult {self.name!r}: {self.statistic:.6g}, {self.distribution}, p {p_value}>"

    def __str__(self) -> str:
        return self.summary()


def _p(value: float) -> str:
    # what is too small for a number is still not nothing
    return f"= {value:.4g}" if value > 0 else "< 1e-300"
