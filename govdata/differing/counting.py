"""Differing cells counted: in all, by indicator, country, year and reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from govdata.differing.reasons import REASONS

if TYPE_CHECKING:
    import pandas as pd

    from govdata.differing.sides import Side

__all__ = ["Counts", "by_country", "by_indicator", "by_reason", "by_year", "count"]

Counts = dict[str, dict[str, int]]
_KINDS: Final = {"value_added": "new", "value_removed": "removed", "value_changed": "changed"}
_COUNTED: Final = ("new", "removed", "changed", "text_only", "companions")
_COLUMNS: Final = {"column_added": "new", "column_removed": "removed", "column_renamed": "renamed"}
_ROWS: Final = {"row_added": "rows_new", "row_removed": "rows_removed"}


def _sorted_out(cells: pd.DataFrame, sides: tuple[Side, Side]) -> pd.DataFrame:
    """Put each differing cell into one class: new, removed, changed, text_only, or companions."""
    kind = cells["change"].map(_KINDS)
    found = cells[kind.notna()].assign(kind=kind.dropna())
    found["class"] = found["kind"].where(found["reason"] != "text_only", "text_only")
    # Bounds and standard deviations, names of countries and versions of sources go with a value, and are none.
    found["companion"] = ~found["column"].isin({*sides[0].value_columns, *sides[1].value_columns})
    found["class"] = found["class"].where(~found["companion"], "companions")
    return found


def count(cells: pd.DataFrame, sides: tuple[Side, Side], other_reasons: int) -> Counts:
    """Count columns, rows, values and their companions."""
    change = cells["change"].value_counts()
    numbers: Counts = {
        "columns": {name: int(change.get(key, 0)) for key, name in _COLUMNS.items()},
        "rows": {name.removeprefix("rows_"): int(change.get(key, 0)) for key, name in _ROWS.items()},
    }
    classed = _sorted_out(cells, sides)
    written = classed["kind"].where(classed["reason"] != "text_only", "text_only")
    for part, companion in (("values", False), ("companions", True)):
        own = written[classed["companion"] == companion].value_counts()
        numbers[part] = {name: int(own.get(name, 0)) for name in _COUNTED[:4]}
    return numbers | {"missing": {"reason_changed": other_reasons}}


def _counted(classed: pd.DataFrame, key: str) -> pd.DataFrame:
    import pandas as pd

    table = (
        pd.crosstab(classed[key], classed["class"]) if len(classed) else pd.DataFrame(index=pd.Index([], dtype="str"))
    )
    return table.reindex(columns=list(_COUNTED), fill_value=0).astype("int64").rename_axis(columns=None)


def _spread(classed: pd.DataFrame, key: str, **others: str) -> pd.DataFrame:
    """Count other things touched, and give the span of years where that is asked for."""
    import pandas as pd

    groups = classed.groupby(key, sort=True)
    made = {name: groups[column].nunique().astype("int64") for name, column in others.items()}
    if key != "year":
        years = classed["year"].astype("int64").groupby(classed[key])
        made |= {"first_year": years.min(), "last_year": years.max()}
    return pd.DataFrame(made)


def _whole(frame: pd.DataFrame) -> pd.DataFrame:
    numbers = [name for name in frame.columns if name in (*_COUNTED, *_ROWS.values(), "indicators", "countries")]
    filled = frame.fillna(dict.fromkeys(numbers, 0)).astype(dict.fromkeys(numbers, "int64"))
    spans = [name for name in ("first_year", "last_year") if name in filled.columns]
    return filled.astype(dict.fromkeys(spans, "int64"))


def by_indicator(cells: pd.DataFrame, sides: tuple[Side, Side]) -> pd.DataFrame:
    """Count by indicator, in the order of the codebook; a column of no indicator stands for itself."""
    classed = _sorted_out(cells, sides)
    classed["subject"] = classed["indicator"].where(classed["indicator"] != "", classed["column"])
    table = _counted(classed, "subject").join(_spread(classed, "subject", countries="iso3"))
    labels = {name: one.label for side in sides for name, one in side.indicators.items()}
    order = {name: place for place, name in enumerate(labels)}
    places = [order.get(str(name), -1) for name in table.index]
    table = table.iloc[sorted(range(len(table)), key=lambda row: (places[row], row))]
    table.insert(0, "label", [labels.get(name, name.replace("_", " ")) for name in table.index])
    return _whole(table.rename_axis("indicator").reset_index().astype({"indicator": "str", "label": "str"}))


def _rows(cells: pd.DataFrame, key: str) -> pd.DataFrame:
    import pandas as pd

    rows = cells[cells["change"].isin(_ROWS)]
    table = pd.crosstab(rows[key], rows["change"].map(_ROWS)) if len(rows) else pd.DataFrame()
    return table.reindex(columns=list(_ROWS.values()), fill_value=0).rename_axis(columns=None)


def by_country(cells: pd.DataFrame, sides: tuple[Side, Side]) -> pd.DataFrame:
    """Count by country, rows added and removed as well."""
    classed = _sorted_out(cells, sides)
    table = _rows(cells, "iso3").join(_counted(classed, "iso3"), how="outer")
    touched = cells[cells["iso3"] != ""]
    table = table.join(_spread(classed, "iso3", indicators="indicator")[["indicators"]])
    years = touched["year"].astype("int64").groupby(touched["iso3"])
    table = table.assign(first_year=years.min(), last_year=years.max())
    names = sides[0].names | sides[1].names
    table.insert(0, "country_name", [str(names.get(code, code)) for code in table.index])
    return _whole(table.rename_axis("iso3").reset_index().astype({"iso3": "str", "country_name": "str"}))


def by_year(cells: pd.DataFrame, sides: tuple[Side, Side]) -> pd.DataFrame:
    """Count by year."""
    classed = _sorted_out(cells, sides)
    table = _rows(cells, "year").join(_counted(classed, "year"), how="outer")
    table = table.join(_spread(classed, "year", indicators="indicator", countries="iso3"))
    return _whole(table.rename_axis("year").reset_index()).astype({"year": "int64"})


def by_reason(cells: pd.DataFrame, sides: tuple[Side, Side]) -> pd.DataFrame:
    """Count by reason, in the order of `REASONS`."""
    table = _counted(_sorted_out(cells, sides), "reason")
    table = table.loc[[reason for reason in REASONS if reason in table.index]]
    table.insert(0, "meaning", [REASONS[reason] for reason in table.index])
    return table.rename_axis("reason").reset_index().astype({"reason": "str", "meaning": "str"})
