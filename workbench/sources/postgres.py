"""PostgreSQL through ADBC: one read-only snapshot of the whole database for all tables of a load."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pyarrow as pa

from workbench.sources import doors
from workbench.sources.database import Database
from workbench.sources.doors import LiveTable

_SETTINGS = "-c default_transaction_read_only=on -c timezone=Asia/Ho_Chi_Minh -c datestyle=ISO -c client_encoding=UTF8"
_NO_TEXT = ("bytea",)


@contextmanager
def open_postgres(database: Database) -> Iterator[PostgresDoor]:
    """A read-only session; raises ConnectionFailed saying which of host, password and database is wrong."""
    from adbc_driver_manager import Error
    from adbc_driver_postgresql import dbapi

    options = {"connect_timeout": "10", **database.options, "application_name": "workbench", "options": _SETTINGS}
    try:
        connection = dbapi.connect(database.address(**options))
    except Error as exc:
        raise _refused(database, str(exc)) from None  # the driver's error may repeat the address
    with closing(connection):
        door = PostgresDoor(database, connection)
        door.begin()
        yield door


class PostgresDoor:
    """A session on PostgreSQL."""

    def __init__(self, database: Database, connection: Any) -> None:
        self.database = database
        self._connection = connection

    def begin(self) -> None:
        """Hold one snapshot until the session ends."""
        self._run("set transaction isolation level repeatable read, read only")

    def names(self) -> list[tuple[str, str]]:
        """Schema and name of every table and view, readable or not."""
        rows = self._rows(
            "select n.nspname::text as schema, c.relname::text as name from pg_catalog.pg_class c "
            "join pg_catalog.pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'p', 'v', 'm', 'f') "
            "and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg\\_%' order by 1, 2"
        )
        return [(str(row["schema"]), str(row["name"])) for row in rows]

    def describe(self, schema: str, name: str) -> LiveTable:
        """The columns of a table."""
        of = f"c.relname = {_literal(name)} and n.nspname = {_literal(schema)}"
        joined = "pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace"
        rows = self._rows(
            "select a.attname::text as name, pg_catalog.format_type(a.atttypid, null)::text as kind, "
            "(pg_catalog.has_schema_privilege(n.oid, 'usage') and pg_catalog.has_column_privilege(c.oid, a.attnum, "
            "'select'))::text as readable, greatest(c.reltuples, 0)::bigint::text as rows "
            f"from {joined} join pg_catalog.pg_attribute a on a.attrelid = c.oid where {of} and a.attnum > 0 "
            "and not a.attisdropped order by a.attnum"
        )
        open_to_us = [row for row in rows if row["readable"] == "true"]
        columns = {str(row["name"]): str(row["kind"]) for row in open_to_us}
        return LiveTable(schema, name, columns, int(rows[0]["rows"]) if rows else 0, bool(open_to_us))

    def quote(self, name: str) -> str:
        """A name as SQL."""
        return '"' + name.replace('"', '""') + '"'

    def text_of(self, column: str, kind: str) -> str | None:
        """SQL that gives a column as text."""
        return None if kind in _NO_TEXT else f"{column}::text"

    def stream(self, sql: str) -> Iterator[pa.RecordBatch]:
        """The rows of a query, batch by batch; a reader that stops early cancels the query."""
        from adbc_driver_manager import Error

        cursor = self._connection.cursor()
        done = False
        try:
            cursor.execute(sql)
            for batch in cursor.fetch_record_batch():
                for start in range(0, batch.num_rows, doors.BATCH):
                    yield batch.slice(start, doors.BATCH)
            done = True
        except Error as exc:
            raise _stopped(self.database, exc) from None
        finally:
            if not done:
                self._cancel(cursor)
            cursor.close()

    def now(self) -> str:
        """The database's clock."""
        return str(self._rows("select to_char(localtimestamp, 'YYYY-MM-DD\"T\"HH24:MI:SS') as now")[0]["now"])

    def _cancel(self, cursor: Any) -> None:
        from adbc_driver_manager import Error

        try:
            cursor.adbc_cancel()
        except Error:
            return

    def _run(self, sql: str) -> None:
        for _ in self.stream(sql):
            pass

    def _rows(self, sql: str) -> list[dict[str, Any]]:
        return [row for batch in self.stream(sql) for row in batch.to_pylist()]


def _literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _refused(database: Database, text: str) -> Exception:
    if "password authentication failed" in text or "no password supplied" in text or "authentication failed" in text:
        return doors.wrong_password(database)
    if re.search(r'role "[^"]*" (does not exist|is not permitted)', text):
        return doors.wrong_password(database)
    if re.search(r'database "[^"]*" does not exist', text) or "permission denied for database" in text:
        return doors.no_database(database)
    return doors.unreachable(database, re.sub(r"^.*?\[libpq\] Failed to connect: ", "", text, flags=re.DOTALL))


def _stopped(database: Database, exc: Any) -> Exception:
    text = str(exc)
    if getattr(exc, "sqlstate", None) == "42501":
        found = re.search(r"permission denied for \w+ (?:\w+ )?(\S+)", text)
        return doors.no_permission(database, found[1].strip('".') if found else "the table")
    return doors.broken(database, re.sub(r"Query was:.*", "", text, flags=re.DOTALL))
