"""Tables of models say what their numbers rest on, in every format, and refuse what they cannot show."""

from __future__ import annotations

import html.parser
import re
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdata.errors import ArgumentError
from govdata.stats.comparison import Statistic, compare
from govdata.stats.typesetting import Row, Table, _latex
from govdata.stats.wording import count, figure, number, probability

Numbers = tuple[float, ...]


@dataclass(frozen=True)
class Convention:
    se: str = "CRV1"
    df: str | None = "nested"


@dataclass(frozen=True)
class Covariance:
    vcov: Convention = field(default_factory=Convention)
    k_star: int | None = 4
    t_df: Any = 49
    inference: object = None


@dataclass(frozen=True)
class Model:
    """A model that says what it is told to."""

    terms: tuple[str, ...] = ("Intercept", "x_1")
    values: Numbers = (1.0, -0.5)
    errors: Numbers = (0.5, 0.2)
    p: Numbers = (0.2, 0.012)
    estimator: str = "OLS"
    facts: dict[str, Any] = field(default_factory=dict)
    auxiliary: frozenset[str] = frozenset()
    periods_per_unit: tuple[int, float, int] | None = (8, 8.9, 10)
    singletons_rule: str = "keep"
    response: str = "y"
    nobs: int = 1445
    n_units: int | None = 50
    n_periods: int | None = 10
    effects: dict[str, int] = field(default_factory=dict)
    clusters: dict[str, int] = field(default_factory=lambda: {"iso3": 50})
    dropped_counts: dict[str, int] = field(default_factory=dict)
    singletons: int = 0
    covariance: Covariance = field(default_factory=Covariance)
    dataset: str = ""
    said: tuple[str, ...] = ()
    convention: str = "CRV1 clustered by iso3 (50)"
    fit: dict[str, Any] = field(default_factory=lambda: {"R2": 0.25, "R2 within": 0.0004})

    def _by_term(self, values: Numbers) -> pd.Series[float]:
        return pd.Series(values, index=pd.Index(self.terms, name="term"), dtype=float)

    @property
    def params(self) -> pd.Series[float]:
        return self._by_term(self.values)

    @property
    def bse(self) -> pd.Series[float]:
        return self._by_term(self.errors)

    @property
    def tstats(self) -> pd.Series[float]:
        return self.params / self.bse

    @property
    def pvalues(self) -> pd.Series[float]:
        return self._by_term(self.p)

    def conf_int(self, level: float = 0.95) -> pd.DataFrame:
        assert level == 0.95
        return pd.DataFrame({"conf_low": self.params - self.bse, "conf_high": self.params + self.bse})

    def statistics(self) -> dict[str, Any]:
        return self.fit

    def left_out(self) -> str:
        if not self.dropped_counts:
            return "none"
        return f"1,012 ({', '.join(f'{name} {rows}' for name, rows in self.dropped_counts.items())})"

    def note(self) -> str:
        return self.convention

    def notes(self) -> list[str]:
        return list(self.said)


def stated(table: Table) -> dict[str, list[str]]:
    frame = table.to_frame()
    return {name: frame.loc[(name, "")].tolist() for name, kind in frame.index if kind == ""}


