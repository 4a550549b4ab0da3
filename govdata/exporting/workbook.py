"""Frames as Excel files: the data, and beside them sheets that say what they are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final, TypeAlias

from govdata.errors import ArgumentError, IntegrityError
from govdata.exporting.cells import Cells, cells
from govdata.exporting.formulas import is_formula
from govdata.exporting.outline import Outline
from govdata.exporting.sheets import Sheet, sheets
from govdata.exporting.showing import showing

__all__ = ["files", "write"]

Book: TypeAlias = Any  # XlsxWriter publishes no type information
Page: TypeAlias = Any
Formats: TypeAlias = dict[str, Any]

_ROWS: Final = 1_048_576
_COLUMNS: Final = 16_384
_CHARACTERS: Final = 32_767
_WHOLE: Final = 2**53
_FIRST_DAY: Final = dt.date(1900, 3, 1)  # Excel counts a day before it that never was
_STAMP: Final = dt.datetime(2000, 1, 1)  # noqa: DTZ001 - the same bytes whenever and wherever it is written
_STEP: Final = 500  # rows between two looks at the bar


class _Exact(float):
    """A number that is written with every digit it needs; XlsxWriter would stop at sixteen."""

    __slots__ = ()

    def __format__(self, form: str) -> str:
        del form
        return float.__repr__(self)


def files(target: Path, outline: Outline) -> list[Path]:
    """Name the files of an export, the main one last."""
    del outline
    return [target]


def write(outline: Outline, files: Sequence[Path]) -> None:
    """Write them."""
    import xlsxwriter

    path = files[-1]
    columns = [_checked(column) for column in map(cells, outline.columns)]
    _check_size("data", outline.rows + 1, len(columns))
    further = sheets(outline)
    for sheet in further:
        _check_size(sheet.name, len(sheet.rows) + 1, len(sheet.header))
        for text in {one for row in sheet.rows for one in row if isinstance(one, str)}:
            _check_text(text, f"sheet {sheet.name!r}")
    plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with showing(outline.rows, path.name) as bar:
        book = xlsxwriter.Workbook(str(path), {**plain, "tmpdir": str(path.parent)})
        book.set_properties({"created": _STAMP})
        formats = _formats(book)
        data = _page(book, "data", [column.name for column in columns], outline.rows, formats)
        writers = [_writer(data, column.kind, formats) for column in columns]
        _fill(writers, zip(*(column.values for column in columns), strict=True), bar)
        for sheet in further:
            _write_sheet(book, sheet, formats)
        bar.set_postfix_str("packing")
        try:
            book.close()
        except xlsxwriter.exceptions.FileCreateError as error:
            raise OSError(f"{path.name} cannot be written ({error})") from error
        bar.set_postfix_str("reading back")
        _compare(columns, further, path)


def _checked(column: Cells) -> Cells:
    """Refuse what a sheet cannot hold as it is."""
    name = column.name
    if column.kind == "whole" and any(one is not None and abs(one) > _WHOLE for one in column.values):
        raise ArgumentError(f"column {name!r} holds whole numbers beyond 2**53, which Excel would round; make it text")
    if column.kind in ("day", "moment"):
        for one in column.values:
            day = one.date() if isinstance(one, dt.datetime) else one
            if day is not None and day < _FIRST_DAY:
                raise ArgumentError(
                    f"column {name!r} holds {day.isoformat()}, and Excel's days begin in March 1900; make it text"
                )
            if column.kind == "moment" and one is not None and (one.microsecond % 1000 or one.nanosecond):
                raise ArgumentError(f"column {name!r} holds parts of a millisecond, which Excel drops; make it text")
    if column.kind == "text":
        for text in {one for one in column.values if one}:
            _check_text(text, f"column {name!r}")
    _check_text(name, "the header")
    return column


def _check_text(text: str, where: str) -> None:
    size = len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2
    if size > _CHARACTERS:
        raise ArgumentError(f"{where} holds a text of {size} characters; a cell of Excel takes {_CHARACTERS}")
    if text.startswith("<r>") and text.endswith("</r>"):
        raise ArgumentError(f"{where} holds a text from <r> to </r>, which a workbook would take for its own marks")
    if not text.isprintable():
        wrong = next((one for one in text if (one < " " and one not in "\t\n") or one in "\ufffe\uffff"), "")
        if wrong or any(0xD800 <= ord(one) <= 0xDFFF for one in text):
            shown = f"U+{ord(wrong):04X}" if wrong else "half a surrogate pair"
            raise ArgumentError(f"{where} holds the character {shown}, which a workbook cannot keep; remove it")


def _check_size(name: str, rows: int, columns: int) -> None:
    if rows > _ROWS:
        raise ArgumentError(
            f"sheet {name!r} would have {rows} rows; Excel takes {_ROWS}: choose countries or years, or write parquet"
        )
    if columns > _COLUMNS:
        raise ArgumentError(
            f"sheet {name!r} would have {columns} columns; Excel takes {_COLUMNS}: choose indicators, or write parquet"
        )


def _formats(book: Book) -> Formats:
    return {
        "header": book.add_format({"bold": True}),
        "day": book.add_format({"num_format": "yyyy-mm-dd"}),
        "moment": book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss.000"}),
        # Excel keeps such a cell as text even after someone edits it, and shows the text alone.
        "formula": book.add_format({"quote_prefix": True}),
        "formula header": book.add_format({"quote_prefix": True, "bold": True}),
    }


def _page(book: Book, name: str, header: Sequence[str], rows: int, formats: Formats) -> Page:
    """Make a sheet with its header, which stays in sight and filters."""
    page = book.add_worksheet(name)
    for at, text in enumerate(header):
        page.write_string(0, at, text, formats["formula header" if is_formula(text) else "header"])
    page.freeze_panes(1, 0)
    page.autofilter(0, 0, rows, len(header) - 1)
    return page


def _writer(page: Page, kind: str, formats: Formats) -> Any:  # noqa: ANN401 - one of five methods
    """Give what writes a cell of a kind: row, column, value."""
    number, text, truth, moment = page.write_number, page.write_string, page.write_boolean, page.write_datetime
    formula = formats["formula"]

    def write_number(row: int, at: int, value: float) -> None:
        number(row, at, value if float(f"{value:.16G}") == value else _Exact(value))

    def write_text(row: int, at: int, value: str) -> None:
        if value:
            text(row, at, value, formula if is_formula(value) else None)

    def write_moment(row: int, at: int, value: dt.datetime) -> None:
        moment(row, at, value, formats[kind])

    return {"number": write_number, "whole": number, "truth": truth, "text": write_text}.get(kind, write_moment)


def _fill(writers: Sequence[Any], rows: Iterable[Sequence[Any]], bar: Any) -> None:  # noqa: ANN401 - tqdm is untyped
    numbered = enumerate(rows, 1)
    while block := list(islice(numbered, _STEP)):
        for row, values in block:
            for at, value in enumerate(values):
                if value is not None:
                    writers[at](row, at, value)
        bar.update(len(block))


def _write_sheet(book: Book, sheet: Sheet, formats: Formats) -> None:
    page = _page(book, sheet.name, sheet.header, len(sheet.rows), formats)
    if sheet.right_to_left:
        page.right_to_left()
    for at, width in enumerate(sheet.widths):
        page.set_column(at, at, width)
    text, number = (_writer(page, kind, formats) for kind in ("text", "number"))
    for row, values in enumerate(sheet.rows, 1):
        for at, value in enumerate(values):
            if isinstance(value, str):
                text(row, at, value)
            elif value is not None:
                number(row, at, value)


def _compare(columns: Sequence[Cells], further: Sequence[Sheet], path: Path) -> None:
    """Compare the file with what was meant, as a second reader finds it."""
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_path(path)
        pages = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}
    except CalamineError as error:
        raise IntegrityError(f"the Excel file cannot be read back ({error}); nothing was written") from error
    if list(pages) != ["data", *(sheet.name for sheet in further)]:
        raise IntegrityError("the Excel file does not hold the sheets that were written; nothing was written")
    header = [column.name for column in columns]
    meant = ((column.values for column in columns), *(_by_column(sheet.rows, len(sheet.header)) for sheet in further))
    heads = (header, *(sheet.header for sheet in further))
    for (name, rows), head, wanted in zip(pages.items(), heads, meant, strict=True):
        if rows[0] != list(head):
            raise IntegrityError(f"sheet {name!r} came back with other columns; nothing was written")
        found = _by_column(rows[1:], len(head))
        for label, theirs, ours in zip(head, found, wanted, strict=True):
            empty = len(ours) - len(theirs)  # rows at the end without any cell
            if any(_value(one) != other for one, other in zip(ours, (*theirs, *[""] * empty), strict=True)):
                raise IntegrityError(
                    f"column {label!r} of sheet {name!r} came back from the Excel file with other values; "
                    "nothing was written"
                )


def _by_column(rows: Sequence[Sequence[Any]], width: int) -> Iterable[Sequence[Any]]:
    return zip(*rows, strict=True) if rows else [()] * width


def _value(one: Any) -> Any:  # noqa: ANN401 - a cell of any kind
    """Give a cell as the reader gives it: nothing as an empty text, a moment without what pandas adds."""
    if one is None:
        return ""
    return one.to_pydatetime() if hasattr(one, "to_pydatetime") else one
