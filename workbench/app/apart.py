"""Long questions answered in a process of their own, so that they take neither the interpreter nor the processor from requests.

Each process that answers requests has one such helper. It reads the store for itself, puts answers where all processes
find them, notes on the board of jobs how far it is, and runs at a lower priority. It ends with the process that began it.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import pickle
import threading
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from workbench.app.questions import Question
from workbench.errors import Cancelled, WorkbenchError
from workbench.progress import Cancellable, Progress
from workbench.settings import Settings

_NICENESS = 10
_POLL_SECONDS = 0.2
_PATIENCE_SECONDS = 20.0
"""How long a cancelled question may take to end by itself."""


class Apart:
    """The helper process of one server process; started at the first question."""

    def __init__(self, path: Path, settings: Settings, run: Path) -> None:
        self._given = (path, settings, run)
        self._turn = threading.Lock()
        self._process: Any = None
        self._line: Connection | None = None

    def answer(self, question: Question, progress: Progress) -> None:
        """Have a question answered and its answer kept.

        What `progress` raises stops it. Raises what the step raised; WorkbenchError when the helper ended under it.
        """
        with self._turn:
            line = self._ready()
            try:
                line.send_bytes(pickle.dumps(question))
                self._follow(line, progress)
            except (EOFError, OSError) as error:
                self.close()
                raise WorkbenchError("The process that computed this has ended.", fix="Try again.") from error

    def close(self) -> None:
        """End the helper."""
        process, self._process, line, self._line = self._process, None, self._line, None
        if line is not None:
            line.close()
        if process is not None:
            process.terminate()
            process.join(5)

    def _ready(self) -> Connection:
        if self._process is None or not self._process.is_alive() or self._line is None:
            self.close()
            context = multiprocessing.get_context("spawn")
            self._line, far = context.Pipe()
            self._process = context.Process(target=_serve, args=(far, *self._given), daemon=True, name="workbench-long")
            self._process.start()
            far.close()
        return self._line

    def _follow(self, line: Connection, progress: Progress) -> None:
        far, stopped, until = ("ask", 0.0, 0.0), None, 0.0
        while stopped is None or time.monotonic() < until:
            if line.poll(_POLL_SECONDS):
                kind, value = pickle.loads(line.recv_bytes())  # noqa: S301 - from our own helper
                if kind == "done":
                    return
                if kind == "error":
                    raise stopped or value
                far = value
            if stopped is None and (stopped := _told(progress, far)) is not None:
                until = time.monotonic() + _PATIENCE_SECONDS
                line.send_bytes(pickle.dumps("stop"))
        self.close()
        raise stopped


def _told(progress: Progress, far: tuple[str, float, float]) -> Cancelled | None:
    """Pass on how far the helper is; what `progress` raises."""
    try:
        progress(*far)
    except Cancelled as error:
        return error
    return None


def _serve(line: Connection, path: Path, settings: Settings, run: Path) -> None:
    """The helper: one question after another until the other end is gone."""
    with contextlib.suppress(OSError):
        os.nice(_NICENESS)
    from workbench.app.workspace import Workspace

    space = Workspace(path, settings, run)
    while True:
        with _gone_with(line):
            question = pickle.loads(line.recv_bytes())  # noqa: S301 - from our own server
        if question == "stop":  # came after the answer
            continue
        try:
            space.cache.put(question.key, question.answer(space.store(), _reporting(line)))
            said: tuple[str, Any] = ("done", None)
        except BaseException as error:
            said = ("error", _sendable(error))
        with _gone_with(line):
            line.send_bytes(pickle.dumps(said))


def _reporting(line: Connection) -> Progress:
    """Tells the other end how far a question is; stops it when the other end says so, or is gone."""
    last, one, stop = 0.0, threading.Lock(), Cancellable()

    def report(stage: str, done: float, total: float) -> None:
        nonlocal last
        with one, _gone_with(line):
            if line.poll():
                line.recv_bytes()  # only "stop" is ever said while a question is answered
                stop.cancel()
            if time.monotonic() - last > _POLL_SECONDS:
                last = time.monotonic()
                line.send_bytes(pickle.dumps(("far", (stage, done, total))))
        stop(stage, done, total)

    return report


@contextlib.contextmanager
def _gone_with(line: Connection) -> Iterator[None]:
    """End this process when the other end of the line is gone."""
    try:
        yield
    except (EOFError, OSError):
        line.close()
        os._exit(0)


def _sendable(error: BaseException) -> BaseException:
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - what was just written
        return error
    except Exception:
        return WorkbenchError(f"Unexpected: {type(error).__name__}: {error}", fix="Report it with the log.")
