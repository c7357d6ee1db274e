"""The tables of the store file and its version.

Beside the canonical tables there are private ones. Every accepted row of a source is kept exactly once:

- a dossier with one source row is that row itself; of a dossier with several, all are in `dossier_version`
- events are in `event`, or in `event_shadow` while another load holds the same event (`duplicate`) or while their
  dossier is unknown (`waiting`)
- pauses are in `pause_version`; `pause` is made from it
- refused rows are in `quarantine_row`; `quarantine` shows them together with the rows that wait

So a load can be taken back, and the order in which loads came does not matter.
"""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from workbench.columns import DOSSIER, EVENT, PAUSE, QUARANTINE, TABLES, Column
from workbench.errors import StoreError

SCHEMA_VERSION = 1

IDENTITY = ("province_code", "dossier_code")
"""What names a dossier in every source."""
DOSSIER_GIVEN = tuple(name for name, spec in DOSSIER.items() if spec.given and name not in IDENTITY)
EVENT_GIVEN = (*(name for name, spec in EVENT.items() if spec.given), "occurrence")
PAUSE_GIVEN = tuple(name for name, spec in PAUSE.items() if spec.given)


def quote(identifier: str) -> str:
    """`identifier` as SQL; the only way a name enters SQL text."""
    return '"' + identifier.replace('"', '""') + '"'


def _typed(columns: Mapping[str, Column], names: tuple[str, ...]) -> str:
    return ", ".join(f"{quote(name)} {columns[name].type}" for name in names)


_IDENTITY_TYPES = "province_code VARCHAR, dossier_code VARCHAR"
_PRIVATE = {
    "calendar_day": "calendar_id VARCHAR, day DATE, before_seconds BIGINT, "
    "am_from INTEGER, am_to INTEGER, pm_from INTEGER, pm_to INTEGER",
    "calendar_rule": "province_code VARCHAR, agency_code VARCHAR, calendar_id VARCHAR",
    "variant": "variant_key BIGINT, activities INTEGER[]",
    "step_map": "province_code VARCHAR, activity_id INTEGER, step_id INTEGER",
    "vocabulary_change": "change_id INTEGER, changed_at TIMESTAMP, province_code VARCHAR, label VARCHAR, "
    "had BOOLEAN, step VARCHAR, confidence DOUBLE, method VARCHAR, reviewed_by VARCHAR, reviewed_at TIMESTAMP",
    "internal_process": "process_id VARCHAR, procedure_code VARCHAR, province_code VARCHAR, version VARCHAR, "
    "step_order INTEGER, step VARCHAR, unit VARCHAR, limit_days DOUBLE, declared_days DOUBLE, source VARCHAR",
    "dossier_version": f"{_IDENTITY_TYPES}, {_typed(DOSSIER, DOSSIER_GIVEN)}, load_id INTEGER, "
    "version_order BIGINT, duplicate BOOLEAN",
    "event_shadow": f"{_IDENTITY_TYPES}, activity_id INTEGER, {_typed(EVENT, EVENT_GIVEN)}, load_id INTEGER, "
    "kind VARCHAR, source VARCHAR, line BIGINT",
    "pause_version": f"{_IDENTITY_TYPES}, {_typed(PAUSE, PAUSE_GIVEN)}, load_id INTEGER, "
    "version_order BIGINT, kind VARCHAR, source VARCHAR, line BIGINT",
    "quarantine_row": ", ".join(f"{quote(name)} {spec.type}" for name, spec in QUARANTINE.items()),
    "load_fixed": "load_id INTEGER, strict BOOLEAN, counts_dossiers BOOLEAN, counts_pauses BOOLEAN, "
    "rows_in BIGINT, events_in BIGINT, refused BIGINT, repeated BIGINT, repeated_events BIGINT",
    "summary_edge": "procedure_code VARCHAR, province_code VARCHAR, month DATE, step_id INTEGER, "
    "next_step_id INTEGER, count BIGINT, dossiers BIGINT, microseconds HUGEINT, n_working BIGINT, "
    "working_seconds BIGINT",
    "summary_step": "procedure_code VARCHAR, province_code VARCHAR, month DATE, step_id INTEGER, count BIGINT, "
    "dossiers BIGINT, start_count BIGINT, end_count BIGINT",
    "summary_quantile": "scope VARCHAR, code VARCHAR, step_id INTEGER, next_step_id INTEGER, median_seconds DOUBLE, "
    "p90_seconds DOUBLE, median_working_seconds DOUBLE",
    "meta": "key VARCHAR PRIMARY KEY, value VARCHAR",
}

_QUARANTINE_VIEW = """
create or replace view quarantine as
select load_id, source, line, column_name, value, reason, "row" from quarantine_row
union all
select load_id, source, line, 'dossier_code', left(dossier_code, 200), 'event_without_dossier',
    to_json({province_code: province_code, dossier_code: dossier_code, status: status,
        completed_at: completed_at, unit: unit})::varchar
from event_shadow where kind = 'waiting'
union all
select load_id, source, line, 'dossier_code', left(dossier_code, 200), 'pause_without_dossier',
    to_json({province_code: province_code, dossier_code: dossier_code, paused_from: paused_from,
        paused_to: paused_to})::varchar
from pause_version where kind = 'waiting'
"""


def create(con: duckdb.DuckDBPyConnection) -> None:
    """Create the tables a new store needs."""
    con.execute("begin")
    for name, columns in TABLES.items():
        if name != "quarantine":
            con.execute(f"create table if not exists {quote(name)} ({_typed(columns, tuple(columns))})")
    for name, body in _PRIVATE.items():
        con.execute(f"create table if not exists {quote(name)} ({body})")
    con.execute(_QUARANTINE_VIEW)
    con.execute("insert or ignore into meta values ('schema_version', ?)", [str(SCHEMA_VERSION)])
    con.execute("commit")


def check_version(con: duckdb.DuckDBPyConnection, path: str) -> None:
    """Raise StoreError unless the file is a store of this version."""
    try:
        rows = con.execute("select value from meta where key = 'schema_version'").fetchall()
    except duckdb.CatalogException as exc:
        raise StoreError(
            f"{path} is a DuckDB file but not a workbench store.", fix="Name another file, or a new one.", path=path
        ) from exc
    if not rows or int(rows[0][0]) != SCHEMA_VERSION:
        found = rows[0][0] if rows else "none"
        raise StoreError(
            f"{path} has schema version {found}; this workbench reads {SCHEMA_VERSION}.",
            fix="Load the sources again into a new store, or use the workbench that wrote it.",
            path=path,
        )


def copy_table(con: duckdb.DuckDBPyConnection, name: str, columns: Mapping[str, Column], query: str) -> None:
    """Replace table `name` by the rows of `query`, in their order, inside the running transaction."""
    cast = ", ".join(f"{quote(column)}::{spec.type} as {quote(column)}" for column, spec in columns.items())
    con.execute(f"create table {quote(name + '_new')} as select {cast} from ({query})")
    con.execute(f"drop table {quote(name)}")
    con.execute(f"alter table {quote(name + '_new')} rename to {quote(name)}")
