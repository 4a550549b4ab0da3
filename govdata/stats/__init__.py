"""Statistics for panels of countries and years.

Takes any frame and knows nothing of the package's datasets. Every result states the convention behind its standard
errors.
"""

from govdata.stats.comparison import compare
from govdata.stats.linear import ols
from govdata.stats.panel import Panel, diff, lag, lead
from govdata.stats.results import PanelResults

__all__ = ["Panel", "PanelResults", "compare", "diff", "lag", "lead", "ols"]
