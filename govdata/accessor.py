"""The accessor ``df.gov``: the package's functions as methods of any DataFrame."""

from __future__ import annotations

import sys
from collections.abc import Hashable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from govdata.errors import ArgumentError, GovdataError, nearest

if TYPE_CHECKING:
    import pandas as pd

    from govdata.merging import Merged

__all__ = ["GovAccessor", "register"]

_PLACE = "place of the row"


class GovAccessor:
    """Functions of the package as methods: ``df.gov.merge(other)`` is ``govdata.merge(df, other)``.

    Parameters
    ----------
    frame
        The DataFrame it belongs to.

    Examples
    --------
    >>> import pandas as pd
    >>> import govdata
    >>> df = pd.DataFrame({"country": ["Iran", "Iran"], "year": [2018, 2019], "protests": [9, 12]})
    >>> df.gov.lag("protests").tolist()
    [nan, 9.0]
    """

    def __init__(self, frame: pd.DataFrame) -> None:
        self._frame = frame

    def merge(self, right: pd.DataFrame, **options: Any) -> Merged:  # noqa: ANN401 - those of govdata.merge
        """Merge another table to this one; see `govdata.merge`.

        Examples
        --------
        >>> import pandas as pd
        >>> import govdata
        >>> df = pd.DataFrame({"country": ["Iran"], "year": [2018]})
        >>> frame, report = df.gov.merge(govdata.load("covariates", years=2018))
        >>> report.rows["left_matched"]
        1
        """
        from govdata.merging import merge

        return merge(self._frame, right, **options)

    def lag(
        self,
        column: str,
        steps: int = 1,
        *,
        on: Hashable = None,
        years: Hashable = None,
        scheme: str = "auto",
        unsure: Literal["error", "drop"] = "error",
    ) -> pd.Series[Any]:
        """Give the value of the same country some calendar years earlier.

        Parameters
        ----------
        column
            Which column.
        steps
            How many years back; below zero, ahead.
        on, years, scheme
            See `govdata.merge`.
        unsure
            Rows whose country or year is not sure are an error, or with ``"drop"`` have no value.

        Returns
        -------
        pandas.Series
            With the index of the frame; missing where the year before is not in it, whatever the order of rows.

        Raises
        ------
        MergeError
            If a country or year is not sure.
        """
        import pandas as pd

        from govdata.merging.keys import assign, flat, key_columns
        from govdata.reshaping import sure_rows
        from govdata.stats import lag, lead

        rows = flat(self._frame, "frame")
        if not isinstance(column, Hashable) or column not in rows.columns:
            raise ArgumentError(f"no column {column!r}{nearest(str(column), map(str, rows.columns))}")
        country, year, hint = key_columns(rows, "frame", on, years)
        if year is None:
            raise ArgumentError("frame has no column that is known to hold years; name it with years=")
        if isinstance(steps, bool) or not isinstance(steps, int):
            raise ArgumentError(f"steps is a whole number of years such as 1, not {str(steps)[:20]!r}")
        place = pd.Series(range(len(rows)))
        keyed = sure_rows(assign(rows.assign(**{_PLACE: place}), "frame", country, year, scheme, hint=hint), unsure)
        keys = pd.DataFrame({"unit": keyed.units(), "time": keyed.years, column: keyed.frame[column]})
        found = (
            lag(keys, column, steps, unit="unit", time="time")
            if steps >= 0
            else lead(keys, column, -steps, unit="unit", time="time")
        )
        found.index = pd.Index(keyed.frame[_PLACE])
        return found.reindex(place).set_axis(self._frame.index)

    def label(self, columns: str | Iterable[str] | None = None, language: str = "en") -> pd.DataFrame:
        """Put labels in place of codes.

        Parameters
        ----------
        columns
            Which; by default every column whose labels are known.
        language
            ``en``, ``fa``, ``ar`` or ``zh`` for columns of `govdata.load`; an imported file has its own.

        Returns
        -------
        pandas.DataFrame
            A copy in which those columns are categories, ordered where the codes are.

        Raises
        ------
        ArgumentError
            If a column has no labels, the language is not known, or a value is no code.
        """
        from govdata.labels import labelled

        wanted = None if columns is None else [columns] if isinstance(columns, str) else list(columns)
        return labelled(self._frame, wanted, language)

    def export(self, path: str | Path, **options: Any) -> Path:  # noqa: ANN401 - those of govdata.export
        """Write the frame to a file with its labels; see `govdata.export`."""
        from govdata.exporting import export

        return export(self._frame, path, **options)


def register() -> None:
    """Give every DataFrame the accessor ``gov``; once pandas is there."""
    import pandas as pd

    taken = getattr(pd.DataFrame, "gov", None)
    if taken is None:
        pd.api.extensions.register_dataframe_accessor("gov")(GovAccessor)
    elif taken is not GovAccessor and "pytest" not in sys.modules:
        raise GovdataError("pandas has an accessor 'gov' of another package; use the functions of govdata instead")
