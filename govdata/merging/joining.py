"""The merge: keys of both sides resolved to unit-years, checked, joined, reported."""

from __future__ import annotations

import sys
from collections.abc import Hashable, Sized
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast

import numpy as np

from govdata.countries.resolving import REGISTER
from govdata.errors import ArgumentError, MergeError, nearest
from govdata.merging.keys import Keyed, assign, flat, key_columns
from govdata.merging.report import MergeReport, make_report
from govdata.periods import NO_YEAR
from govdata.register import Register
from govdata.releases import open_release

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Merged", "merge"]

How = Literal["left", "right", "inner", "outer"]
HOWS = ("left", "right", "inner", "outer")
_LONG = 2_000_000  # rows that take about two seconds
VALIDATES = ("1:1", "m:1", "1:m", "m:m")
Columns = dict[Hashable, Any]
IntArray = np.ndarray[tuple[int], np.dtype[np.int64]]


class Merged(NamedTuple):
    """A merged frame and what the merge did.

    Attributes
    ----------
    frame : pandas.DataFrame
        The rows.
    report : MergeReport
        Matched and unmatched unit-years, keys that were not sure, columns that collided.
    """

    frame: pd.DataFrame
    report: MergeReport


def merge(
    left: pd.DataFrame,
    right: pd.DataFrame,
    *,
    on: Hashable | tuple[Hashable, Hashable] | None = None,
    years: Hashable | tuple[Hashable, Hashable] | bool | None = None,
    how: How = "left",
    validate: Literal["1:1", "m:1", "1:m", "m:m"] | None = None,
    scheme: str | tuple[str, str] = "auto",
    suffixes: tuple[str, str] = ("_left", "_right"),
    indicator: bool = False,
    version: str | None = None,
) -> Merged:
    """Merge two tables of country-years, whatever their codes and names, and report what happened.

    Parameters
    ----------
    left, right
        Tables with a column of countries and, unless only countries are merged, one of years; either may stand in
        the index. They are not modified.
    on
        The column of countries: one name for both sides, or a pair ``(left, right)``. Left out: told from the header.
    years
        The column of years, likewise. ``False`` merges on countries alone, for values that hold in every year;
        without it a merge of which only one side has years is refused.
    how
        ``"left"`` keeps the rows of the left side, ``"right"`` those of the right, ``"inner"`` the matched ones,
        ``"outer"`` all.
    validate
        How many rows may share a unit-year: ``"1:1"``, ``"m:1"`` (several on the left), ``"1:m"`` or ``"m:m"``. Left
        out: several are allowed on the left, for that adds no rows; on the right they are refused.
    scheme
        See `govdata.countries.resolve`; a pair for different sides.
    suffixes
        Added to columns that both sides have with different values.
    indicator
        Add the text column ``merge_status``: ``matched``, ``left_only`` or ``right_only``.
    version
        The release of ``countries`` that says who is who; by default the newest.

    Returns
    -------
    Merged
        ``frame`` and ``report``: ``frame, report = govdata.merge(a, b)``. The frame begins with ``iso3`` (str; missing
        where the country was not sure) and ``year``, followed by the columns of the left side and those of the right;
        its index is new. Rows keep the order of the left side (of the right for ``how="right"``; for ``"outer"`` the
        rows of the right side alone come last).

    Raises
    ------
    MergeError
        If unit-years repeat where they must not.
    ArgumentError
        If a column, scheme or option is not known.
    PanelError
        If a year is none.

    Notes
    -----
    A row whose country is ambiguous or unknown matches nothing and is listed in the report, as is one without a year.
    A unit that did not exist in a year (South Sudan in 2005) matches rows of the other side that say the same; the
    report lists it, and names the unit that held its land if the other side has that one instead.

    Examples
    --------
    >>> import pandas as pd
    >>> import govdata
    >>> mine = pd.DataFrame({"country": ["Burma", "Korea, South", "Congo"], "year": [2019, 2019, 2019], "x": [1, 2, 3]})
    >>> theirs = govdata.load("covariates", version="1.0.0", years=2019)[["iso3", "year", "internet_users"]]
    >>> frame, report = govdata.merge(mine, theirs)
    >>> frame[["iso3", "year", "country", "internet_users"]].round(1).to_numpy().tolist()
    [['MMR', 2019, 'Burma', 36.5], ['KOR', 2019, 'Korea, South', 96.2], [nan, 2019, 'Congo', nan]]
    >>> report.problems[["side", "input", "status", "candidates"]].to_numpy().tolist()
    [['left', 'Congo', 'ambiguous', ('COD', 'COG')]]
    """
    if how not in HOWS:
        raise ArgumentError(f"how must be one of {', '.join(HOWS)}, not {str(how)[:20]!r}{nearest(str(how), HOWS)}")
    if not isinstance(indicator, bool):
        raise ArgumentError(
            f"indicator is True or False, not {str(indicator)[:20]!r}; the column is named merge_status"
        )
    if not (
        isinstance(suffixes, tuple | list) and len(set(suffixes)) == 2 and all(isinstance(one, str) for one in suffixes)
    ):
        raise ArgumentError(
            f"suffixes takes two different texts, such as ('_left', '_right'), not {str(suffixes)[:40]!r}"
        )
    if validate is not None and validate not in VALIDATES:
        raise ArgumentError(f"validate must be one of {', '.join(VALIDATES)}, not {str(validate)[:20]!r}")
    if sys.stderr.isatty() and isinstance(left, Sized) and isinstance(right, Sized) and len(left) + len(right) > _LONG:
        print(f"govdata: merging {len(left):,} and {len(right):,} rows …", file=sys.stderr)  # noqa: T201 - progress
    sides = _keyed(flat(left, "left"), flat(right, "right"), on, years, scheme, version)
    keys = _numbers(*sides)
    repeated = tuple(_repeated(side, key) for side, key in zip(sides, keys, strict=True))
    _check(keys, repeated, validate)
    frame, collisions = _join(sides, keys, how, suffixes, indicator=indicator)
    frame.attrs = _attrs(left, right) | _own_labels(frame, left, right)
    register = Register(open_release(REGISTER, version).rows("units.csv"))
    return Merged(frame, make_report(sides, how, len(frame), repeated, collisions, register))


