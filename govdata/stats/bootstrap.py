"""The wild cluster bootstrap of one coefficient, with its distribution and its interval by inversion."""

from __future__ import annotations

import html
import math
import re
import textwrap
from contextlib import suppress
from dataclasses import dataclass, field
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd

from govdata.errors import ArgumentError, EstimationError, nearest
from govdata.stats.contrast import check_level
from govdata.stats.covariance import Vcov, make_vcov
from govdata.stats.covariance.clustered import clustered
from govdata.stats.covariance.naming import Weights
from govdata.stats.covariance.wild import FAR, WildBootstrap, bootstrap, described
from govdata.stats.covariance.wilddraws import Sums, drawing, fit_sums, make_sums, refuse_no_variance
from govdata.stats.crossproducts.fitted import ProductsFit, k_star
from govdata.stats.crossproducts.products import CrossProducts, back
from govdata.stats.keys import FloatArray
from govdata.stats.refitting import column_of
from govdata.stats.results import PanelResults
from govdata.stats.solver import Fit
from govdata.stats.wording import form_of, given, number

__all__ = ["BootstrapTest", "wild_bootstrap"]

_SHOWN, _WIDE = 6, 100
_NUMBER = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)\s*\*\s*")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class BootstrapTest:
    """The test of one coefficient, or a combination of several, by the wild cluster bootstrap.

    Made by :func:`wild_bootstrap`.

    Attributes
    ----------
    term, response
        What is tested, and the left-hand side.
    estimate, std_error
        The coefficient and its CRV1 standard error.
    null
        The value tested.
    statistic
        The distance of the estimate from the null in standard errors.
    p_value
        Two-sided: the share of draws whose statistic is larger in size. Ties do not count.
    conf_low, conf_high
        The values that are not rejected at ``level``, by inverting the test; infinite where none is rejected, missing
        with ``level=None``.
    level
        Of the interval and of ``critical``; missing where none was asked for.
    critical
        The size of the statistic that a share ``1 - level`` of the draws exceeds at most.
    distribution
        The statistic of each draw, on the scale of ``statistic``.
    reps
        How many draws were used.
    enumerated
        Whether these are all sign vectors, so that nothing is random.
    seed, weights
        Of the draws.
    imposed
        Whether residuals are those under the null.
    cluster, n_clusters
        The column of the clusters, and how many there are.
    notes
        What a reader should know.
    """

    term: str
    response: str
    estimate: float
    std_error: float
    null: float
    statistic: float
    p_value: float
    conf_low: float
    conf_high: float
    level: float
    critical: float
    distribution: FloatArray = field(repr=False)
    reps: int
    enumerated: bool
    seed: int
    weights: str
    imposed: bool
    cluster: str
    n_clusters: int
    notes: tuple[str, ...]
    convention: str

    @property
    def table(self) -> pd.DataFrame:
        """One row, with the columns of ``tidy()`` of a model and ``null``."""
        names = ("term", "estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high", "null")
        return pd.DataFrame([{name: getattr(self, name) for name in names}])

    def tidy(self) -> pd.DataFrame:
        """Return the test in one row.

        Returns
        -------
        DataFrame
            The same as :attr:`table`.
        """
        return self.table

    def note(self) -> str:
        """State the convention in one line.

        Returns
        -------
        str
            Such as ``"CRV1 clustered by iso3 (49); ...; p values and intervals by wild cluster bootstrap, ..."``.
        """
        return self.convention

    def _p(self) -> str:
        """Write p; where no draw is larger, it is below one in the number of draws."""
        return f"p {self.p_value:.4g}" if self.p_value > 0 else f"p < {1 / self.reps:.2g}"

    def summary(self) -> str:
        """Describe the test in plain text.

        Returns
        -------
        str
            Estimate, p value, interval, draws and convention.
        """
        form = form_of(self.estimate, self.std_error, 4)
        estimate, error, low, high = (
            number(value, form) for value in (self.estimate, self.std_error, self.conf_low, self.conf_high)
        )
        drawn = f"{self.reps:,} draws, {self.weights}, seed {self.seed}"
        if self.enumerated:
            drawn = f"all {self.reps:,} sign vectors"
        interval = f"{100 * self.level:g} % interval {low} to {high}, by inversion; critical t {self.critical:.4g}"
        lines = [
            f"Wild cluster bootstrap: {self.term} on {self.response}",
            f"Estimate {estimate}, std. error {error}",
            f"Null {self.term} = {self.null:g}: t {self.statistic:.4g}, {self._p()}",
            "No interval: none was asked for" if math.isnan(self.level) else interval,
            f"Draws: {drawn}; {self.n_clusters:,} clusters by {self.cluster}",
            f"Standard errors: {self.convention}",
            *(f"Note: {note}" for note in self.notes),
        ]
        return "\n".join(textwrap.fill(line, _WIDE, subsequent_indent="  ") for line in lines)

    def _repr_html_(self) -> str:
        notes = "".join(f"<p>{html.escape(note)}.</p>" for note in (self.convention, *self.notes))
        return self.table.to_html(index=False) + notes

    def __str__(self) -> str:
        """Return the summary."""
        return self.summary()

    def __repr__(self) -> str:
        """Show what the object is."""
        return (
            f"<BootstrapTest of {self.term} = {self.null:g}: estimate {self.estimate:.4g}, t {self.statistic:.4g}, "
            f"{self._p()}, {self.reps:,} draws, {self.n_clusters:,} clusters>"
        )


