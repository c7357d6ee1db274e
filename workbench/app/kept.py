"""A small JSON file beside the store, shared by every tab and every process of the server."""

from __future__ import annotations

import contextlib
import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from workbench.errors import StoreError, StoreLocked

if sys.platform != "win32":  # there a single process serves, and the lock below keeps its threads apart
    import fcntl

_threads = threading.Lock()
_LOOK_SECONDS = 0.05


@contextlib.contextmanager
def locked(path: Path, *, wait: float = 10.0) -> Iterator[None]:
    """Keeps threads and processes apart that hold the lock of the same path.

    Raises StoreLocked when another one holds it for longer than `wait` seconds.
    """
    if sys.platform == "win32":
        with _threads:
            yield
        return
    with path.with_name(path.name + ".lock").open("a") as file:
        until = time.monotonic() + wait
        while not _taken(file):
            if time.monotonic() > until:
                raise StoreLocked(
                    f"Another change is being written to {path}.",
                    fix="Wait until it is finished, then do it again.",
                    path=str(path),
                )
            time.sleep(_LOOK_SECONDS)
        yield


def _taken(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


class KeptFile:
    """A dictionary in a file: read whole, changed under a lock, replaced in one step."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._last: tuple[tuple[int, int], dict[str, Any]] | None = None

    def read(self) -> dict[str, Any]:
        """What is kept; empty when there is no file. Raises StoreError for a file that is not ours."""
        stamp = self.stamp()
        if stamp is not None and self._last is not None and self._last[0] == stamp:
            return dict(self._last[1])
        try:
            found = json.loads(self.path.read_text("utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as exc:
            raise StoreError(
                f"{self.path} cannot be read: {exc}.", fix="Move the file away and go on.", path=str(self.path)
            ) from exc
        found = found if isinstance(found, dict) else {}
        if stamp is not None:
            self._last = stamp, found
        return dict(found)

    def stamp(self) -> tuple[int, int] | None:
        """What changes with the content: each change puts another file in its place."""
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns

    def change(self, edit: Callable[[dict[str, Any]], dict[str, Any]]) -> dict[str, Any]:
        """Put `edit` of what is kept in its place; two writers come one after the other."""
        try:
            with locked(self.path):
                new = edit(self.read())
                part = self.path.with_name(self.path.name + ".part")
                part.write_text(json.dumps(new, ensure_ascii=False, indent=1), "utf-8")
                part.replace(self.path)
        except OSError as exc:
            raise StoreError(
                f"{self.path} cannot be written: {exc}.",
                fix="Make the folder of the store writable.",
                path=str(self.path),
            ) from exc
        return new
