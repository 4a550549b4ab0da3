"""A paragraph for a paper: which datasets under which licence, what the licences ask, and whom else to name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from govdata.references.apsa import short
from govdata.references.records import Reference

__all__ = ["acknowledgement"]

_LICENCES: Final = {
    "CC-BY-4.0": ("CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/"),
    "CC-BY-SA-4.0": ("CC BY-SA 4.0", "https://creativecommons.org/licenses/by-sa/4.0/"),
}


def _listed(parts: Sequence[str]) -> str:
    if len(parts) < 3:
        return " and ".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def acknowledgement(
    releases: Sequence[Reference],
    imported: Sequence[Reference],
    sources: int,
    letters: Mapping[str, str],
    version: str,
) -> str:
    """Write the paragraph.

    Parameters
    ----------
    releases
        The datasets used.
    imported
        What came from files of other providers.
    sources
        How many original sources the reference list holds beside them.
    letters
        Which letter follows the year of a release in that list, by key.
    version
        Of the package.
    """
    said = []
    if releases:
        described = [_described(one, letters[one.key]) for one in releases]
        said.append(f"This paper uses {_listed(described)}, read with govdata {version}.")
        said += _asked(releases)
        named = [(_name(one), _for_a_paper(one.attribution)) for one in releases]
        said += [f"{name}: {text}" for name, text in named if text]
    if sources:
        said.append(
            "The original source of the values used is in the references."
            if sources == 1
            else f"The {sources:,} original sources of the values used are in the references."
        )
    if imported:
        texts = " ".join(one.text if one.text.endswith(".") else f"{one.text}." for one in imported)
        said.append(f"It also uses data under their providers' own terms: {texts}")
    if not releases and not imported:
        said.append(f"This paper uses the package govdata {version}, under the MIT licence.")
    return " ".join(said)


def _for_a_paper(text: str) -> str:
    """Leave out what speaks to the reader of the data: clauses that point to a file of the release."""
    sentences = []
    for sentence in re.split(r"(?<=\.)\s+", text):
        clauses = [clause for clause in sentence.split("; ") if not re.search(r"\.csv\b", clause)]
        if clauses:
            kept = "; ".join(clauses)
            sentences.append(kept if kept.endswith(".") else f"{kept}.")
    return " ".join(sentences)


def _name(one: Reference) -> str:
    return one.key.removeprefix("govdata_").removesuffix(f"_{one.version}")


def _described(one: Reference, letter: str) -> str:
    name, address = _LICENCES.get(one.licence, (one.licence, ""))
    under = f"{name}, {address}" if address else name
    return f"“{one.title}” ({_name(one)} {one.version}; {short(one, letter)}; licence {under})"


def _asked(releases: Sequence[Reference]) -> list[str]:
    """Say what the licences ask, and leave open what only the author knows."""
    known = sorted({one.licence for one in releases if one.licence in _LICENCES})
    if not known:
        return []
    names = _listed([_LICENCES[one][0] for one in known])
    ask = "asks" if len(known) == 1 else "ask"
    asked = f"{names} {ask} for credit, a link to the licence and a note of changes"
    said = [f"{asked}; the values were [unchanged / changed as follows: …]."]
    alike = [_name(one) for one in releases if one.licence == "CC-BY-SA-4.0"]
    if alike:
        said.append(
            f"A dataset published with values of {_listed(alike)} must carry CC BY-SA 4.0 too; an article that prints "
            "coefficients or other results need not."
        )
    return said
