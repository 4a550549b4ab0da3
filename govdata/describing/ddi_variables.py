"""The columns of a release's panel as variables of DDI Codebook: labels, questions, codes, reasons, statistics."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from govdata.codebook_files.words import RULES, TIMINGS
from govdata.describing import about
from govdata.describing.elements import child
from govdata.describing.showing import columns_done
from govdata.exporting.outline import reason_labels
from govdata.labels import column_label, column_owners, variable_labels
from govdata.vocabulary import BLOCKS, LANGUAGES, MISSING_REASONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from xml.etree import ElementTree as ET

    import numpy as np
    import pandas as pd

    from govdata.columnbook import TableColumn
    from govdata.model import Indicator
    from govdata.releases import Release

__all__ = ["describe_variables"]

_PANEL: Final = "F1"  # the panel is the first file
# As in a .dta file; of a cell whose reason nobody states, such as a bound that a source does not give, a plain dot.
_LETTERS: Final = {**dict(zip(MISSING_REASONS, (".a", ".b", ".c", ".d"), strict=True)), "": "."}
_UNSTATED: Final = "no reason is stated"
_MISSING: Final = (
    "A missing cell is empty in panel.csv. The values .a to .d of the missing categories are those of a Stata file of "
    "the panel; in an SPSS file they are -99 to -96."
)
_NATURES: Final = {
    "ordinal": "ordinal",
    "binary": "nominal",
    "nominal": "nominal",
    "multi": "nominal",
    "count": "ratio",
    "numeric": "interval",
    "text": "nominal",
}


def describe_variables(parent: ET.Element, release: Release, *, unf: bool) -> None:
    """Add the groups and variables of the panel to a data description.

    Parameters
    ----------
    parent
        The element ``dataDscr``.
    release
        Whose panel.
    unf
        Whether each variable states its fingerprint.
    """
    from govdata.describing.unf import column_unf

    frame = release.panel()
    frame.attrs = {"dataset": release.name, "version": release.version, "sha256": release.digest}
    columns = about.table_schema(release, "panel")
    _groups(parent, columns)
    labels, reasons, origins = _labels(release, frame), _reasons(release, frame), _origins(release)
    shown = columns_done(len(columns), f"describing {release}")
    for number, column in enumerate(columns, start=1):
        cells = frame[column.name]
        made = _variable(parent, f"V{number}", column, release)
        for language, text in labels[column.name].items():
            child(made, "labl", text, level="variable", lang=language)
        _content(made, column, release, cells, reasons.get(column.name))
        if column.indicator is not None:
            _concept(made, column.indicator, origins)
        child(made, "varFormat", type="character" if column.kind in ("string", "date") else "numeric")
        if unf:
            child(
                made,
                "notes",
                column_unf(cells),
                level="variable",
                type="VDC:UNF",
                subject="Universal Numeric Fingerprint",
            )
        shown.update()
    shown.close()
    child(parent, "notes", _MISSING, level="variable", type="missing", subject="Missing values")


def _groups(parent: ET.Element, columns: Iterable[TableColumn]) -> None:
    """Group the variables by the blocks of the codebook."""
    found: dict[str, list[str]] = {}
    for number, column in enumerate(columns, start=1):
        if column.indicator is not None:
            found.setdefault(column.indicator.block, []).append(f"V{number}")
    for block, members in found.items():
        group = child(parent, "varGrp", ID=f"G{block}", type="subject", name=block, var=" ".join(members))
        child(group, "labl", BLOCKS[block], lang="en")


def _labels(release: Release, frame: pd.DataFrame) -> dict[str, dict[str, str]]:
    """Give each column's label by language."""
    owners = column_owners(frame)
    found: dict[str, dict[str, str]] = {str(name): {} for name in frame.columns}
    for language in LANGUAGES:
        keys = variable_labels(frame, language)
        for name, labels in found.items():
            owner = owners.get(name)
            text = keys.get(name, name) if owner is None else ""
            if owner is not None and (language == "en" or language in owner[1].labels):
                text = column_label(release.name, owner[1], owner[2], language)
            if text:
                labels[language] = text
    return found


