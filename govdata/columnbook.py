"""What every column of every table of a release holds, in words and with its codes; nothing here reads a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from govdata import vocabulary
from govdata.columntexts import COMMON, TABLES, ColumnText
from govdata.model import DatasetInfo, Indicator

__all__ = ["TableColumn", "missing_text", "table_columns", "table_text", "table_title"]

_STATUS_LABELS: Final = {
    "corroborated": "two or more sources agree",
    "single_source": "one source",
    "contested": "sources disagree",
    "interval": "open between bounds",
    "plan_only": "plans only",
    "not_found": "looked for, not found",
    "adjudicated": "set by a written decision",
    "imported": "carried over",
}
_GRADE_LABELS: Final = {
    "E0": "claim only, nothing behind it named",
    "E1": "one statement of the press, a vendor, an organisation or a government",
    "E2": "primary document, or two independent sources",
    "E3": "technical, leaked or peer-reviewed evidence",
    "E4": "several of E3",
}
_SCOPE_LABELS: Final = {
    "national": "most of the population",
    "subnational": "some place within the country",
    "all": "holds at every scope",
}
_PAIRS: Final[Mapping[str, Mapping[str, str]]] = {
    "status": _STATUS_LABELS,
    "grade": _GRADE_LABELS,
    "scope": {key: _SCOPE_LABELS[key] for key in ("national", "subnational")},
    "claim_scope": _SCOPE_LABELS,
    "claim_status": {
        "accepted": "agrees with other evidence, or nothing speaks against it",
        "contested": "sources disagree, or too little stands behind it",
        "rejected": "found wrong; reason says why",
    },
    "modality": {
        "asserted": "the source states it",
        "attributed": "the source reports another's statement",
        "plan": "announced, drafted or forecast",
        "evaluation": "an outcome was studied",
        "survey": "share of respondents",
    },
    "effect": {
        "sets_value": "the decision overrides the rule",
        "rule_stands": "the claims stand and the rule decides",
        "claims_mended": "claims were changed, and the rule decides",
    },
    "opened": {"full": "in full", "extract": "in part", "abstract": "its abstract", "record": "its record only"},
    "kind_of_unit": {
        "state": "state",
        "partial": "partly recognised state",
        "territory": "territory of a state",
    },
}
_LISTS: Final[Mapping[str, Sequence[str]]] = {
    "reason": vocabulary.REASONS,
    "decision_reason": vocabulary.DECISION_REASONS,
    "rule": vocabulary.RULES,
    "source_type": vocabulary.SOURCE_TYPES,
    "programme_kind": vocabulary.PROGRAMME_KINDS,
    "relation": vocabulary.RELATIONS,
    "verdict": vocabulary.VERDICTS,
    "passage_kind": vocabulary.PASSAGE_KINDS,
    "check": vocabulary.LITERATURE_CHECKS,
    "level": vocabulary.CODING_LEVELS,
    "name_language": vocabulary.NAME_LANGUAGES,
    "name_kind": vocabulary.NAME_KINDS,
    "code_kind": vocabulary.CODE_KINDS,
    "scheme": vocabulary.CODE_SCHEMES,
}
_COMPANIONS: Final = {
    "": "",
    "_low": "The lowest reading the evidence allows.",
    "_high": "The highest reading the evidence allows.",
    "_sd": "Standard deviation, as the source gives it.",
}
_SCALES: Final = ("grade", "stage")
_ENDINGS: Final = {"": "", "_low": ", lowest reading", "_high": ", highest reading", "_sd": ", standard deviation"}
# Of imported figures the companions are what a source makes of them, not readings of evidence.
_IMPORTED_COMPANIONS: Final = {
    "": "",
    "_low": "The lower bound of the estimate, as the source gives it.",
    "_high": "The upper bound of the estimate, as the source gives it.",
    "_sd": "The standard deviation or standard error of the estimate, as the source gives it.",
}
_IMPORTED_ENDINGS: Final = _ENDINGS | {"_low": ", lower bound", "_high": ", upper bound"}
_IMPORTED_COLUMNS: Final = {
    "value": ColumnText("Value", "A code or a number; empty where the source has none.", "number"),
    "low": ColumnText("Lower bound", _IMPORTED_COMPANIONS["_low"], "number"),
    "high": ColumnText("Upper bound", _IMPORTED_COMPANIONS["_high"], "number"),
    "sd": ColumnText("Standard deviation", _IMPORTED_COMPANIONS["_sd"], "number"),
}


@dataclass(frozen=True, slots=True)
class TableColumn:
    """One column of a table.

    Attributes
    ----------
    name, title, text
        The header of the column, a short name, and a sentence; the sentence may be empty.
    kind
        ``string``, ``integer``, ``number`` or ``date``: what every filled cell is.
    codes
        Allowed cells with their English labels, in order; the label may be empty. Empty where any cell of the kind may
        stand.
    ordered
        Whether the codes are a scale, lowest first.
    joined
        What separates several codes or ids in one cell: a blank or a semicolon; empty where a cell holds one.
    required
        Whether no cell is empty.
    pattern
        A regular expression that fits every filled cell as a whole; empty where none is stated.
    least, most
        Bounds of a number, ``None`` where there are none.
    indicator
        The indicator of a panel column, ``None`` for any other.
    """

    name: str
    title: str
    text: str = ""
    kind: str = "string"
    codes: tuple[tuple[str, str], ...] = ()
    ordered: bool = False
    joined: str = ""
    required: bool = False
    pattern: str = ""
    least: int | None = None
    most: int | None = None
    indicator: Indicator | None = None


def table_title(stem: str) -> str:
    """Name a table of a release, such as ``values``, in words."""
    return TABLES[stem].title if stem in TABLES else stem.replace("_", " ")


def table_text(stem: str, kind: str) -> str:
    """Say what one line of a table is; ``kind`` is that of the dataset."""
    if stem == "values" and kind == "observations":
        return "One line for each imported figure, as its source gives it, with the source and its release."
    return TABLES[stem].text if stem in TABLES else ""


def missing_text(stem: str, kind: str) -> str:
    """Say what an empty cell of a table means and where the reason of a missing value stands."""
    if stem in ("values", "programme_years", "codings"):
        return "empty: does not apply to the line; for a value, column missing says why"
    if stem != "panel":
        return "empty: does not apply to the line, or is not known"
    if kind == "register":
        return "empty: does not apply to this unit in this year"
    if kind == "observations":
        return (
            "missing: the reason stands in values.csv, column missing, under iso3, year and indicator; without a line "
            "there, the source has no value (no_evidence), or does not cover the year (not_coded)"
        )
    return (
        "missing: the reason stands in values.csv, column missing, under iso3, year, indicator and scope; without a "
        "line there, nobody has looked for it yet (not_coded)"
    )


def table_columns(
    stem: str, header: Sequence[str], info: DatasetInfo, indicators: Sequence[Indicator]
) -> tuple[TableColumn, ...]:
    """Describe the columns of a table of a release.

    Parameters
    ----------
    stem
        The table's file name without ``.csv``.
    header
        Its columns, in order.
    info, indicators
        Of the release.

    Returns
    -------
    tuple of TableColumn
        One a column, in the order of the header. A column that is not known here is text without a description.
    """
    owners = {column: one for one in indicators for column in one.columns()} if stem == "panel" else {}
    made = []
    for name in header:
        if name in owners and name not in ("iso3", "country_name", "year"):
            made.append(_of_indicator(name, owners[name], info.kind))
        else:
            made.append(_of_table(stem, name, info, indicators))
    return tuple(made)


def _of_indicator(name: str, one: Indicator, dataset: str) -> TableColumn:
    local = "subnational" in one.scopes and name.startswith(one.column("subnational"))
    ending = name.removeprefix(one.column("subnational" if local else "national"))
    endings, companions = _ENDINGS, _COMPANIONS
    if dataset == "observations":
        endings, companions = _IMPORTED_ENDINGS, _IMPORTED_COMPANIONS
    title = one.label + (", highest subnational" if local else "") + endings[ending]
    said = [companions[ending] or one.question or one.clarification, f"Unit: {one.unit}" if one.unit else ""]
    if not ending and one.direction != "no order":
        said.append(f"Direction: {one.direction}" if one.direction else "")
    codes = () if ending == "_sd" else tuple((code.code, code.labels["en"]) for code in one.codes)
    if one.type == "multi":
        said.append("Several codes are joined by ;")
    text = " ".join(part if part.endswith((".", "?", "!", ";")) else f"{part}." for part in said if part)
    column = TableColumn(name, title, text, codes=codes, indicator=one)
    if one.type == "multi":
        return replace(column, joined=";")
    if one.is_text:
        return column
    whole = bool(codes) or dataset == "register" or (one.type == "count" and ending != "_sd")
    least = 0 if not codes and (one.type == "count" or ending == "_sd") else None
    ordered = bool(codes) and one.type in ("ordinal", "binary")
    return replace(column, kind="integer" if whole else "number", ordered=ordered, least=least)


def _of_table(stem: str, name: str, info: DatasetInfo, indicators: Sequence[Indicator]) -> TableColumn:
    table = TABLES.get(stem)
    spec = (table.columns.get(name) if table else None) or COMMON.get(name)
    if stem == "values" and info.kind == "observations":
        spec = _IMPORTED_COLUMNS.get(name, spec)
    if spec is None:
        return TableColumn(name, name.replace("_", " "))
    kind, codes = spec.kind, _codes(spec.codes, info.kind, indicators)
    required = (table is not None and name in table.key) or (stem == "panel" and name == "country_name")
    column = TableColumn(
        name, spec.title, spec.text, kind, codes, spec.codes in _SCALES, spec.joined, required, spec.pattern
    )
    if stem == "panel" and name == "year":
        return replace(column, least=info.years[0], most=info.years[1])
    return column


def _codes(name: str, dataset: str, indicators: Sequence[Indicator]) -> tuple[tuple[str, str], ...]:
    if name in _PAIRS:
        return tuple(_PAIRS[name].items())
    if name in _LISTS:
        return tuple((word, "") for word in _LISTS[name])
    if name == "indicators":
        return tuple((one.id, one.label) for one in indicators)
    if name == "missing":
        whose = "observations" if dataset == "observations" else "claims"
        return tuple((reason, texts[whose][0]) for reason, texts in vocabulary.MISSING_LABELS.items())
    if name == "stage":
        stages = (one for one in indicators if one.table == "programme_years")
        return next((tuple((code.code, code.labels["en"]) for code in one.codes) for one in stages), ())
    return ()
