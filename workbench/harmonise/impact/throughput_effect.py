"""What a deviation costs from end to end: working time of an organisation's dossiers against what its case mix explains.

Method (adjusted organisation effect): on done dossiers of organisations without any deviation, the working time from
receipt to the end of processing is explained by procedure variant, channel, applicant type, level of government, season
(quarter), workload (the month's arrivals against the organisation's usual month) and the rest of the dossier's path (its
number of events without the steps in question, and of supplements unless these are in question) by weighted least squares. What an
organisation's mean lies above its explained mean is its effect. The interval adds the sampling variance of the
organisation and the variance between undeviating organisations (DerSimonian and Laird, 1986), with Student's t for their
number: an organisation without the deviation would still be one organisation among many. Time that an added step takes
but later waiting absorbs does not count; that is the difference to the time of the step itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import t as student

from workbench.harmonise.impact.effects import Effect
from workbench.selection import Selection
from workbench.store import LogStore

METHOD = "adjusted_organisation_effect"
FACTORS = ("procedure_variant", "channel", "applicant_type", "level", "quarter", "workload", "supplements", "path")
LONGEST_PATH = 24
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Throughputs:
    """Done dossiers counted per organisation and case mix: organisation, FACTORS, n, mean, variance (seconds)."""

    groups: pd.DataFrame
    clock_hours: bool


def throughputs(
    store: LogStore, selection: Selection, steps: Sequence[str], *, by: str, supplements: bool = False
) -> Throughputs:
    """The working time of the done dossiers of a selection, summed up per organisation and case mix.

    `steps` are in question and do not count as path; with `supplements` the number of supplements is in question.
    """
    d = store.dossiers(selection.with_(closed=True))
    clock = not store.scalar("select exists (select 1 from calendar_day)")
    spent = (d.throughput_seconds if clock else d.throughput_working_seconds).cast("float64")
    month = d.received_at.truncate("M")
    rows = d.filter((d.outcome == "done") & spent.notnull()).select(
        "dossier_key",
        organisation=d[by],
        **{name: d[name].fill_null("") for name in ("procedure_variant", "channel", "applicant_type", "level")},
        quarter=d.received_at.year() * 4 + d.received_at.quarter(),
        month=month,
        spent=spent,
        supplements=0 if supplements else d.supplement_count.fill_null(0).clip(0, 3),
    )
    rows = rows.join(_paths(store, selection, steps), "dossier_key")
    arrivals = rows.group_by(["organisation", "month"]).aggregate(arrived=lambda t: t.count())
    usual = arrivals.group_by("organisation").aggregate(usual=lambda t: t.arrived.median())
    load = arrivals.join(usual, "organisation").mutate(
        workload=lambda t: ibis.cases((t.arrived < 0.75 * t.usual, -1), (t.arrived > 1.33 * t.usual, 1), else_=0)
    )
    joined = rows.join(load.select("organisation", "month", "workload"), ["organisation", "month"])
    grouped = joined.group_by(["organisation", *FACTORS]).aggregate(
        n=lambda t: t.count(),
        mean=lambda t: t.spent.mean(),
        variance=lambda t: t.spent.var(how="sample").fill_null(0.0),
    )
    frame = store.fetch(grouped).sort_values(["organisation", *FACTORS], ignore_index=True)
    return Throughputs(frame, clock)


def _paths(store: LogStore, selection: Selection, steps: Sequence[str]) -> ir.Table:
    """Number of events of every dossier without those of the steps, at most LONGEST_PATH."""
    e, label = store.events(selection.with_(closed=True)), store.table("activity")
    ids = label.filter(label.label.isin(list(steps))).activity_id
    other = (~e.step_id.isin(ids)).cast("int64")
    return e.group_by("dossier_key").aggregate(path=other.sum().clip(0, LONGEST_PATH))


def organisation_effects(given: Throughputs, deviating: frozenset[str]) -> dict[str, Effect]:
    """The effect of every deviating organisation; empty when fewer than three others are there to compare with."""
    groups = given.groups
    control = ~groups["organisation"].isin(deviating).to_numpy()
    names = groups.loc[control, "organisation"].nunique()
    if names < 3:
        return {}
    design = _design(groups)
    weight = groups["n"].to_numpy(dtype=float)
    mean = groups["mean"].to_numpy(dtype=float)
    root = np.sqrt(weight[control])
    beta, *_ = np.linalg.lstsq(design[control] * root[:, None], mean[control] * root, rcond=None)
    table = groups.assign(left=(mean - design @ beta) * weight, noise=groups["variance"] * weight)
    per = table.groupby("organisation")[["n", "left", "noise"]].sum()
    per["effect"] = per["left"] / per["n"]
    per["within"] = per["noise"] / per["n"] / per["n"]
    others = per[~per.index.isin(deviating)]
    between = between_organisations(others["effect"].to_numpy(dtype=float), others["within"].to_numpy(dtype=float))
    factor = float(student.ppf(0.975, max(len(others) - 1, 1)))
    out = {}
    for name in sorted(set(per.index) & deviating):
        half = factor * float(np.sqrt(float(per.loc[name, "within"]) + between))
        hours = float(per.loc[name, "effect"]) / 3600
        out[str(name)] = Effect(
            working_hours=hours,
            low=hours - half / 3600,
            high=hours + half / 3600,
            dossiers=int(per.loc[name, "n"]),
            control_dossiers=int(others["n"].sum()),
            control_organisations=len(others),
            method=METHOD,
            clock_hours=given.clock_hours,
        )
    return out


def _design(groups: pd.DataFrame) -> Floats:
    """An intercept and one column per value of every factor but its first."""
    parts = [np.ones((len(groups), 1))]
    for name in FACTORS:
        values = groups[name].astype(str)
        levels = sorted(values.unique())[1:]
        parts.append((values.to_numpy()[:, None] == np.array(levels, dtype=object)[None, :]).astype(float))
    return np.hstack(parts)


def between_organisations(effects: Floats, within: Floats) -> float:
    """DerSimonian and Laird's variance between organisations, at least zero."""
    weights = 1.0 / np.maximum(within, 1e-9)
    centre = float((weights * effects).sum() / weights.sum())
    q = float((weights * (effects - centre) ** 2).sum())
    scale = float(weights.sum() - (weights**2).sum() / weights.sum())
    return max(0.0, (q - (len(effects) - 1)) / scale) if scale > 0 else 0.0
