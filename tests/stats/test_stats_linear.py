"""The sample, the options and every refusal of stats.ols."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from govdata import stats
from govdata.errors import EstimationError, FormulaError, GovdataError, PanelError


def make(units: int = 12, years: int = 8, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    data = pd.MultiIndex.from_product(
        [[f"C{i:02d}" for i in range(units)], range(2000, 2000 + years)], names=["iso3", "year"]
    ).to_frame(index=False)
    for name in ("x", "z", "w"):
        data[name] = rng.normal(size=len(data))
    data["region"] = [int(unit[1:]) % 4 for unit in data["iso3"]]
    data["fixed"] = data["region"] + 0.5
    data["y"] = data["x"] - 0.5 * data["z"] + rng.normal(size=len(data))
    return data


@pytest.fixture
def data() -> pd.DataFrame:
    return make()


def test_keys_in_the_index_are_not_overlooked(data: pd.DataFrame) -> None:
    indexed = data.set_index(["iso3", "year"])
    with pytest.raises(PanelError, match=r"the index holds iso3, year; data.reset_index\(\) makes columns"):
        stats.ols("y ~ x", indexed)
    with pytest.raises(FormulaError, match=r"'year' is not in the data .*; the index holds iso3, year"):
        stats.ols("y ~ x | year", indexed)
    assert stats.ols("y ~ x", indexed, panel=False).covariance.vcov.se == "iid"


def test_an_index_that_repeats_itself(data: pd.DataFrame) -> None:
    data.loc[3, "x"] = np.nan
    repeated = data.set_axis([0] * len(data))
    model = stats.ols("y ~ x | iso3", repeated)
    assert model.params.equals(stats.ols("y ~ x | iso3", data).params)
    assert model.dropped["year"].tolist() == [2003]
    assert model.sample.tolist() == [i != 3 for i in range(96)]


def test_nothing_is_changed(data: pd.DataFrame) -> None:
    data.attrs = {"dataset": "d"}
    before = data.copy(deep=True)
    model = stats.ols("y ~ x | iso3 + year", data)
    pd.testing.assert_frame_equal(data, before)
    first = model.with_se(cluster="region").bse
    data["region"] = 1
    data.loc[:, "y"] = 0.0
    assert model.with_se(cluster="region").bse.equals(first)


def test_missing_rows_are_dropped_once_and_told(data: pd.DataFrame) -> None:
    data.index = pd.Index(range(100, 100 + len(data)))
    data.loc[100, "y"] = np.nan
    data.loc[101, ["y", "x"]] = np.nan
    data.loc[102, "iso3"] = None
    data.loc[103, "year"] = np.nan
    data.loc[104, "region"] = np.nan
    model = stats.ols("y ~ x | iso3", data, cluster="region")
    assert model.nobs == len(data) - 5
    assert model.dropped.index.tolist() == [100, 101, 102, 103, 104]
    assert model.dropped["variables"].tolist() == ["y", "y; x", "iso3", "year", "region"]
    assert set(model.dropped["reason"]) == {"missing"}
    assert model.dropped_counts == {
        f"missing {n}": c for n, c in [("y", 2), ("x", 1), ("iso3", 1), ("region", 1), ("year", 1)]
    }
    assert model.left_out() == "5 (missing y 2, missing x 1, missing iso3 1, missing region 1, missing year 1)"
    assert model.sample.index.equals(data.index)
    assert model.sample.sum() == model.nobs
    assert model.resid[~model.sample].isna().all()
    np.testing.assert_allclose((model.fitted + model.resid)[model.sample], data["y"][model.sample], rtol=1e-12)
    plain = stats.ols("y ~ x | iso3", data[model.sample], cluster="region")
    assert plain.params.equals(model.params)
    assert plain.dropped.empty


def test_lags_follow_the_calendar(data: pd.DataFrame) -> None:
    holes = data[data["year"] != 2004].sample(frac=1, random_state=3)
    model = stats.ols("y ~ x + lag(x, 1) + diff(z, 2) | iso3", holes)
    # 2005 lacks its lag, 2006 the value two years earlier
    assert set(holes.loc[model.sample, "year"]) == {2002, 2003, 2007}
    assert model.dropped_counts == {"missing lag(x, 1)": 24, "missing diff(z, 2)": 36}
    before = data.groupby("iso3")
    by_hand = data.assign(lagged=before["x"].shift(1), change=data["z"] - before["z"].shift(2))
    by_hand = by_hand[by_hand["year"].isin([2002, 2003, 2007])]
    expected = stats.ols("y ~ x + lagged + change | iso3", by_hand)
    assert model.params.tolist() == expected.params.tolist()


def test_one_frame_two_logs(data: pd.DataFrame) -> None:
    data["pos"] = np.exp(data["w"])
    model = stats.ols("y ~ log(pos) + lag(log(pos)) | iso3", data)
    by_hand = stats.ols("y ~ w + lag(w) | iso3", data)
    np.testing.assert_allclose(model.params, by_hand.params, rtol=1e-12)
    assert model.terms == ("log(pos)", "lag(log(pos), 1)")


def test_infinite_and_log_faults(data: pd.DataFrame) -> None:
    data.loc[[3, 4], "x"] = [np.inf, -np.inf]
    with pytest.raises(EstimationError, match="column 'x' is infinite in 2 rows of the sample"):
        stats.ols("y ~ x | iso3", data)
    with pytest.raises(EstimationError, match="column 'x' is infinite in 1 row of the sample"):
        stats.ols("y ~ lag(x) | iso3", data.drop(index=5))
    data["pos"] = data["w"] ** 2
    data.loc[[7, 8, 9], "pos"] = [0.0, -1.0, np.nan]
    with pytest.raises(EstimationError, match=r"log\(pos\): pos is zero or negative in 2 rows"):
        stats.ols("y ~ log(pos) | iso3", data)
    with pytest.raises(EstimationError, match=r"log\(pos\): pos is zero or negative in 1 row of"):
        stats.ols("y ~ diff(log(pos)) | iso3", data)
    data.loc[[3, 4, 7, 8], "y"] = np.nan
    assert stats.ols("y ~ log(pos) + x | iso3", data).nobs == len(data) - 5


def test_keys_are_inferred_or_named(data: pd.DataFrame) -> None:
    model = stats.ols("y ~ x", data)
    assert (model.n_units, model.n_periods) == (12, 8)
    assert model.note().startswith("CRV1 clustered by iso3 (12)")
    other = data.rename(columns={"iso3": "country", "year": "t"})
    model = stats.ols("y ~ lag(x) | country + t", other)
    assert (model.n_units, model.n_periods) == (12, 7)
    model = stats.ols("y ~ x", other)
    assert (model.n_units, model.n_periods) == (None, None)
    assert model.covariance.vcov.se == "iid"
    assert stats.ols("y ~ x", other, unit="country").n_periods is None
    assert stats.ols("y ~ x | t", other, unit="country", time="t").n_periods == 8


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"unit": "countri"}, FormulaError, "'countri' is not in the data .unit=."),
        ({"time": "yeer"}, FormulaError, "'yeer' is not in the data .time=.; did you mean 'year'"),
        ({"unit": "year", "time": "year"}, PanelError, "unit and time are both 'year'"),
        ({"unit": "region"}, PanelError, "96 rows share their region and year.*panel=False"),
        ({"panel": False, "unit": "iso3"}, PanelError, "panel=False says"),
        ({"se": "HC9"}, EstimationError, "se is one of iid, HC0, .*wild, not 'HC9'; did you mean"),
        ({"se": "iid", "cluster": "iso3"}, EstimationError, "does not use clusters"),
        ({"df": "all"}, EstimationError, "df is one of nested, full, none"),
        ({"df": 3}, EstimationError, "df is one of nested, full, none"),
        ({"twoway": "max"}, EstimationError, "twoway is one of min, conventional"),
        ({"singletons": "leave"}, EstimationError, "singletons is one of keep, drop"),
        ({"collinear": "error"}, EstimationError, "collinear is one of refuse, drop"),
        ({"cluster": "isoo3"}, FormulaError, "'isoo3' is not in the data .cluster=.; did you mean 'iso3'"),
        ({"cluster": ["iso3", "iso3"]}, EstimationError, "two different ones"),
        ({"cluster": ["iso3", "year", "region"]}, EstimationError, "two different ones"),
        ({"cluster": []}, EstimationError, "name of a column"),
        ({"cluster": pd.Series([1, 2])}, EstimationError, "not Series; put the clusters into the data"),
        ({"cluster": "one"}, EstimationError, "'one' has one level"),
    ],
)
def test_options_are_checked(data: pd.DataFrame, options: dict[str, Any], error: type, message: str) -> None:
    data = data.assign(one=1, two=data["year"] % 2)
    with pytest.raises(error, match=message) as caught:
        stats.ols("y ~ x + z", data, **options)
    assert isinstance(caught.value, GovdataError)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("formula", "error", "message"),
    [
        (
            "y ~ fixed | iso3",
            EstimationError,
            "fixed does not vary within iso3, whose effects are absorbed.*collinear='drop'",
        ),
        ("y ~ x + year | iso3 + year", EstimationError, "year does not vary within year"),
        ("y ~ x + mixed | iso3 + year", EstimationError, "mixed is a combination of the iso3 and year effects"),
        ("y ~ x + z + twice", EstimationError, "twice is an exact combination of x, z;"),
        ("y ~ x + five", EstimationError, "five is constant"),
        ("y ~ C(iso3) + x | iso3", EstimationError, r"C\(iso3\)\[C01\] does not vary within iso3"),
        ("y ~ C(five)", EstimationError, r"C\(five\) has one level, 5"),
        ("y ~ 1 | iso3", EstimationError, "the model has no regressors"),
        ("y ~ 0", EstimationError, "the model has no regressors"),
        ("five ~ x", EstimationError, "five does not vary;|five does not vary$"),
        ("fixed ~ x | iso3", EstimationError, "fixed does not vary within iso3"),
        ("y ~ gone", EstimationError, "no complete row: gone missing in all 96 rows"),
        ("y ~ half + other", EstimationError, "no complete row among 96: missing half 48, other 48"),
        ("y ~ lag(x, 50)", EstimationError, "reaches 50 steps, and year spans 2000 to 2007"),
        ("text ~ x", EstimationError, "'text' is not numeric"),
        ("y ~ text", EstimationError, r"'text' is not numeric \(it holds 'a'\); write C\(text\)"),
        ("y ~ huge:huger", EstimationError, "huge:huger is too large"),
        ("y ~ polity", FormulaError, "'polity' is not in the data"),
        ("y ~ double", FormulaError, "more than one column named 'double'"),
    ],
)
def test_models_that_the_data_do_not_determine(
    data: pd.DataFrame, formula: str, error: type[GovdataError], message: str
) -> None:
    data = data.assign(
        mixed=data["year"] * 1.5 + data["region"],
        twice=2 * data["x"] - data["z"],
        five=5,
        gone=np.nan,
        half=np.where(np.arange(96) < 48, 1.0, np.nan),
        other=np.where(np.arange(96) >= 48, 1.0, np.nan),
        text="a",
        huge=1e200,
        huger=1e200,
    )
    data = pd.concat([data, pd.DataFrame({"double": data["x"]}), pd.DataFrame({"double": data["x"]})], axis=1)
    with pytest.raises(error, match=message):
        stats.ols(formula, data)


def test_collinear_columns_are_left_out_on_request(data: pd.DataFrame) -> None:
    data = data.assign(twice=2 * data["x"])
    model = stats.ols("y ~ x + twice + fixed + z | iso3", data, collinear="drop")
    assert model.terms == ("x", "z")
    assert model.params.equals(stats.ols("y ~ x + z | iso3", data).params)
    assert model.notes()[-2:] == [
        "left out: twice is an exact combination of x",
        "left out: fixed does not vary within iso3, whose effects are absorbed",
    ]
    with pytest.raises(EstimationError, match="fixed does not vary"):
        stats.ols("y ~ fixed | iso3", data, collinear="drop")


def test_nearly_collinear_columns_are_kept(data: pd.DataFrame) -> None:
    data = data.assign(near=data["x"] + 1e-6 * data["w"])
    assert stats.ols("y ~ x + near | iso3", data).terms == ("x", "near")


def test_too_few_rows(data: pd.DataFrame) -> None:
    few = data[data["year"] < 2002]
    noise = {f"n{i}": np.random.default_rng(i).normal(size=len(few)) for i in range(12)}
    with pytest.raises(EstimationError, match="24 rows are too few for 24 parameters, 12 of them effects"):
        stats.ols(f"y ~ {' + '.join(noise)} | iso3", few.assign(**noise), se="iid")
    with pytest.raises(EstimationError, match="the data have no rows"):
        stats.ols("y ~ x", data[:0])
    with pytest.raises(EstimationError, match="not dict"):
        stats.ols("y ~ x", {"y": [1]})  # type: ignore[arg-type]


def test_singletons(data: pd.DataFrame) -> None:
    # C99 is seen once; without it the year 1999 is seen once, in C01.
    extra = pd.DataFrame({"iso3": ["C01", "C99"], "year": [1999, 1999], "x": [0.3, 0.2], "y": [1.0, 2.0]})
    data = pd.concat([data, extra], ignore_index=True)
    kept = stats.ols("y ~ x | iso3 + year", data)
    assert kept.singletons == 2
    assert kept.glance()["singletons_kept"].tolist() == [2]
    assert kept.notes()[-1].startswith("2 singletons kept")
    np.testing.assert_allclose(kept.resid.iloc[-2:], 0, atol=1e-12)
    left = stats.ols("y ~ x | iso3 + year", data, singletons="drop")
    assert left.singletons == 0
    assert left.nobs == kept.nobs - 2
    assert left.dropped["reason"].tolist() == ["singleton"] * 2
    assert left.left_out() == "2 (singleton 2)"
    assert left.glance()["dropped_singletons"].tolist() == [2]
    np.testing.assert_allclose(left.params, kept.params, rtol=1e-12)
    assert left.bse["x"] != kept.bse["x"]
    with pytest.raises(EstimationError, match="every row is a singleton"):
        stats.ols("y ~ x | row", data.assign(row=range(len(data))), singletons="drop", unit="iso3", time="year")


def test_categories_and_interactions(data: pd.DataFrame) -> None:
    assert stats.ols("y ~ x + C(region)", data).terms == (
        "Intercept",
        "x",
        "C(region)[1]",
        "C(region)[2]",
        "C(region)[3]",
    )
    full = stats.ols("y ~ 0 + C(region)", data)
    np.testing.assert_allclose(full.params, data.groupby("region")["y"].mean(), rtol=1e-12)
    assert stats.ols("y ~ 0 + C(region) + C(year)", data).fit.rank == 4 + 7
    slopes = stats.ols("y ~ C(region):x | iso3", data)
    assert slopes.terms == tuple(f"C(region)[{i}]:x" for i in range(4))
    contrast = stats.ols("y ~ x*C(region) | iso3", data, collinear="drop")
    assert contrast.terms == ("x", *(f"x:C(region)[{i}]" for i in range(1, 4)))
    np.testing.assert_allclose(contrast.params.iloc[1:] + contrast.params["x"], slopes.params.iloc[1:], rtol=1e-10)
    product = stats.ols("y ~ x*z | iso3", data)
    by_hand = stats.ols("y ~ x + z + xz | iso3", data.assign(xz=data["x"] * data["z"]))
    assert product.params.tolist() == by_hand.params.tolist()


def test_no_intercept(data: pd.DataFrame) -> None:
    model = stats.ols("y ~ x - 1", data, se="iid")
    assert model.params["x"] == pytest.approx((data["x"] @ data["y"]) / (data["x"] @ data["x"]), rel=1e-12)
    assert model.rsquared == pytest.approx(1 - model.rss / (data["y"] @ data["y"]), rel=1e-12)
    mean = stats.ols("y ~ 1", data, se="iid")
    assert mean.params["Intercept"] == pytest.approx(data["y"].mean(), rel=1e-12)
    assert mean.bse["Intercept"] == pytest.approx(data["y"].sem(), rel=1e-12)


def test_repeated_rows_by_design(data: pd.DataFrame) -> None:
    twice = pd.concat([data, data], ignore_index=True)
    with pytest.raises(PanelError, match="say panel=False"):
        stats.ols("y ~ x", twice)
    model = stats.ols("y ~ x | iso3", twice, panel=False)
    assert (model.nobs, model.n_units) == (192, None)
    with pytest.raises(PanelError, match="need a panel, yet panel=False"):
        stats.ols("y ~ lag(x)", twice, panel=False)
    with pytest.raises(PanelError, match="name unit= and time="):
        stats.ols("y ~ lag(x)", data[["x", "y"]])
    with pytest.raises(PanelError, match="time='t' is given, but not unit="):
        stats.ols("y ~ x", data[["x", "y"]].assign(t=range(96)), time="t")


def test_two_way_variance_below_zero_is_refused() -> None:
    for seed in range(200):
        rng = np.random.default_rng(seed)
        frame = pd.DataFrame({"iso3": np.repeat(range(3), 3), "year": np.tile(range(3), 3)})
        frame["x"], frame["y"] = rng.normal(size=9), rng.normal(size=9)
        try:
            stats.ols("y ~ x", frame, cluster=["iso3", "year"])
        except EstimationError as error:
            assert "variance is negative" in str(error)  # noqa: PT017
            return
    pytest.fail("no sample with a negative variance was found")


def test_conventions_that_coincide(data: pd.DataFrame) -> None:
    model = stats.ols("y ~ x + z | iso3 + year", data)
    each = stats.ols("y ~ x + z | iso3 + year", data.assign(row=range(len(data))), se="CR0", cluster="row")
    np.testing.assert_allclose(each.bse, model.with_se("HC0").bse, rtol=1e-12)
    swapped = model.with_se(cluster=["year", "iso3"]).bse
    np.testing.assert_allclose(swapped, model.with_se(cluster=["iso3", "year"]).bse, rtol=1e-12)
    assert model.with_se("HC1", df="nested").bse.equals(model.with_se("HC1", df="full").bse)
    assert model.with_se(cluster="region").covariance.k_star == 2 + 1 + 7
    assert model.with_se(cluster=["region", "year"]).covariance.k_star == 3


def test_clusters_missing_in_the_sample(data: pd.DataFrame) -> None:
    data = data.assign(other=data["region"].where(data["region"] > 0))
    model = stats.ols("y ~ x | iso3", data)
    with pytest.raises(EstimationError, match=r"'other' is missing in 24 of the 96 rows.*fit the model again"):
        model.with_se(cluster="other")
    with pytest.raises(EstimationError, match="needs cluster="):
        stats.ols("y ~ x", data[["x", "y"]], se="CRV1")


def test_results(data: pd.DataFrame) -> None:
    data.attrs = {"dataset": "digital_surveillance", "version": "1.0.0", "sha256": "ab"}
    model = stats.ols("y ~ x + z | iso3", data)
    assert model.dataset == "digital_surveillance 1.0.0"
    assert stats.ols("y ~ x", data, dataset="mine").dataset == "mine"
    assert model.response == "y"
    assert model.effects == {"iso3": 12}
    assert model.clusters == {"iso3": 12}
    assert model.bse.equals(model.std_errors)
    assert model.bse.equals(model.se())
    np.testing.assert_allclose(np.sqrt(np.diag(model.cov)), model.bse, rtol=1e-14)
    np.testing.assert_allclose(model.tstats, model.params / model.bse, rtol=1e-14)
    tidy = model.tidy(0.9)
    assert list(tidy) == ["term", "estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high"]
    assert tidy["conf_low"].tolist() == model.conf_int(0.9)["conf_low"].tolist()
    glance = model.glance().iloc[0]
    assert (glance["nobs"], glance["n_units"], glance["n_periods"], glance["df"]) == (96, 12, 8, "nested")
    assert (glance["k_star"], glance["t_df"], glance["cluster"]) == (3, 11, "iso3 (12)")
    assert model.note() == "CRV1 clustered by iso3 (12); G/(G-1)*(N-1)/(N-K*), df=nested, K*=3; t with 11 df"
    summary = model.summary()
    assert summary == str(model)
    assert "Data:" not in stats.ols("y ~ x", data, dataset="").summary()
    for part in (
        "iso3 (12)",
        "Rows left out: none",
        "12 clusters are few",
        "Data: digital_surveillance 1.0.0",
        "within",
    ):
        assert part in summary
    assert "PanelResults OLS 'y ~ x + z | iso3'" in repr(model)
    for level in (0, 1, 95, True, "0.9"):
        with pytest.raises(EstimationError, match="level is a number between 0 and 1"):
            model.conf_int(level)  # type: ignore[arg-type]
    params, cov = model.params, model.cov
    params["x"], cov.iloc[0, 0] = 0, 0
    assert model.params["x"] != 0
    assert model.cov.iloc[0, 0] != 0


def test_effects_too_many_to_absorb(monkeypatch: pytest.MonkeyPatch, data: pd.DataFrame) -> None:
    monkeypatch.setattr("govdata.stats.solver.MAX_CELLS", 500)
    with pytest.raises(EstimationError, match=r"too many to absorb exactly \(iso3 12, year 8 levels on 96 rows\)"):
        stats.ols("y ~ x | iso3 + year", data)
    assert stats.ols("y ~ x | iso3", data).nobs == 96


def test_log_of_an_infinite_value_is_told_as_infinite(data: pd.DataFrame) -> None:
    data.loc[5, "w"] = np.inf
    with pytest.raises(EstimationError, match="column 'w' is infinite in 1 row"):
        stats.ols("y ~ log(w) | iso3", data.assign(w=data["w"].abs()))


def test_logs_of_logs_and_repeated_shifts(data: pd.DataFrame) -> None:
    data["big"] = np.exp(np.exp(data["w"] / 2))
    model = stats.ols("y ~ log(log(big)) + lag(x) + lag(z) | iso3", data)
    by_hand = stats.ols("y ~ half + lag(x) + lag(z) | iso3", data.assign(half=data["w"] / 2))
    np.testing.assert_allclose(model.params, by_hand.params, rtol=1e-9)


def test_many_clusters_bring_no_warning() -> None:
    assert stats.ols("y ~ x | iso3", make(units=45, years=3)).notes() == []


def test_maketables_protocol(data: pd.DataFrame) -> None:
    model = stats.ols("y ~ x | iso3", data)
    table = model.__maketables_coef_table__
    assert table.index.name == "Coefficient"
    assert list(table) == ["b", "se", "t", "p", "ci95l", "ci95u"]
    assert model.__maketables_stat__("N") == 96
    assert model.__maketables_stat__("nothing") is None
    assert model.__maketables_depvar__ == "y"
    assert model.__maketables_fixef_string__ == "iso3"
    assert model.__maketables_vcov_info__ == {"vcov_type": "CRV1", "clustervar": "iso3"}
    assert "r2_within" in model.__maketables_default_stat_keys__
    assert "r2_within" not in stats.ols("y ~ x", data).__maketables_default_stat_keys__
    assert model.__maketables_stat_labels__["n_units"] == "Units"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"unit": 3}, "unit is the name of a column, not 3"),
        ({"time": ["year"]}, r"time is the name of a column, not \['year'\]"),
        ({"panel": "no"}, "panel is True or False, not 'no'"),
    ],
)
def test_options_of_the_wrong_type_are_named(options: dict[str, object], words: str) -> None:
    frame = pd.DataFrame({"iso3": list("ABCD") * 3, "year": [1, 2, 3] * 4, "y": range(12), "x": [1.0, 0, 2, 5] * 3})
    with pytest.raises(GovdataError, match=words):
        stats.ols("y ~ x | iso3", frame, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("factor", [1e200, 1e-200])
def test_magnitudes_beyond_squares_are_refused_by_name(factor: float) -> None:
    x = pd.Series([1.0, 0, 2, 5, 3, 1, 4, 2])
    frame = pd.DataFrame({"y": [1.0, 2, 3, 4, 5, 6, 7, 9], "x": x * factor})
    with pytest.raises(EstimationError, match=r"the values of x reach .*; rescale it"):
        stats.ols("y ~ x", frame)
