"""Every dossier under the four clocks in use, as Ibis expressions over dossiers and pauses.

Four clocks exist side by side and give different on-time rates for one log; every figure names its clock.

- **law**: after the completion of a supplement a full new term runs. The term is the working time from receipt to
  the first due date; it restarts at the last completion. (NĐ 61/2018, Điều 19; general knowledge, unverified.)
- **portal**: the working time between each supplement request and its completion is added to the first due date;
  a request that is not completed is the end; more than one request is late. Without a due date the maximum term
  of the procedure, where known, counts from receipt. (QĐ 766, public code that holds its formulas; sourced.)
- **pause**: the due date moves on by the waited working time of supplements and financial duties. (OpenCPS,
  lockState PAUSE; sourced. Its other setting, a reset to a full term, is what the law clock does.)
- **local**: the days are compared, not the instants. No due date, and a withdrawn dossier, are on time; statuses 5,
  6 and 8 are within time. The due date is the one recorded after the last supplement; where none is recorded it
  moves by the elapsed calendar days less one for each supplement, and then by 8 working hours for each. (TDVC;
  sourced. Several supplements moved in one go instead of one after the other: derived.)

End of processing: closed_at (status 9), then returned_at (status 10), then refusal, stop or withdrawal (8, 3, 7;
under the portal clock 7 only when the dossier was accepted). (QĐ 766; sourced.) A dossier without an end is judged
at `as_of`. Working time is that of the dossier's calendar.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import ibis
import ibis.expr.types as ir

from workbench.clock.calendar import DEFAULT_ID
from workbench.clock.pauses import pause_facts
from workbench.clock.terms import WORKING_DAY_SECONDS
from workbench.clock.working_days import calendar_days, with_moment, with_worked
from workbench.selection import Selection
from workbench.store import LogStore

VERDICTS = ("on_time", "late", "pending_on_time", "pending_late", "unknown")
_OUT = {"refused": 3, "returned": 7, "stopped": 8}


@dataclass(frozen=True, slots=True)
class ClockRules:
    """Choices inside the four clocks."""

    end_event: Literal["processing", "return"] = "processing"
    """What ends a dossier: the result back at the desk (9, as the portal has it) or handed over (10)."""
    local_compares: Literal["days", "instants"] = "days"
    """What the local clock compares; instants make it say what a plain closed_at > due_at says."""
    max_term_days: Mapping[str, float] = field(default_factory=dict)
    """Longest term in working days by procedure, for the portal clock without a due date; where a procedure is
    missing here, the longest declared limit of the store's internal processes is taken."""


def latest_event(store: LogStore) -> datetime:
    """The time of the store's latest event, else of its latest receipt; the moment of an empty store is 1/1/2000."""
    dossier = store.table("dossier")
    row = store.fetch(dossier.aggregate(a=dossier.last_at.max(), b=dossier.received_at.max())).iloc[0]
    for value in (row["a"], row["b"]):
        if value == value and value is not None:  # noqa: PLR0124 - NaT does not equal itself
            return value.to_pydatetime()
    return datetime(2000, 1, 1)


def compute_verdicts(
    store: LogStore,
    selection: Selection | None = None,
    *,
    keep: Sequence[str] = (),
    as_of: datetime | None = None,
    rules: ClockRules | None = None,
) -> ir.Table:
    """The dossiers of a selection with what each clock says of them.

    Columns: dossier_key, received_at, due_at, the columns of the dossier named in `keep`; ended_at, end_event (closed_at,
    returned_at, out, open), judged_at (the end, else as_of), first_due_at, supplements, supplement_working_seconds,
    pause_working_seconds, age_working_seconds (receipt to judged_at, pauses not subtracted), pause_open, supplement_end
    and pause_end (judged_at, or since when an open pause stands), waiting, withdrawn, status_then; law_due, portal_due, pause_due, local_due; law, portal, pause, local (see VERDICTS).

    With `as_of` given, what happened after it is not seen: dossiers received later are left out, later ends and
    requests do not count. Without it, nothing is cut and dossiers without an end are judged at the latest event.
    """
    chosen = rules or ClockRules()
    days = calendar_days(store)
    dossiers = store.dossiers(selection).select(*dict.fromkeys((*NEEDED, *keep)))
    table = store.hold(_ended(store, dossiers, chosen, as_of))
    table = store.hold(_with_pauses(store, table, days))
    table = with_worked(
        table, days, received_worked="received_at", due_worked="first_due_at", judged_worked="judged_at"
    )
    table = _with_due(table, days, _terms(store, chosen))
    return _with_verdicts(table, chosen)


