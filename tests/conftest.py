"""Shared fixtures: small stores made from hand-countable logs."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, sync_playwright

from workbench.store import LogStore, open_store
from workbench.store.loading import Staged, StagedFile, load_staged

LOGS = Path(__file__).resolve().parents[2] / "shared" / "logs"
CHROMIUM = os.environ.get("WORKBENCH_CHROMIUM", "/usr/bin/chromium")
CHROMIUM_ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
StoreFrom = Callable[..., LogStore]

# How quick a machine is says nothing about a property.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

LONGEST = (
    "store/test_spark.py", "store/test_crash.py", "browser/test_looks.py", "store/test_spark_cluster.py",
    "browser/test_analyst.py", "store/test_loading.py", "browser/test_sharing.py", "browser/test_users.py",
    "browser/test_reformer.py", "export/test_reports.py", "cli/test_scheduled_reports.py", "app/test_states.py",
    "export/test_drawing.py", "cli/test_demo.py",
)  # fmt: skip
"""Test files of half a minute and more, the longest first."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with the files that take longest, so that no worker is left alone with one of them at the end."""
    if not hasattr(config, "workerinput"):  # one process alone takes the files as they lie
        return
    slow = Counter(item.path for item in items if item.get_closest_marker("slow"))
    every = Counter(item.path for item in items)
    places = {Path(__file__).parent / name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: (places.get(item.path, len(places)), -slow[item.path], -every[item.path]))


def shared_log(name: str) -> Path:
    """The real log `name`, or a skip where it is not present."""
    path = LOGS / name
    if not path.exists():
        pytest.skip("log not present")
    return path


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium; one for all tests of a process, which can run a single driver at a time."""
    if not Path(CHROMIUM).exists():
        pytest.skip("Chromium is not installed")
    with sync_playwright() as driver:
        made = driver.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        yield made
        made.close()


@pytest.fixture
def store(tmp_path: Path) -> LogStore:
    """An empty store."""
    with open_store(tmp_path / "s.duckdb") as opened:
        yield opened


@pytest.fixture
def store_from(tmp_path: Path) -> StoreFrom:
    """Makes a store from traces: {(organisation, dossier): "a b c"} or frames.

    Events of a trace are one hour apart from 2024-01-02 08:00 (a Tuesday) unless `events` is given.
    """
    opened: list[LogStore] = []

    def make(
        traces: dict[tuple[str, str], str | Sequence[str]] | None = None,
        *,
        events: pd.DataFrame | None = None,
        dossiers: pd.DataFrame | None = None,
        pauses: pd.DataFrame | None = None,
        procedure: str = "1.000001",
    ) -> LogStore:
        made = open_store(tmp_path / f"store{len(opened)}.duckdb")
        opened.append(made)
        if traces is not None:
            events = trace_events(traces)
        if dossiers is None and events is not None:
            dossiers = events[["province_code", "dossier_code"]].drop_duplicates().assign(procedure_code=procedure)
        names = {}
        for name, frame in (("event", events), ("dossier", dossiers), ("pause", pauses)):
            if frame is not None:
                made.con.register(f"given_{name}", frame)
                made.con.execute(f"create or replace temp table staged_{name} as select * from given_{name}")
                names[name] = f"staged_{name}"
        rows = 0 if events is None else len(events)
        file = StagedFile("test", f"test{len(opened)}", 0, "log", rows)
        load_staged(made, Staged(files=(file,), format="test", **names), now=datetime(2024, 6, 1))
        return made

    yield make
    for one in opened:
        one.close()


def trace_events(traces: dict[tuple[str, str], str | Sequence[str]]) -> pd.DataFrame:
    """Event rows of traces, one hour apart from 2024-01-02 08:00."""
    start = datetime(2024, 1, 2, 8)
    rows = []
    for (organisation, dossier), labels in traces.items():
        for place, label in enumerate(labels.split() if isinstance(labels, str) else labels):
            rows.append(
                {
                    "province_code": organisation,
                    "dossier_code": dossier,
                    "label": label,
                    "completed_at": start + timedelta(hours=place),
                    "source_order": place,
                }
            )
    return pd.DataFrame(rows)
