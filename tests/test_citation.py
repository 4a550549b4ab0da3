"""What is cited: the release, the sources behind exactly the cells in use, the session, the package; in every style."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pandas as pd
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import govdata
from govdata import session
from govdata.cli import main
from govdata.errors import (
    ArgumentError,
    UnknownCountryError,
    UnknownIndicatorError,
    UnknownVersionError,
    UnknownYearError,
)
from govdata.references.apsa import entries, entry, letters
from govdata.references.bibtex import bibtex, latex
from govdata.references.csl import items
from govdata.references.records import SOFTWARE_TITLE, Reference, author, imported, of_source
from govdata.releases import open_release
from govdata.vocabulary import SOURCE_COLUMNS

# A fault found later in cells that are used here is no fault of what is tested here.
pytestmark = pytest.mark.filterwarnings("ignore::govdata.errors.ErratumWarning")

ROOT = Path(__file__).parent.parent
# The types and fields of CSL 1.0.2 that the project uses; its schema allows no other field than those it names.
CSL_TYPES = {"article-journal", "article-newspaper", "book", "dataset", "document", "legal_case", "legislation"}
CSL_TYPES |= {"report", "software", "webpage"}
CSL_FIELDS = {"id", "type", "title", "original-title", "author", "issued", "container-title", "publisher", "version"}
CSL_FIELDS |= {"URL", "DOI", "language", "accessed", "note"}


@pytest.fixture(autouse=True)
def _own_session(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give each test a session of its own."""
    monkeypatch.setattr(session, "_LOADED", {})


def source(**fields: str) -> Reference:
    return of_source(dict.fromkeys(SOURCE_COLUMNS, "") | {"source_id": "x", "type": "web", "title": "A title"} | fields)


def parsed_bibtex(text: str) -> dict[str, dict[str, str]]:
    """Read BibTeX as BibTeX does: entries by balanced braces, all else a comment."""
    found: dict[str, dict[str, str]] = {}
    place = 0
    while (start := text.find("@", place)) >= 0:
        match = re.compile(r"@([a-z]+)\{([^,\s{}]+),").match(text, start)
        assert match, text[start : start + 60]
        place, fields = match.end(), {"": match[1]}
        while True:
            key = re.compile(r"\s*([a-z]+)\s*=\s*\{").match(text, place)
            if key is None:
                break
            depth, place = 1, key.end()
            begin = place
            while depth:
                depth += {"{": 1, "}": -1}.get(text[place], 0)
                place += 1
            assert key[1] not in fields
            fields[key[1]] = text[begin : place - 1]
            if text[place] == ",":
                place += 1
        end = re.compile(r"\s*\}").match(text, place)
        assert end, text[place : place + 60]
        place = end.end()
        assert match[2] not in found, f"key {match[2]} twice"
        found[match[2]] = fields
    return found


def source_ids(text: str) -> list[str]:
    """The original sources in CSL-JSON, in order."""
    return [item["id"] for item in json.loads(text) if not item["id"].startswith("govdata")]


def test_a_release_is_cited_with_version_checksum_licence_and_attribution() -> None:
    release = open_release("covariates", "1.0.0")
    text = govdata.cite("covariates", "1.0.0")
    assert text == govdata.cite("covariates", "1.0.0", style="text")
    assert text == (
        "The govdata contributors. 2026. “Covariates for comparing states, 1990–2025.” Version 1.0.0 (dataset "
        f"'covariates' of govdata; SHA-256 {release.digest[:16]}…). Licence CC-BY-4.0. {release.info.attribution}"
    )
    assert govdata.cite("covariates", "1") == text


