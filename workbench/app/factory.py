"""Making and serving the app."""

from __future__ import annotations

import importlib
import json
import logging
import os
import pkgutil
import signal
import threading
from pathlib import Path
from typing import Any

import dash
import flask
from dash import _callback

from workbench.app import pages
from workbench.app.workspace import Workspace
from workbench.settings import Settings, load_settings

_log = logging.getLogger("workbench.app")
_kept: dict[str, Any] = {}

_INDEX = """<!DOCTYPE html>
<html lang="{lang}">
<head>
{{%metas%}}
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{%title%}}</title>
{{%favicon%}}
{{%css%}}
<script>
window.wbDefaults = {defaults};
(function () {{
  var kept = null;
  try {{ kept = JSON.parse(localStorage.getItem("shell-theme")); }} catch (e) {{}}
  var theme = kept || window.wbDefaults.theme;
  document.documentElement.dataset.wbTheme = theme;
  document.documentElement.dataset.mantineColorScheme = theme;
}})();
</script>
</head>
<body>
{{%app_entry%}}
<footer>{{%config%}}{{%scripts%}}{{%renderer%}}</footer>
</body>
</html>"""


def create_app(store_path: Path | None = None, settings: Settings | None = None) -> dash.Dash:
    """The app of one store; with no path, of `workbench.duckdb` in the present folder.

    Raises StoreLocked while another process writes to the store.
    """
    chosen = settings if settings is not None else load_settings()
    app = dash.Dash(
        __name__.rpartition(".")[0],
        title="Workbench",
        update_title=None,
        use_pages=True,
        pages_folder="",
        include_pages_meta=False,
        suppress_callback_exceptions=True,
        serve_locally=True,
        index_string=_index(chosen),
    )
    _register_callbacks()
    space = Workspace(Path(store_path) if store_path else None, chosen)
    space.attach(app.server)
    app.server.config["MAX_CONTENT_LENGTH"] = int(chosen["upload_limit_mb"]) * 1024 * 1024
    app.server.add_url_rule("/health", "health", _health)
    from workbench.app import downloads, shell, uploads

    uploads.attach(app.server)
    downloads.attach(app.server)
    app.layout = shell.root
    return app


def serve(store_path: Path | None = None, settings: Settings | None = None) -> None:
    """Serve the app with waitress until stopped; loads under way are stopped, nothing is half written."""
    import waitress

    chosen = settings if settings is not None else load_settings()
    app = create_app(store_path, chosen)
    host, port = str(chosen["host"]), int(chosen["port"])
    server = waitress.create_server(
        app.server,
        host=host,
        port=port,
        threads=max(4, (os.cpu_count() or 2) * 2),
        ident="workbench",
        max_request_body_size=int(chosen["upload_limit_mb"]) * 1024 * 1024,
    )
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, lambda *_: server.close())
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # a queue of a few requests is no news
    _log.warning("serving %s on http://%s:%s", store_path, host, port)
    try:
        server.run()
    finally:
        app.server.extensions["workbench"].close()


def _index(settings: Settings) -> str:
    defaults = {"lang": settings["language"], "clock": settings["clock"], "theme": settings["theme"]}
    return _INDEX.format(lang=settings["language"], defaults=json.dumps(defaults))


def _register_callbacks() -> None:
    """Import shell and pages once; give every further app of the process the same callbacks."""
    if not _kept:
        from workbench.app import shell  # noqa: F401

        for found in pkgutil.iter_modules(pages.__path__):
            importlib.import_module(f"{pages.__name__}.{found.name}")
        _kept["list"] = list(_callback.GLOBAL_CALLBACK_LIST)
        _kept["map"] = dict(_callback.GLOBAL_CALLBACK_MAP)
        _kept["scripts"] = list(_callback.GLOBAL_INLINE_SCRIPTS)
        return
    _callback.GLOBAL_CALLBACK_LIST[:] = _kept["list"]
    _callback.GLOBAL_CALLBACK_MAP.update(_kept["map"])
    _callback.GLOBAL_INLINE_SCRIPTS[:] = _kept["scripts"]


def _health() -> flask.Response:
    space: Workspace = flask.current_app.extensions["workbench"]
    space.store().scalar("select 1")
    return flask.jsonify(status="ok")
