"""The directly-follows graph: which step follows which, how often and after how long."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import ibis.expr.types as ir
import pandas as pd

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


@dataclass(frozen=True, slots=True)
class Dfg(Result):
    """A directly-follows graph; edges and activities most frequent first, ties in label order."""

    edges: pd.DataFrame
    """source, target, count, dossiers and the time from one completion to the next, clock and working."""
    activities: pd.DataFrame
    """activity, count, dossiers, how many dossiers start and end with it, and the time since the step before."""
    basis: Basis

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready: edges, activities, selection and basis."""
        return {
            "edges": plain(self.edges),
            "activities": plain(self.activities),
            "selection": self.basis.selection,
            "basis": plain(self.basis),
        }


def discover_dfg(store: LogStore, selection: Selection | None = None) -> Dfg:
    """The directly-follows graph of the selected dossiers.

    Durations are seconds between the completions of two neighbouring events; medians and percentiles are
    interpolated. Working seconds are empty where the dossier's calendar does not cover the time.
    """
    chosen = selection or Selection()
    store.check(chosen)
    edges, steps = summary.edges(store, chosen), summary.steps(store, chosen)
    return Dfg(
        edges=_edges(store, _counted_edges(store, store.events(chosen)) if edges is None else edges),
        activities=_activities(store, _counted_steps(store, store.events(chosen)) if steps is None else steps),
        basis=store.basis(chosen),
    )


def _edges(store: LogStore, rows: pd.DataFrame) -> pd.DataFrame:
    named = label_columns(store, rows, source="step_id", target="next_step_id")
    return _ranked(named, ["source", "target"])[list(EDGE_COLUMNS)]


def _activities(store: LogStore, rows: pd.DataFrame) -> pd.DataFrame:
    named = label_columns(store, rows, activity="step_id")
    out = _ranked(named, ["activity"])[list(ACTIVITY_COLUMNS)]
    return out.astype({"start_count": "int64", "end_count": "int64"})


def _counted_edges(store: LogStore, events: ir.Table) -> pd.DataFrame:
    pairs = events.filter(events.next_step_id.notnull())
    edge = ["step_id", "next_step_id"]
    dossiers = {"dossiers": pairs.dossier_key.nunique()}
    rest = {
        "count": pairs.count(),
        "median_seconds": pairs.gap_seconds.quantile(0.5),
        "mean_seconds": pairs.gap_seconds.mean(),
        "p90_seconds": pairs.gap_seconds.quantile(0.9),
        "median_working_seconds": pairs.gap_working_seconds.quantile(0.5),
        "mean_working_seconds": pairs.gap_working_seconds.mean(),
    }
    if not store.slow:
        return store.fetch(pairs.group_by(*edge).aggregate(**dossiers, **rest))
    # Beside a count of distinct values Spark keeps a quantile for each dossier of an edge, and merges them.
    counted, timed = (store.fetch(pairs.group_by(*edge).aggregate(**one)) for one in (dossiers, rest))
    return timed.merge(counted, on=edge)


def _counted_steps(store: LogStore, events: ir.Table) -> pd.DataFrame:
    counts = store.fetch(
        events.group_by("step_id").aggregate(
            count=events.count(),
            dossiers=events.dossier_key.nunique(),
            start_count=(events.position == 0).sum(),
            end_count=events.next_step_id.isnull().sum(),
        )
    )
    pairs = events.filter(events.next_step_id.notnull())
    waits = store.fetch(
        pairs.group_by(step_id=pairs.next_step_id).aggregate(
            median_wait_seconds=pairs.gap_seconds.quantile(0.5),
            mean_wait_seconds=pairs.gap_seconds.mean(),
            median_wait_working_seconds=pairs.gap_working_seconds.quantile(0.5),
        )
    )
    return counts.merge(waits, on="step_id", how="left")


def _ranked(frame: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    return frame.sort_values(["count", *names], ascending=[False] + [True] * len(names)).reset_index(drop=True)
