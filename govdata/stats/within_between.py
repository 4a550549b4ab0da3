"""Within-between (hybrid) models and Mundlak's regression: what differs over time, and what differs between units."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, Unpack, get_args

import numpy as np
import pandas as pd

from govdata.errors import EstimationError
from govdata.stats.calls import recorded
from govdata.stats.covariance import SeOptions
from govdata.stats.design import Design
from govdata.stats.estimating import Collinear, choose, finish, fit_design, prepare
from govdata.stats.panel import Panel
from govdata.stats.random_effects import METHODS, fit_random
from govdata.stats.results import PanelResults
from govdata.stats.transformed import VANISHED, group_means

__all__ = ["Form", "HybridMethod", "within_between"]

Form = Literal["within-between", "mundlak"]
HybridMethod = Literal["reml", "ml", "swamy-arora", "ols"]

_TITLES = {"within-between": "Within-between", "mundlak": "Mundlak"}


def within_between(
    formula: str,
    data: pd.DataFrame | Panel,
    *,
    form: Form = "within-between",
    method: HybridMethod = "reml",
    unit: str | None = None,
    time: str | None = None,
    collinear: Collinear = "refuse",
    dataset: str | None = None,
    **se_options: Unpack[SeOptions],
) -> PanelResults:
    """Fit random effects of units with every regressor split into its unit's mean and the deviation from it.

    Parameters
    ----------
    formula
        The model in the variables themselves, with a constant and without effects after ``|``. A regressor that does
        not change within units enters once.
    data
        Any frame or a :class:`Panel`. Means are those of the rows in the sample.
    form
        ``"within-between"``: terms ``within(x)``, the deviation, and ``between(x)``, the mean. ``"mundlak"``: terms
        ``x`` and ``mean(x)``, whose coefficient is the difference of the two. Both are the same model.
    method
        How the effects' variance is estimated: ``"reml"``, ``"ml"``, ``"swamy-arora"``, or ``"ols"`` without effects.
    unit, time
        Key columns; see :func:`ols`.
    collinear
        ``"refuse"`` a term that the others determine, naming it, or ``"drop"`` it with a note.
    dataset
        Which data these are, for notes below tables.
    **se_options
        The convention of the standard errors, see :meth:`PanelResults.with_se`. Left out: ``"CRV1"`` by unit.

    Returns
    -------
    PanelResults
        The within coefficients equal those of fixed effects of units.

    Raises
    ------
    FormulaError
        If the formula cannot be read or names no column.
    PanelError
        If the data name no unit, or rows are not unique by unit and time.
    EstimationError
        If the model is not determined by the data, or no regressor changes within units.

    Notes
    -----
    Mundlak (1978); Bell and Jones (2015); Schunck (2013). An interaction is split as one column: the mean of the
    product, not the product of the means.

    Examples
    --------
    >>> import pandas as pd
    >>> from govdata.stats.within_between import within_between
    >>> frame = pd.DataFrame(
    ...     {
    ...         "iso3": ["CHN"] * 3 + ["IRN"] * 3 + ["RUS"] * 3 + ["VNM"] * 3,
    ...         "year": [2019, 2020, 2021] * 4,
    ...         "y": [1.0, 2.0, 4.0, 2.0, 2.5, 3.0, 0.0, 2.0, 2.5, 5.0, 6.0, 6.5],
    ...         "x": [0.0, 1.0, 3.0, 1.0, 1.0, 2.0, 0.0, 2.0, 3.0, 1.0, 2.0, 4.0],
    ...     }
    ... )
    >>> within_between("y ~ x", frame).params.round(3).to_dict()
    {'Intercept': -2.653, 'within(x)': 0.773, 'between(x)': 3.417}
    >>> within_between("y ~ x", frame, form="mundlak").params.round(3).to_dict()
    {'Intercept': -2.653, 'x': 0.773, 'mean(x)': 2.644}
    """
    call = recorded(within_between, locals())
    choose("form", form, get_args(Form), {"hybrid": "within-between", "rewb": "within-between", "cre": "mundlak"})
    method = METHODS.get(method, method) if isinstance(method, str) else method  # type: ignore[assignment]
    choose("method", method, get_args(HybridMethod), {"pooled": "ols", "re": "swamy-arora", "gls": "swamy-arora"})
    setup = prepare(
        formula,
        data,
        unit=unit,
        time=time,
        options=se_options,
        dataset=dataset,
        collinear=collinear,
        absorbs="the split into within and between needs the differences between units: leave out what follows |, and "
        "write C(year) for effects of times",
        needs_unit="within_between()",
        call=call,
    )
    design, notes = _split(setup.design, form)
    if method == "ols":
        pooled = fit_design(design, collinear=collinear)
        return finish(setup, pooled, estimator=f"{_TITLES[form]} (OLS)", design=design, notes=notes)
    found = fit_random(design, method, "unit", collinear)
    title = f"{_TITLES[form]} {found.title[0].lower()}{found.title[1:]}"
    return finish(setup, found.fit, estimator=title, design=design, facts=found.facts, notes=(*notes, *found.notes))


def _split(design: Design, form: Form) -> tuple[Design, tuple[str, ...]]:
    """Replace every regressor by its mean and what is left, where it has both."""
    keys = design.unit
    assert keys is not None  # noqa: S101 -- for the type checker: prepare has refused it
    means = group_means(design.x, keys)
    inside = design.x - means[keys.codes]
    spread = design.x - group_means(design.x, replace(keys, codes=np.zeros_like(keys.codes), levels=(0,)))
    outside = spread - inside
    lengths = np.sqrt(np.einsum("ij,ij->j", spread, spread))
    varies = np.sqrt(np.einsum("ij,ij->j", inside, inside)) > VANISHED * lengths
    differs = np.sqrt(np.einsum("ij,ij->j", outside, outside)) > VANISHED * lengths
    if not varies.any():
        raise EstimationError(
            f"no regressor changes within {keys.name}, so there is nothing to split; take random_effects"
        )
    first, second = ("within({})", "between({})") if form == "within-between" else ("{}", "mean({})")
    columns, names, later, labels = [], [], [], []
    for j, name in enumerate(design.names):
        if varies[j]:
            columns.append(inside[:, j] if form == "within-between" else design.x[:, j])
            names.append(first.format(name))
        if varies[j] and differs[j]:
            later.append(means[keys.codes, j])
            labels.append(second.format(name))
        if not varies[j]:
            later.append(design.x[:, j])
            labels.append(name)
    constant = [name for name, own in zip(design.names, varies.tolist(), strict=True) if not own]
    common = [
        n for n, own, other in zip(design.names, varies.tolist(), differs.tolist(), strict=True) if own and not other
    ]
    notes = []
    if constant:
        notes.append(f"no change within {keys.name}, so entered once: {', '.join(constant)}")
    if common:
        notes.append(f"the same mean in every {keys.name}, so entered without it: {', '.join(common)}")
    new = replace(design, x=np.column_stack([*columns, *later]), names=(*names, *labels))
    return new, tuple(notes)
