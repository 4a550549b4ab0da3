"""What tables and plots share: which models, which terms, under which labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from govdata.stats import PanelResults
from govdata.stats.protocol import choose_terms, named_models
from govdata.stats.wording import INTERCEPT, TIMES, label

__all__ = ["INTERCEPT", "TIMES", "Models", "choose_terms", "label", "named_models"]

Models = PanelResults | Sequence[PanelResults] | Mapping[str, PanelResults]
