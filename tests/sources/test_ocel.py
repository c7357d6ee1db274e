"""Object-centric logs: one type of object becomes the dossiers, in every format alike."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from tests.conftest import shared_log
from workbench.errors import FormatError, MappingError
from workbench.sources.ocel import is_ocel
from workbench.sources.opening import register
from workbench.sources.reading import read_file

EVENTS = [("e1", "file", "2024-01-01T08:00:00", ["h1"]), ("e2", "check", "2024-01-02T08:00:00", ["h1", "h2", "p1"]),
          ("e3", "pay", "2024-01-03T08:00:00", ["p1"])]  # fmt: skip
KINDS = {"h1": "dossier", "h2": "dossier", "p1": "paper"}


def as_json() -> str:
    return json.dumps(
        {
            "objectTypes": [{"name": "dossier", "attributes": []}, {"name": "paper", "attributes": []}],
            "eventTypes": [{"name": name, "attributes": []} for _, name, _, _ in EVENTS],
            "objects": [
                {
                    "id": one,
                    "type": kind,
                    "attributes": [{"name": "size", "time": "2024-01-01T00:00:00", "value": 3}] if one == "h1" else [],
                    "relationships": [{"objectId": "p1", "qualifier": "has"}] if one == "h1" else [],
                }
                for one, kind in KINDS.items()
            ],
            "events": [
                {"id": one, "type": name, "time": time, "attributes": [], "relationships": [{"objectId": o, "qualifier": ""} for o in objects]}
                for one, name, time, objects in EVENTS
            ],
        }
    )  # fmt: skip


def as_json_1() -> str:
    return json.dumps(
        {
            "ocel:global-log": {"ocel:object-types": ["dossier", "paper"]},
            "ocel:events": {
                one: {"ocel:activity": name, "ocel:timestamp": time, "ocel:omap": objects, "ocel:vmap": {}}
                for one, name, time, objects in EVENTS
            },
            "ocel:objects": {
                one: {"ocel:type": kind, "ocel:ovmap": {"size": 3} if one == "h1" else {}}
                for one, kind in KINDS.items()
            },
        }
    )


def as_xml() -> str:
    objects = "".join(
        f'<object id="{one}" type="{kind}"><attributes>'
        + ('<attribute name="size" time="2024-01-01T00:00:00">3</attribute>' if one == "h1" else "")
        + "</attributes><objects>"
        + ('<relationship object-id="p1" qualifier="has"/>' if one == "h1" else "")
        + "</objects></object>"
        for one, kind in KINDS.items()
    )
    events = "".join(
        f'<event id="{one}" type="{name}" time="{time}"><attributes/><objects>'
        + "".join(f'<relationship object-id="{o}" qualifier=""/>' for o in involved)
        + "</objects></event>"
        for one, name, time, involved in EVENTS
    )
    types = '<object-types><object-type name="dossier"><attributes/></object-type></object-types><event-types/>'
    return f"<log>{types}<objects>{objects}</objects><events>{events}</events></log>"


def as_sqlite(path: Path) -> None:
    con = sqlite3.connect(path)
    con.executescript(
        "create table event_map_type (ocel_type, ocel_type_map); create table object_map_type (ocel_type, ocel_type_map);"
        "create table event (ocel_id, ocel_type); create table object (ocel_id, ocel_type);"
        "create table event_object (ocel_event_id, ocel_object_id, ocel_qualifier);"
        "create table object_object (ocel_source_id, ocel_target_id, ocel_qualifier);"
        "create table object_Dossier (ocel_id, ocel_time, size); create table object_Paper (ocel_id, ocel_time);"
        "insert into object_map_type values ('dossier', 'Dossier'), ('paper', 'Paper');"
        "insert into object_object values ('h1', 'p1', 'has');"
    )
    for one, name, time, objects in EVENTS:
        con.execute("insert into event_map_type values (?, ?)", (name, name))
        con.execute(f"create table event_{name} (ocel_id, ocel_time)")
        con.execute(f"insert into event_{name} values (?, ?)", (one, time))
        con.execute("insert into event values (?, ?)", (one, name))
        con.executemany("insert into event_object values (?, ?, '')", [(one, o) for o in objects])
    for one, kind in KINDS.items():
        con.execute("insert into object values (?, ?)", (one, kind))
        values = (one, "2024-01-01", 3 if one == "h1" else None) if kind == "dossier" else (one, "2024-01-01")
        con.execute(f"insert into object_{kind.title()} values ({', '.join('?' * len(values))})", values)
    con.commit()
    con.close()


@pytest.fixture(params=["json", "json 1.0", "xml", "sqlite"])
def log(request, given, tmp_path: Path):
    if request.param == "sqlite":
        as_sqlite(tmp_path / "log.sqlite")
        return register(tmp_path / "log.sqlite")
    texts = {"json": as_json, "json 1.0": as_json_1, "xml": as_xml}
    return given(f"log.{request.param[:4].strip()}", texts[request.param]())


def test_one_type_of_object_is_the_dossiers(log, folder, rows):
    events, dossiers = read_file(log, folder, options={"object_type": "dossier"})
    assert (events.format, events.role, dossiers.role, dossiers.derived) == ("ocel", "event", "dossier", True)
    assert rows(events) == [
        ("h1", "file", "2024-01-01T08:00:00"),
        ("h1", "check", "2024-01-02T08:00:00"),
        ("h2", "check", "2024-01-02T08:00:00"),
    ]
    found = [dict(zip(dossiers.columns, row, strict=True)) for row in rows(dossiers)]
    assert [(one["case:concept:name"], one["case:size"]) for one in found] == [("h1", "3"), ("h2", None)]
    assert events.parts[0].n_rejects == 1


def test_links_to_other_objects_are_kept(log, folder, rows):
    _, dossiers = read_file(log, folder, options={"object_type": "dossier"})
    if "ocel:" in log.path.read_bytes()[:100].decode("latin-1"):
        assert "case:links" not in dossiers.columns  # OCEL 1.0 has none between objects
        return
    links = [row[list(dossiers.columns).index("case:links")] for row in rows(dossiers)]
    assert [link and json.loads(link) for link in links] == [{"paper": ["p1"]}, None]


@pytest.mark.parametrize("options", [{}, {"object_type": "invoice"}])
def test_the_type_has_to_be_one_of_the_log(log, folder, options):
    with pytest.raises(MappingError, match=r"dossier \(2\), paper \(1\)") as caught:
        read_file(log, folder, options=options)
    assert "--set object_type='dossier'" in caught.value.fix
    assert caught.value.facts["choices"] == ["dossier", "paper"]


@pytest.mark.parametrize("text", [as_json()[:-80], as_xml()[:-30]])
def test_a_truncated_log_is_said(given, folder, text: str):
    with pytest.raises(FormatError, match="not well-formed"):
        read_file(given("log.x", text), folder, options={"object_type": "dossier"})


def test_a_document_type_is_refused(given, folder):
    text = '<!DOCTYPE log [<!ENTITY a "b">]>' + as_xml()
    with pytest.raises(FormatError, match="XML bomb"):
        read_file(given("log.xml", text), folder, options={"object_type": "dossier"})


def test_another_sqlite_file_is_said(tmp_path: Path, folder):
    with sqlite3.connect(tmp_path / "x.sqlite") as con:
        con.execute("create table t (a)")
    con.close()
    with pytest.raises(FormatError, match="no OCEL"):
        read_file(register(tmp_path / "x.sqlite"), folder, options={})


def test_what_looks_like_one():
    assert is_ocel(as_json_1()[:200].encode())
    assert not is_ocel(b'{"data": [{"MaHoSo": "1"}]}')


@pytest.mark.parametrize(
    ("name", "kind", "events", "dossiers", "refused"),
    [("ocel20_example.sqlite", "Purchase Order", 5, 2, 8), ("order_process.jsonocel", "order", 795, 199, 1596)],
)
def test_the_sample_logs(folder, name: str, kind: str, events: int, dossiers: int, refused: int):
    found, cases = read_file(register(shared_log(name)), folder, options={"object_type": kind})
    assert (found.rows, cases.rows, found.parts[0].n_rejects) == (events, dossiers, refused)
