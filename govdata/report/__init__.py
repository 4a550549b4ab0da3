"""Tables and plots of fitted models."""

from govdata.report.plots import coefplot
from govdata.report.tables import Table, table

__all__ = ["Table", "coefplot", "table"]
