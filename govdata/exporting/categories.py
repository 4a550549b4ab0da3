"""Categories of text as codes with labels: those of the release whose labels they are, else 1, 2, … in their order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from govdata import vocabulary
from govdata.labels import code_label

if TYPE_CHECKING:
    import pandas as pd

    from govdata.model import Indicator

__all__ = ["code_of_label", "coded", "is_text_category", "texts"]


def texts(indicator: Indicator, language: str) -> dict[float, str]:
    """Give the labels of an indicator's codes, where its codes are numbers."""
    if indicator.is_text:
        return {}
    return {float(one.code): one.labels.get(language, one.labels["en"]) for one in indicator.codes}


def is_text_category(values: pd.Series[Any] | None) -> bool:
    """Whether the cells are categories, each of them a text."""
    import pandas as pd

    if values is None or not isinstance(values.dtype, pd.CategoricalDtype):
        return False
    return len(values.cat.categories) > 0 and all(isinstance(one, str) for one in values.cat.categories)


def code_of_label(values: pd.Series[Any], indicator: Indicator | None) -> dict[str, float]:
    """Give the code of every category if each is a label of the indicator, all in one language; empty if not."""
    categories = [str(one) for one in values.cat.categories]
    for one in vocabulary.LANGUAGES if indicator is not None else ():
        known = texts(indicator, one) if indicator is not None else {}
        back = {f"{code:g} {text}": code for code, text in known.items()} | {text: code for code, text in known.items()}
        if known and set(categories) <= set(back):
            return {text: back[text] for text in categories}
    return {}


def coded(
    values: pd.Series[Any], indicator: Indicator | None, dataset: str, language: str
) -> tuple[pd.Series[Any], dict[float, str], bool]:
    """Turn categories of text into numbers; give also the labels of these, and whether the categories have an order."""
    import pandas as pd

    categories = [str(one) for one in values.cat.categories]
    numbers = {text: float(place + 1) for place, text in enumerate(categories)}
    labels = {code: text for text, code in numbers.items()}
    if found := code_of_label(values, indicator):
        numbers = found
        shown = texts(indicator, language) if indicator is not None else {}
        labels = {code: code_label(dataset, text, language) for code, text in shown.items()}
    of = np.array([*(numbers[text] for text in categories), np.nan])  # the place -1, the last, is a missing cell
    return pd.Series(of[values.cat.codes.to_numpy()], index=values.index), labels, bool(values.cat.ordered)
