"""A private temporary folder for raw rows on their way into the store, and Parquet parts written into it.

Raw rows carry names and identity numbers in clear, so the folder is readable by its owner only and is
removed when the load ends; folders left by a killed process are removed by the next load.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa
import pyarrow.parquet as pq

_PREFIX = "workbench-load-"
BATCH = 20_000
"""Rows gathered in memory before they are written."""


class StagingFolder:
    """The folder, as a context manager."""

    def __init__(self, parent: Path | None = None) -> None:
        base = Path(parent or tempfile.gettempdir())
        _sweep(base)
        self.path = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=base))
        self._count = 0

    def new(self, suffix: str = ".parquet") -> Path:
        """A path in the folder that is not taken."""
        self._count += 1
        return self.path / f"part{self._count:06d}{suffix}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        shutil.rmtree(self.path, ignore_errors=True)


def _sweep(base: Path) -> None:
    if os.name != "posix":  # elsewhere signal 0 ends the process instead of asking after it
        return
    for left in base.glob(f"{_PREFIX}*"):
        pid = left.name.removeprefix(_PREFIX).partition("-")[0]
        if pid.isdigit() and not _alive(int(pid)):
            shutil.rmtree(left, ignore_errors=True)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


class TextParts:
    """Writes rows of text with ever new columns as one Parquet file.

    Rows are mappings; a column first seen late is null in the rows before. The file's columns are those of
    all rows, so batches wait in files of their own until `close` puts them together.
    """

    def __init__(self, folder: StagingFolder, first: Sequence[str] = ()) -> None:
        self._folder = folder
        self._columns: dict[str, None] = dict.fromkeys(first)
        self._batches: list[Path] = []
        self._rows: list[dict[str, str | None]] = []
        self.rows = 0

    def add(self, row: dict[str, str | None]) -> None:
        """Take one row."""
        self._rows.append(row)
        if len(self._rows) >= BATCH:
            self._flush()

    @property
    def rows_seen(self) -> int:
        """Rows taken so far, written or waiting."""
        return self.rows + len(self._rows)

    def close(self) -> tuple[Path, dict[str, str]]:
        """The file and its columns with their types; rows keep the order they came in."""
        self._flush()
        names = list(self._columns)
        if len(self._batches) == 1:
            return self._batches[0], dict.fromkeys(names, "VARCHAR")
        schema = pa.schema([(name, pa.string()) for name in names])
        target = self._folder.new()
        with pq.ParquetWriter(target, schema, compression="zstd") as writer:
            for batch in self._batches:
                table = pq.read_table(batch)
                for name in names:
                    if name not in table.column_names:
                        table = table.append_column(name, pa.nulls(len(table), pa.string()))
                writer.write_table(table.select(names))
                batch.unlink()
        return target, dict.fromkeys(names, "VARCHAR")

    def _flush(self) -> None:
        if not self._rows:
            return
        seen = dict.fromkeys(self._columns) if not self._batches else {}
        for row in self._rows:
            seen.update(dict.fromkeys(row))
        self._columns.update(seen)
        here = list(seen)
        arrays = [pa.array([row.get(name) for row in self._rows], pa.string()) for name in here]
        path = self._folder.new()
        pq.write_table(pa.table(dict(zip(here, arrays, strict=True))), path, compression="zstd")
        self._batches.append(path)
        self.rows += len(self._rows)
        self._rows = []


def as_text(value: Any) -> str | None:
    """A cell or a JSON value as text: whole floats without `.0`, times as ISO, empty as None."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    isoformat = getattr(value, "isoformat", None)
    return isoformat() if isoformat is not None else str(value)
