"""Countries and years as a reader names them, found in a panel or refused with the nearest."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from govdata.errors import ArgumentError, UnknownCountryError, UnknownYearError, nearest
from govdata.releases import dataset_names, open_release

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["choose_countries", "choose_years", "several"]


def several(value: object, what: str) -> list[object]:
    """Give one thing or many as a list; an empty one is refused."""
    if isinstance(value, (str, bytes)) or not isinstance(value, Iterable) or getattr(value, "ndim", 1) == 0:
        return [value]
    found = list(value)
    if not found:
        raise ArgumentError(f"{what} is empty; leave it out to take all")
    return found


def choose_countries(frame: pd.DataFrame, name: str, countries: object) -> pd.Series[bool]:
    """Say which rows belong to the countries asked for; an unknown one is refused with the nearest."""
    wanted = several(countries, "countries")
    known = frame.drop_duplicates("iso3", keep="last").set_index("iso3")["country_name"]
    for one in wanted:
        if not isinstance(one, str) or one not in known.index:
            raise UnknownCountryError(_country_message(str(one), name, dict(known)))
    return frame["iso3"].isin([str(one) for one in wanted])


def _country_message(given: str, dataset: str, known: dict[str, str]) -> str:
    names = {label.casefold(): code for code, label in known.items()}
    code = names.get(given.casefold()) or (given.upper() if given.upper() in known else "") or _by_iso2(given)
    if not code:
        close = nearest(given, [*known, *known.values()], limit=1)
        found = close.split("'")[1] if close.count("'") > 1 else ""
        code = found if found in known else names.get(found.casefold(), "")
    if given in _register_names():  # a real code: do not guess another one
        return f"{dataset} has no row of {given!r} ({_register_names()[given]}), which the register knows"
    hint = f"; did you mean {code!r} ({known[code]})?" if code in known else ""
    return f"{dataset} has no country {given[:60]!r}; expected ISO 3166-1 alpha-3 codes such as 'CHN'{hint}"


def _register_names() -> dict[str, str]:
    if "countries" not in dataset_names():
        return {}
    return {row["iso3"]: row["country_name"] for row in open_release("countries").rows("units.csv")}


def _by_iso2(given: str) -> str:
    if len(given) != 2 or "countries" not in dataset_names():
        return ""
    rows = open_release("countries").rows("units.csv")
    return next((row["iso3"] for row in reversed(rows) if row["iso2"] == given.upper()), "")


def choose_years(frame: pd.DataFrame, name: str, years: object) -> pd.Series[bool]:
    """Say which rows belong to the years asked for; a year outside the dataset is refused with the nearest."""
    wanted: list[int] = []
    first, last = int(frame["year"].min()), int(frame["year"].max())
    for one in several(years, "years"):
        index = getattr(one, "__index__", None)
        if index is None or isinstance(one, bool):
            raise ArgumentError(f"years takes whole numbers such as 2018 or range(2000, 2019), not {str(one)[:40]!r}")
        year = int(index())
        if not first <= year <= last:
            near = min(max(year, first), last)
            raise UnknownYearError(f"{name} has no year {year}; it covers {first}-{last}; did you mean {near}?")
        wanted.append(year)
    return frame["year"].isin(wanted)
