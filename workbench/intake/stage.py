"""Raw tables to the relations the store loads: typed, named, counted, with the refused rows beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from workbench.intake.dossiers import derive, dossier_rows, fill_procedure
from workbench.intake.events import UNKNOWN, event_rows, joined, make_known_places, needs_places, province
from workbench.intake.refused import quarantine
from workbench.intake.typed import Typed, typed
from workbench.intake.workplace import Workplace
from workbench.progress import Progress, silent
from workbench.sources.mapping import Mapping
from workbench.sources.raw import RawFile, RawTable
from workbench.store.loading import Staged, StagedFile
from workbench.store.schema import quote

_PAUSE = ("paused_from", "paused_to", "reason", "due_before", "due_after")


@dataclass(frozen=True, slots=True)
class Mapped:
    """A raw table and its mapping."""

    table: RawTable
    mapping: Mapping


def stage(
    place: Workplace,
    mapped: Sequence[Mapped],
    files: Sequence[RawFile],
    *,
    profile: dict[str, object],
    progress: Progress = silent,
) -> Staged:
    """Make the relations of a load on the store's connection; `unstage` drops them."""
    tables = _typed(place, mapped, progress)
    constants = frozenset(place.options.constants)
    dossiers, traces, events, pauses = (_of(tables, kind) for kind in ("dossier", "trace", "event", "pause"))
    known = _stage_dossiers(place, dossiers, constants)
    if "province_code" not in constants and any(needs_places(one) for one in (*events, *traces, *pauses)):
        make_known_places(place, known)
    events, merged = _joined(place, events)
    if events:
        _union(place, "staged_event", [event_rows(place, one, known, constants) for one in events], events)
    if not dossiers and (events or traces):
        derive(place, traces, events, constants, "staged_dossier_rows")
        fill_procedure(place, "staged_dossier_rows", "staged_dossier")
    elif dossiers:
        _say_ignored(place, events)
    pause = _stage_pauses(place, pauses, dossiers, constants)
    quarantine(place, [*dossiers, *events, *pauses], [one.table for one in mapped], "staged_quarantine")
    _say_unknown_places(place, dossiers or events or traces)
    derived = (() if dossiers else ("dossier",)) + (() if any(not one.table.derived for one in pauses) else ("pause",))
    return Staged(
        files=_files(mapped, files),
        format="+".join(dict.fromkeys(one.table.format for one in mapped)),
        event="staged_event" if events else None,
        dossier="staged_dossier" if dossiers or events or traces else None,
        pause=pause,
        quarantine="staged_quarantine",
        merged=merged,
        derived=derived,
        profile=profile,
    )


def _stage_dossiers(place: Workplace, dossiers: Sequence[Typed], constants: frozenset[str]) -> str | None:
    """The relation of dossiers that came as rows of their own, or None."""
    if not dossiers:
        return None
    if any(needs_places(one) for one in dossiers):
        make_known_places(place, None)
    _union(place, "staged_dossier_rows", [dossier_rows(one, constants) for one in dossiers], dossiers)
    fill_procedure(place, "staged_dossier_rows", "staged_dossier")
    return "staged_dossier"


def _stage_pauses(
    place: Workplace, pauses: Sequence[Typed], dossiers: Sequence[Typed], constants: frozenset[str]
) -> str | None:
    """The relation of pauses, from rows of their own and from those of dossiers, or None."""
    paused = [one for one in dossiers if "paused_from" in one.columns]
    if not pauses and not paused:
        return None
    rows = [_pause_rows(one, constants) for one in pauses] + [_own_pauses(place, one, constants) for one in paused]
    _union(place, "staged_pause", rows, [*pauses, *paused])
    return "staged_pause"


def unstage(place: Workplace) -> None:
    """Drop what `stage` made."""
    found = place.con.execute(
        "select table_name, table_type from information_schema.tables where table_catalog = 'temp' and "
        "regexp_matches(table_name, '^(staged|typed|intake)_')"
    ).fetchall()
    for kind in ("VIEW", "BASE TABLE"):
        for name, is_kind in found:
            if is_kind == kind or (kind == "BASE TABLE" and is_kind == "LOCAL TEMPORARY"):
                place.con.execute(f"drop {'view' if kind == 'VIEW' else 'table'} if exists temp.{quote(name)}")
    place.variables.clear()


