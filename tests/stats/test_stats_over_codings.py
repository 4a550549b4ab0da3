"""A model over every recoding of its evidence."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import joblib
import numpy as np
import pandas as pd
import pytest

from govdata import stats
from govdata.errors import ArgumentError, EstimationError
from govdata.report.codings_plots import codings_plot
from govdata.stats.over_codings import NO_CHANGE, OverCodings, over_codings

NUMBERS = ["estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high"]
UNITS, YEARS = 24, range(2001, 2013)


def simulate(seed: int = 0, *, missing: float = 0.1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    index = pd.MultiIndex.from_product([[f"U{i:02d}" for i in range(UNITS)], YEARS], names=["iso3", "year"])
    data = index.to_frame(index=False)
    data["x"] = rng.integers(0, 5, len(data)).astype(float)
    data["z"] = rng.integers(0, 3, len(data)).astype(float)
    data["w"] = rng.normal(size=len(data))
    data["y"] = 0.4 * data["x"] - 0.3 * data["z"] + data["w"] + rng.normal(size=len(data))
    for column in ("x", "z", "y"):
        data.loc[rng.random(len(data)) < missing, column] = np.nan
    return data[rng.random(len(data)) > 0.1].reset_index(drop=True)


def recode(data: pd.DataFrame, seed: int = 1, *, sources: int = 5) -> SimpleNamespace:
    """Recodings as a release would give them: some of cells that the model's data do not have."""
    rng = np.random.default_rng(seed)
    names = ["lowest", "highest", "nothing", *(f"without:s{i}" for i in range(sources))]
    rows = []
    for name in names:
        for column in ("x", "z"):
            if name == "nothing" or (name.startswith("without:") and column == "z"):
                continue
            for at in rng.choice(len(data), size=12, replace=False):
                old = data[column].iloc[at]
                new = {"lowest": 0.0, "highest": 4.0}.get(name, np.nan if rng.random() < 0.5 else 2.0)
                if not (old == new or (np.isnan(old) and np.isnan(new))):
                    rows.append((name, data["iso3"].iloc[at], int(data["year"].iloc[at]), column, old, new, ""))
        rows.append((name, "ZZZ", 2003, "x", 1.0, 2.0, ""))
    changes = pd.DataFrame(rows, columns=["coding", "iso3", "year", "column", "old", "new", "reason"])
    return SimpleNamespace(
        names=tuple(names), descriptions={name: f"Recoding {name}." for name in names}, changes=changes
    )


def by_hand(data: pd.DataFrame, codings: SimpleNamespace, name: str, column: str | None = None) -> pd.DataFrame:
    """The same cells replaced one by one."""
    frame = data.copy()
    for row in codings.changes[codings.changes["coding"] == name].to_dict("records"):
        if column in (None, row["column"]):
            here = (frame["iso3"] == row["iso3"]) & (frame["year"] == row["year"])
            frame.loc[here, row["column"]] = row["new"]
    return frame


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(
    "formula", ["y ~ x + z | iso3 + year", "y ~ x*z + w", "y ~ lag(x) + z | iso3", "y ~ C(x) + z | iso3"]
)
def test_equals_the_refit_by_hand(seed: int, formula: str) -> None:
    data = simulate(seed)
    codings = recode(data, seed, sources=3)
    m = stats.ols(formula, data, unit="iso3", time="year")
    table = over_codings(m, codings).table
    for name in codings.names:
        for column in (None, "x", "z"):
            key = name if column is None else f"{name} [{column}]"
            own = table[table["coding"] == key].set_index("term")
            if column is not None and own.empty:
                assert name not in ("lowest", "highest")
                continue
            expected = stats.ols(formula, by_hand(data, codings, name, column), unit="iso3", time="year")
            wanted = expected.tidy().set_index("term")[NUMBERS].reindex(list(m.terms))
            np.testing.assert_allclose(own[NUMBERS].to_numpy(float), wanted.to_numpy(float), rtol=1e-10, atol=1e-13)
            assert (own["nobs"] == expected.nobs).all()
            change = wanted["estimate"].to_numpy() - m.params.to_numpy()
            np.testing.assert_allclose(own["change"].to_numpy(float), change, rtol=1e-9, atol=1e-13)
    assert (table.loc[table["coding"] == "nothing", "reason"] == NO_CHANGE).all()


