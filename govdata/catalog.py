"""Datasets as the reader meets them: what there is, what it means, and the panel loaded."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING, Literal

from govdata import model, vocabulary
from govdata.choosing import choose_countries, choose_years, several
from govdata.errors import (
    ArgumentError,
    IntegrityError,
    UnknownIndicatorError,
    nearest,
)
from govdata.known_faults import announce
from govdata.releases import Release, dataset_names, open_release, quoted, versions
from govdata.renamed import former_name
from govdata.session import note_load

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["codebook", "datasets", "find_indicator", "load", "no_column", "table"]

_MANY = 40  # columns; pandas warns from 100 blocks on


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


def no_column(release: Release, indicator: model.Indicator) -> UnknownIndicatorError:
    """Say where the evidence of an indicator stands that makes no column of the panel."""
    if indicator.table == "record":
        return UnknownIndicatorError(
            f"{indicator.id} keeps claims and makes no value: see govdata.claims(indicator={indicator.id!r})"
        )
    return UnknownIndicatorError(
        f"{indicator.id} is coded by programme, not by country: see programme_years in {release.name}"
    )


def _choose_columns(release: Release, header: Sequence[str], indicators: object) -> list[str]:
    keys = [column for column in ("iso3", "country_name", "year", "source_version") if column in header]
    chosen: list[str] = []
    for one in several(indicators, "indicators"):
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
    if missing not in ("nan", "reason", "drop"):
        hint = nearest(str(missing), ("nan", "reason", "drop"))
        raise ArgumentError(f"missing={missing!r} is not 'nan', 'reason' or 'drop'{hint}")
    asked = None if indicators is None else [str(one) for one in several(indicators, "indicators")]
    drawing = _drawing(draws, seed, draw_rule, missing)
    release = open_release(name, version)
    known = release.indicators
    header = release.panel_columns
    columns = header if asked is None else _choose_columns(release, header, asked)
    frame = release.panel(None if asked is None or drawing is not None else columns)
    keep = [
        choose(frame, release.name, given)
        for choose, given in ((choose_countries, countries), (choose_years, years))
        if given is not None
    ]
    if keep:
        frame = frame.loc[reduce(and_, keep)].reset_index(drop=True)
    if drawing is not None:
        made = _drawn(release, frame, columns, asked, drawing)
        note_load(release.name, release.version)
        announce(release, made)
        return made
    if asked is not None:
        frame = frame[columns]
    values = [one.column(scope) for one in known for scope in one.scopes if one.column(scope) in columns]
    if missing == "drop":
        if asked is None:
            raise ArgumentError("missing='drop' needs indicators: name those that must have a value")
        filled = frame[asked].notna() & (frame[asked] != "")
        frame = frame[filled.all(axis=1)].reset_index(drop=True)
    elif missing == "reason":
        frame = _with_reasons(release, frame, values)
    if len(frame.columns) > _MANY and (missing == "reason" or asked is not None):
        frame = frame.copy()  # one block for each dtype: a user who adds columns gets no warning of fragmentation
    frame.attrs = {"dataset": release.name, "version": release.version, "sha256": release.digest}
    note_load(release.name, release.version)
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


def _with_reasons(release: Release, frame: pd.DataFrame, values: Sequence[str]) -> pd.DataFrame:
    import pandas as pd

    from govdata.reasons import REASON_WORDS, reason_numbers

    added = {}
    for column, numbers in reason_numbers(release, frame, values).items():
        empty = (frame[column].isna() | (frame[column] == "")).to_numpy()
        added[f"{column}_missing"] = pd.Series(REASON_WORDS[numbers * empty], index=frame.index, dtype="str")
    return pd.concat([frame, pd.DataFrame(added, index=frame.index)], axis=1)
