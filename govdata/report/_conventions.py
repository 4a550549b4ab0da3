"""One model under several conventions for its standard errors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, get_args

from govdata.errors import ArgumentError, EstimationError, nearest
from govdata.stats.conventions import se_table
from govdata.stats.covariance import SeType

if TYPE_CHECKING:
    from govdata.stats import PanelResults

__all__ = ["under_conventions"]


def under_conventions(model: PanelResults, asked: object) -> tuple[dict[str, PanelResults], list[str]]:
    """Return a model under each convention, and one line for each that its sample does not allow.

    Parameters
    ----------
    model
        The model.
    asked
        True for those that ``se_table()`` shows but the bootstrap, else a list of conventions.

    Returns
    -------
    dict, list of str
        Models by convention, and what was refused for which reason.
    """
    if asked is True:
        table = se_table(model, "std_error", bootstrap=False)
        wanted: list[Any] = list(table.columns)
        refused = {name: reason for name, reason in table.attrs["refused"].items() if not name.startswith("wild")}
    else:
        if isinstance(asked, (str, bytes, Mapping, set, frozenset)) or not isinstance(asked, Iterable):
            hint = f"; write [{asked!r}]" if isinstance(asked, str) else ""
            raise ArgumentError(f"conventions is True or a list of conventions, not {asked!r}{hint}")
        wanted, refused = list(asked), {}
    if not wanted and not refused:
        raise ArgumentError("conventions names none; True takes all")
    found: dict[str, PanelResults] = {}
    for one in wanted:
        name, options = _read(model, one)
        if name in found or name in refused:
            raise ArgumentError(f"conventions names {name!r} twice")
        try:
            found[name] = model.with_se(**options)
        except EstimationError as error:
            refused[name] = str(error)
    if not found:
        raise ArgumentError("no convention is left: " + "; ".join(f"{name}: {text}" for name, text in refused.items()))
    return found, [f"{name} is left out: {reason}" for name, reason in refused.items()]


def _read(model: PanelResults, one: object) -> tuple[str, dict[str, Any]]:
    """Take a convention apart: ``"CR2"``, ``"CRV1 iso3+year"`` or a dict of options."""
    if isinstance(one, Mapping):
        options = {str(key): value for key, value in one.items()}
        _known(options.get("se"))
        extra = " ".join(f"{key}={value}" for key, value in options.items() if key not in {"se", "cluster"})
        cluster = options.get("cluster")
        columns = [cluster] if isinstance(cluster, str) else list(cluster or [])
        return " ".join(filter(None, [str(options["se"]), "+".join(map(str, columns)), extra])), options
    name = str(_known(one)).strip()
    se, _, column = name.partition(" ")
    if not column:
        return name, {"se": se}
    if (se, column) == ("PCSE", "pairwise"):
        return name, {"se": se, "pairwise": True}
    unit, time = (None if key is None else key.name for key in (model.design.unit, model.design.time))
    return name, {"se": se, "cluster": [unit, time] if column == f"{unit}+{time}" else column}


def _known(convention: object) -> object:
    known = get_args(SeType)
    if not isinstance(convention, str):
        raise ArgumentError(f"a convention is a name such as 'CR2', or a dict with 'se', not {convention!r}")
    first = convention.strip().partition(" ")[0]
    if first not in known:
        raise ArgumentError(f"there is no convention {convention!r}; known: {', '.join(known)}{nearest(first, known)}")
    return convention