PANEL = {"unit": "iso3", "time": "year"}
ESTIMATORS: dict[str, Callable[[pd.DataFrame], stats.PanelResults]] = {
    "logit": lambda data: stats.binary("d ~ x + z", data),
    "conditional logit": lambda data: stats.binary("d ~ x + z | iso3", data),
    "ordered": lambda data: stats.ordered("z ~ x + w", data),
    "count": lambda data: stats.count("z ~ x + w", data, model="poisson"),
    "random effects": lambda data: stats.random_effects("y ~ x + z", data, **PANEL),
    "within-between": lambda data: stats.within_between("y ~ x + w", data, **PANEL),
    "between": lambda data: stats.between("y ~ x + z", data, **PANEL),
    "first difference": lambda data: stats.first_difference("y ~ x + z", data, **PANEL),
    "Prais-Winsten": lambda data: stats.prais_winsten("y ~ x + z", data, pairwise=True, **PANEL),
    "time since": lambda data: stats.binary("d ~ x + z", data, time="cubic"),
    "Driscoll-Kraay": lambda data: stats.ols("y ~ x + z | iso3", data).with_se("DK", lags=2),
    "singletons": lambda data: stats.ols("y ~ x + z | iso3", data, singletons="drop"),
}


@pytest.mark.parametrize("name", list(ESTIMATORS))
def test_every_estimator(name: str) -> None:
    data = simulate(7)
    data["d"] = (data["y"] > 0).astype(float).where(data["y"].notna())
    codings = recode(data, 7, sources=1)
    fit = ESTIMATORS[name]
    m = fit(data)
    table = over_codings(m, codings).table
    for coding in ("lowest", "without:s0"):
        own = table[table["coding"] == coding].set_index("term")
        expected = fit(by_hand(data, codings, coding)).tidy().set_index("term").reindex(list(m.terms))
        np.testing.assert_allclose(
            own[NUMBERS].to_numpy(float), expected[NUMBERS].to_numpy(float), rtol=1e-8, atol=1e-12
        )


@pytest.mark.parametrize("kind", ["category", "float_year", "text_year", "shuffled", "int_units"])
def test_keys_are_compared_by_what_they_say(kind: str) -> None:
    data = simulate(3)
    codings = recode(data, 3)
    expected = over_codings(stats.ols("y ~ x + z | iso3 + year", data), codings).table
    other = data.copy()
    if kind == "category":
        other["iso3"], other["year"] = other["iso3"].astype("category"), other["year"].astype("category")
    elif kind == "float_year":
        other["year"] = other["year"].astype(float)
    elif kind == "text_year":
        other["year"] = other["year"].astype(str)
    elif kind == "shuffled":
        other = other.sample(frac=1.0, random_state=5)
        other.index = [0] * len(other)
    else:
        numbers = {name: place for place, name in enumerate(sorted(set(data["iso3"]) | {"ZZZ"}))}
        other["iso3"] = other["iso3"].map(numbers)
        codings.changes["iso3"] = codings.changes["iso3"].map(numbers).astype(str)
    found = over_codings(stats.ols("y ~ x + z | iso3 + year", other), codings).table
    assert found["coding"].tolist() == expected["coding"].tolist()
    assert found["cells_changed"].tolist() == expected["cells_changed"].tolist()
    np.testing.assert_allclose(found[NUMBERS].to_numpy(float), expected[NUMBERS].to_numpy(float), rtol=1e-10)


