"""Tables of a live database to raw tables: chosen, read as text in batches, only what is newer when that is asked.

Two known forms need no names: the tables of OpenCPS, and a hand-over log (`HoSos`, `QuaTrinhXuLyHoSos`). Any other
table is named by the user. Every column is read as text, so that a date of zeros, a date in text or a number of
milliseconds is judged row by row like the cell of a file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from workbench.progress import Progress, silent
from workbench.sources import doors
from workbench.sources.database import Database
from workbench.sources.doors import LiveTable
from workbench.sources.headings import fold
from workbench.sources.mariadb import MariaDoor, open_mariadb
from workbench.sources.opencps import ACTION_COLUMNS, ACTION_NEEDED, DOSSIER_COLUMNS, DOSSIER_NEEDED, NORM_TABLES
from workbench.sources.postgres import open_postgres
from workbench.sources.raw import RawFile, RawPart, RawTable
from workbench.sources.staging import StagingFolder

MARGIN = timedelta(minutes=10)
"""Rows dated this little before the watermark are read again: a transaction dates its rows before it commits them."""
_TIMES = ("timestamp", "timestamp without time zone", "timestamp with time zone", "date", "datetime")
_NUMBERS = ("smallint", "integer", "bigint", "int", "mediumint", "tinyint", "numeric", "decimal")
_SECRET = ("password", "matkhau", "payload")


@dataclass(frozen=True, slots=True)
class Mark:
    """Up to where a table was read: the highest value of a column."""

    column: str
    value: str | None
    since: str | None = None
    """The mark this reading began at; None when all rows were read."""


@dataclass(frozen=True, slots=True)
class LiveRequest:
    """What is asked of a database."""

    tables: tuple[str, ...] = ()
    """Names, with or without schema; none for a database of a known form."""
    watermark: str | None = None
    """Column that grows with every change; None for the one of a known form."""
    since: Mapping[str, Mark] = field(default_factory=dict)
    """By the table as it is shown: where an earlier load ended."""
    keep: Callable[[Sequence[str]], set[str] | None] = lambda _: None
    """Of a table's columns those a saved mapping uses; None for all."""


@dataclass(frozen=True, slots=True)
class LiveReading:
    """What was read."""

    tables: tuple[RawTable, ...]
    files: tuple[RawFile, ...]
    marks: dict[str, Mark]


@dataclass(frozen=True, slots=True)
class _Form:
    """Two tables that belong together, and what else is read beside them."""

    log: str
    dossiers: str
    key: str
    watermark: str
    code: str | None = None
    """Column of the dossiers that the log lacks."""
    beside: tuple[str, ...] = ()
    log_columns: tuple[str, ...] | None = None
    dossier_columns: tuple[str, ...] | None = None


_FORMS = (
    _Form(
        "opencps_dossieraction", "opencps_dossier", "dossierId", "modifiedDate", "dossierNo", NORM_TABLES,
        (*ACTION_COLUMNS, *ACTION_NEEDED), (*DOSSIER_COLUMNS, *DOSSIER_NEEDED),
    ),
    _Form("quatrinhxulyhosos", "hosos", "MaHoSo", "ThoiGian"),
)  # fmt: skip


@dataclass(slots=True)
class _Plan:
    """One table to be read."""

    table: LiveTable
    columns: list[str]
    mark: str | None
    """Its watermark column."""
    partner: _Plan | None = None
    key: str | None = None
    code: str | None = None


def open_door(database: Database) -> AbstractContextManager[Any]:
    """A read-only session on a database of either kind."""
    return open_postgres(database) if database.kind == "postgresql" else open_mariadb(database)


def read_live(
    database: Database,
    request: LiveRequest,
    folder: StagingFolder,
    *,
    limit: int | None = None,
    progress: Progress = silent,
) -> LiveReading:
    """The raw tables of a database; with `limit` only the first rows of each.

    Raises ConnectionFailed that names what was looked for: host, password, database, table, column or permission.
    """
    progress("connect", 0, 1)
    with open_door(database) as door:
        plans = _plans(door, request)
        now = door.now()
        tables, files, marks = [], [], {}
        for plan in plans:
            since = _since(plan, request, database)
            table = _read(door, plan, _query(door, plan, request, limit), folder, progress)
            if table is None and since is None:
                continue
            shown = plan.table.shown(database)
            if table is not None:
                tables.append(table)
                files.append(table.parts[0].file)
            if plan.mark is not None:
                highest = _highest(table, plan, now) if table is not None else None
                value = max(filter(None, (highest, since)), key=_order, default=None)
                marks[shown] = Mark(plan.mark, value, since)
    if not tables:
        looked = ", ".join(plan.table.name for plan in plans)
        raise doors.failed(database, f"The tables {looked} of {database.shown} hold no rows.", "Name other tables.")
    return LiveReading(tuple(tables), tuple(files), marks)