def wild_bootstrap(
    m: PanelResults | CrossProducts | ProductsFit,
    term: str,
    *,
    reps: int = 9999,
    seed: int = 0,
    weights: Weights = "rademacher",
    null: float = 0.0,
    level: float | None = 0.95,
    cluster: str | None = None,
    impose_null: bool = True,
) -> BootstrapTest:
    """Test a coefficient by the wild cluster bootstrap.

    Parameters
    ----------
    m
        A model fitted by :func:`govdata.stats.ols`, or its sums of products by cluster.
    term
        The coefficient, or a sum of several such as ``"x1 - x2"`` or ``"x1 + 2 * x2"``.
    reps
        How many draws, from 99 up.
    seed
        Of the draws, a whole number from 0 up.
    weights
        ``"rademacher"``, plus or minus one; or ``"webb"``, six values, for very few clusters.
    null
        The value that is tested.
    level
        Of the interval, the share covered. None leaves the interval out, which halves the work.
    cluster
        The column of the clusters. Left out: that of the model's standard errors, else its unit.
    impose_null
        Whether draws have the residuals under the null (WCR), or the unrestricted ones (WCU).

    Returns
    -------
    BootstrapTest
        P value, statistic, interval and the statistics of all draws.

    Raises
    ------
    ArgumentError
        If ``m`` is neither, or an option has a form it cannot have.
    EstimationError
        If the model is not ordinary least squares, has no such coefficient, or there is no bootstrap in its sample.

    Notes
    -----
    Cameron, Gelbach and Miller (2008). With Rademacher weights all sign vectors are used, in place of random ones,
    where there are no more than ``reps`` of them, and with up to 12 clusters whatever ``reps`` says. Webb's (2023)
    weights have more values. The interval is found by testing every value with the same draws. P values are those of
    ``m.with_se("wild")`` with the same options.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from govdata import stats
    >>> from govdata.stats.bootstrap import wild_bootstrap
    >>> rng = np.random.default_rng(4)
    >>> data = pd.DataFrame({"iso3": np.repeat(np.arange(8), 10), "x": rng.normal(size=80)})
    >>> data["y"] = 0.3 * data["x"] + rng.normal(size=80) + rng.normal(size=8)[data["iso3"]]
    >>> test = wild_bootstrap(stats.ols("y ~ x | iso3", data, panel=False, cluster="iso3"), "x")
    >>> test.reps, test.enumerated
    (256, True)
    >>> bool(test.conf_low < test.estimate < test.conf_high)
    True
    """
    options = {"reps": reps, "seed": seed, "weights": weights}
    for name, value in options.items():
        if value is None:
            raise EstimationError(f"{name} is not left out by None; leave it away, or give a value")
    if not isinstance(impose_null, (bool, np.bool_)):
        raise EstimationError(f"impose_null is True or False, not {given(impose_null)}")
    if isinstance(null, (bool, np.bool_)) or not isinstance(null, Real) or not math.isfinite(null):
        raise EstimationError(f"null is a number, the value that is tested, not {given(null)}")
    if level is not None:
        _check_level(level)
    if isinstance(m, CrossProducts):
        m = m.fit("iid")
    if isinstance(m, ProductsFit):
        ready = _from_products(m.products, term, cluster, {"df": m.df, **options})
        return _test(ready, float(null), level, imposed=bool(impose_null))
    if not isinstance(m, PanelResults):
        raise ArgumentError(
            "the first argument is a model by stats.ols, or its sums of products by stats.CrossProducts, not "
            f"{type(m).__name__}"
        )
    return _test(_from_model(m, term, cluster, options), float(null), level, imposed=bool(impose_null))


