"""Throughput and waiting: how long dossiers take, and at which step and hand-over the time goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from workbench.mining.grouping import label_columns
from workbench.mining.starts import with_previous, with_started_worked
from workbench.results import Basis, Result
from workbench.selection import Selection
from workbench.store import LogStore
from workbench.store.prepare import seconds_between

MEASURES = ("clock", "working", "working_net", "events")
"""Throughput in clock seconds, in working seconds, and in working seconds without the legal pauses; and the clock
seconds from the first event to the last."""

_QUANTILES = {"p10": 0.1, "p25": 0.25, "median": 0.5, "p75": 0.75, "p90": 0.9, "p95": 0.95}


@dataclass(frozen=True, slots=True)
class Throughput(Result):
    """How long dossiers take from receipt to the end of processing. All durations are seconds."""

    table: pd.DataFrame
    """One row per measure wanted: n and the distribution."""
    without_end: int
    """Dossiers without an end of processing: their throughput runs to the last event."""
    impossible: int
    """Dossiers that end before they were received; they are left out."""
    basis: Basis


@dataclass(frozen=True, slots=True)
class Performance(Result):
    """Where the time of a selection goes. All durations are seconds."""

    throughput: pd.DataFrame
    """One row per measure of MEASURES: n and the distribution from receipt to end of processing."""
    steps: pd.DataFrame
    """Per step: the time since the step before (clock and working, with its share of all such time), the time
    in process where starts are recorded, and breaches of the step's recorded deadline. Largest total first."""
    handovers: pd.DataFrame
    """Per pair of different units: the time from the last event of one to the first of the other."""
    handover_share: float | None
    """Share of all time between events that lies in hand-overs; None when units are not recorded."""
    without_end: int
    """Dossiers without an end of processing: their throughput runs to the last event."""
    impossible: int
    """Dossiers that end before they were received; they are left out of the throughput."""
    basis: Basis


def performance(store: LogStore, selection: Selection | None = None) -> Performance:
    """Throughput of the selected dossiers and waiting per step and hand-over.

    Time "before" a step runs from the completion of the event before to its own completion; where starts are
    recorded it is split into waiting and processing.
    """
    chosen = selection or Selection()
    store.check(chosen)
    events = store.events(chosen)
    totals = _totals(store, events)
    handovers, share = _handovers(store, events, totals)
    whole = throughput(store, chosen)
    return Performance(
        throughput=whole.table,
        steps=_steps(store, chosen, events, started=totals.started > 0),
        handovers=handovers,
        handover_share=share,
        without_end=whole.without_end,
        impossible=whole.impossible,
        basis=whole.basis,
    )


def throughput(
    store: LogStore, selection: Selection | None = None, *, measures: Sequence[str] = MEASURES
) -> Throughput:
    """How long the selected dossiers take, without looking at their events; only the `measures` wanted take time."""
    chosen = selection or Selection()
    d = store.dossiers(chosen)
    impossible = (d.throughput_seconds < 0).fill_null(False)
    facts = {"open": d.count() - d.closed_at.count(), "odd": impossible.sum()}
    values = {
        "clock": d.throughput_seconds,
        "working": d.throughput_working_seconds,
        "working_net": d.throughput_working_seconds - d.paused_working_seconds.fill_null(0),
        "events": seconds_between(d.first_at, d.last_at),
    }
    spread = {
        f"{measure}.{name}": expression
        for measure, value in values.items()
        if measure in measures
        for name, expression in _distribution(ibis.ifelse(impossible, ibis.null(value.type()), value)).items()
    }
    row = store.fetch(d.aggregate(**facts, **spread)).iloc[0]
    table = pd.DataFrame([{"measure": m, **_facts(row, m)} for m in MEASURES if m in measures]).astype({"n": "int64"})
    odd = 0 if pd.isna(row["odd"]) else int(row["odd"])
    return Throughput(table, int(row["open"]), odd, store.basis(chosen))


def _facts(row: pd.Series, measure: str) -> dict[str, Any]:
    found = row[f"{measure}.quantiles"]
    cuts = [float("nan")] * len(_QUANTILES) if found is None or np.ndim(found) == 0 else list(found)
    ends = {name: row[f"{measure}.{name}"] for name in ("n", "mean_seconds", "min_seconds")}
    middle = {f"{name}_seconds": cut for name, cut in zip(_QUANTILES, cuts, strict=True)}
    return {**ends, **middle, "max_seconds": row[f"{measure}.max_seconds"]}


def _distribution(value: ir.NumericValue) -> dict[str, ir.Value]:
    return {
        "n": value.count(),
        "mean_seconds": value.mean(),
        "min_seconds": value.min(),
        "quantiles": value.quantile(list(_QUANTILES.values())),
        "max_seconds": value.max(),
    }


