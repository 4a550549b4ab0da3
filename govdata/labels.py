"""Labels of columns and codes, found by what a frame says of itself in its ``attrs``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from govdata import vocabulary
from govdata.errors import ArgumentError, GovdataError, nearest
from govdata.releases import open_release, standing

if TYPE_CHECKING:
    import pandas as pd

    from govdata.model import Indicator
    from govdata.releases import Release

__all__ = [
    "LONGEST",
    "LONGEST_CODE",
    "code_label",
    "column_label",
    "column_owners",
    "key_label",
    "labelled",
    "origins",
    "own_labels",
    "own_value_labels",
    "short_label",
    "value_labels",
    "variable_labels",
]

_KEYS: Final = {
    "iso3": ("Country code", "کد کشور", "رمز الدولة", "国家代码"),
    "country_name": ("Country name", "نام کشور", "اسم الدولة", "国家名称"),
    "year": ("Year", "سال", "السنة", "年份"),
    "source_version": ("Release of the source", "نسخهٔ منبع", "إصدار المصدر", "来源版本"),
    "draw": ("Draw", "قرعه", "السحبة", "抽样"),
}
LONGEST: Final = vocabulary.LONGEST_LABEL
LONGEST_CODE: Final = vocabulary.LONGEST_CODE_LABEL


def _endings(indicator: Indicator, column: str) -> tuple[str, ...] | None:
    """Say which endings a column adds to its indicator's id, ``None`` if it is no column of it."""
    for scope in indicator.scopes:
        name = indicator.column(scope)
        head = ("_sub",) if name != indicator.id else ()
        for end in ("", "_low", "_high", "_sd", "_missing"):
            if column == name + end and (column in indicator.columns() or end == "_missing"):
                return (*head, end) if end else head
    return None


def column_label(dataset: str, indicator: Indicator, endings: tuple[str, ...], language: str) -> str:
    """Give the label of a column, with the stored short form of the indicator's where the whole would be too long."""
    place = vocabulary.LANGUAGES.index(language)
    label = indicator.labels.get(language, indicator.label)
    if language not in indicator.labels:
        place = 0
    added = "".join(vocabulary.LABEL_ENDINGS[end][place] for end in endings)
    return label + added if len(label + added) <= LONGEST else short_label(dataset, label, language) + added


def key_label(name: str, language: str) -> str:
    """Give the label of a column that names the rows, such as ``year``; empty for any other."""
    texts = _KEYS.get(name)
    return texts[vocabulary.LANGUAGES.index(language)] if texts else ""


def short_label(dataset: str, label: str, language: str) -> str:
    """Give the stored short form of a label; the label itself where there is none."""
    rows = standing(dataset, "short_labels.csv") if dataset else []  # an importer's labels belong to no dataset
    return next((row["short"] for row in rows if row["label"] == label and row["lang"] == language), label)


def code_label(dataset: str, label: str, language: str) -> str:
    """Give the label of a code, in its stored short form where SPSS would cut it."""
    return label if len(label.encode()) <= LONGEST_CODE else short_label(dataset, label, language)


def origins(frame: pd.DataFrame) -> list[Release]:
    """Open the releases that a frame says it comes from; those this installation lacks are left out."""
    names = str(frame.attrs.get("dataset", "")).split("; ")
    found = str(frame.attrs.get("version", "")).split("; ")
    opened = []
    for name, version in zip(names, found, strict=False):
        try:
            opened.append(open_release(name, version))
        except GovdataError:
            continue  # a frame of another origin that also says dataset
    return opened


def column_owners(frame: pd.DataFrame) -> dict[str, tuple[str, Indicator, tuple[str, ...]]]:
    """Give for each column its dataset, its indicator and the endings it adds to the indicator's id."""
    found: dict[str, tuple[str, Indicator, tuple[str, ...]]] = {}
    for release in origins(frame):
        for one in release.indicators:
            for column in one.columns():
                for name in (column, f"{column}_missing"):
                    endings = _endings(one, name) if name in frame.columns else None
                    if endings is not None:
                        found.setdefault(name, (release.name, one, endings))
    return found


def variable_labels(frame: pd.DataFrame, language: str = "en") -> dict[str, str]:
    """Give the labels of a frame's columns as far as its origin is known.

    Parameters
    ----------
    frame
        From `govdata.load`, `govdata.merge` or an importer.
    language
        ``en``, ``fa``, ``ar`` or ``zh``; an imported file has its own.
    """
    _check(language)
    place = vocabulary.LANGUAGES.index(language)
    labels = {name: texts[place] for name, texts in _KEYS.items() if name in frame.columns}
    for column, (dataset, one, endings) in column_owners(frame).items():
        labels[column] = column_label(dataset, one, endings, language)
    return labels | own_labels(frame)


