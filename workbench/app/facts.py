"""What the shell and the overview ask of the store: choices to filter by, counts by month, times of a step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import ibis
import ibis.expr.types as ir
import pandas as pd

from workbench.clock import counted, judged
from workbench.results import Basis, Result
from workbench.selection import Selection
from workbench.store import LogStore

_CHOICES = (
    "province_2025",
    "province_code",
    "channel",
    "level",
    "outcome",
    "service_level",
    "applicant_type",
    "agency_code",
)


@dataclass(frozen=True, slots=True)
class Facets(Result):
    """What a store can be filtered by, with the dossiers each choice has."""

    procedures: pd.DataFrame
    """code, name, n; most dossiers first."""
    choices: pd.DataFrame
    """column, value, n; most dossiers first inside a column."""
    first_day: datetime | None
    last_day: datetime | None
    as_of: datetime | None
    """The latest moment the store knows: last event or end of processing."""
    synthetic: bool
    """Whether the store holds a synthetic log."""

    def values(self, column: str) -> list[tuple[str, int]]:
        """The values of a column with their dossiers."""
        rows = self.choices[self.choices["column"] == column]
        return [(str(value), int(n)) for value, n in zip(rows["value"], rows["n"], strict=True)]


def facets(store: LogStore) -> Facets:
    """The choices of the whole store."""
    d = store.table("dossier")
    coded = d.filter(d.procedure_code.notnull())
    procedures = store.fetch(
        coded.group_by(code=coded.procedure_code)
        .aggregate(name=coded.procedure_name.mode(), n=coded.count())
        .order_by(ibis.desc("n"), "code")
    )
    parts = [
        d.select(value=d[column].cast("string"))
        .filter(lambda t: t.value.notnull())
        .group_by("value")
        .aggregate(n=lambda t: t.count())
        .mutate(column=ibis.literal(column))
        .select("column", "value", "n")
        for column in _CHOICES
    ]
    choices = store.fetch(ibis.union(*parts).order_by("column", ibis.desc("n"), "value"))
    row = store.fetch(
        d.aggregate(a=d.received_at.min(), b=d.received_at.max(), c=ibis.greatest(d.last_at.max(), d.closed_at.max()))
    ).iloc[0]
    synthetic = store.synthetic()
    return Facets(procedures, choices, _moment(row["a"]), _moment(row["b"]), _moment(row["c"]), synthetic)


@dataclass(frozen=True, slots=True)
class Months(Result):
    """Dossiers by the month they were received."""

    table: pd.DataFrame
    """month, n, closed, online (share of those whose channel is known), median_working_seconds."""
    basis: Basis


def by_month(store: LogStore, selection: Selection) -> Months:
    """Counts and medians by month of receipt; months without a dossier are absent."""
    d = store.dossiers(selection)
    d = d.filter(d.received_at.notnull())
    month = d.received_at.truncate("M")
    return Months(store.fetch(_measured(d.group_by(month=month)).order_by("month")), store.basis(selection))


@dataclass(frozen=True, slots=True)
class OnTimeMonths(Result):
    """On-time rate of finished dossiers by the month they were received."""

    table: pd.DataFrame
    """month, n (judged), rate."""
    basis: Basis


def on_time_by_month(store: LogStore, selection: Selection, *, clock: str) -> OnTimeMonths:
    """The on-time rate under one clock by month of receipt; months without a judged dossier are absent."""
    known = counted(store, selection, "month", None, None)
    if known is None:
        t = judged(store, selection)
        t = t.mutate(group=t.received_at.truncate("M"))
        known = store.fetch(t.group_by("group", clock).aggregate(dossiers=t.count()))
    known = known[known["group"].notna() & known[clock].isin(["on_time", "late"])]
    known = known.assign(
        month=pd.to_datetime(known["group"]), good=known["dossiers"].where(known[clock] == "on_time", 0)
    )
    table = (
        known.groupby("month", as_index=False).agg(n=("dossiers", "sum"), rate=("good", "sum")).astype({"n": "int64"})
    )
    table["rate"] /= table["n"]
    return OnTimeMonths(table, store.basis(selection, clock=clock))


@dataclass(frozen=True, slots=True)
class Organisations(Result):
    """Dossiers by organisation."""

    table: pd.DataFrame
    """code, n, closed, online, median_working_seconds."""
    basis: Basis


def by_organisation(store: LogStore, selection: Selection, *, by: str = "province_2025") -> Organisations:
    """Counts and medians by organisation, most dossiers first."""
    d = store.dossiers(selection)
    d = d.filter(d[by].notnull())
    table = store.fetch(_measured(d.group_by(code=d[by].cast("string"))).order_by(ibis.desc("n"), "code"))
    return Organisations(table, store.basis(selection))


def _measured(groups: ir.GroupedTable) -> ir.Table:
    return groups.aggregate(
        n=lambda t: t.count(),
        closed=lambda t: t.closed_at.count(),
        online=lambda t: (t.channel == "online").cast("float64").mean(),
        median_working_seconds=lambda t: _closed(t, t.throughput_working_seconds).median(),
        median_seconds=lambda t: _closed(t, t.throughput_seconds).median(),
    )


def _moment(value: object) -> datetime | None:
    return None if pd.isna(value) else pd.Timestamp(value).to_pydatetime()  # type: ignore[arg-type,call-overload]


@dataclass(frozen=True, slots=True)
class StepTimes(Result):
    """Time before a step, or on the way between two steps, by organisation."""

    table: pd.DataFrame
    """code, n, median_seconds, median_working_seconds; longest first."""
    basis: Basis


def step_times(
    store: LogStore, selection: Selection, *, target: str, source: str | None = None, by: str = "province_2025"
) -> StepTimes:
    """How long dossiers take to reach `target` from the step before (or from `source`), by organisation."""
    e = store.events(selection)
    labels = store.table("activity")
    wanted = {label: labels.filter(labels.label == label).activity_id for label in (target, source) if label}
    moved = e.filter(e.next_step_id.isin(wanted[target]))
    if source is not None:
        moved = moved.filter(moved.step_id.isin(wanted[source]))
    d = store.dossiers(selection)
    named = d.select("dossier_key", code=d[by].cast("string"))
    joined = moved.select("dossier_key", "gap_seconds", "gap_working_seconds").inner_join(named, "dossier_key")
    joined = joined.filter(joined.code.notnull())
    table = store.fetch(
        joined.group_by("code").aggregate(
            n=joined.count(),
            median_seconds=joined.gap_seconds.median(),
            median_working_seconds=joined.gap_working_seconds.median(),
        )
    )
    known = table["median_working_seconds"].notna().any()
    order = ["median_working_seconds" if known else "median_seconds", "code"]
    return StepTimes(table.sort_values(order, ascending=[False, True], ignore_index=True), store.basis(selection))


@dataclass(frozen=True, slots=True)
class WeekHours(Result):
    """When events are recorded."""

    table: pd.DataFrame
    """weekday (0 Monday), hour, n."""
    timed_share: float
    """Share of events with a time of day; events at midnight carry a date only."""
    basis: Basis


def week_hours(store: LogStore, selection: Selection) -> WeekHours:
    """Events by weekday and hour; events at midnight sharp are left out and counted."""
    e = store.events(selection)
    at = e.completed_at
    timed = e.filter((at.hour() + at.minute() + at.second()) > 0)
    groups = timed.group_by(weekday=timed.completed_at.day_of_week.index(), hour=timed.completed_at.hour())
    table = store.fetch(groups.aggregate(n=timed.count()).order_by("weekday", "hour"))
    total = int(store.fetch(e.aggregate(n=e.count()))["n"].iloc[0])
    return WeekHours(table, float(table["n"].sum() / total) if total else 0.0, store.basis(selection))


@dataclass(frozen=True, slots=True)
class Calendars(Result):
    """The working calendars of a store."""

    table: pd.DataFrame
    """calendar_id, first_day, last_day, working_days, hours (of all working days), dossiers that use it."""


def calendars(store: LogStore) -> Calendars:
    """The calendars in the store with the days they cover."""
    day = store.table("calendar_day")
    seconds = (day.am_to - day.am_from) + (day.pm_to - day.pm_from)
    table = store.fetch(
        day.mutate(seconds=seconds)
        .group_by("calendar_id")
        .aggregate(
            first_day=lambda t: t.day.min(),
            last_day=lambda t: t.day.max(),
            working_days=lambda t: (t.seconds > 0).sum(),
            hours=lambda t: t.seconds.sum() / 3600.0,
        )
    )
    d = store.table("dossier")
    used = store.fetch(d.group_by("calendar_id").aggregate(dossiers=d.count()))
    table = table.merge(used, on="calendar_id", how="left").fillna({"dossiers": 0})
    return Calendars(table.sort_values("calendar_id", ignore_index=True))


def _closed(table: ir.Table, value: ir.NumericValue) -> ir.NumericValue:
    """The value of closed dossiers only; Spark takes no condition beside a median."""
    return ibis.ifelse(table.closed_at.notnull(), value, ibis.null(value.type()))
