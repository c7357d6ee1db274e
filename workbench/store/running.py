"""Writing to a store: one transaction, watched and stoppable statements, DuckDB's errors in our words."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import duckdb

from workbench.errors import StoreError, StoreLocked
from workbench.progress import Progress, silent
from workbench.store.log_store import LogStore
from workbench.watching import watched


@contextlib.contextmanager
def writing(store: LogStore) -> Iterator[None]:
    """All that is written inside is committed together, or nothing of it.

    Joins the transaction of the caller when there is one. Raises StoreError for a full disk, too little memory or
    a value of the wrong type, StoreLocked when another load is being committed.
    """
    if store.read_only:
        raise StoreError(f"{store.path} is open for reading only.", fix="Open it for writing.", path=str(store.path))
    with translated(store):
        if _inside(store.con):
            yield
            return
        store.con.execute("begin")
        try:
            yield
            store.con.execute("commit")
        except BaseException:
            with contextlib.suppress(duckdb.Error):
                store.con.execute("rollback")
            raise


def _inside(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether a transaction runs: two statements outside one have different transactions."""
    first, second = (con.execute("select txid_current()").fetchall() for _ in range(2))
    return bool(first == second)


@contextlib.contextmanager
def translated(store: LogStore) -> Iterator[None]:
    """DuckDB's errors as ours."""
    try:
        yield
    except duckdb.Error as exc:
        raise _ours(exc, store) from exc


def _ours(exc: duckdb.Error, store: LogStore) -> StoreError:
    text = str(exc).splitlines()[0]
    facts = {"path": str(store.path), "detail": text}
    if isinstance(exc, duckdb.OutOfMemoryException):
        return StoreError(
            f"The memory limit was reached: {text}",
            fix="Raise memory_limit, or free disk space for temporary files. The store is as before.",
            **facts,
        )
    if any(word in text.lower() for word in ("no space left", "could not write", "disk full", "file too large")):
        return StoreError(
            f"The disk is full, or the file may not grow: {text}",
            fix="Free disk space and load again; the store is as before.",
            **facts,
        )
    if isinstance(exc, duckdb.TransactionException) and "conflict" in text.lower():
        return StoreLocked(
            f"Another load into {store.path} is being committed.",
            fix="Wait until it is finished and load again.",
            **facts,
        )
    if isinstance(exc, duckdb.ConversionException | duckdb.BinderException):
        return StoreError(
            f"A staged column does not have the type the store needs: {text}",
            fix="Check the mapping of the source.",
            **facts,
        )
    return StoreError(
        f"The store {store.path} could not be written: {text}", fix="Open it again; it is as before.", **facts
    )


class Runner:
    """Runs statements one after another and tells how far each of them is.

    A progress that raises Cancelled stops the statement that runs.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection, progress: Progress = silent) -> None:
        self.con = con
        self._progress = progress
        self.stage = "prepare"

    def at(self, stage: str, done: float, total: float) -> None:
        """Report a stage, a key under `progress.` in the catalogues."""
        self.stage = stage
        self._progress(self.stage, done, total)

    def run(self, text: str, parameters: list[Any] | None = None) -> None:
        """Run a statement that gives no rows."""
        with watched(self.con, self._progress, self.stage):
            self.con.execute(text, parameters)

    def one(self, text: str, parameters: list[Any] | None = None) -> Any:
        """The first value of a query."""
        rows = self.con.execute(text, parameters).fetchall()
        return rows[0][0] if rows else None
