"""Making the prepared rows of dossiers: quickly for dossiers that are new, exactly for those the store knows.

`append_fresh` streams new dossiers into the tables. `settle` gathers every accepted row of the affected dossiers
(from the tables, the shadow tables and the load), decides anew which row counts, and writes them again; so the
result depends on the rows alone, not on the way they came.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise

from workbench.columns import EVENT
from workbench.store import expressions, gather, summary, vocabulary
from workbench.store.calendars import calendar_join
from workbench.store.gather import names
from workbench.store.incoming import Incoming
from workbench.store.running import Runner
from workbench.store.schema import DOSSIER_GIVEN, EVENT_GIVEN, copy_table, quote

BATCH = 400_000
"""Dossiers settled at a time, which bounds memory."""
EVENTS_A_RANGE = 1_000_000
"""Fewer new events are sorted and written in one go."""
MOST_RANGES = 4
"""Ranges of new dossiers written side by side: each reads the source once."""
_AFFECTED = "dossier_key in (select dossier_key from affected)"


@dataclass(slots=True)
class Repeats:
    """Rows of a load that repeat a row of the same load, and are not kept."""

    dossiers: int = 0
    events: int = 0
    pauses: int = 0


# new dossiers -------------------------------------------------------------------------------------------------
def append_fresh(run: Runner, incoming: Incoming) -> Repeats:
    """Write the dossiers of `fresh`, and the rows whose dossier nobody knows.

    Dossiers in which an event repeats go in as they came and into `affected`, to be settled next.
    """
    repeats = Repeats()
    gather.fresh_pauses(run)
    repeats.pauses = gather.write_pauses(run)
    first = int(run.one("select coalesce(min(dossier_key), 0) from fresh"))
    part = f"dossier_key >= {first}" if first else "false"
    if first:
        _append(run, incoming, part)
    if incoming.strict and _events_placed(run, part) < incoming.events_in:
        repeats.events = _set_aside(run)
    return repeats


def _append(run: Runner, incoming: Incoming, part: str) -> None:
    run.at("events", 1, 6)
    run.con.execute(
        "create or replace temp table event_place as select (row_number() over ())::integer as place_id, * "
        "from (select distinct procedure_code, province_code from fresh)"
    )
    rest = tuple(name for name in EVENT_GIVEN if name not in ("unit", "role"))
    run.con.execute(
        "create or replace temp view fresh_chain as select f.dossier_key, f.calendar_id, f.place_id, k.kind, "
        f"k.activity_id, {names(rest, 'i.')} from in_event i join (select fresh.*, place_id from fresh join event_place p "
        "on p.province_code = fresh.province_code and p.procedure_code is not distinct from fresh.procedure_code) f "
        "on f.province_code = i.province_code and f.dossier_code = i.dossier_code join event_kind k "
        "on k.label = i.label and k.unit is not distinct from i.unit and k.role is not distinct from i.role"
    )
    ranges = _ranges(run, incoming)
    text = expressions.streamed_chain_sql(incoming.event_columns, incoming.load_id, ranges)
    with _side_by_side(run, len(ranges)):
        run.run(f"insert into event {text}")
    run.con.execute("drop table event_place")
    run.at("dossiers", 2, 6)
    base = ", ".join(f"i.{quote(name)}" for name in DOSSIER_GIVEN if name != "outcome")
    source = (
        f"select k.dossier_key, k.province_code, k.dossier_code, {base}, i.outcome as outcome_given, "
        f"k.versions as version_count, {incoming.load_id} as load_id, k.calendar_id from fresh k "
        "left join in_dossier i on i.province_code = k.province_code and i.dossier_code = k.dossier_code"
    )
    _write_dossiers(run, source, part)
    run.at("repeats", 3, 6)
    _find_repeats(run, part)
    run.at("summary", 4, 6)
    vocabulary.map_steps(run, part)
    summary.add(run, part, sign=1)


@contextmanager
def _side_by_side(run: Runner, ranges: int) -> Iterator[None]:
    """Inside, ranges are written at the same time: each is sorted and stays so.

    Asked to keep the order DuckDB would write one range after the other on a single thread.
    """
    if ranges == 1:
        yield
        return
    run.con.execute("set preserve_insertion_order = false")
    try:
        yield
    finally:
        run.con.execute("set preserve_insertion_order = true")


def _ranges(run: Runner, incoming: Incoming) -> list[tuple[int, int]]:
    """First and last keys of about equal shares of the new dossiers: one for each thread where there are many events."""
    first, last = run.con.execute("select min(dossier_key), max(dossier_key) from fresh").fetchall()[0]
    threads = int(run.one("select current_setting('threads')"))
    parts = min(threads, MOST_RANGES) if incoming.events_in >= EVENTS_A_RANGE else 1
    cuts = [first + (last + 1 - first) * part // parts for part in range(parts + 1)]
    return [(begin, end - 1) for begin, end in pairwise(cuts)]


def _events_placed(run: Runner, part: str) -> int:
    """Events of the load whose dossier is new or known; what is missing belongs to dossiers nobody knows."""
    # `known`, because `affected` has by now the dossiers of `fresh` with repeated events too.
    written = int(run.one(f"select count(*) from event where {part}"))
    of_known = "select count(*) from in_event i semi join known k using (province_code, dossier_code)"
    return written + int(run.one(of_known))


def _set_aside(run: Runner) -> int:
    """Events of dossiers nobody knows wait in the shadow table; the number of repeated ones, which are dropped."""
    run.run(
        "insert into event_shadow by name with lost as (select i.*, a.activity_id, row_number() over (partition by "
        "i.province_code, i.dossier_code, a.activity_id, completed_at, unit, officer_key, occurrence "
        "order by source_order) as place from in_event i join activity a on a.label = i.label "
        "where not exists (select 1 from fresh f where f.province_code = i.province_code "
        "and f.dossier_code = i.dossier_code) and not exists (select 1 from affected a where "
        "a.province_code = i.province_code and a.dossier_code = i.dossier_code)) "
        f"select province_code, dossier_code, activity_id, {names(EVENT_GIVEN)}, load_id, "
        "case when place > 1 then 'repeat' else 'waiting' end as kind, source, line from lost"
    )
    repeated = int(run.one("select count(*) from event_shadow where kind = 'repeat'"))
    if repeated:
        run.con.execute("delete from event_shadow where kind = 'repeat'")
    return repeated


def _find_repeats(run: Runner, part: str) -> None:
    """Put fresh dossiers with repeated events into `affected`; ties of time are the only place to look."""
    tied = f"select dossier_key from event where {part} and (gap_seconds = 0 or position is null)"
    run.run(
        "insert into affected select province_code, dossier_code, dossier_key, true, false from fresh "
        f"where dossier_key in (select dossier_key from event where {part} and dossier_key in ({tied}) "
        f"group by {gather.SAME_EVENT} having count(*) > 1)"
    )


def _write_dossiers(run: Runner, source: str, part: str) -> None:
    """Insert the dossiers of `source` (base columns with calendar_id) and their variants, from events in `part`."""
    con = run.con
    con.execute(f"create or replace temp view event_part as select * from event where {part}")
    con.execute(
        f"create or replace temp view base_in as select {names(expressions.BASE_COLUMNS)} from (select s.*, "
        f"coalesce(p.province_2025, s.province_code) as province_2025 from ({source}) s "
        "left join successor p on p.province_code = s.province_code)"
    )
    run.run(f"create or replace temp table facts as {expressions.facts_sql()}")
    run.run(f"create or replace temp table runs as {expressions.runs_sql()}")
    run.run(f"create or replace temp table stood as {expressions.stood_sql()}")
    run.run(f"insert into dossier {expressions.dossier_sql()} order by dossier_key")
    run.run(
        "insert into variant select f.variant_key, list(e.activity_id order by e.position) from event_part e join "
        "(select variant_key, min(dossier_key) as dossier_key from facts f where not exists (select 1 from variant v "
        "where v.variant_key = f.variant_key) group by 1) f using (dossier_key) where e.position is not null group by 1"
    )
    for name in ("facts", "runs", "stood"):
        con.execute(f"drop table {name}")


# known dossiers -----------------------------------------------------------------------------------------------
def settle(run: Runner, *, loading: bool, without: int | None = None) -> Repeats:
    """Write the dossiers of `affected` anew, with the rows of the load or without those of load `without`."""
    repeats = Repeats()
    total = int(run.one("select count(*) from affected"))
    batches = -(-total // BATCH)
    run.con.execute(
        "create or replace temp table whole as select *, "
        f"(row_number() over (order by dossier_key) - 1) // {BATCH} as batch from affected"
    )
    for batch in range(batches):
        run.at("settle", batch, batches)
        run.con.execute(
            f"create or replace temp table affected as select * exclude (batch) from whole where batch = {batch}"
        )
        _settle_batch(run, repeats, loading=loading, without=without)
    if total:
        run.run(
            "delete from variant where not exists (select 1 from dossier d where d.variant_key = variant.variant_key)"
        )
    run.con.execute("drop table whole")
    return repeats


def _settle_batch(run: Runner, repeats: Repeats, *, loading: bool, without: int | None) -> None:
    repeats.dossiers += gather.versions(run, loading=loading, without=without)
    repeats.events += gather.events(run, loading=loading, without=without)
    gather.dossiers(run)
    gather.pauses(run, loading=loading, without=without)
    summary.add(run, _AFFECTED, sign=-1)
    _clear(run)
    _write_shadows(run)
    run.con.execute(
        "create or replace temp view chain_in as select e.dossier_key, d.sort_rank, d.procedure_code, d.province_code, "
        f"d.calendar_id, e.activity_id, {names(EVENT_GIVEN, 'e.')}, e.load_id from settled_event e "
        "join settled d using (dossier_key) where e.kind = 'base'"
    )
    run.run(f"insert into event {expressions.chain_sql()}")
    repeats.pauses += gather.write_pauses(run)
    _write_dossiers(run, "select * exclude (sort_rank) from settled", _AFFECTED)
    vocabulary.map_steps(run, _AFFECTED)
    summary.add(run, _AFFECTED, sign=1)
    for name in ("settled", "settled_event", "settled_version"):
        run.con.execute(f"drop table {name}")


def _clear(run: Runner) -> None:
    for table in ("event", "dossier", "pause"):
        run.run(f"delete from {table} where dossier_key in (select dossier_key from affected where existing)")
    for table in ("dossier_version", "event_shadow", "pause_version"):
        run.run(
            f"delete from {table} using affected a where a.province_code = {table}.province_code "
            f"and a.dossier_code = {table}.dossier_code"
        )


def _write_shadows(run: Runner) -> None:
    run.run(
        "insert into dossier_version by name select d.province_code, d.dossier_code, "
        f"{names(DOSSIER_GIVEN, 'v.')}, v.load_id, v.version_order, v.duplicate from settled_version v "
        "join settled d using (dossier_key) where d.version_count > 1"
    )
    run.run(
        "insert into event_shadow by name select a.province_code, a.dossier_code, e.activity_id, "
        f"{names(EVENT_GIVEN, 'e.')}, e.load_id, e.kind, e.source, e.line from settled_event e "
        "join affected a using (dossier_key) where e.kind <> 'base'"
    )


# everything ---------------------------------------------------------------------------------------------------
def rewrite(run: Runner) -> None:
    """Compute every derived column and table anew and write events and dossiers in their physical order."""
    con = run.con
    run.at("events", 0, 3)
    con.execute(
        "create or replace temp table placed as select d.dossier_key, d.procedure_code, d.province_code, "
        "coalesce(c.calendar_id, d.calendar_id) as calendar_id, "
        "row_number() over (order by d.procedure_code, d.province_code, d.received_at, d.dossier_key) as sort_rank "
        f"from dossier d {calendar_join('d', 'c')}"
    )
    con.execute(
        "create or replace temp view chain_in as select e.dossier_key, k.sort_rank, k.procedure_code, k.province_code, "
        f"k.calendar_id, e.activity_id, {names(EVENT_GIVEN, 'e.')}, e.load_id from event e join placed k using (dossier_key)"
    )
    copy_table(con, "event", EVENT, expressions.chain_sql())
    run.at("dossiers", 1, 3)
    base = ", ".join(f"d.{quote(name)}" for name in DOSSIER_GIVEN if name != "outcome")
    con.execute(
        f"create or replace temp table settled as select d.dossier_key, d.province_code, d.dossier_code, {base}, "
        "d.outcome_given, d.version_count, d.load_id, k.calendar_id, k.sort_rank from dossier d join placed k using (dossier_key)"
    )
    con.execute("delete from dossier")
    con.execute("delete from variant")
    _write_dossiers(run, "select * exclude (sort_rank) from settled", "true")
    for name in ("settled", "placed"):
        con.execute(f"drop table {name}")
    run.at("summary", 2, 3)
    summary.rebuild(run)
    run.at("summary", 3, 3)
