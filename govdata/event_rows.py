"""From rows of claims or events to one row a country and year, by DuckDB, for files larger than memory."""

# ruff: noqa: S608 -- names are quoted and literals escaped where they enter; nothing a user writes is pasted

from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from govdata.errors import ArgumentError, nearest

if TYPE_CHECKING:
    import duckdb

__all__ = ["country_years"]

INSTALL = 'this needs DuckDB; install it with: pip install "comparative-govdata[bigdata]"'
_RULES = (
    "highest_in_force",
    "weakest_programme",
    "agreement",
    "agreement_signed",
    "union_in_force",
    "range_in_year",
    "count_events",
    "presence",
)
_RISING = ("highest_in_force", "weakest_programme", "presence")
_IN_YEAR = ("count_events", "range_in_year")
_READERS = {".parquet": "read_parquet", ".pq": "read_parquet", ".csv": "read_csv", ".csv.gz": "read_csv"}
_DATES = ("DATE", "TIMESTAMP")
_WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")
_FIRST, _LAST = 1, 9999
_names = itertools.count()


def country_years(  # noqa: PLR0913 -- what a file may call its columns
    source: Any,  # noqa: ANN401 -- a relation, an Arrow table or a frame
    *,
    years: int | tuple[int, int] | range,
    value: str | None = None,
    rule: str = "count_events",
    start: str = "start",
    end: str | None = None,
    country: str = "iso3",
    timing: str | None = None,
    indicator: str | None = None,
    scope: str = "national",
    plans: bool = False,
    lowest: float | None = None,
    bounds: bool = True,
    connection: duckdb.DuckDBPyConnection | None = None,
) -> pd.DataFrame:
    """Make one row a country and year of rows of claims or events, with DuckDB.

    The rows stay in DuckDB, which reads them in pieces and keeps to the memory it is allowed. The rules are those of
    the datasets of this package.

    Parameters
    ----------
    source
        A path or a pattern of Parquet or CSV files; a DuckDB relation; with a connection, also the name of a table or
        view, or the text of a SELECT; or an Arrow table or a frame.
    years
        One year, first and last year, or a range.
    value
        The column of the code or number. Left out: ``code`` where there is one; else every row is one event. Columns
        ``low`` and ``high`` bound a claim without a code.
    rule
        ``"highest_in_force"``, ``"weakest_programme"``, ``"agreement"``, ``"agreement_signed"``, ``"union_in_force"``,
        ``"range_in_year"``, ``"count_events"`` or ``"presence"``, as the page on formats says.
    start, end
        Columns of dates, of years, or of text such as ``2014``, ``2014-06`` or ``2014-06-24``. ``end`` left out: the
        column ``end`` where there is one, else each row is over on the day it starts. An empty end means that it goes
        on.
    country
        The column of the country.
    timing
        ``"year_end"`` takes what is in force on 31 December, ``"in_year"`` what is at any time in the year. Left out:
        ``"in_year"`` for ``count_events`` and ``range_in_year``, ``"year_end"`` for other rules.
    indicator
        Which one, where the source has a column ``indicator``.
    scope
        ``"national"`` or ``"subnational"``, where it has a column ``scope``.
    plans
        Whether plans count, where it has a column ``modality``.
    lowest
        The lowest code of the scale: what is only disputed may be down there, under rules that take the highest.
    bounds
        Whether disputed claims widen the bounds.
    connection
        Whose settings count, such as ``memory_limit``. Left out: one of its own.

    Returns
    -------
    DataFrame
        Sorted by country and year, a row where any claim speaks of the year: the country, ``year``, ``value``, ``low``,
        ``high``, ``missing`` (why there is no value), and numbers of claims: ``claims`` (not rejected), ``rejected``,
        ``accepted`` and ``contested`` (eligible ones). ``attrs["left_out"]`` counts rows without country or start.

    Raises
    ------
    ArgumentError
        If an argument has another form, a column does not exist, a date cannot be read, or DuckDB is not installed or
        cannot read the source.

    Notes
    -----
    ``value``, ``low``, ``high`` and ``missing`` are what the releases' rules decide from the same claims. Written
    adjudications between claims are not applied; status, grade and the ids of the deciding claims are not given. What
    ``status``, ``modality`` and ``grade`` exclude is excluded where the source has these columns, case as written.

    Examples
    --------
    >>> import pandas as pd
    >>> import govdata
    >>> events = pd.DataFrame({"iso3": ["IRN", "IRN", "IND"], "start": ["2019-11-16", "2019-12-25", "2020-02"]})
    >>> govdata.country_years(events, years=(2019, 2020))[["iso3", "year", "value"]]
      iso3  year  value
    0  IND  2020    1.0
    1  IRN  2019    2.0
    """
    _choose("rule", rule, _RULES)
    _choose("scope", scope, ("national", "subnational"))
    timing = ("in_year" if rule in _IN_YEAR else "year_end") if timing is None else timing
    _choose("timing", timing, ("year_end", "in_year"))
    for name, flag in {"plans": plans, "bounds": bounds}.items():
        if not isinstance(flag, bool):
            raise ArgumentError(f"{name} is True or False, not {flag!r}")
    if lowest is not None and (isinstance(lowest, bool) or not isinstance(lowest, (int, float))):
        raise ArgumentError(f"lowest is a number, not {lowest!r}")
    span = _span(years)
    try:
        import duckdb
    except ImportError:
        raise ArgumentError(INSTALL) from None
    if connection is not None and not isinstance(connection, duckdb.DuckDBPyConnection):
        raise ArgumentError(f"connection is what duckdb.connect() gives, not {type(connection).__name__}")
    own = duckdb.connect() if connection is None else None
    table: _Source | None = None
    try:
        table = _Source(source, connection or own, given=connection is not None)
        named = {"value": value, "start": start, "end": end, "country": country}
        query = _Rows(table, named, rule=rule, timing=timing, indicator=indicator, scope=scope, plans=plans, span=span)
        left_out = query.left_out()
        frame = table.frame(_decided(query, rule, lowest=lowest, bounds=bounds))
        if frame["odd"].any():
            raise ArgumentError(
                f"{int(frame['odd'].sum())} claims have a code that is no number, or lack a bound; rule {rule!r} needs "
                "numbers; text codes take 'union_in_force'"
            )
        frame = frame.drop(columns="odd").rename(columns={"country": country})
        counts = ["claims", "rejected", "accepted", "contested"]
        frame[["year", *counts]] = frame[["year", *counts]].astype("int64")
        frame.attrs["left_out"] = left_out
    except duckdb.Error as error:
        raise ArgumentError(f"DuckDB could not do this: {str(error).splitlines()[0]}") from error
    finally:
        if table is not None:
            table.clear()
        if own is not None:
            own.close()
    return frame


