"""The derivations of prepare.py as DuckDB's SQL, over named inputs.

Inputs are tables or views that the caller makes before running the text: `chain_in`, `fresh_chain` with `event_kind`
and `event_place`, `base_in`, `event_part`, `facts`, `runs`, `stood`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cache

import ibis
import ibis.expr.types as ir

from workbench.columns import DOSSIER, EVENT, PAUSE, Column
from workbench.store import prepare
from workbench.store.schema import DOSSIER_GIVEN, EVENT_GIVEN, quote

_TYPES = {
    "BIGINT": "int64",
    "INTEGER": "int32",
    "VARCHAR": "string",
    "TIMESTAMP": "timestamp",
    "BOOLEAN": "boolean",
    "DOUBLE": "float64",
}
_CALENDAR_DAY = {
    "calendar_id": "string",
    "day": "date",
    "before_seconds": "int64",
    "am_from": "int32",
    "am_to": "int32",
    "pm_from": "int32",
    "pm_to": "int32",
}
_FACTS = {
    "dossier_key": "int64",
    "variant_key": "int64",
    "event_count": "int32",
    "first_at": "timestamp",
    "last_at": "timestamp",
    "last_status": "int32",
}
BASE_COLUMNS = (
    "dossier_key",
    "province_code",
    "dossier_code",
    *(name for name in DOSSIER_GIVEN if name != "outcome"),
    "outcome_given",
    "version_count",
    "load_id",
    "province_2025",
    "calendar_id",
)
"""What `base_in` has: the base facts of a dossier, before anything is derived."""
CHAIN_COLUMNS = (
    "dossier_key",
    "sort_rank",
    "procedure_code",
    "province_code",
    "calendar_id",
    "activity_id",
    *EVENT_GIVEN,
    "load_id",
)
"""What `chain_in` has; rows come out sorted by sort_rank and position."""


def _table(name: str, columns: Mapping[str, Column], names: tuple[str, ...], **more: str) -> ir.Table:
    return ibis.table({column: more.get(column) or _TYPES[columns[column].type] for column in names}, name=name)


def _sql(expression: ir.Table) -> str:
    return str(ibis.to_sql(expression, dialect="duckdb"))


def _calendar() -> ir.Table:
    return ibis.table(_CALENDAR_DAY, name="calendar_day")


@cache
def chain_sql() -> str:
    """`chain_in` to rows of EVENT."""
    given = _table("chain_in", EVENT, CHAIN_COLUMNS, sort_rank="int64", calendar_id="string")
    columns = ", ".join(quote(name) for name in EVENT)
    body = _sql(prepare.chain(given, _calendar()))
    return f"select {columns} from ({body}) order by sort_rank, position, completed_at, source_order"


_FOLLOWS = "kept and next_dossier = dossier_key and next_kept"
_STREAMED = {
    "procedure_code": "c.procedure_code",
    "province_code": "c.province_code",
    "position": "case when kept then (place - start)::integer end",
    "unit": "k.unit",
    "role": "k.role",
    "next_activity_id": f"case when {_FOLLOWS} then next_activity end",
    "next_unit": f"case when {_FOLLOWS} then n.unit end",
    "gap_seconds": f"case when {_FOLLOWS} then (epoch_us(next_at) - epoch_us(completed_at)) / 1e6 end",
    "gap_working_seconds": f"case when {_FOLLOWS} then next_worked - worked_at end",
}
_SECOND = "(extract(hour from completed_at) * 3600 + extract(minute from completed_at) * 60 + extract(second from completed_at))"
_WORKED = (
    "(before_seconds + least(greatest(second - am_from, 0), am_to - am_from) "
    "+ least(greatest(second - pm_from, 0), pm_to - pm_from))::bigint"
)
_NEXT = {
    "next_dossier": "dossier_key",
    "next_kept": "kept",
    "next_activity": "activity_id",
    "next_kind": "kind",
    "next_at": "completed_at",
    "next_worked": "worked_at",
}


def streamed_chain_sql(present: Collection[str], load_id: int, ranges: Sequence[tuple[int, int]]) -> str:
    """`fresh_chain` of one load to rows of EVENT, as `chain_sql` gives them, with one sort instead of two.

    Rows sorted once are read in order: the next row is the next event while the dossier stays the same. What many
    events share (organisation and procedure, label, unit and role) goes through the sort as one number and is looked
    up behind it. Columns of EVENT that are not `present` in the source are not carried at all. Each range of dossier
    keys (first, last) is sorted and read on a thread of its own. A test holds both forms equal.
    """
    carried = [name for name in EVENT_GIVEN if name in present and name not in ("completed_at", "unit", "role")]
    carried = ["completed_at", *carried] if "source_order" in carried else ["completed_at", "source_order", *carried]
    given = {
        "load_id": f"{load_id}::integer",
        "occurrence": "occurrence" if "occurrence" in carried else "0::integer",
    }
    out = ", ".join(_outer(name, carried, given) for name in EVENT)
    invented = _invented() if "artefact" in present else "false"
    sorted_rows = " union all ".join(_one_range(carried, invented, *keys) for keys in ranges)
    # A single range stays in the order of the sort whatever DuckDB makes of the joins; several are large, and there
    # the small tables are looked up from the large side, which keeps its order.
    order = " order by dossier_key, position, completed_at, source_order" if len(ranges) == 1 else ""
    return (
        f"select {out} from ({sorted_rows}) s join event_kind k on k.kind = s.kind "
        f"left join event_kind n on n.kind = s.next_kind join event_place c on c.place_id = s.place_id{order}"
    )


def _invented() -> str:
    left_out = " or ".join(f"contains(',' || artefact || ',', ',{code},')" for code in prepare.CHAIN_LEFT_OUT)
    return f"coalesce({left_out}, false)"


def _one_range(carried: Sequence[str], invented: str, first: int, last: int) -> str:
    """The events of the dossiers `first` to `last` in order, each with what follows it."""
    inner = ", ".join(["dossier_key", "place_id", "kind", "activity_id", *(quote(name) for name in carried)])
    following = ", ".join(f"lead({column}) over () as {name}" for name, column in _NEXT.items())
    return (
        "select *, max(case when last_dossier is distinct from dossier_key then place end) "
        "over (rows between unbounded preceding and current row) as start from (select *, "
        f"row_number() over () as place, lag(dossier_key) over () as last_dossier, {following} from ("
        f"select {inner}, not {invented} and completed_at is not null as kept, {_WORKED} as worked_at from ("
        f"select *, {_SECOND} as second, completed_at::date as on_day from fresh_chain "
        f"where dossier_key between {first:d} and {last:d}) c "
        "left join calendar_day d on d.calendar_id = c.calendar_id and d.day = c.on_day "
        # Four columns of fixed width: DuckDB compares such keys at once.
        "order by dossier_key, case when kept then completed_at end nulls last, source_order, activity_id))"
    )


def _outer(name: str, carried: Collection[str], given: Mapping[str, str]) -> str:
    value = _STREAMED.get(name) or given.get(name)
    if value is None:
        own = name in carried or name in ("dossier_key", "activity_id", "worked_at")
        value = f"s.{quote(name)}" if own else f"null::{EVENT[name].type}"
    return f"{value} as {quote(name)}"


@cache
def facts_sql() -> str:
    """`event_part` to what the events of a dossier say."""
    return _sql(prepare.event_facts(_table("event_part", EVENT, tuple(EVENT))))


@cache
def runs_sql() -> str:
    """`event_part` to supplement requests seen as status 5."""
    return _sql(prepare.supplement_runs(_table("event_part", EVENT, tuple(EVENT))))


def _bounded() -> ir.Table:
    base = _table("base_in", DOSSIER, BASE_COLUMNS)
    return prepare.bounds(base, ibis.table(_FACTS, name="facts"))


@cache
def stood_sql() -> str:
    """`base_in`, `facts` and `pause` to the time the clock stands."""
    dossier = _bounded().select("dossier_key", "received_at", "closed_at", "ended_at", "calendar_id")
    return _sql(prepare.pause_facts(_table("pause", PAUSE, tuple(PAUSE)), dossier, _calendar()))


@cache
def dossier_sql() -> str:
    """`base_in`, `facts`, `runs` and `stood` to rows of DOSSIER."""
    runs = ibis.table({"dossier_key": "int64", "supplement_runs": "int32"}, name="runs")
    stood = ibis.table(
        {
            "dossier_key": "int64",
            "pause_supplements": "int32",
            "paused_seconds": "int64",
            "paused_working_seconds": "int64",
        },
        name="stood",
    )
    columns = ", ".join(quote(name) for name in DOSSIER)
    body = _sql(prepare.complete(_bounded(), runs, stood, _calendar()))
    return f"select {columns} from ({body})"
