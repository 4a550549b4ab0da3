"""How a model was called, so that it can be fitted again on other data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from govdata.errors import EstimationError
from govdata.stats.panel import frame_of

if TYPE_CHECKING:
    import pandas as pd

    from govdata.stats.covariance import Vcov
    from govdata.stats.design import Design
    from govdata.stats.results import PanelResults

__all__ = ["Call", "Repeatable", "recorded"]

_SE = ("se", "cluster", "df", "twoway", "lags", "pairwise", "hetonly", "reps", "seed", "weights")


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """An estimator with its formula, its data and its options.

    Attributes
    ----------
    function
        The estimator.
    formula
        The model.
    data
        The data as given.
    options
        Everything else that was said.
    """

    function: Callable[..., Any]
    formula: str
    data: Any
    options: Mapping[str, Any]

    def __call__(self, data: pd.DataFrame) -> PanelResults:
        """Fit the model on other data.

        Parameters
        ----------
        data
            A frame with the columns the model names.

        Returns
        -------
        PanelResults
            Of the same estimator.
        """
        found: PanelResults = self.function(self.formula, data, **self.options)
        return found

    def completed(self, unit: str | None, time: str | None, dataset: str) -> Call:
        """Return the call with what the estimator read from its data: the keys and which data these are.

        Parameters
        ----------
        unit, time
            The key columns; None where there are none.
        dataset
            Which data these are.

        Returns
        -------
        Call
            The call.
        """
        options = dict(self.options)
        keys = {"unit": unit, "period" if "period" in options else "time": time}
        if options.get("panel", True) and unit is not None:
            options |= {name: key for name, key in keys.items() if name in options and options[name] is None}
        if options.get("dataset") is None:
            options["dataset"] = dataset
        # A shallow copy: what the user does to the frame later does not reach it.
        return replace(self, data=frame_of(self.data)[0].copy(deep=False), options=options)

    def with_vcov(self, vcov: Vcov) -> Call:
        """Return the call under another convention for the standard errors.

        Parameters
        ----------
        vcov
            The convention.

        Returns
        -------
        Call
            The call.
        """
        from govdata.stats.covariance.naming import used_by

        options = {name: value for name, value in self.options.items() if name not in _SE}
        options["se"] = vcov.se
        for name in _SE[1:]:
            value = getattr(vcov, name)
            if used_by(vcov.se, name) and value not in (None, ()):
                options[name] = list(value) if name == "cluster" else value
        return replace(self, options=options)


def recorded(function: Callable[..., Any], arguments: Mapping[str, Any]) -> Call:
    """Record a call from within the estimator.

    Parameters
    ----------
    function
        The estimator.
    arguments
        Its ``locals()``, before anything else is there.

    Returns
    -------
    Call
        The call.
    """
    named = {name: value for name, value in arguments.items() if name not in {"formula", "data", "se_options"}}
    return Call(function, arguments["formula"], arguments["data"], {**named, **arguments.get("se_options", {})})


class Repeatable:
    """What fits a model again."""

    __slots__ = ()

    if TYPE_CHECKING:
        call: Call | None
        design: Design

    @property
    def data(self) -> pd.DataFrame:
        """The frame the model was fitted on, as it was then."""
        return self.design.frame if self.call is None else self.call.data

    def again(self, data: pd.DataFrame) -> PanelResults:
        """Fit the same estimator with the same formula, options and convention on other data.

        Parameters
        ----------
        data
            A frame with the columns the model names, such as :attr:`data` with some rows left out or cells changed.

        Returns
        -------
        PanelResults
            As the estimator gives it.

        Raises
        ------
        EstimationError
            If the model was not made by an estimator of this package, or is not determined by these data.
        """
        if self.call is None:
            raise EstimationError("this result does not say how it was fitted; fit it with an estimator of stats")
        return self.call(data)
