"""Frozen releases in this installation: which there are, and their files after their bytes were checked."""

from __future__ import annotations

import csv
import io
import json
import os
import re
from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from govdata import model
from govdata.errors import IntegrityError, UnknownDatasetError, UnknownVersionError, nearest
from govdata.textio import sha256

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Release", "dataset_names", "open_release", "quoted", "standing", "versions"]

_KEPT = 4_000_000  # bytes of the largest file whose rows are kept
_WHOLE = 3  # panels that are kept whole, the last ones read; the largest takes 12 MB
_PANELS: dict[Release, pd.DataFrame] = {}
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}\Z")
_PREFIX = re.compile(r"[0-9]+(\.[0-9]+)?\Z")


@lru_cache(maxsize=1)
def _folder() -> Path:
    """Give the folder of datasets: inside the installed package, or beside it in a checkout."""
    here = Path(__file__).resolve().parent
    packaged = here / "_datasets"
    return packaged if packaged.is_dir() else here.parent / "datasets"


def _releases(folder: Path) -> list[str]:
    """Name the releases in a folder; none where there is no such folder."""
    try:
        with os.scandir(folder) as entries:
            return [entry.name for entry in entries if model.is_version(entry.name) and entry.is_dir()]
    except OSError:
        return []


def quoted(names: Iterable[str]) -> str:
    """List names for a message, each in quotes."""
    return ", ".join(repr(name) for name in names)


def dataset_names() -> tuple[str, ...]:
    """Name the datasets that have a release, sorted.

    Raises
    ------
    IntegrityError
        If there is none: the package came without its data.
    """
    root = _folder()
    names = sorted(path.name for path in root.iterdir()) if root.is_dir() else []
    found = [name for name in names if _releases(root / name / "releases")]
    if not found:
        raise IntegrityError("this installation holds no dataset; reinstall the package")
    return tuple(found)


def versions(name: str) -> list[str]:
    """List the releases of a dataset.

    Parameters
    ----------
    name
        A dataset; see `datasets`.

    Returns
    -------
    list of str
        Versions ``X.Y.Z``, oldest first.

    Raises
    ------
    UnknownDatasetError
        If there is no such dataset.

    Examples
    --------
    >>> import govdata
    >>> "0.1.0" in govdata.versions("digital_surveillance")
    True
    """
    found = _releases(_folder() / name / "releases") if isinstance(name, str) and _NAME.match(name) else []
    if not found:
        known = dataset_names()
        hint = nearest(str(name), known)
        raise UnknownDatasetError(f"unknown dataset {str(name)[:80]!r}{hint} (known: {quoted(known)})")
    return sorted(found, key=model.version_key)


