"""Dossier rows for the store: as they came, or made from the attributes their events repeat."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.intake import places
from workbench.intake.events import UNKNOWN, province
from workbench.intake.typed import CASE_PREFIX, PAUSE_OF_DOSSIER, Typed
from workbench.intake.workplace import Workplace
from workbench.store.schema import quote

_EVENTS_LATER = 1 << 61
"""Added to the order of event rows, so that what a trace says of itself counts first."""


def dossier_rows(typed: Typed, constants: frozenset[str]) -> str:
    """The query that gives the store the rows of one typed dossier table."""
    where, join = province(typed, constants)
    names = [name for name in typed.columns if name not in ("province_code", "agency_code", *PAUSE_OF_DOSSIER)]
    columns = ", ".join(f"t.{quote(name)}" for name in names)
    agency = f"coalesce({'t.agency_code' if 'agency_code' in typed.columns else 'null'}, {places.agency_of('t.dossier_code')})"
    kept = "where t.__reason is null" if typed.refused else ""
    return (
        f"select {where} as province_code, {columns}, {agency} as agency_code, t.__source as source, t.__line as line "
        f"from {typed.relation} t {join} {kept}"
    )


def derive(
    place: Workplace, traces: Sequence[Typed], events: Sequence[Typed], constants: frozenset[str], relation: str
) -> None:
    """Make `relation`: one row a dossier, from traces and from the attributes on event rows.

    Of an attribute the first filled value counts; dossiers whose events disagree are counted in a notice.
    """
    parts, columns = _parts(traces, events, constants)
    merged = []
    for name in columns:
        if name == "extra":
            inner, outer = (f"arg_min(extra, place) filter (from_events = {side})" for side in ("true", "false"))
            both = f"json_merge_patch(coalesce({inner}, '{{}}')::json, coalesce({outer}, '{{}}')::json)::varchar"
            merged.append(f"nullif({both}, '{{}}') as extra")
        else:
            pick = "arg_max" if name == "status" else "arg_min"
            merged.append(f"{pick}({quote(name)}, place) as {quote(name)}")
    watched = [
        name
        for name in columns
        if name not in ("extra", "status") and any(CASE_PREFIX + name in t.columns for t in events)
    ]
    merged += [
        f"(min({quote(name)}) filter (from_events) <> max({quote(name)}) filter (from_events)) as {quote('differs_' + name)}"
        for name in watched
    ]
    body = "".join(f", {item}" for item in merged)
    place.con.execute(
        f"create or replace temp table {relation} as select province_code, dossier_code{body} "
        f"from ({' union all by name '.join(parts)}) group by province_code, dossier_code"
    )
    if "agency_code" not in columns:
        place.con.execute(f"alter table {relation} add column agency_code varchar")
    agency = places.agency_of("dossier_code")
    place.con.execute(
        f"update {relation} set agency_code = {agency} where agency_code is null and {agency} is not null"
    )
    _say_differences(place, relation, watched)


def _say_differences(place: Workplace, relation: str, watched: Sequence[str]) -> None:
    for name in watched:
        differ = place.count(f"select count(*) from {relation} where {quote('differs_' + name)}")
        if differ:
            place.say("attribute_differs", column=name, dossiers=differ)


def _parts(
    traces: Sequence[Typed], events: Sequence[Typed], constants: frozenset[str]
) -> tuple[list[str], dict[str, None]]:
    """Queries that give identity, place in order, and attributes; and the names of the attributes."""
    parts: list[str] = []
    columns: dict[str, None] = {}
    for typed in traces:
        names = [name for name in typed.columns if name not in ("province_code", "dossier_code")]
        parts.append(_part(typed, {name: name for name in names}, constants, from_events=False))
        columns.update(dict.fromkeys(names))
    for typed in events:
        own = {
            name.removeprefix(CASE_PREFIX): name
            for name in typed.columns
            if name.startswith(CASE_PREFIX) and name != CASE_PREFIX
        }
        parts.append(_part(typed, own, constants, from_events=True))
        columns.update(dict.fromkeys(own))
    return parts, columns


def _part(typed: Typed, own: dict[str, str], constants: frozenset[str], *, from_events: bool) -> str:
    where, join = province(typed, constants)
    columns = "".join(f", t.{quote(column)} as {quote(name)}" for name, column in own.items())
    shift = f" + {_EVENTS_LATER}" if from_events else ""
    kept = "where t.__reason is null" if typed.refused else ""
    body = (
        f"select {where} as province_code, t.dossier_code, t.__order{shift} as place, {str(from_events).lower()} as "
        f"from_events{columns} from {typed.relation} t {join} {kept}"
    )
    # without attributes one row a dossier says as much as all its events
    return (
        body
        if own
        else f"select province_code, dossier_code, min(place) as place, {str(from_events).lower()} as from_events from ({body}) group by all"
    )


def fill_procedure(place: Workplace, relation: str, result: str) -> None:
    """Make `result`: the rows of `relation`, with the procedure "?" where neither the load nor the store knows it."""
    have = {row[0] for row in place.con.execute(f"describe {relation}").fetchall()}
    known = "procedure_code" if "procedure_code" in have else "null::varchar"
    missing = place.count(f"select count(*) from {relation} where {known} is null")
    if not missing:
        place.con.execute(f"create or replace temp view {result} as select * from {relation}")
        return
    same = "select province_code, dossier_code from dossier where procedure_code is not null"
    if "procedure_code" in have:
        same += f" union select province_code, dossier_code from {relation} where procedure_code is not null"
    rest = "* exclude (procedure_code)" if "procedure_code" in have else "*"
    place.con.execute(
        f"create or replace temp table {result} as select {rest}, coalesce({known}, case when (province_code, dossier_code) "
        f"not in ({same}) then '{UNKNOWN}' end) as procedure_code from {relation}"
    )
    unknown = place.count(f"select count(*) from {result} where procedure_code = '{UNKNOWN}'")
    if unknown:
        place.say("unknown_procedure", dossiers=unknown)
