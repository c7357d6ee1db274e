"""Progress and cancel for long steps, without knowing who watches."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar

from workbench.errors import Cancelled

T = TypeVar("T")


class Progress(Protocol):
    """Told how far a long step is; may raise Cancelled to stop it."""

    def __call__(self, stage: str, done: float, total: float) -> None:
        """`stage` is a key under `progress.` in the catalogues; `done` of `total` units are finished."""


def silent(stage: str, done: float, total: float) -> None:
    """A progress nobody watches."""


class Cancellable:
    """Passes progress on to another one and raises Cancelled once `cancel` was called."""

    def __init__(self, inner: Progress = silent) -> None:
        self._inner = inner
        self._event = threading.Event()

    def cancel(self) -> None:
        """Ask the step to stop at its next report."""
        self._event.set()

    def __call__(self, stage: str, done: float, total: float) -> None:
        if self._event.is_set():
            raise Cancelled(f"Stopped during {stage}.", fix="Nothing was changed; start it again when you like.")
        self._inner(stage, done, total)


def track(items: Iterable[T], stage: str, progress: Progress, total: int) -> Iterator[T]:
    """Each item of `items`, reporting before every one and after the last."""
    for done, item in enumerate(items):
        progress(stage, done, total)
        yield item
    progress(stage, total, total)
