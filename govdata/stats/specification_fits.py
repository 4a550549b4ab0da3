"""Fits of all specifications that share their rows, from one decomposition of their columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from govdata.errors import EstimationError
from govdata.stats.coefficients import COLLINEAR
from govdata.stats.crossproducts.subsets import Found, Span, batches, scores_of, swept
from govdata.stats.formula import Categories, Term, name_of, term_label
from govdata.stats.keys import Codes
from govdata.stats.progress import progress
from govdata.stats.solver import ABSORBED, Absorber, effects_rank
from govdata.stats.specification_drawn import clustered, joined, swept_draws
from govdata.stats.specification_flipped import Crossed, crossing, flipped, inside
from govdata.stats.specification_samples import plain

if TYPE_CHECKING:
    from govdata.stats.keys import BoolArray, FloatArray, IntArray
    from govdata.stats.specification_samples import Group, Member, Rows
    from govdata.stats.specification_space import Convention, Space

__all__ = ["FAST", "Batch", "SharedFit", "quick"]

FAST = ("iid", "CR0", "CR1", "CRHC1", "CRV1")
"""Conventions that come from sums of products, where there is one cluster."""
FAINT = 1e-5
"""A column of which effects leave less than this share is for fits of their own."""
SMALLEST, LARGEST = 1e-100, 1e100
CHUNK = 64
"""Draws that are worked on at once."""
SMALL = 250_000
"""Multiplications in a product of matrices that runs on one thread; on a busy machine, threads wait for each other."""
HELD = 20_000_000
"""Numbers of results held at once: 160 MB."""


def quick(convention: Convention) -> bool:
    """Say whether a convention comes from sums of products.

    Parameters
    ----------
    convention
        Any.

    Returns
    -------
    bool
        Whether it does.
    """
    return convention.vcov.se in FAST and len(convention.vcov.cluster) < 2


@dataclass(slots=True, eq=False)
class _Columns:
    """Columns of one group, those of each term side by side."""

    values: list[FloatArray] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    bad: list[bool] = field(default_factory=list)

    def add(self, rows: Rows, term: Term, at: IntArray, *, draws: bool = False) -> range:
        """Add a term and return its places."""
        start, n = len(self.values), len(at)
        label = term_label(term)
        if not plain(term):
            self._one(np.zeros(n), label, bad=True)
        elif isinstance(term[0], Categories):
            codes = rows.codes(name_of(term[0]).column).subset(at)
            if len(codes.levels) < 2:
                self._one(np.zeros(n), label, bad=True)
            for code in range(1, len(codes.levels)):
                self._one((codes.codes == code).astype(np.float64), f"{label}[{codes.levels[code]}]", bad=False)
        else:
            values = rows.values(term)[at]
            if values.ndim == 2:
                self._one(np.zeros(n), label, bad=not draws)
            else:
                size = np.abs(values).max(initial=0.0)
                fine = bool(np.isfinite(size)) and (size == 0 or SMALLEST < size < LARGEST)
                self._one(values if fine else np.zeros(n), label, bad=not fine)
        return range(start, len(self.values))

    def _one(self, values: FloatArray, name: str, *, bad: bool) -> None:
        self.values.append(values)
        self.names.append(name)
        self.bad.append(bad)


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Some choices with what was found for them.

    Attributes
    ----------
    subsets
        Which choices among controls.
    found
        Their numbers.
    """

    subsets: IntArray
    found: Found


