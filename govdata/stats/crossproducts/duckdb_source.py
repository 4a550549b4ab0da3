"""Sums of products by DuckDB, over files and tables of any size."""

# ruff: noqa: S608 -- names are quoted and literals escaped where they enter; nothing a user writes is pasted

from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING, Any

from govdata.errors import EstimationError, FormulaError
from govdata.stats.crossproducts.queries import Kind
from govdata.stats.crossproducts.scanned import ScannedProducts, scan
from govdata.stats.wording import given

if TYPE_CHECKING:
    import duckdb

__all__ = ["from_duckdb"]

INSTALL = 'this needs DuckDB; install it with: pip install "comparative-govdata[bigdata]"'
_READERS = {
    ".parquet": "read_parquet",
    ".pq": "read_parquet",
    ".csv": "read_csv",
    ".tsv": "read_csv",
    ".csv.gz": "read_csv",
    ".tsv.gz": "read_csv",
    ".csv.zst": "read_csv",
    ".tsv.zst": "read_csv",
}
_NUMBER = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"}
_FLOAT = {"FLOAT", "DOUBLE", "HUGEINT", "UHUGEINT"}
_names = itertools.count()


def from_duckdb(
    source: Any,  # noqa: ANN401 -- a relation, an Arrow table or a frame
    formula: str,
    *,
    cluster: str | None = None,
    unit: str | None = None,
    time: str | None = None,
    panel: bool = True,
    connection: duckdb.DuckDBPyConnection | None = None,
) -> ScannedProducts:
    """Sum the products of a linear model's columns with DuckDB.

    The rows stay in DuckDB, which reads them in pieces, uses the threads and the memory it is allowed, and writes to
    disk what does not fit. What is fetched are sums by cluster.

    Parameters
    ----------
    source
        A path or a pattern of Parquet or CSV files; a DuckDB relation; with a connection, also the name of a table or
        view, or the text of a SELECT; or an Arrow table or a pandas frame.
    formula
        As for :func:`govdata.stats.ols`. The effect after ``|`` that is nested in the cluster is absorbed by its means;
        others are written out as columns, up to 1,000 levels. ``C()`` makes columns too, up to 100.
    cluster
        The column the sums are by; left out, the unit.
    unit, time
        Key columns, as for :func:`govdata.stats.ols`.
    panel
        False where rows repeat by design: then no row is a duplicate, and looking for duplicates takes no time.
    connection
        Whose settings count: ``memory_limit``, ``threads``, ``temp_directory``. Left out: one of its own with
        DuckDB's defaults.

    Returns
    -------
    ScannedProducts
        A :class:`CrossProducts` without rows, with ``left_out()``.

    Raises
    ------
    FormulaError, PanelError, EstimationError
        As :func:`govdata.stats.ols` does; if DuckDB is not installed or cannot read the source; or if ten digits cannot
        be had from sums of products.

    Notes
    -----
    Products are summed about constants near the means, or about the means by the absorbed effect where that keeps more
    digits (Chan, Golub and LeVeque 1983). Nearly dependent columns are made orthogonal
    first and summed again (Yamamoto et al. 2015).

    Examples
    --------
    >>> import pandas as pd
    >>> from govdata.stats.crossproducts.duckdb_source import from_duckdb
    >>> frame = pd.DataFrame(
    ...     {
    ...         "iso3": ["CHN"] * 3 + ["IRN"] * 3 + ["RUS"] * 3,
    ...         "year": [2019, 2020, 2021] * 3,
    ...         "y": [1.0, 2.0, 4.0, 2.0, 2.5, 3.0, 0.0, 2.0, 2.5],
    ...         "x": [0.0, 1.0, 3.0, 1.0, 1.0, 2.0, 0.0, 2.0, None],
    ...     }
    ... )
    >>> products = from_duckdb(frame, "y ~ x | iso3")
    >>> products.fit().params.round(4).to_dict()
    {'x': 0.9773}
    >>> products.left_out()
    '1 (missing x 1)'
    """
    try:
        import duckdb
    except ImportError:
        raise EstimationError(INSTALL) from None
    if connection is not None and not isinstance(connection, duckdb.DuckDBPyConnection):
        raise EstimationError(f"connection is what duckdb.connect() gives, not {given(connection)}")
    own = duckdb.connect() if connection is None else None
    engine: _DuckDB | None = None
    try:
        engine = _DuckDB(source, connection or own, given_connection=connection is not None)
        return scan(engine, formula, cluster=cluster, unit=unit, time=time, panel=panel)
    except duckdb.Error as error:
        raise EstimationError(f"DuckDB could not do this: {str(error).splitlines()[0]}") from error
    finally:
        if engine is not None:
            engine.clear()
        if own is not None:
            own.close()


