"""Regression tables as text, LaTeX, HTML, Markdown and frames.

A :class:`Table` holds printed cells and knows nothing of models; :func:`govdata.stats.compare` fills it.
"""

from __future__ import annotations

import html
import re
import textwrap
import unicodedata
from dataclasses import dataclass

import pandas as pd

from govdata.errors import ArgumentError
from govdata.stats.wording import TIMES, UNDEFINED

__all__ = ["Row", "Table"]

_NOTES_WIDTH = 100
_RIGHT_TO_LEFT = {"R", "AL"}
_COLUMN = 'th scope="col"'
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


@dataclass(frozen=True, slots=True)
class Row:
    """One line: the row's key, its printed label, and a cell for each model.

    Attributes
    ----------
    key
        The term or statistic, and what of it is shown.
    label
        As printed; empty where the line goes on with the one above.
    cells
        One a model; empty where the model has nothing to show.
    """

    key: tuple[str, str]
    label: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Table:
    r"""A regression table. Made by :func:`govdata.stats.compare` and :func:`govdata.report.table`.

    Attributes
    ----------
    headings
        One a model.
    responses
        One a model.
    coefficients, statistics
        The lines of the two parts.
    notes
        The lines below.
    auxiliary
        Lines of parameters beside the coefficients, such as thresholds; often none. They stand in a block of their own.

    Examples
    --------
    >>> from govdata.stats.typesetting import Row, Table
    >>> lines = Row(("x", "estimate"), "Exposure", ("0.51*",)), Row(("x", "std_error"), "", ("(0.20)",))
    >>> table = Table(("(1)",), ("y",), lines, (Row(("N", ""), "N", ("100",)),), ("iid.",))
    >>> print(table)
    ================
                 (1)
                   y
    ----------------
    Exposure   0.51*
              (0.20)
    ----------------
    N            100
    ================
    iid.
    >>> print(table.to_markdown())
    |  | (1) |
    |:---|---:|
    |  | y |
    | Exposure | 0.51\* |
    |  | (0.20) |
    | N | 100 |
    <BLANKLINE>
    iid.
    <BLANKLINE>
    """

    headings: tuple[str, ...]
    responses: tuple[str, ...]
    coefficients: tuple[Row, ...]
    statistics: tuple[Row, ...]
    notes: tuple[str, ...]
    auxiliary: tuple[Row, ...] = ()

    def _parts(self) -> list[tuple[Row, ...]]:
        return [part for part in (self.coefficients, self.auxiliary, self.statistics) if part]

    def to_text(self) -> str:
        """Return the table as plain text.

        Returns
        -------
        str
            Lines without trailing spaces.
        """
        head = [("", tuple(map(_flat, cells))) for cells in (self.headings, self.responses)]
        parts = [[(_flat(row.label), tuple(map(_flat, row.cells))) for row in part] for part in self._parts()]
        every = [*head, *(line for part in parts for line in part)]
        first = max(_width(name) for name, _ in every)
        widths = [max(_width(cells[i]) for _, cells in every) for i in range(len(self.headings))]

        def line(name: str, cells: tuple[str, ...]) -> str:
            padded = [name + " " * (first - _width(name))]
            padded += [" " * (width - _width(cell)) + cell for cell, width in zip(cells, widths, strict=True)]
            return "  ".join(padded).rstrip()

        full = first + sum(widths) + 2 * len(widths)
        thick, thin = "=" * full, "-" * full
        lines = [thick, *(line(*row) for row in head)]
        for part in parts:
            lines += [thin, *(line(*row) for row in part)]
        lines.append(thick)
        for note in self.notes:
            lines += textwrap.wrap(note, max(full, _NOTES_WIDTH), break_long_words=False, break_on_hyphens=False)
        return "\n".join(lines)

    def to_latex(self, *, caption: str | None = None, label: str | None = None) -> str:
        r"""Return the table as LaTeX for the ``booktabs`` package.

        Parameters
        ----------
        caption
            Makes a floating ``table`` of it; left out, the ``tabular`` and its notes stand alone.
        label
            For ``\ref``; needs a caption.

        Returns
        -------
        str
            Every special character of names and labels is escaped. pdfLaTeX sets it; where letters such as Arabic or
            Chinese ones need XeLaTeX or LuaLaTeX with a font that has them, a comment in the first line says so.

        Raises
        ------
        ArgumentError
            If there is a label but no caption, or one of them cannot be set.
        """
        _check_text("caption", caption)
        _check_text("label", label)
        if label is not None and caption is None:
            raise ArgumentError("a label needs a caption")
        if label is not None and not re.fullmatch(r"[A-Za-z0-9:._/+ -]+", label):
            raise ArgumentError(f"a LaTeX label has letters, digits and : . _ / + - only, not {label!r}")

        def line(name: str, cells: tuple[str, ...]) -> str:
            return " & ".join([_latex(name), *(_latex_cell(cell) for cell in cells)]) + r" \\"

        lines = [] if caption is not None else [r"\noindent"]
        lines += [rf"\begin{{tabular}}{{l{'c' * len(self.headings)}}}", r"\toprule"]
        lines += [line("", self.headings), line("", self.responses)]
        for part in self._parts():
            lines += [r"\midrule", *(line(row.label, row.cells) for row in part)]
        lines += [r"\bottomrule", r"\end{tabular}", "", r"\medskip", r"\noindent"]
        lines.append(r"\begin{minipage}{\linewidth}\footnotesize\raggedright")
        lines += [_latex(note) + r"\par" for note in self.notes]
        lines.append(r"\end{minipage}")
        if caption is not None:
            head = [r"\begin{table}[!htbp]", r"\centering", rf"\caption{{{_latex(caption)}}}"]
            head += [rf"\label{{{label}}}"] if label is not None else []
            lines = [*head, *lines, r"\end{table}"]
        if beyond := sorted({character for text in lines for character in text if _beyond_pdflatex(character)}):
            lines.insert(
                0, f"% more than pdfLaTeX sets by itself; use XeLaTeX or LuaLaTeX and a font with {' '.join(beyond)}"
            )
        return "\n".join(lines) + "\n"

    def to_html(self, *, caption: str | None = None) -> str:
        """Return the table as HTML without style sheets.

        Parameters
        ----------
        caption
            Above the table.

        Returns
        -------
        str
            A ``table`` element with its notes in the foot. Headings have a ``scope``, so that screen readers can name
            the model and the term of every number; text from right to left keeps its direction.

        Raises
        ------
        ArgumentError
            If the caption is not a text.
        """
        _check_text("caption", caption)

        lines = ["<table>", *([_element("caption", caption)] if caption is not None else []), "<thead>"]
        for texts in (self.headings, self.responses):
            lines += ["<tr><td></td>", *(_element(_COLUMN, text, "right") for text in texts), "</tr>"]
        lines.append("</thead>")
        for part in self._parts():
            lines += ["<tbody>", *_body(part), "</tbody>"]
        notes = "<br>".join(_element("span", note) if _right_to_left(note) else _escaped(note) for note in self.notes)
        width = len(self.headings) + 1
        lines.append(f'<tfoot><tr><td colspan="{width}" style="text-align: left">{notes}</td></tr></tfoot>')
        return "\n".join([*lines, "</table>"]) + "\n"

    def to_markdown(self) -> str:
        """Return the table as Markdown, in the pipe tables of GitHub, Quarto and Jupyter.

        Returns
        -------
        str
            The notes follow the table as paragraphs.
        """

        def line(name: str, cells: tuple[str, ...]) -> str:
            return "| " + " | ".join(_markdown(text) for text in (name, *cells)) + " |"

        lines = [line("", self.headings), "|:---|" + "---:|" * len(self.headings), line("", self.responses)]
        lines += [line(row.label, row.cells) for part in self._parts() for row in part]
        for note in self.notes:
            lines += ["", _markdown(note)]
        return "\n".join(lines) + "\n"

    def to_frame(self) -> pd.DataFrame:
        """Return the printed cells as a frame.

        Returns
        -------
        DataFrame
            Text, indexed by term or statistic and by what is shown of it; one column a model.
        """
        rows = [row for part in self._parts() for row in part]
        index = pd.MultiIndex.from_tuples([row.key for row in rows], names=["row", "value"])
        return pd.DataFrame([list(row.cells) for row in rows], index=index, columns=list(self.headings))

    def __str__(self) -> str:
        """Return the text."""
        return self.to_text()

    def __repr__(self) -> str:
        """Return the text, as interactive sessions show it."""
        return self.to_text()

    def _repr_html_(self) -> str:
        return self.to_html()


