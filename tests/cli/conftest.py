"""Commands run in this process over one small synthetic store."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from workbench.cli.main import run

PROCEDURE = "1.012783"
THREE = ("--province", "H24", "--province", "H29", "--province", "H41")


@dataclass(frozen=True)
class Outcome:
    """How a command ended and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Stdout as one JSON text: anything else on it fails here."""
        return json.loads(self.out)


Invoke = Callable[..., Outcome]


@pytest.fixture(autouse=True)
def plain_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No settings of the machine; little memory."""
    monkeypatch.delenv("WORKBENCH_LANGUAGE", raising=False)
    monkeypatch.setenv("WORKBENCH_MEMORY_LIMIT", "1GB")
    monkeypatch.setenv("WORKBENCH_THREADS", "2")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def invoke(capfd: pytest.CaptureFixture[str]) -> Invoke:
    """Runs a command; what other libraries write to the streams is captured too."""

    def call(*words: object) -> Outcome:
        capfd.readouterr()
        code = run([str(word) for word in words])
        written = capfd.readouterr()
        return Outcome(int(code), written.out, written.err)

    return call


@pytest.fixture(scope="session")
def synthetic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a small synthetic log."""
    out = tmp_path_factory.mktemp("cli") / "log"
    assert run(["synth", "--dossiers", "1500", "--seed", "5", "--out", str(out), "--quiet"]) == 0
    return out


@pytest.fixture(scope="session")
def small(synthetic: Path) -> Path:
    """A store of the small log; read only."""
    path = synthetic.parent / "small.duckdb"
    assert run(["load", str(synthetic), "--store", str(path), "--quiet"]) == 0
    return path


@pytest.fixture
def own(small: Path, tmp_path: Path) -> Path:
    """A copy of the small store that a test may change."""
    copy = tmp_path / "own.duckdb"
    shutil.copy(small, copy)
    shutil.copy(f"{small}.key", f"{copy}.key")
    return copy


@pytest.fixture
def simple_csv(tmp_path: Path) -> Path:
    """Two dossiers, five events."""
    path = tmp_path / "simple.csv"
    path.write_text(
        "ma_ho_so,buoc,thoi_diem_xu_ly,ma_tinh,ma_thu_tuc\n"
        "A,Tiếp nhận,2024-03-04 08:00,H01,1.000001\n"
        "A,Thẩm định,2024-03-04 10:00,H01,1.000001\n"
        "A,Trả kết quả,2024-03-05 09:00,H01,1.000001\n"
        "B,Tiếp nhận,2024-03-04 08:30,H01,1.000001\n"
        "B,Trả kết quả,2024-03-06 08:00,H01,1.000001\n",
        "utf-8",
    )
    return path
