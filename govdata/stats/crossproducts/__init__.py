"""Sums of products by cluster, and what can be had from them without fitting again."""

from govdata.stats.crossproducts.products import CrossProducts

__all__ = ["CrossProducts"]