def _choose(what: str, given: object, choices: tuple[str, ...]) -> None:
    if not isinstance(given, str) or given not in choices:
        listed = ", ".join(repr(one) for one in choices)
        hint = nearest(given, choices) if isinstance(given, str) else ""
        raise ArgumentError(f"{what} is one of {listed}, not {given!r}{hint}")


def _span(years: object) -> tuple[int, int]:
    ends: tuple[object, ...] = (years, years)
    if isinstance(years, range) and len(years) and years.step == 1:
        ends = (years[0], years[-1])
    elif isinstance(years, tuple):
        ends = years
    whole = [one for one in ends if isinstance(one, int) and not isinstance(one, bool) and _FIRST <= one <= _LAST]
    if len(ends) != 2 or len(whole) != 2 or whole[0] > whole[1]:
        raise ArgumentError(f"years is a year or the first and the last, such as (2000, 2025), not {years!r}")
    return whole[0], whole[1]


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


class _Source:
    """What the rows are read from."""

    def __init__(self, source: Any, connection: Any, *, given: bool) -> None:  # noqa: ANN401
        import duckdb

        self.connection = connection
        self.relation = source if isinstance(source, duckdb.DuckDBPyRelation) else None
        self.name = f"_govdata_rows_{next(_names)}"
        self.registered = False
        self.text = self._text(source, given=given)
        self.columns = {str(row[0]): str(row[1]) for row in self._run(f"DESCRIBE SELECT * FROM {self.text}").fetchall()}

    def _text(self, source: Any, *, given: bool) -> str:  # noqa: ANN401
        if self.relation is not None:
            return self.name
        if isinstance(source, (str, Path)):
            named = str(source)
            select = isinstance(source, str) and named.lstrip().lower().startswith(("select ", "with ", "from "))
            ending = next((end for end in _READERS if named.lower().endswith(end)), None)
            if ending and not select:
                # Claims are read as text, as the rest of the package reads them: no guess turns a date or code around.
                options = ", all_varchar = true" if _READERS[ending] == "read_csv" else ""
                return f"{_READERS[ending]}({_literal(named)}{options})"
            if isinstance(source, Path) or not given:
                raise ArgumentError(
                    f"source {named!r} is no Parquet or CSV file (.parquet, .csv, .csv.gz); a table or a query needs "
                    "connection="
                )
            return f"({named.rstrip().rstrip(';')}\n) AS query" if select else ".".join(map(_quote, named.split(".")))
        if type(source).__module__.split(".")[0] not in {"pandas", "pyarrow", "polars"}:
            raise ArgumentError(
                "source is a path, a DuckDB relation, a table with connection=, an Arrow table or a frame, not "
                f"{type(source).__name__}"
            )
        self.connection.register(self.name, source)
        self.registered = True
        return self.name

    def _run(self, query: str) -> Any:  # noqa: ANN401
        return self.relation.query(self.name, query) if self.relation is not None else self.connection.sql(query)

    def frame(self, query: str) -> pd.DataFrame:
        found: pd.DataFrame = self._run(query).df()
        return found

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return list(self._run(query).fetchall())

    def clear(self) -> None:
        if self.registered:
            self.connection.unregister(self.name)


