"""Long work in the background: started once, watched by polling, cancelled at its next report."""

from __future__ import annotations

import itertools
import logging
import threading
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Literal

from workbench.app.questions import Question
from workbench.errors import Cancelled, WorkbenchError
from workbench.progress import Cancellable, Progress

State = Literal["waiting", "running", "done", "failed", "cancelled"]
_log = logging.getLogger("workbench.app")


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

    def report(self, stage: str, done: float, total: float) -> None:
        """Progress of the step; raises Cancelled once the job is cancelled."""
        self.stage, self.done, self.total = stage, done, total
        self._stop(stage, done, total)


class Jobs:
    """The jobs of one process. Work with the same key is not started twice while it runs."""

    def __init__(self, workers: int = 2) -> None:
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="job")
        self._lock = threading.Lock()
        self._jobs: dict[str, Job] = {}
        self._numbers = itertools.count(1)

    def start(
        self, key: Hashable, title: str, work: Callable[[Progress], Any], question: Question | None = None
    ) -> Job:
        """The job of `key`: the one that runs, or a new one.

        Where several processes serve, a `question` says what `work` does as a value, for a process that takes it over.
        """
        with self._lock:
            for job in self._jobs.values():
                if job.key == key and not job.finished:
                    return job
            job = Job(f"job{next(self._numbers)}", key, title)
            self._jobs[job.id] = job
        self._pool.submit(self._run, job, work)
        return job

    def get(self, job_id: str) -> Job | None:
        """The job, or None after a restart."""
        return self._jobs.get(job_id)

    def latest(self, key: Hashable) -> Job | None:
        """The last job started under `key`."""
        found = [job for job in self._jobs.values() if job.key == key]
        return found[-1] if found else None

    def forget(self, key: Hashable) -> None:
        """Drop finished jobs of `key`."""
        with self._lock:
            for job_id in [j.id for j in self._jobs.values() if j.key == key and j.finished]:
                del self._jobs[job_id]

    def close(self) -> None:
        """Cancel everything and wait."""
        for job in self._jobs.values():
            job.cancel()
        self._pool.shutdown(wait=True, cancel_futures=True)

    @staticmethod
    def _run(job: Job, work: Callable[[Progress], Any]) -> None:
        if job.state == "cancelled":
            return
        job.state = "running"
        try:
            job.result = work(job.report)
            job.state = "done"
        except Cancelled as error:
            job.error, job.state = error, "cancelled"
        except WorkbenchError as error:
            job.error, job.state = error, "failed"
        except Exception as error:
            _log.exception("job %s failed", job.title)
            job.error = WorkbenchError(f"Unexpected: {type(error).__name__}: {error}", fix="Report it with the log.")
            job.state = "failed"