def test_several_rows_of_a_unit_year() -> None:
    data = pd.concat([simulate(4).assign(part=0), simulate(4).assign(part=1)], ignore_index=True)
    data.loc[data["part"] == 1, "w"] += 1.0
    codings = recode(simulate(4), 4)
    m = stats.ols("y ~ x + w", data, panel=False, cluster="iso3")
    own = over_codings(m, codings).table.query("coding == 'lowest' and term == 'x'").iloc[0]
    again = stats.ols("y ~ x + w", by_hand(data, codings, "lowest"), panel=False, cluster="iso3")
    np.testing.assert_allclose(own["estimate"], again.params["x"], rtol=1e-10)


def test_recodings_of_the_response() -> None:
    data = simulate(5)
    codings = recode(data, 5)
    m = stats.ols("x ~ w | iso3", data)
    found = over_codings(m, codings)
    assert found.columns == ("x",)
    assert found.terms == ("w",)
    own = found.table[found.table["coding"] == "lowest"].iloc[0]
    expected = stats.ols("x ~ w | iso3", by_hand(data, codings, "lowest"))
    np.testing.assert_allclose(own["estimate"], expected.params["w"], rtol=1e-10)


def test_cells_of_rows_that_cannot_count_change_nothing() -> None:
    data = simulate(6)
    data.loc[data["iso3"] == "U03", "y"] = np.nan
    here = data[(data["iso3"] == "U03") & data["x"].notna()]
    rows = [("without:a", "U03", int(year), "x", old, 3.5, "") for year, old in here[["year", "x"]].to_numpy()]
    changes = pd.DataFrame(rows, columns=["coding", "iso3", "year", "column", "old", "new", "reason"])
    codings = SimpleNamespace(names=("without:a",), descriptions={}, changes=changes)
    table = over_codings(stats.ols("y ~ x | iso3", data), codings).table
    assert table["reason"].tolist() == [NO_CHANGE]
    assert table["cells_changed"].tolist() == [0]
    assert table["change"].tolist() == [0.0]
    lagged = over_codings(stats.ols("y ~ lag(x) | iso3", data), codings).table
    assert lagged["reason"].tolist() == [NO_CHANGE]


def test_rows_can_enter_the_sample() -> None:
    data = simulate(8)
    m = stats.ols("y ~ x | iso3", data)
    gone = data[data["x"].isna() & data["y"].notna()]
    changes = pd.DataFrame(
        {"coding": "highest", "iso3": gone["iso3"], "year": gone["year"], "column": "x", "old": np.nan, "new": 4.0}
    )
    codings = SimpleNamespace(names=("highest",), descriptions={"highest": "Up."}, changes=changes)
    row = over_codings(m, codings).table.iloc[0]
    assert row["nobs"] == m.nobs + len(gone)
    assert row["cells_changed"] == len(gone)
    assert row["description"] == "Up."


def test_a_recoding_that_cannot_be_estimated_says_why() -> None:
    data = simulate(9)
    known = data[data["x"].notna()]
    frames = [
        pd.DataFrame({"coding": name, "iso3": known["iso3"], "year": known["year"], "column": "x", "old": known["x"]})
        for name in ("lowest", "without:a")
    ]
    changes = pd.concat([frames[0].assign(new=0.0), frames[1].assign(new=np.nan)])
    codings = SimpleNamespace(names=("lowest", "without:a"), descriptions={}, changes=changes)
    found = over_codings(stats.ols("y ~ x + w | iso3", data), codings)
    own = found.table[found.table["term"] == "x"].set_index("coding")
    assert own["estimate"].isna().all()
    assert "does not vary" in own.loc["lowest", "reason"]
    assert "no complete row" in own.loc["without:a", "reason"]
    assert own["sign_changes"].isna().all()
    assert own["nobs"].tolist() == [0, 0]
    assert "Not estimated, without:a" in found.summary()
    assert found.extremes()["coding"].unique().tolist() == ["as fitted"]
    assert found.kept().loc[0, ["recodings", "failed", "refitted"]].tolist() == [2, 2, 0]


