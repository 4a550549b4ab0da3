"""Tables and plots of fitted models, and of the evidence behind the data."""

from govdata.report.coverage_maps import coverage_map
from govdata.report.plots import coefplot
from govdata.report.tables import Table, table
from govdata.report.timelines import camera_counts, timeline

__all__ = ["Table", "camera_counts", "coefplot", "coverage_map", "table", "timeline"]
