"""Agreement of coders against psych, the definition in R, and laws."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from govdata import stats
from govdata.errors import ArgumentError, EstimationError, GovdataError, PanelError

REFERENCE = Path(__file__).parent.parent / "reference"


def ratings() -> pd.DataFrame:
    """Ratings of four coders in Krippendorff (2011), section C, in long form."""
    table = json.loads((REFERENCE / "krippendorff.json").read_text(encoding="utf-8"))["ratings"]
    rows = [(u, c, value) for c, line in enumerate(table) for u, value in enumerate(line) if value is not None]
    return pd.DataFrame(rows, columns=["unit", "coder", "value"])


@pytest.mark.parametrize("metric", ["nominal", "ordinal", "interval", "ratio"])
def test_alpha_is_that_of_the_definition(metric: Any) -> None:  # noqa: ANN401
    wanted = json.loads((REFERENCE / "krippendorff.json").read_text(encoding="utf-8"))["alpha"][metric]
    assert stats.krippendorff_alpha(ratings(), "value", metric=metric) == pytest.approx(wanted, rel=1e-10)


def test_intraclass_correlations_are_those_of_psych() -> None:
    wanted = json.loads((REFERENCE / "reliability" / "icc.json").read_text(encoding="utf-8"))
    found = stats.icc(pd.read_csv(REFERENCE / "reliability" / "shrout_fleiss.csv"), "value")
    for column, values in wanted.items():
        np.testing.assert_allclose(found[column], values, rtol=1e-8, err_msg=column)
    # as printed in Shrout and Fleiss (1979)
    assert found["estimate"].round(2).tolist() == [0.17, 0.29, 0.71, 0.44, 0.62, 0.91]


def test_coefficients_by_hand() -> None:
    """Two coders, no missing rating: Conger's is Cohen's kappa, Fleiss' is Scott's pi."""
    a, b = [1, 1, 1, 2, 2, 2, 2, 3, 3, 3], [1, 1, 2, 2, 2, 2, 3, 3, 3, 1]
    data = pd.DataFrame({"unit": list(range(10)) * 2, "coder": ["a"] * 10 + ["b"] * 10, "value": a + b})
    found = stats.agreement(data, "value")
    one, two = np.bincount(a, minlength=4)[1:] / 10, np.bincount(b, minlength=4)[1:] / 10
    both = (one + two) / 2
    for name, chance in {
        "conger": one @ two,
        "fleiss": both @ both,
        "gwet": (both * (1 - both)).sum() / 2,
        "brennan_prediger": 1 / 3,
    }.items():
        assert found.loc[name, "estimate"] == pytest.approx((0.7 - chance) / (1 - chance), rel=1e-12)


@pytest.mark.parametrize("weights", ["unweighted", "linear", "quadratic"])
def test_neither_order_nor_coder_names_matter(weights: Any) -> None:  # noqa: ANN401
    data = ratings()
    other = data.sample(frac=1, random_state=1).assign(coder=lambda rows: "x" + rows["coder"].astype(str))
    pd.testing.assert_frame_equal(
        stats.agreement(data, "value", weights=weights), stats.agreement(other, "value", weights=weights)
    )


def test_names_of_categories_do_not_matter() -> None:
    data = ratings()
    words = data.assign(value=data["value"].astype(int).map(dict(enumerate("vwxyz", 1))))
    assert stats.krippendorff_alpha(words, "value") == stats.krippendorff_alpha(data, "value")
    assert stats.agreement(words, "value").equals(stats.agreement(data, "value"))


@pytest.mark.parametrize(
    ("change", "call", "error", "message"),
    [
        ({"value": 1}, stats.krippendorff_alpha, EstimationError, "all ratings are equal"),
        ({"coder": 1}, stats.agreement, PanelError, "share their unit and coder with another"),
        ({"unit": range(41)}, stats.icc, EstimationError, "no unit has two ratings"),
    ],
)
def test_what_cannot_be_measured_is_refused(
    change: dict[str, Any],
    call: Callable[..., object],
    error: type[GovdataError],
    message: str,
) -> None:
    with pytest.raises(error, match=message):
        call(ratings().assign(**change), "value")


def test_mistakes_are_named() -> None:
    with pytest.raises(GovdataError, match=r"column 'vaule' is not in the data .value.; did you mean 'value'"):
        stats.icc(ratings(), "vaule")
    with pytest.raises(EstimationError, match="metric is one of nominal, ordinal, interval, ratio, not 'ordnal'"):
        stats.krippendorff_alpha(ratings(), "value", metric="ordnal")  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="level is a number between"):
        stats.icc(ratings(), "value", level=95)