class SharedFit:
    """The decomposition that all specifications of one group share.

    Parameters
    ----------
    space
        The choices.
    rows
        The sample's values.
    group
        The group; it has rows.

    Attributes
    ----------
    n
        How many rows.
    fault
        Why no specification of the group can be estimated; empty where some can.
    """

    def __init__(self, space: Space, rows: Rows, group: Group) -> None:
        self.space, self.rows, self.group = space, rows, group
        self.n = len(group.rows)
        self.clusters: dict[str, Codes] = {}
        self.effects = tuple(self.codes(name) for name in list(space.effects.values())[group.effects])
        self.fault = self._redundant()
        self._sums: dict[tuple[str, int], tuple[FloatArray, FloatArray]] = {}
        self._responses: dict[int, tuple[FloatArray, FloatArray]] = {}
        if self.fault:
            return
        try:
            self.absorb = Absorber(self.effects, self.n, constant=True)
        except EstimationError as error:
            self.fault = str(error)
            return
        self._read()

    def _redundant(self) -> str:
        for one in self.effects:
            for other in self.effects:
                if other is not one and len(other.levels) < self.n and inside(other, one):
                    return f"the {one.name} effects are determined by {other.name}: each lies in one"
        return ""

    def codes(self, column: str) -> Codes:
        """Return a column as keys of the group's rows.

        Parameters
        ----------
        column
            Any.

        Returns
        -------
        Codes
            Without levels that do not occur.
        """
        if column not in self.clusters:
            self.clusters[column] = self.rows.codes(column).subset(self.group.rows)
        return self.clusters[column]

    def _read(self) -> None:
        """Gather the columns, take the effects out, and decompose what is left."""
        space, group = self.space, self.group
        used = np.zeros(len(space.controls), dtype=np.bool_)
        for member in group.members:
            used |= space.subsets[member.subsets].any(axis=0)
        columns = _Columns()
        for term in space.always:
            columns.add(self.rows, term, group.rows)
        fixed = len(columns.values)
        self.places: dict[int, range] = {}
        for j, terms in enumerate(space.controls.values()):
            if used[j]:
                start = len(columns.values)
                for term in terms:
                    columns.add(self.rows, term, group.rows)
                self.places[j] = range(start - fixed, len(columns.values) - fixed)
        self.optional = len(columns.values) - fixed
        self.focal: dict[int, int] = {}
        self.drawn_x: dict[int, bool] = {}
        for x, term in enumerate(space.focals.values()):
            if any(member.x == x for member in group.members):
                self.focal[x] = columns.add(self.rows, term, group.rows, draws=True).start - fixed
                self.drawn_x[x] = self.rows.values(term).ndim == 2
        self.names = columns.names
        values = np.column_stack([np.empty((self.n, 0)), *columns.values])
        left = self.absorb(values)
        lengths, kept = _lengths(values), _lengths(left)
        bad = np.array(columns.bad, dtype=np.bool_)
        self.gone = (kept <= ABSORBED * lengths) & ~bad
        for x, at in self.focal.items():
            if self.drawn_x[x]:
                self.gone[fixed + at] = False
        self.bad = bad | ((kept < FAINT * lengths) & ~self.gone)
        self.floors = np.maximum(COLLINEAR, 10 * np.finfo(np.float64).eps * lengths / np.where(kept > 0, kept, 1.0))
        left[:, self.bad | self.gone] = 0.0
        self.fixed = fixed
        self.span = Span.of(left[:, :fixed], left[:, fixed:])
        self._narrow: Span | None = None
        self._left = left

    @property
    def narrow(self) -> Span:
        """The decomposition without the regressors looked at."""
        if self._narrow is None:
            self._narrow = Span.of(self._left[:, : self.fixed], self._left[:, self.fixed : self.fixed + self.optional])
        return self._narrow

    def masks(self, subsets: IntArray) -> BoolArray:
        """Say which optional columns each choice holds.

        Parameters
        ----------
        subsets
            Which choices among controls.

        Returns
        -------
        ndarray of bool
            Choices x optional columns.
        """
        found = np.zeros((len(subsets), self.optional), dtype=np.bool_)
        chosen = self.space.subsets[subsets]
        for j, places in self.places.items():
            found[:, places.start : places.stop] = chosen[:, [j]]
        return found

    def ranks(self, subsets: IntArray) -> IntArray:
        """Count the parameters of each choice, effects and constant included.

        Parameters
        ----------
        subsets
            Which choices among controls.

        Returns
        -------
        ndarray of int
            One a choice.
        """
        found: IntArray = self.masks(subsets).sum(axis=1) + self.fixed + 1 + self.absorb.rank
        return found

    def parameters(self, convention: Convention, ranks: IntArray) -> IntArray:
        """Count K*.

        Parameters
        ----------
        convention
            With its rule.
        ranks
            Of each choice.

        Returns
        -------
        ndarray of int
            One a choice.
        """
        rule, slopes = convention.vcov.df, ranks - self.absorb.rank
        if rule in {"full", None} or not self.effects:
            return ranks
        if rule == "none":
            return slopes
        clusters = [self.codes(name) for name in convention.vcov.cluster]
        outside = tuple(e for e in self.effects if not any(inside(e, cluster) for cluster in clusters))
        return ranks if len(outside) == len(self.effects) else slopes + effects_rank(outside, self.n)

    def fault_of(self, y: int, x: int) -> str:
        """Say why a response or regressor cannot be used here.

        Parameters
        ----------
        y, x
            Which of each.

        Returns
        -------
        str
            Empty where they can.
        """
        within = f" within {' and '.join(effect.name for effect in self.effects)}" if self.effects else ""
        raw, left = self._response(y)
        if np.isfinite(raw).all() and (_lengths(left) <= ABSORBED * _lengths(raw)).any():
            return f"{list(self.space.responses)[y]} does not vary{within}"
        gone = [*range(self.fixed), self.fixed + self.focal[x]]
        return next((f"{self.names[j]} does not vary{within}" for j in gone if self.gone[j]), "")

    def fault_among(self, x: int, mask: BoolArray) -> str:
        """Say why a choice of controls is not determined by the data.

        Parameters
        ----------
        x
            Which regressor is looked at.
        mask
            Which optional columns are held.

        Returns
        -------
        str
            Empty where that takes a fit of its own to say.
        """
        within = f" within {' and '.join(effect.name for effect in self.effects)}" if self.effects else ""
        chosen = [self.fixed + self.focal[x], *(self.fixed + np.flatnonzero(mask)).tolist(), *range(self.fixed)]
        for j in chosen:
            if self.gone[j]:
                return f"{self.names[j]} does not vary{within}"
        if self.bad[chosen].any() or self.drawn_x[x]:
            return ""
        triangle = self.span.triangle[:, chosen]
        own = np.zeros(len(chosen))
        diagonal = np.abs(np.diag(np.linalg.qr(triangle, mode="r")))
        own[: len(diagonal)] = diagonal
        dependent = np.flatnonzero(own <= self.floors[chosen])
        if not dependent.size:
            return ""
        at = int(dependent[0])
        weights = np.linalg.lstsq(triangle[:, :at], triangle[:, at], rcond=None)[0]
        others = [self.names[j] for j, weight in zip(chosen[:at], weights.tolist(), strict=True) if abs(weight) > 1e-6]
        listed = others if len(others) < 6 else [*others[:5], f"{len(others) - 5} more"]
        return f"{self.names[chosen[at]]} is an exact combination of {', '.join(listed)}"

    def direct(self, y: int, x: int, masks: BoolArray) -> BoolArray:
        """Find choices that hold a column for fits of their own.

        Parameters
        ----------
        y, x
            Which response and regressor.
        masks
            Choices x optional columns.

        Returns
        -------
        ndarray of bool
            One a choice.
        """
        unfit = self.bad | self.gone
        found = np.array(masks[:, unfit[self.fixed : self.fixed + self.optional]].any(axis=1), dtype=np.bool_)
        raw, left = self._response(y)
        faint = not np.isfinite(raw).all() or bool((_lengths(left) < FAINT * _lengths(raw)).any())
        everywhere = unfit[: self.fixed].any() or unfit[self.fixed + self.focal[x]] or faint
        if everywhere or np.abs(raw).max(initial=0.0) > LARGEST:
            found[:] = True
        return found

    def _absorbed(self, values: FloatArray) -> FloatArray:
        left = np.empty_like(values)
        for start in range(0, values.shape[1], CHUNK):
            left[:, start : start + CHUNK] = self.absorb(values[:, start : start + CHUNK])
        return left

    def _response(self, y: int) -> tuple[FloatArray, FloatArray]:
        """Return a response as it is and less the effects."""
        if y not in self._responses:
            term = list(self.space.responses.values())[y]
            raw = self.rows.values(term)[self.group.rows]
            raw = raw[:, None] if raw.ndim == 1 else raw
            infinite = ~np.isfinite(raw).all(axis=0)
            self._responses[y] = raw, self._absorbed(np.where(infinite, 0.0, raw))
        return self._responses[y]

    def solve(self, member: Member, subsets: IntArray, clusters: tuple[str, ...]) -> Iterator[Batch]:
        """Fit choices of one response and regressor.

        Parameters
        ----------
        member
            Which response and regressor.
        subsets
            Which choices among controls.
        clusters
            Columns that scores are summed by.

        Yields
        ------
        Batch
            Choices x draws.
        """
        if self.drawn_x[member.x]:
            term = list(self.space.focals.values())[member.x]
            yield from self.solve_draws(member, subsets, clusters, self.rows.values(term)[self.group.rows])
            return
        left = self._response(member.y)[1]
        coordinates, rest = self.span.split(left)
        beyond = np.einsum("id,id->d", rest, rest)
        sums = []
        for name in clusters:
            if (name, member.y) not in self._sums:
                codes = self.codes(name)
                self._sums[name, member.y] = scores_of(self.span.basis, rest, codes.codes, len(codes.levels))
            sums.append(self._sums[name, member.y])
        k, d = len(self.span.root), left.shape[1]
        groups = max((len(self.codes(name).levels) for name in clusters), default=0)
        masks = np.zeros((len(subsets), self.span.root.shape[1]), dtype=np.bool_)
        masks[:, : self.optional] = self.masks(subsets)
        # Few draws of many choices at once: products of matrices are then few and large.
        parts = []
        for one in (slice(start, start + CHUNK) for start in range(0, d, CHUNK)):
            own = tuple((blocks, np.ascontiguousarray(scores[:, :, one])) for blocks, scores in sums)
            parts.append(((coordinates[one], beyond[one]), own))
        for at in batches(len(subsets), (groups + 3 * k) * (k + min(d, CHUNK))):
            found = [swept(self.span, masks[at], self.focal[member.x], *part) for part in parts]
            yield Batch(subsets[at], joined(found, 1))

    def solve_draws(
        self, member: Member, subsets: IntArray, clusters: tuple[str, ...], x: FloatArray
    ) -> Iterator[Batch]:
        """Fit choices for draws of the regressor.

        Parameters
        ----------
        member, subsets, clusters
            As in :meth:`solve`.
        x
            Rows x draws.

        Yields
        ------
        Batch
            Choices x draws.
        """
        for part in batches(len(subsets), x.shape[1] * (4 + len(clusters)), HELD):
            slices = [slice(start, start + CHUNK) for start in range(0, x.shape[1], CHUNK)]
            found = [
                self._draws(member, subsets[part], clusters, x[:, at], at) for at in progress(slices, what="draws of x")
            ]
            yield Batch(subsets[part], joined(found, 1))

    def _draws(self, member: Member, subsets: IntArray, clusters: tuple[str, ...], x: FloatArray, at: slice) -> Found:
        """Fit choices for some draws of the regressor."""
        span = self.narrow
        infinite = ~np.isfinite(x).all(axis=0)
        x = np.where(infinite, 0.0, x)
        left, y = self._absorbed(x), self._response(member.y)[1]
        left[:, infinite | (_lengths(left) <= ABSORBED * _lengths(x))] = 0.0
        own, beyond_x = span.split(left)
        response, beyond_y = span.split(y if y.shape[1] == 1 else y[:, at])
        squares = np.einsum("id,id->d", beyond_x, beyond_x)
        slope = (beyond_x * beyond_y).sum(axis=0) / np.where(squares > 0, squares, 1.0)
        least = beyond_y - slope * beyond_x
        beyond = (slope, np.einsum("id,id->d", least, least))
        codes = [self.codes(name) for name in clusters]
        parts = tuple(clustered(span.basis, beyond_x, beyond_y, one.codes, len(one.levels)) for one in codes)
        ys = (response, np.einsum("id,id->d", beyond_y, beyond_y))
        masks, k = self.masks(subsets), len(span.root)
        each = x.shape[1] * (k * (k + 8) // 2 + 2 * max((len(one.levels) for one in codes), default=1))
        found = [
            swept_draws(span, masks[some], (own, squares), ys, beyond, parts) for some in batches(len(subsets), each)
        ]
        return joined(found, 0)

    def solve_flips(self, member: Member, subsets: IntArray, cluster: str, signs: FloatArray) -> Iterator[Batch]:
        """Fit choices with the residuals' signs flipped by cluster and the coefficient held at zero.

        Parameters
        ----------
        member, subsets
            As in :meth:`solve`.
        cluster
            The column.
        signs
            Levels of the whole column x flips.

        Yields
        ------
        Batch
            Choices x flips.
        """
        codes, whole = self.codes(cluster), self.rows.codes(cluster)
        place = {level: at for at, level in enumerate(whole.levels)}
        mine = signs[[place[level] for level in codes.levels]]
        coordinates, rest = self.span.split(self._response(member.y)[1])
        response = (coordinates, np.einsum("id,id->d", rest, rest))
        effects = crossing(self.effects, codes, self.n, self.absorb.rank)
        q, flips = effects.shape[1] + self.span.whole.shape[1], mine.shape[1]
        width = max(8, min(SMALL // (len(codes.levels) * max(q, 1)), CHUNK))
        several = [mine[:, start : start + width] for start in range(0, flips, width)]
        parts = [Crossed.of(self.span, effects, rest[:, 0], codes, part) for part in several]
        masks = np.zeros((len(subsets), self.span.root.shape[1]), dtype=np.bool_)
        masks[:, : self.optional] = self.masks(subsets)
        for at in batches(len(subsets), len(codes.levels) * (q + 2 * width) + 3 * q * width):
            found = [flipped(self.span, masks[at], self.focal[member.x], response, part) for part in parts]
            yield Batch(subsets[at], joined(found, 1))


def _lengths(values: FloatArray) -> FloatArray:
    with np.errstate(over="ignore", invalid="ignore"):
        found: FloatArray = np.sqrt(np.einsum("ij,ij->j", values, values))
    return found
