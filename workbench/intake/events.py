"""Typed event rows as the store takes them: organisation found, starts joined to completions, repeats told apart."""

from __future__ import annotations

from dataclasses import replace

from workbench.intake import places
from workbench.intake.artefacts import unique
from workbench.intake.typed import EVENT_COLUMNS, Typed
from workbench.intake.workplace import Workplace
from workbench.store.schema import quote

KNOWN_PLACES = "intake_known_place"
"""Dossier code to the one organisation that has it, for rows that do not say theirs."""
UNKNOWN = "?"
_SAME = "province, dossier_code, label, completed_at, unit, officer_key"
"""What makes an event the same event for the store."""


def needs_places(typed: Typed) -> bool:
    """Whether nothing in the table itself names the organisation."""
    return not typed.placed and "province_code" not in typed.mapping.columns()


def province(typed: Typed, constants: frozenset[str]) -> tuple[str, str]:
    """SQL for the organisation of a row `t`, and the join it needs."""
    if typed.placed:
        return "t.province_code", ""
    code = places.from_dossier_code("t.dossier_code")
    if not needs_places(typed) or "province_code" in constants:
        return f"coalesce(t.province_code, {code}, '{UNKNOWN}')", ""
    join = f"left join {unique(KNOWN_PLACES, 'dossier_code', 'province_code')} k on k.dossier_code = t.dossier_code"
    return f"coalesce(t.province_code, k.province_code, {code}, '{UNKNOWN}')", join


def make_known_places(place: Workplace, dossiers: str | None) -> None:
    """Fill KNOWN_PLACES from the load's dossiers and the store's; codes of several organisations are left out."""
    sources = [f"select dossier_code, province_code from {name}" for name in ("dossier", dossiers) if name]
    place.con.execute(
        f"create or replace temp table {KNOWN_PLACES} as select dossier_code, any_value(province_code) as province_code "
        f"from ({' union all '.join(sources)}) where province_code <> '{UNKNOWN}' "
        "group by dossier_code having count(distinct province_code) = 1"
    )


# starts and completions -----------------------------------------------------------------------------------
def joined(place: Workplace, typed: Typed) -> tuple[Typed, int]:
    """The table with each start joined to its completion, and the number of starts that were.

    The first open start of the same label in the same dossier belongs to a completion. A start without one stays
    as an event that is not over. Other transitions (schedule, suspend, …) are refused with that reason. A table
    with one kind of transition only is left as it is.
    """
    if "transition" not in typed.columns:
        return typed, 0
    kinds = dict(place.con.execute(f"select lower(transition), count(*) from {typed.relation} group by 1").fetchall())
    if "start" not in kinds or "complete" not in kinds:
        return _one_kind(place, typed, kinds)
    relation = f"{typed.relation}_joined"
    rest = [name for name in typed.columns if name not in ("started_at", "completed_at", "transition")]
    kept = ", ".join(f"t.{quote(name)}" for name in rest)
    own = "t.started_at" if "started_at" in typed.columns else "null::timestamp"
    place.con.execute(f"create or replace temp table {relation}_pair as {_pairs(typed.relation)}")
    place.con.execute(
        f"create or replace temp table {relation} as select {kept}, t.transition, "
        f"case when lower(t.transition) = 'start' then t.completed_at else coalesce(p.started_at, {own}) end as started_at, "
        "case when lower(t.transition) = 'start' then null else t.completed_at end as completed_at, "
        "t.__source, t.__line, t.__order, "
        "case when t.__reason is not null then t.__reason "
        "when coalesce(lower(t.transition), 'complete') not in ('start', 'complete') then 'other_transition' end as __reason, "
        "case when t.__reason is not null then t.__column else 'transition' end as __column "
        f"from {typed.relation} t left join {relation}_pair p on p.complete_order = t.__order "
        f"where t.__order not in (select start_order from {relation}_pair)"
    )
    merged = place.count(f"select count(*) from {relation}_pair")
    refused = place.count(f"select count(*) from {relation} where __reason is not null")
    place.say("starts_joined", source=typed.table.name, joined=merged, open=kinds["start"] - merged)
    columns = (*rest, "transition", "started_at", "completed_at")
    return replace(typed, relation=relation, columns=columns, refused=refused), merged