# what to read ---------------------------------------------------------------------------------------------
def _plans(door: Any, request: LiveRequest) -> list[_Plan]:
    """The tables in the order they are read: the log before its dossiers, so that no action lacks its dossier."""
    names = door.names()
    form = next((form for form in _FORMS if {form.log, form.dossiers} <= _wanted(names, request)), None)
    if not request.tables and form is None:
        have = [_full(door, one) for one in names]
        shown = ", ".join(have[:20]) + (", …" if len(have) > 20 else "")
        raise doors.failed(
            door.database, f"{door.database.shown} holds neither the tables of OpenCPS nor a hand-over log.",
            f"Name the tables with --table. It has: {shown}." if have else "It has no table this user may see.",
            choices=have[:200],
        )  # fmt: skip
    if form is None:
        plans = [_plan(_find(door, name, names), request, None, None) for name in request.tables]
    else:
        plans = _form_plans(door, form, names, request)
    wanted = request.watermark
    if wanted is not None and all(plan.mark is None for plan in plans):
        raise doors.no_column(door.database, plans[0].table.name, wanted, list(plans[0].table.columns))
    for plan in plans:
        _check_mark(door.database, plan)
    return plans


def _wanted(names: Sequence[tuple[str, str]], request: LiveRequest) -> set[str]:
    chosen = request.tables or [name for _, name in names]
    return {name.rpartition(".")[2].strip('"').lower() for name in chosen}


def _form_plans(door: Any, form: _Form, names: Sequence[tuple[str, str]], request: LiveRequest) -> list[_Plan]:
    given = {name.rpartition(".")[2].strip('"').lower(): name for name in request.tables}
    log = _plan(_find(door, given.get(form.log, form.log), names), request, form.log_columns, form.watermark)
    dossiers = _plan(
        _find(door, given.get(form.dossiers, form.dossiers), names), request, form.dossier_columns, form.watermark
    )
    for one, other in ((log, dossiers), (dossiers, log)):
        one.partner, one.key = other, _named(one.table, form.key)
    log.code = _named(dossiers.table, form.code) if form.code else None
    have = {name.lower() for _, name in names}
    beside = [_plan(_find(door, name, names), request, None, None) for name in form.beside if name in have]
    more = [name for low, name in given.items() if low not in (form.log, form.dossiers, *form.beside)]
    return [log, dossiers, *beside, *(_plan(_find(door, name, names), request, None, None) for name in more)]


def _plan(table: LiveTable, request: LiveRequest, only: Sequence[str] | None, usual: str | None) -> _Plan:
    kept = request.keep(list(table.columns))
    wanted = {fold(name) for name in only} if only is not None else None
    columns = [
        name
        for name in table.columns
        if not any(word in fold(name) for word in _SECRET)
        and (fold(name) in wanted if wanted is not None else kept is None or name in kept)
    ]
    return _Plan(table, columns, _named(table, request.watermark or usual or ""))


def _named(table: LiveTable, wanted: str) -> str | None:
    return next((name for name in table.columns if wanted and fold(name) == fold(wanted)), None)


def _find(door: Any, wanted: str, names: Sequence[tuple[str, str]]) -> LiveTable:
    """The table called so: exactly, or else without regard to case."""
    parts = [part.strip('"`') for part in wanted.split(".")]
    schema, name = (parts[-2] if len(parts) > 1 else None), parts[-1]
    here = [one for one in names if schema is None or one[0].lower() == schema.lower()]
    found = [one for one in here if one[1] == name] or [one for one in here if one[1].lower() == name.lower()]
    if isinstance(door, MariaDoor) and not door.may_read(found[0][1] if found else name):
        raise doors.no_permission(door.database, name)
    if len(found) > 1:
        both = ", ".join(_full(door, one) for one in found)
        raise doors.failed(door.database, f"Several tables are called {wanted!r}: {both}.", "Name one with its schema.")
    if not found:
        raise doors.no_table(door.database, wanted, [_full(door, one) for one in names])
    table: LiveTable = door.describe(*found[0])
    if not table.readable or not table.columns:
        raise doors.no_permission(door.database, _full(door, found[0]))
    return table


def _full(door: Any, one: tuple[str, str]) -> str:
    return one[1] if isinstance(door, MariaDoor) else f"{one[0]}.{one[1]}"


def _check_mark(database: Database, plan: _Plan) -> None:
    if plan.mark is None:
        return
    kind = plan.table.columns[plan.mark].lower()
    if kind not in _TIMES + _NUMBERS:
        fitting = [name for name, its in plan.table.columns.items() if its.lower() in _TIMES + _NUMBERS]
        raise doors.failed(
            database, f"The column {plan.mark!r} of {plan.table.name} is of type {kind}, which does not grow with time.",
            f"Choose a date or a number for --watermark: {', '.join(fitting) or 'there is none'}.",
            column=plan.mark, choices=fitting,
        )  # fmt: skip


