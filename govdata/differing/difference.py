"""Two releases of a dataset held against each other: everything that differs, counted, sampled and printed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from govdata.differing.counting import Counts, by_country, by_indicator, by_reason, by_year, count
from govdata.differing.samples import draw_sample
from govdata.model import version_key

if TYPE_CHECKING:
    import pandas as pd

    from govdata.bump import Bump
    from govdata.differing.sides import Side

__all__ = ["Difference", "save"]


@dataclass(frozen=True, eq=False, repr=False)
class Difference:
    """What differs between two releases of a dataset; see `govdata.diff`.

    Attributes
    ----------
    dataset, old, new : str
        The dataset and the two versions, in the order in which they were asked for.
    chosen : dict
        The ``countries``, ``years`` and ``indicators`` that the cells are limited to; empty when to none.
    cells : pandas.DataFrame
        As of `govdata.changes`; an indicator that the register of names pairs with a former one is ``column_renamed``,
        and its cells are compared under the new name.
    tables : pandas.DataFrame
        For each table beside panel and values ``table, old_rows, new_rows, added, removed, changed, columns_added,
        columns_removed``.
    metadata : pandas.DataFrame
        What differs in description, codebook, coverage and evidence: ``part, indicator, field, change, old, new``.
    bump : Bump
        How far the later version must rise above the earlier one, why, and whether it does.
    other_reasons : int
        How many cells are missing in both, for another reason; see ``changes(..., missing=True)``.
    """

    dataset: str
    old: str
    new: str
    title: str
    chosen: Mapping[str, tuple[Any, ...]]
    cells: pd.DataFrame
    tables: pd.DataFrame
    metadata: pd.DataFrame
    bump: Bump
    other_reasons: int
    sides: tuple[Side, Side] = field(repr=False)

    @property
    def backwards(self) -> bool:
        """Whether the new release is the older of the two."""
        return version_key(self.new) < version_key(self.old)

    @property
    def empty(self) -> bool:
        """Whether nothing differs: no cell, no table and no text but the version's own."""
        own = self.metadata["field"].isin(["version", "released"]) & (self.metadata["part"] == "dataset")
        same = self.tables[["added", "removed", "changed"]].to_numpy().sum() == 0
        return self.cells.empty and bool(own.all()) and bool(same) and not self.other_reasons

    @cached_property
    def counts(self) -> Counts:
        """How many columns, rows and cells are new, removed and changed, as a dict of dicts.

        ``columns``: new, removed, renamed. ``rows``: new, removed. ``values`` and ``companions`` (bounds, standard
        deviations, names of countries, versions of sources): new, removed, changed, text_only. ``missing``:
        reason_changed.
        """
        return count(self.cells, self.sides, self.other_reasons)

    @cached_property
    def by_indicator(self) -> pd.DataFrame:
        """Counts of each indicator.

        ``indicator, label, new, removed, changed, text_only, companions, countries, first_year, last_year``.
        """
        return by_indicator(self.cells, self.sides)

    @cached_property
    def by_country(self) -> pd.DataFrame:
        """Counts of each country.

        ``iso3, country_name, rows_new, rows_removed, new, removed, changed, text_only, companions, indicators,
        first_year, last_year``.
        """
        return by_country(self.cells, self.sides)

    @cached_property
    def by_year(self) -> pd.DataFrame:
        """Counts of each year.

        ``year, rows_new, rows_removed, new, removed, changed, text_only, companions, indicators, countries``.
        """
        return by_year(self.cells, self.sides)

    @cached_property
    def by_reason(self) -> pd.DataFrame:
        """Counts of each reason: ``reason, meaning, new, removed, changed, text_only, companions``."""
        return by_reason(self.cells, self.sides)

    def sample(self, n: int = 5, seed: int = 0) -> pd.DataFrame:
        """Give some of the cells, spread over kinds of change and indicators.

        Parameters
        ----------
        n
            How many at most.
        seed
            Another one gives other cells; the same one always the same.

        Returns
        -------
        pandas.DataFrame
            All text: ``change, iso3, year, column, old, new, old_missing, new_missing, reason, claims``.

        Raises
        ------
        ArgumentError
            If ``n`` or ``seed`` is not a whole number from 0.
        """
        values = {*self.sides[0].value_columns, *self.sides[1].value_columns}
        return draw_sample(self.cells, values, self.sides, n, seed)

    def to_dict(self, *, cells: bool = False) -> dict[str, Any]:
        """Give everything as plain data, ready for JSON, with the same keys each time.

        Parameters
        ----------
        cells
            Put every cell in as well; otherwise the counts and a sample of ten.
        """
        plain = {
            "dataset": self.dataset,
            "title": self.title,
            "old": self.old,
            "new": self.new,
            "backwards": self.backwards,
            "chosen": {key: list(self.chosen.get(key, ())) for key in ("countries", "years", "indicators")},
            "counts": {key: dict(numbers) for key, numbers in self.counts.items()},
            "bump": {key: getattr(self.bump, key) for key in ("old", "new", "level", "reason", "least", "honoured")},
        }
        frames = {
            "by_reason": self.by_reason,
            "by_indicator": self.by_indicator,
            "by_country": self.by_country,
            "by_year": self.by_year,
            "tables": self.tables,
            "metadata": self.metadata,
            "sample": self.sample(10),
        }
        if cells:
            frames["cells"] = self.cells
        return plain | {key: frame.to_dict("records") for key, frame in frames.items()}

    def to_json(self, *, cells: bool = False) -> str:
        """Give `to_dict` as JSON text, with a line end."""
        return json.dumps(self.to_dict(cells=cells), ensure_ascii=False, indent=2, allow_nan=False) + "\n"

    def to_html(self, path: str | Path | None = None, *, overwrite: bool = False) -> str:
        """Give a page for a browser: one file, without scripts, nothing loaded from elsewhere.

        Parameters
        ----------
        path
            Where to write it as well.
        overwrite
            Whether a file that is there may be replaced.

        Returns
        -------
        str
            The page.

        Raises
        ------
        ArgumentError
            If the file is there already, or its folder is not.
        """
        from govdata.differing.page import difference_page

        text = difference_page(self)
        if path is not None:
            save(Path(path), text, overwrite=overwrite)
        return text

    def _repr_html_(self) -> str:
        from govdata.differing.page import fragment

        return fragment(self)

    def __str__(self) -> str:
        """Print a page of text."""
        from govdata.differing.wording import difference_text

        return difference_text(self)

    def __repr__(self) -> str:
        """Name the two releases and the number of cells."""
        cells = int(self.cells["change"].str.startswith("value_").sum())
        return f"<Difference {self.dataset} {self.old} → {self.new}: {cells:,} cells>"


def save(path: Path, text: str, *, overwrite: bool) -> None:
    """Write a text whole or not at all, and over nothing that was not to be replaced."""
    from govdata.exporting.places import check_places
    from govdata.textio import write_atomic

    check_places([path], overwrite=overwrite)
    write_atomic(path, text.encode("utf-8"))