def _one_kind(place: Workplace, typed: Typed, kinds: dict[str | None, int]) -> tuple[Typed, int]:
    others = sorted(kind for kind in kinds if kind not in (None, "complete"))
    if others:
        place.say("no_completions", source=typed.table.name, transitions=", ".join(others))
    return typed, 0


def _pairs(relation: str) -> str:
    """Orders of each start and its completion, first come first served.

    Along the rows of one label a completion without an open start is where the running balance of starts and
    completions falls to a new low; the others take the starts in turn.
    """
    along = "partition by province_code, dossier_code, label order by completed_at, __order"
    return (
        "with step as (select province_code, dossier_code, label, completed_at, __order, "
        f"lower(transition) = 'start' as is_start from {relation} where __reason is null "
        "and lower(transition) in ('start', 'complete')), "
        f"balance as (select *, sum(case when is_start then 1 else -1 end) over ({along}) as level from step), "
        f"low as (select *, least(0, coalesce(min(level) over ({along} rows between unbounded preceding and 1 preceding), 0)) "
        "as lowest from balance), "
        "usable as (select * from low where is_start or level >= lowest), "
        "ranked as (select *, row_number() over (partition by province_code, dossier_code, label, is_start "
        "order by completed_at, __order) as turn from usable) "
        "select s.__order as start_order, c.__order as complete_order, s.completed_at as started_at "
        "from ranked s join ranked c on s.is_start and not c.is_start and s.turn = c.turn "
        "and s.dossier_code = c.dossier_code and s.label = c.label "
        "and s.province_code is not distinct from c.province_code"
    )


# rows for the store ---------------------------------------------------------------------------------------
def event_rows(place: Workplace, typed: Typed, dossiers: str | None, constants: frozenset[str]) -> str:
    """The query that gives the store the events of one typed table."""
    where, join = province(typed, constants)
    columns = ["t.dossier_code", f"{where} as province_code"]
    columns += [
        f"t.{quote(name)}"
        for name in EVENT_COLUMNS
        if name in typed.columns and name not in ("artefact", "dossier_code")
    ]
    columns.append("t.label")
    code, more = _invented(place, typed, dossiers, where, join)
    columns.append(f"{_artefact(typed, code)} as artefact")
    joins = [join, more]
    if "occurrence" not in typed.columns and (repeated := _repeated(place, typed, where, join)):
        columns.append("coalesce(o.occurrence, 0)::integer as occurrence")
        joins.append(f"left join {unique(repeated, '__order', 'occurrence')} o on o.__order = t.__order")
    kept = "where t.__reason is null" if typed.refused else ""
    return (
        f"select {', '.join(columns)}, t.__source as source, t.__line as line "
        f"from {typed.relation} t {' '.join(joins)} {kept}"
    )


def _artefact(typed: Typed, invented: str | None) -> str:
    codes = [invented] if invented else []
    codes += [f"t.{name}" for name in ("artefact", "__flags") if name in typed.columns]
    if len(codes) == 1:
        return codes[0]
    joined_up = " || ".join(f"coalesce({code} || ',', '')" for code in codes)
    return f"nullif(rtrim({joined_up}, ','), '')" if codes else "null::varchar"