def _pair(value: object, what: str) -> tuple[Any, Any]:
    if isinstance(value, tuple):
        if len(value) != 2:
            raise ArgumentError(f"{what} takes one name or a pair (left, right), not {len(value)} of them")
        return value
    if isinstance(value, list | set | dict):
        raise ArgumentError(f"{what} takes one name, or a pair (left, right) in round brackets; years go into years=")
    return value, value


def _keyed(
    left: pd.DataFrame, right: pd.DataFrame, on: object, years: object, scheme: object, version: str | None
) -> tuple[Keyed, Keyed]:
    countries, when, schemes = _pair(on, "on"), _pair(years, "years"), _pair(scheme, "scheme")
    columns = [
        key_columns(frame, side, country, year)
        for frame, side, country, year in zip((left, right), ("left", "right"), countries, when, strict=True)
    ]
    alone = years is False
    lacking = [side for side, (_, year, _) in zip(("left", "right"), columns, strict=True) if year is None]
    if len(lacking) == 1 and not alone:
        other = next(year for _, year, _ in columns if year is not None)
        raise ArgumentError(
            f"{lacking[0]} has no column that is known to hold years, the other side has {other!r}; name it with "
            "years=, or pass years=False if its values hold for every year"
        )
    keyed = [
        assign(frame, side, country, None if alone else year, one, hint=hint, version=version)
        for frame, side, (country, year, hint), one in zip(
            (left, right), ("left", "right"), columns, schemes, strict=True
        )
    ]
    return keyed[0], keyed[1]


def _numbers(left: Keyed, right: Keyed) -> tuple[IntArray, IntArray]:
    """Give the unit-years of both sides one numbering; rows without a sure key get numbers below zero, each its own."""
    units = sorted({one.iso3 or one.unit for side in (left, right) for one in side.answers} - {""})
    place = {unit: at for at, unit in enumerate(units)}
    found = []
    for offset, side in enumerate((left, right)):
        numbers = np.array([place.get(one.iso3 or one.unit, -1) for one in side.answers], dtype=np.int64)[side.answer]
        own = -2 * (np.arange(len(side.frame), dtype=np.int64) + 1) - offset
        found.append(np.where((numbers < 0) | (side.years == NO_YEAR), own, numbers * 10_000 + side.years))
    return found[0], found[1]


def _repeated(side: Keyed, key: IntArray) -> pd.DataFrame:
    """List the unit-years that stand in more than one row."""
    import pandas as pd

    _, place, count = np.unique(key, return_inverse=True, return_counts=True)
    twice = np.flatnonzero((key >= 0) & (count[place] > 1))
    if not len(twice):
        return pd.DataFrame(columns=["iso3", "year", "rows", "first_row", "inputs"])
    spelled, names = pd.factorize(side.frame[side.country].iloc[twice])
    shown = pd.DataFrame({"key": key[twice], "row": twice, "input": spelled})
    first = shown.drop_duplicates("key").sort_values("key")["row"].to_numpy()
    distinct = shown[["key", "input"]].drop_duplicates()
    inputs: dict[int, list[str]] = {}
    for one, name in zip(distinct["key"].tolist(), distinct["input"].tolist(), strict=True):
        inputs.setdefault(one, []).append(str(names[name]))
    return pd.DataFrame(
        {
            "iso3": side.units()[first],
            "year": side.years[first],
            "rows": count[place[first]],
            "first_row": first,
            "inputs": [tuple(inputs[one]) for one in key[first].tolist()],
        }
    )


