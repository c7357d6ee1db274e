"""The stretches when the clock stands, summed up by dossier."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from workbench.clock.working_days import with_worked
from workbench.store import LogStore

SUPPLEMENT = "supplement"
_REASONS = {5: SUPPLEMENT, 6: "financial_duty"}
_TYPES = {
    "dossier_key": "int64", "paused_from": "timestamp(6)", "paused_to": "timestamp(6)", "reason": "string",
    "due_before": "timestamp(6)", "due_after": "timestamp(6)",
}  # fmt: skip
_GIVEN = ("dossier_key", "paused_from", "paused_to", "reason", "due_before", "due_after")


def pause_facts(store: LogStore, dossiers: ir.Table, days: ir.Table) -> ir.Table:
    """One row a dossier that was paused before it was judged.

    in: dossiers with dossier_key, calendar_id, received_at, judged_at. For dossiers without a recorded pause, statuses 5
    and 6 are pauses that last until the next event (derived).
    Overlapping pauses count once; what lies before receipt or after judged_at is cut off. A pause that is not over by
    then is open: its start is given and its length not counted.

    Columns: p_requests (supplement requests), supplement_working_seconds, pause_working_seconds (both reasons),
    supplement_open_from, any_open_from, restart_worked (W of the last completed supplement), due_before (before the
    first request), due_after (after the last request), moved and moved_days (completed supplements without a recorded
    new due date, and their calendar days less one each).
    """
    given = store.table("pause")
    given = given.filter(given.paused_from.notnull()).select(*_GIVEN)
    pause = given.cast(_TYPES).union(_status_runs(store, given).cast(_TYPES)).join(dossiers, "dossier_key")
    pause = pause.filter(pause.paused_from <= pause.judged_at)
    pause = pause.mutate(
        is_supplement=ibis.coalesce(pause.reason, SUPPLEMENT) == SUPPLEMENT,
        is_open=pause.paused_to.isnull() | (pause.paused_to > pause.judged_at),
        start=ibis.greatest(pause.paused_from, ibis.coalesce(pause.received_at, pause.paused_from)),
    )
    stop = ibis.least(ibis.coalesce(pause.paused_to, pause.judged_at), pause.judged_at)
    pause = pause.mutate(stop=ibis.greatest(stop, pause.start))
    pause = _merged(_merged(pause, "start_any", "dossier_key"), "start_own", "dossier_key", "is_supplement")
    pause = with_worked(pause, days, w_any="start_any", w_own="start_own", w_stop="stop")
    return _summed(pause)


def _status_runs(store: LogStore, given: ir.Table) -> ir.Table:
    """Pauses read from statuses 5 and 6 of dossiers that have no pause row; neighbouring events are one pause."""
    event = store.table("event")
    event = event.filter(
        event.position.notnull(), event.status.isin(list(_REASONS)), event.dossier_key.notin(given.dossier_key)
    )
    order = ibis.window(group_by=[event.dossier_key, event.status], order_by=event.position)
    event = event.mutate(
        run=event.position - ibis.row_number().over(order),
        until=event.completed_at + event.gap_seconds.cast("int64").as_interval("s"),
    )
    runs = event.group_by("dossier_key", "status", "run").aggregate(
        paused_from=event.completed_at.min(), last_to=event.until.max(), last=event.until.isnull().any()
    )
    return runs.select(
        "dossier_key",
        "paused_from",
        paused_to=ibis.ifelse(runs["last"], ibis.null("timestamp"), runs.last_to),
        reason=ibis.ifelse(runs.status == 5, SUPPLEMENT, "financial_duty"),
        due_before=ibis.null("timestamp"),
        due_after=ibis.null("timestamp"),
    )


def _merged(pause: ir.Table, name: str, *group: str) -> ir.Table:
    """`pause` with the column `name`: its start, or the end of an earlier one that still ran."""
    earlier = ibis.window(group_by=list(group), order_by=[pause.start, pause.stop], preceding=(None, 1))
    before = pause.stop.max().over(earlier)
    return pause.mutate(
        **{name: ibis.least(ibis.greatest(pause.start, ibis.coalesce(before, pause.start)), pause.stop)}
    )


def _summed(pause: ir.Table) -> ir.Table:
    over = ~pause.is_open
    supplement = pause.is_supplement
    calendar_days = pause.stop.date().delta(pause.start.date(), unit="day")
    unmoved = supplement & over & pause.due_after.isnull() & (pause.stop > pause.start)

    def total(value: ir.NumericValue, where: ir.BooleanValue) -> ir.IntegerValue:
        """The sum as a 64-bit integer: DuckDB's integer sums are 128 bits wide, which dates cannot be moved by."""
        return value.cast("float64").sum(where=where).cast("int64")

    return pause.group_by("dossier_key").aggregate(
        p_requests=total(supplement.cast("int64"), supplement),
        supplement_working_seconds=total(pause.w_stop - pause.w_own, supplement & over),
        pause_working_seconds=total(pause.w_stop - pause.w_any, over),
        supplement_open_from=pause.start_own.min(where=supplement & pause.is_open),
        any_open_from=pause.start_any.min(where=pause.is_open),
        restart_worked=pause.w_stop.max(where=supplement & over).cast("int64"),
        due_before=pause.due_before.argmin(pause.paused_from, where=pause.due_before.notnull()),
        due_after=pause.due_after.argmax(pause.paused_from, where=pause.due_after.notnull()),
        moved=total(unmoved.cast("int64"), unmoved),
        moved_days=total(calendar_days - 1, unmoved),
    )
