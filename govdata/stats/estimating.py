"""What every estimator does before and after its own work: decide the sample, and put the result together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

import pandas as pd

from govdata.errors import EstimationError, PanelError, nearest
from govdata.stats.calls import Call
from govdata.stats.covariance import Estimated, SeType, Vcov, covariance, make_vcov
from govdata.stats.design import Design, build, infer_keys
from govdata.stats.formula import parse
from govdata.stats.keys import nested
from govdata.stats.panel import Panel, frame_of
from govdata.stats.results import INTERCEPT, PanelResults
from govdata.stats.solver import Fit, least_squares
from govdata.stats.wording import given as shown

__all__ = ["Collinear", "Setup", "Singletons", "choose", "dataset_of", "finish", "fit_design", "prepare"]

Singletons = Literal["keep", "drop"]
Collinear = Literal["refuse", "drop"]


@dataclass(frozen=True, slots=True)
class Setup:
    """An estimation sample with the convention wanted for it.

    Attributes
    ----------
    design
        The sample.
    vcov
        The convention.
    dataset
        Which data these are.
    notes
        What a reader should know of the sample.
    call
        How the estimator was called.
    """

    design: Design
    vcov: Vcov
    dataset: str
    notes: tuple[str, ...] = ()
    call: Call | None = None


def choose(label: str, value: object, allowed: tuple[str, ...], habits: dict[str, str] | None = None) -> None:
    """Refuse an option that does not exist.

    Parameters
    ----------
    label
        The option.
    value
        As given.
    allowed
        What there is.
    habits
        What other programs call a choice, in lower case.

    Raises
    ------
    EstimationError
        Naming the nearest choice.
    """
    if not (isinstance(value, str) and value in allowed):
        near = ""
        if isinstance(value, str):
            meant = (habits or {}).get(value.lower())
            near = f"; did you mean {meant!r}?" if meant else nearest(value, allowed)
        raise EstimationError(f"{label} is one of {', '.join(allowed)}, not {shown(value)}{near}")


def prepare(  # noqa: PLR0913 -- the options of every estimator meet here
    formula: str,
    data: pd.DataFrame | Panel,
    *,
    unit: str | None = None,
    time: str | None = None,
    options: Any = None,  # noqa: ANN401 -- a typed dictionary at every caller
    singletons: Singletons = "keep",
    collinear: Collinear = "refuse",
    panel: bool = True,
    dataset: str | None = None,
    linear: bool = True,
    default: SeType | None = None,
    absorbs: str | None = None,
    needs_unit: str | None = None,
    call: Call | None = None,
) -> Setup:
    """Decide the estimation sample and the convention.

    Parameters
    ----------
    formula
        The model.
    data
        A frame or a panel.
    unit, time
        Key columns; None infers them.
    options
        Of the standard errors, as given.
    singletons
        What to do with rows alone in an effect.
    collinear
        What to do with an effect that another determines.
    panel
        Whether rows are unique by unit and time.
    dataset
        Which data these are; None reads it from the frame.
    linear
        Whether the model is, which decides the conventions there are.
    default
        The convention where none is named.
    absorbs
        Why this estimator takes no effects after ``|``; None where it does.
    needs_unit
        The estimator's name, where it cannot do without units.
    call
        How the estimator was called.

    Returns
    -------
    Setup
        The sample with the convention.
    """
    choose("singletons", singletons, get_args(Singletons))
    choose("collinear", collinear, get_args(Collinear))
    if not isinstance(panel, bool):
        raise EstimationError(f"panel is True or False, not {shown(panel)}")
    for label, key in (("unit", unit), ("time", time)):
        if key is not None and not (isinstance(key, str) and key):
            raise PanelError(f"{label} is the name of a column, not {shown(key)}")
    frame, own_unit, own_time = frame_of(data)
    for label, given, own in (("unit", unit, own_unit), ("time", time, own_time)):
        if given is not None and own is not None and given != own:
            raise PanelError(f"{label}={given!r} is given, yet the panel's {label} is {own!r}")
    if panel:
        unit, time = unit or own_unit, time or own_time
    elif own_unit is not None:
        raise PanelError("panel=False says that rows have no unit and time, yet the data are a stats.Panel")
    if absorbs is not None and parse(formula).effects:
        raise EstimationError(absorbs)
    names = infer_keys(formula, frame, unit, time, panel=panel)
    if needs_unit is not None and names[0] is None:
        raise PanelError(f"{needs_unit} needs to know the unit of a row: name unit=")
    vcov = make_vcov(options or {}, unit=names[0], time=names[1], linear=linear, default=default)
    design = build(formula, frame, unit=unit, time=time, clusters=vcov.cluster, singletons=singletons, panel=panel)
    alone: tuple[str, ...] = ()
    if panel and names[0] is None and vcov.se == "iid" and not (options or {}).get("se"):
        alone = (
            "no unit is known, so standard errors take rows as independent; name unit= or cluster= if they are not",
        )
    notes = _redundant(design)
    if notes and collinear == "refuse":
        raise EstimationError("; ".join(notes.values()) + "; leave it out, or say collinear='drop'")
    kept = tuple(effect for effect in design.effects if effect.name not in notes)
    return Setup(
        replace(design, effects=kept),
        vcov,
        dataset_of(frame) if dataset is None else str(dataset),
        (*(f"left out: {note}" for note in notes.values()), *alone),
        call,
    )


def _redundant(design: Design) -> dict[str, str]:
    """Find effects that another determines: each of its levels lies in one level of theirs."""
    found: dict[str, str] = {}
    for effect in design.effects:
        for other in design.effects:
            if other is effect or other.name in found or len(other.levels) == len(design.rows):
                continue
            if nested(other, effect):
                found[effect.name] = f"the {effect.name} effects are determined by {other.name}: each lies in one"
                break
    return found


def fit_design(design: Design, *, collinear: Collinear = "refuse") -> Fit:
    """Fit a sample by least squares.

    Parameters
    ----------
    design
        The sample.
    collinear
        What to do with a regressor that others determine.

    Returns
    -------
    Fit
        The fit.
    """
    return least_squares(
        design.y,
        design.x,
        design.names,
        design.effects,
        intercept=design.intercept,
        response=str(design.formula.response),
        drop_collinear=collinear == "drop",
    )


def finish(
    setup: Setup,
    fit: Estimated,
    *,
    estimator: str,
    design: Design | None = None,
    terms: tuple[str, ...] | None = None,
    facts: dict[str, float | int | str] | None = None,
    notes: tuple[str, ...] = (),
    auxiliary: tuple[str, ...] = (),
    vcov: Vcov | None = None,
) -> PanelResults:
    """Compute the covariance and put the result together.

    Parameters
    ----------
    setup
        The sample with the convention.
    fit
        The fit.
    estimator
        Its name, as tables print it.
    design
        The sample as fitted, where it is not the one of the setup.
    terms
        Names of the coefficients; None takes those of the design that the fit kept.
    facts
        Named numbers of the estimator.
    notes
        What a reader should know.
    auxiliary
        Terms that are no coefficients of regressors.
    vcov
        The convention, where it is not the one of the setup.

    Returns
    -------
    PanelResults
        The result.
    """
    sample = setup.design if design is None else design
    if terms is None:
        if not isinstance(fit, Fit):
            raise TypeError("a fit that is not linear names its terms")
        terms = tuple(sample.names[j] for j in fit.kept)
        terms = (INTERCEPT, *terms) if sample.intercept else terms
    found = covariance(fit, setup.vcov if vcov is None else vcov, sample)
    return PanelResults(
        design=sample,
        fit=fit,
        covariance=found,
        dataset=setup.dataset,
        estimator=estimator,
        terms=terms,
        facts=dict(facts or {}),
        remarks=(*setup.notes, *notes),
        auxiliary=auxiliary,
        call=_call(setup),
    )


def _call(setup: Setup) -> Call | None:
    design = setup.design
    if setup.call is None:
        return None
    keys = tuple(None if codes is None else codes.name for codes in (design.unit, design.time))
    return setup.call.completed(keys[0], keys[1], setup.dataset)


def dataset_of(data: pd.DataFrame) -> str:
    """Name the data: ``dataset`` or an importer's ``source``, each with its own version where several were merged.

    Parameters
    ----------
    data
        A frame.

    Returns
    -------
    str
        As its ``attrs`` say; empty where they do not.
    """
    name, version = data.attrs.get("dataset") or data.attrs.get("source"), data.attrs.get("version")
    if not name:
        return ""
    names, versions = str(name).split("; "), str(version or "").split("; ")
    if len(names) != len(versions):
        return " ".join(str(part) for part in (name, version) if part)
    return "; ".join(" ".join(part for part in pair if part) for pair in zip(names, versions, strict=True))
