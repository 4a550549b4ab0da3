"""Universal numeric fingerprints, version 6: one short text that says what the cells of a table are, in any format.

Two files of the same content have the same fingerprint whether they are CSV, Stata, SPSS or Parquet, for what is hashed
are the values: numbers to seven significant digits, texts to 128 characters, missing cells as such. The order of rows
counts, the order and the names of columns do not.

Where the specification leaves a choice, this is what Dataverse's own implementation does, so that a deposit shows the
same fingerprint: a tie between two seventh digits is a tie of the shortest decimal that names the number (1.2345635 is
one, though its binary value lies below), taken to sixteen digits first, and goes to the even digit; of the
fingerprints of columns only the encoded hashes are combined, without ``UNF:6:``.
"""

from __future__ import annotations

import base64
import decimal
import hashlib
import math
from numbers import Real
from typing import TYPE_CHECKING, Any, Final

from govdata.describing.showing import columns_done
from govdata.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import numpy as np
    import pandas as pd

    from govdata.releases import Release

__all__ = ["column_unf", "release_unfs", "table_unf"]

_HEAD: Final = "UNF:6:"
_MISSING: Final = b"\0\0\0"
_END: Final = b"\n\0"
_LONGEST: Final = 128  # characters of a text that count
# The two roundings of a number, neither of which may depend on a caller's decimal context.
_SIXTEEN: Final = decimal.Context(prec=16, rounding=decimal.ROUND_HALF_EVEN)
_SEVEN: Final = decimal.Context(prec=7, rounding=decimal.ROUND_HALF_EVEN)


def column_unf(values: pd.Series[Any] | np.ndarray[Any, Any] | Sequence[object]) -> str:
    """Give the fingerprint of one column.

    Parameters
    ----------
    values
        Numbers, truth values (as 0 and 1) or texts, one dimension, in order. Of a pandas Series what pandas calls
        missing is missing, and a category counts as the text or number it stands for; in anything else ``None`` and
        ``pandas.NA`` are missing and NaN is a number that is none. An empty text is a value.

    Returns
    -------
    str
        ``UNF:6:`` and 24 characters.

    Raises
    ------
    ArgumentError
        If a cell is something else, such as a date: write dates as the specification does, ``2012-06-10`` or
        ``2012-06-10T14:29:00Z``, as text.

    Examples
    --------
    >>> from govdata.describing.unf import column_unf
    >>> column_unf([1.23456789, None, 0])
    'UNF:6:Do5dfAoOOFt4FSj0JcByEw=='
    """
    places, words = _coded(values)
    return _HEAD + _hash(words[place] for place in places)


def table_unf(frame: pd.DataFrame) -> str:
    """Give the fingerprint of a table: of its columns' fingerprints in alphabetical order; of one column, its own.

    Parameters
    ----------
    frame
        At least one column, of numbers, truth values, texts or categories. The index does not count.

    Returns
    -------
    str
        ``UNF:6:`` and 24 characters.

    Raises
    ------
    ArgumentError
        If there is no column, or a cell is neither number nor text; see `column_unf`.

    Examples
    --------
    >>> import govdata
    >>> from govdata.describing.unf import table_unf
    >>> df = govdata.load("countries", "1.0.0", countries="ISL")
    >>> table_unf(df) == table_unf(df[df.columns[::-1]])
    True
    """
    if not frame.shape[1]:
        raise ArgumentError("a table without columns has no UNF; give a frame with at least one")
    return _table_unf(frame, lambda: None)


def _table_unf(frame: pd.DataFrame, done: Callable[[], object]) -> str:
    """Do the same, and tell after each column."""
    found = []
    for place, name in enumerate(frame.columns):
        try:
            found.append(column_unf(frame.iloc[:, place]))
        except ArgumentError as error:
            raise ArgumentError(f"column {str(name)[:40]!r}: {error}") from None
        done()
    if len(found) == 1:
        return found[0]
    return _HEAD + _hash(_text(unf.removeprefix(_HEAD)) for unf in sorted(found))


def release_unfs(release: Release) -> dict[str, str]:
    """Give the fingerprint of every table of a release.

    Parameters
    ----------
    release
        A release.

    Returns
    -------
    dict
        Table (``panel``, ``values`` …) → fingerprint. The panel is read as `govdata.load` reads it: the year and the
        numbers as numbers, an empty number missing, an empty text an empty text. The other tables are text, but for
        the year of a table of country-years; see `govdata.table`.

    Examples
    --------
    >>> import govdata
    >>> from govdata.describing.unf import release_unfs, table_unf
    >>> from govdata.releases import open_release
    >>> found = release_unfs(open_release("countries", "1.0.0"))
    >>> found["panel"] == table_unf(govdata.load("countries", "1.0.0"))
    True
    """
    found = {}
    tables = [file for file in release.files if file.endswith(".csv")]
    total = sum(release.read(file).split(b"\n", 1)[0].count(b",") + 1 for file in tables)
    shown = columns_done(total, f"fingerprints of {release}")
    for file in tables:
        frame = release.panel() if file == "panel.csv" else release.table(file)
        found[file.removesuffix(".csv")] = _table_unf(frame, shown.update)
    shown.close()
    return found


