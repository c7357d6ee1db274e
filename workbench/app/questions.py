"""A question to the store as a value: what is asked, with which step names, under which key its answer is kept."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from workbench.app.step_names import Naming, step_names
from workbench.progress import Progress, silent
from workbench.store import LogStore
from workbench.watching import watched


@dataclass(frozen=True)
class Question:
    """One step with its arguments. Where the step is a function of a module, another process can answer it."""

    key: Any
    step: Callable[..., Any]
    args: tuple[Any, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    naming: Naming = field(default_factory=Naming)
    reports: bool = False
    """Whether the step takes a progress of its own."""

    def answer(self, store: LogStore, progress: Progress = silent) -> Any:
        """The answer of `store`; `progress` is told how far it is and may stop it."""
        own = {"progress": progress} if self.reports else {}
        seen = contextlib.nullcontext() if self.reports else watched(store.con, progress, "ask", several=True)
        with store.watched_by(progress), seen, step_names(store, self.naming):
            return self.step(store, *self.args, **self.options, **own)
