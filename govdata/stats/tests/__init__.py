"""Tests of panel models: each named after its authors, each with its null hypothesis in words."""

from govdata.stats.tests.dependence import pesaran_cd
from govdata.stats.tests.effects import breusch_pagan, f_effects, poolability
from govdata.stats.tests.hausman import hausman, mundlak
from govdata.stats.tests.heteroscedasticity import modified_wald
from govdata.stats.tests.result import TestResult
from govdata.stats.tests.serial import serial_correlation
from govdata.stats.tests.unit_root import unit_root
from govdata.stats.tests.wooldridge import wooldridge

__all__ = [
    "TestResult",
    "breusch_pagan",
    "f_effects",
    "hausman",
    "modified_wald",
    "mundlak",
    "pesaran_cd",
    "poolability",
    "serial_correlation",
    "unit_root",
    "wooldridge",
]
