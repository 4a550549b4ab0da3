"""Small frames of every origin, the same each time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

import govdata
import govdata.importers

IMPORTED = Path(__file__).parents[1] / "data" / "importers" / "vdem" / "V-Dem-CY-Core-v15.csv"
THREE = ["CHN", "IRN", "SWE"]


def panel() -> pd.DataFrame:
    """Coded cells of every reason, text among them."""
    chosen = ["cctv_public", "fr_police", "cctv_cameras_all", "lead_agency", "eff_crime_justice"]
    return govdata.load("digital_surveillance", "1.0.0", THREE, [2016, 2019], chosen)


def merged() -> pd.DataFrame:
    """Three datasets in one frame, with a row that none of them has and a column of one's own."""
    scores = govdata.load("expert_scores", "1.0.0", THREE, [2016, 2019], ["v2smgovsmmon", "v2x_polyarchy"])
    around = govdata.load("covariates", "1.0.0", THREE, [2016, 2019], ["gdp_pc_ppp", "voice_accountability"])
    whole = govdata.merge(panel(), scores).frame
    whole = govdata.merge(whole, around).frame
    whole["mine"] = [np.nan, -1.5, *range(len(whole) - 2)]
    return whole


def imported() -> pd.DataFrame:
    """What an importer gives, with the labels of its source."""
    return govdata.importers.vdem(IMPORTED)


def own() -> pd.DataFrame:
    """A user's own frame: every type that is taken, and an index that is not written."""
    return pd.DataFrame(
        {
            "grade": pd.Categorical(["low", "high", None], categories=["low", "mid", "high"], ordered=True),
            "party": pd.Categorical(["Grüne", None, "自由"]),
            "wave": pd.Categorical([3, 1, 3]),
            "flag": [True, False, True],
            "maybe": pd.array([True, None, False], dtype="boolean"),
            "count": pd.array([2**53, None, -7], dtype="Int64"),
            "share": np.array([0.1, np.nan, -0.0], dtype=np.float32),
            "tiny": [1e-300, np.nan, -1e300],
            "text": ["سلام, world", None, "  two  words"],
            "essay": ["é" * 1500, "", "short"],
        },
        index=[7, 7, 1],
    )


FRAMES = {"panel": panel, "merged": merged, "imported": imported, "own": own}
