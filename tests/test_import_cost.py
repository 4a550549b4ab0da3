"""What importing the package loads: next to nothing, whatever it costs on which machine."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def loaded_by(statement: str) -> set[str]:
    """The modules that a statement adds to a bare interpreter, without site and its start-up files."""
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); before = set(sys.modules)\n"
        f"{statement}\nprint(*sorted(set(sys.modules) - before))"
    )
    run = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True)
    return set(run.stdout.split())


def test_importing_loads_two_modules_of_its_own() -> None:
    assert loaded_by("import govdata") <= {"__future__", "govdata", "govdata.after_pandas"}


def test_the_version_and_the_names_cost_nothing_more() -> None:
    added = loaded_by("import govdata; govdata.__version__; dir(govdata); hasattr(govdata, 'lood')")
    assert not {name.split(".")[0] for name in added} & {"pandas", "numpy", "pathlib", "hashlib", "re", "typing"}
    assert {name for name in added if name.startswith("govdata")} == {"govdata", "govdata.after_pandas"}


def test_an_error_class_needs_no_pandas() -> None:
    added = loaded_by("from govdata import GovdataError")
    assert not {name.split(".")[0] for name in added} & {"pandas", "numpy", "pandera"}
