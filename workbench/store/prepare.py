"""Base rows to prepared rows: chains of events, gaps in clock and working time, facts of a dossier.

Everything is an Ibis expression over plain tables, so the same code runs on DuckDB and on Spark. Nothing here
reads or writes a store.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

CHAIN_LEFT_OUT = ("synthetic_first", "synthetic_last")
"""Artefacts the synchronisation invented: kept in the store, left out of the chain of events."""
SUPPLEMENT_STATUS = 5
_OUTCOME_OF_STATUS = {9: "done", 10: "done", 7: "returned", 3: "refused", 8: "stopped"}


def worked(moment: ir.TimestampValue, day: ir.Table) -> ir.IntegerValue:
    """Working seconds from the calendar's first day to `moment`, given the joined calendar day.

    W(t) = cumulated seconds before the day + seconds worked of that day; the working time between two
    instants is one subtraction.
    """
    second = moment.hour() * 3600 + moment.minute() * 60 + moment.second()
    morning = ibis.least(ibis.greatest(second - day.am_from, 0), day.am_to - day.am_from)
    afternoon = ibis.least(ibis.greatest(second - day.pm_from, 0), day.pm_to - day.pm_from)
    return (day.before_seconds + morning + afternoon).cast("int64")


def seconds_between(start: ir.TimestampValue, end: ir.TimestampValue) -> ir.FloatingValue:
    """Clock seconds with their fraction; engines differ in whether their epoch carries it."""
    whole = end.epoch_seconds().floor() - start.epoch_seconds().floor()
    return (whole + (end.microsecond() - start.microsecond()) / 1e6).cast("float64")


def in_chain(event: ir.Table) -> ir.BooleanValue:
    """Whether an event belongs to the chain: it has a time and no artefact code that leaves it out."""
    codes = ibis.literal(",") + event.artefact.fill_null("") + ibis.literal(",")
    invented = ibis.or_(*[codes.contains(f",{code},") for code in CHAIN_LEFT_OUT])
    return ~invented & event.completed_at.notnull()


def with_worked(table: ir.Table, moments: dict[str, str], calendar_day: ir.Table) -> ir.Table:
    """`table` (with calendar_id) and a column W(moment) for each new name in `moments`; null off the calendar."""
    for number, (name, moment) in enumerate(moments.items()):
        day = calendar_day.rename(**{f"cd{number}_calendar": "calendar_id", f"cd{number}_day": "day"})
        joined = table.left_join(
            day,
            [
                table.calendar_id == day[f"cd{number}_calendar"],
                table[moment].date() == day[f"cd{number}_day"],
            ],
        )
        table = joined.select(*table.columns, worked(joined[moment], joined).name(name))
    return table


def chain(event: ir.Table, calendar_day: ir.Table) -> ir.Table:
    """Events with position, next activity and unit, gaps, and `worked_at`.

    in: event rows with dossier_key, calendar_id, activity_id, completed_at, unit, artefact, source_order, load_id.
    Order inside a dossier: time, order in the source, then activity and load, which only matter where two sources
    count alike. Left-out artefacts get a null position.
    """
    timed = with_worked(event, {"worked_at": "completed_at"}, calendar_day)
    timed = timed.mutate(kept=in_chain(timed))
    order = [timed.completed_at, timed.source_order, timed.activity_id, timed.load_id]
    window = ibis.window(group_by=[timed.dossier_key, timed.kept], order_by=order)
    out = timed.mutate(
        place=ibis.row_number().over(window),
        next_a=timed.activity_id.lead().over(window),
        next_u=timed.unit.lead().over(window),
        next_at=timed.completed_at.lead().over(window),
        next_worked=timed.worked_at.lead().over(window),
    )
    return out.mutate(
        position=ibis.ifelse(out.kept, out.place, ibis.null("int64")).cast("int32"),
        next_activity_id=ibis.ifelse(out.kept, out.next_a, ibis.null("int32")),
        next_unit=ibis.ifelse(out.kept, out.next_u, ibis.null("string")),
        gap_seconds=ibis.ifelse(out.kept, seconds_between(out.completed_at, out.next_at), ibis.null("float64")),
        gap_working_seconds=ibis.ifelse(out.kept, out.next_worked - out.worked_at, ibis.null("int64")),
    ).drop("kept", "place", "next_a", "next_u", "next_at", "next_worked")


def event_facts(event: ir.Table) -> ir.Table:
    """Per dossier: variant key, number of chained events, first and last time, last status.

    The key needs no ordered list: bit_xor of hash(position, activity) over the dossier's events.
    """
    kept = event.filter(event.position.notnull())
    mixed = (kept.position.cast("int64") * 1_000_003 + kept.activity_id.cast("int64")).hash()
    known = kept.mutate(mixed=mixed, placed_status=kept.position.cast("int64") * 100 + kept.status)
    return known.group_by("dossier_key").aggregate(
        variant_key=known.mixed.bit_xor(),
        event_count=known.count().cast("int32"),
        first_at=known.completed_at.min(),
        last_at=known.completed_at.max(),
        last_status=(known.placed_status.max() % 100).cast("int32"),
    )


def supplement_runs(event: ir.Table) -> ir.Table:
    """Per dossier how often it entered status 5; neighbouring events with status 5 are one request."""
    asked = event.filter(event.position.notnull(), event.status == SUPPLEMENT_STATUS)
    before = asked.position.lag().over(ibis.window(group_by=asked.dossier_key, order_by=asked.position))
    marked = asked.mutate(fresh=(before.isnull() | (before != asked.position - 1)).cast("int32"))
    return marked.group_by("dossier_key").aggregate(supplement_runs=marked.fresh.sum().cast("int32"))


def pause_facts(pause: ir.Table, dossier: ir.Table, calendar_day: ir.Table) -> ir.Table:
    """Per dossier: supplements, clock and working seconds during which the clock stands.

    in: pause rows; dossiers with dossier_key, received_at, closed_at, ended_at, calendar_id. Overlapping pauses count
    once; only the part between receipt and end counts, and a pause that still stands counts up to the end. A pause
    without a reason is a supplement; requests after the end of processing are not counted.
    """
    joined = pause.join(dossier, "dossier_key")
    bounded = joined.select(
        joined.dossier_key,
        joined.calendar_id,
        is_request=(joined.reason.fill_null("supplement") == "supplement")
        & (joined.closed_at.isnull() | (joined.paused_from <= joined.closed_at)),
        since=ibis.greatest(joined.paused_from, ibis.coalesce(joined.received_at, joined.paused_from)),
        until=ibis.least(
            ibis.coalesce(joined.paused_to, joined.ended_at), ibis.coalesce(joined.ended_at, joined.paused_to)
        ),
    )
    asked = bounded.group_by("dossier_key").aggregate(
        pause_supplements=bounded.is_request.fill_null(False).cast("int32").sum().cast("int32")
    )
    real = bounded.filter(bounded.until > bounded.since)
    earlier = ibis.window(group_by=real.dossier_key, order_by=[real.since, real.until], preceding=(None, 1))
    reached = real.mutate(reached=real.until.max().over(earlier))
    fresh = reached.mutate(since=ibis.greatest(reached.since, ibis.coalesce(reached.reached, reached.since)))
    fresh = fresh.filter(fresh.until > fresh.since)
    timed = with_worked(fresh, {"w_since": "since", "w_until": "until"}, calendar_day)
    sums = timed.group_by(pause_key=timed.dossier_key).aggregate(
        stood=seconds_between(timed.since, timed.until).sum().round().cast("int64"),
        stood_working=(timed.w_until - timed.w_since).sum(),
        unknown=timed.w_until.isnull().cast("int32").sum() + timed.w_since.isnull().cast("int32").sum(),
    )
    out = asked.left_join(sums, asked.dossier_key == sums.pause_key)
    working = ibis.ifelse(out.unknown > 0, ibis.null("int64"), out.stood_working)
    return out.select(
        out.dossier_key,
        out.pause_supplements,
        paused_seconds=out.stood.fill_null(0),
        paused_working_seconds=ibis.ifelse(out.stood.isnull(), 0, working),
    )


def bounds(base: ir.Table, facts: ir.Table) -> ir.Table:
    """Dossier rows with what their events say and `received_at`, `ended_at`."""
    out = base.left_join(facts.rename(facts_key="dossier_key"), base.dossier_key == _key(facts)).drop("facts_key")
    return out.mutate(
        received_at=ibis.coalesce(out.accepted_at, out.submitted_at, out.first_at),
        ended_at=ibis.coalesce(out.closed_at, out.last_at),
    )


def _key(facts: ir.Table) -> ir.IntegerColumn:
    return facts.rename(facts_key="dossier_key").facts_key


def complete(bounded: ir.Table, supplements: ir.Table, pauses: ir.Table, calendar_day: ir.Table) -> ir.Table:
    """Dossier rows with every derived column.

    in: the result of `bounds`, of `supplement_runs` and of `pause_facts`; `outcome_given` is the source's outcome.
    Working columns are null where the calendar does not reach.
    """
    runs = supplements.rename(runs_key="dossier_key")
    stood = pauses.rename(stood_key="dossier_key")
    out = bounded.left_join(runs, bounded.dossier_key == runs.runs_key)
    out = out.left_join(stood, out.dossier_key == stood.stood_key).drop("runs_key", "stood_key")
    out = with_worked(out, {"w_start": "received_at", "w_end": "ended_at"}, calendar_day)
    from_pauses = out.pause_supplements.fill_null(0)
    return out.mutate(
        outcome=ibis.coalesce(out.outcome_given, _outcome(out)),
        supplement_count=ibis.ifelse(from_pauses > 0, from_pauses, out.supplement_runs.fill_null(0)).cast("int32"),
        event_count=out.event_count.fill_null(0),
        paused_seconds=out.paused_seconds.fill_null(0),
        paused_working_seconds=ibis.ifelse(out.pause_supplements.isnull(), 0, out.paused_working_seconds),
        throughput_seconds=seconds_between(out.received_at, out.ended_at),
        throughput_working_seconds=out.w_end - out.w_start,
    )


def _outcome(dossier: ir.Table) -> ir.StringValue:
    status = ibis.coalesce(dossier.status, dossier.last_status)
    branches = [(status == code, outcome) for code, outcome in _OUTCOME_OF_STATUS.items()]
    return ibis.cases(*branches, (dossier.closed_at.notnull(), "done"), else_="open")
