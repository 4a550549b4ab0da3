"""Programmes as the reader meets them: the list, and the profile of one."""

from __future__ import annotations

import difflib
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from govdata.errors import ArgumentError, nearest
from govdata.finder import fold
from govdata.model import Indicator
from govdata.releases import Release
from govdata.statements import chosen, claim_release, claims

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Programme", "programme", "programmes", "stage_label"]

Row = dict[str, str]
_NAMES: Final = ("name_en", "name_local", "name_latin", "name_fa", "name_ar", "name_zh")
_EFFECT_COLUMNS: Final = (
    "direction",
    "indicator",
    "code",
    "label",
    "status",
    "grade",
    "scope",
    "region",
    "start",
    "end",
    "gloss",
    "claim_id",
    "source_id",
)
_COUNTS: Final = ("first_year", "last_year", "stage", "stage_sub", "claims", "contested", "rejected")
# How a relation reads from the other programme's side.
_INVERSE: Final = {
    "part_of": "has_part",
    "predecessor_of": "successor_of",
    "feeds_into": "fed_by",
    "implements": "implemented_by",
    "supplied_by": "supplies",
}
_EFFECTS: Final = "record_effect"


def programmes(
    country: str | Iterable[str] | None = None, *, dataset: str = "digital_surveillance", version: str | None = None
) -> pd.DataFrame:
    """List the programmes: what each is called, what it is, how far it got, and how much is said of it.

    Parameters
    ----------
    country
        ISO3 codes; by default all.
    dataset
        A dataset whose values are coded from claims.
    version
        See `govdata.load`.

    Returns
    -------
    pandas.DataFrame
        One row a programme: ``programme_id, iso3, kind``, its names by language, ``first_year`` and ``last_year`` with
        a stage above none, ``stage`` (highest national stage reached), ``stage_sub`` (highest in any region, where 5
        and 6 mean the whole region), ``claims``, ``contested``, ``rejected`` (how many).

    Examples
    --------
    >>> import govdata
    >>> found = govdata.programmes("CHN").set_index("programme_id")
    >>> found.loc["sharp_eyes", "name_en"]
    'Sharp Eyes'
    """
    import pandas as pd

    release = claim_release(dataset, version)
    rows = release.rows("programmes.csv")
    places = chosen("country with programmes", country, {row["iso3"] for row in rows})
    stages = release.rows("programme_years.csv")
    said = release.rows("claims.csv")
    found = []
    for row in rows:
        if places is not None and row["iso3"] not in places:
            continue
        own = [stage for stage in stages if stage["programme_id"] == row["programme_id"]]
        years = [int(stage["year"]) for stage in own if "0" not in (stage["stage"], stage["stage_high"])]
        about = [claim["status"] for claim in said if claim["programme_id"] == row["programme_id"]]
        found.append(
            {key: row[key] for key in ("programme_id", "iso3", "kind", *_NAMES)}
            | {
                "first_year": min(years, default=None),
                "last_year": max(years, default=None),
                "stage": _highest(own, "national"),
                "stage_sub": _highest(own, "subnational"),
                "claims": len(about),
                "contested": about.count("contested"),
                "rejected": about.count("rejected"),
            }
        )
    columns = ["programme_id", "iso3", "kind", *_NAMES, *_COUNTS]
    whole = dict.fromkeys(_COUNTS[:4], "Int64")
    return pd.DataFrame(found, columns=columns).astype(whole)


def _highest(stages: Iterable[Row], scope: str) -> int | None:
    return max((int(row["stage"]) for row in stages if row["scope"] == scope and row["stage"]), default=None)