def _reasons(release: Release, frame: pd.DataFrame) -> dict[str, dict[str, int]]:
    """Count the reasons of the missing cells of each column that belongs to an indicator; "" where none is stated."""
    import numpy as np

    from govdata.reasons import REASON_WORDS, reason_numbers

    values: dict[str, str] = {}
    for one in about.measured(release):
        for scope in one.scopes:
            for end in ("", "_low", "_high", "_sd"):
                name = one.column(scope) + end
                if name in one.columns():
                    values[name] = one.column(scope)
    numbers = reason_numbers(release, frame, sorted(set(values.values())))
    found = {}
    for name, value in values.items():
        cells = frame[name]
        empty = (cells.isna() | (cells == "")).to_numpy()
        counts = np.bincount(numbers[value][empty], minlength=len(REASON_WORDS))
        pairs = [(str(word), int(count)) for word, count in zip(REASON_WORDS, counts, strict=True) if count]
        found[name] = dict(sorted(pairs, key=lambda pair: not pair[0]))  # the cells without a reason last
    return found


def _variable(parent: ET.Element, name: str, column: TableColumn, release: Release) -> ET.Element:
    one = column.indicator
    numeric = column.kind in ("integer", "number")
    named = one is not None and release.info.kind == "register"  # a number there is a name, such as a country's
    made = child(
        parent,
        "var",
        ID=name,
        name=column.name,
        intrvl="contin" if numeric and not column.codes and not named else "discrete",
        nature="nominal" if named else _NATURES[one.type] if one is not None else "interval" if numeric else "nominal",
        measUnit=one.unit if one is not None else "",
        temporal="Y" if column.name == "year" else "",
        geog="Y" if column.name in ("iso3", "country_name") else "",
        geoVocab=f"Register of units {release.info.register}".strip() if column.name == "iso3" else "",
        representationType="code" if column.codes else "numeric" if numeric else "text",
    )
    child(made, "location", fileid=_PANEL)
    return made


def _content(
    made: ET.Element,
    column: TableColumn,
    release: Release,
    cells: pd.Series[Any],
    reasons: Mapping[str, int] | None,
) -> None:
    """Add what comes between a variable's labels and its format, in the order of the schema."""
    one, kind = column.indicator, release.info.kind
    value = one is not None and column.name in {one.column(scope) for scope in one.scopes}
    child(made, "security", "None")
    child(made, "respUnit", "Documents, see claims.csv" if kind == "claims" else "Published sources, see sources.csv")
    if one is not None and value and one.question:
        child(child(made, "qstn"), "qstnLit", one.question, lang="en")
    if column.codes and column.kind == "integer":
        numbers = [int(code) for code, _ in column.codes]
        child(child(made, "valrng"), "range", UNITS="INT", min=str(min(numbers)), max=str(max(numbers)))
    if reasons:
        wrong = child(made, "invalrng")
        for reason in reasons:
            child(wrong, "item", VALUE=_LETTERS[reason])
    child(made, "universe", _universe(one, release))
    child(made, "TotlResp", str(len(cells)))
    _statistics(made, cells, names=one is not None and kind == "register")
    for level, text in _texts(column, value=value):
        child(made, "txt", text, level=level, lang="en")
    _categories(made, column, release, cells, reasons or {})
    if one is not None and value and kind == "claims":
        instruction = " ".join(part for part in (one.evidence, TIMINGS[one.timing]) if part)
        child(made, "codInstr", instruction, lang="en")


def _concept(made: ET.Element, one: Indicator, origins: Mapping[str, str]) -> None:
    """Say of what block an indicator is, and how its values came about."""
    child(made, "concept", BLOCKS[one.block], vocab=f"{about.PUBLISHER} blocks")
    derived = _derivation(one, origins)
    if derived:
        child(child(made, "derivation"), "drvdesc", derived, lang="en")


def _origins(release: Release) -> dict[str, str]:
    """Name by indicator the sources of imported figures, with the years of each where there are several."""
    if release.info.kind != "observations":
        return {}
    years: dict[str, dict[str, list[int]]] = {}
    for row in release.rows("values.csv"):
        years.setdefault(row["indicator"], {}).setdefault(row["source_id"], []).append(int(row["year"]))
    found = {}
    for indicator, spans in years.items():
        said = []
        for source, known in sorted(spans.items(), key=lambda pair: (min(pair[1]), pair[0])):
            first, last = min(known), max(known)
            said.append(f"{source} ({first}–{last})" if first < last else f"{source} ({first})")
        found[indicator] = " and ".join(said) if len(said) > 1 else next(iter(spans))
    return found