def test_every_model_states_what_it_is() -> None:
    models = {
        "FE": Model(
            effects={"iso3": 50, "year": 10},
            dropped_counts={"missing x_1": 1000, "singleton": 12},
            singletons_rule="drop",
            dataset="digital_surveillance 1.0.0",
        ),
        "RE": Model(
            estimator="Random effects (Swamy-Arora)",
            facts={"theta": 0.86122, "sigma_u": 1e-5, "groups": 12, "panel": True, "none": None, "nothing": np.nan},
            covariance=Covariance(Convention("iid"), 2, np.inf),
            clusters={},
            periods_per_unit=(10, 10.0, 10),
        ),
        "Logit": Model(
            estimator="Logit",
            fit={"Log likelihood": -1234.5, "Pseudo R2": 0.1},
            covariance=Covariance(Convention("CR0", None), None, np.inf),
        ),
    }
    assert stated(compare(models)) == {
        "Estimator": ["OLS", "Random effects (Swamy-Arora)", "Logit"],
        "effects iso3": ["50", "no", "no"],
        "effects year": ["10", "no", "no"],
        "N": ["1,445"] * 3,
        "Units": ["50"] * 3,
        "Periods": ["10"] * 3,
        "Periods a unit (min/mean/max)": ["8/8.9/10", "10", "8/8.9/10"],
        "R²": ["0.250", "0.250", ""],
        "Within R²": ["0.000", "0.000", ""],
        "theta": ["", "0.861", ""],
        "sigma_u": ["", "1e-05", ""],
        "groups": ["", "12", ""],
        "panel": ["", "yes", ""],
        "Log likelihood": ["", "", "-1,234.500"],
        "Pseudo R²": ["", "", "0.100"],
        "Rows left out": ["1,012", "0", "0"],
        "Singletons dropped": ["12", "", ""],
        "Standard errors": ["CRV1", "iid", "CR0"],
        "Clusters": ["iso3 50", "", "iso3 50"],
        "df rule": ["nested", "", ""],
        "K*": ["4", "2", ""],
        "df of t": ["49", "normal", "normal"],
    }
    notes = compare(models).notes
    assert "FE: Rows left out: 1,012 (missing x_1 1000, singleton 12)." in notes
    assert notes[-1] == "FE: Data: digital_surveillance 1.0.0."


def test_notes_say_once_what_is_shared() -> None:
    one = Model(said=("few clusters",), dataset="A 1.0")
    two = replace(one, convention="HC1.", dataset="B 2.0")
    assert compare([one, two, one]).notes[1:] == (
        "(1), (3): CRV1 clustered by iso3 (50).",
        "(2): HC1.",
        "few clusters.",
        "(1), (3): Data: A 1.0.",
        "(2): Data: B 2.0.",
    )
    assert compare([one, one]).notes[1:] == ("CRV1 clustered by iso3 (50).", "few clusters.", "Data: A 1.0.")


def test_labels_of_columns_leave_the_statistics_alone() -> None:
    rows = compare(Model(effects={"iso3": 50}), labels={"N": "Nitrogen", "Units": "?", "iso3": "State"}).statistics
    assert {"N", "Units", "State effects absorbed"} <= {row.label for row in rows}
    assert {row.cells for row in rows if row.label == "Clusters"} == {("State 50",)}


def test_a_long_fact_stands_in_the_notes() -> None:
    words = "differencing of the lagged dependent variable"
    table = compare(Model(facts={"transformation": words, "kind": "ar1"}))
    assert f"transformation: {words}." in table.notes
    assert stated(table)["kind"] == ["ar1"]
    assert "transformation" not in stated(table)


def test_degrees_of_freedom_of_each_coefficient() -> None:
    table = compare(Model(covariance=Covariance(Convention("CR2", None), None, np.array([12.0, 4.26]))))
    assert stated(table)["df of t"] == ["4.3 to 12"]
    assert "df of t by coefficient: x_1 4.3, Intercept 12." in table.notes
    same = compare(Model(covariance=Covariance(t_df=np.array([7.0, 7.0]))))
    assert stated(same)["df of t"] == ["7"]
    assert not any("by coefficient" in note for note in same.notes)
    wild = compare(Model(covariance=Covariance(t_df=np.array([7.0, 9.0]), inference=object())))
    assert stated(wild)["df of t"] == ["bootstrap"]