@dataclass(frozen=True, slots=True, eq=False)
class _Prepared:
    """One combination of coefficients, ready to be drawn."""

    term: str
    response: str
    estimate: float
    std_error: float
    sums: Sums
    vcov: Vcov
    clusters: dict[str, int]
    note: str
    notes: tuple[str, ...] = ()


def _check_level(level: object) -> None:
    if check_level(level) < 0.5:
        raise EstimationError(f"level={level!r} would cover {level:.0%}; level is the share covered, as in level=0.95")


def _from_model(m: PanelResults, term: str, cluster: str | None, options: dict[str, Any]) -> _Prepared:
    fit = m.fit
    if not isinstance(fit, Fit) or m.estimator != "OLS":
        raise EstimationError(
            f"wild_bootstrap is defined for models by stats.ols, and this is {m.estimator}; its se_table() lists the "
            "conventions it has"
        )
    combination = _combination(term, m.terms)
    own = m.covariance.vcov
    if cluster is None and len(own.cluster) > 1:
        raise EstimationError(
            f"the model clusters by {' and '.join(own.cluster)}, and the bootstrap takes one column: name cluster="
        )
    unit = m.design.unit
    if cluster is None and not own.cluster and unit is None:
        raise EstimationError("the model knows no unit; name cluster=, the column of the clusters")
    named = cluster if cluster is not None else own.cluster[0] if own.cluster else None
    if isinstance(named, str):
        with suppress(EstimationError):  # what is no column is refused below
            named = column_of(m, named)
    chosen = {"se": "wild", "cluster": named, "df": own.df or "nested", **options}
    vcov = make_vcov(chosen, unit=None if unit is None else unit.name, time=None)
    keys = m.design.codes(vcov.cluster[0])
    base = clustered(fit, Vcov("CRV1", vcov.cluster, vcov.df), m.design)
    return _Prepared(
        term=term,
        response=m.response,
        estimate=float(combination @ fit.params),
        std_error=math.sqrt(max(float(combination @ base.matrix @ combination), 0.0)),
        sums=fit_sums(fit, keys, combination[None, :], (term,))[0],
        vcov=vcov,
        clusters=base.clusters,
        note=base.note,
        notes=tuple(note for note in fit.notes if "exactly" in note),
    )


def _from_products(m: CrossProducts, term: str, cluster: str | None, options: dict[str, Any]) -> _Prepared:
    combination = _combination(term, m.names)
    cluster = None if isinstance(cluster, str) and cluster == "unit" else cluster
    vcov = make_vcov({"se": "wild", "cluster": cluster, **options}, unit=m.cluster, time=None)
    if vcov.cluster != (m.cluster,):
        raise EstimationError(
            f"the sums of products are by {m.cluster}, so they have no bootstrap by {vcov.cluster[0]}; take the sums "
            "by that column"
        )
    groups = len(m.levels)
    if groups < 2:
        raise EstimationError(f"cluster {m.cluster!r} has one level in the sample; clustered errors need several")
    # The influence of a row on the combination is its row of the basis times these weights.
    weights = np.zeros(m.blocks.shape[1])
    weights[m.nuisance :] = back(m.root, np.eye(len(m.names))).T @ combination
    variance = float(weights @ weights)
    left = m.blocks @ weights
    influence = left @ weights
    own = np.stack([m.scores @ weights, influence / variance])
    refuse_no_variance(term, own[0], float(influence @ m.squares))
    counted = k_star(m, "CRV1", vcov.df or "nested")
    n = m.nobs
    sums = make_sums(own, left, m.scores, left / variance)
    note = f"CRV1; G/(G-1)*(N-1)/(N-K*), df={vcov.df}, K*={counted}"
    return _Prepared(
        term=term,
        response=m.response,
        estimate=float(combination @ m.params),
        std_error=sums.error * math.sqrt(groups / (groups - 1) * (n - 1) / (n - counted)),
        sums=sums,
        vcov=vcov,
        clusters={m.cluster: groups},
        note=note,
    )


