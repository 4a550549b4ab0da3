"""Every defensible recoding of the evidence, as the cells of the panel that it changes.

A coder or a reader could have decided otherwise: taken the lowest reading of an open cell, counted a province for the
country, or not believed a source. Each such decision is applied to all cells alike, by the rule of the indicator and to
the claims of the release itself.
"""

from __future__ import annotations

import math
import textwrap
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from govdata.catalog import find_indicator, load, no_column
from govdata.errors import ArgumentError, nearest
from govdata.releases import Release, open_release
from govdata.rules import Claim, setting_value, settle

if TYPE_CHECKING:
    import pandas as pd

    from govdata.model import Indicator
    from govdata.rules import Cell

__all__ = ["Codings", "Evidence", "codings"]

PREFIX: Final = "without:"
"""Begins the name of a recoding without one source."""

_BOUNDS: Final = {
    "lowest": "Every cell with bounds is read at its lower bound.",
    "highest": "Every cell with bounds is read at its upper bound.",
}
_NAMED: Final = _BOUNDS | {
    "subnational": "The highest level known at any place: the larger of the national and the subnational value.",
    "without_single_source": "Cells that rest on one source only are left out.",
    "without_E0_E1": "Claims of grade E0 and E1 are left out, and the rule is applied again.",
    "without_contested": "Contested claims are left out, and the rule is applied again.",
}
# Rules under which more at one place is more in the country; the others take the weakest, agree, or run both ways.
_HIGHEST: Final = ("highest_in_force", "presence", "count_events")
_WEAK: Final = ("E0", "E1")
_SHOWN, _LISTED = 8, 4  # sources and indicators that are printed
_COLUMNS: Final = ("coding", "iso3", "year", "column", "old", "new", "reason")

Change = tuple[int, str, Any, str]  # row of the panel, column, new value, reason of a missing one
Held = Mapping[str, Any]  # the columns of the panel as arrays


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Codings:
    """Recodings of some indicators. Made by `govdata.codings`.

    Attributes
    ----------
    dataset, version : str
        Which release was recoded.
    indicators : tuple of str
        Which indicators.
    names : tuple of str
        The recodings, in a fixed order: named ones, then ``without:<source_id>`` by source.
    descriptions : dict
        Name → one sentence.
    changes : pandas.DataFrame
        One row a cell that differs: ``coding, iso3`` (str), ``year`` (int64), ``column`` (str), ``old, new`` (float64;
        object where an indicator is text), NaN where missing, and ``reason`` (str): why ``new`` is missing, else empty.
        Reasons are those of `govdata.load`, and ``single_source`` where a cell was left out for that. The bounds of a
        cell are columns of their own.
    panel : pandas.DataFrame
        The panel as released, as `govdata.load` gives it.
    """

    dataset: str
    version: str
    indicators: tuple[str, ...]
    names: tuple[str, ...]
    descriptions: Mapping[str, str]
    changes: pd.DataFrame
    panel: pd.DataFrame = field(repr=False)

    def counts(self) -> pd.DataFrame:
        """Count the cells that each recoding changes.

        Returns
        -------
        pandas.DataFrame
            One row a recoding, in their order: ``coding``, and int64 ``changed`` (cells whose value differs), of these
            ``lost`` (had a value and are missing) and ``gained`` (were missing and have one); ``bounds``: how many
            bounds differ.
        """
        import pandas as pd

        one = self.changes
        value = ~one["column"].isin(_companions(self.panel.columns))
        old, new = one["old"].notna(), one["new"].notna()
        marks = {"changed": value, "lost": value & old & ~new, "gained": value & ~old & new, "bounds": ~value}
        table = pd.DataFrame({"coding": one["coding"], **marks}).groupby("coding").sum()
        return table.reindex(list(self.names), fill_value=0).astype("int64").rename_axis("coding").reset_index()

    def frame(self, coding: str) -> pd.DataFrame:
        """Give the panel under a recoding.

        Parameters
        ----------
        coding
            One of ``names``.

        Returns
        -------
        pandas.DataFrame
            As `govdata.load` gives it for the same countries, years and indicators; ``attrs`` also holds ``coding``.

        Raises
        ------
        ArgumentError
            If there is no such recoding.
        """
        if not isinstance(coding, str) or coding not in self.names:
            raise ArgumentError(
                f"there is no recoding {str(coding)[:60]!r}{nearest(str(coding), self.names)} (see .names)"
            )
        frame = self.panel.copy()
        own = self.changes[self.changes["coding"] == coding]
        rows = {key: row for row, key in enumerate(zip(frame["iso3"], frame["year"], strict=True))}
        for column, part in own.groupby("column", sort=False):
            at = [rows[key] for key in zip(part["iso3"], part["year"], strict=True)]
            numbers = frame[column].dtype == np.float64
            cells = frame[column].to_numpy(dtype=np.float64 if numbers else object, copy=True)
            cells[at] = part["new"].to_numpy() if numbers else part["new"].fillna("").to_numpy()
            frame[column] = cells if numbers else frame[column].__class__(cells, index=frame.index, dtype="str")
        frame.attrs = self.panel.attrs | {"coding": coding}
        return frame

    def __str__(self) -> str:
        """Print what each recoding changes."""
        table = self.counts()
        counts = {name: numbers for name, *numbers in table.itertuples(index=False, name=None)}
        named = [name for name in self.names if not name.startswith(PREFIX)]
        sources = [name for name in self.names if name.startswith(PREFIX)]
        most = sorted(sources, key=lambda name: (-counts[name][0], name))
        more = len(self.indicators) - _LISTED
        shown = ", ".join(self.indicators[:_LISTED]) + (f" and {more} more" if more > 0 else "")
        lines = [*textwrap.wrap(f"Recodings of {self.dataset} {self.version}: {shown}", 100), ""]
        lines.append(f"{'recoding':<40}" + "".join(f"{head:>10}" for head in table.columns[1:]))
        for name in [*named, *most[:_SHOWN]]:
            text = name if len(name) <= 38 else name[:37] + "…"
            lines.append(f"{text:<40}" + "".join(f"{number:>10,}" for number in counts[name]))
        if len(most) > _SHOWN:
            lines.append(f"and {len(most) - _SHOWN:,} more sources, none with more cells changed")
        lines.append("")
        lines.append("changed: values that differ; lost, gained: of these, now missing, now known; bounds that differ.")
        return "\n".join(lines)

    def __repr__(self) -> str:
        """Show what the object is."""
        return (
            f"<Codings of {self.dataset} {self.version}: {len(self.names)} of {', '.join(self.indicators[:_LISTED])}>"
        )


