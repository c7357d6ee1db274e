"""Object-centric logs (OCEL 2.0 as SQLite, JSON and XML, OCEL 1.0 as JSON), seen from one type of object.

The objects of one type are the dossiers. An event that concerns several of them is a row of each; an event that
concerns none is refused with that reason. The other objects of a dossier are kept as attributes of it, by type: `links` those it
is related to, `event_objects` those its events concern too.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ijson
import pyarrow as pa
import pyarrow.parquet as pq
from lxml import etree

from workbench.errors import FormatError, MappingError
from workbench.progress import Progress, silent
from workbench.sources.opening import open_plain
from workbench.sources.raw import RawFile, RawPart, RawTable
from workbench.sources.staging import StagingFolder, TextParts, as_text
from workbench.sources.xes import CASE, refuse_declaration

_JSON_KEYS = (b'"ocel:', b'"objectTypes"', b'"eventTypes"')
_XML_TAGS = (b"<object-types", b"<event-types")


@dataclass(slots=True)
class Objects:
    """All objects: type, attributes (the latest value), linked objects."""

    kind: dict[str, str] = field(default_factory=dict)
    attributes: dict[str, dict[str, str | None]] = field(default_factory=dict)
    links: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Event:
    """One event and the objects it concerns."""

    kind: str
    time: str | None
    objects: tuple[str, ...]
    attributes: Mapping[str, str | None]


def is_ocel(head: bytes) -> bool:
    """Whether the head of a JSON or XML file is that of an object-centric log."""
    return any(mark in head for mark in (*_JSON_KEYS, *_XML_TAGS))


def read_ocel(
    file: RawFile,
    folder: StagingFolder,
    *,
    kind: str,
    object_type: str | None = None,
    limit: int | None = None,
    progress: Progress = silent,
) -> list[RawTable]:
    """Events and dossiers of the objects of one type; `kind` is sqlite, json or xml.

    Without `object_type` a log of several types raises MappingError naming them.
    """
    objects = _OBJECTS[kind](file.path)
    chosen = _choose(file.path, objects, object_type)
    events, dossiers = TextParts(folder, (CASE,)), TextParts(folder, (CASE,))
    refused: list[int] = []
    met: dict[str, set[str]] = defaultdict(set)
    for line, event in enumerate(_EVENTS[kind](file.path), start=1):
        mine = [name for name in dict.fromkeys(event.objects) if objects.kind.get(name) == chosen]
        for name in mine:
            row = {CASE: name, "concept:name": event.kind, "time:timestamp": event.time, **event.attributes}
            events.add({**row, "__line": str(line)})
            met[name].update(other for other in event.objects if other != name)
        if not mine:
            refused.append(line)
        if line % 1000 == 0:
            progress("read", line, 0)
        if limit is not None and line >= limit:
            break
    for name in (name for name, its_kind in objects.kind.items() if its_kind == chosen):
        dossiers.add({CASE: name, **_case(objects, name, met.get(name, set()))})
    if not events.rows_seen:
        raise _no_event(file.path, chosen)
    return [
        _table(events, file, "event", "events", _rejects(refused, folder)),
        _table(dossiers, file, "dossier", chosen, (None, 0)),
    ]


def _no_event(path: Path, object_type: str) -> FormatError:
    return FormatError(
        f"{path}: no event concerns an object of type {object_type!r}.",
        fix="Choose another type with --set object_type=…", path=str(path), object_type=object_type,
    )  # fmt: skip


def _choose(path: Path, objects: Objects, wanted: str | None) -> str:
    counts = Counter(objects.kind.values())
    shown = ", ".join(f"{name} ({n})" for name, n in counts.most_common())
    if not counts:
        raise FormatError(f"{path} has no objects.", fix="Export it again.", path=str(path))
    if wanted is None and len(counts) == 1:
        return next(iter(counts))
    if wanted is None or wanted not in counts:
        what = "has several types of object" if wanted is None else f"has no objects of type {wanted!r}"
        raise MappingError(
            f"{path} {what}: {shown}.",
            fix=f"Say which one is the dossier, e.g. --set object_type={counts.most_common(1)[0][0]!r}.",
            path=str(path),
            choices=sorted(counts),
            option="object_type",
        )
    return wanted


def _case(objects: Objects, name: str, met: Iterable[str]) -> dict[str, str | None]:
    out = {f"case:{key}": value for key, value in objects.attributes.get(name, {}).items()}
    for key, others in (("case:links", objects.links.get(name, [])), ("case:event_objects", sorted(met))):
        by_kind: dict[str, list[str]] = {}
        for other in others:
            by_kind.setdefault(objects.kind.get(other, "?"), []).append(other)
        if by_kind:
            out[key] = json.dumps(by_kind, ensure_ascii=False, sort_keys=True)
    return out


def _rejects(lines: list[int], folder: StagingFolder) -> tuple[Path | None, int]:
    if not lines:
        return None, 0
    path, empty = folder.new(), pa.nulls(len(lines), pa.string())
    reason = pa.array(["no_object_of_the_type"] * len(lines))
    pq.write_table(
        pa.table({"line": pa.array(lines, pa.int64()), "column_name": empty, "value": empty, "reason": reason}), path
    )
    return path, len(lines)


def _table(parts: TextParts, file: RawFile, role: str, what: str, rejects: tuple[Path | None, int]) -> RawTable:
    path, columns = parts.close()
    has_lines = columns.pop("__line", None) is not None
    part = RawPart(path, f"{file.path}: {what}", file, parts.rows, 1, has_lines, *rejects)
    return RawTable("ocel", columns, (part,), role, derived=role == "dossier")


# SQLite ---------------------------------------------------------------------------------------------------
def _open(path: Path) -> sqlite3.Connection:
    con = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    con.execute("pragma trusted_schema = off")
    return con


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _sqlite_tables(con: sqlite3.Connection, path: Path, what: str) -> list[tuple[str, str]]:
    """Type and table of each kind of event or object."""
    try:
        return [
            (kind, f"{what}_{suffix}")
            for kind, suffix in con.execute(f"select ocel_type, ocel_type_map from {what}_map_type")
        ]
    except sqlite3.DatabaseError as exc:
        raise FormatError(
            f"{path} is a SQLite file and no OCEL 2.0 log: {exc}.", fix="Export it as OCEL 2.0.", path=str(path)
        ) from exc


def _sqlite_objects(path: Path) -> Objects:
    out = Objects()
    with closing(_open(path)) as con:
        for kind, table in _sqlite_tables(con, path, "object"):
            cursor = con.execute(f"select * from {_quote(table)} order by ocel_time")
            names = [column[0] for column in cursor.description]
            for row in cursor:
                values = dict(zip(names, row, strict=True))
                one = str(values["ocel_id"])
                out.kind[one] = kind
                filled = {k: as_text(v) for k, v in values.items() if not k.startswith("ocel_") and v is not None}
                out.attributes.setdefault(one, {}).update(filled)
        for one, kind in con.execute("select ocel_id, ocel_type from object"):
            out.kind.setdefault(str(one), str(kind))
        for source, target in con.execute("select ocel_source_id, ocel_target_id from object_object"):
            out.links.setdefault(str(source), []).append(str(target))
            out.links.setdefault(str(target), []).append(str(source))
    return out


def _sqlite_events(path: Path) -> Iterator[Event]:
    with closing(_open(path)) as con:
        parts = [
            f"select ocel_id, ocel_time, {_json_of(con, table)} as attributes from {_quote(table)}"
            for _, table in _sqlite_tables(con, path, "event")
        ]
        rows = con.execute(
            "select e.ocel_type, a.ocel_time, a.attributes, (select json_group_array(o.ocel_object_id) "
            "from event_object o where o.ocel_event_id = e.ocel_id) from event e "
            f"join ({' union all '.join(parts)}) a on a.ocel_id = e.ocel_id order by a.ocel_time, e.rowid"
        )
        for kind, moment, attributes, objects in rows:
            values = {key: as_text(value) for key, value in json.loads(attributes).items() if value is not None}
            yield Event(str(kind), as_text(moment), tuple(str(one) for one in json.loads(objects)), values)


def _json_of(con: sqlite3.Connection, table: str) -> str:
    columns = [row[1] for row in con.execute(f"pragma table_info({_quote(table)})") if not row[1].startswith("ocel_")]
    pairs = ", ".join(f"'{name.replace(chr(39), chr(39) * 2)}', {_quote(name)}" for name in columns)
    return f"json_object({pairs})"


# JSON -----------------------------------------------------------------------------------------------------
def _parsed(path: Path, prefix: str, *, pairs: bool = False) -> Iterator[Any]:
    with open_plain(path) as stream:
        try:
            read = ijson.kvitems if pairs else ijson.items
            yield from read(stream, prefix, use_float=True)
        except ijson.JSONError as exc:
            raise FormatError(
                f"{path} is cut off or not well-formed JSON: {exc}.", fix="Copy or export it again.", path=str(path)
            ) from exc


def _json_objects(path: Path) -> Objects:
    out = Objects()
    for one in _parsed(path, "objects.item"):
        name = str(one["id"])
        out.kind[name] = str(one["type"])
        for item in sorted(one.get("attributes", []), key=lambda item: str(item.get("time", ""))):
            out.attributes.setdefault(name, {})[item["name"]] = as_text(item.get("value"))
        for link in one.get("relationships", []):
            other = str(link["objectId"])
            out.links.setdefault(name, []).append(other)
            out.links.setdefault(other, []).append(name)
    if not out.kind:  # OCEL 1.0
        for name, one in _parsed(path, "ocel:objects", pairs=True):
            out.kind[name] = str(one["ocel:type"])
            out.attributes[name] = {key: as_text(value) for key, value in one.get("ocel:ovmap", {}).items()}
    return out


def _json_events(path: Path) -> Iterator[Event]:
    seen = False
    for one in _parsed(path, "events.item"):
        seen = True
        attributes = {item["name"]: as_text(item.get("value")) for item in one.get("attributes", [])}
        objects = tuple(str(link["objectId"]) for link in one.get("relationships", []))
        yield Event(str(one["type"]), as_text(one.get("time")), objects, attributes)
    if not seen:
        for _, one in _parsed(path, "ocel:events", pairs=True):
            attributes = {key: as_text(value) for key, value in one.get("ocel:vmap", {}).items()}
            objects = tuple(str(name) for name in one.get("ocel:omap", []))
            yield Event(str(one["ocel:activity"]), as_text(one.get("ocel:timestamp")), objects, attributes)


# XML ------------------------------------------------------------------------------------------------------
def _xml(path: Path, tag: str) -> Iterator[Any]:
    with open_plain(path) as stream:
        try:
            context = etree.iterparse(
                stream, events=("end",), tag=f"{{*}}{tag}", resolve_entities=False, load_dtd=False, no_network=True,
                huge_tree=False, remove_comments=True, remove_pis=True,
            )  # fmt: skip
            for _, element in context:
                refuse_declaration(element, path)
                if element.get("id") is not None:
                    yield element
                    element.clear()
        except etree.XMLSyntaxError as exc:
            raise FormatError(
                f"{path} is not well-formed XML: {exc.msg}.", fix="Copy or export it again.", path=str(path)
            ) from exc


def _xml_attributes(element: Any) -> dict[str, str | None]:
    found = sorted(element.iter("{*}attribute"), key=lambda item: item.get("time") or "")
    return {item.get("name"): as_text((item.text or "").strip()) for item in found if item.get("name")}


def _xml_links(element: Any) -> list[str]:
    return [item.get("object-id") for item in element.iter("{*}relationship", "{*}object") if item.get("object-id")]


def _xml_objects(path: Path) -> Objects:
    out = Objects()
    for element in _xml(path, "object"):
        name = element.get("id")
        out.kind[name] = element.get("type")
        out.attributes[name] = _xml_attributes(element)
        for other in _xml_links(element):
            out.links.setdefault(name, []).append(other)
            out.links.setdefault(other, []).append(name)
    return out


def _xml_events(path: Path) -> Iterator[Event]:
    for element in _xml(path, "event"):
        yield Event(element.get("type"), element.get("time"), tuple(_xml_links(element)), _xml_attributes(element))


_OBJECTS = {"sqlite": _sqlite_objects, "json": _json_objects, "xml": _xml_objects}
_EVENTS = {"sqlite": _sqlite_events, "json": _json_events, "xml": _xml_events}
