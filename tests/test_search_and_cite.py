"""Search in every language, and citations in every style."""

from __future__ import annotations

import json

import pytest

import govdata
from govdata.errors import ArgumentError
from govdata.finder import fold


@pytest.mark.parametrize("word", ["camera", "CAMERA", "cámera", "دوربین", "كاميرات", "کامیرات", "摄像头", "cctv"])
def test_cameras_are_found_in_every_language(word: str) -> None:
    found = govdata.search(word)
    assert "cctv_public" in set(found["id"]), found


@pytest.mark.parametrize(
    ("word", "programme"), [("Skynet", "skynet"), ("天网", "skynet"), ("dàng’àn", "dangan"), ("هوکو", "hukou")]
)
def test_programmes_are_found(word: str, programme: str) -> None:
    found = govdata.search(word, "digital_surveillance")
    assert programme in set(found.loc[found["kind"] == "programme", "id"])


@pytest.mark.parametrize(
    ("one", "other"),
    [("مسئول", "مسیول"), ("آزادی", "ازادی"), ("كود", "کود"), ("cámara", "CAMARA"), ("می‌شود", "می شود")],
)
def test_letters_that_a_reader_takes_for_the_same(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_search_is_in_order_and_empty_is_empty() -> None:
    found = govdata.search("social credit")
    assert list(found.columns) == ["dataset", "kind", "id", "label", "found_in", "text"]
    assert len(found)
    assert govdata.search("zzzzqqq").empty
    for nothing in ("", "  "):
        with pytest.raises(ArgumentError, match="at least one word"):
            govdata.search(nothing)


def test_citations() -> None:
    text = govdata.cite("expert_scores")
    for part in ("V-Dem", "Digital Society Project", "CC-BY-SA-4.0", "Version 1.0.0"):
        assert part in text
    assert "Access Now" in govdata.cite("digital_surveillance")
    bibtex = govdata.cite("digital_surveillance", style="bibtex")
    assert bibtex.startswith("@misc{govdata_digital_surveillance_")
    assert bibtex.count("{") == bibtex.count("}")
    items = json.loads(govdata.cite("covariates", style="csl"))
    assert items[0]["type"] == "dataset"
    assert items[0]["version"] == "1.0.0"
    with pytest.raises(ArgumentError, match="did you mean 'bibtex'"):
        govdata.cite("covariates", style="bibtx")  # type: ignore[arg-type]