def _companions(columns: Iterable[str]) -> list[str]:
    """Name the columns that are bounds of another one."""
    names = list(columns)
    return [name for name in names if name.endswith(("_low", "_high")) and name.rpartition("_")[0] in names]


def codings(
    name: str,
    version: str | None = None,
    countries: str | Sequence[str] | None = None,
    years: int | Sequence[int] | None = None,
    indicators: str | Sequence[str] | None = None,
    *,
    sources: bool = True,
) -> Codings:
    """Recode the evidence in every defensible way.

    Parameters
    ----------
    name, version, countries, years
        See `govdata.load`.
    indicators
        Indicator ids, each with all its columns; ``None`` for all.
    sources
        Whether each source that decides one of the cells is left out in turn.

    Returns
    -------
    Codings
        Of coded data: ``lowest``, ``highest``, ``subnational``, ``without_single_source``, ``without_E0_E1``,
        ``without_contested``, and ``without:<source_id>`` for each source. Of imported scores: ``lowest`` and
        ``highest``.

    Raises
    ------
    ArgumentError
        If an argument has a form that is not taken, or the dataset is the register of units.
    UnknownDatasetError, UnknownVersionError, UnknownCountryError, UnknownYearError, UnknownIndicatorError
        With the nearest valid choice.

    Notes
    -----
    The rule is applied again as for the release itself, to the claims that are left; a cell that none of the claims
    left out touches stays as it is. A written decision that sets a value is kept, unless a claim that it names is left
    out: then the rule decides. A cell without any claim left is missing.

    ``lowest`` and ``highest`` change values and leave bounds. ``subnational`` takes the one value known where the other
    is not; where an open place is certain to lie above every known one, the cell is open. It applies to indicators
    whose rule takes the highest level, presence or a count: not to effects that run from harm to good, nor to the
    weakest programme, nor to text. Contested claims never decide a value, so that ``without_contested`` changes bounds
    only.

    Examples
    --------
    >>> import govdata
    >>> found = govdata.codings("digital_surveillance", "1.0.0", ["CHN", "IRN"], indicators="net_filtering")
    >>> found.names[:4]
    ('lowest', 'highest', 'subnational', 'without_single_source')
    >>> found.changes["column"].unique().tolist()[:2]
    ['net_filtering', 'net_filtering_low']
    """
    if not isinstance(sources, bool):
        raise ArgumentError(f"sources is True or False, not {str(sources)[:40]!r}")
    release = open_release(name, version)
    if release.info.kind == "register":
        raise ArgumentError(f"{release.name} is the register of units: there is no evidence in it to recode")
    chosen = _choose(release, indicators)
    panel = load(name, version, countries, years, [one.id for one in chosen])
    held = {column: panel[column].to_numpy() for column in panel.columns}
    made: dict[str, list[Change]] = {text: _at_bound(held, chosen, text) for text in _BOUNDS}
    descriptions = dict(_BOUNDS)
    if release.info.kind == "claims":
        descriptions = dict(_NAMED)
        made |= _recoded(release, held, chosen, descriptions, sources=sources)
    return Codings(
        release.name,
        release.version,
        tuple(one.id for one in chosen),
        tuple(descriptions),
        descriptions,
        _changes(held, chosen, {text: made.get(text, []) for text in descriptions}),
        panel,
    )


