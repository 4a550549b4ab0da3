"""Whether a maximum likelihood estimate exists: perfect and quasi-separation, decided by a linear programme.

A likelihood of this package has no maximum when the parameters can move in some direction for ever without any row
being predicted worse. Each row then gives an inequality, linear in the direction, and whether a direction fulfils them
all is a question to a linear programme (Konis 2007), not to a fit that seems to diverge.
"""

from __future__ import annotations

from typing import NoReturn

import numpy as np

from govdata.errors import EstimationError
from govdata.stats.design import Design
from govdata.stats.formula import Categories
from govdata.stats.keys import FloatArray
from govdata.stats.results import INTERCEPT

__all__ = ["refuse_separation", "separating_direction"]

FEASIBLE = 1e-10
MOVED = 1e-6
_SHOWN = 4


def separating_direction(rows: FloatArray, fixed: FloatArray | None = None) -> FloatArray | None:
    """Find a direction in which no row is predicted worse, and some better.

    Parameters
    ----------
    rows
        Rows x parameters; a row is predicted no worse where its product with the direction is not negative.
    fixed
        Rows whose product with the direction must be zero.

    Returns
    -------
    ndarray or None
        The direction with entries from -1 to 1; None where there is none, so that the estimate exists.

    Notes
    -----
    The programme maximises the sum of the products (Konis 2007); Albert and Anderson (1984) for what its value means.

    Examples
    --------
    >>> import numpy as np
    >>> from govdata.stats.separation import separating_direction
    >>> x = np.array([[1.0, -1.0], [1.0, -0.5], [1.0, 0.5], [1.0, 1.0]])
    >>> sign = np.array([-1.0, -1.0, 1.0, 1.0])
    >>> separating_direction(x * sign[:, None]) is None
    False
    >>> sign = np.array([-1.0, 1.0, -1.0, 1.0])
    >>> separating_direction(x * sign[:, None]) is None
    True
    """
    rows = np.unique(rows, axis=0)
    if not len(rows):
        return None
    equal = None if fixed is None or not len(fixed) else np.unique(fixed, axis=0)
    zeros = None if equal is None else np.zeros(len(equal))
    total = rows.sum(axis=0)
    found = _programme(-total / max(float(np.abs(total).max()), 1.0), rows, equal, zeros, (-1.0, 1.0))
    if found is None:
        raise EstimationError("whether an estimate exists could not be decided; rescale the variables")
    direction: FloatArray = np.where(np.abs(found) < 1e-9, 0.0, found)
    moved = rows @ direction
    kept = 0.0 if equal is None else float(np.abs(equal @ direction).max())
    if moved.max() <= MOVED or moved.min() < -1e-8 or kept > 1e-8:
        return None
    return direction


def _programme(
    cost: FloatArray,
    rows: FloatArray,
    equal: FloatArray | None,
    values: FloatArray | None,
    bounds: tuple[float, float | None],
) -> FloatArray | None:
    """Minimise a cost where no row may turn negative.

    Few rows of many bind. The programme is solved with some, the rows that it breaks are added, and so on: what is
    optimal with some rows and breaks none is optimal with all.
    """
    from scipy.optimize import linprog

    n, k = rows.shape
    batch = 200 + 5 * k
    used = np.unique(np.linspace(0, n - 1, min(n, batch)).astype(np.int64))
    while True:
        found = linprog(
            cost,
            A_ub=-rows[used],
            b_ub=np.zeros(len(used)),
            A_eq=equal,
            b_eq=values,
            bounds=bounds,
            method="highs",
            options={"primal_feasibility_tolerance": FEASIBLE, "dual_feasibility_tolerance": FEASIBLE},
        )
        if found.x is None:
            return None
        best: FloatArray = found.x
        product = rows @ best
        broken = np.flatnonzero(product < -10 * FEASIBLE)
        fresh = np.setdiff1d(broken, used)
        if not fresh.size:
            return best
        used = np.union1d(used, fresh[np.argsort(product[fresh], kind="stable")[:batch]])


