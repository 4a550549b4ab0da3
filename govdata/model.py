"""The words of the project as types: what an indicator, a code and a dataset are, and which names they may take.

Both wings use this module and nothing here reads a file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from govdata.vocabulary import BLOCKS, CODED_TYPES, KINDS, LANGUAGES, RULES, TEXT_TYPES, TIMINGS, TYPES, UNIT_KINDS

__all__ = ["Code", "DatasetInfo", "Indicator", "is_version", "panel_columns", "version_key"]

_ID = re.compile(r"[a-z][a-z0-9_]{0,22}\Z")
_VERSION = re.compile(r"(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\Z")


def is_version(text: str) -> bool:
    """Whether a text is of the form ``X.Y.Z``."""
    return _VERSION.match(text) is not None


def version_key(version: str) -> tuple[int, int, int]:
    """Turn ``X.Y.Z`` into a sortable key.

    Raises
    ------
    ValueError
        If the text is not of that form.

    Examples
    --------
    >>> version_key("1.10.0") > version_key("1.9.3")
    True
    """
    match = _VERSION.match(version)
    if match is None:
        raise ValueError(f"version {version!r} is not of the form X.Y.Z")
    major, minor, patch = (int(part) for part in match.groups())
    return major, minor, patch


def _labels(value: object, where: str) -> dict[str, str]:
    if not isinstance(value, Mapping) or "en" not in value:
        raise ValueError(f"{where}: label.en is missing")
    unknown = sorted(set(value) - set(LANGUAGES))
    if unknown:
        raise ValueError(f"{where}: unknown language {unknown[0]!r} (known: {', '.join(LANGUAGES)})")
    labels = {language: str(value[language]) for language in LANGUAGES if value.get(language)}
    for language, text in labels.items():
        if len(text) > 80:
            raise ValueError(f"{where}: label.{language} has {len(text)} characters (at most 80)")
    return labels


def _span(value: object) -> tuple[int, int]:
    if not (isinstance(value, list) and len(value) == 2 and all(type(year) is int for year in value)):
        raise ValueError(f"years {value!r} is not of the form [first, last]")
    if value[1] < value[0]:
        raise ValueError(f"years {value} run backwards")
    return value[0], value[1]


@dataclass(frozen=True, slots=True)
class Code:
    """One allowed value of an indicator."""

    code: str
    labels: Mapping[str, str]


_INDICATOR_KEYS = frozenset(
    [
        "id",
        "number",
        "block",
        "type",
        "table",
        "rule",
        "timing",
        "claims_of",
        "scopes",
        "bounds",
        "sd",
        "direction",
        "unit",
        "years",
        "only_years",
        "label",
        "question",
        "clarification",
        "evidence",
        "comparable",
        "limits",
        "keywords",
        "codes",
        "source",
    ]
)


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator as its codebook file defines it.

    Attributes are those of the file; see the page on formats.
    """

    id: str
    number: str
    block: str
    type: str
    table: str
    rule: str
    timing: str
    claims_of: str
    scopes: tuple[str, ...]
    bounds: bool
    sd: bool
    direction: str
    unit: str
    years: tuple[int, int] | None
    only_years: tuple[int, ...]
    labels: Mapping[str, str]
    question: str
    clarification: str
    evidence: str
    comparable: str
    limits: str
    keywords: tuple[str, ...]
    codes: tuple[Code, ...]
    source_id: str
    original: str

    @classmethod
    def from_mapping(cls, value: Mapping[str, Any]) -> Indicator:
        """Read an indicator from the content of its file.

        Raises
        ------
        ValueError
            If the content does not define an indicator; the message names the key.
        """
        unknown = sorted(set(value) - _INDICATOR_KEYS)
        if unknown:
            raise ValueError(f"unknown key {unknown[0]!r}")
        name = str(value.get("id", ""))
        if not _ID.match(name):
            raise ValueError(f"id {name!r} is not a lower-case name of at most 23 characters")
        kind = str(value.get("type", ""))
        rule, table = str(value.get("rule", "")), str(value.get("table", "panel"))
        for key, found, allowed in (
            ("type", kind, TYPES),
            ("block", str(value.get("block", "")), tuple(BLOCKS)),
            ("table", table, ("panel", "programme_years", "record")),
            ("rule", rule, ("", *RULES)),
            ("timing", str(value.get("timing", "year_end")), TIMINGS),
        ):
            if found not in allowed:
                raise ValueError(f"{key} {found!r} is not one of {', '.join(repr(one) for one in allowed)}")
        scopes = tuple(str(scope) for scope in value.get("scopes", ["national"]))
        if not scopes or not set(scopes) <= {"national", "subnational"}:
            raise ValueError(f"scopes {list(scopes)} are not among 'national' and 'subnational'")
        codes = tuple(
            Code(str(entry["code"]), _labels(entry.get("label"), f"code {entry['code']}"))
            for entry in value.get("codes", [])
        )
        if kind in CODED_TYPES and not codes:
            raise ValueError(f"an indicator of type {kind!r} needs [[codes]]")
        if len({code.code for code in codes}) != len(codes):
            raise ValueError("a code is defined twice")
        if len({code.labels["en"] for code in codes}) != len(codes):
            raise ValueError("two codes have the same English label")
        if kind in ("ordinal", "binary"):
            texts = [code.code for code in codes if not re.fullmatch(r"-?[0-9]+", code.code)]
            if texts:
                raise ValueError(f"code {texts[0]!r} of an indicator of type {kind!r} is not a whole number")
        for key in ("bounds", "sd"):
            if not isinstance(value.get(key, False), bool):
                raise ValueError(f"{key} {value[key]!r} is neither true nor false")  # noqa: TRY004
        if value.get("bounds") and kind in TEXT_TYPES:
            raise ValueError(f"an indicator of type {kind!r} has no bounds")
        years = _span(value["years"]) if value.get("years") else None
        source = value.get("source", {})
        return cls(
            id=name,
            number=str(value.get("number", "")),
            block=str(value["block"]),
            type=kind,
            table=table,
            rule=rule,
            timing=str(value.get("timing", "year_end")),
            claims_of=str(value.get("claims_of", "")),
            scopes=tuple(scope for scope in ("national", "subnational") if scope in scopes),
            bounds=bool(value.get("bounds", False)),
            sd=bool(value.get("sd", False)),
            direction=str(value.get("direction", "")),
            unit=str(value.get("unit", "")),
            years=years,
            only_years=tuple(int(year) for year in value.get("only_years", [])),
            labels=_labels(value.get("label"), name),
            question=str(value.get("question", "")),
            clarification=str(value.get("clarification", "")),
            evidence=str(value.get("evidence", "")),
            comparable=str(value.get("comparable", "")),
            limits=str(value.get("limits", "")),
            keywords=tuple(str(word) for word in value.get("keywords", [])),
            codes=codes,
            source_id=str(source.get("source_id", "")),
            original=str(source.get("original", "")),
        )

    def to_mapping(self) -> dict[str, Any]:
        """Give the content as plain data, in a fixed order; the inverse of `from_mapping`."""
        return {
            "id": self.id,
            "number": self.number,
            "block": self.block,
            "type": self.type,
            "table": self.table,
            "rule": self.rule,
            "timing": self.timing,
            "claims_of": self.claims_of,
            "scopes": list(self.scopes),
            "bounds": self.bounds,
            "sd": self.sd,
            "direction": self.direction,
            "unit": self.unit,
            "years": list(self.years) if self.years else [],
            "only_years": list(self.only_years),
            "label": dict(self.labels),
            "question": self.question,
            "clarification": self.clarification,
            "evidence": self.evidence,
            "comparable": self.comparable,
            "limits": self.limits,
            "keywords": list(self.keywords),
            "codes": [{"code": code.code, "label": dict(code.labels)} for code in self.codes],
            "source": {"source_id": self.source_id, "original": self.original},
        }

    @property
    def label(self) -> str:
        """The English label."""
        return self.labels["en"]

    @property
    def is_text(self) -> bool:
        """Whether the column holds text rather than numbers."""
        return self.type in TEXT_TYPES

    @property
    def evidence_id(self) -> str:
        """The indicator whose claims this one reads; mostly itself."""
        return self.claims_of or self.id

    def column(self, scope: str) -> str:
        """Name the panel column of a scope: ``x`` or ``x_sub``."""
        return self.id if scope == "national" else f"{self.id}_sub"

    def columns(self) -> tuple[str, ...]:
        """Name every panel column of the indicator: the value and its companions, by scope."""
        if self.table != "panel":
            return ()
        names: list[str] = []
        for scope in self.scopes:
            column = self.column(scope)
            names.append(column)
            if self.bounds:
                names += [f"{column}_low", f"{column}_high"]
            if self.sd:
                names.append(f"{column}_sd")
        return tuple(names)

    def covers(self, year: int) -> bool:
        """Whether the indicator is meaningful in a year."""
        if self.only_years:
            return year in self.only_years
        return self.years is None or self.years[0] <= year <= self.years[1]