def _choose(release: Release, indicators: object) -> list[Indicator]:
    if indicators is None:
        return [one for one in release.indicators if one.columns()]
    if isinstance(indicators, (str, bytes)) or not isinstance(indicators, Iterable):
        indicators = [indicators]
    chosen = [find_indicator(release, str(one))[0] for one in indicators]
    if not chosen:
        raise ArgumentError("indicators is empty; leave it out to take all")
    for one in chosen:
        if not one.columns():
            raise no_column(release, one)
    return list({one.id: one for one in chosen}.values())


def _values(chosen: Iterable[Indicator]) -> Iterable[tuple[Indicator, str, str]]:
    """Go through the cells' columns: indicator, scope, column."""
    return ((one, scope, one.column(scope)) for one in chosen for scope in one.scopes)


def _changes(held: Held, chosen: Sequence[Indicator], made: Mapping[str, list[Change]]) -> pd.DataFrame:
    """Put the changes into one frame, by recoding, column and row."""
    import pandas as pd

    text = any(one.is_text for one in chosen)
    rank = {column: place for place, column in enumerate(held)}
    rows = [
        (coding, *change)
        for coding, changes in made.items()
        for change in sorted(changes, key=lambda one: (rank[one[1]], one[0]))
    ]
    coding, at, column, new, reason = zip(*rows, strict=True) if rows else ((), (), (), (), ())
    old = [held[name][row] for name, row in zip(column, at, strict=True)]
    kind: Any = object if text else np.float64
    place = np.array(at, dtype=np.intp)
    found = {
        "coding": pd.Series(coding, dtype="str"),
        "iso3": pd.Series(held["iso3"][place], dtype="str"),
        "year": pd.Series(held["year"][place], dtype="int64"),
        "column": pd.Series(column, dtype="str"),
        "old": pd.Series([np.nan if one == "" else one for one in old], dtype=kind),
        "new": pd.Series([np.nan if one == "" else one for one in new], dtype=kind),
        "reason": pd.Series(reason, dtype="str"),
    }
    return pd.DataFrame({name: found[name] for name in _COLUMNS})


def _cells(held: Held, column: str) -> tuple[Any, Any, Any]:
    """Value, lower and upper bound of a column of numbers; a cell without bounds is as wide as its value."""
    value = held[column]
    ends = (held.get(f"{column}_{end}", value) for end in ("low", "high"))
    return value, *(np.where(np.isnan(end), value, end) for end in ends)


def _differ(old: Any, new: Any) -> Any:  # noqa: ANN401 - arrays of numbers
    return np.flatnonzero((old != new) & ~(np.isnan(old) & np.isnan(new)))


