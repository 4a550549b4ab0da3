"""Frames and releases written to files of other programs, with labels and reasons, whole or not at all."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from govdata import vocabulary
from govdata.errors import ArgumentError, nearest
from govdata.exporting.outline import outline
from govdata.exporting.places import place, write_together

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
    overwrite: bool = False,
) -> Path:
    """Write a dataset, or any frame, to a file of another program.

    Parameters
    ----------
    data
        A dataset's name, or a frame. Labels and reasons are written for what `govdata.load`, `govdata.merge` or an
        importer gave; a frame of your own is written as it is.
    path
        A new file. Its ending names the format unless ``format`` does.
    format
        ``"csv"``, ``"csv.gz"``, ``"parquet"``, ``"dta"`` (Stata 14 and later), ``"sav"`` (SPSS), ``"xlsx"`` (sheets
        data, codebook, sources, changes) or ``"R"`` (a script, and the CSV file it reads).
    version, countries, years, indicators
        Of a dataset named in ``data``; see `govdata.load`.
    language
        Language of the labels: ``en``, ``fa``, ``ar`` or ``zh``.
    missing
        ``"reason"`` writes why each cell is missing: in ``.dta`` as ``.a`` (no_evidence), ``.b`` (unclear), ``.c``
        (not_applicable), ``.d`` (not_coded), in ``.sav`` as -99, -98, -97, -96, declared missing, elsewhere as a column
        ``<column>_missing`` beside each. ``"nan"`` leaves missing cells empty.
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
    The index is not written. Infinite numbers, and whole numbers beyond 2⁵³, are refused in ``.dta`` and ``.sav``. Text
    that is missing becomes empty there, for neither format tells the two apart. The same frame gives the same bytes,
    but for ``.sav``, whose writer stamps the time.

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
    chosen = {"version": version, "countries": countries, "years": years, "indicators": indicators}
    if isinstance(data, str):
        from govdata.catalog import load

        frame = load(data, version, countries, years, indicators)
    elif isinstance(data, pd.DataFrame):
        frame = data
        said = next((name for name, given in chosen.items() if given is not None), "")
        if said:
            raise ArgumentError(f"{said} chooses from a dataset that is named; this is a frame: choose in it yourself")
    else:
        raise ArgumentError(f"export takes a dataset's name or a DataFrame, not {type(data).__name__}")
    if not frame.columns.is_unique:
        raise ArgumentError(f"column {frame.columns[frame.columns.duplicated()][0]!r} stands twice; rename one")
    writer = import_module(f"govdata.exporting.{_WRITERS[form]}")
    made = outline(frame, language, reasons=missing == "reason", folded=form in _FOLDED)
    write_together(writer.files(target, made), lambda files: writer.write(made, files), overwrite=overwrite)
    return target
