"""Errors of the package: one line each, with what was wrong, what was expected and the nearest valid choice."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import ClassVar

__all__ = [
    "ArgumentError",
    "CurationError",
    "ErratumWarning",
    "EstimationError",
    "FormulaError",
    "GovdataError",
    "IntegrityError",
    "MergeError",
    "PanelError",
    "UnknownCellError",
    "UnknownCountryError",
    "UnknownDatasetError",
    "UnknownIndicatorError",
    "UnknownVersionError",
    "UnknownYearError",
]


class GovdataError(Exception):
    """Base of every error the package raises on purpose.

    Parameters
    ----------
    message
        One line: what was wrong, what was expected, the nearest valid choice.
    code
        A stable identifier for programs; each class has its own default.

    Examples
    --------
    >>> from govdata.errors import GovdataError
    >>> error = GovdataError("unknown thing 'x'", code="unknown_thing")
    >>> error.code
    'unknown_thing'
    """

    default_code: ClassVar[str] = "error"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(" ".join(message.split()))
        self.code = code or self.default_code


class ArgumentError(GovdataError):
    """An argument has a form the function does not take."""

    default_code = "argument"


class UnknownDatasetError(GovdataError):
    """No dataset of that name is in this package."""

    default_code = "unknown_dataset"


class UnknownVersionError(GovdataError):
    """The dataset has no such release."""

    default_code = "unknown_version"


class UnknownCountryError(GovdataError):
    """The dataset has no such unit."""

    default_code = "unknown_country"


class UnknownYearError(GovdataError):
    """The dataset does not cover the year."""

    default_code = "unknown_year"


class UnknownIndicatorError(GovdataError):
    """The dataset has no such indicator."""

    default_code = "unknown_indicator"


class UnknownCellError(GovdataError):
    """The unit does not exist in that year in this dataset."""

    default_code = "unknown_cell"


class IntegrityError(GovdataError):
    """A release file is missing or its bytes are not those that were released."""

    default_code = "integrity"


class CurationError(GovdataError):
    """The curated files cannot be built or released."""

    default_code = "curation"


class FormulaError(GovdataError):
    """A model formula cannot be read."""

    default_code = "formula"


class PanelError(GovdataError):
    """The data do not form a panel of units and times."""

    default_code = "panel"


class MergeError(GovdataError):
    """Two tables cannot be merged without losing or doubling rows in silence."""

    default_code = "merge"


class EstimationError(GovdataError):
    """The model cannot be estimated, or the quantity is undefined."""

    default_code = "estimation"


class ErratumWarning(UserWarning):
    """Cells that were asked for have a known fault; see `govdata.errata`.

    Examples
    --------
    >>> import warnings
    >>> import govdata
    >>> from govdata.errors import ErratumWarning
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore", category=ErratumWarning)  # or "error", to stop at the first
    ...     df = govdata.load("digital_surveillance", "0.1.0", years=2019)
    """


def nearest(value: str, choices: Iterable[str], *, limit: int = 3) -> str:
    """Name the valid choices closest to a wrong one, as the end of an error message.

    Parameters
    ----------
    value
        What the user gave.
    choices
        The valid values.
    limit
        How many to name at most.

    Returns
    -------
    str
        ``"; did you mean 'a' or 'b'?"``, or an empty string when nothing is close.

    Examples
    --------
    >>> from govdata.errors import nearest
    >>> nearest("cctv_publik", ["cctv_public", "fr_police"])
    "; did you mean 'cctv_public'?"
    >>> nearest("zzz", ["cctv_public"])
    ''
    """
    folded: dict[str, str] = {}
    for choice in choices:
        folded.setdefault(choice.casefold(), choice)
    close = difflib.get_close_matches(str(value).casefold(), sorted(folded), n=limit, cutoff=0.6)
    if not close:
        return ""
    return "; did you mean " + " or ".join(repr(folded[key]) for key in close) + "?"