@dataclass(frozen=True, slots=True)
class _Totals:
    """Of all events of a selection: seconds between them, how many name a unit and when they began."""

    seconds: float
    units: int
    started: int


def _totals(store: LogStore, events: ir.Table) -> _Totals:
    row = store.fetch(
        events.aggregate(seconds=events.gap_seconds.sum(), units=events.unit.count(), started=events.started_at.count())
    ).iloc[0]
    return _Totals(0.0 if pd.isna(row["seconds"]) else float(row["seconds"]), int(row["units"]), int(row["started"]))


def _steps(store: LogStore, selection: Selection, events: ir.Table, *, started: bool) -> pd.DataFrame:
    pairs = events.filter(events.next_step_id.notnull())
    waits = store.fetch(
        pairs.group_by(step_id=pairs.next_step_id).aggregate(
            waits=pairs.count(),
            median_seconds=pairs.gap_seconds.quantile(0.5),
            mean_seconds=pairs.gap_seconds.mean(),
            p90_seconds=pairs.gap_seconds.quantile(0.9),
            total_seconds=pairs.gap_seconds.sum(),
            median_working_seconds=pairs.gap_working_seconds.quantile(0.5),
            total_working_seconds=pairs.gap_working_seconds.sum().cast("float64"),
        )
    )
    late = events.completed_at > events.step_due_at
    counts = store.fetch(
        events.group_by("step_id").aggregate(
            count=events.count(),
            dossiers=events.dossier_key.nunique(),
            with_due=events.step_due_at.count(),
            breaches=late.fill_null(False).cast("int64").sum(),
        )
    )
    out = counts.merge(waits, on="step_id", how="left").merge(
        _processing(store, selection, events, started=started), how="left"
    )
    out = label_columns(store, out, step="step_id")
    out = out.fillna({"waits": 0, "total_seconds": 0.0}).astype({"waits": "int64", "breaches": "int64"})
    out["share"] = _share(out["total_seconds"])
    out["breach_share"] = (out["breaches"] / out["with_due"]).where(out["with_due"] > 0)
    return out.sort_values(["total_seconds", "step"], ascending=[False, True]).reset_index(drop=True)


def _processing(store: LogStore, selection: Selection, events: ir.Table, *, started: bool) -> pd.DataFrame:
    columns = [
        "step_id",
        "started",
        "median_processing_seconds",
        "median_processing_working_seconds",
        "median_waiting_seconds",
        "median_waiting_working_seconds",
    ]
    if not started:
        return pd.DataFrame({name: pd.Series(dtype="int64" if name == "step_id" else "float64") for name in columns})
    timed = with_started_worked(store, selection, with_previous(events))
    timed = timed.filter(timed.started_at.notnull())
    clock = (timed.completed_at.epoch_seconds() - timed.started_at.epoch_seconds()).cast("float64")
    waiting = (timed.started_at.epoch_seconds() - timed.previous_at.epoch_seconds()).cast("float64")
    return store.fetch(
        timed.group_by("step_id").aggregate(
            started=timed.count(),
            median_processing_seconds=clock.quantile(0.5),
            median_processing_working_seconds=(timed.worked_at - timed.started_worked).quantile(0.5),
            median_waiting_seconds=waiting.clip(lower=0).quantile(0.5),
            median_waiting_working_seconds=(timed.started_worked - timed.previous_worked).clip(lower=0).quantile(0.5),
        )
    )[columns]


def _handovers(store: LogStore, events: ir.Table, totals: _Totals) -> tuple[pd.DataFrame, float | None]:
    pairs = events.filter(events.next_step_id.notnull(), events.unit.notnull(), events.next_unit.notnull())
    moved = pairs.filter(pairs.unit != pairs.next_unit)
    out = store.fetch(
        moved.group_by("unit", "next_unit").aggregate(
            count=moved.count(),
            dossiers=moved.dossier_key.nunique(),
            median_seconds=moved.gap_seconds.quantile(0.5),
            mean_seconds=moved.gap_seconds.mean(),
            p90_seconds=moved.gap_seconds.quantile(0.9),
            total_seconds=moved.gap_seconds.sum(),
            median_working_seconds=moved.gap_working_seconds.quantile(0.5),
            total_working_seconds=moved.gap_working_seconds.sum().cast("float64"),
        )
    )
    total = totals.seconds
    out["share"] = out["total_seconds"] / total if total else 0.0
    share = float(out["total_seconds"].sum() / total) if total and totals.units else None
    order = ["total_seconds", "unit", "next_unit"]
    return out.sort_values(order, ascending=[False, True, True]).reset_index(drop=True), share


def _share(values: pd.Series) -> pd.Series:
    total = values.sum()
    return values / total if total else values * 0.0
