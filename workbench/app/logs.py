"""The log of the server: one JSON object a line, about requests and never about persons.

A line names the kind of request and how it went. It holds no address of a visitor, no query (which may name a dossier),
no cookie and nothing that was sent.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import threading
import time
from datetime import UTC, datetime
from typing import Any, TextIO

import flask

_access = logging.getLogger("workbench.access")
_FACTS = ("method", "path", "status", "milliseconds", "cpu_milliseconds", "bytes", "callback")
_QUIET = ("/_favicon.ico", "/_reload-hash")
_PART = re.compile(r"^/(assets|_dash-component-suites|upload|download|harmonised)/.*$")


class JsonLines(logging.Formatter):
    """A record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Time (UTC), level, name, process, message, the facts of a request; the trace of an error."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "name": record.name,
            "process": os.getpid(),
            "message": record.getMessage(),
        }
        line |= {name: getattr(record, name) for name in _FACTS if hasattr(record, name)}
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def write_json_lines(stream: TextIO | None = None) -> None:
    """Send the log of the app and of its server to `stream` (standard error), one JSON object a line."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines())
    for name, level in (("workbench", logging.INFO), ("gunicorn.error", logging.INFO), ("waitress", logging.WARNING)):
        logger = logging.getLogger(name)
        logger.handlers[:] = [handler]
        logger.setLevel(level)
        logger.propagate = False
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # a queue of a few requests is no news


class InFlight:
    """How many requests are being answered; a server that stops waits for them."""

    def __init__(self) -> None:
        self._n = 0
        self._lock = threading.Lock()

    def add(self, change: int) -> None:
        """One more or one fewer."""
        with self._lock:
            self._n += change

    def __len__(self) -> int:
        return self._n


def attach(server: flask.Flask) -> InFlight:
    """Log every request of `server` and count those under way."""
    under_way = InFlight()

    @server.before_request
    def begin() -> None:
        flask.g.began, flask.g.began_cpu = time.perf_counter(), time.thread_time()
        under_way.add(1)

    @server.after_request
    def note(response: flask.Response) -> flask.Response:
        if flask.request.path not in _QUIET:
            _access.info("request", extra=_facts(response))
        return response

    @server.teardown_request
    def end(_error: BaseException | None) -> None:
        if flask.g.pop("began", None) is not None:
            under_way.add(-1)

    return under_way


def _facts(response: flask.Response) -> dict[str, Any]:
    facts = {
        "method": flask.request.method,
        "path": _PART.sub(r"/\1/…", flask.request.path),
        "status": response.status_code,
        "milliseconds": round((time.perf_counter() - flask.g.began) * 1000, 1) if "began" in flask.g else None,
        "cpu_milliseconds": round((time.thread_time() - flask.g.began_cpu) * 1000, 1)
        if "began_cpu" in flask.g
        else None,
        "bytes": response.content_length,
    }
    callback = _callback() if flask.request.path.endswith("_dash-update-component") else None
    return {**facts, "callback": callback} if callback else facts


def _callback() -> str | None:
    """What a callback fills: the id of a panel, or the type of a pattern; never a value."""
    asked = flask.request.get_json(silent=True)
    output = str(asked.get("output", "")) if isinstance(asked, dict) else ""
    kind = re.search(r'"type":"([a-z-]+)"', output)
    return kind[1] if kind else output.strip(".").split(".")[0][:60] or None
