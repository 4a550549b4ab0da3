"""Regression tables that say what their standard errors are.

The rows are those of :func:`govdata.stats.compare`: besides coefficients, how many rows, units and times stand behind
each model, how many levels of each effect were absorbed, how many rows were left out, the convention of the standard
errors with the parameters it counts, the clusters, and the data with their version where these are known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from govdata.report._models import Models
from govdata.stats.comparison import STARS, Statistic, compare
from govdata.stats.typesetting import Table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Table", "table"]


def table(
    models: Models,
    *,
    labels: Mapping[str, str] | None = None,
    digits: int = 3,
    stars: Sequence[float] | None = STARS,
    keep: Sequence[str] | None = None,
    drop: Sequence[str] | None = None,
    data: str | None = None,
    notes: str | Sequence[str] = (),
    statistic: Statistic = "std_error",
) -> Table:
    """Put models side by side.

    Parameters
    ----------
    models
        One fitted model of ``stats``, a list, or a dict of headings and fitted models.
    labels
        Words for columns: ``{"polyarchy": "Electoral democracy"}`` also labels ``lag(polyarchy, 1)``.
    digits
        Decimals. A pair of numbers too small for them gets as many as show two digits of the standard error.
    stars
        Thresholds for p, one more star at each; None for no stars.
    keep, drop
        Coefficients to show, in this order, or to leave out. Left out ones are named in the notes.
    data
        Which data these are. Left out: what the models know of their frames.
    notes
        Further lines for the notes.
    statistic
        What stands below a coefficient: ``"std_error"``, ``"t"``, ``"p"`` or ``"conf_int"``.

    Returns
    -------
    Table
        With ``to_text``, ``to_latex``, ``to_html``, ``to_markdown`` and ``to_frame``.

    Raises
    ------
    ArgumentError
        If an option has a form the function does not take.

    See Also
    --------
    govdata.stats.compare : The same table, with a choice of what stands below a coefficient.

    Examples
    --------
    >>> import pandas as pd
    >>> from govdata import report, stats
    >>> frame = pd.DataFrame({"y": [1.0, 2.0, 4.0, 3.0, 6.0], "x": [0.0, 1.0, 2.0, 3.0, 4.0]})
    >>> print(report.table(stats.ols("y ~ x", frame, se="iid"), labels={"x": "Exposure"}, stars=None))
    ========================
                         (1)
                           y
    ------------------------
    Exposure           1.100
                     (0.300)
    Intercept          1.000
                     (0.735)
    ------------------------
    Estimator            OLS
    N                      5
    R²                 0.818
    Rows left out          0
    Standard errors      iid
    K*                     2
    df of t                3
    ========================
    Standard errors in parentheses.
    iid; s2 = RSS/(N-K*), K*=2; t with 3 df.
    """
    return compare(
        models,
        labels=labels,
        digits=digits,
        stars=stars,
        keep=keep,
        drop=drop,
        data=data,
        notes=notes,
        statistic=statistic,
    )
