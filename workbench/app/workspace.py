"""What the pages of one process share: the open store, the settings, kept results and long work."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import shlex
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

import duckdb
import flask

from workbench.app.answers import passing
from workbench.app.apart import Apart
from workbench.app.cache import Cache
from workbench.app.jobs import Job, Jobs
from workbench.app.kept import KeptFile, locked
from workbench.app.questions import Question
from workbench.app.saved import SavedViews
from workbench.app.shared_jobs import SharedJobs
from workbench.app.step_names import Naming, proposed_names
from workbench.app.uploads import Batches
from workbench.app.view import View
from workbench.errors import ModelError, SelectionError, SettingError, StoreError, TooFewCases, WorkbenchError
from workbench.i18n import (
    Language,
    error_texts,
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
from workbench.settings import Settings, check
from workbench.store import LogStore, open_store

_KEY = "workbench"
DEFAULT_STORE = Path("workbench.duckdb")


class Waiting(Exception):
    """A panel needs a result that is being made in the background."""

    def __init__(self, job: Job) -> None:
        super().__init__(job.id)
        self.job = job


_ANSWERS = (TooFewCases, SelectionError, ModelError)
"""Errors that are an answer: asking again gives them again, and pages have words for them."""
_OF_A_VIEW = ("app.job.asking", "app.job.cluster", "app_compare.job", "app_bottlenecks.job")
"""What is done for the present selection alone: changing the filters stops it, while a search or a check goes on."""
LONG_WAIT = 3600.0
"""Seconds that long work waits for its turn to write."""
LARGE_EVENTS = 1_000_000
"""Events of a selection above which reading all of them takes longer than a page should wait."""
LIVE = ("language", "clock", "too_few_cases", "alignment_seconds", "theme")
"""Settings a person may change while the server runs; they are kept beside the store."""


class Workspace:
    """One open store and what has been asked of it; every thread works through its own cursor.

    With a `run` folder several processes serve the same store: each reads the file, long work and kept results are
    shared through the folder, and whoever writes does so in a copy that takes the file's place when it is whole.
    """

    def __init__(
        self, store_path: Path | None, settings: Settings, run: Path | None = None, *, read_only: bool = False
    ) -> None:
        self.path = store_path or DEFAULT_STORE
        self.run = run
        self._given = settings
        self._kept = KeptFile(self.path.with_name(self.path.name + ".settings.json"))
        self.saved = SavedViews(self.path)
        self.cache = Cache(folder=_folder(run, "results"))
        self._at_hand = Cache(16, room=64_000_000)
        self.answers = Cache(20_000, _folder(run, "answers"), room=64_000_000)
        self._jobs: Jobs = (
            Jobs() if run is None else SharedJobs(run / "jobs.sqlite", apart=Apart(self.path, settings, run))
        )
        self._batches = Batches(_folder(run, "uploads"))
        self._lock = threading.RLock()
        self._local = threading.local()
        self._stamp = _stamp(self.path) if run is not None else None
        self._main = self._open(self.path, read_only=read_only) if run is None else self._open_copy()

    # what passes -----------------------------------------------------------------------------------------
    @property
    def jobs(self) -> Jobs:
        """Long work; an answer that tells of it is not kept."""
        passing()
        return self._jobs

    @property
    def batches(self) -> Batches:
        """Uploaded files; an answer that rests on them is not kept."""
        passing()
        return self._batches

    def mark(self) -> str | None:
        """A short text that changes with the store, with what people keep in it or beside it, and with the settings.

        None where looking would take long, and once the store is closed because the server stops.
        """
        store = self.store()
        if store.slow:
            return None
        try:
            inside = self._stamp or _inside(store)
        except duckdb.ConnectionException:
            return None
        return repr((inside, getattr(store, "trial", None), self._kept.stamp(), self.saved.stamp()))

    # settings --------------------------------------------------------------------------------------------
    @property
    def settings(self) -> Settings:
        """The settings in force: those the server was started with, and what was changed on the settings page."""
        return {**self._given, **self._changed()}

    def _changed(self) -> Settings:
        out: Settings = {}
        for name, value in self._kept.read().items():
            with contextlib.suppress(SettingError):
                if name in LIVE:
                    out[name] = check(name, value)
        return out

    def set(self, name: str, value: Any) -> None:
        """Put a setting in force for every visitor, and keep it; raises SettingError for a value that is not allowed."""
        if name not in LIVE:
            raise SettingError(f"{name} is {value!r}.", fix="Set it where the server is started.", name=name)
        checked = check(name, value)
        self._kept.change(lambda kept: {**kept, name: checked})

    # the store -------------------------------------------------------------------------------------------
    def store(self) -> LogStore:
        """The store, for the calling thread."""
        if self.run is not None:
            self._follow()
        if getattr(self._local, "stamp", self) != self._stamp:
            with self._lock:
                self._local.store, self._local.stamp = self._main.cursor(), self._stamp
            self._local.store.memory, self._local.store.at_hand = self.cache.get, self._at_hand.get
        store: LogStore = self._local.store
        return store

    @contextlib.contextmanager
    def writing(self, *, wait: float = 10.0) -> Iterator[LogStore]:
        """The store to write to, for the calling thread; what is written counts for everybody at the end.

        Where several processes serve, a copy is written and takes the file's place in one step: nobody waits, and an
        error leaves the store as it was. Writers come one after the other; one that has waited for `wait` seconds raises
        StoreLocked.
        """
        if self.run is None:
            yield self.store()
            return
        with locked(self.path, wait=wait):
            copy = self.path.with_name(f"{self.path.name}.{os.getpid()}.writing")
            _room_for(self.path)
            try:
                shutil.copyfile(self.path, copy)
                with self._open(copy) as store:
                    yield store
                copy.replace(self.path)
            finally:
                for left in (copy, copy.with_name(copy.name + ".wal")):
                    left.unlink(missing_ok=True)

    def close(self) -> None:
        """Stop long work and close the file."""
        self._jobs.close()
        self._batches.close()
        with self._lock:  # a request that came last may be taking its cursor
            self._main.close()

    def attach(self, server: flask.Flask) -> None:
        """Make this the workspace of the requests of `server`."""
        server.extensions[_KEY] = self

    def _open(self, path: Path, *, read_only: bool = False) -> LogStore:
        if self._given["engine"] == "spark":
            return _open_cluster(path, self._given)
        limit, threads = str(self._given["memory_limit"]), int(self._given["threads"])
        return open_store(path, read_only=read_only, memory_limit=limit, threads=threads)

    def _open_copy(self) -> LogStore:
        """The file under a name of its own: DuckDB gives one process one database per name, however old it is."""
        link = self.path.with_name(f".{self.path.name}.{secrets.token_hex(6)}.reading")
        os.link(self.path, link)
        try:
            return self._open(link, read_only=True)
        finally:
            link.unlink(missing_ok=True)

    def _follow(self) -> None:
        """Go over to the file another process has put in place."""
        if _stamp(self.path) == self._stamp:
            return
        with self._lock:
            stamp = _stamp(self.path)
            if stamp != self._stamp:
                self._main, self._stamp = self._open_copy(), stamp


def _open_cluster(path: Path, settings: Settings) -> LogStore:
    """The log of a Spark cluster; a preparation that is not there yet is made first."""
    from workbench.intake.cluster import open_cluster_log
    from workbench.store.spark.session import parse_options

    return open_cluster_log(
        str(settings["spark_log"]) or path,
        str(settings["spark_master"]),
        options=parse_options(shlex.split(str(settings["spark_options"]))),
        work=str(settings["spark_work"]) or None,
        now=datetime.now(),
    )


def _folder(run: Path | None, name: str) -> Path | None:
    if run is None:
        return None
    folder = run / name
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _stamp(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_ino, found.st_mtime_ns


def _room_for(path: Path) -> None:
    free, size = shutil.disk_usage(path.parent).free, path.stat().st_size
    if free < 2 * size:
        raise StoreError(
            f"The disk has {free // 1_000_000} MB left; writing to {path} needs {2 * size // 1_000_000} MB.",
            fix="Free disk space, or serve with one worker.",
            path=str(path),
        )


def workspace() -> Workspace:
    """The workspace of the present request."""
    found: Workspace = flask.current_app.extensions[_KEY]
    return found


class Page:
    """One request of a page: its view, the store, texts and numbers in its language."""

    def __init__(self, view: View, space: Workspace) -> None:
        self.view = view
        self.space = space
        self.waits = False
        """Whether what takes long is answered in the background; who asks then handles Waiting."""

    @classmethod
    def of(cls, search: str | None) -> Page:
        """The page an address asks for."""
        space = workspace()
        settings = space.settings
        view = View.from_search(search, {"lang": settings["language"], "clock": settings["clock"]})
        flask.g.language = view.language
        return cls(view, space)

    # asking ----------------------------------------------------------------------------------------------
    @property
    def store(self) -> LogStore:
        """The store as it is now."""
        return self.space.store()

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
        return self._asked(Question(self._key(step, args, options), step, args, options), long=self.store.slow)

    def ask_steps(self, step: Callable[..., Any], *args: Any, **options: Any) -> Any:
        """As `ask`, with the store answering in the step names the page is set to."""
        return self._asked(self._named(step, args, options), long=self.store.slow)

    def ask_events(self, step: Callable[..., Any], *args: Any, **options: Any) -> Any:
        """As `ask_steps`, for a step that reads every event: a large selection is answered in the background."""
        return self._asked(self._named(step, args, options), long=self._large())

    def long(self, title: str, step: Callable[..., Any], *args: Any, **options: Any) -> Any:
        """The kept result of a long step in the page's step names; while it is being made, raises Waiting."""
        key = (self.view.names, *self._key(step, args, options))
        found, result = self.space.cache.peek(key)
        return result if found else self._wait(self._named(step, args, options, reports=True), title)

    def _named(
        self, step: Callable[..., Any], args: tuple[Any, ...], options: Mapping[str, Any], *, reports: bool = False
    ) -> Question:
        """A question in the page's step names."""
        key = (self.view.names, *self._key(step, args, options))
        return Question(key, step, args, options, self.naming(), reports)

    def _large(self) -> bool:
        return self.store.slow or (self.basis().n_events or 0) > LARGE_EVENTS

    def _asked(self, question: Question, *, long: bool) -> Any:
        if not (self.waits and long):
            return self.space.cache.get(question.key, lambda: question.answer(self.store))
        found, result = self.space.cache.peek(question.key)
        return result if found else self._wait(question, "app.job.cluster" if self.store.slow else "app.job.asking")

    def _wait(self, question: Question, title: str) -> NoReturn:
        """Begin to answer a question in the background, unless that is under way, and raise Waiting."""
        space = self.space

        def work(progress: Progress) -> Any:
            result = question.answer(space.store(), progress)
            space.cache.put(question.key, result)
            return result

        job = space.jobs.latest(question.key)
        if job is not None and not question.reports and isinstance(job.error, _ANSWERS):
            raise job.error
        if job is None or job.state == "done":
            job = space.jobs.start(question.key, title, work, question, passing=title in _OF_A_VIEW)
        raise Waiting(job)

    def naming(self) -> Naming:
        """The step names in force and on trial for the page's procedure."""
        if self.view.names == "labels" or self.selection.procedure is None:
            return Naming()
        asked = (self.selection.procedure,)
        question = Question(self._key(proposed_names, asked, {}), proposed_names, asked)
        found: Naming = self._asked(question, long=self._large())
        return found

    def kept(self, step: Callable[..., Any], *args: Any, **options: Any) -> Any | None:
        """The result of a long step when it is there already, else None."""
        found, result = self.space.cache.peek((self.view.names, *self._key(step, args, options)))
        if not found:
            passing()
        return result

    def begun(self, step: Callable[..., Any], *args: Any, **options: Any) -> bool:
        """Whether the result of a long step is there already or being made."""
        if self.kept(step, *args, **options) is not None:
            return True
        job = self.space.jobs.latest((self.view.names, *self._key(step, args, options)))
        return job is not None and not job.finished

    def empty(self) -> bool:
        """Whether the store holds no dossier at all."""
        return not self.ask(_has_dossiers)

    def _key(self, step: Callable[..., Any], args: tuple[Any, ...], options: Mapping[str, Any]) -> tuple[Any, ...]:
        asked = tuple(repr(value) for value in args), tuple(sorted((k, repr(v)) for k, v in options.items()))
        return f"{step.__module__}.{step.__qualname__}", *asked, self.version()

    def version(self) -> str:
        """The version of the store, asked for once a request: every figure of an answer rests on the same one."""
        if "version" not in flask.g:
            flask.g.version = self.store.version()
        found: str = flask.g.version
        return found

    def prepared(self, name: str, make: Callable[[], Any]) -> Any:
        """What `make` gives for this store and language, kept under `name` until the store changes."""
        return self.space.cache.get(("prepared", name, self.language, self.version()), make)

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


