"""XES 1.0 files of a selection, written as a stream."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO
from xml.sax.saxutils import quoteattr

from workbench.export.event_log import Row, dossiers_with_events, iso
from workbench.progress import Progress, silent
from workbench.selection import Selection
from workbench.store import LogStore

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1.0" xes.features="" xmlns="http://www.xes-standard.org/">
  <extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
  <extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
  <extension name="Organizational" prefix="org" uri="http://www.xes-standard.org/org.xesext"/>
  <extension name="Lifecycle" prefix="lifecycle" uri="http://www.xes-standard.org/lifecycle.xesext"/>
  <global scope="trace">
    <string key="concept:name" value="UNKNOWN"/>
  </global>
  <global scope="event">
    <string key="concept:name" value="UNKNOWN"/>
    <date key="time:timestamp" value="1970-01-01T00:00:00+07:00"/>
    <string key="lifecycle:transition" value="complete"/>
  </global>
  <classifier name="Activity" keys="concept:name"/>
"""
_KEYS = {
    "label": "concept:name",
    "completed_at": "time:timestamp",
    "unit": "org:group",
    "role": "org:role",
    "officer_key": "org:resource",
    "dossier_code": "concept:name",
}
_EVERY = 500


def write_xes(
    store: LogStore,
    path: Path | str,
    selection: Selection | None = None,
    *,
    steps: bool = True,
    progress: Progress = silent,
) -> Path:
    """Write the dossiers of a selection as XES, compressed when the name ends in .gz; the path written.

    A trace is a dossier with its facts under the names of the store's columns; an event has its step (the
    local label when `steps` is False), time with zone, unit, role and hashed officer. Half-written files do
    not stay: the file takes its name when it is whole.
    """
    target = Path(path)
    total = store.basis(selection).n_dossiers
    part = target.with_name(target.name + ".part")
    try:
        with _open(part, compressed=target.suffix == ".gz") as out:
            for piece in _pieces(store, selection, steps, progress, total):
                out.write(piece.encode())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return target


def xes_bytes(store: LogStore, selection: Selection | None = None, *, steps: bool = True) -> bytes:
    """A selection as the bytes of an XES file."""
    return "".join(_pieces(store, selection, steps, silent, 0)).encode()


def _open(path: Path, *, compressed: bool) -> BinaryIO:
    if compressed:
        return gzip.GzipFile(path, "wb", mtime=0)  # type: ignore[return-value]
    return path.open("wb")


def _pieces(store: LogStore, selection: Selection | None, steps: bool, progress: Progress, total: int) -> Iterator[str]:
    yield _HEAD
    for done, (dossier, events) in enumerate(dossiers_with_events(store, selection, steps=steps)):
        if done % _EVERY == 0:
            progress("export", done, total)
        yield _trace(dossier, events)
    progress("export", total, total)
    yield "</log>\n"


def _trace(dossier: Row, events: list[Row]) -> str:
    parts = ["  <trace>\n"]
    parts += [_attribute(name, value, "    ") for name, value in dossier.items()]
    for event in events:
        parts.append("    <event>\n")
        parts += [_attribute(name, value, "      ") for name, value in event.items()]
        parts.append('      <string key="lifecycle:transition" value="complete"/>\n    </event>\n')
    parts.append("  </trace>\n")
    return "".join(parts)


def _attribute(name: str, value: Any, indent: str) -> str:
    if isinstance(value, bool):
        kind, text = "boolean", str(value).lower()
    elif isinstance(value, int):
        kind, text = "int", str(value)
    elif isinstance(value, float):
        kind, text = "float", repr(value)
    elif isinstance(value, datetime):
        kind, text = "date", iso(value)
    else:
        kind, text = "string", _clean(str(value))
    return f'{indent}<{kind} key="{_KEYS.get(name, name)}" value={quoteattr(text)}/>\n'


def _clean(text: str) -> str:
    """`text` without the control characters XML forbids."""
    return "".join(c for c in text if c >= " " or c in "\t\n\r")
