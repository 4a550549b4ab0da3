"""What a file of another program is to hold: columns with their labels, codes and reasons, before any format."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from govdata import vocabulary
from govdata.labels import code_label, column_label, column_owners, origins, value_labels, variable_labels
from govdata.reasons import REASON_WORDS, reason_numbers

if TYPE_CHECKING:
    import pandas as pd

    from govdata.model import Indicator
    from govdata.releases import Release

__all__ = ["Column", "Outline", "outline", "reason_labels"]

_END = "_missing"


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
        As in the frame, with its index.
    label
        In the language asked for; empty where none is known.
    codes
        Code → label in that language; empty where the column has no codes.
    reasons
        int8, one number a row: the place in `govdata.reasons.REASON_WORDS` of the reason of a missing cell, 0 where the
        cell has a value or no reason is known. ``None`` where the column is no column of a release.
    indicator, dataset, endings
        Where the column comes from: ``None`` and empty for a column of one's own; ``endings`` as of `column_label`.
    """

    name: str
    cells: pd.Series[Any]
    label: str = ""
    codes: Mapping[float, str] = field(default_factory=dict)
    reasons: np.ndarray[Any, Any] | None = None
    indicator: Indicator | None = None
    dataset: str = ""
    endings: tuple[str, ...] = ()

    @property
    def is_number(self) -> bool:
        """Whether the cells are numbers (or truth values)."""
        return _is_number(self.cells)

    def label_in(self, language: str) -> str:
        """Give the label in another language; for a column of one's own the label it has."""
        if self.indicator is None:
            return self.label
        return column_label(self.dataset, self.indicator, self.endings, language)

    def codes_in(self, language: str) -> dict[float, str]:
        """Give the labels of the codes in another language, in their stored short form where there is one."""
        if self.indicator is None or not self.codes:
            return dict(self.codes)
        texts = {float(one.code): one.labels.get(language, one.labels["en"]) for one in self.indicator.codes}
        return {code: code_label(self.dataset, text, language) for code, text in texts.items()}


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
    """

    columns: tuple[Column, ...]
    releases: tuple[Release, ...]
    language: str
    rows: int

    @property
    def kind(self) -> str:
        """Whose words label the reasons: those of coded data (``claims``) or of imported series (``observations``)."""
        kinds = {release.info.kind for release in self.releases}
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
    owners = column_owners(frame)
    known = _reasons(frame, owners) if reasons else {}
    made: list[Column] = []
    for label, values in frame.items():
        name = str(label)
        dataset, indicator, endings = owners.get(name, ("", None, ()))
        if folded and reasons and endings[-1:] == (_END,) and _is_number(frame.get(name.removesuffix(_END))):
            continue
        texts = {code: code_label(dataset, text, language) for code, text in codes.get(name, {}).items()}
        numbers = known.get(name)
        made.append(Column(name, values, labels.get(name, ""), texts, numbers, indicator, dataset, endings))
    if reasons:
        made += _beside(made, language, folded=folded)
    return Outline(tuple(made), tuple(origins(frame)), language, len(frame))


def _reasons(
    frame: pd.DataFrame, owners: Mapping[str, tuple[str, Indicator, tuple[str, ...]]]
) -> dict[str, np.ndarray[Any, Any]]:
    """Find the reason of every missing cell of the frame's columns that come from a release."""
    if not {"iso3", "year"} <= set(frame.columns):
        return {}
    found: dict[str, np.ndarray[Any, Any]] = {}
    for release in origins(frame):
        ours = {name: owner for name, owner in owners.items() if owner[0] == release.name and owner[2][-1:] != (_END,)}
        if release.info.kind == "register":
            ours = {name: owner for name, owner in ours.items() if name not in ("iso3", "country_name", "year")}
        values = {
            name: owner[1].column("subnational" if "_sub" in owner[2] else "national") for name, owner in ours.items()
        }
        numbers = reason_numbers(release, frame, sorted(set(values.values())))
        for name, value in values.items():
            cells = frame[name]
            empty = (cells.isna() | (cells == "")).to_numpy()
            given = frame.get(f"{value}{_END}")
            said = numbers[value] if given is None else _said(given)
            found[name] = (said * empty).astype(np.int8)
    return found


def _said(given: pd.Series[Any]) -> np.ndarray[Any, Any]:
    """Read the reasons that a frame itself holds, as `govdata.load` writes them with missing="reason"."""
    words = {word: number for number, word in enumerate(REASON_WORDS)}
    return given.map(words).fillna(0).to_numpy(dtype=np.int8)


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
