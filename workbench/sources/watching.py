"""A long statement of DuckDB that tells how far it is and can be stopped."""

from __future__ import annotations

import threading
from typing import Any

import duckdb

from workbench.progress import Progress, silent

_POLL_SECONDS = 0.2
TRACKED = ("set enable_progress_bar = true", "set enable_progress_bar_print = false", "set progress_bar_time = 0")
"""Without these DuckDB does not know how far a statement is."""


def run_watched(
    con: duckdb.DuckDBPyConnection, text: str, values: dict[str, Any], *, progress: Progress, stage: str, total: int
) -> None:
    """Run a statement, reporting its share of `total` under `stage`; what `progress` raises stops it."""
    if progress is silent:
        con.execute(text, values or None)
        return
    stopped: list[BaseException] = []
    finished = threading.Event()

    def watch() -> None:
        while not finished.wait(_POLL_SECONDS):
            try:
                progress(stage, total * max(con.query_progress(), 0.0) / 100, total)
            except BaseException as exc:
                stopped.append(exc)
                con.interrupt()
                return

    for setting in TRACKED:
        con.execute(setting)
    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        con.execute(text, values or None)
    except duckdb.InterruptException as exc:
        if stopped:
            raise stopped[0] from exc
        raise
    finally:
        finished.set()
        watcher.join()
    if stopped:
        raise stopped[0]
    progress(stage, total, total)
