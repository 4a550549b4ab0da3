"""Universal numeric fingerprints: known values, another implementation, laws, the same number in every format."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import math
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import unf as other
from hypothesis import assume, given
from hypothesis import strategies as st

import govdata
from govdata.describing.unf import column_unf, release_unfs, table_unf
from govdata.errors import ArgumentError
from govdata.exporting import export
from govdata.releases import Release, dataset_names, open_release, versions

KNOWN = json.loads((Path(__file__).parent.parent / "reference" / "unf" / "known.json").read_text(encoding="utf-8"))
SPECIAL = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf, "-0.0": -0.0}
CASES = [
    ([SPECIAL.get(one, one) if group != "texts" else one for one in cells], expected)
    for group, cases in KNOWN.items()
    if group != "_"
    for cells, expected in cases
]
RELEASES = [open_release(name, version) for name in dataset_names() for version in versions(name)]


def by_hand(*words: bytes) -> str:
    return "UNF:6:" + base64.b64encode(hashlib.sha256(b"".join(words)).digest()[:16]).decode()


@pytest.mark.parametrize(("cells", "expected"), CASES, ids=lambda one: str(one)[:30])
def test_values_that_others_computed(cells: list[Any], expected: str) -> None:
    assert column_unf(cells) == expected
    if None not in cells and not any(isinstance(one, str) for one in cells):
        assert column_unf(np.array(cells)) == expected  # NaN of an array is a number that is none


def test_the_examples_of_the_specification_letter_by_letter() -> None:
    assert column_unf([1.23456789, None, 0]) == by_hand(b"+1.234568e+\n\0", b"\0\0\0", b"+0.e+\n\0")
    assert column_unf([-300, 0.00073, 1]) == by_hand(b"-3.e+2\n\0", b"+7.3e-4\n\0", b"+1.e+\n\0")
    assert column_unf([math.inf, -math.inf, math.nan]) == by_hand(b"+inf\n\0", b"-inf\n\0", b"+nan\n\0")
    assert column_unf(["", "a", None]) == by_hand(b"\n\0", b"a\n\0", b"\0\0\0")
    assert column_unf([]) == by_hand()


def test_a_text_counts_to_its_128th_character() -> None:
    assert column_unf(["é" * 128]) == by_hand(("é" * 128).encode() + b"\n\0")
    assert column_unf(["é" * 128 + "x"]) == column_unf(["é" * 128 + "y"]) != column_unf(["é" * 127])


def rounded(number: float) -> str:
    """Write a number as the specification says, by plain decimal arithmetic on its shortest decimal."""
    with localcontext(prec=40):
        exact = Decimal(repr(number))
        sixteen = exact.quantize(Decimal(1).scaleb(exact.adjusted() - 15), rounding=ROUND_HALF_EVEN)
        seven = sixteen.quantize(Decimal(1).scaleb(sixteen.adjusted() - 6), rounding=ROUND_HALF_EVEN)
        power = seven.adjusted()
        mantissa = str(seven.scaleb(-power).normalize())
    sign = "-" if mantissa.startswith("-") else "+"
    whole, _, rest = mantissa.removeprefix("-").partition(".")
    return f"{sign}{whole}.{rest}e{f'{power:+d}' if power else '+'}"


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_any_number_is_written_as_decimal_arithmetic_says(number: float) -> None:
    assume(number != 0)
    assert column_unf([number]) == by_hand(rounded(number).encode() + b"\n\0")


def agrees(number: float) -> bool:
    """Whether the other implementation, which scales by a power of ten, is exact enough for a number."""
    if number == 0 or not math.isfinite(number):
        return True
    power = Decimal(repr(number)).adjusted()
    if not -290 <= power <= 290:  # its powers of ten overflow
        return False
    scaled = abs(Decimal(repr(number))).scaleb(6 - power)
    if scaled >= Decimal("9999999.4"):  # it writes 9.9999999 as 1, not as 10
        return False
    tie = abs(scaled - int(scaled) - Decimal("0.5"))
    return tie > Decimal("1e-6") or (tie == 0 and abs(number) * 10.0 ** (6 - power) == float(scaled))


CELLS = st.one_of(
    st.none(),
    st.integers(-(10**15), 10**15),
    st.floats(allow_nan=True, allow_infinity=True),
    st.builds(
        lambda digits, power: float(f"{digits}5e{power}"), st.integers(-9_999_998, 9_999_998), st.integers(-9, 3)
    ),
    st.builds(lambda sign, power: float(f"{sign}1.5e{power}"), st.sampled_from("+-"), st.integers(-290, 290)),
    st.booleans(),
    st.text(st.characters(codec="ascii"), max_size=140),
)


@given(st.lists(CELLS, max_size=12))
def test_another_implementation_gives_the_same(cells: list[Any]) -> None:
    assume(all(agrees(float(one)) for one in cells if isinstance(one, (int, float))))
    assert column_unf(cells) == other.unf(cells)


def test_another_implementation_gives_the_same_for_a_table() -> None:
    frame = pd.DataFrame({"a": [1.5, None, -2e-9], "b": [4.0, 5.0, 1.2345675], "c": [0, 1, 2]})
    assert table_unf(frame) == other.unf(frame)
    assert table_unf(frame[["b"]]) == other.unf(frame[["b"]]) == column_unf(frame["b"])


ROW = st.tuples(st.integers(0, 3), st.sampled_from([None, 0.5, 1.0]), st.sampled_from(["", "a", "é"]))


@given(st.lists(ROW, min_size=2), st.permutations(["a", "b", "c"]))
def test_rows_count_in_their_order_and_columns_do_not(
    rows: list[tuple[int, float | None, str]], mixed: list[str]
) -> None:
    frame = pd.DataFrame(rows, columns=["a", "b", "c"]).astype({"b": "float64", "c": "str"})
    assert table_unf(frame[mixed]) == table_unf(frame)
    assert table_unf(frame.set_axis(["x", "y", "z"], axis=1)) == table_unf(frame)
    turned = frame.iloc[::-1]
    assert (table_unf(turned) == table_unf(frame)) == turned.reset_index(drop=True).equals(frame)


def test_one_column_in_every_type_that_pandas_has_for_it() -> None:
    numbers = [1, None, 0, 3]
    expected = column_unf(numbers)
    for kind in ("float64", "Int64", "Float64", "object", "int64[pyarrow]", "category"):
        assert column_unf(pd.Series(numbers, dtype=kind)) == expected, kind
    truths = [True, None, False]
    for kind in ("boolean", "object", "bool[pyarrow]"):
        assert column_unf(pd.Series(truths, dtype=kind)) == column_unf([1, None, 0]), kind
    texts = ["b", None, "", "a", "b"]
    for kind in ("str", "object", "category", "string[pyarrow]"):
        assert column_unf(pd.Series(texts, dtype=kind)) == column_unf(texts), kind
    assert column_unf(np.array([True, False])) == column_unf([1, 0]) == column_unf([np.True_, np.int8(0)])
    assert column_unf(pd.Series([0.0, -0.0])) == column_unf([0.0, -0.0]) != column_unf([0.0, 0.0])
    assert column_unf(pd.Series([math.nan])) == column_unf([None]) != column_unf([math.nan])


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (pd.Series(pd.to_datetime(["2012-06-10"])), "Timestamp.*write dates as text"),
        ([dt.date(2012, 6, 10)], "type date"),
        ([1, [2]], "type list"),
        ([1 + 2j], "type complex"),
        (np.zeros((2, 2)), "one dimension, this array 2"),
        ("text", "sequence of cells"),
        (["\ud800"], "not valid Unicode"),
        ([10**400], "beyond 1e308"),
    ],
)
def test_what_has_no_fingerprint_is_refused(cells: Any, said: str) -> None:  # noqa: ANN401 - anything wrong
    with pytest.raises(ArgumentError, match=said):
        column_unf(cells)


def test_a_table_names_the_column_that_is_refused() -> None:
    with pytest.raises(ArgumentError, match="column 'day': a cell is of type Timestamp"):
        table_unf(pd.DataFrame({"a": [1], "day": pd.to_datetime(["2012-06-10"])}))
    with pytest.raises(ArgumentError, match="without columns"):
        table_unf(pd.DataFrame(index=[1, 2]))


# The fingerprints of the released panels: they never change, for neither the releases nor the rule do.
PANELS = {
    "countries 1.0.0": "UNF:6:JxBuvOQfDfDlwo0g9UCSLw==",
    "countries 1.1.0": "UNF:6:JxBuvOQfDfDlwo0g9UCSLw==",
    "covariates 1.0.0": "UNF:6:yIMtaNVhW1zi3Kiwp8wH4A==",
    "digital_surveillance 0.1.0": "UNF:6:bseS1kCvj38L9COEz6TV8g==",
    "digital_surveillance 0.2.0": "UNF:6:awf6y+Fg/JMOYl5JwlC8JQ==",
    "digital_surveillance 1.0.0": "UNF:6:s69rzEuRja3ECo+M92H2tQ==",
    "expert_scores 1.0.0": "UNF:6:XB9Dcxx3+ZbgPZ3hBlNEag==",
}


@pytest.mark.parametrize("release", RELEASES, ids=str)
def test_every_table_of_a_release_has_its_fingerprint(release: Release) -> None:
    found = release_unfs(release)
    assert set(found) == {file.removesuffix(".csv") for file in release.files if file.endswith(".csv")}
    if str(release) in PANELS:
        assert found["panel"] == PANELS[str(release)]


@pytest.mark.parametrize("form", ["csv", "parquet", "dta"])
def test_the_same_number_whatever_the_format(form: str, tmp_path: Path) -> None:
    import pyreadstat

    release = open_release("digital_surveillance", "1.0.0")
    frame = govdata.load("digital_surveillance", "1.0.0")
    expected = release_unfs(release)["panel"]
    assert table_unf(frame) == expected
    path = tmp_path / f"panel.{form}"
    if form == "csv":
        frame.to_csv(path, index=False)
        numbers = [name for name in frame.columns if frame[name].dtype.kind in "if"]
        back = pd.read_csv(path, keep_default_na=False, na_values={name: [""] for name in numbers})
    elif form == "parquet":
        frame.to_parquet(path)
        back = pd.read_parquet(path)
    else:
        pyreadstat.write_dta(frame, str(path))
        back, _ = pyreadstat.read_dta(str(path))
    assert len(back.columns) == len(frame.columns)
    assert table_unf(back) == expected
    back.iloc[5000, -1] = 1 if back.iloc[5000, -1] != 1 else 0
    assert table_unf(back) != expected


@pytest.mark.parametrize("form", ["csv", "parquet", "dta", "sav"])
def test_an_exported_file_has_the_fingerprint_of_the_release(form: str, tmp_path: Path) -> None:
    import pyreadstat

    frame = govdata.load("covariates", "1.0.0")
    path = tmp_path / f"panel.{form}"
    export(frame, path)  # with the reasons of missing cells
    if form in ("dta", "sav"):
        back, _ = pyreadstat.read_dta(str(path)) if form == "dta" else pyreadstat.read_sav(str(path))
    elif form == "csv":
        numbers = [name for name in frame.columns if frame[name].dtype.kind in "if"]
        back = pd.read_csv(path, keep_default_na=False, na_values={name: [""] for name in numbers})
    else:
        back = pd.read_parquet(path)
    assert table_unf(back[list(frame.columns)]) == PANELS["covariates 1.0.0"]