def refuse_separation(
    design: Design,
    rows: FloatArray,
    fixed: FloatArray | None,
    names: tuple[str, ...],
    extremes: dict[float, str],
) -> None:
    """Refuse a sample in which no estimate exists, naming the regressors at fault.

    Parameters
    ----------
    design
        The sample.
    rows, fixed
        As in :func:`separating_direction`.
    names
        Of the parameters, the columns of ``rows``; further columns are effects, free to move and never at fault.
    extremes
        Values of the response that can be predicted without bound, each with what to say of rows that all have it.

    Raises
    ------
    EstimationError
        Where the estimate does not exist.
    """
    # a level without events is separation by itself, and needs no programme
    if faults := [*_levels(design, extremes), *_indicators(design, names, extremes)]:
        _refuse("; ".join(faults[:_SHOWN]) + (f"; {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""))
    direction = separating_direction(rows, fixed)
    if direction is None:
        return
    free = tuple(j for j in range(rows.shape[1]) if j >= len(names) or names[j] == INTERCEPT or "|" in names[j])
    support = tuple(j for j in _sparse(rows, fixed, direction) if j not in free)
    alone: list[tuple[str, ...]] = [(names[j],) for j in support if _separates(rows, fixed, (j, *free))]
    for j in () if alone else support:
        fewer = tuple(i for i in support if i != j)
        if fewer and _separates(rows, fixed, (*fewer, *free)):
            support = fewer
    faults = [_together(found) for found in alone or [tuple(names[j] for j in support)]]
    _refuse("; ".join(faults[:_SHOWN]) + (f"; {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""))


def _separates(rows: FloatArray, fixed: FloatArray | None, allowed: tuple[int, ...]) -> bool:
    chosen = list(allowed)
    return separating_direction(rows[:, chosen], None if fixed is None else fixed[:, chosen]) is not None


def _sparse(rows: FloatArray, fixed: FloatArray | None, direction: FloatArray) -> tuple[int, ...]:
    """Name the parameters of a direction that moves as few of them as the sum of their sizes can tell."""
    some = rows[rows @ direction > MOVED].sum(axis=0)
    size = float(np.abs(some).max())
    if size == 0:
        return tuple(np.flatnonzero(direction).tolist())
    equal = np.vstack([some / size, *([] if fixed is None or not len(fixed) else [np.unique(fixed, axis=0)])])
    target = np.zeros(len(equal))
    target[0] = 1.0
    rows, k = np.unique(rows, axis=0), rows.shape[1]
    found = _programme(np.ones(2 * k), np.hstack([rows, -rows]), np.hstack([equal, -equal]), target, (0.0, None))
    if found is None:
        return tuple(np.flatnonzero(direction).tolist())
    sparse = np.abs(found[:k] - found[k:])
    return tuple(np.flatnonzero(sparse > 1e-7 * sparse.max()).tolist())


def _together(names: tuple[str, ...]) -> str:
    shown = ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
    subject = f"{shown} together predict" if len(names) > 1 else f"{shown} predicts"
    return f"{subject} the response perfectly, wholly or up to ties"


def _refuse(reason: str) -> NoReturn:
    raise EstimationError(
        f"no maximum likelihood estimate exists (separation): {reason}; leave the regressor out, merge the level with "
        "another, or take a penalised likelihood (Firth 1993), which is not in this package"
    )


def _levels(design: Design, extremes: dict[float, str]) -> list[str]:
    """Describe categories whose rows all have one extreme response, the base level included."""
    faults = []
    for term in design.formula.terms:
        if len(term) == 1 and isinstance(term[0], Categories):
            keys = design.codes(term[0].name.column)
            for code, level in enumerate(keys.levels):
                inside = design.y[keys.codes == code]
                if inside.min() == inside.max() and float(inside[0]) in extremes:
                    faults.append(f"{term[0]}[{level}]: {extremes[float(inside[0])].format(count=len(inside))}")
    return faults


def _indicators(design: Design, names: tuple[str, ...], extremes: dict[float, str]) -> list[str]:
    """Describe regressors of 0 and 1 where one of the two has one extreme response."""
    faults = []
    for name, column in zip(design.names, design.x.T, strict=True):
        if name not in names or "[" in name or not np.isin(column, (0.0, 1.0)).all():
            continue
        for value in (0, 1):
            inside = design.y[column == value]
            if len(inside) and inside.min() == inside.max() and float(inside[0]) in extremes:
                if value == 0 and not design.intercept:
                    continue
                faults.append(f"{name} = {value}: {extremes[float(inside[0])].format(count=len(inside))}")
    return faults
