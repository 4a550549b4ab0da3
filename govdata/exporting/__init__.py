"""Frames and releases written to files of other programs, with labels and reasons, whole or not at all."""

from __future__ import annotations

import warnings
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from govdata import vocabulary
from govdata.errors import ArgumentError, nearest
from govdata.exporting.accepted import check_frame, not_a_frame
from govdata.exporting.outline import outline
from govdata.exporting.places import place, write_together
from govdata.labels import origins
from govdata.releases import dataset_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

__all__ = ["FORMATS", "export"]

# Format → endings that mean it; the first is the one that is given to a path without.
FORMATS: Final = {
    "csv": (".csv",),
    "csv.gz": (".csv.gz",),
    "parquet": (".parquet",),
    "dta": (".dta",),
    "sav": (".sav",),
    "xlsx": (".xlsx",),
    "R": (".R",),
}
# Each module has `files(target, outline)`, the files it makes, the main one last, and `write(outline, files)`.
_WRITERS: Final = {
    "csv": "tabular",
    "csv.gz": "tabular",
    "parquet": "columnar",
    "dta": "stata",
    "sav": "spss",
    "xlsx": "workbook",
    "R": "r_starter",
}
_FOLDED: Final = ("dta", "sav")


def export(
    data: pd.DataFrame | str,
    path: str | Path,
    *,
    format: Literal["csv", "csv.gz", "parquet", "dta", "sav", "xlsx", "R"] | None = None,  # noqa: A002 - as elsewhere
    version: str | None = None,
    countries: str | Sequence[str] | None = None,
    years: int | Sequence[int] | None = None,
    indicators: str | Sequence[str] | None = None,
    language: Literal["en", "fa", "ar", "zh"] = "en",
    missing: Literal["reason", "nan"] = "reason",
    stata: Literal[13, 14, 15] = 14,
    overwrite: bool = False,
) -> Path:
    """Write a dataset, or any frame, to a file of another program.

    Parameters
    ----------
    data
        A dataset's name, or a frame. Labels and reasons are written for what `govdata.load`, `govdata.merge` or an
        importer gave; a frame of your own is written as it is. A column of a release in which you changed values is
        your own, which a warning says: its labels and reasons would no longer be true. Filled and emptied cells change
        nothing else; an emptied cell has no reason.
    path
        A new file. Its ending names the format unless ``format`` does.
    format
        ``"csv"``, ``"csv.gz"``, ``"parquet"``, ``"dta"`` (Stata 14 and later), ``"sav"`` (SPSS), ``"xlsx"`` (sheets
        data, codebook, sources, changes, about) or ``"R"`` (a script, and the CSV file it reads).
    version, countries, years, indicators
        Of a dataset named in ``data``; see `govdata.load`.
    language
        Language of the labels: ``en``, ``fa``, ``ar`` or ``zh``.
    missing
        ``"reason"`` writes why each cell is missing: in ``.dta`` as ``.a`` (no_evidence), ``.b`` (unclear), ``.c``
        (not_applicable), ``.d`` (not_coded), in ``.sav`` as -99, -98, -97, -96, declared missing, elsewhere as a column
        ``<column>_missing`` beside each. ``"nan"`` leaves missing cells empty. Where a column of a ``.sav`` has values
        from -99 to -90 of its own, its reasons are -999, -998, … or lower, so that no value is declared missing.
    stata
        The oldest Stata that is to read a ``.dta``. 13 holds the characters of Latin-1 only, and no labels in Persian,
        Arabic or Chinese; 14 and 15 read the same file.
    overwrite
        Replace files that are there.

    Returns
    -------
    pathlib.Path
        The file. Beside a ``.dta`` or ``.sav`` with labels stands a ``.do`` or ``.sps`` of the same name, with long
        texts and the labels in the other languages; beside an ``.R`` a ``.csv``.

    Raises
    ------
    ArgumentError
        If the ending or format is not known, a file is there already, a column cannot be named or held in that format,
        or a label is too long.
    IntegrityError
        If the file, read back, does not hold the frame's values. Nothing is left behind then.

    Notes
    -----
    The index is not written; one that holds keys is refused. Infinite numbers are refused in every format.

    *CSV* is UTF-8 with Unix line ends. Numbers are written with as many digits as they need to come back the same,
    truth values as 1 and 0, missing cells and empty text as nothing. Excel guesses how a CSV file is encoded: give it
    ``.xlsx``. A spreadsheet runs text that begins with ``=``, ``+``, ``-`` or ``@``, some also in full width, or behind
    a tab or line end: such text, in cells and names, gets an apostrophe in front, and one more where it begins with
    apostrophes already; a number or a sign alone does not. To undo it, take one apostrophe from every text that begins
    with apostrophes and then such a sign. No cell of a released panel needs it.

    *Excel* gets every text as it is, marked as text. The sheets beside the data stand with what comes from a release:
    sources are those behind the exported cells (all of a release that does not name them by cell), changes are what the
    release changed in the exported columns, units and years. *Parquet* (``pip install 'comparative-govdata[parquet]'``)
    keeps the types; label, question, codes and reasons stand in the metadata of each field, the citation under the
    file's key ``govdata``. The *R* script runs in base R; where haven is installed, missing numbers are tagged as in
    Stata.

    In ``.dta`` and ``.sav`` every number is a double; whole numbers beyond 2⁵³ are refused, as in ``.xlsx`` and ``.R``.
    Text that is missing becomes empty there, for neither format tells the two apart, and SPSS
    does without blanks at the end of text. Categories of text become numbers with labels: the codes of the release
    where they are its labels, else 1, 2, … in their order. A label is never cut: one that is too long stands whole in
    the ``.do`` or ``.sps``, and the column's name in its place. The same frame gives the same bytes; the date in a
    ``.dta`` or ``.sav`` is 1 January 2000.

    pandas and R's foreign make categories of every column with labels, those of reasons too. To have numbers, say
    ``convert_categoricals=False`` to ``pandas.read_stata`` or ``pandas.read_spss``, ``use.value.labels = FALSE`` to
    ``foreign::read.spss``; R's haven needs nothing.

    Writing is whole or not at all: an interrupted one leaves the old file as it was, and at worst a hidden folder
    ``.export-…`` beside it, which you may delete.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import govdata
    >>> folder = Path(tempfile.mkdtemp())
    >>> df = govdata.load("digital_surveillance", countries="CHN", indicators="cctv_public")
    >>> govdata.export(df, folder / "china.dta").name
    'china.dta'
    >>> sorted(path.name for path in folder.iterdir())
    ['china.do', 'china.dta']
    """
    import pandas as pd

    target, form = place(path, format, FORMATS)
    for name, given, known in (("language", language, vocabulary.LANGUAGES), ("missing", missing, ("reason", "nan"))):
        if not isinstance(given, str) or given not in known:
            raise ArgumentError(
                f"{name}={str(given)[:40]!r} is not one of {', '.join(known)}{nearest(str(given), known)}"
            )
    if stata not in (13, 14, 15) or isinstance(stata, bool):
        raise ArgumentError(f"stata={str(stata)[:20]} is not 13, 14 or 15")
    if stata != 14 and form != "dta":
        raise ArgumentError(f"stata={stata} is of .dta files; {target.name!r} is none")
    chosen = {"version": version, "countries": countries, "years": years, "indicators": indicators}
    data = getattr(data, "frame", data)  # what merge gave
    if isinstance(data, str):
        from govdata.catalog import load

        frame = load(data, version, countries, years, indicators)
    elif isinstance(data, pd.DataFrame):
        frame = data
        said = next((name for name, given in chosen.items() if given is not None), "")
        if said:
            raise ArgumentError(f"{said} chooses from a dataset that is named; this is a frame: choose in it yourself")
    else:
        raise not_a_frame(data)
    check_frame(frame)
    writer = import_module(f"govdata.exporting.{_WRITERS[form]}")
    made = replace(outline(frame, language, reasons=missing == "reason", folded=form in _FOLDED), stata=stata)
    for line in (*_strangers(frame), *_changed(made.changed)):
        warnings.warn(line, stacklevel=2)
    write_together(writer.files(target, made), lambda files: writer.write(made, files), overwrite=overwrite)
    return target


def _strangers(frame: pd.DataFrame) -> list[str]:
    """Say of a release that the frame names and this installation lacks that its labels and reasons are not written."""
    lines = []
    names, versions = (str(frame.attrs.get(key) or "").split("; ") for key in ("dataset", "version"))
    here = {(release.name, release.version) for release in origins(frame)}
    for name, version in zip(names, versions, strict=False):
        if name in dataset_names() and (name, version) not in here:
            lines.append(f"{name} {version} is not installed: its columns are written without labels and reasons")
    return lines


def _changed(names: Sequence[str]) -> list[str]:
    """Say that columns are written as the user's own."""
    if not names:
        return []
    named = ", ".join(map(repr, names[:3])) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    why = "other cells than in the release, so written without its labels and reasons"
    return [f"{named}: {why}; give such a column a name of its own"]