@pytest.mark.parametrize(
    ("p", "stars"),
    [
        (0.05, ""),
        (np.nextafter(0.05, 0), "*"),
        (0.01, "*"),
        (np.nextafter(0.01, 0), "**"),
        (0.001, "**"),
        (np.nextafter(0.001, 0), "***"),
        (0.0, "***"),
        (1.0, ""),
        (float("nan"), ""),
    ],
)
def test_stars_at_their_thresholds(p: float, stars: str) -> None:
    table = compare(Model(p=(0.5, p)))
    assert table.to_frame().loc[("x_1", "estimate"), "(1)"] == f"-0.500{stars}"
    assert table.to_frame().loc[("Intercept", "estimate"), "(1)"] == "1.000"
    assert table.notes[0].endswith("* p < 0.05, ** p < 0.01, *** p < 0.001.")


def test_stars_follow_the_p_value_and_not_the_statistic() -> None:
    """With few degrees of freedom of its own, a coefficient with a large t has no star."""
    model = Model(values=(2.0, 2.0), errors=(0.5, 0.5), p=(0.2, 0.004), covariance=Covariance(t_df=np.array([1.2, 30])))
    frame = compare(model, stars=[0.1, 0.05]).to_frame()
    assert frame.loc[("Intercept", "estimate"), "(1)"] == "2.000"
    assert frame.loc[("x_1", "estimate"), "(1)"] == "2.000**"


@pytest.mark.parametrize(
    ("statistic", "shown", "first"),
    [
        ("std_error", "(0.200)", "Standard errors in parentheses."),
        ("t", "(-2.500)", "t statistics in parentheses."),
        ("p", "(0.012)", "p values in parentheses."),
        ("conf_int", "[-0.700, -0.300]", "95 % confidence intervals in brackets."),
    ],
)
def test_what_stands_below_a_coefficient(statistic: Statistic, shown: str, first: str) -> None:
    table = compare(Model(), statistic=statistic, stars=None)
    assert table.to_frame().loc[("x_1", statistic), "(1)"] == shown
    assert table.notes[0] == first


def test_z_where_the_distribution_is_normal() -> None:
    normal = Model(covariance=Covariance(t_df=np.inf))
    assert compare(normal, statistic="t").notes[0].startswith("z statistics")
    assert compare([normal, Model()], statistic="t").notes[0].startswith("t or z statistics")
    assert stated(compare([normal, Model()]))["df of t"] == ["normal", "49"]


def test_what_is_not_defined_is_a_dash() -> None:
    table = compare(Model(errors=(0.5, float("nan")), p=(0.2, float("nan"))))
    assert table.to_frame()["(1)"].tolist()[:2] == ["-0.500", "–"]
    assert table.notes[0].endswith("– where the model gives no such number.")
    assert "–" not in compare(Model()).notes[0]


def test_auxiliary_parameters_stand_in_their_own_block() -> None:
    ordered = Model(
        terms=("x_1", "1|2", "2|3"),
        values=(0.5, -1.0, 1.0),
        errors=(0.1,) * 3,
        p=(0.0,) * 3,
        auxiliary=frozenset({"1|2", "2|3"}),
    )
    table = compare([ordered, Model()])
    assert [row.key[0] for row in table.coefficients[::2]] == ["x_1", "Intercept"]
    assert [row.key[0] for row in table.auxiliary[::2]] == ["1|2", "2|3"]
    assert table.auxiliary[0].cells == ("-1.000***", "")
    assert table.to_text().count("\n---") == 3
    assert table.to_latex().count(r"\midrule") == 3
    assert table.to_html().count("<tbody>") == 3
    assert ("1|2", "estimate") in table.to_frame().index
    kept = compare(ordered, keep=["x_1"])
    assert kept.auxiliary == ()
    assert "Estimated but not shown: 1|2, 2|3." in kept.notes


def test_samples_of_one_frame_that_differ() -> None:
    index = pd.RangeIndex(6)

    @dataclass(frozen=True)
    class Sampled(Model):
        mask: tuple[bool, ...] = (True,) * 6
        index: pd.Index[int] = field(default_factory=lambda: index)

        @property
        def sample(self) -> pd.Series[bool]:
            return pd.Series(self.mask, index=self.index, name="sample")

    full = Sampled(nobs=6)
    part = Sampled(nobs=4, mask=(True, True, False, False, True, True))
    other = Sampled(nobs=4, mask=(False, True, True, True, True, False))
    line = "Samples differ: {} rows are in every model."
    assert line.format(4) in compare([full, part]).notes
    assert line.format(2) in compare([part, other]).notes
    for same in ([full], [full, full], [full, replace(part, index=pd.RangeIndex(6))], [full, Model()]):
        assert not any(note.startswith("Samples") for note in compare(same).notes)


