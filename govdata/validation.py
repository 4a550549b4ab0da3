"""Check a frame of one's own against a dataset's codebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from govdata.errors import ArgumentError, nearest
from govdata.model import panel_columns
from govdata.releases import open_release

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["validate"]


def validate(frame: pd.DataFrame, dataset: str, version: str | None = None) -> pd.DataFrame:
    """Check a panel against the pandera schema made from a dataset's codebook.

    Parameters
    ----------
    frame
        A panel with the columns of the dataset, or some of them, and any of your own; ``iso3`` and ``year`` are needed.
        Not modified.
    dataset, version
        Whose codebook; see `govdata.load`.

    Returns
    -------
    pandas.DataFrame
        One row a fault, column ``fault``; empty when the frame is sound. A column of your own is a fault only where its
        name looks like a misspelt one of the dataset.

    Examples
    --------
    >>> import govdata
    >>> df = govdata.load("digital_surveillance", countries="CHN", indicators="cctv_public")
    >>> len(govdata.validate(df, "digital_surveillance"))
    0
    """
    import pandas as pd

    from govdata.schema import panel_schema, schema_faults

    if not isinstance(frame, pd.DataFrame):
        raise ArgumentError(f"frame is a pandas DataFrame, not {type(frame).__name__}")
    if frame.empty:
        raise ArgumentError("the frame has no rows")
    for key in ("iso3", "year"):
        if key not in frame.columns:
            raise ArgumentError(f"the frame has no column {key!r}; a panel needs 'iso3' and 'year'")
    if frame.columns.has_duplicates:
        twice = frame.columns[frame.columns.duplicated()][0]
        raise ArgumentError(f"the frame has two columns {twice!r}; rename one")
    indicators = open_release(dataset, version).indicators
    known = set(panel_columns(indicators, source_version=True))
    columns = [str(column) for column in frame.columns]
    ours = [column for column in columns if column in known]
    faults = [
        f"column {column!r} is not in the codebook{hint}"
        for column in columns
        if column not in known and (hint := nearest(column, known, limit=1))
    ]
    faults += schema_faults(frame[ours], panel_schema(ours, indicators))
    return pd.DataFrame({"fault": pd.Series(faults, dtype="str")})