def test_imported_series_name_the_sources_of_their_cells() -> None:
    lines = govdata.cite("covariates", "1.0.0", indicators=["internet_users", "gdp_pc_usd"]).splitlines()
    assert lines[0] == (
        "3 references: the dataset covariates 1.0.0 and 2 original sources of internet_users, gdp_pc_usd."
    )
    assert lines[1] == ""
    assert [line.split(". ")[0] for line in lines[2:]] == [
        "The govdata contributors",
        "International Telecommunication Union and World Bank",
        "World Bank",
    ]
    assert lines[4] == (
        "World Bank. 2025. “World Development Indicators: GDP per capita (current US$).” Download of 2025-10-07. "
        "https://data.worldbank.org/indicator/NY.GDP.PCAP.CD (accessed November 22, 2026)."
    )


@pytest.mark.parametrize(
    ("dataset", "version", "indicators", "countries", "years"),
    [
        ("digital_surveillance", "1.0.0", "cctv_public", ["CHN", "GBR"], [2018, 2019]),
        ("digital_surveillance", "1.0.0", ["sim_realname", "lead_agency"], ["KEN", "IND"], range(2005, 2016)),
        ("digital_surveillance", "0.1.0", "dp_law_state", "CHN", None),
        ("expert_scores", "1.0.0", ["v2x_polyarchy", "regime_row"], None, 2025),
        ("covariates", "1.0.0", "internet_users", ["CHN"], None),
    ],
)
def test_a_frame_cites_what_the_same_cells_cite(
    dataset: str, version: str, indicators: object, countries: object, years: object
) -> None:
    chosen = {"indicators": indicators, "countries": countries, "years": years}
    frame = govdata.load(dataset, version, **chosen)  # type: ignore[arg-type]
    by_frame = govdata.cite(frame, style="csl")
    assert by_frame == govdata.cite(dataset, version, style="csl", **chosen)  # type: ignore[arg-type]
    assert source_ids(by_frame)
    # Law: neither the order of rows, nor that of columns, nor the place of the keys changes a byte.
    turned = frame.sample(frac=1, random_state=1)[list(frame.columns[::-1])]
    assert govdata.cite(turned, style="csl") == by_frame
    assert govdata.cite(frame.set_index(["iso3", "year"]), style="csl") == by_frame


def test_the_sources_of_coded_cells_are_those_that_trace_shows() -> None:
    cell = govdata.trace("digital_surveillance", "CHN", 2018, "cctv_public", version="1.0.0")
    found = source_ids(
        govdata.cite("digital_surveillance", "1.0.0", "csl", indicators="cctv_public", countries="CHN", years=2018)
    )
    decisive = {claim["source_id"] for claim in cell.decisive}
    assert decisive <= set(found)
    rows = govdata.table("digital_surveillance", "values", "1.0.0")
    rows = rows[(rows["iso3"] == "CHN") & (rows["year"] == 2018) & (rows["indicator"] == "cctv_public")]
    assert found == sorted({one for text in rows["source_ids"] for one in text.split()})


def test_a_frame_without_its_rows_or_values_cites_less() -> None:
    frame = govdata.load("digital_surveillance", "1.0.0", indicators="shutdown_events", countries="IND")
    one = frame[frame["shutdown_events"].notna()].head(1)
    assert source_ids(govdata.cite(one, style="csl")) == ["access_now_stop"]
    none = frame.assign(**{name: float("nan") for name in frame if str(name).startswith("shutdown")})
    none.attrs = dict(frame.attrs)
    assert govdata.cite(none).splitlines()[0] == (
        "1 reference: the dataset digital_surveillance 1.0.0 and no original sources of the values in the frame."
    )


def test_a_merged_frame_cites_all_its_datasets() -> None:
    left = govdata.load("digital_surveillance", "1.0.0", indicators="shutdown_events", countries=["CHN", "IND"])
    right = govdata.load("expert_scores", "1.0.0", indicators="v2x_polyarchy", countries=["CHN", "IND"])
    merged = govdata.merge(left, right)
    text = govdata.cite(merged)  # type: ignore[arg-type]
    assert text == govdata.cite(merged.frame)
    assert text.splitlines()[0] == (
        "4 references: 2 datasets (digital_surveillance 1.0.0, expert_scores 1.0.0) and 2 original sources of the "
        "values in the frame."
    )
    assert [line.split(". ")[0] for line in text.splitlines()[2:]] == [
        "Access Now",
        "Coppedge, Michael, John Gerring, Carl Henrik Knutsen, Staffan I",
        "The govdata contributors",
        "The govdata contributors",
    ]
    assert "2026a. “Digital surveillance" in text
    assert "2026b. “Expert scores" in text


