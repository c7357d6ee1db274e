"""When work on an event began, next to the event before it: the columns waiting and processing are made of."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from workbench.selection import Selection
from workbench.store import LogStore
from workbench.store.prepare import worked


def with_previous(events: ir.Table) -> ir.Table:
    """The events with `previous_at` and `previous_worked`: completion of the event before, in clock and working time."""
    window = ibis.window(group_by=events.dossier_key, order_by=events.position)
    return events.mutate(
        previous_at=events.completed_at.lag().over(window), previous_worked=events.worked_at.lag().over(window)
    )


def with_started_worked(store: LogStore, selection: Selection, events: ir.Table) -> ir.Table:
    """The events with `started_worked`: working seconds from the calendar's first day to `started_at`."""
    d = store.dossiers(selection)
    dossier = d.select(_key=d.dossier_key, _calendar=d.calendar_id)
    joined = events.inner_join(dossier, [events.dossier_key == dossier["_key"]])
    day = store.table("calendar_day")
    timed = joined.left_join(day, [joined["_calendar"] == day.calendar_id, joined.started_at.date() == day.day]).select(
        joined, started_worked=worked(joined.started_at, day).cast("int64")
    )
    return timed.drop("_key", "_calendar")