# how it is asked ------------------------------------------------------------------------------------------
def _since(plan: _Plan, request: LiveRequest, database: Database) -> str | None:
    """The mark an earlier load left for this table, when it is of the same column."""
    left = request.since.get(plan.table.shown(database))
    return left.value if left is not None and left.column == plan.mark else None


def _newer(door: Any, plan: _Plan, request: LiveRequest, alias: str) -> str | None:
    """SQL that holds for rows not read yet; None when every row is to be read."""
    value = _since(plan, request, door.database)
    if plan.mark is None or value is None:
        return None
    column = f"{alias}.{door.quote(plan.mark)}"
    return f"({column} >= {_literal(value)} or {column} is null)"


def _literal(value: str) -> str:
    """A mark as SQL, a little earlier when it is a time; only numbers and times get through."""
    if value.lstrip("-").isdigit():
        return value
    return f"'{datetime.fromisoformat(value) - MARGIN:%Y-%m-%d %H:%M:%S}'"


def _query(door: Any, plan: _Plan, request: LiveRequest, limit: int | None) -> tuple[list[str], str]:
    """Column names and the query."""
    q = door.quote
    wanted = list(dict.fromkeys([*plan.columns, *([plan.mark] if plan.mark else [])]))
    texts = {name: door.text_of(f"t.{q(name)}", plan.table.columns[name]) for name in wanted}
    columns = {name: sql for name, sql in texts.items() if sql is not None}
    source, partner = f"{_relation(door, plan.table)} t", plan.partner
    if partner is not None and plan.code is not None:
        columns[plan.code] = door.text_of(f"p.{q(plan.code)}", partner.table.columns[plan.code])
        source += f" left join {_relation(door, partner.table)} p on p.{q(partner.key)} = t.{q(plan.key)}"
    where = _newer(door, plan, request, "t")
    if where is not None and partner is not None:
        also = _newer(door, partner, request, "o")
        if also is not None:  # a table read whole has every row newer, and says nothing of this one
            where += f" or t.{q(plan.key)} in (select o.{q(partner.key)} from {_relation(door, partner.table)} o where {also})"
    text = f"select {', '.join(f'{sql} as {q(name)}' for name, sql in columns.items())} from {source}"
    text += f" where {where}" if where else ""
    return list(columns), text + (f" limit {int(limit)}" if limit is not None else "")


def _relation(door: Any, table: LiveTable) -> str:
    return f"{door.quote(table.schema)}.{door.quote(table.name)}"


def _read(
    door: Any, plan: _Plan, query: tuple[list[str], str], folder: StagingFolder, progress: Progress
) -> RawTable | None:
    """The rows of one table as a Parquet part; None when there are none."""
    names, sql = query
    total = 0 if " where " in sql else plan.table.rows
    schema = pa.schema([(name, pa.string()) for name in names])
    target, rows, size = folder.new(), 0, 0
    with pq.ParquetWriter(target, schema, compression="zstd") as writer:
        progress("read", 0, total)
        for batch in door.stream(sql):
            writer.write_table(
                pa.Table.from_arrays([column.cast(pa.string()) for column in batch.columns], schema=schema)
            )
            rows, size = rows + batch.num_rows, size + batch.nbytes
            progress("read", rows, max(total, rows) if total else 0)
    if not rows:
        return None
    progress("read", rows, rows)
    label = plan.table.shown(door.database)
    file = RawFile(Path(plan.table.name), "", size, label)
    part = RawPart(target, label, file, rows, 1)
    return RawTable(door.database.kind, dict.fromkeys(names, "VARCHAR"), (part,))


def _highest(table: RawTable, plan: _Plan, now: str) -> str | None:
    """The highest mark among the rows read; times still to come do not count, or one slip would hide all later rows."""
    column = '"' + str(plan.mark).replace('"', '""') + '"'
    path = str(table.parts[0].parquet)
    if plan.table.columns[str(plan.mark)].lower() in _NUMBERS:
        text = f"select max(try_cast({column} as hugeint))::varchar from read_parquet($path)"
        return _one(text, {"path": path})
    moment = f"try_cast(regexp_replace({column}, '[+-]\\d\\d(:?\\d\\d)?$', '') as timestamp)"
    if plan.table.columns[str(plan.mark)].lower() == "date":
        moment = f"try_cast({column} as timestamp)"
    text = (
        f"select strftime(max(m), '%Y-%m-%dT%H:%M:%S') from (select {moment} as m from read_parquet($path)) "
        "where m <= $now::timestamp"
    )
    return _one(text, {"path": path, "now": now})


def _one(text: str, values: dict[str, str]) -> str | None:
    with duckdb.connect() as con:
        found = con.execute(text, values).fetchall()[0][0]
    return None if found is None else str(found)


def _order(value: str) -> tuple[int, str]:
    return (int(value), "") if value.lstrip("-").isdigit() else (0, value)
