"""Every accepted row of some dossiers, and what it counts as.

Works on the temporary table `affected` (province_code, dossier_code, dossier_key, existing, incoming) and the views
of the load; leaves temporary tables that `settle` writes into the store.
"""

from __future__ import annotations

from workbench.store.calendars import calendar_join
from workbench.store.running import Runner
from workbench.store.schema import DOSSIER_GIVEN, EVENT_GIVEN, PAUSE_GIVEN, quote

SAME_EVENT = "dossier_key, activity_id, completed_at, unit, officer_key, occurrence"
"""What makes two events the same event."""
FEW = 2000
"""Dossiers of which a load's rows are looked up by their codes."""
_OF_AFFECTED = "join affected a on a.province_code = {t}.province_code and a.dossier_code = {t}.dossier_code"


def names(columns: tuple[str, ...], prefix: str = "") -> str:
    """A list of columns as SQL."""
    return ", ".join(f"{prefix}{quote(name)}" for name in columns)


def _kept(table: str, without: int | None) -> str:
    return "true" if without is None else f"{table}.load_id <> {without}"


def versions(run: Runner, *, loading: bool, without: int | None) -> int:
    """Table `settled_version`: the source rows of the affected dossiers, in the order in which they count.

    A row that equals the one before it adds nothing: from the same load it is dropped, from another it is marked
    `duplicate`. Returns how many were dropped.
    """
    given = ", ".join(
        "d.outcome_given as outcome" if name == "outcome" else f"d.{quote(name)}" for name in DOSSIER_GIVEN
    )
    parts = [
        f"select d.dossier_key, {given}, d.load_id, 0::bigint as version_order from dossier d "
        "where d.version_count = 1 and d.dossier_key in (select dossier_key from affected where existing) "
        f"and {_kept('d', without)}",
        f"select a.dossier_key, {names(DOSSIER_GIVEN, 'v.')}, v.load_id, v.version_order from dossier_version v "
        f"{_OF_AFFECTED.format(t='v')} where {_kept('v', without)}",
    ]
    codes = _named_again(run) if loading else []
    if codes:
        # Numbering rows reads and hashes all of them, one after another; of few dossiers only theirs are.
        few = f"(select *, row_number() over () as version_order from rows_dossier where {_among(codes)})"
        parts.append(
            f"select a.dossier_key, {names(DOSSIER_GIVEN, 'i.')}, i.load_id, i.version_order "
            f"from {few if len(codes) <= FEW else 'in_dossier'} i {_OF_AFFECTED.format(t='i')} where a.incoming"
        )
    record = f"row({names(DOSSIER_GIVEN)})"
    run.run(
        "create or replace temp table settled_version as select *, "
        f"lag(load_id) over w is not null and {record} is not distinct from lag({record}) over w as duplicate, "
        f"coalesce(lag(load_id) over w = load_id, false) as same_load from ({' union all '.join(parts)}) "
        "window w as (partition by dossier_key order by load_id, version_order)",
        codes if len(codes) <= FEW else [],
    )
    return _drop(run, "settled_version", "duplicate and same_load")


def _named_again(run: Runner) -> list[str]:
    """The codes of the dossiers of `affected` that the load names; of many only so many that FEW is exceeded."""
    found = run.con.execute(f"select distinct dossier_code from affected where incoming limit {FEW + 1}").fetchall()
    return [str(code) for (code,) in found]


def _among(codes: list[str]) -> str:
    return f"dossier_code in ({', '.join('?' * len(codes))})"


def events(run: Runner, *, loading: bool, without: int | None) -> int:
    """Table `settled_event`: the events of the affected dossiers with `kind` base, duplicate or waiting.

    Of equal events that of the earliest load counts. Events wait while their dossier has no row and no load
    without dossier rows names it. Returns how many rows repeated another one of the same load and were dropped.
    """
    given = names(EVENT_GIVEN, "{t}.")
    parts = [
        f"select e.dossier_key, e.activity_id, {given.format(t='e')}, e.load_id, null::varchar as source, "
        "null::bigint as line from event e where e.dossier_key in (select dossier_key from affected where existing) "
        f"and {_kept('e', without)}",
        f"select a.dossier_key, s.activity_id, {given.format(t='s')}, s.load_id, s.source, s.line "
        f"from event_shadow s {_OF_AFFECTED.format(t='s')} where {_kept('s', without)}",
    ]
    codes = _named_again(run) if loading else []
    if codes:
        theirs = f"(select * from in_event where {_among(codes)})" if len(codes) <= FEW else "in_event"
        parts.append(
            f"select a.dossier_key, c.activity_id, {given.format(t='i')}, i.load_id, i.source, i.line from {theirs} i "
            f"{_OF_AFFECTED.format(t='i')} and a.incoming join activity c on c.label = i.label"
        )
    run.run(f"create or replace temp table gathered as {' union all '.join(parts)}", codes if len(codes) <= FEW else [])
    lives = (
        "select dossier_key from settled_version union "
        "select dossier_key from gathered join load_fixed using (load_id) where not strict"
    )
    run.run(
        "create or replace temp table settled_event as select *, case when in_load > 1 then 'repeat' "
        f"when place > 1 then 'duplicate' when dossier_key not in ({lives}) then 'waiting' else 'base' end as kind "
        f"from (select *, row_number() over (partition by {SAME_EVENT} order by load_id, source_order) as place, "
        f"row_number() over (partition by {SAME_EVENT}, load_id order by source_order) as in_load from gathered)"
    )
    run.con.execute("drop table gathered")
    return _drop(run, "settled_event", "kind = 'repeat'")