def _check(
    keys: tuple[IntArray, IntArray],
    repeated: tuple[pd.DataFrame, ...],
    validate: str | None,
) -> None:
    allowed = {
        None: (True, False),
        "1:1": (False, False),
        "m:1": (True, False),
        "1:m": (False, True),
        "m:m": (True, True),
    }
    for name, table, many in zip(("left", "right"), repeated, allowed[validate], strict=True):
        if many or table.empty:
            continue
        first = table.iloc[0]
        where = f"{first['iso3']} {first['year']}" if first["year"] else str(first["iso3"])
        unit = (
            ("unit-year" if first["year"] else "country")
            if len(table) == 1
            else ("unit-years" if first["year"] else "countries")
        )
        spelled = f", spelled {' and '.join(map(repr, first['inputs'][:3]))}" if len(first["inputs"]) > 1 else ""
        both = validate is None and not repeated[0].empty
        wanted = "m:m" if both else "1:m" if name == "right" else "m:1"
        shared = bool(np.isin(keys[0][keys[0] >= 0], keys[1][keys[1] >= 0]).any())
        none = "" if shared else "; no key of the one side is on the other either"
        raise MergeError(
            f"{name} has {len(table)} {unit} in more than one row, first {where} ({first['rows']} rows, from row "
            f"{first['first_row']} on{spelled}); drop or aggregate them, or pass validate={wanted!r} to keep them{none}"
        )


def _places(keys: tuple[IntArray, IntArray], how: str) -> tuple[IntArray, IntArray]:
    """Pair the rows of both sides; -1 stands where a side has none."""
    import pandas as pd

    ours = pd.DataFrame({"key": keys[0], "at": np.arange(len(keys[0]))})
    theirs = pd.DataFrame({"key": keys[1], "of": np.arange(len(keys[1]))})
    kept: How = "left" if how == "outer" else cast("How", how)
    paired = ours.merge(theirs, on="key", how=kept, sort=False)
    at, of = (paired[column].fillna(-1).to_numpy(np.int64) for column in ("at", "of"))
    if how != "outer":
        return at, of
    alone = np.setdiff1d(theirs["of"].to_numpy(), of)  # pandas would sort an outer join; here the left order stays
    return np.concatenate([at, np.full(len(alone), -1)]), np.concatenate([of, alone])


def _join(
    sides: tuple[Keyed, Keyed], keys: tuple[IntArray, IntArray], how: str, suffixes: tuple[str, str], *, indicator: bool
) -> tuple[pd.DataFrame, list[dict[str, object]]]:
    """Join the rows by their numbers, and put the key in front."""
    import pandas as pd

    left, right = (side.frame for side in sides)
    at, of = _places(keys, how)
    units = _either(at, of, sides[0].units(), sides[1].units())
    found: dict[Hashable, pd.Series[Any]] = {"iso3": pd.Series(units, dtype="object").replace("", np.nan).astype("str")}
    if sides[0].year is not None:
        when = _either(at, of, sides[0].years, sides[1].years)
        missing = when == NO_YEAR
        found["year"] = pd.Series(when, dtype="float64").mask(missing) if missing.any() else pd.Series(when)
    taken_left = _taken(sides[0])
    collisions: list[dict[str, object]] = []
    from_left: Columns = {label: _take(left[label], at) for label in left.columns if label not in taken_left}
    from_right: Columns = {
        label: _take(right[label], of)
        for label in right.columns
        if label not in {sides[1].country, sides[1].year, *_taken(sides[1])}
    }
    if (at < 0).any():
        _name_right(sides, at, of, from_left, from_right)
    both = (at >= 0) & (of >= 0)
    for label in [label for label in from_left if label in from_right]:
        ours, theirs = from_left[label], from_right[label]
        same = _equal(ours[both], theirs[both])
        collisions.append(
            {"column": label, "same": same, "became": [label] if same else [f"{label}{s}" for s in suffixes]}
        )
        if same:
            from_left[label] = ours.where(pd.Series(at >= 0), theirs) if (at < 0).any() else ours
            del from_right[label]
    clashing = {str(one["column"]) for one in collisions if not one["same"]}
    reserved = set(found)
    for source, suffix in ((from_left, suffixes[0]), (from_right, suffixes[1])):
        for label, values in source.items():
            name = f"{label}{suffix}" if label in reserved or str(label) in clashing else label
            if name in found:
                raise MergeError(f"two columns would be named {name!r}; rename one first, or give other suffixes")
            found[name] = values
    if indicator:
        if "merge_status" in found:
            raise MergeError("there is a column 'merge_status' already; rename it, or leave indicator out")
        status = np.where(both, "matched", np.where(at >= 0, "left_only", "right_only"))
        found["merge_status"] = pd.Series(status, dtype="str")
    return pd.DataFrame(found), collisions


