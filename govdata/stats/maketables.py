"""The plug-in protocol of the maketables package, which needs no import of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from govdata.stats.covariance import Covariance
    from govdata.stats.design import Design

__all__ = ["MaketablesProtocol"]


class MaketablesProtocol:
    """What maketables asks a fitted model for."""

    __slots__ = ()

    if TYPE_CHECKING:
        design: Design
        covariance: Covariance
        facts: dict[str, float | int | str]

        def tidy(self, level: float = 0.95) -> pd.DataFrame: ...  # noqa: D102 -- see PanelResults

        def note(self) -> str: ...  # noqa: D102

        def statistics(self) -> dict[str, float | int | str]: ...  # noqa: D102

    @property
    def __maketables_coef_table__(self) -> pd.DataFrame:
        """Coefficients."""
        names = {"estimate": "b", "std_error": "se", "statistic": "t", "p_value": "p"}
        table = self.tidy().set_index("term").rename(columns=names | {"conf_low": "ci95l", "conf_high": "ci95u"})
        table.index.name = "Coefficient"
        return table

    def __maketables_stat__(self, key: str) -> int | float | str | None:
        """Return one statistic."""
        fits = self.statistics()
        found: dict[str, int | float | str | None] = {
            "N": len(self.design.y),
            "r2": fits.get("R2"),
            "r2_within": fits.get("R2 within"),
            "n_units": None if self.design.unit is None else len(self.design.unit.levels),
            "n_periods": None if self.design.time is None else len(self.design.time.levels),
            "dropped": len(self.design.dropped),
            "se_type": self.note(),
        }
        return found[key] if key in found else fits.get(key)

    @property
    def __maketables_depvar__(self) -> str:
        """Response."""
        return str(self.design.formula.response)

    @property
    def __maketables_fixef_string__(self) -> str | None:
        """Absorbed effects."""
        return "+".join(effect.name for effect in self.design.effects) or None

    @property
    def __maketables_vcov_info__(self) -> dict[str, str]:
        """Convention."""
        info = {"vcov_type": str(self.covariance.vcov.se)}
        return info | ({"clustervar": "+".join(self.covariance.clusters)} if self.covariance.clusters else {})

    @property
    def __maketables_stat_labels__(self) -> dict[str, str]:
        """Labels of the statistics."""
        return {"n_units": "Units", "n_periods": "Periods", "dropped": "Rows left out", "se_type": "Standard errors"}

    @property
    def __maketables_default_stat_keys__(self) -> list[str]:
        """Statistics that are shown unasked."""
        keys = ["N", "n_units", "n_periods", "r2", "r2_within", *self.facts, "dropped", "se_type"]
        return [key for key in keys if self.__maketables_stat__(key) is not None]
