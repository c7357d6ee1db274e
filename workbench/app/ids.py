"""Ids of a page: declared once at its head, misspelling raises."""

from __future__ import annotations

URL = "shell-url"
JOBS_DONE = "shell-jobs-done"
THEME = "shell-theme"
"""Ids every page listens to: the address, the counter of finished jobs, light or dark."""


class Ids:
    """`Ids("map", "graph")` has one attribute: `ids.graph == "map-graph"`."""

    def __init__(self, page: str, *names: str) -> None:
        self._page = page
        self._names = frozenset(name.replace("-", "_") for name in names)
        if len(self._names) != len(names):
            raise ValueError(f"The ids of page {page!r} repeat a name.")

    def __getattr__(self, name: str) -> str:
        if name.startswith("_") or name not in self._names:
            raise AttributeError(f"Page {self.__dict__.get('_page')!r} has no id {name!r}.")
        return f"{self._page}-{name.replace('_', '-')}"

    def all(self) -> tuple[str, ...]:
        """Every id of the page, sorted."""
        return tuple(sorted(f"{self._page}-{name.replace('_', '-')}" for name in self._names))
