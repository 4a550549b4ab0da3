"""One release as one side of a comparison: its tables as arrays of text, and the line behind each cell."""

from __future__ import annotations

import csv
import io
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from govdata.reasons import default_reason
from govdata.releases import Release, standing

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from govdata.model import Indicator

__all__ = ["KEYS", "Side", "renames"]

KEYS: Final = ("iso3", "year")
_BEHIND: Final = frozenset(
    [
        *("iso3", "year", "indicator", "scope", "missing"),
        *("claim_ids", "considered_ids", "rejected_ids", "adjudication_id"),
        *("source_id", "source_version"),
    ]
)
Array = np.ndarray[Any, Any]


class Side:
    """A release, read for comparison.

    Parameters
    ----------
    release
        The release.

    Attributes
    ----------
    release : Release
    kind : str
        ``claims``, ``observations`` or ``register``.
    header : list of str
        Every column of the panel.
    columns : list of str
        The same, without ``iso3`` and ``year``.
    iso3, year : array
        The rows of the panel, sorted; ``year`` as int64.
    owners : dict
        Value or companion column → (indicator, scope, whether it is a companion).
    """

    def __init__(self, release: Release) -> None:
        self.release = release
        self.kind = release.info.kind
        panel = self.text("panel.csv")
        order = np.lexsort((panel["year"].astype("int64"), panel["iso3"].to_numpy(dtype=str)))
        panel = panel.iloc[order]
        self.iso3: Array = panel["iso3"].to_numpy(dtype=object)
        self.year: Array = panel["year"].to_numpy(dtype=object).astype(np.int64)
        self.header = [str(column) for column in panel.columns]
        self.columns = [column for column in self.header if column not in KEYS]
        self._cells = {column: panel[column].to_numpy(dtype=object) for column in self.columns}
        self.owners: dict[str, tuple[Indicator, str, bool]] = {}
        for one in release.indicators:
            for scope in one.scopes:
                stem = one.column(scope)
                for column in one.columns():
                    if column == stem or column in (f"{stem}_low", f"{stem}_high", f"{stem}_sd"):
                        self.owners[column] = (one, scope, column != stem)

    def text(self, file: str, columns: frozenset[str] | None = None) -> pd.DataFrame:
        """Read a table as Python texts: comparing those is faster than comparing a frame's own strings."""
        import pandas as pd

        data = io.BytesIO(self.release.read(file))
        wanted = None if columns is None else columns.__contains__
        return pd.read_csv(data, dtype=object, keep_default_na=False, index_col=False, encoding="utf-8", usecols=wanted)

    def column(self, name: str) -> Array:
        """Give a column of the panel, row by row."""
        return self._cells[name]

    @cached_property
    def indicators(self) -> Mapping[str, Indicator]:
        """The codebook by id."""
        return {one.id: one for one in self.release.indicators}

    @cached_property
    def rows(self) -> pd.Index[Any]:
        """The rows of the panel as ``CHN2016``, to look up."""
        import pandas as pd

        keys: pd.Index[Any] = pd.Index(self.iso3 + self.year.astype(str).astype(object))
        return keys

    @cached_property
    def names(self) -> dict[str, str]:
        """The newest name of each unit."""
        if "country_name" not in self._cells:
            return {}
        return dict(zip(self.iso3, self._cells["country_name"], strict=True))

    @cached_property
    def value_columns(self) -> dict[str, int]:
        """The value columns, numbered."""
        stems = [name for name, (_, _, companion) in self.owners.items() if not companion]
        return {name: number for number, name in enumerate(stems)}

    @cached_property
    def values(self) -> dict[str, Array]:
        """The columns of ``values.csv`` that say what is behind a cell; empty for the register."""
        if self.kind == "register":
            return {}
        frame = self.text("values.csv", _BEHIND)
        return {str(name): frame[name].to_numpy(dtype=object) for name in frame.columns}

    @cached_property
    def _lines(self) -> Array:
        """Where in ``values.csv`` the line of a cell stands, by row of the panel and number of the value column."""
        places = np.full((len(self.iso3) + 1, len(self.value_columns) + 1), -1, dtype=np.int32)
        if not self.values:
            return places
        names = {
            f"{one.id} {scope}": self.value_columns[one.column(scope)]
            for one in self.release.indicators
            for scope in one.scopes
            if one.column(scope) in self.value_columns
        }
        import pandas as pd

        scope = self.values.get("scope", np.full(len(self.values["iso3"]), "national", dtype=object))
        codes, labels = pd.factorize(self.values["indicator"] + " " + scope)
        numbers = np.array([names.get(str(label), -1) for label in labels], dtype=np.int64)[codes]
        at = self.rows.get_indexer(pd.Index(self.values["iso3"] + self.values["year"]))
        known = (at >= 0) & (numbers >= 0)
        places[at[known], numbers[known]] = np.flatnonzero(known)
        return places

    def lines(self, rows: Array, numbers: Array) -> Array:
        """Give for each cell its line in ``values.csv``, −1 where it has none.

        Parameters
        ----------
        rows
            Rows of the panel; −1 where this release has no such row.
        numbers
            Numbers of `value_columns`; −1 where this release has no such column.
        """
        return self._lines[rows, numbers]  # −1 falls on the spare last row and column

    def of_lines(self, name: str, lines: Array) -> Array:
        """Give a column of ``values.csv`` at some lines, empty where there is none."""
        if not len(self.values.get(name, ())):
            return np.full(len(lines), "", dtype=object)
        return np.where(lines >= 0, self.values[name][lines], "")

    @cached_property
    def _defaults(self) -> tuple[Array, int]:
        """The reason of a missing cell without a line, by value column and year; and the first year."""
        first, last = (int(self.year.min()), int(self.year.max())) if len(self.year) else (0, 0)
        words = [
            [default_reason(self.kind, self.owners[name][0], year) for year in range(first, last + 1)]
            for name in self.value_columns
        ]
        return np.array(words, dtype=object).reshape(len(words), last - first + 1), first

    def reasons(self, rows: Array, numbers: Array, values: Array) -> Array:
        """Say why each cell is missing; empty where it has a value, or the release no such cell."""
        found = np.full(len(rows), "", dtype=object)
        there = (rows >= 0) & (numbers >= 0) & (values == "")
        if there.any():
            words, first = self._defaults
            lines = self.lines(rows[there], numbers[there])
            stated = self.of_lines("missing", lines)
            default = words[numbers[there], self.year[rows[there]] - first]
            found[there] = np.where(stated != "", stated, default)
        return found

    @cached_property
    def claims(self) -> dict[str, dict[str, str]]:
        """The claims by id; empty for other kinds."""
        return self._by_id("claims.csv", "claim_id")

    @cached_property
    def decisions(self) -> dict[str, dict[str, str]]:
        """The adjudications by id; empty for other kinds."""
        return self._by_id("adjudications.csv", "adjudication_id")

    @cached_property
    def sources(self) -> dict[str, dict[str, str]]:
        """The sources by id."""
        return self._by_id("sources.csv", "source_id")

    def _by_id(self, file: str, key: str) -> dict[str, dict[str, str]]:
        if file not in self.release.files:
            return {}
        reader = csv.reader(io.StringIO(self.release.read(file).decode("utf-8"), newline=""))
        header = next(reader)
        place = header.index(key)
        return {cells[place]: dict(zip(header, cells, strict=True)) for cells in reader}


def renames(old: Side, new: Side) -> dict[str, str]:
    """Pair indicators that one release has and the other has under another name, by the register of names.

    Returns
    -------
    dict
        Id in the new release → id in the old one, whichever of the two is the later.
    """
    from govdata.model import version_key
    from govdata.renamed import former_names

    forward = version_key(new.release.version) >= version_key(old.release.version)
    earlier, later = (old, new) if forward else (new, old)
    if not standing(later.release.name, "renamed.csv"):
        return {}
    pairs: dict[str, str] = {}
    for former in former_names(later.release):
        was, now = former.indicator, former.became
        if was in earlier.indicators and now in later.indicators and now not in earlier.indicators:
            pairs[now] = was
    return pairs if forward else {was: now for now, was in pairs.items()}
