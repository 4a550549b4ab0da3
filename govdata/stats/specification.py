"""The specification curve: one question asked in every defensible way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypedDict, Unpack

import numpy as np
import pandas as pd
from scipy.special import stdtr, stdtrit

from govdata.drawing import whole_number
from govdata.errors import ArgumentError, EstimationError, nearest
from govdata.stats.covariance.naming import DfRule, TwoWay, Weights
from govdata.stats.estimating import choose, dataset_of
from govdata.stats.formula import check_column
from govdata.stats.panel import Panel, frame_of
from govdata.stats.specification_null import METHODS, JointTest, plan
from govdata.stats.specification_page import choices_table, page, shares_table
from govdata.stats.specification_run import Ledger, run
from govdata.stats.specification_space import Space
from govdata.stats.wording import given

if TYPE_CHECKING:
    from govdata.stats.keys import FloatArray, IntArray

__all__ = ["SpecificationCurve", "specification_curve"]


class CurveOptions(TypedDict, total=False):
    """The options of conventions that a whole curve may share.

    Attributes
    ----------
    cluster, df, twoway, lags, pairwise, hetonly, reps, weights
        As :func:`govdata.stats.ols` takes them.
    """

    cluster: str | list[str] | None
    df: DfRule | None
    twoway: TwoWay | None
    lags: int | None
    pairwise: bool | None
    hetonly: bool | None
    reps: int | None
    weights: Weights | None


_RESERVED = (
    "y",
    "x",
    "sample",
    "effects",
    "se",
    "formula",
    "nobs",
    "n_clusters",
    "estimate",
    "std_error",
    "statistic",
    "p_value",
    "conf_low",
    "conf_high",
    "reason",
)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SpecificationCurve:
    """The estimates of one question under every combination of choices. Made by :func:`specification_curve`.

    Attributes
    ----------
    table
        One row a specification: ``y``, ``x``, one column a control (True where it is in), ``sample``, ``effects``,
        ``se``, ``formula``, ``nobs``, ``n_clusters``, ``estimate``, ``std_error``, ``statistic``, ``p_value``,
        ``conf_low``, ``conf_high``, ``reason``. A specification that cannot be estimated has no numbers and a reason.
    controls
        Name of each control or group of controls with its column in the table.
    level
        Of the intervals; a specification is significant at one minus it.
    test
        The joint test of the curve; None without permutations.
    draws
        How many draws each specification is pooled over; 0 where the data are taken as they are.
    dataset
        Which data these are.
    notes
        What a reader should know.
    """

    table: pd.DataFrame = field(repr=False)
    controls: dict[str, str]
    level: float
    test: JointTest | None
    draws: int
    dataset: str
    notes: tuple[str, ...]

    @property
    def estimated(self) -> pd.DataFrame:
        """The specifications that have an estimate."""
        return self.table[self.table["estimate"].notna()]

    @property
    def median(self) -> float:
        """The median estimate."""
        return float(self.estimated["estimate"].median())

    @property
    def shares(self) -> pd.DataFrame:
        """Counts of the estimated specifications by sign and significance, and their shares."""
        return shares_table(self.table, self.level)

    @property
    def choices(self) -> pd.DataFrame:
        """What each choice does to the estimate, the strongest first.

        ``mean_with`` and ``mean_without`` are means over all estimated specifications; ``variance_share`` is the share
        of the variance of the estimates that lies between the options of that choice.
        """
        return choices_table(self.table, self.controls, self.level)

    def summary(self) -> str:
        """Describe the curve on one page.

        Returns
        -------
        str
            How many specifications, where the estimates lie, shares by sign and significance, what moves them, the
            joint test, and what could not be estimated.
        """
        return page(self)

    def __str__(self) -> str:
        """Return the summary."""
        return self.summary()

    def __repr__(self) -> str:
        """Show what the object is."""
        return f"<SpecificationCurve: {len(self.table):,} specifications, median estimate {self.median:.4g}>"

    def _repr_html_(self) -> str:
        from html import escape

        return f"<pre>{escape(self.summary())}</pre>"


def specification_curve(  # noqa: PLR0913 -- every choice is one
    data: pd.DataFrame | Panel,
    *,
    y: str | Sequence[str],
    x: str | Sequence[str],
    controls: Sequence[str | Sequence[str]] | Mapping[str, str | Sequence[str]] = (),
    always: str | Sequence[str] = (),
    samples: Mapping[str, Any] | None = None,
    effects: str | Sequence[str] = ("",),
    se: str | Mapping[str, Any] | Sequence[str | Mapping[str, Any]] | None = None,
    unit: str | None = None,
    time: str | None = None,
    panel: bool = True,
    rows: Literal["own", "common"] = "own",
    max_controls: int | None = None,
    level: float = 0.95,
    draws: Mapping[str, Any] | None = None,
    permutations: int = 0,
    permute: Literal["auto", "exchange", "flips"] = "auto",
    seed: int = 0,
    dataset: str | None = None,
    **se_options: Unpack[CurveOptions],
) -> SpecificationCurve:
    """Estimate one coefficient in every defensible specification.

    Parameters
    ----------
    data
        Any frame or a :class:`Panel`, one row a unit and time.
    y, x
        Response and the regressor looked at: a column or a formula's term such as ``"lag(x, 1)"``; or lists of them.
    controls
        What may be in a model or not; every subset is a specification. An element is a term, or a list of terms that
        come and go together. A dict gives them names.
    always
        Terms in every model.
    samples
        Names with rows: a mask in the order of the data, the name of a column of True and False, a list of units, a
        function of the data that gives a mask, or None for all rows. Left out: all rows.
    effects
        What is absorbed, as after ``|`` in a formula; ``""`` for nothing.
    se
        One or several conventions of the standard errors: names, or dicts of options such as
        ``{"se": "CRV1", "cluster": "region"}``. Left out: ``"CRV1"`` by the unit where one is known, else ``"iid"``.
    unit, time
        Key columns, as for :func:`ols`. Left out, they are read once, from the specification with most effects.
    panel
        False where rows repeat by design.
    rows
        ``"own"``: each specification uses the rows complete for it. ``"common"``: all specifications of a sample use
        the rows that are complete for every variable of the curve.
    max_controls
        Most controls, or groups, in a model.
    level
        Of the intervals; one minus it is the level of significance.
    draws
        Columns with their draws: rows of the data x draws, such as ``{"x": matrix}``. Every specification is fitted on
        each draw and pooled by Rubin's rules.
    permutations
        How many curves under the null the joint test draws, such as 500; 0 for no test.
    permute
        How: ``"exchange"`` whole histories of ``x`` between units observed at the same times; ``"flips"`` the signs of
        residuals by cluster, the coefficient held at zero; ``"auto"`` flips where there are controls or other terms,
        and exchanges where there are none and at least 95 % of units can.
    seed
        Where permutations start.
    dataset
        Which data these are. Left out: read from ``data.attrs``.
    **se_options
        ``cluster``, ``df`` and other options of :func:`ols`, given to those conventions that use them.

    Returns
    -------
    SpecificationCurve
        ``.table``, ``.median``, ``.shares``, ``.choices``, ``.test`` and ``.summary()``.

    Raises
    ------
    ArgumentError
        If a choice has a form it cannot have, or there are more than a million specifications.
    FormulaError
        If a term cannot be read or names no column.
    EstimationError
        If an option of the standard errors does not exist, or no specification can be estimated.

    Notes
    -----
    Every specification equals ``stats.ols(formula, data[sample], se=...)``. Those with the same rows, effects and
    conventions by one cluster come from one decomposition of their columns. A specification that holds ``x`` or ``y``
    as its own control is none, and is not counted.

    The curve and its joint test are those of Simonsohn, Simmons and Nelson (2020). The test asks whether the median
    estimate, the share of significant estimates in the dominant direction and the average z (Stouffer) are larger than
    they would be if ``x`` did nothing; its p values count the observed curve among the permuted. Exchanging keeps
    whatever dependence over time ``x`` has, and undoes its relation to ``y`` and to controls: it is exact where ``x``
    has nothing to do with either, and rejects the median estimate too often where ``x`` depends on controls that are in
    every model. Flipping signs is the wild cluster bootstrap with the null imposed (Cameron, Gelbach and Miller 2008);
    it keeps ``x`` and the controls as they are, and wants some dozen clusters. Neither repairs a specification that
    leaves out a confounder. Pooling over draws: Rubin (1987), Barnard and Rubin (1999).

    Results are held as specifications times draws, and drawn columns about three times over.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from govdata import stats
    >>> rng = np.random.default_rng(1)
    >>> frame = pd.DataFrame({"iso3": np.repeat([f"U{i}" for i in range(20)], 6), "year": [*range(2000, 2006)] * 20})
    >>> frame[["x", "z", "w"]] = rng.normal(size=(120, 3))
    >>> frame["y"] = frame["x"] + frame["z"] + rng.normal(size=120)
    >>> curve = stats.specification_curve(frame, y="y", x="x", controls=["z", "w"], effects=["", "iso3 + year"])
    >>> curve
    <SpecificationCurve: 8 specifications, median estimate 0.922>
    >>> curve.table["formula"].iloc[-1]
    'y ~ x + z + w | iso3 + year'
    """
    frame, own_unit, own_time = frame_of(data)
    for label, key, own in (("unit", unit, own_unit), ("time", time, own_time)):
        if key is not None and not isinstance(key, str):
            raise ArgumentError(f"{label} is the name of a column, not {given(key)}")
        if key is not None and own is not None and key != own:
            raise ArgumentError(f"{label}={key!r} is given, yet the panel's {label} is {own!r}")
    if not isinstance(panel, bool):
        raise ArgumentError(f"panel is True or False, not {given(panel)}")
    choose("rows", rows, ("own", "common"))
    choose("permute", permute, METHODS)
    if isinstance(level, bool) or not isinstance(level, (int, float)) or not 0.5 <= level < 1:
        raise ArgumentError(f"level is a number from 0.5 to below 1, such as 0.95, not {given(level)}")
    count, start = whole_number(permutations, "permutations", 0), whole_number(seed, "seed", 0)
    space = Space.of(
        frame,
        y=y,
        x=x,
        controls=controls,
        always=always,
        samples=samples,
        effects=effects,
        se=se,
        options=dict(se_options),
        unit=unit or own_unit,
        time=time or own_time,
        panel=panel,
        max_controls=max_controls,
    )
    drawn, how_many = _draws(draws, frame, space)
    if count and drawn:
        raise EstimationError("permutations= and draws= are two questions; ask one at a time")
    skip = _not_specifications(space)
    null = plan(space, frame, count, permute, start, float(level)) if count else None
    ledger = run(space, frame, drawn, skip=skip, common=rows == "common", level=float(level), null=null)
    _complete(ledger, float(level))
    keep = np.setdiff1d(np.arange(ledger.total), skip)
    names = _column_names(space)
    table = _table(space, ledger, keep, names)
    if table["estimate"].isna().all():
        first = next(iter(ledger.reasons.values()), "there is none")
        raise EstimationError(f"none of {len(table):,} specifications can be estimated; the first: {first}")
    notes = list(_notes(space, ledger, len(skip)))
    test = None
    if null is not None:
        test = null.test(ledger.estimate, ledger.statistic, ledger.p_value, ledger.df)
        notes += test.notes
    return SpecificationCurve(
        table=table,
        controls=names,
        level=float(level),
        test=test,
        draws=how_many,
        dataset=dataset_of(frame) if dataset is None else str(dataset),
        notes=tuple(notes),
    )


def _draws(draws: object, data: pd.DataFrame, space: Space) -> tuple[dict[str, FloatArray], int]:
    """Read the draws: one matrix a column, with the same number of columns in each."""
    if draws is None:
        return {}, 0
    if not isinstance(draws, Mapping) or not draws:
        raise ArgumentError(f"draws is a dict of columns and matrices, rows of the data x draws, not {given(draws)}")
    used = space.columns
    keys = {space.unit, space.time, *(n for e in space.effects.values() for n in e)}
    keys |= {name for one in space.conventions for name in one.vcov.cluster}
    found: dict[str, FloatArray] = {}
    for name, values in draws.items():
        if not isinstance(name, str):
            raise ArgumentError(f"draws names columns by texts, not {given(name)}")
        check_column(name, data.columns, where="draws=")
        if name not in used or name in keys:
            what = "a key, a cluster or an effect" if name in keys else "in no specification"
            raise ArgumentError(f"draws of {name!r}, which is {what}{nearest(name, used)}")
        try:
            matrix = np.asarray(values, dtype=np.float64)
        except (TypeError, ValueError):
            raise ArgumentError(f"draws of {name!r} are numbers, not {given(values)}") from None
        if matrix.ndim != 2 or len(matrix) != len(data) or matrix.shape[1] < 2:
            raise ArgumentError(
                f"draws of {name!r} have the shape {matrix.shape}; expected {len(data):,} rows and two draws or more"
            )
        gone = np.isnan(matrix)
        if (gone != gone[:, :1]).any():
            rows = int((gone.any(axis=1) & ~gone.all(axis=1)).sum())
            raise ArgumentError(
                f"draws of {name!r} are missing in some draws only, in {rows:,} rows; fill or empty them"
            )
        found[name] = matrix
    widths = {matrix.shape[1] for matrix in found.values()}
    if len(widths) > 1:
        raise ArgumentError(f"draws differ in number: {', '.join(f'{n} {m.shape[1]}' for n, m in found.items())}")
    return found, widths.pop()


def _not_specifications(space: Space) -> IntArray:
    """Find combinations in which a control or the regressor is itself the response or the regressor."""
    gone = np.zeros(space.shape, dtype=np.bool_)
    groups = [{frozenset(term) for term in terms} for terms in space.controls.values()]
    for a, left in enumerate(space.responses.values()):
        for b, right in enumerate(space.focals.values()):
            if frozenset(left) == frozenset(right):
                gone[a, b] = True
            taken = {frozenset(left), frozenset(right)}
            for j, terms in enumerate(groups):
                if terms & taken:
                    gone[a, b, :, :, space.subsets[:, j]] = True
    return np.flatnonzero(gone)


def _complete(ledger: Ledger, level: float) -> None:
    """Fill in statistics, p values and intervals where a fit of its own did not give them."""
    todo = np.isnan(ledger.statistic) & ~np.isnan(ledger.estimate)
    estimate, error, df = ledger.estimate[todo], ledger.std_error[todo], ledger.df[todo]
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = estimate / error
    half = stdtrit(df, 0.5 + level / 2) * error
    ledger.statistic[todo], ledger.p_value[todo] = statistic, 2 * stdtr(df, -np.abs(statistic))
    ledger.conf_low[todo], ledger.conf_high[todo] = estimate - half, estimate + half


def _column_names(space: Space) -> dict[str, str]:
    """Name a column of the table for each control."""
    found: dict[str, str] = {}
    taken = {*_RESERVED, *space.controls}
    for name in space.controls:
        column = name
        while column in _RESERVED or (column != name and column in taken):
            column += " (control)"
        found[name] = column
        taken.add(column)
    return found


def _table(space: Space, ledger: Ledger, keep: IntArray, names: dict[str, str]) -> pd.DataFrame:
    y, x, sample, effects, subset, se = np.unravel_index(keep, space.shape)

    def named(values: Sequence[str], at: IntArray) -> Any:  # noqa: ANN401 -- text of pandas
        return pd.array(list(values), dtype="str").take(at)

    texts = space.texts
    always = "".join(f" + {text}" for text in texts[3])
    chosen = [
        "".join([f" + {text}" for text, k in zip(texts[2], row, strict=True) if k]) for row in space.subsets.tolist()
    ]
    middles = np.array([part + always for part in chosen], dtype=object)
    heads = np.array([f"{left} ~ {right}" for left in texts[0] for right in texts[1]], dtype=object)
    tails = np.array([f" | {text}" if text else "" for text in texts[4]], dtype=object)
    reasons = np.full(ledger.total, "", dtype=object)
    for at, reason in ledger.reasons.items():
        reasons[at] = reason
    columns: dict[str, Any] = {"y": named(texts[0], y), "x": named(texts[1], x)}
    columns |= {column: space.subsets[subset, j] for j, column in enumerate(names.values())}
    columns |= {
        "sample": named(list(space.samples), sample),
        "effects": named(texts[4], effects),
        "se": named([one.name for one in space.conventions], se),
        "formula": heads[y * len(texts[1]) + x] + middles[subset] + tails[effects],
        "nobs": ledger.nobs[keep],
        "n_clusters": pd.arrays.IntegerArray(ledger.groups[keep], ledger.groups[keep] == 0),
    }
    for name in ("estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high"):
        columns[name] = getattr(ledger, name)[keep]
    columns["reason"] = reasons[keep]
    return pd.DataFrame(columns)


def _notes(space: Space, ledger: Ledger, skipped: int) -> list[str]:
    found = []
    if skipped:
        found.append(f"{skipped:,} combinations that hold y or x as a control of itself are not counted")
    if len(space.focals) > 1:
        found.append("x differs between specifications: estimates are comparable only where its units are")
    if len(space.responses) > 1:
        found.append("y differs between specifications: estimates are comparable only where its units are")
    if ledger.alone:
        found.append(f"{ledger.alone:,} models were fitted one by one")
    return found
