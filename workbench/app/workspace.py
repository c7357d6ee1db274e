"""What the pages of one process share: the open store, the settings, kept results and long work."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import flask

from workbench.app.cache import Cache
from workbench.app.jobs import Job, Jobs
from workbench.app.step_names import Naming, proposed_names, step_names
from workbench.app.uploads import Batches
from workbench.app.view import View
from workbench.errors import WorkbenchError
from workbench.i18n import (
    Language,
    format_date,
    format_datetime,
    format_duration,
    format_number,
    format_percent,
    t,
)
from workbench.progress import Progress
from workbench.results import Basis
from workbench.selection import Selection
from workbench.settings import Settings
from workbench.store import LogStore, open_store

_KEY = "workbench"
DEFAULT_STORE = Path("workbench.duckdb")


class Waiting(Exception):
    """A panel needs a result that is being made in the background."""

    def __init__(self, job: Job) -> None:
        super().__init__(job.id)
        self.job = job


class Workspace:
    """One open store and what has been asked of it; every thread works through its own cursor."""

    def __init__(self, store_path: Path | None, settings: Settings) -> None:
        self.path = store_path or DEFAULT_STORE
        self.settings = settings
        self.cache = Cache()
        self.jobs = Jobs()
        self.batches = Batches()
        self._main = open_store(self.path, memory_limit=str(settings["memory_limit"]), threads=int(settings["threads"]))
        self._local = threading.local()

    def store(self) -> LogStore:
        """The store, for the calling thread."""
        if not hasattr(self._local, "store"):
            self._local.store = self._main.cursor()
        store: LogStore = self._local.store
        return store

    def close(self) -> None:
        """Stop long work and close the file."""
        self.jobs.close()
        self.batches.close()
        self._main.close()

    def attach(self, server: flask.Flask) -> None:
        """Make this the workspace of the requests of `server`."""
        server.extensions[_KEY] = self


def workspace() -> Workspace:
    """The workspace of the present request."""
    found: Workspace = flask.current_app.extensions[_KEY]
    return found


class Page:
    """One request of a page: its view, the store, texts and numbers in its language."""

    def __init__(self, view: View, space: Workspace) -> None:
        self.view = view
        self.space = space
        self.store = space.store()

    @classmethod
    def of(cls, search: str | None) -> Page:
        """The page an address asks for."""
        space = workspace()
        defaults = {"lang": space.settings["language"], "clock": space.settings["clock"]}
        return cls(View.from_search(search, defaults), space)

    # asking ----------------------------------------------------------------------------------------------
    @property
    def selection(self) -> Selection:
        """The dossiers the page is about."""
        return self.view.selection

    @property
    def few(self) -> int:
        """Below this many dossiers a figure is said to rest on too few cases."""
        return int(self.space.settings["too_few_cases"])

    def ask(self, step: Callable[..., Any], *args: Any, **options: Any) -> Any:
        """`step(store, *args, **options)`, kept until the store changes."""
        return self.space.cache.get(self._key(step, args, options), lambda: step(self.store, *args, **options))

    def ask_steps(self, step: Callable[..., Any], *args: Any, **options: Any) -> Any:
        """As `ask`, with the store answering in the step names the page is set to."""
        key = (self.view.names, *self._key(step, args, options))

        def make() -> Any:
            with step_names(self.store, self.naming()):
                return step(self.store, *args, **options)

        return self.space.cache.get(key, make)

    def naming(self) -> Naming:
        """The step names in force and on trial for the page's procedure."""
        if self.view.names == "labels" or self.selection.procedure is None:
            return Naming()
        found: Naming = self.ask(proposed_names, self.selection.procedure)
        return found

    def long(self, title: str, step: Callable[..., Any], *args: Any, **options: Any) -> Any:
        """The kept result of a long step in the page's step names; while it is being made, raises Waiting."""
        key = (self.view.names, *self._key(step, args, options))
        found, result = self.space.cache.peek(key)
        if found:
            return result
        job = self.space.jobs.latest(key)
        if job is None or job.state == "done":
            job = self.space.jobs.start(key, title, self._work(key, step, args, options))
        raise Waiting(job)

    def kept(self, step: Callable[..., Any], *args: Any, **options: Any) -> Any | None:
        """The result of a long step when it is there already, else None."""
        return self.space.cache.peek((self.view.names, *self._key(step, args, options)))[1]

    def empty(self) -> bool:
        """Whether the store holds no dossier at all."""
        return not self.ask(_has_dossiers)

    def _key(self, step: Callable[..., Any], args: tuple[Any, ...], options: Mapping[str, Any]) -> tuple[Any, ...]:
        asked = tuple(repr(value) for value in args), tuple(sorted((k, repr(v)) for k, v in options.items()))
        return f"{step.__module__}.{step.__qualname__}", *asked, self.store.version()

    def _work(
        self, key: Any, step: Callable[..., Any], args: tuple[Any, ...], options: Mapping[str, Any]
    ) -> Callable[[Progress], Any]:
        space, naming = self.space, self.naming()

        def work(progress: Progress) -> Any:
            store = space.store()
            with step_names(store, naming):
                result = step(store, *args, **options, progress=progress)
            space.cache.put(key, result)
            return result

        return work

    # texts -----------------------------------------------------------------------------------------------
    @property
    def language(self) -> Language:
        """The language of the page."""
        return self.view.language

    def t(self, key: str, **facts: Any) -> str:
        """The text of a catalogue key."""
        return t(self.language, key, **facts)

    def n(self, value: float | int | None, digits: int | None = None) -> str:
        """A number."""
        return format_number(value, self.language, digits)

    def percent(self, share: float | None, digits: int = 1) -> str:
        """A share of 1 as percent."""
        return format_percent(share, self.language, digits)

    def duration(self, seconds: float | None, *, working: bool = False) -> str:
        """A duration in its largest fitting unit."""
        return format_duration(seconds, self.language, 8.0 if working else 24.0)

    def day(self, value: Any) -> str:
        """A day."""
        return format_date(value, self.language)

    def moment(self, value: Any) -> str:
        """A day and a time."""
        return format_datetime(value, self.language)

    def basis(self, **facts: Any) -> Basis:
        """The basis of the page's selection."""
        found: Basis = self.ask(_basis, self.selection, **facts)
        return found


def _has_dossiers(store: LogStore) -> bool:
    return bool(store.scalar("select exists (select 1 from dossier)"))


def _basis(store: LogStore, selection: Selection, **facts: Any) -> Basis:
    return store.basis(selection, **facts)


def error_text(error: WorkbenchError, language: Language) -> tuple[str, str]:
    """What is wrong and what to do now, in the language of the page.

    The catalogue's sentence for the nearest kind of error comes first; the error's own facts follow it.
    """
    from workbench.i18n import catalogue

    texts = catalogue(language)
    codes = [getattr(kind, "code", "error") for kind in type(error).__mro__]
    kind = next(texts[f"app.error.{code}"] for code in codes if f"app.error.{code}" in texts)
    return kind, f"{error.message} {error.fix}".strip()
