"""References: what stands in a reference list, which sources are behind cells, and how each style prints them."""

from govdata.references.records import Author, Reference

__all__ = ["Author", "Reference"]
