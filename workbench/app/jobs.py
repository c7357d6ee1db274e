"""Long work in the background: started once, watched by polling, cancelled at its next report."""

from __future__ import annotations

import itertools
import logging
import threading
import time
from collections.abc import Callable, Hashable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import flask

from workbench.app.questions import Question
from workbench.errors import Cancelled, WorkbenchError
from workbench.progress import Cancellable, Progress

if TYPE_CHECKING:
    from workbench.app.workspace import Workspace

State = Literal["waiting", "running", "done", "failed", "cancelled"]
_log = logging.getLogger("workbench.app")
LEFT_SECONDS = 2.0
"""Work of a view that was left is stopped unless somebody asks for it within this time: pages do so every 0.7 s."""


@dataclass
class Job:
    """One piece of long work and how far it is."""

    id: str
    key: Hashable
    title: str
    """Catalogue key of what is being done."""
    state: State = "waiting"
    stage: str = ""
    done: float = 0.0
    total: float = 0.0
    result: Any = None
    error: WorkbenchError | None = None
    passing: bool = False
    """Whether it is of use only while somebody looks at the view that asked for it."""
    left: float | None = None
    """When (time.time) the last view of it that we know of was left."""
    dropped: bool = False
    """Whether it was given up because nobody looks at it."""
    _stop: Cancellable = field(default_factory=Cancellable)

    @property
    def finished(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in ("done", "failed", "cancelled")

    @property
    def share(self) -> float:
        """Finished share of the present stage, 0 to 1; 0 when the step gives no total."""
        return min(self.done / self.total, 1.0) if self.total else 0.0

    def cancel(self) -> None:
        """Stop at the next report; waiting work does not begin."""
        if self.state == "waiting":
            self.state = "cancelled"
        self._stop.cancel()

    @property
    def abandoned(self) -> bool:
        """Whether its view was left and nobody has asked for it since."""
        return self.left is not None and time.time() - self.left > LEFT_SECONDS

    def report(self, stage: str, done: float, total: float) -> None:
        """Progress of the step; raises Cancelled once the job is cancelled or abandoned."""
        self.stage, self.done, self.total = stage, done, total
        if self.abandoned:
            self.dropped = True
            self._stop.cancel()
        self._stop(stage, done, total)


class Jobs:
    """The jobs of one process. Work with the same key is not started twice while it runs."""

    def __init__(self, workers: int = 2) -> None:
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="job")
        self._lock = threading.Lock()
        self._jobs: dict[str, Job] = {}
        self._numbers = itertools.count(1)

    def start(
        self,
        key: Hashable,
        title: str,
        work: Callable[[Progress], Any],
        question: Question | None = None,
        *,
        passing: bool = False,
    ) -> Job:
        """The job of `key`: the one that runs, or a new one; a `passing` one may be left (`leave`).

        Where several processes serve, a `question` says what `work` does as a value, for a process that takes it over.
        """
        with self._lock:
            for job in self._jobs.values():
                if job.key == key and not job.finished:
                    job.left = None
                    return job
            job = Job(f"job{next(self._numbers)}", key, title, passing=passing)
            self._jobs[job.id] = job
        self._pool.submit(self._run, job, work)
        return job

    def get(self, job_id: str) -> Job | None:
        """The job, or None after a restart or when it was abandoned."""
        return _wanted(self._jobs.get(job_id))

    def latest(self, key: Hashable) -> Job | None:
        """The last job started under `key`."""
        found = [job for job in list(self._jobs.values()) if job.key == key]
        return _wanted(found[-1]) if found else None

    def leave(self, job_ids: Iterable[str]) -> None:
        """Say that a view of these jobs was left: passing ones are stopped unless somebody else asks for them."""
        for job_id in job_ids:
            job = self._jobs.get(job_id)
            if job is not None and job.passing:
                job.left = time.time()

    def forget(self, key: Hashable) -> None:
        """Drop finished jobs of `key`."""
        with self._lock:
            for job_id in [j.id for j in self._jobs.values() if j.key == key and j.finished]:
                del self._jobs[job_id]

    def close(self) -> None:
        """Cancel everything and wait."""
        for job in list(self._jobs.values()):
            job.cancel()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _run(self, job: Job, work: Callable[[Progress], Any]) -> None:
        if self._drop(job) or job.state == "cancelled":
            return
        job.state = "running"
        try:
            job.result = work(job.report)
            job.state = "done"
        except Cancelled as error:
            self._drop(job)
            job.error, job.state = error, "cancelled"
        except WorkbenchError as error:
            job.error, job.state = error, "failed"
        except Exception as error:
            _log.exception("job %s failed", job.title)
            job.error = WorkbenchError(f"Unexpected: {type(error).__name__}: {error}", fix="Report it with the log.")
            job.state = "failed"

    def _drop(self, job: Job) -> bool:
        """Whether a job is given up; it is then forgotten, so that who asks again begins it anew."""
        job.dropped = job.dropped or job.abandoned
        if job.dropped:
            with self._lock:
                self._jobs.pop(job.id, None)
            job.state = "cancelled"
        return job.dropped


def _wanted(job: Job | None) -> Job | None:
    """The job somebody asks for, which is therefore not left."""
    if job is not None:
        job.left = None
    return job


HEADER = "X-Workbench"
"""A header only our own pages send: another site cannot make a visitor's browser upload or stop work."""


def attach(server: flask.Flask) -> None:
    """Hear at /jobs/left which jobs a page no longer shows."""
    server.add_url_rule("/jobs/left", "left", _left, methods=["POST"])


def _left() -> tuple[str, int]:
    named = flask.request.get_json(silent=True)
    if flask.request.headers.get(HEADER) != "1" or not isinstance(named, list):
        return "", 403
    space: Workspace = flask.current_app.extensions["workbench"]
    space.jobs.leave(str(one) for one in named[:100])
    return "", 204
