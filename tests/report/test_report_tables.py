"""Regression tables say what they rest on, and escape what they print."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from govdata import report, stats
from govdata.errors import ArgumentError
from govdata.report._models import label
from govdata.stats.comparison import compare
from govdata.stats.typesetting import Table, _latex, _latex_cell, _width
from govdata.stats.wording import pair


@pytest.fixture(scope="module")
def data() -> pd.DataFrame:
    rng = np.random.default_rng(11)
    keys = pd.MultiIndex.from_product([range(50), range(2000, 2010)], names=["iso3", "year"])
    frame = keys.to_frame(index=False)
    for name in ("v2x_polyarchy", "gdp", "noise"):
        frame[name] = rng.normal(size=len(frame))
    frame["repression"] = 0.11 * frame["v2x_polyarchy"] - frame["gdp"] + rng.normal(size=len(frame))
    frame["region"] = frame["iso3"] % 9
    frame.loc[:4, "gdp"] = np.nan
    frame.attrs = {"dataset": "digital_surveillance", "version": "1.0.0"}
    return frame


@pytest.fixture(scope="module")
def models(data: pd.DataFrame) -> list[stats.PanelResults]:
    return [
        stats.ols("repression ~ v2x_polyarchy", data, se="HC1"),
        stats.ols("repression ~ v2x_polyarchy + gdp | iso3", data),
        stats.ols("repression ~ v2x_polyarchy + lag(gdp, 1) | iso3 + year", data, cluster=["iso3", "year"]),
    ]


LABELS = {"v2x_polyarchy": "Electoral democracy", "gdp": "Income", "iso3": "Country", "repression": "Repression"}


def test_everything_a_reader_needs(models: list[stats.PanelResults]) -> None:
    frame = report.table(models).to_frame()
    assert list(frame) == ["(1)", "(2)", "(3)"]
    row = {name: frame.loc[(name, "")].tolist() for name, kind in frame.index if kind == ""}
    assert row == {
        "Estimator": ["OLS", "OLS", "OLS"],
        "effects iso3": ["no", "50", "50"],
        "effects year": ["no", "no", "9"],
        "N": ["500", "495", "445"],
        "Units": ["50", "50", "50"],
        "Periods": ["10", "10", "9"],
        "Periods a unit (min/mean/max)": ["10", "5/9.9/10", "4/8.9/9"],
        "R²": [f"{m.rsquared:.3f}" for m in models],
        "Within R²": ["", f"{models[1].rsquared_within:.3f}", f"{models[2].rsquared_within:.3f}"],
        "Rows left out": ["0", "5", "55"],
        "Singletons kept": ["", "0", "0"],
        "Standard errors": ["HC1", "CRV1", "CRV1"],
        "Clusters": ["", "iso3 50", "iso3 50, year 9"],
        "df rule": ["", "nested", "nested"],
        "K*": ["2", "3", "3"],
        "df of t": ["498", "49", "8"],
    }
    assert frame.loc[("gdp", "estimate"), "(2)"].startswith("-")
    assert frame.loc[("gdp", "std_error"), "(2)"] == f"({models[1].bse['gdp']:.3f})"
    assert frame.loc[("gdp", "estimate"), "(1)"] == ""


def test_notes_name_conventions_samples_and_data(models: list[stats.PanelResults]) -> None:
    notes = report.table(models).notes
    assert notes[0] == "Standard errors in parentheses. * p < 0.05, ** p < 0.01, *** p < 0.001."
    assert "(1): HC1; N/(N-K*), K*=2; t with 498 df." in notes
    assert f"(2): {models[1].note()}." in notes
    few = "(3): 9 clusters are few (under 40): clustered tests then tend to reject too often"
    assert f"{few}; check with CR2 or a wild cluster bootstrap." in notes
    assert "(2): Rows left out: 5 (missing gdp 5)." in notes
    assert notes[-1] == "Data: digital_surveillance 1.0.0."
    assert report.table(models, data="other").notes[-1] == "Data: other."
    assert report.table(models, data="").notes[-1].startswith("(3)")
    assert report.table(models, notes=["Own line."]).notes[-1] == "Own line."
    assert report.table(models, notes="One line.").notes[-1] == "One line."
    shared = report.table([models[1], models[1]]).notes
    assert f"{models[1].note()}." in shared


def test_singletons_kept_are_printed(data: pd.DataFrame) -> None:
    more = pd.concat([data, pd.DataFrame([{**data.iloc[-1], "iso3": 999, "year": 2003}])])
    frame = report.table(stats.ols("repression ~ gdp | iso3", more)).to_frame()
    assert frame.loc[("Singletons kept", ""), "(1)"] == "1"


@pytest.mark.parametrize(
    ("p", "stars", "expected"),
    [
        (0.05, (0.05, 0.01), ""),
        (0.0499, (0.05, 0.01), "*"),
        (0.01, (0.05, 0.01), "*"),
        (0.0099, (0.01, 0.05), "**"),
        (0.0, (0.05, 0.01, 0.001), "***"),
        (0.0, None, ""),
        (0.0, (), ""),
        (float("nan"), (0.05,), ""),
    ],
)
def test_stars(
    monkeypatch: pytest.MonkeyPatch, models: list[stats.PanelResults], p: float, stars: object, expected: str
) -> None:
    values = pd.Series([p, p], index=models[1].terms, name="p_value")
    monkeypatch.setattr(stats.PanelResults, "pvalues", property(lambda _: values))
    table = report.table(models[1], stars=stars)
    cell = table.to_frame().loc[("gdp", "estimate"), "(1)"]
    assert cell.lstrip("-.0123456789") == expected
    assert ("p <" in table.notes[0]) == bool(stars)


@pytest.mark.parametrize(
    ("value", "error", "digits", "expected"),
    [
        (0.1234, 0.0567, 3, ("0.123", "0.057")),
        (-0.0001, 0.2, 3, ("0.000", "0.200")),
        (0.00012, 0.000034, 3, ("0.000120", "0.000034")),
        (1.2e-7, 3.4e-8, 3, ("1.20e-07", "3.40e-08")),
        (5e9, 1e9, 3, ("5.00e+09", "1.00e+09")),
        (-3482258.63, 890420.38, 2, ("-3482258.63", "890420.38")),
        (1.0, 0.0, 3, ("1.000", "0.000")),
        (12.6, 3.4, 0, ("12.6", "3.4")),
    ],
)
def test_numbers(value: float, error: float, digits: int, expected: tuple[str, str]) -> None:
    assert pair(value, error, digits) == expected


def test_text_lines_up(models: list[stats.PanelResults]) -> None:
    table = report.table(dict(zip(["base", "unit effects", "both"], models, strict=True)), labels=LABELS)
    text = table.to_text()
    assert text == str(table) == repr(table)
    lines = text.splitlines()
    body = lines[: len(lines) - 1 - lines[::-1].index(lines[0]) + 1]
    assert all(_width(line) <= _width(lines[0]) for line in body)
    assert all(line == line.rstrip() for line in lines)
    assert lines[2].split()[0] == "Repression"
    for shown in ("Electoral democracy", "Income (lag 1)", "Country effects absorbed", "Country 50"):
        assert shown in text


def test_wide_and_combining_characters_take_their_room() -> None:
    assert _width("国内") == 4
    assert _width("e\u0301") == 1


def test_latex(models: list[stats.PanelResults]) -> None:
    latex = report.table(models).to_latex(caption="Repression & income: 50 %", label="tab:main")
    lines = latex.splitlines()
    assert lines[:4] == [
        r"\begin{table}[!htbp]",
        r"\centering",
        r"\caption{Repression \& income: 50 \%}",
        r"\label{tab:main}",
    ]
    assert lines[-1] == r"\end{table}"
    assert latex.count(r"\toprule") == latex.count(r"\bottomrule") == 1
    assert latex.count(r"\midrule") == 2
    assert r"v2x\_polyarchy" in latex
    assert "v2x_polyarchy" not in latex
    assert r"R\textsuperscript{2}" in latex
    assert r"\textsuperscript{***}" in latex
    assert "& $-$" in latex
    assert all(line.count(" & ") == 3 for line in lines if line.endswith(r"\\"))
    assert r"\begin{table}" not in report.table(models).to_latex()
    with pytest.raises(ArgumentError, match="a label needs a caption"):
        report.table(models).to_latex(label="x")


def test_latex_escapes_everything() -> None:
    assert _latex("a_b&c%d$e#f{g}h~i^j\\k<l>m|n") == (
        r"a\_b\&c\%d\$e\#f\{g\}h\textasciitilde{}i\textasciicircum{}j\textbackslash{}k\textless{}l\textgreater{}m\textbar{}n"
    )
    assert _latex_cell("-0.5**") == r"$-$0.5\textsuperscript{**}"
    assert _latex_cell("(0.1)") == "(0.1)"
    assert _latex_cell("") == ""
    assert _latex_cell("-x") == "-x"


def test_the_table_is_the_one_of_stats(models: list[stats.PanelResults]) -> None:
    assert report.Table is Table
    assert report.table(models, labels=LABELS) == compare(models, labels=LABELS)
    assert models[1].to_latex(labels=LABELS) == report.table(models[1], labels=LABELS).to_latex()
    assert models[1].to_html() == report.table(models[1]).to_html()


def test_conventions_with_more_than_one_df(models: list[stats.PanelResults]) -> None:
    reduced = models[1].with_se("CR2")
    drawn = models[1].with_se("wild", reps=99, seed=1)
    table = report.table({"CR2": reduced, "wild": drawn}, stars=(0.5,))
    low, high = sorted(np.asarray(reduced.covariance.t_df))
    assert table.to_frame().loc[("df of t", ""), "CR2"] == f"{low:.1f} to {high:.1f}"
    assert table.to_frame().loc[("df of t", ""), "wild"] == "bootstrap"
    for name, model in (("CR2", reduced), ("wild", drawn)):
        for term in model.terms:
            cell = table.to_frame().loc[(term, "estimate"), name]
            assert cell.endswith("*") == (model.pvalues[term] < 0.5)
    assert any(note.startswith("CR2: df of t by coefficient: v2x_polyarchy ") for note in table.notes)
    assert f"wild: {drawn.note()}." in table.notes


def test_samples_that_differ(data: pd.DataFrame, models: list[stats.PanelResults]) -> None:
    assert "Samples differ: 445 rows are in every model." in report.table(models).notes
    assert not any("Samples" in note for note in report.table([models[1], models[1].with_se("iid")]).notes)
    elsewhere = stats.ols("repression ~ gdp", data.iloc[::-1])
    assert not any("Samples" in note for note in report.table([models[0], elsewhere]).notes)


def test_html(models: list[stats.PanelResults]) -> None:
    table = report.table({"<b>": models[0]})
    assert "&lt;b&gt;" in table.to_html()
    assert "<b>" not in table.to_html()
    assert table._repr_html_() == table.to_html()


def test_choosing_and_ordering(models: list[stats.PanelResults]) -> None:
    def rows(**options: object) -> list[str]:
        return [row.key[0] for row in report.table(models, **options).coefficients[::2]]

    assert rows() == ["v2x_polyarchy", "gdp", "lag(gdp, 1)", "Intercept"]
    assert rows(keep=["gdp", "v2x_polyarchy"]) == ["gdp", "v2x_polyarchy"]
    assert rows(drop=["gdp", "Intercept"]) == ["v2x_polyarchy", "lag(gdp, 1)"]
    assert "Estimated but not shown: gdp." in report.table(models, drop=["gdp", "Intercept"]).notes


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"keep": ["gdq"]}, "keep names 'gdq', which no model has; did you mean 'gdp'"),
        ({"drop": "gdp"}, "drop is a list"),
        ({"keep": []}, "no coefficient is left"),
        ({"digits": -1}, "digits is a whole number"),
        ({"digits": 2.0}, "digits is a whole number"),
        ({"stars": (5,)}, "stars are thresholds"),
        ({"stars": "***"}, "stars are thresholds"),
    ],
)
def test_options_are_checked(models: list[stats.PanelResults], options: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        report.table(models, **options)


@pytest.mark.parametrize("wrong", [[], {}, "model", 3, [1], {"a": None}])
def test_models_are_checked(wrong: object) -> None:
    with pytest.raises(ArgumentError, match="model"):
        report.table(wrong)


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        ("gdp", "Income"),
        ("other", "other"),
        ("`gdp`", "Income"),
        ("log(gdp)", "Income (log)"),
        ("lag(log(gdp), 2)", "Income (log) (lag 2)"),
        ("lead(gdp, 1)", "Income (lead 1)"),
        ("diff(gdp, 1)", "Income (change over 1)"),
        ("lag(other, 1)", "lag(other, 1)"),
        ("gdp:v2x_polyarchy", "Income \N{MULTIPLICATION SIGN} Electoral democracy"),
        ("C(iso3)[a:b]:gdp", "Country: a:b \N{MULTIPLICATION SIGN} Income"),
        ("C(iso3)", "Country"),
    ],
)
def test_labels(term: str, expected: str) -> None:
    assert label(term, LABELS) == expected
    assert label(term, None) == term
