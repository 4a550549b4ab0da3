"""Check a frame of one's own against a dataset's codebook."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING

from govdata.errors import ArgumentError, nearest
from govdata.model import panel_columns
from govdata.releases import open_release

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from govdata.model import Indicator

__all__ = ["validate"]


def validate(frame: pd.DataFrame, dataset: str, version: str | None = None) -> pd.DataFrame:
    """Check a panel against a dataset's codebook: dtypes, keys, codes, bounds.

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

    Raises
    ------
    ArgumentError
        If it is not a frame that a panel could be in: no rows, no ``iso3`` or ``year`` or a list in them, columns with
        several levels, a name that stands twice or is not text.

    Notes
    -----
    A sound frame is found sound with numpy alone. Otherwise the pandera schema made from the codebook, which is also
    what a release is checked against, says what is wrong.

    Examples
    --------
    >>> import govdata
    >>> df = govdata.load("digital_surveillance", countries="CHN", indicators="cctv_public")
    >>> len(govdata.validate(df, "digital_surveillance"))
    0
    """
    import pandas as pd

    _refuse_what_is_no_panel(frame)
    indicators = open_release(dataset, version).indicators
    known = set(panel_columns(indicators, source_version=True))
    ours = [column for column in frame.columns if column in known]
    faults = [
        f"column {column!r} is not in the codebook{hint}"
        for column in frame.columns
        if column not in known and (hint := nearest(column, known, limit=1))
    ]
    faults += _faults(pd.DataFrame(frame)[ours], indicators)
    return pd.DataFrame({"fault": pd.Series(faults, dtype="str")})


def _faults(panel: pd.DataFrame, indicators: Sequence[Indicator]) -> list[str]:
    from govdata.prechecking import is_sound

    if is_sound(panel, indicators):
        return []
    from govdata.schema import panel_schema, schema_faults

    return schema_faults(panel, panel_schema(list(panel.columns), indicators))


def _refuse_what_is_no_panel(frame: object) -> None:
    import pandas as pd

    if not isinstance(frame, pd.DataFrame):
        kind = type(frame)
        hint = "; turn it into one with .to_pandas()" if hasattr(frame, "to_pandas") else ""
        raise ArgumentError(f"frame is a pandas DataFrame, not {kind.__module__.split('.')[0]} {kind.__name__}{hint}")
    if frame.columns.nlevels > 1:
        raise ArgumentError(f"the columns have {frame.columns.nlevels} levels; a panel has plain names")
    for column in frame.columns:
        if not isinstance(column, str):
            raise ArgumentError(f"the column name {str(column)[:40]!r} is {type(column).__name__}, not text; rename it")
    if frame.columns.has_duplicates:
        twice = frame.columns[frame.columns.duplicated()][0]
        raise ArgumentError(f"the frame has two columns {twice[:40]!r}; rename one")
    for key in ("iso3", "year"):
        if key not in frame.columns:
            hint = "; it is in the index: reset_index() first" if key in frame.index.names else ""
            raise ArgumentError(f"the frame has no column {key!r}; a panel needs 'iso3' and 'year'{hint}")
        if frame[key].dtype == object and not all(isinstance(cell, Hashable) for cell in frame[key]):
            raise ArgumentError(f"column {key!r} has a cell that is no text and no number, such as a list")
    if not len(frame):
        raise ArgumentError("the frame has no rows")
