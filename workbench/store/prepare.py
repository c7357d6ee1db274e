"""Base rows to prepared rows: positions, next activity, gaps in clock and working time, variant keys.

Everything is an Ibis expression over three base tables, so the same code runs on DuckDB and on Spark.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

CHAIN_LEFT_OUT = ("synthetic_first", "synthetic_last")
"""Artefacts the synchronisation invented: kept in the store, left out of the chain of events."""


def worked(moment: ir.TimestampValue, day: ir.Table) -> ir.IntegerValue:
    """Working seconds from the calendar's first day to `moment`, given the joined calendar day.

    W(t) = cumulated seconds before the day + seconds worked of that day; the working time between two
    instants is one subtraction.
    """
    second = moment.hour() * 3600 + moment.minute() * 60 + moment.second()
    morning = ibis.least(ibis.greatest(second - day.am_from, 0), day.am_to - day.am_from)
    afternoon = ibis.least(ibis.greatest(second - day.pm_from, 0), day.pm_to - day.pm_from)
    return day.before_seconds + morning + afternoon


def chain(event: ir.Table, calendar_day: ir.Table) -> ir.Table:
    """Events with position, next activity and unit, gaps, and `worked_at`.

    in: event rows with dossier_key, calendar_id, activity_id, completed_at, unit, artefact, source_order.
    Order inside a dossier: time, then order in the source. Left-out artefacts get a null position.
    """
    day = calendar_day
    timed = event.left_join(day, [event.calendar_id == day.calendar_id, event.completed_at.date() == day.day]).select(
        event, worked_at=worked(event.completed_at, day).cast("int64")
    )
    kept = (timed.artefact.isnull() | ~timed.artefact.isin(CHAIN_LEFT_OUT)) & timed.completed_at.notnull()
    order = [timed.completed_at, timed.source_order]
    window = ibis.window(group_by=[timed.dossier_key, kept], order_by=order)
    out = timed.mutate(
        position=ibis.ifelse(kept, ibis.row_number().over(window), ibis.null("int64")).cast("int32"),
        next_activity_id=ibis.ifelse(kept, timed.activity_id.lead().over(window), ibis.null("int32")),
        next_unit=ibis.ifelse(kept, timed.unit.lead().over(window), ibis.null("string")),
        next_at=ibis.ifelse(kept, timed.completed_at.lead().over(window), ibis.null("timestamp")),
        next_worked=ibis.ifelse(kept, timed.worked_at.lead().over(window), ibis.null("int64")),
    )
    return out.mutate(
        gap_seconds=out.next_at.epoch_seconds() - out.completed_at.epoch_seconds(),
        gap_working_seconds=out.next_worked - out.worked_at,
    ).drop("next_at", "next_worked")


def variants(event: ir.Table) -> ir.Table:
    """Per dossier: variant key, number of chained events, first and last time.

    The key needs no ordered list: bit_xor of hash(position, activity) over the dossier's events.
    """
    kept = event.filter(event.position.notnull())
    mixed = (kept.position.cast("int64") * 1_000_003 + kept.activity_id.cast("int64")).hash()
    return (
        kept.mutate(mixed=mixed)
        .group_by("dossier_key")
        .aggregate(
            variant_key=lambda t: t.mixed.bit_xor(),
            event_count=lambda t: t.count().cast("int32"),
            first_at=lambda t: t.completed_at.min(),
            last_at=lambda t: t.completed_at.max(),
        )
    )
