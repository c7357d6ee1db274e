"""Making the app."""

from __future__ import annotations

import importlib
import json
import pkgutil
from pathlib import Path
from typing import Any

import dash
import dash_cytoscape as cyto
import flask
from dash import _callback

from workbench.app import pages
from workbench.app.workspace import Workspace
from workbench.settings import Settings, load_settings

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
    app = app_without_store(chosen)
    Workspace(Path(store_path) if store_path else None, chosen).attach(app.server)
    return app


def app_without_store(settings: Settings) -> dash.Dash:
    """Pages, callbacks and routes; it answers once a workspace is attached to its server."""
    cyto.load_extra_layouts()  # the larger bundle can write a drawing as SVG
    app = dash.Dash(
        __name__.rpartition(".")[0],
        title="Workbench",
        update_title=None,
        use_pages=True,
        pages_folder="",
        include_pages_meta=False,
        suppress_callback_exceptions=True,
        serve_locally=True,
        index_string=_index(settings),
    )
    _register_callbacks()
    app.server.config["MAX_CONTENT_LENGTH"] = int(settings["upload_limit_mb"]) * 1024 * 1024
    app.server.add_url_rule("/health", "health", _health)
    from workbench.app import answers, downloads, jobs, logs, shell, uploads

    app.server.extensions["workbench_requests"] = logs.attach(app.server)
    answers.attach(app.server)
    jobs.attach(app.server)
    uploads.attach(app.server)
    downloads.attach(app.server)
    app.layout = shell.root
    # Dash does this at the first request and lets others, which come while it is at it, find neither script nor callback.
    app._setup_server()
    return app


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


def _health() -> tuple[flask.Response, int]:
    """200 while the store answers, else 503; no more is told to whoever asks."""
    space: Workspace = flask.current_app.extensions["workbench"]
    try:
        space.store().scalar("select 1")
    except Exception:
        return flask.jsonify(status="failing"), 503
    return flask.jsonify(status="ok"), 200
