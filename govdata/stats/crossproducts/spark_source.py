"""Sums of products by Spark, over the tables of a cluster."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from govdata.errors import EstimationError, FormulaError
from govdata.stats.crossproducts.queries import Kind
from govdata.stats.crossproducts.scanned import ScannedProducts, scan

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

__all__ = ["from_spark"]

INSTALL = 'this needs Spark; install it with: pip install "comparative-govdata[spark]"'
_KINDS: dict[str, Kind] = {
    "tinyint": "number",
    "smallint": "number",
    "int": "number",
    "bigint": "number",
    "float": "float",
    "double": "float",
    "boolean": "boolean",
    "string": "text",
}
_names = itertools.count()


def from_spark(
    source: DataFrame,
    formula: str,
    *,
    cluster: str | None = None,
    unit: str | None = None,
    time: str | None = None,
    panel: bool = True,
) -> ScannedProducts:
    """Sum the products of a linear model's columns with Spark.

    The rows stay in Spark; what is fetched are sums by cluster.

    Parameters
    ----------
    source
        A Spark data frame.
    formula, cluster, unit, time, panel
        As for :func:`.duckdb_source.from_duckdb`.

    Returns
    -------
    ScannedProducts
        A :class:`CrossProducts` without rows, with ``left_out()``.

    Raises
    ------
    FormulaError, PanelError, EstimationError
        As :func:`govdata.stats.ols` does; if Spark is not installed or cannot run the queries; or if ten digits cannot
        be had from sums of products.

    Notes
    -----
    The queries are those of :func:`.duckdb_source.from_duckdb`, in Spark's dialect. A source that is costly to compute
    is better cached first, ``source.cache()``: it is read several times.

    Examples
    --------
    >>> from govdata.stats.crossproducts.spark_source import from_spark
    >>> try:
    ...     from_spark([1, 2], "y ~ x")
    ... except Exception as error:
    ...     print(type(error).__name__)
    EstimationError
    """
    try:
        from pyspark.errors import PySparkException
    except ImportError:
        raise EstimationError(INSTALL) from None
    if not (hasattr(source, "sparkSession") and hasattr(source, "createOrReplaceTempView")):
        raise EstimationError(f"source is a Spark data frame, not {type(source).__name__}")
    engine: _Spark | None = None
    try:
        engine = _Spark(source)
        return scan(engine, formula, cluster=cluster, unit=unit, time=time, panel=panel)
    except PySparkException as error:
        raise EstimationError(f"Spark could not do this: {str(error).splitlines()[0]}") from error
    finally:
        if engine is not None:
            engine.clear()


class _Spark:
    """A data frame as a view of its session."""

    def __init__(self, source: DataFrame) -> None:
        self.session: Any = source.sparkSession
        escapes = self.session.conf.get("spark.sql.parser.escapedStringLiterals", "false")
        self.backslash = str(escapes).lower() != "true"
        self.source = f"_govdata_source_{next(_names)}"
        self.kept: list[tuple[str, Any]] = []
        self.columns: dict[str, Kind] = {}
        folded: dict[str, str] = {}
        for name, declared in source.dtypes:
            if other := folded.get(name.casefold()):
                raise FormulaError(f"the data have the columns {other!r} and {name!r}, which Spark cannot tell apart")
            folded[name.casefold()] = name
            self.columns[name] = "float" if declared.startswith("decimal") else _KINDS.get(declared, "other")
        source.createOrReplaceTempView(self.source)

    def quote(self, name: str) -> str:
        return "`" + name.replace("`", "``") + "`"

    def add(self, expression: str) -> str:
        return f"SUM({expression})"

    def rows(self, query: str) -> list[tuple[object, ...]]:
        return [tuple(row) for row in self.session.sql(query).collect()]

    def store(self, query: str) -> str:
        """Keep the means: computed once, and written to disk where memory is short."""
        name = f"_govdata_kept_{next(_names)}"
        frame = self.session.sql(query).persist()
        frame.createOrReplaceTempView(name)
        self.kept.append((name, frame))
        return name

    def clear(self) -> None:
        """Leave the session as it was."""
        for name, frame in self.kept:
            self.session.catalog.dropTempView(name)
            frame.unpersist()
        self.session.catalog.dropTempView(self.source)