def _ended(store: LogStore, dossiers: ir.Table, rules: ClockRules, as_of: datetime | None) -> ir.Table:
    """Dossiers with ended_at, end_event, judged_at and the status as known then."""
    first, second = ("closed_at", "returned_at") if rules.end_event == "processing" else ("returned_at", "closed_at")
    table = dossiers.left_join(_marks(store, dossiers), "dossier_key").drop("dossier_key_right")
    table = table.mutate(calendar_id=ibis.coalesce(table.calendar_id, ibis.literal(DEFAULT_ID)))
    table = table.mutate(
        by_first=ibis.coalesce(table[first], table[f"mark_{first}"]),
        by_second=ibis.coalesce(table[second], table[f"mark_{second}"]),
        is_out=table.status.isin(list(_OUT.values())) | table.outcome.isin(list(_OUT)),
        withdrawn=(ibis.coalesce(table.status, 0) == _OUT["returned"])
        | (ibis.coalesce(table.outcome, "") == "returned"),
        accepted=table.accepted_at.notnull() | ibis.coalesce(table.mark_accepted, False),
    )
    by_out = ibis.ifelse(ibis.coalesce(table.is_out, False), ibis.coalesce(table.mark_out, table.last_at), _NO_TIME)
    table = table.mutate(ended_at=ibis.coalesce(table.by_first, table.by_second, by_out), by_out=by_out)
    moment = as_of if as_of is not None else latest_event(store)
    now = ibis.literal(moment)
    if as_of is not None:
        table = table.filter(table.received_at <= now)
        table = table.mutate(ended_at=ibis.ifelse(table.ended_at <= now, table.ended_at, _NO_TIME))
        seen = table.last_at.isnull() | (table.last_at <= now) | table.ended_at.notnull()
        table = table.mutate(status_then=ibis.ifelse(seen, table.status, ibis.null("int32")))
    else:
        table = table.mutate(status_then=table.status)
    names = ibis.cases(
        (table.ended_at.isnull(), "open"),
        (table.ended_at == table.by_first, first),
        (table.ended_at == table.by_second, second),
        else_="out",
    )
    return table.mutate(
        end_event=names,
        judged_at=ibis.coalesce(table.ended_at, now),
        withdrawn=table.withdrawn & table.ended_at.notnull(),
    ).drop(
        "by_first", "by_second", "by_out", "is_out", "mark_closed_at", "mark_returned_at", "mark_out", "mark_accepted"
    )


def _marks(store: LogStore, dossiers: ir.Table) -> ir.Table:
    """First times of statuses 9 and 10, last time of 3, 7 or 8, for dossiers that lack an end of their own."""
    event = store.table("event")
    unsure = dossiers.filter(dossiers.closed_at.isnull() | dossiers.returned_at.isnull()).dossier_key
    marked = event.filter(event.status.isin([2, 3, 4, 7, 8, 9, 10]), event.dossier_key.isin(unsure))
    out = marked.status.isin([3, 7, 8])
    return marked.group_by("dossier_key").aggregate(
        mark_closed_at=marked.completed_at.min(where=marked.status == 9),
        mark_returned_at=marked.completed_at.min(where=marked.status == 10),
        mark_out=marked.completed_at.max(where=out),
        mark_accepted=marked.status.isin([2, 4]).any(),
    )


def _with_pauses(store: LogStore, table: ir.Table, days: ir.Table) -> ir.Table:
    facts = pause_facts(store, table.select("dossier_key", "calendar_id", "received_at", "judged_at"), days)
    table = table.left_join(facts, "dossier_key").drop("dossier_key_right")
    zero = dict.fromkeys(
        ("p_requests", "supplement_working_seconds", "pause_working_seconds", "moved_days", "moved"), 0
    )
    table = table.mutate(**{name: ibis.coalesce(table[name], value) for name, value in zero.items()})
    cut = table.received_at.notnull() & table.judged_at.notnull()
    recorded = ibis.ifelse(cut & table.ended_at.notnull(), ibis.coalesce(table.supplement_count, 0), 0)
    return table.mutate(
        first_due_at=ibis.coalesce(table.due_before, table.due_at),
        supplements=ibis.greatest(table.p_requests, recorded),
        pause_open=table.any_open_from.notnull(),
        supplement_end=ibis.coalesce(table.supplement_open_from, table.judged_at),
        pause_end=ibis.coalesce(table.any_open_from, table.judged_at),
    )


def _terms(store: LogStore, rules: ClockRules) -> ir.Table:
    """Longest term in working seconds by procedure."""
    known = store.table("internal_process")
    known = known.filter(known.declared_days.notnull(), known.declared_days >= 0)
    declared = known.group_by("procedure_code").aggregate(days=known.declared_days.max())
    if rules.max_term_days:
        rows = [{"procedure_code": code, "days": float(days)} for code, days in rules.max_term_days.items()]
        given = ibis.memtable(rows, schema={"procedure_code": "string", "days": "float64"})
        declared = declared.filter(~declared.procedure_code.isin(list(rules.max_term_days))).union(given)
    seconds = (declared.days * WORKING_DAY_SECONDS).round().cast("int64")
    return declared.select(term_procedure=declared.procedure_code, term_seconds=seconds)


