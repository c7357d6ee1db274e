"""What the reader of live tables asks of a database, whichever it is, and its errors in our words."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa

from workbench.errors import ConnectionFailed
from workbench.sources.database import PASSWORD_VARIABLE, Database

BATCH = 50_000
"""Rows of one batch on the way from a database."""


@dataclass(frozen=True, slots=True)
class LiveTable:
    """One table or view of a database."""

    schema: str
    name: str
    columns: dict[str, str]
    """Column to the type the database gives it, in its order."""
    rows: int
    """Rows as the database estimates them; 0 when it does not know."""
    readable: bool = True

    def shown(self, database: Database) -> str:
        """What names the table in the ledger and in quarantine."""
        return f"{database.shown}/{self.name if database.kind == 'mysql' else f'{self.schema}.{self.name}'}"


class Door(Protocol):
    """A read-only session."""

    database: Database

    def names(self) -> list[tuple[str, str]]:
        """Schema and name of every table and view."""

    def describe(self, schema: str, name: str) -> LiveTable:
        """The columns of a table."""

    def quote(self, name: str) -> str:
        """A name as SQL."""

    def text_of(self, column: str, kind: str) -> str | None:
        """SQL that gives a quoted column as text; None for a type that holds no text (pictures, documents)."""

    def stream(self, sql: str) -> Iterator[pa.RecordBatch]:
        """The rows of a query, batch by batch."""

    def now(self) -> str:
        """The database's clock as naive Vietnamese time, in ISO form."""


OpenDoor = AbstractContextManager[Door]


def failed(database: Database, message: str, fix: str, **facts: object) -> ConnectionFailed:
    """The error for what went wrong with a database; the password never stands in it."""
    return ConnectionFailed(database.scrub(message), fix=database.scrub(fix), database=database.shown, **facts)


def unreachable(database: Database, detail: str) -> ConnectionFailed:
    """Nothing answers at the host and port."""
    return failed(
        database, f"No database answers at {database.host}:{database.port}: {_line(detail)}.",
        "Check host and port, that the server runs and that a firewall lets this machine through.",
    )  # fmt: skip


def wrong_password(database: Database) -> ConnectionFailed:
    """The server refuses user or password."""
    had = "the password given" if database.password else "no password"
    return failed(
        database, f"{database.shown} refuses the user {database.user!r} with {had}.",
        f"Check user and password; give the password in {PASSWORD_VARIABLE} or in ~/.pgpass "
        f"({database.host}:{database.port}:{database.name}:{database.user}:PASSWORD, mode 600).",
        user=database.user,
    )  # fmt: skip


def no_database(database: Database) -> ConnectionFailed:
    """The server has no such database, or hides it from the user."""
    return failed(
        database,
        f"{database.host}:{database.port} has no database {database.name!r}, or {database.user!r} may not see it.",
        "Check the name; names are case-sensitive.",
    )


def no_permission(database: Database, table: str) -> ConnectionFailed:
    """The table is there, the right to read it is not."""
    return failed(
        database, f"The user {database.user!r} may not read {table} of {database.shown}.",
        f"Ask the administrator: GRANT SELECT ON {table} TO {database.user}.", table=table, user=database.user,
    )  # fmt: skip


def no_table(database: Database, wanted: str, have: Sequence[str]) -> ConnectionFailed:
    """The database has no such table; near names are told."""
    return failed(
        database, f"{database.shown} has no table {wanted!r}.", _choose(wanted, have), table=wanted,
        nearest=near(wanted, have), choices=list(have)[:200],
    )  # fmt: skip


def no_column(database: Database, table: str, wanted: str, have: Sequence[str]) -> ConnectionFailed:
    """The table has no such column; near names are told."""
    return failed(
        database, f"{table} of {database.shown} has no column {wanted!r}.", _choose(wanted, have), table=table,
        column=wanted, nearest=near(wanted, have), choices=list(have),
    )  # fmt: skip


def broken(database: Database, detail: str) -> ConnectionFailed:
    """The database gave up in the middle."""
    return failed(
        database, f"{database.shown} broke off: {_line(detail)}.", "Load again; the store is as before.",
    )  # fmt: skip


def near(wanted: str, have: Sequence[str]) -> list[str]:
    """Up to three names that come nearest."""
    last = wanted.rpartition(".")[2].lower()
    folded = {name: name.rpartition(".")[2].lower() for name in have}
    close = difflib.get_close_matches(last, list(folded.values()), n=3, cutoff=0.5)
    inside = [name for name, low in folded.items() if len(last) > 2 and (last in low or low in last)]
    return list(dict.fromkeys([*(name for one in close for name in have if folded[name] == one), *inside]))[:3]


def _choose(wanted: str, have: Sequence[str]) -> str:
    if not have:
        return "It has none this user may see."
    close = near(wanted, have)
    shown = ", ".join(have[:20]) + (", …" if len(have) > 20 else "")
    return f"Nearest: {', '.join(close)}." if close else f"It has: {shown}."


def _line(detail: str) -> str:
    return " ".join(detail.split())[:300].rstrip(". ")
