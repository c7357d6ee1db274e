"""Small tables that answer questions about the whole country exactly, without reading the events.

`summary_edge` and `summary_step` hold counts and sums per procedure, organisation and month of receipt; a load adds
rows, and subtracts what it replaces with negative ones, so reading always sums. Medians do not add up:
`summary_quantile` holds them for the whole store and for each procedure, and a load computes those of the pairs it
touched anew. Steps are the canonical ones while a vocabulary is in force.

`edges` and `steps` give what the long way over the events gives, or None when the selection, or a vocabulary on
trial, needs the events.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from typing import Any

import pandas as pd

from workbench.selection import Selection
from workbench.store.log_store import LogStore
from workbench.store.running import Runner

_COMPACT_ROWS = 1_000_000
_TOUCHED = "touched_edge (procedure_code VARCHAR, step_id INTEGER, next_step_id INTEGER)"
"""Pairs whose durations a change touches; `quantiles` ends with an empty one."""
_QUANTILES = (
    ("all", "null::varchar", "step_id"),
    ("all", "null::varchar", "null::integer"),
    ("procedure", "procedure_code", "step_id"),
    ("procedure", "procedure_code", "null::integer"),
)
"""The groups medians are kept of: scope, its code, and the step before (null for waits before a step)."""
_PLACE = "d.procedure_code, d.province_code, date_trunc('month', d.received_at)::date as month"


# writing ------------------------------------------------------------------------------------------------------
def add(run: Runner, part: str, *, sign: int) -> None:
    """Add (`sign` 1) or subtract (-1) the events and dossiers of `part`, a condition on dossier_key."""
    _step_variants(run, part)
    step, following = _step("e.activity_id", "e"), _step("e.next_activity_id", "e", "n")
    run.run(
        f"create or replace temp table edge_part as with timed as (select {_PLACE}, {step[0]} as step_id, "
        f"{following[0]} as next_step_id, "
        "count(*) as count, sum(round(e.gap_seconds * 1e6)::bigint) as microseconds, "
        "count(e.gap_working_seconds) as n_working, coalesce(sum(e.gap_working_seconds), 0)::bigint as working_seconds "
        f"from (select * from event where {part} and next_activity_id is not null) e join dossier d using (dossier_key) "
        f"{step[1]} {following[1]} group by all), "
        "met as (select procedure_code, province_code, month, v.source as step_id, v.target as next_step_id, "
        "sum(n)::bigint as dossiers from dossier_group g join variant_edge v on v.variant_key = g.variant_key "
        "and v.province is not distinct from g.mapped_province group by all) "
        f"select t.procedure_code, t.province_code, t.month, t.step_id, t.next_step_id, {sign} * count, "
        f"{sign} * m.dossiers, {sign} * microseconds, {sign} * n_working, {sign} * working_seconds from timed t "
        "join met m on m.procedure_code is not distinct from t.procedure_code "
        "and m.province_code is not distinct from t.province_code and m.month is not distinct from t.month "
        "and m.step_id = t.step_id and m.next_step_id = t.next_step_id"
    )
    run.run("insert into summary_edge select * from edge_part")
    run.con.execute(f"create temp table if not exists {_TOUCHED}")
    run.run("insert into touched_edge select distinct procedure_code, step_id, next_step_id from edge_part")
    run.run(
        "insert into summary_step select procedure_code, province_code, month, v.step_id, "
        f"{sign} * sum(n * v.count)::bigint, {sign} * sum(n)::bigint, {sign} * sum(n * v.starts)::bigint, "
        f"{sign} * sum(n * v.ends)::bigint from dossier_group g join variant_step v on v.variant_key = g.variant_key "
        "and v.province is not distinct from g.mapped_province group by all"
    )
    for name in ("edge_part", "dossier_group", "variant_pair", "variant_edge", "variant_step"):
        run.con.execute(f"drop table {name}")


def _step_variants(run: Runner, part: str) -> None:
    """Dossiers counted per variant, and which steps and edges a variant has.

    Counting a step once a dossier is then a question to the variants, of which there are far fewer. Where labels
    mean different steps in different organisations a variant is looked at per organisation.
    """
    mapped = bool(run.one("select exists (select 1 from step_map)"))
    province = "province_code" if mapped else "null::varchar"
    run.run(
        f"create or replace temp table dossier_group as select {_PLACE}, {province} as mapped_province, d.variant_key, "
        f"count(*) as n from dossier d where {part} and d.event_count > 0 group by all"
    )
    step = _step("x.activity_id", "x", table="province")
    run.run(
        "create or replace temp table variant_pair as select x.province, x.variant_key, x.place, x.length, "
        f"{step[0]} as step_id from (select g.mapped_province as province, v.variant_key, "
        "unnest(v.activities) as activity_id, generate_subscripts(v.activities, 1) as place, len(v.activities) as length "
        "from (select distinct mapped_province, variant_key from dossier_group) g join variant v using (variant_key)) x "
        f"{step[1]}"
    )
    run.run(
        "create or replace temp table variant_edge as select distinct a.province, a.variant_key, a.step_id as source, "
        "b.step_id as target from variant_pair a join variant_pair b on b.variant_key = a.variant_key "
        "and b.province is not distinct from a.province and b.place = a.place + 1"
    )
    run.run(
        "create or replace temp table variant_step as select province, variant_key, step_id, count(*) as count, "
        "count(*) filter (place = 1) as starts, count(*) filter (place = length) as ends from variant_pair group by all"
    )


def _step(activity: str, alias: str, name: str = "s", table: str = "province_code") -> tuple[str, str]:
    """The step of an activity, and the join that finds it."""
    join = f"left join step_map {name} on {name}.province_code = {alias}.{table} and {name}.activity_id = {activity}"
    return f"coalesce({name}.step_id, {activity})", join


def rebuild(run: Runner) -> None:
    """Count everything anew."""
    for table in ("summary_edge", "summary_step", "summary_quantile"):
        run.con.execute(f"delete from {table}")
    run.con.execute("delete from meta where key = 'summary_rows'")
    add(run, "true", sign=1)


def quantiles(run: Runner) -> None:
    """Compute the medians of what was added and subtracted anew; fold both together once there are many."""
    run.con.execute(f"create temp table if not exists {_TOUCHED}")
    for place, (scope, code, source) in enumerate(_QUANTILES):
        run.at("medians", place, len(_QUANTILES))
        _quantiles(run, scope, code, source)
    run.con.execute("drop table touched_edge")
    _compact(run)


def _quantiles(run: Runner, scope: str, code: str, source: str) -> None:
    """The medians of one kind of groups: those that hold a touched pair.

    Events find the number of their group before they are grouped: grouping many values by texts costs several times more.
    """
    run.con.execute(
        "create or replace temp table asked as select *, (row_number() over ())::integer as number from "
        f"(select distinct {code} as code, {source} as source, next_step_id as target from touched_edge)"
    )
    run.con.execute(
        "delete from summary_quantile q using asked a where q.scope = ? and q.next_step_id = a.target "
        "and q.step_id is not distinct from a.source and q.code is not distinct from a.code",
        [scope],
    )
    mapped = bool(run.one("select exists (select 1 from step_map)"))
    step, following = _step("e.activity_id", "e"), _step("e.next_activity_id", "e", "n")
    here, there = (step, following) if mapped else (("e.activity_id", ""), ("e.next_activity_id", ""))
    same = ["a.target = e.next_step_id"]
    same += ["a.source = e.step_id"] if source == "step_id" else []
    same += ["a.code is not distinct from e.procedure_code"] if scope == "procedure" else []
    run.run(
        f"insert into summary_quantile select '{scope}', a.code, a.source, a.target, q[1], q[2], w from (select "
        "a.number, quantile_cont(e.gap_seconds, [0.5, 0.9]) as q, quantile_cont(e.gap_working_seconds, 0.5) as w "
        f"from (select e.procedure_code, {here[0]} as step_id, {there[0]} as next_step_id, e.gap_seconds, "
        f"e.gap_working_seconds from event e {here[1]} {there[1]} where e.next_activity_id is not null) e "
        f"join asked a on {' and '.join(same)} group by a.number) m join asked a using (number)"
    )
    run.con.execute("drop table asked")


def _compact(run: Runner) -> None:
    rows = int(run.one("select count(*) from summary_edge"))
    useful = int(run.one("select value from meta where key = 'summary_rows'") or rows)
    if rows > max(2 * useful, _COMPACT_ROWS):
        _fold(run, "summary_edge", 5)
        _fold(run, "summary_step", 4)
        useful = int(run.one("select count(*) from summary_edge"))
    run.con.execute("insert or replace into meta values ('summary_rows', ?)", [str(useful)])


def _fold(run: Runner, table: str, keys: int) -> None:
    columns = [row[0] for row in run.con.execute(f"describe {table}").fetchall()]
    types = {row[0]: row[1] for row in run.con.execute(f"describe {table}").fetchall()}
    sums = ", ".join(f"sum({name})::{types[name]} as {name}" for name in columns[keys:])
    run.run(
        f"create or replace temp table folded as select {', '.join(columns[:keys])}, {sums} from {table} group by all "
        "having sum(count) <> 0 order by procedure_code, province_code, month"
    )
    run.con.execute(f"delete from {table}")
    run.run(f"insert into {table} select * from folded")
    run.con.execute("drop table folded")


# reading ------------------------------------------------------------------------------------------------------
def edges(store: LogStore, selection: Selection) -> pd.DataFrame | None:
    """Directly-follows pairs of a selection, or None when the summary cannot answer it.

    Columns: step_id, next_step_id, count, dossiers, median_seconds, mean_seconds, p90_seconds,
    median_working_seconds, mean_working_seconds; order unspecified. Equal to counting the events; medians are
    interpolated as `quantile_cont` does.
    """
    found = None if store.trial or not store.has_summaries else _scope(selection)
    if found is None:
        return None
    scope, code, where, values = found
    return store.sql(
        "with s as (select step_id, next_step_id, sum(count)::bigint as count, sum(dossiers)::bigint as dossiers, "
        "sum(microseconds) / 1e6 as seconds, sum(n_working) as n_working, sum(working_seconds) as working_seconds "
        f"from summary_edge where {where} group by all having sum(count) <> 0) "
        "select s.step_id, s.next_step_id, s.count, s.dossiers, q.median_seconds, s.seconds / s.count as mean_seconds, "
        "q.p90_seconds, q.median_working_seconds, s.working_seconds / nullif(s.n_working, 0) as mean_working_seconds "
        "from s join summary_quantile q on q.step_id = s.step_id and q.next_step_id = s.next_step_id "
        "where q.scope = $scope and q.code is not distinct from $code",
        {**values, "scope": scope, "code": code},
    )


def steps(store: LogStore, selection: Selection) -> pd.DataFrame | None:
    """Steps of a selection, or None when the summary cannot answer it.

    Columns: step_id, count, dossiers, start_count, end_count, median_wait_seconds, mean_wait_seconds,
    median_wait_working_seconds (time since the step before); order unspecified.
    """
    found = None if store.trial or not store.has_summaries else _scope(selection)
    if found is None:
        return None
    scope, code, where, values = found
    return store.sql(
        "with s as (select step_id, sum(count)::bigint as count, sum(dossiers)::bigint as dossiers, "
        "sum(start_count)::bigint as start_count, sum(end_count)::bigint as end_count "
        f"from summary_step where {where} group by all having sum(count) <> 0), "
        "w as (select next_step_id, sum(microseconds) / 1e6 / sum(count) as mean_wait_seconds from summary_edge "
        f"where {where} group by all having sum(count) <> 0) "
        "select s.*, q.median_seconds as median_wait_seconds, w.mean_wait_seconds, "
        "q.median_working_seconds as median_wait_working_seconds from s left join w on w.next_step_id = s.step_id "
        "left join summary_quantile q on q.next_step_id = s.step_id and q.step_id is null and q.scope = $scope "
        "and q.code is not distinct from $code",
        {**values, "scope": scope, "code": code},
    )


def counts(store: LogStore, selection: Selection) -> pd.DataFrame | None:
    """Directly-follows pairs with counts and means only, for any procedure, organisations and whole months.

    Columns: step_id, next_step_id, count, dossiers, mean_seconds, mean_working_seconds; None when the selection
    asks for more than these.
    """
    found = None if store.trial or not store.has_summaries else _where(selection)
    if found is None:
        return None
    where, values = found
    return store.sql(
        "select step_id, next_step_id, sum(count)::bigint as count, sum(dossiers)::bigint as dossiers, "
        "sum(microseconds) / 1e6 / sum(count) as mean_seconds, "
        "sum(working_seconds) / nullif(sum(n_working), 0) as mean_working_seconds "
        f"from summary_edge where {where} group by all having sum(count) <> 0",
        values,
    )


def _scope(selection: Selection) -> tuple[str, str | None, str, dict[str, Any]] | None:
    if selection == Selection():
        return "all", None, "true", {}
    if selection == Selection(procedure=selection.procedure):
        return "procedure", selection.procedure, "procedure_code = $procedure", {"procedure": selection.procedure}
    return None


def _where(selection: Selection) -> tuple[str, dict[str, Any]] | None:
    rest = selection.with_(procedure=None, provinces=(), start=None, end=None)
    if rest != Selection() or not _whole_months(selection.start, selection.end):
        return None
    conditions, values = ["true"], {}
    if selection.procedure is not None:
        conditions.append("procedure_code = $procedure")
        values["procedure"] = selection.procedure
    if selection.provinces:
        conditions.append("list_contains($provinces, province_code)")
        values["provinces"] = list(selection.provinces)  # type: ignore[assignment]
    if selection.start is not None:
        conditions.append("month >= $start")
        values["start"] = selection.start  # type: ignore[assignment]
    if selection.end is not None:
        conditions.append("month <= $end")
        values["end"] = selection.end  # type: ignore[assignment]
    return " and ".join(conditions), values


def _whole_months(start: date | None, end: date | None) -> bool:
    begins = start is None or start.day == 1
    return begins and (end is None or end.day == monthrange(end.year, end.month)[1])
