"""Where files go: an interrupted or failed write leaves what was there, and who may read it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest
from small_frames import panel

import govdata
from govdata.errors import ArgumentError, IntegrityError

FORMS = ["csv", "csv.gz", "parquet", "dta", "sav", "xlsx", "R"]


@pytest.fixture
def strict_umask() -> Iterator[None]:
    before = os.umask(0o077)
    yield
    os.umask(before)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no umask")
@pytest.mark.usefixtures("strict_umask")
@pytest.mark.parametrize("form", FORMS)
def test_a_new_file_is_for_whom_the_umask_says_and_an_old_one_stays_so(tmp_path: Path, form: str) -> None:
    path = govdata.export(panel(), tmp_path / f"x.{form}")
    assert {one.stat().st_mode & 0o777 for one in tmp_path.iterdir()} == {0o600}
    path.chmod(0o640)
    govdata.export(panel(), path, overwrite=True)
    assert path.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("end", [KeyboardInterrupt, MemoryError])
def test_a_write_that_is_stopped_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: type[BaseException]
) -> None:
    def stop(*_args: object, **_options: object) -> None:
        raise end

    path = tmp_path / "x.dta"
    path.write_text("old")
    monkeypatch.setattr(pyreadstat, "read_dta", stop)
    with pytest.raises(end):
        govdata.export(panel(), path, overwrite=True)
    assert [one.name for one in tmp_path.iterdir()] == ["x.dta"]
    assert path.read_text() == "old"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal")
def test_a_process_that_is_killed_leaves_the_older_file(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("old")
    code = (
        "import os, signal, pandas, sys; from govdata.exporting import export, tabular\n"
        "tabular._compare = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)\n"
        "export(pandas.DataFrame({'a': [1]}), sys.argv[1], overwrite=True)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "x.csv")], check=False, capture_output=True)
    assert done.returncode == -signal.SIGKILL
    assert (tmp_path / "x.csv").read_text() == "old"
    left = [one.name for one in tmp_path.iterdir() if one.name != "x.csv"]
    assert [name.startswith(".export-") for name in left] == [True]
    govdata.export(pd.DataFrame({"a": [1]}), tmp_path / "x.csv", overwrite=True)  # what was left is in nobody's way
    assert (tmp_path / "x.csv").read_text() == "a\n1\n"


def test_a_full_disk_is_an_error_of_the_system_for_spss_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_args: object, **_options: object) -> None:
        raise pyreadstat.ReadstatError("Unable to write data")

    monkeypatch.setattr(pyreadstat, "write_sav", full)
    with pytest.raises(OSError, match=r"^x\.sav cannot be written \(Unable to write data\)$"):
        govdata.export(panel(), tmp_path / "x.sav")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("form", ["dta", "sav"])
def test_a_file_that_cannot_be_read_back_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    def wrong(*_args: object, **_options: object) -> None:
        raise pyreadstat.ReadstatError("Invalid file")

    monkeypatch.setattr(pyreadstat, f"read_{form}", wrong)
    with pytest.raises(IntegrityError, match="cannot be read back"):
        govdata.export(panel(), tmp_path / f"x.{form}")
    assert list(tmp_path.iterdir()) == []


def test_a_link_is_not_followed_and_a_linked_folder_is(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "folder").symlink_to(tmp_path / "real", target_is_directory=True)
    (tmp_path / "x.csv").symlink_to(tmp_path / "elsewhere.csv")
    with pytest.raises(ArgumentError, match="is a link, not a file"):
        govdata.export(panel(), tmp_path / "x.csv", overwrite=True)
    govdata.export(panel(), tmp_path / "folder" / "x.csv")
    assert [one.name for one in (tmp_path / "real").iterdir()] == ["x.csv"]
    with pytest.raises(ArgumentError, match="holds a NUL character"):
        govdata.export(panel(), f"{tmp_path}/a\0.csv")


@pytest.mark.parametrize("form", FORMS)
def test_a_filter_that_leaves_nothing_is_one_clear_line(tmp_path: Path, form: str) -> None:
    frame = panel()
    with pytest.raises(ArgumentError, match=r"^nothing to write: 0 rows, \d+ columns$"):
        govdata.export(frame[frame["cctv_public"] > 99], tmp_path / f"x.{form}")
    assert list(tmp_path.iterdir()) == []
