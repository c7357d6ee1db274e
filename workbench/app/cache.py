"""Results kept by what was asked: each computed once, even when two panels ask at the same moment."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import pickle
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

_log = logging.getLogger("workbench.app")
_MOST_FILES = 6000
_LOOK_AFTER = 200
"""Files are counted after so many were written: looking through thousands takes longer than writing one."""


class Cache:
    """The most recently used results, at most `size` of them and about `room` bytes.

    A key must name the step, its options, the selection and the version of the store, so that a kept
    result is never older than the store. With a `folder` the processes of one server share what they put there.
    """

    def __init__(self, size: int = 4096, folder: Path | None = None, *, room: int = 192_000_000) -> None:
        self._size, self._room = size, room
        self._weights: dict[Hashable, int] = {}
        self._weight = self._written = 0
        self._folder = folder
        self._results: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = threading.Lock()
        self._at_work: dict[Hashable, threading.Lock] = {}

    def get(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """The result of `key`; `make` is called when it is not kept. An error is raised and not kept."""
        found, result = self.peek(key)
        if found:
            return result
        with self._lock:
            one = self._at_work.setdefault(key, threading.Lock())
        try:
            with one:
                found, result = self.peek(key)
                if not found:
                    result = make()
                    self.put(key, result)
        finally:
            with self._lock:
                self._at_work.pop(key, None)
        return result

    def peek(self, key: Hashable) -> tuple[bool, Any]:
        """Whether the result of `key` is kept, and the result."""
        with self._lock:
            if key in self._results:
                self._results.move_to_end(key)
                return True, self._results[key]
        found, result = _read(self._file(key))
        if found:
            self._remember(key, result)
        return found, result

    def put(self, key: Hashable, result: Any) -> None:
        """Keep a result, forgetting the least recently used one when full."""
        self._remember(key, result)
        if self._folder is not None:
            _write(self._file(key), result)
            self._written += 1
            if self._written % _LOOK_AFTER == 0:
                _prune(self._folder)

    def clear(self) -> None:
        """Forget what this process keeps."""
        with self._lock:
            self._results.clear()
            self._weights.clear()
            self._weight = 0

    def __len__(self) -> int:
        return len(self._results)

    def _remember(self, key: Hashable, result: Any) -> None:
        weight = weight_of(result)
        with self._lock:
            self._weight += weight - self._weights.get(key, 0)
            self._results[key], self._weights[key] = result, weight
            self._results.move_to_end(key)
            while len(self._results) > self._size or (self._weight > self._room and len(self._results) > 1):
                old, _ = self._results.popitem(last=False)
                self._weight -= self._weights.pop(old)

    def _file(self, key: Hashable) -> Path | None:
        return self._folder / f"{hashlib.sha256(repr(key).encode()).hexdigest()[:32]}.result" if self._folder else None


def _read(file: Path | None) -> tuple[bool, Any]:
    if file is None:
        return False, None
    try:
        with file.open("rb") as stream:
            return True, pickle.load(stream)  # noqa: S301 - our own file in a folder only this user can enter
    except FileNotFoundError:
        return False, None
    except Exception:
        _log.exception("a kept result cannot be read")
        return False, None


def weight_of(result: Any) -> int:
    """About how many bytes a result takes: tables and texts count, the rest is small."""
    if isinstance(result, bytes | str):
        return len(result) + 50
    if isinstance(result, pd.DataFrame | np.ndarray):
        size = result.nbytes if isinstance(result, np.ndarray) else result.memory_usage(deep=False).sum()
        return int(size) + 2000
    if is_dataclass(result):
        return 100 + sum(weight_of(getattr(result, one.name, None)) for one in fields(result))
    if isinstance(result, dict):
        return 100 + sum(weight_of(one) for one in result.values())
    if isinstance(result, list | tuple):
        sample = result[:200]
        return 60 + sum(weight_of(one) for one in sample) * len(result) // max(len(sample), 1)
    return 50


def _write(file: Path | None, result: Any) -> None:
    """Write in one step; what cannot be written is computed again by the next process that asks."""
    if file is None:
        return
    part = file.with_suffix(f".{os.getpid()}-{threading.get_ident()}.part")
    try:
        part.write_bytes(pickle.dumps(result, protocol=pickle.HIGHEST_PROTOCOL))
        part.replace(file)
    except Exception:
        _log.warning("a result is kept in this process alone", exc_info=True)
        part.unlink(missing_ok=True)


def _prune(folder: Path) -> None:
    """Delete the oldest files above the number that is kept; another process may do the same."""
    aged = []
    for one in folder.glob("*.result"):
        with contextlib.suppress(FileNotFoundError):
            aged.append((one.stat().st_mtime, one))
    for _, old in sorted(aged)[:-_MOST_FILES]:
        old.unlink(missing_ok=True)
