"""The main job in one call: panel, regression, table, figure, and the evidence behind one cell."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from govdata.stats import PanelResults

__all__ = ["CELL", "FORMULA", "LABELS", "OWN_FORMULA", "fit", "fit_own", "own_panel", "panel", "run"]

FORMULA = "monitoring ~ v2x_polyarchy + log(gdp_pc_ppp) + internet_users | iso3 + year"
OWN_FORMULA = "shutdown ~ v2x_polyarchy + log(gdp_pc_ppp) + internet_users | year"
LABELS = {
    "monitoring": "Social-media monitoring",
    "shutdown": "Documented shutdown",
    "v2x_polyarchy": "Electoral democracy",
    "log(gdp_pc_ppp)": "GDP per person, PPP (log)",
    "internet_users": "Internet users (%)",
}
CELL = ("digital_surveillance", "CHN", 2018, "cctv_public")


def panel() -> pd.DataFrame:
    """Load the panel of the demonstration.

    Returns
    -------
    pandas.DataFrame
        Expert scores joined with covariates, the years of one release of the Digital Society Project (2000-2018);
        ``monitoring`` is ``v2smgovsmmon`` with its sign turned, so that higher means more monitoring.
    """
    from govdata.catalog import load

    scores = load("expert_scores", "1.0.0", indicators=["v2smgovsmmon", "v2x_polyarchy"])
    covariates = load("covariates", "1.0.0", indicators=["gdp_pc_ppp", "internet_users"])
    one_release = scores[scores["source_version"] == "DSP v1"]
    joined = one_release.merge(covariates, on=["iso3", "country_name", "year"], validate="1:1")
    return joined.assign(monitoring=-joined["v2smgovsmmon"])


def fit(data: pd.DataFrame) -> PanelResults:
    """Fit the demonstration's model: country and year effects, standard errors clustered by country."""
    from govdata import stats

    return stats.ols(
        FORMULA, data, se="CRV1", cluster="iso3", df="nested", dataset="expert_scores 1.0.0, covariates 1.0.0"
    )


def own_panel() -> pd.DataFrame:
    """Load a panel whose response is coded by this project.

    Returns
    -------
    pandas.DataFrame
        2016-2022: ``shutdown`` is 1 where a shutdown of the country or of a part of it is documented in the year, 0
        where the monitor documents none, with the regressors of the demonstration.
    """
    from govdata.catalog import load

    columns = ["shutdown_documented", "shutdown_documented_sub"]
    own = load("digital_surveillance", "1.0.0", years=range(2016, 2023), indicators=columns)
    scores = load("expert_scores", "1.0.0", indicators=["v2x_polyarchy"])
    covariates = load("covariates", "1.0.0", indicators=["gdp_pc_ppp", "internet_users"])
    keys = ["iso3", "country_name", "year"]
    joined = own.merge(scores.drop(columns="source_version", errors="ignore"), on=keys, validate="1:1")
    joined = joined.merge(covariates.drop(columns="source_version", errors="ignore"), on=keys, validate="1:1")
    documented = joined[columns].max(axis=1)  # NaN only where the monitor does not look at the unit
    return joined.assign(shutdown=(documented > 0).astype("float64").where(documented.notna()))


def fit_own(data: pd.DataFrame) -> PanelResults:
    """Fit a linear probability model on the project's own coding: year effects, errors clustered by country."""
    from govdata import stats

    return stats.ols(
        OWN_FORMULA,
        data,
        se="CRV1",
        cluster="iso3",
        df="nested",
        dataset="digital_surveillance 1.0.0, expert_scores 1.0.0, covariates 1.0.0",
    )


def run(out: Path, *, say: Callable[[str], None], show: Callable[[str], None]) -> PanelResults:
    """Run the demonstration.

    Parameters
    ----------
    out
        Folder for the figures (PNG, SVG) and the table (text, LaTeX); made if needed. Its own files are written anew.
    say
        Takes lines of progress.
    show
        Takes the results.

    Returns
    -------
    PanelResults
        The fitted model of expert scores.
    """
    began = time.perf_counter()

    def step(text: str) -> None:
        say(f"[{time.perf_counter() - began:4.1f} s] {text}")

    step("loading the panel: expert_scores 1.0.0 and covariates 1.0.0")
    data = panel()
    step(f"{len(data)} country-years, {data['iso3'].nunique()} units; fitting the model")
    model = fit(data)
    step("the same regressors on our own coding: documented shutdowns, digital_surveillance 1.0.0")
    own = fit_own(own_panel())
    step("drawing the figures")
    from govdata import report
    from govdata.evidence import trace
    from govdata.textio import write_atomic

    table = report.table([model, own], labels=LABELS)
    out.mkdir(parents=True, exist_ok=True)
    report.coefplot(model, path=out / "monitoring.png", labels=LABELS)
    report.coefplot(model, path=out / "monitoring.svg", labels=LABELS)
    report.coefplot(own, path=out / "shutdowns.png", labels=LABELS)
    report.coefplot(own, path=out / "shutdowns.svg", labels=LABELS)
    write_atomic(out / "table.txt", (table.to_text() + "\n").encode("utf-8"))
    write_atomic(out / "table.tex", (table.to_latex() + "\n").encode("utf-8"))
    show(table.to_text())
    show("")
    show(str(trace(*CELL)))
    step(f"done; figures and table are in {out}")
    return model
