"""Helpers of the readers' tests: a staging folder and the rows of a raw table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from workbench.sources.opening import register
from workbench.sources.raw import RawFile, RawTable
from workbench.sources.staging import StagingFolder

Rows = Callable[[RawTable], list[tuple]]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[StagingFolder]:
    """A staging folder that is gone afterwards."""
    with StagingFolder(tmp_path) as made:
        yield made


@pytest.fixture
def rows() -> Rows:
    """The rows of a raw table, column by column in its order."""

    def read(table: RawTable) -> list[tuple]:
        out = []
        for part in table.parts:
            names = ", ".join('"' + name.replace('"', '""') + '"' for name in table.columns)
            out += duckdb.execute(f"select {names} from read_parquet(?)", [str(part.parquet)]).fetchall()
        return out

    return read


@pytest.fixture
def given(tmp_path: Path) -> Callable[[str, bytes | str], RawFile]:
    """Writes a file and registers it."""

    def write(name: str, content: bytes | str) -> RawFile:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return register(path)

    return write
