"""How much of the time an added step takes reaches the end of the dossier, and the effect that follows.

A dossier that reaches a desk later may wait less there: desks work in batches and take the nearest due date first. Three
sources speak of the effect E = carry-over b x time of the steps D, and are put together on a grid:

- D, from matched transitions (`effects.step_time`);
- b, the slope of the time from before the steps to the end of processing on the time over the steps, inside the
  organisations that have them (strata of transition, procedure variant and supplements; robust standard error);
- E itself, from the adjusted organisation effect (`throughput_effect`), wide since organisations differ.

The prior of b is flat from 0 (all absorbed) to 1.5 (some delays miss the next batch). The estimate is the posterior mean,
the interval its 2.5 % and 97.5 % points. Deterministic.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from workbench.harmonise.impact.effects import Effect
from workbench.selection import Selection
from workbench.store import LogStore

METHOD = "carried_over_time"
LARGEST = 1.5
LEAST_ERROR = 0.1
"""Of D, relative: matching is not exact to more than a tenth."""
LEAST_SLOPE_ERROR = 0.2
"""Of b: the slope is that of the steps' natural variation, not of having the steps or not. Steps done at fixed hours make
dossiers miss the next batch as a whole, which the slope does not show."""


@dataclass(frozen=True, slots=True)
class CarryOver:
    """The slope b with its standard error, and the transitions it rests on."""

    slope: float
    error: float
    n: int


def carry_over(
    store: LogStore, selection: Selection, steps: Sequence[str], organisations: Sequence[str], *, by: str
) -> CarryOver | None:
    """The carry-over of the time of `steps` in the organisations that have them; None with too little to tell."""
    table = _stretches(store, selection.with_(closed=True), steps, organisations, by=by)
    if len(table) < 20:
        return None
    table = table[table["x"] <= table["x"].quantile(0.97)]
    strata = table.groupby(["organisation", "step_id", "target", "variant", "supplements"])
    x = (table["x"] - strata["x"].transform("mean")).to_numpy(dtype=float)
    y = (table["y"] - strata["y"].transform("mean")).to_numpy(dtype=float)
    spread = float((x**2).sum())
    if spread <= 0:
        return None
    slope = float((x * y).sum() / spread)
    error = float(np.sqrt(((y - slope * x) ** 2 * x**2).sum()) / spread)
    return CarryOver(slope, error, len(table))


def _stretches(
    store: LogStore, closed: Selection, steps: Sequence[str], organisations: Sequence[str], *, by: str
) -> pd.DataFrame:
    """Every passage over the steps: its strata, `x` hours over the steps and `y` hours until the end of processing.

    Working hours where the store has calendars, else hours of the clock.
    """
    d = store.dossiers(closed)
    kept = _without(store, closed, steps)
    window = ibis.window(group_by="dossier_key", order_by="position")
    paired = kept.mutate(
        target=kept.step_id.lead().over(window),
        then=kept.moment.lead().over(window),
        place=kept.position.lead().over(window),
    )
    paired = paired.filter(paired.target.notnull() & (paired.place - paired.position > 1))
    ends = kept.group_by("dossier_key").aggregate(end=kept.moment.max(where=kept.status == 9))
    done = d.filter((d.outcome == "done") & d[by].isin(list(organisations))).select(
        "dossier_key",
        organisation=d[by],
        variant=d.procedure_variant.fill_null(""),
        supplements=d.supplement_count.fill_null(0).clip(0, 3),
    )
    rows = paired.join(done, "dossier_key").join(ends, "dossier_key")
    rows = rows.filter(rows.end.notnull())
    return store.fetch(
        rows.select(
            "organisation", "step_id", "target", "variant", "supplements",
            x=(rows.then - rows.moment) / 3600.0, y=(rows.end - rows.moment) / 3600.0,
        )
    )  # fmt: skip


def _without(store: LogStore, closed: Selection, steps: Sequence[str]) -> ir.Table:
    """The events of all other steps with their `moment`: working seconds where the store has calendars."""
    e, label = store.events(closed), store.table("activity")
    ids = label.filter(label.label.isin(list(steps))).activity_id
    clock = not store.scalar("select exists (select 1 from calendar_day)")
    return e.mutate(moment=e.completed_at.epoch_seconds() if clock else e.worked_at).filter(~e.step_id.isin(ids))


def combine(time: Effect, share: CarryOver | None, whole: Effect | None) -> Effect:
    """The effect of added steps on the whole dossier from their time, the carry-over and the organisation's effect."""
    error = max((time.high - time.low) / 3.92, LEAST_ERROR * abs(time.working_hours))
    b = np.linspace(0.0, LARGEST, 126)[:, None]
    d = time.working_hours + error * np.linspace(-3.0, 3.0, 61)[None, :]
    score = -0.5 * ((d - time.working_hours) / max(error, 1e-9)) ** 2 + 0.0 * b
    if share is not None:
        score = score - 0.5 * ((share.slope - b) / max(share.error, LEAST_SLOPE_ERROR)) ** 2
    if whole is not None:
        score = score - 0.5 * ((whole.working_hours - b * d) / max((whole.high - whole.low) / 3.92, 1e-9)) ** 2
    weight = np.exp(score - score.max())
    effect = (b * d).ravel()
    order = np.argsort(effect, kind="stable")
    mass = np.cumsum(weight.ravel()[order])
    low, high = (float(effect[order][np.searchsorted(mass, q * mass[-1])]) for q in (0.025, 0.975))
    return Effect(
        working_hours=float((weight * b * d).sum() / weight.sum()),
        low=low,
        high=high,
        dossiers=time.dossiers,
        control_dossiers=time.control_dossiers,
        control_organisations=time.control_organisations,
        method=METHOD,
        clock_hours=time.clock_hours,
    )
