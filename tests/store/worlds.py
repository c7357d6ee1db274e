"""Small worlds of source rows for the store's tests, and what a store holds in a form two stores can be compared by."""

from __future__ import annotations

import tempfile
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random

import pandas as pd

from workbench.store import LogStore, open_store
from workbench.store.loading import LedgerReport, Staged, StagedFile, load_staged

NOW = datetime(2024, 6, 1)
START = datetime(2024, 1, 2, 8)
DOSSIER_COLUMNS = {"province_code": "varchar", "dossier_code": "varchar", "procedure_code": "varchar",
                   "agency_code": "varchar", "status": "integer", "accepted_at": "timestamp", "due_at": "timestamp",
                   "closed_at": "timestamp", "outcome": "varchar"}  # fmt: skip
EVENT_COLUMNS = {"province_code": "varchar", "dossier_code": "varchar", "label": "varchar", "status": "integer",
                 "completed_at": "timestamp", "unit": "varchar", "officer_key": "varchar", "artefact": "varchar",
                 "source_order": "bigint"}  # fmt: skip
PAUSE_COLUMNS = {"province_code": "varchar", "dossier_code": "varchar", "paused_from": "timestamp",
                 "paused_to": "timestamp", "reason": "varchar"}  # fmt: skip
TABLES = {"dossier": DOSSIER_COLUMNS, "event": EVENT_COLUMNS, "pause": PAUSE_COLUMNS}
Rows = dict[str, list[dict[str, object]]]


def stage(store: LogStore, rows: Rows, *, sha: str, derived: tuple[str, ...] = ()) -> Staged:
    """The rows as staged relations; a table that is not in `rows` is not staged."""
    names = {}
    for table, columns in TABLES.items():
        if table not in rows:
            continue
        body = ", ".join(f"{name} {kind}" for name, kind in columns.items())
        store.con.execute(f"create or replace temp table staged_{table} ({body})")
        if rows[table]:
            insert(store, f"staged_{table}", [[row.get(name) for name in columns] for row in rows[table]])
        names[table] = f"staged_{table}"
    count = sum(len(items) for items in rows.values())
    return Staged((StagedFile(f"{sha}.csv", sha, 0, "log", count),), "test", derived=derived, **names)


def insert(store: LogStore, table: str, rows: list[list[object]]) -> None:
    """Rows as one statement: a statement for each would cost more than the load of them."""
    marks = ", ".join(f"({', '.join('?' for _ in row)})" for row in rows)
    store.con.execute(f"insert into {table} values {marks}", [value for row in rows for value in row])


def load(store: LogStore, rows: Rows, *, sha: str, derived: tuple[str, ...] = ()) -> LedgerReport:
    return load_staged(store, stage(store, rows, sha=sha, derived=derived), now=NOW)


def new_store(path: Path) -> LogStore:
    """An empty store with calendars: a copy of one made once a process."""
    path.unlink(missing_ok=True)
    path.write_bytes(_empty())
    return open_store(path, threads=1)


@cache
def _empty() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        with open_store(Path(folder) / "empty.duckdb", threads=1) as store:
            put_calendar(store)
        return (Path(folder) / "empty.duckdb").read_bytes()


def put_calendar(store: LogStore) -> None:
    """Monday to Friday 8-12 and 13-17 for everybody, 7-11 and 13-17 for H02."""
    for name, opens in (("office", 8), ("early", 7)):
        before, rows = 0, list[list[object]]()
        for number in range(60):
            day = START.date() + timedelta(days=number)
            spans = (opens * 3600, (opens + 4) * 3600, 13 * 3600, 17 * 3600) if day.weekday() < 5 else (0, 0, 0, 0)
            rows.append([name, day, before, *spans])
            before += spans[1] - spans[0] + spans[3] - spans[2]
        insert(store, "calendar_day", rows)
    store.con.execute("insert into calendar_rule values ('*', null, 'office'), ('H02', null, 'early')")


def event(code: str, label: str, hours: float, *, province: str = "H01", **more: object) -> dict[str, object]:
    return {"province_code": province, "dossier_code": code, "label": label,
            "completed_at": START + timedelta(hours=hours), **more}  # fmt: skip


def dossier(code: str, *, province: str = "H01", **more: object) -> dict[str, object]:
    return {"province_code": province, "dossier_code": code, **more}


