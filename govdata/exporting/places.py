"""Where exported files go: checked before anything is written, filled beside, moved when all is well."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from govdata.errors import ArgumentError, nearest

__all__ = ["check_places", "place", "write_together"]

_PROGRAMS = {"stata": "dta", "spss": "sav", "excel": "xlsx", "xls": "xlsx", "r": "R", "rds": "R", "gz": "csv.gz"}


def place(path: str | Path, form: object, formats: Mapping[str, Sequence[str]]) -> tuple[Path, str]:
    """Find the format that a path or the caller names, and the path with its ending.

    Raises
    ------
    ArgumentError
        If neither names a format that is known, or the two disagree.
    """
    path = Path(path)
    if not path.name:
        raise ArgumentError(f"{str(path)!r} is a folder, not a file")
    if "\0" in str(path):
        raise ArgumentError(f"{str(path)!r} holds a NUL character, which no file's name does")
    by_ending = {ending: name for name, endings in formats.items() for ending in endings}
    longest = sorted(by_ending, key=len, reverse=True)
    ending = next((one for one in longest if path.name.casefold().endswith(one.casefold())), "")
    if form is None:
        if not ending:
            firsts = [endings[0] for endings in formats.values()]
            raise ArgumentError(f"{path.name!r} ends in none of {', '.join(firsts)}{nearest(path.suffix, firsts)}")
        return path, by_ending[ending]
    if not isinstance(form, str) or form not in formats:
        meant = _PROGRAMS.get(str(form).casefold())
        hint = f"; did you mean {meant!r}?" if meant in formats else nearest(str(form), formats)
        raise ArgumentError(f"format={str(form)[:40]!r} is not one of {', '.join(formats)}{hint}")
    if ending and by_ending[ending] != form:
        raise ArgumentError(f"{path.name!r} ends in {ending}, but format={form!r} was asked for; leave one out")
    return (path if ending else path.with_name(path.name + formats[form][0])), form


def check_places(paths: Sequence[Path], *, overwrite: bool) -> None:
    """Refuse a file that is there already, a link, a folder, or a folder that is not there."""
    for path in paths:
        if not path.parent.is_dir():
            raise ArgumentError(f"there is no folder {str(path.parent)!r}")
        if path.is_symlink() or path.is_dir():
            raise ArgumentError(f"{str(path)!r} is a {'link' if path.is_symlink() else 'folder'}, not a file")
        if path.exists() and not overwrite:
            raise ArgumentError(f"{str(path)!r} is there already; pass overwrite=True to replace it")


def write_together(paths: Sequence[Path], write: Callable[[Sequence[Path]], None], *, overwrite: bool) -> None:
    """Write several files whole or not at all.

    Parameters
    ----------
    paths
        Files of one folder; the last is the one that matters most and is moved last.
    write
        Is given as many paths of the same names in a folder of its own, and fills them.
    overwrite
        Whether files that are there may be replaced.

    Raises
    ------
    ArgumentError
        From `check_places`; and whatever ``write`` raises. Nothing is left behind then, and what was there stays.
    """
    check_places(paths, overwrite=overwrite)
    staging = Path(tempfile.mkdtemp(dir=paths[-1].parent, prefix=".export-"))
    try:
        made = [staging / path.name for path in paths]
        write(made)
        check_places(paths, overwrite=overwrite)  # another may have written meanwhile
        for one, path in zip(made, paths, strict=True):
            if path.exists():  # who may read it stays as it was; a new file is for whom the umask says
                shutil.copymode(path, one)
            one.replace(path)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