def _at_bound(held: Held, chosen: Iterable[Indicator], coding: str) -> list[Change]:
    found: list[Change] = []
    for indicator, _, column in _values(chosen):
        if indicator.bounds:
            value, low, high = _cells(held, column)
            new = low if coding == "lowest" else high
            found += [(int(row), column, float(new[row]), "") for row in _differ(value, new)]
    return found


def _highest(held: Held, chosen: Iterable[Indicator]) -> list[Change]:
    """Take the larger of the national and the subnational value."""
    found: list[Change] = []
    for one in chosen:
        if one.rule not in _HIGHEST or one.is_text or set(one.scopes) != {"national", "subnational"}:
            continue
        column = one.column("national")
        here, there = (_cells(held, one.column(scope)) for scope in ("national", "subnational"))
        value, low, high = (np.fmax(first, second) for first, second in zip(here, there, strict=True))
        open_above = low > value  # an open place is known to lie above every known one
        new = np.where(open_above, np.nan, value)
        found += [
            (int(row), column, float(new[row]), "unclear" if np.isnan(new[row]) else "")
            for row in _differ(here[0], new)
        ]
        for end, bound in (("low", low), ("high", high)):
            if one.bounds:
                name = f"{column}_{end}"
                found += [(int(row), name, float(bound[row]), "") for row in _differ(held[name], bound)]
    return found


class Evidence:
    """The claims of a release, and what its rules make of them when some are left out.

    Parameters
    ----------
    release
        A release of claims.
    chosen
        Indicators of its panel.
    """

    def __init__(self, release: Release, chosen: Iterable[Indicator]) -> None:
        wanted = {one.evidence_id for one in chosen}
        self._claims: dict[tuple[str, str], list[Claim]] = defaultdict(list)
        for row in release.rows("claims.csv"):
            if row["indicator"] in wanted:
                self._claims[row["iso3"], row["indicator"]].append(Claim.from_row(row))
        listed = release.rows("adjudications.csv") if "adjudications.csv" in release.files else []
        self._decisions = [(one, frozenset(one["claim_ids"].split(";"))) for one in setting_value(listed)]
        self._coverage = release.info.coverage

    def touching(self, indicator: Indicator, iso3: str, year: int, scope: str) -> list[Claim]:
        """List the claims that touch a cell."""
        return [one for one in self._claims.get((iso3, indicator.evidence_id), ()) if one.touches(year, scope)]

    def decide(
        self, indicator: Indicator, iso3: str, year: int, scope: str, left_out: Callable[[Claim], bool] | None = None
    ) -> Cell | None:
        """Decide a cell again.

        Parameters
        ----------
        indicator, iso3, year, scope
            The cell.
        left_out
            Which claims are left out; a decision that names one of them is left out with it.

        Returns
        -------
        Cell or None
            As the release would have it; None where no claim and no decision speaks of it.
        """
        every = self._claims.get((iso3, indicator.evidence_id), [])
        if left_out is None:
            return settle(indicator, every, [one for one, _ in self._decisions], iso3, year, scope)
        gone = {claim.id for claim in every if left_out(claim)}
        kept = [claim for claim in every if claim.id not in gone and claim.touches(year, scope)]
        decisions = [one for one, named in self._decisions if not named & gone]
        return settle(indicator, kept, decisions, iso3, year, scope)

    def reason(self, indicator: Indicator, iso3: str, cell: Cell | None) -> str:
        """Say why a cell is missing: nothing was found where it was looked for, or it was not looked for."""
        if cell is not None:
            return cell.missing
        for entry in self._coverage:
            places, names = entry["countries"], entry["indicators"]
            if (places == "*" or iso3 in places) and (names == "*" or indicator.id in names):
                return "no_evidence"
        return "not_coded"


