"""Every convention for the standard errors of one model, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import pandas as pd

from govdata.errors import ArgumentError, EstimationError, nearest

if TYPE_CHECKING:
    from govdata.stats.design import Design

__all__ = ["se_table"]

VALUES = ("std_error", "statistic", "p_value", "conf_low", "conf_high")


class _Result(Protocol):
    @property
    def design(self) -> Design: ...

    @property
    def linear(self) -> bool: ...

    def with_se(self, se: Any = None, **se_options: Any) -> Any: ...  # noqa: ANN401 -- a result again


def _wanted(result: _Result) -> dict[str, dict[str, Any]]:
    """List the conventions that can be asked for, under the names of their columns."""
    unit = None if result.design.unit is None else result.design.unit.name
    time = None if result.design.time is None else result.design.time.name
    found: dict[str, dict[str, Any]] = {"iid": {"se": "iid"}, "HC1": {"se": "HC1"}}
    if unit is not None:
        found[f"CRV1 {unit}"] = {"se": "CRV1", "cluster": unit}
    if unit is not None and time is not None:
        found[f"CRV1 {time}"] = {"se": "CRV1", "cluster": time}
        found[f"CRV1 {unit}+{time}"] = {"se": "CRV1", "cluster": [unit, time]}
    if not result.linear:
        return found
    if time is not None:
        found["DK"] = {"se": "DK"}
    if unit is not None and time is not None:
        counts = result.design.periods_per_unit()
        periods = None if result.design.time is None else len(result.design.time.levels)
        balanced = counts is not None and counts[0] == periods
        found["PCSE" if balanced else "PCSE pairwise"] = {"se": "PCSE", "pairwise": not balanced}
    if unit is not None:
        found |= {f"{se} {unit}": {"se": se, "cluster": unit} for se in ("CR2", "CV3")}
        found[f"wild {unit}"] = {"se": "wild", "cluster": unit}
    return found


def se_table(
    result: _Result, value: str = "std_error", *, reps: int = 9999, seed: int = 0, bootstrap: bool = True
) -> pd.DataFrame:
    """Put the conventions of a model side by side.

    Parameters
    ----------
    result
        The model.
    value
        Which column of ``tidy()`` to show.
    reps, seed
        Of the wild cluster bootstrap.
    bootstrap
        Whether to draw it.

    Returns
    -------
    DataFrame
        One row a coefficient, one column a convention; see :meth:`PanelResults.se_table`.
    """
    if value not in VALUES:
        raise ArgumentError(f"value is one of {', '.join(VALUES)}, not {value!r}{nearest(str(value), VALUES)}")
    columns: dict[str, Any] = {}
    refused: dict[str, str] = {}
    notes: dict[str, str] = {}
    for name, options in _wanted(result).items():
        if options["se"] == "wild":
            # Its standard errors and statistics are those of CRV1; only p values and intervals are its own.
            if not bootstrap or value in {"std_error", "statistic"}:
                continue
            options |= {"reps": reps, "seed": seed}
        try:
            model = result.with_se(**options)
        except EstimationError as error:
            refused[name] = str(error)
            continue
        columns[name] = model.tidy().set_index("term")[value]
        notes[name] = model.note()
    table = pd.DataFrame(columns)
    table.attrs = {"refused": refused, "notes": notes}
    return table
