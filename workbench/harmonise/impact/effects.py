"""What an added step costs in time, held against organisations that do without it.

Method (matched transitions): in the dossiers of organisation O the working time from the event before the added steps to
the event after them is compared with the time of the same direct transition in organisations without the steps, inside
strata of equal case mix (procedure variant, channel, applicant type; season by quarter when asked). The difference,
summed over a dossier's occurrences, is the time of the steps. The interval adds the sampling variance and the variance
between organisations of the transition's time, since O without the step would still be one organisation among many.
Later waiting can absorb part of that time: `workbench.harmonise.impact.carry_over` says how much reaches the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from workbench.harmonise.comparison.practice import MIX
from workbench.selection import Selection
from workbench.store import LogStore

METHOD = "matched_transitions"


@dataclass(frozen=True, slots=True)
class Effect:
    """Mean effect per dossier that shows the deviation, in working hours, with a 95 % interval."""

    working_hours: float
    low: float
    high: float
    dossiers: int
    control_dossiers: int
    control_organisations: int
    method: str = METHOD
    clock_hours: bool = False
    """True when the store has no calendar and the hours are clock hours."""


def bridges(store: LogStore, selection: Selection, steps: Sequence[str], *, by: str) -> pd.DataFrame:
    """Transitions over the given steps: organisation, source, target, mix columns, inserted, n, mean, variance.

    `inserted` is True where one of the steps lies between source and target; times are working seconds.
    """
    closed = selection.with_(closed=True)
    e, d = store.events(closed), store.dossiers(closed)
    label = store.table("activity")
    ids = label.filter(label.label.isin(list(steps))).activity_id
    moment = e.worked_at if _has_calendar(store) else e.completed_at.epoch_seconds()
    kept = e.mutate(moment=moment).filter(~e.step_id.isin(ids))
    window = ibis.window(group_by="dossier_key", order_by="position")
    paired = kept.mutate(
        target=kept.step_id.lead().over(window),
        then=kept.moment.lead().over(window),
        place=kept.position.lead().over(window),
    )
    paired = paired.filter(paired.target.notnull() & paired.then.notnull())
    whose = d.select("dossier_key", organisation=d[by], **{name: d[name].fill_null("") for name in MIX})
    joined = paired.join(whose, "dossier_key")
    inserted: ir.BooleanValue = joined.place - joined.position > 1
    spent = (joined.then - joined.moment).cast("float64")
    keys = {"organisation": joined.organisation, "source": joined.step_id, "target": joined.target}
    grouped = joined.group_by(**keys, **{name: joined[name] for name in MIX}, inserted=inserted)
    out = grouped.aggregate(
        n=joined.count(), mean=spent.mean(), variance=spent.var(how="sample").fill_null(0.0),
        dossiers=joined.dossier_key.nunique(),
    )  # fmt: skip
    rows = store.fetch(out)
    rows.attrs["clock_hours"] = not _has_calendar(store)
    return rows


def step_time(rows: pd.DataFrame, organisation: str, dossiers: int) -> Effect | None:
    """What the steps of `rows` (from `bridges`) take in a dossier of an organisation; None without any comparison."""
    own = rows[(rows["organisation"] == organisation) & rows["inserted"]]
    using = set(rows.loc[rows["inserted"] & (rows["n"] >= 5), "organisation"])
    control = rows[~rows["inserted"] & ~rows["organisation"].isin(using | {organisation})]
    return matched_effect(own, control, dossiers)


def matched_effect(own: pd.DataFrame, control: pd.DataFrame, dossiers: int) -> Effect | None:
    """What `own` transitions take beyond the `control` transitions of the same kind and case mix, per dossier.

    Both have the columns of `bridges`; None without any comparison.
    """
    matched = _matched(own, control)
    if matched.empty:
        return None
    covered = matched["n"].sum() / own["n"].sum()
    difference, half = _difference(matched)
    scale = matched["n"].sum() / max(dossiers * covered, 1.0) / 3600.0
    return Effect(
        working_hours=difference * scale,
        low=(difference - half) * scale,
        high=(difference + half) * scale,
        dossiers=dossiers,
        control_dossiers=int(matched["control_n"].max()),
        control_organisations=int(matched["organisations"].max()),
        clock_hours=bool(own.attrs.get("clock_hours")),
    )


def _matched(own: pd.DataFrame, control: pd.DataFrame) -> pd.DataFrame:
    """Own strata with what is expected from the control: by case mix where it has 20 cases, else by transition."""
    pairs = ["source", "target"]
    if own.empty or control.empty:
        return own.iloc[:0]
    matched = own.merge(_expected(control, [*pairs, *MIX]), on=[*pairs, *MIX], how="left").merge(
        _expected(control, pairs), on=pairs, how="left", suffixes=("", "_coarse")
    )
    enough = matched["control_n"] >= 20
    for name in ("expected", "expected_variance", "organisations", "control_n"):
        matched[name] = matched[name].where(enough, matched[f"{name}_coarse"])
    return matched.dropna(subset=["expected"])


def _difference(matched: pd.DataFrame) -> tuple[float, float]:
    """Mean difference per occurrence in seconds and half its 95 % interval."""
    weight = matched["n"] / matched["n"].sum()
    difference = float((weight * (matched["mean"] - matched["expected"])).sum())
    sampling = float((weight**2 * matched["variance"] / matched["n"]).sum())
    shared = float((weight * np.sqrt(matched["expected_variance"])).sum()) ** 2
    return difference, 1.96 * float(np.sqrt(sampling + shared))


def _expected(control: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Per stratum: mean over organisations weighted by dossiers, and the variance of one organisation's mean."""
    c = control.assign(total=control["n"] * control["mean"], noise=control["n"] * control["variance"])
    by_org = c.groupby([*keys, "organisation"], as_index=False)[["n", "total", "noise"]].sum()
    by_org["own"] = by_org["total"] / by_org["n"]
    groups = by_org.groupby(keys, as_index=False)
    out = groups[["n", "total", "noise"]].sum()
    out["expected"] = out["total"] / out["n"]
    spread = by_org.merge(out[[*keys, "expected"]], on=keys)
    spread["square"] = spread["n"] * (spread["own"] - spread["expected"]) ** 2
    counted = spread.groupby(keys, as_index=False).agg(square=("square", "sum"), organisations=("n", "size"))
    out = out.merge(counted, on=keys)
    within = out["noise"] / out["n"]
    # Between-organisation variance by moments: weighted spread of means less what sampling alone would give.
    raw = out["square"] / out["n"] - (out["organisations"] - 1).clip(lower=0) * within / out["n"]
    out["expected_variance"] = raw.clip(lower=0.0) + within / out["n"]
    return out.rename(columns={"n": "control_n"})[
        [*keys, "expected", "expected_variance", "control_n", "organisations"]
    ]


def _has_calendar(store: LogStore) -> bool:
    return bool(store.scalar("select exists (select 1 from calendar_day)"))
