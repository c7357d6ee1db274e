"""Whether online dossiers were accepted or refused within eight working hours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import ibis
import ibis.expr.types as ir
import pandas as pd

from workbench.clock.calendar import DEFAULT_ID
from workbench.clock.evaluate import TOO_FEW, calendars_of, check_column
from workbench.clock.intervals import wilson
from workbench.clock.legal import latest_event
from workbench.clock.terms import ACCEPTANCE_SECONDS
from workbench.clock.working_days import calendar_days, with_worked
from workbench.results import Basis, Result
from workbench.selection import Selection
from workbench.store import LogStore

_KINDS = ("in_time", "late", "waiting", "unknown", "same_instant")


@dataclass(frozen=True, slots=True)
class AcceptanceCheck(Result):
    """Online dossiers by how soon the desk decided on them.

    `table`: group, n (judged), in_time, rate, low, high (Wilson, 95 %), late, waiting (undecided, still within the
    eight hours; not in n), unknown (no time of submission), same_instant (submitted and accepted in the same second: the
    sender copied one time to the other, so the dossier says nothing; they are not in n either), median_seconds (working
    seconds from submission to decision), too_few.
    """

    table: pd.DataFrame
    by: str | None
    as_of: datetime
    basis: Basis


def check_acceptance(
    store: LogStore,
    selection: Selection | None = None,
    *,
    by: str | None = None,
    as_of: datetime | None = None,
    too_few: int = TOO_FEW,
) -> AcceptanceCheck:
    """Online dossiers accepted or refused within 8 working hours after submission.

    The decision is accepted_at, else the end of a refused dossier. Undecided dossiers count as late once the eight
    hours are over at `as_of` (default: the store's latest event).
    """
    check_column(by)
    moment = as_of or latest_event(store)
    online = store.dossiers((selection or Selection()).with_(channels=("online",)))
    table = _decided(store, online, moment)
    table = table.mutate(group=ibis.literal("all") if by is None else table[by].cast("string"))
    judged = table.kind.isin(["in_time", "late"]) & table.decided_at.notnull()
    counts = store.fetch(
        table.group_by("group")
        .aggregate(
            **{kind: (table.kind == kind).sum() for kind in _KINDS},
            median_seconds=ibis.ifelse(judged, table.seconds, ibis.null(table.seconds.type())).median(),
        )
        .order_by("group")
    )
    basis = store.basis(selection, calendar=calendars_of(store, online), end_event="acceptance")
    return AcceptanceCheck(_rates(counts, too_few), by, moment, basis)


def _decided(store: LogStore, online: ir.Table, moment: datetime) -> ir.Table:
    """Online dossiers with `decided_at`, the working seconds until then (or `moment`), and `kind` (of _KINDS)."""
    refused = ibis.ifelse(online.status == 3, ibis.coalesce(online.closed_at, online.last_at), ibis.null("timestamp"))
    table = online.mutate(
        calendar_id=ibis.coalesce(online.calendar_id, ibis.literal(DEFAULT_ID)),
        decided_at=ibis.coalesce(online.accepted_at, refused),
    )
    table = table.mutate(until=ibis.coalesce(table.decided_at, ibis.literal(moment)))
    table = with_worked(table, calendar_days(store), from_worked="submitted_at", to_worked="until")
    seconds = table.to_worked - table.from_worked
    return table.mutate(
        seconds=seconds,
        kind=ibis.cases(
            (seconds.isnull(), "unknown"),
            (table.decided_at == table.submitted_at, "same_instant"),
            (seconds > ACCEPTANCE_SECONDS, "late"),
            (table.decided_at.isnull(), "waiting"),
            else_="in_time",
        ),
    )


def _rates(counts: pd.DataFrame, too_few: int) -> pd.DataFrame:
    table = counts.copy()
    table["n"] = table.in_time + table.late
    table["rate"] = (table.in_time / table.n).where(table.n > 0)
    table["low"], table["high"] = wilson(table.in_time, table.n)
    table["too_few"] = table.n < too_few
    order = ["group", "n", "in_time", "rate", "low", "high", *_KINDS[1:]]
    return table[[*order, "median_seconds", "too_few"]]
