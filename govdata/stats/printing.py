"""A fitted model as text, LaTeX and HTML."""

from __future__ import annotations

from typing import Any

from govdata.stats.comparison import compare
from govdata.stats.summary import summarise

__all__ = ["Printed"]


class Printed:
    """What prints a fitted model."""

    __slots__ = ()

    def summary(self) -> str:
        """Describe the model in plain text.

        Returns
        -------
        str
            Coefficients, sample, fit and convention; under 50 units, the standard errors of every convention.
        """
        model: Any = self
        return summarise(model)

    def to_latex(self, *, caption: str | None = None, label: str | None = None, **options: Any) -> str:  # noqa: ANN401 -- see compare
        """Return the model as a LaTeX table.

        Parameters
        ----------
        caption, label
            Of the table.
        **options
            Of :func:`govdata.stats.compare`.

        Returns
        -------
        str
            For the ``booktabs`` package.
        """
        model: Any = self
        return compare(model, **options).to_latex(caption=caption, label=label)

    def to_html(self, *, caption: str | None = None, **options: Any) -> str:  # noqa: ANN401 -- see compare
        """Return the model as an HTML table.

        Parameters
        ----------
        caption
            Of the table.
        **options
            Of :func:`govdata.stats.compare`.

        Returns
        -------
        str
            A ``table`` element.
        """
        model: Any = self
        return compare(model, **options).to_html(caption=caption)

    def _repr_html_(self) -> str:
        return self.to_html()

    def __str__(self) -> str:
        """Return the summary."""
        return self.summary()