MODEL = Model()
FRAME = pd.DataFrame({"x": [1.0]})


@pytest.mark.parametrize(
    ("models", "message"),
    [
        ({}, "there is no model to show"),
        ([], "there is no model to show"),
        (FRAME, "not DataFrame; did you pass the frame instead of the model?"),
        ({"FE": FRAME}, "model FE .* not DataFrame; did you pass the frame"),
        ({"FE": None}, "model FE .* not None"),
        ([MODEL, 3], r"model \(2\) .* not int"),
        ("FE", "in a list or dict, not str"),
        (3, "in a list or dict, not int"),
        (range(2), r"model \(1\) .* not int"),
        (b"FE", "in a list or dict, not bytes"),
        ({1: MODEL, "1": MODEL}, "two models have the heading '1'"),
        (Model, "not type"),
    ],
)
def test_models_are_checked(models: object, message: str) -> None:
    with pytest.raises(ArgumentError, match=message) as caught:
        compare(models)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"digits": 13}, "digits is a whole number from 0 to 12, not 13"),
        ({"digits": True}, "digits is a whole number from 0 to 12, not True"),
        ({"digits": "3"}, "digits is a whole number from 0 to 12, not '3'"),
        ({"labels": ["x"]}, "labels are a dict of columns and words, not list"),
        ({"labels": {"x_1": 3}}, "labels give a text for the name of a column, not 'x_1': 3"),
        ({"keep": "x_1"}, "keep is a list of coefficients, not one text; write \\['x_1'\\]"),
        ({"keep": 3}, "keep is a list of coefficients, not int"),
        ({"keep": {"x_1"}}, "keep is a list of coefficients, not set"),
        ({"keep": {"x_1": 1}}, "keep is a list of coefficients, not dict"),
        ({"keep": ["x_2"]}, "keep names 'x_2', which no model has; did you mean 'x_1'"),
        ({"drop": [["x_1"]]}, "drop names \\['x_1'\\], which no model has"),
        ({"drop": [None]}, "drop names None, which no model has"),
        ({"drop": ["x_1", "Intercept"]}, "no coefficient is left to show"),
        ({"stars": 0.05}, "stars are thresholds between 0 and 1"),
        ({"stars": {0.05: "*"}}, "stars are thresholds between 0 and 1"),
        ({"stars": FRAME}, "stars are thresholds between 0 and 1"),
        ({"stars": ([0.05],)}, "stars are thresholds between 0 and 1"),
        ({"stars": (0.05, None)}, "stars are thresholds between 0 and 1"),
        ({"stars": (float("nan"),)}, "stars are thresholds between 0 and 1"),
        ({"data": 3}, "data is a text that names the data, not int"),
        ({"data": FRAME}, "data is a text that names the data, not DataFrame"),
        ({"notes": 3}, "notes are a text or a list of texts, not 3"),
        ({"notes": [3]}, "notes are a text or a list of texts"),
        ({"notes": None}, "notes are a text or a list of texts, not None"),
        ({"statistic": "conf"}, "statistic is one of std_error, t, p, conf_int, not 'conf'; did you mean 'conf_int'"),
        ({"statistic": ["t"]}, "statistic is one of std_error, t, p, conf_int"),
    ],
)
def test_options_are_checked(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError, match=message) as caught:
        compare(Model(), **options)
    assert "\n" not in str(caught.value)


