"""Names and numbers that users bring along from other packages, and what a result says of its data."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pandas as pd
import pytest

from govdata import stats
from govdata.errors import ArgumentError, EstimationError, FormulaError, PanelError


def frame() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    found = pd.DataFrame({"iso3": np.repeat(list("abcdefgh"), 6), "year": np.tile(range(2000, 2006), 8)})
    return found.assign(x=rng.normal(size=48), y=rng.normal(size=48))


def test_a_share_left_out_is_no_level() -> None:
    with pytest.raises(EstimationError, match=r"level=0\.05 would cover 5%; level is the share covered"):
        stats.ols("y ~ x", frame()).conf_int(0.05)


@pytest.mark.parametrize(
    ("name", "here"),
    [("fittedvalues", "fitted"), ("cov_params", "cov"), ("coef", "params"), ("vcov", "with_se()"), ("rsquare", "mean")],
)
def test_a_name_of_another_package_leads_to_the_one_here(name: str, here: str) -> None:
    model = stats.ols("y ~ x", frame())
    with pytest.raises(AttributeError) as caught:
        getattr(model, name)
    assert here in str(caught.value)
    assert not hasattr(model, name)


def test_copies_and_pickles_are_whole() -> None:
    model = stats.ols("y ~ x", frame())
    assert copy.deepcopy(model).params.equals(model.params)
    assert pickle.loads(pickle.dumps(model)).params.equals(model.params)  # noqa: S301 -- our own bytes


def test_glance_names_no_rule_that_was_not_used() -> None:
    model = stats.ols("y ~ x | iso3", frame())
    assert model.glance()["df"].item() == "nested"
    for se in ("CR2", "CR0", "HC3", "PCSE"):
        assert model.with_se(se).glance()["df"].isna().item()
    assert model.with_se("wild").glance()["t_df"].isna().item()


@pytest.mark.parametrize(
    ("attrs", "said"),
    [
        ({"dataset": "dsp; owi", "version": "1.0.0; 2.1.0"}, "dsp 1.0.0; owi 2.1.0"),
        ({"dataset": "dsp", "version": "1.0.0"}, "dsp 1.0.0"),
        ({"dataset": "dsp; owi", "version": "1.0.0"}, "dsp; owi 1.0.0"),
        ({"source": "V-Dem", "version": "15"}, "V-Dem 15"),
        ({"source": "V-Dem", "version": ""}, "V-Dem"),
        ({}, ""),
    ],
)
def test_every_dataset_has_its_own_version(attrs: dict[str, str], said: str) -> None:
    data = frame()
    data.attrs = dict(attrs)
    assert stats.ols("y ~ x", data).dataset == said
    assert stats.ols("y ~ x", stats.Panel(data)).dataset == said


def test_an_index_of_units_and_times_is_not_passed_over() -> None:
    frame = pd.DataFrame({"country": list("aabb"), "wave": [1, 2, 1, 2], "y": [1.0, 2, 4, 3], "x": [1.0, 3, 2, 5]})
    with pytest.raises(PanelError, match=r"the index holds country, wave; data.reset_index\(\) makes columns of it"):
        stats.ols("y ~ x", frame.set_index(["country", "wave"]))
    assert stats.ols("y ~ x", frame.set_index(["country", "wave"]), panel=False).nobs == 4


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ("y ~ x + i.year", r"column 'i.year' is not in the data .*; write C\(year\)$"),
        ("y ~ L.x", r"; write lag\(x\)$"),
        ("y ~ L2.x", r"; write lag\(x, 2\)$"),
        ("y ~ D.x", r"; write diff\(x\)$"),
        ("y ~ F.x", r"; write lead\(x\)$"),
        ("y ~ c.x", "; write x$"),
    ],
)
def test_operators_of_stata_are_translated(formula: str, message: str) -> None:
    with pytest.raises(FormulaError, match=message):
        stats.ols(formula, frame())


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("cov_type", "there is no option 'cov_type'; it is se= here"),
        ("vce", "it is se= here, with cluster= for the column"),
        ("absorb", "write effects after '|' in the formula"),
        ("entity_effects", "as in 'y ~ x | iso3'"),
    ],
)
def test_options_of_other_packages_are_translated(option: str, message: str) -> None:
    with pytest.raises(EstimationError) as caught:
        stats.ols("y ~ x", frame(), **{option: "x"})  # type: ignore[arg-type]
    assert message in str(caught.value)


def test_functions_of_other_packages_are_translated() -> None:
    with pytest.raises(AttributeError, match=r"govdata.stats has no 'feols'; it is stats.ols\("):
        _ = stats.feols
    with pytest.raises(AttributeError, match=r"no 'orderd'; did you mean 'ordered'"):
        _ = stats.orderd


def test_rows_without_a_unit_are_said_to_be_taken_as_independent() -> None:
    plain = frame().rename(columns={"iso3": "country"})
    assert any("no unit is known" in note for note in stats.ols("y ~ x", plain).notes())
    for wanted in ({"se": "iid"}, {"cluster": "country"}, {"unit": "country"}, {"panel": False}):
        model = stats.ols("y ~ x", plain, **wanted)  # type: ignore[arg-type]
        assert not any("no unit is known" in note for note in model.notes())


def test_a_word_among_numbers_is_shown() -> None:
    data = frame()
    data["x"] = data["x"].astype(object)
    data.loc[3, "x"] = ".."
    with pytest.raises(EstimationError, match=r"column 'x' holds numbers and '\.\.' in 1 row; say what that means"):
        stats.ols("y ~ x", data)


def test_models_side_by_side_and_families_of_indicators() -> None:
    one, two = stats.ols("y ~ x + C(iso3)", frame()), stats.ols("y ~ x", frame())
    both = stats.compare(one, two, keep=["x"])
    assert both.headings == ("(1)", "(2)")
    assert "Estimated but not shown: C(iso3) (7 coefficients)." in both.notes
    with pytest.raises(ArgumentError, match="several models stand side by side"):
        stats.compare([one], two)


def test_small_p_values_are_not_printed_as_zero() -> None:
    data = frame().assign(y=lambda rows: 5 * rows["x"] + rows["y"])
    assert "<0.0001" in stats.ols("y ~ x", data).summary()
