"""A user's own map of provinces, kept in the store beside the data it shows."""

from __future__ import annotations

import base64

from workbench.charts.own_map import OwnMap, read_own_map
from workbench.errors import FormatError, StoreError
from workbench.store import LogStore

_KEY = "map:geojson"


def keep_own_map(store: LogStore, content: bytes) -> OwnMap:
    """Keep a GeoJSON file as the store's map, replacing the one before; FormatError when it is none."""
    found = read_own_map(content)
    _writable(store)
    text = content.decode("utf-8-sig")
    store.con.execute("insert or replace into meta values ($key, $value)", {"key": _KEY, "value": text})
    return found


def drop_own_map(store: LogStore) -> None:
    """Go back to the tiles."""
    _writable(store)
    store.con.execute("delete from meta where key = $key", {"key": _KEY})


def own_map_mark(store: LogStore) -> str | None:
    """A short text that changes with the map; None without one."""
    found = store.scalar("select max(md5(value)) from meta where key = $key", {"key": _KEY})
    return None if found is None else str(found)


def own_map(store: LogStore, mark: str) -> OwnMap:
    """The kept map; `mark` is from `own_map_mark`, so that a cached map is never another one."""
    text = store.scalar("select value from meta where key = $key and md5(value) = $mark", {"key": _KEY, "mark": mark})
    if text is None:
        raise StoreError("The map was replaced meanwhile.", fix="Open the page again.")
    return read_own_map(str(text).encode())


def uploaded(contents: str) -> bytes:
    """The bytes of an upload (a data address)."""
    try:
        return base64.b64decode(contents.partition(",")[2], validate=True)
    except ValueError as exc:
        raise FormatError("The file did not arrive whole.", fix="Choose it again.") from exc


def _writable(store: LogStore) -> None:
    if store.read_only:
        raise StoreError(f"{store.path} is open for reading only.", fix="Open it for writing to keep a map.")