def test_an_imported_file_is_cited_in_its_own_words() -> None:
    frame = pd.DataFrame({"iso3": ["CHN"], "year": [2018], "p": [1.0]})
    frame.attrs = {"source": "A source", "version": "3", "citation": "Doe, Jane. 2020. A source_3 & more."}
    assert govdata.cite(frame).splitlines() == [
        "1 reference: 1 file of another provider.",
        "",
        "Doe, Jane. 2020. A source_3 & more.",
    ]
    fields = parsed_bibtex(govdata.cite(frame, style="bibtex"))["a_source_3"]
    assert fields["note"] == r"Doe, Jane. 2020. A source\_3 \& more."
    assert fields["year"] == "2020"
    assert json.loads(govdata.cite(frame, style="csl"))[0]["note"] == frame.attrs["citation"]
    assert "under their providers' own terms: Doe, Jane." in govdata.cite(frame, style="acknowledgement")


def test_the_session_is_cited_in_the_order_of_first_use() -> None:
    with pytest.raises(ArgumentError, match="has loaded no dataset yet"):
        govdata.cite()
    govdata.load("expert_scores", "1.0.0", years=2018)
    govdata.load("covariates", "1.0.0", years=2018)
    govdata.load("expert_scores", "1.0.0", years=2019)
    govdata.cite("digital_surveillance", "1.0.0", indicators="cctv_public", countries="CHN")  # is no load
    text = govdata.cite()
    assert text.splitlines()[0] == (
        "3 references: 2 datasets loaded in this session (expert_scores 1.0.0, covariates 1.0.0) and the package "
        "govdata."
    )
    assert [item["id"] for item in json.loads(govdata.cite(style="csl"))] == [
        "govdata_expert_scores_1.0.0",
        "govdata_covariates_1.0.0",
        "govdata",
    ]
    assert text == govdata.cite()
    assert govdata.cite("govdata").split(" ")[-1] == text.splitlines()[-1].split(" ")[-1]


def test_threads_share_one_session() -> None:
    threads = [Thread(target=session.note_load, args=(f"d{number % 7}", "1.0.0")) for number in range(200)]
    for one in threads:
        one.start()
        session.loaded()
    for one in threads:
        one.join()
    assert sorted(session.loaded()) == [(f"d{number}", "1.0.0") for number in range(7)]


def test_a_new_process_is_a_new_session() -> None:
    code = "import govdata\ntry:\n govdata.cite()\nexcept govdata.GovdataError as error:\n print(error.code)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "argument\n"


def test_a_shortened_checksum_says_so() -> None:
    digest = open_release("covariates", "1.0.0").digest
    note = next(iter(parsed_bibtex(govdata.cite("covariates", "1.0.0", "bibtex")).values()))["note"]
    assert f"SHA-256 {digest[:16]}\\ldots{{}}, licence" in note


def test_the_package_is_cited_as_citation_cff_says() -> None:
    said = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f'title: "{SOFTWARE_TITLE}"' in said
    match = re.search(r"^date-released: ([0-9]{4})", said, re.MULTILINE)
    assert match
    text = govdata.cite("govdata")
    assert text.startswith(f"The govdata contributors. {match[1]}. “{SOFTWARE_TITLE}.” Version {govdata.__version__}.")
    assert json.loads(govdata.cite("govdata", style="csl"))[0]["type"] == "software"