# what a store holds ---------------------------------------------------------------------------------------------
_CONTENT = {
    "dossier": "select * exclude (dossier_key, load_id, variant_key, version_count), (select string_agg(a.label, ' ' order by place) "
    "from (select unnest(v.activities) as id, generate_subscripts(v.activities, 1) as place from variant v "
    "where v.variant_key = d.variant_key) u join activity a on a.activity_id = u.id) as variant from dossier d order by all",
    "event": "select d.province_code, d.dossier_code, a.label, n.label as next_label, "
    "e.* exclude (dossier_key, activity_id, next_activity_id, load_id) from event e join dossier d using (dossier_key) "
    "join activity a using (activity_id) left join activity n on n.activity_id = e.next_activity_id order by all",
    "pause": "select d.province_code, d.dossier_code, p.* exclude (dossier_key, load_id) from pause p "
    "join dossier d using (dossier_key) order by all",
    "activity": "select label from activity order by 1",
    "variant": "select (select string_agg(a.label, ' ' order by place) from (select unnest(v.activities) as id, "
    "generate_subscripts(v.activities, 1) as place) u join activity a on a.activity_id = u.id) as labels from variant v order by 1",
    "quarantine": "select source, line, reason, value from quarantine order by all",
    "summary_edge": "select procedure_code, province_code, month, a.label as source, b.label as target, sum(count) as count, "
    "sum(dossiers) as dossiers, sum(microseconds) as us, sum(n_working) as n, sum(working_seconds) as w from summary_edge s "
    "join activity a on a.activity_id = s.step_id join activity b on b.activity_id = s.next_step_id group by all "
    "having sum(count) <> 0 order by all",
    "summary_step": "select procedure_code, province_code, month, a.label as step, sum(count) as count, "
    "sum(dossiers) as dossiers, sum(start_count) as starts, sum(end_count) as ends from summary_step s "
    "join activity a on a.activity_id = s.step_id group by all having sum(count) <> 0 order by all",
    "summary_quantile": "select scope, code, a.label as source, b.label as target, median_seconds, p90_seconds, "
    "median_working_seconds from summary_quantile q left join activity a on a.activity_id = q.step_id "
    "join activity b on b.activity_id = q.next_step_id order by all",
}


def content(store: LogStore) -> dict[str, list[tuple[object, ...]]]:
    """All that a store holds, without keys and load numbers."""
    return {name: store.con.execute(text).fetchall() for name, text in _CONTENT.items()}


def ledger(store: LogStore) -> pd.DataFrame:
    return store.sql(
        "select load_id, status, rows_in, rows_loaded, rows_quarantined, rows_duplicate, events from load order by 1"
    )


# random worlds --------------------------------------------------------------------------------------------------
# Large ones: what a load costs hardly depends on its rows, and every dossier is an example of its own.
_PROVINCES = ("H01", "H02")
_CODES = tuple(str(number) for number in range(1, 13))
_HOURS = (0.0, 0.0, 1.0, 2.5, 5.0, 30.0, 30.0001)


def events(random: Random, size: int = 90) -> list[dict[str, object]]:
    """Events with many ties and repetitions; `source_order` numbers them through."""
    pick = random.choice
    return [
        event(
            pick(_CODES), pick("abc"), pick(_HOURS), province=pick(_PROVINCES), unit=pick([None, "u", "v"]),
            status=pick([None, 4, 5, 10]), source_order=number,
            artefact=pick([None, None, "default_status", "empty_step_fields,synthetic_first"]),
        )
        for number in range(size)
    ]  # fmt: skip


def dossiers(random: Random, size: int = 30) -> list[dict[str, object]]:
    """Dossier rows, several of one dossier with other values, and none of some."""
    pick = random.choice
    return [
        dossier(
            pick(_CODES[:-2]), province=pick(_PROVINCES), procedure_code=pick([None, "p", "q"]), status=pick([None, 4, 9]),
            outcome=pick([None, None, "stopped"]), accepted_at=pick([None, START, START - timedelta(days=1)]),
            closed_at=pick([None, START + timedelta(hours=29)]),
        )
        for _ in range(size)
    ]  # fmt: skip


def pauses(random: Random, size: int = 20) -> list[dict[str, object]]:
    """Pauses that overlap, come again and stand open."""
    pick = random.choice
    out = []
    for _ in range(size):
        begin, stop = START + timedelta(hours=pick([1, 2, 3])), pick([None, 1, 4])
        out.append(
            {
                "province_code": pick(_PROVINCES), "dossier_code": pick(_CODES), "paused_from": begin,
                "paused_to": None if stop is None else begin + timedelta(hours=stop),
                "reason": pick(["supplement", "financial_duty"]),
            }
        )  # fmt: skip
    return out


def world(random: Random) -> Rows:
    """A whole source: dossier rows, events, pauses."""
    return {"dossier": dossiers(random), "event": events(random), "pause": pauses(random)}


def cut(random: Random, rows: Rows, parts: int) -> list[Rows]:
    """The rows dealt out over `parts` loads, each keeping the order it had."""
    out: list[Rows] = [{table: [] for table in rows} for _ in range(parts)]
    for table, items in rows.items():
        for item in items:
            out[random.randrange(parts)][table].append(item)
    return out


def joined(parts: list[Rows]) -> Rows:
    """The rows of several loads as one, in their order."""
    return {table: [item for part in parts for item in part[table]] for table in parts[0]}
