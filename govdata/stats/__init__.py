"""Statistics for panels of countries and years.

Takes any frame and knows nothing of the package's datasets. Every result states the convention behind its standard
errors.
"""

from govdata.stats import tests
from govdata.stats.binary import binary
from govdata.stats.comparison import compare
from govdata.stats.count import count
from govdata.stats.dynamics import LongRun, long_run
from govdata.stats.impulse import ImpulseResponse, impulse_response
from govdata.stats.interactions import Interaction, interaction
from govdata.stats.linear import ols
from govdata.stats.ordered import ordered
from govdata.stats.panel import Panel, diff, lag, lead
from govdata.stats.prais_winsten import prais_winsten
from govdata.stats.random_effects import random_effects
from govdata.stats.results import PanelResults
from govdata.stats.sensitivity import Sensitivity, sensitivity
from govdata.stats.spells import time_since
from govdata.stats.transformed import between, first_difference
from govdata.stats.typesetting import Table
from govdata.stats.within_between import within_between

__all__ = [
    "ImpulseResponse",
    "Interaction",
    "LongRun",
    "Panel",
    "PanelResults",
    "Sensitivity",
    "Table",
    "between",
    "binary",
    "compare",
    "count",
    "diff",
    "first_difference",
    "impulse_response",
    "interaction",
    "lag",
    "lead",
    "long_run",
    "ols",
    "ordered",
    "prais_winsten",
    "random_effects",
    "sensitivity",
    "tests",
    "time_since",
    "within_between",
]
