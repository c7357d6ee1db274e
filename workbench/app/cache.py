"""Results kept by what was asked: each computed once, even when two panels ask at the same moment."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any


class Cache:
    """The most recently used results, at most `size` of them.

    A key must name the step, its options, the selection and the version of the store, so that a kept
    result is never older than the store.
    """

    def __init__(self, size: int = 256) -> None:
        self._size = size
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
            if key not in self._results:
                return False, None
            self._results.move_to_end(key)
            return True, self._results[key]

    def put(self, key: Hashable, result: Any) -> None:
        """Keep a result, forgetting the least recently used one when full."""
        with self._lock:
            self._results[key] = result
            self._results.move_to_end(key)
            while len(self._results) > self._size:
                self._results.popitem(last=False)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._results.clear()

    def __len__(self) -> int:
        return len(self._results)
