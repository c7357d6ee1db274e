"""Files on their way in: streamed to a private folder, one batch a drop; nothing is read into memory whole."""

from __future__ import annotations

import json
import re
import secrets
import shutil
import tempfile
import unicodedata
from pathlib import Path
from typing import IO

import flask
from dash import html

from workbench.app.icons import icon
from workbench.app.jobs import HEADER
from workbench.errors import SourceError
from workbench.i18n import Language, format_number, t

_BATCH = re.compile(r"[0-9a-f]{16}")
_CHUNK = 1 << 20


class Batches:
    """The uploaded files of one server, by batch; a folder of our own goes with the process."""

    def __init__(self, root: Path | None = None) -> None:
        self._own = root is None
        self._root = Path(tempfile.mkdtemp(prefix="workbench-upload-")) if root is None else root

    def folder(self, batch: str) -> Path:
        """The folder of a batch; an unknown or malformed name raises SourceError."""
        path = self._root / batch
        if not _BATCH.fullmatch(batch) or not path.is_dir():
            raise SourceError(
                "The uploaded files are no longer on the server.", fix="Choose the files again.", batch=batch
            )
        return path

    def files(self, batch: str) -> list[Path]:
        """The files of a batch in order of their names."""
        return sorted(path for path in (self.folder(batch) / "files").iterdir() if path.is_file())

    def keep(self, batch: str, chosen: dict[str, str]) -> None:
        """Keep what a person chose for a batch, so that nothing is lost when a load does not come to its end."""
        part = self.folder(batch) / "chosen.part"
        part.write_text(json.dumps(chosen), "utf-8")
        part.replace(part.with_suffix(".json"))

    def kept(self, batch: str) -> dict[str, str]:
        """What was chosen for a batch; empty when nothing was."""
        path = self.folder(batch) / "chosen.json"
        found: dict[str, str] = json.loads(path.read_text("utf-8")) if path.exists() else {}
        return found

    def take(self, batch: str, name: str, stream: IO[bytes]) -> Path:
        """Write one file from a stream; half a file is never left under its name."""
        if not _BATCH.fullmatch(batch):
            raise SourceError(f"{batch!r} is no batch.", fix="Choose the files again.")
        folder = self._root / batch / "files"
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / clean_name(name)
        part = folder.parent / f"{target.name}.part"
        with part.open("wb") as out:
            shutil.copyfileobj(stream, out, _CHUNK)
        part.replace(target)
        return target

    def new(self) -> str:
        """The name of a new batch with its folder."""
        batch = secrets.token_hex(8)
        (self._root / batch / "files").mkdir(parents=True)
        return batch

    def drop(self, batch: str) -> None:
        """Delete a batch."""
        shutil.rmtree(self.folder(batch), ignore_errors=True)

    def close(self) -> None:
        """Delete all batches; those in a shared folder go with the folder."""
        if self._own:
            shutil.rmtree(self._root, ignore_errors=True)


def drop_zone(store_id: str, *, title: str, text: str, button: str, failed: str, accept: str = "") -> html.Label:
    """Where files are dropped or chosen; the batch's name goes into the store `store_id` when all have arrived."""
    field = f"{store_id.rpartition('-')[0]}-input"
    limit = _limit()
    return html.Label(
        [
            html.Div(icon("upload", 28), className="wb-empty-icon"),
            html.Div(title, className="wb-empty-title"),
            html.P(text, className="wb-caption"),
            html.Span(button, className="wb-button wb-button-filled"),
            html.Div(className="wb-files", **{"aria-live": "polite"}),
        ],
        htmlFor=field,
        className="wb-drop",
        **{
            "data-wb-drop": field, "data-failed": failed, "data-store": store_id, "data-accept": accept,
            "data-limit": str(limit), "data-large": too_large(limit),
        },
    )  # fmt: skip


def _limit() -> int:
    """Bytes a file may have; 0 for any number."""
    return int(flask.current_app.config.get("MAX_CONTENT_LENGTH") or 0) if flask.has_app_context() else 0


def too_large(limit: int) -> str:
    """What is said of a file above the limit, in the language of the page."""
    language: Language = flask.g.get("language", "vi") if flask.has_app_context() else "vi"
    return t(language, "app.upload.too_large", mb=format_number(limit // (1024 * 1024), language))


def clean_name(name: str) -> str:
    """A file name without folders, control characters or leading dots."""
    base = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    base = "".join(char for char in base if char.isprintable()).strip().lstrip(".")
    return base[-150:] or "file"


def attach(server: flask.Flask) -> None:
    """Take uploads at /upload/<batch>?name=…"""
    server.add_url_rule("/upload/<batch>", "upload", _upload, methods=["PUT"])


def _upload(batch: str) -> tuple[flask.Response, int]:
    if flask.request.headers.get(HEADER) != "1":
        return flask.jsonify(error="only from the workbench's own page"), 403
    limit = _limit()
    if limit and (flask.request.content_length or 0) > limit:
        return flask.jsonify(error=too_large(limit)), 413
    batches: Batches = flask.current_app.extensions["workbench"].batches
    try:
        taken = batches.take(batch, flask.request.args.get("name", "file"), flask.request.stream)
    except (SourceError, OSError) as error:
        return flask.jsonify(error=str(error)), 400
    return flask.jsonify(name=taken.name, bytes=taken.stat().st_size), 200
