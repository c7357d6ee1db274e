"""Long work seen by every process of a server: one board in a file, the work itself in the process that began it or its helper."""

from __future__ import annotations

import hashlib
import os
import pickle
import secrets
import sqlite3
import time
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from workbench.app.apart import Apart
from workbench.app.jobs import Job, Jobs
from workbench.app.questions import Question
from workbench.progress import Progress

_TABLE = """create table if not exists job (
    id text primary key, key text, title text, state text, stage text, done real, total real,
    process integer, stop integer default 0, outcome blob, number integer, passing integer, left_at real)"""
_EVERY = 0.3
"""Seconds between two notes of one job."""


class BoardJob(Job):
    """A job as the board shows it; cancelling leaves a note for the process that does the work."""

    board: Path | None = None

    def cancel(self) -> None:
        """Stop at the next report."""
        if self.board is not None:
            with _open(self.board) as con:
                con.execute("update job set stop = 1 where id = ?", [self.id])
        super().cancel()


class SharedJobs(Jobs):
    """As Jobs, for processes that share the file `board`. A job whose process ended is gone."""

    def __init__(self, board: Path, workers: int = 2, apart: Apart | None = None) -> None:
        super().__init__(workers)
        self._board = board
        self._apart = apart
        with _open(board) as con:
            con.execute(_TABLE)

    def start(
        self,
        key: Hashable,
        title: str,
        work: Callable[[Progress], Any],
        question: Question | None = None,
        *,
        passing: bool = False,
    ) -> Job:
        """The job of `key` that runs in some process, or a new one in this process."""
        with self._lock:
            job = BoardJob(secrets.token_hex(6), key, title, passing=passing)
            job.board = self._board
            with _open(self._board) as con:
                con.execute("begin immediate")
                running = [row for row in _rows(con, "key = ?", _text(key)) if _alive(row)]
                running = [row for row in running if row["state"] in ("waiting", "running")]
                if not running:
                    number = con.execute("select coalesce(max(number), 0) + 1 from job").fetchall()[0][0]
                    con.execute(
                        "insert into job (id, key, title, state, stage, done, total, process, number, passing)"
                        " values (?, ?, ?, 'waiting', '', 0, 0, ?, ?, ?)",
                        [job.id, _text(key), title, os.getpid(), number, passing],
                    )
                con.execute("commit")
            if running:
                return self._shown(running[-1])
            self._jobs[job.id] = job
        self._pool.submit(self._noted, job, self._by_helper(question) or work)
        return job

    def close(self) -> None:
        """Cancel everything, end the helper and wait."""
        for job in self._jobs.values():
            job.cancel()
        if self._apart is not None:
            self._apart.close()
        super().close()

    def _by_helper(self, question: Question | None) -> Callable[[Progress], Any] | None:
        """Work that has the helper answer the question, where it can be sent there."""
        apart = self._apart
        if apart is None or question is None:
            return None
        try:
            pickle.dumps(question)
        except (pickle.PicklingError, AttributeError, TypeError):
            return None
        return lambda progress: apart.answer(question, progress)

    def get(self, job_id: str) -> Job | None:
        """The job, or None after a restart."""
        with _open(self._board) as con:
            rows = _rows(con, "id = ?", job_id)
        return self._shown(rows[0]) if rows and _alive(rows[0]) else None

    def latest(self, key: Hashable) -> Job | None:
        """The last job started under `key`."""
        with _open(self._board) as con:
            rows = [row for row in _rows(con, "key = ?", _text(key)) if _alive(row)]
        return self._shown(rows[-1]) if rows else None

    def forget(self, key: Hashable) -> None:
        """Drop finished jobs of `key`."""
        super().forget(key)
        with _open(self._board) as con:
            con.execute("delete from job where key = ? and state in ('done', 'failed', 'cancelled')", [_text(key)])

    def leave(self, job_ids: Iterable[str]) -> None:
        """Say that a view of these jobs was left, to the process that does the work."""
        with _open(self._board) as con:
            con.executemany(
                "update job set left_at = ? where id = ? and passing and state in ('waiting', 'running')",
                [(time.time(), job_id) for job_id in job_ids],
            )

    def _drop(self, job: Job) -> bool:
        dropped = super()._drop(job)
        if dropped:
            with _open(self._board) as con:
                con.execute("delete from job where id = ?", [job.id])
        return dropped

    def _shown(self, row: sqlite3.Row) -> Job:
        """The job of a row, which somebody asks for."""
        if row["left_at"] is not None:
            with _open(self._board) as con:
                con.execute("update job set left_at = null where id = ?", [row["id"]])
        if row["id"] in self._jobs:
            return self._jobs[row["id"]]
        job = BoardJob(row["id"], row["key"], row["title"], row["state"], row["stage"], row["done"], row["total"])
        job.board = self._board
        if row["outcome"] is not None:
            job.result, job.error = pickle.loads(row["outcome"])  # noqa: S301 - our own file, private to this user
        return job

    def _noted(self, job: Job, work: Callable[[Progress], Any]) -> None:
        last = [0.0]

        def watched(progress: Progress) -> Any:
            def report(stage: str, done: float, total: float) -> None:
                if time.monotonic() - last[0] > _EVERY:
                    last[0] = time.monotonic()
                    if self._note(job):
                        Job.cancel(job)
                progress(stage, done, total)

            return work(report)

        if self._note(job):
            Job.cancel(job)
        self._run(job, watched)
        self._note(job)

    def _note(self, job: Job) -> bool:
        """Write how far a job is; whether somebody wants it stopped."""
        outcome = pickle.dumps((job.result, job.error)) if job.finished else None
        with _open(self._board) as con:
            con.execute(
                "update job set state = ?, stage = ?, done = ?, total = ?, outcome = ? where id = ?",
                [job.state, job.stage, job.done, job.total, outcome, job.id],
            )
            stop, job.left = con.execute("select max(stop), max(left_at) from job where id = ?", [job.id]).fetchall()[0]
            return bool(stop) or job.abandoned


def _text(key: Hashable) -> str:
    return hashlib.sha256(repr(key).encode()).hexdigest()


def _rows(con: sqlite3.Connection, condition: str, value: str) -> list[sqlite3.Row]:
    return con.execute(f"select * from job where {condition} order by number", [value]).fetchall()


def _alive(row: sqlite3.Row) -> bool:
    """Whether a job is finished or the process that does it still runs."""
    if row["state"] in ("done", "failed", "cancelled"):
        return True
    try:
        os.kill(row["process"], 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@contextmanager
def _open(board: Path) -> Iterator[sqlite3.Connection]:
    """A connection of its own for each look at the board: threads and processes never share one."""
    with closing(sqlite3.connect(board, timeout=20, isolation_level=None)) as con:
        con.row_factory = sqlite3.Row
        yield con
