"""Sums of products by cluster: all that a linear model's robustness depends on.

The regressors, partialled out of every effect, are written as an orthonormal basis times a triangular root, and the
response as the fit plus residuals. What is kept for each cluster are the products of the basis with itself and with the
residuals. In these coordinates the sums over clusters are the identity and zero, so that leaving clusters out, choosing
among regressors, drawing the response anew or giving clusters other weights are small and well-conditioned systems,
whatever the columns looked like.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.linalg import qr, solve_triangular

from govdata.errors import EstimationError
from govdata.stats.coefficients import orthonormal
from govdata.stats.keys import Codes, FloatArray, IntArray, nested
from govdata.stats.refitting import column_of
from govdata.stats.solver import Fit, effects_rank, group_sums

if TYPE_CHECKING:
    from govdata.stats.crossproducts.fitted import ProductsFit
    from govdata.stats.results import PanelResults

__all__ = ["CrossProducts", "back", "block_products"]

MAX_CELLS = 500_000_000
"""Most numbers held in the blocks: 4 GB."""
INDEPENDENT = 1e-9
"""An indicator column whose part of its own is below this is a combination of the others."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CrossProducts:
    """Sums of products by cluster of one linear model, in coordinates in which they add up to the identity.

    Made by :meth:`of`, from a fitted model, by :meth:`from_duckdb` and :meth:`from_spark`, from data larger than
    memory, or by :meth:`from_moments`. G is the number of clusters, k of coefficients, q of columns of the basis.

    Attributes
    ----------
    response
        The left-hand side.
    names
        Of the k coefficients; the intercept first, where there is one.
    cluster
        The column the sums are by.
    levels
        The G clusters, in canonical order.
    params
        The k coefficients.
    nuisance
        How many columns of the basis stand for effects that are explicit, such as those of years. The coefficients'
        columns follow.
    root
        k x k, upper triangular. The regressors, partialled out of all effects, are the basis' last k columns times it.
    blocks
        G x q x q, the basis' products with itself. They add up to the identity.
    scores
        G x q, the basis' products with the residuals. They add up to zero.
    squares
        G sums of squared residuals.
    sizes
        G numbers of rows.
    absorbed
        How many levels of the absorbed effect each cluster has; zeros where nothing is absorbed.
    rank
        Of the whole regression, effects and constant included.
    outside
        Rank of the constant and of the effects that are not nested in the clusters.
    basis
        N x q, orthonormal; None where the rows were never in memory.
    resid
        N residuals, or None.
    codes
        Cluster of each row, or None.
    """

    response: str
    names: tuple[str, ...]
    cluster: str
    levels: tuple[int, ...] | tuple[str, ...]
    params: FloatArray
    nuisance: int
    root: FloatArray
    blocks: FloatArray
    scores: FloatArray
    squares: FloatArray
    sizes: IntArray
    absorbed: IntArray
    rank: int
    outside: int
    basis: FloatArray | None = None
    resid: FloatArray | None = None
    codes: IntArray | None = None

    @property
    def intercept(self) -> bool:
        """Whether the first coefficient is the constant."""
        return bool(self.names) and self.names[0] == "Intercept"

    @property
    def slopes(self) -> int:
        """How many coefficients there are besides the constant."""
        return len(self.names) - int(self.intercept)

    @property
    def nobs(self) -> int:
        """How many rows there are."""
        return int(self.sizes.sum())

    @property
    def rss(self) -> float:
        """Sum of squared residuals."""
        return float(self.squares.sum())

    def __repr__(self) -> str:
        """Show what the object is."""
        more = len(self.names) - 5
        listed = ", ".join(self.names[:4]) + f" and {more + 1} more" if more > 0 else ", ".join(self.names)
        return (
            f"<CrossProducts of {self.response} on {listed}: N {self.nobs:,}, "
            f"{len(self.levels):,} clusters by {self.cluster}>"
        )

    @classmethod
    def of(cls, m: PanelResults, by: str | None = None) -> CrossProducts:
        """Take the sums of products of a fitted model.

        Parameters
        ----------
        m
            A linear model, by :func:`govdata.stats.ols`.
        by
            The column of the clusters, or ``"unit"`` or ``"time"``. Left out: that of the model's standard errors, else
            its unit.

        Returns
        -------
        CrossProducts
            With the rows of the basis.

        Raises
        ------
        EstimationError
            If the model is not one of least squares on the rows themselves, or the sums would not fit into memory.

        Notes
        -----
        The effect that is nested in the clusters and has most levels is taken out by its means; those of others are
        columns of the basis.

        Examples
        --------
        >>> import pandas as pd
        >>> from govdata import stats
        >>> frame = pd.DataFrame(
        ...     {
        ...         "iso3": ["CHN"] * 3 + ["IRN"] * 3 + ["RUS"] * 3,
        ...         "year": [2019, 2020, 2021] * 3,
        ...         "y": [1.0, 2.0, 4.0, 2.0, 2.5, 3.0, 0.0, 2.0, 2.5],
        ...         "x": [0.0, 1.0, 3.0, 1.0, 1.0, 2.0, 0.0, 2.0, 1.0],
        ...     }
        ... )
        >>> products = stats.CrossProducts.of(stats.ols("y ~ x | iso3", frame))
        >>> products
        <CrossProducts of y on x: N 9, 3 clusters by iso3>
        >>> products.blocks.sum().round(12).item()
        1.0
        """
        fit, design = getattr(m, "fit", None), getattr(m, "design", None)
        if not isinstance(fit, Fit) or design is None or m.estimator != "OLS":
            name = getattr(m, "estimator", type(m).__name__)
            raise EstimationError(f"sums of products are those of a model by stats.ols, not {name}")
        keys = design.codes(_cluster(m) if by is None else column_of(m, by))
        absorbed, explicit, outside = _arrange(fit, design.effects, keys)
        basis, root = _basis(fit, design.x[:, list(fit.kept)], absorbed, explicit, intercept=design.intercept)
        n_clusters, width = len(keys.levels), basis.shape[1]
        if n_clusters * width * width > MAX_CELLS:
            raise EstimationError(
                f"{n_clusters:,} clusters by {keys.name} times {width:,} columns are too many sums of products to "
                "hold; take a coarser cluster, or absorb fewer effects"
            )
        own = np.zeros(n_clusters, dtype=np.int64)
        if absorbed is not None:
            home = np.zeros(len(absorbed.levels), dtype=np.int64)
            home[absorbed.codes] = keys.codes
            own = np.bincount(home, minlength=n_clusters).astype(np.int64)
        return cls(
            response=str(design.formula.response),
            names=fit.names,
            cluster=keys.name,
            levels=keys.levels,
            params=fit.params.copy(),
            nuisance=width - len(fit.names),
            root=root,
            blocks=block_products(basis, keys.codes, n_clusters),
            scores=group_sums(basis * fit.resid[:, None], keys.codes, n_clusters),
            squares=np.bincount(keys.codes, weights=fit.resid * fit.resid, minlength=n_clusters).astype(np.float64),
            sizes=np.bincount(keys.codes, minlength=n_clusters).astype(np.int64),
            absorbed=own,
            rank=fit.rank,
            outside=outside,
            basis=basis,
            resid=fit.resid,
            codes=keys.codes,
        )

    @classmethod
    def from_moments(cls, moments: FloatArray, **facts: Any) -> CrossProducts:  # noqa: ANN401 -- see below
        """Build the same from plain sums of products by cluster; see :func:`.moments.from_moments`.

        Parameters
        ----------
        moments
            G x p x p sums of products of the columns: explicit effects, regressors, response.
        **facts
            What :func:`.moments.from_moments` takes.

        Returns
        -------
        CrossProducts
            Without rows.
        """
        from govdata.stats.crossproducts.moments import from_moments

        return from_moments(moments, **facts)

    @classmethod
    def from_duckdb(cls, source: Any, formula: str, **options: Any) -> CrossProducts:  # noqa: ANN401 -- a foreign type
        """Sum the products with DuckDB, over data of any size; see :func:`.duckdb_source.from_duckdb`.

        Parameters
        ----------
        source
            Parquet or CSV files, a relation, a table or a query.
        formula
            As for :func:`govdata.stats.ols`.
        **options
            ``cluster``, ``unit``, ``time``, ``connection`` and what else it takes.

        Returns
        -------
        CrossProducts
            Without rows.
        """
        from govdata.stats.crossproducts.duckdb_source import from_duckdb

        return from_duckdb(source, formula, **options)

    @classmethod
    def from_spark(cls, source: Any, formula: str, **options: Any) -> CrossProducts:  # noqa: ANN401 -- a foreign type
        """Sum the products with Spark; see :func:`.spark_source.from_spark`.

        Parameters
        ----------
        source
            A Spark data frame.
        formula
            As for :func:`govdata.stats.ols`.
        **options
            ``cluster``, ``unit``, ``time`` and what else it takes.

        Returns
        -------
        CrossProducts
            Without rows.
        """
        from govdata.stats.crossproducts.spark_source import from_spark

        return from_spark(source, formula, **options)

    def fit(self, se: str = "CRV1", df: str = "nested") -> ProductsFit:
        """Return the coefficients with their standard errors.

        Parameters
        ----------
        se
            ``"iid"``, ``"CR0"``, ``"CR1"``, ``"CRHC1"`` or ``"CRV1"``, by the clusters of the sums.
        df
            Which parameters K* counts: ``"nested"``, ``"full"`` or ``"none"``.

        Returns
        -------
        ProductsFit
            With ``tidy()``, ``summary()`` and ``note()``.

        Raises
        ------
        EstimationError
            If the convention needs the rows.
        """
        from govdata.stats.crossproducts.fitted import fitted

        return fitted(self, se, df)