def _combination(term: object, names: tuple[str, ...]) -> FloatArray:
    """Read the name of a coefficient, or a sum of names with signs and multiples."""
    if not isinstance(term, str):
        raise ArgumentError(f"term is the name of a coefficient, not {given(term)}")
    found = np.zeros(len(names))
    if term in names:
        found[names.index(term)] = 1.0
        return found
    by_length = sorted(names, key=len, reverse=True)
    rest, sign = term.strip(), 1.0
    if rest[:1] in {"+", "-"}:
        sign, rest = (-1.0 if rest[0] == "-" else 1.0), rest[1:].lstrip()
    while True:
        times = _NUMBER.match(rest)
        rest = rest[times.end() :] if times else rest
        name = next((name for name in by_length if re.match(re.escape(name) + r"\s*([+-]|\Z)", rest)), None)
        if name is None:
            listed = ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
            word = re.split(r"\s+[+-]\s*", rest)[0]
            raise EstimationError(
                f"the model has no coefficient {given(word)}{nearest(word, names) or f'; it has {listed}'}"
            )
        found[names.index(name)] += sign * (float(times[1]) if times else 1.0)
        rest = rest[len(name) :].lstrip()
        if not rest:
            break
        sign, rest = (-1.0 if rest[0] == "-" else 1.0), rest[1:].lstrip()
    if not found.any() or not np.isfinite(found).all():
        raise EstimationError(f"{given(term)} is zero, or not finite, whatever the coefficients are")
    return found


def _test(ready: _Prepared, null: float, level: float | None, *, imposed: bool) -> BootstrapTest:
    (name, count), *_ = ready.clusters.items()
    drawn = drawing(ready.vcov, count)
    distance = (ready.estimate - null) / ready.sums.error
    fixed = (min(max(distance, -FAR), FAR) if level is None else None) if imposed else 0.0
    found = bootstrap(drawn, np.array([ready.estimate]), (ready.sums,), fixed)
    p_value = found.p_value(0, null)
    low, high = (math.nan, math.nan) if level is None else found.interval(level)[0].tolist()
    distribution = found.statistics(0, null) * (ready.sums.error / ready.std_error)
    convention, warnings = described(ready.note, ready.vcov, found, ready.clusters, imposed=imposed)
    return BootstrapTest(
        term=ready.term.strip(),
        response=ready.response,
        estimate=ready.estimate,
        std_error=ready.std_error,
        null=null,
        statistic=(ready.estimate - null) / ready.std_error,
        p_value=p_value,
        conf_low=low,
        conf_high=high,
        level=math.nan if level is None else float(level),
        critical=math.nan if level is None else _critical(distribution, level),
        distribution=distribution,
        reps=found.draws,
        enumerated=found.enumerated,
        seed=ready.vcov.seed,
        weights=ready.vcov.weights,
        imposed=imposed,
        cluster=name,
        n_clusters=count,
        notes=(*warnings, *ready.notes, *_remarks(found, p_value, (low, high), level, distribution, ready.vcov, count)),
        convention=convention,
    )


def _critical(distribution: FloatArray, level: float) -> float:
    """Return the smallest size that no more than a share 1 - level of the draws exceed."""
    sizes = np.sort(np.nan_to_num(np.abs(distribution), nan=0.0, posinf=np.inf))
    return float(sizes[math.ceil(level * len(sizes) * (1 - 1e-12)) - 1])


def _remarks(
    found: WildBootstrap,
    p_value: float,
    ends: tuple[float, float],
    level: float | None,
    distribution: FloatArray,
    vcov: Vcov,
    clusters: int,
) -> list[str]:
    notes = []
    if found.enumerated and found.draws != vcov.reps:
        notes.append(f"all {found.draws:,} sign vectors are used in place of {vcov.reps:,} random ones")
    if vcov.weights == "webb" and 6.0 ** min(clusters, 40) < found.draws:
        notes.append(f"{clusters} clusters have only {6**clusters:,} vectors of Webb's weights, which the draws repeat")
    if p_value == 0:
        what, least = ("sign vector", 2 / found.draws) if found.enumerated else ("draw", 1 / found.draws)
        notes.append(f"no {what} gives a larger statistic: read p < {least:.2g}")
    open_ends = [math.isinf(end) for end in ends]
    if any(open_ends):
        where = "no value" if all(open_ends) else f"no value {'below' if open_ends[0] else 'above'} the estimate"
        notes.append(f"{where} is rejected at level {level:g}, so the interval is open")
    without = int(np.count_nonzero(~np.isfinite(distribution)))
    if without:
        notes.append(f"{without:,} draws have no variance, so that their statistic is infinite or undefined")
    return notes
