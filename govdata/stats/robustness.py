"""Everything a reviewer asks of one coefficient, on one page."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from govdata.drawing import whole_number
from govdata.errors import ArgumentError, EstimationError, GovdataError, nearest
from govdata.stats.bootstrap import BootstrapTest, wild_bootstrap
from govdata.stats.contrast import check_level, check_model
from govdata.stats.conventions import se_table
from govdata.stats.formula import Formula, parse, term_label
from govdata.stats.leave_one_out import LeaveOneOut, leave_one_out
from govdata.stats.over_codings import SOURCE, OverCodings, over_codings
from govdata.stats.over_draws import over_draws
from govdata.stats.pooled import Pooled
from govdata.stats.robustness_page import page
from govdata.stats.sensitivity import Sensitivity, sensitivity
from govdata.stats.specification import SpecificationCurve, specification_curve
from govdata.stats.wording import INTERCEPT, given

if TYPE_CHECKING:
    from govdata.stats.results import PanelResults

__all__ = ["PARTS", "Robustness", "robustness"]

PARTS = ("conventions", "bootstrap", "leave_one_out", "specifications", "draws", "codings", "sensitivity")
"""What the page has, in its order."""
MOST_CONTROLS = 12
"""Above so many controls, all their subsets are more than anyone would call defensible."""
FEWEST = 99
"""Draws of the bootstrap, at least."""
COLUMNS = ("estimate", "std_error", "p_value", "conf_low", "conf_high")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Robustness:
    """What becomes of one coefficient when something defensible is done differently. Made by :func:`robustness`.

    Attributes
    ----------
    model
        The model.
    term
        The coefficient.
    level
        Of intervals and of significance.
    conventions
        One row a convention of the standard error.
    bootstrap
        The wild cluster bootstrap.
    left_out
        Leave-one-out, by what was left out.
    curve
        The specification curve.
    draws
        The model pooled over draws of the coded data.
    recoded
        The model over recodings of the evidence.
    omitted
        Sensitivity to an omitted variable.
    refused
        Why a part is not there, by its name in ``PARTS``.
    """

    model: PanelResults
    term: str
    level: float
    conventions: pd.DataFrame
    bootstrap: BootstrapTest | None = None
    left_out: Mapping[str, LeaveOneOut] = field(default_factory=dict)
    curve: SpecificationCurve | None = None
    draws: Pooled | None = None
    recoded: OverCodings | None = None
    omitted: Sensitivity | None = None
    refused: Mapping[str, str] = field(default_factory=dict)

    def to_frame(self) -> pd.DataFrame:
        """Return one row a check: what was done, and the coefficient that came of it.

        Returns
        -------
        DataFrame
            Columns ``part``, ``check``, ``estimate``, ``std_error``, ``p_value``, ``conf_low``, ``conf_high`` and
            ``nobs``. Where a check is many fits, its lowest, median or highest estimate stands for them. Recodings keep
            their names; ``lowest [x]`` is that of x alone, where several variables are recoded.
        """
        own = self.model.tidy(self.level).set_index("term").loc[self.term]
        rows: list[dict[str, Any]] = [_row("model", "as fitted", own, self.model.nobs)]
        rows += [
            _row("conventions", str(row["convention"]), row, self.model.nobs)
            for _, row in self.conventions.iterrows()  # a dozen rows
        ]
        if self.bootstrap is not None:
            test = self.bootstrap
            rows.append(
                _row("bootstrap", f"wild cluster bootstrap by {test.cluster}", own, self.model.nobs)
                | {"p_value": test.p_value, "conf_low": test.conf_low, "conf_high": test.conf_high}
            )
        for by, found in self.left_out.items():
            table = found.table[(found.table["term"] == self.term) & found.table["estimate"].notna()]
            for which, place in _ends(table["estimate"]).items():
                row = table.loc[place]
                rows.append(_row("leave_one_out", f"{which}, without {by} {row['left_out']}", row, row["nobs"]))
        if self.curve is not None:
            table = self.curve.table[self.curve.table["estimate"].notna()]
            for which, place in _ends(table["estimate"], middle=True).items():
                row = table.loc[place]
                rows.append(_row("specifications", f"{which} of {len(table):,}", row, row["nobs"]))
        if self.draws is not None:
            row = self.draws.tidy(self.level).set_index("term").loc[self.term]
            rows.append(_row("draws", f"pooled over {self.draws.n_draws} draws", row, self.draws.nobs))
        if self.recoded is not None:
            table = self.recoded.table[
                (self.recoded.table["term"] == self.term) & self.recoded.table["estimate"].notna()
            ]
            plain = table[~table["coding"].str.startswith(SOURCE)]
            rows += [_row("codings", str(row["coding"]), row, row["nobs"]) for _, row in plain.iterrows()]
            # Each source once, from all variables at a time, and only where it is in the sample.
            single = table[table["coding"].str.startswith(SOURCE) & ~table["coding"].str.endswith("]")]
            single = single[single["reason"] == ""]
            for which, place in _ends(single["estimate"]).items():
                row = single.loc[place]
                source = str(row["coding"]).removeprefix(SOURCE)
                rows.append(_row("codings", f"{which}, without source {source}", row, row["nobs"]))
        return pd.DataFrame(rows)

    def summary(self) -> str:
        """Print the page.

        Returns
        -------
        str
            At most 100 columns wide.
        """
        return page(self)

    def __str__(self) -> str:
        """Print the page."""
        return self.summary()

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(self.summary())}</pre>"

    def __repr__(self) -> str:
        """Show what the object is."""
        there = [part for part in PARTS if part not in self.refused or (part == "leave_one_out" and self.left_out)]
        return f"<Robustness of {self.term} in {self.model.formula!r}: {', '.join(there)}>"


def robustness(  # noqa: PLR0913 -- one page has many parts
    m: PanelResults,
    term: str | None = None,
    *,
    draws: Any = None,  # noqa: ANN401 -- whatever over_draws takes
    codings: Any = None,  # noqa: ANN401 -- whatever over_codings takes
    controls: str | list[str] | None = None,
    effects: str | list[str] | None = None,
    by: str | list[str] | None = None,
    benchmark: str | None = None,
    reps: int = 9999,
    n_draws: int = 200,
    permutations: int = 0,
    seed: int = 0,
    level: float = 0.95,
) -> Robustness:
    """Print the page a reviewer wants: everything that could defensibly have been done differently.

    Parameters
    ----------
    m
        A fitted model of any estimator. Parts that are defined for linear models only say so for others.
    term
        The coefficient. Left out: the first that is not the intercept.
    draws
        Draws of the coded data, as :func:`over_draws` takes them. Left out: drawn from the bounds or standard
        deviations that stand beside a variable of the model in its data.
    codings
        Recodings of the evidence, from ``govdata.codings``. Left out: the lowest and the highest reading and the
        highest subnational value, where these stand in the model's data.
    controls
        Terms that the specification curve leaves in and out. Left out: all others of the model.
    effects
        Effects of the specification curve, each as after ``|``. Left out: the model's own, and each of them alone.
    by
        Columns to leave one level out of. Left out: the unit, and the time.
    benchmark
        A term of the model to compare an omitted variable with.
    reps
        Draws of the wild cluster bootstrap.
    n_draws
        Draws of the data, where these are drawn here.
    permutations
        Of the test of the whole specification curve; none by default.
    seed
        Of everything that is drawn.
    level
        Of intervals; what is outside is significant.

    Returns
    -------
    Robustness
        Prints as a page; every part is an object of its own.

    Raises
    ------
    EstimationError
        If the model has no such coefficient, or ``by`` names no column of its data.
    ArgumentError
        If an argument has a form that is not taken. What else cannot be done is said on the page, under its part.

    Notes
    -----
    Linear models are not fitted again: leave-one-out, specifications, draws and the bootstrap come from sums of
    products by cluster.

    Examples
    --------
    >>> from govdata import demo, stats
    >>> model = stats.ols("monitoring ~ v2x_polyarchy + log(gdp_pc_ppp) | iso3 + year", demo.panel())
    >>> page = stats.robustness(model, reps=999)
    >>> page.to_frame()["part"].unique().tolist()
    ['model', 'conventions', 'bootstrap', 'leave_one_out', 'specifications', 'draws', 'codings']
    >>> page.refused
    {}
    """
    m = check_model(m)
    level = check_level(level)
    name = _focal(m, term)
    for what, value, least in (("reps", reps, FEWEST), ("n_draws", n_draws, 2), ("permutations", permutations, 0)):
        whole_number(value, what, least)
    seed = whole_number(seed, "seed", 0)
    controls, effects = _texts(controls, "controls"), _texts(effects, "effects")
    if isinstance(draws, int):
        raise ArgumentError(f"draws={draws!r} are draws of the data, such as load(..., draws=200); how many: n_draws=")
    refused: dict[str, str] = {}

    def attempt(part: str, make: Callable[[], Any]) -> Any:  # noqa: ANN401 -- one of the parts
        try:
            return make()
        except GovdataError as error:
            refused[part] = str(error)
            return None

    found: dict[str, Any] = {
        "bootstrap": attempt("bootstrap", lambda: wild_bootstrap(m, name, reps=reps, seed=seed, level=level)),
        "left_out": _left_out(m, _texts(by, "by"), level, refused),
        "curve": attempt(
            "specifications",
            lambda: _curve(m, name, controls, effects, permutations=permutations, seed=seed, level=level),
        ),
        "draws": attempt("draws", lambda: over_draws(m, draws, draws=n_draws, seed=seed)),
        "recoded": attempt("codings", lambda: over_codings(m, codings, level=level)),
        "omitted": attempt("sensitivity", lambda: sensitivity(m, name, benchmark=benchmark, alpha=1 - level)),
    }
    return Robustness(m, name, level, _conventions(m, name, level), refused=refused, **found)


def _focal(m: PanelResults, term: str | None) -> str:
    slopes = [name for name in m.terms if name != INTERCEPT and name not in m.auxiliary]
    if term is None:
        if not slopes:
            raise EstimationError("the model has no regressor; robustness is that of a coefficient")
        return slopes[0]
    if not isinstance(term, str) or term not in m.terms:
        raise EstimationError(f"the model has no coefficient {term!r}{nearest(str(term), m.terms)}")
    return term


def _row(part: str, check: str, found: Any, nobs: Any) -> dict[str, Any]:  # noqa: ANN401 -- a row of any table
    return {"part": part, "check": check, **{name: float(found[name]) for name in COLUMNS}, "nobs": int(nobs)}


def _ends(estimates: pd.Series[Any], *, middle: bool = False) -> dict[str, Any]:
    """Say where the lowest, the median and the highest estimate stand."""
    if estimates.empty:
        return {}
    # Estimates that differ by rounding alone are ties, which the order of the table breaks.
    size = max(float(estimates.abs().max()), float(np.finfo(float).tiny))
    ordered = (estimates / size).round(9).sort_values(kind="stable").index
    found = {"lowest": ordered[0]}
    if middle and len(ordered) > 2:
        found["median"] = ordered[(len(ordered) - 1) // 2]
    return found | {"highest": ordered[-1]}


class _Kept:
    """A model that keeps what it gives under other conventions, so that none is computed twice."""

    def __init__(self, m: PanelResults) -> None:
        self.model, self.design, self.linear = m, m.design, m.linear
        self.given: list[PanelResults] = []

    def with_se(self, se: Any = None, **options: Any) -> PanelResults:  # noqa: ANN401 -- as the model has it
        self.given.append(self.model.with_se(se, **options))
        return self.given[-1]


def _conventions(m: PanelResults, term: str, level: float) -> pd.DataFrame:
    """Put the coefficient's standard errors side by side: one row a convention."""
    kept = _Kept(m)
    errors = se_table(kept, "std_error", bootstrap=False)
    rows = []
    for name, model in zip(errors.columns, kept.given, strict=True):
        row = model.tidy(level).set_index("term").loc[term]
        rows.append({"convention": name, **{key: row[key] for key in ("estimate", "std_error", "statistic")}})
        rows[-1] |= {key: row[key] for key in ("p_value", "conf_low", "conf_high")}
    found = pd.DataFrame(rows, columns=["convention", "estimate", "std_error", "statistic", *COLUMNS[2:]])
    found.attrs = {"refused": errors.attrs["refused"]}
    return found