def _cluster(m: PanelResults) -> str:
    named = m.covariance.vcov.cluster
    if len(named) == 1:
        return named[0]
    if m.design.unit is None:
        raise EstimationError("the model knows no unit; name by=, the column of the clusters")
    return m.design.unit.name


def _arrange(fit: Fit, effects: tuple[Codes, ...], keys: Codes) -> tuple[Codes | None, tuple[Codes, ...], int]:
    """Choose the effect to absorb, those to write out, and count what lies outside the clusters."""
    inside = [effect for effect in effects if nested(effect, keys)]
    absorbed = max(inside, key=lambda effect: len(effect.levels), default=None)
    explicit = tuple(effect for effect in effects if effect is not absorbed)
    others = tuple(effect for effect in effects if not any(effect is one for one in inside))
    if len(others) == len(effects):
        return absorbed, explicit, fit.rank - fit.slopes
    return absorbed, explicit, effects_rank(others, fit.nobs)


def _basis(
    fit: Fit, x: FloatArray, absorbed: Codes | None, explicit: tuple[Codes, ...], *, intercept: bool
) -> tuple[FloatArray, FloatArray]:
    """Return an orthonormal basis of explicit effects and regressors, and the root that leads back to the latter."""
    n = len(x)
    first = fit.absorber.first
    if absorbed is not None and first is not None and absorbed.name == first.name:
        effects = np.asarray(fit.absorber.basis)
    else:
        effects = _indicators(explicit, absorbed, n)
    if intercept:
        means = x.mean(axis=0)
        q, r = _orthonormal(_demean(x, None), np.full((n, 1), 1 / np.sqrt(n)))
        root = np.zeros((r.shape[0] + 1, r.shape[0] + 1))
        root[0, 0], root[0, 1:], root[1:, 1:] = np.sqrt(n), np.sqrt(n) * means, r
        return np.column_stack([np.full(n, 1 / np.sqrt(n)), q]), root
    left = _demean(x, absorbed) if absorbed is not None else x
    q, r = _orthonormal(left, effects)
    return np.column_stack([effects, q]), r


