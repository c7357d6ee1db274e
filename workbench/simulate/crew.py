"""Several processes that write the chunks of one log.

Plain child processes of this interpreter: they work from scripts and notebooks without a main guard, and do not
copy the parent's threads. A child gets its order on standard input and answers with one line a chunk.
"""

from __future__ import annotations

import base64
import contextlib
import pickle
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

from workbench.errors import WorkbenchError
from workbench.simulate.chunk import Share, write_chunk
from workbench.simulate.plan import Order, Plan, make_plan


class CrewFailed(WorkbenchError):
    """A child process ended before its work was done."""

    code = "simulate.crew"


def crew(plan: Plan, folder: Path, jobs: int) -> Iterator[Share]:
    """The shares of all chunks in order, made by `jobs` processes; they are ended when the caller stops."""
    children: list[subprocess.Popen[bytes]] = []
    try:
        children += [_start(plan.order, folder, first, jobs) for first in range(jobs)]
        for number in range(len(plan.cuts)):
            yield _answer(children[number % jobs])
    finally:
        for child in children:
            child.kill()
            child.wait()
            for pipe in (child.stdout, child.stdin):
                if pipe is not None:
                    with contextlib.suppress(BrokenPipeError):
                        pipe.close()


def _start(order: Order, folder: Path, first: int, jobs: int) -> subprocess.Popen[bytes]:
    child = subprocess.Popen(
        [sys.executable, "-c", "from workbench.simulate.crew import main; main()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    pipe = cast(IO[bytes], child.stdin)
    with contextlib.suppress(BrokenPipeError):  # a child that is already gone is noticed when it does not answer
        pickle.dump((order, str(folder), first, jobs), pipe)
        pipe.flush()
    return child


def _answer(child: subprocess.Popen[bytes]) -> Share:
    line = cast(IO[bytes], child.stdout).readline()
    if not line:
        raise CrewFailed(
            f"A process that wrote the log ended with code {child.wait()}.",
            fix="See its message above; try again with jobs=1.",
        )
    return cast(Share, pickle.loads(base64.b64decode(line)))  # noqa: S301 - written by our own child


def main() -> None:
    """The child: every `jobs`-th chunk from `first` on."""
    order, folder, first, jobs = pickle.load(sys.stdin.buffer)  # noqa: S301 - written by our own parent
    plan = make_plan(order)
    waiting = deque(range(first, len(plan.cuts), jobs))
    while waiting:
        share = write_chunk(plan, waiting.popleft(), Path(folder))
        sys.stdout.buffer.write(base64.b64encode(pickle.dumps(share)) + b"\n")
        sys.stdout.buffer.flush()