def value_labels(frame: pd.DataFrame, language: str = "en") -> dict[str, dict[float, str]]:
    """Give the labels of the codes in a frame's columns, in their order; see `variable_labels`."""
    _check(language)
    found: dict[str, dict[float, str]] = {}
    for column, (_, one, endings) in column_owners(frame).items():
        if one.codes and not one.is_text and endings[-1:] not in (("_sd",), ("_missing",)):
            found[column] = {float(code.code): code.labels.get(language, code.labels["en"]) for code in one.codes}
    return found | own_value_labels(frame)


def own_labels(frame: pd.DataFrame) -> dict[str, str]:
    """Give the labels of columns that a frame itself says in ``attrs["labels"]``, as importers write them.

    Raises
    ------
    ArgumentError
        If something else than column → label stands there.
    """
    given = _given(frame, "labels", "column → label")
    return {str(name): label for name, label in given.items() if isinstance(label, str)}


def own_value_labels(frame: pd.DataFrame) -> dict[str, dict[float, str]]:
    """Give the labels of codes that a frame itself says in ``attrs["value_labels"]``; see `own_labels`."""
    form = "column → {number: label}"
    found = {}
    for name, codes in _given(frame, "value_labels", form).items():
        try:
            found[str(name)] = {float(code): str(text) for code, text in codes.items()}
        except (AttributeError, TypeError, ValueError):
            raise _not_labels("value_labels", form) from None
    return found


def _given(frame: pd.DataFrame, key: str, form: str) -> Mapping[Any, Any]:
    given = frame.attrs.get(key) or {}
    if not isinstance(given, Mapping):
        raise _not_labels(key, form)
    return given


def _not_labels(key: str, form: str) -> ArgumentError:
    return ArgumentError(f"the frame's attrs[{key!r}] is not {form}; mend it, or del df.attrs[{key!r}]")


def _check(language: str) -> None:
    if language not in vocabulary.LANGUAGES:
        known = ", ".join(vocabulary.LANGUAGES)
        raise ArgumentError(
            f"no labels in {str(language)[:20]!r}{nearest(str(language), vocabulary.LANGUAGES)} (known: {known})"
        )


def labelled(frame: pd.DataFrame, columns: list[str] | None, language: str) -> pd.DataFrame:
    """Put labels in place of codes; see `govdata.accessor.GovAccessor.label`."""
    known = value_labels(frame, language)
    if columns is None:
        own = own_value_labels(frame)
        columns = [name for name in known if name in frame.columns]
        columns = [name for name in columns if name not in own or _coded(frame[name], known[name])]
        if not columns:
            raise ArgumentError(
                "no column has labels: the frame's attrs name no dataset; take what load, merge or an importer gave"
            )
    changed: dict[str, Any] = {}
    for column in columns:
        if column not in frame.columns:
            raise ArgumentError(f"no column {column!r}{nearest(column, map(str, frame.columns))}")
        if column not in known:
            raise ArgumentError(f"column {column!r} has no labels of codes{nearest(column, known)}")
        changed[column] = _categories(frame[column], known[column], column, ordered=_ordered(frame, column))
    labels = frame.assign(**changed)
    labels.attrs = dict(frame.attrs)
    return labels


def _coded(values: pd.Series[Any], codes: Mapping[float, str]) -> bool:
    """Whether every value is a code; a scale with labels at its ends only, or a column of text, is not."""
    import pandas as pd

    return pd.api.types.is_numeric_dtype(values) and {*map(float, values.dropna().unique())} <= {*codes}


def _ordered(frame: pd.DataFrame, column: str) -> bool:
    found = column_owners(frame).get(column)
    return found is not None and found[1].type in {"ordinal", "binary"}


def _categories(values: pd.Series[Any], codes: Mapping[float, str], column: str, *, ordered: bool) -> pd.Series[Any]:
    import pandas as pd

    texts = list(codes.values())
    if len(set(texts)) != len(texts):
        texts = [f"{code:g} {text}" for code, text in codes.items()]
    numbers = pd.to_numeric(values)
    unknown = sorted({float(one) for one in numbers.dropna().unique()} - set(codes))
    if unknown:
        raise ArgumentError(f"column {column!r} holds {unknown[0]:g}, which is no code of it")
    names = dict(zip(codes, texts, strict=True))
    return numbers.map(names).astype(pd.CategoricalDtype(texts, ordered=ordered))
