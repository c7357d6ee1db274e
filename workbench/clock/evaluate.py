"""On-time rates under the four clocks, and the dossiers on which the clocks differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

import ibis
import ibis.expr.types as ir
import pandas as pd

from workbench.clock.causes import cause_of
from workbench.clock.intervals import wilson
from workbench.clock.legal import VERDICTS, ClockRules
from workbench.clock.prepared import counted, judged, judging_moment
from workbench.columns import CLOCKS, DOSSIER
from workbench.errors import SelectionError
from workbench.results import Basis, Result
from workbench.selection import Selection
from workbench.store import LogStore

TOO_FEW = 30
_NO_GROUP = "\uffff"
"""Sorts after every name."""
_CODES = ("dossier_code", "procedure_code", "province_code", "agency_code")
_FACTS = (
    "dossier_key", "dossier_code", "procedure_code", "province_code", "agency_code", "received_at", "first_due_at",
    "ended_at", "end_event", "judged_at", "supplements", "pause_open",
    "law_due", "portal_due", "pause_due", "local_due", *CLOCKS,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ClockEvaluation(Result):
    """Every dossier of a selection under the four clocks.

    `table`: one row a dossier, by dossier_key: codes, received_at, first_due_at (before any extension), ended_at and
    end_event, judged_at (the end, else as_of), supplements, the due date under each clock, and the verdicts law,
    portal, pause, local: on_time, late, pending_on_time, pending_late or unknown.
    """

    table: pd.DataFrame
    as_of: datetime
    basis: Basis


@dataclass(frozen=True, slots=True)
class OnTimeRates(Result):
    """On-time rates by group and clock.

    `table`: group, clock, n (dossiers judged: all but unknown), on_time (done or pending within time), rate, low, high
    (Wilson, 95 %), late, pending_on_time, pending_late, unknown; closed, closed_on_time, closed_rate (dossiers that
    ended, alone); too_few (n below the threshold). Groups in order, clocks in the order law, portal, pause, local.
    """

    table: pd.DataFrame
    by: str | None
    as_of: datetime
    basis: Basis


@dataclass(frozen=True, slots=True)
class ClockDifferences(Result):
    """Dossiers on which clocks differ, and why.

    `table`: the columns of ClockEvaluation and `cause`: the causes of all differing pairs, comma-separated (texts
    under `clock.cause.`). `pairs`: clock_a, clock_b, verdict_a, verdict_b, cause, dossiers; most frequent first.
    `n_differing` counts all of them, also those beyond the limit of `table`.
    """

    table: pd.DataFrame
    pairs: pd.DataFrame
    n_differing: int
    as_of: datetime
    basis: Basis


def evaluate_clocks(
    store: LogStore,
    selection: Selection | None = None,
    *,
    as_of: datetime | None = None,
    rules: ClockRules | None = None,
) -> ClockEvaluation:
    """Every dossier of the selection under the four clocks; `as_of` as in `legal.judged`."""
    table = judged(store, selection, keep=_CODES, as_of=as_of, rules=rules).select(*_FACTS).order_by("dossier_key")
    return ClockEvaluation(store.fetch(table), judging_moment(store, as_of), _basis(store, selection, rules))


def on_time_rates(
    store: LogStore,
    selection: Selection | None = None,
    *,
    by: str | None = None,
    as_of: datetime | None = None,
    rules: ClockRules | None = None,
    too_few: int = TOO_FEW,
) -> OnTimeRates:
    """On-time rates of the selection, of all dossiers or `by` a column of the dossier table.

    The rate counts pending dossiers by whether they are still within time, as the portal and the provinces publish
    it; `closed_rate` leaves them out. Without `by` the one group is called "all".
    """
    check_column(by)
    known = counted(store, selection, by, as_of, rules)
    if known is None:
        table = judged(store, selection, keep=() if by is None else (by,), as_of=as_of, rules=rules)
        group = ibis.literal("all") if by is None else table[by].cast("string")
        table = table.mutate(group=group).group_by("group", *CLOCKS).aggregate(dossiers=ibis._.count())
        known = store.fetch(table)
    rates = _rates(known, too_few)
    return OnTimeRates(rates, by, judging_moment(store, as_of), _basis(store, selection, rules))


def clock_differences(
    store: LogStore,
    selection: Selection | None = None,
    *,
    clocks: Sequence[str] = CLOCKS,
    as_of: datetime | None = None,
    rules: ClockRules | None = None,
    limit: int | None = None,
) -> ClockDifferences:
    """The dossiers on which two of `clocks` say different things, with all verdicts and the cause.

    `limit` cuts the table, not the counts of `pairs`; dossiers are ordered by dossier_key.
    """
    for clock in clocks:
        check_clock(clock)
    table = judged(store, selection, keep=_CODES, as_of=as_of, rules=rules)
    chosen = list(combinations(clocks, 2))
    differ = ibis.or_(*(table[a] != table[b] for a, b in chosen)) if chosen else ibis.literal(False)
    extra = (
        "status_then", "withdrawn", "waiting", "restarted", "pause_working_seconds", "supplement_working_seconds",
        "pause_end", "supplement_end",
    )  # fmt: skip
    rows = store.fetch(table.filter(differ).select(*_FACTS, *extra).order_by("dossier_key"))
    causes = {pair: cause_of(rows, *pair) for pair in chosen}
    cause = pd.DataFrame(causes, index=rows.index).apply(_joined, axis=1) if len(rows) else pd.Series(dtype="str")
    shown = rows[list(_FACTS)].assign(cause=cause).head(limit if limit is not None else len(rows))
    basis = _basis(store, selection, rules)
    return ClockDifferences(shown, _pairs(rows, causes), len(rows), judging_moment(store, as_of), basis)


def check_column(by: str | None) -> None:
    """Raise SelectionError unless `by` is None or a column of the dossier table."""
    if by is not None and by not in DOSSIER:
        raise SelectionError(
            f"Dossiers have no column {by!r} to group by.", fix=f"Use one of: {', '.join(DOSSIER)}.", column=by
        )


def check_clock(clock: str) -> None:
    """Raise SelectionError unless `clock` is one of CLOCKS."""
    if clock not in CLOCKS:
        raise SelectionError(f"There is no clock {clock!r}.", fix=f"Use: {', '.join(CLOCKS)}.", clock=clock)


def calendars_of(store: LogStore, dossiers: ir.Table) -> str:
    """The calendars the dossiers use, comma-separated."""
    names = store.fetch(dossiers.select("calendar_id").distinct())["calendar_id"]
    return ", ".join(sorted({"vn-default" if pd.isna(name) else str(name) for name in names}))


def _basis(store: LogStore, selection: Selection | None, rules: ClockRules | None) -> Basis:
    end = (rules or ClockRules()).end_event
    return store.basis(selection, clock=", ".join(CLOCKS), calendar=calendars_in(store, selection), end_event=end)


def calendars_in(store: LogStore, selection: Selection | None) -> str:
    """The calendars the dossiers of a selection use, comma-separated."""
    key = ("calendars", store.version(), repr(selection or Selection()))
    return str(store.recall(key, lambda: calendars_of(store, store.dossiers(selection))))


def _rates(known: pd.DataFrame, too_few: int) -> pd.DataFrame:
    """Counts by group and the four verdicts to one row a group and clock; dossiers without a group come last."""
    named = known.assign(group=known["group"].astype(object).fillna(_NO_GROUP))
    long = named.melt(["group", "dossiers"], list(CLOCKS), "clock", "verdict")
    table = long.groupby(["group", "clock", "verdict"])["dossiers"].sum().unstack(fill_value=0)
    table = table.reindex(columns=list(VERDICTS), fill_value=0).astype("int64").rename_axis(columns=None).reset_index()
    table["place"] = table["clock"].map(CLOCKS.index)
    table = table.sort_values(["group", "place"], ignore_index=True)
    table["group"] = table["group"].astype(object).where(table["group"] != _NO_GROUP, None)
    table["closed"] = table.on_time + table.late
    table["closed_on_time"] = table.on_time
    table["on_time"] = table.on_time + table.pending_on_time
    table["n"] = table.closed + table.pending_on_time + table.pending_late
    table["rate"] = (table.on_time / table.n).where(table.n > 0)
    table["low"], table["high"] = wilson(table.on_time, table.n)
    table["closed_rate"] = (table.closed_on_time / table.closed).where(table.closed > 0)
    table["too_few"] = table.n < too_few
    order = [
        "group", "clock", "n", "on_time", "rate", "low", "high", "late", "pending_on_time", "pending_late", "unknown",
        "closed", "closed_on_time", "closed_rate", "too_few",
    ]  # fmt: skip
    return table[order]


def _joined(causes: pd.Series) -> str:
    return ", ".join(dict.fromkeys(cause for cause in causes if isinstance(cause, str) and cause))


def _pairs(rows: pd.DataFrame, causes: dict[tuple[str, str], pd.Series]) -> pd.DataFrame:
    columns = ["clock_a", "clock_b", "verdict_a", "verdict_b", "cause"]
    parts = []
    for (a, b), cause in causes.items():
        differ = rows[a] != rows[b]
        part = pd.DataFrame({"verdict_a": rows[a], "verdict_b": rows[b], "cause": cause})[differ]
        parts.append(part.assign(clock_a=a, clock_b=b))
    if not parts:
        return pd.DataFrame(columns=[*columns, "dossiers"])
    counted = pd.concat(parts).groupby(columns).size().rename("dossiers").reset_index()
    return counted.sort_values(["dossiers", *columns], ascending=[False, *[True] * 5]).reset_index(drop=True)
