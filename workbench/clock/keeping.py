"""Keeping the four verdicts of every dossier in the store, and bringing them up to date after loads.

After a load only these are judged anew: dossiers it changed, open dossiers when the store's latest event is another
one, and dossiers without a due date whose procedure has got another longest term. They are judged by the same query
as all dossiers, over temporary tables that hold them alone.
"""

from __future__ import annotations

from datetime import datetime

import ibis

from workbench.clock.install import ensure_calendars
from workbench.clock.legal import latest_event
from workbench.clock.prepared import is_current, kept_moment, mark_kept, verdicts
from workbench.columns import CLOCKS, EVENT
from workbench.progress import Progress, silent
from workbench.store import LogStore, changes
from workbench.store.running import Runner, writing
from workbench.store.schema import quote

MOST_ANEW = 0.3
"""Changed dossiers, as a share of all, above which all are judged anew."""
_CLOCKS = ", ".join(CLOCKS)
_KEPT_BY = ", ".join((*changes.COUNTED_BY, "month"))
_TERMS = (
    "select procedure_code, max(declared_days) as days from internal_process "
    "where declared_days is not null and declared_days >= 0 group by 1"
)
_CALENDARS = (
    "(select count(*) || '/' || coalesce(bit_xor(hash(d)), 0) from calendar_day d) || '/' || "
    "(select count(*) || '/' || coalesce(bit_xor(hash(r)), 0) from calendar_rule r)"
)
_READ = ("dossier_key", "position", "status", "completed_at", "gap_seconds")
"""Columns of the events that verdicts are made from."""


def prepare_clocks(store: LogStore, *, progress: Progress = silent) -> bool:
    """Keep the verdicts of all dossiers in the store; False when they are already of its present state.

    To be called after loads; until then every question computes them anew, slower but equal.
    """
    if is_current(store):
        return False
    run = Runner(store.con, progress)
    run.at("clocks", 0, 3)
    with writing(store):
        ensure_calendars(store)
        as_of = latest_event(store)
        body = str(ibis.to_sql(verdicts(store), dialect="duckdb"))
        if _can_renew(run) and _find(run, as_of, kept_moment(store)):
            _renew(run, body)
        else:
            _keep_all(run, body)
        run.con.execute("create or replace table clock_term as " + _TERMS)
        changes.start(run)
        _mark(run)
        mark_kept(store, as_of)
    run.at("clocks", 3, 3)
    return True


def _mark(run: Runner) -> None:
    run.con.execute(f"insert or replace into meta select 'clock_calendars', {_CALENDARS}")
    run.con.execute(
        "insert or replace into meta select 'clock_version', value from meta where key = 'prepared_version'"
    )


def _keep_all(run: Runner, body: str) -> None:
    run.run(f"create or replace table clock_verdict as {body}")
    run.at("clocks", 2, 3)
    run.run(
        f"create or replace table summary_clock as select {changes.places('d')}, {_clocks('v')}, count(*) as dossiers "
        "from clock_verdict v join dossier d using (dossier_key) group by all order by procedure_code, province_code"
    )


def _clocks(table: str) -> str:
    return ", ".join(f"{table}.{clock}" for clock in CLOCKS)


def _can_renew(run: Runner) -> bool:
    """Whether all that changed since verdicts were kept is noted."""
    if not changes.noted(run):
        return False
    kept, now = (int(run.one("select value from meta where key = ?", [key]) or 0) for key in _VERSIONS)
    same = f"select value = {_CALENDARS} from meta where key = 'clock_calendars'"
    return run.one("select count(distinct version) from clock_change") == now - kept and bool(run.one(same))


_VERSIONS = ("clock_version", "prepared_version")


def _find(run: Runner, as_of: datetime, kept: datetime) -> bool:
    """Make `clock_todo`, the dossiers to judge anew; False when they are so many that all should be."""
    changed = int(run.one("select coalesce(sum(last_key - first_key + 1), 0) from clock_change"))
    if changed > MOST_ANEW * int(run.one("select count(*) from dossier")):
        return False
    pending = "" if as_of == kept else "union select dossier_key from clock_verdict where ended_at is null"
    run.run(
        "create or replace temp table clock_todo as "
        f"select unnest(range(first_key, last_key + 1)) as dossier_key from clock_change {pending} "
        "union select dossier_key from dossier where due_at is null and procedure_code in (select "
        f"coalesce(n.procedure_code, o.procedure_code) from ({_TERMS}) n full join clock_term o using (procedure_code) "
        "where n.days is distinct from o.days)"
    )
    return True


def _renew(run: Runner, body: str) -> None:
    """Judge the dossiers of `clock_todo` anew."""
    con = run.con
    among = "dossier_key in (select dossier_key from clock_todo)"
    columns = ", ".join(quote(n) if n in _READ else f"null::{c.type} as {quote(n)}" for n, c in EVENT.items())
    shadows = {
        "dossier": f"select * from main.dossier where {among}",
        "event": f"select {columns} from main.event where status is not null and {among}",
        "pause": f"select * from main.pause where {among}",
    }
    for name, rows in shadows.items():
        run.run(f"create temp table {name} as {rows}")
    run.at("clocks", 1, 3)
    run.run(f"create temp table clock_new as {body}")
    for name in shadows:
        con.execute(f"drop table temp.{name}")
    run.at("clocks", 2, 3)
    _count_anew(run)
    run.run("delete from clock_verdict where dossier_key in (select dossier_key from clock_todo)")
    run.run("insert into clock_verdict by name select * from clock_new")
    for name in ("clock_new", "clock_todo"):
        con.execute(f"drop table {name}")


def _count_anew(run: Runner) -> None:
    """`summary_clock` without the old verdicts of `clock_todo`, where they were counted, and with the new ones."""
    run.run(
        "create or replace temp table clock_was as select distinct on (first_key) first_key as dossier_key, "
        f"{_KEPT_BY} from clock_change where was_there order by first_key, version"
    )
    run.run(
        f"insert into clock_was select d.dossier_key, {changes.places('d')} from dossier d semi join clock_todo "
        "using (dossier_key) anti join clock_was using (dossier_key)"
    )
    run.run(
        f"create or replace temp table counted_anew as select {_KEPT_BY}, {_CLOCKS}, sum(n)::bigint as dossiers from ("
        f"select {_KEPT_BY}, {_CLOCKS}, dossiers as n from summary_clock union all "
        f"select {_KEPT_BY}, {_CLOCKS}, -1 from clock_was join clock_verdict using (dossier_key) union all "
        f"select {changes.places('d')}, {_clocks('v')}, 1 from clock_new v join dossier d using (dossier_key)) "
        "group by all having sum(n) <> 0"
    )
    run.run(
        "create or replace table summary_clock as select * from counted_anew order by procedure_code, province_code"
    )
    for name in ("clock_was", "counted_anew"):
        run.con.execute(f"drop table {name}")