def test_a_category_that_goes_says_so() -> None:
    data = simulate(10)
    top = data[data["x"] == 4.0]
    changes = pd.DataFrame(
        {"coding": "lowest", "iso3": top["iso3"], "year": top["year"], "column": "x", "old": 4.0, "new": 3.0}
    )
    codings = SimpleNamespace(names=("lowest",), descriptions={}, changes=changes)
    table = over_codings(stats.ols("y ~ C(x) | iso3", data), codings).table.set_index("term")
    assert "no coefficient C(x)[4] under this recoding" in table.loc["C(x)[4]", "reason"]
    assert table.loc["C(x)[3]", "reason"] == ""


def test_text_categories() -> None:
    data = simulate(11, missing=0.0)
    data["kind"] = np.where(data["x"] > 2, "strong", "weak")
    here = data[data["iso3"] == "U05"]
    changes = pd.DataFrame(
        {"coding": "lowest", "iso3": here["iso3"], "year": here["year"], "column": "kind", "old": here["kind"]}
    ).assign(new="none")
    codings = SimpleNamespace(names=("lowest",), descriptions={}, changes=changes)
    other = data.assign(kind=data["kind"].mask(data["iso3"] == "U05", "none"))
    expected = stats.ols("y ~ C(kind) + w", other)
    for frame in (data, data.assign(kind=data["kind"].astype("category"))):
        table = over_codings(stats.ols("y ~ C(kind) + w", frame), codings).table.set_index("term")
        np.testing.assert_allclose(table.loc["w", "estimate"], expected.params["w"], rtol=1e-10)


def test_datasets_are_recoded_together() -> None:
    data = simulate(12)
    both = recode(data, 12)
    halves = [
        SimpleNamespace(names=both.names, descriptions={}, changes=both.changes[both.changes["column"] == column])
        for column in ("x", "z")
    ]
    m = stats.ols("y ~ x + z | iso3", data)
    one, two = over_codings(m, both).table, over_codings(m, halves).table
    pd.testing.assert_frame_equal(one[["coding", *NUMBERS]], two[["coding", *NUMBERS]])


def test_companions_in_the_data() -> None:
    data = simulate(13)
    data["x_low"] = data["x"].where(data["year"] != 2005, np.fmax(data["x"] - 1, 0))
    data["x_high"] = data["x"].fillna(4.0)
    data["x_sub"] = data["x"].where(data["iso3"] > "U10") + 1.0
    m = stats.ols("y ~ x + w | iso3 + year", data)
    found = over_codings(m)
    expected = {
        "lowest": data["x_low"].fillna(data["x"]),
        "highest": data["x_high"],
        "subnational": data[["x", "x_sub"]].max(axis=1),
    }
    assert found.table["coding"].unique().tolist() == list(expected)
    for name, column in expected.items():
        own = found.table[found.table["coding"] == name].set_index("term")
        again = stats.ols("y ~ x + w | iso3 + year", data.assign(x=column)).tidy().set_index("term")
        np.testing.assert_allclose(own[NUMBERS].to_numpy(float), again[NUMBERS].to_numpy(float), rtol=1e-10)


def test_extremes_and_page() -> None:
    data = simulate(14)
    m = stats.ols("y ~ x + z + w | iso3 + year", data)
    found = over_codings(m, recode(data, 14, sources=9))
    ends = found.extremes().set_index(["term", "extreme"])["estimate"]
    for term in m.terms:
        own = found.table.loc[found.table["term"] == term, "estimate"]
        assert ends[term, "lowest"] == min(own.min(), m.params[term])
        assert ends[term, "highest"] == max(own.max(), m.params[term])
    assert found.terms == ("x", "z")
    page = str(found)
    assert max(map(len, page.splitlines())) <= 100
    most = found.influential("x")
    assert most["change"].abs().is_monotonic_decreasing
    assert most["coding"].iloc[0] in page
    assert "the most influential" in page
    kept = found.kept().set_index("term").loc["x"]
    own = found.table[(found.table["term"] == "x") & (found.table["reason"] == "")]
    assert kept["refitted"] == len(own)
    assert kept["same_sign"] == int((np.sign(own["estimate"]) == np.sign(m.params["x"])).sum())
    assert kept["same_significance"] == int(((own["p_value"] < 0.05) == (m.pvalues["x"] < 0.05)).sum())
    assert found._repr_html_().startswith("<pre>")
    assert repr(found).startswith("<OverCodings of 'y ~ x + z + w | iso3 + year'")


