"""Staged rows in the store's types, and which dossiers they name.

A source is staged as relations (tables or views on the store's connection):

- `dossier`: province_code, dossier_code, any given columns of DOSSIER
- `event`: province_code, dossier_code, label, any given columns of EVENT; `occurrence` where repeated rows are meant
- `pause`: province_code, dossier_code, any given columns of PAUSE
- `quarantine`: the columns of QUARANTINE without load_id

`source` and `line` may stand beside them; they say where a row came from when it ends in quarantine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import duckdb

from workbench.columns import DOSSIER, EVENT, PAUSE, Column
from workbench.errors import StoreError
from workbench.store.calendars import calendar_join
from workbench.store.schema import DOSSIER_GIVEN, EVENT_GIVEN, IDENTITY, PAUSE_GIVEN, quote

DERIVABLE = ("dossier", "pause")


@dataclass(frozen=True, slots=True)
class StagedFile:
    """One source file of a load."""

    path: str
    sha256: str
    """Empty for a source that has no content to sum, such as a live database: it is never "already loaded"."""
    bytes: int
    table_name: str
    rows_in: int


@dataclass(frozen=True, slots=True)
class Staged:
    """Names of the staged relations and what is known of their files."""

    files: tuple[StagedFile, ...]
    format: str
    event: str | None = None
    dossier: str | None = None
    pause: str | None = None
    quarantine: str | None = None
    duplicates: int = 0
    """Rows the source itself repeats; they are not staged."""
    merged: int = 0
    """Rows that became part of a staged row, as a start joined to its completion: read and loaded."""
    derived: tuple[str, ...] = ()
    """`dossier`, `pause`: relations made from rows of another relation, so not counted as rows of the source.

    With a derived `dossier` an event makes its dossier when there is no row of it.
    """
    profile: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Incoming:
    """What was staged, counted."""

    load_id: int
    strict: bool
    """Dossiers come as rows of their own, so an event without one is refused."""
    counts_dossiers: bool
    counts_pauses: bool
    rows_in: int
    events_in: int
    refused: int
    event_columns: frozenset[str]
    """Columns the staged events have."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """One kind of staged rows."""

    name: str
    relation: str | None
    columns: Mapping[str, Column]
    given: tuple[str, ...]
    """Columns a source may give."""
    needed: tuple[str, ...]
    """Columns without which a row is refused."""
    counted: bool
    """Its rows are rows of the source, not made from others."""


def receive(con: duckdb.DuckDBPyConnection, staged: Staged, load_id: int) -> Incoming:
    """Make the views in_dossier, in_event, in_pause; write refused rows to quarantine; count."""
    unknown = set(staged.derived) - set(DERIVABLE)
    if unknown:
        raise ValueError(f"derived may name {DERIVABLE}, not {sorted(unknown)}")
    source = staged.files[0].path if len(staged.files) == 1 else None
    kinds = _kinds(staged)
    for kind in kinds:
        _view(con, kind, load_id, source)
    refused = _quarantine(con, staged.quarantine, load_id)
    rows, events = refused + staged.duplicates + staged.merged, 0
    for kind in kinds:
        if kind.relation is None:
            continue
        all_rows, bad = _refuse_nameless(con, kind, kind.relation, load_id, source)
        if kind.counted:
            rows += all_rows
            refused += bad
        if kind.name == "event":
            events = all_rows - bad
    dossier, _, pause = kinds
    strict = staged.dossier is not None and dossier.counted
    columns = frozenset(_columns(con, staged.event))
    return Incoming(load_id, strict, dossier.counted, pause.counted, rows, events, refused, columns)


def _kinds(staged: Staged) -> tuple[_Kind, _Kind, _Kind]:
    """Dossiers, events and pauses, in the order in which they are taken in."""
    counted = {name: name not in staged.derived for name in ("dossier", "event", "pause")}
    return (
        _Kind("dossier", staged.dossier, DOSSIER, DOSSIER_GIVEN, IDENTITY, counted["dossier"]),
        _Kind("event", staged.event, EVENT, EVENT_GIVEN, (*IDENTITY, "label"), counted["event"]),
        _Kind("pause", staged.pause, PAUSE, PAUSE_GIVEN, IDENTITY, counted["pause"]),
    )


def _view(con: duckdb.DuckDBPyConnection, kind: _Kind, load_id: int, source: str | None) -> None:
    """Make the views of the relation's named rows, columns cast, missing ones null: in_<kind> numbers those of rows_<kind>."""
    relation, needed = kind.relation, kind.needed
    have = _columns(con, relation)
    if relation is not None and (missing := [column for column in needed if column not in have]):
        raise StoreError(
            f"The staged relation {relation} has no column {missing[0]!r}.", fix="Map it.", relation=relation
        )
    parts = [f"{quote(column)}::varchar as {quote(column)}" for column in needed]
    for column in kind.given:
        cast = kind.columns[column].type
        value = f"{quote(column)}::{cast}" if column in have else f"null::{cast}"
        if column == "source_order" and column not in have:
            value = "row_number() over () - 1"
        if column == "occurrence":
            value = f"coalesce({value}, 0)"
        parts.append(f"{value} as {quote(column)}")
    here = "null" if source is None else "'" + source.replace("'", "''") + "'"
    parts.append("source::varchar as source" if "source" in have else f"{here}::varchar as source")
    parts.append("line::bigint as line" if "line" in have else "null::bigint as line")
    rows = (
        path(relation) if relation else "(select " + ", ".join(f"null as {quote(c)}" for c in needed) + " where false)"
    )
    named = " and ".join(f"{quote(column)} is not null" for column in needed)
    con.execute(
        f"create or replace temp view rows_{kind.name} as select {', '.join(parts)}, {load_id}::integer as load_id "
        f"from {rows} where {named}"
    )
    order = "row_number() over ()" if kind.name != "event" else "0::bigint"
    con.execute(
        f"create or replace temp view in_{kind.name} as select *, {order} as version_order from rows_{kind.name}"
    )