class Release:
    """One frozen release of a dataset.

    Parameters
    ----------
    folder
        The release folder.

    Attributes
    ----------
    name, version : str
        The dataset and its version.
    digest : str
        SHA-256 of the release's list of checksums: one number for the whole release.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.version = folder.name
        self.name = folder.parent.parent.name
        try:
            listed = (folder / "SHA256SUMS").read_bytes()
        except OSError as error:
            raise IntegrityError(
                f"{self}: SHA256SUMS cannot be read ({error.strerror}); reinstall the package"
            ) from error
        self.digest = sha256(listed)
        self._parsed: dict[str, list[dict[str, str]]] = {}
        lines = (line.split("  ", 1) for line in listed.decode("ascii", "replace").splitlines())
        self._sums = {parts[1]: parts[0] for parts in lines if len(parts) == 2 and len(parts[0]) == 64}
        if "panel.csv" not in self._sums:
            raise IntegrityError(f"{self}: SHA256SUMS is damaged ({len(listed)} bytes); reinstall the package")

    def __str__(self) -> str:
        """Name dataset and version."""
        return f"{self.name} {self.version}"

    @property
    def files(self) -> tuple[str, ...]:
        """Every file of the release, sorted."""
        return tuple(sorted(self._sums))

    def read(self, file: str) -> bytes:
        """Read a file after its bytes were compared with the release's checksum.

        Raises
        ------
        IntegrityError
            If the file is missing or differs.
        """
        expected = self._sums.get(file)
        if expected is None:
            raise IntegrityError(f"{self} has no file {file!r} (files: {', '.join(self.files)})")
        try:
            data = (self.folder / file).read_bytes()
        except OSError as error:
            raise IntegrityError(f"{self}: {file} cannot be read ({error.strerror}); reinstall the package") from error
        found = sha256(data)
        if found != expected:
            raise IntegrityError(
                f"{self}: {file} is damaged: expected sha256 {expected[:12]}…, got {found[:12]}… ({len(data)} bytes); "
                "reinstall the package"
            )
        return data

    def json(self, file: str) -> Any:  # noqa: ANN401 - JSON has no narrower type
        """Read a JSON file of the release."""
        return json.loads(self.read(file))

    def rows(self, file: str) -> list[dict[str, str]]:
        """Read a CSV file of the release as rows of text; files of up to `_KEPT` bytes are parsed once."""
        data = self.read(file)  # compares the bytes each time, so that damage is found whenever it happens
        kept = self._parsed.get(file)
        if kept is None:
            kept = list(csv.DictReader(io.StringIO(data.decode("utf-8"), newline="")))
            if len(data) > _KEPT:
                return kept
            self._parsed[file] = kept
        return [dict(row) for row in kept]

    def panel(self, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Read the panel with its dtypes; the last few that were read whole are parsed once.

        Parameters
        ----------
        columns
            Only these, in the order of the file; ``None`` for all.

        Returns
        -------
        pandas.DataFrame
            One that the caller may change: pandas copies what is written to.
        """
        from govdata.panelfile import read_panel

        data = self.read("panel.csv")  # compares the bytes each time, as for `rows`
        kept = _PANELS.pop(self, None)
        if kept is None and columns is not None:
            return read_panel(data, self.indicators, columns)
        # One block for each dtype: a user who adds columns gets no warning of fragmentation.
        whole = read_panel(data, self.indicators).copy() if kept is None else kept
        _PANELS[self] = whole
        while len(_PANELS) > _WHOLE:
            _PANELS.pop(next(iter(_PANELS)), None)
        wanted = whole if columns is None else whole[[name for name in whole.columns if name in set(columns)]]
        return wanted.copy(deep=False)

    def table(self, file: str) -> pd.DataFrame:
        """Read a CSV file of the release as a frame of text; the year of a unit-year is a number."""
        import pandas as pd

        data = io.BytesIO(self.read(file))
        frame = pd.read_csv(data, dtype="str", keep_default_na=False, index_col=False, encoding="utf-8")
        keyed = {"iso3", "year"} <= set(frame.columns) and "change" not in frame.columns
        return frame.astype({"year": "int64"}) if keyed else frame

    @cached_property
    def panel_columns(self) -> list[str]:
        """The columns of the panel, in the order of its file."""
        from govdata.panelfile import panel_header

        return panel_header(self.read("panel.csv"))

    @cached_property
    def info(self) -> model.DatasetInfo:
        """The description of the dataset as released."""
        return model.DatasetInfo.from_mapping(self.json("dataset.json"))

    @cached_property
    def indicators(self) -> tuple[model.Indicator, ...]:
        """The codebook as released."""
        entries = self.json("codebook.json")
        for entry in entries:
            if not entry["years"]:
                del entry["years"]
        return tuple(model.Indicator.from_mapping(entry) for entry in entries)


@lru_cache(maxsize=64)
def _release(folder: Path) -> Release:
    return Release(folder)


def open_release(name: str, version: str | None = None) -> Release:
    """Open a release.

    Parameters
    ----------
    name
        A dataset.
    version
        ``"1.2.0"`` for exactly that release, ``"1"`` or ``"1.2"`` for the newest that begins so, ``None`` for the
        newest of all.

    Raises
    ------
    UnknownDatasetError, UnknownVersionError
        If there is no such dataset or release.
    """
    known = versions(name)
    if version is None:
        chosen = known[-1]
    elif isinstance(version, str) and version in known:
        chosen = version
    else:
        text = str(version)
        fitting = [one for one in known if _PREFIX.match(text) and one.startswith(text + ".")]
        if not isinstance(version, str) or not fitting:
            hint = nearest(text, known)
            raise UnknownVersionError(f"{name} has no version {text[:40]!r}{hint} (known: {', '.join(known)})")
        chosen = fitting[-1]
    return _release(_folder() / name / "releases" / chosen)


@lru_cache(maxsize=64)
def _standing(path: Path) -> tuple[dict[str, str], ...]:
    if not path.is_file():
        return ()
    return tuple(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))


def standing(name: str, file: str) -> list[dict[str, str]]:
    """Read a file that stands beside the releases of a dataset and may grow, such as ``errata.csv``.

    Parameters
    ----------
    name
        A dataset.
    file
        ``errata.csv``, ``renamed.csv`` or ``short_labels.csv``.

    Returns
    -------
    list of dict
        Rows of text; empty where the dataset has no such file.
    """
    versions(name)
    return [dict(row) for row in _standing(_folder() / name / file)]