def test_options_in_other_clothes() -> None:
    plain = compare(Model(), stars=(0.05, 0.01), notes=["Own line."], drop=["Intercept"])
    other = compare(
        [Model()],
        stars=np.array([0.01, 0.05]),
        notes="Own line.",
        drop={"Intercept"},
        labels={},
        keep=pd.Index(["x_1"]),
    )
    assert plain == other


def test_captions_and_labels_are_checked() -> None:
    table = compare(Model())
    with pytest.raises(ArgumentError, match="caption is a text, not int"):
        table.to_latex(caption=3)
    with pytest.raises(ArgumentError, match="caption is a text, not int"):
        table.to_html(caption=3)
    with pytest.raises(ArgumentError, match="label is a text, not list"):
        table.to_latex(caption="", label=["x"])
    with pytest.raises(ArgumentError, match="a LaTeX label has letters, digits"):
        table.to_latex(caption="x", label="tab:a}b")
    assert r"\label{tab:a_b}" in table.to_latex(caption="x", label="tab:a_b")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, ""),
        ("ar1", "ar1"),
        (True, "yes"),
        (np.False_, "no"),
        (np.int64(1200), "1,200"),
        (np.float64(0.5), "0.500"),
        (-0.0001, "-0.0001"),
        (0.0, "0.000"),
        (2e9, "2e+09"),
        (float("nan"), ""),
        (float("inf"), "inf"),
        ((1, 2), "(1, 2)"),
    ],
)
def test_facts(value: object, expected: str) -> None:
    assert figure(value) == expected


def test_small_numbers() -> None:
    assert [probability(p, 3) for p in (0.0, 0.00099, 0.001, 0.5, float("nan"))] == [
        "<0.001",
        "<0.001",
        "0.001",
        "0.500",
        "–",
    ]
    assert probability(0.001, 0) == "<0.01"
    assert count(1e6) == "1,000,000"
    assert number(-0.0004, ".3f") == "0.000"
    assert number(-1e-300, ".2e") == "-1.00e-300"


# The formats.

AWKWARD = {
    "heading": r"50 % of \alpha & {x}_1^2 ~ $y$ #3 <b>",
    "response": "دموکراسی",
    "term": '[a]*`b c`--"d"\n|e|',
}


@pytest.fixture
def awkward() -> Table:
    model = Model(
        terms=(AWKWARD["term"], "Intercept"),
        response=AWKWARD["response"],
        said=("σ × 2 – “so” * _x_ | 国",),
        dataset="*",
    )
    return compare({AWKWARD["heading"]: model}, notes=["1. \\input{x}"])


def test_latex_of_awkward_names(awkward: Table) -> None:
    lines = awkward.to_latex(caption=AWKWARD["heading"]).splitlines()
    assert lines[0].startswith("% more than pdfLaTeX sets by itself")
    assert "国" in lines[0]
    assert (
        r"\caption{50 \% of \textbackslash{}alpha \& \{x\}\_1\textasciicircum{}2 \textasciitilde{} \$y\$ \#3 "
        r"\textless{}b\textgreater{}}" in lines
    )
    assert any(line.startswith(r"{}[a]*\`{}b c\`{}-{}-") for line in lines)
    assert r"$\sigma$ $\times$ 2 -- ``so'' * \_x\_ \textbar{} 国.\par" in lines
    assert r"1. \textbackslash{}input\{x\}\par" in lines
    assert all(line.count(" & ") == 1 for line in lines if line.endswith(r"\\"))


def test_latex_of_plain_names_needs_nothing_more() -> None:
    assert compare(Model(response="Égalité, Čapek, ğüş")).to_latex().startswith("\\noindent\n\\begin{tabular}{lc}")
    assert compare(Model(response="ęą")).to_latex().splitlines()[0].endswith(" ą ę")
    assert "é" in compare(Model(response="e\u0301")).to_latex()


def test_latex_numbers() -> None:
    latex = compare(Model(), statistic="conf_int").to_latex()
    assert r"x\_1 & $-$0.500\textsuperscript{*} \\" in latex
    assert r" & {}[$-$0.700, $-$0.300] \\" in latex
    assert r"($-$2.500)" in compare(Model(), statistic="t").to_latex()


