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
def watched(
    con: duckdb.DuckDBPyConnection, progress: Progress, stage: str, total: float = 100.0, *, several: bool = False
) -> Iterator[None]:
    """Inside, a statement of `con` reports its share of `total` to `progress`; what that raises stops the statement.

    The share never goes back, unless `several` statements run inside: then each begins anew.
    """
    if progress is silent:
        yield
        return
    for setting in _TRACKED:
        con.execute(setting)
    stopped: list[BaseException] = []
    finished = threading.Event()

    def watch() -> None:
        share = 0.0
        while not finished.wait(_POLL_SECONDS):
            try:
                share = _next(share, con.query_progress(), several)
                progress(stage, total * share / 100, total)
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


def _next(told: float, share: float, several: bool) -> float:
    """The percentage to tell after `told`; DuckDB says a negative one where no statement runs, as before and after it."""
    return told if share < 0 else share if several else max(told, share)
