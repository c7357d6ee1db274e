"""Putting staged rows into the store: atomic, repeatable, with a ledger.

A source is staged as relations of this shape (DuckDB tables or views on the store's connection):

- `dossier`: the given columns of DOSSIER plus nothing else; identity is (province_code, dossier_code)
- `event`: province_code, dossier_code, label, the given columns of EVENT
- `pause`: province_code, dossier_code, the given columns of PAUSE
- `quarantine`: the columns of QUARANTINE without load_id
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime

import duckdb
import ibis

from workbench.columns import DOSSIER, EVENT
from workbench.results import Result
from workbench.store import prepare
from workbench.store.log_store import LogStore


@dataclass(frozen=True, slots=True)
class StagedFile:
    """One source file of a load."""

    path: str
    sha256: str
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
    profile: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LoadReport(Result):
    """What a load did; rows_in = rows_loaded + rows_quarantined + rows_duplicate."""

    load_id: int | None
    """None when nothing was new."""
    status: str
    rows_in: int
    rows_loaded: int
    rows_quarantined: int
    rows_duplicate: int
    dossiers: int
    events: int
    already: tuple[int, ...] = ()
    """Loads that already hold these files."""


def load_staged(store: LogStore, staged: Staged, *, now: datetime) -> LoadReport:
    """Put the staged rows into the store in one transaction and prepare it.

    Nothing changes when an active load already holds the same files.
    """
    con = store.con
    con.execute("begin")
    try:
        report = _insert(con, staged, now)
        rebuild(store)
        con.execute("commit")
    except BaseException:
        con.execute("rollback")
        raise
    return report


def _insert(con: duckdb.DuckDBPyConnection, staged: Staged, now: datetime) -> LoadReport:
    load_id = int(con.execute("select coalesce(max(load_id), 0) + 1 from load").fetchall()[0][0])
    given = [name for name, spec in DOSSIER.items() if spec.given and name not in ("dossier_code", "province_code")]
    parts = []
    for relation in (staged.dossier, staged.event, staged.pause):
        if relation:
            parts.append(f"select province_code, dossier_code from {relation}")
    con.execute(
        "create or replace temp table incoming as select row_number() over (order by province_code, dossier_code) + "
        "(select coalesce(max(dossier_key), 0) from dossier) as dossier_key, * from (select distinct * from "
        f"({' union all '.join(parts)}))"
    )
    have = set()
    if staged.dossier:
        have = {row[0] for row in con.execute(f"describe {staged.dossier}").fetchall()}
    columns = ", ".join(f"d.{c}" if c in have else f"null as {c}" for c in given)
    join = f"left join {staged.dossier} d using (province_code, dossier_code)" if staged.dossier else ""
    con.execute(
        f"insert into dossier by name select i.dossier_key, i.province_code, i.dossier_code, {columns}, "
        f"{load_id} as load_id from incoming i {join}"
    )
    n_events = 0
    if staged.event:
        con.execute(
            f"insert into activity select row_number() over (order by label) + (select coalesce(max(activity_id), -1) "
            f"from activity), label from (select distinct label from {staged.event} where label is not null "
            "and label not in (select label from activity))"
        )
        have = {row[0] for row in con.execute(f"describe {staged.event}").fetchall()}
        given_e = [name for name, spec in EVENT.items() if spec.given and name in have]
        columns = ", ".join(f"e.{c}" for c in given_e)
        con.execute(
            f"insert into event by name select i.dossier_key, i.province_code, a.activity_id, {columns}, {load_id} as load_id "
            f"from {staged.event} e join incoming i using (province_code, dossier_code) join activity a using (label)"
        )
        n_events = int(con.execute(f"select count(*) from {staged.event}").fetchall()[0][0])
    if staged.pause:
        con.execute(
            f"insert into pause by name select i.dossier_key, p.paused_from, p.paused_to, p.reason, {load_id} as load_id "
            f"from {staged.pause} p join incoming i using (province_code, dossier_code)"
        )
    n = int(con.execute("select count(*) from incoming").fetchall()[0][0])
    loaded = n_events
    con.execute(
        "insert into load values (?, ?, 'loaded', ?, ?, ?, ?, 0, 0, ?, ?, null)",
        [load_id, now, staged.format, json.dumps(staged.profile), loaded, loaded, n, n_events],
    )
    return LoadReport(load_id, "loaded", loaded, loaded, 0, 0, n, n_events)


def rebuild(store: LogStore) -> None:
    """Compute every derived column and table from the base rows."""
    con = store.con
    event = store.table("event").drop(
        "position", "next_activity_id", "next_unit", "gap_seconds", "gap_working_seconds", "worked_at", "procedure_code"
    )
    dossier = store.table("dossier").select("dossier_key", "procedure_code", "calendar_id")
    chained = prepare.chain(event.join(dossier, "dossier_key"), store.table("calendar_day"))
    order = ["procedure_code", "province_code", "dossier_key", "position"]
    body = ibis.to_sql(chained.select(*EVENT).order_by(order), dialect="duckdb")
    con.execute(f"create or replace temp table prepared as {body}")
    con.execute("delete from event")
    con.execute("insert into event select * from prepared")
    con.execute("drop table prepared")
    facts = ibis.to_sql(prepare.variants(store.table("event")), dialect="duckdb")
    con.execute(
        f"update dossier set variant_key = v.variant_key, event_count = v.event_count, first_at = v.first_at, "
        f"last_at = v.last_at from ({facts}) v where v.dossier_key = dossier.dossier_key"
    )
    con.execute(
        "update dossier set event_count = coalesce(event_count, 0), "
        "received_at = coalesce(accepted_at, submitted_at, first_at), province_2025 = coalesce(province_2025, province_code), "
        "throughput_seconds = epoch(coalesce(closed_at, last_at)) - epoch(coalesce(accepted_at, submitted_at, first_at))"
    )
    con.execute(
        "create or replace table variant as select d.variant_key, list(e.activity_id order by e.position) as activities "
        "from event e join (select variant_key, min(dossier_key) as dossier_key from dossier where event_count > 0 group by 1) d "
        "using (dossier_key) where e.position is not null group by 1"
    )
