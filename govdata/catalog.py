"""Datasets as the reader meets them: what there is, what it means, and the panel loaded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Literal

from govdata import model, vocabulary
from govdata.errata import announce
from govdata.errors import (
    ArgumentError,
    IntegrityError,
    UnknownCountryError,
    UnknownIndicatorError,
    UnknownYearError,
    nearest,
)
from govdata.releases import Release, dataset_names, open_release, quoted, versions
from govdata.renamed import former_name
from govdata.session import note_load

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["codebook", "datasets", "find_indicator", "load", "no_column", "table"]


def datasets() -> pd.DataFrame:
    """List the datasets in this installation.

    Returns
    -------
    pandas.DataFrame
        One row a dataset: ``name, title, kind, version`` (the newest), ``versions`` (how many), ``first_year,
        last_year, indicators, licence``.

    Examples
    --------
    >>> import govdata
    >>> list(govdata.datasets()["name"])
    ['countries', 'covariates', 'digital_surveillance', 'expert_scores']
    """
    import pandas as pd

    rows = []
    for name in dataset_names():
        release = open_release(name)
        info = release.info
        rows.append(
            {
                "name": name,
                "title": info.title,
                "kind": info.kind,
                "version": info.version,
                "versions": len(versions(name)),
                "first_year": info.years[0],
                "last_year": info.years[1],
                "indicators": len(release.indicators),
                "licence": info.licence,
            }
        )
    return pd.DataFrame(rows)


def table(name: str, table: str, version: str | None = None) -> pd.DataFrame:
    """Give one of the tables of a release as text: claims, sources, programmes, stages by year and what else it holds.

    Parameters
    ----------
    name
        A dataset.
    table
        A table of the release, such as ``"claims"``, ``"sources"``, ``"programmes"``, ``"programme_years"``,
        ``"values"``, ``"changes"`` or, for the register, ``"units"``.
    version
        See `govdata.load`.

    Returns
    -------
    pandas.DataFrame
        Every column ``str`` as released; ``year`` is int64 in tables of unit-years.

    Raises
    ------
    ArgumentError
        If the release has no such table.

    Examples
    --------
    >>> import govdata
    >>> stages = govdata.table("digital_surveillance", "programme_years")
    >>> "skynet" in set(stages["programme_id"])
    True
    """
    release = open_release(name, version)
    known = [file.removesuffix(".csv") for file in release.files if file.endswith(".csv")]
    if table not in known:
        raise ArgumentError(
            f"{release.name} has no table {str(table)[:60]!r}{nearest(str(table), known)} (known: {', '.join(known)})"
        )
    return release.table(f"{table}.csv")


def codebook(name: str, indicator: str | None = None, version: str | None = None) -> pd.DataFrame:
    """Give the codebook of a dataset.

    Parameters
    ----------
    name
        A dataset.
    indicator
        One indicator only.
    version
        See `govdata.load`.

    Returns
    -------
    pandas.DataFrame
        One row an indicator: ``id, number, block, label`` and ``label_fa, label_ar, label_zh, type, unit, direction,
        question, clarification, evidence, comparable, limits, rule, timing, codes`` (a dict code → English label),
        ``columns`` (a list), ``first_year, last_year``, ``source_id, original``.

    Examples
    --------
    >>> import govdata
    >>> book = govdata.codebook("digital_surveillance", "cctv_public")
    >>> book.loc[0, "number"]
    'A1'
    """
    import pandas as pd

    release = open_release(name, version)
    indicators = release.indicators
    if indicator is not None:
        indicators = (find_indicator(release, indicator)[0],)
    covered = release.info.years
    rows = []
    for one in indicators:
        content = one.to_mapping()
        first, last = one.years or (covered if not one.only_years else (min(one.only_years), max(one.only_years)))
        rows.append(
            {key: content[key] for key in ("id", "number", "block")}
            | {"label": one.label}
            | {f"label_{language}": one.labels.get(language, "") for language in vocabulary.LANGUAGES[1:]}
            | {
                key: content[key]
                for key in (
                    [
                        "type",
                        "unit",
                        "direction",
                        "question",
                        "clarification",
                        "evidence",
                        "comparable",
                        "limits",
                        "rule",
                        "timing",
                    ]
                )
            }
            | {
                "codes": {code.code: code.labels["en"] for code in one.codes},
                "columns": list(one.columns()),
                "first_year": first,
                "last_year": last,
                "source_id": one.source_id,
                "original": one.original,
            }
        )
    return pd.DataFrame(rows)


def find_indicator(release: Release, name: str) -> tuple[model.Indicator, str]:
    """Find an indicator by its id or by the name of one of its columns.

    Returns
    -------
    indicator : Indicator
    scope : {'national', 'subnational'}
        The scope that the name stands for.

    Raises
    ------
    UnknownIndicatorError
        If there is none; the message names the nearest, or the dataset that has it.
    """
    indicators = release.indicators
    for one in indicators:
        if name == one.id:
            return one, "national"
        if name in one.columns():
            return one, "subnational" if name.startswith(f"{one.id}_sub") else "national"
    ids = [one.id for one in indicators]
    became = former_name(release, str(name))
    if became:
        raise UnknownIndicatorError(f"{release.name} {release.version} has no indicator {str(name)[:60]!r}: {became}")
    hint = nearest(str(name), ids)
    if not hint:
        elsewhere = [other for other in dataset_names() if other != release.name and _has(other, name)]
        hint = f"; it is in {quoted(elsewhere)}" if elsewhere else ""
    raise UnknownIndicatorError(
        f"{release.name} has no indicator {str(name)[:60]!r}{hint or ' (see ' + f'govdata codebook {release.name})'}"
    )


def _has(dataset: str, name: str) -> bool:
    try:
        indicators = open_release(dataset).indicators
    except IntegrityError:
        return False  # a hint only; that dataset's own readers say what is wrong
    return any(name == one.id or name in one.columns() for one in indicators)


def _several(value: object, what: str) -> list[object]:
    if isinstance(value, (str, bytes)) or not isinstance(value, Iterable) or getattr(value, "ndim", 1) == 0:
        return [value]
    found = list(value)
    if not found:
        raise ArgumentError(f"{what} is empty; leave it out to take all")
    return found


def _choose_countries(frame: pd.DataFrame, name: str, countries: object) -> pd.Series[bool]:
    wanted = _several(countries, "countries")
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


def _choose_years(frame: pd.DataFrame, name: str, years: object) -> pd.Series[bool]:
    wanted: list[int] = []
    first, last = int(frame["year"].min()), int(frame["year"].max())
    for one in _several(years, "years"):
        index = getattr(one, "__index__", None)
        if index is None or isinstance(one, bool):
            raise ArgumentError(f"years takes whole numbers such as 2018 or range(2000, 2019), not {str(one)[:40]!r}")
        year = int(index())
        if not first <= year <= last:
            near = min(max(year, first), last)
            raise UnknownYearError(f"{name} has no year {year}; it covers {first}-{last}; did you mean {near}?")
        wanted.append(year)
    return frame["year"].isin(wanted)


def no_column(release: Release, indicator: model.Indicator) -> UnknownIndicatorError:
    """Say where the evidence of an indicator stands that makes no column of the panel."""
    if indicator.table == "record":
        return UnknownIndicatorError(
            f"{indicator.id} keeps claims and makes no value: see govdata.claims(indicator={indicator.id!r})"
        )
    return UnknownIndicatorError(
        f"{indicator.id} is coded by programme, not by country: see programme_years in {release.name}"
    )


def _choose_columns(release: Release, frame: pd.DataFrame, indicators: object) -> list[str]:
    keys = [column for column in ("iso3", "country_name", "year", "source_version") if column in frame.columns]
    chosen: list[str] = []
    for one in _several(indicators, "indicators"):
        indicator, _ = find_indicator(release, str(one))
        if not indicator.columns():
            raise no_column(release, indicator)
        chosen += list(indicator.columns()) if one == indicator.id else [str(one)]
    return keys + list(dict.fromkeys(column for column in chosen if column not in keys))


def load(
    name: str,
    version: str | None = None,
    countries: str | Sequence[str] | None = None,
    years: int | Sequence[int] | None = None,
    indicators: str | Sequence[str] | None = None,
    missing: Literal["nan", "reason", "drop"] = "nan",
    *,
    draws: int | None = None,
    seed: int = 0,
    draw_rule: Literal["uniform", "claimed"] = "uniform",
) -> pd.DataFrame:
    """Load the panel of a released dataset. No network: the data are in the package.

    Parameters
    ----------
    name
        A dataset; see `datasets`.
    version
        ``None`` for the newest release, ``"0.1.0"`` for exactly that one, ``"1"`` for the newest 1.x. A replication
        names the exact version.
    countries
        ISO3 codes; ``None`` for all.
    years
        Years, each named: ``range(2000, 2019)`` is nineteen of them, ``(2000, 2018)`` two; ``None`` for all.
    indicators
        Indicator ids (each with its bounds and its subnational column) or single columns; ``None`` for all.
    missing
        ``"nan"`` leaves missing cells NaN. ``"reason"`` adds a text column ``<column>_missing`` for each value column:
        ``no_evidence``, ``unclear``, ``not_applicable``, ``not_coded``, or empty where there is a value. ``"drop"``
        leaves out the rows in which one of the named ``indicators`` is missing.
    draws
        How many times to draw every uncertain cell, at least 2, for what is estimated over draws; ``None`` gives the
        panel as released. Needs ``indicators``. Missing cells with bounds are drawn too, those without stay NaN.
    seed
        Of the draws, a whole number from 0: the same seed gives the same draws, whichever countries, years and
        indicators are asked for, and the first 100 of 200 draws are the 100 draws.
    draw_rule
        How a coded cell is drawn: ``"uniform"``, every code from its lower to its upper bound; ``"claimed"``, only what
        an accepted or contested claim says. Equally likely either way. Expert scores are drawn from the normal
        distribution of their standard deviation.

    Returns
    -------
    pandas.DataFrame
        One row a unit-year, sorted by ``iso3`` and ``year``: ``iso3`` (str), ``country_name`` (str), ``year`` (int64),
        then the indicators (float64, or str for nominal ones). Where series come from several releases of their source,
        the text ``source_version`` says which one gave this row's. ``attrs`` holds ``dataset``, ``version`` and
        ``sha256``. With ``draws``: ``iso3, country_name, year, draw`` (int64, from 1) and the values without their
        companions, sorted by ``draw, iso3, year``; ``attrs`` also holds ``draws, seed`` and ``draw_rule``.

    Raises
    ------
    UnknownDatasetError, UnknownVersionError, UnknownCountryError, UnknownYearError, UnknownIndicatorError
        With the nearest valid choice.
    IntegrityError
        If the release's files are damaged.
    ArgumentError
        If an argument has a form that is not taken, or two do not go together.

    Examples
    --------
    >>> import govdata
    >>> df = govdata.load("expert_scores", countries=["CHN", "SWE"], years=2018, indicators="v2smgovsmmon")
    >>> bool(df.loc[df.iso3 == "CHN", "v2smgovsmmon"].item() < df.loc[df.iso3 == "SWE", "v2smgovsmmon"].item())
    True
    """
    from govdata.schema import read_panel

    if missing not in ("nan", "reason", "drop"):
        hint = nearest(str(missing), ("nan", "reason", "drop"))
        raise ArgumentError(f"missing={missing!r} is not 'nan', 'reason' or 'drop'{hint}")
    asked = None if indicators is None else [str(one) for one in _several(indicators, "indicators")]
    drawing = _drawing(draws, seed, draw_rule, missing)
    release = open_release(name, version)
    note_load(release.name, release.version)
    known = release.indicators
    frame = read_panel(release.read("panel.csv"), known)
    columns = list(frame.columns) if asked is None else _choose_columns(release, frame, asked)
    keep = frame["year"].notna()
    for choose, given in ((_choose_countries, countries), (_choose_years, years)):
        keep &= _chosen(choose, frame, release.name, given)
    if drawing is not None:
        made = _drawn(release, frame.loc[keep].reset_index(drop=True), columns, asked, drawing)
        announce(release, made)
        return made
    frame = frame.loc[keep, columns].reset_index(drop=True)
    values = [one.column(scope) for one in known for scope in one.scopes if one.column(scope) in columns]
    if missing == "drop":
        if asked is None:
            raise ArgumentError("missing='drop' needs indicators: name those that must have a value")
        filled = frame[asked].notna() & (frame[asked] != "")
        frame = frame[filled.all(axis=1)].reset_index(drop=True)
    elif missing == "reason":
        frame = _with_reasons(release, frame, values)
    frame = frame.copy()  # one block for each dtype: a user who adds a column gets no warning of fragmentation
    frame.attrs = {"dataset": release.name, "version": release.version, "sha256": release.digest}
    announce(release, frame)
    return frame


def _drawing(draws: object, seed: object, rule: object, missing: str) -> tuple[int, int, str] | None:
    """Check what was said about draws, before any file is read."""
    from govdata.drawing import whole_number

    chosen = whole_number(seed, "seed", 0)
    if not isinstance(rule, str) or rule not in ("uniform", "claimed"):
        hint = nearest(str(rule), ("uniform", "claimed"))
        raise ArgumentError(f"draw_rule={repr(rule)[:40]} is not 'uniform' or 'claimed'{hint}")
    if draws is None:
        if chosen or rule != "uniform":
            raise ArgumentError("seed and draw_rule say how to draw; say also how often: draws=200")
        return None
    if missing != "nan":
        why = (
            "a reason belongs to the panel as released; load it once more without draws"
            if missing == "reason"
            else "a missing cell with bounds is drawn; leave out what is still NaN with .dropna(subset=...)"
        )
        raise ArgumentError(f"missing={missing!r} does not go with draws: {why}")
    return whole_number(draws, "draws", 2), chosen, rule


def _drawn(
    release: Release,
    frame: pd.DataFrame,
    columns: Sequence[str],
    asked: Sequence[str] | None,
    drawing: tuple[int, int, str],
) -> pd.DataFrame:
    from govdata.draws import draw_panel, value_columns

    draws, seed, rule = drawing
    if release.info.kind == "register":
        raise ArgumentError(f"{release.name} is the register of units: nothing in it is drawn; load it without draws")
    chosen = value_columns(release, columns, asked or ())
    if asked is None:
        size = len(frame) * len(chosen) * draws * 8 / 1e6
        raise ArgumentError(
            f"draws needs indicators: all {len(chosen)} columns x {draws} draws of {len(frame)} rows take "
            f"{size:,.0f} MB; name those of your model"
        )
    made = draw_panel(release, frame, chosen, draws=draws, seed=seed, rule=rule)
    made.attrs = {"dataset": release.name, "version": release.version, "sha256": release.digest}
    made.attrs |= {"draws": draws, "seed": seed, "draw_rule": rule}
    return made


def _chosen(
    choose: Callable[[pd.DataFrame, str, object], pd.Series[bool]], frame: pd.DataFrame, name: str, given: object
) -> pd.Series[bool]:
    return frame["year"].notna() if given is None else choose(frame, name, given)


def _with_reasons(release: Release, frame: pd.DataFrame, values: Sequence[str]) -> pd.DataFrame:
    import pandas as pd

    from govdata.reasons import REASON_WORDS, reason_numbers

    added = {}
    for column, numbers in reason_numbers(release, frame, values).items():
        empty = (frame[column].isna() | (frame[column] == "")).to_numpy()
        added[f"{column}_missing"] = pd.Series(REASON_WORDS[numbers * empty], index=frame.index, dtype="str")
    return pd.concat([frame, pd.DataFrame(added, index=frame.index)], axis=1)
