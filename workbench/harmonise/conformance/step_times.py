"""Working time before each step, and the working time a model would take.

The time of a step is the working time since the event before it, as recorded: waiting and work together. The
expected working time of a model is the mean over the aligned dossiers of the times of the steps its runs take; a
step the model leaves out takes its time with it. It is an estimate from the log, not a simulation: queues that would
become shorter or longer are not in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.harmonise.organisations import OrganisationLogs
from workbench.mining.alignments import Alignments
from workbench.mining.grouping import events_by
from workbench.selection import Selection
from workbench.store import LogStore

AT_LEAST = 30
"""Events of a step an organisation needs for its own mean; below, the mean of all organisations is used."""


@dataclass(frozen=True)
class StepTimes:
    """Mean working seconds before each step: of all organisations and of those with enough events."""

    overall: Mapping[str, float]
    own: Mapping[tuple[str, str], float]
    """(organisation, step) where the organisation has enough events."""

    def of(self, organisation: str, step: str) -> float:
        """The time of a step at an organisation; NaN for a step nobody ever took after another."""
        return self.own.get((organisation, step), self.overall.get(step, float("nan")))


def step_times(store: LogStore, selection: Selection, *, by: str = "province_code") -> StepTimes | None:
    """The times of a selection; None when no working time is recorded."""
    events = events_by(store, selection, by)
    kept = events.filter(events.next_step_id.notnull(), events.gap_working_seconds.notnull())
    rows = store.fetch(
        kept.group_by("organisation", "next_step_id").aggregate(
            n=kept.count(), total=kept.gap_working_seconds.cast("float64").sum()
        )
    )
    if rows.empty or not rows["total"].sum():
        return None
    labels = store.labels()
    rows["step"] = rows["next_step_id"].map(labels)
    sums = rows.groupby("step")[["n", "total"]].sum()
    enough = rows[rows["n"] >= AT_LEAST]
    means = enough["total"] / enough["n"]
    return StepTimes(
        overall={str(step): float(mean) for step, mean in (sums["total"] / sums["n"]).items()},
        own=dict(zip(zip(enough["organisation"].astype(str), enough["step"], strict=True), means, strict=True)),
    )


def expected_hours(logs: OrganisationLogs, found: Alignments, times: StepTimes) -> pd.DataFrame:
    """organisation, expected_working_hours by the model, recorded_working_hours of the same dossiers as they went.

    NaN where the model asks for a step whose time is not known.
    """
    rows: list[tuple[str, float, float]] = []
    model = [None if m is None else [move.step for move in m if move.kind != "log"] for m in found.moves]
    for name in logs.names:
        places, counts = logs.places[name]
        weights = np.array([0 if model[place] is None else count for place, count in zip(places, counts, strict=True)])
        if not weights.sum():
            rows.append((name, float("nan"), float("nan")))
            continue
        expected = [sum(times.of(name, step) for step in (model[place] or ())[1:]) for place in places]
        recorded = [sum(times.of(name, step) for step in logs.pooled[place][0][1:]) for place in places]
        hours = [float(np.average(values, weights=weights)) / 3600 for values in (expected, recorded)]
        rows.append((name, hours[0], hours[1]))
    return pd.DataFrame(rows, columns=["organisation", "expected_working_hours", "recorded_working_hours"])