def _check_text(option: str, value: object) -> None:
    if value is not None and not isinstance(value, str):
        raise ArgumentError(f"{option} is a text, not {type(value).__name__}")


def _flat(text: str) -> str:
    """Put a text into one line: a line break in a name would end the row of a table."""
    return _CONTROLS.sub(" ", text)


def _width(text: str) -> int:
    """Count terminal cells: wide characters take two, combining marks and joiners none."""
    return sum(
        0
        if unicodedata.category(character) in {"Mn", "Me", "Cf"}
        else 2
        if unicodedata.east_asian_width(character) in "WF"
        else 1
        for character in text
    )


# HTML.


def _right_to_left(text: str) -> bool:
    return any(unicodedata.bidirectional(character) in _RIGHT_TO_LEFT for character in text)


def _escaped(text: str) -> str:
    return html.escape(_flat(text))


def _element(tag: str, text: str, align: str = "") -> str:
    """Write one element; a text with letters from right to left finds its own direction."""
    direction = ' dir="auto"' if _right_to_left(text) else ""
    style = f' style="text-align: {align}"' if align else ""
    return f"<{tag}{direction}{style}>{_escaped(text)}</{tag.partition(' ')[0]}>"


def _body(part: tuple[Row, ...]) -> list[str]:
    """Write the rows; a label stands once beside all the lines of its term."""
    lines: list[str] = []
    for i, row in enumerate(part):
        cells = "".join(_element("td", cell, "right") for cell in row.cells)
        if i and part[i - 1].key[0] == row.key[0]:
            lines.append(f"<tr>{cells}</tr>")
            continue
        spans = sum(1 for other in part if other.key[0] == row.key[0])
        tag = 'th scope="row"' + (f' rowspan="{spans}"' if spans > 1 else "")
        lines.append(f"<tr>{_element(tag, row.label, 'left')}{cells}</tr>")
    return lines


