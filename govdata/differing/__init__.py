"""What differs between two releases of a dataset: cells, definitions, evidence and tables, and the version it needs."""

from __future__ import annotations

from govdata.differing.asking import diff
from govdata.differing.cells import changes
from govdata.differing.difference import Difference
from govdata.differing.reasons import REASONS

__all__ = ["REASONS", "Difference", "changes", "diff"]
