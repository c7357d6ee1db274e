"""OCEL 2.0 files (JSON) of a selection: dossiers, units and officers as objects."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from workbench.columns import DOSSIER, EVENT
from workbench.export.event_log import DOSSIER_FACTS, EVENT_FACTS, Row, dossiers_with_events, iso
from workbench.progress import Progress, silent
from workbench.selection import Selection
from workbench.store import LogStore

_TYPES = {"VARCHAR": "string", "INTEGER": "integer", "BIGINT": "integer", "DOUBLE": "float", "BOOLEAN": "boolean",
          "TIMESTAMP": "time"}  # fmt: skip
_RELATED = {"unit": "unit", "officer_key": "officer"}
_EVENT_ATTRIBUTES = tuple(n for n in EVENT_FACTS if n not in ("completed_at", *_RELATED))
_TIMELESS = "1970-01-01T00:00:00+07:00"
_EVERY = 500


def write_ocel(
    store: LogStore,
    path: Path | str,
    selection: Selection | None = None,
    *,
    steps: bool = True,
    progress: Progress = silent,
) -> Path:
    """Write a selection as an OCEL 2.0 JSON file; the path written.

    Event types are steps (local labels when `steps` is False); object types are dossier, unit and officer
    (hashed). Events without a time are not written: OCEL has no place for them.
    """
    target = Path(path)
    part = target.with_name(target.name + ".part")
    try:
        with part.open("w", encoding="utf-8") as out:
            for piece in _pieces(store, selection, steps, progress):
                out.write(piece)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return target


def ocel_bytes(store: LogStore, selection: Selection | None = None, *, steps: bool = True) -> bytes:
    """A selection as the bytes of an OCEL 2.0 JSON file."""
    return "".join(_pieces(store, selection, steps, silent)).encode()


def _pieces(store: LogStore, selection: Selection | None, steps: bool, progress: Progress) -> Iterator[str]:
    """Events and dossiers as they are read; units, officers and step names are gathered on the way."""
    total = store.basis(selection).n_dossiers
    related: dict[tuple[str, str], str] = {}
    labels: dict[str, None] = {}
    heads: list[str] = []
    yield '{"events": ['
    number = 0
    for done, (dossier, events) in enumerate(dossiers_with_events(store, selection, steps=steps)):
        if done % _EVERY == 0:
            progress("export", done, total)
        own = f"dossier:{dossier.get('province_code', '')}:{dossier['dossier_code']}"
        heads.append(_json(_object(own, "dossier", dossier, DOSSIER_FACTS)))
        for event in events:
            labels[event["label"]] = None
            for name, kind in _RELATED.items():
                if name in event:
                    related[kind, str(event[name])] = f"{kind}:{event[name]}"
            yield (",\n" if number else "\n") + _json(_event(f"e{number}", own, event))
            number += 1
    yield "],\n"
    heads += [_json({"id": name, "type": kind, "attributes": [], "relationships": []})
              for (kind, _), name in related.items()]  # fmt: skip
    yield '"objects": [\n' + ",\n".join(heads) + "],\n"
    yield f'"eventTypes": {_json(_event_types(labels))},\n"objectTypes": {_json(_object_types())}}}\n'
    progress("export", total, total)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _event(name: str, dossier: str, event: Row) -> dict[str, Any]:
    links = [{"objectId": dossier, "qualifier": "of"}]
    links += [{"objectId": f"{k}:{event[n]}", "qualifier": "by"} for n, k in _RELATED.items() if n in event]
    return {
        "id": name,
        "type": event["label"],
        "time": iso(event["completed_at"]),
        "attributes": [{"name": n, "value": _plain(event[n])} for n in _EVENT_ATTRIBUTES if n in event],
        "relationships": links,
    }


def _object(name: str, kind: str, row: Row, facts: tuple[str, ...]) -> dict[str, Any]:
    values = [{"name": n, "time": _TIMELESS, "value": _plain(row[n])} for n in facts if n in row]
    return {"id": name, "type": kind, "attributes": values, "relationships": []}


def _plain(value: Any) -> Any:
    return iso(value) if isinstance(value, datetime) else value


def _event_types(labels: dict[str, None]) -> list[dict[str, Any]]:
    attributes = [{"name": n, "type": _TYPES[EVENT[n].type]} for n in _EVENT_ATTRIBUTES]
    return [{"name": label, "attributes": attributes} for label in labels]


def _object_types() -> list[dict[str, Any]]:
    facts = [{"name": n, "type": _TYPES[DOSSIER[n].type]} for n in DOSSIER_FACTS]
    return [{"name": "dossier", "attributes": facts}, *({"name": k, "attributes": []} for k in _RELATED.values())]