@dataclass(frozen=True, slots=True)
class DatasetInfo:
    """What ``dataset.toml`` says of a dataset."""

    name: str
    kind: str
    title: str
    description: str
    version: str
    released: str
    years: tuple[int, int]
    register: str
    unit_kinds: tuple[str, ...]
    licence: str
    licence_url: str
    attribution: str
    creators: tuple[str, ...]
    coverage: tuple[Mapping[str, Any], ...]
    assertions: Mapping[str, int]
    descriptor: int = 1  # which form of datapackage.json releases carry

    @classmethod
    def from_mapping(cls, value: Mapping[str, Any]) -> DatasetInfo:
        """Read the description of a dataset.

        Raises
        ------
        ValueError
            If a key is missing or malformed.
        """
        missing = [
            key
            for key in ("name", "kind", "title", "description", "version", "released", "years", "licence", "creators")
            if key not in value
        ]
        if missing:
            raise ValueError(f"key {missing[0]!r} is missing")
        if value["kind"] not in KINDS:
            raise ValueError(f"kind {value['kind']!r} is not one of {', '.join(KINDS)}")
        version_key(str(value["version"]))
        if not isinstance(value["creators"], list) or not value["creators"]:
            raise ValueError("creators is not a list of names")
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", str(value["released"])):
            raise ValueError(f"released {str(value['released'])!r} is not a day YYYY-MM-DD")
        descriptor = value.get("descriptor", 1)
        if isinstance(descriptor, bool) or descriptor not in (1, 2):
            raise ValueError(f"descriptor {descriptor!r} is neither 1 nor 2")
        return cls(
            name=str(value["name"]),
            kind=str(value["kind"]),
            title=str(value["title"]),
            description=str(value["description"]),
            version=str(value["version"]),
            released=str(value["released"]),
            years=_span(value["years"]),
            register=str(value.get("register", "")),
            unit_kinds=tuple(str(kind) for kind in value.get("unit_kinds", UNIT_KINDS)),
            licence=str(value["licence"]),
            licence_url=str(value.get("licence_url", "")),
            attribution=str(value.get("attribution", "")),
            creators=tuple(str(creator) for creator in value["creators"]),
            coverage=tuple(dict(entry) for entry in value.get("coverage", [])),
            assertions={str(key): int(number) for key, number in value.get("assertions", {}).items()},
            descriptor=int(descriptor),
        )

    def to_mapping(self) -> dict[str, Any]:
        """Give the description as plain data, in a fixed order; ``descriptor`` only where it is not 1."""
        return {
            "name": self.name,
            "kind": self.kind,
            "title": self.title,
            "description": self.description,
            "version": self.version,
            "released": self.released,
            "years": list(self.years),
            "register": self.register,
            "unit_kinds": list(self.unit_kinds),
            "licence": self.licence,
            "licence_url": self.licence_url,
            "attribution": self.attribution,
            "creators": list(self.creators),
            "coverage": [dict(entry) for entry in self.coverage],
            "assertions": dict(self.assertions),
            **({} if self.descriptor == 1 else {"descriptor": self.descriptor}),
        }


def panel_columns(indicators: Iterable[Indicator], *, source_version: bool) -> tuple[str, ...]:
    """Name the columns of a dataset's panel, in order."""
    keys = ("iso3", "country_name", "year") + (("source_version",) if source_version else ())
    columns = (column for indicator in indicators for column in indicator.columns())
    return keys + tuple(column for column in columns if column not in keys)
