"""Codebooks as files: everything that a release says of its indicators, to read, to print and to keep."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from govdata.catalog import find_indicator
from govdata.errors import ArgumentError, nearest
from govdata.exporting.places import check_places, place, write_together
from govdata.releases import open_release
from govdata.vocabulary import BLOCKS, LANGUAGES

if TYPE_CHECKING:
    from govdata.codebook_files.blocks import Block
    from govdata.model import Indicator
    from govdata.releases import Release

__all__ = ["codebook_file", "codebook_places", "write_codebooks"]

_FORMATS = {"html": (".html",), "md": (".md",)}
_NAMED = "en English, fa Persian, ar Arabic, zh Chinese"


def codebook_file(
    name: str,
    path: str | Path,
    version: str | None = None,
    *,
    language: str = "en",
    indicators: str | Sequence[str] | None = None,
    overwrite: bool = False,
) -> Path:
    """Write the codebook of a release as a file: HTML to read and to print, or Markdown.

    Parameters
    ----------
    name
        A dataset.
    path
        Ends in ``.html`` or ``.md``. For a PDF, print the HTML from a browser: it has page breaks and a running title.
    version
        See `govdata.load`.
    language
        Of headings and labels: ``en``, ``fa``, ``ar`` or ``zh``. Questions and explanations are in English, in which
        values were coded.
    indicators
        These only, by id or column; ``None`` for all.
    overwrite
        Whether a file that is there may be replaced.

    Returns
    -------
    pathlib.Path
        The file, written whole or not at all. It says which release it is and how to cite it, how to read columns,
        statuses and missing values, which faults of the release are known, and for each indicator its question, rule,
        codes, limits and counts; for imported series also the sources. The same release gives the same bytes.

    Raises
    ------
    UnknownDatasetError, UnknownVersionError, UnknownIndicatorError
        With the nearest valid choice.
    ArgumentError
        If the path ends in neither, the language is none of the four, or the file is there already.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import govdata
    >>> from govdata.codebook_files import codebook_file
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = codebook_file("covariates", Path(folder) / "covariates.md", "1.0.0")
    ...     print(path.read_text(encoding="utf-8").splitlines()[2])
    # Codebook: Covariates for comparing states, 1990–2025
    """
    if Path(path).suffix.casefold() not in (".html", ".md") and Path(path).suffix[1:].isalpha():
        codebook_places(path)  # says how to come to a PDF
    chosen, _ = place(path, None, _FORMATS)
    write_codebooks(name, [chosen], version, language=language, indicators=indicators, overwrite=overwrite)
    return chosen


def codebook_places(path: str | Path) -> list[Path]:
    """Name the files that a path stands for: itself, or ``.html`` and ``.md`` of a path without an ending."""
    path = Path(path)
    if path.name in ("", "..") or path.is_dir():
        raise ArgumentError(f"{str(path)!r} is a folder; name a file in it, such as {str(path / 'codebook')!r}")
    if path.suffix.casefold() in (".html", ".md"):
        return [path]
    if path.suffix[1:].isalpha():
        raise ArgumentError(
            f"{path.name!r} ends in neither .html nor .md; for a PDF, print the .html from a browser; "
            f"{path.stem!r} without an ending gives both"
        )
    return [path.with_name(path.name + ending) for ending in (".html", ".md")]


def write_codebooks(
    name: str,
    paths: Sequence[Path],
    version: str | None = None,
    *,
    language: str = "en",
    indicators: str | Sequence[str] | None = None,
    overwrite: bool = False,
) -> None:
    """Write one codebook to several files, whole or not at all; see `codebook_file`."""
    if not isinstance(language, str) or language not in LANGUAGES:
        hint = nearest(str(language), LANGUAGES)
        raise ArgumentError(f"no codebook in {str(language)[:20]!r}{hint} (known: {_NAMED})")
    release = open_release(name, version)
    chosen = _chosen(release, indicators)
    check_places(paths, overwrite=overwrite)
    blocks = _document(release, chosen, language)

    def write(made: Sequence[Path]) -> None:
        from govdata.codebook_files.markdown import markdown
        from govdata.codebook_files.webpage import webpage

        for path in made:
            title = f"{release.name} {release.version}: {release.info.title}"
            text = webpage(title, blocks, language) if path.suffix.casefold() == ".html" else markdown(blocks)
            path.write_bytes(text.encode("utf-8"))

    write_together(paths, write, overwrite=overwrite)


def _chosen(release: Release, indicators: str | Sequence[str] | None) -> tuple[Indicator, ...]:
    if indicators is None:
        return release.indicators
    names = [indicators] if isinstance(indicators, str) else list(indicators)
    if not names:
        raise ArgumentError("indicators is empty; leave it out to take all")
    wanted = {find_indicator(release, str(one))[0].id for one in names}
    return tuple(one for one in release.indicators if one.id in wanted)


def _document(release: Release, indicators: Sequence[Indicator], language: str) -> list[Block]:
    """Put the document together, in the order of the codebook."""
    from govdata.codebook_files.blocks import Heading, plain
    from govdata.codebook_files.counts import count_columns
    from govdata.codebook_files.front import contents, front, sources
    from govdata.codebook_files.items import indicator

    counted = count_columns(release, indicators)
    made = front(release, language) + contents(indicators, language)
    for block, members in groupby(indicators, key=lambda one: one.block):
        made.append(Heading(2, plain(f"{block} · {BLOCKS[block]}", "en"), f"block-{block}"))
        for one in members:
            made += indicator(release, one, counted.get(one.id, []), language)
    return made + sources(release, indicators, language)
