"""What a file of another program is to hold: columns with their labels, codes and reasons, before any format."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from govdata import vocabulary
from govdata.exporting.categories import coded, is_text_category, texts
from govdata.exporting.changed import Rows, clean_keys, is_reasons, rows_of
from govdata.labels import (
    code_label,
    column_label,
    column_owners,
    key_label,
    origins,
    own_labels,
    own_value_labels,
    value_labels,
    variable_labels,
)
from govdata.reasons import REASON_WORDS, reason_numbers

if TYPE_CHECKING:
    import pandas as pd

    from govdata.model import Indicator
    from govdata.releases import Release

__all__ = ["Column", "Outline", "outline", "reason_labels"]

_END = "_missing"
_ROW: Final = ("iso3", "country_name", "year")  # they say which row it is
_ABOUT: Final = ("source", "version", "citation", "sha256")
_DRAWN: Final = ("draws", "seed", "draw_rule")


def _is_number(values: pd.Series[Any] | None) -> bool:
    return values is not None and values.dtype.kind in "biuf"


@dataclass(frozen=True)
class Column:
    """One column of a file.

    Attributes
    ----------
    name
        As in the frame.
    cells
        As in the frame, with its index. Where reasons are folded into the cells, categories of text are numbers, for
        Stata and SPSS know categories as numbers with labels: the codes of the release where the categories are their
        labels, else 1, 2, … in the order of the categories.
    label
        In the language asked for; empty where none is known.
    codes
        Code → label in that language; empty where the column has no codes.
    reasons
        int8, one number a row: the place in `govdata.reasons.REASON_WORDS` of the reason of a missing cell, 0 where the
        cell has a value or no reason is known. ``None`` where the column is no column of a release.
    indicator, dataset, endings
        Where the column comes from: ``None`` and empty for a column of one's own; ``endings`` as of `column_label`.
    ordered
        For categories, whether they have an order; ``None`` for any other column.
    """

    name: str
    cells: pd.Series[Any]
    label: str = ""
    codes: Mapping[float, str] = field(default_factory=dict)
    reasons: np.ndarray[Any, Any] | None = None
    indicator: Indicator | None = None
    dataset: str = ""
    endings: tuple[str, ...] = ()
    ordered: bool | None = None

    @property
    def is_number(self) -> bool:
        """Whether the cells are numbers (or truth values)."""
        return _is_number(self.cells)

    @property
    def measure(self) -> Literal["nominal", "ordinal", "scale"]:
        """The level of measurement, as SPSS has it: of the indicator, of categories, else of numbers or text."""
        if self.ordered is not None:
            return "ordinal" if self.ordered else "nominal"
        if self.indicator is None:
            plain = self.is_number and self.cells.dtype.kind != "b" and not self.codes
            return "scale" if plain else "nominal"
        if not self.is_number:
            return "nominal"
        if self.endings[-1:] == ("_sd",) or self.indicator.type in ("count", "numeric"):
            return "scale"
        return "ordinal" if self.indicator.type == "ordinal" else "nominal"

    def label_in(self, language: str) -> str:
        """Give the label in another language; for a column of one's own the label it has."""
        if self.indicator is not None:
            return column_label(self.dataset, self.indicator, self.endings, language)
        known = {key_label(self.name, one) for one in vocabulary.LANGUAGES}
        return key_label(self.name, language) if self.label in known else self.label

    def codes_in(self, language: str) -> dict[float, str]:
        """Give the labels of the codes in another language, in their stored short form where there is one."""
        known = {} if self.indicator is None or not self.codes else texts(self.indicator, language)
        if not set(self.codes) <= set(known):
            return dict(self.codes)
        return {code: code_label(self.dataset, text, language) for code, text in known.items()}


