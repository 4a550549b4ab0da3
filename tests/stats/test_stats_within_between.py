"""Within-between and Mundlak: agreement with R, equalities between the two forms and with fixed effects, refusals."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govdata import stats
from govdata.errors import EstimationError, PanelError
from govdata.stats.within_between import within_between

LINEAR = Path(__file__).parents[1] / "reference" / "linear"
CASES = sorted(path.stem for path in LINEAR.glob("mundlak_*.json"))
TOLERANCE = 1e-8
CONVENTIONS: dict[str, dict[str, Any]] = {
    "": {"se": "iid"},
    "_iid": {"se": "iid"},
    "_CR0_unit": {"se": "CR0"},
    "_CRV1_unit": {"se": "CRV1"},
}
METHODS = ("reml", "ml", "swamy-arora", "ols")
few = settings(max_examples=10)


def case(name: str) -> tuple[dict[str, Any], pd.DataFrame]:
    found: dict[str, Any] = json.loads((LINEAR / f"{name}.json").read_text("utf-8"))
    return found, pd.read_csv(LINEAR / found["data"])


def panel(seed: int, *, share: float = 0.8) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    keys = [(f"u{unit:02d}", 1990 + year) for unit in range(20) for year in range(6) if rng.random() < share]
    data = pd.DataFrame(keys, columns=["iso3", "year"])
    unit = data["iso3"].str[1:].astype(int)
    data["fixed"] = rng.normal(size=20)[unit]
    data["x"] = rng.normal(size=len(data)) + data["fixed"]
    data["z"] = rng.normal(size=len(data))
    data["y"] = data["x"] - data["z"] + rng.normal(size=20)[unit] + rng.normal(size=len(data))
    return data


def spoken(term: str, form: str) -> str:
    if term.startswith("m_"):
        return f"mean({term[2:]})" if form == "mundlak" else f"between({term[2:]})"
    return f"within({term[2:]})" if term.startswith("w_") else term


def test_there_are_cases() -> None:
    assert len(CASES) >= 8


@pytest.mark.parametrize("name", CASES)
def test_certified(name: str) -> None:
    certified, data = case(name)
    for key, expected in certified["params"].items():
        if key in {"within", "random"}:
            continue
        form: Any = "mundlak" if "mundlak" in key else "within-between"
        method: Any = "ols" if key.startswith("pooled") else "swamy-arora"
        method = next((kind for kind in ("reml", "ml") if key.endswith(f"_{kind}")), method)
        model = within_between(
            certified["model"], data, form=form, method=method, unit=certified["unit"], time=certified["time"]
        )
        assert set(model.terms) == {spoken(term, form) for term in expected}
        for term, value in expected.items():
            assert model.params[spoken(term, form)] == pytest.approx(value, rel=TOLERANCE)
        for suffix, options in CONVENTIONS.items():
            errors = certified["se"].get(key + suffix, {})
            bse = model.with_se(**options).bse
            for term, value in errors.items():
                assert bse[spoken(term, form)] == pytest.approx(value, rel=TOLERANCE)
        extra = certified["extra"].get(key, {})
        for fact, value in {k: v for k, v in extra.items() if k in {"sigma_u", "sigma_e", "loglik"}}.items():
            assert model.facts[fact] == pytest.approx(value, rel=TOLERANCE)
        if "sigma2" in extra:
            assert float(model.facts["sigma_u"]) ** 2 == pytest.approx(extra["sigma2"]["id"], rel=TOLERANCE)


@given(seed=st.integers(0, 10_000), method=st.sampled_from(METHODS))
@few
def test_two_forms_of_one_model(seed: int, method: Any) -> None:  # noqa: ANN401
    data = panel(seed)
    split = within_between("y ~ x + z + fixed", data, method=method)
    mundlak = within_between("y ~ x + z + fixed", data, method=method, form="mundlak")
    fixed = stats.ols("y ~ x + z | iso3", data)
    for term in ("x", "z"):
        assert split.params[f"within({term})"] == pytest.approx(fixed.params[term], rel=1e-8)
        assert mundlak.params[term] == pytest.approx(fixed.params[term], rel=1e-8)
        difference = split.params[f"between({term})"] - split.params[f"within({term})"]
        assert mundlak.params[f"mean({term})"] == pytest.approx(difference, rel=1e-6, abs=1e-9)
        assert split.bse[f"within({term})"] == pytest.approx(mundlak.bse[term], rel=1e-7)
    assert split.params["fixed"] == pytest.approx(mundlak.params["fixed"], rel=1e-7, abs=1e-10)
    assert split.rss == pytest.approx(mundlak.rss, rel=1e-9)


def test_terms_and_notes() -> None:
    data = panel(1, share=1)
    model = within_between("y ~ x + fixed + C(year)", data)
    years = [f"within(C(year)[{year}])" for year in range(1991, 1996)]
    assert list(model.terms) == ["Intercept", "within(x)", *years, "between(x)", "fixed"]
    assert "no change within iso3, so entered once: fixed" in model.notes()
    assert any(
        note.startswith("the same mean in every iso3, so entered without it: C(year)[1991]") for note in model.notes()
    )
    assert model.estimator == "Within-between random effects (REML)"
    assert within_between("y ~ x", data, form="mundlak", method="ols").estimator == "Mundlak (OLS)"
    assert model.covariance.vcov.se == "CRV1"


def test_means_are_those_of_the_sample() -> None:
    data = panel(2)
    data.loc[data.index[::7], "z"] = np.nan
    complete = data.dropna()
    by_hand = complete.assign(
        m=complete.groupby("iso3")["x"].transform("mean"), mz=complete.groupby("iso3")["z"].transform("mean")
    )
    model = within_between("y ~ x + z", data, form="mundlak", method="ols")
    ours = stats.ols("y ~ x + z + m + mz", by_hand)
    np.testing.assert_allclose(model.params, ours.params, rtol=1e-9)
    np.testing.assert_allclose(model.bse, ours.bse, rtol=1e-9)


def test_neither_order_nor_type_of_keys_matters() -> None:
    data = panel(3)
    other = data.sample(frac=1, random_state=1)
    other["iso3"] = other["iso3"].str[1:].astype(int).astype("category")
    one, two = within_between("y ~ x + z", data), within_between("y ~ x + z", other)
    assert one.params.tolist() == two.params.tolist()
    assert one.bse.tolist() == two.bse.tolist()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"formula": "y ~ x", "collinear": True}, "collinear is one of refuse, drop, not True"),
        ({"formula": "y ~ x | iso3"}, "needs the differences between units"),
        ({"formula": "y ~ fixed"}, "no regressor changes within iso3, so there is nothing to split"),
        ({"formula": "y ~ x", "form": "mundlack"}, "did you mean 'mundlak'"),
        ({"formula": "y ~ x", "method": "amemiya"}, "method is one of reml, ml, swamy-arora, ols, not 'amemiya'"),
        ({"formula": "y ~ x", "method": "pooled"}, "did you mean 'ols'"),
        ({"formula": "y ~ x", "form": "hybrid"}, "did you mean 'within-between'"),
        ({"formula": "y ~ x - 1"}, "random effects have a mean of their own"),
        ({"formula": "y ~ x + C(iso3)"}, "is an exact combination of"),
    ],
)
def test_refusals(options: dict[str, Any], message: str) -> None:
    with pytest.raises(EstimationError, match=message):
        within_between(options.pop("formula"), panel(0), **options)


def test_names_of_other_programs() -> None:
    data = panel(0)
    for theirs, ours in (("swar", "swamy-arora"), ("sa", "swamy-arora"), ("mle", "ml")):
        one, two = (within_between("y ~ x", data, method=name) for name in (theirs, ours))  # type: ignore[arg-type]
        assert one.params.equals(two.params)
        assert one.estimator == two.estimator


def test_units_are_needed() -> None:
    with pytest.raises(PanelError, match="needs to know the unit of a row"):
        within_between("y ~ x", panel(0).drop(columns="iso3"))