def test_the_acknowledgement_says_what_licences_ask() -> None:
    both = govdata.cite(["expert_scores", "covariates"], style="acknowledgement")
    assert both.count("\n") == 0
    described = "(expert_scores 1.0.0; The govdata contributors 2026b; licence CC BY-SA 4.0, "
    alike = "A dataset published with values of expert_scores must carry CC BY-SA 4.0 too; an article that prints "
    for part in (
        f"{described}https://creativecommons.org/licenses/by-sa/4.0/)",
        "(covariates 1.0.0; The govdata contributors 2026a; licence CC BY 4.0,",
        "CC BY 4.0 and CC BY-SA 4.0 ask for credit, a link to the licence and a note of changes",
        f"{alike}coefficients or other results need not.",
        "and Regimes of the World as processed by Our World in Data. Values keep their ShareAlike licence",
        open_release("covariates", "1.0.0").info.attribution.removesuffix(" Cite them too, see sources.csv."),
    ):
        assert part in both
    # Who reads the paper has not the files of the release.
    assert ".csv" not in both
    coded = govdata.cite("digital_surveillance", "1.0.0", "acknowledgement")
    assert coded.endswith("(Gupta et al. 2022). Every claim names its own source.")
    alone = govdata.cite("covariates", "1.0.0", "acknowledgement", indicators="population")
    assert "must carry" not in alone
    assert "The original source of the values used is in the references." in alone


def test_every_source_of_every_dataset_can_be_cited() -> None:
    for name in ("countries", "covariates", "digital_surveillance", "expert_scores"):
        references = [of_source(row) for row in open_release(name).rows("sources.csv")]
        found = parsed_bibtex(bibtex(references, "all"))
        assert len(found) == len(references)
        for key, fields in found.items():
            assert key.isascii()
            assert fields["title"]
            printed = {field: text for field, text in fields.items() if field not in ("origtitle", "title")}
            assert all(text.isascii() for text in printed.values()), (key, printed)
            assert not re.search(r"(?<!\\)[&%#$_]", fields["title"]), key
        for item in items(references):
            assert set(item) <= CSL_FIELDS
            assert item["type"] in CSL_TYPES
            for person in item.get("author", []):
                assert set(person) in ({"literal"}, {"family", "given"})
            for day in (item.get("issued"), item.get("accessed")):
                assert day is None or 1 <= len(day["date-parts"][0]) <= 3
        printed_lines = entries(references)
        assert len(printed_lines) == len(references)
        assert printed_lines == entries(references[::-1])
        assert all(line == " ".join(line.split()) for line in printed_lines)
        assert not any(".”." in line or "?”." in line for line in printed_lines)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Mechkova, Valeriya", ("Mechkova", "Valeriya")),
        ("Knutsen, Carl Henrik", ("Knutsen", "Carl Henrik")),
        ("Human Rights Watch", ("Human Rights Watch", "")),
        ("Unicode, Inc.", ("Unicode, Inc.", "")),
        ("State Information Center, China Network", ("State Information Center, China Network", "")),
        ("United Nations, Department of Economic Affairs", ("United Nations, Department of Economic Affairs", "")),
        ("Egypt, Maritime Transport Sector", ("Egypt, Maritime Transport Sector", "")),
        ("Geybullayeva, Xynou, Filastò", ("Geybullayeva, Xynou, Filastò", "")),
    ],
)
def test_persons_and_bodies(name: str, expected: tuple[str, str]) -> None:
    assert (author(name).family, author(name).given) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"authors": "Doe, Jane; Roe, Richard", "year": "2020"}, "Doe, Jane, and Richard Roe. 2020. “A title.”"),
        ({"authors": "Doe, Jane; and others"}, "Doe, Jane, et al. n.d. “A title.”"),
        ({"authors": "Nguyen Phong Hoang and others"}, "Nguyen Phong Hoang, et al. n.d. “A title.”"),
        ({"publisher": "The Paper (copy)", "type": "press"}, "The Paper. n.d. “A title.” The Paper (copy)."),
        ({"title": "Who?", "year": "2001"}, "“Who?” 2001."),
        ({"title": 'The "big" one', "publisher": "P"}, "P. n.d. “The ‘big’ one.”"),
        ({"type": "report", "publisher": "P", "year": "1999"}, "P. 1999. A title."),
        (
            {"title_original": "天网", "publisher": "P", "url": "https://a.b/c", "accessed": "2026-01-02"},
            "P. n.d. “天网 [A title].” https://a.b/c (accessed January 2, 2026).",
        ),
        ({"type": "dataset", "version": "v12", "publisher": "P"}, "P. n.d. “A title.” Version 12."),
        ({"type": "seed", "file": "a.txt"}, "“A title.” n.d. File a.txt."),
    ],
)
def test_the_form_of_a_reference(fields: dict[str, str], expected: str) -> None:
    assert entry(source(**fields)) == expected