@dataclass(frozen=True)
class Outline:
    """What a file is to hold.

    Attributes
    ----------
    columns
        In the order of the file.
    releases
        Where the frame comes from; empty for a frame of one's own.
    language
        Of the labels.
    rows
        How many.
    about
        What an importer said of the file it read (source, version, citation, sha256), and how draws were made.
    stata
        The version of Stata that is to read the file.
    changed
        Columns named as columns of a release that hold something else, and so are columns of one's own.
    """

    columns: tuple[Column, ...]
    releases: tuple[Release, ...]
    language: str
    rows: int
    about: Mapping[str, str] = field(default_factory=dict)
    stata: int = 14
    changed: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """Whose words label the reasons: those of coded data (``claims``) or of imported series (``observations``)."""
        return _words({release.info.kind for release in self.releases})

    @property
    def documented(self) -> bool:
        """Whether there is more to say of the columns than a file of labels and codes holds."""
        return bool(self.about) or any(
            column.indicator is not None or column.label not in ("", key_label(column.name, self.language))
            for column in self.columns
        )

    def reasons_of(self, column: Column, language: str) -> dict[str, str]:
        """Give the label of every reason in the words of the column's own dataset; none where it has no reasons."""
        if column.reasons is None:
            return {}
        own = {release.info.kind for release in self.releases if release.name == column.dataset}
        return reason_labels(_words(own), language)


def _words(kinds: set[str]) -> str:
    return "observations" if kinds == {"observations"} else "claims"


def reason_labels(kind: str, language: str) -> dict[str, str]:
    """Give the label of every reason in a language, for coded (``claims``) or imported (``observations``) data."""
    place = vocabulary.LANGUAGES.index(language)
    texts = vocabulary.MISSING_LABELS
    return {reason: texts[reason]["observations" if kind == "observations" else "claims"][place] for reason in texts}


def outline(frame: pd.DataFrame, language: str, *, reasons: bool, folded: bool) -> Outline:
    """Say what a file of a frame is to hold.

    Parameters
    ----------
    frame
        Any frame with unique column names; not modified.
    language
        Of the labels.
    reasons
        Whether to find out why cells are missing.
    folded
        Whether the reason stands in the missing cell itself, as in Stata and SPSS. Columns ``<column>_missing`` of
        numbers are then left out, and those of text stand beside them, as in a file where every column has one.
    """
    labels, codes = variable_labels(frame, language), value_labels(frame, language)
    owners, attrs, releases = column_owners(frame), frame.attrs, tuple(origins(frame))
    bare = frame.copy(deep=False)
    bare.attrs = {}  # pandas copies them for every column it takes out
    held = {str(label): values for label, values in bare.items()}
    keys = clean_keys(held)
    # Drawn cells are other cells than the release's, and yet its own.
    found: dict[str, Rows] = {}
    for one in () if "draws" in attrs else releases:
        ours = [name for name, owner in owners.items() if owner[0] == one.name and owner[2][-1:] != (_END,)]
        found[one.name] = rows_of(one, keys, [name for name in ours if name not in _ROW], len(frame))
    changed = _changed(held, owners, found)
    for name in changed:
        del owners[name]
        labels[name], codes[name] = own_labels(frame).get(name, ""), own_value_labels(frame).get(name, {})
    known = _reasons(held, keys, owners, releases, found) if reasons and keys is not None else {}
    made: list[Column] = []
    for name, values in held.items():
        dataset, indicator, endings = owners.get(name, ("", None, ()))
        base = name.removesuffix(_END)
        if folded and reasons and endings[-1:] == (_END,) and base in owners and _folds(held.get(base)):
            continue
        shown = {code: code_label(dataset, text, language) for code, text in codes.get(name, {}).items()}
        ordered, cells = None, values
        if folded and is_text_category(values):
            cells, shown, ordered = coded(values, indicator, dataset, language)
        numbers = known.get(name)
        made.append(Column(name, cells, labels.get(name, ""), shown, numbers, indicator, dataset, endings, ordered))
    if reasons:
        made += _beside(made, language, folded=folded)
    said = _ABOUT if "dataset" not in attrs and {"labels", "value_labels"} & set(attrs) else ()
    about = {word: str(attrs[word]) for word in (*said, *_DRAWN) if str(attrs.get(word, ""))}
    return Outline(tuple(made), releases, language, len(frame), about, changed=changed)


