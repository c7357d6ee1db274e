"""The ledger of loads: what was read, what became of it, and which files are in the store already."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import metadata

import duckdb

from workbench.results import Result
from workbench.store.incoming import Incoming, Staged


@dataclass(frozen=True, slots=True)
class LedgerReport(Result):
    """What a load did; rows_in = rows_loaded + rows_quarantined + rows_duplicate."""

    load_id: int | None
    """None when nothing was new."""
    status: str
    """loaded, already or retracted."""
    rows_in: int
    rows_loaded: int
    rows_quarantined: int
    rows_duplicate: int
    dossiers: int
    """Dossiers the load names."""
    events: int
    already: tuple[int, ...] = ()
    """Loads that already hold these files."""


def active_loads(con: duckdb.DuckDBPyConnection, checksums: Sequence[str]) -> dict[str, int]:
    """Of these sha256 sums those whose content an active load holds, with the load."""
    known = [item for item in checksums if item]
    rows = con.execute(
        "select f.sha256, min(f.load_id) from load_file f join load l using (load_id) "
        "where l.status = 'loaded' and f.sha256 in (select unnest(?::varchar[])) group by 1",
        [known],
    ).fetchall()
    return {str(checksum): int(load_id) for checksum, load_id in rows}


def next_load(con: duckdb.DuckDBPyConnection) -> int:
    """The number of the next load; numbers of retracted loads are not used again."""
    return int(con.execute("select coalesce(max(load_id), 0) + 1 from load").fetchall()[0][0])


def enter(con: duckdb.DuckDBPyConnection, staged: Staged, incoming: Incoming, now: datetime) -> None:
    """Write the load into the ledger; `count` fills in its numbers."""
    con.execute(
        "insert into load by name select ?::integer as load_id, ?::timestamp as loaded_at, 'loaded' as status, "
        "? as format, ? as profile, ?::bigint as rows_in, ? as software",
        [
            incoming.load_id,
            now,
            staged.format,
            json.dumps(staged.profile, ensure_ascii=False, default=str),
            incoming.rows_in,
            metadata.version("workbench"),
        ],
    )
    con.execute(
        "insert into load_fixed values (?, ?, ?, ?, ?, ?, ?, 0, 0)",
        [
            incoming.load_id,
            incoming.strict,
            incoming.counts_dossiers,
            incoming.counts_pauses,
            incoming.rows_in,
            incoming.events_in,
            incoming.refused,
        ],
    )
    if staged.files:
        con.executemany(
            "insert into load_file values (?, ?, ?, ?, ?, ?)",
            [[incoming.load_id, f.path, f.sha256, f.bytes, f.table_name, f.rows_in] for f in staged.files],
        )


def fix(con: duckdb.DuckDBPyConnection, load_id: int, *, repeated: int, repeated_events: int, dossiers: int) -> None:
    """Write what is known of a load once and for all."""
    con.execute(
        "update load_fixed set repeated = ?, repeated_events = ? where load_id = ?",
        [repeated, repeated_events, load_id],
    )
    con.execute("update load set dossiers = ? where load_id = ?", [dossiers, load_id])


def count(con: duckdb.DuckDBPyConnection) -> None:
    """Bring the counts of all active loads up to what the store holds now.

    A load's events become loaded rows when the load that held them first is taken back, and no longer wait when
    another load brings their dossier; so the counts of earlier loads can change.
    """
    con.execute(
        "update load set rows_quarantined = n.quarantined, rows_duplicate = n.duplicate, "
        "rows_loaded = n.rows_in - n.quarantined - n.duplicate, events = n.events from ("
        "select f.load_id, f.rows_in, f.refused + coalesce(e.waiting, 0) + coalesce(p.waiting, 0) as quarantined, "
        "f.repeated + coalesce(e.duplicate, 0) + coalesce(p.duplicate, 0) + coalesce(d.duplicate, 0) as duplicate, "
        "f.events_in - f.repeated_events - coalesce(e.waiting, 0) - coalesce(e.duplicate, 0) as events "
        "from load_fixed f "
        "left join (select load_id, count(*) filter (kind = 'waiting') as waiting, "
        "count(*) filter (kind = 'duplicate') as duplicate from event_shadow group by 1) e using (load_id) "
        "left join (select load_id, count(*) filter (kind = 'waiting') as waiting, "
        "count(*) filter (kind = 'duplicate') as duplicate from pause_version join load_fixed using (load_id) "
        "where counts_pauses group by 1) p using (load_id) "
        "left join (select load_id, count(*) filter (duplicate) as duplicate from dossier_version "
        "join load_fixed using (load_id) where counts_dossiers group by 1) d using (load_id)) n "
        "where load.load_id = n.load_id and load.status = 'loaded'"
    )


def report(con: duckdb.DuckDBPyConnection, load_id: int) -> LedgerReport:
    """The ledger's line of a load."""
    row = con.execute(
        "select load_id, status, rows_in, rows_loaded, rows_quarantined, rows_duplicate, dossiers, events "
        "from load where load_id = ?",
        [load_id],
    ).fetchall()[0]
    return LedgerReport(*row)