_COMMANDS = re.compile(
    r"\\(?:textbackslash|textasciitilde|textasciicircum|textless|textgreater|textbar|ldots)\{\}|\\[&%$#_{},]|\\`\{\}"
    r"|\\textsuperscript\{[0-9*]\}|\$(?:\\[A-Za-z]+|\^\\circ|_\{\d\}|-)\$|^\{\}|(?<=-)\{\}"
)


@given(st.text(max_size=40))
def test_no_text_can_run_as_latex(text: str) -> None:
    assert not set(_COMMANDS.sub("", _latex(text))) & set("\\{}$&#^_%\n\r")


def test_markdown(awkward: Table) -> None:
    lines = awkward.to_markdown().splitlines()
    assert lines[0] == (r"|  | 50 % of \\alpha &amp; \{x\}\_1\^2 \~ \$y\$ \#3 \<b\> |")
    assert lines[1] == "|:---|---:|"
    assert lines[2] == "|  | دموکراسی |"
    assert lines[3].startswith(r"| \[a\]\*\`b c\`")
    body = lines[: lines.index("")]
    assert all(len(re.findall(r"(?<!\\)\|", line)) == 3 for line in body)
    assert lines[-1] == r"1\. \\input\{x\}"


@given(st.text(max_size=40))
def test_a_name_stays_in_its_line(text: str) -> None:
    row = Row((text, "estimate"), text, ("1",))
    table = Table((text,), (text,), (row,), (), (), ())
    assert len(table.to_text().split("\n")) == 6
    assert len(table.to_markdown().split("\n")) == 5
    assert len(table.to_latex().split("\\bottomrule")[0].split("\n")) in {8, 9}
    assert table.to_frame().shape == (1, 1)


class Reader(html.parser.HTMLParser):
    """Checks that every element is closed where it was opened."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def read(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    assert reader.open == []
    return reader


def test_html_is_accessible_and_escaped(awkward: Table) -> None:
    reader = read(awkward.to_html(caption="<i>جدول</i>"))
    assert reader.seen[1] == ("caption", {"dir": "auto"})
    assert "<i>جدول</i>" in reader.text
    assert AWKWARD["heading"] in reader.text
    heads = [attributes for tag, attributes in reader.seen if tag == "th"]
    assert all(attributes["scope"] in {"col", "row"} for attributes in heads)
    assert ("th", {"scope": "col", "dir": "auto", "style": "text-align: right"}) in reader.seen
    assert not {"b", "i", "style", "script", "link"} & {tag for tag, _ in reader.seen}
    assert "<caption" not in awkward.to_html()


def test_html_rows_fill_the_table() -> None:
    reader = read(compare([Model(), Model()]).to_html())
    rows: list[int] = []
    owed: list[int] = []
    for tag, attributes in reader.seen:
        if tag == "tr":
            rows.append(sum(1 for left in owed if left > 0))
            owed = [left - 1 for left in owed if left > 1]
        elif tag in {"td", "th"}:
            rows[-1] += int(attributes.get("colspan") or 1)
            if (span := int(attributes.get("rowspan") or 1)) > 1:
                owed.append(span - 1)
    assert set(rows) == {3}
    numbers = [attributes for tag, attributes in reader.seen if tag == "td" and "style" in attributes]
    assert all(attributes["style"] == "text-align: right" for attributes in numbers[:-1])


@given(st.text(max_size=40))
def test_no_text_can_run_as_html(text: str) -> None:
    row = Row(("x", "estimate"), text, (text,))
    reader = read(Table((text,), (text,), (row,), (), (text,)).to_html(caption=text))
    assert {tag for tag, _ in reader.seen} <= {"table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td", "span"}


def test_equal_models_give_equal_tables() -> None:
    one, two = compare({"a": Model(), "b": Model()}), compare({"a": Model(), "b": Model()})
    assert one == two
    assert one.to_latex() == two.to_latex()