@dataclass(frozen=True)
class Programme:
    """All that a release holds on one programme.

    Attributes
    ----------
    dataset, version, programme_id, iso3, kind, description, start_note
        What it is.
    names
        By language: ``en, local, latin, fa, ar, zh``.
    lead_bodies
        Who leads it.
    stages
        One row a year and scope: ``year, scope, stage, stage_low, stage_high, status, grade, claim_ids, label`` …
    relations
        ``relation`` as read from this programme (``part_of``, ``has_part`` …), ``other_id, other_name, status,
        source_id, locator, comment``.
    claims
        As `govdata.claims` gives them.
    effects
        Claims on effects, good and bad side by side, never netted: ``direction`` (good, bad, none, open), ``indicator,
        code, label, status, grade, scope, region, start, end, gloss, claim_id, source_id``.
    sources
        The sources of all of these, one row each.
    """

    dataset: str
    version: str
    programme_id: str
    iso3: str
    kind: str
    names: Mapping[str, str]
    lead_bodies: tuple[str, ...]
    start_note: str
    description: str
    stages: pd.DataFrame = field(repr=False)
    relations: pd.DataFrame = field(repr=False)
    claims: pd.DataFrame = field(repr=False)
    effects: pd.DataFrame = field(repr=False)
    sources: pd.DataFrame = field(repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Give the profile as plain data, ready for JSON; every frame becomes a list of rows."""
        return {
            key: value.to_dict("records") if hasattr(value, "to_dict") else value for key, value in vars(self).items()
        } | {"names": dict(self.names), "lead_bodies": list(self.lead_bodies)}

    def __str__(self) -> str:
        """Print the profile for a person."""
        names = [self.names[key] for key in ("local", "latin", "fa", "ar") if self.names.get(key)]
        lines = [
            f"{self.names['en']} ({' · '.join(dict.fromkeys(names))})",
            f"{self.programme_id} · {self.kind} · {self.iso3} · {self.dataset} {self.version}",
            *textwrap.wrap(self.description, 100),
        ]
        if self.lead_bodies:
            lines.append(f"led by: {'; '.join(self.lead_bodies)}")
        if self.start_note:
            lines += textwrap.wrap(f"start: {self.start_note}", 100, subsequent_indent="       ")
        for scope in ("national", "subnational"):
            own = self.stages[self.stages["scope"] == scope]
            if len(own):
                lines.append(f"stage, {scope}: {_timeline(own)}")
        if self.kind == "analytic_label":
            lines.append("stage: none is coded, for this is a name that analysts give")
        elif not len(self.stages):
            lines.append("stage: no evidence")
        lines += [
            f"{row['relation'].replace('_', ' ')} {row['other_name']} ({row['other_id']})"
            + (f" – {row['status']}" if row["status"] != "accepted" else "")
            for row in self.relations.to_dict("records")
        ]
        counts = self.claims["status"].value_counts()
        lines.append(
            f"claims: {len(self.claims)} ("
            + ", ".join(f"{counts.get(status, 0)} {status}" for status in ("accepted", "contested", "rejected"))
            + f") from {self.claims['source_id'].nunique()} sources"
        )
        for direction, title in (("good", "good effects"), ("bad", "bad effects"), ("open", "other effects")):
            own = self.effects[self.effects["direction"] == direction]
            if len(own):
                lines.append(f"{title} claimed or shown ({len(own)}):")
                lines += [
                    textwrap.fill(
                        f"{row['grade']} {row['status']}, {row['label']}: {row['gloss']}",
                        100,
                        initial_indent="  ",
                        subsequent_indent="    ",
                    )
                    for row in own.to_dict("records")[:6]
                ]
                if len(own) > 6:
                    lines.append(f"  … and {len(own) - 6} more (see .effects)")
        return "\n".join(lines)


def _timeline(stages: pd.DataFrame) -> str:
    """Write the years of a scope as runs: ``2015 announced → 2016–2025 several regions``."""
    runs: list[list[Any]] = []
    for row in stages.to_dict("records"):
        text = row["label"] or f"open, {row['stage_low']} to {row['stage_high']}"
        if row["status"] == "contested":
            text += " (contested)"
        if runs and runs[-1][2] == text and int(row["year"]) == runs[-1][1] + 1:
            runs[-1][1] = int(row["year"])
        else:
            runs.append([int(row["year"]), int(row["year"]), text])
    return " → ".join(f"{first}–{last} {text}" if last > first else f"{first} {text}" for first, last, text in runs)


def programme(programme_id: str, *, dataset: str = "digital_surveillance", version: str | None = None) -> Programme:
    """Give the profile of a programme: its names, timeline, relations, claims and effects.

    Parameters
    ----------
    programme_id
        An id that `programmes` lists.
    dataset
        A dataset whose values are coded from claims.
    version
        See `govdata.load`.

    Returns
    -------
    Programme
        Prints as text; its tables are DataFrames; `Programme.to_dict` for programs.

    Raises
    ------
    ArgumentError
        If there is no such programme; the message names the nearest, also by its names in other languages.

    Examples
    --------
    >>> import govdata
    >>> profile = govdata.programme("sharp_eyes")
    >>> profile.names["latin"]
    'xuěliàng gōngchéng'
    >>> "sharp_eyes" in set(profile.stages["programme_id"])
    True
    """
    import pandas as pd

    release = claim_release(dataset, version)
    rows = {row["programme_id"]: row for row in release.rows("programmes.csv")}
    if not isinstance(programme_id, str) or programme_id not in rows:
        raise ArgumentError(f"no programme {str(programme_id)[:60]!r}{_hint(str(programme_id), rows)}")
    row = rows[programme_id]
    said = claims(programme=programme_id, dataset=dataset, version=release.version)
    by_id = {one.id: one for one in release.indicators}
    related = _relations(release, programme_id, rows)
    used = {*said["source_id"], *related["source_id"], *row["source_ids"].split(";")}
    sources = release.table("sources.csv")
    return Programme(
        dataset=release.name,
        version=release.version,
        programme_id=programme_id,
        iso3=row["iso3"],
        kind=row["kind"],
        names={key.removeprefix("name_"): row[key] for key in _NAMES},
        lead_bodies=tuple(filter(None, row["lead_bodies"].split(";"))),
        start_note=row["start_note"],
        description=row["description"],
        stages=_stages(release, programme_id, by_id),
        relations=related,
        claims=said,
        effects=pd.DataFrame(_effects(said, by_id), columns=list(_EFFECT_COLUMNS), dtype="str"),
        sources=sources[sources["source_id"].isin(used)].reset_index(drop=True),
    )


def _hint(given: str, rows: Mapping[str, Row]) -> str:
    """Name the nearest programmes; a name in any language counts as its id."""
    known = {
        _bare(part): name
        for name, row in rows.items()
        for text in (name, *(row[key] for key in _NAMES))
        for part in (text, *text.replace("؛", ";").split(";"))
        if part.strip()
    }
    near = nearest(given, rows)
    if _bare(given) not in known and near:
        return near
    close = difflib.get_close_matches(_bare(given), sorted(known), n=1, cutoff=0.6) if _bare(given) else []
    return f"; did you mean {known[close[0]]!r}?" if close else "; govdata.programmes() lists them"


def _bare(text: str) -> str:
    """Reduce a name to its letters: no case, no accents, no blanks, one form of each letter."""
    return fold(text).replace(" ", "")


def _stages(release: Release, programme_id: str, by_id: Mapping[str, Indicator]) -> pd.DataFrame:
    frame = release.table("programme_years.csv")
    own = frame[frame["programme_id"] == programme_id].reset_index(drop=True)
    labels = {
        code.code: code.labels["en"] for one in by_id.values() if one.table == "programme_years" for code in one.codes
    }
    said = [stage_label(labels, stage, scope) for stage, scope in zip(own["stage"], own["scope"], strict=True)]
    return own.assign(label=said)


def stage_label(labels: Mapping[str, str], stage: str, scope: str) -> str:
    """Say what a stage means at a scope: inside one region, the whole of it stands where the nation would."""
    text = labels.get(stage, "")
    return text if scope == "national" else text.replace("national", "whole region")


def _relations(release: Release, programme_id: str, rows: Mapping[str, Row]) -> pd.DataFrame:
    import pandas as pd

    columns = ["relation", "other_id", "other_name", "status", "source_id", "locator", "comment"]
    found = []
    for row in release.rows("programme_relations.csv"):
        for own, other, relation in (
            (row["programme_id"], row["other_id"], row["relation"]),
            (row["other_id"], row["programme_id"], _INVERSE[row["relation"]]),
        ):
            if own == programme_id:
                named = {"relation": relation, "other_id": other, "other_name": rows[other]["name_en"]}
                found.append(named | {key: row[key] for key in columns[3:]})
    return pd.DataFrame(found, columns=columns, dtype="str")


def _effects(said: pd.DataFrame, by_id: Mapping[str, Indicator]) -> list[Row]:
    found = []
    for row in said.to_dict("records"):
        indicator = by_id[row["indicator"]]
        if indicator.block != "F" and indicator.id != _EFFECTS:
            continue
        labels = {code.code: code.labels["en"] for code in indicator.codes}
        bounds = "–".join(filter(None, (row["low"], row["high"])))
        shown = {"code": row["code"] or bounds, "label": labels.get(row["code"], "") or indicator.label}
        text = {str(key): str(value) for key, value in row.items()}
        found.append({**text, "direction": _direction(text, indicator), **shown})
    return sorted(found, key=lambda row: (row["direction"], row["status"], row["indicator"], row["claim_id"]))


def _direction(claim: Mapping[str, str], indicator: Indicator) -> str:
    """Say which way an effect goes. A scale with negative codes runs from bad to good, any other counts harm."""
    if indicator.id == _EFFECTS:
        return claim["code"].partition("_")[0] or "open"
    ends = [int(claim[key]) for key in ("code", "low", "high") if claim[key].lstrip("-").isdigit()]
    if not ends:
        return "open"
    signed = any(code.code.startswith("-") for code in indicator.codes)
    if min(ends) < 0 < max(ends):
        return "open"
    if not any(ends):
        return "none"
    return "good" if signed and max(ends) > 0 else "bad"
