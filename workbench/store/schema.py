"""The tables of the store file and its version."""

from __future__ import annotations

import duckdb

from workbench.columns import TABLES
from workbench.errors import StoreError

SCHEMA_VERSION = 1

_EXTRA = {
    "calendar_day": "calendar_id VARCHAR, day DATE, before_seconds BIGINT, "
    "am_from INTEGER, am_to INTEGER, pm_from INTEGER, pm_to INTEGER",
    "calendar_rule": "province_code VARCHAR, agency_code VARCHAR, calendar_id VARCHAR",
    "variant": "variant_key BIGINT, activities INTEGER[]",
    "step_map": "province_code VARCHAR, activity_id INTEGER, step_id INTEGER",
    "internal_process": "process_id VARCHAR, procedure_code VARCHAR, province_code VARCHAR, version VARCHAR, "
    "step_order INTEGER, step VARCHAR, unit VARCHAR, limit_days DOUBLE, declared_days DOUBLE, source VARCHAR",
    "meta": "key VARCHAR PRIMARY KEY, value VARCHAR",
}


def quote(identifier: str) -> str:
    """`identifier` as SQL; the only way a name enters SQL text."""
    return '"' + identifier.replace('"', '""') + '"'


def create(con: duckdb.DuckDBPyConnection) -> None:
    """Create the tables a new store needs; an existing store is checked for its version."""
    con.execute("begin")
    for name, columns in TABLES.items():
        body = ", ".join(f"{quote(column)} {spec.type}" for column, spec in columns.items())
        con.execute(f"create table if not exists {quote(name)} ({body})")
    for name, body in _EXTRA.items():
        con.execute(f"create table if not exists {quote(name)} ({body})")
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
