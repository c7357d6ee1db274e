"""The directly-follows graph: which step follows which, how often and after how long."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd

from workbench.mining.edge_counts import edge_counts
from workbench.mining.grouping import label_columns
from workbench.results import Basis, Result, plain
from workbench.selection import Selection
from workbench.store import LogStore, summary

EDGE_COLUMNS = (
    "source",
    "target",
    "count",
    "dossiers",
    "median_seconds",
    "mean_seconds",
    "p90_seconds",
    "median_working_seconds",
    "mean_working_seconds",
)
ACTIVITY_COLUMNS = (
    "activity",
    "count",
    "dossiers",
    "start_count",
    "end_count",
    "median_wait_seconds",
    "mean_wait_seconds",
    "median_wait_working_seconds",
)
_EDGE = ["step_id", "next_step_id"]


@dataclass(frozen=True, slots=True)
class Dfg(Result):
    """A directly-follows graph; edges and activities most frequent first, ties in label order."""

    edges: pd.DataFrame
    """source, target, count, dossiers and the time from one completion to the next, clock and working."""
    activities: pd.DataFrame
    """activity, count, dossiers, how many dossiers start and end with it, and the time since the step before."""
    basis: Basis
    sampled: int | None = None
    """Dossiers the durations come from, where they are a sample; None when they come from all."""

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready: edges, activities, selection and basis."""
        return {
            "edges": plain(self.edges),
            "activities": plain(self.activities),
            "selection": self.basis.selection,
            "basis": plain(self.basis),
        }


def discover_dfg(store: LogStore, selection: Selection | None = None, *, sample: int | None = None) -> Dfg:
    """The directly-follows graph of the selected dossiers.

    Durations are seconds between the completions of two neighbouring events; medians and percentiles are
    interpolated. Working seconds are empty where the dossier's calendar does not cover the time. Above `sample` events
    durations come from every k-th dossier, in order of procedure, organisation and receipt (systematic sampling;
    Cochran 1977, Sampling Techniques, chapter 8), so that about `sample` events are read; counts are always of all.
    """
    chosen = selection or Selection()
    store.check(chosen)
    basis = store.basis(chosen)
    edges, steps = summary.edges(store, chosen), summary.steps(store, chosen)
    if edges is not None and steps is not None:
        return Dfg(_edges(store, edges), _activities(store, steps), basis)
    counted = edge_counts(store, chosen)
    every = 1 if sample is None else max(1, -(-counted.events // sample))
    pairs = _pairs(store, chosen, every)
    return Dfg(
        edges=_edges(store, counted.edges.merge(_edge_times(store, pairs), on=_EDGE, how="left")),
        activities=_activities(store, counted.steps.merge(_waits(store, pairs), on="step_id", how="left")),
        basis=basis,
        sampled=_sampled(store, chosen, every) if every > 1 else None,
    )


def _pairs(store: LogStore, selection: Selection, every: int) -> ir.Table:
    """What follows what, and after how long, of every k-th dossier; a sample is read once for both questions to it."""
    events = store.events(selection, every=every)
    pairs = events.filter(events.next_step_id.notnull()).select(*_EDGE, "gap_seconds", "gap_working_seconds")
    return pairs if every == 1 else ibis.memtable(store.arrow(pairs))


def _sampled(store: LogStore, selection: Selection, every: int) -> int:
    d = store.dossiers(selection)
    d = d.filter(d.event_count > 0, d.dossier_key % every == 0)
    return int(store.fetch(d.aggregate(n=d.count()))["n"].iloc[0])


def _edges(store: LogStore, rows: pd.DataFrame) -> pd.DataFrame:
    named = label_columns(store, rows, source="step_id", target="next_step_id")
    return _ranked(named, ["source", "target"])[list(EDGE_COLUMNS)]


def _activities(store: LogStore, rows: pd.DataFrame) -> pd.DataFrame:
    named = label_columns(store, rows, activity="step_id")
    out = _ranked(named, ["activity"])[list(ACTIVITY_COLUMNS)]
    return out.astype({"start_count": "int64", "end_count": "int64"})


def _edge_times(store: LogStore, pairs: ir.Table) -> pd.DataFrame:
    return store.fetch(
        pairs.group_by(*_EDGE).aggregate(
            median_seconds=pairs.gap_seconds.quantile(0.5),
            mean_seconds=pairs.gap_seconds.mean(),
            p90_seconds=pairs.gap_seconds.quantile(0.9),
            median_working_seconds=pairs.gap_working_seconds.quantile(0.5),
            mean_working_seconds=pairs.gap_working_seconds.mean(),
        )
    )


def _waits(store: LogStore, pairs: ir.Table) -> pd.DataFrame:
    return store.fetch(
        pairs.group_by(step_id=pairs.next_step_id).aggregate(
            median_wait_seconds=pairs.gap_seconds.quantile(0.5),
            mean_wait_seconds=pairs.gap_seconds.mean(),
            median_wait_working_seconds=pairs.gap_working_seconds.quantile(0.5),
        )
    )


def _ranked(frame: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    return frame.sort_values(["count", *names], ascending=[False] + [True] * len(names)).reset_index(drop=True)
