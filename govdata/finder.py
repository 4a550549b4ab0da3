"""Find indicators, codes and programmes by any of their words, in any of their languages."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from govdata.errors import ArgumentError
from govdata.releases import Release, dataset_names, open_release
from govdata.renamed import former_names

if TYPE_CHECKING:
    import pandas as pd

    from govdata.model import Indicator

__all__ = ["fold", "search"]

_COLUMNS = ("dataset", "kind", "id", "label", "found_in", "text")
# Spellings that a reader of Persian or Arabic takes for the same letter.
_FOLDED = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک", "ة": "ه", "أ": "ا", "إ": "ا", "آ": "ا", "\u200c": " ", "ـ": ""})


def fold(text: str) -> str:
    """Reduce a text to what a reader takes for the same: no case, no accents, one form of each letter."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(character for character in plain if not unicodedata.combining(character)).translate(_FOLDED)


def search(text: str, dataset: str | None = None) -> pd.DataFrame:
    """Search names, labels, questions, codes and keywords in every language.

    Parameters
    ----------
    text
        Words to look for; every one must occur. Case, accents and letter variants do not matter.
    dataset
        One dataset only.

    Returns
    -------
    pandas.DataFrame
        ``dataset, kind`` (indicator, code, programme; ``indicator (removed)`` with the last version in its label),
        ``id, label, found_in`` (which field; ``former name`` for what an older release called it) and the ``text``
        found; one row an item, best first: names before labels before explanations.

    Examples
    --------
    >>> import govdata
    >>> "cctv_public" in set(govdata.search("camera")["id"])
    True
    """
    import pandas as pd

    words = fold(text).split() if isinstance(text, str) else []
    if not words:
        raise ArgumentError("search needs at least one word")
    names = dataset_names() if dataset is None else (open_release(dataset).name,)
    rows: list[tuple[int, tuple[str, ...]]] = []
    for name in names:
        for item in _items(open_release(name)):
            for rank, (field, content) in enumerate(item[1]):
                if content and all(word in fold(content) for word in words):
                    rows.append((rank, (*item[0], field, content)))
                    break
    rows.sort()
    return pd.DataFrame([row for _, row in rows], columns=list(_COLUMNS))


def _fields(one: Indicator, names: Sequence[str]) -> list[tuple[str, str]]:
    """Give what an indicator can be found by, its own and its former names first."""
    labels = [(f"label_{language}", text) for language, text in one.labels.items()]
    texts = [(key, getattr(one, key)) for key in ("question", "clarification", "evidence", "comparable", "limits")]
    keywords = [("keywords", " ".join(one.keywords)), ("original", one.original)]
    return [("id", one.id), *(("former name", name) for name in names), *labels, *keywords, *texts]


def _items(release: Release) -> Iterator[tuple[tuple[str, str, str, str], list[tuple[str, str]]]]:
    former = list(former_names(release))
    for line in former:
        if not line.became:
            older = open_release(release.name, line.last).indicators
            gone = next(one for one in older if one.id == line.indicator)
            label = f"{gone.label} (last in {line.last})"
            yield (release.name, "indicator (removed)", gone.id, label), _fields(gone, ())
    for one in release.indicators:
        names = [line.indicator for line in former if line.became == one.id]
        yield (release.name, "indicator", one.id, one.label), _fields(one, names)
        for code in one.codes:
            shown = f"{one.id} = {code.code}"
            yield (
                (release.name, "code", shown, code.labels["en"]),
                [(f"label_{language}", text) for language, text in code.labels.items()],
            )
    if "programmes.csv" in release.files:
        for row in release.rows("programmes.csv"):
            fields = [
                (key, row[key])
                for key in row
                if key == "programme_id" or key.startswith("name_") or key == "description"
            ]
            yield (release.name, "programme", row["programme_id"], row["name_en"]), fields