def test_works_of_one_author_and_year_get_letters() -> None:
    many = [
        source(source_id=f"s{number:02}", title=f"T{number:02}", publisher="P", year="2020") for number in range(28)
    ]
    given_letters = list(letters(many).values())
    assert given_letters[:3] == ["a", "b", "c"]
    assert given_letters[25:] == ["z", "aa", "ab"]
    undated = [source(source_id=key, title=key, publisher="P") for key in "ab"]
    assert [line[:10] for line in entries(undated)] == ["P. n.d.-a.", "P. n.d.-b."]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Lührmann & Söner_1 #2 100% $5", r"L{\"u}hrmann \& S{\"o}ner\_1 \#2 100\% \$5"),
        ("{a} ~ ^ \\", r"\textbraceleft{}a\textbraceright{} \textasciitilde{} \textasciicircum{} \textbackslash{}"),
        ("Şırnak, Łódź, Iași, Đà", r"{\c{S}}{\i}rnak, {\L}{\'o}d{\'z}, Ia{\textcommabelow{s}}i, {\DJ}{\`a}"),
        ("“quoted” – 'it' — \"straight\"", "``quoted'' -- 'it' --- ``straight''"),
        ("天网", "天网"),
    ],
)
def test_latex(text: str, expected: str) -> None:
    assert latex(text) == expected


@given(st.text(), st.text(), st.text())
def test_no_text_breaks_bibtex(title: str, publisher: str, address: str) -> None:
    url = f"https://{address}"
    made = bibtex([source(title=title, publisher=publisher, url=url), imported("a", title, publisher)], "head")
    assert {"x"} < set(parsed_bibtex(made))


def test_an_original_title_in_another_script_is_kept_apart() -> None:
    chinese = parsed_bibtex(bibtex([source(title="Sky net", title_original="天网")]))["x"]
    assert (chinese["title"], chinese["origtitle"]) == ("{Sky net}", "天网")
    spanish = parsed_bibtex(bibtex([source(title="The law", title_original="La ley")]))["x"]
    assert spanish["title"] == "{La ley [The law]}"


def test_programmes_records_and_the_register_have_sources_too() -> None:
    stages = source_ids(
        govdata.cite("digital_surveillance", "1.0.0", "csl", indicators="implementation_stage", countries="AFG")
    )
    rows = govdata.table("digital_surveillance", "programme_years", "1.0.0")
    rows = rows[rows["iso3"] == "AFG"]
    assert stages == sorted({one for text in rows["source_ids"] for one in text.split()})
    assert source_ids(govdata.cite("digital_surveillance", "1.0.0", "csl", indicators="record_purpose"))
    units = source_ids(govdata.cite("countries", "1.1.0", "csl", countries="ABW"))
    assert units == ["country_codes", "iso3166_1", "population_un"]


