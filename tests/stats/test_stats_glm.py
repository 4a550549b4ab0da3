"""What statsmodels fits is where the climb begins: it ends at the same place, closer."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
from scipy.special import expit, ndtr

from govdata.stats.glm import Family, fit_glm


@pytest.mark.parametrize("family", get_args(Family))
def test_the_fit_is_near_the_truth(family: Family) -> None:
    rng = np.random.default_rng(1)
    z = np.column_stack([np.ones(4000), rng.normal(size=4000)])
    eta = z @ [-0.5, 0.4]
    if family == "poisson":
        y = rng.poisson(np.exp(eta)).astype(float)
    else:
        share = {"logit": expit, "probit": ndtr, "cloglog": lambda at: -np.expm1(-np.exp(at))}[family](eta)
        y = (rng.random(4000) < share).astype(float)
    found = fit_glm(family, y, z)
    assert found is not None
    np.testing.assert_allclose(found, [-0.5, 0.4], atol=0.15)


def test_no_maximum_is_no_fit_and_no_warning() -> None:
    x = np.linspace(-1, 1, 40)
    found = fit_glm("logit", (x > 0).astype(float), np.column_stack([np.ones(40), x]))
    assert found is None or np.abs(found).max() > 20
