"""Tables and plots of fitted models, and of the evidence behind the data."""

from govdata.report.bootstrap_plots import bootstrap_plot
from govdata.report.codings_plots import codings_plot
from govdata.report.coverage_maps import coverage_map
from govdata.report.effects import impulse_plot, interaction_plot, sensitivity_plot
from govdata.report.leave_out_plots import leave_out_plot
from govdata.report.panel_view import panel_view
from govdata.report.plots import coefplot
from govdata.report.residual_plots import residual_plot
from govdata.report.robustness_plots import robustness_plot
from govdata.report.specification_plots import specification_plot
from govdata.report.tables import Table, table
from govdata.report.timelines import camera_counts, timeline

__all__ = [
    "Table",
    "bootstrap_plot",
    "camera_counts",
    "codings_plot",
    "coefplot",
    "coverage_map",
    "impulse_plot",
    "interaction_plot",
    "leave_out_plot",
    "panel_view",
    "residual_plot",
    "robustness_plot",
    "sensitivity_plot",
    "specification_plot",
    "table",
    "timeline",
]
