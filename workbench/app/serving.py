"""Serving the app until it is stopped: gunicorn with one or more workers, waitress where processes cannot be forked."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from workbench.app.factory import app_without_store, create_app
from workbench.app.logs import write_json_lines
from workbench.app.workspace import DEFAULT_STORE, Workspace
from workbench.errors import SettingError
from workbench.settings import Settings, load_settings
from workbench.store import open_store

_log = logging.getLogger("workbench.app")
THREADS = 8
"""Requests one worker answers at a time."""
SWITCH_SECONDS = 0.001
"""After so long a thread lets others have the interpreter: a short answer does not wait long behind a costly one."""
GRACE_SECONDS = 30
"""How long requests under way may take when the server is stopped."""


def serve(store_path: Path | None = None, settings: Settings | None = None) -> None:
    """Serve the app until stopped; what is under way is finished or stopped, nothing is half written.

    One worker opens the store for itself and loads into it. Several read it and write in turns, each into a copy that
    takes the file's place. Raises StoreLocked when another process has the store open.
    """
    chosen = settings if settings is not None else load_settings()
    path = store_path or DEFAULT_STORE
    workers = int(chosen["workers"])
    on_cluster = chosen["engine"] == "spark"
    if on_cluster and workers > 1:
        raise SettingError(
            "A log on a Spark cluster is served by one process.", fix="Leave --workers out.", workers=workers
        )
    if not on_cluster:
        open_store(path, memory_limit=str(chosen["memory_limit"]), threads=1).close()
    write_json_lines()
    _log.info("serving %s on http://%s:%s with %d workers", path.name, chosen["host"], chosen["port"], workers)
    if on_cluster or not hasattr(os, "fork"):
        # Preparing on a cluster may take longer than a process of gunicorn may be silent.
        _serve_in_threads(path, chosen)
        return
    # The folder's name is one that upload paths are cut at before a person reads them.
    run = Path(tempfile.mkdtemp(prefix="workbench-upload-")) if workers > 1 else None
    master = os.getpid()
    try:
        _serve_in_workers(path, chosen, workers, run)
    finally:
        if run is not None and os.getpid() == master:
            shutil.rmtree(run, ignore_errors=True)
    _log.info("stopped")


def _serve_in_workers(path: Path, settings: Settings, workers: int, run: Path | None) -> None:
    from gunicorn.app.base import BaseApplication
    from gunicorn.glogging import Logger

    class Lines(Logger):  # type: ignore[misc]
        """The server's own messages in the same log."""

        def setup(self, cfg: Any) -> None:
            super().setup(cfg)
            write_json_lines()

    class Served(BaseApplication):  # type: ignore[misc]
        """The app for gunicorn; the store is opened in each worker, the pages are imported before they are forked."""

        def load_config(self) -> None:
            for name, value in {**_options(settings, workers), "logger_class": Lines}.items():
                if name in self.cfg.settings:
                    self.cfg.set(name, value)

        def load(self) -> Any:
            sys.setswitchinterval(SWITCH_SECONDS)
            Workspace(path, settings, run).attach(app.server)
            return app.server

    app, master = app_without_store(settings), os.getpid()
    try:
        Served().run()
    except SystemExit as stop:  # how gunicorn says that it has stopped
        if stop.code or os.getpid() != master:
            raise


def _options(settings: Settings, workers: int) -> dict[str, Any]:
    """What gunicorn is told; options its version does not know are left out by the caller."""
    return {
        "bind": f"{settings['host']}:{settings['port']}",
        "workers": workers,
        "worker_class": "gthread",
        "threads": THREADS,
        "graceful_timeout": GRACE_SECONDS,
        "timeout": 120,
        "keepalive": 30,
        "proc_name": "workbench",
        "worker_exit": lambda _server, worker: _closed(worker),
        "control_socket_disable": True,
    }


def _closed(worker: Any) -> None:
    if worker.app.callable is not None:
        worker.app.callable.extensions["workbench"].close()
    logging.shutdown()
    os._exit(0)  # all is closed; taking a large interpreter apart would take seconds


def _serve_in_threads(path: Path, settings: Settings) -> None:
    import waitress

    app = create_app(path, settings)
    server = waitress.create_server(
        app.server,
        host=str(settings["host"]),
        port=int(settings["port"]),
        threads=THREADS,
        ident="workbench",
        max_request_body_size=int(settings["upload_limit_mb"]) * 1024 * 1024,
    )

    def stop(*_: Any) -> None:
        until = time.monotonic() + GRACE_SECONDS
        server.accepting = False
        under_way = app.server.extensions["workbench_requests"]
        while len(under_way) and time.monotonic() < until:
            time.sleep(0.05)
        server.close()

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=stop, daemon=True).start())
    try:
        server.run()
    finally:
        app.server.extensions["workbench"].close()
