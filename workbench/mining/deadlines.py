"""Deadlines of single steps: recorded with the event, or published in an internal process."""

from __future__ import annotations

from collections.abc import Mapping

import ibis
import pandas as pd

from workbench.mining.grouping import events_by, label_columns
from workbench.mining.internal_process import DAY_SECONDS
from workbench.reference.processes import InternalProcess
from workbench.selection import Selection
from workbench.store import LogStore

COLUMNS = ["rule", "organisation", "step", "limit_days", "events", "breaches", "breach_share", "median_over_seconds"]


def recorded_breaches(store: LogStore, selection: Selection, *, by: str = "province_code") -> pd.DataFrame:
    """Events completed after the deadline recorded with them, per organisation and step.

    `median_over_seconds` is clock time past the deadline, of the breaches alone.
    """
    events = events_by(store, selection, by)
    events = events.filter(events.step_due_at.notnull())
    over = (events.completed_at.epoch_seconds() - events.step_due_at.epoch_seconds()).cast("float64")
    late = over > 0
    rows = store.fetch(
        events.group_by("organisation", "step_id").aggregate(
            events=events.count(),
            breaches=late.cast("int64").sum(),
            median_over_seconds=ibis.ifelse(late, over, ibis.null("float64")).quantile(0.5),
        )
    )
    return _finished(label_columns(store, rows, step="step_id").assign(rule="recorded", limit_days=None))


def published_breaches(
    store: LogStore,
    selection: Selection,
    process: InternalProcess,
    labels: Mapping[str, str],
    *,
    by: str = "province_code",
) -> pd.DataFrame:
    """Events whose working time since the event before exceeds the published limit of their step.

    A day of a limit is 8 working hours; where several published steps have one name, the longest limit counts.
    `median_over_seconds` is working time past the limit, of the breaches alone.
    """
    limits: dict[str, float] = {}
    for step in process.steps:
        if step.days is not None:
            name = labels.get(step.name, step.name)
            limits[name] = max(limits.get(name, 0.0), step.days)
    ids = {label: key for key, label in store.labels().items()}
    known = [(ids[name], days) for name, days in sorted(limits.items()) if name in ids]
    if not known:
        return pd.DataFrame(columns=COLUMNS)
    events = events_by(store, selection, by)
    limit = ibis.memtable(pd.DataFrame(known, columns=["limit_step", "limit_days"]))
    pairs = events.filter(events.next_step_id.notnull(), events.gap_working_seconds.notnull())
    timed = pairs.inner_join(limit, [pairs.next_step_id == limit.limit_step])
    over = timed.gap_working_seconds - timed.limit_days * DAY_SECONDS
    late = over > 0
    rows = store.fetch(
        timed.group_by("organisation", "limit_step", "limit_days").aggregate(
            events=timed.count(),
            breaches=late.cast("int64").sum(),
            median_over_seconds=ibis.ifelse(late, over, ibis.null("float64")).quantile(0.5),
        )
    )
    return _finished(label_columns(store, rows, step="limit_step").assign(rule="published"))


def _finished(rows: pd.DataFrame) -> pd.DataFrame:
    rows["breach_share"] = rows["breaches"] / rows["events"] if len(rows) else []
    out = rows[COLUMNS].astype({"limit_days": "float64", "breach_share": "float64"})
    order = ["breaches", "organisation", "step"]
    return out.sort_values(order, ascending=[False, True, True]).reset_index(drop=True)