def _typed(place: Workplace, mapped: Sequence[Mapped], progress: Progress) -> list[Typed]:
    out, first_file = [], 0
    for number, one in enumerate(mapped):
        progress("type", 0, one.table.rows)
        out.append(typed(place, one.table, one.mapping, number, first_file, progress=progress))
        first_file += len(one.table.parts)
    return out


def _of(tables: Sequence[Typed], kind: str) -> list[Typed]:
    if kind in ("dossier", "trace"):
        return [one for one in tables if one.mapping.role == "dossier" and one.table.derived == (kind == "trace")]
    return [one for one in tables if one.mapping.role == kind]


def _joined(place: Workplace, events: Sequence[Typed]) -> tuple[list[Typed], int]:
    out, total = [], 0
    for one in events:
        table, merged = joined(place, one)
        out.append(table)
        total += merged
    return out, total


def _union(place: Workplace, name: str, queries: Sequence[str], sources: Sequence[Typed]) -> None:
    """One relation of several queries: a view, unless something in it is worth keeping or expensive to repeat."""
    simple = len(queries) == 1 and "join" not in queries[0]
    lazy = simple or all(one.table.format == "parquet" for one in sources)
    place.con.execute(
        f"create or replace temp {'view' if lazy else 'table'} {name} as {' union all by name '.join(queries)}"
    )


def _pause_rows(one: Typed, constants: frozenset[str]) -> str:
    where, join = province(one, constants)
    columns = ", ".join(f"t.{quote(name)}" for name in _PAUSE if name in one.columns)
    kept = "where t.__reason is null" if one.refused else ""
    return (
        f"select {where} as province_code, t.dossier_code, {columns}, t.__source as source, t.__line as line "
        f"from {one.relation} t {join} {kept}"
    )


def _own_pauses(place: Workplace, one: Typed, constants: frozenset[str]) -> str:
    """The supplement on each dossier's own row; one that ends before it begins is left out and counted."""
    where, join = province(one, constants)
    until = "t.paused_to" if "paused_to" in one.columns else "null::timestamp"
    kept = "t.paused_from is not null" + (" and t.__reason is null" if one.refused else "")
    inverted = place.count(f"select count(*) from {one.relation} t where {kept} and {until} < t.paused_from")
    if inverted:
        place.say("inverted_pauses", source=one.table.name, rows=inverted)
    return (
        f"select {where} as province_code, t.dossier_code, t.paused_from, {until} as paused_to, 'supplement' as reason, "
        f"t.__source as source, t.__line as line from {one.relation} t {join} "
        f"where {kept} and ({until} is null or {until} >= t.paused_from)"
    )


def _say_ignored(place: Workplace, events: Sequence[Typed]) -> None:
    """Dossiers came as rows of their own, so what event rows repeat of them is not used."""
    for one in events:
        names = sorted(name.removeprefix("d_") for name in one.columns if name.startswith("d_"))
        given = [name for name in names if name in one.mapping.columns()]
        if given:
            place.say("case_attributes_not_used", source=one.table.name, columns=", ".join(given))


def _say_unknown_places(place: Workplace, sources: Sequence[Typed]) -> None:
    if sources:
        unknown = place.count(f"select count(*) from staged_dossier where province_code = '{UNKNOWN}'")
        if unknown:
            place.say("unknown_province", dossiers=unknown)


def _files(mapped: Sequence[Mapped], files: Sequence[RawFile]) -> tuple[StagedFile, ...]:
    rows: dict[RawFile, int] = dict.fromkeys(files, 0)
    roles: dict[RawFile, str] = {}
    for one in mapped:
        for part in one.table.parts:
            roles.setdefault(part.file, one.mapping.role)
            if not one.table.derived:
                rows[part.file] = rows.get(part.file, 0) + part.rows + part.n_rejects
    alone = {one.mapping.role for one in mapped if not one.table.derived} == {"event"}
    return tuple(
        StagedFile(file.shown, file.sha256, file.bytes, "log" if alone else roles.get(file, "log"), rows[file])
        for file in files
    )
