"""Ask whether the indicators can be added up to an index, and say no where they cannot.

Run ``python composite.py [--version X.Y.Z]``. It reads the release and writes ``composite.csv`` beside
itself: one line a block and version of an index, with four tests. They were fixed before the first run;
an index is offered only if it passes all four.

1. **Enough evidence**: at least 50 states have a value (not bounds alone) on half of the block's items.
2. **Reliability**: the lower end of the 95 % interval of Cronbach's alpha (additive) or of the factor's
   marginal reliability (latent) is at least 0.7.
3. **Narrow enough**: with the bounds of open items, and the whole scale for missing ones, a state's
   score is fixed within a quarter of the scale on average.
4. **More than detection**: the share of items on which anything is known explains less than a quarter
   of the variance of the score. An index that rises because more was found measures the search.

The additive version is the mean of the items, each divided by its highest code. Its lowest and highest
values take every open or missing item at its bounds. The latent version is one normal factor behind the
items, estimated by EM from whatever each state has (middle of the bounds where a level is open), 2021.
"""

from __future__ import annotations

import argparse
import csv
import math
from pathlib import Path

import numpy as np
import pandas as pd

import govdata

HERE = Path(__file__).resolve().parent
NAME, YEAR = "digital_surveillance", 2021
BLOCKS = {
    "collection": ("cctv_public", "fr_police", "net_filtering", "sm_monitoring", "id_registry", "sim_realname",
                   "location_health", "firm_data_access"),
    "integration": ("data_sharing_platform", "common_identifier", "predictive_policing", "person_profile"),
    "consequence": ("blacklist_admin", "score_persons", "score_firms", "reward_channels", "mobility_limit",
                    "access_limit", "naming_shaming", "assoc_liability"),
    "safeguards": ("dp_law_state", "oversight_body", "biometric_rules", "notice_redress", "scheme_legal_basis"),
}  # fmt: skip
COLUMNS = ("block", "version", "items", "states_half_coded", "states_any", "reliability", "reliability_low",
           "mean_width", "r2_detection", "passes", "fails")  # fmt: skip
DRAWS, SEED = 500, 20261122
ENOUGH, RELIABLE, NARROW, DETECTION = 50, 0.7, 0.25, 0.25


def items_of(frame: pd.DataFrame, names: tuple[str, ...], tops: dict[str, float]) -> dict[str, np.ndarray]:
    """Give points, lows, highs and middles of the items, each between 0 and 1; rows are states."""
    points = np.column_stack([frame[name] / tops[name] for name in names])
    lows = np.column_stack([(frame[f"{name}_low"] / tops[name]).fillna(0) for name in names])
    highs = np.column_stack([(frame[f"{name}_high"] / tops[name]).fillna(1) for name in names])
    known = np.column_stack([frame[f"{name}_low"].notna() for name in names])
    middles = np.where(np.isnan(points), np.where(known, (lows + highs) / 2, np.nan), points)
    return {"points": points, "lows": lows, "highs": highs, "known": known, "middles": middles}


def alpha(data: np.ndarray) -> float:
    """Give Cronbach's alpha from pairwise complete covariances; NaN where they do not exist."""
    frame = pd.DataFrame(data).dropna(axis=1, how="all")
    covariances = frame.cov(min_periods=5)
    k = len(covariances)
    if k < 2 or covariances.isna().any(axis=None):
        return math.nan
    total = covariances.to_numpy().sum()
    return float(k / (k - 1) * (1 - np.trace(covariances) / total)) if total > 0 else math.nan


