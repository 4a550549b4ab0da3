"""Tables and plots of fitted models, and of the evidence behind the data."""

from govdata.report.coverage_maps import coverage_map
from govdata.report.effects import impulse_plot, interaction_plot, sensitivity_plot
from govdata.report.panel_view import panel_view
from govdata.report.plots import coefplot
from govdata.report.residual_plots import residual_plot
from govdata.report.tables import Table, table
from govdata.report.timelines import camera_counts, timeline

__all__ = [
    "Table",
    "camera_counts",
    "coefplot",
    "coverage_map",
    "impulse_plot",
    "interaction_plot",
    "panel_view",
    "residual_plot",
    "sensitivity_plot",
    "table",
    "timeline",
]
