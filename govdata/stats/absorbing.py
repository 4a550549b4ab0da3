"""Taking effects out of columns: one effect by its means, a second by what the first leaves of it.

Means are taken out twice. The second time removes what the rounding of the first has left, so that double precision
gives the digits of the column and not of its level. A second effect is solved for in its own levels: the levels that
meet in some level of the first are the nodes of a graph, and what is solved is its Laplacian.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from govdata.stats.coefficients import inverse_root
from govdata.stats.keys import order_of

if TYPE_CHECKING:
    from govdata.stats.keys import Codes, FloatArray, IntArray

__all__ = ["Groups", "Second", "group_sums"]

Columns = npt.NDArray[Any]
"""Of double or extended precision."""

DENSE = 4
"""A table of two effects is stored in full up to so many cells a row."""


def group_sums(values: npt.NDArray[Any], codes: IntArray, n: int) -> npt.NDArray[Any]:
    """Add up rows by group, in the order of the rows.

    Parameters
    ----------
    values
        A matrix.
    codes
        Group of each row.
    n
        How many groups; each has a row.

    Returns
    -------
    ndarray
        One row a group.
    """
    groups = Groups(codes, n)
    if values.ndim == 2 and values.flags.f_contiguous and values.shape[1]:
        return np.column_stack([groups.sums(column) for column in values.T])
    ordered = values if groups.order is None else values[groups.order]
    return np.add.reduceat(ordered, groups.starts, axis=0)


class Groups:
    """Rows by group.

    Parameters
    ----------
    codes
        Group of each row.
    n
        How many groups; each has a row.
    """

    def __init__(self, codes: IntArray, n: int) -> None:
        self.codes = codes
        self.n = n
        self.counts: IntArray = np.bincount(codes, minlength=n)
        self.starts: IntArray = np.cumsum(self.counts) - self.counts
        self.ordered = not bool((codes[1:] < codes[:-1]).any())

    @cached_property
    def order(self) -> IntArray | None:
        """Positions of the rows by group; None where they are in order."""
        return None if self.ordered else order_of(self.codes, self.n)

    def sums(self, column: Columns) -> Columns:
        """Add up a column by group.

        Parameters
        ----------
        column
            One value a row.

        Returns
        -------
        ndarray
            One value a group.
        """
        if self.ordered:
            return np.add.reduceat(column, self.starts)
        if column.dtype == np.float64:
            return np.bincount(self.codes, weights=column, minlength=self.n)
        return np.add.reduceat(column[self.order], self.starts)

    def spread(self, values: Columns) -> Columns:
        """Give every row the value of its group.

        Parameters
        ----------
        values
            One a group.

        Returns
        -------
        ndarray
            One a row.
        """
        return np.repeat(values, self.counts) if self.ordered else values[self.codes]

    def centre(self, column: Columns) -> None:
        """Take the means by group out of a column.

        Parameters
        ----------
        column
            Changed in place.
        """
        column -= self.spread(self.sums(column) / self.counts)


class Second:
    """What a second effect adds to a first one.

    Parameters
    ----------
    first
        Rows by the effect whose means are taken out.
    effect
        The second effect.

    Attributes
    ----------
    rank
        How many of its levels are determined besides the first effect: one fewer in each connected part of the panel.
    """

    def __init__(self, first: Groups, effect: Codes) -> None:
        self.first = first
        self.own = Groups(effect.codes, len(effect.levels))
        shape = (first.n, self.own.n)
        # Every row of the first effect once in every level of the second, in order: means are then all there is to it.
        self.complete = (
            first.ordered
            and len(effect.codes) == shape[0] * shape[1]
            and bool((effect.codes.reshape(-1, shape[1]) == np.arange(shape[1])).all())
            and bool((first.counts == shape[1]).all())
        )
        if self.complete:
            self.kept: IntArray = np.arange(1, shape[1])
        else:
            self._solve_by(shape)
        self.rank = len(self.kept)

    def _solve_by(self, shape: tuple[int, int]) -> None:
        cells = self.first.codes * shape[1] + self.own.codes
        table: Any
        if shape[0] * shape[1] <= DENSE * len(cells):
            table = np.bincount(cells, minlength=shape[0] * shape[1]).reshape(shape).astype(np.float64)
            self.shares = table / self.first.counts[:, None]
            links = table.T @ self.shares
        else:
            ones = np.ones(len(cells))
            table = sparse.csr_array((ones, (self.first.codes, self.own.codes)), shape=shape)
            self.shares = sparse.diags_array(1 / self.first.counts) @ table
            links = (table.T @ self.shares).toarray()
        links = (links + links.T) / 2
        np.fill_diagonal(links, 0.0)
        _, parts = connected_components(links, directed=False)
        lead = np.unique(parts, return_index=True)[1]
        self.kept = np.setdiff1d(np.arange(shape[1]), lead)
        # Its diagonal is the sum of the rest of the row, which loses no digits to cancellation.
        laplacian = np.diag(links.sum(axis=1)) - links
        root = inverse_root(laplacian[np.ix_(self.kept, self.kept)])
        assert root is not None  # noqa: S101 -- for the type checker: each part of the graph lacks one node
        self.root = root

    def centre(self, columns: Columns) -> None:
        """Take the second effect out of columns from which the means of the first are gone.

        Parameters
        ----------
        columns
            Changed in place.
        """
        if self.complete:
            shape = (self.first.n, self.own.n)
            ones = np.ones(shape[0], dtype=columns.dtype)
            for column in columns.T:
                table = column.reshape(shape)
                table -= (ones @ table) / shape[0]
            return
        if not self.rank:
            return
        sums = np.column_stack([self.own.sums(column) for column in columns.T])
        levels = np.zeros(sums.shape)
        levels[self.kept] = self.root @ (self.root.T @ sums[self.kept].astype(np.float64))
        means = self.shares @ levels
        for column, level, mean in zip(columns.T, levels.T, means.T, strict=True):
            effect = self.own.spread(level)
            effect -= self.first.spread(mean)
            np.subtract(column, effect, out=column)

    def columns(self) -> FloatArray:
        """Give indicators of the levels that are determined, less their means by the first effect.

        Returns
        -------
        ndarray
            Rows x rank.
        """
        found = np.zeros((len(self.own.codes), self.own.n))
        found[np.arange(len(found)), self.own.codes] = 1.0
        found = np.asfortranarray(found[:, self.kept])
        for column in found.T:
            self.first.centre(column)
        return found