def _folds(base: pd.Series[Any] | None) -> bool:
    """Whether the reasons of a column have a place in its own cells."""
    return _is_number(base) or is_text_category(base)


def _changed(
    held: Mapping[str, pd.Series[Any]],
    owners: Mapping[str, tuple[str, Indicator, tuple[str, ...]]],
    found: Mapping[str, Rows],
) -> tuple[str, ...]:
    """Name the columns that hold other cells than the release's column of that name."""
    changed = []
    for name, (dataset, indicator, endings) in owners.items():
        if name in _ROW:
            continue
        if endings[-1:] == (_END,):
            if not is_reasons(held[name]):
                changed.append(name)
        elif dataset in found and found[dataset].is_changed(held[name], name, indicator):
            changed.append(name)
    return tuple(changed)


def _reasons(
    held: Mapping[str, pd.Series[Any]],
    keys: pd.DataFrame,
    owners: Mapping[str, tuple[str, Indicator, tuple[str, ...]]],
    releases: Sequence[Release],
    found: Mapping[str, Rows],
) -> dict[str, np.ndarray[Any, Any]]:
    """Find the reason of every missing cell of the frame's columns that come from a release."""
    known: dict[str, np.ndarray[Any, Any]] = {}
    for release in releases:
        ours = {name: owner for name, owner in owners.items() if owner[0] == release.name and owner[2][-1:] != (_END,)}
        if release.info.kind == "register":
            ours = {name: owner for name, owner in ours.items() if name not in _ROW}
        values = {
            name: owner[1].column("subnational" if "_sub" in owner[2] else "national") for name, owner in ours.items()
        }
        stated = reason_numbers(release, keys, sorted(set(values.values())))
        beside = reason_numbers(
            release, keys, sorted({one for name, one in values.items() if name != one}), valued=True
        )
        said = {one: _said(held[one + _END]) for one in stated if one + _END in owners}
        for name, value in values.items():
            numbers = stated[value] if name == value else beside[value]
            if release.name in found:  # a cell that the user emptied has no reason but one that the frame itself gives
                numbers = numbers * found[release.name].vacant(name)
            if value in said:
                numbers = np.where(said[value] == 0, numbers, said[value])
            known[name] = (numbers * _empty(held[name])).astype(np.int8)
    return known


def _empty(values: pd.Series[Any]) -> np.ndarray[Any, Any]:
    if isinstance(values.dtype, np.dtype) and values.dtype.kind == "f":
        return np.asarray(np.isnan(values.to_numpy()), dtype=bool)
    empty = values.isna()
    return np.asarray(empty if _is_number(values) else empty | (values == "").fillna(False), dtype=bool)


def _said(given: pd.Series[Any]) -> np.ndarray[Any, Any]:
    """Read the reasons that a frame itself holds, as `govdata.load` writes them with missing="reason"."""
    words = {word: number for number, word in enumerate(REASON_WORDS)}
    return given.astype("object").map(words).fillna(0).to_numpy(dtype=np.int8)


def _beside(columns: Sequence[Column], language: str, *, folded: bool) -> list[Column]:
    """Make the columns of reasons that the frame does not have: for all values, or for those of text."""
    import pandas as pd

    there = {column.name for column in columns}
    made = []
    for column in columns:
        name = column.name + _END
        is_value = column.reasons is not None and column.endings[-1:] in ((), ("_sub",))
        if not is_value or name in there or (folded and column.is_number):
            continue
        if column.reasons is None or column.indicator is None:
            continue
        if folded and not column.reasons.any():
            continue
        words = pd.Series(REASON_WORDS[column.reasons], index=column.cells.index, dtype="str")
        endings = (*column.endings, _END)
        label = column_label(column.dataset, column.indicator, endings, language)
        made.append(Column(name, words, label, {}, None, column.indicator, column.dataset, endings))
    return made