def _orthonormal(columns: FloatArray, others: FloatArray) -> tuple[FloatArray, FloatArray]:
    left = columns.copy()
    for _ in range(2):
        left -= others @ (others.T @ left)
    return orthonormal(left)


def _demean(columns: FloatArray, keys: Codes | None) -> FloatArray:
    """Take means out twice: the second round removes the rounding of the first."""
    left = columns.astype(np.float64)
    for _ in range(2):
        if keys is None:
            left = left - left.mean(axis=0)
        else:
            n = len(keys.levels)
            means = group_sums(left, keys.codes, n) / np.bincount(keys.codes, minlength=n)[:, None]
            left = left - means[keys.codes]
    return left


def _indicators(explicit: tuple[Codes, ...], absorbed: Codes | None, n: int) -> FloatArray:
    width = sum(len(effect.levels) for effect in explicit)
    if not width:
        return np.empty((n, 0))
    if n * width > MAX_CELLS:
        raise EstimationError(f"{width:,} levels of effects on {n:,} rows are too many columns to write out")
    columns = np.zeros((n, width))
    start = 0
    for effect in explicit:
        columns[np.arange(n), start + effect.codes] = 1.0
        start += len(effect.levels)
    if absorbed is not None:
        columns = _demean(columns, absorbed)
    q, r, _ = qr(columns, mode="economic", pivoting=True, check_finite=False)
    kept = int((np.abs(np.diag(r)) > INDEPENDENT).sum())
    found: FloatArray = np.ascontiguousarray(q[:, :kept])
    return found


def block_products(columns: FloatArray, codes: IntArray, n: int) -> FloatArray:
    """Multiply columns with each other, cluster by cluster.

    Parameters
    ----------
    columns
        N x q.
    codes
        Cluster of each row.
    n
        How many clusters; each has a row.

    Returns
    -------
    ndarray
        n x q x q.
    """
    if len(codes) > 1 and np.any(np.diff(codes) < 0):
        order = np.argsort(codes, kind="stable")
        columns, codes = columns[order], codes[order]
    sizes = np.bincount(codes, minlength=n)
    if sizes.max() == sizes.min():
        stacked = columns.reshape(n, int(sizes[0]), columns.shape[1])
        found: FloatArray = np.matmul(stacked.transpose(0, 2, 1), stacked)
        return found
    ends = np.cumsum(sizes)
    found = np.empty((n, columns.shape[1], columns.shape[1]))
    for g, (start, end) in enumerate(zip((ends - sizes).tolist(), ends.tolist(), strict=True)):
        part = columns[start:end]
        np.matmul(part.T, part, out=found[g])
    return found


def back(root: FloatArray, values: FloatArray) -> FloatArray:
    """Turn coordinates of the basis into coefficients: solve by the root.

    Parameters
    ----------
    root
        k x k, upper triangular.
    values
        k, or k x anything.

    Returns
    -------
    ndarray
        Of the shape of the values.
    """
    found: FloatArray = solve_triangular(root, values)
    return found
