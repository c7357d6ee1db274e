"""The four verdicts of every dossier kept in the store, so that a page asks for them without computing them.

Kept for the default rules and without a cut: open dossiers are judged at the store's latest event. What is kept is
used only while it is of the store's present state; otherwise the verdicts are computed anew.
"""

from __future__ import annotations

import hashlib
from calendar import monthrange
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import duckdb
import ibis
import ibis.expr.types as ir
import pandas as pd

from workbench.clock.calendar import DEFAULT_ID
from workbench.clock.legal import NEEDED, ClockRules, compute_verdicts, latest_event
from workbench.columns import CLOCKS
from workbench.selection import Selection
from workbench.store import LogStore
from workbench.store.changes import COUNTED_BY

_STAMP = "clock_stamp"
_AS_OF = "clock_as_of"
_SUMMARY_LISTS = {
    "provinces": "province_code",
    "provinces_2025": "province_2025",
    "levels": "level",
    "channels": "channel",
}


def verdicts(store: LogStore) -> ir.Table:
    """What is kept of every dossier's verdicts: the columns of `clock_verdict`."""
    return compute_verdicts(store).drop(*(set(NEEDED) - {"dossier_key"}))


def verdict_sums(store: LogStore) -> ir.Table:
    """`clock_verdict` counted by month and group: the columns of `summary_clock`."""
    both = store.table("dossier").join(store.table("clock_verdict").select("dossier_key", *CLOCKS), "dossier_key")
    month = both.received_at.truncate("M").cast("date")
    return both.mutate(month=month).group_by(*COUNTED_BY, "month", *CLOCKS).aggregate(dossiers=ibis._.count())


def mark_kept(store: LogStore, as_of: datetime) -> None:
    """Say that `clock_verdict` and `summary_clock` are of the store's present state, judged at `as_of`."""
    for key, value in ((_STAMP, _stamp(store)), (_AS_OF, as_of.isoformat())):
        store.con.execute("insert or replace into meta values (?, ?)", [key, value])


def kept_moment(store: LogStore) -> datetime:
    """The moment at which kept verdicts judge open dossiers."""
    return datetime.fromisoformat(str(store.scalar("select value from meta where key = ?", [_AS_OF])))


def judged(
    store: LogStore,
    selection: Selection | None = None,
    *,
    keep: Sequence[str] = (),
    as_of: datetime | None = None,
    rules: ClockRules | None = None,
) -> ir.Table:
    """The dossiers of a selection with what each clock says of them: `compute_verdicts`, or what is kept of it."""
    if not _asks_for_kept(as_of, rules) or not is_current(store):
        return compute_verdicts(store, selection, keep=keep, as_of=as_of, rules=rules)
    dossiers = store.dossiers(selection).select(*dict.fromkeys((*NEEDED, *keep)))
    dossiers = dossiers.mutate(calendar_id=ibis.coalesce(dossiers.calendar_id, ibis.literal(DEFAULT_ID)))
    return dossiers.join(store.table("clock_verdict"), "dossier_key")


def judging_moment(store: LogStore, as_of: datetime | None) -> datetime:
    """The moment open dossiers are judged at: `as_of`, else the store's latest event."""
    if as_of is not None:
        return as_of
    if is_current(store):
        return kept_moment(store)
    return latest_event(store)


def counted(
    store: LogStore, selection: Selection | None, by: str | None, as_of: datetime | None, rules: ClockRules | None
) -> pd.DataFrame | None:
    """Dossiers by group and verdict (group, law, portal, pause, local, dossiers) from the kept sums.

    Groups are the columns of `summary_clock`, the month of receipt among them. None where the sums do not answer the
    question: a selection by something else, parts of months, another group, other rules, a cut, or sums that are not of
    the store's present state.
    """
    chosen = selection or Selection()
    nothing: dict[str, Any] = dict.fromkeys(_SUMMARY_LISTS, ())
    rest = chosen.with_(procedure=None, start=None, end=None, **nothing)
    answers = rest == Selection() and _whole_months(chosen.start, chosen.end)
    if not answers or by not in (None, "month", *COUNTED_BY):
        return None
    if not _asks_for_kept(as_of, rules) or not is_current(store):
        return None
    table = store.table("summary_clock")
    conditions = []
    if chosen.procedure is not None:
        conditions.append(table.procedure_code == chosen.procedure)
    for field, column in _SUMMARY_LISTS.items():
        if values := getattr(chosen, field):
            conditions.append(table[column].isin(list(values)))
    if chosen.start is not None:
        conditions.append(table.month >= ibis.literal(chosen.start))
    if chosen.end is not None:
        conditions.append(table.month <= ibis.literal(chosen.end))
    table = table.filter(*conditions) if conditions else table
    table = table.mutate(group=ibis.literal("all") if by is None else table[by])
    return store.fetch(table.group_by("group", *CLOCKS).aggregate(dossiers=table.dossiers.cast("float64").sum()))


def _asks_for_kept(as_of: datetime | None, rules: ClockRules | None) -> bool:
    return as_of is None and (rules is None or rules == ClockRules())


def _whole_months(start: date | None, end: date | None) -> bool:
    begins = start is None or start.day == 1
    return begins and (end is None or end.day == monthrange(end.year, end.month)[1])


def _stamp(store: LogStore) -> str:
    """A text that changes with the dossiers, the calendars and the declared limits."""
    facts = store.con.execute(
        "select (select value from meta where key = 'prepared_version'), "
        "(select count(*) || '/' || coalesce(bit_xor(hash(procedure_code, declared_days)), 0) from internal_process), "
        "(select count(*) || '/' || coalesce(max(load_id), 0) from load where status = 'loaded')"
    ).fetchall()
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]


def is_current(store: LogStore) -> bool:
    """Whether verdicts are kept and of the store's present state."""
    try:
        rows = store.con.execute("select value from meta where key = ?", [_STAMP]).fetchall()
        return bool(rows) and rows[0][0] == _stamp(store)
    except duckdb.CatalogException:
        return False
