"""A quick look at a panel with numpy alone, to say whether it is certainly sound.

The answer yes is the answer of the schema of `govdata.schema`, rule by rule; after a no, the schema says what is wrong
where, if anything is. pandera, which takes long to import, is needed only then.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from govdata.model import Indicator
from govdata.panelfile import column_dtypes, column_types

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["is_sound"]

_ISO3 = re.compile(r"[A-Z]{3}")
_NAMES = ("iso3", "country_name")  # have rules of their own, even where the codebook describes them


def is_sound(frame: pd.DataFrame, indicators: Sequence[Indicator]) -> bool:
    """Say whether a panel certainly agrees with its codebook.

    Parameters
    ----------
    frame
        A panel that has ``iso3``, ``year`` and otherwise only columns of the codebook, each once; not modified.
    indicators
        The codebook.

    Returns
    -------
    bool
        ``True`` only where `govdata.schema.schema_faults` finds no fault. ``False`` where it finds one, and where a
        dtype is not the released one, about which pandera decides.
    """
    types = column_types(list(frame.columns), indicators)
    if list(frame.dtypes) != list(column_dtypes(types).values()):
        return False
    owners = {column: one for one in indicators for column in one.columns() if column not in _NAMES}
    if any(not _sound_text(frame[column], owners.get(column)) for column, kind in types.items() if kind == "str"):
        return False
    if frame.duplicated(["iso3", "year"]).any():
        return False
    return _sound_numbers(frame, {column: owners[column] for column, kind in types.items() if kind == "float64"})


def _sound_text(cells: pd.Series[Any], indicator: Indicator | None) -> bool:
    if cells.isna().any():
        return False
    if indicator is None:
        if cells.name == "iso3":
            return all(_ISO3.fullmatch(cell) for cell in cells.unique())
        return cells.name != "country_name" or not (cells == "").any()
    codes = {"", *(code.code for code in indicator.codes)}
    if indicator.type == "multi":
        return all(codes.issuperset(cell.split(";")) for cell in cells.unique())
    return indicator.type != "nominal" or codes.issuperset(cells.unique())


def _sound_numbers(frame: pd.DataFrame, owners: dict[str, Indicator]) -> bool:
    import numpy as np

    columns = list(owners)
    place = {column: at for at, column in enumerate(columns)}
    cells = frame[columns].to_numpy()
    if np.isinf(cells).any():
        return False
    alike: dict[tuple[float, ...], list[int]] = {}  # the places of columns that have the same codes
    counts = []
    bounds = []
    for column, indicator in owners.items():
        if indicator.codes and not column.endswith("_sd"):
            alike.setdefault(tuple(float(code.code) for code in indicator.codes), []).append(place[column])
        elif indicator.type == "count" or column.endswith("_sd"):
            counts.append(place[column])
        of_it = (column, f"{column}_low", f"{column}_high")
        if indicator.bounds and column in map(indicator.column, indicator.scopes) and place.keys() >= set(of_it):
            bounds.append([place[name] for name in of_it])
    for codes, places in alike.items():
        block = cells[:, places]
        known = np.isnan(block)
        for code in codes:
            known |= block == code
        if not known.all():
            return False
    if (cells[:, counts] < 0).any():
        return False
    value, low, high = (cells[:, [places[at] for places in bounds]] for at in range(3))
    return not ((low > value) | (value > high) | (low > high)).any()  # nothing is above or below NaN
