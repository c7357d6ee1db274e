"""Open dossiers that need a hand: overdue, due soon, stuck."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import ibis
import ibis.expr.types as ir
import pandas as pd

from workbench.clock import ClockRules, judged, latest_event
from workbench.clock.calendar import DEFAULT_ID
from workbench.clock.evaluate import calendars_in, check_clock
from workbench.clock.terms import WORKING_DAY_SECONDS
from workbench.clock.working_days import calendar_days, with_worked
from workbench.results import Basis, Result
from workbench.selection import Selection
from workbench.store import LogStore

_FACTS = ("dossier_code", "procedure_code", "province_code", "agency_code")
_KINDS = ("overdue", "due_soon", "stuck")
"""Most urgent first."""


@dataclass(frozen=True, slots=True)
class WatchList(Result):
    """Open dossiers by urgency.

    `table`: dossier_key, dossier_code, procedure_code, province_code, agency_code, kind (overdue, due_soon, stuck), due_at
    (under the clock), remaining_working_days (negative when overdue), idle_working_days (since the last event),
    received_at, last_at. Overdue first, then due soon, then stuck; within a kind the most urgent first.
    `counts`: kind, dossiers: of all, also beyond the limit of the table.
    """

    table: pd.DataFrame
    counts: pd.DataFrame
    as_of: datetime
    clock: str
    basis: Basis


def watch_list(
    store: LogStore,
    selection: Selection | None = None,
    *,
    clock: str = "portal",
    as_of: datetime | None = None,
    due_within_days: float = 2.0,
    stuck_after_days: float = 5.0,
    limit: int | None = None,
    rules: ClockRules | None = None,
) -> WatchList:
    """The open dossiers that are overdue, due within `due_within_days` working days, or without an event for longer than
    `stuck_after_days` working days (and not waiting for the applicant) at `as_of` (default: the latest event)."""
    check_clock(clock)
    moment = as_of or store.recall(("latest event", store.version()), lambda: latest_event(store))
    t = judged(store, selection, keep=(*_FACTS, "last_at"), as_of=as_of, rules=rules)
    t = _aged(store, t.filter(t.ended_at.isnull(), ibis.coalesce(t.status_then, 0).notin([1, 3])), clock, moment)
    soon = (t[clock] == "pending_on_time") & ~t.pause_open & (t.remaining_working_days <= due_within_days)
    stuck = (t.idle_working_days > stuck_after_days) & ~t.pause_open
    kind = ibis.cases((t[clock] == "pending_late", "overdue"), (soon, "due_soon"), (stuck, "stuck"), else_="")
    rows = _most_urgent_first(_fetched(store, t.mutate(kind=kind), clock))
    counts = pd.DataFrame({"kind": list(_KINDS), "dossiers": [int((rows["kind"] == kind).sum()) for kind in _KINDS]})
    basis = store.basis(
        selection,
        clock=clock,
        calendar=calendars_in(store, selection),
        end_event=(rules or ClockRules()).end_event,
    )
    return WatchList(rows.head(len(rows) if limit is None else limit), counts, moment, clock, basis)


def _aged(store: LogStore, t: ir.Table, clock: str, moment: datetime) -> ir.Table:
    """The dossiers with the working days left until their due time and those since their last event."""
    t = t.select(
        "dossier_key", *_FACTS, "received_at", "last_at", clock, f"{clock}_due", "pause_open",
        calendar_id=ibis.coalesce(t.calendar_id, ibis.literal(DEFAULT_ID)),
        now=ibis.literal(moment),
        seen_at=ibis.ifelse(t.last_at <= ibis.literal(moment), t.last_at, t.received_at),
    )  # fmt: skip
    t = with_worked(t, calendar_days(store), w_now="now", w_due=f"{clock}_due", w_seen="seen_at")
    return t.mutate(
        remaining_working_days=(t.w_due - t.w_now) / WORKING_DAY_SECONDS,
        idle_working_days=(t.w_now - t.w_seen) / WORKING_DAY_SECONDS,
    )


def _fetched(store: LogStore, t: ir.Table, clock: str) -> pd.DataFrame:
    columns = ["dossier_key", *_FACTS, "kind", f"{clock}_due", "remaining_working_days", "idle_working_days"]
    rows = store.fetch(t.filter(t.kind != "").select(*columns, "received_at", "last_at"))
    return rows.rename(columns={f"{clock}_due": "due_at"})


def _most_urgent_first(rows: pd.DataFrame) -> pd.DataFrame:
    place = rows["kind"].map({kind: place for place, kind in enumerate(_KINDS)})
    return (
        rows.assign(place=place)
        .sort_values(
            ["place", "remaining_working_days", "idle_working_days", "dossier_key"], ascending=[True, True, False, True]
        )
        .drop(columns="place")
        .reset_index(drop=True)
    )
