"""MariaDB and MySQL: rows stream through connectorx; PyMySQL opens the door and reads the catalogue.

connectorx repeats a refused login for half a minute and says little of why; PyMySQL asks once and names the reason.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pyarrow as pa

from workbench.sources import doors
from workbench.sources.database import Database
from workbench.sources.doors import LiveTable

_ZONE = "+07:00"
_READ_ONLY = ["set session transaction read only", f"set session time_zone = '{_ZONE}'"]
_NO_TEXT = ("blob", "tinyblob", "mediumblob", "longblob", "binary", "varbinary", "geometry")
_UNREACHABLE, _PASSWORD, _DATABASE, _PERMISSION = (
    (2002, 2003, 2005, 2006, 2013),
    (1045, 1698),
    (1044, 1049),
    (1142, 1143),
)


@contextmanager
def open_mariadb(database: Database) -> Iterator[MariaDoor]:
    """A read-only session; raises ConnectionFailed saying which of host, password and database is wrong."""
    import pymysql

    tls = {"ca": database.options["ssl_ca"]} if "ssl_ca" in database.options else None
    try:
        connection = pymysql.connect(
            host=database.host, port=database.port, user=database.user, password=(database.password or "").encode(),
            database=database.name, charset="utf8mb4", connect_timeout=10, autocommit=True, ssl=tls,
        )  # fmt: skip
    except pymysql.err.Error as exc:
        raise _refused(database, exc) from None
    with closing(connection):
        door = MariaDoor(database, connection)
        door.ask(_READ_ONLY[0])
        yield door


class MariaDoor:
    """A session on MariaDB or MySQL."""

    def __init__(self, database: Database, connection: Any) -> None:
        self.database = database
        self._connection = connection

    def names(self) -> list[tuple[str, str]]:
        """The tables and views the user may see: MariaDB hides the others."""
        rows = self.ask("select table_name from information_schema.tables where table_schema = database() order by 1")
        return [(self.database.name, str(row[0])) for row in rows]

    def describe(self, schema: str, name: str) -> LiveTable:
        """The columns of a table."""
        columns = self.ask(
            "select column_name, data_type from information_schema.columns where table_schema = database() "
            "and table_name = %s order by ordinal_position",
            name,
        )
        rows = self.ask(
            "select coalesce(table_rows, 0) from information_schema.tables where table_schema = database() and "
            "table_name = %s",
            name,
        )
        return LiveTable(schema, name, {str(c): str(kind) for c, kind in columns}, int(rows[0][0]) if rows else 0)

    def quote(self, name: str) -> str:
        """A name as SQL."""
        return "`" + name.replace("`", "``") + "`"

    def text_of(self, column: str, kind: str) -> str | None:
        """SQL that gives a column as text; a driver's own dates would fail on 0000-00-00."""
        if kind.lower() in _NO_TEXT:
            return None
        return f"cast({column}{' + 0' if kind.lower() == 'bit' else ''} as char)"

    def stream(self, sql: str) -> Iterator[pa.RecordBatch]:
        """The rows of a query, batch by batch."""
        os.environ.setdefault("RUST_LOG", "off")  # its pool writes every failed try to stderr
        import connectorx

        self._may_run(sql)
        try:
            yield from connectorx.read_sql(
                self.database.address(), sql, return_type="arrow_stream", batch_size=doors.BATCH,
                pre_execution_query=_READ_ONLY,
            )  # fmt: skip
        except BaseException as exc:
            # connectorx reports what the server does in the middle as a panic, which is no Exception
            if isinstance(exc, RuntimeError) or type(exc).__name__ == "PanicException":
                raise doors.broken(self.database, str(exc)) from None
            raise

    def now(self) -> str:
        """The database's clock."""
        self.ask(_READ_ONLY[1])
        return str(self.ask("select date_format(now(), '%Y-%m-%dT%H:%i:%s')")[0][0])

    def may_read(self, table: str) -> bool:
        """Whether there is a table the user may not see in the catalogue, or may see and not read."""
        import pymysql

        try:
            self.ask(f"select 1 from {self.quote(table)} limit 0")
        except pymysql.err.Error as exc:
            return exc.args[0] not in _PERMISSION
        return True

    def ask(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """The few rows of a question about the database."""
        with self._connection.cursor() as cursor:
            cursor.execute(sql, values or None)
            return list(cursor.fetchall())

    def _may_run(self, sql: str) -> None:
        """Raise what the server says against a query, at once and by its reason."""
        import pymysql

        try:
            self.ask(f"explain {sql}")
        except pymysql.err.Error as exc:
            if exc.args and exc.args[0] not in (*_UNREACHABLE, 1345):  # 1345: a view that may be read, not explained
                raise doors.broken(self.database, str(exc.args[-1])) from None


def _refused(database: Database, exc: Any) -> Exception:
    number = exc.args[0] if exc.args else None
    if number in _PASSWORD:
        return doors.wrong_password(database)
    if number in _DATABASE:
        return doors.no_database(database)
    return doors.unreachable(database, str(exc.args[-1] if exc.args else exc))
