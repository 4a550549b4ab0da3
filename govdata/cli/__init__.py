"""The command ``govdata``: the reading wing and the curation wing from a shell."""

from govdata.cli import citing, comparing, countries, curating, describing, faults, files, reading
from govdata.cli._base import main

__all__ = ["citing", "comparing", "countries", "curating", "describing", "faults", "files", "main", "reading"]