def request_language() -> Language:
    """The language of the page that is being answered, for pieces that are not told the page."""
    found: Language = flask.g.get("language", "vi") if flask.has_app_context() else "vi"
    return found


def _inside(store: LogStore) -> str:
    """A short text of the loads and all that is kept in the store."""
    rows = store.con.execute(
        "select load_id::varchar, status from load union all select key, md5(value) from meta order by all"
    ).fetchall()
    return hashlib.sha256(repr(rows).encode()).hexdigest()[:20]


def _has_dossiers(store: LogStore) -> bool:
    return bool(store.scalar("select exists (select 1 from dossier)"))


def _basis(store: LogStore, selection: Selection, **facts: Any) -> Basis:
    return store.basis(selection, **facts)


def error_text(error: WorkbenchError, language: Language) -> tuple[str, str]:
    """What is wrong and what to do now, in the language of the page.

    The catalogue's sentence for the nearest kind of error comes first; what was wrong with which value follows it.
    """
    from workbench.i18n import catalogue

    texts = catalogue(language)
    codes = [getattr(kind, "code", "error") for kind in type(error).__mro__]
    kind = next(texts[f"app.error.{code}"] for code in codes if f"app.error.{code}" in texts)
    return kind, " ".join(error_texts(error, language, room="app")).strip()
