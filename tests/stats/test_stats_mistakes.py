"""What users get wrong is said in one short line, never as an error of a library below."""

from __future__ import annotations

import decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from govdata import stats
from govdata.errors import GovdataError


def frame() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    found = pd.DataFrame({"iso3": np.repeat(list("abcdefgh"), 6), "year": np.tile(range(2000, 2006), 8)})
    return found.assign(x=rng.normal(size=48), y=rng.normal(size=48))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"df": frame()}, "df is one of nested, full, none, not a DataFrame"),
        ({"se": frame()}, "se is one of iid, .*, not a DataFrame"),
        ({"se": {}}, "se is one of iid, .*, not {}"),
        ({"se": ""}, "se is one of iid, .*, not ''"),
        ({"panel": frame()}, "panel is True or False, not a DataFrame"),
        ({"unit": frame()["iso3"]}, "unit is the name of a column, not a Series"),
        ({"unit": ""}, "unit is the name of a column, not ''"),
        ({"singletons": frame()}, "singletons is one of keep, drop, not a DataFrame"),
    ],
)
def test_wrong_options(options: dict[str, Any], message: str) -> None:
    with pytest.raises(GovdataError, match=message) as caught:
        stats.ols("y ~ x", frame(), **options)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("changes", "options", "message"),
    [
        ({"iso3": [["a"]] * 48}, {}, "column 'iso3' holds list values; keys are text or whole numbers"),
        ({"c": [{"a": 1}] * 48}, {"cluster": "c"}, "column 'c' holds dict values"),
        ({"year": frame()["year"] * 1e16}, {"se": "DK", "lags": 1}, "column 'year' holds 2000.*, which is too large"),
        ({"x": frame()["x"].astype(object)}, {}, "column 'x' holds numbers stored as objects; .* pd.to_numeric"),
        ({"x": frame()["x"].astype(str)}, {}, "column 'x' holds numbers stored as text; .* pd.to_numeric"),
        ({"x": [decimal.Decimal(i) for i in range(48)]}, {}, "numbers stored as objects"),
        ({"x": [1j] * 48}, {}, "column 'x' is not numeric"),
    ],
)
def test_wrong_columns(changes: dict[str, Any], options: dict[str, Any], message: str) -> None:
    with pytest.raises(GovdataError, match=message):
        stats.ols("y ~ x", frame().assign(**changes), **options)


def test_shifts() -> None:
    data = frame()
    with pytest.raises(GovdataError, match="too large to count in"):
        stats.ols("y ~ lag(x)", data.assign(year=data["year"] * 1e16))
    with pytest.raises(GovdataError, match="column is the name of a column, not \\['x'\\]"):
        stats.lag(data, ["x"])  # type: ignore[arg-type]
    with pytest.raises(GovdataError, match="more than one column named 'x'"):
        stats.lag(pd.concat([data, data[["x"]]], axis=1), "x")
    with pytest.raises(GovdataError, match="steps is a whole number from 1 up to 999,999"):
        stats.lag(data, "x", 10**30)
    with pytest.raises(GovdataError, match="unit and time are both 'iso3'"):
        stats.lag(data, "x", unit="iso3", time="iso3")


def test_times_in_seconds_do_not_hang_the_summary() -> None:
    panel = stats.Panel(frame().assign(year=lambda data: data["year"] * 31_557_600))
    assert "Gaps: more than 1,000,000 gaps" in panel.summary()
    with pytest.raises(GovdataError, match="hardly steps"):
        _ = panel.gaps


def test_whole_numbers_of_numpy_are_whole_numbers() -> None:
    options: dict[str, Any] = {"se": "wild", "weights": "webb"}
    one = stats.ols("y ~ x", frame(), **options, reps=np.int64(99), seed=np.int64(1))
    two = stats.ols("y ~ x", frame(), **options, reps=99, seed=1)
    assert one.pvalues.equals(two.pvalues)
    assert one.note() == two.note()