class _Rows:
    """The rows as the rules need them."""

    def __init__(
        self,
        table: _Source,
        named: dict[str, str | None],
        *,
        rule: str,
        timing: str,
        indicator: str | None,
        scope: str,
        plans: bool,
        span: tuple[int, int],
    ) -> None:
        self.table, self.rule, self.timing, self.span = table, rule, timing, span
        for what, column in named.items():
            if column is not None and (not isinstance(column, str) or column not in table.columns):
                hint = nearest(column, table.columns) if isinstance(column, str) else ""
                raise ArgumentError(f"{what}={column!r} is no column of the source{hint}")
        self.country, self.start = str(named["country"]), str(named["start"])
        self.end = named["end"] or ("end" if "end" in table.columns else None)
        self.value = named["value"] or ("code" if "code" in table.columns else None)
        if self.value is None and rule not in {"count_events", "presence"}:
            raise ArgumentError(f"rule {rule!r} needs value=, the column of the code or number")
        if rule == "weakest_programme" and "programme_id" not in table.columns:
            raise ArgumentError("rule 'weakest_programme' needs a column 'programme_id', which the source lacks")
        self.where = ["TRUE"]
        self._choose_indicator(indicator)
        if "scope" in table.columns:
            self.where.append(f"{self._read('scope')} IN ({_literal(scope)}, 'all')")
        surveys = ["survey"] if plans else ["survey", "plan"]
        self.eligible = "TRUE"
        if "modality" in table.columns:
            self.eligible += f" AND {self._read('modality')} NOT IN ({', '.join(map(_literal, surveys))})"
        if "grade" in table.columns:
            self.eligible += f" AND {self._read('grade')} <> 'E0'"

    def _read(self, column: str) -> str:
        """Read a column as text, empty where it is missing."""
        return f"COALESCE(CAST({_quote(column)} AS VARCHAR), '')"

    def _choose_indicator(self, indicator: str | None) -> None:
        if "indicator" not in self.table.columns:
            if indicator is not None:
                raise ArgumentError(f"indicator={indicator!r} is given, and the source has no column 'indicator'")
            return
        column = self._read("indicator")
        if indicator is None:
            found = self.table.rows(f"SELECT DISTINCT {column} FROM {self.table.text} LIMIT 2")
            if len(found) > 1:
                raise ArgumentError("the source speaks of several indicators; name one with indicator=")
            return
        self.where.append(f"{column} = {_literal(str(indicator))}")
        if not self.table.rows(f"SELECT 1 FROM {self.table.text} WHERE {self.where[-1]} LIMIT 1"):
            known = sorted(str(row[0]) for row in self.table.rows(f"SELECT DISTINCT {column} FROM {self.table.text}"))
            raise ArgumentError(f"indicator {indicator!r} is not in the source{nearest(str(indicator), known)}")

    def _year(self, column: str) -> tuple[str, str, str]:
        """Say how to read a date: its year, whether it reaches 31 December, and whether it is unreadable."""
        kind, name = self.table.columns[column], _quote(column)
        if kind.startswith(_DATES):
            return f"year({name})", f"(month({name}) = 12 AND day({name}) = 31)", "FALSE"
        if kind in _WHOLE:
            return f"CAST({name} AS BIGINT)", "TRUE", f"({name} NOT BETWEEN {_FIRST} AND {_LAST})"
        shape = "'[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?'"
        filled = f"NULLIF({self._read(column)}, '')"
        year = f"TRY_CAST(left({filled}, 4) AS BIGINT)"
        return year, f"(substr({filled}, 5) IN ('', '-12', '-12-31'))", f"NOT regexp_full_match({filled}, {shape})"

    def left_out(self) -> dict[str, int]:
        """Count the rows that cannot be placed, and refuse dates that cannot be read."""
        faults = {self.start: self._year(self.start)[2]}
        if self.end is not None:
            faults[self.end] = self._year(self.end)[2]
        sums = ", ".join(f"COUNT(*) FILTER ({fault})" for fault in faults.values())
        gaps = (
            f"COUNT(*) FILTER ({self._read(self.country)} = ''), COUNT(*) FILTER ({self._year(self.start)[0]} IS NULL)"
        )
        where = " AND ".join(self.where)
        first, second, *bad = self.table.rows(f"SELECT {gaps}, {sums} FROM {self.table.text} WHERE {where}")[0]
        for column, count in zip(faults, bad, strict=True):
            if count:
                raise ArgumentError(
                    f"column {column!r} holds {count} dates that cannot be read; write 2014, 2014-06 or 2014-06-24"
                )
        return {f"without {self.country}": int(first), f"without {self.start}": int(second)}

    def _bound(self, column: str) -> str:
        if column not in self.table.columns:
            return "CAST(NULL AS DOUBLE)"
        return f"TRY_CAST(NULLIF({self._read(column)}, '') AS DOUBLE)"

    @property
    def touching(self) -> str:
        """A query with a row for each claim and year it touches: flags, code and bounds."""
        first, last = self.span
        start, _, _ = self._year(self.start)
        stop, full = (self._year(self.end)[:2]) if self.end is not None else (start, self._year(self.start)[1])
        code = "CAST('1' AS VARCHAR)" if self.value is None else self._read(self.value)
        low, high = (self._bound("low"), self._bound("high")) if self.value is not None else ("NULL", "NULL")
        status = self._read("status") if "status" in self.table.columns else "'accepted'"
        programme = self._read("programme_id") if self.rule == "weakest_programme" else "''"
        rows = (
            f"SELECT {self._read(self.country)} AS country, {start} AS y0, {stop} AS y1, {full} AS full_year, "
            f"{code} AS code, {low} AS low, {high} AS high, {status} AS status, {programme} AS programme, "
            f"({self.eligible}) AS fit FROM {self.table.text} WHERE {' AND '.join(self.where)}"
        )
        spread = (
            f"SELECT *, UNNEST(range(greatest(y0, {first}), least(coalesce(y1, {last}), {last}) + 1)) AS year "
            f"FROM ({rows}) WHERE country <> '' AND y0 IS NOT NULL"
        )
        force = "TRUE" if self.timing == "in_year" else "(y1 IS NULL OR year < y1 OR full_year)"
        return (
            f"SELECT country, year, programme, status, code, fit AND {force} AND status <> 'rejected' AS fit, "
            "code NOT IN ('not_applicable', 'unclear') AS valued, TRY_CAST(NULLIF(code, '') AS DOUBLE) AS point, "
            "COALESCE(TRY_CAST(NULLIF(code, '') AS DOUBLE), low) AS lo, "
            f"COALESCE(TRY_CAST(NULLIF(code, '') AS DOUBLE), high) AS hi FROM ({spread})"
        )


