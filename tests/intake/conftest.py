"""Loads small files into a fresh store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.databases import Server, mariadb, postgres
from workbench.intake import LoadReport, load
from workbench.store import LogStore, open_store

NOW = datetime(2026, 1, 1)
Loaded = Callable[..., LoadReport]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the files of a test lie."""
    made = tmp_path / "files"
    made.mkdir()
    return made


@pytest.fixture
def target(tmp_path: Path) -> Iterator[LogStore]:
    """An empty store."""
    with open_store(tmp_path / "s.duckdb", memory_limit="1GB") as opened:
        yield opened


@pytest.fixture
def write(folder: Path) -> Callable[[dict[str, Any]], list[Path]]:
    """Writes files: text, bytes, or a frame as Parquet."""

    def make(files: dict[str, Any]) -> list[Path]:
        out = []
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, pd.DataFrame):
                content.to_parquet(path)
            else:
                path.write_bytes(content if isinstance(content, bytes) else content.encode())
            out.append(path)
        return out

    return make


@pytest.fixture
def loaded(target: LogStore, write) -> Loaded:
    """Writes files and loads them; the counts of every report add up."""

    def run(files: dict[str, Any], **options: Any) -> LoadReport:
        report = load(target, write(files), now=NOW, **options)
        assert report.rows_in == report.rows_loaded + report.rows_quarantined + report.rows_duplicate
        assert sum(report.reasons.values()) == report.rows_quarantined
        return report

    return run


@pytest.fixture
def ask(target: LogStore) -> Callable[..., list[tuple]]:
    """The rows of a query on the store."""

    def run(text: str, *values: Any) -> list[tuple]:
        return target.con.execute(text, list(values)).fetchall()

    return run


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """A real PostgreSQL."""
    with postgres() as server:
        yield server


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[Server]:
    """A real MariaDB."""
    with mariadb() as server:
        yield server


EVENTS = (
    "select d.dossier_code, a.label, e.completed_at from event e join dossier d using (dossier_key) "
    "join activity a using (activity_id) order by 1, e.position"
)


def csv(*rows: str, heading: str = "Mã hồ sơ,Nội dung xử lý,Thời điểm xử lý") -> str:
    """A delimited text with its heading."""
    return "\n".join((heading, *rows)) + "\n"
