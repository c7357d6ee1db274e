"""What a selection does today, as far as a what-if needs it: routes, arrivals, times of each step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from workbench.errors import TooFewCases
from workbench.mining.model import VariantCounts
from workbench.mining.starts import with_previous, with_started_worked
from workbench.mining.variants import variants
from workbench.results import Basis, Result
from workbench.selection import Selection
from workbench.simulate.worktime import Ints
from workbench.store import LogStore

SAMPLE = 5_000
"""Durations kept per step: every so many-th of all, in order of length."""
FEWEST = 30
"""Durations a step needs before anything is said about it."""


@dataclass(frozen=True, slots=True)
class StepTime:
    """Times of one step in working seconds, ascending."""

    passing: Ints
    """From the completion of the step before to its own completion: waiting and work together."""
    work: Ints
    """From its start to its completion, where starts are on record; empty elsewhere."""
    unit: str | None
    """The unit that does it most often."""


@dataclass(frozen=True, slots=True)
class Practice(Result):
    """Routes with numbers of dossiers, times of the steps, working seconds at which dossiers arrive."""

    routes: VariantCounts
    times: Mapping[str, StepTime]
    arrivals: Ints
    """Working seconds of the first events, from the calendar's first day, ascending."""
    observed_hours: float
    """Mean working hours from the first to the last event."""
    basis: Basis


def observe(store: LogStore, selection: Selection | None = None) -> Practice:
    """The practice of the dossiers of a selection that have an end of processing.

    Times are working seconds of the dossiers' calendars; pauses are in them. Raises TooFewCases below 30 dossiers.
    """
    chosen = (selection or Selection()).with_(closed=True)
    found = variants(store, chosen)
    n = sum(count for _, count in found.counts)
    if n < FEWEST:
        raise TooFewCases(
            f"The selection has {n} finished dossiers with events; a what-if needs {FEWEST}.",
            fix="Choose a longer period, or more provinces.",
            dossiers=n,
        )
    timed = _timed(store, chosen)
    ends = store.fetch(
        timed.group_by("dossier_key")
        .aggregate(first=timed.worked_at.min(), last=timed.worked_at.max())
        .order_by("first")
    )
    return Practice(
        routes=found.counts,
        times=_times(store, timed),
        arrivals=ends["first"].to_numpy(np.int64),
        observed_hours=float((ends["last"] - ends["first"]).mean() / 3600),
        basis=found.basis,
    )


def _timed(store: LogStore, selection: Selection) -> ir.Table:
    events = with_previous(store.events(selection))
    timed = with_started_worked(store, selection, events)
    return timed.filter(timed.worked_at.notnull())


def _times(store: LogStore, timed: ir.Table) -> dict[str, StepTime]:
    labels = store.labels()
    rows = timed.select(
        "step_id",
        "unit",
        passing=(timed.worked_at - timed.previous_worked),
        work=ibis.ifelse(
            timed.started_worked.notnull(), ibis.greatest(timed.worked_at - timed.started_worked, 0), ibis.null("int64")
        ),
    )
    passing, work = _sample(store, rows, "passing"), _sample(store, rows, "work")
    named = rows.filter(rows.unit.notnull())
    units = store.fetch(named.group_by("step_id", "unit").aggregate(n=named.count()))
    main = units.sort_values(["step_id", "n", "unit"], ascending=[True, False, True]).drop_duplicates("step_id")
    unit = dict(zip(main["step_id"], main["unit"], strict=True))
    steps = store.fetch(rows.select("step_id").distinct())["step_id"]
    empty = np.empty(0, dtype=np.int64)
    return {
        labels[int(step)]: StepTime(passing.get(step, empty), work.get(step, empty), unit.get(step))
        for step in sorted(steps)
    }


def _sample(store: LogStore, rows: ir.Table, column: str) -> dict[int, Ints]:
    """Per step, at most SAMPLE durations evenly spread over the ordered ones."""
    known = rows.filter(rows[column].notnull())
    placed = known.mutate(
        place=ibis.row_number().over(group_by="step_id", order_by=column),
        n=known.count().over(group_by="step_id"),
    )
    kept = placed.filter((placed.n <= SAMPLE) | (placed.place % (placed.n // SAMPLE + 1) == 0))
    frame: pd.DataFrame = store.fetch(kept.select("step_id", column).order_by("step_id", column))
    parts = {}
    for step in frame["step_id"].unique().tolist():
        parts[int(step)] = frame.loc[frame["step_id"] == step, column].to_numpy(np.int64)
    return parts