def dossiers(run: Runner) -> None:
    """Table `settled`: the affected dossiers that exist, each column from its latest row that has a value."""
    columns = ", ".join(
        f"arg_max({quote(name)}, place) filter ({quote(name)} is not null) as "
        f"{'outcome_given' if name == 'outcome' else quote(name)}"
        for name in DOSSIER_GIVEN
    )
    run.run(
        "create or replace temp table merged as select dossier_key, "
        f"{columns}, count(*)::integer as version_count, max(load_id) as load_id from (select *, "
        "row_number() over (order by load_id, version_order) as place from settled_version) group by dossier_key"
    )
    taken = ", ".join("m.outcome_given" if name == "outcome" else f"m.{quote(name)}" for name in DOSSIER_GIVEN)
    run.run(
        "create or replace temp table settled as select b.*, c.calendar_id, "
        "row_number() over (order by b.procedure_code, b.province_code, b.dossier_key) as sort_rank from ("
        f"select a.dossier_key, a.province_code, a.dossier_code, {taken}, "
        "coalesce(m.version_count, 0) as version_count, coalesce(m.load_id, e.load_id) as load_id from affected a "
        "left join merged m using (dossier_key) left join (select dossier_key, min(load_id) as load_id "
        "from settled_event where kind = 'base' group by 1) e using (dossier_key) "
        f"where m.dossier_key is not null or e.dossier_key is not null) b {calendar_join('b', 'c')}"
    )
    run.con.execute("drop table merged")


def pauses(run: Runner, *, loading: bool, without: int | None) -> None:
    """Table `gathered_pause`: the pause rows of the affected dossiers; no dossier_key when there is no dossier."""
    given = names(PAUSE_GIVEN, "{t}.")
    parts = [
        f"select a.province_code, a.dossier_code, d.dossier_key, {given.format(t='p')}, p.load_id, p.version_order, "
        f"p.source, p.line from pause_version p {_OF_AFFECTED.format(t='p')} left join settled d using (dossier_key) "
        f"where {_kept('p', without)}"
    ]
    if loading:
        parts.append(
            f"select a.province_code, a.dossier_code, d.dossier_key, {given.format(t='i')}, i.load_id, "
            f"i.version_order, i.source, i.line from in_pause i {_OF_AFFECTED.format(t='i')} and a.incoming "
            "left join settled d using (dossier_key)"
        )
    run.con.execute(f"create or replace temp table gathered_pause as {' union all '.join(parts)}")


def fresh_pauses(run: Runner) -> None:
    """Table `gathered_pause` of the load's pauses whose dossiers the store did not know before."""
    run.con.execute(
        f"create or replace temp table gathered_pause as select i.province_code, i.dossier_code, f.dossier_key, "
        f"{names(PAUSE_GIVEN, 'i.')}, i.load_id, i.version_order, i.source, i.line from in_pause i "
        "left join fresh f using (province_code, dossier_code) where not exists (select 1 from affected a "
        "where a.province_code = i.province_code and a.dossier_code = i.dossier_code)"
    )


def write_pauses(run: Runner) -> int:
    """Write `gathered_pause`: all rows, and the pauses they make; the number of rows repeated in one load.

    A pause is named by dossier, begin and reason; later rows give its end and its due dates.
    """
    record = f"row({names(PAUSE_GIVEN)})"
    run.con.execute(
        "create or replace temp table settled_pause as select *, "
        f"lag(load_id) over w is not null and {record} is not distinct from lag({record}) over w as duplicate, "
        "coalesce(lag(load_id) over w = load_id, false) as same_load from gathered_pause window w as "
        "(partition by province_code, dossier_code, paused_from, reason order by load_id, version_order)"
    )
    repeated = _drop(run, "settled_pause", "duplicate and same_load")
    run.con.execute(
        f"insert into pause_version select province_code, dossier_code, {names(PAUSE_GIVEN)}, load_id, version_order, "
        "case when duplicate then 'duplicate' when dossier_key is null then 'waiting' else 'loaded' end, source, line "
        "from settled_pause"
    )
    latest = ", ".join(
        f"arg_max({quote(name)}, place) filter ({quote(name)} is not null) as {quote(name)}"
        for name in PAUSE_GIVEN
        if name not in ("paused_from", "reason")
    )
    run.con.execute(
        f"insert into pause by name select dossier_key, paused_from, reason, {latest}, max(load_id) as load_id "
        "from (select *, row_number() over (order by load_id, version_order) as place from settled_pause "
        "where dossier_key is not null) group by dossier_key, paused_from, reason order by dossier_key, paused_from"
    )
    run.con.execute("drop table settled_pause")
    run.con.execute("drop table gathered_pause")
    return repeated


def _drop(run: Runner, table: str, condition: str) -> int:
    dropped = int(run.one(f"select count(*) from {table} where {condition}"))
    if dropped:
        run.con.execute(f"delete from {table} where {condition}")
    return dropped
