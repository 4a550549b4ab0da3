"""What a ``.do`` or ``.sps`` file says beside the labels: long texts of indicators, and where the data come from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from govdata.citation import cite
from govdata.exporting.outline import Column, Outline
from govdata.labels import code_label

if TYPE_CHECKING:
    from govdata.model import Indicator
    from govdata.releases import Release

__all__ = ["bearers", "data_notes", "notes"]


def bearers(outline: Outline) -> dict[str, Column]:
    """Give for each indicator, by dataset and id, the first of its columns: that one bears the long texts."""
    found: dict[str, Column] = {}
    for column in outline.columns:
        if column.indicator is not None:
            found.setdefault(f"{column.dataset} {column.indicator.id}", column)
    return found


def data_notes(outline: Outline) -> Iterator[tuple[str, str]]:
    """Give name and text of what is to be said of the data as a whole."""
    for release in outline.releases:
        yield "dataset", f"{release.name} {release.version}: {release.info.title}"
        yield "sha256", f"{release.name} {release.version}: {release.digest}"
        yield "citation", cite(release.name, release.version)
    yield from outline.about.items()


def notes(outline: Outline, column: Column) -> Iterator[tuple[str, str]]:
    """Give name and text of what is to be said of a column: its indicator's texts, its codes and reasons in full."""
    one = column.indicator
    if one is None:
        return
    release = next((each for each in outline.releases if each.name == column.dataset), None)
    place = f"{one.number} of {column.dataset}" if one.number else column.dataset
    yield "indicator", f"{one.id}, {place} {release.version if release else ''}".strip()
    for name in ("question", "clarification", "evidence", "comparable", "limits", "direction", "unit"):
        if text := str(getattr(one, name)):
            yield name, text
    yield "type", ", ".join(filter(None, (one.type, one.rule and f"rule {one.rule}", one.timing)))
    for code in one.codes:
        yield f"code_{code.code}", code.labels["en"]
        for language, text in code.labels.items():  # in full where the file has a stored short form
            if language != "en" and code_label(column.dataset, text, language) != text:
                yield f"code_{code.code}_{language}", text
    for reason, text in outline.reasons_of(column, "en").items():
        yield f"missing_{reason}", text
    if source := _source(one, release):
        yield "source", source


def _source(indicator: Indicator, release: Release | None) -> str:
    if release is None or not indicator.source_id or "sources.csv" not in release.files:
        return ""
    row = next((row for row in release.rows("sources.csv") if row["source_id"] == indicator.source_id), None)
    if row is None:
        return ""
    parts = (row["authors"], row["year"], row["title"], row["version"], row["url"])
    whole = ". ".join(part for part in parts if part)
    return f"{whole}. Series {indicator.original}" if indicator.original else whole
