"""Country-years by DuckDB are what the rules decide, and rows that cannot be placed are told."""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from pathlib import Path

import pandas as pd
import pytest

from govdata.errors import ArgumentError
from govdata.event_rows import country_years
from govdata.model import Indicator
from govdata.rules import Claim, decide

duckdb = pytest.importorskip("duckdb")
RELEASES = Path(__file__).parent.parent / "datasets" / "digital_surveillance" / "releases"
RELEASE = max(RELEASES.iterdir(), key=lambda path: tuple(int(part) for part in path.name.split(".")))
BOOK = json.loads((RELEASE / "codebook.json").read_text("utf-8"))
YEARS = (2000, 2025)


def indicators() -> list[Indicator]:
    entries = BOOK if isinstance(BOOK, list) else BOOK["indicators"]
    found = [Indicator.from_mapping(entry) for entry in entries]
    chosen: dict[str, list[Indicator]] = defaultdict(list)
    for one in found:
        if one.rule and not (one.type == "nominal" and one.rule == "agreement"):
            chosen[one.rule].append(one)
    return [one for rule in sorted(chosen) for one in chosen[rule][:3]]


CLAIMS: dict[str, dict[str, list[Claim]]] = defaultdict(lambda: defaultdict(list))
for _row in pd.read_csv(RELEASE / "claims.csv", dtype=str, keep_default_na=False).to_dict("records"):
    CLAIMS[_row["indicator"]][_row["iso3"]].append(Claim.from_row(_row))


@pytest.mark.parametrize("indicator", indicators(), ids=lambda one: one.id)
def test_same_as_the_rules(indicator: Indicator) -> None:
    if indicator.evidence_id not in CLAIMS:
        pytest.skip("no claims")
    lowest = (
        min((float(code.code) for code in indicator.codes), default=None)
        if indicator.rule != "union_in_force"
        else None
    )
    for scope in indicator.scopes:
        found = country_years(
            RELEASE / "claims.csv",
            years=YEARS,
            rule=indicator.rule,
            timing=indicator.timing,
            indicator=indicator.evidence_id,
            scope=scope,
            plans=indicator.table == "programme_years",
            lowest=lowest,
            bounds=indicator.bounds,
        )
        wanted = []
        for iso3, claims in CLAIMS[indicator.evidence_id].items():
            for year in range(YEARS[0], YEARS[1] + 1):
                cell = decide(indicator, claims, year, scope)
                if cell is not None:
                    numbers = [float(text) if text else None for text in (cell.low, cell.high)]
                    value = cell.value or None
                    if value is not None and indicator.rule != "union_in_force":
                        value = float(value)  # type: ignore[assignment]
                    wanted.append((iso3, year, value, *numbers, cell.missing))
        columns = found[["iso3", "year", "value", "low", "high", "missing"]].astype(object)
        got = [tuple(row) for row in columns.where(columns.notna(), None).to_numpy().tolist()]
        assert got == sorted(wanted, key=lambda row: row[:2])


def test_events_of_any_file(tmp_path: Path) -> None:
    events = pd.DataFrame(
        {
            "Land's": ["IRN", "IRN", "IND", None, "IND"],
            "began": pd.to_datetime(["2019-11-16", "2019-12-25", "2020-02-01", "2020-02-01", None]),
            "over": pd.to_datetime(["2019-11-20", "2020-01-02", "2020-12-30", "2020-02-02", "2020-02-02"]),
        }
    )
    events.to_parquet(tmp_path / "events.parquet")
    found = country_years(tmp_path / "events.parquet", years=(2019, 2021), country="Land's", start="began", end="over")
    assert found[["Land's", "year", "value"]].to_numpy().tolist() == [
        ["IND", 2020, 1.0],
        ["IRN", 2019, 2.0],
        ["IRN", 2020, 1.0],
    ]
    assert found.attrs["left_out"] == {"without Land's": 1, "without began": 1}
    at_end = country_years(
        events, years=range(2019, 2022), country="Land's", start="began", end="over", timing="year_end", rule="presence"
    )
    assert at_end.loc[at_end["missing"] == "", ["Land's", "year"]].to_numpy().tolist() == [["IRN", 2019]]


def test_memory_limit_and_sources() -> None:
    connection = duckdb.connect(config={"memory_limit": "100MB"})
    connection.sql(
        "CREATE TABLE t AS SELECT 'C' || (i % 50)::VARCHAR AS iso3, (2000 + i % 26)::INTEGER AS start, "
        "(i % 4)::VARCHAR AS code FROM range(200000) AS r(i)"
    )
    by_name = country_years("t", years=(2000, 2025), rule="highest_in_force", connection=connection)
    by_query = country_years("SELECT * FROM t", years=(2000, 2025), rule="highest_in_force", connection=connection)
    by_relation = country_years(connection.table("t"), years=(2000, 2025), rule="highest_in_force")
    pd.testing.assert_frame_equal(by_name, by_query)
    pd.testing.assert_frame_equal(by_name, by_relation)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rule": "count_event"}, "did you mean 'count_events'"),
        ({"years": (2025, 2000)}, "years is a year or the first and the last"),
        ({"years": True}, "years is a year"),
        ({"country": "iso"}, "country='iso' is no column of the source; did you mean 'iso3'"),
        ({"timing": "end"}, "timing is one of"),
        ({"start": "bad"}, "column 'bad' holds 1 dates that cannot be read"),
        ({"value": "text", "rule": "agreement"}, "code that is no number"),
        ({"indicator": "x"}, "has no column 'indicator'"),
        ({"rule": "weakest_programme", "value": "text"}, "needs a column 'programme_id'"),
        ({"rule": "agreement"}, "needs value="),
        ({"plans": 1}, "plans is True or False"),
        ({"connection": 3}, "connection is what"),
    ],
)
def test_refusals(options: dict[str, object], message: str) -> None:
    events = pd.DataFrame({"iso3": ["IRN"], "start": ["2019"], "bad": ["2019-13"], "text": ["often"]})
    with pytest.raises(ArgumentError, match=message) as caught:
        country_years(events, **{"years": (2019, 2020), **options})  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)


def test_without_duckdb_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(ArgumentError, match=r'pip install "comparative-govdata\[bigdata\]"'):
        country_years("x.parquet", years=2020)
