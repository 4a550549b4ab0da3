"""The linear problems of the NIST Statistical Reference Datasets."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from govdata import stats

NIST = Path(__file__).parent.parent / "reference" / "nist"
# Powers of x up to the tenth lose digits as they are stored: Filip's coefficients magnify that ten billion times.
TOLERANCE = {"filip": 1e-7}


@pytest.mark.parametrize("path", sorted(NIST.glob("*.json")), ids=lambda path: path.stem)
def test_certified_digits(path: Path) -> None:
    case = json.loads(path.read_text(encoding="utf-8"))
    data = pd.read_csv(NIST / case["data"])
    data = data.assign(**{f"x{power}": data["x"] ** power for power in range(1, 11)})
    model = stats.ols(case["model"], data, se="iid", panel=False)
    tolerance = TOLERANCE.get(path.stem, 1e-9)
    for term, value in case["params"].items():
        assert model.params[term] == pytest.approx(value, rel=tolerance)
    for term, value in case["se"].items():
        assert model.bse[term] == pytest.approx(value, rel=tolerance, abs=1e-12)