def _texts(value: object, what: str) -> list[str] | None:
    """Take one text or several."""
    if value is None or isinstance(value, str):
        return [value] if isinstance(value, str) else None
    if not isinstance(value, (list, tuple)) or not all(isinstance(one, str) for one in value):
        raise ArgumentError(f"{what} is a text or a list of texts, not {given(value)}")
    return list(value)


def _left_out(
    m: PanelResults, columns: list[str] | None, level: float, refused: dict[str, str]
) -> dict[str, LeaveOneOut]:
    if columns is None:
        keys = (m.design.unit, None if m.design.by_unit else m.design.time)
        columns = [key.name for key in keys if key is not None]
    elif unknown := [one for one in columns if one not in m.data.columns and one not in ("unit", "time")]:
        near = nearest(unknown[0], [name for name in m.data.columns if isinstance(name, str)])
        raise EstimationError(f"the data have no column {given(unknown[0])} (by=){near}")
    found: dict[str, LeaveOneOut] = {}
    reasons: list[str] = []
    for column in columns:
        try:
            found[column] = leave_one_out(m, column, level=level)
        except GovdataError as error:
            reasons.append(f"by {column}: {error}")
    if not columns:
        reasons.append("the model knows no unit; name by=")
    if reasons:
        refused["leave_one_out"] = "; ".join(reasons)
    return found