class _DuckDB:
    """A source and the connection that reads it."""

    backslash = False

    def __init__(self, source: Any, connection: Any, *, given_connection: bool) -> None:  # noqa: ANN401
        import duckdb

        self.connection = connection
        self.relation = source if isinstance(source, duckdb.DuckDBPyRelation) else None
        self.stored: list[str] = []
        self.registered = ""
        self.view = f"_govdata_source_{next(_names)}"
        self.source = self._from(source, given_connection=given_connection)
        described = self.rows(f"DESCRIBE SELECT * FROM {self.source}")
        self.columns: dict[str, Kind] = {str(row[0]): _kind(str(row[1])) for row in described}
        folded: dict[str, str] = {}
        for name in self.columns:
            if other := folded.get(name.casefold()):
                raise FormulaError(f"the data have the columns {other!r} and {name!r}, which DuckDB cannot tell apart")
            folded[name.casefold()] = name

    def _from(self, source: Any, *, given_connection: bool) -> str:  # noqa: ANN401
        """Say what stands after FROM."""
        if self.relation is not None:
            return self.view
        if isinstance(source, (str, Path)):
            named = str(source)
            ending = next((end for end in sorted(_READERS, key=len, reverse=True) if named.lower().endswith(end)), None)
            select = isinstance(source, str) and named.lstrip().lower().startswith(
                ("select ", "with ", "from ", "select\n")
            )
            if ending and not select:
                return f"{_READERS[ending]}({_literal(named)})"
            if isinstance(source, Path) or not given_connection:
                raise EstimationError(
                    f"source {named!r} is no Parquet or CSV file (.parquet, .csv, .csv.gz); a table or a query needs "
                    "connection="
                )
            if select:
                return f"({named.rstrip().rstrip(';')}\n) AS query"
            return ".".join(self.quote(part) for part in named.split("."))
        kind = type(source)
        if kind.__module__.split(".")[0] not in {"pandas", "pyarrow", "polars"}:
            raise EstimationError(
                f"source is a path, a DuckDB relation, a table with connection=, an Arrow table or a frame, not "
                f"{kind.__name__}"
            )
        self.registered = self.view
        self.connection.register(self.registered, source)
        return self.registered

    def quote(self, name: str) -> str:
        return '"' + name.replace('"', '""') + '"'

    def add(self, expression: str) -> str:
        return f"sum({expression})"

    def rows(self, query: str) -> list[tuple[object, ...]]:
        found = self.relation.query(self.view, query) if self.relation is not None else self.connection.sql(query)
        return [] if found is None else found.fetchall()

    def store(self, query: str) -> str:
        name = f"_govdata_kept_{next(_names)}"
        self.rows(f"CREATE TEMP TABLE {name} AS {query}")
        self.stored.append(name)
        return name

    def clear(self) -> None:
        """Leave the connection as it was."""
        for name in self.stored:
            self.rows(f"DROP TABLE IF EXISTS {name}")
        if self.registered:
            self.connection.unregister(self.registered)


def _literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _kind(declared: str) -> Kind:
    if declared in _NUMBER:
        return "number"
    if declared in _FLOAT or declared.startswith("DECIMAL"):
        return "float"
    if declared == "BOOLEAN":
        return "boolean"
    return "text" if declared == "VARCHAR" else "other"
