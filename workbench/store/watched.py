"""Statements of DuckDB that tell how far they are and can be stopped."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

import duckdb

from workbench.errors import Cancelled
from workbench.progress import Progress, silent

_POLL_SECONDS = 0.2
_TRACKED = ("set enable_progress_bar = true", "set enable_progress_bar_print = false", "set progress_bar_time = 0")
"""Without these DuckDB does not know how far a statement is."""


@contextlib.contextmanager
def watched(con: duckdb.DuckDBPyConnection, progress: Progress, stage: str) -> Iterator[None]:
    """Inside, statements of `con` report their share of 100 to `progress`; what it raises stops the one that runs."""
    if progress is silent:
        yield
        return
    for setting in _TRACKED:
        con.execute(setting)
    stopped: list[BaseException] = []
    finished = threading.Event()

    def watch() -> None:
        while not finished.wait(_POLL_SECONDS):
            try:
                progress(stage, max(con.query_progress(), 0.0), 100.0)
            except BaseException as exc:
                stopped.append(exc)
                con.interrupt()
                return

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    except duckdb.InterruptException as exc:
        raise (stopped[0] if stopped else Cancelled("The load was interrupted.", fix="Nothing was changed.")) from exc
    finally:
        finished.set()
        watcher.join()
    if stopped:
        raise stopped[0]
