"""Stores that the tests of a module share, because they only read them."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pandas as pd
import pytest

from tests.conftest import trace_events
from tests.mining.logs import put_office_hours
from workbench.store import LogStore, open_store
from workbench.store.loading import Staged, StagedFile, load_staged


@pytest.fixture(scope="module")
def store_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., LogStore]:
    """As `store_from`, but equal logs give the same store within a module: for tests that change nothing.

    `office` gives every dossier office hours.
    """
    made: dict[bytes, LogStore] = {}

    def give(
        traces: dict[tuple[str, str], Any] | None = None,
        *,
        events: pd.DataFrame | None = None,
        dossiers: pd.DataFrame | None = None,
        office: bool = False,
    ) -> LogStore:
        key = pickle.dumps((traces, events, dossiers, office))
        if key not in made:
            rows = trace_events(traces) if traces is not None else events
            path = tmp_path_factory.mktemp("store") / "s.duckdb"
            made[key] = _load(path, rows, dossiers)
            if office:
                put_office_hours(made[key])
        return made[key]

    yield give
    for store in made.values():
        store.close()


def _load(path: Any, events: pd.DataFrame, dossiers: pd.DataFrame | None) -> LogStore:
    store = open_store(path)
    if dossiers is None:
        dossiers = events[["province_code", "dossier_code"]].drop_duplicates().assign(procedure_code="1.000001")
    for name, frame in (("event", events), ("dossier", dossiers)):
        store.con.register(f"given_{name}", frame)
        store.con.execute(f"create or replace temp table staged_{name} as select * from given_{name}")
    file = StagedFile("test", "test", 0, "log", len(events))
    staged = Staged(files=(file,), format="test", event="staged_event", dossier="staged_dossier")
    load_staged(store, staged, now=datetime(2024, 6, 1))
    return store