# Markdown.

_MARKS = re.compile(r"([\\`*_{}\[\]<>#|~$^])")


def _markdown(text: str) -> str:
    """Escape what Markdown reads as marks; at the start also what would make a list of it."""
    escaped = _MARKS.sub(r"\\\1", _flat(text).strip().replace("&", "&amp;"))
    return re.sub(r"^(\d*)([-+.)])(?=\s|$)", r"\1\\\2", escaped)


# LaTeX.

_ESCAPES = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "`": r"\`{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    TIMES: r"$\times$",
    UNDEFINED: "--",
    "\N{EM DASH}": "---",
    "\N{MINUS SIGN}": "$-$",
    "\N{NO-BREAK SPACE}": "~",
    "\N{NARROW NO-BREAK SPACE}": r"\,",
    "\N{HORIZONTAL ELLIPSIS}": r"\ldots{}",
    "\N{LEFT SINGLE QUOTATION MARK}": "`",
    "\N{RIGHT SINGLE QUOTATION MARK}": "'",
    "\N{LEFT DOUBLE QUOTATION MARK}": "``",
    "\N{RIGHT DOUBLE QUOTATION MARK}": "''",
    "\N{MIDDLE DOT}": r"$\cdot$",
    "\N{DEGREE SIGN}": r"$^\circ$",
    "\N{PLUS-MINUS SIGN}": r"$\pm$",
    "\N{LESS-THAN OR EQUAL TO}": r"$\leq$",
    "\N{GREATER-THAN OR EQUAL TO}": r"$\geq$",
    "\N{NOT EQUAL TO}": r"$\neq$",
    "\N{ALMOST EQUAL TO}": r"$\approx$",
    "\N{INFINITY}": r"$\infty$",
    "\N{RIGHTWARDS ARROW}": r"$\rightarrow$",
    "\N{GREEK CAPITAL LETTER DELTA}": r"$\Delta$",
    "\N{GREEK CAPITAL LETTER SIGMA}": r"$\Sigma$",
    "\N{MICRO SIGN}": r"$\mu$",
    **{
        chr(code): rf"$\{name.lower()}$"
        for code in range(ord("\N{GREEK SMALL LETTER ALPHA}"), ord("\N{GREEK SMALL LETTER OMEGA}") + 1)
        if (name := unicodedata.name(chr(code)).split()[-1]) not in {"OMICRON", "LAMDA"} and "FINAL" not in name
    },
    "\N{GREEK SMALL LETTER LAMDA}": r"$\lambda$",
    "\N{SUPERSCRIPT ONE}": r"\textsuperscript{1}",
    "\N{SUPERSCRIPT TWO}": r"\textsuperscript{2}",
    "\N{SUPERSCRIPT THREE}": r"\textsuperscript{3}",
    **{chr(0x2080 + digit): f"$_{{{digit}}}$" for digit in range(10)},
}
_TABLE = str.maketrans(_ESCAPES)

# Latin letters and signs that pdfLaTeX sets with no package: not, say, the ogonek or Icelandic letters.
_PLAIN = (set(map(chr, range(0xA1, 0x180))) | set("ȘșȚț€†‡•")) - set("«»ÐðÞþĐđĄąĘęĮįŲųĦħĿŀŉŊŋŦŧĸſ")


def _latex(text: str) -> str:
    escaped = unicodedata.normalize("NFC", _flat(text)).translate(_TABLE)
    escaped = re.sub("-(?=-)", "-{}", escaped) if "--" in text else escaped  # two hyphens would become a dash
    return "{}" + escaped if escaped[:1] in {"[", "*"} else escaped  # after \\ these would be an argument of it


def _latex_cell(cell: str) -> str:
    """Escape a cell; a number gets a true minus and raised stars."""
    body = cell.rstrip("*")
    raised = rf"\textsuperscript{{{'*' * (len(cell) - len(body))}}}" if len(body) < len(cell) else ""
    return re.sub(r"(?<!\w)-(?=[\d.])", "$-$", _latex(body)) + raised


def _beyond_pdflatex(character: str) -> bool:
    return not (character.isascii() or character in _PLAIN)
