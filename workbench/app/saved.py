"""Views with a name: an address, when it was kept, and the loads its figures rested on."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from workbench.app.kept import KeptFile
from workbench.errors import StoreError
from workbench.i18n import collation_key
from workbench.store import LogStore

PARAM = "saved"
"""The parameter of an address that says which saved view was opened."""
_LONGEST = 120


@dataclass(frozen=True, slots=True)
class SavedView:
    """One view with a name."""

    id: str
    name: str
    path: str
    """Of the page, `/process`."""
    search: str
    """The query part of its address, `?` included, without `saved`."""
    saved_at: str = ""
    """ISO, local time."""
    loads: tuple[int, ...] = ()
    """The loads that stood in the store when it was saved."""

    @property
    def address(self) -> str:
        """Where it opens."""
        return f"{self.path}{self.search}{'&' if len(self.search) > 1 else '?'}{PARAM}={self.id}"


class SavedViews:
    """The saved views of a store, in a file beside it."""

    def __init__(self, store_path: Path) -> None:
        self._file = KeptFile(store_path.with_name(store_path.name + ".views.json"))

    def stamp(self) -> tuple[int, int] | None:
        """What changes whenever a view is saved, renamed or deleted."""
        return self._file.stamp()

    def all(self) -> list[SavedView]:
        """Every view in the order of its name."""
        views = [_view(key, value) for key, value in self._file.read().items() if isinstance(value, Mapping)]
        return sorted(views, key=lambda view: collation_key(view.name))

    def get(self, view_id: str) -> SavedView | None:
        """The view, or None when it was deleted."""
        return next((view for view in self.all() if view.id == view_id), None)

    def save(self, name: str, path: str, search: str, *, loads: tuple[int, ...], now: datetime) -> SavedView:
        """Keep a view under a new name; a name that is taken or empty raises StoreError."""
        view = SavedView(
            secrets.token_hex(4), clean(name), path, search, now.isoformat(timespec="minutes"), tuple(loads)
        )
        self._file.change(lambda kept: {**_free(kept, view.name), view.id: _plain(view)})
        return view

    def rename(self, view_id: str, name: str) -> None:
        """Another name for a view; one deleted meanwhile stays deleted."""
        wanted = clean(name)

        def edit(kept: dict[str, Any]) -> dict[str, Any]:
            others = {key: value for key, value in kept.items() if key != view_id}
            _free(others, wanted)
            return {**kept, view_id: {**kept[view_id], "name": wanted}} if view_id in kept else kept

        self._file.change(edit)

    def delete(self, view_id: str) -> None:
        """Forget a view."""
        self._file.change(lambda kept: {key: value for key, value in kept.items() if key != view_id})


def clean(name: str | None) -> str:
    """A name without control characters and needless spaces; an empty one raises StoreError."""
    kept = " ".join("".join(char if char.isprintable() else " " for char in name or "").split())[:_LONGEST]
    if not kept:
        raise StoreError("The view has no name.", fix="Give it a name.")
    return kept


def loads_in_force(store: LogStore) -> tuple[int, ...]:
    """The loads that stand."""
    load = store.table("load")
    return tuple(
        sorted(int(one) for one in store.fetch(load.filter(load.status == "loaded").select("load_id"))["load_id"])
    )


def retracted_since(view: SavedView, standing: tuple[int, ...]) -> tuple[int, ...]:
    """The loads a view rested on that stand no longer."""
    return tuple(one for one in view.loads if one not in standing)


def _free(kept: dict[str, Any], name: str) -> dict[str, Any]:
    if any(str(value.get("name", "")).casefold() == name.casefold() for value in kept.values()):
        raise StoreError(f"There is already a view called {name!r}.", fix="Choose another name.", name=name)
    return kept


def _plain(view: SavedView) -> dict[str, Any]:
    facts = asdict(view)
    facts.pop("id")
    return {**facts, "loads": list(view.loads)}


def _view(key: str, value: Mapping[str, Any]) -> SavedView:
    text = {name: str(value.get(name, "")) for name in ("name", "path", "search", "saved_at")}
    return SavedView(key, loads=tuple(int(one) for one in value.get("loads", ())), **text)