def _either(at: IntArray, of: IntArray, ours: Any, theirs: Any) -> Any:  # noqa: ANN401 - arrays of one dtype
    """Take from the left side where it has a row, else from the right."""
    found = np.empty(len(at), dtype=ours.dtype)
    mine = at >= 0
    found[mine] = ours[at[mine]]
    found[~mine] = theirs[of[~mine]]
    return found


def _name_right(
    sides: tuple[Keyed, Keyed],
    at: IntArray,
    of: IntArray,
    from_left: Columns,
    from_right: Columns,
) -> None:
    """Keep what rows of the right side alone were called, for not all of them have an iso3."""
    import pandas as pd

    label = sides[1].country
    named = _take(sides[1].frame[label], of)
    if label == "iso3" and "iso3" in _taken(sides[1]):
        return
    if label in from_left and label == sides[0].country:
        from_left[label] = from_left[label].astype("object").where(pd.Series(at >= 0), named)
    elif label not in from_left:
        from_right[label] = named


def _taken(side: Keyed) -> set[Hashable]:
    """Name the columns ``iso3`` and ``year`` of a side if the new key says the same; others are kept beside it."""
    taken: set[Hashable] = {"year"} if side.year == "year" else set()
    if "iso3" in side.frame.columns:
        given = side.frame["iso3"].astype("object")
        if bool((given.where(given.notna(), "").to_numpy() == side.units()).all()):
            taken.add("iso3")
    if side.year is not None and "year" in side.frame.columns and bool((side.frame["year"] == side.years).all()):
        taken.add("year")
    return taken


def _take(values: pd.Series[Any], rows: IntArray) -> pd.Series[Any]:
    """Take rows by position; -1 gives a missing value."""
    if len(rows) and (rows >= 0).all():
        return values.take(rows).reset_index(drop=True)
    if values.dtype.kind in "iu" and len(values) and bool((values.abs() > 2**53).any()):
        values = values.astype("Int64")  # as floats they would lose digits
    return values.reindex(rows).reset_index(drop=True)


def _equal(a: pd.Series[Any], b: pd.Series[Any]) -> bool:
    try:
        same = (a == b) | (a.isna() & b.isna())
        return bool(same.fillna(False).all())
    except (ValueError, TypeError):  # cells that hold arrays, or types that cannot be compared
        return False


def _own_labels(frame: pd.DataFrame, left: pd.DataFrame, right: pd.DataFrame) -> dict[Hashable, Any]:
    """Keep the labels that an importer gave, for the columns that keep their name."""
    found: dict[Hashable, Any] = {}
    for word in ("labels", "value_labels"):
        held = {**right.attrs.get(word, {}), **left.attrs.get(word, {})}
        if kept := {name: label for name, label in held.items() if name in frame.columns}:
            found[word] = kept
    return found


def _attrs(left: pd.DataFrame, right: pd.DataFrame) -> dict[Hashable, Any]:
    """Keep saying which datasets and files the data came from."""
    both = [frame.attrs for frame in (left, right) if {"dataset", "version"} <= set(frame.attrs)]
    cited = [text for frame in (left, right) for text in _texts(frame.attrs.get("citation"))]
    kept: dict[Hashable, Any] = {"citation": list(dict.fromkeys(cited))} if cited else {}
    if not both:
        return kept
    named: dict[tuple[str, str], str] = {}
    for attrs in both:
        names, versions = str(attrs["dataset"]).split("; "), str(attrs["version"]).split("; ")
        sums = str(attrs.get("sha256", "")).split("; ")
        for name, version, digest in zip(names, versions, [*sums, *[""] * len(names)], strict=False):
            named.setdefault((name, version), digest)
    drawn: dict[Hashable, Any] = {
        name: attrs[name] for attrs in both for name in ("draws", "seed", "draw_rule") if name in attrs
    }
    return {
        "dataset": "; ".join(name for name, _ in named),
        "version": "; ".join(version for _, version in named),
        "sha256": "; ".join(named.values()),
        **drawn,
        **kept,
    }


def _texts(value: object) -> list[str]:
    """Give one text, or several in a list, as a list; what an importer or an earlier merge said of itself."""
    return [value] if isinstance(value, str) else [str(one) for one in value] if isinstance(value, list) else []
