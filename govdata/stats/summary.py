"""A fitted model in plain text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from govdata.stats.conventions import se_table

if TYPE_CHECKING:
    from govdata.stats.results import PanelResults

__all__ = ["summarise"]

FEW_UNITS = 50
SHOWN_TERMS = 8
MOST_ROWS = 20_000
"""Of a model whose summary says unasked what it is without each unit."""


def summarise(model: PanelResults) -> str:
    """Describe a model.

    Parameters
    ----------
    model
        The model.

    Returns
    -------
    str
        Coefficients, sample, fit and convention; under 50 units, every convention side by side.
    """
    statistic = "t" if model.linear else "z"
    head = ["", "estimate", "std. error", statistic, "p", "95 % low", "95 % high"]
    body = [[str(row[0]), *_numbers([float(x) for x in row[1:]])] for row in model.tidy().to_numpy().tolist()]
    widths = [max(len(line[i]) for line in [head, *body]) for i in range(len(head))]
    lines = [
        "  ".join(cell.ljust(width) if i == 0 else cell.rjust(width) for i, (cell, width) in enumerate(pairs))
        for pairs in ([*zip(line, widths, strict=True)] for line in [head, *body])
    ]
    rule = "-" * len(lines[0])
    absorbed = ", ".join(f"{name} ({count})" for name, count in model.effects.items()) or "none"
    alone = f"; singletons {'dropped' if model.singletons_rule == 'drop' else 'kept'}" if model.effects else ""
    text = [f"{model.estimator}: {model.formula}", rule, lines[0], rule, *lines[1:], rule]
    text += [_size(model), f"Effects absorbed: {absorbed}{alone}"]
    text += ["; ".join(f"{name} {_fact(value)}" for name, value in model.statistics().items())]
    text += [f"Standard errors: {model.note()}", f"Rows left out: {model.left_out()}"]
    text += [f"Note: {note}" for note in model.notes()]
    if model.dataset:
        text.append(f"Data: {model.dataset}")
    if model.linear and model.n_units is not None and model.n_units < FEW_UNITS:
        text += ["", f"Under {FEW_UNITS} units: standard errors under every convention", *_conventions(model)]
        text += _without(model)
    return "\n".join(line for line in text if line is not None)


def _size(model: PanelResults) -> str:
    text = f"N {model.nobs}"
    text += "" if model.n_units is None else f"; units {model.n_units}"
    text += "" if model.n_periods is None else f"; periods {model.n_periods}"
    spans = model.periods_per_unit
    return text if spans is None else f"{text}; T {spans[0]} / {spans[1]:.1f} / {spans[2]} (min / mean / max)"


def _conventions(model: Any) -> list[str]:  # noqa: ANN401 -- the protocol of se_table is its own
    table = se_table(model, "std_error", bootstrap=False)
    shown = table.iloc[:SHOWN_TERMS].rename_axis(None)
    lines = shown.T.to_string(float_format=lambda number: f"{number:.6g}", line_width=10_000).splitlines()
    if len(table) > len(shown):
        lines.append(f"({len(table) - len(shown)} more coefficients in se_table())")
    return [*lines, *(f"{name}: {reason}" for name, reason in table.attrs["refused"].items())]


def _without(model: Any) -> list[str]:  # noqa: ANN401 -- as above
    """Say how far the estimates move when one unit is left out, where that needs no new fit."""
    from govdata.errors import GovdataError
    from govdata.stats.leave_one_out import leave_one_out

    if model.estimator != "OLS" or model.design.unit is None or model.nobs > MOST_ROWS:
        return []
    try:
        table = leave_one_out(model.with_se("CRV1", cluster=model.design.unit.name)).extremes()
    except GovdataError:
        return []
    shown = table.iloc[:SHOWN_TERMS]
    pieces = [
        f"{row['term']} {row['smallest']:.6g} (without {row['smallest_without']}) to {row['largest']:.6g} (without "
        f"{row['largest_without']})"
        for row in shown.to_dict("records")
        if row["smallest"] == row["smallest"]
    ]
    return ["", f"Leaving one {model.design.unit.name} out", *pieces] if pieces else []


def _fact(value: float | str) -> str:
    if not isinstance(value, float):
        return str(value)
    return f"{value:.4f}" if 1e-3 <= abs(value) < 1e4 else f"{value:.6g}"


def _numbers(values: list[float]) -> list[str]:
    return [f"{value:.6g}" if i != 3 else _p(value) for i, value in enumerate(values)]


def _p(value: float) -> str:
    return "<0.0001" if 0 <= value < 0.00005 else f"{value:.4f}"
