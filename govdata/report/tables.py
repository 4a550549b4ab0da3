"""Regression tables that say what their standard errors are.

Besides coefficients, every table prints how many rows, units and times stand behind each model, how many levels of
each effect were absorbed, how many rows were left out, the convention of the standard errors with the parameters it
counts, the clusters, and the data with their version where these are known.
"""

from __future__ import annotations

import html
import math
import textwrap
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from govdata.errors import ArgumentError
from govdata.report._models import INTERCEPT, TIMES, Models, choose_terms, label, named_models

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from govdata.stats import PanelResults

__all__ = ["Table", "table"]

STARS = (0.05, 0.01, 0.001)
_MAX_DECIMALS = 6
_LARGE = 1e9
_NOTES_WIDTH = 100


@dataclass(frozen=True, slots=True)
class _Row:
    """One line: the row's key, its printed label, and a cell for each model."""

    key: tuple[str, str]
    label: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Table:
    """A regression table. Made by :func:`govdata.report.table`.

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
    """

    headings: tuple[str, ...]
    responses: tuple[str, ...]
    coefficients: tuple[_Row, ...]
    statistics: tuple[_Row, ...]
    notes: tuple[str, ...]

    def to_text(self) -> str:
        """Return the table as plain text.

        Returns
        -------
        str
            Lines without trailing spaces.
        """
        head = [("", self.headings), ("", self.responses)]
        parts = [[(row.label, row.cells) for row in part] for part in (self.coefficients, self.statistics)]
        every = [*head, *parts[0], *parts[1]]
        first = max(_width(name) for name, _ in every)
        widths = [max(_width(cells[i]) for _, cells in every) for i in range(len(self.headings))]

        def line(name: str, cells: tuple[str, ...]) -> str:
            padded = [name + " " * (first - _width(name))]
            padded += [" " * (width - _width(cell)) + cell for cell, width in zip(cells, widths, strict=True)]
            return "  ".join(padded).rstrip()

        full = first + sum(widths) + 2 * len(widths)
        thick, thin = "=" * full, "-" * full
        lines = [thick, *(line(*row) for row in head), thin, *(line(*row) for row in parts[0]), thin]
        lines += [*(line(*row) for row in parts[1]), thick]
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
            Every special character of names and labels is escaped.

        Raises
        ------
        ArgumentError
            If there is a label but no caption.
        """
        if label is not None and caption is None:
            raise ArgumentError("a label needs a caption")

        def line(name: str, cells: tuple[str, ...]) -> str:
            return " & ".join([_latex(name), *(_latex_cell(cell) for cell in cells)]) + r" \\"

        lines = [rf"\begin{{tabular}}{{l{'c' * len(self.headings)}}}", r"\toprule"]
        lines += [line("", self.headings), line("", self.responses), r"\midrule"]
        lines += [line(row.label, row.cells) for row in self.coefficients]
        lines += [r"\midrule", *(line(row.label, row.cells) for row in self.statistics), r"\bottomrule"]
        lines += [r"\end{tabular}", "", r"\medskip", r"\begin{minipage}{\linewidth}\footnotesize\raggedright"]
        lines += [_latex(note) + r"\par" for note in self.notes]
        lines.append(r"\end{minipage}")
        if caption is not None:
            head = [r"\begin{table}[!htbp]", r"\centering", rf"\caption{{{_latex(caption)}}}"]
            head += [rf"\label{{{label}}}"] if label is not None else []
            lines = [*head, *lines, r"\end{table}"]
        return "\n".join(lines) + "\n"

    def to_html(self) -> str:
        """Return the table as HTML without styles.

        Returns
        -------
        str
            A ``table`` element with its notes in the foot.
        """

        def line(name: str, cells: tuple[str, ...], tag: str = "td") -> str:
            shown = "".join(f'<{tag} style="text-align: right">{html.escape(cell)}</{tag}>' for cell in cells)
            return f'<tr><th style="text-align: left">{html.escape(name)}</th>{shown}</tr>'

        lines = ["<table>", "<thead>", line("", self.headings, "th"), line("", self.responses, "th"), "</thead>"]
        for part in (self.coefficients, self.statistics):
            lines += ["<tbody>", *(line(row.label, row.cells) for row in part), "</tbody>"]
        notes = "<br>".join(html.escape(note) for note in self.notes)
        lines += [
            f'<tfoot><tr><td colspan="{len(self.headings) + 1}" style="text-align: left">{notes}</td></tr></tfoot>'
        ]
        return "\n".join([*lines, "</table>"]) + "\n"

    def to_frame(self) -> pd.DataFrame:
        """Return the printed cells as a frame.

        Returns
        -------
        DataFrame
            Text, indexed by term or statistic and by what is shown of it; one column a model.
        """
        rows = [*self.coefficients, *self.statistics]
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


def table(
    models: Models,
    *,
    labels: Mapping[str, str] | None = None,
    digits: int = 3,
    stars: Sequence[float] | None = STARS,
    keep: Sequence[str] | None = None,
    drop: Sequence[str] | None = None,
    data: str | None = None,
    notes: Sequence[str] = (),
) -> Table:
    """Put models side by side.

    Parameters
    ----------
    models
        One result of ``stats.ols``, a list, or a dict of headings and results.
    labels
        Words for columns: ``{"polyarchy": "Electoral democracy"}`` also labels ``lag(polyarchy, 1)``.
    digits
        Decimals. A pair of numbers too small for them gets as many as show two digits of the standard error.
    stars
        Thresholds for p, one more star at each; None for no stars.
    keep, drop
        Coefficients to show, in this order, or to leave out. Left out ones are named in the notes.
    data
        Which data these are. Left out: what the models know of their frames.
    notes
        Further lines for the notes.

    Returns
    -------
    Table
        With ``to_text``, ``to_latex``, ``to_html`` and ``to_frame``.

    Raises
    ------
    ArgumentError
        If an option has a form the function does not take.

    Examples
    --------
    >>> import pandas as pd
    >>> from govdata import report, stats
    >>> frame = pd.DataFrame({"y": [1.0, 2.0, 4.0, 3.0, 6.0], "x": [0.0, 1.0, 2.0, 3.0, 4.0]})
    >>> print(report.table(stats.ols("y ~ x", frame), labels={"x": "Exposure"}, stars=None))
    ========================
                         (1)
                           y
    ------------------------
    Exposure           1.100
                     (0.300)
    Intercept          1.000
                     (0.735)
    ------------------------
    N                      5
    R²                 0.818
    Rows left out          0
    Standard errors      iid
    K*                     2
    df of t                3
    ========================
    Standard errors in parentheses.
    iid; s2 = RSS/(N-K*), K*=2; t with 3 df.
    """
    named = named_models(models)
    if isinstance(digits, bool) or not isinstance(digits, int) or not 0 <= digits <= 12:
        raise ArgumentError(f"digits is a whole number from 0 to 12, not {digits!r}")
    if isinstance(notes, str):
        notes = (notes,)
    thresholds = _thresholds(stars)
    fits = tuple(named.values())
    terms = choose_terms(fits, keep, drop)
    lines = [
        *_convention_lines(named),
        *_warning_lines(named),
        *_left_out_lines(named),
        *_hidden_line(fits, terms, labels),
        *_data_line(fits, data),
        *notes,
    ]
    first = "Standard errors in parentheses."
    if thresholds:
        first += " " + ", ".join(f"{'*' * (i + 1)} p < {level:g}" for i, level in enumerate(thresholds)) + "."
    return Table(
        headings=tuple(named),
        responses=tuple(label(model.response, labels) for model in fits),
        coefficients=tuple(_coefficients(fits, terms, labels, digits, thresholds)),
        statistics=tuple(_statistics(fits, labels)),
        notes=(first, *lines),
    )


def _thresholds(stars: Sequence[float] | None) -> list[float]:
    if stars is None:
        return []
    if isinstance(stars, str) or not all(isinstance(level, float) and 0 < level < 1 for level in stars):
        raise ArgumentError(f"stars are thresholds between 0 and 1 such as (0.05, 0.01), or None, not {stars!r}")
    return sorted(set(stars), reverse=True)


def _coefficients(
    models: Sequence[PanelResults],
    terms: list[str],
    labels: Mapping[str, str] | None,
    digits: int,
    thresholds: list[float],
) -> list[_Row]:
    tidy = [model.tidy().set_index("term").to_dict("index") for model in models]
    rows: list[_Row] = []
    for term in terms:
        estimates, errors = [], []
        for found in tidy:
            line = found.get(term)
            if line is None:
                estimates.append("")
                errors.append("")
                continue
            shown, shown_error = _pair(line["estimate"], line["std_error"], digits)
            estimates.append(shown + "*" * sum(line["p_value"] < level for level in thresholds))
            errors.append(f"({shown_error})")
        rows.append(_Row((term, "estimate"), label(term, labels), tuple(estimates)))
        rows.append(_Row((term, "std_error"), "", tuple(errors)))
    return rows


def _pair(value: float, error: float, digits: int) -> tuple[str, str]:
    """Print a coefficient and its error with the same decimals, two digits of the error at least."""
    needed = 1 - math.floor(math.log10(error)) if error > 0 else digits
    decimals = max(digits, needed)
    if decimals > max(digits, _MAX_DECIMALS) or max(abs(value), error) >= _LARGE:
        return f"{value:.2e}", f"{error:.2e}"
    shown = f"{value:.{decimals}f}"
    return (shown[1:] if float(shown) == 0 and shown.startswith("-") else shown), f"{error:.{decimals}f}"


def _statistics(models: Sequence[PanelResults], labels: Mapping[str, str] | None) -> list[_Row]:
    rows: list[_Row] = []

    def add(name: str, read: Callable[[PanelResults], str], *, always: bool = False) -> None:
        cells = tuple(read(model) for model in models)
        if always or any(cells):
            rows.append(_Row((name, ""), name, cells))

    for effect in dict.fromkeys(name for model in models for name in model.effects):
        name = f"{label(effect, labels)} effects absorbed"
        cells = tuple(_count(model.effects.get(effect)) or "no" for model in models)
        rows.append(_Row((f"effects {effect}", ""), name, cells))
    add("N", lambda m: _count(m.nobs))
    add("Units", lambda m: _count(m.n_units))
    add("Periods", lambda m: _count(m.n_periods))
    add("R²", lambda m: f"{m.rsquared:.3f}")
    add("Within R²", lambda m: "" if m.rsquared_within is None else f"{m.rsquared_within:.3f}")
    add("Rows left out", lambda m: _count(len(m.design.dropped)), always=True)
    add("Singletons kept", lambda m: _count(m.singletons) if m.singletons else "")
    add("Standard errors", lambda m: m.covariance.vcov.se)
    add("Clusters", lambda m: ", ".join(f"{label(name, labels)} {count:,}" for name, count in m.clusters.items()))
    add("df rule", lambda m: m.covariance.vcov.df if m.effects and m.covariance.vcov.se == "CRV1" else "")
    add("K*", lambda m: _count(m.covariance.k_star))
    add("df of t", lambda m: _count(m.covariance.t_df))
    return rows


def _count(value: int | None) -> str:
    return "" if value is None else f"{value:,}"


def _grouped(texts: Mapping[str, list[str]]) -> list[str]:
    """Say what several models share once, naming them only where they differ."""
    found: dict[str, list[str]] = {}
    for name, lines in texts.items():
        for line in lines:
            found.setdefault(line, []).append(name)
    return [f"{line}." if len(names) == len(texts) else f"{', '.join(names)}: {line}." for line, names in found.items()]


def _convention_lines(models: Mapping[str, PanelResults]) -> list[str]:
    return _grouped({name: [model.note()] for name, model in models.items()})


def _warning_lines(models: Mapping[str, PanelResults]) -> list[str]:
    return _grouped({name: model.notes() for name, model in models.items()})


def _left_out_lines(models: Mapping[str, PanelResults]) -> list[str]:
    return _grouped(
        {
            name: [f"Rows left out: {model.left_out()}"] if len(model.design.dropped) else []
            for name, model in models.items()
        }
    )


def _hidden_line(models: Sequence[PanelResults], terms: list[str], labels: Mapping[str, str] | None) -> list[str]:
    every = dict.fromkeys(term for model in models for term in model.terms)
    hidden = [label(term, labels) for term in every if term not in terms and term != INTERCEPT]
    return [f"Estimated but not shown: {', '.join(hidden)}."] if hidden else []


def _data_line(models: Sequence[PanelResults], data: str | None) -> list[str]:
    known = [data] if data is not None else list(dict.fromkeys(model.dataset for model in models if model.dataset))
    return [f"Data: {'; '.join(known)}."] if any(known) else []


def _width(text: str) -> int:
    """Count terminal cells: wide characters take two, combining marks none."""
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )


_ESCAPES = str.maketrans(
    {
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
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "|": r"\textbar{}",
        "²": r"\textsuperscript{2}",
        TIMES: r"$\times$",
    }
)


def _latex(text: str) -> str:
    escaped = text.translate(_ESCAPES)
    return "{}" + escaped if escaped[:1] in ("[", "*") else escaped  # after \\ these would be an argument of it


def _latex_cell(cell: str) -> str:
    """Escape a cell; a number gets a true minus and raised stars."""
    body = cell.rstrip("*")
    raised = rf"\textsuperscript{{{'*' * (len(cell) - len(body))}}}" if len(body) < len(cell) else ""
    if body[:1] == "-" and body[1:2].isdigit():
        return f"$-${_latex(body[1:])}{raised}"
    return _latex(body) + raised