def _decided(query: _Rows, rule: str, *, lowest: float | None, bounds: bool) -> str:
    """Write the query that decides every cell."""
    rows = query.touching
    if rule == "presence":
        # A level is read as presence: 0 stays 0, anything above is 1.
        rows = (
            "SELECT country, year, programme, status, code, fit, valued, NULL AS point, "
            f"CAST(lo > 0 AS DOUBLE) AS lo, CAST(hi > 0 AS DOUBLE) AS hi FROM ({rows})"
        )
    levels = rule in {"highest_in_force", "weakest_programme"}
    extra = ", programme, point, lo AS a, hi AS b" if levels else ""
    by = ", programme, point, lo, hi" if levels else ""
    accepted, contested = ("(fit AND valued AND status = " + _literal(one) + ")" for one in ("accepted", "contested"))
    excused = "fit AND NOT valued AND status = 'accepted'"
    sums = {
        "live": "COUNT(*) FILTER (status <> 'rejected')",
        "rejected": "COUNT(*) FILTER (status = 'rejected')",
        "accepted": f"COUNT(*) FILTER {accepted}",
        "contested": f"COUNT(*) FILTER {contested}",
        "events": f"COUNT(*) FILTER ({accepted} AND lo > 0)",
        "low": f"MIN(lo) FILTER {accepted}",
        "high": f"MAX(hi) FILTER {accepted}",
        "top_low": f"MAX(lo) FILTER {accepted}",
        "c_low": f"MIN(lo) FILTER {contested}",
        "c_high": f"MAX(hi) FILTER {contested}",
        "excused": f"COUNT(*) FILTER ({excused})",
        "unclear": f"COUNT(*) FILTER ({excused} AND code = 'unclear')",
        "odd": f"COUNT(*) FILTER (({accepted} OR {contested}) AND (lo IS NULL OR hi IS NULL))",
        "codes": (
            f"string_agg(DISTINCT code, ';' ORDER BY code) FILTER {accepted}" if rule == "union_in_force" else "NULL"
        ),
    }
    listed = ", ".join(f"{sql} AS {name}" for name, sql in sums.items())
    cells = f"SELECT country, year{extra}, {listed} FROM ({rows}) GROUP BY country, year{by}"
    if levels:
        cells = _highest(cells)
        low, high = "low", "high"
    elif rule == "count_events":
        low = high = "CASE WHEN accepted > 0 THEN CAST(events AS DOUBLE) END"
    elif rule == "presence":
        low, high = "top_low", "high"
    elif rule == "union_in_force":
        low = high = "CAST(NULL AS DOUBLE)"
    else:
        low, high = "low", "high"
    value = "codes" if rule == "union_in_force" else f"CASE WHEN {low} = {high} THEN {low} END"
    only_low, only_high = "c_low", "c_high"
    if rule in _RISING and lowest is not None:
        only_low = f"CASE WHEN contested > 0 THEN CAST('{float(lowest)!r}' AS DOUBLE) END"
    elif rule == "agreement_signed":
        only_low, only_high = "CASE WHEN c_low > 0 THEN 0 ELSE c_low END", "CASE WHEN c_high < 0 THEN 0 ELSE c_high END"
    wide_low, wide_high = low, high
    if bounds and rule != "union_in_force":
        wide_low = f"CASE WHEN accepted > 0 THEN LEAST({low}, COALESCE(c_low, {low})) ELSE {only_low} END"
        wide_high = f"CASE WHEN accepted > 0 THEN GREATEST({high}, COALESCE(c_high, {high})) ELSE {only_high} END"
    missing = (
        "CASE WHEN value IS NOT NULL THEN '' WHEN accepted + contested > 0 THEN 'unclear' WHEN excused = 0 THEN "
        "'no_evidence' WHEN unclear = 0 THEN 'not_applicable' ELSE 'unclear' END"
    )
    decided = f"SELECT *, {value} AS value, {wide_low} AS wide_low, {wide_high} AS wide_high FROM ({cells})"
    odd = "CAST(0 AS BIGINT)" if rule == "union_in_force" else "odd"
    return (
        f"SELECT country, year, value, wide_low AS low, wide_high AS high, {missing} AS missing, live AS claims, "
        f"rejected, accepted, contested, {odd} AS odd FROM ({decided}) ORDER BY country, year"
    )


def _highest(cells: str) -> str:
    """Decide each programme by its highest code, an interval above it leaving the value open; then take the lowest."""
    part = "OVER (PARTITION BY country, year, programme)"
    topped = f"SELECT *, MAX(CASE WHEN accepted > 0 THEN point END) {part} AS top FROM ({cells})"
    above = "accepted > 0 AND point IS NULL AND (top IS NULL OR a > top)"
    counts = ", ".join(
        f"SUM({name}) AS {name}" for name in ("live", "rejected", "accepted", "contested", "excused", "unclear", "odd")
    )
    disputed = "MIN(c_low) AS c_low, MAX(c_high) AS c_high"
    programmes = (
        f"SELECT country, year, programme, {counts}, {disputed}, COALESCE(MAX(a) FILTER ({above}), MAX(top)) AS low, "
        f"COALESCE(MAX(b) FILTER ({above}), MAX(top)) AS high FROM ({topped}) GROUP BY country, year, programme"
    )
    return (
        f"SELECT country, year, {counts}, {disputed}, MIN(low) FILTER (accepted > 0) AS low, "
        f"MIN(high) FILTER (accepted > 0) AS high FROM ({programmes}) GROUP BY country, year"
    )
