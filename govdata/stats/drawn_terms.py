"""Terms of a formula on drawn columns, for all draws at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from govdata.errors import EstimationError
from govdata.stats.drawn_columns import DrawnColumns
from govdata.stats.formula import Call, Categories, Factor, Name, name_of, term_label
from govdata.stats.keys import FloatArray, IntArray, Keys, encode, numeric, shift_positions

if TYPE_CHECKING:
    from govdata.stats.design import Design

__all__ = ["TermsOverDraws"]


class TermsOverDraws:
    """Response and regressors of a sample, evaluated on drawn columns.

    Parameters
    ----------
    design
        The sample, built on one draw.
    drawn
        The columns.
    """

    def __init__(self, design: Design, drawn: DrawnColumns) -> None:
        self.design = design
        self.drawn = drawn.varying
        self.labels = drawn.draws
        self.keys = Keys(
            None if design.unit is None else encode(design.frame[design.unit.name], design.unit.name),
            None if design.time is None else encode(design.frame[design.time.name], design.time.name),
        )
        self.all_rows = np.arange(len(design.frame))
        self.positions: dict[int, IntArray] = {}
        self.fixed: dict[str, FloatArray] = {}
        self.response = self._depends(design.formula.response)
        self.terms = {
            design.names.index(term_label(term)): term
            for term in design.formula.terms
            if any(self._depends(factor) for factor in term) and term_label(term) in design.names
        }

    @staticmethod
    def possible(design: Design, drawn: DrawnColumns) -> bool:
        """Say whether the drawn columns are numbers, and not categories or effects.

        Parameters
        ----------
        design, drawn
            As for the class.

        Returns
        -------
        bool
            Whether the terms can be evaluated for all draws at once.
        """
        columns = drawn.varying
        if any(values.dtype == object for values in columns.values()):
            return False
        if any(effect.column in columns for effect in design.formula.effects):
            return False
        for term in design.formula.terms:
            touched = [name_of(factor).column in columns for factor in term]
            if any(touched) and any(isinstance(factor, Categories) for factor in term):
                return False
        return True

    def _depends(self, factor: Factor) -> bool:
        return name_of(factor).column in self.drawn

    def y(self, draws: slice) -> FloatArray:
        """Evaluate the response.

        Parameters
        ----------
        draws
            Which.

        Returns
        -------
        ndarray
            Rows of the sample x draws.
        """
        return self._factor(self.design.formula.response, self.design.rows, draws)

    def x(self, column: int, draws: slice) -> FloatArray:
        """Evaluate a regressor.

        Parameters
        ----------
        column
            Its place in the design.
        draws
            Which.

        Returns
        -------
        ndarray
            Rows of the sample x draws.
        """
        found = np.ones((len(self.design.rows), 1))
        for factor in self.terms[column]:
            assert not isinstance(factor, Categories)  # noqa: S101 -- possible() has told
            found = found * self._factor(factor, self.design.rows, draws)
        return found

    def _factor(self, factor: Name | Call, rows: IntArray, draws: slice) -> FloatArray:
        if isinstance(factor, Name):
            if factor.column in self.drawn:
                some = self.drawn[factor.column][:, draws]
                found: FloatArray = some if np.array_equal(rows, self.all_rows) else some[rows]
                return found
            if factor.column not in self.fixed:
                self.fixed[factor.column] = numeric(self.design.frame[factor.column], factor.column)
            return self.fixed[factor.column][rows][:, None]
        if factor.function == "log":
            inner = self._factor(factor.argument, rows, draws)
            if (inner <= 0).any():
                draw = int(np.flatnonzero((inner <= 0).any(axis=0))[0]) + draws.start
                raise EstimationError(f"{factor}: {factor.argument} is zero or negative in draw {self.labels[draw]}")
            return np.log(inner)
        steps = -factor.steps if factor.function == "lead" else factor.steps
        if steps not in self.positions:
            self.positions[steps] = shift_positions(self.keys, steps)
        shifted = self._factor(factor.argument, self.positions[steps][rows], draws)
        if factor.function != "diff":
            return shifted
        return self._factor(factor.argument, rows, draws) - shifted
