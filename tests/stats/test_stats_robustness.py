"""The reviewer's page: every part there or refused with its reason, each number that of the function it comes from."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from govdata import stats
from govdata.errors import ArgumentError, EstimationError
from govdata.stats.robustness import PARTS, Robustness, robustness

pytestmark = pytest.mark.filterwarnings("error")
QUICK: dict[str, Any] = {"reps": 99, "n_draws": 5}


def panel(units: int = 16, times: int = 7, seed: int = 3) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    n = units * times
    data = pd.DataFrame({"iso3": np.repeat([f"U{i:02d}" for i in range(units)], times)})
    data["year"] = np.tile(range(2001, 2001 + times), units)
    data["x"] = rng.integers(0, 5, n).astype(float)
    data["z"] = rng.normal(size=n)
    data["y"] = 0.6 * data["x"] + 0.3 * data["z"] + rng.normal(size=n)
    data["won"] = (data["y"] > data["y"].median()).astype(float)
    data["grade"] = np.digitize(data["y"], data["y"].quantile([0.3, 0.7]))
    return data


def coded(data: pd.DataFrame) -> pd.DataFrame:
    """Put bounds beside two variables."""
    late = data["year"] > 2005
    found = data.assign(x_low=data["x"] - late, x_high=data["x"] + late)
    return found.assign(z_low=data["z"] - 0.2 * ~late, z_high=data["z"] + 0.2 * late)


@pytest.fixture(scope="module")
def model() -> Any:  # noqa: ANN401
    return stats.ols("y ~ x + z | iso3 + year", coded(panel()))


@pytest.fixture(scope="module")
def full(model: Any) -> Robustness:  # noqa: ANN401
    return robustness(model, **QUICK)


def test_every_part_is_that_of_its_function(model: Any, full: Robustness) -> None:  # noqa: ANN401
    assert full.refused == {}
    assert full.term == "x"
    frame = full.to_frame().set_index(["part", "check"])
    shown = ["estimate", "std_error", "p_value", "conf_low", "conf_high"]
    own = model.tidy().set_index("term").loc["x", shown]
    np.testing.assert_allclose(frame.loc[("model", "as fitted"), shown].astype(float), own.astype(float), rtol=1e-12)
    for name, options in {
        "CRV1 iso3+year": {"se": "CRV1", "cluster": ["iso3", "year"]},
        "CR2 iso3": {"se": "CR2", "cluster": "iso3"},
        "PCSE": {"se": "PCSE"},
        "HC1": {"se": "HC1"},
    }.items():
        other = model.with_se(**options).tidy().set_index("term").loc["x", shown]
        np.testing.assert_allclose(frame.loc[("conventions", name), shown].astype(float), other.astype(float))
    test = stats.wild_bootstrap(model, "x", reps=99)
    row = frame.loc[("bootstrap", "wild cluster bootstrap by iso3")]
    assert row["p_value"] == test.p_value
    assert (row["conf_low"], row["conf_high"]) == (test.conf_low, test.conf_high)
    left = stats.leave_one_out(model, "iso3").table
    left = left[left["term"] == "x"].set_index("left_out")["estimate"]
    for which, unit in (("lowest", left.idxmin()), ("highest", left.idxmax())):
        found = frame.loc[("leave_one_out", f"{which}, without iso3 {unit}")]
        data = coded(panel())
        again = stats.ols("y ~ x + z | iso3 + year", data[data["iso3"] != unit])
        np.testing.assert_allclose([found["estimate"], found["std_error"]], [again.params["x"], again.bse["x"]])
        assert found["nobs"] == again.nobs
    pooled = stats.over_draws(model, draws=5)
    found = frame.loc[("draws", "pooled over 5 draws")]
    np.testing.assert_allclose([found["estimate"], found["std_error"]], [pooled.params["x"], pooled.bse["x"]])
    lowest = stats.ols("y ~ x + z | iso3 + year", data.assign(x=data["x_low"], z=data["z_low"]))
    np.testing.assert_allclose(frame.loc[("codings", "lowest"), "estimate"], lowest.params["x"])
    alone = stats.ols("y ~ x + z | iso3 + year", data.assign(z=data["z_low"]))
    np.testing.assert_allclose(frame.loc[("codings", "lowest [z]"), "estimate"], alone.params["x"])
    curve = stats.specification_curve(data, y="y", x="x", controls=["z"], effects=["iso3 + year", "iso3", "year"])
    assert float(frame.loc["specifications"]["estimate"].min()) == pytest.approx(curve.table["estimate"].min())
    assert full.omitted is not None
    assert full.omitted.rv_q == stats.sensitivity(model, "x").rv_q


def test_the_page(full: Robustness) -> None:
    page = str(full)
    assert max(map(len, page.split("\n"))) <= 100
    for number in range(1, len(PARTS) + 1):
        assert f"\n{number}. " in page
    flat = " ".join(page.split())
    assert "Recoded: x, z (together; in brackets, one alone)." in flat
    assert "draws of x, z that were made without regard to y add noise to a regressor" in flat
    assert "x uniform from x_low to x_high, whole codes" in flat
    assert "seed 0" in flat
    assert "lies between the draws" in flat
    assert full._repr_html_().startswith("<pre>Robustness of x on y")
    assert repr(full).endswith("conventions, bootstrap, leave_one_out, specifications, draws, codings, sensitivity>")


@pytest.mark.parametrize(
    ("estimator", "formula", "gone"),
    [
        ("binary", "won ~ x + z", {"bootstrap", "specifications", "draws", "codings", "sensitivity"}),
        ("ordered", "grade ~ x + z", {"bootstrap", "specifications", "draws", "codings", "sensitivity"}),
        ("random_effects", "y ~ x + z", {"bootstrap", "specifications", "draws", "codings", "sensitivity"}),
        ("between", "y ~ x + z", {"bootstrap", "specifications", "draws", "codings", "sensitivity"}),
        ("ols", "y ~ x | iso3", {"draws", "codings"}),
    ],
)
def test_other_models_say_what_they_lack(estimator: str, formula: str, gone: set[str]) -> None:
    found = robustness(getattr(stats, estimator)(formula, panel(9, 5)), **QUICK)
    assert set(found.refused) == gone
    page = str(found)
    assert page.count("Not done: ") == len(gone)
    assert max(map(len, page.split("\n"))) <= 100
    assert "leave_one_out" in repr(found)
    assert set(found.to_frame()["part"]) == {"model", *PARTS} - gone - {"sensitivity"}


@pytest.mark.parametrize("estimator", ["binary", "random_effects", "between"])
def test_other_models_are_drawn_and_recoded(estimator: str) -> None:
    formula = "won ~ x + z" if estimator == "binary" else "y ~ x + z"
    found = robustness(getattr(stats, estimator)(formula, coded(panel(8, 6))), by="iso3", **QUICK)
    assert set(found.refused) == {"bootstrap", "specifications", "sensitivity"}
    assert "lowest [x]" in found.to_frame()["check"].tolist()


def test_the_level_is_that_of_every_interval(model: Any) -> None:  # noqa: ANN401
    pages = [robustness(model, level=level, by="iso3", **QUICK) for level in (0.95, 0.8)]
    wide, narrow = (page.to_frame() for page in pages)
    for frame, level in ((wide, 0.95), (narrow, 0.8)):
        codings = frame[frame["check"] == "lowest"].iloc[0]
        data = coded(panel())
        again = stats.ols("y ~ x + z | iso3 + year", data.assign(x=data["x_low"], z=data["z_low"]))
        np.testing.assert_allclose(codings["conf_low"], again.conf_int(level).loc["x", "conf_low"])
    inner = (narrow["conf_low"] > wide["conf_low"]) & (narrow["conf_high"] < wide["conf_high"])
    assert inner[wide["part"] != "bootstrap"].all()
    assert "significance at 0.2 " in str(pages[1])


def test_draws_and_codings_that_are_given(model: Any) -> None:  # noqa: ANN401
    data = coded(panel())
    noise = np.random.default_rng(1).normal(0, 0.2, (len(data), 12))
    found = robustness(model, draws={"x": data["x"].to_numpy()[:, None] + noise}, codings=Recoded(), **QUICK)
    assert found.draws is not None
    assert found.draws.n_draws == 12
    assert found.recoded is not None
    assert found.recoded.columns == ("x",)
    checks = found.to_frame().set_index("part").loc["codings", "check"].tolist()
    # the last source is in no cell of the data: it is no extreme
    assert checks == ["highest", "lowest, without source b", "highest, without source a"]


class Recoded:
    """What govdata.codings returns, by hand."""

    names = ("highest", "without:a", "without:b", "without:c")
    indicators = ("x",)
    descriptions = dict.fromkeys(names, "")

    @property
    def changes(self) -> pd.DataFrame:
        data = panel()
        value = data["x"].iloc[[0, 0, 9]].to_numpy()
        cells = data.iloc[[0, 0, 9]][["iso3", "year"]].reset_index(drop=True)
        found = cells.assign(coding=["highest", "without:a", "without:b"], column="x", old=value, reason="")
        return found.assign(new=value + np.array([3.0, -2.0, 4.0]))[
            ["coding", "iso3", "year", "column", "old", "new", "reason"]
        ]


def test_sources_of_one_variable_are_no_extremes() -> None:
    model = stats.ols("y ~ x + z | iso3", panel())

    class Both(Recoded):
        @property
        def changes(self) -> pd.DataFrame:
            one = super().changes
            z = panel()["z"].iloc[[0, 0, 9]].to_numpy()
            return pd.concat([one, one.assign(column="z", old=z, new=z + 1.0)], ignore_index=True)

    found = robustness(model, codings=Both(), **QUICK)
    checks = found.to_frame().set_index("part").loc["codings", "check"].tolist()
    assert checks[:3] == ["highest", "highest [x]", "highest [z]"]
    assert not any("]" in check for check in checks[3:])


def test_groups_without_which_nothing_is_determined_are_named() -> None:
    data = panel(8, 4)
    data["x"] = np.where(data["year"] == 2004, data["x"], 1.0)
    page = " ".join(str(robustness(stats.ols("y ~ x | iso3", data), **QUICK)).split())
    assert "By year (4)" in page
    assert "Not estimated without 2004." in page


def test_equal_input_gives_an_equal_page(model: Any) -> None:  # noqa: ANN401
    data = coded(panel())
    order = np.random.default_rng(5).permutation(len(data))
    before = data.copy(deep=True)
    other = stats.ols(
        "y ~ x + z | iso3 + year", data.iloc[order].assign(iso3=lambda one: one["iso3"].astype("category"))
    )
    one, two = (robustness(m, seed=np.int64(4), **QUICK).to_frame() for m in (model, other))
    pd.testing.assert_frame_equal(one, two, rtol=1e-9)
    pd.testing.assert_frame_equal(data, before)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"seed": 1.0}, "seed=1.0 is not a whole number"),
        ({"seed": True}, "seed=True is not a whole number"),
        ({"reps": 0}, "reps=0 is not a whole number of at least 99"),
        ({"n_draws": 1}, "n_draws=1 is not a whole number of at least 2"),
        ({"permutations": 0.5}, "permutations=0.5"),
        ({"by": 5}, "by is a text or a list of texts, not 5"),
        ({"by": ["iso3", "yaer"]}, "no column 'yaer' \\(by=\\); did you mean 'year'"),
        ({"controls": 5}, "controls is a text"),
        ({"effects": [1]}, "effects is a text"),
        ({"draws": 200}, "n_draws="),
        ({"term": "xx"}, "no coefficient 'xx'"),
        ({"term": 5}, "no coefficient 5"),
        ({"level": 1.5}, "level is a number between 0 and 1"),
    ],
)
def test_wrong_arguments_are_refused_in_one_line(model: Any, options: dict[str, Any], message: str) -> None:  # noqa: ANN401
    with pytest.raises((ArgumentError, EstimationError), match=message) as caught:
        robustness(model, **{**QUICK, **options})
    assert "\n" not in str(caught.value)


def test_what_is_no_model_is_refused(model: Any) -> None:  # noqa: ANN401
    for wrong in (None, "y ~ x", stats.over_draws(model, draws=3)):
        with pytest.raises(ArgumentError, match="fitted model"):
            robustness(wrong)  # type: ignore[arg-type]


def test_the_page_prints_the_joint_test_and_the_benchmark_where_they_were_asked_for() -> None:
    rng = np.random.default_rng(8)
    frame = pd.DataFrame({"iso3": np.repeat(list("ABCDEFGHIJKLMNOP"), 6), "year": np.tile(range(2000, 2006), 16)})
    frame["x"], frame["z"] = rng.normal(size=(2, 96))
    frame["y"] = frame["x"] + 0.5 * frame["z"] + rng.normal(size=96)
    model = stats.ols("y ~ x + z | iso3", frame)
    found = stats.robustness(model, reps=99, permutations=99, benchmark="z", seed=4)
    text = found.summary()
    assert "Joint test (99 permutations, seed 4): median estimate p 0." in text
    first = found.omitted.bounds.iloc[0]  # type: ignore[union-attr]
    assert f"A confounder 1 times as strong as z would leave {first['estimate']:.4g}" in text
    assert max(map(len, text.splitlines())) <= 100
    assert "Joint test" not in stats.robustness(model, reps=99).summary()
