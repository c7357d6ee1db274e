"""Tables of OpenCPS v2, dumped or live: actions joined to the dossiers they belong to, the norm and the calendar apart.

An action knows its dossier by an internal number only, and the code printed on the receipt stands with the dossier.
Actions that were rolled back (state_ 2) are refused with that reason. Of the many columns only those are read that
say something of the dossier or the step; a password or a payload never leaves the dump.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import duckdb

from workbench.sources.headings import fold
from workbench.sources.raw import LINE, RawPart, RawTable
from workbench.sources.staging import StagingFolder

_ACTION = frozenset({"dossieractionid", "dossierid", "actioncode", "createdate"})
_DOSSIER = frozenset({"dossierid", "dossierno", "servicecode"})
ACTION_COLUMNS = ("dossierNo", "dossierId", "actionName", "stepName", "createDate", "actionUser", "dueDate")
DOSSIER_COLUMNS = (
    "dossierNo", "dossierId", "serviceCode", "serviceName", "govAgencyCode", "applicantName", "applicantIdNo",
    "contactTelNo", "contactEmail", "submitDate", "receiveDate", "dueDate", "releaseDate", "finishDate", "dossierStatus",
)  # fmt: skip
ACTION_NEEDED = ("dossierActionId", "actionCode", "state_", "serviceProcessId")
DOSSIER_NEEDED = ("processNo", "groupId")
"""Read from a live database beside the columns that are mapped."""
ROLLED_BACK = "2"
NORM: dict[str, frozenset[str]] = {
    "opencps_serviceprocess": frozenset({"serviceprocessid", "processno", "durationcount", "durationunit"}),
    "opencps_processstep": frozenset({"processstepid", "serviceprocessid", "stepcode", "stepname"}),
    "opencps_processaction": frozenset({"processactionid", "serviceprocessid", "prestepcode", "poststepcode"}),
    "opencps_processsequence": frozenset({"processsequenceid", "serviceprocessid", "sequenceno"}),
    "opencps_worktime": frozenset({"day", "hours"}),
    "opencps_holiday": frozenset({"holidaydate", "holidaytype"}),
}
"""Tables that are no log, by the folded columns they are known by: the designed process and the calendar."""
NORM_TABLES = tuple(NORM)


def norm_of(tables: Sequence[RawTable]) -> tuple[dict[str, list[RawTable]], list[RawTable]]:
    """The tables of the norm and the calendar by their OpenCPS name, and all others."""
    norm: dict[str, list[RawTable]] = {}
    rest = []
    for table in tables:
        have = {fold(name) for name in table.columns}
        kind = next((name for name, needed in NORM.items() if needed <= have), None)
        if kind is None or "completedat" in have:
            rest.append(table)
        else:
            norm.setdefault(kind, []).append(table)
    return norm, rest


def is_log(table: RawTable) -> bool:
    """Whether a table is that of the dossiers or of their actions."""
    return _is(table, _ACTION) or _is(table, _DOSSIER)


def relate(tables: Sequence[RawTable], folder: StagingFolder) -> list[RawTable]:
    """The tables, those of OpenCPS ready to be mapped and all others as they are."""
    dossiers = [table for table in tables if _is(table, _DOSSIER) and not _is(table, _ACTION)]
    out = []
    for table in tables:
        if _is(table, _ACTION):
            out.append(_actions(table, dossiers, folder))
        elif table in dossiers:
            out.append(replace(table, role="dossier", columns=_only(table, DOSSIER_COLUMNS)))
        else:
            out.append(table)
    return out


def _is(table: RawTable, needed: frozenset[str]) -> bool:
    return needed <= {fold(name) for name in table.columns}


def _only(table: RawTable, wanted: Sequence[str]) -> dict[str, str]:
    kept = {fold(name) for name in wanted}
    return {name: kind for name, kind in table.columns.items() if fold(name) in kept}


def _named(table: RawTable, wanted: str) -> str | None:
    return next((_quote(name) for name in table.columns if fold(name) == fold(wanted)), None)


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _actions(table: RawTable, dossiers: Sequence[RawTable], folder: StagingFolder) -> RawTable:
    coded = bool(dossiers) or _named(table, "dossierNo") is not None
    columns = {"dossierNo": "VARCHAR"} if coded else {}
    columns.update({name: kind for name, kind in _only(table, ACTION_COLUMNS).items() if fold(name) != "dossierno"})
    parts = tuple(_joined(part, table, dossiers, columns, folder) for part in table.parts)
    return replace(table, role="event", columns=columns, parts=parts)


def _joined(
    part: RawPart, table: RawTable, dossiers: Sequence[RawTable], columns: dict[str, str], folder: StagingFolder
) -> RawPart:
    """The part with each action's dossier code, without the actions that were rolled back."""
    target, rejects = folder.new(), folder.new()
    state = _named(table, "state_")
    gone = f"trim({state}::varchar) = '{ROLLED_BACK}'" if state else "false"
    line = (
        f"coalesce(try_cast({LINE} as bigint), file_row_number + $first)"
        if part.has_lines
        else "file_row_number + $first"
    )
    kept = ", ".join(f"a.{_quote(name)}" for name in columns if name != "dossierNo")
    with duckdb.connect(config={"memory_limit": "1GB", "temp_directory": str(folder.path)}) as con:
        code, join = "", ""
        if "dossierNo" in columns:
            _write_codes(con, dossiers)
            own = _named(table, "dossierNo")
            given = f"nullif(trim(a.{own}::varchar), ''), " if own else ""
            # an action whose dossier is not in the dump keeps the internal number, and is refused by the store
            code = f'coalesce(d.code, {given}a.{_named(table, "dossierId")}::varchar) as "dossierNo", '
            join = f"left join code d on d.id = trim(a.{_named(table, 'dossierId')}::varchar)"
        source = f"(select *, {line} as place, coalesce({gone}, false) as gone from read_parquet($path, file_row_number=true))"
        values = {"path": str(part.parquet), "first": part.first_line}
        con.execute(
            f"copy (select {code}{kept}, a.place as {LINE} from {source} a {join} where not a.gone order by a.place) "
            "to $target (format parquet, compression zstd)",
            {**values, "target": str(target)},
        )
        _write_rejects(con, source, part, values, rejects)
        rows, refused = (
            int(con.execute("select count(*) from read_parquet(?)", [str(path)]).fetchall()[0][0])
            for path in (target, rejects)
        )
    return replace(
        part, parquet=target, rows=rows, has_lines=True, rejects=rejects if refused else None, n_rejects=refused
    )


def _write_codes(con: duckdb.DuckDBPyConnection, dossiers: Sequence[RawTable]) -> None:
    con.execute("create temp table code (id varchar, code varchar)")
    for table in dossiers:
        con.execute(
            f"insert into code select trim({_named(table, 'dossierId')}::varchar), "
            f"any_value(nullif(trim({_named(table, 'dossierNo')}::varchar), '')) from read_parquet(?, union_by_name=true) "
            "group by 1",
            [[str(part.parquet) for part in table.parts]],
        )


def _write_rejects(
    con: duckdb.DuckDBPyConnection, source: str, part: RawPart, values: dict[str, object], target: Path
) -> None:
    """The rolled back actions, behind what the reader refused already."""
    earlier = "select line, column_name, value, reason from read_parquet($earlier) union all " if part.rejects else ""
    more = {"earlier": str(part.rejects)} if part.rejects else {}
    con.execute(
        f"copy ({earlier}select place as line, 'state_' as column_name, '{ROLLED_BACK}' as value, 'rolled_back' as reason "
        f"from {source} where gone) to $target (format parquet)",
        {**values, **more, "target": str(target)},
    )
