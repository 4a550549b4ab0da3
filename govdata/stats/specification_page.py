"""What a specification curve says: shares, what moves the estimate, and the page."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from govdata.stats.wording import probability

if TYPE_CHECKING:
    from govdata.stats.specification import SpecificationCurve

__all__ = ["choices_table", "page", "shares_table"]

_SHOWN = 12
_REASONS = 6
WIDTH = 100


def shares_table(table: pd.DataFrame, level: float) -> pd.DataFrame:
    """Count specifications by sign and significance.

    Parameters
    ----------
    table
        Of a curve.
    level
        Significant is a p value below one minus it.

    Returns
    -------
    DataFrame
        Rows ``positive`` and ``negative``; columns ``significant``, ``not_significant``, ``total`` as counts, and the
        same as shares of the estimated specifications, with ``_share``.
    """
    there = table[table["estimate"].notna()]
    significant = (there["p_value"] < 1 - level).to_numpy()
    signs = {"positive": (there["estimate"] > 0).to_numpy(), "negative": (there["estimate"] < 0).to_numpy()}
    counts = pd.DataFrame(
        [
            {
                "sign": name,
                "significant": int((sign & significant).sum()),
                "not_significant": int((sign & ~significant).sum()),
                "total": int(sign.sum()),
            }
            for name, sign in signs.items()
        ]
    ).set_index("sign")
    return counts.join((counts / max(len(there), 1)).add_suffix("_share"))


def choices_table(table: pd.DataFrame, controls: dict[str, str], level: float) -> pd.DataFrame:
    """Say what each choice does to the estimate.

    Parameters
    ----------
    table
        Of a curve.
    controls
        Names of controls with their columns.
    level
        Significant is a p value below one minus it.

    Returns
    -------
    DataFrame
        One row an option: ``choice``, ``option``, ``specifications``, ``mean_with``, ``mean_without``, ``difference``,
        ``variance_share`` of the choice, and ``significant_with``, the share that is significant. The largest
        difference first.
    """
    there = table[table["estimate"].notna()]
    estimate = there["estimate"].to_numpy()
    strong = (there["p_value"] < 1 - level).to_numpy()
    total = float(((estimate - estimate.mean()) ** 2).sum()) if len(estimate) else 0.0
    whole, n = estimate.sum(), len(there)
    rows = []
    choices = [(name, there[column].to_numpy()) for name, column in controls.items()]
    choices += [(name, there[name].to_numpy()) for name in ("y", "x", "sample", "effects", "se")]
    for place, (name, values) in enumerate(choices):
        codes, options = pd.factorize(values)
        if len(options) < 2:
            continue
        counts = np.bincount(codes)
        sums, hits = np.bincount(codes, weights=estimate), np.bincount(codes, weights=strong)
        means = sums / counts
        between = float((counts * (means - whole / n) ** 2).sum())
        for at, option in enumerate(options):
            if place < len(controls) and not option:
                continue
            without = (whole - sums[at]) / (n - counts[at])
            rows.append(
                {
                    "choice": "control" if place < len(controls) else name,
                    "option": name if place < len(controls) else str(option) or "none",
                    "specifications": int(counts[at]),
                    "mean_with": means[at],
                    "mean_without": without,
                    "difference": means[at] - without,
                    "variance_share": between / total if total > 0 else 0.0,
                    "significant_with": hits[at] / counts[at],
                }
            )
    names = ["choice", "option", "specifications", "mean_with", "mean_without", "difference", "variance_share"]
    found = pd.DataFrame(rows, columns=[*names, "significant_with"])
    order = np.argsort(-found["difference"].abs().to_numpy(), kind="stable")
    return found.iloc[order].reset_index(drop=True)


def page(curve: SpecificationCurve) -> str:
    """Write a curve as a page of text.

    Parameters
    ----------
    curve
        The curve.

    Returns
    -------
    str
        At most 100 columns wide.
    """
    table, there = curve.table, curve.estimated
    lost = len(table) - len(there)
    ends = np.quantile(there["estimate"].to_numpy(), [0, 0.25, 0.5, 0.75, 1]).tolist()
    spread = [f"{name} {end:.4g}" for name, end in zip(("min", "25 %", "median", "75 %", "max"), ends, strict=True)]
    size = f"{len(table):,} specifications{_made_of(curve)}: {len(there):,} estimated, {lost:,} not"
    lines = [
        f"Specification curve: {', '.join(table['y'].unique())} on {', '.join(table['x'].unique())}",
        "-" * WIDTH,
        size,
        f"N {there['nobs'].min():,} to {there['nobs'].max():,}; standard errors: {', '.join(table['se'].unique())}",
    ]
    if curve.draws:
        lines.append(f"Each pooled over {curve.draws:,} draws by Rubin's rules, df of Barnard and Rubin")
    lines += ["", "Estimates:  " + "   ".join(spread), ""]
    lines.append(f"{'':10}  {f'p < {1 - curve.level:.3g}':>18}  {'not significant':>18}  {'all':>18}")
    for sign, row in curve.shares.iterrows():
        cells = [f"{int(row[k]):,} ({row[f'{k}_share']:.1%})" for k in ("significant", "not_significant", "total")]
        lines.append(f"{sign:10}  " + "  ".join(f"{cell:>18}" for cell in cells))
    lines += [*_moves(curve), *_tested(curve)]
    if lost:
        reasons = table.loc[table["estimate"].isna(), "reason"].value_counts(sort=False)
        reasons = reasons.iloc[np.argsort(-reasons.to_numpy(), kind="stable")]
        lines += ["", f"Not estimated ({lost:,}):"]
        lines += [f"{count:>8,}  {reason}" for reason, count in reasons.head(_REASONS).items()]
        if len(reasons) > _REASONS:
            lines.append(f"{reasons.iloc[_REASONS:].sum():>8,}  other reasons; see the table")
    lines += [""] if curve.notes or curve.dataset else []
    lines += [f"Note: {note}" for note in curve.notes]
    lines += [f"Data: {curve.dataset}"] if curve.dataset else []
    return "\n".join(part for line in lines for part in _fitted(line))


def _made_of(curve: SpecificationCurve) -> str:
    """Say which choices multiply."""
    names = (("y", "responses"), ("x", "regressors"))
    others = (("sample", "samples"), ("effects", "sets of effects"), ("se", "conventions"))
    counts = {name: len(curve.table[name].unique()) for name, _ in (*names, *others)}
    parts = [f"{counts[name]} {word}" for name, word in names if counts[name] > 1]
    if curve.controls:
        subsets = len(curve.table[list(curve.controls.values())].drop_duplicates())
        n = len(curve.controls)
        parts.append(f"{subsets:,} subsets of {n} control{'s' * (n != 1)}")
    parts += [f"{counts[name]} {word}" for name, word in others if counts[name] > 1]
    return f" ({'; '.join(parts)})" if parts else ""


def _tested(curve: SpecificationCurve) -> list[str]:
    """Write down the joint test."""
    test = curve.test
    if test is None:
        return []
    head = f"{test.specifications:,} specifications ({test.permutations:,} permutations, seed {test.seed})"
    lines = [
        "",
        f"Joint test of {head}:",
        test.how,
        f"{'':48}{'observed':>11}{'null median':>13}{'null 95 %':>12}{'p':>9}",
    ]
    for name, observed, p, median, upper in test.table.itertuples(index=False, name=None):
        lines.append(f"{name:48}{observed:>11.4g}{median:>13.4g}{upper:>12.4g}{probability(p, 3):>9}")
    return lines


def _fitted(line: str) -> list[str]:
    """Break a line that is too long for the page."""
    return [line] if len(line) <= WIDTH else wrap(line, WIDTH, subsequent_indent="    ", break_on_hyphens=False)


def _moves(curve: SpecificationCurve) -> list[str]:
    """List the choices that move the estimate most."""
    choices = curve.choices
    if not len(choices):
        return []
    lines = [
        "",
        "What moves the estimate (means over all specifications with and without the choice)",
        f"{'':44}{'with':>11}{'without':>11}{'difference':>12}{'variance':>10}{f'p < {1 - curve.level:.2g}':>9}",
    ]
    for choice, option, _, mean, without, gap, share, strong in choices.head(_SHOWN).itertuples(index=False, name=None):
        label = f"{choice}: {option}"
        label = label if len(label) <= 43 else label[:42] + "…"
        lines.append(f"{label:44}{mean:>11.4g}{without:>11.4g}{gap:>12.4g}{share:>10.0%}{strong:>9.0%}")
    if len(choices) > _SHOWN:
        lines.append(f"{len(choices) - _SHOWN} more are in .choices")
    return lines