def _columns(con: duckdb.DuckDBPyConnection, relation: str | None) -> set[str]:
    if relation is None:
        return set()
    return {row[0] for row in con.execute(f"describe {path(relation)}").fetchall()}


def path(relation: str) -> str:
    """The name of a relation as SQL; dots part schema and name."""
    return ".".join(quote(part) for part in relation.split("."))


def _quarantine(con: duckdb.DuckDBPyConnection, relation: str | None, load_id: int) -> int:
    if relation is None:
        return 0
    con.execute(f"insert into quarantine_row by name select {load_id} as load_id, * from {path(relation)}")
    lines = "count(distinct (source, line)) filter (line is not null) + count(*) filter (line is null)"
    return int(con.execute(f"select {lines} from {path(relation)}").fetchall()[0][0])


def _refuse_nameless(
    con: duckdb.DuckDBPyConnection, kind: _Kind, relation: str, load_id: int, source: str | None
) -> tuple[int, int]:
    """Rows of the relation, and those that lack what names them; the latter go to quarantine when they are counted."""
    needed = kind.needed
    nameless = " or ".join(f"{quote(column)} is null" for column in needed)
    counted = f"select count(*), count(*) filter ({nameless}) from {path(relation)}"
    total, bad = (int(value) for value in con.execute(counted).fetchall()[0])
    if bad and kind.counted:
        have = _columns(con, relation)
        column = " ".join(f"when {quote(name)} is null then '{name}'" for name in needed)
        con.execute(
            f"insert into quarantine_row select {load_id}, {'source' if 'source' in have else '?'}, "
            f"{'line' if 'line' in have else 'null'}, case {column} end, null, 'missing_value', to_json(r)::varchar "
            f"from {path(relation)} r where {nameless}",
            [] if "source" in have else [source],
        )
    return total, bad


def add_activities(con: duckdb.DuckDBPyConnection) -> None:
    """Give every new label an activity id, in label order; table `event_kind` of what events have in common.

    `event_kind`: label, unit and role as they come together, numbered, with the activity id.
    """
    con.execute("create or replace temp table met as select distinct label, unit, role from in_event")
    con.execute(
        "insert into activity select (select coalesce(max(activity_id), -1) from activity) "
        "+ row_number() over (order by label), label from (select distinct label from met) new "
        "where not exists (select 1 from activity a where a.label = new.label)"
    )
    con.execute(
        "create or replace temp table event_kind as select (row_number() over ())::integer as kind, m.*, a.activity_id "
        "from met m join activity a using (label)"
    )
    con.execute("drop table met")