def _with_due(table: ir.Table, days: ir.Table, terms: ir.Table) -> ir.Table:
    """The due date under each clock."""
    table = table.left_join(terms, table.procedure_code == terms.term_procedure).drop("term_procedure")
    nothing = ibis.null("int64")
    supplemented = table.supplement_working_seconds > 0
    no_due = table.first_due_at.isnull()
    table = table.mutate(
        law_target=table.restart_worked + table.due_worked - table.received_worked,
        portal_target=ibis.cases(
            (no_due, table.received_worked + table.term_seconds + table.supplement_working_seconds),
            (supplemented, table.due_worked + table.supplement_working_seconds),
            else_=nothing,
        ),
        pause_target=ibis.ifelse(
            table.pause_working_seconds > 0, table.due_worked + table.pause_working_seconds, nothing
        ),
        local_start=table.first_due_at + table.moved_days.as_interval("D"),
    )
    moves = (table.moved > 0) & table.due_before.isnull() & table.due_after.isnull()
    table = with_worked(table, days, local_worked="local_start")
    eight = ibis.ifelse(moves, table.local_worked + table.moved * WORKING_DAY_SECONDS, nothing)
    table = table.mutate(local_target=eight)
    for name in ("law", "portal", "pause", "local"):
        table = with_moment(table, days, f"{name}_due", f"{name}_target")
    return table.mutate(
        # A due date outside working hours must not move back when no working time passed before the restart.
        law_due=ibis.cases(
            (table.restart_worked.isnull(), table.first_due_at),
            (table.law_due.notnull(), ibis.greatest(table.law_due, table.first_due_at)),
            else_=_NO_TIME,
        ),
        portal_due=ibis.ifelse(table.portal_target.isnull(), table.first_due_at, table.portal_due),
        pause_due=ibis.ifelse(table.pause_target.isnull(), table.first_due_at, table.pause_due),
        local_due=ibis.ifelse(moves, table.local_due, ibis.coalesce(table.due_after, table.due_at, table.first_due_at)),
    )


def _with_verdicts(table: ir.Table, rules: ClockRules) -> ir.Table:
    ended = table.ended_at.notnull()
    received = table.received_at.notnull() & (ibis.coalesce(table.status_then, 0) != 1)
    repeated = table.supplements > 1
    not_accepted = ibis.coalesce(table.status_then, 0).isin([1, 3]) | (ibis.coalesce(table.outcome, "") == "refused")
    waiting = ibis.coalesce(table.status_then, 0).isin([5, 6, 8]) | (~ended & table.pause_open)
    by_day = rules.local_compares == "days"
    local_late = (
        table.judged_at.truncate("D") > table.local_due.truncate("D") if by_day else table.judged_at > table.local_due
    )
    portal_late = repeated | (table.supplement_end > table.portal_due)
    portal_known = received & (repeated | table.portal_due.notnull()) & ~(table.withdrawn & ~table.accepted)
    return table.mutate(
        age_working_seconds=table.judged_worked - table.received_worked,
        waiting=waiting,
        restarted=table.restart_worked.notnull(),
        law=_verdict(received & table.law_due.notnull(), table.supplement_end > table.law_due, ended),
        portal=_verdict(portal_known, portal_late, ended),
        pause=_verdict(received & table.pause_due.notnull(), table.pause_end > table.pause_due, ended),
        local=_verdict(
            received & ~not_accepted,
            ibis.coalesce(local_late, False) & ~table.withdrawn & ~waiting,
            ended,
        ),
    ).drop(*_SCRATCH)


def _verdict(known: ir.BooleanValue, late: ir.BooleanValue, ended: ir.BooleanValue) -> ir.StringValue:
    return ibis.cases(
        (~known, "unknown"),
        (ended & late, "late"),
        (ended, "on_time"),
        (late, "pending_late"),
        else_="pending_on_time",
    )


NEEDED = (
    "dossier_key", "procedure_code", "calendar_id", "status", "outcome", "accepted_at", "received_at", "due_at",
    "closed_at", "returned_at", "last_at", "supplement_count",
)  # fmt: skip
_NO_TIME = ibis.null("timestamp")
_SCRATCH = (
    "received_worked", "due_worked", "judged_worked", "restart_worked", "local_worked", "local_start", "term_seconds",
    "law_target", "portal_target", "pause_target", "local_target", "p_requests", "due_before", "due_after",
    "moved", "moved_days", "any_open_from", "supplement_open_from",
)  # fmt: skip
