"""The main job: its numbers equal an independent run in R, and the README's script is the same job."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import statsmodels.formula.api as smf
from click.testing import CliRunner

from govdata import demo
from govdata.cli import main

ROOT = Path(__file__).parent.parent
REFERENCE = json.loads((ROOT / "tests" / "reference" / "demo.json").read_text(encoding="utf-8"))
NAMES = {"v2x_polyarchy": "v2x_polyarchy", "log_gdp": "log(gdp_pc_ppp)", "internet_users": "internet_users"}


def test_the_demo_equals_r() -> None:
    fits = {"monitoring": demo.fit(demo.panel()), "shutdown": demo.fit_own(demo.own_panel())}
    assert (fits["monitoring"].nobs, fits["monitoring"].n_units) == (3079, 167)
    for response, model in fits.items():
        certified = REFERENCE[response]
        assert (model.nobs, model.n_units) == (certified["n"], certified["clusters"])
        for name, ours in NAMES.items():
            assert model.params[ours] == pytest.approx(certified["params"][name], rel=1e-8)
            assert model.bse[ours] == pytest.approx(certified["se_CRV1_nested"][name], rel=1e-8)


def test_our_own_response_is_the_documented_shutdowns_of_both_scopes() -> None:
    data = demo.own_panel()
    national, regional = data["shutdown_documented"], data["shutdown_documented_sub"]
    assert set(data["shutdown"].dropna()) == {0.0, 1.0}
    assert ((data["shutdown"] == 1) == ((national > 0) | (regional > 0))).all()
    assert data.loc[(data["iso3"] == "IND") & (data["year"] == 2019), "shutdown"].item() == 1
    assert not data.duplicated(["iso3", "year"]).any()


def test_the_demo_equals_statsmodels_with_dummies() -> None:
    data = demo.panel().assign(log_gdp=lambda frame: np.log(frame["gdp_pc_ppp"]))
    data = data.dropna(subset=["monitoring", "v2x_polyarchy", "log_gdp", "internet_users"])
    text = "monitoring ~ v2x_polyarchy + log_gdp + internet_users + C(iso3) + C(year)"
    peer = smf.ols(text, data).fit()
    model = demo.fit(demo.panel())
    for name, ours in NAMES.items():
        assert model.params[ours] == pytest.approx(peer.params[name], rel=1e-8)


def test_the_command_writes_figure_table_and_evidence(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["demo", "--out", str(tmp_path / "out")])
    assert result.exit_code == 0
    for part in ("Electoral democracy", "3,079", "167", "CRV1", "nested", "Rows left out", "Documented shutdown"):
        assert part in result.stdout
    assert "digital_surveillance" in result.stdout
    assert "decisive" in result.stdout
    assert "https://" in result.stdout
    assert "loading the panel" in result.stderr
    files = {path.name: path.stat().st_size for path in (tmp_path / "out").iterdir()}
    assert set(files) == {
        *("monitoring.png", "monitoring.svg", "shutdowns.png", "shutdowns.svg"),
        *("table.txt", "table.tex"),
    }
    assert min(files.values()) > 200
    assert r"\begin{tabular}" in (tmp_path / "out" / "table.tex").read_text()


def test_the_readme_script_is_the_same_job(tmp_path: Path) -> None:
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    script = blocks[0]
    statements = [line for line in script.splitlines() if line.strip()]
    assert len(statements) <= 18  # fifteen, the call to `ols` on four lines
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True, encoding="utf-8"
    )
    assert "3,079" in done.stdout
    assert "decisive" in done.stdout
    assert (tmp_path / "monitoring.png").exists()
