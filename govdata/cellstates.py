"""Where a dataset has values, where it has bounds only, and why the rest is missing: coverage as data."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from govdata.catalog import find_indicator, load, no_column
from govdata.errors import ArgumentError, nearest
from govdata.releases import open_release

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from govdata.model import Indicator
    from govdata.releases import Release

__all__ = ["GROUPS", "STATES", "cells", "coverage"]

# What a cell can be, from most to least known. `value` and `zero` together are the cells with a value.
STATES: Final = ("value", "zero", "interval", "unclear", "no_evidence", "not_applicable", "not_coded")
GROUPS: Final = ("indicator", "block", "iso3", "country_name", "year", "scope")
_SIGNED: Final = "agreement_signed"


def cells(
    name: str,
    version: str | None = None,
    *,
    countries: str | Sequence[str] | None = None,
    years: int | Sequence[int] | None = None,
    indicators: str | Sequence[str] | None = None,
) -> pd.DataFrame:
    """Say of every cell of a release what it is.

    Parameters
    ----------
    name, version, countries, years
        See `govdata.load`.
    indicators
        Indicator ids; ``None`` for all that make a column.

    Returns
    -------
    pandas.DataFrame
        One row a cell: ``iso3, country_name, year, indicator, block, scope, state``; all ``str`` but ``year`` (int64).
        ``state`` is one of ``value`` (a code above none, or a number), ``zero`` (coded as none documented),
        ``interval`` (bounds and no value), ``unclear`` (evidence that fixes no bounds), ``no_evidence``,
        ``not_applicable``, ``not_coded``. Years outside an indicator's own are left out.

    Raises
    ------
    ArgumentError
        If the dataset is the register of units, which has no cells of this kind.

    Examples
    --------
    >>> from govdata.cellstates import cells
    >>> found = cells("digital_surveillance", "0.2.0", countries="CHN", years=2015, indicators="cctv_public")
    >>> found["state"].tolist()
    ['value', 'value']
    """
    import pandas as pd

    release = open_release(name, version)
    if release.info.kind == "register":
        raise ArgumentError(f"{release.name} is the register of units; coverage speaks of coded or measured cells")
    wanted = _choose(release, indicators)
    frame = load(name, version, countries, years, [one.id for one in wanted], missing="reason")
    if frame.empty:
        raise ArgumentError(f"no cell is left: {release.name} has none of these countries in these years")
    parts = []
    for one in wanted:
        in_years = frame["year"].map(one.covers)
        for scope in one.scopes:
            column = one.column(scope)
            part = frame.loc[in_years, ["iso3", "country_name", "year"]].copy()
            part["indicator"], part["block"], part["scope"] = one.id, one.block, scope
            part["state"] = _states(frame[in_years], one, column)
            parts.append(part)
    return pd.concat(parts, ignore_index=True)


def _choose(release: Release, indicators: object) -> list[Indicator]:
    if indicators is None:
        return [one for one in release.indicators if one.columns()]
    given = [indicators] if isinstance(indicators, str) else list(indicators)  # type: ignore[call-overload]
    if not given:
        raise ArgumentError("indicators is empty; leave it out to take all")
    chosen = [find_indicator(release, str(one))[0] for one in given]
    for one in chosen:
        if not one.columns():
            raise no_column(release, one)
    return list({one.id: one for one in chosen}.values())


def _states(frame: pd.DataFrame, indicator: Indicator, column: str) -> pd.Series[Any]:
    values = frame[column]
    has_value = values.notna() & (values.astype("str") != "")
    state = frame[f"{column}_missing"].where(~has_value, "value")
    # On a scale that runs from harm to good, 0 is a finding of no effect, not of nothing documented.
    if indicator.type in ("ordinal", "binary", "count") and indicator.rule and indicator.rule != _SIGNED:
        state = state.mask(has_value & (values == 0), "zero")
    if indicator.bounds:
        state = state.mask(~has_value & frame[f"{column}_low"].notna(), "interval")
    return state


def coverage(
    name: str,
    by: str | Iterable[str] = ("indicator", "year"),
    version: str | None = None,
    *,
    countries: str | Sequence[str] | None = None,
    years: int | Sequence[int] | None = None,
    indicators: str | Sequence[str] | None = None,
    scope: str = "national",
) -> pd.DataFrame:
    """Count what is coded, what is coded as none documented, what has bounds only, and what is missing, by reason.

    Parameters
    ----------
    name
        A dataset other than the register.
    by
        What to group by: one or more of ``"indicator"``, ``"block"``, ``"iso3"``, ``"country_name"``, ``"year"``.
    version, countries, years
        See `govdata.load`.
    indicators
        Indicator ids; ``None`` for all that make a column.
    scope
        ``"national"``, ``"subnational"``, or ``"any"``: the better known of the two cells.

    Returns
    -------
    pandas.DataFrame
        One row a group: the columns of ``by``, ``cells`` (how many), then int64 counts ``value``, ``zero``,
        ``interval``, ``unclear``, ``no_evidence``, ``not_applicable``, ``not_coded``, which add up to ``cells``, and
        ``share`` (float64, 0 to 1): cells with a value, zeros among them. ``attrs`` as of `govdata.load`.

    Raises
    ------
    ArgumentError
        If a group or scope is not known, or the dataset is the register.

    Examples
    --------
    >>> import govdata
    >>> table = govdata.coverage("digital_surveillance", "indicator", "0.2.0", years=2020)
    >>> int(table.set_index("indicator").loc["shutdown_documented", "zero"])
    173
    """
    import pandas as pd

    if not isinstance(by, Iterable):
        raise ArgumentError(f"by names one or more groups, not {by!r} (groups: {', '.join(GROUPS[:-1])})")
    groups = [by] if isinstance(by, str) else list(by)
    allowed = [one for one in GROUPS if one != "scope"]
    for one in groups:
        if one not in allowed:
            raise ArgumentError(f"by={str(one)[:40]!r} is not one of {', '.join(allowed)}{nearest(str(one), allowed)}")
    if not groups:
        raise ArgumentError(f"by is empty; name one or more of {', '.join(allowed)}")
    scopes = ("national", "subnational", "any")
    if scope not in scopes:
        raise ArgumentError(f"scope={str(scope)[:40]!r} is not one of {', '.join(scopes)}{nearest(str(scope), scopes)}")
    release = open_release(name, version)
    found = cells(name, version, countries=countries, years=years, indicators=indicators)
    found = _better(found) if scope == "any" else found[found["scope"] == scope]
    if found.empty:
        raise ArgumentError(
            "no cell is left: the indicators are meant for other years, or have no column of this scope"
        )
    keys = list(dict.fromkeys(groups))
    order = {one.id: place for place, one in enumerate(release.indicators)}
    counts = pd.crosstab([found[key] for key in keys], found["state"]).reindex(columns=list(STATES), fill_value=0)
    counts.columns.name = None
    table = counts.astype("int64").reset_index()
    table.insert(len(keys), "cells", table[list(STATES)].sum(axis=1))
    table["share"] = (table["value"] + table["zero"]) / table["cells"]
    rank = [table[key].map(order) if key == "indicator" else table[key] for key in keys]
    ranked = pd.concat(rank, axis=1, keys=[f"rank{place}" for place in range(len(keys))])
    table = table.loc[ranked.sort_values(list(ranked.columns)).index].reset_index(drop=True)
    table.attrs = {"dataset": release.name, "version": release.version, "sha256": release.digest}
    return table


def _better(found: pd.DataFrame) -> pd.DataFrame:
    """Keep of the national and the subnational cell the one of which more is known."""
    rank = {state: place for place, state in enumerate(STATES)}
    ordered = found.assign(rank=found["state"].map(rank)).sort_values("rank", kind="stable")
    return ordered.drop_duplicates(["iso3", "year", "indicator"]).drop(columns="rank").sort_index()
