"""The question what differs between two releases: checked, answered, and the later version judged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from govdata.bump import Bump, is_high_enough, required_bump, smallest_version
from govdata.differing.cells import compare_cells, count_other_reasons
from govdata.differing.descriptions import compare_descriptions
from govdata.differing.difference import Difference
from govdata.differing.sides import Side, renames
from govdata.differing.tables import compare_tables, headers
from govdata.errors import ArgumentError, UnknownCountryError, UnknownIndicatorError, UnknownYearError, nearest
from govdata.model import version_key
from govdata.releases import open_release

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["diff"]

_MIRROR: Final = {
    "column_added": "column_removed",
    "column_removed": "column_added",
    "row_added": "row_removed",
    "row_removed": "row_added",
    "value_added": "value_removed",
    "value_removed": "value_added",
}


def diff(
    dataset: str,
    old: str,
    new: str | None = None,
    *,
    countries: str | Sequence[str] | None = None,
    years: int | Sequence[int] | None = None,
    indicators: str | Sequence[str] | None = None,
) -> Difference:
    """Show what differs between two releases of a dataset: cells, definitions, evidence, tables and the version's step.

    Parameters
    ----------
    dataset
        A dataset.
    old, new
        Versions, as `govdata.load` takes them; ``new=None`` is the newest. Either may be the older one.
    countries, years, indicators
        Limit the cells to these, as in `govdata.load`; a value of either release will do. Tables, metadata and the
        version's step are always those of the whole releases.

    Returns
    -------
    Difference
        Prints as a page of text; `Difference.cells` is the full list, `Difference.to_html` a page to share.

    Raises
    ------
    UnknownDatasetError, UnknownVersionError, UnknownCountryError, UnknownYearError, UnknownIndicatorError
        With the nearest valid choice.
    ArgumentError
        If an argument has a form that is not taken.

    Notes
    -----
    Cells are compared as the releases wrote them. A value written otherwise, ``0.10`` for ``0.1``, is listed with the
    reason ``text_only`` and counted apart; numbers that differ by less than 1e-12 of their size count as written
    otherwise.

    Examples
    --------
    >>> import govdata
    >>> found = govdata.diff("digital_surveillance", "0.1.0", "0.2.0")
    >>> found.counts["values"]["changed"], found.bump.level, found.bump.honoured
    (42, 'major', True)
    >>> tables = govdata.diff("countries", "1.0.0", "1.1.0").tables.set_index("table")
    >>> int(tables.loc["names", "added"])
    9232
    """
    before = Side(open_release(dataset, old))
    after = Side(open_release(dataset, new))
    pairs = renames(before, after)
    chosen = _chosen(before, after, pairs, {"countries": countries, "years": years, "indicators": indicators})
    cells = compare_cells(before, after, renamed=pairs)
    return Difference(
        dataset=before.release.name,
        old=before.release.version,
        new=after.release.version,
        title=after.release.info.title,
        chosen=chosen,
        cells=_limited(cells, chosen),
        tables=compare_tables(before.release, after.release),
        metadata=compare_descriptions(before, after, pairs),
        bump=_bump(before, after, cells, pairs),
        other_reasons=count_other_reasons(before, after, pairs, chosen),
        sides=(before, after),
    )


def _bump(old: Side, new: Side, cells: pd.DataFrame, pairs: Mapping[str, str]) -> Bump:
    """Judge the step from the earlier to the later version, whichever was asked for first."""
    forward = version_key(new.release.version) >= version_key(old.release.version)
    first = cells.drop_duplicates("change").to_dict("records")
    if not forward:
        old, new, pairs = new, old, {was: now for now, was in pairs.items()}
        first = [row | {"change": _MIRROR.get(row["change"], row["change"])} for row in first]
    releases = old.release, new.release
    level, reason = required_bump(
        old.release.indicators,
        new.release.indicators,
        [{str(key): str(value) for key, value in row.items()} for row in first],
        described=(old.release.info, new.release.info),
        tables=(headers(old.release), headers(new.release)),
        renamed={was: now for now, was in pairs.items()},
    )
    earlier, later = (one.version for one in releases)
    if earlier == later:
        return Bump(earlier, later, "none", "the same release", earlier, True)
    if level == "none":
        level, reason = "patch", "no cell changed, but texts or tables did"
    least = smallest_version(earlier, level)
    return Bump(earlier, later, level, reason, least, is_high_enough(earlier, later, level))


def _several(value: object, what: str) -> list[object]:
    if isinstance(value, (str, bytes)) or not isinstance(value, Iterable):
        return [value]
    found = list(value)
    if not found:
        raise ArgumentError(f"{what} is empty; leave it out to take all")
    return found


def _chosen(old: Side, new: Side, pairs: Mapping[str, str], given: Mapping[str, object]) -> dict[str, tuple[Any, ...]]:
    """Check what the cells are to be limited to; a value of either release will do."""

    def columns(old: Side, new: Side, one: object) -> tuple[str, ...]:
        # Cells stand under the name of the new release, whichever name was asked for.
        named = {was: now for now, was in pairs.items()}
        found = _columns(old, new, one)
        owned = [(column, old.owners.get(column)) for column in found]
        also = [
            named[owner[0].id] + column[len(owner[0].id) :] for column, owner in owned if owner and owner[0].id in named
        ]
        return (*found, *also)

    check = {"countries": _country, "years": _year, "indicators": columns}
    found: dict[str, tuple[Any, ...]] = {}
    for what, value in given.items():
        if value is not None:
            several = [check[what](old, new, one) for one in _several(value, what)]
            flat = [one for part in several for one in (part if isinstance(part, tuple) else (part,))]
            found[what] = tuple(dict.fromkeys(flat))
    return found


def _between(old: Side, new: Side) -> str:
    versions = list(dict.fromkeys((old.release.version, new.release.version)))
    return f"{new.release.name} {' and '.join(versions)}"


def _country(old: Side, new: Side, one: object) -> str:
    names = old.names | new.names
    if isinstance(one, str) and one in {*old.iso3, *new.iso3}:
        return one
    text = str(one)[:60]
    by_name = {name.casefold(): code for code, name in names.items()}
    code = by_name.get(text.casefold()) or (text.upper() if text.upper() in names else "")
    hint = f"; did you mean {code!r} ({names[code]})?" if code else nearest(text, [*names])
    raise UnknownCountryError(f"{_between(old, new)} have no country {text!r}{hint} (codes such as 'CHN')")


def _year(old: Side, new: Side, one: object) -> int:
    index = getattr(one, "__index__", None)
    if index is None or isinstance(one, bool):
        raise ArgumentError(f"years takes whole numbers such as 2018 or range(2000, 2019), not {str(one)[:40]!r}")
    year = int(index())
    known = {*old.year.tolist(), *new.year.tolist()}
    if year not in known:
        near = min(max(year, min(known)), max(known))
        raise UnknownYearError(f"{_between(old, new)} have no year {year}; did you mean {near}?")
    return year


def _columns(old: Side, new: Side, one: object) -> tuple[str, ...]:
    """Give the columns of an indicator, or the column that was named."""
    for side in (new, old):
        if isinstance(one, str) and one in side.indicators and side.indicators[one].columns():
            both = [owner.indicators[one].columns() for owner in (new, old) if one in owner.indicators]
            return tuple(dict.fromkeys(column for columns in both for column in columns))
        if isinstance(one, str) and one in side.owners:
            return (one,)
    known = [*new.owners, *(name for name in old.owners if name not in new.owners)]
    hint = nearest(str(one), known) or f" (see govdata codebook {new.release.name})"
    raise UnknownIndicatorError(f"{_between(old, new)} have no indicator {str(one)[:60]!r}{hint}")


def _limited(cells: pd.DataFrame, chosen: Mapping[str, tuple[Any, ...]]) -> pd.DataFrame:
    """Keep the lines of the chosen cells; columns have no country and no year, rows no indicator."""
    if not chosen:
        return cells
    keep = cells["change"] == cells["change"]
    for key, what in (("iso3", "countries"), ("year", "years"), ("column", "indicators")):
        if what in chosen:
            keep &= cells[key].isin([str(one) for one in chosen[what]]) | (cells[key] == "")
    return cells[keep].reset_index(drop=True)