def _refusals() -> Iterator[tuple[dict[str, object], type[Exception], str]]:
    yield {"data": "covariates", "style": "bibtx"}, ArgumentError, "did you mean 'bibtex'"
    yield {"data": "covariates", "version": "7"}, UnknownVersionError, "known: 1.0.0"
    yield {"data": "covariates", "indicators": "populaton"}, UnknownIndicatorError, "did you mean 'population'"
    yield {"data": ["covariates", "countries"], "indicators": "populaton"}, UnknownIndicatorError, "'population'"
    yield {"data": "covariates", "countries": "CHNA"}, UnknownCountryError, "did you mean 'CHN'"
    yield {"data": "covariates", "indicators": "population", "years": 1800}, UnknownYearError, "did you mean 1990"
    yield {"data": ["covariates", "countries"], "version": "1.0.0"}, ArgumentError, "2 are named"
    yield {"data": "govdata", "version": "1.0.0"}, ArgumentError, "installed package"
    yield {"indicators": "population"}, ArgumentError, "goes with the name of a dataset"
    yield {"data": pd.DataFrame({"iso3": ["CHN"]})}, ArgumentError, "attrs name no dataset"
    yield {"data": 7}, ArgumentError, "not int"
    yield {"data": []}, ArgumentError, "not an empty list; name a dataset"
    frame = pd.DataFrame({"iso3": ["CHN"]})
    yield {"data": [frame]}, ArgumentError, "not a list with DataFrame; cite each frame, or merge them"
    yield {"data": frame["iso3"]}, ArgumentError, "not Series; give the frame"
    yield {"data": "covariates", "version": "bibtex"}, ArgumentError, "did you mean style='bibtex'?"
    for country, meant in (
        ("china", "'CHN' (China)?"),
        ("UK", "'GBR' (United Kingdom)?"),
        ("Britain", "'GBR' (United Kingdom)?"),
        ("England", "'GBR' (United Kingdom)?"),
        ("Persia", "'IRN' (Iran)?"),
        ("us", "'USA' (United States)?"),
        ("Korea", "'KOR' (South Korea) or 'PRK' (North Korea)?"),
        ("Germny", "'DEU' (Germany)?"),
    ):
        yield {"data": "covariates", "countries": country}, UnknownCountryError, f"did you mean {meant}"
    yield {"data": "covariates", "countries": "USSR"}, UnknownCountryError, "no row of 'USSR', which is 'SUN' ("
    yield {"data": "covariates", "countries": "SUN"}, UnknownCountryError, "no row of 'SUN' ("
    for years, meant in (("2018", "2018?"), (["2018-2020"], "range(2018, 2021)?"), (2018.0, "2018?")):
        yield {"data": "covariates", "years": years}, ArgumentError, f"did you mean {meant}"


@pytest.mark.parametrize(("arguments", "error", "message"), list(_refusals()))
def test_refusals_name_the_nearest_choice(arguments: dict[str, object], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=re.escape(message)) as caught:
        govdata.cite(**arguments)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)


def test_the_command_says_the_same() -> None:
    def run(*words: str) -> str:
        result = CliRunner().invoke(main, ["cite", *words])
        assert result.exit_code == 0, result.output
        return result.stdout

    assert run("covariates", "expert_scores") == govdata.cite(["covariates", "expert_scores"]) + "\n"
    chosen = ("--indicators", "cctv_public", "--countries", "CHN,GBR", "--years", "2018:2019")
    expected = govdata.cite(
        "digital_surveillance", "1.0.0", "csl", indicators="cctv_public", countries=["CHN", "GBR"], years=[2018, 2019]
    )
    assert run("digital_surveillance", "--version", "1.0.0", *chosen, "--format", "json") == expected + "\n"
    assert run("govdata", "--style", "bibtex").startswith("@misc{govdata,")
    for words, said in (
        ([], "name the datasets to cite (known: countries, covariates, digital_surveillance, expert_scores), or"),
        (["covariates", "1.0.0"], "did you mean: cite covariates --version 1.0.0?"),
        (["covariates", "--style", "bibtex", "--format", "json"], "--format json is --style csl"),
    ):
        result = CliRunner().invoke(main, ["cite", *words])
        assert (result.exit_code, result.stdout) == (2, "")
        assert said in result.stderr
        assert result.stderr.count("\n") == 1
