"""The page that :func:`govdata.stats.robustness` prints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from govdata.stats.wording import probability

if TYPE_CHECKING:
    from govdata.stats.robustness import Robustness

__all__ = ["page"]

WIDTH = 100
TITLES = {
    "conventions": "Standard errors under other conventions",
    "bootstrap": "Wild cluster bootstrap",
    "leave_one_out": "Leaving one out",
    "specifications": "Other specifications",
    "draws": "Uncertainty of the coded data",
    "codings": "Other codings of the evidence",
    "sensitivity": "An omitted variable",
}
SHOWN = 6


def page(found: Robustness) -> str:
    """Write the page.

    Parameters
    ----------
    found
        What was found.

    Returns
    -------
    str
        At most 100 columns wide.
    """
    frame = found.to_frame()
    model = found.model
    lines = [
        f"Robustness of {found.term} on {model.response}",
        "=" * min(WIDTH, len(f"Robustness of {found.term} on {model.response}")),
        f"{model.estimator}: {model.formula}",
        _size(found),
        f"Standard errors: {model.note()}",
        "",
        *_table(frame[frame["part"] == "model"]),
    ]
    body = {
        "conventions": _conventions,
        "bootstrap": _bootstrap,
        "leave_one_out": _leave_one_out,
        "specifications": _specifications,
        "draws": _draws,
        "codings": _codings,
        "sensitivity": _sensitivity,
    }
    for number, (part, title) in enumerate(TITLES.items(), start=1):
        head = f"{number}. {title}"
        lines += ["", head, "-" * len(head)]
        own = frame[frame["part"] == part]
        if len(own):
            lines += _table(own)
        lines += body[part](found)
        if part in found.refused:
            lines.append(f"Not done: {found.refused[part]}")
    if model.dataset:
        lines += ["", f"Data: {model.dataset}"]
    return "\n".join(piece for line in lines for piece in _wrapped(line))


def _size(found: Robustness) -> str:
    model = found.model
    parts = [f"N {model.nobs}", f"units {model.n_units}", f"periods {model.n_periods}"]
    return "; ".join(part for part in parts if not part.endswith("None"))


def _table(frame: pd.DataFrame) -> list[str]:
    """Set rows of checks: estimate, error, p and interval."""
    head = ["", "estimate", "std. error", "p", "low", "high", "N"]
    body = [
        [
            str(row["check"]),
            *(f"{row[name]:.4g}" for name in ("estimate", "std_error")),
            probability(row["p_value"], 3) if row["p_value"] == row["p_value"] else "",
            *(f"{row[name]:.4g}" for name in ("conf_low", "conf_high")),
            f"{int(row['nobs']):,}",
        ]
        for row in frame.to_dict("records")
    ]
    widths = [max(len(line[i]) for line in [head, *body]) for i in range(len(head))]
    widths[0] = min(widths[0], WIDTH - sum(widths[1:]) - 2 * len(widths[1:]))
    lines = []
    for line in [head, *body]:
        first, *rest = line
        numbers = "  ".join(cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True))
        pieces = _fold(first, widths[0]) or [""]
        lines += [*pieces[:-1], f"{pieces[-1].ljust(widths[0])}  {numbers}"]
    return lines


def _conventions(found: Robustness) -> list[str]:
    refused = found.conventions.attrs.get("refused", {})
    return [f"Not defined here: {name} ({reason})" for name, reason in refused.items()]


def _bootstrap(found: Robustness) -> list[str]:
    return [] if found.bootstrap is None else [found.bootstrap.note()]


def _leave_one_out(found: Robustness) -> list[str]:
    lines = []
    for by, result in found.left_out.items():
        changes = result.changes()
        own = changes[changes["term"] == found.term] if len(changes) else changes
        signs = [str(one) for one in own.loc[own["sign_changes"], "left_out"]] if len(own) else []
        losses = [str(one) for one in own.loc[own["significance_changes"], "left_out"]] if len(own) else []
        groups = result.table["left_out"].nunique()
        lines.append(
            f"By {by} ({groups}): the sign changes without {_names(signs)}; significance at "
            f"{1 - found.level:.2g} changes without {_names(losses)}."
        )
    return lines


def _specifications(found: Robustness) -> list[str]:
    if found.curve is None:
        return []
    table = found.curve.table
    there = table[table["estimate"].notna()]
    alpha = 1 - found.level
    above, sure = there["estimate"] > 0, there["p_value"] < alpha
    counts = (
        f"{len(there):,} of {len(table):,} specifications could be estimated: {int(above.sum()):,} positive "
        f"({int((above & sure).sum()):,} significant at {alpha:.2g}), {int((~above).sum()):,} negative "
        f"({int((~above & sure).sum()):,} significant)."
    )
    return [counts, *(str(note) for note in found.curve.notes)]


def _draws(found: Robustness) -> list[str]:
    if found.draws is None:
        return []
    missing = float(found.draws.fmi[found.term])
    share = f"{100 * missing:.3g} % of the variance of {found.term}"
    return [f"Rubin's rules: {share} comes from not knowing the data exactly.", *found.draws.notes()]


def _codings(found: Robustness) -> list[str]:
    if found.recoded is None:
        return []
    table = found.recoded.table[found.recoded.table["term"] == found.term]
    failed = table[table["estimate"].isna()]
    signs = [str(one) for one in table.loc[table["sign_changes"].eq(True), "coding"]]
    losses = [str(one) for one in table.loc[table["significance_changes"].eq(True), "coding"]]
    lines = [f"The sign changes under {_names(signs)}; significance at 0.05 changes under {_names(losses)}."]
    return [*lines, *(f"{row['coding']}: {row['reason']}" for row in failed.to_dict("records")[:SHOWN])]


def _sensitivity(found: Robustness) -> list[str]:
    if found.omitted is None:
        return []
    one = found.omitted
    text = (
        f"An omitted variable would have to explain {100 * one.rv_q:.3g} % of what is left of both {found.term} and "
        f"{found.model.response} to bring the estimate to zero, {100 * one.rv_qa:.3g} % to take its significance "
        f"at {one.alpha:g}; {found.term} itself explains {100 * one.partial_r2:.3g} % of the response."
    )
    return [text, *(str(note) for note in one.notes)]


def _names(found: Sequence[str]) -> str:
    if not found:
        return "none"
    more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    return ", ".join(found[:SHOWN]) + more


def _fold(text: str, width: int) -> list[str]:
    import textwrap

    return textwrap.wrap(text, width, subsequent_indent="  ")


def _wrapped(line: str) -> list[str]:
    return [line] if len(line) <= WIDTH else _fold(line, WIDTH)
