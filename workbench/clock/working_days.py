"""W(t) and its inverse as Ibis expressions over the store's calendar_day table."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from workbench.clock.calendar import default_calendar
from workbench.store import LogStore, prepare

BUCKET_SECONDS = 86_400
"""A day's working seconds touch at most two buckets of this length, so the inverse is an equality join."""


def calendar_days(store: LogStore) -> ir.Table:
    """The store's calendar days; the default calendar while none is installed."""
    if store.scalar("select exists (select 1 from calendar_day)"):
        return store.table("calendar_day")
    days = ibis.memtable(default_calendar().frame())
    return days.mutate(day=days.day.cast("date"))


def with_worked(table: ir.Table, days: ir.Table, **moments: str) -> ir.Table:
    """`table` with W(t) columns: each keyword is the new column, its value the timestamp column.

    `table` needs a column calendar_id. W is null where the instant is null or outside the calendar.
    """
    return prepare.with_worked(table, moments, days)


def with_moment(table: ir.Table, days: ir.Table, name: str, target: str) -> ir.Table:
    """`table` with the column `name`: the first instant t with W(t) = the column `target`.

    Null where the target is null, not positive, or outside the calendar.
    """
    day = _by_bucket(days)
    keyed = table.mutate(wanted_bucket=(table[target] // BUCKET_SECONDS).cast("int64"))
    joined = keyed.left_join(
        day,
        [
            keyed.calendar_id == day.c_calendar,
            keyed.wanted_bucket == day.c_bucket,
            day.before_seconds < keyed[target],
            keyed[target] <= day.c_end,
        ],
    )
    rest = joined[target] - joined.before_seconds
    morning = joined.am_to - joined.am_from
    second = ibis.ifelse(rest <= morning, joined.am_from + rest, joined.pm_from + rest - morning)
    moment = joined.c_day.cast("timestamp") + second.cast("int64").as_interval("s")
    return joined.select(*table.columns, **{name: moment})


def _by_bucket(days: ir.Table) -> ir.Table:
    """Working days keyed by the buckets their seconds touch; a day in two buckets comes twice."""
    day = days.rename(c_calendar="calendar_id", c_day="day")
    day = day.mutate(c_end=day.before_seconds + day.am_to - day.am_from + day.pm_to - day.pm_from)
    day = day.filter(day.c_end > day.before_seconds)
    first = ((day.before_seconds + 1) // BUCKET_SECONDS).cast("int64")
    last = (day.c_end // BUCKET_SECONDS).cast("int64")
    again = day.filter(last > first).mutate(c_bucket=last)
    return day.mutate(c_bucket=first).union(again)
