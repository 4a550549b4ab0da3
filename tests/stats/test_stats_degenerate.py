"""Variances that are zero because of how clusters and regressors lie, not because errors are small."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from govdata import stats
from govdata.errors import EstimationError


def frame() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    found = pd.DataFrame({"g": np.repeat(list("abcd"), 10), "x": rng.normal(size=40), "y": rng.normal(size=40)})
    return found.assign(other=np.tile(range(10), 4))


@pytest.mark.parametrize("se", ["CR0", "CRV1", "CR2", "wild"])
def test_indicators_of_the_clusters_themselves_have_no_clustered_error(se: str) -> None:
    with pytest.raises(EstimationError, match=r"variance.* of Intercept( and 3 more)? is zero up to rounding"):
        stats.ols("y ~ C(g)", frame(), se=se, cluster="g")


def test_other_conventions_of_the_same_model_stand() -> None:
    model = stats.ols("y ~ C(g)", frame(), se="HC1")
    assert (model.bse > 0.1).all()
    assert (model.with_se("CRV1", cluster="other").bse > 1e-3).all()


def test_scores_that_cancel_in_every_cluster_are_refused() -> None:
    data = pd.DataFrame({"g": np.repeat(range(4), 3), "x": [-1.0, 0.0, 1.0] * 4})
    data["y"] = [1.0, 0.0, 1.0, 2.0, 1.0, 2.0, 3.0, 1.0, 3.0, 5.0, 5.0, 5.0]
    with pytest.raises(EstimationError, match="CRV1 variance by g of x is zero up to rounding"):
        stats.ols("y ~ x", data, cluster="g")


def test_an_exact_fit_is_said_to_be_one() -> None:
    data = frame()
    data["y"] = 2 * data["x"] + 1
    assert any("exactly" in note for note in stats.ols("y ~ x", data, cluster="g").notes())
