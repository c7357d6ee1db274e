"""The derivations of prepare.py as DuckDB's SQL, over named inputs.

Inputs are tables or views that the caller makes before running the text: `chain_in`, `base_in`, `event_part`,
`facts`, `runs`, `stood`.
"""

from __future__ import annotations

from collections.abc import Mapping
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
