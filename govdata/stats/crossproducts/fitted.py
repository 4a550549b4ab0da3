"""Coefficients and standard errors from sums of products alone."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import fill
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
import pandas as pd
from scipy.stats import t as student

from govdata.errors import EstimationError
from govdata.stats.contrast import check_level
from govdata.stats.covariance.clustered import few_clusters
from govdata.stats.covariance.estimate import distribution
from govdata.stats.covariance.naming import DfRule
from govdata.stats.crossproducts.products import back
from govdata.stats.estimating import choose

if TYPE_CHECKING:
    from govdata.stats.crossproducts.products import CrossProducts
    from govdata.stats.keys import FloatArray

__all__ = ["CONVENTIONS", "ProductsFit", "fitted", "k_star", "small_sample"]

CONVENTIONS = ("iid", "CR0", "CR1", "CRHC1", "CRV1")
"""Those that need sums by cluster and nothing else."""


def k_star(products: CrossProducts, se: str, df: str) -> int:
    """Count the parameters K*, as :func:`govdata.stats.ols` does.

    Parameters
    ----------
    products
        The sums.
    se, df
        Convention and rule.

    Returns
    -------
    int
        How many.
    """
    if df == "none" and not products.intercept:
        return products.slopes
    if df == "nested" and se != "iid":
        return products.slopes + products.outside
    return products.rank


def small_sample(se: str, groups: int, n: int, parameters: int) -> float:
    """Return the factor of a clustered convention.

    Parameters
    ----------
    se
        The convention.
    groups, n, parameters
        Numbers of clusters, rows and parameters K*.

    Returns
    -------
    float
        The factor.
    """
    if se == "CRV1":
        return groups / (groups - 1) * (n - 1) / (n - parameters)
    if se == "CRHC1":
        return n / (n - parameters)
    return groups / (groups - 1) if se == "CR1" else 1.0


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ProductsFit:
    """A linear model known by its sums of products. Made by :meth:`CrossProducts.fit`.

    Attributes
    ----------
    products
        The sums.
    se, df
        Convention and rule of its factor.
    matrix
        Covariance of the coefficients.
    k_star
        The parameters counted; None where the convention has no factor that counts them.
    t_df
        Degrees of freedom of the t distribution.
    """

    products: CrossProducts
    se: str
    df: str
    matrix: FloatArray
    k_star: int | None
    t_df: float

    def _series(self, values: FloatArray, name: str) -> pd.Series[Any]:
        return pd.Series(values, index=pd.Index(self.products.names, name="term"), name=name)

    @property
    def nobs(self) -> int:
        """How many rows were summed."""
        return self.products.nobs

    @property
    def params(self) -> pd.Series[Any]:
        """Coefficients."""
        return self._series(self.products.params.copy(), "estimate")

    @property
    def bse(self) -> pd.Series[Any]:
        """Standard errors."""
        return self._series(np.sqrt(np.diag(self.matrix)), "std_error")

    @property
    def cov(self) -> pd.DataFrame:
        """Covariance matrix of the coefficients."""
        index = pd.Index(self.products.names, name="term")
        return pd.DataFrame(self.matrix.copy(), index=index, columns=index.rename(None))

    @property
    def pvalues(self) -> pd.Series[Any]:
        """Two-sided p values of zero."""
        with np.errstate(divide="ignore", invalid="ignore"):
            size = np.abs(self.products.params) / np.sqrt(np.diag(self.matrix))
        return self._series(2 * student.sf(size, self.t_df), "p_value")

    def tidy(self, level: float = 0.95) -> pd.DataFrame:
        """Return one row a coefficient.

        Parameters
        ----------
        level
            Of the confidence interval.

        Returns
        -------
        DataFrame
            Columns ``term``, ``estimate``, ``std_error``, ``statistic``, ``p_value``, ``conf_low``, ``conf_high``.
        """
        check_level(level)
        estimate, error = self.products.params, np.sqrt(np.diag(self.matrix))
        half = float(student.ppf(0.5 + level / 2, self.t_df)) * error
        with np.errstate(divide="ignore", invalid="ignore"):
            columns = {
                "term": list(self.products.names),
                "estimate": estimate,
                "std_error": error,
                "statistic": estimate / error,
                "p_value": self.pvalues.to_numpy(),
                "conf_low": estimate - half,
                "conf_high": estimate + half,
            }
        return pd.DataFrame(columns)

    def note(self) -> str:
        """State the convention of the standard errors in one line.

        Returns
        -------
        str
            As of a model by :func:`govdata.stats.ols`.
        """
        ending = distribution(self.t_df)
        if self.se == "iid":
            return f"iid; s2 = RSS/(N-K*), K*={self.k_star}; {ending}"
        counted = f"df={self.df}, K*={self.k_star}"
        text = {
            "CRV1": f"G/(G-1)*(N-1)/(N-K*), {counted}",
            "CRHC1": f"N/(N-K*), {counted}",
            "CR1": "G/(G-1)",
            "CR0": "no small-sample factor",
        }[self.se]
        groups = f"{self.products.cluster} ({len(self.products.levels)})"
        return f"{self.se} clustered by {groups}; {text}; {ending}"

    def notes(self) -> list[str]:
        """List what a reader should know.

        Returns
        -------
        list of str
            Often empty.
        """
        return [] if self.se == "iid" else list(few_clusters(len(self.products.levels)))

    def summary(self) -> str:
        """Describe the model in plain text.

        Returns
        -------
        str
            Coefficients, sample and convention.
        """
        body = self.tidy().to_string(index=False, line_width=10_000, float_format=lambda value: f"{value:.4g}")
        lines = [f"{self.products.response}: from sums of products", body, f"N {self.nobs:,}"]
        below = [f"Standard errors: {self.note()}", *(f"Note: {note}" for note in self.notes())]
        return "\n".join([*lines, *(fill(line, 100, subsequent_indent="  ") for line in below)])

    def __str__(self) -> str:
        """Print the model."""
        return self.summary()

    def __repr__(self) -> str:
        """Show what the object is."""
        return f"<ProductsFit {self.products.response}: N {self.nobs:,}, {self.note()}>"


def fitted(products: CrossProducts, se: str, df: str) -> ProductsFit:
    """Put standard errors to the coefficients.

    Parameters
    ----------
    products
        The sums.
    se, df
        Convention and rule.

    Returns
    -------
    ProductsFit
        The model.

    Raises
    ------
    EstimationError
        If the convention needs the rows, or there is one cluster.
    """
    choose("se from sums of products", se, CONVENTIONS)
    choose("df", df, get_args(DfRule))
    parameters = k_star(products, se, df)
    groups, n = len(products.levels), products.nobs
    if n <= products.rank:
        raise EstimationError(f"{n} rows are too few for {products.rank} parameters")
    if se == "iid":
        inverse = back(products.root, np.eye(len(products.names)))
        matrix = inverse @ inverse.T * (products.rss / (n - parameters))
        return ProductsFit(products, se, df, matrix, parameters, float(n - products.rank))
    if groups < 2:
        raise EstimationError(f"cluster {products.cluster!r} has one level; clustered errors need several")
    turned = back(products.root, products.scores[:, products.nuisance :].T)
    matrix = turned @ turned.T * small_sample(se, groups, n, parameters)
    counted = parameters if se in {"CRV1", "CRHC1"} else None
    return ProductsFit(products, se, df, matrix, counted, float(groups - 1))
