"""Putting staged rows into the store and taking them out again: atomic, repeatable, with a ledger.

Whatever the order and the cut in which rows come, the store holds what it would hold had they come at once: a
dossier is named by (province_code, dossier_code); of its attributes the latest load's value wins, column by column;
an event that another load already gave (same dossier, label, time, unit and officer) is a duplicate.
"""

from __future__ import annotations

from datetime import datetime

from workbench.errors import StoreError
from workbench.progress import Progress, silent
from workbench.store import changes, incoming, ledger, settle, summary, vocabulary
from workbench.store.calendars import write_successors
from workbench.store.incoming import Staged, StagedFile
from workbench.store.ledger import LedgerReport
from workbench.store.log_store import LogStore
from workbench.store.running import Runner, writing

__all__ = ["LedgerReport", "Staged", "StagedFile", "already_loaded", "load_staged", "rebuild", "retract"]

TAIL_SHARE = 0.3
"""Events out of physical order, as a share of all, above which a load rewrites the table sorted."""
TAIL_MINIMUM = 2_000_000
"""Fewer events out of order never matter."""


def already_loaded(store: LogStore, checksums: list[str]) -> dict[str, int]:
    """Of these sha256 sums those whose content an active load holds, with the load."""
    return ledger.active_loads(store.con, checksums)


def load_staged(store: LogStore, staged: Staged, *, now: datetime, progress: Progress = silent) -> LedgerReport:
    """Put the staged rows into the store in one transaction and prepare them.

    Nothing changes, and the status is "already", when active loads hold all the files. Raises StoreError when a
    staged column is missing or of a wrong type, the disk is full or the memory limit reached, StoreLocked when
    another load is being committed, Cancelled when `progress` says so; the store is then as before.
    """
    checksums = [file.sha256 for file in staged.files]
    held = ledger.active_loads(store.con, checksums)
    if checksums and all(held.get(item) for item in checksums):
        return LedgerReport(None, "already", 0, 0, 0, 0, 0, 0, tuple(sorted(set(held.values()))))
    with writing(store):
        run = Runner(store.con, progress)
        load_id = _load(run, staged, now)
        _finish(run)
        return ledger.report(store.con, load_id)


def _load(run: Runner, staged: Staged, now: datetime) -> int:
    con = run.con
    load_id = ledger.next_load(con)
    run.at("read", 0, 6)
    write_successors(con)
    received = incoming.receive(con, staged, load_id)
    ledger.enter(con, staged, received, now)
    incoming.add_activities(con)
    incoming.name_dossiers(con, received)
    changes.note(run, with_fresh=True)
    was_empty = not run.one("select exists (select 1 from event)")
    first = settle.append_fresh(run, received)
    again = settle.settle(run, loading=True)
    events = first.events + again.events
    repeated = staged.duplicates + events
    repeated += again.dossiers if received.counts_dossiers else 0
    repeated += first.pauses + again.pauses if received.counts_pauses else 0
    ledger.fix(con, load_id, repeated=repeated, repeated_events=events, dossiers=incoming.count_named(con))
    _keep_order(run, 0 if was_empty else received.events_in)
    return load_id


def _keep_order(run: Runner, appended: int) -> None:
    """Write the tables in physical order once too many events stand outside it."""
    tail = appended + int(run.one("select value from meta where key = 'tail_events'") or 0)
    total = int(run.one("select count(*) from event"))
    if tail > max(TAIL_SHARE * total, TAIL_MINIMUM):
        settle.rewrite(run)
        tail = 0
    _write_meta(run, "tail_events", tail)


def _finish(run: Runner) -> None:
    """What every change of the rows ends with."""
    run.at("finish", 5, 6)
    ledger.count(run.con)
    summary.quantiles(run)
    _write_meta(run, "prepared_version", int(run.one("select value from meta where key = 'prepared_version'") or 0) + 1)
    run.at("finish", 6, 6)


def _write_meta(run: Runner, key: str, value: int) -> None:
    run.con.execute("insert or replace into meta values (?, ?)", [key, str(value)])


def retract(store: LogStore, load_id: int, *, progress: Progress = silent) -> LedgerReport:
    """Take a load back: the store is then what it would be had the load never happened.

    The ledger keeps its line with the status "retracted", and its files can be loaded again. Events that only
    repeated events of the load become loaded rows, and events whose dossier only the load gave go to quarantine
    (without their line, which is not kept for accepted rows). Raises StoreError when there is no such load.
    """
    status = store.scalar("select status from load where load_id = ?", [load_id])
    if status != "loaded":
        loads = store.con.execute("select load_id from load where status = 'loaded' order by 1").fetchall()
        shown = ", ".join(str(row[0]) for row in loads) or "none"
        raise StoreError(
            f"There is no load {load_id}." if status is None else f"Load {load_id} is retracted already.",
            fix=f"Loads that can be retracted: {shown}.",
            load_id=load_id,
        )
    with writing(store):
        run = Runner(store.con, progress)
        write_successors(store.con)
        incoming.name_dossiers_of(store.con, load_id)
        changes.note(run, with_fresh=False)
        settle.settle(run, loading=False, without=load_id)
        store.con.execute("delete from quarantine_row where load_id = ?", [load_id])
        store.con.execute("delete from load_fixed where load_id = ?", [load_id])
        store.con.execute("update load set status = 'retracted' where load_id = ?", [load_id])
        vocabulary.forget_unused(run)
        _finish(run)
        return ledger.report(store.con, load_id)


def rebuild(store: LogStore, *, progress: Progress = silent) -> None:
    """Compute every derived column and table from the base rows, as after a change of calendars.

    Joins the transaction of the caller when there is one.
    """
    with writing(store):
        run = Runner(store.con, progress)
        write_successors(store.con)
        changes.forget(run)
        settle.rewrite(run)
        _write_meta(run, "tail_events", 0)
        _finish(run)
