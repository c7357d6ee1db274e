"""The staging folder is private and does not outlive its process."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from workbench.sources.staging import StagingFolder, TextParts, as_text


def test_only_the_owner_can_look_in_and_it_is_gone_afterwards(tmp_path: Path):
    with StagingFolder(tmp_path) as folder:
        assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700
        folder.new().write_text("secret")
    assert not folder.path.exists()


def test_it_is_gone_after_an_error(tmp_path: Path):
    with pytest.raises(RuntimeError), StagingFolder(tmp_path) as folder:
        raise RuntimeError
    assert not folder.path.exists()


@pytest.mark.skipif(os.name != "posix", reason="processes are asked for by signal")
def test_what_a_killed_process_left_is_removed(tmp_path: Path):
    dead = tmp_path / "workbench-load-999999999-x"
    alive = tmp_path / f"workbench-load-{os.getpid()}-y"
    for left in (dead, alive):
        left.mkdir()
    with StagingFolder(tmp_path):
        assert (dead.exists(), alive.exists()) == (False, True)


def test_rows_may_bring_new_columns(tmp_path: Path, monkeypatch):
    import pyarrow.parquet as pq

    monkeypatch.setattr("workbench.sources.staging.BATCH", 2)
    with StagingFolder(tmp_path) as folder:
        parts = TextParts(folder, ("a",))
        for row in ({"a": "1"}, {"b": "2"}, {"a": "3", "c": "4"}):
            parts.add(row)
        path, columns = parts.close()
        assert pq.read_table(path).to_pylist() == [
            {"a": "1", "b": None, "c": None},
            {"a": None, "b": "2", "c": None},
            {"a": "3", "b": None, "c": "4"},
        ]
        assert list(columns) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("value", "text"), [(3.0, "3"), (0.5, "0.5"), (True, "true"), ("", None), (None, None), (7, "7")]
)
def test_values_as_text(value: object, text: str | None):
    assert as_text(value) == text