def _invented(place: Workplace, typed: Typed, dossiers: str | None, where: str, join: str) -> tuple[str | None, str]:
    """SQL for the code of an event the sender invented, and the join it needs.

    Such an event stands exactly at the dossier's own date. Most candidates do: then the code needs no join, but for
    the few that do not.
    """
    if "__first" not in typed.columns:
        return None, ""
    candidates = place.count(f"select count(*) from {typed.relation} where (__first or __last) and __reason is null")
    if not candidates:
        return None, ""
    name = f"{typed.relation}_invented"
    own = [f"t.d_{column}" if f"d_{column}" in typed.columns else "null" for column in ("accepted_at", "closed_at")]
    place.con.execute(
        f"create or replace temp table {name}_asked as select t.__order, {where} as province_code, "
        f"t.dossier_code, t.completed_at, t.__first, t.__last, {own[0]}::timestamp as own_accepted, "
        f"{own[1]}::timestamp as own_closed from {typed.relation} t {join} "
        "where (t.__first or t.__last) and t.__reason is null"
    )
    place.con.execute(
        f"create or replace temp table {name} as with "
        f"dates as (select * from ({_dates(place, dossiers)}) where (province_code, dossier_code) in "
        f"(select (province_code, dossier_code) from {name}_asked)), "
        f"found as (select __order from {name}_asked where (__first and completed_at = own_accepted) "
        "or (__last and completed_at = own_closed) union "
        f"select a.__order from {name}_asked a join dates d using (province_code, dossier_code) "
        "where (a.__first and a.completed_at = d.accepted_at) or (a.__last and a.completed_at = d.closed_at)) "
        f"select __order, __order in (from found) as invented from {name}_asked"
    )
    kind = "when t.__first then 'synthetic_first' when t.__last then 'synthetic_last'"
    real = [row[0] for row in place.con.execute(f"select __order from {name} where not invented limit 1001").fetchall()]
    if len(real) == candidates:
        return None, ""
    if len(real) <= 1000:
        kept = place.variables.put(real)
        return f"case when list_contains({kept}, t.__order) then null {kind} end", ""
    return f"case when v.invented is not true then null {kind} end", (
        f"left join {unique(name, '__order', 'invented')} v on v.__order = t.__order"
    )


def _dates(place: Workplace, dossiers: str | None) -> str:
    parts = ["select province_code, dossier_code, accepted_at, closed_at from dossier"]
    if dossiers:
        have = {row[0] for row in place.con.execute(f"describe {dossiers}").fetchall()}
        dates = ", ".join(
            name if name in have else f"null::timestamp as {name}" for name in ("accepted_at", "closed_at")
        )
        parts.append(f"select province_code, dossier_code, {dates} from {dossiers}")
    return " union all ".join(parts)


def _repeated(place: Workplace, typed: Typed, where: str, join: str) -> str | None:
    """A table with the number of each event that shares its identity with another but is meant as one of its own.

    In a log every event element is one. In rows of other files only those that differ in some value are; equal
    rows are repetitions, which the store counts as duplicates.
    """
    if typed.table.format == "parquet":
        return None
    have = [name if name in typed.columns else f"null as {name}" for name in ("unit", "officer_key", "started_at", "status",
            "role", "step_due_at")]  # fmt: skip
    base = (
        f"select t.__order, {where} as province, t.dossier_code, t.label, t.completed_at, "
        f"{', '.join(f't.{item}' if ' ' not in item else item for item in have)} from {typed.relation} t {join} "
        "where t.__reason is null"
    )
    name = f"{typed.relation}_repeated"
    numbering = (
        f"row_number() over (partition by {_SAME} order by __order)"
        if typed.table.format == "xes"
        else f"dense_rank() over (partition by {_SAME} order by started_at, status, role, step_due_at)"
    )
    place.con.execute(
        f"create or replace temp table {name} as with event as ({base}), tied as (select hash({_SAME}) as h from event "
        f"group by 1 having count(*) > 1) select * from (select __order, {numbering} - 1 as occurrence from event "
        f"where hash({_SAME}) in (select h from tied)) where occurrence > 0"
    )
    return name if place.count(f"select count(*) from {name}") else None