def test_inputs_stay_and_workers_do_not_matter() -> None:
    data = simulate(15)
    codings = recode(data, 15)
    before, changes = data.copy(), codings.changes.copy()
    m = stats.ols("y ~ x + z | iso3 + year", data)
    one = over_codings(m, codings).table
    with joblib.parallel_config(backend="threading", n_jobs=2):
        two = over_codings(m, codings).table
    pd.testing.assert_frame_equal(one, two)
    pd.testing.assert_frame_equal(data, before)
    pd.testing.assert_frame_equal(codings.changes, changes)


def test_refusals() -> None:
    data = simulate(16)
    m = stats.ols("y ~ x | iso3", data)
    codings = recode(data, 16)
    with pytest.raises(EstimationError, match=r"no bounds or subnational values .* codings=govdata.codings\("):
        over_codings(m)
    with pytest.raises(EstimationError, match=r"codings is what govdata.codings\(\) returns, .*not 'lowest'"):
        over_codings(m, "lowest")  # type: ignore[arg-type]
    with pytest.raises(EstimationError, match="codings is an empty list"):
        over_codings(m, [])
    with pytest.raises(EstimationError, match="the recodings are of x, z, and the model has y, w, iso3"):
        over_codings(stats.ols("y ~ w | iso3", data), codings)
    with pytest.raises(EstimationError, match=r"x is .* in the data at U.. 20.. and .* in the release .* such cells"):
        over_codings(stats.ols("y ~ x | iso3", data.assign(x=data["x"] / 4 + 0.1)), codings)
    with pytest.raises(EstimationError, match=r"no recoded cell is a row of the model's data: .* such as V00 2001"):
        over_codings(stats.ols("y ~ x | iso3", data.assign(iso3=data["iso3"].str.replace("U", "V"))), codings)
    with pytest.raises(EstimationError, match=r"x_low lies above x in .* rows, so that it is no bound"):
        over_codings(stats.ols("y ~ x | iso3", data.assign(x_low=data["x"] + 1)))
    with pytest.raises(ArgumentError):
        over_codings(data, codings)  # type: ignore[arg-type]
    with pytest.raises(EstimationError, match="the model has no coefficient 'xx'; did you mean 'x'"):
        over_codings(m, codings).influential("xx")


def test_plot() -> None:
    data = simulate(17)
    found = over_codings(stats.ols("y ~ x + z | iso3", data), recode(data, 17, sources=8))
    figure = codings_plot(found, sources=3, labels={"without:s1": "The first report", "x": "Surveillance"})
    words = [text.get_text() for text in figure.axes[0].get_yticklabels()]
    assert words[0] == "As fitted"
    assert words[1:3] == ["Lowest reading", "Lowest reading (Surveillance)"]
    assert words[-1] == "5 more sources (range)"
    assert figure.axes[0].get_xlabel() == "Coefficient of Surveillance on y"
    assert len(codings_plot(found, sources=60).axes[0].get_yticklabels()) == len(words) + 4
    for options, message in (
        ({"result": data}, "codings_plot draws what stats.over_codings"),
        ({"term": "q"}, "the model has no coefficient 'q'"),
        ({"sources": True}, "sources is a whole number from 0 to 60"),
    ):
        with pytest.raises(ArgumentError, match=message):
            codings_plot(**({"result": found} | options))  # type: ignore[arg-type]


def test_made_by_hand() -> None:
    from dataclasses import replace

    m = stats.ols("y ~ x", simulate(18))
    with pytest.raises(EstimationError, match="does not say how it was fitted"):
        over_codings(replace(m, call=None))
    assert isinstance(over_codings(m, recode(simulate(18), 18)), OverCodings)
