"""Statistics for panels of countries and years.

Takes any frame and knows nothing of the package's datasets. Every result states the convention behind its standard
errors.
"""

from govdata.stats import tests
from govdata.stats.binary import binary
from govdata.stats.bootstrap import BootstrapTest, wild_bootstrap
from govdata.stats.comparison import compare
from govdata.stats.count import count
from govdata.stats.crossproducts import CrossProducts
from govdata.stats.dynamics import LongRun, long_run
from govdata.stats.impulse import ImpulseResponse, impulse_response
from govdata.stats.interactions import Interaction, interaction
from govdata.stats.jackknifing import Jackknife, jackknife
from govdata.stats.leave_one_out import LeaveOneOut, leave_one_out
from govdata.stats.linear import ols
from govdata.stats.ordered import ordered
from govdata.stats.over_codings import OverCodings, over_codings
from govdata.stats.over_draws import over_draws
from govdata.stats.panel import Panel, diff, lag, lead
from govdata.stats.pooled import Pooled
from govdata.stats.pooling import pool
from govdata.stats.prais_winsten import prais_winsten
from govdata.stats.random_effects import random_effects
from govdata.stats.reliability import agreement, icc, krippendorff_alpha
from govdata.stats.results import PanelResults
from govdata.stats.robustness import Robustness, robustness
from govdata.stats.sensitivity import Sensitivity, sensitivity
from govdata.stats.specification import SpecificationCurve, specification_curve
from govdata.stats.spells import time_since
from govdata.stats.transformed import between, first_difference
from govdata.stats.typesetting import Table
from govdata.stats.within_between import within_between

__all__ = [
    "BootstrapTest",
    "CrossProducts",
    "ImpulseResponse",
    "Interaction",
    "Jackknife",
    "LeaveOneOut",
    "LongRun",
    "OverCodings",
    "Panel",
    "PanelResults",
    "Pooled",
    "Robustness",
    "Sensitivity",
    "SpecificationCurve",
    "Table",
    "agreement",
    "between",
    "binary",
    "compare",
    "count",
    "diff",
    "first_difference",
    "icc",
    "impulse_response",
    "interaction",
    "jackknife",
    "krippendorff_alpha",
    "lag",
    "lead",
    "leave_one_out",
    "long_run",
    "ols",
    "ordered",
    "over_codings",
    "over_draws",
    "pool",
    "prais_winsten",
    "random_effects",
    "robustness",
    "sensitivity",
    "specification_curve",
    "tests",
    "time_since",
    "wild_bootstrap",
    "within_between",
]

# What users of Stata, R, statsmodels and linearmodels look for first.
_ELSEWHERE = {
    "logit": 'binary("y ~ x", data, link="logit")',
    "probit": 'binary("y ~ x", data, link="probit")',
    "cloglog": 'binary("y ~ x", data, link="cloglog")',
    "glm": "binary() and count()",
    "poisson": 'count("y ~ x", data, model="poisson")',
    "nbreg": 'count("y ~ x", data, model="negbin")',
    "negbin": 'count("y ~ x", data, model="negbin")',
    "ologit": 'ordered("y ~ x", data, link="logit")',
    "oprobit": 'ordered("y ~ x", data, link="probit")',
    "polr": 'ordered("y ~ x", data)',
    "feols": 'ols("y ~ x | iso3 + year", data)',
    "reghdfe": 'ols("y ~ x | iso3 + year", data, singletons="drop")',
    "areg": 'ols("y ~ x | iso3", data, df="full")',
    "xtreg": 'ols("y ~ x | iso3", data) and random_effects("y ~ x", data)',
    "PanelOLS": 'ols("y ~ x | iso3 + year", data)',
    "OLS": 'ols("y ~ x", data)',
    "lm": 'ols("y ~ x", data)',
    "plm": "ols(), random_effects(), between() and first_difference()",
    "fixed_effects": 'ols("y ~ x | iso3", data)',
    "RandomEffects": 'random_effects("y ~ x", data)',
    "xtpcse": 'prais_winsten("y ~ x", data) and with_se("PCSE")',
    "panelAR": 'prais_winsten("y ~ x", data)',
    "btscs": 'time_since(data, "event") and binary(..., time="cubic")',
    "hausman": "tests.hausman()",
    "xtserial": 'tests.wooldridge(model, kind="xtserial")',
    "mi": "over_draws() and pool()",
    "boottest": "wild_bootstrap()",
    "specr": "specification_curve()",
    "table": "compare()",
    "esttab": "compare()",
    "modelsummary": "compare()",
    "etable": "compare()",
}


def __getattr__(name: str) -> object:
    from govdata.errors import nearest

    hint = f"; it is stats.{_ELSEWHERE[name]} here" if name in _ELSEWHERE else nearest(name, __all__)
    raise AttributeError(f"govdata.stats has no {name!r}{hint}", name=name)