def _curve(
    m: PanelResults,
    term: str,
    controls: list[str] | None,
    effects: list[str] | None,
    *,
    permutations: int,
    seed: int,
    level: float,
) -> SpecificationCurve:
    if m.estimator != "OLS" or m.call is None:
        raise EstimationError(f"specification curves are those of stats.ols, not {m.estimator}")
    formula = parse(m.formula)
    labels = [term_label(one) for one in formula.terms]
    if term not in labels:
        raise EstimationError(f"{term} is one of several coefficients of a factor; a curve is of one regressor")
    bound = [one for one in labels if one != term and _shares(formula, one, term)]
    others = [one for one in labels if one != term and one not in bound] if controls is None else list(controls)
    always = bound if controls is None else [one for one in labels if one not in {term, *others}]
    if controls is None and len(others) > MOST_CONTROLS:
        raise EstimationError(
            f"{len(others)} controls have {2 ** len(others):,} subsets; name in controls= those whose inclusion is open"
        )
    options = dict(m.call.options)
    shared = {
        name: options[name] for name in ("unit", "time", "se", "cluster", "df", "twoway", "lags") if name in options
    }
    return specification_curve(
        m.data,
        y=str(formula.response),
        x=term,
        controls=others,
        always=always,
        effects=_effects(formula) if effects is None else effects,
        permutations=permutations,
        seed=seed,
        level=level,
        **shared,
    )


def _shares(formula: Formula, label: str, term: str) -> bool:
    """Whether a term is a product that holds the focal regressor: without it the coefficient means something else."""
    for one in formula.terms:
        if term_label(one) == label:
            return len(one) > 1 and any(str(factor) == term for factor in one)
    return False


def _effects(formula: Formula) -> list[str]:
    names = [str(effect) for effect in formula.effects]
    if not names:
        return [""]
    alone = names if len(names) > 1 else []
    return [" + ".join(names), *alone]
