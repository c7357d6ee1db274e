"""Whole answers kept as they were sent: a view that was asked for once costs next to nothing the second time.

An answer is kept under everything it can depend on: what was asked, the store with what people keep in it, the settings
and the saved views. What rests on anything else, such as work under way or uploaded files, is never kept.
"""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

import flask

from workbench.app.ids import JOBS_DONE

if TYPE_CHECKING:
    from workbench.app.workspace import Workspace

CALLBACKS = "/_dash-update-component"
_ALWAYS = ("/_dash-layout", "/_dash-dependencies")
"""Answers that are the same as long as the process lives."""
_STATIC = ("/assets/", "/_dash-component-suites/")
_TEXT = ("application/json", "text/", "application/javascript", "image/svg")
_WORTH = 1400
"""Bytes that fit into one packet are sent as they are."""
_YEAR, _DAY = "public, max-age=31536000, immutable", "public, max-age=86400"

_lasting: set[str] = set()


def lasting(output: str) -> None:
    """Let the answers of a callback be kept: they rest on its inputs, the store, the settings and saved views alone.

    `output` is how a request names what it fills, or how that name begins.
    """
    _lasting.add(output)


def passing() -> None:
    """Say that the answer under way rests on something that passes: it is sent and not kept."""
    if flask.has_request_context():
        flask.g.passing = True


def attach(server: flask.Flask) -> None:
    """Answer from what is kept, keep what lasts, and send text compressed."""
    server.before_request(_recall)
    server.after_request(_finish)


def _recall() -> flask.Response | None:
    space: Workspace = flask.current_app.extensions["workbench"]
    key = _key(space)
    if key is None:
        return None
    found, kept = space.answers.peek(key)
    if not found:
        flask.g.answer_key = key
        return None
    status, packed = kept
    response = flask.Response(status=status, content_type="application/json")
    return _packed(response, packed) if packed else response


def _key(space: Workspace) -> tuple[str, ...] | None:
    """What the answer to the present request can depend on; None when it is not to be kept."""
    path = flask.request.path
    if path in _ALWAYS:
        return (path,)
    if path != CALLBACKS or flask.request.method != "POST":
        return None
    asked = flask.request.get_json(silent=True)
    if not isinstance(asked, dict):
        return None
    output = str(asked.get("output", ""))
    if not (output in _lasting or output.split("...", 1)[0] in _lasting):
        return None
    mark = space.mark()
    if mark is None:
        return None
    inputs = [one for one in asked.get("inputs", ()) if not (isinstance(one, dict) and one.get("id") == JOBS_DONE)]
    return json.dumps([output, asked.get("outputs"), inputs, asked.get("state")], sort_keys=True), mark


def _finish(response: flask.Response) -> flask.Response:
    path = flask.request.path
    if path.startswith(_STATIC):
        return _static(response, path)
    key = flask.g.pop("answer_key", None)
    if key is None or response.status_code not in (200, 204) or flask.g.get("passing"):
        return response
    space: Workspace = flask.current_app.extensions["workbench"]
    if len(key) > 1 and key[-1] != space.mark():  # something was written while the answer was made
        return response
    body = response.get_data()
    packed = gzip.compress(body, 5, mtime=0) if body else b""
    space.answers.put(key, (response.status_code, packed))
    return _packed(response, packed) if len(body) > _WORTH else response


def _packed(response: flask.Response, packed: bytes) -> flask.Response:
    """The response with a body that is compressed already, unpacked for who does not take it so."""
    if "gzip" in flask.request.headers.get("Accept-Encoding", ""):
        response.set_data(packed)
        response.headers["Content-Encoding"] = "gzip"
    else:
        response.set_data(gzip.decompress(packed))
    response.headers["Vary"] = "Accept-Encoding"
    return response


def _static(response: flask.Response, path: str) -> flask.Response:
    """Scripts, styles and fonts: kept by the browser, sent compressed; their address changes with their content."""
    if response.status_code != 200:
        return response
    if path.startswith("/assets/"):
        response.headers["Cache-Control"] = _YEAR if "m" in flask.request.args else _DAY
    if not (response.mimetype or "").startswith(_TEXT):
        return response
    response.direct_passthrough = False
    body = response.get_data()
    if len(body) <= _WORTH:
        return response
    space: Workspace = flask.current_app.extensions["workbench"]
    packed = space.answers.get((flask.request.full_path, len(body)), lambda: gzip.compress(body, 6, mtime=0))
    if etag := response.headers.get("ETag"):
        response.headers["ETag"] = etag if etag.startswith("W/") else f"W/{etag}"
    return _packed(response, packed)