def factor(data: np.ndarray, steps: int = 300) -> float:
    """Fit one factor by EM to incomplete rows; give its marginal reliability, 1 - mean posterior variance."""
    spread = pd.DataFrame(data).std(ddof=0).fillna(0).to_numpy()
    held = data[:, spread > 1e-9]
    held = held[(~np.isnan(held)).any(axis=1)]
    if held.shape[1] < 2 or len(held) < 20:
        return math.nan
    z = (held - np.nanmean(held, axis=0)) / np.nanstd(held, axis=0)
    seen = ~np.isnan(z)
    z = np.where(seen, z, 0.0)
    loading, noise = np.full(z.shape[1], 0.5), np.full(z.shape[1], 0.75)
    for _ in range(steps):
        precision = 1 + (seen * (loading**2 / noise)).sum(axis=1)
        mean = (seen * z * (loading / noise)).sum(axis=1) / precision
        second = 1 / precision + mean**2
        loading = (seen * z * mean[:, None]).sum(axis=0) / (seen * second[:, None]).sum(axis=0)
        residual = seen * (z**2 - 2 * z * mean[:, None] * loading + second[:, None] * loading**2)
        noise = np.maximum(residual.sum(axis=0) / seen.sum(axis=0), 0.05)
    precision = 1 + (seen * (loading**2 / noise)).sum(axis=1)
    return float(1 - (1 / precision).mean())


def low_end(data: np.ndarray, statistic: object) -> float:
    """Give the 2.5th percentile over draws of whole states; NaN unless nine draws of ten have a value."""
    generator = np.random.Generator(np.random.PCG64(SEED))
    found = np.array([statistic(data[generator.integers(0, len(data), len(data))]) for _ in range(DRAWS)])  # type: ignore[operator]
    kept = found[np.isfinite(found)]
    return float(np.percentile(kept, 2.5)) if len(kept) >= 0.9 * DRAWS else math.nan


def explained(score: np.ndarray, known: np.ndarray) -> float:
    """Give the share of the score's variance that the share of known items explains."""
    if score.std() == 0 or known.std() == 0:
        return math.nan
    return float(np.corrcoef(score, known)[0, 1] ** 2)


def line(block: str, version: str, parts: dict[str, np.ndarray]) -> dict[str, str]:
    """Test one version of an index of one block."""
    points, middles, known = parts["points"], parts["middles"], parts["known"]
    half = int(((~np.isnan(points)).sum(axis=1) >= points.shape[1] / 2).sum())
    some = known.any(axis=1)
    width = float((parts["highs"] - parts["lows"])[some].mean()) if some.any() else math.nan
    if version == "additive":
        reliability, low = alpha(points), low_end(points, alpha)
    else:
        reliability = factor(middles)
        low = low_end(middles, lambda data: factor(data, 60)) if math.isfinite(reliability) else math.nan
    score = np.nanmean(middles[some], axis=1) if some.any() else np.array([0.0])
    r2 = explained(score, known[some].mean(axis=1)) if some.any() else math.nan
    tests = {
        "evidence": half >= ENOUGH,
        "reliability": low >= RELIABLE,
        "width": width <= NARROW,
        "detection": r2 < DETECTION,
    }
    number = lambda value: "" if not math.isfinite(value) else f"{value:.2f}"  # noqa: E731
    return {"block": block, "version": version, "items": str(points.shape[1]), "states_half_coded": str(half),
            "states_any": str(int(some.sum())), "reliability": number(reliability), "reliability_low": number(low),
            "mean_width": number(width), "r2_detection": number(r2),
            "passes": "yes" if all(tests.values()) else "no",
            "fails": ";".join(name for name, passed in tests.items() if not passed)}  # fmt: skip


def results(version: str | None) -> list[dict[str, str]]:
    """Test every block."""
    frame = govdata.load(NAME, version, years=YEAR)
    book = govdata.codebook(NAME, version=version).set_index("id")
    tops = {name: max(float(code) for code in book.loc[name, "codes"]) for names in BLOCKS.values() for name in names}
    rows = []
    for block, names in BLOCKS.items():
        parts = items_of(frame, names, tops)
        rows += [line(block, version_of, parts) for version_of in ("additive", "latent")]
    return rows


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description="Ask whether the indicators can be added up to an index.")
    parser.add_argument("--version", help="the release; the newest by default")
    rows = results(parser.parse_args().version)
    with (HERE / "composite.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    for row in rows:
        print(f"{row['block']:<12} {row['version']:<9} passes: {row['passes']:<4} fails: {row['fails']}")


if __name__ == "__main__":
    main()
