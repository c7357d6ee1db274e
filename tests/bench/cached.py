"""Outcomes kept as one JSON file each, so that an interrupted measurement goes on where it stopped."""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any

Job = tuple[str, Callable[..., dict[str, Any]], tuple[Any, ...], dict[str, Any]]
"""Name of its file, function, arguments, named arguments."""


def outcomes(folder: Path, jobs: list[Job], *, processes: int, say: Callable[[str], None]) -> list[dict[str, Any]]:
    """The outcome of every job in their order; those with a file are read, the others made and written."""
    folder.mkdir(parents=True, exist_ok=True)
    waiting = [job for job in jobs if not (folder / f"{job[0]}.json").exists()]
    if processes < 2 or len(waiting) < 2:
        for name, step, given, named in waiting:
            _keep(folder, name, step(*given, **named))
            say(name)
    else:
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(min(processes, len(waiting)), mp_context=context) as pool:
            running = {pool.submit(step, *given, **named): name for name, step, given, named in waiting}
            for done in as_completed(running):
                _keep(folder, running[done], done.result())
                say(running[done])
    return [json.loads((folder / f"{job[0]}.json").read_text("utf-8")) for job in jobs]


def _keep(folder: Path, name: str, outcome: dict[str, Any]) -> None:
    part = folder / f"{name}.part"
    part.write_text(json.dumps(outcome, ensure_ascii=False), "utf-8")
    part.rename(folder / f"{name}.json")