def _hash(words: Iterable[bytes]) -> str:
    return base64.b64encode(hashlib.sha256(b"".join(words)).digest()[:16]).decode("ascii")


def _coded(values: Any) -> tuple[list[int], list[bytes]]:  # noqa: ANN401 - a Series, an array or a sequence
    """Give the words of a column, each once, the missing one last, and for each cell the place of its word."""
    import numpy as np
    import pandas as pd

    if isinstance(values, (pd.Series, pd.Index)):
        missing = values.isna().to_numpy(dtype=bool)
        if isinstance(values.dtype, pd.CategoricalDtype):
            places = pd.Categorical(values).codes.tolist()
            return places, [*map(_word, values.dtype.categories.tolist()), _MISSING]
        if values.dtype.kind in "biuf":  # of pandas' own types and Arrow's too
            return _numbers(values.to_numpy(dtype=np.float64, na_value=np.nan), missing)
        if isinstance(values.dtype, pd.StringDtype):
            codes, texts = pd.factorize(values)
            return codes.tolist(), [*map(_text, texts.tolist()), _MISSING]
        return _cells(values.tolist(), missing.tolist())
    if isinstance(values, str):
        raise ArgumentError(f"a column is a sequence of cells, not one text; give [{values[:20]!r}]")
    if isinstance(values, np.ndarray):
        if values.ndim != 1:
            raise ArgumentError(
                f"a column has one dimension, this array {values.ndim}; give its columns as a DataFrame"
            )
        if values.dtype.kind in "biuf":
            return _numbers(values.astype(np.float64), np.zeros(len(values), dtype=bool))
    cells = values.tolist() if isinstance(values, np.ndarray) else list(values)
    return _cells(cells, [cell is None or cell is pd.NA for cell in cells])


def _numbers(numbers: np.ndarray[Any, Any], missing: np.ndarray[Any, Any]) -> tuple[list[int], list[bytes]]:
    import numpy as np
    import pandas as pd

    # By their bits, for 0 and -0 are two numbers here.
    places, bits = pd.factorize(np.ascontiguousarray(numbers).view(np.int64))
    words = [_number(one) for one in bits.view(np.float64).tolist()]
    return np.where(missing, len(words), places).tolist(), [*words, _MISSING]


def _cells(cells: Sequence[object], missing: Sequence[bool]) -> tuple[list[int], list[bytes]]:
    words = [_MISSING if gone else _word(cell) for cell, gone in zip(cells, missing, strict=True)]
    return list(range(len(words))), words


def _word(cell: object) -> bytes:
    import numpy as np

    if isinstance(cell, str):
        return _text(cell)
    if isinstance(cell, Real):
        try:
            return _number(float(cell))
        except OverflowError:
            raise ArgumentError("a whole number beyond 1e308 has no UNF; write it as text") from None
    if isinstance(cell, np.bool_):  # numpy's truth value is no number of Python's
        return _number(float(bool(cell)))
    raise ArgumentError(
        f"a cell is of type {type(cell).__name__}; UNF is of numbers and text: write dates as text, 2012-06-10 or "
        "2012-06-10T14:29:00Z"
    )


def _text(text: str) -> bytes:
    try:
        return text[:_LONGEST].encode("utf-8") + _END
    except UnicodeEncodeError:
        raise ArgumentError(f"a text is not valid Unicode: {text[:20]!r}; mend it before") from None


def _number(number: float) -> bytes:
    """Write a number with seven significant digits: +1.234568e+, +7.3e-4, -0.e+, +inf, +nan."""
    if math.isnan(number):
        return b"+nan" + _END
    head = "-" if math.copysign(1.0, number) < 0 else "+"
    if math.isinf(number):
        return f"{head}inf".encode() + _END
    if number == 0:
        return f"{head}0.e+".encode() + _END
    parts = _SEVEN.plus(_SIXTEEN.create_decimal(repr(number))).as_tuple()
    digits = "".join(map(str, parts.digits))
    power = int(parts.exponent) + len(digits) - 1
    tail = f"{power:+d}" if power else "+"
    return f"{head}{digits[0]}.{digits[1:].rstrip('0')}e{tail}".encode() + _END