def _recoded(
    release: Release, held: Held, chosen: Sequence[Indicator], descriptions: dict[str, str], *, sources: bool
) -> dict[str, list[Change]]:
    """Make the recodings of coded data, and describe those without a source."""
    made: dict[str, list[Change]] = defaultdict(list)
    made["subnational"] = _highest(held, chosen)
    rows = {key: row for row, key in enumerate(zip(held["iso3"].tolist(), held["year"].tolist(), strict=True))}
    by_unit: dict[str, list[int]] = defaultdict(list)
    for iso3, year in rows:
        by_unit[iso3].append(year)
    ids = {one.id for one in chosen}
    columns = {(one.id, scope): column for one, scope, column in _values(chosen)}
    deciding: set[str] = set()
    values = release.table("values.csv")
    values = values[values["indicator"].isin(ids) & (values["source_ids"] != "")]
    for iso3, year, one, scope, named in zip(
        *(values[name].tolist() for name in ("iso3", "year", "indicator", "scope", "source_ids")), strict=True
    ):
        row = rows.get((iso3, year))
        if row is not None:
            deciding.update(named.split())
            if len(named.split()) == 1:
                made["without_single_source"] += _emptied(held, columns[one, scope], row)
    known = _described(release, sorted(deciding)) if sources else {}
    descriptions |= {PREFIX + source: text for source, text in known.items()}
    evidence = Evidence(release, chosen)
    for iso3, own in _followed(by_unit):
        for indicator, scope, column in _values(chosen):
            for year in filter(indicator.covers, own):
                touching = evidence.touching(indicator, iso3, year, scope)
                for coding, left_out in _left_out(touching, known):
                    cell = evidence.decide(indicator, iso3, year, scope, left_out)
                    missing = "" if cell and cell.value else evidence.reason(indicator, iso3, cell)
                    new = (cell.value, cell.low, cell.high) if cell else ("", "", "")
                    made[coding] += _replaced(held, indicator, column, rows[iso3, year], new, missing)
    return made


def _left_out(touching: Sequence[Claim], sources: Mapping[str, str]) -> Iterable[tuple[str, Callable[[Claim], bool]]]:
    """List the recodings that take a claim from a cell, each with the claims it takes."""
    if any(claim.grade in _WEAK for claim in touching):
        yield "without_E0_E1", lambda claim: claim.grade in _WEAK
    if any(claim.status == "contested" for claim in touching):
        yield "without_contested", lambda claim: claim.status == "contested"
    for source in dict.fromkeys(claim.source_id for claim in touching):
        if source in sources:
            yield PREFIX + source, lambda claim, gone=source: claim.source_id == gone  # type: ignore[misc]


def _emptied(held: Held, column: str, row: int) -> list[Change]:
    names = [name for name in (column, f"{column}_low", f"{column}_high") if name in held]
    return [(row, name, np.nan, "single_source") for name in names if not _same(held[name][row], np.nan)]


def _replaced(
    held: Held, indicator: Indicator, column: str, row: int, new: tuple[str, str, str], missing: str
) -> list[Change]:
    """List what differs between a cell of the panel and the same cell decided again."""
    names = (column, f"{column}_low", f"{column}_high") if indicator.bounds else (column,)
    found: list[Change] = []
    for name, text in zip(names, new, strict=False):
        cell: Any = text if indicator.is_text else float(text) if text else np.nan
        if not _same(held[name][row], cell):
            found.append((row, name, cell, "" if text else missing))
    return found


def _same(old: Any, new: Any) -> bool:  # noqa: ANN401 - numbers, or texts of which an empty one is missing
    if isinstance(old, str):
        return old == (new if isinstance(new, str) else "")
    return math.isclose(old, new, rel_tol=1e-12) or (math.isnan(old) and math.isnan(new))


def _described(release: Release, sources: Sequence[str]) -> dict[str, str]:
    """Describe the recodings without a source, sources in their order."""
    listed = {row["source_id"]: row for row in release.rows("sources.csv")}
    found = {}
    for source in sources:
        row = listed.get(source, {})
        who = ", ".join(part for part in (row.get("publisher") or row.get("authors"), row.get("year")) if part)
        found[source] = (
            f"All claims of {source}{f' ({who})' if who else ''} are left out, and the rule is applied again."
        )
    return found


def _followed(units: Mapping[str, list[int]]) -> Iterable[tuple[str, list[int]]]:
    """Go through the units, with a bar on the error stream after two seconds."""
    from tqdm import tqdm

    bar: Iterable[tuple[str, list[int]]] = tqdm(
        units.items(), total=len(units), desc="recoding", delay=2.0, leave=False, dynamic_ncols=True
    )
    return bar