def name_dossiers(con: duckdb.DuckDBPyConnection, incoming: Incoming) -> None:
    """Make the tables `fresh` and `affected`.

    `fresh`: dossiers the store has never seen, with a new key in the order of procedure, organisation, receipt and code: neighbours in
    time pack tightly, and a period is read without its neighbours.
    `affected`: dossiers of which the store holds rows already, or with several rows in the load.
    """
    con.execute(
        "create or replace temp table named as select province_code, dossier_code, count(*)::integer as versions, "
        "arg_max(procedure_code, version_order) as procedure_code, arg_max(agency_code, version_order) as agency_code, "
        "arg_max(coalesce(accepted_at, submitted_at), version_order) as came_at from in_dossier group by all"
    )
    if not incoming.strict:
        con.execute(
            "insert into named select distinct province_code, dossier_code, 0, null, null, null::timestamp from in_event i "
            "where not exists (select 1 from named n where n.province_code = i.province_code "
            "and n.dossier_code = i.dossier_code)"
        )
    last = int(con.execute("select coalesce(max(dossier_key), 0) from dossier").fetchall()[0][0])
    _find_affected(con, last)
    last = int(con.execute(f"select greatest(coalesce(max(dossier_key), 0), {last}) from affected").fetchall()[0][0])
    con.execute(
        "create or replace temp table fresh as select n.province_code, n.dossier_code, n.procedure_code, n.versions, "
        f"{last} + row_number() over (order by n.procedure_code, n.province_code, n.came_at, n.dossier_code) as dossier_key, "
        f"c.calendar_id from named n {calendar_join('n', 'c')} where not exists (select 1 from affected a "
        "where a.province_code = n.province_code and a.dossier_code = n.dossier_code)"
    )
    con.execute("drop table named")
    con.execute("create or replace temp table known as select province_code, dossier_code from affected")


def count_named(con: duckdb.DuckDBPyConnection) -> int:
    """The number of dossiers the load names and the store holds."""
    known = "select count(*) from known join dossier using (province_code, dossier_code)"
    return int(con.execute(f"select (select count(*) from fresh) + ({known})").fetchall()[0][0])


def _find_affected(con: duckdb.DuckDBPyConnection, last: int) -> None:
    held = (
        "select province_code, dossier_code from event_shadow union all "
        "select province_code, dossier_code from pause_version"
    )
    named = "select province_code, dossier_code, versions from named"
    if last or con.execute(f"select exists ({held})").fetchall()[0][0]:
        named += (
            " union all select distinct province_code, dossier_code, 0 from (select province_code, dossier_code "
            "from in_event union all select province_code, dossier_code from in_pause) i where not exists "
            "(select 1 from named n where n.province_code = i.province_code and n.dossier_code = i.dossier_code)"
        )
    con.execute(
        "create or replace temp table affected as select t.province_code, t.dossier_code, "
        f"coalesce(d.dossier_key, {last} + row_number() over (order by d.dossier_key is null desc, t.province_code, "
        "t.dossier_code)) as dossier_key, d.dossier_key is not null as existing, true as incoming "
        f"from ({named}) t left join dossier d using (province_code, dossier_code) "
        f"left join (select distinct province_code, dossier_code, true as held from ({held})) h "
        "using (province_code, dossier_code) where d.dossier_key is not null or h.held or t.versions > 1"
    )


def name_dossiers_of(con: duckdb.DuckDBPyConnection, load_id: int) -> None:
    """Make the table `affected`: the dossiers with a row of the load."""
    load = f"{load_id:d}"
    rows = " union ".join(
        f"select province_code, dossier_code from {table} where load_id = {load}"
        for table in ("dossier", "dossier_version", "event_shadow", "pause_version")
    )
    rows += (
        " union select province_code, dossier_code from dossier where dossier_key in "
        f"(select dossier_key from event where load_id = {load})"
    )
    last = int(con.execute("select coalesce(max(dossier_key), 0) from dossier").fetchall()[0][0])
    con.execute(
        "create or replace temp table affected as select province_code, dossier_code, "
        f"coalesce(d.dossier_key, {last} + row_number() over (order by province_code, dossier_code)) as dossier_key, "
        f"d.dossier_key is not null as existing, false as incoming from ({rows}) left join dossier d "
        "using (province_code, dossier_code)"
    )
