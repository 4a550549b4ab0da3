"""The page that :func:`govdata.stats.robustness` prints."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from govdata.stats.over_codings import NO_CHANGE, SOURCE
from govdata.stats.wording import UNDEFINED, probability

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
            *(_number(row[name]) for name in ("estimate", "std_error")),
            probability(row["p_value"], 3) if row["p_value"] == row["p_value"] else UNDEFINED,
            *(_number(row[name]) for name in ("conf_low", "conf_high")),
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


def _number(value: float) -> str:
    return UNDEFINED if math.isnan(value) else f"{value:.4g}"


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
        table = result.table[result.table["term"] == found.term]
        lost = [str(one) for one in table.loc[table["estimate"].isna(), "left_out"]]
        lines.append(
            f"By {by} ({len(table)}): the sign {_changes('without', signs)}; significance at "
            f"{1 - found.level:.2g} {_changes('without', losses)}."
            + (f" Not estimated without {_names(lost)}." if lost else "")
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
    lines = [counts]
    if found.curve.test is not None:
        test = found.curve.test
        pairs = zip(test.table["statistic"], test.table["p_value"], strict=True)
        told = "; ".join(f"{name} p {probability(p, 3)}" for name, p in pairs)
        lines.append(f"Joint test ({test.permutations:,} permutations, seed {test.seed}): {told}.")
    return [*lines, *(str(note) for note in found.curve.notes)]


def _draws(found: Robustness) -> list[str]:
    if found.draws is None:
        return []
    share = f"{100 * float(found.draws.lambda_[found.term]):.3g} % of the variance of the estimate"
    how = [f"Drawn: {found.draws.how}."] if found.draws.how else []
    return [f"Rubin's rules: {share} lies between the draws.", *how, *found.draws.notes()]


def _codings(found: Robustness) -> list[str]:
    if found.recoded is None:
        return []
    table = found.recoded.table[found.recoded.table["term"] == found.term]
    failed, same = table["estimate"].isna(), table["reason"] == NO_CHANGE
    named, source = table["coding"], table["coding"].str.startswith(SOURCE)
    together = " (together; in brackets, one alone)" if len(found.recoded.columns) > 1 else ""
    lines = [f"Recoded: {', '.join(found.recoded.columns)}{together}."]
    signs = [str(one) for one in named[table["sign_changes"].eq(True)]]
    losses = [str(one) for one in named[table["significance_changes"].eq(True)]]
    lines.append(
        f"The sign {_changes('under', signs)}; significance at {1 - found.level:.2g} {_changes('under', losses)}."
    )
    if (same & ~source).any():
        lines.append(f"No cell of the sample differs under {_names(named[same & ~source].tolist())}.")
    reasons = table[failed].to_dict("records")
    lines += [f"Not estimated, {row['coding']}: {row['reason']}" for row in reasons[:SHOWN]]
    return [*lines, *([f"and {len(reasons) - SHOWN} more not estimated"] if len(reasons) > SHOWN else [])]


def _sensitivity(found: Robustness) -> list[str]:
    if found.omitted is None:
        return []
    one = found.omitted
    loses = f", {100 * one.rv_qa:.3g} % to take its significance at {one.alpha:.2g}" if one.rv_qa > 0 else ""
    text = (
        f"An omitted variable would have to explain {100 * one.rv_q:.3g} % of what is left of both {found.term} and "
        f"{found.model.response} to bring the estimate to zero{loses}; {found.term} itself explains "
        f"{100 * one.partial_r2:.3g} % of what the other regressors leave of {found.model.response}."
    )
    bounds = [
        f"A confounder {row['kd']:g} times as strong as {row['benchmark']} would leave {row['estimate']:.4g} "
        f"({row['conf_low']:.4g} to {row['conf_high']:.4g})."
        for row in one.bounds.to_dict("records")
    ]
    return [text, *bounds, *(str(note) for note in one.notes)]


def _changes(word: str, found: Sequence[str]) -> str:
    return f"changes {word} {_names(found)}" if found else "never changes"


def _names(found: Sequence[str]) -> str:
    more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    return ", ".join(found[:SHOWN]) + more


def _fold(text: str, width: int) -> list[str]:
    import textwrap

    return textwrap.wrap(text, width, subsequent_indent="  ")


def _wrapped(line: str) -> list[str]:
    return [line] if len(line) <= WIDTH else _fold(line, WIDTH)
