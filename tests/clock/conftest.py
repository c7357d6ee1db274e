"""Stores made from dossiers written as rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from workbench.clock import ensure_calendars
from workbench.store import LogStore, open_store
from workbench.store.loading import Staged, StagedFile, load_staged

Row = dict[str, Any]
TIMES = ("submitted_at", "accepted_at", "due_at", "closed_at", "returned_at")
PAUSE_TIMES = ("paused_from", "paused_to", "due_before", "due_after")


def at(text: str) -> datetime:
    """`4/3 8:00` is 4 March 2024, a Monday."""
    day, clock = text.split()
    d, m = day.split("/")
    hour, minute = clock.split(":")
    return datetime(2024, int(m), int(d), int(hour), int(minute))


def build(path: Path, dossiers: Sequence[Row], *, events: Sequence[Row] = (), pauses: Sequence[Row] = ()) -> LogStore:
    """A store of dossiers (code, times as `at` texts, columns), events and pauses by dossier code."""
    store = open_store(path)
    ensure_calendars(store)
    frames = {
        "dossier": pd.DataFrame([_row(row, TIMES) for row in dossiers]),
        "event": pd.DataFrame([_row({"source_order": n, **row}, ("completed_at",)) for n, row in enumerate(events)]),
        "pause": pd.DataFrame([_row(row, PAUSE_TIMES) for row in pauses]),
    }
    names = {}
    for name, frame in frames.items():
        if len(frame):
            for column in frame.columns:
                if frame[column].isna().all():
                    frame[column] = pd.Series(
                        [None] * len(frame), dtype="datetime64[us]" if column in TIMES + PAUSE_TIMES else "str"
                    )
            store.con.register("given", frame)
            store.con.execute(f"create or replace temp table staged_{name} as select * from given")
            names[name] = f"staged_{name}"
    file = StagedFile("test", "test", 0, "log", len(dossiers) + len(events) + len(pauses))
    load_staged(store, Staged(files=(file,), format="test", **names), now=datetime(2024, 6, 1))
    return store


def _row(row: Row, times: Sequence[str]) -> Row:
    out = {"province_code": "H01", **row}
    return {key: at(value) if key in times and isinstance(value, str) else value for key, value in out.items()}


@pytest.fixture
def build_store(tmp_path: Path) -> Callable[..., LogStore]:
    """`build` in a temporary folder, closed at the end."""
    made: list[LogStore] = []

    def make(dossiers: Sequence[Row], **tables: Sequence[Row]) -> LogStore:
        made.append(build(tmp_path / f"clock{len(made)}.duckdb", dossiers, **tables))
        return made[-1]

    yield make
    for store in made:
        store.close()
