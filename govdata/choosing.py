"""Countries and years as a reader names them, found in a panel or refused with the nearest."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from govdata.errors import ArgumentError, GovdataError, UnknownCountryError, UnknownYearError, nearest
from govdata.releases import dataset_names, open_release

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["choose_countries", "choose_years", "several"]

_YEARS = re.compile(r"\s*([0-9]{4})(?:\.0+)?(?:\s*[-:–/]\s*([0-9]{4}))?\s*\Z")


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
    register = _register_names()
    if given in register:  # a real code: do not guess another one
        return f"{dataset} has no row of {given!r} ({register[given]}), which the register knows"
    code = names.get(given.casefold()) or (given.upper() if given.upper() in known else "")
    codes = (code,) if code else _denoted(given)
    if len(codes) == 1 and codes[0] in register and codes[0] not in known:
        return f"{dataset} has no row of {given[:60]!r}, which is {codes[0]!r} ({register[codes[0]]}) in the register"
    codes = tuple(one for one in codes if one in known) or _similar(given, known, names)
    meant = " or ".join(f"{one!r} ({known[one]})" for one in codes[:3])
    hint = f"; did you mean {meant}?" if meant else ""
    return f"{dataset} has no country {given[:60]!r}; expected ISO 3166-1 alpha-3 codes such as 'CHN'{hint}"


def _similar(given: str, known: Mapping[str, str], names: Mapping[str, str]) -> tuple[str, ...]:
    """Give the country that is written most like a text."""
    close = nearest(given, [*known, *known.values()], limit=1)
    found = close.split("'")[1] if close.count("'") > 1 else ""
    code = found if found in known else names.get(found.casefold(), "")
    return (code,) if code else ()


def _denoted(given: str) -> tuple[str, ...]:
    """Give the units that a code of another scheme or a name denotes in the register: UK, Britain, Korea."""
    if "countries" not in dataset_names():
        return ()
    # Only for a message: the register's names take a second to read.
    from govdata.countries.resolving import resolve

    try:
        found = resolve([given]).iloc[0]
    except GovdataError:
        return ()
    candidates = tuple(str(one) for one in found["candidates"])
    # Of several units with similar names none is meant more than another: the spelling decides.
    return candidates if found["status"] != "unknown" or len(candidates) == 1 else ()


def _register_names() -> dict[str, str]:
    if "countries" not in dataset_names():
        return {}
    return {row["iso3"]: row["country_name"] for row in open_release("countries").rows("units.csv")}


def choose_years(frame: pd.DataFrame, name: str, years: object) -> pd.Series[bool]:
    """Say which rows belong to the years asked for; a year outside the dataset is refused with the nearest."""
    wanted: list[int] = []
    first, last = int(frame["year"].min()), int(frame["year"].max())
    for one in several(years, "years"):
        index = getattr(one, "__index__", None)
        if index is None or isinstance(one, bool):
            raise ArgumentError(
                f"years takes whole numbers such as 2018 or range(2000, 2019), not {str(one)[:40]!r}{_meant(one)}"
            )
        year = int(index())
        if not first <= year <= last:
            near = min(max(year, first), last)
            raise UnknownYearError(f"{name} has no year {year}; it covers {first}-{last}; did you mean {near}?")
        wanted.append(year)
    return frame["year"].isin(wanted)


def _meant(given: object) -> str:
    """Read a year or a span given as text, or a year given as 2018.0, for the end of a message."""
    match = _YEARS.match(str(given))
    if match is None or isinstance(given, bool):
        return ""
    first, last = int(match[1]), int(match[2] or match[1])
    meant = str(first) if match[2] is None else f"range({first}, {last + 1})"
    return f"; did you mean {meant}?" if first <= last else ""