def _universe(one: Indicator | None, release: Release) -> str:
    """Say of which units and years a column speaks."""
    first, last = about.years(release)
    if one is not None and one.only_years:
        return f"Country-years of {', '.join(map(str, one.only_years))}"
    if one is not None and one.years:
        first, last = one.years
    return f"Country-years, {first}–{last}" if first < last else f"Country-years of {first}"


def _texts(column: TableColumn, *, value: bool) -> list[tuple[str, str]]:
    one = column.indicator
    if one is None or not value:
        return [("description", column.text)] if column.text else []
    found = (
        ("clarification", one.clarification),
        ("direction", one.direction),
        ("comparable", one.comparable),
        ("limits", one.limits),
    )
    return [(level, text) for level, text in found if text]


def _derivation(one: Indicator, origins: Mapping[str, str]) -> str:
    if one.rule:
        said = f"Rule {one.rule}: {RULES[one.rule]}"
        return f"{said} Reads the claims of {one.claims_of}." if one.claims_of else said
    if one.source_id:
        origin = origins.get(one.id, one.source_id)
        return f"Carried over from {origin}" + (f", {one.original}." if one.original else ".")
    return ""


def _statistics(made: ET.Element, cells: pd.Series[Any], *, names: bool) -> None:
    """State how many cells have a value and, of numbers that are no names, their range, mean and standard deviation."""
    import numpy as np

    if cells.dtype.kind not in "if" or names:
        filled = int((cells.notna() & (cells != "")).sum())
        numbers: np.ndarray[Any, Any] = np.array([])
    else:
        numbers = cells.dropna().to_numpy(dtype=np.float64)
        filled = len(numbers)
    found = {"vald": str(filled), "invd": str(len(cells) - filled)}
    if len(numbers):
        # Sums without rounding, so that the text is the same on every machine.
        mean = math.fsum(numbers.tolist()) / len(numbers)
        least, most = (np.format_float_positional(one, trim="-") for one in (numbers.min(), numbers.max()))
        found |= {"min": least, "max": most, "mean": f"{mean:.7g}"}
        if len(numbers) > 1:
            spread = math.sqrt(math.fsum(((numbers - mean) ** 2).tolist()) / (len(numbers) - 1))
            found["stdev"] = f"{spread:.7g}"
    for kind, text in found.items():
        child(made, "sumStat", text, type=kind)


def _categories(
    made: ET.Element,
    column: TableColumn,
    release: Release,
    cells: pd.Series[Any],
    reasons: Mapping[str, int],
) -> None:
    codes = column.indicator.codes if column.indicator is not None and column.codes else ()
    counts = _frequencies(column, cells) if codes else {}
    for code in codes:
        found = child(made, "catgry", excls="false" if column.joined else "")
        child(found, "catValu", code.code)
        for language in LANGUAGES:
            if language in code.labels:
                child(found, "labl", code.labels[language], level="category", lang=language)
        child(found, "catStat", str(counts.get(code.code, 0)), type="freq")
    for reason, count in reasons.items():
        found = child(made, "catgry", missing="Y", missType=reason)
        child(found, "catValu", _LETTERS[reason])
        for language in LANGUAGES if reason else ():
            text = reason_labels(release.info.kind, language)[reason]
            child(found, "labl", text, level="category", lang=language)
        if not reason:
            child(found, "labl", _UNSTATED, level="category", lang="en")
        child(found, "catStat", str(count), type="freq")


def _frequencies(column: TableColumn, cells: pd.Series[Any]) -> dict[str, int]:
    """Count the cells of each code; of several codes in a cell each counts."""
    if column.kind == "integer":
        return {f"{code:.0f}": int(count) for code, count in cells.dropna().value_counts().items()}
    if column.joined:
        cells = cells.str.split(column.joined).explode()
    return {str(code): int(count) for code, count in cells.value_counts().items()}
